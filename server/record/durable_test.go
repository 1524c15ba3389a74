package record_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/testsize"
	"github.com/servicerules/rulebook/server/internal/postgrestest"
	"github.com/servicerules/rulebook/server/record"
)

const writers = 32

// acknowledged is what the callers of a store know: the ids of the records
// that they were promised, by key.
type acknowledged struct {
	mu  sync.Mutex
	ids map[string]string
}

func (a *acknowledged) note(key, id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ids[key] = id
}

func (a *acknowledged) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.ids)
}

// load has writers record decisions under keys of their own, until that
// fails or the context ends.
func load(ctx context.Context, s *record.Store, round int, done func(key, id string)) {
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				key := fmt.Sprintf("%d-%d-%d", round, w, i)
				d, err := fee("R"+key, i)
				if err != nil {
					panic(err)
				}
				d.Retry = retry(key)
				e, _, err := s.Append(ctx, d)
				if err != nil {
					return
				}
				done(key, e.ID())
			}
		})
	}
	wg.Wait()
}

// lost are the promised records that a store does not have, or has as others.
func lost(t *testing.T, s *record.Store, promised map[string]string) []string {
	t.Helper()
	var all []string
	for key, id := range promised {
		e, err := s.Find(t.Context(), *retry(key))
		if err != nil || e.ID() != id {
			all = append(all, key)
		}
	}
	return all
}

// sound checks that a store is whole.
func sound(t *testing.T, s *record.Store) {
	t.Helper()
	r, err := s.Verify(t.Context(), record.Stretch{})
	require.NoError(t, err)
	require.Empty(t, r.Damage)
	require.Equal(t, s.Head(), record.Head{Seq: r.Records, Hash: r.Head})
}

// powerCuts cuts the power of a disk again and again while decisions are
// recorded, and reports how many were promised, how many of them lost, and how
// many files could not be opened any more.
func powerCuts(t *testing.T, times int, o record.Options) (promised, missing, unopened int) {
	t.Helper()
	d, name := newDisk(t, 1)
	o.VFS = name
	const ofOneFile = 20
	var path string
	var known *acknowledged
	for round := range times {
		if round%ofOneFile == 0 || path == "" {
			path, known = place(t, fmt.Sprintf("%d.db", round)), &acknowledged{ids: map[string]string{}}
		}
		ctx, cancel := context.WithCancel(t.Context())
		d.lightFuse(cancel)
		before := known.count()
		if s, err := record.Open(t.Context(), path, o); err == nil { // else the power went while it was opened
			load(ctx, s, round, known.note)
			_ = s.Close()
		}
		cancel()
		d.crash()
		d.restart(t)
		promised += known.count() - before

		s, err := record.Open(t.Context(), path, record.Options{VFS: name})
		if err != nil {
			t.Logf("after cut %d the file cannot be opened: %v", round, err)
			unopened++
			if missing = known.count(); missing > 0 {
				return promised, missing, unopened
			}
			path = "" // the power went while it was made: nothing was promised of it
			continue
		}
		if missing = len(lost(t, s, known.ids)); missing > 0 { // nothing can be expected of the file any more
			require.NoError(t, s.Close())
			return promised, missing, unopened
		}
		sound(t, s)
		require.NoError(t, s.Close())
	}
	return promised, 0, unopened
}

// What was acknowledged survives the loss of power.
func TestPowerCuts(t *testing.T) {
	postgrestest.FilesOnly(t)
	times := testsize.Pick(5, 25, 200)
	promised, missing, unopened := powerCuts(t, times, record.Options{})
	t.Logf("%d cuts, %d decisions acknowledged, %d lost", times, promised, missing)
	assert.Zero(t, missing)
	assert.Zero(t, unopened)
	assert.Greater(t, promised, times)
}

// The test before is able to fail: a store that does not wait for the disk
// loses what it has acknowledged.
func TestPowerCutsAreFelt(t *testing.T) {
	postgrestest.FilesOnly(t)
	promised, missing, _ := powerCuts(t, 25, record.WithoutSync(record.Options{}))
	t.Logf("%d decisions acknowledged, %d lost", promised, missing)
	assert.NotZero(t, missing, "nothing was lost although nothing was synced")
}

