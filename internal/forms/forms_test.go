package forms_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/forms"
	"github.com/servicerules/rulebook/policy"
)

// museum is a rulebook with rules of every form of this package.
const museum = `
rulebook:
  id: museum
  title: {zh: 博物馆约定, en: Terms of a museum}
  zone: Asia/Shanghai
  in_force: {from: 2020-01-01}
words:
  place: {hall: {zh: 展厅, en: hall}, garden: {zh: 花园, en: garden}, cellar: {zh: 地库, en: cellar}}
  visitor: {adult: {zh: 成人, en: adult}, child: {zh: 儿童, en: child}, guest: {zh: 来宾, en: guest}}
  manner: {shouting: {zh: 喊叫, en: shouting}, touching: {zh: 触摸, en: touching}, smoking: {zh: 吸烟, en: smoking}, whispering: {zh: 低语, en: whispering}}
  sign: {exit: {zh: 出口, en: exit}, prices: {zh: 票价, en: prices}, map: {zh: 地图, en: map}, phone: {zh: 电话, en: phone}, light: {zh: 灯, en: light}}
  step: {greet: {zh: 问候, en: greet}, show_way: {zh: 指路, en: show the way}, call_guide: {zh: 叫讲解员, en: call the guide}}
  breach_code: {not_admitted: {zh: 未放行, en: not admitted}, noise: {zh: 喧哗, en: noise}}
  side: {north: {zh: 北, en: north}, south: {zh: 南, en: south}, east: {zh: 东, en: east}}
  blocker: {closed: {zh: 已闭馆, en: closed}, full: {zh: 已满, en: full}, no_ticket: {zh: 无票, en: no ticket}}
  range: {within: {zh: 在内, en: within}, below: {zh: 低, en: below}, above: {zh: 高, en: above}, unassigned: {zh: 无人, en: nobody}}
  done: {done: {zh: 完成, en: done}}
facts:
  place: {zh: 地点, en: place, type: word, words: place}
  kind: {zh: 类别, en: kind, type: word, words: visitor}
  member: {zh: 会员, en: member, type: yes_no, if_absent: false}
  paid: {zh: 已付费, en: paid, type: yes_no, if_null: none}
  complained: {zh: 投诉, en: complained, type: yes_no}
  admitted: {zh: 已放行, en: admitted, type: yes_no}
  manners: {zh: 行为, en: manners, type: list, of: {type: word, words: manner}}
  offered: {zh: 已做, en: offered, type: list, of: {type: word, words: step}}
  guide: {zh: 讲解员, en: guide, type: name}
  keeper: {zh: 看护人, en: keeper, type: name}
  signs: {zh: 标牌, en: signs, type: list, of: {type: word, words: sign}}
  lit: {zh: 照明, en: lit, type: yes_no}
  rooms:
    zh: 展室
    en: rooms
    type: list
    of:
      type: record
      fields:
        name: {zh: 名称, en: name, type: name}
        signs: {zh: 标牌, en: signs, type: list, of: {type: word, words: sign}}
        lit: {zh: 照明, en: lit, type: yes_no}
  staff:
    zh: 员工
    en: staff
    type: list
    of:
      type: record
      fields:
        id: {zh: 编号, en: id, type: name}
        grade: {zh: 级别, en: grade, type: count}
        came_at: {zh: 到岗, en: came, type: moment, event: true, if_absent: unknown}
        on_duty: {zh: 当班, en: on duty, type: yes_no, if_absent: true}
  visitors: {zh: 人数, en: visitors, type: count}
  guards: {zh: 看守, en: guards, type: count}
  groups: {zh: 各团人数, en: groups, type: list, of: {type: count}}
  open: {zh: 开放, en: open, type: yes_no}
  evening: {zh: 晚间, en: evening, type: yes_no, if_absent: false}
readings:
  tie: {article: house/6, asks: {zh: 并列, en: a tie}, chosen: earliest, options: {earliest: {zh: 最早, en: earliest}, joint: {zh: 共同, en: joint}, open: {zh: 不定, en: open}}}
regulations:
  house:
    zh: 馆规
    en: House rules
    articles:
      "1":
        nature: scope
        title: {zh: 适用, en: Scope}
        text: {zh: 适用于馆内。, en: Inside the house.}
        scopes:
          in_hall: {zh: 展厅, en: in the hall, part_of: covered, when: place == "hall", holds: paid}
          in_garden: {zh: 花园, en: in the garden, part_of: covered, holds: place == "garden" and kind != "guest"}
      "1.1":
        nature: scope
        title: {zh: 会员, en: Members}
        text: {zh: 会员都适用。, en: Members always.}
        scopes:
          a_member: {zh: 会员, en: a member, part_of: covered, holds: member}
      "2":
        nature: threshold
        title: {zh: 票价, en: Prices}
        text: {zh: 各有票价。, en: Prices.}
        figures:
          adult_price: {zh: 成人票, en: adult's price, part_of: price, when: kind == "adult", is: 30 - 5 * 2}
          child_price: {zh: 儿童票, en: child's price, part_of: price, when: kind == "child" or member, is: 10}
          per_guard: {zh: 每人看守, en: visitors per guard, is: visitors / guards, quiet: true}
          busy: {zh: 繁忙, en: busy, is: per_guard.value > 20}
          hall_side: {zh: 展厅一侧, en: side of the hall, part_of: side_of, when: place == "hall", is: '"north"'}
          garden_side: {zh: 花园一侧, en: side of the garden, part_of: side_of, when: place == "garden", is: 'open ? "south" : "east"'}
        decisions:
          refund: {zh: 是否退票, en: whether to refund, when: complained}
      "3":
        nature: duty
        title: {zh: 义务, en: Duties}
        text: {zh: 义务。, en: Duties.}
        duties:
          admit:
            zh: 付费者应放行
            en: who has paid is admitted
            when: paid
            met: admitted
            breach: not_admitted
            liable: {guide: guide, keeper: keeper}
          admit_elsewhere: {zh: 放行, en: admission, met: admitted, breach: noise, breach_of: house/5}
          behave: {zh: 不得喧哗, en: no noise, when: place != "garden", observed: manners, prohibited: [shouting, touching]}
          behave_all: {zh: 安静, en: quiet, observed: manners, prohibited: [smoking, shouting], breach: noise}
          attend: {zh: 接待, en: attendance, when: kind == "guest", required: [greet, show_way], done: offered, breach: not_admitted, also_cites: [house/5]}
          may_attend: {zh: 可以叫讲解员, en: may call a guide, when: kind != "child", required: [call_guide], done: offered}
          may_admit: {zh: 可以放行, en: may admit, met: admitted}
      "4":
        nature: duty
        title: {zh: 标牌, en: Signs}
        text: {zh: 要有标牌。, en: Signs.}
        checklists:
          signs_needed:
            zh: 标牌
            en: signs
            part_of: signage
            present: signs
            items: {exit: {}, map: {when: place == "hall"}, phone: {article: house/5}}
          steps_needed:
            zh: 须做的事
            en: steps to take
            items: {greet: {}, show_way: {when: kind == "guest"}, call_guide: {when: complained}}
          lights:
            zh: 照明
            en: lights
            items: {light: {done: lit}, lamp: {done: open}}
          room_signs:
            zh: 各室标牌
            en: signs in every room
            each: rooms
            name: .name
            as: room
            present: .signs
            items: {exit: {}, light: {done: .lit}}
      "4.1":
        nature: duty
        title: {zh: 票价牌, en: Price signs}
        text: {zh: 要有票价牌。, en: Prices are shown.}
        checklists:
          prices_needed: {zh: 票价牌, en: price signs, part_of: signage, when: not evening, present: signs, items: {prices: {}}}
      "5":
        nature: procedure
        title: {zh: 进入, en: Entry}
        text: {zh: 进入。, en: Entry.}
        guards:
          must_be_open: {zh: 须开放, en: must be open, part_of: entry, blocks_if: not open, blocker: closed}
          must_have_room: {zh: 须有空位, en: must have room, part_of: entry, when: place == "hall", blocks_if: visitors >= 100, blocker: full}
          must_have_ticket: {zh: 须有票, en: must have a ticket, part_of: entry, when: not member, blocks_if: not paid, blocker: no_ticket}
      "6":
        nature: procedure
        title: {zh: 负责人, en: In charge}
        text: {zh: 级别最高者负责。, en: The highest grade is in charge.}
        assignments:
          in_charge:
            zh: 负责人
            en: in charge
            when: open
            among: staff
            eligible: .on_duty
            id: .id
            highest: .grade
            earliest: .came_at
            tie: {by: tie, earliest: earliest, joint: joint, open: undetermined}
          anyone: {zh: 任何人, en: anybody, among: staff, id: .id, highest: .grade, tie: joint}
        ranges:
          hall_load: {zh: 展厅负荷, en: load of the hall, part_of: load, when: place == "hall", value: visitors / guards, from: 5, to: 20}
          garden_load: {zh: 花园负荷, en: load of the garden, part_of: load, when: place == "garden" or member, value: visitors, from: 0, to: 200}
          group_size: {zh: 每团人数, en: size of groups, lowest: least(groups), highest: greatest(groups), from: 2, to: 10}
questions:
  covered:
    zh: 适用
    en: covered
    facts: [place, kind, member, paid]
    rules: [covered]
    verdict: {is: 'covered.holds ? "yes" : "no"', words: {"yes": {zh: 是, en: covered}, "no": {zh: 否, en: not covered}}}
    values: {holds: {zh: 成立, en: holds, is: covered.holds}, article: {zh: 条款, en: article, is: covered.article}}
  price:
    zh: 票价
    en: price
    facts: [kind, member]
    rules: [price]
    verdict: {is: 'price.value == null ? "free" : "priced"', words: {free: {zh: 免费, en: free}, priced: {zh: 收费, en: priced}}}
    values: {price: {zh: 票价, en: price, is: price.value}}
  busy:
    zh: 繁忙
    en: busy
    facts: [visitors, guards]
    rules: [busy]
    verdict: {is: 'busy.value ? "busy" : "calm"', words: {busy: {zh: 忙, en: busy}, calm: {zh: 闲, en: calm}}}
    values: {per_guard: {zh: 人均, en: per guard, is: per_guard.value}}
  side:
    zh: 方位
    en: side
    facts: [place, open]
    rules: [side_of]
    verdict: {is: side_of.value, if_none: nowhere, words: {north: {zh: 北, en: north}, south: {zh: 南, en: south}, east: {zh: 东, en: east}, nowhere: {zh: 无, en: nowhere}}}
    values: {side: {zh: 方位, en: side, is: side_of.value, words: side}}
  refund:
    zh: 退票
    en: refund
    facts: [complained]
    rules: [refund]
    verdict: {is: 'refund.needed ? "ask" : "no"', words: {ask: {zh: 请示, en: ask}, "no": {zh: 否, en: "no"}}}
    values: {}
  admit:
    zh: 放行
    en: admission
    facts: [paid, admitted, guide, keeper]
    rules: [admit]
    verdict: {is: 'admit.broken ? "broken" : "kept"', words: &kept {broken: {zh: 违反, en: broken}, kept: {zh: 做到, en: kept}}}
    values: {found: {zh: 各项, en: found, is: admit.found}}
  elsewhere:
    zh: 放行
    en: admission
    facts: [admitted]
    rules: [admit_elsewhere]
    verdict: {is: 'admit_elsewhere.broken ? "broken" : "kept"', words: *kept}
    values: {}
  behave:
    zh: 行为
    en: manners
    facts: [place, manners]
    rules: [behave, behave_all]
    verdict: {is: 'behave.broken or behave_all.broken ? "broken" : "kept"', words: *kept}
    values: {found: {zh: 各项, en: found, is: behave.found}}
  attend:
    zh: 接待
    en: attendance
    facts: [kind, offered]
    rules: [attend]
    verdict: {is: 'attend.broken ? "broken" : "kept"', words: *kept}
    values: {found: {zh: 各项, en: found, is: attend.found}}
  may:
    zh: 可以
    en: what may be done
    facts: [kind, offered, admitted]
    rules: [may_attend, may_admit]
    verdict: {is: 'may_attend.broken or may_admit.broken ? "broken" : "kept"', words: *kept}
    values: {found: {zh: 各项, en: found, is: may_attend.found}}
  signage:
    zh: 标牌
    en: signs
    facts: [place, signs, evening]
    rules: [signage]
    verdict: {is: 'signage.complete ? "all" : "some"', words: {all: {zh: 齐, en: all}, some: {zh: 缺, en: some}}}
    values: &list
      required: {zh: 须有, en: required, is: signage.required}
      required_count: {zh: 项数, en: how many, is: signage.required_count}
      present_count: {zh: 已有, en: present, is: signage.present_count}
      missing: {zh: 缺, en: missing, is: signage.missing}
      items: {zh: 缺项, en: items, is: signage.missing_items}
      articles: {zh: 条款, en: articles, is: signage.missing_articles}
      complete: {zh: 齐备, en: complete, is: signage.complete}
  steps:
    zh: 须做
    en: steps
    facts: [kind, complained]
    rules: [steps_needed]
    verdict: {is: '"done"', words: done}
    values: {required: {zh: 须做, en: required, is: steps_needed.required}, complete: {zh: 齐备, en: complete, is: steps_needed.complete}}
  lights:
    zh: 照明
    en: lights
    facts: [lit, open]
    rules: [lights]
    verdict: {is: 'lights.complete ? "all" : "some"', words: {all: {zh: 齐, en: all}, some: {zh: 缺, en: some}}}
    values: {missing: {zh: 缺, en: missing, is: lights.missing}, present_count: {zh: 已有, en: present, is: lights.present_count}}
  rooms:
    zh: 各室
    en: rooms
    facts: [rooms]
    rules: [room_signs]
    verdict: {is: 'room_signs.complete ? "all" : "some"', words: {all: {zh: 齐, en: all}, some: {zh: 缺, en: some}}}
    values:
      required_count: {zh: 项数, en: how many, is: room_signs.required_count}
      missing: {zh: 缺, en: missing, is: room_signs.missing}
      items: {zh: 缺项, en: items, is: room_signs.missing_items}
      gaps: {zh: 有缺的, en: gaps, is: room_signs.gaps}
  entry:
    zh: 进入
    en: entry
    facts: [open, place, visitors, member, paid]
    rules: [entry]
    verdict: {is: 'entry.allowed ? "allowed" : "blocked"', words: {allowed: {zh: 可, en: allowed}, blocked: {zh: 不可, en: blocked}}}
    values: {blockers: {zh: 原因, en: blockers, is: entry.blockers, words: blocker}}
  in_charge:
    zh: 负责人
    en: in charge
    facts: [open, staff]
    rules: [in_charge]
    verdict: {is: 'in_charge.undetermined ? "open" : "settled"', words: {open: {zh: 未定, en: open}, settled: {zh: 已定, en: settled}}}
    values:
      chosen: {zh: 负责人, en: chosen, is: in_charge.chosen}
      candidates: {zh: 并列, en: candidates, is: in_charge.candidates}
      contenders: {zh: 人数, en: contenders, is: in_charge.contenders}
  anyone:
    zh: 任何人
    en: anybody
    facts: [staff]
    rules: [anyone]
    verdict: {is: 'anyone.undetermined ? "open" : "settled"', words: {open: {zh: 未定, en: open}, settled: {zh: 已定, en: settled}}}
    values: {chosen: {zh: 负责人, en: chosen, is: anyone.chosen}, candidates: {zh: 并列, en: candidates, is: anyone.candidates}}
  load:
    zh: 负荷
    en: load
    facts: [place, member, visitors, guards]
    rules: [load]
    verdict: {is: load.status, if_none: nowhere, words: {within: {zh: 在内, en: within}, below: {zh: 低, en: below}, above: {zh: 高, en: above}, unassigned: {zh: 无人, en: nobody}, nowhere: {zh: 无, en: nowhere}}}
    values: {value: {zh: 值, en: value, is: load.value}}
  groups:
    zh: 各团
    en: groups
    facts: [groups]
    rules: [group_size]
    verdict: {is: group_size.status, words: range}
    values: {lowest: {zh: 最少, en: lowest, is: group_size.value}}
`

