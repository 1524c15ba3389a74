package load_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

// shopYAML is a rulebook whose facts and answers are money.
const shopYAML = `
rulebook: {id: shop, title: {zh: 商店, en: shop}, zone: Europe/London, currency: GBP, in_force: {from: 2020-01-01}}
words: {said: {due: {zh: 应付, en: due}, not_due: {zh: 不应付, en: not due}}}
facts:
  fare: {zh: 票价, en: fare, type: money}
  deposit: {zh: 押金, en: deposit, type: money, if_absent: 2.50}
  abroad: {zh: 境外票价, en: fare abroad, type: money, currency: JPY, if_absent: none}
  parts: {zh: 分项, en: parts, type: list, of: {type: money}, if_absent: empty}
regulations:
  pay:
    zh: 付款
    en: payment
    articles:
      "1":
        nature: threshold
        title: {zh: 应付, en: what is due}
        text: {zh: 票价的两成，加押金和各分项。, en: A fifth of the fare and the deposit and the parts.}
        figures:
          sum_due: {zh: 应付, en: due, is: rounded(20% of fare) + deposit + sum(parts)}
questions:
  pay.due:
    zh: 应付多少
    en: what is due
    facts: [fare, deposit, abroad, parts]
    rules: [sum_due]
    verdict: {is: 'sum_due.value > 0 GBP ? "due" : "not_due"', words: said}
    values:
      due: {zh: 应付, en: due, is: sum_due.value}
      abroad: {zh: 境外, en: abroad, is: abroad}
`

func shop(t testing.TB) *rulebook.Book {
	t.Helper()
	book, err := rulebook.Parse("shop.yaml", []byte(shopYAML))
	require.NoError(t, err)
	return book
}

// askShop is the answer to facts in any shape.
func askShop(t testing.TB, facts any) *rulebook.Answer {
	t.Helper()
	a, err := shop(t).Ask(t.Context(), "pay.due", facts)
	require.NoError(t, err)
	return a
}

func TestMoneyIsReadInEveryShape(t *testing.T) {
	for _, facts := range []any{
		`{"fare": "49.90", "parts": ["1.00", "2"]}`,
		`{"fare": "49.9 GBP", "parts": ["1", "2.0 GBP"]}`,
		`{"fare": 49.9, "parts": [1, 2]}`,
		map[string]any{"fare": "49.90", "parts": []any{json.Number("1"), 2}},
	} {
		a := askShop(t, facts)
		due, ok := a.Money("due")
		require.True(t, ok, "%v", facts)
		assert.Equal(t, policy.Money{Minor: 1548, Currency: "GBP"}, due)
		v, _ := a.Value("due")
		assert.Equal(t, `due: "15.48"`, v.String())
		assert.Equal(t, "£15.48", v.Show("en"))
	}
}

func TestMoneyIsBoundFromGo(t *testing.T) {
	type fare string
	type decimal struct{ cents int64 }
	want := policy.Money{Minor: 1548, Currency: "GBP"}
	ask := func(a *rulebook.Answer, err error) policy.Money {
		t.Helper()
		require.NoError(t, err)
		m, _ := a.Money("due")
		return m
	}
	texts, err := rulebook.Bind[struct {
		Fare  fare          `rulebook:"fare"`
		Parts []json.Number `rulebook:"parts"`
	}](shop(t), "pay.due")
	require.NoError(t, err)
	assert.Equal(t, want, ask(texts.Decide(struct {
		Fare  fare          `rulebook:"fare"`
		Parts []json.Number `rulebook:"parts"`
	}{"49.90", []json.Number{"1", "2.00"}})))

	amounts, err := rulebook.Bind[struct {
		Fare  *policy.Money  `rulebook:"fare"`
		Parts []policy.Money `rulebook:"parts"`
	}](shop(t), "pay.due")
	require.NoError(t, err)
	assert.Equal(t, want, ask(amounts.Decide(struct {
		Fare  *policy.Money  `rulebook:"fare"`
		Parts []policy.Money `rulebook:"parts"`
	}{&policy.Money{Minor: 4990, Currency: "GBP"}, []policy.Money{{Minor: 300, Currency: "GBP"}}})))

	converted, err := rulebook.Bind[struct {
		Fare  decimal   `rulebook:"fare"`
		Parts []decimal `rulebook:"parts"`
	}](shop(t), "pay.due", rulebook.Convert(func(d decimal) (rulebook.Money, error) { return rulebook.Money{Minor: d.cents, Currency: "GBP"}, nil }))
	require.NoError(t, err)
	assert.Equal(t, want, ask(converted.Decide(struct {
		Fare  decimal   `rulebook:"fare"`
		Parts []decimal `rulebook:"parts"`
	}{decimal{4990}, []decimal{{300}}})))

	_, err = rulebook.Bind[struct {
		Fare int64 `rulebook:"fare"` // pounds or pence?
	}](shop(t), "pay.due")
	assert.ErrorContains(t, err, "use rulebook.Money")

	columns, err := rulebook.Columns(shop(t), "pay.due", map[string]any{"fare": []string{"49.90", ""}, "parts": [][]string{{"3"}, {}}})
	require.NoError(t, err)
	assert.Equal(t, want, ask(columns.Decide(0)))
	a, err := columns.Decide(1)
	require.NoError(t, err)
	assert.Equal(t, "undetermined", a.Verdict)
}

