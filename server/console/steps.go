package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/headline"
	"github.com/servicerules/rulebook/internal/intake"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
)

// What is done about a record stands on its page as further records: what must
// come before a decision, and what of it was noted; decisions, objections,
// corrections. See record.Step.

// Inputs of the forms of steps. None can be mistaken for a fact.
const (
	kindInput     = "_kind"
	byInput       = "_by"
	reasonInput   = "_reason"
	outcomeInput  = "_outcome"
	amountInput   = "_amount"
	insteadInput  = "_instead"
	sureInput     = "_sure"
	correctsInput = "_corrects"
	despiteInput  = "_despite"
	aboutInput    = "_question"
	seenInput     = "_seen" // the latest step that the page showed
)

// procedureView is what was done about a record, and what may be done.
type procedureView struct {
	Action     string
	Steps      []stepRow
	Seen       int64           // the latest of them
	Matter     string          // address of the records of the same matter
	Damage     []record.Damage // steps that are not as they were taken
	Stage      string
	StageClass string
	Clearances []clearanceView
	Open       bool     // something should come before a decision
	Proposed   []string // amounts
	May        bool     // the caller may take steps
	Self       string   // what whoever signed in is called: decisions are in his name
	MayDecide  bool     // and decide, correct what is on record, withdraw steps
	Erase      string   // where an erasure is sent to; "" where the caller may not erase
	Erased     bool     // nothing is left of what the record said
	Hearing    bool     // the rules say nothing of a hearing: it is noted in words of the pages
	Hearings   []option
	Outcomes   []option
	Corrects   map[string][]option // by kind: steps whose place may be taken
	Values     url.Values
	Kind       string // of the form that was refused
	Refused    *message
}

func (x *procedureView) Value(name string) string { return x.Values.Get(name) }

// stepRow is a step as it is listed.
type stepRow struct {
	Seq                                 int64
	At, Kind, By, Caller, Reason, Class string
	Outcome, Amount                     string
	Facts                               []givenFact
	Instead, InsteadHref                string
	Corrects                            int64
	Despite                             bool
	Gone                                bool // a later one has its place, or it was withdrawn
	Withdrawn                           bool
	Erased                              bool // with the record
	Differ                              bool // it is not as it was taken
}

// clearanceView is what must come before a decision.
type clearanceView struct {
	ID, Title, Verdict, Tone string
	Todo                     []string
	Fields                   []*field
	Open                     bool
}

var stepKindTexts = map[string]policy.Text{
	record.StepNoted: {ZH: "记载", EN: "noted"}, record.StepHearing: {ZH: "听取意见", EN: "hearing"}, record.StepDecision: {ZH: "决定", EN: "decision"},
	record.StepObjection: {ZH: "异议", EN: "objection"}, record.StepCorrection: {ZH: "更正", EN: "correction"}, record.StepWithdrawal: {ZH: "撤回", EN: "withdrawal"},
	record.StepErasure: {ZH: "抹去", EN: "erasure"},
}

var outcomeTexts = map[string]policy.Text{
	service.AsProposed: {ZH: "照建议决定", EN: "as proposed"}, service.OtherAmount: {ZH: "决定为另一金额", EN: "another amount"}, service.Otherwise: {ZH: "另行决定", EN: "otherwise"},
	service.HearingNotified: {ZH: "已通知本人", EN: "the person was notified"}, service.HearingHeld: {ZH: "已听取", EN: "held"},
	service.HearingWaived: {ZH: "本人放弃", EN: "waived by the person"}, service.HearingNoShow: {ZH: "通知后未到场", EN: "notified, and did not come"},
}

var stageTexts = map[string]policy.Text{
	record.StageOpen: {ZH: "待人决定", EN: "for a person to decide"}, record.StageDecided: {ZH: "已决定", EN: "decided"},
	record.StageObjected: {ZH: "有异议", EN: "objected to"}, record.StageCorrected: {ZH: "已更正", EN: "corrected"},
	record.StageErased: {ZH: "已抹去", EN: "erased"},
}

// mayTake reports whether the caller may put steps on record.
func mayTake(r *http.Request) bool { return door.May(r.Context(), people.Note) }

// mayDecide reports whether the caller may decide, correct what is on record
// and withdraw steps.
func mayDecide(r *http.Request) bool { return door.May(r.Context(), people.Decide) }

