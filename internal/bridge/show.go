package bridge

import (
	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/policy"
)

// Shown is an answer in words of one language, for a page.
type Shown struct {
	Tone        string         `json:"tone"`    // bad: something was broken; open: a fact or a decision is missing; plain
	Verdict     string         `json:"verdict"` // its word; "" where nothing could be decided
	Title       string         `json:"title"`   // the verdict as people call it
	Error       string         `json:"error,omitempty"`
	Remedy      string         `json:"remedy,omitempty"`
	Provisional bool           `json:"provisional"`
	NextChange  string         `json:"next_change,omitempty"` // when time alone may change it
	Rows        []ShownRow     `json:"rows"`
	Breaches    []ShownBreach  `json:"breaches"`
	Liable      []ShownLiable  `json:"liable"`
	Missing     []ShownMissing `json:"missing"`
	Decisions   []string       `json:"decisions"` // what a person must decide
	Steps       []ShownStep    `json:"steps"`
	Cites       []ShownArticle `json:"cites"`
	Readings    []ShownReading `json:"readings"`
}

// ShownRow is a value.
type ShownRow struct {
	Path  string `json:"path"`
	Label string `json:"label"`
	Text  string `json:"text"`  // with its unit; several lines for a list of records
	Depth int    `json:"depth"` // of a field of a record: 1 and more
}

// ShownBreach is a duty that was broken.
type ShownBreach struct {
	Label   string       `json:"label"`
	Article ShownArticle `json:"article"`
}

// ShownLiable is who answers for the breaches.
type ShownLiable struct {
	Role   string `json:"role"`
	Person string `json:"person"`
}

// ShownMissing is a fact that is missing.
type ShownMissing struct {
	Fact  string   `json:"fact"`
	Label string   `json:"label"`
	For   []string `json:"for"` // rules
}

// ShownStep is a step of the reasons.
type ShownStep struct {
	Text     string         `json:"text"`
	Article  *ShownArticle  `json:"article"` // null of a closing remark
	Readings []ShownReading `json:"readings"`
}

// ShownArticle is an article as people call it.
type ShownArticle struct {
	ID    string `json:"id"`
	Label string `json:"label"`
}

// ShownReading is a reading and the option that was used.
type ShownReading struct {
	Key    string `json:"key"`
	Asks   string `json:"asks"`
	Option string `json:"option"`
	Label  string `json:"label"`
}

// Show asks, and says the answer in words: a [Shown].
func (b *Bridge) Show(a Asking, lang string) Reply {
	return b.asking(a, func(x *asked, answer *rulebook.Answer) (any, error) {
		w := wording.Words{Book: x.book.Rulebook(), Lang: lang}
		return shown(w, x.question, answer), nil
	})
}

func shown(w wording.Words, q *policy.Question, a *rulebook.Answer) *Shown {
	x := &Shown{
		Tone: tone(a), Verdict: a.Verdict, Provisional: a.Provisional,
		Rows: []ShownRow{}, Breaches: []ShownBreach{}, Liable: []ShownLiable{}, Missing: []ShownMissing{}, Decisions: []string{},
		Steps: []ShownStep{}, Cites: []ShownArticle{}, Readings: readingsShown(w, a.Readings),
	}
	if a.Error != nil {
		x.Title = diagnostic.Text{ZH: "无法判定", EN: "nothing can be decided"}.In(w.Lang)
		x.Error, x.Remedy = a.Failure().Message.In(w.Lang), a.Failure().Remedy.In(w.Lang)
		return x
	}
	x.Title = w.Verdict(q, a.Verdict)
	if t, ok := a.NextChange(); ok {
		x.NextChange = wording.Moment(t.In(w.Book.Zone))
	}
	for _, r := range w.Rows(q, a) {
		if !r.None {
			if of, ok := q.ValueAt(r.Path); ok && !of.Unit.IsZero() && r.Text != "" {
				r.Text += " " + of.Unit.In(w.Lang)
			}
			x.Rows = append(x.Rows, ShownRow{r.Path, r.Label, r.Text, r.Depth})
		}
	}
	for _, v := range a.Breaches {
		x.Breaches = append(x.Breaches, ShownBreach{v.Label.In(w.Lang), article(w, v.Article)})
	}
	for _, v := range a.Liable {
		x.Liable = append(x.Liable, ShownLiable{w.Word(v.Role, nil), v.Person})
	}
	for _, v := range a.MissingFacts {
		if n := len(x.Missing); n == 0 || x.Missing[n-1].Fact != v.Fact {
			x.Missing = append(x.Missing, ShownMissing{v.Fact, w.Fact(q, v.Fact), []string{}})
		}
		last := &x.Missing[len(x.Missing)-1]
		last.For = append(last.For, w.Rule(v.NeededBy))
	}
	for _, v := range a.Decisions {
		x.Decisions = append(x.Decisions, v.Label.In(w.Lang))
	}
	for _, s := range a.Steps(w.Lang) {
		step := ShownStep{Text: s.Text, Readings: readingsShown(w, s.Readings)}
		if s.Article != "" {
			at := article(w, s.Article)
			step.Article = &at
		}
		x.Steps = append(x.Steps, step)
	}
	for _, id := range a.Cites {
		x.Cites = append(x.Cites, article(w, id))
	}
	return x
}

// tone is how an answer looks. What a verdict means to whom, nobody here can
// know: only breaches and what is missing are told apart.
func tone(a *rulebook.Answer) string {
	switch {
	case a.Error != nil, len(a.Breaches) > 0:
		return "bad"
	case a.Verdict == policy.Undetermined, a.NeedsDecision, len(a.MissingFacts) > 0:
		return "open"
	}
	return "plain"
}

func article(w wording.Words, id string) ShownArticle {
	return ShownArticle{id, wording.Article(w.Book, id).In(w.Lang)}
}

func readingsShown(w wording.Words, used []policy.UsedReading) []ShownReading {
	all := make([]ShownReading, 0, len(used))
	for _, r := range used {
		all = append(all, ShownReading{r.Key, w.Reading(r.Key), r.Option, w.Option(r.Key, r.Option)})
	}
	return all
}
