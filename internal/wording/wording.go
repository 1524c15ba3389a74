// Package wording says what is in an answer in words: its values with their
// labels, words of lists, options of readings, natures of articles. The
// command line and the console of the example server show the same.
package wording

import (
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/internal/tally"
	"github.com/servicerules/rulebook/internal/walltime"
	"github.com/servicerules/rulebook/policy"
)

// Words says things of a rulebook in one language.
type Words struct {
	Book *policy.Rulebook
	Lang string // "zh" or "en"
}

func (w Words) pick(zh, en string) string { return diagnostic.Text{ZH: zh, EN: en}.In(w.Lang) }

func (w Words) comma() string { return w.pick("、", ", ") }

// Amounts are amounts of several currencies in a language, one behind the other; of
// none they come to 0, in whatever currency.
func Amounts(amounts []policy.Money, lang string) string {
	if len(amounts) == 0 {
		return "0"
	}
	parts := make([]string, len(amounts))
	for i, m := range amounts {
		parts[i] = m.Show(lang)
	}
	return strings.Join(parts, Words{Lang: lang}.comma())
}

// BreachOf is a breach that is told as text, "article#code" or
// "article#code:detail", as Breach has it.
func (w Words) BreachOf(text string) string {
	article, rest, _ := strings.Cut(text, "#")
	code, detail, _ := strings.Cut(rest, ":")
	label := w.Code(code)
	if detail != "" {
		label += w.pick("：", ": ") + w.Code(detail)
	}
	return w.Breach(policy.Breach{Article: article, Label: policy.Text{ZH: label, EN: label}})
}

// Word is the label of a word: in its own list, else in whichever lists have
// it, if they agree; else the word.
func (w Words) Word(word string, list *policy.WordList) string {
	if list != nil {
		if label, ok := list.Labels[word]; ok {
			return label.In(w.Lang)
		}
	}
	found := ""
	for _, l := range w.Book.Words {
		label, ok := l.Labels[word]
		if !ok {
			continue
		}
		if found != "" && found != label.In(w.Lang) {
			return word
		}
		found = label.In(w.Lang)
	}
	if found == "" {
		return word
	}
	return found
}

// Verdict is a verdict of a question in words.
func (w Words) Verdict(q *policy.Question, verdict string) string {
	switch verdict {
	case policy.Undetermined:
		return w.pick("未定", "undetermined")
	case policy.NotInScope:
		return w.pick("不适用本制度", "the regulation does not apply")
	}
	return w.Word(verdict, q.Verdict.Words)
}

// Article is an article as people call it.
func Article(b *policy.Rulebook, id string) diagnostic.Text { return b.LabelOfArticle(id) }

// Breach is what was broken, and where it stands.
func (w Words) Breach(b policy.Breach) string {
	return b.Label.In(w.Lang) + w.pick("（", " (") + Article(w.Book, b.Article).In(w.Lang) + w.pick("）", ")")
}

// Fact is the label of a fact of a question under its path, whatever its place
// in a list.
func (w Words) Fact(q *policy.Question, path string) string {
	return q.LabelOf(tally.WithoutIndex(path)).In(w.Lang)
}

// FactNamed is the label of a fact of a question, and its path behind it: what
// is to be given, and how it is called in a file of facts.
func (w Words) FactNamed(q *policy.Question, path string) string {
	label := w.Fact(q, path)
	if label == tally.WithoutIndex(path) {
		return path
	}
	return label + w.pick("（", " (") + path + w.pick("）", ")")
}

// Rule is the label of a rule that an answer names by its id.
func (w Words) Rule(id string) string { return w.Book.LabelOfRule(id).In(w.Lang) }

// Code is the wording that the rulebook has for a word or code of its own,
// else the code.
func (w Words) Code(code string) string {
	if label, ok := w.Book.Wording(code); ok {
		return label.In(w.Lang)
	}
	return code
}

// Reading is what a reading asks; its key where there is none.
func (w Words) Reading(key string) string {
	if r, ok := w.Book.Reading(key); ok {
		return r.Asks.In(w.Lang)
	}
	return key
}

