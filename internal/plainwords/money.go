package plainwords

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

func (t *teller) accrual() {
	per := t.phrase("per")
	switch {
	case !t.has("rate"):
		counter := "个"
		if n := t.rule.Node.Get("per"); n.Kind == source.Scalar && slices.Contains([]string{"day", "minute", "second"}, n.Text) {
			counter = "" // 天、分钟、秒 count without one
		}
		t.says("数有多少"+counter+"%s。", "Counts each %s.", per)
	case len(t.peek("rate").Parts) > 0:
		t.says("每%s计一份，每份的数额如下。", "So much for each %s, at the rate below.", per)
		t.line("rate", t.take("rate"))
	default:
		t.says("每%s计 %s。", "%[2]s for each %[1]s.", per, t.namedOr("rate"))
	}
	t.when()
	for _, key := range []string{"each", "from", "until"} {
		if t.has(key) {
			t.line(key, t.take(key))
		}
	}
	days := strings.Contains(t.rule.Node.Get("per").Text, "day")
	for _, key := range []string{"first", "last"} {
		switch {
		case t.has(key):
			t.line(key, t.take(key))
		case days: // it matters to whoever counts along, also where nothing is written
			i := slices.IndexFunc(t.rule.Form.Fields, func(f policy.Field) bool { return f.Name == key })
			t.line(key, Block{Phrase: plain(t.option(key, t.rule.Form.Fields[i].Words[0]))})
		}
	}
}

// namedOr is a field, with what it is where it is a named value.
func (t *teller) namedOr(field string) Phrase {
	n := t.rule.Node.Get(field)
	if n != nil && n.Kind == source.Scalar {
		if r := t.b.RulesByName[n.Text]; r != nil && r.Form.Name == "value" {
			t.used[field] = true
			return t.named(r)
		}
	}
	return t.phrase(field)
}

// tariff tells the brackets as a table.
func (t *teller) tariff() {
	t.says("%s分段计价，各段按自己的单价计，再相加。", "%s is priced bracket by bracket, and the brackets are added up.", t.phrase("of"))
	t.when()
	t.used["brackets"] = true
	list := t.rule.Node.Get("brackets")
	if list == nil {
		return
	}
	table := Table{Head: []string{t.pick("段", "bracket"), t.pick("每个单位", "rate")}}
	var below Phrase
	for _, b := range list.Items {
		upTo := t.flat(t.node(b.Get("up_to"), (*teller).sayNumber))
		var span Phrase
		switch {
		case below == nil && upTo == nil:
			span = plain(t.pick("全部", "all"))
		case below == nil:
			span = t.f("至 %s（含）", "up to %s", upTo)
		case upTo == nil:
			span = t.f("超过 %s", "above %s", below)
		default:
			span = t.f("超过 %s 至 %s（含）", "above %s up to %s", below, upTo)
		}
		table.Rows = append(table.Rows, []Phrase{span, t.flat(t.node(b.Get("rate"), (*teller).sayNumber))})
		below = upTo
	}
	t.out.Tables = append(t.out.Tables, table)
}
