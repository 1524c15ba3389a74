package table

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// What stands in tables of offices and is no record: sums, notes, headings of
// groups, rows of a form that nobody has filled in; and ids that a spreadsheet has
// spoilt. Taken for records, they would be counted.

// AnotherTable is the code of a row that is the header of another table: the rows
// below it mean something else.
const AnotherTable = "another_table"

// CheckRow finds a row that is no record, by what stands where its id would, in the
// column at, and by whether it says anything else.
func CheckRow(header []string, at int, cells []string) *Problem {
	id := cells[at]
	switch {
	case id != "" && id == header[at] && slices.Equal(header, cells):
		return &Problem{
			Code: "header_again", Column: Record, Value: id,
			Message: textf("这一行又是表头，不是一条记录", "this is the header once more, not a record"), Remedy: textf("删去这一行", "remove the row"),
		}
	case id != "" && id == header[at], IsRecordHeading(id):
		return &Problem{
			Code: AnotherTable, Column: Record, Value: id,
			Message: textf("这一行像是另一个表的表头：它下面的行不是这个表的记录", "this looks like the header of another table: the rows below are no records of this one"),
			Remedy:  textf("把下面的表放到另一个工作表或文件里；若只是多余的表头，删去这一行", "put the table below into a sheet or file of its own; if it is only a header too many, remove the row"),
		}
	case isTotals(id) && !(endsInDigit(id) && saysWords(at, cells)):
		return &Problem{
			Code: "totals_row", Column: Record, Value: id,
			Message: textf("这一行像是合计，不是一条记录", "this looks like a row of totals, not like a record"), Remedy: textf("删去这一行", "remove the row"),
		}
	case isNote(id), mayBeNote(id) && IDAlone(at, cells) != nil:
		return &Problem{
			Code: "note_row", Column: Record, Value: id,
			Message: textf("这一行像是表下的说明，不是一条记录", "this looks like a note below the table, not like a record"), Remedy: textf("删去这一行，或放到以 # 开头的列里", "remove the row, or put it into a column whose name begins with #"),
		}
	case scientific.MatchString(id):
		return digitsLost(Record, id)
	}
	return formulaText(Record, id)
}

// BelowAnother says of a row below the header of another table that it is no record
// of this one.
func BelowAnother() *Problem {
	return &Problem{
		Code: AnotherTable, Message: textf("这一行在另一个表的表头下面，不是这个表的记录", "this row stands below the header of another table: it is no record of this one"),
		Remedy: textf("把那个表放到另一个工作表或文件里；若那只是多余的表头，删去表头那一行", "put that table into a sheet or file of its own; if it is only a header too many, remove the header"),
	}
}

// endsInDigit reports whether an id may be one that is counted on, as 合计12.
func endsInDigit(id string) bool { return id[len(id)-1] >= '0' && id[len(id)-1] <= '9' }

// saysWords reports whether a row says anything but numbers beside its id: sums are
// numbers.
func saysWords(at int, cells []string) bool {
	return slices.ContainsFunc(cells[:at], isWords) || slices.ContainsFunc(cells[at+1:], isWords)
}

func isWords(cell string) bool {
	return cell != "" && strings.Trim(narrow(cell), "0123456789.,-+%() ") != ""
}

// IDAlone finds a row that says nothing but its id, which stands in a column of it:
// the heading of a group, or a row of a form that nobody has filled in. What it may
// say elsewhere, in tables of lists, is for callers to look at.
func IDAlone(at int, cells []string) *Problem {
	if len(cells) < 2 {
		return nil // there is nothing else that it could say
	}
	for i, c := range cells {
		if i != at && c != "" {
			return nil
		}
	}
	return &Problem{
		Code: "row_without_facts", Column: Record, Value: cells[at],
		Message: textf("这一行除了编号什么也没有", "the row says nothing but its id"), Remedy: textf("不是记录就删去；是记录，就填上知道的", "remove it if it is no record, else write what is known"),
	}
}

