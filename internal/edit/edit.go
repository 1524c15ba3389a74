// Package edit changes values of a rules file and leaves every other byte as it
// was: comments, order, the way in which things are written.
package edit

import (
	"bytes"
	"strings"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
)

// Codes of the errors of this package.
const (
	CodeUnknownPlace = "unknown_place" // there is nothing at the place named
	CodeNotOneValue  = "not_one_value" // there are several values, of which one is to be named
	CodeWrongDate    = "wrong_date"    // a value cannot hold from that day
)

// File is a rules file to be edited.
type File struct {
	Data      []byte
	root      *source.Node
	since     date.Date // from which the rulebook is in force, if another file says so
	languages []string  // of its labels, if another file says so
}

// InForceFrom notes the day from which the rulebook is in force, which stands in
// another of its files.
func (f *File) InForceFrom(day date.Date) { f.since = day }

// InLanguages notes the languages of the rulebook's labels, which stand in another
// of its files.
func (f *File) InLanguages(tags []string) { f.languages = tags }

// Open reads a rules file, which need not be sound.
func Open(name string, data []byte) (*File, error) {
	root, found := source.Parse(name, data)
	if root == nil {
		return nil, found
	}
	return &File{Data: data, root: root}, nil
}

// change is the file with an edit made.
func (f *File) change(data []byte, err error) (*File, error) {
	if err != nil {
		return nil, err
	}
	changed, err := Open(f.root.Span.File, data)
	if err == nil {
		changed.since, changed.languages = f.since, f.languages
	}
	return changed, err
}

func fail(code string, at *source.Node, message, remedy diagnostic.Text) error {
	d := diagnostic.Diagnostic{Code: code, Severity: diagnostic.Error, Message: message, Remedy: remedy}
	if at != nil && code != CodeUnknownPlace { // what is not there has no place
		d.Span = at.Span
	}
	return d
}

// Set gives a value another text, from a day on where one is given. The text is
// YAML where it is a list or a map in brackets, and as it is otherwise.
func (f *File) Set(p *Place, text string, from date.Date) (*File, error) {
	n := p.Node
	switch {
	case n == nil && from != 0:
		return nil, fail(CodeUnknownPlace, p.parent, diagnostic.Textf("还没有 %s，谈不上从某日起改", "there is no %s yet that could change on a day", p.key),
			diagnostic.Textf("这里有 %[1]s，要改就写其中一个；确要新加，先不带 --from 写上", "there are %[1]s: name one of them; to add another, set it without --from first", strings.Join(p.parent.Keys(), ", ")))
	case n == nil:
		return f.change(source.AddEntry(f.Data, p.parent, p.key, written(text, p.parent.InFlow() || braced(f.Data, p.parent))))
	case n.Kind == source.Map && n.Get("by") != nil:
		return f.setChosen(n, text, from)
	case from != 0:
		return f.setFrom(n, text, from, p.since)
	case n.Kind == source.Scalar && !isYAML(text):
		return f.change(source.Replace(f.Data, n, text))
	}
	return f.change(source.Splice(f.Data, n, written(text, n.InFlow())))
}

// setChosen changes one value of a choice by date.
func (f *File) setChosen(n *source.Node, text string, from date.Date) (*File, error) {
	if by := n.Get("by"); by.Text != "date" {
		what := by.Text
		if by.Kind == source.Seq {
			what = string(f.Data[by.Start:by.End])
		}
		return nil, fail(CodeNotOneValue, n, diagnostic.Textf("这里的值按 %s 选", "what stands here is chosen by %s", what),
			diagnostic.Textf("指明是哪一个：在后面加 .%[1]s 等", "name which one: add .%[1]s or another key at the end", firstOption(n)))
	}
	if from == 0 {
		return nil, fail(CodeNotOneValue, n, diagnostic.Textf("这里的值随日期变化：%s", "what stands here changes by date: %s", strings.Join(n.Keys()[1:], ", ")),
			diagnostic.Textf("写明从哪天起：--from 日期", "say from which day: --from DATE"))
	}
	if last := n.Entries[len(n.Entries)-1]; last.Key.Text < from.String() && last.Value.Kind == source.Scalar && last.Value.Text == text {
		return f, nil // it holds already
	}
	if own := n.Get(from.String()); own != nil {
		return f.change(source.Splice(f.Data, own, written(text, own.InFlow())))
	}
	for _, key := range n.Keys() {
		if later, err := date.ParseISO(key); err == nil && later > from {
			return nil, fail(CodeWrongDate, n.Get(key), diagnostic.Textf("从 %s 起另有一个值，新值只能管到那天之前", "another value holds from %s, before which the new one would end", key),
				diagnostic.Textf("要改那个值，写 --from %[1]s；要插在中间，手工编辑", "to change that one write --from %[1]s; to put one between, edit the file", key))
		}
	}
	return f.change(source.AddEntry(f.Data, n, from.String(), written(text, n.InFlow() || braced(f.Data, n))))
}

