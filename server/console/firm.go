package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/factset"
	"github.com/servicerules/rulebook/internal/whatif"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/live"
)

// firmView is how firm an answer is: how far its comparisons are from coming
// out otherwise, which changes to facts would turn it, what it is under every
// reading; of one that is undetermined, what to ask next.
type firmView struct {
	Question questionLink
	Back     string // to the form
	Lost     bool   // the form is no longer kept
	Refused  bool   // its facts are refused: there is no answer
	Answer   *answerView

	Margins []marginView
	Flips   []flipView
	Fewer   bool // the search for them ended early
	Next    []nextView
	Example string // the fewest facts that would decide, and to what
	All     *sideBySide
}

// marginView is a comparison of an answer and how far it is from its boundary.
type marginView struct {
	Text string // the step of the explanation
	By   string
	At   bool // right at the boundary
}

// flipView is a change that turns the verdict.
type flipView struct{ Change, Verdict, Figures, Tone string }

// nextView is a fact to ask for, and how far it would lead.
type nextView struct{ Label, ID, Note string }

// sideBySide are the answers under all readings, each a column.
type sideBySide struct {
	Columns []readingColumn
	Rows    []readingRow // the values in which they differ
	Tried   int
	Holds   bool // the answer is the same under all
	All     bool // false: not all combinations were tried
	Sampled []string
	More    int // outcomes that are not shown
}

type readingColumn struct {
	Verdict, Figures, Tone string
	Own                    bool
	Under                  []string // the fewest changes that lead there; alternatives
	Count                  int
}

type readingRow struct {
	Label string
	Cells []string
}

// Bounds of what a page shows and of how long it may look for it.
const (
	firmTime     = 2 * time.Second // for each of the searches
	shownFlips   = 8
	shownMargins = 8
	shownColumns = 6
	shownUnder   = 3
)

// firm is the page that tells how firm an answer is. It is asked for by itself,
// since it takes a while.
func (c *Console) firm(r *http.Request, p *page) (int, error) {
	rules := c.service.Rules.Current()
	q, ok := p.viewer.book.Question(r.PathValue("question"))
	if !ok {
		return 0, &policy.UnknownQuestionError{Question: r.PathValue("question"), Remedy: p.viewer.nearestQuestion(r.PathValue("question"))}
	}
	key := keyOf(r.URL.Query().Get("form"))
	p.Name, p.Nav, p.Wide = "firm.html", "ask", true
	p.Title = p.pick("怎样会变："+q.Title.In(p.Lang), "What would change it: "+q.Title.In(p.Lang))
	to := "/ask/" + url.PathEscape(q.ID)
	x := &firmView{Question: questionLink{q.ID, sentence(q.Title.In(p.Lang)), to}, Back: to + "?form=" + key}
	p.Data = x
	values, _ := c.forms.find(formName(r, q.ID, key), c.now())
	if x.Lost = values == nil; x.Lost {
		x.Back = to
		return http.StatusOK, nil
	}
	a, ok := p.viewer.askingOf(q, values)
	if x.Refused = !ok; x.Refused {
		return http.StatusOK, nil
	}
	book, err := c.books.with(rules, a.settings)
	if err != nil {
		return 0, err
	}
	answer, err := book.Ask(r.Context(), q.ID, a.facts, a.options()...)
	if len(policy.RefusedFacts(err)) > 0 {
		x.Refused = true
		return http.StatusOK, nil
	}
	if err != nil {
		return 0, err
	}
	if x.Answer, err = newAnswer(p.viewer, q, answer); err != nil {
		return 0, err
	}
	if answer.Error != nil {
		return http.StatusOK, nil
	}
	if err := c.trying.take(r.Context()); err != nil {
		return 0, err
	}
	defer c.trying.give()
	return http.StatusOK, p.viewer.fillFirm(r.Context(), x, book, a, answer, p.extend)
}

// askingOf is what a form asks; false where something in it cannot be read.
func (v *viewer) askingOf(q *policy.Question, values url.Values) (asking, bool) {
	f := &form{book: v.book, lang: v.lang, values: values}
	a := asking{question: q}
	var wrong map[string]string
	var unknown []live.Setting
	a.facts, wrong = f.given(q)
	a.settings, unknown = settingsOf(v.book, values)
	if text := values.Get(asOfInput); text != "" {
		t, problem := momentIn(text, v.book.Zone)
		if problem != (policy.Text{}) {
			return a, false
		}
		a.asOf = t
	}
	return a, len(wrong) == 0 && len(unknown) == 0
}

