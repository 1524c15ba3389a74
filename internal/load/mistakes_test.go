package load_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/load"
	"github.com/servicerules/rulebook/internal/source"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/servicerules/rulebook/diagnostic"
)

// A mistake is a change of testdata/library.yaml that the loader must refuse.
// It stands in testdata/mistakes, in the file named after the code of the
// finding. The place of the finding is marked in the new text: «here».
type mistake struct {
	What    string   // in Chinese and English
	Replace string   // a text that stands once in the library's rules
	With    string   // what is written instead
	Right   string   // what whoever wrote it should have written; else the text of the library's rules is right
	And     []change // further changes
	ZH, EN  string   // parts of the message or remedy
	Also    []string // codes of further findings; normally there are none
	Warning bool     // the file is loaded all the same
	Files   []beside // further files of the book, in which the place may be marked

	code string // the name of the file
}

type change struct{ Replace, With string }

type beside struct{ Path, Text string }

func library(t testing.TB) string {
	t.Helper()
	data, err := os.ReadFile("testdata/library.yaml")
	require.NoError(t, err)
	return string(data)
}

// apply makes the changes, and says where the marked text stands.
func (m *mistake) apply(t *testing.T, text string) (string, diagnostic.Span) {
	t.Helper()
	files := append([]beside{{"", m.changed(t, text, m.With)}}, m.Files...)
	var span diagnostic.Span
	for i, f := range files {
		from, to := strings.Index(f.Text, "«"), strings.Index(f.Text, "»")
		if from < 0 {
			continue
		}
		require.True(t, span.Start.Line == 0 && from < to, "one «mark» only")
		require.Equal(t, 2, strings.Count(f.Text, "«")+strings.Count(f.Text, "»"), "one «mark» only")
		before, inside := f.Text[:from], f.Text[from+len("«"):to]
		files[i].Text = before + inside + f.Text[to+len("»"):]
		span = diagnostic.Span{File: source.NameOf("library.yaml", f.Path), Start: position(before), End: position(before + inside)}
	}
	require.NotZero(t, span.Start.Line, "no «mark»")
	return joined(files), span
}

// joined is the text of a book of these files.
func joined(files []beside) string {
	if len(files) == 1 && !strings.Contains(files[0].Text, "\ninclude:") {
		return files[0].Text
	}
	all := make([]source.File, len(files))
	for i, f := range files {
		all[i] = source.File{Path: f.Path, Text: []byte(f.Text)}
	}
	return string(source.Join(all))
}

// changed is the text with the changes made, and with one of the two ways of
// writing what is replaced.
func (m *mistake) changed(t *testing.T, text, with string) string {
	t.Helper()
	for _, c := range append([]change{{m.Replace, with}}, m.And...) {
		require.Equal(t, 1, strings.Count(text, c.Replace), "must stand once in library.yaml: %q", c.Replace)
		text = strings.Replace(text, c.Replace, c.With, 1)
	}
	return text
}

// What is said to be right loads, and nothing of the kind is found in it.
func TestWhatIsRightLoads(t *testing.T) {
	rules, tried := library(t), 0
	for _, m := range mistakes(t) {
		if m.Right == "" {
			continue
		}
		tried++
		t.Run(m.code+"/"+m.What, func(t *testing.T) {
			require.NotEqual(t, m.Replace, m.Right, "that is what is shown without `right`")
			book, found := parse(joined(append([]beside{{"", m.changed(t, rules, m.Right)}}, m.rightFiles()...)))
			require.NotNil(t, book, "%v", found)
			require.Empty(t, append(found, load.Unused(book)...))
		})
	}
	require.Positive(t, tried)
}

// rightFiles are the further files without the mistake.
func (m *mistake) rightFiles() []beside {
	var files []beside
	for _, f := range m.Files {
		if strings.Contains(m.Right, f.Path) {
			files = append(files, f)
		}
	}
	return files
}

