package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/problem"
)

// Version is that of the interface.
const Version = "1.0.0"

// OpenAPI is the description of the interface, OpenAPI 3.1, made from the
// table of operations and the types of this package.
func OpenAPI() ([]byte, error) {
	d, err := description((&api{}).operations())
	if err != nil {
		return nil, err
	}
	data, err := json.MarshalIndent(d, "", " ")
	return append(data, '\n'), err
}

func (a *api) openAPI(w http.ResponseWriter, _ *http.Request) error {
	data, err := a.described()
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-cache")
	return writeJSON(w, http.StatusOK, data)
}

type object = map[string]any

var pathParameter = regexp.MustCompile(`\{([a-z0-9_]+)\}`)

func description(operations []operation) (object, error) {
	s := newSchemas()
	paths := map[string]object{}
	for _, op := range operations {
		one, err := s.operation(op)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", op.id, err)
		}
		if paths[op.path] == nil {
			paths[op.path] = object{}
		}
		paths[op.path][strings.ToLower(op.method)] = one
	}
	if _, err := s.of(problem.Document{}); err != nil {
		return nil, err
	}
	return object{
		"openapi": "3.1.0",
		"info": object{
			"title": "rulebook", "version": Version, "summary": "Decisions by a rulebook, with their reasons, on record.",
			"description": "The engine proposes, a person decides. Problems are worded by Accept-Language, in Chinese or English.",
		},
		"servers": []object{{"url": "/"}},
		"paths":   paths,
		"components": object{
			"schemas": s.all,
			"securitySchemes": object{
				"token": object{"type": "http", "scheme": "bearer", "description": "a line of the token file; not needed where the server listens to its own machine only"},
				"page":  object{"type": "http", "scheme": "basic", "description": "the token as the password, for browsers"},
			},
		},
		"security": []object{{"token": []string{}}, {"page": []string{}}},
	}, nil
}

func (s *schemas) operation(op operation) (object, error) {
	out := object{"operationId": op.id, "summary": op.summary}
	if op.needs == people.Anybody {
		out["security"] = []object{}
	} else {
		out["description"] = "Needs the permission " + string(op.needs) + ": to " + op.needs.Words().EN + "."
		if op.needs == people.Known {
			out["description"] = "Needs any token, or an account."
		}
	}
	parameters := []object{}
	for _, m := range pathParameter.FindAllStringSubmatch(op.path, -1) {
		parameters = append(parameters, object{"name": m[1], "in": "path", "required": true, "schema": object{"type": "string"}})
	}
	for in, list := range map[string][]parameter{"query": op.query, "header": op.headers} {
		for _, p := range list {
			schema, err := s.of(p.schema)
			if err != nil {
				return nil, err
			}
			schema = withWords(schema, p.words)
			one := object{"name": p.name, "in": in, "description": p.doc, "schema": schema}
			if p.repeated {
				one["schema"], one["explode"] = object{"type": "array", "items": schema}, true
			}
			parameters = append(parameters, one)
		}
	}
	slices.SortStableFunc(parameters, func(a, b object) int { return strings.Compare(fmt.Sprint(a["in"]), fmt.Sprint(b["in"])) })
	if len(parameters) > 0 {
		out["parameters"] = parameters
	}
	if len(op.body) > 0 {
		content := object{}
		docs := []string{}
		for _, b := range op.body {
			one, err := s.content(b.media, b.schema)
			if err != nil {
				return nil, err
			}
			maps.Copy(content, one)
			docs = append(docs, fmt.Sprintf("%s: %s, at most %d bytes", b.media, b.doc, b.limit))
		}
		out["requestBody"] = object{"required": true, "description": strings.Join(docs, "; "), "content": content}
	}
	responses := object{}
	for _, x := range op.answers {
		one := object{"description": x.doc}
		if x.media != "" {
			content, err := s.content(x.media, x.schema)
			if err != nil {
				return nil, err
			}
			if before, ok := responses[strconv.Itoa(x.status)].(object); ok {
				maps.Copy(content, before["content"].(object))
			}
			one["content"] = content
			if one, ok := lines()[op.id]; ok && x.schema == nil {
				line, err := s.of(one)
				if err != nil {
					return nil, err
				}
				content[x.media].(object)["x-line"] = line
			}
		}
		responses[strconv.Itoa(x.status)] = one
	}
	responses["default"] = object{
		"description": "what went wrong",
		"content":     object{"application/problem+json": object{"schema": object{"$ref": "#/components/schemas/Problem"}}},
	}
	out["responses"] = responses
	return out, nil
}
