package load_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/testsize"
)

// The ways in which a remedy names what to write, in English; the value is the
// one in parentheses.
var naming = []*regexp.Regexp{
	regexp.MustCompile(`^did you mean ([^?]+)\?`),
	regexp.MustCompile(`^(?:say it in another unit: |write it in digits alone: )(?:write )?(.+)$`),
	regexp.MustCompile(`^write (true|false|null|[-0-9]+)(?:$|, in digits)`),
	regexp.MustCompile(`^write an ASCII comma (,)$`),
	regexp.MustCompile(`^write (zh|en|and|or|not|in|==|!=)$`),
	regexp.MustCompile(`^write ([-0-9a-z_]+: [0-9].+)$`),
	regexp.MustCompile(`^(?:only the length stands here: )?write ([0-9]+ ?(?:[个工作日自然天小时分钟秒周月季度年]+|(?:working |calendar |opening )?(?:day|hour|minute|second|week|month|quarter|year)s?))$`),
	regexp.MustCompile(`^days are whole; where hours are meant, write (.+)$`),
	regexp.MustCompile(`^write a point before decimals: (.+)$`),
	regexp.MustCompile(`^write ([0-9.]+%)$`),
	regexp.MustCompile(`^join the two by two dots: write (.+)$`),
	regexp.MustCompile(`^write a list of them: (.+)$`),
	regexp.MustCompile(`^write it without quotes: (.+)$`),
	regexp.MustCompile(`^write the number without a unit: (.+)$`),
	regexp.MustCompile(`^write each side in full: (.+)$`),
	regexp.MustCompile(`^to ask whether it is one of them, write (.+)$`),
	regexp.MustCompile(`^it is a fact: write (.+)$`),
	regexp.MustCompile(`^write (from \S+ below \S+)$`),
	regexp.MustCompile(`^write ([0-9]+% of)$`),
	regexp.MustCompile(`^part the items of a list with commas: (.+)$`),
	regexp.MustCompile(`^write a whole number: ([-0-9]+) where it is counted in whole units, `),
	regexp.MustCompile(`^write a whole number: (?:[-0-9]+ where it is counted in whole units, )?([-0-9]+ ?[a-z]*)(?: where in hundredths|$)`),
	regexp.MustCompile(`^write a number without separators: ([^;]+)(?:$|;)`),
	regexp.MustCompile(`^write the name, not its label: write (\S+)$`),
	regexp.MustCompile(`^write year-month(?:-day)?(?: in ASCII)?: (\S+)$`),
	regexp.MustCompile(`^write hours:minutes: (\S+)$`),
	regexp.MustCompile(`^write ([0-9:]+-[0-9:]+)$`),
	regexp.MustCompile(`^hours that end before they begin are past midnight; where these are not, write (.+)$`),
	regexp.MustCompile(`^write one number here, not a range: ([0-9]+) or `),
	regexp.MustCompile(`^write ([0-9.]+ [A-Z]{3})$`),
	regexp.MustCompile(`^write the sign: ([0-9.]+%)`),
	regexp.MustCompile(`^write the sign: .*, ([0-9.]+%) for a share`),
	regexp.MustCompile(`^write it as a percentage: (.+)$`),
	regexp.MustCompile(`^write the unit: (.+)$`),
	regexp.MustCompile(`^say of what: (.+) or .*, whichever`),
	regexp.MustCompile(`^say of what: .* or (.+), whichever`),
	regexp.MustCompile(`^write it as a ratio of whole numbers, (\([0-9]+ / [0-9]+\))$`),
	regexp.MustCompile(`^write ("[0-9]+"), in quotes`),
	regexp.MustCompile(`^write (\{from: [-0-9]+\})$`),
	regexp.MustCompile(`^write an ASCII colon: (.+)$`),
	regexp.MustCompile(`^write ([a-z_]+) alone$`),
	regexp.MustCompile(`^quote the word: (".+")$`),
	regexp.MustCompile(`^write ([a-z_]+:[0-9]+)$`),
	regexp.MustCompile(`^write from: (1)$`),
	regexp.MustCompile(`as in ([a-z_]+), the same wherever`),
	regexp.MustCompile(`^midnight is (24:00)$`),
	regexp.MustCompile(`^write (?:[1-9]+) to ([0-9]+)$`),
	regexp.MustCompile(`^write ([0-9]+) or more$`),
	regexp.MustCompile(`^write ([a-z_]+\([a-z_.]+\))$`),
	regexp.MustCompile(`^write (minutes\([0-9].*\)|minutes\(rounded\(.*\)\))$`),
}

