package console

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/edit"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/changing"
	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/problem"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/signing"
)

// The rules are changed at these pages: see package changing. One person writes a
// change and proposes it, another one sees what it says otherwise and what it would
// have made of what is on record, and approves or refuses it.

// Inputs of the forms of changes.
const (
	titleInput     = "title"
	whyInput       = "why"
	textInput      = "text"
	baseInput      = "base"
	sumInput       = "sha256"
	signatureInput = "signature"
	fromInput      = "from"
)

// changeRow is a change in the list.
type changeRow struct {
	Number             int64
	Title, State, Tone string
	By, At, From       string
	Failure            string
	Shadow             bool // it runs beside the rules in force
	Stale              bool // it is open, and of other rules than those in force
}

func toneOf(s changing.State) string {
	switch s {
	case changing.Proposed, changing.Scheduled, changing.Publishing, changing.Refused:
		return "open"
	case changing.Published, changing.Approved:
		return "good"
	}
	return ""
}

func (c *Console) rowOf(p *page, x *changing.Change) changeRow {
	v := p.viewer
	row := changeRow{Number: x.Number, Title: plainly(x.Title), State: x.State.Text().In(v.lang), Tone: toneOf(x.State), By: plainly(x.Steps[0].Caller), At: v.moment(x.Latest())}
	if x.From != nil {
		row.From = v.moment(*x.From)
	}
	if x.Failure != "" {
		row.Failure = changing.Failure(x.Failure).In(v.lang)
	}
	row.Shadow = x.Shadow.Runs()
	row.Stale = x.State.Open() && !c.service.Changes.Based(x)
	return row
}

// moment is a moment by the clock of the rulebook.
func (v *viewer) moment(t time.Time) string {
	return wording.Moment(t.In(v.book.Zone).Truncate(time.Second))
}

// changesView lists the changes of the rules.
type changesView struct {
	Open, Done []changeRow
	MayDraft   bool
	Alone      bool // nobody is asked who he is
}

func (c *Console) changes(r *http.Request, p *page) (int, error) {
	p.Name, p.Nav, p.Title = "changes.html", "rules", p.pick("改规则", "Changes of the rules")
	all, err := c.service.Changes.All(r.Context())
	if err != nil {
		return 0, err
	}
	x := &changesView{MayDraft: p.May(people.Draft), Alone: !door.WhoOf(r.Context()).Known()}
	for _, change := range slices.Backward(all) {
		if row := c.rowOf(p, change); change.State.Open() {
			x.Open = append(x.Open, row)
		} else {
			x.Done = append(x.Done, row)
		}
	}
	p.Data = x
	return http.StatusOK, nil
}

// changeView is one change, with what may be done about it.
type changeView struct {
	changeRow
	Why, Refusal    string
	Base, Text      string // SHA-256
	Seen            int64
	Alone           bool   // it was approved so
	Signing         bool   // rules need a signature
	Signer          string // of the text as it stands
	OneUser         bool   // nobody is asked who he is
	NotYours        string // why the caller does not approve it
	NotYoursRemedy  string
	Steps           []changeStepRow
	Lines           []edit.Line
	MoreLines       int
	Study           *studyView
	Beside          *besideView // nil where it was not in shadow
	Records         bool        // the caller may see what is on record
	MayDraft        bool
	MayApprove      bool
	May             map[string]bool // by kind of step: the state allows it
	Values          url.Values
	Kind            string // of the form that was refused
	Refused         *message
	RefusedFindings []finding
	RefusedCases    []live.FailedCase
	Zone            string
}

func (x *changeView) Value(name string) string { return x.Values.Get(name) }

type changeStepRow struct {
	Seq                       int64
	At, Kind, By, Reason, Sum string
	From, Title               string
	Alone, Differ             bool
}

func (c *Console) changeAt(r *http.Request) (*changing.Change, error) {
	n, err := strconv.ParseInt(r.PathValue("number"), 10, 64)
	if err != nil {
		return nil, changing.ErrNotFound
	}
	return c.service.Changes.Change(r.Context(), n)
}

// shownLines is how many lines of a text that differ a page shows.
const shownLines = 400

