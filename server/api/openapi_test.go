package api_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/api"
	"github.com/servicerules/rulebook/server/live"
)

// described is the document, as far as the tests look at it.
type described struct {
	OpenAPI    string `json:"openapi"`
	Paths      map[string]map[string]*operation
	Components struct{ Schemas map[string]*jsonschema.Schema }
}

type operation struct {
	OperationID string
	Summary     string
	Parameters  []struct{ Name, In, Description string }
	RequestBody *struct{ Content map[string]any }
	Responses   map[string]struct {
		Content map[string]struct{ Schema map[string]any }
	}
}

func description(t *testing.T) described {
	t.Helper()
	data, err := api.OpenAPI()
	require.NoError(t, err)
	var d described
	require.NoError(t, json.Unmarshal(data, &d))
	return d
}

func TestOpenAPIIsServed(t *testing.T) {
	s := serve(t, live.Options{})
	data, err := api.OpenAPI()
	require.NoError(t, err)
	got := s.get("/openapi.json")
	assert.Equal(t, string(data), got.body)
	again, err := api.OpenAPI()
	require.NoError(t, err)
	assert.Equal(t, string(data), string(again), "the same bytes each time")
}

// The document and the server agree: what is described is served, by the
// methods that are described, with the parameters that are described, and
// nothing else is.
func TestOpenAPIIsInStep(t *testing.T) {
	s := serve(t, live.Options{})
	d := description(t)
	assert.Equal(t, "3.1.0", d.OpenAPI)
	ids := map[string]bool{}
	for path, operations := range d.Paths {
		where := strings.NewReplacer("{id}", "time_limit.request", "{regulation}", "time_limit", "{n}", "6", "{sha256}", "0", "{number}", "1", "{name}", "a.csv").Replace(path)
		for _, method := range []string{"get", "put", "post", "delete", "patch"} {
			op := operations[method]
			if op == nil {
				if got := s.send(strings.ToUpper(method), where, "", ""); assert.Equal(t, http.StatusMethodNotAllowed, got.status, "%s %s", method, where) {
					for known := range operations {
						assert.Contains(t, got.header.Get("Allow"), strings.ToUpper(known))
					}
				}
				continue
			}
			assert.False(t, ids[op.OperationID], op.OperationID)
			ids[op.OperationID] = true
			assert.NotEmpty(t, op.Summary)
			unknown := s.send(strings.ToUpper(method), where+"?no_such=1", "", "").problem(t)
			assert.Equal(t, "unknown_parameter", unknown.Code, "%s %s", method, where)
			for _, p := range op.Parameters {
				if p.In == "query" {
					assert.Contains(t, unknown.Remedy, p.Name)
				}
			}
			if op.RequestBody != nil {
				got := s.send(strings.ToUpper(method), where, "x/y", "").problem(t)
				assert.Equal(t, "wrong_media_type", got.Code)
				for media := range op.RequestBody.Content {
					assert.Contains(t, got.Remedy, media)
				}
			}
			assert.Contains(t, op.Responses["default"].Content, "application/problem+json")
		}
	}
	assert.Len(t, ids, 46)
}

