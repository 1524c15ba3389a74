package service

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/record"
)

// Outcomes of steps.
const (
	// of a decision
	AsProposed  = "as_proposed"
	OtherAmount = "other_amount"
	Otherwise   = "otherwise"
	// of a hearing, where the rules say nothing of one
	HearingNotified = "notified"
	HearingHeld     = "held"
	HearingWaived   = "waived"
	HearingNoShow   = "no_show"
)

// Hearings are all outcomes of a hearing.
var Hearings = []string{HearingNotified, HearingHeld, HearingWaived, HearingNoShow}

// Bounds of what a step says, in characters.
const (
	longestName   = 60
	longestReason = 2000
	longestAmount = 40
)

// StepRefusedError says why a step is not taken.
type StepRefusedError struct{ Message, Remedy diagnostic.Text }

// Error is the refusal in English.
func (e *StepRefusedError) Error() string { return e.Message.EN }

func refuseStep(zh, en, remedyZH, remedyEN string) error {
	return &StepRefusedError{diagnostic.Text{ZH: zh, EN: en}, diagnostic.Text{ZH: remedyZH, EN: remedyEN}}
}

// Clearance is what the rules in force say must come before something on record
// may be decided: a question with guards that the book's review asks beside the
// question of the record.
type Clearance struct {
	Question *policy.Question
	Title    policy.Text
	Facts    json.RawMessage // of the record, as far as the question takes them, and what was noted since
	Given    []string        // names of the facts that the record has
	Answer   *rulebook.Answer
	Blockers []policy.Value // words
	Refused  bool           // the question does not take the facts
}

// Open reports whether anything is left to do.
func (c *Clearance) Open() bool {
	return c.Refused || len(c.Blockers) > 0 || c.Answer.Verdict == policy.Undetermined || len(c.Answer.MissingFacts) > 0 || len(c.Answer.Decisions) > 0 || c.Answer.Error != nil
}

// Effective are the steps whose place no later one took.
func Effective(steps []*record.Step) []*record.Step {
	gone := map[int64]bool{}
	for _, s := range steps {
		gone[s.Corrects] = s.Corrects != 0
	}
	return slices.DeleteFunc(slices.Clone(steps), func(s *record.Step) bool { return gone[s.Seq] })
}

// Clearances are asked by the rules in force, as of now.
func (s *Service) Clearances(ctx context.Context, rules *live.Loaded, e *record.Entry, body *record.Body, steps []*record.Step) ([]*Clearance, error) {
	book := rules.Book.Rulebook()
	if book.Review == nil || undecidedVerdict(e.Verdict) {
		return nil, nil
	}
	var all []*Clearance
	for _, section := range book.Review.Sections {
		if section.Question.ID != e.Question {
			continue
		}
		for _, with := range section.With {
			if with.For != nil && !slices.Contains(with.For, e.Verdict) || !guards(book, with.Question) ||
				slices.ContainsFunc(all, func(c *Clearance) bool { return c.Question == with.Question }) {
				continue
			}
			c, err := s.clearance(ctx, rules, section.Question, &with, body, steps)
			if err != nil {
				return nil, err
			}
			all = append(all, c)
		}
	}
	return all, nil
}

func undecidedVerdict(verdict string) bool { return verdict == "" || verdict == policy.Undetermined }

// guards reports whether a question is answered by rules that block something.
func guards(book *policy.Rulebook, q *policy.Question) bool {
	return slices.ContainsFunc(book.Rules(), func(r *policy.Rule) bool {
		return r.Form.Name == "guard" && (slices.Contains(q.Rules, r.Name) || slices.Contains(q.Rules, r.PartOf))
	})
}

func (s *Service) clearance(ctx context.Context, rules *live.Loaded, of *policy.Question, with *policy.ReviewWith, body *record.Body, steps []*record.Step) (*Clearance, error) {
	c := &Clearance{Question: with.Question, Title: with.Title}
	facts := map[string]json.RawMessage{}
	var given map[string]json.RawMessage
	if json.Unmarshal(body.Facts, &given) == nil {
		for _, f := range with.Question.Facts {
			same := slices.ContainsFunc(of.Facts, func(x policy.QuestionFact) bool { return x.Name == f.Name && x.Fact.TypeName == f.Fact.TypeName })
			if given[f.Name] != nil && same && !slices.Contains(body.FactsAssumed, f.Name) {
				facts[f.Name], c.Given = given[f.Name], append(c.Given, f.Name)
			}
		}
	}
	for _, step := range Effective(steps) {
		var noted map[string]json.RawMessage
		if step.Kind == record.StepNoted && step.Question == with.Question.ID && json.Unmarshal(step.Facts, &noted) == nil {
			for name, value := range noted {
				facts[name] = value
			}
		}
	}
	var err error
	if c.Facts, err = json.Marshal(facts); err != nil {
		return nil, err
	}
	book, err := rules.With(nil)
	if err != nil {
		return nil, err
	}
	c.Answer, err = book.Ask(ctx, c.Question.ID, []byte(c.Facts), rulebook.AsOf(s.Store.Now()))
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if c.Refused = err != nil; c.Refused {
		return c, nil
	}
	for v := range c.Answer.Values() {
		if v.State == policy.StateKnown && v.Kind == policy.KindList && (v.Name == with.Show || with.Show == "" && len(v.Words()) > 0) {
			c.Blockers = append(c.Blockers, v.Items...)
		}
	}
	return c, nil
}

