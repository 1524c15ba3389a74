package tally_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/tally"
	"github.com/servicerules/rulebook/kpi"
	"github.com/servicerules/rulebook/policy"
)

type asker struct {
	book *rulebook.Book
	q    *policy.Question
}

func about(t testing.TB, question string, options ...rulebook.Option) asker {
	book, err := rulebook.Default()
	require.NoError(t, err)
	book, err = book.With(options...)
	require.NoError(t, err)
	q, ok := book.Rulebook().Question(question)
	require.True(t, ok)
	return asker{book, q}
}

func (x asker) ask(t require.TestingT, facts string) *policy.Answer {
	a, err := x.book.Ask(context.Background(), x.q.ID, []byte(facts))
	require.NoError(t, err, facts)
	return a
}

func (x asker) tally() *tally.Tally {
	return tally.New(x.book.Rulebook(), x.q, tally.Summable(x.book.Rulebook(), x.q))
}

func total(t require.TestingT, sum *tally.Tally) tally.View {
	all, err := sum.Total()
	require.NoError(t, err)
	return tally.View{Tally: all}
}

func TestRecords(t *testing.T) {
	x := about(t, "time_limit.request")
	sum := x.tally()
	const install = `{"request": {"kind": "install", "area_type": "urban", "papers_complete_at": "%s", "completed_at": "%s"}}`
	sum.Add(x.ask(t, fmt.Sprintf(install, "2025-06-09T10:00:00+08:00", "2025-06-16T10:00:00+08:00")))
	sum.Add(x.ask(t, fmt.Sprintf(install, "2025-06-09T10:00:00+08:00", "2025-06-17T10:00:00+08:00")))
	sum.Add(x.ask(t, fmt.Sprintf(install, "2031-06-09T10:00:00+08:00", "2031-06-17T10:00:00+08:00")))
	sum.Add(x.ask(t, `{"request": {"kind": "install", "papers_complete_at": "2025-06-09T10:00:00+08:00"}}`))
	sum.Refuse("unknown_word")
	sum.Refuse("unknown_word")
	sum.Skip()
	v := total(t, sum)
	for kind, want := range map[tally.Kind]int64{
		tally.Records: 4, tally.Breached: 1, tally.Breaches: 1, tally.Lacking: 1, tally.Failed: 1, tally.Refused: 2, tally.Outside: 1, tally.Deciding: 0,
	} {
		assert.Equal(t, want, v.N(kind, ""), kind)
	}
	assert.Equal(t, int64(1), v.N(tally.Verdict, "on_time"))
	assert.Equal(t, []tally.Count{{Of: "time_limit/6#overdue", N: 1}}, v.Of(tally.Breach))
	assert.Equal(t, []tally.Count{{Of: "time_limit/6", N: 1}}, v.Of(tally.Article))
	assert.Equal(t, []tally.Count{{Of: "request.area_type", N: 1}}, v.Of(tally.Missing))
	assert.Equal(t, []tally.Count{{Of: "calendar_year_missing", N: 1}}, v.Of(tally.Error))
	assert.Equal(t, []tally.Count{{Of: "unknown_word", N: 2}}, v.Of(tally.Refusal))
	assert.Equal(t, int64(1), v.N(tally.Word, "status/late"))
}

func TestSums(t *testing.T) {
	x := about(t, "accountability.fine")
	assert.Equal(t, []string{"final_fine"}, tally.Summable(x.book.Rulebook(), x.q))
	sum := x.tally()
	sum.Add(x.ask(t, `{}`))
	v := total(t, sum)
	assert.Equal(t, []string{"final_fine"}, v.Sums())
	assert.Equal(t, int64(1), v.N(tally.Unknown, "final_fine"))
	assert.Zero(t, v.Sum("final_fine"))
}

