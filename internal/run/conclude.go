package run

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla/workday"
)

// conclusion is what an answer comes to, apart from its values and persons.
// Answers that come to the same are made from one; it is never written to, and
// never handed out.
type conclusion struct {
	book        *checked.Book
	question    *checked.Question
	plan        *form.Plan // that was evaluated; nil where nothing was, or could be
	verdict     string
	breaches    []policy.Breach
	missing     []policy.MissingFact
	decisions   []policy.Decision
	names       []string // cited articles, then rules
	cites       int      // how many of the names are articles
	readings    []policy.UsedReading
	rulebook    policy.Stamp
	failure     *policy.AnswerError
	provisional bool
	others      *otherEditions // that may come to answer otherwise; nil for none
	blank       bool           // nothing is said in the values
	undated     bool           // no edition answered: it is not known which one holds
	nothing     []policy.Text  // what could not be computed because it divides by nothing, and no decision says so
}

// Answer is an answer that says this and has no values.
func (c *conclusion) Answer() *policy.Answer { return newAnswer(c, nil, "") }

// newAnswer says what a conclusion says and who is liable, in lists of the
// answer's own.
func newAnswer(c *conclusion, liable []policy.Liable, taken value.Reader) *policy.Answer {
	memory := memoryFor(len(c.names), len(c.readings), len(liable))
	a := memory.answer
	*memory.from = evaluated{c, taken}
	a.SetEvaluation(memory.from)
	a.Question, a.Verdict, a.Rulebook = c.question.ID, c.verdict, c.rulebook
	a.NeedsDecision, a.Provisional = len(c.decisions) > 0, c.provisional
	a.Breaches, a.MissingFacts, a.Decisions = slices.Clone(c.breaches), slices.Clone(c.missing), slices.Clone(c.decisions)
	if len(c.names) > 0 {
		names := append(memory.names, c.names...)
		a.Cites, a.Rules = slices.Clip(names[:c.cites]), slices.Clip(names[c.cites:])
	}
	if len(c.readings) > 0 {
		a.Readings = slices.Clip(append(memory.readings, c.readings...))
	}
	if len(liable) > 0 {
		a.Liable = slices.Clip(append(memory.liable, liable...))
	}
	if c.failure != nil {
		failure := *c.failure
		a.Error = &failure
	}
	return a
}

// answer evaluates the question and puts the answer together.
func answer(r *form.Run, others *otherEditions) *policy.Answer {
	evaluate(r, r.Plan.Asked.Units)
	scope, verdict := scope(r), verdict(r)
	if scope != form.OutOfScope {
		computeValues(r, r.Plan.Asked.Values)
	}
	if err := failure(r, scope); err != nil {
		return cannot(r, err)
	}
	c := conclude(r, scope, verdict)
	if others != nil {
		own := *c
		own.provisional, own.others = true, others
		c = &own
	}
	if scope != form.InScope {
		r.Accused = r.Accused[:0]
	}
	return newAnswer(c, r.Accused, snapshot(r, c.blank))
}

// concluded draws up what the evaluation comes to.
func concluded(r *form.Run, scope form.Outcome, verdict value.Value) *conclusion {
	q := r.Plan.Question
	c := &conclusion{book: r.Plan.Book, question: q, plan: r.Plan, rulebook: r.Plan.Stamp, blank: scope != form.InScope} // where it may not apply, nothing is said
	switch {
	case scope == form.OutOfScope:
		c.verdict = policy.NotInScope
	case verdict.IsNone() && q.IfNone != "" && scope == form.InScope:
		c.verdict = q.IfNone
	case scope == form.ScopeUndetermined || !verdict.IsKnown():
		c.verdict = policy.Undetermined
	default:
		c.verdict = verdict.S()
	}
	var lacks, divided []missing
	if scope != form.OutOfScope {
		lacks, divided = apart(lackingIn(r))
		c.missing = missingFacts(r, lacks)
		undefined(r, c, divided)
	}
	basis := basisOf(r, scope)
	c.provisional = basis.passing()
	if scope == form.InScope {
		reported(r, c)
	}
	citations(r, c, basis)
	return c
}

