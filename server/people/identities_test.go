package people

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/internal/postgrestest"
)

const issuer = "https://id.example"

// vouched is somebody for whom the provider vouches, a new account of whom may be
// made.
func vouched(subject, account string, roles ...string) Vouched {
	return Vouched{Identity: Identity{issuer, subject}, Account: account, Name: "Name of " + account, Roles: roles}
}

func TestVouched(t *testing.T) {
	s, _, _ := accounts(t)
	local := with(t, s, "wang.wu", "editor", "approver")
	in, err := s.SignInVouched(t.Context(), vouched("u-1", "li.wei", "clerk", "viewer"))
	require.NoError(t, err)
	assert.Equal(t, "li.wei", in.ID)
	assert.Equal(t, []string{"viewer", "clerk"}, in.Roles)
	assert.True(t, in.Joined && !in.Chosen)
	a, how, err := s.Session(t.Context(), in.Session, true)
	require.NoError(t, err)
	assert.Equal(t, "li.wei", a.ID)
	assert.Equal(t, ByProvider, how)

	// He is the same person whatever the provider calls him later, and nobody else is
	// he because he is called so.
	in, err = s.SignInVouched(t.Context(), vouched("u-1", "li.wei2", "viewer"))
	require.NoError(t, err)
	assert.Equal(t, "li.wei", in.ID)
	assert.Equal(t, []string{"viewer"}, in.Roles, "roles are those that the provider says now")
	for _, taken := range []string{"li.wei", "wang.wu", "op"} {
		_, err = s.SignInVouched(t.Context(), vouched("u-2", taken, "viewer"))
		assert.Equal(t, "account_there", code(err), taken)
	}
	other := vouched("u-1", "li.wei", "viewer")
	other.Issuer = "https://other.example"
	_, err = s.SignInVouched(t.Context(), other)
	assert.Equal(t, "account_there", code(err), "another provider's u-1 is another person")
	_, _, err = s.Session(t.Context(), local.Session, true)
	assert.NoError(t, err, "and nobody was disturbed")

	for _, x := range []struct {
		v    Vouched
		want string
	}{
		{vouched("u-3", "", "viewer"), "unknown_person"}, {vouched("u-3", "Li", "viewer"), "bad_id"}, {Vouched{Identity: Identity{issuer, "u-3"}, Account: "x", Name: "\x00", Roles: []string{"viewer"}}, "bad_name"},
		{vouched("u-3", "x"), "no_role"}, {Vouched{Identity: Identity{issuer, "u-3"}, Account: "x", Name: "X", Roles: []string{}}, "no_role"}, {vouched("u-3", "x", "boss"), "unknown_role"},
	} {
		_, err = s.SignInVouched(t.Context(), x.v)
		assert.Equal(t, x.want, code(err))
	}
	all, err := s.List(t.Context())
	require.NoError(t, err)
	assert.Len(t, all, 3)

	// Roles that are given here stay; who is locked, or has no role any more, is out.
	_, err = s.SignInVouched(t.Context(), Vouched{Identity: Identity{issuer, "u-1"}})
	require.NoError(t, err)
	none := Vouched{Identity: Identity{issuer, "u-1"}, Roles: []string{}}
	_, err = s.SignInVouched(t.Context(), none)
	assert.Equal(t, "no_role", code(err))
	_, _, err = s.Session(t.Context(), in.Session, true)
	assert.ErrorIs(t, err, ErrNoSession)
	require.NoError(t, s.Lock(t.Context(), Who{}, "li.wei", true))
	_, err = s.SignInVouched(t.Context(), vouched("u-1", "", "viewer"))
	assert.Equal(t, "locked", code(err))
	require.NoError(t, s.Lock(t.Context(), Who{}, "li.wei", false))
	_, err = s.SignInVouched(t.Context(), vouched("u-1", "", "viewer"))
	assert.NoError(t, err)
	_, err = s.SignIn(t.Context(), Attempt{ID: "li.wei", Password: ""})
	assert.Equal(t, "wrong_password", code(err), "an account without a password has none to sign in by")

	events, err := s.Events(t.Context(), 0, 100)
	require.NoError(t, err)
	var refused, joined int
	for _, e := range events {
		switch e.What {
		case EventRefused:
			refused++
		case EventJoined:
			joined++
			assert.Equal(t, Event{Seq: e.Seq, At: e.At, By: Who{Name: "li.wei", How: ByProvider}, What: EventJoined, About: "li.wei", Details: issuer}, e)
		}
	}
	assert.Equal(t, 13, refused)
	assert.Equal(t, 1, joined)
}

