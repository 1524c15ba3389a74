package icalendar

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/servicerules/rulebook/sla/workday"
)

func day(s string) date.Date {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return date.NewAt(t)
}

// file is a calendar of events, written as people write tests.
func file(events ...string) []byte {
	text := "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//y//EN\n"
	for _, e := range events {
		text += "BEGIN:VEVENT\n" + e + "\nEND:VEVENT\n"
	}
	return []byte(strings.ReplaceAll(text+"END:VCALENDAR\n", "\n", "\r\n"))
}

func TestRead(t *testing.T) {
	f, err := Read(file(
		"UID:1\nDTSTART;VALUE=DATE:20250101\nDTEND;VALUE=DATE:20250102\nSUMMARY:New Year's Day",
		"DTSTART;VALUE=DATE:20251001\nDTEND;VALUE=DATE:20251009\nSUMMARY:国庆节\\, 中秋节",
		"DTSTART:20250928\nSUMMARY;LANGUAGE=en-GB:Make-up\nCATEGORIES:WORKDAY\nBEGIN:VALARM\nTRIGGER:-P1D\nDTSTART:nonsense\nEND:VALARM",
		"DTSTART;VALUE=DATE:20250501\nDURATION:P2D\nSUMMARY:Labour\\; and \\\\ a\\nlong\r\n  name",
		"DTSTART;VALUE=DATE:20250501\nSUMMARY:Ascension",
		"DTSTART;VALUE=DATE:20260701\nSTATUS:CANCELLED\nSUMMARY:not at all",
		"DTSTART;VALUE=DATE:20261231\nDTEND;VALUE=DATE:20270102\nX-NOTE;X=\"a;b:c\",d:passed over",
	))
	require.NoError(t, err)
	var got []string
	for _, r := range Runs(f.Days, false) {
		got = append(got, fmt.Sprint(r.First, " ", r.Last, " ", r.Worked, " ", r.Names))
	}
	assert.Equal(t, []string{
		"2025-01-01 2025-01-01 false map[en:New Year's Day]",
		`2025-05-01 2025-05-01 false map[en:Labour; and \ a long name / Ascension]`,
		`2025-05-02 2025-05-02 false map[en:Labour; and \ a long name]`,
		"2025-09-28 2025-09-28 true map[en:Make-up]",
		"2025-10-01 2025-10-08 false map[zh:国庆节, 中秋节]",
		"2026-12-31 2027-01-01 false map[]",
	}, got)
	assert.Equal(t, `years:
  2025:
    rest:
      - {on: 01-01, en: New Year's Day}
      - {on: 05-01, en: "Labour; and \\ a long name / Ascension"}
      - {on: 05-02, en: "Labour; and \\ a long name"}
      - {on: 10-01..10-08, zh: "国庆节, 中秋节"}
    work:
      - {on: 09-28, en: Make-up}
  2026:
    rest:
      - 12-31
  2027:
    rest:
      - 01-01
`, f.Listing())
}

