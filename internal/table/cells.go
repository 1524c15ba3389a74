package table

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/policy"
)

// Text is wording in both languages.
type Text = diagnostic.Text

func textf(zh, en string, args ...any) Text { return diagnostic.Textf(zh, en, args...) }

// Limits of what is read.
const (
	MaxCell    = 64 << 10 // bytes
	MaxColumns = 1_000
	MaxID      = 200 // characters
)

// Columns that are no facts.
const (
	Record = "record" // the id of the record
	AsOf   = "as_of"  // when the row's question is asked
)

// Problem is what is wrong with a header or a cell, and what to write instead.
type Problem struct {
	Code    string // stable
	Column  string // its header
	Place   int    // of the column, from 1; 0 where its header says it
	Value   string
	Message Text
	Remedy  Text
}

// IsRemark reports whether a column is not for the rulebook.
func IsRemark(header string) bool { return strings.HasPrefix(header, "#") }

// CheckSize checks a header as it stands in the file.
func CheckSize(header []string) *Problem {
	switch {
	case len(header) > MaxColumns:
		return &Problem{
			Code: "too_many_columns", Message: textf("超过 %d 列", "more than %d columns", MaxColumns),
			Remedy: textf("删去不用的列", "remove those that are not needed"),
		}
	case len(header) == 1 && strings.ContainsAny(header[0], ";\t"):
		return &Problem{
			Code: "wrong_separator", Value: Excerpt(header[0]), Message: textf("列之间不是逗号", "the columns are not separated by commas"),
			Remedy: textf("另存为逗号分隔的 CSV", "save it as comma-separated CSV"),
		}
	case slices.ContainsFunc(header, func(h string) bool { return strings.Contains(h, "\r") }):
		return &Problem{
			Code: "wrong_line_ends", Message: textf("行末只有回车，没有换行", "lines end with a carriage return alone"),
			Remedy: saveAsUTF8,
		}
	}
	return nil
}

// CheckNames finds columns that stand twice. Those without a name are for
// [CheckNameless].
func CheckNames(header []string) []*Problem {
	var all []*Problem
	seen := map[string]bool{}
	for i, h := range header {
		if h != "" && seen[h] && !IsRemark(h) {
			all = append(all, duplicateColumn(h, i))
		}
		seen[h] = true
	}
	return all
}

func duplicateColumn(name string, at int) *Problem {
	return &Problem{
		Code: "duplicate_column", Column: Excerpt(name), Place: at + 1, Message: textf("列 %q 出现两次", "the column %q stands twice", Excerpt(name)), Remedy: textf("删去一列", "remove one of them"),
	}
}

// CheckFacts finds columns, from a place on that counts from 0, that are no fact of
// any of the questions.
func CheckFacts(headers []string, from int, questions ...*policy.Question) []*Problem {
	var all []*Problem
	for i, h := range headers {
		if i < from || h == "" || IsRemark(h) || h == AsOf {
			continue
		}
		known := slices.ContainsFunc(questions, func(q *policy.Question) bool { _, ok := q.FactAt(h); return ok })
		if known {
			continue
		}
		all = append(all, UnknownColumn(h, i, FactsOf(questions...), true))
	}
	return all
}

// UnknownColumn says that a column, at a place that counts from 0, is none of the
// facts, nor, where it may be that, [AsOf].
func UnknownColumn(header string, at int, facts []policy.QuestionFact, asOf bool) *Problem {
	var names []string
	labels := map[string]Text{}
	for _, f := range facts {
		for _, c := range ColumnsOf(f) {
			names, labels[c.Name] = append(names, c.Name), c.Fact.Label
		}
	}
	if asOf {
		names, labels[AsOf] = append(names, AsOf), AsOfLabel
	}
	return &Problem{
		Code: "unknown_column", Column: Excerpt(header), Place: at + 1,
		Message: textf("列 %q 不是这里收取的事实", "the column %q is no fact that is asked for here", Excerpt(header)),
		Remedy:  oneOfColumns(header, names, labels),
	}
}

// oneOfColumns says what a column may be called, by names and by labels.
func oneOfColumns(header string, names []string, labels map[string]Text) Text {
	const most = 40
	names = names[:min(len(names), most)]
	in := func(lang, between string, called func(name, label string) string) (all, near string) {
		var list, words []string
		by := map[string]string{}
		for _, name := range names {
			label := labels[name].In(lang)
			both := called(name, label)
			list = append(list, both)
			for _, word := range []string{name, label} {
				if word != "" && by[word] == "" {
					words, by[word] = append(words, word), both
				}
			}
		}
		return strings.Join(list, between), by[diagnostic.Nearest(header, words)]
	}
	zh, nearZH := in("zh", "、", func(name, label string) string {
		if label == "" {
			return name
		}
		return label + "（" + name + "）"
	})
	en, nearEN := in("en", ", ", func(name, _ string) string { return name })
	t := Text{ZH: "可写：" + zh, EN: "allowed: " + en}
	if nearZH != "" {
		t.ZH = "是否指 " + nearZH + "？" + t.ZH
	}
	if nearEN != "" {
		t.EN = "did you mean " + nearEN + "? Allowed: " + en
	}
	return t
}

// OneOf says what may stand in the place of a word.
func OneOf(word string, candidates []string) Text {
	const most = 40
	if len(candidates) > most {
		candidates = candidates[:most]
	}
	all := strings.Join(candidates, ", ")
	if near := diagnostic.Nearest(word, candidates); near != "" {
		return textf("是否指 %[1]s？可写：%[2]s", "did you mean %[1]s? Allowed: %[2]s", near, all)
	}
	return textf("可写：%s", "allowed: %s", all)
}

