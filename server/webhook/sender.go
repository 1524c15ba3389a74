package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
)

// Options say how events are sent.
type Options struct {
	// Private says that addresses may be those of the own network, and without TLS.
	Private bool
	// GiveUp is after how long in vain nothing more is tried; 0 for five days.
	GiveUp time.Duration
	// Backoff is how long to wait after so many tries in vain, from 1; nil for from
	// five seconds, twice as long each time, to an hour, a quarter more or less.
	Backoff func(tries int) time.Duration
	// Tried is told of each try, and whether the event was taken; nil for nobody.
	Tried func(taken bool)
	// Tracer makes a span of each try; nil for none.
	Tracer trace.Tracer
	Logger *slog.Logger // nil for none
}

// Sender sends the events of a store to its webhooks.
type Sender struct {
	store   *record.Store
	options Options
	client  *http.Client
}

// NewSender prepares a sender; Run has it work.
func NewSender(store *record.Store, o Options) *Sender {
	const days = 5
	if o.GiveUp == 0 {
		o.GiveUp = days * 24 * time.Hour
	}
	if o.Backoff == nil {
		o.Backoff = backoff
	}
	if o.Tried == nil {
		o.Tried = func(bool) {}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Sender{store: store, options: o, client: client(o.Private)}
}

// Failing counts the webhooks of a store that take nothing now, those that are
// stopped among them.
func Failing(ctx context.Context, store *record.Store) (n int, err error) {
	all, err := store.Webhooks(ctx)
	for _, h := range all {
		if !h.Failing.IsZero() {
			n++
		}
	}
	return n, err
}

const (
	firstWait   = 5 * time.Second
	longestWait = time.Hour
	pageOf      = 100                    // events that are read at once
	saveEvery   = 100 * time.Millisecond // while one event follows the other
	lookPause   = 100 * time.Millisecond // between looks for webhooks that were made or changed
	lookEvery   = 10 * time.Second
	answerBytes = 64 << 10
)

func backoff(tries int) time.Duration {
	wait := longestWait
	if tries <= 10 { // five seconds, doubled ten times, are more than an hour
		wait = min(wait, firstWait<<(tries-1))
	}
	return wait*3/4 + rand.N(wait/2)
}

// Run sends until the context ends. Of servers that share a store, one sends at a
// time, so that the order stays; where it ends, another one goes on.
func (s *Sender) Run(ctx context.Context) { s.store.Alone(ctx, "webhooks", s.run) }

// run sends until the context ends. Each webhook has a goroutine of its own, so
// that none waits for another.
func (s *Sender) run(ctx context.Context) {
	type worker struct {
		made time.Time
		stop context.CancelFunc
	}
	working := map[string]worker{}
	var all sync.WaitGroup
	defer all.Wait()
	for ctx.Err() == nil {
		changed := s.store.Changed()
		hooks, err := s.store.Webhooks(ctx)
		if err != nil && ctx.Err() == nil {
			s.options.Logger.Warn("webhooks cannot be read", "err", err)
		}
		now := map[string]bool{}
		for _, h := range hooks {
			now[h.Name] = true
			if len(h.Secrets(s.store.Now())) == 1 && !h.OldUntil.IsZero() {
				if err := s.store.ForgetSecrets(ctx); err != nil && ctx.Err() == nil {
					s.options.Logger.Warn("secrets that sign nothing any more cannot be taken away", "err", err)
				}
			}
			w, there := working[h.Name]
			if there && w.made.Equal(h.Made) {
				continue
			}
			if there {
				w.stop()
			}
			of, stop := context.WithCancel(ctx)
			working[h.Name] = worker{h.Made, stop}
			all.Go(func() { s.send(of, h) })
		}
		for name, w := range working {
			if err == nil && !now[name] {
				w.stop()
				delete(working, name)
			}
		}
		sleep(ctx, lookPause)
		select {
		case <-ctx.Done():
		case <-changed:
		case <-time.After(lookEvery):
		}
	}
	for _, w := range working {
		w.stop()
	}
}

// sleep waits; it is false where the context ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// sending is what goes to one webhook.
type sending struct {
	*Sender
	hook  *record.Webhook
	saved time.Time
	dirty bool // the cursor has moved on since
}

// send sends to one webhook what comes behind its cursor.
func (s *Sender) send(ctx context.Context, h *record.Webhook) {
	x := &sending{Sender: s, hook: h}
	for h.Stopped.IsZero() && ctx.Err() == nil {
		changed := s.store.Changed()
		events, err := s.store.Events(ctx, h.Cursor, pageOf)
		if err != nil {
			if ctx.Err() == nil {
				s.options.Logger.Warn("events cannot be read", "webhook", h.Name, "err", err)
			}
			sleep(ctx, firstWait)
			continue
		}
		for i := range events {
			if !x.pass(ctx, &events[i]) {
				break
			}
		}
		if len(events) > 0 {
			continue
		}
		if x.dirty {
			x.save(ctx)
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
	if x.dirty { // what was taken need not be sent again
		x.save(context.WithoutCancel(ctx))
	}
}

// pass has an event taken, or passes over one that is not wanted. It is false
// where that has ended.
func (x *sending) pass(ctx context.Context, e *record.Event) bool {
	h := x.hook
	failed := !h.Failing.IsZero()
	if len(h.Types) == 0 || slices.Contains(h.Types, e.Type) {
		if !x.deliver(ctx, e) {
			return false
		}
	}
	h.Cursor, x.dirty = e.After, true
	if failed || time.Since(x.saved) > saveEvery {
		x.save(ctx)
	}
	return true
}

// save keeps how far it has come.
func (x *sending) save(ctx context.Context) {
	if err := x.store.SaveWebhook(ctx, x.hook); err != nil {
		if ctx.Err() == nil {
			x.options.Logger.Warn("how far a webhook has come cannot be kept", "webhook", x.hook.Name, "err", err)
		}
		return // it is sent again, then
	}
	x.saved, x.dirty = time.Now(), false
}

// deliver sends one event until it is taken. It is false where that has ended: by
// the context, or because nothing more is tried.
func (x *sending) deliver(ctx context.Context, e *record.Event) bool {
	h, log := x.hook, x.options.Logger
	body, err := json.Marshal(service.EventOf(e))
	if err != nil {
		log.Error("an event cannot be written", "event", e.ID, "err", err)
		return true
	}
	for sleep(ctx, h.Next.Sub(x.store.Now())) {
		problem, gone, after := x.traced(ctx, h, e, body)
		if problem != "" && ctx.Err() != nil {
			return false
		}
		x.options.Tried(problem == "")
		now := x.store.Now()
		if problem == "" {
			if !h.Failing.IsZero() {
				log.Info("a webhook takes events again", "webhook", h.Name, "tries", h.Tries)
			}
			h.Delivered, h.Tries, h.Failing, h.Next, h.Problem = now, 0, time.Time{}, time.Time{}, ""
			return true
		}
		if h.Failing.IsZero() {
			h.Failing = now
			log.Warn("a webhook does not take an event; it is tried again", "webhook", h.Name, "problem", problem)
		}
		h.Tries++
		h.Problem = problem
		h.Next = now.Add(max(x.options.Backoff(h.Tries), after))
		if gone || now.Sub(h.Failing) >= x.options.GiveUp {
			h.Stopped = now
			log.Error("a webhook is stopped: it has taken nothing for too long, or wants nothing more", "webhook", h.Name, "since", h.Failing, "problem", problem)
		}
		x.save(ctx)
		if !h.Stopped.IsZero() {
			return false
		}
	}
	return false
}

// traced is try as a span, the first of a trace that the receiver may carry on. It is
// told by the names of the webhook and of what happened, not by the address.
func (s *Sender) traced(ctx context.Context, h *record.Webhook, e *record.Event, body []byte) (problem string, gone bool, after time.Duration) {
	if s.options.Tracer == nil {
		return s.try(ctx, h, e.ID, body)
	}
	ctx, span := s.options.Tracer.Start(ctx, "webhook delivery", trace.WithSpanKind(trace.SpanKindProducer), trace.WithAttributes(
		attribute.String("rulebook.webhook", h.Name), attribute.String("rulebook.event", e.Type), attribute.Int("rulebook.try", h.Tries+1)))
	defer span.End()
	problem, gone, after = s.try(ctx, h, e.ID, body)
	if problem != "" {
		span.SetStatus(codes.Error, "")
		span.SetAttributes(attribute.String("error.type", problem))
	}
	return problem, gone, after
}

// try sends an event once. problem is "" where it was taken; gone says that the
// receiver wants nothing more, after how long it wants to be left alone.
func (s *Sender) try(ctx context.Context, h *record.Webhook, id string, body []byte) (problem string, gone bool, after time.Duration) {
	if err := CheckURL(h.URL, s.options.Private); err != nil {
		return kindOf(err), false, 0
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(body))
	if err != nil {
		return "address", false, 0
	}
	at := time.Now() // of the sending: receivers refuse what is too old
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "rulebook-server")
	if s.options.Tracer != nil {
		propagation.TraceContext{}.Inject(ctx, propagation.HeaderCarrier(r.Header))
	}
	r.Header.Set("Webhook-Id", id)
	r.Header.Set("Webhook-Timestamp", strconv.FormatInt(at.Unix(), 10))
	r.Header.Set("Webhook-Signature", Signatures(h.Secrets(s.store.Now()), id, at, body))
	resp, err := s.client.Do(r)
	if err != nil {
		return kindOf(err), false, 0
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.CopyN(io.Discard, resp.Body, answerBytes) // so that the connection can be used again
	if resp.StatusCode >= http.StatusOK && resp.StatusCode < http.StatusMultipleChoices {
		return "", false, 0
	}
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && seconds > 0 {
		after = time.Duration(min(seconds, int(longestWait/time.Second))) * time.Second
	}
	return fmt.Sprintf("status_%d", resp.StatusCode), resp.StatusCode == http.StatusGone, after
}
