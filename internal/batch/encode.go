package batch

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/internal/jsontext"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/policy"
)

// encoder writes one kind of output.
type encoder interface {
	header() []byte
	answer(dst []byte, x row, a *policy.Answer) []byte
	problem(dst []byte, x row, p *table.Problem) []byte
}

func newEncoder(q *policy.Question, p Plan) (encoder, error) {
	fields, err := q.AnswerFields(p.Fields...)
	if err != nil {
		return nil, err
	}
	if p.Out == CSV {
		return newCSVEncoder(q, p.Fields, p.Lang), nil
	}
	return &jsonEncoder{fields}, nil
}

// jsonEncoder writes {"line":2,"record":"A1","answer":{…}} and, of a row that
// could not be read, {"line":2,"record":"A1","error":{…}}.
type jsonEncoder struct{ fields *policy.AnswerFields }

func (*jsonEncoder) header() []byte { return nil }

func (*jsonEncoder) open(dst []byte, x row, key string) []byte {
	dst = append(dst, `{"line":`...)
	dst = strconv.AppendInt(dst, x.line, 10)
	if x.id != "" {
		dst = append(dst, `,"record":`...)
		dst = jsontext.Append(dst, x.id)
	}
	dst = append(dst, `,"`...)
	dst = append(dst, key...)
	return append(dst, `":`...)
}

func (e *jsonEncoder) answer(dst []byte, x row, a *policy.Answer) []byte {
	dst = e.open(dst, x, "answer")
	dst = a.AppendFields(dst, e.fields)
	return append(dst, "}\n"...)
}

func (e *jsonEncoder) problem(dst []byte, x row, p *table.Problem) []byte {
	dst = e.open(dst, x, "error")
	dst = appendJSON(dst, struct {
		Code    string `json:"code"`
		Fact    string `json:"fact,omitempty"`
		Value   string `json:"value,omitempty"`
		Message Text   `json:"message"`
		Remedy  Text   `json:"remedy"`
	}{p.Code, p.Column, table.Excerpt(strings.ToValidUTF8(p.Value, "\ufffd")), p.Message, p.Remedy})
	return append(dst, "}\n"...)
}

// appendJSON appends a struct of text as JSON.
func appendJSON(dst []byte, v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v)
	return append(dst, bytes.TrimRight(b.Bytes(), "\n")...)
}

// csvEncoder writes a column for each part of an answer and each value.
type csvEncoder struct {
	columns []csvColumn
	lang    string
}

type csvColumn struct {
	name string
	cell func(a *policy.Answer, lang string) string
}

// csvParts are the parts of an answer that fit into a cell. Those that are
// there by default come first.
var csvParts = []csvColumn{
	{"verdict", func(a *policy.Answer, _ string) string { return a.Verdict }},
	{"breaches", func(a *policy.Answer, _ string) string { return join(a.Breaches, policy.Breach.String) }},
	{"liable", func(a *policy.Answer, _ string) string {
		return join(a.Liable, func(l policy.Liable) string { return strings.TrimSuffix(l.Role+":"+l.Person, ":") })
	}},
	{"missing_facts", func(a *policy.Answer, _ string) string {
		var facts []string
		for _, m := range a.MissingFacts {
			if !slices.Contains(facts, m.Fact) {
				facts = append(facts, m.Fact)
			}
		}
		return strings.Join(facts, ";")
	}},
	{"decisions", func(a *policy.Answer, _ string) string {
		return join(a.Decisions, func(d policy.Decision) string { return d.Code })
	}},
	{"provisional", func(a *policy.Answer, _ string) string { return unlessFailed(a, strconv.FormatBool(a.Provisional)) }},
	{"question", func(a *policy.Answer, _ string) string { return a.Question }},
	{"needs_decision", func(a *policy.Answer, _ string) string { return unlessFailed(a, strconv.FormatBool(a.NeedsDecision)) }},
	{"cites", func(a *policy.Answer, _ string) string { return strings.Join(a.Cites, ";") }},
	{"readings", func(a *policy.Answer, _ string) string {
		return join(a.Readings, func(r policy.UsedReading) string { return r.Key + "=" + r.Option })
	}},
	{"rules", func(a *policy.Answer, _ string) string { return strings.Join(a.Rules, ";") }},
	{"explanation", func(a *policy.Answer, lang string) string {
		return join(a.Steps(lang), func(s policy.Step) string { return s.Text })
	}},
	{"rulebook", func(a *policy.Answer, _ string) string { return a.Rulebook.SHA256 }},
}

const csvDefault = "provisional" // the last that is there by default

