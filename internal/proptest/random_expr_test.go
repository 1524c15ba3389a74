package proptest_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// randomType is what a name in a random rulebook stands for.
type randomType struct {
	kind   string // of a fact; also "ratio" and "duration"
	list   string // of a word, the list that it is from
	words  []string
	elem   *randomType
	fields []randomName
}

type randomName struct {
	name string
	of   *randomType
}

func wordsOf(list string, words ...string) *randomType {
	return &randomType{kind: "word", list: list, words: words}
}

func listOf(t *randomType) *randomType { return &randomType{kind: "list", elem: t} }

func kindOf(kind string) *randomType { return &randomType{kind: kind} }

// simple is the kind with what is the same to expressions.
func (t *randomType) simple() string {
	switch t.kind {
	case "number", "year":
		return "count"
	case "text":
		return "name"
	}
	return t.kind
}

func (t *randomType) fits(want *randomType) bool {
	if t.simple() != want.simple() {
		return false
	}
	switch want.kind {
	case "word":
		return t.list == want.list
	case "list":
		return t.elem.fits(want.elem)
	case "record":
		return len(want.fields) == 0
	}
	return true
}

// randomExpr writes expressions over names: facts, outputs and locals.
type randomExpr struct {
	*rand.Rand
	names []randomName
	elem  *randomType // of the element that is looked at
	loop  bool        // inside of one
}

// chance is true so many times of a hundred.
func (g *randomExpr) chance(percent int) bool { return g.IntN(100) < percent }

func (g *randomExpr) one(of ...string) string { return of[g.IntN(len(of))] }

// refs are the names of a type.
func (g *randomExpr) refs(want *randomType) []string {
	var all []string
	add := func(name string, t *randomType) {
		if t.fits(want) && t.kind != "record" {
			all = append(all, name)
		}
	}
	for _, n := range g.names {
		add(n.name, n.of)
	}
	if g.elem != nil {
		if g.elem.kind == "record" {
			for _, f := range g.elem.fields {
				for range 4 {
					add("."+f.name, f.of)
				}
			}
		} else {
			for range 3 {
				add("#", g.elem)
			}
		}
	}
	return all
}

// ref is a name of the type, or false.
func (g *randomExpr) ref(want *randomType) (string, bool) {
	all := g.refs(want)
	if len(all) == 0 {
		return "", false
	}
	return all[g.IntN(len(all))], true
}

// of is an expression of the type.
func (g *randomExpr) of(t *randomType, depth int) string {
	plain := depth <= 0 || g.chance(40)
	if plain {
		if name, ok := g.ref(t); ok && !g.chance(6) {
			return name
		}
	}
	if depth > 0 && (t.kind == "count" || t.kind == "duration") && g.chance(8) {
		if name, ok := g.named(t); ok {
			return fmt.Sprintf("value_on(%s, %s)", name, g.of(kindOf("date"), depth-1))
		}
	}
	if !plain && g.chance(12) {
		a, b := g.of(t, depth-1), g.of(t, depth-1)
		if g.chance(25) && t.kind != "yes_no" {
			b = "null"
		}
		return fmt.Sprintf("(%s ? %s : %s)", g.of(kindOf("yes_no"), depth-1), a, b)
	}
	switch t.simple() {
	case "yes_no":
		return g.yes(depth)
	case "count":
		return g.count(depth)
	case "moment":
		return g.moment(depth)
	case "date":
		return g.date(depth)
	case "month":
		switch g.IntN(3) {
		case 0:
			return "month_of(" + g.of(kindOf("moment"), depth-1) + ")"
		case 1:
			return "month_of(" + g.of(kindOf("date"), depth-1) + ")"
		}
		return fmt.Sprintf("month_at(%d, %d)", 2024+g.IntN(2), 1+g.IntN(12))
	case "duration":
		if spans, ok := g.periods(); ok && g.chance(40) {
			return "total_time(" + spans + ")"
		}
		if depth > 0 && g.chance(50) {
			return "(" + g.of(kindOf("moment"), depth-1) + " - " + g.of(kindOf("moment"), depth-1) + ")"
		}
		return g.one("hours", "minutes") + "(" + g.of(kindOf("count"), depth-1) + ")"
	case "ratio":
		return "(" + g.of(kindOf("count"), depth-1) + " / " + g.of(kindOf("count"), depth-1) + ")"
	case "name":
		return strconv.Quote(fmt.Sprintf("N%d", g.IntN(5)))
	case "word":
		if len(t.words) == 0 {
			return strconv.Quote("a")
		}
		return strconv.Quote(t.words[g.IntN(len(t.words))])
	case "article":
		return strconv.Quote("r/1")
	case "list":
		return g.list(t, depth)
	}
	panic(t.kind)
}

