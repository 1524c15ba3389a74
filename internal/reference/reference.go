// Package reference writes what a rules file may hold, from the forms' own
// declarations: the reference page and the JSON Schema for editors.
package reference

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/internal/form"

	"github.com/servicerules/rulebook/policy"
)

var kinds = map[policy.FieldKind]policy.Text{
	policy.Expression:  {ZH: "表达式", EN: "expression"},
	policy.Expressions: {ZH: "若干“名称: 表达式”", EN: "map of name: expression"},
	policy.Option:      {ZH: "词", EN: "one of"},
	policy.Quantity:    {ZH: "时长", EN: "length of time"},
	policy.Number:      {ZH: "整数", EN: "whole number"},
	policy.Numbers:     {ZH: "整数列表", EN: "list of whole numbers"},
	policy.Percentage:  {ZH: "百分数", EN: "percentage"},
	policy.TimeOfDay:   {ZH: "时刻 HH:MM", EN: "time of day HH:MM"},
	policy.Flag:        {ZH: "true 或 false", EN: "true or false"},
	policy.Code:        {ZH: "代码", EN: "code"},
	policy.Codes:       {ZH: "代码列表", EN: "list of codes"},
	policy.Wording:     {ZH: "文字", EN: "wording"},
	policy.Calendar:    {ZH: "日历名", EN: "name of a calendar"},
	policy.Articles:    {ZH: "条款列表", EN: "list of articles"},
	policy.Quotations:  {ZH: "条文里的话", EN: "words of the article's text"},
	policy.RuleName:    {ZH: "规则名", EN: "name of a rule"},
	policy.RuleNames:   {ZH: "规则名列表", EN: "list of names of rules"},
	policy.Structs:     {ZH: "列表", EN: "list of maps"},
	policy.Cells:       {ZH: "若干“键: 词或范围”", EN: "map of key: word or range"},
	policy.StructMap:   {ZH: "若干“代码: {…}”", EN: "map of code: map"},
}

// Markdown is the reference page of rules files, in Chinese and English.
func Markdown(forms []*form.Form) []byte {
	var b strings.Builder
	b.WriteString("# rules.yaml: reference / 规则文件写法参考\n\n")
	b.WriteString("Generated; do not edit. Any value may be written as a choice: `{by: reading.key, option: …}` or `{by: date, 2026-01-01: …}`; a value of a rule also by a fact that is a word, `{by: ticket.priority, p1: 4 hours, otherwise: 5 working days}`, and by several, `{by: [ticket.priority, ticket.target], p1: {answer: 1 hour, otherwise: 4 hours}, otherwise: 5 working days}`. Every option and every word stands there, or `otherwise`; a word that is known not to exist is otherwise, too. Where a rule goes through a list, `{by: .priority, …}` chooses by a word of the element; without `otherwise` there is no value where there is no word. Values and the verdict of a question may be chosen by a fact that is a word as well.\n\n")
	b.WriteString("由程序生成，请勿手改。任何值都可以写成选择：`{by: 读法, 选项: …}` 或 `{by: date, 2026-01-01: …}`；规则里的值还可按词类的事实选：`{by: ticket.priority, p1: 4 hours, otherwise: 5 working days}`，或按几个事实选：`{by: [ticket.priority, ticket.target], p1: {answer: 1 hour, otherwise: 4 hours}, otherwise: 5 working days}`。每个选项、每个词都要写，或写 otherwise；已知没有这个词的，也按 otherwise。逐项处理列表的规则，可按该项的词选：`{by: .priority, …}`；没写 otherwise 的，没有这个词即没有值。问题的取值和结论也可按词类的事实选。\n\n")
	parts(&b)
	b.WriteString("\n## Forms / 规则的形式\n\n| form | section | |\n|---|---|---|\n")
	for _, f := range forms {
		fmt.Fprintf(&b, "| [%s](#%s) | `%s` | %s<br>%s |\n", f.Name, f.Name, f.Section, f.Doc.EN, f.Doc.ZH)
	}
	for _, f := range forms {
		fmt.Fprintf(&b, "\n### %s\n\n`%s:` — %s\n\n%s\n\n", f.Name, f.Section, f.Doc.EN, f.Doc.ZH)
		if len(f.PartOf) > 0 {
			fmt.Fprintf(&b, "May be `part_of` a %s. 可以 part_of 并入：%s。\n\n", strings.Join(f.PartOf, ", "), strings.Join(f.PartOf, "、"))
		}
		b.WriteString("| key | holds | needed | |\n|---|---|---|---|\n")
		fields(&b, "", f.Fields)
		if len(f.Outputs) > 0 {
			b.WriteString("\nOutputs, as `rule_name.output` / 输出：\n\n| output | type | label / 名称 | |\n|---|---|---|---|\n")
			for _, o := range f.Outputs {
				label := o.Label
				if label.IsZero() {
					label = policy.Text{ZH: "规则的名称", EN: "that of the rule"}
				}
				fmt.Fprintf(&b, "| `%s` | %s | %s<br>%s | %s<br>%s |\n", o.Name, o.Type, label.EN, label.ZH, o.Doc.EN, o.Doc.ZH)
			}
		}
	}
	b.WriteString("\n### Keys of every rule / 各种规则通用的键\n\n| key | holds | needed | |\n|---|---|---|---|\n")
	fields(&b, "", policy.CommonFields())
	return []byte(b.String())
}

