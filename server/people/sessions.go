package people

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"strings"
	"time"
)

// How long somebody is signed in.
const (
	SessionIdle  = time.Hour            // after the last thing that he did
	SessionWhole = 12 * time.Hour       // after he signed in, whatever he does
	deviceTime   = 365 * 24 * time.Hour // after the last time that he signed in on it
	touchEvery   = time.Minute          // that he did something is kept no more often
	waitForPlace = 10 * time.Second     // for a password to be looked at
)

// Attempt is somebody who wants to sign in.
type Attempt struct {
	ID, Password string
	Address      string // that he comes from
	Device       string // secret of the device, "" where it has none
}

// SignedIn is somebody who is signed in.
type SignedIn struct {
	*Account
	Session string // secret, for the cookie
	Device  string // secret of the device, for another cookie
}

// SignIn lets somebody in by his password. Whether an account there is not, is
// locked, has no password yet or has another one, is not told and takes the same
// time. Errors: a *TooManyError, a *RefusedError, ErrBusy.
func (s *Store) SignIn(ctx context.Context, a Attempt) (*SignedIn, error) {
	id := strings.ToLower(strings.TrimSpace(a.ID))
	if !IDFine(id) {
		id = "-" // no account is called so
	}
	known, err := s.deviceKnown(ctx, id, a.Device)
	if err != nil {
		return nil, err
	}
	allowed := map[string]allowance{"address " + a.Address: ofAddress, "pair " + id + " " + a.Address: ofPair, "account " + id: ofAccount}
	if known {
		allowed = map[string]allowance{"device " + id + " " + string(hashOf(a.Device)): ofDevice}
	}
	right, wait := s.attempts.take(s.now(), allowed)
	if wait > 0 {
		return nil, &TooManyError{wait}
	}
	account, err := s.check(ctx, id, a.Password)
	if err != nil {
		return nil, err
	}
	if account == nil {
		return nil, wrongPassword()
	}
	right()
	return s.signIn(ctx, account, ByPassword, a.Device)
}

func wrongPassword() error {
	return refuse("wrong_password", "账户名或密码不对", "the account or the password is wrong", "核对后再试；忘记密码的，请管理账户的人签发一次性链接", "look at both and try again; who has forgotten it gets a one-time link from who manages accounts")
}

// check is the account of an id if the password is its own, else nil; either
// takes as long.
func (s *Store) check(ctx context.Context, id, password string) (*Account, error) {
	var kept string
	var locked bool
	err := s.db.QueryRowContext(ctx, "SELECT password, locked FROM accounts WHERE id = $1", id).Scan(&kept, &locked)
	there := err == nil
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	if locked {
		kept = ""
	}
	waiting, done := context.WithTimeout(ctx, waitForPlace)
	defer done()
	fits, err := s.hasher.fits(waiting, cmp.Or(kept, s.hasher.nobody()), password)
	if err != nil {
		return nil, err
	}
	if kept != "" && fits {
		return s.Get(ctx, id)
	}
	about := "" // what was written for an account may be a password
	if there {
		about = id
	}
	return nil, s.Note(ctx, Who{}, EventRefused, about, "")
}

func (s *Store) deviceKnown(ctx context.Context, id, device string) (known bool, err error) {
	if device == "" {
		return false, nil
	}
	err = s.db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM devices WHERE hash = $1 AND account = $2 AND seen > $3)", hashOf(device), id, s.micro()-deviceTime.Microseconds()).Scan(&known)
	return known, err
}

// signIn begins a session of an account that has shown who it is.
func (s *Store) signIn(ctx context.Context, a *Account, how, device string) (*SignedIn, error) {
	in := &SignedIn{Account: a, Session: rand.Text(), Device: cmp.Or(device, rand.Text())}
	now := s.micro()
	return in, s.write(ctx, func(tx *sql.Tx) error {
		for _, statement := range []struct {
			text string
			args []any
		}{
			{"DELETE FROM sessions WHERE seen <= $1 OR begun <= $2", []any{now - SessionIdle.Microseconds(), now - SessionWhole.Microseconds()}},
			{"DELETE FROM links WHERE until <= $1", []any{now}},
			{"DELETE FROM devices WHERE seen <= $1", []any{now - deviceTime.Microseconds()}},
			{"INSERT INTO sessions (hash, account, how, begun, seen) VALUES ($1, $2, $3, $4, $5)", []any{hashOf(in.Session), a.ID, how, now, now}},
			{"INSERT INTO devices (hash, account, seen) VALUES ($1, $2, $3) ON CONFLICT (hash, account) DO UPDATE SET seen = excluded.seen", []any{hashOf(in.Device), a.ID, now}},
		} {
			if _, err := tx.ExecContext(ctx, statement.text, statement.args...); err != nil {
				return err
			}
		}
		return s.note(ctx, tx, Who{Name: a.ID, How: how}, EventSignedIn, a.ID, "")
	})
}

