package policy

import (
	"slices"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
)

// Review says how a period's records are reviewed: which question is asked
// about each record of which table, and what of the answers is shown.
type Review struct {
	Title    Text
	Sections []*ReviewSection
}

// ReviewSection is one question asked about each record of a table.
type ReviewSection struct {
	Name     string
	Title    Text
	Note     Text // what a reader should know
	Question *Question
	Table    string   // the name of the table, without ending
	Month    string   // the fact that places a record in a month, "" for none
	Until    string   // the fact that ends it: until then it belongs to later months too
	List     []string // the verdicts of which records are listed; nil lists all
	Columns  []ReviewColumn
	With     []ReviewWith
}

// ReviewColumn is a column of a section: values of the answer, or facts
// ("facts.<path>"), shown side by side.
type ReviewColumn struct {
	Name  string
	Label Text
	Show  []string
	Sum   bool // add up the one value that is shown
}

// ReviewWith is another question asked about the same record.
type ReviewWith struct {
	Name     string
	Title    Text
	Question *Question
	Table    string   // its rows are matched by the record's id; "" for none
	For      []string // verdicts of the section's question for which it is asked; nil for all
	Show     string   // the value to show, "" for the verdict
}

// FactsPrefix marks the path of a fact among the paths of values.
const FactsPrefix = "facts."

// FactAt is the fact that a question takes under a dotted path.
func (q *Question) FactAt(path string) (*Fact, bool) {
	head, rest, nested := strings.Cut(path, ".")
	f := q.fact(head)
	for f != nil && nested {
		head, rest, nested = strings.Cut(rest, ".")
		f = f.vars[head]
	}
	return f, f != nil
}

// LabelOf names what is under a path, as answers and errors have it
// ("request.completed_at", "complaints[2].level", "as_of"), by its label: of a
// list, with the place of the element; the path itself where there is none.
func (q *Question) LabelOf(path string) Text {
	if path == "as_of" {
		return Text{ZH: "判断时间", EN: "moment of asking"}
	}
	list, rest, inside := strings.Cut(path, "[")
	f, ok := q.FactAt(list)
	if !ok {
		return Text{ZH: path, EN: path}
	}
	label := f.Label
	for inside && f.Elem != nil {
		var at string
		at, rest, _ = strings.Cut(rest, "]")
		if n, err := strconv.Atoi(at); err == nil {
			label = textf("%[1]s第 %[3]d 项", "%[2]s, item %[3]d", label.ZH, label.EN, n+1)
		}
		f = f.Elem
		field, more, deeper := strings.Cut(strings.TrimPrefix(rest, "."), "[")
		for name := range strings.SplitSeq(field, ".") {
			if x := f.vars[name]; x != nil {
				f = x
			}
		}
		if field != "" {
			label = Text{ZH: label.ZH + "·" + f.Label.ZH, EN: label.EN + ": " + f.Label.EN}
		}
		rest, inside = more, deeper
	}
	return label
}

// ValueAt is the value of a question's answers under a dotted path.
func (q *Question) ValueAt(path string) (*QuestionValue, bool) {
	list := q.Values
	for {
		head, rest, nested := strings.Cut(path, ".")
		i := slices.IndexFunc(list, func(f *QuestionValue) bool { return f.Name == head })
		if i < 0 {
			return nil, false
		}
		if !nested {
			return list[i], true
		}
		list, path = list[i].Fields, rest
	}
}

// Wording is the wording of a word or code of the rulebook.
func (b *Rulebook) Wording(code string) (Text, bool) {
	t, ok := b.labels[code]
	return t, ok
}

// LabelOfArticle is an article or item as people call it: by the title of its
// regulation and its number; the id itself where there is no such regulation.
func (b *Rulebook) LabelOfArticle(id string) Text {
	regulation, number, _ := strings.Cut(id, "/")
	for _, r := range b.Regulations {
		if r.ID == regulation {
			return Text{ZH: r.Title.ZH + "第" + number + "条", EN: r.Title.EN + ", article " + number}
		}
	}
	return Text{ZH: id, EN: id}
}

