package load

import (
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// maxPromises bounds what an analysis is to prove.
const maxPromises = 500

// promises reads what must hold of all answers. Their expressions are compiled
// with the question that they are about: see editionCheck.question.
func (l *loader) promises(n *source.Node) {
	for i, e := range n.Entries {
		if i == maxPromises {
			l.fail(source.CodeTooManyItems, e.Key, diagnostic.Textf("承诺超过 %d 个", "more than %d promises", maxPromises), diagnostic.Textf("合并几个", "make one of several"))
			return
		}
		if l.name(e.Key, checked.SnakeCase) && l.isMap(e.Value, policy.Text{ZH: "承诺", EN: "a promise"}) {
			l.promise(e.Key, e.Value)
		}
	}
}

func (l *loader) promise(key, n *source.Node) {
	before := len(l.found)
	l.onlyKeys(n, l.withLabel("note", "article", "question", "when", "then", "as_rises", "never_falls", "never_rises", "order")...)
	l.note(n)
	p := &checked.Promise{
		Name: key.Text, Label: l.label(n), KeyNode: key, When: n.Get("when"), Then: n.Get("then"),
		AsRises: n.Get("as_rises"), Never: n.Get("never_falls"), OrderNode: n.Get("order"),
	}
	if rises := n.Get("never_rises"); rises != nil && p.Never == nil {
		p.Never, p.NeverRises = rises, true
	}
	if a := l.required(n, "article"); a != nil && l.isScalar(a, policy.Text{ZH: "条款", EN: "the article"}) {
		p.Article = a.Text
		l.articles = append(l.articles, a)
	}
	if q := l.required(n, "question"); q != nil && l.isScalar(q, policy.Text{ZH: "问题", EN: "the question"}) {
		l.promisedQuestion(q)
		p.Question = q.Text
	}
	for _, x := range []*source.Node{p.When, p.Then, p.AsRises, p.Never} {
		if x != nil {
			l.isScalar(x, policy.Text{ZH: "表达式", EN: "an expression"})
		}
	}
	l.promiseIsClear(key, n, p)
	if o := p.OrderNode; o != nil {
		for _, item := range l.items(o) {
			if slices.Contains(p.Order, item.Text) {
				l.fail("duplicate_item", item, diagnostic.Textf("%q 列了两次", "%q is listed twice", item.Text), diagnostic.Textf("删去一个", "remove one"))
			}
			p.Order = append(p.Order, item.Text)
		}
	}
	if len(l.found) == before {
		l.book.Promises = append(l.book.Promises, p)
	}
}

// promisedQuestion reports a question that does not exist.
func (l *loader) promisedQuestion(n *source.Node) {
	if l.book.QuestionsByID[n.Text] == nil && !l.broken[n.Text] && !l.lost["questions"] {
		l.fail("unknown_question", n, diagnostic.Textf("没有问题 %q", "there is no question %q", n.Text), checked.OneOfQuestions(l.book.Rulebook, n.Text))
	}
}

// promiseIsClear reports whether a promise is either a condition, or about one
// thing while a fact rises.
func (l *loader) promiseIsClear(key, n *source.Node, p *checked.Promise) {
	meant := func(keys ...string) bool { // one of them was probably misspelt, and is reported
		return slices.ContainsFunc(keys, func(k string) bool { return slices.Contains(l.meant[n], k) })
	}
	condition := diagnostic.Textf("写 then: 条件；或写 as_rises: 事实，再写 never_falls 或 never_rises: 取值", "write then: a condition; or as_rises: a fact, with never_falls or never_rises: a value")
	switch {
	case meant("then", "as_rises", "never_falls", "never_rises"):
	case n.Get("never_falls") != nil && n.Get("never_rises") != nil:
		l.fail("promise_unclear", n.Get("never_rises").Key(), diagnostic.Textf("never_falls 与 never_rises 不能都写", "there are both never_falls and never_rises"),
			diagnostic.Textf("写成两个承诺", "make two promises of it"))
	case p.Then != nil && (p.AsRises != nil || p.Never != nil):
		l.fail("promise_unclear", p.Then.Key(), diagnostic.Textf("既有 then，又有 as_rises 或 never_…", "there is then, and as_rises or never_… as well"), diagnostic.Textf("写成两个承诺", "make two promises of it"))
	case p.Then == nil && p.AsRises == nil && p.Never == nil:
		l.fail("promise_unclear", key, diagnostic.Textf("没有写承诺什么", "it does not say what is promised"), condition)
	case p.AsRises != nil && p.Never == nil:
		l.fail("promise_unclear", p.AsRises.Key(), diagnostic.Textf("有 as_rises，没有 never_falls 或 never_rises", "there is as_rises, but neither never_falls nor never_rises"),
			diagnostic.Textf("补上 never_falls: 取值，或 never_rises: 取值", "add never_falls: a value, or never_rises: a value"))
	case p.Never != nil && p.AsRises == nil:
		l.fail("promise_unclear", p.Never.Key(), diagnostic.Textf("没有写随着哪个事实增大", "it does not say as which fact rises"), diagnostic.Textf("补上 as_rises: 事实", "add as_rises: a fact"))
	case p.OrderNode != nil && p.Never == nil:
		l.fail("promise_unclear", p.OrderNode.Key(), diagnostic.Textf("order 只用于 never_falls 或 never_rises", "order is for never_falls or never_rises"), diagnostic.Textf("删去 order", "remove order"))
	}
}
