package forms_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
)

// periods is a rulebook of how long something was down, in all and by cause.
const periods = `
rulebook: {id: periods, title: {zh: 中断, en: outages}, zone: Europe/London, calendar: office, in_force: {from: 2019-04-01}}
calendars: {office: {zh: 办公, en: office, any_year: true, hours: [09:00-12:30, 13:30-17:00]}}
words:
  said: {up: {zh: 正常, en: up}, down: {zh: 停机, en: down}}
  cause: {power: {zh: 供电, en: power}, cable: {zh: 线路, en: cable}, other: {zh: 其他, en: other}}
facts:
  outages:
    zh: 中断
    en: outages
    type: list
    of:
      type: record
      fields:
        from: {zh: 自, en: from, type: moment}
        to: {zh: 至, en: to, type: moment, if_absent: unknown, if_null: none}
        cause: {zh: 原因, en: cause, type: word, words: cause, if_null: none}
        site: {zh: 地点, en: site, type: name}
  works: {zh: 维护, en: works, type: list, if_absent: empty, of: {type: record, fields: {from: {zh: 自, en: from, type: moment}, to: {zh: 至, en: to, type: moment}}}}
  closed: {zh: 停业, en: closed, type: list, if_absent: empty, of: {type: record, fields: {from: {zh: 自, en: from, type: date}, to: {zh: 至, en: to, type: date}}}}
regulations:
  p:
    zh: 中断
    en: Outages
    articles:
      "1":
        nature: threshold
        title: {zh: 时间, en: time}
        text: {zh: 合计时间。, en: The time in all.}
        figures:
          total: {zh: 合计, en: in all, is: total_time(outages)}
          outside: {zh: 维护以外, en: outside of works, is: 'total_time(outages, works)'}
          business: {zh: 办公时间内, en: in business hours, is: 'total_open_time(outages, works)'}
          days: {zh: 停业以外, en: outside of closed days, is: 'total_time(outages, closed)'}
          by_cause:
            zh: 按原因
            en: by cause
            each: outages
            group_by: {cause: .cause}
            fields: {times: len(group), total: total_time(group), first: 'earliest(map(group, .from))', sites: 'distinct(map(group, .site))'}
          by_site:
            zh: 按地点和原因
            en: by site and cause
            each: filter(outages, .to == null or .to > .from)
            group_by: {site: .site, long: .to == null or .to - .from > hours(1)}
            fields: {times: len(group), spared: total_time(group)}
questions:
  p.time:
    zh: 多久
    en: how long
    facts: [outages, works, closed]
    governed_by: 2025-01-01
    rules: [total, outside, business, days]
    verdict: {is: 'outside.value > hours(3) ? "down" : "up"', words: said}
    values: {total: {zh: 合计, en: total, is: total.value}, outside: {zh: 以外, en: outside, is: outside.value}, business: {zh: 办公, en: business, is: business.value}, days: {zh: 停业以外, en: days, is: days.value}}
  p.causes:
    zh: 按原因
    en: by cause
    facts: [outages]
    governed_by: 2025-01-01
    rules: [by_cause, by_site]
    verdict: {is: 'any(by_cause.value, .total > hours(3)) ? "down" : "up"', words: said}
    values: {causes: {zh: 原因, en: causes, is: by_cause.value}, sites: {zh: 地点, en: sites, is: by_site.value}}
`

// outage is a period in minutes since the first day; to is -1 where it is not
// over. Causes are by their place in the list of words, the last being none.
type outage struct {
	from, to, cause int
	site            string
}

const (
	span    = 3 * 24 * 60 // minutes that are looked at
	dayOf   = 24 * 60
	nothing = -1
)

var causes = []string{"power", "cable", "other", ""}

// first is a Friday whose night to Sunday the clocks in London are put forward.
func minute(zone *time.Location, n int) time.Time {
	return time.Date(2025, 3, 28, 0, 0, 0, 0, zone).Add(time.Duration(n) * time.Minute)
}

// scan counts the minutes that are in one of some periods and in none of others.
func scan(some, others []outage, now int, counts func(minute int) bool) int {
	in := func(all []outage, at, end int) bool {
		return slices.ContainsFunc(all, func(o outage) bool { return o.from <= at && at < o.to || o.to == nothing && o.from <= at && at < end })
	}
	total := 0
	for at := range span {
		if in(some, at, now) && !in(others, at, span) && counts(at) {
			total++
		}
	}
	return total
}

