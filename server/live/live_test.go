package live_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/live"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const usual = "../record/testdata/rules.yaml"

// put writes the usual rules, changed, to a file, and returns the text.
func put(t *testing.T, file string, changes ...string) []byte {
	t.Helper()
	text, err := os.ReadFile(usual)
	require.NoError(t, err)
	for i := 0; i+1 < len(changes); i += 2 {
		require.Contains(t, string(text), changes[i])
		text = bytes.ReplaceAll(text, []byte(changes[i]), []byte(changes[i+1]))
	}
	require.NoError(t, os.WriteFile(file, text, 0o600))
	return text
}

func TestEmbedded(t *testing.T) {
	r, err := live.Open(t.Context(), live.Options{})
	require.NoError(t, err)
	l := r.Current()
	assert.Equal(t, rulebook.DefaultName, l.Source)
	assert.Equal(t, l.Book.Rulebook().SHA256, l.SHA256)
	assert.Equal(t, l.Book.Rulebook().Source(), l.Text)
	assert.True(t, r.Status().OK)
	assert.True(t, r.Reload(t.Context()).OK)
}

func TestReload(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rules.yaml")
	put(t, file)
	at := time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC)
	var attempts []live.Status
	r, err := live.Open(t.Context(), live.Options{
		File: file, Settle: time.Millisecond, Now: func() time.Time { return at }, Attempted: func(s live.Status) { attempts = append(attempts, s) },
	})
	require.NoError(t, err)
	first := r.Current()
	assert.Equal(t, at, first.LoadedAt)

	broken := put(t, file, "type: word", "type: wrd", "type: count", "type: cout")
	at = at.Add(time.Minute)
	s := r.Reload(t.Context())
	assert.False(t, s.OK)
	assert.Len(t, s.Findings, 2, "all of them")
	assert.Equal(t, broken, s.Text)
	assert.NotEqual(t, first.SHA256, s.SHA256)
	assert.Equal(t, s, r.Status())
	assert.Same(t, first, r.Current())

	put(t, file, "amount: 5", "amount: 10")
	assert.True(t, r.Reload(t.Context()).OK)
	assert.NotEqual(t, first.SHA256, r.Current().SHA256)
	answer, err := first.Book.Ask(t.Context(), "lending.fee", `{"kind":"book"}`)
	require.NoError(t, err)
	amount, _ := answer.Int("amount")
	assert.EqualValues(t, 5, amount, "who has begun with the old rules ends with them")

	require.NoError(t, os.Remove(file))
	s = r.Reload(t.Context())
	require.ErrorIs(t, s.Err, os.ErrNotExist)
	assert.NotEmpty(t, r.Current().SHA256)
	assert.Len(t, attempts, 4)
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "rules.yaml")
	put(t, file, "type: word", "type: wrd")
	_, err := live.Open(t.Context(), live.Options{File: file, Settle: time.Millisecond})
	var refused *live.RefusedError
	require.ErrorAs(t, err, &refused)
	var found diagnostic.List
	require.ErrorAs(t, err, &found)
	assert.ErrorContains(t, err, "did you mean word?")
	_, err = live.Open(t.Context(), live.Options{File: dir})
	assert.ErrorContains(t, err, "no rules file")
}

// Rules are tried on the example cases before they are used.
func TestCases(t *testing.T) {
	dir := t.TempDir()
	file, cases := filepath.Join(dir, "rules.yaml"), filepath.Join(dir, "cases")
	put(t, file)
	require.NoError(t, os.Mkdir(cases, 0o700))
	o := live.Options{File: file, Cases: cases, Settle: time.Millisecond}
	_, err := live.Open(t.Context(), o)
	require.ErrorContains(t, err, "no case file")
	require.NoError(t, os.WriteFile(filepath.Join(cases, "fees.yaml"), []byte(`cases:
- name: the first time
  question: lending.fee
  facts: {kind: book}
  expect: {verdict: fee, amount: 5}
`), 0o600))
	r, err := live.Open(t.Context(), o)
	require.NoError(t, err)
	before := r.Current()
	put(t, file, "amount: 5", "amount: 10")
	s := r.Reload(t.Context())
	assert.False(t, s.OK)
	require.Len(t, s.Failed, 1)
	assert.Equal(t, filepath.Join(cases, "fees.yaml")+`:2: case "the first time": amount: expected 5, got 10`, s.Failed[0].String())
	assert.Same(t, before, r.Current())
}

// A file that is still being written is not taken for a complete one, nor one
// that is not there for a moment for one that is gone.
func TestSettled(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rules.yaml")
	text := put(t, file)
	r, err := live.Open(t.Context(), live.Options{File: file, Settle: time.Microsecond})
	require.NoError(t, err)
	whole := string(text) + "# the end\n"
	reads := 0
	r.ReadBy(func(string) ([]byte, error) {
		reads++
		switch reads {
		case 1, 2, 3: // it grows
			return []byte(whole[:reads*100]), nil
		case 4: // and is replaced
			return nil, os.ErrNotExist
		}
		return []byte(whole), nil
	})
	s := r.Reload(t.Context())
	require.True(t, s.OK, "%v", s)
	assert.Equal(t, whole, string(r.Current().Text))
	assert.Equal(t, 6, reads)

	r.ReadBy(func(string) ([]byte, error) {
		reads++
		return []byte(whole + strings.Repeat("#", reads)), nil
	})
	assert.ErrorContains(t, r.Reload(t.Context()).Err, "keeps changing")
	assert.Equal(t, whole, string(r.Current().Text))

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, r.Reload(ctx).Err, context.Canceled)
}

