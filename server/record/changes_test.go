package record_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/internal/postgrestest"
	. "github.com/servicerules/rulebook/server/record"
)

func anyStep([]*ChangeStep) error { return nil }

// Steps about changes of the rules are kept in a chain with the texts that they
// speak of; what is changed all the same is found, and a backup has them.
func TestChangeSteps(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	path := postgrestest.Place(t, filepath.Join(dir, "rulebook.db"))
	s := open(t, path, Options{})
	before, after := []byte("rulebook: before\n"), []byte("rulebook: after\n")
	base, text := HexSHA256(string(before)), HexSHA256(string(after))
	first, err := s.TakeChange(ctx, ChangeStepBody{Kind: ChangeDrafted, Title: "五日", Why: "<b>it was decided", Base: base, Text: text, Caller: "li", How: "token", Person: "li.wei"}, Texts{before, after}, func(already []*ChangeStep) error {
		assert.Empty(t, already)
		return nil
	})
	require.NoError(t, err)
	assert.EqualValues(t, 1, first.Change)
	second, err := s.TakeChange(ctx, ChangeStepBody{Kind: ChangeDrafted, Title: "another", Base: base, Text: text}, nil, anyStep)
	require.NoError(t, err)
	assert.EqualValues(t, 2, second.Change)
	assert.Equal(t, first.Hash.String(), second.Previous)
	from := time.Date(2027, 1, 1, 0, 0, 0, 0, time.FixedZone("", 8*3600))
	_, err = s.TakeChange(ctx, ChangeStepBody{Kind: ChangeScheduled, Change: 1, Text: text, From: &from}, nil, func(already []*ChangeStep) error {
		require.Len(t, already, 1)
		assert.Equal(t, "五日", already[0].Title)
		return nil
	})
	require.NoError(t, err)
	refused := errors.New("it does not go")
	_, err = s.TakeChange(ctx, ChangeStepBody{Kind: ChangeApproved, Change: 1}, nil, func([]*ChangeStep) error { return refused })
	require.ErrorIs(t, err, refused)

	key := retry("k")
	b := ChangeStepBody{Kind: ChangeProposed, Change: 1, Text: text, Retry: &BodyRetry{Key: key.Key.String(), Request: key.Request.String()}}
	once, err := s.TakeChange(ctx, b, nil, anyStep)
	require.NoError(t, err)
	again, err := s.TakeChange(ctx, b, nil, func([]*ChangeStep) error { return refused })
	require.NoError(t, err)
	assert.True(t, again.Again)
	assert.Equal(t, once.Seq, again.Seq)
	b.Retry = &BodyRetry{Key: key.Key.String(), Request: base}
	_, err = s.TakeChange(ctx, b, nil, anyStep)
	require.ErrorIs(t, err, ErrKeyReused)

	sound := func(path string) {
		t.Helper()
		s, err := Open(ctx, path, Options{ReadOnly: true})
		require.NoError(t, err)
		defer func() { require.NoError(t, s.Close()) }()
		all, err := s.ChangeSteps(ctx)
		require.NoError(t, err)
		require.Len(t, all, 4)
		assert.True(t, from.Equal(*all[2].From))
		sum, err := ParseHash(text)
		require.NoError(t, err)
		kept, err := s.ChangeText(ctx, sum)
		require.NoError(t, err)
		assert.Equal(t, after, kept)
		_, err = s.ChangeText(ctx, Hash{})
		require.ErrorIs(t, err, ErrNotFound)
		report, err := s.Verify(ctx, Stretch{})
		require.NoError(t, err)
		assert.Empty(t, report.Damage)
		assert.EqualValues(t, 4, report.Changes)
	}
	sound(path)
	copied := filepath.Join(dir, "copy.db")
	require.NoError(t, s.Backup(ctx, copied))
	sound(copied)

	for change, code := range map[string]string{
		"UPDATE change_steps SET kind = 'approved' WHERE seq = 4":                                           DamageChange,
		"UPDATE change_steps SET body = CAST(replace(CAST(body AS TEXT), 'li.wei', 'wang') AS BLOB)":        DamageChange,
		"UPDATE change_steps SET change = 2 WHERE seq = 1":                                                  DamageChange,
		"UPDATE change_steps SET retry = x'00' WHERE seq = 1":                                               DamageChange,
		"DELETE FROM change_steps WHERE seq = 2":                                                            DamageChangeChain,
		"DELETE FROM rule_texts":                                                                            DamageChangeText,
		"UPDATE rule_texts SET data = x'00'":                                                                DamageChangeText,
		"UPDATE rule_texts SET data = (SELECT data FROM rule_texts WHERE sha256 = x'" + base + "')":         DamageChangeText,
		"UPDATE change_steps SET body = CAST(replace(CAST(body AS TEXT), '{', '{ ') AS BLOB) WHERE seq = 4": DamageChange,
		"UPDATE change_steps SET hash = x'" + base + "' WHERE seq = 4":                                      DamageChange,
	} {
		spoiled(t, path, "CREATE TABLE kept AS SELECT * FROM change_steps", "CREATE TABLE texts AS SELECT * FROM rule_texts", change)
		report, err := s.Verify(ctx, Stretch{})
		require.NoError(t, err)
		require.NotEmpty(t, report.Damage, change)
		assert.Equal(t, code, report.Damage[0].Code, change)
		spoiled(t, path, "DELETE FROM change_steps", "INSERT INTO change_steps SELECT * FROM kept", "DROP TABLE kept", "DELETE FROM rule_texts", "INSERT INTO rule_texts SELECT * FROM texts", "DROP TABLE texts")
	}
}

// Of people who do the same at once, the one who comes second sees what the first
// did.
func TestChangeStepsAtOnce(t *testing.T) {
	ctx := context.Background()
	s := newStore(t)
	_, err := s.TakeChange(ctx, ChangeStepBody{Kind: ChangeDrafted}, nil, anyStep)
	require.NoError(t, err)
	taken, late := 0, errors.New("late")
	errs := make(chan error)
	const people = 8
	for range people {
		go func() {
			_, err := s.TakeChange(ctx, ChangeStepBody{Kind: ChangeApproved, Change: 1}, nil, func(already []*ChangeStep) error {
				if len(already) > 1 {
					return late
				}
				return nil
			})
			errs <- err
		}()
	}
	for range people {
		if err := <-errs; err != nil {
			require.ErrorIs(t, err, late)
			continue
		}
		taken++
	}
	assert.Equal(t, 1, taken)
}
