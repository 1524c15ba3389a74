package lsp_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What a keystroke in rules.yaml costs, from the message to the last finding:
// where the file is sound, where it has an error, and where it cannot be read.
// Of a burst of ten, what the last of them costs. They are to be there within
// 200 ms.
func BenchmarkKeystroke(b *testing.B) {
	sound := rulesFile(b)
	const list, word = "\nwords:\n", `request.kind == "install" and request.area_type == "urban"`
	require.Contains(b, sound, list)
	require.Contains(b, sound, word)
	idle := strings.Replace(sound, list, list+"  idle: {still: {zh: 闲, en: still}}\n", 1) // a warning that is found last
	for _, typed := range []struct {
		name, text, before, code string
		keys                     int
	}{
		{"sound", idle, "  idle", "unused_word_list", 1},
		{"error", strings.Replace(sound, word, strings.Replace(word, "install", "insta", 1), 1), `request.kind == "insta`, "unknown_word", 1},
		{"syntax", strings.Replace(sound, "en: urban}", "en: urban", 1), "en: urban", "yaml_syntax", 1},
		{"burst", idle, "  idle", "unused_word_list", 10},
	} {
		b.Run(typed.name, func(b *testing.B) {
			const path = "/book/rules.yaml"
			c := start(b, "zh", files{path: typed.text})
			c.open(path, typed.text)
			at := placeOf(typed.text, strings.Index(typed.text, typed.before)+len(typed.before))
			here := stretch{at, at}
			for n := 0; b.Loop(); n++ {
				name := fmt.Sprint("x", n)
				for range typed.keys {
					c.typeIn(path, here, name)
					here.End = place{at.Line, at.Character + len(name)}
				}
				for found := false; !found; {
					for _, f := range c.findings(path) {
						found = found || f.Code == typed.code && f.Range.Start.Line <= at.Line+1 && (typed.code == "yaml_syntax" || strings.Contains(f.Message, name))
					}
				}
			}
		})
	}
}
