package circe

import (
	"encoding/binary"
	"strconv"

	"researchhub.example/hub/shared/statement"
)

// valueKey tells parameters of different values apart, whatever their names: a
// concept set's may hold some thousand numbers, which stand in it as they are.
func valueKey(p statement.Param) string {
	b := make([]byte, 0, 64+len(p.Text)+8*len(p.Ints))
	b = append(append(b, p.Kind...), ' ')
	b = append(strconv.AppendInt(b, p.Int, 10), ' ')
	b = append(strconv.AppendFloat(b, p.Float, 'g', -1, 64), ' ')
	b = strconv.AppendBool(strconv.AppendBool(b, p.Bool), p.IsNull)
	b = strconv.AppendQuote(b, p.Text)
	b = append(strconv.AppendInt(b, int64(len(p.Ints)), 10), ' ')
	for _, v := range p.Ints {
		b = binary.LittleEndian.AppendUint64(b, uint64(v))
	}
	for _, v := range p.Strs {
		b = strconv.AppendQuote(b, v)
	}
	return string(b)
}
