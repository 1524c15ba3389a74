package api

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/server/changing"
	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/problem"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
	"github.com/servicerules/rulebook/server/signing"
)

// Changes of the rules. See package changing.

type (
	// Changes lists the changes of the rules.
	Changes struct {
		Active  string   `json:"active" jsonschema:"SHA-256 of the rules in force"`
		Changes []Change `json:"changes" jsonschema:"the latest first"`
	}
	// Change is a change of the rules.
	Change struct {
		Number  int64            `json:"number"`
		State   string           `json:"state" jsonschema:"draft, proposed, refused, approved, scheduled, publishing, published, superseded or withdrawn"`
		Title   string           `json:"title"`
		Why     string           `json:"why,omitempty"`
		Base    string           `json:"base" jsonschema:"SHA-256 of the rules that it changes"`
		Based   bool             `json:"based" jsonschema:"these are in force: otherwise it has to be carried over to those that are"`
		Text    string           `json:"text" jsonschema:"SHA-256 of the rules that it makes of them: send it back as sha256 once you have looked at them"`
		From    *time.Time       `json:"from,omitempty" jsonschema:"the moment at which it comes into force"`
		Alone   bool             `json:"alone,omitempty" jsonschema:"it was approved by the only person that there is, on a server that asks nobody who he is"`
		Signer  string           `json:"signer,omitempty" jsonschema:"who signed the text as it stands and may sign still, where the server takes signed rules only; of one change"`
		Refusal string           `json:"refusal,omitempty"`
		Failure *diagnostic.Text `json:"failure,omitempty" jsonschema:"why it could not be put in force, at the latest attempt"`
		Shadow  *Shadow          `json:"shadow,omitempty" jsonschema:"in which its text, as it stands, ran beside the rules in force last"`
		Latest  int64            `json:"latest" jsonschema:"number of the latest step: send it back as seen"`
		Steps   []ChangeStep     `json:"steps" jsonschema:"in their order"`
	}
	// ChangeStep is a step about a change, as it is on record; the hash is of the
	// bytes of step.
	ChangeStep struct {
		Hash   string                `json:"hash" jsonschema:"SHA-256 of the bytes of step"`
		Differ bool                  `json:"differs,omitempty" jsonschema:"it is not as it was taken; verify tells more"`
		Step   record.ChangeStepBody `json:"step"`
	}
	// ChangeToTake is a step that somebody wants to take about a change.
	ChangeToTake struct {
		Kind      string `json:"kind" jsonschema:"revised, proposed, approved, refused, scheduled, unscheduled, published, withdrawn, shadowed or unshadowed"`
		SHA256    string `json:"sha256,omitempty" jsonschema:"text of the change, as it was looked at; to propose, approve, publish, schedule and put in shadow"`
		Seen      int64  `json:"seen,omitempty" jsonschema:"latest as it was looked at: where somebody took a step meanwhile, this one is refused"`
		Title     string `json:"title,omitempty" jsonschema:"of revised: what is changed"`
		Why       string `json:"why,omitempty" jsonschema:"of revised: why"`
		Reason    string `json:"reason,omitempty" jsonschema:"to refuse and to withdraw"`
		From      string `json:"from,omitempty" jsonschema:"of scheduled: the moment, RFC 3339"`
		Signature string `json:"signature,omitempty" jsonschema:"of approved, scheduled and published, where the server takes signed rules only: of the text, as ssh-keygen -Y sign -n rulebook writes it"`
	}
	// Shadow is a time in which a text runs beside the rules in force.
	Shadow struct {
		From time.Time  `json:"from"`
		To   *time.Time `json:"to,omitempty" jsonschema:"left out while it runs"`
		By   string     `json:"by,omitempty" jsonschema:"the name of the token or of the account that put it in shadow"`
	}
	// Beside is what a change in shadow makes of what was put on record meanwhile.
	Beside struct {
		Shadow      Shadow           `json:"shadow"`
		Text        string           `json:"text" jsonschema:"SHA-256 of the rules that are in shadow"`
		Compared    int              `json:"compared" jsonschema:"decisions on record that both could be asked about"`
		Differing   int              `json:"differing" jsonschema:"of them, that are answered otherwise"`
		Refused     int              `json:"refused,omitempty" jsonschema:"decisions that neither takes today"`
		Behind      int64            `json:"behind" jsonschema:"decisions that were not compared yet: ask again until 0"`
		Questions   []BesideQuestion `json:"questions"`
		Differences []BesideDecision `json:"differences" jsonschema:"the latest first, at most 500"`
	}
	// BesideQuestion counts the decisions of a question.
	BesideQuestion struct {
		Question  string `json:"question"`
		Compared  int    `json:"compared"`
		Differing int    `json:"differing"`
		Verdicts  int    `json:"verdicts" jsonschema:"of those that differ, that have another verdict or none"`
	}
	// BesideDecision is a decision on record that is answered otherwise.
	BesideDecision struct {
		Record     string    `json:"record" jsonschema:"id of the decision"`
		Question   string    `json:"question"`
		RecordedAt time.Time `json:"recorded_at"`
		Parts      []string  `json:"parts" jsonschema:"of the answer that differ: verdict, error, names of values, breaches, liable, missing_facts, decisions, cites, provisional"`
		Told       string    `json:"told" jsonschema:"how the verdict differs, in the language of the request; what else differs is told by the pages"`
	}
	// History is the rules that were in force, the latest first.
	History struct {
		Versions []RulesVersion `json:"versions"`
	}
	// RulesVersion is rules that were in force from a moment on.
	RulesVersion struct {
		SHA256 string    `json:"sha256" jsonschema:"their text is at /v1/rules/SHA256"`
		From   time.Time `json:"from"`
		Change int64     `json:"change,omitempty" jsonschema:"number of the change that brought them; left out where they came by their file"`
		Active bool      `json:"active,omitempty"`
	}
	// Study is what is found out of a change.
	Study struct {
		Base        string           `json:"base"`
		Text        string           `json:"text"`
		Stage       string           `json:"stage" jsonschema:"waiting, trial, words, impact, analysis or done: ask again until then"`
		OK          bool             `json:"ok" jsonschema:"check and cases find no fault with it"`
		Findings    []Finding        `json:"findings"`
		FailedCases []FailedCase     `json:"failed_cases,omitempty"`
		Differences []StudyGroup     `json:"differences" jsonschema:"what it says otherwise than its base, in the language of the request"`
		Questions   []string         `json:"questions" jsonschema:"that it can reach, and what is known of their answers"`
		Deviations  []StudyDeviation `json:"deviations,omitempty" jsonschema:"where it says otherwise than the book that it extends"`
		Analysed    []Finding        `json:"analysed" jsonschema:"findings over all facts that its base does not have"`
		Impact      *Impact          `json:"impact,omitempty" jsonschema:"what it would have made of what is on record; for who may see records"`
	}
	// StudyGroup is lines under a heading.
	StudyGroup struct {
		Heading string   `json:"heading"`
		Lines   []string `json:"lines"`
		Records []string `json:"records,omitempty" jsonschema:"ids of some of the records that it holds of"`
	}
	// StudyDeviation is where a book says otherwise than the one that it extends.
	StudyDeviation struct {
		Path   string `json:"path"`
		Label  string `json:"label,omitempty"`
		Base   string `json:"base,omitempty"`
		Branch string `json:"branch,omitempty"`
		Added  bool   `json:"added,omitempty"`
	}
	// Impact is what a change would have made of what is on record.
	Impact struct {
		OnRecord   int64        `json:"on_record"`
		Asked      int64        `json:"asked" jsonschema:"again, so far"`
		Changed    int          `json:"changed"`
		Unfinished bool         `json:"unfinished,omitempty" jsonschema:"the latest were asked, not all"`
		Groups     []StudyGroup `json:"groups"`
	}
)