// position is where a text that begins a file ends.
func position(text string) diagnostic.Position {
	return diagnostic.Position{
		Line:   1 + strings.Count(text, "\n"),
		Column: 1 + utf8.RuneCountInString(text[strings.LastIndex(text, "\n")+1:]),
	}
}

func parse(text string) (*checked.Book, diagnostic.List) {
	return load.Parse("library.yaml", []byte(text))
}

func TestLibraryIsSound(t *testing.T) {
	book, found := parse(library(t))
	require.NotNil(t, book, "%v", found)
	require.Empty(t, found)
	require.Empty(t, load.Unused(book))
}

// mistakes are all mistakes of testdata/mistakes, by the name of the file and
// in its order.
func mistakes(t *testing.T) []*mistake {
	t.Helper()
	files, err := filepath.Glob("testdata/mistakes/*.yaml")
	require.NoError(t, err)
	var all []*mistake
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		var read []*mistake
		decoder := yaml.NewDecoder(strings.NewReader(string(data)))
		decoder.KnownFields(true)
		require.NoError(t, decoder.Decode(&read), file)
		require.NotEmpty(t, read, file)
		for _, m := range read {
			m.code = strings.TrimSuffix(filepath.Base(file), ".yaml")
		}
		all = append(all, read...)
	}
	return all
}

func TestMistakes(t *testing.T) {
	rules := library(t)
	for _, m := range mistakes(t) {
		t.Run(m.code+"/"+m.What, func(t *testing.T) {
			assert.Contains(t, m.What, " / ", "in Chinese and English")
			text, span := m.apply(t, rules)
			m.check(t, text, m.code, span)
		})
	}
}

func (m *mistake) check(t *testing.T, text, code string, span diagnostic.Span) {
	t.Helper()
	book, found := parse(text)
	if m.Warning {
		require.NotNil(t, book, "%v", found)
		found = append(found, load.Unused(book)...)
	} else {
		require.Nil(t, book, "loaded in spite of the mistake")
	}
	codes := make([]string, len(found))
	for i, d := range found {
		codes[i] = d.Code
		checkWording(t, d)
	}
	want := append(slices.Clone(m.Also), code)
	slices.Sort(want)
	slices.Sort(codes)
	require.Equal(t, want, codes, "%v", found)
	i := slices.IndexFunc(found, func(d diagnostic.Diagnostic) bool { return d.Code == code })
	d := found[i]
	assert.Equal(t, span, d.Span, "the place of %v", d)
	assert.Contains(t, d.Message.ZH+d.Remedy.ZH, m.ZH)
	assert.Contains(t, d.Message.EN+d.Remedy.EN, m.EN)
}

var english = regexp.MustCompile(`\b(the|is|of|not|are|wrong|invalid|expected|penalty|workday|cannot)\b`)

// checkWording checks that a policy editor can read a finding in either
// language.
func checkWording(t *testing.T, d diagnostic.Diagnostic) {
	t.Helper()
	texts := []diagnostic.Text{d.Message, d.Remedy}
	for _, r := range d.Related {
		texts = append(texts, r.Message)
	}
	for _, x := range texts {
		assert.True(t, strings.ContainsFunc(x.ZH, func(r rune) bool { return unicode.Is(unicode.Han, r) }), "no Chinese: %q in %v", x.ZH, d)
		assert.NotEmpty(t, x.EN, "%v", d)
		for _, s := range []string{x.ZH, x.EN} {
			assert.NotContains(t, s, "%!", "%v", d)
			assert.LessOrEqual(t, utf8.RuneCountInString(s), 400, "too long to be read: %v", d)
		}
	}
	if d.Code != "yaml_syntax" { // names what the parser said beside it
		assert.NotRegexp(t, english, quoted.ReplaceAllString(d.Message.ZH, ""), "English within the Chinese of %v", d)
	}
	assert.NotRegexp(t, `^[A-Z].*\.$`, d.Message.EN)
	assert.GreaterOrEqual(t, d.Span.Start.Line, 1, "%v has no place", d)
	assert.LessOrEqual(t, d.Span.Start.Compare(d.Span.End), 0, "%v", d)
}

