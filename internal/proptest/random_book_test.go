package proptest_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/internal/checked"
)

// randomBook writes a small rulebook with rules of every form, over facts of
// every type. Most of what it writes is valid.
type randomBook struct {
	*randomExpr
	facts    []randomName
	scopes   []string
	clocks   []string             // of one matter each
	byFacts  bool                 // values of the rule may be chosen by a fact
	rules    []string             // that a question may list
	articles [3]map[string][]rule // by section
	forms    map[string]int       // how many rules of each form there are
	n        int
}

type rule struct{ name, body string }

var (
	statusOfClock = []string{"not_started", "running", "overdue", "on_time", "late", "deemed_on_time"}
	statusOfRange = []string{"within", "below", "above", "unassigned"}
	randomWords   = map[string][]string{
		"size": {"small", "large", "huge"}, "way": {"road", "rail"}, "state": {"broken", "kept", "lost", "open"},
	}
	saidWords = []string{"late_code", "wrong_code", "head", "clerk", "must_a", "must_b", "stop_a", "stop_b", "warning", "letter", "leave"}
)

func newRandomBook(rng *rand.Rand) *randomBook {
	b := &randomBook{randomExpr: &randomExpr{Rand: rng}, forms: map[string]int{}}
	for i := range b.articles {
		b.articles[i] = map[string][]rule{}
	}
	return b
}

// text is the whole file.
func (b *randomBook) text() string {
	var t strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&t, format+"\n", args...) }
	line("rulebook: {id: book, title: {zh: 书, en: book}, zone: Asia/Shanghai, currency: CNY, calendar: china, in_force: {from: 2020-01-01, to: 2030-12-31}}")
	line("calendars:\n  plain: {zh: 平日, en: plain, any_year: true, hours: [09:00-12:00, 14:00-18:00]}\n  state: {zh: 国定, en: state, base: china}")
	line("words:")
	for _, name := range []string{"size", "way", "state"} {
		line("  %s: %s", name, labelled(randomWords[name]))
	}
	line("  said: %s", labelled(saidWords))
	line("facts:")
	b.declareFacts(line)
	line("readings:")
	line("  pick: {article: r/1, asks: {zh: 问, en: asks}, options: {one: {zh: 一, en: one}, two: {zh: 二, en: two}}, chosen: {by: date, 2020-01-01: one, 2025-02-10: two}}")
	line("  kind: {article: r/2, asks: {zh: 问, en: asks}, options: {first: {zh: 一, en: first}, many: {zh: 多, en: many, parameter: count}}, chosen: %s}", b.one("first", "many:2"))
	line("  several: {article: r/2, asks: {zh: 问, en: asks}, several: true, options: %s, chosen: [small]}", labelled(randomWords["size"]))
	line("  ways: {article: r/2, asks: {zh: 问, en: asks}, options: %s, chosen: %s}", labelled([]string{"half_up", "half_even", "up", "down"}), b.one("half_up", "down"))
	b.scope()
	for range 8 + b.IntN(8) {
		b.unit()
	}
	line("regulations:\n  r:\n    zh: 规\n    en: rules\n    articles:")
	for i, sections := range b.articles {
		line("      \"%d\":\n        nature: duty\n        title: {zh: 题, en: title}\n        text: {zh: 文, en: text}", i+1)
		if len(sections) == 0 {
			line("        decides_nothing: {zh: 无, en: nothing}")
		}
		for _, name := range sortedKeysOf(sections) {
			line("        %s:", name)
			for _, r := range sections[name] {
				line("          %s: {%s}", r.name, r.body)
			}
		}
	}
	line("questions:")
	for i := range 2 {
		b.question(line, fmt.Sprint("q", i))
	}
	return t.String()
}

func sortedKeysOf[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func labelled(words []string) string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = fmt.Sprintf("%s: {zh: 词%s, en: the %s}", w, w, w)
	}
	return "{" + strings.Join(all, ", ") + "}"
}

