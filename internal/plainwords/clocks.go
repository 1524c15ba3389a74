package plainwords

import (
	"strings"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
)

func (t *teller) clock() {
	var parts []Phrase
	for _, r := range t.b.AllRules {
		if r.PartOf == t.rule.Name {
			parts = append(parts, Phrase{{Text: r.Label.In(t.lang), Kind: Rule, ID: r.Name}})
		}
	}
	if t.has("each") {
		t.says("对%s的每一件计时，从起算到办结。", "Times each of %s, from its start until it is done.", t.phrase("each"))
	} else {
		t.says("一件事从起算到办结的计时。", "The clock of one matter, from its start until it is done.")
	}
	if len(parts) > 0 {
		t.out.Lines = append(t.out.Lines, Line{Field: "part_of", Label: t.pick("由这些规则组成", "Made up of"), Block: Block{Phrase: join(parts, t.pick("、", ", "))}})
	}
	t.used["id"] = true
	if !t.has("after_closing") || t.flat(t.peek("after_closing")).String() == "" {
		t.used["closes"] = true
	}
	for _, key := range []string{"done", "first_day", "last_day_ends", "hours_run", "calendar"} {
		if t.has(key) {
			t.line(key, t.take(key))
		}
	}
	if n := t.rule.Node.Get("alerts"); n != nil {
		t.used["alerts"] = true
		t.line("alerts", t.alerts(n))
	}
}

// peek is take without noting that it was told.
func (t *teller) peek(field string) Block {
	used := t.used[field]
	inner := *t
	inner.out = nil
	b := inner.take(field)
	t.used[field] = used
	return b
}

// alerts are the moments on the way of a clock.
func (t *teller) alerts(n *source.Node) Block {
	var out Block
	for _, e := range n.Entries {
		b := Block{Phrase: t.alert(e.Key.Text, e.Value)}
		if label := plain(t.code(e.Key.Text)); label.String() != readable(e.Key.Text) {
			b.Phrase = t.f("%s：%s", "%s: %s", label, b.Phrase)
		}
		if risk := e.Value.Get("at_risk"); risk != nil && risk.Text == "true" {
			b.Phrase = t.f("%s；从此临近到期", "%s; at risk from then on", b.Phrase)
		}
		out.Parts = append(out.Parts, b)
	}
	return out
}

// alert is the moment of an alert, by when it comes.
func (t *teller) alert(name string, n *source.Node) Phrase {
	if at := n.Get("at"); at != nil {
		return t.f("期限用去 %s 的时刻", "moment at which %s of the limit is used up", t.flat(t.node(at, (*teller).sayNumber)))
	}
	if before := n.Get("before"); before != nil {
		return t.f("到期前 %s 的时刻", "moment %s before it is due", t.flat(t.node(before, (*teller).sayQuantity)))
	}
	return plain(t.code(name))
}

func (t *teller) deadline() {
	switch {
	case t.has("due"):
		t.says("到期：%s。", "It is due: %s.", t.phrase("due"))
	case t.has("from"):
		how := t.counted()
		from, within := t.phrase("from"), t.take("within")
		direction, open := t.direction()
		several := len(within.Parts) > 0 // limits, told one below the other
		switch {
		case several && open != nil:
			t.sayParts(within, "自%s起算（%s）%s。期限%s", "Counted from %s (%s)%s. The limit %s", from, open, how)
		case several && direction == "before":
			t.sayParts(within, "在%s之前%s。期限%s", "Before %s%s. The limit %s", from, how)
		case several:
			t.sayParts(within, "自%s起%s。期限%s", "From %s%s. The limit %s", from, how)
		case open != nil:
			t.says("自%s起算 %s（%s）%s。", "The limit is %[2]s, counted from %[1]s (%[3]s)%[4]s.", from, t.flat(within), open, how)
		case direction == "before":
			t.says("在%s之前%s%s。", "%[2]s before %[1]s%[3]s.", from, t.flat(within), how)
		default:
			t.says("自%s起 %s 内%s。", "Within %[2]s of %[1]s%[3]s.", from, t.flat(within), how)
		}
	}
	t.when()
}

// sayParts adds a sentence that ends with a block, whose parts stand below it.
func (t *teller) sayParts(b Block, zh, en string, args ...Phrase) {
	t.out.Says = append(t.out.Says, Block{Phrase: t.f(zh, en, append(args, b.Phrase)...), Parts: b.Parts})
}