// quoted is what a message quotes of the file.
var quoted = regexp.MustCompile(`"[^"]*"|[a-z_]+(\.[a-z_]+)*\([^)]*\)`)

// generated are mistakes that are too large, or not text.
var generated = map[string]func(string) string{
	"empty_file":        func(string) string { return "# nothing\n" },
	"not_a_map":         func(string) string { return "- a\n- b\n" },
	"file_too_large":    func(s string) string { return s + strings.Repeat("#", 1<<20) },
	"files_not_at_hand": func(s string) string { return s + "include: [words.yaml]\n" },
	"file_not_named": func(s string) string {
		return joined([]beside{{"", s + "\ninclude: []\n"}, {"words.yaml", "words: {season: {summer: {zh: 夏, en: summer}}}"}})
	},
	"too_many_files": func(s string) string {
		return joined(append([]beside{{"", s + "\ninclude: []\n"}}, make([]beside, 100)...))
	},
	"not_utf8": func(s string) string {
		return strings.Replace(s, "图书馆借阅规则", "\xcd\xbc\xca\xe9\xb9\xdd", 1)
	},
	"calendar_rules_too_many": func(s string) string {
		return strings.Replace(s, "    closures: [2025-03-03]\n", "    yearly: {days: ["+strings.Repeat("{on: 12-25}, ", 100)+"{on: 12-25}]}\n", 1)
	},
	"byte_order_mark":   func(s string) string { return "\xff\xfe" + s },
	"control_character": func(s string) string { return strings.Replace(s, "zone: ", "zone: \u2028", 1) },
	"tab_indent":        func(s string) string { return strings.Replace(s, "  zone:", "\tzone:", 1) },
	"too_deep":          func(s string) string { return s + "review: " + strings.Repeat("[", 40) + strings.Repeat("]", 40) },
	"too_many_keys": func(s string) string {
		return strings.Replace(s, "  grade: {slight", "  many: {"+list(2_100, "w%d: {zh: 词, en: w}")+"}\n  grade: {slight", 1)
	},
	"too_many_items": func(s string) string {
		return strings.Replace(s, "closures: [", "closures: ["+list(20_001, "2025-01-01")+", ", 1)
	},
	"too_many_nodes": func(s string) string { return s + "review: [" + strings.Repeat("{},", 60_000) + "]" },
	"too_many_findings": func(s string) string {
		return s + "review:\n  zh: 审查\n  en: review\n  sections:\n" + list(150, "    Bad%d: {}", "\n")
	},
	"too_many_calendars": func(s string) string {
		return strings.Replace(s, "calendars:", "calendars:\n"+list(60, "  c%d: {zh: 日历, en: c%[1]d}", "\n"), 1)
	},
	"too_many_options": func(s string) string {
		return strings.Replace(s, "options: {third:", "options: {"+list(50, "o%d: {zh: 选项, en: o}")+", third:", 1)
	},
	"too_many_dates": func(s string) string {
		return strings.Replace(s, "within: {by: date, 2020-01-01: 20 working days, 2026-01-01: 15个工作日}",
			"within: {by: date, 2020-01-01: 20 working days, "+list(110, "20%02[2]d-%02[3]d-01: 20 working days")+"}", 1)
	},
	"too_many_choices": func(s string) string {
		rules := "        figures:\n" + list(1_600, "          %s%d: {zh: 数, en: number, part_of: many, when: visitors == 1, is: {by: loan.length, as_book: "+
			"{by: clock.start, lending: 1, otherwise: 2}, otherwise: {by: desk.calendar, state: 3, plain: 4}}}", "\n") + "\n"
		s = strings.Replace(s, "        figures:\n", strings.ReplaceAll(rules, "%s", "one"), 1)
		return strings.Replace(s, "        scopes:\n", strings.ReplaceAll(rules, "%s", "two")+"        scopes:\n", 1)
	},
	"no_calendar": func(s string) string {
		s = strings.Replace(s, "  calendar: {by: desk.calendar, state: opening_days, plain: plain_weeks}\n", "", 1)
		return strings.Replace(s, "start_of_day(days_after(date_of(loan.lent_at), 1))", "start_of_day(working_days_after(date_of(loan.lent_at), 1))", 1)
	},
	"calendar_missing": func(s string) string { // at_most counts working days
		s = strings.Replace(s, "  calendar: {by: desk.calendar, state: opening_days, plain: plain_weeks}\n", "", 1)
		s = strings.Replace(s, "            calendar: {by: desk.calendar, state: opening_days, plain: plain_weeks}\n", "", 1)
		return strings.Replace(strings.Replace(s, "2020-01-01: 20 working days, 2026-01-01: 15个工作日", "2020-01-01: 20 days, 2026-01-01: 15天", 1), "as_book: 20 working days", "as_book: 20 days", 1)
	},
	"expression_too_long": func(s string) string {
		return strings.Replace(s, "count: complaints\n", "count: "+strings.Repeat("complaints + ", 400)+"complaints\n", 1)
	},
	"expression_too_deep": func(s string) string {
		return strings.Replace(s, "count: complaints\n", "count: "+strings.Repeat("(", 70)+"complaints"+strings.Repeat(")", 70)+"\n", 1)
	},
}

