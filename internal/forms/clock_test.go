package forms_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
)

// library is a rulebook about lending, with a rule for every field of the
// clock and of its parts, and a reading for every option.
const library = `
rulebook:
  id: library
  title: {zh: 图书馆约定, en: Terms of a library}
  zone: Asia/Shanghai
  in_force: {from: 2020-01-01}
  calendar: weekdays
calendars:
  weekdays: {zh: 周一至周五, en: weekdays, any_year: true, weekend: [saturday, sunday], hours: [09:00-12:00, 13:00-18:00]}
  notices: {zh: 放假安排, en: public notices, base: china, hours: [09:00-18:00]}
  daily: {zh: 每天, en: every day, any_year: true, weekend: []}
words:
  status:
    not_started: {zh: 未起算, en: not started}
    running: {zh: 办理中, en: running}
    overdue: {zh: 逾期, en: overdue}
    on_time: {zh: 按期, en: on time}
    late: {zh: 超期, en: late}
    deemed_on_time: {zh: 视同按期, en: deemed on time}
  defect:
    no_reason: {zh: 没有理由, en: no reason}
    requested_after_due: {zh: 到期后才申请, en: asked for too late}
    approved_after_due: {zh: 到期后才批准, en: approved too late}
    approver_not_authorised: {zh: 批准人无权, en: approved by the wrong person}
    not_approved: {zh: 未获批准, en: not approved}
    too_long: {zh: 太长, en: too long}
    too_often: {zh: 太多次, en: too often}
  role:
    librarian: {zh: 馆员, en: librarian}
    director: {zh: 馆长, en: director}
  answer:
    granted: {zh: 同意, en: granted}
    denied: {zh: 拒绝, en: denied}
facts:
  loan:
    zh: 借阅
    en: loan
    type: record
    fields:
      kind:
        zh: 类别
        en: kind
        type: word
        words:
          book: {zh: 图书, en: book}
          map: {zh: 地图, en: map}
          scan: {zh: 扫描, en: scan}
          copy: {zh: 复印, en: copy}
          letter: {zh: 信函, en: letter}
          note: {zh: 便条, en: note}
          film: {zh: 影片, en: film}
          none_of_these: {zh: 其他, en: another}
      urgent: {zh: 加急, en: urgent, type: yes_no, if_absent: false}
      asked_at: {zh: 申请时间, en: asked, type: moment, event: true, if_absent: unknown, if_null: none}
      done_at: {zh: 办结时间, en: done, type: moment, event: true}
      seen_at: {zh: 送达时间, en: handed over, type: moment, event: true, if_absent: unknown, if_null: none}
      desk: {zh: 经办人, en: clerk, type: name}
      head: {zh: 主任, en: head, type: name}
      no_answer_at: {zh: 未答复时间, en: reader did not answer, type: moment, event: true}
      reader_moved: {zh: 读者迁走, en: reader moved away, type: yes_no, if_absent: false}
      returned_at: {zh: 读者回来时间, en: reader came back, type: moment, event: true}
      back: {zh: 读者回来, en: reader is back, type: moment, event: true, if_absent: unknown, if_null: none}
  extension:
    zh: 延期
    en: extension
    type: record
    if_absent: none
    fields:
      reason: {zh: 理由, en: reason, type: text}
      asked_at: {zh: 申请时间, en: asked for, type: moment, event: true, if_absent: unknown, if_null: none}
      answered_at: {zh: 答复时间, en: answered, type: moment, event: true, if_absent: unknown, if_null: none}
      answer: {zh: 答复, en: answer, type: word, words: answer}
      role: {zh: 答复人, en: answered by, type: word, words: role}
      new_date: {zh: 新日期, en: new date, type: date}
      new_at: {zh: 新时刻, en: new moment, type: moment}
      new_open: {zh: 另定日期, en: date set elsewhere, type: date, if_absent: unknown, if_null: none}
      times: {zh: 第几次, en: which one, type: count, if_absent: 1}
  loans:
    zh: 各件
    en: loans
    type: list
    of:
      type: record
      fields:
        id: {zh: 编号, en: id, type: name}
        asked_at: {zh: 申请时间, en: asked, type: moment, event: true, if_absent: unknown, if_null: none}
        done_at: {zh: 办结时间, en: done, type: moment, event: true, if_absent: unknown, if_null: none}
        excused: {zh: 免计, en: excused, type: yes_no, if_absent: false}
        counted: {zh: 计入, en: counted, type: yes_no, if_absent: true}
  month: {zh: 月份, en: month, type: month}
readings:
  days: {article: lending/1, asks: {zh: 日历, en: calendar}, chosen: weekdays, options: {weekdays: {zh: 周, en: week}, notices: {zh: 公告, en: notices}}}
  first_day: {article: lending/1, asks: {zh: 首日, en: first day}, chosen: left_out, options: {left_out: {zh: 不计, en: no}, counted: {zh: 计, en: yes}}}
  closing: {article: lending/1, asks: {zh: 截止, en: end of a day}, chosen: midnight, options: {midnight: {zh: 午夜, en: midnight}, desk: {zh: 柜台, en: desk closes, parameter: clock_time}}}
  evening: {article: lending/1, asks: {zh: 下班后, en: evenings}, chosen: same_day, options: {same_day: {zh: 当日, en: same day}, next_day: {zh: 次日, en: next day}}}
  hours: {article: lending/1, asks: {zh: 小时, en: hours}, chosen: running, options: {running: {zh: 连续, en: run on}, open: {zh: 营业, en: opening hours}}}
  unlisted: {article: lending/1, asks: {zh: 缺年, en: unlisted year}, chosen: error, options: {error: {zh: 报错, en: error}, weekdays: {zh: 暂计, en: provisional}}}
  which: {article: lending/2, asks: {zh: 取哪个, en: which limit}, chosen: own, options: {own: {zh: 本, en: own}, sooner: {zh: 早, en: sooner}, later: {zh: 晚, en: later}}}
  comeback: {article: lending/1, asks: {zh: 回来, en: on return}, chosen: anew, options: {anew: {zh: 重计, en: anew}, resume: {zh: 续计, en: resume}}}
  asked_by: {article: lending/4, asks: {zh: 何时申请, en: asked by}, chosen: due, options: {due: {zh: 到期前, en: due}, any_time: {zh: 随时, en: any time}}}
  answered_by: {article: lending/4, asks: {zh: 何时批准, en: answered by}, chosen: due, options: {due: {zh: 到期前, en: due}, any_time: {zh: 随时, en: any time}}}
  longest: {article: lending/4, asks: {zh: 最长, en: longest}, chosen: unlimited, options: {unlimited: {zh: 不限, en: no limit}, days: {zh: 天数, en: days, parameter: working_days}, times: {zh: 次数, en: times, parameter: count}}}
  excused: {article: lending/5, asks: {zh: 免计, en: excused}, chosen: in_time, options: {in_time: {zh: 按时, en: in time}, left_out: {zh: 不计, en: left out}, late: {zh: 超时, en: late}}}
regulations:
  lending:
    zh: 借阅
    en: Lending
    articles:
      "1":
        nature: procedure
        title: {zh: 计时, en: The clock}
        text: {zh: 申请要按时办结。, en: A request is done in time.}
        clocks:
          loan_clock:
            zh: 办理
            en: handling
            done: loan.done_at
            calendar: {by: days, weekdays: weekdays, notices: notices}
            first_day: {by: first_day, left_out: not_counted, counted: counted}
            last_day_ends: {by: closing, midnight: none, desk: parameter}
            after_closing: {by: evening, same_day: same_day, next_day: next_working_day}
            closes: "18:00"
            hours_run: {by: hours, running: continuous, open: opening_hours}
            missing_year: {by: unlisted, error: error, weekdays: provisional}
            breach: kept_waiting
            liable: {clerk: loan.desk, head: loan.head, nobody: none}
            returned: loan.returned_at
            on_return: {by: comeback, anew: new_clock, resume: resume}
          film_clock:
            zh: 影片
            en: films
            done: loan.seen_at
            returned: loan.back
      "2":
        nature: deadline
        title: {zh: 时限, en: Limits}
        text: {zh: 各有时限。, en: Each has its limit.}
        deadlines:
          books: {zh: 图书, en: books, part_of: loan_clock, when: loan.kind == "book", within: 3 working days, from: loan.asked_at}
          maps: {zh: 地图, en: maps, part_of: loan_clock, when: loan.kind == "map", within: 2 days, from: loan.asked_at, calendar: daily}
          scans: {zh: 扫描, en: scans, part_of: loan_clock, when: loan.kind == "scan", within: 4 hours, from: loan.asked_at}
          copies: {zh: 复印, en: copies, part_of: loan_clock, when: loan.kind == "copy", within: 90 minutes, from: loan.asked_at}
          letters:
            zh: 信函
            en: letters
            part_of: loan_clock
            when: loan.kind == "letter"
            within: 72 hours
            from: loan.asked_at
            other_limit: 2 working days
            takes: {by: which, own: own, sooner: sooner, later: later}
          notes: {zh: 便条, en: notes, part_of: loan_clock, when: loan.kind == "note", within: 1 day, from: loan.asked_at}
          urgent: {zh: 加急, en: urgent, part_of: loan_clock, when: loan.urgent, within: 1 hour, from: loan.asked_at}
          films: {zh: 影片, en: films, part_of: film_clock, when: loan.kind == "film", within: 1 day, from: loan.asked_at}
      "3":
        nature: presumption
        title: {zh: 视同, en: Deeming}
        text: {zh: 读者不答复的视同按期。, en: A reader who does not answer.}
        deemings:
          unanswered:
            zh: 读者未答复
            en: reader did not answer
            part_of: loan_clock
            when: not loan.urgent
            holds: loan.no_answer_at != null and loan.no_answer_at <= due
            at: loan.no_answer_at
          moved:
            zh: 读者迁走
            en: reader moved away
            part_of: loan_clock
            holds: loan.reader_moved
          film_back:
            zh: 影片
            en: film returned unseen
            part_of: film_clock
            holds: loan.no_answer_at != null
            at: loan.no_answer_at
      "4":
        nature: procedure
        title: {zh: 延期, en: Extension}
        text: {zh: 经馆长同意可延期。, en: The director may extend.}
        extensions:
          longer:
            zh: 延期
            en: extension
            part_of: loan_clock
            when: extension != null
            reason: extension.reason
            requested_at: extension.asked_at
            requested_by: {by: asked_by, due: due, any_time: any_time}
            approved_at: extension.answered_at
            approved_by: {by: answered_by, due: due, any_time: any_time}
            approved: extension.answer == "granted"
            approver: extension.role
            approvers: [director]
            new_due_date: extension.new_date
            new_due_at: extension.new_at
            times: extension.times
            at_most: {by: longest, days: parameter, otherwise: none}
            at_most_times: {by: longest, times: parameter, otherwise: none}
            breach: extended_badly
            own_fault: [no_reason, requested_after_due, approver_not_authorised]
          film_longer:
            zh: 影片延期
            en: extension of a film
            part_of: film_clock
            when: extension != null
            reason: '"always"'
            requested_at: extension.asked_at
            approved_at: extension.answered_at
            approved: extension.answer == "granted"
            approver: extension.role
            approvers: [director, librarian]
            new_due_date: extension.new_open
      "5":
        nature: procedure
        title: {zh: 逐件, en: One by one}
        text: {zh: 逐件计时。, en: Each is timed.}
        clocks:
          each_clock:
            zh: 逐件
            en: each loan
            each: loans
            id: .id
            done: .done_at
            only: .counted
            calendar: {by: days, weekdays: weekdays, notices: notices}
            missing_year: {by: unlisted, error: error, weekdays: provisional}
            deemed_counts: {by: excused, in_time: in_time, left_out: excluded, late: late}
          due_clock:
            zh: 按到期月
            en: by the month it is due
            each: loans
            id: .id
            done: .done_at
            only: month_of(due) == month
          odd_clock:
            zh: 按类别
            en: by kind
            each: loans
            id: .id
            done: .done_at
        deadlines:
          each_loan: {zh: 每件一天, en: one working day each, part_of: each_clock, within: 1 working day, from: .asked_at}
          each_due: {zh: 每件一小时, en: one hour each, part_of: due_clock, within: 1 hour, from: .asked_at}
          each_odd: {zh: 图书一小时, en: an hour for books, part_of: odd_clock, when: loan.kind == "book", within: 1 hour, from: .asked_at}
        deemings:
          each_excused: {zh: 免计, en: excused, part_of: each_clock, holds: .excused}
questions:
  loan:
    zh: 一件
    en: one loan
    facts: [loan, extension]
    rules: [loan_clock]
    verdict: {is: loan_clock.status, if_none: no_limit, words: {no_limit: {zh: 无时限, en: no limit}, not_started: {zh: 未起算, en: not started}, running: {zh: 办理中, en: running}, overdue: {zh: 逾期, en: overdue}, on_time: {zh: 按期, en: on time}, late: {zh: 超期, en: late}, deemed_on_time: {zh: 视同, en: deemed}}}
    values:
      start: {zh: 起算, en: start, is: loan_clock.start}
      date: {zh: 到期日, en: due date, is: loan_clock.due_date}
      at: {zh: 到期时刻, en: due at, is: loan_clock.due_at}
      last: {zh: 最后一刻, en: last instant, is: loan_clock.due}
      extended: {zh: 延期, en: extended, is: loan_clock.extended}
      defects: {zh: 缺陷, en: defects, is: loan_clock.extension_defects, words: defect}
      again: {zh: 重计, en: again, is: loan_clock.restarted}
      again_start: {zh: 重新起算, en: again from, is: loan_clock.restart_start}
      again_date: {zh: 重新到期日, en: due again on, is: loan_clock.restart_due_date}
      again_at: {zh: 重新到期时刻, en: due again at, is: loan_clock.restart_due_at}
      again_status: {zh: 重计状态, en: status again, is: loan_clock.restart_status, words: status}
  film:
    zh: 影片
    en: a film
    facts: [loan, extension]
    rules: [film_clock]
    verdict: {is: film_clock.status, words: status}
    values:
      date: {zh: 到期日, en: due date, is: film_clock.due_date}
      last: {zh: 最后一刻, en: last instant, is: film_clock.due}
      extended: {zh: 延期, en: extended, is: film_clock.extended}
      defects: {zh: 缺陷, en: defects, is: film_clock.extension_defects}
      again: {zh: 重计, en: again, is: film_clock.restarted}
      again_status: {zh: 重计状态, en: status again, is: film_clock.restart_status}
  loans:
    zh: 逐件
    en: one by one
    facts: [loans]
    rules: [each_clock]
    verdict: {is: 'len(each_clock.late) > 0 ? "some_late" : "none_late"', words: {some_late: {zh: 有, en: some}, none_late: {zh: 没有, en: none}}}
    values:
      in_time: {zh: 按时, en: in time, is: each_clock.in_time}
      late: {zh: 超时, en: late, is: each_clock.late}
      open: {zh: 未到期, en: open, is: each_clock.not_yet_due}
  due_loans:
    zh: 按月
    en: by month
    facts: [loans, month]
    rules: [due_clock]
    verdict: {is: '"counted"', words: {counted: {zh: 已计, en: counted}}}
    values:
      in_time: {zh: 按时, en: in time, is: due_clock.in_time}
      late: {zh: 超时, en: late, is: due_clock.late}
  odd_loans:
    zh: 按类别
    en: by kind
    facts: [loan, loans]
    rules: [odd_clock]
    verdict: {is: '"counted"', words: {counted: {zh: 已计, en: counted}}}
    values:
      in_time: {zh: 按时, en: in time, is: odd_clock.in_time}
`

