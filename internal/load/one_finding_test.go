package load_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
)

// hireYAML is a book in two languages, with whatever has a name.
const hireYAML = `
rulebook: {languages: [de, en], id: hire, title: {de: Verleih, en: Hire}, zone: Europe/Berlin, currency: EUR, in_force: {from: 2025-01-01}, calendar: week}
calendars:
  week: {de: Woche, en: week, any_year: true, weekend: [sunday]}
words:
  money: {eur: {de: Euro, en: euro}, cny: {de: Yuan, en: yuan}}
facts:
  cur: {de: Währung, en: currency, type: word, words: money}
  bikes:
    de: Räder
    en: bikes
    type: list
    of:
      type: record
      fields:
        id: {de: Nummer, en: id, type: name}
        urgent: {de: eilig, en: urgent, type: yes_no}
        sent_at: {de: gebracht, en: brought, type: moment}
        done_at: {de: fertig, en: mended, type: moment}
readings:
  fee.kind: {article: r/1, asks: {de: wie viel, en: how much}, options: {low: {de: wenig, en: little}, high: {de: viel, en: much}}, chosen: low}
regulations:
  r:
    de: Regeln
    en: Rules
    articles:
      "1":
        nature: deadline
        title: {de: Eins, en: One}
        text: {de: Text, en: Text}
        figures:
          fee: {de: Preis, en: fee, is: {by: cur, eur: 12 EUR, cny: 90 CNY}}
          kind: {de: Art, en: kind, is: {by: fee.kind, low: 1, high: 2}}
        tables:
          steps:
            de: Stufen
            en: steps
            keys: {c: cur}
            columns: {c: {de: W, en: C}, price: {de: Preis, en: price}}
            rows: [{where: {c: eur}, gives: {price: 1}}, {where: otherwise, gives: {price: 2}}]
        clocks: {time: {each: bikes, id: .id, done: .done_at}}
        deadlines: {limit: {de: Frist, en: limit, part_of: time, from: .sent_at, within: {by: .urgent, yes: 4 hours, no: 2 days}}}
        accruals:
          pay: {de: Zahlung, en: pay, per: hour, each: bikes, from: .sent_at, until: .done_at, rate: {by: .urgent, yes: 3 EUR, no: 1 EUR}}
questions:
  q:
    de: was
    en: what
    facts: [cur, bikes]
    rules: [fee, kind, steps, time, pay]
    verdict: {is: 'len(time.late) > 0 ? "late" : "in_time"', words: {late: {de: spät, en: late}, in_time: {de: rechtzeitig, en: in time}}}
    values: {fee: {is: fee.value}, price: {is: steps.price}, pay: {is: pay.amount}}
`

// One mistake has one finding, which says what to write.
func TestOneMistakeOneFinding(t *testing.T) {
	_, err := rulebook.Parse("rules.yaml", []byte(hireYAML))
	require.NoError(t, err)
	const title = "leave title out, and write its de, en here"
	for name, x := range map[string]struct{ from, to, code, remedy string }{
		"a title in a fact":                    {"cur: {de: Währung, en: currency,", "cur: {title: Währung,", "unknown_key", title},
		"a title in a fact that is shown":      {"bikes:\n    de: Räder\n    en: bikes\n", "bikes:\n    title: {de: Räder, en: bikes}\n", "unknown_key", title},
		"a title in a field":                   {"urgent: {de: eilig, en: urgent,", "urgent: {title: {de: eilig, en: urgent},", "unknown_key", title},
		"a title in a rule that a value shows": {"fee: {de: Preis, en: fee,", "fee: {title: {de: Preis, en: fee},", "unknown_key", title},
		"a title beside the languages":         {"cur: {de: Währung, en: currency,", "cur: {de: Währung, en: currency, title: currency,", "unknown_key", "leave title out: de, en say here what it is called"},
		"a title beside one of them":           {"cur: {de: Währung, en: currency,", "cur: {de: Währung, title: currency,", "unknown_key", "leave title out, and write its en here"},
		"text alone of an option":              {"low: {de: wenig, en: little}", "low: little", "map_expected", "write {de: …, en: …}, with little behind the language that it is in"},
		"text alone with an umlaut":            {"low: {de: wenig, en: little}", "low: überschaubar", "map_expected", "write {de: überschaubar, en: …}"},
		"a list of words of a field":           {"urgent: {de: eilig, en: urgent, type: yes_no}", "urgent: {de: eilig, en: urgent, type: word, words: urgency}", "unknown_word_list", "allowed: money"},
		"text alone of a column":               {"c: {de: W, en: C}", "c: Currency", "map_expected", "write {de: …, en: …}, with Currency behind the language that it is in"},
		"a word that was forgotten":            {"in_time: {de: rechtzeitig, en: in time}", "in_time: {de: rechtzeitig, en: in time}, de: nie, en: never", "missing_key", "write it under that: name: {de: …, en: …}"},
		"a word that is used":                  {"cny: {de: Yuan, en: yuan}", "de: Yuan, en: yuan", "missing_key", "write it under that: cny: {de: …, en: …}"},
		"an option that is used":               {"high: {de: viel, en: much}", "de: viel, en: much", "missing_key", "write it under that: high: {de: …, en: …}"},
		"an option that was forgotten":         {"high: {de: viel, en: much}", "high: {de: viel, en: much}, de: nie, en: never", "missing_key", "write it under that: name: {de: …, en: …}"},
		"a column that was forgotten":          {"c: {de: W, en: C}", "de: W, en: C", "missing_key", "write it under that: name: {de: …, en: …}"},
		"an unknown key of a calendar":         {"any_year: true,", "any_year: true, wekend_days: [monday],", "unknown_key", "allowed: de, en, note, base, weekend, any_year, holidays, makeup, closures, hours, weekday_hours, day_hours, years, yearly, changes, zone"},
		"a word in capitals":                   {"cny: {de: Yuan", "CNY: {de: Yuan", "bad_name", "use lower-case letters, digits and underscores, as in cny, the same wherever it is used"},
		"a length by a field without its dot":  {"within: {by: .urgent", "within: {by: urgent", "unknown_fact", "a field of the element that is looked at has a dot: write .urgent"},
		"a rate by a field without its dot":    {"rate: {by: .urgent", "rate: {by: urgnt", "unknown_fact", "a field of the element that is looked at has a dot: write .urgent"},
		"no element":                           {"is: {by: cur, eur", "is: {by: urgent, eur", "unknown_reading", "allowed: fee.kind, date"},
	} {
		require.Equal(t, 1, strings.Count(hireYAML, x.from), name)
		_, err := rulebook.Parse("rules.yaml", []byte(strings.Replace(hireYAML, x.from, x.to, 1)))
		var found diagnostic.List
		require.True(t, errors.As(err, &found), name)
		if assert.Len(t, found, 1, "%s: %v", name, found) {
			assert.Equal(t, x.code, found[0].Code, name)
			assert.Equal(t, x.remedy, found[0].Remedy.EN, name)
		}
	}
}
