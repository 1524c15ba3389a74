package forms_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
)

// warehouse is a rulebook about damage in a warehouse, with a rule of every
// form of this package and a reading for every option.
const warehouse = `
rulebook:
  id: warehouse
  title: {zh: 仓库约定, en: Terms of a warehouse}
  zone: Asia/Shanghai
  currency: CNY
  in_force: {from: 2020-01-01}
words:
  place: {shelf: {zh: 货架, en: shelf}, hall: {zh: 库房, en: hall}, site: {zh: 厂区, en: site}}
  severity: {minor: {zh: 较轻, en: minor}, serious: {zh: 较重, en: serious}, grave: {zh: 严重, en: grave}}
  measure:
    talk: {zh: 谈话, en: talk}
    warning: {zh: 警告, en: warning}
    course: {zh: 培训, en: course}
    transfer: {zh: 调岗, en: transfer}
    dismissal: {zh: 辞退, en: dismissal}
  mode: {any_of: {zh: 任选, en: any of}, all_of: {zh: 全部, en: all of}, one_of: {zh: 其一, en: one of}, none: {zh: 无, en: none}}
  claim: {repeated: {zh: 再犯, en: repeated}, drunk: {zh: 饮酒, en: drunk}, owned_up: {zh: 承认, en: owned up}, helped: {zh: 协助, en: helped}}
  role: {worker: {zh: 当事人, en: worker}, foreman: {zh: 班长, en: foreman}}
facts:
  damaged: {zh: 有损坏, en: damage, type: yes_no, if_absent: true}
  place: {zh: 地点, en: place, type: word, words: place, if_null: none}
  earlier:
    zh: 此前
    en: earlier
    type: record
    fields:
      shelf: {zh: 货架, en: shelf, type: count}
      hall: {zh: 库房, en: hall, type: count}
      site: {zh: 厂区, en: site, type: count}
  claims: {zh: 主张, en: claims, type: list, of: {type: word, words: claim}}
  before_found: {zh: 被发现之前, en: before it was found, type: yes_no}
  no_loss: {zh: 没有损失, en: no loss, type: yes_no}
  people: {zh: 人数, en: people, type: count, if_absent: 1}
  number: {zh: 排第几, en: number among them, type: count}
  at_fault: {zh: 有责, en: at fault, type: yes_no, if_null: none}
  severity: {zh: 程度, en: severity, type: word, words: severity, if_null: none}
  steps: {zh: 档数, en: steps, type: number, if_absent: 0}
  spared: {zh: 免予, en: spared, type: yes_no, if_absent: false}
  fined: {zh: 已罚, en: fined, type: yes_no, if_absent: true}
  worker: {zh: 当事人, en: worker, type: name, if_null: none}
  foreman: {zh: 班长, en: foreman, type: name, if_null: none}
  fine: {zh: 金额, en: fine, type: number, if_null: none}
  records:
    zh: 记录
    en: records
    type: list
    of:
      type: record
      fields:
        id: {zh: 编号, en: id, type: name}
        pallet: {zh: 货盘, en: pallet, type: name, if_null: none}
        accident: {zh: 事故, en: accident, type: name}
        at: {zh: 时间, en: at, type: moment, event: true, if_absent: unknown}
        place: {zh: 地点, en: place, type: word, words: place}
        confirmed: {zh: 属实, en: confirmed, type: yes_no}
        paid: {zh: 已罚, en: paid, type: number, if_absent: 0}
readings:
  effect: {article: damage/1, asks: {zh: 档, en: step}, chosen: scale, options: {scale: {zh: 档位, en: scale}, times: {zh: 倍, en: times, parameter: count}, person: {zh: 人定, en: a person}}}
  counting: {article: damage/1, asks: {zh: 计次, en: counting}, chosen: apart, options: {apart: {zh: 分, en: apart}, together: {zh: 合, en: together}}}
  again: {article: damage/1, asks: {zh: 补收, en: priced again}, chosen: no_more, options: {no_more: {zh: 不补, en: no}, again: {zh: 补, en: yes}}}
  sharing: {article: damage/1, asks: {zh: 分担, en: sharing}, chosen: alone, options: {alone: {zh: 独自, en: alone}, split: {zh: 平分, en: split}, fault: {zh: 有责者, en: whoever is at fault}}}
  conflict: {article: damage/2, asks: {zh: 合计, en: combine}, chosen: net, options: {net: {zh: 净, en: net}, strongest: {zh: 最强, en: strongest}, person: {zh: 人定, en: a person}}}
  steps: {article: damage/3, asks: {zh: 措施, en: measures}, chosen: within, options: {within: {zh: 之内, en: within}, step: {zh: 换档, en: another band}, person: {zh: 人定, en: a person}}}
  beside: {article: damage/4, asks: {zh: 连带, en: beside}, chosen: record, options: {record: {zh: 记录, en: record}, percent: {zh: 百分, en: per cent, parameter: count}, fixed: {zh: 固定, en: fixed, parameter: count}, same: {zh: 相同, en: same}}}
  window: {article: damage/5, asks: {zh: 期间, en: window}, chosen: year, options: {year: {zh: 年, en: year}, rolling: {zh: 滚动, en: rolling}, month: {zh: 月, en: month}, ever: {zh: 不限, en: ever}}}
  unit: {article: damage/5, asks: {zh: 一次, en: once}, chosen: pallet, options: {pallet: {zh: 货盘, en: pallet}, record: {zh: 记录, en: record}, accident: {zh: 事故, en: accident}}}
  climbing: {article: damage/5, asks: {zh: 升级, en: climbing}, chosen: highest, options: {highest: {zh: 最高, en: highest}, each: {zh: 各级, en: each}}}
regulations:
  damage:
    zh: 损坏
    en: Damage
    articles:
      "1":
        nature: sanction
        title: {zh: 罚款, en: Fines}
        text: {zh: 按次罚款。, en: Fines by occurrence.}
        ladders:
          damage_fine:
            zh: 损坏罚款
            en: fine for damage
            when: damaged
            level: place
            tiers:
              shelf:
                rank: 1
                earlier: earlier.shelf
                rows: [{from: 1, amount: 10}, {from: 3, amount: 20}]
                repricing: {by: again, no_more: marginal, again: retroactive}
              hall: {rank: 2, earlier: earlier.hall, rows: [{from: 1, amount: 20}, {from: 2, amount: 40}]}
              site: {rank: 3, earlier: earlier.site, rows: [{from: 1, amount: 80}]}
            scale: [0, 10, 20, 40, 80]
            counting: {by: counting, apart: separate, together: cumulative}
            steps: weighed.steps
            exempt: weighed.exempt
            undecided: weighed.undecided
            effect: {by: effect, scale: scale_step, times: multiply, person: manual}
            effect_by: {by: effect, times: parameter, otherwise: none}
            share_among: {by: sharing, split: people, otherwise: none}
            share_place: {by: sharing, split: number, otherwise: none}
            share_if: {by: sharing, fault: at_fault, otherwise: none}
          plain_fine:
            zh: 固定罚款
            en: plain fine
            level: place
            tiers: {shelf: {rank: 1, earlier: earlier.shelf, rows: [{from: 1, amount: 10}]}}
            scale: [10]
      "2":
        nature: factor
        title: {zh: 情节, en: Circumstances}
        text: {zh: 情节有轻有重。, en: Circumstances count.}
        weighings:
          weighed: {zh: 情节, en: circumstances, combine: {by: conflict, net: net_sum, strongest: strongest, person: manual_on_conflict}}
        factors:
          repeated: {zh: 再犯, en: repeated, part_of: weighed, direction: aggravating, claimed: '"repeated" in claims'}
          drunk: {zh: 饮酒, en: drunk, part_of: weighed, direction: aggravating, claimed: '"drunk" in claims', weight: 2}
          owned_up: {zh: 承认, en: owned up, part_of: weighed, direction: mitigating, claimed: '"owned_up" in claims', holds: before_found, exempts: no_loss}
          helped: {zh: 协助, en: helped, part_of: weighed, direction: mitigating, claimed: '"helped" in claims'}
      "3":
        nature: sanction
        title: {zh: 措施, en: Measures}
        text: {zh: 另有措施。, en: Measures beside.}
        measures:
          measures:
            zh: 措施
            en: measures
            band: severity
            bands:
              minor: {rank: 1, mode: any_of, options: {warning: {rank: 2}, talk: {rank: 1}}}
              serious: {rank: 2, mode: all_of, options: {warning: {rank: 1}, course: {rank: 2}}}
              grave: {rank: 3, mode: one_of, options: {transfer: {rank: 1}, dismissal: {rank: 2}}}
            steps: steps
            exempt: spared
            effect: {by: steps, within: within_band, step: band_step, person: manual}
      "4":
        nature: sanction
        title: {zh: 连带, en: Joint}
        text: {zh: 班长连带。, en: The foreman answers too.}
        joints:
          foreman_too:
            zh: 班长连带
            en: the foreman too
            when: fined
            principal: worker
            principal_role: worker
            fine: fine
            head: foreman
            head_role: foreman
            share: {by: beside, record: record_only, percent: percent, fixed: fixed, same: same}
            share_by: {by: beside, percent: parameter, fixed: parameter, otherwise: none}
      "5":
        nature: sanction
        title: {zh: 历次, en: History}
        text: {zh: 历次计罚。, en: All of them.}
        histories:
          record:
            zh: 历次
            en: history
            ladder: damage_fine
            each: records
            id: .id
            matter: .pallet
            incident: .accident
            at: .at
            level: .place
            counts: .confirmed
            credited: .paid
            window: {by: window, year: calendar_year, rolling: rolling_12_months, month: calendar_month, ever: unlimited}
            unit: {by: unit, pallet: matter, record: record, accident: incident}
            escalated: {by: climbing, highest: highest_level, each: each_level}
questions:
  fine:
    zh: 一次
    en: one fine
    facts: [damaged, place, earlier, claims, before_found, no_loss, people, number, at_fault]
    rules: [damage_fine]
    verdict: {is: 'damage_fine.needs_decision ? "open" : "settled"', words: {open: {zh: 待定, en: open}, settled: {zh: 已定, en: settled}}}
    values:
      nth: {zh: 第几次, en: nth, is: damage_fine.nth}
      base: {zh: 基准, en: base, is: damage_fine.base}
      final: {zh: 金额, en: final, is: damage_fine.final}
      capped: {zh: 到顶, en: capped, is: damage_fine.capped}
      floored: {zh: 到底, en: floored, is: damage_fine.floored}
      total: {zh: 合计, en: total, is: damage_fine.total_for_window}
      additional: {zh: 补收, en: additional, is: damage_fine.additional_for_earlier}
  plain:
    zh: 固定
    en: plain
    facts: [place, earlier]
    rules: [plain_fine]
    verdict: {is: 'plain_fine.final > 0 ? "fine" : "no_fine"', words: {fine: {zh: 罚, en: fine}, no_fine: {zh: 不罚, en: no fine}}}
    values: {final: {zh: 金额, en: final, is: plain_fine.final}, total: {zh: 合计, en: total, is: plain_fine.total_for_window}}
  circumstances:
    zh: 情节
    en: circumstances
    facts: [claims, before_found, no_loss]
    rules: [weighed]
    verdict: {is: 'weighed.undecided ? "for_a_person" : weighed.steps > 0 ? "heavier" : weighed.steps < 0 ? "lighter" : "as_it_is"', words: {for_a_person: {zh: 由人定, en: for a person}, heavier: {zh: 重, en: heavier}, lighter: {zh: 轻, en: lighter}, as_it_is: {zh: 不变, en: as it is}}}
    values:
      steps: {zh: 档数, en: steps, is: weighed.steps}
      exempt: {zh: 免予, en: exempt, is: weighed.exempt}
      undecided: {zh: 待定, en: undecided, is: weighed.undecided}
      accepted: {zh: 成立, en: accepted, is: weighed.accepted, words: claim}
      rejected: {zh: 不成立, en: rejected, is: weighed.rejected, words: claim}
  measures:
    zh: 措施
    en: measures
    facts: [severity, steps, spared]
    rules: [measures]
    verdict: {is: measures.mode, if_none: unsettled, words: {any_of: {zh: 任选, en: any}, all_of: {zh: 全部, en: all}, one_of: {zh: 其一, en: one}, none: {zh: 无, en: none}, unsettled: {zh: 未定, en: unsettled}}}
    values:
      options: {zh: 措施, en: options, is: measures.options, words: measure}
      advised: {zh: 建议, en: advised, is: measures.advised, words: measure}
      band: {zh: 程度, en: band, is: measures.band, words: severity}
      changed: {zh: 换档, en: changed, is: measures.band_changed}
  joint:
    zh: 连带
    en: joint
    facts: [fined, worker, foreman, fine]
    rules: [foreman_too]
    verdict: {is: 'foreman_too.needs_decision ? "open" : "settled"', words: {open: {zh: 待定, en: open}, settled: {zh: 已定, en: settled}}}
    values: {records: {zh: 记录, en: records, is: foreman_too.records}}
  history:
    zh: 历次
    en: history
    facts: [records]
    rules: [record]
    verdict: {is: 'record.total > 0 ? "fines" : "no_fine"', words: {fines: {zh: 罚, en: fines}, no_fine: {zh: 不罚, en: no fine}}}
    values: {fines: {zh: 金额, en: fines, is: record.fines, keyed: true}, total: {zh: 合计, en: total, is: record.total}}
`

