package policy

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/sla/workday"
)

// Verdicts that every question may have beside its own words.
const (
	Undetermined = "undetermined" // a fact is missing, or a person must decide
	NotInScope   = "not_in_scope" // the regulation does not apply to these facts
)

// Answer is the uniform result of a question. It is immutable and safe for
// concurrent use. Its lists may be shared with other answers: append to them,
// but do not write to their elements.
type Answer struct {
	Question      string
	Verdict       string // a word of the question's list, Undetermined or NotInScope; "" with an Error
	Breaches      []Breach
	Liable        []Liable
	MissingFacts  []MissingFact
	NeedsDecision bool
	Decisions     []Decision
	Provisional   bool // may change with time alone
	Cites         []string
	Readings      []UsedReading
	Rules         []string // ids of the rules that applied
	Rulebook      Stamp
	Error         *AnswerError

	rec  record
	room [2]Liable // of Liable, mostly
}

// Breach is a duty that was broken.
type Breach struct {
	Article string
	Code    string
	Detail  string // which of several, "" for none
	Rule    string
	Label   Text
}

// String is "article#code" or "article#code:detail".
func (b Breach) String() string {
	s := b.Article + "#" + b.Code
	if b.Detail != "" {
		s += ":" + b.Detail
	}
	return s
}

// Liable is who answers for the breaches.
type Liable struct {
	Role   string
	Person string // "" where it is not known who holds the role
}

// MissingFact is a fact that a rule needs and nobody gave.
type MissingFact struct {
	Fact     string
	NeededBy string
}

// Decision is something that a person must decide.
type Decision struct {
	Code  string
	Rule  string
	Label Text
}

// UsedReading is a reading that the answer rests on, and its option.
type UsedReading struct{ Key, Option string }

// Stamp says which rulebook gave an answer.
type Stamp struct {
	ID      string
	Edition string // first day of the edition, YYYY-MM-DD
	SHA256  string
}

// AnswerError says why nothing could be decided.
type AnswerError struct {
	Code    string // stable
	Fact    string // the fact concerned, if any
	Year    int    // of a missing calendar year, else 0
	Message Text
}

// Error is the reason in English.
func (e *AnswerError) Error() string { return e.Message.EN + " [" + e.Code + "]" }

// lacking collects what an evaluation lacked. Most lack nothing.
type lacking struct {
	run  *Run
	all  []missing
	seen map[*unit]bool
}

func (l *lacking) collect(needs []value.Need, by string) {
	if len(needs) == 0 {
		return
	}
	if l.seen == nil {
		l.seen = map[*unit]bool{}
	}
	l.run.collect(needs, by, &l.all, l.seen)
}

func (l *lacking) collectAndClear(by string) {
	l.collect(l.run.Needs, by)
	l.run.Needs = l.run.Needs[:0]
}

// unit collects what a unit lacked, once.
func (l *lacking) unit(u *unit) {
	if needs := l.run.needsOf(u); len(needs) > 0 && !l.seen[u] {
		if l.seen == nil {
			l.seen = map[*unit]bool{}
		}
		l.seen[u] = true
		l.collect(needs, u.id())
	}
}

// answer fills in what the evaluation found.
func (r *Run) answer() *Answer {
	q, asked := r.ed.question, r.ed.asked
	l := lacking{run: r}
	scope := yesScope
	for _, u := range asked.scope {
		if holds := r.unitHolds(u); holds.False() {
			scope = noScope
		} else if holds.IsUnknown() && scope != noScope {
			scope = openScope
			l.collect(r.needsOf(u), u.id())
		}
	}
	r.marks[markScope] = scope
	verdict := r.Eval(asked.verdict)
	if scope != noScope {
		l.collectAndClear(q.ID)
		if r.needs != nil {
			for _, u := range asked.units {
				if u.listed {
					l.unit(u)
				}
			}
		}
		r.figures(asked.values, &l)
	} else {
		l.all = nil
	}
	if r.Err != nil {
		return r.failed()
	}
	a := r.keep(scope != yesScope) // where it may not apply, nothing is said
	a.Question, a.Rulebook = q.ID, r.ed.stamp
	switch {
	case scope == noScope:
		a.Verdict = NotInScope
	case verdict.IsNone() && q.ifNone != "" && scope == yesScope:
		a.Verdict = q.ifNone
	case scope == openScope || !verdict.IsKnown():
		a.Verdict = Undetermined
	default:
		a.Verdict = verdict.S()
	}
	if scope == yesScope {
		a.Provisional = r.provisional
		if n := len(r.liable); n > 0 {
			a.Liable = append(a.room[:0], r.liable...)[:n:n]
		}
	}
	if len(l.all) > 0 {
		a.MissingFacts = r.missingFacts(l.all)
	}
	f := r.ed.findings(r)
	a.Breaches, a.Decisions, a.NeedsDecision = f.breaches, f.decisions, len(f.decisions) > 0
	a.Cites, a.Readings, a.Rules = f.cites, f.readings, f.rules
	return a
}

// missingFacts names what was lacking as the question calls it.
func (r *Run) missingFacts(lacks []missing) []MissingFact {
	for i := range lacks {
		lacks[i].need = r.asGiven(lacks[i].need)
	}
	slices.SortFunc(lacks, compareMissing)
	lacks = slices.Compact(lacks)
	all := make([]MissingFact, 0, len(lacks))
	for _, m := range lacks {
		all = append(all, MissingFact{r.ed.question.path(m.need), m.by})
	}
	return wholeRecords(all)
}

