package table

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/intake"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/walltime"
	"github.com/servicerules/rulebook/policy"
)

// Column says of which fact a column, or a constant, is the value.
type Column struct {
	At       int // place in the row, -1 for a constant
	Header   string
	Path     string
	Fact     *policy.Fact // nil for as_of
	Words    map[string]string
	Local    bool     // moments without a zone are in the rulebook's
	Days     DayOrder // of dates that have their year last; "" to ask
	Days1904 bool     // serial numbers of days count from 1904
	Constant string

	keys     []*source.Node    // of the path; made when needed where they are not here
	words    []string          // that the cells may be
	codes    map[string]string // of words, by label: see Bind
	workbook bool              // its cells are numbers themselves
}

// Columns finds the columns that are facts of a question, in the order of the
// header; names are those of its columns, see [Named]. Others are left alone:
// see [CheckFacts].
func Columns(header, names []string, q *policy.Question) []Column {
	var all []Column
	for i, name := range names {
		switch {
		case IsRemark(name):
		case name == AsOf:
			all = append(all, Column{At: i, Header: header[i], Path: name, keys: keysOf(name)})
		default:
			if f, ok := q.FactAt(name); ok {
				all = append(all, Column{At: i, Header: header[i], Path: name, Fact: f, keys: keysOf(name)})
			}
		}
	}
	return all
}

// FieldColumns finds the columns that are fields of a record.
func FieldColumns(header, names []string, record *policy.Fact) []Column {
	var all []Column
	for i, name := range names {
		if IsRemark(name) {
			continue
		}
		if f, ok := FieldAt(record, name); ok {
			all = append(all, Column{At: i, Header: header[i], Path: name, Fact: f})
		}
	}
	return all
}

// IsTable reports whether a fact is a list of records, which has a table of
// its own.
func IsTable(f *policy.Fact) bool { return f.TypeName == "list" && f.Elem.TypeName == "record" }

// FieldAt is the field of a record under a dotted path.
func FieldAt(f *policy.Fact, path string) (*policy.Fact, bool) {
	for name := range strings.SplitSeq(path, ".") {
		i := slices.IndexFunc(f.Fields, func(x *policy.Fact) bool { return x.Name == name })
		if i < 0 {
			return nil, false
		}
		f = f.Fields[i]
	}
	return f, true
}

// ColumnsOf are the columns that a fact may have, by their paths: itself and, of a
// record, its fields and theirs.
func ColumnsOf(f policy.QuestionFact) []policy.QuestionFact {
	all := []policy.QuestionFact{f}
	if f.Fact.TypeName == "record" {
		for _, x := range f.Fact.Fields {
			all = append(all, ColumnsOf(policy.QuestionFact{Name: f.Name + "." + x.Name, Fact: x})...)
		}
	}
	return all
}

func (c *Column) isList() bool   { return c.Fact != nil && c.Fact.TypeName == "list" }
func (c *Column) isRecord() bool { return c.Fact != nil && c.Fact.TypeName == "record" }

// Text is what a row says, translated; "" where it says nothing.
func (c *Column) Text(cells []string) string {
	if c.At < 0 {
		return c.Constant
	}
	text := cells[c.At]
	if w, ok := c.Words[text]; ok {
		return w
	}
	return text
}

func (c *Column) problem(code, text string, message, remedy Text) *Problem {
	return &Problem{Code: code, Column: c.Header, Value: text, Message: message, Remedy: remedy}
}

