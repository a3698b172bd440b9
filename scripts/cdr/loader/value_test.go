package loader

import (
	"errors"
	"strings"
	"testing"

	"researchhub.example/hub/shared/omop"
)

func TestConvert(t *testing.T) {
	cases := []struct {
		typ, in, want string
		err           error
	}{
		{omop.Int64, "", null, nil},
		{omop.Int64, "8507", "8507", nil},
		{omop.Int64, "-13", "-13", nil},
		{omop.Int64, "12.0", "12", nil},
		{omop.Int64, "12.5", "", errInt},
		{omop.Int64, " 12", "", errInt},
		{omop.Int64, "9223372036854775808", "", errInt},
		{omop.Float64, "1.5e-3", "1.5e-3", nil},
		{omop.Float64, "7", "7", nil},
		{omop.Float64, "NaN", "", errFloat},
		{omop.Float64, "+Inf", "", errFloat},
		{omop.Float64, "0x1p4", "", errFloat},
		{omop.Float64, "1e999", "", errFloat},
		{omop.Float64, "1,5", "", errFloat},
		{omop.Date, "", null, nil},
		{omop.Date, "2010-01-31", "2010-01-31", nil},
		{omop.Date, "20100131", "2010-01-31", nil},
		{omop.Date, "2010-01-31 00:00:00", "2010-01-31", nil},
		{omop.Date, "2010-01-31T00:00:00", "2010-01-31", nil},
		{omop.Date, "2010-01-31 10:00:00", "", errDate},
		{omop.Date, "2010-02-30", "", errDate},
		{omop.Date, "0000-01-01", "", errDate},
		{omop.Date, "31.01.2010", "", errDate},
		{omop.Datetime, "2010-01-31", "2010-01-31 00:00:00", nil},
		{omop.Datetime, "2010-01-31 13:45:06", "2010-01-31 13:45:06", nil},
		{omop.Datetime, "2010-01-31T13:45:06.25", "2010-01-31 13:45:06.25", nil},
		{omop.Datetime, "2010-01-31 13:45:06Z", "", errDatetime},
		{omop.Datetime, "yesterday", "", errDatetime},
		{omop.String, "", null, nil},
		{omop.String, "K92.2", "K92.2", nil},
		{omop.String, "a\xffb", "", errUTF8},
		{omop.String, strings.Repeat("a", maxText+1), "", errText},
	}
	for _, c := range cases {
		got, err := convert(c.typ, c.in)
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s %.40q: %q, %v; want %q, %v", c.typ, c.in, got, err, c.want, c.err)
		}
	}
}
