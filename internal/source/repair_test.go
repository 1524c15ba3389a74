package source_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/source"
)

// sound is a text in which careless mistakes are made.
const sound = `title: {zh: 借阅规则, en: "Lending rules"}
rules:
  book:
    zh: 图书借期
    en: time of a book
    when: 'kind == "book" and renewals <= 3'
    within: 20 days
    lists: [one, two, three]
  disc:
    zh: 光盘借期
    en: "the reader's disc"
    when: kind == "disc"
    within: 5 days
`

// A syntax error is told at its cause, marked «so», with what to write there.
func TestSyntaxErrorsAreToldAtTheirCause(t *testing.T) {
	parse(t, sound)
	for name, c := range map[string]struct{ find, write, zh, en string }{
		"a colon of Chinese text":            {"    within: 20 days", "    within«：»20 days", "半角冒号加空格", "an ASCII colon and a space"},
		"a comma of Chinese text":            {"zh: 借阅规则, en", "zh: 借阅规则«，»en", "改成半角 ,", "write , in ASCII"},
		"a bracket of Chinese text":          {"lists: [one, two, three]", "lists: [one, two, three«】»", "改成半角 ]", "write ] in ASCII"},
		"a full-width space":                 {"    within: 20 days", "«　»   within: 20 days", "改成半角空格", "write ordinary spaces"},
		"several full-width spaces":          {"    within: 20 days", "«　　»within: 20 days", "改成半角空格", "write ordinary spaces"},
		"a double quote not closed":          {`en: "Lending rules"}`, `en: «"»Lending rules}`, `写 "Lending rules"`, `write "Lending rules"`},
		"a single quote not closed":          {`renewals <= 3'`, `renewals <= 3`, "引号 ' 没有合上", "is never closed"},
		"a quote closed by the other":        {`renewals <= 3'`, `renewals <= 3"`, "用 ' 合上引号", "close it with '"},
		"an apostrophe in single quotes":     {`"the reader's disc"`, `«'the reader's disc'»`, `写 "the reader's disc"`, `write "the reader's disc"`},
		"quotes in quotes":                   {`"the reader's disc"`, `«"the "reader" disc"»`, `写 'the "reader" disc'`, `write 'the "reader" disc'`},
		"a condition that begins with words": {`when: kind == "disc"`, `when: «"disc" == kind»`, `写 '"disc" == kind'`, `write '"disc" == kind'`},
		"an unknown escape":                  {`"the reader's disc"`, `"the reader's «\d»isc"`, "反斜杠写两个", "write the backslash twice"},
		"a number sign within braces":        {"zh: 借阅规则, en", "zh: 借阅 «#» 规则, en", `写 "借阅 # 规则"`, `write "借阅 # 规则"`},
		"a bracket not closed":               {"lists: [one, two, three]", "lists: «[»one, two, three", "在末尾补上 ]", "add ] at the end"},
		"a bracket too many":                 {"lists: [one, two, three]", "lists: [one, two, three]«]»", "没有对应的开括号", "closes nothing"},
		"a bracket of the other kind":        {"lists: [one, two, three]", "lists: [one, two, three«}»", "写 ]", "write ]"},
		"a comma left out":                   {"zh: 借阅规则, en", "zh: 借阅规则 «en»", "在 en 前加逗号", "write a comma before en"},
		"a colon within text":                {"    zh: 图书借期", "    zh: «注意: 图书借期»", `写 "注意: 图书借期"`, `write "注意: 图书借期"`},
		"a list in a condition in braces":    {"lists: [one, two, three]", "map: {when: «kind in [\"book\", \"disc\"] and x», to: 1}", `写 'kind in ["book", "disc"] and x'`, `write 'kind in ["book", "disc"] and x'`},
		"several expressions in braces":      {"lists: [one, two, three]", "map: {when: «kind in [one]», is: x ? (a : b) : c, then: y in [two]}", `写 "kind in [one]"`, `write "kind in [one]"`},
		"two keys on one line":               {"    within: 20 days\n", "    within: 20 days «to: 40»\n", "to: 40 另起一行", "begin a line with to: 40"},
		"a colon left out":                   {"    within: 20 days", "    «within 20 days»", "写成 within: 20 days", "write within: 20 days"},
		"an equals sign for the colon":       {"    within: 20 days", "    «within = 20 days»", "写成 within: 20 days", "write within: 20 days"},
		"a colon left out behind a key":      {"rules:\n", "«rules»\n", "写成 rules:", "write rules:"},
		"one space too many":                 {"    within: 20 days", "     «within: 20 days»", "缩进 4 个空格", "indent it by 4 spaces"},
		"one space too few":                  {"    within: 20 days", "   «within: 20 days»", "缩进 4 个空格", "indent it by 4 spaces"},
		"text that begins with a sign":       {"zh: 光盘借期", "zh: «@光盘»", `写 "@光盘"`, `write "@光盘"`},
		"a comment of another language":      {"    within: 20 days", "    «// how long»\n    within: 20 days", "注释以 # 开头", "begin it with #"},
		"a mark of a merge":                  {"    within: 20 days\n", "«<<<<<<< HEAD»\n    within: 20 days\n=======\n    within: 2 days\n>>>>>>> other\n", "合并冲突", "merge conflict"},
		"the base of a merge":                {"    within: 20 days\n", "    within: 20 days\n«||||||| base»\n", "合并冲突", "merge conflict"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, 1, strings.Count(sound, c.find))
			marked := strings.Replace(sound, c.find, c.write, 1)
			text := strings.NewReplacer("«", "", "»", "").Replace(marked)
			n, list := source.Parse("rules.yaml", []byte(text))
			require.Nil(t, n)
			require.Len(t, list, 1)
			d := list[0]
			assert.Equal(t, source.CodeYAMLSyntax, d.Code)
			assert.Contains(t, d.Message.ZH+d.Remedy.ZH, c.zh)
			assert.Contains(t, d.Message.EN+d.Remedy.EN, c.en)
			if from, behind, ok := strings.Cut(marked, "«"); ok {
				inside, _, _ := strings.Cut(behind, "»")
				lines := strings.Split(text, "\n")
				require.Equal(t, 1+strings.Count(from, "\n"), d.Span.Start.Line, "%v", d)
				line := []rune(lines[d.Span.Start.Line-1])
				assert.Equal(t, inside, string(line[d.Span.Start.Column-1:d.Span.End.Column-1]), "%v", d)
			}
		})
	}
}

