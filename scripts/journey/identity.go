package main

import (
	"fmt"
	"net/http"
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

// signUp makes the account and confirms its address with the mailed code.
func (j *journey) signUp(p *person) error {
	var in signIn
	if err := j.identity("signUp", map[string]any{"email": p.email, "password": p.password, "returnSecureToken": true}, &in); err != nil {
		return err
	}
	var sent struct {
		Email string `json:"email"`
	}
	if err := j.identity("sendOobCode", map[string]any{"requestType": "VERIFY_EMAIL", "idToken": in.IDToken}, &sent); err != nil {
		return err
	}
	base := "http://" + strings.TrimPrefix(j.cloud.ready.Addresses["auth"], "http://")
	a, err := j.call(http.MethodGet, base+"/emulator/v1/projects/"+j.cloud.ready.Project+"/oobCodes", "", nil)
	if err != nil {
		return err
	}
	var codes struct {
		OobCodes []struct {
			Email   string `json:"email"`
			OobCode string `json:"oobCode"`
		} `json:"oobCodes"`
	}
	if err := a.json(&codes); err != nil {
		return err
	}
	for _, c := range codes.OobCodes {
		if c.Email == p.email {
			return j.identity("update", map[string]any{"oobCode": c.OobCode}, &sent)
		}
	}
	return fmt.Errorf("no code to confirm the address was sent")
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