func TestReadYearly(t *testing.T) {
	for rule, want := range map[string]string{
		"20250501 FREQ=YEARLY": "{on: 05-01, from: 2025, en: x}",
		"20250501 FREQ=YEARLY;INTERVAL=1;BYMONTH=5;BYMONTHDAY=1":   "{on: 05-01, from: 2025, en: x}",
		"20250501 FREQ=YEARLY;COUNT=1":                             "{on: 05-01, from: 2025, until: 2025, en: x}",
		"20250501 FREQ=YEARLY;COUNT=3":                             "{on: 05-01, from: 2025, until: 2027, en: x}",
		"20250501 FREQ=YEARLY;UNTIL=20300501":                      "{on: 05-01, from: 2025, until: 2030, en: x}",
		"20250501 FREQ=YEARLY;UNTIL=20300430T220000Z":              "{on: 05-01, from: 2025, until: 2029, en: x}",
		"20250501 FREQ=YEARLY;UNTIL=25000101":                      "{on: 05-01, from: 2025, en: x}",
		"20250526 freq=yearly;BYMONTH=5;BYDAY=-1MO;WKST=SU":        "{on: last monday of may, from: 2025, en: x}",
		"20251127 FREQ=YEARLY;BYMONTH=11;BYDAY=+4TH":               "{on: fourth thursday of november, from: 2025, en: x}",
		"20250526 FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO;UNTIL=2030052":  "",
		"20250526 FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO;UNTIL=20300526": "{on: last monday of may, from: 2025, until: 2029, en: x}", // 27 May 2030
		"20250526 FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO;UNTIL=20300527": "{on: last monday of may, from: 2025, until: 2030, en: x}",
		"20240229 FREQ=YEARLY":                                     "{on: 02-29, from: 2024, en: x}",
		"20240229 FREQ=YEARLY;COUNT=2":                             "",
		"20250501 FREQ=MONTHLY":                                    "",
		"20250501 FREQ=YEARLY;INTERVAL=2":                          "",
		"20250501 FREQ=YEARLY;BYMONTH=6":                           "",
		"20250501 FREQ=YEARLY;BYMONTH=5,6":                         "",
		"20250501 FREQ=YEARLY;BYMONTHDAY=2":                        "",
		"20250501 FREQ=YEARLY;BYDAY=1TH":                           "", // of the year
		"20250526 FREQ=YEARLY;BYMONTH=5;BYDAY=4MO,-1MO":            "",
		"20250519 FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO":                "", // not such a day
		"20250501 FREQ=YEARLY;BYYEARDAY=121":                       "",
		"20250501 FREQ=YEARLY;BYSETPOS=1":                          "",
		"20250501 FREQ=YEARLY;COUNT=0":                             "",
		"20250501 FREQ=YEARLY;COUNT=2;UNTIL=20300501":              "",
		"20250501 FREQ=YEARLY;UNTIL=20250430":                      "",
		"20250501 FREQ=YEARLY;UNTIL=":                              "",
		"20250501 FREQ=YEARLY;FREQ=YEARLY":                         "",
		"20250501 INTERVAL=1":                                      "",
		"20250501 ":                                                "",
		"19990501 FREQ=YEARLY":                                     "",
	} {
		start, rrule, _ := strings.Cut(rule, " ")
		f, err := Read(file("DTSTART;VALUE=DATE:" + start + "\nSUMMARY:x\nRRULE:" + rrule))
		if want == "" {
			var e *Error
			require.ErrorAs(t, err, &e, rule)
			assert.Equal(t, 7, e.Line, "%s: %v", rule, e)
			continue
		}
		require.NoError(t, err, rule)
		assert.Equal(t, "yearly:\n  days:\n    - "+want+"\n", f.Listing(), rule)
	}
	f, err := Read(file("DTSTART;VALUE=DATE:20250501\nRRULE:FREQ=YEARLY\nEXDATE;VALUE=DATE:20280501,20270501\nEXDATE;VALUE=DATE:20270501"))
	require.NoError(t, err)
	assert.Equal(t, "yearly:\n  days:\n    - {on: 05-01, from: 2025, except: [2027, 2028]}\n", f.Listing())
}

