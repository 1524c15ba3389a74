package analysis

import (
	"slices"
	"time"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// A variable is something whose value can be chosen: the fact in a slot, an
// element of the list there, or a field of that element. Units that are left
// open have their outputs chosen.
type variable struct{ slot, index, field int }

// How far the values that are tried stand for all.
type coverage int

const (
	exact   coverage = iota // each possible value comes to the same as one of them
	bounded                 // of lists: up to a length
	sampled                 // some, of what is computed with
)

// longestTried bounds the lists that are tried: they have no more items, but for
// lists of words that hold all words, or are compared with a greater number.
const (
	longestTried   = 2
	longestCounted = 6 // that a number that a list is compared with can ask for
)

// cells are the values to try for a variable.
func (c *classes) cells(v variable) ([]value.Value, coverage) {
	if v.slot >= c.plan.Base {
		return c.outputCells(v.slot)
	}
	f := c.facts[v.slot]
	if f == nil {
		return nil, sampled
	}
	if v.index < 0 {
		return c.factCells(f, slotPlace(v.slot), v.slot)
	}
	elem := f.Elem
	p := place{-1, f.Typ.Elem, -1}
	if v.field >= 0 && elem != nil && v.field < len(elem.Fields) {
		elem, p.field = elem.Fields[v.field], v.field
	}
	if elem == nil {
		return nil, sampled
	}
	return c.factCells(elem, p, -1)
}

// factCells are the values of a fact in a place; slot is where its list is, -1
// for one in an element.
func (c *classes) factCells(f *checked.Fact, p place, slot int) ([]value.Value, coverage) {
	var all []value.Value
	how := exact
	switch f.Typ.Kind {
	case value.List:
		all, how = c.listCells(f, slot)
	case value.Record:
		if p.elem == nil {
			all = []value.Value{value.In(value.Record, value.Known)}
		} else {
			all, how = []value.Value{c.plainRecord(f)}, sampled
		}
	default:
		all, how = c.simpleCells(f.Typ, f.TypeName, c.at(p))
	}
	if mayBeNone(f) {
		all = append(all, value.NoneOf(f.Typ.Kind))
	}
	return all, how
}

// mayBeNone reports whether facts can say that it does not exist.
func mayBeNone(f *checked.Fact) bool {
	return f.Absent == policy.IsNone || f.Null == policy.IsNone
}

func (c *classes) outputCells(slot int) ([]value.Value, coverage) {
	u := c.plan.Owner[slot]
	if u == nil {
		return nil, sampled
	}
	i := slices.IndexFunc(u.Outputs, func(o form.OutputSlot) bool { return o.Slot == slot })
	if i < 0 || u.Outputs[i].Typ == nil {
		return nil, sampled
	}
	t := u.Outputs[i].Typ
	switch t.Kind {
	case value.List, value.Record, value.Invalid:
		return nil, sampled
	}
	all, _ := c.simpleCells(t, "", c.at(slotPlace(slot)))
	how := exact // whatever the unit comes to
	if !finite(t) && c.at(slotPlace(slot)).members > 1 {
		how = sampled
	}
	return append(all, value.NoneOf(t.Kind)), how
}

func (c *classes) simpleCells(t *value.Type, typeName string, x *class) ([]value.Value, coverage) {
	how := exact
	if x.computed {
		how = sampled
	}
	switch t.Kind {
	case value.YesNo:
		return []value.Value{value.Bool(true), value.Bool(false)}, exact
	case value.Word:
		var all []value.Value
		if t.Words != nil {
			for _, w := range t.Words.Each {
				all = append(all, value.WordOf(w))
			}
		}
		return all, exact
	case value.Name:
		return c.names(x), how
	case value.Article:
		return c.articles(x), how
	}
	numbers := c.numbers(t.Kind, x)
	if typeName == "count" {
		numbers = slices.DeleteFunc(numbers, func(n int64) bool { return n < 0 })
	}
	all := make([]value.Value, len(numbers))
	for i, n := range numbers {
		switch t.Kind {
		case value.Money:
			all[i] = value.MoneyOf(n, t.In)
		case value.Ratio:
			all[i] = value.Int(n)
		default:
			all[i] = value.NumberIn(t.Kind, value.Known, n)
		}
	}
	return all, how
}

func (c *classes) names(x *class) []value.Value {
	var all []value.Value
	for _, k := range x.distinct() {
		all = append(all, value.NameOf(k.S()))
	}
	for _, name := range []string{"A1", "B2", "C3"}[:min(3, x.members)] {
		all = append(all, value.NameOf(name))
	}
	return all
}

func (c *classes) articles(x *class) []value.Value {
	var all []value.Value
	for _, k := range x.distinct() {
		all = append(all, value.ArticleOf(k.S()))
	}
	for _, r := range c.book.Regulations {
		for _, a := range r.Articles {
			if len(all) < len(x.constants)+2 {
				all = append(all, value.ArticleOf(a.ID))
			}
		}
	}
	return all
}

// step is one unit of a kind of number, as small as facts are usually given.
func step(k value.Kind) int64 {
	if k == value.Moment || k == value.Duration {
		return int64(time.Second)
	}
	return 1
}

// numbers are the numbers to try: around every constant, one unit beside it, so
// many as there are places that are compared with each other; where something
// computes with them, some more.
func (c *classes) numbers(k value.Kind, x *class) []int64 {
	unit, near := step(k), int64(min(3, max(1, x.members)))
	var all []int64
	add := func(n int64) {
		if !slices.Contains(all, n) {
			all = append(all, n)
		}
	}
	base := c.number(k)
	around := []int64{base}
	for _, constant := range x.distinct() {
		if n, ok := as(k, constant); ok {
			around = append(around, n)
		}
	}
	if len(around) > 1 {
		around = around[1:]
	}
	if x.computed {
		for _, n := range spread(k) {
			add(base + n)
		}
	}
	for _, at := range around {
		add(at)
		for i := int64(1); i <= near; i++ {
			add(at + i*unit)
			add(at - i*unit)
		}
	}
	return all
}

// number is a plain number of a kind.
func (s *study) number(k value.Kind) int64 {
	switch k {
	case value.Moment:
		return s.base.UnixNano()
	case value.Date:
		return value.DateOf(checked.DateIn(s.base, s.book.Zone)).N
	case value.Month:
		return value.MonthOf(s.base.Year(), s.base.Month()).N
	case value.Duration:
		return int64(time.Hour)
	}
	return 1
}

// spread is how far from a plain number others are tried, where it is computed
// with.
func spread(k value.Kind) []int64 {
	const hour, day = int64(time.Hour), 24 * int64(time.Hour)
	switch k {
	case value.Moment:
		return []int64{0, hour, day, 3 * day, 10 * day, 40 * day, 200 * day, -hour, -day, -10 * day, -60 * day}
	case value.Date:
		return []int64{0, 1, 3, 10, 40, 200, -1, -10, -60}
	case value.Month:
		return []int64{0, 1, 3, 12, -1, -12}
	case value.Duration:
		return []int64{0, hour, 10 * hour, -hour}
	}
	return []int64{0, 1, 2, 4, 9, 19, 99, 999, -1}
}

// as is a constant as a number of a kind; false where it is none.
func as(k value.Kind, c value.Value) (int64, bool) {
	switch {
	case c.K == k:
		return c.N, true
	case c.K == value.Count && k == value.Ratio:
		return c.N, true
	case c.K == value.Ratio && c.D > 0 && (k == value.Count || k == value.Ratio):
		return c.N / c.D, true
	}
	return 0, false
}

// listCells are lists to try. Their items are not known yet, but for words: those
// are few, and which of them are there is all that matters.
func (c *classes) listCells(f *checked.Fact, slot int) ([]value.Value, coverage) {
	all := []value.Value{value.ListOf(nil)}
	if f.Elem == nil {
		return all, sampled
	}
	var lengths []int64
	for _, n := range c.lists[slot] {
		for _, m := range []int64{n - 1, n, n + 1} {
			if m > longestTried && m <= longestCounted {
				lengths = append(lengths, m)
			}
		}
	}
	if t := f.Elem.Typ; t.Kind == value.Word && t.Words != nil {
		return append(all, wordLists(t.Words.Each, lengths)...), bounded
	}
	lengths = append(lengths, 1, longestTried)
	slices.Sort(lengths)
	for _, n := range slices.Compact(lengths) {
		items := make([]value.Value, n)
		for i := range items {
			items[i] = c.unknownElement(f.Elem, i)
		}
		all = append(all, value.ListOf(items))
	}
	return all, bounded
}

// wordLists are lists of one word, of two, of all, and of all but one; and of some
// lengths, of one word alone and of the words in turn.
func wordLists(words []string, lengths []int64) []value.Value {
	var all []value.Value
	list := func(chosen ...string) {
		items := make([]value.Value, len(chosen))
		for i, w := range chosen {
			items[i] = value.WordOf(w)
		}
		all = append(all, value.ListOf(items))
	}
	but := func(i int) []string { return slices.Delete(slices.Clone(words), i, i+1) }
	const few = 8 // with more words, not every two of them
	for i, w := range words {
		list(w)
		for j := i; j < len(words) && len(words) <= few; j++ {
			list(w, words[j])
		}
		if len(words) > longestTried+1 {
			list(but(i)...)
		}
	}
	if len(words) > longestTried {
		list(words...)
	}
	for _, n := range lengths {
		for i := range words {
			same, inTurn := make([]string, n), make([]string, n)
			for k := range same {
				same[k], inTurn[k] = words[i], words[(i+k)%len(words)]
			}
			list(same...)
			list(inTurn...)
		}
	}
	return all
}

// unknownElement is an element of a list of which nothing is known.
func (s *study) unknownElement(f *checked.Fact, at int) value.Value {
	if f.Typ.Kind != value.Record {
		return value.UnknownOf(f.Typ.Kind)
	}
	fields := make([]value.Value, len(f.Fields))
	for i, x := range f.Fields {
		fields[i] = value.UnknownOf(x.Typ.Kind)
	}
	v := value.RecordOf(fields)
	v.N = int64(at)
	return v
}

// plainRecord is a record within an element, with something plain in each field.
func (s *study) plainRecord(f *checked.Fact) value.Value {
	fields := make([]value.Value, len(f.Fields))
	for i, x := range f.Fields {
		fields[i] = s.plain(x, 0)
	}
	return value.RecordOf(fields)
}

// plain is a value for a fact that nothing depends on; there are several.
func (s *study) plain(f *checked.Fact, which int) value.Value {
	switch {
	case f.Absent == policy.IsDefault && which == 0:
		return f.Default
	case f.Typ.Kind == value.List:
		return value.ListOf(nil)
	case which == 0 && mayBeNone(f):
		return value.NoneOf(f.Typ.Kind)
	case f.Typ.Kind == value.Record:
		return s.plainRecord(f)
	}
	all, _ := (&classes{study: s}).simpleCells(f.Typ, f.TypeName, &class{members: 1})
	if len(all) == 0 {
		return value.UnknownOf(f.Typ.Kind)
	}
	if f.Typ.Kind == value.YesNo {
		which++ // first no, then yes
	}
	return all[which%len(all)]
}
