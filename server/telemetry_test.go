package server

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// receiver takes what is sent by OTLP over HTTP.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	raw    bytes.Buffer
	header http.Header
	of     map[string]string // attributes of the resource
	spans  []*tracepb.Span
	status int // with which it answers; 0 for 200
}

// receiving is a receiver that the environment names.
func receiving(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{of: map[string]string{}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		assert.NoError(t, err)
		assert.Equal(t, "application/x-protobuf", q.Header.Get("Content-Type"))
		assert.Equal(t, "/v1/traces", q.URL.Path)
		var sent collector.ExportTraceServiceRequest
		assert.NoError(t, proto.Unmarshal(body, &sent))
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.status != 0 {
			w.WriteHeader(r.status)
			return
		}
		r.raw.Write(body)
		r.header = q.Header
		for _, all := range sent.ResourceSpans {
			for _, a := range all.Resource.Attributes {
				r.of[a.Key] = a.Value.GetStringValue()
			}
			for _, s := range all.ScopeSpans {
				r.spans = append(r.spans, s.Spans...)
			}
		}
	}))
	t.Cleanup(r.Close)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", r.URL)
	return r
}

// named are the spans of a name.
func (r *receiver) named(name string) (all []*tracepb.Span) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.spans {
		if s.Name == name {
			all = append(all, s)
		}
	}
	return all
}

func attributes(s *tracepb.Span) map[string]string {
	all := map[string]string{}
	for _, a := range s.Attributes {
		all[a.Key] = a.Value.GetStringValue()
		if n := a.Value.GetIntValue(); n != 0 {
			all[a.Key] = fmt.Sprint(n)
		}
	}
	return all
}

// A request is a trace, or part of the caller's: what is decided, written and sent on
// are its spans or spans of their own, and the log names it.
func TestTraces(t *testing.T) {
	r := receiving(t)
	t.Setenv("OTEL_SERVICE_NAME", "north")
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=trial")
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-key=a%20b")
	delivered := make(chan http.Header, 1)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
		select {
		case delivered <- q.Header:
		default:
		}
	}))
	defer hook.Close()
	hooks := filepath.Join(t.TempDir(), "hooks.yaml")
	require.NoError(t, os.WriteFile(hooks, []byte("webhooks:\n- {name: billing, url: '"+hook.URL+"/secret', secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, types: [decision.recorded]}\n"), 0o600))
	s := start(t, "--webhooks", hooks, "--webhooks-private", "--verbose")

	const callers, above = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	resp, text := s.send(http.MethodPost, askPath+"?record=1", "application/json", install, "Traceparent", "00-"+callers+"-"+above+"-01", "Tracestate", "who=Zhang")
	require.Equal(t, http.StatusCreated, resp.StatusCode, text)
	request := resp.Header.Get("Request-Id")
	resp, _ = s.send(http.MethodPost, "/v1/questions/none/ask", "application/json", install)
	require.Equal(t, http.StatusNotFound, resp.StatusCode)
	resp, _ = s.send(http.MethodPost, "/v1/questions/time_limit.request/ask-many", "application/jsonl", strings.Repeat(install+"\n", 50))
	require.Equal(t, http.StatusOK, resp.StatusCode)
	s.send(http.MethodGet, "/no/such/page?phone=13800138000", "", "")
	s.send(http.MethodGet, "/healthz", "", "")
	var carried http.Header
	select {
	case carried = <-delivered:
	case <-time.After(60 * time.Second):
		t.Fatal("nothing was delivered")
	}
	require.Eventually(t, func() bool {
		_, metrics := s.send(http.MethodGet, "/metrics", "", "")
		return strings.Contains(metrics, `rulebook_webhook_tries_total{result="taken"} 1`)
	}, 60*time.Second, 10*time.Millisecond)
	s.stop() // which sends what was not sent yet

	assert.Equal(t, "north", r.of["service.name"])
	assert.Equal(t, "trial", r.of["deployment.environment.name"])
	assert.NotEmpty(t, r.of["service.version"])
	assert.Equal(t, "a b", r.header.Get("X-Key"))

	asked := r.named("POST /v1/questions/{id}/ask")
	require.Len(t, asked, 2)
	first := asked[slices.IndexFunc(asked, func(s *tracepb.Span) bool { return hex.EncodeToString(s.TraceId) == callers })]
	assert.Equal(t, above, hex.EncodeToString(first.ParentSpanId))
	assert.Empty(t, first.TraceState, "what a caller says beside his trace is not sent on")
	assert.Equal(t, tracepb.Span_SPAN_KIND_SERVER, first.Kind)
	assert.Equal(t, map[string]string{"http.request.method": "POST", "http.route": "/v1/questions/{id}/ask", "http.response.status_code": "201", "rulebook.request": request}, attributes(first))
	var decided *tracepb.Span
	for _, d := range r.named("decide") {
		if bytes.Equal(d.ParentSpanId, first.SpanId) {
			decided = d
		}
	}
	require.NotNil(t, decided)
	assert.Equal(t, map[string]string{"rulebook.question": "time_limit.request"}, attributes(decided))
	assert.Len(t, r.named("decide"), 2, "lines of a stream have none of their own; a question that there is not is not named")
	written := r.named("store write")
	assert.True(t, slices.ContainsFunc(written, func(w *tracepb.Span) bool { return bytes.Equal(w.ParentSpanId, first.SpanId) }))
	assert.Len(t, r.named("POST /v1/questions/{id}/ask-many"), 1)
	assert.Empty(t, r.named("GET /healthz"))

	sent := r.named("webhook delivery")
	require.Len(t, sent, 1)
	assert.Equal(t, map[string]string{"rulebook.webhook": "billing", "rulebook.event": "decision.recorded", "rulebook.try": "1"}, attributes(sent[0]))
	assert.Equal(t, "00-"+hex.EncodeToString(sent[0].TraceId)+"-"+hex.EncodeToString(sent[0].SpanId)+"-01", carried.Get("Traceparent"))

	assert.Contains(t, s.stderr.String(), "trace_id="+callers+" span_id="+hex.EncodeToString(first.SpanId))
	assert.Contains(t, s.stderr.String(), `msg="traces are sent" to=`+r.URL)
	for _, secret := range []string{"Zhang", "13800138000", "/secret", "2025-06-09", "no/such", "127.0.0.1"} {
		assert.NotContains(t, r.raw.String(), secret)
	}
}

