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

// Answer is the uniform result of a question. It belongs to whoever asked:
// nothing that is done to its fields or lists reaches another answer. Its
// methods read it alone and are safe for concurrent use.
type Answer struct {
	Question      string
	Verdict       string // a word of the question's list, Undetermined or NotInScope; "" with an Error
	Breaches      []Breach
	Liable        []Liable
	MissingFacts  []MissingFact
	NeedsDecision bool
	Decisions     []Decision
	Provisional   bool // may change, or fail, at a later moment of asking
	Cites         []string
	Readings      []UsedReading // with an Error those another option of which may lead to something else
	Rules         []string      // ids of the rules that applied
	Rulebook      Stamp

	// Error is nil, or an *AnswerError that says why nothing could be decided.
	Error error

	of   *conclusion // what it came to, nil for an answer that was put together by hand
	kept kept
}

// conclusion is what an answer comes to, apart from its values and persons.
// Answers that come to the same are made from one; it is never written to, and
// never handed out.
type conclusion struct {
	book        *Rulebook
	question    *Question
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
		Answer
		names    [6]string // cites, then rules
		readings [4]UsedReading
	}
	largeAnswer struct {
		Answer
		names    [12]string
		readings [8]UsedReading
		liable   [2]Liable
	}
)

// newAnswer says what a conclusion says and who is liable, in lists of the
// answer's own.
func newAnswer(c *conclusion, liable []Liable) *Answer {
	var a *Answer
	var names []string
	var readings []UsedReading
	var persons []Liable
	if n := len(c.cites) + len(c.rules); n <= len(smallAnswer{}.names) && len(c.readings) <= len(smallAnswer{}.readings) && len(liable) == 0 {
		s := &smallAnswer{}
		a, names, readings = &s.Answer, s.names[:0], s.readings[:0]
	} else {
		l := &largeAnswer{}
		a, names, readings, persons = &l.Answer, l.names[:0], l.readings[:0], l.liable[:0]
	}
	a.of = c
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

// Failure is the Error as data: why nothing could be decided. It is zero where
// there is no Error.
func (a *Answer) Failure() AnswerError {
	var why *AnswerError
	if !errors.As(a.Error, &why) || why == nil {
		return AnswerError{}
	}
	return *why
}

// Conclusion is what an answer came to apart from its values and the persons
// liable, as a key: answers with the same one said the same when they were
// given.
type Conclusion struct{ of *conclusion }

// Conclusion is what the answer came to when it was given.
func (a *Answer) Conclusion() Conclusion { return Conclusion{a.of} }

// Answer is an answer that says this and has no values.
func (c Conclusion) Answer() *Answer {
	if c.of == nil {
		return &Answer{}
	}
	return newAnswer(c.of, nil)
}

// Breach is a duty that was broken.
type Breach struct {
	Article string `json:"article"`
	Code    string `json:"code"`
	Detail  string `json:"detail,omitempty"` // which of several, "" for none
	Rule    string `json:"rule"`
	Label   Text   `json:"label"`
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
	Role   string `json:"role"`
	Person string `json:"person,omitempty"` // "" where it is not known who holds the role
}

// MissingFact is a fact that a rule needs and nobody gave.
type MissingFact struct {
	Fact     string `json:"fact"`
	NeededBy string `json:"needed_by"`
}

// Decision is something that a person must decide.
type Decision struct {
	Code  string `json:"code"`
	Rule  string `json:"rule"`
	Label Text   `json:"label"`
}

// UsedReading is a reading that the answer rests on, and its option.
type UsedReading struct{ Key, Option string }

// Stamp says which rulebook gave an answer.
type Stamp struct {
	ID      string `json:"id"`
	Edition string `json:"edition,omitempty" jsonschema:"first day of the edition"` // YYYY-MM-DD
	SHA256  string `json:"sha256" jsonschema:"of the rules file"`
}

// Codes of an [AnswerError]. They are stable.
const (
	CodeNotInForce     = "not_in_force"          // the rulebook is not in force on the day that counts
	CodeEventAfterAsOf = "event_after_as_of"     // something given is later than the moment of asking
	CodeOutOfOrder     = "events_out_of_order"   // two events that were given contradict each other
	CodeYearMissing    = "calendar_year_missing" // a calendar that is counted on has no listing of the year
	CodeOverflow       = "arithmetic_overflow"   // a calculation leaves the range of whole numbers
	CodeNotComputable  = "not_computable"        // the facts cannot all be right, or two rules of a group apply
)

// AnswerError says why nothing could be decided.
type AnswerError struct {
	Code    string `json:"code"`           // one of those above
	Fact    string `json:"fact,omitempty"` // the fact concerned, if any
	Year    int    `json:"year,omitempty"` // of a missing calendar year, else 0
	Message Text   `json:"message"`
	Remedy  Text   `json:"remedy,omitzero" jsonschema:"what to do about it"`
}

// Error is the reason in English, and what to do.
func (e *AnswerError) Error() string {
	if e == nil {
		return "<nil>"
	}
	text := e.Message.EN + " [" + e.Code + "]"
	if e.Remedy.EN != "" {
		text += " → " + e.Remedy.EN
	}
	return text
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
	a := newAnswer(c, r.liable)
	a.kept = r.keep(c.blank)
	return a
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
		why = &AnswerError{Code: CodeOverflow, Message: textf("计算超出整数范围", "the calculation leaves the range of whole numbers"),
			Remedy: textf("检查事实里过大的数", "check the facts for a number that is too large")}
	case errors.As(err, &refused):
		why = notComputable(refused.message, textf("核对这些事实", "check these facts"))
	case errors.As(err, &two):
		why = notComputable(textf("%[1]s 与 %[2]s 同时适用，同组只能有一条适用", "both %[1]s and %[2]s apply; only one of the group may", two.First, two.Second),
			textf("在规则书里给其中一条加上条件（when）", "give one of them a condition (when) in the rulebook"))
	case errors.Is(err, condition.ErrOutOfRange):
		why = notComputable(textf("算出的日期或时刻超出范围（日期 1 年至 9999 年，时刻 1700 年至 2199 年）",
			"a date or moment is out of range (dates: the years 1 to 9999, moments: 1700 to 2199)"), textf("核对事实里的日期", "check the dates among the facts"))
	default:
		why = notComputable(textf("%v", "%v", err), textf("核对这些事实", "check these facts"))
	}
	return newAnswer(&conclusion{book: r.ed.book, question: r.ed.question, rulebook: r.ed.stamp, failure: why, readings: r.ed.behind}, nil)
}

