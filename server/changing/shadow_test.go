package changing_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/servicerules/rulebook/server/changing"
	"github.com/servicerules/rulebook/server/record"
)

// later lets time pass.
func (p *place) later() { p.now = p.now.Add(time.Minute) }

func (p *place) shadowed(number int64) *Beside {
	p.t.Helper()
	x, err := p.Change(p.t.Context(), number)
	require.NoError(p.t, err)
	b, err := p.Beside(p.t.Context(), x)
	require.NoError(p.t, err)
	return b
}

// noted is the text in force with another first amount, and a note.
func (p *place) noted(amount, note string) []byte {
	p.t.Helper()
	return append(p.changed("{from: 1, amount: 5}", amount), "\n# "+note+"\n"...)
}

// counted are the counts of what was compared.
func counted(b *Beside) [5]int64 {
	if b == nil {
		return [5]int64{-1}
	}
	return [5]int64{int64(b.Compared), int64(b.Differing), int64(b.Refused), b.Behind, int64(len(b.Latest))}
}

// What is put on record while a change is in shadow is compared, and nothing else;
// who began and ended it is on record.
func TestShadow(t *testing.T) {
	p := newPlace(t)
	t.Cleanup(func() { p.Close() })
	text := p.changed("{from: 1, amount: 5}", "{from: 1, amount: 20}")
	c := p.take(0, Do{Kind: record.ChangeDrafted, By: li, Title: "t", Why: "w", Text: text})
	assert.Nil(t, p.shadowed(c.Number))
	p.onRecord("R0", 0) // before
	p.later()

	p.refused(CodeNotNow, c.Number, Do{Kind: record.ChangeUnshadowed, By: li})
	p.refused(CodeNeeded, c.Number, Do{Kind: record.ChangeShadowed, By: li})
	p.refused(CodeOtherText, c.Number, Do{Kind: record.ChangeShadowed, By: li, SHA256: c.Base})
	c = p.take(c.Number, Do{Kind: record.ChangeShadowed, By: li, SHA256: c.Text, Seen: c.Seen()})
	assert.Equal(t, Draft, c.State, "how far it has come is as it was")
	assert.True(t, c.Shadow.Runs())
	assert.Equal(t, "li", c.Shadow.By.Name)
	p.refused(CodeNotNow, c.Number, Do{Kind: record.ChangeShadowed, By: li, SHA256: c.Text})
	assert.Equal(t, [5]int64{}, counted(p.shadowed(c.Number)))

	p.onRecord("R1", 0) // the first time costs 5, and would cost 20
	p.onRecord("R1", 1) // the second 10, either way
	assert.Equal(t, [5]int64{2, 1, 0, 0, 1}, counted(p.shadowed(c.Number)))
	p.onRecord("R2", 0)
	b := p.shadowed(c.Number)
	assert.Equal(t, [5]int64{3, 2, 0, 0, 2}, counted(b))
	assert.Equal(t, []BesideQuestion{{ID: "lending.fee", Compared: 3, Differing: 2}}, b.Questions)
	assert.True(t, strings.HasPrefix(b.Latest[0].ID, "4-"), "the latest first")
	for lang, want := range map[string][2]string{"zh": {"5", "结论相同"}, "en": {"20", "the same verdict"}} {
		assert.Contains(t, b.Latest[0].Text(lang, true), want[0])
		masked := b.Latest[0].Text(lang, false)
		assert.Contains(t, masked, want[1])
		assert.NotContains(t, masked, "20")
	}

	// Approving and scheduling go on beside it, a start finds the same again, and
	// others that come into force are what is compared from then on.
	p.restart()
	assert.Equal(t, [5]int64{3, 2, 0, 0, 2}, counted(p.shadowed(c.Number)))
	c = p.take(c.Number, Do{Kind: record.ChangeProposed, By: li, SHA256: c.Text})
	c = p.take(c.Number, Do{Kind: record.ChangeApproved, By: zhang, SHA256: c.Text})
	assert.True(t, c.Shadow.Runs())
	p.later()
	other := p.take(0, Do{Kind: record.ChangeDrafted, By: li, Title: "o", Why: "w", Text: p.noted("{from: 1, amount: 20}", "as well")})
	for _, kind := range []string{record.ChangeProposed, record.ChangeApproved, record.ChangePublished} {
		by := li
		if kind != record.ChangeProposed {
			by = zhang
		}
		other = p.take(other.Number, Do{Kind: kind, By: by, SHA256: other.Text})
	}
	p.onRecord("R3", 0) // by rules that say the same now
	assert.Equal(t, [5]int64{4, 2, 0, 0, 2}, counted(p.shadowed(c.Number)))

	// What was erased is told and counted no more, before another start and after.
	gone := p.shadowed(c.Number).Latest[0].ID
	_, err := p.store.Erase(t.Context(), []string{gone}, record.StepBody{Reason: "x"})
	require.NoError(t, err)
	b = p.shadowed(c.Number)
	assert.Equal(t, [5]int64{3, 1, 0, 0, 1}, counted(b))
	assert.Equal(t, []BesideQuestion{{ID: "lending.fee", Compared: 3, Differing: 1}}, b.Questions)
	assert.NotContains(t, fmt.Sprint(b.Latest[0].ID), gone)
	p.restart()
	assert.Equal(t, [5]int64{3, 1, 0, 0, 1}, counted(p.shadowed(c.Number)))

	p.later()
	c = p.take(c.Number, Do{Kind: record.ChangeUnshadowed, By: zhang})
	assert.False(t, c.Shadow.Runs())
	assert.Equal(t, p.now, c.Shadow.Ended)
	p.later()
	p.onRecord("R4", 0)
	assert.Equal(t, [5]int64{3, 1, 0, 0, 1}, counted(p.shadowed(c.Number)), "as it was when it ended")
}

