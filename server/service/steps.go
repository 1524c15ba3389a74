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
	"github.com/servicerules/rulebook/server/people"
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

// Outcomes are all of a decision.
var Outcomes = []string{AsProposed, OtherAmount, Otherwise}

// Hearings are all outcomes of a hearing.
var Hearings = []string{HearingNotified, HearingHeld, HearingWaived, HearingNoShow}

// TakenKinds are the kinds of steps that somebody takes; an erasure is asked for
// elsewhere: see Service.Erase.
var TakenKinds = slices.DeleteFunc(slices.Clone(record.StepKinds), func(kind string) bool { return kind == record.StepErasure })

// StepNeeds is what whoever takes a step of a kind must be allowed to do.
func StepNeeds(kind string) people.Permission {
	switch kind {
	case record.StepDecision, record.StepCorrection, record.StepWithdrawal:
		return people.Decide
	}
	return people.Note
}

// TakenBy says in a step who takes it, as the server knows him. Who is known as
// a person decides in his own name: it is what his account says, and no form
// says another.
func TakenBy(b *record.StepBody, who people.Who) error {
	b.Caller, b.How, b.Person = who.Name, who.How, who.Person
	if b.Kind != record.StepDecision || who.Title == "" {
		return nil
	}
	if b.By != "" && b.By != who.Title {
		return refuseStep("not_yourself", "by", "决定人应是登录的本人："+who.Title, "whoever decides is the one who signed in: "+who.Title, "留空", "leave it out")
	}
	b.By = who.Title
	return nil
}

// Bounds of what a step says, in characters.
const (
	longestName   = 60
	longestReason = 2000
	longestAmount = 40
)

// StepRefusedError says why a step is not taken.
type StepRefusedError struct {
	Code            string // stable
	Member          string // of the step that is wrong, as record.StepBody has it in JSON; "" for none
	Message, Remedy diagnostic.Text
	Others          []*StepRefusedError // that are wrong, too
}

// Error is the refusal in English.
func (e *StepRefusedError) Error() string { return e.Message.EN }

func refuseStep(code, member, zh, en, remedyZH, remedyEN string) *StepRefusedError {
	return &StepRefusedError{Code: code, Member: member, Message: diagnostic.Text{ZH: zh, EN: en}, Remedy: diagnostic.Text{ZH: remedyZH, EN: remedyEN}}
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
	return &StepRefusedError{Code: failure.Code, Member: "facts", Message: failure.Message, Remedy: failure.Remedy}
}

// Take puts a step about a record on record. A decision is by a named person for
// a reason; what the proposal was, and that something was left to do before, is
// for Ready to have seen. A step whose retry was taken already is that step.
// Errors: a *StepRefusedError, and those of record.Store.Take.
func (s *Service) Take(ctx context.Context, b record.StepBody) (*record.Step, error) {
	if b.Retry != nil {
		if step, err := s.Store.FindStep(ctx, *b.Retry); !errors.Is(err, record.ErrNotFound) {
			return step, err
		}
	}
	tidy(&b)
	if err := s.incomplete(ctx, &b); err != nil {
		return nil, err
	}
	step, err := s.Store.Take(ctx, b)
	var wrong *record.StepError
	if errors.As(err, &wrong) {
		return nil, refusedStep(wrong)
	}
	return step, err
}

func tidy(b *record.StepBody) {
	b.By, b.Reason, b.Amount = strings.Join(strings.Fields(b.By), " "), strings.TrimSpace(b.Reason), strings.TrimSpace(b.Amount)
}