// declareFacts declares some of every type.
func (b *randomBook) declareFacts(line func(string, ...any)) {
	kinds := []string{"word", "word", "yes_no", "yes_no", "count", "count", "moment", "moment", "date", "month", "name", "list", "list", "list", "record", "article", "number", "year", "text"}
	b.Shuffle(len(kinds)-4, func(i, k int) { kinds[i+4], kinds[k+4] = kinds[k+4], kinds[i+4] })
	for i, kind := range append(kinds[:6+b.IntN(10)], "list") {
		name := fmt.Sprintf("f%d", i)
		text, t := b.fact(kind, 0)
		line("  %s: {zh: 事实%d, en: fact %d, %s}", name, i, i, text)
		b.facts = append(b.facts, randomName{name, t})
		b.take(name, t)
	}
	if b.chance(60) { // periods, as accruals leave out
		kind := b.one("date", "moment")
		inner, of := b.fact(kind, 1)
		line("  spans: {zh: 期间, en: periods, type: list, if_absent: %s, of: {type: record, fields: {from: {zh: 自, en: from, %s}, to: {zh: 至, en: to, type: %s}}}}",
			b.one("empty", "unknown", "none"), inner, kind)
		t := listOf(&randomType{kind: "record", fields: []randomName{{"from", of}, {"to", kindOf(kind)}}})
		b.facts = append(b.facts, randomName{"spans", t})
		b.take("spans", t)
	}
	b.names = append(b.names, randomName{"as_of", kindOf("moment")})
}

// take makes a name, and those of a record's fields, known to expressions.
func (b *randomBook) take(name string, t *randomType) {
	b.names = append(b.names, randomName{name, t})
	if t.kind == "record" {
		b.names = b.names[:len(b.names)-1]
		for _, f := range t.fields {
			b.take(name+"."+f.name, f.of)
		}
	}
}

// ofElements is the depth of what is in a list.
const ofElements = 9

// fact is how a fact of the kind is declared, in so many records.
func (b *randomBook) fact(kind string, depth int) (string, *randomType) {
	text, t := "type: "+kind, kindOf(kind)
	absent := func(options ...string) {
		if depth < ofElements && b.chance(50) {
			text += ", if_absent: " + b.one(options...)
		}
	}
	switch kind {
	case "word":
		list := b.one("size", "size", "way", "state")
		t.list, t.words = list, randomWords[list]
		text += ", words: " + list
		absent("none", "unknown", t.words[0])
	case "yes_no":
		absent("false", "true", "none", "unknown")
	case "count":
		absent("0", "3", "none", "unknown")
	case "moment", "date":
		absent("none", "unknown")
		if b.chance(8) {
			text += ", event: true"
		}
	case "list":
		elem := b.one("word", "word", "yes_no", "count", "moment", "name", "record", "record", "record")
		inner, of := b.fact(elem, ofElements)
		text, t.elem = text+", of: {"+inner+"}", of
		if depth < ofElements {
			absent("empty", "unknown", "none")
		}
		if b.chance(20) {
			text += ", ordered: true"
		}
	case "record":
		var fields []string
		kinds := []string{"name", "word", "count", "moment", "yes_no", "date", "month", "text", "article"}
		b.Shuffle(len(kinds)-4, func(i, k int) { kinds[i+4], kinds[k+4] = kinds[k+4], kinds[i+4] })
		if depth == ofElements && b.chance(30) {
			kinds = []string{"word", "yes_no"} // no more than words
		} else {
			kinds = kinds[:4+b.IntN(3)]
			if depth == 0 && b.chance(40) {
				kinds = append(kinds, "record")
			}
			if b.chance(40) {
				kinds = append(kinds, "list")
			}
		}
		for i, k := range kinds {
			name := fmt.Sprintf("x%d", i)
			inner, of := b.fact(k, max(depth, 1))
			fields = append(fields, fmt.Sprintf("%s: {zh: 栏%d, en: field %d, %s}", name, i, i, inner))
			t.fields = append(t.fields, randomName{name, of})
		}
		text += ", fields: {" + strings.Join(fields, ", ") + "}"
	}
	return text, t
}