func TestTotalTimeAgainstOracle(t *testing.T) {
	const sets = 3000
	book := parse(t, periods)
	zone, err := time.LoadLocation("Europe/London")
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(7, 11))
	random := func(n, most int) []outage {
		all := make([]outage, rng.IntN(n))
		for i := range all {
			from := rng.IntN(span - most)
			all[i] = outage{from, from + rng.IntN(most), rng.IntN(len(causes)), fmt.Sprint("s", rng.IntN(3))}
			if rng.IntN(4) == 0 {
				all[i].from -= all[i].from % 60
			}
			if all[i].to < all[i].from || rng.IntN(5) == 0 {
				all[i].to = nothing
			}
		}
		return all
	}
	business := func(at int) bool {
		m := minute(zone, at)
		clock := m.Hour()*60 + m.Minute()
		return m.Weekday() != time.Saturday && m.Weekday() != time.Sunday && (clock >= 9*60 && clock < 12*60+30 || clock >= 13*60+30 && clock < 17*60)
	}
	always := func(int) bool { return true }
	for range sets {
		outages, works, now := random(6, 900), random(4, 600), rng.IntN(span)
		var closed []outage // days, both included
		var closedDays []string
		if rng.IntN(2) == 0 {
			day := rng.IntN(3)
			closedDays = append(closedDays, fmt.Sprintf(`{"from": "2025-03-%d", "to": "2025-03-%d"}`, 28+day, 28+day))
			at := func(day int) int {
				return int(time.Date(2025, 3, 28+day, 0, 0, 0, 0, zone).Sub(minute(zone, 0)) / time.Minute)
			}
			closed = append(closed, outage{from: at(day), to: at(day + 1)})
		}
		written := func(all []outage, more bool) string {
			items := make([]string, len(all))
			for i, o := range all {
				item := fmt.Sprintf(`"from": %q`, minute(zone, o.from).Format(time.RFC3339))
				if o.to != nothing {
					item += fmt.Sprintf(`, "to": %q`, minute(zone, o.to).Format(time.RFC3339))
				} else {
					item += `, "to": null`
				}
				if more {
					item += fmt.Sprintf(`, "site": %q, "cause": %s`, o.site, strings.ReplaceAll(fmt.Sprintf("%q", causes[o.cause]), `""`, "null"))
				}
				items[i] = "{" + item + "}"
			}
			return "[" + strings.Join(items, ", ") + "]"
		}
		asOf := minute(zone, now).Format(time.RFC3339)
		facts := fmt.Sprintf(`{"as_of": %q, "outages": %s`, asOf, written(outages, true))
		a := ask(t, book, "p.time", facts+fmt.Sprintf(`, "works": %s, "closed": [%s]}`, written(works, false), strings.Join(closedDays, ", ")))
		minutes := func(name string) int {
			d, ok := a.Duration(name)
			require.True(t, ok, "%s %s", name, facts)
			return int(d / time.Minute)
		}
		outside := scan(outages, works, now, always)
		require.Equal(t, scan(outages, nil, now, always), minutes("total"), facts)
		require.Equal(t, outside, minutes("outside"), facts)
		require.Equal(t, scan(outages, works, now, business), minutes("business"), facts)
		require.Equal(t, scan(outages, closed, now, always), minutes("days"), facts)
		require.Equal(t, map[bool]string{true: "down", false: "up"}[outside > 180], a.Verdict)
		if !a.Provisional {
			require.Equal(t, scan(outages, nil, span, always), minutes("total"), facts)
		}
		checkGroups(t, ask(t, book, "p.causes", facts+`}`), outages, now)
	}
}

