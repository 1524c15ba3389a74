package table

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/policy"
)

// Named are the names of the columns of a header: where one is written by the
// label of a fact, in any of the rulebook's languages, its path; else what
// stands there. A label that several facts have names none of them, and is a
// problem. The first column that has a name, in a table of records, may be called by
// the labels of [Record].
func Named(header, languages []string, facts ...policy.QuestionFact) (names []string, problems []*Problem) {
	var labels map[string][]string // made once it is needed
	first := First(header)
	names = slices.Clone(header)
	for i, h := range header {
		if h == "" || IsRemark(h) || h == AsOf || h == Record || isPath(facts, h) {
			continue
		}
		if labels == nil {
			labels = labelsOf(languages, facts)
		}
		paths := labels[folded(h)]
		switch {
		case len(paths) == 1:
			names[i] = paths[0]
		case len(paths) > 1:
			problems = append(problems, &Problem{
				Code: "ambiguous_column", Column: Excerpt(h), Message: textf("列名 %q 是几个事实的标签", "%q is the label of several facts", Excerpt(h)),
				Remedy: textf("改写成其中一个：%s", "write one of these instead: %s", strings.Join(paths, ", ")),
			})
		case i == first && slices.Contains(recordLabels, folded(h)):
			names[i] = Record
		case slices.Contains(asOfLabels, folded(h)):
			names[i] = AsOf
		}
	}
	return names, problems
}

// FactsOf are the facts of questions, each once.
func FactsOf(questions ...*policy.Question) []policy.QuestionFact {
	var all []policy.QuestionFact
	for _, q := range questions {
		for _, f := range q.Facts {
			if !slices.ContainsFunc(all, func(x policy.QuestionFact) bool { return x.Name == f.Name }) {
				all = append(all, f)
			}
		}
	}
	return all
}

// FieldsOf are the fields of a record, as facts of their own.
func FieldsOf(record *policy.Fact) []policy.QuestionFact {
	var all []policy.QuestionFact
	for _, f := range record.Fields {
		all = append(all, policy.QuestionFact{Name: f.Name, Fact: f})
	}
	return all
}

// RecordLabel and AsOfLabel are what the columns that are no facts are called
// where a table is made for people.
var (
	RecordLabel = Text{ZH: "记录编号", EN: "record"}
	AsOfLabel   = Text{ZH: "判断时间", EN: "moment of asking"}
)

var (
	recordLabels = []string{"编号", "记录编号", "记录", "record", "id", "no", "no."}
	asOfLabels   = []string{"判断时间", "moment of asking"}
)

// IsRecordHeading reports whether a column is called as that of the ids is.
func IsRecordHeading(heading string) bool { return slices.Contains(recordLabels, folded(heading)) }

// idEndings are how headings of columns end that hold ids, or numbers of rows.
var idEndings = []string{"编号", "单号", "流水号", "工号", "档号", "案号", "序号", "号码", "代码", "id", "no", "no.", "number", "ref", "reference", "key"}

// IsIDHeading reports whether a column is called as those of ids are, of records
// or of something else.
func IsIDHeading(heading string) bool {
	if IsRecordHeading(heading) {
		return true
	}
	words := strings.FieldsFunc(strings.ToLower(heading), func(r rune) bool { return r == ' ' || r == '_' || r == '-' || r == '.' })
	if len(words) == 0 {
		return false
	}
	last := words[len(words)-1]
	return slices.ContainsFunc(idEndings, func(end string) bool {
		return last == end || end[0] >= utf8.RuneSelf && strings.HasSuffix(last, end)
	})
}

// isPath reports whether a header is a fact's own name.
func isPath(facts []policy.QuestionFact, header string) bool {
	head, rest, nested := strings.Cut(header, ".")
	i := slices.IndexFunc(facts, func(f policy.QuestionFact) bool { return f.Name == head })
	if i < 0 || !nested {
		return i >= 0
	}
	_, ok := FieldAt(facts[i].Fact, rest)
	return ok
}

// labelsOf are the paths that each label names. A field is called by its own
// label or by those of the facts it is in before it: 工单·收到时间, or
// "request: received".
func labelsOf(languages []string, facts []policy.QuestionFact) map[string][]string {
	all := map[string][]string{}
	var add func(f *policy.Fact, path string, within Text)
	add = func(f *policy.Fact, path string, within Text) {
		for _, lang := range languages {
			own, outer := f.Label.In(lang), within.In(lang)
			called := []string{own}
			if outer != "" {
				called = append(called, outer+"·"+own, outer+": "+own)
			}
			for _, label := range called {
				if key := folded(label); key != "" && !slices.Contains(all[key], path) {
					all[key] = append(all[key], path)
				}
			}
		}
		for _, x := range f.Fields {
			add(x, path+"."+x.Name, f.Label)
		}
	}
	for _, f := range facts {
		add(f.Fact, f.Name, Text{})
	}
	return all
}

// folded is a label without what people write in one way or another: capitals,
// spaces, and the wide forms of Latin letters and marks.
func folded(label string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \u00a0\n\r\t", r) {
			return -1
		}
		return r
	}, strings.ToLower(narrow(label)))
}

// codesOf are the words that a cell may be, and the codes of the labels that
// they have; a label of several words is none.
func codesOf(f *policy.Fact, languages []string) (words []string, codes map[string]string) {
	if f != nil && f.TypeName == "list" {
		f = f.Elem
	}
	switch {
	case f == nil:
		return nil, nil
	case f.TypeName == "yes_no":
		return nil, yesOrNo
	case f.Words == nil:
		return nil, nil
	}
	codes = map[string]string{}
	for _, word := range f.Words.Words {
		label := f.Words.Labels[word]
		for _, lang := range languages {
			key := folded(label.In(lang))
			if other, used := codes[key]; used && other != word {
				codes[key] = ""
				continue
			}
			codes[key] = word
		}
	}
	for _, word := range f.Words.Words {
		delete(codes, word) // a code is that word, whatever has it as a label
	}
	for key, word := range codes {
		if key == "" || word == "" {
			delete(codes, key)
		}
	}
	return f.Words.Words, codes
}

// yesOrNo is how people write what is so or not, and programs in capitals.
var yesOrNo = map[string]string{
	"是": "true", "否": "false", "yes": "true", "no": "false", "true": "true", "false": "false",
	"√": "true", "✓": "true", "✔": "true", "×": "false", "✗": "false", "✘": "false",
}

// code is the word or the yes or no that a cell says by its label; else what
// stands there.
func (c *Column) code(text string) string {
	if len(c.codes) == 0 {
		return text
	}
	if word, ok := c.codes[text]; ok {
		return word
	}
	if slices.Contains(c.words, text) {
		return text
	}
	if word, ok := c.codes[folded(text)]; ok {
		return word
	}
	return text
}

// Bind prepares columns to be read: words by their labels in the languages of
// the rulebook, and what the table and whoever has it read say of days, zones
// and places.
func Bind(columns []Column, languages []string, about About, how How) {
	for i := range columns {
		c := &columns[i]
		c.words, c.codes = codesOf(c.Fact, languages)
		c.Days1904, c.workbook = about.Days1904, about.Workbook
		c.Local = c.Local || how.Local || about.Workbook
		if c.Days == "" {
			c.Days = how.Days
		}
	}
}
