package people

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Account is a person whom the server knows. An account is never deleted, and
// its id never given to another person: what was recorded and decided names it.
// Whoever is gone is locked.
type Account struct {
	ID      string
	Name    string   // what the person is called
	Roles   []string // in the order of Roles
	Locked  bool
	Chosen  bool // a password was chosen
	Joined  bool // it has an identity at a provider
	Created time.Time
}

// May is what the account may do; nothing while it is locked.
func (a *Account) May() Set {
	if a.Locked {
		return Set{}
	}
	return MayOf(a.Roles)
}

// MayStill reports whether whoever did something may do it now, as far as accounts
// tell: of a token that names no person they tell nothing.
func (s *Store) MayStill(ctx context.Context, who Who, p Permission) (bool, error) {
	if who.Person == "" {
		return true, nil
	}
	a, err := s.Get(ctx, who.Person)
	if errors.Is(err, ErrNone) {
		return false, nil
	}
	return err == nil && a.May().Has(p), err
}

const accountColumns = "id, name, roles, locked, password <> '', EXISTS (SELECT 1 FROM identities WHERE account = accounts.id), created"

func scanAccount(row interface{ Scan(...any) error }) (*Account, error) {
	var a Account
	var roles string
	var created int64
	err := row.Scan(&a.ID, &a.Name, &roles, &a.Locked, &a.Chosen, &a.Joined, &created)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNone
	}
	a.Roles, a.Created = strings.FieldsFunc(roles, func(c rune) bool { return c == ',' }), time.UnixMicro(created).UTC()
	return &a, err
}

// Get is the account of an id; ErrNone where there is none.
func (s *Store) Get(ctx context.Context, id string) (*Account, error) {
	return scanAccount(s.db.QueryRowContext(ctx, "SELECT "+accountColumns+" FROM accounts WHERE id = $1", id))
}

// List is all accounts, by id.
func (s *Store) List(ctx context.Context) (all []*Account, err error) {
	rows, err := s.db.QueryContext(ctx, "SELECT "+accountColumns+" FROM accounts ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		a, err := scanAccount(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, rows.Err()
}

// Add makes an account, which has no password yet: a link lets the person choose
// one.
func (s *Store) Add(ctx context.Context, by Who, id, name string, roles []string) error {
	return s.write(ctx, func(tx *sql.Tx) error { return s.add(ctx, tx, by, id, name, roles, "") })
}

func (s *Store) add(ctx context.Context, tx *sql.Tx, by Who, id, name string, roles []string, password string) error {
	name = strings.Join(strings.Fields(name), " ")
	if !IDFine(id) {
		return refuse("bad_id", "账户名由 1 至 40 个小写字母、数字和 . _ - 组成，以字母或数字开头", "an account is named by "+IDRule, "写成 li.wei 这样；姓名写在“姓名”一栏", "write it like li.wei; what the person is called goes with the name")
	}
	if err := checkName(name); err != nil {
		return err
	}
	roles, err := checkRoles(roles)
	if err != nil {
		return err
	}
	var there bool
	if err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM accounts WHERE id = $1)", id).Scan(&there); err != nil {
		return err
	}
	if there {
		return refuse("id_taken", "已有账户 "+id, "there is an account "+id+" already", "换一个账户名；账户名不给第二个人用", "choose another id; none is given to a second person")
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO accounts (id, name, roles, password, locked, created) VALUES ($1, $2, $3, $4, 0, $5)", id, name, strings.Join(roles, ","), password, s.micro()); err != nil {
		return err
	}
	return s.note(ctx, tx, by, EventAdded, id, strings.Join(roles, ","))
}