// withoutAnchors writes the short-hand of the text out, which rules files may
// not have.
func withoutAnchors(text string) string {
	const kept = "{broken: {zh: 违反, en: broken}, kept: {zh: 做到, en: kept}}"
	return strings.NewReplacer("&kept ", "", "*kept", kept, " &list", "").Replace(text)
}

var openMuseum = sync.OnceValues(func() (*rulebook.Book, error) {
	return rulebook.Parse("museum.yaml", []byte(withoutAnchors(museum)))
})

// visit asks the museum, under readings written as "key=option".
func visit(t testing.TB, question, facts string, readings ...string) *rulebook.Answer {
	t.Helper()
	book, err := openMuseum()
	require.NoError(t, err)
	return ask(t, book, question, facts, readings...)
}

func broken(a *rulebook.Answer) []string {
	var all []string
	for _, b := range a.Breaches {
		all = append(all, b.String())
	}
	return all
}

func TestEveryFormIsDocumented(t *testing.T) {
	names := map[string]bool{}
	for _, f := range forms.All() {
		assert.False(t, names[f.Name], f.Name)
		names[f.Name] = true
		assert.NotEmpty(t, f.Section)
		assert.NotEmpty(t, f.Doc.ZH)
		assert.NotEmpty(t, f.Doc.EN)
		var fields func(list []policy.Field)
		fields = func(list []policy.Field) {
			for _, x := range list {
				assert.NotEmpty(t, x.Doc.ZH, "%s.%s", f.Name, x.Name)
				assert.NotEmpty(t, x.Doc.EN, "%s.%s", f.Name, x.Name)
				assert.Equal(t, x.Kind == policy.Option, len(x.Words) > 0, "%s.%s", f.Name, x.Name)
				fields(x.Fields)
			}
		}
		fields(f.Fields)
		for _, o := range f.Outputs {
			assert.NotEmpty(t, o.Type, "%s.%s", f.Name, o.Name)
			assert.NotEmpty(t, o.Doc.ZH, "%s.%s", f.Name, o.Name)
			assert.NotEmpty(t, o.Doc.EN, "%s.%s", f.Name, o.Name)
		}
	}
	for _, name := range []string{"scope", "figure", "decision", "duty", "checklist", "assignment", "guard", "range", "clock", "ladder", "indicator"} {
		assert.True(t, names[name], name)
	}
	common := policy.CommonFields()
	common[0].Name = "changed"
	assert.Equal(t, "zh", policy.CommonFields()[0].Name, "a copy")
}

