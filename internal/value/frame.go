package value

import "time"

// Need is one unknown that a decision wanted: a slot, and where that slot is
// a list of records, the element and field of it.
type Need struct {
	Slot  int
	Index int // element of a list, else -1
	Field int // field of that element, else -1

	// Where that field is a list of records itself: which of its items, and which
	// field of that, both counted from 1; 0 for none.
	Item, ItemField int
}

// DividedByNothing is the Slot of a Need that is no missing fact: the divisor
// of a division was 0. The Index is its number; see condition.Division.
const DividedByNothing = -2

// Calendar is what date arithmetic in working days needs. AddWorkingDays and
// WorkingDaysBetween fail where a year is not in the calendar. LastDay is the
// last that any calendar may know.
type Calendar interface {
	AddWorkingDays(day int64, n int) (int64, error)
	WorkingDaysBetween(from, to int64) (int, error)
	LastDay() int64
}

// OpenHours is a [Calendar] that also knows opening hours. OpenTime is how long
// it is open, in nanoseconds, between two moments, the first no later, on the
// clocks of a zone. It fails where a year is not in the calendar.
type OpenHours interface {
	OpenTime(from, to int64, zone *time.Location) (int64, error)
}

// Inner is an item of a list that a field of an element is: which field, which item
// and which field of that, as a Need counts them. The zero Inner is none.
type Inner struct {
	Field, Item, ItemField int
}

// Frame is the state of one evaluation: every fact and every rule output by
// slot, and what was found missing. It belongs to one goroutine.
type Frame struct {
	Slots    []Value
	Elem     Value // the element that a predicate or an `each` rule looks at
	ElemSlot int   // the slot of the list that Elem is from, -1 for none
	ElemAt   int   // its index there
	Within   Inner // where Elem is an item of a list that the element has as a field
	Needs    []Need
	Zone     *time.Location
	Calendar Calendar
	Err      error // the first failure (overflow, missing calendar year); the result is then unknown
	// Marks, if any, is where programs note what the result rests on, each at
	// places of its own: 0 or 1.
	Marks []byte
	// Seeks has Next found: a moment after that of asking, before which time
	// alone changes nothing that was evaluated; 0 while nothing may change.
	Seeks bool
	Next  int64
	// Broken are the slots whose values could not be computed. They hold what
	// is unknown.
	Broken []int
	// Watch, if any, is told of every program that is evaluated on the frame,
	// before it is.
	Watch func(program any)
}

// MayChange notes that time alone may change something at a moment.
func (f *Frame) MayChange(at int64) {
	if f.Seeks && (f.Next == 0 || at < f.Next) {
		f.Next = at
	}
}

// Fail records the first failure of an evaluation.
func (f *Frame) Fail(err error) {
	if f.Err == nil {
		f.Err = err
	}
}
