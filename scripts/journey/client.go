package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// maxAnswer bounds what the journey reads of one answer.
const maxAnswer = 64 << 20

var httpClient = &http.Client{Timeout: 60 * time.Second}

// answer is what one request gave.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// json reads the body into v.
func (a answer) json(v any) error {
	if err := json.Unmarshal(a.body, v); err != nil {
		return fmt.Errorf("the answer is not the expected JSON: %w: %.300s", err, a.body)
	}
	return nil
}

// call sends one request; body is marshalled to JSON unless it is nil.
func (j *journey) call(method, url, token string, body any, headers ...string) (answer, error) {
	var r io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return answer{}, err
		}
		r = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(j.ctx, method, url, r)
	if err != nil {
		return answer{}, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := httpClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return answer{resp.StatusCode, resp.Header, b}, err
}

// want calls a function of the hub and checks the status; path begins with the
// function's name. What comes back is read into out unless that is nil.
func (j *journey) want(status int, method, path, token string, body, out any, headers ...string) (answer, error) {
	a, err := j.call(method, j.cloud.ready.Addresses["hub"]+path, token, body, headers...)
	if err != nil {
		return a, err
	}
	if a.status != status {
		return a, fmt.Errorf("%s %s answered %d, want %d: %s", method, path, a.status, status, strings.TrimSpace(string(a.body)))
	}
	if out != nil {
		return a, a.json(out)
	}
	return a, nil
}