// sendChange answers with a change, and with whoever signed its text.
func (a *api) sendChange(w http.ResponseWriter, r *http.Request, status int, x *changing.Change) error {
	out := a.changeOf(x)
	if a.Changes.Signing() {
		found, err := a.Changes.Signed(r.Context(), x.Text, "")
		switch {
		case err == nil:
			out.Signer = found.Signer
		case !errors.As(err, new(*signing.UnsignedError)):
			return err
		}
	}
	return sendFresh(w, status, out)
}

func (a *api) changeOf(x *changing.Change) Change {
	out := Change{
		Number: x.Number, State: string(x.State), Title: x.Title, Why: x.Why, Base: x.Base, Based: a.Changes.Based(x), Text: x.Text, From: x.From,
		Alone: x.Alone, Refusal: x.Refusal, Latest: x.Seen(), Steps: []ChangeStep{},
	}
	if x.Failure != "" {
		t := changing.Failure(x.Failure)
		out.Failure = &t
	}
	if x.Shadow != nil {
		s := shadowOf(x.Shadow)
		out.Shadow = &s
	}
	for _, s := range x.Steps {
		out.Steps = append(out.Steps, ChangeStep{s.Hash.String(), s.Differ, s.ChangeStepBody})
	}
	return out
}

func (a *api) changes(w http.ResponseWriter, r *http.Request) error {
	open, err := flag(r.URL.Query(), "open")
	if err != nil {
		return err
	}
	all, err := a.Changes.All(r.Context())
	if err != nil {
		return err
	}
	out := Changes{Active: a.Rules.Current().SHA256, Changes: []Change{}}
	for i := len(all) - 1; i >= 0; i-- {
		if !open || all[i].State.Open() {
			out.Changes = append(out.Changes, a.changeOf(all[i]))
		}
	}
	return sendFresh(w, http.StatusOK, out)
}

