package calendars_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/calendars"
	"github.com/servicerules/rulebook/sla/workday"
)

// head and tail are a rulebook around calendars.
const (
	head = `rulebook: {id: office, title: {zh: 办事处, en: Office}, zone: Europe/London, in_force: {from: 2000-01-01}}
calendars:
`
	tail = `words:
  yes_no: {yes: {zh: 是, en: "yes"}, no: {zh: 否, en: "no"}}
facts:
  asked: {zh: 所问, en: asked, type: word, words: yes_no}
readings: {}
regulations:
  r:
    zh: 规则
    en: Rules
    articles:
      "1":
        nature: duty
        title: {zh: 一, en: One}
        text: {zh: 答, en: answer}
        duties: {answered: {zh: 已答, en: answered, met: 'asked == "yes"', breach: unanswered}}
questions:
  q: {zh: 问, en: question, facts: [asked], rules: [answered], verdict: {is: asked, words: yes_no}, values: {asked: {zh: 答, en: answer, is: asked}}}
`
)

func day(s string) date.Date {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return date.NewAt(t)
}

// load is a calendar as a rulebook has it that takes the fragment over.
func load(t *testing.T, name string) *workday.Calendar {
	t.Helper()
	fragment, ok := calendars.Fragment(name)
	require.True(t, ok, name)
	book, err := rulebook.Parse("office.yaml", []byte(head+fragment+tail))
	require.NoError(t, err, name)
	c, ok := book.Rulebook().Calendar(name)
	require.True(t, ok, name)
	return c
}

// weekdaysOff are the days off from Monday to Friday of a year.
func weekdaysOff(t *testing.T, c *workday.Calendar, year int) []string {
	t.Helper()
	var off []string
	for d := date.New(year, time.January, 1); d.Year() == year; d++ {
		worked, err := c.IsWorkday(d)
		require.NoError(t, err)
		if w := d.Weekday(); !worked && w != time.Saturday && w != time.Sunday {
			off = append(off, d.Format("01-02"))
		} else if worked {
			require.True(t, w != time.Saturday && w != time.Sunday, d)
		}
	}
	return off
}

// The days from Monday to Friday that are off, written down from what the
// governments publish (gov.uk, opm.gov), and for years that they have not
// published yet from the law.
var published = map[string]string{
	"england_and_wales": `
2002: 01-01 03-29 04-01 05-06 06-03 06-04 08-26 12-25 12-26
2011: 01-03 04-22 04-25 04-29 05-02 05-30 08-29 12-26 12-27
2012: 01-02 04-06 04-09 05-07 06-04 06-05 08-27 12-25 12-26
2020: 01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28
2021: 01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28
2022: 01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27
2023: 01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26
2024: 01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26
2025: 01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26
2026: 01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28
2027: 01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28
2028: 01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26
2029: 01-01 03-30 04-02 05-07 05-28 08-27 12-25 12-26
2030: 01-01 04-19 04-22 05-06 05-27 08-26 12-25 12-26`,
	"united_states_federal": `
2010: 01-01 01-18 02-15 05-31 07-05 09-06 10-11 11-11 11-25 12-24 12-31
2020: 01-01 01-20 02-17 05-25 07-03 09-07 10-12 11-11 11-26 12-25
2021: 01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31
2022: 01-17 02-21 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26
2023: 01-02 01-16 02-20 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25
2024: 01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25
2025: 01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25
2026: 01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25
2027: 01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31
2028: 01-17 02-21 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25
2029: 01-01 01-15 02-19 05-28 06-19 07-04 09-03 10-08 11-12 11-22 12-25
2030: 01-01 01-21 02-18 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25`,
	"eu_institutions_brussels": `
2023: 01-02 04-06 04-07 04-10 05-01 05-09 05-18 05-19 05-29 07-21 08-15 11-01 11-02 12-25 12-26 12-27 12-28 12-29`,
}

