package cohort

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/circe"
	"researchhub.example/hub/shared/release"
)

const sets = base + "/concept-sets"

// keptSet is a concept set as the function shows it.
type keptSet struct {
	ID, Name               string
	Version, LatestVersion int
	Used                   bool
	Items                  int
	DefinitionHash         string
	Expression             json.RawMessage
	Warnings               []warning
	etag                   string
}

// send is call with If-Match; it gives the answer's etag too.
func (h *house) send(method, path, token, ifMatch string, body, out any) (status int, etag, text string) {
	h.t.Helper()
	raw, ok := body.(string)
	if !ok && body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			h.t.Fatal(err)
		}
		raw = string(b)
	}
	req := httptest.NewRequest(method, path, strings.NewReader(raw))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	if ifMatch != "" {
		req.Header.Set("If-Match", ifMatch)
	}
	rec := httptest.NewRecorder()
	h.handler.ServeHTTP(rec, req)
	if out != nil && rec.Code < 300 {
		if err := json.Unmarshal(rec.Body.Bytes(), out); err != nil {
			h.t.Fatal(err)
		}
	}
	return rec.Code, rec.Header().Get("ETag"), rec.Body.String()
}

// setExpression is ATLAS's JSON of items like "110+d" (descendants), "111-" (excluded)
// and "111+m" (mapped), in any combination.
func setExpression(items ...string) string {
	var list []string
	for _, it := range items {
		id := strings.TrimRight(it, "+-dm")
		mark := it[len(id):]
		list = append(list, fmt.Sprintf(`{"concept":{"CONCEPT_ID":%s},"isExcluded":%v,"includeDescendants":%v,"includeMapped":%v}`,
			id, strings.Contains(mark, "-"), strings.Contains(mark, "d"), strings.Contains(mark, "m")))
	}
	return `{"items":[` + strings.Join(list, ",") + `]}`
}

func setBody(name, items string) string {
	return fmt.Sprintf(`{"name":%q,"expression":%s}`, name, items)
}

func (h *house) set(items ...string) keptSet {
	h.t.Helper()
	var s keptSet
	status, etag, text := h.send("POST", sets, "writer", "", setBody("A set", setExpression(items...)), &s)
	if status != 201 {
		h.t.Fatalf("%d %s", status, text)
	}
	s.etag = etag
	return s
}

// change replaces a set's items.
func (h *house) change(s keptSet, items ...string) keptSet {
	h.t.Helper()
	var out keptSet
	status, etag, text := h.send("PUT", sets+"/"+s.ID, "owner", s.etag, setBody("A set", setExpression(items...)), &out)
	if status != 200 {
		h.t.Fatalf("%d %s", status, text)
	}
	out.etag = etag
	return out
}

// onQuirks has the workspace work on the release with the quirks.
func (h *house) onQuirks() {
	h.t.Helper()
	h.quirks()
	if _, err := h.client.Doc(access.Workspaces+"/"+wsID).Update(h.t.Context(), []firestore.Update{{Path: "releaseId", Value: quirksID}}); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) resolve(s keptSet, query string) []int64 {
	h.t.Helper()
	var got struct{ ConceptIds []int64 }
	h.want(200, "POST", sets+"/"+s.ID+"/resolution"+query, "writer", nil, &got)
	return got.ConceptIds
}

// atlas is an expression as ATLAS exports it, with what an encoder would change:
// HTML's characters, letters beyond ASCII, spaces, the order of the keys.
const atlas = `{
  "items" : [
    {"concept":{"CONCEPT_CLASS_ID":"Disorder","CONCEPT_CODE":"22298006","CONCEPT_ID":111,"CONCEPT_NAME":"Myocardial infarction <type 1> & \u00e9 é","DOMAIN_ID":"Condition","INVALID_REASON":"V","INVALID_REASON_CAPTION":"Valid","STANDARD_CONCEPT":"S","STANDARD_CONCEPT_CAPTION":"Standard","VOCABULARY_ID":"SNOMED"},"isExcluded":false,"includeDescendants":true,"includeMapped":false},
    {"concept":{"CONCEPT_ID":121.0e0,"CONCEPT_NAME":"x","STANDARD_CONCEPT":null},"isExcluded":true}
  ]
}`

