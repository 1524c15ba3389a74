package load_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/load"
)

const bicycles = `
rulebook: {id: bikes, title: Bicycle hire, languages: en, zone: UTC, in_force: {from: 2025-01-01}, calendar: week}
calendars: {week: {en: plain week, weekend: [saturday, sunday], any_year: true}}
words:
  kind: {bike: bicycle, cart: hand cart}
  breach: {late_mending: mended too late}
facts:
  kind: {en: kind of thing, type: word, words: kind}
  brought_at: {en: brought in, type: moment, event: true}
  mended_at: {en: mended, type: moment, event: true}
readings:
  first.day: {article: mending/1, asks: does the first day count, options: {no: it does not, yes: {en: it does}}, chosen: no}
questions:
  job.done:
    en: was it mended in time
    facts: [kind, brought_at, mended_at]
    governed_by: brought_at
    rules: [mending]
    verdict: {is: mending.status}
    values: {due: {is: mending.due_date}}
regulations:
  mending:
    en: Mending
    articles:
      "1":
        nature: deadline
        title: Two days
        text: What is brought in is mended within two working days.
        clocks: {mending: {en: time to mend, done: mended_at, breach: late_mending, first_day: {by: first.day, no: not_counted, yes: counted}}}
        deadlines: {two_days: {en: two working days, part_of: mending, when: kind == "bike", from: brought_at, within: 2 working days}}
`

const lateBike = `{"kind": "bike", "brought_at": "2025-06-02T10:00:00Z", "mended_at": "2025-06-10T10:00:00Z"}`

