package main

import (
	"bufio"
	"fmt"
	"os"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

// familyRules name what several reasons have in common.
var familyRules = []struct {
	pattern *regexp.Regexp
	family  string
}{
	{regexp.MustCompile(`^FORM (?s:.*)$`), "a form that DuckDB does not bind"},
	{regexp.MustCompile(`^a table of the case: (.*)$`), "a table of the case: $1"},
	{regexp.MustCompile("^analysis: (?:Function|Table-valued function) not found: `?([A-Za-z0-9_.]+)`?.*$"), "the analyzer has no function $1"},
	{regexp.MustCompile(`^analysis: No matching signature for operator (\S+).*$`), "the analyzer has no operator $1 for these types"},
	{regexp.MustCompile(`^analysis: (.*)$`), "the analyzer: $1"},
}

// family is the name under which a refusal is counted.
func family(reason string) string {
	reason, _, _ = strings.Cut(reason, "\n")
	reason = strings.TrimSuffix(reason, " is not supported by the local BigQuery")
	for _, r := range familyRules {
		if r.pattern.MatchString(reason) {
			return r.pattern.ReplaceAllString(reason, r.family)
		}
	}
	return reason
}

// families counts reasons by family, without what differs from run to run.
func families(reasons map[string]int) map[string]int {
	out := map[string]int{}
	for reason, n := range reasons {
		if reason != leftOpen {
			out[family(reason)] += n
		}
	}
	return out
}

// byCount lists the families, the most frequent first.
func byCount(f map[string]int) []string {
	keys := make([]string, 0, len(f))
	for k := range f {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		if f[keys[i]] != f[keys[j]] {
			return f[keys[i]] > f[keys[j]]
		}
		return keys[i] < keys[j]
	})
	return keys
}

// writeFamilies writes a list of families, one a line: count, tab, name.
func writeFamilies(path string, f map[string]int) error {
	var b strings.Builder
	b.WriteString("# What the local BigQuery refuses of GoogleSQL's compliance cases, by count.\n" +
		"# A test holds it: it may only shrink (go test ./emulator/bigquery/compliance -update).\n")
	for _, k := range byCount(f) {
		fmt.Fprintf(&b, "%d\t%s\n", f[k], k)
	}
	return os.WriteFile(path, []byte(b.String()), 0o644)
}

// readFamilies reads what writeFamilies wrote.
func readFamilies(path string) (map[string]int, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	out := map[string]int{}
	sc := bufio.NewScanner(file)
	for sc.Scan() {
		if strings.HasPrefix(sc.Text(), "#") {
			continue
		}
		count, name, ok := strings.Cut(sc.Text(), "\t")
		n, err := strconv.Atoi(count)
		if !ok || err != nil {
			return nil, fmt.Errorf("%s: a line has no count: %q", path, sc.Text())
		}
		out[name] = n
	}
	return out, sc.Err()
}

// grown tells which families have more cases than the list allows.
func grown(allowed, now map[string]int) []string {
	var out []string
	for _, k := range byCount(now) {
		if now[k] > allowed[k] {
			out = append(out, fmt.Sprintf("%s: %d, at most %d", k, now[k], allowed[k]))
		}
	}
	return out
}

// total is the number of cases of all families.
func total(f map[string]int) int {
	n := 0
	for _, c := range f {
		n += c
	}
	return n
}
