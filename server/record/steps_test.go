package record_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/servicerules/rulebook/server/record"
)

// Steps are kept in a chain, corrected by further ones and never changed; what is
// changed all the same is found.
func TestSteps(t *testing.T) {
	ctx := context.Background()
	path := place(t, "rulebook.db")
	s := open(t, path, Options{})
	all := fill(t, s, 2)
	first, second := all[0], all[1]
	take := func(b StepBody) (*Step, error) { return s.Take(ctx, b) }
	heard, err := take(StepBody{Kind: StepHearing, Record: first.ID(), Outcome: "held", Reason: "<said> it was late"})
	require.NoError(t, err)
	assert.EqualValues(t, 1, heard.Seq)
	decided, err := take(StepBody{Kind: StepDecision, Record: first.ID(), By: "Li 50%", Amount: "20 yuan"})
	require.NoError(t, err)
	assert.Equal(t, heard.Hash.String(), decided.Previous)
	_, err = take(StepBody{Kind: StepDecision, Record: "9-000000000000"})
	require.ErrorIs(t, err, ErrNotFound)
	var refused *StepError
	for _, b := range []StepBody{
		{Kind: StepDecision, Record: first.ID(), Corrects: 7},
		{Kind: StepDecision, Record: second.ID(), Corrects: 2},
		{Kind: StepObjection, Record: first.ID(), Corrects: 2},
	} {
		_, err := take(b)
		require.ErrorAs(t, err, &refused)
	}
	_, err = take(StepBody{Kind: StepDecision, Record: first.ID(), By: "Wang", Amount: "30 yuan", Corrects: 2, Reason: "a slip"})
	require.NoError(t, err)
	_, err = take(StepBody{Kind: StepDecision, Record: first.ID(), Corrects: 2})
	require.ErrorAs(t, err, &refused, "twice")

	steps, err := s.Steps(ctx, first)
	require.NoError(t, err)
	require.Len(t, steps, 3)
	none, err := s.Steps(ctx, second)
	require.NoError(t, err)
	assert.Empty(t, none)
	found := func(q Query) []int64 {
		p, err := s.Search(ctx, q)
		require.NoError(t, err)
		seqs := []int64{}
		for _, e := range p.Entries {
			seqs = append(seqs, e.Seq)
		}
		return seqs
	}
	assert.Equal(t, []int64{1}, found(Query{Decider: "wang"}))
	assert.Equal(t, []int64{1}, found(Query{Decider: "50%"}))
	assert.Empty(t, found(Query{Decider: "5_%"}))
	assert.Equal(t, []int64{2}, found(Query{Stage: StageOpen}))
	assert.Equal(t, []int64{1}, found(Query{Stage: StageDecided}))
	assert.Empty(t, found(Query{Stage: StageObjected}))
	assert.Equal(t, []int64{2}, found(Query{Contains: [][]string{{`"r1"`, "nothing"}, {"question"}}}))

	report, err := s.Verify(ctx, Stretch{})
	require.NoError(t, err)
	assert.Empty(t, report.Damage)
	assert.EqualValues(t, 3, report.Steps)
	for change, code := range map[string]string{
		"UPDATE steps SET who = 'Zhao' WHERE seq = 2":                                             DamageStep,
		"UPDATE steps SET body = CAST(replace(CAST(body AS TEXT), '20 yuan', '10 yuan') AS BLOB)": DamageStep,
		"UPDATE steps SET retry = x'00' WHERE seq = 1":                                            DamageStep,
		"DELETE FROM steps WHERE seq = 1":                                                         DamageStepChain,
		"UPDATE steps SET of = 2 WHERE seq = 3":                                                   DamageStep,
	} {
		spoiled(t, path, "CREATE TABLE kept AS SELECT * FROM steps", change)
		report, err := s.Verify(ctx, Stretch{})
		require.NoError(t, err)
		require.NotEmpty(t, report.Damage, change)
		assert.Equal(t, code, report.Damage[0].Code, change)
		spoiled(t, path, "DELETE FROM steps", "INSERT INTO steps SELECT * FROM kept", "DROP TABLE kept")
	}
}

