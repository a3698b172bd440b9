package loader

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"researchhub.example/hub/shared/omop"
)

// null is how NULL is written to BigQuery, so that it cannot be taken for "".
const null = `\N`

// maxText is the longest text taken into one field, in bytes: far more than any
// CDM field needs but a note's.
const maxText = 4 << 20

// The forms of dates and times that are taken; the first is what is written.
var (
	dateForms     = []string{time.DateOnly, "20060102", "2006-01-02 00:00:00", "2006-01-02T00:00:00"}
	datetimeForms = []string{"2006-01-02 15:04:05.999999", "2006-01-02T15:04:05.999999", "2006-01-02 15:04", time.DateOnly, "20060102"}
)

var (
	errInt      = errors.New("not a whole number")
	errFloat    = errors.New("not a number")
	errDate     = errors.New("not a date: use the form 2010-01-31")
	errDatetime = errors.New("not a date and time: use the form 2010-01-31 13:45:00, without a zone")
	errText     = errors.New("the text is longer than 4 MiB")
	errUTF8     = errors.New("the text is not UTF-8")
)

// convert brings a value into the form that BigQuery loads; "" is NULL.
func convert(typ, v string) (string, error) {
	if v == "" {
		return null, nil
	}
	switch typ {
	case omop.Int64:
		return convertInt(v)
	case omop.Float64:
		f, err := strconv.ParseFloat(v, 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) || strings.ContainsAny(v, "xX_pP") {
			return "", errFloat
		}
		return v, nil
	case omop.Date:
		return convertTime(v, dateForms, errDate)
	case omop.Datetime:
		return convertTime(v, datetimeForms, errDatetime)
	}
	return convertText(v)
}

// convertInt also takes 12.0, which tools write that know only one kind of number.
func convertInt(v string) (string, error) {
	whole, zeros, hasPoint := strings.Cut(v, ".")
	if hasPoint && strings.Trim(zeros, "0") != "" {
		return "", errInt
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return "", errInt
	}
	return strconv.FormatInt(n, 10), nil
}

func convertTime(v string, forms []string, wrong error) (string, error) {
	for _, form := range forms {
		t, err := time.Parse(form, v)
		if err != nil {
			continue
		}
		if t.Year() < 1 {
			return "", wrong
		}
		return t.Format(forms[0]), nil
	}
	return "", wrong
}

func convertText(v string) (string, error) {
	if len(v) > maxText {
		return "", errText
	}
	if !utf8.ValidString(v) {
		return "", errUTF8
	}
	return v, nil
}