// checkGroups compares groups with what going through the list again and again
// comes to.
func checkGroups(t *testing.T, a *rulebook.Answer, outages []outage, now int) {
	always := func(int) bool { return true }
	var got struct {
		Causes []struct {
			Cause *string
			Times int
			Total string
			Sites []string
		}
		Sites []struct {
			Site   string
			Long   bool
			Times  int
			Spared string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(valuesOf(t, a)), &got))
	var want []string
	for k, cause := range causes {
		group := slices.DeleteFunc(slices.Clone(outages), func(o outage) bool { return o.cause != k })
		if len(group) > 0 {
			want = append(want, fmt.Sprint(cause, len(group), time.Duration(scan(group, nil, now, always))*time.Minute))
		}
	}
	var have []string
	for _, g := range got.Causes {
		cause := ""
		if g.Cause != nil {
			cause = *g.Cause
		}
		have = append(have, fmt.Sprint(cause, g.Times, length(t, g.Total)))
	}
	require.Equal(t, want, have)
	want, have = nil, nil
	for _, site := range []string{"s0", "s1", "s2"} {
		for _, long := range []bool{false, true} {
			group := slices.DeleteFunc(slices.Clone(outages), func(o outage) bool {
				return o.site != site || o.to == o.from || (o.to == nothing || o.to-o.from > 60) != long
			})
			if len(group) > 0 {
				want = append(want, fmt.Sprint(site, long, len(group), time.Duration(scan(group, nil, now, always))*time.Minute))
			}
		}
	}
	for _, g := range got.Sites {
		have = append(have, fmt.Sprint(g.Site, g.Long, g.Times, length(t, g.Spared)))
	}
	require.Equal(t, want, have)
}

// length reads a length of time such as PT2H5M.
func length(t *testing.T, text string) time.Duration {
	d, err := time.ParseDuration(strings.ToLower(strings.TrimPrefix(text, "PT")))
	require.NoError(t, err, text)
	return d
}

// An open period makes the answer provisional, until the moment at which it is
// too long.
func TestTotalTimeOfOpenPeriods(t *testing.T) {
	book := parse(t, periods)
	const open = `{"as_of": "2025-03-28T10:00:00Z", "outages": [{"from": "2025-03-28T08:00:00Z", "to": null, "cause": "power", "site": "a"}]`
	a := ask(t, book, "p.time", open+`}`)
	assert.Equal(t, "up", a.Verdict)
	assert.True(t, a.Provisional)
	for _, x := range []struct{ at, verdict string }{{"2025-03-28T11:00:00Z", "up"}, {"2025-03-28T11:00:00.000000001Z", "down"}} {
		assert.Equal(t, x.verdict, ask(t, book, "p.time", strings.Replace(open, "2025-03-28T10:00:00Z", x.at, 1)+`}`).Verdict)
	}
	// Works that have no end leave out all that comes.
	a = ask(t, book, "p.time", open+`, "works": [{"from": "2025-03-28T09:00:00Z"}]}`)
	outside, _ := a.Duration("outside")
	assert.Equal(t, time.Hour, outside)
	a = ask(t, book, "p.causes", open+`}`)
	next, ok := a.NextChange()
	require.True(t, ok)
	assert.Equal(t, "2025-03-28T10:00:00.000000001Z", next.Format(time.RFC3339Nano)) // its values change
	for facts, want := range map[string][]string{
		`{"outages": [{"from": "2025-03-28T08:00:00Z", "to": null}]}`:                            {"as_of"},
		`{"as_of": "2025-03-28T10:00:00Z"}`:                                                      {"outages"},
		`{"as_of": "2025-03-28T10:00:00Z", "outages": [{"from": "2025-03-28T08:00:00Z"}]}`:       {"outages[0].to"},
		`{"as_of": "2025-03-28T10:00:00Z", "outages": [{"to": "2025-03-28T08:00:00Z"}]}`:         {"outages[0].from"},
		strings.Replace(open, "[{", `[{"to": "2025-03-28T08:00:00Z", "from": null}, {`, 1) + `}`: {"outages[0].from"},
	} {
		a := ask(t, book, "p.time", facts)
		assert.Equal(t, "undetermined", a.Verdict, facts)
		var named []string
		for _, m := range a.MissingFacts {
			named = append(named, m.Fact)
		}
		assert.Equal(t, want, slices.Compact(named), facts)
	}
	a = ask(t, book, "p.time", `{"as_of": "2025-03-28T10:00:00Z", "outages": [{"from": "2025-03-28T08:00:00Z", "to": "2025-03-28T07:00:00Z"}]}`)
	require.NotNil(t, a.Error)
	assert.Contains(t, a.Error.Error(), "a listed period ends before it begins")
	told := ask(t, book, "p.time", open+`}`)
	assert.Contains(t, told.Explain("en"), "in business hours: the opening hours in outages outside of works, overlaps counted once = 1 hour (p/1)")
	assert.Contains(t, told.Explain("en"), "in all: the time of outages, overlaps counted once = 2 hours")
	assert.Contains(t, told.Explain("zh"), "合计：中断的时间（重叠只算一次） = 2小时（p/1）")
}