// values are the values of an answer as JSON without those that are null.
func values(t testing.TB, a *rulebook.Answer) string {
	t.Helper()
	require.Nil(t, a.Error)
	var tree struct{ Values map[string]any }
	require.NoError(t, json.Unmarshal(a.AppendJSON(nil, false), &tree))
	for k, v := range tree.Values {
		if v == nil {
			delete(tree.Values, k)
		}
	}
	text, err := json.Marshal(tree.Values)
	require.NoError(t, err)
	return string(text)
}

// lacks are the missing facts, "fact < rule".
func lacks(a *rulebook.Answer) []string {
	var all []string
	for _, m := range a.MissingFacts {
		all = append(all, m.Fact+" < "+m.NeededBy)
	}
	return all
}

func breaches(a *rulebook.Answer) []string {
	var all []string
	for _, b := range a.Breaches {
		all = append(all, b.String())
	}
	return all
}

// readings are the keys of the readings that an answer rests on.
func readings(a *rulebook.Answer) []string {
	var keys []string
	for _, r := range a.Readings {
		keys = append(keys, r.Key)
	}
	return keys
}

// march is a moment in March 2025; the 1st is a Saturday.
func march(dayAndTime string) string {
	return `"2025-03-` + strings.Replace(dayAndTime, " ", "T", 1) + `+08:00"`
}

