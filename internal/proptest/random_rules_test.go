package proptest_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var sizeWord = wordsOf("size", randomWords["size"]...)

// add adds a rule, and what others may use of it.
func (b *randomBook) add(section, name, body string) {
	b.forms[section]++
	i := b.IntN(len(b.articles))
	body = fmt.Sprintf("zh: 规则%s, en: rule %s, %s", name, name, body)
	if b.chance(8) && !slices.Contains([]string{"clocks", "deadlines", "weighings", "ladders", "values", "accruals"}, section) {
		body += ", in_force: {from: " + b.one("2020-01-01, to: 2025-02-05", "2025-02-01") + "}"
	}
	b.articles[i][section] = append(b.articles[i][section], rule{name, body})
}

// outputs makes what a unit gives known, behind its own expressions.
func (b *randomBook) outputs(unit string, of ...randomName) {
	for _, o := range of {
		b.names = append(b.names, randomName{unit + "." + o.name, o.of})
	}
	b.rules = append(b.rules, unit)
}

func (b *randomBook) name(prefix string) string {
	b.n++
	return fmt.Sprintf("%s%d", prefix, b.n)
}

// expr is a quoted expression, now and then chosen by a reading or a date.
func (b *randomBook) expr(t *randomType, depth int) string {
	one := func() string { return fmt.Sprintf("%q", b.of(t, depth)) }
	switch b.IntN(25) {
	case 0:
		return fmt.Sprintf("{by: pick, one: %s, two: %s}", one(), one())
	case 1:
		return fmt.Sprintf("{by: date, 2020-01-01: %s, 2025-02-05: %s}", one(), one())
	case 2:
		if t.kind == "count" {
			return fmt.Sprintf("{by: kind, many: \"%s + parameter\", otherwise: %s}", b.of(t, 0), one())
		}
	case 3:
		if t.kind == "list" && t.elem.list == "size" {
			return "{by: several}"
		}
	case 4:
		if b.byFacts {
			return b.chosenByFact(one)
		}
	}
	return one()
}

// chosenByFact is a choice by one of the first two facts, which are words, or by
// one that is yes or no.
func (b *randomBook) chosenByFact(one func() string) string {
	if i := slices.IndexFunc(b.facts, func(f randomName) bool { return f.of.kind == "yes_no" }); i >= 0 && b.chance(30) {
		return b.chosenBy(b.facts[i].name, []string{"yes", "no"}, one)
	}
	f := b.facts[b.IntN(2)]
	return b.chosenBy(f.name, f.of.words, one)
}

// chosenByElement is a choice by a word of an element, now and then, where it
// has one.
func (b *randomBook) chosenByElement(elem *randomType, one func() string) string {
	for i, f := range elem.fields {
		if f.of.kind == "word" && len(f.of.words) > 0 && b.chance(15) {
			return b.chosenBy(fmt.Sprintf(".x%d", i), f.of.words, one)
		}
	}
	return one()
}

// chosenBy is a choice by what has these words.
func (b *randomBook) chosenBy(by string, words []string, one func() string) string {
	words = slices.Clone(words)
	b.Shuffle(len(words), func(i, k int) { words[i], words[k] = words[k], words[i] })
	named := 1 + b.IntN(len(words))
	text := "{by: " + by
	for _, w := range words[:named] {
		text += ", " + w + ": " + one()
	}
	if named < len(words) || b.chance(40) {
		text += ", otherwise: " + one()
	}
	return text + "}"
}

// gives lets a rule of a group give way to the next one, now and then.
func (b *randomBook) gives(name string, i, n int) string {
	if i+1 < n && b.chance(30) {
		return fmt.Sprintf(", except: [%s%d]", name, i+1)
	}
	return ""
}

func (b *randomBook) yesNo(depth int) string { return b.expr(kindOf("yes_no"), depth) }

// when is a condition, or nothing.
func (b *randomBook) when(percent int) string {
	if b.chance(percent) {
		return "when: " + b.yesNo(1+b.IntN(2)) + ", "
	}
	return ""
}

// apart are conditions of which mostly one holds.
func (b *randomBook) apart(n int) []string {
	w, ok := b.word()
	if !ok || b.chance(25) {
		x := b.of(kindOf("yes_no"), 1)
		all := []string{x, "not (" + x + ")"}
		for len(all) < n {
			all = append(all, "false")
		}
		return all[:n]
	}
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("%s == %q", w.name, w.of.words[i%len(w.of.words)])
		if i >= len(w.of.words) {
			all[i] = "false"
		}
	}
	return all
}

// unit adds one of some form.
func (b *randomBook) unit() {
	units := []func(){
		b.scope, b.figures, b.figures, b.decision, b.duty, b.duty, b.checklist, b.checklist, b.assignment, b.assignment, b.guards, b.ranges,
		b.clock, b.clock, b.clock, b.eachClock, b.indicators, b.ladder, b.ladder, b.weighing, b.measure, b.joint, b.value, b.accrual, b.table,
		b.eachFigure, b.eachFigure, b.agenda, b.tariff, b.alike, b.alike,
	}
	b.byFacts = true
	units[b.IntN(len(units))]()
	b.byFacts = false
}

