package whatif

import (
	"encoding/json"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

// The documents are what is told to programs: by the command with --format json,
// and by the package for JavaScript. They are marshalled by package json.

// Document is what a question answers under all readings.
func (r *Readings) Document() any {
	type outcome struct {
		Count  int                 `json:"count"`
		Under  []map[string]string `json:"under"`
		Answer json.RawMessage     `json:"answer"`
	}
	out := struct {
		Holds    bool      `json:"holds"`
		Complete bool      `json:"complete"`
		Tried    int       `json:"tried"`
		Turning  []string  `json:"turning"`
		Steady   []string  `json:"steady"`
		Sampled  []string  `json:"sampled"`
		Outcomes []outcome `json:"outcomes"`
	}{r.Holds() && r.Complete, r.Complete, r.Tried, listOf(r.Turning), listOf(r.Steady), listOf(r.Sampled), []outcome{}}
	for _, o := range r.Outcomes {
		out.Outcomes = append(out.Outcomes, outcome{o.Count, underDocument(o.Under), o.Answer.AppendJSON(nil, true)})
	}
	return out
}

type reasonDocument struct {
	Rule     string               `json:"rule,omitempty"`
	Article  string               `json:"article,omitempty"`
	Text     string               `json:"text"`
	Readings []policy.UsedReading `json:"readings"`
	Margins  []marginDocument     `json:"margins"`
	Under    []reasonDocument     `json:"under"`
	Again    []string             `json:"again"`
}

type marginDocument struct {
	Left     string          `json:"left"`
	Relation policy.Relation `json:"relation"`
	Right    string          `json:"right"`
	ZH       string          `json:"zh"`
	EN       string          `json:"en"`
}

// WhyDocument is an answer with its reasons as a tree.
func WhyDocument(a *rulebook.Answer, reasons []*Reason) any {
	return struct {
		Answer json.RawMessage  `json:"answer"`
		Why    []reasonDocument `json:"why"`
	}{a.AppendJSON(nil, true), reasonDocuments(reasons)}
}

func reasonDocuments(reasons []*Reason) []reasonDocument {
	out := make([]reasonDocument, 0, len(reasons))
	for _, r := range reasons {
		x := reasonDocument{r.Rule, r.Article, r.Text, append([]policy.UsedReading{}, r.Readings...), []marginDocument{}, reasonDocuments(r.Under), listOf(r.Again)}
		for _, m := range r.Margins {
			text := m.By.Text()
			x.Margins = append(x.Margins, marginDocument{m.Left.Value, m.Relation, m.Right.Value, text.ZH, text.EN})
		}
		out = append(out, x)
	}
	return out
}

type changeDocument struct {
	Fact   string `json:"fact"`
	From   any    `json:"from"`
	To     any    `json:"to"`
	Change string `json:"change"` // set, remove or add
}

type flipDocument struct {
	Changes []changeDocument    `json:"changes"`
	Under   []map[string]string `json:"under"` // readings, where it is they that are changed
	Verdict string              `json:"verdict"`
	Answer  json.RawMessage     `json:"answer"`
}

// Document is the nearest changes that make something come out otherwise: to
// facts, and to readings as [Readings.Flips] has them.
func (f *Flips) Document(readings []Outcome) any {
	out := struct {
		Verdict  string         `json:"verdict"`
		Asked    int            `json:"asked"`
		Complete bool           `json:"complete"`
		Flips    []flipDocument `json:"flips"`
		Readings []flipDocument `json:"readings"`
	}{f.Answer.Verdict, f.Asked, f.All, []flipDocument{}, []flipDocument{}}
	for _, x := range f.Nearby {
		out.Flips = append(out.Flips, flipDocument{changeDocuments(x.Changes), []map[string]string{}, x.Answer.Verdict, x.Answer.AppendJSON(nil, false)})
	}
	for _, o := range readings {
		out.Readings = append(out.Readings, flipDocument{[]changeDocument{}, underDocument(o.Under), o.Answer.Verdict, o.Answer.AppendJSON(nil, false)})
	}
	return out
}

func changeDocuments(changes []Change) []changeDocument {
	out := make([]changeDocument, 0, len(changes))
	for _, c := range changes {
		x := changeDocument{c.Place.Path.String(), c.Place.Value, c.To, "set"}
		switch {
		case c.Gone:
			x.Change = "remove"
		case c.Added:
			x.Change = "add"
		}
		out = append(out, x)
	}
	return out
}

// Document is what to ask for next.
func (n *Next) Document() any {
	type fact struct {
		Fact    string   `json:"fact"`
		Tried   int      `json:"tried"`
		Decides int      `json:"decides"`
		Whole   []string `json:"whole"` // of a record that is not given: the fields to give together
	}
	out := struct {
		Verdict  string           `json:"verdict"`
		Complete bool             `json:"complete"`
		Facts    []fact           `json:"facts"`
		Fewest   []changeDocument `json:"fewest"`
		Leads    string           `json:"leads_to,omitempty"`
	}{n.Answer.Verdict, n.All, []fact{}, changeDocuments(n.Fewest), n.Verdict}
	for _, f := range n.Facts {
		out.Facts = append(out.Facts, fact{f.Path, f.Tried, f.Decides, listOf(f.Whole)})
	}
	return out
}

func underDocument(ways [][]Choice) []map[string]string {
	out := []map[string]string{}
	for _, way := range ways {
		under := map[string]string{}
		for _, c := range way {
			under[c.Reading] = c.Option
		}
		out = append(out, under)
	}
	return out
}

// listOf is a list that is never null.
func listOf(list []string) []string { return append([]string{}, list...) }
