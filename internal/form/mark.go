package form

import (
	"slices"

	"github.com/servicerules/rulebook/policy"
)

// The first marks of every edition.
const (
	MarkScope   Mark = iota // what became of the question's scope
	MarkVoid                // what nobody asks about: findings of units that are not listed
	MarkPassing             // another edition may answer at a later moment
	FirstMark   = iota
)

// Report is a breach or a decision that a unit may find.
type Report struct {
	Mark    Mark
	Part    *Part
	Article *policy.Article // of a breach; nil for a decision
	Code    string
	Detail  string
	Label   policy.Text // of a decision
}

// deferral is readings that count only where an evaluation says so.
type deferral struct {
	mark Mark
	part *Part
	keys []string
}

// NewMark makes a place to note something in.
func (plan *Plan) NewMark() Mark {
	plan.Marks++
	return Mark(plan.Marks - 1)
}

func (plan *Plan) newReport(r Report) Mark {
	if r.Part.Builder == nil || !r.Part.Builder.Building.Listed {
		return MarkVoid
	}
	r.Mark = plan.NewMark()
	plan.Reports = append(plan.Reports, r)
	return r.Mark
}

// Breach declares a breach of the rule's article that a Run may mark. The
// detail may be empty.
func (p *Part) Breach(code, detail string) Mark { return p.BreachOf(p.Rule.Article, code, detail) }

// BreachOf declares a breach of another article than the rule's own.
func (p *Part) BreachOf(article *policy.Article, code, detail string) Mark {
	return p.Builder.Plan.newReport(Report{Part: p, Article: article, Code: code, Detail: detail})
}

// Decision declares something that a person must decide where a Run marks it.
func (p *Part) Decision(code string, text policy.Text) Mark {
	return p.Builder.Plan.newReport(Report{Part: p, Code: code, Label: text})
}

// FindReadings finds the readings that count as used wherever the rule is: those
// in its fields that are not Deferred, and those lent to it.
func (p *Part) FindReadings() {
	p.Readings = nil
	for name, keys := range p.ReadingsByField {
		if !slices.Contains(p.later, name) {
			p.Readings = append(p.Readings, keys...)
		}
	}
	p.Readings = append(p.Readings, p.Lent...)
	slices.Sort(p.Readings)
	p.Readings = slices.Compact(p.Readings)
}

// Deferred says that the readings in these fields count as used only where a
// Run marks them: a clock in hours does not rest on how days are counted.
func (p *Part) Deferred(fields ...string) Mark {
	p.later = append(p.later, fields...)
	p.FindReadings()
	d := deferral{part: p}
	for _, f := range fields {
		d.keys = append(d.keys, p.ReadingsByField[f]...)
	}
	if p.Builder == nil || len(d.keys) == 0 {
		return MarkVoid
	}
	d.mark = p.Builder.Plan.NewMark()
	p.Builder.Plan.deferred = append(p.Builder.Plan.deferred, d)
	return d.mark
}