// By a one-time link an account that is there gets the identity, so that a person
// has one account, whichever way he signs in.
func TestVouchedByLink(t *testing.T) {
	s, c, _ := accounts(t)
	before := with(t, s, "li.wei", "editor")
	_, err := s.SignInVouched(t.Context(), vouched("u-9", "sun.li", "viewer"))
	require.NoError(t, err)
	link := func(id string) string {
		secret, _, err := s.NewLink(t.Context(), Who{Name: "op"}, id)
		require.NoError(t, err)
		return secret
	}
	by := func(subject, secret string, roles ...string) (*SignedIn, error) {
		return s.SignInVouched(t.Context(), Vouched{Identity: Identity{issuer, subject}, Link: secret, Roles: roles})
	}
	secret := link("li.wei")
	_, err = by("u-1", secret)
	require.NoError(t, err, "roles are given here")
	_, err = by("u-2", secret)
	assert.Equal(t, "link_over", code(err), "good once")
	_, _, err = s.Session(t.Context(), before.Session, true)
	assert.ErrorIs(t, err, ErrNoSession, "what was signed in before is no more")
	in, err := by("u-1", "")
	require.NoError(t, err)
	assert.Equal(t, "li.wei", in.ID)
	password, err := s.SignIn(t.Context(), Attempt{ID: "li.wei", Password: good})
	require.NoError(t, err, "the password is good, too")
	assert.False(t, Different(password.ID, in.ID))

	_, err = by("u-9", link("li.wei"))
	assert.Equal(t, "identity_taken", code(err), "an identity has one account")
	in, err = by("u-9", "")
	require.NoError(t, err)
	assert.Equal(t, "sun.li", in.ID)
	in, err = by("u-1", link("li.wei"))
	require.NoError(t, err, "his own once more")
	assert.Equal(t, "li.wei", in.ID)
	_, err = by("u-5", link("li.wei"))
	require.NoError(t, err, "another one in its place")
	_, err = by("u-1", "")
	assert.Equal(t, "unknown_person", code(err))

	secret = link("li.wei")
	_, err = s.SignInVouched(t.Context(), Vouched{Identity: Identity{issuer, "u-5"}, Link: secret, Roles: []string{}})
	assert.Equal(t, "no_role", code(err))
	_, err = s.Link(t.Context(), secret)
	assert.NoError(t, err, "a link by which nobody got in is good still")
	c.at = c.at.Add(LinkTime)
	_, err = by("u-5", secret)
	assert.Equal(t, "link_over", code(err))
	_, err = by("u-5", "none")
	assert.Equal(t, "link_over", code(err))
}