const area = `{"area": {"id": "A", "type": "urban"}, "month": "2025-06", "households_month_start": %d, "households_month_end": %d,
	"complaint_calls_recorded_by_branch": %d, "tickets": {"received": 0, "replied_within_72h": 0, "not_yet_due": 0},
	"satisfaction": {"valid_responses": 200, "satisfied": 199}}`

// The indicator of a whole is that of its parts taken together, also where
// the base of each is a mean, of which some are whole numbers and some not.
func TestRatesOfMeans(t *testing.T) {
	x := about(t, "contracting.kpi", rulebook.Reading("kpi.denominator", "average"))
	rapid.Check(t, func(t *rapid.T) {
		sum, base, count := x.tally(), new(big.Rat), int64(0)
		for range rapid.IntRange(1, 5).Draw(t, "areas") {
			from, to := rapid.Int64Range(1, 20000).Draw(t, "from"), rapid.Int64Range(1, 20000).Draw(t, "to")
			calls := rapid.Int64Range(0, 30).Draw(t, "calls")
			sum.Add(x.ask(t, fmt.Sprintf(area, from, to, calls)))
			base.Add(base, big.NewRat(from+to, 2))
			count += calls
		}
		rates, err := total(t, sum).Rates()
		require.NoError(t, err)
		require.NotEmpty(t, rates)
		r := rates[0]
		assert.Equal(t, "contracting.complaint_rate", r.Rule)
		assert.Equal(t, count, r.Count)
		assert.Zero(t, base.Cmp(r.Base), "%v, want %v", r.Base, base)
		assert.Zero(t, r.Share().Cmp(new(big.Rat).Quo(big.NewRat(count, 1), base)))
	})
}

// However records are dealt out and the sums merged, the total is the same,
// also when it travels as text.
func TestSplits(t *testing.T) {
	rates, clock := about(t, "contracting.kpi", rulebook.Reading("kpi.denominator", "average")), about(t, "time_limit.request")
	for name, x := range map[string]struct {
		asker
		facts []string
	}{
		"indicators": {rates, []string{fmt.Sprintf(area, 5000, 5001, 4), fmt.Sprintf(area, 9000, 9000, 9), `{}`}},
		"clocks": {clock, []string{
			`{}`, `{"request": {"kind": "install", "papers_complete_at": "2025-06-09T10:00:00+08:00"}}`,
			`{"request": {"kind": "install", "area_type": "urban", "papers_complete_at": "2025-06-09T10:00:00+08:00", "completed_at": "2025-06-17T10:00:00+08:00"}}`,
			`{"request": {"kind": "install", "area_type": "urban", "papers_complete_at": "2031-06-09T10:00:00+08:00", "completed_at": "2031-06-17T10:00:00+08:00"}}`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			answers := make([]*policy.Answer, len(x.facts))
			for i, f := range x.facts {
				answers[i] = x.ask(t, f)
			}
			rapid.Check(t, func(t *rapid.T) {
				whole := x.tally()
				parts := make([]*tally.Tally, rapid.IntRange(1, 4).Draw(t, "parts"))
				for i := range parts {
					parts[i] = x.tally()
				}
				for range rapid.IntRange(0, 20).Draw(t, "records") {
					part := parts[rapid.IntRange(0, len(parts)-1).Draw(t, "part")]
					if i := rapid.IntRange(-1, len(answers)-1).Draw(t, "answer"); i < 0 {
						whole.Refuse("bad")
						part.Refuse("bad")
					} else {
						whole.Add(answers[i])
						part.Add(answers[i])
					}
				}
				var merged kpi.Tally
				for _, i := range rapid.Permutation(indices(len(parts))).Draw(t, "order") {
					text, err := json.Marshal(total(t, parts[i]).Tally)
					require.NoError(t, err)
					var travelled kpi.Tally
					require.NoError(t, json.Unmarshal(text, &travelled))
					require.NoError(t, merged.Merge(travelled))
				}
				want, err := json.Marshal(total(t, whole).Tally)
				require.NoError(t, err)
				got, err := json.Marshal(merged)
				require.NoError(t, err)
				assert.Equal(t, string(want), string(got))
			})
		})
	}
}

