package console

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/headline"
	"github.com/servicerules/rulebook/internal/review"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/kpi"
	"github.com/servicerules/rulebook/policy"
)

// reviewView is a review as a page.
type reviewView struct {
	Key, Title, Book, Month, AsOf string
	SHA256                        string
	Editions                      string
	Sample                        bool
	Tiles                         []tile
	Gauges                        []gaugeTable
	Overdue, Soon                 []watched
	OverdueCount, SoonCount       int
	Later                         int  // running, and due later
	Only                          bool // one section, of which this is a page
	Back                          string
	SoonDays                      int
	Sections                      []sectionView
	NotReviewed                   []string
	Open                          []openGroup
	Findings                      []review.Finding
	MoreFindings                  int
	Files                         []string
	All                           string // address of everything as a table
	Says                          string // what records are looked for by
	Found                         int
	Erase                         string // where an erasure is sent to; "" where there is none
	Record                        string // where it is put on record from; "" where it cannot be
}

type tile struct {
	Label string
	N     int
	Class string
	Href  string
}

// gaugeTable is a section's records against their thresholds.
type gaugeTable struct {
	Title   string
	Bounds  []string
	Columns []string
	Rows    []gaugeRow
	More    bool
}

type gaugeRow struct {
	Record, Verdict, Class string
	Open                   bool
	Cells                  []*gauge // nil where there is none
}

// watched is a matter whose clock runs.
type watched struct {
	Record, Section, Rule, Start, Due, Left string
	Liable                                  []string
}

type sectionView struct {
	Name, Title, Note, Anchor string
	Records                   int
	Verdicts                  []verdictCount
	Provisional               int
	Columns                   []review.Column
	Totals                    []columnTotal // one for each column; nil where none is added up
	Rows                      []recordView
	More                      int
	CSV                       string
	Compare                   []review.Cross
	Page, Pages               int
	Previous, Next            string       // addresses, "" where there is none
	Found                     int          // records that were looked for
	Months                    *review.Grid // each month of a longer period; nil for none
}

// columnTotal is what a column adds up to, "" where it is not added up.
type columnTotal struct {
	Text    string
	Unknown int // records that are not in it
}

type verdictCount struct {
	Label string
	N     int
	Class string
}

type recordView struct {
	ID, Verdict, Class string
	Provisional        bool
	Cells              []string
	Breaches           []string
	Liable             []string
	Missing            []string
	Decisions          []string
	Error              string
	With               []withView
}

type withView struct{ Title, Shown, Class, Absent string }

// openGroup is something that kept records from being decided.
type openGroup struct {
	Section, What, Label string
	Records              []string
	More                 int
}

// soonDays is how many days ahead the page looks.
const soonDays = 7

// newReview is a review as a page: all of it, or a page of one section.
func newReview(v *viewer, m *month, only string, number int, says string) (*reviewView, error) {
	r := m.report
	to := "/month/" + url.PathEscape(m.key)
	x := &reviewView{
		Key: m.key, Title: r.Title.In(v.lang), Book: r.Rulebook.Title.In(v.lang), SHA256: r.Rulebook.SHA256, SoonDays: soonDays,
		Editions: strings.Join(r.Rulebook.Editions, v.pick("、", ", ")), Sample: m.sample, Files: m.files, All: to + "/all.csv", Back: to, Says: plainly(says),
	}
	if r.Period != nil {
		x.Month = r.Period.Label.In(v.lang)
	}
	if t, err := time.Parse(time.RFC3339Nano, r.AsOf); err == nil {
		x.AsOf = wording.Moment(t.In(m.book.Zone))
	}
	x.Tiles = v.tiles(r.Totals)
	for i := range r.Sections {
		s := &r.Sections[i]
		if x.Only = s.Name == only; x.Only {
			view, err := v.section(m, s, number, says)
			x.Sections = append(x.Sections, view)
			return x, err
		}
	}
	x.Findings, x.MoreFindings = r.Findings, r.MoreFindings
	for i := range r.Sections {
		s := &r.Sections[i]
		if s.Missing != "" && m.sections[s.Name] == nil {
			x.NotReviewed = append(x.NotReviewed, s.Title.In(v.lang)+v.pick("（", " (")+s.Missing+v.pick("）", ")"))
			continue
		}
		view, err := v.section(m, s, 1, says)
		if err != nil {
			return nil, err
		}
		if says != "" { // nothing but what is looked for
			if x.Found += view.Found; view.Found > 0 {
				x.Sections = append(x.Sections, view)
			}
			continue
		}
		x.Sections = append(x.Sections, view)
		if g := v.gaugeTable(m, s); g != nil {
			x.Gauges = append(x.Gauges, *g)
		}
		v.watch(m, s, x)
		x.Open = append(x.Open, v.open(s)...)
	}
	byDue := func(a, b watched) int { return strings.Compare(a.Due+a.Record, b.Due+b.Record) }
	slices.SortFunc(x.Overdue, byDue)
	slices.SortFunc(x.Soon, byDue)
	return x, nil
}

