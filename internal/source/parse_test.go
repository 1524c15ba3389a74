package source_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
)

// place writes a span as from line:column to line:column.
func place(s diagnostic.Span) string {
	return fmt.Sprintf("%d:%d-%d:%d", s.Start.Line, s.Start.Column, s.End.Line, s.End.Column)
}

func parse(t *testing.T, text string) *source.Node {
	t.Helper()
	n, list := source.Parse("rules.yaml", []byte(text))
	require.Empty(t, list)
	require.NotNil(t, n)
	return n
}

func TestGuards(t *testing.T) {
	many := func(n int, form string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, form, i)
		}
		return b.String()
	}
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"too large":             {"a: " + strings.Repeat("x", source.MaxBytes-2), []string{"file_too_large 1:1-1:1"}},
		"not utf-8":             {"a: 中\xff", []string{"not_utf8 1:5-1:6"}},
		"half a character":      {"a: 1\nb: \xe4\xb8", []string{"not_utf8 2:4-2:5"}},
		"utf-16 unmarked":       {"a\x00:\x00 \x001\x00", []string{"byte_order_mark 1:1-1:1"}},
		"utf-16 unmarked, big":  {"\x00a\x00:", []string{"byte_order_mark 1:1-1:1"}},
		"utf-16 little":         {"\xff\xfea\x00", []string{"byte_order_mark 1:1-1:1"}},
		"utf-16 big":            {"\xfe\xff\x00a", []string{"byte_order_mark 1:1-1:1"}},
		"utf-32 little":         {"\xff\xfe\x00\x00a\x00\x00\x00", []string{"byte_order_mark 1:1-1:1"}},
		"utf-32 big":            {"\x00\x00\xfe\xff\x00\x00\x00a", []string{"byte_order_mark 1:1-1:1"}},
		"mark within":           {"a: 1\n\ufeffb: 2", []string{"control_character 2:1-2:2"}},
		"nul":                   {"a: 中\x00", []string{"control_character 1:5-1:6"}},
		"escape and delete":     {"a: \x1b\nb: \x7f", []string{"control_character 1:4-1:5", "control_character 2:4-2:5"}},
		"next line":             {"a: x\u0085y", []string{"control_character 1:5-1:6"}},
		"line separator":        {"a: x\u2028y\u2029", []string{"control_character 1:5-1:6", "control_character 1:7-1:8"}},
		"direction":             {"a: \u202ex\u2066", []string{"control_character 1:4-1:5", "control_character 1:6-1:7"}},
		"not a character":       {"a: \uffff\ufffe", []string{"control_character 1:4-1:5", "control_character 1:5-1:6"}},
		"lone return":           {"a: 1\rb: 2", []string{"control_character 1:5-1:6"}},
		"return at the end":     {"a: 1\r", []string{"control_character 1:5-1:6"}},
		"tab first":             {"\ta: 1", []string{"tab_indent 1:1-1:2"}},
		"tab behind spaces":     {"a:\n  \t b: 1\n\tc: 1", []string{"tab_indent 2:3-2:5", "tab_indent 3:1-3:2"}},
		"deep lists":            {"a:\n" + strings.Repeat("- ", 32) + "x", []string{"too_deep 2:63-2:64"}},
		"deep brackets":         {"中: " + strings.Repeat("[", 32) + strings.Repeat("]", 32), []string{"too_deep 1:35-1:36"}},
		"deep and open":         {"a: " + strings.Repeat("[{a: ", 17), []string{"too_deep 1:84-1:85"}},
		"deep beyond all":       {strings.Repeat("- ", 20_000), []string{"too_deep 1:65-1:66"}},
		"deep keys":             {strings.Repeat("? ", 20_000), []string{"too_deep 1:65-1:66"}},
		"too many keys":         {many(2_001, "k%d: 1\n"), []string{"too_many_keys 2001:1-2001:2"}},
		"too many items":        {"a:\n" + strings.Repeat("- 1\n", 20_001), []string{"too_many_items 20002:3-20002:4"}},
		"too many marks":        {"a:\n" + strings.Repeat("- - 1\n", 50_000), []string{"too_many_nodes 50001:3-50001:4"}},
		"marks on one line":     {"a: [" + strings.Repeat(",", 100_000), []string{"too_many_nodes 1:100003-1:100004"}},
		"duplicate":             {"a: 1\n中: 2\n\"a\": 3\n中: 4", []string{"duplicate_key 3:1-3:4", "duplicate_key 4:1-4:2"}},
		"duplicate numbers":     {"x: {1: a, '1': b, 01: c}", []string{"duplicate_key 1:11-1:14"}},
		"anchor":                {"a: &x 1\nb: &y\n  c: 1", []string{"anchor 1:4-1:6", "anchor 2:4-2:6"}},
		"anchor of a key":       {"&x a: 1", []string{"anchor 1:1-1:3"}},
		"alias":                 {"a: &x 1\nb: *x", []string{"anchor 1:4-1:6", "alias 2:4-2:6"}},
		"alias of nothing":      {"a: '*x'\nbb: *x", []string{"alias 2:5-2:7"}},
		"alias as key":          {"a: &x 1\n*x : 2", []string{"anchor 1:4-1:6", "alias 2:1-2:3"}},
		"merge":                 {"a: 1\n<<: {b: 2}", []string{"merge_key 2:1-2:3"}},
		"negation":              {"when: !active", []string{"tag 1:7-1:14"}},
		"bare tag":              {"when: ! active", []string{"tag 1:7-1:8"}},
		"standard tag":          {"a: !!str 1\nb: !!map {}", []string{"tag 1:4-1:9", "tag 2:4-2:9"}},
		"long tag":              {"a: !<tag:x,2000:y> 1", []string{"tag 1:4-1:19"}},
		"tag of a list":         {"a: [!b [c]]", []string{"tag 1:5-1:7"}},
		"tag and anchor":        {"a: !b &c d\ne: &f !g h", []string{"tag 1:4-1:6", "anchor 1:7-1:9", "anchor 2:4-2:6", "tag 2:7-2:9"}},
		"tag at the end":        {"a: !b", []string{"tag 1:4-1:6"}},
		"second document":       {"a: 1\n---\nb: 1", []string{"second_document 2:1-2:4"}},
		"empty second":          {"a: 1\n---\n", []string{"second_document 2:1-2:4"}},
		"wrong second":          {"a: 1\n---\nb: [", []string{"yaml_syntax 3:1-3:5"}},
		"null item":             {"a:\n  -\n  - ~\n  - null\n  - x", []string{"null_item 2:3-2:4", "null_item 3:5-3:6", "null_item 4:5-4:9"}},
		"list as key":           {"? [a]\n: b", []string{"key_not_plain 1:3-1:4"}},
		"map as key":            {"{a: 1}: b", []string{"key_not_plain 1:1-1:2"}},
		"block as key":          {"? |\n  a\n: b", []string{"key_not_plain 1:3-2:4"}},
		"key on two lines":      {"? a\n  b\n: c", []string{"key_not_plain 1:3-2:4"}},
		"empty keys":            {"'': 1\n\"\": 2", []string{"key_not_plain 1:1-1:3", "key_not_plain 2:1-2:3"}},
		"nothing":               {"", []string{"empty_file 1:1-1:1"}},
		"a mark and nothing":    {"\ufeff", []string{"empty_file 1:1-1:1"}},
		"comments":              {"# a\n\n# b\n", []string{"empty_file 1:1-1:1"}},
		"an empty document":     {"---\n", []string{"empty_file 1:1-1:1"}},
		"a list":                {"- a\n- b", []string{"not_a_map 1:1-2:4"}},
		"a word":                {"中文", []string{"not_a_map 1:1-1:3"}},
		"a null":                {"~", []string{"not_a_map 1:1-1:2"}},
		"colon in text":         {"a: 1\nb: c: d", []string{"yaml_syntax 2:4-2:8"}},
		"bad indentation":       {"a: 1\nb:\n  - x\n  - y\n z: 1\nc: 1", []string{"yaml_syntax 5:2-5:6"}},
		"item not aligned":      {"a:\n  - x\n  y: 1\n", []string{"yaml_syntax 3:3-3:7"}},
		"text behind a quote":   {"a: 1\nb: 'x' y\nc: 1", []string{"yaml_syntax 2:4-2:9"}},
		"open bracket":          {"x: 1\na: [1, 2\nc: 3\n", []string{"yaml_syntax 2:4-2:5"}},
		"open quote":            {"a: 'x\n", []string{"yaml_syntax 1:4-1:5"}},
		"no colon":              {"x: 1\na\nb: 1", []string{"yaml_syntax 2:1-2:2"}},
		"reserved character":    {"x: 1\ny: @a", []string{"yaml_syntax 2:4-2:6"}},
		"unknown escape":        {`a: "\q"`, []string{"yaml_syntax 1:5-1:7"}},
		"item behind a key":     {"a: - b", []string{"yaml_syntax 1:1-1:7"}},
		"a directive":           {"%YAML 3.0\n---\na: 1", []string{"yaml_syntax 1:1-1:10"}},
		"brackets within text":  {"a: '" + strings.Repeat("[", 40) + "'\nb: c: d", []string{"yaml_syntax 2:4-2:8"}},
		"half-open ranges":      {"a: " + strings.Repeat("f(x) [0, 1) ", 40) + "\nb: c: d", []string{"yaml_syntax 2:4-2:8"}},
		"brackets in open text": {"a: \"x\nb: " + strings.Repeat("[]", 40), []string{"yaml_syntax 2:1-2:84"}},
	} {
		t.Run(name, func(t *testing.T) {
			n, list := source.Parse("rules.yaml", []byte(c.text))
			assert.Nil(t, n)
			var got []string
			for _, d := range list {
				got = append(got, d.Code+" "+place(d.Span))
				assert.Equal(t, diagnostic.Error, d.Severity)
				assert.Equal(t, "rules.yaml", d.Span.File)
				for _, text := range []diagnostic.Text{d.Message, d.Remedy} {
					assert.NotEmpty(t, text.ZH)
					assert.NotEmpty(t, text.EN)
				}
			}
			assert.Equal(t, c.want, got)
		})
	}
}

