package whatif_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/whatif"
)

// A question that depends on many readings, asked under all of them: most of the
// time goes into compiling it under each combination.
func BenchmarkUnderAllReadings(b *testing.B) {
	book, err := rulebook.Default()
	require.NoError(b, err)
	for name, facts := range map[string]string{
		"time_limit.request":  `{"request":{"kind":"install","area_type":"urban","received_at":"2025-01-06T09:00:00+08:00"}}`,
		"accountability.fine": `{"person":"S1","complaint":{"level":"hall","form":"complaint","substantiated":true,"cause":"service"},"prior_in_window":{"hall":2,"branch":0,"county_or_above":0}}`,
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				r, err := whatif.UnderAllReadings(b.Context(), book, name, facts)
				require.NoError(b, err)
				b.ReportMetric(float64(r.Tried), "combinations")
			}
		})
	}
}