var loadWarehouse = sync.OnceValues(func() (*rulebook.Book, error) { return rulebook.Parse("warehouse.yaml", []byte(warehouse)) })

// ask asks with readings written as "key=option".
func askWarehouse(t testing.TB, question, facts string, readings ...string) *rulebook.Answer {
	t.Helper()
	book, err := loadWarehouse()
	require.NoError(t, err)
	return ask(t, book, question, facts, readings...)
}

func optionsOf(a *rulebook.Answer) map[string]string {
	all := map[string]string{}
	for _, r := range a.Readings {
		all[r.Key] = r.Option
	}
	return all
}

func TestLadderForm(t *testing.T) {
	at := func(place string, shelf, hall, site int, more string) string {
		return fmt.Sprintf(`{"place":"%s","earlier":{"shelf":%d,"hall":%d,"site":%d},"claims":[%s]}`, place, shelf, hall, site, more)
	}
	for _, x := range []struct {
		name, facts     string
		readings        []string
		verdict, values string
	}{
		{"the first", at("shelf", 0, 5, 5, ``), nil, "settled", `{"nth":1,"base":10,"final":10,"capped":false,"floored":false,"total":10,"additional":0}`},
		{"the last of the first row", at("shelf", 1, 0, 0, ``), nil, "settled", `{"nth":2,"base":10,"final":10,"capped":false,"floored":false,"total":20,"additional":0}`},
		{"the first of the second row", at("shelf", 2, 0, 0, ``), nil, "settled", `{"nth":3,"base":20,"final":20,"capped":false,"floored":false,"total":40,"additional":0}`},
		{"priced again", at("shelf", 2, 0, 0, ``), []string{"again=again"}, "settled", `{"nth":3,"base":20,"final":20,"capped":false,"floored":false,"total":60,"additional":20}`},
		{"counted together", at("shelf", 1, 1, 0, ``), []string{"counting=together"}, "settled", `{"nth":3,"base":20,"final":20,"capped":false,"floored":false,"total":30,"additional":0}`},
		{"counted together, the window open", at("shelf", 2, 1, 0, ``), []string{"counting=together"}, "settled", `{"nth":4,"base":20,"final":20,"capped":false,"floored":false,"total":null,"additional":null}`},
		{"a step up", at("hall", 0, 0, 0, `"repeated"`), nil, "settled", `{"nth":1,"base":20,"final":40,"capped":false,"floored":false,"total":20,"additional":0}`},
		{"over the top", at("hall", 0, 1, 0, `"drunk"`), nil, "settled", `{"nth":2,"base":40,"final":80,"capped":true,"floored":false,"total":60,"additional":0}`},
		{"a step down", at("hall", 0, 0, 0, `"helped"`), nil, "settled", `{"nth":1,"base":20,"final":10,"capped":false,"floored":false,"total":20,"additional":0}`},
		{"times three", at("hall", 0, 0, 0, `"repeated"`), []string{"effect=times:3"}, "settled", `{"nth":1,"base":20,"final":60,"capped":false,"floored":false,"total":20,"additional":0}`},
		{"a person decides", at("hall", 0, 0, 0, `"repeated"`), []string{"effect=person"}, "open", `{"nth":1,"base":20,"final":null,"capped":false,"floored":false,"total":20,"additional":0}`},
		{"nothing to decide", at("hall", 0, 0, 0, ``), []string{"effect=person"}, "settled", `{"nth":1,"base":20,"final":20,"capped":false,"floored":false,"total":20,"additional":0}`},
		{"conflict", at("hall", 0, 0, 0, `"repeated","helped"`), []string{"conflict=person"}, "open", `{"nth":1,"base":20,"final":null,"capped":false,"floored":false,"total":20,"additional":0}`},
	} {
		t.Run(x.name, func(t *testing.T) {
			answer := askWarehouse(t, "fine", x.facts, x.readings...)
			assert.Equal(t, x.verdict, answer.Verdict)
			assert.JSONEq(t, x.values, valuesOf(t, answer))
			assert.Empty(t, answer.MissingFacts)
			assert.Equal(t, x.verdict == "open", answer.NeedsDecision)
			if x.verdict == "open" {
				require.Len(t, answer.Decisions, 1)
				assert.Equal(t, "amount", answer.Decisions[0].Code)
				assert.Equal(t, "damage.damage_fine", answer.Decisions[0].Rule)
				assert.Contains(t, answer.Explain("en"), "a person must decide: what the circumstances do to the amount")
				assert.Contains(t, answer.Explain("zh"), "须由人决定：情节如何影响金额")
			}
		})
	}
}

