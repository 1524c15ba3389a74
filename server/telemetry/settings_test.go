package telemetry

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every variable that is looked at is told by its name where it says what cannot be,
// in both languages, and what may be a secret is not repeated.
func TestRead(t *testing.T) {
	const at = "OTEL_EXPORTER_OTLP_ENDPOINT"
	for _, x := range []struct{ name, value string }{
		{at, "collector:4318"}, {at, "grpc://collector:4317"}, {at, "http://"}, {at, "https://u:geheim@x:y"}, {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "/v1/traces"},
		{"OTEL_TRACES_EXPORTER", "zipkin"}, {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}, {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http"},
		{"OTEL_EXPORTER_OTLP_HEADERS", "Bearer geheim"}, {"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "a b=geheim"}, {"OTEL_EXPORTER_OTLP_HEADERS", "a=geheim%2"},
		{"OTEL_EXPORTER_OTLP_TIMEOUT", "10s"}, {"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "0"}, {"OTEL_BSP_MAX_QUEUE_SIZE", "-1"}, {"OTEL_BSP_SCHEDULE_DELAY", "1.5"},
		{"OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"}, {"OTEL_EXPORTER_OTLP_CERTIFICATE", "/no/such/file"}, {"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "/no/such/file"},
		{"OTEL_TRACES_SAMPLER", "sometimes"}, {"OTEL_RESOURCE_ATTRIBUTES", "north"},
	} {
		set := map[string]string{at: "http://localhost:4318", x.name: x.value}
		s, err := Read(func(name string) string { return set[name] })
		var f *Fault
		require.True(t, errors.As(err, &f), "%s=%s: %v", x.name, x.value, s)
		assert.Equal(t, x.name, f.Variable)
		for _, text := range []string{f.Message.ZH, f.Message.EN} {
			assert.Contains(t, text, x.name)
			assert.NotContains(t, text, "geheim")
		}
		assert.NotEmpty(t, f.Remedy.ZH)
		assert.NotEmpty(t, f.Remedy.EN)
	}
	for _, share := range []string{"10%", "1.1", "-0.1", "NaN"} {
		set := map[string]string{at: "http://localhost:4318", "OTEL_TRACES_SAMPLER": "TraceIdRatio", "OTEL_TRACES_SAMPLER_ARG": share}
		_, err := Read(func(name string) string { return set[name] })
		assert.ErrorContains(t, err, "OTEL_TRACES_SAMPLER_ARG", share)
	}
	_, err := Read(func(name string) string { return map[string]string{"OTEL_TRACES_EXPORTER": "otlp"}[name] })
	assert.ErrorContains(t, err, "set OTEL_EXPORTER_OTLP_ENDPOINT")

	set := map[string]string{
		at: " https://user:geheim@collector.example/base?x=geheim ", "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20geheim,x=1", "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
		"OTEL_TRACES_SAMPLER_ARG": "0.25", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf", "OTEL_EXPORTER_OTLP_TIMEOUT": "500", "OTEL_PROPAGATORS": "baggage, tracecontext",
	}
	s, err := Read(func(name string) string { return set[name] })
	require.NoError(t, err)
	assert.Equal(t, &Settings{Endpoint: "https://collector.example", Callers: true}, s)
	set["OTEL_PROPAGATORS"] = "b3"
	s, err = Read(func(name string) string { return set[name] })
	require.NoError(t, err)
	assert.False(t, s.Callers)
}
