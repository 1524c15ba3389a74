package api

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/problem"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
)

// Steps are what is done about a decision on record. See record.Step.

type (
	// StepToTake is a step that somebody wants to be on record.
	StepToTake struct {
		Kind     string         `json:"kind"`
		By       string         `json:"by,omitempty" jsonschema:"the person who decided, objects or handled it; a decision and an objection need it"`
		Reason   string         `json:"reason,omitempty" jsonschema:"why; a decision, an objection, a correction and a withdrawal need it"`
		Question string         `json:"question,omitempty" jsonschema:"of kind noted: one of those under before, whose facts are noted"`
		Facts    map[string]any `json:"facts,omitempty" jsonschema:"of kind noted: what is known of the facts of that question"`
		Outcome  string         `json:"outcome,omitempty" jsonschema:"of a decision: as_proposed, other_amount or otherwise; of a hearing: notified, held, waived or no_show"`
		Amount   string         `json:"amount,omitempty" jsonschema:"with other_amount: digits with their unit, as in 30 yuan"`
		Instead  string         `json:"instead,omitempty" jsonschema:"of a correction: id of the record in its place, where there is one"`
		Corrects int64          `json:"corrects,omitempty" jsonschema:"number of a step of the same kind whose place it takes; of a withdrawal, of the step that no longer holds"`
		Despite  bool           `json:"despite,omitempty" jsonschema:"of a decision: it was taken although something should have come before"`
		Seen     *int64         `json:"seen,omitempty" jsonschema:"latest as it was looked at: where somebody took a step meanwhile, this one is refused"`
	}
	// Step is a step as it is on record; the hash is of the bytes of step.
	Step struct {
		Seq    int64     `json:"seq" jsonschema:"its number"`
		Hash   string    `json:"hash" jsonschema:"SHA-256 of the bytes of step"`
		Holds  bool      `json:"holds" jsonschema:"no later one has its place, and it was not withdrawn"`
		Differ bool      `json:"differs,omitempty" jsonschema:"it is not as it was taken; verify tells more"`
		Gone   bool      `json:"gone,omitempty" jsonschema:"it was erased with its record: number and kind are left of what it said"`
		Step   StepTaken `json:"step"`
	}
	// StepTaken is what a step says.
	StepTaken = record.StepBody
	// Procedure is what was done about a record, and what should be done before a
	// decision.
	Procedure struct {
		Record   string   `json:"record"`
		Stage    string   `json:"stage"`
		Latest   int64    `json:"latest" jsonschema:"number of the latest step, 0 where there is none: send it back as seen"`
		Steps    []Step   `json:"steps" jsonschema:"in their order"`
		Proposed []string `json:"proposed" jsonschema:"amounts, in the language of the request"`
		Open     bool     `json:"open" jsonschema:"something should come before a decision"`
		Before   []Before `json:"before" jsonschema:"what the rules in force ask before a decision"`
	}
	// Before is a question that the rules in force ask before a decision.
	Before struct {
		Question  string          `json:"question"`
		Title     policy.Text     `json:"title"`
		Open      bool            `json:"open"`
		Facts     json.RawMessage `json:"facts" jsonschema:"known so far"`
		Verdict   string          `json:"verdict,omitempty"`
		Blockers  []Word          `json:"blockers" jsonschema:"what is in the way"`
		Missing   []MissingFact   `json:"missing_facts"`
		Decisions []Decision      `json:"decisions" jsonschema:"what a person has to decide"`
		Error     *AnswerError    `json:"error,omitempty" jsonschema:"nothing could be decided"`
		Refused   bool            `json:"refused,omitempty" jsonschema:"the rules in force do not take the facts"`
	}
)

