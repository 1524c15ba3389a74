package forms_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/load"
)

// jobs is a rulebook whose values are chosen by words of elements; those marked
// «» are written in another way as well.
const jobs = `
rulebook: {id: jobs, title: {zh: 活, en: jobs}, zone: UTC, currency: EUR, in_force: {from: 2019-04-01}}
calendars:
  always: {zh: 昼夜, en: always, any_year: true, weekend: [], hours: [00:00-24:00]}
  office: {zh: 办公, en: office, any_year: true, hours: [09:00-17:00], zone: Europe/Berlin}
words:
  said: {kept: {zh: 按时, en: kept}, late: {zh: 超时, en: late}}
  kind: {repair: {zh: 修, en: repair}, build: {zh: 建, en: build}, other: {zh: 其他, en: other}}
  size: {small: {zh: 小, en: small}, big: {zh: 大, en: big}}
facts:
  how: {zh: 方式, en: way, type: word, words: size}
  jobs:
    zh: 活
    en: jobs
    type: list
    of:
      type: record
      fields:
        id: {zh: 编号, en: id, type: name}
        kind: {zh: 种类, en: kind, type: word, words: kind}
        size: {zh: 大小, en: size, type: word, words: size, if_absent: none}
        urgent: {zh: 急, en: urgent, type: yes_no}
        vip: {zh: 贵客, en: vip, type: yes_no, if_absent: none}
        opened: {zh: 开, en: opened, type: moment}
        done: {zh: 办结, en: done, type: moment}
readings:
  haste: {article: t/1, asks: {zh: 几小时, en: how many hours}, options: {few: {zh: 少, en: few}, so_many: {zh: 若干, en: so many, parameter: hours}}, chosen: few}
regulations:
  t:
    zh: 活
    en: Jobs
    articles:
      "1":
        nature: deadline
        title: {zh: 时限, en: deadlines}
        text: {zh: 时限, en: deadlines}
        clocks: {each_job: {zh: 时限, en: deadline, each: jobs, id: .id, done: .done, calendar: «calendar»}}
        deadlines: {limit: {zh: 限, en: limit, part_of: each_job, within: «within», from: .opened}}
        figures:
          costs:
            zh: 费用
            en: costs
            each: jobs
            fields: {id: .id, cost: «cost», rank: «rank», first: «first»}
            columns: {cost: {zh: 费用, en: cost}, rank: {zh: 等级, en: rank}, first: {zh: 先, en: first}}
        accruals:
          fee: {zh: 费, en: fee, each: jobs, per: day, from: date_of(.opened), until: date_of(.done), rate: «rate»}
questions:
  t.jobs:
    zh: 活
    en: jobs
    facts: [jobs, how]
    governed_by: 2025-01-01
    rules: [each_job, costs, fee]
    verdict: {is: «verdict», words: said}
    values:
      late: {zh: 超时, en: late, is: each_job.late}
      kept: {zh: 按时, en: in time, is: each_job.in_time}
      open: {zh: 未到期, en: open, is: each_job.not_yet_due}
      costs: {zh: 费用, en: costs, is: costs.value, columns: {id: {zh: 号, en: id}}}
      shown: {zh: 显示, en: shown, is: «shown»}
      fee: {zh: 费, en: fee, is: fee.amount}
`

var jobsByWords = strings.NewReplacer(
	"«calendar»", "{by: [.kind, .size], repair: always, build: {small: office, otherwise: always}, other: office}",
	"«within»", "{by: .kind, repair: {by: haste, few: 4 hours, so_many: parameter}, build: {by: .urgent, yes: 1 day, no: 2 working days}, other: {n: 1 + 1, unit: days}}",
	"«cost»", "{by: .kind, repair: {by: haste, few: 10, so_many: parameter}, otherwise: {by: haste, few: 20, so_many: parameter + 1}}",
	"«rank»", "{by: .size, small: 1, big: {by: .vip, yes: 3, no: 2}}",
	"«first»", "{by: [.urgent, .vip], yes: true, no: {yes: .kind == \"repair\", otherwise: false}}",
	"«rate»", "{by: .kind, repair: {by: .urgent, no: 4.00 EUR, yes: 5.00 EUR}, build: 7.00 EUR, other: 0.50 EUR}",
	"«verdict»", `{by: how, small: '"kept"', big: 'len(each_job.late) > 0 ? "late" : "kept"'}`,
	"«shown»", "{by: how, small: len(each_job.late), otherwise: 100}",
).Replace(jobs)

