package authorization

import (
	"encoding/json"
	"strings"
	"testing"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/access"
)

func asRole(s string) access.Role { return access.Role(s) }

func updates(path string, value any) []firestore.Update {
	return []firestore.Update{{Path: path, Value: value}}
}

// places are the paths' values of somebody who owns a workspace.
func (h *hub) places() map[string]string {
	return map[string]string{"workspace": workspaceID("registered", "owner"), "uid": "nobody-there"}
}

// schema is what of a JSON schema is looked at.
type schema struct {
	Ref        string             `json:"$ref"`
	Type       any                `json:"type"` // a name, or a list of them
	Properties map[string]*schema `json:"properties"`
	Items      *schema            `json:"items"`
	Enum       []any              `json:"enum"`
	MinLength  int                `json:"minLength"`
	Minimum    float64            `json:"minimum"`
	// Additional is false where a field that is not listed is refused.
	Additional any `json:"additionalProperties"`
}

// document is what of a function's OpenAPI document is looked at.
type document struct {
	Paths map[string]map[string]struct {
		RequestBody *struct {
			Content map[string]struct {
				Schema *schema `json:"schema"`
			} `json:"content"`
		} `json:"requestBody"`
	} `json:"paths"`
	Components struct {
		Schemas map[string]*schema `json:"schemas"`
	} `json:"components"`
}

func (h *hub) document(t testing.TB, function string) document {
	t.Helper()
	var d document
	a := h.send(t, request{method: "GET", path: "/" + function + "/openapi.json"})
	if err := json.Unmarshal(a.body, &d); err != nil {
		t.Fatalf("%s: %v", function, err)
	}
	return d
}

// body is the schema of what a route takes, nil where it takes nothing.
func (d document) body(r route) *schema {
	b := d.Paths[r.Path][strings.ToLower(r.Method)].RequestBody
	if b == nil {
		return nil
	}
	return d.resolve(b.Content["application/json"].Schema)
}

func (d document) resolve(s *schema) *schema {
	for s != nil && s.Ref != "" {
		s = d.Components.Schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")]
	}
	return s
}

func (h *hub) hasBody(t testing.TB, r route) bool { return h.document(t, r.function).body(r) != nil }

// names reports whether a schema lists the field, in whatever letter case: Go's
// JSON does not mind it.
func (s *schema) names(field string) bool {
	for name := range s.Properties {
		if strings.EqualFold(name, field) {
			return true
		}
	}
	return false
}

// open lists the places of a schema that take fields which nobody listed.
func (d document) open(s *schema, at string, seen map[*schema]bool) []string {
	s = d.resolve(s)
	if s == nil || seen[s] {
		return nil
	}
	seen[s] = true
	var list []string
	switch {
	case s.Properties != nil && s.Additional != false:
		list = append(list, at)
	case s.Type == nil && s.Properties == nil: // anything at all
		list = append(list, at)
	}
	for name, p := range s.Properties {
		list = append(list, d.open(p, at+"."+name, seen)...)
	}
	return append(list, d.open(s.Items, at+"[]", seen)...)
}