func loan(kind string, more ...string) string {
	return `{"loan":{"kind":"` + kind + `"` + strings.Join(append([]string{""}, more...), ",") + `}}`
}

func asked(when string) string { return `"asked_at":` + march(when) }
func done(when string) string  { return `"done_at":` + march(when) }

func TestClockLimits(t *testing.T) {
	book := parse(t, library)
	for _, x := range []struct {
		name, kind, asked, done string
		readings                []string
		verdict, values         string
		rests                   []string // on these readings
	}{
		{
			"working days", "book", "07 10:00:00", "12 23:59:59", nil,
			"on_time", `{"start":"2025-03-07T10:00:00+08:00","date":"2025-03-12","last":"2025-03-12T23:59:59.999999999+08:00","again":false}`,
			[]string{"closing", "days", "evening", "first_day", "unlisted"},
		},
		{"a moment after", "book", "07 10:00:00", "13 00:00:00", nil, "late", `{"start":"2025-03-07T10:00:00+08:00","date":"2025-03-12","last":"2025-03-12T23:59:59.999999999+08:00","again":false}`, nil},
		{"the first day counted", "book", "07 10:00:00", "12 00:00:00", []string{"first_day=counted"}, "late", `{"start":"2025-03-07T10:00:00+08:00","date":"2025-03-11","last":"2025-03-11T23:59:59.999999999+08:00","again":false}`, nil},
		{"until the desk closes", "book", "07 10:00:00", "12 17:30:00", []string{"closing=desk:17:30"}, "on_time", `{"start":"2025-03-07T10:00:00+08:00","date":"2025-03-12","last":"2025-03-12T17:30:00+08:00","again":false}`, nil},
		{"after the desk closed", "book", "07 10:00:00", "12 17:30:01", []string{"closing=desk:17:30"}, "late", `{"start":"2025-03-07T10:00:00+08:00","date":"2025-03-12","last":"2025-03-12T17:30:00+08:00","again":false}`, nil},
		{"asked at closing time", "book", "06 18:00:00", "11 12:00:00", []string{"evening=next_day"}, "on_time", `{"start":"2025-03-06T18:00:00+08:00","date":"2025-03-11","last":"2025-03-11T23:59:59.999999999+08:00","again":false}`, nil},
		{"asked in the evening", "book", "06 18:00:01", "12 12:00:00", []string{"evening=next_day"}, "on_time", `{"start":"2025-03-06T18:00:01+08:00","date":"2025-03-12","last":"2025-03-12T23:59:59.999999999+08:00","again":false}`, nil},
		{"days, over the weekend", "map", "07 10:00:00", "09 12:00:00", nil, "on_time", `{"start":"2025-03-07T10:00:00+08:00","date":"2025-03-09","last":"2025-03-09T23:59:59.999999999+08:00","again":false}`, nil},
		{
			"hours, through the night", "scan", "07 17:00:00", "07 21:00:00", nil,
			"on_time", `{"start":"2025-03-07T17:00:00+08:00","at":"2025-03-07T21:00:00+08:00","last":"2025-03-07T21:00:00+08:00","again":false}`,
			[]string{"hours"},
		},
		{"opening hours", "scan", "07 17:00:00", "10 12:00:00", []string{"hours=open"}, "on_time", `{"start":"2025-03-07T17:00:00+08:00","at":"2025-03-10T12:00:00+08:00","last":"2025-03-10T12:00:00+08:00","again":false}`, []string{"days", "hours", "unlisted"}},
		{"minutes", "copy", "07 10:00:00", "07 11:30:01", nil, "late", `{"start":"2025-03-07T10:00:00+08:00","at":"2025-03-07T11:30:00+08:00","last":"2025-03-07T11:30:00+08:00","again":false}`, nil},
		{"its own limit", "letter", "03 10:00:00", "06 10:00:00", nil, "on_time", `{"start":"2025-03-03T10:00:00+08:00","at":"2025-03-06T10:00:00+08:00","last":"2025-03-06T10:00:00+08:00","again":false}`, []string{"hours", "which"}},
		{
			"the sooner limit", "letter", "03 10:00:00", "06 00:00:00", []string{"which=sooner"},
			"late", `{"start":"2025-03-03T10:00:00+08:00","date":"2025-03-05","last":"2025-03-05T23:59:59.999999999+08:00","again":false}`,
			[]string{"closing", "days", "evening", "first_day", "hours", "unlisted", "which"},
		},
		{"the later limit", "letter", "03 10:00:00", "06 00:00:00", []string{"which=later"}, "on_time", `{"start":"2025-03-03T10:00:00+08:00","at":"2025-03-06T10:00:00+08:00","last":"2025-03-06T10:00:00+08:00","again":false}`, nil},
	} {
		t.Run(x.name, func(t *testing.T) {
			answer := ask(t, book, "loan", loan(x.kind, asked(x.asked), done(x.done)), x.readings...)
			assert.Equal(t, x.verdict, answer.Verdict)
			got := strings.Replace(values(t, answer), `"defects":[],`, "", 1)
			assert.JSONEq(t, x.values, got)
			assert.False(t, answer.Provisional)
			if x.rests != nil {
				assert.Equal(t, x.rests, readings(answer))
			}
			if x.verdict == "late" {
				assert.Equal(t, []string{"lending/2#kept_waiting"}, breaches(answer))
			} else {
				assert.Empty(t, answer.Breaches)
			}
		})
	}
}

