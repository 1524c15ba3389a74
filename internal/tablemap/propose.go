// Package tablemap proposes how tables that somebody else has made are read as
// facts of a rulebook: which column is which fact, which word is which, whose
// clocks the times are on. It writes the proposal as the review.yaml that reviews
// read, with comments on what is not certain, for a person to look at.
package tablemap

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/policy"
)

// Table is a table to be mapped: its header and some of its rows.
type Table struct {
	File   string
	Name   string // of the table of the rules that its name says, "" for none
	Header []string
	Rows   [][]string
	About  table.About
	// Unread is the first row of those looked at that cannot be read; nil for none.
	Unread *table.RowError
}

// Proposal says how a table is read.
type Proposal struct {
	File         string
	Table        string // of the rules; "" where none fits
	Section      string // the only one that reads that table, "" where there are several
	Own          bool   // it needs no mapping: its columns are called by facts or labels
	Agreed       bool   // somebody said so: nothing is uncertain
	Record       string // the column of the ids, "" where none is found
	RecordIsSure bool
	Columns      []Column
	Others       []string // tables of the rules that it is as much like
	Unused       []Unused
	Local        bool // times have no zone
	Days         table.DayOrder
	Unclear      string // a date that may be two where nothing settles it, "" for none
}

// Column says of which fact a column is.
type Column struct {
	Path, Header string
	Label        policy.Text
	Sure         bool
	Words        [][2]string // what stands there, and the word that it is; ascending
	Unknown      []string    // what stands there and is no value of the fact
	Allowed      []string    // words

	moment bool
	same   bool // is called like the fact, if not for sure
}

// Certain reports whether some column is called by the name of a fact, by a label
// of it or by its field alone. Headings that are merely alike say nothing about
// what a table is: it may be of something else altogether.
func (p *Proposal) Certain() bool {
	return p.Agreed || slices.ContainsFunc(p.Columns, func(c Column) bool { return c.same })
}

// Unused is a column that is no fact, with some of what stands in it.
type Unused struct {
	Header string
	Values []string
}

// maxWords is how many different values of a column are looked at.
const maxWords = 50

// Propose proposes how a table is read.
func Propose(b *policy.Rulebook, t Table) Proposal {
	if isOfList(b, t.Name) { // read by its name, or not at all
		return Proposal{File: t.File, Table: t.Name, Own: true}
	}
	var best Proposal
	score := -1
	for _, name := range tablesOf(b) {
		p := proposeFor(b, t, name)
		if p.Own {
			return p
		}
		n := 0
		for _, c := range p.Columns {
			if n += 2; c.Sure {
				n++
			}
			if c.moment {
				n += 2 // says more than a name
			}
		}
		if name == t.Name {
			n += 2
		}
		switch {
		case n > score:
			best, score = p, n
		case n == score && len(p.Columns) > 0:
			best.Others = append(best.Others, name)
		}
	}
	if len(best.Columns) == 0 {
		best = Proposal{File: t.File, Unused: best.Unused}
	}
	return best
}

// isOfList reports whether a table is called as one that holds what is in a list of
// the records of another.
func isOfList(b *policy.Rulebook, name string) bool {
	for _, of := range tablesOf(b) {
		path, ok := strings.CutPrefix(name, of+".")
		if !ok {
			continue
		}
		for _, f := range table.FactsOf(b.Review.QuestionsOf(of)...) {
			found := false
			listsOf(f.Fact, f.Name, func(at string, _ *policy.Fact) { found = found || at == path })
			if found {
				return true
			}
		}
	}
	return false
}

