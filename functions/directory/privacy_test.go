package directory

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/clock"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/limit"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/project"
	"researchhub.example/hub/shared/review"
	"researchhub.example/hub/shared/testkit"
)

// The marks of a secret, whatever its type: a text, a number, a moment.
const (
	secretText   = "xyzzy"
	secretNumber = 48151623
	secretYear   = 1987
)

// secrets fills every field of a record, at any depth, with secrets that say
// where they stood: so also a field that is added tomorrow.
func secrets(t *testing.T, v reflect.Value, path string) {
	t.Helper()
	switch v.Kind() {
	case reflect.String:
		v.SetString(secretText + "-" + path + "@private.example")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(secretNumber)
	case reflect.Float64:
		v.SetFloat(secretNumber)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			secrets(t, v.Index(i), fmt.Sprintf("%s-%d", path, i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		secrets(t, key, path+"-key")
		secrets(t, value, path+"-value")
		v.SetMapIndex(key, value)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		secrets(t, v.Elem(), path)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(secretYear, 6, 5, 4, 3, 2, 0, time.UTC)))
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				secrets(t, v.Field(i), path+"-"+v.Type().Field(i).Name)
			}
		}
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(7)
	default:
		t.Fatalf("%s is a %s: say what a secret of that kind is", path, v.Kind())
	}
}

func secretly[T any](t *testing.T, name string) T {
	t.Helper()
	var v T
	secrets(t, reflect.ValueOf(&v).Elem(), name)
	return v
}

// public is the workspace of the test: a secret in every field but those that the
// directory is there to show.
func public(t *testing.T) access.Workspace {
	t.Helper()
	w := secretly[access.Workspace](t, "workspace")
	at := morning
	w.ID, w.Name, w.Tier, w.ReleaseID, w.CreatedAt, w.UpdatedAt = id.New(id.Workspace, at), "Shown asthma", access.Registered, "r2026", at, at
	u := &w.Purpose
	u.Kinds, u.Disease, u.OtherKind = []string{"disease", "other"}, "Shown disease", "Shown kind"
	u.IntendedStudy, u.ScientificApproach, u.AnticipatedFindings = "Shown study", "Shown approach", "Shown findings"
	u.Channels, u.OtherChannel, u.Outcomes = []string{"other"}, "Shown channel", []string{"healthEquity"}
	u.FocusOnPopulations, u.Populations, u.OtherPopulation = true, []string{"other"}, "Shown population"
	return w
}

// seedSecrets writes a public project and listing, with fields beside that no
// record should have, and secrets in the records of every other collection.
func seedSecrets(t *testing.T, client *firestore.Client) access.Workspace {
	t.Helper()
	w := public(t)
	put := func(path string, v any) {
		t.Helper()
		if _, err := client.Doc(path).Set(t.Context(), v); err != nil {
			t.Fatal(path, err)
		}
	}
	// What no field of the record is for, at the top and in the purpose.
	stray := map[string]any{"ownerUid": secretText, "members": map[string]any{secretText: "owner"}, "email": secretText + "@private.example", "notes": []any{secretText},
		"changedAt": time.Now(), "purpose": map[string]any{"reviewRequested": true, "comment": secretText}, "schemaVersion": secretNumber}
	face := project.Of(w, "Shown Owner", "Shown Institution")
	put(project.Collection+"/"+w.ID, face)
	if _, err := client.Doc(project.Collection+"/"+w.ID).Set(t.Context(), stray, firestore.MergeAll); err != nil {
		t.Fatal(err)
	}
	l := secretly[project.Listing](t, "listing")
	l.ID, l.Category, l.Title, l.Description, l.Tier, l.ReleaseID = "sn_1", "demo", "Shown title", "Shown description", access.Registered, "r2026"
	l.OwnerName, l.Institution, l.Version, l.PublishedAt = "Shown Owner", "Shown Institution", 1, morning
	l.Contents["cohorts"] = 2
	put(project.Listings+"/"+l.ID, l)
	if _, err := client.Doc(project.Listings+"/"+l.ID).Set(t.Context(), stray, firestore.MergeAll); err != nil {
		t.Fatal(err)
	}
	put(project.Removals+"/ws_gone", map[string]any{"id": secretText, "changedAt": time.Now(), "name": secretText})
	hidden := project.Of(w, secretText, secretText)
	hidden.ID, hidden.Name = id.New(id.Workspace, morning.Add(time.Second)), secretText
	put(project.Collection+"/"+hidden.ID, hidden)
	hide(t, client, hidden.ID)

	put(access.Workspaces+"/"+w.ID, w)
	put(access.Accounts+"/u", secretly[access.Account](t, "account"))
	put(access.Institutions+"/i", secretly[access.Institution](t, "institution"))
	put(audit.Collection+"/a", secretly[audit.Entry](t, "audit"))
	put(outbox.Collection+"/e", secretly[outbox.Event](t, "event"))
	put(review.Collection+"/r", secretly[review.Review](t, "review"))
	put(review.OpenReviews+"/"+w.ID, secretly[review.Open](t, "open"))
	put(review.Requests+"/q", secretly[review.Request](t, "request"))
	for _, path := range []string{"notes", "cohorts", "conceptSets", "dataSets", "notebooks", "runs"} {
		put(access.Workspaces+"/"+w.ID+"/"+path+"/x", map[string]any{"id": secretText, "name": secretText, "text": secretText})
	}
	for _, collection := range []string{"sessions", "factors", "demographics", "notices", "credits", "budgets", "reports"} {
		put(collection+"/"+w.ID, map[string]any{"id": secretText, "uid": secretText, "text": secretText})
	}
	return w
}