func TestPublishedDays(t *testing.T) {
	for name, text := range published {
		c := load(t, name)
		for line := range strings.Lines(strings.TrimSpace(text)) {
			year, list, _ := strings.Cut(strings.TrimSpace(line), ": ")
			var y int
			fmt.Sscan(year, &y)
			assert.Equal(t, strings.Fields(list), weekdaysOff(t, c, y), "%s %s", name, year)
		}
	}
}

// The movable feasts of the years 2020 to 2030, from published tables: Good
// Friday, Easter Monday, Ascension, Whit Monday, Corpus Christi; and the Day
// of Repentance of Saxony.
var feasts = map[int][6]string{
	2020: {"04-10", "04-13", "05-21", "06-01", "06-11", "11-18"},
	2021: {"04-02", "04-05", "05-13", "05-24", "06-03", "11-17"},
	2022: {"04-15", "04-18", "05-26", "06-06", "06-16", "11-16"},
	2023: {"04-07", "04-10", "05-18", "05-29", "06-08", "11-22"},
	2024: {"03-29", "04-01", "05-09", "05-20", "05-30", "11-20"},
	2025: {"04-18", "04-21", "05-29", "06-09", "06-19", "11-19"},
	2026: {"04-03", "04-06", "05-14", "05-25", "06-04", "11-18"},
	2027: {"03-26", "03-29", "05-06", "05-17", "05-27", "11-17"},
	2028: {"04-14", "04-17", "05-25", "06-05", "06-15", "11-22"},
	2029: {"03-30", "04-02", "05-10", "05-21", "05-31", "11-21"},
	2030: {"04-19", "04-22", "05-30", "06-10", "06-20", "11-20"},
}

const (
	goodFriday = iota
	easterMonday
	ascension
	whitMonday
	corpusChristi
	repentance
)

// kept are the holidays of a calendar: days of the month and feasts, and days
// of some years alone ("2025-05-08", "03-08 from 2019").
type kept struct {
	fixed  []string
	feasts []int
}

func (k kept) and(fixed []string, feasts ...int) kept {
	return kept{slices.Concat(k.fixed, fixed), slices.Concat(k.feasts, feasts)}
}

func (k kept) of(year int) (off []string) {
	list := slices.Clone(k.fixed)
	for _, f := range k.feasts {
		list = append(list, feasts[year][f])
	}
	seen := map[string]bool{}
	for _, text := range list {
		text, from, _ := strings.Cut(text, " from ")
		if from > fmt.Sprint(year) {
			continue
		}
		if len(text) == len("01-02") {
			text = fmt.Sprintf("%d-%s", year, text)
		}
		d := day(text)
		if w := d.Weekday(); d.Year() == year && w != time.Saturday && w != time.Sunday && !seen[text] {
			seen[text] = true
			off = append(off, d.Format("01-02"))
		}
	}
	slices.Sort(off)
	return off
}