// periods are one or two lists of periods, as total_time takes them.
func (g *randomExpr) periods() (string, bool) {
	var all []string
	for _, n := range g.names {
		if n.of.kind != "list" || n.of.elem.kind != "record" {
			continue
		}
		if f := n.of.elem.fields; len(f) == 2 && f[0].name == "from" && f[1].name == "to" {
			all = append(all, n.name)
		}
	}
	if len(all) == 0 || g.loop || g.elem != nil { // for each element, that takes too long
		return "", false
	}
	return g.one(all...) + g.one("", ", "+g.one(all...)), true
}

// named is a named value of the type.
func (g *randomExpr) named(t *randomType) (string, bool) {
	var all []string
	for _, n := range g.names {
		if strings.HasPrefix(n.name, "value") && n.of.fits(t) {
			all = append(all, n.name)
		}
	}
	if len(all) == 0 {
		return "", false
	}
	return g.one(all...), true
}

// within is g looking at elements of the type.
func (g *randomExpr) within(elem *randomType) *randomExpr {
	x := *g
	x.elem, x.loop = elem, true
	return &x
}

// anyList is a list to loop over, and the type of its elements.
func (g *randomExpr) anyList() (string, *randomType, bool) {
	var all []randomName
	for _, n := range g.names {
		if n.of.kind == "list" {
			all = append(all, n)
		}
	}
	if len(all) == 0 || g.loop {
		return "", nil, false
	}
	n := all[g.IntN(len(all))]
	if g.chance(20) {
		return fmt.Sprintf("filter(%s, %s)", n.name, g.predicate(n.of.elem)), n.of.elem, false
	}
	return n.name, n.of.elem, true
}

// predicate is a condition of an element.
func (g *randomExpr) predicate(elem *randomType) string {
	return g.within(elem).of(kindOf("yes_no"), 1)
}

func (g *randomExpr) yes(depth int) string {
	yes := kindOf("yes_no")
	if depth > 0 {
		switch g.IntN(7) {
		case 0:
			return "(" + g.of(yes, depth-1) + " and " + g.of(yes, depth-1) + ")"
		case 1:
			return "(" + g.of(yes, depth-1) + " or " + g.of(yes, depth-1) + ")"
		case 2:
			return "not " + "(" + g.of(yes, depth-1) + ")"
		case 3:
			if list, elem, ok := g.anyList(); ok {
				return fmt.Sprintf("%s(%s, %s)", g.one("any", "all", "none", "one"), list, g.predicate(elem))
			}
		}
	}
	switch g.IntN(9) {
	case 0, 1, 2:
		if w, ok := g.word(); ok {
			if g.chance(30) {
				return fmt.Sprintf("%s in [%q, %q]", w.name, w.of.words[0], w.of.words[len(w.of.words)-1])
			}
			return fmt.Sprintf("%s %s %q", w.name, g.one("==", "!="), w.of.words[g.IntN(len(w.of.words))])
		}
	case 3:
		kind := kindOf(g.one("moment", "date", "count", "name", "month", "article", "yes_no"))
		if name, ok := g.ref(kind); ok {
			return name + g.one(" == ", " != ") + "null"
		}
	case 4:
		var lists []randomName
		for _, n := range g.names {
			if n.of.kind == "list" && n.of.elem.kind == "word" && len(n.of.elem.words) > 0 {
				lists = append(lists, n)
			}
		}
		if len(lists) > 0 {
			l := lists[g.IntN(len(lists))]
			return fmt.Sprintf("%q in %s", l.of.elem.words[g.IntN(len(l.of.elem.words))], l.name)
		}
	case 5:
		kind := g.one("moment", "date", "month")
		return g.compared(kind, depth)
	case 6:
		if name, ok := g.ref(kindOf("name")); ok {
			if g.chance(40) {
				return fmt.Sprintf("starts_with(%s, \"N1\")", name)
			}
			return name + g.one(" == ", " != ") + g.of(kindOf("name"), 0)
		}
	case 7:
		return g.compared(g.one("duration", "ratio"), depth)
	}
	return g.compared("count", depth)
}

func (g *randomExpr) compared(kind string, depth int) string {
	return g.of(kindOf(kind), depth-1) + g.one(" < ", " <= ", " > ", " >= ", " == ", " != ") + g.of(kindOf(kind), depth-1)
}

