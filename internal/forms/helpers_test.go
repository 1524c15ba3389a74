package forms_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
)

func parse(t testing.TB, text string) *rulebook.Book {
	t.Helper()
	book, err := rulebook.Parse("rules.yaml", []byte(text))
	require.NoError(t, err)
	return book
}

// ask asks with readings written as "key=option".
func ask(t testing.TB, book *rulebook.Book, question, facts string, readings ...string) *rulebook.Answer {
	t.Helper()
	var options []rulebook.Option
	for _, r := range readings {
		key, option, _ := strings.Cut(r, "=")
		options = append(options, rulebook.Reading(key, option))
	}
	answer, err := book.Ask(t.Context(), question, facts, options...)
	require.NoError(t, err)
	return answer
}

// valuesOf are the values of an answer as JSON.
func valuesOf(t testing.TB, a *rulebook.Answer) string {
	t.Helper()
	require.Nil(t, a.Error)
	var tree struct{ Values json.RawMessage }
	require.NoError(t, json.Unmarshal(a.AppendJSON(nil, false), &tree))
	return string(tree.Values)
}

// missing are the missing facts, each "fact < rule".
func missing(a *rulebook.Answer) []string {
	var all []string
	for _, m := range a.MissingFacts {
		all = append(all, m.Fact+" < "+m.NeededBy)
	}
	return all
}
