package console

import (
	"bytes"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/difference"
	"github.com/servicerules/rulebook/internal/edit"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/changing"
	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/record"
)

// The rules are changed at these pages: see package changing. One person writes a
// change and proposes it, another one sees what it says otherwise and what it would
// have made of what is on record, and approves or refuses it.

// Inputs of the forms of changes.
const (
	titleInput = "title"
	whyInput   = "why"
	textInput  = "text"
	baseInput  = "base"
	sumInput   = "sha256"
	fromInput  = "from"
)

var changeKindTexts = map[string]policy.Text{
	record.ChangeDrafted: {ZH: "起草", EN: "drafted"}, record.ChangeRevised: {ZH: "修改", EN: "revised"}, record.ChangeProposed: {ZH: "提交批准", EN: "proposed"},
	record.ChangeApproved: {ZH: "批准", EN: "approved"}, record.ChangeRefused: {ZH: "不批准", EN: "refused"}, record.ChangeScheduled: {ZH: "定期发布", EN: "scheduled"},
	record.ChangeUnscheduled: {ZH: "取消定期", EN: "no longer scheduled"}, record.ChangePublishing: {ZH: "开始发布", EN: "publishing begun"},
	record.ChangePublished: {ZH: "发布", EN: "published"}, record.ChangeFailed: {ZH: "发布失败", EN: "publishing failed"}, record.ChangeWithdrawn: {ZH: "撤回", EN: "withdrawn"},
}