// What is answered is what the document describes.
func TestAnswersFitTheirSchemas(t *testing.T) {
	s := serve(t, live.Options{})
	d := description(t)
	first := s.ask("time_limit.request", "?record=1&explain=1", install)
	require.Equal(t, http.StatusCreated, first.status)
	changed := string(s.rules.Current().Text) + "# changed\n"
	for _, x := range []struct {
		method, path, as string // as: the path in the document
		media, body      string
		status           int
	}{
		{"GET", "/v1/questions", "", "", "", 200},
		{"GET", "/v1/questions/accountability.fine", "/v1/questions/{id}", "", "", 200},
		{"GET", "/v1/articles", "", "", "", 200},
		{"GET", "/v1/articles/time_limit/6", "/v1/articles/{regulation}/{n}", "", "", 200},
		{"GET", "/v1/readings", "", "", "", 200},
		{"GET", "/v1/calendar/add?from=2025-01-20&days=10", "/v1/calendar/add", "", "", 200},
		{"POST", "/v1/rules/check", "", "application/yaml", "a: 1", 200},
		{"POST", "/v1/rules/reload", "", "", "", 200},
		{"POST", "/v1/questions/time_limit.request/ask?explain=1", "/v1/questions/{id}/ask", "application/json", install, 200},
		{"POST", "/v1/questions/time_limit.request/ask?record=1", "/v1/questions/{id}/ask", "application/json", install, 201},
		{"POST", "/v1/questions/time_limit.request/ask", "/v1/questions/{id}/ask", "application/json", `{"request":{"kind":"install","area_type":"urban","papers_complete_at":"2026-12-30T10:00:00+08:00"}}`, 200},
		{"GET", "/v1/decisions?limit=1", "/v1/decisions", "", "", 200},
		{"GET", first.header.Get("Location"), "/v1/decisions/{id}", "", "", 200},
		{"GET", first.header.Get("Location") + "/steps", "/v1/decisions/{id}/steps", "", "", 200},
		{"POST", first.header.Get("Location") + "/steps", "/v1/decisions/{id}/steps", "application/json", `{"kind":"objection","by":"S2","reason":"it was not I"}`, 201},
		{"GET", first.header.Get("Location") + "/steps", "/v1/decisions/{id}/steps", "", "", 200},
		{"POST", "/v1/decisions/verify", "", "", "", 200},
		{"GET", "/v1/events?limit=2", "/v1/events", "", "", 200},
		{"GET", "/healthz", "", "", "", 200},
		{"GET", "/readyz", "", "", "", 200},
		{"GET", "/v1/rules/history", "", "", "", 200},
		{"GET", "/v1/changes", "", "", "", 200},
		{"POST", "/v1/changes?title=five&why=decided", "/v1/changes", "application/yaml", changed, 201},
		{"GET", "/v1/changes?open=1", "/v1/changes", "", "", 200},
		{"GET", "/v1/changes/1", "/v1/changes/{number}", "", "", 200},
		{"GET", "/v1/changes/1/study", "/v1/changes/{number}/study", "", "", 200},
		{"POST", "/v1/changes/1/text", "/v1/changes/{number}/text", "application/yaml", changed + "#\n", 200},
		{"POST", "/v1/changes/1/steps", "/v1/changes/{number}/steps", "application/json", `{"kind":"withdrawn","reason":"x"}`, 200},
		{"GET", "/v1/changes/1", "/v1/changes/{number}", "", "", 200},
		{"GET", "/v1/rules/history", "", "", "", 200},
		{"GET", "/v1/none", "", "", "", 404},
	} {
		if x.as == "" {
			x.as = x.path
		}
		got := s.send(x.method, x.path, x.media, x.body)
		require.Equal(t, x.status, got.status, "%s: %s", x.path, got.body)
		schema := d.Components.Schemas["Problem"]
		if x.status < 400 {
			content := d.Paths[x.as][strings.ToLower(x.method)].Responses[strconv.Itoa(x.status)]
			schema = d.schema(t, content.Content["application/json"].Schema)
		}
		resolved := d.resolved(t, schema)
		var value any
		require.NoError(t, json.Unmarshal([]byte(got.body), &value))
		require.NoError(t, resolved.Validate(value), "%s: %s", x.path, got.body)
	}
}

// resolved is a schema that finds the others.
func (d described) resolved(t *testing.T, schema *jsonschema.Schema) *jsonschema.Resolved {
	t.Helper()
	all := map[string]any{"$defs": d.Components.Schemas, "allOf": []any{schema}}
	data, err := json.Marshal(all)
	require.NoError(t, err)
	var whole jsonschema.Schema
	require.NoError(t, json.Unmarshal([]byte(strings.ReplaceAll(string(data), "#/components/schemas/", "#/$defs/")), &whole))
	r, err := whole.Resolve(nil)
	require.NoError(t, err)
	return r
}

// What generators make clients of: every object has a name and says what it has,
// no list may be null, and every reference leads somewhere.
func TestOpenAPIIsForGenerators(t *testing.T) {
	data, err := api.OpenAPI()
	require.NoError(t, err)
	d := description(t)
	assert.NotContains(t, string(data), `"null"`)
	for _, m := range regexp.MustCompile(`"#/components/schemas/(\w+)"`).FindAllStringSubmatch(string(data), -1) {
		assert.Contains(t, d.Components.Schemas, m[1])
	}
	for name, s := range d.Components.Schemas {
		for member, p := range s.Properties {
			assert.Empty(t, p.Properties, "%s.%s has no name of its own", name, member)
			if p.Items != nil {
				assert.Empty(t, p.Items.Properties, "%s.%s has no name of its own", name, member)
			}
		}
	}
	assert.Contains(t, d.Components.Schemas["Problem"].Properties, "errors")
	assert.Equal(t, "#/components/schemas/ProblemDetail", d.Components.Schemas["Problem"].Properties["errors"].Items.Ref)
	assert.Equal(t, "date-time", d.Components.Schemas["Event"].Properties["timestamp"].Format)
	assert.Len(t, d.Components.Schemas["Event"].Properties["type"].Enum, 5)
}