// Two people may be at one record: one decision holds and one correction, nothing
// is decided of what was corrected, corrections lead to no circle, and whoever did
// not see what somebody else noted is told so.
func TestStepsThatDoNotGoTogether(t *testing.T) {
	ctx := context.Background()
	s := open(t, place(t, "rulebook.db"), Options{})
	all := fill(t, s, 3)
	decide := StepBody{Kind: StepDecision, Record: all[0].ID(), By: "Li", Reason: "x"}
	errs := make(chan error)
	const people = 8
	for range people {
		go func() {
			_, err := s.Take(ctx, decide)
			errs <- err
		}()
	}
	refusedAs := func(code string, err error) {
		t.Helper()
		var refused *StepError
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, code, refused.Code)
	}
	var taken int
	for range people {
		if err := <-errs; err != nil {
			refusedAs(AlreadyTaken, err)
			continue
		}
		taken++
	}
	require.Equal(t, 1, taken)
	take := func(b StepBody) error {
		_, err := s.Take(ctx, b)
		return err
	}
	none, first := int64(0), int64(1)
	refusedAs(StepsUnseen, take(StepBody{Kind: StepObjection, Record: all[0].ID(), Seen: &none}))
	for _, n := range []int64{-1, 2, 99} {
		refusedAs(NoSuchStep, take(StepBody{Kind: StepObjection, Record: all[0].ID(), Seen: &n}))
	}
	require.NoError(t, take(StepBody{Kind: StepObjection, Record: all[0].ID(), Seen: &first}))
	require.NoError(t, take(StepBody{Kind: StepObjection, Record: all[1].ID(), Seen: &none}), "steps about another record do not matter")
	decide.Corrects = 1
	require.NoError(t, take(decide), "in its place")

	correct := func(of, place int) error {
		return take(StepBody{Kind: StepCorrection, Record: all[of].ID(), Place: all[place].ID(), Reason: "x"})
	}
	require.NoError(t, correct(0, 1))
	refusedAs(AlreadyTaken, correct(0, 2))
	refusedAs(WasCorrected, correct(1, 0))
	decide.Corrects = 4
	refusedAs(WasCorrected, take(decide))
	require.NoError(t, correct(1, 2))
	report, err := s.Verify(ctx, Stretch{})
	require.NoError(t, err)
	assert.Empty(t, report.Damage)
}

// A file of the second version gets the table for steps, and one that is only
// read needs none.
func TestStepsOfAnEarlierFile(t *testing.T) {
	ctx := context.Background()
	path := place(t, "rulebook.db")
	s := open(t, path, Options{})
	e := fill(t, s, 1)[0]
	require.NoError(t, s.Close())
	Older(t, path, 2)
	old, err := Open(ctx, path, Options{ReadOnly: true})
	require.NoError(t, err)
	none, err := old.Steps(ctx, e)
	require.NoError(t, err)
	assert.Empty(t, none)
	report, err := old.Verify(ctx, Stretch{})
	require.NoError(t, err)
	assert.Empty(t, report.Damage)
	require.NoError(t, old.Close())
	s = open(t, path, Options{})
	_, err = s.Take(ctx, StepBody{Kind: StepObjection, Record: e.ID(), Reason: "it was not I"})
	require.NoError(t, err)
}

// A file of the third version keeps its steps, and takes those with a key; one
// that is only read is verified as it is.
func TestStepsWithKeysOfAnEarlierFile(t *testing.T) {
	ctx := context.Background()
	path := place(t, "rulebook.db")
	s := open(t, path, Options{})
	e := fill(t, s, 1)[0]
	_, err := s.Take(ctx, StepBody{Kind: StepObjection, Record: e.ID(), Reason: "x"})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	Older(t, path, 3)
	old, err := Open(ctx, path, Options{ReadOnly: true})
	require.NoError(t, err)
	report, err := old.Verify(ctx, Stretch{})
	require.NoError(t, err)
	assert.Empty(t, report.Damage)
	require.NoError(t, old.Close())
	s = open(t, path, Options{})
	key := retry("k")
	b := StepBody{Kind: StepObjection, Record: e.ID(), Reason: "y", Retry: &BodyRetry{Key: key.Key.String(), Request: key.Request.String()}}
	first, err := s.Take(ctx, b)
	require.NoError(t, err)
	again, err := s.Take(ctx, b)
	require.NoError(t, err)
	assert.True(t, again.Again)
	assert.Equal(t, first.Seq, again.Seq)
	b.Retry = &BodyRetry{Key: key.Key.String(), Request: e.Hash.String()}
	_, err = s.Take(ctx, b)
	require.ErrorIs(t, err, ErrKeyReused)
	report, err = s.Verify(ctx, Stretch{})
	require.NoError(t, err)
	assert.Empty(t, report.Damage)
}
