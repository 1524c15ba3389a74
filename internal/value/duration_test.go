package value

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestLengthsOfTimeInJSON(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: `"PT0S"`, 3*time.Hour + 20*time.Minute: `"PT3H20M"`, 36 * time.Hour: `"PT36H"`, 4*time.Minute + 19*time.Second: `"PT4M19S"`,
		-time.Second / 2: `"-PT0.5S"`, time.Hour + 1: `"PT1H0.000000001S"`, math.MinInt64: `"-PT2562047H47M16.854775808S"`,
	} {
		assert.Equal(t, want, string(DurationOf(d).AppendJSON(nil, nil, time.UTC)))
	}
}
