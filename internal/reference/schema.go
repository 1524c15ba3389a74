package reference

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/policy"
)

type object = map[string]any

// Schema is a JSON Schema (2020-12) of rules files, for editors that complete
// and check YAML while it is written. It knows keys, words and how values are
// written; what an expression means, only the loader checks.
func Schema(forms []*form.Form) ([]byte, error) {
	question := part("questions.<id>")
	question["properties"].(object)["values"] = object{"type": "object", "additionalProperties": part("questions.<id>.values.<name>")}
	calendar, yearly := part("calendars.<name>"), part("calendars.<name>.yearly")
	yearly["properties"].(object)["days"] = object{"type": "array", "items": part("calendars.<name>.yearly.days")}
	calendar["properties"].(object)["yearly"] = yearly
	article := object{
		"nature": object{"enum": checked.Natures()}, "title": ref("text"), "text": ref("text"), "source": ref("origin"), "note": ref("text"), "decides_nothing": ref("text"),
		"may_change": ref("names"),
	}
	for _, f := range forms {
		rule := ruleSchema(append(policy.CommonFields(), f.Fields...))
		rule["properties"].(object)["may_change"] = ref("names")
		article[f.Section] = with(named(rule, isName), "description", f.Doc.ZH+" / "+f.Doc.EN)
	}
	regulation := part("regulations.<id>")
	regulation["properties"].(object)["articles"] = named(object{
		"type": "object", "required": []string{"nature", "title", "text"}, "properties": article, "additionalProperties": false,
	}, isArticleNumber)
	schema := object{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "rulebook", "type": "object", "additionalProperties": false,
		"$defs": definitions(),
		"properties": object{
			"rulebook": part("rulebook"), "include": ref("names"), "extends": object{"type": "string"}, "calendars": named(calendar, isName),
			"words": named(named(ref("text"), isWord), isName), "facts": named(part("facts.<name>"), isName), "must": named(part("must.<name>"), isName),
			"readings": named(part("readings.<key>"), isDotted), "questions": named(question, isDotted), "promises": named(part("promises.<name>"), isName),
			"review": object{"type": "object", "additionalProperties": false, "patternProperties": otherLanguages, "properties": object{
				"zh": object{"type": "string"}, "en": object{"type": "string"}, "note": ref("text"), "sections": object{"type": "object", "additionalProperties": part("review.sections.<name>")}, "may_change": ref("names"),
			}},
			"regulations": named(regulation, isName),
		},
	}
	completeUnlessPartial(schema)
	data, err := json.MarshalIndent(schema, "", " ")
	return append(data, '\n'), err
}

// fixed are the parts of which nothing can be marked with may_change.
var fixed = []string{"words.<list>.<word>", "readings.<key>.options.<option>", "questions.<id>.verdict", "source", "calendars.<name>.yearly", "calendars.<name>.yearly.days", "questions.<id>.values.<name>"}

// Patterns of names, as the loader has them.
var (
	isName          = checked.SnakeCase.String()
	isDotted        = checked.DottedName.String()
	isWord          = checked.WordPattern.String()
	isArticleNumber = checked.ArticleNumber.String()
)

// ref refers to one of the definitions.
func ref(name string) object { return object{"$ref": "#/$defs/" + name} }

// with is a schema with one thing more.
func with(schema object, key string, value any) object {
	schema = maps.Clone(schema)
	schema[key] = value
	return schema
}

// named is a map of names of a form, each to the same.
func named(each object, pattern string) object {
	return object{"type": "object", "propertyNames": object{"pattern": pattern}, "additionalProperties": each}
}

// part is the schema of a part of the file that is not a rule.
func part(path string) object {
	properties, required := object{}, []string{}
	for _, p := range Parts() {
		if p.Path != path {
			continue
		}
		for _, k := range p.Keys {
			properties[k.Name] = with(valueSchema(path, k.Name), "description", k.Doc.ZH+" / "+k.Doc.EN)
			if k.Required && k.Name != "zh" && k.Name != "en" { // which languages there are, the file says
				required = append(required, k.Name)
			}
		}
	}
	if !slices.Contains(fixed, path) {
		properties["may_change"] = ref("names")
	}
	return object{"type": "object", "properties": properties, "patternProperties": otherLanguages, "required": required, "additionalProperties": false}
}

// languages is the form of the tags of languages; otherLanguages are labels in
// others than the usual two.
const languages = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"

var otherLanguages = object{languages: object{}}

func ruleSchema(list []policy.Field) object {
	properties, required := object{}, []string{}
	for _, f := range list {
		properties[f.Name] = with(fieldSchema(f), "description", f.Doc.ZH+" / "+f.Doc.EN)
		if f.Required {
			required = append(required, f.Name)
		}
	}
	return object{"type": "object", "properties": properties, "patternProperties": otherLanguages, "required": required, "additionalProperties": false}
}