func (v *viewer) tiles(t review.Totals) []tile {
	all := []tile{
		{v.pick("审查的记录", "records reviewed"), t.Records, "", "#sections"},
		{v.pick("有违反的记录", "records with a breach"), t.Breached, "bad", "#sections"},
		{v.pick("须由人决定", "for a person to decide"), t.Decisions, "open", "#open"},
		{v.pick("缺事实", "a fact is missing"), t.Undecided, "open", "#open"},
	}
	if t.Failed > 0 {
		all = append(all, tile{v.pick("无法计算", "not computable"), t.Failed, "bad", "#open"})
	}
	if t.Unreadable > 0 {
		all = append(all, tile{v.pick("读不了的行", "rows unreadable"), t.Unreadable, "bad", "#findings"})
	}
	if t.Outside > 0 {
		all = append(all, tile{v.pick("属于其他月份", "of other months"), t.Outside, "", ""})
	}
	return all
}

// section is a page of a section's records, from 1; where something is looked
// for, the first that say it, whether they are listed else or not.
func (v *viewer) section(m *month, s *review.Section, number int, says string) (sectionView, error) {
	to := "/month/" + url.PathEscape(m.key)
	x := sectionView{
		Name: s.Name, Title: s.Title.In(v.lang), Note: s.Note.In(v.lang), Anchor: "s-" + s.Name, Records: s.Totals.Records, Provisional: s.Provisional,
		Columns: s.Columns, Compare: s.Compare, CSV: to + "/" + url.PathEscape(s.Name) + ".csv", Months: s.MonthGrid(v.lang),
	}
	kept := m.sections[s.Name]
	for _, t := range s.Verdicts {
		class := ""
		if kept != nil {
			class = kept.classes[t.Verdict]
		}
		x.Verdicts = append(x.Verdicts, verdictCount{t.Label.In(v.lang), t.Records, class})
	}
	if slices.ContainsFunc(s.Columns, func(c review.Column) bool { return c.Added() }) {
		for _, c := range s.Columns {
			x.Totals = append(x.Totals, columnTotal{c.Total(v.lang), c.Unknown})
		}
	}
	if kept == nil {
		return x, nil
	}
	if says != "" {
		return x, m.each(kept.from, kept.to, func(_ int64, r *keptRecord) (bool, error) {
			if row := v.record(r); row.says(says) {
				if x.Found++; len(x.Rows) < shownRecords {
					x.Rows = append(x.Rows, row)
				}
			}
			return true, nil
		})
	}
	x.More = s.Totals.Records - kept.listed
	if x.Pages = len(kept.pages); x.Pages == 0 {
		return x, nil
	}
	x.Page = min(number, x.Pages)
	address := func(page int) string {
		return to + "?" + url.Values{"section": {s.Name}, "page": {itoa(page)}}.Encode()
	}
	if x.Page > 1 {
		x.Previous = address(x.Page - 1)
	}
	if x.Page < x.Pages {
		x.Next = address(x.Page + 1)
	}
	return x, m.each(kept.pages[x.Page-1], kept.to, func(_ int64, r *keptRecord) (bool, error) {
		if r.Record.Listed {
			x.Rows = append(x.Rows, v.record(r))
		}
		return len(x.Rows) < shownRecords, nil
	})
}

func answerClass(a *review.Answer) string {
	switch {
	case a.Error != nil || len(a.Breaches) > 0:
		return "bad"
	case len(a.Missing) > 0 || len(a.Decisions) > 0 || a.Verdict == policy.Undetermined:
		return "open"
	}
	return ""
}

func (v *viewer) record(k *keptRecord) recordView {
	r := &k.Record
	x := recordView{ID: r.ID, Verdict: r.Answer.Label.In(v.lang), Class: answerClass(&r.Answer), Provisional: r.Answer.Provisional}
	if k.NotMet {
		x.Class = "bad"
	}
	for _, c := range r.Cells {
		x.Cells = append(x.Cells, c.In(v.lang))
	}
	x.Breaches, x.Liable, x.Missing, x.Decisions = v.factsOf(&r.Answer)
	if r.Answer.Error != nil {
		x.Error = r.Answer.Error.In(v.lang)
	}
	for _, w := range r.With {
		x.With = append(x.With, v.with(&w))
	}
	return x
}

// says reports whether something stands in what is shown of a record, in any
// case: its number, its outcome, a cell, who answers for it, what is missing.
func (r *recordView) says(text string) bool {
	text = strings.ToLower(text)
	for _, list := range [][]string{{r.ID, r.Verdict, r.Error}, r.Cells, r.Breaches, r.Liable, r.Missing, r.Decisions} {
		if slices.ContainsFunc(list, func(s string) bool { return strings.Contains(strings.ToLower(s), text) }) {
			return true
		}
	}
	return false
}