func hasChinese(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// Nobody needs Chinese to write an English book, or meets it in what the book
// says in English.
func TestBookInEnglishAlone(t *testing.T) {
	book, err := rulebook.Parse("bikes.yaml", []byte(bicycles))
	require.NoError(t, err)
	assert.Empty(t, book.Warnings())
	answer, err := book.Ask(t.Context(), "job.done", lateBike)
	require.NoError(t, err)
	assert.Equal(t, "late", answer.Verdict)
	data := string(answer.AppendJSON(nil, true))
	assert.False(t, hasChinese(data), data)
	assert.Contains(t, data, `"label":{"en":"mended too late"}`)
	assert.Contains(t, data, `"explanation":{"en":[`)
	assert.False(t, hasChinese(answer.Explain("en")))
	assert.Equal(t, answer.Explain("en"), answer.Explain("de"))
	assert.Contains(t, answer.Explain("zh"), "time to mend：超期", "the engine's sentences are Chinese where that is asked for")
}

// A book in German and English shows its German labels to whoever asks for it.
func TestBookInGermanAndEnglish(t *testing.T) {
	text := strings.NewReplacer("languages: en", "languages: [de, en]", "title: Bicycle hire", "title: {de: Fahrradverleih, en: Bicycle hire}",
		"bike: bicycle, cart: hand cart", "bike: {de: Fahrrad, en: bicycle}, cart: {de: Karren, en: hand cart}",
		"late_mending: mended too late", "late_mending: {de: zu spät repariert, en: mended too late}",
		"asks: does the first day count, options: {no: it does not, yes: {en: it does}}", "asks: {de: Zählt der erste Tag, en: does it count}, options: {no: {de: nein, en: it does not}, yes: {de: ja, en: it does}}",
		"title: Two days", "title: {de: Zwei Tage, en: Two days}", "text: What is brought in is mended within two working days.", "text: {de: Zwei Arbeitstage., en: Two working days.}",
		"{en: plain week", "{de: gewöhnliche Woche, en: plain week", "{en: kind of thing", "{de: Art, en: kind of thing", "{en: brought in", "{de: gebracht, en: brought in", "{en: mended,", "{de: repariert, en: mended,",
		"    en: was it", "    de: War es rechtzeitig repariert\n    en: was it", "    en: Mending", "    de: Reparatur\n    en: Mending", "{en: time to mend", "{de: Reparaturzeit, en: time to mend", "{en: two working", "{de: zwei Arbeitstage, en: two working",
	).Replace(bicycles)
	book, err := rulebook.Parse("bikes.yaml", []byte(text))
	require.NoError(t, err)
	answer, err := book.Ask(t.Context(), "job.done", lateBike)
	require.NoError(t, err)
	assert.Contains(t, answer.Explain("de"), "zwei Arbeitstage: 2 working days (gewöhnliche Woche)")
	assert.Contains(t, answer.Explain("de-AT"), "Reparaturzeit")
	assert.Contains(t, answer.Explain("en"), "two working days: 2 working days (plain week)")
	assert.Contains(t, answer.Explain("fr"), "Reparaturzeit: late", "labels in the first language, sentences in English")
	assert.Equal(t, "zu spät repariert", answer.Breaches[0].Label.In("de"))
	data := string(answer.AppendJSON(nil, true))
	assert.Contains(t, data, `"label":{"de":"zu spät repariert","en":"mended too late"}`)
	assert.Contains(t, data, `"explanation":{"de":["zwei Arbeitstage: 2 working days`)
	assert.False(t, hasChinese(data), data)
}

// The usual languages are written as they always were.
func TestUsualLanguagesMayBeSaid(t *testing.T) {
	for _, said := range []string{"[zh, en]", "[en, zh]"} {
		one, found := parse(library(t))
		require.NotNil(t, one, "%v", found)
		other, found := parse(strings.Replace(library(t), "  id: library\n", "  id: library\n  languages: "+said+"\n", 1))
		require.NotNil(t, other, "%v", found)
		assert.Equal(t, one.Languages, other.Languages)
		assert.Equal(t, one.Title, other.Title)
	}
}

func TestLabelsInExactlyTheLanguages(t *testing.T) {
	for change, want := range map[[2]string]string{
		{"{en: mended, type", "{type"}:                              "missing_label",
		{"{en: mended,", "{zh: 修好, en: mended,"}:                    "language_not_declared",
		{"title: Two days", "title: {en: Two days, de: Zwei Tage}"}: "language_not_declared",
		{"title: Two days", "title: ''"}:                            "value_expected",
		{"title: Two days", "title: [Two days]"}:                    "map_expected",
		{"languages: en", "languages: [en, en]"}:                    "duplicate_item",
		{"languages: en", "languages: []"}:                          "empty_list",
		{"languages: en", "languages: [en, english]"}:               "unknown_language",
		{"languages: en", "languages: [en, is]"}:                    "unknown_language",
		{"languages: en", "languages: [en, xx]"}:                    "unknown_language",
		{"languages: en", "languages: [de, en]"}:                    "map_expected",
	} {
		_, found := load.Parse("bikes.yaml", []byte(strings.Replace(bicycles, change[0], change[1], 1)))
		codes := []string{}
		for _, d := range found {
			codes = append(codes, d.Code)
			assert.NotEmpty(t, d.Remedy.EN)
		}
		assert.Contains(t, codes, want, "%v", change)
	}
}

// What is told of the head of a book is told of the book's own languages.
func TestTitleInTheLanguagesOfTheBook(t *testing.T) {
	head := func(languages, title string) string {
		name := map[string]string{"[en]": "{en: %}", "[de, en]": "{de: %, en: %}", "[zh, en]": "{zh: %, en: %}", "[ja, en]": "{ja: %, en: %}", "[de, fr]": "{de: %, fr: %}"}[languages]
		own := func(text string) string { return strings.ReplaceAll(name, "%", text) }
		return "rulebook:\n  languages: " + languages + "\n  id: courier\n" + title + "\n  zone: UTC\n  in_force: {from: 2025-01-01}\n" +
			"facts: {fast: {" + strings.Trim(own("fast"), "{}") + ", type: yes_no}}\n" +
			"questions: {q: {" + strings.Trim(own("q"), "{}") + ", facts: [fast], rules: [f], verdict: {is: 'fast ? \"a\" : \"b\"', words: {a: " + own("a") + ", b: " + own("b") + "}}, values: {f: {is: f.value}}}}\n" +
			"regulations: {r: {" + strings.Trim(own("r"), "{}") + ", articles: {\"1\": {nature: sanction, title: " + own("one") + ", text: " + own("text") + ", figures: {f: {" + strings.Trim(own("f"), "{}") + ", is: 3}}}}}}\n"
	}
	for _, c := range []struct{ languages, title, remedy string }{
		{"[de, en]", "  de: Kurier\n  en: Courier", "write it within a title: title: {de: …, en: …}"},
		{"[de, en]", "  zh: 快递", "write it within a title: title: {de: …, en: …}"},
		{"[en]", "  en: Courier", "write it within a title: title: …"},
		{"[en]", "  zh: 快递", "write it within a title: title: …"},
		{"[zh, en]", "  zh: 快递\n  en: Courier", "write it within a title: title: {zh: …, en: …}"},
		{"[de, en]", "  title: Kurierdienst für alle", "write {de: Kurierdienst für alle, en: …}"},
		{"[de, en]", "  title: Courier", "write {de: …, en: …}, with Courier behind the language that it is in"}, // it may be either
		{"[de, en]", "  title: Umleitung", "write {de: …, en: …}, with Umleitung behind the language that it is in"},
		{"[de, fr]", "  title: Service", "write {de: …, fr: …}, with Service behind the language that it is in"},
		{"[ja, en]", "  title: Courier", "write {ja: …, en: Courier}"},
		{"[zh, en]", "  title: Courier", "write {zh: …, en: Courier}"},
		{"[zh, en]", "  title: 快递", "write {zh: 快递, en: …}"},
		{"[ja, en]", "  title: 宅配便", "write {ja: 宅配便, en: …}"},
	} {
		_, found := load.Parse("courier.yaml", []byte(head(c.languages, c.title)))
		var errors []string
		for _, d := range found {
			if d.Severity == diagnostic.Error {
				errors = append(errors, d.Remedy.EN)
			}
		}
		assert.Equal(t, []string{c.remedy}, errors, "%s %s", c.languages, c.title)
	}
}

// A rulebook that does not say its languages, and is worded in others than Chinese and
// English, is told so once, and not at each of its labels.
func TestLanguagesNotSaid(t *testing.T) {
	short := `
rulebook: {id: shop, title: {en: Shop}, zone: UTC, in_force: {from: 2025-01-01}}
facts: {paid: {en: paid, type: count}}
questions: {q: {en: is it paid, facts: [paid], rules: [all], verdict: {is: 'all.value ? "yes" : "no"', words: {"yes": {en: yes}, "no": {en: no}}}, values: {all: {is: all.value}}}}
regulations: {r: {en: Rules, articles: {"1": {nature: duty, title: {en: Paying}, text: {en: All is paid.}, figures: {all: {en: all, is: paid > 0}}}}}}
`
	chinese := strings.NewReplacer("en: Shop", "zh: 店", "en: paid", "zh: 已付", "en: is it paid", "zh: 付了没有", "en: yes", "zh: 是", "en: no", "zh: 否", "en: Rules", "zh: 规则",
		"en: Paying", "zh: 付款", "en: All is paid.", "zh: 全部付清。", "en: all", "zh: 全部").Replace(short)
	plain := strings.NewReplacer("{en: Shop}", "Shop", "{en: yes}", "Yes", "{en: no}", "No", "{en: Paying}", "Paying", "{en: All is paid.}", "All is paid.")
	for _, c := range []struct{ name, text, languages, remedy string }{
		{"English", short, "[en]", "write languages: [en] under rulebook; where zh is wanted as well, add it everywhere"},
		{"English, in part without a language", plain.Replace(short), "[en]", "write languages: [en] under rulebook; where zh is wanted as well, add it everywhere"},
		{"Chinese", chinese, "[zh]", "write languages: [zh] under rulebook; where en is wanted as well, add it everywhere"},
		{"German", strings.ReplaceAll(short, "en: ", "de: "), "[de]", "write languages: [de] under rulebook; where zh or en is wanted as well, add it everywhere"},
	} {
		_, found := load.Parse("shop.yaml", []byte(c.text))
		found = slices.DeleteFunc(found, func(d diagnostic.Diagnostic) bool { return d.Severity != diagnostic.Error })
		if assert.Len(t, found, 1, "%s: %v", c.name, found) {
			assert.Equal(t, "language_not_declared", found[0].Code, c.name)
			assert.Equal(t, 2, found[0].Span.Start.Line, c.name)
			assert.Equal(t, c.remedy, found[0].Remedy.EN, c.name)
		}
		_, found = load.Parse("shop.yaml", []byte(strings.Replace(c.text, "rulebook: {", "rulebook: {languages: "+c.languages+", ", 1)))
		assert.False(t, found.Failed(), "%s: %v", c.name, found)
	}
	// One label that lacks a language is that, and so is one in a rulebook that has both.
	one := strings.Replace(short, "{en: Shop}", "{zh: 店, en: Shop}", 1)
	_, found := load.Parse("shop.yaml", []byte(one))
	assert.Equal(t, "missing_label", found[0].Code)
}
