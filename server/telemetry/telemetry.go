// Package telemetry sends traces of what the server does by OpenTelemetry, where the
// variables of the environment that all programs with it know name an address for
// them: OTLP over HTTP. What is told of requests stands in package door, of the work
// for them in the packages that do it: names of routes, questions and webhooks, never
// facts, people, tokens, addresses or texts.
package telemetry

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/servicerules/rulebook/server/internal/span"
)

// Traces are those that are sent. Nil sends none.
type Traces struct {
	provider *sdktrace.TracerProvider
	callers  bool
}

// Start begins to send traces, of a program of some version, as the environment of the
// process says; the log is told once that they cannot be sent, and once that they can
// again. A receiver that is away keeps nobody waiting: what there is no room for is
// not sent.
func Start(ctx context.Context, s *Settings, version string, log *slog.Logger) (*Traces, error) {
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, err
	}
	of, err := resource.New(ctx, resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.name", "rulebook-server"), attribute.String("service.version", version)),
		resource.WithFromEnv()) // which says more, or otherwise
	if err != nil {
		return nil, errors.Join(err, exporter.Shutdown(ctx))
	}
	return &Traces{sdktrace.NewTracerProvider(sdktrace.WithResource(of), sdktrace.WithBatcher(&telling{SpanExporter: exporter, log: log})), s.Callers}, nil
}

// Tracer makes the spans that have none above them in the program; nil where none are sent.
func (t *Traces) Tracer() trace.Tracer {
	if t == nil {
		return nil
	}
	return t.provider.Tracer(span.Scope)
}

// Callers reads and writes traceparent, as W3C has it; nil where the traces of callers
// are not carried on.
func (t *Traces) Callers() propagation.TextMapPropagator {
	if t == nil || !t.callers {
		return nil
	}
	return propagation.TraceContext{}
}

// lastTime is how long the last spans may take to be sent at the end.
const lastTime = 5 * time.Second

// Close sends what was not sent yet, within five seconds.
func (t *Traces) Close() error {
	if t == nil {
		return nil
	}
	ctx, done := context.WithTimeout(context.Background(), lastTime)
	defer done()
	if err := t.provider.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil // a receiver that does not answer was told of
}

// Try sends nothing, as a request, so that it is known whether the receiver takes
// what is sent to it.
func Try(ctx context.Context) error {
	client := otlptracehttp.NewClient(otlptracehttp.WithRetry(otlptracehttp.RetryConfig{Enabled: false}))
	if err := client.Start(ctx); err != nil {
		return err
	}
	if err := client.UploadTraces(ctx, nil); err != nil {
		return errors.Join(brief(err), client.Stop(ctx))
	}
	return client.Stop(ctx)
}

// telling is an exporter that says once that it does not get through.
type telling struct {
	sdktrace.SpanExporter
	log     *slog.Logger
	failing atomic.Bool
}

// ExportSpans sends spans. Whether they were taken is told here, and to nobody else.
func (t *telling) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := t.SpanExporter.ExportSpans(ctx, spans)
	switch before := t.failing.Swap(err != nil); {
	case err != nil && !before:
		t.log.Warn("traces cannot be sent; the server goes on without them", "err", brief(err))
	case err == nil && before:
		t.log.Info("traces are sent again")
	}
	return nil
}

// brief cuts an error short: it may repeat what the receiver answered.
func brief(err error) error {
	const most = 300
	if text := []rune(err.Error()); len(text) > most {
		return errors.New(string(text[:most]) + "…")
	}
	return err
}

// Lines adds to the lines of a log the trace that they belong to: trace_id and span_id.
func Lines(h slog.Handler) slog.Handler { return lines{h} }

type lines struct{ slog.Handler }

func (l lines) Handle(ctx context.Context, r slog.Record) error {
	if of := trace.SpanContextFromContext(ctx); of.IsValid() {
		r = r.Clone()
		r.AddAttrs(slog.String("trace_id", of.TraceID().String()), slog.String("span_id", of.SpanID().String()))
	}
	return l.Handler.Handle(ctx, r)
}

func (l lines) WithAttrs(attrs []slog.Attr) slog.Handler { return lines{l.Handler.WithAttrs(attrs)} }

func (l lines) WithGroup(name string) slog.Handler { return lines{l.Handler.WithGroup(name)} }