var jobsByConditions = strings.NewReplacer(
	"«calendar»", `'.kind == "repair" ? "always" : .kind == "build" ? (.size == "small" ? "office" : "always") : "office"'`,
	"«within»", `{by: haste, few: {n: '.kind == "repair" ? 4 : .kind == "build" ? (.urgent ? 1 : 2) : 2', unit: '.kind == "repair" ? "hours" : .kind == "build" ? (.urgent ? "days" : "working_days") : "days"'}, so_many: {n: '.kind == "repair" ? parameter : .kind == "build" ? (.urgent ? 1 : 2) : 2', unit: '.kind == "repair" ? "hours" : .kind == "build" ? (.urgent ? "days" : "working_days") : "days"'}}`,
	"«cost»", `{by: haste, few: '.kind == "repair" ? 10 : 20', so_many: '.kind == "repair" ? parameter : parameter + 1'}`,
	"«rank»", `'.size == "small" ? 1 : .size == "big" ? (.vip == true ? 3 : .vip == false ? 2 : null) : null'`,
	"«first»", `'.urgent ? true : .vip ? .kind == "repair" : false'`,
	"«rate»", `'.kind == "repair" ? (.urgent ? 5.00 EUR : 4.00 EUR) : .kind == "build" ? 7.00 EUR : 0.50 EUR'`,
	"«verdict»", `'how == "small" ? "kept" : len(each_job.late) > 0 ? "late" : "kept"'`,
	"«shown»", `'how == "small" ? len(each_job.late) : 100'`,
).Replace(jobs)

// A choice by words of elements, or by yes or no, answers as the conditions do that say the same,
// whatever of an element is known.
func TestChoiceByWordsOfElements(t *testing.T) {
	byWords, byConditions := parse(t, jobsByWords), parse(t, jobsByConditions)
	random := rand.New(rand.NewPCG(4, 13))
	pick := func(words ...string) any {
		if w := words[random.IntN(len(words))]; w != "" {
			return w
		}
		return nil
	}
	told := func() any { return []any{true, false, nil}[random.IntN(3)] }
	for range 1000 {
		var list []map[string]any
		for i := range random.IntN(5) {
			job := map[string]any{
				"id": fmt.Sprint("j", i), "kind": pick("repair", "build", "other", "repair", "build", ""), "size": pick("small", "big", ""),
				"urgent": told(), "vip": told(), "opened": fmt.Sprintf("2025-06-0%dT%02d:00:00Z", 1+random.IntN(5), random.IntN(24)),
			}
			if random.IntN(3) > 0 {
				job["done"] = fmt.Sprintf("2025-06-0%dT%02d:00:00Z", 6+random.IntN(3), random.IntN(24))
			}
			list = append(list, job)
		}
		facts, err := json.Marshal(map[string]any{"as_of": "2025-06-10T00:00:00Z", "how": pick("small", "big", "big", ""), "jobs": append([]map[string]any{}, list...)})
		require.NoError(t, err)
		reading := []string{"haste=few", "haste=so_many:30"}[random.IntN(2)]
		a, b := ask(t, byWords, "t.jobs", string(facts), reading), ask(t, byConditions, "t.jobs", string(facts), reading)
		assert.Equal(t, b.Verdict, a.Verdict, "%s", facts)
		assert.Equal(t, valuesOf(t, b), valuesOf(t, a), "%s", facts)
		assert.Equal(t, missing(b), missing(a), "%s", facts)
	}
}

// Where a word is none, and it is not said what holds otherwise, there is none.
func TestChoiceByNoWord(t *testing.T) {
	book := parse(t, jobsByWords)
	a := ask(t, book, "t.jobs", `{"as_of": "2025-06-10T00:00:00Z", "how": "big", "jobs": [{"id": "a", "kind": "other", "urgent": true, "opened": "2025-06-02T08:00:00Z"}, {"id": "b", "kind": "repair", "size": "big", "urgent": true, "opened": "2025-06-02T08:00:00Z", "done": "2025-06-02T12:00:00Z"}]}`)
	assert.JSONEq(t, `{"late": ["a"], "kept": ["b"], "open": [], "costs": [{"id": "a", "cost": 20, "rank": null, "first": true}, {"id": "b", "cost": 10, "rank": null, "first": true}], "shown": 100, "fee": "4.00"}`, valuesOf(t, a))
	a = ask(t, book, "t.jobs", `{"as_of": "2025-06-10T00:00:00Z", "jobs": []}`)
	assert.Equal(t, "kept", a.Verdict, "whatever the way")
	assert.Equal(t, []string{"how < t.jobs#shown"}, missing(a))
}

