package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/api/iterator"

	"researchhub.example/hub/shared/access"
)

// get asks the function, as that account, and decodes the answer.
func (b *bench) get(ctx context.Context, uid, path string, into any) error {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/workspace/v1"+path, nil)
	r.Header.Set("Authorization", "Bearer "+uid)
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		return fmt.Errorf("%s: %d %s", path, w.Code, w.Body)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(w.Body.Bytes(), into)
}

// compare measures the two by turns and gives the ratio of their medians. The
// first tenth only warms up.
func (b *bench) compare(ctx context.Context, name string, runs int, through, bare func(context.Context) error) (float64, error) {
	var took [2][]time.Duration
	for i := -runs/10 - 1; i < runs; i++ {
		order := []int{0, 1}
		if i%2 == 0 {
			slices.Reverse(order) // whoever goes first finds colder caches
		}
		for _, k := range order {
			began := time.Now()
			if err := []func(context.Context) error{through, bare}[k](ctx); err != nil {
				return 0, fmt.Errorf("%s: %w", name, err)
			}
			if i >= 0 {
				took[k] = append(took[k], time.Since(began))
			}
		}
	}
	for k := range took {
		slices.Sort(took[k])
	}
	p50 := func(k int) time.Duration { return took[k][len(took[k])/2] }
	ratio := float64(p50(0)) / float64(p50(1))
	fmt.Printf("%-5s through the handler %.2f ms, the same calls bare %.2f ms (p50 of %d): %.2f\n", name,
		p50(0).Seconds()*1000, p50(1).Seconds()*1000, runs, ratio)
	return ratio, nil
}

func (b *bench) readThrough(ctx context.Context) error {
	return b.get(ctx, fewUID, "/workspaces/"+b.one, nil)
}

// readBare makes the calls of one read: account and workspace together, then the
// institution.
func (b *bench) readBare(ctx context.Context) error {
	snaps, err := b.client.GetAll(ctx, []*firestore.DocumentRef{
		b.client.Collection(access.Accounts).Doc(fewUID), b.client.Collection(access.Workspaces).Doc(b.one),
	})
	if err != nil {
		return err
	}
	for _, snap := range snaps {
		if !snap.Exists() {
			return fmt.Errorf("%s is not there", snap.Ref.Path)
		}
	}
	_, err = b.client.Collection(access.Institutions).Doc("university").Get(ctx)
	return err
}

func (b *bench) listThrough(ctx context.Context) error {
	var page struct {
		Items []struct{ ID string } `json:"items"`
	}
	if err := b.get(ctx, fewUID, "/workspaces", &page); err != nil {
		return err
	}
	if len(page.Items) != few {
		return fmt.Errorf("the list has %d lines", len(page.Items))
	}
	return nil
}

// listBare makes the calls of one list: the account, the institution, the query.
func (b *bench) listBare(ctx context.Context) error {
	if _, err := b.client.GetAll(ctx, []*firestore.DocumentRef{b.client.Collection(access.Accounts).Doc(fewUID)}); err != nil {
		return err
	}
	if _, err := b.client.Collection(access.Institutions).Doc("university").Get(ctx); err != nil {
		return err
	}
	it := b.client.Collection(access.Workspaces).Where("listKeys", "array-contains", access.ListKey(fewUID, "", "", "")).
		Select("id", "name", "nameKey", "tier", "releaseId", "ownerUid", "members", "state", "createdAt", "updatedAt", "purgeAt").
		OrderBy("updatedAt", firestore.Desc).OrderBy(firestore.DocumentID, firestore.Desc).Limit(21).Documents(ctx)
	defer it.Stop()
	for n := 0; ; n++ {
		_, err := it.Next()
		if errors.Is(err, iterator.Done) {
			if n != few {
				return fmt.Errorf("the query gives %d documents", n)
			}
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// documents counts what a page reads and gives the most of all pages looked at:
// the first, the next, and the first with filters.
func (b *bench) documents(ctx context.Context, uid string, workspaces, page int) (int64, error) {
	most := int64(0)
	var next string
	ask := func(query string) error {
		b.read.Store(0)
		var answer struct {
			Items []json.RawMessage `json:"items"`
			Next  string            `json:"next"`
		}
		began := time.Now()
		if err := b.get(ctx, uid, fmt.Sprintf("/workspaces?limit=%d&%s", page, query), &answer); err != nil {
			return err
		}
		n := b.read.Load()
		next = answer.Next
		fmt.Printf("%6d workspaces, %-28s %2d lines, %3d documents read (%d ms)\n", workspaces, shown(query), len(answer.Items), n, time.Since(began).Milliseconds())
		most = max(most, n)
		return nil
	}
	if err := ask(""); err != nil {
		return 0, err
	}
	if err := ask("cursor=" + url.QueryEscape(next)); err != nil {
		return 0, err
	}
	for _, filter := range []string{"role=owner", "role=owner&state=active&tier=registered", "name=project"} {
		if err := ask(filter); err != nil {
			return 0, err
		}
	}
	return most, nil
}

func shown(query string) string {
	switch {
	case query == "":
		return "first page"
	case len(query) > 7 && query[:7] == "cursor=":
		return "next page"
	default:
		return query
	}
}
