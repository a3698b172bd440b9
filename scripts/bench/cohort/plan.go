package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// node is one operator of DuckDB's profile.
type node struct {
	Name     string         `json:"operator_name"`
	Time     float64        `json:"operator_timing"`
	Rows     int64          `json:"operator_cardinality"`
	Info     map[string]any `json:"extra_info"`
	Children []node         `json:"children"`
}

// plan prints a profile one operator a line: milliseconds, rows, what it does.
func plan(out io.Writer, profile []byte) error {
	var root node
	if err := json.Unmarshal(profile, &root); err != nil {
		return err
	}
	root.print(out, 0)
	return nil
}

func (n node) print(out io.Writer, depth int) {
	var info []string
	for _, k := range []string{"Table", "Join Type", "Conditions", "Filters", "Expression", "Groups", "CTE Name", "CTE Index"} {
		if v, ok := n.Info[k]; ok {
			text := fmt.Sprint(v)
			info = append(info, k+"="+text[:min(len(text), 120)])
		}
	}
	fmt.Fprintf(out, "%8.2f %9d %s%s %s\n", n.Time*1000, n.Rows, strings.Repeat(" ", depth), strings.TrimSpace(n.Name), strings.Join(info, " "))
	for _, c := range n.Children {
		c.print(out, depth+1)
	}
}
