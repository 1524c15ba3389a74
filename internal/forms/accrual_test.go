package forms_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
)

// delay is a rulebook of what is paid for each day of a delay.
const delay = `
rulebook: {id: delay, title: {zh: 延误, en: delay}, zone: Europe/London, currency: GBP, in_force: {from: 2019-04-01}, calendar: work}
calendars:
  work: {zh: 工作日历, en: work days, weekend: [saturday, sunday], any_year: true, closures: [2025-04-18, 2025-04-21]}
words: {said: {paid: {zh: 补偿, en: paid}, nothing: {zh: 不补偿, en: nothing}}}
facts:
  late: {zh: 延误, en: late, type: yes_no, if_absent: true}
  from_day: {zh: 起日, en: first day, type: date, if_absent: unknown, if_null: none}
  ended: {zh: 结束, en: ended, type: moment, event: true}
  most: {zh: 上限, en: most, type: count, if_absent: none}
  cap: {zh: 最高, en: cap, type: money, if_absent: none}
  breaks:
    zh: 除外
    en: breaks
    type: list
    if_absent: empty
    of:
      type: record
      fields:
        from: {zh: 自, en: from, type: date}
        to: {zh: 至, en: to, type: date}
readings:
  last:
    article: pay/1
    asks: {zh: 末日算不算, en: does the last day count}
    options: {out: {zh: 不算, en: not}, whole: {zh: 算一天, en: as a whole}, hours: {zh: 按小时, en: by its hours}}
    chosen: out
  over_april:
    article: pay/1
    asks: {zh: 按哪天的数额, en: whose rate}
    options: {first: {zh: 首日, en: of the first day}, each: {zh: 各日, en: of each day}}
    chosen: first
regulations:
  pay:
    zh: 补偿
    en: Compensation
    articles:
      "1":
        nature: sanction
        title: {zh: 每天若干, en: so much a day}
        text: {zh: 延误每天补偿若干。, en: 'Each day of a delay is compensated.'}
        values:
          day_rate: {zh: 每天, en: a day, is: {by: date, 2019-04-01: 8.00 GBP, 2024-04-01: 9.76 GBP, 2025-04-01: 9.98 GBP, 2026-04-01: 10.34 GBP}}
        accruals:
          days:
            zh: 延误补偿
            en: compensation for the delay
            when: late
            per: day
            from: from_day
            until: ended
            last: {by: last, out: not_counted, whole: counted, hours: whole_hours}
            rate: day_rate
            rate_on: {by: over_april, first: from_day, each: none}
            except: breaks
            at_most: most
            amount_at_most: cap
          working:
            zh: 工作日补偿
            en: for working days
            per: working_day
            from: from_day
            until: ended
            first: not_counted
            rate: 5 GBP
          begun:
            zh: 按小时
            en: by the hour
            per: started_hour
            from: from_day
            until: ended
            rate: 2
questions:
  delay.pay:
    zh: 补偿多少
    en: what is paid
    facts: [late, from_day, ended, most, cap, breaks]
    governed_by: from_day
    rules: [days, working, begun]
    verdict: {is: 'days.amount > 0 GBP ? "paid" : "nothing"', words: said}
    values:
      days: {zh: 天数, en: days, is: days.units}
      hours: {zh: 小时, en: hours, is: days.hours}
      rate: {zh: 每天, en: a day, is: days.rate}
      amount: {zh: 补偿, en: amount, is: days.amount}
      running: {zh: 仍在继续, en: going on, is: days.running}
      working: {zh: 工作日补偿, en: for working days, is: working.amount}
      begun: {zh: 按小时, en: by the hour, is: begun.amount}
`

