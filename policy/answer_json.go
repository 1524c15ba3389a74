package policy

import (
	"slices"
	"strconv"
	"time"

	"github.com/servicerules/rulebook/internal/jsontext"
	"github.com/servicerules/rulebook/internal/value"
)

// MarshalJSON writes the answer canonically: the same answer is the same
// bytes, on every machine and in every time zone. The explanation is rendered
// for it in both languages. It is declared on the value, so that an Answer that
// is held by value is written like one that is pointed to.
func (a Answer) MarshalJSON() ([]byte, error) { return a.AppendJSON(nil, true), nil }

// AppendJSON appends the canonical JSON of the answer to dst, with or without
// its explanation, and returns the longer slice.
func (a *Answer) AppendJSON(dst []byte, explain bool) []byte {
	if explain {
		return a.AppendFields(dst, wholeAnswer)
	}
	return a.AppendFields(dst, withoutProse)
}

type answerPart struct {
	name  string
	write func(w *jsonWriter, a *Answer, f *AnswerFields)
}

// answerParts are the keys of an answer's JSON, in their order.
var answerParts = []answerPart{
	{"question", func(w *jsonWriter, a *Answer, _ *AnswerFields) { w.str(a.Question) }},
	{"verdict", func(w *jsonWriter, a *Answer, _ *AnswerFields) { w.str(a.Verdict) }},
	{"values", func(w *jsonWriter, a *Answer, f *AnswerFields) { w.values(a, a.compiledValues(), f.values) }},
	{"breaches", func(w *jsonWriter, a *Answer, _ *AnswerFields) { w.breaches(a.Breaches) }},
	{"liable", func(w *jsonWriter, a *Answer, _ *AnswerFields) { w.liable(a.Liable) }},
	{"missing_facts", func(w *jsonWriter, a *Answer, _ *AnswerFields) { w.missing(a.MissingFacts) }},
	{"needs_decision", func(w *jsonWriter, a *Answer, _ *AnswerFields) { w.raw(strconv.FormatBool(a.NeedsDecision)) }},
	{"decisions", func(w *jsonWriter, a *Answer, _ *AnswerFields) { w.decisions(a.Decisions) }},
	{"provisional", func(w *jsonWriter, a *Answer, _ *AnswerFields) { w.raw(strconv.FormatBool(a.Provisional)) }},
	{"cites", func(w *jsonWriter, a *Answer, _ *AnswerFields) { w.strs(a.Cites) }},
	{"readings", func(w *jsonWriter, a *Answer, _ *AnswerFields) { w.readings(a.Readings) }},
	{"rules", func(w *jsonWriter, a *Answer, _ *AnswerFields) { w.strs(a.Rules) }},
	{"explanation", func(w *jsonWriter, a *Answer, _ *AnswerFields) {
		zh, en := a.explanations()
		w.open('{')
		w.key("zh").strs(zh)
		w.key("en").strs(en)
		w.close('}')
	}},
	{"rulebook", func(w *jsonWriter, a *Answer, _ *AnswerFields) { w.stamp(a.Rulebook) }},
}

// ofFailures are the keys that an answer with an Error has beside it.
var ofFailures = []string{"question", "readings", "rulebook"}

// AppendFields appends the JSON of the answer to dst, less what is not among
// the fields, and returns the longer slice. An error is always written.
func (a *Answer) AppendFields(dst []byte, f *AnswerFields) []byte {
	w := &jsonWriter{b: dst}
	w.open('{')
	for i, p := range answerParts {
		if a.Error != nil && p.name == "verdict" {
			w.key("error").failure(a.Failure())
		}
		if f.parts[i] && (a.Error == nil || slices.Contains(ofFailures, p.name)) {
			w.key(p.name)
			p.write(w, a, f)
			w.comma = true
		}
	}
	w.close('}')
	return w.b
}

// AppendValue appends the canonical JSON of the value with the given name
// ("due_date", or dotted for a field of a record) to dst; null where the
// answer has none.
func (a *Answer) AppendValue(dst []byte, name string) []byte {
	n, ok := a.find(name)
	if !ok {
		n.none = true
	}
	w := &jsonWriter{b: dst}
	w.named(a, n, nil)
	return w.b
}

func (a *Answer) zone() *time.Location {
	if a.kept.ed == nil {
		return time.UTC
	}
	return a.kept.ed.book.Zone
}

type jsonWriter struct {
	b     []byte
	comma bool
}

func (w *jsonWriter) open(c byte) {
	w.b = append(w.b, c)
	w.comma = false
}

func (w *jsonWriter) close(c byte) {
	w.b = append(w.b, c)
	w.comma = true
}

func (w *jsonWriter) item() *jsonWriter {
	if w.comma {
		w.b = append(w.b, ',')
	}
	w.comma = true
	return w
}

func (w *jsonWriter) key(k string) *jsonWriter {
	w.item()
	w.b = jsontext.Append(w.b, k)
	w.b = append(w.b, ':')
	return w
}

