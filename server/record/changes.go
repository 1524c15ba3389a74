package record

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// ChangeStep is something that was done about a change of the rules: somebody
// drafted it, proposed it, approved it; it was put in force. What a change is, is
// all its steps. They are kept in a chain of their own, as steps about decisions
// are: each has the hash of the one before, and none is changed or deleted.
//
// A step is kept as one line of JSON, whose SHA-256 is its hash.
type ChangeStep struct {
	ChangeStepBody
	Hash   Hash
	Body   []byte // the bytes that the hash is of
	Differ bool   // it is not what its hash says
	Again  bool   // it was taken by an earlier request with the same key
}

// ChangeStepBody is what a step about a change says.
type ChangeStepBody struct {
	Seq    int64     `json:"seq"` // its place in the chain, from 1
	At     time.Time `json:"at"`  // by the clock of the store
	Kind   string    `json:"kind"`
	Change int64     `json:"change,omitempty"` // number of the change, from 1; 0 where the step is about none

	Caller string `json:"caller,omitempty"` // the name of the token or of the account, "" for the server itself
	How    string `json:"how,omitempty"`    // how he showed who he is; "" where nobody is asked
	Person string `json:"person,omitempty"` // id of the account of the person behind the caller, where it is known

	Title  string     `json:"title,omitempty"`
	Why    string     `json:"why,omitempty"`
	Base   string     `json:"base,omitempty"` // SHA-256 of the rules that it is a change of
	Text   string     `json:"text,omitempty"` // SHA-256 of the rules that it makes of them, and that a person saw who approves
	Reason string     `json:"reason,omitempty"`
	From   *time.Time `json:"from,omitempty"`  // the moment at which it is to be put in force
	Alone  bool       `json:"alone,omitempty"` // approved by the only person that there is, on a server that asks nobody who he is

	Signature string `json:"signature,omitempty"` // of the text, as ssh-keygen writes it
	Signer    string `json:"signer,omitempty"`    // whose it is

	Records int64 `json:"records,omitempty"` // decisions that were on record then: what is recorded later has a place behind it, whatever clocks say

	Retry    *BodyRetry `json:"retry,omitempty"` // hashes of the caller's key and request, where he gave a key
	Previous string     `json:"previous"`        // hash of the step before, zeros of the first
}

// Kinds of steps about a change.
const (
	ChangeDrafted     = "drafted"     // begins a change
	ChangeRevised     = "revised"     // another text, title or base
	ChangeProposed    = "proposed"    // to be approved
	ChangeApproved    = "approved"    // by another person
	ChangeRefused     = "refused"     // likewise
	ChangeScheduled   = "scheduled"   // to be put in force at a moment
	ChangeUnscheduled = "unscheduled" // no longer
	ChangePublishing  = "publishing"  // is being put in force: what comes of it, the next step says
	ChangePublished   = "published"   // is in force
	ChangeFailed      = "failed"      // could not be put in force
	ChangeWithdrawn   = "withdrawn"   // will not be
	ChangeShadowed    = "shadowed"    // its text runs beside the rules in force, and decides nothing
	ChangeUnshadowed  = "unshadowed"  // no longer
	// ChangeFound is about no change: other rules are in force, which came there
	// by another way than a change, such as their file.
	ChangeFound = "found"
)

// ChangeKinds are all kinds of steps that a person takes, in the order of the way of
// a change.
var ChangeKinds = []string{ChangeDrafted, ChangeRevised, ChangeProposed, ChangeApproved, ChangeRefused, ChangeScheduled, ChangeUnscheduled, ChangePublished, ChangeWithdrawn, ChangeShadowed, ChangeUnshadowed}

