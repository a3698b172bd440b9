package jobs

import (
	"context"
	"slices"

	bq "google.golang.org/api/bigquery/v2"

	"researchhub.example/hub/emulator/bigquery/store"
)

// minBilled is what BigQuery bills at least for each table that a query reads,
// and billedUnit what it rounds up to
// (cloud.google.com/bigquery/pricing#on_demand_pricing).
const (
	minBilled  = 10 << 20
	billedUnit = 1 << 20
)

// account works out the bytes that BigQuery would process and bill: the logical
// size of the columns really read, at least 10 MB for each table.
func (m *Manager) account(ctx context.Context, pl *plan) error {
	var processed int64
	qs := &bq.JobStatistics2{StatementType: "SELECT", Schema: store.Schema(columnsOf(pl.analysis))}
	pruned, upper, err := m.prune(ctx, pl)
	if err != nil {
		return err
	}
	for i, u := range pl.analysis.Tables {
		t := pl.tables[i]
		if t == nil {
			processed += minBilled // INFORMATION_SCHEMA
			continue
		}
		sizes := pruned[i]
		if sizes == nil {
			if sizes, err = m.Store.Bytes(ctx, t); err != nil {
				return err
			}
		}
		for k, c := range t.Columns {
			if slices.Contains(u.Columns, c.Name) {
				processed += sizes[k]
			}
		}
		qs.ReferencedTables = append(qs.ReferencedTables, &bq.TableReference{ProjectId: t.Key.Project, DatasetId: t.Key.Dataset, TableId: t.Key.Table})
	}
	if processed > 0 {
		pl.billed = max((processed+billedUnit-1)/billedUnit*billedUnit, int64(len(pl.tables))*minBilled)
	}
	qs.TotalBytesProcessed, qs.TotalBytesBilled = processed, pl.billed
	qs.TotalBytesProcessedAccuracy = "PRECISE"
	if upper {
		qs.TotalBytesProcessedAccuracy = "UPPER_BOUND"
	}
	qs.CacheHit = false
	qs.ForceSendFields = []string{"TotalBytesProcessed", "TotalBytesBilled", "CacheHit"}
	pl.stats = bq.JobStatistics{TotalBytesProcessed: processed, Query: qs, ForceSendFields: []string{"TotalBytesProcessed"}}
	return nil
}
