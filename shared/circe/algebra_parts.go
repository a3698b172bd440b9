package circe

import (
	"fmt"
	"slices"
	"strings"

	"researchhub.example/hub/shared/statement"
)

// Node is a part of a combined cohort: one of its definitions, or an operation on
// parts.
type Node struct {
	// Cohort and Version name the stored cohort that the part is; empty for an
	// operation that stands inside a combination.
	Cohort  string
	Version int
	// Op is the operation, "" for a definition, which is then the Definition-th of
	// Definitions.
	Op         string
	Definition int
	Of         []Node
}

// Tree gives the cohort's parts as they are written.
func (w *Whole) Tree() Node { return w.root.node() }

func (p part) node() Node {
	n := Node{Cohort: p.cohort, Version: p.version, Op: p.op, Definition: p.leaf}
	for _, o := range p.of {
		n.Of = append(n.Of, o.node())
	}
	return n
}

// Definitions gives the definitions that the cohort comes down to, each once.
func (w *Whole) Definitions() []*Definition { return w.leaves }

// Written tells cohorts apart whose parts stand in another order, which Hash does
// not: with one text, the n-th part of the one is that of the other.
func (w *Whole) Written() string { return w.written(w.root) }

func (w *Whole) written(p part) string {
	if p.op == "" {
		return w.leaves[p.leaf].Hash()
	}
	texts := make([]string, len(p.of))
	for i, o := range p.of {
		texts[i] = w.written(o)
	}
	return p.op + "(" + strings.Join(texts, ",") + ")"
}

// PartCounts gives the statement of one row that says how a combination comes
// about: for each part of the outermost operation, in order, persons INT64 and
// events INT64 of the part alone; then, for each part after the first, those of
// what the operation gives up to and with that part. Events are periods, of which
// those that adjoin are one, as operations make them.
//
// Each definition's rows are read once. As in part, a period is two edges of a
// person's days, here of one bit for each definition: the running sum says which
// definitions hold the days up to the next edge, and each part is a condition on
// that. A part's period begins where the condition holds and did not just before.
func (w *Whole) PartCounts(o Options) (statement.Statement, error) {
	with, params, err := w.leafQueries(o)
	if err != nil {
		return statement.Statement{}, err
	}
	j := joiner{prefix: o.Prefix}
	var edges []string
	for i := range w.leaves {
		from := fmt.Sprintf("%sleaf%d", o.Prefix, i)
		edges = append(edges, fmt.Sprintf("SELECT subject_id, UNIX_DATE(cohort_start_date) AS day, %d AS bits FROM %s", 1<<i, from),
			fmt.Sprintf("SELECT subject_id, UNIX_DATE(cohort_end_date) + 1 AS day, -%d AS bits FROM %s", 1<<i, from))
	}
	days := j.add("days", "SELECT subject_id, day, SUM(bits) AS bits\nFROM (\n"+strings.Join(edges, "\nUNION ALL\n")+"\n)\nGROUP BY subject_id, day")
	held := j.add("held", "SELECT subject_id, day, SUM(bits) OVER (PARTITION BY subject_id ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS now\nFROM "+days)
	turns := j.add("turns", "SELECT subject_id, now, COALESCE(LAG(now) OVER (PARTITION BY subject_id ORDER BY day), 0) AS before\nFROM "+held)
	columns := []string{"subject_id"}
	n := len(w.root.of)
	now, before := make([]string, n), make([]string, n)
	for i, p := range w.root.of {
		now[i], before[i] = fmt.Sprintf("now%d", i), fmt.Sprintf("before%d", i)
		columns = append(columns, p.holds("now")+" AS "+now[i], p.holds("before")+" AS "+before[i])
	}
	parts := j.add("parts", "SELECT "+strings.Join(columns, ", ")+"\nFROM "+turns)
	columns = []string{"subject_id"}
	var totals []string
	count := func(now, before string) {
		at := len(totals) / 2
		columns = append(columns, fmt.Sprintf("LOGICAL_OR(%s) AS in%d", now, at), fmt.Sprintf("COUNTIF(%s AND NOT %s) AS begins%d", now, before, at))
		totals = append(totals, fmt.Sprintf("COUNTIF(in%d) AS persons%d", at, at), fmt.Sprintf("COALESCE(SUM(begins%d), 0) AS events%d", at, at))
	}
	for i := range n {
		count(now[i], before[i])
	}
	for i := 2; i <= n; i++ {
		count(joined(w.root.op, now[:i]), joined(w.root.op, before[:i]))
	}
	people := j.add("people", "SELECT "+strings.Join(columns, ", ")+"\nFROM "+parts+"\nGROUP BY subject_id")
	return statement.Statement{SQL: "WITH " + strings.Join(append(with, j.with...), ",\n") + "\nSELECT " + strings.Join(totals, ", ") + "\nFROM " + people, Params: params}, nil
}

