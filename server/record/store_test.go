package record_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/internal/postgrestest"
	"github.com/servicerules/rulebook/server/record"
)

func TestAppendAndGet(t *testing.T) {
	now := time.Date(2025, 7, 1, 8, 0, 0, 123456789, time.FixedZone("", 8*60*60))
	path := place(t, "test.db")
	s := open(t, path, record.Options{Now: func() time.Time { return now }})
	assert.Equal(t, record.Head{}, s.Head())
	all := fill(t, s, 5)
	for i, e := range all {
		assert.EqualValues(t, i+1, e.Seq)
		assert.Equal(t, record.Hash(sha256.Sum256(e.Body)), e.Hash)
		got, err := s.Get(t.Context(), e.ID())
		require.NoError(t, err)
		assert.Equal(t, e.Body, got.Body)
		assert.Equal(t, e.RecordedAt, got.RecordedAt)
		b, err := got.Decode()
		require.NoError(t, err)
		want := strings.Repeat("0", 64)
		if i > 0 {
			want = all[i-1].Hash.String()
		}
		assert.Equal(t, want, b.Previous)
	}
	assert.True(t, json.Valid(all[2].Body))
	body, err := all[2].Decode()
	require.NoError(t, err)
	assert.Regexp(t, "^[0-9a-f]{32}$", body.Salt)
	assert.True(t, strings.HasPrefix(string(all[2].Body), `{"seq":3,"salt":"`+body.Salt+`","recorded_at":"2025-07-01T00:00:00.123456Z","question":"lending.fee","as_of":"2025-07-01T00:00:02Z","readings":{},"facts":{"reader":"R2","kind":"book","before":2,"sorry":false},"rulebook":"`), "%s", all[2].Body)
	require.NoError(t, s.Close())
	require.NoError(t, s.Close(), "closing twice")
	_, _, err = s.Append(t.Context(), mustFee(t, 9))
	require.ErrorIs(t, err, record.ErrClosed)

	again := open(t, path, record.Options{})
	assert.Equal(t, record.Head{Seq: 5, Hash: all[4].Hash}, again.Head())
	e, _, err := again.Append(t.Context(), mustFee(t, 9))
	require.NoError(t, err)
	assert.EqualValues(t, 6, e.Seq)
	r, err := again.Verify(t.Context(), record.Stretch{})
	require.NoError(t, err)
	assert.Empty(t, r.Damage)
	assert.EqualValues(t, 6, r.Records)
}

func TestGetUnknown(t *testing.T) {
	s := newStore(t)
	e := fill(t, s, 2)[1]
	for _, id := range []string{
		"", "1", "-", "2-", "0-000000000000", "02" + e.ID()[1:], "+" + e.ID(), e.ID() + "0", strings.ToUpper(e.ID()) + "A", "1" + e.ID()[1:], "3" + e.ID()[1:],
		"2-zzzzzzzzzzzz", "9223372036854775808-000000000000", e.ID() + " ",
	} {
		_, err := s.Get(t.Context(), id)
		require.ErrorIs(t, err, record.ErrNotFound, id)
	}
}

func TestSearch(t *testing.T) {
	at := time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC)
	s := open(t, place(t, "test.db"), record.Options{Now: func() time.Time { at = at.Add(time.Minute); return at }})
	const many = 25
	all := fill(t, s, many)
	find := func(q record.Query) (places []int64, next string) {
		t.Helper()
		p, err := s.Search(t.Context(), q)
		require.NoError(t, err)
		for _, e := range p.Entries {
			places = append(places, e.Seq)
		}
		return places, p.Next
	}
	var places []int64
	q := record.Query{Limit: 10}
	for pages := 1; ; pages++ {
		page, next := find(q)
		places = append(places, page...)
		if next == "" {
			assert.Equal(t, 3, pages)
			break
		}
		q.After = next
	}
	require.Len(t, places, many)
	for i, p := range places {
		assert.EqualValues(t, many-i, p, "the latest first")
	}
	page, next := find(record.Query{Limit: many})
	assert.Len(t, page, many)
	assert.Empty(t, next, "a full last page is the last")

	page, _ = find(record.Query{From: all[9].RecordedAt, To: all[12].RecordedAt})
	assert.Equal(t, []int64{12, 11, 10}, page)
	page, _ = find(record.Query{Question: "lending.fee", Verdict: "fee"})
	assert.Len(t, page, many)
	page, _ = find(record.Query{Verdict: "free"})
	assert.Empty(t, page)
	page, _ = find(record.Query{Question: "lending"})
	assert.Empty(t, page)
	_, err := s.Search(t.Context(), record.Query{After: "99-000000000000"})
	require.ErrorIs(t, err, record.ErrNotFound)
}

