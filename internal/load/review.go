package load

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

func (l *loader) review(n *source.Node) {
	l.onlyKeys(n, l.withLabel("sections")...)
	r := &policy.Review{Title: l.label(n)}
	l.book.Review = r
	sections := l.required(n, "sections")
	if sections == nil || !l.isMap(sections, policy.Text{ZH: "sections", EN: "sections"}) {
		return
	}
	// What a section refers to is checked once everything else is in order:
	// else each mistake above would be reported here again.
	sound := !l.found.Failed()
	for _, e := range sections.Entries {
		if l.plainName(e.Key) && l.isMap(e.Value, policy.Text{ZH: "审查部分", EN: "a section"}) {
			s := l.reviewSection(e.Key, e.Value, sound)
			r.Sections = append(r.Sections, s)
		}
	}
}

// plainName checks a name that no expression mentions.
func (l *loader) plainName(n *source.Node) bool {
	if checked.SnakeCase.MatchString(n.Text) && len(n.Text) <= checked.MaxIdentifier {
		return true
	}
	l.badName(n)
	return false
}

func (l *loader) reviewSection(key, n *source.Node, sound bool) *policy.ReviewSection {
	l.onlyKeys(n, l.withLabel("note", "question", "table", "month", "until", "list", "columns", "with")...)
	s := &policy.ReviewSection{Name: key.Text, Title: l.label(n)}
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
		l.fail("until_without_month", u, diagnostic.Textf("有 until 而没有 month", "there is until without month"),
			diagnostic.Textf("写 month: 事实，或删去 until", "write month: a fact, or remove until"))
	}
	s.List = l.reviewVerdicts(s.Question, n.Get("list"))
	withs := map[string]*policy.Question{}
	if w := n.Get("with"); w != nil && l.isMap(w, policy.Text{ZH: "with", EN: "with"}) {
		for _, e := range w.Entries {
			if l.plainName(e.Key) && l.isMap(e.Value, policy.Text{ZH: "另问的问题", EN: "another question"}) {
				with := l.reviewWith(s, e.Key, e.Value, sound)
				withs[with.Name] = with.Question
				s.With = append(s.With, with)
			}
		}
	}
	if c := n.Get("columns"); c != nil && l.isMap(c, policy.Text{ZH: "columns", EN: "columns"}) {
		for _, e := range c.Entries {
			if l.plainName(e.Key) && l.isMap(e.Value, policy.Text{ZH: "一栏", EN: "a column"}) {
				s.Columns = append(s.Columns, l.reviewColumn(s.Question, e.Key, e.Value))
			}
		}
	}
	return s
}

func (l *loader) reviewQuestion(n *source.Node, sound bool) *policy.Question {
	q := l.required(n, "question")
	if q == nil || !l.isScalar(q, policy.Text{ZH: "问题", EN: "the question"}) || !sound {
		return nil
	}
	found, ok := l.book.Question(q.Text)
	if !ok {
		l.fail("unknown_question", q, diagnostic.Textf("没有问题 %q", "there is no question %q", q.Text), checked.OneOfQuestions(l.book.Rulebook, q.Text))
	}
	return found
}

func (l *loader) reviewTable(n *source.Node) string {
	if !l.isScalar(n, policy.Text{ZH: "表名", EN: "the name of the table"}) || !l.plainName(n) {
		return ""
	}
	return n.Text
}

// reviewMoment reads the path of a fact that lies in time.
func (l *loader) reviewMoment(q *policy.Question, n *source.Node) string {
	if n == nil || !l.isScalar(n, policy.Text{ZH: "事实", EN: "the fact"}) || q == nil {
		return ""
	}
	f, ok := q.FactAt(n.Text)
	if !ok {
		l.unknownReviewFact(q, n, n.Text)
		return ""
	}
	switch f.TypeName {
	case "moment", "date", "month":
		return n.Text
	}
	l.fail("wrong_type", n, diagnostic.Textf("%s 不是时刻、日期或月份", "%s is no moment, date or month", n.Text),
		diagnostic.Textf("写这样的事实", "write a fact that is one"))
	return ""
}

