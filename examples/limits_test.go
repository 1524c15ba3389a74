package examples

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/source"
)

// An article has its number, its nature, its title, its text, and the rules that
// it became. A rulebook stays readable beside the text if that takes so many lines
// an article on average.
const linesAnArticle = 12

// longestLine bounds how much of a rule stands on one line, so that few lines are
// no long ones.
const longestLine = 200

// longestExpression is how many characters an expression may have: longer ones are
// two, with a name for what one of them means.
const longestExpression = 120

var (
	topLevel      = regexp.MustCompile(`^[a-z]`)
	articleNumber = regexp.MustCompile(`^      "[0-9.]+":`)
	wordingAlone  = regexp.MustCompile(`^ *(text|title|note|zh|en|decides_nothing):`)
)

// wordings are the keys under which people's words stand, and no expression.
var wordings = []string{"zh", "en", "title", "text", "note", "asks", "why", "source", "decides_nothing"}

func TestExamplesAreShort(t *testing.T) {
	files, err := filepath.Glob("rulebooks/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		lines, articles, inside := 0, 0, false
		for i, line := range strings.Split(string(data), "\n") {
			if topLevel.MatchString(line) {
				inside = line == "regulations:"
			}
			if text := strings.TrimSpace(line); !inside || text == "" || strings.HasPrefix(text, "#") {
				continue
			}
			lines++
			if articleNumber.MatchString(line) {
				articles++
			}
			if !wordingAlone.MatchString(line) {
				assert.LessOrEqual(t, utf8.RuneCountInString(line), longestLine, "%s:%d", file, i+1)
			}
		}
		require.Positive(t, articles, file)
		assert.LessOrEqual(t, lines, linesAnArticle*articles, "%s: %d lines for %d articles", file, lines, articles)

		root := source.Nodes(file, data)
		require.NotNil(t, root, file)
		noLongExpressions(t, root)
	}
}

// sameByChance are numbers that stand twice in the rules of a book, and are two
// that happen to be the same, or one that has to be written twice.
var sameByChance = map[string]map[string]string{
	"cloud-sla": {
		"1440": "minutes of a day", "60": "seconds of a minute", "100": "of per cent", "0 USD": "no money",
	},
	"service-desk": {
		"4 hours": "to resolve priority 1, and to respond to priority 4",
		"3":       "an occurrence of three ladders, and a rank",
		"10":      amountAndScale, "20": amountAndScale, "50": amountAndScale, "100": amountAndScale, "200": amountAndScale, "500": amountAndScale,
	},
	"support-contract": {
		"80%": "where one row ends and the next begins", "90%": "where one row ends and the next begins",
		"100%": "all of the length, and what an empty month comes to",
	},
}

const amountAndScale = "an amount, and the step of the scale that it is"

// literal is a number of a rule with its unit.
var literal = regexp.MustCompile(`[\pL\pN_."]*\d[\pL\pN_."]*(?: ?%| [A-Z]{3}\b| (?:working )?(?:minute|hour|day|week|month|quarter|year)s?\b)?`)

// A number of a regulation stands once in its rulebook, so that who changes it
// changes it everywhere.
func TestExamplesCopyNoNumbers(t *testing.T) {
	files, err := filepath.Glob("rulebooks/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		root := source.Nodes(file, data)
		require.NotNil(t, root, file)
		places := map[string][]string{}
		numbersOf(root.Get("regulations"), places)
		require.NotEmpty(t, places, file)
		accepted := sameByChance[strings.TrimSuffix(filepath.Base(file), ".yaml")]
		for number, at := range places {
			if accepted[number] == "" {
				assert.Len(t, at, 1, "%s: %s stands at %s", file, number, strings.Join(at, ", "))
			} else {
				assert.Greater(t, len(at), 1, "%s: %s stands once, and need not be accepted", file, number)
			}
		}
	}
}

// numbersOf adds the numbers of the rules below a node, by how they are written, with
// their places; without 0, 1 and 2, which count and compare.
func numbersOf(n *source.Node, places map[string][]string) {
	for _, e := range n.Entries {
		if !slices.Contains(wordings, e.Key.Text) {
			numbersOf(e.Value, places)
		}
	}
	for _, x := range n.Items {
		numbersOf(x, places)
	}
	if n.Kind != source.Scalar {
		return
	}
	for _, number := range literal.FindAllString(n.Text, -1) {
		if first := number[0]; first < '0' || first > '9' || len(number) == 1 && first <= '2' {
			continue // the digits of a name or of a word in quotes
		}
		places[number] = append(places[number], fmt.Sprintf("line %d", n.Span.Start.Line))
	}
}

// noLongExpressions fails for each text below a node that is longer than an
// expression should be and is no wording.
func noLongExpressions(t *testing.T, n *source.Node) {
	t.Helper()
	for _, e := range n.Entries {
		if !slices.Contains(wordings, e.Key.Text) {
			noLongExpressions(t, e.Value)
		}
	}
	for _, x := range n.Items {
		noLongExpressions(t, x)
	}
	if n.Kind == source.Scalar {
		assert.LessOrEqual(t, utf8.RuneCountInString(n.Text), longestExpression, "%v: %s", n.Span, n.Text)
	}
}