func TestClockStatus(t *testing.T) {
	book := parse(t, library)
	for _, x := range []struct {
		name, facts, verdict string
		provisional          bool
		breaches, lacks      []string
	}{
		{"not started", loan("book", `"asked_at":null`), "not_started", false, nil, nil},
		{"running to the last instant", `{"as_of":` + march("12 23:59:59") + `,` + loan("book", asked("07 10:00:00"))[1:], "running", true, nil, nil},
		{"overdue", `{"as_of":` + march("13 00:00:00") + `,` + loan("book", asked("07 10:00:00"))[1:], "overdue", false, []string{"lending/2#kept_waiting"}, nil},
		{"no moment of asking", loan("book", asked("07 10:00:00")), "undetermined", false, nil, []string{"as_of < lending.loan_clock"}},
		{"no start", loan("book"), "undetermined", false, nil, []string{"loan.asked_at < lending.loan_clock"}},
		{"no kind", `{"loan":{` + asked("07 10:00:00") + `}}`, "undetermined", false, nil, []string{"loan.kind < lending.loan_clock"}},
		{"no limit for it", loan("none_of_these", asked("07 10:00:00")), "no_limit", false, nil, nil},
	} {
		t.Run(x.name, func(t *testing.T) {
			answer := ask(t, book, "loan", x.facts)
			require.Nil(t, answer.Error)
			assert.Equal(t, x.verdict, answer.Verdict)
			assert.Equal(t, x.provisional, answer.Provisional)
			assert.Equal(t, x.breaches, breaches(answer))
			assert.Equal(t, x.lacks, lacks(answer))
		})
	}
}

func TestClockTwoLimits(t *testing.T) {
	answer := ask(t, parse(t, library), "loan", loan("book", `"urgent":true`, asked("07 10:00:00"), done("07 10:30:00")))
	require.NotNil(t, answer.Error)
	assert.Equal(t, "not_computable", answer.Failure().Code)
	assert.Contains(t, answer.Failure().Message.EN, "both lending.books and lending.urgent apply")
	assert.Contains(t, answer.Failure().Message.ZH, "lending.urgent")
	assert.Empty(t, answer.Verdict)
	assert.Empty(t, answer.Breaches)
}

func TestClockLiable(t *testing.T) {
	book := parse(t, library)
	late := loan("book", asked("07 10:00:00"), done("14 10:00:00"), `"desk":"Lin"`)
	answer := ask(t, book, "loan", late)
	require.Len(t, answer.Liable, 2)
	assert.Equal(t, "clerk", answer.Liable[0].Role)
	assert.Equal(t, "Lin", answer.Liable[0].Person)
	assert.Equal(t, "head", answer.Liable[1].Role)
	assert.Empty(t, answer.Liable[1].Person, "nobody knows who the head is; the breach stands all the same")
	assert.Empty(t, answer.MissingFacts)
	assert.Equal(t, []string{"lending/1", "lending/2"}, answer.Cites)

	inTime := ask(t, book, "loan", loan("book", asked("07 10:00:00"), done("10 10:00:00"), `"desk":"Lin"`))
	assert.Empty(t, inTime.Liable)
}

func TestClockUnlistedYear(t *testing.T) {
	book := parse(t, library)
	facts := `{"loan":{"kind":"book","asked_at":"2095-12-30T10:00:00+08:00","done_at":"2096-01-04T10:00:00+08:00"}}`
	answer := ask(t, book, "loan", facts, "days=notices")
	require.NotNil(t, answer.Error)
	assert.Equal(t, "calendar_year_missing", answer.Failure().Code)
	assert.Equal(t, 2095, answer.Failure().Year)

	answer = ask(t, book, "loan", facts, "days=notices", "unlisted=weekdays")
	assert.Equal(t, "on_time", answer.Verdict)
	assert.True(t, answer.Provisional)

	answer = ask(t, book, "loan", strings.Replace(facts, `"book"`, `"scan"`, 1), "days=notices")
	assert.Equal(t, "late", answer.Verdict, "hours need no calendar")
}

func TestDeeming(t *testing.T) {
	book := parse(t, library)
	noAnswer := func(when string) string { return `"no_answer_at":` + march(when) }
	for _, x := range []struct {
		name, facts, verdict string
		cites                []string
		says                 string // in English
	}{
		{"evidence in time", loan("book", asked("07 10:00:00"), noAnswer("12 20:00:00")), "deemed_on_time", []string{"lending/1", "lending/2", "lending/3"}, "reader did not answer: holds: on record: reader did not answer"},
		{"evidence too late", loan("book", asked("07 10:00:00"), done("20 10:00:00"), noAnswer("13 00:00:00")), "late", []string{"lending/1", "lending/2", "lending/3"}, "reader did not answer: does not hold: "},
		{"really done in time", loan("book", asked("07 10:00:00"), done("10 10:00:00"), noAnswer("08 00:00:00")), "on_time", []string{"lending/1", "lending/2", "lending/3"}, "reader did not answer: holds: "},
		{"done late, but deemed before", loan("book", asked("07 10:00:00"), done("20 10:00:00"), noAnswer("08 00:00:00")), "deemed_on_time", nil, ""},
		{"nothing claimed", loan("book", asked("07 10:00:00"), done("10 10:00:00")), "on_time", []string{"lending/1", "lending/2"}, ""},
		{"another ground", loan("book", asked("07 10:00:00"), `"reader_moved":true`), "deemed_on_time", nil, "reader moved away: holds: reader moved away is yes"},
		{"before it started", loan("book", `"asked_at":null`, `"reader_moved":true`), "deemed_on_time", nil, ""},
		{"not for urgent ones", loan("none_of_these", `"urgent":true`, asked("07 10:00:00"), done("07 12:00:00"), noAnswer("07 10:30:00")), "late", []string{"lending/1", "lending/2"}, ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			answer := ask(t, book, "loan", x.facts)
			require.Nil(t, answer.Error)
			assert.Equal(t, x.verdict, answer.Verdict)
			if x.cites != nil {
				assert.Equal(t, x.cites, answer.Cites)
			}
			assert.Contains(t, answer.Explain("en"), x.says)
			assert.Empty(t, answer.MissingFacts)
		})
	}

	t.Run("not known", func(t *testing.T) {
		late := loan("book", asked("07 10:00:00"), done("20 10:00:00"), `"urgent":null`)
		unknown := strings.Replace(library, `en: reader moved away, type: yes_no, if_absent: false`, `en: reader moved away, type: yes_no`, 1)
		answer := ask(t, parse(t, unknown), "loan", late)
		assert.Equal(t, "undetermined", answer.Verdict)
		assert.Empty(t, answer.Breaches)
		assert.Equal(t, []string{"loan.reader_moved < lending.loan_clock"}, lacks(answer))
		_, known := answer.Bool("again")
		assert.False(t, known, "whether the clock ran again is as open")

		answer = ask(t, parse(t, unknown), "loan", loan("book", asked("07 10:00:00"), done("10 10:00:00")))
		assert.Equal(t, "on_time", answer.Verdict, "done in time is in time, deemed or not")
		assert.Empty(t, answer.MissingFacts)
	})
}

