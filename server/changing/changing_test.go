package changing_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/servicerules/rulebook/server/changing"
	"github.com/servicerules/rulebook/server/internal/postgrestest"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/record"
)

const usual = "../record/testdata/rules.yaml"

// place is a server's rules and record, which can be ended and started again.
type place struct {
	*Changes
	t     *testing.T
	dir   string
	now   time.Time
	rules *live.Rules
	store *record.Store
}

func newPlace(t *testing.T) *place {
	t.Helper()
	p := &place{t: t, dir: t.TempDir(), now: time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)}
	text, err := os.ReadFile(usual)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(p.file(), text, 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(p.dir, "cases"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(p.dir, "cases", "fees.yaml"), []byte("cases:\n- name: the first time\n  question: lending.fee\n  facts: {kind: book, reader: R1}\n  expect: {verdict: fee}\n"), 0o600))
	p.start()
	t.Cleanup(func() { _ = p.store.Close() })
	return p
}

func (p *place) file() string { return filepath.Join(p.dir, "rules.yaml") }

// start starts as a server does.
func (p *place) start() {
	p.t.Helper()
	var err error
	p.rules, err = live.Open(p.t.Context(), live.Options{File: p.file(), Cases: filepath.Join(p.dir, "cases"), Settle: time.Millisecond, LastGood: filepath.Join(p.dir, "last.yaml")})
	require.NoError(p.t, err)
	p.store, err = record.Open(p.t.Context(), postgrestest.Place(p.t, filepath.Join(p.dir, "rulebook.db")), record.Options{Now: func() time.Time { return p.now }})
	require.NoError(p.t, err)
	p.Changes = New(p.rules, p.store, Options{})
	p.Look(p.t.Context())
}

func (p *place) restart() {
	p.t.Helper()
	require.NoError(p.t, p.store.Close())
	p.start()
}

// changed is the text in force with something replaced in it.
func (p *place) changed(old, now string) []byte {
	p.t.Helper()
	require.Contains(p.t, string(p.rules.Current().Text), old)
	return bytes.ReplaceAll(p.rules.Current().Text, []byte(old), []byte(now))
}

func (p *place) take(number int64, d Do) *Change {
	p.t.Helper()
	c, _, err := p.Take(p.t.Context(), number, d)
	require.NoError(p.t, err)
	return c
}

func (p *place) refused(code string, number int64, d Do) *RefusedError {
	p.t.Helper()
	_, _, err := p.Take(p.t.Context(), number, d)
	var e *RefusedError
	require.ErrorAs(p.t, err, &e)
	require.Equal(p.t, code, e.Code, e.Message.EN)
	assert.NotEmpty(p.t, e.Message.ZH)
	assert.NotEmpty(p.t, e.Remedy.ZH)
	return e
}

func (p *place) state(number int64) State {
	p.t.Helper()
	c, err := p.Change(p.t.Context(), number)
	require.NoError(p.t, err)
	return c.State
}

func (p *place) sound() {
	p.t.Helper()
	r, err := p.store.Verify(p.t.Context(), record.Stretch{})
	require.NoError(p.t, err)
	require.Empty(p.t, r.Damage)
}

var (
	li    = people.Who{Name: "li", How: people.ByPassword, Person: "li.wei"}
	zhang = people.Who{Name: "zhang", How: people.ByPassword, Person: "zhang.min"}
)

// approved brings a change of the fee as far as that.
func (p *place) approved(text []byte) *Change {
	p.t.Helper()
	c := p.take(0, Do{Kind: record.ChangeDrafted, By: li, Title: "the fee", Why: "as decided", Text: text})
	c = p.take(c.Number, Do{Kind: record.ChangeProposed, By: li, SHA256: c.Text, Seen: c.Seen()})
	return p.take(c.Number, Do{Kind: record.ChangeApproved, By: zhang, SHA256: c.Text, Seen: c.Seen()})
}

