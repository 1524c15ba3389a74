package webhook

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/servicerules/rulebook/internal/testsize"
	"github.com/servicerules/rulebook/server/internal/postgrestest"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
)

// childEnv names the file that this program is to put on record and send from, as
// the process that is killed.
const childEnv = "RULEBOOK_WEBHOOK_CHILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		child(path)
		return
	}
	os.Exit(postgrestest.Main(withoutLeaks{m}))
}

// withoutLeaks runs tests, and looks for goroutines that they left.
type withoutLeaks struct{ *testing.M }

func (m withoutLeaks) Run() int {
	code := m.M.Run()
	err := goleak.Find(goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"), goleak.IgnoreTopFunction("net/http.(*persistConn).readLoop"))
	if err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

const facts = `{"request":{"kind":"install","area_type":"urban","papers_complete_at":"2025-06-09T10:00:00+08:00"}}`

func newService(t require.TestingT, ctx context.Context, path string) *service.Service {
	rules, err := live.Open(ctx, live.Options{Settle: time.Millisecond})
	require.NoError(t, err)
	store, err := record.Open(ctx, path, record.Options{})
	require.NoError(t, err)
	return service.New(rules, store, nil)
}

func put(t require.TestingT, ctx context.Context, s *service.Service) string {
	done, err := s.Record(ctx, service.Asking{Question: "time_limit.request", Facts: []byte(facts)}, service.Once{})
	require.NoError(t, err)
	return done.Entry.ID()
}

// receiver takes events, as far as answer lets it: with 0, as taken.
type receiver struct {
	*httptest.Server
	t      *testing.T
	secret []byte
	answer func(n int) int

	mu  sync.Mutex
	got []string // ids that it has said to have taken
	n   int

	signed  int  // how many signatures the latest event had
	refuses bool // what has no signature by its secret, instead of failing
}

func newReceiver(t *testing.T, answer func(n int) int) *receiver {
	x := &receiver{t: t, secret: NewSecret(), answer: answer}
	x.Server = httptest.NewServer(x)
	t.Cleanup(x.Close)
	return x
}

func (x *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	id := r.Header.Get("Webhook-Id")
	seconds, _ := strconv.ParseInt(r.Header.Get("Webhook-Timestamp"), 10, 64)
	signatures := strings.Split(r.Header.Get("Webhook-Signature"), " ")
	x.mu.Lock()
	right, refuses := Sign(x.secret, id, time.Unix(seconds, 0), body), x.refuses
	x.mu.Unlock()
	if refuses && !slices.Contains(signatures, right) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	assert.Contains(x.t, signatures, right)
	assert.WithinDuration(x.t, time.Now(), time.Unix(seconds, 0), time.Minute)
	var e service.Event
	assert.NoError(x.t, json.Unmarshal(body, &e))
	assert.Equal(x.t, id, e.ID)
	x.mu.Lock()
	x.n++
	n := x.n
	x.mu.Unlock()
	status := 0
	if x.answer != nil {
		status = x.answer(n)
	}
	switch {
	case status == -1: // it dies half-way
		panic(http.ErrAbortHandler)
	case status != 0:
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
		return
	}
	x.mu.Lock()
	x.got, x.signed = append(x.got, id), len(signatures)
	x.mu.Unlock()
}

// signatures is how many the latest event that was taken had.
func (x *receiver) signatures() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.signed
}

// firsts are the ids in the order in which they were first taken.
func (x *receiver) firsts() (all []string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	seen := map[string]bool{}
	for _, id := range x.got {
		if !seen[id] {
			seen[id] = true
			all = append(all, id)
		}
	}
	return all
}

func idsOf(t *testing.T, s *record.Store) (all []string) {
	t.Helper()
	events, err := s.Events(t.Context(), record.Cursor{}, 10_000)
	require.NoError(t, err)
	for _, e := range events {
		all = append(all, e.ID)
	}
	return all
}

// inOrder checks that all events came, each kind in the order of the file, and no
// step before its record. A record may come before a step of an earlier one: who
// reads while both are written may meet it first.
func inOrder(t *testing.T, want, got []string, about string) {
	t.Helper()
	assert.ElementsMatch(t, want, got, about)
	for _, kind := range []string{"record.", "step."} {
		of := func(all []string) []string {
			return slices.DeleteFunc(slices.Clone(all), func(id string) bool { return !strings.HasPrefix(id, kind) })
		}
		assert.Equal(t, of(want), of(got), about)
	}
	for _, id := range want {
		if n, ok := strings.CutPrefix(id, "step."); ok { // the first step is of the first record, and so on
			n, _, _ = strings.Cut(n, "-")
			its := slices.IndexFunc(got, func(id string) bool { return strings.HasPrefix(id, "record."+n+"-") })
			assert.Less(t, its, slices.Index(got, id), about)
		}
	}
}

func quick(int) time.Duration { return 5 * time.Millisecond }

// run has a sender work until the end.
func run(t *testing.T, s *Sender) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(ctx)
	}()
	return func() {
		cancel()
		<-done
		s.client.CloseIdleConnections()
	}
}