// procedure fills in what was done about a record.
func (c *Console) procedure(r *http.Request, p *page, e *record.Entry, values url.Values) (*procedureView, *service.Procedure, error) {
	v := p.viewer
	x := &procedureView{Action: "/decisions/" + url.PathEscape(e.ID()) + "/steps", Values: values, Kind: values.Get(kindInput), May: mayTake(r), MayDecide: mayDecide(r), Self: plainly(door.WhoOf(r.Context()).Title), Corrects: map[string][]option{}, Erased: e.Erased()}
	if door.May(r.Context(), people.Erase) && !x.Erased {
		x.Erase, x.Matter = "/decisions/"+url.PathEscape(e.ID())+"/erasure", matterAddress(e.ID())
	}
	of, err := c.service.Procedure(r.Context(), e)
	if err != nil {
		return nil, nil, err
	}
	stage := service.StageOf(of.Steps)
	if stage != record.StageOpen || !undecided(e) {
		x.Stage = stageTexts[stage].In(v.lang)
		x.StageClass = map[string]string{record.StageDecided: "", record.StageCorrected: "open"}[stage]
		if stage == record.StageOpen || stage == record.StageObjected {
			x.StageClass = "open"
		}
	}
	held := service.Effective(of.Steps)
	for _, s := range of.Steps {
		row := v.stepRow(s)
		row.Gone = !slices.Contains(held, s)
		row.Withdrawn = slices.ContainsFunc(of.Steps, func(x *record.Step) bool { return x.Kind == record.StepWithdrawal && x.Corrects == s.Seq })
		x.Steps = append(x.Steps, row)
		if s.Differ {
			x.Damage = append(x.Damage, record.Damage{ID: e.ID(), Code: record.DamageStep, Detail: fmt.Sprintf("step %d", s.Seq)})
		}
		if !row.Gone && s.Kind != record.StepWithdrawal && s.Kind != record.StepErasure {
			seq := strconv.FormatInt(s.Seq, 10)
			chosen := values.Get(correctsInput) == seq
			x.Corrects[s.Kind] = append(x.Corrects[s.Kind], option{Value: seq, Label: v.pick("第 "+seq+" 项记载", "step "+seq) + " · " + row.At, On: chosen})
			x.Corrects[record.StepWithdrawal] = append(x.Corrects[record.StepWithdrawal], option{Value: seq, Label: v.pick("第 "+seq+" 项 · ", "step "+seq+" · ") + row.Kind + " · " + row.At, On: chosen})
		}
	}
	x.Seen = of.Latest()
	if of.Body == nil {
		x.May = false
		return x, of, nil
	}
	asked := map[string]bool{}
	for _, cl := range of.Clearances {
		x.Clearances = append(x.Clearances, v.clearance(cl, values, asked))
	}
	x.Open, x.Hearing = of.Open(), len(of.Clearances) == 0
	for _, o := range service.Hearings {
		x.Hearings = append(x.Hearings, option{Value: o, Label: outcomeTexts[o].In(v.lang), On: values.Get(outcomeInput) == o})
	}
	x.Proposed = of.ProposedTexts(v.lang)
	for _, o := range service.Outcomes {
		label := outcomeTexts[o].In(v.lang)
		if o == service.AsProposed && len(x.Proposed) > 0 {
			label += v.pick("：", ": ") + strings.Join(x.Proposed, " + ")
		}
		x.Outcomes = append(x.Outcomes, option{Value: o, Label: label, On: values.Get(outcomeInput) == o})
	}
	return x, of, nil
}

// proposedIn are the amounts that a record proposes, as texts.
func (c *Console) proposedIn(ctx context.Context, p *page, e *record.Entry, body *record.Body) ([]string, error) {
	all, err := c.amountsIn(ctx, p, e, body)
	return textsOf(all, p.Lang), err
}

func textsOf(amounts []service.Amount, lang string) (all []string) {
	for _, x := range amounts {
		all = append(all, x.Text(lang))
	}
	return all
}

// amountsIn are the amounts that a record proposes, by the rules of its time.
func (c *Console) amountsIn(ctx context.Context, p *page, e *record.Entry, body *record.Body) ([]service.Amount, error) {
	v, answer, err := c.again(ctx, p, body)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if v == nil || err != nil {
		return nil, nil // the page says why
	}
	q, ok := v.book.Question(e.Question)
	if !ok {
		return nil, nil
	}
	return headline.Proposed(q, answer), nil
}