func TestVariants(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rules.yaml")
	put(t, file)
	r, err := live.Open(t.Context(), live.Options{File: file, Settle: time.Millisecond})
	require.NoError(t, err)
	l := r.Current()
	book, err := l.With(nil)
	require.NoError(t, err)
	assert.Same(t, l.Book, book)
	three := []live.Setting{{Key: "fee.from", Option: "three"}}
	book, err = l.With(three)
	require.NoError(t, err)
	again, err := l.With(three)
	require.NoError(t, err)
	assert.Same(t, book, again, "made once")
	for _, bad := range []live.Setting{{Key: "fee", Option: "three"}, {Key: "fee.from", Option: "four"}} {
		_, err = l.With([]live.Setting{bad})
		var reading *policy.ReadingError
		require.True(t, errors.As(err, &reading), "%v", err)
	}
	var wg sync.WaitGroup
	for i := range 200 { // more than are kept
		wg.Go(func() {
			n := i%50 + 2
			book, err := l.With([]live.Setting{{Key: "fee.from", Option: "at:" + string(rune('0'+n/10)) + string(rune('0'+n%10))}})
			if n < 10 {
				assert.Error(t, err, "a leading zero")
				return
			}
			if assert.NoError(t, err) {
				assert.NotNil(t, book)
			}
		})
	}
	wg.Wait()
}

// Rules that are refused are no outage, also where the program starts again
// meanwhile: whatever is wrong with them, those that were in use are.
func TestLastGood(t *testing.T) {
	dir := t.TempDir()
	file, kept := filepath.Join(dir, "rules.yaml"), filepath.Join(dir, "kept.yaml")
	o := live.Options{File: file, LastGood: kept, Settle: time.Millisecond}
	put(t, file, "type: word", "type: wrd")
	_, err := live.Open(t.Context(), o)
	var refused *live.RefusedError
	require.ErrorAs(t, err, &refused, "there were no rules before")

	// What was kept and cannot be used is not passed over in silence.
	for why, spoil := range map[string]func() error{
		"":             func() error { return nil },
		"not_a_map":    func() error { return os.WriteFile(kept, []byte("garbage"), 0o600) },
		"no rules":     func() error { return os.Mkdir(kept, 0o700) },
		"empty_file":   func() error { return os.WriteFile(kept, nil, 0o600) },
		"unknown_type": func() error { put(t, kept, "type: word", "type: wrd"); return nil },
	} {
		require.NoError(t, spoil())
		var log bytes.Buffer
		logging := o
		logging.Logger = slog.New(slog.NewTextHandler(&log, nil))
		_, err := live.Open(t.Context(), logging)
		require.ErrorAs(t, err, &refused)
		if why == "" {
			assert.Empty(t, log.String())
		} else {
			assert.Contains(t, log.String(), "cannot be used either")
			assert.Contains(t, log.String(), why)
		}
		require.NoError(t, os.RemoveAll(kept))
	}

	put(t, file)
	r, err := live.Open(t.Context(), o)
	require.NoError(t, err)
	good := put(t, file, "amount: 5", "amount: 10")
	require.True(t, r.Reload(t.Context()).OK)
	text, err := os.ReadFile(kept)
	require.NoError(t, err)
	assert.Equal(t, good, text, "the latest that was fit")

	cases := filepath.Join(dir, "cases")
	require.NoError(t, os.Mkdir(cases, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(cases, "x.yaml"), []byte("cases:\n- name: x\n  question: lending.fee\n  facts: {kind: book}\n  expect: {amount: 5}\n"), 0o600))
	for name, spoil := range map[string]func() live.Options{
		"refused":    func() live.Options { put(t, file, "type: word", "type: wrd"); return o },
		"empty":      func() live.Options { require.NoError(t, os.WriteFile(file, nil, 0o600)); return o },
		"no YAML":    func() live.Options { require.NoError(t, os.WriteFile(file, []byte("{"), 0o600)); return o },
		"gone":       func() live.Options { require.NoError(t, os.Remove(file)); return o },
		"wrong case": func() live.Options { put(t, file, "amount: 5", "amount: 11"); x := o; x.Cases = cases; return x },
	} {
		var attempts []live.Status
		x := spoil()
		x.Attempted = func(s live.Status) { attempts = append(attempts, s) }
		r, err := live.Open(t.Context(), x)
		require.NoError(t, err, name)
		assert.Equal(t, good, r.Current().Text, name)
		assert.False(t, r.Status().OK, "%s: as while running", name)
		require.Len(t, attempts, 2, name)
		assert.True(t, attempts[0].OK && !attempts[1].OK, name)
		text, err := os.ReadFile(kept)
		require.NoError(t, err)
		assert.Equal(t, good, text, "%s: what is refused is not kept", name)
		put(t, file)
		if x.Cases == "" {
			assert.True(t, r.Reload(t.Context()).OK, name)
			assert.True(t, r.Status().OK, name)
		}
		require.NoError(t, os.WriteFile(kept, good, 0o600))
	}
	require.NoError(t, os.WriteFile(kept, []byte("{"), 0o600))
	put(t, file, "type: word", "type: wrd")
	_, err = live.Open(t.Context(), o)
	require.ErrorAs(t, err, &refused, "what was kept is refused as well")
}
