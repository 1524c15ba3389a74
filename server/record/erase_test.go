package record_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/servicerules/rulebook/server/record"
)

// person is a name that stands nowhere but in what is about it.
func person(n int) string { return fmt.Sprintf("Zhang-%06d-Wei", n*7919) }

// named puts a decision about a person on record, and steps that name it.
func named(t *testing.T, s *Store, n int) *Entry {
	t.Helper()
	d, err := fee(person(n), n)
	require.NoError(t, err)
	if n%2 == 0 {
		d.Retry = retry(person(n))
	}
	e, _, err := s.Append(t.Context(), d)
	require.NoError(t, err)
	for i := range n % 3 {
		b := StepBody{Kind: StepObjection, Record: e.ID(), By: person(n), Reason: person(n) + " says it was late"}
		if i == 1 {
			b = StepBody{Kind: StepDecision, Record: e.ID(), By: "Li", Reason: "heard " + person(n), Retry: &BodyRetry{Key: HexSHA256(person(n)), Request: HexSHA256("x")}}
		}
		_, err := s.Take(t.Context(), b)
		require.NoError(t, err)
	}
	return e
}

// all is what stands in the files of a store, and in a backup of it.
func all(t *testing.T, s *Store) (text string) {
	t.Helper()
	backup := filepath.Join(t.TempDir(), "backup.db")
	require.NoError(t, s.Backup(t.Context(), backup))
	files := []string{backup}
	if path := s.Path(); path != "" {
		beside, err := filepath.Glob(path + "*")
		require.NoError(t, err)
		files = append(files, beside...)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		text += string(data)
	}
	return text
}

// Whatever is erased, in whatever order, between what is written: nothing of it is
// left in any file, all else is, and everything verifies.
func TestNothingIsLeftOfWhatWasErased(t *testing.T) {
	for _, o := range map[string]Options{"records with salt": {}, "of earlier programs": WithoutSalt(Options{})} {
		ctx := t.Context()
		s := open(t, place(t, "rulebook.db"), o)
		random := rand.New(rand.NewPCG(1, 2))
		there, gone := map[int]*Entry{}, map[int]*Entry{}
		next := 0
		for range 12 {
			for range 1 + random.IntN(8) {
				there[next] = named(t, s, next)
				next++
			}
			for n, e := range there {
				if random.IntN(3) == 0 {
					steps, err := s.Erase(ctx, []string{e.ID()}, StepBody{Caller: "office", Reason: "five years are over"})
					require.NoError(t, err)
					assert.Equal(t, StepErasure, steps[0].Kind)
					gone[n] = e
					delete(there, n)
				}
			}
		}
		require.NotEmpty(t, gone)
		require.NotEmpty(t, there)
		text := all(t, s)
		for n, e := range gone {
			assert.False(t, strings.Contains(text, person(n)) || strings.Contains(text, HexSHA256(person(n))), "record %d", n)
			got, err := s.Get(ctx, e.ID())
			require.NoError(t, err)
			assert.True(t, got.Erased())
			_, err = got.Decode()
			require.ErrorIs(t, err, ErrErased)
			assert.Equal(t, e.Hash, got.Hash)
			assert.Contains(t, string(got.AppendJSON(nil)), `"record":null,"erased":true}`)
			page, err := s.Search(ctx, Query{Contains: [][]string{{person(n)}}})
			require.NoError(t, err)
			assert.Empty(t, page.Entries)
			steps, err := s.Steps(ctx, got)
			require.NoError(t, err)
			for _, x := range steps {
				assert.Equal(t, x.Kind != StepErasure, x.Gone)
				assert.False(t, x.Differ)
				assert.Empty(t, x.By)
				assert.Empty(t, strings.TrimPrefix(x.Reason, "five years are over"))
			}
			_, err = s.Take(ctx, StepBody{Kind: StepObjection, Record: e.ID(), By: "Li", Reason: "x"})
			var refused *StepError
			require.ErrorAs(t, err, &refused)
			assert.Equal(t, WasErased, refused.Code)
			again, err := s.Erase(ctx, []string{e.ID()}, StepBody{Reason: "once more"})
			require.NoError(t, err)
			assert.True(t, again[0].Again)
			assert.Equal(t, "five years are over", again[0].Reason)
		}
		for n := range there {
			assert.True(t, strings.Contains(text, person(n)), "record %d", n)
		}
		stage := func(stage string) (all []*Entry) {
			page, err := s.Search(ctx, Query{Stage: stage, Limit: 1000})
			require.NoError(t, err)
			return page.Entries
		}
		assert.Len(t, stage(StageErased), len(gone))
		for _, e := range stage(StageOpen) {
			assert.NotContains(t, gone, int(e.Seq-1))
		}
		report, err := s.Verify(ctx, Stretch{})
		require.NoError(t, err)
		assert.Empty(t, report.Damage)
		assert.EqualValues(t, len(gone), report.Erased)
		assert.EqualValues(t, next, report.Records)
		// A key is forgotten with what it led to.
		for n := range gone {
			if n%2 == 0 {
				_, err := s.Find(ctx, *retry(person(n)))
				require.ErrorIs(t, err, ErrNotFound)
			}
		}
	}
}