func TestLadderSharing(t *testing.T) {
	const facts = `{"place":"hall","earlier":{"hall":0},"claims":[]`
	for _, x := range []struct {
		more     string
		readings []string
		final    string
	}{
		{`,"people":3,"number":1`, []string{"sharing=split"}, "7"},
		{`,"people":3,"number":2`, []string{"sharing=split"}, "7"},
		{`,"people":3,"number":3`, []string{"sharing=split"}, "6"},
		{`,"people":1`, []string{"sharing=split"}, "20"},
		{`,"people":4`, []string{"sharing=split"}, "5"},
		{`,"people":21,"number":20`, []string{"sharing=split"}, "1"},
		{`,"people":21,"number":21`, []string{"sharing=split"}, "0"},
		{`,"people":3`, nil, "20"},
		{`,"at_fault":true`, []string{"sharing=fault"}, "20"},
		{`,"at_fault":false`, []string{"sharing=fault"}, "0"},
		{`,"at_fault":null`, []string{"sharing=fault"}, "0"},
	} {
		answer := askWarehouse(t, "fine", facts+x.more+"}", x.readings...)
		final, ok := answer.Int("final")
		require.True(t, ok)
		assert.Equal(t, x.final, fmt.Sprint(final), x.more)
	}
	answer := askWarehouse(t, "fine", facts+"}", "sharing=fault")
	assert.Equal(t, "undetermined", answer.Verdict)
	assert.Equal(t, []string{"at_fault < damage.damage_fine"}, missing(answer))
	base, _ := answer.Int("base")
	assert.EqualValues(t, 20, base, "what is known is said")
	_, ok := answer.Int("final")
	assert.False(t, ok)
}

