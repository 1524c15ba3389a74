package reference

import (
	"regexp"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// definitions are what values are made of that stand in many places.
func definitions() object {
	return object{
		"text": object{"anyOf": []object{
			{"type": "string"},
			{"type": "object", "minProperties": 1, "propertyNames": object{"pattern": languages}, "additionalProperties": object{"type": "string"}},
		}},
		"origin": object{"anyOf": []object{{"type": "string"}, part("source")}},
		"names":  object{"type": "array", "items": object{"type": "string"}},
		"choice": object{"type": "object", "required": []string{"by"}, "properties": object{"by": object{"anyOf": []object{
			{"type": "string"}, {"type": "array", "items": object{"type": "string"}, "minItems": 1},
		}}}},
		"no_value":   object{"enum": []string{"none", "parameter"}},
		"expression": either(object{"type": "string"}, object{"type": "number"}, object{"type": "boolean"}),
		"map":        either(object{"type": "object"}),
		"list":       either(object{"type": "array"}),
		"several":    either(object{"type": "array"}, object{"type": "string"}),
		"flag":       either(object{"type": "boolean"}),
		"day":        object{"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
		"date":       object{"anyOf": []object{ref("day"), ref("choice")}},
		"period":     object{"type": "object", "properties": object{"from": ref("date"), "to": ref("date")}, "additionalProperties": false},
		"number":     either(object{"type": "integer"}, object{"type": "string", "pattern": "^(-?[0-9]+|[a-z][a-z0-9_.]*)$"}),
		"percentage": either(object{"type": "string", "pattern": "^(-?[0-9]+(\\.[0-9]+)?[%％]|[^-0-9].*|[0-9]+ *(/|of|in|分之).*)$"}),
		"time":       either(object{"type": "string", "pattern": "^([0-9]{1,2}:[0-9]{2}|[a-z][a-z0-9_.]*)$"}),
		"length":     either(object{"type": "string", "pattern": lengthPattern()}),
		"computed_length": either(object{"type": "string", "pattern": lengthPattern()}, object{"type": "string", "pattern": "^([^0-9]|[0-9]+ *[-+*/<>=(.,?])"}, object{
			"type": "object", "required": []string{"n", "unit"}, "additionalProperties": false,
			"properties": object{"n": object{"anyOf": []object{{"type": "string"}, {"type": "number"}}}, "unit": object{"type": "string"}},
		}),
		"fact": part("facts.<name>"),
	}
}

// either is one of several ways to write a value, or a choice of it.
func either(ways ...object) object {
	return object{"anyOf": append(ways, ref("choice"), ref("no_value"))}
}

// lengthPattern is that of lengths of time: a number and a unit, or the name of
// a value that is one.
func lengthPattern() string {
	var words []string
	for _, w := range source.WordsForUnits() {
		words = append(words, regexp.QuoteMeta(w))
	}
	return "^([0-9]+ *(" + strings.Join(words, "|") + ")|half a year|半年|[a-z][a-z0-9_.]*)$"
}

// valueSchema is what stands under a key of a part that is not a rule.
func valueSchema(path, key string) object {
	if slices.Contains(Flags(), key) {
		return object{"type": "boolean"}
	}
	switch key {
	case "zh", "en":
		if path == "readings.<key>.options.<option>" { // which often is a number
			return object{"anyOf": []object{{"type": "string"}, {"type": "number"}}}
		}
		return object{"type": "string"}
	case "title", "text", "asks", "why", "note", "unit", "label", "decides_nothing":
		return ref("text")
	case "in_force":
		return ref("period")
	case "source":
		return ref("origin")
	case "last_article":
		return object{"anyOf": []object{{"type": "string"}, {"type": "integer"}}}
	}
	switch path + " " + key {
	case "rulebook id":
		return object{"type": "string", "pattern": isName}
	case "rulebook languages":
		return object{"type": "array", "items": object{"type": "string", "pattern": languages}, "minItems": 1}
	case "facts.<name> type":
		return object{"enum": FactTypes()}
	case "facts.<name> words":
		return object{"anyOf": []object{{"type": "string", "pattern": isName}, named(ref("text"), isWord)}}
	case "facts.<name> of":
		return ref("fact")
	case "facts.<name> fields":
		return named(ref("fact"), isName)
	case "readings.<key> article":
		return object{"type": "string", "pattern": "^[a-z][a-z0-9_]*/[1-9][0-9.]*$"}
	case "readings.<key> options":
		return named(object{"anyOf": []object{{"type": "string"}, part("readings.<key>.options.<option>")}}, isWord)
	case "readings.<key>.options.<option> parameter":
		return object{"enum": checked.ParameterKinds()}
	case "readings.<key> chosen":
		return object{"anyOf": []object{{"type": "string"}, {"type": "number"}, {"type": "boolean"}, ref("names"), ref("choice")}}
	case "readings.<key> decided":
		return object{"type": "object", "additionalProperties": false, "properties": object{
			"by": object{"anyOf": []object{{"type": "string"}, {"type": "null"}}}, "on": object{"anyOf": []object{ref("day"), {"type": "null"}}},
		}}
	case "questions.<id> rules", "questions.<id> scope":
		return ref("names")
	case "questions.<id> verdict":
		return part("questions.<id>.verdict")
	case "questions.<id>.verdict is":
		return ref("expression")
	case "questions.<id>.verdict words":
		return object{"anyOf": []object{{"type": "string"}, named(ref("text"), isWord)}}
	case "questions.<id>.verdict if_none":
		return object{"type": "string"}
	case "review.sections.<name> question", "review.sections.<name> table":
		return object{"type": "string"}
	}
	return object{}
}

// fieldSchema is what stands in a field of a rule.
func fieldSchema(f policy.Field) object {
	switch {
	case f.Name == "in_force":
		return ref("period")
	case f.Computed && f.Kind == policy.Option:
		return object{"anyOf": []object{{"enum": f.Words}, {"type": "string"}, ref("choice")}}
	case f.Computed && f.Kind == policy.Quantity:
		return ref("computed_length")
	}
	switch f.Kind {
	case policy.Option:
		return either(object{"enum": f.Words})
	case policy.Quantity:
		return ref("length")
	case policy.Number:
		return ref("number")
	case policy.Numbers, policy.Articles:
		return ref("list")
	case policy.Percentage:
		return ref("percentage")
	case policy.TimeOfDay:
		return ref("time")
	case policy.Codes, policy.RuleNames:
		return ref("several")
	case policy.Quotations:
		return object{"anyOf": []object{{"type": "string"}, ref("names")}}
	case policy.Flag:
		return ref("flag")
	case policy.ListName:
		return either(object{"type": "string"})
	case policy.Wording:
		return ref("text")
	case policy.Renames:
		return object{"type": "object", "additionalProperties": object{"type": "string"}}
	case policy.Cells:
		return object{"anyOf": []object{ref("map"), {"enum": []string{"otherwise", "any"}}}}
	case policy.Expressions:
		return ref("map")
	case policy.Structs:
		return either(object{"type": "array", "items": ruleSchema(f.Fields)})
	case policy.StructMap:
		if len(f.Fields) == 2 && f.Fields[0].Name == "zh" { // but labels
			return either(object{"type": "object", "additionalProperties": ref("text")})
		}
		return either(object{"type": "object", "additionalProperties": ruleSchema(f.Fields)})
	}
	return ref("expression")
}