// list is n pieces, numbered; %[2]d and %[3]d are a year and a month for it.
func list(n int, piece string, separator ...string) string {
	pieces := make([]string, n)
	for i := range pieces {
		if pieces[i] = piece; strings.Contains(piece, "%") {
			s := fmt.Sprintf(strings.ReplaceAll(piece, "%s", "%%s"), i, 21+i/12, 1+i%12)
			pieces[i], _, _ = strings.Cut(s, "%!(EXTRA")
		}
	}
	return strings.Join(pieces, append(separator, ", ")[0])
}

func TestGeneratedMistakes(t *testing.T) {
	rules := library(t)
	for code, change := range generated {
		t.Run(code, func(t *testing.T) {
			text := change(rules)
			require.NotEqual(t, rules, text)
			book, found := parse(text)
			require.Nil(t, book)
			require.LessOrEqual(t, len(found), 101)
			codes := map[string]int{}
			for _, d := range found {
				codes[d.Code]++
				checkWording(t, d)
			}
			assert.Equal(t, 1, codes[code], "%v", found)
			if code != "too_many_findings" {
				assert.Len(t, found, 1, "%v", found)
			}
		})
	}
}

// beyond are codes that no rules file can bring about, and why.
var beyond = map[string]string{
	"not_a_moment":               "moments stand in facts only, and in defaults, where bad_default says it",
	"not_a_month":                "likewise",
	"not_an_amount":              "money stands in facts only",
	"ladder_no_level":            "a key of a map is never empty",
	"ladder_level_twice":         "duplicate_key says it",
	"ladder_unknown_levels":      "unknown_word says it",
	"ladder_unknown_prices":      "unknown_word says it",
	"calendar_year_out_of_range": "bad_year says it",
	"calendar_closure_twice":     "duplicate_item says it",
	"calendar_unknown_weekday":   "the loader's own unknown_weekday says it",
	"calendar_rule_empty":        "missing_key says it",
}