func (x *receiver) hook(name string) *record.Webhook {
	return &record.Webhook{Name: name, URL: x.URL + "/events", Secret: x.secret}
}

// The published example of the standard.
func TestSign(t *testing.T) {
	secret, err := ParseSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	require.NoError(t, err)
	assert.Equal(t, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", Sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`)))
	again, err := ParseSecret(SecretText(NewSecret()))
	require.NoError(t, err)
	assert.Len(t, again, secretBytes)
	for _, text := range []string{"", "whsec_", "whsec_MfKQ", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!", "whsec_" + strings.Repeat("AAAA", 30)} {
		_, err := ParseSecret(text)
		assert.ErrorIs(t, err, ErrSecret, text)
	}
}

// Whatever receivers do – fail, answer late, die half-way, send elsewhere –, each
// gets every event, in order, and none waits for another.
func TestReceiversThatFail(t *testing.T) {
	s := newService(t, t.Context(), postgrestest.Place(t, filepath.Join(t.TempDir(), "test.db")))
	defer func() { require.NoError(t, s.Store.Close()) }()
	answers := map[string]func(int) int{
		"sound": nil,
		"fails": func(n int) int { return []int{500, 503, 404, 0}[n%4] },
		"dies":  func(n int) int { return []int{-1, 0}[n%2] },
		"late": func(n int) int {
			if n%3 == 1 {
				time.Sleep(300 * time.Millisecond)
			}
			return 0
		},
		"elsewhere": func(n int) int { return []int{307, 301, 0}[n%3] },
	}
	receivers := map[string]*receiver{}
	for name, answer := range answers {
		receivers[name] = newReceiver(t, answer)
		require.NoError(t, s.Store.AddWebhook(t.Context(), receivers[name].hook(name)))
	}
	some := newReceiver(t, nil)
	only := some.hook("some")
	only.Types = []string{record.EventStep}
	require.NoError(t, s.Store.AddWebhook(t.Context(), only))
	var log strings.Builder
	sender := NewSender(s.Store, Options{Private: true, Backoff: quick, Logger: slog.New(slog.NewTextHandler(&locked{w: &log}, nil))})
	sender.client.Timeout = 200 * time.Millisecond
	stop := run(t, sender)
	for range 6 {
		id := put(t, t.Context(), s)
		_, err := s.Store.Take(t.Context(), record.StepBody{Kind: record.StepObjection, Record: id, By: "王小明", Reason: "x"})
		require.NoError(t, err)
	}
	want := idsOf(t, s.Store)
	require.Len(t, want, 12)
	for name, x := range receivers {
		assert.Eventually(t, func() bool { return len(x.firsts()) == len(want) }, time.Minute, 10*time.Millisecond, name)
		inOrder(t, want, x.firsts(), name)
	}
	assert.Eventually(t, func() bool { return len(some.firsts()) == 6 }, time.Minute, 10*time.Millisecond)
	now, err := s.Store.CursorNow(t.Context())
	require.NoError(t, err)
	assert.Eventually(t, func() bool { // what was received is noted a little later
		hooks, err := s.Store.Webhooks(t.Context())
		return err == nil && !slices.ContainsFunc(hooks, func(h *record.Webhook) bool { return h.Cursor != now })
	}, time.Minute, 10*time.Millisecond)
	stop()
	hooks, err := s.Store.Webhooks(t.Context())
	require.NoError(t, err)
	for _, h := range hooks {
		assert.Equal(t, now, h.Cursor, h.Name)
		assert.Zero(t, h.Tries)
		assert.NotContains(t, log.String(), SecretText(h.Secret))
	}
	assert.NotContains(t, log.String(), "王小明")
}

type locked struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

// A receiver that takes nothing for too long, or that wants nothing more, is left
// alone, which is kept over restarts; resumed, it gets all that it missed.
func TestStoppedAndResumed(t *testing.T) {
	s := newService(t, t.Context(), postgrestest.Place(t, filepath.Join(t.TempDir(), "test.db")))
	defer func() { require.NoError(t, s.Store.Close()) }()
	var well atomic.Bool
	down := newReceiver(t, func(int) int {
		if well.Load() {
			return 0
		}
		return 500
	})
	gone := newReceiver(t, func(int) int { return http.StatusGone })
	require.NoError(t, s.Store.AddWebhook(t.Context(), down.hook("down")))
	require.NoError(t, s.Store.AddWebhook(t.Context(), gone.hook("gone")))
	put(t, t.Context(), s)
	var taken, failed atomic.Int64
	o := Options{Private: true, Backoff: quick, GiveUp: 100 * time.Millisecond, Tried: func(t bool) {
		if t {
			taken.Add(1)
		} else {
			failed.Add(1)
		}
	}}
	stop := run(t, NewSender(s.Store, o))
	stopped := func() bool {
		hooks, err := s.Store.Webhooks(t.Context())
		return err == nil && !hooks[0].Stopped.IsZero() && !hooks[1].Stopped.IsZero()
	}
	require.Eventually(t, stopped, 10*time.Second, 10*time.Millisecond)
	stop()
	assert.Zero(t, taken.Load())
	assert.Greater(t, failed.Load(), int64(1), "one that is gone is tried once, the other more often")
	n, err := Failing(t.Context(), s.Store)
	require.NoError(t, err)
	assert.Equal(t, 2, n)
	well.Store(true)
	put(t, t.Context(), s)
	stop = run(t, NewSender(s.Store, o))
	time.Sleep(100 * time.Millisecond)
	assert.Empty(t, down.firsts())
	assert.True(t, stopped())
	require.NoError(t, s.Store.ResumeWebhook(t.Context(), "down"))
	assert.Eventually(t, func() bool { return len(down.firsts()) == 2 }, time.Minute, 10*time.Millisecond)
	require.NoError(t, s.Store.RemoveWebhook(t.Context(), "down"))
	require.ErrorIs(t, s.Store.RemoveWebhook(t.Context(), "down"), record.ErrNotFound)
	assert.Eventually(t, func() bool { put(t, t.Context(), s); return len(down.firsts()) == 2 }, time.Minute, 200*time.Millisecond)
	stop()
}

// A program that is killed at any time, over and over, loses no event, and none
// comes before one that it follows.
func TestKilledWhileSending(t *testing.T) {
	path := postgrestest.Place(t, filepath.Join(t.TempDir(), "test.db"))
	s := newService(t, t.Context(), path)
	x := newReceiver(t, func(n int) int { return []int{0, 0, 500, 0, -1}[n%5] })
	require.NoError(t, s.Store.AddWebhook(t.Context(), x.hook("x")))
	require.NoError(t, s.Store.Close())
	kills := testsize.Pick(1, 4, 40)
	for range kills {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), childEnv+"="+path)
		out, err := c.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, c.Start())
		assert.True(t, bufio.NewScanner(out).Scan())
		time.Sleep(time.Duration(50+rand.IntN(150)) * time.Millisecond)
		require.NoError(t, c.Process.Kill())
		_ = c.Wait()
	}
	s = newService(t, t.Context(), path)
	defer func() { require.NoError(t, s.Store.Close()) }()
	want := idsOf(t, s.Store)
	stop := run(t, NewSender(s.Store, Options{Private: true, Backoff: quick}))
	assert.Eventually(t, func() bool { return len(x.firsts()) == len(want) }, time.Minute, 10*time.Millisecond)
	stop()
	assert.Equal(t, want, x.firsts())
	t.Log(len(want), "events,", len(x.got), "taken, killed", kills, "times")
}