// Change gives an account another name and other roles. What it may do changes
// at once, for whoever is signed in, too.
func (s *Store) Change(ctx context.Context, by Who, id, name string, roles []string) error {
	name = strings.Join(strings.Fields(name), " ")
	if err := checkName(name); err != nil {
		return err
	}
	roles, err := checkRoles(roles)
	if err != nil {
		return err
	}
	return s.managed(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, "UPDATE accounts SET name = $1, roles = $2 WHERE id = $3", name, strings.Join(roles, ","), id)
		if err := changed(done, err); err != nil {
			return err
		}
		return s.note(ctx, tx, by, EventChanged, id, strings.Join(roles, ","))
	})
}

// Lock keeps an account from signing in and ends its sessions and links, or lets
// it in again.
func (s *Store) Lock(ctx context.Context, by Who, id string, locked bool) error {
	return s.managed(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, "UPDATE accounts SET locked = CASE WHEN $1 THEN 1 ELSE 0 END WHERE id = $2", locked, id)
		if err := changed(done, err); err != nil {
			return err
		}
		what := EventUnlocked
		if locked {
			what = EventLocked
			if err := s.endAll(ctx, tx, id); err != nil {
				return err
			}
		}
		return s.note(ctx, tx, by, what, id, "")
	})
}

// managed does something in one transaction, and refuses it where it leaves
// nobody who can manage accounts.
func (s *Store) managed(ctx context.Context, do func(*sql.Tx) error) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		before, err := s.managers(ctx, tx)
		if err != nil {
			return err
		}
		if err := do(tx); err != nil {
			return err
		}
		after, err := s.managers(ctx, tx)
		if err == nil && before > 0 && after == 0 {
			err = refuse("last_manager", "这样就没有能管理账户的人了", "nobody who can manage accounts would be left", "先给另一个已设密码的账户角色 operator", "give the role operator to another account with a password first")
		}
		return err
	})
}

// querier is a transaction or the whole.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// managers is how many can sign in and manage accounts.
func (s *Store) managers(ctx context.Context, q querier) (n int, err error) {
	rows, err := q.QueryContext(ctx, "SELECT roles FROM accounts WHERE locked = 0 AND password <> ''")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var roles string
		if err := rows.Scan(&roles); err != nil {
			return 0, err
		}
		if MayOf(strings.Split(roles, ",")).Has(ManagePeople) {
			n++
		}
	}
	return n, rows.Err()
}

// Unmanaged reports whether nobody can sign in and manage accounts.
func (s *Store) Unmanaged(ctx context.Context) (bool, error) {
	n, err := s.managers(ctx, s.db)
	return n == 0, err
}

func changed(done sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, ErrNone)
	}
	return nil
}

const longestName = 60 // characters

func checkName(name string) error {
	hidden := func(c rune) bool { return !unicode.IsGraphic(c) }
	if name == "" || !utf8.ValidString(name) || utf8.RuneCountInString(name) > longestName || strings.ContainsFunc(name, hidden) {
		return refuse("bad_name", fmt.Sprintf("姓名为 1 至 %d 个可见字符", longestName), fmt.Sprintf("a name has 1 to %d visible characters", longestName), "填写姓名", "write what the person is called")
	}
	return nil
}

// checkRoles puts roles in their order.
func checkRoles(roles []string) (sorted []string, err error) {
	for _, name := range RoleNames() {
		if slices.Contains(roles, name) {
			sorted = append(sorted, name)
		}
	}
	for _, name := range roles {
		if !slices.Contains(sorted, name) {
			return nil, refuse("unknown_role", fmt.Sprintf("没有角色 %q", name), fmt.Sprintf("there is no role %q", name), "可写："+roleWords(), "write some of "+strings.Join(RoleNames(), ", "))
		}
	}
	if len(sorted) == 0 {
		return nil, refuse("no_role", "没有选角色", "no role was chosen", "至少选一个："+roleWords(), "choose at least one of "+strings.Join(RoleNames(), ", "))
	}
	return sorted, nil
}

// roleWords are all roles with what they are called in Chinese.
func roleWords() string {
	var all []string
	for _, r := range Roles() {
		all = append(all, r.Title.ZH+"（"+r.Name+"）")
	}
	return strings.Join(all, "、")
}