// setFrom makes a value one that changes on a day.
func (f *File) setFrom(n *source.Node, text string, from, since date.Date) (*File, error) {
	var says, old string // what stands there, and as it stands within a choice
	switch {
	case n.Kind == source.Scalar:
		says, old = n.Text, source.Written(n.Text, true)
	case n.Kind == source.Seq && f.isOneLine(n) && isYAML(text):
		old = string(f.Data[n.Start:n.End])
		says = old
	default:
		return nil, fail(CodeNotOneValue, n, diagnostic.Textf("这里不是一个值", "what stands here is not one value"), diagnostic.Textf("逐项修改", "set what is in it"))
	}
	if says == text {
		return f, nil // it holds from the beginning
	}
	if since == 0 {
		since = f.inForce()
	}
	if since == 0 {
		return nil, fail(CodeWrongDate, n, diagnostic.Textf("不知道规则书从哪天起生效", "it is not known from which day the rulebook is in force"),
			diagnostic.Textf("在 rulebook 下写 in_force: {from: 日期}", "write in_force: {from: DATE} under rulebook"))
	}
	if from <= since {
		return nil, fail(CodeWrongDate, n, diagnostic.Textf("%v 不晚于起始日 %v", "%v is not after %v, when it begins to hold", from, since),
			diagnostic.Textf("不带 --from 改，或写更晚的日期", "leave out --from, or give a later day"))
	}
	choice := "{by: date, " + since.String() + ": " + old + ", " + from.String() + ": " + written(text, true) + "}"
	return f.change(source.Splice(f.Data, n, choice))
}

// isOneLine reports whether a list is written in brackets on one line, so that it
// can stand within a choice as it is.
func (f *File) isOneLine(n *source.Node) bool {
	return f.Data[n.Start] == '[' && !bytes.ContainsRune(f.Data[n.Start:n.End], '\n')
}

// inForce is the first day on which the rulebook is in force; 0 where it does
// not say.
func (f *File) inForce() date.Date {
	n := f.root.Get("rulebook").Get("in_force").Get("from")
	if n == nil {
		return f.since
	}
	day, err := date.ParseISO(n.Text)
	if err != nil {
		return 0
	}
	return day
}

// Decide chooses an option of a reading, from a day on where one is given, and
// notes who decided that, and when. Reading and option may be named by their
// labels, too.
func (f *File) Decide(key, option, by string, on, from date.Date) (*File, error) {
	key, p, err := f.reading(key)
	if err != nil {
		return nil, err
	}
	if option, err = f.option(key, p, option); err != nil {
		return nil, err
	}
	chosen := &Place{Node: p.Get("chosen"), parent: p, key: "chosen"}
	if n := chosen.Node; n == nil || n.Text != option || from != 0 {
		if f, err = f.Set(chosen, option, from); err != nil {
			return nil, err
		}
	}
	if _, p, err = f.reading(key); err != nil {
		return nil, err
	}
	note := "{by: " + source.Written(by, true) + ", on: " + on.String() + "}"
	if n := p.Get("decided"); n != nil {
		return f.change(source.Splice(f.Data, n, note))
	}
	return f.change(source.AddEntry(f.Data, p, "decided", note))
}

// reading is the reading of that name or label, and its name.
func (f *File) reading(name string) (string, *source.Node, error) {
	all := f.root.Get("readings")
	readings := all.Pairs()
	key := f.called(name, readings, inAsks)
	if n := all.Get(key); n != nil && n.Kind == source.Map {
		return key, n, nil
	}
	return "", nil, fail(CodeUnknownPlace, all, diagnostic.Textf("没有读法 %q", "there is no reading %q", name), oneOf(name, readings, inAsks))
}

