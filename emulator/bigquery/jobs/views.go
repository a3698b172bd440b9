package jobs

import (
	"context"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/store"
	"researchhub.example/hub/emulator/bigquery/translate"
	"researchhub.example/hub/shared/googlesql"
)

// prepareCreateView is CREATE VIEW. The query is kept as text and resolved
// whenever the view is read; it must be one that can be resolved by itself.
func (m *Manager) prepareCreateView(ctx context.Context, pl *plan, c *catalog, s *googlesql.CreateView) error {
	k, err := c.key(s.Path)
	if err != nil {
		return err
	}
	cols, err := m.viewColumns(ctx, k.Project, s.Query)
	if err != nil {
		return err
	}
	meta := &bq.Table{View: &bq.ViewDefinition{Query: s.Query, ForceSendFields: []string{"UseLegacySql"}}, Schema: store.Schema(cols)}
	if s.Named {
		for i, d := range s.Columns {
			if d.Name != cols[i].Name {
				return &translate.Unsupported{What: "a view that gives its columns other names than its query"}
			}
			if err := columnOptions(meta.Schema.Fields[i], d.Options); err != nil {
				return err
			}
		}
	}
	if err := tableOptions(meta, s.Options); err != nil {
		return err
	}
	if _, err := store.Columns(meta.Schema); err != nil {
		return err
	}
	return m.definition(ctx, pl, c, "CREATE_VIEW", k, func(ctx context.Context) (string, error) {
		_, existed, err := m.Store.Define(ctx, k, meta, existing[s.Mode], nil)
		return operation(existed, s.Mode), err
	})
}

// viewColumns resolves a view's query as it will be when it is read: its names
// are completed with the view's project, and not with a default data set.
func (m *Manager) viewColumns(ctx context.Context, project, query string) ([]googlesql.Column, error) {
	q := &bq.JobConfigurationQuery{Query: query}
	a, _, err := m.resolve(ctx, project, q, &Params{})
	if err != nil {
		return nil, err
	}
	if err := isViewQuery(a); err != nil {
		return nil, err
	}
	return columnsOf(a), checkOutputNames(columnsOf(a))
}

func isViewQuery(a *googlesql.Analysis) error {
	if a.Kind != googlesql.StatementQuery {
		return apierr.InvalidQuery("A view's query must be a single SELECT").At("query")
	}
	if len(a.Others) > 0 {
		return &translate.Unsupported{What: a.Others[0]}
	}
	return nil
}

// DefineView stores a view that was asked for through the API.
func (m *Manager) DefineView(ctx context.Context, k store.Key, meta *bq.Table) (*store.Table, error) {
	v := meta.View
	if len(v.UserDefinedFunctionResources) > 0 || v.PrivacyPolicy != nil || v.UseExplicitColumnNames {
		return nil, apierr.NotImplemented("views with user-defined functions, privacy policies or explicit column names are not supported by the local BigQuery")
	}
	v.ForceSendFields = []string{"UseLegacySql"}
	cols, err := m.viewColumns(ctx, k.Project, v.Query)
	if err != nil {
		return nil, QueryError(err)
	}
	meta.Schema = store.Schema(cols)
	if _, err := store.Columns(meta.Schema); err != nil {
		return nil, err
	}
	t, _, err := m.Store.Define(ctx, k, meta, store.RefuseExisting, nil)
	return t, err
}
