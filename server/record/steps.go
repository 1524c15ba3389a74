package record

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Step is something that was done about a record: the person concerned was heard,
// somebody decided, somebody objected. Steps are records further to it, in a
// chain of their own: each has the hash of the one before, and the hash of the
// record that it is about. None is changed or deleted; a step that was wrong is
// corrected by a later one. What steps say is erased with their record alone: see
// Store.Erase.
//
// A step is kept as one line of JSON, whose SHA-256 is its hash.
type Step struct {
	StepBody
	Hash   Hash
	Body   []byte // the bytes that the hash is of
	About  int64  // place of the record that it is about
	Differ bool   // it is not what its hash says; of what cannot be read, only what is searched by is known
	Gone   bool   // it was erased with its record: what is searched by is known
	Again  bool   // it was taken by an earlier request with the same key
}

// StepBody is what a step says.
type StepBody struct {
	Seq    int64     `json:"seq"`            // its place in the chain of steps, from 1
	Salt   string    `json:"salt,omitempty"` // random, as that of a record; "" of steps of earlier programs
	At     time.Time `json:"at"`             // by the clock of the store
	Kind   string    `json:"kind"`
	Record string    `json:"record"`      // id of the record that it is about
	Of     string    `json:"record_hash"` // its hash
	By     string    `json:"by,omitempty"`
	Caller string    `json:"caller,omitempty"` // the name of the token or of the account, "" where none is asked for
	How    string    `json:"how,omitempty"`    // how he showed who he is, as in people.Who
	Person string    `json:"person,omitempty"` // id of the account of the person behind the caller, where it is known
	Reason string    `json:"reason,omitempty"`

	Question string          `json:"question,omitempty"` // that the facts are for
	Facts    json.RawMessage `json:"facts,omitempty"`
	Outcome  string          `json:"outcome,omitempty"`
	Amount   string          `json:"amount,omitempty"`   // as digits, with its unit behind a blank
	Place    string          `json:"instead,omitempty"`  // id of the record that takes its place
	Despite  bool            `json:"despite,omitempty"`  // decided although something was left to do before
	Corrects int64           `json:"corrects,omitempty"` // the step whose place it takes
	Erased   *Remains        `json:"erased,omitempty"`   // what stays of the record, of an erasure

	Retry    *BodyRetry `json:"retry,omitempty"` // hashes of the caller's key and request, where he gave a key
	Previous string     `json:"previous"`        // hash of the step before, zeros of the first

	// Seen is the latest step about the record that whoever takes this one knew
	// of, 0 where there was none. It is not kept; nil where it does not matter.
	Seen *int64 `json:"-"`
}

// Kinds of steps.
const (
	StepNoted      = "noted"      // facts of the procedure, such as a hearing
	StepHearing    = "hearing"    // of a record whose rules say nothing of one
	StepDecision   = "decision"   // by a person
	StepObjection  = "objection"  // by the person concerned
	StepCorrection = "correction" // the record itself was wrong
	StepWithdrawal = "withdrawal" // a step of any other kind but an erasure does not hold any more, and nothing has its place
	StepErasure    = "erasure"    // what the record and the steps before say was erased; see Store.Erase
)

// StepKinds are all of them.
var StepKinds = []string{StepNoted, StepHearing, StepDecision, StepObjection, StepCorrection, StepWithdrawal, StepErasure}

// StepError says why a step was not taken.
type StepError struct {
	Code    string
	Step    int64 // that is in the way, 0 where none is
	Problem string
}

// Codes of a StepError.
const (
	NotCorrectable = "not_correctable" // what is to be corrected is no step that holds, of the same record and kind
	AlreadyTaken   = "already_taken"   // a decision, or a correction of the record, holds already
	WasCorrected   = "was_corrected"   // the record, or the one that is to take its place, was corrected
	StepsUnseen    = "steps_unseen"    // another step was taken meanwhile
	NoSuchStep     = "no_such_step"    // the step that is said to have been seen is none about the record
	WasErased      = "was_erased"      // nothing is left of the record that anything could be done about
)

// Error is the problem.
func (e *StepError) Error() string { return e.Problem }

// stepsSchema is what the third version of the file has beside the second.
const stepsSchema = `
CREATE TABLE steps (
	seq  INTEGER PRIMARY KEY,
	hash BLOB NOT NULL,
	of   INTEGER NOT NULL, -- place of the record
	kind TEXT NOT NULL,
	who  TEXT NOT NULL,
	corrects INTEGER UNIQUE, -- so that no two take the place of one
	body BLOB NOT NULL
) STRICT;
CREATE INDEX steps_by_record ON steps (of);
`

