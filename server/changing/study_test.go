package changing_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/difference"
	. "github.com/servicerules/rulebook/server/changing"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/record"
)

// studied waits until all is found out.
func (p *place) studied(base, text string) Study {
	p.t.Helper()
	var s Study
	require.Eventually(p.t, func() bool {
		var err error
		s, err = p.Study(p.t.Context(), base, text)
		require.NoError(p.t, err)
		return s.Stage == StageDone
	}, time.Minute, time.Millisecond)
	require.NoError(p.t, s.Failed)
	return s
}

// onRecord records that a reader was late with a book for the nth time.
func (p *place) onRecord(reader string, before int) {
	p.t.Helper()
	rules := p.rules.Current()
	facts, err := json.Marshal(map[string]any{"reader": reader, "kind": "book", "before": before})
	require.NoError(p.t, err)
	answer, err := rules.Book.Ask(p.t.Context(), "lending.fee", facts)
	require.NoError(p.t, err)
	d := &record.Draft{Question: "lending.fee", Verdict: answer.Verdict, Facts: facts, Answer: answer.AppendJSON(nil, true), Engine: "test",
		Rulebook: record.Rulebook{SHA256: sha256.Sum256(rules.Text), Text: rules.Text}}
	d.Calendar, err = record.ParseHash(record.Calendar(rules.Book).Hash())
	require.NoError(p.t, err)
	_, _, err = p.store.Append(p.t.Context(), d)
	require.NoError(p.t, err)
}

// Before a change is approved, it is known what it says otherwise and what it would
// have made of what is on record, counted here by hand.
func TestStudy(t *testing.T) {
	p := newPlace(t)
	t.Cleanup(p.Close)
	for i := range 600 {
		p.onRecord("R1", i%2) // the first time costs 5, the second 10
	}
	c := p.take(0, Do{Kind: record.ChangeDrafted, By: li, Title: "t", Why: "w", Text: p.changed("{from: 1, amount: 5}", "{from: 1, amount: 20}")})
	s := p.studied(c.Base, c.Text)
	assert.True(t, s.Trial.OK())
	words := difference.ViewOf(s.Report, nil, "zh")
	assert.Contains(t, words.Groups[0].Lines[0], "5")
	require.NotNil(t, s.Impact)
	assert.Equal(t, [3]int{600, 300, 300}, [3]int{s.Impact.Rows, s.Impact.Changed, s.Impact.Unchanged})
	require.Len(t, s.Impact.Sums, 1)
	assert.Equal(t, "4500", s.Impact.Sums[0].By.RatString(), "15 more for each of 300")
	assert.EqualValues(t, 600, s.Asked)
	assert.False(t, s.Unfinished)
	assert.True(t, s.HasAnalysed)
	assert.Empty(t, s.Analysed)

	p.onRecord("R2", 0)
	assert.Equal(t, 300, p.studied(c.Base, c.Text).Impact.Changed, "as it was looked into")
	p.Again(c.Base, c.Text)
	assert.Equal(t, 301, p.studied(c.Base, c.Text).Impact.Changed)

	// What was erased since is told no more.
	first := s.Impact.Groups[0].Examples[0].ID
	_, err := p.store.Erase(t.Context(), []string{first}, record.StepBody{Reason: "x"})
	require.NoError(t, err)
	left := p.studied(c.Base, c.Text)
	assert.NotContains(t, fmt.Sprint(left.InWords("zh", true, true)), first)
	assert.Equal(t, len(s.Impact.Groups[0].Examples)-1, len(left.Impact.Groups[0].Examples))
	assert.Equal(t, 301, left.Impact.Changed, "what was counted stays")

	broken := p.take(0, Do{Kind: record.ChangeDrafted, By: li, Title: "t", Text: p.changed("type: word", "type: wrd")})
	s = p.studied(broken.Base, broken.Text)
	assert.False(t, s.Trial.OK())
	assert.Nil(t, s.Report)
	idle := p.take(0, Do{Kind: record.ChangeDrafted, By: li, Title: "t", Text: []byte(strings.Replace(string(p.rules.Current().Text), "weight: 1", "weight: 1, when: 'before > 3 and before < 2'", 1))})
	s = p.studied(idle.Base, idle.Text)
	assert.True(t, len(s.Analysed) > 0 || s.Trial.Findings.Failed(), "a condition that is never met")

	_, err = p.Study(t.Context(), c.Base, strings.Repeat("0", 64))
	require.ErrorIs(t, err, record.ErrNotFound)
}

// However many changes are looked at in turn, each is looked into once, and who asks
// for more than can wait is asked to come back.
func TestManyStudies(t *testing.T) {
	p := newPlace(t)
	tried, gate := make(chan string, 100), make(chan struct{})
	p.Changes = New(p.rules, p.store, Options{Try: func(_ context.Context, text []byte) (*live.Trial, error) {
		tried <- string(text)
		<-gate
		panic("what was not foreseen")
	}})
	var log strings.Builder
	p.LogTo(slog.New(slog.NewTextHandler(&log, nil)))
	t.Cleanup(p.Close)
	var all []*Change
	for i := range 12 {
		all = append(all, p.take(0, Do{Kind: record.ChangeDrafted, By: li, Title: "t", Text: []byte(fmt.Sprintf("# %d\n%s", i, p.rules.Current().Text))}))
	}
	for range 5 {
		for _, c := range all {
			s, err := p.Study(t.Context(), c.Base, c.Text)
			require.NoError(t, err)
			assert.NotEqual(t, StageDone, s.Stage)
		}
	}
	<-tried
	close(gate)
	for _, c := range all[:8] {
		require.Eventually(t, func() bool { // none of those that wait is forgotten, and asking for one begins none twice
			s, err := p.Study(t.Context(), c.Base, c.Text)
			require.NoError(t, err)
			return s.Stage == StageDone && s.Failed != nil
		}, time.Minute, time.Millisecond)
	}
	assert.Len(t, tried, 7)
	for _, c := range all[8:] {
		require.Eventually(t, func() bool {
			s, err := p.Study(t.Context(), c.Base, c.Text)
			require.NoError(t, err)
			return s.Stage == StageDone
		}, time.Minute, time.Millisecond)
	}
	assert.Len(t, tried, 11)
	assert.Equal(t, len(all), strings.Count(log.String(), "could not be looked into"), "once each, however often it was looked at")
}
