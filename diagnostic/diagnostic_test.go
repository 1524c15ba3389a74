package diagnostic

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNearest(t *testing.T) {
	words := []string{"install", "restore", "complaint_reply", "other"}
	for word, want := range map[string]string{
		"instal": "install", "INSTALL": "install", "isntall": "install", "restroe": "restore",
		"complaintreply": "complaint_reply", "complaint-reply": "complaint_reply",
		"": "", "x": "", "fault": "", "安装": "", strings.Repeat("install", 20): "",
	} {
		assert.Equal(t, want, Nearest(word, words), word)
	}
	assert.Equal(t, "受理", Nearest("受里", []string{"办结", "受理"}), "characters, not bytes")
	assert.Equal(t, "ab", Nearest("ac", []string{"ab", "ad"}), "the first of those equally near")
	assert.Empty(t, Nearest("word", nil))
	assert.Equal(t, "incident.aware_at", Nearest("incident.aware", []string{"incident.state", "incident.aware_at"}), "of two as near, the one whose end is missing")
	assert.Equal(t, "fault.cause", Nearest("cause", []string{"clause", "fault.cause", "fault.major"}), "a field without its record")
	assert.Equal(t, "clause", Nearest("cause", []string{"clause", "fault.cause", "start.cause"}), "of which record is not known")
	assert.Equal(t, "cause", Nearest("cause", []string{"cause", "fault.cause"}))

	many := make([]string, 2*maxCompared)
	for i := range many {
		many[i] = fmt.Sprint(i, "………")
	}
	many[maxCompared-1], many[maxCompared] = "looked_at", "not_looked_at"
	assert.Equal(t, "looked_at", Nearest("looked_ta", many))
	assert.Empty(t, Nearest("not_looked_ta", many[1:maxCompared-1]))
}

// naive is the edit distance with swaps of neighbours, cell by cell.
func naive(x, y []rune) int {
	d := make([][]int, len(x)+1)
	for i := range d {
		d[i] = make([]int, len(y)+1)
		for j := range d[i] {
			switch {
			case i == 0 || j == 0:
				d[i][j] = i + j
				continue
			case x[i-1] == y[j-1]:
				d[i][j] = d[i-1][j-1]
			default:
				d[i][j] = 1 + min(d[i-1][j-1], d[i-1][j], d[i][j-1])
			}
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(x)][len(y)]
}

func TestDistanceAgainstNaive(t *testing.T) {
	g := rand.New(rand.NewPCG(1, 1))
	word := func() []rune {
		w := make([]rune, g.IntN(20))
		for i := range w {
			w[i] = []rune("ab中")[g.IntN(3)]
		}
		return w
	}
	for range 20_000 {
		x, y, limit := word(), word(), 1+g.IntN(maxChanges)
		if g.IntN(2) == 0 { // near ones
			y = append([]rune(nil), x...)
			for range g.IntN(4) {
				if i := g.IntN(len(y) + 1); i < len(y) {
					y[i] = 'b'
				} else {
					y = append(y, 'a')
				}
			}
		}
		require.Equal(t, min(naive(x, y), limit), distance(x, string(y), limit), "%q %q, at most %d", string(x), string(y), limit)
	}
}

func TestNearestIsNoOtherNumberOrLetter(t *testing.T) {
	assert.Empty(t, Nearest("rule/7", []string{"rule/1", "rule/17"}), "a number is no slip of another")
	assert.Equal(t, "rule/7", Nearest("rul/7", []string{"rule/1", "rule/7"}))
	assert.Empty(t, Nearest("周", []string{"天", "日"}), "nothing is left of the word")
	assert.Empty(t, Nearest("w", []string{"d"}))
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"days", "Days", 0}, {"dyas", "days", 1}, {"day", "days", 1}, {"工作曰", "工作日", 1}, {"周", "天", 1}, {"", "abc", 3}, {"abcdefghijk", "zyxwvutsrqp", 8}, {strings.Repeat("a", 70), "a", 8}} {
		assert.Equal(t, c.want, Distance(c.a, c.b), "%s %s", c.a, c.b)
	}
}
