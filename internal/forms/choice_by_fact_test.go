package forms_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
)

// deskHead is a support contract up to its clock.
const deskHead = `rulebook: {id: desk, title: {zh: 台, en: Desk}, zone: Europe/London, currency: GBP, in_force: {from: 2020-01-01}}
calendars:
  london: {zh: 伦敦, en: London, hours: [09:00-17:00], any_year: true}
  leeds: {zh: 利兹, en: Leeds, hours: [08:00-12:00], any_year: true}
words:
  result:
    not_started: {zh: 未起算, en: not started}
    running: {zh: 办理中, en: running}
    overdue: {zh: 逾期, en: overdue}
    on_time: {zh: 按期, en: on time}
    late: {zh: 超期, en: late}
    deemed_on_time: {zh: 视同按期, en: deemed on time}
facts:
  ticket:
    zh: 单
    en: ticket
    type: record
    fields:
      priority: {zh: 级别, en: priority, type: word, words: {p1: {zh: 一级, en: P1}, p2: {zh: 二级, en: P2}, p3: {zh: 三级, en: P3}}, if_absent: none}
      target: {zh: 目标, en: target, type: word, words: {answer: {zh: 答复, en: answer}, repair: {zh: 修复, en: repair}}}
      site: {zh: 地点, en: site, type: word, words: {london: {zh: 伦敦, en: London}, leeds: {zh: 利兹, en: Leeds}}}
      kind: {zh: 种类, en: kind, type: word, words: {fault: {zh: 故障, en: fault}, order: {zh: 订单, en: order}}}
      opened: {zh: 开单, en: opened, type: moment}
      done: {zh: 办结, en: done, type: moment}
regulations:
  desk:
    zh: 台
    en: desk
    articles:
      "1":
        nature: deadline
        title: {zh: 一, en: one}
        text: {zh: 一, en: one}
`

const deskTail = `
questions:
  time_limit:
    zh: 到期
    en: due
    facts: [ticket]
    rules: [time]
    verdict: {is: time.status, words: result, if_none: not_started}
    values:
      start: {zh: 起算, en: start, is: time.start}
      ends: {zh: 到期, en: due, is: time.due}
`

const byFact = deskHead + `
        clocks:
          time: {zh: 计时, en: time, done: ticket.done, hours_run: opening_hours, calendar: {by: ticket.site, london: london, leeds: leeds}}
        deadlines:
          faults:
            zh: 故障
            en: faults
            part_of: time
            when: ticket.kind == "fault"
            within:
              by: [ticket.priority, ticket.target]
              p1: {answer: 1 hour, repair: 4 hours}
              p2: {answer: 2 hours, otherwise: 2 working days}
              otherwise: 5 working days
            from: ticket.opened
          orders:
            zh: 订单
            en: orders
            part_of: time
            when: ticket.kind == "order"
            within: 3 days
            from: ticket.opened
` + deskTail

// spelledOut is the same rules as people wrote them before: a clock for each
// site, a deadline for each length.
func spelledOut() string {
	var b strings.Builder
	b.WriteString(deskHead)
	b.WriteString("        figures:\n")
	for _, output := range [][2]string{{"status", "status"}, {"start", "start"}, {"ends", "due"}} {
		for _, site := range []string{"london", "leeds"} {
			fmt.Fprintf(&b, "          %s_%s: {zh: 值, en: value, part_of: %s, when: ticket.site == %q, is: time_%s.%s}\n", output[0], site, output[0], site, site, output[1])
		}
	}
	b.WriteString("        clocks:\n")
	for _, site := range []string{"london", "leeds"} {
		fmt.Fprintf(&b, "          time_%s: {zh: 计时, en: time, done: ticket.done, hours_run: opening_hours, calendar: %s}\n", site, site)
	}
	b.WriteString("        deadlines:\n")
	for _, site := range []string{"london", "leeds"} {
		for i, d := range [][2]string{
			{`ticket.kind == "fault" and ticket.priority == "p1" and ticket.target == "answer"`, "1 hour"},
			{`ticket.kind == "fault" and ticket.priority == "p1" and ticket.target == "repair"`, "4 hours"},
			{`ticket.kind == "fault" and ticket.priority == "p2" and ticket.target == "answer"`, "2 hours"},
			{`ticket.kind == "fault" and ticket.priority == "p2" and ticket.target != "answer"`, "2 working days"},
			{`ticket.kind == "fault" and not (ticket.priority in ["p1", "p2"])`, "5 working days"},
			{`ticket.kind == "order"`, "3 days"},
		} {
			fmt.Fprintf(&b, "          d%d_%s: {zh: 限, en: limit, part_of: time_%s, when: '%s', within: %s, from: ticket.opened}\n", i, site, site, d[0], d[1])
		}
	}
	tail := strings.NewReplacer("rules: [time]", "rules: [status, start, ends]", "time.status", "status.value", "time.start", "start.value", "time.due", "ends.value").Replace(deskTail)
	return b.String() + tail
}

