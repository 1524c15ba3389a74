package service

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/headline"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/record"
)

// Procedure is what was done about a record, what must come before a decision,
// and what it proposes.
type Procedure struct {
	Entry      *record.Entry
	Body       *record.Body // nil where the record cannot be read
	Steps      []*record.Step
	Clearances []*Clearance // by the rules in force, as of now
	Amounts    []Amount     // proposed, by the rules of its time
}

// Procedure looks a record's up.
func (s *Service) Procedure(ctx context.Context, e *record.Entry) (*Procedure, error) {
	p := &Procedure{Entry: e}
	var err error
	if p.Steps, err = s.Store.Steps(ctx, e); err != nil {
		return nil, err
	}
	if p.Body, err = e.Decode(); err != nil {
		p.Body = nil
		return p, nil
	}
	if p.Clearances, err = s.Clearances(ctx, s.Rules.Current(), e, p.Body, p.Steps); err != nil {
		return nil, err
	}
	book, answer, err := s.Again(ctx, p.Body)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil: // verifying tells of it
		return p, nil
	}
	if q, ok := book.Rulebook().Question(e.Question); ok {
		p.Amounts = headline.Proposed(q, answer)
	}
	return p, nil
}

// Again derives the answer of a record again by the rules of its time.
func (s *Service) Again(ctx context.Context, body *record.Body) (*rulebook.Book, *rulebook.Answer, error) {
	sum, err := record.ParseHash(body.Rulebook)
	if err != nil {
		return nil, nil, err
	}
	book := s.Rules.Current().Book
	if s.Rules.Current().SHA256 != body.Rulebook {
		if book, err = s.Store.Book(ctx, sum); err != nil {
			return nil, nil, err
		}
	}
	var options []rulebook.Option
	for key, option := range body.Readings {
		options = append(options, rulebook.Reading(key, option))
	}
	if body.AsOf != nil {
		options = append(options, rulebook.AsOf(*body.AsOf))
	}
	answer, err := book.Ask(ctx, body.Question, []byte(body.Facts), options...)
	return book, answer, err
}

// Open reports whether something should come before a decision.
func (p *Procedure) Open() bool { return slices.ContainsFunc(p.Clearances, (*Clearance).Open) }

// Latest is the place of the latest step, 0 where there is none.
func (p *Procedure) Latest() int64 {
	if len(p.Steps) == 0 {
		return 0
	}
	return p.Steps[len(p.Steps)-1].Seq
}

// ProposedTexts are the amounts that it proposes, in words of a language.
func (p *Procedure) ProposedTexts(lang string) (all []string) {
	for _, x := range p.Amounts {
		all = append(all, x.Text(lang))
	}
	return all
}

// StageOf is the stage that a record is in by its steps: one of record.Stages.
func StageOf(steps []*record.Step) string {
	if slices.ContainsFunc(steps, func(s *record.Step) bool { return s.Kind == record.StepErasure }) {
		return record.StageErased
	}
	stage := record.StageOpen
	for _, s := range Effective(steps) {
		switch s.Kind {
		case record.StepCorrection:
			return record.StageCorrected
		case record.StepDecision:
			stage = record.StageDecided
		case record.StepObjection:
			stage = record.StageObjected
		}
	}
	return stage
}

// Ready makes a step that somebody wants to take what it is to be on record:
// facts are those of a question that the rules in force ask before a decision, an
// amount has a unit that was proposed, and a decision says that something was
// left to do before. What does not go with its kind is left out. lang is that of
// the amount. Errors: those of policy.RefusedFacts, and a *StepRefusedError.
func (s *Service) Ready(ctx context.Context, p *Procedure, b record.StepBody, lang string) (record.StepBody, error) {
	tidy(&b)
	if b.Kind != record.StepCorrection {
		b.Place = ""
	}
	if b.Kind != record.StepDecision {
		b.Amount, b.Despite = "", false
	}
	if b.Kind != record.StepDecision && b.Kind != record.StepHearing {
		b.Outcome = ""
	}
	if b.Kind != record.StepNoted {
		b.Question, b.Facts = "", nil
	}
	switch b.Kind {
	case record.StepNoted:
		return b, s.readyFacts(ctx, p, &b)
	case record.StepDecision:
		if err := s.incomplete(ctx, &b); err != nil {
			return b, err
		}
		if b.Outcome == OtherAmount {
			amount, err := DecidedAmount(b.Amount, p.Amounts, lang)
			if err != nil {
				return b, err
			}
			b.Amount = amount
		} else if b.Amount = ""; b.Outcome == AsProposed {
			b.Amount = strings.Join(p.ProposedTexts(lang), " + ")
		}
		if p.Open() && !b.Despite {
			return b, refuseStep("something_open", "despite", "还有应先做的事", "something should come before a decision", "先做完，或勾选“仍作决定”并写明理由", "do it first, or tick “decided all the same” and say why in the reason")
		}
		b.Despite = p.Open()
	}
	return b, nil
}

func (s *Service) readyFacts(ctx context.Context, p *Procedure, b *record.StepBody) error {
	i := slices.IndexFunc(p.Clearances, func(c *Clearance) bool { return c.Question.ID == b.Question })
	if i < 0 {
		var ask []string
		for _, c := range p.Clearances {
			ask = append(ask, c.Question.ID)
		}
		remedy := strings.Join(ask, ", ")
		if len(ask) == 0 {
			remedy = record.StepHearing
		}
		return refuseStep("not_asked", "question", "现行规则不问这一项", "the rules in force do not ask this", "重新打开页面；可写："+remedy, "open the page again; to write: "+remedy)
	}
	c := p.Clearances[i]
	book, err := s.Rules.Current().With(nil)
	if err != nil {
		return err
	}
	_, err = book.Check(c.Question.ID, []byte(b.Facts))
	var given map[string]json.RawMessage
	switch {
	case len(policy.RefusedFacts(err)) > 0:
		return err
	case err != nil || json.Unmarshal(b.Facts, &given) != nil:
		return refuseStep("facts_unusable", "facts", "所填的不能采用", "what was filled in cannot be used", "填成一个 JSON 对象", "give an object of facts")
	}
	for _, name := range c.Given {
		if _, ok := given[name]; ok {
			return refuseStep("given_already", "facts."+name, "记录里已有这项事实："+name, "the record has this fact already: "+name, "删去它；记录错了的，更正记录", "leave it out; where the record is wrong, correct it")
		}
	}
	return s.TryNoted(ctx, c, b.Facts)
}

// TakeOnce makes a step ready and puts it on record; a repeated request with the
// same key is the step that it took first. Errors are those of Ready and Take,
// and record.ErrKeyReused.
func (s *Service) TakeOnce(ctx context.Context, b record.StepBody, once Once, lang string) (*record.Step, error) {
	if retry := once.retry(); retry != nil {
		b.Retry = &record.BodyRetry{Key: retry.Key.String(), Request: retry.Request.String()}
		if step, err := s.Store.FindStep(ctx, *b.Retry); !errors.Is(err, record.ErrNotFound) {
			return step, err
		}
	}
	e, err := s.Store.Get(ctx, b.Record)
	if err != nil {
		return nil, err
	}
	p, err := s.Procedure(ctx, e)
	if err != nil {
		return nil, err
	}
	if b, err = s.Ready(ctx, p, b, lang); err != nil {
		return nil, err
	}
	return s.Take(ctx, b)
}