func TestLadderNotKnown(t *testing.T) {
	for _, x := range []struct {
		name, facts string
		readings    []string
		verdict     string
		lacks       []string
	}{
		{"whether anything is due", `{"damaged":null,"place":"hall","earlier":{"hall":0},"claims":[]}`, nil, "settled", nil},
		{"the place", `{"earlier":{"hall":0},"claims":[]}`, nil, "undetermined", []string{"place < damage.damage_fine"}},
		{"how many before", `{"place":"hall","earlier":{"shelf":0},"claims":[]}`, nil, "undetermined", []string{"earlier.hall < damage.damage_fine"}},
		{"how many elsewhere", `{"place":"hall","earlier":{"hall":0,"site":0},"claims":[]}`, []string{"counting=together"}, "undetermined", []string{"earlier.shelf < damage.damage_fine"}},
		{"the circumstances", `{"place":"hall","earlier":{"hall":0}}`, nil, "undetermined", []string{"claims < damage.weighed"}},
		{"no place", `{"place":null,"earlier":{"hall":0},"claims":[]}`, nil, "undetermined", nil},
	} {
		t.Run(x.name, func(t *testing.T) {
			answer := askWarehouse(t, "fine", x.facts, x.readings...)
			require.Nil(t, answer.Error)
			assert.Equal(t, x.verdict, answer.Verdict)
			assert.Equal(t, x.lacks, missing(answer))
			assert.Empty(t, answer.Decisions)
		})
	}

	book := strings.Replace(warehouse, "en: damage, type: yes_no, if_absent: true", "en: damage, type: yes_no", 1)
	loaded, err := rulebook.Parse("warehouse.yaml", []byte(book))
	require.NoError(t, err)
	answer, err := loaded.Ask(t.Context(), "fine", `{"place":"hall","earlier":{"hall":0},"claims":[]}`)
	require.NoError(t, err)
	assert.Equal(t, "undetermined", answer.Verdict)
	assert.Equal(t, []string{"damaged < damage.damage_fine"}, missing(answer))
	assert.JSONEq(t, `{"nth":null,"base":null,"final":null,"capped":null,"floored":null,"total":null,"additional":null}`, valuesOf(t, answer))

	answer = askWarehouse(t, "fine", `{"damaged":false}`)
	assert.Equal(t, "settled", answer.Verdict)
	assert.JSONEq(t, `{"nth":null,"base":null,"final":null,"capped":null,"floored":null,"total":null,"additional":null}`, valuesOf(t, answer))
	assert.Empty(t, answer.Cites)
}

func TestLadderLevelWithoutTier(t *testing.T) {
	answer := askWarehouse(t, "plain", `{"place":"hall","earlier":{"shelf":0}}`)
	require.NotNil(t, answer.Error)
	assert.Equal(t, "not_computable", answer.Failure().Code)
	assert.Contains(t, answer.Failure().Message.EN, `level "hall" is not on the ladder`)
}

