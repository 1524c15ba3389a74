package wording

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// GivenFact is a fact as it was given, or as it is assumed.
type GivenFact struct {
	Label, Text string // of a record in a list, Label is ""; of what has parts, Text is
	Depth       int    // of a field of a record: 1 and more
}

// Given are the facts that somebody gave, in the order in which the question
// declares them, as lines to be read. The paths of what is assumed are those of
// [intake.Assumed]: such a fact is left out, but in the rows of a list, where it
// is marked.
func (w Words) Given(q *policy.Question, facts *source.Node, assumed []string) []GivenFact {
	g := givenFacts{w, assumed}
	var all []GivenFact
	for _, x := range q.Facts {
		all = append(all, g.fact(x.Fact, facts.Get(x.Name), x.Name, 0)...)
	}
	return all
}

// Assumed are the facts that nobody gave, with what is assumed for each.
func (w Words) Assumed(q *policy.Question, assumed []string) []GivenFact {
	var all []GivenFact
	for _, path := range assumed {
		fact, ok := q.FactAt(path)
		if strings.Contains(path, "[") || !ok {
			continue
		}
		text := w.Absence(fact, policy.IsNone)
		if fact.Absent == policy.IsDefault {
			text = w.Standard(fact)
		}
		all = append(all, GivenFact{Label: w.FactWithin(q, path), Text: text})
	}
	return all
}

type givenFacts struct {
	Words
	assumed []string // paths
}

// fact is a fact, and what is in it, a line each.
func (g givenFacts) fact(f *policy.Fact, n *source.Node, path string, depth int) []GivenFact {
	mark := ""
	switch {
	case n == nil:
		return nil
	case !slices.Contains(g.assumed, path):
	case strings.Contains(path, "["):
		mark = g.pick("（未提供，推定）", " (not given, assumed)")
	default:
		return nil
	}
	label := f.Label.In(g.Lang)
	if n.Kind == source.Empty {
		text := g.pick("不清楚", "not known")
		if f.Null == policy.IsNone {
			text = g.pick("没有", "none")
		}
		return []GivenFact{{label, text + mark, depth}}
	}
	switch {
	case f.TypeName == "record":
		var inner []GivenFact
		for _, x := range f.Fields {
			inner = append(inner, g.fact(x, n.Get(x.Name), path+"."+x.Name, depth+1)...)
		}
		if len(inner) == 0 && len(n.Entries) > 0 {
			return nil // all of it is assumed
		}
		return append([]GivenFact{{label, "", depth}}, inner...)
	case f.TypeName == "list" && f.Elem.TypeName == "record":
		all := []GivenFact{{label, "", depth}}
		if len(n.Items) == 0 {
			all[0].Text = g.pick("没有", "none") + mark
		}
		for i, item := range n.Items {
			all = append(all, GivenFact{"", g.row(f.Elem, item, path+"["+strconv.Itoa(i)+"]"), depth + 1})
		}
		return all
	case f.TypeName == "list":
		parts := make([]string, len(n.Items))
		for i, item := range n.Items {
			parts[i] = g.Scalar(f.Elem, item.Text)
		}
		text := strings.Join(parts, g.comma())
		if len(parts) == 0 {
			text = g.pick("没有", "none")
		}
		return []GivenFact{{label, text + mark, depth}}
	}
	return []GivenFact{{label, g.Scalar(f, n.Text) + mark, depth}}
}

// row is a record of a list on one line.
func (g givenFacts) row(f *policy.Fact, n *source.Node, path string) string {
	var parts []string
	for _, x := range f.Fields {
		for _, part := range g.fact(x, n.Get(x.Name), path+"."+x.Name, 0) {
			parts = append(parts, strings.TrimSpace(part.Label+" "+part.Text))
		}
	}
	return strings.Join(parts, g.pick("，", ", "))
}

