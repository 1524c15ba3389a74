package review

import (
	"maps"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/policy"
)

// records are those of a table of the rules, of all its files, with the tables
// of its lists; nil where there is no file.
func (v *reviewer) records(name string) *records {
	if rs, ok := v.tables[name]; ok {
		return rs
	}
	rs := v.collect(name, func(m *mapping) bool { return true })
	v.tables[name] = rs
	if rs == nil {
		return nil
	}
	rs.index()
	for _, file := range v.files {
		if path, ok := strings.CutPrefix(v.sources[file].Name, name+"."); ok && v.isOwn(file) {
			v.children(rs, file, path, v.rules.Review.QuestionsOf(name))
		}
	}
	return rs
}

// collect are the files of a table: its own, and those that are mapped to it
// and wanted.
func (v *reviewer) collect(name string, wanted func(*mapping) bool) *records {
	rs := &records{}
	for _, file := range v.files {
		if v.sources[file].Name == name && v.isOwn(file) {
			rs.parts = append(rs.parts, v.own(name, file))
		}
	}
	for _, m := range v.config.tables {
		if m.table == name && wanted(m) {
			rs.parts = append(rs.parts, v.foreign(m))
		}
	}
	if len(rs.parts) == 0 {
		return nil
	}
	slices.SortFunc(rs.parts, func(a, b *part) int { return strings.Compare(a.file, b.file) })
	return rs
}

// ofSection are the records that a section asks about: those of its table
// without the files that are mapped to another section.
func (v *reviewer) ofSection(s *policy.ReviewSection) *records {
	if rs, ok := v.of[s]; ok {
		return rs
	}
	all := v.records(s.Table)
	rs := v.collect(s.Table, func(m *mapping) bool { return m.section == nil || m.section == s })
	switch {
	case rs == nil:
	case len(rs.parts) == len(all.parts):
		rs = all
	default:
		rs.children = all.children
		rs.index()
	}
	v.of[s] = rs
	return rs
}

// own reads a table in our own format.
func (v *reviewer) own(name, file string) *part {
	if p := v.parts[file]; p != nil {
		return p
	}
	p := &part{sheet: v.table(file)}
	v.parts[file] = p
	questions := v.rules.Review.QuestionsOf(name)
	p.ownHeader(v.rules.Languages, table.FactsOf(questions...))
	p.at = p.first
	if !p.broken {
		p.report(p.headerLine, table.CheckFacts(p.names, p.first+1, questions...)...)
	}
	return p
}

// children reads the table of a list.
func (v *reviewer) children(rs *records, file, path string, questions []*policy.Question) {
	var list *policy.Fact
	var lists []string
	for _, q := range questions {
		if f, ok := q.FactAt(path); ok && table.IsTable(f) {
			list = f
		}
		for _, f := range q.Facts {
			lists = append(lists, listNames(f.Fact, f.Name)...)
		}
	}
	t := v.table(file)
	if list == nil {
		remedy := table.OneOf(path, lists)
		if len(lists) == 0 {
			remedy = textf("改名或移走", "rename it or move it away")
		}
		t.refuse("unknown_table", 0, "", "", textf("%q 不是这里收取的记录列表", "%q is no list of records that is asked for here", path), remedy)
		rs.lose()
		return
	}
	if slices.ContainsFunc(rs.children, func(c *children) bool { return c.path == path }) {
		t.refuse("list_twice", 0, "", "", textf("列表 %q 已在另一个文件里", "the list %q is in another file already", path), textf("合成一个表", "put both into one table"))
		rs.lose()
		return
	}
	t.ownHeader(v.rules.Languages, table.FieldsOf(list.Elem))
	if !t.broken {
		for i, h := range t.names {
			if f, ok := table.FieldAt(list.Elem, h); i > t.first && h != "" && !table.IsRemark(h) && (!ok || table.IsTable(f)) {
				t.report(t.headerLine, table.UnknownColumn(h, i, table.FieldsOf(list.Elem), false))
			}
		}
	}
	if t.broken {
		rs.lose()
		return
	}
	c := &children{sheet: t, path: path, rows: map[string][]*row{}}
	rs.children = append(rs.children, c)
	parents := map[string][]entry{} // also those that cannot be read
	for _, p := range rs.parts {
		for _, r := range p.rows {
			if p.at < len(r.cells) {
				parents[r.cells[p.at]] = append(parents[r.cells[p.at]], entry{p, r})
			}
		}
	}
	for _, r := range t.rows {
		if t.first >= len(r.cells) { // said already: nobody knows whose row it is
			rs.lose()
			return
		}
		id := r.cells[t.first]
		switch of := parents[id]; {
		case of == nil && rs.broken():
		case of == nil:
			t.failRow(r, "unknown_record", table.Record, id, textf("%s 里没有记录 %q", "%s has no record %q", rs.files(), id),
				textf("改正编号，或在 %s 里加上这条记录", "correct the id or add the record to %s", rs.files()))
		case r.bad:
			for _, e := range of {
				e.part.spoil(e.row)
			}
		default:
			c.rows[id] = append(c.rows[id], r)
		}
	}
}

func listNames(f *policy.Fact, path string) []string {
	if table.IsTable(f) {
		return []string{path}
	}
	var all []string
	for _, x := range f.Fields {
		all = append(all, listNames(x, path+"."+x.Name)...)
	}
	return all
}

// asked finds the records of a section.
func (v *reviewer) asked(s *policy.ReviewSection) *asked {
	x := &asked{records: v.ofSection(s)}
	if x.records == nil {
		x.records = &records{}
	}
	x.ids = slices.SortedFunc(maps.Keys(x.byID), natural)
	for _, w := range s.With {
		if w.Table != "" {
			v.records(w.Table)
		}
	}
	return x
}

// foreign reads a table in a format of its own.
func (v *reviewer) foreign(m *mapping) *part {
	if p := v.parts[m.file]; p != nil {
		return p
	}
	p := &part{mapping: m}
	v.parts[m.file] = p
	if !v.has(m.file) {
		p.sheet = &sheet{file: m.file, found: v.found, broken: true}
		p.fail("table_missing", 0, "", "", tableMissing, v.missingTable(m.file))
		return p
	}
	p.sheet = v.table(m.file)
	if p.broken {
		return p
	}
	var others []string
	if m.compare != nil {
		others = append(others, m.compare.column)
	}
	at, problems := m.Bind(p.header, others...)
	p.report(p.headerLine, problems...)
	p.at = at
	return p
}