// value adds a named value, which expressions use by its name alone.
func (b *randomBook) value() {
	name := b.name("value")
	is, of := b.one("7", "4003", "{by: date, 2020-01-01: 3, 2025-02-05: 4}", "{by: pick, one: 3, two: 2}"), kindOf("count")
	if b.chance(40) {
		is, of = b.one("4 hours", "90 minutes", "{by: pick, one: 1 hours, two: 3 hours}"), kindOf("duration")
	}
	b.add("values", name, "is: "+is)
	b.names = append(b.names, randomName{name, of})
	if f := b.facts[b.IntN(2)]; b.chance(50) { // one that another is like
		b.add("values", name+"w", "is: "+b.chosenBy(f.name, f.of.words, func() string { return b.one("3", "4003") }))
		b.add("figures", "by"+name, fmt.Sprintf("is: {by: %s, %s: 5, like: %sw}", f.name, f.of.words[0], name))
		b.outputs("by"+name, randomName{"value", kindOf("count")})
	}
}

// alike adds a rule that is like one that stands alone, now and then with another
// name of the same type in place of one that stands in it.
func (b *randomBook) alike() {
	of, body := "", ""
	sections := []string{"scopes", "figures", "decisions", "duties", "ranges", "indicators", "tables"}
	section := ""
	for _, s := range sections {
		for i := range b.articles {
			for _, r := range b.articles[i][s] {
				if slices.Contains(b.rules, r.name) && !strings.Contains(r.body, "part_of:") && (of == "" || b.chance(30)) {
					section, of, body = s, r.name, r.body
				}
			}
		}
	}
	if of == "" {
		b.duty()
		return
	}
	name, more := b.name("like"), ""
	for _, n := range b.names {
		if n.of.kind == "list" || n.of.kind == "record" || !regexp.MustCompile(`[ ("\[]`+regexp.QuoteMeta(n.name)+`[ ")\]]`).MatchString(body) || more != "" {
			continue
		}
		for _, m := range b.names {
			if m.name != n.name && m.of.kind == n.of.kind && m.of.list == n.of.list && slices.Equal(m.of.words, n.of.words) && b.chance(50) {
				more = fmt.Sprintf(", in_place_of: {%s: %s}", n.name, m.name)
				break
			}
		}
	}
	b.add(section, name, "like: "+of+more)
	if section == "scopes" {
		b.scopes = append(b.scopes, name)
	}
	for _, n := range slices.Clone(b.names) {
		if out, ok := strings.CutPrefix(n.name, of+"."); ok {
			b.names = append(b.names, randomName{name + "." + out, n.of})
		}
	}
	b.rules = append(b.rules, name)
}

func (b *randomBook) scope() {
	name := b.name("scope")
	if b.chance(40) {
		for i := range 2 {
			b.add("scopes", fmt.Sprint(name, "x", i), fmt.Sprintf("part_of: %s, %sholds: %s", name, b.when(40), b.yesNo(2)))
		}
	} else {
		holds := b.yesNo(2)
		if b.chance(50) { // mostly, as a number has it
			holds = fmt.Sprintf("\"%s < 4000\"", b.of(kindOf("count"), 0))
		}
		b.add("scopes", name, b.when(30)+"holds: "+holds)
	}
	b.scopes = append(b.scopes, name)
	b.outputs(name, randomName{"holds", kindOf("yes_no")}, randomName{"article", kindOf("article")})
}

func (b *randomBook) figures() {
	name := b.name("fig")
	t := kindOf(b.one("yes_no", "count", "moment", "date", "month", "ratio", "duration", "name", "word", "list"))
	switch t.kind {
	case "word":
		t.list, t.words = "state", randomWords["state"]
	case "list":
		t.elem = kindOf(b.one("count", "name", "moment", "word", "record"))
		if t.elem.kind == "word" {
			t.elem = sizeWord
		}
		if t.elem.kind == "record" { // of one that there is
			for _, n := range b.names {
				if n.of.kind == "list" && n.of.elem.kind == "record" {
					t.elem = n.of.elem
				}
			}
			if len(t.elem.fields) == 0 {
				t.elem = kindOf("count")
			}
			for _, n := range b.names {
				if n.of.kind == "list" && n.of.elem == t.elem {
					b.add("figures", name, fmt.Sprintf("%sis: %q", b.when(30), fmt.Sprintf("filter(%s, %s)", n.name, b.predicate(t.elem))))
					b.outputs(name, randomName{"value", t})
					return
				}
			}
		}
	}
	is := func() string {
		if t.kind == "word" {
			return fmt.Sprintf("is: %q, words: state", b.of(t, 2))
		}
		if t.kind == "count" && b.chance(30) {
			return fmt.Sprintf("is: %q, rounded: %s", b.of(kindOf(b.one("count", "ratio")), 2), b.one("{by: ways}", "up", "half_even"))
		}
		return "is: " + b.expr(t, 2)
	}
	if b.chance(40) {
		whens := b.apart(2 + b.IntN(2))
		for i, when := range whens {
			b.add("figures", fmt.Sprint(name, "x", i), fmt.Sprintf("part_of: %s, when: %q, %s%s", name, when, is(), b.gives(name+"x", i, len(whens))))
		}
	} else {
		quiet := ""
		if b.chance(20) {
			quiet = "quiet: true, "
		}
		b.add("figures", name, b.when(40)+quiet+is())
	}
	b.outputs(name, randomName{"value", t})
}

