package difference_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/difference"
	dtable "github.com/servicerules/rulebook/internal/table"
)

const gulin = "../../rules.yaml"

// edited is a rules file with pieces of its text replaced, each once.
func edited(t *testing.T, name string, pairs ...string) (old, changed *rulebook.Book) {
	t.Helper()
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	text := string(data)
	for i := 0; i < len(pairs); i += 2 {
		require.Contains(t, text, pairs[i])
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	old, err = rulebook.Load(name)
	require.NoError(t, err)
	changed, err = rulebook.Parse("changed", []byte(text))
	require.NoError(t, err)
	return old, changed
}

func markdown(t *testing.T, r *difference.Report, replay *difference.Replay, lang string) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, difference.ViewOf(r, replay, lang).Markdown(&b))
	return b.String()
}

func TestInTheWordsOfTheRegulation(t *testing.T) {
	old, changed := edited(t, gulin,
		"within: 5 working days\n            from: application_start.value\n          install_rural",
		"within: {by: date, 2011-05-20: 5 working days, 2026-01-01: 4 working days}\n            from: application_start.value\n          install_rural",
		"chosen: gt3", "chosen: ge3",
		"patrols > 0", "patrols > 1",
		"zh: 首问责任人\n", "zh: 首问责任者\n",
	)
	r, err := difference.Compare(context.Background(), old, changed, nil, 800)
	require.NoError(t, err)
	zh, en := markdown(t, r, nil, "zh"), markdown(t, r, nil, "en")
	for _, want := range []string{
		`第四次起（“超过”不含本数） → 第三次起（“以上”含本数）`, `城区装机 · 多久：5个工作日 → 4个工作日，自 2026-01-01 起`,
		`坚持巡查 · 做到的条件：patrols \> 0 → patrols \> 1`, `首问责任人 → 首问责任者`, `个问题用不到所改之处，答复不会不同。`,
		`是否坚持巡查（supervision.patrol）`,
	} {
		assert.Contains(t, strings.ReplaceAll(zh, `\_`, "_"), want)
	}
	assert.Less(t, strings.Index(zh, "## 读法"), strings.Index(zh, "## 时限"))
	assert.Less(t, strings.Index(zh, "## 时限"), strings.Index(zh, "## 只是文字"))
	assert.Contains(t, en, "5 working days → 4 working days, from 2026-01-01")
	assert.Contains(t, en, "24 questions rest on nothing that was changed")
	for _, c := range r.Changes {
		assert.False(t, c.What.IsZero())
		assert.NotEqual(t, c.Old, c.New)
	}
}

// Wording alone changes no answer, and that is no matter of trying.
func TestWordingAlone(t *testing.T) {
	old, changed := edited(t, gulin, "zh: 首问责任人\n", "zh: 首问责任者\n")
	r, err := difference.Compare(context.Background(), old, changed, nil, 100)
	require.NoError(t, err)
	require.Len(t, r.Changes, 1)
	assert.Equal(t, difference.Wording, r.Changes[0].Kind)
	for _, q := range r.Questions {
		assert.Equal(t, difference.CannotDiffer, q.Sameness, q.ID)
	}
}

// Every rulebook is as it is, whatever else is about it.
func TestNothingChanged(t *testing.T) {
	names, err := filepath.Glob("../../examples/rulebooks/*.yaml")
	require.NoError(t, err)
	for _, name := range append(names, gulin) {
		book, err := rulebook.Load(name)
		require.NoError(t, err)
		r, err := difference.Compare(context.Background(), book, book, nil, 100)
		require.NoError(t, err)
		assert.Empty(t, r.Changes, name)
		assert.Contains(t, markdown(t, r, nil, "en"), "Both files say the same.")
	}
}