// clearance puts into words what must come before a decision. Facts that another
// one asks for already are not asked for twice.
func (v *viewer) clearance(cl *service.Clearance, values url.Values, asked map[string]bool) clearanceView {
	x := clearanceView{ID: cl.Question.ID, Title: sentence(cl.Title.In(v.lang)), Open: cl.Open(), Tone: "good"}
	if x.Open {
		x.Tone = "open"
	}
	w := v.words()
	switch {
	case cl.Refused:
		x.Verdict = v.pick("现行规则不收这些事实", "the rules in force do not take these facts")
	case cl.Answer.Error != nil:
		x.Verdict = cl.Answer.Failure().Message.In(v.lang)
	default:
		x.Verdict = w.Verdict(cl.Question, cl.Answer.Verdict)
	}
	for _, b := range cl.Blockers {
		x.Todo = append(x.Todo, sentence(b.Show(v.lang)))
	}
	if !cl.Refused {
		for _, m := range cl.Answer.MissingFacts {
			if text := v.pick("还不知道：", "Not known yet: ") + v.factLabel(cl.Question, m.Fact); !slices.Contains(x.Todo, text) {
				x.Todo = append(x.Todo, text)
			}
		}
		for _, d := range cl.Answer.Decisions {
			x.Todo = append(x.Todo, v.pick("须由人决定：", "For a person to decide: ")+d.Label.In(v.lang))
		}
	}
	filled := url.Values{}
	if facts, err := intake.ParseFacts(cl.Facts); err == nil {
		filled = fill(v.book, cl.Question, facts)
	}
	if v.masked {
		v.unnamed(cl.Question, filled)
	}
	if values.Get(aboutInput) == cl.Question.ID {
		filled = values
	}
	f := &form{book: v.book, lang: v.lang, values: filled}
	for _, fact := range cl.Question.Facts {
		if !slices.Contains(cl.Given, fact.Name) && !asked[fact.Name] {
			asked[fact.Name] = true
			x.Fields = append(x.Fields, f.field(fact.Fact, fact.Name))
		}
	}
	return x
}

// mask is a name as who looks may see it.
func (v *viewer) mask(name string) string {
	if v.masked && name != "" {
		return strings.Repeat(service.Mask, 3)
	}
	v.named = v.named || name != ""
	return name
}

// unnamed empties the inputs of a form in which a name or a text stands.
func (v *viewer) unnamed(q *policy.Question, values url.Values) {
	for path := range values {
		if f, ok := service.FactAt(q, path); ok && f.Personal {
			delete(values, path)
		}
	}
}

// who puts into words who did something, "" where nobody is known.
func (v *viewer) who(w people.Who) string {
	name := plainly(w.Name)
	if w.Person != "" && w.Person != w.Name {
		name = plainly(w.Person) + v.pick("，用 ", ", by ") + name
	}
	if how, ok := people.HowTexts[w.How]; ok {
		name += v.pick("（", " (") + how.In(v.lang) + v.pick("）", ")")
	}
	return name
}

// stepRow puts a step into words.
func (v *viewer) stepRow(s *record.Step) stepRow {
	row := stepRow{
		Seq: s.Seq, At: wording.Moment(s.At.In(v.book.Zone).Truncate(time.Second)), Kind: stepKindTexts[s.Kind].In(v.lang), By: plainly(s.By), Caller: v.who(people.Who{Name: s.Caller, How: s.How, Person: s.Person}),
		Reason: plainly(s.Reason), Amount: plainly(s.Amount), Corrects: s.Corrects, Class: s.Kind, Instead: s.Place, Despite: s.Despite, Outcome: outcomeTexts[s.Outcome].In(v.lang), Differ: s.Differ,
	}
	// Who decided is told; who objected or was heard is masked, and what was
	// written of it.
	if s.Kind == record.StepErasure {
		return row
	}
	row.Erased, row.Reason = s.Gone, v.mask(row.Reason)
	if s.Kind != record.StepDecision {
		row.By = v.mask(row.By)
	}
	if s.At.IsZero() { // it cannot be read
		row.At = ""
	}
	if s.Place != "" {
		row.InsteadHref = "/decisions/" + url.PathEscape(s.Place)
	}
	if s.Kind != record.StepNoted {
		return row
	}
	q, ok := v.book.Question(s.Question)
	noted := s.Facts
	if ok && v.masked {
		noted = service.Masked(q, s.Facts)
	}
	facts, err := intake.ParseFacts(noted)
	if (!ok || err != nil) && v.masked {
		return row
	}
	if !ok || err != nil {
		row.Facts = []givenFact{{Text: plainly(string(s.Facts))}} // as it stands: the question is no longer asked
		return row
	}
	row.Facts = v.words().Given(q, facts, nil)
	return row
}