// retriedStepsSchema is what the fourth version of the file has beside the third.
const retriedStepsSchema = `
ALTER TABLE steps ADD COLUMN retry BLOB;
CREATE UNIQUE INDEX steps_by_retry ON steps (retry) WHERE retry IS NOT NULL;
`

// Take puts a step on record, and returns once it is on disk. One with the retry
// of a step that was taken is that step. Errors: a *NotDurableError, ErrNotFound
// where there is no such record, ErrKeyReused, a *StepError.
func (s *Store) Take(ctx context.Context, b StepBody) (step *Step, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		step, err = s.take(ctx, tx, b)
		return err
	})
	if err != nil {
		return nil, err
	}
	s.signal()
	return step, nil
}

func (s *Store) take(ctx context.Context, tx *sql.Tx, b StepBody) (step *Step, err error) {
	of, err := s.Get(ctx, b.Record)
	if err != nil {
		return nil, err
	}
	key, err := b.Retry.column()
	if err != nil {
		return nil, err
	}
	if b.Retry != nil {
		if step, err = findStep(ctx, tx, *b.Retry); !errors.Is(err, ErrNotFound) {
			return step, err
		}
	}
	if erased, err := erasureOf(ctx, tx, of.Seq); err != nil {
		return nil, err
	} else if erased != 0 {
		return nil, &StepError{WasErased, erased, fmt.Sprintf("record %s was erased by step %d", b.Record, erased)}
	}
	if b.Corrects != 0 || b.Kind == StepWithdrawal {
		if err := correctable(ctx, tx, b, of.Seq); err != nil {
			return nil, err
		}
	}
	if err := timely(ctx, tx, b, of.Seq); err != nil {
		return nil, err
	}
	return s.addStep(ctx, tx, b, of, key)
}

// addStep puts a step at the end of the chain.
func (s *Store) addStep(ctx context.Context, tx *sql.Tx, b StepBody, of *Entry, key []byte) (step *Step, err error) {
	seq, head, err := chainEnd(ctx, tx, "steps")
	if err != nil {
		return nil, s.notDurable(err)
	}
	b.Seq, b.Salt, b.At, b.Of, b.Previous = seq+1, s.newSalt(), s.Now(), of.Hash.String(), head.String()
	step = &Step{StepBody: b, About: of.Seq}
	if step.Body, err = json.Marshal(b); err != nil {
		return nil, err
	}
	step.Hash = sha256.Sum256(step.Body)
	corrects := sql.NullInt64{Int64: b.Corrects, Valid: b.Corrects != 0}
	_, err = tx.ExecContext(ctx, "INSERT INTO steps (seq, hash, of, kind, who, corrects, retry, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", b.Seq, step.Hash[:], of.Seq, b.Kind, b.By, corrects, key, step.Body)
	return step, s.notDurable(err)
}

// FindStep is the step that an earlier request with the same key took: ErrNotFound
// where there is none, ErrKeyReused where the request was another.
func (s *Store) FindStep(ctx context.Context, r BodyRetry) (*Step, error) {
	return findStep(ctx, s.db, r)
}

func findStep(ctx context.Context, q querier, r BodyRetry) (*Step, error) {
	key, err := r.column()
	if err != nil {
		return nil, err
	}
	x, err := scanStep(q.QueryRowContext(ctx, "SELECT "+stepColumns+" FROM steps WHERE retry = $1", key))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, ErrNotFound
	case err != nil:
		return nil, err
	case x.Retry == nil || x.Retry.Request != r.Request:
		return nil, ErrKeyReused
	}
	x.Again = true
	return x, nil
}

