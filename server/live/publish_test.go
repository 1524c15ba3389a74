package live_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/server/live"
)

// Rules are put in the place of those that they are a change of, in the file and in
// force at once, and only where they pass.
func TestPublish(t *testing.T) {
	dir := t.TempDir()
	real, file, cases := filepath.Join(dir, "real.yaml"), filepath.Join(dir, "rules.yaml"), filepath.Join(dir, "cases")
	text := put(t, real)
	require.NoError(t, os.Chmod(real, 0o640))
	require.NoError(t, os.Symlink(real, file))
	require.NoError(t, os.Mkdir(cases, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(cases, "fees.yaml"), []byte("cases:\n- name: the first time\n  question: lending.fee\n  facts: {kind: book, reader: R1, before: 1}\n  expect: {verdict: fee}\n"), 0o600))
	o := live.Options{File: file, Cases: cases, Settle: time.Millisecond, LastGood: filepath.Join(dir, "last.yaml")}
	r, err := live.Open(t.Context(), o)
	require.NoError(t, err)
	base := r.Current().SHA256
	unchanged := func() {
		t.Helper()
		assert.Equal(t, base, r.Current().SHA256)
		now, err := os.ReadFile(real)
		require.NoError(t, err)
		assert.Equal(t, text, now)
		assert.True(t, r.Status().OK, "the rules in force are as good as before")
	}
	changed := bytes.ReplaceAll(text, []byte("amount: 5"), []byte("amount: 10"))
	_, err = r.Publish(t.Context(), "0", changed)
	require.ErrorIs(t, err, live.ErrOtherBase)
	unchanged()
	s, err := r.Publish(t.Context(), base, bytes.ReplaceAll(text, []byte("type: word"), []byte("type: wrd")))
	require.NoError(t, err)
	assert.False(t, s.OK)
	assert.True(t, s.Findings.Failed())
	unchanged()
	s, err = r.Publish(t.Context(), base, bytes.ReplaceAll(text, []byte("lending.fee"), []byte("lending.fine")))
	require.NoError(t, err)
	assert.False(t, s.OK, "cases that ask what is asked no longer")
	unchanged()
	require.NoError(t, os.WriteFile(real, append(bytes.Clone(text), "# mine\n"...), 0o600))
	_, err = r.Publish(t.Context(), base, changed)
	require.ErrorIs(t, err, live.ErrOtherBase, "somebody wrote to the file meanwhile")
	require.NoError(t, os.WriteFile(real, text, 0o600))

	require.NoError(t, os.Chmod(real, 0o640))
	s, err = r.Publish(t.Context(), base, changed)
	require.NoError(t, err)
	require.True(t, s.OK)
	assert.Equal(t, s.SHA256, r.Current().SHA256)
	now, err := os.ReadFile(real)
	require.NoError(t, err)
	assert.Equal(t, changed, now)
	link, err := os.Lstat(file)
	require.NoError(t, err)
	assert.NotZero(t, link.Mode()&os.ModeSymlink)
	info, err := os.Stat(real)
	require.NoError(t, err)
	assert.EqualValues(t, 0o640, info.Mode().Perm())
	left, err := filepath.Glob(filepath.Join(dir, "real.yaml.*"))
	require.NoError(t, err)
	assert.Empty(t, left)
	again, err := live.Open(t.Context(), o)
	require.NoError(t, err)
	assert.Equal(t, r.Current().SHA256, again.Current().SHA256)
}

// A file that cannot be written leaves the old rules in force.
func TestPublishWhereNothingCanBeWritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "rules")
	require.NoError(t, os.Mkdir(dir, 0o700))
	file := filepath.Join(dir, "rules.yaml")
	text := put(t, file)
	r, err := live.Open(t.Context(), live.Options{File: file, Settle: time.Millisecond})
	require.NoError(t, err)
	base := r.Current().SHA256
	refused := func(t *testing.T, want error) {
		_, err = r.Publish(t.Context(), base, append(bytes.Clone(text), "# more\n"...))
		require.ErrorIs(t, err, want)
		assert.Equal(t, base, r.Current().SHA256)
	}
	t.Run("forbidden", func(t *testing.T) {
		if os.Getuid() == 0 {
			t.Skip("root may write anywhere: run it as another user")
		}
		require.NoError(t, os.Chmod(dir, 0o500))
		defer func() { require.NoError(t, os.Chmod(dir, 0o700)) }()
		refused(t, os.ErrPermission)
	})
	t.Run("gone", func(t *testing.T) {
		require.NoError(t, os.Rename(dir, dir+" as it was"))
		refused(t, os.ErrNotExist)
	})
}

