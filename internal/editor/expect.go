package editor

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/forms"
	"github.com/servicerules/rulebook/internal/reference"
	"github.com/servicerules/rulebook/policy"
)

// expected is what may stand at a path of a rules file.
type expected struct {
	keys  []reference.Key // of a map
	field *policy.Field   // of a rule, nil elsewhere
	what  want            // of a value
	ruled string          // the section of the rule
}

// want is what a value is to be.
type want uint8

const (
	anything want = iota
	anExpression
	aChooser // what stands behind by:
	anArticle
	aRule
	aCalendar
	aFact
	aType
	aWordList
	aWord
	aNature
	aChoice // of a reading
	aQuestion
	aParameter // the kind of one, of an option
	aFlag
	anAbsence // if_absent, if_null
	aZone
	nothingMore // wording
)

// valuesOf is what the values of keys are that are no keys of rules.
func valueOf(key string) want {
	switch key {
	case "article":
		return anArticle
	case "calendar", "base":
		return aCalendar
	case "governed_by", "is", "when", "then", "that", "month", "until":
		return anExpression
	case "by":
		return aChooser
	case "rules", "scope":
		return aRule
	case "facts", "not_before":
		return aFact
	case "type":
		return aType
	case "words":
		return aWordList
	case "nature":
		return aNature
	case "chosen":
		return aChoice
	case "question":
		return aQuestion
	case "parameter":
		return aParameter
	case "event", "ordered", "several", "any_year", "keyed":
		return aFlag
	case "if_absent", "if_null":
		return anAbsence
	case "if_none", "list":
		return aWord
	case "zone":
		return aZone
	}
	return anything
}

// topKeys are those of a rules file.
var topKeys = []reference.Key{
	{Name: "rulebook", Doc: diagnostic.Text{ZH: "书名与通则", EN: "the head of the file"}},
	{Name: "include", Doc: diagnostic.Text{ZH: "并入的其他文件", EN: "other files that belong to the book"}},
	{Name: "extends", Doc: diagnostic.Text{ZH: "以哪一部规则书为基础", EN: "the book that this one builds on"}},
	{Name: "calendars", Doc: diagnostic.Text{ZH: "工作日历", EN: "calendars of working days"}},
	{Name: "words", Doc: diagnostic.Text{ZH: "词表", EN: "closed lists of words"}},
	{Name: "facts", Doc: diagnostic.Text{ZH: "事实：提问时提供的内容", EN: "facts: what is given when a question is asked"}},
	{Name: "must", Doc: diagnostic.Text{ZH: "事实须满足的条件", EN: "conditions that facts cannot break"}},
	{Name: "readings", Doc: diagnostic.Text{ZH: "读法：条文可作不同理解之处", EN: "readings: where the text can be read in several ways"}},
	{Name: "regulations", Doc: diagnostic.Text{ZH: "制度、条款和规则", EN: "regulations, their articles and rules"}},
	{Name: "questions", Doc: diagnostic.Text{ZH: "能问的问题", EN: "questions that can be asked"}},
	{Name: "promises", Doc: diagnostic.Text{ZH: "承诺：不论事实如何，答复都须做到的", EN: "what must hold of every answer, whatever the facts"}},
	{Name: "review", Doc: diagnostic.Text{ZH: "月度审查", EN: "the monthly review"}},
}

// expectedAt is what may stand at a path: keys where it leads to a map, a value
// otherwise.
func expectedAt(path []string) expected {
	if len(path) == 0 {
		return expected{keys: topKeys}
	}
	if path[0] == "regulations" && len(path) >= 4 && path[2] == "articles" {
		return inArticle(path[4:])
	}
	path = plainFacts(path)
	for _, p := range reference.Parts() {
		pattern := strings.Split(p.Path, ".")
		if p.Path == `regulations.<id>.articles."6"` || len(path) != len(pattern) && len(path) != len(pattern)+1 {
			continue
		}
		if !matches(path[:len(pattern)], pattern) {
			continue
		}
		if len(path) == len(pattern) {
			return expected{keys: p.Keys}
		}
	}
	key := lastKey(path)
	if path[0] == "readings" && slices.Contains(path, "options") {
		return expected{what: valueOf(key), keys: []reference.Key{
			{Name: "zh", Doc: diagnostic.Text{ZH: "中文名称", EN: "Chinese label"}}, {Name: "en", Doc: diagnostic.Text{ZH: "英文名称", EN: "English label"}},
			{Name: "parameter", Doc: diagnostic.Text{ZH: "选项带的数", EN: "the kind of its parameter"}},
		}}
	}
	if key == "verdict" {
		return expected{keys: []reference.Key{
			{Name: "is", Doc: diagnostic.Text{ZH: "结论的表达式", EN: "the expression of the verdict"}}, {Name: "words", Doc: diagnostic.Text{ZH: "词表", EN: "its list of words"}},
			{Name: "if_none", Doc: diagnostic.Text{ZH: "没有结论时的词", EN: "the word where there is none"}},
		}}
	}
	if slices.Contains([]string{"zh", "en", "text", "title", "note", "why", "asks"}, key) {
		return expected{what: nothingMore}
	}
	if path[0] == "words" || slices.Contains(path[:len(path)-1], "words") {
		return expected{what: nothingMore}
	}
	if path[0] == "facts" && len(path) == 1 || path[0] == "questions" && len(path) == 1 {
		return expected{}
	}
	return expected{what: valueOf(key)}
}

