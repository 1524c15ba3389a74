package console

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/internal/jsontext"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/walltime"
	"github.com/servicerules/rulebook/policy"
)

// given reads a filled-in form: the facts as JSON in the order of the
// question's declaration, and what could not be read, by path. Whether a word
// or a number is allowed is for the book to say; here only is what a form can
// get wrong and JSON cannot.
func (f *form) given(q *policy.Question) (data []byte, wrong map[string]string) {
	r := &reader{form: f, wrong: map[string]string{}}
	var all object
	for _, x := range q.Facts {
		if v := r.fact(x.Fact, x.Name); v != "" {
			all = append(all, member{x.Name, v})
		}
	}
	for name, values := range f.values {
		if !strings.HasPrefix(name, "_") && !takes(q, name) && slices.ContainsFunc(values, func(v string) bool { return strings.TrimSpace(v) != "" }) {
			r.wrong[name] = f.pick("现行规则不收取这项事实（规则可能已更换）；它没有被采用", "the rules in force take no such fact (they may have changed); it was not used")
		}
	}
	return []byte(all.json()), r.wrong
}

// takes reports whether a question takes what an input is named after.
func takes(q *policy.Question, name string) bool {
	fields := func(path string) string { return strings.TrimSuffix(path, rowsSuffix) }
	head, rest, nested := strings.Cut(fields(name), ".")
	head, _, listed := strings.Cut(head, "[")
	i := slices.IndexFunc(q.Facts, func(f policy.QuestionFact) bool { return f.Name == head })
	if i < 0 {
		return false
	}
	f := q.Facts[i].Fact
	for {
		if listed {
			f = f.Elem
		}
		if f == nil || !nested {
			return f != nil
		}
		head, rest, nested = strings.Cut(rest, ".")
		head, _, listed = strings.Cut(head, "[")
		i := slices.IndexFunc(f.Fields, func(x *policy.Fact) bool { return x.Name == head })
		if i < 0 {
			return false
		}
		f = f.Fields[i]
	}
}

// object is JSON whose members keep their order; values are JSON.
type object []member

type member struct{ name, value string }

