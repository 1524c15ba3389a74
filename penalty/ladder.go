// Package penalty prices what must be paid, or borne, for an occurrence that
// somebody answers for.
//
//   - A [Ladder] prices the nth occurrence at a level and moves an amount
//     along a scale.
//   - [Weigh] turns aggravating and mitigating circumstances into steps.
//   - A [HistoryRule] prices everything that happened to one person.
//   - A [MeasureRule] chooses measures other than money.
//   - [Joint] and [Split] settle what several people bear.
//
// Money is int64 in whole units of any currency; whoever needs the hundredth
// part counts in it. Arithmetic is checked: an amount that does not fit is an
// error that wraps [ErrOverflow], never a wrong amount.
//
// Every word type (Levels, Window, …) has a zero value, which means the first
// of its constants. Nothing is inferred from the order of a list, with two
// exceptions that the types state: the rows of a tier and the scale ascend.
package penalty

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// A Row prices occurrences from the From-th on, counting from 1, until the
// next row begins.
type Row struct {
	From   int
	Amount int64 // whole units, 0 or more
}

// A Tier prices the occurrences of one level.
type Tier struct {
	Level string

	// Rank orders the levels by height: higher ranks are higher levels. Only
	// a history that merges escalations reads it.
	Rank int

	Rows []Row // strictly ascending by From; the first from 1

	// Repricing overrides the ladder's for this level alone; empty is the
	// ladder's.
	Repricing Repricing
}

// Levels says which earlier occurrences count for the number of a new one.
type Levels string

// The values of Levels.
const (
	Separate   Levels = "separate"   // those of its own level
	Cumulative Levels = "cumulative" // those of every level
)

// Repricing says whether reaching a later row changes the price of earlier
// occurrences.
type Repricing string

// The values of Repricing.
const (
	Marginal    Repricing = "marginal"    // each occurrence costs its own row
	Retroactive Repricing = "retroactive" // all occurrences in the window cost the row reached
)

// A Ladder prices occurrences by level and number.
type Ladder struct {
	Tiers []Tier

	// Scale is the amounts that [Ladder.Move] moves along, strictly
	// ascending. It holds every amount of every row, and may hold more.
	Scale []int64

	Levels    Levels
	Repricing Repricing
}

// A Step is the price of one occurrence.
type Step struct {
	Level string
	Nth   int   // the number of this occurrence in its window, from 1
	Row   int   // index of the row that prices it
	Base  int64 // its own price

	// WindowKnown says whether the two amounts below are known; if not, they
	// are 0. They are unknown only with Cumulative levels, where a count of
	// earlier occurrences does not say which of them came at which number,
	// and that would matter. [HistoryRule.Fines] always knows.
	WindowKnown bool

	// TotalForWindow is what all occurrences of this level in the window,
	// this one included, cost together.
	TotalForWindow int64

	// AdditionalForEarlier is what earlier occurrences must still pay beyond
	// what they were priced at before this one came. It is 0 unless
	// Retroactive and this occurrence reached a dearer row.
	AdditionalForEarlier int64
}

// Problems lists everything wrong with the ladder: first its own settings,
// then tier by tier and row by row, then the scale.
func (l Ladder) Problems() []*LadderError {
	var found []*LadderError
	report := func(p Problem, tier, row, scale int) {
		found = append(found, &LadderError{Problem: p, Tier: tier, Row: row, Scale: scale})
	}
	if len(l.Tiers) == 0 {
		report(NoTiers, -1, -1, -1)
	}
	if _, ok := known(l.Levels, Separate, Cumulative); !ok {
		report(UnknownLevels, -1, -1, -1)
	}
	if _, ok := known(l.Repricing, Marginal, Retroactive); !ok {
		report(UnknownPrices, -1, -1, -1)
	}
	for t, tier := range l.Tiers {
		if tier.Level == "" {
			report(NoLevel, t, -1, -1)
		} else if i, _ := l.tier(tier.Level); i < t {
			report(LevelTwice, t, -1, -1)
		}
		if _, ok := known(tier.Repricing, Marginal, Retroactive); !ok {
			report(UnknownPrices, t, -1, -1)
		}
		if len(tier.Rows) == 0 {
			report(NoRows, t, -1, -1)
		}
		for r, row := range tier.Rows {
			switch {
			case r == 0 && row.From != 1:
				report(FirstRow, t, r, -1)
			case r > 0 && row.From <= tier.Rows[r-1].From:
				report(RowOrder, t, r, -1)
			}
			switch {
			case row.Amount < 0:
				report(AmountBelow0, t, r, -1)
			case !slices.Contains(l.Scale, row.Amount):
				report(NotOnScale, t, r, -1)
			}
			if r > 0 && row.Amount < tier.Rows[r-1].Amount && l.retroactive(&tier) {
				report(AmountFalls, t, r, -1)
			}
		}
	}
	for i, amount := range l.Scale {
		switch {
		case amount < 0:
			report(ScaleBelow0, -1, -1, i)
		case i > 0 && amount <= l.Scale[i-1]:
			report(ScaleOrder, -1, -1, i)
		}
	}
	return found
}