// correctable refuses to correct what is no step of the record, of another kind,
// or corrected already. A withdrawal is of any kind but its own.
func correctable(ctx context.Context, tx *sql.Tx, b StepBody, of int64) error {
	var kind string
	var its int64
	var again bool
	err := tx.QueryRowContext(ctx, "SELECT kind, of, EXISTS (SELECT 1 FROM steps AS later WHERE later.corrects = steps.seq) FROM steps WHERE seq = $1", b.Corrects).Scan(&kind, &its, &again)
	switch {
	case errors.Is(err, sql.ErrNoRows) || err == nil && its != of:
		return &StepError{NotCorrectable, 0, fmt.Sprintf("record %s has no step %d", b.Record, b.Corrects)}
	case err != nil:
		return err
	case kind == StepErasure:
		return &StepError{NotCorrectable, b.Corrects, fmt.Sprintf("step %d is an erasure: nothing brings back what it erased", b.Corrects)}
	case b.Kind == StepWithdrawal && kind == StepWithdrawal:
		return &StepError{NotCorrectable, b.Corrects, fmt.Sprintf("step %d is a withdrawal; take the step again that it withdrew", b.Corrects)}
	case kind != b.Kind && b.Kind != StepWithdrawal:
		return &StepError{NotCorrectable, b.Corrects, fmt.Sprintf("step %d is a %s, and is corrected by another one", b.Corrects, kind)}
	case again:
		return &StepError{NotCorrectable, b.Corrects, fmt.Sprintf("step %d is corrected already; correct the one that took its place", b.Corrects)}
	}
	return nil
}

