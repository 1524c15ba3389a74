package spreadsheet_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/servicerules/rulebook/internal/table"
)

// More tables of offices, as clerks have them, each with the right outcome: the
// records that are asked about, and what is found.
func TestMoreTablesOfOffices(t *testing.T) {
	style := func(f *excelize.File, cells, code string) {
		s, err := f.NewStyle(&excelize.Style{CustomNumFmt: &code})
		require.NoError(t, err)
		for _, c := range strings.Fields(cells) {
			require.NoError(t, f.SetCellStyle("Sheet1", c, c, s))
		}
	}
	h := []any{"编号", "读者", "类别", "借出时间", "归还时间", "会员", "定价"}
	r := func(x ...any) []any { return x }
	local := table.How{Local: true}
	for _, c := range []struct {
		name  string
		want  []string // the ids of the records that are asked about, then what is found
		files fstest.MapFS
	}{
		{"two header rows, unmerged", []string{`loans.xlsx:1  "7" wrong_number_of_cells`}, dir("loans.xlsx", workbook(t, [][]any{r("借阅", nil, nil, "时间"), h, r("A1", "张三", "影片", lent, lent, false, 8)}))},
		{"two header rows merged vertically", []string{`loans.xlsx:1  "" merged_headings`}, dir("loans.xlsx", workbook(t, [][]any{r("编号", "读者", "类别", "借阅", nil, "会员"), r(nil, nil, nil, "借出时间", "归还时间", nil), r("A1", "张三", "影片", lent, lent, false)}, func(f *excelize.File) {
			for _, m := range []string{"A1:A2", "B1:B2", "C1:C2", "D1:E1", "F1:F2"} {
				a, b, _ := strings.Cut(m, ":")
				require.NoError(t, f.MergeCell("Sheet1", a, b))
			}
		}))},
		{"starts at C5", []string{`A1`}, dir("loans.xlsx", workbook(t, [][]any{{}, {}, {}, {}, append(r(nil, nil), h...), append(r(nil, nil), "A1", "张三", "影片", lent, lent, false, 8)}))},
		{"starts at C5 with title in C3", []string{`A1`}, dir("loans.xlsx", workbook(t, [][]any{{}, {}, r(nil, nil, "借阅表"), {}, append(r(nil, nil), h...), append(r(nil, nil), "A1", "张三", "影片", lent, lent, false, 8)}))},
		{"two tables in a sheet", []string{`A1`, `loans.xlsx A4 编号 "编号" another_table`}, dir("loans.xlsx", workbook(t, [][]any{h, r("A1", "张三", "影片", lent, lent, false, 8), {}, r("编号", "投诉数"), r("B1", 3)}))},
		{"two tables side by side", []string{`loans.xlsx I1 编号 "" unknown_column`, `loans.xlsx J1 投诉数 "" unknown_column`}, dir("loans.xlsx", workbook(t, [][]any{append(append([]any{}, h...), nil, "编号", "投诉数"), append(r("A1", "张三", "影片", lent, lent, false, 8), nil, "B1", 3)}))},
		{"percent format", []string{`loans.xlsx G2 定价 "0.08" not_an_integer`}, dir("loans.xlsx", workbook(t, [][]any{h, r("A1", "张三", "影片", lent, lent, false, 0.08)}, func(f *excelize.File) { style(f, "G2", "0%") }))},
		{"thousands", []string{`A1`}, dir("loans.xlsx", workbook(t, [][]any{h, r("A1", "张三", "影片", lent, lent, false, 1234)}, func(f *excelize.File) { style(f, "G2", "#,##0") }))},
		{"thousands as text", []string{`loans.csv:2 定价 "1,234" not_an_integer`, `loans.csv:3 定价 "1，234" not_an_integer`, `loans.csv:4 定价 "12,34" not_an_integer`}, dir("loans.csv", separated(',', [][]any{h, r("A1", "张三", "影片", lent, lent, false, "1,234"), r("A2", "张三", "影片", lent, lent, false, "1，234"), r("A3", "张三", "影片", lent, lent, false, "12,34")}))},
		{"negative red parentheses", []string{`loans.xlsx G2 定价 "-5" out_of_range`}, dir("loans.xlsx", workbook(t, [][]any{h, r("A1", "张三", "影片", lent, lent, false, -5)}, func(f *excelize.File) { style(f, "G2", "#,##0_);[Red](#,##0)") }))},
		{"negative parentheses as text", []string{`loans.csv:2 定价 "(5)" not_an_integer`, `loans.csv:3 定价 "￥5" not_an_integer`, `loans.csv:4 定价 "5元" not_an_integer`, `loans.csv:5 定价 "5.00" not_an_integer`, `loans.csv:6 定价 "５" not_an_integer`}, dir("loans.csv", separated(',', [][]any{h, r("A1", "张三", "影片", lent, lent, false, "(5)"), r("A2", "张三", "影片", lent, lent, false, "￥5"), r("A3", "张三", "影片", lent, lent, false, "5元"), r("A4", "张三", "影片", lent, lent, false, "5.00"), r("A5", "张三", "影片", lent, lent, false, "５")}))},
		{"yes no marks", []string{`A1`, `A2`, `A7`, `A8`, `loans.csv:4 会员 "有" not_a_boolean`, `loans.csv:5 会员 "1" not_a_boolean`, `loans.csv:6 会员 "0" not_a_boolean`, `loans.csv:7 会员 "Y" not_a_boolean`, `loans.csv:10 会员 "非" not_a_boolean`}, dir("loans.csv", separated(',', [][]any{h, r("A1", "张三", "影片", lent, lent, "√", 8), r("A2", "张三", "影片", lent, lent, "×", 8), r("A3", "张三", "影片", lent, lent, "有", 8), r("A4", "张三", "影片", lent, lent, "1", 8), r("A5", "张三", "影片", lent, lent, "0", 8), r("A6", "张三", "影片", lent, lent, "Y", 8), r("A7", "张三", "影片", lent, lent, "✓", 8), r("A8", "张三", "影片", lent, lent, " 是\u3000", 8), r("A9", "张三", "影片", lent, lent, "非", 8)}))},
		{"yes no as numbers in workbook", []string{`loans.xlsx F2 会员 "1" not_a_boolean`, `loans.xlsx F3 会员 "0" not_a_boolean`}, dir("loans.xlsx", workbook(t, [][]any{h, r("A1", "张三", "影片", lent, lent, 1, 8), r("A2", "张三", "影片", lent, lent, 0, 8)}))},
		{"phone as number", []string{`1001`, `A1`}, dir("loans.xlsx", workbook(t, [][]any{h, r("A1", int64(13912345678), "影片", lent, lent, false, 8), r(1001, 139.5, "影片", lent, lent, false, 8)}))},
		{"leading zeros by format", []string{`00007`, `00012`}, dir("loans.xlsx", workbook(t, [][]any{h, r(7, "张三", "影片", lent, lent, false, 8), r(12, 3, "影片", lent, lent, false, 8)}, func(f *excelize.File) { style(f, "A2 A3 B3", "00000") }))},
		{"nbsp and wide spaces", []string{`A1`, `A2`}, dir("loans.csv", separated(',', [][]any{r("编号 ", "读者\u3000", "类\u00a0别", "借出时间\u00a0", "归还时间", "会员", "定价"), r("A1\u00a0", "\u3000张三", "影\u3000片", "2025-06-09 10:00\u00a0", lent, "否\u00a0", "8 "), r("A2", "李\u200b四", "影片\u200b", "2025-06-09\u00a010:00", lent, "否\u200b", "8\u200b")}))},
		{"line breaks in cells", []string{`A1`, `loans.xlsx A3 编号 "A\n2" bad_id`}, dir("loans.xlsx", workbook(t, [][]any{r("编号", "读者", "类别", "借出\n时间", "归还时间", "会员", "定价"), r("A1", "张三\n李四", "影片", "2025-06-09\n10:00", lent, false, 8), r("A\n2", "张三", "影片", lent, lent, false, 8)}))},
		{"24:00 and durations", []string{`A5`, `A6`, `loans.csv:2 借出时间 "2025-06-09 24:00" uncertain_time`, `loans.csv:2 归还时间 "2025/6/10 24:00:00" uncertain_time`, `loans.csv:3 借出时间 "2025-06-09 24:01" not_a_moment`, `loans.csv:4 借出时间 "36:00:00" not_a_moment`, `loans.csv:5 借出时间 "10:00" not_a_moment`, `loans.csv:8 借出时间 "25/6/9 15:05" not_a_moment`, `loans.csv:8 归还时间 "6月9日 15:05" not_a_moment`}, dir("loans.csv", separated(',', [][]any{h, r("A1", "张三", "影片", "2025-06-09 24:00", "2025/6/10 24:00:00", false, 8), r("A2", "张三", "影片", "2025-06-09 24:01", nil, false, 8), r("A3", "张三", "影片", "36:00:00", nil, false, 8), r("A4", "张三", "影片", "10:00", nil, false, 8), r("A5", "张三", "影片", "2025年6月9日下午3时", "2025-06-09 下午 3:05", false, 8), r("A6", "张三", "影片", "2025-6-9 PM 3:05", "2025.6.9 15:05", false, 8), r("A7", "张三", "影片", "25/6/9 15:05", "6月9日 15:05", false, 8)}))},
		{"time only cells and durations in xlsx", []string{`loans.xlsx D2 借出时间 "12:00:00" not_a_moment`, `loans.xlsx E2 归还时间 "1.5" not_a_moment`}, dir("loans.xlsx", workbook(t, [][]any{h, r("A1", "张三", "影片", 0.5, 1.5, false, 8)}, func(f *excelize.File) { style(f, "D2", "h:mm"); style(f, "E2", "[h]:mm:ss") }))},
		{"excel errors", []string{`loans.xlsx F2 会员 "#N/A" formula_error`, `loans.xlsx B3 读者 "#N/A" formula_error`}, dir("loans.xlsx", workbook(t, [][]any{h, r("A1", "张三", "影片", lent, lent, "#N/A", 8), r("A2", "#N/A", "影片", lent, lent, false, 8)}))},
		{"currency format", []string{`A1`, `loans.xlsx G3 定价 "8.5" not_an_integer`}, dir("loans.xlsx", workbook(t, [][]any{h, r("A1", "张三", "影片", lent, lent, false, 8), r("A2", "张三", "影片", lent, lent, false, 8.5)}, func(f *excelize.File) { style(f, "G2 G3", "\"¥\"#,##0.00") }))},
		{"merged group cells left", []string{`loans.xlsx A1 部门 "" record_column_missing`}, dir("loans.xlsx", workbook(t, [][]any{r("部门", "编号", "读者", "类别", "借出时间"), r("城东", "A1", "张三", "影片", lent), r(nil, "A2", "李四", "影片", lent), r("城西", "A3", "王五", "影片", lent)}, func(f *excelize.File) { require.NoError(t, f.MergeCell("Sheet1", "A2", "A3")) }))},
		{"date1904", []string{`A1`}, dir("loans.xlsx", patched(t, workbook(t, [][]any{h, r("A1", "张三", "影片", lent.AddDate(-4, 0, -1), lent.AddDate(-4, 0, -1), false, 8)}), "xl/workbook.xml", `<workbookPr`, `<workbookPr date1904="1"`))},
		{"mixed dates", []string{`A1`, `A2`, `A3`, `loans.csv:5 借出时间 "Jun 9, 2025 10:00" not_a_moment`, `loans.csv:5 归还时间 "9-Jun-2025 10:00" not_a_moment`}, dir("loans.csv", separated(',', [][]any{h, r("A1", "张三", "影片", "2025/6/9 10:00", "2025-06-09T10:30:00+08:00", false, 8), r("A2", "张三", "影片", "45817.4166666667", "2025年6月9日 10:30", false, 8), r("A3", "张三", "影片", "13/06/2025 10:00", "06/13/2025 10:00", false, 8), r("A4", "张三", "影片", "Jun 9, 2025 10:00", "9-Jun-2025 10:00", false, 8)}))},
		{"duplicated header", []string{`loans.csv:1 reader "" duplicate_column`}, dir("loans.csv", separated(',', [][]any{append(append([]any{}, h...), "读者"), r("A1", "张三", "影片", lent, lent, false, 8, "李四")}))},
		{"duplicated header in a workbook", []string{`loans.xlsx H1 reader "" duplicate_column`}, dir("loans.xlsx", workbook(t, [][]any{append(append([]any{}, h...), "读者"), r("A1", "张三", "影片", lent, lent, false, 8, "李四")}))},
		{"duplicated unused", []string{`A1`}, dir("loans.csv", separated(',', [][]any{append(append([]any{}, h...), "#说明", "#说明"), r("A1", "张三", "影片", lent, lent, false, 8, "李四", "x")}))},
		{"hidden column and row", []string{`A1`, `A2`}, dir("loans.xlsx", workbook(t, [][]any{h, r("A1", "张三", "影片", lent, lent, false, 8), r("A2", "李四", "影片", lent, lent, false, 8)}, func(f *excelize.File) {
			require.NoError(t, f.SetColVisible("Sheet1", "G", false))
			require.NoError(t, f.SetRowVisible("Sheet1", 3, false))
		}))},
		{"filtered rows", []string{`A1`}, dir("loans.xlsx", workbook(t, [][]any{h, r("A1", "张三", "影片", lent, lent, false, 8)}, func(f *excelize.File) { require.NoError(t, f.AutoFilter("Sheet1", "A1:G2", nil)) }))},
		{"GB18030 rare", []string{`loans.csv:1  "" unknown_encoding`}, dir("loans.csv", gb18030(t, separated(',', [][]any{h, r("A1", "𠮷田", "影片", lent, lent, false, 8), r("A2", "㐂㛃", "影片", lent, lent, false, 8), r("A3", "€5", "影片", lent, lent, false, 8)})))},
		{"UTF-16LE no mark", []string{`A1`}, dir("loans.csv", utf16(t, separated('\t', [][]any{h, r("A1", "张三", "影片", lent, lent, false, 8)}))[2:])},
		{"16,000 empty columns", []string{`A1`, `A2`}, dir("loans.csv", strings.ReplaceAll(separated(',', [][]any{h, r("A1", "张三", "影片", lent, lent, false, 8), r("A2", "张三", "影片", lent, lent, false, 8)}), "\n", strings.Repeat(",", 16000)+"\n"))},
		{"no header", []string{`loans.csv:1 A1 "" record_column_missing`, `loans.csv:1 2025/6/9 10:00 "" duplicate_column`}, dir("loans.csv", separated(',', [][]any{r("A1", "张三", "影片", lent, lent, false, 8)}))},
		{"header repeated per page", []string{`A1`, `A2`, `loans.csv:3 编号 "编号" header_again`}, dir("loans.csv", separated(',', [][]any{h, r("A1", "张三", "影片", lent, lent, false, 8), h, r("A2", "张三", "影片", lent, lent, false, 8)}))},
		{"serial without header type", []string{`loans.csv:2 借出时间 "45817" not_a_moment`}, dir("loans.csv", separated(',', [][]any{h, r("A1", "张三", "影片", "45817", "45817.5", false, 8)}))},
		{"apostrophe", []string{`loans.csv:2 定价 "'8" not_an_integer`}, dir("loans.csv", separated(',', [][]any{h, r("'A1", "'张三", "影片", lent, lent, false, "'8")}))},
		{"ids 复核", []string{`合计12`, `填报2025`, `备注01`, `复核-001`, `说明书借阅1`, `loans.csv:7 编号 "复核人：李" note_row`, `loans.csv:8 编号 "合计" totals_row`}, dir("loans.csv", separated(',', [][]any{h, r("复核-001", "张三", "影片", lent, lent, false, 8), r("说明书借阅1", "张三", "影片", lent, lent, false, 8), r("填报2025", "张三", "影片", lent, lent, false, 8), r("合计12", "张三", "影片", lent, lent, false, 8), r("备注01", "张三", "影片", lent, lent, false, 8), r("复核人：李", nil, nil, nil, nil, nil, nil), r("合计", nil, nil, nil, nil, nil, 16)}))},
		{"half width words", []string{`A1`, `A3`, `loans.csv:3 类别 "Film" unknown_word`, `loans.csv:5 类别 "电影" unknown_word`}, dir("loans.csv", separated(',', [][]any{h, r("A1", "张三", "film", lent, lent, false, 8), r("A2", "张三", "Film", lent, lent, false, 8), r("A3", "张三", "影片 ", lent, lent, "FALSE", 8), r("A4", "张三", "电影", lent, lent, "False", 8)}))},
	} {
		rep := reviewed(t, local, c.files)
		var got []string
		for _, s := range rep.Sections {
			for _, x := range s.Records {
				got = append(got, x.ID)
			}
		}
		for _, f := range seen(t, rep) {
			if !strings.Contains(f, "unknown_table") {
				got = append(got, f)
			}
		}
		assert.Equal(t, c.want, got, c.name)
	}
}
