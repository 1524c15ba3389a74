package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/sla/workday"
)

// conclusion is what an answer comes to, apart from its values and persons.
// Answers that come to the same are made from one; it is never written to, and
// never handed out.
type conclusion struct {
	book        *CheckedBook
	question    *checkedQuestion
	verdict     string
	breaches    []Breach
	missing     []MissingFact
	decisions   []Decision
	cites       []string
	readings    []UsedReading
	rules       []string
	rulebook    Stamp
	failure     *AnswerError
	provisional bool
	blank       bool   // nothing is said in the values
	nothing     []Text // what could not be computed because it divides by nothing, and no decision says so
}

// Most of what a decision costs is allocating its answer. So the lists that
// most answers have lie behind it, in one piece of memory: a few entries in a
// small one, more in a large one. Longer lists have memory of their own.
type (
	smallAnswer struct {
		Answer    Answer
		evaluated evaluated
		names     [6]string // cites, then rules
		readings  [4]UsedReading
	}
	largeAnswer struct {
		Answer    Answer
		evaluated evaluated
		names     [12]string
		readings  [8]UsedReading
		liable    [2]Liable
	}
)

// Answer is an answer that says this and has no values.
func (c *conclusion) Answer() *Answer { return newAnswer(c, nil, kept{}) }

// newAnswer says what a conclusion says and who is liable, in lists of the
// answer's own.
func newAnswer(c *conclusion, liable []Liable, kept kept) *Answer {
	var a *Answer
	var from *evaluated
	var names []string
	var readings []UsedReading
	var persons []Liable
	if n := len(c.cites) + len(c.rules); n <= len(smallAnswer{}.names) && len(c.readings) <= len(smallAnswer{}.readings) && len(liable) == 0 {
		s := &smallAnswer{}
		a, from, names, readings = &s.Answer, &s.evaluated, s.names[:0], s.readings[:0]
	} else {
		l := &largeAnswer{}
		a, from, names, readings, persons = &l.Answer, &l.evaluated, l.names[:0], l.readings[:0], l.liable[:0]
	}
	*from = evaluated{c, kept}
	a.SetEvaluation(from)
	a.Question, a.Verdict, a.Rulebook = c.question.ID, c.verdict, c.rulebook
	a.NeedsDecision, a.Provisional = len(c.decisions) > 0, c.provisional
	a.Breaches, a.MissingFacts, a.Decisions = slices.Clone(c.breaches), slices.Clone(c.missing), slices.Clone(c.decisions)
	if names = append(append(names, c.cites...), c.rules...); len(names) > 0 {
		a.Cites, a.Rules = slices.Clip(names[:len(c.cites)]), slices.Clip(names[len(c.cites):])
	}
	if len(c.readings) > 0 {
		a.Readings = slices.Clip(append(readings, c.readings...))
	}
	if len(liable) > 0 {
		a.Liable = slices.Clip(append(persons, liable...))
	}
	if c.failure != nil {
		failure := *c.failure
		a.Error = &failure
	}
	return a
}

// answer evaluates the question and puts the answer together.
func (r *Run) answer() *Answer {
	r.evaluate(r.ed.asked.units)
	scope, verdict := r.scope(), r.verdict()
	if scope != noScope {
		r.computeValues(r.ed.asked.values)
	}
	if err := r.failure(scope); err != nil {
		return r.cannot(err)
	}
	c := r.conclude(scope, verdict)
	if scope != yesScope {
		r.liable = r.liable[:0]
	}
	return newAnswer(c, r.liable, r.keep(c.blank))
}