func (b *randomBook) table() {
	each, elem, ok := b.records()
	if !ok || b.chance(60) {
		name := b.name("table")
		b.add("tables", name, fmt.Sprintf("%skeys: {k: %s}, rows: [{where: {k: none}, gives: {step: 0}}, {where: {k: below 15}, gives: {step: 1}}, {where: %s, gives: {step: %s}}]",
			b.when(25), b.expr(kindOf("count"), 1), b.one("{k: from 15}", "otherwise"), b.expr(kindOf("count"), 0)))
		b.outputs(name, randomName{"step", kindOf("count")})
		return
	}
	name := b.name("tableof")
	b.add("tables", name, fmt.Sprintf("%seach: %s, fields: {x0: .x0, x1: %s}, keys: {k: %s}, rows: [{where: {k: none}, gives: {x2: 0, x3: %s}}, {where: {k: below 15}, gives: {x2: 1, x3: %[6]s}}, {where: %s, gives: {x2: %s, x3: %s}}]",
		b.when(25), each, b.ofElement(elem, "date", 1), b.ofElement(elem, "count", 1), b.ofElement(elem, "moment", 1), b.ofElement(elem, "moment", 0), b.one("{k: from 15}", "otherwise"), b.ofElement(elem, "count", 0), b.ofElement(elem, "moment", 0)))
	b.outputs(name, randomName{"value", listOf(&randomType{kind: "record", fields: []randomName{{"x0", kindOf("name")}, {"x1", kindOf("date")}, {"x2", kindOf("count")}, {"x3", kindOf("moment")}}})})
}

// agenda says which of the clocks there are comes next.
func (b *randomBook) agenda() {
	if len(b.clocks) == 0 {
		b.clock()
		return
	}
	of := slices.Clone(b.clocks)
	b.Shuffle(len(of), func(i, k int) { of[i], of[k] = of[k], of[i] })
	of = of[:1+b.IntN(min(3, len(of)))]
	name := b.name("agenda")
	b.add("agendas", name, fmt.Sprintf("%sof: [%s]", b.when(30), strings.Join(of, ", ")))
	words := listOf(wordsOf(name, of...))
	b.outputs(name, randomName{"due", kindOf("moment")}, randomName{"clocks", words}, randomName{"overdue", words})
}

func (b *randomBook) decision() {
	name := b.name("dec")
	b.add("decisions", name, "when: "+b.yesNo(2))
	b.outputs(name, randomName{"needed", kindOf("yes_no")})
}

// liable says who answers, or nothing.
func (b *randomBook) liable() string {
	if b.chance(50) {
		return ""
	}
	return fmt.Sprintf(", liable: {head: %q, clerk: %q}", b.of(kindOf("name"), 1), b.of(kindOf("name"), 1))
}

func (b *randomBook) duty() {
	name, codes := b.name("duty"), []string{}
	switch b.IntN(3) {
	case 0:
		b.add("duties", name, b.when(40)+"met: "+b.yesNo(2)+b.one(", breach: late_code", "")+b.liable())
	case 1:
		codes = []string{"small", "huge"}
		b.add("duties", name, fmt.Sprintf("%sobserved: %s, prohibited: [small, huge]%s", b.when(40), b.sizes(), b.liable()))
	default:
		codes = []string{"small", "large"}
		b.add("duties", name, fmt.Sprintf("%srequired: [small, large], done: %s%s%s", b.when(40), b.sizes(), b.one(", breach: wrong_code", ""), b.liable()))
	}
	b.outputs(name, randomName{"broken", kindOf("yes_no")})
	if len(codes) > 0 {
		b.outputs(name, randomName{"found", listOf(wordsOf(name, codes...))})
		b.rules = b.rules[:len(b.rules)-1]
	}
}

// sizes is a list of words.
func (b *randomBook) sizes() string { return b.expr(listOf(sizeWord), 1) }

func (b *randomBook) items(elem *randomType) string {
	var all []string
	for _, code := range randomWords["size"] {
		item := []string{}
		if b.chance(40) {
			item = append(item, "when: "+b.yesNo(1))
		}
		if b.chance(40) {
			x := *b.randomExpr
			x.elem = elem
			item = append(item, fmt.Sprintf("done: %q", x.of(kindOf("yes_no"), 1)))
		}
		if b.chance(30) {
			item = append(item, "article: r/2")
		}
		all = append(all, code+": {"+strings.Join(item, ", ")+"}")
	}
	return "{" + strings.Join(all, ", ") + "}"
}

func (b *randomBook) checklist() {
	name := b.name("list")
	word := wordsOf(name, randomWords["size"]...)
	missing := &randomType{kind: "record", fields: []randomName{{"item", word}, {"article", kindOf("article")}}}
	if each, elem, ok := b.records(); ok && b.chance(40) {
		b.add("checklists", name, fmt.Sprintf("%seach: %s, name: %s, items: %s", b.when(30), each, b.elementName(elem), b.items(elem)))
		missing.fields = []randomName{{"name", kindOf("name")}, {"item", word}}
	} else {
		b.add("checklists", name, fmt.Sprintf("%spresent: %s, items: %s", b.when(30), b.sizes(), b.items(nil)))
	}
	b.outputs(name, randomName{"required", listOf(word)}, randomName{"required_count", kindOf("count")}, randomName{"present_count", kindOf("count")},
		randomName{"missing", listOf(word)}, randomName{"missing_items", listOf(missing)}, randomName{"missing_articles", listOf(kindOf("article"))},
		randomName{"complete", kindOf("yes_no")})
}