// changesSchema is what the fifth version of the file has beside the fourth.
const changesSchema = `
CREATE TABLE rule_texts (
	sha256 BLOB PRIMARY KEY, -- of the text
	data   BLOB NOT NULL     -- the text, compressed with gzip
) STRICT;
CREATE TABLE change_steps (
	seq    INTEGER PRIMARY KEY,
	hash   BLOB NOT NULL,
	change INTEGER NOT NULL,
	kind   TEXT NOT NULL,
	retry  BLOB,
	body   BLOB NOT NULL
) STRICT;
CREATE INDEX change_steps_by_change ON change_steps (change);
CREATE UNIQUE INDEX change_steps_by_retry ON change_steps (retry) WHERE retry IS NOT NULL;
`

// Texts of the rules that a step speaks of, beside those that are kept already.
type Texts [][]byte

// TakeChange puts a step about a change on record, with the texts that it speaks
// of, and returns once it is on disk. One with the retry of a step that was taken
// is that step. Of a change that begins, the number is given.
//
// fits is asked, within the transaction, whether the step goes with those that the
// change has already, so that of two people at once the second is told; its error
// is returned as it is. Other errors: a *NotDurableError, ErrKeyReused.
func (s *Store) TakeChange(ctx context.Context, b ChangeStepBody, texts Texts, fits func(already []*ChangeStep) error) (step *ChangeStep, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		step, err = s.takeChange(ctx, tx, b, texts, fits)
		return err
	})
	if err != nil {
		return nil, err
	}
	return step, nil
}

func (s *Store) takeChange(ctx context.Context, tx *sql.Tx, b ChangeStepBody, texts Texts, fits func(already []*ChangeStep) error) (step *ChangeStep, err error) {
	key, err := b.Retry.column()
	if err != nil {
		return nil, err
	}
	if b.Retry != nil {
		if step, err = findChange(ctx, tx, *b.Retry); !errors.Is(err, ErrNotFound) {
			return step, err
		}
	}
	if b.Kind == ChangeDrafted {
		if err := tx.QueryRowContext(ctx, "SELECT coalesce(max(change), 0) + 1 FROM change_steps").Scan(&b.Change); err != nil {
			return nil, s.notDurable(err)
		}
	}
	already, err := scanChanges(tx.QueryContext(ctx, "SELECT "+changeColumns+" FROM change_steps WHERE change = $1 ORDER BY seq", b.Change))
	if err != nil {
		return nil, err
	}
	if err := fits(already); err != nil {
		return nil, err
	}
	if b.Kind == ChangePublishing && s.Shared() {
		if err := soleRules(ctx, tx, b); err != nil {
			return nil, err
		}
	}
	for _, text := range texts {
		if err := keepText(ctx, tx, text); err != nil {
			return nil, s.notDurable(err)
		}
	}
	seq, head, err := chainEnd(ctx, tx, "change_steps")
	if err != nil {
		return nil, s.notDurable(err)
	}
	if err := tx.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM decisions").Scan(&b.Records); err != nil {
		return nil, s.notDurable(err)
	}
	b.Seq, b.At, b.Previous = seq+1, s.Now(), head.String()
	if b.From != nil {
		from := b.From.UTC().Truncate(time.Microsecond)
		b.From = &from
	}
	step = &ChangeStep{ChangeStepBody: b}
	if step.Body, err = json.Marshal(b); err != nil {
		return nil, err
	}
	step.Hash = sha256.Sum256(step.Body)
	_, err = tx.ExecContext(ctx, "INSERT INTO change_steps (seq, hash, change, kind, retry, body) VALUES ($1, $2, $3, $4, $5, $6)", b.Seq, step.Hash[:], b.Change, b.Kind, key, step.Body)
	return step, s.notDurable(err)
}

// Errors of putting a change in force where several servers do.
var (
	// ErrOtherRules says that others were put in force than those that it is a change of.
	ErrOtherRules = errors.New("other rules were put in force")
	// ErrPublishing says that another change is being put in force.
	ErrPublishing = errors.New("another change is being put in force")
)

