package load_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/load"
	"github.com/servicerules/rulebook/kpi"
	"github.com/servicerules/rulebook/penalty"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla"
)

// workshop is a book that declares no word of the engine's. What stands in
// «…» is replaced by tests.
const workshop = `
rulebook: {id: shop, title: {zh: 修理铺, en: Workshop}, zone: UTC, in_force: {from: 2025-01-01}}
words:
  kind: {bike: {zh: 自行车, en: bicycle}, cart: {zh: 推车, en: cart}}
  blocked: {late: {zh: 来得太晚, en: came too late}}
facts:
  kind: {zh: 种类, en: kind of thing, type: word, words: kind}
  gift: {zh: 赠修, en: free of charge, type: yes_no}
  job: {zh: 活, en: job, type: record, fields: {brought_at: {zh: 送来, en: brought, type: moment}, mended_at: {zh: 修好, en: mended, type: moment}}}
questions:
  job.done:
    zh: 按期修好吗
    en: mended in time
    facts: [kind, gift, job]
    rules: [mending]
    verdict: {is: «mending.status»}
    values: {state: {zh: 状态, en: state, is: mending.status}, «due»: {is: mending.due_at}}
regulations:
  mending:
    zh: 修理
    en: Mending
    articles:
      "1":
        nature: deadline
        title: {zh: 两天, en: Two days}
        text: {zh: 两天修好。, en: Two days.}
        clocks: {mending: {zh: 修理期限, en: limit of mending, done: job.mended_at}}
        deadlines: {two_days: {zh: 两天, en: two days, part_of: mending, from: job.brought_at, within: 48 hours}}
        figures: {thing: {zh: 什么, en: the thing, is: kind, words: kind}}
`

// workshopWith is the book with what stands at the marks replaced in turn.
func workshopWith(pairs ...string) string {
	text := strings.NewReplacer(pairs...).Replace(workshop)
	return strings.NewReplacer("«", "", "»", "").Replace(text)
}

const lateJob = `{"kind": "bike", "gift": false, "job": {"brought_at": "2025-03-03T09:00:00Z", "mended_at": "2025-03-09T09:00:00Z"}}`

func answerOf(t *testing.T, text, facts string) *rulebook.Answer {
	t.Helper()
	book, err := rulebook.Parse("shop.yaml", []byte(text))
	require.NoError(t, err)
	answer, err := book.Ask(t.Context(), "job.done", facts)
	require.NoError(t, err)
	return answer
}

// verdictOf is the verdict of the one question of a book.
func verdictOf(t *testing.T, text string) *policy.QuestionValue {
	t.Helper()
	book, found := load.Parse("shop.yaml", []byte(text))
	require.NotNil(t, book, "%v", found)
	return book.Rulebook.Questions[0].Verdict
}

// Every word that kinds of rule have of their own has a label in both languages.
func TestEveryWordOfTheEngineHasALabel(t *testing.T) {
	words := []string{
		string(sla.NotStarted), string(sla.Running), string(sla.Overdue), string(sla.OnTime), string(sla.Late), string(sla.DeemedOnTime), string(sla.Paused), string(sla.AtRisk),
		string(sla.NoReason), string(sla.RequestedAfterDue), string(sla.ApprovedAfterDue), string(sla.ApproverNotAuthorised), string(sla.NotApproved), string(sla.TooLong), string(sla.TooOften),
		string(kpi.Met), string(kpi.NotMet), string(kpi.NotApplicable), "within", "below", "above", "unassigned",
		string(penalty.AnyOf), string(penalty.AllOf), string(penalty.OneOf), string(penalty.NoMeasure),
	}
	for _, word := range words {
		label, ok := checked.EngineLabel(word)
		assert.True(t, ok && label.ZH != "" && label.EN != "", word)
	}
}

func TestWordsOfRulesNeedNotBeDeclared(t *testing.T) {
	verdict, answer := verdictOf(t, workshopWith()), answerOf(t, workshopWith(), lateJob)
	assert.Equal(t, "late", answer.Verdict)
	assert.Equal(t, []string{"not_started", "running", "overdue", "on_time", "late", "deemed_on_time"}, verdict.Words.Words)
	assert.Equal(t, policy.Text{ZH: "超期", EN: "late"}, verdict.Words.Labels["late"])
	assert.Len(t, verdict.Type.Words, 6)
	shown, _ := answer.Show("state", "zh")
	assert.Equal(t, "超期", shown, "not as another list calls a word of the same letters")
	state, _ := answer.Value("state")
	assert.Contains(t, state.Words(), policy.Word{Word: "late", Label: policy.Text{ZH: "超期", EN: "late"}})
}