// Read makes a tree of facts what the text of a cell says.
func (c *Column) Read(to *intake.Tree, text string, zone *time.Location) *Problem {
	switch {
	case text == "null":
		to.Scalar(text, false)
		return nil
	case c.isDash(text):
		return c.problem("not_a_value", text, textf("%s 不是值", "%s is no value", text),
			textf("不知道就留空，没有就写 null", "leave the cell empty where it is not known, write null where there is none"))
	case c.isRecord():
		return c.problem("wrong_type", text, textf("这一列只能写 null（没有）", "this column may only hold null, for none"),
			textf("每个字段各占一列，如 %s.%s", "give each field a column, as in %s.%s", c.Path, c.Fact.Fields[0].Name))
	case c.isList() && text == "[]":
		to.List()
		return nil
	case c.isList() && IsTable(c.Fact):
		return c.problem("wrong_type", text, textf("这一列只能写 []（空）或 null", "this column may only hold [] or null"),
			textf("列表另成一个表", "write the list as a table of its own"))
	case c.isList():
		if several := c.otherSeparator(text); several != "" {
			return c.problem("other_separator", text, textf("列表各项之间用分号", "the items of a list are parted by semicolons"),
				textf("写成 %s", "write %s", several))
		}
		to.List()
		for _, item := range strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '；' }) {
			to.Item(written(c.Fact.Elem, c.code(strings.TrimSpace(item))))
		}
		return nil
	}
	if p := formulaText(c.Header, text); p != nil {
		return p
	}
	if c.Fact != nil && c.Fact.TypeName == "name" && scientific.MatchString(text) {
		return digitsLost(c.Header, text)
	}
	text, p := c.plain(text, zone)
	if p != nil {
		return p
	}
	to.Scalar(written(c.Fact, text))
	return nil
}

// plain is a cell of a single value as facts write it.
func (c *Column) plain(text string, zone *time.Location) (string, *Problem) {
	kind := "moment" // as_of
	if c.Fact != nil {
		kind = c.Fact.TypeName
	}
	switch kind {
	case "moment":
		if hasZone(text) {
			return text, nil
		}
		return c.localMoment(text, zone)
	case "date":
		return c.day(text)
	case "month":
		return c.month(text), nil
	case "word", "yes_no":
		return c.code(text), nil
	case "count", "number", "year":
		if c.workbook && len(text) > 1 && text[0] == '0' && strings.Trim(text, "0123456789") == "" {
			return cmp.Or(strings.TrimLeft(text, "0"), "0"), nil // zeros that the format of the cell shows
		}
	}
	return text, nil
}

// hasZone reports whether a moment ends as those do that name their zone.
func hasZone(text string) bool {
	n := len(text)
	return n > len("2006-01-02T") && (text[n-1] == 'Z' || n > len("+08:00") && (text[n-6] == '+' || text[n-6] == '-') && text[n-3] == ':')
}

// Node is the text of a cell as a node of a file.
func (c Column) Node(text string, zone *time.Location) (*source.Node, *Problem) {
	var tree intake.Tree
	if p := c.Read(&tree, text, zone); p != nil {
		return nil, p
	}
	return tree.Node(), nil
}

// isDash reports whether a cell holds a dash alone, as people write where there
// is nothing: as a name, it would make one of many people. Text may be a dash.
func (c *Column) isDash(text string) bool {
	switch text {
	case "-", "--", "–", "—", "——", "－":
		return c.Fact == nil || c.Fact.TypeName != "text"
	}
	return false
}

// otherSeparator is a list as it should be written where its items are parted
// by other marks than semicolons, or "". A name may hold an ASCII comma.
func (c *Column) otherSeparator(text string) string {
	marks := "、，,|"
	switch c.Fact.Elem.TypeName {
	case "name":
		marks = "、，"
	case "text":
		return ""
	}
	if !strings.ContainsAny(text, marks) {
		return ""
	}
	items := strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '；' || strings.ContainsRune(marks, r) })
	for i := range items {
		items[i] = strings.TrimSpace(items[i])
	}
	return strings.Join(items, ";")
}

// written is a value as facts write it. Names and words are quoted, so that no
// name is taken for a null.
func written(f *policy.Fact, text string) (as string, quoted bool) {
	if f == nil || text == "~" {
		return text, true
	}
	switch f.TypeName {
	case "yes_no":
		if text == "TRUE" || text == "FALSE" {
			text = strings.ToLower(text)
		}
		return text, false
	case "count", "number", "year":
		return text, false
	}
	return text, true
}

