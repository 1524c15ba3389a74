package spreadsheet

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/internal/table"
)

// openLines reads JSON Lines as a table: an object of facts on each line, whose
// names are the columns. The first reading finds the columns, the second gives
// the rows.
func openLines(fsys fs.FS, file string, zipped bool) (table.Placed, error) {
	first, err := reopen(fsys, file, zipped)
	if err != nil {
		return nil, err
	}
	defer first.Close()
	columns := []string{table.Record}
	known := map[string]int{table.Record: 0}
	for r := newLines(first); ; {
		o, err := r.object()
		var wrong *table.RowError
		switch {
		case errors.Is(err, io.EOF):
			in, err := reopen(fsys, file, zipped)
			if err != nil {
				return nil, err
			}
			return &closing{&jsonRows{lines: newLines(in), columns: columns, known: known}, in}, nil
		case errors.As(err, &wrong) && !wrong.Whole:
			continue
		case err != nil:
			return nil, err
		}
		for _, m := range o {
			if _, ok := known[m.path]; !ok {
				if len(columns) > table.MaxColumns {
					return nil, whole("too_many_columns", textf("超过 %d 种事实", "more than %d different facts", table.MaxColumns), textf("删去不用的", "remove those that are not needed"))
				}
				known[m.path] = len(columns)
				columns = append(columns, m.path)
			}
		}
	}
}

// member is a value of an object, under its dotted path.
type member struct{ path, text string }

// lines reads objects, one a line.
type lines struct {
	in   *bufio.Reader
	line int
}

func newLines(r io.Reader) *lines { return &lines{in: bufio.NewReaderSize(r, sample)} }

// object is the next line that says something.
func (l *lines) object() ([]member, error) {
	for {
		text, err := l.next()
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		var v map[string]any
		if err := d.Decode(&v); err != nil || d.More() {
			return nil, l.wrong("json_syntax", textf("不是一个 JSON 对象", "this is not an object of JSON"), textf("一行写一个对象：{\"record\": \"A1\", …}", `write an object on each line: {"record": "A1", …}`))
		}
		return l.members(nil, "", v, 0)
	}
}

func (l *lines) wrong(code string, message, remedy table.Text) error {
	return &table.RowError{Line: l.line, Problem: &table.Problem{Code: code, Message: message, Remedy: remedy}}
}

// next is the next line, of bounded length.
func (l *lines) next() ([]byte, error) {
	l.line++
	var all []byte
	for {
		part, err := l.in.ReadSlice('\n')
		all = append(all, part...)
		switch {
		case len(all) > table.MaxRow:
			return nil, &table.RowError{Line: l.line, Whole: true, Problem: &table.Problem{Code: "row_too_long", Message: textf("一行超过 %d 字节", "a line is longer than %d bytes", table.MaxRow), Remedy: textf("一行写一条记录", "write one record a line")}}
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(all) > 0:
			return all, nil
		case err != nil:
			return nil, err
		}
		if l.line == 1 {
			all = table.TrimMark(all)
		}
		return all, nil
	}
}

// members are the values of an object and of those in it.
func (l *lines) members(all []member, prefix string, v map[string]any, depth int) ([]member, error) {
	const deepest = 20
	names := make([]string, 0, len(v))
	for name := range v {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		path := prefix + name
		if name == "" || strings.ContainsAny(name, ".#") || depth > deepest {
			return nil, l.wrong("unknown_fact", textf("没有这样的事实：%s", "there is no such fact: %s", table.Excerpt(path)), textf("用事实的名称", "use the names of facts"))
		}
		if o, ok := v[name].(map[string]any); ok {
			var err error
			if all, err = l.members(all, path+".", o, depth+1); err != nil {
				return nil, err
			}
			continue
		}
		text, err := l.text(path, v[name])
		if err != nil {
			return nil, err
		}
		all = append(all, member{path, text})
	}
	return all, nil
}

// text is a value as a table writes it.
func (l *lines) text(path string, v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "null", nil
	case bool:
		return fmt.Sprint(v), nil
	case json.Number:
		return v.String(), nil
	case string:
		if v == "" || v == "null" || v == "[]" || strings.TrimSpace(v) != v {
			return "", l.wrong("ambiguous_text", textf("%s：文字 %q 在表里会有别的意思", "%s: in a table the text %q would mean something else", path, v), textf("不知道就不写，没有就写 null", "leave it out where it is not known, write null where there is none"))
		}
		return v, nil
	case []any:
		if len(v) == 0 {
			return "[]", nil
		}
		var items []string
		for _, x := range v {
			if _, ok := x.(map[string]any); ok {
				return "", l.wrong("wrong_type", textf("%s 是记录的列表", "%s is a list of records", path), textf("列表另成一个表，文件名如 requests.%s.jsonl", "write the list as a table of its own, in a file such as requests.%s.jsonl", path))
			}
			item, err := l.text(path, x)
			if err != nil {
				return "", err
			}
			if strings.ContainsAny(item, ";；") || item == "[]" || item == "null" {
				return "", l.wrong("wrong_type", textf("%s：列表里的各项不能含分号或为空", "%s: the items of a list hold no semicolons, and are not empty", path), textf("用编号", "use ids"))
			}
			items = append(items, item)
		}
		return strings.Join(items, ";"), nil
	}
	return "", l.wrong("wrong_type", textf("%s：这里不能这样写", "%s: this cannot stand here", path), textf("写单个值", "write a single value"))
}

// jsonRows are the objects as rows.
type jsonRows struct {
	lines   *lines
	columns []string
	known   map[string]int
	begun   bool
}

// Row is the header, then row after row.
func (r *jsonRows) Row() ([]string, error) {
	if !r.begun {
		r.begun = true
		return slices.Clone(r.columns), nil
	}
	o, err := r.lines.object()
	if err != nil {
		return nil, err
	}
	cells := make([]string, len(r.columns))
	for _, m := range o {
		cells[r.known[m.path]] = m.text
	}
	return cells, nil
}

// Line is the line of the file; of the header the first.
func (r *jsonRows) Line() int { return max(r.lines.line, 1) }

// Wrong is nothing.
func (r *jsonRows) Wrong() []table.BadCell { return nil }

// About says nothing.
func (r *jsonRows) About() table.About { return table.About{} }