// steps tells what was done about a record.
func (a *api) steps(w http.ResponseWriter, r *http.Request) error {
	e, err := a.Store.Get(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := door.Looked(r.Context(), e.ID(), "/v1/decisions/{id}/steps"); err != nil {
		return err
	}
	p, err := a.Procedure(r.Context(), e)
	if err != nil {
		return err
	}
	held := map[int64]bool{}
	for _, s := range service.Effective(p.Steps) {
		held[s.Seq] = true
	}
	out := Procedure{Record: e.ID(), Stage: service.StageOf(p.Steps), Latest: p.Latest(), Steps: []Step{}, Proposed: []string{}, Open: p.Open(), Before: []Before{}}
	for _, s := range p.Steps {
		out.Steps = append(out.Steps, stepOf(s, held[s.Seq]))
	}
	out.Proposed = append(out.Proposed, p.ProposedTexts(problem.Language(r))...)
	for _, c := range p.Clearances {
		out.Before = append(out.Before, beforeOf(c))
	}
	return sendFresh(w, http.StatusOK, out)
}

func stepOf(s *record.Step, holds bool) Step {
	return Step{Seq: s.Seq, Hash: s.Hash.String(), Holds: holds, Differ: s.Differ, Gone: s.Gone, Step: s.StepBody}
}

func beforeOf(c *service.Clearance) Before {
	b := Before{Question: c.Question.ID, Title: c.Title, Open: c.Open(), Facts: c.Facts, Blockers: []Word{}, Missing: []MissingFact{}, Decisions: []Decision{}, Refused: c.Refused}
	for _, x := range c.Blockers {
		word, _ := x.Data.(string)
		b.Blockers = append(b.Blockers, Word{Word: word, Label: policy.Text{ZH: x.Show("zh"), EN: x.Show("en")}})
	}
	if c.Refused {
		return b
	}
	b.Verdict = c.Answer.Verdict
	errors.As(c.Answer.Error, &b.Error)
	b.Missing, b.Decisions = append(b.Missing, c.Answer.MissingFacts...), append(b.Decisions, c.Answer.Decisions...)
	return b
}

// takeStep puts a step on record.
func (a *api) takeStep(w http.ResponseWriter, r *http.Request) error {
	key, err := keyOf(r)
	if err != nil {
		return err
	}
	data, err := read(w, r, MaxFacts)
	if err != nil {
		return err
	}
	var want StepToTake
	if err := strictly(data, &want); err != nil {
		return err
	}
	if needs := service.StepNeeds(want.Kind); !door.May(r.Context(), needs) {
		return door.NotAllowed(needs)
	}
	b := record.StepBody{
		Kind: want.Kind, Record: r.PathValue("id"), By: want.By, Reason: want.Reason, Question: want.Question, Outcome: want.Outcome, Amount: want.Amount,
		Place: want.Instead, Corrects: want.Corrects, Despite: want.Despite, Seen: want.Seen,
	}
	if want.Facts != nil { // the very text: numbers stay as they were written
		var raw struct{ Facts json.RawMessage }
		if err := json.Unmarshal(data, &raw); err != nil {
			return err
		}
		b.Facts = raw.Facts
	}
	if err := service.TakenBy(&b, door.WhoOf(r.Context())); err != nil {
		return err
	}
	once := service.Once{Caller: b.Caller, Key: key, Request: append([]byte(b.Record+"\x00"), data...)}
	step, err := a.TakeOnce(r.Context(), b, once, problem.Language(r))
	if err != nil {
		return err
	}
	status := http.StatusCreated
	if step.Again {
		w.Header().Set("Idempotent-Replayed", "true")
		status = http.StatusOK
	}
	return sendFresh(w, status, stepOf(step, true))
}

// ofStep is the refusal of a step, with all that is wrong with it.
func ofStep(e *service.StepRefusedError) *problem.Problem {
	status := http.StatusUnprocessableEntity
	switch e.Code {
	case record.AlreadyTaken, record.WasCorrected, record.StepsUnseen, record.NoSuchStep, record.NotCorrectable, record.WasErased, "something_open":
		status = http.StatusConflict
	}
	p := problem.New(status, e.Code, e.Message, e.Remedy)
	p.Fact = e.Member
	all := []*problem.Problem{p}
	for _, x := range e.Others {
		all = append(all, ofStep(x))
	}
	return together(all)
}
