package policy

import "time"

// NextChange is the next moment after that of asking at which the passing of
// time alone may change the answer: a clock starts, warns or is overdue, a
// window opens or closes. Before it, the same facts give the same answer. Where
// it cannot be told exactly, it is an earlier moment, down to the next
// nanosecond. It is false of an answer that is not provisional, and of one that
// waits for something else than time, such as the end of a pause or a listing of
// holidays that the rulebook does not have; one that it has, and that was
// announced later, is reckoned with. The moment is in the zone of the rulebook.
//
// It is found when it is asked for, by evaluating once more.
func (a *Answer) NextChange() (time.Time, bool) {
	if a.from == nil || !a.Provisional {
		return time.Time{}, false
	}
	return a.from.NextChange()
}
