package table

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// Mapping says how a table that somebody else has made is read.
type Mapping struct {
	Record  string   // the column of the ids, "" for none
	Columns []Column // with headers; Bind finds their places
	How     How      // the table is written
}

// The keys of review.yaml, and of a table in it.
var (
	ConfigKeys = []string{"as_of", "month", "period", "tables", "counts", "local_times", "dates", "encoding", "note"}
	TableKeys  = []string{"section", "table", "record", "facts", "words", "constants", "local_times", "dates", "encoding", "compare", "note"}
)

// ConfigReader reads review.yaml, or a part of it, and collects what is wrong.
type ConfigReader struct{ Found diagnostic.List }

// Fail adds a finding.
func (r *ConfigReader) Fail(code string, n *source.Node, message, remedy Text) {
	r.Found = append(r.Found, diagnostic.Diagnostic{Code: code, Severity: diagnostic.Error, Span: n.Span, Message: message, Remedy: remedy})
}

// Refused adds the error of a scalar, if there is one.
func (r *ConfigReader) Refused(n *source.Node, err error) {
	var se *source.ScalarError
	if errors.As(err, &se) {
		r.Fail(se.Code, n, se.Message, se.Remedy)
	}
}

// Keys refuses keys that are not allowed.
func (r *ConfigReader) Keys(n *source.Node, allowed ...string) {
	for _, e := range n.Entries {
		if !slices.Contains(allowed, e.Key.Text) {
			r.Fail("unknown_key", e.Key, textf("这里没有名为 %q 的键", "there is no key %q here", e.Key.Text), OneOf(e.Key.Text, allowed))
		}
	}
}

// Is reports whether a node is of a kind, and says so where it is not.
func (r *ConfigReader) Is(n *source.Node, kind source.Kind) bool {
	if n.Kind == kind {
		return true
	}
	what := map[source.Kind]Text{
		source.Map: {ZH: "若干“键: 值”", EN: "a map of key: value"}, source.Seq: {ZH: "列表", EN: "a list"}, source.Scalar: {ZH: "一个值", EN: "a single value"},
	}[kind]
	r.Fail("wrong_type", n, Text{ZH: "这里应为" + what.ZH, EN: what.EN + " is expected here"}, Text{ZH: "写成" + what.ZH, EN: "write " + what.EN})
	return false
}

// Scalar is Is for a single value.
func (r *ConfigReader) Scalar(n *source.Node) bool { return r.Is(n, source.Scalar) }

// Need is the text of a key that must be there.
func (r *ConfigReader) Need(n *source.Node, key string) (*source.Node, bool) {
	child := n.Get(key)
	if child == nil {
		r.Fail("missing_key", n, textf("缺少 %q", "%q is missing", key), textf("补上 %s: …", "add %s: …", key))
		return nil, false
	}
	return child, r.Scalar(child)
}

// Flag is true or false; false where there is no node.
func (r *ConfigReader) Flag(n *source.Node) bool {
	if n == nil || !r.Scalar(n) {
		return false
	}
	v, err := source.Boolean(n.Text)
	r.Refused(n, err)
	return v
}

// How reads what is said of how tables are written.
func (r *ConfigReader) How(n *source.Node) How {
	return How{
		Local:    r.Flag(n.Get("local_times")),
		Days:     DayOrder(r.oneOf(n.Get("dates"), DayOrders)),
		Encoding: r.oneOf(n.Get("encoding"), Encodings),
	}
}

// oneOf is a word of a list; "" where there is no node.
func (r *ConfigReader) oneOf(n *source.Node, allowed []string) string {
	if n == nil || !r.Scalar(n) {
		return ""
	}
	if !slices.Contains(allowed, n.Text) {
		r.Fail("unknown_word", n, textf("%q 不能写在这里", "%q cannot stand here", n.Text), OneOf(n.Text, allowed))
		return ""
	}
	return n.Text
}