// records is a list of records of facts, or what is left of one.
func (b *randomBook) records() (string, *randomType, bool) {
	var all []randomName
	for _, n := range b.names {
		if n.of.kind == "list" && n.of.elem.kind == "record" && len(n.of.elem.fields) > 3 && n.of.elem.fields[0].name == "x0" && n.of.elem.fields[0].of.kind == "name" {
			all = append(all, n)
		}
	}
	if len(all) == 0 {
		return "", nil, false
	}
	n := all[b.IntN(len(all))]
	if b.chance(30) {
		return fmt.Sprintf("%q", fmt.Sprintf("filter(%s, %s)", n.name, b.predicate(n.of.elem))), n.of.elem, true
	}
	return n.name, n.of.elem, true
}

func (b *randomBook) elementName(*randomType) string { return ".x0" }

// ofElement is a quoted expression about an element.
func (b *randomBook) ofElement(elem *randomType, kind string, depth int) string {
	x := *b.randomExpr
	x.elem = elem
	return b.chosenByElement(elem, func() string { return fmt.Sprintf("%q", x.of(kindOf(kind), depth)) })
}

func (b *randomBook) assignment() {
	among, elem, ok := b.records()
	if !ok {
		b.decision()
		return
	}
	name := b.name("who")
	body := fmt.Sprintf("%samong: %s, id: .x0, highest: %s, tie: %s, earliest: %s", b.when(30), among, b.ofElement(elem, "count", 1),
		b.one("earliest", "joint", "undetermined"), b.ofElement(elem, "moment", 0))
	if b.chance(50) {
		body += ", eligible: " + b.ofElement(elem, "yes_no", 1)
	}
	b.add("assignments", name, body)
	b.outputs(name, randomName{"chosen", kindOf("name")}, randomName{"candidates", listOf(kindOf("name"))},
		randomName{"undetermined", kindOf("yes_no")}, randomName{"contenders", kindOf("count")})
}

func (b *randomBook) guards() {
	name := b.name("guard")
	if b.chance(60) {
		for i, code := range []string{"stop_a", "stop_b", "stop_a"}[:2+b.IntN(2)] {
			b.add("guards", fmt.Sprint(name, "x", i), fmt.Sprintf("part_of: %s, %sblocks_if: %s, blocker: %s", name, b.when(40), b.yesNo(1), code))
		}
	} else {
		b.add("guards", name, fmt.Sprintf("%sblocks_if: %s, blocker: stop_a", b.when(40), b.yesNo(2)))
	}
	b.outputs(name, randomName{"allowed", kindOf("yes_no")})
}

func (b *randomBook) ranges() {
	name := b.name("range")
	body := func() string {
		kind := b.one("count", "ratio")
		if b.chance(30) {
			return fmt.Sprintf("lowest: %s, highest: %s, from: %d, to: %d", b.expr(kindOf(kind), 1), b.expr(kindOf("count"), 1), b.IntN(4), 4+b.IntN(3000))
		}
		return fmt.Sprintf("value: %s, from: %d, to: %d", b.expr(kindOf(kind), 1), b.IntN(4), 4+b.IntN(3000))
	}
	if b.chance(40) {
		for i, when := range b.apart(2) {
			b.add("ranges", fmt.Sprint(name, "x", i), fmt.Sprintf("part_of: %s, when: %q, %s%s", name, when, body(), b.gives(name+"x", i, 2)))
		}
	} else {
		b.add("ranges", name, b.when(30)+body())
	}
	b.outputs(name, randomName{"status", wordsOf("range", statusOfRange...)})
}

func (b *randomBook) limit() string {
	if b.byFacts && b.chance(15) {
		return b.chosenByFact(func() string { return b.one("5 working days", "24 hours", "10 days") })
	}
	return b.one("5 working days", "24 hours", "90 minutes", "10 days", "1 working days", "{by: pick, one: 3 working days, two: 48 hours}",
		"{by: date, 2020-01-01: 20 working days, 2025-02-03: 15 working days}")
}

