package forms_test

import (
	"fmt"
	"math/big"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A percentage is told with as many places as it takes to see on which side of
// the bound it lies, and is said to be equal only where it is.
func TestPercentagesAreToldApart(t *testing.T) {
	told := regexp.MustCompile(`at most: (\d+)/(\d+) (=|≈|<|>) ([0-9.]+)%, must be at most 0\.5%: (met|not met)`)
	bound := big.NewRat(1, 2) // of a hundred
	rapid.Check(t, func(rt *rapid.T) {
		patients := rapid.Int64Range(1, 10_000_000).Draw(rt, "patients")
		falls := max(0, patients/200+rapid.Int64Range(-2, 2).Draw(rt, "off"))
		text := askClinic(t, "care.at_most", fmt.Sprintf(`{"falls":%d,"patients":%d}`, falls, patients)).Explain("en")
		m := told.FindStringSubmatch(text)
		require.NotNil(rt, m, text)
		exact, _ := new(big.Rat).SetString(m[1] + "00/" + m[2])
		shown, _ := new(big.Rat).SetString(m[4])
		require.Equal(rt, m[3] == "=", exact.Cmp(shown) == 0, text)
		require.Equal(rt, exact.Cmp(bound), shown.Cmp(bound), text)
		require.Equal(rt, m[5] == "met", exact.Cmp(bound) <= 0, text)
		off := new(big.Rat).Sub(exact, shown)
		require.Negative(rt, off.Abs(off).Cmp(big.NewRat(1, 1000)), text)
	})
}
