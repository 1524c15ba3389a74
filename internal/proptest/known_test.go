package proptest_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
)

// What is decided as of a moment counts by the notices that were out by then.
// The oracle is a rulebook whose calendar was written by hand on that day: it
// leaves out what was announced later, and no line of it says when.

const noticedBook = `
rulebook: {id: noticed, title: {zh: 公告, en: notices}, zone: Europe/Berlin, in_force: {from: 2024-01-01}, calendar: office}
calendars:
  office:
    zh: 办公
    en: office
    weekend: [saturday, sunday]
    hours: [09:00-12:00, 13:00-17:00]
CALENDAR
  branch: {zh: 分部, en: branch, base: office, closures: [2026-03-03], zone: Asia/Shanghai}
facts:
  from: {zh: 起, en: start, type: moment}
  done: {zh: 止, en: done, type: moment}
questions:
  noticed:
    zh: 公告
    en: notices
    facts: [from, done]
    rules: [days, month, branch_hours, fee]
    verdict: {is: days.status, words: {not_started: {zh: 未起算, en: not started}, running: {zh: 办理中, en: running}, overdue: {zh: 逾期未办, en: overdue}, on_time: {zh: 按期, en: on time}, late: {zh: 超期, en: late}, deemed_on_time: {zh: 视同, en: deemed}}}
    values:
      days: {zh: 天, en: days, is: days.due_date}
      month: {zh: 月, en: month, is: month.due_date}
      month_status: {zh: 月, en: status of the month, is: month.status}
      hours: {zh: 时, en: hours, is: branch_hours.due}
      fee: {zh: 费, en: fee, is: fee.units}
      open: {zh: 开, en: open, is: "from == null or done == null or done < from ? seconds(0) : open_time(from, done)"}
      after: {zh: 后, en: after, is: "from == null ? null : working_days_after(date_of(from), 7)"}
  plain: {zh: 无日历, en: without a calendar, facts: [from], rules: [], verdict: {is: 'from == null ? "none" : "some"', words: {none: {zh: 无, en: none}, some: {zh: 有, en: some}}}, values: {hour: {zh: 后, en: later, is: "from == null ? null : from + hours(1)"}}}
regulations:
  r:
    zh: 规
    en: rules
    articles:
      "1":
        nature: deadline
        title: {zh: 限, en: limit}
        text: {zh: 限。, en: limit.}
        clocks:
          days: {zh: 天, en: days, done: done}
          month: {zh: 月, en: month, done: done, last_day: next_working_day}
          branch_hours: {zh: 时, en: hours, done: done, calendar: branch}
        deadlines:
          five_days: {zh: 五天, en: five days, part_of: days, within: 5 working days, from: from}
          one_month: {zh: 一月, en: one month, part_of: month, within: 1 month, from: from}
          ten_hours: {zh: 十小时, en: ten hours, part_of: branch_hours, within: 10 opening hours, from: from}
        accruals:
          fee: {zh: 费, en: fee, per: working_day, from: from, until: done}
`

// A notice adds lines to a calendar from a day on; none where it was known all
// along.
type notice struct {
	year  int
	known string
	rest  []string
	work  []string
}

func randomNotices(rng *rand.Rand) (years, changes []notice) {
	day := func(from time.Time, days int) time.Time { return from.AddDate(0, 0, rng.IntN(days)) }
	for year := 2025; year <= 2027; year++ {
		first := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
		taken := map[string]bool{"12-25": true}
		some := func(n int, weekend bool) (all []string) {
			for range rng.IntN(n) {
				d := day(first, 365)
				if is := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday; is == weekend && !taken[d.Format("01-02")] {
					taken[d.Format("01-02")] = true
					all = append(all, d.Format("01-02"))
				}
			}
			return all
		}
		x := notice{year: year, rest: append(some(20, false), "12-25"), work: some(5, true)}
		announced := time.Date(year-1, 10, 1, 0, 0, 0, 0, time.UTC)
		if rng.IntN(3) > 0 {
			announced = day(announced, 60)
			x.known = announced.Format(time.DateOnly)
		}
		years = append(years, x)
		for range rng.IntN(3) {
			announced = day(announced, 200).AddDate(0, 0, 1)
			c := notice{year: year, known: announced.Format(time.DateOnly), rest: some(6, false), work: some(4, true)}
			if len(c.rest)+len(c.work) > 0 {
				changes = append(changes, c)
			}
		}
	}
	return years, changes
}

