// Package reference writes what a rules file may hold, from the forms' own
// declarations: the reference page and the JSON Schema for editors.
package reference

import (
	"fmt"
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
	policy.ListName:    {ZH: "词表名", EN: "name of a list of words"},
	policy.RuleName:    {ZH: "规则名", EN: "name of a rule"},
	policy.RuleNames:   {ZH: "规则名列表", EN: "list of names of rules"},
	policy.Structs:     {ZH: "列表", EN: "list of maps"},
	policy.Cells:       {ZH: "若干“键: 词或范围”", EN: "map of key: word or range"},
	policy.Renames:     {ZH: "若干“名称: 名称”", EN: "map of name: name"},
	policy.StructMap:   {ZH: "若干“代码: {…}”", EN: "map of code: map"},
}

// Markdown is the reference page of rules files, in Chinese and English.
func Markdown(forms []*form.Form) []byte {
	var b strings.Builder
	b.WriteString("# rules.yaml: reference / 规则文件写法参考\n\n")
	b.WriteString("Generated; do not edit. Any value may be written as a choice: `{by: reading.key, option: …}` or `{by: date, 2026-01-01: …}`; a value of a rule also by a fact that is a word, `{by: ticket.priority, p1: 4 hours, otherwise: 5 working days}`, or yes or no, `{by: ticket.urgent, yes: 4 hours, no: 5 working days}`, and by several, `{by: [ticket.priority, ticket.target], p1: {answer: 1 hour, otherwise: 4 hours}, otherwise: 5 working days}`. Every option and every word stands there, or `otherwise`; a word that is known not to exist is otherwise, too. Where a rule goes through a list, `{by: .priority, …}` chooses by a word, or a yes or no, of the element; without `otherwise` there is no value where it has none. Values and the verdict of a question may be chosen by such a fact as well. Where a rule takes one of its own words, `{by: reading}` alone is the option that is chosen. `{by: tickets.priority, like: limit}` has what is not written there from the choice that the value `limit` under `values` is: the same table of words, by another word.\n\n")
	b.WriteString("由程序生成，请勿手改。任何值都可以写成选择：`{by: 读法, 选项: …}` 或 `{by: date, 2026-01-01: …}`；规则里的值还可按词类的事实选：`{by: ticket.priority, p1: 4 hours, otherwise: 5 working days}`，或按是非类的事实选：`{by: ticket.urgent, yes: 4 hours, no: 5 working days}`，或按几个事实选：`{by: [ticket.priority, ticket.target], p1: {answer: 1 hour, otherwise: 4 hours}, otherwise: 5 working days}`。每个选项、每个词都要写，或写 otherwise；已知没有这个词的，也按 otherwise。逐项处理列表的规则，可按该项的词或是非选：`{by: .priority, …}`；没写 otherwise 的，该项没有即没有值。问题的取值和结论也可按这些事实选。规则取自己的词的键，只写 `{by: 读法}` 即所选的选项。`{by: tickets.priority, like: limit}` 没写的，照 `values` 下的值 `limit` 所写的选择：同一张表，换一个词来选。\n\n")
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