// schema follows a reference.
func (d described) schema(t *testing.T, s map[string]any) *jsonschema.Schema {
	t.Helper()
	if ref, ok := s["$ref"].(string); ok {
		name := ref[strings.LastIndexByte(ref, '/')+1:]
		require.Contains(t, d.Components.Schemas, name)
		return d.Components.Schemas[name]
	}
	data, err := json.Marshal(s)
	require.NoError(t, err)
	var schema jsonschema.Schema
	require.NoError(t, json.Unmarshal(data, &schema))
	return &schema
}

// The facts of every case fit the JSON Schema of their question, and the
// schema refuses what is not declared.
func TestFactsFitTheirSchema(t *testing.T) {
	s := serve(t, live.Options{})
	schemas := map[string]*jsonschema.Resolved{}
	for _, q := range s.rules.Current().Book.Rulebook().Questions {
		var one struct{ Facts *jsonschema.Schema }
		require.NoError(t, json.Unmarshal([]byte(s.get("/v1/questions/"+q.ID).body), &one))
		resolved, err := one.Facts.Resolve(nil)
		require.NoError(t, err)
		schemas[q.ID] = resolved
		assert.Error(t, resolved.Validate(map[string]any{"no_such_fact": 1.0}))
		assert.NoError(t, resolved.Validate(map[string]any{}))
	}
	fits := 0
	for _, x := range cases(t, s.rules.Current().Book) {
		var facts any
		require.NoError(t, json.Unmarshal([]byte(x.facts), &facts))
		if x.answer == "" {
			continue
		}
		assert.NoError(t, schemas[x.question].Validate(facts), "%s: %s", x.name, x.facts)
		fits++
	}
	assert.Greater(t, fits, 200)
	for _, wrong := range []string{
		`{"request":{"kind":"falt"}}`, `{"request":{"kind":1}}`, `{"request":[]}`, `{"request":{"no":1}}`, `{"observed":[null]}`, `{"observed":"x"}`,
		`{"request":{"network_ready":"yes"}}`, `{"request":{"received_at":"2025-01-01"}}`,
	} {
		var facts any
		require.NoError(t, json.Unmarshal([]byte(wrong), &facts))
		assert.Error(t, schemas["time_limit.request"].Validate(facts), wrong)
	}
}

// The answers of all cases fit the JSON Schema of their question, and what the
// question cannot answer does not.
func TestAnswersFitTheSchemaOfTheirQuestion(t *testing.T) {
	s := serve(t, live.Options{})
	schemas := map[string]*jsonschema.Resolved{}
	for _, q := range s.rules.Current().Book.Rulebook().Questions {
		var one struct{ Answer *jsonschema.Schema }
		require.NoError(t, json.Unmarshal([]byte(s.get("/v1/questions/"+q.ID).body), &one))
		resolved, err := one.Answer.Resolve(nil)
		require.NoError(t, err)
		schemas[q.ID] = resolved
	}
	asked := map[string]bool{}
	for _, x := range cases(t, s.rules.Current().Book) {
		if x.answer == "" {
			continue
		}
		var answer map[string]any
		require.NoError(t, json.Unmarshal([]byte(x.answer), &answer))
		require.NoError(t, schemas[x.question].Validate(answer), "%s: %s", x.name, x.answer)
		asked[x.question] = true
		for part, wrong := range map[string]any{"verdict": "no_such_verdict", "values": map[string]any{"no_such_value": 1}, "question": "no.such", "breaches": "none"} {
			changed := maps.Clone(answer)
			changed[part] = wrong
			assert.Error(t, schemas[x.question].Validate(changed), "%s: %s", x.name, part)
		}
	}
	assert.Greater(t, len(asked), 20)
}

func TestQuestionsAreLabelledInBothLanguages(t *testing.T) {
	s := serve(t, live.Options{})
	for _, q := range s.rules.Current().Book.Rulebook().Questions {
		body := s.get("/v1/questions/" + q.ID).body
		var one api.Question
		decode(t, body, &one)
		assert.True(t, slices.ContainsFunc(one.Verdicts, func(w api.Word) bool { return w.Label.ZH != "" && w.Label.EN != "" }), q.ID)
		for _, f := range q.Facts {
			assert.Contains(t, body, quote(f.Fact.Label.ZH+" / "+f.Fact.Label.EN), q.ID)
		}
	}
}
