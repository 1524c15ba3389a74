package server

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/server/api"
	"github.com/servicerules/rulebook/server/changing"
	"github.com/servicerules/rulebook/server/console"
	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/internal/metrics"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/problem"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
	"github.com/servicerules/rulebook/server/signing"
	"github.com/servicerules/rulebook/server/telemetry"
	"github.com/servicerules/rulebook/server/webhook"
)

type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

// exitError ends the command with a code; what there was to say has been said.
type exitError struct{ code int }

func (e *exitError) Error() string { return fmt.Sprintf("exit %d", e.code) }

// end prints an error and returns the exit code for it.
func end(stderr io.Writer, err error) int {
	var usage *usageError
	var exit *exitError
	var refused *live.RefusedError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitFine
	case errors.As(err, &exit):
		return exit.code
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "server: %s\n", usage.text)
		return exitUsage
	case errors.As(err, &refused):
		findings(stderr, refused)
		var found diagnostic.List
		if refused.Status.Err != nil && !errors.As(refused.Status.Err, &found) {
			return exitTrouble // a file is not there, or cannot be read
		}
		return exitRefused
	}
	fmt.Fprintf(stderr, "server: %v\n", err)
	return exitTrouble
}

// findings prints why rules are not fit to be used, each finding with its
// lines.
func findings(w io.Writer, e *live.RefusedError) {
	style := report.Style{Lang: systemLanguage()}
	s := e.Status
	if s.Err != nil || len(s.Findings) == 0 {
		fmt.Fprintf(w, "server: %v\n", e)
		return
	}
	_ = report.Findings(w, style, s.Findings, report.Sources{s.Source: s.Text})
	fmt.Fprintf(w, "\n%s\n", report.Count(style, s.Findings))
}

// forPrograms are the paths of the interface; all others are pages.
var forPrograms = []string{"/v1/", "/openapi.json", "/healthz", "/readyz", "/metrics"}

// config is what the flags of serve say.
type config struct {
	addr, db, rules, cases        string
	tokenFile, tlsCert, tlsKey    string
	behindProxy, verbose, jsonLog bool
	accounts                      bool
	oidc                          string
	hosts                         []string
	rate                          float64
	watch, drain                  time.Duration
	webhooks                      string
	webhooksPrivate               bool
	webhooksDays                  int
	retention                     string
	signers                       string
}

// serving is the command that serves.
func serving(o Options) *command {
	c := &config{}
	f := flags("serve", programName+" answers by a rulebook over HTTP and keeps decisions on record.\nOther commands: verify, backup, restore, token, people, doctor, changes, text, version; each has --help.", o.Stderr)
	c.define(f)
	return &command{name: "serve", flags: f, instead: "write --db for a file of decisions or a database, --rules for a rules file, --cases for example cases", run: func(ctx context.Context, _ []string) error {
		if err := c.check(); err != nil {
			return err
		}
		return c.serve(ctx, o)
	}}
}

// define defines the flags of the server.
func (c *config) define(f *flag.FlagSet) {
	f.StringVar(&c.db, "db", "rulebook.db", "file of decisions on record, created where there is none; or a database of PostgreSQL, as postgres://USER@HOST/DATABASE")
	f.StringVar(&c.rules, "rules", "", "rules file, watched for changes; by default the built-in rulebook")
	f.StringVar(&c.cases, "cases", "", "directory of example cases that rules must pass before they are used")
	f.StringVar(&c.tokenFile, "token-file", "", "file of credentials, made with the command token")
	f.BoolVar(&c.accounts, "accounts", false, "people sign in; the accounts are in a file beside the record")
	f.StringVar(&c.oidc, "oidc", "", "file about an identity provider at which people sign in, beside accounts here")
	c.defineAddress(f)
	f.StringVar(&c.tlsKey, "tls-key", "", "key of the certificate, PEM")
	f.Float64Var(&c.rate, "rate", 1000, "questions a second that a token may ask where the token file says nothing; 0 for no limit")
	f.DurationVar(&c.watch, "watch", time.Second, "how often to look at the rules file, the token file and the certificate")
	f.DurationVar(&c.drain, "drain", 15*time.Second, "how long requests in flight may take when the server ends")
	f.StringVar(&c.webhooks, "webhooks", "", "file of addresses that events are sent to, beside those that were named by API")
	f.BoolVar(&c.webhooksPrivate, "webhooks-private", false, "events may be sent to addresses of the own network, and without TLS")
	f.IntVar(&c.webhooksDays, "webhooks-days", 5, "days after which an address that takes nothing is tried no more")
	f.StringVar(&c.retention, "retention", "", "file that says how long what records and kept tables say of people stays; what is over is erased once a day")
	f.StringVar(&c.signers, "signers", "", "file of those who may sign rules, as ssh-keygen has it; rules that none of them has signed are not used")
	f.BoolVar(&c.verbose, "verbose", false, "log every request")
	f.BoolVar(&c.jsonLog, "json", false, "log as JSON")
}

