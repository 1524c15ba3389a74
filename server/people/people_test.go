package people

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/internal/postgrestest"
)

// clock is a clock that the test sets.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

// accounts is a store whose passwords cost little, with an operator.
func accounts(t *testing.T) (*Store, *clock, *SignedIn) {
	t.Helper()
	c := &clock{time.Date(2025, 7, 1, 8, 0, 0, 0, time.UTC)}
	s, err := Open(t.Context(), postgrestest.Place(t, filepath.Join(t.TempDir(), "a.people")), Options{Now: c.now})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	s.hasher.cost = cost{memory: 8, time: 1, threads: 1}
	secret, _, err := s.FirstLink(t.Context(), Who{})
	require.NoError(t, err)
	in, err := s.UseLink(t.Context(), secret, "op", "Operator", "a long sentence")
	require.NoError(t, err)
	return s, c, in
}

const good = "correct horse battery"

// with adds an account with a password.
func with(t *testing.T, s *Store, id string, roles ...string) *SignedIn {
	t.Helper()
	require.NoError(t, s.Add(t.Context(), Who{Name: "op"}, id, "Name of "+id, roles))
	secret, _, err := s.NewLink(t.Context(), Who{Name: "op"}, id)
	require.NoError(t, err)
	in, err := s.UseLink(t.Context(), secret, "", "", good)
	require.NoError(t, err)
	return in
}

func code(err error) string {
	var refused *RefusedError
	var many *TooManyError
	switch {
	case errors.As(err, &refused):
		return refused.Code
	case errors.As(err, &many):
		return "too_many"
	case err != nil:
		return err.Error()
	}
	return ""
}

// What is nowhere in the table of roles is nobody's, and every permission is
// somebody's.
func TestRoles(t *testing.T) {
	all := Everything()
	for _, p := range all {
		assert.True(t, slices.ContainsFunc(Roles(), func(r Role) bool { return r.May.Has(p) }), p)
		assert.NotEmpty(t, p.Words().ZH)
	}
	for _, r := range Roles() {
		for _, p := range r.May {
			assert.Contains(t, all, p)
		}
		// Who may do something about a record may see it; who decides may note.
		for p, needs := range map[Permission]Permission{Note: SeeRecords, Decide: Note, Export: SeeRecords, SeePersonal: SeeRecords, Record: Ask, Draft: ReadRules} {
			assert.True(t, !r.May.Has(p) || r.May.Has(needs), "%s: %s without %s", r.Name, p, needs)
		}
		assert.False(t, r.May.Has(Draft) && r.May.Has(Approve), "who drafts does not approve")
		assert.Equal(t, r.Name == "operator", r.May.Has(ManagePeople))
		assert.True(t, ScopeKnown(r.Name))
	}
	assert.Empty(t, MayOf([]string{"nobody"}))
	assert.Empty(t, MayOf(nil))
	assert.Equal(t, Set{Operate, ReadRules}, ScopesMay([]string{"operate"}))
	assert.ElementsMatch(t, Set{ReadRules, SeeRecords, SeePersonal, Export, Verify}, ScopesMay([]string{"read"}))
	assert.ElementsMatch(t, Set{ReadRules, Ask, Record, Draft}, ScopesMay([]string{"ask"}))
	assert.ElementsMatch(t, Set{ReadRules, Ask, Record, Draft, SeeRecords, SeePersonal, Export, Verify, Note, Decide}, ScopesMay([]string{"ask", "read"}))
	assert.Equal(t, Set{Ask}, Set{Ask, Note}.Both(Set{Decide, Ask}))
}