// incomplete says what is wrong with a step by itself: a *StepRefusedError with
// all of it.
func (s *Service) incomplete(ctx context.Context, b *record.StepBody) error {
	var wrong []*StepRefusedError
	refuse := func(code, member, zh, en, remedyZH, remedyEN string) {
		wrong = append(wrong, refuseStep(code, member, zh, en, remedyZH, remedyEN))
	}
	said := func(zh, en, remedyZH, remedyEN string) {
		for _, x := range []struct{ member, text string }{{"by", b.By}, {"reason", b.Reason}} {
			if x.text == "" {
				refuse("missing", x.member, zh, en, remedyZH, remedyEN)
			}
		}
	}
	for _, bound := range []struct {
		member, text string
		most         int
	}{{"by", b.By, longestName}, {"reason", b.Reason, longestReason}} {
		if !utf8.ValidString(bound.text) || utf8.RuneCountInString(bound.text) > bound.most {
			refuse("too_long", bound.member, "太长，或不是 UTF-8 文字", "something is too long, or no UTF-8 text",
				"姓名最多 "+strconv.Itoa(longestName)+" 字，理由最多 "+strconv.Itoa(longestReason)+" 字", "a name has at most "+strconv.Itoa(longestName)+" characters, a reason "+strconv.Itoa(longestReason))
		}
	}
	switch b.Kind {
	case record.StepDecision:
		said("决定须写明由谁作出、为何", "a decision says who decided, and why", "填决定人和理由", "fill in who decided, and the reason")
		if e, err := s.Store.Get(ctx, b.Record); err != nil {
			return err
		} else if undecidedVerdict(e.Verdict) {
			refuse("undetermined", "", "这份记录未定，不是建议，不能据以决定", "this record is undetermined: it proposes nothing that could be decided", "补齐事实，重新记录在案", "put it on record again with the facts that are missing")
		}
		if !slices.Contains(Outcomes, b.Outcome) {
			refuse("unknown_outcome", "outcome", "没有选怎样决定", "what was decided was not chosen", "选一项："+strings.Join(Outcomes, "、"), "choose one of "+strings.Join(Outcomes, ", "))
		}
		if _, _, ok := splitAmount(b.Amount); b.Outcome == OtherAmount && (!ok || utf8.RuneCountInString(b.Amount) > longestAmount) {
			wrong = append(wrong, noAmount())
		}
	case record.StepHearing:
		if !slices.Contains(Hearings, b.Outcome) {
			refuse("unknown_outcome", "outcome", "没有选听取的情况", "what became of the hearing was not chosen", "选一项："+strings.Join(Hearings, "、"), "choose one of "+strings.Join(Hearings, ", "))
		}
	case record.StepObjection:
		said("异议须写明由谁提出、为何", "an objection says whose it is, and why", "填异议人和理由", "fill in who objects, and the reason")
	case record.StepCorrection:
		if err := s.placeOf(ctx, b, refuse); err != nil {
			return err
		}
	case record.StepWithdrawal:
		if b.Corrects == 0 {
			refuse("missing", "corrects", "没有选撤回哪一项", "which step is withdrawn was not chosen", "选一项还有效的记载", "choose a step that holds")
		}
	case record.StepNoted:
		if len(b.Facts) == 0 || string(b.Facts) == "{}" {
			refuse("missing", "facts", "没有填任何事实", "nothing was filled in", "填已经知道的", "fill in what is known")
		}
	default:
		refuse("unknown_kind", "kind", "没有这种记载", "there is no such step", "选一种："+strings.Join(TakenKinds, "、"), "choose one of "+strings.Join(TakenKinds, ", "))
	}
	if (b.Corrects != 0 || b.Kind == record.StepCorrection || b.Kind == record.StepWithdrawal) && b.Reason == "" && b.Kind != record.StepDecision && b.Kind != record.StepObjection {
		refuse("missing", "reason", "更正和撤回须写明原因", "a correction and a withdrawal say why", "填原因", "fill in the reason")
	}
	if len(wrong) == 0 {
		return nil
	}
	slices.SortStableFunc(wrong, func(x, y *StepRefusedError) int { return strings.Compare(x.Member, y.Member) })
	wrong[0].Others = wrong[1:]
	return wrong[0]
}

// placeOf looks at the record that takes the place of another one.
func (s *Service) placeOf(ctx context.Context, b *record.StepBody, refuse func(code, member, zh, en, remedyZH, remedyEN string)) error {
	if b.Place == "" {
		return nil
	}
	if b.Place == b.Record {
		refuse("itself", "instead", "记录不能更正为自己", "a record cannot take its own place", "填另一份记录的编号", "write the number of another record")
		return nil
	}
	place, err := s.Store.Get(ctx, b.Place)
	if err == nil && place.Erased() {
		refuse("erased", "instead", "记录 "+b.Place+" 已被抹去，什么也没有留下", "record "+b.Place+" was erased: nothing is left of it", "填还在的记录的编号，没有则留空", "write the number of a record that is there still; leave it empty where there is none")
		return nil
	}
	if errors.Is(err, record.ErrNotFound) {
		refuse("unknown_decision", "instead", "没有编号为 "+b.Place+" 的记录", "there is no record "+b.Place, "先把对的记录在案，填它的编号；没有则留空", "put the right one on record and write its number; leave it empty where there is none")
		return nil
	}
	return err
}

// refusedStep says why the store does not take a step, and what to do.
func refusedStep(e *record.StepError) error {
	step := strconv.FormatInt(e.Step, 10)
	switch e.Code {
	case record.WasErased:
		return refuseStep(e.Code, "", "记录已被抹去（第 "+step+" 项），不能再作记载", e.Problem, "另作一份记录", "put another record on record")
	case record.AlreadyTaken:
		return refuseStep(e.Code, "corrects", "第 "+step+" 项已作出，仍然有效", "step "+step+" was taken already, and holds", "要改的，在“更正先前的记载”里选它，并写明理由", "to change it, choose it under “In the place of an earlier step”, and say why")
	case record.WasCorrected:
		return refuseStep(e.Code, "", "记录已被更正（第 "+step+" 项）", e.Problem, "用代替它的记录；没有的，把对的记录在案", "use the record in its place; where there is none, put the right one on record")
	case record.StepsUnseen:
		return refuseStep(e.Code, "seen", "其间有人作了第 "+step+" 项记载", e.Problem, "看过这些记载，再提交；用接口的，seen 写所得步骤的 latest", "look at what was done, and send it again; programs send latest of the steps as seen")
	case record.NoSuchStep:
		return refuseStep(e.Code, "seen", "seen 不是这份记录的任何一项记载", "seen is no step about the record", "写所得步骤的 latest，没有记载的写 0", "send latest of the steps, 0 where there is none")
	}
	return refuseStep(e.Code, "corrects", "所更正或撤回的不是这里还有效的记载", e.Problem, "重新打开页面，选一项", "open the page again and choose one")
}