// with shows the answer to the other question, and what stands in its way.
func (v *viewer) with(w *review.With) withView {
	x := withView{Title: w.Title.In(v.lang), Shown: w.Shown.In(v.lang), Class: answerClass(&w.Answer), Absent: w.Absent}
	if label := w.Answer.Label.In(v.lang); x.Shown != label {
		if x.Shown == "" {
			x.Shown = label
		} else {
			x.Shown = label + v.pick("：", ": ") + x.Shown
			x.Class = cmp.Or(x.Class, "open")
		}
	}
	return x
}

// factsOf are the parts of an answer, each in words.
func (v *viewer) factsOf(a *review.Answer) (breaches, liable, missing, decisions []string) {
	for _, b := range a.Breaches {
		breaches = append(breaches, b.Label.In(v.lang)+v.pick("（", " (")+b.Where.In(v.lang)+v.pick("）", ")"))
	}
	for _, f := range a.Missing {
		missing = append(missing, f.Label.In(v.lang))
	}
	for _, d := range a.Decisions {
		decisions = append(decisions, d.In(v.lang))
	}
	return breaches, v.liable(a.Liable), missing, decisions
}

func (v *viewer) liable(list []review.Liable) (all []string) {
	for _, l := range list {
		all = append(all, strings.TrimSpace(l.Label.In(v.lang)+" "+l.Person))
	}
	return all
}

func (v *viewer) gaugeTable(m *month, s *review.Section) *gaugeTable {
	t := &gaugeTable{Title: s.Title.In(v.lang)}
	kept := m.sections[s.Name]
	if kept == nil {
		return nil
	}
	t.More = len(kept.gauges) == shownGauges
	var rules []string // labels, in the order of the columns
	for _, d := range kept.gauges {
		row := gaugeRow{Record: d.id, Verdict: d.label.In(v.lang), Class: "met", Open: d.open, Cells: make([]*gauge, len(rules))}
		for _, g := range d.gauges {
			x := newGauge(v, g.rule, g.gauge)
			at := slices.Index(rules, x.Title)
			if at < 0 {
				at = len(rules)
				rules, t.Bounds, row.Cells = append(rules, x.Title), append(t.Bounds, x.Bound), append(row.Cells, nil)
			} else if t.Bounds[at] != x.Bound {
				t.Bounds[at] = "" // not the same for all records: each cell says its own
			}
			row.Cells[at] = &x
			if g.gauge.Verdict == kpi.NotMet {
				row.Class = "not_met"
			}
		}
		t.Rows = append(t.Rows, row)
	}
	if len(t.Rows) == 0 {
		return nil
	}
	for i := range t.Rows {
		for len(t.Rows[i].Cells) < len(rules) {
			t.Rows[i].Cells = append(t.Rows[i].Cells, nil)
		}
	}
	t.Columns = rules
	return t
}

// watch lists the matters of a section that are overdue or run.
func (v *viewer) watch(m *month, s *review.Section, x *reviewView) {
	kept := m.sections[s.Name]
	if kept == nil {
		return
	}
	list := func(l watchList) (all []watched) {
		for _, r := range l.list {
			w := watched{
				Record: r.id, Section: s.Title.In(v.lang), Rule: r.rule.Label.In(v.lang), Due: v.due(r.clock.Due),
				Left: v.span(r.clock.Due.End.Sub(r.clock.AsOf)), Liable: v.liable(r.liable),
			}
			if !r.clock.Start.IsZero() { // what is due may be given without a start
				w.Start = wording.Moment(r.clock.Start.In(m.book.Zone))
			}
			all = append(all, w)
		}
		return all
	}
	x.Overdue, x.OverdueCount = append(x.Overdue, list(kept.overdue)...), x.OverdueCount+kept.overdue.n
	x.Soon, x.SoonCount = append(x.Soon, list(kept.soon)...), x.SoonCount+kept.soon.n
	x.Later += kept.later
}

// span is a stretch of time in days, or in hours where it is short.
func (v *viewer) span(d time.Duration) string { return headline.Left(d, v.lang) }

// open are the reasons why records of a section could not be decided.
func (v *viewer) open(s *review.Section) []openGroup {
	var all []openGroup
	section := s.Title.In(v.lang)
	add := func(what string, groups []review.Group) {
		for _, g := range groups {
			n := min(len(g.Records), shownNames)
			all = append(all, openGroup{section, what, g.Label.In(v.lang), g.Records[:n], g.More + len(g.Records) - n})
		}
	}
	add(v.pick("无法计算", "not computable"), s.Errors)
	add(v.pick("缺事实", "missing fact"), s.MissingFacts)
	add(v.pick("须由人决定", "to be decided"), s.Decisions)
	return all
}
