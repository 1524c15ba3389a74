package casefile

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// What is wrong with a case itself, as opposed to an answer that is another
// than expected: it asks a question, names a reading, gives a fact or expects a
// word that does not exist. It is told as `check` tells what is wrong with a
// rules file: with the place, and what to write.

// fault adds what is wrong at a place of the case. What only looks right is
// told first.
func (r *Result) fault(code string, at diagnostic.Span, text string, message, remedy diagnostic.Text) {
	at.File = r.Case.Span.File
	plain, what := source.InASCII(text)
	if digits := strings.ReplaceAll(plain, ",", ""); digits != plain && strings.Contains(remedy.ZH, digits) { // a number with separators
		plain = digits
	}
	if !what.IsZero() && !strings.Contains(remedy.ZH, "半角") && !strings.Contains(remedy.ZH, "全角") {
		remedy = diagnostic.Text{ZH: what.ZH + "：写 " + plain, EN: what.EN + ": write " + plain}
	}
	r.Findings = append(r.Findings, diagnostic.Diagnostic{Code: code, Severity: diagnostic.Error, Span: at, Message: message, Remedy: remedy})
}

// refused says which part of the case kept it from an answer.
func (r *Result) refused(book *policy.Rulebook, err error) {
	c := r.Case
	var reading *policy.ReadingError
	var question *policy.UnknownQuestionError
	switch {
	case errors.As(err, &reading):
		at, code := c.Span, "unknown_option"
		for _, e := range c.node.Get("readings").Pairs() {
			if e.Key.Text == reading.Key {
				at = e.Value.Span
				if book == nil || !slices.ContainsFunc(book.Readings, func(x *policy.Reading) bool { return x.Key == reading.Key }) {
					at, code = e.Key.Span, "unknown_reading"
				}
			}
		}
		r.fault(code, at, reading.Key+reading.Option, reading.Message, reading.Remedy)
	case errors.As(err, &question):
		r.fault("unknown_question", c.node.Get("question").Span, question.Question,
			diagnostic.Textf("没有问题 %q", "there is no question %q", question.Question), question.Remedy)
	default:
		for _, e := range policy.RefusedFacts(err) {
			if e.Span.Start.Line > 0 {
				r.fault(e.Code, e.Span, "", withFact(e), e.Remedy)
			}
		}
	}
}

// expectations says which of them no answer can meet.
func (r *Result) expectations(book *policy.Rulebook, a *policy.Answer) {
	question, ok := book.Question(r.Case.Question)
	if !ok || a.Error != nil {
		return
	}
	for _, m := range r.Mismatches {
		if m.Got == "no such field" {
			r.unknownField(a, m.Field)
		}
	}
	for _, e := range r.Case.Expect.Entries {
		switch n := e.Value; e.Key.Text {
		case "verdict":
			words := append(slices.Clone(question.Verdict.Words.Words), policy.Undetermined, policy.NotInScope)
			if n.Kind == source.Scalar && !slices.Contains(words, n.Text) {
				r.fault("unknown_word", n.Span, n.Text, diagnostic.Textf("问题 %s 没有结论 %q", "question %s has no verdict %q", question.ID, n.Text), wordMeant(n.Text, labelledWords(question.Verdict), words))
			}
		case "breaches":
			for _, item := range itemsOf(n) {
				r.breach(book, a, item)
			}
			for _, item := range n.Items {
				if item.Kind == source.Map {
					r.breachAsMap(a, item)
				}
			}
		case "cites", "cites_only":
			for _, item := range itemsOf(n) {
				r.article(book, item, item.Text)
			}
		case "rules", "rules_only":
			for _, item := range itemsOf(n) {
				r.rule(book, item)
			}
		default:
			if v, ok := question.ValueAt(e.Key.Text); ok && slices.ContainsFunc(r.Mismatches, func(m Mismatch) bool { return m.Field == e.Key.Text }) {
				r.expectedValue(e.Key.Text, v.Type, n)
			}
		}
	}
}

// itemsOf are the texts of a list, or one alone.
func itemsOf(n *source.Node) []*source.Node {
	if n.Kind == source.Scalar {
		return []*source.Node{n}
	}
	return slices.DeleteFunc(slices.Clone(n.Items), func(item *source.Node) bool { return item.Kind != source.Scalar })
}

// unknownField says which values an answer has.
func (r *Result) unknownField(a *policy.Answer, path string) {
	for i, e := range r.Case.Expect.Entries {
		if e.Key.Text != path {
			continue
		}
		if cut, is := checked.CutInMap(r.Case.Expect, i); is {
			message, remedy := cut.Told()
			r.fault("unknown_value", cut.Span(), path, message, remedy)
			continue
		}
		list := policy.WordList{Words: slices.Clone(commonFields), Labels: map[string]policy.Text{}}
		for v := range a.Values() {
			list.Words = append(list.Words, v.Name)
			list.Labels[v.Name] = v.Label
		}
		head, _, _ := strings.Cut(path, ".")
		r.fault("unknown_value", e.Key.Span, path, diagnostic.Textf("问题 %s 的答复没有 %q", "the answers of question %s have no %q", a.Question, path), diagnostic.OneOfNear(list.Nearest(head), list.Words))
	}
}