// The first account is made once, by a link that is good once.
func TestFirstAccount(t *testing.T) {
	c := &clock{time.Date(2025, 7, 1, 8, 0, 0, 0, time.UTC)}
	file := postgrestest.Place(t, filepath.Join(t.TempDir(), "x.db.people"))
	s, err := Open(t.Context(), file, Options{Now: c.now})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	s.hasher.cost = cost{8, 1, 1}
	if runtime.GOOS != "windows" && !postgrestest.Over() {
		about, err := os.Stat(file)
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), about.Mode().Perm())
	}
	old, _, err := s.FirstLink(t.Context(), Who{})
	require.NoError(t, err)
	link, until, err := s.FirstLink(t.Context(), Who{})
	require.NoError(t, err)
	assert.Equal(t, c.at.Add(FirstLinkTime), until)
	_, err = s.Link(t.Context(), old)
	assert.Equal(t, "link_over", code(err), "the later one took its place")
	c.at = until.Add(-time.Microsecond)
	for range 2 { // looking does not use it up
		l, err := s.Link(t.Context(), link)
		require.NoError(t, err)
		assert.Nil(t, l.Account)
	}
	for password, want := range map[string]string{"short": "short_password", "aaaaaaaaaaaa": "weak_password", "my op and only": "weak_password", "1234567890": "weak_password", strings.Repeat("x1y2z", 50): "bad_password", "bad \xff utf-8 text": "bad_password", "没有十个字": "short_password"} {
		_, err = s.UseLink(t.Context(), link, "op", "Operator", password)
		assert.Equal(t, want, code(err), password)
	}
	for _, x := range [][3]string{{"", "Operator", "bad_id"}, {"Op", "Operator", "bad_id"}, {"a b", "Operator", "bad_id"}, {"op", "", "bad_name"}, {"op", "x\u202ey", "bad_name"}, {"op", strings.Repeat("长", 61), "bad_name"}} {
		_, err = s.UseLink(t.Context(), link, x[0], x[1], good)
		assert.Equal(t, x[2], code(err), x)
	}
	in, err := s.UseLink(t.Context(), link, "op", "王 五", "十个字以上的一句好记的话")
	require.NoError(t, err)
	assert.True(t, in.May().Has(ManagePeople))
	_, err = s.UseLink(t.Context(), link, "op2", "Another", good)
	assert.Equal(t, "link_over", code(err))
	_, _, err = s.FirstLink(t.Context(), Who{})
	assert.Equal(t, "managed", code(err))
	_, _, err = s.Session(t.Context(), in.Session, true)
	require.NoError(t, err)

	if postgrestest.Over() {
		return
	}
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	wal, _ := os.ReadFile(file + "-wal")
	for _, secret := range []string{link, in.Session, in.Device, "十个字以上的一句好记的话"} {
		assert.NotContains(t, string(append(data, wal...)), secret, "no secret stands in the file")
	}
}

// A link that is out of date, or of a first account that another one made, lets
// nobody in.
func TestLinksEnd(t *testing.T) {
	s, c, _ := accounts(t)
	require.NoError(t, s.Add(t.Context(), Who{}, "li", "Li", []string{"clerk"}))
	link, until, err := s.NewLink(t.Context(), Who{}, "li")
	require.NoError(t, err)
	c.at = until
	_, err = s.UseLink(t.Context(), link, "", "", good)
	assert.Equal(t, "link_over", code(err))
	link, _, err = s.NewLink(t.Context(), Who{}, "li")
	require.NoError(t, err)
	require.NoError(t, s.Lock(t.Context(), Who{}, "li", true))
	_, err = s.UseLink(t.Context(), link, "", "", good)
	assert.Equal(t, "link_over", code(err))
	_, _, err = s.NewLink(t.Context(), Who{}, "li")
	assert.Equal(t, "locked", code(err))
	_, _, err = s.NewLink(t.Context(), Who{}, "nobody")
	require.ErrorIs(t, err, ErrNone)
}

