package record

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
)

// Query says which records to look for. Empty fields do not matter.
type Query struct {
	Question string
	Verdict  string
	From, To time.Time // of recording; From included, To not
	After    string    // id of the last record of the page before
	Limit    int       // of one page; 0 means 50, at most 1000

	// Contains are texts that the record has: of each list one, in any case of
	// ASCII letters. It is no index: all records are read.
	Contains [][]string
	Decider  string // a part of the name of who decided
	Stage    string // of what was done about it: one of Stages
	Bodies   bool   // whether entries have theirs
}

// Stages that a record may be in.
const (
	StageOpen      = "open"      // nobody has decided, and it was neither corrected nor erased
	StageDecided   = "decided"   // by a person
	StageObjected  = "objected"  // the person concerned objected
	StageCorrected = "corrected" // it was wrong, and another one may have its place
	StageErased    = "erased"    // nothing is left of what it said
)

// Stages are all of them.
var Stages = []string{StageOpen, StageDecided, StageObjected, StageCorrected, StageErased}

// stageConditions are the steps that make a stage. A step that was corrected
// does not count.
var stageConditions = map[string]string{
	StageOpen:      "NOT " + holding("'decision', 'correction', 'erasure'"),
	StageDecided:   holding("'decision'"),
	StageObjected:  holding("'objection'"),
	StageCorrected: holding("'correction'"),
	StageErased:    holding("'erasure'"),
}

// holding is the condition that a step of some kinds holds.
func holding(kinds string) string {
	return "EXISTS (SELECT 1 FROM steps WHERE of = decisions.seq AND kind IN (" + kinds + ") AND NOT EXISTS (SELECT 1 FROM steps AS later WHERE later.corrects = steps.seq))"
}

// like is a pattern for a text that stands anywhere.
func like(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text) + "%"
}

// Page is a part of what was found, the latest record first.
type Page struct {
	Entries []*Entry
	Next    string // for Query.After; "" on the last page. A page of large bodies may be shorter than its limit
}

const (
	usualPage   = 50
	longestPage = 1000
)

// Search finds records, the latest first. The error is ErrNotFound where
// After names no record.
func (s *Store) Search(ctx context.Context, q Query) (Page, error) {
	limit := q.Limit
	if limit <= 0 {
		limit = usualPage
	}
	limit = min(limit, longestPage)
	var where []string
	var args []any
	parameter := func(value any) string { // its name in the statement
		args = append(args, value)
		return "$" + strconv.Itoa(len(args))
	}
	and := func(condition string) { where = append(where, condition) }
	if q.Question != "" {
		and("question = " + parameter(q.Question))
	}
	if q.Verdict != "" {
		and("verdict = " + parameter(q.Verdict))
	}
	if !q.From.IsZero() {
		and("recorded >= " + parameter(q.From.UnixMicro()))
	}
	if !q.To.IsZero() {
		and("recorded < " + parameter(q.To.UnixMicro()))
	}
	if q.After != "" {
		after, err := s.Get(ctx, q.After)
		if err != nil {
			return Page{}, err
		}
		and("seq < " + parameter(after.Seq))
	}
	for _, any := range q.Contains {
		var parts []string
		for _, text := range any {
			parts = append(parts, s.database.matches("body", parameter(like(text))))
		}
		if len(parts) > 0 {
			and("(" + strings.Join(parts, " OR ") + ")")
		}
	}
	if q.Decider != "" || q.Stage != "" {
		if has, err := s.has(ctx, "steps"); err != nil || !has {
			return Page{}, err
		}
	}
	if q.Decider != "" {
		and("EXISTS (SELECT 1 FROM steps WHERE of = decisions.seq AND kind = 'decision' AND " + s.database.matches("who", parameter(like(q.Decider))) + ")")
	}
	if condition := stageConditions[q.Stage]; condition != "" {
		and(condition)
	}
	query := "SELECT " + columns + " FROM decisions"
	if len(where) > 0 {
		query += " WHERE " + strings.Join(where, " AND ")
	}
	// A list shows what is searched by; bodies may be large.
	if !q.Bodies {
		query = strings.Replace(query, ", body", ", NULL", 1)
	}
	query += " ORDER BY seq DESC LIMIT " + parameter(limit+1)
	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return Page{}, err
	}
	entries, more, err := collect(rows)
	if err != nil {
		return Page{}, err
	}
	p := Page{Entries: entries}
	if len(entries) > limit {
		p.Entries, more = entries[:limit], true
	}
	if more {
		p.Next = p.Entries[len(p.Entries)-1].ID()
	}
	return p, nil
}