// question asks for some of the rules, and shows what comes out.
func (b *randomBook) question(line func(string, ...any), id string) {
	line("  %s:\n    zh: 问\n    en: question\n    facts: [%s]", id, b.factsOf())
	if name, ok := b.governing(); ok {
		line("    governed_by: %s", name)
	}
	if len(b.scopes) > 0 && b.chance(70) {
		b.Shuffle(len(b.scopes), func(i, k int) { b.scopes[i], b.scopes[k] = b.scopes[k], b.scopes[i] })
		line("    scope: [%s]", strings.Join(b.scopes[:1+b.IntN(min(2, len(b.scopes)))], ", "))
	}
	var listed []string
	for _, r := range b.rules {
		if b.chance(60) {
			listed = append(listed, r)
		}
	}
	line("    rules: [%s]", strings.Join(listed, ", "))
	line("    verdict: %s", b.verdict())
	line("    values:")
	for i := range 1 + b.IntN(8) {
		line("      v%d: %s", i, b.figure(2, fmt.Sprint(i)))
	}
}

// verdict is of words of its own, of those of a fact or rule, or of both.
func (b *randomBook) verdict() string {
	own := labelled([]string{"up", "down", "gone"})
	is, words := fmt.Sprintf("%s ? \"up\" : \"down\"", b.of(kindOf("yes_no"), 2)), own
	if b.chance(30) {
		for _, n := range b.names {
			if n.of.kind != "word" || len(n.of.words) == 0 || b.chance(70) {
				continue
			}
			is, words = n.name, labelled(append(slices.Clone(n.of.words), "gone"))
			switch of := b.IntN(4); {
			case !ofEngine(n.of.words):
			case of == 0:
				return fmt.Sprintf("{is: %q}", is)
			case of == 1:
				is, words = fmt.Sprintf("%s ? \"gone\" : %s", b.of(kindOf("yes_no"), 1), is), own
			case of == 2:
				words = own
			}
		}
	}
	return fmt.Sprintf("{is: %q, words: %s%s}", is, words, b.one("", ", if_none: gone"))
}

// ofEngine reports whether words are a rule's own, which need not be listed.
func ofEngine(words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool {
		_, own := checked.EngineLabel(w)
		return !own
	})
}

func (b *randomBook) factsOf() string {
	all := make([]string, len(b.facts))
	for i, f := range b.facts {
		all[i] = f.name
		if b.chance(10) {
			all[i] = fmt.Sprintf("{outer%d: %s}", i, f.name)
		}
	}
	return strings.Join(all, ", ")
}

func (b *randomBook) governing() (string, bool) {
	if b.chance(40) {
		return "", false
	}
	for _, f := range b.facts {
		if slices.Contains([]string{"moment", "date", "month"}, f.of.kind) && b.chance(50) {
			return f.name, true
		}
	}
	return "", false
}

// figure is a value of an answer: an output or fact as it is, something
// computed, or a record of such.
func (b *randomBook) figure(depth int, label string) string {
	text := fmt.Sprintf("{zh: 值%s, en: value %s", label, label)
	if b.chance(40) {
		text += fmt.Sprintf(", when: %q", b.of(kindOf("yes_no"), b.IntN(2)))
	}
	if depth > 0 && b.chance(30) {
		var fields []string
		for i := range 1 + b.IntN(3) {
			fields = append(fields, fmt.Sprintf("w%d: %s", i, b.figure(depth-1, label+fmt.Sprint(i))))
		}
		return text + ", fields: {" + strings.Join(fields, ", ") + "}}"
	}
	is := b.of(kindOf(b.one("yes_no", "count", "moment", "date", "month", "ratio", "duration", "name")), 2)
	if b.chance(65) {
		is = b.names[b.IntN(len(b.names))].name
	}
	if b.chance(10) {
		t := kindOf(b.one("count", "moment", "yes_no"))
		return text + ", is: " + b.chosenByFact(func() string { return fmt.Sprintf("%q", b.of(t, 1)) }) + "}"
	}
	return text + fmt.Sprintf(", is: %q}", is)
}
