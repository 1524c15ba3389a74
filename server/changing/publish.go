package changing

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/signing"
)

// publish puts a change in force that somebody may put in force now.
func (c *Changes) publish(ctx context.Context, now *Change, d Do) (again bool, err error) {
	c.publishing.Lock()
	defer c.publishing.Unlock()
	defer c.alarm.ring()
	return c.exchange(ctx, now, d)
}

// exchange puts a change in force. That it is about to be is on record before the
// file is written, and what came of it after: where the server ends in between,
// settle tells at its next start which of both is in force.
func (c *Changes) exchange(ctx context.Context, now *Change, d Do) (again bool, err error) {
	d.Kind = record.ChangePublishing
	if again, err = c.take(ctx, now.Number, d, record.ChangeStepBody{Text: now.Text, Base: now.Base}); errors.Is(err, record.ErrOtherRules) && now.State == Scheduled {
		return false, errors.Join(c.otherBase(), c.outcome(ctx, now, Scheduled, d.By, record.ChangeFailed, FailedBase))
	} else if errors.Is(err, record.ErrOtherRules) || errors.Is(err, record.ErrPublishing) {
		return false, c.otherBase()
	} else if err != nil || again {
		return again, err
	}
	// From here on it is brought to its end, whoever waits for it.
	ctx = context.WithoutCancel(ctx)
	text, err := c.Text(ctx, now.Text)
	var status live.Status
	if err == nil {
		status, err = c.rules.Publish(ctx, now.Base, text)
	}
	d.Retry = nil
	if failure, refused := failureOf(status, err); refused != nil {
		c.log.Error("a change of the rules could not be put in force, the old ones stay", what(now), slog.String("why", failure), slog.String("said", refused.Message.EN))
		if err := c.outcome(ctx, now, Publishing, d.By, record.ChangeFailed, failure); err != nil {
			return false, err // settle will say it
		}
		return false, refused
	}
	c.log.Info("a change of the rules was put in force", what(now), slog.String("sha256", now.Text))
	c.alarm.noted.Store(&now.Text) // nobody wrote to the file
	return false, c.outcome(ctx, now, Publishing, d.By, record.ChangePublished, "")
}

// failureOf is why rules were not put in force, and how whoever wanted it is told;
// nil where they were.
func failureOf(s live.Status, err error) (string, *RefusedError) {
	var unsigned *signing.UnsignedError
	switch {
	case errors.Is(err, live.ErrOtherBase):
		return FailedBase, otherBase()
	case errors.As(err, &unsigned):
		return FailedUnsigned, &RefusedError{Code: CodeUnsigned, Member: "signature", Message: unsigned.Message, Remedy: unsigned.Remedy}
	case err != nil:
		e := refuse(CodeNotWritten, "", "规则文件写不进去，旧规则照旧", "the rules file could not be written; the rules before stay in force", "请管理服务器的人看日志，让服务器能写规则文件", "have the operator look at the log, and let the server write its rules file")
		return FailedWriting + failedBehind + withoutPath(err), e
	case !s.OK:
		return FailedUnfit, unfit(&live.Trial{Findings: s.Findings, Failed: s.Failed, Err: s.Err})
	}
	return "", nil
}

// withoutPath is what the system said, without where on the machine that was.
func withoutPath(err error) string {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Op + ": " + path.Err.Error()
	case errors.As(err, &link):
		return link.Op + ": " + link.Err.Error()
	}
	return err.Error()
}

// outcome notes what came of putting a change in force, which is in a state that
// says that it is being, or was to be.
func (c *Changes) outcome(ctx context.Context, now *Change, in State, by people.Who, kind, reason string) error {
	d := Do{Kind: kind, By: by, Reason: reason}
	_, err := c.store.TakeChange(ctx, d.body(now.Number, record.ChangeStepBody{Base: now.Base, Text: now.Text}), nil, func(already []*record.ChangeStep) error {
		if x := changeOf(already); x == nil || x.State != in {
			return refuse(CodeNotNow, "", "这份改动不在发布中", "the change is not being put in force", "看它现在到了哪一步", "look at how far it has come")
		}
		return nil
	})
	return err
}

// errNoted says that another server has noted the same.
var errNoted = errors.New("it is noted already")

// alarm is when the changes have to be looked at again.
type alarm struct {
	rung  atomic.Bool
	noted atomic.Pointer[string] // the rules in force that were seen last
	steps atomic.Int64           // the latest step that another server may have taken
	due   atomic.Int64           // the next moment to publish at, in microseconds since 1970; 0 for none
	told  atomic.Pointer[string] // what went wrong last, as the log has it
}

func (a *alarm) ring() { a.rung.Store(true) }

