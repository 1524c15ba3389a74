package review

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/policy"
)

// ConfigName is the file of a directory that says how its tables are reviewed.
const ConfigName = "review.yaml"

// config is review.yaml.
type config struct {
	asOf   time.Time
	period Period
	how    table.How // the tables are written
	tables []*mapping
	counts []*count
}

// mapping says how a table in a format of its own is read, and of which table
// of the rules its rows are.
type mapping struct {
	*table.Mapping
	file    string
	table   string                // of the rules
	section *policy.ReviewSection // the only one that asks about the rows; nil for all of the table
	compare *compare
}

type compare struct {
	column  string
	metWhen string
	classes map[string]string // verdict → "met" or "not_met"
}

// count makes records of a section from the rows of a table, one a month.
type count struct {
	file      string
	moment    string
	section   *policy.ReviewSection
	fact      string
	month     string
	local     bool
	constants []table.Column
}

// same reports whether two counts would count the same rows to the same number.
func (c *count) same(x *count) bool {
	return c.file == x.file && c.moment == x.moment && c.section == x.section && c.fact == x.fact && c.month == x.month && sameConstants(c.constants, x.constants)
}

type configReader struct {
	table.ConfigReader
	book    *policy.Rulebook
	isTable func(file string) bool // by its name
}

// readConfig reads review.yaml. It is read whole or not at all.
func readConfig(data []byte, book *policy.Rulebook, isTable func(file string) bool) (*config, diagnostic.List) {
	root, found := source.Parse(ConfigName, data)
	if root == nil {
		return nil, found
	}
	r := &configReader{book: book, isTable: isTable}
	c := &config{}
	r.Keys(root, table.ConfigKeys...)
	if n := root.Get("as_of"); n != nil && r.Scalar(n) {
		t, err := source.Moment(n.Text)
		if refused := (*source.ScalarError)(nil); errors.As(err, &refused) {
			refused.Remedy = refused.In(book.Zone)
		}
		r.Refused(n, err)
		c.asOf = t
	}
	if n := root.Get("month"); n != nil && r.Scalar(n) {
		y, m, err := source.Month(n.Text)
		r.Refused(n, err)
		if err == nil {
			c.period = monthOf(date.New(y, m, 1)).period()
		}
	}
	if n := root.Get("period"); n != nil && r.Scalar(n) {
		p, err := ParsePeriod(n.Text)
		r.Refused(n, err)
		if c.period != (Period{}) && c.period != p && err == nil {
			r.Fail("contradiction", n, textf("month 已说了 %s", "month says %s already", c.period), textf("删去 month", "remove month"))
		}
		c.period = p
	}
	c.how = r.How(root)
	if n := root.Get("tables"); n != nil && r.Is(n, source.Map) {
		for _, e := range n.Entries {
			if r.fileName(e.Key) && r.Is(e.Value, source.Map) {
				c.tables = append(c.tables, r.mapping(e.Key, e.Value))
			}
		}
	}
	if n := root.Get("counts"); n != nil && r.Is(n, source.Seq) {
		for _, item := range n.Items {
			if !r.Is(item, source.Map) {
				continue
			}
			x := r.count(item)
			if slices.ContainsFunc(c.counts, x.same) {
				r.Fail("count_twice", item, textf("同一个计数写了两次", "the same is counted twice"), textf("删去一个", "remove one of them"))
			}
			c.counts = append(c.counts, x)
		}
	}
	r.Found = source.Limit(r.Found)
	if r.Found.Failed() {
		return nil, r.Found
	}
	return c, nil
}

