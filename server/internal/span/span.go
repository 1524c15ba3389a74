// Package span tells of pieces of work as spans of the trace that the context belongs
// to, where there is one. What is told of them are names that stand in the program and
// in the rules: never facts, names of people, what was sent or texts of errors.
package span

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// Scope is the name under which spans of the server are made.
const Scope = "github.com/servicerules/rulebook/server"

// Span is a piece of work. Nil is one that nobody is told of.
type Span struct{ span trace.Span }

// Start begins a piece of work within that of the context. Where the context belongs
// to no trace that is kept, it costs a look at it, and the span is nil.
func Start(ctx context.Context, name string) (context.Context, *Span) {
	parent := trace.SpanFromContext(ctx)
	if !parent.IsRecording() {
		return ctx, nil
	}
	ctx, span := parent.TracerProvider().Tracer(Scope).Start(ctx, name)
	return ctx, &Span{span}
}

// Set notes something about the work.
func (s *Span) Set(key, value string) {
	if s != nil {
		s.span.SetAttributes(attribute.String(key, value))
	}
}

// End ends the work, which failed where there is an error. Of that its type is told:
// its text may hold what was sent.
func (s *Span) End(err error) {
	if s == nil {
		return
	}
	if err != nil {
		s.span.SetStatus(codes.Error, "")
		s.span.SetAttributes(attribute.String("error.type", fmt.Sprintf("%T", err)))
	}
	s.span.End()
}

// Whole is the context for work of many pieces that are told as one, that of ctx: of
// what is done under it no piece has a span of its own.
func Whole(ctx context.Context) context.Context {
	of := trace.SpanContextFromContext(ctx)
	if !of.IsValid() {
		return ctx
	}
	return trace.ContextWithSpanContext(ctx, of)
}