// The whole way of a change, with a start of the server between every two steps.
func TestWay(t *testing.T) {
	p := newPlace(t)
	first := p.rules.Current()
	text := p.changed("amount: 5", "amount: 10")
	c := p.take(0, Do{Kind: record.ChangeDrafted, By: li, Title: "  the   fee ", Text: text})
	assert.Equal(t, "the fee", c.Title)
	n := c.Number
	step := func(d Do, want State) {
		t.Helper()
		p.restart()
		c, err := p.Change(t.Context(), n)
		require.NoError(t, err)
		d.Seen, d.SHA256 = c.Seen(), c.Text
		c = p.take(n, d)
		assert.Equal(t, want, c.State)
		p.restart()
		assert.Equal(t, want, p.state(n))
	}
	p.refused(CodeNeeded, n, Do{Kind: record.ChangeProposed, By: li, SHA256: c.Text})
	step(Do{Kind: record.ChangeRevised, By: li, Title: "the fee", Why: "as decided on Monday"}, Draft)
	p.refused(CodeNotNow, n, Do{Kind: record.ChangeApproved, By: zhang, SHA256: c.Text})
	step(Do{Kind: record.ChangeProposed, By: li}, Proposed)
	p.refused(CodeSamePerson, n, Do{Kind: record.ChangeApproved, By: li, SHA256: c.Text})
	p.refused(CodeNotNow, n, Do{Kind: record.ChangePublished, By: zhang, SHA256: c.Text})
	step(Do{Kind: record.ChangeRefused, By: zhang, Reason: "six"}, Refused)
	step(Do{Kind: record.ChangeRevised, By: li, Title: "the fee", Why: "as decided", Text: p.changed("amount: 5", "amount: 20")}, Draft)
	step(Do{Kind: record.ChangeProposed, By: li}, Proposed)
	step(Do{Kind: record.ChangeApproved, By: zhang}, Approved)
	assert.Equal(t, first.SHA256, p.rules.Current().SHA256)
	step(Do{Kind: record.ChangePublished, By: zhang}, Published)
	c, err := p.Change(t.Context(), n)
	require.NoError(t, err)
	assert.Equal(t, c.Text, p.rules.Current().SHA256)
	file, err := os.ReadFile(p.file())
	require.NoError(t, err)
	assert.Equal(t, p.rules.Current().Text, file)
	p.refused(CodeNotNow, n, Do{Kind: record.ChangeWithdrawn, By: li, Reason: "x"})

	// back to the first version is a change, too
	back := p.approved(first.Text)
	back = p.take(back.Number, Do{Kind: record.ChangePublished, By: zhang, SHA256: back.Text})
	assert.Equal(t, Published, back.State)
	assert.Equal(t, Superseded, p.state(n))
	versions, err := p.Versions(t.Context())
	require.NoError(t, err)
	require.Len(t, versions, 3)
	assert.Equal(t, []string{first.SHA256, c.Text, first.SHA256}, []string{versions[0].SHA256, versions[1].SHA256, versions[2].SHA256})
	for _, v := range versions {
		kept, err := p.Text(t.Context(), v.SHA256)
		require.NoError(t, err)
		sum := sha256.Sum256(kept)
		assert.Equal(t, v.SHA256, hex.EncodeToString(sum[:]))
	}
	p.sound()
}

// Whoever comes second is told, and only one of many at once is first.
func TestTwoPeopleAtOnce(t *testing.T) {
	p := newPlace(t)
	c := p.take(0, Do{Kind: record.ChangeDrafted, By: li, Title: "the fee", Why: "x", Text: p.changed("amount: 5", "amount: 10")})
	p.take(c.Number, Do{Kind: record.ChangeRevised, By: zhang, Seen: c.Seen(), Title: "the fee of books"})
	p.refused(CodeUnseen, c.Number, Do{Kind: record.ChangeRevised, By: li, Seen: c.Seen(), Title: "the fees"})
	c, err := p.Change(t.Context(), c.Number)
	require.NoError(t, err)
	assert.Equal(t, "the fee of books", c.Title)

	c = p.approved(p.changed("amount: 5", "amount: 10"))
	var wait sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for range 8 {
		wait.Go(func() {
			_, _, err := p.Take(context.Background(), c.Number, Do{Kind: record.ChangePublished, By: zhang, SHA256: c.Text, Seen: c.Seen()})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			}
		})
	}
	wait.Wait()
	assert.Equal(t, 1, won)
	assert.Equal(t, c.Text, p.rules.Current().SHA256)
	p.sound()
}

