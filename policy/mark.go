package policy

import "slices"

// The first marks of every edition.
const (
	markScope   Mark = iota // what became of the question's scope
	markVoid                // what nobody asks about: findings of units that are not listed
	markPassing             // another edition may answer at a later moment
	firstMark   = iota
)

// report is a breach or a decision that a unit may find.
type report struct {
	mark    Mark
	part    *Part
	article *Article // of a breach; nil for a decision
	code    string
	detail  string
	label   Text // of a decision
}

// deferral is readings that count only where an evaluation says so.
type deferral struct {
	mark Mark
	part *Part
	keys []string
}

func (ed *edition) newMark() Mark {
	ed.marks++
	return Mark(ed.marks - 1)
}

func (ed *edition) newReport(r report) Mark {
	if r.part.b == nil || !r.part.b.unit.listed {
		return markVoid
	}
	r.mark = ed.newMark()
	ed.reports = append(ed.reports, r)
	return r.mark
}

// Breach declares a breach of the rule's article that a Run may mark. The
// detail may be empty.
func (p *Part) Breach(code, detail string) Mark { return p.BreachOf(p.Rule.Article, code, detail) }

// BreachOf declares a breach of another article than the rule's own.
func (p *Part) BreachOf(article *Article, code, detail string) Mark {
	return p.b.ed.newReport(report{part: p, article: article, code: code, detail: detail})
}

// Decision declares something that a person must decide where a Run marks it.
func (p *Part) Decision(code string, text Text) Mark {
	return p.b.ed.newReport(report{part: p, code: code, label: text})
}

// Deferred says that the readings in these fields count as used only where a
// Run marks them: a clock in hours does not rest on how days are counted.
func (p *Part) Deferred(fields ...string) Mark {
	p.later = append(p.later, fields...)
	p.Readings = nil
	for name, keys := range p.byField {
		if !slices.Contains(p.later, name) {
			p.Readings = append(p.Readings, keys...)
		}
	}
	p.Readings = append(p.Readings, p.lent...)
	slices.Sort(p.Readings)
	p.Readings = slices.Compact(p.Readings)
	d := deferral{part: p}
	for _, f := range fields {
		d.keys = append(d.keys, p.byField[f]...)
	}
	if p.b == nil || len(d.keys) == 0 {
		return markVoid
	}
	d.mark = p.b.ed.newMark()
	p.b.ed.deferred = append(p.b.ed.deferred, d)
	return d.mark
}
