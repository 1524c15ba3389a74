package forms_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
)

// counter is a rulebook with nothing but a clock and two deadlines.
const counter = `
rulebook:
  id: counter
  title: {zh: 柜台约定, en: Terms of a counter}
  zone: Asia/Shanghai
  in_force: {from: 2020-01-01}
facts:
  order:
    zh: 订单
    en: order
    type: record
    fields:
      kind:
        zh: 类别
        en: kind
        type: word
        words: {print: {zh: 印刷, en: print}, repair: {zh: 修理, en: repair}}
      asked_at: {zh: 下单时间, en: ordered, type: moment}
      done_at: {zh: 完成时间, en: done, type: moment}
questions:
  order.status:
    zh: 订单是否按期
    en: is the order on time
    facts: [order]
    rules: [order_clock]
    verdict: {is: order_clock.status, if_none: no_limit, words: {no_limit: {zh: 无时限, en: no limit}, not_started: {zh: 未起算, en: not started}, running: {zh: 办理中, en: running}, overdue: {zh: 逾期, en: overdue}, on_time: {zh: 按期, en: on time}, late: {zh: 超期, en: late}, deemed_on_time: {zh: 视同, en: deemed}}}
    values:
      due: {zh: 到期, en: due, is: order_clock.due}
regulations:
  orders:
    zh: 订单
    en: Orders
    articles:
      "1":
        nature: deadline
        title: {zh: 期限, en: Limits}
        text: {zh: 印刷五个工作日，修理四十八小时。, en: "Print in five working days, repair in 48 hours."}
        clocks:
          order_clock: {zh: 订单计时, en: clock of an order, done: order.done_at}
        deadlines:
          print: {zh: 印刷, en: print, part_of: order_clock, when: 'order.kind == "print"', within: 5 working days, from: order.asked_at}
          repair: {zh: 修理, en: repair, part_of: order_clock, when: 'order.kind == "repair"', within: 48 hours, from: order.asked_at}
`

// BenchmarkClock is a decision that is a plain clock: the deadline is chosen,
// the due found and the status judged. No allocation but the answer.
func BenchmarkClock(b *testing.B) {
	type order struct {
		Kind  string    `rulebook:"order.kind"`
		Asked time.Time `rulebook:"order.asked_at"`
		Done  time.Time `rulebook:"order.done_at"`
	}
	book, err := rulebook.Parse("counter.yaml", []byte(counter))
	require.NoError(b, err)
	start := time.Date(2025, 6, 16, 2, 0, 0, 0, time.UTC)
	for _, x := range []struct {
		name    string
		order   order
		verdict string
	}{
		{"days", order{"print", start, start.Add(100 * time.Hour)}, "on_time"},
		{"hours", order{"repair", start, start.Add(100 * time.Hour)}, "late"},
		{"open", order{Kind: "repair", Asked: start}, "overdue"},
	} {
		b.Run(x.name, func(b *testing.B) {
			ask, err := rulebook.Bind[order](book, "order.status")
			require.NoError(b, err)
			now := rulebook.AsOf(start.Add(1000 * time.Hour))
			a, err := ask.Decide(x.order, now)
			require.NoError(b, err)
			require.Equal(b, x.verdict, a.Verdict)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ask.Decide(x.order, now); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