// concluded draws up what the evaluation comes to.
func (r *Run) concluded(scope outcome, verdict value.Value) *conclusion {
	q := r.ed.question
	c := &conclusion{book: r.ed.book, question: q, rulebook: r.ed.stamp, blank: scope != yesScope} // where it may not apply, nothing is said
	switch {
	case scope == noScope:
		c.verdict = NotInScope
	case verdict.IsNone() && q.ifNone != "" && scope == yesScope:
		c.verdict = q.ifNone
	case scope == openScope || !verdict.IsKnown():
		c.verdict = Undetermined
	default:
		c.verdict = verdict.S()
	}
	var lacks, divided []missing
	if scope != noScope {
		lacks, divided = apart(r.lacks(scope))
		c.missing = r.missingFacts(lacks)
		r.undefined(c, divided)
	}
	basis := r.basis(scope)
	c.provisional = basis.passing()
	if scope == yesScope {
		r.reported(c)
	}
	r.citations(c, basis)
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
			r.collect(needs, r.ed.valueIDs[owner-r.ed.verdictOwner()-1], &all, seen)
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

// cannot is the answer that could not be given. Which readings had a part in
// that is not looked into: it lists all that the rules behind it turn on.
func (r *Run) cannot(err error) *Answer {
	var year *workday.YearMissingError
	var outside *workday.RangeError
	var hours *workday.HoursRangeError
	var overflow *condition.OverflowError
	var contradiction *disorder
	var refused *refusal
	var two *TwoRulesError
	var why *AnswerError
	switch {
	case errors.As(err, &year):
		why = yearMissing(year.Year)
	case errors.As(err, &outside):
		why = yearMissing(yearLeft(outside.Date.Year(), outside.Days))
	case errors.As(err, &hours):
		why = yearMissing(yearLeft(0, int(hours.Length/time.Hour)))
	case errors.As(err, &contradiction):
		why = r.ed.book.outOfOrder(contradiction.earlier, contradiction.later)
	case errors.As(err, &overflow):
		why = &AnswerError{Code: CodeOverflow, Message: diagnostic.Textf("计算超出整数范围", "the calculation leaves the range of whole numbers"),
			Remedy: diagnostic.Textf("检查事实里过大的数", "check the facts for a number that is too large")}
	case errors.As(err, &refused):
		why = notComputable(refused.message, diagnostic.Textf("核对这些事实", "check these facts"))
	case errors.As(err, &two):
		why = notComputable(diagnostic.Textf("%[1]s 与 %[2]s 同时适用，同组只能有一条适用", "both %[1]s and %[2]s apply; only one of the group may", two.First, two.Second),
			diagnostic.Textf("在规则书里给其中一条加上条件（when）", "give one of them a condition (when) in the rulebook"))
	case errors.Is(err, condition.ErrOutOfRange):
		why = notComputable(diagnostic.Textf("算出的日期或时刻超出范围（日期 1 年至 9999 年，时刻 1700 年至 2199 年）",
			"a date or moment is out of range (dates: the years 1 to 9999, moments: 1700 to 2199)"), diagnostic.Textf("核对事实里的日期", "check the dates among the facts"))
	default:
		why = notComputable(diagnostic.Textf("%v", "%v", err), diagnostic.Textf("核对这些事实", "check these facts"))
	}
	return newAnswer(&conclusion{book: r.ed.book, question: r.ed.question, rulebook: r.ed.stamp, failure: why, readings: r.ed.behind}, nil, kept{})
}

func notComputable(why, remedy Text) *AnswerError {
	return &AnswerError{Code: CodeNotComputable, Message: diagnostic.Textf("无法计算：%[1]s", "this cannot be computed: %[2]s", why.ZH, why.EN), Remedy: remedy}
}

// yearMissing says that a calendar does not know a year.
func yearMissing(year int) *AnswerError {
	e := &AnswerError{Code: CodeYearMissing, Year: year,
		Message: diagnostic.Textf("日历缺 %d 年：该年安排尚未公布或未录入", "the calendar has no year %d: its notice is not published or not entered", year),
		Remedy:  diagnostic.Textf("安排公布后，把 %d 年录入规则书的日历（calendars）", "enter the year %d under calendars in the rulebook once its notice is published", year)}
	if first, last := workday.FirstDate.Year(), workday.LastDate.Year(); year < first || year > last {
		e.Message = diagnostic.Textf("日历缺 %d 年：日历只有 %d 年至 %d 年", "the calendar has no year %d: calendars are of the years %d to %d", year, first, last)
		e.Remedy = diagnostic.Textf("核对事实里的年份", "check the years among the facts")
	}
	return e
}

// yearLeft is the year outside of calendars that counting came to: that of the
// day itself or, if there was a way to go, the one behind the last or the first.
func yearLeft(year, way int) int {
	switch {
	case way > 0:
		return workday.LastDate.Year() + 1
	case way < 0:
		return workday.FirstDate.Year() - 1
	}
	return year
}

// path is the name of the fact that a need means, as the question calls it.
func (q *checkedQuestion) path(n value.Need) string {
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

func (f *checkedFact) pathOf(n value.Need, path string) (string, bool) {
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
