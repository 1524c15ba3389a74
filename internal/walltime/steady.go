package walltime

import (
	"math"
	"sort"
	"time"

	"github.com/rickb777/date/v2"
)

// Steady is the time around a moment during which clocks are not changed, until
// excluded, and how far they are ahead of UTC in it. Where nothing bounds it
// the bounds are the ends of int64.
func (z *Zone) Steady(moment int64) (from, until int64, ahead time.Duration) {
	sec, _ := floor(moment, 1e9)
	s := z.at(sec)
	if s.from > sec || s.until <= sec || !z.tabulated(s) && ask(z.loc, s.until-1).offset != s.offset {
		s.from, s.until = z.within(sec, s.offset)
	}
	from, until = math.MinInt64, math.MaxInt64
	if s.from > math.MinInt64/int64(1e9) {
		from = s.from * 1e9
	}
	if s.until < math.MaxInt64/int64(1e9) {
		until = s.until * 1e9
	}
	return from, until, time.Duration(s.offset) * time.Second
}

// within finds up to a day without a change of clocks on both sides of a second
// about which package time contradicts itself: it takes leap years after 2037
// for a day shorter, and says of 31 December that no change comes until a time
// that is past. No clocks are changed and changed back within a day.
func (z *Zone) within(sec, offset int64) (from, until int64) {
	same := func(s int64) bool {
		_, o := time.Unix(s, 0).In(z.loc).Zone()
		return int64(o) == offset
	}
	back := sort.Search(secondsOfDay, func(i int) bool { return !same(sec - int64(i)) })
	ahead := sort.Search(secondsOfDay, func(i int) bool { return !same(sec + int64(i)) })
	return sec - int64(back) + 1, sec + int64(ahead)
}

// tabulated reports whether a span was examined when the table was made.
func (z *Zone) tabulated(s span) bool {
	return len(z.spans) > 0 && s.from >= z.spans[0].from && s.until <= z.end()
}

// Wall is the day and the time of day that clocks show which are so far ahead
// of UTC.
func Wall(moment int64, ahead time.Duration) (day date.Date, clock time.Duration) {
	sec, nano := floor(moment, 1e9)
	days, sec := floor(sec+int64(ahead/time.Second), secondsOfDay)
	return epoch + date.Date(days), time.Duration(sec)*time.Second + time.Duration(nano)
}

// Unwall is the moment at which clocks that are so far ahead of UTC show a time
// of a day, which may lie beyond its 24 hours. The day must lie in the years
// 1700 to 2200.
func Unwall(day date.Date, clock, ahead time.Duration) int64 {
	return int64(day-epoch)*secondsOfDay*1e9 + int64(clock) - int64(ahead)
}

// Earliest and Latest are the ends of what [MomentOf] gives.
const (
	Earliest = -far * 1_000_000_000
	Latest   = far * 1_000_000_000
)

const far = 9_000_000_000 // seconds: the years 1684 to 2255