func (c *Console) change(r *http.Request, p *page) (int, error) {
	x, err := c.changeAt(r)
	if err != nil {
		return 0, err
	}
	_, err = c.changePage(r, p, x, url.Values{})
	return http.StatusOK, err
}

func (c *Console) changePage(r *http.Request, p *page, x *changing.Change, values url.Values) (*changeView, error) {
	p.Name, p.Nav = "change.html", "rules"
	p.Title = p.pick("改动 ", "Change ") + strconv.FormatInt(x.Number, 10)
	v := p.viewer
	who := door.WhoOf(r.Context())
	y := &changeView{
		changeRow: c.rowOf(p, x), Why: plainly(x.Why), Refusal: plainly(x.Refusal), Base: x.Base, Text: x.Text, Seen: x.Seen(), Alone: x.Alone, OneUser: !who.Known(),
		Signing:  c.service.Changes.Signing(),
		MayDraft: p.May(people.Draft), MayApprove: p.May(people.Approve), May: map[string]bool{}, Values: values, Kind: values.Get(kindInput), Zone: v.book.Zone.String(),
	}
	if y.Signing { // what was signed for an earlier change is signed still, and what by somebody who may no more is not
		found, err := c.service.Changes.Signed(r.Context(), x.Text, "")
		switch {
		case err == nil:
			y.Signer = plainly(found.Signer)
		case !errors.As(err, new(*signing.UnsignedError)):
			return nil, err
		}
	}
	for _, kind := range record.ChangeKinds {
		y.May[kind] = x.State.May(kind)
	}
	y.May[record.ChangeShadowed] = y.May[record.ChangeShadowed] && !y.Shadow
	y.May[record.ChangeUnshadowed] = y.May[record.ChangeUnshadowed] && y.Shadow
	y.Records = p.May(people.SeeRecords)
	var wrong *changing.RefusedError
	if err := c.service.Changes.Approvable(r.Context(), x, who); errors.As(err, &wrong) {
		y.NotYours, y.NotYoursRemedy = wrong.Message.In(v.lang), wrong.Remedy.In(v.lang)
	} else if err != nil {
		return nil, err
	}
	for _, s := range x.Steps {
		row := changeStepRow{Seq: s.Seq, At: v.moment(s.At), Kind: changing.KindText(s.Kind).In(v.lang), By: plainly(s.Caller), Reason: plainly(s.Reason), Alone: s.Alone, Differ: s.Differ}
		if s.Kind == record.ChangeFailed {
			row.Reason = changing.Failure(s.Reason).In(v.lang)
		}
		if s.From != nil {
			row.From = v.moment(*s.From)
		}
		if s.Kind == record.ChangeDrafted || s.Kind == record.ChangeRevised || s.Kind == record.ChangeApproved {
			row.Sum = s.Text
		}
		y.Steps = append(y.Steps, row)
	}
	base, err := c.service.Changes.Text(r.Context(), x.Base)
	if err != nil {
		return nil, err
	}
	text, err := c.service.Changes.Text(r.Context(), x.Text)
	if err != nil {
		return nil, err
	}
	y.Lines = edit.Lines(base, text)
	if n := len(y.Lines) - shownLines; n > 0 {
		y.Lines, y.MoreLines = y.Lines[:shownLines], n
	}
	if y.Study, err = c.studyOf(r, p, x, text); err != nil {
		return nil, err
	}
	if y.Beside, err = c.besideOf(r, p, x); err != nil {
		return nil, err
	}
	p.Data = y
	return y, nil
}

// besideView is what a change in shadow makes of what is put on record meanwhile.
type besideView struct {
	From, To                              string // To is "" while it runs
	By                                    string
	Compared, Differing, Refused, Waiting int64
	Questions                             []besideQuestion
	Rows                                  []besideRow
	Left                                  int64 // records that differ and are not listed
}

type besideQuestion struct {
	Title, ID                     string
	Compared, Differing, Verdicts int
}

type besideRow struct{ ID, Title, At, Text string }

// shownBeside is how many records that differ a page lists.
const shownBeside = 100