func (b *randomBook) clock() {
	name := b.name("clock")
	options := ""
	if b.chance(30) {
		options += ", calendar: " + b.one("plain", "state", "{by: pick, one: plain, two: state}")
	}
	if b.chance(30) {
		options += ", last_day_ends: \"18:00\""
	}
	if b.chance(20) {
		options += ", first_day: counted"
	}
	if b.chance(20) {
		options += ", after_closing: next_working_day, closes: \"17:00\""
	}
	if b.chance(20) {
		options += ", calendar: plain, hours_run: opening_hours"
		options = strings.Replace(options, ", calendar: state", "", 1)
	}
	if strings.Count(options, "calendar:") > 1 {
		options = ", calendar: plain, hours_run: opening_hours"
	}
	if b.chance(70) {
		options += ", breach: late_code" + b.liable()
	}
	if b.chance(40) {
		options += ", returned: " + b.expr(kindOf("moment"), 1) + b.one("", ", on_return: resume")
	}
	limit, from, status := b.limit, "moment", statusOfClock
	var ofPeriod []randomName
	if b.chance(45) {
		limit, from, status = b.length, b.one("moment", "moment", "date"), statusOfClock[:5:5]
		more, alerts := b.period()
		options = strings.ReplaceAll(strings.ReplaceAll(options, ", on_return: resume", ""), ", first_day: counted", "") + more
		for _, other := range []string{", calendar: state", ", calendar: {by: pick, one: plain, two: state}", ", calendar: plain"} {
			options = strings.ReplaceAll(options, other, "")
		}
		options += ", calendar: plain"
		if pauses, ok := b.pauses(name); ok {
			b.add("pauses", name+"p", pauses)
			status = append(status, "paused")
		}
		if strings.Contains(more, "at_risk") {
			status = append(status, "at_risk")
		}
		for _, a := range alerts {
			ofPeriod = append(ofPeriod, randomName{a, kindOf("moment")})
		}
		ofPeriod = append(ofPeriod, randomName{"nominal", kindOf("date")}, randomName{"paused_days", kindOf("count")}, randomName{"paused_time", kindOf("duration")})
	}
	b.add("clocks", name, "done: "+b.expr(kindOf("moment"), b.IntN(2))+options)
	n := 1 + b.IntN(3)
	whens := b.apart(3)
	for i := range n {
		when := ""
		if n > 1 {
			when = fmt.Sprintf("when: %q, ", whens[i])
		} else {
			when = b.when(50)
		}
		other := ""
		if b.chance(20) {
			other = ", other_limit: " + b.one("30 hours", "7 days") + ", takes: " + b.one("sooner", "later")
		}
		term := "within: " + limit() + ", from: " + b.expr(kindOf(from), b.IntN(2)) + other
		if ofPeriod != nil && !strings.Contains(options, "at: 50%") && !strings.Contains(options, "returned:") && b.chance(30) {
			term = "due: " + b.expr(kindOf(b.one("moment", "date")), b.IntN(2)) + b.one("", ", from: "+b.expr(kindOf(from), b.IntN(2)))
		}
		b.add("deadlines", fmt.Sprint(name, "d", i), fmt.Sprintf("part_of: %s, %s%s%s", name, when, term, b.gives(name+"d", i, n)))
	}
	due := randomName{"due", kindOf("moment")}
	b.names = append(b.names, due, due, due)
	deemings := b.IntN(3)
	if deemings > 0 && ofPeriod != nil {
		status = append(status, "deemed_on_time")
	}
	for i := range deemings {
		at := ""
		if b.chance(50) {
			at = ", at: " + b.expr(kindOf("moment"), 1)
		}
		b.add("deemings", fmt.Sprint(name, "m", i), fmt.Sprintf("part_of: %s, %sholds: %s%s", name, b.when(40), b.yesNo(2), at))
	}
	b.forget("due")
	if b.chance(40) {
		body := fmt.Sprintf("part_of: %s, when: %s, reason: %s, requested_at: %s, approved_at: %s, approved: %s, approver: %s, approvers: [small, large]",
			name, b.yesNo(1), b.expr(kindOf("name"), 0), b.expr(kindOf("moment"), 0), b.expr(kindOf("moment"), 0), b.yesNo(0), b.expr(sizeWord, 0))
		if b.chance(50) {
			body += ", new_due_date: " + b.expr(kindOf("date"), 1)
		}
		if b.chance(30) {
			body += ", new_due_at: " + b.expr(kindOf("moment"), 1)
		}
		if b.chance(30) {
			body += ", times: " + b.expr(kindOf("count"), 0) + ", at_most_times: 2"
		}
		if b.chance(30) {
			body += ", at_most: 20 working days"
		}
		if b.chance(30) {
			body += ", requested_by: any_time, approved_by: any_time"
		}
		if b.chance(50) {
			body += ", breach: wrong_code, own_fault: [requested_after_due]"
		}
		b.add("extensions", name+"e", body)
	}
	moment, day, yes := kindOf("moment"), kindOf("date"), kindOf("yes_no")
	words := wordsOf("status", status...)
	if ofPeriod != nil {
		words = wordsOf(name, status...)
	}
	b.outputs(name, randomName{"start", moment}, randomName{"due_date", day}, randomName{"due_at", moment}, randomName{"due", moment},
		randomName{"status", words}, randomName{"extended", yes}, randomName{"restarted", yes}, randomName{"restart_start", moment},
		randomName{"restart_due_date", day}, randomName{"restart_due", moment}, randomName{"restart_status", words},
		randomName{"extension_defects", listOf(wordsOf("defect", "no_reason", "requested_after_due", "not_approved"))})
	if ofPeriod != nil {
		b.rules = b.rules[:len(b.rules)-1]
		b.outputs(name, ofPeriod...)
	}
	b.clocks = append(b.clocks, name)
}

// length is a limit of a clock that is timed as a period.
func (b *randomBook) length() string {
	switch {
	case b.chance(15):
		return fmt.Sprintf("{n: %s, unit: %s}", b.expr(kindOf("count"), 0), b.one("days", "working_day", "hours", "months", "opening_hours"))
	case b.chance(20):
		return b.limit()
	}
	return b.one("1 month", "3个月", "2 weeks", "半年", "1 year", "2 quarters", "90 seconds", "3 opening hours", "40 opening minutes", "1 day", "2 working days", "72 hours")
}

