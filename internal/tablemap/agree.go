package tablemap

import (
	"cmp"
	"slices"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/policy"
)

// Choice is how somebody says that a table is read.
type Choice struct {
	Table  string                       // of the rules; "" leaves it out
	Record string                       // the heading of the column of the ids
	Facts  map[string]string            // by heading: the path of the fact; other columns are left out
	Words  map[string]map[string]string // by path: the word that something in the table is
	Local  bool                         // times without a zone are in the rulebook's
	Days   table.DayOrder
}

// Agreed is how a table is read as somebody says. Of what he says nothing about,
// it tells what is not understood.
func Agreed(b *policy.Rulebook, t Table, c Choice) Proposal {
	p := Proposal{File: t.File, Agreed: true}
	if !slices.Contains(tablesOf(b), c.Table) {
		return p
	}
	p.Table, p.Section = c.Table, sectionOf(b, c.Table)
	leaves := leavesIn(b, t, c.Table)
	for at, heading := range t.Header {
		i := slices.IndexFunc(leaves, func(leaf table.Column) bool { return leaf.Path == c.Facts[heading] })
		if heading == "" || i < 0 || slices.Index(t.Header, heading) != at {
			continue
		}
		column := p.column(b, t, leaves[i], at, true)
		column.settle(c.Words[column.Path])
		p.Columns = append(p.Columns, column)
	}
	if slices.Contains(t.Header, c.Record) {
		p.Record, p.RecordIsSure = c.Record, true
	}
	p.unused(t)
	p.Local, p.Days = c.Local, c.Days
	return p
}

// settle takes over which words somebody says that things in the column are.
func (c *Column) settle(said map[string]string) {
	for _, x := range c.Words {
		c.Unknown = append(c.Unknown, x[0])
	}
	slices.Sort(c.Unknown)
	c.Words = nil
	c.Unknown = slices.DeleteFunc(c.Unknown, func(v string) bool {
		word := said[v]
		if !slices.Contains(c.Allowed, word) {
			return false
		}
		c.Words = append(c.Words, [2]string{v, word})
		return true
	})
}

// unused notes the columns that are neither facts nor ids.
func (p *Proposal) unused(t Table) {
	for i, h := range t.Header {
		if h == "" || h == p.Record || table.IsRemark(h) || slices.ContainsFunc(p.Columns, func(c Column) bool { return c.Header == h }) {
			continue
		}
		p.Unused = append(p.Unused, Unused{h, valuesOf(t, i, 3)})
	}
}

// leavesIn are the facts that a column of a table may be, for one of the tables of
// the rules.
func leavesIn(b *policy.Rulebook, t Table, name string) []table.Column {
	var leaves []table.Column
	for _, f := range table.FactsOf(b.Review.QuestionsOf(name)...) {
		leavesOf(f.Fact, f.Name, &leaves)
	}
	leaves = append(leaves, table.Column{Path: table.AsOf})
	table.Bind(leaves, b.Languages, t.About, table.How{})
	return leaves
}

// Reading is something in a column, and what is read of it.
type Reading struct {
	Cell    string
	Read    string         // as in facts; "" where there is a problem
	Problem *table.Problem // nil where it is read
}

// Readings are some of what stands in a column, and what is read of each. Of a
// heading that is no fact, nothing is read.
func (p *Proposal) Readings(b *policy.Rulebook, t Table, heading string, most int) []Reading {
	var all []Reading
	at := slices.Index(t.Header, heading)
	column, isFact := p.bound(b, t, heading)
	for _, v := range firstOf(t, at, most) {
		r := Reading{Cell: v}
		if isFact {
			r.Read, r.Problem = readAs(column, v, b.Zone)
		}
		all = append(all, r)
	}
	return all
}

func readAs(c table.Column, cell string, zone *time.Location) (string, *table.Problem) {
	text := c.Text([]string{cell})
	n, problem := c.Node(text, zone)
	switch {
	case problem != nil || n == nil:
		return "", problem
	case !c.Likely(text):
		return "", &table.Problem{Code: "not_understood", Message: diagnostic.Textf("读不懂", "this is not understood"), Remedy: diagnostic.Textf("改选这一列是什么；是词语的，说明它是哪个词", "choose another fact for the column; of a word, say which one it is")}
	}
	return cmp.Or(n.Text, text), nil
}

// bound is the column of a heading, to read its cells by; false where it is no fact.
func (p *Proposal) bound(b *policy.Rulebook, t Table, heading string) (table.Column, bool) {
	for _, c := range p.Columns {
		if c.Header != heading {
			continue
		}
		one := []table.Column{{Header: heading, Path: c.Path, Fact: FactAt(b, p.Table, c.Path), Local: p.Local, Days: p.Days}}
		if len(c.Words) > 0 {
			one[0].Words = map[string]string{}
			for _, x := range c.Words {
				one[0].Words[x[0]] = x[1]
			}
		}
		table.Bind(one, b.Languages, t.About, table.How{})
		return one[0], true
	}
	return table.Column{}, false
}

// firstOf are different things that stand in a column, the first of them.
func firstOf(t Table, at, most int) []string {
	var all []string
	for _, row := range t.Rows {
		if len(all) == most || at < 0 {
			break
		}
		if at < len(row) && row[at] != "" && !slices.Contains(all, row[at]) {
			all = append(all, row[at])
		}
	}
	return all
}

// Fact is a fact that a column may be.
type Fact struct {
	Path string
	Name string // as people call it, "" where only the path names it
}

// FactsOf are the facts that a column of a table may be, for one of the tables of
// the rules, as they are called in a language.
func FactsOf(b *policy.Rulebook, name, lang string) []Fact {
	var all []Fact
	facts := table.FactsOf(b.Review.QuestionsOf(name)...)
	var leaves []table.Column
	for _, f := range facts {
		leavesOf(f.Fact, f.Name, &leaves)
	}
	for _, c := range leaves {
		f := Fact{Path: c.Path}
		if called := heading(b, lang, c, facts); called != c.Path {
			f.Name = called
		}
		all = append(all, f)
	}
	return append(all, Fact{table.AsOf, table.AsOfLabel.In(lang)})
}

// Named is a table of the rules, as people call it.
type Named struct {
	Name  string
	Title policy.Text
}

// TablesOf are the tables of the rules that a table may be, in their order.
func TablesOf(b *policy.Rulebook) []Named {
	var all []Named
	for _, name := range tablesOf(b) {
		all = append(all, Named{name, aboutOf(b, name)})
	}
	return all
}

// As proposes how a table is read as one of the tables of the rules.
func As(b *policy.Rulebook, t Table, name string) Proposal { return proposeFor(b, t, name) }

// FactAt is a fact that a column of a table may be; nil for as_of, and where there
// is none.
func FactAt(b *policy.Rulebook, name, path string) *policy.Fact {
	for _, q := range b.Review.QuestionsOf(name) {
		if f, ok := q.FactAt(path); ok {
			return f
		}
	}
	return nil
}
