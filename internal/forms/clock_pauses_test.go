package forms_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// stops is a book of a clock that stands still in pauses, some of which are not
// known. What stands in «» is replaced.
const stops = `
rulebook: {id: stops, title: {zh: 停, en: stops}, zone: Asia/Shanghai, in_force: {from: 2019-04-01}, calendar: office}
calendars:
  office: {zh: 办公, en: office, any_year: true, hours: [09:00-12:00, 13:00-17:00]}
words:
  why: {papers: {zh: 补件, en: papers}, weather: {zh: 天气, en: weather}}
facts:
  asked: {zh: 受理, en: received, type: moment, if_absent: unknown}
  done: {zh: 办结, en: done, type: moment, if_absent: unknown, if_null: none}
  stops:
    zh: 中止
    en: pauses
    type: list
    of:
      type: record
      fields:
        from: {zh: 自, en: from, type: moment, if_absent: unknown, if_null: none}
        to: {zh: 至, en: to, type: moment, if_absent: unknown, if_null: none}
        why: {zh: 原因, en: why, type: word, words: why}
  halts: {zh: 可停, en: may halt, type: yes_no, if_absent: true, if_null: unknown}
  waits:
    zh: 等待
    en: waits
    type: list
    if_absent: empty
    of: {type: record, fields: {from: {zh: 自, en: from, type: moment, if_absent: unknown}, to: {zh: 至, en: to, type: moment, if_absent: unknown}}}
  matters:
    zh: 事项
    en: matters
    type: list
    if_absent: empty
    of:
      type: record
      fields:
        id: {zh: 编号, en: id, type: name}
        asked: {zh: 受理, en: received, type: moment, if_absent: unknown}
        done: {zh: 办结, en: done, type: moment, if_absent: unknown, if_null: none}
        stops: {zh: 中止, en: pauses, type: list, of: {type: record, fields: {from: {zh: 自, en: from, type: moment, if_absent: unknown, if_null: none}, to: {zh: 至, en: to, type: moment, if_absent: unknown, if_null: none}}}}
regulations:
  t:
    zh: 停
    en: Stops
    articles:
      "1":
        nature: deadline
        title: {zh: 时限, en: deadlines}
        text: {zh: 时限, en: deadlines}
        clocks:
          answer: {zh: 答复, en: answer, done: done, «rules», breach: not_in_time}
          each_answer: {zh: 逐件, en: each answer, each: matters, id: .id, done: .done, «rules»}
        deadlines:
          limit: {zh: 限, en: limit, part_of: answer, within: «within», from: asked}
          each_limit: {zh: 限, en: limit, part_of: each_answer, within: «within», from: .asked}
        pauses:
          stop: {zh: 停, en: stop, part_of: answer, when: halts, each: stops, from: .from, to: .to, only: .why == "papers"}
          wait: {zh: 等, en: wait, part_of: answer, each: waits, from: .from, to: .to}
          each_stop: {zh: 停, en: stop, part_of: each_answer, each: .stops, from: .from, to: .to}
questions:
  t.answer:
    zh: 答复
    en: answer
    facts: [asked, done, stops, halts, waits]
    rules: [answer]
    verdict: {is: answer.status}
    values:
      due: {is: answer.due}
      begins: {is: answer.begins}
      nominal: {is: answer.nominal}
      paused_days: {is: answer.paused_days}
      paused_time: {is: answer.paused_time}
  t.all:
    zh: 全部
    en: all
    facts: [matters]
    rules: [each_answer]
    verdict: {is: '"listed"', words: {listed: {zh: 列出, en: listed}}}
    values: {late: {is: each_answer.late}, kept: {is: each_answer.in_time}, open: {is: each_answer.not_yet_due}}
words_of: {}
`

func stopsWith(within, rules string) string {
	return strings.NewReplacer("«within»", within, "«rules»", rules, "words_of: {}\n", "").Replace(stops)
}

