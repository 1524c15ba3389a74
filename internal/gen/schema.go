package gen

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/policy"
)

type object = map[string]any

const dialect = "https://json-schema.org/draft/2020-12/schema"

// Schema is a JSON Schema (2020-12) of the facts and the answers of questions:
// under $defs "QUESTION.facts" and "QUESTION.answer" of each.
func Schema(b *policy.Rulebook, questions []*policy.Question) ([]byte, error) {
	defs := object{}
	for _, q := range questions {
		facts, answer := FactsSchema(q), AnswerSchema(q)
		delete(facts, "$schema")
		delete(answer, "$schema")
		defs[q.ID+".facts"], defs[q.ID+".answer"] = facts, answer
	}
	return indented(object{"$schema": dialect, "title": both(b.Title), "$defs": defs})
}

// OpenAPI is a description (3.1) of asking the questions over HTTP, as the
// reference server answers them.
func OpenAPI(b *policy.Rulebook, questions []*policy.Question) ([]byte, error) {
	schemas, paths := object{}, object{}
	for _, q := range questions {
		facts, answer := FactsSchema(q), AnswerSchema(q)
		delete(facts, "$schema")
		delete(answer, "$schema")
		name := camel(q.ID)
		schemas[name+"Facts"], schemas[name+"Answer"] = facts, answer
		content := func(schema string) object {
			return object{"application/json": object{"schema": object{"$ref": "#/components/schemas/" + schema}}}
		}
		paths["/v1/questions/"+q.ID+"/ask"] = object{"post": object{
			"operationId": "ask" + name, "summary": both(q.Title),
			"requestBody": object{"required": true, "content": content(name + "Facts")},
			"responses":   object{"200": object{"description": "the answer", "content": content(name + "Answer")}},
		}}
	}
	return indented(object{
		"openapi": "3.1.0", "info": object{"title": both(b.Title), "version": b.SHA256[:12]},
		"paths": paths, "components": object{"schemas": schemas},
	})
}

func indented(v any) ([]byte, error) {
	data, err := json.MarshalIndent(v, "", " ")
	return append(data, '\n'), err
}

// both is a wording in all its languages.
func both(t policy.Text) string {
	var all []string
	for _, lang := range t.Languages() {
		all = append(all, t.In(lang))
	}
	return strings.Join(all, " / ")
}

// FactsSchema describes the facts of a question as a JSON Schema (2020-12). Its
// titles are in the languages of the rulebook, under "title" and "x-title". It accepts
// whatever the library accepts; a few things, such as a day that does not
// exist, only the library refuses.
func FactsSchema(q *policy.Question) map[string]any {
	asOf := policy.Text{ZH: "提问时刻", EN: "moment of asking"}.InLanguages(q.Title.Languages())
	properties := object{"as_of": object{"type": []string{"string", "null"}, "format": "date-time", "title": both(asOf), "x-title": asOf}}
	for _, f := range q.Facts {
		properties[f.Name] = factSchema(f.Fact)
	}
	return object{
		"$schema": dialect, "title": both(q.Title), "x-title": q.Title,
		"type": "object", "additionalProperties": false, "properties": properties,
	}
}

const (
	moments = `^\d{4}-\d{2}-\d{2}T`
	dates   = `^\d{4}-\d{2}-\d{2}$`
	months  = `^\d{4}-\d{2}$`
	ratios  = `^-?\d+/\d+$`
	amounts = `^\s*-?\d+(\.\d+)?\s*([A-Z]{3}|元)?\s*$`
)

// whole numbers are smaller than this.
const largest int64 = 1_000_000_000_000_000 - 1

func factSchema(f *policy.Fact) object {
	s := object{"title": both(f.Label), "x-title": f.Label}
	if !f.Note.IsZero() {
		s["description"] = both(f.Note)
	}
	if !f.Unit.IsZero() {
		s["x-unit"] = f.Unit
	}
	if f.Event {
		s["x-event"] = true // never later than the moment of asking
	}
	kind := "string"
	also := ""
	switch f.TypeName {
	case "yes_no":
		kind = "boolean"
	case "count":
		kind, s["minimum"], s["maximum"] = "integer", 0, largest
	case "number":
		kind, s["minimum"], s["maximum"] = "integer", -largest, largest
	case "year":
		kind, s["minimum"], s["maximum"] = "integer", 1, 9999
	case "money":
		also, s["pattern"], s["x-currency"] = "number", amounts, f.Currency
	case "moment":
		s["format"], s["pattern"] = "date-time", moments
	case "date":
		s["format"], s["pattern"] = "date", dates
	case "month":
		s["pattern"] = months
	case "name":
		s["maxLength"] = 200
	case "word":
		// null is allowed beside the words
		enum, words := wordsOf(factOf(f).shape.words)
		s["enum"], s["x-words"] = append(enum, nil), words
	case "list":
		kind, s["maxItems"] = "array", 1000
		items := factSchema(f.Elem)
		notNull(items)
		s["items"] = items
	case "record":
		properties := object{}
		for _, x := range f.Fields {
			properties[x.Name] = factSchema(x)
		}
		kind, s["properties"], s["additionalProperties"] = "object", properties, false
	}
	s["type"] = []string{kind, "null"}
	if also != "" {
		s["type"] = []string{kind, also, "null"}
	}
	s["x-absent"] = absence(f.Absent)
	s["x-null"] = absence(f.Null)
	return s
}

// wordsOf are words as values, and with their labels.
func wordsOf(words []policy.Word) (enum []any, labelled []policy.Word) {
	for _, w := range words {
		enum = append(enum, w.Word)
	}
	return enum, slices.Clone(words)
}