// child is the program that is killed.
func child(path string) {
	ctx := context.Background()
	s := newService(failing{}, ctx, path)
	go NewSender(s.Store, Options{Private: true, Backoff: quick}).Run(ctx)
	fmt.Println("running")
	for {
		id := put(failing{}, ctx, s)
		_, err := s.Store.Take(ctx, record.StepBody{Kind: record.StepObjection, Record: id, By: "R", Reason: "x"})
		require.NoError(failing{}, err)
		time.Sleep(3 * time.Millisecond)
	}
}

type failing struct{}

func (failing) Errorf(format string, args ...any) { fmt.Fprintf(os.Stderr, format, args...) }
func (failing) FailNow()                          { os.Exit(1) }

// Only addresses on the Internet are called, whatever a name leads to, unless it is
// allowed.
func TestAddresses(t *testing.T) {
	for _, text := range []string{"https://example.com/x", "https://8.8.8.8/", "https://[2606:4700::1111]:8443/x?y=1"} {
		assert.NoError(t, CheckURL(text, false), text)
	}
	for _, text := range []string{
		"", "x", "https://", "https:///x", "ftp://example.com", "http://example.com", "https://u:p@example.com/", "https://example.com/#x", "https://127.0.0.1/", "https://[::1]/", "https://10.1.2.3/",
		"https://[::ffff:10.1.2.3]/", "https://169.254.169.254/latest", "https://0.0.0.0/", "https://[fe80::1]/", "https://[fd00::1]/", "https://192.168.1.1/", "https://100.64.1.1/", "https://[64:ff9b::a00:1]/",
		"https://[2002:a00:1::]/", "https://224.0.0.1/", "https://255.255.255.255/", "https://" + strings.Repeat("x", 3000),
	} {
		assert.Error(t, CheckURL(text, false), text)
	}
	assert.NoError(t, CheckURL("http://127.0.0.1:8080/x", true))
	assert.False(t, public(netip.MustParseAddr("::127.0.0.1")))
	x := newReceiver(t, nil)
	c := client(false)
	_, err := c.Post(strings.Replace(x.URL, "127.0.0.1", "localhost", 1), "application/json", strings.NewReader("{}"))
	require.Error(t, err)
	assert.Equal(t, "private_address", kindOf(err))
	assert.Zero(t, x.n)
}