// The first account has a password, and the last that manages others stays, so that
// nobody is locked out where the provider is away.
func TestVouchedManagers(t *testing.T) {
	s, err := Open(t.Context(), postgrestest.Place(t, filepath.Join(t.TempDir(), "a.people")), Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	s.hasher.cost = cost{memory: 8, time: 1, threads: 1}
	secret, _, err := s.FirstLink(t.Context(), Who{})
	require.NoError(t, err)
	_, err = s.SignInVouched(t.Context(), Vouched{Identity: Identity{issuer, "u-1"}, Link: secret, Account: "evil", Name: "E"})
	assert.Equal(t, "link_over", code(err))
	_, err = s.SignInVouched(t.Context(), vouched("u-1", "li.wei", "operator"))
	require.NoError(t, err)
	unmanaged, err := s.Unmanaged(t.Context())
	require.NoError(t, err)
	assert.True(t, unmanaged)
	_, err = s.UseLink(t.Context(), secret, "op", "Operator", "a long sentence")
	require.NoError(t, err)
	again, _, err := s.NewLink(t.Context(), Who{}, "op")
	require.NoError(t, err)
	_, err = s.SignInVouched(t.Context(), Vouched{Identity: Identity{issuer, "u-2"}, Link: again, Roles: []string{"viewer"}})
	assert.Equal(t, "last_manager", code(err))
	_, err = s.SignInVouched(t.Context(), vouched("u-1", "li.wei", "viewer"))
	assert.NoError(t, err)
}

// An account that was made by itself is known to be another person's only than one
// that has an identity at the same provider, too.
func TestApart(t *testing.T) {
	s, _, _ := accounts(t)
	with(t, s, "lw", "editor")
	with(t, s, "wang.wu", "approver")
	for _, v := range []Vouched{vouched("u-1", "li.wei", "approver"), vouched("u-2", "sun.li", "approver"), {Identity: Identity{"https://other.example", "u-1"}, Account: "liwei", Name: "L", Roles: []string{"approver"}}} {
		_, err := s.SignInVouched(t.Context(), v)
		require.NoError(t, err)
	}
	apart := func(want bool, a, b string) {
		t.Helper()
		for _, x := range [][2]string{{a, b}, {b, a}} {
			got, err := s.Apart(t.Context(), x[0], x[1])
			require.NoError(t, err)
			assert.Equal(t, want, got, x)
		}
	}
	apart(true, "lw", "wang.wu")
	apart(true, "li.wei", "sun.li")
	apart(false, "li.wei", "lw")
	apart(false, "LI.WEI", "lw")
	apart(false, "li.wei", "liwei")
	apart(false, "li.wei", "LI.wei")
	apart(false, "li.wei", "")
	apart(false, "li.wei", "program")
	join := func(id, subject string) error {
		secret, _, err := s.NewLink(t.Context(), Who{Name: "op"}, id)
		require.NoError(t, err)
		_, err = s.SignInVouched(t.Context(), Vouched{Identity: Identity{issuer, subject}, Link: secret})
		return err
	}
	assert.Equal(t, "identity_taken", code(join("lw", "u-1")), "who has both cannot have them taken for two people")
	require.NoError(t, join("wang.wu", "u-3"))
	apart(true, "li.wei", "wang.wu")
	apart(false, "liwei", "wang.wu")
	apart(true, "lw", "wang.wu")
	require.NoError(t, s.Lock(t.Context(), Who{}, "li.wei", true))
	apart(false, "li.wei", "lw")
}

// An account that is parted from its identity is opened by it no more; it is used by a
// link again, with a password or another identity, and by what it had is known whose it is.
func TestDetach(t *testing.T) {
	s, _, _ := accounts(t)
	op := Who{Name: "op", How: ByPassword, Person: "op"}
	with(t, s, "wang.wu", "approver")
	with(t, s, "lw", "editor")
	in, err := s.SignInVouched(t.Context(), vouched("u-1", "li.wei", "approver"))
	require.NoError(t, err)
	assert.ErrorIs(t, s.Detach(t.Context(), op, "nobody"), ErrNone)
	assert.Equal(t, "no_identity", code(s.Detach(t.Context(), op, "wang.wu")))
	require.NoError(t, s.Detach(t.Context(), op, "li.wei"))
	assert.Equal(t, "no_identity", code(s.Detach(t.Context(), op, "li.wei")))
	_, _, err = s.Session(t.Context(), in.Session, true)
	assert.Error(t, err, "who was signed in by it is no more")
	a, err := s.Get(t.Context(), "li.wei")
	require.NoError(t, err)
	assert.False(t, a.Joined || a.Chosen || a.Locked)
	assert.Equal(t, []string{"approver"}, a.Roles)
	events, err := s.Events(t.Context(), 0, 1)
	require.NoError(t, err)
	assert.Equal(t, Event{Seq: events[0].Seq, At: events[0].At, By: Who{Name: "op", How: ByPassword}, What: EventDetached, About: "li.wei", Details: issuer}, events[0])
	_, err = s.SignInVouched(t.Context(), vouched("u-1", "", "approver"))
	assert.Equal(t, "unknown_person", code(err))
	_, err = s.SignInVouched(t.Context(), vouched("u-1", "li.wei", "approver"))
	assert.Equal(t, "account_there", code(err), "not by its name either")

	apart := func(want bool, a, b string) {
		t.Helper()
		for _, x := range [][2]string{{a, b}, {b, a}} {
			got, err := s.Apart(t.Context(), x[0], x[1])
			require.NoError(t, err)
			assert.Equal(t, want, got, x)
		}
	}
	apart(false, "li.wei", "lw") // it was made by itself, though it has no identity now
	join := func(id, subject string) {
		t.Helper()
		secret, _, err := s.NewLink(t.Context(), op, id)
		require.NoError(t, err)
		_, err = s.SignInVouched(t.Context(), Vouched{Identity: Identity{issuer, subject}, Link: secret})
		require.NoError(t, err)
	}
	join("lw", "u-1")
	join("li.wei", "u-2")
	join("wang.wu", "u-3")
	apart(false, "li.wei", "lw") // both have one at the provider, and it was one person's
	apart(true, "lw", "wang.wu")
	apart(true, "li.wei", "wang.wu")

	// By a further account between them, and by one that took the place of another.
	_, err = s.SignInVouched(t.Context(), vouched("u-4", "other", "approver"))
	require.NoError(t, err)
	apart(true, "other", "li.wei")
	require.NoError(t, s.Detach(t.Context(), op, "other"))
	apart(true, "other", "li.wei") // what the provider told of them holds
	join("lw", "u-4")
	apart(false, "other", "lw")
	apart(false, "other", "li.wei")
	apart(true, "other", "wang.wu")

	// With a password, and again with the identity that it had.
	secret, _, err := s.NewLink(t.Context(), op, "other")
	require.NoError(t, err)
	_, err = s.UseLink(t.Context(), secret, "", "", "a long sentence")
	require.NoError(t, err)
	require.NoError(t, s.Detach(t.Context(), op, "lw"))
	join("other", "u-4")
	require.NoError(t, s.Detach(t.Context(), op, "other"))
	_, err = s.SignIn(t.Context(), Attempt{ID: "other", Password: "a long sentence", Address: "192.0.2.1"})
	assert.NoError(t, err, "the password stays")
}

// Whatever accounts are made, joined and detached in whatever order: no two accounts of
// one person are ever known to be of two, where who manages accounts made each person one
// at most and a provider knows each by one identity.
func TestApartWhatever(t *testing.T) {
	s, _, _ := accounts(t)
	op := Who{Name: "op"}
	const people, issuers, steps = 4, 2, 30
	told := 0
	for round := range 12 {
		chance := rand.New(rand.NewPCG(1, uint64(round)))
		owner := map[string]int{}
		accountsOf := func(p int) (all []string) {
			for id, of := range owner {
				if of == p {
					all = append(all, id)
				}
			}
			slices.Sort(all)
			return all
		}
		for step := range steps {
			p := chance.IntN(people)
			identity := Identity{fmt.Sprint("https://", chance.IntN(issuers), ".example"), fmt.Sprint(round, "-", p)}
			mine := accountsOf(p)
			switch hand := fmt.Sprint("hand-", round, "-", p); chance.IntN(4) {
			case 0:
				if _, there := owner[hand]; !there {
					require.NoError(t, s.Add(t.Context(), op, hand, "N", []string{"approver"}))
					owner[hand] = p
				}
			case 1: // he signs in, and is given an account where he has none by this identity
				in, err := s.SignInVouched(t.Context(), Vouched{Identity: identity, Account: fmt.Sprint("self-", round, "-", step), Name: "N", Roles: []string{"approver"}})
				require.NoError(t, err)
				if of, there := owner[in.ID]; there {
					require.Equal(t, p, of)
				}
				owner[in.ID] = p
			case 2:
				if len(mine) > 0 {
					secret, _, err := s.NewLink(t.Context(), op, mine[chance.IntN(len(mine))])
					require.NoError(t, err)
					_, err = s.SignInVouched(t.Context(), Vouched{Identity: identity, Link: secret})
					assert.Contains(t, []string{"", "identity_taken"}, code(err))
				}
			case 3:
				if len(mine) > 0 {
					err := s.Detach(t.Context(), op, mine[chance.IntN(len(mine))])
					assert.Contains(t, []string{"", "no_identity"}, code(err))
				}
			}
		}
		for a, p := range owner {
			for b, q := range owner {
				apart, err := s.Apart(t.Context(), a, b)
				require.NoError(t, err)
				if apart {
					told++
					assert.NotEqual(t, p, q, "%s and %s", a, b)
				}
			}
		}
	}
	assert.Greater(t, told, 100, "and of others it is known")
}

// Who comes twice at once has one account.
func TestVouchedAtOnce(t *testing.T) {
	s, _, _ := accounts(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			in, err := s.SignInVouched(t.Context(), vouched("u-1", "li.wei", "viewer"))
			if assert.NoError(t, err) {
				assert.Equal(t, "li.wei", in.ID)
			}
		})
	}
	all.Wait()
	for range ofAddress.most {
		_, err := s.TryVouched("192.0.2.1")
		require.NoError(t, err)
	}
	_, err := s.TryVouched("192.0.2.1")
	assert.Equal(t, "too_many", code(err))
	right, err := s.TryVouched("192.0.2.2")
	require.NoError(t, err)
	right()
}

