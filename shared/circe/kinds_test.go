package circe

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// samples are values of each kind of attribute, the first a plain one.
var samples = map[kind][]string{
	dateRange:      {`{"Value":"2010-01-31","Op":"gt"}`, `{"Value":"2010-01-31","Op":"!bt","Extent":"2011-02-28"}`},
	intRange:       {`{"Value":3,"Op":"gte"}`, `{"Value":1.5,"Op":"bt","Extent":-2}`},
	decimalRange:   {`{"Value":0.5,"Op":"lt"}`, `{"Value":1e3,"Op":"!bt","Extent":1000.00001}`},
	conceptList:    {`[{"CONCEPT_ID":8507}]`, `[{"CONCEPT_ID":2,"CONCEPT_NAME":"two"},{"CONCEPT_ID":1},{"CONCEPT_ID":2}]`},
	conceptSet:     {`{"CodesetId":1,"IsExclusion":false}`, `{"IsExclusion":true}`},
	textFilter:     {`{"Text":"a","Op":"contains"}`, `{"Text":"50%_é\\'\n","Op":"!endsWith"}`},
	abnormal:       {`true`, `true`},
	setNumber:      {`1`, `99`},
	careSiteRegion: {`1`, `99`},
}

// whole makes a definition of its primary criteria.
func whole(criteria ...string) string {
	return `{"ConceptSets":[{"id":0,"name":"a","expression":{"items":[{"concept":{"CONCEPT_ID":1},"includeDescendants":true}]}},` +
		`{"id":1,"name":"b","expression":{"items":[{"concept":{"CONCEPT_ID":2}},{"concept":{"CONCEPT_ID":2},"isExcluded":true,"includeMapped":true}]}}],` +
		`"PrimaryCriteria":{"CriteriaList":[` + strings.Join(criteria, ",") + `],"PrimaryCriteriaLimit":{"Type":"All"}}}`
}

// attributesOf writes all attributes of some names, each with its nth sample, and
// the flags that belong to them.
func attributesOf(all map[string]attribute, n int) []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		a := all[name]
		list = append(list, fmt.Sprintf("%q:%s", name, samples[a.kind][n]))
		if a.exclude != "" {
			list = append(list, fmt.Sprintf("%q:%t", a.exclude, n == 1))
		}
	}
	return list
}

// fullest writes a criterion with everything that its type knows, in the nth way.
func (d *domain) fullest(n int) string {
	list := attributesOf(d.attributes, n)
	if d.concept != "" {
		list = append(list, `"CodesetId":0`)
	}
	if d.sourceField != "" {
		list = append(list, fmt.Sprintf("%q:1", d.sourceField))
	}
	if !d.single {
		list = append(list, `"First":true`)
	}
	if d.period {
		list = append(list, `"UserDefinedPeriod":{"StartDate":"2010-01-01","EndDate":"2011-01-01"}`)
	}
	list = append(list, `"DateAdjustment":{"StartWith":"END_DATE","StartOffset":-3,"EndWith":"START_DATE","EndOffset":4}`)
	return fmt.Sprintf(`{%q:{%s}}`, d.name, strings.Join(list, ","))
}

// domainNames are the criteria types in order.
func domainNames() []string { return slices.Sorted(maps.Keys(domains)) }
