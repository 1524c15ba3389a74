package console

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/headline"
	"github.com/servicerules/rulebook/kpi"
	"github.com/servicerules/rulebook/server/live"
)

// drawn is the view of the answer to a question.
func drawn(t *testing.T, lang, id, facts string, options ...rulebook.Option) *answerView {
	t.Helper()
	book := gulin(t)
	a, err := book.Ask(context.Background(), id, []byte(facts), options...)
	require.NoError(t, err)
	x, err := newAnswer(&viewer{asks: book, book: book.Rulebook(), lang: lang}, question(t, book, id), a)
	require.NoError(t, err)
	return x
}

func TestStrip(t *testing.T) {
	x := drawn(t, "en", "time_limit.request", `{"request": {"kind": "install", "area_type": "rural",
		"papers_complete_at": "2025-01-20T09:00:00+08:00", "completed_at": "2025-02-14T10:00:00+08:00",
		"extension": {"reason": "ice", "requested_at": "2025-02-07T09:30:00+08:00", "approved_at": "2025-02-07T16:00:00+08:00",
			"approver_role": "branch_leader_in_charge", "decision": "approved", "new_due_date": "2025-02-12"}}}`)
	require.Len(t, x.Strips, 1)
	s := x.Strips[0]
	assert.Equal(t, []string{"2025-01-20 09:00", "2025-02-12", "2025-02-08"}, []string{s.Start, s.Due, s.Limit})
	require.Len(t, s.Cells, 26)
	assert.Equal(t, "Jan", s.Cells[0].Month)
	assert.Equal(t, []mark{{"start", "start"}}, s.Cells[0].Marks)
	assert.Equal(t, "2025-01-26, make-up working day, day 5", s.Cells[6].Spoken)
	assert.Equal(t, "holiday", s.Cells[9].Kind)
	assert.Equal(t, []mark{{"limit", "was due"}}, s.Cells[19].Marks)
	assert.Equal(t, 10, s.Cells[19].Nth)
	assert.Equal(t, []mark{{"due", "due"}}, s.Cells[23].Marks)
	assert.Equal(t, []mark{{"done", "done"}}, s.Cells[25].Marks)
	assert.Nil(t, s.Hours)
	assert.Equal(t, "bad", x.Tone)
}

func TestStripThatStandsStill(t *testing.T) {
	x := drawn(t, "zh", "time_limit.request", `{"request": {"kind": "install", "area_type": "urban", "papers_complete_at": "2025-06-09T10:00:00+08:00",
		"customer_failures": [{"type": "contact_failed", "at": "2025-06-11T10:00:00+08:00", "cause": "customer"},
			{"type": "visit_absent", "at": "2025-06-11T15:00:00+08:00", "cause": "customer"}],
		"customer_returned_at": "2025-06-17T10:00:00+08:00"}}`, rulebook.AsOf(noon), rulebook.Reading("deemed.on_return", "resume"))
	require.Len(t, x.Strips, 2)
	again := x.Strips[1]
	assert.Contains(t, again.Title, "重新计时")
	paused := 0
	for _, c := range again.Cells {
		if c.Paused {
			paused++
			assert.Zero(t, c.Nth)
		}
	}
	assert.Equal(t, 6, paused)
	assert.Contains(t, again.Legend, legend{"paused", "计时停着"})
}

func TestHours(t *testing.T) {
	x := drawn(t, "en", "time_limit.request", `{"request": {"kind": "fault", "severity": "ordinary",
		"received_at": "2025-06-09T09:30:00+08:00", "completed_at": "2025-06-10T21:30:00+08:00"}}`)
	require.Len(t, x.Strips, 1)
	b := x.Strips[0].Hours
	require.NotNil(t, b)
	assert.InDelta(t, 8+624*2.0/3, b.DueX, 0.1) // 24 of 36 hours
	assert.Equal(t, b.DueX, b.Run)
	assert.InDelta(t, barWidth-8, b.Over, 0.1)
	assert.Equal(t, "done 2025-06-10 21:30", b.Marks[2].Label)
	assert.Equal(t, "end", b.Marks[2].Anchor)
}

