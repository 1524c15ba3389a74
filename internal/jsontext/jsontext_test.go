package jsontext_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/internal/jsontext"
)

// What is appended is what encoding/json writes, escaped or not.
func TestAppend(t *testing.T) {
	piece := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("az \"\\/<>&'\t\n\r\x00\x1f\x7f\u0080é安装\u2027\u2028\u2029\ufffd\ufeff\U0001f600"))),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOfN(piece, 0, 4).Draw(t, "pieces"), "")
		var want bytes.Buffer
		e := json.NewEncoder(&want)
		e.SetEscapeHTML(false)
		if err := e.Encode(s); err != nil {
			t.Fatal(err)
		}
		if got := string(jsontext.Append([]byte("x:"), s)) + "\n"; got != "x:"+want.String() {
			t.Fatalf("%q: %s, not %s", s, got, want.String())
		}
	})
}
