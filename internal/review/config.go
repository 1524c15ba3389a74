package review

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/policy/diagnostic"
)

// configName is the file of a directory that says how to review it.
const configName = "review.yaml"

// config is review.yaml.
type config struct {
	asOf   time.Time
	month  month
	tables []*mapping
	counts []*count
}

// mapping says how a table in a format of its own is read.
type mapping struct {
	file    string
	section *policy.ReviewSection
	record  string
	columns []table.Column // with headers, not yet with columns
	compare *compare
	span    diagnostic.Span
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

// month counts months; 0 is none.
type month int

func monthOf(year int, m time.Month) month { return month(year*12 + int(m) - 1) }

// String is the month as YYYY-MM.
func (m month) String() string {
	return time.Date(0, 1+time.Month(m), 1, 0, 0, 0, 0, time.UTC).Format("2006-01")
}

// end is the first moment after the month.
func (m month) end(zone *time.Location) time.Time {
	return time.Date(0, 2+time.Month(m), 1, 0, 0, 0, 0, zone)
}

func parseMonth(text string) (month, error) {
	y, m, err := source.Month(text)
	if err != nil {
		return 0, err
	}
	return monthOf(y, m), nil
}

type configReader struct {
	book  *policy.Rulebook
	found diagnostic.List
}

// readConfig reads review.yaml. It is read whole or not at all.
func readConfig(data []byte, book *policy.Rulebook) (*config, diagnostic.List) {
	root, found := source.Parse(configName, data)
	if root == nil {
		return nil, found
	}
	r := &configReader{book: book}
	c := &config{}
	r.keys(root, "as_of", "month", "tables", "counts", "note")
	if n := root.Get("as_of"); n != nil && r.scalar(n) {
		t, err := source.Moment(n.Text)
		r.refused(n, err)
		c.asOf = t
	}
	if n := root.Get("month"); n != nil && r.scalar(n) {
		m, err := parseMonth(n.Text)
		r.refused(n, err)
		c.month = m
	}
	if n := root.Get("tables"); n != nil && r.is(n, source.Map) {
		for _, e := range n.Entries {
			if r.fileName(e.Key) && r.is(e.Value, source.Map) {
				c.tables = append(c.tables, r.mapping(e.Key, e.Value))
			}
		}
	}
	if n := root.Get("counts"); n != nil && r.is(n, source.Seq) {
		for _, item := range n.Items {
			if r.is(item, source.Map) {
				c.counts = append(c.counts, r.count(item))
			}
		}
	}
	r.found = source.Limit(r.found)
	if r.found.Failed() {
		return nil, r.found
	}
	return c, nil
}

func (r *configReader) fail(code string, n *source.Node, message, remedy Text) {
	r.found = append(r.found, diagnostic.Diagnostic{Code: code, Severity: diagnostic.Error, Span: n.Span, Message: message, Remedy: remedy})
}

func (r *configReader) refused(n *source.Node, err error) {
	var se *source.ScalarError
	if errors.As(err, &se) {
		r.fail(se.Code, n, se.Message, se.Remedy)
	}
}

func (r *configReader) keys(n *source.Node, allowed ...string) {
	for _, e := range n.Entries {
		if !slices.Contains(allowed, e.Key.Text) {
			r.fail("unknown_key", e.Key, textf("这里没有名为 %q 的键", "there is no key %q here", e.Key.Text), table.OneOf(e.Key.Text, allowed))
		}
	}
}

func (r *configReader) is(n *source.Node, kind source.Kind) bool {
	if n.Kind == kind {
		return true
	}
	what := map[source.Kind]Text{
		source.Map: {ZH: "若干“键: 值”", EN: "a map of key: value"}, source.Seq: {ZH: "列表", EN: "a list"}, source.Scalar: {ZH: "一个值", EN: "a single value"},
	}[kind]
	r.fail("wrong_type", n, Text{ZH: "这里应为" + what.ZH, EN: what.EN + " is expected here"}, Text{ZH: "写成" + what.ZH, EN: "write " + what.EN})
	return false
}

func (r *configReader) scalar(n *source.Node) bool { return r.is(n, source.Scalar) }

// need is the text of a key that must be there.
func (r *configReader) need(n *source.Node, key string) (*source.Node, bool) {
	child := n.Get(key)
	if child == nil {
		r.fail("missing_key", n, textf("缺少 %q", "%q is missing", key), textf("补上 %s: …", "add %s: …", key))
		return nil, false
	}
	return child, r.scalar(child)
}

func (r *configReader) fileName(n *source.Node) bool {
	if !isTableFile(n.Text) || strings.ContainsAny(n.Text, `/\`) {
		r.fail("bad_file_name", n, textf("%q 不是本目录中 CSV 文件的名称", "%q is not the name of a CSV file in this directory", n.Text),
			textf("写文件名，如 incidents.csv", "write the name of the file, as in incidents.csv"))
		return false
	}
	return true
}

func isTableFile(name string) bool { return strings.HasSuffix(name, ".csv") && len(name) > len(".csv") }

func (r *configReader) section(n *source.Node) *policy.ReviewSection {
	s, ok := r.need(n, "section")
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
	r.fail("unknown_section", s, textf("规则书没有审查部分 %q", "the rulebook has no section %q", s.Text), table.OneOf(s.Text, names))
	return nil
}

func (r *configReader) flag(n *source.Node) bool {
	if n == nil || !r.scalar(n) {
		return false
	}
	v, err := source.Boolean(n.Text)
	r.refused(n, err)
	return v
}

// fact finds a fact of the section's question that may stand in a cell.
func (r *configReader) fact(s *policy.ReviewSection, n *source.Node, path string) *policy.Fact {
	if s == nil {
		return nil
	}
	f, ok := s.Question.FactAt(path)
	if !ok {
		var names []string
		for _, x := range s.Question.Facts {
			names = append(names, table.Names(x.Fact, x.Name)...)
		}
		r.fail("unknown_fact", n, textf("问题 %s 不收取事实 %q", "question %s takes no fact %q", s.Question.ID, path), table.OneOf(path, names))
		return nil
	}
	return f
}

func (r *configReader) mapping(key, n *source.Node) *mapping {
	r.keys(n, "section", "record", "facts", "words", "constants", "local_times", "compare", "note")
	m := &mapping{file: key.Text, section: r.section(n), span: key.Span}
	if x, ok := r.need(n, "record"); ok {
		m.record = x.Text
	}
	local := r.flag(n.Get("local_times"))
	if facts := n.Get("facts"); facts != nil && r.is(facts, source.Map) {
		for _, e := range facts.Entries {
			if f := r.fact(m.section, e.Key, e.Key.Text); f != nil && r.scalar(e.Value) {
				m.columns = append(m.columns, table.Column{Header: e.Value.Text, Path: e.Key.Text, Fact: f, Local: local})
			}
		}
	}
	if words := n.Get("words"); words != nil && r.is(words, source.Map) {
		for _, e := range words.Entries {
			r.words(m, e.Key, e.Value)
		}
	}
	m.columns = append(m.columns, r.constants(m.section, n.Get("constants"))...)
	seen := map[string]bool{}
	for _, x := range m.columns {
		if seen[x.Path] {
			r.fail("fact_twice", key, textf("事实 %s 既来自列又是常量", "the fact %s is both a column and a constant", x.Path), textf("删去一个", "remove one of them"))
		}
		seen[x.Path] = true
	}
	if c := n.Get("compare"); c != nil && r.is(c, source.Map) {
		m.compare = r.compare(m.section, c)
	}
	return m
}

func (r *configReader) words(m *mapping, key, n *source.Node) {
	i := slices.IndexFunc(m.columns, func(x table.Column) bool { return x.Path == key.Text })
	if i < 0 {
		r.fail("words_without_fact", key, textf("facts 里没有 %q", "facts: has no %q", key.Text), textf("在 facts 里写它的列", "name its column under facts:"))
		return
	}
	if !r.is(n, source.Map) {
		return
	}
	m.columns[i].Words = map[string]string{}
	for _, e := range n.Entries {
		if !r.scalar(e.Value) {
			continue
		}
		m.columns[i].Words[e.Key.Text] = e.Value.Text
		if f := m.columns[i].Fact; f.Words != nil && !slices.Contains(f.Words.Words, e.Value.Text) {
			r.fail("unknown_word", e.Value, textf("%q 不在词表中", "%q is not one of the words", e.Value.Text), table.OneOf(e.Value.Text, f.Words.Words))
		}
	}
}

func (r *configReader) constants(s *policy.ReviewSection, n *source.Node) []table.Column {
	if n == nil || !r.is(n, source.Map) {
		return nil
	}
	var all []table.Column
	for _, e := range n.Entries {
		if f := r.fact(s, e.Key, e.Key.Text); f != nil && r.scalar(e.Value) {
			all = append(all, table.Column{At: -1, Header: e.Key.Text, Path: e.Key.Text, Fact: f, Constant: e.Value.Text})
		}
	}
	return all
}

func (r *configReader) compare(s *policy.ReviewSection, n *source.Node) *compare {
	r.keys(n, "column", "met_when", "verdicts")
	c := &compare{classes: map[string]string{}}
	if x, ok := r.need(n, "column"); ok {
		c.column = x.Text
	}
	if x, ok := r.need(n, "met_when"); ok {
		c.metWhen = x.Text
	}
	v := n.Get("verdicts")
	if v == nil {
		r.need(n, "verdicts")
		return c
	}
	if !r.is(v, source.Map) {
		return c
	}
	r.keys(v, met, notMet)
	for _, e := range v.Entries {
		if !r.is(e.Value, source.Seq) {
			continue
		}
		for _, item := range e.Value.Items {
			if s != nil && !slices.Contains(s.Question.Verdict.Words.Words, item.Text) {
				r.fail("unknown_word", item, textf("问题 %s 没有结论 %q", "question %s has no verdict %q", s.Question.ID, item.Text), table.OneOf(item.Text, s.Question.Verdict.Words.Words))
			}
			if _, twice := c.classes[item.Text]; twice {
				r.fail("word_twice", item, textf("%q 出现两次", "%q stands twice", item.Text), textf("删去一个", "remove one of them"))
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
	r.keys(n, "table", "moment", "section", "fact", "month", "local_times", "constants", "note")
	c := &count{section: r.section(n), local: r.flag(n.Get("local_times"))}
	if x, ok := r.need(n, "table"); ok && r.fileName(x) {
		c.file = x.Text
	}
	if x, ok := r.need(n, "moment"); ok {
		c.moment = x.Text
	}
	for _, k := range []struct {
		key   string
		to    *string
		types []string
	}{{"fact", &c.fact, []string{"count", "number"}}, {"month", &c.month, []string{"month"}}} {
		x, ok := r.need(n, k.key)
		if !ok {
			continue
		}
		*k.to = x.Text
		if f := r.fact(c.section, x, x.Text); f != nil && !slices.Contains(k.types, f.TypeName) {
			r.fail("wrong_type", x, textf("%s 的类型是 %s", "%s is a %s", x.Text, f.TypeName), textf("写类型为 %[1]s 的事实", "name a fact of type %[1]s", k.types[0]))
		}
	}
	c.constants = r.constants(c.section, n.Get("constants"))
	return c
}

// bind finds the columns of a mapping in its table.
func (m *mapping) bind(t *sheet) (record int, ok bool) {
	if t.broken {
		return 0, false
	}
	need := func(header string) int {
		at, times := t.column(header)
		switch times {
		case 0:
			named := slices.DeleteFunc(slices.Sorted(maps.Keys(setOf(t.header))), func(h string) bool { return h == "" })
			t.refuse("unknown_column", 1, header, "", textf("表中没有列 %q", "the table has no column %q", header), table.OneOf(header, named))
		case 1:
		default:
			t.refuse("duplicate_column", 1, header, "", textf("列 %q 出现两次", "the column %q stands twice", header), textf("删去一列", "remove one of them"))
		}
		return at
	}
	record = need(m.record)
	for i := range m.columns {
		if m.columns[i].At >= 0 {
			m.columns[i].At = need(m.columns[i].Header)
		}
	}
	if m.compare != nil {
		need(m.compare.column)
	}
	return record, !t.broken
}

func setOf(words []string) map[string]bool {
	set := make(map[string]bool, len(words))
	for _, w := range words {
		set[w] = true
	}
	return set
}
