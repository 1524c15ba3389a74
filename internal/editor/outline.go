package editor

import (
	"strings"

	"github.com/servicerules/rulebook/internal/source"
)

// OutlineItem is a part of a file with what is in it.
type OutlineItem struct {
	Name   string // as it is written
	Detail string // what people call it
	Kind   Kind   // "section" for a part of the file that names nothing
	Range  Range  // all of it
	Key    Range  // its name
	Items  []OutlineItem
}

// Outline is what a file consists of, by article and rule, with labels in a
// language; of a file that cannot be read it is empty.
func (p *Project) Outline(path, lang string) []OutlineItem {
	f := p.file(path)
	if f == nil || f.node() == nil {
		return nil
	}
	o := outliner{f, lang}
	var all []OutlineItem
	for _, e := range f.node().Entries {
		item := o.item(e, "section", "")
		switch e.Key.Text {
		case "regulations":
			item.Items = o.regulations(e.Value)
		case "facts":
			item.Items = o.facts(e.Value)
		case "words":
			item.Items = o.all(e.Value, WordList)
		case "readings":
			for _, r := range e.Value.Pairs() {
				x := o.item(r, Reading, textOf(r.Value.Get("asks")).In(lang))
				if chosen := scalar(r.Value.Get("chosen")); chosen != "" {
					x.Detail = strings.TrimSpace(x.Detail + " → " + chosen)
				}
				item.Items = append(item.Items, x)
			}
		case "questions":
			item.Items = o.all(e.Value, Question)
		case "calendars":
			item.Items = o.all(e.Value, Calendar)
		case "must", "promises":
			item.Items = o.all(e.Value, Rule)
		}
		all = append(all, item)
	}
	return all
}

type outliner struct {
	*file
	lang string
}

// item is an entry of a map.
func (o outliner) item(e source.Entry, kind Kind, detail string) OutlineItem {
	key := Range{e.Key.Start, e.Key.End}
	return OutlineItem{Name: e.Key.Text, Detail: detail, Kind: kind, Range: Range{key.Start, max(key.End, e.Value.End)}, Key: key}
}

func (o outliner) all(n *source.Node, kind Kind) []OutlineItem {
	var all []OutlineItem
	for _, e := range n.Pairs() {
		all = append(all, o.item(e, kind, textOf(e.Value).In(o.lang)))
	}
	return all
}

// facts are those of a map, with the fields of records.
func (o outliner) facts(n *source.Node) []OutlineItem {
	var all []OutlineItem
	for _, e := range n.Pairs() {
		item := o.item(e, Fact, textOf(e.Value).In(o.lang))
		fields := e.Value.Get("fields")
		if of := e.Value.Get("of"); fields == nil && of != nil {
			fields = of.Get("fields")
		}
		item.Items = o.facts(fields)
		all = append(all, item)
	}
	return all
}

func (o outliner) regulations(n *source.Node) []OutlineItem {
	var all []OutlineItem
	for _, r := range n.Pairs() {
		regulation := o.item(r, Regulation, textOf(r.Value).In(o.lang))
		for _, a := range r.Value.Get("articles").Pairs() {
			article := o.item(a, Article, textOf(a.Value.Get("title")).In(o.lang))
			article.Name = r.Key.Text + "/" + a.Key.Text
			for _, section := range a.Value.Pairs() {
				if formOf(section.Key.Text) != nil {
					article.Items = append(article.Items, o.all(section.Value, Rule)...)
				}
			}
			regulation.Items = append(regulation.Items, article)
		}
		all = append(all, regulation)
	}
	return all
}