func TestReturn(t *testing.T) {
	book := parse(t, library)
	// Asked on Friday the 7th, due on the 12th; no answer on Monday the 10th, with two days left.
	back := func(more ...string) string {
		return loan("book", append([]string{asked("07 10:00:00"), `"no_answer_at":` + march("10 09:00:00"), `"returned_at":` + march("17 09:00:00"), `"desk":"Lin"`}, more...)...)
	}
	answer := ask(t, book, "loan", back(done("20 23:00:00")))
	assert.Equal(t, "deemed_on_time", answer.Verdict)
	assert.JSONEq(t, `{"start":"2025-03-07T10:00:00+08:00","date":"2025-03-12","last":"2025-03-12T23:59:59.999999999+08:00","defects":[],"again":true,
		"again_start":"2025-03-17T09:00:00+08:00","again_date":"2025-03-20","again_status":"on_time"}`, values(t, answer))
	assert.Empty(t, answer.Breaches)
	assert.Contains(t, readings(answer), "comeback")
	assert.Contains(t, answer.Explain("en"), "the customer came back 2025-03-17 09:00; due again 2025-03-20 (lending/1)")
	assert.Equal(t, 1, strings.Count(answer.Explain("en"), "reading comeback = anew"), "a reading is named once")
	assert.Contains(t, answer.Explain("zh"), "客户 2025-03-17 09:00 又来，重新到期 2025-03-20")

	answer = ask(t, book, "loan", back(done("21 00:00:00")))
	assert.Equal(t, "deemed_on_time", answer.Verdict)
	assert.Equal(t, []string{"lending/2#kept_waiting"}, breaches(answer), "late the second time")
	assert.Equal(t, "Lin", answer.Liable[0].Person)

	answer = ask(t, book, "loan", back(done("20 23:00:00")), "comeback=resume")
	day, _ := answer.Date("again_date")
	assert.Equal(t, "2025-03-19", day.String(), "two days were left")
	word, _ := answer.Word("again_status")
	assert.Equal(t, "late", word)

	answer = ask(t, book, "loan", `{"as_of":`+march("18 10:00:00")+`,`+back()[1:])
	word, _ = answer.Word("again_status")
	assert.Equal(t, "running", word)
	assert.True(t, answer.Provisional)

	answer = ask(t, book, "loan", back())
	assert.Equal(t, "deemed_on_time", answer.Verdict)
	_, known := answer.Word("again_status")
	assert.False(t, known)
	assert.Equal(t, []string{"as_of < lending.loan_clock"}, lacks(answer))

	answer = ask(t, book, "loan", back(done("11 10:00:00")))
	assert.Equal(t, "on_time", answer.Verdict, "done in time: there was nothing to come back for")
	assert.JSONEq(t, `false`, string(must(answer.Bool("again"))))

	scan := strings.Replace(back(done("17 12:00:00")), `"book"`, `"scan"`, 1)
	scan = strings.Replace(scan, march("10 09:00:00"), march("07 11:00:00"), 1)
	answer = ask(t, book, "loan", scan)
	moment, _ := answer.Moment("again_at")
	assert.Equal(t, "2025-03-17 13:00", moment.Format("2006-01-02 15:04"))
	assert.Contains(t, answer.Explain("en"), "due again 2025-03-17 13:00")
	answer = ask(t, book, "loan", scan, "comeback=resume")
	moment, _ = answer.Moment("again_at")
	assert.Equal(t, "2025-03-17 12:00", moment.Format("2006-01-02 15:04"), "an hour of four was used")
	word, _ = answer.Word("again_status")
	assert.Equal(t, "on_time", word)

	unlisted := strings.NewReplacer("2025-03-17", "2096-03-16", "2025-03-20", "2096-03-19").Replace(back(done("20 23:00:00")))
	answer = ask(t, book, "loan", unlisted, "days=notices")
	require.NotNil(t, answer.Error)
	assert.Equal(t, 2096, answer.Failure().Year)
	answer = ask(t, book, "loan", unlisted, "days=notices", "unlisted=weekdays")
	assert.Equal(t, "deemed_on_time", answer.Verdict)
	assert.True(t, answer.Provisional, "the new due date rests on a year without a notice")
}

func must(yes, ok bool) []byte {
	if !ok {
		return []byte("null")
	}
	text, _ := json.Marshal(yes)
	return text
}

func TestReturnNotKnown(t *testing.T) {
	book := parse(t, library)
	film := func(more ...string) string {
		return loan("film", append([]string{asked("07 10:00:00"), `"no_answer_at":` + march("07 12:00:00")}, more...)...)
	}
	answer := ask(t, book, "film", film(`"seen_at":null`))
	assert.Equal(t, "deemed_on_time", answer.Verdict)
	assert.JSONEq(t, `{"date":"2025-03-08","last":"2025-03-08T23:59:59.999999999+08:00","defects":[]}`, values(t, answer))
	assert.Equal(t, []string{"loan.back < lending.film_clock"}, lacks(answer))

	answer = ask(t, book, "film", film(`"back":`+march("10 12:00:00")))
	assert.Equal(t, "undetermined", answer.Verdict, "on time and deemed are two things")
	assert.Equal(t, []string{"loan.seen_at < lending.film_clock"}, lacks(answer))

	answer = ask(t, book, "film", film(`"back":null`, `"seen_at":null`))
	assert.JSONEq(t, `{"date":"2025-03-08","last":"2025-03-08T23:59:59.999999999+08:00","defects":[],"again":false}`, values(t, answer))

	answer = ask(t, book, "film", film(`"back":`+march("10 12:00:00"), `"seen_at":`+march("10 11:00:00")))
	assert.Equal(t, []string{"as_of < lending.film_clock"}, lacks(answer), "seen before he came back: not what he came back for")
}