func TestExport(t *testing.T) {
	s := newStore(t)
	const many = 1203 // more than two chunks
	d := mustFee(t, 1)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range many / 8 {
				_, _, err := s.Append(t.Context(), d)
				assert.NoError(t, err)
			}
		})
	}
	wg.Wait()
	var b bytes.Buffer
	require.NoError(t, s.Export(t.Context(), &b, 0, 0))
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	require.Len(t, lines, many/8*8)
	previous := strings.Repeat("0", 64)
	for i, line := range lines {
		var x struct {
			ID     string          `json:"id"`
			Hash   string          `json:"hash"`
			Record json.RawMessage `json:"record"`
		}
		require.NoError(t, json.Unmarshal([]byte(line), &x))
		sum := sha256.Sum256(x.Record)
		assert.Equal(t, record.Hash(sum).String(), x.Hash, "anybody can check the hash of line %d", i+1)
		assert.Contains(t, string(x.Record), `"previous":"`+previous+`"`)
		previous = x.Hash
	}
	b.Reset()
	require.NoError(t, s.Export(t.Context(), &b, 3, 5))
	assert.Equal(t, strings.Join(lines[2:5], "\n")+"\n", b.String())
	b.Reset()
	require.NoError(t, s.Export(t.Context(), &b, 9999, 0))
	assert.Empty(t, b.String())
}

// The records that arrive while one is being written share a transaction.
func TestGroupCommit(t *testing.T) {
	const writers, each = 32, 20
	var mu sync.Mutex
	var s *record.Store
	var batches []int
	s = open(t, place(t, "test.db"), record.Options{Observe: func(n int, _ time.Duration, err error) {
		mu.Lock()
		defer mu.Unlock()
		assert.NoError(t, err)
		batches = append(batches, n)
		for len(batches) == 1 && s.Waiting() < writers-n { // the disk takes its time, until everybody else waits
			time.Sleep(time.Millisecond)
		}
	}})
	d := mustFee(t, 1)
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range each {
				e, first, err := s.Append(t.Context(), d)
				if assert.NoError(t, err) {
					assert.True(t, first)
					assert.NotNil(t, e)
				}
			}
		})
	}
	wg.Wait()
	mu.Lock()
	defer mu.Unlock()
	records := 0
	for _, n := range batches {
		records += n
	}
	assert.Equal(t, writers*each, records)
	assert.GreaterOrEqual(t, batches[1], writers-batches[0], "all who waited are written at once")
	assert.EqualValues(t, writers*each, s.Head().Seq)
}

