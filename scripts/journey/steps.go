package main

import (
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"researchhub.example/hub/emulator/seed"
)

// steps is the journey, in order.
func steps(o options) []step {
	return append(append(arrive(o), study()...), afterwards()...)
}

// arrive: the cloud, the account, the second factor, the tier, the workspace.
func arrive(o options) []step {
	return []step{
		{"a local cloud of its own comes up", func(j *journey) (string, error) { return j.bringUp(o) }},
		{"every function is healthy", (*journey).healthy},
		{"a researcher signs up and confirms the address", (*journey).joins},
		{"no session, no workspace; level 1, no workspace", (*journey).levelOneIsNotEnough},
		{"the researcher signs the code of conduct", (*journey).completesModules},
		{"a TOTP second factor lifts this session", (*journey).secondFactor},
		{"an admin enters identity and training", (*journey).adminEnters},
		{"the tier follows from the facts", (*journey).tierFollows},
		{"a workspace with tier and purpose", (*journey).createsWorkspace},
		{"a stale change is refused", (*journey).staleChange},
		{"the public directory shows the project", (*journey).inDirectory},
	}
}

// cases are the cohorts of the two data sets that the journey knows.
var (
	syntheticCase = studyCase{"metformin within 30 days after type 2 diabetes", 201826, 1503297}
	realCase      = studyCase{"acetaminophen within 30 days after a respiratory finding", 4024567, 1125315}
)

func (j *journey) bringUp(o options) (string, error) {
	folder, args := o.cdm, []string{}
	j.study = realCase
	if folder == "" {
		// The same people as the local cloud makes: the seed is fixed.
		j.study, folder = syntheticCase, j.file("cdm")
		if err := seed.Write(j.ctx, folder, seed.Options{Persons: o.persons, Seed: 1}); err != nil {
			return "", err
		}
		args = append(args, "-persons", fmt.Sprint(o.persons))
	} else {
		abs, err := filepath.Abs(folder)
		if err != nil {
			return "", err
		}
		args = append(args, "-cdm", abs)
	}
	if o.processes {
		args = append(args, "-processes")
	}
	var err error
	if j.expected, err = expectedPersons(folder, j.study); err != nil {
		return "", err
	}
	if j.cloud, err = startCloud(j.ctx, o.emulator, j.dir, args...); err != nil {
		return "", err
	}
	return j.cloud.ready.Addresses["hub"], nil
}

// rooms are the functions of the hub.
var rooms = strings.Fields("auth billing billingalerts browser cohort directory dissemination environment notify portal query reminders workspace")