// Between which records a shadow ran, their places tell: what was put on record before
// it or after it may have the same moment, or a later or earlier one where the clock was
// set.
func TestShadowOfOtherClocks(t *testing.T) {
	for name, hours := range map[string]time.Duration{"the clock stands still": 0, "it is set back": -3 * time.Hour, "it is set forward": 3 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			t.Cleanup(func() { p.Close() })
			c := p.take(0, Do{Kind: record.ChangeDrafted, By: li, Title: "t", Why: "w", Text: p.changed("{from: 1, amount: 5}", "{from: 1, amount: 20}")})
			p.onRecord("before", 0)
			p.now = p.now.Add(hours)
			c = p.take(c.Number, Do{Kind: record.ChangeShadowed, By: li, SHA256: c.Text})
			p.onRecord("R1", 0)
			p.now = p.now.Add(hours)
			p.onRecord("R2", 0)
			assert.Equal(t, [5]int64{2, 2, 0, 0, 2}, counted(p.shadowed(c.Number)))
			p.now = p.now.Add(hours)
			p.take(c.Number, Do{Kind: record.ChangeUnshadowed, By: li})
			p.onRecord("after", 0)
			assert.Equal(t, [5]int64{2, 2, 0, 0, 2}, counted(p.shadowed(c.Number)))
			p.restart()
			assert.Equal(t, [5]int64{2, 2, 0, 0, 2}, counted(p.shadowed(c.Number)))
		})
	}
}

// Of more people at once than there may be shadows, as many begin one.
func TestShadowsAtOnce(t *testing.T) {
	p := newPlace(t)
	t.Cleanup(func() { p.Close() })
	var drafts []*Change
	for i := range 12 {
		drafts = append(drafts, p.take(0, Do{Kind: record.ChangeDrafted, By: li, Title: "t", Text: p.noted("{from: 1, amount: 5}", fmt.Sprint(i))}))
	}
	var begun atomic.Int64
	var all sync.WaitGroup
	for _, x := range drafts {
		all.Add(1)
		go func() {
			defer all.Done()
			if _, _, err := p.Take(t.Context(), x.Number, Do{Kind: record.ChangeShadowed, By: li, SHA256: x.Text}); err == nil {
				begun.Add(1)
			} else {
				var e *RefusedError
				if assert.ErrorAs(t, err, &e) {
					assert.Equal(t, CodeShadows, e.Code)
				}
			}
		}()
	}
	all.Wait()
	assert.EqualValues(t, 4, begun.Load())
}