// Session is who is signed in by a session's secret, and how he signed in. Where
// he does something himself, and no page by itself, acts says so, and the session
// goes on. ErrNoSession where nobody is, or not any more.
func (s *Store) Session(ctx context.Context, secret string, acts bool) (a *Account, how string, err error) {
	var id string
	var begun, seen int64
	hash := hashOf(secret)
	err = s.db.QueryRowContext(ctx, "SELECT account, how, begun, seen FROM sessions WHERE hash = $1", hash).Scan(&id, &how, &begun, &seen)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, "", ErrNoSession
	}
	if err != nil {
		return nil, "", err
	}
	now := s.micro()
	if now-seen >= SessionIdle.Microseconds() || now-begun >= SessionWhole.Microseconds() {
		return nil, "", ErrNoSession
	}
	if a, err = s.Get(ctx, id); err != nil || a.Locked {
		return nil, "", errors.Join(err, ErrNoSession)
	}
	if acts && now-seen >= touchEvery.Microseconds() {
		if _, err := s.db.ExecContext(ctx, "UPDATE sessions SET seen = $1 WHERE hash = $2", now, hash); err != nil {
			return nil, "", err
		}
	}
	return a, how, nil
}

// SignOut ends a session.
func (s *Store) SignOut(ctx context.Context, secret string) error {
	_, err := s.db.ExecContext(ctx, "DELETE FROM sessions WHERE hash = $1", hashOf(secret))
	return err
}

// endAll ends all sessions of an account, its links, and that its devices are
// known.
func (s *Store) endAll(ctx context.Context, tx *sql.Tx, id string) error {
	for _, table := range []string{"sessions", "links", "devices"} {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE account = $1", id); err != nil {
			return err
		}
	}
	return nil
}

// ChangePassword gives an account another password, for who knows the present
// one, and ends all its sessions: whoever does it signs in again at once.
func (s *Store) ChangePassword(ctx context.Context, id, present, next string) (*SignedIn, error) {
	right, wait := s.attempts.take(s.now(), map[string]allowance{"own " + id: ofDevice})
	if wait > 0 {
		return nil, &TooManyError{wait}
	}
	if err := checkPassword(id, next); err != nil {
		return nil, err
	}
	account, err := s.check(ctx, id, present)
	if err != nil {
		return nil, err
	}
	if account == nil {
		return nil, refuse("wrong_password", "现在的密码不对", "the present password is wrong", "核对后再试", "look at it and try again")
	}
	right()
	return s.choose(ctx, id, next, Who{Name: id, How: ByPassword, Person: id}, nil)
}

// choose gives an account a password and signs in by it. before is done in the
// same transaction.
func (s *Store) choose(ctx context.Context, id, password string, by Who, before func(*sql.Tx) error) (*SignedIn, error) {
	waiting, done := context.WithTimeout(ctx, waitForPlace)
	defer done()
	kept, err := s.hasher.hash(waiting, password)
	if err != nil {
		return nil, err
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		if before != nil {
			if err := before(tx); err != nil {
				return err
			}
		}
		done, err := tx.ExecContext(ctx, "UPDATE accounts SET password = $1 WHERE id = $2 AND locked = 0", kept, id)
		if err := changed(done, err); err != nil {
			return err
		}
		if err := s.endAll(ctx, tx, id); err != nil {
			return err
		}
		return s.note(ctx, tx, by, EventPassword, id, "")
	})
	if err != nil {
		return nil, err
	}
	account, err := s.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.signIn(ctx, account, ByPassword, "")
}