func TestScopeForm(t *testing.T) {
	for _, x := range []struct {
		facts, verdict, values string
		lacks, cites           []string
		en                     string
	}{
		{`{"place":"hall","paid":true}`, "yes", `{"holds":true,"article":"house/1"}`, nil, []string{"house/1", "house/1.1"}, "in the hall: holds: paid is yes (house/1)\nin the garden: does not hold: place is hall, not garden (house/1)\na member: does not hold: member is no (house/1.1)"},
		{`{"place":"hall","paid":false}`, "no", `{"holds":false,"article":null}`, nil, nil, "in the hall: does not hold: paid is no"},
		{`{"place":"hall","paid":null}`, "no", `{"holds":false,"article":null}`, nil, nil, "in the hall: does not hold"},
		{`{"place":"garden","kind":"adult"}`, "yes", `{"holds":true,"article":"house/1"}`, nil, nil, "in the garden: holds: "},
		{`{"place":"cellar","member":true}`, "yes", `{"holds":true,"article":"house/1.1"}`, nil, []string{"house/1", "house/1.1"}, "a member: holds: member is yes (house/1.1)"},
		{`{"place":"cellar"}`, "no", `{"holds":false,"article":null}`, nil, nil, ""},
		{`{"place":"hall"}`, "undetermined", `{"holds":null,"article":null}`, []string{"paid < house.covered"}, nil, ""},
		{`{}`, "undetermined", `{"holds":null,"article":null}`, []string{"place < house.covered", "kind < house.covered", "paid < house.covered"}, nil, ""},
		{`{"member":true}`, "yes", `{"holds":true,"article":"house/1.1"}`, nil, nil, ""},
		{`{"place":"garden"}`, "undetermined", `{"holds":null,"article":null}`, []string{"kind < house.covered"}, nil, ""},
	} {
		t.Run(x.facts, func(t *testing.T) {
			answer := visit(t, "covered", x.facts)
			assert.Equal(t, x.verdict, answer.Verdict)
			assert.JSONEq(t, x.values, valuesOf(t, answer))
			assert.Equal(t, x.lacks, missing(answer))
			if x.cites != nil {
				assert.Equal(t, x.cites, answer.Cites)
			}
			assert.Contains(t, answer.Explain("en"), x.en)
		})
	}
	zh := visit(t, "covered", `{"place":"hall","paid":true}`).Explain("zh")
	assert.Equal(t, "展厅：成立：已付费为是（house/1）\n花园：不成立：地点为展厅，不是花园（house/1）\n会员：不成立：会员为否（house/1.1）", zh)
}