// Who had a hand in a change does not approve it, by whatever token; where nobody
// can tell, nobody approves; where nobody is asked, one person may, and it is noted.
func TestAnotherPersonApproves(t *testing.T) {
	p := newPlace(t)
	token := func(name, person string) people.Who {
		return people.Who{Name: name, How: people.ByToken, Person: person}
	}
	text := p.changed("amount: 5", "amount: 10")
	propose := func(by people.Who) *Change {
		c := p.take(0, Do{Kind: record.ChangeDrafted, By: by, Title: "t", Why: "w", Text: text})
		return p.take(c.Number, Do{Kind: record.ChangeProposed, By: by, SHA256: c.Text})
	}
	c := propose(token("a", "li.wei"))
	for by, code := range map[people.Who]string{
		token("a", "li.wei"): CodeSamePerson, token("b", "li.wei"): CodeSamePerson, token("b", "Li.Wei"): CodeSamePerson, li: CodeSamePerson, token("c", ""): CodeUnknown,
	} {
		p.refused(code, c.Number, Do{Kind: record.ChangeApproved, By: by, SHA256: c.Text})
	}
	assert.Equal(t, Approved, p.take(c.Number, Do{Kind: record.ChangeApproved, By: token("c", "zhang.min"), SHA256: c.Text}).State)

	// who wrote a part of it, too
	c = p.take(0, Do{Kind: record.ChangeDrafted, By: zhang, Title: "t", Why: "w", Text: text})
	p.take(c.Number, Do{Kind: record.ChangeRevised, By: li, Title: "t2", Why: "w"})
	c = p.take(c.Number, Do{Kind: record.ChangeProposed, By: li, SHA256: c.Text})
	p.refused(CodeSamePerson, c.Number, Do{Kind: record.ChangeApproved, By: zhang, SHA256: c.Text})

	nobody := p.take(0, Do{Kind: record.ChangeDrafted, By: token("a", ""), Title: "t", Why: "w", Text: text})
	p.refused(CodeUnknown, nobody.Number, Do{Kind: record.ChangeProposed, By: token("a", ""), SHA256: nobody.Text})

	alone := propose(people.Who{})
	p.refused(CodeUnknown, alone.Number, Do{Kind: record.ChangeApproved, By: zhang, SHA256: alone.Text})
	alone = p.take(alone.Number, Do{Kind: record.ChangeApproved, SHA256: alone.Text})
	assert.True(t, alone.Alone)
	assert.Equal(t, Published, p.take(alone.Number, Do{Kind: record.ChangePublished, SHA256: alone.Text}).State)
}