// besideOf is nil where the change was not in shadow, or the caller may not see records.
func (c *Console) besideOf(r *http.Request, p *page, x *changing.Change) (*besideView, error) {
	if x.Shadow == nil || !p.May(people.SeeRecords) {
		return nil, nil
	}
	v, personal := p.viewer, p.May(people.SeePersonal)
	found, err := c.service.Changes.Beside(r.Context(), x)
	if err != nil {
		return nil, err
	}
	y := &besideView{From: v.moment(x.Shadow.Began), By: plainly(x.Shadow.By.Name), Compared: int64(found.Compared), Differing: int64(found.Differing), Refused: int64(found.Refused), Waiting: found.Behind}
	if !x.Shadow.Runs() {
		y.To = v.moment(x.Shadow.Ended)
	}
	title := func(id string) string {
		if q, ok := v.book.Question(id); ok {
			return q.Title.In(v.lang)
		}
		return id
	}
	for _, q := range found.Questions {
		y.Questions = append(y.Questions, besideQuestion{title(q.ID), q.ID, q.Compared, q.Differing, q.Verdicts})
	}
	for _, d := range found.Latest[:min(len(found.Latest), shownBeside)] {
		y.Rows = append(y.Rows, besideRow{d.ID, title(d.Question), v.moment(d.Recorded), plainly(d.Text(v.lang, personal))})
	}
	y.Left = y.Differing - int64(len(y.Rows))
	v.named = v.named || personal && len(y.Rows) > 0
	return y, nil
}

// studyView is what is found out of a change.
type studyView struct {
	Number   int64
	Stage    string
	Done     bool
	Failed   bool
	Trial    *live.Trial
	Errors   int
	Warnings int
	Findings []finding
	More     int
	Cases    []live.FailedCase
	Words    changing.Words
	Asked    int64
	OnRecord int64
	Part     bool // not all records were asked again
	Records  bool // the caller may see them
	Personal bool // and what they say of people
	Analysed []finding
	Analysis bool // was brought to its end
}

func (c *Console) studyOf(r *http.Request, p *page, x *changing.Change, text []byte) (*studyView, error) {
	s, err := c.service.Changes.Study(r.Context(), x.Base, x.Text)
	if err != nil {
		return nil, err
	}
	lang := p.Lang
	y := &studyView{
		Number: x.Number, Stage: s.Stage.Text().In(lang), Done: s.Stage == changing.StageDone, Failed: s.Failed != nil, Trial: s.Trial, Asked: s.Asked, OnRecord: s.OnRecord, Part: s.Unfinished,
		Records: p.May(people.SeeRecords), Personal: p.May(people.SeePersonal), Analysis: s.HasAnalysed,
	}
	if t := s.Trial; t != nil {
		y.Errors, y.Warnings, y.Findings, y.More = countedFindings(t.Findings, text, lang)
		y.Cases = t.Failed[:min(len(t.Failed), shownFindings)]
	}
	y.Words = s.InWords(lang, y.Records, y.Personal)
	for _, g := range y.Words.Impact { // how answers about people change
		p.viewer.named = p.viewer.named || y.Personal && len(g.Examples) > 0
	}
	for _, f := range s.Analysed[:min(len(s.Analysed), shownFindings)] {
		y.Analysed = append(y.Analysed, findingsOf(diagnostic.List{f.Diagnostic}, text, lang)...)
	}
	return y, nil
}

func countedFindings(found diagnostic.List, text []byte, lang string) (errs, warnings int, shown []finding, more int) {
	for _, d := range found {
		if d.Severity == diagnostic.Error {
			errs++
		} else {
			warnings++
		}
	}
	if more = len(found) - shownFindings; more > 0 {
		found = found[:shownFindings]
	}
	return errs, warnings, findingsOf(found, text, lang), max(more, 0)
}