// TestNoSecretIsInAnyPublicAnswer asks every route that there is, in every way
// and wrongly too, and looks for the marks in all that comes back.
func TestNoSecretIsInAnyPublicAnswer(t *testing.T) {
	client := testkit.Firestore(t)
	w := seedSecrets(t, client)
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	s := newService(Config{MaxAge: time.Minute, Freshness: rules}, client, clock.NewManual(morning), logger)
	s.requests = &requester{client: client, clock: s.clock, limits: limit.New(client, s.clock), calendar: review.DefaultCalendar(),
		rules:  requestRules{Window: time.Hour, Network: 30, NetworkProject: 30, Address: 3, Project: 50, Confirmations: 100, ConfirmWindow: time.Minute},
		events: outbox.Sender{Client: client, Publisher: quietTopic{}, Log: logger, Clock: s.clock}}
	a := newAPI(s, api.Options{Log: logger})
	h := a.Handler()

	body := map[string]any{"email": "somebody@public.example", "reason": "Is this right?"}
	asks := map[string][]string{
		"GET /directory/v1/projects":           {"", "?limit=1", "?limit=0", "?cursor=../x", "?cursor=" + w.ID},
		"GET /directory/v1/projects/{project}": {w.ID, "x", id.New(id.Workspace, morning), "..%2Fworkspaces%2F" + w.ID, w.ID + "?fields=ownerUid"},
		"GET /directory/v1/search": {"", "?query=shown", "?query=shown+disease&limit=1", "?query=%22shown+study%22", "?query=shwon", "?query=asthma+nothing", "?sort=name", "?sort=ownerUid",
			"?tier=registered&kind=disease&population=other&institution=Shown+Institution&year=2026", "?tier=secret", "?kind=secret", "?year=secret", "?cursor=secret", "?limit=1000",
			"?query=private", "?query=owner+members+email+true", "?query=1987", "?query=48151623"},
		"GET /directory/v1/downloads/{format}":                           {"csv", "json", "xml", "csv?query=shown", "json?query=shown&sort=updated", "csv?query=private", "csv?tier=secret"},
		"GET /directory/v1/community":                                    {"", "?category=demo", "?tier=registered", "?category=demo&tier=registered", "?category=secret", "?cursor=../x"},
		"GET /directory/v1/policies":                                     {""},
		"POST /directory/v1/projects/{project}/review-requests":          {w.ID, "x", id.New(id.Workspace, morning)},
		"POST /directory/v1/review-requests/{request}/confirmation":      {"q", "x"},
		"GET /directory/healthz":                                         {""},
		"GET /directory/openapi.json":                                    {""},
		"DELETE /directory/v1/projects/{project} (no route)":             {w.ID},
		"GET /directory/v1/projects/{project}/notes (no route)":          {w.ID},
		"GET /directory/v1/workspaces/{workspace}/members/u1 (no route)": {w.ID},
	}
	for _, r := range a.Routes() {
		if _, asked := asks[r.Method+" "+r.Path]; !asked {
			t.Errorf("%s %s is not asked: add it with its ways", r.Method, r.Path)
		}
	}
	shown := map[string]bool{}
	for route, ways := range asks {
		method, path, _ := strings.Cut(strings.TrimSuffix(route, " (no route)"), " ")
		for _, way := range ways {
			url := path + way
			if from, to := strings.Index(path, "{"), strings.Index(path, "}"); from >= 0 {
				way, query, _ := strings.Cut(way, "?")
				url = path[:from] + way + path[to+1:] + "?" + query
			}
			text, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(text))
			r.Header.Set("Content-Type", "application/json")
			answer := httptest.NewRecorder()
			h.ServeHTTP(answer, r)
			if answer.Code >= 500 {
				t.Errorf("%s %s: %d %s", method, url, answer.Code, answer.Body)
			}
			whole := answer.Body.String() + fmt.Sprint(answer.Header())
			if route != "GET /directory/openapi.json" {
				for _, mark := range marks() {
					if strings.Contains(strings.ToLower(whole), strings.ToLower(mark)) {
						t.Errorf("%s %s shows %q:\n%s", method, url, mark, whole)
					}
				}
			}
			for _, word := range []string{"Shown disease", "Shown description"} {
				shown[word] = shown[word] || strings.Contains(whole, word)
			}
		}
	}
	// What should be there is: the answers were not simply empty.
	if !shown["Shown disease"] || !shown["Shown description"] {
		t.Errorf("the public things are not shown: %v", shown)
	}
	for _, mark := range []string{secretText, "private.example", "public.example"} {
		if strings.Contains(log.String(), mark) {
			t.Errorf("the log has %q", mark)
		}
	}
	// A secret is not found either, so that nobody can guess at it.
	for _, query := range []string{secretText, "private", "u1", "owneruid"} {
		var page searchPage
		if err := json.Unmarshal(get(t, h, "/v1/search?query="+query, "").Body.Bytes(), &page); err != nil || page.Total != 0 {
			t.Errorf("%s is found %d times: %v", query, page.Total, err)
		}
	}
}