func TestATLASComesOutAsItWentIn(t *testing.T) {
	h := newHouse(t)
	text := strings.Replace(atlas, "121.0e0", "121", 1)
	var s keptSet
	status, _, body := h.send("POST", sets, "writer", "", `{"expression":`+text+`,"name":"From ATLAS"}`, &s)
	if status != 201 {
		t.Fatalf("%d %s", status, body)
	}
	req := httptest.NewRequest(http.MethodGet, sets+"/"+s.ID+"/atlas", nil)
	req.Header.Set("Authorization", "Bearer reader")
	rec := httptest.NewRecorder()
	h.handler.ServeHTTP(rec, req)
	if rec.Code != 200 || !bytes.Equal(rec.Body.Bytes(), []byte(text)) || rec.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%d %s\n%s", rec.Code, rec.Header(), rec.Body)
	}
	// And once more round: the same set.
	var again keptSet
	if status, _, body := h.send("POST", sets, "writer", "", `{"name":"Again","expression":`+rec.Body.String()+`}`, &again); status != 201 || again.DefinitionHash != s.DefinitionHash {
		t.Errorf("%d %s", status, body)
	}
	want, err := circe.ParseItems([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := circe.ParseItems(s.Expression); err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v: want %v", got, err, want)
	}
}

func TestBrokenConceptSetsAreRefusedByPath(t *testing.T) {
	h := newHouse(t)
	for name, tc := range map[string]struct {
		body   string
		status int
		says   string
	}{
		"an unknown field":    {setBody("n", `{"items":[{"concept":{"CONCEPT_ID":1},"isExclude":true}]}`), 422, "$.items[0].isExclude"},
		"no concept":          {setBody("n", `{"items":[{"concept":{"CONCEPT_ID":1}},{}]}`), 422, "$.items[1]"},
		"no id":               {setBody("n", `{"items":[{"concept":{}}]}`), 422, "$.items[0].concept"},
		"text for a number":   {setBody("n", `{"items":[{"concept":{"CONCEPT_ID":"1"}}]}`), 422, "$.items[0].concept.CONCEPT_ID"},
		"half a concept":      {setBody("n", `{"items":[{"concept":{"CONCEPT_ID":121.5}}]}`), 422, "CONCEPT_ID"},
		"a negative id":       {setBody("n", `{"items":[{"concept":{"CONCEPT_ID":-1}}]}`), 422, "CONCEPT_ID"},
		"nothing":             {setBody("n", `{"items":[]}`), 422, "at least one concept"},
		"no list":             {setBody("n", `[]`), 422, "$"},
		"a name of spaces":    {setBody("   ", setExpression("1")), 422, "body.name"},
		"a name too long":     {setBody(strings.Repeat("n", 81), setExpression("1")), 422, "body.name"},
		"too many concepts":   {setBody("n", `{"items":[`+strings.TrimSuffix(strings.Repeat(`{"concept":{"CONCEPT_ID":1}},`, circe.MaxItems+1), ",")+`]}`), 422, "at most"},
		"too many bytes":      {setBody("n", `{"items":[{"concept":{"CONCEPT_ID":1,"CONCEPT_NAME":"`+strings.Repeat("x", maxExpression)+`"}}]}`), 413, "bytes"},
		"deeper than allowed": {setBody("n", strings.Repeat(`{"items":[`, 200)+strings.Repeat(`]}`, 200)), 413, "nested"},
	} {
		status, _, text := h.send("POST", sets, "owner", "", tc.body, nil)
		if status != tc.status || !strings.Contains(text, tc.says) {
			t.Errorf("%s: %d, want %d and %q: %.300s", name, status, tc.status, tc.says, text)
		}
	}
}

