package record_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/testsize"
	"github.com/servicerules/rulebook/server/internal/postgrestest"
	"github.com/servicerules/rulebook/server/record"
)

// overPostgres leaves a test out where its stores would be files.
func overPostgres(t *testing.T) {
	t.Helper()
	if !postgrestest.Over() {
		t.Skip("of PostgreSQL alone")
	}
}

// Several servers write to one store: there is one chain without a fork, a request
// that is repeated at another server finds the first record, and each comes to know
// of what the others wrote.
func TestSeveralServers(t *testing.T) {
	overPostgres(t)
	name := place(t, "test.db")
	const servers, each = 3, 40
	var all []*record.Store
	for range servers {
		all = append(all, open(t, name, record.Options{}))
	}
	var mu sync.Mutex
	ids := map[string]map[string]bool{} // by key
	var wg sync.WaitGroup
	for at, s := range all {
		for w := range 4 {
			wg.Go(func() {
				for i := range each {
					key := fmt.Sprint(i) // the same for all
					if w == 0 {
						key = fmt.Sprint("own ", at, i)
					}
					d, err := fee("R"+key, i)
					if !assert.NoError(t, err) {
						return
					}
					d.Retry = retry(key)
					e, _, err := s.Append(context.Background(), d)
					if !assert.NoError(t, err) {
						return
					}
					mu.Lock()
					if ids[key] == nil {
						ids[key] = map[string]bool{}
					}
					ids[key][e.ID()] = true
					mu.Unlock()
				}
			})
		}
	}
	wg.Wait()
	for key, of := range ids {
		assert.Len(t, of, 1, "%s was recorded twice", key)
	}
	assert.Len(t, ids, each+servers*each)
	for _, s := range all {
		require.Eventually(t, func() bool { return s.Head().Seq == int64(len(ids)) }, time.Minute, 10*time.Millisecond, "it knows of what the others wrote")
		sound(t, s)
	}
	changed := all[0].Changed()
	fill(t, all[1], 1)
	select {
	case <-changed:
	case <-time.After(10 * time.Second):
		t.Error("who waits at one server is not told of what another wrote")
	}
}