func TestAccrual(t *testing.T) {
	book := parse(t, delay)
	for _, x := range []struct {
		facts    string
		readings []string
		values   string
	}{
		{`"from_day": "2025-06-12", "ended": "2025-06-13T09:30:00+01:00"`, nil,
			`"days":1,"hours":0,"rate":"9.98","amount":"9.98","running":false,"working":"0.00","begun":68`},
		{`"from_day": "2025-06-12", "ended": "2025-06-13T09:30:00+01:00"`, []string{"last=whole"},
			`"days":2,"hours":0,"rate":"9.98","amount":"19.96","running":false,"working":"0.00","begun":68`},
		{`"from_day": "2025-06-12", "ended": "2025-06-13T09:30:00+01:00"`, []string{"last=hours"},
			`"days":1,"hours":9,"rate":"9.98","amount":"13.72","running":false,"working":"0.00","begun":68`},
		{`"from_day": "2025-03-28", "ended": "2025-04-03T10:00:00+01:00"`, []string{"over_april=each"},
			`"days":6,"hours":0,"rate":null,"amount":"59.00","running":false,"working":"15.00","begun":306`},
		{`"from_day": "2025-03-28", "ended": "2025-04-03T10:00:00+01:00"`, nil,
			`"days":6,"hours":0,"rate":"9.76","amount":"58.56","running":false,"working":"15.00","begun":306`},
		{`"from_day": "2025-06-12", "ended": "2025-06-19T10:00:00+01:00", "breaks": [{"from": "2025-06-14", "to": "2025-06-15"}, {"from": "2025-06-15", "to": "2025-06-15"}]`, nil,
			`"days":5,"hours":0,"rate":"9.98","amount":"49.90","running":false,"working":"20.00","begun":356`},
		{`"as_of": "2025-06-16T10:00:00+01:00", "from_day": "2025-06-12", "most": 3`, nil,
			`"days":3,"hours":0,"rate":"9.98","amount":"29.94","running":true,"working":"5.00","begun":212`},
		{`"as_of": "2025-06-16T10:00:00+01:00", "from_day": "2025-06-12", "cap": "20.00"`, nil,
			`"days":4,"hours":0,"rate":"9.98","amount":"20.00","running":true,"working":"5.00","begun":212`},
		{`"from_day": "2025-06-12", "ended": "2025-06-11T09:30:00+01:00"`, nil,
			`"days":0,"hours":0,"rate":"9.98","amount":"0.00","running":false,"working":"0.00","begun":0`},
		{`"from_day": null, "ended": "2025-06-11T09:30:00+01:00"`, nil,
			`"days":null,"hours":null,"rate":null,"amount":null,"running":false,"working":null,"begun":null`},
		{`"late": false, "from_day": "2025-06-12", "ended": "2025-06-14T09:30:00+01:00"`, nil,
			`"days":0,"hours":0,"rate":null,"amount":"0.00","running":false,"working":"5.00","begun":116`},
	} {
		facts := x.facts
		if !strings.Contains(facts, "as_of") {
			facts = `"as_of": "2025-07-01T00:00:00+01:00", ` + facts
		}
		a := ask(t, book, "delay.pay", "{"+facts+"}", x.readings...)
		assert.JSONEq(t, "{"+x.values+"}", valuesOf(t, a), "%s %v", x.facts, x.readings)
	}
}

// What is not given is said to be missing, and only where it matters.
func TestAccrualIsThreeValued(t *testing.T) {
	book := parse(t, delay)
	for facts, want := range map[string][]string{
		`"ended": "2025-06-13T09:30:00+01:00"`:                                         {"from_day < pay.begun", "from_day < pay.days", "from_day < pay.working"},
		`"from_day": "2025-06-12", "breaks": [{"from": "2025-06-14"}]`:                 nil,
		`"from_day": "2025-06-12", "breaks": [{"to": "2025-06-14"}]`:                   {"breaks[0].from < pay.days"},
		`"from_day": "2025-06-17", "breaks": [{"to": "2025-06-14"}]`:                   nil, // nothing has accrued yet
		`"late": null, "from_day": "2025-06-12", "ended": "2025-06-13T09:30:00+01:00"`: nil,
	} {
		a := ask(t, book, "delay.pay", `{"as_of": "2025-06-16T10:00:00+01:00", `+facts+`}`)
		require.NoError(t, a.Error, facts)
		assert.ElementsMatch(t, want, missing(a), facts)
	}
	a := ask(t, book, "delay.pay", `{"from_day": "2025-06-12"}`)
	assert.Contains(t, missing(a), "as_of < pay.days")
}

func TestAccrualIsProvisionalWhileItRuns(t *testing.T) {
	book := parse(t, onlyDays(t))
	for facts, want := range map[string]bool{
		`"from_day": "2025-06-12"`:                                       true,
		`"from_day": "2025-06-12", "ended": "2025-06-13T09:30:00+01:00"`: false,
		`"from_day": "2025-06-12", "most": 3`:                            false, // it is full
		`"from_day": "2025-06-12", "most": 5`:                            true,
	} {
		a := ask(t, book, "delay.pay", `{"as_of": "2025-06-16T10:00:00+01:00", `+facts+`}`)
		assert.Equal(t, want, a.Provisional, facts)
	}
}