// defineAddress defines the flags that say by what address the server is called.
func (c *config) defineAddress(f *flag.FlagSet) {
	f.StringVar(&c.addr, "addr", "127.0.0.1:8080", "address to listen on")
	f.StringVar(&c.tlsCert, "tls-cert", "", "certificate chain, PEM")
	f.BoolVar(&c.behindProxy, "behind-proxy", false, "a proxy before the server does TLS, and says from where requests come in X-Forwarded-For")
	f.Func("host", "name by which the server may be called; may be repeated", func(name string) error {
		if net.ParseIP(name) == nil && !hostName.MatchString(name) { // it would never be met
			return errors.New("write the name alone, as browsers send it: without https://, port or path")
		}
		c.hosts = append(c.hosts, strings.ToLower(name))
		return nil
	})
}

// hostName is a name of --host that is no address.
var hostName = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?$`)

// check refuses what must not be.
func (c *config) check() error {
	host, _, err := net.SplitHostPort(c.addr)
	if err != nil {
		return &usageError{fmt.Sprintf("--addr %s: %v; write HOST:PORT", c.addr, err)}
	}
	if (c.tlsCert == "") != (c.tlsKey == "") {
		return &usageError{"--tls-cert and --tls-key go together"}
	}
	if !(c.rate >= 0 && c.rate <= 1e6) {
		return &usageError{"--rate is a number of questions a second, 0 for no limit"}
	}
	if c.watch < 10*time.Millisecond || c.drain < 0 {
		return &usageError{"--watch is at least 10ms, --drain not negative"}
	}
	if c.webhooksDays < 1 || c.webhooksDays > 365 {
		return &usageError{"--webhooks-days is from 1 to 365"}
	}
	if c.oidc != "" && !c.accounts {
		return &usageError{"--oidc needs --accounts: who signs in at the provider has an account here"}
	}
	ip := net.ParseIP(host)
	if host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	if c.tokenFile == "" && !c.accounts || c.tlsCert == "" && !c.behindProxy {
		return &usageError{fmt.Sprintf("%s can be reached by others: give --accounts or --token-file, or both, and either --tls-cert with --tls-key or --behind-proxy", c.addr)}
	}
	if len(c.hosts) == 0 && (ip == nil || ip.IsUnspecified()) {
		return &usageError{"give --host with the name by which the server is called"}
	}
	return nil
}

// names are those by which the server may be called.
func (c *config) names() []string {
	host, _, _ := net.SplitHostPort(c.addr)
	all := append([]string{"localhost", "127.0.0.1", "::1"}, c.hosts...)
	if host != "" && !slices.Contains(all, host) {
		all = append(all, strings.ToLower(host))
	}
	return all
}

func (c *config) logger(stderr io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: slog.LevelInfo}
	if c.verbose {
		o.Level = slog.LevelDebug
	}
	if c.jsonLog {
		return slog.New(slog.NewJSONHandler(stderr, o))
	}
	return slog.New(slog.NewTextHandler(stderr, o))
}

// traced begins to send traces, where the environment names an address for them, and
// gives the log whose lines name theirs. Nothing that is wrong with it keeps the server
// from its work.
func traced(ctx context.Context, log *slog.Logger) (*telemetry.Traces, *slog.Logger) {
	settings, err := telemetry.Read(os.Getenv)
	if err == nil && settings == nil {
		return nil, log
	}
	var traces *telemetry.Traces
	if err == nil {
		traces, err = telemetry.Start(ctx, settings, service.Engine(), log)
	}
	if err != nil {
		log.Error("no traces are sent: the environment says what cannot be", "err", err)
		return nil, log
	}
	log.Info("traces are sent", "to", settings.Endpoint)
	return traces, slog.New(telemetry.Lines(log.Handler()))
}

// serve runs the server until the context ends.
func (c *config) serve(ctx context.Context, o Options) (err error) {
	log := c.logger(o.Stderr)
	traces, log := traced(ctx, log)
	defer func() { err = errors.Join(err, traces.Close()) }()
	guard := door.Options{Tracer: traces.Tracer(), Callers: traces.Callers(), Hosts: c.names(), Secure: c.tlsCert != "" || c.behindProxy, BehindProxy: c.behindProxy, Logger: log}
	if c.tokenFile != "" {
		if guard.Tokens, err = door.ReadTokens(c.tokenFile, c.rate); err != nil {
			return &usageError{err.Error()}
		}
	}
	known, err := c.openPeople(ctx)
	if err != nil {
		return err
	}
	if known != nil {
		defer func() { err = errors.Join(err, known.Close()) }()
	}
	guard.People = known
	identity, err := c.openProvider(log)
	if err != nil {
		return err
	}
	m := metrics.New()
	guard.Served = m.Served
	var signers *signing.Signers
	if c.signers != "" {
		if signers, err = signing.ReadFile(c.signers); err != nil {
			return &usageError{"--signers " + err.Error()}
		}
	}
	store, err := record.Open(ctx, c.db, record.Options{Observe: noteWrites(log, m.Wrote)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	from := live.Options{File: c.rules, Cases: c.cases, Logger: log, Attempted: m.Loaded, LastGood: c.beside() + lastGood, Published: c.beside() + published}
	if signers != nil {
		from.Signed = signedBy(signers, store)
	}
	rules, err := live.Open(ctx, from)
	if err != nil {
		return err
	}
	m.Queue(store.Waiting)
	m.Webhooks(func() (int, error) { return webhook.Failing(ctx, store) })

	hooks, err := c.sender(ctx, store, m, traces.Tracer(), log)
	if err != nil {
		return err
	}
	s := service.New(rules, store, m)
	retention, err := c.readRetention(ctx, s)
	if err != nil {
		return err
	}
	warnOfChanges(ctx, store, signers != nil, rules.Watched() == "", log)
	m.Behind(func() bool { return s.Changes.Behind() != nil })
	s.Room.LogTo(log)
	s.Changes.LogTo(log)
	if known != nil {
		s.Changes.AskAccounts(known)
	}
	if signers != nil {
		s.Changes.AskSigners(signers)
	}
	defer s.Changes.Close()
	s.Changes.Look(ctx) // a change that was being put in force, or is due, before anybody asks
	stopping := make(chan struct{})
	mux := http.NewServeMux()
	options := api.Options{Guard: door.Require, Metrics: m.Handler(), Stopping: stopping, PrivateWebhooks: c.webhooksPrivate}
	if guard.Tokens != nil {
		options.Tokens = guard.Tokens.Broken
	}
	back := api.New(s, options)
	for _, path := range forPrograms {
		mux.Handle(path, back)
	}
	pages, err := console.New(s, console.Options{
		Guard: door.Require, People: known, Provider: identity, Cases: o.Cases, Sample: o.Sample, Secure: guard.Secure, Logger: log,
	})
	if err != nil {
		return err
	}
	mux.Handle("/", pages)
	guard.Page = func(w http.ResponseWriter, r *http.Request, p *problem.Problem) bool {
		if slices.ContainsFunc(forPrograms, func(path string) bool {
			return r.URL.Path == path || strings.HasSuffix(path, "/") && strings.HasPrefix(r.URL.Path, path)
		}) {
			return false
		}
		pages.Problem(w, r, p)
		return true
	}

	server := newServer(door.New(mux, guard), log)
	listener, pair, err := c.listen()
	if err != nil {
		return err
	}
	fmt.Fprintf(o.Stdout, "rulebook: open %s\n", c.url(listener.Addr()))
	if err := c.offerFirst(ctx, known, listener.Addr(), o.Stderr); err != nil {
		return errors.Join(err, listener.Close())
	}
	following, stop := context.WithCancel(context.WithoutCancel(ctx))
	var background sync.WaitGroup
	background.Go(func() { s.Follow(following, log) })
	background.Go(func() { hooks.Run(following) })
	if retention != nil {
		background.Go(func() { s.Retain(following, retention, log) })
	}
	defer background.Wait()
	defer stop()
	return c.until(ctx, server, listener, s, credentials{guard.Tokens, pair}, o.Reload, stopping, log)
}

// What stands behind the name of the record in those of the files of rules beside it.
const (
	lastGood  = ".rules.yaml"     // those that were in use last
	published = ".published.yaml" // those that were published without --rules
)

// beside is what the names begin with of the files that a server keeps for itself: the
// file of decisions or, beside a database, rulebook in the working directory.
func (c *config) beside() string {
	if path := record.PathOf(c.db); path != "" {
		return path
	}
	return "rulebook"
}

// signedBy finds the signature of rules by one of some signers: in the file beside them,
// or in a step about a change.
func signedBy(signers *signing.Signers, store *record.Store) func(ctx context.Context, text, beside []byte) ([]byte, error) {
	return func(ctx context.Context, text, beside []byte) ([]byte, error) {
		found, err := signers.Signed(text, beside)
		if err == nil {
			return found.Text, nil
		}
		sum := sha256.Sum256(text)
		inSteps, storeErr := store.Signatures(ctx, hex.EncodeToString(sum[:]))
		if storeErr != nil {
			return nil, storeErr
		}
		if len(inSteps) == 0 {
			return nil, err
		}
		if found, err = signers.Signed(text, inSteps...); err != nil {
			return nil, err
		}
		return found.Text, nil
	}
}

// warnOfChanges says where changes on record are signed, and this server wants no
// signature – most likely another one over the store does –, and where the built-in
// rules answer although others were published.
func warnOfChanges(ctx context.Context, store *record.Store, signing, builtIn bool, log *slog.Logger) {
	last, signed, err := changing.InForce(ctx, store)
	switch {
	case err != nil:
		log.Error("the changes of the rules cannot be read", "err", err)
		return
	case signed && !signing:
		log.Warn("on record are rules that somebody has signed, and this server takes rules without a signature; start it with --signers, as others over the same store")
	}
	if builtIn && last != nil && last.Kind == record.ChangePublished {
		log.Warn("the file of published rules is gone, and the built-in rules answer; put it back, or name a rules file by --rules", "change", last.Change)
	}
}

// readRetention reads the file of --retention; nil where none is named.
func (c *config) readRetention(ctx context.Context, s *service.Service) (*service.Retention, error) {
	if c.retention == "" {
		return nil, nil
	}
	r, err := service.ReadRetention(c.retention)
	if err != nil {
		return nil, &usageError{"--retention " + err.Error()}
	}
	var unknown *service.UnknownError
	if err := r.Unknown(ctx, s.Store, s.Rules.Current().Book.Rulebook()); errors.As(err, &unknown) {
		return nil, &usageError{fmt.Sprintf("--retention %s: %v", c.retention, err)}
	} else if err != nil {
		return nil, err
	}
	return r, nil
}

// sender sends events to webhooks, beside others to those that the file of --webhooks
// declares.
func (c *config) sender(ctx context.Context, store *record.Store, m *metrics.Metrics, tracer trace.Tracer, log *slog.Logger) (*webhook.Sender, error) {
	var declared []*record.Webhook
	if c.webhooks != "" {
		var err error
		if declared, err = webhook.ReadFile(c.webhooks, c.webhooksPrivate); err != nil {
			return nil, &usageError{err.Error()}
		}
	}
	if err := webhook.Declare(ctx, store, declared); err != nil {
		return nil, err
	}
	const day = 24 * time.Hour
	return webhook.NewSender(store, webhook.Options{Private: c.webhooksPrivate, GiveUp: time.Duration(c.webhooksDays) * day, Tried: m.Tried, Tracer: tracer, Logger: log}), nil
}

// noteWrites has the log say why nothing can be put on record, once for each
// cause, and when it works again.
func noteWrites(log *slog.Logger, next func(int, time.Duration, error)) func(int, time.Duration, error) {
	failing := ""
	return func(records int, took time.Duration, err error) {
		cause := ""
		if err != nil {
			cause = (&record.NotDurableError{Err: err}).Cause()
		}
		switch {
		case cause == failing:
		case cause == "":
			log.Info("decisions are put on record again", "before", failing)
		default:
			log.Error("nothing can be put on record", "cause", cause, "err", err)
		}
		failing = cause
		next(records, took, err)
	}
}

const (
	headTime = 5 * time.Second  // for the head of a request
	bodyTime = 30 * time.Second // for a whole request; streams extend it line by line
	sendTime = 60 * time.Second // for a whole answer; streams extend it line by line
	idleTime = 2 * time.Minute  // between requests
	// The door refuses what is larger than door.HeadSize in words; beyond this
	// package http does, in a word.
	headSize = door.HeadSize + 8<<10
)

func newServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: headTime, ReadTimeout: bodyTime, WriteTimeout: sendTime, IdleTimeout: idleTime,
		MaxHeaderBytes: headSize, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// connections is how many there may be at once; more wait to be accepted.
const connections = 2048

// limited is a listener that accepts no more than there are places.
type limited struct {
	net.Listener
	places chan struct{}
	ending sync.Once
	ended  chan struct{}
}

func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.places <- struct{}{}:
	case <-l.ended:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.places
		return nil, err
	}
	return &place{Conn: c, places: l.places}, nil
}

func (l *limited) Close() error {
	l.ending.Do(func() { close(l.ended) })
	return l.Listener.Close()
}

// place is a connection that gives its place back once it is closed.
type place struct {
	net.Conn
	places chan struct{}
	once   sync.Once
}

func (p *place) Close() error {
	err := p.Conn.Close()
	p.once.Do(func() { <-p.places })
	return err
}

// listen listens at the address, by TLS where there is a certificate.
func (c *config) listen() (net.Listener, *certificate, error) {
	listener, err := net.Listen("tcp", c.addr)
	if err != nil {
		return nil, nil, fmt.Errorf("%w; choose another address with --addr", err)
	}
	listener = &limited{Listener: listener, places: make(chan struct{}, connections), ended: make(chan struct{})}
	if c.tlsCert == "" {
		return listener, nil, nil
	}
	pair, err := readCertificate(c.tlsCert, c.tlsKey)
	if err != nil {
		return nil, nil, errors.Join(err, listener.Close())
	}
	return tls.NewListener(listener, pair.config()), pair, nil
}

func (c *config) url(a net.Addr) string {
	scheme := "http"
	if c.tlsCert != "" {
		scheme = "https"
	}
	return scheme + "://" + a.String() + "/"
}

// until serves until the context ends, then lets requests in flight finish.
func (c *config) until(ctx context.Context, server *http.Server, listener net.Listener, s *service.Service, anew credentials, reload <-chan os.Signal, stopping chan struct{}, log *slog.Logger) error {
	watching, stopWatching := context.WithCancel(ctx)
	var background sync.WaitGroup
	background.Go(func() { s.Rules.Watch(watching, c.watch) })
	background.Go(func() { s.Changes.Watch(watching, c.watch) })
	background.Go(func() { anew.watch(watching, c.watch, log) })
	background.Go(func() {
		for {
			select {
			case <-watching.Done():
				return
			case <-reload:
				s.Rules.Reload(watching)
				anew.reload(log)
			}
		}
	})
	defer background.Wait()
	defer stopWatching()

	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	close(stopping)
	log.Info("ending", "drain", c.drain)
	deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.drain)
	defer cancel()
	err := server.Shutdown(deadline)
	if err != nil {
		log.Warn("requests in flight did not finish in time and are cut off")
		err = server.Close()
	}
	<-failed
	return err
}
