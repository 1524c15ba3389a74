package changing

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
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

// takeover is what a server last tried in vain to take over from another one.
type takeover struct {
	sha256 string
	at     time.Time
	looked time.Time // when the server had looked at its own rules file last
	failed error
}

// Behind says that rules which another server has published are not in force here.
type Behind struct {
	Change          int64 // that was published
	SHA256          string
	Since           time.Time
	Message, Remedy diagnostic.Text
}

// Behind is why rules that another server has published are not in force here; nil
// where they are.
func (c *Changes) Behind() *Behind { return c.behind.Load() }

// fallBehind notes that a version could not be taken over.
func (c *Changes) fallBehind(v Version, why *RefusedError) {
	b := &Behind{
		Change: v.Change, SHA256: v.SHA256, Since: c.store.Now(),
		Message: diagnostic.Textf("另一台服务器发布了第 %[1]d 号改动，这台用不了，仍按原来的规则回答：%[2]s", "change %[1]d, which another server has published, cannot be put in force here, and the rules before still answer here: %[3]s", v.Change, why.Message.ZH, why.Message.EN),
		Remedy:  why.Remedy,
	}
	if why.Code == CodeUnsigned {
		b.Remedy = diagnostic.Textf("请名单里的人给 rulebook-server changes text %[1]d 印出的文本签名，再把签名加到这台服务器规则文件旁的 .sig 里，即自行改用；或在“版本”里改回原来的规则，批准并发布。所有服务器要用同样的 --signers 启动",
			"have one of the signers sign what rulebook-server changes text %[1]d prints, and add the signature to the file .sig beside the rules file of this server, which takes the change by itself then; or go back, under Versions, to the rules before at the server that published it. Start all servers with the same --signers", v.Change)
	}
	if before := c.behind.Load(); before != nil && before.SHA256 == b.SHA256 {
		b.Since = before.Since
	}
	c.behind.Store(b)
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
	at := indexLast(versions, now.SHA256)
	if now.SHA256 == last.SHA256 || c.wrote(now.SHA256) || at < 0 || slices.ContainsFunc(versions[at+1:], func(v Version) bool { return v.Change == 0 }) {
		c.behind.Store(nil)
		return nil
	}
	// Whoever mended what was wrong beside the rules file, or sent SIGHUP, need not wait.
	looked := c.rules.Status().At
	if c.taken.sha256 == last.SHA256 && c.taken.failed != nil && time.Since(c.taken.at) < takeAgain && c.taken.looked.Equal(looked) {
		return c.taken.failed
	}
	text, err := c.Text(ctx, last.SHA256)
	if err != nil {
		return err
	}
	status, err := c.rules.Publish(ctx, now.SHA256, text)
	c.taken = takeover{last.SHA256, time.Now(), looked, nil}
	if _, refused := failureOf(status, err); refused != nil {
		c.fallBehind(last, refused)
		c.taken.failed = fmt.Errorf("change %d, which another server has published, could not be put in force here; the rules before stay in force here: %s", last.Change, refused.Message.EN)
		return c.taken.failed
	}
	c.behind.Store(nil)
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
