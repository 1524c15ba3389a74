package penalty

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// An Event is one record of a person's history.
type Event struct {
	ID       string // unique in the history
	Matter   string // what it is about; empty: a matter of its own, named by ID
	Incident string // what it arose from; empty: the same as Matter
	Level    string // a level of the ladder; of no concern where it does not count
	At       time.Time
	Counts   bool // false: costs nothing, takes no number and changes nothing

	// AlreadyFined is what was already fined on this record, in whole units.
	AlreadyFined int64
}

// Window says which earlier occurrences count for the number of a new one.
type Window string

// The values of Window.
const (
	CalendarYear    Window = "calendar_year"
	Rolling12Months Window = "rolling_12_months" // up to the corresponding day, that day included
	CalendarMonth   Window = "calendar_month"
	NoWindow        Window = "none" // all of them
)

// Unit says which records are one occurrence.
type Unit string

// The values of Unit.
const (
	ByMatter   Unit = "matter"   // all records of one matter at one level
	ByRecord   Unit = "record"   // every record by itself
	ByIncident Unit = "incident" // all records of one incident at one level
)

// Escalated says what a matter costs that was raised at several levels.
type Escalated string

// The values of Escalated.
const (
	HighestLevel Escalated = "highest_level" // only the highest level pays
	EachLevel    Escalated = "each_level"    // every level pays its own
)

// A HistoryRule prices a whole history.
type HistoryRule struct {
	Ladder    Ladder
	Window    Window
	Zone      *time.Location // whose dates, months and years count; required unless NoWindow
	Unit      Unit
	Escalated Escalated
}

// A Fine is what one event costs.
type Fine struct {
	ID    string
	Level string
	Nth   int   // the number of the occurrence in its window; 0: it took none
	Base  int64 // the price of that number

	// Additional is what earlier occurrences owe because this one reached a
	// dearer row of a retroactive tier.
	Additional int64

	Credited int64 // what was fined before and is taken off
	Due      int64 // Base + Additional - Credited

	Superseded bool   // a higher level of the same matter pays instead
	Merged     bool   // an earlier record of the same matter at this level pays instead
	PaidBy     string // ID of the record that pays instead, if any
}

// Validate is nil, or everything wrong with the rule, joined: what
// Ladder.Validate reports, a [LadderError] of RankTwice where HighestLevel
// cannot tell two tiers apart, [UnknownWordError], and [ErrNoZone].
func (r HistoryRule) Validate() error {
	errs := []error{r.Ladder.Validate()}
	window, ok := known(r.Window, CalendarYear, Rolling12Months, CalendarMonth, NoWindow)
	if !ok {
		errs = append(errs, &UnknownWordError{What: "window", Word: string(r.Window)})
	}
	if r.Zone == nil && window != NoWindow {
		errs = append(errs, ErrNoZone)
	}
	if _, ok := known(r.Unit, ByMatter, ByRecord, ByIncident); !ok {
		errs = append(errs, &UnknownWordError{What: "unit", Word: string(r.Unit)})
	}
	switch escalated, ok := known(r.Escalated, HighestLevel, EachLevel); {
	case !ok:
		errs = append(errs, &UnknownWordError{What: "escalated", Word: string(r.Escalated)})
	case escalated == HighestLevel:
		for t, tier := range r.Ladder.Tiers {
			if slices.ContainsFunc(r.Ladder.Tiers[:t], func(o Tier) bool { return o.Rank == tier.Rank }) {
				errs = append(errs, &LadderError{Problem: RankTwice, Tier: t, Row: -1, Scale: -1})
			}
		}
	}
	return errors.Join(errs...)
}

// Fines prices every event of one person's history, in order of time and, at
// the same instant, of ID; so the order of the list does not matter. It also
// returns what is due in total.
//
// Occurrences are what is left after events that do not count, records of the
// same unit (the first stands for it) and, with HighestLevel, records below
// the highest level of their matter were taken out; these cost nothing and
// take no number. With ByIncident, "matter" is the incident. An occurrence
// belongs to the windows of the local date of its time.
//
// With HighestLevel, what was already fined on any counting record of a
// matter is credited against what its highest level owes, never below 0.
//
// Errors: what Validate reports, [EventError], and ErrOverflow.
func (r HistoryRule) Fines(events []Event) ([]Fine, int64, error) {
	if err := r.Validate(); err != nil {
		return nil, 0, err
	}
	sorted := slices.Clone(events)
	slices.SortFunc(sorted, func(a, b Event) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID))
	})
	if err := r.check(sorted); err != nil {
		return nil, 0, err
	}
	h := newHistory(r, sorted)
	fines := make([]Fine, len(sorted))
	var total int64
	for i, e := range sorted {
		fines[i] = Fine{ID: e.ID, Level: e.Level}
		if !e.Counts {
			continue
		}
		err := h.price(e, &fines[i])
		if err == nil {
			total, err = add(total, fines[i].Due)
		}
		if err != nil {
			return nil, 0, fmt.Errorf("event %q: %w", e.ID, err)
		}
	}
	return fines, total, nil
}

// check looks for ids first, so that afterwards every event has a place of
// its own in the order and the first error does not depend on the list.
func (r HistoryRule) check(sorted []Event) error {
	ids := make([]string, len(sorted))
	for i, e := range sorted {
		ids[i] = e.ID
	}
	slices.Sort(ids)
	for i, id := range ids {
		switch {
		case id == "":
			return &EventError{Problem: NoID}
		case i > 0 && id == ids[i-1]:
			return &EventError{ID: id, Problem: DuplicateID}
		}
	}
	for _, e := range sorted {
		if e.AlreadyFined < 0 {
			return &EventError{ID: e.ID, Problem: BadFine, Err: &NegativeError{What: "already fined", Value: e.AlreadyFined}}
		}
		if !e.Counts {
			continue
		}
		if e.At.IsZero() {
			return &EventError{ID: e.ID, Problem: NoTime}
		}
		if _, tier := r.Ladder.tier(e.Level); tier == nil {
			return &EventError{ID: e.ID, Problem: BadLevel, Err: &UnknownLevelError{Level: e.Level}}
		}
	}
	return nil
}

