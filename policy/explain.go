package policy

import (
	"fmt"
	"strings"
)

// Explain is the explanation in "zh" or "en": one line a step, with its
// article and the readings used, then what is missing and what a person must
// decide.
func (a *Answer) Explain(lang string) string { return strings.Join(a.lines(lang)[0], "\n") }

// explanations are the lines of the explanation in both languages.
func (a *Answer) explanations() (zh, en []string) {
	lines := a.lines("zh", "en")
	return lines[0], lines[1]
}

// lines are the explanation in each of the languages.
func (a *Answer) lines(langs ...string) [][]string {
	var told [][]string
	if a.from != nil {
		told = a.from.Explain(langs...)
	} else {
		told = make([][]string, len(langs))
	}
	for i, lang := range langs {
		told[i] = append(told[i], a.remarks(lang)...)
	}
	return told
}

// remarks are what is said about the answer as a whole.
func (a *Answer) remarks(lang string) []string {
	pick := func(zh, en string) string { return Text{ZH: zh, EN: en}.In(lang) }
	var all []string
	if a.Error != nil {
		why := a.Failure()
		all = append(all, why.Message.In(lang))
		if why.Remedy != (Text{}) {
			all = append(all, why.Remedy.In(lang))
		}
	}
	for _, m := range a.MissingFacts {
		fact, by := m.Fact, m.NeededBy
		if a.from != nil {
			by = a.from.LabelOfRule(by).In(lang)
			if label := a.from.LabelOfFact(m.Fact).In(lang); label != m.Fact {
				fact = fmt.Sprintf(pick("%s（%s）", "%s (%s)"), label, m.Fact)
			}
		}
		all = append(all, fmt.Sprintf(pick("缺少事实：%s，用于：%s", "missing fact: %s, needed by: %s"), fact, by))
	}
	if a.from != nil {
		for _, text := range a.from.Undefined() {
			all = append(all, text.In(lang))
		}
	}
	for _, d := range a.Decisions {
		all = append(all, pick("须由人决定：", "a person must decide: ")+d.Label.In(lang))
	}
	return all
}