func TestFigureForm(t *testing.T) {
	adult := visit(t, "price", `{"kind":"adult"}`)
	assert.JSONEq(t, `{"price":20}`, valuesOf(t, adult))
	assert.Equal(t, "adult's price: 20 (house/2)", adult.Explain("en"))
	assert.Equal(t, "成人票：20（house/2）", adult.Explain("zh"))
	assert.Equal(t, []string{"house.adult_price"}, adult.Rules)

	assert.JSONEq(t, `{"price":10}`, valuesOf(t, visit(t, "price", `{"kind":"child"}`)))
	member := visit(t, "price", `{"member":true}`)
	assert.JSONEq(t, `{"price":10}`, valuesOf(t, member), "whoever it is, a member pays as a child")
	assert.Empty(t, member.MissingFacts)

	none := visit(t, "price", `{"kind":"guest"}`)
	assert.Equal(t, "free", none.Verdict)
	assert.JSONEq(t, `{"price":null}`, valuesOf(t, none))
	assert.Empty(t, none.Rules)

	open := visit(t, "price", `{}`)
	assert.Equal(t, "undetermined", open.Verdict)
	assert.Equal(t, []string{"kind < house.price"}, missing(open))

	both := visit(t, "price", `{"kind":"adult","member":true}`)
	require.NotNil(t, both.Error)
	assert.Equal(t, "not_computable", both.Failure().Code)
	assert.Equal(t, "this cannot be computed: both house.adult_price and house.child_price apply; only one of the group may [not_computable] → give one of them a condition (when) in the rulebook", both.Error.Error())

	busy := visit(t, "busy", `{"visitors":41,"guards":2}`)
	assert.Equal(t, "busy", busy.Verdict)
	assert.JSONEq(t, `{"per_guard":"41/2"}`, valuesOf(t, busy))
	assert.Equal(t, "busy: yes: visitors per guard is 41/2, more than 20 (house/2)", busy.Explain("en"), "a quiet figure says nothing")
	assert.Equal(t, []string{"house.per_guard", "house.busy"}, busy.Rules)
	assert.Equal(t, "calm", visit(t, "busy", `{"visitors":40,"guards":2}`).Verdict)
	nobody := visit(t, "busy", `{"visitors":40,"guards":0}`)
	assert.JSONEq(t, `{"per_guard":null}`, valuesOf(t, nobody))
	assert.Equal(t, "undetermined", nobody.Verdict, "nothing can be said of a ratio that does not exist")
	assert.Empty(t, nobody.MissingFacts)
	assert.Equal(t, "a person must decide: visitors per guard cannot be computed: guards is 0, and nothing can be divided by it", nobody.Explain("en"))
	assert.Equal(t, "须由人决定：每人看守无法计算：看守为 0，不能作除数", nobody.Explain("zh"))
	assert.Equal(t, []string{"guards < house.per_guard"}, missing(visit(t, "busy", `{"visitors":40}`)), "what another rule needs is named with that rule")
}

func TestFigureOfWords(t *testing.T) {
	hall := visit(t, "side", `{"place":"hall"}`)
	assert.Equal(t, "north", hall.Verdict)
	assert.Equal(t, "side of the hall: north (house/2)", hall.Explain("en"))
	assert.Equal(t, "south", visit(t, "side", `{"place":"garden","open":true}`).Verdict)
	assert.Equal(t, "east", visit(t, "side", `{"place":"garden","open":false}`).Verdict)
	assert.Equal(t, "nowhere", visit(t, "side", `{"place":"cellar"}`).Verdict)
	open := visit(t, "side", `{"place":"garden"}`)
	assert.Equal(t, "undetermined", open.Verdict)
	assert.Equal(t, []string{"open < house.side_of"}, missing(open))
}

func TestDecisionForm(t *testing.T) {
	asked := visit(t, "refund", `{"complained":true}`)
	assert.Equal(t, "ask", asked.Verdict)
	assert.True(t, asked.NeedsDecision)
	assert.Equal(t, []policy.Decision{{Code: "refund", Rule: "house.refund", Label: policy.Text{ZH: "是否退票", EN: "whether to refund"}}}, asked.Decisions)
	assert.Equal(t, "a person must decide: whether to refund", asked.Explain("en"))
	assert.Equal(t, "须由人决定：是否退票", asked.Explain("zh"))

	no := visit(t, "refund", `{"complained":false}`)
	assert.Equal(t, "no", no.Verdict)
	assert.False(t, no.NeedsDecision)
	assert.Empty(t, no.Explain("zh"))

	open := visit(t, "refund", `{}`)
	assert.Equal(t, "undetermined", open.Verdict)
	assert.False(t, open.NeedsDecision)
	assert.Equal(t, []string{"complained < house.refund"}, missing(open))
}

