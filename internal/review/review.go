package review

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/policy"
)

// ErrNoReview says that the rules file has no review section.
var ErrNoReview = errors.New("the rulebook does not say what to review: it has no section review")

// Options change how a directory is reviewed. Each may be left out.
type Options struct {
	Month    string                // YYYY-MM
	AsOf     time.Time             // moment of asking
	Dir      string                // the directory's name, which may be a month
	Progress func(done, total int) // called now and then, in order
	// Answered is given the answer about each record to its section's
	// question, in the order of the report. The answer need not be kept.
	Answered func(section, record string, a *policy.Answer)
}

// Dir reviews the records of a directory.
func Dir(ctx context.Context, book *rulebook.Book, dir string, o Options) (*Report, error) {
	full, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	o.Dir = cmp.Or(o.Dir, filepath.Base(full))
	return Run(ctx, book, os.DirFS(dir), o)
}

// Run reviews the records of the tables in a file system. What cannot be read
// of them is in the report. The error is a diagnostic.List where review.yaml
// is wrong, ErrNoReview, the context's, or that of reading the directory.
func Run(ctx context.Context, book *rulebook.Book, fsys fs.FS, o Options) (*Report, error) {
	rules := book.Rulebook()
	if rules.Review == nil {
		return nil, ErrNoReview
	}
	v := &reviewer{
		ctx: ctx, book: book, timed: book, rules: rules, fsys: fsys, options: o, found: newFindings(),
		raw: map[string]*sheet{}, tables: map[string]*records{}, editions: map[string]bool{},
	}
	if err := v.prepare(); err != nil {
		return nil, err
	}
	return v.run()
}

type reviewer struct {
	ctx     context.Context
	book    *rulebook.Book // without a moment of asking
	timed   *rulebook.Book // with the review's
	rules   *policy.Rulebook
	fsys    fs.FS
	options Options
	config  *config
	month   month
	asOf    time.Time
	found   *findings

	files    []string            // CSV files of the directory
	raw      map[string]*sheet   // by file
	tables   map[string]*records // by name, in our own format
	editions map[string]bool

	done, total int
}

func (v *reviewer) readConfigFile(name string) ([]byte, error) {
	f, err := v.fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return source.Read(f)
}

func (v *reviewer) prepare() error {
	entries, err := fs.ReadDir(v.fsys, ".")
	if err != nil {
		return fmt.Errorf("reading the directory: %w", err)
	}
	v.config = &config{}
	for _, e := range entries {
		switch name := e.Name(); {
		case e.IsDir() || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~"):
		case name == configName:
			data, err := v.readConfigFile(name)
			if err != nil {
				return fmt.Errorf("reading %s: %w", name, err)
			}
			c, found := readConfig(data, v.rules)
			if c == nil {
				return found
			}
			v.config = c
		case isTableFile(name):
			v.files = append(v.files, name)
		}
	}
	return v.when()
}

// when finds the month and the moment of asking.
func (v *reviewer) when() error {
	v.month = v.config.month
	if v.options.Month != "" {
		m, err := parseMonth(v.options.Month)
		if err != nil {
			return fmt.Errorf("the month: %w", err)
		}
		v.month = m
	} else if m, err := parseMonth(v.options.Dir); err == nil && v.month == 0 {
		v.month = m
	}
	v.asOf = v.config.asOf
	if !v.options.AsOf.IsZero() {
		v.asOf = v.options.AsOf
	}
	if v.asOf.IsZero() && v.month != 0 {
		v.asOf = v.month.end(v.rules.Zone)
	}
	if v.asOf.IsZero() {
		return nil
	}
	timed, err := v.book.With(rulebook.AsOf(v.asOf))
	if err != nil {
		return err
	}
	v.timed = timed
	return nil
}

func (v *reviewer) has(file string) bool { return slices.Contains(v.files, file) }

// table reads a file once.
func (v *reviewer) table(file string) *sheet {
	t := v.raw[file]
	if t == nil {
		t = readSheet(v.fsys, file, v.found)
		v.raw[file] = t
	}
	return t
}

// batch is the records of one file that one section asks about.
type batch struct {
	*records
	shape *shape
	ids   []string
}