func fields(b *strings.Builder, prefix string, list []policy.Field) {
	for _, f := range list {
		needed := ""
		if f.Required {
			needed = "yes / 必填"
		}
		fmt.Fprintf(b, "| `%s%s` | %s | %s | %s<br>%s |\n", prefix, f.Name, holds(f), needed, f.Doc.EN, f.Doc.ZH)
		inner := "[]."
		if f.Kind == policy.StructMap {
			inner = ".*."
		}
		fields(b, prefix+f.Name+inner, f.Fields)
	}
}

func holds(f policy.Field) string {
	k := kinds[f.Kind]
	text := k.EN + " / " + k.ZH
	if f.Kind == policy.Option {
		text = "`" + strings.Join(f.Words, "`, `") + "`"
	}
	if f.Kind == policy.Expression && f.Wants != "" {
		text += " (" + strings.ReplaceAll(string(f.Wants), "_", "/") + ")"
	}
	if f.Computed {
		text += map[policy.FieldKind]string{
			policy.Option: ", or an expression that gives one / 或得出其一的表达式", policy.Calendar: ", or an expression that gives one / 或得出其一的表达式",
			policy.Quantity: ", or {n: expression, unit: …} / 或 {n: 表达式, unit: …}",
		}[f.Kind]
	}
	if f.Element {
		text += ", of each element / 逐项"
	}
	return text
}

type object = map[string]any

// Schema is a JSON Schema (2020-12) of rules files, for editors that complete
// and check YAML while it is written. It knows keys and words; what an
// expression means, only the loader checks.
func Schema(forms []*form.Form) ([]byte, error) {
	text, choice := object{"$ref": "#/$defs/text"}, object{"$ref": "#/$defs/choice"}
	question := part("questions.<id>")
	question["properties"].(object)["values"] = named(part("questions.<id>.values.<name>"))
	calendar, yearly := part("calendars.<name>"), part("calendars.<name>.yearly")
	yearly["properties"].(object)["days"] = object{"type": "array", "items": part("calendars.<name>.yearly.days")}
	calendar["properties"].(object)["yearly"] = yearly
	origin := object{"anyOf": []object{{"type": "string"}, part("source")}}
	article := object{
		"nature": object{"type": "string"}, "title": text, "text": text, "source": origin, "note": text, "decides_nothing": text,
	}
	for _, f := range forms {
		rule := ruleSchema(append(policy.CommonFields(), f.Fields...), text, choice)
		rule["properties"].(object)["may_change"] = names()
		article[f.Section] = object{"type": "object", "description": f.Doc.ZH + " / " + f.Doc.EN, "additionalProperties": rule}
	}
	article["may_change"] = names()
	regulation := part("regulations.<id>")
	regulation["properties"].(object)["source"] = origin
	regulation["properties"].(object)["articles"] = named(object{
		"type": "object", "required": []string{"nature", "title", "text"}, "properties": article, "additionalProperties": false,
	})
	schema := object{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "rulebook", "type": "object", "additionalProperties": false,
		"$defs": object{
			"text": object{"anyOf": []object{
				{"type": "string"}, {"type": "object", "minProperties": 1, "propertyNames": object{"pattern": languages}, "additionalProperties": object{"type": "string"}},
			}},
			"choice": object{"type": "object", "required": []string{"by"}, "properties": object{"by": object{"anyOf": []object{
				{"type": "string"}, {"type": "array", "items": object{"type": "string"}, "minItems": 1}}}}},
		},
		"properties": object{
			"rulebook": part("rulebook"), "include": names(), "extends": object{"type": "string"}, "calendars": named(calendar),
			"words": named(named(text)), "facts": named(part("facts.<name>")), "must": named(part("must.<name>")),
			"readings": named(part("readings.<key>")), "questions": named(question), "promises": named(part("promises.<name>")),
			"review": object{"type": "object", "properties": object{
				"zh": object{"type": "string"}, "en": object{"type": "string"}, "sections": named(part("review.sections.<name>")),
			}},
			"regulations": named(regulation),
		},
	}
	completeUnlessPartial(schema)
	data, err := json.MarshalIndent(schema, "", " ")
	return append(data, '\n'), err
}