// period are fields of a clock that is timed as a period, at least one, and its
// alerts.
func (b *randomBook) period() (options string, alerts []string) {
	word := func(words ...string) string {
		if b.chance(30) {
			return fmt.Sprintf("%q", fmt.Sprintf("%s ? %q : %q", b.of(kindOf("yes_no"), 1), b.one(words...), b.one(words...)))
		}
		return b.one(words...)
	}
	if b.chance(25) {
		options += ", direction: " + word("after", "before")
	}
	if b.chance(30) {
		options += ", first_day: " + word("counted", "not_counted")
	}
	if b.chance(20) {
		options += ", first_hour: " + word("counted", "not_counted")
	}
	if b.chance(20) {
		options += ", clear_days: " + b.yesNo(1)
	}
	if b.chance(20) {
		options += ", short_excludes_rest: 5 days"
	}
	if b.chance(20) {
		options += ", month_end: " + word("last_day", "next_first")
	}
	if b.chance(40) {
		options += ", last_day: " + word("as_is", "next_working_day", "previous_working_day")
	}
	if b.chance(20) {
		options += ", at_least: " + b.one("2 working days", "{n: 2, unit: working_days}") + b.one("", ", at_least_in_hours: "+b.yesNo(1))
	}
	if b.chance(40) {
		options += ", alerts: {half: {at: 50%}, late_alert: {at: 75%, at_risk: true}, day_before: {before: 1 day}}"
		alerts = []string{"half", "late_alert", "day_before"}
	} else if b.chance(30) {
		options += ", alerts: {day_before: {before: 1 day}, hours_before: {before: 5 hours, at_risk: true}}"
		alerts = []string{"day_before", "hours_before"}
	}
	return options + ", pause_days: " + word("whole_days", "touched_days", "days_after_stop"), alerts
}

// pauses is the body of a rule for the pauses of a clock, if there is a list
// that they may stand in.
func (b *randomBook) pauses(clock string) (string, bool) {
	each, elem, ok := b.records()
	if !ok || b.chance(40) {
		return "", false
	}
	body := fmt.Sprintf("part_of: %s, %seach: %s, from: %s, to: %s", clock, b.when(20), each, b.ofElement(elem, "moment", 0), b.ofElement(elem, "moment", 0))
	if b.chance(30) {
		body += ", only: " + b.ofElement(elem, "yes_no", 1)
	}
	return body, true
}

func (b *randomBook) forget(name string) {
	kept := b.names[:0:0]
	for _, n := range b.names {
		if n.name != name {
			kept = append(kept, n)
		}
	}
	b.names = kept
}

// limitOfElement is a length that may be by a word of the element.
func (b *randomBook) limitOfElement(elem *randomType) string {
	limit := b.limit()
	return b.one(limit, b.chosenByElement(elem, func() string {
		return b.one("5 working days", "24 hours", "90 minutes", "10 days", "{by: pick, one: 3 working days, two: 48 hours}")
	}))
}

func (b *randomBook) eachClock() {
	each, elem, ok := b.records()
	if !ok {
		b.clock()
		return
	}
	name := b.name("each")
	body := fmt.Sprintf("each: %s, id: .x0, done: %s, deemed_counts: %s", each, b.ofElement(elem, "moment", 1), b.one("in_time", "excluded", "late"))
	due := randomName{"due", kindOf("moment")}
	if b.chance(40) {
		b.names = append(b.names, due, due, due)
		body += ", only: " + b.ofElement(elem, "yes_no", 1)
		b.forget("due")
	}
	b.add("clocks", name, body)
	whens := b.apart(2)
	if b.chance(40) { // each element has a deadline of its own
		x := *b.randomExpr
		x.elem = elem
		is := x.of(kindOf("yes_no"), 1)
		whens = []string{is, "not (" + is + ")"}
	}
	for i, when := range whens[:1+b.IntN(2)] {
		b.add("deadlines", fmt.Sprint(name, "d", i), fmt.Sprintf("part_of: %s, when: %q, within: %s, from: %s", name, when, b.limitOfElement(elem), b.ofElement(elem, "moment", 1)))
	}
	if b.chance(50) {
		b.names = append(b.names, due, due, due)
		b.add("deemings", name+"m", fmt.Sprintf("part_of: %s, when: %s, holds: %s", name, b.ofElement(elem, "yes_no", 0), b.ofElement(elem, "yes_no", 1)))
	}
	b.forget("due")
	names := listOf(kindOf("name"))
	b.outputs(name, randomName{"in_time", names}, randomName{"late", names}, randomName{"not_yet_due", names})
}

func (b *randomBook) indicators() {
	name := b.name("share")
	body := func() string {
		text := fmt.Sprintf("count: %s, base: %s, %s: %s", b.expr(kindOf("count"), 1), b.expr(kindOf(b.one("count", "count", "ratio")), 1),
			b.one("below", "at_most", "above", "at_least", "exactly"), b.one("0.1%", "50%", "100%"))
		if b.chance(30) {
			text += ", pending: " + b.expr(kindOf("count"), 0)
		}
		return text + b.one("", ", empty: met", ", empty: not_met", ", counts_part_of_base: true")
	}
	if b.chance(40) {
		for i, when := range b.apart(2) {
			b.add("indicators", fmt.Sprint(name, "x", i), fmt.Sprintf("part_of: %s, when: %q, %s%s", name, when, body(), b.gives(name+"x", i, 2)))
		}
	} else {
		b.add("indicators", name, b.when(30)+body())
	}
	b.outputs(name, randomName{"result", wordsOf("indicator", "met", "not_met", "not_applicable")}, randomName{"ratio", kindOf("ratio")},
		randomName{"percent", kindOf("name")}, randomName{"provisional", kindOf("yes_no")})
}