func (r *configReader) fileName(n *source.Node) bool {
	if !r.isTable(n.Text) || strings.ContainsAny(n.Text, `/\`) {
		r.Fail("bad_file_name", n, textf("%q 不是本目录中表的文件名", "%q is not the name of a table's file in this directory", n.Text),
			textf("写文件名，如 incidents.csv", "write the name of the file, as in incidents.csv"))
		return false
	}
	return true
}

func isTableFile(name string) bool { return strings.HasSuffix(name, ".csv") && len(name) > len(".csv") }

func (r *configReader) section(n *source.Node) *policy.ReviewSection {
	s, ok := r.Need(n, "section")
	if !ok {
		return nil
	}
	var names []string
	for _, x := range r.book.Review.Sections {
		if x.Name == s.Text {
			return x
		}
		names = append(names, x.Name)
	}
	remedy := table.OneOf(s.Text, names)
	for _, x := range r.book.Review.Sections {
		if slices.ContainsFunc(x.Title.Languages(), func(lang string) bool { return x.Title.In(lang) == s.Text }) {
			remedy = textf("写名称，不写它的标签：写 %s", "write the name, not its label: write %s", x.Name)
		}
	}
	r.Fail("unknown_section", s, textf("规则书没有审查部分 %q", "the rulebook has no section %q", s.Text), remedy)
	return nil
}

// tableNames are the tables that the rules read, without those of lists.
func tableNames(b *policy.Rulebook) []string {
	var names []string
	add := func(name string) {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, s := range b.Review.Sections {
		add(s.Table)
		for _, w := range s.With {
			add(w.Table)
		}
	}
	return names
}

func (r *configReader) mapping(key, n *source.Node) *mapping {
	r.Keys(n, table.TableKeys...)
	m := &mapping{file: key.Text}
	switch t := n.Get("table"); {
	case t == nil:
		if m.section = r.section(n); m.section != nil {
			m.table = m.section.Table
		}
	case n.Get("section") != nil:
		r.Fail("section_and_table", t, textf("section 和 table 只写一个", "section and table do not go together"),
			textf("只由一个部分审查的写 section，否则写 table", "write section where one section alone asks about the rows, else table"))
	case r.Scalar(t):
		if names := tableNames(r.book); slices.Contains(names, t.Text) {
			m.table = t.Text
		} else {
			r.Fail("unknown_table", t, textf("规则书不读表 %q", "the rulebook reads no table %q", t.Text), table.OneOf(t.Text, names))
		}
	}
	var questions []*policy.Question
	if m.table != "" {
		questions = r.book.Review.QuestionsOf(m.table)
	}
	if m.section != nil { // its own comes first, in messages too
		own := m.section.Question
		questions = append([]*policy.Question{own}, slices.DeleteFunc(questions, func(q *policy.Question) bool { return q == own })...)
	}
	m.Mapping = r.Mapping(key, n, questions)
	if x, ok := r.Need(n, "record"); ok {
		m.Record = x.Text
	}
	switch c := n.Get("compare"); {
	case c == nil || !r.Is(c, source.Map):
	case n.Get("table") != nil:
		r.Fail("compare_without_section", c, textf("只有一个部分审查的表才能比较", "only what one section asks about can be compared"), textf("把 table 换成 section", "write section instead of table"))
	default:
		m.compare = r.compare(m.section, c)
	}
	return m
}

func (r *configReader) compare(s *policy.ReviewSection, n *source.Node) *compare {
	r.Keys(n, "column", "met_when", "verdicts")
	c := &compare{classes: map[string]string{}}
	if x, ok := r.Need(n, "column"); ok {
		c.column = x.Text
	}
	if x, ok := r.Need(n, "met_when"); ok {
		c.metWhen = x.Text
	}
	v := n.Get("verdicts")
	if v == nil {
		r.Need(n, "verdicts")
		return c
	}
	if !r.Is(v, source.Map) {
		return c
	}
	r.Keys(v, met, notMet)
	for _, e := range v.Entries {
		if !r.Is(e.Value, source.Seq) {
			continue
		}
		for _, item := range e.Value.Items {
			if s != nil && !slices.Contains(s.Question.Verdict.Words.Words, item.Text) {
				r.Fail("unknown_word", item, textf("问题 %s 没有结论 %q", "question %s has no verdict %q", s.Question.ID, item.Text), table.OneOf(item.Text, s.Question.Verdict.Words.Words))
			}
			if _, twice := c.classes[item.Text]; twice {
				r.Fail("word_twice", item, textf("%q 出现两次", "%q stands twice", item.Text), textf("删去一个", "remove one of them"))
			}
			c.classes[item.Text] = e.Key.Text
		}
	}
	return c
}

const (
	met    = "met"
	notMet = "not_met"
)

func (r *configReader) count(n *source.Node) *count {
	r.Keys(n, "table", "moment", "section", "fact", "month", "local_times", "constants", "note")
	c := &count{section: r.section(n), local: r.Flag(n.Get("local_times"))}
	if x, ok := r.Need(n, "table"); ok && r.fileName(x) {
		c.file = x.Text
	}
	if x, ok := r.Need(n, "moment"); ok {
		c.moment = x.Text
	}
	var questions []*policy.Question
	if c.section != nil {
		questions = []*policy.Question{c.section.Question}
	}
	for _, k := range []struct {
		key   string
		to    *string
		types []string
	}{{"fact", &c.fact, []string{"count", "number"}}, {"month", &c.month, []string{"month"}}} {
		x, ok := r.Need(n, k.key)
		if !ok {
			continue
		}
		*k.to = x.Text
		if f, _ := r.Fact(questions, x); f != nil && !slices.Contains(k.types, f.TypeName) {
			r.Fail("wrong_type", x, textf("%s 的类型是 %s", "%s is a %s", x.Text, f.TypeName), textf("写类型为 %[1]s 的事实", "name a fact of type %[1]s", k.types[0]))
		}
	}
	c.constants = r.Constants(questions, n.Get("constants"))
	return c
}
