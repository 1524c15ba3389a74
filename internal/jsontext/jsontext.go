// Package jsontext writes text as JSON does.
package jsontext

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// Append appends a JSON string. It escapes as encoding/json does with HTML
// escaping off.
func Append(dst []byte, s string) []byte {
	if !plain(s) {
		return escaped(dst, s)
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}

// plain reports whether a text needs no escapes.
func plain(s string) bool {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c < ' ' || c == '"' || c == '\\' {
				return false
			}
			i++
			continue
		}
		const lines, paragraphs = '\u2028', '\u2029' // separators, which JavaScript took for ends of lines
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError || r == lines || r == paragraphs {
			return false
		}
		i += n
	}
	return true
}

func escaped(dst []byte, s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a buffer takes everything, and text can be written
	return append(dst, bytes.TrimSuffix(b.Bytes(), []byte{'\n'})...)
}