func (o object) json() string {
	parts := make([]string, len(o))
	for i, m := range o {
		parts[i] = quote(m.name) + ": " + m.value
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

type reader struct {
	*form
	wrong map[string]string
}

// fact is a field's value as JSON, "" where it is left out.
func (r *reader) fact(x *policy.Fact, path string) string {
	for _, value := range r.values[path] {
		if !utf8.ValidString(value) { // JSON would hold other characters in their place
			r.wrong[path] = r.pick("不是 UTF-8 文字", "this is not UTF-8 text")
			return ""
		}
	}
	text := strings.TrimSpace(r.values.Get(path))
	if none := slices.Contains(r.values[path], nullValue) && x.Null != x.Absent || x.TypeName == "list" && slices.Contains(r.values[path], emptyList); none && r.more(x, path) {
		r.wrong[path] = r.pick("既选了没有，又填了内容：留其一", "it says both that there is none and what there is: leave one of them")
		return ""
	}
	if slices.Contains(r.values[path], nullValue) && x.Null != x.Absent {
		return nullValue
	}
	switch x.TypeName {
	case "record":
		return r.record(x, path)
	case "list":
		return r.list(x, path)
	}
	if text == "" {
		return ""
	}
	return r.scalar(x, path, text)
}

// more reports whether something is filled in beside "none".
func (r *reader) more(x *policy.Fact, path string) bool {
	if x.TypeName != "record" && x.TypeName != "list" {
		return false // one field, which says one thing
	}
	none := func(v string) bool { return strings.TrimSpace(v) == "" || v == nullValue || v == emptyList }
	return r.filled(path) || slices.ContainsFunc(r.values[path], func(v string) bool { return !none(v) })
}

func (r *reader) record(x *policy.Fact, path string) string {
	var all object
	for _, inner := range x.Fields {
		if v := r.fact(inner, path+"."+inner.Name); v != "" {
			all = append(all, member{inner.Name, v})
		}
	}
	if len(all) == 0 {
		return ""
	}
	return all.json()
}

func (r *reader) list(x *policy.Fact, path string) string {
	var items []string
	if text := r.values.Get(path + rowsSuffix); text != "" {
		if n, err := strconv.Atoi(text); err != nil || n < 0 || n > maxRows {
			r.wrong[path] = policy.Text{ZH: "表单里最多 " + itoa(maxRows) + " 条，更长的请用接口", EN: "a form holds at most " + itoa(maxRows) + " rows; longer lists are for the interface"}.In(r.lang)
			return ""
		}
	}
	switch elem := x.Elem; {
	case elem.TypeName == "record" || elem.TypeName == "word" && x.Ordered:
		for i := range r.rowCount(path) {
			if v := r.fact(elem, path+"["+strconv.Itoa(i)+"]"); v != "" {
				items = append(items, v)
			}
		}
	case elem.TypeName == "word":
		for _, word := range r.values[path] {
			if word != emptyList && word != nullValue && word != "" {
				items = append(items, quote(word))
			}
		}
	default:
		for _, text := range r.values[path] {
			for _, line := range strings.FieldsFunc(text, func(c rune) bool { return c == '\n' || c == '\r' }) {
				if line = strings.TrimSpace(line); line != "" && line != emptyList {
					items = append(items, r.scalar(elem, path, line))
				}
			}
		}
	}
	switch {
	case len(items) > 0:
		return "[" + strings.Join(items, ", ") + "]"
	case slices.Contains(r.values[path], emptyList):
		return emptyList
	}
	return ""
}

func (r *reader) scalar(x *policy.Fact, path, text string) string {
	switch x.TypeName {
	case "yes_no":
		if text == "true" || text == "false" {
			return text
		}
	case "moment":
		t, problem := momentIn(text, r.book.Zone)
		if problem != (policy.Text{}) {
			r.wrong[path] = problem.In(r.lang)
			return quote(text)
		}
		return quote(walltime.Text(t, t))
	case "date", "month", "word", "article", "name", "text", "money":
	default:
		if _, err := source.Integer(text); err != nil {
			r.wrong[path] = r.pick("应为整数，如 12", "a whole number is expected, such as 12")
			return quote(text)
		}
		return text
	}
	return quote(text)
}

// quote is a JSON string.
func quote(s string) string { return string(jsontext.Append(nil, s)) }

// fill makes the values of a form from facts: the inverse of given.
func fill(b *policy.Rulebook, q *policy.Question, facts *source.Node) url.Values {
	values := url.Values{}
	w := &writer{book: b, values: values}
	for _, x := range q.Facts {
		w.fact(x.Fact, x.Name, facts.Get(x.Name))
	}
	return values
}

type writer struct {
	book   *policy.Rulebook
	values url.Values
}

func (w *writer) fact(x *policy.Fact, path string, n *source.Node) {
	switch {
	case n == nil:
	case n.Kind == source.Empty:
		if x.Null != x.Absent {
			w.values.Set(path, nullValue)
		}
	case x.TypeName == "record":
		for _, inner := range x.Fields {
			w.fact(inner, path+"."+inner.Name, n.Get(inner.Name))
		}
	case x.TypeName == "list":
		w.list(x, path, n)
	case x.TypeName == "moment":
		if t, err := source.Moment(n.Text); err == nil {
			w.values.Set(path, momentField(t.In(w.book.Zone)))
		}
	default:
		w.values.Set(path, n.Text)
	}
}

func (w *writer) list(x *policy.Fact, path string, n *source.Node) {
	if len(n.Items) == 0 {
		w.values.Set(path, emptyList)
		return
	}
	if x.Elem.TypeName == "record" || x.Elem.TypeName == "word" && x.Ordered {
		w.values.Set(path+rowsSuffix, strconv.Itoa(len(n.Items)))
		for i, item := range n.Items {
			w.fact(x.Elem, path+"["+strconv.Itoa(i)+"]", item)
		}
		return
	}
	texts := make([]string, len(n.Items))
	for i, item := range n.Items {
		texts[i] = item.Text
	}
	if x.Elem.TypeName == "word" {
		w.values[path] = texts
		return
	}
	w.values.Set(path, strings.Join(texts, "\n"))
}

// addRow adds an empty row to the list at a path; removeRow takes one away,
// "complaints[1]", and moves those behind it up.
func addRow(values url.Values, path string) {
	n, err := strconv.Atoi(values.Get(path + rowsSuffix))
	if err != nil {
		n = 0 // a list without rows
	}
	values.Set(path+rowsSuffix, strconv.Itoa(max(n, 0)+1)) // too many are refused where they are read
}

func removeRow(values url.Values, row string) {
	i := strings.LastIndexByte(row, '[')
	if i < 0 || !strings.HasSuffix(row, "]") {
		return
	}
	path := row[:i]
	at, err := strconv.Atoi(row[i+1 : len(row)-1])
	n, rowsErr := strconv.Atoi(values.Get(path + rowsSuffix))
	if err != nil || rowsErr != nil || at < 0 || at >= n || n > maxRows {
		return
	}
	for k := at; k < n; k++ {
		from, to := path+"["+strconv.Itoa(k+1)+"]", path+"["+strconv.Itoa(k)+"]"
		for key := range values {
			if key == to || strings.HasPrefix(key, to+".") || strings.HasPrefix(key, to+rowsSuffix) {
				delete(values, key)
			}
		}
		for key, v := range values {
			if rest, ok := strings.CutPrefix(key, from); ok && (rest == "" || rest[0] == '.') {
				values[to+rest] = v
			}
		}
	}
	values.Set(path+rowsSuffix, strconv.Itoa(n-1))
}
