package workspace

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/audit"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/project"
	"researchhub.example/hub/shared/session"
)

func TestNotes(t *testing.T) {
	r := newRoom(t)
	ws, etag := r.created("ann", "Asthma")
	etag = r.share(ws, "ann", etag, "dora", access.Writer)
	etag = r.share(ws, "ann", etag, "ben", access.Reader)
	path := "/workspaces/" + ws + "/notes"
	text := "# Plan\n\n- ask\n- \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645" // with a joiner that the language needs
	a := r.want(201, "POST", path, "dora", "", map[string]any{"title": " A  plan ", "text": text})
	one := path + "/" + a.body["id"].(string)
	if a.body["title"] != "A plan" || a.body["text"] != text || a.body["author"] != "dora" {
		t.Errorf("created %v", a.body)
	}
	b := r.want(200, "GET", one, "ben", "", nil)
	a.status = b.status
	if d := cmp.Diff(a, b, cmp.AllowUnexported(answered{})); d != "" || a.etag == "" {
		t.Errorf("read differs from created: %s", d)
	}
	r.clock.Advance(time.Minute)
	change := map[string]any{"title": "Plan", "text": "Another."}
	r.want(428, "PUT", one, "ann", "", change)
	r.want(412, "PUT", one, "ann", `"2020-01-01T00:00:00Z"`, change)
	r.want(412, "PUT", one, "ann", etag, change) // the workspace's etag is not the note's
	r.want(403, "PUT", one, "ben", a.etag, change)
	b = r.want(200, "PUT", one, "ann", a.etag, change)
	if b.body["author"] != "dora" || b.body["updatedBy"] != "ann" || b.body["text"] != "Another." {
		t.Errorf("changed %v", b.body)
	}
	r.want(412, "PUT", one, "dora", a.etag, change)
	r.want(428, "DELETE", one, "dora", "", nil)
	r.want(412, "DELETE", one, "dora", a.etag, nil)
	r.want(403, "DELETE", one, "ben", b.etag, nil)
	r.want(204, "DELETE", one, "dora", b.etag, nil)
	r.want(404, "GET", one, "dora", "", nil)
	// A note is no change of the workspace: its etag stays.
	if got := r.want(200, "GET", "/workspaces/"+ws, "ann", "", nil).etag; got != etag {
		t.Error("notes change the workspace's etag")
	}
}

func TestWhoReadsAndWritesNotes(t *testing.T) {
	r := newRoom(t)
	ws, etag := r.created("ann", "Asthma")
	for uid, role := range map[string]string{"dora": access.Writer, "ben": access.Reader, "carl": access.Owner} {
		etag = r.share(ws, "ann", etag, uid, role)
	}
	path, body := "/workspaces/"+ws+"/notes", map[string]any{"title": "T", "text": "x"}
	kept := path + "/" + r.want(201, "POST", path, "ann", "", body).body["id"].(string)
	for token, want := range map[string][2]int{
		"": {401, 401}, "ann1": {403, 403}, "nobody": {404, 404}, "ann": {200, 201}, "dora": {200, 201}, "ben": {200, 403},
		"carl": {403, 403}, // no tier
		"eve":  {404, 404},
	} {
		if a := r.do("GET", path, token, "", nil); a.status != want[0] {
			t.Errorf("%q lists: %d, want %d", token, a.status, want[0])
		}
		if a := r.do("GET", kept, token, "", nil); a.status != want[0] {
			t.Errorf("%q reads: %d, want %d", token, a.status, want[0])
		}
		if a := r.do("POST", path, token, "", body); a.status != want[1] {
			t.Errorf("%q writes: %d, want %d", token, a.status, want[1])
		}
	}
	// The transaction asks by itself: what the front door read may be a moment old.
	reader := session.Principal{UID: "ben", Level: session.SecondFactor}
	if _, _, err := r.service.addNote(t.Context(), reader, ws, noteIn{Title: "T", Text: "x"}); !fault.Is(err, fault.Denied) {
		t.Errorf("past the front door, a reader writes: %v", err)
	}
	for _, bad := range []map[string]any{
		{}, {"title": "T"}, {"text": "x"}, {"title": strings.Repeat("t", 121), "text": "x"}, {"title": "T", "text": strings.Repeat("é", 20001)},
		{"title": "T", "text": "a\x00b"}, {"title": "T\u202e", "text": "x"}, {"title": "T", "text": "x\u202e"}, {"title": "T", "text": "\u200d"},
	} {
		r.want(422, "POST", path, "ann", "", bad)
	}
	r.want(201, "POST", path, "ann", "", map[string]any{"title": strings.Repeat("é", 120), "text": strings.Repeat("é", 20000)})
	for _, name := range []string{"x", id.New(id.Note, morning), id.New(id.Cohort, morning)} {
		r.want(404, "GET", path+"/"+name, "ann", "", nil)
	}
	// In a workspace that is read only, notes are too.
	etag = r.want(200, "POST", "/workspaces/"+ws+"/archive", "ann", etag, nil).etag
	r.want(403, "POST", path, "ann", "", body)
	r.want(200, "GET", kept, "ben", "", nil)
	r.want(200, "DELETE", "/workspaces/"+ws, "ann", etag, nil)
	r.want(404, "GET", kept, "ann", "", nil)
	// Nothing of a note is in the audit log, in an event or in the public record.
	for _, collection := range []string{audit.Collection, outbox.Collection, project.Collection} {
		snaps, err := r.client.Collection(collection).Documents(t.Context()).GetAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, snap := range snaps {
			if strings.Contains(fmt.Sprint(snap.Data()), "ééé") {
				t.Errorf("%s holds a note's words", snap.Ref.Path)
			}
		}
	}
}

func TestNotesArePaged(t *testing.T) {
	r := newRoom(t)
	ws, _ := r.created("ann", "Asthma")
	path := "/workspaces/" + ws + "/notes"
	for i := range 5 {
		r.clock.Advance(time.Second)
		r.want(201, "POST", path, "ann", "", map[string]any{"title": fmt.Sprint(i), "text": "x"})
	}
	var got []string
	for cursor, pages := "", 0; pages == 0 || cursor != ""; pages++ {
		a := r.want(200, "GET", path+"?limit=2&cursor="+cursor, "ann", "", nil)
		for _, n := range a.body["items"].([]any) {
			got = append(got, n.(map[string]any)["title"].(string))
		}
		cursor, _ = a.body["next"].(string)
	}
	if d := cmp.Diff([]string{"4", "3", "2", "1", "0"}, got); d != "" {
		t.Error(d)
	}
}

func TestTwoWritersOfOneNote(t *testing.T) {
	r := newRoom(t)
	ws, _ := r.created("ann", "Asthma")
	path := "/workspaces/" + ws + "/notes"
	a := r.want(201, "POST", path, "ann", "", map[string]any{"title": "T", "text": "before"})
	one, etag := path+"/"+a.body["id"].(string), a.etag
	for round := range 3 {
		// Each text is new: writing what is there already is no change to Firestore,
		// and the etag stays.
		texts := []string{fmt.Sprint("first ", round), fmt.Sprint("second ", round)}
		var both [2]sent
		for i, text := range texts {
			both[i] = sent{"PUT", one, "ann", map[string]any{"title": "T", "text": text}}
		}
		winner, won := r.race(etag, both)
		etag = r.want(200, "GET", one, "ann", "", nil).etag
		if got := r.want(200, "GET", one, "ann", "", nil).body["text"]; got != texts[winner] || won.etag != etag {
			t.Errorf("the note says %v, the winner wrote %s", got, texts[winner])
		}
	}
}