func TestGuardsLetPass(t *testing.T) {
	var keys, items strings.Builder
	for i := range source.MaxKeys {
		fmt.Fprintf(&keys, "k%d: 18:00\n", i)
	}
	items.WriteString("a:\n")
	for range source.MaxItems {
		items.WriteString("- 1\n")
	}
	for name, text := range map[string]string{
		"size":              "a: " + strings.Repeat("x", source.MaxBytes-3),
		"keys":              keys.String(),
		"items":             items.String(),
		"depth of lists":    "a:\n" + strings.Repeat("- ", 31) + "x",
		"depth of brackets": "a: " + strings.Repeat("[", 31) + strings.Repeat("]", 31),
		"half-open ranges":  "a: " + strings.Repeat("[0, 1) ", 100)[1:],
		"mark":              "\ufeffa: 1",
		"crlf":              "a: 1\r\nb:\r\n  - c\r\n",
		"tab within":        "a:\t1\t# x\ty",
		"quoted merge key":  "'<<': 1",
		"word null as key":  "null: 1\n~: 2",
		"marked start":      "---\na: 1\n",
		"marked end":        "a: 1\n...\n",
		"characters":        "a: \U0001f600 \u00a0é中",
		"numbers as keys":   "1: a\n0x1: b\n01: c",
	} {
		t.Run(name, func(t *testing.T) { parse(t, text) })
	}
}

