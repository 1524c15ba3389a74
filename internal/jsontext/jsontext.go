// Package jsontext writes text as JSON does.
package jsontext

import (
	"bytes"
	"encoding/json"
	"strings"
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
	ascii := true
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ' || c == '"' || c == '\\':
			return false
		case c >= utf8.RuneSelf:
			ascii = false
			const lines, paragraphs = "\u2028", "\u2029" // separators, which JavaScript took for ends of lines
			if c == lines[0] && (strings.HasPrefix(s[i:], lines) || strings.HasPrefix(s[i:], paragraphs)) {
				return false
			}
		}
	}
	return ascii || utf8.ValidString(s)
}

func escaped(dst []byte, s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a buffer takes everything, and text can be written
	return append(dst, bytes.TrimSuffix(b.Bytes(), []byte{'\n'})...)
}
