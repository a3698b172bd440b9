package directory

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/project"
)

// published gives the titles of a list, all pages of it.
func published(t *testing.T, h http.Handler, query string) string {
	t.Helper()
	var titles []string
	for cursor := ""; ; {
		w := get(t, h, "/v1/community?limit=2&"+query+"&cursor="+cursor, "")
		var page api.Page[listingView]
		if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || w.Code != 200 || page.Items == nil {
			t.Fatalf("%s: %d %s", query, w.Code, w.Body)
		}
		for _, one := range page.Items {
			titles = append(titles, one.Title)
		}
		if cursor = page.Next; cursor == "" {
			return strings.Join(titles, " ")
		}
	}
}

func TestCommunity(t *testing.T) {
	s, h := newRoom(t)
	if got := published(t, h, ""); got != "" {
		t.Errorf("nothing is published: %s", got)
	}
	for i, category := range []string{"community", "demo", "community", "tutorial", "community"} {
		at := morning.AddDate(0, 0, i)
		l := project.Listing{ID: "sn_" + strings.TrimPrefix(id.New(id.Workspace, at), "ws_"), Category: category, Title: fmt.Sprintf("T%d", i), Description: "What it is for.",
			Tier: access.Registered, ReleaseID: "r2026", OwnerName: "Ann Example", Institution: "Example University", Version: i + 1,
			Contents: map[string]int{"cohorts": 2, "notebooks": 0, "runs": 9}, PublishedAt: at, SchemaVersion: 1}
		if i == 2 {
			l.Tier = access.Controlled
		}
		if _, err := s.client.Collection(project.Listings).Doc(l.ID).Set(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	for query, want := range map[string]string{"": "T4 T3 T2 T1 T0", "category=community": "T4 T2 T0", "tier=controlled": "T2", "category=community&tier=registered": "T4 T0", "category=phenotypeLibrary": ""} {
		if got := published(t, h, query); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	first := get(t, h, "/v1/community?limit=1", "")
	var page api.Page[map[string]any]
	if err := json.Unmarshal(first.Body.Bytes(), &page); err != nil {
		t.Fatal(err)
	}
	delete(page.Items[0], "id")
	want := map[string]any{"category": "community", "title": "T4", "description": "What it is for.", "tier": "registered", "releaseId": "r2026", "ownerName": "Ann Example",
		"institution": "Example University", "version": 5.0, "contents": map[string]any{"cohorts": 2.0}, "publishedAt": "2026-03-06T09:00:00Z"}
	if d := cmp.Diff(want, page.Items[0]); d != "" {
		t.Error(d)
	}
	etag := first.Header().Get("ETag")
	if w := get(t, h, "/v1/community?limit=1", etag); w.Code != 304 || w.Body.Len() != 0 || w.Header().Get("Cache-Control") != "public, max-age=60" {
		t.Errorf("again: %d %v", w.Code, w.Header())
	}
}