// direction is the way in which the limits of the clock are counted, after or
// before; where the rules file names neither, what settles it.
func (t *teller) direction() (string, Phrase) {
	owner := t.b.RulesByName[t.rule.PartOf]
	if owner == nil || owner.Node.Get("direction") == nil {
		return "after", nil
	}
	n := owner.Node.Get("direction")
	if n.Kind == source.Scalar && (n.Text == "after" || n.Text == "before") {
		return n.Text, nil
	}
	settled := t.flat(t.tellerOf(owner).peek("direction"))
	if checked.IsBy(n) {
		return "", settled
	}
	return "", t.f("向前或向后，看%s", "after or before it, by %s", settled)
}

// counted says how the days or hours of a limit are counted, as its clock has it.
func (t *teller) counted() Phrase {
	owner := t.b.RulesByName[t.rule.PartOf]
	if owner == nil {
		return nil
	}
	c := t.tellerOf(owner)
	length := t.peekLength()
	var parts []Phrase
	hours := strings.Contains(length, "hour") || strings.Contains(length, "minute") || strings.Contains(length, "second") ||
		strings.Contains(length, "小时") || strings.Contains(length, "分钟") || strings.Contains(length, "秒")
	days := strings.Contains(length, "day") || strings.Contains(length, "week") || strings.Contains(length, "month") || strings.Contains(length, "year") || strings.Contains(length, "quarter") ||
		strings.Contains(length, "天") || strings.Contains(length, "日") || strings.Contains(length, "周") || strings.Contains(length, "月") || strings.Contains(length, "年")
	if days {
		first := c.peek("first_day")
		if !c.has("first_day") {
			first = Block{Phrase: plain(t.optionOfClock("first_day", "not_counted"))}
		}
		if len(first.Parts) == 0 {
			parts = append(parts, first.Phrase)
		}
		end := number("24:00")
		if c.has("last_day_ends") {
			end = t.flat(c.peek("last_day_ends"))
		}
		parts = append(parts, t.f("末日至 %s", "the last day ends at %s", end))
	}
	if hours && !strings.Contains(length, "opening") && !strings.Contains(length, "营业") {
		run := Block{Phrase: plain(t.optionOfClock("hours_run", "continuous"))}
		if c.has("hours_run") {
			run = c.peek("hours_run")
		}
		parts = append(parts, t.flat(run))
	}
	if len(parts) == 0 {
		return nil
	}
	return t.f("；%s", "; %s", join(parts, t.pick("，", ", ")))
}

// peekLength is the length of the limit as it is written.
func (t *teller) peekLength() string {
	b := t.peek("within")
	return t.flat(b).String()
}

// tellerOf is a teller of another rule, which tells nothing of its own.
func (t *teller) tellerOf(r *checked.Rule) *teller {
	c := t.Speaker.of(r)
	return c
}

// optionOfClock is an option of a clock.
func (t *teller) optionOfClock(field, word string) string {
	return optionWords[firstOf(field+"="+word, word)].In(t.numbers())
}

// firstOf is the first key that options have words for.
func firstOf(keys ...string) string {
	for _, key := range keys {
		if _, ok := optionWords[key]; ok {
			return key
		}
	}
	return ""
}

func (t *teller) deeming() {
	t.sayWith("符合下列条件的，视同按期办结：%s", "It is deemed done in time where %s", t.take("holds"))
	t.when()
}

func (t *teller) extension() {
	t.says("合乎下列条件的延期改变到期日；每个缺陷都列出。", "A valid extension moves the due date; every defect is listed.")
	t.when()
}

func (t *teller) pause() {
	t.says("在%s的每一段里，自%s至%s，时钟不走。", "For each of %s, from %s to %s, the clock stands still.", t.phrase("each"), t.quoted("from"), t.quoted("to"))
	t.when()
}

// quoted is a field in quotation marks where it is the name of a column alone:
// “from” may be one.
func (t *teller) quoted(field string) Phrase {
	p := t.phrase(field)
	switch {
	case len(p) == 1 && p[0].Kind == Fact:
		return t.f("“%s”", "its “%s”", p)
	case len(p) == 3 && p[1].Kind == Fact && p[0].Text == "“": // it is already
		return put("its %s", p)
	}
	return p
}
