package forms_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
)

// rental is a rulebook whose labels hold what a format would take for verbs.
const rental = `
rulebook: {id: rental, title: {zh: 出租, en: Rental}, zone: Asia/Shanghai, in_force: {from: 2020-01-01}, calendar: daily}
calendars:
  daily: {zh: 每天, en: every day, any_year: true, weekend: []}
words:
  defect:
    no_reason: {zh: 100%v 无理由, en: 100%v no reason}
    requested_after_due: {zh: 晚申请, en: asked for too late}
    approved_after_due: {zh: 晚批准, en: approved too late}
    approver_not_authorised: {zh: 无权, en: not authorised}
    not_approved: {zh: "%[9]d 未批准", en: "%[9]d not approved"}
    too_long: {zh: 太长, en: too long}
    too_often: {zh: 太多次, en: too often}
  status:
    not_started: {zh: 未起算, en: not started}
    running: {zh: 办理中, en: running}
    overdue: {zh: 逾期, en: overdue}
    on_time: {zh: 按期, en: on time}
    late: {zh: 超期, en: late}
    deemed_on_time: {zh: 视同按期, en: deemed on time}
  role:
    owner: {zh: 业主, en: owner}
facts:
  tool: {zh: "%s工具", en: "%s tool", type: name}
  note: {zh: 理由, en: note, type: text, if_absent: none}
  asked_at: {zh: 申请时间, en: asked, type: moment, event: true}
  done_at: {zh: 归还时间, en: done, type: moment, event: true, if_absent: none}
  tools:
    zh: 各件
    en: tools
    type: list
    of:
      type: record
      fields:
        id: {zh: 编号, en: id, type: name}
        asked_at: {zh: 申请时间, en: asked, type: moment, event: true}
        done_at: {zh: 归还时间, en: done, type: moment, event: true}
regulations:
  renting:
    zh: 出租
    en: Renting
    articles:
      "1":
        nature: procedure
        title: {zh: 归还, en: Return}
        text: {zh: 按时归还。, en: Return it in time.}
        clocks:
          one: {zh: 充到 100%d, en: at 100%d, done: done_at}
          every: {zh: 各件 %, en: each %, each: tools, id: .id, done: .done_at}
        deadlines:
          one_due: {zh: "%s 期限", en: "%s limit", part_of: one, within: 1 day, from: asked_at}
          each_due: {zh: 每件, en: each, part_of: every, within: 1 day, from: .asked_at}
        deemings:
          one_lent: {zh: "%!", en: "%!", part_of: one, holds: tool == "50%s"}
        extensions:
          one_longer:
            zh: 延期 %q
            en: longer %q
            part_of: one
            when: tool != null
            reason: note
            requested_at: asked_at
            approved_at: asked_at
            approved: tool == "50%d"
            approver: '"owner"'
            approvers: [owner]
questions:
  one:
    zh: 一件
    en: one
    facts: [tool, note, asked_at, done_at]
    rules: [one]
    verdict: {is: one.status, words: status}
    values: {due: {zh: 到期, en: due, is: one.due}}
  every:
    zh: 各件
    en: every
    facts: [tools]
    rules: [every]
    verdict: {is: '"counted"', words: {counted: {zh: 已计, en: counted}}}
    values: {late: {zh: 超时, en: late, is: every.late}}
`

// TestExplainPercentSigns holds that labels and names are told as they are,
// whatever a format would make of them.
func TestExplainPercentSigns(t *testing.T) {
	book, err := rulebook.Parse("rental.yaml", []byte(rental))
	require.NoError(t, err)
	for _, x := range []struct {
		name, question, facts, zh, en string
	}{
		{
			"a clock", "one",
			`{"tool":"50%s","asked_at":"2025-03-07T10:00:00+08:00","done_at":"2025-03-08T10:00:00+08:00"}`,
			"%s 期限：1天，自 2025-03-07 10:00 起算，到期 2025-03-08（renting/1）\n" +
				"延期 %q：无效：100%v 无理由、%[9]d 未批准（renting/1）\n" +
				"%!：成立：%s工具为50%s（renting/1）\n" +
				"充到 100%d：按期（renting/1）",
			"%s limit: 1 calendar day from 2025-03-07 10:00, due 2025-03-08 (renting/1)\n" +
				"longer %q: not valid: 100%v no reason, %[9]d not approved (renting/1)\n" +
				"%!: holds: %s tool is 50%s (renting/1)\n" +
				"at 100%d: on time (renting/1)",
		},
		{
			"a clock over a list", "every",
			`{"tools":[{"id":"50%s","asked_at":"2025-03-07T10:00:00+08:00","done_at":"2025-03-08T10:00:00+08:00"},
				{"id":"%[2]d%","asked_at":"2025-03-07T10:00:00+08:00","done_at":"2025-03-09T10:00:00+08:00"}]}`,
			"各件 %：按时 50%s；超时 %[2]d%；未到期 无（renting/1）",
			"each %: in time 50%s; late %[2]d%; not yet due none (renting/1)",
		},
	} {
		t.Run(x.name, func(t *testing.T) {
			answer := ask(t, book, x.question, x.facts)
			assert.Equal(t, x.zh, answer.Explain("zh"))
			assert.Equal(t, x.en, answer.Explain("en"))
		})
	}
}

// TestExplainDueOfOpenStatus holds that where a matter is due has its reason, too,
// while it is not known whether it was done.
func TestExplainDueOfOpenStatus(t *testing.T) {
	text := strings.Replace(rental, "done_at: {zh: 归还时间, en: done, type: moment, event: true, if_absent: none}", "done_at: {zh: 归还时间, en: done, type: moment, event: true, if_absent: unknown}", 1)
	for _, within := range []string{"within: 1 day, from: asked_at", "within: 1 week, from: asked_at"} {
		book, err := rulebook.Parse("rental.yaml", []byte(strings.Replace(text, "within: 1 day, from: asked_at", within, 1)))
		require.NoError(t, err)
		answer := ask(t, book, "one", `{"tool":null,"asked_at":"2025-03-07T10:00:00+08:00","as_of":"2025-03-07T11:00:00+08:00"}`)
		due, ok := answer.Moment("due")
		require.True(t, ok)
		assert.Equal(t, "undetermined", answer.Verdict)
		require.NotEmpty(t, answer.Steps("en"))
		assert.Contains(t, answer.Steps("en")[0].Text, "limit: 1 ")
		assert.Contains(t, answer.Steps("en")[0].Text, " from 2025-03-07 10:00, due "+due.Format("2006-01-02"))
		assert.Contains(t, answer.Explain("zh"), "自 2025-03-07 10:00 起算，到期 "+due.Format("2006-01-02"))
	}
}