func (v *viewer) fillFirm(ctx context.Context, x *firmView, book *rulebook.Book, a asking, answer *rulebook.Answer, extend func()) error {
	facts, ok := factset.FromJSON(a.facts)
	if !ok {
		return errBadForm
	}
	bounded := func(search func(context.Context) error) error {
		extend()
		within, cancel := context.WithTimeout(ctx, firmTime)
		defer cancel()
		if err := search(within); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		return ctx.Err()
	}
	x.Margins = v.margins(answer)
	if answer.Verdict == policy.Undetermined {
		if err := bounded(func(ctx context.Context) error {
			next, err := whatif.NextFacts(ctx, book, a.question, facts, a.options()...)
			if err == nil {
				v.next(a.question, x, next)
			}
			return err
		}); err != nil {
			return err
		}
	} else if err := bounded(func(ctx context.Context) error {
		found, err := whatif.NearestFlips(ctx, book, a.question, facts, whatif.Target{}, a.options()...)
		if err == nil {
			x.Fewer = !found.All
			for _, f := range found.Nearby[:min(len(found.Nearby), shownFlips)] {
				x.Flips = append(x.Flips, v.flip(a.question, f))
			}
		}
		return err
	}); err != nil {
		return err
	}
	return bounded(func(ctx context.Context) error {
		all, err := whatif.UnderAllReadings(ctx, book, a.question.ID, a.facts, a.options()...)
		if err == nil {
			x.All = v.sideBySide(a.question, all)
		}
		return err
	})
}

// margins are the comparisons that decided, the nearest to their boundary
// first where that can be said: those right at it.
func (v *viewer) margins(a *rulebook.Answer) []marginView {
	var all []marginView
	var walk func(reasons []*whatif.Reason)
	walk = func(reasons []*whatif.Reason) {
		for _, r := range reasons {
			for _, m := range r.Margins {
				x := marginView{Text: r.Text, By: m.By.Text().In(v.lang), At: m.By.IsZero()}
				if !slices.Contains(all, x) {
					all = append(all, x)
				}
			}
			walk(r.Under)
		}
	}
	walk(whatif.Why(a, v.lang))
	slices.SortStableFunc(all, func(a, b marginView) int {
		switch {
		case a.At == b.At:
			return 0
		case a.At:
			return -1
		}
		return 1
	})
	return all[:min(len(all), shownMargins)]
}

// flip says a change, and what it makes of the verdict.
func (v *viewer) flip(q *policy.Question, f whatif.Flip) flipView {
	var parts []string
	for _, c := range f.Changes {
		parts = append(parts, v.changed(q, c))
	}
	x := flipView{Change: strings.Join(parts, v.pick("；且", "; and "))}
	if made, err := newAnswer(v, q, f.Answer); err == nil {
		x.Verdict, x.Figures, x.Tone = made.Verdict, made.Figures(), made.Tone
	}
	return x
}

// changed says a change to a fact in words.
func (v *viewer) changed(q *policy.Question, c whatif.Change) string {
	place := sentence(v.factLabel(q, c.Place.Path.String()))
	show := func(value any) string { return v.factValue(c.Place.Fact, value) }
	switch {
	case c.Gone && c.Place.InList():
		return v.pick("去掉："+place, "without "+place)
	case c.Gone:
		return v.pick("不提供："+place, place+" not given")
	case c.Added:
		return v.pick("多一项："+place+"，"+show(c.To), "one more: "+place+", "+show(c.To))
	case !c.Place.Given:
		return place + v.pick("：", ": ") + show(c.To)
	}
	text := place + v.pick("：", ": ") + show(c.Place.Value) + " → " + show(c.To)
	if c.Place.Value == nil || c.To == nil {
		return text
	}
	if d, ok := whatif.Between(fmt.Sprint(c.Place.Value), fmt.Sprint(c.To)); ok && !d.IsZero() && (d.Kind == whatif.Times || d.Kind == whatif.Days) {
		text += v.pick("（相差 ", " (") + d.Text().In(v.lang) + v.pick("）", " apart)")
	}
	return text
}

// factValue is a value of a tree of facts in words.
func (v *viewer) factValue(f *policy.Fact, value any) string {
	switch x := value.(type) {
	case nil:
		return v.pick("没有", "none")
	case bool:
		return v.scalar(f, fmt.Sprint(x))
	case string:
		return v.scalar(f, x)
	case json.Number:
		return v.scalar(f, x.String())
	case map[string]any:
		var parts []string
		for _, field := range f.Fields {
			if inner, given := x[field.Name]; given {
				parts = append(parts, field.Label.In(v.lang)+" "+v.factValue(field, inner))
			}
		}
		return strings.Join(parts, v.pick("、", ", "))
	case []any:
		if len(x) == 0 || f.Elem == nil {
			return v.pick("没有", "none")
		}
		var parts []string
		for _, item := range x {
			parts = append(parts, v.factValue(f.Elem, item))
		}
		return strings.Join(parts, v.pick("、", ", "))
	}
	return v.scalar(f, fmt.Sprint(value))
}

