package live_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/server/live"
)

// apart puts the word lists of the usual rules into a file beside them.
func apart(t *testing.T) (dir, main, words string) {
	t.Helper()
	data, err := os.ReadFile(usual)
	require.NoError(t, err)
	lines := strings.SplitAfter(string(data), "\n")
	within := false
	for _, line := range lines {
		if !strings.HasPrefix(line, " ") && strings.TrimSpace(line) != "" {
			within = strings.HasPrefix(line, "words:")
		}
		if within {
			words += line
		} else {
			main += line
		}
	}
	require.NotEmpty(t, words)
	return t.TempDir(), main + "include: [words.yaml]\n", words
}

// Of rules in several files each is watched: a change of one is a new text, and
// one that goes away, or comes back, is seen.
func TestEveryFileIsWatched(t *testing.T) {
	dir, main, words := apart(t)
	put := func(name, text string) { // at once: half a file would be an attempt of its own
		half := filepath.Join(dir, "half")
		require.NoError(t, os.WriteFile(half, []byte(text), 0o600))
		require.NoError(t, os.Rename(half, filepath.Join(dir, name)))
	}
	put("rules.yaml", main)
	put("words.yaml", words)
	attempts := make(chan live.Status, 10)
	r, err := live.Open(t.Context(), live.Options{
		File: filepath.Join(dir, "rules.yaml"), Settle: time.Millisecond, LastGood: filepath.Join(dir, "good"), Attempted: func(s live.Status) { attempts <- s },
	})
	require.NoError(t, err)
	require.True(t, (<-attempts).OK)
	first := r.Current()
	assert.Equal(t, first.Book.Rulebook().SHA256, first.SHA256)

	ctx, stop := context.WithCancel(t.Context())
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		r.Watch(ctx, 5*time.Millisecond)
	}()
	next := func(what string) live.Status {
		select {
		case s := <-attempts:
			return s
		case <-time.After(20 * time.Second):
			require.Fail(t, "nothing was noticed", what)
		}
		return live.Status{}
	}
	put("words.yaml", words+"# changed\n")
	s := next("a change")
	require.True(t, s.OK, "%v", s.Findings)
	assert.NotEqual(t, first.SHA256, r.Current().SHA256)

	require.NoError(t, os.Remove(filepath.Join(dir, "words.yaml")))
	s = next("a file that is gone")
	require.False(t, s.OK)
	assert.Equal(t, "file_missing", s.Findings[0].Code)

	kept, err := os.ReadFile(filepath.Join(dir, "good"))
	require.NoError(t, err)
	again, err := rulebook.Parse("good", kept)
	require.NoError(t, err, "what is kept for the next start is all of it")
	assert.Equal(t, r.Current().SHA256, again.Rulebook().SHA256)

	put("words.yaml", words)
	require.True(t, next("a file that is back").OK)
	assert.Equal(t, first.SHA256, r.Current().SHA256)
	stop()
	<-watching
}

// A draft of the main file alone is tried with the other files as they are.
func TestDraftOfTheMainFile(t *testing.T) {
	dir, main, words := apart(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "rules.yaml"), []byte(main), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "words.yaml"), []byte(words), 0o600))
	r, err := live.Open(t.Context(), live.Options{File: filepath.Join(dir, "rules.yaml"), Settle: time.Millisecond})
	require.NoError(t, err)
	assert.True(t, r.Try(t.Context(), []byte(main), nil).OK())
	assert.True(t, r.Try(t.Context(), r.Current().Text, nil).OK(), "the whole text is a draft, too")
	wrong := r.Try(t.Context(), []byte(strings.Replace(main, "words.yaml", "none.yaml", 1)), nil)
	require.False(t, wrong.OK())
	assert.Equal(t, "file_missing", wrong.Findings[0].Code)
}

func TestFileOf(t *testing.T) {
	for _, c := range [][3]string{
		{"/etc/rules/main.yaml", "/etc/rules/main.yaml", ""}, {"/etc/rules/main.yaml", "/etc/rules/parts/words.yaml", "parts/words.yaml"}, {"", "words.yaml", "words.yaml"}, {"", "", ""},
	} {
		assert.Equal(t, c[2], live.FileOf(c[0], filepath.FromSlash(c[1])))
	}
}
