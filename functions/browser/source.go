package browser

import (
	"context"
	"errors"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/firestore"
	"google.golang.org/api/iterator"

	"researchhub.example/hub/shared/bigqueryx"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/statement"
)

// source is where releases and their concepts come from.
type source interface {
	// Releases gives the published releases.
	Releases(ctx context.Context) ([]omop.Release, error)
	// Concepts reads a dataset's concepts that participants have, those with the
	// most participants first.
	Concepts(ctx context.Context, dataset string) ([]row, error)
}

// cloudSource is source in Firestore and BigQuery.
type cloudSource struct {
	records *firestore.Client
	data    *bigquery.Client
	project string
	limits  limits
}

// maxReleases bounds the list of releases.
const maxReleases = 100

func (s cloudSource) Releases(ctx context.Context) ([]omop.Release, error) {
	it := s.records.Collection(omop.ReleasesCollection).
		Where("state", "==", string(omop.ReleasePublished)).Limit(maxReleases).Documents(ctx)
	defer it.Stop()
	var list []omop.Release
	for {
		snap, err := it.Next()
		if errors.Is(err, iterator.Done) {
			return list, nil
		}
		if err != nil {
			return nil, firestorex.Fault("browser.releases", err)
		}
		var r omop.Release
		if err := snap.DataTo(&r); err != nil {
			return nil, fault.Wrap("browser.releases", err)
		}
		list = append(list, r)
	}
}

// conceptColumns are the columns of hub_concept in the order of conceptRow.
const conceptColumns = "concept_id, concept_name, domain_id, vocabulary_id, concept_class_id, standard_concept, concept_code, persons, persons_with_descendants"

type conceptRow struct {
	ID         int64               `bigquery:"concept_id"`
	Name       string              `bigquery:"concept_name"`
	Domain     string              `bigquery:"domain_id"`
	Vocabulary string              `bigquery:"vocabulary_id"`
	Class      bigquery.NullString `bigquery:"concept_class_id"`
	Standard   bigquery.NullString `bigquery:"standard_concept"`
	Code       bigquery.NullString `bigquery:"concept_code"`
	Persons    int64               `bigquery:"persons"`
	Family     int64               `bigquery:"persons_with_descendants"`
}

// conceptStatement is the one statement of the Data Browser.
func conceptStatement(from omop.Dataset, most int) statement.Statement {
	return statement.Statement{
		SQL: "SELECT " + conceptColumns + " FROM " + from.Table("hub_concept") +
			" WHERE persons_with_descendants >= @least ORDER BY persons_with_descendants DESC, concept_id LIMIT @most",
		Params: []statement.Param{statement.IntParam("least", 1), statement.IntParam("most", int64(most))},
	}
}

func (s cloudSource) Concepts(ctx context.Context, dataset string) ([]row, error) {
	from := omop.Dataset{Project: s.project, ID: dataset}
	if err := from.Check(); err != nil {
		return nil, fault.Wrap("browser.concepts", err)
	}
	job, err := bigqueryx.Run(ctx, s.data, bigqueryx.Job{
		Statement: conceptStatement(from, s.limits.MaxConcepts), MaxBytesBilled: s.limits.MaxBytes,
		Labels: map[string]string{"purpose": "browser", "dataset": bigqueryx.Label(dataset)},
	})
	if err != nil {
		return nil, err
	}
	it, err := job.Read(ctx)
	if err != nil {
		return nil, bigqueryx.Fault("browser.concepts", err)
	}
	rows := make([]row, 0, min(it.TotalRows, uint64(s.limits.MaxConcepts)))
	for {
		var r conceptRow
		err := it.Next(&r)
		if errors.Is(err, iterator.Done) {
			return rows, nil
		}
		if err != nil {
			return nil, bigqueryx.Fault("browser.concepts", err)
		}
		rows = append(rows, row{ID: r.ID, Name: r.Name, Domain: r.Domain, Vocabulary: r.Vocabulary, Class: r.Class.StringVal,
			Standard: r.Standard.StringVal, Code: r.Code.StringVal, Persons: r.Persons, PersonsWithDescendants: r.Family})
	}
}
