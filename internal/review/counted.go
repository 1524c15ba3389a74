package review

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/policy"
)

// counted is a record that comes from counting the rows of tables.
type counted struct {
	id    string
	month month
	files []string // that were counted, for any month
	node  *source.Node
}

// counting is what several counts say together: of one section, with the same
// facts beside the numbers.
type counting struct {
	constants []table.Column
	month     string // the fact of the month
	files     []string
	numbers   map[month]map[string]int64 // by fact
}

// counted counts the tables that a section wants counted. Counts that agree in
// all but what they count are about the same records.
func (v *reviewer) counted(s *policy.ReviewSection, records *asked) []*counted {
	var all []*counting
	for _, c := range v.config.counts {
		if c.section != s {
			continue
		}
		i := slices.IndexFunc(all, func(x *counting) bool { return x.month == c.month && sameConstants(x.constants, c.constants) })
		if i < 0 {
			i = len(all)
			all = append(all, &counting{constants: c.constants, month: c.month, numbers: map[month]map[string]int64{}})
		}
		v.count(all[i], c)
	}
	var list []*counted
	for _, x := range all {
		slices.Sort(x.files)
		for _, m := range slices.Sorted(maps.Keys(x.numbers)) {
			if days := m.period(); !v.period.IsZero() && !(v.period.has(days.From) && v.period.has(days.To)) {
				continue
			}
			c := &counted{id: m.String(), month: m, files: x.files}
			if len(all) > 1 { // there are others of the same month
				for _, constant := range x.constants {
					c.id += " " + constant.Constant
				}
			}
			if !v.unused(c.id, x, records) {
				continue
			}
			if c.node = v.countedFacts(x, m); c.node == nil {
				break
			}
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b *counted) int { return natural(a.id, b.id) })
	return list
}

// unused reports whether no table has a record that counting makes.
func (v *reviewer) unused(id string, x *counting, records *asked) bool {
	other := records.byID[id]
	if other == nil {
		return true
	}
	p := table.Duplicate(id, textf("%s 的计数", "the counts of %s", strings.Join(x.files, ", ")))
	other.part.failRow(other.row, p.Code, other.part.header[other.part.at], id, p.Message,
		textf("改这一行的编号，或从 review.yaml 删去这个计数；两者都没有审查", "give the row another id or remove the count from review.yaml; neither was reviewed"))
	return false
}

func sameConstants(a, b []table.Column) bool {
	key := func(list []table.Column) []string {
		var all []string
		for _, c := range list {
			all = append(all, c.Path+"\x00"+c.Constant)
		}
		slices.Sort(all)
		return all
	}
	return slices.Equal(key(a), key(b))
}

var tableMissing = textf("review.yaml 所说的表不在目录里", "the table that review.yaml names is not in the directory")

// missingTable says what to do about a table that is not in the directory: one whose
// name is nearly the same may be meant, which is then no finding of its own.
func (v *reviewer) missingTable(file string) policy.Text {
	near := diagnostic.Nearest(file, slices.DeleteFunc(slices.Clone(v.files), func(name string) bool { return v.raw[name] != nil }))
	if near == "" {
		return textf("放入该文件，或从 review.yaml 删去", "add the file or remove it from review.yaml")
	}
	v.meant = append(v.meant, near)
	return textf("目录里有 %[1]s：在 review.yaml 里写 %[1]s", "the directory has %[1]s: write %[1]s in review.yaml", near)
}

// count adds the rows of a table, by month.
func (v *reviewer) count(into *counting, c *count) {
	if !v.has(c.file) {
		v.found.add(Finding{
			Code: "table_missing", File: c.file, Message: tableMissing, Remedy: v.missingTable(c.file),
		})
		return
	}
	t := v.table(c.file)
	if t.broken {
		return
	}
	at, times := t.column(c.moment)
	if times != 1 {
		t.refuse("unknown_column", t.headerLine, c.moment, "", textf("表中没有列 %q，或有两列", "the table has no column %q, or two", c.moment), table.OneOf(c.moment, t.header))
		return
	}
	if !slices.Contains(into.files, c.file) {
		into.files = append(into.files, c.file)
	}
	columns := []table.Column{{At: at, Header: c.moment, Local: c.local, Fact: momentFact}}
	table.Bind(columns, v.rules.Languages, t.about, v.how(c.file))
	x := columns[0]
	for _, r := range t.rows {
		if at >= len(r.cells) {
			continue
		}
		text := r.cells[at]
		n, problem := x.Node(text, v.rules.Zone)
		if problem != nil {
			t.failRow(r, problem.Code, c.moment, text, problem.Message, problem.Remedy)
			continue
		}
		days, ok := daysIn(n.Text, v.rules.Zone)
		if !ok {
			t.failRow(r, source.CodeNotAMoment, c.moment, text, textf("不是时刻，没有计数", "this is no moment; the row was not counted"),
				textf("写成带时区的时刻，或在 review.yaml 写 local_times: true", "write it with its offset, or local_times: true in review.yaml"))
			continue
		}
		m := monthOf(days.From)
		if into.numbers[m] == nil {
			into.numbers[m] = map[string]int64{}
		}
		into.numbers[m][c.fact]++
	}
}

// countedFacts are the facts of a month, nil where they contradict each other.
func (v *reviewer) countedFacts(x *counting, m month) *source.Node {
	facts := slices.Clone(x.constants)
	for _, fact := range slices.Sorted(maps.Keys(x.numbers[m])) {
		facts = append(facts, table.Column{At: -1, Path: fact, Fact: countFact, Constant: fmt.Sprint(x.numbers[m][fact])})
	}
	facts = append(facts, table.Column{At: -1, Path: x.month, Constant: m.String()})
	root := table.NewMap()
	for _, f := range facts {
		n, problem := f.Node(f.Constant, v.rules.Zone)
		if problem == nil {
			problem = table.Put(root, f.Path, n)
		}
		if problem != nil {
			v.found.add(Finding{Code: problem.Code, File: ConfigName, Column: f.Path, Message: problem.Message, Remedy: problem.Remedy})
			return nil
		}
	}
	return root
}

var (
	momentFact = &policy.Fact{TypeName: "moment"}
	countFact  = &policy.Fact{TypeName: "count"}
)
