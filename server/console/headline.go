package console

import (
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/kpi"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/service"
	"github.com/servicerules/rulebook/sla"
)

// headline is an amount or a date that an answer comes to, with its unit: what
// people want to read before anything else.
type headline struct {
	Label string // "due", "fine ladder"; "" where the verdict says it
	Text  string // "200 yuan", "2025-06-20", "0.1%"
	Note  string // "3 days over", "must be below 0.1%"; "" for none
}

// mostHeadlines is how many of several indicators stand in the headline.
const mostHeadlines = 3

// headlines are what stands beside the verdict: when it is due, how much it is,
// which indicators are not met. Money comes first, then what is not met, then the
// day. Where none of the rules behind the answer is of a form that has such a
// thing, it is the first amount of money among the values or, where there is
// only one, the date.
func (v *viewer) headlines(q *policy.Question, a *rulebook.Answer) []headline {
	if a.Error != nil {
		return nil
	}
	if a.Verdict == policy.Undetermined {
		return v.missingHeadline(q, a)
	}
	var due, amounts, indicators, notMet []headline
	for _, x := range service.Proposed(q, a) {
		amounts = append(amounts, headline{Text: x.Text(v.lang)})
	}
	for _, d := range a.Details() {
		switch of := d.Of.(type) {
		case sla.Timeline:
			if h, ok := v.dueHeadline(of); ok {
				due = append(due, h)
			}
		case kpi.Gauge:
			if !of.Ratio.Valid() {
				continue
			}
			g := newGauge(v, d.Rule, of)
			indicators = append(indicators, headline{Label: g.Title, Text: g.Percent, Note: g.Bound})
			if of.Verdict == kpi.NotMet {
				notMet = append(notMet, indicators[len(indicators)-1])
			}
		}
	}
	if len(indicators) > 1 { // of several, those that are not met
		indicators = notMet[:min(len(notMet), mostHeadlines)]
	}
	all := slices.Concat(amounts, indicators, due[:min(len(due), 1)])
	if len(all) == 0 {
		return v.valueHeadlines(q, a)
	}
	return all
}

// missingHeadline names the facts that are missing.
func (v *viewer) missingHeadline(q *policy.Question, a *rulebook.Answer) []headline {
	var labels []string
	for _, m := range a.MissingFacts {
		if label := v.factLabel(q, m.Fact); !slices.Contains(labels, label) {
			labels = append(labels, label)
		}
	}
	if len(labels) == 0 {
		return nil
	}
	h := headline{Label: v.pick("缺", "needs"), Text: strings.Join(labels[:min(len(labels), mostHeadlines)], v.pick("、", ", "))}
	if more := len(labels) - mostHeadlines; more > 0 {
		h.Note = v.pick("等 "+itoa(len(labels))+" 项", "and "+itoa(more)+" more")
	}
	return []headline{h}
}

// dueHeadline is when a matter is due, and how far it is from that.
func (v *viewer) dueHeadline(t sla.Timeline) (headline, bool) {
	if t.Start.IsZero() || t.Due.End.IsZero() {
		return headline{}, false
	}
	h := headline{Label: v.pick("到期", "due"), Text: v.due(t.Due)}
	at := t.Done
	if at.IsZero() {
		at = t.AsOf
	}
	left := t.Due.End.Sub(at)
	done := !t.Done.IsZero() && left >= 0
	if !at.IsZero() && !done && left.Abs() >= time.Minute {
		h.Note = v.span(left)
	}
	return h, true
}

// valueHeadlines are of answers whose rules tell nothing that could be drawn.
func (v *viewer) valueHeadlines(q *policy.Question, a *rulebook.Answer) []headline {
	var dates []headline
	for x := range a.Values() {
		of, ok := q.ValueAt(x.Name)
		if !ok || x.State != policy.StateKnown {
			continue
		}
		h := headline{Label: x.Label.In(v.lang), Text: v.words().Value(of, x)}
		switch x.Kind {
		case policy.KindMoney:
			return []headline{h}
		case policy.KindDate, policy.KindMoment, policy.KindMonth:
			dates = append(dates, h)
		}
	}
	if len(dates) == 1 {
		return dates
	}
	return nil
}

// Figures are the headlines in one line, to be told or written small.
func (x *answerView) Figures() string {
	var parts []string
	for _, h := range x.Headlines {
		text := strings.TrimSpace(h.Label + " " + h.Text)
		if h.Note != "" {
			text += " (" + h.Note + ")"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " · ")
}