// Only what passes check and cases is proposed, and only a change of the rules in
// force; what was approved is put in force, and no other text.
func TestNotFit(t *testing.T) {
	p := newPlace(t)
	draft := func(text []byte) *Change {
		return p.take(0, Do{Kind: record.ChangeDrafted, By: li, Title: "t", Why: "w", Text: text})
	}
	for _, text := range [][]byte{p.changed("type: word", "type: wrd"), p.changed("lending.fee:", "lending.fine:"), []byte("\xff\xfe"), []byte("--- # rulebook of several files\na: 1\n--- # file: ../x.yaml\nb: 2\n")} {
		c := draft(text)
		e := p.refused(CodeNotFit, c.Number, Do{Kind: record.ChangeProposed, By: li, SHA256: c.Text})
		require.NotNil(t, e.Trial)
		assert.True(t, e.Trial.Findings.Failed() || len(e.Trial.Failed) > 0)
		assert.Equal(t, Draft, p.state(c.Number))
	}
	same := draft(p.rules.Current().Text)
	p.refused(CodeNothing, same.Number, Do{Kind: record.ChangeProposed, By: li, SHA256: same.Text})

	c := draft(p.changed("amount: 5", "amount: 10"))
	p.refused(CodeOtherText, c.Number, Do{Kind: record.ChangeProposed, By: li, SHA256: same.Text})
	p.refused(CodeNeeded, c.Number, Do{Kind: record.ChangeProposed, By: li})
	p.refused(CodeKind, c.Number, Do{Kind: "praised", By: li})
	p.refused(CodeKind, c.Number, Do{Kind: record.ChangeFound, By: li})
	p.refused(CodeOtherBase, 0, Do{Kind: record.ChangeDrafted, By: li, Title: "t", Base: same.Text[1:] + "0", Text: []byte("x")})
	e := p.refused(CodeNeeded, 0, Do{Kind: record.ChangeDrafted, By: li})
	assert.Len(t, e.Others, 1, "all that is wrong")
	p.refused(CodeTooLong, 0, Do{Kind: record.ChangeDrafted, By: li, Title: string(bytes.Repeat([]byte("长"), 201)), Text: []byte("x")})
	_, _, err := p.Take(t.Context(), 99, Do{Kind: record.ChangeWithdrawn, By: li, Reason: "x"})
	require.ErrorIs(t, err, ErrNotFound)
	assert.Equal(t, Withdrawn, p.take(c.Number, Do{Kind: record.ChangeWithdrawn, By: li, Reason: "x"}).State)
	p.sound()
}

// A case that came meanwhile keeps an approved change back; why is told without what
// only the log has to say.
func TestNotFitByThen(t *testing.T) {
	p := newPlace(t)
	c := p.approved(p.changed("amount: 5", "amount: 10"))
	require.NoError(t, os.WriteFile(filepath.Join(p.dir, "cases", "more.yaml"), []byte("cases:\n- name: never\n  question: lending.fee\n  facts: {kind: book, reader: R1}\n  expect: {verdict: none}\n"), 0o600))
	e := p.refused(CodeNotFit, c.Number, Do{Kind: record.ChangePublished, By: zhang, SHA256: c.Text})
	assert.Len(t, e.Trial.Failed, 1)
	c, err := p.Change(t.Context(), c.Number)
	require.NoError(t, err)
	assert.Equal(t, Approved, c.State)
	assert.Equal(t, FailedUnfit, c.Failure)
	assert.NotRegexp(t, "[a-z]", Failure(c.Failure).ZH)
	assert.NotEqual(t, c.Text, p.rules.Current().SHA256)
	p.sound()
}

