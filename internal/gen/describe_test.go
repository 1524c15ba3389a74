package gen

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

// eachAndAll calls do with every question of the example rulebooks, and with all
// of a rulebook.
func eachAndAll(t *testing.T, do func(name string, b *policy.Rulebook, questions []*policy.Question)) {
	t.Helper()
	for _, x := range exampleBooks {
		book, err := rulebook.Load(x.rules)
		require.NoError(t, err)
		b := book.Rulebook()
		do(x.name, b, b.Questions)
		for _, q := range b.Questions {
			do(q.ID, b, []*policy.Question{q})
		}
	}
}

// Every type that TypeScript mentions is declared, once, and every fact, value
// and word is there.
func TestTypeScript(t *testing.T) {
	declared := regexp.MustCompile(`(?m)^export (?:interface|type) (\w+)`)
	mentioned := regexp.MustCompile(`\b[A-Z]\w*\b`)
	comments := regexp.MustCompile(`(?m)/\*\*.*\*/|//.*$|"[^"]*"`)
	eachAndAll(t, func(name string, b *policy.Rulebook, questions []*policy.Question) {
		text := string(TypeScript(b, questions, "en"))
		assert.NotRegexp(t, `\p{Han}`, text, name)
		known := map[string]bool{"Array": true, "Record": true}
		for _, m := range declared.FindAllStringSubmatch(text, -1) {
			assert.False(t, known[m[1]], "%s: %s twice", name, m[1])
			known[m[1]] = true
		}
		for _, m := range mentioned.FindAllString(comments.ReplaceAllString(text, ""), -1) {
			assert.True(t, known[m], "%s: %s is not declared", name, m)
		}
		for _, q := range questions {
			for _, s := range []*shape{factsOf(q), valuesOf(q), verdictOf(q)} {
				eachName(s, func(member string) { assert.Contains(t, text, member, name) })
			}
		}
	})
}

// eachName are the names of members and the words below a shape.
func eachName(s *shape, do func(string)) {
	if s == nil {
		return
	}
	for _, w := range s.words {
		do(`"` + w.Word + `"`)
	}
	for _, f := range s.fields {
		do("  " + f.name)
		eachName(f.shape, do)
	}
	eachName(s.elem, do)
}

// Both descriptions are JSON whose references lead somewhere, with the facts
// and the answer of every question.
func TestSchemaAndOpenAPI(t *testing.T) {
	eachAndAll(t, func(name string, b *policy.Rulebook, questions []*policy.Question) {
		text, err := Schema(b, questions)
		require.NoError(t, err)
		var schema struct {
			Defs map[string]struct {
				Properties map[string]any
			} `json:"$defs"`
		}
		require.NoError(t, json.Unmarshal(text, &schema), name)
		text, err = OpenAPI(b, questions)
		require.NoError(t, err)
		var api struct {
			Paths      map[string]any
			Components struct{ Schemas map[string]any }
		}
		require.NoError(t, json.Unmarshal(text, &api), name)
		for _, m := range regexp.MustCompile(`"\$ref": "#/components/schemas/(\w+)"`).FindAllStringSubmatch(string(text), -1) {
			assert.Contains(t, api.Components.Schemas, m[1], name)
		}
		for _, q := range questions {
			assert.Contains(t, api.Paths, "/v1/questions/"+q.ID+"/ask")
			for _, f := range q.Facts {
				assert.Contains(t, schema.Defs[q.ID+".facts"].Properties, f.Name, name)
			}
			for _, part := range []string{"question", "verdict", "values", "error", "rulebook"} {
				assert.Contains(t, schema.Defs[q.ID+".answer"].Properties, part, name)
			}
		}
	})
}

// Comments are in the language that was chosen, from the rulebook's labels.
func TestCommentsOfGo(t *testing.T) {
	book, err := rulebook.Load(exampleBooks[0].rules)
	require.NoError(t, err)
	b := book.Rulebook()
	en, err := Go(b, b.Questions, "rules", "en")
	require.NoError(t, err)
	assert.NotRegexp(t, `\p{Han}`, string(en))
	zh, err := Go(b, b.Questions, "rules", "zh")
	require.NoError(t, err)
	for line := range strings.Lines(string(zh)) {
		if comment, found := strings.CutPrefix(strings.TrimSpace(line), "// "); found && strings.HasSuffix(comment, "。") {
			assert.Regexp(t, `\p{Han}`, comment)
		}
	}
	assert.Contains(t, string(zh), "// Households：户数，单位户。")
}

// A question that ends with its mark has no full stop behind it in comments.
func TestGoAsks(t *testing.T) {
	eachAndAll(t, func(name string, b *policy.Rulebook, questions []*policy.Question) {
		for _, lang := range []string{"zh", "en"} {
			text, err := Go(b, questions, "rules", lang)
			require.NoError(t, err)
			assert.NotRegexp(t, `[?？][.。]`, string(text), name)
		}
	})
	assert.Equal(t, []string{"Is it late?", "算多少。", "due."}, []string{sentence("Is it late?", "."), sentence("算多少", "。"), sentence("due.", ".")})
}