// Several who look at once are told the same.
func TestShadowSeenByMany(t *testing.T) {
	p := newPlace(t)
	t.Cleanup(func() { p.Close() })
	c := p.take(0, Do{Kind: record.ChangeDrafted, By: li, Title: "t", Text: p.changed("{from: 1, amount: 5}", "{from: 1, amount: 20}")})
	c = p.take(c.Number, Do{Kind: record.ChangeShadowed, By: li, SHA256: c.Text})
	for i := range 30 {
		p.onRecord(fmt.Sprint("R", i), 0)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Add(1)
		go func() {
			defer all.Done()
			b, err := p.Beside(t.Context(), c)
			if assert.NoError(t, err) {
				assert.Equal(t, [5]int64{30, 30, 0, 0, 30}, counted(b))
			}
		}()
	}
	all.Wait()
}

// Whatever ends or alters a change ends its shadow.
func TestShadowEnds(t *testing.T) {
	p := newPlace(t)
	t.Cleanup(func() { p.Close() })
	begin := func(by string) *Change {
		c := p.take(0, Do{Kind: record.ChangeDrafted, By: li, Title: by, Why: "w", Text: p.noted("{from: 1, amount: 5}", by)})
		return p.take(c.Number, Do{Kind: record.ChangeShadowed, By: li, SHA256: c.Text})
	}
	c := begin("withdrawn")
	c = p.take(c.Number, Do{Kind: record.ChangeWithdrawn, By: li, Reason: "x"})
	assert.False(t, c.Shadow.Runs())
	p.refused(CodeNotNow, c.Number, Do{Kind: record.ChangeShadowed, By: li, SHA256: c.Text})
	c = begin("refused")
	p.take(c.Number, Do{Kind: record.ChangeProposed, By: li, SHA256: c.Text})
	c = p.take(c.Number, Do{Kind: record.ChangeRefused, By: zhang, Reason: "x"})
	assert.False(t, c.Shadow.Runs())
	c = begin("described anew")
	c = p.take(c.Number, Do{Kind: record.ChangeRevised, By: li, Title: "another title"})
	assert.True(t, c.Shadow.Runs(), "it is of the same text")
	p.take(c.Number, Do{Kind: record.ChangeUnshadowed, By: li})
	c = begin("revised")
	c = p.take(c.Number, Do{Kind: record.ChangeRevised, By: li, Title: "t", Text: p.changed("amount: 5", "amount: 6")})
	assert.Nil(t, c.Shadow, "it was of another text")
	c = begin("published")
	p.take(c.Number, Do{Kind: record.ChangeProposed, By: li, SHA256: c.Text})
	p.take(c.Number, Do{Kind: record.ChangeApproved, By: zhang, SHA256: c.Text})
	c = p.take(c.Number, Do{Kind: record.ChangePublished, By: zhang, SHA256: c.Text})
	assert.False(t, c.Shadow.Runs())
	assert.False(t, c.Shadow.Ended.IsZero())

	broken := p.take(0, Do{Kind: record.ChangeDrafted, By: li, Title: "t", Text: p.changed("type: word", "type: wrd")})
	e := p.refused(CodeNotFit, broken.Number, Do{Kind: record.ChangeShadowed, By: li, SHA256: broken.Text})
	assert.NotNil(t, e.Trial, "what is wrong with it")
	var last *Change
	for i := range 4 {
		last = begin(fmt.Sprint(i))
	}
	fifth := p.take(0, Do{Kind: record.ChangeDrafted, By: li, Title: "t", Text: p.noted("{from: 1, amount: 5}", "fifth")})
	p.refused(CodeShadows, fifth.Number, Do{Kind: record.ChangeShadowed, By: li, SHA256: fifth.Text})
	p.take(last.Number, Do{Kind: record.ChangeUnshadowed, By: li})
	p.take(fifth.Number, Do{Kind: record.ChangeShadowed, By: li, SHA256: fifth.Text})
	p.sound()
}
