package console

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/review"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/internal/tablemap"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/policy"
)

// mappingView is how tables are read, as a page.
type mappingView struct {
	Action  string
	Asked   monthAsked
	Refused *monthRefusal
	Wrong   *monthRefusal // what is to be decided first
	Tables  []mappedView
	Own     []string // files that are read as they are
	ReadAs  []review.ReadAs

	Text         string // of review.yaml
	Tried        bool
	Totals       review.Totals
	Findings     []review.Finding
	MoreFindings int
}

// mappedView is one table.
type mappedView struct {
	Field, File, Was string // name of its fields, which table of the rules it was
	Kinds            []choice
	Doubt            string
	IDs              []choice
	IDDoubt          bool
	Columns          []mappedColumn
	More             int // columns that are not shown
	Unread           []string
	Wrong            string // what is wrong with the first row that cannot be read, and what to do
	LocalShown       bool
	Local            bool
	Zone             string
	Orders           []choice // of dates; none where no date needs it
	Unclear          string
	Words            []mappedWords
}

// mappedColumn is a column of a table.
type mappedColumn struct {
	Field, Heading string
	Cells          []mappedCell
	Facts          []choice
	Doubt          bool // its heading is only like that of the fact
	Taken          bool // a fact is read from it
}

// mappedCell is something in a column, and what is read of it where that is written
// otherwise.
type mappedCell struct{ Cell, Read, Problem, Remedy string }

// mappedWords are the things in a column of words that are none of them.
type mappedWords struct {
	Fact  string
	Cells []mappedWord
}

type mappedWord struct {
	Field, Cell string
	Words       []choice
}

// choice is something to choose.
type choice struct {
	Value, Label string
	On           bool
}

// Bounds of what is shown of a table.
const (
	mappedColumns = 150
	mappedCells   = 3
	mappedUnknown = 20
	trialFindings = 20 // findings of the trial
)

func newMappingView(v *viewer, u *upload, all []mappedTable, asked monthAsked) *mappingView {
	view := &mappingView{Action: u.address(), Asked: asked}
	for at, t := range all {
		if t.proposal.Own {
			view.Own = append(view.Own, t.proposal.File)
			continue
		}
		view.Tables = append(view.Tables, v.mapped("t"+strconv.Itoa(at), t))
	}
	return view
}

// found says what a trial came to.
func (view *mappingView) found(r *review.Report) {
	view.Tried, view.Totals, view.ReadAs = true, r.Totals, r.ReadAs
	n := min(len(r.Findings), trialFindings)
	view.Findings, view.MoreFindings = slices.Clone(r.Findings[:n]), r.MoreFindings+len(r.Findings)-n
	for i := range view.Findings {
		f := &view.Findings[i]
		f.Remedy = onThePage(f.Remedy)
	}
}

// onThePage is a remedy as it is followed here, where it names a key of review.yaml
// that is chosen on the page.
func onThePage(remedy policy.Text) policy.Text {
	switch {
	case strings.Contains(remedy.EN, "dates: day_first"):
		return policy.Text{ZH: "在上面选日期怎样写，再看一遍；或把日期写成 2025-04-03 的样子", EN: "choose above how dates are written, and look again; or write dates as in 2025-04-03"}
	case strings.Contains(remedy.EN, "local_times: true"):
		return policy.Text{ZH: "在上面勾选没有写时区的时刻按哪里的，再看一遍；或写上时区，如 2025-06-03T09:00:00+08:00", EN: "tick above in which zone such times are, and look again; or write the zone, as in 2025-06-03T09:00:00+08:00"}
	}
	return remedy
}

func (v *viewer) mapped(field string, t mappedTable) mappedView {
	p := t.proposal
	m := mappedView{Field: field, File: p.File, Was: p.Table, Kinds: v.kindsOf(p)}
	if wrong := t.table.Unread; wrong != nil {
		m.Wrong = v.pick("第 ", "line ") + strconv.Itoa(wrong.Line) + v.pick(" 行：", ": ") + wrong.Problem.Message.In(v.lang) + v.pick("；", "; ") + wrong.Problem.Remedy.In(v.lang)
	}
	if p.Table == "" {
		return m
	}
	for _, name := range p.Others {
		m.Doubt = v.pick("它也像是 ", "it may as well be ") + name
	}
	m.IDDoubt = !p.RecordIsSure
	m.IDs = append(m.IDs, choice{"", v.pick("选择……", "choose…"), p.Record == ""})
	facts := tablemap.FactsOf(v.book, p.Table, v.lang)
	unread := v.unread(&m, t, facts)
	if len(m.Columns) > mappedColumns {
		m.More, m.Columns = len(m.Columns)-mappedColumns, m.Columns[:mappedColumns]
	}
	m.Unread = unread
	m.LocalShown, m.Local, m.Zone = p.Local || v.zoneless(p), p.Local, v.book.Zone.String()
	if m.Unclear = p.Unclear; p.Unclear != "" || p.Days != "" {
		m.Orders = []choice{
			{"", v.pick("不知道", "not known"), p.Days == ""},
			{string(table.DayFirst), v.pick("日在前", "the day first"), p.Days == table.DayFirst},
			{string(table.MonthFirst), v.pick("月在前", "the month first"), p.Days == table.MonthFirst},
		}
	}
	m.Words = v.wordsToSay(field, p, facts)
	return m
}

