package editor

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/casefile"
)

// Each key under which a case expects something of an answer is followed when
// what it names gets another name. One that is new has to be written down here.
func TestRenameUnderEveryExpectedKey(t *testing.T) {
	rules, err := os.ReadFile("../../examples/rulebooks/service-desk.yaml")
	require.NoError(t, err)
	p := Open(string(rules), nil, nil)
	keys := map[string]struct {
		kind   Kind
		id, is string // what stands under the key, "NAME" where the name is
	}{
		"verdict":        {Word, "no_credit", "NAME"},
		"breaches":       {Regulation, "credits", "[NAME/4#late]"},
		"liable":         {Fact, "customer", "[{person: NAME}]"},
		"missing_facts":  {Fact, "workaround_accepted", "[NAME]"},
		"decisions":      {Rule, "weighed", "[NAME]"},
		"cites":          {Regulation, "credits", "[NAME/4]"},
		"cites_only":     {Regulation, "credits", "[NAME/4]"},
		"rules":          {Rule, "workaround", "[credits.NAME]"},
		"rules_only":     {Rule, "workaround", "[credits.NAME]"},
		"error":          {Fact, "workaround_accepted", "{fact: NAME}"},
		"readings":       {Reading, "credits.combine", "{NAME: net_sum}"},
		"rejected":       {Rule, "workaround", "[NAME]"}, // a value: the factors of a weighing
		"needs_decision": {}, "provisional": {},          // yes or no
	}
	for _, key := range append(casefile.CommonFields(), "rejected") {
		k, written := keys[key]
		require.True(t, written, "nothing says what %s: names", key)
		if k.kind == "" {
			continue
		}
		var s *Symbol
		for _, x := range p.known().all {
			if x.Kind == k.kind && (x.ID == k.id || x.Name == k.id) {
				s = x
				break
			}
		}
		require.NotNil(t, s, key)
		text := func(name string) string {
			return "cases:\n  - {name: a, question: desk.credit, facts: {}, expect: {" + key + ": " + strings.ReplaceAll(k.is, "NAME", name) + "}}\n"
		}
		edits, err := p.Rename(s, "called_anew")
		require.NoError(t, err, key)
		before := NewText(text(s.Name))
		after := before.Edited(p.RenameInCases(s, "called_anew", p.With(edits), before))
		assert.Equal(t, text("called_anew"), after.String(), key)
	}
}