// Or is what one says of a table, and the other of what the first leaves open.
func (h How) Or(other How) How {
	return How{Encoding: cmp.Or(h.Encoding, other.Encoding), Days: cmp.Or(h.Days, other.Days), Local: h.Local || other.Local}
}

// Fact finds a fact that one of the questions takes and that may stand in a
// cell; nil and true is as_of. Without questions, nothing is found and nothing
// said.
func (r *ConfigReader) Fact(questions []*policy.Question, n *source.Node) (*policy.Fact, bool) {
	if len(questions) == 0 {
		return nil, false
	}
	if n.Text == AsOf {
		return nil, true
	}
	var names []string
	for _, q := range questions {
		if f, ok := q.FactAt(n.Text); ok {
			return f, true
		}
		for _, x := range q.Facts {
			for _, c := range ColumnsOf(x) {
				names = append(names, c.Name)
			}
		}
	}
	r.Fail("unknown_fact", n, textf("问题 %s 不收取事实 %q", "question %s takes no fact %q", questions[0].ID, n.Text), OneOf(n.Text, names))
	return nil, false
}

// Mapping reads how a table is mapped to facts of the questions. Its keys have
// been checked.
func (r *ConfigReader) Mapping(key, n *source.Node, questions []*policy.Question) *Mapping {
	m := &Mapping{How: r.How(n)}
	local, days := m.How.Local, m.How.Days
	if facts := n.Get("facts"); facts != nil && r.Is(facts, source.Map) {
		for _, e := range facts.Entries {
			if f, ok := r.Fact(questions, e.Key); ok && r.Scalar(e.Value) {
				m.Columns = append(m.Columns, Column{Header: e.Value.Text, Path: e.Key.Text, Fact: f, Local: local, Days: days})
			}
		}
	}
	if words := n.Get("words"); words != nil && len(questions) > 0 && r.Is(words, source.Map) { // else what is wrong is told
		for _, e := range words.Entries {
			r.words(m, e.Key, e.Value)
		}
	}
	m.Columns = append(m.Columns, r.Constants(questions, n.Get("constants"))...)
	seen := map[string]bool{}
	for _, x := range m.Columns {
		if seen[x.Path] {
			r.Fail("fact_twice", key, textf("事实 %s 既来自列又是常量", "the fact %s is both a column and a constant", x.Path), textf("删去一个", "remove one of them"))
		}
		seen[x.Path] = true
	}
	return m
}

func (r *ConfigReader) words(m *Mapping, key, n *source.Node) {
	i := slices.IndexFunc(m.Columns, func(x Column) bool { return x.Path == key.Text })
	if i < 0 {
		r.Fail("words_without_fact", key, textf("facts 里没有 %q", "facts: has no %q", key.Text), textf("在 facts 里写它的列", "name its column under facts:"))
		return
	}
	if !r.Is(n, source.Map) {
		return
	}
	m.Columns[i].Words = map[string]string{}
	for _, e := range n.Entries {
		if !r.Scalar(e.Value) {
			continue
		}
		m.Columns[i].Words[e.Key.Text] = e.Value.Text
		if f := m.Columns[i].Fact; f != nil && f.Words != nil && !slices.Contains(f.Words.Words, e.Value.Text) {
			r.Fail("unknown_word", e.Value, textf("%q 不在词表中", "%q is not one of the words", e.Value.Text), f.Words.OneOf(e.Value.Text))
		}
	}
}