// A session ends by itself, by signing out, by another password and by a lock.
func TestSessionsEnd(t *testing.T) {
	s, c, _ := accounts(t)
	signedIn := func(secret string, acts bool) bool {
		_, _, err := s.Session(t.Context(), secret, acts)
		if err != nil {
			require.ErrorIs(t, err, ErrNoSession)
		}
		return err == nil
	}
	in := with(t, s, "li", "clerk")
	again := func() string {
		x, err := s.SignIn(t.Context(), Attempt{ID: " LI ", Password: good, Address: "1"})
		require.NoError(t, err)
		return x.Session
	}
	assert.False(t, signedIn("", true) || signedIn("no such", true))
	c.at = c.at.Add(SessionIdle - time.Microsecond)
	assert.True(t, signedIn(in.Session, false), "looking at it does not make it last")
	c.at = c.at.Add(time.Microsecond)
	assert.False(t, signedIn(in.Session, true))

	one := again()
	for begun := c.at; c.at.Sub(begun) < SessionWhole-SessionIdle/2; {
		require.True(t, signedIn(one, true))
		c.at = c.at.Add(SessionIdle / 2)
	}
	assert.True(t, signedIn(one, true))
	c.at = c.at.Add(SessionIdle / 2)
	assert.False(t, signedIn(one, true), "twelve hours are the end, whatever he does")

	one, two := again(), again()
	require.NoError(t, s.SignOut(t.Context(), one))
	assert.False(t, signedIn(one, true))
	assert.True(t, signedIn(two, true))
	_, err := s.ChangePassword(t.Context(), "li", "not the present one", "another good sentence")
	assert.Equal(t, "wrong_password", code(err))
	assert.True(t, signedIn(two, true))
	changed, err := s.ChangePassword(t.Context(), "li", good, "another good sentence")
	require.NoError(t, err)
	assert.False(t, signedIn(two, true))
	assert.True(t, signedIn(changed.Session, true))
	_, err = s.SignIn(t.Context(), Attempt{ID: "li", Password: good})
	assert.Equal(t, "wrong_password", code(err))

	require.NoError(t, s.Lock(t.Context(), Who{}, "li", true))
	assert.False(t, signedIn(changed.Session, true))
	_, err = s.SignIn(t.Context(), Attempt{ID: "li", Password: "another good sentence"})
	assert.Equal(t, "wrong_password", code(err), "a lock is not told to whoever tries")
	require.NoError(t, s.Lock(t.Context(), Who{}, "li", false))
	assert.False(t, signedIn(changed.Session, true), "what was ended stays ended")
	_, err = s.SignIn(t.Context(), Attempt{ID: "li", Password: "another good sentence"})
	require.NoError(t, err)

	// Roles count from the next request on.
	a, _, err := s.Session(t.Context(), again2(t, s), true)
	require.NoError(t, err)
	assert.True(t, a.May().Has(Record))
	require.NoError(t, s.Change(t.Context(), Who{}, "li", "Li Wei", []string{"viewer"}))
	a, err = s.Get(t.Context(), "li")
	require.NoError(t, err)
	assert.False(t, a.May().Has(Record))
	assert.Equal(t, "Li Wei", a.Name)
}

func again2(t *testing.T, s *Store) string {
	t.Helper()
	x, err := s.SignIn(t.Context(), Attempt{ID: "li", Password: "another good sentence"})
	require.NoError(t, err)
	return x.Session
}

// There is always somebody left who manages accounts.
func TestLastManager(t *testing.T) {
	s, _, _ := accounts(t)
	assert.Equal(t, "last_manager", code(s.Lock(t.Context(), Who{}, "op", true)))
	assert.Equal(t, "last_manager", code(s.Change(t.Context(), Who{}, "op", "Op", []string{"viewer"})))
	require.NoError(t, s.Add(t.Context(), Who{}, "second", "Second", []string{"operator"}))
	assert.Equal(t, "last_manager", code(s.Lock(t.Context(), Who{}, "op", true)), "the second has no password yet")
	in := with(t, s, "third", "operator")
	require.NoError(t, s.Lock(t.Context(), Who{}, "op", true))
	assert.True(t, in.May().Has(ManagePeople))
	for _, x := range []struct {
		id, name string
		roles    []string
		want     string
	}{
		{"op", "Op", []string{"viewer"}, "id_taken"}, {"x", "X", nil, "no_role"}, {"x", "X", []string{"boss"}, "unknown_role"}, {"x", " ", []string{"viewer"}, "bad_name"},
	} {
		assert.Equal(t, x.want, code(s.Add(t.Context(), Who{}, x.id, x.name, x.roles)))
	}
	require.ErrorIs(t, s.Lock(t.Context(), Who{}, "nobody", true), ErrNone)
	require.ErrorIs(t, s.Change(t.Context(), Who{}, "nobody", "N", []string{"viewer"}), ErrNone)
}