// What somebody does to what is left is found.
func TestErasedIsVerified(t *testing.T) {
	ctx := t.Context()
	path := place(t, "rulebook.db")
	s := open(t, path, Options{})
	var there []*Entry
	for n := range 6 {
		there = append(there, named(t, s, n))
	}
	spoiled(t, path, "CREATE TABLE was AS SELECT * FROM decisions", "CREATE TABLE steps_were AS SELECT * FROM steps")
	const erased = 3 // of whom an objection and a decision are on record
	_, err := s.Erase(ctx, []string{there[erased-1].ID()}, StepBody{Reason: "x"})
	require.NoError(t, err)
	report, err := s.Verify(ctx, Stretch{})
	require.NoError(t, err)
	require.Empty(t, report.Damage)
	for change, code := range map[string]string{
		"UPDATE decisions SET body = (SELECT body FROM was WHERE seq = 3) WHERE seq = 3":                                         DamageErasure,
		"UPDATE steps SET body = (SELECT body FROM steps_were AS w WHERE w.seq = steps.seq) WHERE of = 3 AND kind = 'objection'": DamageErasure,
		"UPDATE decisions SET body = x'2020' WHERE seq = 4":                                                                      DamageHash,
		"UPDATE steps SET body = x'2020' WHERE kind = 'objection' AND of = 2":                                                    DamageStep,
		"UPDATE decisions SET hash = x'0000000000000000000000000000000000000000000000000000000000000000' WHERE seq = 3":          DamageHash,
		"UPDATE decisions SET verdict = 'other' WHERE seq = 3":                                                                   DamageColumn,
		"UPDATE decisions SET recorded = recorded + 1 WHERE seq = 3":                                                             DamageColumn,
		"UPDATE steps SET who = 'Zhao' WHERE of = 3 AND kind = 'objection'":                                                      DamageStep,
		"UPDATE steps SET kind = 'noted' WHERE of = 3 AND kind = 'objection'":                                                    DamageStep,
		"DELETE FROM steps WHERE kind = 'erasure'":                                                                               DamageHash,
		"DELETE FROM decisions WHERE seq = 3":                                                                                    DamageMissing,
	} {
		spoiled(t, path, "CREATE TABLE d AS SELECT * FROM decisions", "CREATE TABLE s AS SELECT * FROM steps", change)
		report, err := s.Verify(ctx, Stretch{})
		require.NoError(t, err)
		if assert.NotEmpty(t, report.Damage, change) {
			assert.Equal(t, code, report.Damage[0].Code, change)
		}
		spoiled(t, path, "DELETE FROM decisions", "INSERT INTO decisions SELECT * FROM d", "DELETE FROM steps", "INSERT INTO steps SELECT * FROM s", "DROP TABLE d", "DROP TABLE s")
	}
	// The link from an erased record to the one before is known from its erasure:
	// another record in its place, whole in itself, is found.
	spoiled(t, path, "UPDATE decisions SET body = (SELECT body FROM was WHERE seq = 1), hash = (SELECT hash FROM was WHERE seq = 1) WHERE seq = 2")
	report, err = s.Verify(ctx, Stretch{From: 3, To: 3})
	require.NoError(t, err)
	require.NotEmpty(t, report.Damage)
	assert.Equal(t, DamageChain, report.Damage[0].Code)
}

// A file of an earlier program is written anew once, and can be erased from.
func TestErasingFromAnOlderFile(t *testing.T) {
	path := place(t, "rulebook.db")
	s := open(t, path, WithoutSalt(Options{}))
	var there []*Entry
	for n := range 5 {
		there = append(there, named(t, s, n))
	}
	require.NoError(t, s.Close())
	Older(t, path, 7) // the last one before erasing
	s = open(t, path, Options{})
	there = append(there, named(t, s, 5))
	for _, e := range there {
		_, err := s.Erase(t.Context(), []string{e.ID()}, StepBody{Reason: "x"})
		require.NoError(t, err)
	}
	text := all(t, s)
	for n := range there {
		assert.False(t, strings.Contains(text, person(n)))
	}
	report, err := s.Verify(t.Context(), Stretch{})
	require.NoError(t, err)
	assert.Empty(t, report.Damage)
}

