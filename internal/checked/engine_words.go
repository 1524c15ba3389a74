package checked

import (
	"slices"

	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// engineList is a list of words that kinds of rule have of their own, with what
// people call them where a rulebook does not say it.
type engineList struct {
	name  string
	words []policy.Word
}

var engineLists = []engineList{
	{"status", []policy.Word{
		{Word: "not_started", Label: policy.Text{ZH: "未起算", EN: "not started"}},
		{Word: "running", Label: policy.Text{ZH: "办理中", EN: "running"}},
		{Word: "paused", Label: policy.Text{ZH: "中止", EN: "paused"}},
		{Word: "at_risk", Label: policy.Text{ZH: "临近到期", EN: "at risk"}},
		{Word: "overdue", Label: policy.Text{ZH: "逾期未办", EN: "overdue"}},
		{Word: "on_time", Label: policy.Text{ZH: "按期", EN: "on time"}},
		{Word: "late", Label: policy.Text{ZH: "超期", EN: "late"}},
		{Word: "deemed_on_time", Label: policy.Text{ZH: "视同按期", EN: "deemed on time"}},
	}},
	{"extension_defect", []policy.Word{
		{Word: "no_reason", Label: policy.Text{ZH: "未说明理由", EN: "no reason given"}},
		{Word: "requested_after_due", Label: policy.Text{ZH: "到期后才申请", EN: "requested after it was due"}},
		{Word: "approved_after_due", Label: policy.Text{ZH: "到期后才批准", EN: "approved after it was due"}},
		{Word: "approver_not_authorised", Label: policy.Text{ZH: "批准人无权", EN: "approver not authorised"}},
		{Word: "not_approved", Label: policy.Text{ZH: "未获批准", EN: "not approved"}},
		{Word: "too_long", Label: policy.Text{ZH: "超过可延的长度", EN: "longer than allowed"}},
		{Word: "too_often", Label: policy.Text{ZH: "超过可延的次数", EN: "more often than allowed"}},
	}},
	{"indicator", []policy.Word{
		{Word: "met", Label: policy.Text{ZH: "达标", EN: "met"}},
		{Word: "not_met", Label: policy.Text{ZH: "不达标", EN: "not met"}},
		{Word: "not_applicable", Label: policy.Text{ZH: "不适用", EN: "not applicable"}},
	}},
	{"range", []policy.Word{
		{Word: "within", Label: policy.Text{ZH: "在范围内", EN: "within"}},
		{Word: "below", Label: policy.Text{ZH: "低于下限", EN: "below"}},
		{Word: "above", Label: policy.Text{ZH: "高于上限", EN: "above"}},
		{Word: "unassigned", Label: policy.Text{ZH: "无从比较", EN: "nothing to compare with"}},
	}},
	{"mode", []policy.Word{
		{Word: "any_of", Label: policy.Text{ZH: "任选一种或几种", EN: "any of"}},
		{Word: "all_of", Label: policy.Text{ZH: "全部适用", EN: "all of"}},
		{Word: "one_of", Label: policy.Text{ZH: "任选其一", EN: "one of"}},
		{Word: "none", Label: policy.Text{ZH: "无措施", EN: "none"}},
	}},
}

// label is the label of a word of the list.
func (l *engineList) label(word string) (policy.Text, bool) {
	for _, w := range l.words {
		if w.Word == word {
			return w.Label, true
		}
	}
	return policy.Text{}, false
}

// engineListOf is the list that a word of the engine's own is from; no word is
// in two of them.
func engineListOf(word string) *engineList {
	for i := range engineLists {
		if _, ok := engineLists[i].label(word); ok {
			return &engineLists[i]
		}
	}
	return nil
}

// EngineLabel is the engine's label of a word of its own.
func EngineLabel(word string) (policy.Text, bool) {
	if list := engineListOf(word); list != nil {
		return list.label(word)
	}
	return policy.Text{}, false
}

// EngineWords are the lists of words that kinds of rule have of their own, by
// the names under which a rulebook may say what they are called.
func EngineWords() []policy.WordList {
	all := make([]policy.WordList, len(engineLists))
	for i, list := range engineLists {
		all[i] = policy.WordList{Name: list.name, Labels: map[string]policy.Text{}}
		for _, w := range list.words {
			all[i].Words, all[i].Labels[w.Word] = append(all[i].Words, w.Word), w.Label
		}
	}
	return all
}

// LabelIn is the label of a word by the list that it is from: the rulebook's
// list of that name; for words of the engine's own, what the rulebook calls
// them, else the engine.
func (b *Book) LabelIn(words *value.Words, word string) (policy.Text, bool) {
	if words == nil {
		return policy.Text{}, false
	}
	if list := b.WordListOf(words); list != nil {
		if label, ok := list.Labels[word]; ok {
			return label, true
		}
	}
	if !slices.Contains(words.Engine, word) {
		return policy.Text{}, false
	}
	if list := b.Relabelling(words, word); list != nil {
		if label, ok := list.Labels[word]; ok {
			return label, true
		}
	}
	label, ok := EngineLabel(word)
	return label.InLanguages(b.Languages), ok
}

// Relabelling is the list of the rulebook that says what the engine's own words
// are called that stand with this one in a list: the one that is named as
// theirs, or else the first that holds them all; nil where it leaves that to the
// engine.
func (b *Book) Relabelling(words *value.Words, word string) *policy.WordList {
	list := engineListOf(word)
	if list == nil {
		return nil
	}
	own := slices.DeleteFunc(slices.Clone(words.Engine), func(w string) bool { _, ok := list.label(w); return !ok })
	return b.WordListOf(&value.Words{Name: list.name, Each: own})
}