// localForms are how moments are written without a zone: as web forms do, and
// with the year first as spreadsheets and offices do. [readWall] knows more.
var localForms = []string{
	"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-1-2 15:04", "2006-1-2 15:04:05", "2006/1/2 15:04", "2006/1/2 15:04:05",
	"2006年1月2日 15:04", "2006年1月2日 15:04:05", "2006年1月2日 15时04分", "20060102150405",
}

// localMoment reads a moment that names no zone: on the clocks of the zone of
// the rulebook, where that is said.
func (c *Column) localMoment(text string, zone *time.Location) (string, *Problem) {
	at, ok, p := c.wallClock(text)
	if p != nil {
		p.Column = c.Header
		return "", p
	}
	switch {
	case !ok && c.isDay(text):
		day, _ := c.day(text)
		return "", c.problem("not_a_moment", text, textf("%s 只有日期，没有几点几分", "%s is a day without a time of day", Excerpt(text)),
			textf("写上时刻，如 %s 10:00；确是零点就写 %s 00:00", "write the time as well, as in %s 10:00; if midnight is meant, %s 00:00", day, day))
	case !ok && timeAlone.MatchString(text):
		return "", c.problem("not_a_moment", text, textf("%s 只有时刻，没有日期", "%s is a time of day, or a length of time, without a day", Excerpt(text)),
			textf("日期和时刻写在一格里，如 2025-06-09 10:00；分在两列的，用公式合成一列：=A2+B2，再设为日期时间格式", "write day and time in one cell, as in 2025-06-09 10:00; where they stand in two columns, make one of them by a formula, =A2+B2, with a format of date and time"))
	case !ok && c.Local && !strings.Contains(text, "T"):
		return "", c.problem("not_a_moment", text, textf("%s 不是时刻", "%s is not a moment", Excerpt(text)),
			textf("写确有的年月日和时分，如 2026-01-31 08:30", "write a day that there is, with its year, and a time, as in 2026-01-31 08:30"))
	case !ok:
		return text, nil // is refused by the rulebook
	case !c.Local && len(text) > len("2006-01-02") && text[len("2006-01-02")] == 'T':
		return text, nil // likewise: a program has a zone of its own
	case !c.Local:
		return "", c.problem("not_a_moment", text, textf("%s 没有写时区", "%s names no zone", Excerpt(text)),
			textf("写成 %s，或说明按规则书的时区：review.yaml 里写 local_times: true，或 --local-times", "write it as in %s, or say that the times are the rulebook's: local_times: true in review.yaml, or --local-times", walltime.Text(walltime.Choices(at, zone)[0], at)))
	}
	t, once := walltime.Read(at, zone)
	if !once {
		message, remedy := ClockChanged(at, zone)
		return "", c.problem("clock_changed", text, message, remedy)
	}
	return walltime.Text(t, at), nil
}

// isDay reports whether a cell is a day as a cell of a date may be.
func (c *Column) isDay(text string) bool {
	day, p := c.day(text)
	return p == nil && validDay(day)
}

// validDay reports whether a text is a day in ISO 8601.
func validDay(text string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}

// wallClock is what a clock showed.
func (c *Column) wallClock(text string) (time.Time, bool, *Problem) {
	for _, form := range localForms {
		if at, err := time.Parse(form, text); err == nil {
			return at, true, nil
		}
	}
	if serial.MatchString(text) {
		at, ok := SerialDay(text, c.Days1904)
		return at, ok && strings.Contains(text, "."), nil
	}
	w, ok, p := readWall(text, c.Days)
	return w.at, ok && w.clock, p
}

// ClockChanged says that the clocks of a zone show a time twice or never, and
// names the moments to choose from, each as it is written with its offset.
func ClockChanged(wall time.Time, zone *time.Location) (message, remedy Text) {
	message = Text{ZH: "该地时钟当时拨快，没有显示过这个时刻", EN: "the clocks were put forward then and never showed this time"}
	if len(walltime.Shown(wall, zone)) > 0 {
		message = Text{ZH: "该地时钟当时拨回，这个时刻显示了两次", EN: "the clocks were put back then and showed this time twice"}
	}
	var choices []string
	for _, at := range walltime.Choices(wall, zone) {
		choices = append(choices, walltime.Text(at, wall))
	}
	return message, Text{ZH: "写明时差：" + strings.Join(choices, " 或 "), EN: "write the offset: " + strings.Join(choices, " or ")}
}