// soleRules is ErrOtherRules where a change that is to be put in force is none of the
// rules that were put in force last, by whichever server, and ErrPublishing where
// another one is being put in force.
func soleRules(ctx context.Context, tx *sql.Tx, b ChangeStepBody) error {
	all, err := scanChanges(tx.QueryContext(ctx, "SELECT "+changeColumns+" FROM change_steps ORDER BY seq"))
	if err != nil {
		return err
	}
	last, publishing := "", map[int64]bool{}
	for _, x := range all {
		switch x.Kind {
		case ChangePublished, ChangeFound:
			last = x.Text
			delete(publishing, x.Change)
		case ChangePublishing:
			publishing[x.Change] = true
		case ChangeFailed:
			delete(publishing, x.Change)
		}
	}
	switch {
	case len(publishing) > 0:
		return ErrPublishing
	case last != "" && last != b.Base:
		return ErrOtherRules
	}
	return nil
}

// keepText keeps a text of rules, where it is not kept already.
func keepText(ctx context.Context, tx *sql.Tx, text []byte) error {
	data, err := gzipped(text)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	_, err = tx.ExecContext(ctx, "INSERT INTO rule_texts (sha256, data) VALUES ($1, $2) ON CONFLICT DO NOTHING", sum[:], data)
	return err
}

func gzipped(text []byte) ([]byte, error) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(text)
	err = errors.Join(err, w.Close())
	return b.Bytes(), err
}

// FindChange is the step that an earlier request with the same key took:
// ErrNotFound where there is none, ErrKeyReused where the request was another.
func (s *Store) FindChange(ctx context.Context, r BodyRetry) (*ChangeStep, error) {
	return findChange(ctx, s.db, r)
}

func findChange(ctx context.Context, q querier, r BodyRetry) (*ChangeStep, error) {
	key, err := r.column()
	if err != nil {
		return nil, err
	}
	x, err := scanChange(q.QueryRowContext(ctx, "SELECT "+changeColumns+" FROM change_steps WHERE retry = $1", key))
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

// ChangeSteps are all steps about changes, in their order.
func (s *Store) ChangeSteps(ctx context.Context) ([]*ChangeStep, error) {
	if has, err := s.has(ctx, "change_steps"); err != nil || !has {
		return nil, err
	}
	return scanChanges(s.db.QueryContext(ctx, "SELECT "+changeColumns+" FROM change_steps ORDER BY seq"))
}

// Signatures are those that steps have of a text of rules, each once.
func (s *Store) Signatures(ctx context.Context, sha256 string) (all [][]byte, err error) {
	steps, err := s.ChangeSteps(ctx)
	for _, x := range steps {
		known := func(b []byte) bool { return string(b) == x.Signature }
		if x.Text == sha256 && x.Signature != "" && !x.Differ && !slices.ContainsFunc(all, known) {
			all = append(all, []byte(x.Signature))
		}
	}
	return all, err
}

// ChangeText is the text of rules that a step about a change speaks of:
// ErrNotFound where there is none of that hash.
func (s *Store) ChangeText(ctx context.Context, sum Hash) ([]byte, error) {
	if has, err := s.has(ctx, "rule_texts"); err != nil {
		return nil, err
	} else if !has {
		return nil, ErrNotFound
	}
	var data []byte
	switch err := s.db.QueryRowContext(ctx, "SELECT data FROM rule_texts WHERE sha256 = $1", sum[:]).Scan(&data); {
	case errors.Is(err, sql.ErrNoRows):
		return nil, ErrNotFound
	case err != nil:
		return nil, err
	}
	text, err := gunzipped(data)
	if err == nil && Hash(sha256.Sum256(text)) != sum {
		err = fmt.Errorf("the text of the rules %v is not what its hash says", sum)
	}
	return text, err
}

// longestText bounds what is read of a text of rules; the loader refuses less.
const longestText = 64 << 20

func gunzipped(data []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(r, longestText))
	return text, errors.Join(err, r.Close())
}

const changeColumns = "seq, hash, change, kind, body"

func scanChanges(rows *sql.Rows, err error) (all []*ChangeStep, failed error) {
	if err != nil {
		return nil, err
	}
	defer func() { failed = errors.Join(failed, rows.Close()) }()
	for rows.Next() {
		x, err := scanChange(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, x)
	}
	return all, rows.Err()
}

