package console

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/walltime"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/service"
)

// questionGroup is the questions of one regulation.
type questionGroup struct {
	Title     string
	Questions []questionLink
}

type questionLink struct{ ID, Title, Href string }

// questions is the page that lists what can be asked.
func (c *Console) questions(r *http.Request, p *page) (int, error) {
	p.Name, p.Nav, p.Wide, p.Title = "questions.html", "ask", true, p.pick("提问", "Ask")
	find := strings.TrimSpace(r.URL.Query().Get("q"))
	p.Data = &questionsView{find, p.viewer.found(find)}
	return http.StatusOK, nil
}

// questionsView is what can be asked, or what of it was found.
type questionsView struct {
	Find   string
	Groups []questionGroup
}

// found are the questions in whose title, regulation, facts or values stand all
// words of a text, in any of the rulebook's languages.
func (v *viewer) found(text string) []questionGroup {
	groups := v.questionGroups()
	words := strings.Fields(strings.ToLower(text))
	if len(words) == 0 {
		return groups
	}
	var all []questionGroup
	for _, g := range groups {
		g.Questions = slices.DeleteFunc(g.Questions, func(l questionLink) bool {
			q, _ := v.book.Question(l.ID)
			said := g.Title + " " + l.ID
			add := func(t policy.Text) {
				for _, lang := range append([]string{"zh", "en"}, v.book.Languages...) {
					said += " " + t.In(lang)
				}
			}
			add(q.Title)
			for _, f := range q.Facts {
				add(f.Fact.Label)
			}
			for _, of := range q.Values {
				add(of.Label)
			}
			said = strings.ToLower(said)
			return slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(said, w) })
		})
		if len(g.Questions) > 0 {
			all = append(all, g)
		}
	}
	return all
}

// questionGroups puts the questions under the regulation that their ids name.
func (v *viewer) questionGroups() []questionGroup {
	var groups []questionGroup
	for _, q := range v.book.Questions {
		name, _, _ := strings.Cut(q.ID, ".")
		title := v.pick("其他", "Other")
		for _, r := range v.book.Regulations {
			if r.ID == name {
				title = r.Title.In(v.lang)
			}
		}
		i := slices.IndexFunc(groups, func(g questionGroup) bool { return g.Title == title })
		if i < 0 {
			groups, i = append(groups, questionGroup{Title: title}), len(groups)
		}
		groups[i].Questions = append(groups[i].Questions, questionLink{q.ID, sentence(q.Title.In(v.lang)), "/ask/" + url.PathEscape(q.ID)})
	}
	return groups
}

// sentence begins with a capital letter.
func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// names of inputs that are no facts: none can be mistaken for one, since the
// names of facts begin with a letter.
const (
	addInput     = "_add"    // a list that wants another row
	removeInput  = "_remove" // a row to take away
	recordInput  = "_record" // go on record
	exampleInput = "_example"
	asOfInput    = "_as_of"
	onceInput    = "_once"  // makes a repeated request find the first record
	formInput    = "_form"  // key of the form as it is kept
	clockInput   = "_clock" // the moment of asking that the page proposed
	readingInput = "_reading."
	ownInput     = "_own" // back to the rulebook's own readings

	// in the address of a form that was to go on record and did not
	unrecordedQuery = "unrecorded"
	langInput       = "lang"
	themeInput      = "theme"
)

// liveHeader is sent by the script while the form is being filled in. It wants
// the answer at once, without the switches, which take longer: "first"; and
// then all of it: "rest". When the page is left it only wants the form to be
// kept: "keep".
const liveHeader = "Live"

// maxForm bounds a form that is sent.
const maxForm = 1 << 20

