package difference_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/difference"
)

// On a page, the facts of an example are told by their labels, nested ones and rows of
// lists, too: nobody reads JSON there.
func TestExamplesByTheirLabels(t *testing.T) {
	old, changed := edited(t, gulin, "rows: [{from: 1, amount: 50}, {from: 2, amount: 80}", "rows: [{from: 1, amount: 80}, {from: 2, amount: 80}", "patrols > 0", "patrols > 1")
	r, err := difference.Compare(context.Background(), old, changed, nil, 800)
	require.NoError(t, err)
	for lang, label := range map[string]string{"zh": "巡回检查次数 1 次", "en": "patrols 1 patrols"} {
		v := difference.ViewOf(r, nil, lang)
		require.Len(t, v.Labelled, len(v.Same))
		differ := 0
		for i, line := range v.Labelled {
			assert.NotContains(t, line, `{"`)
			assert.NotContains(t, line, `":`)
			if strings.Contains(v.Same[i], `{"`) {
				differ++
				assert.NotEqual(t, v.Same[i], line)
			} else {
				assert.Equal(t, v.Same[i], line)
			}
		}
		assert.Positive(t, differ)
		all := strings.Join(v.Labelled, "\n")
		assert.Contains(t, all, label)
		assert.Contains(t, all, map[string]string{"zh": "当事人的历次投诉：（", "en": "complaints about the person: ("}[lang], "records of a list, each by itself")
	}
}
