package site

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// questionCases are the cases about a question, with what became of them.
type questionCases struct {
	ID    string
	Cases []ranCase
}

// ranCase is a case that has been asked.
type ranCase struct {
	*casefile.Case
	File     string // its name, without directories
	Changed  bool   // of a file that changes the rules
	Result   *casefile.Result
	articles []string // that it expects to be cited or broken
}

// runCases asks all cases, question by question in the order of the book.
func (b *builder) runCases(ctx context.Context, all []*casefile.File) error {
	at := map[string]int{}
	for _, id := range b.b.QuestionIDs() {
		at[id] = len(b.cases)
		b.cases = append(b.cases, questionCases{ID: id})
	}
	for _, f := range all {
		book, err := casefile.Book(b.book, f)
		if err != nil {
			continue // the changes of its rules are not of this book
		}
		for _, c := range f.Cases {
			i, known := at[c.Question]
			if !known {
				continue
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			r := ranCase{Case: c, File: path.Base(strings.ReplaceAll(f.Name, `\`, "/")), Changed: len(f.Changes) > 0, Result: casefile.Run(ctx, book, c)}
			for _, text := range scalars(c.Expect.Get("cites"), c.Expect.Get("breaches")) {
				id, _, _ := strings.Cut(text, "#")
				if !slices.Contains(r.articles, id) {
					r.articles = append(r.articles, id)
				}
			}
			b.cases[i].Cases = append(b.cases[i].Cases, r)
		}
	}
	b.cases = slices.DeleteFunc(b.cases, func(q questionCases) bool { return len(q.Cases) == 0 })
	return nil
}

// scalars are the texts of nodes that hold one or several.
func scalars(nodes ...*source.Node) []string {
	var all []string
	for _, n := range nodes {
		switch {
		case n == nil:
		case n.Kind == source.Scalar:
			all = append(all, n.Text)
		default:
			for _, item := range n.Items {
				all = append(all, item.Text)
			}
		}
	}
	return all
}

type casesView struct {
	Question       link
	Cases          []caseView
	Passed, Failed int
}

type caseView struct {
	Anchor, File    string
	Name, Note      ofCase
	Changed, Passed bool
	AsOf            string
	Readings        []link
	Facts, Expect   []given
	Mismatches      []string
}

// given is a fact of a case, or a value that it expects, with parts of its own.
type given struct {
	Label, Value string
	Parts        []given
}

type casesIndex struct {
	Questions      []casesCount
	Passed, Failed int
}

type casesCount struct {
	link
	Passed, Failed int
}

func (s *speaker) casePages() error {
	index := casesIndex{}
	for _, q := range s.cases {
		asked := s.b.QuestionsByID[q.ID]
		v := casesView{Question: link{Text: s.text(asked.Title), Href: questionAddress(q.ID)}}
		for _, c := range q.Cases {
			x := s.caseOf(asked, c)
			if x.Passed {
				v.Passed++
			} else {
				v.Failed++
			}
			v.Cases = append(v.Cases, x)
			s.find(x.Name.Text, s.pick("用例", "case")+" · "+v.Question.Text, casesAddress(q.ID)+"#"+x.Anchor, x.Note.Text)
		}
		index.Passed += v.Passed
		index.Failed += v.Failed
		index.Questions = append(index.Questions, casesCount{link{Text: v.Question.Text, Href: casesAddress(q.ID), Note: q.ID}, v.Passed, v.Failed})
		if err := s.write(casesAddress(q.ID), "cases.html", "cases", s.pick("用例："+v.Question.Text, "Cases: "+v.Question.Text), v); err != nil {
			return err
		}
	}
	return s.write("cases/index.html", "allcases.html", "cases", s.pick("用例", "Cases"), index)
}

// ofCase is the name or the note of a case, and its language where that is not the
// page's.
type ofCase struct{ Text, Lang string }

func (s *speaker) ofCase(text string) ofCase {
	in, lang := casefile.TextIn(text, s.lang)
	switch lang {
	case s.lang:
		lang = ""
	case "zh":
		lang = "zh-CN"
	}
	return ofCase{in, lang}
}

func (s *speaker) caseOf(q *checked.Question, c ranCase) caseView {
	x := caseView{Anchor: caseAnchor(c.Name), Name: s.ofCase(c.Name), File: c.File, Note: s.ofCase(c.Note), Changed: c.Changed, Passed: c.Result.Passed()}
	if !c.AsOf.IsZero() {
		x.AsOf = s.moment(c.AsOf)
	}
	for _, r := range c.Readings {
		l := link{Text: r.Key, Note: r.Option}
		if reading := s.b.ReadingsByKey[r.Key]; reading != nil {
			l = link{Text: s.text(reading.Asks), Href: readingAddress(r.Key), Note: r.Option}
			if choice, err := reading.ParseChoice(r.Option); err == nil {
				l.Note = s.optionLabel(reading.Reading, choice)
			}
		}
		x.Readings = append(x.Readings, l)
	}
	for _, e := range c.Facts.Entries {
		x.Facts = append(x.Facts, s.given(q.Fact(e.Key.Text), e.Key.Text, e.Value))
	}
	for _, e := range c.Expect.Entries {
		x.Expect = append(x.Expect, s.expected(q, e.Key.Text, e.Value))
	}
	for _, m := range c.Result.Mismatches {
		x.Mismatches = append(x.Mismatches, s.mismatch(q, m))
	}
	return x
}

// given is a fact in words; f is nil where nothing of that name is declared.
func (s *speaker) given(f *checked.Fact, name string, n *source.Node) given {
	g := given{Label: name}
	var words *policy.WordList
	if f != nil {
		g.Label, words = s.text(f.Label), f.Words
		if f.Elem != nil && words == nil {
			words = f.Elem.Words
		}
	}
	switch n.Kind {
	case source.Scalar:
		g.Value = s.shown(n.Text, words)
		if f != nil && !f.Unit.IsZero() {
			unit := s.text(f.Unit)
			if one, several := strings.CutSuffix(unit, "s"); several && s.lang == "en" && n.Text == "1" && !strings.HasSuffix(one, "s") {
				unit = one
			}
			g.Value += " " + unit
		}
	case source.Map:
		for _, e := range n.Entries {
			g.Parts = append(g.Parts, s.given(fieldOf(f, e.Key.Text), e.Key.Text, e.Value))
		}
	case source.Seq:
		var plain []string
		for i, item := range n.Items {
			if item.Kind == source.Scalar {
				plain = append(plain, s.shown(item.Text, words))
				continue
			}
			var of *checked.Fact
			if f != nil {
				of = f.Elem
			}
			part := s.given(of, "", item)
			part.Label = fmt.Sprint(i + 1)
			g.Parts = append(g.Parts, part)
		}
		g.Value = strings.Join(plain, s.pick("、", ", "))
		if len(n.Items) == 0 {
			g.Value = s.pick("空", "none")
		}
	default:
		g.Value = s.pick("无", "none")
	}
	return g
}

func fieldOf(f *checked.Fact, name string) *checked.Fact {
	if f == nil {
		return nil
	}
	for _, x := range f.Fields {
		if x.Name == name {
			return x
		}
	}
	return nil
}

// moment is a moment on the clocks of the book, with its seconds where there are any.
func (s *speaker) moment(at time.Time) string {
	at = at.In(s.b.Zone)
	if at.Second() == 0 && at.Nanosecond() == 0 {
		return at.Format("2006-01-02 15:04")
	}
	return at.Format("2006-01-02 15:04:05.999")
}

// shown is what a case has, as people read it: words by their labels, moments on
// the clocks of the book.
func (s *speaker) shown(text string, words *policy.WordList) string {
	switch text {
	case "true":
		return s.pick("是", "yes")
	case "false":
		return s.pick("否", "no")
	case "null":
		return s.pick("无", "none")
	}
	if words != nil {
		if label, ok := words.Labels[text]; ok {
			return s.text(label)
		}
	}
	if at, err := source.Moment(text); err == nil {
		return s.moment(at)
	}
	return text
}

// mismatch says what a case expects of a part of the answer, and what it is.
func (s *speaker) mismatch(q *checked.Question, m casefile.Mismatch) string {
	name, field, inner := strings.Cut(m.Field, ".")
	label, words := s.partOf(q, name)
	if inner {
		label, words = label+"·"+field, nil
	}
	side := func(text string) string {
		text = casefile.Unquoted(text)
		if told := casefile.Side(m.Field, text); told.ZH != told.EN {
			return s.text(told)
		}
		if name == "verdict" {
			return s.words.Verdict(q.Question, text)
		}
		return s.shown(text, words)
	}
	got := s.text(m.Refused)
	if got == "" {
		got = side(m.Got)
	}
	return s.pick(label+"：应为 "+side(m.Expected)+"，实得 "+got, label+": expected "+side(m.Expected)+", got "+got)
}

// partOf is what a part of an answer is called, and its words where it has any.
func (s *speaker) partOf(q *checked.Question, name string) (label string, words *policy.WordList) {
	labels := map[string]policy.Text{
		"verdict": {ZH: "结论", EN: "verdict"}, "breaches": {ZH: "违反", EN: "breaches"}, "liable": {ZH: "责任人", EN: "who answers"}, "cites": {ZH: "依据条款", EN: "articles"},
		"decisions": {ZH: "须由人决定", EN: "to be decided"}, "missing_facts": {ZH: "缺少的事实", EN: "missing facts"}, "error": {ZH: "不能判断", EN: "error"},
		"provisional": {ZH: "暂定", EN: "provisional"}, "cites_only": {ZH: "依据的全部条款", EN: "all articles relied on"},
		"rules": {ZH: "所用规则", EN: "rules used"}, "rules_only": {ZH: "所用的全部规则", EN: "all rules used"},
	}
	label = name
	if text, ok := labels[name]; ok {
		label = s.text(text)
	}
	if v, ok := q.ValueAt(name); ok {
		label, words = s.text(v.Label), v.Words
	}
	if name == "verdict" && q.Question.Verdict != nil {
		words = q.Question.Verdict.Words
	}
	return label, words
}

// expected is what a case expects of a part of the answer.
func (s *speaker) expected(q *checked.Question, name string, n *source.Node) given {
	g := s.given(nil, name, n)
	label, words := s.partOf(q, name)
	g.Label = label
	var parts []string
	for _, text := range scalars(n) {
		switch name {
		case "cites", "cites_only":
			text = s.text(s.b.LabelOfArticle(text))
		case "rules", "rules_only":
			text = s.text(s.b.LabelOfRule(text))
		case "breaches":
			text = s.words.BreachOf(text)
		case "verdict":
			text = s.words.Verdict(q.Question, text)
		default:
			text = s.shown(text, words)
			if words == nil || words.Labels[text].IsZero() {
				text = s.words.Word(text, words)
			}
		}
		parts = append(parts, text)
	}
	if len(g.Parts) == 0 && len(parts) > 0 {
		g.Value = strings.Join(parts, s.pick("、", ", "))
	}
	return g
}