func TestMoneyIsRefused(t *testing.T) {
	for facts, want := range map[string]string{
		`{"fare": "9.985"}`:                         "more decimal places than GBP has",
		`{"fare": "£9.98"}`:                         `is no amount of money [not_money] → write no sign of the currency: write "9.98"`,
		`{"fare": "1,000.00"}`:                      "nor separators of thousands: write \"1000.00\"",
		`{"fare": "9.98 EUR"}`:                      "is no amount of GBP [wrong_currency]",
		`{"fare": 1e3}`:                             "[not_money]",
		`{"fare": ".5"}`:                            "[not_money]",
		`{"fare": "GBP"}`:                           "[not_money]",
		`{"fare": "9.98 pounds"}`:                   "[not_money]",
		`{"fare": true}`:                            "[not_money]",
		`{"fare": "10000000000000.00"}`:             "[out_of_range] → give 9999999999999.99 GBP at most",
		`{"fare": "99999999999999999999999999.00"}`: "[out_of_range]",
		`{"fare": ["1"]}`:                           "[wrong_type]",
		`{"fare": "1", "abroad": "1.5"}`:            "more decimal places than JPY has",
		`{"fare": "1", "parts": ["1", "x"]}`:        "parts[1]: \"x\" is no amount of money",
	} {
		_, err := shop(t).Ask(t.Context(), "pay.due", facts)
		assert.ErrorContains(t, err, want, facts)
	}
}

func TestMoneyIsWrittenAsItIsRead(t *testing.T) {
	book := shop(t)
	const facts = `{"fare":"49.90","deposit":"-2.50","abroad":"1200","parts":["0.00","10.00"]}`
	checked, err := book.Check("pay.due", facts)
	require.NoError(t, err)
	again, err := json.Marshal(checked)
	require.NoError(t, err)
	assert.Equal(t, facts, string(again))

	a := askShop(t, facts)
	abroad, _ := a.Value("abroad")
	assert.Equal(t, `abroad: "1200"`, abroad.String())
	assert.Equal(t, "1200 JPY", abroad.Show("zh"))
	document, err := json.Marshal(a)
	require.NoError(t, err)
	assert.Contains(t, string(document), `"due":"17.48"`)

	steps := strings.Join(texts(a.Steps("en")), "\n")
	assert.Contains(t, steps, "£17.48")
	assert.Contains(t, steps, "£49.90")
	assert.Contains(t, strings.Join(texts(a.Steps("zh")), "\n"), "£17.48")
}

func texts(steps []policy.Step) []string {
	var all []string
	for _, s := range steps {
		all = append(all, s.Text)
	}
	return all
}

func TestMoneyText(t *testing.T) {
	for _, m := range []policy.Money{{}, {Minor: 5, Currency: "GBP"}, {Minor: -120050, Currency: "CNY"}, {Minor: 7, Currency: "JPY"}, {Currency: "KWD"}} {
		text, err := m.MarshalText()
		require.NoError(t, err)
		var again policy.Money
		require.NoError(t, again.UnmarshalText(text))
		assert.Equal(t, m, again, "%s", text)
	}
	var m policy.Money
	assert.Error(t, m.UnmarshalText([]byte("9.98")), "of what currency?")
}
