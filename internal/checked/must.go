package checked

import (
	"fmt"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// A Must is a condition that facts cannot break, such as that something ends no
// earlier than it begins. Where it is known to be broken, the facts are wrong.
type Must struct {
	Name  string
	Label policy.Text // what must be so
	That  *source.Node
	Facts []string // that it is about, as they are declared
}

// MustHold is such a condition about the facts of a question.
type MustHold struct {
	*Must
	Holds *condition.Program
	About []*Fact // what it reads, in the order of the question's facts
	Paths []string
}

// MustsOf compiles the conditions that are about nothing but what a question
// takes.
func (b *Book) MustsOf(q *Question) []MustHold {
	var all []MustHold
	for _, m := range b.Musts {
		if slices.ContainsFunc(m.Facts, func(name string) bool { return !q.Takes(name) }) {
			continue
		}
		vars := q.Vars(b)
		delete(vars, "as_of")
		p, problems := condition.Compile(m.That.Text, &condition.Env{Vars: vars}, condition.Want{Kind: value.YesNo})
		if len(problems) > 0 {
			continue // it was compiled when the file was checked
		}
		h := MustHold{Must: m, Holds: p}
		slots := p.Slots()
		var about func(f *Fact)
		about = func(f *Fact) {
			if f.Typ.Kind != value.Record && slices.Contains(slots, f.Slot) {
				h.About, h.Paths = append(h.About, f), append(h.Paths, q.Layout.Paths[f.Slot])
			}
			for _, x := range f.Fields {
				about(x)
			}
		}
		for _, f := range q.Layout.Placed {
			about(f)
		}
		all = append(all, h)
	}
	return all
}

// Impossible is the refusal of facts that break a condition, with what they are,
// and the element that does of the list in a slot; -1 where it is not one by itself.
func (b *Book) Impossible(m *MustHold, slots []value.Value, list, at int) *policy.FactError {
	told := func(lang string) string {
		var parts []string
		for _, f := range m.About {
			if v := slots[f.Slot]; v.K != value.List && v.IsKnown() {
				parts = append(parts, f.Label.In(lang)+" "+b.DisplayAs(v, f.Typ, lang))
			}
		}
		if parts == nil {
			return ""
		}
		return policy.Text{ZH: "（", EN: " ("}.In(lang) + strings.Join(parts, policy.Text{ZH: "，", EN: ", "}.In(lang)) + policy.Text{ZH: "）", EN: ")"}.In(lang)
	}
	path := ""
	if len(m.Paths) > 0 {
		path = m.Paths[0]
	}
	for i, f := range m.About {
		if f.Slot == list && at >= 0 {
			path = fmt.Sprintf("%s[%d]", m.Paths[i], at)
		}
	}
	return policy.NewImpossible(path, m.Label, diagnostic.Told(b.Languages, told))
}