// lackingIn are the facts that were lacking, and for what.
func lackingIn(r *form.Run) []missing {
	var all []missing
	seen := map[*form.Unit]bool{}
	for owner, needs := range groups(r) {
		switch {
		case owner == r.Plan.VerdictOwner():
			collect(r, needs, r.Plan.Question.ID, &all, seen)
		case owner > r.Plan.VerdictOwner():
			collect(r, needs, r.Plan.ValueIDs[owner-r.Plan.VerdictOwner()-1], &all, seen)
		default:
			u := r.Plan.Units[owner]
			if !seen[u] && (u.Listed || slices.Contains(r.Plan.Asked.Scope, u) && unitHolds(r, u).IsUnknown()) {
				seen[u] = true
				collect(r, needs, u.ID(), &all, seen)
			}
		}
	}
	return all
}

// missingFacts names what was lacking as the question calls it.
func missingFacts(r *form.Run, lacks []missing) []policy.MissingFact {
	if len(lacks) == 0 {
		return nil
	}
	for i := range lacks {
		lacks[i].need = asGiven(r, lacks[i].need)
	}
	slices.SortFunc(lacks, compareMissing)
	lacks = slices.Compact(lacks)
	all := make([]policy.MissingFact, 0, len(lacks))
	for _, m := range lacks {
		all = append(all, policy.MissingFact{Fact: r.Plan.Question.Path(m.need), NeededBy: m.by})
	}
	return wholeRecords(all)
}

// unitHolds is the output "holds" of a scope.
func unitHolds(r *form.Run, u *form.Unit) value.Value {
	if u.HoldsAt < 0 {
		return value.Value{}
	}
	return r.Slots[u.HoldsAt]
}

// wholeRecords leaves out the fields of a record that is itself missing for
// the same rule.
func wholeRecords(all []policy.MissingFact) []policy.MissingFact {
	return slices.DeleteFunc(slices.Clone(all), func(m policy.MissingFact) bool {
		return slices.ContainsFunc(all, func(record policy.MissingFact) bool {
			return record.NeededBy == m.NeededBy && strings.HasPrefix(m.Fact, record.Fact+".")
		})
	})
}

// cannot is the answer that could not be given. Which readings had a part in
// that is not looked into: it lists all that the rules behind it turn on.
func cannot(r *form.Run, err error) *policy.Answer {
	var year *workday.YearMissingError
	var outside *workday.RangeError
	var hours *workday.HoursRangeError
	var overflow *condition.OverflowError
	var currencies *condition.CurrencyError
	var contradiction *form.OrderError
	var refused *form.Refusal
	var two *policy.TwoRulesError
	var why *policy.AnswerError
	switch {
	case errors.As(err, &year):
		why = yearMissing(year.Year)
	case errors.As(err, &outside):
		why = yearMissing(yearLeft(outside.Date.Year(), outside.Days))
	case errors.As(err, &hours):
		why = yearMissing(yearLeft(0, int(hours.Length/time.Hour)))
	case errors.As(err, &contradiction):
		why = r.Plan.Book.OutOfOrder(contradiction.Earlier, contradiction.Later)
	case errors.As(err, &overflow):
		why = &policy.AnswerError{Code: policy.CodeOverflow, Message: diagnostic.Textf("计算超出整数范围", "the calculation leaves the range of whole numbers"),
			Remedy: diagnostic.Textf("检查事实里过大的数，或相隔超过 292 年的时刻", "check the facts for a number that is too large, or for moments more than 292 years apart")}
	case errors.As(err, &currencies):
		why = notComputable(diagnostic.Textf("%[3]s 里是 %[1]s 与 %[2]s 的金额", "amounts of %s and %s meet in %s", currencies.A.Code(), currencies.B.Code(), currencies.Source),
			diagnostic.Textf("核对这些金额的货币；要换算的，规则书里写 rounded(exchanged(金额, 汇率, \"CNY\"))，汇率是事实", "check the currencies of these amounts; where one is to be exchanged, write rounded(exchanged(amount, rate, \"EUR\")) in the rulebook, at a rate that is a fact"))
	case errors.As(err, &refused):
		why = notComputable(refused.Message, diagnostic.Textf("核对这些事实", "check these facts"))
	case errors.As(err, &two):
		why = notComputable(diagnostic.Textf("%[1]s 与 %[2]s 同时适用，同组只能有一条适用", "both %[1]s and %[2]s apply; only one of the group may", two.First, two.Second),
			diagnostic.Textf("在规则书里给其中一条加上条件（when）", "give one of them a condition (when) in the rulebook"))
	case errors.Is(err, condition.ErrPeriodReversed):
		why = notComputable(diagnostic.Textf("列出的期间在开始之前就结束了", "a listed period ends before it begins"), diagnostic.Textf("核对这些期间的 from 和 to", "check from and to of these periods"))
	case errors.Is(err, condition.ErrNoLength):
		why = notComputable(diagnostic.Textf("most_within 的天数不到 1，或时长为负", "most_within has fewer days than 1, or a duration below 0"),
			diagnostic.Textf("核对事实里的天数或时长", "check the number of days, or the duration, among the facts"))
	case errors.Is(err, condition.ErrOutOfRange):
		why = notComputable(diagnostic.Textf("算出的日期或时刻超出范围（日期 1 年至 9999 年，时刻 1700 年至 2199 年）",
			"a date or moment is out of range (dates: the years 1 to 9999, moments: 1700 to 2199)"), diagnostic.Textf("核对事实里的日期", "check the dates among the facts"))
	default:
		why = notComputable(diagnostic.Textf("%v", "%v", err), diagnostic.Textf("核对这些事实", "check these facts"))
	}
	return newAnswer(&conclusion{book: r.Plan.Book, question: r.Plan.Question, rulebook: r.Plan.Stamp, failure: why, readings: r.Plan.Behind}, nil, "")
}