// step takes a step about a record.
func (c *Console) step(r *http.Request, p *page) (int, error) {
	e, err := c.service.Store.Get(r.Context(), r.PathValue("id"))
	if err != nil {
		return 0, err
	}
	values, err := formOf(r)
	if err != nil {
		return 0, err
	}
	if needs := service.StepNeeds(values.Get(kindInput)); !p.May(needs) {
		return 0, door.NotAllowed(needs)
	}
	again := func(refused *message, status int) (int, error) {
		x, err := c.decisionPage(r, p, e, values)
		if err != nil {
			return 0, err
		}
		x.Procedure.Refused = refused
		return status, nil
	}
	if list := values.Get(addInput); list != "" {
		addRow(values, list)
		return again(nil, http.StatusOK)
	}
	if row := values.Get(removeInput); row != "" {
		removeRow(values, row)
		return again(nil, http.StatusOK)
	}
	of, err := c.service.Procedure(r.Context(), e)
	if err != nil {
		return 0, err
	}
	b, refused, err := c.stepOf(r.Context(), p, of, values)
	if refused != nil {
		return again(refused, http.StatusUnprocessableEntity)
	}
	if err == nil {
		_, err = c.service.Take(r.Context(), b)
	}
	var wrong *service.StepRefusedError
	if errors.As(err, &wrong) {
		return again(&message{wrong.Message.In(p.Lang), wrong.Remedy.In(p.Lang)}, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return 0, err
	}
	p.location = "/decisions/" + url.PathEscape(e.ID()) + "#steps"
	return http.StatusSeeOther, nil
}

// seenOf is the latest step that the page of a form showed, 0 for none; nil where the
// form says nothing of it.
func seenOf(values url.Values) *int64 {
	n, err := strconv.ParseInt(values.Get(seenInput), 10, 64)
	if err != nil {
		return nil
	}
	return &n
}

// stepOf reads the form of a step.
func (c *Console) stepOf(ctx context.Context, p *page, of *service.Procedure, values url.Values) (b record.StepBody, refused *message, err error) {
	b = record.StepBody{
		Kind: values.Get(kindInput), Record: of.Entry.ID(), By: values.Get(byInput), Reason: values.Get(reasonInput), Outcome: values.Get(outcomeInput), Amount: values.Get(amountInput),
		Place: strings.TrimSpace(values.Get(insteadInput)), Question: values.Get(aboutInput), Despite: values.Get(despiteInput) != "",
	}
	if text := values.Get(correctsInput); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			n = -1
		}
		b.Corrects = n
	}
	b.Seen = seenOf(values)
	if err := service.TakenBy(&b, door.WhoOf(ctx)); err != nil {
		return b, nil, err
	}
	q, known := p.viewer.book.Question(b.Question)
	if known && b.Kind == record.StepNoted {
		facts := url.Values{}
		for name, list := range values {
			if !strings.HasPrefix(name, "_") {
				facts[name] = list
			}
		}
		f := &form{book: p.viewer.book, lang: p.Lang, values: facts}
		data, wrong := f.given(q)
		for path, text := range wrong {
			return b, &message{p.viewer.factLabel(q, path) + p.pick("：", ": ") + text, ""}, nil
		}
		b.Facts = json.RawMessage(data)
	}
	b, err = c.service.Ready(ctx, of, b, p.Lang)
	for _, fact := range policy.RefusedFacts(err) {
		return b, &message{p.viewer.factLabel(q, fact.Fact) + p.pick("：", ": ") + fact.Message.In(p.Lang), fact.Remedy.In(p.Lang)}, nil
	}
	return b, nil, err
}
