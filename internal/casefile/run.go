package casefile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// Mismatch is one field of an answer that is not as expected.
type Mismatch struct {
	Field    string
	Expected string
	Got      string
	Refused  policy.Text // why there is no answer, and what to do, for people; zero where there is one
}

// String is the mismatch on one line.
func (m Mismatch) String() string {
	return fmt.Sprintf("%s: expected %s, got %s", m.Field, m.Expected, m.Got)
}

// Told is the mismatch on one line, for people.
func (m Mismatch) Told() policy.Text {
	expected, got := Side(m.Field, m.Expected), Side(m.Field, m.Got)
	if m.Refused.EN != "" {
		got = m.Refused
	}
	return policy.Text{
		ZH: fmt.Sprintf("%s：应为 %s，实得 %s", m.Field, expected.ZH, got.ZH),
		EN: fmt.Sprintf("%s: expected %s, got %s", m.Field, expected.EN, got.EN),
	}
}

// Side is one side of a mismatch for people. Words and numbers are what a case
// has them as; what stands for nothing is told.
func Side(field, text string) policy.Text {
	switch {
	case text == "no such field":
		return policy.Text{ZH: "没有这个字段", EN: text}
	case text == "an answer" && field == "question":
		return policy.Text{ZH: "有回答", EN: text}
	case text == "readings of the rulebook" && field == "readings":
		return policy.Text{ZH: "规则书有的读法", EN: text}
	case text == "null", text == "":
		return policy.Text{ZH: "空", EN: "null"}
	case text == "none" && slices.Contains([]string{"breaches", "liable", "error", "missing_facts", "decisions", "cites", "cites_only", "rules", "rules_only"}, field):
		return policy.Text{ZH: "无", EN: text}
	}
	return policy.Text{ZH: text, EN: text}
}

// Result is what became of one case.
type Result struct {
	Case       *Case
	Answer     *rulebook.Answer // nil where the facts were refused
	Mismatches []Mismatch
	Findings   diagnostic.List // what is wrong with the case itself, so that no answer could be as expected
}

// Passed reports whether everything was as expected.
func (r *Result) Passed() bool { return len(r.Mismatches) == 0 }

// Run asks the question of the case and compares the answer. It never fails:
// what goes wrong is a mismatch.
func Run(ctx context.Context, book *rulebook.Book, c *Case) *Result {
	result := &Result{Case: c}
	options := make([]rulebook.Option, 0, len(c.Readings)+1)
	for _, s := range c.Readings {
		options = append(options, rulebook.Reading(s.Key, s.Option))
	}
	if !c.AsOf.IsZero() {
		options = append(options, rulebook.AsOf(c.AsOf))
	}
	answer, err := book.Ask(ctx, c.Question, c.Facts, options...)
	tree := map[string]any{}
	var rest []*policy.FactError
	if err != nil {
		if !names(c.Expect, "error") {
			result.refused(book.Rulebook(), err)
		}
		var reading *policy.ReadingError
		refused := policy.RefusedFacts(err)
		switch {
		case errors.As(err, &reading):
			result.add("readings", "readings of the rulebook", err.Error())
			result.refuse(reading.Message, reading.Remedy)
			return result
		case len(refused) == 0:
			result.add("question", "an answer", err.Error())
			if unknown := (*policy.UnknownQuestionError)(nil); errors.As(err, &unknown) {
				result.refuse(policy.Text{ZH: fmt.Sprintf("没有问题 %q", unknown.Question), EN: fmt.Sprintf("there is no question %q", unknown.Question)}, unknown.Remedy)
			}
			return result
		}
		tree["error"] = shownError(refused[0]) // what a case may expect
		if rest = refused[1:]; names(c.Expect, "error") {
			rest = nil
		}
	} else {
		result.Answer = answer
		tree = treeOf(answer)
	}
	result.compare(c.Expect, tree)
	if result.Answer != nil && !result.Passed() {
		result.expectations(book.Rulebook(), answer)
	}
	if len(result.Mismatches) == 1 && result.Mismatches[0].Field == "error" { // there is no answer, and one was expected
		coded := func(code string, message policy.Text) policy.Text {
			if !names(c.Expect, "error") {
				return message
			}
			return diagnostic.Wording("%s：%s", "%s: %s", policy.Text{ZH: code, EN: code}, message) // what could have been expected
		}
		if refused := policy.RefusedFacts(err); len(refused) > 0 {
			result.refuse(coded(refused[0].Code, withFact(refused[0])), refused[0].Remedy)
		} else if why := answer.Failure(); why.Code != "" {
			result.refuse(coded(why.Code, why.Message), why.Remedy)
		}
	}
	for _, fact := range rest {
		result.add("error", "none", show(shownError(fact)))
		result.refuse(withFact(fact), fact.Remedy)
	}
	return result
}