// tablesOf are the tables that the rules read, in order.
func tablesOf(b *policy.Rulebook) []string {
	var names []string
	if b.Review == nil {
		return nil
	}
	for _, s := range b.Review.Sections {
		for _, name := range append([]string{s.Table}, withTables(s)...) {
			if name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

func withTables(s *policy.ReviewSection) []string {
	var all []string
	for _, w := range s.With {
		all = append(all, w.Table)
	}
	return all
}

// sectionOf is the only section that reads a table; "" where several do, or where
// one asks something else beside it.
func sectionOf(b *policy.Rulebook, name string) string {
	only := ""
	for _, s := range b.Review.Sections {
		if slices.Contains(withTables(s), name) || s.Table == name && only != "" {
			return ""
		}
		if s.Table == name {
			only = s.Name
		}
	}
	return only
}

func proposeFor(b *policy.Rulebook, t Table, name string) Proposal {
	p := Proposal{File: t.File, Table: name}
	questions := b.Review.QuestionsOf(name)
	p.Section = sectionOf(b, name)
	leaves := leavesIn(b, t, name)
	names, _ := table.Named(t.Header, b.Languages, table.FactsOf(questions...)...)
	used := map[int]bool{}
	for near := table.AlikeName; near >= table.AlikePart; near-- {
		if near == table.AlikePart {
			p.idColumn(t, used)
		}
		for _, leaf := range leaves {
			if slices.ContainsFunc(p.Columns, func(c Column) bool { return c.Path == leaf.Path }) {
				continue
			}
			best := -1
			several := false
			for i, h := range t.Header {
				if h == "" || used[i] || table.IsRemark(h) {
					continue
				}
				alike := table.Alike(h, leaf.Path, labelsOf(b, leaf.Fact)...)
				if names[i] == leaf.Path {
					alike = table.AlikeName
				} else if alike == table.AlikeName && names[i] != h {
					alike = 0 // it is the label of another
				}
				if alike < near || near < table.AlikeName && !fits(leaf, t, i) {
					continue
				}
				if best >= 0 {
					several = true
				} else {
					best = i
				}
			}
			if best < 0 {
				continue
			}
			used[best] = true
			c := p.column(b, t, leaf, best, near == table.AlikeName && !several)
			c.same = near >= table.AlikeField
			p.Columns = append(p.Columns, c)
		}
	}
	p.record(t, used)
	for i, h := range t.Header {
		if h != "" && !used[i] && !table.IsRemark(h) && !isWhole(questions, names[i]) {
			p.Unused = append(p.Unused, Unused{h, valuesOf(t, i, 3)})
		}
	}
	p.Own = p.Record != "" && len(p.Unused) == 0 && p.Record == t.Header[0] && name == t.Name && !p.Local && p.Unclear == "" && p.Days == ""
	for _, c := range p.Columns {
		at := slices.Index(t.Header, c.Header)
		p.Own = p.Own && names[at] == c.Path && len(c.Words) == 0 && len(c.Unknown) == 0
	}
	return p
}

// isWhole reports whether a path is that of a record or a list, of which a cell
// says no more than that there is none.
func isWhole(questions []*policy.Question, path string) bool {
	return slices.ContainsFunc(questions, func(q *policy.Question) bool {
		f, ok := q.FactAt(path)
		return ok && (f.TypeName == "record" || table.IsTable(f))
	})
}

// leavesOf are the columns that a fact may have.
func leavesOf(f *policy.Fact, path string, into *[]table.Column) {
	switch {
	case f.TypeName == "record":
		for _, x := range f.Fields {
			leavesOf(x, path+"."+x.Name, into)
		}
	case !table.IsTable(f):
		*into = append(*into, table.Column{Path: path, Fact: f})
	}
}

func labelsOf(b *policy.Rulebook, f *policy.Fact) []string {
	if f == nil {
		return []string{table.AsOfLabel.ZH, table.AsOfLabel.EN}
	}
	var all []string
	for _, lang := range b.Languages {
		all = append(all, f.Label.In(lang))
	}
	return all
}

// fits reports whether most of what stands in a column may be values of a fact.
func fits(c table.Column, t Table, at int) bool {
	said, likely := 0, 0
	for _, row := range t.Rows {
		if at >= len(row) || row[at] == "" {
			continue
		}
		said++
		if c.Likely(row[at]) {
			likely++
		}
	}
	if c.Fact != nil && c.Fact.TypeName == "word" {
		return said > 0 && len(valuesOf(t, at, maxWords+1)) <= maxWords
	}
	return said == 0 || 2*likely >= said
}

// column says what is known of a column that is a fact.
func (p *Proposal) column(b *policy.Rulebook, t Table, leaf table.Column, at int, sure bool) Column {
	c := Column{Path: leaf.Path, Header: t.Header[at], Sure: sure, Label: table.AsOfLabel}
	if leaf.Fact != nil {
		c.Label, c.moment = leaf.Fact.Label, leaf.Fact.TypeName == "moment"
	}
	words := wordsOf(leaf.Fact)
	c.Allowed = words
	var settled [2]bool
	for _, v := range valuesOf(t, at, 10_000) {
		if leaf.Zoneless(v) && !t.About.Workbook {
			p.Local = true
		}
		switch order, either := leaf.Settles(v); {
		case either && p.Unclear == "":
			p.Unclear = v
		case order == table.DayFirst:
			settled[0] = true
		case order == table.MonthFirst:
			settled[1] = true
		}
		if leaf.Likely(v) || len(c.Words)+len(c.Unknown) == maxWords {
			continue
		}
		if word := nearestWord(b, leaf.Fact, v); word != "" {
			c.Words = append(c.Words, [2]string{v, word})
		} else {
			c.Unknown = append(c.Unknown, v)
		}
	}
	if p.Unclear != "" && settled[0] != settled[1] {
		p.Days = table.MonthFirst
		if settled[0] {
			p.Days = table.DayFirst
		}
	}
	return c
}

func wordsOf(f *policy.Fact) []string {
	if f != nil && f.TypeName == "list" {
		f = f.Elem
	}
	if f == nil || f.Words == nil {
		return nil
	}
	return f.Words.Words
}

// nearestWord is the only word that a value is like, "" for none.
func nearestWord(b *policy.Rulebook, f *policy.Fact, value string) string {
	if f == nil || f.Words == nil {
		return ""
	}
	found := ""
	for _, word := range f.Words.Words {
		labels := []string{}
		for _, lang := range b.Languages {
			labels = append(labels, f.Words.Labels[word].In(lang))
		}
		if table.Alike(value, word, labels...) > 0 || digitsOf(value) == value && digitsOf(word) == value {
			if found != "" {
				return ""
			}
			found = word
		}
	}
	return found
}

// digitsOf are the digits of a text.
func digitsOf(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
}

// valuesOf are different things that stand in a column, ascending, some of them.
func valuesOf(t Table, at, most int) []string {
	seen := map[string]bool{}
	var all []string
	for _, row := range t.Rows {
		if at >= len(row) {
			continue
		}
		v := strings.TrimSpace(row[at])
		if v == "" || seen[v] {
			continue
		}
		seen[v] = true
		if all = append(all, v); len(all) == most {
			break
		}
	}
	slices.Sort(all)
	return all
}

// idColumn finds the column of the ids by what it is called: one that is called
// so, else the first that is called as ids are and whose values are all there and
// all different. Counted rows are no ids where there is another.
func (p *Proposal) idColumn(t Table, used map[int]bool) {
	best, rank := -1, 0
	for i, h := range t.Header {
		if used[i] || table.IsRemark(h) || !table.IsIDHeading(h) || len(t.Rows) > 0 && len(firstOf(t, i, 1)) == 0 {
			continue // lines of JSON have a column of ids that may say nothing
		}
		n := 0
		switch {
		case table.IsRecordHeading(h):
			n = 3
		case !allDifferent(t, i):
		case strings.HasSuffix(h, "序号"):
			n = 1
		default:
			n = 2
		}
		if n > rank {
			best, rank = i, n
		}
	}
	if best >= 0 {
		p.takeRecord(t, best, rank == 3 && (len(t.Rows) == 0 || allDifferent(t, best)), used)
	}
}

func (p *Proposal) takeRecord(t Table, at int, sure bool, used map[int]bool) {
	p.Record, p.RecordIsSure, used[at] = t.Header[at], sure, true
}

// record finds the column of the ids by what stands in it, where none is called so:
// the first whose values are all there and all different, a fact that is called as ids
// are, or else a column that is called so and says the most different things.
func (p *Proposal) record(t Table, used map[int]bool) {
	if p.Record != "" {
		return
	}
	for i, h := range t.Header {
		if !used[i] && h != "" && !table.IsRemark(h) && allDifferent(t, i) {
			p.takeRecord(t, i, false, used)
			return
		}
	}
	for i, h := range t.Header {
		if table.IsIDHeading(h) && allDifferent(t, i) {
			p.Record = h
			return
		}
	}
	// One id that is missing, or there twice, is told by who reads the table, row by row.
	best, most := -1, -1
	for i, h := range t.Header {
		if !used[i] && table.IsIDHeading(h) && slices.Index(t.Header, h) == i && different(t, i) > most {
			best, most = i, different(t, i)
		}
	}
	if best >= 0 && (most > 0 || len(t.Rows) == 0) {
		p.takeRecord(t, best, false, used)
	}
}

// different is how many things a column says.
func different(t Table, at int) int {
	seen := map[string]bool{}
	for _, row := range t.Rows {
		if at < len(row) && row[at] != "" {
			seen[row[at]] = true
		}
	}
	return len(seen)
}

// allDifferent reports whether there are rows, and a column says something else in
// each of them. Rows of one cell are notes and sums below the table.
func allDifferent(t Table, at int) bool {
	seen := map[string]bool{}
	for _, row := range t.Rows {
		if said := slices.DeleteFunc(slices.Clone(row), func(cell string) bool { return strings.TrimSpace(cell) == "" }); len(said) < 2 && len(row) > 1 {
			continue
		}
		if at >= len(row) || row[at] == "" || seen[row[at]] {
			return false
		}
		seen[row[at]] = true
	}
	return len(seen) > 0
}