func TestLadderExplains(t *testing.T) {
	answer := askWarehouse(t, "fine", `{"place":"hall","earlier":{"hall":1},"claims":["repeated"]}`)
	assert.Equal(t, "repeated: holds, heavier (damage/2)\n"+
		"circumstances: net steps: 1 (damage/2; reading conflict = net)\n"+
		"fine for damage: hall, occurrence 2 (1 before it): base 40 (damage/1; reading again = no_more; reading counting = apart; reading sharing = alone; reading effect = scale)\n"+
		"fine for damage: net steps 1: up from 40: 80 proposed (damage/1)", answer.Explain("en"))
	assert.Equal(t, "再犯：成立，从重（damage/2）\n"+
		"情节：净 1 档（damage/2；读法 conflict = net）\n"+
		"损坏罚款：库房第 2 次（此前 1 次），基准 40（damage/1；读法 again = no_more；读法 counting = apart；读法 sharing = alone；读法 effect = scale）\n"+
		"损坏罚款：净 1 档，自 40 升，拟定 80（damage/1）", answer.Explain("zh"))
	assert.Equal(t, map[string]string{"again": "no_more", "conflict": "net", "counting": "apart", "effect": "scale", "sharing": "alone"}, optionsOf(answer))

	without := askWarehouse(t, "fine", `{"place":"hall","earlier":{"hall":1},"claims":[]}`)
	assert.NotContains(t, optionsOf(without), "effect", "what a step does mattered to nobody")
	assert.Contains(t, without.Explain("en"), "fine for damage: net steps 0: 40 proposed")

	plain := askWarehouse(t, "plain", `{"place":"shelf","earlier":{"shelf":4}}`)
	assert.Equal(t, "plain fine: shelf, occurrence 5 (4 before it): base 10 (damage/1)", plain.Explain("en"))
	assert.JSONEq(t, `{"final":10,"total":50}`, valuesOf(t, plain))
}

func TestWeighingForm(t *testing.T) {
	for _, x := range []struct {
		name, facts     string
		readings        []string
		verdict, values string
		says            []string
	}{
		{"nothing claimed", `{"claims":[]}`, nil, "as_it_is", `{"steps":0,"exempt":false,"undecided":false,"accepted":[],"rejected":[]}`, nil},
		{"heavier", `{"claims":["drunk","repeated"]}`, nil, "heavier", `{"steps":3,"exempt":false,"undecided":false,"accepted":["repeated","drunk"],"rejected":[]}`, []string{"repeated: holds, heavier", "drunk: holds, heavier", "net steps: 3"}},
		{"the strongest", `{"claims":["drunk","repeated","helped"]}`, []string{"conflict=strongest"}, "heavier", `{"steps":1,"exempt":false,"undecided":false,"accepted":["repeated","drunk","helped"],"rejected":[]}`, nil},
		{"lighter", `{"claims":["owned_up"],"before_found":true,"no_loss":false}`, nil, "lighter", `{"steps":-1,"exempt":false,"undecided":false,"accepted":["owned_up"],"rejected":[]}`, []string{"owned up: holds, lighter", "net steps: -1"}},
		{"exempt", `{"claims":["owned_up"],"before_found":true,"no_loss":true}`, nil, "lighter", `{"steps":-1,"exempt":true,"undecided":false,"accepted":["owned_up"],"rejected":[]}`, nil},
		{"rejected", `{"claims":["owned_up"],"before_found":false}`, nil, "as_it_is", `{"steps":0,"exempt":false,"undecided":false,"accepted":[],"rejected":["owned_up"]}`, []string{"owned up: does not hold (damage/2)", "net steps: 0"}},
		{"a person decides", `{"claims":["drunk","helped"]}`, []string{"conflict=person"}, "for_a_person", `{"steps":null,"exempt":false,"undecided":true,"accepted":["drunk","helped"],"rejected":[]}`, nil},
	} {
		t.Run(x.name, func(t *testing.T) {
			answer := askWarehouse(t, "circumstances", x.facts, x.readings...)
			assert.Equal(t, x.verdict, answer.Verdict)
			assert.JSONEq(t, x.values, valuesOf(t, answer))
			assert.Empty(t, answer.MissingFacts, "nobody is asked for what changes nothing")
			for _, text := range x.says {
				assert.Contains(t, answer.Explain("en"), text)
			}
			if x.says == nil && len(x.readings) == 0 && x.name == "nothing claimed" {
				assert.Empty(t, answer.Explain("en"))
				assert.Empty(t, answer.Cites)
			}
		})
	}
	for _, x := range []struct {
		facts string
		lacks []string
	}{
		{`{}`, []string{"claims < damage.weighed"}},
		{`{"claims":["owned_up"]}`, []string{"before_found < damage.weighed"}},
		{`{"claims":["owned_up"],"before_found":true}`, []string{"no_loss < damage.weighed"}},
	} {
		answer := askWarehouse(t, "circumstances", x.facts)
		assert.Equal(t, "undetermined", answer.Verdict)
		assert.JSONEq(t, `{"steps":null,"exempt":null,"undecided":null,"accepted":null,"rejected":null}`, valuesOf(t, answer))
		assert.Equal(t, x.lacks, missing(answer))
	}
	answer := askWarehouse(t, "circumstances", `{"claims":["owned_up"],"before_found":false}`)
	assert.Contains(t, answer.Explain("zh"), "承认：不成立（damage/2）")
	answer = askWarehouse(t, "circumstances", `{"claims":["helped"]}`)
	assert.Contains(t, answer.Explain("zh"), "协助：成立，从轻（damage/2）")
}