// TryNoted refuses facts to be noted by which nothing could be judged any more, such as
// a hearing that is still to come: what has not happened is not put on record.
// The error is a *StepRefusedError.
func (s *Service) TryNoted(ctx context.Context, c *Clearance, noted []byte) error {
	if c.Refused || c.Answer.Error != nil {
		return nil // whatever is noted may mend it
	}
	facts := map[string]json.RawMessage{}
	if err := errors.Join(json.Unmarshal(c.Facts, &facts), json.Unmarshal(noted, &facts)); err != nil {
		return err
	}
	all, err := json.Marshal(facts)
	if err != nil {
		return err
	}
	book, err := s.Rules.Current().With(nil)
	if err != nil {
		return err
	}
	answer, err := book.Ask(ctx, c.Question.ID, all, rulebook.AsOf(s.Store.Now()))
	if ctx.Err() != nil || err != nil || answer.Error == nil {
		return errors.Join(ctx.Err(), err)
	}
	failure := answer.Failure()
	return &StepRefusedError{failure.Message, failure.Remedy}
}

// Take puts a step about a record on record. A decision is by a named person for
// a reason; what the proposal was, and that something was left to do before, is
// for the caller to have shown. Errors: a *StepRefusedError, and those of
// record.Store.Take.
func (s *Service) Take(ctx context.Context, b record.StepBody) (*record.Step, error) {
	b.By, b.Reason, b.Amount = strings.Join(strings.Fields(b.By), " "), strings.TrimSpace(b.Reason), strings.TrimSpace(b.Amount)
	for _, bound := range []struct {
		text string
		most int
	}{{b.By, longestName}, {b.Reason, longestReason}} {
		if !utf8.ValidString(bound.text) || utf8.RuneCountInString(bound.text) > bound.most {
			return nil, refuseStep("太长，或不是 UTF-8 文字", "something is too long, or no UTF-8 text",
				"姓名最多 "+strconv.Itoa(longestName)+" 字，理由最多 "+strconv.Itoa(longestReason)+" 字", "a name has at most "+strconv.Itoa(longestName)+" characters, a reason "+strconv.Itoa(longestReason))
		}
	}
	switch b.Kind {
	case record.StepDecision:
		if b.By == "" || b.Reason == "" {
			return nil, refuseStep("决定须写明由谁作出、为何", "a decision says who decided, and why", "填决定人和理由", "fill in who decided, and the reason")
		}
		if e, err := s.Store.Get(ctx, b.Record); err != nil {
			return nil, err
		} else if undecidedVerdict(e.Verdict) {
			return nil, refuseStep("这份记录未定，不是建议，不能据以决定", "this record is undetermined: it proposes nothing that could be decided", "补齐事实，重新记录在案", "put it on record again with the facts that are missing")
		}
		if !slices.Contains([]string{AsProposed, OtherAmount, Otherwise}, b.Outcome) {
			return nil, refuseStep("没有选怎样决定", "what was decided was not chosen", "选一项", "choose one")
		}
		if _, _, ok := splitAmount(b.Amount); b.Outcome == OtherAmount && (!ok || utf8.RuneCountInString(b.Amount) > longestAmount) {
			return nil, noAmount()
		}
	case record.StepHearing:
		if !slices.Contains(Hearings, b.Outcome) {
			return nil, refuseStep("没有选听取的情况", "what became of the hearing was not chosen", "选一项", "choose one")
		}
	case record.StepObjection:
		if b.Reason == "" || b.By == "" {
			return nil, refuseStep("异议须写明何人、因何", "an objection says whose it is, and why", "填异议人和理由", "fill in who objects, and the reason")
		}
	case record.StepCorrection:
		if b.Reason == "" {
			return nil, refuseStep("更正须写明原因", "a correction says why", "填原因", "fill in the reason")
		}
		if b.Place != "" {
			if b.Place == b.Record {
				return nil, refuseStep("记录不能更正为自己", "a record cannot take its own place", "填另一份记录的编号", "write the number of another record")
			}
			if _, err := s.Store.Get(ctx, b.Place); errors.Is(err, record.ErrNotFound) {
				return nil, refuseStep("没有编号为 "+b.Place+" 的记录", "there is no record "+b.Place, "先把对的记录在案，填它的编号；没有则留空", "put the right one on record and write its number; leave it empty where there is none")
			} else if err != nil {
				return nil, err
			}
		}
	case record.StepNoted:
		if len(b.Facts) == 0 || string(b.Facts) == "{}" {
			return nil, refuseStep("没有填任何事实", "nothing was filled in", "填已经知道的", "fill in what is known")
		}
	default:
		return nil, refuseStep("没有这种记载", "there is no such step", "从页面上选", "choose one of those on the page")
	}
	if b.Corrects != 0 && b.Reason == "" {
		return nil, refuseStep("更正须写明原因", "a correction says why", "填原因", "fill in the reason")
	}
	step, err := s.Store.Take(ctx, b)
	var wrong *record.StepError
	if errors.As(err, &wrong) {
		return nil, refusedStep(wrong)
	}
	return step, err
}

// refusedStep says why the store does not take a step, and what to do.
func refusedStep(e *record.StepError) error {
	step := strconv.FormatInt(e.Step, 10)
	switch e.Code {
	case record.AlreadyTaken:
		return refuseStep("第 "+step+" 项已作出，仍然有效", "step "+step+" was taken already, and holds", "要改的，在“更正先前的记载”里选它，并写明理由", "to change it, choose it under “In the place of an earlier step”, and say why")
	case record.WasCorrected:
		return refuseStep("记录已被更正（第 "+step+" 项）", e.Problem, "用代替它的记录；没有的，把对的记录在案", "use the record in its place; where there is none, put the right one on record")
	case record.StepsUnseen:
		return refuseStep("其间有人作了第 "+step+" 项记载", e.Problem, "看过上面的记载，再提交", "look at what stands above now, and send it again")
	}
	return refuseStep("所更正的不是这里还有效的记载", e.Problem, "重新打开页面，选一项", "open the page again and choose one")
}
