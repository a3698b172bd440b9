package workspace

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"researchhub.example/hub/shared/testkit"
)

// webClient talks to Firestore as the Firebase SDK does in a browser: REST, with
// the ID token of whoever is signed in.
type webClient struct {
	t             *testing.T
	host, project string
	token         string // "" for nobody signed in
}

// call gives the status and the body of one request below the project's
// documents.
func (c webClient) call(method, path string, body any) (int, string) {
	c.t.Helper()
	var payload io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		payload = bytes.NewReader(b)
	}
	url := fmt.Sprintf("http://%s/v1/projects/%s/databases/(default)/documents%s", c.host, c.project, path)
	req, err := http.NewRequestWithContext(c.t.Context(), method, url, payload)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		c.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// everyCollection are the records of all rooms, at the depth where they lie.
var everyCollection = strings.Fields(`accounts alerts audit budgetMessages budgets credits deadLetters demographics directoryProjects directoryRemovals communityListing copyings factors institutions
	notices outbox releases reports runRequests sessions snapshots snapshots/s/cohorts spends sweeps workspaceNames workspaces
	workspaces/w/cohorts workspaces/w/conceptSets workspaces/w/dataSets workspaces/w/notebooks workspaces/w/notes workspaces/w/runs reports/r/versions
	somethingNew`)

// attempt is one way in: what a client sends, and the status where it is let in.
type attempt struct {
	name, method, path string
	body               any
}

// attempts are the ways to a document of a collection: every kind of read and of
// write that the SDK has.
func attempts(c webClient, collection string) []attempt {
	name := fmt.Sprintf("projects/%s/databases/(default)/documents/%s/known", c.project, collection)
	parent, leaf := "", collection
	if at := strings.LastIndex(collection, "/"); at >= 0 {
		parent, leaf = "/"+collection[:at], collection[at+1:]
	}
	fields := map[string]any{"fields": map[string]any{"state": map[string]string{"stringValue": "changed"}}}
	document := map[string]any{"name": name, "fields": fields["fields"]}
	query := func(group bool) map[string]any {
		return map[string]any{"structuredQuery": map[string]any{"from": []any{map[string]any{"collectionId": leaf, "allDescendants": group}}, "limit": 1}}
	}
	return []attempt{
		{"get", "GET", "/" + collection + "/known", nil},
		{"get what is not there", "GET", "/" + collection + "/unknown", nil},
		{"list", "GET", "/" + collection + "?pageSize=1", nil},
		{"query", "POST", parent + ":runQuery", query(false)},
		{"query a group", "POST", ":runQuery", query(true)},
		{"count", "POST", parent + ":runAggregationQuery", map[string]any{"structuredAggregationQuery": map[string]any{
			"structuredQuery": query(false)["structuredQuery"], "aggregations": []any{map[string]any{"alias": "n", "count": map[string]any{}}}}}},
		{"batch get", "POST", ":batchGet", map[string]any{"documents": []string{name}}},
		{"create", "POST", "/" + collection + "?documentId=made", fields},
		{"change", "PATCH", "/" + collection + "/known?updateMask.fieldPaths=state", fields},
		{"commit", "POST", ":commit", map[string]any{"writes": []any{map[string]any{"update": document}}}},
		{"commit a deletion", "POST", ":commit", map[string]any{"writes": []any{map[string]any{"delete": name}}}},
		{"delete", "DELETE", "/" + collection + "/known", nil},
	}
}

// letIn reports whether an answer is one to a client that was let in. A query
// answers 200 with a refusal in its stream.
func letIn(status int, text string) bool {
	return status < 400 && !strings.Contains(text, "PERMISSION_DENIED") || status == http.StatusNotFound
}

// A web client has no way to any document, signed in or not: the functions are
// the only door. The same requests are let in under rules that open everything,
// and the signed-in client's under rules that ask for a sign-in: so it is the
// hub's rules that refuse, and the client's token is a good one.
func TestWebClientsHaveNoWayToAnyDocument(t *testing.T) {
	auth := testkit.Auth(t)
	uid, token := auth.SignUp(auth.Email("university.example"), "correct horse battery")
	hub, err := os.ReadFile("../../infra/firestore.rules")
	if err != nil {
		t.Fatal(err)
	}
	const one = "rules_version = '2'; service cloud.firestore { match /databases/{d}/documents { match /{document=**} { allow read, write: if %s; } } }"
	for _, c := range []struct {
		name, rules      string
		signedIn, nobody bool // whether they are let in
	}{
		{"the hub's", string(hub), false, false},
		{"everything open", fmt.Sprintf(one, "true"), true, true},
		{"whoever is signed in", fmt.Sprintf(one, "request.auth != null"), true, false},
		{"this account", fmt.Sprintf(one, "request.auth.uid == '"+uid+"'"), true, false},
		{"another account", fmt.Sprintf(one, "request.auth.uid == 'somebody else'"), false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			host := testkit.FirestoreUnderRules(t, c.rules)
			owner := webClient{t, host, auth.Project, "owner"}
			collections := everyCollection
			if c.name != "the hub's" {
				collections = []string{"accounts", "workspaces/w/notes"} // they show that requests, token and emulator are what they seem
			}
			for _, collection := range collections {
				for _, client := range []webClient{{t, host, auth.Project, token}, {t, host, auth.Project, ""}} {
					want := c.signedIn && client.token != "" || c.nobody && client.token == ""
					seeded := false
					for _, a := range attempts(client, collection) {
						// The functions' way is open under all rules: it puts the record there.
						if want || !seeded {
							owner.must("PATCH", "/"+collection+"/known", map[string]any{"fields": map[string]any{"state": map[string]string{"stringValue": "before"}}})
							owner.must("DELETE", "/"+collection+"/made", nil)
							seeded = true
						}
						status, text := client.call(a.method, a.path, a.body)
						if letIn(status, text) != want {
							t.Errorf("token %v, %s of %s: %d %s; want it let in: %v", client.token != "", a.name, collection, status, text, want)
						}
						if !want && strings.Contains(text, "before") {
							t.Errorf("token %v, %s of %s: the refusal shows the record", client.token != "", a.name, collection)
						}
					}
					// Whoever is refused has changed nothing.
					if !want {
						if text := owner.must("GET", "/"+collection+"/known", nil); !strings.Contains(text, "before") {
							t.Errorf("a refused request changed %s: %s", collection, text)
						}
						if status, _ := owner.call("GET", "/"+collection+"/made", nil); status != 404 {
							t.Errorf("a refused request wrote into %s", collection)
						}
					}
				}
			}
		})
	}
}

// must is a call that has to succeed.
func (c webClient) must(method, path string, body any) string {
	c.t.Helper()
	status, text := c.call(method, path, body)
	if status != http.StatusOK {
		c.t.Fatalf("%s %s: %d %s", method, path, status, text)
	}
	return text
}