func TestDutyMet(t *testing.T) {
	kept := visit(t, "admit", `{"paid":true,"admitted":true}`)
	assert.Equal(t, "kept", kept.Verdict)
	assert.Equal(t, "who has paid is admitted: kept: admitted is yes (house/3)", kept.Explain("en"))
	assert.Empty(t, kept.Liable)

	late := visit(t, "admit", `{"paid":true,"admitted":false,"guide":"Mei"}`)
	assert.Equal(t, "broken", late.Verdict)
	assert.Equal(t, []policy.Breach{{Article: "house/3", Code: "not_admitted", Rule: "house.admit", Label: policy.Text{ZH: "未放行", EN: "not admitted"}}}, late.Breaches)
	assert.Equal(t, []policy.Liable{{Role: "guide", Person: "Mei"}, {Role: "keeper"}}, late.Liable, "that nobody knows the keeper does not undo the breach")
	assert.Empty(t, late.MissingFacts)
	assert.Equal(t, "付费者应放行：违反：已放行为否（house/3）", late.Explain("zh"))
	assert.JSONEq(t, `{"found":[]}`, valuesOf(t, late))

	free := visit(t, "admit", `{"paid":false}`)
	assert.Equal(t, "kept", free.Verdict)
	assert.Empty(t, free.Cites)
	assert.Empty(t, free.Explain("en"))

	for facts, lacks := range map[string][]string{
		`{"paid":true}`:      {"admitted < house.admit"},
		`{"admitted":false}`: {"paid < house.admit"},
	} {
		open := visit(t, "admit", facts)
		assert.Equal(t, "undetermined", open.Verdict, facts)
		assert.Equal(t, lacks, missing(open))
		assert.Empty(t, open.Breaches)
		assert.Empty(t, open.Liable)
	}
	admitted := visit(t, "admit", `{"admitted":true}`)
	assert.Equal(t, "kept", admitted.Verdict, "whether he paid or not")
	assert.Empty(t, admitted.MissingFacts)

	elsewhere := visit(t, "elsewhere", `{"admitted":false}`)
	assert.Equal(t, []string{"house/5#noise"}, broken(elsewhere))
	assert.Equal(t, []string{"house/3", "house/5"}, elsewhere.Cites)
	assert.Equal(t, policy.Text{ZH: "喧哗", EN: "noise"}, elsewhere.Breaches[0].Label)
}

func TestDutyProhibits(t *testing.T) {
	answer := visit(t, "behave", `{"place":"hall","manners":["whispering","touching","shouting"]}`)
	assert.Equal(t, "broken", answer.Verdict)
	assert.Equal(t, []string{"house/3#noise:shouting", "house/3#shouting", "house/3#touching"}, broken(answer), "in canonical order")
	assert.Equal(t, policy.Text{ZH: "喧哗：喊叫", EN: "noise: shouting"}, answer.Breaches[0].Label)
	assert.Equal(t, policy.Text{ZH: "触摸", EN: "touching"}, answer.Breaches[2].Label)
	assert.JSONEq(t, `{"found":["shouting","touching"]}`, valuesOf(t, answer))
	assert.Equal(t, "no noise: broken: shouting, touching (house/3)\nquiet: broken: shouting (house/3)", answer.Explain("en"))
	assert.Equal(t, "不得喧哗：违反：喊叫、触摸（house/3）\n安静：违反：喊叫（house/3）", answer.Explain("zh"))

	quiet := visit(t, "behave", `{"place":"hall","manners":["whispering"]}`)
	assert.Equal(t, "kept", quiet.Verdict)
	assert.Equal(t, "no noise: kept: found none of shouting, touching (house/3)\nquiet: kept: found none of smoking, shouting (house/3)", quiet.Explain("en"))

	outside := visit(t, "behave", `{"place":"garden","manners":["touching"]}`)
	assert.Equal(t, "kept", outside.Verdict)
	assert.JSONEq(t, `{"found":[]}`, valuesOf(t, outside))

	unseen := visit(t, "behave", `{"place":"hall"}`)
	assert.Equal(t, "undetermined", unseen.Verdict)
	assert.Equal(t, []string{"manners < house.behave", "manners < house.behave_all"}, missing(unseen))
	assert.JSONEq(t, `{"found":null}`, valuesOf(t, unseen))

	somewhere := visit(t, "behave", `{"manners":["touching"]}`)
	assert.Equal(t, "undetermined", somewhere.Verdict)
	assert.JSONEq(t, `{"found":null}`, valuesOf(t, somewhere), "whether it was forbidden there is open")
	assert.Equal(t, []string{"place < house.behave"}, missing(somewhere))
	assert.Empty(t, somewhere.Breaches)
}

func TestDutyRequires(t *testing.T) {
	answer := visit(t, "attend", `{"kind":"guest","offered":["call_guide"]}`)
	assert.Equal(t, []string{"house/3#not_admitted:greet", "house/3#not_admitted:show_way"}, broken(answer))
	assert.JSONEq(t, `{"found":["greet","show_way"]}`, valuesOf(t, answer))
	assert.Equal(t, []string{"house/3", "house/5"}, answer.Cites, "also_cites")
	assert.Equal(t, "attendance: broken: not done: greet, show the way (house/3)", answer.Explain("en"))

	assert.Equal(t, []string{"house/3#not_admitted:show_way"}, broken(visit(t, "attend", `{"kind":"guest","offered":["greet"]}`)))
	assert.Equal(t, "kept", visit(t, "attend", `{"kind":"guest","offered":["show_way","greet"]}`).Verdict)
	assert.Equal(t, "kept", visit(t, "attend", `{"kind":"child","offered":[]}`).Verdict)
	assert.Equal(t, "undetermined", visit(t, "attend", `{"offered":[]}`).Verdict)
}