func (a *api) changeAt(r *http.Request) (*changing.Change, error) {
	n, err := strconv.ParseInt(r.PathValue("number"), 10, 64)
	if err != nil {
		return nil, changing.ErrNotFound
	}
	return a.Changes.Change(r.Context(), n)
}

func (a *api) change(w http.ResponseWriter, r *http.Request) error {
	x, err := a.changeAt(r)
	if err != nil {
		return err
	}
	return a.sendChange(w, r, http.StatusOK, x)
}

func (a *api) changeText(w http.ResponseWriter, r *http.Request) error {
	x, err := a.changeAt(r)
	if err != nil {
		return err
	}
	text, err := a.Changes.Text(r.Context(), x.Text)
	if err != nil {
		return err
	}
	return sendRules(w, r, x.Text, text)
}

// writing is a step with a text of the rules in its body.
func (a *api) writing(w http.ResponseWriter, r *http.Request, number int64, d changing.Do) error {
	key, err := keyOf(r)
	if err != nil {
		return err
	}
	release, err := a.Drafting()
	if err != nil {
		return err
	}
	defer release()
	if d.Text, err = read(w, r, MaxDraft); err != nil {
		return err
	}
	d.By = door.WhoOf(r.Context())
	d.Retry = service.Once{Caller: door.NameOf(r.Context()), Key: key, Request: append([]byte(r.URL.RequestURI()+"\x00"), d.Text...)}.ForChange()
	return a.taken(w, r, number, d)
}

// taken takes a step, and answers with the change.
func (a *api) taken(w http.ResponseWriter, r *http.Request, number int64, d changing.Do) error {
	x, again, err := a.Changes.Take(r.Context(), number, d)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if again {
		w.Header().Set("Idempotent-Replayed", "true")
	} else if d.Kind == record.ChangeDrafted {
		status = http.StatusCreated
	}
	if d.Kind == record.ChangeDrafted {
		w.Header().Set("Location", "/v1/changes/"+strconv.FormatInt(x.Number, 10))
	}
	return a.sendChange(w, r, status, x)
}

func (a *api) draftChange(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return a.writing(w, r, 0, changing.Do{Kind: record.ChangeDrafted, Title: q.Get("title"), Why: q.Get("why"), Base: q.Get("base")})
}

func (a *api) reviseText(w http.ResponseWriter, r *http.Request) error {
	x, err := a.changeAt(r)
	if err != nil {
		return err
	}
	d := changing.Do{Kind: record.ChangeRevised, Title: x.Title, Why: x.Why, Base: r.URL.Query().Get("base")}
	if d.Seen, err = seenOf(r.URL.Query()); err != nil {
		return err
	}
	return a.writing(w, r, x.Number, d)
}

func seenOf(q url.Values) (int64, error) {
	if !q.Has("seen") {
		return 0, nil
	}
	n, err := strconv.ParseInt(q.Get("seen"), 10, 64)
	if err != nil || n < 1 {
		return 0, badParameter("seen", problem.Text{ZH: "应为正整数", EN: "a positive whole number is expected"}, problem.Text{ZH: "写改动的 latest", EN: "write latest of the change"})
	}
	return n, nil
}

