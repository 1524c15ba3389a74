package source

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// The form of a moment is that of this expression, which would take longer.
func TestMomentForm(t *testing.T) {
	form := regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$`)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(form.String()).Draw(t, "moment")
		assert.True(t, inMomentForm(text), text)
		at := rapid.IntRange(0, len(text)).Draw(t, "at")
		to := rapid.IntRange(at, len(text)).Draw(t, "to")
		text = text[:at] + rapid.SampledFrom([]string{"", "0", "-", ":", ".", "Z", "z", "T", "+", "\n", " ", "é", "٣"}).Draw(t, "by") + text[to:]
		assert.Equal(t, form.MatchString(text), inMomentForm(text), text)
	})
	for _, text := range []string{"", "2025-06-09T10:00:00", "2025-06-09T10:00:00." + strings.Repeat("1", 10) + "Z", "2025-06-09T10:00:00.Z"} {
		assert.Equal(t, form.MatchString(text), inMomentForm(text), text)
	}
}