// Validate is nil, or all [Ladder.Problems] joined; errors.As finds the
// first.
func (l Ladder) Validate() error { return join(l.Problems()) }

func join[E error](found []E) error {
	errs := make([]error, len(found))
	for i, e := range found {
		errs[i] = e
	}
	return errors.Join(errs...)
}

// Price is what the next occurrence at a level costs, after prior occurrences
// in the same window, counted by level. A level missing in prior had none; a
// level in prior that the ladder does not have is refused.
//
// With Separate levels the number of the occurrence is prior[level]+1, with
// Cumulative the sum of all prior + 1; either way the level's own rows price
// it.
//
// Errors: what Validate reports, [UnknownLevelError], [NegativeError], and
// ErrOverflow.
func (l Ladder) Price(level string, prior map[string]int) (Step, error) {
	if err := l.Validate(); err != nil {
		return Step{}, err
	}
	_, tier := l.tier(level)
	if tier == nil {
		return Step{}, &UnknownLevelError{Level: level}
	}
	own, others, err := l.count(level, prior)
	if err != nil {
		return Step{}, err
	}
	return l.priceTier(tier, own, others)
}

// PriceTier is Price for the level of the i-th tier, after so many earlier
// occurrences of its own and of all other levels. The ladder must be valid, and
// have the tier.
//
// Errors: [NegativeError], and [ErrOverflow].
func (l *Ladder) PriceTier(i, own, others int) (Step, error) {
	if least := min(own, others); least < 0 {
		return Step{}, &NegativeError{What: "prior", Value: int64(least)}
	}
	return l.priceTier(&l.Tiers[i], own, others)
}

func (l *Ladder) priceTier(tier *Tier, own, others int) (Step, error) {
	earlier := own
	if l.Levels == Cumulative {
		if others > math.MaxInt-own {
			return Step{}, ErrOverflow
		}
		earlier += others
	}
	if earlier == math.MaxInt {
		return Step{}, ErrOverflow
	}
	step := Step{Level: tier.Level, Nth: earlier + 1}
	step.Row = tier.row(step.Nth)
	step.Base = tier.Rows[step.Row].Amount

	// Where the earlier occurrences of this level stood is known if they had
	// every number, if there were none, or if every number cost the same.
	step.WindowKnown = earlier == own || own == 0 || tier.flat(earlier)
	if !step.WindowKnown {
		return step, nil
	}
	var err error
	if l.retroactive(tier) {
		step.TotalForWindow, err = mul(int64(own)+1, step.Base)
		if err == nil && own > 0 {
			// No overflow: less than the total.
			step.AdditionalForEarlier = int64(own) * (step.Base - tier.Rows[tier.row(earlier)].Amount)
		}
	} else {
		step.TotalForWindow, err = tier.sum(own)
		if err == nil {
			step.TotalForWindow, err = add(step.TotalForWindow, step.Base)
		}
	}
	if err != nil {
		return Step{}, fmt.Errorf("total of the window: %w", err)
	}
	return step, nil
}

// count splits the prior occurrences into those of the level and the others.
func (l Ladder) count(level string, prior map[string]int) (own, others int, err error) {
	levels := make([]string, 0, 8)
	for name := range prior {
		levels = append(levels, name)
	}
	slices.Sort(levels) // the same error whatever the order of the map
	for _, name := range levels {
		n := prior[name]
		switch _, tier := l.tier(name); {
		case tier == nil:
			return 0, 0, &UnknownLevelError{Level: name}
		case n < 0:
			return 0, 0, &NegativeError{What: "prior", Value: int64(n)}
		case name == level:
			own = n
		case l.Levels != Cumulative:
			// of no concern
		case others > math.MaxInt-n:
			return 0, 0, ErrOverflow
		default:
			others += n
		}
	}
	return own, others, nil
}

func (l Ladder) tier(level string) (int, *Tier) {
	for i := range l.Tiers {
		if l.Tiers[i].Level == level {
			return i, &l.Tiers[i]
		}
	}
	return -1, nil
}

func (l *Ladder) retroactive(t *Tier) bool {
	if t.Repricing != "" {
		return t.Repricing == Retroactive
	}
	return l.Repricing == Retroactive
}

// row is the index of the row that prices the nth occurrence.
func (t *Tier) row(nth int) int {
	at := 0
	for at+1 < len(t.Rows) && t.Rows[at+1].From <= nth {
		at++
	}
	return at
}

// flat reports whether the first n numbers all cost the same.
func (t *Tier) flat(n int) bool {
	for _, r := range t.Rows {
		if r.From <= n && r.Amount != t.Rows[0].Amount {
			return false
		}
	}
	return true
}

// sum is what the first n occurrences cost, each at its own row.
func (t *Tier) sum(n int) (int64, error) {
	var total int64
	for i, r := range t.Rows {
		if r.From > n {
			break
		}
		last := n
		if i+1 < len(t.Rows) {
			last = min(n, t.Rows[i+1].From-1)
		}
		part, err := mul(int64(last-r.From)+1, r.Amount)
		if err != nil {
			return 0, err
		}
		if total, err = add(total, part); err != nil {
			return 0, err
		}
	}
	return total, nil
}
