package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// Bounds of an export: accounts per page and in all, and bytes of an answer.
const (
	pageAccounts   = 500
	maxAccounts    = 100_000
	maxAnswerBytes = 64 << 20
)

// Accounts is what Export keeps: the project's settings and its accounts as the
// emulator gives them. The emulator "hashes" a password by writing it out, so
// this is as secret as the passwords are.
type Accounts struct {
	Config json.RawMessage   `json:"config"`
	Users  []json.RawMessage `json:"users"`
}

// Export reads all accounts of a project.
func Export(ctx context.Context, host, project string) (Accounts, error) {
	var a Accounts
	if err := call(ctx, http.MethodGet, configURL(host, project), nil, &a.Config); err != nil {
		return a, fmt.Errorf("auth: export: %w", err)
	}
	token := ""
	for len(a.Users) < maxAccounts {
		var page struct {
			Users         []json.RawMessage `json:"users"`
			NextPageToken string            `json:"nextPageToken"`
		}
		q := url.Values{"maxResults": {fmt.Sprint(pageAccounts)}}
		if token != "" {
			q.Set("nextPageToken", token)
		}
		if err := call(ctx, http.MethodGet, accountsURL(host, project)+":batchGet?"+q.Encode(), nil, &page); err != nil {
			return a, fmt.Errorf("auth: export: %w", err)
		}
		a.Users = append(a.Users, page.Users...)
		if token = page.NextPageToken; token == "" {
			return a, nil
		}
	}
	return a, fmt.Errorf("auth: export: more than %d accounts", maxAccounts)
}

// Import brings back what Export gave: passwords, verified addresses, claims
// and identifiers are kept; tokens issued before are not valid any more.
func Import(ctx context.Context, host, project string, a Accounts) error {
	if len(a.Config) > 0 {
		if err := call(ctx, http.MethodPatch, configURL(host, project), a.Config, nil); err != nil {
			return fmt.Errorf("auth: import: %w", err)
		}
	}
	for from := 0; from < len(a.Users); from += pageAccounts {
		page := a.Users[from:min(from+pageAccounts, len(a.Users))]
		var answer struct {
			Error []struct {
				Index   int    `json:"index"`
				Message string `json:"message"`
			} `json:"error"`
		}
		body := map[string]any{"users": page, "allowOverwrite": true}
		if err := call(ctx, http.MethodPost, accountsURL(host, project)+":batchCreate", body, &answer); err != nil {
			return fmt.Errorf("auth: import: %w", err)
		}
		if len(answer.Error) > 0 {
			return fmt.Errorf("auth: import: account %d: %s", from+answer.Error[0].Index, answer.Error[0].Message)
		}
	}
	return nil
}

func configURL(host, project string) string {
	return "http://" + host + "/emulator/v1/projects/" + url.PathEscape(project) + "/config"
}

func accountsURL(host, project string) string {
	return "http://" + host + "/identitytoolkit.googleapis.com/v1/projects/" + url.PathEscape(project) + "/accounts"
}

// call is one request as the project's owner. Answers other than 200 become
// errors with the emulator's message.
func call(ctx context.Context, method, url string, body, answer any) error {
	var payload io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return err
		}
		payload = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, payload)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer owner")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswerBytes+1))
	if err != nil {
		return err
	}
	if len(b) > maxAnswerBytes {
		return fmt.Errorf("the answer is larger than %d bytes", maxAnswerBytes)
	}
	if resp.StatusCode != http.StatusOK {
		var problem struct {
			Error struct {
				Message string `json:"message"`
			} `json:"error"`
		}
		if json.Unmarshal(b, &problem) == nil && problem.Error.Message != "" {
			return errors.New(problem.Error.Message)
		}
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(b, answer)
}