// NewMap is an empty map of facts.
func NewMap() *source.Node { return &source.Node{Kind: source.Map} }

// Entry is an entry of a map of facts.
func Entry(name string, value *source.Node) source.Entry {
	return source.Entry{Key: &source.Node{Kind: source.Scalar, Text: name}, Value: value}
}

// Put sets the value at a path of nested maps.
func Put(root *source.Node, path string, n *source.Node) *Problem {
	return put(root, path, keysOf(path), n)
}

// keysOf are the keys of the maps on the way to a value. As nodes are never
// changed, all rows may share them.
func keysOf(path string) []*source.Node {
	var keys []*source.Node
	for name := range strings.SplitSeq(path, ".") {
		keys = append(keys, &source.Node{Kind: source.Scalar, Text: name})
	}
	return keys
}

func put(root *source.Node, path string, keys []*source.Node, n *source.Node) *Problem {
	at, last := root, len(keys)-1
	for _, key := range keys[:last] {
		next := at.Get(key.Text)
		if next == nil {
			next = NewMap()
			at.Entries = append(at.Entries, source.Entry{Key: key, Value: next})
		}
		if next.Kind != source.Map {
			return Contradiction(path)
		}
		at = next
	}
	if at.Get(keys[last].Text) != nil {
		return Contradiction(path)
	}
	at.Entries = append(at.Entries, source.Entry{Key: keys[last], Value: n})
	return nil
}

// Contradiction says that a fact is given twice.
func Contradiction(column string) *Problem {
	return &Problem{
		Code: "contradiction", Column: column,
		Message: textf("另一列或另一个表已说了别的", "another column or table says something else"),
		Remedy:  textf("null 或 [] 不能与内容并存；删去其一", "null and [] cannot stand beside content; remove one of them"),
	}
}

// Given is called for each cell that has been read, with the path of its fact.
type Given func(c Column, path, text string)

// Read puts the cells of a row into a map of facts. What is wrong with a cell
// goes to fail, and the others are read all the same.
func Read(root *source.Node, columns []Column, cells []string, zone *time.Location, given Given, fail func(*Problem)) {
	for _, c := range columns {
		text := c.Text(cells)
		if text == "" {
			continue
		}
		n, p := c.Node(text, zone)
		if p == nil {
			keys := c.keys
			if keys == nil {
				keys = keysOf(c.Path)
			}
			p = put(root, c.Path, keys, n)
		}
		if p != nil {
			p.Column, p.Value = c.Header, text
			fail(p)
			continue
		}
		if given != nil {
			given(c, c.Path, text)
		}
	}
}

// Targets are the facts of columns.
func Targets(q *checked.Question, columns []Column) []intake.Target {
	all := make([]intake.Target, len(columns))
	for i, c := range columns {
		all[i] = intake.TargetAt(q, c.Path)
	}
	return all
}

// ReadRow has the cells of a row read as the facts of their columns. What is
// wrong with a cell is told under the path of its fact.
func ReadRow(r *intake.Reader, columns []Column, targets []intake.Target, cells []string, zone *time.Location) {
	for i := range columns {
		c := &columns[i]
		text := c.Text(cells)
		if text == "" {
			continue
		}
		p := c.Read(&r.Tree, text, zone)
		if p == nil && !r.Put(&targets[i]) {
			p = Contradiction(c.Path)
		}
		if p != nil {
			r.Refuse(c.Path, p.Code, p.Message, p.Remedy)
		}
	}
}

// Parent is the path of what holds the fact under a path: "a.b[2]" for
// "a.b[2].c", "a.b" for that; "" at the top.
func Parent(path string) string { return path[:max(strings.LastIndexAny(path, ".["), 0)] }
