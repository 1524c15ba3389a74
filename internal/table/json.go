package table

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/servicerules/rulebook/internal/source"
)

// AppendJSON appends the facts of a row as JSON.
func AppendJSON(b []byte, n *source.Node) []byte {
	switch {
	case n == nil || n.Kind == source.Empty:
		return append(b, "null"...)
	case n.Kind == source.Map:
		b = append(b, '{')
		for i, e := range n.Entries {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendText(b, e.Key.Text), ':')
			b = AppendJSON(b, e.Value)
		}
		return append(b, '}')
	case n.Kind == source.Seq:
		b = append(b, '[')
		for i, x := range n.Items {
			if i > 0 {
				b = append(b, ',')
			}
			b = AppendJSON(b, x)
		}
		return append(b, ']')
	case n.Style == source.Plain && utf8.ValidString(n.Text) && json.Valid([]byte(n.Text)):
		return append(b, n.Text...)
	}
	return appendText(b, n.Text)
}

func appendText(b []byte, text string) []byte {
	data, err := json.Marshal(text)
	if err != nil { // it does not fail on strings
		return fmt.Appendf(b, "%q", text)
	}
	return append(b, data...)
}
