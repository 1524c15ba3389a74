package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/policy"
)

// answer prints an answer for a person.
func (a *app) answer(book *rulebook.Book, q *policy.Question, x *rulebook.Answer) error {
	s := a.style
	a.println(s.Bold(s.Text(q.Title)) + "  " + s.Dim(q.ID))
	if x.Error != nil {
		a.println("", s.Red(a.t("无法判定", "nothing can be decided"))+s.Colon()+report.Clean(s.Text(x.Error.Message))+" "+s.Dim("["+x.Error.Code+"]"))
		return nil
	}
	w := &wording{book: book.Rulebook(), answer: x, style: s}
	values, err := valuesOf(x)
	if err != nil {
		return err
	}
	t := report.Table{Rows: [][]string{{a.t("结论", "verdict"), a.verdict(w, q, x)}}}
	for _, v := range values {
		i := slices.IndexFunc(q.Values, func(f *policy.Figure) bool { return f.Name == v.name })
		if i >= 0 {
			t.Rows = append(t.Rows, w.rows(q.Values[i], v.value, v.name, 1)...)
		}
	}
	a.println("")
	a.table(t)
	a.findings(w, x)
	a.steps(x)
	a.grounds(w, x)
	return nil
}

// verdict is the verdict in words, with its code.
func (a *app) verdict(w *wording, q *policy.Question, x *rulebook.Answer) string {
	s := a.style
	label, paint := "", s.Bold
	switch x.Verdict {
	case policy.Undetermined:
		label, paint = a.t("未定", "undetermined"), s.Yellow
	case policy.NotInScope:
		label = a.t("不适用本制度", "the regulation does not apply")
	default:
		label = w.word(x.Verdict, q.Verdict.Words)
	}
	text := paint(label)
	if label != x.Verdict {
		text += s.Dim(s.Pick("（", " (") + x.Verdict + s.Pick("）", ")"))
	}
	if x.Provisional {
		text += s.Pick("，", ", ") + s.Yellow(a.t("暂定：随时间推移可能改变", "provisional: it may change with time"))
	}
	return text
}

// findings prints what was broken, who answers for it, what is missing and
// what a person must decide.
func (a *app) findings(w *wording, x *rulebook.Answer) {
	s := a.style
	section := func(title string, rows [][]string) {
		if len(rows) > 0 {
			a.heading(title)
			a.table(report.Table{Indent: 2, Rows: rows})
		}
	}
	var rows [][]string
	for _, b := range x.Breaches {
		label, code := report.Clean(s.Text(b.Label)), strings.TrimPrefix(b.String(), b.Article+"#")
		if label == code {
			code = ""
		}
		rows = append(rows, []string{b.Article, s.Red(label), s.Dim(code)})
	}
	section(a.t("违反", "Breaches"), rows)
	rows = nil
	for _, l := range x.Liable {
		person := report.Clean(l.Person)
		if person == "" {
			person = s.Dim(a.t("未指明", "not named"))
		}
		rows = append(rows, []string{w.word(l.Role, nil), person})
	}
	section(a.t("责任人", "Liable"), rows)
	rows = nil
	for i := 0; i < len(x.MissingFacts); i++ {
		fact, by := x.MissingFacts[i].Fact, []string{x.MissingFacts[i].NeededBy}
		for ; i+1 < len(x.MissingFacts) && x.MissingFacts[i+1].Fact == fact; i++ {
			by = append(by, x.MissingFacts[i+1].NeededBy)
		}
		rows = append(rows, []string{s.Yellow(fact), s.Dim(s.Pickf("%s 需要", "needed by %s", strings.Join(by, ", ")))})
	}
	section(a.t("缺少的事实", "Missing facts"), rows)
	rows = nil
	for _, d := range x.Decisions {
		rows = append(rows, []string{s.Yellow(s.Text(d.Label)), s.Dim(d.Rule)})
	}
	section(a.t("须由人决定", "For a person to decide"), rows)
}

// steps prints the explanation, a numbered line a step.
func (a *app) steps(x *rulebook.Answer) {
	for i, step := range x.Steps(a.style.Lang) {
		if i == 0 {
			a.heading(a.t("理由", "Reasons"))
		}
		a.paragraph(fmt.Sprintf("%2d. ", i+1), report.Clean(step.Text)+a.t("（", " (")+step.Article+a.t("）", ")"))
	}
}

// grounds prints what the answer rests on.
func (a *app) grounds(w *wording, x *rulebook.Answer) {
	s := a.style
	t := report.Table{}
	if len(x.Cites) > 0 {
		t.Rows = append(t.Rows, []string{a.t("依据", "cites"), strings.Join(x.Cites, ", ")})
	}
	widest := 0
	for _, r := range x.Readings {
		widest = max(widest, report.Width(r.Key+" = "+r.Option))
	}
	var lines []string
	for _, r := range x.Readings {
		lines = append(lines, report.Pad(r.Key+" = "+r.Option, widest, report.Left)+"  "+s.Dim(w.option(r)))
	}
	if len(lines) > 0 {
		t.Rows = append(t.Rows, []string{a.t("读法", "readings"), strings.Join(lines, "\n")})
	}
	edition := ""
	if x.Rulebook.Edition != "" {
		edition = s.Pickf("%s 版，", "edition of %s, ", x.Rulebook.Edition)
	}
	t.Rows = append(t.Rows, []string{a.t("规则书", "rulebook"), x.Rulebook.ID + s.Pick("，", ", ") + edition + "sha256 " + x.Rulebook.SHA256[:12] + "…"})
	a.println("")
	a.table(t)
}

