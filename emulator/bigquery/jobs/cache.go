package jobs

import "researchhub.example/hub/emulator/bigquery/store"

// cached is a result that answers the same query again.
type cached struct{ table *store.Table }