// A verdict may be of words of facts, too, and these have their labels.
func TestVerdictOfAFact(t *testing.T) {
	for _, is := range []string{"kind", "thing.value"} {
		text := workshopWith("«mending.status»", is)
		verdict := verdictOf(t, text)
		assert.Equal(t, "kind", verdict.Words.Name)
		assert.Equal(t, "bicycle", verdict.Words.Labels["bike"].EN)
		assert.Equal(t, "bike", answerOf(t, text, lateJob).Verdict)
	}
}

func TestWordsOfRulesAreRelabelled(t *testing.T) {
	for what, list := range map[string]string{
		"some, under the name of their list": "  status: {late: {zh: 拖了, en: dragged on}}\n",
		"all, under any name": "  how: {not_started: {zh: 一, en: a}, running: {zh: 二, en: b}, overdue: {zh: 三, en: c}, on_time: {zh: 四, en: d}, " +
			"late: {zh: 拖了, en: dragged on}, deemed_on_time: {zh: 六, en: f}}\n",
	} {
		text := strings.Replace(workshopWith(), "facts:\n", list+"facts:\n", 1)
		shown, _ := answerOf(t, text, lateJob).Show("state", "en")
		assert.Equal(t, "dragged on", shown, what)
		assert.Equal(t, "dragged on", verdictOf(t, text).Words.Labels["late"].EN, what)
		book, _ := load.Parse("shop.yaml", []byte(text))
		for _, d := range load.Unused(book) {
			assert.False(t, d.Code == "unused_word_list" && d.Span.Start.Line > 5, "%s: %v", what, d)
		}
	}
	// The verdict calls its words as it likes, whatever the rest of the book does.
	text := workshopWith("{is: «mending.status»}", "{is: mending.status, words: {late: {zh: 迟了, en: behind time}}}")
	assert.Equal(t, "behind time", verdictOf(t, text).Words.Labels["late"].EN)
	shown, _ := answerOf(t, text, lateJob).Show("state", "en")
	assert.Equal(t, "late", shown)
}

// Words of a rule and words of the verdict's own stand beside one another, in
// any branch of a choice.
func TestVerdictsMixWords(t *testing.T) {
	words := ", words: {free: {zh: 免费, en: free}, cart_work: {zh: 推车, en: cart}}"
	for is, want := range map[string]map[string]string{
		`gift ? "free" : mending.status`:                                     {"bike": "late", "gift": "free"},
		`gift ? mending.status : "free"`:                                     {"bike": "free", "gift": "late"},
		`gift ? (kind == "cart" ? mending.status : "free") : mending.status`: {"bike": "late", "gift": "free"},
		`kind == "cart" ? "cart_work" : gift ? "free" : mending.status`:      {"bike": "late", "gift": "free", "cart": "cart_work"},
		`kind == "cart" ? (gift ? "free" : "cart_work") : mending.status`:    {"bike": "late", "cart": "cart_work"},
		`gift ? "on_time" : kind == "cart" ? "cart_work" : mending.status`:   {"bike": "late", "gift": "on_time"},
		`kind == "cart" ? null : gift ? "free" : mending.status`:             {"bike": "late", "gift": "free"},
	} {
		text := workshopWith("{is: «mending.status»}", "{is: '"+is+"'"+words+"}")
		for who, verdict := range want {
			facts := lateJob
			switch who {
			case "gift":
				facts = strings.Replace(facts, "false", "true", 1)
			case "cart":
				facts = strings.Replace(facts, "bike", "cart", 1)
			}
			assert.Equal(t, verdict, answerOf(t, text, facts).Verdict, "%s: %s", is, who)
		}
		list := verdictOf(t, text).Words
		assert.Equal(t, []string{"free", "cart_work", "not_started", "running"}, list.Words[:4], is)
		for _, w := range list.Words {
			assert.False(t, list.Labels[w].IsZero(), w)
		}
		without := strings.Replace(lateJob, `"gift": false, `, "", 1)
		if strings.HasPrefix(is, "gift") {
			assert.Equal(t, policy.Undetermined, answerOf(t, text, without).Verdict, is)
		}
	}
}

