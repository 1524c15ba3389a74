package load_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

// bakery asks whether a condition holds by rules of every form that has one.
const bakery = `
rulebook: {id: bakery, title: {zh: 面包店, en: Bakery}, zone: Asia/Shanghai, in_force: {from: 2020-01-01}}
words:
  answer: {yes_: {zh: 是, en: "yes"}, no_: {zh: 否, en: "no"}, within: {zh: 在内, en: within}, below: {zh: 低, en: below}, above: {zh: 高, en: above}, unassigned: {zh: 无人, en: nobody}, met: {zh: 达标, en: met}, not_met: {zh: 不达标, en: not met}, not_applicable: {zh: 不适用, en: not applicable}}
  blocker: {few: {zh: 太少, en: too few}}
  breach_code: {few_loaves: {zh: 面包太少, en: too few loaves}}
facts:
  loaves: {zh: 面包, en: loaves, type: count}
  bakers: {zh: 面包师, en: bakers, type: count}
regulations:
  shop:
    zh: 店
    en: Shop
    articles:
      "1":
        nature: duty
        title: {zh: 数, en: Numbers}
        text: {zh: 数。, en: Numbers.}
        duties: {kept: {zh: 义务, en: duty, met: 'CONDITION', breach: few_loaves}}
        guards: {gate: {zh: 关口, en: gate, blocks_if: 'CONDITION', blocker: few}}
        scopes: {applies: {zh: 范围, en: scope, holds: 'CONDITION'}}
        figures: {said: {zh: 数值, en: figure, is: 'CONDITION'}}
        decisions: {asked: {zh: 决定, en: decision, when: 'CONDITION'}}
        ranges: {load: {zh: 负荷, en: load, value: loaves / bakers, from: 1, to: 9}}
        indicators: {rate: {zh: 率, en: rate, count: bakers, base: loaves / bakers, at_most: 50%}}
questions:
  kept: {zh: 问, en: question, facts: [loaves, bakers], governed_by: as_of, rules: [kept], verdict: {is: 'kept.broken ? "no_" : "yes_"', words: answer}, values: {}}
  gate: {zh: 问, en: question, facts: [loaves, bakers], governed_by: as_of, rules: [gate], verdict: {is: 'gate.allowed ? "yes_" : "no_"', words: answer}, values: {}}
  applies: {zh: 问, en: question, facts: [loaves, bakers], governed_by: as_of, rules: [applies], verdict: {is: 'applies.holds ? "yes_" : "no_"', words: answer}, values: {}}
  inside: {zh: 问, en: question, facts: [loaves, bakers], governed_by: as_of, scope: [applies], rules: [load], verdict: {is: load.status, words: answer}, values: {}}
  said: {zh: 问, en: question, facts: [loaves, bakers], governed_by: as_of, rules: [said], verdict: {is: 'said.value ? "yes_" : "no_"', words: answer}, values: {}}
  asked: {zh: 问, en: question, facts: [loaves, bakers], governed_by: as_of, rules: [asked], verdict: {is: 'asked.needed ? "yes_" : "no_"', words: answer}, values: {}}
  verdict: {zh: 问, en: question, facts: [loaves, bakers], governed_by: as_of, rules: [], verdict: {is: '(CONDITION) ? "yes_" : "no_"', words: answer}, values: {}}
  value: {zh: 问, en: question, facts: [loaves, bakers], governed_by: as_of, rules: [], verdict: {is: '"yes_"', words: answer}, values: {each: {zh: 每人, en: each, is: loaves / bakers}}}
  load: {zh: 问, en: question, facts: [loaves, bakers], governed_by: as_of, rules: [load], verdict: {is: load.status, words: answer}, values: {}}
  rate: {zh: 问, en: question, facts: [loaves, bakers], governed_by: as_of, rules: [rate], verdict: {is: rate.result, words: answer}, values: {}}
`

