package cohort

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/circe"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/release"
	"researchhub.example/hub/shared/session"
	"researchhub.example/hub/shared/vocabulary"
)

// conceptResolutions is the collection of resolved concept sets. What a set asks
// for and the vocabulary decide the answer and nothing else does, so workspaces
// share it; it says nothing of participants.
const conceptResolutions = "conceptResolutions"

// resolutionKept is how long an answer is kept. Asking again makes it again.
const resolutionKept = 90 * 24 * time.Hour

// resolution is one such answer.
type resolution struct {
	Hash string `firestore:"definitionHash"`
	// Vocabulary is vocabularyKey's.
	Vocabulary string `firestore:"vocabulary"`
	// Concepts are the ids in order, each as the difference to the one before, in
	// varints: as an array they would be more than Firestore indexes.
	Concepts []byte    `firestore:"concepts"`
	At       time.Time `firestore:"at"`
	// ExpireAt is when Firestore's time-to-live policy may remove the record.
	ExpireAt      time.Time `firestore:"expireAt"`
	SchemaVersion int       `firestore:"schemaVersion"`
}

// vocabularyKey names the vocabulary of a release: its version, with the number of
// rows that decide, so that a vocabulary with concepts of one's own is another than
// the one without. One that does not know its version is like no other.
func vocabularyKey(data release.Data) string {
	r := data.Release
	if v := r.VocabularyVersion; v == "" || v == "unknown" {
		return data.Dataset.Project + "." + data.Dataset.ID
	}
	return fmt.Sprintf("%s concepts=%d ancestors=%d relationships=%d", r.VocabularyVersion, r.Rows["concept"], r.Rows["concept_ancestor"], r.Rows["concept_relationship"])
}

func resolutionID(hash, vocabularyKey string) string {
	sum := sha256.Sum256([]byte(hash + "\n" + vocabularyKey))
	return hex.EncodeToString(sum[:])
}

func packed(ids []int64) []byte {
	var b []byte
	last := int64(0)
	for _, id := range ids {
		b = binary.AppendUvarint(b, uint64(id-last))
		last = id
	}
	return b
}

func unpacked(b []byte) ([]int64, error) {
	ids := []int64{}
	last := int64(0)
	for len(b) > 0 {
		d, n := binary.Uvarint(b)
		if n <= 0 {
			return nil, fault.New(fault.Internal, "a resolution that is cut short")
		}
		last += int64(d)
		ids, b = append(ids, last), b[n:]
	}
	return ids, nil
}

// resolved gives the ids of the concepts that items stand for on a release's
// vocabulary, in order: as kept, or from BigQuery, which the hub pays for.
func (r room) resolved(ctx context.Context, p session.Principal, items []circe.Item, data release.Data) ([]int64, error) {
	hash, key := circe.ItemsHash(items), vocabularyKey(data)
	ref := r.client.Collection(conceptResolutions).Doc(resolutionID(hash, key))
	snap, err := ref.Get(ctx)
	kept, found, err := firestorex.Decode[resolution]("conceptSet.resolution", snap, err)
	if err != nil {
		return nil, firestorex.Fault("conceptSet.resolution", err)
	}
	if found && kept.Hash == hash && kept.Vocabulary == key {
		return unpacked(kept.Concepts)
	}
	if err := r.limits.Allow(ctx, paidQueries, p.UID); err != nil {
		return nil, err
	}
	asked, err := circe.Resolve([]circe.ConceptSet{{Items: items}}, data.Dataset)
	if err != nil {
		return nil, err
	}
	answer := asked.Answer()
	for _, st := range asked.Statements() {
		if err := r.vocabulary.rows(ctx, st, members(answer)); err != nil {
			return nil, err
		}
	}
	ids := append([]int64{}, answer.Concepts().Sets[0]...)
	if len(ids) > circe.MaxConcepts {
		return nil, fault.New(fault.TooLarge, "The concept set stands for more than %d concepts. Name fewer, or more special ones.", circe.MaxConcepts)
	}
	now := r.clock.Now()
	// Two at once write the same.
	_, err = ref.Set(ctx, resolution{hash, key, packed(ids), now, now.Add(resolutionKept), 1})
	return ids, firestorex.Fault("conceptSet.keep", err)
}

type resolutionOut struct {
	Body struct {
		ConceptSetID string    `json:"conceptSetId"`
		Version      int       `json:"version"`
		Hash         string    `json:"definitionHash"`
		ReleaseID    string    `json:"releaseId"`
		Vocabulary   string    `json:"vocabularyVersion"`
		Concepts     []int64   `json:"conceptIds" doc:"All of them, in order."`
		Warnings     []warning `json:"warnings,omitempty" doc:"What of the expression this vocabulary lacks, or has by another name."`
	}
}

func (r room) resolveConceptSet(ctx context.Context, in *struct {
	ConceptSetOf
	AtVersion
}) (*resolutionOut, error) {
	p := session.Must(ctx)
	w, _, err := r.gate.Workspace(ctx, p, in.Workspace, access.Run)
	if err != nil {
		return nil, err
	}
	data, err := r.releases.Of(ctx, w)
	if err != nil {
		return nil, err
	}
	s, v, _, err := r.conceptSet(ctx, in.ConceptSetOf, in.Version)
	if err != nil {
		return nil, err
	}
	// First it is used, then it is resolved: what is resolved cannot change any more.
	if v, err = r.useConceptSet(ctx, in.ConceptSetOf, v.Number); err != nil {
		return nil, err
	}
	items, err := v.items()
	if err != nil {
		return nil, err
	}
	out := &resolutionOut{}
	if out.Body.Concepts, err = r.resolved(ctx, p, items, data); err != nil {
		return nil, err
	}
	cat, err := r.vocabulary.of(ctx, data)
	if err != nil {
		return nil, err
	}
	if out.Body.Warnings, err = r.vocabularyWarnings(ctx, cat, items); err != nil {
		return nil, err
	}
	out.Body.ConceptSetID, out.Body.Version, out.Body.Hash = s.ID, v.Number, v.Hash
	out.Body.ReleaseID, out.Body.Vocabulary = data.Release.ID, data.Release.VocabularyVersion
	return out, nil
}