// timely refuses a step that does not go with those that hold: two people may be
// at one record, and neither must decide past the other. At most one decision
// holds, and one correction of the record; of a corrected record nothing is
// decided, and it takes no other's place, so that none leads back to itself.
func timely(ctx context.Context, tx *sql.Tx, b StepBody, of int64) error {
	var latest int64
	if err := tx.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM steps WHERE of = $1", of).Scan(&latest); err != nil {
		return err
	}
	switch {
	case b.Seen == nil:
	case *b.Seen < 0 || *b.Seen > latest:
		return &StepError{NoSuchStep, latest, fmt.Sprintf("nobody can have seen step %d: there is none about the record", *b.Seen)}
	case *b.Seen < latest:
		return &StepError{StepsUnseen, latest, fmt.Sprintf("step %d was taken meanwhile", latest)}
	}
	if b.Kind != StepDecision && b.Kind != StepCorrection {
		return nil
	}
	holds := func(kind string, of int64) (seq int64, err error) {
		err = tx.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM steps WHERE of = $1 AND kind = $2
			AND NOT EXISTS (SELECT 1 FROM steps AS later WHERE later.corrects = steps.seq)`, of, kind).Scan(&seq)
		return seq, err
	}
	corrected, err := holds(StepCorrection, of)
	switch {
	case err != nil:
		return err
	case corrected != 0 && b.Kind == StepDecision:
		return &StepError{WasCorrected, corrected, fmt.Sprintf("record %s was corrected by step %d; decide about the one in its place", b.Record, corrected)}
	}
	if there, err := holds(b.Kind, of); err != nil {
		return err
	} else if there != 0 && b.Corrects == 0 {
		return &StepError{AlreadyTaken, there, fmt.Sprintf("step %d is a %s already; another one takes its place by correcting it", there, b.Kind)}
	}
	if b.Place == "" {
		return nil
	}
	if there, err := holds(StepCorrection, PlaceOf(b.Place)); err != nil {
		return err
	} else if there != 0 {
		return &StepError{WasCorrected, there, fmt.Sprintf("record %s was corrected itself, by step %d", b.Place, there)}
	}
	return nil
}

// Steps are those about a record, in their order.
func (s *Store) Steps(ctx context.Context, of *Entry) ([]*Step, error) {
	return s.steps(ctx, "WHERE of = $1 ORDER BY seq", of.Seq)
}

// StepsAfter are the steps from a place on, at most limit.
func (s *Store) StepsAfter(ctx context.Context, seq int64, limit int) ([]*Step, error) {
	return s.steps(ctx, "WHERE seq > $1 ORDER BY seq LIMIT $2", seq, limit)
}

func (s *Store) steps(ctx context.Context, which string, args ...any) (all []*Step, err error) {
	if has, err := s.has(ctx, "steps"); err != nil || !has {
		return nil, err
	}
	rows, err := s.db.QueryContext(ctx, "SELECT "+stepColumns+" FROM steps "+which, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		x, err := scanStep(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, x)
	}
	return all, rows.Err()
}

const stepColumns = "seq, hash, of, kind, who, coalesce(corrects, 0), body"

func scanStep(row scanner) (*Step, error) {
	var hash []byte
	x := &Step{}
	found := StepBody{}
	if err := row.Scan(&found.Seq, &hash, &x.About, &found.Kind, &found.By, &found.Corrects, &x.Body); err != nil {
		return nil, err
	}
	copy(x.Hash[:], hash)
	if overwritten(x.Body) {
		found.By = ""
		x.StepBody, x.Gone = found, true
		return x, nil
	}
	// One that is damaged must not keep the others from being read.
	x.Differ = sha256.Sum256(x.Body) != [sha256.Size]byte(x.Hash)
	if err := json.Unmarshal(x.Body, &x.StepBody); err != nil {
		x.StepBody, x.Differ = found, true
	}
	return x, nil
}

// column is what a step with a retry is searched by, nil of none.
func (r *BodyRetry) column() ([]byte, error) {
	if r == nil {
		return nil, nil
	}
	key, err := ParseHash(r.Key)
	return key[:], err
}

// is reports whether what is searched by is the key of a retry; of none, nothing.
func (r *BodyRetry) is(column []byte) bool {
	if r == nil {
		return column == nil
	}
	return r.Key == hex.EncodeToString(column)
}

// Codes of damage to steps.
const (
	DamageStep      = "step_differs" // a step is not as it was taken, or not what is searched by
	DamageStepChain = "step_chain_broken"
)

// steps walks the chain of steps.
func (v *verifier) steps(ctx context.Context) error {
	if has, err := v.store.has(ctx, "steps"); err != nil || !has {
		return err
	}
	retried := "steps.retry"
	if has, err := v.store.database.hasColumn(ctx, v.store.db, "steps", "retry"); err != nil {
		return err
	} else if !has {
		retried = "NULL"
	}
	rows, err := v.store.db.QueryContext(ctx, `SELECT steps.seq, steps.hash, steps.kind, steps.who, coalesce(steps.corrects, 0), steps.body, coalesce(decisions.hash, ''), steps.of, `+retried+`
		FROM steps LEFT JOIN decisions ON decisions.seq = steps.of ORDER BY steps.seq`)
	if err != nil {
		v.damage(Damage{Code: DamageUnreadable, Detail: err.Error()})
		return ctx.Err()
	}
	defer func() { _ = rows.Close() }()
	var previous Hash
	for place := int64(1); rows.Next(); place++ {
		var seq, corrects, of int64
		var hash, body, recorded, retry []byte
		var kind, who string
		if err := rows.Scan(&seq, &hash, &kind, &who, &corrects, &body, &recorded, &of, &retry); err != nil {
			v.damage(Damage{Code: DamageUnreadable, Detail: err.Error()})
			return ctx.Err()
		}
		bad := func(code, format string, args ...any) {
			v.damage(Damage{Code: code, Detail: fmt.Sprintf("step %d: ", seq) + fmt.Sprintf(format, args...)})
		}
		sum := Hash(sha256.Sum256(body))
		var b StepBody
		d := json.NewDecoder(bytes.NewReader(body))
		d.DisallowUnknownFields()
		err := d.Decode(&b)
		again, _ := json.Marshal(b)
		var about Hash
		copy(about[:], recorded)
		at := Entry{Seq: of, Hash: about}
		before := b.Previous
		gone, said := v.erasure(ctx, of, overwritten(body)).remains(seq)
		if overwritten(body) && said {
			sum, before = Hash(hash), gone.Previous
		}
		switch {
		case overwritten(body) && !said:
			bad(DamageStep, "nothing is left of it, and no step says that it was erased")
		case overwritten(body) && (gone.Hash != sum.String() || gone.Kind != kind || strings.TrimSpace(who) != ""):
			bad(DamageStep, "it is not what the step says that erased it")
		case overwritten(body):
		case said:
			bad(DamageErasure, "it was erased, and is there again; erase the record once more")
		case !bytes.Equal(sum[:], hash):
			bad(DamageStep, "it has the hash %v", sum)
		case err != nil || !bytes.Equal(again, body):
			bad(DamageStep, "it is not written as steps are")
		case b.Seq != seq || b.Kind != kind || b.By != who || b.Corrects != corrects || !b.Retry.is(retry):
			bad(DamageStep, "what is searched by is not what it says")
		case b.Of != about.String() || b.Record != at.ID():
			bad(DamageStep, "the record that it is about is another one now, or is not there")
		}
		if seq != place || before != previous.String() {
			bad(DamageStepChain, "it followed a step with the hash %s, before it stands %v", before, previous)
			place = seq
		}
		previous = sum
		v.report.Steps++
	}
	v.report.StepHead = previous
	if err := rows.Err(); err != nil {
		v.damage(Damage{Code: DamageUnreadable, Detail: err.Error()})
	}
	return ctx.Err()
}