func TestConceptSetVersions(t *testing.T) {
	h := newHouse(t)
	h.onQuirks()
	s := h.set("110", "110-")
	if s.Version != 1 || s.Used || len(s.Warnings) != 1 || s.Warnings[0].Path != "$.items[1].concept" {
		t.Errorf("%+v", s)
	}
	// Nothing rests on it: a change replaces it.
	s = h.change(s, "110+d")
	if s.Version != 1 || s.Items != 1 || len(s.Warnings) != 0 {
		t.Errorf("%+v", s)
	}
	h.resolve(s, "")
	// It has been used: a change makes another, and the first stays.
	second := h.change(s, "111")
	if second.Version != 2 || second.Used || second.ID != s.ID {
		t.Errorf("%+v", second)
	}
	var first keptSet
	h.want(200, "GET", sets+"/"+s.ID+"?version=1", "reader", nil, &first)
	if !first.Used || first.DefinitionHash != s.DefinitionHash || first.LatestVersion != 2 || string(first.Expression) != setExpression("110+d") {
		t.Errorf("%+v", first)
	}
	// A new name is no new version.
	var named keptSet
	status, etag, text := h.send("PUT", sets+"/"+s.ID, "writer", second.etag, setBody("Another name", setExpression("111")), &named)
	if status != 200 || named.Version != 2 || named.Name != "Another name" {
		t.Errorf("%d %s", status, text)
	}
	var list struct{ Items []struct{ Version int } }
	h.want(200, "GET", sets+"/"+s.ID+"/versions", "reader", nil, &list)
	if len(list.Items) != 2 || list.Items[0].Version != 2 || list.Items[1].Version != 1 {
		t.Errorf("%+v", list)
	}
	h.want(404, "GET", sets+"/"+s.ID+"?version=3", "reader", nil, nil)
	h.want(404, "GET", sets+"/cs_01JBBBBBBBBBBBBBBBBBBBBBBB", "reader", nil, nil)
	h.want(404, "GET", "/cohort/v1/workspaces/"+pausedWS+"/concept-sets/"+s.ID, "owner", nil, nil)
	for ifMatch, want := range map[string]int{"": 428, `"x"`: 412, second.etag: 412, s.etag: 412} {
		for _, method := range []string{"PUT", "DELETE"} {
			if status, _, text := h.send(method, sets+"/"+s.ID, "owner", ifMatch, setBody("n", setExpression("1")), nil); status != want {
				t.Errorf("%s with If-Match %s: %d, want %d: %s", method, ifMatch, status, want, text)
			}
		}
	}
	if status, _, text := h.send("DELETE", sets+"/"+s.ID, "writer", etag, nil, nil); status != 204 {
		t.Errorf("%d %s", status, text)
	}
	h.want(404, "GET", sets+"/"+s.ID, "reader", nil, nil)
	left, err := h.room.versionsOf(ConceptSetOf{wsID, s.ID}).Documents(t.Context()).GetAll()
	if err != nil || len(left) != 0 {
		t.Errorf("%d versions are left, %v", len(left), err)
	}
	h.set("1")
	h.set("2")
	var page struct {
		Items []keptSet
		Next  string
	}
	h.want(200, "GET", sets+"?limit=1", "reader", nil, &page)
	if len(page.Items) != 1 || page.Next == "" || page.Items[0].Expression != nil {
		t.Errorf("%+v", page)
	}
}