// calendarLines write the notices that were out by a day, as if nobody knew
// when they came out; all of them, with their days, where it is "".
func calendarLines(years, changes []notice, by string) string {
	var b strings.Builder
	line := func(n notice) string {
		keys := []string{}
		if len(n.rest) > 0 {
			keys = append(keys, "rest: ["+strings.Join(n.rest, ", ")+"]")
		}
		if len(n.work) > 0 {
			keys = append(keys, "work: ["+strings.Join(n.work, ", ")+"]")
		}
		if by == "" && n.known != "" {
			keys = append(keys, "known_on: "+n.known)
		}
		return "{" + strings.Join(keys, ", ") + "}"
	}
	out := func(n notice) bool { return by == "" || n.known <= by }
	listed := map[int]bool{}
	b.WriteString("    years:\n      2024: {rest: [12-25]}\n")
	for _, n := range years {
		if out(n) {
			listed[n.year] = true
			fmt.Fprintf(&b, "      %d: %s\n", n.year, line(n))
		}
	}
	byYear := map[int][]string{}
	for _, n := range changes {
		if out(n) && listed[n.year] {
			byYear[n.year] = append(byYear[n.year], line(n))
		}
	}
	if len(byYear) > 0 {
		b.WriteString("    changes:\n")
		for year := 2025; year <= 2027; year++ {
			if all := byYear[year]; all != nil {
				fmt.Fprintf(&b, "      %d: [%s]\n", year, strings.Join(all, ", "))
			}
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func TestDecisionsCountByWhatWasKnown(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 7))
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	moment := func() time.Time {
		return time.Date(2024, 10, 1, 0, 0, 0, 0, berlin).Add(time.Duration(rng.IntN(800*24*60)) * time.Minute)
	}
	load := func(lines string) *rulebook.Book {
		book, err := rulebook.Parse("noticed.yaml", []byte(strings.Replace(noticedBook, "CALENDAR", lines, 1)))
		require.NoError(t, err, lines)
		return book
	}
	said := func(book *rulebook.Book, question, facts string, asOf time.Time) (string, *rulebook.Answer) {
		a, err := book.Ask(t.Context(), question, facts, rulebook.AsOf(asOf))
		require.NoError(t, err)
		text := string(a.AppendJSON(nil, true))
		text = strings.ReplaceAll(text, a.Rulebook.SHA256, "")
		return text, a
	}
	compared, failed, awaited, other := 0, 0, 0, 0
	for range rounds(25, 200) {
		years, changes := randomNotices(rng)
		book := load(calendarLines(years, changes, ""))
		byHand := map[string]*rulebook.Book{}
		for range 40 {
			asOf, from := moment(), moment()
			facts := map[string]any{"from": from.Format(time.RFC3339)}
			if rng.IntN(2) == 0 {
				facts["done"] = from.Add(time.Duration(rng.IntN(60*24)) * time.Hour).Format(time.RFC3339)
			}
			if rng.IntN(20) == 0 {
				delete(facts, "from")
			}
			data, err := json.Marshal(facts)
			require.NoError(t, err)
			text := string(data)
			then := calendarLines(years, changes, asOf.Format(time.DateOnly))
			if byHand[then] == nil {
				byHand[then] = load(then)
			}
			got, a := said(book, "noticed", text, asOf)
			want, w := said(byHand[then], "noticed", text, asOf)
			if a.Provisional && !w.Provisional {
				awaited++
				want = strings.Replace(want, `"provisional":false`, `"provisional":true`, 1)
			}
			require.Equal(t, want, got, "%s as of %s", text, asOf)
			compared++
			if a.Error != nil {
				failed++
				continue
			}
			if latest, _ := said(book, "noticed", text, time.Date(2029, 1, 1, 0, 0, 0, 0, berlin)); latest != got {
				other++
			}
			// Nothing changes before the next change, nor ever where there is none.
			next, changesAt := a.NextChange()
			if !changesAt && a.Provisional {
				continue // it waits for a year that the file does not list
			}
			for range 6 {
				later := asOf.Add(time.Duration(rng.IntN(500*24*60)) * time.Minute)
				if changesAt && !later.Before(next) {
					later = next.Add(-1)
				}
				if later.Before(asOf) {
					continue
				}
				_, b := said(book, "noticed", text, later)
				require.Equal(t, whatIsAnswered(a), whatIsAnswered(b), "%s as of %s and %s, next %s", text, asOf, later, next)
			}
			plain, b := said(book, "plain", fmt.Sprintf(`{"from": %q}`, from.Format(time.RFC3339)), asOf)
			require.False(t, b.Provisional, plain)
		}
	}
	t.Logf("%d answers, of which %d lack a year, %d wait for a notice alone; %d are another one today", compared, failed, awaited, other)
	require.Positive(t, awaited)
	require.Positive(t, failed)
}