// word is a name that stands for a word.
func (g *randomExpr) word() (randomName, bool) {
	var all []randomName
	add := func(prefix string, names []randomName) {
		for _, n := range names {
			if n.of.kind == "word" && len(n.of.words) > 0 {
				all = append(all, randomName{prefix + n.name, n.of})
			}
		}
	}
	add("", g.names)
	if g.elem != nil {
		for range 4 {
			add(".", g.elem.fields)
		}
		if g.elem.kind == "word" && len(g.elem.words) > 0 {
			all = append(all, randomName{"#", g.elem})
		}
	}
	if len(all) == 0 {
		return randomName{}, false
	}
	return all[g.IntN(len(all))], true
}

func (g *randomExpr) count(depth int) string {
	count := kindOf("count")
	if depth > 0 {
		switch g.IntN(11) {
		case 9:
			date := kindOf("date")
			return fmt.Sprintf("most_within([%s, %s, %s], %d)", g.of(date, depth-1), g.of(date, depth-1), g.of(date, depth-1), 1+g.IntN(40))
		case 0:
			return "(" + g.of(count, depth-1) + g.one(" + ", " - ", " * ") + g.of(count, depth-1) + ")"
		case 1:
			return fmt.Sprintf("%s(%s, %s)", g.one("greatest", "least"), g.of(count, depth-1), g.of(count, depth-1))
		case 2:
			return fmt.Sprintf("%s(%s, %d)", g.one("rounded_down", "rounded_up"), g.of(count, depth-1), 1+g.IntN(7))
		case 3:
			return fmt.Sprintf("%s(%s, %s)", g.one("days_between", "working_days_between"), g.of(kindOf("date"), depth-1), g.of(kindOf("date"), depth-1))
		case 4:
			return "year_of(" + g.of(kindOf(g.one("date", "moment", "month")), depth-1) + ")"
		case 5, 6:
			if list, elem, ok := g.anyList(); ok {
				return fmt.Sprintf("count(%s, %s)", list, g.predicate(elem))
			}
		case 7:
			if list, elem, ok := g.anyList(); ok && elem.kind == "record" {
				return fmt.Sprintf("sum(%s, %s)", list, g.within(elem).of(count, 0))
			}
		case 8:
			if list, _, _ := g.anyList(); list != "" {
				return "len(" + list + ")"
			}
		}
	}
	return g.one("0", "1", "2", "3", "4", "100", "2000")
}

func (g *randomExpr) moment(depth int) string {
	if depth > 0 {
		switch g.IntN(5) {
		case 0:
			return "start_of_day(" + g.of(kindOf("date"), depth-1) + ")"
		case 1:
			return fmt.Sprintf("%s(%s, %s)", g.one("latest", "earliest"), g.of(kindOf("moment"), depth-1), g.of(kindOf("moment"), depth-1))
		case 2:
			return fmt.Sprintf("(%s %s hours(%d))", g.of(kindOf("moment"), depth-1), g.one("+", "-"), g.IntN(100))
		}
	}
	if name, ok := g.ref(kindOf("moment")); ok {
		return name
	}
	return "as_of"
}

func (g *randomExpr) date(depth int) string {
	if depth > 0 {
		switch g.IntN(4) {
		case 0:
			return fmt.Sprintf("%s(%s, %d)", g.one("days_after", "months_after", "working_days_after"), g.of(kindOf("date"), depth-1), g.IntN(20))
		case 1:
			return "end_of_month(" + g.of(kindOf("month"), depth-1) + ")"
		}
	}
	return "date_of(" + g.of(kindOf("moment"), depth-1) + ")"
}

func (g *randomExpr) list(t *randomType, depth int) string {
	if name, ok := g.ref(t); ok {
		if depth > 0 && !g.loop && g.chance(40) {
			return fmt.Sprintf("filter(%s, %s)", name, g.predicate(t.elem))
		}
		if depth > 0 && t.elem.kind != "record" && t.elem.kind != "list" {
			other, _ := g.ref(t)
			switch g.IntN(5) {
			case 0:
				return "distinct(" + name + ")"
			case 1, 2:
				return fmt.Sprintf("%s(%s, %s)", g.one("both", "without", "joined"), name, other)
			}
		}
		return name
	}
	if t.elem.kind == "record" || t.elem.kind == "list" {
		return "[]"
	}
	items := make([]string, 1+g.IntN(2))
	for i := range items {
		items[i] = g.of(t.elem, 0)
	}
	return "[" + strings.Join(items, ", ") + "]"
}
