package translate

import "researchhub.example/hub/shared/googlesql"

func multilevel(*googlesql.AggregateScan) bool { return false }

func (t *translator) multilevelScan(*googlesql.AggregateScan) *rel { return nil }
