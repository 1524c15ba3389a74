package source_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/source"
)

// hostile are inputs made to hurt: each piece alone, many times, within
// brackets, as a value, and mutations of a good file.
func hostile() []string {
	pieces := []string{
		"[", "{", "]", "}", "- ", "? ", ": ", "a: ", "a:\n", "-\n", "- - ", "{a,", "[a: b,", "a,", "\"", "'", "\\", "\"\\u4e2d",
		"|\n", ">\n ", "|9\n", "|-+\n", "&a ", "*a ", "&a\n", "*a\n", "!a ", "!!str ", "! ", "!<", "<<: *a\n", "---\n", "...\n",
		"--- -\n", "%TAG !a! b\n", "%YAML 1.1\n", "#", "#\n", " #", "a: 1 #x\n", "  # c\n", "- #c\n", "[a, #c\n", " ", "\n", "\t",
		"\r", "\r\n", "\x00", "\ufeff", "\u0085", "\u2028", "\u202e", "\xff", "\xe4\xb8", "中", "中: 文\n", "中,", "::", ":,", "a:b ",
		"\"a\":", "?a", "-a", "@", "`", "%", "~", "~\n", "0x1: ", "1_", "1.", "2020-01-01\n", "\U0001f600", "x y\n  ", "\n ", "x\n  ",
		"'' ", "\"\"", "[],", "{},", "[:", "{:", "{?", "- ? ", "? - ", "<<", "=", "a: |\n", "a: 'x\n", "a: \"x\n\\\n", ",", "( [0, 1) ",
	}
	var all []string
	for _, p := range pieces {
		for _, n := range []int{1, 2, 40, 3_000} {
			s := strings.Repeat(p, n)
			all = append(all, s, "a: "+s, "a: ["+s)
		}
	}
	good := "rules: {id: x, title: {zh: 规则, en: 'rules'}} # c\nlist:\n  - when: |\n      a == \"b\"\n    within: 5 working days\n"
	for i := 0; i < len(good); i += 3 {
		for _, p := range []string{"", "[", "\"", "'", ":", "\n", "\t", "\x00", "&a", "- "} {
			all = append(all, good[:i]+p+good[i:], good[:i]+p, good[:i]+p+good[min(i+2, len(good)):])
		}
	}
	return all
}

// whole are the largest files of their kinds.
func whole() []string {
	var all []string
	for _, p := range []string{
		"[", "- ", "a: \n", "-\n", "a: 1 #x\n", "- #c\n", "'", "\"", "''\"", "*a ", "!a ", "{a,", "\t", "中", "a: '", "[ ", "( ", "x ",
	} {
		all = append(all, strings.Repeat(p, source.MaxBytes/len(p)), ("a: [" + strings.Repeat(p, source.MaxBytes/len(p)))[:source.MaxBytes])
	}
	all = append(all,
		"a: ["+strings.Repeat("{x: 1, y: 2, z},", 14_000)+"]",
		"a: x"+strings.Repeat(" ", source.MaxBytes-6)+"y",
		"a: 'x"+strings.Repeat(" ", source.MaxBytes-8)+"y'",
		"a: x\n"+strings.Repeat(" \n", 500_000)+"  y",
	)
	return all
}

// check asserts what holds of every input.
func check(t *testing.T, text string) {
	t.Helper()
	n, list := source.Parse("f", []byte(text))
	require.LessOrEqual(t, len(list), source.MaxFindings+1)
	require.Equal(t, n == nil, list.Failed())
	lines := 1 + strings.Count(text, "\n")
	for _, d := range list {
		require.LessOrEqual(t, utf8.RuneCountInString(d.Message.EN), 601, "600 characters and what stands for the rest")
		require.True(t, d.Span.Start.Line >= 1 && d.Span.Start.Column >= 1 && d.Span.End.Line <= lines, "%v", d)
		require.LessOrEqual(t, d.Span.Start.Compare(d.Span.End), 0, "%v", d)
	}
	if n != nil {
		checkNode(t, text, n)
	}
}

func checkNode(t *testing.T, text string, n *source.Node) {
	t.Helper()
	require.True(t, 0 <= n.Start && n.Start <= n.End && n.End <= len(text))
	require.LessOrEqual(t, n.Span.Start.Compare(n.Span.End), 0)
	written := text[n.Start:n.End]
	switch n.Kind {
	case source.Empty:
		require.Equal(t, n.Text, written)
	case source.Scalar:
		checkScalar(t, n, written)
	}
	for _, e := range n.Entries {
		require.Equal(t, source.Scalar, e.Key.Kind)
		checkNode(t, text, e.Key)
		checkNode(t, text, e.Value)
		require.Same(t, e.Value, n.Get(e.Key.Text))
	}
	for _, item := range n.Items {
		require.NotEqual(t, source.Empty, item.Kind)
		checkNode(t, text, item)
	}
}