// A witness is asked again.
func TestWitnesses(t *testing.T) {
	old, changed := edited(t, gulin, "patrols > 0", "patrols > 1")
	r, err := difference.Compare(context.Background(), old, changed, nil, 800)
	require.NoError(t, err)
	differing := 0
	for _, q := range r.Questions {
		if q.Witness == nil {
			continue
		}
		differing++
		assert.Equal(t, "supervision.patrol", q.ID)
		a, err := old.Ask(context.Background(), q.ID, q.Witness.JSON())
		require.NoError(t, err)
		b, err := changed.Ask(context.Background(), q.ID, q.Witness.JSON())
		require.NoError(t, err)
		assert.NotEqual(t, a.Verdict, b.Verdict)
	}
	assert.Equal(t, 1, differing)
}

func TestReplay(t *testing.T) {
	old, changed := edited(t, gulin, "rows: [{from: 1, amount: 200}]", "rows: [{from: 1, amount: 100}]")
	r, err := difference.Compare(context.Background(), old, changed, nil, -1)
	require.NoError(t, err)
	county := `{"record": "R1", "person": "S1", "complaint": {"level": "county_or_above", "form": "petition", "substantiated": true, "cause": "service"}, "prior_in_window": {"hall": 0, "branch": 0, "county_or_above": 0}}`
	lines := strings.Join([]string{county, strings.ReplaceAll(strings.ReplaceAll(county, "county_or_above\", \"form", "hall\", \"form"), "R1", "R2"), "not JSON", ""}, "\n")
	file := filepath.Join(t.TempDir(), "facts.jsonl")
	require.NoError(t, os.WriteFile(file, []byte(lines), 0o600))
	p, err := difference.ReplayFile(context.Background(), old, changed, r, difference.Record{Path: file, Question: "accountability.fine"})
	require.NoError(t, err)
	assert.Equal(t, 2, p.Rows)
	assert.Equal(t, 1, p.Changed)
	assert.Equal(t, 1, p.Unchanged)
	assert.Equal(t, 1, p.Refused)
	require.Len(t, p.Groups, 1)
	assert.Equal(t, []string{"accountability.complaint_fine"}, p.Groups[0].Rules)
	assert.Equal(t, "R1", p.Groups[0].Examples[0].ID)
	zh := markdown(t, r, p, "zh")
	assert.Contains(t, zh, "拟罚金额：合计 -100")
	assert.Contains(t, zh, "共 2 条：1 条答复改变，1 条不变")

	_, err = difference.ReplayFile(context.Background(), old, changed, r, difference.Record{Path: file, Question: "accountability.fines"})
	var input *difference.InputError
	require.ErrorAs(t, err, &input)
	assert.Contains(t, input.Remedy.EN, "accountability.fine")
	assert.Contains(t, input.Message.EN, "there is no question")
	assert.True(t, input.Unasked)
	_, err = difference.ReplayFile(context.Background(), old, changed, r, difference.Record{Path: file, Question: ""})
	require.ErrorAs(t, err, &input)
	assert.Contains(t, input.Message.EN, "it is not said which question")
	assert.True(t, input.Unasked)

	// The same facts as a table, and the month's records.
	table := filepath.Join(t.TempDir(), "facts.csv")
	require.NoError(t, os.WriteFile(table, []byte("record,person,complaint.level,complaint.form,complaint.substantiated,complaint.cause,prior_in_window.county_or_above\nR1,S1,county_or_above,petition,true,service,0\n"), 0o600))
	p, err = difference.ReplayFile(context.Background(), old, changed, r, difference.Record{Path: table, Question: "accountability.fine"})
	require.NoError(t, err)
	assert.Equal(t, 1, p.Changed)
	month := filepath.Join(t.TempDir(), "2025-06")
	require.NoError(t, os.Mkdir(month, 0o700))
	// Moments without their zone are read by neither version.
	require.NoError(t, os.WriteFile(filepath.Join(month, "requests.csv"), []byte("record,request.kind,request.received_at\nA,install,2025-06-09 10:00\n"), 0o600))
	p, err = difference.ReplayFile(context.Background(), old, changed, r, difference.Record{Path: month, Question: ""})
	require.NoError(t, err)
	assert.Equal(t, [2]int{0, 1}, [2]int{p.Rows, p.Refused}, "a row of a month that cannot be read is counted")
	// It is read where it is said that they are of the rulebook's zone, as the row of a file is.
	local := dtable.How{Local: true}
	p, err = difference.ReplayFile(context.Background(), old, changed, r, difference.Record{Path: month, How: local})
	require.NoError(t, err)
	assert.Equal(t, [2]int{1, 0}, [2]int{p.Rows, p.Refused})
	labelled := filepath.Join(t.TempDir(), "facts.csv")
	require.NoError(t, os.WriteFile(labelled, []byte("记录编号,事项类型,受理时间\nA,安装开通,2025-06-09 10:00\n"), 0o600))
	for how, want := range map[dtable.How][2]int{{}: {0, 1}, local: {1, 0}} {
		p, err = difference.ReplayFile(context.Background(), old, changed, r, difference.Record{Path: labelled, Question: "time_limit.request", How: how})
		require.NoError(t, err)
		assert.Equal(t, want, [2]int{p.Rows, p.Refused})
	}
	p, err = difference.ReplayFile(context.Background(), old, changed, r, difference.Record{Path: "../../examples/data/2025-06", Question: ""})
	require.NoError(t, err)
	assert.Positive(t, p.Changed)
	assert.Greater(t, p.Unchanged, p.Changed)
}

