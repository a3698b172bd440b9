// Package id makes and checks the hub's identifiers: a short type prefix, an
// underscore and a ULID, such as "ws_01J9ZK3V5N8Q2T4R6W8Y0A1B2C". They sort by
// time of creation and say at a glance what they name.
//
// Uses github.com/oklog/ulid/v2: the reference implementation of the ULID
// specification, with monotonic entropy.
package id

import (
	"crypto/rand"
	"fmt"
	"regexp"
	"time"

	"github.com/oklog/ulid/v2"
)

// Kind is the prefix: what an identifier names.
type Kind string

// The kinds in use. A new record type adds its prefix here, so that no two share one.
const (
	Workspace   Kind = "ws"
	Cohort      Kind = "co"
	ConceptSet  Kind = "cs"
	DataSet     Kind = "ds"
	Run         Kind = "run"
	Environment Kind = "env"
	Notebook    Kind = "nb"
	Factor      Kind = "fa"
	Session     Kind = "ses"
	Challenge   Kind = "ch"
	Report      Kind = "rep"
	Event       Kind = "ev"
	Audit       Kind = "au"
	Alert       Kind = "al"
	Budget      Kind = "bu"
	Notice      Kind = "no"
	Request     Kind = "rq"
	Signature   Kind = "sg"
	Institution Kind = "inst"
	Note        Kind = "nt"
	Review      Kind = "rv"
	// ReviewRequest is a stranger's request for a review.
	ReviewRequest Kind = "rr"
	Copying       Kind = "cp"
	Snapshot      Kind = "sn"
	// ParticipantReview is a sample of a cohort's participants that is looked at one
	// by one.
	ParticipantReview Kind = "prs"
)

// New makes an identifier of that kind at that time.
func New(kind Kind, now time.Time) string {
	return string(kind) + "_" + ulid.MustNew(ulid.Timestamp(now), rand.Reader).String()
}

var form = regexp.MustCompile(`^([a-z]{2,4})_([0-7][0-9A-HJKMNP-TV-Z]{25})$`)

// Check reports whether s is an identifier of that kind. It guards every
// identifier that comes from outside before it becomes part of a path or a job id.
func Check(kind Kind, s string) error {
	m := form.FindStringSubmatch(s)
	if m == nil || m[1] != string(kind) {
		return fmt.Errorf("not an identifier of the form %s_<26 characters>", kind)
	}
	return nil
}
