// Package headline says what an answer comes to in a line: beside the verdict the
// amount, the date, the indicator that is not met, each with its unit. Pages of the
// server, what is printed and the paper for the person concerned say the same.
package headline

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/kpi"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla"
)

// Headline is an amount or a date that an answer comes to, with its unit: what
// people want to read before anything else.
type Headline struct {
	Label string // "due", "fine ladder"; "" where the verdict says it
	Text  string // "200 yuan", "2025-06-20", "0.1%"
	Note  string // "3 days over", "must be below 0.1%"; "" for none
}

// Most is how many of several indicators, or of facts that are missing, are named.
const Most = 3

// Of are what stands beside the verdict: when it is due, how much it is,
// which indicators are not met. Money comes first, then what is not met, then the
// day. Where none of the rules behind the answer is of a form that has such a
// thing, it is the first amount of money among the values or, where there is
// only one, the date.
func Of(w wording.Words, q *policy.Question, a *policy.Answer) []Headline {
	if a.Error != nil {
		return nil
	}
	if a.Verdict == policy.Undetermined {
		return missing(w, q, a)
	}
	var clocks, amounts, indicators, notMet []Headline
	for _, x := range Proposed(q, a) {
		amounts = append(amounts, Headline{Text: x.Text(w.Lang)})
	}
	for _, d := range a.Details() {
		switch of := d.Of.(type) {
		case sla.Timeline:
			if h, ok := due(w, of); ok {
				clocks = append(clocks, h)
			}
		case kpi.Gauge:
			if !of.Ratio.Valid() {
				continue
			}
			indicators = append(indicators, Headline{Label: d.Rule.Label.In(w.Lang), Text: Percent(of.Ratio, of.Bound.Limit), Note: Bound(of.Bound, w.Lang)})
			if of.Verdict == kpi.NotMet {
				notMet = append(notMet, indicators[len(indicators)-1])
			}
		}
	}
	if len(indicators) > 1 { // of several, those that are not met
		indicators = notMet[:min(len(notMet), Most)]
	}
	all := slices.Concat(amounts, indicators, clocks[:min(len(clocks), 1)])
	if len(all) == 0 {
		return values(w, q, a)
	}
	return all
}

// missing names the facts that are missing.
func missing(w wording.Words, q *policy.Question, a *policy.Answer) []Headline {
	var labels []string
	for _, m := range a.MissingFacts {
		if label := w.FactWithin(q, m.Fact); !slices.Contains(labels, label) {
			labels = append(labels, label)
		}
	}
	if len(labels) == 0 {
		return nil
	}
	h := Headline{Label: pick(w.Lang, "缺", "needs"), Text: strings.Join(labels[:min(len(labels), Most)], pick(w.Lang, "、", ", "))}
	if more := len(labels) - Most; more > 0 {
		h.Note = pick(w.Lang, "等 "+strconv.Itoa(len(labels))+" 项", "and "+strconv.Itoa(more)+" more")
	}
	return []Headline{h}
}

// due is when a matter is due, and how far it is from that.
func due(w wording.Words, t sla.Timeline) (Headline, bool) {
	if t.Start.IsZero() || t.Due.End.IsZero() {
		return Headline{}, false
	}
	h := Headline{Label: pick(w.Lang, "到期", "due"), Text: Due(t.Due, w.Book.Zone)}
	at := t.Done
	if at.IsZero() {
		at = t.AsOf
	}
	left := t.Due.End.Sub(at)
	done := !t.Done.IsZero() && left >= 0
	if !at.IsZero() && !done && left.Abs() >= time.Minute {
		h.Note = Left(left, w.Lang)
	}
	return h, true
}

// values are of answers whose rules tell nothing that could be drawn.
func values(w wording.Words, q *policy.Question, a *policy.Answer) []Headline {
	var dates []Headline
	for x := range a.Values() {
		of, ok := q.ValueAt(x.Name)
		if !ok || x.State != policy.StateKnown {
			continue
		}
		h := Headline{Label: x.Label.In(w.Lang), Text: w.Value(of, x)}
		switch x.Kind {
		case policy.KindMoney:
			return []Headline{h}
		case policy.KindDate, policy.KindMoment, policy.KindMonth:
			dates = append(dates, h)
		}
	}
	if len(dates) == 1 {
		return dates
	}
	return nil
}

// Line are headlines in one line, to be told or written small.
func Line(all []Headline) string {
	var parts []string
	for _, h := range all {
		text := strings.TrimSpace(h.Label + " " + h.Text)
		if h.Note != "" {
			text += " (" + h.Note + ")"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " · ")
}