func (a *alarm) quiet(sha256 string, now time.Time) bool {
	noted := a.noted.Load()
	due := a.due.Load()
	return noted != nil && *noted == sha256 && !a.rung.Load() && (due == 0 || now.UnixMicro() < due)
}

// Watch puts changes in force at their moment, and notes rules that came into
// force by another way, until the context ends.
func (c *Changes) Watch(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		c.Look(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Look does once what Watch does again and again.
func (c *Changes) Look(ctx context.Context) {
	steps := c.store.LatestChange()
	if c.alarm.quiet(c.rules.Current().SHA256, c.store.Now()) && c.alarm.steps.Load() == steps {
		return
	}
	c.publishing.Lock()
	defer c.publishing.Unlock()
	c.alarm.rung.Store(false)
	c.alarm.steps.Store(steps)
	err := c.look(ctx)
	if err == nil {
		c.alarm.told.Store(nil)
		return
	}
	c.alarm.ring()
	if ctx.Err() != nil {
		return
	}
	text := err.Error()
	if told := c.alarm.told.Swap(&text); told == nil || *told != text {
		c.log.Error("the changes of the rules could not be looked after", "err", err)
	}
}

func (c *Changes) look(ctx context.Context) error {
	if err := c.settle(ctx); err != nil {
		return err
	}
	if c.store.Shared() {
		if err := c.takeOver(ctx); err != nil {
			return err
		}
	}
	if err := c.note(ctx, false); err != nil {
		return err
	}
	all, err := c.All(ctx)
	if err != nil {
		return err
	}
	next := time.Time{}
	for _, x := range all {
		if x.State != Scheduled {
			continue
		}
		if x.From.After(c.store.Now()) {
			if next.IsZero() || x.From.Before(next) {
				next = *x.From
			}
			continue
		}
		var refused *RefusedError // that is on record then, or somebody was faster
		if err := c.onTime(ctx, x); err != nil && !errors.As(err, &refused) {
			return err
		}
	}
	sha256 := c.rules.Current().SHA256
	c.alarm.noted.Store(&sha256)
	c.alarm.due.Store(0)
	if !next.IsZero() {
		c.alarm.due.Store(next.UnixMicro())
	}
	return nil
}

// onTime puts a change in force whose moment has come. Nobody looks at it then:
// where one of those on whose word it rests may no longer approve, it is left to
// another person.
func (c *Changes) onTime(ctx context.Context, x *Change) error {
	for _, kind := range []string{record.ChangeApproved, record.ChangeScheduled} {
		who, _ := x.latest(kind)
		may, err := c.approves(ctx, who)
		if err != nil {
			return err
		}
		if !may {
			c.log.Error("a change of the rules was not put in force at its moment, the old rules stay", what(x), slog.String("why", FailedApprover), slog.String("who", who.Name))
			return c.outcome(ctx, x, Scheduled, people.Who{}, record.ChangeFailed, FailedApprover)
		}
	}
	_, err := c.exchange(ctx, x, Do{})
	return err
}

// settle says of a change that was being put in force when the server ended what
// came of it: the rules that were loaded then tell.
func (c *Changes) settle(ctx context.Context) error {
	all, err := c.All(ctx)
	if err != nil {
		return err
	}
	now := c.rules.Current().SHA256
	for _, x := range all {
		if x.State != Publishing {
			continue
		}
		if c.left(x, now) {
			c.alarm.ring()
			continue
		}
		kind, why := record.ChangeFailed, FailedBase
		switch now {
		case x.Text:
			kind, why = record.ChangePublished, ""
		case x.Base:
			why = FailedInterrupted
		}
		if err := c.outcome(ctx, x, Publishing, people.Who{}, kind, why); err != nil {
			return err
		}
	}
	return nil
}

// note notes that other rules are in force than those that were put there last: what
// somebody wrote to their file. Of the first rules that is noted once somebody begins
// a change: a server on which nobody does has nothing to keep.
func (c *Changes) note(ctx context.Context, first bool) error {
	versions, err := c.Versions(ctx)
	if err != nil {
		return err
	}
	now, before := c.rules.Current(), ""
	if len(versions) > 0 {
		before = versions[len(versions)-1].SHA256
	}
	if now.SHA256 == before || before == "" && !first || c.differs(versions, now) {
		return nil
	}
	b := record.ChangeStepBody{Kind: record.ChangeFound, Base: before, Text: now.SHA256}
	_, err = c.store.TakeChange(ctx, b, record.Texts{now.Text}, func(already []*record.ChangeStep) error {
		if c.store.Shared() && notedAlready(already, b) {
			return errNoted
		}
		return nil
	})
	if errors.Is(err, errNoted) {
		return nil
	}
	return err
}