// askView is the page of one question.
type askView struct {
	Offset    bool // AsOf is written as text, with its offset
	Question  questionLink
	Group     string
	Groups    []questionGroup
	Fields    []*field
	AsOf      string
	Zone      string
	Once      string
	Examples  []exampleLink
	Refused   []refusal
	Answer    *answerView
	Switches  []readingSwitch
	Switched  []usedReading // readings that the person chose
	Copy      *snippets
	Unchanged int  // switches that change nothing
	Later     bool // the switches are asked for by another request

	Form     string // key of the form as it is kept
	Clock    string // the moment of asking that the page proposed
	Lost     bool   // the form asked for is no longer kept
	Stale    bool   // the answer is to what the form said before
	Recorded *decisionRow
	Carried  []live.Setting // readings that were chosen and have no switch here

	facts    []byte
	asOf     time.Time
	settings []live.Setting
}

// refusal is a fact that was refused, with the field to go to.
type refusal struct{ Label, ID, Text, Remedy string }

func (c *Console) ask(r *http.Request, p *page) (int, error) {
	rules := c.service.Rules.Current()
	q, ok := p.viewer.book.Question(r.PathValue("question"))
	if !ok {
		return 0, &policy.UnknownQuestionError{Question: r.PathValue("question"), Remedy: p.viewer.nearestQuestion(r.PathValue("question"))}
	}
	values, err := formOf(r)
	if err != nil {
		return 0, err
	}
	var answered url.Values
	sent, lost := r.Method == http.MethodPost, false
	key, now := keyOf(values.Get(formInput)), c.now()
	if from := r.URL.Query().Get("form"); !sent && from != "" {
		// a page that is opened again goes on under a key of its own: what is
		// changed in one window does not turn up in another
		c.forms.copy(formName(r, q.ID, from), formName(r, q.ID, key), now)
		if values, answered = c.forms.find(formName(r, q.ID, key), now); values == nil {
			values, lost = url.Values{}, true
		}
		sent = !lost
	}
	if linked, holds, err := formOfLink(p.viewer.asks, q, r.URL.Query()); err != nil {
		return 0, err
	} else if holds && !sent && !lost {
		values, sent = linked, true
	}
	p.cookies = c.choices(values.Get(langInput), values.Get(themeInput))
	for _, x := range p.cookies { // at once, not from the next page on
		switch x.Name {
		case langCookie:
			p.Lang, p.viewer.lang = x.Value, x.Value
			p.Book, p.Banner = p.viewer.book.Title.In(p.Lang), c.newBanner(p.Lang)
		case themeCookie:
			p.Theme = oneOf(x.Value, "light", "dark")
		}
	}
	p.Name, p.Nav, p.Form, p.Wide = "ask.html", "ask", "ask", true
	p.Title = sentence(q.Title.In(p.Lang))
	if e, ok := c.cases.find(p.viewer.asks, q, cmp.Or(values.Get(exampleInput), r.URL.Query().Get("example"))); ok {
		values, sent = e.values(p.viewer.book, q), true
	}
	if !values.Has(asOfInput) {
		values.Set(clockInput, momentField(now.In(p.viewer.book.Zone).Truncate(time.Minute)))
		values.Set(asOfInput, values.Get(clockInput))
	}
	if path := values.Get(addInput); path != "" {
		addRow(values, path)
	}
	if row := values.Get(removeInput); row != "" {
		removeRow(values, row)
	}
	if values.Has(ownInput) {
		maps.DeleteFunc(values, func(name string, _ []string) bool { return strings.HasPrefix(name, readingInput) })
	}
	values.Set(onceInput, cmp.Or(values.Get(onceInput), rand.Text()))
	record, live := values.Has(recordInput), r.Header.Get(liveHeader)
	if record && !p.May(people.Record) {
		return 0, door.NotAllowed(people.Record)
	}
	for _, button := range []string{addInput, removeInput, recordInput, exampleInput, formInput, ownInput, langInput, themeInput} {
		delete(values, button)
	}
	name := formName(r, q.ID, key)
	if sent {
		c.forms.keep(name, values, now)
	}
	if r.Method == http.MethodPost {
		_, answered = c.forms.find(name, now)
		at := "/ask/" + url.PathEscape(q.ID) + "?form=" + key
		switch {
		case live == "keep":
			p.empty = true
			return http.StatusNoContent, nil
		case live == "" && !record: // so that going back and reloading send nothing again
			p.location = at
			return http.StatusSeeOther, nil
		}
	}
	view, err := c.answer(r, p, rules, q, values, sent, answered)
	if err != nil {
		return 0, err
	}
	view.Form, view.Lost = key, lost
	if id := r.URL.Query().Get("recorded"); id != "" {
		if e, err := c.service.Store.Get(r.Context(), id); err == nil && e.Question == q.ID {
			row := p.viewer.decisionRow(e)
			view.Recorded = &row
		}
	}
	p.Data = view
	if sent && len(view.Refused) == 0 {
		c.forms.answered(name, now)
	}
	switch {
	case record && len(view.Refused) == 0:
		p.Again = view.Question.Href + "?form=" + key // should it fail
		if on, err := c.goOnRecord(r, p, q, values, view); on || err != nil {
			return http.StatusSeeOther, err
		}
		fallthrough
	case record: // the page says why, and going back to it sends nothing again
		p.location = view.Question.Href + "?form=" + key + "&" + unrecordedQuery + "=1"
		return http.StatusSeeOther, nil
	case r.URL.Query().Has(unrecordedQuery) && view.Answer != nil && len(view.Refused) == 0:
		if c.unrecorded(p, view) {
			return http.StatusUnprocessableEntity, nil
		}
	}
	if len(view.Refused) > 0 && live == "" {
		return http.StatusUnprocessableEntity, nil
	}
	return http.StatusOK, nil // to the script: half a form is nothing wrong
}