func (j *journey) healthy() (string, error) {
	for _, room := range rooms {
		if _, err := j.want(http.StatusOK, "GET", "/"+room+"/healthz", "", nil, nil); err != nil {
			return "", err
		}
		if _, err := j.want(http.StatusOK, "GET", "/"+room+"/openapi.json", "", nil, nil); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%d functions", len(rooms)), nil
}

func (j *journey) joins() (string, error) {
	p := &person{email: "ada@university.example", password: "correct horse battery"}
	if err := j.signUp(p); err != nil {
		return "", err
	}
	if err := j.signIn(p); err != nil {
		return "", err
	}
	j.researcher = p
	policies, err := j.policies()
	if err != nil {
		return "", err
	}
	profile := map[string]any{"name": "Ada Byron", "affiliation": "Example University, Mathematics", "role": "researchFellow", "degrees": []string{"phd"},
		"researchArea": "How soon treatment begins after a diagnosis", "termsOfService": policies["termsOfService"].Version}
	_, err = j.want(http.StatusCreated, "POST", "/auth/v1/account", p.token, profile, nil)
	return p.email, err
}

func (j *journey) levelOneIsNotEnough() (string, error) {
	if _, err := j.want(http.StatusUnauthorized, "GET", "/workspace/v1/workspaces", "", nil, nil); err != nil {
		return "", err
	}
	_, err := j.want(http.StatusForbidden, "GET", "/workspace/v1/workspaces", j.researcher.token, nil, nil)
	return "401, then 403", err
}

func (j *journey) completesModules() (string, error) {
	policies, err := j.policies()
	if err != nil {
		return "", err
	}
	for _, c := range []struct {
		module string
		body   map[string]any
	}{
		{"codeOfConduct", map[string]any{"fullName": "Ada Byron", "initials": "AB", "version": policies["codeOfConduct"].Version}},
		{"profileConfirmation", map[string]any{}},
		{"publicationConfirmation", map[string]any{}},
	} {
		if _, err := j.want(http.StatusOK, "POST", "/auth/v1/modules/"+c.module+"/completion", j.researcher.token, c.body, nil); err != nil {
			return "", err
		}
	}
	return "and confirms profile and publications", nil
}

func (j *journey) secondFactor() (string, error) {
	if err := j.enrolTOTP(j.researcher); err != nil {
		return "", err
	}
	var list struct {
		Items []any `json:"items"`
	}
	_, err := j.want(http.StatusOK, "GET", "/workspace/v1/workspaces", j.researcher.token, nil, &list)
	return "level 2", err
}

// adminEnters signs in the demo admin, who enrols a factor too.
func (j *journey) adminEnters() (string, error) {
	for _, a := range j.cloud.ready.Accounts {
		if strings.HasPrefix(a.Email, "admin@") {
			j.admin = &person{email: a.Email, password: a.Password}
		}
	}
	if j.admin == nil {
		return "", errors.New("the local cloud names no demo admin")
	}
	if err := j.signIn(j.admin); err != nil {
		return "", err
	}
	if err := j.enrolTOTP(j.admin); err != nil {
		return "", err
	}
	for _, module := range []string{"identity", "training"} {
		path := "/auth/v1/admin/accounts/" + j.researcher.uid + "/modules/" + module
		body := map[string]any{"act": "complete", "reason": "seen in person", "evidence": "certificate 12"}
		if _, err := j.want(http.StatusForbidden, "PUT", path, j.researcher.token, body, nil); err != nil {
			return "", fmt.Errorf("the researcher may not do this: %w", err)
		}
		if _, err := j.want(http.StatusOK, "PUT", path, j.admin.token, body, nil); err != nil {
			return "", err
		}
	}
	return "with reason and evidence", nil
}

func (j *journey) tierFollows() (string, error) {
	var account struct {
		Tier    string   `json:"tier"`
		Blocked []string `json:"blocked"`
	}
	if _, err := j.want(http.StatusOK, "GET", "/auth/v1/account", j.researcher.token, nil, &account); err != nil {
		return "", err
	}
	if account.Tier != "registered" || strings.Join(account.Blocked, " ") != "controlledTraining" {
		return "", fmt.Errorf("tier %q, blocked by %v; want registered, blocked by controlledTraining alone", account.Tier, account.Blocked)
	}
	return account.Tier, nil
}

func purpose() map[string]any {
	return map[string]any{
		"kinds": []string{"disease"}, "disease": "type 2 diabetes",
		"intendedStudy":       "How soon treatment begins after a diagnosis.",
		"scientificApproach":  "A cohort of people with a first prescription within thirty days.",
		"anticipatedFindings": "Most people begin within a month.",
		"channels":            []string{"journals"}, "outcomes": []string{"earlierDiagnosis"},
		"focusOnPopulations": false, "reviewRequested": false,
	}
}

// policy is one policy and the version of it that is acknowledged or signed.
type policy struct {
	ID      string `json:"id"`
	Version string `json:"version"`
}

// policies reads the policies in force, by their identifiers.
func (j *journey) policies() (map[string]policy, error) {
	var list struct {
		Items []policy `json:"items"`
	}
	_, err := j.want(http.StatusOK, "GET", "/directory/v1/policies", "", nil, &list)
	byID := map[string]policy{}
	for _, p := range list.Items {
		byID[p.ID] = p
	}
	return byID, err
}

func (j *journey) createsWorkspace() (string, error) {
	var releases struct {
		Items []struct {
			ID string `json:"id"`
		} `json:"items"`
	}
	if _, err := j.want(http.StatusOK, "GET", "/browser/v1/releases", "", nil, &releases); err != nil {
		return "", err
	}
	if len(releases.Items) == 0 {
		return "", errors.New("no data release is published")
	}
	j.release = releases.Items[0].ID
	policies, err := j.policies()
	if err != nil {
		return "", err
	}
	body := map[string]any{"name": "Early treatment", "tier": "controlled", "releaseId": j.release, "purpose": purpose(), "policies": []policy{policies["stigmatizingResearch"], policies["ethicalConduct"]}}
	if _, err := j.want(http.StatusForbidden, "POST", "/workspace/v1/workspaces", j.researcher.token, body, nil); err != nil {
		return "", fmt.Errorf("above the researcher's tier: %w", err)
	}
	body["tier"] = "registered"
	var ws struct {
		ID string `json:"id"`
	}
	if _, err := j.want(http.StatusCreated, "POST", "/workspace/v1/workspaces", j.researcher.token, body, &ws); err != nil {
		return "", err
	}
	j.workspace = ws.ID
	return ws.ID + " on release " + j.release, nil
}

func (j *journey) staleChange() (string, error) {
	path := "/workspace/v1/workspaces/" + j.workspace
	a, err := j.want(http.StatusOK, "GET", path, j.researcher.token, nil, nil)
	if err != nil {
		return "", err
	}
	etag := a.header.Get("ETag")
	if _, err := j.want(http.StatusOK, "PATCH", path, j.researcher.token, map[string]any{"name": "Early treatment of diabetes"}, nil, "If-Match", etag); err != nil {
		return "", err
	}
	_, err = j.want(http.StatusPreconditionFailed, "PATCH", path, j.researcher.token, map[string]any{"name": "Late"}, nil, "If-Match", etag)
	return "412", err
}

func (j *journey) inDirectory() (string, error) {
	a, err := j.want(http.StatusOK, "GET", "/directory/v1/projects", "", nil, nil)
	if err != nil {
		return "", err
	}
	text := string(a.body)
	if !strings.Contains(text, "Early treatment of diabetes") || strings.Contains(text, j.researcher.email) || strings.Contains(text, j.researcher.uid) {
		return "", fmt.Errorf("the directory lacks the project or shows what is private: %.500s", text)
	}
	return "without a sign-in, without an address", nil
}

// dayAhead is a calendar day in UTC.
func dayAhead(n int) string { return time.Now().UTC().AddDate(0, 0, n).Format(time.DateOnly) }
