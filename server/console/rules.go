package console

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/changing"
	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/people"
)

// rulesView is the regulations, each article beside its rules.
type rulesView struct {
	Regulations []regulationView
	Source      string // where the rules are from
	LoadedAt    string
	Undecided   int
	Readings    int
}

type regulationView struct {
	ID, Title string
	Articles  []articleView
}

type articleView struct {
	ID, Number, Title, Nature string
	Item                      bool
	Text, Note, Nothing       string
	Source                    sourceView
	Rules                     []ruleView
}

// sourceView is where the text of an article is to be read; Text is "" where
// nobody said.
type sourceView struct{ Text, Address string }

func (v *viewer) source(s policy.Source) sourceView {
	text := s.Place().In(v.lang)
	if text == "" {
		text = s.Address
	}
	return sourceView{Text: text, Address: s.Address}
}

type ruleView struct {
	Name, Label, Form, About string
	File                     string // where it is not the main one
	Line                     int
	Text                     string
	Readings                 []string
}

func (c *Console) rules(_ *http.Request, p *page) (int, error) {
	p.Name, p.Nav, p.Wide, p.Title = "rules.html", "rules", true, p.pick("规则", "Rules")
	v, rules := p.viewer, c.service.Rules.Current()
	x := &rulesView{Source: filepath.Base(rules.Source), LoadedAt: wording.Moment(rules.LoadedAt.In(v.book.Zone)), Readings: len(v.book.Readings)}
	for _, reading := range v.book.Readings {
		if reading.DecidedBy == "" {
			x.Undecided++
		}
	}
	readings := readingsByRule(v.book)
	for _, reg := range v.book.Regulations {
		y := regulationView{ID: reg.ID, Title: reg.Title.In(v.lang)}
		for _, a := range reg.Articles {
			z := articleView{
				ID: a.ID, Number: a.Number, Title: a.Title.In(v.lang), Nature: v.words().Nature(a.Nature), Item: a.IsItem(),
				Text: a.Text.In(v.lang), Note: a.Note.In(v.lang), Nothing: a.DecidesNothing.In(v.lang),
				Source: v.source(a.Source),
			}
			for _, rule := range a.Rules {
				z.Rules = append(z.Rules, ruleView{
					Name: rule.Name, Label: rule.Label.In(v.lang), Form: rule.Form.Name, About: firstSentence(rule.Form.Doc.In(v.lang)),
					File: live.FileOf(v.book.Name(), rule.Span.File), Line: rule.Span.Start.Line, Text: v.book.Excerpt(rule), Readings: readings[rule.Name],
				})
			}
			y.Articles = append(y.Articles, z)
		}
		x.Regulations = append(x.Regulations, y)
	}
	p.Data = x
	return http.StatusOK, nil
}

// firstSentence is what a form is, without the rest of its documentation.
func firstSentence(s string) string {
	for _, end := range []string{"。", ". ", ";", "；"} {
		if i := strings.Index(s, end); i > 0 {
			s = s[:i]
		}
	}
	return s
}

// readingsByRule lists the readings that choose something in each rule.
func readingsByRule(b *policy.Rulebook) map[string][]string {
	by := map[string][]string{}
	for _, r := range b.Readings {
		for _, rule := range r.UsedBy {
			by[rule.Name] = append(by[rule.Name], r.Key)
		}
	}
	return by
}

// readingsView is the register of readings, those that nobody decided first.
type readingsView struct {
	Readings  []readingView
	Undecided int
	MayDecide bool
	By        string // who looks at the page, to be filled in
	At        string // the reading whose form was refused
	Refused   *message
	Values    url.Values
}

func (x *readingsView) Value(name string) string { return x.Values.Get(name) }

type readingView struct {
	Key, Asks, Why string
	Article        articleRef
	Options        []readingOption
	Several        bool
	DecidedBy, On  string
	Rules          []ruleRef
}

type readingOption struct {
	Name, Label string
	Value       string // as it is chosen, without its parameter
	Parameter   bool   // it takes one
	Chosen      bool
}

type ruleRef struct{ Label, Href string }

func (c *Console) readings(r *http.Request, p *page) (int, error) {
	c.register(r, p)
	return http.StatusOK, nil
}

func (c *Console) register(r *http.Request, p *page) *readingsView {
	p.Name, p.Nav, p.Title = "readings.html", "rules", p.pick("读法登记", "Readings")
	v := p.viewer
	x := &readingsView{MayDecide: p.May(people.DecideReadings), By: door.WhoOf(r.Context()).Title, Values: url.Values{}}
	for _, r := range v.book.Readings {
		chosen, _ := v.asks.Choice(r.Key, time.Time{})
		y := readingView{
			Key: r.Key, Asks: r.Asks.In(v.lang), Why: r.Why.In(v.lang), Article: v.article(r.Article), Several: r.Several, DecidedBy: r.DecidedBy, On: r.DecidedOn,
		}
		for _, o := range r.Options {
			z := readingOption{Name: o.Name, Label: o.Label.In(v.lang), Value: o.Name, Parameter: o.Parameter != "", Chosen: wording.Chosen(chosen, o.Name)}
			if z.Chosen && chosen.Parameter != "" {
				z.Name += ":" + chosen.Parameter
			}
			y.Options = append(y.Options, z)
		}
		for _, rule := range r.UsedBy {
			y.Rules = append(y.Rules, ruleRef{rule.Label.In(v.lang), "/rules#" + rule.Article.ID})
		}
		if r.DecidedBy == "" {
			x.Undecided++
		}
		x.Readings = append(x.Readings, y)
	}
	slices.SortStableFunc(x.Readings, func(a, b readingView) int {
		switch {
		case (a.DecidedBy == "") == (b.DecidedBy == ""):
			return 0
		case a.DecidedBy == "":
			return -1
		}
		return 1
	})
	p.Data = x
	return x
}

