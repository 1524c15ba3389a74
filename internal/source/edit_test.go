package source_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
)

func TestReplace(t *testing.T) {
	for _, c := range []struct{ name, before, text, after string }{
		{"plain", "a: 5 # 注\nk: 1", "6", "a: 6 # 注\nk: 1"},
		{"plain, Chinese", "a: 值", "另一个 值", "a: 另一个 值"},
		{"plain that needs quotes", "a: x", "b: c", "a: 'b: c'"},
		{"plain with a comment's mark", "a: x", "b # c", "a: 'b # c'"},
		{"plain with both quotes", "a: x", `it's: "b"`, `a: "it's: \"b\""`},
		{"plain that would be another key", "a: x", "1\nb: 2", `a: "1\nb: 2"`},
		{"plain that would be empty", "a: x", "null", "a: 'null'"},
		{"plain, nothing", "a: x", "", "a: ''"},
		{"plain, blanks around", "a: x", " b ", "a: ' b '"},
		{"plain with a tag's mark", "a: x", "!b", "a: '!b'"},
		{"plain of several lines", "a: x\n  y\nb: 1", "z", "a: z\nb: 1"},
		{"control characters", "a: x", "\x00\u2028\ttab", `a: "\u0000\u2028\ttab"`},
		{"within brackets", "a: {b: x, c: y}", "1", "a: {b: 1, c: y}"},
		{"single quotes", "a: 'x'", "it's", "a: 'it''s'"},
		{"single quotes and a break", "a: 'x'", "b\nc", `a: "b\nc"`},
		{"double quotes", `a: "x"  # c`, `b\c`, `a: "b\\c"  # c`},
		{"literal", "a: |\n  x\n  y\nb: 1", "one\n\n two\n", "a: |\n  one\n\n   two\nb: 1"},
		{"literal without break", "a: | # why\n  x\nb: 1", "one", "a: |- # why\n  one\nb: 1"},
		{"literal with returns", "a: |\r\n  x\r\nb: 1\r\n", "p\nq\n", "a: |\r\n  p\r\n  q\r\nb: 1\r\n"},
		{"literal to nothing", "a: |\n  x\nb: 1", "", "a: ''\nb: 1"},
		{"literal with margin", "a: |\n  x\nb: 1", " x", "a: ' x'\nb: 1"},
		{"literal with breaks", "a: |\n  x\nb: 1", "x\n\n\n", "a: \"x\\n\\n\\n\"\nb: 1"},
		{"folded", "a: >\n  x\n  y\nb: 1", "one\ntwo\n", "a: >\n  one\n\n  two\nb: 1"},
		{"folded, uneven", "a: >\n  x\nb: 1", "one\n  two\n", "a: |\n  one\n    two\nb: 1"},
		{"empty", "a:\nb: 1", "x", "a: x\nb: 1"},
		{"empty with a comment", "a:   # c\nb: 1", "x y", "a: x y   # c\nb: 1"},
		{"empty to nothing", "a:", "", "a: ''"},
		{"null", "a: null # c", "ge3", "a: ge3 # c"},
		{"tilde", "a: ~", "~", "a: '~'"},
		{"byte order mark", "\ufeffa: 值\r\n", "x", "\ufeffa: x\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := parse(t, c.before)
			node := n.Get("a")
			if node.Kind == source.Map {
				node = node.Get("b")
			}
			got, err := source.Replace([]byte(c.before), node, c.text)
			require.NoError(t, err)
			assert.Equal(t, c.after, string(got))
		})
	}
}

