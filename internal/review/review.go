package review

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
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
	// Emit takes each record with the answer to its section's question, in
	// the order of the report, whose Section.Records are then empty. Its error
	// ends the review. With nil the report holds all records.
	Emit func(section string, r *Record, a *policy.Answer) error
	// Brief leaves out the complete answers.
	Brief bool
	// Most bounds the memory that the tables may take, in bytes and about;
	// 0 for no bound. Beyond, the error is ErrTooLarge.
	Most int64
	// Named bounds how many records each Group names; 0 for all of them.
	Named int
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
// is wrong, ErrNoReview, ErrTooLarge, the context's, that of Options.Emit, or
// that of reading the directory.
func Run(ctx context.Context, book *rulebook.Book, fsys fs.FS, o Options) (*Report, error) {
	rules := book.Rulebook()
	if rules.Review == nil {
		return nil, ErrNoReview
	}
	v := &reviewer{
		ctx: ctx, book: book, timed: book, rules: rules, fsys: fsys, options: o, found: newFindings(),
		raw: map[string]*sheet{}, parts: map[string]*part{}, tables: map[string]*records{}, of: map[*policy.ReviewSection]*records{}, editions: map[string]bool{},
	}
	v.found.budget = budget{bounded: o.Most > 0, left: o.Most}
	if err := v.prepare(); err != nil {
		return nil, err
	}
	return v.run()
}

