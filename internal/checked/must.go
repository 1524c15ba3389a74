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

// Element is an element of a list that breaks a condition on each of them.
type Element struct {
	List   int   // the slot of the list
	At     int   // where it stood as given; -1 where the condition is about no element by itself
	Fields []int // that the condition looks at
}

// Impossible is the refusal of facts that break a condition, with what they are.
func (b *Book) Impossible(m *MustHold, slots []value.Value, where Element) *policy.FactError {
	path := ""
	if len(m.Paths) > 0 {
		path = m.Paths[0]
	}
	given := make(map[*Fact]value.Value, len(m.About)) // what is told
	var of []*Fact
	tell := func(f *Fact, v value.Value) {
		if v.K != value.List && v.IsKnown() {
			given[f], of = v, append(of, f)
		}
	}
	for i, f := range m.About {
		tell(f, slots[f.Slot])
		if f.Slot != where.List || where.At < 0 {
			continue
		}
		path = fmt.Sprintf("%s[%d]", m.Paths[i], where.At)
		for _, x := range slots[f.Slot].L() {
			for _, field := range where.Fields {
				if int(x.N) == where.At {
					tell(f.Elem.Fields[field], x.L()[field])
				}
			}
		}
	}
	told := func(lang string) string {
		parts := make([]string, len(of))
		for i, f := range of {
			parts[i] = f.Label.In(lang) + " " + b.DisplayAs(given[f], f.Typ, lang)
		}
		if len(parts) == 0 {
			return ""
		}
		return policy.Text{ZH: "（", EN: " ("}.In(lang) + strings.Join(parts, policy.Text{ZH: "，", EN: ", "}.In(lang)) + policy.Text{ZH: "）", EN: ")"}.In(lang)
	}
	return policy.NewImpossible(path, m.Label, diagnostic.Told(b.Languages, told))
}