var stopsKinds = [][2]string{
	{"2 working days", "pause_days: whole_days, last_day: next_working_day"},
	{"3 days", "pause_days: touched_days, last_day: previous_working_day"},
	{"1 week", "pause_days: days_after_stop, at_least: 4 working days"},
	{"5 working days", "pause_days: touched_days, first_day: counted"},
	{"20 hours", "pause_days: whole_days"},
	{"20 hours", "pause_days: whole_days, last_day: next_working_day"},
	{"30 hours", "first_hour: not_counted, at_least: 1 working day, at_least_in_hours: true"},
	{"8 opening hours", "pause_days: whole_days"},
	{"1 month", "pause_days: days_after_stop, month_end: next_first"},
	{"2 working days", "direction: before, pause_days: whole_days"},
}

// A matter whose pauses are not all known stands as it does whichever they were: it
// has a status only where all facts that there may be give it that one.
func TestStatusWhateverThePauses(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 13))
	starts := []string{"2025-06-02T10:00:00+08:00", "2025-06-06T17:00:00+08:00"}
	moments := []string{"2025-06-07T00:00:00+08:00", "2025-06-07T20:00:00+08:00", "2025-06-09T12:00:00+08:00", "2025-06-01T23:00:00+08:00", "2025-06-02T09:30:00+08:00", "2025-06-03T00:00:00+08:00", "2025-06-03T16:00:00+08:00", "2025-06-05T11:00:00+08:00", "2025-06-06T17:00:00+08:00",
		"2025-06-08T10:00:00+08:00", "2025-06-09T09:00:00+08:00", "2025-06-11T12:00:00+08:00", "2025-06-20T12:00:00+08:00", "2025-07-04T12:00:00+08:00", "2025-08-20T12:00:00+08:00"}
	at := func() string { return moments[random.IntN(len(moments))] }
	answered, open, known := 0, 0, map[string]int{}
	for _, kind := range stopsKinds {
		book := parse(t, stopsWith(kind[0], kind[1]))
		say := func(facts map[string]any) (verdict string, values map[string]any) {
			text, err := json.Marshal(facts)
			require.NoError(t, err)
			a := ask(t, book, "t.answer", string(text))
			if a.Error != nil {
				return "", nil
			}
			require.NoError(t, json.Unmarshal([]byte(valuesOf(t, a)), &values))
			if a.Verdict != "undetermined" {
				require.Equal(t, a.Verdict == "late" || a.Verdict == "overdue", len(a.Breaches) == 1, "%s", text)
			}
			return a.Verdict, values
		}
		for range 90 {
			facts := map[string]any{"as_of": at(), "asked": starts[random.IntN(2)], "done": nil}
			if random.IntN(3) > 0 {
				facts["done"] = at()
			}
			var pauses []map[string]any
			if random.IntN(4) > 0 {
				pauses = []map[string]any{}
				for range random.IntN(3) {
					pause := map[string]any{}
					for name, v := range map[string]any{"from": at(), "to": at(), "why": []string{"papers", "weather"}[random.IntN(2)]} {
						if random.IntN(3) > 0 {
							pause[name] = v
						}
					}
					if len(pause) == 3 && random.IntN(3) == 0 {
						pause["to"] = nil
					}
					pauses = append(pauses, pause)
				}
				facts["stops"] = pauses
			}
			var waits []map[string]any
			if random.IntN(3) == 0 {
				waits = []map[string]any{{"from": at(), "to": at()}}
				if random.IntN(2) == 0 {
					delete(waits[0], "to")
				}
				facts["waits"] = waits
			}
			halts := []any{true, nil, nil, false}[random.IntN(4)]
			facts["halts"] = halts
			told, values := say(facts)
			if told == "" {
				continue
			}
			if told == "undetermined" {
				open++
			} else {
				answered++
			}
			for name, v := range values {
				if v != nil && told != "undetermined" {
					known[name]++
				}
			}
			for range 40 { // what there may be
				whole := map[string]any{"as_of": facts["as_of"], "asked": facts["asked"], "done": facts["done"]}
				all := []map[string]any{}
				if pauses == nil {
					for range 1 + random.IntN(3) {
						all = append(all, map[string]any{})
					}
				}
				for _, p := range pauses {
					all = append(all, map[string]any{"from": p["from"], "to": p["to"], "why": p["why"]})
				}
				for i, p := range all {
					var given map[string]any
					if pauses != nil {
						given = pauses[i]
					}
					for name, v := range map[string]any{"from": at(), "to": []any{at(), at(), nil}[random.IntN(3)], "why": []string{"papers", "weather"}[random.IntN(2)]} {
						if _, ok := given[name]; !ok {
							p[name] = v
						}
					}
				}
				whole["stops"] = all
				if whole["halts"] = halts; halts == nil {
					whole["halts"] = random.IntN(2) == 0
				}
				if waits != nil {
					whole["waits"] = []map[string]any{{"from": waits[0]["from"], "to": cmp.Or(waits[0]["to"], any(at()))}}
				}
				if then, values2 := say(whole); then != "" { // "" is of a pause that ends before it begins
					if told != "undetermined" {
						require.Equal(t, told, then, "%v: %v and %v", kind, facts, whole)
					}
					for name, v := range values {
						require.True(t, v == nil || v == values2[name], "%v: %s is %v or %v, %v and %v", kind, name, v, values2[name], facts, whole)
					}
				}
			}
		}
	}
	require.Greater(t, answered, 150)
	require.Greater(t, open, 30)
	for _, name := range []string{"due", "begins", "nominal", "paused_days", "paused_time"} {
		require.Greater(t, known[name], 10, name)
	}
}

