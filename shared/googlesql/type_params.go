package googlesql

import (
	"regexp"
	"strconv"

	gsql "github.com/goccy/go-googlesql"
)

// TypeParams are the parameters of a type: STRING(MaxLength), BYTES(MaxLength),
// NUMERIC(Precision, Scale), BIGNUMERIC(Precision, Scale). What is not given is
// 0. An ARRAY or STRUCT has those of its element or fields as children.
type TypeParams struct {
	MaxLength, Precision, Scale int
	Children                    []*TypeParams
}

// Child gives the parameters of the element, or of field i; nil if it has none.
func (p *TypeParams) Child(i int) *TypeParams {
	if p == nil || i >= len(p.Children) {
		return nil
	}
	return p.Children[i]
}

var (
	lengthText  = regexp.MustCompile(`^\(max_length=(\d+)\)$`)
	decimalText = regexp.MustCompile(`^\(precision=(\d+)(?:,\s*scale=(\d+))?\)$`)
)

// typeParams converts the parameters of a type; nil when there are none. The
// analyzer's binding can only set the numbers, so they are read from its text.
func (c *converter) typeParams(p *gsql.TypeParameters) *TypeParams {
	if p == nil || must(p.IsEmpty()) {
		return nil
	}
	if must(p.NumChildren()) > 0 {
		out := &TypeParams{}
		for _, child := range must(p.ChildList()) {
			out.Children = append(out.Children, c.typeParams(child))
		}
		return out
	}
	text := must(p.DebugString())
	if m := lengthText.FindStringSubmatch(text); m != nil {
		return &TypeParams{MaxLength: c.paramNumber(m[1])}
	}
	if m := decimalText.FindStringSubmatch(text); m != nil {
		return &TypeParams{Precision: c.paramNumber(m[1]), Scale: c.paramNumber(m[2])}
	}
	c.other("a type with the parameters " + text)
	return &TypeParams{}
}

func (c *converter) paramNumber(s string) int {
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		c.other("a type with a parameter of this size")
	}
	return n
}