func TestDuplicateNamesTheFirst(t *testing.T) {
	_, list := source.Parse("f", []byte("x:\n  a: 1\n  b: 2\n  a: 3\n"))
	require.Len(t, list, 1)
	require.Len(t, list[0].Related, 1)
	assert.Equal(t, "2:3-2:4", place(list[0].Related[0].Span))
	_, list = source.Parse("f", []byte(strings.Repeat("很长的键", 30)+": 1\n"+strings.Repeat("很长的键", 30)+": 1\n"))
	require.Len(t, list, 1)
	assert.Less(t, len([]rune(list[0].Message.ZH)), 80)
}

func TestTooManyFindings(t *testing.T) {
	for n, want := range map[int]int{100: 100, 101: 101, 5_000: 101} {
		for _, text := range []string{
			"a:\n" + strings.Repeat("-\n", n),
			"a: {x: 1" + strings.Repeat(", x: 1", min(n, 1_900)) + "}",
			strings.Repeat("\ta: 1\n", n),
		} {
			_, list := source.Parse("", []byte(text))
			require.Len(t, list, want)
			last := list[len(list)-1]
			assert.Equal(t, n > source.MaxFindings, last.Code == source.CodeTooManyFindings)
		}
	}
}

func TestNodes(t *testing.T) {
	n := parse(t, "title: 服务 规则   # 注释\n'it''s': 'it''s' #c\nd: \"x\\n\\u4e2d\"\nlit: |\n  when x\n    and y\n\nfold: > # note\n  one\n  two\n\n  three\nkeep: |+\n  x\n\nstrip: |2-\n   x\nflow: [a, {b: c}, 'd', ]  # end\nempty map: { # nothing\n  }\nnone:\nnil: null\ntilde: ~\nsaid: 'null'\nmore: first\n  second\n\n  third\n\"6.1\":\n- x\n- y: z\nquoted: \"a\n  b \\\n  c\"\nblank: |\n\nlast: >-\n  中文")
	assert.Equal(t, source.Map, n.Kind)
	assert.Equal(t, "", n.Path())
	assert.Equal(t, "1:1-38:5", place(n.Span))
	assert.Equal(t, []string{
		"title", "it's", "d", "lit", "fold", "keep", "strip", "flow", "empty map", "none", "nil", "tilde", "said",
		"more", "6.1", "quoted", "blank", "last",
	}, n.Keys())
	for key, want := range map[string]struct {
		kind    source.Kind
		style   source.Style
		text    string
		place   string
		comment string
		path    string
	}{
		"title":     {source.Scalar, source.Plain, "服务 规则", "1:8-1:13", "# 注释", "title"},
		"it's":      {source.Scalar, source.SingleQuoted, "it's", "2:10-2:17", "#c", "it's"},
		"d":         {source.Scalar, source.DoubleQuoted, "x\n中", "3:4-3:15", "", "d"},
		"lit":       {source.Scalar, source.Literal, "when x\n  and y\n", "4:6-6:10", "", "lit"},
		"fold":      {source.Scalar, source.Folded, "one two\nthree\n", "8:7-12:8", "", "fold"},
		"keep":      {source.Scalar, source.Literal, "x\n\n", "13:7-14:4", "", "keep"},
		"strip":     {source.Scalar, source.Literal, " x", "16:8-17:5", "", "strip"},
		"flow":      {source.Seq, source.Plain, "", "18:7-18:25", "", "flow"},
		"empty map": {source.Map, source.Plain, "", "19:12-20:4", "", `"empty map"`},
		"none":      {source.Empty, source.Plain, "", "21:6-21:6", "", "none"},
		"nil":       {source.Empty, source.Plain, "null", "22:6-22:10", "", "nil"},
		"tilde":     {source.Empty, source.Plain, "~", "23:8-23:9", "", "tilde"},
		"said":      {source.Scalar, source.SingleQuoted, "null", "24:7-24:13", "", "said"},
		"more":      {source.Scalar, source.Plain, "first second\nthird", "25:7-28:8", "", "more"},
		"6.1":       {source.Seq, source.Plain, "", "30:1-31:7", "", `"6.1"`},
		"quoted":    {source.Scalar, source.DoubleQuoted, "a b c", "32:9-34:5", "", "quoted"},
		"blank":     {source.Scalar, source.Literal, "", "35:8-35:9", "", "blank"},
		"last":      {source.Scalar, source.Folded, "中文", "37:7-38:5", "", "last"},
	} {
		v := n.Get(key)
		require.NotNil(t, v, key)
		assert.Equal(t, want.kind, v.Kind, key)
		assert.Equal(t, want.style, v.Style, key)
		assert.Equal(t, want.text, v.Text, key)
		assert.Equal(t, want.place, place(v.Span), key)
		assert.Equal(t, want.comment, v.LineComment, key)
		assert.Equal(t, want.path, v.Path(), key)
	}
	assert.Equal(t, `"6.1"[1].y`, n.Get("6.1").Items[1].Get("y").Path())
	assert.Equal(t, "6.1", n.Entries[14].Key.Text)
	assert.Equal(t, "29:1-29:6", place(n.Entries[14].Key.Span))
	assert.Equal(t, "flow[1].b", n.Get("flow").Items[1].Get("b").Path())
	assert.Equal(t, "18:11-18:17", place(n.Get("flow").Items[1].Span))

	assert.Nil(t, n.Get("absent"))
	var none *source.Node
	assert.Nil(t, none.Get("x"))
	assert.Nil(t, none.Keys())
	assert.Equal(t, "list", source.Seq.String())
	assert.Equal(t, "invalid", source.Kind(99).String())
}