func (l *loader) unknownReviewFact(q *policy.Question, n *source.Node, path string) {
	paths := q.PathsNear(path)
	for i := range paths { // as they are written here
		paths[i] = strings.TrimSuffix(n.Text, path) + paths[i]
	}
	l.fail("unknown_fact", n, diagnostic.Textf("问题 %s 不收取事实 %q", "question %s takes no fact %q", q.ID, path), diagnostic.OneOf(n.Text, paths))
}

func (l *loader) reviewVerdicts(q *policy.Question, n *source.Node) []string {
	if n == nil {
		return nil
	}
	var words []string
	for _, item := range l.items(n) {
		words = append(words, item.Text)
		if q == nil {
			continue
		}
		l.withVerdicts = append(l.withVerdicts, func() {
			allowed := append(slices.Clone(q.Verdict.Words.Words), policy.Undetermined, policy.NotInScope)
			if !slices.Contains(allowed, item.Text) {
				l.fail("unknown_word", item, diagnostic.Textf("问题 %s 没有结论 %q", "question %s has no verdict %q", q.ID, item.Text), diagnostic.OneOf(item.Text, allowed))
			}
		})
	}
	return words
}

func (l *loader) reviewColumn(q *policy.Question, key, n *source.Node) policy.ReviewColumn {
	l.onlyKeys(n, l.withLabel("show", "sum")...)
	c := policy.ReviewColumn{Name: key.Text, Label: l.label(n)}
	c.Sum = n.Get("sum") != nil && l.flag(n.Get("sum"))
	show := l.required(n, "show")
	if show == nil {
		return c
	}
	for _, item := range l.items(show) {
		c.Show = append(c.Show, item.Text)
		l.reviewPath(q, item)
	}
	if c.Sum && (len(c.Show) != 1 || strings.HasPrefix(c.Show[0], policy.FactsPrefix)) {
		l.fail("sum_of_one_value", n.Get("sum"), diagnostic.Textf("只有单独一个取值能合计", "only a single value of the answer can be added up"),
			diagnostic.Textf("show 只写一个取值，或删去 sum", "show one value, or remove sum"))
	}
	return c
}

// reviewPath checks the path of a value, or of a fact behind "facts.".
func (l *loader) reviewPath(q *policy.Question, n *source.Node) {
	if q == nil {
		return
	}
	if path, ok := strings.CutPrefix(n.Text, policy.FactsPrefix); ok {
		if _, ok := q.FactAt(path); !ok {
			l.unknownReviewFact(q, n, path)
		}
		return
	}
	l.reviewValue(q, n)
}

func (l *loader) reviewValue(q *policy.Question, n *source.Node) {
	if q == nil {
		return
	}
	if _, ok := q.ValueAt(n.Text); !ok {
		names := make([]string, len(q.Values))
		for i, f := range q.Values {
			names[i] = f.Name
		}
		remedy := diagnostic.OneOf(n.Text, names)
		if _, ok := q.FactAt(n.Text); ok {
			remedy = diagnostic.Textf("它是事实：写 %s", "it is a fact: write %s", policy.FactsPrefix+n.Text)
		}
		l.fail("unknown_value", n, diagnostic.Textf("问题 %s 的答复没有取值 %q", "the answers of question %s have no value %q", q.ID, n.Text), remedy)
	}
}

func (l *loader) reviewWith(s *policy.ReviewSection, key, n *source.Node, sound bool) policy.ReviewWith {
	l.onlyKeys(n, l.withLabel("question", "table", "for", "show")...)
	w := policy.ReviewWith{Name: key.Text}
	w.Question = l.reviewQuestion(n, sound)
	switch {
	case l.hasLabel(n):
		w.Title = l.label(n)
	case w.Question != nil:
		w.Title = w.Question.Title
	}
	if t := n.Get("table"); t != nil {
		w.Table = l.reviewTable(t)
	}
	w.For = l.reviewVerdicts(s.Question, n.Get("for"))
	if show := n.Get("show"); show != nil && l.isScalar(show, policy.Text{ZH: "取值", EN: "the value"}) {
		w.Show = show.Text
		l.reviewValue(w.Question, show)
	}
	return w
}
