package changing

import (
	"context"
	"slices"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/record"
)

// State is how far a change has come.
type State string

// The states of a change.
const (
	Draft      State = "draft"      // somebody writes it
	Proposed   State = "proposed"   // it waits for another person
	Approved   State = "approved"   // it may be put in force
	Refused    State = "refused"    // it may not; another text may be proposed
	Scheduled  State = "scheduled"  // it is put in force at its moment
	Publishing State = "publishing" // it is being put in force
	Published  State = "published"  // it is in force
	Superseded State = "superseded" // it was, and other rules are now
	Withdrawn  State = "withdrawn"  // it will not be
)

var stateTexts = map[State]diagnostic.Text{
	Draft: {ZH: "起草中", EN: "draft"}, Proposed: {ZH: "待批准", EN: "proposed"}, Approved: {ZH: "已批准", EN: "approved"}, Refused: {ZH: "未获批准", EN: "refused"},
	Scheduled: {ZH: "定时发布", EN: "scheduled"}, Publishing: {ZH: "正在发布", EN: "being published"}, Published: {ZH: "现行", EN: "in force"},
	Superseded: {ZH: "已被取代", EN: "superseded"}, Withdrawn: {ZH: "已撤回", EN: "withdrawn"},
}

// Text is the state in words.
func (s State) Text() diagnostic.Text { return stateTexts[s] }

var kindTexts = map[string]diagnostic.Text{
	record.ChangeDrafted: {ZH: "起草", EN: "drafted"}, record.ChangeRevised: {ZH: "修改", EN: "revised"}, record.ChangeProposed: {ZH: "提交批准", EN: "proposed"},
	record.ChangeApproved: {ZH: "批准", EN: "approved"}, record.ChangeRefused: {ZH: "不批准", EN: "refused"}, record.ChangeScheduled: {ZH: "定时发布", EN: "scheduled"},
	record.ChangeUnscheduled: {ZH: "取消定时", EN: "no longer scheduled"}, record.ChangePublishing: {ZH: "开始发布", EN: "publishing begun"},
	record.ChangePublished: {ZH: "发布", EN: "published"}, record.ChangeFailed: {ZH: "发布失败", EN: "publishing failed"}, record.ChangeWithdrawn: {ZH: "撤回", EN: "withdrawn"},
	record.ChangeShadowed: {ZH: "影子运行", EN: "in shadow"}, record.ChangeUnshadowed: {ZH: "结束影子运行", EN: "no longer in shadow"},
}

// KindText is a kind of step about a change in words.
func KindText(kind string) diagnostic.Text { return kindTexts[kind] }

// Open reports whether the change may still come into force.
func (s State) Open() bool { return s != Published && s != Superseded && s != Withdrawn }

// Change is a change of the rules as its steps make it.
type Change struct {
	Number     int64
	Title, Why string
	Base, Text string // SHA-256 of the rules that it changes, and of what it makes of them
	State      State
	From       *time.Time // at which it is put in force, where that is a moment to come
	Alone      bool       // approved by the only person that there is
	Refusal    string     // why it was refused
	Failure    string     // why it could not be put in force, at the latest attempt: for Failure
	Shadow     *Shadow    // in which its text ran beside the rules in force last; nil where it did not
	Began      time.Time
	Signer     string // who signed the text as it stands, as far as steps say; "" for nobody
	Steps      []*record.ChangeStep
}

// Seen is the latest step, to be given back with the next one: whoever did not see
// what another person did meanwhile is told.
func (c *Change) Seen() int64 { return c.Steps[len(c.Steps)-1].Seq }

// Latest is when something was done about it last.
func (c *Change) Latest() time.Time { return c.Steps[len(c.Steps)-1].At }

// of is who took a step.
func of(s *record.ChangeStep) people.Who {
	return people.Who{Name: s.Caller, How: s.How, Person: s.Person}
}

// Proposer is who proposed the text as it stands; nobody where it is not proposed.
func (c *Change) Proposer() (people.Who, bool) { return c.latest(record.ChangeProposed) }

// latest is who took the latest step of a kind since the text was written.
func (c *Change) latest(kind string) (people.Who, bool) {
	for _, s := range slices.Backward(c.Steps) {
		switch s.Kind {
		case kind:
			return of(s), true
		case record.ChangeRevised, record.ChangeDrafted:
			return people.Who{}, false
		}
	}
	return people.Who{}, false
}