// While a secret is exchanged, what is sent has the signatures of both: a receiver that
// knows either takes it.
func TestRotation(t *testing.T) {
	s := newService(t, t.Context(), postgrestest.Place(t, filepath.Join(t.TempDir(), "test.db")))
	defer func() { require.NoError(t, s.Store.Close()) }()
	slow, quickly := newReceiver(t, nil), newReceiver(t, nil)
	h := quickly.hook("quick")
	slow.secret = quickly.secret
	quickly.refuses, slow.refuses = true, true // what was on its way when the secret was exchanged comes again
	require.NoError(t, s.Store.AddWebhook(t.Context(), h))
	require.NoError(t, s.Store.AddWebhook(t.Context(), slow.hook("slow")))
	defer run(t, NewSender(s.Store, Options{Private: true, Backoff: quick}))()
	events := 0
	signed := func(by int) { // what is sent from some event on
		t.Helper()
		for began := time.Now(); ; {
			put(t, t.Context(), s)
			events++
			require.Eventually(t, func() bool { return len(quickly.firsts()) == events && len(slow.firsts()) == events }, time.Minute, time.Millisecond)
			if quickly.signatures() == by && slow.signatures() == by {
				return
			}
			require.Less(t, time.Since(began), time.Minute, "signatures by %d secrets", by)
		}
	}
	knows := func(x *receiver, secret []byte) {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.secret = secret
	}
	signed(1)
	rotate := func(until time.Time, ends record.Ends) []byte {
		t.Helper()
		secret := NewSecret()
		for _, name := range []string{"quick", "slow"} {
			require.NoError(t, s.Store.RotateWebhook(t.Context(), name, secret, until, ends))
		}
		return secret
	}
	second := rotate(time.Now().Add(time.Hour), record.EndsNone)
	knows(quickly, second) // and the slow one the first still
	signed(2)
	require.ErrorIs(t, s.Store.RotateWebhook(t.Context(), "quick", NewSecret(), time.Now().Add(time.Hour), record.EndsNone), record.ErrTwoSecrets)
	rotate(time.Now().Add(time.Hour), record.EndsNewer) // nobody learned the second, and the slow one knows the first still
	knows(quickly, slow.secret)
	signed(2)
	second = rotate(time.Now().Add(time.Hour), record.EndsNewer)
	knows(quickly, second)
	signed(2)
	third := rotate(time.Now().Add(time.Hour), record.EndsOlder) // the first has ended
	knows(slow, third)
	signed(2)
	fourth := rotate(time.Time{}, record.EndsNone) // the others are known to strangers
	knows(quickly, fourth)
	knows(slow, fourth)
	signed(1)
	require.ErrorIs(t, s.Store.RotateWebhook(t.Context(), "none", third, time.Now(), record.EndsNone), record.ErrNotFound)
}

