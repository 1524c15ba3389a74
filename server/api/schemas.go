package api

import (
	"encoding/json"
	"fmt"
	"path"
	"reflect"
	"slices"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/review"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/problem"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
)

// schemas are the types that operations mention, each once and by its name, so
// that programs which make clients of them find the same types.
type schemas struct {
	all   map[string]*jsonschema.Schema
	types map[string]reflect.Type
}

func newSchemas() *schemas {
	return &schemas{all: map[string]*jsonschema.Schema{}, types: map[string]reflect.Type{}}
}

// aMoment stands for a moment as text.
var aMoment any = time.Time{}

// simple are the schemas of types that are no objects of their own, or are written
// otherwise than Go has them.
func simple() map[reflect.Type]*jsonschema.Schema {
	return map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[json.RawMessage](): {Type: "object"},
		reflect.TypeFor[time.Time]():       {Type: "string", Format: "date-time"},
		reflect.TypeFor[int64]():           {Type: "integer", Format: "int64"},
	}
}

// byLanguage are types that are written by language, in those of the rulebook.
func byLanguage() map[reflect.Type]*jsonschema.Schema {
	return map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[diagnostic.Text]():    {Type: "object", Description: "a wording in each language of the rulebook, by its tag", AdditionalProperties: &jsonschema.Schema{Type: "string"}},
		reflect.TypeFor[policy.Explanation](): {Type: "object", Description: "lines in each language of the rulebook, by its tag", AdditionalProperties: &jsonschema.Schema{Type: "array", Items: &jsonschema.Schema{Type: "string"}}},
	}
}

// called are names of types where they are called otherwise here.
func called() map[reflect.Type]string {
	return map[reflect.Type]string{
		reflect.TypeFor[Answer]():           "Answer",
		reflect.TypeFor[policy.Decision]():  "ToDecide",
		reflect.TypeFor[StepTaken]():        "StepTaken",
		reflect.TypeFor[problem.Document](): "Problem",
		reflect.TypeFor[problem.Error]():    "ProblemDetail",
		reflect.TypeFor[review.Report]():    "Review",
		reflect.TypeFor[diagnostic.Text]():  "Text",
	}
}

// lines are what each line, or event, of the streams of operations is, where all of
// them are the same.
func lines() map[string]any {
	return map[string]any{"export": OnRecord{}, "importTable": ImportLine{}, "events": Event{}}
}

func nameOf(t reflect.Type) string {
	if name, ok := called()[t]; ok {
		return name
	}
	if path.Base(t.PkgPath()) == "review" { // which has names of its own for what is called alike here
		return "Review" + t.Name()
	}
	return t.Name()
}

// of is a reference to the schema of a type, or the schema of a simple one.
func (s *schemas) of(v any) (any, error) {
	t := reflect.TypeOf(v)
	if t.Kind() != reflect.Struct || v == aMoment {
		return jsonschema.ForType(t, &jsonschema.ForOptions{TypeSchemas: simple()})
	}
	if err := s.add(t); err != nil {
		return nil, fmt.Errorf("describing %v: %w", t, err)
	}
	return object{"$ref": refTo(nameOf(t))}, nil
}

func refTo(name string) string { return "#/components/schemas/" + name }

// add describes a type, and those that it is made of.
func (s *schemas) add(t reflect.Type) error {
	name := nameOf(t)
	if known, there := s.types[name]; there {
		if known != t {
			return fmt.Errorf("%v and %v are both called %s", known, t, name)
		}
		return nil
	}
	s.types[name] = t
	if schema, ok := byLanguage()[t]; ok {
		s.all[name] = schema
		return nil
	}
	parts := partsOf(t, nil)
	of := simple()
	for _, x := range parts {
		of[x] = &jsonschema.Schema{Ref: refTo(nameOf(x))}
	}
	schema, err := jsonschema.ForType(t, &jsonschema.ForOptions{TypeSchemas: of})
	if err != nil {
		return err
	}
	plain(schema)
	s.all[name] = schema
	for property, words := range closed[name] {
		p := schema.Properties[property]
		if p == nil {
			return fmt.Errorf("%s has no %s", name, property)
		}
		if p.Items != nil {
			p = p.Items
		}
		p.Enum = enum(words)
	}
	for property, format := range formats[name] {
		p := schema.Properties[property]
		if p == nil {
			return fmt.Errorf("%s has no %s", name, property)
		}
		p.Format = format
	}
	for _, x := range parts {
		if err := s.add(x); err != nil {
			return err
		}
	}
	return nil
}

// partsOf are the structs with names that a type is made of.
func partsOf(t reflect.Type, found []reflect.Type) []reflect.Type {
	for _, f := range reflect.VisibleFields(t) {
		if !f.IsExported() || f.Anonymous || f.Tag.Get("json") == "-" {
			continue
		}
		x := f.Type
		for x.Kind() == reflect.Pointer || x.Kind() == reflect.Slice || x.Kind() == reflect.Map || x.Kind() == reflect.Array {
			if _, ok := simple()[x]; ok {
				break
			}
			x = x.Elem()
		}
		if _, ok := simple()[x]; ok || x.Kind() != reflect.Struct || slices.Contains(found, x) {
			continue
		}
		if x.Name() != "" {
			found = append(found, x)
		} else {
			found = partsOf(x, found)
		}
	}
	return found
}

// closed are the members of types that are one of some words.
var closed = map[string]map[string][]string{
	"StepToTake":   {"kind": service.TakenKinds, "outcome": slices.Concat(service.Outcomes, service.Hearings)},
	"StepTaken":    {"kind": record.StepKinds},
	"Procedure":    {"stage": record.Stages},
	"Event":        {"type": record.EventTypes},
	"WebhookToAdd": {"types": record.EventTypes},
	"Webhook":      {"types": record.EventTypes, "state": {hookWorking, hookFailing, hookStopped}},
	"Ready":        {"status": {"ready", "warning", "unavailable"}},
	"Finding":      {"severity": {string(diagnostic.Error), string(diagnostic.Warning)}},
}

// formats are those of members that are text in Go.
var formats = map[string]map[string]string{
	"Workday":      {"from": "date", "date": "date"},
	"WebhookToAdd": {"url": "uri"},
	"Webhook":      {"url": "uri"},
}

func enum(words []string) []any {
	all := make([]any, len(words))
	for i, w := range words {
		all[i] = w
	}
	return all
}

// withWords bounds a schema to some words.
func withWords(schema any, words []string) any {
	if s, ok := schema.(*jsonschema.Schema); ok && words != nil {
		s.Enum = enum(words)
	}
	return schema
}

// plain makes a schema say what is sent: where Go could have nil, JSON has an
// empty list, or leaves the member out. A member that holds a moment as text is
// one.
func plain(s *jsonschema.Schema) {
	if s == nil {
		return
	}
	switch {
	case s.Ref != "":
		s.Type, s.Types = "", nil
	case len(s.Types) == 2 && s.Types[0] == "null": //nolint:mnd // null and another
		s.Type, s.Types = s.Types[1], nil
	}
	for name, p := range s.Properties {
		if p.Type == "string" && name == "as_of" {
			p.Format = "date-time"
		}
		plain(p)
	}
	for _, x := range s.Defs {
		plain(x)
	}
	plain(s.Items)
	plain(s.AdditionalProperties)
}

// content is a media type with its schema; text and streams have none.
func (s *schemas) content(media string, v any) (object, error) {
	if v == nil {
		return object{media: object{}}, nil
	}
	schema, err := s.of(v)
	return object{media: object{"schema": schema}}, err
}