func (w *jsonWriter) str(s string)   { w.b = jsontext.Append(w.b, s) }
func (w *jsonWriter) raw(s string)   { w.b = append(w.b, s...) }
func (w *jsonWriter) number(n int64) { w.b = strconv.AppendInt(w.b, n, 10) }

func (w *jsonWriter) text(t Text) {
	w.open('{')
	w.key("zh").str(t.ZH)
	w.key("en").str(t.EN)
	w.close('}')
}

func (w *jsonWriter) strs(list []string) {
	w.open('[')
	for _, s := range list {
		w.item().str(s)
	}
	w.close(']')
}

func (w *jsonWriter) failure(e AnswerError) {
	w.open('{')
	w.key("code").str(e.Code)
	if e.Fact != "" {
		w.key("fact").str(e.Fact)
	}
	if e.Year != 0 {
		w.key("year").number(int64(e.Year))
	}
	w.key("message").text(e.Message)
	if e.Remedy != (Text{}) {
		w.key("remedy").text(e.Remedy)
	}
	w.close('}')
}

func (w *jsonWriter) breaches(list []Breach) {
	w.open('[')
	for _, x := range list {
		w.item().open('{')
		w.key("article").str(x.Article)
		w.key("code").str(x.Code)
		if x.Detail != "" {
			w.key("detail").str(x.Detail)
		}
		w.key("rule").str(x.Rule)
		w.key("label").text(x.Label)
		w.close('}')
	}
	w.close(']')
}

func (w *jsonWriter) liable(list []Liable) {
	w.open('[')
	for _, x := range list {
		w.item().open('{')
		w.key("role").str(x.Role)
		if x.Person != "" {
			w.key("person").str(x.Person)
		}
		w.close('}')
	}
	w.close(']')
}

func (w *jsonWriter) missing(list []MissingFact) {
	w.open('[')
	for _, x := range list {
		w.item().open('{')
		w.key("fact").str(x.Fact)
		w.key("needed_by").str(x.NeededBy)
		w.close('}')
	}
	w.close(']')
}

func (w *jsonWriter) decisions(list []Decision) {
	w.open('[')
	for _, x := range list {
		w.item().open('{')
		w.key("code").str(x.Code)
		w.key("rule").str(x.Rule)
		w.key("label").text(x.Label)
		w.close('}')
	}
	w.close(']')
}

func (w *jsonWriter) readings(list []UsedReading) {
	w.open('{')
	for _, x := range list {
		w.key(x.Key).str(x.Option)
	}
	w.close('}')
}

func (w *jsonWriter) stamp(s Stamp) {
	w.open('{')
	w.key("id").str(s.ID)
	if s.Edition != "" {
		w.key("edition").str(s.Edition)
	}
	w.key("sha256").str(s.SHA256)
	w.close('}')
}

// values writes the values that are chosen; a nil choice is all of them.
func (w *jsonWriter) values(a *Answer, list []*compiledValue, chosen chosenValues) {
	w.open('{')
	for _, f := range list {
		if below, ok := chosen.below(f.Name); ok {
			w.key(f.Name).named(a, a.namedValue(f), below)
		}
	}
	w.close('}')
}

func (w *jsonWriter) named(a *Answer, n namedValue, chosen chosenValues) {
	switch {
	case n.none:
		w.raw("null")
	case n.fields != nil:
		w.values(a, n.fields, chosen)
	case n.fig != nil && n.fig.Keyed:
		w.keyed(n, a.zone())
	default:
		w.value(n.v, n.typ, a.zone())
	}
}

// keyed writes a list of two-field records as a map.
func (w *jsonWriter) keyed(n namedValue, zone *time.Location) {
	if !n.v.IsKnown() {
		w.raw("null")
		return
	}
	w.open('{')
	for _, e := range n.v.L() {
		if len(e.L()) == 2 {
			w.key(e.L()[0].S()).value(e.L()[1], n.typ.Elem.Fields[1].Type, zone)
		}
	}
	w.close('}')
}

func (w *jsonWriter) value(v value.Value, t *value.Type, zone *time.Location) {
	if !v.IsKnown() {
		w.raw("null")
		w.comma = true
		return
	}
	switch v.K {
	case value.YesNo:
		w.raw(strconv.FormatBool(v.N != 0))
	case value.Count:
		w.number(v.N)
	case value.List:
		w.open('[')
		for _, e := range v.L() {
			w.item().value(e, elem(t), zone)
		}
		w.close(']')
	case value.Record:
		w.open('{')
		for i, e := range v.L() {
			if t != nil && i < len(t.Fields) {
				w.key(t.Fields[i].Name).value(e, t.Fields[i].Type, zone)
			}
		}
		w.close('}')
	case value.Word, value.Name, value.Article:
		w.str(v.S())
	default: // times and ratios, which need no escapes
		w.b = append(v.AppendText(append(w.b, '"'), zone), '"')
	}
	w.comma = true
}

func elem(t *value.Type) *value.Type {
	if t == nil {
		return nil
	}
	return t.Elem
}