// checkScalar reads what stands in a scalar's span.
func checkScalar(t *testing.T, n *source.Node, written string) {
	t.Helper()
	switch n.Style {
	case source.Plain:
		require.Equal(t, strings.Fields(n.Text), strings.Fields(written))
	case source.SingleQuoted:
		require.True(t, len(written) >= 2 && written[0] == '\'' && written[len(written)-1] == '\'', written)
	case source.DoubleQuoted:
		require.True(t, len(written) >= 2 && written[0] == '"' && written[len(written)-1] == '"', written)
	case source.Literal:
		require.Equal(t, byte('|'), written[0])
		_, body, _ := strings.Cut(written, "\n")
		require.Equal(t, strings.Fields(n.Text), strings.Fields(body))
	case source.Folded:
		require.Equal(t, byte('>'), written[0])
		_, body, _ := strings.Cut(written, "\n")
		require.Equal(t, strings.Fields(n.Text), strings.Fields(body))
	}
	at := n.SpanAt(0, utf8.RuneCountInString(n.Text))
	require.LessOrEqual(t, n.Span.Start.Compare(at.Start), 0)
	if n.Style < source.Literal {
		require.LessOrEqual(t, at.End.Compare(n.Span.End), 0)
	}
}

func TestHostile(t *testing.T) {
	inputs := hostile()
	assert.Greater(t, len(inputs), 1_000)
	for _, text := range inputs {
		check(t, text)
	}
	for _, text := range whole() {
		check(t, text)
	}
}

func FuzzParse(f *testing.F) {
	// TestHostile looks at each of them; as seeds, so many take all of a short
	// run.
	for i, text := range hostile() {
		if i%20 == 0 && len(text) < 200 {
			f.Add(text, "x: 1")
		}
	}
	f.Add("a: |\n  x\n  y\nb: >-\n\n  z\n w\n", "1\n2")
	f.Add("a: \"x\\\n  y\"\nb: 'c\n\n  d'\n", "'")
	f.Fuzz(func(t *testing.T, text, replacement string) {
		if len(text) > 4_096 || len(replacement) > 256 {
			return
		}
		check(t, text)
		n, list := source.Parse("f", []byte(text))
		if list.Failed() || len(n.Entries) == 0 {
			return
		}
		v := n.Entries[len(n.Entries)-1].Value
		for _, want := range []string{replacement, v.Text} {
			got, err := source.Replace([]byte(text), v, want)
			if err != nil {
				continue
			}
			back, list := source.Parse("f", got)
			require.Empty(t, list)
			require.Equal(t, want, back.Entries[len(back.Entries)-1].Value.Text)
			require.Equal(t, text[:v.Start], string(got[:v.Start]))
			require.True(t, strings.HasSuffix(string(got), text[v.End:]))
		}
	})
}

func FuzzScalars(f *testing.F) {
	for _, text := range []string{
		"", "5", "-3", "020", "5 working days", "5个工作日", "24小时", "0.1%", "99 %", "2026-01-31", "2026-01", "24:00",
		"2026-01-31T08:30:00+08:00", "true", "yes", "9223372036854775808", "\xff", "5 \xff",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, err := source.Integer(text)
		code(t, text, err)
		_, err = source.Boolean(text)
		code(t, text, err)
		day, err := source.Date(text)
		if code(t, text, err) == "" {
			require.Equal(t, text, day.String())
		}
		_, month, err := source.Month(text)
		if code(t, text, err) == "" {
			require.True(t, month >= 1 && month <= 12)
		}
		clock, err := source.ClockTime(text)
		if code(t, text, err) == "" {
			require.True(t, clock >= 0 && clock.Hours() <= 24)
		}
		moment, err := source.Moment(text)
		if code(t, text, err) == "" {
			require.True(t, moment.Year() >= source.FirstYear && moment.Year() <= source.LastYear)
		}
		num, den, err := source.Percent(text)
		if code(t, text, err) == "" {
			require.True(t, num >= 0 && den >= 1)
		}
		q, err := source.ParseQuantity(text)
		if code(t, text, err) == "" {
			again, err := source.ParseQuantity(q.String())
			require.NoError(t, err)
			require.Equal(t, q, again)
		}
	})
}