var (
	totalsWords = []string{"合计", "总计", "小计", "共计", "累计"}
	totalsRow   = regexp.MustCompile(`^(?:grand|sub)?totals?[^a-z]*$`)
	// behindTotals is what may follow such a word: a number, with its unit.
	behindTotals = regexp.MustCompile(`^[\d\s,.:：，()（）元条笔项户件个人次起宗单%]*$`)
)

// isTotals reports whether an id is what stands before sums: 合计, 6月小计, 共计：12
// 条, total 12.
func isTotals(id string) bool {
	text := strings.ToLower(folded(id))
	if totalsRow.MatchString(text) {
		return true
	}
	return slices.ContainsFunc(totalsWords, func(word string) bool {
		before, behind, found := strings.Cut(text, word)
		return found && behindTotals.MatchString(behind) && len([]rune(before)) <= 8
	})
}

var (
	noteWords = []string{"备注", "说明", "填表", "制表", "填报", "审核", "复核", "负责人签", "数据来源", "prepared by", "remark"}
	pageRow   = regexp.MustCompile(`^第\d+页|^page \d+`)
	// noteBegin is how notes begin that name what follows.
	noteBegin = regexp.MustCompile(`^(?:注|备注|说明|填表人?|制表人?|填报[人单位]*|审核人?|复核人?|负责人签[字名章]*|单位|数据来源|notes?|source|prepared by|remarks?)[:：]`)
)

// isNote reports whether an id is what people write below a table: it names
// something and goes on behind a colon.
func isNote(id string) bool {
	text := strings.ToLower(strings.TrimSpace(id))
	return strings.HasSuffix(text, "：") || strings.HasSuffix(text, ":") || pageRow.MatchString(strings.ReplaceAll(text, " ", "")) || pageRow.MatchString(text) || noteBegin.MatchString(text)
}

// mayBeNote reports whether an id begins as notes do, or is a sentence. Where the
// row says something else, it is a record all the same.
func mayBeNote(id string) bool {
	text := strings.ToLower(strings.TrimSpace(id))
	return slices.ContainsFunc(noteWords, func(word string) bool { return strings.HasPrefix(text, word) }) ||
		strings.ContainsFunc(text, func(r rune) bool { return r == '。' || r == '；' })
}

// scientific is how spreadsheets write a long number into text, whose last digits
// are gone with it.
var scientific = regexp.MustCompile(`^\d(?:\.\d+)?E\+\d+$`)

func digitsLost(column, value string) *Problem {
	return &Problem{
		Code: "digits_lost", Column: column, Value: value, Message: textf("%s 是表格软件缩写的长数字，末几位已丢了", "%s is a long number that a spreadsheet has shortened; its last digits are gone", Excerpt(value)),
		Remedy: textf("在原表里把这一列设为文本格式，重新填写再导出", "give the column the format text in the spreadsheet, fill it in again and export it"),
	}
}

// formulaErrors are what spreadsheets write where a formula has no value.
var formulaErrors = []string{"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#GETTING_DATA", "#BLOCKED!", "#UNKNOWN!", "#FIELD!"}

// formulaText finds a cell of text that is a formula, or what one came to that has
// no value; it may have been taken for a name.
func formulaText(column, text string) *Problem {
	if text == "" || text[0] != '#' && text[0] != '=' {
		return nil
	}
	switch {
	case slices.Contains(formulaErrors, strings.ToUpper(text)) || strings.Trim(text, "#") == "" && len(text) > 2:
		return &Problem{Code: "formula_error", Column: column, Value: Excerpt(text), Message: textf("公式出错，或列太窄没有显示出来：%s", "a formula has an error, or the column was too narrow: %s", Excerpt(text)),
			Remedy: textf("在原表里改正，或直接填写值", "correct it in the spreadsheet, or write the value")}
	case text[0] == '=' && len(text) > 1 && strings.ContainsFunc(text[1:], func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }):
		return &Problem{Code: "formula_without_value", Column: column, Value: Excerpt(text), Message: textf("这是公式的文字，不是它的值：%s", "this is the text of a formula and not its value: %s", Excerpt(text)),
			Remedy: textf("填写算出的值", "write the value that it comes to")}
	}
	return nil
}