// A condition that divides by nothing is neither met nor not met, whatever the
// form of the rule and however often it is asked, and the answer says why.
func TestDividingByNothingDecidesNothing(t *testing.T) {
	for condition, by := range map[string]string{
		"loaves / bakers < 1": "bakers is 0, and nothing can be divided by it", "not (loaves / bakers < 1)": "bakers is 0, and nothing can be divided by it",
		"loaves / 0 < 1": "loaves / 0 divides by 0", "not (loaves / 0 < 1)": "loaves / 0 divides by 0",
		"rounded_down(loaves, bakers - bakers) >= 1": "bakers − bakers is 0, and nothing can be divided by it", "loaves / bakers == null": "bakers is 0, and nothing can be divided by it",
	} {
		book, err := rulebook.Parse("bakery.yaml", []byte(strings.ReplaceAll(bakery, "CONDITION", condition)))
		require.NoError(t, err)
		for _, question := range []string{"kept", "gate", "applies", "inside", "said", "asked", "verdict"} {
			for i := range 4 { // the third is answered from what was settled for the others
				a := askBook(t, book, question, fmt.Sprintf(`{"loaves":%d,"bakers":0,"as_of":"2025-06-01T00:00:00+08:00"}`, 5+i))
				assert.Equal(t, "undetermined", a.Verdict, "%s by %s", condition, question)
				assert.Empty(t, a.Breaches)
				assert.Empty(t, a.MissingFacts)
				require.Len(t, a.Decisions, 1)
				assert.Equal(t, "divides_by_nothing", a.Decisions[0].Code)
				assert.Contains(t, a.Explain("en"), by)
				assert.Equal(t, 1, strings.Count(a.Explain("en"), "cannot be computed"))
				assert.Contains(t, a.Explain("zh"), "无法计算")
			}
			if strings.Contains(condition, "/ bakers") {
				assert.NotEqual(t, "undetermined", askBook(t, book, question, `{"loaves":5,"bakers":5,"as_of":"2025-06-01T00:00:00+08:00"}`).Verdict)
			}
			lacks := askBook(t, book, question, `{"loaves":5,"as_of":"2025-06-01T00:00:00+08:00"}`)
			if strings.Contains(condition, "/ bakers") {
				assert.NotEmpty(t, lacks.MissingFacts)
				assert.Empty(t, lacks.Decisions)
			}
		}
		const nobody = `{"loaves":5,"bakers":0,"as_of":"2025-06-01T00:00:00+08:00"}`
		value := askBook(t, book, "value", nobody)
		assert.Equal(t, "yes_", value.Verdict)
		assert.JSONEq(t, `{"each":null}`, valuesOf(t, value))
		assert.Empty(t, value.Decisions)
		assert.Equal(t, "each cannot be computed: bakers is 0, and nothing can be divided by it", value.Explain("en"))
		assert.Equal(t, []policy.Step{{Text: "each cannot be computed: bakers is 0, and nothing can be divided by it"}}, value.Steps("en"))
		assert.Equal(t, []policy.Step{{Text: "每人无法计算：面包师为 0，不能作除数"}}, value.Steps("zh"))
		// Forms that say what nothing to divide by means.
		assert.Equal(t, "unassigned", askBook(t, book, "load", nobody).Verdict)
		assert.Equal(t, "not_applicable", askBook(t, book, "rate", nobody).Verdict)
	}
}

// A divisor is called by the labels of what is in it, also of an element of a
// list.
func TestDivisorsAreCalledByTheirLabels(t *testing.T) {
	text := strings.Replace(bakery, "bakers: {zh: 面包师, en: bakers, type: count}", "bakers: {zh: 面包师, en: those who bake, type: count}\n  shops: {zh: 店, en: shops, type: list, of: {type: record, fields: {ovens: {zh: 烤炉, en: ovens of the shop, type: count}}}}", 1)
	text = strings.ReplaceAll(text, "facts: [loaves, bakers]", "facts: [loaves, bakers, shops]")
	for condition, by := range map[string][2]string{
		"any(shops, 1 / .ovens > 1)":               {"烤炉为 0", "ovens of the shop is 0"},
		"any(shops, loaves / (2 * .ovens) > 1)":    {"2 × 烤炉为 0", "2 × ovens of the shop is 0"},
		"loaves / (bakers * (bakers + 1) / 3) > 1": {"面包师 × (面包师 + 1) ÷ 3为 0", "those who bake × (those who bake + 1) ÷ 3 is 0"},
		"loaves / (bakers * 2 - bakers) > 1":       {"面包师 × 2 − 面包师为 0", "those who bake × 2 − those who bake is 0"},
	} {
		book, err := rulebook.Parse("bakery.yaml", []byte(strings.ReplaceAll(text, "CONDITION", condition)))
		require.NoError(t, err, condition)
		a := askBook(t, book, "kept", `{"loaves":5,"bakers":0,"shops":[{"ovens":0}],"as_of":"2025-06-01T00:00:00+08:00"}`)
		assert.Contains(t, a.Explain("zh"), "义务无法计算："+by[0]+"，不能作除数", condition)
		assert.Contains(t, a.Explain("en"), "duty cannot be computed: "+by[1]+", and nothing can be divided by it", condition)
	}
}

// It is said once, however often an expression divides by the same; also of a
// duty that the verdict does not turn on, behind the reasons, and as reasons by
// themselves.
func TestDividingByNothingIsSaidOnce(t *testing.T) {
	text := strings.ReplaceAll(bakery, "CONDITION", "loaves / bakers < 1 and loaves / bakers > 0")
	text = strings.Replace(text, "rules: [], verdict: {is: '\"yes_\"', words: answer}, values: {each: {zh: 每人, en: each, is: loaves / bakers}}",
		"rules: [kept], verdict: {is: '\"yes_\"', words: answer}, values: {each: {zh: 每人, en: each, is: loaves / bakers < 1 and loaves / bakers > 0}}", 1)
	book, err := rulebook.Parse("bakery.yaml", []byte(text))
	require.NoError(t, err)
	a := askBook(t, book, "value", `{"loaves":5,"bakers":0,"as_of":"2025-06-01T00:00:00+08:00"}`)
	said := []string{"duty cannot be computed: bakers is 0, and nothing can be divided by it", "each cannot be computed: bakers is 0, and nothing can be divided by it"}
	assert.Equal(t, strings.Join(said, "\n"), a.Explain("en"))
	assert.Equal(t, []policy.Step{{Text: said[0]}, {Text: said[1]}}, a.Steps("en"))
}

func valuesOf(t testing.TB, a *rulebook.Answer) string {
	t.Helper()
	require.Nil(t, a.Error)
	var tree struct{ Values json.RawMessage }
	require.NoError(t, json.Unmarshal(a.AppendJSON(nil, false), &tree))
	return string(tree.Values)
}