// Before the moment that is said to be the next change, the answer is the same;
// it comes to something else at midnight, or on the hour where hours count.
func TestNextChangeOfAnAccrual(t *testing.T) {
	book := parse(t, onlyDays(t))
	for _, x := range []struct{ asOf, last, next string }{
		{"2025-06-16T10:30:00+01:00", "out", "2025-06-17T00:00:00+01:00"},
		{"2025-06-16T10:30:00+01:00", "whole", "2025-06-17T00:00:00+01:00"},
		{"2025-06-16T10:30:00+01:00", "hours", "2025-06-16T11:00:00+01:00"},
		{"2025-06-16T23:00:00+01:00", "hours", "2025-06-17T00:00:00+01:00"},
		{"2025-10-26T00:30:00+01:00", "hours", "2025-10-26T01:00:00+01:00"},
		{"2025-10-26T01:30:00Z", "hours", "2025-10-26T02:00:00Z"}, // the hour that came twice
	} {
		a := ask(t, book, "delay.pay", `{"as_of": "`+x.asOf+`", "from_day": "2025-06-12"}`, "last="+x.last)
		next, ok := a.NextChange()
		require.True(t, ok)
		want, err := time.Parse(time.RFC3339, x.next)
		require.NoError(t, err)
		assert.True(t, next.Equal(want), "%v: %s", x, next)
		before := ask(t, book, "delay.pay", `{"as_of": "`+next.Add(-time.Second).Format(time.RFC3339)+`", "from_day": "2025-06-12"}`, "last="+x.last)
		then := ask(t, book, "delay.pay", `{"as_of": "`+next.Format(time.RFC3339)+`", "from_day": "2025-06-12"}`, "last="+x.last)
		assert.Equal(t, valuesOf(t, a), valuesOf(t, before))
		assert.NotEqual(t, valuesOf(t, a), valuesOf(t, then))
	}
}

// onlyDays is the rulebook without the accruals of working days and hours.
func onlyDays(t *testing.T) string {
	t.Helper()
	from, to := strings.Index(delay, "          working:\n"), strings.Index(delay, "questions:\n")
	text := delay[:from] + delay[to:]
	text = strings.Replace(text, "rules: [days, working, begun]", "rules: [days]", 1)
	return text[:strings.Index(text, "      working: {")]
}

func TestAccrualIsExplained(t *testing.T) {
	book := parse(t, delay)
	told := func(lang, facts string, readings ...string) string {
		a := ask(t, book, "delay.pay", `{"as_of": "2025-06-16T10:00:00+01:00", `+facts+`}`, readings...)
		for _, s := range a.Steps(lang) {
			if s.Rule == "pay.days" {
				return s.Text
			}
		}
		return ""
	}
	assert.Equal(t, "compensation for the delay: from 2025-06-12 until 2025-06-13 09:30: 1 day and 9/24 of a day; 1 × £9.98 + 9/24 × £9.98 rounded half up = £13.72",
		told("en", `"from_day": "2025-06-12", "ended": "2025-06-13T09:30:00+01:00"`, "last=hours"))
	assert.Equal(t, "延误补偿：自 2025-06-12 起，至 2025-06-16 10:00 仍在继续，末日不计：4 天；4 × £9.98 = £39.92，最多 £20.00",
		told("zh", `"from_day": "2025-06-12", "cap": "20"`))
	assert.Equal(t, "compensation for the delay: from 2025-03-28 until 2025-04-03 10:00, the last day not counted, without excepted periods: 5 days (3 before 2025-04-01, 2 from 2025-04-01); 3 × £9.76 + 2 × £9.98 = £49.24",
		told("en", `"from_day": "2025-03-28", "ended": "2025-04-03T10:00:00+01:00", "breaks": [{"from": "2025-03-29", "to": "2025-03-29"}]`, "over_april=each"))
	assert.Equal(t, "compensation for the delay: has not begun", told("en", `"from_day": null`))
}

