// Package tally sums answers up: by verdict, breach, article, missing fact,
// and as exact pieces of indicators. Sums are made where the answers are – in
// a worker, on a machine of a cluster, in a review – and merged; in whatever
// order and grouping, the total is the same. What travels is a [kpi.Tally],
// whose names are those of [Kind].
package tally

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/internal/forms"
	"github.com/servicerules/rulebook/kpi"
	"github.com/servicerules/rulebook/policy"
)

// Kind is what a counter counts. Behind it, after a slash, stands of what.
type Kind string

// The kinds of counters. The first do not say of what.
const (
	Records     Kind = "records"     // that were asked about
	Breached    Kind = "breached"    // records with a breach
	Breaches    Kind = "breaches"    // in all answers
	Deciding    Kind = "deciding"    // records with something for a person to decide
	Lacking     Kind = "lacking"     // records of which a fact is missing
	Failed      Kind = "failed"      // records that nothing could be computed for
	Provisional Kind = "provisional" // records whose answer may change with time alone
	Refused     Kind = "refused"     // rows that could not be read
	Outside     Kind = "outside"     // records left out, of another period

	Verdict  Kind = "verdict"  // records, by the verdict of their answer
	Breach   Kind = "breach"   // breaches, by article#code
	Article  Kind = "article"  // records, by an article that was broken
	Missing  Kind = "missing"  // records, by a fact that is missing
	Decision Kind = "decision" // records, by what a person must decide
	Error    Kind = "error"    // records, by why nothing could be computed
	Refusal  Kind = "refusal"  // rows, by why they could not be read
	Word     Kind = "word"     // records, by value/word
	Plus     Kind = "plus"     // the sum of a value where it is positive; of amounts whose currency facts choose, by value/currency
	Minus    Kind = "minus"    // the sum of a value where it is negative, its sign left out; likewise
	Unknown  Kind = "unknown"  // records whose value is not in the sum
)

// A Tally sums up the answers to one question, and to others about the same
// records. It belongs to one goroutine.
type Tally struct {
	sums  []sum
	words []string
	rated bool // the answers hold indicators

	alike  map[policy.Conclusion]int64 // answers that came to the same, not yet counted
	spoken map[spoken]int64            // as Word
	counts map[counter]int64
	pieces map[piece]kpi.Counts
	err    error
}

// sum is a value that is added up.
type sum struct {
	name string
	in   string // the currency that every amount of it is in; "" where facts choose it, and of numbers
}

// spoken is the word of a value, by its place among the names.
type spoken struct {
	name int
	word string
}

// maxAlike is how many conclusions may wait to be counted: a few come again
// and again.
const maxAlike = 1000

type counter struct {
	kind Kind
	of   string
}

// piece is one indicator, with bases in parts of a whole: of means, there are
// as many as values were averaged.
type piece struct {
	rule  string
	parts int64
}

// New sums answers to a question up. Sums are the names of values that are
// added up.
func New(b *policy.Rulebook, q *policy.Question, sums []string) *Tally {
	t := &Tally{
		alike: map[policy.Conclusion]int64{}, spoken: map[spoken]int64{},
		counts: map[counter]int64{}, pieces: map[piece]kpi.Counts{},
	}
	for _, name := range sums {
		t.sums = append(t.sums, sum{name, CurrencyOf(q, name)})
	}
	var each func(list []*policy.QuestionValue, prefix string)
	each = func(list []*policy.QuestionValue, prefix string) {
		for _, f := range list {
			if f.Words != nil || f.Type != nil && f.Type.Kind == policy.KindWord {
				t.words = append(t.words, prefix+f.Name)
			}
			each(f.Fields, prefix+f.Name+".")
		}
	}
	each(q.Values, "")
	t.rated = rated(b, q)
	return t
}

// rated reports whether answers to a question may hold indicators.
func rated(b *policy.Rulebook, q *policy.Question) bool {
	for _, regulation := range b.Regulations {
		for _, a := range regulation.Articles {
			for _, r := range a.Rules {
				if r.Form.Name == forms.Indicator && slices.Contains(q.Rules, cmp.Or(r.PartOf, r.Name)) {
					return true
				}
			}
		}
	}
	return false
}

// Summable lists the values of a question that the rulebook itself adds up in
// a review: others are figures that no sum is meant of.
func Summable(b *policy.Rulebook, q *policy.Question) []string {
	var all []string
	if b.Review == nil {
		return nil
	}
	for _, s := range b.Review.Sections {
		for _, c := range s.Columns {
			if s.Question == q && c.Sum && !slices.Contains(all, c.Show[0]) {
				all = append(all, c.Show[0])
			}
		}
	}
	return all
}

// CurrencyOf is the currency that every amount of a value of a question is in; ""
// where facts choose the currency, and of values that are no amounts.
func CurrencyOf(q *policy.Question, path string) string {
	if v, ok := q.ValueAt(path); ok && v.Type != nil && v.Type.Kind == policy.KindMoney {
		return v.Type.In
	}
	return ""
}

// ByCurrency reports whether a value of a question is money of a currency that
// facts choose. Amounts of different currencies are not added up: such a value
// has a sum for each of its currencies.
func ByCurrency(q *policy.Question, path string) bool {
	v, ok := q.ValueAt(path)
	return ok && v.Type != nil && v.Type.Kind == policy.KindMoney && v.Type.In == ""
}

func (t *Tally) count(kind Kind, of string) { t.sum(kind, of, 1) }