// decideReading makes a change that decides a reading, and proposes it.
func (c *Console) decideReading(r *http.Request, p *page) (int, error) {
	values, err := formOf(r)
	if err != nil {
		return 0, err
	}
	key := values.Get("_reading")
	options := values["option"]
	if parameter := strings.TrimSpace(values.Get("parameter")); parameter != "" && len(options) == 1 {
		if reading, known := p.viewer.book.Reading(key); known {
			if o := reading.Option(options[0]); o != nil && o.Parameter != "" {
				options = []string{options[0] + ":" + parameter}
			}
		}
	}
	option := strings.Join(options, ", ")
	if reading, known := p.viewer.book.Reading(key); known && reading.Several {
		option = "[" + option + "]"
	}
	change, err := c.service.Changes.Decide(r.Context(), changing.Reading{Key: key, Option: option, By: values.Get(byInput), Why: values.Get(whyInput)}, door.WhoOf(r.Context()), nil)
	var wrong *changing.RefusedError
	if errors.As(err, &wrong) {
		x := c.register(r, p)
		x.At, x.Refused, x.Values = key, refusedText(wrong, p.Lang), values
		return http.StatusUnprocessableEntity, nil
	}
	if err != nil {
		return 0, err
	}
	p.location = "/rules/changes/" + strconv.FormatInt(change.Number, 10)
	return http.StatusSeeOther, nil
}

// draftView is a draft of the rules with its findings.
type draftView struct {
	Text     string
	Lost     bool // it is no longer kept
	Checked  bool
	Errors   int
	Warnings int
	Findings []finding
	More     int
	Trial    *live.Trial
	Failed   []live.FailedCase // that are shown
}

const (
	draftName = "draft"
	formQuery = "form"  // the key of a form in its address
	keptDraft = 1 << 20 // bytes of a draft that is kept
)

// maxDraft bounds a draft; the loader refuses less.
const maxDraft = 4 << 20

// shownFindings is how many findings a page shows.
const shownFindings = 100

func (c *Console) draft(r *http.Request, p *page) (int, error) {
	p.Name, p.Nav, p.Wide, p.Title = "draft.html", "rules", true, p.pick("检查草稿", "Check a draft")
	p.Form = "drafting"
	p.Editor = true
	x := &draftView{}
	p.Data = x
	if r.Method != http.MethodPost {
		query := r.URL.Query()
		if key := query.Get(formQuery); key != "" {
			release, err := c.service.Drafting()
			if err != nil {
				return 0, err
			}
			defer release()
			values, _ := c.drafts.find(formName(r, draftName, key), c.now())
			if x.Lost = values == nil; !x.Lost {
				x.Text = values.Get(draftName)
				return c.try(r, p, x)
			}
		}
		if query.Get("from") == "current" {
			x.Text = string(c.service.Rules.Current().Text)
		}
		return http.StatusOK, nil
	}
	values, release, err := c.sentDraft(r)
	if err != nil {
		return 0, err
	}
	defer release()
	x.Text = strings.ReplaceAll(values.Get(draftName), "\r\n", "\n")
	p.cookies = c.choices(values.Get(langInput), values.Get(themeInput))
	if len(p.cookies) > 0 && strings.TrimSpace(x.Text) == "" {
		p.location = "/rules/draft"
		return http.StatusSeeOther, nil
	}
	// Shown by an address of its own, so that going back to it, loading it
	// again or another language loses nothing; not where it is too large.
	if key, now := rand.Text(), c.now(); len(x.Text) <= keptDraft {
		c.drafts.keep(formName(r, draftName, key), url.Values{draftName: {x.Text}}, now)
		p.location = "/rules/draft?" + formQuery + "=" + key
		return http.StatusSeeOther, nil
	}
	return c.try(r, p, x)
}

// sentDraft is a form with a text of rules. Whoever sends one has one of the places
// of those who draft until release is called.
func (c *Console) sentDraft(r *http.Request) (values url.Values, release func(), err error) {
	if release, err = c.service.Drafting(); err != nil {
		return nil, nil, err
	}
	if err = formBounded(r, 3*maxDraft); err == nil { // sent percent-encoded
		err = r.ParseForm()
	}
	if err != nil {
		release()
		return nil, nil, err
	}
	return r.PostForm, release, nil
}

// try tries the draft of the page.
func (c *Console) try(r *http.Request, p *page, x *draftView) (int, error) {
	trial, err := c.service.Try(r.Context(), []byte(x.Text), c.cases.dir)
	if err != nil {
		return 0, err
	}
	found := trial.Findings
	x.Checked, x.Trial = true, trial
	if x.Failed = trial.Failed; len(x.Failed) > shownFindings {
		x.Failed = x.Failed[:shownFindings]
	}
	if trial.Err != nil {
		c.log.Error("a draft could not be tried on the example cases", "err", trial.Err)
	}
	for _, d := range found {
		if d.Severity == "error" {
			x.Errors++
		} else {
			x.Warnings++
		}
	}
	if len(found) > shownFindings {
		x.More = len(found) - shownFindings
		found = found[:shownFindings]
	}
	x.Findings = findingsOf(found, []byte(x.Text), p.Lang)
	return http.StatusOK, nil
}

// query adds to an address.
func query(path string, values url.Values) string {
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}