func TestStatusBeforeThePausesAreKnown(t *testing.T) {
	book := parse(t, stopsWith("2 working days", "pause_days: whole_days"))
	for _, x := range []struct{ facts, verdict, told string }{
		{`"done": "2025-06-04T16:00:00+08:00"`, "on_time", "limit: 2 working days (office) from 2025-06-02 10:00; when it is due rests on pauses that are not known, 2025-06-04 at the soonest (t/1)"},
		{`"done": "2025-06-05T00:00:00+08:00"`, "undetermined", ""},
		{`"done": null, "as_of": "2025-06-05T00:00:00+08:00"`, "undetermined", ""},
		{`"done": null, "as_of": "2025-06-03T00:00:00+08:00"`, "undetermined", ""}, // or it is paused
		{`"done": null, "as_of": "2025-06-01T00:00:00+08:00"`, "not_started", "at the soonest"},
		{`"done": "2025-06-05T16:00:00+08:00", "stops": [{"from": "2025-06-03T00:00:00+08:00", "to": "2025-06-04T00:00:00+08:00"}]`, "undetermined", ""},
		{`"done": "2025-06-06T16:00:00+08:00", "stops": [{"from": "2025-06-03T00:00:00+08:00", "to": "2025-06-04T00:00:00+08:00"}]`, "late", "2025-06-04 at the soonest, 2025-06-05 at the latest"},
		{`"done": null, "as_of": "2025-06-06T00:00:00+08:00", "stops": [{"from": "2025-06-03T00:00:00+08:00", "to": "2025-06-04T00:00:00+08:00"}]`, "overdue", "2025-06-05 at the latest"},
	} {
		a := ask(t, book, "t.answer", `{"asked": "2025-06-02T10:00:00+08:00", `+x.facts+`}`)
		assert.Equal(t, x.verdict, a.Verdict, x.facts)
		assert.NotEmpty(t, missing(a), x.facts)
		assert.Contains(t, a.Explain("en"), x.told, x.facts)
		assert.Contains(t, valuesOf(t, a), `"due":null`, x.facts)
		if x.verdict == "on_time" {
			assert.Contains(t, a.Explain("zh"), "限：按办公计的2个工作日，自 2025-06-02 10:00 起算；到期时间待知道中止了多久才能定，最早 2025-06-04")
		}
		if x.verdict == "not_started" {
			assert.True(t, a.Provisional)
		}
	}
}

