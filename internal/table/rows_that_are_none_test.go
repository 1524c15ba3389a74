package table_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/servicerules/rulebook/internal/table"
)

// What stands where an id would, and is none; and ids that look a little like it.
func TestRowsThatAreNone(t *testing.T) {
	for id, code := range map[string]string{
		"合计": "totals_row", "合 计": "totals_row", "合计：": "totals_row", "共计12条": "totals_row", "总计（户）": "totals_row", "6月小计": "totals_row", "城东营业部合计": "totals_row",
		"Total": "totals_row", "Grand Total: 12": "totals_row", "subtotal": "totals_row", "TOTALS (12)": "totals_row",
		"合计科-01": "", "total-loss-1": "", "Totalenergies": "", "计12": "", "小计划3": "",
		"注：以上": "note_row", "备注": "note_row", "填表人：": "note_row", "Prepared by Smith": "note_row", "第 1 页 共 2 页": "note_row", "Page 1 of 2": "note_row", "以上数据属实。": "note_row", "日期:": "note_row",
		"注册-1": "", "A:1": "", "2025-06-09 10:00 张三": "", "第1营业厅": "", "page1": "", "单位-7": "",
		"1.2E+10": "digits_lost", "1E+10": "digits_lost", "12E+10": "", "1.2e10": "", "E+10": "",
		"#N/A": "formula_error", "#ref!": "formula_error", "####": "formula_error", "#12": "", "#": "", "=A1": "formula_without_value", "=": "", "==": "",
	} {
		got := ""
		if p := table.CheckRow([]string{"编号", "读者"}, 0, []string{id, ""}); p != nil {
			got = p.Code
			assert.NotEmpty(t, p.Message.ZH+p.Message.EN)
			assert.NotEmpty(t, p.Remedy.EN)
		}
		assert.Equal(t, code, got, id)
	}
	assert.Nil(t, table.IDAlone(0, []string{"A"}))
	assert.Nil(t, table.IDAlone(1, []string{"x", "A"}))
	assert.NotNil(t, table.IDAlone(1, []string{"", "A", ""}))
}

// A row that says what records say is one, though its id begins as notes do; what
// is a note by its colon, and sums of numbers, are none whatever stands beside them.
func TestRecordsCalledLikeNotes(t *testing.T) {
	header := []string{"编号", "读者", "定价"}
	for _, c := range []struct {
		id, reader, price, code string
	}{
		{"复核-001", "张三", "8", ""}, {"说明书借阅1", "", "8", ""}, {"填报2025", "张三", "", ""}, {"备注01", "", "0", ""}, {"remark-1", "x", "", ""}, {"审核；补", "张三", "", ""}, {"合计12", "张三", "8", ""}, {"total 7", "x", "", ""},
		{"复核-001", "", "", "note_row"}, {"说明", "", "", "note_row"}, {"备注", "", "", "note_row"}, {"以上属实。", "", "", "note_row"},
		{"复核：", "李四", "", "note_row"}, {"填表人：张三", "审核：李四", "", "note_row"}, {"注：含税", "x", "8", "note_row"}, {"第 1 页 共 2 页", "张三", "", "note_row"},
		{"合计", "张三", "8", "totals_row"}, {"合计", "", "16", "totals_row"}, {"合计12", "", "16", "totals_row"}, {"合计12", "", "1,234.50", "totals_row"}, {"total 7", "", "", "totals_row"},
		{"编号", "读者", "定价", "header_again"}, {"编号", "投诉数", "", "another_table"}, {"record", "x", "", "another_table"},
	} {
		got := ""
		if p := table.CheckRow(header, 0, []string{c.id, c.reader, c.price}); p != nil {
			got = p.Code
		}
		assert.Equal(t, c.code, got, "%v", c)
	}
}