// option is the option of a reading that a person names, with its parameter, if
// it has one. What is a list or may be chosen by a date is left to loading.
func (f *File) option(reading string, of *source.Node, name string) (string, error) {
	options := of.Get("options")
	if options == nil || options.Kind != source.Map || isYAML(name) {
		return name, nil
	}
	named, parameter, _ := strings.Cut(name, ":")
	if options.Get(named) != nil {
		return name, nil
	}
	if key := f.called(name, options.Entries, inItself); key != "" {
		return key, nil
	}
	if key := f.called(named, options.Entries, inItself); key != "" {
		return key + ":" + parameter, nil
	}
	return "", fail(CodeUnknownPlace, of, diagnostic.Textf("读法 %s 没有选项 %q", "the reading %s has no option %q", reading, name), oneOf(name, options.Entries, inItself))
}

// written is a text as YAML.
func written(text string, inFlow bool) string {
	if isYAML(text) {
		return text
	}
	return source.Written(text, inFlow)
}

// isYAML reports whether a text is meant as a list or a map, or as nothing.
func isYAML(text string) bool {
	text = strings.TrimSpace(text)
	return text == "null" || strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[")
}

func braced(data []byte, n *source.Node) bool { return n.Start < len(data) && data[n.Start] == '{' }

// firstOption is a key of a choice beside by.
func firstOption(n *source.Node) string {
	for _, key := range n.Keys() {
		if key != "by" {
			return key
		}
	}
	return "otherwise"
}

// Line is a line of a file that an edit took out or put in.
type Line struct {
	Number int // in the file before for one that was taken out, else after
	Added  bool
	Text   string
}

// Lines are those in which two texts differ, taken out before put in.
func Lines(before, after []byte) []Line {
	old, now := strings.Split(string(before), "\n"), strings.Split(string(after), "\n")
	same := 0
	for same < min(len(old), len(now)) && old[same] == now[same] {
		same++
	}
	tail := 0
	for tail < min(len(old), len(now))-same && old[len(old)-1-tail] == now[len(now)-1-tail] {
		tail++
	}
	old, now = old[same:len(old)-tail], now[same:len(now)-tail]
	if len(old)*len(now) > mostCompared {
		return paired(old, now, same+1)
	}
	return middle(old, now, same+1)
}

// mostCompared is for how many pairs of lines the fewest are looked for that
// differ: that takes as many numbers to be kept.
const mostCompared = 4_000_000

// paired are the lines that differ between two long texts: each from that of the
// same number where there are as many, else all of them.
func paired(old, now []string, number int) []Line {
	var lines []Line
	for i, text := range old {
		if len(old) != len(now) || text != now[i] {
			lines = append(lines, Line{number + i, false, strings.TrimSuffix(text, "\r")})
		}
	}
	for i, text := range now {
		if len(old) != len(now) || text != old[i] {
			lines = append(lines, Line{number + i, true, strings.TrimSuffix(text, "\r")})
		}
	}
	return lines
}

// middle are the lines that differ between two texts that begin at a line, by
// their longest common subsequence: edits leave few lines between them.
func middle(old, now []string, number int) []Line {
	longest := make([][]int, len(old)+1)
	for i := range longest {
		longest[i] = make([]int, len(now)+1)
	}
	for i := len(old) - 1; i >= 0; i-- {
		for j := len(now) - 1; j >= 0; j-- {
			if old[i] == now[j] {
				longest[i][j] = longest[i+1][j+1] + 1
			} else {
				longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			}
		}
	}
	var lines []Line
	for i, j := 0, 0; i < len(old) || j < len(now); {
		switch {
		case i < len(old) && j < len(now) && old[i] == now[j]:
			i, j = i+1, j+1
		case i < len(old) && (j == len(now) || longest[i+1][j] >= longest[i][j+1]):
			lines = append(lines, Line{number + i, false, strings.TrimSuffix(old[i], "\r")})
			i++
		default:
			lines = append(lines, Line{number + j, true, strings.TrimSuffix(now[j], "\r")})
			j++
		}
	}
	return lines
}