// A very long limit is drawn with its middle left out.
func TestLongStrip(t *testing.T) {
	x := drawn(t, "en", "time_limit.request", `{"request": {"kind": "install", "area_type": "urban", "papers_complete_at": "2025-01-06T09:00:00+08:00",
		"extension": {"reason": "x", "requested_at": "2025-01-07T09:30:00+08:00", "approved_at": "2025-01-07T16:00:00+08:00",
			"approver_role": "branch_leader_in_charge", "decision": "approved", "new_due_date": "2025-12-12"}}}`, rulebook.AsOf(noon))
	require.Len(t, x.Strips, 1)
	cells := x.Strips[0].Cells
	assert.Len(t, cells, 2*keepEnds+1)
	assert.Equal(t, 299, cells[keepEnds].Gap)
}

func TestLadder(t *testing.T) {
	x := drawn(t, "zh", "accountability.fine", `{"person": "S2", "complaint": {"level": "hall", "substantiated": true, "cause": "service",
		"received_at": "2025-06-18T09:00:00+08:00"}, "prior_in_window": {"hall": 3}, "aggravating": ["retaliation"]}`)
	require.Len(t, x.Ladders, 1)
	assert.Equal(t, "plain", x.Tone)
	l := x.Ladders[0]
	require.Len(t, l.Tiers, 3)
	assert.Equal(t, "营业部", l.Tiers[0].Label)
	assert.True(t, l.Tiers[0].Taken)
	assert.Equal(t, tierRow{Range: "第 4 次起", Amount: 50, Taken: true, Nth: 4}, l.Tiers[0].Rows[1])
	assert.Equal(t, "第 1–3 次", l.Tiers[0].Rows[0].Range)
	require.NotNil(t, l.Scale.Base)
	assert.Equal(t, int64(50), l.Scale.Base.Amount)
	assert.Equal(t, int64(80), l.Scale.Final.Amount)
	assert.NotEmpty(t, l.Scale.Way)
	assert.Equal(t, "净升 1 档", l.Scale.Note)
}

// Where rounding would hide on which side of the limit a ratio lies, more
// places are shown.
func TestGaugePercent(t *testing.T) {
	limit := kpi.Ratio{Num: 1, Den: 1000}
	for ratio, want := range map[kpi.Ratio]string{
		{Num: 4, Den: 4003}: "0.0999%", {Num: 9, Den: 9000}: "0.1%", {Num: 1, Den: 950}: "0.105%", {Num: 99_999, Den: 100_000_000}: "0.099999%", {Num: 1, Den: 1}: "100%", {Num: 0, Den: 5}: "0%",
	} {
		assert.Equal(t, want, headline.Percent(ratio, limit), "%v", ratio)
	}
}

// The dot stands on the side of the threshold that the verdict says.
func TestGaugeDrawing(t *testing.T) {
	for _, bound := range []kpi.Bound{{Kind: kpi.Below, Limit: kpi.Ratio{Num: 1, Den: 1000}}, {Kind: kpi.AtLeast, Limit: kpi.Ratio{Num: 98, Den: 100}}} {
		for n := int64(0); n <= 1000; n += 7 {
			x := gauge{Width: 180}
			ratio := kpi.Ratio{Num: n, Den: 1000}
			x.draw(kpi.Gauge{Ratio: ratio, Bound: bound})
			require.True(t, x.DotX >= 0 && x.DotX <= 180 && x.LimitX >= 0 && x.LimitX <= 180)
			switch ratio.Compare(bound.Limit) {
			case -1:
				require.LessOrEqual(t, x.DotX, x.LimitX)
			case 1:
				require.GreaterOrEqual(t, x.DotX, x.LimitX)
			default:
				require.Equal(t, x.LimitX, x.DotX)
			}
		}
	}
}

