package changing_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hiddeco/sshsig"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	. "github.com/servicerules/rulebook/server/changing"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/signing"
)

// signer is somebody who may sign rules, and who signs them.
func signer(t *testing.T) (*signing.Signers, func(text []byte) string) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	key, err := ssh.NewSignerFromKey(private)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "signers")
	require.NoError(t, os.WriteFile(file, []byte("head.office "+string(ssh.MarshalAuthorizedKey(key.PublicKey()))), 0o600))
	all, err := signing.ReadFile(file)
	require.NoError(t, err)
	return all, func(text []byte) string {
		sig, err := sshsig.Sign(strings.NewReader(string(text)), key, sshsig.HashSHA512, signing.Namespace)
		require.NoError(t, err)
		return string(sshsig.Armor(sig))
	}
}

// Where rules need a signature, no change is published without one of its text, by
// whichever step it came; what was signed once need not be signed again.
func TestSignedChanges(t *testing.T) {
	p := newPlace(t)
	t.Cleanup(func() { p.Close() })
	first := p.rules.Current().Text
	fee := func(note string) []byte { return append(bytes.Clone(first), "\n# "+note+"\n"...) }
	text := fee("6")
	signers, sign := signer(t)

	c := p.approved(text)
	p.refused(CodeUnsigned, c.Number, Do{Kind: record.ChangePublished, By: zhang, SHA256: c.Text, Signature: sign(text)}) // nobody could check it
	p.AskSigners(signers)
	later := p.now.Add(time.Hour)
	for _, signature := range []string{"", "x", sign(first)} {
		p.refused(CodeUnsigned, c.Number, Do{Kind: record.ChangePublished, By: zhang, SHA256: c.Text, Signature: signature})
		p.refused(CodeUnsigned, c.Number, Do{Kind: record.ChangeScheduled, By: zhang, SHA256: c.Text, From: &later, Signature: signature})
	}
	p.refused(CodeUnsigned, c.Number, Do{Kind: record.ChangeWithdrawn, By: li, Reason: "x", Signature: sign(text)})
	assert.Equal(t, Approved, p.state(c.Number))
	c = p.take(c.Number, Do{Kind: record.ChangePublished, By: zhang, SHA256: c.Text, Signature: "\n" + sign(text)})
	assert.Equal(t, Published, c.State)
	assert.Equal(t, "head.office", c.Signer)

	// signed when it is approved, and published by its moment
	text = fee("7")
	c = p.take(0, Do{Kind: record.ChangeDrafted, By: li, Title: "t", Why: "w", Text: text})
	c = p.take(c.Number, Do{Kind: record.ChangeProposed, By: li, SHA256: c.Text})
	p.refused(CodeUnsigned, c.Number, Do{Kind: record.ChangeApproved, By: zhang, SHA256: c.Text, Signature: sign(first)})
	c = p.take(c.Number, Do{Kind: record.ChangeApproved, By: zhang, SHA256: c.Text, Signature: sign(text)})
	assert.Equal(t, "head.office", c.Signer)
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
	assert.Empty(t, c.Signer)

	// back to what was signed before
	back := fee("6")
	c = p.approved(back)
	c = p.take(c.Number, Do{Kind: record.ChangePublished, By: zhang, SHA256: c.Text})
	assert.Equal(t, Published, c.State)

	// who may sign no more has signed nothing
	soon := p.now.Add(time.Hour)
	c = p.approved(first)
	c = p.take(c.Number, Do{Kind: record.ChangeScheduled, By: zhang, SHA256: c.Text, From: &soon, Signature: sign(first)})
	others, _ := signer(t)
	p.AskSigners(others)
	p.refused(CodeUnsigned, c.Number, Do{Kind: record.ChangePublished, By: zhang, SHA256: c.Text})
	p.sound()
}