// ticketFacts are random facts, of which some are not given.
func ticketFacts(r *rand.Rand) string {
	var fields []string
	for _, f := range [][]string{
		{"priority", "p1", "p2", "p3"}, {"target", "answer", "repair"}, {"site", "london", "leeds"}, {"kind", "fault", "order"},
		{"opened", "2026-03-02T08:30:00Z", "2026-03-02T11:30:00Z"},
		{"done", "2026-03-02T12:00:00Z", "2026-03-02T13:00:00Z", "2026-03-04T23:30:00Z", "2026-03-20T12:00:00Z"},
	} {
		if i := r.IntN(len(f) + 1); i > 0 && i < len(f) {
			fields = append(fields, fmt.Sprintf("%q: %q", f[0], f[i]))
		} else if i == len(f) && f[0] != "opened" {
			fields = append(fields, fmt.Sprintf("%q: %q", f[0], f[1]))
		}
	}
	return `{"as_of": "2026-03-03T10:00:00Z", "ticket": {` + strings.Join(fields, ", ") + "}}"
}

// A value chosen by facts is what the rules say that have a rule for each word:
// whatever these decide, it decides so, and where it decides more, no word that
// is still to come would have made a difference.
func TestChosenByFactsAsSpelledOut(t *testing.T) {
	short, long := parse(t, byFact), parse(t, spelledOut())
	r := rand.New(rand.NewPCG(1, 2))
	more := 0
	for range 3000 {
		facts := ticketFacts(r)
		a, b := ask(t, short, "time_limit", facts), ask(t, long, "time_limit", facts)
		require.Equal(t, b.Error == nil, a.Error == nil, facts)
		if b.Verdict != "undetermined" {
			require.Equal(t, b.Verdict, a.Verdict, facts)
			require.Equal(t, valuesOf(t, b), valuesOf(t, a), facts)
			continue
		}
		if a.Verdict == "undetermined" {
			require.NotEmpty(t, a.MissingFacts, facts)
			continue
		}
		more++
		for _, m := range b.MissingFacts {
			name, _ := strings.CutPrefix(m.Fact, "ticket.")
			for _, word := range map[string][]string{"priority": {"p1", "p2", "p3"}, "target": {"answer", "repair"}, "site": {"london", "leeds"}}[name] {
				with := strings.TrimSuffix(facts, "}}") + fmt.Sprintf(", %q: %q}}", name, word)
				require.Equal(t, a.Verdict, ask(t, short, "time_limit", with).Verdict, "%s\n%s", facts, with)
			}
		}
	}
	t.Log(more, "decided although a word was missing")
}

func TestChosenByFactsTold(t *testing.T) {
	book := parse(t, byFact)
	facts := `{"ticket": {"priority": "p1", "target": "repair", "site": "leeds", "kind": "fault", "opened": "2026-03-02T11:30:00Z", "done": "2026-03-03T11:30:00Z"}}`
	a := ask(t, book, "time_limit", facts)
	assert.Equal(t, "on_time", a.Verdict)
	assert.Equal(t, `{"start":"2026-03-02T11:30:00Z","ends":"2026-03-03T11:30:00Z"}`, valuesOf(t, a))
	assert.Equal(t, []string{
		"time: site is Leeds, which chooses its values (desk/1)",
		"faults: priority is P1, target is repair, which chooses its values (desk/1)",
		"faults: 4 hours (opening hours, Leeds) from 2026-03-02 11:30, due 2026-03-03 11:30 (desk/1)",
		"time: on time (desk/1)",
	}, strings.Split(a.Explain("en"), "\n"))
	assert.Contains(t, a.Explain("zh"), "故障：级别为一级，目标为修复，取相应的值（desk/1）")
}

func TestWordThatChoosesIsMissing(t *testing.T) {
	book := parse(t, byFact)
	with := func(fields string) *rulebook.Answer {
		return ask(t, book, "time_limit", `{"ticket": {"opened": "2026-03-02T11:30:00Z", "done": "2026-03-02T11:45:00Z", `+fields+`}}`)
	}
	for fields, want := range map[string][]string{
		`"site": "leeds", "kind": "order"`: nil, // orders have no priority
		`"kind": "order"`:                  nil, // nor do days need opening hours
	} {
		a := with(fields)
		assert.Equal(t, "on_time", a.Verdict, fields)
		assert.Equal(t, want, missing(a), fields)
	}
	late := func(fields string) *rulebook.Answer {
		return ask(t, book, "time_limit", `{"ticket": {"opened": "2026-03-02T11:30:00Z", "done": "2026-03-04T11:45:00Z", `+fields+`}}`)
	}
	for fields, want := range map[string][]string{
		`"site": "leeds", "kind": "fault", "priority": "p2"`: {"ticket.target < desk.time"},
		`"kind": "fault", "priority": "p2"`:                  {"ticket.target < desk.time", "ticket.site < desk.time"},
		`"site": "leeds", "kind": "fault"`:                   nil, // no priority: otherwise
	} {
		a := late(fields)
		assert.Equal(t, want == nil, a.Verdict != "undetermined", fields)
		assert.Equal(t, want, missing(a), fields)
	}
}