// Scalar is a single given value in words.
func (w Words) Scalar(f *policy.Fact, text string) string {
	switch {
	case f.TypeName == "yes_no" && text == "true":
		return w.pick("是", "yes")
	case f.TypeName == "yes_no":
		return w.pick("否", "no")
	case f.TypeName == "moment":
		if t, err := source.Moment(text); err == nil {
			return Moment(t.In(w.Book.Zone))
		}
	case f.TypeName == "money":
		if m, err := policy.ReadMoney(text, f.Currency); err == nil {
			return m.Show(w.Lang)
		}
	case f.Words != nil:
		return w.Word(text, f.Words)
	case f.TypeName == "article":
		if _, ok := w.Book.Article(text); ok {
			return Article(w.Book, text).In(w.Lang)
		}
	case !f.Unit.IsZero():
		return text + " " + f.Unit.In(w.Lang)
	}
	return Plainly(text)
}

// shownHidden is how many kinds of invisible characters are named.
const shownHidden = 8

// Plainly is a text in which nothing is hidden: characters that cannot be seen
// are named behind it, and those that turn the direction of writing turn
// nothing else.
func Plainly(text string) string {
	var named []string
	for _, c := range text {
		if c == '\n' || c == '\t' || c == '\r' || unicode.IsGraphic(c) && c != utf8.RuneError {
			continue
		}
		if name := fmt.Sprintf("U+%04X", c); !slices.Contains(named, name) && len(named) < shownHidden {
			named = append(named, name)
		}
	}
	if named == nil {
		return text
	}
	const isolate, end = "\u2068", "\u2069"
	return isolate + text + end + " [" + strings.Join(named, " ") + "]"
}

// Absence is what leaving a fact out means.
func (w Words) Absence(fact *policy.Fact, a policy.Absence) string {
	switch a {
	case policy.IsNone:
		if fact.Event || fact.TypeName == "moment" {
			return w.pick("尚未发生", "has not happened")
		}
		return w.pick("没有", "none")
	case policy.IsDefault:
		return w.pick("不填视为：", "if left out: ") + w.Standard(fact)
	}
	return w.pick("不清楚", "not known")
}

// Standard is the declared value of a fact that is left out.
func (w Words) Standard(fact *policy.Fact) string {
	if fact.Absent != policy.IsDefault && fact.Null != policy.IsDefault || fact.TypeName == "list" {
		return w.pick("没有", "none")
	}
	return w.Scalar(fact, fact.Default)
}

// FactWithin is the wording of a fact's path with what it is in: "request: kind
// of request", and of the items of lists which one, counted from one.
func (w Words) FactWithin(q *policy.Question, path string) string {
	if path == "as_of" {
		return w.pick("判断时间", "moment of asking")
	}
	name, rest, _ := strings.Cut(path, ".")
	name, index, _ := strings.Cut(name, "[")
	for _, f := range q.Facts {
		if f.Name == name {
			return w.labelIn(f.Fact, index, rest)
		}
	}
	return path
}

// labelIn is the label of the field that the rest of a path leads to; of
// records only the field is named.
func (w Words) labelIn(f *policy.Fact, index, rest string) string {
	label := f.Label.In(w.Lang)
	if i, _, ok := strings.Cut(index, "]"); ok {
		f = f.Elem
		if n := ordinal(i); n != "" {
			label += " " + n
		}
	}
	if rest == "" || f == nil {
		return label
	}
	name, rest, _ := strings.Cut(rest, ".")
	name, index, _ = strings.Cut(name, "[")
	for _, x := range f.Fields {
		if x.Name == name {
			inner := w.labelIn(x, index, rest)
			if f.TypeName == "record" && f.Name == "" {
				return label + w.pick("：", ": ") + inner
			}
			return inner
		}
	}
	return label
}

// ordinal counts from one what a path counts from nought.
func ordinal(index string) string {
	if index == "" { // any of them
		return ""
	}
	n := 0
	for _, c := range index {
		if c < '0' || c > '9' || n > 1<<20 {
			return ""
		}
		n = n*10 + int(c-'0')
	}
	return strconv.Itoa(n + 1)
}
