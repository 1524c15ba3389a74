package policy

import (
	"slices"
	"strconv"

	"github.com/servicerules/rulebook/internal/jsontext"
)

// MarshalJSON writes the answer canonically: the same answer is the same
// bytes, on every machine and in every time zone. The explanation is rendered
// for it in the languages of the rulebook. It is declared on the value, so that an Answer that
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
	{"question", func(w *jsonWriter, a *Answer, _ *AnswerFields) { w.Str(a.Question) }},
	{"verdict", func(w *jsonWriter, a *Answer, _ *AnswerFields) { w.Str(a.Verdict) }},
	{"values", func(w *jsonWriter, a *Answer, f *AnswerFields) { a.appendValues(w, f.values) }},
	{"breaches", func(w *jsonWriter, a *Answer, _ *AnswerFields) { w.breaches(a.Breaches) }},
	{"liable", func(w *jsonWriter, a *Answer, _ *AnswerFields) { w.liable(a.Liable) }},
	{"missing_facts", func(w *jsonWriter, a *Answer, _ *AnswerFields) { w.missing(a.MissingFacts) }},
	{"needs_decision", func(w *jsonWriter, a *Answer, _ *AnswerFields) { w.Raw(strconv.FormatBool(a.NeedsDecision)) }},
	{"decisions", func(w *jsonWriter, a *Answer, _ *AnswerFields) { w.decisions(a.Decisions) }},
	{"provisional", func(w *jsonWriter, a *Answer, _ *AnswerFields) { w.Raw(strconv.FormatBool(a.Provisional)) }},
	{"cites", func(w *jsonWriter, a *Answer, _ *AnswerFields) { w.Strs(a.Cites) }},
	{"readings", func(w *jsonWriter, a *Answer, _ *AnswerFields) { w.readings(a.Readings) }},
	{"rules", func(w *jsonWriter, a *Answer, _ *AnswerFields) { w.Strs(a.Rules) }},
	{"explanation", func(w *jsonWriter, a *Answer, _ *AnswerFields) {
		lines := a.lines(w.languages...)
		w.Open('{')
		for i, lang := range w.languages {
			w.Key(lang).Strs(lines[i])
		}
		w.Close('}')
	}},
	{"rulebook", func(w *jsonWriter, a *Answer, _ *AnswerFields) { w.stamp(a.Rulebook) }},
}

// ofFailures are the keys that an answer with an Error has beside it.
var ofFailures = []string{"question", "readings", "rulebook"}

// AppendFields appends the JSON of the answer to dst, less what is not among
// the fields, and returns the longer slice. An error is always written.
func (a *Answer) AppendFields(dst []byte, f *AnswerFields) []byte {
	w := &jsonWriter{jsontext.Writer{B: dst}, a.languages()}
	w.Open('{')
	for i, p := range answerParts {
		if a.Error != nil && p.name == "verdict" {
			w.Key("error")
			w.failure(a.Failure())
		}
		if f.parts[i] && (a.Error == nil || slices.Contains(ofFailures, p.name)) {
			w.Key(p.name)
			p.write(w, a, f)
		}
	}
	w.Close('}')
	return w.B
}

// AppendValue appends the canonical JSON of the value with the given name
// ("due_date", or dotted for a field of a record) to dst; null where the
// answer has none.
func (a *Answer) AppendValue(dst []byte, name string) []byte {
	if a.from == nil {
		return append(dst, "null"...)
	}
	return a.from.AppendValue(dst, name)
}

// appendValues writes the values that are chosen.
func (a *Answer) appendValues(w *jsonWriter, chosen ChosenValues) {
	if a.from == nil {
		w.Raw("{}")
		return
	}
	w.B = a.from.AppendValues(w.B, chosen)
}

// jsonWriter writes the parts of an answer.
type jsonWriter struct {
	jsontext.Writer
	languages []string // of what is wording
}

func (w *jsonWriter) text(t Text) {
	w.Open('{')
	for _, lang := range w.languages {
		w.Key(lang).Str(t.In(lang))
	}
	w.Close('}')
}

func (w *jsonWriter) failure(e AnswerError) {
	w.Open('{')
	w.Key("code").Str(e.Code)
	if e.Fact != "" {
		w.Key("fact").Str(e.Fact)
	}
	if e.Year != 0 {
		w.Key("year").Number(int64(e.Year))
	}
	w.Key("message")
	w.text(e.Message)
	if e.Remedy != (Text{}) {
		w.Key("remedy")
		w.text(e.Remedy)
	}
	w.Close('}')
}

func (w *jsonWriter) breaches(list []Breach) {
	w.Open('[')
	for _, x := range list {
		w.Item().Open('{')
		w.Key("article").Str(x.Article)
		w.Key("code").Str(x.Code)
		if x.Detail != "" {
			w.Key("detail").Str(x.Detail)
		}
		w.Key("rule").Str(x.Rule)
		w.Key("label")
		w.text(x.Label)
		w.Close('}')
	}
	w.Close(']')
}

func (w *jsonWriter) liable(list []Liable) {
	w.Open('[')
	for _, x := range list {
		w.Item().Open('{')
		w.Key("role").Str(x.Role)
		if x.Person != "" {
			w.Key("person").Str(x.Person)
		}
		w.Close('}')
	}
	w.Close(']')
}

func (w *jsonWriter) missing(list []MissingFact) {
	w.Open('[')
	for _, x := range list {
		w.Item().Open('{')
		w.Key("fact").Str(x.Fact)
		w.Key("needed_by").Str(x.NeededBy)
		w.Close('}')
	}
	w.Close(']')
}

func (w *jsonWriter) decisions(list []Decision) {
	w.Open('[')
	for _, x := range list {
		w.Item().Open('{')
		w.Key("code").Str(x.Code)
		w.Key("rule").Str(x.Rule)
		w.Key("label")
		w.text(x.Label)
		w.Close('}')
	}
	w.Close(']')
}

func (w *jsonWriter) readings(list []UsedReading) {
	w.Open('{')
	for _, x := range list {
		w.Key(x.Key).Str(x.Option)
	}
	w.Close('}')
}

func (w *jsonWriter) stamp(s Stamp) {
	w.Open('{')
	w.Key("id").Str(s.ID)
	if s.Edition != "" {
		w.Key("edition").Str(s.Edition)
	}
	w.Key("sha256").Str(s.SHA256)
	w.Close('}')
}