// vocabularyWarnings name items whose concepts a vocabulary does not have, or has
// as invalid, or as not standard where nothing maps: no event is recorded by them.
func (r room) vocabularyWarnings(ctx context.Context, cat *catalogue, items []circe.Item) ([]warning, error) {
	ids := make([]int64, len(items))
	for i, it := range items {
		ids[i] = it.ConceptID
	}
	list, err := r.named(ctx, cat, ids)
	if err != nil {
		return nil, err
	}
	known := map[int64]vocabulary.Concept{}
	for _, c := range list {
		known[c.ID] = c
	}
	out := itemWarnings(items)
	for i, it := range items {
		if len(out) >= maxWarnings {
			break
		}
		c, found := known[it.ConceptID]
		switch {
		case !found:
			out = append(out, warning{itemPath(i), "The vocabulary of this release has no such concept: nothing matches."})
		case c.Invalid != "":
			out = append(out, warning{itemPath(i), "The concept is invalid in this vocabulary: look for the one that replaces it."})
		case c.Standard == "" && !it.Excluded:
			out = append(out, warning{itemPath(i), "The concept is not a standard one: events are recorded by the concept that it maps to."})
		}
	}
	return out, nil
}

type conceptSetConceptsOut struct {
	Body struct {
		Items      []concept `json:"items"`
		Next       string    `json:"next,omitempty" doc:"Give it as cursor for the next page; absent after the last."`
		Total      int       `json:"total"`
		Version    int       `json:"version"`
		ReleaseID  string    `json:"releaseId"`
		Vocabulary string    `json:"vocabularyVersion"`
	}
}

// setOnRelease reads a version of a concept set, and what it stands for on the
// data release of its workspace, for a caller who may read that.
func (r room) setOnRelease(ctx context.Context, of ConceptSetOf, number int) (side, *catalogue, error) {
	p := session.Must(ctx)
	w, _, err := r.gate.Workspace(ctx, p, of.Workspace, access.Read)
	if err != nil {
		return side{}, nil, err
	}
	data, err := r.releases.Of(ctx, w)
	if err != nil {
		return side{}, nil, err
	}
	s, err := r.sideOn(ctx, p, of, number, data)
	if err != nil {
		return side{}, nil, err
	}
	cat, err := r.vocabulary.of(ctx, data)
	return s, cat, err
}

func (r room) conceptSetConcepts(ctx context.Context, in *struct {
	ConceptSetOf
	AtVersion
	api.PageIn
}) (*conceptSetConceptsOut, error) {
	set, cat, err := r.setOnRelease(ctx, in.ConceptSetOf, in.Version)
	if err != nil {
		return nil, err
	}
	v, data := set.version, set.data
	list, err := r.named(ctx, cat, set.ids)
	if err != nil {
		return nil, err
	}
	asked := []string{in.ConceptSet, strconv.Itoa(v.Number), v.Hash}
	part, next, err := slicePage(in.PageIn, data.Dataset, asked, list)
	if err != nil {
		return nil, err
	}
	out := &conceptSetConceptsOut{}
	out.Body.Items = make([]concept, len(part))
	for i, c := range part {
		out.Body.Items[i] = r.vocabulary.show(c)
	}
	out.Body.Next, out.Body.Total, out.Body.Version = next, len(list), v.Number
	out.Body.ReleaseID, out.Body.Vocabulary = data.Release.ID, data.Release.VocabularyVersion
	return out, nil
}

type recommendationsOut struct {
	Body struct {
		Items []sibling `json:"items" doc:"At most 200: those that share the most parents with what the set names, then those that most participants have."`
	}
}

// maxRecommended bounds the items whose siblings are looked for.
const maxRecommended = 1000

func (r room) recommendConcepts(ctx context.Context, in *struct {
	ConceptSetOf
	AtVersion
}) (*recommendationsOut, error) {
	set, cat, err := r.setOnRelease(ctx, in.ConceptSetOf, in.Version)
	if err != nil {
		return nil, err
	}
	var ids []int64
	// What the set has already, and what it names to exclude: nobody wants that back.
	without := slices.Clone(set.ids)
	for _, it := range set.items {
		if !it.Excluded && len(ids) < maxRecommended {
			ids = append(ids, it.ConceptID)
		}
		without = append(without, it.ConceptID)
	}
	slices.Sort(ids)
	key := strings.Join([]string{"set", set.data.Dataset.ID, set.version.Hash}, " ")
	out := &recommendationsOut{}
	var known bool
	if out.Body.Items, known = r.vocabulary.beside.get(key); known {
		return out, nil
	}
	out.Body.Items, err = r.recommended(ctx, session.Must(ctx), cat, slices.Compact(ids), without)
	if err == nil {
		r.vocabulary.beside.put(key, out.Body.Items)
	}
	return out, err
}