func TestContinentalDays(t *testing.T) {
	none := []string{}
	germany := kept{[]string{"01-01", "05-01", "10-03", "12-25", "12-26"}, []int{goodFriday, easterMonday, ascension, whitMonday}}
	catholic := germany.and([]string{"11-01"}, corpusChristi)
	reformation := germany.and([]string{"10-31"})
	france := kept{[]string{"01-01", "05-01", "05-08", "07-14", "08-15", "11-01", "11-11", "12-25"}, []int{easterMonday, ascension, whitMonday}}
	all := map[string]kept{
		"germany":                        germany,
		"germany_baden_wuerttemberg":     catholic.and([]string{"01-06"}),
		"germany_bavaria":                catholic.and([]string{"01-06"}),
		"germany_bavaria_assumption":     catholic.and([]string{"01-06", "08-15"}),
		"germany_berlin":                 germany.and([]string{"03-08 from 2019", "2020-05-08", "2025-05-08", "2028-06-17"}),
		"germany_brandenburg":            reformation,
		"germany_bremen":                 reformation,
		"germany_hamburg":                reformation,
		"germany_hesse":                  germany.and(none, corpusChristi),
		"germany_lower_saxony":           reformation,
		"germany_mecklenburg_vorpommern": reformation.and([]string{"03-08 from 2023"}),
		"germany_north_rhine_westphalia": catholic,
		"germany_rhineland_palatinate":   catholic,
		"germany_saarland":               catholic.and([]string{"08-15"}),
		"germany_saxony":                 reformation.and(none, repentance),
		"germany_saxony_anhalt":          reformation.and([]string{"01-06"}),
		"germany_schleswig_holstein":     reformation,
		"germany_thuringia":              reformation.and([]string{"09-20"}),
		"france":                         france,
		"france_alsace_moselle":          france.and([]string{"12-26"}, goodFriday),
		"europe_target":                  {[]string{"01-01", "05-01", "12-25", "12-26"}, []int{goodFriday, easterMonday}},
	}
	for name, k := range all {
		c := load(t, name)
		for year := 2020; year <= 2030; year++ {
			assert.Equal(t, k.of(year), weekdaysOff(t, c, year), "%s %d", name, year)
		}
	}
	var checked []string
	for name := range all {
		checked = append(checked, name)
	}
	for name := range published {
		checked = append(checked, name)
	}
	var names []string
	for _, c := range calendars.All() {
		names = append(names, c.Name)
	}
	assert.ElementsMatch(t, names, checked, "every calendar is checked")
}

// What began or happened within the last decades.
func TestDaysThatBegan(t *testing.T) {
	for name, days := range map[string]map[string]bool{ // whether the day is worked
		"germany":                        {"2017-10-31": false, "2018-10-31": true, "2016-10-31": true, "2024-12-24": true, "2024-12-31": true},
		"germany_hamburg":                {"2016-10-31": true, "2017-10-31": false, "2018-10-31": false},
		"germany_berlin":                 {"2018-03-08": true, "2019-03-08": false, "2019-05-08": true, "2020-05-08": false},
		"germany_mecklenburg_vorpommern": {"2022-03-08": true, "2023-03-08": false, "2016-10-31": false},
		"germany_thuringia":              {"2018-09-20": true, "2019-09-20": false},
		"germany_saxony":                 {"2000-11-22": false, "2001-11-21": false},
		"united_states_federal":          {"2020-06-19": true, "2021-06-18": false},
		"france":                         {"2005-05-16": false},
	} {
		c := load(t, name)
		for text, want := range days {
			got, err := c.IsWorkday(day(text))
			require.NoError(t, err)
			assert.Equal(t, want, got, "%s %s", name, text)
		}
	}
	c := load(t, "eu_institutions_brussels")
	_, err := c.IsWorkday(day("2024-05-10"))
	assert.Error(t, err, "a year whose decision was not read is not known")
	_, err = load(t, "europe_target").IsWorkday(day("2001-12-31"))
	assert.Error(t, err)
}

// Every holiday has a name in both languages, and every file its sources.
func TestNamesAndSources(t *testing.T) {
	for _, f := range calendars.All() {
		assert.Contains(t, f.Sources, "# Sources\n", f.Name)
		c := load(t, f.Name)
		first, last := c.Range()
		for d := date.New(max(first, 2020), time.January, 1); d.Year() <= min(last, 2030); d++ {
			kind, err := c.Kind(d)
			require.NoError(t, err)
			if kind != workday.Holiday {
				continue
			}
			require.NotEmpty(t, c.Names(d), "%s %v", f.Name, d)
			for _, n := range c.Names(d) {
				assert.NotEmpty(t, n.Name["zh"], "%s %v", f.Name, d)
				assert.NotEmpty(t, n.Name["en"], "%s %v", f.Name, d)
			}
		}
	}
	_, ok := calendars.Fragment("atlantis")
	assert.False(t, ok)
	_, ok = calendars.Fragment("")
	assert.False(t, ok)
}

// All of them together are one rulebook.
func TestAllTogether(t *testing.T) {
	text := head
	for _, c := range calendars.All() {
		text += c.Text
	}
	_, err := rulebook.Parse("all.yaml", []byte(text+tail))
	require.NoError(t, err)
}
