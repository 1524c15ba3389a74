package main

import (
	"fmt"
	"strings"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/internal/whatif"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/policy"
)

// shownWays is how many combinations of readings are listed of an outcome.
const shownWays = 3

// underAllReadings prints what a question comes to under all readings.
func (a *app) underAllReadings(book *rulebook.Book, q *policy.Question, r *whatif.Readings) error {
	if a.json() {
		return writeJSON(a.out, r.Document())
	}
	s := a.style
	w := wording.Words{Book: book.Rulebook(), Lang: s.Lang}
	a.println(s.Bold(s.Text(q.Title)) + "  " + s.Dim(q.ID))
	a.println("")
	for i := range r.Outcomes {
		o := &r.Outcomes[i]
		verdict := a.t("无法判定", "nothing can be decided")
		if o.Answer.Error == nil {
			verdict = a.verdict(w, q, o.Answer)
		}
		ways := s.Pickf("%d 种读法组合", "%d combinations of readings", o.Count)
		if o.Count == 1 {
			ways = a.t("1 种读法组合", "1 combination of readings")
		}
		a.println(verdict + s.Dim("  "+ways))
		if i == 0 {
			a.println("  " + a.t("按规则书现在的读法", "by the rulebook's own readings"))
			continue
		}
		for _, value := range a.different(w, q, r.Outcomes[0].Answer, o.Answer) {
			a.println("  " + value)
		}
		for n, way := range o.Under {
			if n == shownWays {
				a.println("  " + s.Pickf("…另有 %d 种改动同样少的", "… and %d more with as few changes", len(o.Under)-n))
				break
			}
			var parts []string
			for _, c := range way {
				parts = append(parts, c.Reading+" = "+c.Option+s.Dim(s.Pick("（", " (")+w.Option(c.Reading, c.Option)+s.Pick("）", ")")))
			}
			a.println("  " + a.t("若 ", "if ") + strings.Join(parts, s.Pick(" 且 ", " and ")))
		}
	}
	a.println("")
	switch {
	case r.Holds() && r.Complete:
		a.println(s.Green(a.t("在所有读法下都是这个结论", "the answer is the same under all readings")))
	case r.Complete:
		a.println(s.Plural(r.Tried, "可能有影响的 %d 种组合全部试过", "the %d combination that may matter was tried", "all %d combinations that may matter were tried"))
	default:
		a.println(s.Yellow(s.Pickf("组合太多，只试了 %d 种", "there are too many combinations; %d were tried", r.Tried)))
	}
	if len(r.Turning) > 0 {
		a.println(a.t("单改一个读法就会变：", "one of these alone changes it: ") + strings.Join(r.Turning, ", "))
	}
	if len(r.Steady) > 0 {
		a.println(a.t("单改没有影响：", "no change by one of these alone: ") + strings.Join(r.Steady, ", "))
	}
	if len(r.Sampled) > 0 {
		a.println(a.t("带参数的选项只试了一个参数：", "of options with an argument one argument was tried: ") + strings.Join(r.Sampled, ", "))
	}
	return nil
}

// different are the values in which an answer differs from the first.
func (a *app) different(w wording.Words, q *policy.Question, first, other *rulebook.Answer) (lines []string) {
	if first.Error != nil || other.Error != nil {
		if other.Error != nil {
			lines = append(lines, report.Clean(a.style.Text(other.Failure().Message)))
		}
		return lines
	}
	was := map[string]string{}
	path := []string{}
	each := func(x *rulebook.Answer, do func(path, label, text string)) {
		for _, row := range w.Rows(q, x) {
			path = append(path[:min(row.Depth, len(path))], row.Label)
			do(strings.Join(path, " · "), row.Label, row.Text)
		}
	}
	each(first, func(path, _, text string) { was[path] = text })
	each(other, func(path, _, text string) {
		if was[path] != text {
			lines = append(lines, fmt.Sprintf("%s%s%s → %s", path, a.style.Colon(), was[path], text))
		}
	})
	return lines
}