// The number of a length is one expression, which has one argument. A length that
// is the argument stands for itself.
func TestLengthsOfTwoReadings(t *testing.T) {
	two := strings.Replace(jobsByWords, "\nregulations:", "\n  pace: {article: t/1, asks: {zh: 几小时, en: how many hours}, options: {few: {zh: 少, en: few}, so_many: {zh: 若干, en: so many, parameter: hours}}, chosen: few}\nregulations:", 1)
	for _, x := range []struct{ within, code string }{
		{"{by: .kind, repair: {n: {by: haste, few: 1, so_many: parameter}, unit: hours}, otherwise: {n: {by: pace, few: 2, so_many: parameter}, unit: hours}}", "several_parameters"},
		{"{by: .kind, repair: {by: haste, few: 1 hour, so_many: parameter}, otherwise: {by: pace, few: 2 hours, so_many: parameter}}", ""},
		{"{by: .kind, repair: {n: {by: haste, few: 1, so_many: parameter}, unit: hours}, otherwise: {by: pace, few: 2 hours, so_many: parameter}}", ""},
	} {
		text := strings.Replace(two, "{by: .kind, repair: {by: haste, few: 4 hours, so_many: parameter}, build: {by: .urgent, yes: 1 day, no: 2 working days}, other: {n: 1 + 1, unit: days}}", x.within, 1)
		require.NotEqual(t, two, text)
		_, found := load.Parse("jobs.yaml", []byte(text))
		var codes []string
		for _, d := range found {
			codes = append(codes, d.Code)
		}
		if x.code != "" {
			assert.Equal(t, []string{x.code}, codes, x.within)
			continue
		}
		require.False(t, found.Failed(), "%v", found)
		facts := `{"as_of": "2025-06-02T12:00:00Z", "how": "small", "jobs": [{"id": "a", "kind": "repair", "opened": "2025-06-02T08:00:00Z"}, {"id": "b", "kind": "other", "urgent": true, "opened": "2025-06-02T08:00:00Z"}]}`
		a := ask(t, parse(t, text), "t.jobs", facts, "haste=so_many:3", "pace=so_many:5")
		assert.Contains(t, valuesOf(t, a), `"late":["a"]`, x.within)
		assert.Contains(t, valuesOf(t, a), `"open":["b"]`, x.within)
	}
}

// The number and the unit of a length are chosen by what an element has as the
// length is.
func TestPartsOfALengthChosenByElements(t *testing.T) {
	const was = "{by: .kind, repair: {by: haste, few: 4 hours, so_many: parameter}, build: {by: .urgent, yes: 1 day, no: 2 working days}, other: {n: 1 + 1, unit: days}}"
	facts := `{"as_of": "2025-06-20T00:00:00Z", "how": "small", "jobs": [
		{"id": "a", "kind": "repair", "urgent": true, "opened": "2025-06-02T08:00:00Z", "done": "2025-06-02T13:00:00Z"}, {"id": "b", "kind": "build", "urgent": false, "opened": "2025-06-02T08:00:00Z", "done": "2025-06-02T13:00:00Z"}, {"id": "c", "kind": "build", "urgent": true, "opened": "2025-06-02T08:00:00Z"}]}`
	for _, within := range []string{
		"{by: .urgent, yes: 4 hours, no: 8 hours}", "{n: {by: .urgent, yes: 4, no: 8}, unit: hours}", "{n: {by: .urgent, yes: 2 + 2, no: 8}, unit: hours}",
		"{n: {by: date, 2019-04-01: {by: .urgent, yes: 4, no: 8}, 2026-01-01: 1}, unit: hours}", "{n: 4, unit: {by: .kind, repair: hours, otherwise: {by: .urgent, yes: hours, no: days}}}",
	} {
		a := ask(t, parse(t, strings.Replace(jobsByWords, was, within, 1)), "t.jobs", facts)
		assert.Contains(t, valuesOf(t, a), `"late":["a","c"],"kept":["b"]`, within)
	}
	for within, code := range map[string]string{"{n: {by: .urgent, yes: 4}, unit: hours}": "missing_option", "{n: {by: .urgent, yes: 4, maybe: 2, no: 3}, unit: hours}": "unknown_word"} {
		_, found := load.Parse("jobs.yaml", []byte(strings.Replace(jobsByWords, was, within, 1)))
		require.Len(t, found, 1, within)
		assert.Equal(t, code, found[0].Code)
	}
}
