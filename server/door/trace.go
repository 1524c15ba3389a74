package door

import (
	"context"
	"net/http"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// traced begins the span of a request, within the trace of the caller where he names
// one; ended is told with which status it was answered, 0 where it was cut off. What
// is told of it is ours, as in the log: the route and not the path, no query, no
// header, nobody's name or address. What probes ask is not told.
func (o Options) traced(r *http.Request, v *visit) (ctx context.Context, ended func(status int)) {
	ctx = r.Context()
	if o.Tracer == nil || r.URL.Path == "/healthz" || r.URL.Path == "/readyz" || r.URL.Path == "/metrics" {
		return ctx, func(int) {}
	}
	if o.Callers != nil {
		of := trace.SpanContextFromContext(o.Callers.Extract(ctx, propagation.HeaderCarrier(r.Header)))
		// What stands in tracestate is the caller's to say, and would be sent on.
		ctx = trace.ContextWithRemoteSpanContext(ctx, of.WithTraceState(trace.TraceState{}))
	}
	verb := method(r.Method)
	ctx, span := o.Tracer.Start(ctx, verb, trace.WithSpanKind(trace.SpanKindServer))
	return ctx, func(status int) {
		if _, path, found := strings.Cut(v.route, " "); found {
			span.SetName(v.route)
			span.SetAttributes(attribute.String("http.route", path))
		} else if v.route != "" {
			span.SetName(verb + " " + v.route)
			span.SetAttributes(attribute.String("http.route", v.route))
		}
		span.SetAttributes(attribute.String("http.request.method", verb), attribute.String("rulebook.request", v.id))
		if status != 0 {
			span.SetAttributes(attribute.Int("http.response.status_code", status))
		}
		if status == 0 || status >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}