// Where the clock gives none, the verdict may be a word of its own.
func TestVerdictIfNoneOfItsOwn(t *testing.T) {
	text := workshopWith("{is: «mending.status»}", "{is: mending.status, if_none: no_limit, words: {no_limit: {zh: 不限期, en: no limit}}}", "within: 48 hours", `within: 48 hours, when: kind == "cart"`)
	assert.Equal(t, "no_limit", answerOf(t, text, lateJob).Verdict)
	assert.Equal(t, "late", answerOf(t, text, strings.Replace(lateJob, "bike", "cart", 1)).Verdict)
}

// Figures, and values of answers, may mix words as verdicts may.
func TestFiguresAndValuesMixWords(t *testing.T) {
	text := workshopWith("is: kind, words: kind}", `is: 'gift ? "bike" : mending.status', words: kind}`, "{is: mending.due_at}",
		`{zh: 甲, en: a, is: thing.value}, mixed: {zh: 乙, en: b, is: 'gift ? "free" : mending.status', words: {free: {zh: 免费, en: free}}}`,
		"rules: [mending]", "rules: [mending, thing]")
	answer := answerOf(t, text, lateJob)
	for _, name := range []string{"due", "mixed"} {
		shown, _ := answer.Show(name, "zh")
		assert.Equal(t, "超期", shown, name)
	}
	answer = answerOf(t, text, strings.Replace(lateJob, "false", "true", 1))
	for name, want := range map[string]string{"due": "自行车", "mixed": "免费"} {
		shown, _ := answer.Show(name, "zh")
		assert.Equal(t, want, shown, name)
	}
}

func TestVerdictsWithoutTheirWordsAreFound(t *testing.T) {
	for is, code := range map[string]string{
		`gift ? "free" : "paid"`:         "missing_key",
		`gift ? "free" : mending.status`: "unknown_word",
		`gift ? "nothing" : mending.status, words: {free: {zh: 免费, en: free}}`:                  "unknown_word",
		`gift ? kind : mending.status, words: {free: {zh: 免费, en: free}}`:                       "wrong_result",
		`mending.status, if_none: nothing`:                                                      "unknown_word",
		`mending.status == "free" ? "free" : mending.status, words: {free: {zh: 免费, en: free}}`: "unknown_word",
	} {
		expression, rest, _ := strings.Cut(is, ", ")
		if rest != "" {
			rest = ", " + rest
		}
		book, found := load.Parse("shop.yaml", []byte(workshopWith("{is: «mending.status»}", "{is: '"+expression+"'"+rest+"}")))
		assert.Nil(t, book, is)
		require.NotEmpty(t, found, is)
		assert.Equal(t, code, found[0].Code, "%s: %v", is, found)
	}
}

// A value that shows one output, or one fact, is called as that.
func TestLabelsAreDerived(t *testing.T) {
	for is, want := range map[string]policy.Text{
		"mending.due_at":   {ZH: "到期时刻", EN: "due at"},
		"thing.value":      {ZH: "什么", EN: "the thing"},
		"kind":             {ZH: "种类", EN: "kind of thing"},
		"job.mended_at":    {ZH: "修好", EN: "mended"},
		"mending.status":   {ZH: "状态", EN: "status"},
		" mending.status ": {ZH: "状态", EN: "status"},
	} {
		book, found := load.Parse("shop.yaml", []byte(workshopWith("{is: mending.due_at}", "{is: '"+is+"'}")))
		require.NotNil(t, book, "%v", found)
		assert.Equal(t, want, book.Rulebook.Questions[0].Values[1].Label, is)
	}
	for _, is := range []string{"mending.due_at == null", "len(kind)", "mending.nothing", "as_of"} {
		_, found := load.Parse("shop.yaml", []byte(workshopWith("{is: mending.due_at}", "{is: '"+is+"'}")))
		codes := []string{}
		for _, d := range found {
			codes = append(codes, d.Code)
		}
		assert.Contains(t, codes, "missing_label", is)
	}
	// Half a label is not derived.
	_, found := load.Parse("shop.yaml", []byte(workshopWith("{is: mending.due_at}", "{en: due, is: mending.due_at}")))
	require.NotEmpty(t, found)
	assert.Equal(t, "missing_label", found[0].Code)
}