// next are the facts to ask for, best first.
func (v *viewer) next(q *policy.Question, x *firmView, n *whatif.Next) {
	for _, f := range n.Facts {
		view := nextView{Label: sentence(v.factLabel(q, f.Path)), ID: idOf(f.Path)}
		switch {
		case len(f.Whole) > 0:
			var labels []string
			for _, path := range f.Whole {
				labels = append(labels, v.factLabel(q, path))
			}
			view.Note = v.pick("须一并提供：", "to be given together: ") + strings.Join(labels, v.pick("、", ", "))
		case f.Tried == 0:
		case f.Decides == 0:
			view.Note = v.pick("单凭它还不能判定", "does not decide by itself")
		default:
			view.Note = v.pick(fmt.Sprintf("试了 %d 个值，%d 个即可判定", f.Tried, f.Decides), fmt.Sprintf("of %s, %d would decide", diagnostic.Counted(f.Tried, "value tried", "values tried"), f.Decides))
		}
		x.Next = append(x.Next, view)
	}
	if len(n.Fewest) == 0 {
		return
	}
	var parts []string
	for _, c := range n.Fewest {
		c.Place.Given = false
		parts = append(parts, v.changed(q, c))
	}
	x.Example = strings.Join(parts, v.pick("；", "; ")) + " → " + v.words().Verdict(q, n.Verdict)
}

// sideBySide puts the answers under all readings beside each other.
func (v *viewer) sideBySide(q *policy.Question, r *whatif.Readings) *sideBySide {
	x := &sideBySide{Tried: r.Tried, Holds: r.Holds() && r.Complete, All: r.Complete}
	for _, key := range r.Sampled {
		x.Sampled = append(x.Sampled, v.words().Reading(key))
	}
	shown := r.Outcomes[:min(len(r.Outcomes), shownColumns)]
	x.More = len(r.Outcomes) - len(shown)
	rows := map[string]int{} // by path
	for i, o := range shown {
		column := readingColumn{Own: i == 0, Count: o.Count}
		made, err := newAnswer(v, q, o.Answer)
		if err != nil {
			continue
		}
		column.Verdict, column.Figures, column.Tone = made.Verdict, made.Figures(), made.Tone
		for _, way := range o.Under[:min(len(o.Under), shownUnder)] {
			var parts []string
			for _, choice := range way {
				asks := choice.Reading
				if reading, ok := v.book.Reading(choice.Reading); ok {
					asks = sentence(reading.Asks.In(v.lang))
				}
				parts = append(parts, asks+v.pick("：", ": ")+v.words().Option(choice.Reading, choice.Option))
			}
			column.Under = append(column.Under, strings.Join(parts, v.pick("；且", "; and ")))
		}
		x.Columns = append(x.Columns, column)
		add := func(path, label, text string) {
			at, known := rows[path]
			if !known {
				at = len(x.Rows)
				rows[path] = at
				x.Rows = append(x.Rows, readingRow{Label: label})
			}
			for len(x.Rows[at].Cells) < i {
				x.Rows[at].Cells = append(x.Rows[at].Cells, "–")
			}
			x.Rows[at].Cells = append(x.Rows[at].Cells, orDash(text))
		}
		for _, row := range made.Rows {
			add(row.Path, row.Label, row.Text)
		}
		if o.Answer.Error == nil {
			for _, one := range []struct{ path, label, text string }{
				{"#breaches", v.pick("违反", "breaches"), v.breachesOf(o.Answer)},
				{"#missing", v.pick("缺少的事实", "missing facts"), v.missingOf(q, o.Answer)},
				{"#decisions", v.pick("须由人决定", "for a person to decide"), v.decisionsOf(o.Answer)},
			} {
				if one.text != "" {
					add(one.path, one.label, one.text)
				}
			}
		}
	}
	for i := range x.Rows {
		for len(x.Rows[i].Cells) < len(x.Columns) {
			x.Rows[i].Cells = append(x.Rows[i].Cells, "–")
		}
	}
	x.Rows = slices.DeleteFunc(x.Rows, func(r readingRow) bool { // the same under all
		return !slices.ContainsFunc(r.Cells, func(cell string) bool { return cell != r.Cells[0] })
	})
	return x
}
