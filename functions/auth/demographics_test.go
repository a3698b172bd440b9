package auth

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
)

const ownWordsOfAnn = "zqx-only-ann-says-this"

func annsSurvey() map[string]any {
	return map[string]any{"answers": map[string]any{"genderIdentity": []string{"selfDescribe"}, "sexAtBirth": []string{"preferNotToAnswer"}, "raceEthnicity": []string{"asian", "white"}},
		"selfDescription": map[string]any{"genderIdentity": ownWordsOfAnn}}
}

func TestTheSurveyIsThePersonsOwn(t *testing.T) {
	const path = "/v1/account/demographics"
	r := newRoom(t)
	r.want(401, "GET", path, "", nil)
	empty := map[string]any{"answers": map[string]any{}, "selfDescription": map[string]any{}}
	r.want(404, "PUT", path, "ann", annsSurvey()) // no account yet
	r.signUp("ann", "Ann Example")
	r.signUp("ben", "Ben Example")
	if d := cmp.Diff(empty, r.want(200, "GET", path, "ann", nil)); d != "" {
		t.Error(d)
	}
	put := r.want(200, "PUT", path, "ann", annsSurvey())
	if d := cmp.Diff(put, r.want(200, "GET", path, "ann", nil)); d != "" || put["answeredAt"] == nil {
		t.Errorf("%v\n%s", put, d)
	}
	if d := cmp.Diff(empty, r.want(200, "GET", path, "ben", nil)); d != "" {
		t.Errorf("ben reads ann's: %s", d)
	}
	// The whole is replaced: what is left out is gone.
	put = r.want(200, "PUT", path, "ann", map[string]any{"answers": map[string]any{"education": []string{"college"}}})
	if d := cmp.Diff(map[string]any{"education": []any{"college"}}, put["answers"]); d != "" {
		t.Error(d)
	}
	a := r.account("ann")
	a.Disabled = true
	r.put(access.Accounts, "ann", a)
	r.want(403, "PUT", path, "ann", annsSurvey())
	r.want(200, "GET", path, "ann", nil)
	r.want(204, "DELETE", path, "ann", nil)
	r.want(204, "DELETE", path, "ann", nil)
	if d := cmp.Diff(empty, r.want(200, "GET", path, "ann", nil)); d != "" {
		t.Error(d)
	}
	if snaps, err := r.client.Collection(demographicsCollection).Documents(t.Context()).GetAll(); err != nil || len(snaps) != 0 {
		t.Errorf("%d records are left, %v", len(snaps), err)
	}
}

func TestTheSurveyIsCheckedWhole(t *testing.T) {
	r := newRoom(t)
	r.signUp("ann", "Ann Example")
	answers := func(question string, choices ...string) map[string]any {
		return map[string]any{"answers": map[string]any{question: choices}}
	}
	for name, c := range map[string]struct {
		body map[string]any
		want []string
	}{
		"no such question":      {answers("income", "high"), []string{"body"}},
		"words to none":         {map[string]any{"selfDescription": map[string]any{"income": "x"}}, []string{"body"}},
		"no such choice":        {answers("sexAtBirth", "both"), []string{"body.answers.sexAtBirth[0]"}},
		"no choice":             {answers("sexAtBirth"), []string{"body.answers.sexAtBirth"}},
		"two of one":            {answers("sexAtBirth", "female", "male"), []string{"body.answers.sexAtBirth"}},
		"twice":                 {answers("raceEthnicity", "asian", "asian"), []string{"body.answers.raceEthnicity[1]"}},
		"silence and an answer": {answers("raceEthnicity", "asian", "preferNotToAnswer"), []string{"body.answers.raceEthnicity"}},
		"words not chosen": {map[string]any{"answers": map[string]any{"genderIdentity": []string{"woman"}}, "selfDescription": map[string]any{"genderIdentity": "x"}},
			[]string{"body.selfDescription.genderIdentity"}},
		"long words": {map[string]any{"answers": map[string]any{"genderIdentity": []string{"selfDescribe"}}, "selfDescription": map[string]any{"genderIdentity": strings.Repeat("x", 201)}},
			[]string{"body.selfDescription.genderIdentity"}},
	} {
		status, answer := r.do("PUT", "/v1/account/demographics", "ann", c.body)
		if d := cmp.Diff(c.want, broken(answer)); status != 422 || d != "" {
			t.Errorf("%s: %d %v\n%s", name, status, answer, d)
		}
	}
	r.want(413, "PUT", "/v1/account/demographics", "ann", answers("raceEthnicity", strings.Repeat("x", smallBody)))
	for _, q := range questions { // every question can be left unanswered, and every one kept silent on
		r.want(200, "PUT", "/v1/account/demographics", "ann", answers(q.ID, choiceSilent))
	}
	r.want(200, "PUT", "/v1/account/demographics", "ann", map[string]any{})
}

