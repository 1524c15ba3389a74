package reference_test

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/reference"
)

// A rules file in which a comment marks each part.
const sample = `
rulebook:
  # rulebook
  id: kiosk
  title: {zh: 小卖部, en: Kiosk}
  zone: Asia/Shanghai
  in_force: {from: 2020-01-01}
calendars:
  open_days:
    # calendars.<name>
    zh: 营业日
    en: open days
    base: china
    yearly:
      # calendars.<name>.yearly
      days:
        - zh: 盘点
          # calendars.<name>.yearly.days
          on: last friday of june
          en: stocktaking
words:
  size:
    small:
      # words.<list>.<word>
      zh: 小
      en: small
facts:
  cup:
    # facts.<name>
    zh: 杯
    en: cup
    type: word
    words: size
must:
  cups_are_some_size:
    # must.<name>
    zh: 杯有大小
    en: a cup has a size
    that: cup == "small"
readings:
  small.means:
    # readings.<key>
    article: rules/1
    asks: {zh: 何为小, en: what is small}
    options:
      mug:
        # readings.<key>.options.<option>
        zh: 小杯
        en: a mug
    chosen: mug
regulations:
  rules:
    # regulations.<id>
    zh: 规则
    en: Rules
    articles:
      "1":
        # regulations.<id>.articles."6"
        nature: duty
        title: {zh: 杯, en: Cups}
        text: {zh: 用小杯, en: cups are small}
        source:
          # source
          id: K/2020
        duties: {small_cup: {zh: 小杯, en: a small cup, met: cup == "small", breach: too_big}}
questions:
  cup:
    # questions.<id>
    zh: 杯
    en: cup
    facts: [cup]
    rules: [small_cup]
    verdict:
      # questions.<id>.verdict
      is: cup
      words: size
    values:
      cup:
        # questions.<id>.values.<name>
        zh: 杯
        en: cup
        is: cup
promises:
  small_is_answered:
    # promises.<name>
    zh: 小杯答小杯
    en: a small cup is answered as such
    article: rules/1
    question: cup
    when: cup == "small"
    then: answer.verdict == "small"
review:
  zh: 审查
  en: review
  sections:
    cups:
      # review.sections.<name>
      zh: 杯
      en: cups
      question: cup
      table: cups
`

// The reference names just the keys that the loader takes.
func TestPartsNameTheKeysThatAreTaken(t *testing.T) {
	_, err := rulebook.Parse("sample.yaml", []byte(sample))
	require.NoError(t, err)
	for _, p := range reference.Parts() {
		t.Run(p.Path, func(t *testing.T) {
			mark := "# " + p.Path + "\n"
			require.Equal(t, 1, strings.Count(sample, mark))
			_, err := rulebook.Parse("sample.yaml", []byte(strings.Replace(sample, mark, "zzzz: 1\n", 1)))
			var found diagnostic.List
			require.True(t, errors.As(err, &found), "%v", err)
			require.Equal(t, "unknown_key", found[0].Code)
			allowed := strings.Split(strings.TrimPrefix(found[0].Remedy.EN, "allowed: "), ", ")
			if i := slices.Index(allowed, "scopes"); i >= 0 {
				allowed = allowed[:i] // the sections of the forms follow
			}
			var named []string
			for _, k := range p.Keys {
				named = append(named, k.Name)
			}
			assert.ElementsMatch(t, allowed, named)
		})
	}
}

// What the reference marks as needed, the loader misses.
func TestWhatIsNeededIsMissed(t *testing.T) {
	for _, p := range reference.Parts() {
		at := strings.Index(sample, "# "+p.Path+"\n")
		for _, k := range p.Keys {
			rest, found := without(sample[at:], k.Name)
			if !k.Required || !found {
				continue
			}
			_, err := rulebook.Parse("sample.yaml", []byte(sample[:at]+rest))
			assert.Error(t, err, "%s without %s", p.Path, k.Name)
		}
	}
}

// without is a text without the first key of that name at the beginning of a
// line, and what stands below it.
func without(text, key string) (rest string, found bool) {
	lines := strings.SplitAfter(text, "\n")
	indent := func(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }
	from := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(strings.TrimLeft(line, " -"), key+":") })
	if from < 0 || strings.HasPrefix(strings.TrimLeft(lines[from], " "), "-") {
		return text, false
	}
	end := from + 1
	for end < len(lines) && indent(lines[end]) > indent(lines[from]) {
		end++
	}
	return strings.Join(slices.Delete(lines, from, end), ""), true
}

// The top of the file has just the keys that the loader takes, and the schema.
func TestTopLevelNamesTheKeysThatAreTaken(t *testing.T) {
	var named []string
	for _, k := range reference.TopLevel() {
		named = append(named, k.Name)
		assert.NotEmpty(t, k.Doc.ZH, k.Name)
		assert.NotEmpty(t, k.Doc.EN, k.Name)
	}
	_, err := rulebook.Parse("sample.yaml", []byte(sample+"zzzz: 1\n"))
	var found diagnostic.List
	require.ErrorAs(t, err, &found)
	require.Equal(t, "unknown_key", found[0].Code)
	assert.ElementsMatch(t, strings.Split(strings.TrimPrefix(found[0].Remedy.EN, "allowed: "), ", "), named)
	_, schema := schemaOf(t)
	assert.ElementsMatch(t, slices.Collect(maps.Keys(schema["properties"].(map[string]any))), named)
}

// A key that may be true says so, and is a flag.
func TestFlags(t *testing.T) {
	says := regexp.MustCompile(`(?:^|: |, |\. )true(?:[.:]| where)`)
	for _, p := range reference.Parts() {
		for _, k := range p.Keys {
			flag := slices.Contains(reference.Flags(), k.Name)
			if k.Name == "years" { // the flags within it
				continue
			}
			assert.Equal(t, says.MatchString(k.Doc.EN), flag, "%s of %s", k.Name, p.Path)
		}
	}
}