func unlessFailed(a *policy.Answer, text string) string {
	if a.Error != nil {
		return ""
	}
	return text
}

func join[T any](list []T, text func(T) string) string {
	all := make([]string, len(list))
	for i, x := range list {
		all[i] = text(x)
	}
	return strings.Join(all, ";")
}

func newCSVEncoder(q *policy.Question, fields []string, lang string) *csvEncoder {
	e := &csvEncoder{lang: lang}
	var values func(list []*policy.Figure, prefix string)
	values = func(list []*policy.Figure, prefix string) {
		for _, f := range list {
			name := prefix + f.Name
			if len(f.Fields) > 0 {
				values(f.Fields, name+".")
				continue
			}
			e.columns = append(e.columns, csvColumn{name, func(a *policy.Answer, _ string) string { return valueCell(a, name) }})
		}
	}
	if len(fields) == 0 {
		for _, p := range csvParts {
			e.columns = append(e.columns, p)
			if p.name == csvParts[0].name {
				values(q.Values, "")
			}
			if p.name == csvDefault {
				break
			}
		}
		return e
	}
	for _, name := range fields {
		i := slices.IndexFunc(csvParts, func(p csvColumn) bool { return p.name == name })
		f, isValue := q.FigureAt(name)
		switch {
		case i >= 0:
			e.columns = append(e.columns, csvParts[i])
		case isValue:
			prefix, _, _ := cutLast(name, ".")
			values([]*policy.Figure{f}, prefix)
		default: // all values
			values(q.Values, "")
		}
	}
	return e
}

// cutLast cuts around the last sep; before keeps it.
func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return "", s, false
	}
	return s[:i+len(sep)], s[i+len(sep):], true
}

// valueCell is a value as it would stand in a cell of the input: text without
// quotes, lists of it with semicolons; other lists and records are JSON.
func valueCell(a *policy.Answer, name string) string {
	text := a.AppendValue(nil, name)
	var list []string
	switch {
	case string(text) == "null":
		return ""
	case text[0] == '"':
		if inside := text[1 : len(text)-1]; bytes.IndexByte(inside, '\\') < 0 {
			return string(inside)
		}
		var s string
		if json.Unmarshal(text, &s) == nil {
			return s
		}
	case text[0] == '[' && json.Unmarshal(text, &list) == nil:
		return strings.Join(list, ";")
	}
	return string(text)
}

// row appends a row as encoding/csv writes it, which is asked where it might
// write quotes.
func (e *csvEncoder) row(dst []byte, cells []string) []byte {
	if !slices.ContainsFunc(cells, mayNeedQuotes) {
		for i, c := range cells {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(dst, c...)
		}
		return append(dst, '\n')
	}
	b := bytes.NewBuffer(dst)
	w := csv.NewWriter(b)
	_ = w.Write(cells) // the buffer takes everything
	w.Flush()
	return b.Bytes()
}

func mayNeedQuotes(cell string) bool {
	return cell != "" && (cell[0] <= ' ' || cell[0] >= utf8.RuneSelf || cell[0] == '\\' || strings.ContainsAny(cell, "\",\r\n"))
}

// Columns of CSV beside those of the answers.
var (
	firstCells = []string{"line", "record"}
	lastCells  = []string{"error", "fact", "message"}
)

func (e *csvEncoder) header() []byte {
	cells := slices.Clone(firstCells)
	for _, c := range e.columns {
		cells = append(cells, c.name)
	}
	return e.row(nil, append(cells, lastCells...))
}

func (e *csvEncoder) answer(dst []byte, x row, a *policy.Answer) []byte {
	cells := make([]string, 0, len(firstCells)+len(e.columns)+len(lastCells))
	cells = append(cells, strconv.FormatInt(x.line, 10), x.id)
	for _, c := range e.columns {
		cells = append(cells, c.cell(a, e.lang))
	}
	if a.Error != nil {
		return e.row(dst, append(cells, a.Error.Code, a.Error.Fact, a.Error.Message.In(e.lang)))
	}
	return e.row(dst, append(cells, "", "", ""))
}

func (e *csvEncoder) problem(dst []byte, x row, p *table.Problem) []byte {
	cells := make([]string, len(firstCells)+len(e.columns), len(firstCells)+len(e.columns)+len(lastCells))
	cells[0], cells[1] = strconv.FormatInt(x.line, 10), x.id
	message := p.Message.In(e.lang)
	if remedy := p.Remedy.In(e.lang); remedy != "" {
		message += " → " + remedy
	}
	return e.row(dst, append(cells, p.Code, p.Column, message))
}