// Where an edition begins and the rate stays what it is, the units are one product;
// where it changes, the reason says how many are before it. A rate that is not
// rounded is written as people write amounts.
func TestAccrualOverTwoEditionsIsExplained(t *testing.T) {
	book := parse(t, `
rulebook: {id: park, title: {zh: 停车收费, en: Parking}, zone: Asia/Shanghai, currency: CNY, in_force: {from: 2024-01-01}}
facts:
  debt: {zh: 欠费, en: debt, type: money}
  since: {zh: 欠费自, en: owed since, type: date}
  paid: {zh: 缴清, en: paid on, type: date}
questions:
  q:
    zh: 多少
    en: how much
    facts: [debt, since, paid]
    governed_by: since
    rules: [late, interest, fixed, thirds]
    verdict: {is: '"told"', words: {told: {zh: 已算, en: told}}}
    values: {late: {is: late.amount}, interest: {is: interest.amount}, fixed: {is: fixed.amount}, thirds: {is: thirds.amount}}
regulations:
  r:
    zh: 办法
    en: charges
    articles:
      "1":
        nature: sanction
        title: {zh: 滞纳金, en: Late fee}
        text: {zh: 每日。, en: A day.}
        values: {share: {zh: 日比例, en: daily share, is: {by: date, 2024-01-01: 0.05%, 2025-01-01: 0.03%}}}
        accruals:
          late: {zh: 滞纳金, en: late fee, per: day, from: since, until: paid, rate: share * debt, rounded: half_up}
          interest: {zh: 利息, en: interest, per: day, from: since, until: paid, rate: 4.35% of debt / 365, rounded: half_even}
          fixed: {zh: 水费, en: water, per: day, from: since, until: paid, rate: 345.5% of 1 CNY, rounded: half_up}
          thirds: {zh: 三分之一, en: a third, per: day, from: since, until: paid, rate: 10 CNY / 3, rounded: down}
`)
	a := ask(t, book, "q", `{"debt": "345.60", "since": "2024-12-27", "paid": "2025-01-05"}`)
	told := func(lang string) (all []string) {
		for _, s := range a.Steps(lang) {
			if s.Rule != "r.share" {
				_, sum, _ := strings.Cut(s.Text, ": ")
				if lang == "zh" {
					_, sum, _ = strings.Cut(s.Text, "末日不计：")
				}
				all = append(all, strings.TrimPrefix(sum, "from 2024-12-27 until 2025-01-05, the last day not counted: "))
			}
		}
		return all
	}
	assert.Equal(t, []string{
		"9 days (5 before 2025-01-01, 4 from 2025-01-01); 5 × (0.05% × ¥345.60) + 4 × (0.03% × ¥345.60) rounded half up = ¥1.28",
		"9 days; 9 × (4.35% × ¥345.60 ÷ 365) rounded half to even = ¥0.37",
		"9 days; 9 × ¥3.455 rounded half up = ¥31.10",
		"9 days; 9 × ¥10/3 = ¥30.00",
	}, told("en"))
	assert.Equal(t, []string{
		"9 天（2025-01-01 前 5，2025-01-01 起 4）；5 × (0.05% × 345.60元) + 4 × (0.03% × 345.60元) 四舍五入 = 1.28元",
		"9 天；9 × (4.35% × 345.60元 ÷ 365) 四舍六入五成双 = 0.37元",
		"9 天；9 × 3.455元 四舍五入 = 31.10元",
		"9 天；9 × 10/3元 = 30.00元",
	}, told("zh"))
}

// One that does not apply says so, and why, for its 0 stands in the answer.
func TestAccrualThatDoesNotApplyIsExplained(t *testing.T) {
	a := ask(t, parse(t, delay), "delay.pay", `{"as_of": "2025-06-10T00:00:00Z", "late": false}`)
	assert.Contains(t, a.Explain("en"), "compensation for the delay: does not apply: late is no; 0 days (pay/1)")
	assert.Contains(t, a.Explain("zh"), "延误补偿：不适用：延误为否；0 天（pay/1）")
}

func TestAccrualRefusesImpossiblePeriods(t *testing.T) {
	book := parse(t, delay)
	a := ask(t, book, "delay.pay", `{"from_day": "2025-06-12", "ended": "2025-06-13T09:30:00+01:00", "breaks": [{"from": "2025-06-12", "to": "2025-06-11"}]}`)
	assert.ErrorContains(t, a.Error, "a listed period ends before it begins")
}