// A row that only one version can answer has no verdict that turns.
func TestReplayOfErrors(t *testing.T) {
	t.Parallel()
	old, changed := edited(t, gulin, "    chosen: error\n", "    chosen: provisional_mon_fri\n")
	file := filepath.Join(t.TempDir(), "facts.jsonl")
	require.NoError(t, os.WriteFile(file, []byte(`{"request": {"area_type": "urban", "kind": "install", "papers_complete_at": "2026-12-25T09:00:00+08:00", "completed_at": "2026-12-28T09:00:00+08:00"}}`), 0o600))
	for _, x := range []struct {
		old, changed *rulebook.Book
		zh           string
	}{
		{old, changed, "原来不能判断（日历没有该年），现在结论为“按期办结”：1 条"},
		{changed, old, "原来结论为“按期办结”，现在不能判断（日历没有该年）：1 条"},
	} {
		r, err := difference.Compare(context.Background(), x.old, x.changed, nil, -1)
		require.NoError(t, err)
		p, err := difference.ReplayFile(context.Background(), x.old, x.changed, r, difference.Record{Path: file, Question: "time_limit.request"})
		require.NoError(t, err)
		require.Equal(t, 1, p.Changed)
		assert.Contains(t, markdown(t, r, p, "zh"), x.zh)
		assert.Contains(t, markdown(t, r, p, "en"), "the calendar lacks the year")
	}
}

// A value that changes by date is shown by facts of a day on which it differs, not
// by some that lack the day; and its length in the language of who reads.
func TestByDateIsShownByDatedFacts(t *testing.T) {
	old, changed := edited(t, gulin,
		"within: 5 working days\n            from: application_start.value\n          install_rural",
		"within: {by: date, 2011-05-20: 5 working days, 2026-01-01: 4 个工作日}\n            from: application_start.value\n          install_rural",
	)
	const facts = `cases:
- name: no day
  question: time_limit.request
  facts:
    request: {kind: install, area_type: urban, customer_returned_at: '2025-06-10T09:00:00+08:00',
      supplement: {notice_at: '2025-06-08T09:00:00+08:00', notice_complete: true, lapsed_at: '2025-06-10T09:00:00+08:00'}}
  as_of: '2025-06-17T00:00:00+08:00'
  expect: {status: deemed_on_time}
- name: a day of 2026
  question: time_limit.request
  facts: {request: {kind: install, area_type: urban, papers_complete_at: '2026-01-05T10:00:00+08:00'}}
  expect: {due_date: '2026-01-12'}
`
	file, found := casefile.Parse("cases.yaml", []byte(facts))
	require.Empty(t, found)
	r, err := difference.Compare(context.Background(), old, changed, []*casefile.File{file}, 2000)
	require.NoError(t, err)
	zh, en := markdown(t, r, nil, "zh"), markdown(t, r, nil, "en")
	assert.Contains(t, zh, "5个工作日 → 4个工作日，自 2026-01-01 起")
	assert.Contains(t, en, "5 working days → 4 working days, from 2026-01-01")
	assert.Contains(t, zh, "到期日 2026-01-12 → 2026-01-09")
	assert.NotContains(t, zh, "缺少的事实")
	assert.NotContains(t, zh, "无 → 无")
}