// history is what is known of a history while it is priced event by event.
type history struct {
	rule   HistoryRule
	groups map[string]*group
	all    line             // occurrences of every level, for Cumulative
	levels map[string]*line // occurrences by level
}

// group is one matter or incident.
type group struct {
	rank   int               // the highest
	top    string            // the first record at that rank
	first  map[string]string // by level, the first record
	credit int64
	over   bool // the credit does not fit: it covers whatever is due
}

// line is occurrences in order of time; those before start have left the
// window for good.
type line struct {
	start  int
	dates  []day
	prices []int64 // the last price that each was charged
	lowest int64   // no price from start on is below this
}

type day struct {
	year  int
	month time.Month
	day   int
}

func newHistory(r HistoryRule, sorted []Event) *history {
	h := &history{rule: r, groups: map[string]*group{}, levels: map[string]*line{}}
	for _, e := range sorted {
		if !e.Counts {
			continue
		}
		_, tier := r.Ladder.tier(e.Level)
		g := h.groups[r.group(e)]
		if g == nil {
			g = &group{rank: tier.Rank, top: e.ID, first: map[string]string{}}
			h.groups[r.group(e)] = g
		}
		if tier.Rank > g.rank {
			g.rank, g.top = tier.Rank, e.ID
		}
		if _, ok := g.first[e.Level]; !ok {
			g.first[e.Level] = e.ID
		}
		sum, err := add(g.credit, e.AlreadyFined)
		g.credit, g.over = sum, g.over || err != nil
	}
	return h
}

// group names the matter, or the incident, that an event belongs to.
func (r HistoryRule) group(e Event) string {
	matter := cmp.Or(e.Matter, e.ID)
	if r.Unit == ByIncident {
		return cmp.Or(e.Incident, matter)
	}
	return matter
}

func (h *history) price(e Event, f *Fine) error {
	g := h.groups[h.rule.group(e)]
	_, tier := h.rule.Ladder.tier(e.Level)
	highest := h.rule.Escalated != EachLevel
	switch {
	case highest && tier.Rank < g.rank:
		f.Superseded, f.PaidBy = true, g.top
		return nil
	case h.rule.Unit != ByRecord && g.first[e.Level] != e.ID:
		f.Merged, f.PaidBy = true, g.first[e.Level]
		return nil
	}
	own := h.levels[e.Level]
	if own == nil {
		own = &line{}
		h.levels[e.Level] = own
	}
	date := h.date(e.At)
	h.advance(own, date)
	f.Nth = len(own.dates) - own.start + 1
	if h.rule.Ladder.Levels == Cumulative {
		h.advance(&h.all, date)
		f.Nth = len(h.all.dates) - h.all.start + 1
		h.all.add(date, 0)
	}
	f.Base = tier.Rows[tier.row(f.Nth)].Amount
	var err error
	if h.rule.Ladder.retroactive(tier) {
		if f.Additional, err = own.raise(f.Base); err != nil {
			return err
		}
	}
	own.add(date, f.Base)
	if f.Due, err = add(f.Base, f.Additional); err != nil {
		return err
	}
	if highest {
		f.Credited = f.Due
		if !g.over {
			f.Credited = min(f.Due, g.credit)
			g.credit -= f.Credited
		}
		f.Due -= f.Credited
	}
	return nil
}

func (h *history) date(at time.Time) day {
	if h.rule.Window == NoWindow {
		return day{}
	}
	var d day
	d.year, d.month, d.day = at.In(h.rule.Zone).Date()
	return d
}

// advance leaves behind what is out of the window of a date.
func (h *history) advance(l *line, now day) {
	for l.start < len(l.dates) && !h.rule.within(l.dates[l.start], now) {
		l.start++
	}
}

// within reports whether an earlier occurrence counts for one of now.
func (r HistoryRule) within(earlier, now day) bool {
	switch r.Window {
	case NoWindow:
		return true
	case CalendarMonth:
		return earlier.year == now.year && earlier.month == now.month
	case Rolling12Months:
		// From 29 February on, 28 February is the last day that is not after
		// a 29 February that the next year does not have.
		return cmp.Or(
			cmp.Compare(now.year, earlier.year+1),
			cmp.Compare(now.month, earlier.month),
			cmp.Compare(now.day, earlier.day),
		) <= 0
	}
	return earlier.year == now.year
}

func (l *line) add(date day, price int64) {
	if l.start == len(l.dates) {
		l.lowest = price
	}
	l.lowest = min(l.lowest, price)
	l.dates = append(l.dates, date)
	l.prices = append(l.prices, price)
}

// raise charges everything in the window at least the price, and returns the
// sum of the differences.
func (l *line) raise(price int64) (int64, error) {
	if l.start == len(l.dates) || price <= l.lowest {
		return 0, nil
	}
	var sum int64
	for i := l.start; i < len(l.prices); i++ {
		if l.prices[i] >= price {
			continue
		}
		var err error
		if sum, err = add(sum, price-l.prices[i]); err != nil {
			return 0, err
		}
		l.prices[i] = price
	}
	l.lowest = price
	return sum, nil
}
