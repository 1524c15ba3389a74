package load

import (
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// learnVerdict notes the words that the verdict of a question was found to be
// of in one trial.
func (l *loader) learnVerdict(q *checked.Question, a *form.CompiledQuestion) {
	if a.Verdict == nil || a.Verdict.Type() == nil {
		return
	}
	if l.verdicts == nil {
		l.verdicts = map[*checked.Question][]*value.Words{}
	}
	words := a.Verdict.Type().Words
	known := slices.ContainsFunc(l.verdicts[q], func(w *value.Words) bool {
		return w == words || w != nil && words != nil && slices.Equal(w.Each, words.Each)
	})
	if !known {
		l.verdicts[q] = append(l.verdicts[q], words)
	}
}

// verdictWords gives every question the words of its verdict: those that it
// lists itself, and behind them those of rules and facts that the verdict is of
// besides. What names words of verdicts can be checked then.
func (l *loader) verdictWords() {
	for _, q := range l.book.Questions {
		v := l.questionNodes[q].Get("verdict")
		q.Verdict.Words = l.wordsOfVerdict(q)
		for _, words := range l.verdicts[q] {
			if words != nil {
				q.Given = append(q.Given, words.Engine...)
			}
		}
		if q.Verdict.Words == nil {
			l.missing(v, "words", diagnostic.Textf("补上 words: {词: %s}，写出结论的各个词", "add words: {word: %s} with the words of the verdict", l.wordingShape("", "")))
			continue
		}
		if n := v.Get("if_none"); n != nil && !slices.Contains(q.Verdict.Words.Words, n.Text) {
			l.fail("unknown_word", n, diagnostic.Textf("词表里没有 %q", "%q is not in the word list", n.Text), diagnostic.OneOf(n.Text, q.Verdict.Words.Words))
		}
	}
	if l.found.Failed() {
		return
	}
	for _, check := range l.withVerdicts {
		check()
	}
}

// wordsOfVerdict are the words of a verdict; nil where its words are of no list.
func (l *loader) wordsOfVerdict(q *checked.Question) *policy.WordList {
	own, learned := q.Verdict.Words, l.verdicts[q]
	if own == nil && slices.Contains(learned, nil) {
		return nil
	}
	if own == nil && len(learned) == 1 {
		for list, words := range l.book.WordTypes {
			if words == learned[0] {
				return list
			}
		}
	}
	all := &value.Words{}
	if own != nil {
		all = l.book.WordsType(own)
	}
	for _, words := range learned {
		if words != nil {
			all = all.With(words)
		}
	}
	if own != nil && len(all.Each) == len(own.Words) || len(all.Each) == 0 {
		return own
	}
	list := &policy.WordList{Name: q.ID + ".verdict", Words: all.Each, Labels: map[string]policy.Text{}}
	for _, w := range l.book.WordsOf(all, own) {
		list.Labels[w.Word] = w.Label
	}
	l.book.WordTypes[list] = &value.Words{Name: list.Name, Each: all.Each, Engine: all.Engine, Labels: all.Labels}
	return list
}

// relabels notes the lists that say what words of rules are called.
func (c *editionCheck) relabels(plan *form.Plan) {
	for _, u := range plan.Units {
		for _, o := range u.Outputs {
			t := o.Typ
			if t != nil && t.Elem != nil {
				t = t.Elem
			}
			if t == nil || t.Words == nil {
				continue
			}
			for _, w := range t.Words.Engine {
				if list := c.book.Relabelling(t.Words, w); list != nil {
					c.book.Relabels[list] = true
				}
			}
		}
	}
}
