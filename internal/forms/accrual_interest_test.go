package forms_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
)

// interest is a rulebook of what a debt bears each day: a rate of the day, and
// points above it, of what is owed.
const interest = `
rulebook: {languages: [en], id: interest, title: interest, zone: Europe/Paris, currency: EUR, in_force: {from: 2020-01-01}, calendar: weekdays}
calendars: {weekdays: {en: weekdays, weekend: [saturday, sunday], any_year: true}}
facts:
  owed: {en: owed, type: money}
  from: {en: from, type: date, if_absent: unknown}
  until: {en: until, type: date, if_absent: unknown}
  parts: {en: parts, type: list, if_absent: empty, of: {type: record, fields: {owed: {en: owed, type: money}, from: {en: from, type: date, if_absent: unknown}}}}
readings:
  year:
    article: debt/1
    asks: which year
    options: {fixed: 365, actual: as long as it is}
    chosen: fixed
regulations:
  debt:
    en: Debts
    articles:
      "1":
        nature: sanction
        title: Interest
        text: Interest
        values:
          points: {en: points, is: 8%}
          base: {en: base rate, is: {by: date, 2020-01-01: 0.25%, 2020-07-01: 0%, 2021-01-01: 1.5%}}
          days: {en: days of the year, is: {by: year, fixed: 365, actual: {by: date, 2020-01-01: 366, 2021-01-01: 365}}}
        accruals:
          interest: {en: interest, per: day, from: from, until: until, rate: owed * (base + points) / days, rounded: ROUNDED, RATE_ON}
          parts_interest: {en: of the parts, per: day, each: parts, from: .from, until: until, rate: (base + points) * .owed / days, rounded: half_up}
questions:
  debt.interest:
    en: how much interest
    facts: [owed, from, until, parts]
    rules: [interest, parts_interest]
    verdict: {is: 'interest.amount > 0 EUR ? "some" : "none"', words: {some: some, none: none}}
    values: {days: {en: days, is: interest.units}, amount: {en: amount, is: interest.amount}, rate: {en: a day, is: interest.rate}, parts: {en: parts, is: parts_interest.amount}}
`

// Interest against one that goes from day to day.
func TestAccrualOfExactRates(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 30))
	base := func(d time.Time) *big.Rat {
		switch {
		case d.Before(time.Date(2020, 7, 1, 0, 0, 0, 0, time.UTC)):
			return big.NewRat(25, 10000)
		case d.Year() < 2021:
			return new(big.Rat)
		}
		return big.NewRat(15, 1000)
	}
	start := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	sum := func(cents int64, from, until int, year string, rateOn time.Time) *big.Rat {
		all := new(big.Rat)
		for i := from; i < until; i++ {
			day := start.AddDate(0, 0, i)
			if !rateOn.IsZero() {
				day = rateOn
			}
			days := int64(365)
			if year == "actual" && day.Year() == 2020 {
				days = 366
			}
			rate := new(big.Rat).Add(base(day), big.NewRat(8, 100))
			all.Add(all, rate.Mul(rate, big.NewRat(cents, days)))
		}
		return all
	}
	rounded := func(x *big.Rat, how string) int64 {
		whole := new(big.Int).Quo(x.Num(), x.Denom()).Int64()
		rest := new(big.Rat).Sub(x, big.NewRat(whole, 1))
		half := rest.Cmp(big.NewRat(1, 2))
		if how == "up" && rest.Sign() > 0 || how == "half_up" && half >= 0 || how == "half_even" && (half > 0 || half == 0 && whole%2 == 1) {
			whole++
		}
		return whole
	}
	money := func(cents int64) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }
	for _, how := range []string{"half_up", "half_even", "up", "down"} {
		for rateOn, day := range map[string]time.Time{"": {}, ", rate_on: 2020-08-01": time.Date(2020, 8, 1, 0, 0, 0, 0, time.UTC)} {
			book := parse(t, strings.NewReplacer("ROUNDED", how, ", RATE_ON", rateOn).Replace(interest))
			actual, err := book.With(rulebook.Reading("year", "actual"))
			require.NoError(t, err)
			for year, book := range map[string]*rulebook.Book{"fixed": book, "actual": actual} {
				for range 60 {
					cents, a, b := random.Int64N(5_000_000), random.IntN(500), random.IntN(500)
					date := func(i int) string { return start.AddDate(0, 0, i).Format(time.DateOnly) }
					part := [2]int64{random.Int64N(100_000), int64(random.IntN(500))}
					facts := fmt.Sprintf(`{"as_of": "2022-01-01T00:00:00Z", "owed": "%s", "from": "%s", "until": "%s", "parts": [{"owed": "%[1]s", "from": "%[2]s"}, {"owed": "%[4]s", "from": "%[5]s"}]}`,
						money(cents), date(a), date(b), money(part[0]), date(int(part[1])))
					parts := rounded(sum(cents, a, b, year, time.Time{}), "half_up") + rounded(sum(part[0], int(part[1]), b, year, time.Time{}), "half_up")
					want := rounded(sum(cents, a, b, year, day), how)
					got := ask(t, book, "debt.interest", facts)
					values := valuesOf(t, got)
					require.Contains(t, values, fmt.Sprintf(`"amount":"%s"`, money(want)), facts)
					require.Contains(t, values, fmt.Sprintf(`"parts":"%s"`, money(parts)), facts)
				}
			}
		}
	}
	book := parse(t, strings.NewReplacer("ROUNDED", "half_up", ", RATE_ON", "").Replace(interest))
	a := ask(t, book, "debt.interest", `{"as_of": "2022-01-01T00:00:00Z", "owed": "1000.00", "from": "2020-06-30", "until": "2021-01-02"}`)
	assert.JSONEq(t, `{"days": 186, "amount": "40.82", "rate": null, "parts": "0.00"}`, valuesOf(t, a))
	steps := a.Steps("en")
	assert.Contains(t, steps[len(steps)-2].Text, "1 × (€1000.00 × (0.25% + 8%) ÷ 365) + 184 × (€1000.00 × (0% + 8%) ÷ 365) + 1 × (€1000.00 × (1.5% + 8%) ÷ 365) rounded half up = €40.82")
	assert.Equal(t, []string{"owed < debt.interest"}, missing(ask(t, book, "debt.interest", `{"as_of": "2022-01-01T00:00:00Z", "from": "2020-06-30", "until": "2021-01-02"}`)))
	assert.JSONEq(t, `{"days": 0, "amount": "0.00", "rate": null, "parts": "0.00"}`, valuesOf(t, ask(t, book, "debt.interest", `{"as_of": "2022-01-01T00:00:00Z", "owed": "1000.00", "from": "2020-06-30", "until": "2020-06-30"}`)))
	_, err := rulebook.Parse("rules.yaml", []byte(strings.Replace(interest, ", rounded: ROUNDED, RATE_ON", "", 1)))
	require.ErrorContains(t, err, "by which the total is rounded once")
}