// Wrong passwords are bounded for each address and account; a stranger keeps
// nobody from a device on which he has signed in, nor from another address.
func TestAttempts(t *testing.T) {
	s, c, _ := accounts(t)
	in := with(t, s, "li", "clerk")
	try := func(id, password, address, device string) string {
		_, err := s.SignIn(t.Context(), Attempt{ID: id, Password: password, Address: address, Device: device})
		return code(err)
	}
	for _, id := range []string{"li", "nobody"} { // the same for an account that there is not
		for range ofPair.most {
			assert.Equal(t, "wrong_password", try(id, "wrong", "stranger", ""))
		}
		assert.Equal(t, "too_many", try(id, "wrong", "stranger", ""))
		c.at = c.at.Add(ofPair.every - time.Millisecond)
		assert.Equal(t, "too_many", try(id, "wrong", "stranger", ""))
		c.at = c.at.Add(time.Millisecond)
		assert.Equal(t, "wrong_password", try(id, "wrong", "stranger", ""))
		assert.Equal(t, "too_many", try(id, "wrong", "stranger", ""))
	}
	assert.Equal(t, "wrong_password", try("li", "wrong", "stranger", ""))
	assert.Equal(t, "too_many", try("li", good, "stranger", ""), "the right one, too: else it would be found among the wrong ones")
	assert.Empty(t, try("li", good, "office", ""), "from another address he gets in")
	assert.Empty(t, try("li", good, "stranger", in.Device), "and on a device on which he has signed in from anywhere")
	assert.Equal(t, "too_many", try("li", good, "stranger", "a device that nobody knows"))
	for range ofPair.most + 1 { // what is right uses nothing up
		require.Empty(t, try("li", good, "office", ""))
	}
	// From one address all accounts together are bounded.
	n := 0
	for i := range 100 {
		if try(fmt.Sprintf("x%d", i), "wrong", "one", "") == "wrong_password" {
			n++
		}
	}
	assert.Equal(t, ofAddress.most, n)
	// From many addresses one account is.
	n = 0
	for i := range 300 {
		if try("li", "wrong", fmt.Sprint("a", i), "") == "wrong_password" {
			n++
		}
	}
	assert.Less(t, n, ofAccount.most+2)
	assert.Greater(t, n, ofAccount.most-20)
	assert.Equal(t, "too_many", try("li", good, "home", ""))
	assert.Empty(t, try("li", good, "home", in.Device))
	// One address alone never uses up what all of them have of an account.
	assert.Less(t, float64(ofAccount.every), float64(ofPair.every))
	// A device that is known gets no more than its own.
	for range ofDevice.most {
		assert.Equal(t, "wrong_password", try("li", "wrong", "office", in.Device))
	}
	assert.Equal(t, "too_many", try("li", good, "office", in.Device))
	assert.Less(t, len(s.attempts.left), mostBuckets)
}

// Attempts take bounded memory, whatever is tried.
func TestAttemptsAreBounded(t *testing.T) {
	a, now := newAttempts(), time.Now()
	for i := range mostBuckets * 2 {
		_, wait := a.take(now, map[string]allowance{fmt.Sprint(i): ofPair})
		require.Zero(t, wait)
	}
	assert.LessOrEqual(t, len(a.left), mostBuckets)
	_, wait := a.take(now.Add(time.Hour), map[string]allowance{"one more": ofPair})
	assert.Zero(t, wait)
	assert.Len(t, a.left, 1, "what is full again is forgotten")
}