type reviewer struct {
	ctx      context.Context
	book     *rulebook.Book // without a moment of asking
	timed    *rulebook.Book // with the review's
	rules    *policy.Rulebook
	fsys     fs.FS
	options  Options
	config   *config
	month    month
	asOf     time.Time
	asOfFrom Text // where the moment of asking is from
	found    *findings

	files    []string                           // CSV files of the directory
	others   []string                           // what else is there
	raw      map[string]*sheet                  // by file
	parts    map[string]*part                   // by file
	tables   map[string]*records                // by name, of all files; nil where there are none
	of       map[*policy.ReviewSection]*records // what a section asks about; the same as in tables where it can be
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
		default:
			v.others = append(v.others, name)
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
	switch {
	case !v.options.AsOf.IsZero():
		v.asOf, v.asOfFrom = v.options.AsOf, textf("由 --as-of 给出", "given by --as-of")
	case !v.config.asOf.IsZero():
		v.asOf, v.asOfFrom = v.config.asOf, textf("取自 %s 的 as_of", "as_of in %s", configName)
	case v.month != 0:
		v.asOf, v.asOfFrom = v.month.end(v.rules.Zone), textf("没有另行给出，取 %s 的月末", "the end of %s, as nobody said otherwise", v.month)
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

// asked are the records that a section asks about, in the order of the report.
type asked struct {
	*records
	ids []string
}

func (v *reviewer) run() (*Report, error) {
	sections := v.rules.Review.Sections
	records := make([]*asked, len(sections))
	counted := make([][]*counted, len(sections))
	for i, s := range sections {
		records[i] = v.asked(s)
		v.total += len(records[i].ids)
		counted[i] = v.counted(s, records[i])
		v.total += len(counted[i])
	}
	v.unclaimed()
	v.strays()
	if v.found.budget.over {
		return nil, ErrTooLarge
	}
	r := &Report{Title: v.rules.Review.Title, Rulebook: Rulebook{ID: v.rules.ID, Title: v.rules.Title, SHA256: v.rules.SHA256}}
	if v.month != 0 {
		r.Month = v.month.String()
	}
	if !v.asOf.IsZero() {
		r.AsOf = v.asOf.In(v.rules.Zone).Format(time.RFC3339Nano)
	}
	for i, s := range sections {
		x, err := v.section(s, records[i], counted[i])
		if err != nil {
			return nil, err
		}
		r.Sections = append(r.Sections, *x)
		r.Totals.add(x.Totals)
	}
	if r.Rulebook.Editions = slices.Sorted(maps.Keys(v.editions)); r.Rulebook.Editions == nil {
		r.Rulebook.Editions = []string{}
	}
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

// mapped reports whether review.yaml says how a file is read.
func (v *reviewer) mapped(file string) bool {
	return slices.ContainsFunc(v.config.tables, func(m *mapping) bool { return m.file == file })
}

// isOwn reports whether a file of a name that the rules know is a table in our
// own format. One that is mapped is read by its mapping alone; one that is
// counted is our own as well where it has a column of ids.
func (v *reviewer) isOwn(file string) bool {
	switch {
	case !v.has(file) || v.mapped(file):
		return false
	case slices.ContainsFunc(v.config.counts, func(c *count) bool { return c.file == file }):
		return slices.ContainsFunc(v.table(file).header, func(h string) bool { return strings.EqualFold(h, table.Record) })
	}
	return true
}

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
		if path, ok := strings.CutPrefix(strings.TrimSuffix(file, ".csv"), name+"."); ok && v.isOwn(file) {
			v.children(rs, file, path, questionsOf(v.rules, name))
		}
	}
	return rs
}

// collect are the files of a table: its own, and those that are mapped to it
// and wanted.
func (v *reviewer) collect(name string, wanted func(*mapping) bool) *records {
	rs := &records{}
	if v.isOwn(name + ".csv") {
		rs.parts = append(rs.parts, v.own(name))
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
func (v *reviewer) own(name string) *part {
	file := name + ".csv"
	if p := v.parts[file]; p != nil {
		return p
	}
	p := &part{sheet: v.table(file)}
	v.parts[file] = p
	p.ownHeader()
	if !p.broken {
		p.report(p.headerLine, table.CheckFacts(p.header[1:], questionsOf(v.rules, name)...)...)
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
	t.ownHeader()
	if !t.broken {
		names := table.FieldNames(list.Elem, "")
		for _, h := range t.header[1:] {
			if f, ok := table.FieldAt(list.Elem, h); h != "" && !table.IsRemark(h) && (!ok || table.IsTable(f)) {
				t.report(t.headerLine, table.UnknownColumn(h, names))
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
		id := r.cells[0]
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
		p.fail("table_missing", 0, "", "", textf("review.yaml 所说的表不在目录里", "the table that review.yaml names is not in the directory"),
			textf("放入该文件，或从 review.yaml 删去", "add the file or remove it from review.yaml"))
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

// unclaimed reports tables that nobody reads: a slip in a name must not look
// like a month without complaints.
func (v *reviewer) unclaimed() {
	var names []string
	for _, name := range tableNames(v.rules) {
		names = append(names, name+".csv")
	}
	for _, file := range v.others {
		ext := path.Ext(file)
		meant := slices.IndexFunc(names, func(name string) bool { return strings.EqualFold(name, strings.TrimSuffix(file, ext)+".csv") })
		if meant < 0 && !strings.EqualFold(ext, ".csv") {
			continue // no table, by its name
		}
		remedy := textf("把文件名的结尾改成 .csv", "let its name end in .csv")
		if meant >= 0 {
			remedy = textf("另存为 CSV UTF-8，文件名 %s", "save it as CSV UTF-8, under the name %s", names[meant])
		}
		v.found.add(Finding{Code: "unknown_table", File: file, Message: textf("没有读这个文件：表是 .csv 文件", "this file was not read: tables are .csv files"), Remedy: remedy})
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
func (v *reviewer) strays() {
	parents := map[string]map[string]bool{} // of tables that are about other tables only
	for _, s := range v.rules.Review.Sections {
		for _, w := range s.With {
			if w.Table == "" || slices.ContainsFunc(v.rules.Review.Sections, func(s *policy.ReviewSection) bool { return s.Table == w.Table }) {
				continue
			}
			if parents[w.Table] == nil {
				parents[w.Table] = map[string]bool{}
			}
			if rs := v.ofSection(s); rs != nil {
				for id := range rs.byID {
					parents[w.Table][id] = true
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(parents)) {
		rs := v.tables[name]
		if rs == nil {
			continue
		}
		for id, e := range rs.byID {
			if !parents[name][id] {
				e.part.failRow(e.row, "unknown_record", table.Record, id, textf("没有审查到记录 %q", "no record %q is under review", id),
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
			if v.month != 0 && m != v.month {
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

// count adds the rows of a table, by month.
func (v *reviewer) count(into *counting, c *count) {
	if !v.has(c.file) {
		v.found.add(Finding{
			Code: "table_missing", File: c.file, Message: textf("review.yaml 所说的表不在目录里", "the table that review.yaml names is not in the directory"),
			Remedy: textf("放入该文件，或从 review.yaml 删去", "add the file or remove it from review.yaml"),
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
	x := table.Column{At: at, Header: c.moment, Local: c.local, Fact: momentFact}
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
			v.found.add(Finding{Code: problem.Code, File: configName, Column: f.Path, Message: problem.Message, Remedy: problem.Remedy})
			return nil
		}
	}
	return root
}

var (
	momentFact = &policy.Fact{TypeName: "moment"}
	countFact  = &policy.Fact{TypeName: "count"}
)