func TestPermission(t *testing.T) {
	not := visit(t, "may", `{"kind":"adult","offered":[],"admitted":false}`)
	assert.Equal(t, "kept", not.Verdict)
	assert.Empty(t, not.Breaches)
	assert.Equal(t, "may call a guide: not done (optional): call the guide (house/3)\nmay admit: not done (optional): admitted is no (house/3)", not.Explain("en"))
	assert.Equal(t, "可以叫讲解员：未做（可做可不做）：叫讲解员（house/3）\n可以放行：未做（可做可不做）：已放行为否（house/3）", not.Explain("zh"))

	did := visit(t, "may", `{"kind":"adult","offered":["call_guide"],"admitted":true}`)
	assert.Equal(t, "may call a guide: kept: done: call the guide (house/3)\nmay admit: kept: admitted is yes (house/3)", did.Explain("en"))

	open := visit(t, "may", `{"kind":"adult"}`)
	assert.Equal(t, "kept", open.Verdict, "nobody breaks what he merely may do")
	assert.JSONEq(t, `{"found":null}`, valuesOf(t, open))
	assert.Equal(t, []string{"offered < house.may_attend"}, missing(open))
	assert.Equal(t, "missing fact: offered, needed by: may call a guide", open.Explain("en"), "nothing is told that is not known")
}

func TestChecklist(t *testing.T) {
	full := visit(t, "signage", `{"place":"hall","signs":["map","exit","phone","prices"]}`)
	assert.JSONEq(t, `{"required":["exit","map","phone","prices"],"required_count":4,"present_count":4,"missing":[],"items":[],"articles":[],"complete":true}`, valuesOf(t, full))
	assert.Equal(t, "signs: complete (house/4)\nprice signs: complete (house/4.1)", full.Explain("en"))

	lacks := visit(t, "signage", `{"place":"hall","signs":["exit"]}`)
	assert.JSONEq(t, `{"required":["exit","map","phone","prices"],"required_count":4,"present_count":1,"missing":["map","phone","prices"],
		"items":[{"item":"map","article":"house/4"},{"item":"phone","article":"house/5"},{"item":"prices","article":"house/4.1"}],
		"articles":["house/4","house/5","house/4.1"],"complete":false}`, valuesOf(t, lacks))
	assert.Equal(t, "signs: missing: map, phone (house/4)\nprice signs: missing: prices (house/4.1)", lacks.Explain("en"))
	assert.Equal(t, "标牌：缺 地图、电话（house/4）\n票价牌：缺 票价（house/4.1）", lacks.Explain("zh"))

	evening := visit(t, "signage", `{"place":"garden","evening":true,"signs":["exit","phone"]}`)
	assert.JSONEq(t, `{"required":["exit","phone"],"required_count":2,"present_count":2,"missing":[],"items":[],"articles":[],"complete":true}`, valuesOf(t, evening))
	assert.Equal(t, []string{"house/4"}, evening.Cites)

	for _, x := range []struct{ facts, verdict, values, lacks string }{
		{`{"signs":["exit"]}`, "some", `{"required":null,"required_count":null,"present_count":null,"missing":null,"items":null,"articles":null,"complete":false}`, "place"},
		{`{"signs":["exit","phone","prices"]}`, "undetermined", `{"required":null,"required_count":null,"present_count":null,"missing":null,"items":null,"articles":null,"complete":null}`, "place"},
		{`{"place":"garden"}`, "undetermined", `{"required":["exit","phone","prices"],"required_count":3,"present_count":null,"missing":null,"items":null,"articles":null,"complete":null}`, "signs"},
		{`{"place":"garden","evening":null,"signs":["exit","phone"]}`, "some", `{"required":["exit","phone","prices"],"required_count":3,"present_count":2,"missing":["prices"],"items":[{"item":"prices","article":"house/4.1"}],"articles":["house/4.1"],"complete":false}`, ""},
	} {
		answer := visit(t, "signage", x.facts)
		assert.Equal(t, x.verdict, answer.Verdict, x.facts)
		assert.JSONEq(t, x.values, valuesOf(t, answer), x.facts)
		if x.lacks == "" {
			assert.Empty(t, answer.MissingFacts, x.facts)
		} else {
			assert.Equal(t, []string{x.lacks + " < house.signage"}, missing(answer), x.facts)
		}
	}
}

func TestChecklistOfSteps(t *testing.T) {
	answer := visit(t, "steps", `{"kind":"guest","complained":false}`)
	assert.JSONEq(t, `{"required":["greet","show_way"],"complete":false}`, valuesOf(t, answer))
	assert.Equal(t, "steps to take: required: greet, show the way (house/4)", answer.Explain("en"))
	assert.Equal(t, "须做的事：须做：问候、指路（house/4）", answer.Explain("zh"))
	open := visit(t, "steps", `{"kind":"guest"}`)
	assert.JSONEq(t, `{"required":null,"complete":false}`, valuesOf(t, open))
	assert.Equal(t, []string{"complained < house.steps_needed"}, missing(open))
}

func TestChecklistOfConditions(t *testing.T) {
	assert.JSONEq(t, `{"missing":["light"],"present_count":1}`, valuesOf(t, visit(t, "lights", `{"lit":false,"open":true}`)))
	open := visit(t, "lights", `{"lit":false}`)
	assert.Equal(t, "some", open.Verdict, "one is missing for certain")
	assert.JSONEq(t, `{"missing":null,"present_count":null}`, valuesOf(t, open))
	assert.Equal(t, []string{"open < house.lights"}, missing(open))
	all := visit(t, "lights", `{"lit":true,"open":true}`)
	assert.Equal(t, "all", all.Verdict)
	assert.Equal(t, "lights: complete (house/4)", all.Explain("en"))
}

