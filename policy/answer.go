package policy

import (
	"encoding/binary"
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
// concurrent use.
type Answer struct {
	*Conclusion
	Liable []Liable

	rec record
}

// Conclusion is what an answer comes to, apart from its figures and persons.
// It is shared by answers that come to the same: append to its lists, but do
// not write to their elements.
type Conclusion struct {
	Question      string
	Verdict       string // a word of the question's list, Undetermined or NotInScope; "" with an Error
	Breaches      []Breach
	MissingFacts  []MissingFact
	NeedsDecision bool
	Decisions     []Decision
	Provisional   bool // may change with time alone
	Cites         []string
	Readings      []UsedReading
	Rules         []string // ids of the rules that applied
	Rulebook      Stamp
	Error         *AnswerError

	blank   bool   // nothing is said in the figures
	nothing []Text // what could not be computed because it divides by nothing, and no decision says so
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

// answer evaluates what is live, and puts the answer together.
func (s *scratch) answer() *Answer {
	r, p := &s.run, s.run.of
	c := p.conclusion
	if c == nil {
		r.evaluate(p.units)
		scope, verdict := p.scope, p.verdict
		if p.scopeLive {
			scope = r.scope()
		}
		if p.verdictLive {
			verdict = r.verdict()
		}
		if scope != noScope {
			r.figures(p.figures)
		}
		if r.Err != nil {
			return r.failed()
		}
		c = s.conclude(scope, verdict)
	}
	if r.marks[markScope] != yesScope {
		r.liable = nil
	}
	return s.keep(c)
}

// conclude finds what an evaluation comes to among what was concluded before:
// it follows from the pattern, the marks of what is live, the verdict and what
// was lacking.
func (s *scratch) conclude(scope outcome, verdict value.Value) *Conclusion {
	r, p := &s.run, s.run.of
	r.marks[markScope] = scope
	key, alike := s.key[:0], true
	for _, at := range p.tells {
		key = append(key, r.marks[at.from:at.to]...)
	}
	key = append(key, byte(verdict.State), bit(r.provisional))
	key = append(key, verdict.S()...)
	for _, n := range r.Needs[len(p.needs):] {
		key = binary.AppendVarint(append(key, 0), int64(n.Slot))
		key = binary.AppendVarint(key, int64(n.Index))
		key = binary.AppendVarint(key, int64(n.Field))
		alike = alike && (n.Slot < 0 || n.Index < 0) // an element has its place in these very facts
	}
	s.key = key
	if c := p.conclusions.firstUnder(key); c != nil {
		return c
	}
	hash := p.conclusions.hash(key)
	if c := p.conclusions.find(key, hash); c != nil {
		return c
	}
	r.restore()
	c := r.concluded(scope, verdict)
	if alike && r.ed.concluded.Add(1) <= maxConclusions {
		p.conclusions.add(key, hash, c)
	}
	return c
}

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// concluded draws up what the evaluation comes to.
func (r *Run) concluded(scope outcome, verdict value.Value) *Conclusion {
	q := r.ed.question
	c := &Conclusion{Question: q.ID, Rulebook: r.ed.stamp, blank: scope != yesScope} // where it may not apply, nothing is said
	switch {
	case scope == noScope:
		c.Verdict = NotInScope
	case verdict.IsNone() && q.ifNone != "" && scope == yesScope:
		c.Verdict = q.ifNone
	case scope == openScope || !verdict.IsKnown():
		c.Verdict = Undetermined
	default:
		c.Verdict = verdict.S()
	}
	var lacks, divided []missing
	if scope != noScope {
		lacks, divided = apart(r.lacks(scope))
		c.MissingFacts = r.missingFacts(lacks)
		r.undefined(c, divided)
	}
	if scope == yesScope {
		c.Provisional = r.provisional
		r.reported(c)
	}
	r.citations(c)
	c.clip()
	return c
}

// lacks are the facts that were lacking, and for what.
func (r *Run) lacks(scope outcome) []missing {
	var all []missing
	seen := map[*unit]bool{}
	for owner, needs := range r.groups() {
		switch {
		case owner == r.ed.verdictOwner():
			r.collect(needs, r.ed.question.ID, &all, seen)
		case owner > r.ed.verdictOwner():
			r.collect(needs, r.ed.figureIDs[owner-r.ed.verdictOwner()-1], &all, seen)
		default:
			u := r.ed.units[owner]
			if !seen[u] && (u.listed || slices.Contains(r.ed.asked.scope, u) && r.unitHolds(u).IsUnknown()) {
				seen[u] = true
				r.collect(needs, u.id(), &all, seen)
			}
		}
	}
	return all
}

// missingFacts names what was lacking as the question calls it.
func (r *Run) missingFacts(lacks []missing) []MissingFact {
	if len(lacks) == 0 {
		return nil
	}
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
	var contradiction *disorder
	out := &Conclusion{Question: r.ed.question.ID, Rulebook: r.ed.stamp}
	switch {
	case errors.As(err, &year):
		out.Error = &AnswerError{Code: "calendar_year_missing", Year: year.Year, Message: textf(
			"日历缺 %d 年：该年安排尚未公布或未录入", "the calendar has no year %d: its notice is not published or not entered", year.Year)}
	case errors.As(err, &contradiction):
		out.Error = r.ed.book.outOfOrder(contradiction.earlier, contradiction.later)
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
	return &Answer{Conclusion: out}
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
	return v.Time(a.rec.of.ed.book.Zone), true
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
	if a.rec.of == nil {
		return []string{}
	}
	figures := a.rec.of.ed.asked.values
	names := make([]string, len(figures))
	for i, f := range figures {
		names[i] = f.Name
	}
	return names
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
