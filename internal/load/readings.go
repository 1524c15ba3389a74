package load

import (
	"errors"
	"fmt"
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

func (l *loader) readingSection(n *source.Node) {
	for _, e := range n.Entries {
		if l.name(e.Key, checked.DottedName) && l.isMap(e.Value, policy.Text{ZH: "读法", EN: "a reading"}) {
			l.reading(e.Key, e.Value)
		} else {
			l.broken[e.Key.Text] = true
		}
	}
}

func (l *loader) reading(key, n *source.Node) {
	l.onlyKeys(n, "article", "asks", "options", "several", "chosen", "why", "decided")
	r := &checked.Reading{Reading: &policy.Reading{Key: key.Text}, Span: key.Span, Chosen: n.Get("chosen")}
	if a := l.required(n, "article"); a != nil && l.isScalar(a, policy.Text{ZH: "条款", EN: "the article"}) {
		r.Article = a.Text
		l.articles = append(l.articles, a)
	}
	if a := l.required(n, "asks"); a != nil {
		r.Asks = l.text(a)
	}
	if w := n.Get("why"); w != nil {
		r.Why = l.text(w)
	}
	r.Several = n.Get("several") != nil && l.flag(n.Get("several"))
	if o := l.required(n, "options"); o != nil && l.isMap(o, policy.Text{ZH: "选项", EN: "the options"}) {
		l.readingOptions(r, o)
	}
	if l.required(n, "chosen") != nil && len(r.Options) > 0 {
		l.chosen(r)
	}
	if d := n.Get("decided"); d != nil && l.isMapAs(d, policy.Text{ZH: "decided", EN: "decided"}, diagnostic.Textf("写成 {by: 部门, on: 日期}", "write {by: …, on: …}: who decided it, and the date")) {
		l.onlyKeys(d, "by", "on")
		if by := l.required(d, "by"); by != nil && l.isScalar(by, policy.Text{ZH: "决定部门", EN: "who decided it"}) {
			r.DecidedBy = by.Text
		}
		if on := l.required(d, "on"); on != nil {
			if _, is := l.day(on); is {
				r.DecidedOn = on.Text
			}
		}
	}
	if len(r.Options) == 0 || r.Chosen == nil || l.unsound[r.Chosen] {
		l.broken[r.Key] = true
		return
	}
	l.book.ReadingsByKey[r.Key] = r
	l.book.Readings, l.book.Rulebook.Readings = append(l.book.Readings, r), append(l.book.Rulebook.Readings, r.Reading)
}

// maxOptions bounds the options of a reading: each is tried at load.
const maxOptions = 50

func (l *loader) readingOptions(r *checked.Reading, n *source.Node) {
	for i, e := range n.Entries {
		if i == maxOptions {
			l.fail("too_many_options", e.Key, diagnostic.Textf("读法 %s 的选项超过 %d 个", "reading %s has more than %d options", r.Key, maxOptions),
				diagnostic.Textf("分成几个读法", "make several readings of it"))
			r.Options = nil
			return
		}
		if l.nameForgotten(n, i, policy.Text{ZH: "选项的名称", EN: "name of the option"}, "unknown_option") {
			continue
		}
		option := policy.ReadingOption{Name: e.Key.Text}
		switch {
		case option.Name == "otherwise" || option.Name == "by":
			l.fail("reserved_name", e.Key, checked.ReservedName(option.Name),
				diagnostic.Textf("换一个名称", "choose another name"))
			continue
		case !checked.WordPattern.MatchString(option.Name) || len(option.Name) > checked.MaxIdentifier:
			l.badName(e.Key)
			continue
		}
		if len(l.book.Languages) == 1 && e.Value.Kind == source.Scalar {
			option.Label = l.onlyWording(e.Value)
		} else if l.isWordingMap(e.Value, policy.Text{ZH: "选项", EN: "an option"}) {
			l.onlyKeys(e.Value, l.withLabel("parameter")...)
			option.Label = l.label(e.Value)
			if p := e.Value.Get("parameter"); p != nil {
				option.Parameter = p.Text
				if !slices.Contains(checked.ParameterKinds(), p.Text) {
					l.failAt("unknown_parameter_kind", l.spanOf(p), diagnostic.Textf("没有 %q 这种参数", "there is no parameter kind %q", p.Text), diagnostic.OneOf(p.Text, checked.ParameterKinds()))
				}
			}
		}
		r.Options = append(r.Options, option)
	}
	if len(n.Entries) == 0 {
		l.failAt("empty_list", l.spanOf(n), diagnostic.Textf("读法 %q 没有选项", "the reading %q has no options", r.Key), diagnostic.Textf("至少写一个选项", "write at least one option"))
	}
}

// chosen checks what is chosen of a reading, on each date.
func (l *loader) chosen(r *checked.Reading) {
	if checked.IsBy(r.Chosen) && r.Chosen.Get("by").Text == "date" && !l.checkDates(r.Chosen) {
		l.unsound[r.Chosen] = true
		return
	}
	for _, c := range checked.DatedValues(r.Chosen) {
		if _, err := checked.ChoiceIn(r.Reading, c.Value); err != nil {
			l.unsound[r.Chosen] = true
			l.badChoice(c.Value, r, err)
		}
	}
}

func (l *loader) badChoice(n *source.Node, r *checked.Reading, err error) {
	remedy := r.Allowed(n.Text)
	var ce *policy.ChoiceError
	if !errors.As(err, &ce) {
		return // parsing a choice has no other errors
	}
	if !ce.Remedy.IsZero() {
		remedy = ce.Remedy
	}
	at := l.spanOfValue(n)
	if n.Kind == source.Seq && ce.Item < len(n.Items) {
		at = n.Items[ce.Item].Span
	}
	l.failAt("unknown_option", at, policy.Text{
		ZH: fmt.Sprintf("读法 %s 不能这样选：%s", r.Key, ce.Message.ZH), EN: fmt.Sprintf("reading %s cannot be chosen so: %s", r.Key, ce.Message.EN),
	}, remedy)
}
