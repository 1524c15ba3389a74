package source_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/source"
)

func parsed(t *testing.T, text string) *source.Node {
	t.Helper()
	root, found := source.Parse("a.yaml", []byte(text))
	require.Empty(t, found)
	return root
}

func TestSpliceChangesOneValue(t *testing.T) {
	for _, c := range []struct{ name, text, key, value, want string }{
		{"plain", "a: 5 days # why\nb: 1\n", "a", "4 days", "a: 4 days # why\nb: 1\n"},
		{"a map for a text", "a: 5 days\nb: 1\n", "a", "{by: date, 2020-01-01: 5 days}", "a: {by: date, 2020-01-01: 5 days}\nb: 1\n"},
		{"a text for a map", "a: {x: 1}\nb: 1\n", "a", "none", "a: none\nb: 1\n"},
		{"nothing there", "a:\nb: 1\n", "a", "x", "a: x\nb: 1\n"},
		{"a folded text", "a: >-\n  x\n  y\nb: 1\n", "a", "'z'", "a: 'z'\nb: 1\n"},
		{"Windows", "a: 1\r\nb: 2\r\n", "a", "3", "a: 3\r\nb: 2\r\n"},
	} {
		got, err := source.Splice([]byte(c.text), parsed(t, c.text).Get(c.key), c.value)
		require.NoError(t, err, c.name)
		assert.Equal(t, c.want, string(got), c.name)
	}
}

func TestSpliceIsRefusedWhereMoreWouldChange(t *testing.T) {
	text := "a: {x: 1, y: 2}\nb: 1\n"
	for _, value := range []string{"1, z: 3", "1}", "1 # comment", "[", "x: y: z", "\n"} {
		_, err := source.Splice([]byte(text), parsed(t, text).Get("a").Get("x"), value)
		assert.Error(t, err, "%q", value)
	}
	_, err := source.Splice([]byte(text+" "), parsed(t, text).Get("b"), "2")
	require.ErrorContains(t, err, "changed since")
	_, err = source.Splice([]byte(text), nil, "2")
	require.Error(t, err)
	_, err = source.Splice([]byte(text), parsed(t, text), "2")
	require.Error(t, err)
}

func TestAddEntry(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"in braces", "m: {a: 1, b: 2} # c\nz: 1\n", "m: {a: 1, b: 2, n: x} # c\nz: 1\n"},
		{"line by line", "m:\n  a: 1\n  b: 2 # c\nz: 1\n", "m:\n  a: 1\n  b: 2 # c\n  n: x\nz: 1\n"},
		{"at the end of the file", "m:\n  a: 1", "m:\n  a: 1\n  n: x"},
		{"behind a map", "m:\n  a:\n    c: 1\n\n# for z\nz: 1\n", "m:\n  a:\n    c: 1\n  n: x\n\n# for z\nz: 1\n"},
		{"behind a block of text", "m:\n  a: |\n    one\n    two\nz: 1\n", "m:\n  a: |\n    one\n    two\n  n: x\nz: 1\n"},
		{"Windows", "m:\r\n  a: 1\r\nz: 1\r\n", "m:\r\n  a: 1\r\n  n: x\r\nz: 1\r\n"},
		{"behind nothing", "m:\n  a:\nz: 1\n", "m:\n  a:\n  n: x\nz: 1\n"},
	} {
		got, err := source.AddEntry([]byte(c.text), parsed(t, c.text).Get("m"), "n", "x")
		if !assert.NoError(t, err, c.name) {
			continue
		}
		assert.Equal(t, c.want, string(got), c.name)
	}
	text := "m: {a: 1}\n"
	_, err := source.AddEntry([]byte(text), parsed(t, text).Get("m"), "a", "2")
	require.Error(t, err, "it is there")
	_, err = source.AddEntry([]byte(text), parsed(t, text).Get("m").Get("a"), "b", "2")
	require.Error(t, err, "no map")
	_, err = source.AddEntry([]byte(text), parsed(t, text).Get("m"), "b", "2, c: 3")
	require.Error(t, err, "two entries")
}

func TestWritten(t *testing.T) {
	for _, text := range []string{"4 days", "4 个工作日", "a: b", "a, b", "it's", `say "x"`, "# no", "x # y", "", "null", "~", "{", "[a", "- a", "&a", "*a", "!x", "%", "@", "`", "a\nb", "\t", " x", "x ", "：", "true"} {
		for _, inFlow := range []bool{false, true} {
			text, written := text, source.Written(text, inFlow)
			yaml := "a: " + written + "\n"
			n := parsed(t, yaml).Get("a")
			if inFlow {
				n = parsed(t, "a: {b: "+written+", c: d}\n").Get("a").Get("b")
			}
			assert.Equal(t, text, n.Text, "%q as %q", text, written)
			assert.Equal(t, source.Scalar, n.Kind, "%q as %q", text, written)
		}
	}
	assert.Equal(t, "4 days", source.Written("4 days", true))
	assert.Equal(t, "a, b", source.Written("a, b", false))
	assert.Equal(t, "'a, b'", source.Written("a, b", true))
}