// Pauses that are not known and change nothing are not asked for; those that change
// when a matter stands still, and not when it is due, leave its due known.
func TestDueWhateverThePauses(t *testing.T) {
	const due = `"due":"2025-06-04T23:59:59.999999999+08:00"`
	book := parse(t, stopsWith("2 working days", "pause_days: whole_days"))
	for _, x := range []struct{ facts, verdict, due, told, lacks string }{
		// whether any pauses count
		{`"halts": null, "stops": [], "done": "2025-06-05T00:00:00+08:00"`, "late", due, "from 2025-06-02 10:00, due 2025-06-04 (t/1)", ""},
		{`"halts": null, "stops": [{"why": "weather", "from": "2025-06-03T00:00:00+08:00"}], "done": "2025-06-04T00:00:00+08:00"`, "on_time", due, "due 2025-06-04 (t/1)", ""},
		{`"halts": null, "stops": [{"why": "papers", "from": "2025-05-03T00:00:00+08:00", "to": "2025-06-02T09:00:00+08:00"}], "done": null, "as_of": "2025-06-03T00:00:00+08:00"`, "running", due, "due 2025-06-04 (t/1)", ""},
		{`"halts": null, "stops": [{"why": "papers", "from": "2025-06-03T00:00:00+08:00", "to": "2025-06-04T00:00:00+08:00"}], "done": "2025-06-05T00:00:00+08:00"`, "undetermined", `"due":null`, "", "halts < t.answer"},
		{`"halts": null, "done": "2025-06-05T00:00:00+08:00"`, "undetermined", `"due":null`, "", "halts < t.answer"},
		// what pauses there were
		{`"done": "2025-06-10T16:00:00+08:00", "stops": [{"why": "papers", "from": "2025-06-09T10:00:00+08:00"}]`, "late", due, "due 2025-06-04 (t/1)", ""},
		{`"done": null, "as_of": "2025-06-03T09:30:00+08:00", "stops": [{"why": "papers", "from": "2025-06-03T09:00:00+08:00", "to": "2025-06-03T10:00:00+08:00"}]`, "paused", due, "due 2025-06-04 (t/1)", ""},
		{`"done": null, "as_of": "2025-06-03T09:30:00+08:00", "stops": [{"from": "2025-06-03T09:00:00+08:00", "to": "2025-06-03T10:00:00+08:00"}]`, "undetermined", due, "", "stops[0].why < t.answer"},
		{`"done": "2025-06-05T09:30:00+08:00", "stops": [{"from": "2025-06-02T00:00:00+08:00", "to": "2025-06-02T23:00:00+08:00"}]`, "late", due, "from 2025-06-02 10:00", ""},
		{`"done": null, "as_of": "2025-06-05T09:30:00+08:00", "stops": [{"from": "2025-06-03T09:00:00+08:00", "to": "2025-06-03T10:00:00+08:00"}]`, "overdue", due, "due 2025-06-04 (t/1)", ""},
	} {
		a := ask(t, book, "t.answer", `{"asked": "2025-06-02T10:00:00+08:00", `+x.facts+`}`)
		assert.Equal(t, x.verdict, a.Verdict, x.facts)
		assert.Contains(t, valuesOf(t, a), x.due, x.facts)
		assert.Contains(t, a.Explain("en"), x.told, x.facts)
		if x.lacks == "" {
			assert.Empty(t, missing(a), x.facts)
		} else {
			assert.Contains(t, missing(a), x.lacks, x.facts)
		}
	}
}

