package api

import (
	"github.com/servicerules/rulebook/policy"
)

type object = map[string]any

// factsSchema describes the facts of a question as a JSON Schema (2020-12).
// Its titles are in Chinese and English, under "title" and "x-title". It
// accepts whatever the library accepts; a few things, such as a day that does
// not exist, only the library refuses.
func factsSchema(q *policy.Question) object {
	properties := object{"as_of": object{
		"type": []string{"string", "null"}, "format": "date-time", "title": "提问时刻 / moment of asking",
		"x-title": policy.Text{ZH: "提问时刻", EN: "moment of asking"},
	}}
	for _, f := range q.Facts {
		properties[f.Name] = factSchema(f.Fact)
	}
	return object{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": q.Title.ZH + " / " + q.Title.EN, "x-title": q.Title,
		"type": "object", "additionalProperties": false, "properties": properties,
	}
}

const (
	moments = `^\d{4}-\d{2}-\d{2}T`
	dates   = `^\d{4}-\d{2}-\d{2}$`
	months  = `^\d{4}-\d{2}$`
)

// whole numbers are smaller than this.
const largest int64 = 1_000_000_000_000_000 - 1

func factSchema(f *policy.Fact) object {
	s := object{"title": f.Label.ZH + " / " + f.Label.EN, "x-title": f.Label}
	if !f.Note.IsZero() {
		s["description"] = f.Note.ZH + " / " + f.Note.EN
	}
	if !f.Unit.IsZero() {
		s["x-unit"] = f.Unit
	}
	if f.Event {
		s["x-event"] = true // never later than the moment of asking
	}
	kind := "string"
	switch f.TypeName {
	case "yes_no":
		kind = "boolean"
	case "count":
		kind, s["minimum"], s["maximum"] = "integer", 0, largest
	case "number":
		kind, s["minimum"], s["maximum"] = "integer", -largest, largest
	case "year":
		kind, s["minimum"], s["maximum"] = "integer", 2000, 2100
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
		words := make([]any, 0, len(f.Words.Words)+1)
		for _, w := range f.Words.Words {
			words = append(words, w)
		}
		s["enum"], s["x-words"] = append(words, nil), wordsOf(f.Words)
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
	s["x-absent"] = absence(f, f.Absent)
	s["x-null"] = absence(f, f.Null)
	return s
}

// notNull takes null away: a list has no empty items.
func notNull(s object) {
	if kinds, ok := s["type"].([]string); ok {
		s["type"] = kinds[0]
	}
	if words, ok := s["enum"].([]any); ok {
		s["enum"] = words[:len(words)-1]
	}
	delete(s, "x-absent")
	delete(s, "x-null")
}

// absence says what a fact means that is not given.
func absence(f *policy.Fact, a policy.Absence) string {
	switch {
	case a == policy.IsNone:
		return "none"
	case a == policy.IsDefault && f.Default.IsKnown():
		return "default"
	}
	return "unknown"
}