// The amount, day by day: each day that counts at its rate, whole pence.
func TestAccrualAgainstNaive(t *testing.T) {
	book := parse(t, onlyDays(t))
	zone, err := time.LoadLocation("Europe/London")
	require.NoError(t, err)
	rate := func(d date.Date) int64 {
		switch {
		case d >= date.New(2026, 4, 1):
			return 1034
		case d >= date.New(2025, 4, 1):
			return 998
		case d >= date.New(2024, 4, 1):
			return 976
		}
		return 800
	}
	random := rand.New(rand.NewPCG(7, 7))
	for range 1500 {
		first := date.New(2024, 3, 1) + date.Date(random.IntN(800))
		end := time.Date(first.Year(), first.Month(), first.Day()+random.IntN(40), random.IntN(24), random.IntN(60), 0, 0, zone)
		last := []string{"out", "whole", "hours"}[random.IntN(3)]
		each := random.IntN(2) == 0
		facts := fmt.Sprintf(`"from_day": "%s", "ended": "%s"`, first, end.Format(time.RFC3339))
		most := 1 << 30
		if random.IntN(2) == 0 {
			most = random.IntN(20)
			facts += fmt.Sprintf(`, "most": %d`, most)
		}
		var out []string
		excepted := map[date.Date]bool{}
		for range random.IntN(3) {
			from := first + date.Date(random.IntN(20))
			to := from + date.Date(random.IntN(5))
			out = append(out, fmt.Sprintf(`{"from": "%s", "to": "%s"}`, from, to))
			for d := from; d <= to; d++ {
				excepted[d] = true
			}
		}
		facts += `, "breaks": [` + strings.Join(out, ",") + `]`
		pence24, days := int64(0), 0
		y, m, d := end.Date()
		lastDay := date.New(y, m, d)
		for d := first; d <= lastDay && days < most; d++ {
			at := first
			if each {
				at = d
			}
			switch {
			case excepted[d]:
			case d < lastDay || last == "whole":
				days++
				pence24 += 24 * rate(at)
			case last == "hours":
				midnight := time.Date(end.Year(), end.Month(), end.Day(), 0, 0, 0, 0, zone)
				pence24 += min(24, int64(end.Sub(midnight)/time.Hour)) * rate(at)
			}
		}
		option := "over_april=first"
		if each {
			option = "over_april=each"
		}
		a := ask(t, book, "delay.pay", `{"as_of": "2027-01-01T00:00:00Z", `+facts+`}`, "last="+last, option)
		amount, ok := a.Money("amount")
		require.True(t, ok, facts)
		require.Equal(t, rulebook.Money{Minor: (pence24 + 12) / 24, Currency: "GBP"}, amount, "%s %s %v", facts, last, each)
		n, _ := a.Int("days")
		require.EqualValues(t, days, n)
	}
}

// Ends that lie outside of what clocks count are told as a clock tells them.
func TestAccrualOutsideOfWhatIsCounted(t *testing.T) {
	a := ask(t, parse(t, strings.ReplaceAll(onlyDays(t), "Europe/London", "Europe/Paris")), "delay.pay", `{"from_day": "2025-01-01", "ended": "2199-12-31T23:59:59Z", "as_of": "2199-12-31T23:59:59Z"}`)
	require.Error(t, a.Error)
	assert.Contains(t, a.Failure().Message.EN, "lies outside 1700-01-01 to 2199-12-31, where clocks are counted")
	assert.NotContains(t, a.Failure().Message.ZH, "sla:")
}

// Hours are counted no further than a duration reaches; what is told names the ends.
func TestAccrualOfMoreHoursThanAreCounted(t *testing.T) {
	text := strings.Replace(onlyDays(t), "            last: {by: last, out: not_counted, whole: counted, hours: whole_hours}\n", "", 1)
	text = strings.NewReplacer("per: day\n", "per: hour\n", "    governed_by: from_day\n", "").Replace(text)
	a := ask(t, parse(t, text), "delay.pay", `{"from_day": "1800-01-01", "ended": "2100-06-01T00:00:00Z", "as_of": "2110-01-01T00:00:00Z"}`)
	require.Error(t, a.Error)
	assert.Contains(t, a.Failure().Message.EN, "from 1800-01-01 to 2100-06-01 is more than 292 years")
	assert.Contains(t, a.Failure().Message.ZH, "1800-01-01 至 2100-06-01 超过 292 年")
}