// Rules that change meanwhile, by another change or by somebody who writes to the
// file, keep a change back until it is carried over to them.
func TestOtherBase(t *testing.T) {
	p := newPlace(t)
	late := p.approved(p.changed("amount: 10", "amount: 20"))
	draft := p.take(0, Do{Kind: record.ChangeDrafted, By: li, Title: "t", Why: "w", Text: p.changed("effect_by: 2", "effect_by: 3")})
	soon := p.approved(p.changed("zh: 借阅规则", "zh: 借书规则"))
	p.take(soon.Number, Do{Kind: record.ChangePublished, By: zhang, SHA256: soon.Text})
	p.refused(CodeOtherBase, late.Number, Do{Kind: record.ChangePublished, By: zhang, SHA256: late.Text})
	p.refused(CodeOtherBase, draft.Number, Do{Kind: record.ChangeProposed, By: li, SHA256: draft.Text})
	draft = p.take(draft.Number, Do{Kind: record.ChangeRevised, By: li, Title: "still a draft"})
	assert.False(t, p.Based(draft))

	merged, conflicts, err := p.CarriedOver(t.Context(), late)
	require.NoError(t, err)
	assert.Zero(t, conflicts)
	assert.Equal(t, string(p.changed("amount: 10", "amount: 20")), string(merged))
	late = p.take(late.Number, Do{Kind: record.ChangeRevised, By: li, Title: late.Title, Why: late.Why, Base: p.rules.Current().SHA256, Text: merged})
	late = p.take(late.Number, Do{Kind: record.ChangeProposed, By: li, SHA256: late.Text})
	late = p.take(late.Number, Do{Kind: record.ChangeApproved, By: zhang, SHA256: late.Text})

	require.NoError(t, os.WriteFile(p.file(), p.changed("馆务会", "馆长"), 0o600))
	p.refused(CodeOtherBase, late.Number, Do{Kind: record.ChangePublished, By: zhang, SHA256: late.Text})
	c, err := p.Change(t.Context(), late.Number)
	require.NoError(t, err)
	assert.Equal(t, Approved, c.State)
	assert.Equal(t, FailedBase, c.Failure)
	require.True(t, p.rules.Reload(t.Context()).OK)
	p.Look(t.Context())
	versions, err := p.Versions(t.Context())
	require.NoError(t, err)
	require.Len(t, versions, 3)
	assert.Zero(t, versions[2].Change, "by the file")
	p.restart()
	again, err := p.Versions(t.Context())
	require.NoError(t, err)
	assert.Len(t, again, 3)
	p.sound()
}

// A change that is due is put in force by nobody's hand: where who approved it, or
// set its moment, may no longer approve, it waits for another person.
func TestScheduleOfWhoMayNoLonger(t *testing.T) {
	wang := people.Who{Name: "wang", How: people.ByPassword, Person: "wang.wu"}
	program := people.Who{Name: "release", How: people.ByToken}
	for name, x := range map[string]struct {
		approver, scheduler people.Who
		lose                func(s *people.Store) error
		holds               bool
	}{
		"nobody":    {zhang, wang, func(*people.Store) error { return nil }, true},
		"author":    {zhang, wang, func(s *people.Store) error { return s.Lock(t.Context(), people.Who{}, "li.wei", true) }, true},
		"approver":  {zhang, wang, func(s *people.Store) error { return s.Lock(t.Context(), people.Who{}, "zhang.min", true) }, false},
		"scheduler": {zhang, wang, func(s *people.Store) error { return s.Lock(t.Context(), people.Who{}, "wang.wu", true) }, false},
		"roles": {zhang, wang, func(s *people.Store) error {
			return s.Change(t.Context(), people.Who{}, "zhang.min", "Z", []string{"viewer"})
		}, false},
		"again": {zhang, wang, func(s *people.Store) error {
			return errors.Join(s.Lock(t.Context(), people.Who{}, "zhang.min", true), s.Lock(t.Context(), people.Who{}, "zhang.min", false))
		}, true},
		"program":    {zhang, program, func(*people.Store) error { return nil }, true},
		"no account": {people.Who{Name: "gone", How: people.ByToken, Person: "gone"}, wang, func(*people.Store) error { return nil }, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			accounts, err := people.Open(t.Context(), filepath.Join(p.dir, "people"), people.Options{})
			require.NoError(t, err)
			defer func() { require.NoError(t, accounts.Close()) }()
			for id, role := range map[string]string{"li.wei": "editor", "zhang.min": "approver", "wang.wu": "approver", "op": "operator"} {
				require.NoError(t, accounts.Add(t.Context(), people.Who{}, id, id, []string{role}))
			}
			p.AskAccounts(accounts)
			c := p.take(0, Do{Kind: record.ChangeDrafted, By: li, Title: "the fee", Why: "as decided", Text: p.changed("amount: 5", "amount: 10")})
			c = p.take(c.Number, Do{Kind: record.ChangeProposed, By: li, SHA256: c.Text})
			c = p.take(c.Number, Do{Kind: record.ChangeApproved, By: x.approver, SHA256: c.Text})
			at := p.now.Add(time.Hour)
			p.take(c.Number, Do{Kind: record.ChangeScheduled, By: x.scheduler, SHA256: c.Text, From: &at})
			require.NoError(t, x.lose(accounts))
			p.now = at
			p.Look(t.Context())
			p.Look(t.Context())
			got, err := p.Change(t.Context(), c.Number)
			require.NoError(t, err)
			if x.holds {
				assert.Equal(t, Published, got.State)
				return
			}
			assert.NotEqual(t, c.Text, p.rules.Current().SHA256)
			assert.Equal(t, Approved, got.State)
			assert.Equal(t, FailedApprover, got.Failure)
			assert.Nil(t, got.From)
			assert.Equal(t, Published, p.take(c.Number, Do{Kind: record.ChangePublished, By: wang, SHA256: c.Text}).State, "by another person, who looks at it")
			p.sound()
		})
	}
}