// collect reads records, and reports whether it left some: what it holds at once
// is bounded.
func collect(rows *sql.Rows) (all []*Entry, more bool, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for held := 0; rows.Next(); {
		if held > chunkBytes {
			return all, true, nil
		}
		e, err := scanEntry(rows)
		if err != nil {
			return nil, false, err
		}
		all = append(all, e)
		held += len(e.Body)
	}
	return all, false, rows.Err()
}

// Known reports whether a record is about a question, or has a verdict.
func (s *Store) Known(ctx context.Context, question, verdict string) (bool, error) {
	where, value := "question", question
	if question == "" {
		where, value = "verdict", verdict
	}
	var known bool
	err := s.db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM decisions WHERE "+where+" = $1)", value).Scan(&known)
	return known, err
}

// Stretch are the records from one place on, in their order, at most limit and a
// few megabytes of them.
func (s *Store) Stretch(ctx context.Context, from int64, limit int) ([]*Entry, error) {
	return s.stretch(ctx, from, s.Head().Seq, limit)
}

// Tally is how many records of a question have a verdict.
type Tally struct {
	Question, Verdict string
	Records           int
}

// Tallies count the records made from one moment to another, which is not
// included, by question and verdict.
func (s *Store) Tallies(ctx context.Context, from, to time.Time) (all []Tally, err error) {
	rows, err := s.db.QueryContext(ctx, "SELECT question, verdict, count(*) FROM decisions WHERE recorded >= $1 AND recorded < $2 GROUP BY question, verdict ORDER BY question, verdict", from.UnixMicro(), to.UnixMicro())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var t Tally
		if err := rows.Scan(&t.Question, &t.Verdict, &t.Records); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, rows.Err()
}

// stretch are the records from one place on, in order, at most limit.
func (s *Store) stretch(ctx context.Context, from, to int64, limit int) ([]*Entry, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT "+columns+" FROM decisions WHERE seq >= $1 AND seq <= $2 ORDER BY seq LIMIT $3", from, to, limit)
	if err != nil {
		return nil, err
	}
	all, _, err := collect(rows)
	return all, err
}

// AppendJSON appends the record as it is handed out: its id, its hash, and
// the bytes that the hash is of; null, and that it was erased, where they are gone.
func (e *Entry) AppendJSON(b []byte) []byte {
	b = append(b, `{"id":"`...)
	b = append(b, e.ID()...)
	b = append(b, `","hash":"`...)
	b = hex.AppendEncode(b, e.Hash[:])
	b = append(b, `","record":`...)
	if e.Erased() {
		return append(b, `null,"erased":true}`...)
	}
	b = append(b, e.Body...)
	return append(b, '}')
}

// Export writes the records from one place to another, both included and 0
// for no limit, as JSON Lines in the order of the chain.
func (s *Store) Export(ctx context.Context, w io.Writer, from, to int64) error {
	const chunk = 500
	from = max(from, 1)
	if to <= 0 {
		to = s.Head().Seq
	}
	var line []byte
	for from <= to {
		entries, err := s.stretch(ctx, from, to, chunk)
		if err != nil || len(entries) == 0 {
			return err
		}
		for _, e := range entries {
			line = append(e.AppendJSON(line[:0]), '\n')
			if _, err := w.Write(line); err != nil {
				return err
			}
		}
		from = entries[len(entries)-1].Seq + 1
	}
	return nil
}