// maxChangeStep bounds a step about a change, in bytes of JSON: so much that what is
// wrong with its parts is told of each.
const maxChangeStep = 4 * signing.MostSignatures

// tooLongStep is about a step that is larger.
func tooLongStep() *problem.Problem {
	p := tooLarge(maxChangeStep)
	p.Remedy = problem.Text{ZH: "理由写短些；签名只写 ssh-keygen 写出的 .sig 文件的内容", EN: "say the reason in fewer words; as signature send what ssh-keygen wrote to the file .sig alone"}
	return p
}

// takeChange takes a step that has no text of the rules.
func (a *api) takeChange(w http.ResponseWriter, r *http.Request) error {
	key, err := keyOf(r)
	if err != nil {
		return err
	}
	data, err := read(w, r, maxChangeStep)
	if isTooLarge(err) {
		return tooLongStep()
	} else if err != nil {
		return err
	}
	var want ChangeToTake
	if err := strictly(data, &want); err != nil {
		return err
	}
	if needs := changing.Needs(want.Kind); !door.May(r.Context(), needs) {
		return door.NotAllowed(needs)
	}
	x, err := a.changeAt(r)
	if err != nil {
		return err
	}
	d := changing.Do{Kind: want.Kind, SHA256: want.SHA256, Seen: want.Seen, Reason: want.Reason, Title: want.Title, Why: want.Why, Signature: want.Signature, By: door.WhoOf(r.Context())}
	if d.Kind == record.ChangeDrafted {
		d.Kind = "" // an address of its own
	}
	if d.Kind == record.ChangeRevised && d.Title == "" {
		d.Title = x.Title
	}
	if d.Kind == record.ChangeRevised && d.Why == "" {
		d.Why = x.Why
	}
	if want.From != "" {
		at, err := time.Parse(time.RFC3339Nano, want.From)
		if err != nil {
			p := problem.New(http.StatusUnprocessableEntity, "bad_moment", problem.Text{ZH: "应为 RFC 3339 的时刻", EN: "a moment in RFC 3339 is expected"}, problem.Text{ZH: "如 2027-01-01T00:00:00+08:00", EN: "as in 2027-01-01T00:00:00+08:00"})
			p.Fact = "from"
			return p
		}
		d.From = &at
	}
	d.Retry = service.Once{Caller: door.NameOf(r.Context()), Key: key, Request: append([]byte(r.PathValue("number")+"\x00"), data...)}.ForChange()
	return a.taken(w, r, x.Number, d)
}

func (a *api) history(w http.ResponseWriter, r *http.Request) error {
	all, err := a.Changes.Versions(r.Context())
	if err != nil {
		return err
	}
	out := History{Versions: []RulesVersion{}}
	now := a.Rules.Current()
	if len(all) == 0 {
		out.Versions = append(out.Versions, RulesVersion{SHA256: now.SHA256, From: now.LoadedAt.UTC(), Active: true})
	}
	for i := len(all) - 1; i >= 0; i-- {
		out.Versions = append(out.Versions, RulesVersion{all[i].SHA256, all[i].From, all[i].Change, all[i].Now})
	}
	return sendFresh(w, http.StatusOK, out)
}

func shadowOf(s *changing.Shadow) Shadow {
	out := Shadow{From: s.Began, By: s.By.Name}
	if !s.Runs() {
		out.To = &s.Ended
	}
	return out
}

// beside is what a change in shadow makes of what was put on record meanwhile.
func (a *api) beside(w http.ResponseWriter, r *http.Request) error {
	x, err := a.changeAt(r)
	if err != nil {
		return err
	}
	found, err := a.Changes.Beside(r.Context(), x)
	if err != nil {
		return err
	}
	if found == nil {
		return problem.New(http.StatusNotFound, "not_in_shadow", problem.Text{ZH: "这份改动的文本没有影子运行过", EN: "the text of the change was not in shadow"},
			problem.Text{ZH: "先作一步 shadowed", EN: "take a step of the kind shadowed first"})
	}
	lang := problem.Language(r)
	out := Beside{Shadow: shadowOf(x.Shadow), Text: x.Text, Compared: found.Compared, Differing: found.Differing, Refused: found.Refused, Behind: found.Behind, Questions: []BesideQuestion{}, Differences: []BesideDecision{}}
	for _, q := range found.Questions {
		out.Questions = append(out.Questions, BesideQuestion{q.ID, q.Compared, q.Differing, q.Verdicts})
	}
	for _, d := range found.Latest {
		one := BesideDecision{Record: d.ID, Question: d.Question, RecordedAt: d.Recorded, Told: d.Text(lang, false), Parts: []string{}}
		for _, part := range d.Differences {
			one.Parts = append(one.Parts, part.Part)
		}
		out.Differences = append(out.Differences, one)
	}
	return sendFresh(w, http.StatusOK, out)
}

