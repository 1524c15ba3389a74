package load

import (
	"maps"
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

func (l *loader) wordLists(n *source.Node) {
	for _, e := range n.Entries {
		if !l.name(e.Key, checked.SnakeCase) || !l.isMap(e.Value, policy.Text{ZH: "词表", EN: "a word list"}) {
			l.broken[e.Key.Text] = true
			continue
		}
		w := l.wordList(e.Key.Text, e.Value)
		l.book.WordsByName[w.Name] = w
		l.book.Words = append(l.book.Words, w)
	}
}

func (l *loader) wordList(name string, n *source.Node) *policy.WordList {
	w := &policy.WordList{Name: name, Labels: map[string]policy.Text{}}
	for i, e := range n.Entries {
		if l.nameForgotten(n, i, policy.Text{ZH: "词", EN: "word"}, "unknown_word") {
			continue
		}
		if !checked.WordPattern.MatchString(e.Key.Text) || len(e.Key.Text) > checked.MaxIdentifier {
			l.badName(e.Key)
			if meant := plainName(e.Key.Text); meant != "" && n.Get(meant) == nil && w.Labels[meant].IsZero() { // else what looks at all words would miss it
				w.Words = append(w.Words, meant)
				w.Labels[meant] = l.text(e.Value)
			}
			continue
		}
		w.Words = append(w.Words, e.Key.Text)
		w.Labels[e.Key.Text] = l.text(e.Value)
	}
	if len(w.Words) == 0 {
		l.failAt("empty_list", l.spanOf(n), diagnostic.Textf("词表 %q 是空的", "the word list %q is empty", name), diagnostic.Textf("至少写一个词", "write at least one word"))
	}
	labels := map[string][]string{}
	for word, label := range w.Labels {
		for _, lang := range label.Languages() {
			labels[word] = append(labels[word], label.In(lang))
		}
	}
	l.book.WordTypes[w] = &value.Words{Name: name, Each: w.Words, Labels: labels}
	return w
}

// wordsOf reads `words:`, either the name of a shared list or a list of its own.
func (l *loader) wordsOf(n *source.Node, name string) *policy.WordList {
	if n.Kind == source.Map {
		return l.wordList(name, n)
	}
	if !l.isScalar(n, policy.Text{ZH: "词表名", EN: "the name of a word list"}) {
		return nil
	}
	w := l.book.WordsByName[n.Text]
	if w == nil && !l.broken[n.Text] && !l.lost["words"] {
		l.fail("unknown_word_list", n, diagnostic.Textf("没有名为 %q 的词表", "there is no word list %q", n.Text),
			diagnostic.OneOf(n.Text, slices.Sorted(maps.Keys(l.book.WordsByName))))
	}
	return w
}