// A secret ends at its moment, and is in the store no more.
func TestSecretsEnd(t *testing.T) {
	now := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	store, err := record.Open(t.Context(), postgrestest.Place(t, filepath.Join(t.TempDir(), "test.db")), record.Options{Now: func() time.Time { return now }})
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	first, second := NewSecret(), NewSecret()
	require.NoError(t, store.AddWebhook(t.Context(), &record.Webhook{Name: "a", URL: "https://x.example", Secret: first}))
	require.NoError(t, store.RotateWebhook(t.Context(), "a", second, now.Add(time.Hour), record.EndsNone))
	kept := func() *record.Webhook {
		t.Helper()
		require.NoError(t, store.ForgetSecrets(t.Context()))
		all, err := store.Webhooks(t.Context())
		require.NoError(t, err)
		return all[0]
	}
	now = now.Add(time.Hour - time.Microsecond)
	assert.Equal(t, [][]byte{second, first}, kept().Secrets(now))
	assert.Equal(t, [][]byte{second}, kept().Secrets(now.Add(time.Microsecond)))
	assert.Equal(t, first, kept().OldSecret)
	now = now.Add(time.Microsecond)
	assert.Equal(t, [][]byte{second}, kept().Secrets(now))
	assert.Empty(t, kept().OldSecret)
}

// Webhooks that a file declares are made, changed and taken away with it.
func TestDeclared(t *testing.T) {
	s := newService(t, t.Context(), postgrestest.Place(t, filepath.Join(t.TempDir(), "test.db")))
	defer func() { require.NoError(t, s.Store.Close()) }()
	path := filepath.Join(t.TempDir(), "hooks.yaml")
	declare := func(text string) error {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		all, err := ReadFile(path, false)
		if err != nil {
			return err
		}
		return Declare(t.Context(), s.Store, all)
	}
	names := func() (all []string) {
		hooks, err := s.Store.Webhooks(t.Context())
		require.NoError(t, err)
		for _, h := range hooks {
			all = append(all, h.Name+" "+h.URL)
		}
		return all
	}
	const a, b = "{name: a, url: https://a.example/x, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}", "{name: b, url: https://b.example/x, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, types: [overdue]}"
	second := NewSecret()
	put(t, t.Context(), s)
	require.NoError(t, declare("webhooks: ["+a+", "+b+"]"))
	assert.Equal(t, []string{"a https://a.example/x", "b https://b.example/x"}, names())
	require.NoError(t, declare("webhooks: ["+strings.Replace(a, "a.example", "c.example", 1)+"]"))
	assert.Equal(t, []string{"a https://c.example/x"}, names())
	hooks, err := s.Store.Webhooks(t.Context())
	require.NoError(t, err)
	assert.EqualValues(t, 1, hooks[0].Cursor.Record, "it begins now")
	rotated := strings.Replace(a, "}", ", old_secret: "+SecretText(second)+"}", 1)
	require.NoError(t, declare("webhooks: ["+rotated+"]"))
	hooks, err = s.Store.Webhooks(t.Context())
	require.NoError(t, err)
	assert.Equal(t, second, hooks[0].Secrets(time.Now().AddDate(9, 0, 0))[1], "as long as it stands there")
	assert.ErrorContains(t, declare("webhooks: ["+strings.Replace(rotated, "old_secret: whsec_", "old_secret: MfKQ9r8", 1)+"]"), "old_secret: a secret is whsec_")
	assert.ErrorContains(t, declare("webhooks: ["+strings.Replace(a, "}", ", old_secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}", 1)+"]"), "old_secret is the secret itself")
	require.NoError(t, declare("webhooks: ["+a+"]"))
	hooks, err = s.Store.Webhooks(t.Context())
	require.NoError(t, err)
	assert.Len(t, hooks[0].Secrets(time.Now()), 1)
	require.NoError(t, declare(""))
	assert.Empty(t, names())
	require.NoError(t, s.Store.AddWebhook(t.Context(), &record.Webhook{Name: "a", URL: "https://x.example", Secret: NewSecret()}))
	require.ErrorIs(t, s.Store.AddWebhook(t.Context(), &record.Webhook{Name: "a", URL: "https://x.example", Secret: NewSecret()}), record.ErrWebhookThere)
	assert.ErrorContains(t, declare("webhooks: ["+a+"]"), "made by API")
	for _, wrong := range []string{"webhooks: [{name: a b}]", "hooks: []", "webhooks: [" + a + ", " + a + "]", strings.Replace("webhooks: ["+b+"]", "overdue", "late", 1), strings.Replace("webhooks: ["+a+"]", "whsec_", "", 1), "webhooks: [x: y: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw]"} {
		err := declare(wrong)
		require.Error(t, err, wrong)
		assert.NotContains(t, err.Error(), "MfKQ9r8")
	}
}
