package record

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Webhook is an address that events are sent to, and how far that has come.
type Webhook struct {
	Name   string
	URL    string
	Types  []string // of the events that it wants; none for all
	Secret []byte   // by which what is sent is signed
	// OldSecret signs, too, while receivers learn the new one; empty where there is none.
	// It ends at OldUntil, or with the file that declares it, where that is zero.
	OldSecret []byte
	OldUntil  time.Time
	FromFile  bool      // it is declared in a file, and ends with that
	Made      time.Time // or changed, or resumed: whoever sends begins anew then
	Caller    string    // who made it, "" where nobody is known
	Cursor    Cursor    // behind what was taken

	Delivered time.Time // when the latest event was taken; zero for never
	Tries     int       // in vain, of the next event
	Failing   time.Time // since when; zero where it does not
	Next      time.Time // when it is tried again
	Problem   string    // why the latest try failed, "" where it did not
	Stopped   time.Time // since when nothing is tried any more; zero where it is
}

// MostWebhooks is how many there may be.
const MostWebhooks = 32

// Errors of webhooks.
var (
	ErrWebhookThere    = errors.New("there is a webhook of that name")
	ErrTooManyWebhooks = fmt.Errorf("there are %d webhooks already", MostWebhooks)
	// ErrTwoSecrets says that two sign already, and that it was not said which ends.
	ErrTwoSecrets       = errors.New("two secrets sign what is sent to the webhook already")
	errWebhookIsAnother = errors.New("the webhook was taken away, or is another one now")
)

// webhooksSchema is what the seventh version of the file has beside the sixth.
const webhooksSchema = `
CREATE TABLE webhooks (
	name      TEXT PRIMARY KEY,
	url       TEXT NOT NULL,
	types     TEXT NOT NULL, -- parted by blanks
	secret    BLOB NOT NULL,
	from_file INTEGER NOT NULL,
	made      INTEGER NOT NULL, -- microseconds since 1970, as all times
	caller    TEXT NOT NULL,
	cursor    TEXT NOT NULL,
	delivered INTEGER NOT NULL, -- 0 for never, as below
	tries     INTEGER NOT NULL,
	failing   INTEGER NOT NULL,
	next      INTEGER NOT NULL,
	problem   TEXT NOT NULL,
	stopped   INTEGER NOT NULL
) STRICT;
`

// rotationSchema is what the ninth version of the file has beside the eighth.
const rotationSchema = `
ALTER TABLE webhooks ADD COLUMN old_secret BLOB NOT NULL DEFAULT x'';
ALTER TABLE webhooks ADD COLUMN old_until INTEGER NOT NULL DEFAULT 0;
`

// Secrets are those by which what is sent at a moment is signed, the newest first.
func (h *Webhook) Secrets(now time.Time) [][]byte {
	if len(h.OldSecret) == 0 || !h.OldUntil.IsZero() && !now.Before(h.OldUntil) {
		return [][]byte{h.Secret}
	}
	return [][]byte{h.Secret, h.OldSecret}
}

func micro(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicro(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

// Webhooks are all of them, by name.
func (s *Store) Webhooks(ctx context.Context) (all []*Webhook, err error) {
	if has, err := s.has(ctx, "webhooks"); err != nil || !has {
		return nil, err
	}
	old := "old_secret, old_until"
	if has, err := s.database.hasColumn(ctx, s.db, "webhooks", "old_secret"); err != nil {
		return nil, err
	} else if !has { // of an earlier program
		old = "'', 0"
	}
	rows, err := s.db.QueryContext(ctx, "SELECT name, url, types, secret, from_file, made, caller, cursor, delivered, tries, failing, next, problem, stopped, "+old+" FROM webhooks ORDER BY name")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		h := &Webhook{}
		var types, cursor string
		var made, delivered, failing, next, stopped, until int64
		if err := rows.Scan(&h.Name, &h.URL, &types, &h.Secret, &h.FromFile, &made, &h.Caller, &cursor, &delivered, &h.Tries, &failing, &next, &h.Problem, &stopped, &h.OldSecret, &until); err != nil {
			return nil, err
		}
		h.Types = strings.Fields(types)
		if h.Cursor, err = ParseCursor(cursor); err != nil {
			return nil, fmt.Errorf("the cursor of the webhook %s: %w", h.Name, err)
		}
		h.Made, h.Delivered, h.Failing, h.Next, h.Stopped, h.OldUntil = fromMicro(made), fromMicro(delivered), fromMicro(failing), fromMicro(next), fromMicro(stopped), fromMicro(until)
		all = append(all, h)
	}
	return all, rows.Err()
}

// AddWebhook adds one: its name, address, types, secret, caller and cursor are
// given. Errors: ErrWebhookThere, ErrTooManyWebhooks, a *NotDurableError.
func (s *Store) AddWebhook(ctx context.Context, h *Webhook) error {
	h.Made = s.Now()
	fromFile := 0
	if h.FromFile {
		fromFile = 1
	}
	err := s.write(ctx, func(tx *sql.Tx) error {
		var there bool
		var count int
		if err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM webhooks WHERE name = $1), (SELECT count(*) FROM webhooks)", h.Name).Scan(&there, &count); err != nil {
			return s.notDurable(err)
		}
		switch {
		case there:
			return ErrWebhookThere
		case count >= MostWebhooks:
			return ErrTooManyWebhooks
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO webhooks VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, 0, 0, '', 0, $9, $10)", h.Name, h.URL, strings.Join(h.Types, " "), h.Secret, fromFile, h.Made.UnixMicro(), h.Caller, h.Cursor.String(), secretOf(h.OldSecret), micro(h.OldUntil))
		return s.notDurable(err)
	})
	if err == nil {
		s.signal()
	}
	return err
}

