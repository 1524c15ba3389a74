package people

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
)

// Identity is how an identity provider knows a person: by its own address and by a
// word that it gives to nobody else, ever. Names and mail addresses are none, since
// they may be given to another person later.
type Identity struct{ Issuer, Subject string }

// Vouched is a person for whom an identity provider vouches.
type Vouched struct {
	Identity
	// Link is the secret of a one-time link: its account is the person's from then
	// on. "" for none.
	Link string
	// Account and Name are those of the account that is made where the identity has
	// none; with "" none is made.
	Account, Name string
	// Roles are those that the provider gives; nil where they are given here.
	Roles  []string
	Device string // secret of the device, "" where it has none
}

// SignInVouched lets somebody in for whom an identity provider vouches: into the
// account that has his identity, into that of his one-time link, which has his
// identity from then on, or into a new one. An account that is there already is
// never taken for his because it is called as he is. Errors: a *RefusedError.
func (s *Store) SignInVouched(ctx context.Context, v Vouched) (*SignedIn, error) {
	id := ""
	err := s.managed(ctx, func(tx *sql.Tx) (err error) {
		if id, err = accountOf(ctx, tx, v.Identity); err != nil {
			return err
		}
		switch {
		case v.Link != "":
			id, err = s.join(ctx, tx, v, id)
		case id == "" && v.Account == "":
			return refuse("unknown_person", "这里没有您的账户", "there is no account of yours here", "请管理账户的人建一个账户，并用给您的一次性链接登录", "have who manages accounts make one, and sign in by the one-time link that he gives you")
		case id == "":
			id, err = v.Account, s.addVouched(ctx, tx, v)
		}
		if err != nil {
			return err
		}
		return s.takeRoles(ctx, tx, id, v.Roles)
	})
	var refused *RefusedError
	if errors.As(err, &refused) {
		return nil, errors.Join(err, s.keptOut(ctx, v))
	}
	if err != nil {
		return nil, err
	}
	account, err := s.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.signIn(ctx, account, ByProvider, v.Device)
}

// accountOf is the id of the account that has an identity, "" for none.
func accountOf(ctx context.Context, tx *sql.Tx, i Identity) (id string, err error) {
	err = tx.QueryRowContext(ctx, "SELECT account FROM identities WHERE issuer = $1 AND subject = $2", i.Issuer, i.Subject).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return id, err
}

// Apart reports whether two accounts are known to be of two people. Who manages
// accounts knows whose are those that he made. One that was made by itself may be
// of somebody who has another here, under another name: it is known to be another
// person's only than one that has an identity at the same provider, too. An account
// is one person's for good, and so is an identity: accounts that have or had the same
// one are one person's, as are those that others so connect.
func (s *Store) Apart(ctx context.Context, a, b string) (apart bool, err error) {
	if !Different(a, b) {
		return false, nil
	}
	a, b = strings.ToLower(a), strings.ToLower(b)
	ever, err := s.everHad(ctx)
	if err != nil {
		return false, err
	}
	switch {
	case len(ever[a]) == 0 && len(ever[b]) == 0: // one that was made by itself has had one
		return true, nil
	case connected(ever, a, b):
		return false, nil
	case slices.ContainsFunc(ever[a], func(x Identity) bool {
		return slices.ContainsFunc(ever[b], func(y Identity) bool { return x.Issuer == y.Issuer })
	}):
		return true, nil
	}
	err = s.db.QueryRowContext(ctx, "SELECT NOT EXISTS (SELECT 1 FROM events WHERE about IN ($1, $2) AND what = $3 AND how = $4)",
		a, b, EventAdded, ByProvider).Scan(&apart)
	return apart, err
}

// everHad are the identities that accounts have or had.
func (s *Store) everHad(ctx context.Context) (ever map[string][]Identity, err error) {
	rows, err := s.db.QueryContext(ctx, "SELECT account, issuer, subject FROM identities UNION SELECT account, issuer, subject FROM identities_before")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	ever = map[string][]Identity{}
	for rows.Next() {
		var account string
		var i Identity
		if err := rows.Scan(&account, &i.Issuer, &i.Subject); err != nil {
			return nil, err
		}
		ever[account] = append(ever[account], i)
	}
	return ever, rows.Err()
}

// connected reports whether identities lead from one account to another: by one that
// both had, or by further accounts between them.
func connected(ever map[string][]Identity, a, b string) bool {
	of := map[Identity][]string{}
	for account, all := range ever {
		for _, i := range all {
			of[i] = append(of[i], account)
		}
	}
	seen, next := map[string]bool{a: true}, []string{a}
	for len(next) > 0 {
		account := next[0]
		next = next[1:]
		for _, i := range ever[account] {
			for _, other := range of[i] {
				if !seen[other] {
					seen[other], next = true, append(next, other)
				}
			}
		}
	}
	return seen[b]
}

// Detach parts an account from its identity at a provider, which opens it no more, and
// ends its sessions. A password that it has stays, and so do its roles; a one-time link
// gives it a password or an identity again. That it had the identity is kept, so that
// whoever gets an account by it later is no second person. Errors: ErrNone, a
// *RefusedError.
func (s *Store) Detach(ctx context.Context, by Who, id string) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		if _, err := scanAccount(tx.QueryRowContext(ctx, "SELECT "+accountColumns+" FROM accounts WHERE id = $1", id)); err != nil {
			return err
		}
		issuer, err := s.part(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case issuer == "":
			return refuse("no_identity", "这个账户没有统一认证的身份", "the account has no identity at a provider", "不必脱离", "there is nothing to detach")
		}
		if err := s.endAll(ctx, tx, id); err != nil {
			return err
		}
		return s.note(ctx, tx, by, EventDetached, id, issuer)
	})
}