func indices(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// stall is a rulebook whose question does not apply to everybody, and has sums
// and an indicator.
const stall = `
rulebook:
  id: stall
  title: {zh: 摊位, en: Stall}
  zone: Asia/Shanghai
  in_force: {from: 2020-01-01}
facts:
  member: {zh: 会员, en: member, type: yes_no}
  kind: {zh: 类, en: kind, type: word, words: {paid: {zh: 付费, en: paid}, free: {zh: 免费, en: free}}}
  n: {zh: 数, en: number, type: count}
  all: {zh: 总数, en: all, type: count}
questions:
  q:
    zh: 收费
    en: what is due
    facts: [member, kind, n, all]
    scope: [members]
    rules: [members, rate]
    verdict: {is: rate.result, words: {met: {zh: 达标, en: met}, not_met: {zh: 不达标, en: not met}, not_applicable: {zh: 不适用, en: not applicable}}}
    values:
      fee: {zh: 费用, en: fee, when: 'kind == "paid"', is: n * 3}
regulations:
  r:
    zh: 规
    en: R
    articles:
      "1":
        nature: threshold
        title: {zh: 一, en: one}
        text: {zh: 一, en: one}
        scopes: {members: {zh: 会员, en: members, holds: member}}
        indicators: {rate: {zh: 率, en: rate, count: n, base: all, below: 10%}}
`

// A value that is known not to exist is not open, and what is out of scope
// counts in no sum and no rate.
func TestOutOfScopeIsNotOpen(t *testing.T) {
	book, err := rulebook.Parse("stall.yaml", []byte(stall))
	require.NoError(t, err)
	q, _ := book.Rulebook().Question("q")
	x := asker{book, q}
	rapid.Check(t, func(t *rapid.T) {
		sum := tally.New(book.Rulebook(), q, []string{"fee"})
		var fees, unknown, count, base int64
		for range rapid.IntRange(0, 20).Draw(t, "rows") {
			facts := map[string]any{}
			give := func(name string, v any) bool {
				given := rapid.Bool().Draw(t, name)
				if given {
					facts[name] = v
				}
				return given
			}
			member, paid := rapid.Bool().Draw(t, "is member"), rapid.Bool().Draw(t, "is paid")
			n, all := rapid.Int64Range(0, 9).Draw(t, "n"), rapid.Int64Range(9, 20).Draw(t, "all")
			hasMember, hasKind := give("member", member), give("kind", map[bool]string{true: "paid", false: "free"}[paid])
			hasN, hasAll := give("n", n), give("all", all)
			data, err := json.Marshal(facts)
			require.NoError(t, err)
			sum.Add(x.ask(t, string(data)))
			switch {
			case hasMember && !member: // not in scope: neither open nor counted
				continue
			case !hasMember || !hasKind:
				unknown++
			case !paid:
			case !hasN:
				unknown++
			default:
				fees += 3 * n
			}
			if hasMember && hasN && hasAll {
				count, base = count+n, base+all
			}
		}
		v := total(t, sum)
		require.Equal(t, fees, v.Sum("fee"))
		require.Equal(t, unknown, v.N(tally.Unknown, "fee"))
		rates, err := v.Rates()
		require.NoError(t, err)
		var gotCount int64
		gotBase := new(big.Rat)
		for _, r := range rates {
			gotCount += r.Count
			gotBase.Add(gotBase, r.Base)
		}
		require.Equal(t, count, gotCount)
		require.Equal(t, new(big.Rat).SetInt64(base).RatString(), gotBase.RatString())
	})
}

// bills is a rulebook whose amounts are of the currency that a fact says: one
// that is never negative, one that may be.
const bills = `
rulebook: {languages: [en], id: bills, title: Bills, zone: UTC, currency: EUR, in_force: {from: 2020-01-01}}
facts:
  cur: {en: currency, type: word, words: {eur: euro, jpy: yen, cny: yuan}, if_absent: none}
  n: {en: number, type: count}
  back: {en: given back, type: yes_no}
questions:
  q:
    en: what is due
    facts: [cur, n, back]
    rules: [price]
    verdict: {is: '"due"', words: {due: due}}
    values:
      fee: {en: fee, when: cur != null, is: "back ? price.value * (0 - n) : price.value * n"}
      fixed: {en: in euro, is: n * 1.25 EUR}
regulations:
  r:
    en: R
    articles:
      "1":
        nature: sanction
        title: One
        text: Text.
        figures: {price: {en: price, is: {by: cur, eur: 2.50 EUR, jpy: 300 JPY, cny: 20 CNY}}}
`

// Amounts whose currency facts choose have a sum for each currency, however the
// records are dealt out; amounts of one currency have one, as ever.
func TestAmountsByCurrency(t *testing.T) {
	book, err := rulebook.Parse("bills.yaml", []byte(bills))
	require.NoError(t, err)
	q, _ := book.Rulebook().Question("q")
	x := asker{book, q}
	assert.Equal(t, "EUR", tally.CurrencyOf(q, "fixed"))
	assert.False(t, tally.ByCurrency(q, "fixed"))
	assert.Equal(t, "", tally.CurrencyOf(q, "fee"))
	assert.True(t, tally.ByCurrency(q, "fee"))
	price := map[string]policy.Money{"eur": {Minor: 250, Currency: "EUR"}, "jpy": {Minor: 300, Currency: "JPY"}, "cny": {Minor: 2000, Currency: "CNY"}}
	rapid.Check(t, func(t *rapid.T) {
		parts := []*tally.Tally{tally.New(book.Rulebook(), q, []string{"fee", "fixed"}), tally.New(book.Rulebook(), q, []string{"fee", "fixed"})}
		fees, fixed, unknown := map[string]int64{}, int64(0), int64(0)
		for range rapid.IntRange(0, 12).Draw(t, "rows") {
			n := rapid.Int64Range(0, 9).Draw(t, "n")
			facts := map[string]any{"n": n}
			fixed += 125 * n
			cur, back := rapid.SampledFrom([]string{"eur", "jpy", "cny", "none", ""}).Draw(t, "currency"), rapid.Bool().Draw(t, "back")
			switch cur {
			case "none":
				facts["cur"] = nil
			case "":
			default:
				facts["cur"] = cur
			}
			given := rapid.Bool().Draw(t, "says whether it is given back")
			if given {
				facts["back"] = back
			}
			switch {
			case cur == "none" || cur == "":
			case !given && n > 0:
				unknown++
			case given && back:
				fees[price[cur].Currency] -= n * price[cur].Minor
			default:
				fees[price[cur].Currency] += n * price[cur].Minor
			}
			data, err := json.Marshal(facts)
			require.NoError(t, err)
			parts[rapid.IntRange(0, 1).Draw(t, "part")].Add(x.ask(t, string(data)))
		}
		var merged kpi.Tally
		for _, part := range parts {
			require.NoError(t, merged.Merge(total(t, part).Tally))
		}
		v := tally.View{Tally: merged}
		want := []policy.Money{}
		for _, code := range []string{"CNY", "EUR", "JPY"} {
			if minor, known := fees[code]; known {
				want = append(want, policy.Money{Minor: minor, Currency: code})
			}
		}
		require.Equal(t, want, v.Amounts("fee"))
		require.Zero(t, v.Sum("fee"))
		require.Equal(t, unknown, v.N(tally.Unknown, "fee"))
		require.Equal(t, fixed, v.Sum("fixed"))
		require.Empty(t, v.Amounts("fixed"))
	})
}
