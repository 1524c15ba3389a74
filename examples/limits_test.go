package examples

import (
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
// an article on average. Two of the examples have more to say in each article; they
// are held to what they have.
const linesAnArticle = 12

var moreLines = map[string]float64{"cloud-sla": 15.2, "service-desk": 15.2}

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
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
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
		limit := float64(linesAnArticle)
		if more, ok := moreLines[name]; ok {
			limit = more
		}
		require.Positive(t, articles, file)
		assert.LessOrEqual(t, float64(lines)/float64(articles), limit, "%s: %d lines for %d articles", file, lines, articles)

		root := source.Nodes(file, data)
		require.NotNil(t, root, file)
		noLongExpressions(t, root)
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
