package load

import (
	"regexp"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

func (l *loader) fail(code string, n *source.Node, message, remedy policy.Text, related ...diagnostic.Related) {
	l.failAt(code, n.Span, message, remedy, related...)
}

func (l *loader) failAt(code string, span diagnostic.Span, message, remedy policy.Text, related ...diagnostic.Related) {
	l.add(diagnostic.Diagnostic{Code: code, Severity: diagnostic.Error, Span: span, Message: message, Remedy: remedy, Related: related})
}

// warn reports what does not refuse the file.
func (l *loader) warn(code string, n *source.Node, message, remedy policy.Text) {
	l.add(diagnostic.Diagnostic{Code: code, Severity: diagnostic.Warning, Span: n.Span, Message: message, Remedy: remedy})
}

func (l *loader) add(d diagnostic.Diagnostic) {
	if !l.full() {
		l.found = append(l.found, d)
	}
}

// full reports whether as much was found as is kept.
func (l *loader) full() bool { return len(l.found) >= form.MaxCollected }

// findings are what was found in file order, each once.
func (l *loader) findings() diagnostic.List {
	type place struct {
		code string
		span diagnostic.Span
		text policy.Text
	}
	seen := map[place]int{}
	found := diagnostic.List{}
	for _, d := range l.found {
		p := place{d.Code, d.Span, d.Message}
		i, again := seen[p]
		switch {
		case !again:
			seen[p] = len(found)
			found = append(found, d)
		case l.saysLike(found[i]) && !l.saysLike(d): // it is so of the original itself
			found[i] = d
		}
	}
	found = l.toldOfOriginal(found)
	if found.Failed() {
		l.clarify(found)
		found = l.oneCause(found)
	}
	l.otherSeparators(found)
	found = l.cutInLists(found)
	return source.Limit(found)
}

// saysLike reports whether a finding says that it is so of a rule that is like
// another one.
func (l *loader) saysLike(d diagnostic.Diagnostic) bool {
	return slices.ContainsFunc(d.Related, func(r diagnostic.Related) bool {
		for _, like := range l.likes {
			if like.Span == r.Span {
				return true
			}
		}
		return false
	})
}

// toldOfOriginal leaves out what is wrong in a text taken over from another rule
// where the same is wrong with that text itself, and that a name is not in a rule
// of which a name is not known: it may be that one.
func (l *loader) toldOfOriginal(found diagnostic.List) diagnostic.List {
	if len(l.takenFrom)+len(l.notThere) == 0 {
		return found
	}
	places := map[string][]diagnostic.Span{} // by code
	for _, d := range found {
		places[d.Code] = append(places[d.Code], d.Span)
	}
	return slices.DeleteFunc(slices.Clone(found), func(d diagnostic.Diagnostic) bool {
		if rule := l.notThere[d.Span]; rule != nil && d.Code == "not_alike" {
			return slices.ContainsFunc(places["unknown_fact"], rule.Covers)
		}
		return slices.ContainsFunc(l.takenFrom[d.Span], func(n *source.Node) bool {
			return slices.ContainsFunc(places[d.Code], func(at diagnostic.Span) bool { return at != d.Span && n.Covers(at) })
		})
	})
}

// otherSeparators gives findings about an item of a list the remedy that helps
// where the item is several, parted by another mark than the comma of lists.
func (l *loader) otherSeparators(found diagnostic.List) {
	for i, d := range found {
		item := l.scalarAt(d.Span)
		if item == nil || d.Severity != diagnostic.Error || item.Style != source.Plain || !item.IsItem() ||
			!severalItems.MatchString(item.Text) && !l.areWords(d, item.Text) {
			continue
		}
		if strings.Contains(d.Remedy.EN, spelt(item.Text)) { // "not met" for not_met, and not two words
			continue
		}
		several := strings.Join(otherSeparator.Split(strings.TrimSpace(item.Text), -1), ", ")
		if l.areWords(d, item.Text) {
			several = strings.Join(strings.Fields(item.Text), ", ")
		}
		if plain, what := source.InASCII(several); !what.IsZero() && strings.ContainsAny(several, "0123456789") {
			several = plain
		}
		found[i].Remedy = diagnostic.Textf("列表各项之间用半角逗号：%s", "part the items of a list with commas: %s", several)
	}
}

// cutInLists tells of a number that commas have cut in a list, where something is
// wrong with that list: it is why.
func (l *loader) cutInLists(found diagnostic.List) diagnostic.List {
	if !found.Failed() || l.root == nil {
		return found
	}
	var walk func(n *source.Node)
	walk = func(n *source.Node) {
		for _, e := range n.Entries {
			walk(e.Value)
		}
		for _, item := range n.Items {
			walk(item)
		}
		for _, cut := range checked.CutNumbers(n) {
			isOfIt := func(d diagnostic.Diagnostic) bool { return d.Severity == diagnostic.Error && n.Covers(d.Span) }
			at := slices.IndexFunc(found, isOfIt)
			if at < 0 {
				continue
			}
			d := found[at]
			d.Span = cut.Span()
			d.Message, d.Remedy = cut.Told()
			found = slices.Insert(slices.DeleteFunc(found, isOfIt), at, d)
		}
	}
	walk(l.root)
	return found
}

// areWords reports whether an unknown item of a list is several names without
// a comma between them.
func (l *loader) areWords(d diagnostic.Diagnostic, text string) bool {
	words := strings.Fields(text)
	return len(words) > 1 && (slices.Contains(unknownNames, d.Code) || d.Code == "bad_name") && !slices.ContainsFunc(words, func(w string) bool { return !checked.WordPattern.MatchString(w) })
}

var (
	otherSeparator = regexp.MustCompile(`\s*[;；、，]\s*`)
	// severalItems are names, numbers, days or spans of hours, not sentences.
	severalItems = regexp.MustCompile(`^[^\s;；、，"']+(?:\s*[;；、，]\s*[^\s;；、，"']+)+$`)
)
