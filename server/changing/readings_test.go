package changing_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/edit"
	. "github.com/servicerules/rulebook/server/changing"
	"github.com/servicerules/rulebook/server/record"
)

// A reading that is decided is a change of two values, which goes the way of all
// changes.
func TestReadingDecided(t *testing.T) {
	p := newPlace(t)
	before := p.rules.Current().Text
	c, err := p.Decide(t.Context(), Reading{Key: "fee.from", Option: "three", By: "  馆长 办公会 ", Why: "as the others do"}, li, nil)
	require.NoError(t, err)
	assert.Equal(t, Proposed, c.State)
	assert.Equal(t, "读法：第几次起加倍", c.Title)
	text, err := p.Text(t.Context(), c.Text)
	require.NoError(t, err)
	lines := edit.Lines(before, text)
	require.Len(t, lines, 2, "one line instead of another")
	assert.Equal(t, strings.Replace(lines[0].Text, "chosen: at:2, decided: {by: 馆务会, on: 2025-01-06}", "chosen: three, decided: {by: 馆长 办公会, on: 2026-12-01}", 1), lines[1].Text)
	p.refused(CodeSamePerson, c.Number, Do{Kind: record.ChangeApproved, By: li, SHA256: c.Text})
	c = p.take(c.Number, Do{Kind: record.ChangeApproved, By: zhang, SHA256: c.Text})
	p.take(c.Number, Do{Kind: record.ChangePublished, By: zhang, SHA256: c.Text})
	r, known := p.rules.Current().Book.Rulebook().Reading("fee.from")
	require.True(t, known)
	assert.Equal(t, "馆长 办公会", r.DecidedBy)

	var refused *RefusedError
	for _, wrong := range []Reading{
		{Key: "fee.from", Option: "three", Why: "x"}, {Key: "fee.from", Option: "three", By: "x"}, {Key: "fee.from", By: "x", Why: "x"},
		{Key: "fee.form", Option: "three", By: "x", Why: "x"}, {Key: "fee.from", Option: "four", By: "x", Why: "x"}, {Key: "fee.from", Option: "three", By: strings.Repeat("x", 101), Why: "x"},
	} {
		_, err := p.Decide(t.Context(), wrong, li, nil)
		require.ErrorAs(t, err, &refused, wrong)
		assert.NotEmpty(t, refused.Remedy.ZH)
	}
	c, err = p.Decide(t.Context(), Reading{Key: "fee.from", Option: "at:x", By: "x", Why: "x"}, li, nil)
	require.NoError(t, err)
	assert.Equal(t, Draft, c.State, "check finds fault with it")
}