func TestRefused(t *testing.T) {
	for text, want := range map[string]string{ // the start of the message in English
		"":                         "line 1: this is no iCalendar file",
		"hello":                    "line 1: this is no iCalendar file",
		" x":                       "line 1: this is no iCalendar file",
		"BEGIN:VEVENT\nEND:VEVENT": "line 1: this is no iCalendar file",
		"BEGIN:VCALENDAR":          "line 1: BEGIN:VCALENDAR is not ended",
		"BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR":  "line 3: END:VCALENDAR ends nothing that was begun",
		"BEGIN:VCALENDAR\nEND:VCALENDAR\nX:1":           "line 3: X stands outside",
		"BEGIN:VCALENDAR\nEND:VCALENDAR\nEND:VCALENDAR": "line 3: END:VCALENDAR ends nothing",
		"BEGIN:VCALENDAR\nMETHOD:CANCEL\nEND:VCALENDAR": "line 2: the file takes events back",
		"BEGIN:VCALENDAR\nrubbish\nEND:VCALENDAR":       `line 2: "rubbish" is not NAME:value`,
		"BEGIN:VCALENDAR\nX;Y:1\nEND:VCALENDAR":         `line 2: "X;Y:1" has a parameter`,
		"BEGIN:VCALENDAR\nX;Y=\"1:1\nEND:VCALENDAR":     `line 2: `,
		"BEGIN:VCALENDAR\nX:\xff\nEND:VCALENDAR":        "line 2: not UTF-8",
	} {
		_, err := Read([]byte(text))
		var e *Error
		require.ErrorAs(t, err, &e, "%q", text)
		assert.True(t, strings.HasPrefix(e.Error(), want), "%q: %v", text, e)
		assert.NotEmpty(t, e.Text().ZH)
		assert.NotEmpty(t, e.Remedy.ZH)
		assert.NotEmpty(t, e.Remedy.EN)
	}
	for event, want := range map[string]string{
		"SUMMARY:x":                "line 4: the event has no DTSTART",
		"DTSTART:20250101T090000Z": `line 5: "20250101T090000Z" is not the date`,
		"DTSTART;TZID=Europe/Berlin:20250101T090000":                                                  `line 5: "20250101T090000" is not the date`,
		"DTSTART;VALUE=DATE-TIME:20250101":                                                            `line 5: "20250101" is not the date`,
		"DTSTART;VALUE=DATE:20250230":                                                                 `line 5: "20250230" is not the date`,
		"DTSTART;VALUE=DATE:2025-01-01":                                                               `line 5: "2025-01-01" is not the date`,
		"DTSTART;VALUE=DATE:20250102\nDTEND;VALUE=DATE:20250102":                                      "line 6: the event ends no later",
		"DTSTART;VALUE=DATE:20250102\nDTEND;VALUE=DATE:20250101":                                      "line 6: the event ends no later",
		"DTSTART;VALUE=DATE:20250102\nDTEND;VALUE=DATE:20260104":                                      "line 6: the event ends no later than it begins, or is longer",
		"DTSTART;VALUE=DATE:20250102\nDTEND:20250103T090000":                                          `line 6: "20250103T090000" is not the date`,
		"DTSTART;VALUE=DATE:20250102\nDURATION:PT8H":                                                  `line 6: the duration "PT8H"`,
		"DTSTART;VALUE=DATE:20250102\nDURATION:P0D":                                                   `line 6: the duration "P0D"`,
		"DTSTART;VALUE=DATE:20250102\nDURATION:-P1D":                                                  `line 6: the duration "-P1D"`,
		"DTSTART;VALUE=DATE:20250102\nDURATION:P1D\nDTEND:20250103":                                   "line 6: DTEND and DURATION",
		"DTSTART;VALUE=DATE:20250102\nDTSTART;VALUE=DATE:20250102":                                    "line 6: DTSTART stands twice",
		"DTSTART;VALUE=DATE:20250102\nRDATE;VALUE=DATE:20250103":                                      "line 6: RDATE is not supported",
		"RECURRENCE-ID;VALUE=DATE:20250102\nDTSTART:20250102":                                         "line 5: RECURRENCE-ID is not supported",
		"DTSTART;VALUE=DATE:19991231":                                                                 "line 5: 1999-12-31 lies outside",
		"DTSTART;VALUE=DATE:21001231\nDURATION:P2D":                                                   "line 5: 2101-01-01 lies outside",
		"DTSTART;VALUE=DATE:20250102\nEXDATE:20250102":                                                "line 6: EXDATE needs an event with RRULE",
		"DTSTART;VALUE=DATE:20250102\nDURATION:P2D\nRRULE:FREQ=YEARLY":                                "line 7: only a day off of one day",
		"DTSTART;VALUE=DATE:20250102\nCATEGORIES:WORKDAY\nRRULE:FREQ=YEARLY":                          "line 7: only a day off of one day",
		"DTSTART;VALUE=DATE:20250102\nRRULE:FREQ=YEARLY\nEXDATE:20260103":                             "line 7: 2026-01-03 is no day of this event",
		"DTSTART;VALUE=DATE:20250102\nRRULE:FREQ=YEARLY\nEXDATE:20240102":                             "line 7: 2024-01-02 is no day of this event",
		"DTSTART;VALUE=DATE:20250102\nRRULE:FREQ=YEARLY\nEXDATE:20260102T000000":                      `line 7: "20260102T000000" is not the date`,
		"DTSTART;VALUE=DATE:20250102\nEND:VEVENT\nBEGIN:VEVENT\nDTSTART:20250102\nCATEGORIES:WORKDAY": "line 8: 2025-01-02 is both",
	} {
		_, err := Read(file(event))
		var e *Error
		require.ErrorAs(t, err, &e, "%q", event)
		assert.True(t, strings.HasPrefix(e.Error(), want), "%q: %v", event, e)
		assert.True(t, strings.HasPrefix(e.Text().ZH, "第 "), e.Text().ZH)
		assert.NotEmpty(t, e.Remedy.ZH)
		assert.NotEmpty(t, e.Remedy.EN)
	}
	var none *Error
	assert.Equal(t, "<nil>", none.Error())
}