// CheckCells trims the cells of a row, in place, and finds what no cell may
// be; header may be of another length.
func CheckCells(header, cells []string) []*Problem {
	var all []*Problem
	if len(cells) != len(header) {
		remedy := textf("补齐逗号；含逗号的单元格加引号", "write a comma for each empty cell and put cells with commas in quotes")
		if len(cells) > len(header) {
			remedy = textf("含逗号的单元格加引号；删去多余的逗号", "put cells with commas in quotes, and remove commas that are too many")
		}
		all = append(all, &Problem{
			Code:    "wrong_number_of_cells",
			Message: textf("这一行有 %d 格，表头有 %d 列", "cells in the row: %d, columns in the header: %d", len(cells), len(header)),
			Remedy:  remedy,
		})
	}
	for i, c := range cells {
		if tidy(c) {
			continue
		}
		cells[i] = strings.TrimFunc(c, isSpace)
		column := ""
		if i < len(header) {
			column = header[i]
		}
		switch {
		case len(c) > MaxCell:
			all = append(all, &Problem{
				Code: "cell_too_large", Column: column, Place: i + 1, Value: c,
				Message: textf("单元格超过 %d 字节", "the cell is larger than %d bytes", MaxCell), Remedy: textf("缩短它", "shorten it"),
			})
		case strings.ContainsFunc(c, forbidden):
			all = append(all, &Problem{
				Code: "control_character", Column: column, Place: i + 1, Value: fmt.Sprintf("%q", Excerpt(c)),
				Message: textf("单元格含控制字符", "the cell holds a control character"), Remedy: textf("删去它", "remove it"),
			})
		}
	}
	return all
}

// isSpace reports whether a character at the end of a cell is nothing: a space, or
// one that has no width, as text that was copied from a page may have.
func isSpace(r rune) bool {
	return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' || r == '\u2060'
}

// tidy reports whether all is well with a cell, as it is with most: it is
// short and of ASCII, and neither begins nor ends with a space.
func tidy(cell string) bool {
	if len(cell) > MaxCell || cell != "" && (cell[0] == ' ' || cell[len(cell)-1] == ' ') {
		return false
	}
	for i := range len(cell) {
		if c := cell[i]; c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

func forbidden(r rune) bool {
	const firstPrinting, del, firstBidi = ' ', 0x7f, 0x061c
	switch {
	case r < firstPrinting:
		return r != '\n' && r != '\t' && r != '\r'
	case r < del:
		return false
	case r < firstBidi:
		return unicode.IsControl(r)
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
}

// Blank reports whether a row says nothing.
func Blank(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

// CheckID finds what is wrong with the id of a record.
func CheckID(id string) *Problem {
	if utf8.RuneCountInString(id) <= MaxID && !strings.ContainsAny(id, "\r\n") {
		return nil
	}
	return &Problem{
		Code: "bad_id", Column: Record, Value: id,
		Message: textf("编号超过 %d 个字符或有换行", "the id is longer than %d characters or holds a line break", MaxID), Remedy: textf("写成一行，缩短它", "keep it short and on one line"),
	}
}

// Duplicate says that an id was used before, at a place.
func Duplicate(id string, at Text) *Problem {
	return &Problem{
		Code: "duplicate_record", Column: Record, Value: id,
		Message: Text{ZH: fmt.Sprintf("编号 %q 已在%s用过", Excerpt(id), at.ZH), EN: fmt.Sprintf("the id %q is used in %s already", Excerpt(id), at.EN)},
		Remedy:  textf("每条记录用不同的编号", "give each record its own id"),
	}
}

// Likeness is an id as another program may have written it: with digits and letters
// of ordinary width, and, where it is all digits, without the zeros before them,
// which spreadsheets take away.
func Likeness(id string) string {
	text := narrow(id)
	if strings.Trim(text, "0123456789") == "" && text != "" {
		return "0" + strings.TrimLeft(text, "0")
	}
	return text
}

// Similar says that an id is written otherwise in another table, at a place.
func Similar(id, other string, at Text) *Problem {
	return &Problem{
		Code: "similar_record", Column: Record, Value: id,
		Message: Text{ZH: fmt.Sprintf("编号 %q 与%s的 %q 可能是同一条记录：表格软件会去掉数字前面的 0", Excerpt(id), at.ZH, Excerpt(other)), EN: fmt.Sprintf("%q may be the record %q in %s: spreadsheets take zeros away before a number", Excerpt(id), Excerpt(other), at.EN)},
		Remedy:  textf("是同一条就删去一行，不是就改一个编号；编号列设为文本格式，0 就不会丢", "remove one of the rows if it is the same, else change one of the ids; in a column with the format text, zeros stay"),
	}
}

// Excerpt keeps a message readable.
func Excerpt(value string) string {
	const longest = 60
	if r := []rune(value); len(r) > longest {
		return string(r[:longest]) + "…"
	}
	return value
}

// BadQuote is a row that is no CSV.
func BadQuote() *Problem {
	return &Problem{
		Code: "csv_syntax", Message: textf("引号有误", "a quote is wrong"),
		Remedy: textf(`含逗号或引号的单元格整个加引号，其中的引号写两个，如 "他说""不""`, `put a cell with commas or quotes in quotes and double those inside it, as in "he said ""no"""`),
	}
}

// NotUTF8 is text in another encoding.
func NotUTF8() *Problem {
	return &Problem{
		Code: "not_utf8", Message: textf("不是 UTF-8 文本", "this is not UTF-8 text"),
		Remedy: saveAsUTF8,
	}
}

var saveAsUTF8 = Text{ZH: "在表格软件中另存为“CSV UTF-8（逗号分隔）”", EN: `save it from the spreadsheet as "CSV UTF-8 (comma delimited)"`}
