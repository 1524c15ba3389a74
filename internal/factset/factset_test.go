package factset_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/factset"
	"github.com/servicerules/rulebook/policy"
)

// question takes a list of records of records, a record and a word.
var question = &policy.Question{Facts: []policy.QuestionFact{
	{Name: "lines", Fact: &policy.Fact{Name: "lines", TypeName: "list", Elem: &policy.Fact{TypeName: "record", Fields: []*policy.Fact{
		{Name: "n", TypeName: "count"},
		{Name: "at", TypeName: "record", Fields: []*policy.Fact{{Name: "day", TypeName: "date"}}},
	}}}},
	{Name: "area", Fact: &policy.Fact{Name: "area", TypeName: "record", Fields: []*policy.Fact{{Name: "id", TypeName: "name"}}}},
	{Name: "kind", Fact: &policy.Fact{Name: "kind", TypeName: "word"}},
}}

func tree(t *testing.T) factset.Tree {
	t.Helper()
	x, ok := factset.FromJSON([]byte(`{"lines": [{"n": 1, "at": {"day": "2025-06-09"}}, {"n": 12345678901234567}], "kind": null}`))
	require.True(t, ok)
	return x
}

// Each place is found again by the text of its path, changed, and taken away,
// and the fact set that it was changed in stays as it was.
func TestPlaces(t *testing.T) {
	facts, before := tree(t), tree(t)
	var paths []string
	for _, p := range factset.Places(question, facts) {
		paths = append(paths, p.Path.String())
		path := factset.ParsePath(p.Path.String())
		assert.Equal(t, p.Path, path)
		v, given := factset.At(facts, path)
		assert.Equal(t, p.Given, given, p.Path)
		assert.Equal(t, p.Value, v, p.Path)
		changed := factset.With(facts, path, "x")
		v, given = factset.At(changed, path)
		assert.True(t, given)
		assert.Equal(t, "x", v)
		gone := factset.Without(facts, path)
		if p.InList() { // the next one stands there, if there is one
			assert.Len(t, gone["lines"], 1)
		} else {
			_, given = factset.At(gone, path)
			assert.False(t, given, p.Path)
		}
		assert.Equal(t, before, facts, "%s: it was a copy that was changed", p.Path)
	}
	assert.Equal(t, []string{"lines", "lines[0]", "lines[0].n", "lines[0].at", "lines[0].at.day", "lines[1]", "lines[1].n", "lines[1].at", "area", "kind"}, paths)
}

// Records on the way are made, and an item is added behind the last.
func TestWithMakesWhatIsMissing(t *testing.T) {
	facts := factset.With(tree(t), factset.ParsePath("area.id"), "A1")
	facts = factset.With(facts, factset.ParsePath("lines[2].at.day"), "2025-06-10")
	text, err := json.Marshal(facts)
	require.NoError(t, err)
	assert.JSONEq(t, `{"area": {"id": "A1"}, "kind": null, "lines": [{"n": 1, "at": {"day": "2025-06-09"}}, {"n": 12345678901234567}, {"at": {"day": "2025-06-10"}}]}`, string(text))
	assert.Contains(t, string(text), "12345678901234567", "numbers are as they were written")
	assert.Equal(t, facts, factset.With(facts, factset.ParsePath("lines[9].n"), 1), "far behind the last there is no place")
	for _, p := range factset.Places(question, tree(t)) {
		if p.Path.String() == "area" {
			require.Len(t, p.Fields(), 1)
			assert.Equal(t, "area.id", p.Fields()[0].Path.String())
		}
	}
}

func TestNoFactSet(t *testing.T) {
	for _, text := range []string{"", "null", "[]", "1", "{"} {
		_, ok := factset.FromJSON([]byte(text))
		assert.False(t, ok, text)
	}
}