func (b *randomBook) ladder() {
	b.byFacts = false // a history prices by it, and would be refused
	name := b.name("ladder")
	tiers := ""
	for i, w := range randomWords["size"] {
		tiers += fmt.Sprintf("%s: {rank: %d, earlier: %s, rows: [{from: 1, amount: %d}, {from: %s, amount: 20}]%s}, ", w, i+1, b.expr(kindOf("count"), b.IntN(2)),
			5*b.IntN(3), b.one("2", "3", "{by: pick, one: 3, two: 2}"), b.one("", ", repricing: retroactive"))
	}
	body := fmt.Sprintf("%slevel: %s, tiers: {%s}, scale: [0, 5, 10, 20]", b.when(30), b.expr(sizeWord, 1), strings.TrimSuffix(tiers, ", "))
	if b.chance(60) {
		body += ", steps: " + b.expr(kindOf("count"), 1) + ", effect: " + b.one("scale_step", "multiply, effect_by: 2", "manual", "{by: pick, one: scale_step, two: manual}")
	}
	if b.chance(30) {
		body += ", counting: cumulative"
	}
	for _, key := range []string{"exempt", "undecided", "share_if"} {
		if b.chance(30) {
			body += ", " + key + ": " + b.yesNo(1)
		}
	}
	if b.chance(30) {
		if b.chance(70) {
			body += fmt.Sprintf(", share_among: %q", "greatest(1, "+b.of(kindOf("count"), 0)+")")
		} else {
			body += ", share_among: " + b.expr(kindOf("count"), 0)
		}
		if b.chance(70) {
			body += ", share_place: " + b.expr(kindOf("count"), 0)
		}
	}
	b.add("ladders", name, body)
	count, yes := kindOf("count"), kindOf("yes_no")
	b.outputs(name, randomName{"nth", count}, randomName{"base", count}, randomName{"final", count}, randomName{"capped", yes},
		randomName{"needs_decision", yes}, randomName{"total_for_window", count}, randomName{"additional_for_earlier", count})
	each, elem, ok := b.records()
	if !ok {
		return
	}
	for _, f := range elem.fields {
		if f.of.list == "size" {
			history := b.name("history")
			b.add("histories", history, fmt.Sprintf("ladder: %s, each: %s, id: .x0, at: %s, level: .%s, counts: %s, window: %s, unit: record%s", name, each,
				b.ofElement(elem, "moment", 0), f.name, b.ofElement(elem, "yes_no", 1), b.one("calendar_year", "rolling_12_months", "calendar_month", "unlimited"),
				b.one("", ", credited: "+b.ofElement(elem, "count", 0))))
			b.outputs(history, randomName{"total", count},
				randomName{"fines", listOf(&randomType{kind: "record", fields: []randomName{{"id", kindOf("name")}, {"fine", count}}})})
			return
		}
	}
}

func (b *randomBook) weighing() {
	name := b.name("weigh")
	b.add("weighings", name, b.one("combine: net_sum", "combine: strongest", "combine: manual_on_conflict", "combine: {by: pick, one: net_sum, two: strongest}"))
	for i := range 1 + b.IntN(3) {
		body := fmt.Sprintf("part_of: %s, direction: %s, claimed: %s, weight: %d", name, b.one("aggravating", "mitigating"), b.yesNo(1), 1+b.IntN(2))
		if b.chance(50) {
			body += ", holds: " + b.yesNo(1)
		}
		if b.chance(30) {
			body += ", exempts: " + b.yesNo(0)
		}
		b.add("factors", fmt.Sprint(name, "x", i), body)
	}
	b.outputs(name, randomName{"steps", kindOf("count")}, randomName{"exempt", kindOf("yes_no")}, randomName{"undecided", kindOf("yes_no")},
		randomName{"accepted", listOf(wordsOf(name, name+"x0"))}, randomName{"rejected", listOf(wordsOf(name, name+"x0"))})
}

func (b *randomBook) measure() {
	name := b.name("measure")
	body := fmt.Sprintf("band: %s, bands: {small: {rank: 1, mode: any_of, options: {warning: {rank: 1}, letter: {rank: 2}}}, large: {rank: 2, mode: one_of, options: {letter: {rank: 1}}}, huge: {rank: 3, mode: all_of, options: {leave: {rank: 1}}}}",
		b.expr(sizeWord, 1))
	if b.chance(60) {
		body += ", steps: " + b.expr(kindOf("count"), 1) + ", effect: " + b.one("within_band", "band_step", "manual")
	}
	if b.chance(30) {
		body += ", exempt: " + b.yesNo(1)
	}
	b.add("measures", name, body)
	options := wordsOf(name, "warning", "letter", "leave")
	b.outputs(name, randomName{"options", listOf(options)}, randomName{"advised", options}, randomName{"band", sizeWord},
		randomName{"band_changed", kindOf("yes_no")}, randomName{"mode", wordsOf("mode", "any_of", "all_of", "one_of", "none")})
}