func TestMeasureForm(t *testing.T) {
	for _, x := range []struct {
		name, facts     string
		readings        []string
		verdict, values string
		en              string
	}{
		{"as found", `{"severity":"minor"}`, nil, "any_of", `{"options":["talk","warning"],"advised":null,"band":"minor","changed":false}`, "measures: any of: talk, warning (damage/3; reading steps = within)"},
		{"all of them", `{"severity":"serious","steps":1}`, nil, "all_of", `{"options":["warning","course"],"advised":null,"band":"serious","changed":false}`, "measures: all of: warning, course"},
		{"the heaviest", `{"severity":"grave","steps":2}`, nil, "one_of", `{"options":["transfer","dismissal"],"advised":"dismissal","band":"grave","changed":false}`, "measures: advised: dismissal (damage/3)"},
		{"the lightest", `{"severity":"minor","steps":-1}`, nil, "any_of", `{"options":["talk","warning"],"advised":"talk","band":"minor","changed":false}`, "measures: advised: talk"},
		{"another band", `{"severity":"serious","steps":1}`, []string{"steps=step"}, "one_of", `{"options":["transfer","dismissal"],"advised":null,"band":"grave","changed":true}`, "measures: one of: transfer, dismissal (damage/3; reading steps = step)"},
		{"no lighter band", `{"severity":"minor","steps":-3}`, []string{"steps=step"}, "any_of", `{"options":["talk","warning"],"advised":null,"band":"minor","changed":false}`, ""},
		{"a person decides", `{"severity":"minor","steps":1}`, []string{"steps=person"}, "any_of", `{"options":["talk","warning"],"advised":null,"band":"minor","changed":false}`, "a person must decide: what the circumstances do to the measure"},
		{"spared", `{"severity":"minor","spared":true}`, nil, "none", `{"options":[],"advised":null,"band":"minor","changed":false}`, "measures: none: none"},
		{"spared, no severity found", `{"severity":null,"spared":true}`, nil, "none", `{"options":[],"advised":null,"band":null,"changed":false}`, ""},
		{"no severity found", `{"severity":null}`, nil, "unsettled", `{"options":null,"advised":null,"band":null,"changed":null}`, ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			answer := askWarehouse(t, "measures", x.facts, x.readings...)
			assert.Equal(t, x.verdict, answer.Verdict)
			assert.JSONEq(t, x.values, valuesOf(t, answer))
			assert.Contains(t, answer.Explain("en"), x.en)
			assert.Equal(t, x.name == "a person decides", answer.NeedsDecision)
			assert.Empty(t, answer.MissingFacts)
		})
	}
	assert.Equal(t, "措施：任选：谈话、警告（damage/3；读法 steps = within）\n措施：建议 谈话（damage/3）", askWarehouse(t, "measures", `{"severity":"minor","steps":-1}`).Explain("zh"))
	decided := askWarehouse(t, "measures", `{"severity":"minor","steps":1}`, "steps=person")
	assert.Equal(t, "measure", decided.Decisions[0].Code)

	answer := askWarehouse(t, "measures", `{}`)
	assert.Equal(t, "undetermined", answer.Verdict)
	assert.JSONEq(t, `{"options":null,"advised":null,"band":null,"changed":null}`, valuesOf(t, answer))
	assert.Equal(t, []string{"severity < damage.measures"}, missing(answer))
	assert.Empty(t, answer.Steps("en"))
}

func TestJointForm(t *testing.T) {
	const both = `{"worker":"W","foreman":"F","fine":50}`
	for _, x := range []struct {
		name, facts     string
		readings        []string
		verdict, values string
		en              string
	}{
		{"recorded", both, nil, "open", `[{"person":"W","role":"worker","fine":50,"needs_decision":false},{"person":"F","role":"foreman","fine":0,"needs_decision":true}]`, "the foreman too: W worker 50; F foreman (amount to be decided) (damage/4; reading beside = record)"},
		{"a share", both, []string{"beside=percent:25"}, "settled", `[{"person":"W","role":"worker","fine":50,"needs_decision":false},{"person":"F","role":"foreman","fine":12,"needs_decision":false}]`, "W worker 50; F foreman 12 (25% of 50 is 12.5, rounded down) (damage/4; reading beside = percent:25)"},
		{"fixed", both, []string{"beside=fixed:30"}, "settled", `[{"person":"W","role":"worker","fine":50,"needs_decision":false},{"person":"F","role":"foreman","fine":30,"needs_decision":false}]`, ""},
		{"the same", both, []string{"beside=same"}, "settled", `[{"person":"W","role":"worker","fine":50,"needs_decision":false},{"person":"F","role":"foreman","fine":50,"needs_decision":false}]`, ""},
		{"nobody twice", `{"worker":"W","foreman":"W","fine":50}`, []string{"beside=same"}, "settled", `[{"person":"W","role":"worker","fine":50,"needs_decision":false}]`, "the foreman too: W worker 50"},
		{"no foreman", `{"worker":"W","foreman":null,"fine":50}`, nil, "settled", `[{"person":"W","role":"worker","fine":50,"needs_decision":false}]`, ""},
		{"no worker", `{"worker":null,"foreman":"F","fine":50}`, []string{"beside=same"}, "settled", `[{"person":"F","role":"foreman","fine":50,"needs_decision":false}]`, "the foreman too: F foreman 50"},
		{"the fine does not matter", `{"worker":"W","foreman":"F"}`, []string{"beside=fixed:30"}, "settled", `[{"person":"W","role":"worker","fine":null,"needs_decision":false},{"person":"F","role":"foreman","fine":30,"needs_decision":false}]`, "W worker; F foreman 30"},
		{"not fined", `{"fined":false}`, nil, "settled", `[]`, ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			answer := askWarehouse(t, "joint", x.facts, x.readings...)
			assert.Equal(t, x.verdict, answer.Verdict)
			assert.JSONEq(t, `{"records":`+x.values+`}`, valuesOf(t, answer))
			assert.Contains(t, answer.Explain("en"), x.en)
			assert.Empty(t, answer.MissingFacts)
			assert.Equal(t, x.verdict == "open", answer.NeedsDecision)
		})
	}
	recorded := askWarehouse(t, "joint", both)
	assert.Equal(t, "joint_amount", recorded.Decisions[0].Code)
	assert.Contains(t, recorded.Explain("zh"), "班长连带：W 当事人 50；F 班长（金额待定）")

	for _, x := range []struct {
		facts    string
		readings []string
		lacks    []string
	}{
		{`{"foreman":"F","fine":50}`, nil, []string{"worker < damage.foreman_too"}},
		{`{"worker":"W","fine":50}`, nil, []string{"foreman < damage.foreman_too"}},
		{`{"worker":"W","foreman":"F"}`, []string{"beside=percent:25"}, []string{"fine < damage.foreman_too"}},
	} {
		answer := askWarehouse(t, "joint", x.facts, x.readings...)
		assert.Equal(t, "undetermined", answer.Verdict)
		assert.JSONEq(t, `{"records":null}`, valuesOf(t, answer))
		assert.Equal(t, x.lacks, missing(answer))
		assert.Empty(t, answer.Decisions)
	}

	answer := askWarehouse(t, "joint", `{"worker":"W","foreman":"F","fine":-5}`, "beside=same")
	require.NotNil(t, answer.Error)
	assert.Contains(t, answer.Failure().Message.EN, "fine is -5")
}

