package main

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"
)

// person is somebody with a browser: an address, a password and a session.
type person struct {
	email, password string
	uid             string
	token           string
	totpSecret      string
}

type signIn struct {
	IDToken string `json:"idToken"`
	LocalID string `json:"localId"`
}

// identity calls Firebase Authentication's REST API, as a web client does.
func (j *journey) identity(method string, body map[string]any, out any) error {
	base := "http://" + strings.TrimPrefix(j.cloud.ready.Addresses["auth"], "http://")
	a, err := j.call(http.MethodPost, base+"/identitytoolkit.googleapis.com/v1/accounts:"+method+"?key=demo", "", body)
	if err != nil {
		return err
	}
	if a.status != http.StatusOK {
		return fmt.Errorf("accounts:%s answered %d: %.300s", method, a.status, a.body)
	}
	return a.json(out)
}

// signUp makes the account and confirms its address with the link in the mail.
func (j *journey) signUp(p *person) error {
	if _, err := j.want(http.StatusAccepted, "POST", "/auth/v1/sign-up", "", map[string]any{"email": p.email, "password": p.password}, nil); err != nil {
		return err
	}
	var code string
	err := poll(j.ctx, 20*time.Second, func() (bool, error) {
		var err error
		code, err = j.mailedCode(p.email)
		return code != "", err
	})
	if err != nil {
		return fmt.Errorf("the mail with the link to confirm the address: %w", err)
	}
	var done struct {
		Email string `json:"email"`
	}
	return j.identity("update", map[string]any{"oobCode": code}, &done)
}

var mailedLink = regexp.MustCompile(`https?://\S+[?&]oobCode=([A-Za-z0-9_-]+)\S*`)

// mailedCode gives the code of the link in the newest mail to an address, "" where
// none has come.
func (j *journey) mailedCode(email string) (string, error) {
	a, err := j.call(http.MethodGet, j.cloud.ready.Addresses["mailbox"]+"/messages.json", "", nil)
	if err != nil {
		return "", err
	}
	var mails []struct {
		To   []string `json:"to"`
		Text string   `json:"text"`
	}
	if err := a.json(&mails); err != nil {
		return "", err
	}
	for _, m := range mails {
		if found := mailedLink.FindStringSubmatch(m.Text); found != nil && strings.Join(m.To, "") == email {
			return found[1], nil
		}
	}
	return "", nil
}

// signIn gives a session of level 1.
func (j *journey) signIn(p *person) error {
	var in signIn
	err := j.identity("signInWithPassword", map[string]any{"email": p.email, "password": p.password, "returnSecureToken": true}, &in)
	p.token, p.uid = in.IDToken, in.LocalID
	return err
}

// enrolTOTP adds an authenticator app and raises this session to level 2.
func (j *journey) enrolTOTP(p *person) error {
	var factor struct {
		FactorID string `json:"factorId"`
		Secret   string `json:"secret"`
	}
	if _, err := j.want(http.StatusCreated, "POST", "/auth/v1/factors/totp", p.token, map[string]any{}, &factor); err != nil {
		return err
	}
	p.totpSecret = factor.Secret
	return j.elevate(p, "/auth/v1/factors/totp/"+factor.FactorID+"/confirmation")
}

// elevate sends the current code and exchanges the custom token for ID tokens
// of a session at level 2.
func (j *journey) elevate(p *person, path string) error {
	code, err := totp.GenerateCode(p.totpSecret, time.Now())
	if err != nil {
		return err
	}
	var out struct {
		CustomToken string `json:"customToken"`
	}
	if _, err := j.want(http.StatusOK, "POST", path, p.token, map[string]any{"code": code}, &out); err != nil {
		return err
	}
	var in signIn
	if err := j.identity("signInWithCustomToken", map[string]any{"token": out.CustomToken, "returnSecureToken": true}, &in); err != nil {
		return err
	}
	p.token = in.IDToken
	return nil
}