// accrual adds what accrues of whole numbers or of money, now and then less the
// periods of a fact.
func (b *randomBook) accrual() {
	name := b.name("accrual")
	per, end := b.one("day", "working_day", "hour", "started_hour", "second"), b.one("date", "moment", "moment")
	amount := kindOf("count")
	rate := b.one("5", fmt.Sprintf("%q", "greatest(0, "+b.of(kindOf("count"), 0)+")"), "{by: date, 2020-01-01: 3, 2025-02-05: 4}")
	if b.chance(50) {
		amount = kindOf("money")
		rate = b.one("9.98 GBP", "{by: date, 2020-01-01: 9.76 GBP, 2025-02-05: 9.98 GBP}", "{by: pick, one: 8 GBP, two: 9 GBP}")
	}
	body := fmt.Sprintf("%sper: %s, from: %s, until: %s, rate: %s", b.when(40), per, b.expr(kindOf(b.one("date", "moment")), 1), b.expr(kindOf(end), 1), rate)
	if b.chance(50) {
		body += ", first: " + b.one("counted", "not_counted", "{by: pick, one: counted, two: not_counted}")
	}
	if b.chance(60) {
		last := b.one("counted", "not_counted", "{by: pick, one: counted, two: not_counted}")
		if end == "moment" && strings.HasSuffix(per, "day") {
			last = b.one(last, "whole_hours", "{by: pick, one: whole_hours, two: counted}")
		}
		body += ", last: " + last
	}
	if b.chance(30) {
		body += ", rate_on: " + b.expr(kindOf("date"), 0)
	}
	if n := len(b.facts); b.facts[n-1].name == "spans" && b.chance(70) {
		body += b.one(", except: spans", ", except: spans", ", only: spans", ", only: spans, except: spans, excepted_part: whole_period")
	}
	if b.chance(30) {
		body += fmt.Sprintf(", at_most: %q", "greatest(0, "+b.of(kindOf("count"), 0)+")")
	}
	if b.chance(30) {
		body += ", amount_at_most: " + map[string]string{"count": "100", "money": "50 GBP"}[amount.kind]
	}
	if per == "working_day" {
		body += ", calendar: " + b.one("plain", "plain", "state")
	}
	b.add("accruals", name, body+b.one("", "", ", rounded: half_even", ", rounded: up", ", rounded: down"))
	b.outputs(name, randomName{"units", kindOf("count")}, randomName{"hours", kindOf("count")}, randomName{"rate", amount},
		randomName{"amount", amount}, randomName{"running", kindOf("yes_no")})
}

// tariff prices a number, now and then one below 0, or an amount of money.
func (b *randomBook) tariff() {
	name := b.name("tariff")
	amount, of := kindOf("count"), b.expr(kindOf(b.one("count", "count", "ratio")), 1)
	ends, rates := []string{"3", "{by: date, 2020-01-01: 40, 2025-02-05: 50}"}, []string{"2", "{by: pick, one: 3, two: 1 / 3}", fmt.Sprintf("%q", b.of(kindOf("count"), 0))}
	switch b.IntN(3) {
	case 0:
		amount, rates = kindOf("money"), []string{"9.98 GBP", "{by: pick, one: 8 GBP, two: 9 GBP}", "0.01 GBP"}
	case 1:
		amount, of = kindOf("money"), fmt.Sprintf("%q", "9.98 GBP * ("+b.of(kindOf("count"), 1)+")")
		ends, rates = []string{"3 GBP", "{by: date, 2020-01-01: 40 GBP, 2025-02-05: 50.01 GBP}"}, []string{"3%", "{by: pick, one: 10%, two: 1 / 3}", fmt.Sprintf("%q", b.of(kindOf("count"), 0))}
	}
	body := fmt.Sprintf("%sof: %s, brackets: [{up_to: %s, rate: %s}, {up_to: %s, rate: %s}, {rate: %s}]", b.when(30), of, ends[0], rates[0], ends[1], rates[1], rates[2])
	b.add("tariffs", name, body+b.one("", "", ", rounded: half_even", ", rounded: up", ", rounded: down"))
	b.outputs(name, randomName{"amount", amount}, randomName{"bracket", kindOf("count")})
}

func (b *randomBook) joint() {
	name := b.name("joint")
	b.add("joints", name, fmt.Sprintf("%sprincipal: %s, principal_role: clerk, fine: %s, head: %s, head_role: head, share: %s", b.when(40),
		b.expr(kindOf("name"), 0), b.expr(kindOf("count"), 1), b.expr(kindOf("name"), 0), b.one("record_only", "percent, share_by: 50", "percent, share_by: 33, share_rounding: half_up", "percent, share_by: 7, share_rounding: up", "fixed, share_by: 5", "same")))
	record := &randomType{kind: "record", fields: []randomName{{"person", kindOf("name")}, {"role", wordsOf(name, "clerk", "head")}, {"fine", kindOf("count")}, {"needs_decision", kindOf("yes_no")}}}
	b.outputs(name, randomName{"records", listOf(record)}, randomName{"needs_decision", kindOf("yes_no")})
}