// The end of a limit may move to one day from several: how long it stood still is not
// known then, and is asked for.
func TestDueOfSeveralEnds(t *testing.T) {
	book := parse(t, stopsWith("3 days", "pause_days: whole_days, last_day: next_working_day"))
	a := ask(t, book, "t.answer", `{"asked": "2025-06-04T10:00:00+08:00", "done": "2025-06-10T09:00:00+08:00", "stops": [{"from": "2025-06-05T00:00:00+08:00", "to": "2025-06-06T00:00:00+08:00"}]}`)
	assert.Equal(t, "late", a.Verdict)
	assert.JSONEq(t, `{"due": "2025-06-09T23:59:59.999999999+08:00", "begins": "2025-06-05T00:00:00+08:00", "nominal": null, "paused_days": null, "paused_time": null}`, valuesOf(t, a))
	assert.Contains(t, a.Explain("en"), "limit: 3 calendar days from 2025-06-04 10:00; whatever the pauses were that are not known, it ends 2025-06-09 (t/1)")
	assert.Contains(t, a.Explain("zh"), "限：3天，自 2025-06-04 10:00 起算；无论尚不知道的中止如何，至 2025-06-09 届满")
	assert.Equal(t, []string{"stops[0].why < t.answer"}, missing(a))
}

// An item whose pauses are not known is sorted where they make no difference, and
// they are not asked for.
func TestItemsWhateverThePauses(t *testing.T) {
	book := parse(t, stopsWith("2 working days", "pause_days: whole_days"))
	item := func(id, more string) string {
		return fmt.Sprintf(`{"id": %q, "asked": "2025-06-02T10:00:00+08:00"%s}`, id, more)
	}
	items := []string{item("kept", `, "done": "2025-06-04T16:00:00+08:00"`), item("late", `, "done": "2025-06-06T16:00:00+08:00", "stops": []`),
		item("open", `, "done": null, "stops": [{"from": "2025-06-02T12:00:00+08:00"}]`)}
	a := ask(t, book, "t.all", `{"as_of": "2025-06-03T00:00:00+08:00", "matters": [`+strings.Join(items, ", ")+`]}`)
	assert.JSONEq(t, `{"kept": ["kept"], "late": ["late"], "open": ["open"]}`, valuesOf(t, a))
	assert.Empty(t, missing(a))
	assert.True(t, a.Provisional)

	a = ask(t, book, "t.all", `{"as_of": "2025-06-05T00:00:00+08:00", "matters": [`+strings.Join(items, ", ")+`]}`)
	assert.JSONEq(t, `{"kept": null, "late": null, "open": null}`, valuesOf(t, a))
	assert.NotEmpty(t, missing(a))
}

// Of many pauses some are told, how many there are besides, and the last.
func TestManyPausesAreToldInBrief(t *testing.T) {
	book := parse(t, stopsWith("2000 hours", "pause_days: whole_days"))
	for _, x := range []struct {
		pauses           int
		english, chinese string
	}{
		{10, "10 hours", "10小时"},
		{11, "2025-06-03 05:00, and 1 more, the last of them 2025-06-03 06:00 to 2025-06-03 07:00), due", "2025-06-03 05:00、另有 1 次，最后一次 2025-06-03 06:00 至 2025-06-03 07:00），到期"},
		{1000, "and 990 more, the last of them 2025-08-24 16:00 to 2025-08-24 17:00), due 2025-10-04 10:00", "另有 990 次"},
	} {
		var pauses []string
		for i := range x.pauses {
			from := time.Date(2025, 6, 2, 10, 0, 0, 0, time.UTC).Add(time.Duration(i) * 2 * time.Hour)
			pauses = append(pauses, fmt.Sprintf(`{"why": "papers", "from": "%s+08:00", "to": "%s+08:00"}`, from.Format("2006-01-02T15:04:05"), from.Add(time.Hour).Format("2006-01-02T15:04:05")))
		}
		a := ask(t, book, "t.answer", `{"asked": "2025-06-01T10:00:00+08:00", "done": "2025-06-20T10:00:00+08:00", "stops": [`+strings.Join(pauses, ", ")+`]}`)
		en, zh := a.Explain("en"), a.Explain("zh")
		assert.Contains(t, en, fmt.Sprintf("standing still for %d hours (2025-06-02 10:00 to 2025-06-02 11:00, ", x.pauses))
		assert.Contains(t, en, x.english)
		assert.Contains(t, zh, x.chinese)
		assert.NotContains(t, zh, "%!")
		assert.Less(t, len(en), 1000)
		assert.Equal(t, x.pauses > 10, strings.Contains(en, " more, "))
	}
}