// secretOf is a secret as it is kept: empty for none.
func secretOf(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// Ends is which of the two secrets of a webhook gives way to another one.
type Ends string

// The secrets that may end.
const (
	EndsNone  Ends = ""      // there is one only
	EndsNewer Ends = "newer" // nobody has learned it
	EndsOlder Ends = "older" // every receiver has learned the newer one
)

// RotateWebhook gives one another secret. The one before signs, too, until a moment,
// where that is to come; else all before end. Where two sign now, one of them ends, and
// which must be said. How far it has come stays. Errors: ErrNotFound, ErrTwoSecrets, a
// *NotDurableError.
func (s *Store) RotateWebhook(ctx context.Context, name string, secret []byte, until time.Time, ends Ends) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		var h Webhook
		var oldUntil int64
		switch err := tx.QueryRowContext(ctx, "SELECT secret, old_secret, old_until FROM webhooks WHERE name = $1", name).Scan(&h.Secret, &h.OldSecret, &oldUntil); {
		case errors.Is(err, sql.ErrNoRows):
			return ErrNotFound
		case err != nil:
			return s.notDurable(err)
		}
		h.OldUntil = fromMicro(oldUntil)
		now := s.Now()
		stays, signing := h.Secret, h.Secrets(now)
		switch {
		case !until.After(now):
			stays, until = nil, time.Time{}
		case len(signing) > 1 && ends == EndsNone:
			return ErrTwoSecrets
		case len(signing) > 1 && ends == EndsNewer:
			stays = h.OldSecret
		}
		_, err := tx.ExecContext(ctx, "UPDATE webhooks SET made = CASE WHEN made < $1 THEN $1 ELSE made + 1 END, old_secret = $2, old_until = $3, secret = $4 WHERE name = $5",
			now.UnixMicro(), secretOf(stays), micro(until), secret, name)
		return s.notDurable(err)
	})
	if err == nil {
		s.signal()
	}
	return err
}

// ForgetSecrets takes the secrets out of the file that sign nothing any more.
func (s *Store) ForgetSecrets(ctx context.Context) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE webhooks SET old_secret = $1, old_until = 0 WHERE old_until > 0 AND old_until <= $2", []byte{}, s.Now().UnixMicro())
		return s.notDurable(err)
	})
}

// ChangeWebhook gives one another address, types and secrets; how far it has come
// stays. Errors: ErrNotFound, a *NotDurableError.
func (s *Store) ChangeWebhook(ctx context.Context, h *Webhook) error {
	return s.ofWebhook(ctx, "UPDATE webhooks SET made = CASE WHEN made < $1 THEN $1 ELSE made + 1 END, url = $2, types = $3, secret = $4, old_secret = $5, old_until = $6 WHERE name = $7", s.Now().UnixMicro(), h.URL, strings.Join(h.Types, " "), h.Secret, secretOf(h.OldSecret), micro(h.OldUntil), h.Name)
}

// RemoveWebhook takes one away. Errors: ErrNotFound, a *NotDurableError.
func (s *Store) RemoveWebhook(ctx context.Context, name string) error {
	return s.ofWebhook(ctx, "DELETE FROM webhooks WHERE name = $1", name)
}

// ResumeWebhook has one tried again at once, from where it was stopped or waits.
// Errors: ErrNotFound, a *NotDurableError.
func (s *Store) ResumeWebhook(ctx context.Context, name string) error {
	return s.ofWebhook(ctx, "UPDATE webhooks SET made = CASE WHEN made < $1 THEN $1 ELSE made + 1 END, tries = 0, failing = 0, next = 0, stopped = 0 WHERE name = $2", s.Now().UnixMicro(), name)
}

func (s *Store) ofWebhook(ctx context.Context, statement string, args ...any) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, statement, args...)
		if err != nil {
			return s.notDurable(err)
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrNotFound)
		}
		return nil
	})
	if err == nil {
		s.signal()
	}
	return err
}

// SaveWebhook keeps how far one has come. One that was taken away meanwhile, or
// made anew, is left as it is.
func (s *Store) SaveWebhook(ctx context.Context, h *Webhook) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, "UPDATE webhooks SET cursor = $1, delivered = $2, tries = $3, failing = $4, next = $5, problem = $6, stopped = $7 WHERE name = $8 AND made = $9",
			h.Cursor.String(), micro(h.Delivered), h.Tries, micro(h.Failing), micro(h.Next), h.Problem, micro(h.Stopped), h.Name, h.Made.UnixMicro())
		if err != nil {
			return s.notDurable(err)
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, errWebhookIsAnother)
		}
		return nil
	})
	if errors.Is(err, errWebhookIsAnother) {
		return nil
	}
	return err
}
