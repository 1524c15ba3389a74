package changing_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/servicerules/rulebook/server/changing"
	"github.com/servicerules/rulebook/server/internal/postgrestest"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/record"
)

// beside is another server over the store of a first one, with a rules file of its
// own.
func (p *place) beside() *place {
	p.t.Helper()
	q := &place{t: p.t, dir: p.t.TempDir(), now: p.now}
	text, err := os.ReadFile(usual)
	require.NoError(p.t, err)
	require.NoError(p.t, os.WriteFile(q.file(), text, 0o600))
	q.rules, err = live.Open(p.t.Context(), live.Options{File: q.file(), Settle: time.Millisecond, LastGood: filepath.Join(q.dir, "last.yaml")})
	require.NoError(p.t, err)
	q.store, err = record.Open(p.t.Context(), postgrestest.Place(p.t, filepath.Join(p.dir, "rulebook.db")), record.Options{Now: func() time.Time { return q.now }})
	require.NoError(p.t, err)
	p.t.Cleanup(func() { _ = q.store.Close() })
	q.Changes = New(q.rules, q.store, Options{})
	q.Look(p.t.Context())
	return q
}

// comes waits until a server, which looks again and again, has rules in force.
func (p *place) comes(sha256 string) {
	p.t.Helper()
	require.Eventually(p.t, func() bool { p.Look(p.t.Context()); return p.rules.Current().SHA256 == sha256 }, time.Minute, 20*time.Millisecond)
}

func several(t *testing.T) (a, b *place) {
	t.Helper()
	if !postgrestest.Over() {
		t.Skip("of PostgreSQL alone")
	}
	a = newPlace(t)
	return a, a.beside()
}

// What is published at one server, the other takes over, also one that was not there;
// the history has each change once, and what somebody writes to one server's file is
// noted once and goes nowhere.
func TestSeveralTakeOver(t *testing.T) {
	a, b := several(t)
	first := a.rules.Current().SHA256
	c := a.approved(a.changed("amount: 5", "amount: 10"))
	c = b.take(c.Number, Do{Kind: record.ChangePublished, By: zhang, SHA256: c.Text, Seen: c.Seen()})
	assert.Equal(t, Published, c.State)
	a.comes(c.Text)
	written, err := os.ReadFile(a.file())
	require.NoError(t, err)
	assert.Equal(t, c.Text, sumOf(written), "and it is in the file")

	d := b.approved(b.changed("amount: 10", "amount: 20"))
	d = a.take(d.Number, Do{Kind: record.ChangePublished, By: zhang, SHA256: d.Text, Seen: d.Seen()})
	late := a.beside() // with the rules of the beginning
	assert.Equal(t, d.Text, late.rules.Current().SHA256, "two changes at once")
	b.comes(d.Text)
	steps := func() []Version {
		t.Helper()
		all, err := b.Versions(t.Context())
		require.NoError(t, err)
		return all
	}
	assert.Len(t, steps(), 3)
	for range 3 {
		a.Look(t.Context())
		b.Look(t.Context())
	}
	assert.Len(t, steps(), 3)

	// By hand at one: back to what was in force once.
	text, err := os.ReadFile(usual)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(a.file(), text, 0o600))
	_ = a.rules.Reload(t.Context())
	for range 3 {
		a.Look(t.Context())
		b.Look(t.Context())
		time.Sleep(300 * time.Millisecond)
	}
	assert.Equal(t, first, a.rules.Current().SHA256, "what somebody wrote is not overwritten")
	assert.Equal(t, d.Text, b.rules.Current().SHA256, "and goes to no other server")
	assert.Len(t, steps(), 4)
	a.sound()
}

// Two people at two servers: one approves, the other is told; of two changes of the
// same rules that are published at the same moment, one is in force, everywhere.
func TestSeveralAtOnce(t *testing.T) {
	a, b := several(t)
	c := a.take(0, Do{Kind: record.ChangeDrafted, By: li, Title: "ten", Why: "as decided", Text: a.changed("amount: 5", "amount: 10")})
	c = a.take(c.Number, Do{Kind: record.ChangeProposed, By: li, SHA256: c.Text, Seen: c.Seen()})
	both := func(do func(p *place) error) (done int) {
		var mu sync.Mutex
		var wg sync.WaitGroup
		for _, p := range []*place{a, b} {
			wg.Go(func() {
				err := do(p)
				var refused *RefusedError
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					done++
				} else if !errors.As(err, &refused) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		return done
	}
	assert.Equal(t, 1, both(func(p *place) error {
		_, _, err := p.Take(context.Background(), c.Number, Do{Kind: record.ChangeApproved, By: zhang, SHA256: c.Text, Seen: c.Seen()})
		return err
	}))
	other := b.approved(b.changed("amount: 5", "amount: 20"))
	number := map[*place]*Change{a: c, b: other}
	assert.Equal(t, 1, both(func(p *place) error {
		_, _, err := p.Take(context.Background(), number[p].Number, Do{Kind: record.ChangePublished, By: zhang, SHA256: number[p].Text})
		return err
	}))
	versions, err := a.Versions(t.Context())
	require.NoError(t, err)
	require.Len(t, versions, 2)
	a.comes(versions[1].SHA256)
	b.comes(versions[1].SHA256)
	a.sound()
}

// A moment that comes at both servers publishes once.
func TestSeveralOnTime(t *testing.T) {
	a, b := several(t)
	c := a.approved(a.changed("amount: 5", "amount: 10"))
	from := a.now.Add(time.Hour)
	c = a.take(c.Number, Do{Kind: record.ChangeScheduled, By: zhang, SHA256: c.Text, Seen: c.Seen(), From: &from})
	require.Eventually(t, func() bool { return b.store.LatestChange() == c.Seen() }, time.Minute, 10*time.Millisecond)
	a.Look(t.Context())
	b.Look(t.Context())
	a.now, b.now = from.Add(time.Second), from.Add(time.Second)
	var wg sync.WaitGroup
	for _, p := range []*place{a, b} {
		wg.Go(func() { p.Look(context.Background()) })
	}
	wg.Wait()
	a.comes(c.Text)
	b.comes(c.Text)
	now, err := b.Change(t.Context(), c.Number)
	require.NoError(t, err)
	assert.Equal(t, Published, now.State)
	published := 0
	for _, s := range now.Steps {
		if s.Kind == record.ChangePublished {
			published++
		}
	}
	assert.Equal(t, 1, published)
	a.sound()
}

func sumOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
