package proptest_test

import (
	"fmt"
	"slices"
	"strings"
)

// eachFigure adds a list of records: one for each element of a list, or for each
// group of elements. Its first fields are as those of a fact have them, so that
// other rules may go through it in turn.
func (b *randomBook) eachFigure() {
	each, elem, ok := b.records()
	if !ok {
		b.decision()
		return
	}
	name, grouped := b.name("each"), b.chance(45)
	record := &randomType{kind: "record"}
	var keys, fields []string
	x := *b.randomExpr
	x.elem = elem
	field := func(to *[]string, t *randomType, text string) {
		is := fmt.Sprintf("%q", text)
		if to == &fields && x.elem == elem && t.kind != "name" {
			is = b.chosenByElement(elem, func() string { return b.one(is, fmt.Sprintf("%q", x.of(t, 1))) })
		}
		*to = append(*to, fmt.Sprintf("x%d: %s", len(record.fields), is))
		record.fields = append(record.fields, randomName{fmt.Sprintf("x%d", len(record.fields)), t})
	}
	if grouped {
		field(&keys, kindOf("name"), ".x0")
		if b.chance(50) {
			t := kindOf(b.one("yes_no", "count", "date"))
			field(&keys, t, x.of(t, 1))
		}
		if w, ok := x.word(); ok && b.chance(50) {
			field(&keys, w.of, w.name)
		}
		x.elem = nil
		x.names = append(slices.DeleteFunc(slices.Clone(b.names), func(n randomName) bool { return n.name == "spans" }), randomName{"group", listOf(elem)}, randomName{"group", listOf(elem)})
		field(&fields, kindOf("count"), "len(group)")
	} else {
		field(&fields, kindOf("name"), ".x0")
	}
	for range 2 + b.IntN(3) {
		t := kindOf(b.one("yes_no", "count", "count", "moment", "date", "ratio", "duration"))
		field(&fields, t, x.of(t, 1+b.IntN(2)))
	}
	body := b.when(25) + "each: " + each
	if grouped {
		body += ", group_by: {" + strings.Join(keys, ", ") + "}"
	}
	body += ", fields: {" + strings.Join(fields, ", ") + "}" + b.one("", ", columns: {x0: {zh: 甲, en: first}}", ", quiet: true")
	b.add("figures", name, body)
	b.outputs(name, randomName{"value", listOf(record)})
}
