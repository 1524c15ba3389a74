package forms_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// orders is a rulebook that computes something of each line of an order, and of
// the lines by item.
const orders = `
rulebook: {id: orders, title: {zh: 订单, en: orders}, zone: UTC, currency: GBP, in_force: {from: 2019-04-01}}
words:
  said: {ok: {zh: 可, en: fine}, late: {zh: 迟, en: late}}
  item: {pen: {zh: 笔, en: pen}, book: {zh: 书, en: book}}
facts:
  lines:
    zh: 订单行
    en: lines
    type: list
    of:
      type: record
      fields:
        id: {zh: 行号, en: line, type: name}
        item: {zh: 品名, en: item, type: word, words: item}
        count: {zh: 数量, en: number, type: count}
        price: {zh: 单价, en: price, type: money}
        due_on: {zh: 到期, en: due, type: date, if_absent: unknown}
        sent: {zh: 发出, en: sent, type: date}
regulations:
  o:
    zh: 订单
    en: Orders
    articles:
      "1":
        nature: threshold
        title: {zh: 逐行, en: line by line}
        text: {zh: 逐行计算。, en: Each line is computed.}
        figures:
          charges:
            zh: 各行
            en: charges
            each: lines
            fields:
              id: .id
              item: .item
              total: .price * .count
              late: .sent != null and .sent > .due_on
            columns: {total: {zh: 合计, en: total}}
          late_charges:
            zh: 迟发的行
            en: late lines
            is: filter(charges.value, .late)
            quiet: true
          late_total:
            zh: 迟发合计
            en: total of late lines
            is: sum(late_charges.value, .total)
          by_item:
            zh: 按品名
            en: by item
            each: lines
            group_by: {item: .item}
            fields: {lines: len(group), most: 'greatest(map(group, .count))', total: 'sum(group, .price * .count)'}
            columns: {lines: {zh: 行数, en: lines}, most: {zh: 最多, en: most}, total: {zh: 合计, en: total}}
questions:
  o.late:
    zh: 迟发
    en: what was late
    facts: [lines]
    rules: [late_total]
    verdict: {is: 'late_total.value > 0 GBP ? "late" : "ok"', words: said}
    values:
      total: {zh: 迟发合计, en: total, is: late_total.value}
      charges: {zh: 各行, en: charges, is: charges.value}
  o.total:
    zh: 合计
    en: what is it in all
    facts: [lines]
    rules: [charges]
    verdict: {is: 'all(charges.value, .total < 100 GBP) ? "ok" : "late"', words: said}
    values:
      total: {zh: 合计, en: total, is: 'sum(charges.value, .total)'}
  o.items:
    zh: 按品名
    en: by item
    facts: [lines]
    rules: [by_item]
    verdict: {is: 'any(by_item.value, .item == "pen" and .most > 2) ? "late" : "ok"', words: said}
    values:
      items: {zh: 按品名, en: items, is: by_item.value}
`

const threeLines = `{"lines": [
	{"id": "b", "item": "pen", "count": 2, "price": "1.50", "due_on": "2025-06-01", "sent": "2025-06-03"},
	{"id": "a", "item": "book", "count": 1, "price": "9.98", "due_on": "2025-06-01", "sent": "2025-06-01"},
	{"id": "c", "item": "pen", "count": 3, "price": "1.00", "due_on": "2025-06-01"}]}`

func TestEachFigure(t *testing.T) {
	book := parse(t, orders)
	a := ask(t, book, "o.late", threeLines)
	assert.Equal(t, "late", a.Verdict)
	assert.JSONEq(t, `{"total": "3.00", "charges": [
		{"id": "a", "item": "book", "total": "9.98", "late": false}, {"id": "b", "item": "pen", "total": "3.00", "late": true},
		{"id": "c", "item": "pen", "total": "3.00", "late": false}]}`, valuesOf(t, a))
	assert.Contains(t, a.Explain("en"), "charges: line: b; item: pen; total: £1.50 × 2 = £3.00 (price × number); late: yes")
	assert.Contains(t, a.Explain("zh"), "各行：行号：b；品名：笔；合计：£1.50 × 2 = £3.00（单价 × 数量）")
	v, _ := a.Value("charges")
	assert.Equal(t, "total", v.Items[0].Fields[2].Label.EN)
	assert.Equal(t, "品名", v.Items[0].Fields[1].Label.ZH)
	assert.JSONEq(t, `{"total": "0.00", "charges": []}`, valuesOf(t, ask(t, book, "o.late", `{"lines": []}`)))
}

// What is unknown in one record is named, and does not matter to what does not
// look at it.
func TestEachFigureLacks(t *testing.T) {
	book := parse(t, orders)
	without := func(what string) string {
		return strings.Replace(threeLines, what, "", 1)
	}
	for _, x := range []struct {
		question, facts, verdict string
		missing                  []string
	}{
		{"o.late", without(`"count": 2, `), "undetermined", []string{"lines[0].count < o.charges"}},
		{"o.late", without(`"count": 3, `), "late", []string{"lines[2].count < o.late#charges"}},
		{"o.late", without(`"due_on": "2025-06-01", `), "undetermined", []string{"lines[0].due_on < o.charges", "lines[0].due_on < o.late#charges"}},
		{"o.total", without(`"price": "9.98", `), "undetermined", []string{"lines[1].price < o.charges"}},
		{"o.total", without(`"due_on": "2025-06-01", `), "ok", []string{"lines[0].due_on < o.charges"}}, // which is listed
		{"o.late", `{}`, "undetermined", []string{"lines < o.charges"}},
		{"o.items", without(`"item": "book", `), "undetermined", []string{"lines[1].item < o.by_item"}},
		{"o.items", without(`"count": 3, `), "undetermined", []string{"lines[2].count < o.by_item"}},
		{"o.items", without(`"price": "9.98", `), "late", []string{"lines[1].price < o.by_item"}},
	} {
		a := ask(t, book, x.question, x.facts)
		assert.Equal(t, x.verdict, a.Verdict, x.facts)
		for _, m := range x.missing {
			assert.Contains(t, missing(a), m, "%s %s", x.question, x.facts)
		}
		for _, m := range missing(a) {
			assert.Equal(t, strings.Split(x.missing[0], " < ")[0], strings.Split(m, " < ")[0])
		}
	}
}

func TestGroups(t *testing.T) {
	book := parse(t, orders)
	a := ask(t, book, "o.items", threeLines)
	assert.Equal(t, "late", a.Verdict)
	assert.JSONEq(t, `{"items": [{"item": "pen", "lines": 2, "most": 3, "total": "6.00"}, {"item": "book", "lines": 1, "most": 1, "total": "9.98"}]}`, valuesOf(t, a))
	told := a.Explain("en")
	assert.Contains(t, told, "by item: item: pen; lines: 2; most: the greatest of 2, 3 = 3; total: the sum of £3.00, £3.00 = £6.00 (o/1)")
	assert.Contains(t, a.Explain("zh"), "按品名：品名：笔；行数：2；最多：2、3 中最大的 = 3；合计：£3.00、£3.00 之和 = £6.00（o/1）")
}