// formOf is what was sent, without the values of buttons that do not belong
// to the page.
func formOf(r *http.Request) (url.Values, error) {
	if r.Method != http.MethodPost {
		return url.Values{}, nil
	}
	if err := formBounded(r, maxForm); err != nil {
		return nil, err
	}
	if err := r.ParseForm(); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, door.ErrCrowded) {
			return nil, err
		}
		return nil, errBadForm
	}
	return r.PostForm, nil
}

// originOf is where the server is reached, for the copied commands.
func (c *Console) originOf(r *http.Request) string {
	if c.secure {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// answer makes the page: the form, and the answer where something was sent.
func (c *Console) answer(r *http.Request, p *page, rules *live.Loaded, q *policy.Question, values url.Values, sent bool, answered url.Values) (*askView, error) {
	v := p.viewer
	f := &form{book: v.book, lang: v.lang, values: values}
	view := &askView{
		Question: questionLink{q.ID, sentence(q.Title.In(v.lang)), "/ask/" + url.PathEscape(q.ID)}, Groups: v.questionGroups(),
		Later: r.Header.Get(liveHeader) == "first",
		AsOf:  values.Get(asOfInput), Offset: needsOffset(values.Get(asOfInput), v.book.Zone), Clock: values.Get(clockInput), Zone: v.book.Zone.String(), Once: values.Get(onceInput), Examples: c.cases.links(v.asks, q, v.lang),
	}
	for _, g := range view.Groups {
		if slices.ContainsFunc(g.Questions, func(l questionLink) bool { return l.ID == q.ID }) {
			view.Group = g.Title
		}
	}
	if sent {
		settings, unknown := settingsOf(v.book, values)
		for _, s := range unknown {
			view.Refused = append(view.Refused, refusal{Label: s.Key, ID: "readings", Text: v.pick("现行规则没有选项 "+s.Option+"；没有采用", "the rules in force have no option "+s.Option+"; it was not used")})
		}
		a := asking{question: q, settings: settings}
		var wrong map[string]string
		a.facts, wrong = f.given(q)
		if view.AsOf != "" {
			t, problem := momentIn(view.AsOf, v.book.Zone)
			if a.asOf = t; problem != (policy.Text{}) {
				wrong[asOfInput] = problem.In(v.lang)
			}
		}
		f.errors = wrong
		view.facts, view.asOf, view.settings = a.facts, a.asOf, settings
		for path, text := range wrong {
			view.Refused = append(view.Refused, refusal{Label: v.factLabel(q, path), ID: idOf(path), Text: text})
		}
		slices.SortFunc(view.Refused, func(a, b refusal) int { return strings.Compare(a.ID, b.ID) })
		if len(wrong) > 0 {
			_, err := rules.Book.Check(q.ID, a.facts)
			v.refused(q, view, f, err)
		} else {
			if err := c.decide(r.Context(), v, rules, a, view, f, c.originOf(r)); err != nil {
				return nil, err
			}
		}
		for _, s := range a.settings {
			if !slices.ContainsFunc(view.Switches, func(x readingSwitch) bool { return x.Key == s.Key }) {
				view.Carried = append(view.Carried, s)
			}
		}
		if len(view.Refused) > 0 && answered != nil {
			if err := c.before(r.Context(), v, q, answered, view); err != nil {
				return nil, err
			}
			a.settings, _ = settingsOf(v.book, answered) // what is no longer known was told of above
		}
		for _, s := range a.settings {
			view.Switched = append(view.Switched, v.reading(policy.UsedReading(s)))
		}
	}
	view.Fields = f.fields(q)
	return view, nil
}

// before shows the answer to what the form said before something in it was
// refused: a slip of the pen does not take away what stands there. There is
// nothing to record or to copy of it.
func (c *Console) before(ctx context.Context, v *viewer, q *policy.Question, values url.Values, view *askView) error {
	f := &form{book: v.book, lang: v.lang, values: values}
	facts, wrong := f.given(q)
	asOf, problem := momentIn(values.Get(asOfInput), v.book.Zone)
	if len(wrong) > 0 || problem != (policy.Text{}) && values.Get(asOfInput) != "" {
		return nil // other rules than it was answered by
	}
	settings, unknown := settingsOf(v.book, values)
	if len(unknown) > 0 {
		return nil
	}
	asked, err := c.service.Ask(ctx, service.Asking{Question: q.ID, Facts: facts, AsOf: asOf, Readings: settings})
	var fact *policy.FactError
	if errors.As(err, &fact) {
		return nil
	}
	if err != nil {
		return err
	}
	view.Stale = true
	view.Answer, err = newAnswer(v, q, asked.Answer)
	return err
}

// decide asks, and tries what other readings would change.
func (c *Console) decide(ctx context.Context, v *viewer, rules *live.Loaded, a asking, view *askView, f *form, origin string) error {
	asked, err := c.service.Ask(ctx, service.Asking{Question: a.question.ID, Facts: a.facts, AsOf: a.asOf, Readings: a.settings})
	if v.refused(a.question, view, f, err) {
		return nil
	}
	if err != nil {
		return err
	}
	if view.Answer, err = newAnswer(v, a.question, asked.Answer); err != nil {
		return err
	}
	if view.Copy, err = a.snippets(origin, asked.Answer, a.question.Title.In(v.lang)); err != nil || view.Later {
		return err
	}
	if err := c.trying.take(ctx); err != nil {
		return err
	}
	defer c.trying.give()
	if view.Switches, err = v.switches(ctx, c.books, rules, a, asked.Answer); err != nil {
		return err
	}
	for _, s := range view.Switches {
		if !s.Moves && !s.Other {
			view.Unchanged++
		}
	}
	return nil
}

// refused shows which facts were refused, each beside its field; false where
// none was. Of what the form itself could not read it has told already, in the
// words of a form: what the rules say of it as JSON would be a second finding
// about the same thing, with a remedy that is none here.
func (v *viewer) refused(q *policy.Question, view *askView, f *form, err error) bool {
	all := policy.RefusedFacts(err)
	told := maps.Clone(f.errors)
	for _, fact := range all {
		at := fieldOf(fact.Fact)
		if told[at] != "" {
			continue
		}
		if f.errors[at] == "" {
			f.errors[at] = fact.Message.In(v.lang)
		}
		view.Refused = append(view.Refused, refusal{v.factLabel(q, fact.Fact), idOf(at), fact.Message.In(v.lang), fact.Remedy.In(v.lang)})
	}
	return len(all) > 0
}

// fieldOf is the field that a refused path is drawn in: a word of a list has
// none of its own.
func fieldOf(path string) string {
	if path == "as_of" {
		return asOfInput
	}
	if strings.HasSuffix(path, "]") {
		return path[:strings.LastIndexByte(path, '[')]
	}
	return path
}

// settingsOf are the readings that were chosen otherwise than the rulebook
// chooses them, and those that the rulebook does not have: it may be another
// than the page was made by.
func settingsOf(b *policy.Rulebook, values url.Values) (all, unknown []live.Setting) {
	for key := range values {
		name, ok := strings.CutPrefix(key, readingInput)
		s := live.Setting{Key: name, Option: values.Get(key)}
		if !ok || s.Option == "" {
			continue
		}
		if r, found := b.Reading(name); found {
			if _, err := r.ParseChoice(s.Option); err == nil {
				all = append(all, s)
				continue
			}
		}
		unknown = append(unknown, s)
	}
	for _, list := range [][]live.Setting{all, unknown} {
		slices.SortFunc(list, func(a, b live.Setting) int { return strings.Compare(a.Key, b.Key) })
	}
	return all, unknown
}

// unrecorded says why what was asked does not go on record, and reports
// whether there is a reason.
func (c *Console) unrecorded(p *page, view *askView) bool {
	err := c.service.Recordable(service.Asking{Facts: view.facts, AsOf: view.asOf})
	var future *service.FutureError
	if errors.As(err, &future) {
		text := p.pick("没有记录：这个时间还没有到", "not recorded: this has not come yet")
		view.Refused = append(view.Refused, refusal{p.pick("判断时间", "moment of asking"), idOf(fieldOf(future.Fact)), text, future.Remedy().In(p.Lang)})
	}
	return err != nil || view.Answer.Error != "" // of which the answer says why
}

// goOnRecord records the decision and goes to its page, or stays at the form
// where whoever asks may not read what is on record; false where nothing may
// be put on record.
func (c *Console) goOnRecord(r *http.Request, p *page, q *policy.Question, values url.Values, view *askView) (bool, error) {
	a := service.Asking{Question: q.ID, Facts: view.facts, AsOf: view.asOf, Readings: view.settings, By: door.WhoOf(r.Context())}
	a.Clock = view.AsOf != "" && view.AsOf == view.Clock
	// The same facts sent twice from one page are one decision; other facts
	// sent from it, after going back, are another.
	request := []byte(values.Encode())
	sum := sha256.Sum256(request)
	done, err := c.service.Record(r.Context(), a, service.Once{Caller: "console", Key: view.Once + "-" + hex.EncodeToString(sum[:]), Request: request})
	var undecided *service.NotDecidedError
	var future *service.FutureError
	switch {
	case errors.As(err, &undecided), errors.As(err, &future):
		return false, nil
	case err != nil:
		return false, err
	}
	id := url.PathEscape(done.Entry.ID())
	p.location = "/decisions/" + id + "?recorded=1&form=" + view.Form
	if !mayRead(r) {
		p.location = view.Question.Href + "?form=" + view.Form + "&recorded=" + id
	}
	return true, nil
}

func (v *viewer) nearestQuestion(id string) policy.Text {
	if near := nearest(id, v.book.QuestionIDs()); near != "" {
		return policy.Text{ZH: "是否指 " + near, EN: "did you mean " + near}
	}
	return policy.Text{}
}

// timeOfDay is the first moment of a day.
func timeOfDay(day string, zone *time.Location) (time.Time, error) {
	d, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return time.Time{}, err
	}
	clocks := walltime.Of(zone)
	return clocks.Time(clocks.DayStart(date.NewAt(d))), nil
}