// A file that BOM, bare line feeds and folds within a character make hard.
func TestReadFolded(t *testing.T) {
	text := "\xef\xbb\xbfBEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:2025\n\t0101\nSUMMARY:\xe5\x85\n \x83旦\n\nEND:VEVENT\nEND:VCALENDAR"
	f, err := Read([]byte(text))
	require.NoError(t, err)
	assert.Equal(t, []Day{{On: day("2025-01-01"), Names: workday.Name{"zh": "元旦"}}}, f.Days)
}

func randomName(r *rand.Rand) string {
	runes := []rune("ab Z,;:\\\"'节日é🎄/()-.0\u2019#{}[]&*!|>%@`~?=+")
	var b strings.Builder
	for range 1 + r.IntN(60) {
		b.WriteRune(runes[r.IntN(len(runes))])
	}
	return tidy(b.String())
}

func randomFile(r *rand.Rand) *File {
	f := &File{Name: randomName(r)}
	names := []workday.Name{nil, nil}
	for range 5 {
		n := workday.Name{}
		if name := randomName(r); name != "" && r.IntN(2) == 0 {
			n["zh"] = name
		}
		if name := randomName(r); name != "" {
			n["en"] = name
		}
		if len(n) > 0 {
			names = append(names, n)
		}
	}
	for d := day("2024-12-20"); d < day("2027-02-01"); d++ {
		if r.IntN(6) == 0 {
			for range 1 + r.IntN(4) {
				f.Days = append(f.Days, Day{On: d, Worked: r.IntN(5) == 0, Names: names[r.IntN(len(names))]})
				if d++; r.IntN(2) == 0 {
					break
				}
			}
		}
	}
	return f
}

func TestRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 40 {
		f := randomFile(r)
		for _, lang := range []string{"zh", "en", ""} {
			text := f.Write(lang, "office")
			for line := range strings.SplitSeq(strings.TrimSuffix(string(text), "\r\n"), "\r\n") {
				require.LessOrEqual(t, len(line), 75)
				require.True(t, utf8.ValidString(line), "folded within a character: %q", line)
				require.NotContains(t, line, "\n")
			}
			again, err := Read(text)
			require.NoError(t, err)
			require.Equal(t, f, again)
			require.Equal(t, string(text), string(again.Write(lang, "office")))
		}
		// The listing says the same, read as YAML.
		var listing struct {
			Years map[int]map[string][]any `yaml:"years"`
		}
		require.NoError(t, yaml.Unmarshal([]byte(f.Listing()), &listing), f.Listing())
		got := &File{Name: f.Name}
		for year, lists := range listing.Years {
			for list, items := range lists {
				for _, item := range items {
					on, names := fmt.Sprint(item), workday.Name(nil)
					if m, ok := item.(map[string]any); ok {
						on, names = fmt.Sprint(m["on"]), workday.Name{}
						for _, lang := range []string{"zh", "en"} {
							if m[lang] != nil {
								names[lang] = m[lang].(string)
							}
						}
					}
					first, last, isRange := strings.Cut(on, "..")
					if !isRange {
						last = first
					}
					for d := day(fmt.Sprintf("%d-%s", year, first)); d <= day(fmt.Sprintf("%d-%s", year, last)); d++ {
						got.Days = append(got.Days, Day{d, list == "work", names})
					}
				}
			}
		}
		got.Days = sorted(got.Days)
		require.Equal(t, f, got, f.Listing())
	}
}

func FuzzRead(f *testing.F) {
	f.Add(file("DTSTART;VALUE=DATE:20250101\nSUMMARY:x"))
	f.Add(file("DTSTART;VALUE=DATE:20250526\nRRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO\nEXDATE;VALUE=DATE:20260525"))
	f.Fuzz(func(t *testing.T, data []byte) {
		read, err := Read(data)
		if err != nil {
			return
		}
		again, err := Read((&File{Name: read.Name, Days: read.Days}).Write("en", "x"))
		if err != nil || len(again.Days) != len(read.Days) {
			t.Fatalf("%q: %v", data, err)
		}
		_ = read.Listing()
	})
}