// wording says values in words.
type wording struct {
	book   *policy.Rulebook
	answer *rulebook.Answer
	style  report.Style
}

// word is the label of a word: in its own list, else in whichever lists have
// it, if they agree.
func (w *wording) word(word string, list *policy.WordList) string {
	if list != nil {
		if label, ok := list.Labels[word]; ok {
			return w.style.Text(label)
		}
	}
	found := ""
	for _, l := range w.book.Words {
		label, ok := l.Labels[word]
		if !ok {
			continue
		}
		if found != "" && found != w.style.Text(label) {
			return word
		}
		found = w.style.Text(label)
	}
	if found == "" {
		return word
	}
	return found
}

// option is the label of the option of a reading.
func (w *wording) option(used policy.UsedReading) string {
	r, ok := w.book.Reading(used.Key)
	if !ok {
		return ""
	}
	c, err := r.ParseChoice(used.Option)
	if err != nil {
		return ""
	}
	var labels []string
	for _, o := range r.Options {
		if isChosen(c, o.Name) {
			labels = append(labels, w.style.Text(o.Label))
		}
	}
	return strings.Join(labels, w.style.Comma())
}

// rows are the rows of the value at a path: its label and what it is, and
// below it the fields of a record.
func (w *wording) rows(f *policy.Figure, v any, path string, depth int) [][]string {
	label := strings.Repeat("  ", depth) + w.style.Text(f.Label)
	fields, isObject := v.(object)
	if !isObject || len(f.Fields) == 0 {
		return [][]string{{label, w.value(f, v, path)}}
	}
	rows := [][]string{{label, ""}}
	for _, x := range f.Fields {
		if value, ok := fields.get(x.Name); ok {
			rows = append(rows, w.rows(x, value, path+"."+x.Name, depth+1)...)
		}
	}
	return rows
}

// value is the value at a path as a person reads it. Records are shown with
// the names of their fields.
func (w *wording) value(f *policy.Figure, v any, path string) string {
	items, _ := v.(list)
	_, record := v.(object)
	for _, item := range items {
		if _, ok := item.(object); ok {
			record = true
		}
	}
	if !record {
		if text, ok := w.answer.Show(path, w.style.Lang); ok && text != "" {
			return report.Clean(text)
		}
	}
	return w.show(v, f.Words)
}

// show is a value as a person reads it.
func (w *wording) show(v any, words *policy.WordList) string {
	s := w.style
	switch x := v.(type) {
	case nil:
		return s.Dim("–")
	case bool:
		if x {
			return s.Pick("是", "yes")
		}
		return s.Pick("否", "no")
	case string:
		if t, err := time.Parse(time.RFC3339Nano, x); err == nil {
			return moment(t.In(w.book.Zone))
		}
		return report.Clean(w.word(x, words))
	case list:
		if len(x) == 0 {
			return s.Pick("无", "none")
		}
		parts := make([]string, len(x))
		separator := s.Comma()
		for i, e := range x {
			parts[i] = w.show(e, words)
			if _, record := e.(object); record {
				separator = "\n"
			}
		}
		return strings.Join(parts, separator)
	case object:
		parts := make([]string, 0, len(x))
		for _, m := range x {
			parts = append(parts, w.field(m.name)+" "+w.show(m.value, words))
		}
		return strings.Join(parts, s.Comma())
	}
	return fmt.Sprint(v)
}

// field is the label of a field of a record: that of the fact of this name,
// where there is one.
func (w *wording) field(name string) string {
	var label func(facts []*policy.Fact) string
	label = func(facts []*policy.Fact) string {
		for _, f := range facts {
			if f.Name == name {
				return w.style.Text(f.Label)
			}
			inner := f.Fields
			if f.Elem != nil {
				inner = f.Elem.Fields
			}
			if l := label(inner); l != "" {
				return l
			}
		}
		return ""
	}
	if l := label(w.book.Facts); l != "" {
		return l
	}
	return report.Clean(name)
}

// moment is a moment as a person reads it. The last one of a day is 24:00.
func moment(t time.Time) string {
	switch {
	case t.Nanosecond() != 0 && t.Hour() == 23 && t.Minute() == 59:
		return t.Format(time.DateOnly) + " 24:00"
	case t.Second() != 0:
		return t.Format(time.DateTime)
	}
	return t.Format("2006-01-02 15:04")
}

// object and list are JSON with the order of its fields kept.
type (
	object []member
	list   []any
	member struct {
		name  string
		value any
	}
)

func (o object) get(name string) (any, bool) {
	for _, m := range o {
		if m.name == name {
			return m.value, true
		}
	}
	return nil, false
}

// valuesOf are the values of an answer, in its order.
func valuesOf(x *rulebook.Answer) (object, error) {
	d := json.NewDecoder(bytes.NewReader(x.AppendJSON(nil, false)))
	d.UseNumber()
	v, err := ordered(d)
	if err != nil {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	all, _ := v.(object)
	values, _ := all.get("values")
	inner, _ := values.(object)
	return inner, nil
}

// ordered reads one JSON value.
func ordered(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	var end json.Delim
	var fields object
	items := list{}
	switch token {
	case json.Delim('{'):
		end = '}'
	case json.Delim('['):
		end = ']'
	default:
		return token, nil
	}
	for d.More() {
		if end == ']' {
			v, err := ordered(d)
			if err != nil {
				return nil, err
			}
			items = append(items, v)
			continue
		}
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		v, err := ordered(d)
		if err != nil {
			return nil, err
		}
		name, _ := key.(string)
		fields = append(fields, member{name, v})
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if end == ']' {
		return items, nil
	}
	return fields, nil
}