// treeOf is what a case may expect of an answer, by the keys of the answer's
// JSON: texts, yes or no, numbers, lists of these and maps.
func treeOf(a *policy.Answer) map[string]any {
	readings := map[string]any{}
	for _, r := range a.Readings {
		readings[r.Key] = r.Option
	}
	tree := map[string]any{"question": a.Question, "readings": readings, "rulebook": parts(a.Rulebook)}
	if a.Error != nil {
		tree["error"] = parts(a.Failure())
		return tree
	}
	values := map[string]any{}
	for v := range a.Values() {
		values[v.Name] = dataOf(v)
	}
	for key, part := range map[string]any{
		"verdict": a.Verdict, "breaches": a.Breaches, "liable": a.Liable, "missing_facts": a.MissingFacts, "needs_decision": a.NeedsDecision,
		"decisions": a.Decisions, "provisional": a.Provisional, "cites": a.Cites, "rules": a.Rules,
	} {
		tree[key] = parts(part)
	}
	tree["values"] = values
	return tree
}

// parts takes the structs of an answer apart, by the names that they have in
// its JSON.
func parts(v any) any {
	if text, ok := v.(policy.Text); ok {
		m := map[string]any{}
		for _, lang := range text.Languages() {
			m[lang] = text.In(lang)
		}
		return m
	}
	switch x := reflect.ValueOf(v); x.Kind() {
	case reflect.Struct:
		m := map[string]any{}
		for i, f := range reflect.VisibleFields(x.Type()) {
			if name, option, _ := strings.Cut(f.Tag.Get("json"), ","); option == "" || !x.Field(i).IsZero() {
				m[name] = parts(x.Field(i).Interface())
			}
		}
		return m
	case reflect.Slice:
		list := make([]any, x.Len())
		for i := range list {
			list[i] = parts(x.Index(i).Interface())
		}
		return list
	case reflect.Int:
		return x.Int()
	}
	return v
}

// dataOf is a value as a case may expect it: a time is written as in JSON.
func dataOf(v policy.Value) any {
	switch {
	case v.State != policy.StateKnown:
		return nil
	case v.Kind == policy.KindList:
		list := make([]any, len(v.Items))
		for i, item := range v.Items {
			list[i] = dataOf(item)
		}
		return list
	case v.Kind == policy.KindRecord, v.Kind == policy.KindMap:
		m := map[string]any{}
		for _, f := range v.Fields {
			m[f.Name] = dataOf(f)
		}
		return m
	}
	switch x := v.Data.(type) {
	case bool, int64, string:
		return x
	case policy.Money:
		return written{strings.Trim(string(v.AppendJSON(nil)), `"`), func(text string) bool {
			m, err := policy.ReadMoney(text, x.Currency)
			return err == nil && m == x
		}}
	case policy.Ratio:
		return written{strings.Trim(string(v.AppendJSON(nil)), `"`), func(text string) bool {
			num, den, err := source.Percent(text)
			return err == nil && value.CompareRatio(value.RatioOf(num, den), value.RatioOf(x.Num, x.Den)) == 0
		}}
	}
	text := string(v.AppendJSON(nil))
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n // a fraction that came to a whole number
	}
	return strings.Trim(text, `"`)
}

// written is a value that a case may expect as it stands in JSON or otherwise:
// 80/100 as 80%, 500.00 as 500 or 500元.
type written struct {
	text string
	same func(text string) bool
}

// MarshalJSON is the text, which failures show.
func (w written) MarshalJSON() ([]byte, error) { return json.Marshal(w.text) }

func shownError(e *policy.FactError) map[string]any {
	return map[string]any{"code": e.Code, "fact": e.Fact, "message": e.Message.EN}
}