// entry is a record of the history; "?" leaves a field out.
func entry(id, pallet, accident, at, place, confirmed string, more ...string) string {
	text := fmt.Sprintf(`{"id":"%s","pallet":"%s","accident":"%s","at":"%sT10:00:00+08:00","place":"%s","confirmed":%s`, id, pallet, accident, at, place, confirmed)
	text += strings.Join(append([]string{""}, more...), ",") + "}"
	for _, gone := range []string{`"id":"?",`, `"pallet":"?",`, `"accident":"?",`, `"at":"?T10:00:00+08:00",`, `"place":"?",`, `,"confirmed":?`} {
		text = strings.Replace(text, gone, "", 1)
	}
	return text
}

func history(entries ...string) string { return `{"records":[` + strings.Join(entries, ",") + `]}` }

func TestHistoryForm(t *testing.T) {
	list := []string{
		entry("a", "p1", "x1", "2025-03-01", "shelf", "true"),
		entry("b", "p2", "x1", "2025-03-01", "shelf", "true"),
		entry("c", "p3", "x3", "2025-12-31", "shelf", "true"),
		entry("d", "p3", "x3", "2026-01-01", "hall", "true", `"paid":15`),
		entry("e", "p5", "x5", "2026-02-28", "shelf", "true"),
		entry("f", "p6", "x6", "2026-02-28", "shelf", "false"),
	}
	for _, x := range []struct {
		readings []string
		values   string
	}{
		{nil, `{"fines":{"a":10,"b":10,"c":0,"d":5,"e":10,"f":0},"total":35}`},
		{[]string{"climbing=each"}, `{"fines":{"a":10,"b":10,"c":20,"d":20,"e":10,"f":0},"total":70}`},
		{[]string{"climbing=each", "window=month"}, `{"fines":{"a":10,"b":10,"c":10,"d":20,"e":10,"f":0},"total":60}`},
		{[]string{"climbing=each", "window=rolling"}, `{"fines":{"a":10,"b":10,"c":20,"d":20,"e":20,"f":0},"total":80}`},
		{[]string{"climbing=each", "window=ever", "unit=record"}, `{"fines":{"a":10,"b":10,"c":20,"d":20,"e":20,"f":0},"total":80}`},
		{[]string{"climbing=each", "unit=accident"}, `{"fines":{"a":10,"b":0,"c":10,"d":20,"e":10,"f":0},"total":50}`},
	} {
		answer := askWarehouse(t, "history", history(list...), x.readings...)
		assert.Equal(t, "fines", answer.Verdict)
		assert.JSONEq(t, x.values, valuesOf(t, answer), x.readings)
		assert.Empty(t, answer.MissingFacts)
	}

	turned := askWarehouse(t, "history", history(list[5], list[4], list[3], list[2], list[1], list[0]))
	same := askWarehouse(t, "history", history(list...))
	assert.Equal(t, string(same.AppendJSON(nil, true)), string(turned.AppendJSON(nil, true)), "the order of the list is nobody's business")
	assert.Contains(t, same.Explain("en"), "history: a 10, b 10, c 0, d 5, e 10, f 0; total 35 (damage/5; reading again = no_more; reading climbing = highest; reading counting = apart; reading unit = pallet; reading window = year)")
	assert.Contains(t, same.Explain("zh"), "历次：a 10、b 10、c 0、d 5、e 10、f 0；合计 35（damage/5；")

	none := askWarehouse(t, "history", history())
	assert.Equal(t, "no_fine", none.Verdict)
	assert.JSONEq(t, `{"fines":{},"total":0}`, valuesOf(t, none))
}

func TestHistoryOpenRecords(t *testing.T) {
	third := entry("c", "p3", "x3", "2025-03-03", "shelf", "true")
	answer := askWarehouse(t, "history", history(
		entry("a", "p1", "x1", "2025-03-01", "shelf", "?"), entry("b", "p2", "x2", "2025-03-02", "shelf", "true"), third))
	assert.Equal(t, "undetermined", answer.Verdict)
	assert.JSONEq(t, `{"fines":{"a":null,"b":10,"c":null},"total":null}`, valuesOf(t, answer), "what a costs, and whether c is the third, is open; b is not")
	assert.Equal(t, []string{"records[0].confirmed < damage.record"}, missing(answer))
	assert.Empty(t, answer.Cites)

	answer = askWarehouse(t, "history", history(
		entry("a", "p1", "x1", "2024-12-31", "shelf", "true"), entry("b", "p2", "x2", "2025-03-02", "site", "?", `"paid":80`), third))
	assert.JSONEq(t, `{"fines":{"a":10,"b":0,"c":10},"total":20}`, valuesOf(t, answer))
	assert.Equal(t, "fines", answer.Verdict, "fined already: whether it counts changes nothing")
	assert.Empty(t, answer.MissingFacts)
	assert.Equal(t, []string{"damage/1", "damage/5"}, answer.Cites, "the article of the ladder, too")

	var open []string
	for i := range 9 {
		open = append(open, entry(fmt.Sprint("r", i), fmt.Sprint("p", i), "x", "2025-03-01", "site", "?"))
	}
	answer = askWarehouse(t, "history", history(open[:8]...))
	assert.Contains(t, valuesOf(t, answer), `"fines":{"r0":null,`, "eight can be thought through")
	answer = askWarehouse(t, "history", history(open...))
	assert.JSONEq(t, `{"fines":null,"total":null}`, valuesOf(t, answer), "nine are too many")
	assert.Len(t, answer.MissingFacts, 9)
}

