package reference_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/servicerules/rulebook/internal/forms"
	"github.com/servicerules/rulebook/internal/load"
	"github.com/servicerules/rulebook/internal/reference"
)

// validator is as much of JSON Schema as ours uses. A keyword that it does not
// know is a mistake in the schema.
type validator struct {
	t    *testing.T
	defs map[string]any
}

func (v *validator) valid(schema, x any) bool {
	v.t.Helper()
	s, ok := schema.(map[string]any)
	if !ok {
		return schema.(bool)
	}
	all := func(list any, of any) (n int) {
		for _, each := range list.([]any) {
			if v.valid(each, of) {
				n++
			}
		}
		return n
	}
	object, isObject := x.(map[string]any)
	array, isArray := x.([]any)
	text, isText := x.(string)
	for key, want := range s {
		good := true
		switch key {
		case "$schema", "$defs", "title", "description", "properties", "patternProperties", "then", "else":
		case "$ref":
			name := strings.TrimPrefix(want.(string), "#/$defs/")
			require.Contains(v.t, v.defs, name)
			good = v.valid(v.defs[name], x)
		case "type":
			good = kindOf(x) == want || kindOf(x) == "integer" && want == "number"
		case "enum":
			good = slices.Contains(want.([]any), x)
		case "pattern":
			good = !isText || regexp.MustCompile(want.(string)).MatchString(text)
		case "anyOf":
			good = all(want, x) > 0
		case "allOf":
			good = all(want, x) == len(want.([]any))
		case "not":
			good = !v.valid(want, x)
		case "required":
			for _, name := range want.([]any) {
				_, there := object[name.(string)]
				good = good && (there || !isObject)
			}
		case "minProperties":
			good = !isObject || len(object) >= int(want.(float64))
		case "minItems":
			good = !isArray || len(array) >= int(want.(float64))
		case "items":
			for _, item := range array {
				good = good && v.valid(want, item)
			}
		case "propertyNames":
			for name := range object {
				good = good && v.valid(want, name)
			}
		case "additionalProperties": // with the rest below
		case "if":
			branch := "else"
			if v.valid(want, x) {
				branch = "then"
			}
			good = s[branch] == nil || v.valid(s[branch], x)
		default:
			v.t.Fatalf("the schema has %q, which is not checked here", key)
		}
		if !good {
			return false
		}
	}
	return v.properties(s, object)
}

func (v *validator) properties(s, object map[string]any) bool {
	properties, _ := s["properties"].(map[string]any)
	patterns, _ := s["patternProperties"].(map[string]any)
	for name, x := range object {
		each, known := properties[name]
		if known && !v.valid(each, x) {
			return false
		}
		for pattern, each := range patterns {
			if regexp.MustCompile(pattern).MatchString(name) {
				if known = true; !v.valid(each, x) {
					return false
				}
			}
		}
		if rest, closed := s["additionalProperties"]; closed && !known && !v.valid(rest, x) {
			return false
		}
	}
	return true
}

func kindOf(x any) string {
	switch x.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case int:
		return "integer"
	case float64:
		return "number"
	case string:
		return "string"
	case []any:
		return "array"
	}
	return "object"
}

// plain is a node as editors read it: by YAML 1.2, where a date is a text.
func plain(n *yaml.Node) any {
	switch n.Kind {
	case yaml.DocumentNode:
		return plain(n.Content[0])
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			m[n.Content[i].Value] = plain(n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		list := []any{}
		for _, x := range n.Content {
			list = append(list, plain(x))
		}
		return list
	}
	var x any
	if n.Tag == "!!timestamp" || n.Decode(&x) != nil {
		return n.Value
	}
	return x
}

func schemaOf(t *testing.T) (*validator, map[string]any) {
	t.Helper()
	data, err := reference.Schema(forms.All())
	require.NoError(t, err)
	var schema map[string]any
	require.NoError(t, json.Unmarshal(data, &schema))
	return &validator{t, schema["$defs"].(map[string]any)}, schema
}

func (v *validator) text(t *testing.T, schema any, text string) bool {
	t.Helper()
	var n yaml.Node
	require.NoError(t, yaml.Unmarshal([]byte(text), &n))
	return v.valid(schema, plain(&n))
}

// What the loader takes, the schema takes: every rulebook of the repository.
func TestSchemaTakesEveryRulebook(t *testing.T) {
	v, schema := schemaOf(t)
	books := 0
	require.NoError(t, filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".yaml" || strings.Contains(path, "mistakes") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil || !strings.HasPrefix(string(data), "rulebook:") && !strings.Contains(string(data), "\nrulebook:") {
			return err
		}
		if book, _ := load.Parse(path, data); book != nil {
			books++
			assert.True(t, v.text(t, schema, string(data)), path)
		}
		return nil
	}))
	assert.Greater(t, books, 15)
}

// In a rulebook of one language an option may be called by a text alone.
func TestSchemaTakesOptionsOfOneLanguage(t *testing.T) {
	v, schema := schemaOf(t)
	const book = `rulebook: {id: shop, title: {en: Shop}, languages: [en], zone: UTC, in_force: {from: 2020-01-01}}
readings:
  late.means:
    article: shop/1
    asks: {en: what is late}
    options: {day: a day, hours: {en: some hours, parameter: hours}}
    chosen: day
facts: {}
regulations: {}
questions: {}
`
	assert.True(t, v.text(t, schema, book))
	assert.False(t, v.text(t, schema, strings.Replace(book, "parameter: hours", "parameter: minutes", 1)))
	assert.False(t, v.text(t, schema, strings.Replace(book, "parameter: hours", "paramter: hours", 1)))
}

// Mistakes that need no more than the schema are found by it alone.
func TestSchemaRefuses(t *testing.T) {
	v, schema := schemaOf(t)
	data, err := os.ReadFile("../../rules.yaml")
	require.NoError(t, err)
	for wrong, right := range map[string]string{
		"within: 5 workdays":                    "within: 5 working days",
		"nature: purpos\n":                      "nature: purpose\n",
		"in_force: {from: 2011/05/20}":          "in_force: {from: 2011-05-20}",
		"wihtin: 5 working days":                "within: 5 working days",
		"type: nam}":                            "type: name}",
		"chanel: {zh: 渠道, en: channel, typ: 1}": "channel: {zh: 渠道, en: channel, type: word, words: contact_channel}",
		"Urban: {zh: 城区, en: urban}":            "urban: {zh: 城区, en: urban}",
		"title: {zh: [目的], en: Purpose}":        "title: {zh: 目的, en: Purpose}",
		"deadline:\n          install_urban:":   "",
		"if_absent: none, if_absnt: none}":      "if_absent: none}",
		"\"第一\":\n        nature: purpose":      "\"1\":\n        nature: purpose",
		"parameter: clocktime}":                 "parameter: clock_time}",
	} {
		text := string(data)
		if right == "" || !strings.Contains(text, right) {
			continue
		}
		assert.False(t, v.text(t, schema, strings.Replace(text, right, wrong, 1)), wrong)
	}
}