// ReadMapping reads how one table is mapped to facts of a question from a file
// like review.yaml: the entry of the table under "tables", or the only one.
// What stands beside "tables" is for reviews.
func ReadMapping(name string, data []byte, table string, q *policy.Question) (*Mapping, diagnostic.List) {
	root, found := source.Parse(name, data)
	if root == nil {
		return nil, found
	}
	r := &ConfigReader{}
	r.Keys(root, ConfigKeys...)
	tables := root.Get("tables")
	switch {
	case tables == nil:
		r.Fail("missing_key", root, textf("缺少 %q", "%q is missing", "tables"), textf("补上 tables: {%s: {facts: …}}", "add tables: {%s: {facts: …}}", table))
		return nil, r.Found
	case !r.Is(tables, source.Map):
		return nil, r.Found
	}
	at := slices.IndexFunc(tables.Entries, func(e source.Entry) bool { return e.Key.Text == table })
	if at < 0 && len(tables.Entries) == 1 {
		at = 0
	}
	if at < 0 {
		var names []string
		for _, e := range tables.Entries {
			names = append(names, e.Key.Text)
		}
		r.Fail("missing_key", tables, textf("没有表 %q 的说明", "the table %q is not described", table), textf("补上 %s: {facts: …}；有：%s", "add %s: {facts: …}; there are: %s", table, strings.Join(names, ", ")))
		return nil, r.Found
	}
	e := tables.Entries[at]
	if !r.Is(e.Value, source.Map) {
		return nil, r.Found
	}
	r.Keys(e.Value, TableKeys...)
	m := r.Mapping(e.Key, e.Value, []*policy.Question{q})
	if n := e.Value.Get("record"); n != nil && r.Scalar(n) {
		m.Record = n.Text
	}
	return m, source.Limit(r.Found)
}

// Constants reads facts that are the same in every row.
func (r *ConfigReader) Constants(questions []*policy.Question, n *source.Node) []Column {
	if n == nil || !r.Is(n, source.Map) {
		return nil
	}
	var all []Column
	for _, e := range n.Entries {
		if f, ok := r.Fact(questions, e.Key); ok && r.Scalar(e.Value) {
			all = append(all, Column{At: -1, Header: e.Key.Text, Path: e.Key.Text, Fact: f, Constant: e.Value.Text})
		}
	}
	return all
}

// String says all that a mapping says, in one order; "" for none.
func (m *Mapping) String() string {
	if m == nil {
		return ""
	}
	parts := []string{fmt.Sprintf("record=%q", m.Record)}
	for _, c := range slices.SortedFunc(slices.Values(m.Columns), func(a, b Column) int { return strings.Compare(a.Path, b.Path) }) {
		text := fmt.Sprintf("%s=%q", c.Path, c.Header)
		if c.At < 0 {
			text = fmt.Sprintf("%s is %q", c.Path, c.Constant)
		}
		for _, w := range slices.Sorted(maps.Keys(c.Words)) {
			text += fmt.Sprintf(" %q:%q", w, c.Words[w])
		}
		if c.Local {
			text += " local"
		}
		if c.Days != "" {
			text += " " + string(c.Days)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

// Bind finds the columns of a mapping, and others that are needed, in a
// header. It gives the place of the ids, -1 where there are none.
func (m *Mapping) Bind(header []string, others ...string) (record int, problems []*Problem) {
	place := func(name string) int {
		at, times := -1, 0
		for i, h := range header {
			if h == name {
				at, times = i, times+1
			}
		}
		switch times {
		case 0:
			named := slices.DeleteFunc(slices.Sorted(maps.Keys(setOf(header))), func(h string) bool { return h == "" })
			problems = append(problems, &Problem{Code: "unknown_column", Column: Excerpt(name),
				Message: textf("表中没有列 %q", "the table has no column %q", Excerpt(name)), Remedy: OneOf(name, named)})
		case 1:
		default:
			problems = append(problems, duplicateColumn(name, at))
		}
		return at
	}
	record = -1
	if m.Record != "" {
		record = place(m.Record)
	}
	for i := range m.Columns {
		if m.Columns[i].At >= 0 {
			m.Columns[i].At = place(m.Columns[i].Header)
			m.Columns[i].At = max(m.Columns[i].At, 0) // the table is given up
		}
	}
	for _, name := range others {
		place(name)
	}
	return record, problems
}

func setOf(words []string) map[string]bool {
	set := make(map[string]bool, len(words))
	for _, w := range words {
		set[w] = true
	}
	return set
}
