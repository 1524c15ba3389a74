package record_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/server/internal/postgrestest"
	"github.com/servicerules/rulebook/server/record"
)

const rulesFile = "testdata/rules.yaml"

var loadRules = sync.OnceValues(func() (*rulebook.Book, error) { return rulebook.Load(rulesFile) })

// decide makes the draft of a decision, as the server does.
func decide(book *rulebook.Book, question, facts string, settings ...record.Setting) (*record.Draft, error) {
	var options []rulebook.Option
	for _, s := range settings {
		options = append(options, rulebook.Reading(s.Key, s.Option))
	}
	checked, err := book.Check(question, facts)
	if err != nil {
		return nil, err
	}
	with, err := book.With(options...)
	if err != nil {
		return nil, err
	}
	answer, err := with.Ask(context.Background(), question, []byte(facts))
	if err != nil {
		return nil, err
	}
	calendar := record.Calendar(book)
	d := &record.Draft{
		Question: question, Verdict: answer.Verdict, Readings: settings, Facts: checked.AppendJSON(nil), Answer: answer.AppendJSON(nil, true),
		Rulebook: record.Rulebook{Text: book.Rulebook().Source()}, Engine: "test",
	}
	d.Rulebook.SHA256 = sha256.Sum256(d.Rulebook.Text)
	d.Calendar, err = record.ParseHash(calendar.Hash())
	return d, err
}

// fee is the draft of a decision about a reader.
func fee(reader string, before int, settings ...record.Setting) (*record.Draft, error) {
	book, err := loadRules()
	if err != nil {
		return nil, err
	}
	facts, err := json.Marshal(map[string]any{"reader": reader, "kind": "book", "before": before % 100})
	if err != nil {
		return nil, err
	}
	return decide(book, "lending.fee", string(facts), settings...)
}

func mustFee(t *testing.T, n int, settings ...record.Setting) *record.Draft {
	t.Helper()
	d, err := fee("R"+strconv.Itoa(n), n, settings...)
	require.NoError(t, err)
	return d
}

func retry(key string) *record.Retry {
	return &record.Retry{Key: sha256.Sum256([]byte("key " + key)), Request: sha256.Sum256([]byte("request " + key))}
}

func open(t *testing.T, path string, o record.Options) *record.Store {
	t.Helper()
	s, err := record.Open(t.Context(), path, o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func newStore(t *testing.T) *record.Store {
	t.Helper()
	return open(t, place(t, "test.db"), record.Options{})
}

// fill appends n decisions, some with readings and keys of their own.
func fill(t *testing.T, s *record.Store, n int) []*record.Entry {
	t.Helper()
	var all []*record.Entry
	for i := range n {
		var settings []record.Setting
		if i%3 == 1 {
			settings = []record.Setting{{Key: "fee.from", Option: "three"}}
		}
		d := mustFee(t, i, settings...)
		if i%4 == 2 {
			d.Retry = retry(strconv.Itoa(i))
			d.AsOf = time.Date(2025, 7, 1, 0, 0, i, 0, time.UTC)
		}
		if i%4 == 3 {
			d.AsOf, d.Assumed = time.Date(2025, 7, 1, 0, 0, 0, 1000*i, time.UTC), true
		}
		e, first, err := s.Append(t.Context(), d)
		require.NoError(t, err)
		require.True(t, first)
		all = append(all, e)
	}
	return all
}

// place is the name of a store of its own: a file, or a database.
func place(t *testing.T, file string) string {
	t.Helper()
	return postgrestest.Place(t, filepath.Join(t.TempDir(), file))
}

// spoiled does harm to what a store keeps, past the store. The statements are those
// of SQLite, and say the same to PostgreSQL.
func spoiled(t *testing.T, name string, harm ...string) {
	t.Helper()
	db := postgrestest.Raw(t, name, "rulebook")
	for _, h := range harm {
		if postgrestest.Over() {
			h = inPostgres.Replace(h)
			h = toBytes.ReplaceAllString(h, "convert_to($1, 'UTF8')")
			h = literal.ReplaceAllString(h, `'\x$1'::bytea`)
			h = zeros.ReplaceAllString(h, "decode(repeat('00', $1), 'hex')")
		}
		_, err := db.Exec(h)
		require.NoError(t, err, h)
	}
	require.NoError(t, db.Close())
}

var (
	inPostgres = strings.NewReplacer("CAST(body AS TEXT)", "convert_from(body, 'UTF8')", "CAST(text || x'0A' AS BLOB)", "text || x'0A'")
	toBytes    = regexp.MustCompile(`(?s)CAST\((.*) AS BLOB\)`)
	literal    = regexp.MustCompile(`x'([0-9a-fA-F]*)'`)
	zeros      = regexp.MustCompile(`zeroblob\((32|length\(data\))\)`)
)

// What is copied between files and databases are all tables that either has, with all
// their columns.
func TestTablesAreAll(t *testing.T) {
	name := place(t, "test.db")
	require.NoError(t, open(t, name, record.Options{}).Close())
	db := postgrestest.Raw(t, name, "rulebook")
	defer func() { require.NoError(t, db.Close()) }()
	query := "SELECT m.name, c.name FROM sqlite_schema AS m, pragma_table_info(m.name) AS c WHERE m.type = 'table' ORDER BY m.name, c.name"
	if postgrestest.Over() {
		query = `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'rulebook' AND table_name <> 'goose_db_version' ORDER BY table_name COLLATE "C", column_name COLLATE "C"`
	}
	rows, err := db.Query(query)
	require.NoError(t, err)
	has := map[string][]string{}
	for rows.Next() {
		var table, column string
		require.NoError(t, rows.Scan(&table, &column))
		has[table] = append(has[table], column)
	}
	require.NoError(t, rows.Err())
	copied := map[string][]string{}
	for table, columns := range record.Tables() {
		copied[table] = slices.Sorted(slices.Values(strings.Split(columns, ", ")))
	}
	assert.Equal(t, has, copied)
}