// A file of the first version is taken over with what stands in it.
func TestFileOfTheFirstVersion(t *testing.T) {
	postgrestest.FilesOnly(t)
	path := filepath.Join(t.TempDir(), "a.people")
	s, err := Open(t.Context(), path, Options{})
	require.NoError(t, err)
	require.NoError(t, s.Add(t.Context(), Who{}, "li.wei", "李 伟", []string{"viewer"}))
	_, err = s.db.ExecContext(t.Context(), "DROP TABLE identities; DROP TABLE identities_before; PRAGMA user_version = 1;")
	require.NoError(t, err)
	require.NoError(t, s.Close())
	s, err = Open(t.Context(), path, Options{AsItIs: true})
	require.NoError(t, err)
	unmanaged, err := s.Unmanaged(t.Context())
	require.NoError(t, err)
	assert.True(t, unmanaged)
	var version int
	require.NoError(t, s.db.QueryRowContext(t.Context(), "PRAGMA user_version").Scan(&version))
	assert.Equal(t, 1, version)
	require.NoError(t, s.Close())
	for range 2 {
		s, err = Open(t.Context(), path, Options{})
		require.NoError(t, err)
		a, err := s.Get(t.Context(), "li.wei")
		require.NoError(t, err)
		assert.Equal(t, "李 伟", a.Name)
		assert.False(t, a.Joined)
		require.NoError(t, s.Close())
	}
	s, err = Open(t.Context(), path, Options{})
	require.NoError(t, err)
	_, err = s.db.ExecContext(t.Context(), "PRAGMA user_version = 4;")
	require.NoError(t, err)
	require.NoError(t, s.Close())
	_, err = Open(t.Context(), path, Options{})
	assert.ErrorContains(t, err, "schema version 4, this program knows 3")
}