// Of steps that are taken at two servers at once, the chain is one, and two that
// exclude each other are not both taken.
func TestStepsAtSeveralServers(t *testing.T) {
	overPostgres(t)
	name := place(t, "test.db")
	a, b := open(t, name, record.Options{}), open(t, name, record.Options{})
	entries := fill(t, a, 12)
	taken := 0
	var mu sync.Mutex
	for _, e := range entries {
		var wg sync.WaitGroup
		for _, s := range []*record.Store{a, b, a, b} {
			wg.Go(func() {
				_, err := s.Take(context.Background(), record.StepBody{Kind: record.StepDecision, Record: e.ID(), By: "Li"})
				var refused *record.StepError
				if errors.As(err, &refused) {
					return
				}
				if assert.NoError(t, err) {
					mu.Lock()
					taken++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
	}
	assert.Equal(t, len(entries), taken)
	require.Eventually(t, func() bool { return b.Head() == a.Head() }, 60*time.Second, time.Millisecond, "what another server put on record is seen in a while")
	sound(t, b)

	// What is noted at both is noted once, in one order.
	var wg sync.WaitGroup
	for _, s := range []*record.Store{a, b} {
		wg.Go(func() {
			for i := range 30 {
				assert.NoError(t, s.Note(context.Background(), []record.Noted{{ID: fmt.Sprint(i), Type: record.EventOverdue, Data: []byte("{}")}}))
			}
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	events, err := b.Events(t.Context(), record.Cursor{}, 1000)
	require.NoError(t, err)
	for _, e := range events {
		if e.Type == record.EventOverdue {
			assert.False(t, seen[e.ID])
			seen[e.ID] = true
		}
	}
	assert.Len(t, seen, 30)
}

// The database crashes again and again under load from two servers: nothing that was
// acknowledged is lost, nothing is on record twice, and both find out by themselves
// that it is back.
func TestCrashesOfTheDatabase(t *testing.T) {
	overPostgres(t)
	crashes := testsize.Pick(1, 4, 40)
	server := postgrestest.Start(t)
	name := server.Database(t, "crashes")
	a, b := open(t, name, record.Options{}), open(t, name, record.Options{})
	known := &acknowledged{ids: map[string]string{}}
	random := rand.New(rand.NewPCG(5, 6))
	for round := range crashes {
		before := known.count()
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for at, s := range []*record.Store{a, b} {
			wg.Go(func() { load(ctx, s, 2*round+at, known.note) })
		}
		require.Eventually(t, func() bool { return known.count() > before }, time.Minute, time.Millisecond)
		time.Sleep(time.Duration(random.IntN(200_000)) * time.Microsecond)
		server.Crash()
		wg.Wait() // each writer was told that it cannot go on
		stop()
		for _, s := range []*record.Store{a, b} {
			require.Eventually(t, func() bool { return s.Failing() != nil }, time.Minute, 10*time.Millisecond)
			assert.Equal(t, record.CauseReach, s.Failing().Cause(), "%v", s.Failing())
		}
		require.NoError(t, server.Run())
		for _, s := range []*record.Store{a, b} {
			require.Eventually(t, func() bool { return s.Failing() == nil }, time.Minute, 10*time.Millisecond, "it finds out by itself that the database is back")
		}
		require.Empty(t, lost(t, a, maps.Clone(known.ids)), "crash %d", round)
		require.NoError(t, verified(t, b))
	}
	t.Logf("%d crashes, %d decisions acknowledged, none lost", crashes, known.count())
	// What was told to be not on record may be sent again, and is there once.
	for key, id := range known.ids {
		d, err := fee("R"+key, 0)
		require.NoError(t, err)
		d.Retry = retry(key)
		e, first, err := b.Append(t.Context(), d)
		require.NoError(t, err)
		require.False(t, first)
		require.Equal(t, id, e.ID())
	}
}

func verified(t *testing.T, s *record.Store) error {
	t.Helper()
	r, err := s.Verify(t.Context(), record.Stretch{})
	if err == nil && !r.OK() {
		err = fmt.Errorf("%v", r.Damage)
	}
	return err
}

// No error, nor what a store is called, says its password, its user or its
// parameters, whatever is wrong.
func TestPasswordIsNotTold(t *testing.T) {
	overPostgres(t)
	server := postgrestest.Start(t)
	good := server.URLWithPassword("postgres")
	s := open(t, good, record.Options{})
	assert.NotContains(t, s.Name(), server.Password)
	fill(t, s, 1)
	for what, name := range map[string]string{
		"another password": strings.Replace(good, server.Password, "geheim", 1), "no database": good + "none", "nobody there": strings.Replace(good, fmt.Sprint(server.Port), "1", 1),
		"no port": strings.Replace(good, fmt.Sprint(server.Port), "geheim", 1), "no address": "postgres://li:ge%heim@[x/geheim", "parameters": good + "?sslmode=geheim", "no host": "postgres://li:geheim@host.invalid/x",
		"a slash": "postgres://li:geheim/geheim@127.0.0.1/x",
	} {
		for _, readOnly := range []bool{false, true} {
			_, err := record.Open(t.Context(), name, record.Options{ReadOnly: readOnly})
			require.Error(t, err, what)
			assert.NotContains(t, err.Error(), server.Password, what)
			assert.NotContains(t, err.Error(), "geheim", what)
		}
	}
	server.Crash()
	_, _, err := s.Append(t.Context(), mustFee(t, 1))
	require.Error(t, err)
	assert.NotContains(t, err.Error(), server.Password)
}

// A store moves from a file to PostgreSQL and back, and is the same to the byte.
func TestRestore(t *testing.T) {
	overPostgres(t)
	first := place(t, "first.db")
	s := open(t, first, record.Options{})
	entries := fill(t, s, 25)
	_, err := s.Take(t.Context(), record.StepBody{Kind: record.StepDecision, Record: entries[0].ID(), By: "Li"})
	require.NoError(t, err)
	require.NoError(t, s.AddWebhook(t.Context(), &record.Webhook{Name: "a", URL: "https://example.org", Secret: []byte("s")}))
	require.NoError(t, s.Note(t.Context(), []record.Noted{{ID: "n", Type: record.EventOverdue, Data: []byte("{}")}}))
	_, err = s.Keep(t.Context(), record.Import{Month: "2025-06"}, files("a.csv"), []string{"a.csv"})
	require.NoError(t, err)
	copied := t.TempDir() + "/copy.db"
	require.NoError(t, s.Backup(t.Context(), copied))

	second := place(t, "second.db")
	require.NoError(t, record.Restore(t.Context(), copied, second))
	restored := open(t, second, record.Options{})
	assert.Equal(t, s.Head(), restored.Head())
	sound(t, restored)
	hooks, err := restored.Webhooks(t.Context())
	require.NoError(t, err)
	require.Len(t, hooks, 1)
	require.NoError(t, verified(t, restored))
	fill(t, restored, 2)
	require.NoError(t, verified(t, restored))
	// Not over what is there.
	require.ErrorIs(t, record.Restore(t.Context(), copied, second), record.ErrNotEmpty)
	again := t.TempDir() + "/again.db"
	require.NoError(t, restored.Backup(t.Context(), again))
	require.NoError(t, verified(t, open(t, again, record.Options{})))
}

func files(names ...string) fstest.MapFS {
	all := fstest.MapFS{}
	for _, name := range names {
		all[name] = &fstest.MapFile{Data: []byte("x")}
	}
	return all
}
