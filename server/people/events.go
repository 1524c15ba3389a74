package people

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
)

// Event is something that was done with accounts or seen by them. Events are kept
// for the auditor; none is changed.
type Event struct {
	Seq     int64
	At      time.Time
	By      Who
	What    string
	About   string // an account, or the id of a record
	Details string
}

// What happens.
const (
	EventAdded    = "added"
	EventChanged  = "changed"
	EventLocked   = "locked"
	EventUnlocked = "unlocked"
	EventLink     = "link"     // a one-time link was made
	EventPassword = "password" // a password was chosen
	EventJoined   = "joined"   // an identity at a provider was given to the account
	EventDetached = "detached" // and taken from it
	EventSignedIn = "signed_in"
	EventRefused  = "refused" // a password was wrong, or the provider gives no way in
	EventLooked   = "looked"  // at personal data, unmasked
)

// EventTexts are these in words.
var EventTexts = map[string]diagnostic.Text{
	EventAdded: {ZH: "新建账户", EN: "made an account"}, EventChanged: {ZH: "改姓名或角色", EN: "changed name or roles"}, EventLocked: {ZH: "锁定", EN: "locked"},
	EventUnlocked: {ZH: "解锁", EN: "unlocked"}, EventLink: {ZH: "签发一次性链接", EN: "made a one-time link"}, EventPassword: {ZH: "设置密码", EN: "chose a password"},
	EventJoined:   {ZH: "接上统一认证的身份", EN: "was given an identity at the provider"},
	EventDetached: {ZH: "脱离统一认证的身份", EN: "detached the identity at the provider"},
	EventSignedIn: {ZH: "登录", EN: "signed in"}, EventRefused: {ZH: "登录被拒", EN: "was not let in"}, EventLooked: {ZH: "查看个人信息", EN: "looked at personal data"},
}

// Note keeps an event.
func (s *Store) Note(ctx context.Context, by Who, what, about, details string) error {
	return s.write(ctx, func(tx *sql.Tx) error { return s.note(ctx, tx, by, what, about, details) })
}

func (s *Store) note(ctx context.Context, tx *sql.Tx, by Who, what, about, details string) error {
	who := by.Name
	if by.Person != "" && by.Person != by.Name {
		who = by.Person + "/" + by.Name
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO events (seq, at, who, how, what, about, detail) VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM events), $1, $2, $3, $4, $5, $6)", s.micro(), who, by.How, what, about, details)
	return err
}

// Events are the latest before a place, at most limit, the latest first; of 0
// the latest of all.
func (s *Store) Events(ctx context.Context, before int64, limit int) (all []Event, err error) {
	rows, err := s.db.QueryContext(ctx, "SELECT seq, at, who, how, what, about, detail FROM events WHERE seq < $1 OR $1 = 0 ORDER BY seq DESC LIMIT $2", before, limit)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var e Event
		var at int64
		if err := rows.Scan(&e.Seq, &at, &e.By.Name, &e.By.How, &e.What, &e.About, &e.Details); err != nil {
			return nil, err
		}
		e.At = time.UnixMicro(at).UTC()
		all = append(all, e)
	}
	return all, rows.Err()
}