func (r *Result) add(field, expected, got string) {
	r.Mismatches = append(r.Mismatches, Mismatch{Field: field, Expected: expected, Got: got})
}

// refuse says of the latest mismatch why there is no answer.
func (r *Result) refuse(message, remedy policy.Text) {
	if remedy.EN != "" {
		message = policy.Text{ZH: message.ZH + " → " + remedy.ZH, EN: message.EN + " → " + remedy.EN}
	}
	r.Mismatches[len(r.Mismatches)-1].Refused = message
}

func withFact(e *policy.FactError) policy.Text {
	if e.Fact == "" {
		return e.Message
	}
	return diagnostic.Wording("%s：%s", "%s: %s", policy.Text{ZH: e.Fact, EN: e.Fact}, e.Message)
}

func (r *Result) compare(expect *source.Node, tree map[string]any) {
	if tree["error"] != nil && !names(expect, "error") {
		r.add("error", "none", show(tree["error"]))
		return
	}
	if expect.Get("breaches") == nil {
		if list := breachStrings(tree); len(list) > 0 {
			r.add("breaches", "none", strings.Join(list, ", "))
		}
	}
	values, _ := tree["values"].(map[string]any)
	for _, e := range expect.Entries {
		key := e.Key.Text
		switch head, _, _ := strings.Cut(key, "."); key {
		case "breaches":
			r.set(key, texts(e.Value), breachStrings(tree), true)
		case "cites":
			r.set(key, texts(e.Value), strs(tree["cites"]), false)
		case "liable":
			r.list(key, e.Value, tree[key], "role")
		case "missing_facts":
			r.list(key, e.Value, tree[key], "fact")
		case "decisions":
			r.list(key, e.Value, tree[key], "code")
		case "rules":
			r.set(key, texts(e.Value), strs(tree[key]), false)
		case "cites_only", "rules_only":
			r.set(key, texts(e.Value), strs(tree[strings.TrimSuffix(key, "_only")]), true)
		case "error":
			if e.Value.Kind == source.Scalar {
				code, _ := tree[key].(map[string]any)
				r.value(key, e.Value, code["code"])
				continue
			}
			r.value(key, e.Value, tree[key])
		case "verdict", "needs_decision", "provisional", "question", "rulebook", "readings":
			r.value(key, e.Value, tree[key])
		default:
			if _, ok := values[head]; !ok && slices.Contains(records, head) {
				r.field(key, e.Value, tree)
				continue
			}
			r.field(key, e.Value, values)
		}
	}
}

// records are the fields common to all answers that have fields of their own.
var records = []string{"error", "readings", "rulebook"}

// names reports whether the expectation says something of a common field,
// also as a dotted path.
func names(expect *source.Node, field string) bool {
	return slices.ContainsFunc(expect.Keys(), func(key string) bool {
		head, _, _ := strings.Cut(key, ".")
		return head == field
	})
}

// field compares a value of the answer, named by a dotted path.
func (r *Result) field(path string, want *source.Node, values map[string]any) {
	head, rest, dotted := strings.Cut(path, ".")
	got, ok := values[head]
	if !ok {
		r.add(path, show(want), "no such field")
		return
	}
	if dotted {
		inner, ok := got.(map[string]any)
		if !ok {
			r.add(path, show(want), show(got))
			return
		}
		before := len(r.Mismatches)
		r.field(rest, want, inner)
		for i := range r.Mismatches[before:] {
			r.Mismatches[before+i].Field = head + "." + r.Mismatches[before+i].Field
		}
		return
	}
	r.value(path, want, got)
}

func (r *Result) value(field string, want *source.Node, got any) {
	if !matches(want, got) {
		r.add(field, show(want), show(got))
	}
}

// list compares a list of records, each of which may be named by its key.
func (r *Result) list(field string, want *source.Node, got any, key string) {
	for _, item := range want.Items {
		if item.Kind == source.Map {
			r.value(field, want, got)
			return
		}
	}
	r.set(field, texts(want), fields(got, key), true)
}

// set compares words as sets. What is not exact may hold more.
func (r *Result) set(field string, want, got []string, exact bool) {
	lacks := slices.ContainsFunc(want, func(w string) bool { return !slices.Contains(got, w) })
	extra := slices.ContainsFunc(got, func(g string) bool { return !slices.Contains(want, g) })
	if lacks || exact && extra {
		r.add(field, orNone(want), orNone(got))
	}
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}

