package batch

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/internal/jsontext"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/policy"
)

// encoder writes one kind of output.
type encoder interface {
	header() []byte
	answer(dst []byte, x row, a *policy.Answer) []byte
	problem(dst []byte, x row, problems []*table.Problem) []byte
}

func newEncoder(b *policy.Rulebook, q *policy.Question, p Plan) (encoder, error) {
	fields, err := q.AnswerFields(p.Fields...)
	if err != nil {
		return nil, err
	}
	if p.Out == CSV {
		return newCSVEncoder(wording.Words{Book: b, Lang: p.Lang}, q, p.Fields), nil
	}
	return &jsonEncoder{fields}, nil
}

// jsonEncoder writes {"line":2,"record":"A1","answer":{…}} and, of a row that
// could not be read, {"line":2,"record":"A1","error":{…}}, with all of them in
// "errors" where there are several.
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

func (e *jsonEncoder) problem(dst []byte, x row, problems []*table.Problem) []byte {
	type refusal struct {
		Code    string `json:"code"`
		Fact    string `json:"fact,omitempty"`
		Value   string `json:"value,omitempty"`
		Message Text   `json:"message"`
		Remedy  Text   `json:"remedy"`
	}
	all := make([]refusal, len(problems))
	for i, p := range problems {
		all[i] = refusal{p.Code, p.Column, table.Excerpt(strings.ToValidUTF8(p.Value, "\ufffd")), p.Message, p.Remedy}
	}
	dst = e.open(dst, x, "error")
	dst = appendJSON(dst, all[0])
	if len(all) > 1 {
		dst = appendJSON(append(dst, `,"errors":`...), all)
	}
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

// csvEncoder writes a column for each part of an answer and each value: a table
// for people, with the words of the answer in the language of the run. Programs
// read codes from JSON Lines.
type csvEncoder struct {
	columns  []csvColumn
	words    wording.Words
	question *policy.Question
}

type csvColumn struct {
	name string
	cell func(e *csvEncoder, a *policy.Answer) string
}

// csvParts are the parts of an answer that fit into a cell. Those that are
// there by default come first.
var csvParts = []csvColumn{
	{"verdict", func(e *csvEncoder, a *policy.Answer) string {
		if a.Error != nil {
			return ""
		}
		return e.words.Verdict(e.question, a.Verdict)
	}},
	{"breaches", func(e *csvEncoder, a *policy.Answer) string {
		return join(e, a.Breaches, func(b policy.Breach) string { return e.words.Breach(b) })
	}},
	{"liable", func(e *csvEncoder, a *policy.Answer) string {
		return join(e, a.Liable, func(l policy.Liable) string { return strings.TrimSpace(e.words.Word(l.Role, nil) + " " + l.Person) })
	}},
	{"missing_facts", func(e *csvEncoder, a *policy.Answer) string {
		var facts []string
		for _, m := range a.MissingFacts {
			if label := e.words.Fact(e.question, m.Fact); !slices.Contains(facts, label) {
				facts = append(facts, label)
			}
		}
		return join(e, facts, func(label string) string { return label })
	}},
	{"decisions", func(e *csvEncoder, a *policy.Answer) string {
		return join(e, a.Decisions, func(d policy.Decision) string { return d.Label.In(e.words.Lang) })
	}},
	{"provisional", func(e *csvEncoder, a *policy.Answer) string { return e.unlessFailed(a, a.Provisional) }},
	{"question", func(e *csvEncoder, _ *policy.Answer) string { return e.question.Title.In(e.words.Lang) }},
	{"needs_decision", func(e *csvEncoder, a *policy.Answer) string { return e.unlessFailed(a, a.NeedsDecision) }},
	{"cites", func(e *csvEncoder, a *policy.Answer) string {
		return join(e, a.Cites, func(id string) string { return wording.Article(e.words.Book, id).In(e.words.Lang) })
	}},
	{"readings", func(e *csvEncoder, a *policy.Answer) string {
		return join(e, a.Readings, func(r policy.UsedReading) string {
			return e.words.Reading(r.Key) + " = " + e.words.Option(r.Key, r.Option)
		})
	}},
	{"rules", func(e *csvEncoder, a *policy.Answer) string { return join(e, a.Rules, e.words.Rule) }},
	{"explanation", func(e *csvEncoder, a *policy.Answer) string {
		return join(e, a.Steps(e.words.Lang), func(s policy.Step) string { return s.Text })
	}},
	{"rulebook", func(_ *csvEncoder, a *policy.Answer) string { return a.Rulebook.SHA256 }},
}

const csvDefault = "provisional" // the last that is there by default

func (e *csvEncoder) unlessFailed(a *policy.Answer, yes bool) string {
	switch {
	case a.Error != nil:
		return ""
	case yes:
		return Text{ZH: "是", EN: "yes"}.In(e.words.Lang)
	}
	return Text{ZH: "否", EN: "no"}.In(e.words.Lang)
}

func join[T any](e *csvEncoder, list []T, text func(T) string) string {
	all := make([]string, len(list))
	for i, x := range list {
		all[i] = text(x)
	}
	return strings.Join(all, Text{ZH: "；", EN: "; "}.In(e.words.Lang))
}

func newCSVEncoder(words wording.Words, q *policy.Question, fields []string) *csvEncoder {
	e := &csvEncoder{words: words, question: q}
	var values func(list []*policy.QuestionValue, prefix string)
	values = func(list []*policy.QuestionValue, prefix string) {
		for _, f := range list {
			name := prefix + f.Name
			if len(f.Fields) > 0 {
				values(f.Fields, name+".")
				continue
			}
			e.columns = append(e.columns, csvColumn{name, func(e *csvEncoder, a *policy.Answer) string { return valueCell(e.words, a, f, name) }})
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
		f, isValue := q.ValueAt(name)
		switch {
		case i >= 0:
			e.columns = append(e.columns, csvParts[i])
		case isValue:
			prefix, _, _ := cutLast(name, ".")
			values([]*policy.QuestionValue{f}, prefix)
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

// valueCell is a value as a person reads it; numbers stay numbers.
func valueCell(words wording.Words, a *policy.Answer, of *policy.QuestionValue, name string) string {
	v, ok := a.Value(name)
	if !ok || v.State != policy.StateKnown {
		return ""
	}
	if _, ok := v.Data.(policy.Money); ok { // a number in every table, whatever its currency's sign
		return strings.Trim(string(v.AppendJSON(nil)), `"`)
	}
	_, ofTexts := v.Data.([]string)
	switch {
	case v.Kind == policy.KindList && len(v.Items) == 0:
		return ""
	case v.Kind == policy.KindList && !ofTexts, v.Kind == policy.KindRecord, v.Kind == policy.KindMap:
		return words.Value(of, v)
	}
	if text := v.AppendJSON(nil); text[0] == '-' || '0' <= text[0] && text[0] <= '9' {
		return string(text)
	}
	return v.Show(words.Lang)
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
	return table.AppendRow([]byte(table.Mark), append(cells, lastCells...))
}

func (e *csvEncoder) answer(dst []byte, x row, a *policy.Answer) []byte {
	cells := make([]string, 0, len(firstCells)+len(e.columns)+len(lastCells))
	cells = append(cells, strconv.FormatInt(x.line, 10), x.id)
	for _, c := range e.columns {
		cells = append(cells, c.cell(e, a))
	}
	if a.Error != nil {
		why := a.Failure()
		return table.AppendRow(dst, append(cells, e.words.Reason(why.Code), e.fact(why.Fact), e.told(why.Message, why.Remedy)))
	}
	return table.AppendRow(dst, append(cells, "", "", ""))
}

func (e *csvEncoder) problem(dst []byte, x row, problems []*table.Problem) []byte {
	cells := make([]string, len(firstCells)+len(e.columns), len(firstCells)+len(e.columns)+len(lastCells))
	cells[0], cells[1] = strconv.FormatInt(x.line, 10), x.id
	codes, facts, messages := make([]string, len(problems)), make([]string, len(problems)), make([]string, len(problems))
	for i, p := range problems {
		codes[i], facts[i], messages[i] = e.words.Reason(p.Code), e.fact(p.Column), e.told(p.Message, p.Remedy)
	}
	as := func(text string) string { return text }
	return table.AppendRow(dst, append(cells, join(e, codes, as), join(e, facts, as), join(e, messages, as)))
}

// fact is the label of a fact, and how it is called in a file of facts; or what
// else something is wrong with, as it stands there.
func (e *csvEncoder) fact(path string) string {
	if path == table.Record {
		return Text{ZH: "编号（record）", EN: "id (record)"}.In(e.words.Lang)
	}
	return e.words.FactNamed(e.question, path)
}

// told is a message with what to do about it.
func (e *csvEncoder) told(message, remedy policy.Text) string {
	text := message.In(e.words.Lang)
	if remedy := remedy.In(e.words.Lang); remedy != "" {
		text += " → " + remedy
	}
	return text
}