// Where the rules were the embedded ones, what is published has a file of its own,
// and is in force after a start, too.
func TestPublishInPlaceOfTheEmbedded(t *testing.T) {
	o := live.Options{Published: filepath.Join(t.TempDir(), "published.yaml"), Settle: time.Millisecond}
	r, err := live.Open(t.Context(), o)
	require.NoError(t, err)
	text := append(bytes.Clone(r.Current().Text), "# ours\n"...)
	_, err = r.Publish(t.Context(), r.Current().SHA256, text)
	require.NoError(t, err)
	assert.Equal(t, text, r.Current().Text)
	assert.Equal(t, o.Published, r.Watched())
	again, err := live.Open(t.Context(), o)
	require.NoError(t, err)
	assert.Equal(t, text, again.Current().Text)
	assert.Equal(t, o.Published, again.Current().Source)

	nowhere, err := live.Open(t.Context(), live.Options{})
	require.NoError(t, err)
	assert.Equal(t, rulebook.DefaultName, nowhere.Current().Source)
	_, err = nowhere.Publish(t.Context(), nowhere.Current().SHA256, text)
	require.ErrorIs(t, err, live.ErrNowhere)
}

// Of rules of several files, one is exchanged in one step; a new one is written
// before.
func TestPublishOfSeveralFiles(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "rules.yaml")
	text := put(t, file)
	at := bytes.Index(text, []byte("\nquestions:"))
	require.Positive(t, at)
	end := at + 1 + bytes.Index(text[at+1:], []byte("\nregulations:"))
	require.Greater(t, end, at)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "questions.yaml"), text[at+1:end+1], 0o600))
	main := append([]byte("include: [questions.yaml]\n"), append(bytes.Clone(text[:at+1]), text[end+1:]...)...)
	require.NoError(t, os.WriteFile(file, main, 0o600))
	r, err := live.Open(t.Context(), live.Options{File: file, Settle: time.Millisecond})
	require.NoError(t, err)
	first := r.Current()

	part := bytes.ReplaceAll(first.Text, []byte("questions:"), []byte("# of lending\nquestions:"))
	s, err := r.Publish(t.Context(), first.SHA256, part)
	require.NoError(t, err)
	require.True(t, s.OK, s.Findings)
	assert.Equal(t, part, r.Current().Text)
	still, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, main, still)
	kept, err := os.ReadFile(filepath.Join(dir, "questions.yaml"))
	require.NoError(t, err)
	assert.True(t, bytes.HasPrefix(kept, []byte("# of lending\n")))

	both := bytes.ReplaceAll(bytes.ReplaceAll(part, []byte("# of lending"), []byte("# all")), []byte("amount: 5"), []byte("amount: 10"))
	_, err = r.Publish(t.Context(), r.Current().SHA256, both)
	require.ErrorIs(t, err, live.ErrSeveralFiles)
	_, err = r.Publish(t.Context(), r.Current().SHA256, append(bytes.Clone(part), "--- # file: ../other.yaml\na: 1\n"...))
	require.Error(t, err)
	_, err = os.Stat(filepath.Join(dir, "..", "other.yaml"))
	require.ErrorIs(t, err, os.ErrNotExist)

	more := live.WholeOf(append([]byte("include: [questions.yaml, more/extra.yaml]\n"), main[bytes.IndexByte(main, '\n')+1:]...), r.Current().Text)
	assert.NotContains(t, string(more), "extra.yaml\n", "it is not there")

	require.NoError(t, os.WriteFile(filepath.Join(dir, "there.yaml"), []byte("# somebody else's\n"), 0o600))
	adds := bytes.Replace(part, []byte("[questions.yaml]"), []byte("[questions.yaml, there.yaml]"), 1)
	require.ErrorIs(t, r.Publishable(append(adds, "--- # file: there.yaml\n# ours\n"...)), live.ErrFileThere)
}