// names is a list of names.
func names() object { return object{"type": "array", "items": object{"type": "string"}} }

// fixed are the parts of which nothing can be marked with may_change.
var fixed = []string{"words.<list>.<word>", "source", "calendars.<name>.yearly", "calendars.<name>.yearly.days", "questions.<id>.values.<name>"}

// named is a map of names, each to the same.
func named(each object) object { return object{"type": "object", "additionalProperties": each} }

// part is the schema of a part of the file that is not a rule.
func part(path string) object {
	properties, required := object{}, []string{}
	for _, p := range Parts() {
		if p.Path != path {
			continue
		}
		for _, k := range p.Keys {
			properties[k.Name] = object{"description": k.Doc.ZH + " / " + k.Doc.EN}
			if k.Required && k.Name != "zh" && k.Name != "en" { // which languages there are, the file says
				required = append(required, k.Name)
			}
		}
	}
	if !slices.Contains(fixed, path) {
		properties["may_change"] = names()
	}
	return object{"type": "object", "properties": properties, "patternProperties": otherLanguages, "required": required, "additionalProperties": false}
}

// languages is the form of the tags of languages; otherLanguages are labels in
// others than the usual two.
const languages = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"

var otherLanguages = object{languages: object{}}

func ruleSchema(list []policy.Field, text, choice object) object {
	properties, required := object{}, []string{}
	for _, f := range list {
		properties[f.Name] = fieldSchema(f, text, choice)
		if f.Required {
			required = append(required, f.Name)
		}
	}
	return object{"type": "object", "properties": properties, "patternProperties": otherLanguages, "required": required, "additionalProperties": false}
}

func fieldSchema(f policy.Field, text, choice object) object {
	doc := f.Doc.ZH + " / " + f.Doc.EN
	var plain object
	switch {
	case f.Computed && f.Kind == policy.Option:
		return object{"description": doc, "anyOf": []object{{"enum": f.Words}, {"type": "string"}, choice}}
	case f.Computed && f.Kind == policy.Quantity:
		number := object{"type": []string{"string", "number"}}
		length := object{"type": "object", "required": []string{"n", "unit"}, "properties": object{"n": number, "unit": object{"type": "string"}}, "additionalProperties": false}
		return object{"description": doc, "anyOf": []object{number, length, choice, {"enum": []string{"none", "parameter"}}}}
	}
	switch f.Kind {
	case policy.Option:
		plain = object{"enum": f.Words}
	case policy.Number:
		plain = object{"type": []string{"integer", "string"}}
	case policy.Numbers, policy.Articles:
		plain = object{"type": "array"}
	case policy.Codes, policy.RuleNames:
		plain = object{"type": []string{"array", "string"}}
	case policy.Quotations:
		return object{"description": doc, "anyOf": []object{{"type": "string"}, {"type": "array", "items": object{"type": "string"}}}}
	case policy.Flag:
		plain = object{"type": "boolean"}
	case policy.Wording:
		return object{"description": doc}
	case policy.Expressions, policy.Cells:
		plain = object{"type": "object"}
	case policy.Structs:
		plain = object{"type": "array", "items": ruleSchema(f.Fields, text, choice)}
	case policy.StructMap:
		plain = object{"type": "object", "additionalProperties": ruleSchema(f.Fields, text, choice)}
	default:
		plain = object{"type": []string{"string", "number", "boolean"}}
	}
	return object{"description": doc, "anyOf": []object{plain, choice, {"enum": []string{"none", "parameter"}}}}
}