// marks are what betrays a secret, names of private fields included.
func marks() []string {
	return []string{secretText, "private.example", fmt.Sprint(secretNumber), fmt.Sprint(secretYear), "ownerUid", "memberUids", "listKeys", "reviewRequested", "changedAt",
		"stateBefore", "schemaVersion", "purgeAt", `"email":`, "comment"}
}

// TestTheRecordHoldsNothingPrivate: what is not there cannot be shown by mistake.
func TestTheRecordHoldsNothingPrivate(t *testing.T) {
	client := testkit.Firestore(t)
	w := public(t)
	ref := client.Collection(project.Collection).Doc(w.ID)
	if _, err := ref.Set(t.Context(), project.Of(w, "Shown Owner", "Shown Institution")); err != nil {
		t.Fatal(err)
	}
	snap, err := ref.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(snap.Data())
	if err != nil {
		t.Fatal(err)
	}
	for _, mark := range []string{secretText, fmt.Sprint(secretNumber), fmt.Sprint(secretYear), "ownerUid", `"reviewRequested":true`} {
		if bytes.Contains(text, []byte(mark)) {
			t.Errorf("the record has %q: %s", mark, text)
		}
	}
	if !bytes.Contains(text, []byte("Shown findings")) {
		t.Error("the record is empty")
	}
}

// TestSecretsReachEveryField holds the test's own filling to its word.
func TestSecretsReachEveryField(t *testing.T) {
	w := secretly[access.Workspace](t, "workspace")
	v := reflect.ValueOf(w)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("%s has no secret", v.Type().Field(i).Name)
		}
	}
	if !slices.ContainsFunc(w.Purpose.Kinds, func(k string) bool { return strings.HasPrefix(k, secretText) }) || !w.Purpose.ReviewRequested || w.PurgeAt.Year() != secretYear {
		t.Errorf("%+v", w)
	}
}