// part takes the identity of an account away, and keeps that it had it. issuer is "" where
// it has none.
func (s *Store) part(ctx context.Context, tx *sql.Tx, id string) (issuer string, err error) {
	var subject string
	err = tx.QueryRowContext(ctx, "DELETE FROM identities WHERE account = $1 RETURNING issuer, subject", id).Scan(&issuer, &subject)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, "INSERT INTO identities_before (issuer, subject, account, ended) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING", issuer, subject, id, s.micro())
	}
	return issuer, err
}

// join gives the account of a link an identity, in the place of any that it had. An
// identity has one account: two would be two people to whoever asks for two.
func (s *Store) join(ctx context.Context, tx *sql.Tx, v Vouched, has string) (id string, err error) {
	err = tx.QueryRowContext(ctx, "DELETE FROM links WHERE hash = $1 AND until > $2 AND account <> '' RETURNING account", hashOf(v.Link), s.micro()).Scan(&id)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return has, usedUp()
	case err != nil:
		return has, err
	case has != "" && has != id:
		return has, refuse("identity_taken", "您在统一认证中的身份已属于另一个账户", "another account has your identity at the provider already", "用那个账户；多出的账户请管理账户的人锁定", "use that account; have who manages accounts lock the one too many")
	case has == id:
		return id, nil
	}
	if _, err := s.part(ctx, tx, id); err != nil {
		return id, err
	}
	if err := s.endAll(ctx, tx, id); err != nil {
		return id, err
	}
	return id, s.addIdentity(ctx, tx, id, v.Identity)
}

// addVouched makes an account for an identity that has none.
func (s *Store) addVouched(ctx context.Context, tx *sql.Tx, v Vouched) error {
	err := s.add(ctx, tx, Who{Name: v.Account, How: ByProvider, Person: v.Account}, v.Account, v.Name, v.Roles, "")
	var refused *RefusedError
	if errors.As(err, &refused) {
		switch refused.Code {
		case "id_taken":
			return refuse("account_there", "已有账户 "+v.Account+"，它不属于这个身份", "there is an account "+v.Account+" already, and it has not this identity", "若是您的账户，请管理账户的人签发一次性链接，打开后用统一认证登录；若是别人的，请其另建账户", "if it is yours, have who manages accounts make a one-time link, open it and sign in at the provider; if it is another person's, have him make one for you")
		case "no_role":
			return noRole()
		}
		return refuse(refused.Code, refused.Message.ZH, refused.Message.EN, "请管理账户的人建一个账户，并用给您的一次性链接登录", "have who manages accounts make one, and sign in by the one-time link that he gives you")
	}
	if err != nil {
		return err
	}
	return s.addIdentity(ctx, tx, v.Account, v.Identity)
}

func noRole() error {
	return refuse("no_role", "统一认证没有给您任何角色", "the identity provider gives you no role here", "请管理统一认证的人把您加入有角色的组", "have who manages the provider add you to a group that has one")
}

func (s *Store) addIdentity(ctx context.Context, tx *sql.Tx, id string, i Identity) error {
	if _, err := tx.ExecContext(ctx, "INSERT INTO identities (issuer, subject, account, added) VALUES ($1, $2, $3, $4)", i.Issuer, i.Subject, id, s.micro()); err != nil {
		return err
	}
	return s.note(ctx, tx, Who{Name: id, How: ByProvider, Person: id}, EventJoined, id, i.Issuer)
}

// takeRoles refuses an account that is locked, and gives another one the roles that
// the provider says.
func (s *Store) takeRoles(ctx context.Context, tx *sql.Tx, id string, roles []string) error {
	a, err := scanAccount(tx.QueryRowContext(ctx, "SELECT "+accountColumns+" FROM accounts WHERE id = $1", id))
	switch {
	case err != nil:
		return err
	case a.Locked:
		return refuse("locked", "账户已锁定", "the account is locked", "请管理账户的人解锁", "have who manages accounts unlock it")
	case roles == nil:
		return nil
	case len(roles) == 0:
		return noRole()
	}
	if roles, err = checkRoles(roles); err != nil || slices.Equal(roles, a.Roles) {
		return err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE accounts SET roles = $1 WHERE id = $2", strings.Join(roles, ","), id); err != nil {
		return err
	}
	return s.note(ctx, tx, Who{Name: id, How: ByProvider, Person: id}, EventChanged, id, strings.Join(roles, ","))
}

// keptOut notes that somebody was not let in. Who has no role any more is signed in
// nowhere from then on.
func (s *Store) keptOut(ctx context.Context, v Vouched) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		known, err := accountOf(ctx, tx, v.Identity)
		if err != nil {
			return err
		}
		if known != "" && v.Roles != nil && len(v.Roles) == 0 {
			if _, err := tx.ExecContext(ctx, "DELETE FROM sessions WHERE account = $1 AND how = $2", known, ByProvider); err != nil {
				return err
			}
		}
		return s.note(ctx, tx, Who{}, EventRefused, known, v.Issuer)
	})
}

// TryVouched takes one attempt to sign in at a provider from the allowance of an
// address; giveBack is called where it turned out right. A *TooManyError where there
// is none left.
func (s *Store) TryVouched(address string) (giveBack func(), err error) {
	giveBack, wait := s.attempts.take(s.now(), map[string]allowance{"address " + address: ofAddress})
	if wait > 0 {
		return nil, &TooManyError{wait}
	}
	return giveBack, nil
}