// Records, steps and erasures of several at once: no two erasures of one record.
func TestErasedBySeveralAtOnce(t *testing.T) {
	ctx := t.Context()
	s := newStore(t)
	e := named(t, s, 1)
	const people = 6
	steps := make(chan *Step, people)
	for range people {
		go func() {
			done, err := s.Erase(context.WithoutCancel(ctx), []string{e.ID()}, StepBody{Reason: "x"})
			assert.NoError(t, err)
			if assert.Len(t, done, 1) {
				steps <- done[0]
			}
		}()
	}
	first := 0
	for range people {
		step := <-steps
		require.NotNil(t, step)
		if !step.Again {
			first++
		}
		assert.EqualValues(t, 2, step.Seq)
	}
	assert.Equal(t, 1, first)
}

// Tables that were kept can be erased; what was counted in them stays.
func TestErasingImports(t *testing.T) {
	ctx := t.Context()
	s := newStore(t)
	table := "reader\n" + strings.Repeat(person(9)+"\n", 40_000)
	keep := func(reason string) *Import {
		i, err := s.Keep(ctx, Import{Month: "2025-06", Source: "east", Caller: "clerk", Reason: reason, Summary: []byte(`{"records":40000}`)},
			fstest.MapFS{"loans.csv": {Data: []byte(table)}}, []string{"loans.csv"})
		require.NoError(t, err)
		return i
	}
	first, second := keep(""), keep("a row was wrong")
	require.NoError(t, s.EraseImport(ctx, first.ID, "operator", "kept two years"))
	var out bytes.Buffer
	require.ErrorIs(t, s.WriteImported(ctx, first.ID, first.Files[0], &out), ErrErased)
	assert.Empty(t, out.String())
	require.NoError(t, s.WriteImported(ctx, second.ID, second.Files[0], &out))
	assert.Equal(t, table, out.String())
	got, err := s.Import(ctx, first.ID)
	require.NoError(t, err)
	assert.False(t, got.Erased.IsZero())
	assert.Equal(t, "operator: kept two years", got.Eraser+": "+got.Why)
	assert.Equal(t, `{"records":40000}`, string(got.Summary))
	assert.Empty(t, got.Files)
	require.NoError(t, s.EraseImport(ctx, second.ID, "operator", "kept two years"))
	assert.False(t, strings.Contains(all(t, s), person(9)))
	require.ErrorIs(t, s.EraseImport(ctx, 99, "operator", "x"), ErrNotFound)
}

// Retention counts from what was done last, and keeps what somebody waits for.
func TestErasable(t *testing.T) {
	ctx := t.Context()
	now := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	s := open(t, place(t, "rulebook.db"), Options{Now: func() time.Time { return now }})
	var ids []string
	add := func(days int) {
		now = now.AddDate(0, 0, days)
		d := mustFee(t, len(ids))
		e, _, err := s.Append(ctx, d)
		require.NoError(t, err)
		ids = append(ids, e.ID())
	}
	step := func(of int, kind string, days int) {
		now = now.AddDate(0, 0, days)
		_, err := s.Take(ctx, StepBody{Kind: kind, Record: ids[of], By: "x", Reason: "x"})
		require.NoError(t, err)
	}
	add(0)                    // 0, 1 January
	add(0)                    // 1
	add(0)                    // 2
	step(1, StepObjection, 1) // 2 January, and nobody decided since
	step(2, StepDecision, 10) // 12 January
	add(0)                    // 3, 12 January
	others := false
	at := func(day int, questions ...string) (found []string) {
		all, last, err := s.Erasable(ctx, questions, others, time.Date(2020, 1, day, 0, 0, 0, 0, time.UTC), 0)
		require.NoError(t, err)
		for _, e := range all {
			found = append(found, strconv.Itoa(int(e.Seq-1)))
			assert.LessOrEqual(t, e.Seq, last)
		}
		return found
	}
	assert.Empty(t, at(1))
	assert.Equal(t, []string{"0"}, at(2))
	assert.Equal(t, []string{"0"}, at(12))
	assert.Equal(t, []string{"0", "2", "3"}, at(13))
	assert.Empty(t, at(13, "other"))
	assert.Equal(t, []string{"0", "2", "3"}, at(13, "other", "lending.fee"))
	others = true
	assert.Empty(t, at(13, "other", "lending.fee"))
	assert.Equal(t, []string{"0", "2", "3"}, at(13, "other"))
	others = false
	step(1, StepDecision, 0)
	assert.Equal(t, []string{"0", "1", "2", "3"}, at(13))
	_, err := s.Erase(ctx, []string{ids[0]}, StepBody{Reason: "x"})
	require.NoError(t, err)
	assert.Equal(t, []string{"1", "2", "3"}, at(13))
	// A question that rules have no more is known from what is on record.
	for question, want := range map[string]bool{"lending.fee": true, "lending.fie": false} {
		known, err := s.Known(ctx, question, "")
		require.NoError(t, err)
		assert.Equal(t, want, known)
	}
}