// A word that only the survey holds is looked for in every answer of every
// route, for the person, for another and for an admin of everything, and in
// every record but its own.
func TestTheSurveyIsInNoOtherAnswerNorRecord(t *testing.T) {
	r := newRoom(t)
	r.signUp("ann", "Ann Example")
	r.put(access.Accounts, "admin", access.Account{UID: "admin", Email: "admin@university.example", Name: "admin", InstitutionID: "university", Modules: map[string]access.ModuleFact{},
		AdminRoles: []access.Role{access.AccessAdmin, access.SecurityAdmin, access.InstitutionAdmin, access.ReviewBoard, access.CommunityAdmin}, CreatedAt: morning, SchemaVersion: 1})
	r.signUp("ben", "Ben Example")
	r.want(200, "PUT", "/v1/account/demographics", "ann", annsSurvey())
	api := newAPI(r.service, apiOptions())
	var asked, served int
	for _, route := range api.Routes() {
		own := strings.HasSuffix(route.Path, "/account/demographics")
		path := strings.TrimPrefix(regexp.MustCompile(`\{\w+\}`).ReplaceAllString(strings.NewReplacer("{uid}", "ann", "{module}", "training", "{institution}", "university").Replace(route.Path), "x"), "/auth")
		for _, token := range []string{"", "ann", "ann2", "ben2", "admin2"} {
			if own && (strings.HasPrefix(token, "ann") || route.Method != http.MethodGet) {
				continue
			}
			for _, query := range []string{"", "?email=ann@university.example&subject=ann&actor=ann"} {
				req := httptest.NewRequest(route.Method, "/auth"+path+query, nil)
				req.Header.Set("Authorization", "Bearer "+token)
				req.Header.Set("If-Match", `"2020-01-01T00:00:00Z"`)
				w := httptest.NewRecorder()
				r.handler.ServeHTTP(w, req)
				asked++
				if w.Code < 300 {
					served++
				}
				if text := w.Body.String(); strings.Contains(text, ownWordsOfAnn) || strings.Contains(text, "selfDescribe") && !strings.HasSuffix(path, "/profile-form") {
					t.Errorf("%s %s as %q tells the survey: %s", route.Method, path, token, text)
				}
			}
		}
	}
	if asked < 200 || served < 20 {
		t.Errorf("%d requests, %d served: that is no proof", asked, served)
	}
	r.want(200, "PUT", "/v1/account/demographics", "ann", annsSurvey()) // some route may have ended what was there
	found := 0
	collections, err := r.client.Collections(t.Context()).GetAll()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, c := range collections {
		names[c.ID] = true
		for _, text := range texts(t, c) {
			if !strings.Contains(text, ownWordsOfAnn) {
				continue
			}
			if found++; c.ID != demographicsCollection {
				t.Errorf("%s holds the survey: %s", c.ID, text)
			}
		}
	}
	if found != 1 || !names[audit.Collection] {
		t.Errorf("the word is in %d records of %v", found, names)
	}
}

func texts(t *testing.T, c *firestore.CollectionRef) []string {
	t.Helper()
	snaps, err := c.Documents(t.Context()).GetAll()
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, s := range snaps {
		list = append(list, fmt.Sprint(s.Data()))
	}
	return list
}

// Nothing else in the repository names the survey's collection: no function
// reads it, and no export takes it.
func TestNothingElseNamesTheSurvey(t *testing.T) {
	root := filepath.Join("..", "..")
	var found []string
	for _, top := range []string{"functions", "shared", "emulator", "scripts"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			if strings.Contains(string(text), "demographicsCollection") || strings.Contains(string(text), `Collection("demographics`) {
				found = append(found, filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator))))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff([]string{"functions/auth/demographics.go"}, found); d != "" {
		t.Error(d)
	}
}