// Every code that the loader can give has an example.
func TestEveryCodeHasAnExample(t *testing.T) {
	have := map[string]bool{}
	for code := range generated {
		have[code] = true
	}
	files, err := filepath.Glob("testdata/mistakes/*.yaml")
	require.NoError(t, err)
	for _, file := range files {
		have[strings.TrimSuffix(filepath.Base(file), ".yaml")] = true
	}
	want := codesInSource(t)
	require.Greater(t, len(want), 100)
	for code := range want {
		if beyond[code] == "" {
			assert.True(t, have[code], "the code %s has no example: add testdata/mistakes/%s.yaml", code, code)
		}
	}
	for code := range have {
		assert.True(t, want[code], "no finding has the code %s any more", code)
		assert.Empty(t, beyond[code], "%s has an example", code)
	}
}

// codesInSource reads the codes of findings from the source of the loader and
// of the forms.
func codesInSource(t *testing.T) map[string]bool {
	t.Helper()
	codes := map[string]bool{}
	for _, dir := range []string{".", "../checked", "../form", "../plan", "../forms", "../source", "../condition"} {
		files, err := filepath.Glob(dir + "/*.go")
		require.NoError(t, err)
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") || strings.HasSuffix(file, "/edit.go") { // edits
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			require.NoError(t, err)
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CallExpr:
					addCode(codes, codeOfCall(n))
				case *ast.CompositeLit:
					addCode(codes, codeOfLiteral(n))
				case *ast.GenDecl:
					if n.Tok == token.CONST && (dir == "../forms" || dir == "../source" || dir == "../condition") {
						maps.Copy(codes, codesOfConstants(n))
					}
				}
				return true
			})
		}
	}
	for problem := range constants(t, "../../penalty/errors.go", "NoTiers", "UnknownPrices") {
		addCode(codes, "ladder_"+problem)
	}
	codes["measure_bands"] = true
	for problem := range constants(t, "../../sla/workday/errors.go", "YearOutOfRange", "SpansOverlapping") {
		addCode(codes, "calendar_"+problem)
	}
	return codes
}

func addCode(codes map[string]bool, code string) {
	if regexp.MustCompile(`^[a-z][a-z0-9_]+$`).MatchString(code) {
		codes[code] = true
	}
}

// codeOfCall is the code that a call of fail, failAt, warn or Fail gives.
func codeOfCall(n *ast.CallExpr) string {
	f, ok := n.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	args := n.Args
	switch f.Sel.Name {
	case "Fail", "FailKey":
		if len(args) < 2 {
			return ""
		}
		args = args[1:] // behind the field
	case "FailItem":
		args = args[2:]
	case "fail", "failAt", "warn", "misread", "misreadAt":
	default:
		return ""
	}
	for _, a := range args {
		if code := text(a); code != "" {
			return code
		}
	}
	return ""
}

// codeOfLiteral is the code of a diagnostic.Diagnostic that is written out.
func codeOfLiteral(n *ast.CompositeLit) string {
	typ, ok := n.Type.(*ast.SelectorExpr)
	if !ok || typ.Sel.Name != "Diagnostic" {
		return ""
	}
	for _, e := range n.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok && fmt.Sprint(kv.Key) == "Code" {
			return text(kv.Value)
		}
	}
	return ""
}

func codesOfConstants(n *ast.GenDecl) map[string]bool {
	codes := map[string]bool{}
	for _, s := range n.Specs {
		v, ok := s.(*ast.ValueSpec)
		if ok && strings.HasPrefix(v.Names[0].Name, "Code") && len(v.Values) == 1 {
			addCode(codes, text(v.Values[0]))
		}
	}
	return codes
}

// constants are the values of the constants from one to another in a file.
func constants(t *testing.T, file, from, to string) map[string]bool {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	require.NoError(t, err)
	values, within := map[string]bool{}, false
	ast.Inspect(f, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 {
			within = within || v.Names[0].Name == from
			if within {
				values[text(v.Values[0])] = true
			}
			within = within && v.Names[0].Name != to
		}
		return true
	})
	require.NotEmpty(t, values)
	return values
}

func text(e ast.Expr) string {
	if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
		s, err := strconv.Unquote(lit.Value)
		if err == nil {
			return s
		}
	}
	return ""
}