// A full disk refuses decisions, keeps those that it has, and takes new ones
// as soon as there is room.
func TestFullDisk(t *testing.T) {
	postgrestest.FilesOnly(t)
	d, name := newDisk(t, 1)
	s := open(t, place(t, "test.db"), record.Options{VFS: name})
	before := fill(t, s, 3)
	d.mu.Lock()
	d.full = true
	d.mu.Unlock()
	refused := 0
	for i := range 200 { // the WAL may have room for some
		_, _, err := s.Append(t.Context(), mustFee(t, i))
		var notDurable *record.NotDurableError
		if errors.As(err, &notDurable) {
			refused++
			require.Error(t, s.Failing())
			assert.Equal(t, record.CauseFull, s.Failing().Cause())
			break
		}
		require.NoError(t, err)
		before = append(before, nil)
	}
	assert.Equal(t, 1, refused)
	assert.EqualValues(t, len(before), s.Head().Seq)
	d.mu.Lock()
	d.full = false
	d.mu.Unlock()
	require.Eventually(t, func() bool { return s.Failing() == nil }, time.Minute, 10*time.Millisecond, "it finds out by itself that there is room again")
	e, _, err := s.Append(t.Context(), mustFee(t, 1))
	require.NoError(t, err)
	assert.EqualValues(t, len(before)+1, e.Seq)
	sound(t, s)
}

const childFile = "RULEBOOK_TEST_CHILD_FILE"

// TestKillChild is the process that TestKills kills.
func TestKillChild(t *testing.T) {
	path := os.Getenv(childFile)
	if path == "" {
		t.Skip("this is a part of TestKills")
	}
	s, err := record.Open(t.Context(), path, record.Options{})
	require.NoError(t, err)
	var mu sync.Mutex
	load(t.Context(), s, os.Getpid(), func(key, id string) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Println("acknowledged", key, id) // one write, not buffered
	})
}

// A killed process loses nothing that it has acknowledged, and doubles
// nothing. It proves less than TestPowerCuts, since the system keeps what was
// written; but here the process and the files are real.
func TestKills(t *testing.T) {
	kills := testsize.Pick(2, 8, 200)
	const ofOneFile = 10
	var path string
	var promised map[string]string
	total := 0
	random := rand.New(rand.NewPCG(3, 4))
	for kill := range kills {
		if kill%ofOneFile == 0 {
			path, promised = place(t, fmt.Sprintf("%d.db", kill)), map[string]string{}
		}
		before := len(promised)
		killed(t, path, promised, 1+random.IntN(40), time.Duration(random.IntN(5_000))*time.Microsecond)
		total += len(promised) - before
		s, err := record.Open(t.Context(), path, record.Options{})
		require.NoError(t, err)
		require.Empty(t, lost(t, s, promised), "kill %d", kill)
		require.GreaterOrEqual(t, s.Head().Seq, int64(len(promised)))
		sound(t, s) // and with it that each key stands once: the file's index is unique
		require.NoError(t, s.Close())
	}
	t.Logf("%d kills, %d decisions acknowledged, none lost", kills, total)
}

// killed runs a child until some time after so many acknowledgements, however
// long a busy machine takes for them, and adds what it has acknowledged.
func killed(t *testing.T, path string, promised map[string]string, acknowledgements int, after time.Duration) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKillChild$", "-test.v")
	cmd.Env = append(os.Environ(), childFile+"="+path)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(out)
	var kill *time.Timer
	seen := 0
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) != 3 || fields[0] != "acknowledged" {
			continue // a line that was cut off acknowledges nothing
		}
		if _, prefix, found := strings.Cut(fields[2], "-"); !found || len(prefix) != 12 {
			continue
		}
		promised[fields[1]] = fields[2]
		if seen++; seen == acknowledgements {
			kill = time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		}
	}
	require.NotNil(t, kill, "the child acknowledged no more than %d", seen)
	require.Error(t, cmd.Wait(), "the child was killed")
}