// What is erased while others are verified is no damage: neither of the records that
// come, nor of the steps.
func TestErasedWhileVerified(t *testing.T) {
	ctx := t.Context()
	path := place(t, "rulebook.db")
	s := open(t, path, Options{})
	const n = 300 // more than are looked at together
	var there []*Entry
	for i := range n {
		there = append(there, named(t, s, i))
	}
	erased := []string{there[1].ID(), there[n-2].ID(), there[n-1].ID()} // one was looked at already
	report, err := s.Verify(ctx, Stretch{Progress: func(done, _ int64) {
		if done < n {
			_, err := s.Erase(ctx, erased, StepBody{Reason: "x"})
			require.NoError(t, err)
		}
	}})
	require.NoError(t, err)
	assert.Empty(t, report.Damage)
	assert.EqualValues(t, 2, report.Erased)
	// Blanks that no erasure wrote are damage still.
	spoiled(t, path, "UPDATE decisions SET body = x'2020' WHERE seq = 5")
	report, err = s.Verify(ctx, Stretch{})
	require.NoError(t, err)
	require.NotEmpty(t, report.Damage)
	assert.EqualValues(t, 5, report.Damage[0].Seq)
}

// Whoever erases what is over does not erase what somebody did something about since
// he looked, nor what an objection waits for; whoever erases by hand is told.
func TestErasedPastNobody(t *testing.T) {
	ctx := t.Context()
	s := newStore(t)
	objected, quiet := named(t, s, 3), named(t, s, 6)
	over := s.Now().Add(time.Second)
	all, _, err := s.Erasable(ctx, nil, true, over, 0)
	require.NoError(t, err)
	require.Len(t, all, 2)
	objection, err := s.Take(ctx, StepBody{Kind: StepObjection, Record: objected.ID(), By: "Li", Reason: "x"})
	require.NoError(t, err)
	steps, err := s.EraseOver(ctx, []string{objected.ID(), quiet.ID()}, over, StepBody{Reason: "x"})
	require.NoError(t, err)
	require.Len(t, steps, 1)
	assert.Equal(t, quiet.ID(), steps[0].Record)
	left, err := s.Get(ctx, objected.ID())
	require.NoError(t, err)
	assert.False(t, left.Erased())

	none := int64(0)
	_, err = s.Erase(ctx, []string{objected.ID()}, StepBody{Reason: "x", Seen: &none})
	var refused *StepError
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, StepError{StepsUnseen, objection.Seq, refused.Problem}, *refused)
	left, err = s.Get(ctx, objected.ID())
	require.NoError(t, err)
	assert.False(t, left.Erased())
	_, err = s.Erase(ctx, []string{objected.ID()}, StepBody{Reason: "x", Seen: &objection.Seq})
	require.NoError(t, err)
}

// The names of files, and why tables took the place of others, may name people.
func TestNothingIsLeftOfWhatErasedTablesWereCalled(t *testing.T) {
	ctx := t.Context()
	s := newStore(t)
	keep := func(of, reason string) *Import {
		names := []string{"00", "01", of + ".csv", of + "-2.csv"} // two that numbers could be mistaken for
		files := fstest.MapFS{}
		for _, name := range names {
			files[name] = &fstest.MapFile{Data: []byte("reader\n" + of + "\n" + name)}
		}
		i, err := s.Keep(ctx, Import{Month: "2025-06", Source: "east", Caller: "clerk", Reason: reason}, files, names)
		require.NoError(t, err)
		return i
	}
	keep(person(1), "")
	second := keep(person(2), person(3)+" was missing")
	for range 2 {
		for _, id := range []int64{1, 2} {
			require.NoError(t, s.EraseImport(ctx, id, "operator", "kept two years"))
		}
	}
	text := all(t, s)
	for n := range 4 {
		assert.False(t, strings.Contains(text, person(n)), n)
	}
	for _, f := range second.Files {
		assert.False(t, strings.Contains(text, string(f.SHA256[:])), "a hash confirms what somebody guesses")
	}
	got, err := s.Import(ctx, 2)
	require.NoError(t, err)
	assert.Empty(t, got.Files)
	assert.Empty(t, got.Reason)
	assert.EqualValues(t, 1, got.Replaces)
}