// However often and from wherever a request is repeated, it is recorded once.
func TestRetry(t *testing.T) {
	s := newStore(t)
	d := mustFee(t, 1)
	d.Retry = retry("a")
	var mu sync.Mutex
	ids, firsts := map[string]int{}, 0
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 5 {
				e, first, err := s.Append(t.Context(), d)
				if !assert.NoError(t, err) {
					return
				}
				mu.Lock()
				ids[e.ID()]++
				if first {
					firsts++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	assert.Len(t, ids, 1)
	assert.Equal(t, 1, firsts)
	assert.EqualValues(t, 1, s.Head().Seq)

	found, err := s.Find(t.Context(), *d.Retry)
	require.NoError(t, err)
	assert.Equal(t, 16*5, ids[found.ID()])
	_, err = s.Find(t.Context(), *retry("b"))
	require.ErrorIs(t, err, record.ErrNotFound)

	other := mustFee(t, 2)
	other.Retry = &record.Retry{Key: d.Retry.Key, Request: sha256.Sum256([]byte("another"))}
	_, _, err = s.Append(t.Context(), other)
	require.ErrorIs(t, err, record.ErrKeyReused)
	_, err = s.Find(t.Context(), *other.Retry)
	require.ErrorIs(t, err, record.ErrKeyReused)
	assert.EqualValues(t, 1, s.Head().Seq)
}

func TestAppendUntilTheContextEnds(t *testing.T) {
	s := newStore(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := s.Append(ctx, mustFee(t, 1))
	require.ErrorIs(t, err, context.Canceled)
}

func TestRulebookTexts(t *testing.T) {
	s := newStore(t)
	d := mustFee(t, 1)
	_, err := s.Rulebook(t.Context(), d.Rulebook.SHA256)
	require.ErrorIs(t, err, record.ErrNotFound)
	for range 3 {
		_, _, err := s.Append(t.Context(), d)
		require.NoError(t, err)
	}
	text, err := s.Rulebook(t.Context(), d.Rulebook.SHA256)
	require.NoError(t, err)
	assert.Equal(t, d.Rulebook.Text, text)
}

func TestOpenWhatIsNotAStore(t *testing.T) {
	postgrestest.FilesOnly(t)
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	other := filepath.Join(dir, "other.db")
	db, err := sql.Open("sqlite3", "file:"+other)
	require.NoError(t, err)
	_, err = db.Exec("CREATE TABLE customers (name TEXT)")
	require.NoError(t, err)
	require.NoError(t, db.Close())
	newer := filepath.Join(dir, "newer.db")
	s := open(t, newer, record.Options{})
	require.NoError(t, s.Close())
	db, err = sql.Open("sqlite3", "file:"+newer)
	require.NoError(t, err)
	_, err = db.Exec("PRAGMA user_version = 99")
	require.NoError(t, err)
	require.NoError(t, db.Close())
	for name, path := range map[string]string{
		"text": write("text", strings.Repeat("no database ", 500)), "another database": other, "a newer schema": newer,
		"directory": dir, "no directory": filepath.Join(dir, "none", "x.db"),
	} {
		_, err := record.Open(t.Context(), path, record.Options{})
		require.Error(t, err, name)
		assert.Contains(t, err.Error(), path, "the message names the file")
	}
	_, err = record.Open(t.Context(), filepath.Join(dir, "absent.db"), record.Options{ReadOnly: true})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestReadOnly(t *testing.T) {
	postgrestest.FilesOnly(t)
	path := place(t, "a name with spaces % and ?.db")
	s := open(t, path, record.Options{})
	fill(t, s, 3)
	look := func(when string) {
		ro, err := record.Open(t.Context(), path, record.Options{ReadOnly: true})
		require.NoError(t, err, when)
		r, err := ro.Verify(t.Context(), record.Stretch{})
		require.NoError(t, err, when)
		assert.Empty(t, r.Damage, when)
		assert.EqualValues(t, 3, r.Records, when)
		_, _, err = ro.Append(t.Context(), mustFee(t, 1))
		require.ErrorIs(t, err, record.ErrClosed)
		require.NoError(t, ro.Close())
	}
	look("while it is written to")
	require.NoError(t, s.Close())
	look("after it was closed")
	if os.Getuid() != 0 { // root may write anywhere
		require.NoError(t, os.Chmod(path, 0o400))
		require.NoError(t, os.Chmod(filepath.Dir(path), 0o500))
		defer func() { _ = os.Chmod(filepath.Dir(path), 0o700) }()
		look("where nothing may be written")
	}
}

func TestRelativePath(t *testing.T) {
	postgrestest.FilesOnly(t)
	t.Chdir(t.TempDir())
	s := open(t, "here.db", record.Options{})
	fill(t, s, 1)
	require.NoError(t, s.Close())
	_, err := os.Stat("here.db")
	require.NoError(t, err)
}

func TestNotDurableError(t *testing.T) {
	cause := errors.New("disk full")
	err := fmt.Errorf("asking: %w", &record.NotDurableError{Err: cause})
	require.ErrorIs(t, err, cause)
	assert.Contains(t, err.Error(), "not on record")
}

func TestParseHash(t *testing.T) {
	h := record.Hash(sha256.Sum256(nil))
	got, err := record.ParseHash(h.String())
	require.NoError(t, err)
	assert.Equal(t, h, got)
	for _, bad := range []string{"", "00", strings.Repeat("0", 63), strings.Repeat("0", 65), strings.Repeat("g", 64)} {
		_, err := record.ParseHash(bad)
		require.Error(t, err, bad)
	}
}