// LabelOfRule names what answers name by the id of a rule
// ("time_limit.request_clock", or "first_inquiry.attitude#rude" for one of what
// it goes through), as a missing fact does what needed it: by the label of the
// rule, or of the question; the id itself where rules are a group that has no
// label of its own.
func (b *Rulebook) LabelOfRule(id string) Text {
	if whole, one, ok := strings.Cut(id, "#"); ok {
		label := b.LabelOfRule(whole)
		of, ok := b.labels[one]
		if !ok {
			of = Text{ZH: one, EN: one}
		}
		return Text{ZH: label.ZH + "：" + of.ZH, EN: label.EN + ": " + of.EN}
	}
	_, name, _ := strings.Cut(id, ".")
	if r, ok := b.Rule(name); ok && r.ID == id {
		return r.Label
	}
	if q, ok := b.Question(id); ok {
		return q.Title
	}
	return Text{ZH: id, EN: id}
}

func (l *loader) review(n *source.Node) {
	l.onlyKeys(n, "zh", "en", "sections")
	r := &Review{Title: l.label(n)}
	l.book.Review = r
	sections := l.required(n, "sections")
	if sections == nil || !l.isMap(sections, Text{ZH: "sections", EN: "sections"}) {
		return
	}
	// What a section refers to is checked once everything else is in order:
	// else each mistake above would be reported here again.
	sound := !l.found.Failed()
	for _, e := range sections.Entries {
		if l.plainName(e.Key) && l.isMap(e.Value, Text{ZH: "审查部分", EN: "a section"}) {
			s := l.reviewSection(e.Key, e.Value, sound)
			r.Sections = append(r.Sections, s)
		}
	}
}

// plainName checks a name that no expression mentions.
func (l *loader) plainName(n *source.Node) bool {
	if snakeCase.MatchString(n.Text) && len(n.Text) <= maxIdentifier {
		return true
	}
	l.badName(n)
	return false
}

func (l *loader) reviewSection(key, n *source.Node, sound bool) *ReviewSection {
	l.onlyKeys(n, "zh", "en", "note", "question", "table", "month", "until", "list", "columns", "with")
	s := &ReviewSection{Name: key.Text, Title: l.label(n)}
	if note := n.Get("note"); note != nil {
		s.Note = l.text(note)
	}
	s.Question = l.reviewQuestion(n, sound)
	if t := l.required(n, "table"); t != nil {
		s.Table = l.reviewTable(t)
	}
	s.Month = l.reviewMoment(s.Question, n.Get("month"))
	s.Until = l.reviewMoment(s.Question, n.Get("until"))
	if u := n.Get("until"); u != nil && n.Get("month") == nil {
		l.fail("until_without_month", u, textf("有 until 而没有 month", "there is until without month"),
			textf("写 month: 事实，或删去 until", "write month: a fact, or remove until"))
	}
	s.List = l.reviewVerdicts(s.Question, n.Get("list"))
	withs := map[string]*Question{}
	if w := n.Get("with"); w != nil && l.isMap(w, Text{ZH: "with", EN: "with"}) {
		for _, e := range w.Entries {
			if l.plainName(e.Key) && l.isMap(e.Value, Text{ZH: "另问的问题", EN: "another question"}) {
				with := l.reviewWith(s, e.Key, e.Value, sound)
				withs[with.Name] = with.Question
				s.With = append(s.With, with)
			}
		}
	}
	if c := n.Get("columns"); c != nil && l.isMap(c, Text{ZH: "columns", EN: "columns"}) {
		for _, e := range c.Entries {
			if l.plainName(e.Key) && l.isMap(e.Value, Text{ZH: "一栏", EN: "a column"}) {
				s.Columns = append(s.Columns, l.reviewColumn(s.Question, e.Key, e.Value))
			}
		}
	}
	return s
}

func (l *loader) reviewQuestion(n *source.Node, sound bool) *Question {
	q := l.required(n, "question")
	if q == nil || !l.isScalar(q, Text{ZH: "问题", EN: "the question"}) || !sound {
		return nil
	}
	found := l.book.questions[q.Text]
	if found == nil {
		l.fail("unknown_question", q, textf("没有问题 %q", "there is no question %q", q.Text), oneOf(q.Text, l.book.QuestionIDs()))
	}
	return found
}

func (l *loader) reviewTable(n *source.Node) string {
	if !l.isScalar(n, Text{ZH: "表名", EN: "the name of the table"}) || !l.plainName(n) {
		return ""
	}
	return n.Text
}

// reviewMoment reads the path of a fact that lies in time.
func (l *loader) reviewMoment(q *Question, n *source.Node) string {
	if n == nil || !l.isScalar(n, Text{ZH: "事实", EN: "the fact"}) || q == nil {
		return ""
	}
	f, ok := q.FactAt(n.Text)
	if !ok {
		l.unknownReviewFact(q, n, n.Text)
		return ""
	}
	switch f.typ.Kind {
	case value.Moment, value.Date, value.Month:
		return n.Text
	}
	l.fail("wrong_type", n, textf("%s 不是时刻、日期或月份", "%s is no moment, date or month", n.Text),
		textf("写这样的事实", "write a fact that is one"))
	return ""
}

