package changing_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/servicerules/rulebook/server/changing"
	"github.com/servicerules/rulebook/server/internal/signingtest"
	"github.com/servicerules/rulebook/server/record"
)

// Where rules need a signature, no change is published without one of its text, by
// whichever step it came; what was signed once need not be signed again.
func TestSignedChanges(t *testing.T) {
	p := newPlace(t)
	t.Cleanup(func() { p.Close() })
	first := p.rules.Current().Text
	fee := func(note string) []byte { return append(bytes.Clone(first), "\n# "+note+"\n"...) }
	text := fee("6")
	office := signingtest.New(t, "head.office")
	sign := office.Sign

	c := p.approved(text)
	p.refused(CodeUnsigned, c.Number, Do{Kind: record.ChangePublished, By: zhang, SHA256: c.Text, Signature: sign(text)}) // nobody could check it
	p.AskSigners(office.Signers())
	later := p.now.Add(time.Hour)
	for _, signature := range []string{"", "x", sign(first)} {
		p.refused(CodeUnsigned, c.Number, Do{Kind: record.ChangePublished, By: zhang, SHA256: c.Text, Signature: signature})
		p.refused(CodeUnsigned, c.Number, Do{Kind: record.ChangeScheduled, By: zhang, SHA256: c.Text, From: &later, Signature: signature})
	}
	long := p.refused(CodeTooLong, c.Number, Do{Kind: record.ChangePublished, By: zhang, SHA256: c.Text, Signature: strings.Repeat("x", 200<<10) + sign(text)})
	assert.Equal(t, "write what ssh-keygen wrote to the file .sig, and nothing else", long.Remedy.EN)
	p.refused(CodeUnsigned, c.Number, Do{Kind: record.ChangeWithdrawn, By: li, Reason: "x", Signature: sign(text)})
	assert.Equal(t, Approved, p.state(c.Number))
	c = p.take(c.Number, Do{Kind: record.ChangePublished, By: zhang, SHA256: c.Text, Signature: "\n" + sign(text)})
	assert.Equal(t, Published, c.State)
	found, err := p.Signed(t.Context(), c.Text, "")
	require.NoError(t, err)
	assert.Equal(t, "head.office", found.Signer)

	// signed when it is approved, and published by its moment
	text = fee("7")
	c = p.take(0, Do{Kind: record.ChangeDrafted, By: li, Title: "t", Why: "w", Text: text})
	c = p.take(c.Number, Do{Kind: record.ChangeProposed, By: li, SHA256: c.Text})
	p.refused(CodeUnsigned, c.Number, Do{Kind: record.ChangeApproved, By: zhang, SHA256: c.Text, Signature: sign(first)})
	c = p.take(c.Number, Do{Kind: record.ChangeApproved, By: zhang, SHA256: c.Text, Signature: sign(text)})
	assert.Equal(t, "head.office", c.Steps[len(c.Steps)-1].Signer, "the approval")
	later = p.now.Add(time.Hour)
	c = p.take(c.Number, Do{Kind: record.ChangeScheduled, By: zhang, SHA256: c.Text, From: &later})
	p.now = later
	p.Look(t.Context())
	assert.Equal(t, Published, p.state(c.Number))

	// a text that is written anew is signed by nobody
	c = p.take(0, Do{Kind: record.ChangeDrafted, By: li, Title: "t", Why: "w", Text: fee("8")})
	c = p.take(c.Number, Do{Kind: record.ChangeProposed, By: li, SHA256: c.Text})
	c = p.take(c.Number, Do{Kind: record.ChangeApproved, By: zhang, SHA256: c.Text, Signature: sign(fee("8"))})
	c = p.take(c.Number, Do{Kind: record.ChangeRevised, By: li, Title: "t", Why: "w", Text: fee("9")})
	_, err = p.Signed(t.Context(), c.Text, "")
	assert.ErrorContains(t, err, "not signed")

	// the same signature again and again, or with whatever behind it, is no more of it
	for range 3 {
		text = append(bytes.Clone(p.rules.Current().Text), "\n# padded\n"...)
		c = p.approved(text)
		padded := sign(text) + strings.Repeat("x", 60_000)
		for range 3 {
			soon := p.now.Add(time.Hour)
			c = p.take(c.Number, Do{Kind: record.ChangeScheduled, By: zhang, SHA256: c.Text, From: &soon, Signature: padded})
		}
		c = p.take(c.Number, Do{Kind: record.ChangePublished, By: zhang, SHA256: c.Text})
		assert.Equal(t, Published, c.State)
		for _, x := range c.Steps {
			assert.Less(t, len(x.Signature), 1000)
		}
	}

	// back to what was signed before
	back := fee("6")
	c = p.approved(back)
	c = p.take(c.Number, Do{Kind: record.ChangePublished, By: zhang, SHA256: c.Text})
	assert.Equal(t, Published, c.State)

	// who may sign no more has signed nothing
	soon := p.now.Add(time.Hour)
	c = p.approved(first)
	c = p.take(c.Number, Do{Kind: record.ChangeScheduled, By: zhang, SHA256: c.Text, From: &soon, Signature: sign(first)})
	p.AskSigners(signingtest.New(t, "another").Signers())
	p.refused(CodeUnsigned, c.Number, Do{Kind: record.ChangePublished, By: zhang, SHA256: c.Text})
	p.sound()
}