// limits are numbers in a remedy that are no value to write.
var limits = regexp.MustCompile(`at most \d+|\d+ of them at most|fewer than \d+ digits|from \d+ to (\d+|a million)|at \d\d:\d\d of the next day|from \d\d:\d\d to \d\d:\d\d|digits? 0-9|nine digits|month \d+ of \d+ has \d+ days|give it \d+|"[^"]*"|add \S+: …|(?i:allowed: ).*|the (words|fields) are .*|the functions are .*|\{n: '[^']*', unit: hour\}|in quotes|UTF-8|write rows: .*|by \d+ spaces, as the keys of its level|rounded_down\(2 \* a \+ b, 2 \* b\)`)

// named are the values that a remedy names, in the order of naming.
func named(remedy string) []string {
	var values []string
	for _, form := range naming {
		if m := form.FindStringSubmatch(remedy); m != nil && !slices.Contains(values, m[1]) {
			values = append(values, m[1])
		}
	}
	return values
}

// followed is the text with a value written where the finding is.
func followed(text string, d diagnostic.Diagnostic, value string) string {
	if source.Joined([]byte(text)) {
		files := source.Split([]byte(text))
		for i, f := range files {
			if source.NameOf("library.yaml", f.Path) == d.Span.File {
				files[i].Text = []byte(followed(string(f.Text), d, value))
			}
		}
		return string(source.Join(files))
	}
	lines := strings.SplitAfter(text, "\n")
	at := func(p diagnostic.Position) int {
		n := 0
		for _, line := range lines[:p.Line-1] {
			n += len(line)
		}
		return n + len(string([]rune(lines[p.Line-1])[:p.Column-1]))
	}
	from, to := at(d.Span.Start), at(d.Span.End)
	what := text[from:to]
	switch {
	case d.Code == "unknown_unit": // the number stands before it
		from = len(strings.TrimRight(strings.TrimRight(text[:from], " "), "-0123456789"))
	case d.Code == "out_of_range" && !strings.ContainsAny(what, " 个") && strings.Trim(text[to:to+1], "\n}],") != "": // its unit stands behind it
	case d.Code == "out_of_range" && strings.Contains(what, " "):
		value += what[strings.Index(what, " "):]
	case strings.HasPrefix(value, "minutes("): // in place of the whole call
	case strings.HasPrefix(d.Remedy.EN, "write it without quotes"), strings.HasPrefix(d.Remedy.EN, "write each side in full"), strings.HasPrefix(d.Remedy.EN, "to ask whether it is one of them"):
	case d.Code == "type_mismatch" && strings.Contains(value, "("):
		inner := value[strings.Index(value, "(")+1 : len(value)-1]
		value = strings.Replace(what, inner, value, 1)
	case (what[:1] == `"` || what[:1] == "'") && value[:1] != what[:1]:
		value = what[:1] + value + what[:1]
	}
	return text[:from] + value + text[to:]
}

// eachMistake calls back with every mistake of testdata/mistakes.
func eachMistake(t *testing.T, each func(t *testing.T, code string, m *mistake)) {
	t.Helper()
	for _, m := range mistakes(t) {
		t.Run(m.code+"/"+m.What, func(t *testing.T) { each(t, m.code, m) })
	}
}

// Whoever writes the value that a remedy names has a file that loads. Of a
// remedy with a number in it, all numbers are values to write or limits.
func TestRemediesThatAreFollowedLoad(t *testing.T) {
	testsize.NotAtTheDesk(t)
	tried := 0
	eachMistake(t, func(t *testing.T, code string, m *mistake) {
		text, _ := m.apply(t, library(t))
		_, found := parse(text)
		for _, d := range found {
			values := named(d.Remedy.EN)
			rest := limits.ReplaceAllString(d.Remedy.EN, "")
			for _, v := range values {
				rest = strings.ReplaceAll(rest, v, "")
				assert.Contains(t, d.Remedy.ZH, v, "the remedy in Chinese names it too")
			}
			if len(values) == 0 {
				assert.NotRegexp(t, `[0-9]`, rest, "%v: no value that is followed here, no limit", d)
			}
			if len(m.Also) > 0 || d.Code != code {
				continue // one remedy alone does not mend it
			}
			for _, v := range values {
				tried++
				if !loadsWith(text, d, v) {
					_, left := parse(followed(text, d, v))
					t.Errorf("%v\nfollowed: %s\n%v", d, v, left)
				}
			}
		}
	})
	assert.Greater(t, tried, 60)
}