// notNull takes null away: a list of facts has no empty items.
func notNull(s object) {
	if kinds, ok := s["type"].([]string); ok {
		s["type"] = kinds[0]
		if len(kinds) > 2 {
			s["type"] = kinds[:len(kinds)-1]
		}
	}
	if words, ok := s["enum"].([]any); ok {
		s["enum"] = words[:len(words)-1]
	}
	delete(s, "x-absent")
	delete(s, "x-null")
}

// absence says what a fact means that is not given.
func absence(a policy.Absence) string {
	switch {
	case a == policy.IsNone:
		return "none"
	case a == policy.IsDefault:
		return "default"
	}
	return "unknown"
}

// AnswerSchema describes the answers to a question as a JSON Schema (2020-12):
// what all answers have, from the type that they are decoded into, and the
// question's own verdicts and values. A value that is not known is null.
func AnswerSchema(q *policy.Question) map[string]any {
	s := typeSchema(reflect.TypeFor[policy.AnswerDocument](), q.Title.Languages())
	s["$schema"], s["title"], s["x-title"] = dialect, both(q.Title), q.Title
	properties, _ := s["properties"].(object)
	properties["question"] = object{"const": q.ID}
	enum, words := wordsOf(verdictOf(q).words)
	properties["verdict"] = object{"type": "string", "enum": enum, "x-words": words}
	properties["values"] = shapeSchema(valuesOf(q))
	return s
}

// shapeSchema is the schema of what is known; null stands for what is not.
func shapeSchema(s *shape) object {
	switch s.kind {
	case policy.KindYesNo:
		return object{"type": "boolean"}
	case policy.KindCount:
		return object{"type": "integer"}
	case policy.KindRatio: // a whole number where it came to one
		return object{"type": []string{"string", "integer"}, "pattern": ratios}
	case policy.KindMoney:
		out := object{"type": "string", "pattern": amounts}
		if s.in != "" {
			out["x-currency"] = s.in
		}
		return out
	case policy.KindDuration:
		return object{"type": "string"}
	case policy.KindMoment:
		return object{"type": "string", "format": "date-time", "pattern": moments}
	case policy.KindDate:
		return object{"type": "string", "format": "date", "pattern": dates}
	case policy.KindMonth:
		return object{"type": "string", "pattern": months}
	case policy.KindWord, policy.KindName, policy.KindArticle:
		out := object{"type": "string"}
		if s.hasWords() {
			out["enum"], out["x-words"] = wordsOf(s.words)
		}
		return out
	case policy.KindList:
		return object{"type": "array", "items": orNull(shapeSchema(s.elem))}
	case policy.KindMap:
		return object{"type": "object", "additionalProperties": orNull(shapeSchema(s.elem))}
	case policy.KindRecord:
		properties := object{}
		for _, f := range s.fields {
			one := orNull(shapeSchema(f.shape))
			if !f.label.IsZero() {
				one["title"], one["x-title"] = both(f.label), f.label
			}
			if !f.unit.IsZero() {
				one["x-unit"] = f.unit
			}
			properties[f.name] = one
		}
		return object{"type": "object", "properties": properties, "additionalProperties": false}
	}
	return object{}
}

// orNull allows null.
func orNull(s object) object {
	switch kind := s["type"].(type) {
	case string:
		s["type"] = []string{kind, "null"}
	case []string:
		s["type"] = append(slices.Clone(kind), "null")
	}
	if words, ok := s["enum"].([]any); ok {
		s["enum"] = append(slices.Clone(words), nil)
	}
	return s
}

// typeSchema is the schema of a Go type as package json writes it, with what
// its jsonschema tags say.
func typeSchema(t reflect.Type, languages []string) object {
	if each := ofLanguages(t); each != nil {
		return byLanguage(each, languages)
	}
	switch t.Kind() {
	case reflect.Pointer:
		return typeSchema(t.Elem(), languages)
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return object{"type": "integer"}
	case reflect.String:
		return object{"type": "string"}
	case reflect.Slice:
		return object{"type": "array", "items": typeSchema(t.Elem(), languages)}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": typeSchema(t.Elem(), languages)}
	case reflect.Struct:
		properties, required := object{}, []string{}
		for _, f := range jsonFields(t) {
			one := typeSchema(f.typ, languages)
			if f.doc != "" {
				one["description"] = f.doc
			}
			properties[f.name] = one
			if !f.optional {
				required = append(required, f.name)
			}
		}
		return object{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
	}
	return object{}
}

// ofLanguages is what a type that is written by language has of each: a text, or
// the lines of an explanation; nil for any other type.
func ofLanguages(t reflect.Type) reflect.Type {
	switch t {
	case reflect.TypeFor[policy.Text]():
		return reflect.TypeFor[string]()
	case reflect.TypeFor[policy.Explanation]():
		return reflect.TypeFor[[]string]()
	}
	return nil
}

// byLanguage is the schema of what is written by language.
func byLanguage(each reflect.Type, languages []string) object {
	properties := object{}
	for _, lang := range languages {
		properties[lang] = typeSchema(each, languages)
	}
	return object{"type": "object", "properties": properties, "required": slices.Clone(languages), "additionalProperties": false}
}

// jsonField is a field of a struct as package json writes it.
type jsonField struct {
	name, doc string
	optional  bool
	typ       reflect.Type
}

func jsonFields(t reflect.Type) []jsonField {
	var all []jsonField
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || !f.IsExported() {
			continue
		}
		all = append(all, jsonField{name, f.Tag.Get("jsonschema"), options != "", f.Type})
	}
	return all
}
