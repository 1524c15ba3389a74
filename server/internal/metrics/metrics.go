// Package metrics counts what the server does, for Prometheus. Labels are
// names from the rulebook and the routes, never anything that was sent.
package metrics

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/record"
)

// Metrics are the counters of one server. All methods are safe for concurrent
// use.
type Metrics struct {
	registry *prometheus.Registry

	answers   *prometheus.CounterVec
	recorded  *prometheus.CounterVec
	deciding  prometheus.Histogram
	requests  *prometheus.HistogramVec
	reloads   *prometheus.CounterVec
	rules     *prometheus.GaugeVec
	broken    atomic.Bool // the file of the rules could not be loaded
	behind    atomic.Pointer[func() bool]
	syncs     prometheus.Histogram
	batches   prometheus.Histogram
	failures  prometheus.Counter
	failing   *prometheus.GaugeVec
	tries     *prometheus.CounterVec
	currently struct {
		sync.Mutex
		sha256 string
	}
}

// seconds are the buckets of all that is waited for.
var seconds = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .015, .025, .05, .1, .25, .5, 1, 2.5, 10}

// New registers the metrics in a registry of their own.
func New() *Metrics {
	const space = "rulebook"
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		answers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: space, Name: "answers_total", Help: "Answers given, by question and verdict; the verdict of an error is empty."}, []string{"question", "verdict"}),
		recorded: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: space, Name: "decisions_recorded_total", Help: "Decisions put on record, by question and verdict."}, []string{"question", "verdict"}),
		deciding: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: space, Name: "deciding_seconds", Help: "Time to find an answer, without the request around it.", Buckets: seconds}),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: space, Name: "request_seconds", Help: "Time of requests, by route and status.", Buckets: seconds}, []string{"route", "status"}),
		reloads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: space, Name: "reloads_total", Help: "Attempts to load rules, by result: loaded, refused, failed_cases or unreadable."}, []string{"result"}),
		rules: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: space, Name: "rules_info", Help: "The rulebook in use: always 1."}, []string{"sha256"}),
		syncs: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: space, Name: "log_sync_seconds", Help: "Time of a transaction of the log, with its sync.", Buckets: seconds}),
		batches: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: space, Name: "log_batch_records", Help: "Records that shared a transaction of the log.", Buckets: prometheus.ExponentialBuckets(1, 2, 10)}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: space, Name: "log_failures_total", Help: "Transactions of the log that failed."}),
		failing: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: space, Name: "log_failing", Help: "1 for the cause for which nothing can be put on record now, else 0."}, []string{"cause"}),
	}
	m.tries = prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: space, Name: "webhook_tries_total", Help: "Attempts to send an event to a webhook, by result: taken or failed."}, []string{"result"})
	for _, cause := range record.Causes {
		m.failing.WithLabelValues(cause).Set(0)
	}
	stale := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: space, Name: "rules_stale", Help: "1 while the latest rules, of the file or published by another server, could not be put in use and the ones before are."},
		func() float64 {
			if behind := m.behind.Load(); m.broken.Load() || behind != nil && (*behind)() {
				return 1
			}
			return 0
		})
	m.registry.MustRegister(m.answers, m.recorded, m.deciding, m.requests, m.reloads, m.rules, stale, m.syncs, m.batches, m.failures, m.failing, m.tries,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Queue adds the number of records that wait to be written.
func (m *Metrics) Queue(waiting func() int) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: "rulebook", Name: "log_waiting_records", Help: "Records that wait for a transaction of the log."},
		func() float64 { return float64(waiting()) }))
}

// Behind adds whether rules that another server has published are not in use here.
func (m *Metrics) Behind(behind func() bool) { m.behind.Store(&behind) }

// Webhooks adds the number of webhooks that take nothing now.
func (m *Metrics) Webhooks(failing func() (int, error)) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: "rulebook", Name: "webhooks_failing", Help: "Webhooks that take nothing now, those that are stopped among them."},
		func() float64 {
			n, err := failing()
			if err != nil {
				return math.NaN() // nobody knows
			}
			return float64(n)
		}))
}

// Handler serves the metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}

// Asked counts an answer.
func (m *Metrics) Asked(question, verdict string, took time.Duration) {
	m.answers.WithLabelValues(question, verdict).Inc()
	m.deciding.Observe(took.Seconds())
}

// Recorded counts a decision on record.
func (m *Metrics) Recorded(question, verdict string) {
	m.recorded.WithLabelValues(question, verdict).Inc()
}

// Served counts a request.
func (m *Metrics) Served(route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Observe(took.Seconds())
}

// Tried counts an attempt to send an event to a webhook.
func (m *Metrics) Tried(taken bool) {
	result := "failed"
	if taken {
		result = "taken"
	}
	m.tries.WithLabelValues(result).Inc()
}

// Wrote counts a transaction of the log.
func (m *Metrics) Wrote(records int, took time.Duration, err error) {
	because := ""
	if err != nil {
		because = (&record.NotDurableError{Err: err}).Cause()
	}
	for _, cause := range record.Causes {
		value := 0.0
		if cause == because {
			value = 1
		}
		m.failing.WithLabelValues(cause).Set(value)
	}
	if err != nil {
		m.failures.Inc()
		return
	}
	m.syncs.Observe(took.Seconds())
	m.batches.Observe(float64(records))
}

// Loaded counts an attempt to load rules.
func (m *Metrics) Loaded(s live.Status) {
	result := "loaded"
	switch {
	case s.OK:
	case s.Err != nil:
		result = "unreadable"
	case len(s.Failed) > 0:
		result = "failed_cases"
	default:
		result = "refused"
	}
	m.reloads.WithLabelValues(result).Inc()
	if !s.OK {
		m.broken.Store(true)
		return
	}
	m.broken.Store(false)
	m.currently.Lock()
	defer m.currently.Unlock()
	if m.currently.sha256 != s.SHA256 {
		m.rules.Reset()
		m.currently.sha256 = s.SHA256
	}
	m.rules.WithLabelValues(s.SHA256).Set(1)
}