// loadsWith reports whether a file loads where a value is written at a finding,
// or at all findings of the kind.
func loadsWith(text string, d diagnostic.Diagnostic, value string) bool {
	book, _ := parse(followed(text, d, value))
	return book != nil
}

// Every word that a remedy allows may stand there: it is not refused in the
// same way.
func TestRemediesAllowWhatMayStandThere(t *testing.T) {
	testsize.NotAtTheDesk(t)
	allowed := regexp.MustCompile(`(?i)(?:allowed: |the words are )([^…;]+)`)
	eachMistake(t, func(t *testing.T, code string, m *mistake) {
		text, _ := m.apply(t, library(t))
		_, found := parse(text)
		for _, d := range found {
			list := allowed.FindStringSubmatch(d.Remedy.EN)
			if list == nil {
				continue
			}
			words := strings.Split(strings.TrimSuffix(list[1], ", "), ", ")
			require.NotEmpty(t, strings.TrimSpace(words[0]), "%v", d)
			for _, w := range words[:min(len(words), 6)] {
				w = strings.NewReplacer(":HH:MM", ":09:30", ":N", ":3").Replace(w)
				_, left := parse(followed(text, d, w))
				for _, x := range left {
					assert.False(t, x.Code == d.Code && x.Span.Start == d.Span.Start, "%v\nfollowed: %s\n%v", d, w, x)
				}
			}
		}
	})
}

// What is said of text that is no YAML, done at the place that is marked, as
// often as something is said, makes the file load again.
func TestSyntaxRemediesLead(t *testing.T) {
	rules := library(t)
	for what, x := range map[string]struct{ old, with, find, put string }{
		"commas":         {"{slight: {zh: 轻微, en: slight}, grave: {zh: 严重, en: grave}}", "{slight: {zh: 轻微， en: slight}, grave: {zh: 严重，en: grave}}", "，", ", "},
		"braces":         {"grave: {zh: 严重, en: grave}", "grave: ｛zh: 严重, en: grave｝", "｛｝", "{}"},
		"indentation":    {"    weekend: [", "\u3000   weekend: [", "\u3000", " "},
		"no-break space": {"    weekend: [", "  \u00a0 weekend: [", "\u00a0", " "},
		"single quotes":  {"title: {zh: 目的, en: Purpose}", "title:\n          zh: 目的\n          en: 'Purpose\"", "", "'"},
		"a dash":         {"rules: [loan_clock, quiet_kept, must_apologise]", "rules:\n      -loan_clock\n      - quiet_kept\n      - must_apologise", "-", "- "},
	} {
		require.Equal(t, 1, strings.Count(rules, x.old), what)
		text := strings.Replace(rules, x.old, x.with, 1)
		for range 5 {
			book, found := parse(text)
			if book != nil {
				break
			}
			d := found[0]
			require.Equal(t, "yaml_syntax", d.Code, "%s: %v", what, found)
			lines := strings.SplitAfter(text, "\n")
			line := []rune(lines[d.Span.Start.Line-1])
			from, to := d.Span.Start.Column-1, d.Span.End.Column-1
			marked := string(line[from:to])
			switch {
			case what == "single quotes":
				assert.Equal(t, "'", marked)
				lines[d.Span.Start.Line-1] = strings.Replace(string(line), `"`, "'", 1)
			case x.find == "-":
				lines[d.Span.Start.Line-1] = string(line[:from]) + "- " + string(line[from+1:])
			default:
				i := strings.Index(x.find, marked)
				require.True(t, i >= 0, "%s: %q", what, marked)
				put := x.put
				if len([]rune(x.find)) > 1 {
					put = string([]rune(x.put)[i/len(marked)])
				}
				lines[d.Span.Start.Line-1] = string(line[:from]) + put + string(line[to:])
			}
			text = strings.Join(lines, "")
		}
		book, found := parse(text)
		assert.NotNil(t, book, "%s: %v", what, found)
	}
}