func TestChecklistOfEach(t *testing.T) {
	room := func(name, signs, lit string) string {
		return `{"name":"` + name + `","signs":` + signs + `,"lit":` + lit + `}`
	}
	answer := visit(t, "rooms", `{"rooms":[`+room("blue", `["map"]`, "true")+`,`+room("azure", `["exit"]`, "true")+`,`+room("cyan", `[]`, "false")+`]}`)
	assert.Equal(t, "some", answer.Verdict)
	assert.JSONEq(t, `{"required_count":6,"missing":["exit","exit","light"],
		"items":[{"room":"blue","item":"exit"},{"room":"cyan","item":"exit"},{"room":"cyan","item":"light"}],
		"gaps":[{"room":"blue","missing":["exit"]},{"room":"cyan","missing":["exit","light"]}]}`, valuesOf(t, answer))
	assert.Equal(t, "signs in every room: missing: blue exit, cyan exit, light (house/4)", answer.Explain("en"))
	assert.Equal(t, "各室标牌：缺 blue 出口、cyan 出口、灯（house/4）", answer.Explain("zh"))

	all := visit(t, "rooms", `{"rooms":[`+room("blue", `["exit"]`, "true")+`]}`)
	assert.Equal(t, "all", all.Verdict)
	assert.Equal(t, "signs in every room: nothing is missing anywhere (house/4)", all.Explain("en"))
	assert.JSONEq(t, `{"required_count":0,"missing":[],"items":[],"gaps":[]}`, valuesOf(t, visit(t, "rooms", `{"rooms":[]}`)))

	open := visit(t, "rooms", `{"rooms":[`+room("blue", `["exit"]`, "true")+`,{"name":"azure","signs":["exit"]}]}`)
	assert.Equal(t, "undetermined", open.Verdict)
	assert.JSONEq(t, `{"required_count":4,"missing":null,"items":null,"gaps":null}`, valuesOf(t, open))
	assert.Equal(t, []string{"rooms[1].lit < house.room_signs"}, missing(open), "the place that it had when it was given")

	unlisted := visit(t, "rooms", `{}`)
	assert.JSONEq(t, `{"required_count":null,"missing":null,"items":null,"gaps":null}`, valuesOf(t, unlisted))
	assert.Equal(t, []string{"rooms < house.room_signs"}, missing(unlisted))
}

func TestGuardForm(t *testing.T) {
	for _, x := range []struct {
		facts, verdict, blockers string
		lacks                    []string
		en                       string
	}{
		{`{"open":true,"place":"hall","visitors":99,"paid":true}`, "allowed", `[]`, nil, "must be open: does not block: open is yes (house/5)\nmust have room: does not block: visitors is 99, less than 100 (house/5)\nmust have a ticket: does not block: paid is yes (house/5)"},
		{`{"open":false,"place":"hall","visitors":100,"paid":false}`, "blocked", `["closed","full","no_ticket"]`, nil, "must be open: blocks: open is no (house/5)\nmust have room: blocks: "},
		{`{"open":true,"place":"garden","member":true}`, "allowed", `[]`, nil, ""},
		{`{"open":true,"place":"hall","visitors":1}`, "undetermined", `null`, []string{"paid < house.entry"}, ""},
		{`{"open":false,"place":"hall","visitors":1}`, "blocked", `["closed"]`, []string{"paid < house.entry"}, ""},
		{`{"open":true,"visitors":99,"paid":true}`, "allowed", `[]`, nil, ""},
		{`{"open":true,"visitors":100,"paid":true}`, "undetermined", `null`, []string{"place < house.entry"}, ""},
		{`{"open":true,"place":"garden","paid":null}`, "blocked", `["no_ticket"]`, nil, ""},
	} {
		t.Run(x.facts, func(t *testing.T) {
			answer := visit(t, "entry", x.facts)
			assert.Equal(t, x.verdict, answer.Verdict)
			assert.JSONEq(t, `{"blockers":`+x.blockers+`}`, valuesOf(t, answer))
			assert.Equal(t, x.lacks, missing(answer))
			assert.Contains(t, answer.Explain("en"), x.en)
		})
	}
	assert.Contains(t, visit(t, "entry", `{"open":false,"place":"garden","paid":true}`).Explain("zh"), "须开放：阻止：开放为否（house/5）\n须有票：不阻止：已付费为是（house/5）")
}

func TestAssignmentForm(t *testing.T) {
	person := func(id string, grade int, came string, more ...string) string {
		text, _ := json.Marshal(map[string]any{"id": id, "grade": grade, "came_at": "2025-03-09T" + came + ":00+08:00"})
		return strings.TrimSuffix(string(text), "}") + strings.Join(append([]string{""}, more...), ",") + "}"
	}
	staff := func(all ...string) string { return `{"open":true,"staff":[` + strings.Join(all, ",") + `]}` }
	for _, x := range []struct {
		name, facts     string
		readings        []string
		verdict, values string
		en              string
	}{
		{"the highest", staff(person("Ann", 1, "08:00"), person("Bo", 3, "09:00"), person("Cy", 2, "07:00")), nil, "settled", `{"chosen":"Bo","candidates":["Bo"],"contenders":3}`, "in charge: Bo, of 3 (house/6; reading tie = earliest)"},
		{"the earliest of two", staff(person("Ann", 3, "08:00"), person("Bo", 3, "07:59"), person("Cy", 2, "07:00")), nil, "settled", `{"chosen":"Bo","candidates":["Bo"],"contenders":3}`, ""},
		{"a full tie", staff(person("Bo", 3, "08:00"), person("Ann", 3, "08:00")), nil, "open", `{"chosen":null,"candidates":["Ann","Bo"],"contenders":2}`, "in charge: a tie that stays open: Ann, Bo"},
		{"both", staff(person("Bo", 3, "08:00"), person("Ann", 3, "07:00")), []string{"tie=joint"}, "settled", `{"chosen":null,"candidates":["Ann","Bo"],"contenders":2}`, "in charge: all answer: Ann, Bo (house/6; reading tie = joint)"},
		{"left open", staff(person("Bo", 3, "08:00"), person("Ann", 3, "07:00")), []string{"tie=open"}, "open", `{"chosen":null,"candidates":["Ann","Bo"],"contenders":2}`, ""},
		{"off duty", staff(person("Bo", 3, "08:00", `"on_duty":false`), person("Ann", 1, "08:00")), nil, "settled", `{"chosen":"Ann","candidates":["Ann"],"contenders":1}`, "in charge: Ann, of 1"},
		{"nobody", staff(person("Bo", 3, "08:00", `"on_duty":false`)), nil, "open", `{"chosen":null,"candidates":[],"contenders":0}`, "in charge: nobody is eligible (house/6"},
		{"closed", `{"open":false,"staff":[]}`, nil, "settled", `{"chosen":null,"candidates":[],"contenders":0}`, ""},
		{"the only one, whatever his grade", `{"open":true,"staff":[{"id":"Ann"}]}`, nil, "settled", `{"chosen":"Ann","candidates":["Ann"],"contenders":1}`, ""},
		{"when he came does not matter", staff(person("Ann", 1, "08:00"), `{"id":"Bo","grade":2}`), nil, "settled", `{"chosen":"Bo","candidates":["Bo"],"contenders":2}`, ""},
		{"nor under another reading", staff(person("Ann", 2, "08:00"), `{"id":"Bo","grade":2}`), []string{"tie=joint"}, "settled", `{"chosen":null,"candidates":["Ann","Bo"],"contenders":2}`, ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			answer := visit(t, "in_charge", x.facts, x.readings...)
			assert.Equal(t, x.verdict, answer.Verdict)
			assert.JSONEq(t, x.values, valuesOf(t, answer))
			assert.Contains(t, answer.Explain("en"), x.en)
			assert.Empty(t, answer.MissingFacts)
		})
	}
	assert.Equal(t, "负责人：3 人中为 Bo（house/6；读法 tie = earliest）", visit(t, "in_charge", staff(person("Ann", 1, "08:00"), person("Bo", 3, "09:00"), person("Cy", 2, "07:00"))).Explain("zh"))

	for _, x := range []struct {
		name, facts string
		lacks       []string
	}{
		{"the list", `{"open":true}`, []string{"staff < house.in_charge"}},
		{"whether it applies", `{"staff":[` + person("Ann", 1, "08:00") + `]}`, []string{"open < house.in_charge"}},
		{"a grade", staff(person("Ann", 1, "08:00"), `{"id":"Bo","came_at":"2025-03-09T09:00:00+08:00"}`), []string{"staff[1].grade < house.in_charge"}},
		{"when one of two came", staff(person("Zoe", 2, "08:00"), `{"id":"Bo","grade":2}`), []string{"staff[1].came_at < house.in_charge"}},
		{"whether one is on duty", staff(person("Zoe", 2, "08:00"), person("Ann", 1, "08:00", `"on_duty":null`)), nil},
		{"who it is", staff(`{"grade":2,"came_at":"2025-03-09T09:00:00+08:00"}`), []string{"staff[0].id < house.in_charge"}},
	} {
		t.Run("not known: "+x.name, func(t *testing.T) {
			answer := visit(t, "in_charge", x.facts)
			if x.lacks == nil { // null is the declared default
				assert.Equal(t, "settled", answer.Verdict)
				return
			}
			assert.Equal(t, "undetermined", answer.Verdict)
			assert.JSONEq(t, `{"chosen":null,"candidates":null,"contenders":null}`, valuesOf(t, answer))
			for _, l := range x.lacks {
				assert.Contains(t, missing(answer), l)
			}
		})
	}

	anyone := visit(t, "anyone", `{"staff":[`+person("Bo", 3, "08:00", `"on_duty":false`)+`,`+person("Ann", 3, "09:00")+`]}`)
	assert.JSONEq(t, `{"chosen":null,"candidates":["Ann","Bo"]}`, valuesOf(t, anyone))
	assert.Equal(t, "settled", anyone.Verdict)
}

