package value

import (
	"strconv"
	"time"

	"github.com/servicerules/rulebook/internal/jsontext"
)

// AppendJSON appends the canonical JSON of a value of a type to dst: null
// unless it is known, times and ratios as text, lengths of time as in ISO 8601, moments as Text has them, money as
// decimal text. The type names the fields of records; without one they are left
// out. It may know the currency of money; without one the currency is written.
func (v Value) AppendJSON(dst []byte, t *Type, zone *time.Location) []byte {
	if !v.IsKnown() {
		return append(dst, "null"...)
	}
	switch v.K {
	case YesNo:
		return strconv.AppendBool(dst, v.N != 0)
	case Count:
		return strconv.AppendInt(dst, v.N, 10)
	case Word, Name, Article:
		return jsontext.Append(dst, v.S())
	case List:
		dst = append(dst, '[')
		for i, e := range v.L() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = e.AppendJSON(dst, t.ItemType(), zone)
		}
		return append(dst, ']')
	case Record:
		dst = append(dst, '{')
		for i, e := range v.L() {
			if t == nil || i >= len(t.Fields) {
				break
			}
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(jsontext.Append(dst, t.Fields[i].Name), ':')
			dst = e.AppendJSON(dst, t.Fields[i].Type, zone)
		}
		return append(dst, '}')
	case Money:
		if t != nil && t.In == v.In { // whoever reads it knows the currency
			return append(v.AppendAmount(append(dst, '"')), '"')
		}
		return append(v.AppendText(append(dst, '"'), zone), '"')
	case Duration:
		return append(appendISO(append(dst, '"'), v.N), '"')
	default: // times and ratios, which need no escapes
		return append(v.AppendText(append(dst, '"'), zone), '"')
	}
}
