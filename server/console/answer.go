package console

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/headline"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/kpi"
	"github.com/servicerules/rulebook/penalty"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla"
)

// viewer says things of one rulebook in one language.
type viewer struct {
	asks *rulebook.Book // nil where nothing is asked
	book *policy.Rulebook
	lang string

	masked bool // whoever looks may not see personal data
	named  bool // personal data is shown
}

func (v *viewer) pick(zh, en string) string { return policy.Text{ZH: zh, EN: en}.In(v.lang) }

func (v *viewer) words() wording.Words { return wording.Words{Book: v.book, Lang: v.lang} }

// answerView is an answer as a page shows it.
type answerView struct {
	Tone        string // class: see tone
	Verdict     string
	Headlines   []headline.Headline // what the verdict comes to
	Provisional bool
	Open        bool // undetermined: a note at most, and no decision
	Error       string
	ErrorIn     *missingView // the fact that the error is about
	Rows        []wording.Row
	Breaches    []breachView
	Liable      []liableView
	Missing     []missingView
	Decisions   []openDecision
	Steps       []stepView
	Strips      []*strip
	Ladders     []*ladder
	Gauges      []gauge
	Cites       []articleRef
	Readings    []usedReading
	Edition     string
	SHA256      string
	Rulebook    string
}

type breachView struct {
	Label   string
	Article articleRef
}

type liableView struct{ Role, Person string }

type missingView struct {
	Fact, Label string
	ID          string // of the field to fill in, "" where there is no form
	For         []string
}

type openDecision struct{ Label, Rule string }

type stepView struct {
	Text     string
	Article  articleRef
	Readings []usedReading
}

// articleRef is an article as people call it, and where it stands.
type articleRef struct {
	ID, Name, Title, Href string
}

type usedReading struct{ Key, Option, Asks, Label string }

// withoutForm takes away the links to the fields of a form, for a page that has
// none.
func (x *answerView) withoutForm() {
	if x.ErrorIn != nil {
		x.ErrorIn.ID = ""
	}
	for i := range x.Missing {
		x.Missing[i].ID = ""
	}
}

// newAnswer makes the view of an answer.
func newAnswer(v *viewer, q *policy.Question, a *rulebook.Answer) (*answerView, error) {
	x := &answerView{Edition: a.Rulebook.Edition, SHA256: a.Rulebook.SHA256, Rulebook: v.book.Title.In(v.lang)}
	if a.Error != nil {
		x.Tone, x.Verdict, x.Error = "bad", v.pick("无法判定", "nothing can be decided"), a.Failure().Message.In(v.lang)
		if a.Failure().Fact != "" {
			x.ErrorIn = &missingView{Fact: a.Failure().Fact, Label: v.factLabel(q, a.Failure().Fact), ID: idOf(fieldOf(a.Failure().Fact))}
		}
		return x, nil
	}
	w := v.words()
	x.Verdict, x.Provisional, x.Headlines = w.Verdict(q, a.Verdict), a.Provisional, headline.Of(w, q, a)
	x.Open = a.Verdict == policy.Undetermined
	for _, r := range w.Rows(q, a) {
		if !r.None && !v.repeats(q, r, x) {
			if of, ok := q.ValueAt(r.Path); ok && !of.Unit.IsZero() && r.Text != "" {
				r.Text += " " + of.Unit.In(v.lang)
			}
			x.Rows = append(x.Rows, r)
		}
	}
	v.findings(q, a, x)
	v.reasons(a, x)
	for _, d := range a.Details() {
		switch of := d.Of.(type) {
		case sla.Timeline:
			if s := newStrip(v, d.Rule, of); s != nil {
				x.Strips = append(x.Strips, s)
			}
		case penalty.Climb:
			x.Ladders = append(x.Ladders, newLadder(v, d.Rule, of))
		case kpi.Gauge:
			x.Gauges = append(x.Gauges, newGauge(v, d.Rule, of))
		}
	}
	x.Tone = tone(a, x)
	return x, nil
}

// Figures are the headlines in one line, to be told or written small.
func (x *answerView) Figures() string { return headline.Line(x.Headlines) }

// repeats reports whether a value only says the verdict again.
func (v *viewer) repeats(q *policy.Question, r wording.Row, x *answerView) bool {
	return r.Depth == 0 && r.Text == x.Verdict && len(q.Values) > 1
}