// unitHolds is the output "holds" of a scope.
func (r *Run) unitHolds(u *unit) value.Value {
	if u.holdsAt < 0 {
		return value.Value{}
	}
	return r.Slots[u.holdsAt]
}

// wholeRecords leaves out the fields of a record that is itself missing for
// the same rule.
func wholeRecords(all []MissingFact) []MissingFact {
	return slices.DeleteFunc(slices.Clone(all), func(m MissingFact) bool {
		return slices.ContainsFunc(all, func(record MissingFact) bool {
			return record.NeededBy == m.NeededBy && strings.HasPrefix(m.Fact, record.Fact+".")
		})
	})
}

// failed is the answer that could not be given.
func (r *Run) failed() *Answer {
	err := r.Err
	var year *workday.YearMissingError
	var overflow *condition.OverflowError
	out := &Answer{Question: r.ed.question.ID, Rulebook: r.ed.stamp}
	switch {
	case errors.As(err, &year):
		out.Error = &AnswerError{Code: "calendar_year_missing", Year: year.Year, Message: textf(
			"日历缺 %d 年：该年安排尚未公布或未录入", "the calendar has no year %d: its notice is not published or not entered", year.Year)}
	case errors.As(err, &overflow):
		out.Error = &AnswerError{Code: "arithmetic_overflow", Message: textf("计算超出整数范围", "the calculation leaves the range of whole numbers")}
	default:
		why := textf("%v", "%v", err)
		var refused *refusal
		var two *TwoRulesError
		switch {
		case errors.As(err, &refused):
			why = refused.message
		case errors.As(err, &two):
			why.ZH = fmt.Sprintf("%s 与 %s 同时适用，同组只能有一条适用", two.First, two.Second)
		}
		out.Error = &AnswerError{Code: "not_computable", Message: textf("无法计算：%[1]s", "this cannot be computed: %[2]s", why.ZH, why.EN)}
	}
	return out
}

// path is the name of the fact that a need means, as the question calls it.
func (q *Question) path(n value.Need) string {
	if n.Slot == q.layout.asOf {
		return "as_of"
	}
	if n.Index < 0 && n.Slot < len(q.layout.paths) && q.layout.paths[n.Slot] != "" {
		return q.layout.paths[n.Slot]
	}
	for i, f := range q.layout.placed {
		if p, ok := f.pathOf(n, q.Facts[i].Name); ok {
			return p
		}
	}
	return fmt.Sprintf("#%d", n.Slot)
}

// asGiven turns the place of an element into the one that it had in the list
// as it was given.
func (r *Run) asGiven(n value.Need) value.Need {
	if list := r.Slots[n.Slot].L(); n.Index >= 0 && n.Index < len(list) && list[n.Index].K == value.Record {
		n.Index = int(list[n.Index].N)
	}
	return n
}

func (f *Fact) pathOf(n value.Need, path string) (string, bool) {
	if f.slot == n.Slot {
		if n.Index >= 0 {
			path = fmt.Sprintf("%s[%d]", path, n.Index)
			if n.Field >= 0 && f.Elem != nil && n.Field < len(f.Elem.Fields) {
				path += "." + f.Elem.Fields[n.Field].Name
			}
		}
		return path, true
	}
	for _, x := range f.Fields {
		if p, ok := x.pathOf(n, path+"."+x.Name); ok {
			return p, true
		}
	}
	return "", false
}

func (a *Answer) known(path string, kind value.Kind) (value.Value, bool) {
	n, ok := a.find(path)
	return n.v, ok && n.v.IsKnown() && n.v.K == kind
}

// Date is the date in the value with the given name ("due_date", or dotted
// for a field of a record); false where it is not known to be a date.
func (a *Answer) Date(name string) (date.Date, bool) {
	v, ok := a.known(name, value.Date)
	return v.Date(), ok
}

// Moment is the moment in the named value, in the rulebook's zone.
func (a *Answer) Moment(name string) (time.Time, bool) {
	v, ok := a.known(name, value.Moment)
	if !ok {
		return time.Time{}, false
	}
	return v.Time(a.rec.ed.book.Zone), true
}

// Int is the whole number (a count or an amount) in the named value.
func (a *Answer) Int(name string) (int64, bool) {
	v, ok := a.known(name, value.Count)
	return v.N, ok
}

// Bool is the yes or no in the named value.
func (a *Answer) Bool(name string) (yes, ok bool) {
	v, ok := a.known(name, value.YesNo)
	return v.N != 0, ok
}

// Ratio is the exact fraction in the named value.
func (a *Answer) Ratio(name string) (num, den int64, ok bool) {
	v, ok := a.known(name, value.Ratio)
	return v.N, v.D, ok
}

// Word is the word, name or article id in the named value.
func (a *Answer) Word(name string) (string, bool) {
	n, ok := a.find(name)
	return n.v.S(), ok && n.v.IsKnown() && n.v.S() != ""
}

// Words are the words or names of the list in the named value.
func (a *Answer) Words(name string) ([]string, bool) {
	v, ok := a.known(name, value.List)
	if !ok {
		return nil, false
	}
	words := make([]string, 0, len(v.L()))
	for _, e := range v.L() {
		if e.K != value.Word && e.K != value.Name && e.K != value.Article {
			return nil, false
		}
		words = append(words, e.S())
	}
	return words, true
}

// Names lists the values that the answer has, in the order of the rulebook.
func (a *Answer) Names() []string {
	if a.rec.ed == nil {
		return []string{}
	}
	figures := a.rec.ed.asked.values
	names := make([]string, len(figures))
	for i, f := range figures {
		names[i] = f.Name
	}
	return names
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
