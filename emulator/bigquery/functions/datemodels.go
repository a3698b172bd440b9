package functions

import (
	"slices"

	"researchhub.example/hub/emulator/bigquery/duck"
	"researchhub.example/hub/emulator/bigquery/functions/civil"
)

// dateModels are CAST ... FORMAT to and from STRING. A DATE comes and goes as
// its midnight, a parsed TIME as a DATETIME.
var dateModels = slices.Concat(
	models("date", civil.KindDate, "t"), models("datetime", civil.KindDatetime, "t"), models("time", civil.KindTime, "m"), models("timestamp", civil.KindTimestamp, "t"),
)

func models(name string, k civil.Kind, letter string) []duck.Scalar {
	zone := ""
	if k == civil.KindTimestamp {
		zone = "s"
	}
	zoneOf := func(in *duck.Row) (*civil.Zone, error) {
		if zone == "" {
			return civil.UTC, nil
		}
		return civil.LoadZone(in.Text(2))
	}
	return []duck.Scalar{
		{Name: "hub_model_" + name, Signature: letter + "s" + zone + "s", Fn: textResult(func(in *duck.Row) (string, error) {
			z, err := zoneOf(in)
			if err != nil {
				return "", err
			}
			local, err := z.CivilChecked(in.Int64(0))
			if err != nil {
				return "", err
			}
			return civil.FormatModel(k, in.Text(1), local, in.Int64(0), z)
		})},
		{Name: "hub_of_model_" + name, Signature: "ss" + zone + "t", Fn: micros(func(in *duck.Row) (int64, error) {
			z, err := zoneOf(in)
			if err != nil {
				return 0, err
			}
			return civil.ParseModel(k, in.Text(1), in.Text(0), z)
		})},
	}
}