// Without an address in the environment nothing is traced, and the log is as it was.
func TestNoTraces(t *testing.T) {
	r := receiving(t)
	for _, off := range []struct{ name, value string }{{"OTEL_EXPORTER_OTLP_ENDPOINT", ""}, {"OTEL_TRACES_EXPORTER", "none"}, {"OTEL_SDK_DISABLED", "true"}} {
		t.Run(off.name, func(t *testing.T) {
			t.Setenv(off.name, off.value)
			s := start(t, "--verbose")
			s.send(http.MethodPost, askPath, "application/json", install, "Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
			s.stop()
			assert.Empty(t, r.raw.Len())
			assert.NotContains(t, s.stderr.String(), "trace")
			assert.NotContains(t, examined(t, exitFine, "--addr", "127.0.0.1:0", "--db", filepath.Join(t.TempDir(), "x.db")), "telemetry")
		})
	}
}

// The sampler and the propagators are those of the environment: who must not choose
// what is kept cannot.
func TestTracesSampled(t *testing.T) {
	r := receiving(t)
	t.Setenv("OTEL_PROPAGATORS", "none")
	t.Setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
	t.Setenv("OTEL_TRACES_SAMPLER_ARG", "0")
	s := start(t, "--verbose")
	s.send(http.MethodPost, askPath, "application/json", install, "Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	s.stop()
	assert.Empty(t, r.spans)
	assert.NotContains(t, s.stderr.String(), "4bf92f3577b34da6a3ce929d0e0e4736")
	assert.Contains(t, s.stderr.String(), "trace_id=")
}

// A receiver that is away or refuses is told of once, and once when it is back; requests
// do not notice.
func TestTracesUntaken(t *testing.T) {
	r := receiving(t)
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "20")
	r.status = http.StatusForbidden
	s := start(t)
	ask := func() {
		t.Helper()
		resp, _ := s.send(http.MethodPost, askPath, "application/json", install)
		require.Equal(t, http.StatusOK, resp.StatusCode)
	}
	const away, again = "traces cannot be sent; the server goes on without them", "traces are sent again"
	require.Eventually(t, func() bool {
		ask()
		return strings.Contains(s.stderr.String(), away)
	}, 60*time.Second, 10*time.Millisecond)
	for range 5 {
		ask()
		time.Sleep(30 * time.Millisecond) // several more that are refused
	}
	r.mu.Lock()
	r.status = 0
	r.mu.Unlock()
	require.Eventually(t, func() bool {
		ask()
		return strings.Contains(s.stderr.String(), again)
	}, 60*time.Second, 10*time.Millisecond)
	assert.Equal(t, 1, strings.Count(s.stderr.String(), away))
	r.Close() // nobody listens there any more
	require.Eventually(t, func() bool {
		ask()
		return strings.Count(s.stderr.String(), away) == 2
	}, 60*time.Second, 10*time.Millisecond)
	s.stop() // with a receiver that is away, too

	at := []string{"--addr", "127.0.0.1:0", "--db", filepath.Join(t.TempDir(), "x.db")}
	assert.Equal(t, gradeWarning, examined(t, exitFine, at...)["telemetry_unreachable"].Grade)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiving(t).URL)
	assert.Equal(t, gradeFine, examined(t, exitFine, at...)["telemetry"].Grade)
}

// What the environment says and cannot be is told by doctor and by the log, without
// secrets, and keeps no server from its work.
func TestTracesMisset(t *testing.T) {
	receiving(t)
	t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
	s := start(t)
	resp, _ := s.send(http.MethodPost, askPath, "application/json", install)
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	s.stop()
	assert.Contains(t, s.stderr.String(), "no traces are sent")
	found := examined(t, exitRefused, "--addr", "127.0.0.1:0", "--db", filepath.Join(t.TempDir(), "x.db"))["telemetry"]
	assert.Equal(t, gradeBad, found.Grade)
	assert.Contains(t, found.Text.EN, `OTEL_EXPORTER_OTLP_PROTOCOL is "grpc"`)
	assert.Contains(t, found.Remedy.ZH, "http/protobuf")
}
