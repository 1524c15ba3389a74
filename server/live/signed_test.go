package live_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/live"
)

var errUnsigned = errors.New("not signed")

// signedHere wants the text itself for a signature.
func signedHere(_ context.Context, text, beside []byte) ([]byte, error) {
	if !bytes.Contains(beside, text) {
		return nil, errUnsigned
	}
	return text, nil
}

// Rules that nobody has signed are not used: not at a start, not when their file
// changes, not when they are published, and not as those that were in use last.
func TestSigned(t *testing.T) {
	dir := t.TempDir()
	file, last := filepath.Join(dir, "rules.yaml"), filepath.Join(dir, "last.yaml")
	text := put(t, file)
	sign := func(text []byte) { require.NoError(t, os.WriteFile(file+".sig", text, 0o600)) }
	o := live.Options{File: file, Settle: time.Millisecond, LastGood: last, Signed: signedHere}
	_, err := live.Open(t.Context(), o)
	require.ErrorIs(t, err, errUnsigned)
	require.NoFileExists(t, last)
	sign(text)
	r, err := live.Open(t.Context(), o)
	require.NoError(t, err)
	first := r.Current().SHA256

	// A file of signatures that cannot be read does not matter where there is another
	// signature, and is told where there is none; what does not load is told first.
	require.NoError(t, os.Remove(file+".sig"))
	require.NoError(t, os.Mkdir(file+".sig", 0o700))
	assert.ErrorContains(t, r.Reload(t.Context()).Err, "rules.yaml.sig is no file")
	elsewhere := o
	elsewhere.Signed = func(_ context.Context, text, _ []byte) ([]byte, error) { return text, nil }
	_, err = live.Open(t.Context(), elsewhere)
	require.NoError(t, err)
	require.NoError(t, os.Remove(file+".sig"))
	put(t, file, "type: word", "type: wrd")
	assert.True(t, r.Reload(t.Context()).Findings.Failed())
	require.NoError(t, r.Status().Err)
	require.NoError(t, os.WriteFile(file, text, 0o600))
	sign(text)

	changed := append(bytes.Clone(text), "\n# another\n"...)
	require.NoError(t, os.WriteFile(file, changed, 0o600))
	s := r.Reload(t.Context())
	assert.False(t, s.OK)
	require.ErrorIs(t, s.Err, errUnsigned)
	assert.Equal(t, first, r.Current().SHA256)

	// whoever starts then goes on with those that were in use, for they were signed
	again, err := live.Open(t.Context(), o)
	require.NoError(t, err)
	assert.Equal(t, first, again.Current().SHA256)
	require.NoError(t, os.WriteFile(last, changed, 0o600)) // somebody else writes there
	_, err = live.Open(t.Context(), o)
	require.ErrorIs(t, err, errUnsigned)
	require.NoError(t, os.WriteFile(last, text, 0o600))

	// the signature comes a moment later, and its coming is seen
	ctx, end := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); r.Watch(ctx, time.Millisecond) }()
	sign(changed)
	assert.Eventually(t, func() bool { return r.Current().SHA256 != first }, time.Minute, time.Millisecond)
	end()
	<-done
	assert.True(t, r.Status().OK)

	next := append(bytes.Clone(changed), "# and another\n"...)
	_, err = r.Publish(t.Context(), r.Current().SHA256, next)
	require.ErrorIs(t, err, errUnsigned)
	now, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, changed, now)
	sign(append(bytes.Clone(changed), next...))
	s, err = r.Publish(t.Context(), r.Current().SHA256, next)
	require.NoError(t, err)
	assert.True(t, s.OK)
	assert.True(t, r.Reload(t.Context()).OK)
}