func TestAssignmentEligibilityNotKnown(t *testing.T) {
	book, err := rulebook.Parse("museum.yaml", []byte(strings.Replace(withoutAnchors(museum), "en: on duty, type: yes_no, if_absent: true", "en: on duty, type: yes_no", 1)))
	require.NoError(t, err)
	answer := ask(t, book, "in_charge", `{"open":true,"staff":[{"id":"Zoe","grade":2,"on_duty":true},{"id":"Ann","grade":1}]}`)
	assert.Equal(t, "undetermined", answer.Verdict)
	assert.Equal(t, []string{"staff[1].on_duty < house.in_charge"}, missing(answer))
}

func TestRangeForm(t *testing.T) {
	for _, x := range []struct {
		facts, verdict, values string
		lacks                  []string
		en                     string
	}{
		{`{"place":"hall","visitors":10,"guards":2}`, "within", `{"value":"10/2"}`, nil, "load of the hall: 10 ÷ 2 = 5 (visitors ÷ guards) against 5 to 20, both included: within (house/6)"},
		{`{"place":"hall","visitors":9,"guards":2}`, "below", `{"value":"9/2"}`, nil, "load of the hall: 9 ÷ 2 = 4.5 (visitors ÷ guards) against 5 to 20, both included: below"},
		{`{"place":"hall","visitors":40,"guards":2}`, "within", `{"value":"40/2"}`, nil, ""},
		{`{"place":"hall","visitors":41,"guards":2}`, "above", `{"value":"41/2"}`, nil, "41 ÷ 2 = 20.5 (visitors ÷ guards) against 5 to 20, both included: above"},
		{`{"place":"hall","visitors":41,"guards":0}`, "unassigned", `{"value":null}`, nil, "load of the hall: none against 5 to 20, both included: nothing to compare with"},
		{`{"place":"garden","visitors":200}`, "within", `{"value":200}`, nil, "load of the garden: 200 against 0 to 200"},
		{`{"place":"garden","visitors":201}`, "above", `{"value":201}`, nil, ""},
		{`{"place":"hall","guards":2}`, "undetermined", `{"value":null}`, []string{"visitors < house.load"}, ""},
		{`{"visitors":1,"guards":2}`, "undetermined", `{"value":null}`, []string{"place < house.load"}, ""},
		{`{"place":"cellar","visitors":1,"guards":2}`, "nowhere", `{"value":null}`, nil, ""},
	} {
		t.Run(x.facts, func(t *testing.T) {
			answer := visit(t, "load", x.facts)
			assert.Equal(t, x.verdict, answer.Verdict)
			assert.JSONEq(t, x.values, valuesOf(t, answer))
			assert.Equal(t, x.lacks, missing(answer))
			assert.Contains(t, answer.Explain("en"), x.en)
		})
	}
	assert.Equal(t, "展厅负荷：9 ÷ 2 = 4.5（人数 ÷ 看守） 对照 5 至 20（含）：低于下限（house/6）", visit(t, "load", `{"place":"hall","visitors":9,"guards":2}`).Explain("zh"))
	two := visit(t, "load", `{"place":"hall","member":true,"visitors":9,"guards":2}`)
	require.NotNil(t, two.Error)
	assert.Contains(t, two.Failure().Message.EN, "both house.hall_load and house.garden_load apply")

	for list, verdict := range map[string]string{`[2,10]`: "within", `[1,5]`: "below", `[5,11]`: "above", `[1,11]`: "above", `[]`: "unassigned"} {
		assert.Equal(t, verdict, visit(t, "groups", `{"groups":`+list+`}`).Verdict, list)
	}
	assert.JSONEq(t, `{"lowest":3}`, valuesOf(t, visit(t, "groups", `{"groups":[7,3,5]}`)))
}
