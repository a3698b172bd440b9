package circe

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"researchhub.example/hub/shared/statement"
)

// Hash names a cohort by its meaning. That of a combination is made of those of
// its definitions: the order of operands, naming one twice, and whether an
// operation is written in one or in steps change nothing of it.
func (w *Whole) Hash() string {
	if d, single := w.Definition(); single {
		return d.Hash()
	}
	sum := sha256.Sum256([]byte(w.text(w.root)))
	return hex.EncodeToString(sum[:])
}

// operands gives the texts of an operation's parts in one order, those of the
// same operation inside it among them, each once.
func (w *Whole) operands(p part) []string {
	var texts []string
	for _, o := range p.of {
		if o.op == p.op && p.op != Difference {
			texts = append(texts, w.operands(o)...)
		} else {
			texts = append(texts, w.text(o))
		}
	}
	from := 0
	if p.op == Difference {
		from = 1 // what is taken away has no order; what it is taken from has
	}
	slices.Sort(texts[from:])
	return append(texts[:from:from], slices.Compact(texts[from:])...)
}

// ConceptSets gives the concept sets of all definitions, numbered anew where
// there are several, as Resolve and Fragment take them.
func (w *Whole) ConceptSets() []ConceptSet {
	if _, single := w.Definition(); single {
		return w.leaves[0].ConceptSets
	}
	var sets []ConceptSet
	for _, d := range w.leaves {
		for _, s := range d.ConceptSets {
			s.ID = int64(len(sets))
			sets = append(sets, s)
		}
	}
	return sets
}

// Fragment compiles the cohort as a part of a larger statement. o.Sets are the
// concept ids of ConceptSets' numbers.
func (w *Whole) Fragment(o Options) (Fragment, error) {
	if d, single := w.Definition(); single {
		return d.Fragment(o)
	}
	f := Fragment{}
	with, params, err := w.leafQueries(o)
	if err != nil {
		return f, err
	}
	f.Params = params
	j := joiner{prefix: o.Prefix}
	name := j.part(w.root)
	f.With = strings.Join(append(with, j.with...), ",\n")
	f.Select = "SELECT subject_id, cohort_start_date, cohort_end_date\nFROM " + name
	return f, nil
}

// leafOptions gives each definition's own options: its concept sets by its own
// numbers, and names that no other's meet.
func (w *Whole) leafOptions(o Options) ([]Options, error) {
	total := 0
	for _, ids := range o.Sets {
		total += len(ids)
	}
	if total > MaxConcepts {
		return nil, tooMany(total)
	}
	number := int64(0)
	list := make([]Options, len(w.leaves))
	for i, d := range w.leaves {
		own := o
		own.Prefix = fmt.Sprintf("%sl%dx", o.Prefix, i)
		own.Sets = map[int64][]int64{}
		for _, s := range d.ConceptSets {
			own.Sets[s.ID] = o.Sets[number]
			number++
		}
		list[i] = own
	}
	return list, nil
}

// leafQueries gives the queries of the definitions' rows, named as part names them.
func (w *Whole) leafQueries(o Options) (with []string, params []statement.Param, err error) {
	options, err := w.leafOptions(o)
	if err != nil {
		return nil, nil, err
	}
	for i, d := range w.leaves {
		one, err := d.Fragment(options[i])
		if err != nil {
			return nil, nil, err
		}
		with = append(with, one.With, fmt.Sprintf("%sleaf%d AS (\n%s\n)", o.Prefix, i, one.Select))
		params = append(params, one.Params...)
	}
	return with, params, nil
}

// Compile gives the statement whose rows are the cohort.
func (w *Whole) Compile(o Options) (statement.Statement, error) {
	f, err := w.Fragment(o)
	return f.Statement(), err
}

// Count gives the statement of one row: persons INT64, events INT64.
func (w *Whole) Count(o Options) (statement.Statement, error) {
	f, err := w.Fragment(o)
	return f.Count(), err
}

// joiner writes the set operations.
type joiner struct {
	prefix string
	with   []string
}

func (j *joiner) add(role, sql string) string {
	name := fmt.Sprintf("%s%s%d", j.prefix, role, len(j.with))
	j.with = append(j.with, name+" AS (\n"+sql+"\n)")
	return name
}

// part names the query of a part's rows.
//
// A period is two edges of a person's days: it opens on its first day and closes
// on the day after its last. Between edges nothing changes, so a running sum says
// how many cohorts hold the days from one edge to the next, and the days to keep
// are those where the sum is right: one pass over the rows, whatever overlaps.
// The periods of one cohort never overlap each other. Days are whole numbers
// here, so that the day after 9999-12-31 is one too.
func (j *joiner) part(p part) string {
	if p.op == "" {
		return fmt.Sprintf("%sleaf%d", j.prefix, p.leaf)
	}
	var edges []string
	for i, o := range p.of {
		weight := 1
		if p.op == Difference && i == 0 {
			// More than all the others together: kept where it stands alone.
			weight = len(p.of)
		}
		from := j.part(o)
		edges = append(edges, fmt.Sprintf("SELECT subject_id, UNIX_DATE(cohort_start_date) AS day, %d AS opens FROM %s", weight, from),
			fmt.Sprintf("SELECT subject_id, UNIX_DATE(cohort_end_date) + 1 AS day, -%d AS opens FROM %s", weight, from))
	}
	keep := map[string]string{Union: "> 0", Intersection: fmt.Sprintf("= %d", len(p.of)), Difference: fmt.Sprintf("= %d", len(p.of))}[p.op]
	days := j.add("days", "SELECT subject_id, day, SUM(opens) AS opens\nFROM (\n"+strings.Join(edges, "\nUNION ALL\n")+"\n)\nGROUP BY subject_id, day")
	held := j.add("held", "SELECT subject_id, day, SUM(opens) OVER (PARTITION BY subject_id ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) "+keep+" AS kept\nFROM "+days)
	turns := j.add("turns", "SELECT subject_id, day, kept, COALESCE(LAG(kept) OVER (PARTITION BY subject_id ORDER BY day), FALSE) AS before\nFROM "+held)
	spans := j.add("spans", "SELECT subject_id, day, kept, LEAD(day) OVER (PARTITION BY subject_id ORDER BY day) AS ends\nFROM "+turns+"\nWHERE kept <> before")
	return j.add("joined", "SELECT subject_id, DATE_FROM_UNIX_DATE(day) AS cohort_start_date, DATE_FROM_UNIX_DATE(ends - 1) AS cohort_end_date\nFROM "+spans+"\nWHERE kept")
}
