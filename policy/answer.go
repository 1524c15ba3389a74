package policy

import (
	"cmp"
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

	values []namedValue
	run    *Run
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

type namedValue struct {
	name   string
	fig    *Figure
	v      value.Value
	typ    *value.Type
	fields []namedValue // of a record built by the question
	none   bool         // the record does not exist
}

func (r *Run) answer(facts *Facts) *Answer {
	b := r.ed.book
	a := &Answer{
		Question: r.asked.question.ID, run: r,
		Rulebook: Stamp{ID: b.ID, Edition: r.ed.from.String(), SHA256: b.SHA256},
	}
	var lacks []missing
	seen := map[*unit]bool{}
	scope := value.Bool(true)
	for _, u := range r.asked.scope {
		if holds := r.unitOutput(u, "holds"); holds.False() {
			scope = holds
		} else if holds.IsUnknown() && !scope.False() {
			scope = holds
			r.collect(r.needs[u.index], u.id(), &lacks, seen)
		}
	}
	inScope := !scope.False()
	verdict := r.Eval(r.asked.verdict)
	if inScope {
		r.collectAndClear(a.Question, &lacks, seen)
		for _, u := range r.asked.units {
			if r.asked.listed[u] && !seen[u] {
				seen[u] = true
				r.collect(r.needs[u.index], u.id(), &lacks, seen)
			}
		}
		a.values = r.figures(r.asked.values, &lacks, seen)
	} else {
		lacks = nil
	}
	if !scope.True() {
		a.values = blank(r.asked.values) // where it may not apply, nothing is said
	}
	if r.Err != nil {
		return a.failed(r.Err)
	}
	switch {
	case !inScope:
		a.Verdict = NotInScope
	case verdict.IsNone() && r.asked.question.ifNone != "" && !scope.IsUnknown():
		a.Verdict = r.asked.question.ifNone
	case scope.IsUnknown() || !verdict.IsKnown():
		a.Verdict = Undetermined
	default:
		a.Verdict = verdict.S()
	}
	if scope.True() {
		r.findings(a)
	}
	for i := range lacks {
		lacks[i].need = facts.asGiven(lacks[i].need)
	}
	slices.SortFunc(lacks, compareMissing)
	for _, m := range slices.Compact(lacks) {
		a.MissingFacts = append(a.MissingFacts, MissingFact{facts.path(m.need), m.by})
	}
	a.MissingFacts = wholeRecords(a.MissingFacts)
	r.citations(a)
	return a
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

// failed turns the answer into one that could not be given.
func (a *Answer) failed(err error) *Answer {
	var year *workday.YearMissingError
	var overflow *condition.OverflowError
	out := &Answer{Question: a.Question, Rulebook: a.Rulebook}
	switch {
	case errors.As(err, &year):
		out.Error = &AnswerError{Code: "calendar_year_missing", Year: year.Year, Message: textf(
			"日历缺 %d 年:该年安排尚未公布或未录入", "the calendar has no year %d: its notice is not published or not entered", year.Year)}
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
			why.ZH = fmt.Sprintf("%s 与 %s 同时适用,同组只能有一条适用", two.First, two.Second)
		}
		out.Error = &AnswerError{Code: "not_computable", Message: textf("无法计算:%[1]s", "this cannot be computed: %[2]s", why.ZH, why.EN)}
	}
	return out
}

func (r *Run) unitOutput(u *unit, name string) value.Value {
	for _, o := range u.outputs {
		if o.name == name {
			return r.Slots[o.slot]
		}
	}
	return value.Value{}
}

func (r *Run) collectAndClear(by string, lacks *[]missing, seen map[*unit]bool) {
	r.collect(r.Needs, by, lacks, seen)
	r.Needs = r.Needs[:0]
}

func (r *Run) figures(list []*figure, lacks *[]missing, seen map[*unit]bool) []namedValue {
	all := make([]namedValue, 0, len(list))
	for _, f := range list {
		n := namedValue{name: f.Name, fig: f.Figure, typ: f.typ}
		holds := value.Bool(true)
		if f.when != nil {
			holds = f.when.Eval(&r.Frame)
			r.collectAndClear(r.asked.question.ID+"#"+f.Name, lacks, seen)
		}
		switch {
		case !holds.True():
			n.none = true
			n.v = value.In(value.Invalid, holds.State)
			if holds.IsKnown() {
				n.v.State = value.None
			}
		case f.is != nil:
			n.v = f.is.Eval(&r.Frame)
			r.collectAndClear(r.asked.question.ID+"#"+f.Name, lacks, seen)
		case len(f.fields) == 0:
			n.none = true
		default:
			n.fields = r.figures(f.fields, lacks, seen)
		}
		all = append(all, n)
	}
	return all
}

func blank(list []*figure) []namedValue {
	all := make([]namedValue, 0, len(list))
	for _, f := range list {
		all = append(all, namedValue{name: f.Name, fig: f.Figure, typ: f.typ, none: true})
	}
	return all
}

func (r *Run) findings(a *Answer) {
	b := r.ed.book
	for _, x := range r.breaches {
		label := x.part.Label()
		if l, ok := b.labels[x.code]; ok {
			label = l
		}
		if l, ok := b.labels[x.detail]; ok {
			label = Text{ZH: label.ZH + ":" + l.ZH, EN: label.EN + ": " + l.EN}
		}
		a.Breaches = append(a.Breaches, Breach{x.article.ID, x.code, x.detail, x.part.Rule.ID, label})
	}
	order := func(article string) int {
		i := 0
		for _, reg := range b.Regulations {
			for _, x := range reg.Articles {
				if x.ID == article {
					return i
				}
				i++
			}
		}
		return i
	}
	slices.SortStableFunc(a.Breaches, func(x, y Breach) int {
		return cmp.Or(cmp.Compare(order(x.Article), order(y.Article)), cmp.Compare(x.Code, y.Code), cmp.Compare(x.Detail, y.Detail))
	})
	a.Breaches = slices.CompactFunc(a.Breaches, func(x, y Breach) bool { return x.String() == y.String() })
	a.Liable = slices.Clone(r.liable)
	for _, d := range r.decide {
		a.Decisions = append(a.Decisions, Decision{d.code, d.part.Rule.ID, d.text})
	}
	slices.SortFunc(a.Decisions, func(x, y Decision) int {
		return cmp.Or(cmp.Compare(x.Code, y.Code), cmp.Compare(x.Rule, y.Rule))
	})
	a.Decisions = slices.Compact(a.Decisions)
	a.NeedsDecision = len(a.Decisions) > 0
	a.Provisional = r.provisional
}

// citations lists the articles, readings and rules that the answer rests on.
func (r *Run) citations(a *Answer) {
	b := r.ed.book
	cited, used := map[string]bool{}, map[string]bool{}
	for _, key := range r.asked.readings {
		used[key] = true
	}
	for _, u := range r.asked.units {
		for _, p := range u.parts {
			if r.outcomes[p.Index] != applied {
				continue
			}
			for _, id := range append([]string{p.Rule.Article.ID, p.Rule.Article.Parent()}, p.Rule.AlsoCite...) {
				cited[id] = true
			}
			for _, key := range r.readingsOf(p) {
				used[key] = true
			}
		}
	}
	for _, x := range a.Breaches {
		cited[x.Article] = true
		cited[parentArticle(x.Article)] = true
	}
	for _, reg := range b.Regulations {
		for _, x := range reg.Articles {
			if cited[x.ID] {
				a.Cites = append(a.Cites, x.ID)
			}
		}
	}
	for i, rule := range b.rules {
		if r.outcomes[i] == applied {
			a.Rules = append(a.Rules, rule.ID)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(used)) {
		a.Readings = append(a.Readings, UsedReading{key, b.choiceOf(b.readings[key], r.ed.sel).String()})
	}
}

// path is the name of the fact that a need means, as the question calls it.
func (f *Facts) path(n value.Need) string {
	if n.Slot == f.book.asOfSlot {
		return "as_of"
	}
	for _, q := range f.question.Facts {
		if p, ok := q.Fact.pathOf(n, q.Name); ok {
			return p
		}
	}
	return fmt.Sprintf("#%d", n.Slot)
}

// asGiven turns the place of an element into the one that it had in the list
// as it was given.
func (f *Facts) asGiven(n value.Need) value.Need {
	if list := f.slots[n.Slot].L(); n.Index >= 0 && n.Index < len(list) && list[n.Index].K == value.Record {
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

func (a *Answer) find(path string) (namedValue, bool) {
	list := a.values
	for {
		head, rest, more := strings.Cut(path, ".")
		i := slices.IndexFunc(list, func(n namedValue) bool { return n.name == head })
		if i < 0 {
			return namedValue{}, false
		}
		if !more {
			return list[i], true
		}
		path, list = rest, list[i].fields
	}
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
	return v.Time(a.run.Zone()), true
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
	names := make([]string, len(a.values))
	for i, v := range a.values {
		names[i] = v.name
	}
	return names
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
