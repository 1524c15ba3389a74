package people

import (
	"fmt"
	"sync"
	"time"
)

// How often somebody may be wrong. Each kind of attempt has an allowance that
// fills up again by one each so often; what turns out right costs nothing.
//
// Nobody can be locked out by a stranger who is wrong on purpose: the allowance
// of an account is counted for each address apart, and whoever has signed in on
// a device before has one of his own there, which no stranger can use up. What
// all addresses together may get wrong of an account on devices that are not
// known is bounded, too, so that guessing from a thousand addresses is no
// quicker; it is more than one address can use up.
type allowance struct {
	most  int
	every time.Duration
}

var (
	ofAddress = allowance{30, 10 * time.Second}  // whatever the account
	ofPair    = allowance{5, time.Minute}        // of an account from one address
	ofAccount = allowance{100, 20 * time.Second} // of an account from all addresses
	ofDevice  = allowance{10, time.Minute}       // of an account on a device on which he has signed in
)

// TooManyError says that too many attempts were wrong.
type TooManyError struct{ Wait time.Duration }

// Error says how long to wait.
func (e *TooManyError) Error() string {
	return fmt.Sprintf("too many attempts were wrong; wait %v", e.Wait.Round(time.Second))
}

// attempts counts what went wrong. It forgets with the program.
type attempts struct {
	mu   sync.Mutex
	left map[string]*bucket
}

type bucket struct {
	allowance
	left float64
	at   time.Time
}

// mostBuckets bounds the memory that attempts take.
const mostBuckets = 20_000

func newAttempts() *attempts { return &attempts{left: map[string]*bucket{}} }

func (b *bucket) fill(now time.Time) {
	if passed := now.Sub(b.at); passed > 0 {
		b.left = min(float64(b.most), b.left+passed.Seconds()/b.every.Seconds())
		b.at = now
	}
}

// take takes one attempt from each of the named allowances, or from none and
// says how long to wait. What turns out right is given back.
func (a *attempts) take(now time.Time, of map[string]allowance) (giveBack func(), wait time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []*bucket
	for name, allowed := range of {
		b := a.left[name]
		if b == nil {
			b = &bucket{allowance: allowed, left: float64(allowed.most), at: now}
			a.room(now)
			a.left[name] = b
		}
		b.fill(now)
		if b.left < 1 {
			wait = max(wait, time.Duration((1-b.left)*float64(b.every)))
		}
		all = append(all, b)
	}
	if wait > 0 {
		return func() {}, wait
	}
	for _, b := range all {
		b.left--
	}
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		for _, b := range all {
			b.left = min(float64(b.most), b.left+1)
		}
	}, 0
}

// room forgets what is full again; where that is not enough, whatever comes
// first, half of all, so that it is seldom done.
func (a *attempts) room(now time.Time) {
	if len(a.left) < mostBuckets {
		return
	}
	for name, b := range a.left {
		if b.fill(now); b.left >= float64(b.most) {
			delete(a.left, name)
		}
	}
	for name := range a.left {
		if len(a.left) <= mostBuckets/2 {
			return
		}
		delete(a.left, name)
	}
}