func TestExtension(t *testing.T) {
	book := parse(t, library)
	// Asked on Friday the 7th, due on Wednesday the 12th.
	with := func(extension ...string) string {
		return strings.TrimSuffix(loan("book", asked("07 10:00:00"), done("14 12:00:00")), "}") + `,"extension":{` + strings.Join(extension, ",") + `}}`
	}
	const (
		reason              = `"reason":"flood"`
		granted             = `"answer":"granted"`
		director, librarian = `"role":"director"`, `"role":"librarian"`
		newDate             = `"new_date":"2025-03-14"`
	)
	inTime, answered := `"asked_at":`+march("12 10:00:00"), `"answered_at":`+march("12 23:59:59")
	for _, x := range []struct {
		name     string
		facts    string
		readings []string
		verdict  string
		valid    string
		defects  []string
		breaches []string
		date     string
	}{
		{"in order", with(reason, inTime, answered, granted, director, newDate), nil, "on_time", "true", []string{}, nil, "2025-03-14"},
		{"no reason", with(`"reason":""`, inTime, answered, granted, director, newDate), nil, "late", "false", []string{"no_reason"}, []string{"lending/2#kept_waiting", "lending/4#extended_badly"}, "2025-03-12"},
		{"asked too late", with(reason, `"asked_at":`+march("13 00:00:00"), `"answered_at":`+march("13 10:00:00"), granted, director, newDate), nil, "late", "false", []string{"requested_after_due", "approved_after_due"}, []string{"lending/2#kept_waiting", "lending/4#extended_badly"}, "2025-03-12"},
		{"at any time", with(reason, `"asked_at":`+march("13 00:00:00"), `"answered_at":`+march("13 10:00:00"), granted, director, newDate), []string{"asked_by=any_time", "answered_by=any_time"}, "on_time", "true", []string{}, nil, "2025-03-14"},
		{"not the director", with(reason, inTime, answered, granted, librarian, newDate), nil, "late", "false", []string{"approver_not_authorised"}, []string{"lending/2#kept_waiting", "lending/4#extended_badly"}, "2025-03-12"},
		{"denied", with(reason, inTime, answered, `"answer":"denied"`, director, newDate), nil, "late", "false", []string{"not_approved"}, []string{"lending/2#kept_waiting"}, "2025-03-12"},
		{"undecided", with(reason, inTime, `"answered_at":null`, `"answer":"denied"`, director, newDate), nil, "late", "false", []string{"not_approved"}, []string{"lending/2#kept_waiting"}, "2025-03-12"},
		{"as long as allowed", with(reason, inTime, answered, granted, director, newDate), []string{"longest=days:2"}, "on_time", "true", []string{}, nil, "2025-03-14"},
		{"too long", with(reason, inTime, answered, granted, director, newDate), []string{"longest=days:1"}, "late", "false", []string{"too_long"}, []string{"lending/2#kept_waiting"}, "2025-03-12"},
		{"as often as allowed", with(reason, inTime, answered, granted, director, newDate, `"times":2`), []string{"longest=times:2"}, "on_time", "true", []string{}, nil, "2025-03-14"},
		{"too often", with(reason, inTime, answered, granted, director, newDate, `"times":3`), []string{"longest=times:2"}, "late", "false", []string{"too_often"}, []string{"lending/2#kept_waiting"}, "2025-03-12"},
		{"to a moment", with(reason, inTime, answered, granted, director, `"new_at":`+march("14 11:59:59")), nil, "late", "true", []string{}, []string{"lending/2#kept_waiting"}, ""},
		{"never shorter", with(reason, inTime, answered, granted, director, `"new_date":"2025-03-11"`), nil, "late", "true", []string{}, []string{"lending/2#kept_waiting"}, "2025-03-12"},
	} {
		t.Run(x.name, func(t *testing.T) {
			answer := ask(t, book, "loan", x.facts, x.readings...)
			require.Nil(t, answer.Error)
			assert.Equal(t, x.verdict, answer.Verdict)
			assert.Equal(t, x.valid, string(must(answer.Bool("extended"))))
			defects, _ := answer.Words("defects")
			assert.Equal(t, x.defects, defects)
			assert.Equal(t, x.breaches, breaches(answer))
			day, ok := answer.Date("date")
			assert.Equal(t, x.date != "", ok)
			if ok {
				assert.Equal(t, x.date, day.String())
			}
			assert.Empty(t, answer.MissingFacts)
		})
	}

	t.Run("two new dues", func(t *testing.T) {
		for _, at := range []string{"13 12:00:00", "14 11:59:59", "20 12:00:00"} {
			answer := ask(t, book, "loan", with(reason, inTime, answered, granted, director, newDate, `"new_at":`+march(at)))
			require.Error(t, answer.Error, "one of them would be taken, and the other not looked at")
			assert.Equal(t, "not_computable", answer.Failure().Code)
			assert.Contains(t, answer.Failure().Message.EN, "both a new date and a new time are given; give one")
			assert.Contains(t, answer.Failure().Message.ZH, "只写一个")
			answer = ask(t, book, "loan", with(reason, inTime, answered, `"answer":"denied"`, director, newDate, `"new_at":`+march(at)))
			assert.Equal(t, "late", answer.Verdict, "it was denied: until when does not matter")
		}
		assert.Equal(t, "on_time", ask(t, book, "loan", with(reason, inTime, answered, granted, director, newDate, `"new_at":null`)).Verdict)
	})

	t.Run("no new date", func(t *testing.T) {
		answer := ask(t, book, "loan", with(reason, inTime, answered, granted, director))
		assert.Equal(t, "undetermined", answer.Verdict, "it was extended, and nobody says until when")
		assert.Empty(t, answer.Breaches)
		assert.Equal(t, []string{"extension.new_date < lending.loan_clock"}, lacks(answer))
		answer = ask(t, book, "loan", with(reason, inTime, answered, granted, librarian))
		assert.Equal(t, "late", answer.Verdict, "by whoever may not: until when does not matter")
		assert.Empty(t, answer.MissingFacts)
	})

	t.Run("says so", func(t *testing.T) {
		valid := ask(t, book, "loan", with(reason, inTime, answered, granted, director, newDate))
		assert.Contains(t, valid.Explain("en"), "extended from 2025-03-12 to 2025-03-14 (lending/4; reading answered_by = due; reading asked_by = due; reading longest = unlimited)")
		invalid := ask(t, book, "loan", with(reason, inTime, answered, granted, librarian, newDate))
		assert.Contains(t, invalid.Explain("en"), "extension: not valid: approved by the wrong person")
		assert.Contains(t, invalid.Explain("zh"), "延期：无效：批准人无权")
	})

	t.Run("none asked for", func(t *testing.T) {
		answer := ask(t, book, "loan", loan("book", asked("07 10:00:00"), done("10 12:00:00")))
		assert.Equal(t, "null", string(must(answer.Bool("extended"))))
		defects, known := answer.Words("defects")
		assert.True(t, known)
		assert.Empty(t, defects)
	})

	t.Run("measured over an unlisted year", func(t *testing.T) {
		facts := strings.NewReplacer("2025-03-07", "2026-12-28", "2025-03-12", "2026-12-29", "2025-03-14", "2027-01-05").Replace(
			with(reason, inTime, answered, granted, director, newDate))
		answer := ask(t, book, "loan", facts, "days=notices", "longest=days:9")
		require.NotNil(t, answer.Error)
		assert.Equal(t, 2027, answer.Failure().Year)
		answer = ask(t, book, "loan", facts, "days=notices", "longest=days:9", "unlisted=weekdays")
		assert.Equal(t, "on_time", answer.Verdict)
		assert.True(t, answer.Provisional)
	})

	t.Run("hours extended to a day rest on how days are counted", func(t *testing.T) {
		facts := strings.Replace(with(reason, `"asked_at":`+march("07 11:00:00"), `"answered_at":`+march("07 12:00:00"), granted, director, newDate), `"book"`, `"scan"`, 1)
		answer := ask(t, book, "loan", facts, "closing=desk:12:00")
		assert.Equal(t, "on_time", answer.Verdict)
		assert.Contains(t, readings(answer), "closing")
		answer = ask(t, book, "loan", facts, "closing=desk:11:59")
		assert.Equal(t, "late", answer.Verdict)
	})
}