func TestByteOrderMarkShiftsNothing(t *testing.T) {
	const text = "\ufeff键: 值"
	n := parse(t, text)
	v := n.Get("键")
	assert.Equal(t, "1:4-1:5", place(v.Span))
	assert.Equal(t, "值", text[v.Start:v.End])
}

func TestEmptyInFlow(t *testing.T) {
	n := parse(t, "{a, b: , 'c': }")
	for key, want := range map[string]string{"a": "1:3-1:3", "b": "1:7-1:7", "c": "1:14-1:14"} {
		assert.Equal(t, want, place(n.Get(key).Span), key)
	}
	n = parse(t, "? a\n# why\n: b\n")
	assert.Equal(t, "b", n.Get("a").Text)
	n = parse(t, "? a\n? b\n")
	assert.Equal(t, "1:4-1:4", place(n.Get("a").Span))
}

func TestSpanAt(t *testing.T) {
	n := parse(t, "p: 种类 == 3 and x\ns: 'it''s 中'\nd: \"a\\t\\\"\\u4e2d\\x41z\"\nl: |\n  a 中\n\n    b\n"+
		"f: >\n  one\n  two\ng: >\n  only\nm: a\n  b\n\n  c\ne: \"\"\nx: \"a\\\n  b\"\nn:\nk: |-\n  z")
	for _, c := range []struct {
		key      string
		from, to int
		want     string
	}{
		{"p", 0, 2, "1:4-1:6"},
		{"p", 6, 7, "1:10-1:11"},
		{"p", 3, 3, "1:7-1:7"},
		{"p", 13, 99, "1:17-1:17"},
		{"p", 12, 99, "1:16-1:17"},
		{"p", -5, 1, "1:4-1:5"},
		{"p", 5, 2, "1:9-1:9"},
		{"s", 0, 1, "2:5-2:6"},
		{"s", 2, 3, "2:7-2:9"},
		{"s", 5, 6, "2:11-2:12"},
		{"d", 1, 2, "3:6-3:8"},
		{"d", 2, 3, "3:8-3:10"},
		{"d", 3, 4, "3:10-3:16"},
		{"d", 4, 6, "3:16-3:21"},
		{"l", 2, 3, "5:5-5:6"},
		{"l", 5, 8, "7:3-7:6"},
		{"l", 7, 8, "7:5-7:6"},
		{"f", 3, 4, "9:6-10:1"}, // the break that became a space
		{"f", 4, 5, "10:3-10:4"},
		{"f", 7, 8, "10:6-11:1"},
		{"g", 1, 3, "12:4-12:6"},
		{"m", 2, 3, "14:3-14:4"},
		{"m", 4, 5, "16:3-16:4"},
		{"e", 0, 0, "17:4-17:6"},
		{"x", 0, 1, "18:5-18:6"}, // an escaped break is no character
		{"x", 1, 2, "19:3-19:4"},
		{"n", 0, 1, "20:3-20:3"},
		{"k", 0, 1, "22:3-22:4"},
	} {
		assert.Equal(t, c.want, place(n.Get(c.key).SpanAt(c.from, c.to)), "%s %d %d", c.key, c.from, c.to)
	}
	n = parse(t, "l: |\n  no break at the end")
	assert.Equal(t, "2:6-2:11", place(n.Get("l").SpanAt(3, 8)))
	n = parse(t, "l: |\r\n  a\r\n  b\r\n")
	assert.Equal(t, "3:3-3:4", place(n.Get("l").SpanAt(2, 3)))
	n = parse(t, "q: 'a  b\n  c'")
	assert.Equal(t, "2:3-2:4", place(n.Get("q").SpanAt(5, 6)))
}