func notComputable(why, remedy policy.Text) *policy.AnswerError {
	return &policy.AnswerError{Code: policy.CodeNotComputable, Message: diagnostic.Textf("无法计算：%[1]s", "this cannot be computed: %[2]s", why.ZH, why.EN), Remedy: remedy}
}

// yearMissing says that a calendar does not know a year.
func yearMissing(year int) *policy.AnswerError {
	e := &policy.AnswerError{Code: policy.CodeYearMissing, Year: year,
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

// asGiven turns the place of an element into the one that it had in the list
// as it was given.
func asGiven(r *form.Run, n value.Need) value.Need {
	if list := r.Slots[n.Slot].L(); n.Index >= 0 && n.Index < len(list) && list[n.Index].K == value.Record {
		if fields := list[n.Index].L(); n.Item > 0 && n.Field < len(fields) {
			if items := fields[n.Field].L(); n.Item <= len(items) && items[n.Item-1].K == value.Record {
				n.Item = int(items[n.Item-1].N) + 1
			}
		}
		n.Index = int(list[n.Index].N)
	}
	return n
}

// conclude finds what the evaluation comes to, if it can among what was
// concluded before.
//
// That many answers share one conclusion is sound because it is a function of
// the key: the outcomes and findings of all rules, the verdict, and what was
// lacking. Where that is in an element of a list, its name depends on the
// facts, and nothing is shared.
func conclude(r *form.Run, scope form.Outcome, verdict value.Value) *conclusion {
	r.Marks[form.MarkScope] = scope
	key, named := append(r.Key[:0], r.Marks...), false
	key = append(append(key, byte(verdict.State)), verdict.S()...)
	for _, n := range r.Needs {
		key = binary.AppendVarint(append(key, 0), int64(n.Slot))
		key = binary.AppendVarint(key, int64(n.Index))
		key = binary.AppendVarint(key, int64(n.Field))
		named = named || n.Slot >= 0 && n.Index >= 0
	}
	r.Key = key
	if named {
		return concluded(r, scope, verdict)
	}
	c, known := r.Plan.Conclusions.Find(key).(*conclusion)
	if !known {
		c = concluded(r, scope, verdict)
		r.Plan.Conclusions.Add(key, c)
	}
	return c
}