func TestMissingAndDecisions(t *testing.T) {
	x := drawn(t, "en", "time_limit.request", `{"request": {"kind": "install", "papers_complete_at": "2025-06-09T10:00:00+08:00"}}`, rulebook.AsOf(noon))
	assert.Equal(t, "open", x.Tone)
	require.NotEmpty(t, x.Missing)
	assert.Equal(t, missingView{"request.area_type", "kind of area", "f-request-area_type", []string{"the clock of the request"}}, x.Missing[0])

	failed := drawn(t, "zh", "time_limit.request", `{"request": {"kind": "install", "area_type": "urban", "papers_complete_at": "2031-06-09T10:00:00+08:00"}}`)
	assert.Equal(t, "bad", failed.Tone)
	assert.Contains(t, failed.Error, "2031")
}

func TestSwitches(t *testing.T) {
	l, err := live.Open(context.Background(), live.Options{})
	require.NoError(t, err)
	book := l.Current().Book
	v := &viewer{asks: book, book: book.Rulebook(), lang: "en"}
	x := asking{question: question(t, book, "accountability.fine"), facts: []byte(`{"person": "S2", "complaint": {"level": "hall", "form": "complaint",
		"substantiated": true, "cause": "service", "received_at": "2025-06-18T09:00:00+08:00"}, "prior_in_window": {"hall": 2, "branch": 0, "county_or_above": 0}}`)}
	a, err := book.Ask(context.Background(), x.question.ID, x.facts)
	require.NoError(t, err)
	kept := newBooks()
	all, err := v.switches(context.Background(), kept, l.Current(), x, a)
	require.NoError(t, err)
	byKey := map[string]readingSwitch{}
	for i, s := range all {
		byKey[s.Key] = s
		if i > 0 {
			assert.False(t, s.Moves && !all[i-1].Moves, "those that change something come first")
		}
	}
	s := byKey["ladder.hall_boundary"]
	require.Len(t, s.Options, 2)
	assert.True(t, s.Moves)
	assert.True(t, s.Open)
	assert.Equal(t, switchOption{Name: "gt3", Label: s.Options[0].Label, On: true, Book: true}, s.Options[0])
	assert.Contains(t, s.Options[1].Changes, change{"base fine", "20", "50"})
	assert.Contains(t, s.Options[1].Changes, change{"final fine", "20", "50"})

	// what was switched is shown as such, with the way back
	x.settings = settle(nil, "ladder.hall_boundary", "ge3")
	other, err := kept.with(l.Current(), x.settings)
	require.NoError(t, err)
	a, err = other.Ask(context.Background(), x.question.ID, x.facts)
	require.NoError(t, err)
	all, err = v.switches(context.Background(), kept, l.Current(), x, a)
	require.NoError(t, err)
	require.Equal(t, "ladder.hall_boundary", all[0].Key)
	assert.True(t, all[0].Other)
	assert.True(t, all[0].Options[0].Book)
	assert.True(t, all[0].Options[1].On)
	assert.Contains(t, all[0].Options[0].Changes, change{"base fine", "50", "20"})
	assert.LessOrEqual(t, len(kept.made), keptBooks)
}

func TestTone(t *testing.T) {
	const kept = `{"request": {"kind": "fault", "severity": "ordinary", "received_at": "2025-06-09T09:30:00+08:00", "completed_at": "2025-06-10T09:30:00+08:00"},
		"as_requested": true}`
	assert.Equal(t, "good", drawn(t, "en", "time_limit.request", kept).Tone)
	assert.Equal(t, "plain", drawn(t, "en", "accountability.fine", `{"person": "S1", "complaint": {"level": "hall", "substantiated": false, "cause": "service"}}`).Tone)
}

func TestSpan(t *testing.T) {
	v := &viewer{asks: gulin(t), book: gulin(t).Rulebook(), lang: "en"}
	assert.Equal(t, "17 h left", v.span(17*time.Hour))
	assert.Equal(t, "2 days left", v.span(50*time.Hour))
	assert.Equal(t, "3 days over", v.span(-73*time.Hour))
}