// holds is the condition that the days of a set of definitions, given as bits, are
// the part's.
func (p part) holds(bits string) string {
	if p.op == "" {
		return fmt.Sprintf("(%s & %d) <> 0", bits, 1<<p.leaf)
	}
	texts := make([]string, len(p.of))
	for i, o := range p.of {
		texts[i] = o.holds(bits)
	}
	return joined(p.op, texts)
}

// joined is an operation on conditions.
func joined(op string, of []string) string {
	with := map[string]string{Union: " OR ", Intersection: " AND ", Difference: " AND NOT "}[op]
	return "(" + strings.Join(of, with) + ")"
}

// Days are days from First to Last, counted from any day.
type Days struct{ First, Last int64 }

// Decision says of one person which days a part holds.
type Decision struct {
	Node Node
	Days []Days
	Of   []Decision
}

// Decide says of one person how the cohort comes about part by part, given the
// days that each of Definitions holds for the person.
func (w *Whole) Decide(held [][]Days) Decision { return w.root.decide(held) }

func (p part) decide(held [][]Days) Decision {
	d := Decision{Node: p.node()}
	if p.op == "" {
		d.Days = held[p.leaf]
		return d
	}
	// The same edges as the statement's: see joiner.part.
	opens := map[int64]int{}
	for i, o := range p.of {
		one := o.decide(held)
		d.Of = append(d.Of, one)
		weight := 1
		if p.op == Difference && i == 0 {
			weight = len(p.of)
		}
		for _, s := range one.Days {
			opens[s.First] += weight
			opens[s.Last+1] -= weight
		}
	}
	days := make([]int64, 0, len(opens))
	for day := range opens {
		days = append(days, day)
	}
	slices.Sort(days)
	sum, kept := 0, false
	for _, day := range days {
		sum += opens[day]
		keep := sum > 0
		if p.op != Union {
			keep = sum == len(p.of)
		}
		switch {
		case keep && !kept:
			d.Days = append(d.Days, Days{First: day})
		case kept && !keep:
			d.Days[len(d.Days)-1].Last = day - 1
		}
		kept = keep
	}
	return d
}

// Explain gives the statement that says of a person what each of Definitions
// makes of them: definition INT64, then the columns of Definition.Explain. The
// definitions' periods come first, so that they are there however many rows are
// read.
func (w *Whole) Explain(o Options, person int64) (statement.Statement, error) {
	options, err := w.leafOptions(o)
	if err != nil {
		return statement.Statement{}, err
	}
	var rows []string
	var params []statement.Param
	for i, d := range w.leaves {
		one, err := d.Explain(options[i], person)
		if err != nil {
			return statement.Statement{}, err
		}
		rows = append(rows, fmt.Sprintf("SELECT %d AS definition, event, says, item, part, passed, start_date, end_date\nFROM (\n%s\n)", i, one.SQL))
		params = append(params, one.Params...)
	}
	return statement.Statement{SQL: "SELECT definition, event, says, item, part, passed, start_date, end_date\nFROM (\n" + strings.Join(rows, "\nUNION ALL\n") +
		"\n)\nORDER BY IF(event IS NULL, 0, 1), event, definition, says, item, part, start_date, end_date", Params: params}, nil
}
