package cohort

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"cloud.google.com/go/bigquery"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/limit"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/release"
	"researchhub.example/hub/shared/session"
	"researchhub.example/hub/shared/statement"
	"researchhub.example/hub/shared/vocabulary"
)

// paidQueries is how many queries of the vocabulary one caller may have the hub
// pay for, over all instances.
var paidQueries = limit.Rule{Name: "vocabulary.query", Most: 600, Window: 10 * time.Minute}

// links are what a concept's page needs of the vocabulary's tables. The hierarchy
// and the relationships of a full vocabulary have a hundred million rows, too many
// for memory; a concept has few.
type links struct {
	// above are the ancestors, the nearest first; below the children.
	above []ancestor
	below []int64
	// related are the relationships, by name.
	related []relation
	// cut says that there are more than are held.
	cut bool
}

type ancestor struct{ id, min, max int64 }

type relation struct {
	name string
	id   int64
}

// Kinds of row of linksStatement.
const (
	rowAbove = iota
	rowBelow
	rowRelated
)

// maxLinks bounds the rows that are held of one concept.
const maxLinks = 5000

// linksStatement gives a concept's ancestors, its children and its relationships.
// Nothing in it follows a link to the next, so a cycle in the vocabulary is two
// rows and no more.
func linksStatement(data omop.Dataset, id int64) statement.Statement {
	kin := data.Table("concept_ancestor")
	return statement.Statement{SQL: `SELECT kind, id, least, most, relationship FROM (
SELECT ` + strconv.Itoa(rowAbove) + ` AS kind, ancestor_concept_id AS id, MIN(min_levels_of_separation) AS least, MAX(max_levels_of_separation) AS most, CAST(NULL AS STRING) AS relationship
FROM ` + kin + ` WHERE descendant_concept_id = @id AND ancestor_concept_id <> @id GROUP BY ancestor_concept_id
UNION ALL
SELECT ` + strconv.Itoa(rowBelow) + ` AS kind, descendant_concept_id AS id, 1 AS least, 1 AS most, CAST(NULL AS STRING) AS relationship
FROM ` + kin + ` WHERE ancestor_concept_id = @id AND descendant_concept_id <> @id AND min_levels_of_separation = 1 GROUP BY descendant_concept_id
UNION ALL
SELECT ` + strconv.Itoa(rowRelated) + ` AS kind, concept_id_2 AS id, 0 AS least, 0 AS most, relationship_id AS relationship
FROM ` + data.Table("concept_relationship") + ` WHERE concept_id_1 = @id AND invalid_reason IS NULL GROUP BY concept_id_2, relationship_id
)
ORDER BY kind, least, relationship, id
LIMIT ` + strconv.Itoa(maxLinks+1), Params: []statement.Param{statement.IntParam("id", id)}}
}

// lately keeps the last answers, so that going up and down a hierarchy does not
// pay twice. They belong to a dataset, which never changes. The zero value is
// ready.
type lately[V any] struct {
	mu     sync.Mutex
	values map[string]V
	order  []string
}

// maxLately bounds the answers that are kept: with all links of each some 30 MB.
const maxLately = 256

func (l *lately[V]) get(key string) (V, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	v, found := l.values[key]
	return v, found
}

func (l *lately[V]) put(key string, v V) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.values == nil {
		l.values = map[string]V{}
	}
	if _, found := l.values[key]; !found {
		if len(l.order) == maxLately {
			delete(l.values, l.order[0])
			l.order = slices.Delete(l.order, 0, 1)
		}
		l.order = append(l.order, key)
	}
	l.values[key] = v
}

// linksOf reads a concept's links, or gives them as read lately.
func (r room) linksOf(ctx context.Context, p session.Principal, data omop.Dataset, id int64) (links, error) {
	key := data.ID + " " + strconv.FormatInt(id, 10)
	if l, found := r.vocabulary.links.get(key); found {
		return l, nil
	}
	if err := r.limits.Allow(ctx, paidQueries, p.UID); err != nil {
		return links{}, err
	}
	var l links
	n := 0
	err := r.vocabulary.rows(ctx, linksStatement(data, id), func(v []bigquery.Value) error {
		if n++; n > maxLinks {
			l.cut = true
			return errEnough
		}
		kind, _ := v[0].(int64)
		other, _ := v[1].(int64)
		least, _ := v[2].(int64)
		most, _ := v[3].(int64)
		switch kind {
		case rowAbove:
			l.above = append(l.above, ancestor{other, least, most})
		case rowBelow:
			l.below = append(l.below, other)
		default:
			l.related = append(l.related, relation{textOf(v[4]), other})
		}
		return nil
	})
	if err != nil {
		return links{}, err
	}
	r.vocabulary.links.put(key, l)
	return l, nil
}

// named gives the concepts of those ids, in the order of a search without text;
// those that the vocabulary does not have are left out. What is not held in memory
// is read.
func (r room) named(ctx context.Context, cat *catalogue, ids []int64) ([]vocabulary.Concept, error) {
	list, missing := cat.Among(ids)
	if len(missing) == 0 || !cat.partial {
		return list, nil
	}
	err := r.vocabulary.rows(ctx, statement.Statement{
		SQL:    "SELECT " + conceptColumns + "\nFROM " + conceptTables(cat.data) + "\nWHERE h.concept_id IN UNNEST(@ids)\nORDER BY concept_id",
		Params: []statement.Param{statement.IntsParam("ids", missing)},
	}, func(v []bigquery.Value) error {
		list = append(list, conceptOf(v))
		return nil
	})
	return list, err
}

// one gives one concept of a release with the vocabulary that it is in.
func (r room) one(ctx context.Context, releaseID string, id int64) (release.Data, *catalogue, vocabulary.Concept, error) {
	data, cat, err := r.catalogue(ctx, session.Must(ctx), releaseID)
	if err != nil {
		return data, nil, vocabulary.Concept{}, err
	}
	list, err := r.named(ctx, cat, []int64{id})
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "There is no such concept in this release's vocabulary.")
	}
	if err != nil {
		return data, nil, vocabulary.Concept{}, err
	}
	return data, cat, list[0], nil
}