// study is what is found out of a change.
func (a *api) study(w http.ResponseWriter, r *http.Request) error {
	x, err := a.changeAt(r)
	if err != nil {
		return err
	}
	s, err := a.Changes.Study(r.Context(), x.Base, x.Text)
	if err != nil {
		return err
	}
	lang := problem.Language(r)
	may := door.May(r.Context(), people.SeeRecords)
	words := s.InWords(lang, may, false)
	out := Study{Base: s.Base, Text: s.Text, Stage: string(s.Stage), Findings: []Finding{}, Differences: groupsOf(nil), Questions: append([]string{}, words.Questions...), Analysed: []Finding{}}
	if s.Trial != nil {
		out.OK, out.Findings = s.Trial.OK(), findingsOf(s.Trial.Findings, "", lang)
		for _, f := range s.Trial.Failed {
			out.FailedCases = append(out.FailedCases, FailedCase{f.File, f.Line, f.Name, f.Lines(lang)})
		}
	}
	for _, g := range words.Differences {
		out.Differences = append(out.Differences, StudyGroup{Heading: g.Heading, Lines: g.Lines})
	}
	for _, d := range words.Deviations {
		out.Deviations = append(out.Deviations, StudyDeviation(d))
	}
	for _, f := range s.Analysed {
		out.Analysed = append(out.Analysed, findingsOf(diagnostic.List{f.Diagnostic}, "", lang)...)
	}
	if may {
		out.Impact = &Impact{OnRecord: s.OnRecord, Asked: s.Asked, Unfinished: s.Unfinished, Groups: groupsOf(words.Impact)}
		if s.Impact != nil {
			out.Impact.Changed = s.Impact.Changed
		}
	}
	return sendFresh(w, http.StatusOK, out)
}

func groupsOf(all []changing.Group) []StudyGroup {
	out := []StudyGroup{}
	for _, g := range all {
		x := StudyGroup{Heading: g.Heading, Lines: append([]string{}, g.Lines...)}
		for _, e := range g.Examples {
			x.Records = append(x.Records, e.ID)
		}
		out = append(out, x)
	}
	return out
}

// ofChange is the refusal of a step about a change, with all that is wrong with it.
func ofChange(e *changing.RefusedError) *problem.Problem {
	status := http.StatusConflict
	switch e.Code {
	case changing.CodeNeeded, changing.CodeTooLong, changing.CodeKind, changing.CodeNotFit, changing.CodePast, changing.CodeNothing:
		status = http.StatusUnprocessableEntity
	}
	p := problem.New(status, e.Code, e.Message, e.Remedy)
	p.Fact = e.Member
	if len(e.Others) > 0 {
		p.All = append(p.All, p)
		for _, x := range e.Others {
			p.All = append(p.All, ofChange(x))
		}
	}
	if e.Trial != nil {
		p.All = append(p.All, ofTrial(e.Trial)...)
	}
	return p
}

// ofTrial are the errors of a text, with their places in it.
func ofTrial(t *live.Trial) (all []*problem.Problem) {
	const most = 100
	for _, f := range t.Findings {
		if f.Severity == diagnostic.Error && len(all) < most {
			x := problem.New(http.StatusUnprocessableEntity, f.Code, f.Message, f.Remedy)
			x.Line, x.Column = f.Span.Start.Line, f.Span.Start.Column
			all = append(all, x)
		}
	}
	for _, f := range t.Failed {
		if len(all) < most {
			all = append(all, problem.New(http.StatusUnprocessableEntity, "failed_case", problem.Text{ZH: f.Told("zh"), EN: f.Told("en")}, problem.Text{}))
		}
	}
	return all
}
