package store

import "time"

// nextPartition is where the partition after the one that begins at g begins: in
// days since 1970 for a DATE, in microseconds otherwise.
func nextPartition(days bool, unit string, g int64) int64 {
	const day = 86400_000_000
	us := g
	if days {
		us = g * day
	}
	at := time.UnixMicro(us).UTC()
	switch unit {
	case "HOUR":
		at = at.Add(time.Hour)
	case "DAY":
		at = at.AddDate(0, 0, 1)
	case "MONTH":
		at = at.AddDate(0, 1, 0)
	default:
		at = at.AddDate(1, 0, 0)
	}
	if days {
		return at.Unix() / 86400
	}
	return at.UnixMicro()
}