// authors are all who had a hand in it: who wrote and who proposed it.
func (c *Change) authors() (all []people.Who) {
	for _, s := range c.Steps {
		if s.Kind == record.ChangeDrafted || s.Kind == record.ChangeRevised || s.Kind == record.ChangeProposed {
			all = append(all, of(s))
		}
	}
	return all
}

// changeOf is what steps make of a change; nil where there are none.
func changeOf(steps []*record.ChangeStep) *Change {
	if len(steps) == 0 {
		return nil
	}
	c := &Change{Number: steps[0].Change, Began: steps[0].At, Steps: steps}
	before := Approved // what being published came of
	for _, s := range steps {
		switch s.Kind {
		case record.ChangeDrafted, record.ChangeRevised:
			if s.Text != c.Text { // else the one that runs goes on
				c.Shadow = nil
			}
			c.Title, c.Why, c.Base, c.Text = s.Title, s.Why, s.Base, s.Text
			c.State, c.From, c.Alone, c.Refusal, c.Failure = Draft, nil, false, "", ""
		case record.ChangeProposed:
			c.State = Proposed
		case record.ChangeApproved:
			c.State, c.Alone = Approved, s.Alone
		case record.ChangeRefused:
			c.State, c.From, c.Refusal, c.Shadow = Refused, nil, s.Reason, c.Shadow.end(s)
		case record.ChangeScheduled:
			c.State, c.From, c.Failure = Scheduled, s.From, ""
		case record.ChangeUnscheduled:
			c.State, c.From = Approved, nil
		case record.ChangePublishing:
			before, c.State = c.State, Publishing
		case record.ChangePublished:
			c.State, c.From, c.Failure, c.Shadow = Published, nil, "", c.Shadow.end(s)
		case record.ChangeFailed:
			c.State, c.Failure = Approved, s.Reason
			if s.Reason == FailedInterrupted && before == Scheduled { // is tried again
				c.State, c.Failure = Scheduled, ""
			} else {
				c.From = nil
			}
		case record.ChangeWithdrawn:
			c.State, c.From, c.Shadow = Withdrawn, nil, c.Shadow.end(s)
		case record.ChangeShadowed:
			c.Shadow = &Shadow{Began: s.At, By: of(s), step: s.Seq, after: s.Records}
		case record.ChangeUnshadowed:
			c.Shadow = c.Shadow.end(s)
		}
	}
	return c
}

// Version is rules that were in force from a moment on.
type Version struct {
	SHA256 string
	From   time.Time
	Change int64 // that brought them; 0 where they came by another way, such as their file
	Now    bool  // they are in force
	Step   *record.ChangeStep
}

// versionsOf are the rules that were in force, in their order.
func versionsOf(steps []*record.ChangeStep) (all []Version) {
	for _, s := range steps {
		if s.Kind == record.ChangePublished || s.Kind == record.ChangeFound {
			all = append(all, Version{SHA256: s.Text, From: s.At, Change: s.Change, Step: s})
		}
	}
	if len(all) > 0 {
		all[len(all)-1].Now = true
	}
	return all
}

// changesOf are all changes, in the order of their numbers.
func changesOf(steps []*record.ChangeStep) (all []*Change) {
	by := map[int64][]*record.ChangeStep{}
	var numbers []int64
	for _, s := range steps {
		if s.Change == 0 {
			continue
		}
		if by[s.Change] == nil {
			numbers = append(numbers, s.Change)
		}
		by[s.Change] = append(by[s.Change], s)
	}
	slices.Sort(numbers)
	versions := versionsOf(steps)
	for _, n := range numbers {
		c := changeOf(by[n])
		if c.State == Published && versions[len(versions)-1].Change != n {
			c.State = Superseded
		}
		all = append(all, c)
	}
	return all
}

// InForce is the step by which the rules came into force that were put there last, nil
// where none is on record, and whether any rules on record are signed.
func InForce(ctx context.Context, store *record.Store) (last *record.ChangeStep, signed bool, err error) {
	steps, err := store.ChangeSteps(ctx)
	for _, step := range steps {
		signed = signed || step.Signature != ""
		if step.Kind == record.ChangePublished || step.Kind == record.ChangeFound {
			last = step
		}
	}
	return last, signed, err
}