// words are texts that need no quotes in a block map.
var words = rapid.StringMatching(`[\p{Han}A-Za-z][\p{Han}A-Za-z0-9_é😀]{0,8}( [\p{Han}a-z0-9]{1,5}){0,3}`)

// Every plain scalar of a file slices out of it by its own span and offsets.
func TestPlainScalarsSliceOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		margin := rapid.IntRange(0, 3).Draw(t, "margin")
		if rapid.Bool().Draw(t, "mark") {
			b.WriteString("\ufeff")
		}
		newline := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "newline")
		want := map[string]string{}
		for i := range rapid.IntRange(1, 12).Draw(t, "keys") {
			key, value := fmt.Sprintf("%s%d", words.Draw(t, "key"), i), words.Draw(t, "value")
			if value == "null" || value == "Null" || value == "NULL" {
				value += "x"
			}
			want[key] = value
			b.WriteString(strings.Repeat(" ", margin) + key + ":" + strings.Repeat(" ", rapid.IntRange(1, 3).Draw(t, "gap")) + value)
			b.WriteString(rapid.SampledFrom([]string{"", " # 注", "  ", newline, newline + "# 中"}).Draw(t, "rest") + newline)
		}
		text := b.String()
		n, list := source.Parse("", []byte(text))
		require.Empty(t, list)
		require.Len(t, n.Entries, len(want))
		lines := strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n")
		for _, e := range n.Entries {
			require.Equal(t, want[e.Key.Text], e.Value.Text)
			for _, s := range []*source.Node{e.Key, e.Value} {
				require.Equal(t, s.Text, text[s.Start:s.End])
				line := []rune(lines[s.Span.Start.Line-1])
				require.Equal(t, s.Span.Start.Line, s.Span.End.Line)
				require.Equal(t, s.Text, string(line[s.Span.Start.Column-1:s.Span.End.Column-1]))
				for i := range []rune(s.Text) {
					at := s.SpanAt(i, i+1)
					require.Equal(t, string([]rune(s.Text)[i]), string(line[at.Start.Column-1:at.End.Column-1]))
				}
			}
		}
	})
}

