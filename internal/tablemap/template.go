package tablemap

import (
	"strings"

	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/policy"
)

// Empty is a table of a rulebook that is to be filled in.
type Empty struct {
	Name    string // as its file or sheet is called
	About   policy.Text
	Columns []Field
}

// Field is a column of it.
type Field struct {
	Path    string
	Heading string // in the language that was asked for; the path where a label would not do
	Fact    *policy.Fact
	Example string
	Words   []string // labels of a closed list
}

// Templates are the tables that a rulebook's review reads, those of lists behind
// the ones that they belong to, with headings in a language.
func Templates(b *policy.Rulebook, lang string) []Empty {
	var all []Empty
	for _, name := range tablesOf(b) {
		facts := table.FactsOf(b.Review.QuestionsOf(name)...)
		e := Empty{Name: name, About: aboutOf(b, name)}
		var leaves []table.Column
		for _, f := range facts {
			leavesOf(f.Fact, f.Name, &leaves)
		}
		e.fields(b, lang, leaves, facts)
		all = append(all, e)
		for _, f := range facts {
			listsOf(f.Fact, f.Name, func(path string, list *policy.Fact) {
				child := Empty{Name: name + "." + path, About: list.Label}
				var leaves []table.Column
				for _, x := range list.Elem.Fields {
					leavesOf(x, x.Name, &leaves)
				}
				child.fields(b, lang, leaves, table.FieldsOf(list.Elem))
				all = append(all, child)
			})
		}
	}
	return all
}

func aboutOf(b *policy.Rulebook, name string) policy.Text {
	for _, s := range b.Review.Sections {
		if s.Table == name {
			return s.Title
		}
		for _, w := range s.With {
			if w.Table == name {
				return w.Title
			}
		}
	}
	return policy.Text{}
}

func listsOf(f *policy.Fact, path string, visit func(string, *policy.Fact)) {
	if table.IsTable(f) {
		visit(path, f)
		return
	}
	for _, x := range f.Fields {
		listsOf(x, path+"."+x.Name, visit)
	}
}

// fields are the columns, called by labels where a label names that fact alone.
func (e *Empty) fields(b *policy.Rulebook, lang string, leaves []table.Column, facts []policy.QuestionFact) {
	e.Columns = []Field{{Path: table.Record, Heading: table.RecordLabel.In(lang), Example: "A-17"}}
	if names, _ := table.Named([]string{e.Columns[0].Heading}, b.Languages, facts...); names[0] != table.Record {
		e.Columns[0].Heading = table.Record // a fact is called like it
	}
	for _, c := range leaves {
		e.Columns = append(e.Columns, Field{Path: c.Path, Heading: heading(b, lang, c, facts), Fact: c.Fact, Example: exampleOf(b, c.Fact, lang), Words: labelsOfWords(b, c.Fact, lang)})
	}
}

// heading is what a column is called: by its label, by that and the one of what
// it is in, or by its path.
func heading(b *policy.Rulebook, lang string, c table.Column, facts []policy.QuestionFact) string {
	label := c.Fact.Label.In(lang)
	candidates := []string{label}
	if head, _, nested := strings.Cut(c.Path, "."); nested {
		for _, f := range facts {
			if f.Name != head {
				continue
			}
			outer := f.Fact
			parts := strings.Split(c.Path, ".")
			if len(parts) > 2 {
				if x, ok := table.FieldAt(f.Fact, strings.Join(parts[1:len(parts)-1], ".")); ok {
					outer = x
				}
			}
			if lang == "zh" {
				candidates = append(candidates, outer.Label.In(lang)+"·"+label)
			} else {
				candidates = append(candidates, outer.Label.In(lang)+": "+label)
			}
		}
	}
	for _, name := range candidates {
		names, problems := table.Named([]string{"", name}, b.Languages, facts...)
		if name != "" && len(problems) == 0 && names[1] == c.Path && !strings.HasPrefix(name, "#") {
			return name
		}
	}
	return c.Path
}

// labelsOfWords are the labels of the words that a cell may be; none where a
// label would not be read as its word.
func labelsOfWords(b *policy.Rulebook, f *policy.Fact, lang string) []string {
	switch {
	case f.TypeName == "yes_no" && lang == "zh":
		return []string{"是", "否"}
	case f.TypeName == "yes_no":
		return []string{"yes", "no"}
	case f.TypeName != "word":
		return nil
	}
	column := []table.Column{{Fact: f}}
	table.Bind(column, b.Languages, table.About{}, table.How{})
	var all []string
	for _, word := range f.Words.Words {
		label := f.Words.Labels[word].In(lang)
		if label == "" || !column[0].Likely(label) {
			return f.Words.Words
		}
		all = append(all, label)
	}
	return all
}

// exampleOf is what a cell of a fact may look like.
func exampleOf(b *policy.Rulebook, f *policy.Fact, lang string) string {
	switch f.TypeName {
	case "moment":
		return "2025-06-09 10:00"
	case "date":
		return "2025-06-09"
	case "month":
		return "2025-06"
	case "year":
		return "2025"
	case "count", "number":
		return "3"
	case "money":
		return "20"
	case "word", "yes_no":
		return labelsOfWords(b, f, lang)[0]
	case "list":
		return exampleOf(b, f.Elem, lang)
	case "article":
		return "1"
	}
	if lang == "zh" {
		return "张三"
	}
	return "Smith"
}