func TestInASCII(t *testing.T) {
	for text, want := range map[string]string{
		"２４ hours": "24 hours", "【a、b】": "[a, b]", "（x）": "(x)", "“on”": `"on"`, "2011－05－20": "2011-05-20", "d\u043ene": "done", "de\u200b": "de", "a\u3000b": "a b",
	} {
		plain, what := source.InASCII(text)
		assert.Equal(t, want, plain)
		assert.NotEmpty(t, what.ZH)
		assert.NotEmpty(t, what.EN)
	}
	plain, what := source.InASCII("kind == 'book' 图书")
	assert.Equal(t, "kind == 'book' 图书", plain)
	assert.True(t, what.IsZero())
}

// What mends a text makes it valid, and changes nothing beside the place.
func TestMend(t *testing.T) {
	for wrong, right := range map[string]string{
		"a: {zh: 城区，en: urban}\nb: 1\n": "a: {zh: 城区, en: urban}\nb: 1\n",
		"a: \"x\nb: 1\n":                "a: \"x\"\nb: 1\n",
		"a: {b: 1\nc: 2\n":              "a: {b: 1}\nc: 2\n",
		"a: 1\n　　b: 2\nc: 3\n":          "",
		"a: 1\n":                        "",
		"":                              "",
		"a: &x 1\n":                     "",
		"a: {b: x in [u] and y, c: z ? 1 : 2, d: v}\n": "a: {b: \"x in [u] and y\", c: \"z ? 1 : 2\", d: v}\n",
		"a: 注意: 这里\nb: 1\n":                            "a: \"注意: 这里\"\nb: 1\n",
		strings.Repeat("a: [", source.MaxDepth+8):      "",
	} {
		got := wrong
		for _, r := range slices.Backward(source.Mend([]byte(wrong))) {
			got = got[:r.Start] + r.Text + got[r.End:]
		}
		if right == "" {
			continue // nothing is promised but that it does not panic
		}
		assert.Equal(t, right, got)
		root, found := source.Parse("", []byte(got))
		assert.NotNil(t, root, "%v", found)
	}
}