// A length that is written in the other language is the same length.
func TestLengthsInEitherLanguage(t *testing.T) {
	old, changed := edited(t, gulin, "within: 5 working days\n            from: application_start.value\n          install_rural", "within: 5个工作日\n            from: application_start.value\n          install_rural")
	r, err := difference.Compare(context.Background(), old, changed, nil, 10)
	require.NoError(t, err)
	assert.Empty(t, r.Changes)
}

// How a value is quoted is no change of what it says; "none" in quotes is one.
func TestQuotesAlone(t *testing.T) {
	const ofcom = "../../examples/rulebooks/ofcom.yaml"
	old, changed := edited(t, ofcom,
		"within: 30 days", "within: '30 days'", "chosen: days:60", `chosen: "days:60"`, "last: counted,", "last: 'counted',",
		`holds: provider_signed_up and customer_kind != "business"`, `holds: 'provider_signed_up and customer_kind != "business"'`)
	r, err := difference.Compare(context.Background(), old, changed, nil, 100)
	require.NoError(t, err)
	assert.Empty(t, r.Changes)
	for _, q := range r.Questions {
		assert.Equal(t, difference.CannotDiffer, q.Sameness, q.ID)
	}
}

// Amounts are added up by their currencies, and told as people write them; of two
// questions with a value of one name it is said which is meant.
func TestSumsOfMoney(t *testing.T) {
	const book = `
rulebook: {id: fares, title: {zh: 车费, en: Fares}, zone: Europe/London, currency: GBP, in_force: {from: 2020-01-01}}
facts:
  stops: {zh: 站数, en: stops, type: count}
regulations:
  fares:
    zh: 车费
    en: Fares
    articles:
      "1":
        nature: threshold
        title: {zh: 车费, en: Fare}
        text: {zh: 按站计, en: by the stop}
        figures:
          home: {zh: 国内, en: at home, is: 'stops * 1.50 GBP'}
          yen: {zh: 日元, en: yen, is: 'stops * 100 JPY'}
questions:
  home: {zh: 国内多少, en: fare at home, facts: [stops], rules: [home], verdict: {is: 'stops > 3 ? "far" : "near"', words: reach}, values: {fare: {zh: 车费, en: fare, is: home.value}, stops: {zh: 站数, en: stops, is: stops + 0}}}
  yen: {zh: 日本多少, en: fare in Japan, facts: [stops], rules: [yen], verdict: {is: 'stops > 3 ? "far" : "near"', words: reach}, values: {fare: {zh: 车费, en: fare, is: yen.value}}}
words: {reach: {far: {zh: 远, en: far}, near: {zh: 近, en: near}}}
`
	old, err := rulebook.Parse("old", []byte(book))
	require.NoError(t, err)
	changed, err := rulebook.Parse("new", []byte(strings.NewReplacer("1.50 GBP", "1.20 GBP", "100 JPY", "150 JPY", "stops + 0", "stops + 2").Replace(book)))
	require.NoError(t, err)
	r, err := difference.Compare(context.Background(), old, changed, nil, -1)
	require.NoError(t, err)
	asked := func(yield func(difference.Asking, error) bool) {
		for _, q := range []string{"home", "home", "yen"} {
			if !yield(difference.Asking{ID: q, Question: q, Facts: `{"stops": 2}`}, nil) {
				return
			}
		}
	}
	p, err := difference.ReplayAsked(context.Background(), old, changed, r, asked)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"3 rows: 3 are answered differently, 0 as before", "fare at home, fare: -£1.20 in all (0 up, 2 down)", "stops: +4 in all (2 up, 0 down)",
		"fare in Japan, fare: +100 JPY in all (1 up, 0 down)",
	}, difference.ReplayInWords(r, p, "en")[0].Lines)
	assert.Contains(t, difference.ReplayInWords(r, p, "zh")[0].Lines, "国内多少，车费：合计 -£1.20（0 条增加，2 条减少）")
}