// The line that breaks a large file is found, wherever in it: the library names
// only the beginning of the map around it.
func TestBrokenLineOfALargeFile(t *testing.T) {
	var b strings.Builder
	b.WriteString("top:\n")
	lines := 1
	for ; b.Len() < 500<<10; lines++ {
		fmt.Fprintf(&b, "  key_%d: %s\n", lines, strings.Repeat("词", 100))
	}
	sound := strings.SplitAfter(strings.TrimSuffix(b.String(), "\n"), "\n")
	parse(t, b.String())
	for _, at := range []int{2, lines / 2, lines} {
		text := append([]string(nil), sound...)
		text[at-1] = "  broken: \"quoted\" and more\n"
		_, list := source.Parse("rules.yaml", []byte(strings.Join(text, "")))
		require.Len(t, list, 1)
		assert.Equal(t, "yaml_syntax", list[0].Code)
		assert.Equal(t, at, list[0].Span.Start.Line)
	}
}

// Nodes are those of Parse, and none where that has findings.
func TestNodesWithoutFindings(t *testing.T) {
	for _, text := range []string{"a: 1\nb: {c: [d]}\n", "a: [1\nb: 2\n", "", "a: &x 1\n", "- 1\n", "a: 1\na: 2\n", "a: \"x\nb: 1\n", "\xff", "a: 1\n---\nb: 2\n", "a: *b\n"} {
		want, found := source.Parse("x", []byte(text))
		got := source.Nodes("x", []byte(text))
		if want == nil {
			assert.Nil(t, got, "%q: %v", text, found)
			continue
		}
		assert.True(t, source.Same(want, got))
		assert.Equal(t, want.Span, got.Span)
	}
}