// CommonFields are the keys under which a case expects what every answer has.
func CommonFields() []string { return slices.Clone(commonFields) }

// commonFields are those that every answer has.
var commonFields = []string{
	"verdict", "breaches", "liable", "missing_facts", "needs_decision", "decisions", "provisional", "cites", "cites_only", "rules", "rules_only", "error", "readings",
}

// breach checks what is expected as `article#code`.
func (r *Result) breach(book *policy.Rulebook, a *policy.Answer, n *source.Node) {
	id, code, found := strings.Cut(n.Text, "#")
	if !found {
		r.fault("bad_breach", n.Span, n.Text, diagnostic.Textf("%q 不是“条款#代码”", "%q is not article#code", n.Text),
			meantBreaches(a))
		return
	}
	r.article(book, n, id)
	code, _, _ = strings.Cut(code, ":")
	if _, ok := book.Wordings[code]; ok || code == "" {
		return
	}
	said := slices.ContainsFunc(book.Rules(), func(x *policy.Rule) bool { return x.Name == code })
	if !said {
		from := utf8.RuneCountInString(id) + 1
		r.fault("unknown_word", n.SpanAt(from, from+utf8.RuneCountInString(code)), code, diagnostic.Textf("没有违规代码 %q", "there is no breach %q", code),
			breachMeant(a, code, book.Wordings))
	}
}

// breachAsMap says how a breach is written that is expected as in the JSON of answers.
func (r *Result) breachAsMap(a *policy.Answer, n *source.Node) {
	remedy := meantBreaches(a)
	if article, code := n.Get("article"), n.Get("code"); article != nil && code != nil && article.Kind == source.Scalar && code.Kind == source.Scalar {
		is := policy.Breach{Article: article.Text, Code: code.Text}
		if detail := n.Get("detail"); detail != nil && detail.Kind == source.Scalar {
			is.Detail = detail.Text
		}
		remedy = diagnostic.Textf("写 %s", "write %s", is.String())
	}
	r.fault("bad_breach", n.Span, "", diagnostic.Textf("违规写成“条款#代码”，不写成若干“键: 值”", "a breach is written as article#code, not as a map of key: value"), remedy)
}

// rule checks what is expected as the id of a rule, or of a group of rules; what
// is behind "#" is what an answer goes through in it.
func (r *Result) rule(book *policy.Rulebook, n *source.Node) {
	var ids []string
	for _, x := range book.Rules() {
		ids = append(ids, x.ID)
		if x.PartOf != "" {
			of, _, _ := strings.Cut(x.ID, ".")
			ids = append(ids, of+"."+x.PartOf)
		}
	}
	id, _, _ := strings.Cut(n.Text, "#")
	if slices.Contains(ids, id) {
		return
	}
	for _, x := range book.Rules() { // its name alone is not how an answer tells of it
		if x.Name == id {
			ids = []string{x.ID}
		}
	}
	slices.Sort(ids)
	r.fault("unknown_rule", n.SpanAt(0, utf8.RuneCountInString(id)), id, diagnostic.Textf("没有规则 %q", "there is no rule %q", id), diagnostic.OneOf(id, slices.Compact(ids)))
}

// articleCalled is the article that is called so in answers, as 限时办结制第6条; ""
// where none is.
func articleCalled(book *policy.Rulebook, text string) string {
	regulation, number, found := strings.Cut(checked.ArticleWritten(text), "/")
	if !found {
		return ""
	}
	for _, reg := range book.Regulations {
		for _, lang := range reg.Title.Languages() {
			if id := reg.ID + "/" + number; strings.EqualFold(reg.Title.In(lang), regulation) {
				if _, ok := book.Article(id); ok {
					return id
				}
			}
		}
	}
	return ""
}

// article checks an article that is expected to be cited.
func (r *Result) article(book *policy.Rulebook, n *source.Node, id string) {
	if _, ok := book.Article(id); ok {
		return
	}
	if meant := articleCalled(book, id); meant != "" {
		r.fault("unknown_article", n.SpanAt(0, utf8.RuneCountInString(id)), id, diagnostic.Textf("条款 %q 不存在", "there is no article %q", id), diagnostic.Textf("写 %s", "write %s", meant))
		return
	}
	var ids []string
	own, _, _ := strings.Cut(id, "/")
	for _, reg := range book.Regulations {
		for _, a := range reg.Articles {
			if reg.ID == own || own == id {
				ids = append(ids, a.ID)
			}
		}
	}
	if ids == nil {
		for _, reg := range book.Regulations {
			ids = append(ids, reg.ID+"/…")
		}
	}
	r.fault("unknown_article", n.SpanAt(0, utf8.RuneCountInString(id)), id, diagnostic.Textf("条款 %q 不存在", "there is no article %q", id), diagnostic.OneOf(id, ids))
}
