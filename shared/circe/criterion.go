package circe

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
)

// criterion reads {"ConditionOccurrence": {…}}.
func (r *reader) criterion(n *node) *criterion {
	c := &criterion{}
	r.countCriterion(n)
	o := r.object(n)
	if len(n.keys) != 1 {
		r.bad(n, "exactly one criteria type is expected")
		return c
	}
	name := n.keys[0]
	body := o.take(name)
	d, ok := domains[name]
	if !ok {
		r.bad(body, "there is no such criteria type")
		return c
	}
	c.domain = d
	if d.legacy {
		r.old(body.path(), "the criteria type "+name)
	}
	b := r.object(body)
	if d.concept != "" {
		if id, found := b.setID("CodesetId"); found {
			c.set = &id
		}
	}
	if d.sourceField != "" {
		if id, found := b.setID(d.sourceField); found {
			c.source = &id
		}
	}
	if !d.single {
		c.first = b.flag("First")
	}
	c.adjust = r.adjustment(b.take("DateAdjustment"))
	if d.period {
		c.period = r.period(b.take("UserDefinedPeriod"))
	}
	for _, attr := range d.names {
		c.filters = r.attribute(b, c.filters, attr, d.attributes[attr])
	}
	if g := b.take("CorrelatedCriteria"); g != nil {
		c.nested = r.group(g)
	}
	b.end()
	r.oddCriterion(body, c)
	return c
}

// setID reads a reference to a concept set.
func (o object) setID(name string) (int64, bool) {
	n := o.take(name)
	if n == nil {
		return 0, false
	}
	return o.r.reference(n), true
}

// reference reads the number of a concept set, which may be missing: see checkSets.
func (r *reader) reference(n *node) int64 {
	id := r.integer(n, 0, 1<<31-1)
	if _, ok := n.value.(json.Number); ok {
		r.refs = append(r.refs, n)
	}
	return id
}

func sortedNames(m map[string]attribute) []string { return slices.Sorted(maps.Keys(m)) }

// attribute reads one attribute, if it is there, and adds its filter.
func (r *reader) attribute(o object, list []filter, name string, a attribute) []filter {
	n := o.take(name)
	exclude := a.exclude != "" && o.flag(a.exclude)
	if n == nil {
		return list
	}
	kept := a // most attributes are not there, and cost nothing
	f := filter{name: name, attr: &kept, exclude: exclude}
	if a.legacy {
		r.old(n.path(), "the attribute "+name)
	}
	switch a.kind {
	case setNumber, careSiteRegion:
		id := r.reference(n)
		f.set = &id
	case dateRange, intRange, decimalRange:
		f.rng = r.valueRange(n, a.kind)
	case conceptList:
		for _, c := range o.list(name) {
			if r.items++; r.items > MaxItems {
				r.bad(c, "at most %d concepts are accepted together", MaxItems)
				return list
			}
			f.concepts = append(f.concepts, r.concept(c))
		}
		if len(f.concepts) == 0 {
			return list
		}
	case conceptSet:
		so := r.object(n)
		// Without a set any concept will do, or with IsExclusion none.
		if id, found := so.setID("CodesetId"); found {
			f.set = &id
		}
		f.exclude = so.flag("IsExclusion")
		so.end()
	case textFilter:
		so := r.object(n)
		f.text = so.text("Text")
		f.rng = &valueRange{op: so.text("Op")}
		so.end()
		if !slices.Contains(textOps, f.rng.op) {
			r.bad(so.at("Op"), "the Op contains, startsWith, endsWith, eq, or one of them with ! in front is expected")
		}
	case abnormal:
		if !o.flag(name) {
			return list
		}
	}
	return append(list, f)
}

var (
	textOps = []string{"contains", "!contains", "startsWith", "!startsWith", "endsWith", "!endsWith", "eq", "!eq"}
	ops     = map[string]string{"lt": "<", "lte": "<=", "eq": "=", "!eq": "!=", "gt": ">", "gte": ">="}
)

// valueRange reads {"Value": …, "Op": "bt", "Extent": …}.
func (r *reader) valueRange(n *node, k kind) *valueRange {
	o := r.object(n)
	v := &valueRange{op: o.text("Op")}
	value, extent := o.take("Value"), o.take("Extent")
	o.end()
	between := v.op == "bt" || v.op == "!bt"
	if _, ok := ops[v.op]; !ok && !between {
		r.bad(o.at("Op"), "the Op lt, lte, eq, !eq, gt, gte, bt or !bt is expected")
	}
	if value == nil {
		r.bad(n, "a Value is needed")
		return v
	}
	v.from = r.scalar(value, k)
	switch {
	case between && extent == nil:
		r.bad(n, "an Extent is needed with %s", v.op)
	case between:
		v.to = r.scalar(extent, k)
	case extent != nil:
		// ATLAS leaves an old extent behind when the operator changes.
		r.scalar(extent, k)
	}
	return v
}

func (r *reader) scalar(n *node, k kind) string {
	if k == dateRange {
		return r.date(n)
	}
	num, ok := n.value.(json.Number)
	f, err := num.Float64()
	if !ok || err != nil || f > 1e15 || f < -1e15 {
		r.bad(n, "a number of at most fifteen digits is expected")
		return "0"
	}
	if f == 0 {
		return "0"
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