// tone is how an answer looks: bad where something was broken, open where it
// waits for a fact or a person, good where what was to be kept was kept. What
// other verdicts mean to whom, nobody here can know.
func tone(a *rulebook.Answer, x *answerView) string {
	notMet := func(g gauge) bool { return g.Class == string(kpi.NotMet) }
	switch {
	case len(a.Breaches) > 0 || slices.ContainsFunc(x.Gauges, notMet):
		return "bad"
	case a.Verdict == policy.Undetermined || a.NeedsDecision || len(a.MissingFacts) > 0:
		return "open"
	case len(x.Gauges) > 0 || slices.ContainsFunc(x.Strips, func(s *strip) bool { return s.Kept }):
		return "good"
	}
	return "plain"
}

func (v *viewer) findings(q *policy.Question, a *rulebook.Answer, x *answerView) {
	w := v.words()
	for _, b := range a.Breaches {
		x.Breaches = append(x.Breaches, breachView{b.Label.In(v.lang), v.article(b.Article)})
	}
	for _, l := range a.Liable {
		x.Liable = append(x.Liable, liableView{w.Word(l.Role, nil), l.Person})
	}
	for _, m := range a.MissingFacts {
		n := len(x.Missing)
		if n == 0 || x.Missing[n-1].Fact != m.Fact {
			x.Missing = append(x.Missing, missingView{Fact: m.Fact, Label: v.factLabel(q, m.Fact), ID: idOf(m.Fact)})
			n++
		}
		if by := v.ruleLabel(m.NeededBy); by != "" && !slices.Contains(x.Missing[n-1].For, by) {
			x.Missing[n-1].For = append(x.Missing[n-1].For, by)
		}
	}
	for _, d := range a.Decisions {
		x.Decisions = append(x.Decisions, openDecision{d.Label.In(v.lang), v.ruleLabel(d.Rule)})
	}
}

func (v *viewer) reasons(a *rulebook.Answer, x *answerView) {
	for _, s := range a.Steps(v.lang) {
		step := stepView{Text: s.Text, Article: v.article(s.Article)}
		for _, r := range s.Readings {
			step.Readings = append(step.Readings, v.reading(r))
		}
		x.Steps = append(x.Steps, step)
	}
	for _, id := range a.Cites {
		x.Cites = append(x.Cites, v.article(id))
	}
	for _, r := range a.Readings {
		x.Readings = append(x.Readings, v.reading(r))
	}
}

func (v *viewer) reading(r policy.UsedReading) usedReading {
	u := usedReading{Key: r.Key, Option: r.Option, Label: v.words().Option(r.Key, r.Option)}
	if x, ok := v.book.Reading(r.Key); ok {
		u.Asks = x.Asks.In(v.lang)
	}
	return u
}

// article is an article as people call it: 《限时办结制度》第六条.
func (v *viewer) article(id string) articleRef {
	ref := articleRef{ID: id, Name: id, Href: "/rules#" + id}
	a, ok := v.book.Article(id)
	if !ok {
		return ref
	}
	ref.Title = a.Title.In(v.lang)
	regulation, _, _ := strings.Cut(id, "/")
	for _, r := range v.book.Regulations {
		if r.ID == regulation {
			ref.Name = r.Title.In(v.lang) + v.pick("第\u00a0"+a.Number+"\u00a0条", ", article\u00a0"+a.Number)
		}
	}
	return ref
}

// factLabel is the wording of a fact's path: "request: kind of request".
func (v *viewer) factLabel(q *policy.Question, path string) string {
	return v.words().FactWithin(q, path)
}

// ruleLabel is the wording of a rule by its id, of a question by its title;
// "" for what has none.
func (v *viewer) ruleLabel(id string) string {
	_, short, _ := strings.Cut(id, ".")
	if r, ok := v.book.Rule(short); ok {
		return r.Label.In(v.lang)
	}
	name, _, _ := strings.Cut(id, "#")
	if q, ok := v.book.Question(name); ok {
		return q.Title.In(v.lang)
	}
	for _, r := range v.book.Rules() {
		if r.PartOf == short {
			return r.Article.Title.In(v.lang)
		}
	}
	return ""
}
