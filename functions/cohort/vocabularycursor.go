package cohort

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"

	"researchhub.example/hub/shared/api"
	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/omop"
	"researchhub.example/hub/shared/vocabulary"
)

// cursorTag is how many bytes of a hash stand in a cursor.
const cursorTag = 8

// A search's cursor is the place of the last concept shown, behind a hash of the
// dataset and one of what was asked for: places mean something on that dataset
// only, and in that search.
func cursorOf(data omop.Dataset, asked any, at vocabulary.Place) string {
	b := append(tag(data), tag(asked)...)
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint64(b, uint64(at)))
}

// tag hashes what has a JSON form: records of this package, which all have one.
func tag(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(raw)
	return sum[:cursorTag]
}

// parseCursor gives the place that a cursor says, nil for none. One of an earlier
// dataset is fault.Stale: a page of it would leave concepts out or show them twice.
func parseCursor(text string, data omop.Dataset, asked any) (*vocabulary.Place, error) {
	if text == "" {
		return nil, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) != 2*cursorTag+8 || !bytes.Equal(b[cursorTag:2*cursorTag], tag(asked)) {
		return nil, fault.New(fault.Invalid, "The cursor is not one that this list gave.")
	}
	if !bytes.Equal(b[:cursorTag], tag(data)) {
		return nil, fault.New(fault.Stale, "The release was loaded anew since the first page. Begin with the first page again.")
	}
	at := vocabulary.Place(binary.BigEndian.Uint64(b[2*cursorTag:]))
	return &at, nil
}

// slicePage gives a page of a list that is in memory, and the cursor of the next.
// The list is of one dataset and of what was asked for, so a place in it is a
// number.
func slicePage[T any](in api.PageIn, data omop.Dataset, asked any, list []T) ([]T, string, error) {
	at, err := parseCursor(in.Cursor, data, asked)
	if err != nil {
		return nil, "", err
	}
	from := 0
	if at != nil {
		from = int(min(uint64(*at), uint64(len(list))))
	}
	to := min(from+in.Limit, len(list))
	next := ""
	if to < len(list) {
		next = cursorOf(data, asked, vocabulary.Place(to))
	}
	return list[from:to], next, nil
}