// kindsOf are the tables of the rules that a table may be.
func (v *viewer) kindsOf(p tablemap.Proposal) []choice {
	kinds := []choice{{"", v.pick("不读这个表", "leave it out"), p.Table == ""}}
	for _, k := range tablemap.TablesOf(v.book) {
		label := k.Title.In(v.lang)
		if label == "" {
			label = k.Name
		} else {
			label += v.pick("（", " (") + k.Name + v.pick("）", ")")
		}
		kinds = append(kinds, choice{k.Name, label, p.Table == k.Name})
	}
	return kinds
}

// unread fills in the columns, those that are facts first, and names the others.
func (v *viewer) unread(m *mappedView, t mappedTable, facts []tablemap.Fact) []string {
	var others []mappedColumn
	var unread []string
	for at, heading := range t.table.Header {
		if heading == "" || slices.Index(t.table.Header, heading) != at {
			continue
		}
		m.IDs = append(m.IDs, choice{strconv.Itoa(at), heading, heading == t.proposal.Record})
		c := v.column(columnField(m.Field, at), heading, t, facts)
		if c.Taken {
			m.Columns = append(m.Columns, c)
			continue
		}
		others = append(others, c)
		if heading != t.proposal.Record {
			unread = append(unread, heading)
		}
	}
	m.Columns = append(m.Columns, others...)
	return unread
}

func (v *viewer) column(field, heading string, t mappedTable, facts []tablemap.Fact) mappedColumn {
	c := mappedColumn{Field: field, Heading: heading}
	path := ""
	for _, x := range t.proposal.Columns {
		if x.Header == heading {
			path, c.Taken, c.Doubt = x.Path, true, !x.Sure
		}
	}
	c.Facts = []choice{{"", v.pick("不读这一列", "leave it out"), path == ""}}
	for _, f := range facts {
		label := f.Path
		if f.Name != "" {
			label = f.Name
		}
		c.Facts = append(c.Facts, choice{f.Path, label, f.Path == path})
	}
	for _, x := range t.proposal.Readings(v.book, t.table, heading, mappedCells) {
		cell := mappedCell{Cell: x.Cell}
		switch {
		case x.Problem != nil:
			cell.Problem, cell.Remedy = x.Problem.Message.In(v.lang), onThePage(x.Problem.Remedy).In(v.lang)
		default:
			if read := v.readAs(path, t.proposal.Table, x.Read); read != x.Cell {
				cell.Read = read
			}
		}
		c.Cells = append(c.Cells, cell)
	}
	return c
}

// readAs is what was read, as people write it.
func (v *viewer) readAs(path, name, read string) string {
	if at, err := time.Parse(time.RFC3339, read); err == nil {
		return wording.Moment(at.In(v.book.Zone))
	}
	return labelOfWord(tablemap.FactAt(v.book, name, path), read, v.lang)
}

// zoneless reports whether a column holds moments, whose zone somebody may have to
// say.
func (v *viewer) zoneless(p tablemap.Proposal) bool {
	return slices.ContainsFunc(p.Columns, func(c tablemap.Column) bool {
		f := tablemap.FactAt(v.book, p.Table, c.Path)
		return f == nil || f.TypeName == "moment"
	})
}

// wordsToSay are the things in columns of words of which somebody may say which
// word they are.
func (v *viewer) wordsToSay(field string, p tablemap.Proposal, facts []tablemap.Fact) []mappedWords {
	var all []mappedWords
	for _, c := range p.Columns {
		if len(c.Allowed) == 0 || len(c.Words)+len(c.Unknown) == 0 {
			continue
		}
		w := mappedWords{Fact: c.Path}
		if i := slices.IndexFunc(facts, func(f tablemap.Fact) bool { return f.Path == c.Path && f.Name != "" }); i >= 0 {
			w.Fact = facts[i].Name
		}
		of := tablemap.FactAt(v.book, p.Table, c.Path)
		add := func(cell, word string) {
			x := mappedWord{Field: field + ".word." + c.Path + "=" + cell, Cell: cell, Words: []choice{{"", v.pick("不知道", "not known"), word == ""}}}
			for _, a := range c.Allowed {
				x.Words = append(x.Words, choice{a, labelOfWord(of, a, v.lang), a == word})
			}
			w.Cells = append(w.Cells, x)
		}
		for _, x := range c.Words {
			add(x[0], x[1])
		}
		for _, cell := range c.Unknown[:min(len(c.Unknown), mappedUnknown)] {
			add(cell, "")
		}
		all = append(all, w)
	}
	return all
}

// labelOfWord is a word of a fact, or of what is in it where it is a list, as
// people call it.
func labelOfWord(f *policy.Fact, word, lang string) string {
	if f != nil && f.TypeName == "list" {
		f = f.Elem
	}
	if f == nil || f.Words == nil {
		return word
	}
	if label := f.Words.Labels[word].In(lang); label != "" {
		return label
	}
	return word
}