// Add counts a record: the answer to the tally's question, and the answers to
// other questions about the same record.
func (t *Tally) Add(a *policy.Answer, others ...*policy.Answer) {
	t.values(a)
	if len(others) > 0 {
		t.record(1, a, others)
		return
	}
	if t.alike[a.Conclusion()]++; len(t.alike) > maxAlike {
		t.settle()
	}
}

// settle counts the conclusions that wait.
func (t *Tally) settle() {
	for c, n := range t.alike {
		t.record(n, c.Answer(), nil)
	}
	clear(t.alike)
}

// record counts n records whose answers come to the same.
func (t *Tally) record(n int64, a *policy.Answer, others []*policy.Answer) {
	t.sum(Records, "", n)
	if a.Error == nil {
		t.sum(Verdict, a.Verdict, n)
	}
	if a.Provisional {
		t.sum(Provisional, "", n)
	}
	var seen found
	seen.add(a)
	for _, o := range others {
		seen.add(o)
	}
	seen.count(t, n)
}

// found is what was found out about one record: things that count once for it,
// however often they were found, but for breaches.
type found struct {
	breaches                              []string
	articles, missing, decisions, reasons []string
}

func (s *found) add(a *policy.Answer) {
	once := func(list *[]string, x string) {
		if !slices.Contains(*list, x) {
			*list = append(*list, x)
		}
	}
	for _, b := range a.Breaches {
		s.breaches = append(s.breaches, b.String())
		once(&s.articles, b.Article)
	}
	for _, m := range a.MissingFacts {
		once(&s.missing, WithoutIndex(m.Fact))
	}
	for _, d := range a.Decisions {
		once(&s.decisions, d.Code)
	}
	if a.Error != nil {
		once(&s.reasons, a.Failure().Code)
	}
}

func (s *found) count(t *Tally, n int64) {
	for _, of := range s.breaches {
		t.sum(Breach, of, n)
		t.sum(Breaches, "", n)
	}
	for _, x := range []struct {
		whole, each Kind
		list        []string
	}{{Breached, Article, s.articles}, {Lacking, Missing, s.missing}, {Deciding, Decision, s.decisions}, {Failed, Error, s.reasons}} {
		if len(x.list) > 0 {
			t.sum(x.whole, "", n)
		}
		for _, of := range x.list {
			t.sum(x.each, of, n)
		}
	}
}

var index = regexp.MustCompile(`\[[0-9]+\]`)

// WithoutIndex is the path of a fact without places in lists: "items[].name".
func WithoutIndex(path string) string {
	if !strings.Contains(path, "[") {
		return path
	}
	return index.ReplaceAllString(path, "[]")
}

// sum adds n >= 0.
func (t *Tally) sum(kind Kind, of string, n int64) {
	at := counter{kind, of}
	if t.counts[at] > math.MaxInt64-n {
		t.err = fmt.Errorf("%s/%s: %w", kind, of, kpi.ErrOverflow)
		return
	}
	t.counts[at] += n
}

func (t *Tally) values(a *policy.Answer) {
	for _, x := range t.sums {
		of := x.name
		n, ok := a.Int(x.name)
		if !ok {
			var m policy.Money
			if m, ok = a.Money(x.name); ok && m.Currency != x.in {
				of += "/" + m.Currency
			}
			n = m.Minor
		}
		switch {
		case !ok:
			if state, err := a.State(x.name); state == policy.StateUnknown || err != nil {
				t.count(Unknown, x.name) // what is known not to exist is not open
			}
		case n < 0:
			t.sum(Minus, of, -n)
		default:
			t.sum(Plus, of, n)
		}
	}
	for i, name := range t.words {
		if w, ok := a.Word(name); ok {
			t.spoken[spoken{i, w}]++
		}
	}
	if !t.rated || a.Error != nil {
		return
	}
	for _, d := range a.Details() {
		if g, ok := d.Of.(kpi.Gauge); ok {
			t.gauge(d.Rule.ID, g)
		}
	}
}

func (t *Tally) gauge(rule string, g kpi.Gauge) {
	at := piece{rule, g.Base.Den}
	sum := t.pieces[at]
	for _, x := range []struct {
		to *int64
		n  int64
	}{{&sum.Base, g.Base.Num}, {&sum.Count, g.Count}, {&sum.Pending, g.Pending}} {
		if *x.to > math.MaxInt64-x.n {
			t.err = fmt.Errorf("%s: %w", rule, kpi.ErrOverflow)
			return
		}
		*x.to += x.n
	}
	t.pieces[at] = sum
}

// Refuse counts a row that could not be read, and why.
func (t *Tally) Refuse(code string) {
	t.count(Refused, "")
	t.count(Refusal, code)
}

// Skip counts a record that was left out.
func (t *Tally) Skip() { t.count(Outside, "") }

// Total is what has been counted. Errors: one that wraps [kpi.ErrOverflow],
// a [kpi.NameError].
func (t *Tally) Total() (kpi.Tally, error) {
	var total kpi.Tally
	t.settle()
	for x, n := range t.spoken {
		t.sum(Word, t.words[x.name]+"/"+x.word, n)
	}
	clear(t.spoken)
	if t.err != nil {
		return total, t.err
	}
	for c, n := range t.counts {
		name := string(c.kind)
		if c.of != "" {
			name += "/" + c.of
		}
		if err := total.Count(name, n); err != nil {
			return kpi.Tally{}, err
		}
	}
	for p, c := range t.pieces {
		if err := total.Add(p.name(), c); err != nil {
			return kpi.Tally{}, err
		}
	}
	return total, nil
}
