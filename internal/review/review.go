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

	"github.com/rickb777/date/v2"
	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/policy"
)

// ErrNoReview says that the rules file has no review section.
var ErrNoReview = errors.New("the rulebook does not say what to review: it has no section review")

// Options change how a directory is reviewed. Each may be left out.
type Options struct {
	Month    string                // YYYY-MM; the same as the Period of that month
	Period   Period                // in the place of a month; zero for none
	AsOf     time.Time             // moment of asking
	Dir      string                // the directory's name, which may be a period but for a year alone
	Progress func(done, total int) // called now and then, in order
	// Emit takes each record with the answer to its section's question, in
	// the order of the report, whose Section.Records are then empty. Its error
	// ends the review. With nil the report holds all records.
	Emit func(section string, r *Record, a *policy.Answer) error
	// Given takes each record with its facts, as JSON of what its tables say, before
	// Emit takes it. Its error ends the review.
	Given func(section string, r *Record, facts []byte) error
	// Brief leaves out the complete answers.
	Brief bool
	// Decided takes each record with its complete answers, in the order of the
	// report, which then has none of them. Its error ends the review.
	Decided func(section string, r *Record) error
	// Kept bounds how many records of a section the report keeps, of those that
	// are to be looked at and of the others; 0 for all. Section.Left counts the
	// rest.
	Kept int
	// Most bounds the memory that the tables may take, in bytes and about;
	// 0 for no bound. Beyond, the error is ErrTooLarge.
	Most int64
	// How says how tables are written, where review.yaml does not.
	How table.How
	// Tables finds the tables of a directory, of whatever formats; how says how
	// a file is written. With nil they are its CSV files.
	Tables func(fsys fs.FS, how func(file string) table.How) ([]table.Source, error)
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
	period   Period
	asOf     time.Time
	asOfFrom Text // where the moment of asking is from
	found    *findings
	meant    []string // tables that review.yaml names nearly

	sources  map[string]table.Source            // tables of the directory, by file
	files    []string                           // their files, in order
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
		case name == ConfigName:
			data, err := v.readConfigFile(name)
			if err != nil {
				return fmt.Errorf("reading %s: %w", name, err)
			}
			c, found := readConfig(data, v.rules, v.isTable)
			if c == nil {
				return found
			}
			v.config = c
		default:
			v.others = append(v.others, name)
		}
	}
	if err := v.findTables(); err != nil {
		return err
	}
	return v.when()
}

// isTable reports whether a file may be a table, by its name.
func (v *reviewer) isTable(file string) bool {
	return v.options.Tables != nil && file != "" || isTableFile(file)
}

// findTables finds the tables among the files of the directory.
func (v *reviewer) findTables() error {
	v.sources = map[string]table.Source{}
	all := v.others
	v.others = nil
	if v.options.Tables != nil {
		found, err := v.options.Tables(v.fsys, v.how)
		if err != nil {
			return fmt.Errorf("reading the directory: %w", err)
		}
		whole := map[string]bool{} // files that are tables, or hold some
		known := knownTables(v.rules)
		for _, s := range found {
			name := s.Name
			s.Name = tableCalled(known, s.Sheet, s.Name)
			if ext := path.Ext(strings.TrimSuffix(s.File, ".gz")); s.Name == "" && !v.described(s.File) && ext != ".csv" && s.Sheet == "" {
				continue // lines of something else
			}
			s.Name = cmp.Or(s.Name, name)
			v.sources[s.File] = s
			file, _, _ := strings.Cut(s.File, "#")
			whole[s.File], whole[file] = true, true
		}
		for _, file := range all {
			if !whole[file] {
				v.others = append(v.others, file)
			}
		}
	} else {
		for _, file := range all {
			if !isTableFile(file) {
				v.others = append(v.others, file)
				continue
			}
			v.sources[file] = table.Source{File: file, Name: strings.TrimSuffix(file, ".csv")}
		}
	}
	v.files = slices.Sorted(maps.Keys(v.sources))
	return nil
}

// described reports whether review.yaml says what a file is.
func (v *reviewer) described(file string) bool {
	return v.mapped(file) || slices.ContainsFunc(v.config.counts, func(c *count) bool { return c.file == file })
}

// knownTables are the names of all tables that the rules read, also of lists.
func knownTables(b *policy.Rulebook) []string {
	all := tableNames(b)
	for _, name := range tableNames(b) {
		for _, q := range b.Review.QuestionsOf(name) {
			for _, f := range q.Facts {
				for _, list := range listNames(f.Fact, f.Name) {
					if child := name + "." + list; !slices.Contains(all, child) {
						all = append(all, child)
					}
				}
			}
		}
	}
	return all
}

// longestSheet is how many characters the name of a sheet may have: longer ones
// of tables are cut off.
const longestSheet = 31

// tableCalled is the table that one of the names is of; "" for none.
func tableCalled(known []string, names ...string) string {
	for _, name := range names {
		for _, table := range known {
			if name == table || len(name) == longestSheet && strings.HasPrefix(table, name) {
				return table
			}
		}
		if head, _, list := strings.Cut(name, "."); list && slices.Contains(known, head) {
			return name // a list that there is not: the table's own message says so
		}
	}
	return ""
}

// how says how a file is written, as far as anybody says it.
func (v *reviewer) how(file string) table.How {
	how := v.config.how.Or(v.options.How)
	for _, m := range v.config.tables {
		if m.file == file {
			how = m.How.Or(how)
		}
	}
	return how
}

// when finds the period and the moment of asking.
func (v *reviewer) when() error {
	if v.period = v.options.Period; v.period.IsZero() && v.options.Month != "" {
		y, m, err := source.Month(v.options.Month)
		if err != nil {
			return fmt.Errorf("the month: %w", err)
		}
		v.period = monthOf(date.New(y, m, 1)).period()
	}
	if v.period.IsZero() {
		v.period = v.config.period
	}
	if p, ok := periodCalled(v.options.Dir); ok && v.period.IsZero() {
		v.period = p
	}
	switch {
	case !v.options.AsOf.IsZero():
		v.asOf, v.asOfFrom = v.options.AsOf, textf("由 --as-of 给出", "given by --as-of")
	case !v.config.asOf.IsZero():
		v.asOf, v.asOfFrom = v.config.asOf, textf("取自 %s 的 as_of", "as_of in %s", ConfigName)
	case v.period.Month() != "":
		v.asOf, v.asOfFrom = v.period.end(v.rules.Zone), textf("没有另行给出，取 %s 的月末", "the end of %s, as nobody said otherwise", v.period)
	case !v.period.IsZero():
		v.asOf, v.asOfFrom = v.period.end(v.rules.Zone), textf("没有另行给出，取 %s 的期末", "the end of %s, as nobody said otherwise", v.period)
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
		t = readSheet(v.fsys, v.sources[file], !v.described(file), v.found)
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
	if p := v.period; !p.IsZero() {
		r.Month, r.Period = p.Month(), &ReportPeriod{Name: p.String(), Label: p.Label(), From: p.From.String(), To: p.To.String()}
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
	for _, file := range v.files {
		if t := v.raw[file]; t != nil && !t.about.Said.IsZero() {
			r.ReadAs = append(r.ReadAs, ReadAs{file, t.about.Said})
		}
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
		if v.raw[file] == nil && !slices.Contains(v.meant, file) {
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
