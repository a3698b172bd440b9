package cohort

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/credits"
	"researchhub.example/hub/shared/disclosure"
	"researchhub.example/hub/shared/metered"
	"researchhub.example/hub/shared/release"
	"researchhub.example/hub/shared/testkit"
	"researchhub.example/hub/shared/testkit/tinycdr"
)

const (
	wsID     = tinycdr.Workspace
	pausedWS = tinycdr.PausedWorkspace
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func TestMain(m *testing.M) { os.Exit(tinycdr.Main(m)) }

// house is the function on the Firestore emulator and the local BigQuery.
type house struct {
	t       *testing.T
	client  *firestore.Client
	clock   *clock.Manual
	room    room
	api     *api.API
	handler http.Handler
	project string
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, client: testkit.Firestore(t), clock: clock.NewManual(start)}
	bq, project := tinycdr.Load(t, h.client)
	h.project = project
	d := deps{verifier: tinycdr.Tokens{}, log: slog.New(slog.DiscardHandler), client: h.client, clock: h.clock,
		policy: disclosure.DefaultPolicy(), vocabularyMax: 1 << 30, kept: 90 * 24 * time.Hour,
		bounds:   bounds{Cohorts: 1000, ConceptSets: 1000, DataSets: 1000, Reviews: 100},
		gate:     &access.Gate{Client: h.client, Rules: access.DefaultRules(), Clock: h.clock},
		releases: &release.Store{Client: h.client, Project: project},
		desk: &metered.Desk{BigQuery: bq, Rules: metered.DefaultRules(), Clock: h.clock,
			Credits: &credits.Store{Client: h.client, Rules: credits.DefaultRules(), Clock: h.clock}}}
	h.room = newRoom(d)
	h.api = newAPI(d)
	h.handler = h.api.Handler()
	tinycdr.People(t, h.client, start)
	return h
}

// call sends a request and decodes a success into out; it gives status and body.
func (h *house) call(method, path, token string, body, out any) (int, string) {
	h.t.Helper()
	var raw []byte
	switch b := body.(type) {
	case nil:
	case string:
		raw = []byte(b)
	default:
		var err error
		if raw, err = json.Marshal(b); err != nil {
			h.t.Fatal(err)
		}
	}
	req := httptest.NewRequest(method, path, bytes.NewReader(raw))
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	rec := httptest.NewRecorder()
	h.handler.ServeHTTP(rec, req)
	if out != nil && rec.Code < 300 {
		if err := json.Unmarshal(rec.Body.Bytes(), out); err != nil {
			h.t.Fatalf("%s %s: %v\n%s", method, path, err, rec.Body)
		}
	}
	return rec.Code, rec.Body.String()
}

// want is call that fails the test on any other status.
func (h *house) want(status int, method, path, token string, body, out any) string {
	h.t.Helper()
	got, text := h.call(method, path, token, body, out)
	if got != status {
		h.t.Fatalf("%s %s as %q: status %d, want %d\n%s", method, path, token, got, status, text)
	}
	return text
}

// withDrug is a definition: diabetes or what is below it, then a drug within
// some days.
func withDrug(drug, days int) string {
	return fmt.Sprintf(`{"ConceptSets":[
		{"id":0,"name":"condition","expression":{"items":[{"concept":{"CONCEPT_ID":%d},"includeDescendants":true}]}},
		{"id":1,"name":"drug","expression":{"items":[{"concept":{"CONCEPT_ID":%d}}]}}],
	"PrimaryCriteria":{"CriteriaList":[{"ConditionOccurrence":{"CodesetId":0}}],"ObservationWindow":{"PriorDays":0,"PostDays":0},"PrimaryCriteriaLimit":{"Type":"All"}},
	"AdditionalCriteria":{"Type":"ALL","CriteriaList":[{"Criteria":{"DrugExposure":{"CodesetId":1}},
		"StartWindow":{"Start":{"Days":0,"Coeff":-1},"End":{"Days":%d,"Coeff":1}},"Occurrence":{"Type":2,"Count":1}}]},
	"QualifiedLimit":{"Type":"All"},"ExpressionLimit":{"Type":"All"},"CollapseSettings":{"CollapseType":"ERA","EraPad":0}}`, tinycdr.Diabetes, drug, days)
}

func (h *house) cohort(definition string) string {
	h.t.Helper()
	var c struct{ ID string }
	h.want(201, "POST", "/cohort/v1/workspaces/"+wsID+"/cohorts", "owner", fmt.Sprintf(`{"name":"n","definition":%s}`, definition), &c)
	return c.ID
}