// Somebody whose account was made by hand and who has another one by his identity at
// a provider is not two people.
func TestTwoAccountsOfOnePerson(t *testing.T) {
	p := newPlace(t)
	ctx := t.Context()
	accounts, err := people.Open(ctx, filepath.Join(p.dir, "people"), people.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, accounts.Close()) }()
	require.NoError(t, accounts.Add(ctx, people.Who{}, "lw", "Li Wei", []string{"editor"}))
	_, err = accounts.SignInVouched(ctx, people.Vouched{Identity: people.Identity{Issuer: "https://id.example", Subject: "u-1"}, Account: "li.wei", Name: "Wei Li", Roles: []string{"editor", "approver"}})
	require.NoError(t, err)
	p.AskAccounts(accounts)
	hand, itself := people.Who{Name: "lw", How: people.ByPassword, Person: "lw"}, people.Who{Name: "li.wei", How: people.ByProvider, Person: "li.wei"}
	proposes := func(drafts, proposes people.Who) *Change {
		c := p.take(0, Do{Kind: record.ChangeDrafted, By: drafts, Title: "the fee", Why: "as decided", Text: p.changed("amount: 5", "amount: 10")})
		return p.take(c.Number, Do{Kind: record.ChangeProposed, By: proposes, SHA256: c.Text})
	}
	c := proposes(hand, hand)
	e := p.refused(CodeUnknown, c.Number, Do{Kind: record.ChangeApproved, By: itself, SHA256: c.Text})
	assert.Contains(t, e.Message.EN, "lw and li.wei")
	assert.ErrorAs(t, p.Approvable(ctx, c, itself), &e)
	drafted := proposes(hand, zhang)
	p.refused(CodeUnknown, drafted.Number, Do{Kind: record.ChangeApproved, By: itself, SHA256: drafted.Text})
	p.refused(CodeUnknown, c.Number, Do{Kind: record.ChangeApproved, By: people.Who{Name: "t", How: people.ByToken, Person: "li.wei"}, SHA256: c.Text})
	require.NoError(t, accounts.Lock(ctx, people.Who{}, "lw", true))
	p.refused(CodeUnknown, c.Number, Do{Kind: record.ChangeApproved, By: itself, SHA256: c.Text})
	require.NoError(t, accounts.Lock(ctx, people.Who{}, "lw", false))

	// The remedy works for another person, and for him alone.
	secret, _, err := accounts.NewLink(ctx, people.Who{}, "lw")
	require.NoError(t, err)
	_, err = accounts.SignInVouched(ctx, people.Vouched{Identity: people.Identity{Issuer: "https://id.example", Subject: "u-1"}, Link: secret})
	require.Error(t, err)
	p.refused(CodeUnknown, c.Number, Do{Kind: record.ChangeApproved, By: itself, SHA256: c.Text})
	_, err = accounts.SignInVouched(ctx, people.Vouched{Identity: people.Identity{Issuer: "https://id.example", Subject: "u-2"}, Link: secret})
	require.NoError(t, err)
	require.NoError(t, p.Approvable(ctx, c, itself))
	assert.Equal(t, Approved, p.take(c.Number, Do{Kind: record.ChangeApproved, By: itself, SHA256: c.Text}).State)
}

