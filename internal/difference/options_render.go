package difference

import (
	"fmt"
	"slices"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
)

// Label is the effect as a heading.
func (e Effect) Label() diagnostic.Text {
	switch e {
	case TurnsVerdict:
		return diagnostic.Text{ZH: "改选会改变结论", EN: "Another option turns a verdict"}
	case TurnsError:
		return diagnostic.Text{ZH: "改选会改变能不能判断，不见改变结论", EN: "Another option changes whether there is an answer; no verdict was found that turns"}
	case ChangesValues:
		return diagnostic.Text{ZH: "改选不见改变结论，但会改变其他取值", EN: "Another option changes values; no verdict was found that turns"}
	case NoEffectFound:
		return diagnostic.Text{ZH: "改选不见有什么改变（试过的事实里没有，不是证明）", EN: "No effect of another option was found in what was tried, which is no proof"}
	}
	return diagnostic.Text{ZH: "没有问题用到", EN: "No question looks at it"}
}

// ReadingView is a reading, and what its other options would change, in words.
type ReadingView struct {
	Effect  Effect // the greatest of its options
	Heading ViewGroup
	Options []ViewGroup
}

// ViewOfOptions puts the other options of readings into words, those with the
// greatest effect first.
func ViewOfOptions(book *rulebook.Book, all []*Option, lang string) []*ReadingView {
	pick := func(zh, en string) string { return diagnostic.Text{ZH: zh, EN: en}.In(lang) }
	var views []*ReadingView
	for i, o := range all {
		if i == 0 || all[i-1].Reading != o.Reading {
			v := &ReadingView{Effect: NoEffect, Heading: ViewGroup{Heading: o.Reading.Key + pick("  现选 ", "  chosen: ") + o.Chosen, Lines: []string{o.Reading.Asks.In(lang)}}}
			if o.Reading.DecidedBy == "" {
				v.Heading.Lines = append(v.Heading.Lines, pick("未由本单位决定", "not decided by this organisation"))
			}
			views = append(views, v)
		}
		v := views[len(views)-1]
		v.Effect = greater(v.Effect, o.Effect())
		v.Options = append(v.Options, o.view(book, lang))
	}
	slices.SortStableFunc(views, func(a, b *ReadingView) int {
		return slices.Index(Effects(), a.Effect) - slices.Index(Effects(), b.Effect)
	})
	return views
}

func (o *Option) view(book *rulebook.Book, lang string) ViewGroup {
	pick := func(zh, en string) string { return diagnostic.Text{ZH: zh, EN: en}.In(lang) }
	r := o.Report(book)
	g := ViewGroup{Heading: pick("改选 ", "with ") + o.Name}
	r.Questions = o.Questions
	g.Lines = ViewOf(r, nil, lang).Same
	if o.Replay != nil {
		g.Lines = append(g.Lines, replayOf(r, o.Replay, lang, shownExamples, moreInJSON)[0].Lines...)
	}
	if len(g.Lines) == 0 {
		g.Lines = []string{fmt.Sprintf(pick("没有问题用到读法 %s", "no question looks at the reading %s"), o.Reading.Key)}
	}
	return g
}
