package changing

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/record"
)

// Several servers may share a store. Each has a rules file of its own. What one of
// them publishes, the others take over; what somebody writes to the file of one, he
// writes to that one alone, and is responsible for the others.

const (
	// settleAfter is how long a change that is being put in force is left to the
	// server that does it. Another one cannot know whether that has ended.
	settleAfter = time.Minute
	// takeAgain is when it is tried again to take rules over that could not be.
	takeAgain = time.Minute
)

// takeover is what a server last tried to take over from another one.
type takeover struct {
	sha256 string
	at     time.Time
	failed error
}

// left reports whether what comes of a change that is being put in force is left to
// another server.
func (c *Changes) left(x *Change, now string) bool {
	return c.store.Shared() && now != x.Text && c.store.Now().Sub(x.Latest()) < settleAfter
}

// takeOver puts rules in force here that another server has published. Those here
// must have been in force before, with nothing but published changes since: what
// somebody wrote to the rules file of a server is not overwritten.
func (c *Changes) takeOver(ctx context.Context) error {
	versions, err := c.Versions(ctx)
	if err != nil || len(versions) == 0 {
		return err
	}
	now, last := c.rules.Current(), versions[len(versions)-1]
	if now.SHA256 == last.SHA256 || c.wrote(now.SHA256) {
		return nil
	}
	at := indexLast(versions, now.SHA256)
	if at < 0 || slices.ContainsFunc(versions[at+1:], func(v Version) bool { return v.Change == 0 }) {
		return nil
	}
	if c.taken.sha256 == last.SHA256 && c.taken.failed != nil && time.Since(c.taken.at) < takeAgain {
		return c.taken.failed
	}
	text, err := c.Text(ctx, last.SHA256)
	if err != nil {
		return err
	}
	status, err := c.rules.Publish(ctx, now.SHA256, text)
	c.taken = takeover{last.SHA256, time.Now(), nil}
	if _, refused := failureOf(status, err); refused != nil {
		c.taken.failed = fmt.Errorf("change %d, which another server has published, could not be put in force here; the rules before stay in force here: %s", last.Change, refused.Message.EN)
		return c.taken.failed
	}
	c.alarm.noted.Store(&last.SHA256) // nobody wrote to the file
	c.log.Info("a change of the rules that another server has published was put in force", slog.Int64("change", last.Change), slog.String("sha256", last.SHA256))
	return nil
}

// wrote reports whether the rules in force here have changed since they were looked
// at last, by another way than a change: somebody wrote to their file.
func (c *Changes) wrote(now string) bool {
	noted := c.alarm.noted.Load()
	return noted != nil && *noted != now
}

func indexLast(versions []Version, sha256 string) int {
	for i, v := range slices.Backward(versions) {
		if v.SHA256 == sha256 {
			return i
		}
	}
	return -1
}

// differs reports whether the rules in force here are others than those that were put
// in force last, without that being news: those of a server that shares the store
// with others.
func (c *Changes) differs(versions []Version, now *live.Loaded) bool {
	return c.store.Shared() && indexLast(versions, now.SHA256) >= 0 && !c.wrote(now.SHA256)
}

// notedAlready reports whether another server has just noted the same rules.
func notedAlready(already []*record.ChangeStep, b record.ChangeStepBody) bool {
	if len(already) == 0 {
		return false
	}
	last := already[len(already)-1]
	return last.Kind == record.ChangeFound && last.Text == b.Text && last.Base == b.Base
}