func TestExtensionNotKnown(t *testing.T) {
	book := parse(t, library)
	// A film asked for on the 7th is due on the 8th.
	film := func(seen string, extension ...string) string {
		return `{"loan":{"kind":"film",` + asked("07 10:00:00") + `,"seen_at":` + seen + `,"back":null},"extension":{` + strings.Join(extension, ",") + `}}`
	}
	asked, answered := `"asked_at":`+march("08 10:00:00"), `"answered_at":`+march("08 11:00:00")
	const (
		granted  = `"answer":"granted"`
		director = `"role":"director"`
		newDate  = `"new_open":"2025-03-10"`
	)
	for _, x := range []struct {
		name, facts, verdict, valid string
		defects                     []string
		due                         bool
		lacks                       []string
	}{
		{"who approved: two dues may hold", film(march("09 12:00:00"), asked, answered, granted, newDate), "undetermined", "null", nil, false, []string{"extension.role < lending.film_clock"}},
		{"who approved: late by either", film(march("11 00:00:00"), asked, answered, granted, newDate), "late", "null", nil, false, []string{"extension.role < lending.film_clock"}},
		{"who approved: in time by either", film(march("08 12:00:00"), asked, answered, granted, newDate), "on_time", "null", nil, false, []string{"extension.role < lending.film_clock"}},
		{"when asked", film(march("09 12:00:00"), answered, granted, director, newDate), "undetermined", "null", nil, false, []string{"extension.asked_at < lending.film_clock"}},
		{"when answered", film(march("09 12:00:00"), asked, granted, director, newDate), "undetermined", "null", nil, false, []string{"extension.answered_at < lending.film_clock"}},
		{"whether granted", film(march("09 12:00:00"), asked, answered, director, newDate), "undetermined", "null", nil, false, []string{"extension.answer < lending.film_clock"}},
		{"until when", film(march("09 12:00:00"), asked, answered, granted, director), "undetermined", "null", nil, false, []string{"extension.new_open < lending.film_clock"}},
		{"until when, long ago", film(march("08 12:00:00"), asked, answered, granted, director), "on_time", "null", nil, false, []string{"extension.new_open < lending.film_clock"}},
		{"asked too late, whoever approved", film(march("09 12:00:00"), `"asked_at":`+march("09 10:00:00"), `"answered_at":`+march("09 11:00:00"), granted, newDate), "late", "false", nil, true, []string{"extension.role < lending.film_clock"}},
		{"denied, whoever asked when", film(march("09 12:00:00"), answered, `"answer":"denied"`, director, newDate), "late", "false", nil, true, []string{"extension.asked_at < lending.film_clock"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			answer := ask(t, book, "film", x.facts)
			require.Nil(t, answer.Error)
			assert.Equal(t, x.verdict, answer.Verdict)
			assert.Equal(t, x.valid, string(must(answer.Bool("extended"))))
			defects, _ := answer.Words("defects")
			assert.Equal(t, x.defects, defects)
			_, known := answer.Moment("last")
			assert.Equal(t, x.due, known)
			assert.Equal(t, x.lacks, lacks(answer))
		})
	}

	t.Run("whether there is one", func(t *testing.T) {
		unsure := parse(t, strings.Replace(library, "type: record\n    if_absent: none", "type: record", 1))
		answer := ask(t, unsure, "film", `{"loan":{"kind":"film","asked_at":`+march("07 10:00:00")+`,"seen_at":`+march("09 12:00:00")+`,"back":null}}`)
		assert.Equal(t, "undetermined", answer.Verdict)
		assert.Empty(t, answer.Breaches)
		assert.Equal(t, []string{"extension < lending.film_clock"}, lacks(answer))

		answer = ask(t, unsure, "film", `{"loan":{"kind":"film","asked_at":`+march("07 10:00:00")+`,"seen_at":`+march("08 12:00:00")+`,"back":null}}`)
		assert.Equal(t, "on_time", answer.Verdict, "an extension only ever prolongs")
	})
}

func TestClockExplains(t *testing.T) {
	book := parse(t, library)
	for _, x := range []struct {
		name, facts, zh, en string
	}{
		{
			"working days", loan("book", asked("07 10:00:00"), done("10 10:00:00")),
			"图书：按周一至周五计的3个工作日，自 2025-03-07 10:00 起算，到期 2025-03-12（lending/2）\n" +
				"办理：按期（lending/1；读法 days = weekdays；读法 first_day = left_out；读法 closing = midnight；读法 evening = same_day；读法 unlisted = error）",
			"books: 3 working days (weekdays) from 2025-03-07 10:00, due 2025-03-12 (lending/2)\n" +
				"handling: on time (lending/1; reading days = weekdays; reading first_day = left_out; reading closing = midnight; reading evening = same_day; reading unlisted = error)",
		},
		{
			"days", loan("map", asked("07 10:00:00"), done("12 10:00:00")),
			"地图：2天，自 2025-03-07 10:00 起算，到期 2025-03-09（lending/2）\n办理：超期",
			"maps: 2 calendar days from 2025-03-07 10:00, due 2025-03-09 (lending/2)\nhandling: late",
		},
		{
			"hours", loan("scan", asked("07 10:00:00"), done("07 11:00:00")),
			"扫描：4小时，自 2025-03-07 10:00 起算，到期 2025-03-07 14:00（lending/2）\n办理：按期（lending/1；读法 hours = running）",
			"scans: 4 hours from 2025-03-07 10:00, due 2025-03-07 14:00 (lending/2)\nhandling: on time (lending/1; reading hours = running)",
		},
		{
			"minutes", loan("copy", asked("07 10:00:05"), done("07 11:00:00")),
			"复印：90分钟，自 2025-03-07 10:00:05 起算，到期 2025-03-07 11:30:05",
			"copies: 90 minutes from 2025-03-07 10:00:05, due 2025-03-07 11:30:05",
		},
		{
			"not started", loan("note", `"asked_at":null`),
			"便条：1天，尚未起算（lending/2）\n办理：未起算（lending/1）",
			"notes: 1 calendar day, the clock has not started (lending/2)\nhandling: not started (lending/1)",
		},
		{"no limit", loan("none_of_these"), "", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			answer := ask(t, book, "loan", x.facts)
			if x.zh == "" {
				assert.Empty(t, answer.Explain("zh"))
				return
			}
			assert.True(t, strings.HasPrefix(answer.Explain("zh"), x.zh), answer.Explain("zh"))
			assert.True(t, strings.HasPrefix(answer.Explain("en"), x.en), answer.Explain("en"))
		})
	}
}