// plainFacts leads to the fields of a fact as to a fact.
func plainFacts(path []string) []string {
	if path[0] != "facts" && path[0] != "questions" {
		return path
	}
	out := slices.Clone(path)
	for i := len(out) - 1; i >= 2; i-- {
		switch {
		case out[i] == "of" && path[0] == "facts":
			out = append(out[:2], out[i+1:]...)
			return out
		case out[i] == "fields" && i+1 < len(out) && path[0] == "facts":
			return append([]string{"facts", out[i+1]}, out[i+2:]...)
		case out[i] == "fields" && i+1 < len(out) && path[0] == "questions":
			return append([]string{"questions", out[1], "values", out[i+1]}, out[i+2:]...)
		}
	}
	return out
}

func matches(path, pattern []string) bool {
	for i, p := range pattern {
		if !strings.HasPrefix(p, "<") && p != path[i] {
			return false
		}
	}
	return true
}

// lastKey is the last key of a path that is no item.
func lastKey(path []string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] != "[]" {
			return path[i]
		}
	}
	return ""
}

// inArticle is what may stand below an article.
func inArticle(path []string) expected {
	if len(path) == 0 {
		var keys []reference.Key
		for _, p := range reference.Parts() {
			if p.Path == `regulations.<id>.articles."6"` {
				keys = append(keys, p.Keys...)
			}
		}
		for _, f := range forms.All() {
			keys = append(keys, reference.Key{Name: f.Section, Doc: f.Doc})
		}
		return expected{keys: keys}
	}
	for _, f := range forms.All() {
		if f.Section != path[0] {
			continue
		}
		if len(path) == 1 {
			return expected{}
		}
		e := inFields(append(policy.CommonFields(), f.Fields...), path[2:])
		e.ruled = f.Section
		return e
	}
	if path[0] == "nature" {
		return expected{what: aNature}
	}
	return expected{what: nothingMore}
}

// inFields is what may stand below a map with these fields.
func inFields(fields []policy.Field, path []string) expected {
	if len(path) == 0 || path[0] == "[]" && len(path) == 1 {
		var keys []reference.Key
		for _, f := range fields {
			keys = append(keys, reference.Key{Name: f.Name, Required: f.Required, Doc: f.Doc})
		}
		return expected{keys: keys}
	}
	for i := range fields {
		f := &fields[i]
		if f.Name != path[0] {
			continue
		}
		path = path[1:]
		switch {
		case f.Kind == policy.Structs && len(path) > 0 && path[0] == "[]":
			return inFields(f.Fields, path[1:])
		case f.Kind == policy.StructMap && len(path) > 0 && path[0] != "by":
			return inFields(f.Fields, path[1:])
		case lastKey(path) == "by":
			return expected{what: aChooser}
		}
		return expected{field: f, what: wantOf(f)}
	}
	return expected{what: anything}
}

// wantOf is what a field of a rule is to be.
func wantOf(f *policy.Field) want {
	switch f.Kind {
	case policy.Articles:
		return anArticle
	case policy.RuleName, policy.RuleNames:
		return aRule
	case policy.Calendar:
		return aCalendar
	case policy.Flag:
		return aFlag
	case policy.Code, policy.Codes:
		if f.Name == "words" {
			return aWordList
		}
		return aWord
	case policy.Wording, policy.Quotations:
		return nothingMore
	}
	return anExpression
}

// keyDoc is what a key is for that stands below a path.
func keyDoc(path []string, key string) (diagnostic.Text, bool) {
	for _, k := range expectedAt(path).keys {
		if k.Name == key {
			return k.Doc, true
		}
	}
	return diagnostic.Text{}, false
}

// policyForms are the kinds of rules as callers see them.
func policyForms() []*policy.Form {
	var all []*policy.Form
	for _, f := range forms.All() {
		all = append(all, &f.Form)
	}
	return all
}