// matches reports whether the value is what the node wants: fields that are
// not named are not compared, lists compare as sets.
func matches(want *source.Node, got any) bool {
	switch want.Kind {
	case source.Empty:
		return got == nil
	case source.Scalar:
		switch g := got.(type) {
		case nil:
			return false
		case string:
			return g == want.Text || sameMoment(g, want.Text)
		case written:
			return g.text == want.Text || g.same(want.Text)
		case bool:
			return want.Style == source.Plain && fmt.Sprint(g) == want.Text
		case int64:
			return want.Style == source.Plain && strconv.FormatInt(g, 10) == want.Text
		}
		return false
	case source.Map:
		g, ok := got.(map[string]any)
		if !ok {
			return false
		}
		for _, e := range want.Entries {
			if v, ok := g[e.Key.Text]; !ok && e.Value.Kind != source.Empty || !matches(e.Value, v) {
				return false
			}
		}
		return true
	}
	g, ok := got.([]any)
	return ok && len(g) == len(want.Items) && pair(want.Items, g)
}

// sameMoment reports whether two texts are one moment, written with whatever
// offset.
func sameMoment(a, b string) bool {
	t, err := source.Moment(a)
	u, wrong := source.Moment(b)
	return err == nil && wrong == nil && t.Equal(u)
}

// pair reports whether each wanted item has an item of its own. A wanted item
// that finds its match taken asks the one who took it to find another.
func pair(want []*source.Node, got []any) bool {
	taken := make([]int, len(got)) // by which wanted item, counted from 1
	var find func(w int, asked []bool) bool
	find = func(w int, asked []bool) bool {
		for i, g := range got {
			if asked[i] || !matches(want[w], g) {
				continue
			}
			asked[i] = true
			if taken[i] == 0 || find(taken[i]-1, asked) {
				taken[i] = w + 1
				return true
			}
		}
		return false
	}
	for w := range want {
		if !find(w, make([]bool, len(got))) {
			return false
		}
	}
	return true
}

func texts(n *source.Node) []string {
	if n.Kind == source.Scalar {
		return []string{n.Text}
	}
	list := make([]string, 0, len(n.Items))
	for _, item := range n.Items {
		list = append(list, item.Text)
	}
	return list
}

func strs(v any) []string {
	var list []string
	items, _ := v.([]any)
	for _, item := range items {
		if s, ok := item.(string); ok {
			list = append(list, s)
		}
	}
	return list
}

func fields(v any, key string) []string {
	var list []string
	items, _ := v.([]any)
	for _, item := range items {
		if m, ok := item.(map[string]any); ok {
			if s, ok := m[key].(string); ok {
				list = append(list, s)
			}
		}
	}
	return list
}

func breachStrings(tree map[string]any) []string {
	var list []string
	items, _ := tree["breaches"].([]any)
	for _, item := range items {
		m, _ := item.(map[string]any)
		s := fmt.Sprint(m["article"], "#", m["code"])
		if d, ok := m["detail"]; ok {
			s += fmt.Sprint(":", d)
		}
		list = append(list, s)
	}
	return list
}

func show(v any) string {
	switch x := v.(type) {
	case nil:
		return "null"
	case *source.Node:
		return showNode(x)
	case map[string]any, []any: // as a case writes them, to be taken over
		return flow(x)
	default:
		data, err := json.Marshal(v)
		if err != nil {
			return fmt.Sprint(v)
		}
		return string(data)
	}
}

func showNode(n *source.Node) string {
	var parts []string
	switch n.Kind {
	case source.Scalar:
		return n.Text
	case source.Map:
		for _, e := range n.Entries {
			parts = append(parts, e.Key.Text+": "+showNode(e.Value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case source.Seq:
		for _, item := range n.Items {
			parts = append(parts, showNode(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return "null"
}

// Book is the rulebook that the cases of the file are run against: the given
// one, with the changes that the file makes.
func Book(book *rulebook.Book, f *File) (*rulebook.Book, error) {
	if len(f.Changes) == 0 {
		return book, nil
	}
	name := f.Name + " (changed rules)"
	rules, err := f.Apply(name, book.Rulebook().Source())
	if err != nil {
		return nil, err
	}
	return rulebook.Parse(name, rules)
}