// Option is the label of an option of a reading; "" for one that does not
// exist.
func (w Words) Option(key, option string) string {
	r, ok := w.Book.Reading(key)
	if !ok {
		return ""
	}
	c, err := r.ParseChoice(option)
	if err != nil {
		return ""
	}
	var labels []string
	for _, o := range r.Options {
		if Chosen(c, o.Name) {
			labels = append(labels, o.Label.In(w.Lang))
		}
	}
	return strings.Join(labels, w.comma())
}

// Chosen reports whether an option is the choice, or one of its set.
func Chosen(c policy.Choice, option string) bool {
	return c.Option == option || slices.Contains(c.Set, option)
}

// Row is a value of an answer, with its label.
type Row struct {
	Path  string // "restarted.due_date"
	Label string
	Text  string // several lines for a list of records; "" for a record, whose fields follow
	Depth int    // of a field of a record: 1 and more
	None  bool   // the value is not known or does not exist
}

// Rows are the values of an answer, in its order; below a record stand its
// fields.
func (w Words) Rows(q *policy.Question, a *policy.Answer) []Row {
	var rows []Row
	for v := range a.Values() {
		rows = append(rows, w.rows(q, v, v.Name, 0)...)
	}
	return rows
}

func (w Words) rows(q *policy.Question, v policy.Value, path string, depth int) []Row {
	row := Row{Path: path, Label: v.Label.In(w.Lang), Depth: depth, None: v.State != policy.StateKnown}
	of, ok := q.ValueAt(path)
	if !ok {
		return nil
	}
	if len(of.Fields) == 0 || row.None {
		row.Text = w.value(of, v)
		return []Row{row}
	}
	rows := []Row{row}
	for _, f := range v.Fields {
		rows = append(rows, w.rows(q, f, path+"."+f.Name, depth+1)...)
	}
	return rows
}

// Value is a value of an answer as a person reads it, on one line.
func (w Words) Value(of *policy.QuestionValue, v policy.Value) string {
	return strings.ReplaceAll(w.value(of, v), "\n", w.pick("；", "; "))
}

// value is a value as a person reads it. Records are shown with the names of
// their fields.
func (w Words) value(of *policy.QuestionValue, v policy.Value) string {
	holdsRecords := slices.ContainsFunc(v.Items, func(item policy.Value) bool { return item.Kind == policy.KindRecord })
	if text := v.Show(w.Lang); text != "" && !holdsRecords {
		return report.Clean(text)
	}
	return w.show(of, v)
}

// show is a value, or a part of one, as a person reads it.
func (w Words) show(of *policy.QuestionValue, v policy.Value) string {
	switch {
	case v.State != policy.StateKnown:
		return "–"
	case v.Kind == policy.KindList:
		if len(v.Items) == 0 {
			return w.pick("无", "none")
		}
		parts := make([]string, len(v.Items))
		separator := w.comma()
		for i, item := range v.Items {
			parts[i] = w.show(of, item)
			if item.Kind == policy.KindRecord {
				separator = "\n"
			}
		}
		return strings.Join(parts, separator)
	case v.Kind == policy.KindRecord, v.Kind == policy.KindMap:
		parts := make([]string, len(v.Fields))
		for i, f := range v.Fields {
			name := f.Label.In(w.Lang)
			if name == "" {
				name = report.Clean(f.Name)
			}
			parts[i] = name + " " + w.show(of, f)
		}
		return strings.Join(parts, w.comma())
	}
	switch x := v.Data.(type) {
	case bool:
		if x {
			return w.pick("是", "yes")
		}
		return w.pick("否", "no")
	case time.Time:
		return Moment(x)
	case policy.Money, policy.Ratio, time.Duration:
		if text := v.Show(w.Lang); text != "" {
			return text
		}
	case string:
		if _, ok := w.Book.Article(x); ok {
			return Article(w.Book, x).In(w.Lang)
		}
		if len(v.Words()) > 0 { // a field of a record knows its own words
			return report.Clean(v.Show(w.Lang))
		}
		return report.Clean(w.Word(x, of.Words))
	}
	return strings.Trim(string(v.AppendJSON(nil)), `"`) // a number, or what has no label and needs no escapes
}

// Moment is a moment as a person reads it.
func Moment(t time.Time) string { return walltime.Told(t) }

// Nature is the label of what an article is, or else its code.
func (w Words) Nature(nature string) string { return checked.NatureLabel(nature).In(w.Lang) }
