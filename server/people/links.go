package people

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"time"
)

// How long a one-time link is good.
const (
	FirstLinkTime = 24 * time.Hour
	LinkTime      = 72 * time.Hour
)

// Link is what a one-time link is for.
type Link struct {
	Account *Account // whose password it lets choose; nil to make the first account
	Until   time.Time
}

// firstRoles are those of the first account: it may manage accounts, give itself
// further roles, and look around.
var firstRoles = []string{"viewer", "operator"}

// NewLink makes a link by which the person of an account chooses a password,
// once. Earlier links of the account are good no more.
func (s *Store) NewLink(ctx context.Context, by Who, id string) (secret string, until time.Time, err error) {
	account, err := s.Get(ctx, id)
	if err != nil {
		return "", time.Time{}, err
	}
	if account.Locked {
		return "", time.Time{}, refuse("locked", "账户已锁定", "the account is locked", "先解锁", "unlock it first")
	}
	return s.newLink(ctx, by, id, LinkTime)
}

// FirstLink makes the link by which the first account is made, which manages the
// others. Where there is somebody who can, it is refused.
func (s *Store) FirstLink(ctx context.Context, by Who) (secret string, until time.Time, err error) {
	unmanaged, err := s.Unmanaged(ctx)
	if err != nil {
		return "", time.Time{}, err
	}
	if !unmanaged {
		return "", time.Time{}, refuse("managed", "已有能管理账户的人", "there is somebody who can manage accounts", "由其新建账户；忘记密码的，用 people link 账户名", "have him make accounts; for who has forgotten the password, write people link ID")
	}
	return s.newLink(ctx, by, "", FirstLinkTime)
}

func (s *Store) newLink(ctx context.Context, by Who, id string, lasts time.Duration) (secret string, until time.Time, err error) {
	secret, until = rand.Text(), s.now().Add(lasts)
	return secret, until, s.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM links WHERE account = $1", id); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO links (hash, account, until) VALUES ($1, $2, $3)", hashOf(secret), id, until.UnixMicro()); err != nil {
			return err
		}
		return s.note(ctx, tx, by, EventLink, id, "")
	})
}

// Link is what a link is for; to look does not use it up. A *RefusedError where
// it is good no more.
func (s *Store) Link(ctx context.Context, secret string) (*Link, error) {
	var id string
	var until int64
	err := s.db.QueryRowContext(ctx, "SELECT account, until FROM links WHERE hash = $1 AND until > $2", hashOf(secret), s.micro()).Scan(&id, &until)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, usedUp()
	}
	if err != nil {
		return nil, err
	}
	l := &Link{Until: time.UnixMicro(until).UTC()}
	if id == "" {
		return l, nil
	}
	if l.Account, err = s.Get(ctx, id); err != nil {
		return nil, err
	}
	return l, nil
}

func usedUp() error {
	return refuse("link_over", "这个链接已用过、过期或被新的代替", "the link was used, is out of date, or another one took its place", "请管理账户的人另签发一个", "have who manages accounts make another one")
}

// UseLink chooses a password by a link, which is good no more then, and signs in.
// id and name are those of the first account; of other links they are left.
func (s *Store) UseLink(ctx context.Context, secret, id, name, password string) (*SignedIn, error) {
	l, err := s.Link(ctx, secret)
	if err != nil {
		return nil, err
	}
	first := l.Account == nil
	if !first {
		id = l.Account.ID
	}
	if err := checkPassword(id, password); err != nil {
		return nil, err
	}
	by := Who{Name: id, How: ByPassword, Person: id}
	return s.choose(ctx, id, password, by, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, "DELETE FROM links WHERE hash = $1 AND until > $2", hashOf(secret), s.micro())
		if err := changed(done, err); errors.Is(err, ErrNone) { // somebody else was quicker
			return usedUp()
		} else if err != nil || !first {
			return err
		}
		if managers, err := s.managers(ctx, tx); err != nil || managers > 0 {
			return errors.Join(err, usedUp())
		}
		return s.add(ctx, tx, by, id, name, firstRoles, "")
	})
}