// A change is put in force at its moment, also where the server was started anew,
// or was not running then; where that fails, the old rules stay and it is told.
func TestSchedule(t *testing.T) {
	p := newPlace(t)
	ctx := t.Context()
	first := p.rules.Current().SHA256
	at := p.now.Add(time.Hour)
	over := p.now.Add(-time.Minute)
	c := p.approved(p.changed("amount: 5", "amount: 10"))
	p.refused(CodePast, c.Number, Do{Kind: record.ChangeScheduled, By: zhang, SHA256: c.Text, From: &over})
	c = p.take(c.Number, Do{Kind: record.ChangeScheduled, By: zhang, SHA256: c.Text, From: &at})
	assert.Equal(t, Scheduled, c.State)
	c = p.take(c.Number, Do{Kind: record.ChangeUnscheduled, By: zhang})
	assert.Equal(t, Approved, c.State)
	p.take(c.Number, Do{Kind: record.ChangeScheduled, By: zhang, SHA256: c.Text, From: &at})
	other := p.approved(p.changed("amount: 5", "amount: 20"))
	later := at.Add(time.Minute)
	p.take(other.Number, Do{Kind: record.ChangeScheduled, By: zhang, SHA256: other.Text, From: &later})
	p.Look(ctx)
	p.now = at.Add(-time.Second)
	p.Look(ctx)
	assert.Equal(t, first, p.rules.Current().SHA256)
	p.restart()
	assert.Equal(t, Scheduled, p.state(c.Number))
	p.now = at
	p.Look(ctx)
	assert.Equal(t, c.Text, p.rules.Current().SHA256)
	assert.Equal(t, Published, p.state(c.Number))
	p.now = later.Add(24 * time.Hour) // nobody was there
	p.restart()
	assert.Equal(t, c.Text, p.rules.Current().SHA256, "the other one was a change of other rules")
	failed, err := p.Change(ctx, other.Number)
	require.NoError(t, err)
	assert.Equal(t, Approved, failed.State)
	assert.Equal(t, FailedBase, failed.Failure)
	assert.NotEmpty(t, Failure(failed.Failure).ZH)
	p.sound()
}

// Where the server ends while it publishes, the file is the old one or the new one;
// at the next start it is told which, and a moment that is over is kept all the same.
func TestEndedWhilePublishing(t *testing.T) {
	for _, scheduled := range []bool{false, true} {
		for _, written := range []bool{false, true} {
			t.Run(fmt.Sprint(scheduled, written), func(t *testing.T) {
				p := newPlace(t)
				first := p.rules.Current().SHA256
				text := p.changed("amount: 5", "amount: 10")
				c := p.approved(text)
				if scheduled {
					at := p.now.Add(time.Hour)
					c = p.take(c.Number, Do{Kind: record.ChangeScheduled, By: zhang, SHA256: c.Text, From: &at})
					p.now = at
				}
				_, err := p.store.TakeChange(t.Context(), record.ChangeStepBody{Kind: record.ChangePublishing, Change: c.Number, Text: c.Text, Base: c.Base}, nil, func([]*record.ChangeStep) error { return nil })
				require.NoError(t, err)
				if written {
					require.NoError(t, os.WriteFile(p.file(), text, 0o600))
				}
				if postgrestest.Over() { // what may be another server's to bring to its end is left to it for a while
					p.now = p.now.Add(2 * time.Minute)
				}
				p.restart()
				now := p.rules.Current().SHA256
				switch {
				case written || scheduled:
					assert.Equal(t, c.Text, now)
					assert.Equal(t, Published, p.state(c.Number))
				default:
					assert.Equal(t, first, now)
					assert.Equal(t, Approved, p.state(c.Number))
					again, err := p.Change(t.Context(), c.Number)
					require.NoError(t, err)
					assert.Equal(t, FailedInterrupted, again.Failure)
					p.take(c.Number, Do{Kind: record.ChangePublished, By: zhang, SHA256: c.Text})
				}
				versions, err := p.Versions(t.Context())
				require.NoError(t, err)
				assert.Len(t, versions, 2)
				p.sound()
			})
		}
	}
}