// changeStudy is what is found out of a change alone, for a page that is open.
func (c *Console) changeStudy(w http.ResponseWriter, r *http.Request) {
	p := c.newPage(r)
	part, err := c.studyPart(r, p)
	if err == nil && p.viewer.named {
		err = door.Looked(r.Context(), "", "/rules/changes/{number}/study")
	}
	if err != nil {
		http.Error(w, "", c.failed(r, p, err))
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(part)
}

func (c *Console) studyPart(r *http.Request, p *page) ([]byte, error) {
	x, err := c.changeAt(r)
	if err != nil {
		return nil, err
	}
	text, err := c.service.Changes.Text(r.Context(), x.Text)
	if err != nil {
		return nil, err
	}
	y, err := c.studyOf(r, p, x, text)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = c.templates[ofEngine(p.Lang)]["change.html"].ExecuteTemplate(&b, "study", y)
	return b.Bytes(), err
}

// changeStep takes a step about a change.
func (c *Console) changeStep(r *http.Request, p *page) (int, error) {
	values, err := formOf(r)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return 0, problem.New(http.StatusRequestEntityTooLarge, "too_large", problem.Text{ZH: "提交的内容太大", EN: "what was sent is too large"},
			problem.Text{ZH: "理由写短些；签名只贴 ssh-keygen 写出的 .sig 文件的内容", EN: "say the reason in fewer words, and paste as signature only what ssh-keygen wrote to the file .sig"})
	} else if err != nil {
		return 0, err
	}
	kind := values.Get(kindInput)
	if needs := changing.Needs(kind); !p.May(needs) {
		return 0, door.NotAllowed(needs)
	}
	x, err := c.changeAt(r)
	if err != nil {
		return 0, err
	}
	d := changing.Do{Kind: kind, By: door.WhoOf(r.Context()), SHA256: values.Get(sumInput), Reason: values.Get(reasonInput), Signature: values.Get(signatureInput)}
	if kind == record.ChangeDrafted || kind == record.ChangeRevised {
		d.Kind = "" // at the editor
	}
	if n, err := strconv.ParseInt(values.Get(seenInput), 10, 64); err == nil {
		d.Seen = n
	}
	if text := strings.TrimSpace(values.Get(fromInput)); text != "" {
		at, err := time.ParseInLocation("2006-01-02T15:04", text, p.viewer.book.Zone)
		if err != nil {
			at, err = time.ParseInLocation("2006-01-02 15:04", text, p.viewer.book.Zone)
		}
		if err != nil {
			return c.changeRefused(r, p, x, values, &changing.RefusedError{
				Message: diagnostic.Text{ZH: "发布的时刻写得不对", EN: "the moment to publish at is not written correctly"}, Remedy: diagnostic.Text{ZH: "写成 2027-01-01 00:00", EN: "write it as 2027-01-01 00:00"},
			})
		}
		d.From = &at
	}
	_, _, err = c.service.Changes.Take(r.Context(), x.Number, d)
	var wrong *changing.RefusedError
	if errors.As(err, &wrong) {
		if x, err = c.changeAt(r); err != nil { // as it is now
			return 0, err
		}
		return c.changeRefused(r, p, x, values, wrong)
	}
	if err != nil {
		return 0, err
	}
	p.location = "/rules/changes/" + strconv.FormatInt(x.Number, 10)
	return http.StatusSeeOther, nil
}

// studyAgain has a change looked into anew.
func (c *Console) studyAgain(r *http.Request, p *page) (int, error) {
	x, err := c.changeAt(r)
	if err != nil {
		return 0, err
	}
	c.service.Changes.Again(x.Base, x.Text)
	p.location = "/rules/changes/" + strconv.FormatInt(x.Number, 10) + "#study"
	return http.StatusSeeOther, nil
}

// changeRefused is the page of a change that says why a step was not taken.
func (c *Console) changeRefused(r *http.Request, p *page, x *changing.Change, values url.Values, wrong *changing.RefusedError) (int, error) {
	y, err := c.changePage(r, p, x, values)
	if err != nil {
		return 0, err
	}
	y.Refused = refusedText(wrong, p.Lang)
	if wrong.Trial != nil {
		text, err := c.service.Changes.Text(r.Context(), x.Text)
		if err != nil {
			return 0, err
		}
		_, _, y.RefusedFindings, _ = countedFindings(wrong.Trial.Findings, text, p.Lang)
		y.RefusedCases = wrong.Trial.Failed[:min(len(wrong.Trial.Failed), shownFindings)]
	}
	return http.StatusUnprocessableEntity, nil
}

func refusedText(wrong *changing.RefusedError, lang string) *message {
	text := wrong.Message.In(lang)
	for _, o := range wrong.Others {
		text += policy.Text{ZH: "；", EN: "; "}.In(lang) + o.Message.In(lang)
	}
	return &message{text, wrong.Remedy.In(lang)}
}