func (v *reviewer) run() (*Report, error) {
	sections := v.rules.Review.Sections
	batches := make([][]*batch, len(sections))
	counted := make([][]*counted, len(sections))
	for i, s := range sections {
		batches[i] = v.batches(s)
		for _, b := range batches[i] {
			v.total += len(b.ids)
		}
		counted[i] = v.counted(s)
		v.total += len(counted[i])
	}
	v.unclaimed()
	v.strays(batches)
	r := &Report{Title: v.rules.Review.Title, Rulebook: Rulebook{ID: v.rules.ID, Title: v.rules.Title, SHA256: v.rules.SHA256}}
	if v.month != 0 {
		r.Month = v.month.String()
	}
	if !v.asOf.IsZero() {
		r.AsOf = v.asOf.In(v.rules.Zone).Format(time.RFC3339Nano)
	}
	for i, s := range sections {
		x, err := v.section(s, batches[i], counted[i])
		if err != nil {
			return nil, err
		}
		r.Sections = append(r.Sections, *x)
		r.Totals.add(x.Totals)
	}
	r.Rulebook.Editions = slices.Sorted(maps.Keys(v.editions))
	v.nothing(r)
	r.Findings, r.MoreFindings = v.found.list, v.found.more
	if r.Findings == nil {
		r.Findings = []Finding{}
	}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	r.Totals.Unreadable = v.found.unreadable()
	v.progress()
	return r, nil
}

// nothing says so where no section has anything to review.
func (v *reviewer) nothing(r *Report) {
	if slices.ContainsFunc(r.Sections, func(s Section) bool { return len(s.Tables) > 0 }) || len(v.found.list) > 0 {
		return
	}
	var names []string
	for _, s := range v.rules.Review.Sections {
		names = append(names, s.Table+".csv")
	}
	v.found.add(Finding{
		Code: "no_tables", File: v.options.Dir, Message: textf("目录里没有可审查的表", "the directory has no table to review"),
		Remedy: textf("放入其中至少一个：%s", "put at least one of these into it: %s", strings.Join(names, ", ")),
	})
}

func (v *reviewer) progress() {
	if v.options.Progress != nil {
		v.options.Progress(v.done, v.total)
	}
}

// step counts a record that has been dealt with.
func (v *reviewer) step() error {
	const every = 64
	if v.done++; v.done%every == 0 {
		v.progress()
		return v.ctx.Err()
	}
	return nil
}

// questionsOf lists what is asked about the rows of a table, by name.
func (v *reviewer) questionsOf(name string) []*policy.Question {
	var all []*policy.Question
	for _, s := range v.rules.Review.Sections {
		if s.Table == name {
			all = append(all, s.Question)
		}
		for _, w := range s.With {
			if w.Table == name {
				all = append(all, w.Question)
			}
		}
	}
	return all
}