// priced is a book of amounts in several currencies, of a condition and a share.
const priced = `
rulebook: {languages: [en], id: fares, title: Fares, zone: UTC, currency: EUR, in_force: {from: 2020-01-01}}
facts:
  cur: {en: currency, type: word, words: {eur: euro, jpy: yen}}
  stops: {en: stops, type: count}
regulations:
  r:
    en: R
    articles:
      "1":
        nature: threshold
        title: Fare
        text: by the stop
        figures:
          fee: {en: fee, is: {by: cur, eur: 12.50 EUR, jpy: 1500 JPY}}
          home: {en: home, is: 'stops * 1.50 EUR'}
          dear: {en: dear, is: 'home.value > 20 EUR ? "20.00 EUR" : "5.0%"'}
        tariffs:
          share: {en: share, of: home.value, brackets: [{rate: 5%}]}
        tables:
          steps:
            en: steps
            keys: {s: stops}
            columns: {s: stops, price: price}
            rows:
              - {where: {s: below 10}, gives: {price: 2 EUR}}
              - {where: {s: from 10}, gives: {price: 3 EUR}}
questions:
  q: {en: what is due, facts: [cur, stops], rules: [fee, home, dear, share, steps], verdict: {is: 'stops > 3 ? "far" : "near"', words: reach}, values: {fee: {is: fee.value}, home: {is: home.value}, dear: {is: dear.value}, share: {is: share.amount}, price: {is: steps.price}}}
words: {reach: {far: far, near: near}}
`