// A request that is sent again takes no second step.
func TestOnce(t *testing.T) {
	p := newPlace(t)
	hash := func(s string) string { sum := sha256.Sum256([]byte(s)); return hex.EncodeToString(sum[:]) }
	once := &record.BodyRetry{Key: hash("k"), Request: hash("r")}
	d := Do{Kind: record.ChangeDrafted, By: li, Title: "t", Text: p.changed("amount: 5", "amount: 10"), Retry: once}
	first, again, err := p.Take(t.Context(), 0, d)
	require.NoError(t, err)
	assert.False(t, again)
	second, again, err := p.Take(t.Context(), 0, d)
	require.NoError(t, err)
	assert.True(t, again)
	assert.Equal(t, first.Number, second.Number)
	d.Retry = &record.BodyRetry{Key: hash("k"), Request: hash("other")}
	_, _, err = p.Take(t.Context(), 0, d)
	require.ErrorIs(t, err, record.ErrKeyReused)
}

// What is too long is named: on a page several things are written.
func TestWhatIsTooLongIsNamed(t *testing.T) {
	p := newPlace(t)
	long := strings.Repeat("字", 4001)
	for member, d := range map[string]Do{
		"title":  {Kind: record.ChangeDrafted, Title: long, Text: []byte("x")},
		"why":    {Kind: record.ChangeDrafted, Title: "x", Why: long, Text: []byte("x")},
		"text":   {Kind: record.ChangeDrafted, Title: "x", Text: make([]byte, 4<<20+1)},
		"reason": {Kind: record.ChangeRefused, Reason: long},
	} {
		var e *RefusedError
		_, _, err := p.Take(t.Context(), 0, d)
		require.ErrorAs(t, err, &e, member)
		assert.Equal(t, []string{CodeTooLong, member}, []string{e.Code, e.Member})
		assert.NotContains(t, e.Message.EN, "it has", member)
		assert.NotEqual(t, "超", e.Message.ZH[:len("超")], member)
	}
}

// Who wrote a new change while others came into force keeps what he wrote: it is a
// change of the rules that he began with, and is carried over.
func TestBegunBeforeOthersCameIntoForce(t *testing.T) {
	p := newPlace(t)
	first := p.rules.Current()
	written := append([]byte("# written meanwhile\n"), first.Text...)
	c := p.approved(p.changed("amount: 5", "amount: 10"))
	p.take(c.Number, Do{Kind: record.ChangePublished, By: zhang, SHA256: c.Text})

	late := p.take(0, Do{Kind: record.ChangeDrafted, By: li, Title: "t", Why: "w", Base: first.SHA256, Text: written})
	assert.False(t, p.Based(late))
	p.refused(CodeOtherBase, late.Number, Do{Kind: record.ChangeProposed, By: li, SHA256: late.Text})
	text, conflicts, err := p.CarriedOver(t.Context(), late)
	require.NoError(t, err)
	assert.Zero(t, conflicts)
	assert.Contains(t, string(text), "amount: 10")
	assert.Contains(t, string(text), "written meanwhile")
	late = p.take(late.Number, Do{Kind: record.ChangeRevised, By: li, Title: "t", Why: "w", Base: p.rules.Current().SHA256, Text: text})
	late = p.take(late.Number, Do{Kind: record.ChangeProposed, By: li, SHA256: late.Text})
	assert.Equal(t, Proposed, late.State)
	p.refused(CodeOtherBase, 0, Do{Kind: record.ChangeDrafted, By: li, Title: "t", Base: late.Text, Text: []byte("x")}) // never in force
}
