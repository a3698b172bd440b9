package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"
)

// testCase is one case of a file.
type testCase struct {
	name     string
	sql      string
	expected string
	prepare  bool
	params   string
	features string
	timeZone string
	// elsewhere tells a case for engines that BigQuery is not one of: those whose
	// primary keys hold, or that lack a feature which the analyzer here has.
	elsewhere bool
}

var double = regexp.MustCompile(`(?i)\bDOUBLE\b`)

// readCases reads a file: cases between lines of ==, each with options in
// brackets, a statement, a line of --, and what is expected.
func readCases(path string) ([]*testCase, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the cases: %w", err)
	}
	var out []*testCase
	defaults := map[string]string{}
	var block []string
	flush := func() {
		if c := parseCase(block, defaults); c != nil {
			out = append(out, c)
		}
		block = nil
	}
	sc := bufio.NewScanner(bytes.NewReader(b))
	sc.Buffer(nil, 4<<20)
	for sc.Scan() {
		if strings.TrimSpace(sc.Text()) == "==" {
			flush()
			continue
		}
		block = append(block, sc.Text())
	}
	flush()
	return out, sc.Err()
}

func parseCase(lines []string, defaults map[string]string) *testCase {
	c := &testCase{timeZone: defaults["default_time_zone"], features: defaults["required_features"]}
	i := 0
	for ; i < len(lines); i++ {
		l := strings.TrimSpace(lines[i])
		if l == "" || strings.HasPrefix(l, "#") {
			continue
		}
		if !strings.HasPrefix(l, "[") {
			break
		}
		for !strings.HasSuffix(strings.TrimSpace(l), "]") && i+1 < len(lines) {
			i++
			l += "\n" + lines[i]
		}
		l = strings.TrimSpace(l)
		key, value, _ := strings.Cut(l[1:len(l)-1], "=")
		if d, ok := strings.CutPrefix(key, "default "); ok {
			defaults[strings.TrimSpace(d)] = value
			if d == "required_features" {
				c.features = value
			}
			if d == "default_time_zone" {
				c.timeZone = value
			}
			continue
		}
		switch key {
		case "name":
			c.name = value
		case "prepare_database":
			c.prepare = true
		case "primary_key_mode":
			c.elsewhere = c.elsewhere || value == "first_column_is_primary_key"
		case "forbidden_features":
			for _, f := range strings.Split(value, ",") {
				c.elsewhere = c.elsewhere || !foreignFeatures.MatchString(f)
			}
		case "parameters":
			c.params = value
		case "required_features":
			c.features += "," + value
		case "default_time_zone":
			// It holds for the rest of the file too.
			c.timeZone, defaults[key] = value, value
		}
	}
	var sql, want []string
	inWant := false
	for ; i < len(lines); i++ {
		switch {
		case strings.TrimSpace(lines[i]) == "--" && !inWant:
			inWant = true
		case inWant:
			if !strings.HasPrefix(lines[i], "#") {
				want = append(want, lines[i])
			}
		default:
			sql = append(sql, lines[i])
		}
	}
	for i := range sql {
		// The cases' internal name of FLOAT64.
		sql[i] = double.ReplaceAllString(sql[i], "FLOAT64")
	}
	c.params = double.ReplaceAllString(c.params, "FLOAT64")
	c.sql, c.expected = strings.TrimSpace(strings.Join(sql, "\n")), strings.TrimSpace(strings.Join(want, "\n"))
	if c.sql == "" {
		return nil
	}
	return c
}
