package load

import (
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// choicesOf writes out the choices of a rule, once.
func (a *likeness) choicesOf(r *likeRule) {
	if r.choices == asWritten {
		r.choices = beingWritten
		a.choicesBelow(r.entry.Value)
		r.choices = writtenOut
	}
}

// choicesBelow writes out the choices below a node that are like a named value.
func (a *likeness) choicesBelow(n *source.Node) {
	for i, e := range n.Entries {
		n.Entries[i].Value = a.choice(e.Value)
	}
	for i, x := range n.Items {
		n.Items[i] = a.choice(x)
	}
}

// choice is a node with what it and those below it are like written out.
func (a *likeness) choice(n *source.Node) *source.Node {
	a.choicesBelow(n)
	like := n.Get(keyLike)
	if like == nil || !checked.IsBy(n) || a.likeIsWord {
		return n
	}
	n = a.without(n, keyLike)
	is := a.choiceMeant(like)
	if is == nil {
		a.refused[n] = true
		return n
	}
	for _, e := range is.Entries {
		if e.Key.Text != "by" && n.Get(e.Key.Text) == nil {
			key := *like // a word that the other value has and this choice cannot have is no mistake there
			key.Text, key.Style = e.Key.Text, e.Key.Style
			n.Entries = append(n.Entries, source.Entry{Key: &key, Value: a.taken(e.Value, nil, nil)})
		}
	}
	a.bounded(like)
	a.likeValues[n] = like.Text
	return n
}

// choiceMeant is the choice that a named value is, nil where it is none.
func (a *likeness) choiceMeant(like *source.Node) *source.Node {
	var values []string
	for _, r := range a.inOrder {
		if r.bare && checked.IsBy(r.entry.Value.Get("is")) {
			values = append(values, r.name)
		}
	}
	remedy := diagnostic.OneOf(like.Text, values)
	of := a.rules[like.Text]
	switch {
	case !a.isScalar(like, policy.Text{ZH: keyLike, EN: keyLike}):
	case of == nil:
		a.fail("unknown_rule", like, diagnostic.Textf("没有名为 %q 的规则", "there is no rule %q", like.Text), remedy)
	case !of.bare || !checked.IsBy(of.entry.Value.Get("is")):
		a.fail("not_alike", like, diagnostic.Textf("%s 不是写在 values 下、用 by 选的值", "%s is no value under values that is chosen with by", of.name), remedy)
	case of.choices == beingWritten:
		a.fail("not_alike", like, diagnostic.Textf("值 %s 绕回到自己", "the value %s comes back to itself", of.name), diagnostic.Textf("其中一处把各词的值写全，不写 like", "write the value for each word in one of the places, without like"))
	default:
		a.choicesOf(of)
		if is := of.entry.Value.Get("is"); !a.refused[is] {
			return is
		}
	}
	return nil
}

// likeWithoutBy reports a choice that says which value it is like and not what
// chooses.
func (l *loader) likeWithoutBy(n *source.Node) bool {
	like := n.Get(keyLike)
	if like == nil || n.Get("by") != nil {
		return false
	}
	l.missing(n, "by", diagnostic.Textf("补上由什么选，如 {by: ticket.priority, like: %s}", "add what chooses, as in {by: ticket.priority, like: %s}", like.Text))
	return true
}
