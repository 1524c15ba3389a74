package span

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

// Where nobody is told, work costs nothing that has to be collected.
func TestNothingIsTold(t *testing.T) {
	ctx := context.Background()
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		_, s := Start(ctx, "decide")
		s.Set("rulebook.question", "q")
		s.End(nil)
	}))
	assert.Equal(t, ctx, Whole(ctx))
}

// Of an error its type is told, of many pieces the whole.
func TestSpans(t *testing.T) {
	told := tracetest.NewSpanRecorder()
	ctx, root := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(told)).Tracer(Scope).Start(t.Context(), "root")
	_, s := Start(Whole(ctx), "piece")
	assert.Nil(t, s)
	_, s = Start(ctx, "work")
	s.Set("rulebook.question", "q")
	s.End(errors.New("Zhang San, 13800138000"))
	root.End()
	all := told.Ended()
	assert.Len(t, all, 2)
	assert.Equal(t, root.SpanContext().SpanID(), all[0].Parent().SpanID())
	assert.Empty(t, all[0].Status().Description)
	assert.Empty(t, all[0].Events())
	assert.Equal(t, "*errors.errorString", all[0].Attributes()[1].Value.AsString())
}