func TestEach(t *testing.T) {
	book := parse(t, library)
	const list = `[
		{"id":"a","asked_at":"2025-03-07T10:00:00+08:00","done_at":"2025-03-10T23:59:59+08:00"},
		{"id":"b","asked_at":"2025-03-07T10:00:00+08:00","done_at":"2025-03-11T00:00:00+08:00"},
		{"id":"c","asked_at":"2025-03-07T10:00:00+08:00","done_at":"2025-03-12T00:00:00+08:00","excused":true},
		{"id":"d","asked_at":null,"done_at":null},
		{"id":"e","asked_at":"2025-03-07T10:00:00+08:00","done_at":null,"counted":false}`
	for _, x := range []struct {
		name, facts, verdict, values string
		readings                     []string
		provisional                  bool
	}{
		{"excused in time", `{"loans":` + list + `]}`, "some_late", `{"in_time":["a","c"],"late":["b"],"open":[]}`, nil, false},
		{"excused left out", `{"loans":` + list + `]}`, "some_late", `{"in_time":["a"],"late":["b"],"open":[]}`, []string{"excused=left_out"}, false},
		{"excused late", `{"loans":` + list + `]}`, "some_late", `{"in_time":["a"],"late":["b","c"],"open":[]}`, []string{"excused=late"}, false},
		{
			"open and overdue", `{"as_of":"2025-03-19T10:00:00+08:00","loans":[{"id":"x","asked_at":"2025-03-18T10:00:00+08:00","done_at":null},
				{"id":"y","asked_at":"2025-03-17T10:00:00+08:00","done_at":null}]}`,
			"some_late", `{"in_time":[],"late":["y"],"open":["x"]}`, nil, true,
		},
		{"none", `{"loans":[]}`, "none_late", `{"in_time":[],"late":[],"open":[]}`, nil, false},
		{
			"an unlisted year", `{"loans":[{"id":"x","asked_at":"2095-03-18T10:00:00+08:00","done_at":"2095-03-19T10:00:00+08:00"}]}`,
			"none_late", `{"in_time":["x"],"late":[],"open":[]}`, []string{"days=notices", "unlisted=weekdays"}, true,
		},
	} {
		t.Run(x.name, func(t *testing.T) {
			answer := ask(t, book, "loans", x.facts, x.readings...)
			assert.Equal(t, x.verdict, answer.Verdict)
			assert.JSONEq(t, x.values, values(t, answer))
			assert.Equal(t, x.provisional, answer.Provisional)
			assert.Empty(t, answer.MissingFacts)
		})
	}

	answer := ask(t, book, "loans", `{"loans":`+list+`]}`)
	assert.Contains(t, readings(answer), "excused")
	assert.Contains(t, answer.Explain("en"), "each loan: in time a, c; late b; not yet due none (lending/5; reading days = weekdays; reading unlisted = error; reading excused = in_time)")
	assert.Contains(t, answer.Explain("zh"), "逐件：按时 a、c；超时 b；未到期 无")
	answer = ask(t, book, "loans", `{"loans":[]}`)
	assert.NotContains(t, readings(answer), "excused", "nothing was deemed")

	answer = ask(t, book, "loans", `{"loans":[{"id":"x","asked_at":"2095-03-18T10:00:00+08:00","done_at":null}]}`, "days=notices")
	require.NotNil(t, answer.Error)
	assert.Equal(t, "calendar_year_missing", answer.Failure().Code)
}

func TestEachNotKnown(t *testing.T) {
	book := parse(t, library)
	for _, x := range []struct {
		name, question, facts string
		lacks                 []string
	}{
		{"the list", "loans", `{}`, []string{"loans < lending.each_clock"}},
		{
			"the start of the second", "loans", `{"loans":[{"id":"z","asked_at":"2025-03-07T10:00:00+08:00","done_at":"2025-03-07T10:00:00+08:00"},{"id":"b","done_at":"2025-03-07T11:00:00+08:00"}]}`,
			[]string{"loans[1].asked_at < lending.each_clock"},
		},
		{"when it was done", "loans", `{"loans":[{"id":"b","asked_at":"2025-03-07T10:00:00+08:00"}]}`, []string{"loans[0].done_at < lending.each_clock"}},
		{"the moment of asking", "loans", `{"loans":[{"id":"b","asked_at":"2025-03-07T10:00:00+08:00","done_at":null}]}`, []string{"as_of < lending.each_clock"}},
		{"the month", "due_loans", `{"loans":[{"id":"b","asked_at":"2025-03-07T10:00:00+08:00","done_at":null}]}`, []string{"month < lending.due_clock"}},
		{"the kind", "odd_loans", `{"loans":[]}`, []string{"loan.kind < lending.odd_clock"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			answer := ask(t, book, x.question, x.facts)
			assert.Equal(t, "{}", values(t, answer))
			assert.Equal(t, x.lacks, lacks(answer))
			assert.False(t, answer.Provisional)
		})
	}
}

func TestEachOnly(t *testing.T) {
	book := parse(t, library)
	answer := ask(t, book, "due_loans", `{"month":"2025-03","loans":[
		{"id":"a","asked_at":"2025-02-28T22:59:59+08:00","done_at":"2025-03-05T10:00:00+08:00"},
		{"id":"b","asked_at":"2025-02-28T23:00:00+08:00","done_at":"2025-03-05T10:00:00+08:00"},
		{"id":"c","asked_at":null,"done_at":null}]}`)
	assert.JSONEq(t, `{"in_time":[],"late":["b"]}`, values(t, answer), "what was due in February, and what was not asked for, is left out")

	answer = ask(t, book, "odd_loans", `{"loan":{"kind":"scan"},"loans":[{"id":"a","asked_at":null,"done_at":null}]}`)
	assert.Equal(t, "{}", values(t, answer), "no limit applies")
	assert.Empty(t, answer.MissingFacts)
}

func TestClockMistakes(t *testing.T) {
	for _, x := range []struct{ code, old, new string }{
		{"calendar_without_hours", `calendar: {by: days, weekdays: weekdays, notices: notices}
            first_day`, `calendar: daily
            first_day`},
		{"missing_key", `closes: "18:00"`, `closes: none`},
		{"missing_key", "            id: .id\n            done: .done_at\n            only: .counted", "            done: .done_at\n            only: .counted"},
		{"cannot_be_part", "          film_longer:", "          second:\n            zh: 又一条\n            en: another\n            part_of: loan_clock\n            when: \"true\"\n" +
			"            reason: extension.reason\n            requested_at: extension.asked_at\n            approved_at: extension.asked_at\n            approved: \"true\"\n" +
			"            approver: extension.role\n            approvers: [director]\n          film_longer:"},
		{"clock_without_deadline", "          films: {zh: 影片, en: films, part_of: film_clock,", "          films: {zh: 影片, en: films, part_of: loan_clock,"},
		{"missing_key", "part_of: loan_clock, when: loan.urgent, within: 1 hour", "part_of: loan_clock, when: loan.urgent, within: none"},
		{"unknown_unit", "at_most: {by: longest, days: parameter, otherwise: none}", "at_most: 24 hours"},
		{"unknown_word", "approvers: [director]\n            new", "approvers: [directer]\n            new"},
		{"unknown_word", "own_fault: [no_reason,", "own_fault: [no_reasons,"},
		{"unknown_calendar", "calendar: daily}", "calendar: nightly}"},
		{"out_of_range", `closes: "18:00"`, `closes: "00:00"`},
		{"out_of_range", "at_most: {by: longest, days: parameter, otherwise: none}", "at_most: 0 working days"},
		{"out_of_range", "part_of: loan_clock, when: loan.urgent, within: 1 hour", "part_of: loan_clock, when: loan.urgent, within: 0 hours"},
		{"unknown_fact", "part_of: loan_clock, when: loan.urgent, within: 1 hour", "part_of: loan_clock, when: due != null, within: 1 hour"},
		{"unknown_fact", "part_of: loan_clock, when: loan.urgent, within: 1 hour, from: loan.asked_at", "part_of: loan_clock, when: loan.urgent, within: 1 hour, from: due"},
		{"unknown_fact", "            done: loan.done_at", "            done: due"},
		{"unknown_fact", "            when: extension != null", "            when: due != null"},
		{"must_be_part", "          films: {zh: 影片, en: films, part_of: film_clock,", "          films: {zh: 影片, en: films,"},
	} {
		t.Run(x.code, func(t *testing.T) {
			require.Contains(t, library, x.old)
			_, err := rulebook.Parse("library.yaml", []byte(strings.Replace(library, x.old, x.new, 1)))
			var found diagnostic.List
			require.True(t, errors.As(err, &found), "%v", err)
			var codes []string
			for _, d := range found {
				codes = append(codes, d.Code)
				assert.NotEmpty(t, d.Remedy.ZH, d.Code)
				assert.NotEmpty(t, d.Remedy.EN, d.Code)
			}
			assert.Contains(t, codes, x.code)
		})
	}
}