func TestHistoryNotKnown(t *testing.T) {
	for _, x := range []struct {
		name, facts string
		readings    []string
		lacks       []string
	}{
		{"the records", `{}`, nil, []string{"records < damage.record"}},
		{"the id", history(entry("?", "p1", "x1", "2025-03-01", "shelf", "true")), nil, []string{"records[0].id < damage.record"}},
		{"the pallet", history(entry("a", "?", "x1", "2025-03-01", "shelf", "true")), nil, []string{"records[0].pallet < damage.record"}},
		{"the accident", history(entry("a", "p1", "?", "2025-03-01", "shelf", "true")), []string{"unit=accident"}, []string{"records[0].accident < damage.record"}},
		{"the time", history(entry("a", "p1", "x1", "?", "shelf", "true")), nil, []string{"records[0].at < damage.record"}},
		{"the place", history(entry("z", "p1", "x1", "2025-03-01", "shelf", "true"), entry("a", "p1", "x1", "2025-03-01", "?", "true")), nil, []string{"records[1].place < damage.record"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			answer := askWarehouse(t, "history", x.facts, x.readings...)
			assert.Equal(t, "undetermined", answer.Verdict)
			assert.JSONEq(t, `{"fines":null,"total":null}`, valuesOf(t, answer))
			assert.Equal(t, x.lacks, missing(answer))
			assert.Empty(t, answer.Steps("zh"))
		})
	}
	answer := askWarehouse(t, "history", history(entry("a", "?", "?", "?", "?", "false"), entry("b", "p1", "?", "2025-03-01", "shelf", "true")))
	assert.JSONEq(t, `{"fines":{"a":0,"b":10},"total":10}`, valuesOf(t, answer), "of what does not count, nothing need be known")
	assert.Empty(t, answer.MissingFacts)

	answer = askWarehouse(t, "history", history(entry("a", "p1", "x1", "2025-03-01", "shelf", "true"), entry("a", "p2", "x2", "2025-03-01", "shelf", "true")))
	require.NotNil(t, answer.Error)
	assert.Equal(t, "not_computable", answer.Failure().Code)
	assert.Contains(t, answer.Failure().Message.EN, "the id a occurs twice")
	assert.Contains(t, answer.Failure().Message.ZH, "编号 a 出现两次")
}

func TestFormMistakes(t *testing.T) {
	for _, x := range []struct{ code, old, new string }{
		{"ladder_first_row", "rows: [{from: 1, amount: 80}]", "rows: [{from: 2, amount: 80}]"},
		{"ladder_row_order", "{from: 2, amount: 40}", "{from: 1, amount: 40}"},
		{"ladder_not_on_scale", "rows: [{from: 1, amount: 80}]", "rows: [{from: 1, amount: 81}]"},
		{"ladder_scale_order", "scale: [0, 10, 20, 40, 80]", "scale: [0, 10, 20, 80, 40]"},
		{"ladder_no_rows", "rows: [{from: 1, amount: 80}]", "rows: []"},
		{"ladder_no_tiers", "tiers: {shelf: {rank: 1, earlier: earlier.shelf, rows: [{from: 1, amount: 10}]}}", "tiers: {}"},
		{"bad_factor", "effect_by: {by: effect, times: parameter, otherwise: none}", "effect_by: 0"},
		{"unknown_word", "site: {rank: 3, earlier", "yard: {rank: 3, earlier"},
		{"measure_bands", "grave: {rank: 3, mode", "grave: {rank: 2, mode"},
		{"measure_bands", "dismissal: {rank: 2}", "dismissal: {rank: 1}"},
		{"measure_bands", "options: {transfer: {rank: 1}, dismissal: {rank: 2}}", "options: {}"},
		{"measure_bands", "            bands:\n              minor: {rank: 1, mode: any_of, options: {warning: {rank: 2}, talk: {rank: 1}}}\n" +
			"              serious: {rank: 2, mode: all_of, options: {warning: {rank: 1}, course: {rank: 2}}}\n" +
			"              grave: {rank: 3, mode: one_of, options: {transfer: {rank: 1}, dismissal: {rank: 2}}}\n", "            bands: {}\n"},
		{"bad_weight", "direction: aggravating, claimed: '\"drunk\" in claims', weight: 2", "direction: aggravating, claimed: '\"drunk\" in claims', weight: 0"},
		{"bad_weight", "direction: aggravating, claimed: '\"drunk\" in claims', weight: 2", "direction: aggravating, claimed: '\"drunk\" in claims', weight: -1"},
		{"bad_weight", "direction: aggravating, claimed: '\"drunk\" in claims', weight: 2", "direction: aggravating, claimed: '\"drunk\" in claims', weight: 1001"},
		{"bad_share", "share_by: {by: beside, percent: parameter, fixed: parameter, otherwise: none}", "share_by: -1"},
		{"not_a_ladder", "ladder: damage_fine", "ladder: weighed"},
		{"unknown_rule", "ladder: damage_fine", "ladder: damage_fines"},
		{"ladder_rank_twice", "site: {rank: 3, earlier", "site: {rank: 2, earlier"},
		{"must_be_part", "owned_up: {zh: 承认, en: owned up, part_of: weighed,", "owned_up: {zh: 承认, en: owned up,"},
	} {
		t.Run(x.code, func(t *testing.T) {
			require.Contains(t, warehouse, x.old)
			_, err := rulebook.Parse("warehouse.yaml", []byte(strings.Replace(warehouse, x.old, x.new, 1)))
			var found diagnostic.List
			require.True(t, errors.As(err, &found), "%v", err)
			var codes []string
			for _, d := range found {
				codes = append(codes, d.Code)
				assert.NotEmpty(t, d.Remedy.ZH, d.Code)
				assert.NotEmpty(t, d.Remedy.EN, d.Code)
				assert.NotZero(t, d.Span.Start.Line)
			}
			assert.Contains(t, codes, x.code)
		})
	}
}