func repriced(t *testing.T, pairs ...string) (old, changed *rulebook.Book, r *difference.Report) {
	t.Helper()
	text := priced
	for i := 0; i < len(pairs); i += 2 {
		require.Contains(t, text, pairs[i])
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	old, err := rulebook.Parse("old", []byte(priced))
	require.NoError(t, err)
	changed, err = rulebook.Parse("new", []byte(text))
	require.NoError(t, err)
	r, err = difference.Compare(context.Background(), old, changed, nil, -1)
	require.NoError(t, err)
	return old, changed, r
}

// An amount with decimal places is an amount as one without is; an expression that
// computes is a condition.
func TestAmountsWithDecimals(t *testing.T) {
	for _, x := range []struct {
		from, to string
		kind     difference.Kind
	}{
		{"12.50 EUR", "12.75 EUR", difference.Amount},
		{"12.50 EUR", "13 EUR", difference.Amount},
		{"1500 JPY", "1600 JPY", difference.Amount},
		{"rate: 5%", "rate: 5.5%", difference.Amount},
		{"price: 2 EUR", "price: 2.25 EUR", difference.Amount},
		{"12.50 EUR", "home.value", difference.Condition},
		{"'home.value > 20 EUR", "'home.value > 20.50 EUR", difference.Condition},
	} {
		_, _, r := repriced(t, x.from, x.to)
		require.Len(t, r.Changes, 1, "%s → %s", x.from, x.to)
		assert.Equal(t, x.kind, r.Changes[0].Kind, "%s → %s", x.from, x.to)
	}
}

// Zeros at the end of an amount or a share say nothing; in a text they do.
func TestZerosAlone(t *testing.T) {
	_, _, r := repriced(t, "12.50 EUR", "12.5 EUR", "1.50 EUR'", "1.5 EUR'", "20 EUR ?", "20.00 EUR ?", "rate: 5%", "rate: 5.00%", "price: 2 EUR", "price: 2.00 EUR", "price: 3 EUR", "price: 3.0 EUR")
	assert.Empty(t, r.Changes)
	for _, q := range r.Questions {
		assert.Equal(t, difference.CannotDiffer, q.Sameness, q.ID)
	}
	for from, to := range map[string]string{`"20.00 EUR"`: `"20 EUR"`, `"5.0%"`: `"5%"`, "1500 JPY": "15000 JPY", "12.50 EUR": "12.05 EUR", "20 EUR ?": "200 EUR ?", "rate: 5%": "rate: 50%"} {
		_, _, r := repriced(t, from, to)
		assert.Len(t, r.Changes, 1, "%s → %s", from, to)
	}
}

// What amounts change by has the decimal places of the currency. Several currencies
// of one value are no reason to name the question.
func TestSumsOfSeveralCurrencies(t *testing.T) {
	old, changed, r := repriced(t, "12.50 EUR", "12.75 EUR", "1500 JPY", "1700 JPY", "1.50 EUR'", "1.25 EUR'")
	facts := filepath.Join(t.TempDir(), "facts.jsonl")
	require.NoError(t, os.WriteFile(facts, []byte(`{"cur": "eur", "stops": 1}`+"\n"+`{"cur": "jpy", "stops": 3}`+"\n"), 0o600))
	replay, err := difference.ReplayFile(context.Background(), old, changed, r, difference.Record{Path: facts, Question: "q"})
	require.NoError(t, err)
	var lines []string
	for _, s := range replay.Sums {
		lines = append(lines, s.Value+" "+s.Currency+" "+s.Number())
	}
	assert.Equal(t, []string{"fee EUR 0.25", "fee JPY 200", "home EUR -1.00", "share EUR -0.06"}, lines)
	text := markdown(t, r, replay, "en")
	for _, want := range []string{"- fee: +€0.25 in all (1 up, 0 down)\n", "- fee: +200 JPY in all (1 up, 0 down)\n", "- home: -€1.00 in all (0 up, 2 down)\n"} {
		assert.Contains(t, text, want)
	}
}

// The same number of another currency is another amount; the same amount whose
// currency a fact chooses now is none.
func TestAnotherCurrencyAlone(t *testing.T) {
	for _, x := range []struct {
		from, to string
		unlike   int
	}{
		{"stops * 1.50 EUR", "stops * 1.50 USD", 2},
		{"is: 'stops * 1.50 EUR'", "is: {by: cur, eur: 1.5 EUR * stops, jpy: stops * 1.50 EUR}", 0},
	} {
		text := strings.ReplaceAll(strings.ReplaceAll(priced, "home.value > 20 EUR", "stops > 13"), ", dear: {is: dear.value}", "")
		text = strings.ReplaceAll(text, "rules: [fee, home, dear,", "rules: [fee, home,")
		require.Contains(t, text, x.from)
		old, err := rulebook.Parse("old", []byte(text))
		require.NoError(t, err)
		changed, err := rulebook.Parse("new", []byte(strings.Replace(text, x.from, x.to, 1)))
		require.NoError(t, err)
		r, err := difference.Compare(context.Background(), old, changed, nil, 50)
		require.NoError(t, err)
		facts := filepath.Join(t.TempDir(), "facts.jsonl")
		require.NoError(t, os.WriteFile(facts, []byte(`{"cur": "eur", "stops": 1}`+"\n"+`{"cur": "jpy", "stops": 3}`+"\n"), 0o600))
		replay, err := difference.ReplayFile(context.Background(), old, changed, r, difference.Record{Path: facts, Question: "q"})
		require.NoError(t, err)
		assert.Equal(t, x.unlike, replay.Changed, x.to)
		if x.unlike > 0 {
			assert.Equal(t, difference.Differs, r.Questions[0].Sameness)
			assert.Contains(t, markdown(t, r, replay, "en"), "home €1.50 → $1.50")
			assert.Empty(t, replay.Sums)
			d := replay.Groups[0].Examples[0].Differences[0]
			assert.Equal(t, []string{"1.50 EUR", "1.50 USD"}, []string{d.Old, d.New})
		} else {
			assert.Equal(t, difference.NoneFound, r.Questions[0].Sameness)
		}
	}
}