// own reads a table in our own format, with the tables of its lists; nil
// where there is none.
func (v *reviewer) own(name string) *records {
	if rs, ok := v.tables[name]; ok {
		return rs
	}
	v.tables[name] = nil
	if !v.has(name + ".csv") {
		return nil
	}
	t := v.table(name + ".csv")
	rs := &records{sheet: t}
	v.tables[name] = rs
	questions := v.questionsOf(name)
	t.ownHeader()
	if !t.broken {
		t.report(1, table.CheckFacts(t.header[1:], questions...)...)
	}
	rs.byID = t.byID(0)
	for _, file := range v.files {
		if path, ok := strings.CutPrefix(strings.TrimSuffix(file, ".csv"), name+"."); ok {
			v.children(rs, file, path, questions)
		}
	}
	return rs
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
	t.ownHeader()
	if !t.broken {
		names := table.FieldNames(list.Elem, "")
		for _, h := range t.header[1:] {
			if f, ok := table.FieldAt(list.Elem, h); !table.IsRemark(h) && (!ok || table.IsTable(f)) {
				t.report(1, table.UnknownColumn(h, names))
			}
		}
	}
	if t.broken {
		rs.lose()
		return
	}
	c := &children{sheet: t, path: path, rows: map[string][]*row{}}
	rs.children = append(rs.children, c)
	parents := map[string]*row{}
	for _, r := range rs.rows {
		if len(r.cells) > 0 {
			parents[r.cells[0]] = r
		}
	}
	for _, r := range t.rows {
		id := r.cells[0]
		switch parent := parents[id]; {
		case parent == nil && rs.broken:
		case parent == nil:
			t.failRow(r, "unknown_record", table.Record, id, textf("%s 里没有记录 %q", "%s has no record %q", rs.file, id),
				textf("改正编号，或在 %s 里加上这条记录", "correct the id or add the record to %s", rs.file))
		case r.bad:
			rs.spoil(parent)
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

// batches are the tables of a section.
func (v *reviewer) batches(s *policy.ReviewSection) []*batch {
	var all []*batch
	add := func(rs *records) {
		b := &batch{records: rs, shape: shapeOf(rs, s.Question, v.rules.Zone)}
		if !rs.broken {
			b.ids = slices.SortedFunc(maps.Keys(rs.byID), natural)
		}
		all = append(all, b)
	}
	if rs := v.own(s.Table); rs != nil {
		add(rs)
	}
	for _, m := range v.config.tables {
		if m.section == s {
			add(v.foreign(m))
		}
	}
	for _, w := range s.With {
		if w.Table != "" && w.Table != s.Table {
			v.own(w.Table)
		}
	}
	return all
}

// foreign reads a table in a format of its own.
func (v *reviewer) foreign(m *mapping) *records {
	rs := &records{mapping: m}
	if !v.has(m.file) {
		rs.sheet = &sheet{file: m.file, found: v.found, broken: true}
		rs.fail("table_missing", 0, "", "", textf("review.yaml 所说的表不在目录里", "the table that review.yaml names is not in the directory"),
			textf("放入该文件，或从 review.yaml 删去", "add the file or remove it from review.yaml"))
		return rs
	}
	rs.sheet = v.table(m.file)
	if at, ok := m.bind(rs.sheet); ok {
		rs.byID = rs.sheet.byID(at)
	}
	return rs
}

// unclaimed reports tables that nobody reads: a slip in a name must not look
// like a month without complaints.
func (v *reviewer) unclaimed() {
	var names []string
	for _, s := range v.rules.Review.Sections {
		names = append(names, s.Table+".csv")
		for _, w := range s.With {
			if w.Table != "" {
				names = append(names, w.Table+".csv")
			}
		}
	}
	for _, file := range v.files {
		if v.raw[file] == nil {
			v.found.add(Finding{
				Code: "unknown_table", File: file, Message: textf("没有审查部分读这个表", "no section reads this table"), Remedy: table.OneOf(file, names),
			})
		}
	}
}

// strays reports rows that are about records which are not there.
func (v *reviewer) strays(batches [][]*batch) {
	parents := map[string]map[string]bool{} // of tables that are about other tables only
	for i, s := range v.rules.Review.Sections {
		for _, w := range s.With {
			if w.Table == "" || slices.ContainsFunc(v.rules.Review.Sections, func(s *policy.ReviewSection) bool { return s.Table == w.Table }) {
				continue
			}
			if parents[w.Table] == nil {
				parents[w.Table] = map[string]bool{}
			}
			for _, b := range batches[i] {
				for id := range b.byID {
					parents[w.Table][id] = true
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(parents)) {
		rs := v.tables[name]
		if rs == nil || rs.broken {
			continue
		}
		for id, r := range rs.byID {
			if !parents[name][id] {
				rs.failRow(r, "unknown_record", table.Record, id, textf("没有审查到记录 %q", "no record %q is under review", id),
					textf("改正编号，或加上这条记录", "correct the id or add the record"))
			}
		}
	}
}

// natural orders ids as people do: A2 before A10.
func natural(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		n, m := digits(x), digits(y)
		if n > 0 && m > 0 {
			p, q := strings.TrimLeft(x[:n], "0"), strings.TrimLeft(y[:m], "0")
			if c := cmp.Or(cmp.Compare(len(p), len(q)), cmp.Compare(p, q)); c != 0 {
				return c
			}
			x, y = x[n:], y[m:]
			continue
		}
		if x[0] != y[0] {
			return cmp.Compare(x[0], y[0])
		}
		x, y = x[1:], y[1:]
	}
	return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(a, b))
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// inMonth reports whether a row belongs to the month of the review.
func (v *reviewer) inMonth(s *policy.ReviewSection, sh *shape, r *row) bool {
	if v.month == 0 || s.Month == "" {
		return true
	}
	from, known := v.monthAt(sh, r, s.Month)
	if !known {
		return true
	}
	to := from
	if s.Until != "" {
		if to, known = v.monthAt(sh, r, s.Until); !known {
			to = v.month
		}
	}
	return from == v.month || from < v.month && v.month <= to
}

// monthAt is the month that a fact of a row lies in.
func (v *reviewer) monthAt(sh *shape, r *row, path string) (month, bool) {
	i := slices.IndexFunc(sh.columns, func(c table.Column) bool { return c.Path == path })
	if i < 0 {
		return 0, false
	}
	c := sh.columns[i]
	n, problem := c.Node(c.Text(r.cells), v.rules.Zone)
	if problem != nil || n.Kind != source.Scalar {
		return 0, false
	}
	return monthIn(n.Text, v.rules.Zone)
}

// monthIn is the month of a moment, a date or a month.
func monthIn(text string, zone *time.Location) (month, bool) {
	if t, err := source.Moment(text); err == nil {
		t = t.In(zone)
		return monthOf(t.Year(), t.Month()), true
	}
	if d, err := source.Date(text); err == nil {
		return monthOf(d.Year(), d.Month()), true
	}
	m, err := parseMonth(text)
	return m, err == nil
}

// counted is a record that comes from counting the rows of a table.
type counted struct {
	month month
	file  string
	node  *source.Node
}

// counted counts the tables that a section wants counted.
func (v *reviewer) counted(s *policy.ReviewSection) []*counted {
	var all []*counted
	for _, c := range v.config.counts {
		if c.section == s {
			all = append(all, v.count(c)...)
		}
	}
	return all
}

func (v *reviewer) count(c *count) []*counted {
	if !v.has(c.file) {
		v.found.add(Finding{
			Code: "table_missing", File: c.file, Message: textf("review.yaml 所说的表不在目录里", "the table that review.yaml names is not in the directory"),
			Remedy: textf("放入该文件，或从 review.yaml 删去", "add the file or remove it from review.yaml"),
		})
		return nil
	}
	t := v.table(c.file)
	if t.broken {
		return nil
	}
	at, times := t.column(c.moment)
	if times != 1 {
		t.refuse("unknown_column", 1, c.moment, "", textf("表中没有列 %q，或有两列", "the table has no column %q, or two", c.moment), table.OneOf(c.moment, t.header))
		return nil
	}
	x := table.Column{At: at, Header: c.moment, Local: c.local, Fact: momentFact}
	rows := map[month]int64{}
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
		m, ok := monthIn(n.Text, v.rules.Zone)
		if !ok {
			t.failRow(r, source.CodeNotAMoment, c.moment, text, textf("不是时刻，没有计数", "this is no moment; the row was not counted"),
				textf("写成带时区的时刻，或在 review.yaml 写 local_times: true", "write it with its offset, or local_times: true in review.yaml"))
			continue
		}
		rows[m]++
	}
	var all []*counted
	for _, m := range slices.Sorted(maps.Keys(rows)) {
		if v.month != 0 && m != v.month {
			continue
		}
		root := table.NewMap()
		facts := append(slices.Clone(c.constants),
			table.Column{At: -1, Path: c.fact, Fact: countFact, Constant: fmt.Sprint(rows[m])},
			table.Column{At: -1, Path: c.month, Constant: m.String()})
		for _, f := range facts {
			n, problem := f.Node(f.Constant, v.rules.Zone)
			if problem == nil {
				problem = table.Put(root, f.Path, n)
			}
			if problem != nil {
				v.found.add(Finding{Code: problem.Code, File: configName, Column: f.Path, Message: problem.Message, Remedy: problem.Remedy})
				return nil
			}
		}
		all = append(all, &counted{m, c.file, root})
	}
	return all
}

var (
	momentFact = &policy.Fact{TypeName: "moment"}
	countFact  = &policy.Fact{TypeName: "count"}
)