func TestReplaceKeysAndItems(t *testing.T) {
	const text = "a: [x, y]\nb:\n- p\n- q: r\n"
	n := parse(t, text)
	got, err := source.ReplaceAll([]byte(text), []source.Edit{
		{Node: n.Get("b").Items[1].Get("q"), Text: "3"},
		{Node: n.Entries[0].Key, Text: "新"},
		{Node: n.Get("a").Items[1], Text: "y, z"},
		{Node: n.Get("b").Items[0], Text: "- p"},
	})
	require.NoError(t, err)
	assert.Equal(t, "新: [x, 'y, z']\nb:\n- '- p'\n- q: 3\n", string(got))

	got, err = source.ReplaceAll([]byte(text), nil)
	require.NoError(t, err)
	assert.Equal(t, text, string(got))

	// Two keys may change places, though neither edit would hold alone.
	n = parse(t, "a: 1\nb: 2\n")
	got, err = source.ReplaceAll([]byte("a: 1\nb: 2\n"), []source.Edit{{Node: n.Entries[0].Key, Text: "b"}, {Node: n.Entries[1].Key, Text: "a"}})
	require.NoError(t, err)
	assert.Equal(t, "b: 1\na: 2\n", string(got))
}

func TestReplaceRefuses(t *testing.T) {
	const text = "a: 1\nb: [x]\n"
	n := parse(t, text)
	again := parse(t, text)
	refused := func(want string, data string, edits ...source.Edit) {
		t.Helper()
		got, err := source.ReplaceAll([]byte(data), edits)
		assert.Nil(t, got)
		var d diagnostic.Diagnostic
		require.ErrorAs(t, err, &d)
		assert.Equal(t, want, d.Code)
		assert.NotEmpty(t, d.Message.ZH)
		assert.NotEmpty(t, d.Remedy.EN)
	}
	a, key := n.Get("a"), n.Entries[1].Key
	refused("edit_not_scalar", text, source.Edit{})
	refused("edit_not_scalar", text, source.Edit{Node: n})
	refused("edit_not_scalar", text, source.Edit{Node: n.Get("b")})
	refused("edit_stale", text+"\n", source.Edit{Node: a, Text: "2"})
	refused("edit_overlap", text, source.Edit{Node: a, Text: "2"}, source.Edit{Node: a, Text: "3"})
	refused("edit_overlap", text, source.Edit{Node: a, Text: "2"}, source.Edit{Node: again.Get("b").Items[0], Text: "3"})
	refused("edit_refused", text, source.Edit{Node: key, Text: "a"})
	refused("edit_refused", text, source.Edit{Node: key, Text: ""})
	refused("edit_refused", text, source.Edit{Node: a, Text: "\xff"})
	refused("edit_refused", text, source.Edit{Node: a, Text: strings.Repeat("x", source.MaxBytes)})
}

// Whatever is written is read back, and nothing else changes.
func TestReplaceRoundTrip(t *testing.T) {
	const text = "k0: plain # c\nk1: 'single'\nk2: \"double\"\nk3: |\n  literal\n  lines\nk4: >-\n  folded\n" +
		"k5:\nk6: ~\nk7: {x: 1, y: [z, '']}\n"
	n := parse(t, text)
	var nodes []*source.Node
	var collect func(n *source.Node)
	collect = func(n *source.Node) {
		for _, e := range n.Entries {
			collect(e.Value)
		}
		for _, item := range n.Items {
			collect(item)
		}
		if n.Kind == source.Scalar || n.Kind == source.Empty {
			nodes = append(nodes, n)
		}
	}
	collect(n)
	anything := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ab中 :#'"\\\n,\[\]{}&*!|>%@\-?]{0,12}`))
	rapid.Check(t, func(t *rapid.T) {
		node := rapid.SampledFrom(nodes).Draw(t, "node")
		want := anything.Draw(t, "text")
		got, err := source.Replace([]byte(text), node, want)
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(string(got), text[:node.Start]))
		require.True(t, strings.HasSuffix(string(got), text[node.End:]))
		back, list := source.Parse("", got)
		require.Empty(t, list)
		found := false
		var find func(b *source.Node)
		find = func(b *source.Node) {
			if b.Path() == node.Path() {
				found = true
				require.Equal(t, want, b.Text)
			}
			for _, e := range b.Entries {
				find(e.Value)
			}
			for _, item := range b.Items {
				find(item)
			}
		}
		find(back)
		require.True(t, found)
	})
}
