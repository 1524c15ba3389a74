// Package mutate plants small careless changes into a rules file, one at a
// time, and runs the example cases on each: a change that no case notices
// could be made by mistake, and nobody would hear of it.
//
// Three steps: [Mutants] lists the changes, by the bytes that each replaces;
// [Run] loads each changed file and runs the cases that it may touch; what is
// left is tried on made-up facts, so that changes that change nothing are told
// from those that want a case.
package mutate

import (
	"cmp"
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
)

// Kind is what a change is made to.
type Kind string

// The kinds of changes.
const (
	Number     Kind = "number"     // a number, length, amount or percentage, one unit up or down
	Date       Kind = "date"       // a date or time of day, one day or minute earlier or later
	Comparison Kind = "comparison" // a comparison turned, or its boundary moved to the other side
	Logic      Kind = "logic"      // and for or, without a not, a condition dropped
	Reading    Kind = "reading"    // another option of a reading chosen
	Rule       Kind = "rule"       // a rule taken out of the file, or off a question
	Part       Kind = "part"       // a row, item, factor or word of a list taken out of a rule
	Option     Kind = "option"     // another word for a parameter of a form, or true for false
)

// Kinds are all kinds, in the order in which they are reported.
func Kinds() []Kind { return []Kind{Number, Date, Comparison, Logic, Reading, Rule, Part, Option} }

// Label is the kind for people.
func (k Kind) Label() diagnostic.Text {
	switch k {
	case Number:
		return diagnostic.Text{ZH: "数值", EN: "numbers"}
	case Date:
		return diagnostic.Text{ZH: "日期时刻", EN: "dates and times"}
	case Comparison:
		return diagnostic.Text{ZH: "比较", EN: "comparisons"}
	case Logic:
		return diagnostic.Text{ZH: "逻辑", EN: "logic"}
	case Reading:
		return diagnostic.Text{ZH: "读法", EN: "readings"}
	case Rule:
		return diagnostic.Text{ZH: "规则", EN: "rules"}
	case Part:
		return diagnostic.Text{ZH: "行与项", EN: "rows and items"}
	}
	return diagnostic.Text{ZH: "参数", EN: "parameters"}
}

// Mutant is one change to a rules file.
type Mutant struct {
	Kind     Kind
	Article  string // its id; "" outside of the regulations
	Rule     string // its id; "" outside of rules
	Path     string // of the node, as in source.Node.Path
	Span     diagnostic.Span
	Old, New string // what stands there and what is put there; New is "" for what is taken out
	Within   string // the whole text that Old is a part of; "" where it is the whole

	questions []string // that may answer differently
	edits     []edit
}

// Questions are those whose answers the change may touch; no other can differ.
func (m *Mutant) Questions() []string { return slices.Clone(m.questions) }

// edit puts a text in the place of some bytes.
type edit struct {
	from, to int
	text     string
}

// Apply is the changed file.
func (m *Mutant) Apply(data []byte) []byte {
	edits := slices.Clone(m.edits)
	slices.SortFunc(edits, func(a, b edit) int { return cmp.Compare(a.from, b.from) })
	var out []byte
	last := 0
	for _, e := range edits {
		if e.from < last { // it is within what has been taken out
			continue
		}
		out = append(append(out, data[last:e.from]...), e.text...)
		last = e.to
	}
	return append(out, data[last:]...)
}
