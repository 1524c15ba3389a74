package spreadsheet_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/internal/testsize"
)

// head are the headings of a small table, and row one loan of it.
var (
	head = []any{"编号", "读者", "类别", "借出时间", "归还时间", "会员"}
	lent = time.Date(2025, 6, 9, 10, 0, 0, 0, time.UTC)
	row  = []any{"A1", "张三", "影片", lent, lent.Add(time.Hour), false}
)

// Tables as offices have them, each with the right outcome: how many records are
// asked about, what is found, and what is said of how the table is written.
func TestTablesOfOffices(t *testing.T) {
	text := func(rows ...[]any) string { return separated(',', rows) }
	with := func(column int, value any) []any {
		x := append([]any(nil), row...)
		x[column] = value
		return x
	}
	local := table.How{Local: true}
	many := func(n int) [][]any {
		all := [][]any{head}
		for i := range n {
			all = append(all, append([]any{fmt.Sprint("L", i)}, row[1:]...))
		}
		return all
	}
	set := func(cell string, v any) func(*excelize.File) {
		return func(f *excelize.File) { require.NoError(t, f.SetCellValue("Sheet1", cell, v)) }
	}
	merge := func(from, to string) func(*excelize.File) {
		return func(f *excelize.File) { require.NoError(t, f.MergeCell("Sheet1", from, to)) }
	}
	wide := []any{"编号", "读者"}
	for i := range 16_000 {
		wide = append(wide, fmt.Sprint("#", i))
	}
	for name, c := range map[string]struct {
		how     table.How
		files   fstest.MapFS
		records int
		found   []string
		said    string
	}{
		"GB18030, quoted line ends": {
			how: local, files: dir("loans.csv", gb18030(t, text(append(head, "#备注"), append(row, "第一行\n第二行")))), records: 1, said: "GB18030, commas",
		},
		"empty columns and rows behind": {
			how: local, files: dir("loans.csv", gb18030(t, text(append(head, "", ""), append(row, "", ""), []any{"", "", "", "", "", "", "", ""}))), records: 1, said: "GB18030, commas",
		},
		"encoding that nobody can know": {
			files: dir("loans.csv", []byte("record,reader\nA,M\xfcller\n")), found: []string{`loans.csv:1  "" unknown_encoding`},
		},
		"encoding that is named": {
			how: table.How{Encoding: "windows-1252"}, files: dir("loans.csv", []byte("record;reader\nA;M\xfcller\n")), records: 1, said: "Windows-1252, semicolons",
		},
		"lists between commas": {
			files: dir("loans.csv", "编号,读者,#提醒\nA,张三,电话;短信;信件;上门\nB,李四,电话;短信;信件;上门\n"), records: 2,
		},
		"decimal commas between semicolons": {
			files: dir("loans.csv", "编号;读者;#元;#角\nA;张三;1,5,0;2,5,0\nB;李四;1,5,0;2,5,0\n"), records: 2, said: "UTF-8, semicolons",
		},
		"encoding of review.yaml": {
			files: dir("loans.csv", []byte("record;reader\nA;M\xfcller\n"), "review.yaml", "encoding: windows-1252\n"), records: 1, said: "Windows-1252, semicolons",
		},
		"UTF-16 cut off in a character": {
			files: dir("loans.csv", utf16(t, "record\treader\nA\tB\n")[:31]), found: []string{`loans.csv:2 A "�" not_utf8`}, said: "UTF-16, tabs",
		},
		"uncertain date": {
			how: local, files: dir("loans.csv", text(head, with(3, "03/06/2025 10:00"))), found: []string{`loans.csv:2 借出时间 "03/06/2025 10:00" uncertain_date`},
		},
		"uncertain date, settled": {
			how: table.How{Local: true, Days: table.DayFirst}, files: dir("loans.csv", text(head, with(3, "03/06/2025 10:00"))), records: 1,
		},
		"date settled by its day": {
			how: local, files: dir("loans.csv", text(head, with(4, "13/06/2025 4:05 PM"))), records: 1,
		},
		"time without a zone, nobody says which": {
			files: dir("loans.csv", text(head, row)), found: []string{`loans.csv:2 借出时间 "2025/6/9 10:00" not_a_moment`, `loans.csv:2 归还时间 "2025/6/9 11:00" not_a_moment`},
		},
		"Chinese dates": {
			how: local, files: dir("loans.csv", text(head, with(3, "2025年6月9日 上午10时30分"), append([]any{"A2"}, with(4, "2025年6月10日下午1:05")[1:]...))), records: 2,
		},
		"serial numbers": {
			files: dir("loans.xlsx", workbook(t, [][]any{head, with(3, 45817.4166666667)})), records: 1,
		},
		"heading over merged cells": {
			files: dir("loans.xlsx", workbook(t, [][]any{{"2025年6月借阅"}, head, row}, merge("A1", "F1"))), records: 1,
		},
		"headings in groups": {
			files: dir("loans.xlsx", workbook(t, [][]any{{"借阅", nil, nil, "时间"}, head, row}, merge("A1", "C1"), merge("D1", "E1"))), found: []string{`loans.xlsx:1  "" merged_headings`},
		},
		"one reader for three rows": {
			files: dir("loans.xlsx", workbook(t, many(3), set("B3", nil), set("B4", nil), merge("B2", "B4"))), records: 1,
			found: []string{`loans.xlsx B3 读者 "" merged_cell`, `loans.xlsx B4 读者 "" merged_cell`},
		},
		"totals below": {
			files: dir("loans.xlsx", workbook(t, append(many(2), []any{"合计", nil, nil, nil, nil, nil}))), records: 2, found: []string{`loans.xlsx A4 编号 "合计" totals_row`},
		},
		"a hidden sheet, which is told": {
			files: dir("2025-06.xlsx", workbook(t, [][]any{{"说明"}}, func(f *excelize.File) {
				_, err := f.NewSheet("loans")
				require.NoError(t, err)
				require.NoError(t, f.SetSheetRow("loans", "A1", &head))
				require.NoError(t, f.SetSheetRow("loans", "A2", &row))
				require.NoError(t, f.SetSheetVisible("loans", false))
			})), records: 1, said: "a hidden sheet",
		},
		"notes, sums and headings of groups": {
			how: local, files: dir("loans.csv", text(head, []any{"城区", "", "", "", "", ""}, row, []any{"小计", "", "", "", "", ""}, []any{"合计：1 条", "", "", "", "", ""}, []any{"6月累计", "", "", 3, "", ""},
				[]any{"", "", "", "", "", ""}, []any{"填表人：张三", "", "", "", "", ""}, []any{"审核：", "李四", "", "", "", ""}, []any{"注：本表由各馆汇总。", "", "", "", "", ""}, []any{"A2", "", "", "", "", ""})), records: 1,
			found: []string{`loans.csv:2 编号 "城区" row_without_facts`, `loans.csv:4 编号 "小计" totals_row`, `loans.csv:5 编号 "合计：1 条" totals_row`, `loans.csv:6 编号 "6月累计" totals_row`,
				`loans.csv:8 编号 "填表人：张三" note_row`, `loans.csv:9 编号 "审核：" note_row`, `loans.csv:10 编号 "注：本表由各馆汇总。" note_row`, `loans.csv:11 编号 "A2" row_without_facts`},
		},
		"texts of formulas, and numbers cut short": {
			how: local, files: dir("loans.csv", text(head, with(0, "1.2E+10"), with(0, "=ROW()"), with(0, "#REF!"), append([]any{"B1"}, with(1, "#N/A")[1:]...), append([]any{"B2"}, with(1, "=VLOOKUP(A2,名单,2)")[1:]...),
				append([]any{"B3"}, with(1, "1.10101E+17")[1:]...), append([]any{"B4"}, with(3, "########")[1:]...), append([]any{"#12"}, row[1:]...))), records: 1,
			found: []string{`loans.csv:2 编号 "1.2E+10" digits_lost`, `loans.csv:3 编号 "=ROW()" formula_without_value`, `loans.csv:4 编号 "#REF!" formula_error`, `loans.csv:5 读者 "#N/A" formula_error`,
				`loans.csv:6 读者 "=VLOOKUP(A2,名单,2)" formula_without_value`, `loans.csv:7 读者 "1.10101E+17" digits_lost`, `loans.csv:8 借出时间 "########" formula_error`},
		},
		"digits of full width, and noon that is uncertain": {
			how: local, files: dir("loans.csv", text(head, with(3, "２０２５/６/９　９：３０"), append([]any{"A2"}, with(4, "2025年6月10日 上午12:30")[1:]...))), records: 1,
			found: []string{`loans.csv:3 归还时间 "2025年6月10日 上午12:30" uncertain_time`},
		},
		"a day without a time": {
			files: dir("loans.xlsx", workbook(t, [][]any{head, with(3, "2025/6/9")})), found: []string{`loans.xlsx D2 借出时间 "2025/6/9" not_a_moment`},
		},
		"formula that was never computed": {
			files: dir("loans.xlsx", workbook(t, many(2), set("B2", nil), func(f *excelize.File) { require.NoError(t, f.SetCellFormula("Sheet1", "B2", "A1")) })), records: 1,
			found: []string{`loans.xlsx B2 读者 "" formula_without_value`},
		},
		"formula with an error, in a remark": {
			files: dir("loans.xlsx", patched(t, workbook(t, [][]any{append(head, "#核对"), append(row, 1234.5)}), "xl/worksheets/sheet1.xml", `<v>1234.5</v>`, `<f>A1/0</f><v>#DIV/0!</v>`, `s="9" t="n"`, ``)), records: 1,
		},
		"numbers longer than they are kept": {
			files: dir("loans.xlsx", workbook(t, many(2), set("B2", int64(110101199003076123)))), records: 1, found: []string{`loans.xlsx B2 读者 "110101199003076123" digits_lost`},
		},
		"ids that are numbers": {
			files: dir("loans.xlsx", workbook(t, many(1), set("A2", 1001))), records: 1,
		},
		"16,000 columns": {
			files: dir("loans.xlsx", workbook(t, [][]any{wide})), found: []string{`loans.xlsx:1  "" too_many_columns`},
		},
		"a workbook that is called CSV": {
			files: dir("loans.csv", workbook(t, many(1))), found: []string{`loans.csv:1  "" not_csv`},
		},
		"an old workbook": {
			files: dir("loans.xlsx", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")), found: []string{`loans.xlsx:1  "" old_workbook`},
		},
		"a workbook that is cut off": {
			files: dir("loans.xlsx", workbook(t, many(3))[:3000]), found: []string{`loans.xlsx:1  "" damaged`},
		},
		"a sheet that is cut off": {
			files: dir("loans.xlsx", patched(t, workbook(t, many(3)), "xl/worksheets/sheet1.xml", `</sheetData>`, ``)), found: []string{`loans.xlsx:1  "" damaged`},
		},
		"a label of several facts": {
			files: dir("statements.csv", "编号,读者,类别\n", "loans.csv", text([]any{"编号", "读者", "会员", "会员"}, []any{"A", "张三", "是", "否"})),
			found: []string{`loans.csv:1 member "" duplicate_column`, `statements.csv:1 类别 "" unknown_column`},
		},
		"yes and no": {
			files: dir("loans.csv", "编号,读者,会员\nA,张三,是\nB,李四,否\nC,王五,不是\n"), records: 2, found: []string{`loans.csv:4 会员 "不是" not_a_boolean`},
		},
		"workbook of several tables": {
			files: dir("2025-06.xlsx", workbook(t, many(2), renamed("loans"), func(f *excelize.File) {
				for _, sheet := range []string{"loans.loan.reminders", "说明"} {
					_, err := f.NewSheet(sheet)
					require.NoError(t, err)
				}
				require.NoError(t, f.SetSheetRow("loans.loan.reminders", "A1", &[]any{"编号", "时间", "方式"}))
				require.NoError(t, f.SetSheetRow("loans.loan.reminders", "A2", &[]any{"L1", "2025-06-09 11:00", "电话"}))
			})), records: 2,
		},
		"lines of JSON, one wrong": {
			files: dir("loans.jsonl", "{\"record\": \"A\", \"reader\": \"张三\"}\n{\"record\": \"B\", \"reader\": }\n{\"record\": \"C\", \"reader\": \"\"}\n"), records: 1,
			found: []string{`loans.jsonl:2  "" json_syntax`, `loans.jsonl:3  "" ambiguous_text`},
		},
		"2,000 rows": {
			files: dir("loans.xlsx", workbook(t, many(2_000))), records: 2_000,
		},
	} {
		r := reviewed(t, c.how, c.files)
		var found []string
		for _, f := range seen(t, r) {
			if !strings.Contains(f, "unknown_table") {
				found = append(found, f)
			}
		}
		assert.Equal(t, c.found, found, name)
		assert.Equal(t, c.records, r.Totals.Records, name)
		said := ""
		for _, x := range r.ReadAs {
			said = x.As.EN
		}
		assert.Equal(t, c.said, said, name)
		for _, f := range r.Findings {
			assert.NotEmpty(t, f.Message.ZH+f.Message.EN, name)
			assert.NotEmpty(t, f.Remedy.ZH, name)
			assert.NotEmpty(t, f.Remedy.EN, name)
		}
	}
}

// A workbook that is a bomb is refused, and nothing of it is held.
func TestWorkbooksThatGrow(t *testing.T) {
	parts := func(sheet, texts string) []byte {
		return zipped(t, "xl/workbook.xml", `<workbook xmlns:r="r"><sheets><sheet name="loans" r:id="a"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="a" Type="x/worksheet" Target="s.xml"/><Relationship Id="b" Type="x/sharedStrings" Target="t.xml"/></Relationships>`,
			"xl/s.xml", sheet, "xl/t.xml", texts)
	}
	cells := `<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>record</t></is></c></row></sheetData></worksheet>`
	for name, c := range map[string]struct{ sheet, texts, code string }{
		"one long text":        {cells, "<sst><si><t>" + strings.Repeat("a", 8<<20) + "</t></si></sst>", "workbook_too_large"},
		"many texts":           {cells, "<sst>" + strings.Repeat("<si><t>"+strings.Repeat("a", 1000)+"</t></si>", 70_000) + "</sst>", "workbook_too_large"},
		"a long cell":          {`<worksheet><sheetData><row><c t="inlineStr"><is><t>` + strings.Repeat("b", 3<<20), "<sst/>", "workbook_too_large"},
		"a cell far away":      {`<worksheet><sheetData><row><c r="ZZZZ1"><v>1</v></c></row></sheetData></worksheet>`, "<sst/>", "damaged"},
		"a row far away":       {`<worksheet><sheetData><row r="99999999"><c><v>1</v></c></row></sheetData></worksheet>`, "<sst/>", "damaged"},
		"a text that is not":   {`<worksheet><sheetData><row><c t="s"><v>7</v></c></row></sheetData></worksheet>`, "<sst/>", "damaged"},
		"elements in elements": {strings.Repeat("<a>", 1000), "<sst/>", "damaged"},
		"cells backwards":      {`<worksheet><sheetData><row><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row></sheetData></worksheet>`, "<sst/>", "damaged"},
	} {
		if name == "many texts" && testsize.Pick(true, true, false) {
			continue // takes seconds to read
		}
		r := reviewed(t, table.How{}, dir("loans.xlsx", parts(c.sheet, c.texts)))
		if assert.Len(t, r.Findings, 1, name) {
			assert.Equal(t, c.code, r.Findings[0].Code, name)
		}
	}
}