func scanChange(row scanner) (*ChangeStep, error) {
	var hash []byte
	found, x := ChangeStepBody{}, &ChangeStep{}
	if err := row.Scan(&found.Seq, &hash, &found.Change, &found.Kind, &x.Body); err != nil {
		return nil, err
	}
	copy(x.Hash[:], hash)
	// One that is damaged must not keep the others from being read.
	x.Differ = sha256.Sum256(x.Body) != [sha256.Size]byte(x.Hash)
	if err := json.Unmarshal(x.Body, &x.ChangeStepBody); err != nil {
		x.ChangeStepBody, x.Differ = found, true
	}
	return x, nil
}

// Codes of damage to changes of the rules.
const (
	DamageChange      = "change_differs" // a step about a change is not as it was taken, or not what is searched by
	DamageChangeChain = "change_chain_broken"
	DamageChangeText  = "change_text_differs" // the text of rules that a step speaks of is missing or another
)

// changes walks the chain of steps about changes of the rules.
func (v *verifier) changes(ctx context.Context) error {
	if has, err := v.store.has(ctx, "change_steps"); err != nil || !has {
		return err
	}
	rows, err := v.store.db.QueryContext(ctx, "SELECT seq, hash, change, kind, retry, body FROM change_steps ORDER BY seq")
	if err != nil {
		v.damage(Damage{Code: DamageUnreadable, Detail: err.Error()})
		return ctx.Err()
	}
	defer func() { _ = rows.Close() }()
	var previous Hash
	var texts []string // that steps speak of
	for place := int64(1); rows.Next(); place++ {
		var seq, change int64
		var hash, retry, body []byte
		var kind string
		if err := rows.Scan(&seq, &hash, &change, &kind, &retry, &body); err != nil {
			v.damage(Damage{Code: DamageUnreadable, Detail: err.Error()})
			return ctx.Err()
		}
		bad := func(code, format string, args ...any) {
			v.damage(Damage{Code: code, Detail: fmt.Sprintf("step %d about a change of the rules: ", seq) + fmt.Sprintf(format, args...)})
		}
		sum := Hash(sha256.Sum256(body))
		var b ChangeStepBody
		d := json.NewDecoder(bytes.NewReader(body))
		d.DisallowUnknownFields()
		err := d.Decode(&b)
		again, _ := json.Marshal(b)
		switch {
		case !bytes.Equal(sum[:], hash):
			bad(DamageChange, "it has the hash %v", sum)
		case err != nil || !bytes.Equal(again, body):
			bad(DamageChange, "it is not written as steps are")
		case b.Seq != seq || b.Kind != kind || b.Change != change || !b.Retry.is(retry):
			bad(DamageChange, "what is searched by is not what it says")
		}
		if seq != place || b.Previous != previous.String() {
			bad(DamageChangeChain, "it followed a step with the hash %s, before it stands %v", b.Previous, previous)
			place = seq
		}
		for _, text := range []string{b.Base, b.Text} {
			if text != "" && !slices.Contains(texts, text) {
				texts = append(texts, text)
			}
		}
		previous = sum
		v.report.Changes++
	}
	v.report.ChangeHead = previous
	if err := rows.Err(); err != nil {
		v.damage(Damage{Code: DamageUnreadable, Detail: err.Error()})
	}
	return errors.Join(v.changeTexts(ctx, texts), ctx.Err())
}

// changeTexts looks at the texts of rules that steps speak of.
func (v *verifier) changeTexts(ctx context.Context, texts []string) error {
	for _, name := range texts {
		sum, err := ParseHash(name)
		if err == nil {
			_, err = v.store.ChangeText(ctx, sum)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			v.damage(Damage{Code: DamageChangeText, Detail: fmt.Sprintf("the rules %s, which a step about a change speaks of: %v", name, err)})
		}
	}
	return nil
}