func (l *loader) unknownReviewFact(q *Question, n *source.Node, path string) {
	paths := q.pathsNear(path)
	for i := range paths { // as they are written here
		paths[i] = strings.TrimSuffix(n.Text, path) + paths[i]
	}
	l.fail("unknown_fact", n, textf("问题 %s 不收取事实 %q", "question %s takes no fact %q", q.ID, path), oneOf(n.Text, paths))
}

// pathsNear are the facts of the record that a path leads into, or else those
// of the question.
func (q *Question) pathsNear(path string) []string {
	i := strings.LastIndexByte(path, '.')
	if i < 0 {
		return q.factNames()
	}
	f, ok := q.FactAt(path[:i])
	if !ok || len(f.Fields) == 0 {
		return q.pathsNear(path[:i])
	}
	paths := make([]string, len(f.Fields))
	for n, x := range f.Fields {
		paths[n] = path[:i+1] + x.Name
	}
	return paths
}

func (l *loader) reviewVerdicts(q *Question, n *source.Node) []string {
	if n == nil {
		return nil
	}
	var words []string
	for _, item := range l.items(n) {
		words = append(words, item.Text)
		if q == nil {
			continue
		}
		allowed := append(slices.Clone(q.Verdict.Words.Words), Undetermined, NotInScope)
		if !slices.Contains(allowed, item.Text) {
			l.fail("unknown_word", item, textf("问题 %s 没有结论 %q", "question %s has no verdict %q", q.ID, item.Text), oneOf(item.Text, allowed))
		}
	}
	return words
}

func (l *loader) reviewColumn(q *Question, key, n *source.Node) ReviewColumn {
	l.onlyKeys(n, "zh", "en", "show", "sum")
	c := ReviewColumn{Name: key.Text, Label: l.label(n)}
	c.Sum = n.Get("sum") != nil && l.flag(n.Get("sum"))
	show := l.required(n, "show")
	if show == nil {
		return c
	}
	for _, item := range l.items(show) {
		c.Show = append(c.Show, item.Text)
		l.reviewPath(q, item)
	}
	if c.Sum && (len(c.Show) != 1 || strings.HasPrefix(c.Show[0], FactsPrefix)) {
		l.fail("sum_of_one_value", n.Get("sum"), textf("只有单独一个取值能合计", "only a single value of the answer can be added up"),
			textf("show 只写一个取值，或删去 sum", "show one value, or remove sum"))
	}
	return c
}

// reviewPath checks the path of a value, or of a fact behind "facts.".
func (l *loader) reviewPath(q *Question, n *source.Node) {
	if q == nil {
		return
	}
	if path, ok := strings.CutPrefix(n.Text, FactsPrefix); ok {
		if _, ok := q.FactAt(path); !ok {
			l.unknownReviewFact(q, n, path)
		}
		return
	}
	l.reviewValue(q, n)
}

func (l *loader) reviewValue(q *Question, n *source.Node) {
	if q == nil {
		return
	}
	if _, ok := q.ValueAt(n.Text); !ok {
		names := make([]string, len(q.Values))
		for i, f := range q.Values {
			names[i] = f.Name
		}
		l.fail("unknown_value", n, textf("问题 %s 的答复没有取值 %q", "the answers of question %s have no value %q", q.ID, n.Text), oneOf(n.Text, names))
	}
}

func (l *loader) reviewWith(s *ReviewSection, key, n *source.Node, sound bool) ReviewWith {
	l.onlyKeys(n, "zh", "en", "question", "table", "for", "show")
	w := ReviewWith{Name: key.Text}
	w.Question = l.reviewQuestion(n, sound)
	switch {
	case n.Get("zh") != nil || n.Get("en") != nil:
		w.Title = l.label(n)
	case w.Question != nil:
		w.Title = w.Question.Title
	}
	if t := n.Get("table"); t != nil {
		w.Table = l.reviewTable(t)
	}
	w.For = l.reviewVerdicts(s.Question, n.Get("for"))
	if show := n.Get("show"); show != nil && l.isScalar(show, Text{ZH: "取值", EN: "the value"}) {
		w.Show = show.Text
		l.reviewValue(w.Question, show)
	}
	return w
}