// Whether there is an account cannot be told by the time that an answer takes:
// each kind of failure computes one hash of the same cost, and writes once.
func TestSameTime(t *testing.T) {
	s, _, _ := accounts(t)
	with(t, s, "li", "clerk")
	require.NoError(t, s.Add(t.Context(), Who{}, "new", "New", []string{"clerk"}))
	with(t, s, "gone", "clerk")
	require.NoError(t, s.Lock(t.Context(), Who{}, "gone", true))
	var computed []cost
	s.hasher.observe = func(c cost) { computed = append(computed, c) }
	for _, id := range []string{"li", "nobody", "new", "gone", "Not An Id", ""} {
		computed = nil
		before, err := s.Events(t.Context(), 0, 1)
		require.NoError(t, err)
		_, err = s.SignIn(t.Context(), Attempt{ID: id, Password: "wrong", Address: "x" + id})
		assert.Equal(t, "wrong_password", code(err), id)
		assert.Equal(t, []cost{s.hasher.cost}, computed, id)
		after, err := s.Events(t.Context(), 0, 1)
		require.NoError(t, err)
		assert.Equal(t, before[0].Seq+1, after[0].Seq, id)
		assert.Equal(t, EventRefused, after[0].What)
		assert.Equal(t, map[string]string{"li": "li", "new": "new", "gone": "gone"}[id], after[0].About, "what was written for an account may be a password")
	}
}

func TestPasswordsAreKept(t *testing.T) {
	h := newHasher()
	kept, err := h.hash(t.Context(), "Ｆｕｌｌ width")
	require.NoError(t, err)
	assert.Regexp(t, `^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`, kept)
	for password, want := range map[string]bool{"Full width": true, "Ｆｕｌｌ width": true, "full width": false, "": false, "Full width ": false} {
		fits, err := h.fits(t.Context(), kept, password)
		require.NoError(t, err)
		assert.Equal(t, want, fits, password)
	}
	fits, err := h.fits(t.Context(), h.nobody(), "")
	require.NoError(t, err)
	assert.False(t, fits)
	for _, bad := range []string{"", "plain", "$argon2i$v=19$m=8,t=1,p=1$AAAA$AAAA", "$argon2id$v=18$m=8,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=99999999,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=8,t=0,p=1$AAAA$AAAA", "$argon2id$v=19$m=8,t=1,p=1$!$AAAA"} {
		_, err := h.fits(t.Context(), bad, "x")
		require.Error(t, err, bad)
	}
	ctx, cancel := context.WithCancel(t.Context())
	for range hashesAtOnce {
		h.places <- struct{}{}
	}
	cancel()
	_, err = h.fits(ctx, kept, "x")
	require.ErrorIs(t, err, ErrBusy)
}

// A copy has the accounts, and nobody is signed in by it; what is changed is gone
// from the file.
func TestBackup(t *testing.T) {
	s, c, in := accounts(t)
	with(t, s, "li", "clerk")
	to := filepath.Join(t.TempDir(), "copy.people")
	require.NoError(t, s.Backup(t.Context(), to))
	require.Error(t, s.Backup(t.Context(), to), "it is there already")
	copied, err := Open(t.Context(), to, Options{Now: c.now})
	require.NoError(t, err)
	defer func() { require.NoError(t, copied.Close()) }()
	all, err := copied.List(t.Context())
	require.NoError(t, err)
	assert.Len(t, all, 2)
	_, _, err = copied.Session(t.Context(), in.Session, true)
	require.ErrorIs(t, err, ErrNoSession)
	_, err = copied.SignIn(t.Context(), Attempt{ID: "li", Password: good})
	require.NoError(t, err)
	events, err := s.Events(t.Context(), 0, 3)
	require.NoError(t, err)
	require.Len(t, events, 3)
	assert.Equal(t, EventSignedIn, events[0].What)
	assert.Equal(t, "li", events[0].About)
	earlier, err := s.Events(t.Context(), events[2].Seq, 100)
	require.NoError(t, err)
	assert.Less(t, earlier[0].Seq, events[2].Seq)
	assert.Equal(t, EventLink, earlier[len(earlier)-1].What)

	other := filepath.Join(t.TempDir(), "other.db")
	require.NoError(t, os.WriteFile(other, []byte("no database at all, but long enough to look like one"), 0o600))
	_, err = Open(t.Context(), other, Options{})
	require.ErrorContains(t, err, other)
}