func notComputable(why, remedy Text) *AnswerError {
	return &AnswerError{Code: CodeNotComputable, Message: textf("无法计算：%[1]s", "this cannot be computed: %[2]s", why.ZH, why.EN), Remedy: remedy}
}

// yearMissing says that a calendar does not know a year.
func yearMissing(year int) *AnswerError {
	e := &AnswerError{Code: CodeYearMissing, Year: year,
		Message: textf("日历缺 %d 年：该年安排尚未公布或未录入", "the calendar has no year %d: its notice is not published or not entered", year),
		Remedy:  textf("安排公布后，把 %d 年录入规则书的日历（calendars）", "enter the year %d under calendars in the rulebook once its notice is published", year)}
	if first, last := workday.FirstDate.Year(), workday.LastDate.Year(); year < first || year > last {
		e.Message = textf("日历缺 %d 年：日历只有 %d 年至 %d 年", "the calendar has no year %d: calendars are of the years %d to %d", year, first, last)
		e.Remedy = textf("核对事实里的年份", "check the years among the facts")
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

// known is the named value where it is known to be of the kind.
func (a *Answer) known(name string, kind value.Kind) (value.Value, bool) {
	n, ok := a.find(name)
	if !ok || n.none || !n.v.IsKnown() || n.v.K != kind {
		return value.Value{}, false
	}
	return n.v, true
}

// UnknownValueError says that the answers of a question have no value of that
// name.
type UnknownValueError struct {
	Question string
	Name     string
	Remedy   Text
}

// Error is the refusal in English.
func (e *UnknownValueError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("the answers of %s have no value %q [unknown_value] → %s", e.Question, e.Name, e.Remedy.EN)
}

// State is what is known of a value of an answer.
type State uint8

// States of a value. None is knowledge, too: there is no due date where no limit
// applies, and no fine where nobody is accountable.
const (
	StateUnknown State = iota // a fact is missing, a person must decide, or nothing could be computed
	StateNone                 // it is known that there is no such thing
	StateKnown
)

// String is "unknown", "none" or "known".
func (s State) String() string { return [...]string{"unknown", "none", "known"}[min(s, StateKnown)] }

// State is what is known of the named value in this answer. The error is an
// *UnknownValueError where no answer of the question has a value of that name;
// the getters below say false to that, too.
func (a *Answer) State(name string) (State, error) {
	if a.of == nil {
		return StateUnknown, &UnknownValueError{a.Question, name, textf("这个答复没有取值", "this answer has no values")}
	}
	q := a.of.question
	if _, ok := q.ValueAt(name); !ok {
		return StateUnknown, &UnknownValueError{q.ID, name, oneOf(name, q.valueNames())}
	}
	switch {
	case a.of.verdict == NotInScope:
		return StateNone, nil
	case a.of.blank || a.kept.ed == nil:
		return StateUnknown, nil
	}
	list := a.compiledValues()
	for {
		head, rest, more := strings.Cut(name, ".")
		f := list[slices.IndexFunc(list, func(f *compiledValue) bool { return f.Name == head })]
		if f.when != nil {
			if when := a.kept.value(f.keptWhen); !when.True() {
				return stateOf(when, StateNone), nil
			}
		}
		if !more {
			n := a.namedValue(f)
			switch {
			case n.none:
				return StateNone, nil
			case n.fields != nil:
				return StateKnown, nil
			}
			return stateOf(n.v, StateKnown), nil
		}
		name, list = rest, f.fields
	}
}

// stateOf is the state of a value, where it is known the given one.
func stateOf(v value.Value, known State) State {
	switch v.State {
	case value.Known:
		return known
	case value.None:
		return StateNone
	}
	return StateUnknown
}

// valueNames are the dotted names of all values of the question's answers.
func (q *Question) valueNames() []string {
	var names []string
	var each func(list []*QuestionValue, prefix string)
	each = func(list []*QuestionValue, prefix string) {
		for _, f := range list {
			names = append(names, prefix+f.Name)
			each(f.Fields, prefix+f.Name+".")
		}
	}
	each(q.Values, "")
	return names
}

// Date is the date in the value with the given name ("due_date", or dotted
// for a field of a record). Of the getters, the last result is false, and the
// value its type's zero, where the named value is not known, is of another
// type, or does not exist; [Answer.State] tells these apart.
func (a *Answer) Date(name string) (date.Date, bool) {
	v, ok := a.known(name, value.Date)
	if !ok {
		return 0, false
	}
	return v.Date(), true
}

// Moment is the moment in the named value, in the rulebook's zone.
func (a *Answer) Moment(name string) (time.Time, bool) {
	v, ok := a.known(name, value.Moment)
	if !ok {
		return time.Time{}, false
	}
	return v.Time(a.kept.ed.book.Zone), true
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

// Ratio is the exact fraction in the named value, as it was counted and not
// reduced.
func (a *Answer) Ratio(name string) (num, den int64, ok bool) {
	if v, ok := a.known(name, value.Ratio); ok {
		return v.N, v.D, true
	}
	n, found := a.find(name)
	if v, whole := a.known(name, value.Count); whole && found && n.fig.Type.Kind == KindRatio {
		return v.N, 1, true // the fraction came to a whole number
	}
	return 0, 0, false
}

// Month is the month in the named value.
func (a *Answer) Month(name string) (Month, bool) {
	v, ok := a.known(name, value.Month)
	if !ok {
		return Month{}, false
	}
	y, m := v.YearMonth()
	return Month{y, m}, true
}

// Duration is the length of time in the named value.
func (a *Answer) Duration(name string) (time.Duration, bool) {
	v, ok := a.known(name, value.Duration)
	return time.Duration(v.N), ok
}

// Word is the word, name or article id in the named value.
func (a *Answer) Word(name string) (string, bool) {
	for _, kind := range []value.Kind{value.Word, value.Name, value.Article} {
		if v, ok := a.known(name, kind); ok && v.S() != "" {
			return v.S(), true
		}
	}
	return "", false
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
	if a.kept.ed == nil {
		return []string{}
	}
	values := a.kept.ed.asked.values
	names := make([]string, len(values))
	for i, f := range values {
		names[i] = f.Name
	}
	return names
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