func TestVersionsAreBounded(t *testing.T) {
	h := newHouse(t)
	s := h.set("1")
	if _, err := h.room.headOf(ConceptSetOf{wsID, s.ID}).Update(t.Context(), []firestore.Update{{Path: "version", Value: maxVersions}}); err != nil {
		t.Fatal(err)
	}
	v := conceptSetVersion{ID: versionID(maxVersions), Number: maxVersions, Expression: setExpression("1"), UsedAt: start}
	if _, err := h.room.versionsOf(ConceptSetOf{wsID, s.ID}).Doc(v.ID).Set(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	_, etag, _ := h.send("GET", sets+"/"+s.ID, "owner", "", nil, nil)
	if status, _, text := h.send("PUT", sets+"/"+s.ID, "owner", etag, setBody("n", setExpression("2")), nil); status != 409 || !strings.Contains(text, "versions") {
		t.Errorf("%d %s", status, text)
	}
}

// TestTwoWritersOfOneConceptSet has two change the same set: one is told that it
// has changed, and nothing of the other's is lost.
func TestTwoWritersOfOneConceptSet(t *testing.T) {
	h := newHouse(t)
	s := h.set("1")
	var wg sync.WaitGroup
	statuses := make([]int, 2)
	for i := range statuses {
		wg.Go(func() {
			statuses[i], _, _ = h.send("PUT", sets+"/"+s.ID, []string{"owner", "writer"}[i], s.etag, setBody("n", setExpression(fmt.Sprint(10+i))), nil)
		})
	}
	wg.Wait()
	won := slices.Index(statuses, 200)
	if slices.Sort(statuses); !slices.Equal(statuses, []int{200, 412}) {
		t.Fatalf("%v", statuses)
	}
	var got keptSet
	h.want(200, "GET", sets+"/"+s.ID, "reader", nil, &got)
	if string(got.Expression) != setExpression(fmt.Sprint(10+won)) || got.Version != 1 {
		t.Errorf("%+v, and writer %d won", got, won)
	}
}

// TestAVersionUsedWhileItIsChanged lets one use a version while another changes
// it, time and again: what was used is there, as it was, under its number.
func TestAVersionUsedWhileItIsChanged(t *testing.T) {
	h := newHouse(t)
	for i := range 6 {
		s := h.set("1")
		of := ConceptSetOf{wsID, s.ID}
		var wg sync.WaitGroup
		var used conceptSetVersion
		var useErr error
		wg.Go(func() { used, useErr = h.room.useConceptSet(t.Context(), of, 1) })
		wg.Go(func() { h.change(s, "2") })
		wg.Wait()
		if useErr != nil {
			t.Fatal(useErr)
		}
		_, v, _, err := h.room.conceptSet(t.Context(), of, 1)
		if err != nil || v.Expression != used.Expression || v.UsedAt.IsZero() {
			t.Errorf("round %d: used %s, kept %+v, %v", i, used.Expression, v, err)
		}
		head, _, _, err := h.room.conceptSet(t.Context(), of, 0)
		if want := map[string]int{setExpression("1"): 2, setExpression("2"): 1}[used.Expression]; err != nil || head.Version != want {
			t.Errorf("round %d: the latest version is %d, want %d, %v", i, head.Version, want, err)
		}
	}
}

func TestConceptSetsAreResolved(t *testing.T) {
	h := newHouse(t)
	h.onQuirks()
	for _, tc := range []struct {
		items []string
		want  []int64
	}{
		{[]string{"110"}, []int64{heart}},
		{[]string{"110+d"}, []int64{heart, infarction, arrhythmia, cardiorenal}}, // not the invalid one
		{[]string{"113"}, []int64{oldHeart}},                                     // named itself
		{[]string{"110+d", "120-d"}, []int64{heart, infarction, arrhythmia}},
		{[]string{"110+d", "111-"}, []int64{heart, arrhythmia, cardiorenal}},
		{[]string{"111+m"}, []int64{infarction, icdInfarct}}, // not by the invalid mapping
		{[]string{"110+dm"}, []int64{heart, infarction, arrhythmia, cardiorenal, icdInfarct}},
		{[]string{"110+dm", "111-m"}, []int64{heart, arrhythmia, cardiorenal}},
		{[]string{"130+d"}, []int64{cycleA, cycleB}},
		{[]string{"130+d", "131-d"}, nil},
		{[]string{"4711"}, nil},
		{[]string{"111", "111", "111-"}, nil},
	} {
		for range 2 { // from BigQuery, then as kept
			if got := h.resolve(h.set(tc.items...), ""); !slices.Equal(got, tc.want) {
				t.Errorf("%v: %v, want %v", tc.items, got, tc.want)
			}
		}
	}
	var got struct{ Warnings []warning }
	h.want(200, "POST", sets+"/"+h.set("110", "4711", "113", "900", "900-").ID+"/resolution", "writer", nil, &got)
	paths := []string{}
	for _, w := range got.Warnings {
		paths = append(paths, w.Path)
	}
	if diff := cmp.Diff([]string{"$.items[4].concept", "$.items[1].concept", "$.items[2].concept", "$.items[3].concept"}, paths); diff != "" {
		t.Errorf("%s\n%+v", diff, got.Warnings)
	}
	var page struct {
		Items []concept
		Total int
		Next  string
	}
	s := h.set("110+d")
	h.want(200, "GET", sets+"/"+s.ID+"/concepts?limit=3", "reader", nil, &page)
	if page.Total != 4 || len(page.Items) != 3 || page.Items[0].ID != heart || page.Items[0].Participants.Text != "60" {
		t.Errorf("%+v", page)
	}
	h.want(200, "GET", sets+"/"+s.ID+"/concepts?limit=3&cursor="+page.Next, "reader", nil, &page)
	if len(page.Items) != 1 || !page.Items[0].Participants.Hidden {
		t.Errorf("%+v", page)
	}
	var beside struct{ Items []struct{ ID int64 } }
	h.want(200, "GET", sets+"/"+h.set("111", "121-").ID+"/recommendations", "reader", nil, &beside)
	if len(beside.Items) != 1 || beside.Items[0].ID != arrhythmia {
		t.Errorf("recommended: %+v", beside)
	}
}

// TestResolutionsAreKeptByHashAndVocabulary plants an answer: it is given for the
// same items on the same vocabulary, whatever their order, and for no other.
func TestResolutionsAreKeptByHashAndVocabulary(t *testing.T) {
	h := newHouse(t)
	h.onQuirks()
	items := []circe.Item{{ConceptID: 110}, {ConceptID: 120}}
	hash, key := circe.ItemsHash(items), vocabularyKey(release.Data{Release: quirky.first})
	planted := []int64{7, 1 << 40}
	if _, err := h.client.Collection(conceptResolutions).Doc(resolutionID(hash, key)).Set(t.Context(), resolution{Hash: hash, Vocabulary: key, Concepts: packed(planted)}); err != nil {
		t.Fatal(err)
	}
	for _, items := range [][]string{{"110", "120"}, {"120", "110"}, {"120", "110", "110"}} {
		if got := h.resolve(h.set(items...), ""); !slices.Equal(got, planted) {
			t.Errorf("%v: %v, want what was kept", items, got)
		}
	}
	for _, items := range [][]string{{"110", "120-"}, {"110", "120+m"}, {"110"}} {
		if got := h.resolve(h.set(items...), ""); slices.Equal(got, planted) {
			t.Errorf("%v is given another set's answer", items)
		}
	}
	h.moveTo(quirky.last)
	if got := h.resolve(h.set("110", "120"), ""); !slices.Equal(got, []int64{heart, kidney}) {
		t.Errorf("on another vocabulary: %v", got)
	}
	for what, r := range map[string]release.Data{
		"another release that does not know its version": {Dataset: release.Data{}.Dataset},
		"another version": func() release.Data {
			d := release.Data{Release: quirky.first}
			d.Release.VocabularyVersion = "v5.0 quirks of another day"
			return d
		}(),
		"one concept more": func() release.Data {
			d := release.Data{Release: quirky.first}
			d.Release.Rows = map[string]int64{"concept": 1}
			return d
		}(),
	} {
		if vocabularyKey(r) == key {
			t.Errorf("%s has the same vocabulary", what)
		}
	}
}

func TestConceptSetsAreCompared(t *testing.T) {
	h := newHouse(t)
	h.onQuirks()
	s := h.set("110+d", "111-")
	h.resolve(s, "")
	second := h.change(s, "110+d", "120", "121-")
	later := quirky.last
	later.ID = "quirks_2"
	h.moveTo(later)
	type change struct {
		Concept       struct{ ID int64 }
		Before, After string
	}
	var got struct {
		Added, Removed []change
		KeptTotal      int
		AddedTotal     int
		RemovedTotal   int
		From, To       struct {
			Version                      int
			ReleaseID, VocabularyVersion string
		}
	}
	compare := func(body string) []string {
		t.Helper()
		got.Added, got.Removed = nil, nil
		h.want(200, "POST", sets+"/"+second.ID+"/comparison", "reader", body, &got)
		list := []string{}
		for _, c := range got.Added {
			list = append(list, fmt.Sprintf("+%d %s > %s", c.Concept.ID, c.Before, c.After))
		}
		for _, c := range got.Removed {
			list = append(list, fmt.Sprintf("-%d %s > %s", c.Concept.ID, c.Before, c.After))
		}
		slices.Sort(list)
		return list
	}
	if diff := cmp.Diff([]string{
		"+111 not in: excluded as named > in: below 110",
		"+120 not in: nothing in the set reaches it > in: named",
		"-121 in: below 110 > not in: excluded as named",
	}, compare(`{"from":{"version":1},"to":{}}`)); diff != "" || got.KeptTotal != 2 || got.To.Version != 2 {
		t.Errorf("two versions (-want +got):\n%s\n%+v", diff, got)
	}
	if diff := cmp.Diff([]string{
		"+145 not in: the vocabulary does not have it > in: below 110",
		"-112 in: below 110 > not in: nothing in the set reaches it",
	}, compare(`{"from":{"version":1},"to":{"version":1,"releaseId":"quirks_2"}}`)); diff != "" || got.To.VocabularyVersion != "v5.0 quirks two" || got.AddedTotal != 1 || got.RemovedTotal != 1 {
		t.Errorf("two vocabularies (-want +got):\n%s\n%+v", diff, got)
	}
	if list := compare(`{"from":{},"to":{}}`); len(list) != 0 {
		t.Errorf("the same: %v", list)
	}
	if text := h.want(422, "POST", sets+"/"+second.ID+"/comparison", "reader", `{"from":{},"to":{"releaseId":"none_1"}}`, nil); !strings.Contains(text, "body.to.releaseId") {
		t.Error(text)
	}
	// Mapped concepts are told by what they map to.
	mapped := h.set("111")
	h.resolve(mapped, "")
	second = h.change(mapped, "110+dm")
	if list := compare(`{"from":{"version":1},"to":{}}`); !slices.Contains(list, "+900 not in: nothing in the set reaches it > in: mapped to 111, which is below 110") {
		t.Errorf("%v", list)
	}
}

func TestWhoMayDoWhatWithConceptSets(t *testing.T) {
	h := newHouse(t)
	s := h.set("201820+d")
	one := "/concept-sets/" + s.ID
	for _, tc := range []struct {
		what, method, path, body                        string
		owner, writer, reader, lapsed, stranger, paused int
	}{
		{"list", "GET", "/concept-sets", "", 200, 200, 200, 403, 404, 200},
		{"create", "POST", "/concept-sets", setBody("n", setExpression("1")), 201, 201, 403, 403, 404, 403},
		{"read", "GET", one, "", 200, 200, 200, 403, 404, 404},
		{"export", "GET", one + "/atlas", "", 200, 200, 200, 403, 404, 404},
		{"concepts", "GET", one + "/concepts", "", 200, 200, 200, 403, 404, 404},
		{"versions", "GET", one + "/versions", "", 200, 200, 200, 403, 404, 404},
		{"recommend", "GET", one + "/recommendations", "", 200, 200, 200, 403, 404, 404},
		{"compare", "POST", one + "/comparison", `{"from":{},"to":{}}`, 200, 200, 200, 403, 404, 404},
		{"resolve", "POST", one + "/resolution", "", 200, 200, 403, 403, 404, 403},
		{"change", "PUT", one, setBody("n", setExpression("1")), 428, 428, 403, 403, 404, 403},
		{"delete", "DELETE", one, "", 428, 428, 403, 403, 404, 403},
	} {
		for token, want := range map[string]int{"owner": tc.owner, "writer": tc.writer, "reader": tc.reader, "lapsed": tc.lapsed, "stranger": tc.stranger} {
			if got, text := h.call(tc.method, base+tc.path, token, tc.body, nil); got != want {
				t.Errorf("%s as %s: %d, want %d: %s", tc.what, token, got, want, text)
			}
		}
		if got, text := h.call(tc.method, "/cohort/v1/workspaces/"+pausedWS+tc.path, "owner", tc.body, nil); got != tc.paused {
			t.Errorf("%s in a paused workspace: %d, want %d: %s", tc.what, got, tc.paused, text)
		}
	}
}
