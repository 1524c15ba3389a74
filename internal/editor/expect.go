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

// valueOf is what the value of a key is to be that is no key of a rule.
func valueOf(key string) want {
	if slices.Contains(reference.Flags(), key) {
		return aFlag
	}
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
	case "if_absent", "if_null":
		return anAbsence
	case "if_none", "list":
		return aWord
	case "zone":
		return aZone
	}
	return anything
}

// expectedAt is what may stand at a path: keys where it leads to a map, a value
// otherwise.
func expectedAt(path []string) expected {
	if len(path) == 0 {
		return expected{keys: reference.TopLevel()}
	}
	if path[0] == "regulations" && len(path) >= 4 && path[2] == "articles" {
		return inArticle(path[4:])
	}
	path = plainFacts(path)
	for _, p := range reference.Parts() {
		if matches(path, strings.Split(p.Path, ".")) {
			return expected{keys: p.Keys}
		}
	}
	key := lastKey(path)
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

// matches reports whether a path is of a form in which names are in <…>.
func matches(path, pattern []string) bool {
	if len(path) != len(pattern) {
		return false
	}
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
	if f := formOf(path[0]); f != nil {
		if len(path) == 1 {
			return expected{}
		}
		return inFields(append(policy.CommonFields(), f.Fields...), path[2:])
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
	case policy.ListName:
		return aWordList
	case policy.Code, policy.Codes:
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

// formOf is the form of the rules that stand under a key of an article; nil where
// none do.
func formOf(section string) *policy.Form {
	for _, f := range forms.All() {
		if f.Section == section {
			return &f.Form
		}
	}
	return nil
}