// changeRow is a change in the list.
type changeRow struct {
	Number             int64
	Title, State, Tone string
	By, At, From       string
	Failure            string
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
	Watched    string
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
	OneUser         bool   // nobody is asked who he is
	NotYours        string // why the caller does not approve it
	NotYoursRemedy  string
	Steps           []changeStepRow
	Lines           []edit.Line
	MoreLines       int
	Study           *studyView
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
		MayDraft: p.May(people.Draft), MayApprove: p.May(people.Approve), May: map[string]bool{}, Values: values, Kind: values.Get(kindInput), Zone: v.book.Zone.String(),
	}
	for _, kind := range record.ChangeKinds {
		y.May[kind] = x.State.May(kind)
	}
	var wrong *changing.RefusedError
	if errors.As(x.Approvable(who), &wrong) {
		y.NotYours, y.NotYoursRemedy = wrong.Message.In(v.lang), wrong.Remedy.In(v.lang)
	}
	for _, s := range x.Steps {
		row := changeStepRow{Seq: s.Seq, At: v.moment(s.At), Kind: changeKindTexts[s.Kind].In(v.lang), By: plainly(s.Caller), Reason: plainly(s.Reason), Alone: s.Alone, Differ: s.Differ}
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
	p.Data = y
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
	if s.Failed != nil {
		c.log.Error("a change could not be looked into", "change", x.Number, "err", s.Failed)
	}
	if t := s.Trial; t != nil {
		y.Errors, y.Warnings, y.Findings, y.More = countedFindings(t.Findings, text, lang)
		y.Cases = t.Failed[:min(len(t.Failed), shownFindings)]
	}
	y.Words = s.InWords(lang, y.Records, y.Personal)
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
	x, err := c.changeAt(r)
	var text []byte
	if err == nil {
		text, err = c.service.Changes.Text(r.Context(), x.Text)
	}
	var y *studyView
	if err == nil {
		y, err = c.studyOf(r, p, x, text)
	}
	var b bytes.Buffer
	if err == nil {
		err = c.templates[ofEngine(p.Lang)]["change.html"].ExecuteTemplate(&b, "study", y)
	}
	if err != nil {
		http.Error(w, "", http.StatusNotFound)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(b.Bytes())
}

// changeStep takes a step about a change.
func (c *Console) changeStep(r *http.Request, p *page) (int, error) {
	values, err := formOf(r)
	if err != nil {
		return 0, err
	}
	kind := values.Get(kindInput)
	if kind == "again" {
		return c.studyAgain(r, p)
	}
	if needs := changing.Needs(kind); !p.May(needs) {
		return 0, door.NotAllowed(needs)
	}
	x, err := c.changeAt(r)
	if err != nil {
		return 0, err
	}
	d := changing.Do{Kind: kind, By: door.WhoOf(r.Context()), SHA256: values.Get(sumInput), Reason: values.Get(reasonInput)}
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

// editorView is the editor of a change.
type editorView struct {
	Number    int64 // 0 of one that begins
	Action    string
	Title     string
	Why, Text string
	Base      string
	Seen      int64
	Based     bool     // the text is a change of the rules in force
	Carried   bool     // it was just carried over to them
	Conflicts int      // places that could not be carried over
	Meanwhile []string // what the rules in force say otherwise than its base
	Lost      bool
	Approved  bool // saving makes a draft of it again
	Refused   *message
}

// changeEditor is the editor of a change, and of a new one.
func (c *Console) changeEditor(r *http.Request, p *page) (int, error) {
	p.Name, p.Nav, p.Wide, p.Form = "change_edit.html", "rules", true, "changing"
	p.Title = p.pick("改规则", "Change the rules")
	y := &editorView{Action: "/rules/changes/new", Base: c.service.Rules.Current().SHA256, Based: true}
	p.Data = y
	var x *changing.Change
	if r.PathValue("number") != "" {
		var err error
		if x, err = c.changeAt(r); err != nil {
			return 0, err
		}
		y.Number, y.Action = x.Number, "/rules/changes/"+strconv.FormatInt(x.Number, 10)+"/edit"
		y.Title, y.Why, y.Base, y.Seen, y.Based = x.Title, x.Why, x.Base, x.Seen(), c.service.Changes.Based(x)
		y.Approved = x.State != changing.Draft
	}
	if r.Method == http.MethodPost {
		return c.changeSaved(r, p, x, y)
	}
	query := r.URL.Query()
	if key := query.Get(formQuery); key != "" {
		values, _ := c.drafts.find(formName(r, draftName, key), c.now())
		if y.Lost = values == nil; !y.Lost {
			y.fill(values)
			return http.StatusOK, nil
		}
	}
	var text []byte
	var err error
	switch from := query.Get(fromInput); {
	case x != nil && query.Get("carry") != "" && !y.Based:
		if text, y.Conflicts, err = c.service.Changes.CarriedOver(r.Context(), x); err != nil {
			return 0, err
		}
		y.Carried, y.Based, y.Base = true, true, c.service.Rules.Current().SHA256
	case x != nil:
		text, err = c.service.Changes.Text(r.Context(), x.Text)
	case from != "":
		if text, err = c.service.Changes.Text(r.Context(), from); errors.Is(err, record.ErrNotFound) {
			return 0, changing.ErrNotFound
		}
		y.Title = p.pick("恢复先前的版本 ", "Back to the version ") + from[:min(len(from), 12)]
	default:
		text = c.service.Rules.Current().Text
	}
	if err != nil {
		return 0, err
	}
	y.Text = string(text)
	if x != nil && x.Base != c.service.Rules.Current().SHA256 {
		y.Meanwhile, err = c.saidOtherwise(r, p, x.Base, c.service.Rules.Current().SHA256)
	}
	return http.StatusOK, err
}

func (y *editorView) fill(values url.Values) {
	y.Title, y.Why, y.Text, y.Base = values.Get(titleInput), values.Get(whyInput), values.Get(textInput), values.Get(baseInput)
	if n, err := strconv.ParseInt(values.Get(seenInput), 10, 64); err == nil {
		y.Seen = n
	}
}

// changeSaved saves what was written in the editor.
func (c *Console) changeSaved(r *http.Request, p *page, x *changing.Change, y *editorView) (int, error) {
	release, err := c.service.Drafting()
	if err != nil {
		return 0, err
	}
	defer release()
	if err := formBounded(r, 3*maxDraft); err != nil { // sent percent-encoded
		return 0, err
	}
	if err := r.ParseForm(); err != nil {
		return 0, err
	}
	values := r.PostForm
	text := strings.ReplaceAll(values.Get(textInput), "\r\n", "\n")
	if base, err := c.service.Changes.Text(r.Context(), values.Get(baseInput)); err == nil && bytes.Contains(base, []byte("\r\n")) {
		text = strings.ReplaceAll(text, "\n", "\r\n") // as the file has it
	}
	values.Set(textInput, text)
	y.fill(values)
	y.Based = y.Base == c.service.Rules.Current().SHA256
	if p.cookies = c.choices(values.Get(langInput), values.Get(themeInput)); len(p.cookies) > 0 {
		key := rand.Text()
		c.drafts.keep(formName(r, draftName, key), values, c.now())
		p.location = y.Action + "?" + formQuery + "=" + key
		return http.StatusSeeOther, nil
	}
	d := changing.Do{Kind: record.ChangeDrafted, By: door.WhoOf(r.Context()), Title: y.Title, Why: y.Why, Text: []byte(text), Base: y.Base, Seen: y.Seen}
	number := int64(0)
	if x != nil {
		d.Kind, number = record.ChangeRevised, x.Number
	}
	saved, _, err := c.service.Changes.Take(r.Context(), number, d)
	var wrong *changing.RefusedError
	if errors.As(err, &wrong) {
		y.Refused = refusedText(wrong, p.Lang)
		if wrong.Code == changing.CodeUnseen || wrong.Code == changing.CodeNotNow {
			y.Refused.Remedy = p.pick("你写的还在下面：先看别人做了什么，再决定", "what you wrote is still below: look at what was done, then decide")
		}
		return http.StatusConflict, nil
	}
	if err != nil {
		return 0, err
	}
	p.location = "/rules/changes/" + strconv.FormatInt(saved.Number, 10)
	return http.StatusSeeOther, nil
}

// saidOtherwise is what one version of the rules says otherwise than another, line
// by line.
func (c *Console) saidOtherwise(r *http.Request, p *page, from, to string) ([]string, error) {
	groups, err := c.compared(r, p, from, to)
	var all []string
	for _, g := range groups {
		all = append(all, g.Lines...)
	}
	return all, err
}

func (c *Console) compared(r *http.Request, p *page, from, to string) ([]difference.ViewGroup, error) {
	old, err := c.service.Changes.Book(r.Context(), from)
	if err != nil {
		return nil, err
	}
	changed, err := c.service.Changes.Book(r.Context(), to)
	if err != nil {
		return nil, err
	}
	report, err := difference.Compare(r.Context(), old, changed, nil, 0)
	if err != nil {
		return nil, err
	}
	return difference.ViewOf(report, nil, p.Lang).Groups, nil
}

// historyView is the rules that were in force.
type historyView struct {
	Versions []versionRow
	From, To string // that are compared, "" where none are
	Groups   []difference.ViewGroup
	Compared bool
	Wrong    bool // one of them cannot be read today
	MayDraft bool
}

type versionRow struct {
	SHA256, From, Title string
	Change              int64
	Now                 bool
	First               bool // in force before the first change, built in or by its file
}

func (c *Console) history(r *http.Request, p *page) (int, error) {
	p.Name, p.Nav, p.Title = "history.html", "rules", p.pick("规则的版本", "Versions of the rules")
	versions, err := c.service.Changes.Versions(r.Context())
	if err != nil {
		return 0, err
	}
	all, err := c.service.Changes.All(r.Context())
	if err != nil {
		return 0, err
	}
	x := &historyView{MayDraft: p.May(people.Draft), From: r.URL.Query().Get("old"), To: r.URL.Query().Get("new")}
	p.Data = x
	for i, v := range slices.Backward(versions) {
		row := versionRow{SHA256: v.SHA256, From: p.viewer.moment(v.From), Change: v.Change, Now: v.Now, First: i == 0}
		for _, change := range all {
			if change.Number == v.Change {
				row.Title = plainly(change.Title)
			}
		}
		x.Versions = append(x.Versions, row)
	}
	if x.From == "" && x.To == "" {
		return http.StatusOK, nil
	}
	known := func(sum string) bool {
		return slices.ContainsFunc(versions, func(v changing.Version) bool { return v.SHA256 == sum })
	}
	if !known(x.From) || !known(x.To) {
		return 0, changing.ErrNotFound
	}
	x.Compared = true
	if x.Groups, err = c.compared(r, p, x.From, x.To); err != nil {
		if r.Context().Err() != nil {
			return 0, r.Context().Err()
		}
		x.Wrong = true
	}
	return http.StatusOK, nil
}
