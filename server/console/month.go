package console

import (
	"bufio"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/servicerules/rulebook/internal/review"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/kpi"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/internal/spool"
	"github.com/servicerules/rulebook/server/internal/tables"
	"github.com/servicerules/rulebook/sla"
)

// month is a review that was made, with what its pictures need. Its records
// are in a temporary file: there may be many.
type month struct {
	key      string
	sample   bool
	book     *policy.Rulebook
	report   *review.Report // without records
	sections map[string]*monthSection
	files    []string

	kept *spool.File

	mu      sync.Mutex
	users   int
	dropped bool
}

// monthSection is what is known of the records of a section without reading
// them.
type monthSection struct {
	from, to int64             // where they stand in the file
	listed   int               // records that are shown in full
	pages    []int64           // where each page of those begins
	classes  map[string]string // look of a verdict
	withs    []review.Text     // titles of the further questions
	gauges   []gaugeRecord     // of the first records that have any
	overdue  watchList
	soon     watchList
	later    int // running, and due later
}

// gaugeRecord is what is drawn of a record's indicators.
type gaugeRecord struct {
	id     string
	label  review.Text
	open   bool
	gauges []drawnGauge
}

type drawnGauge struct {
	rule  *policy.Rule
	gauge kpi.Gauge
}

// watchedRecord is a matter whose clock runs.
type watchedRecord struct {
	id     string
	rule   *policy.Rule
	clock  sla.Timeline
	liable []review.Liable
}

// watchList holds those that are due first.
type watchList struct {
	list []watchedRecord
	n    int // all of them
}

func (w *watchList) add(x watchedRecord) {
	w.n++
	if w.list = append(w.list, x); len(w.list) > 2*shownWatched {
		w.trim()
	}
}

func (w *watchList) trim() {
	slices.SortFunc(w.list, func(a, b watchedRecord) int {
		return cmp.Or(a.clock.Due.End.Compare(b.clock.Due.End), cmp.Compare(a.id, b.id))
	})
	clear(w.list[min(len(w.list), shownWatched):])
	w.list = w.list[:min(len(w.list), shownWatched)]
}

// keptRecord is a record in the temporary file.
type keptRecord struct {
	Record review.Record
	NotMet bool // an indicator of it
}

// How much a page shows; the rest is on further pages, or in the tables that
// can be saved.
const (
	shownRecords = 100 // of a section
	shownGauges  = 200
	shownWatched = 200
	keptFindings = 200
	shownNames   = 20 // of the records of a group
)

// release lets go of a month that find or keep gave.
func (m *month) release() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.users--
	m.closeUnused()
}

// drop gives the room of a month back once nobody looks at it any more.
func (m *month) drop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dropped = true
	m.closeUnused()
}

func (m *month) closeUnused() {
	if m.dropped && m.users == 0 && m.kept != nil {
		_ = m.kept.Close() // a temporary file
		m.kept = nil
	}
}

// each reads the records from one place on, until do is false.
func (m *month) each(from, to int64, do func(at int64, r *keptRecord) (more bool, err error)) error {
	const longest = 16 << 20
	in := bufio.NewReaderSize(io.NewSectionReader(m.kept, from, to-from), 64<<10)
	for at := from; at < to; {
		var size [4]byte
		if _, err := io.ReadFull(in, size[:]); err != nil {
			return err
		}
		n := binary.BigEndian.Uint32(size[:])
		if n > longest {
			return io.ErrUnexpectedEOF
		}
		data := make([]byte, n)
		if _, err := io.ReadFull(in, data); err != nil {
			return err
		}
		var r keptRecord
		if err := json.Unmarshal(data, &r); err != nil {
			return err
		}
		if more, err := do(at, &r); err != nil || !more {
			return err
		}
		at += int64(len(size)) + int64(n)
	}
	return nil
}

// reviews are the reviews made last, so that a page can be looked at again,
// printed and saved as tables. They end with the server; the addresses cannot
// be guessed.
type reviews struct {
	mu   sync.Mutex
	list []*month // the latest first
}

// keptReviews is how many reviews are kept at most, keptBytes how much of the
// disk all but the latest take.
const (
	keptReviews = 8
	keptBytes   = 256 << 20
)

func newReviews() *reviews { return &reviews{} }

// keep takes a month in. It is the caller's, too, until he releases it.
func (r *reviews) keep(m *month) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m.mu.Lock()
	m.users++
	m.mu.Unlock()
	var kept []*month
	bytes := int64(0)
	for i, x := range append([]*month{m}, r.list...) {
		if x != m {
			bytes += x.kept.Size()
		}
		if i > 0 && (x.key == m.key || i >= keptReviews || bytes > keptBytes) {
			x.drop()
			continue
		}
		kept = append(kept, x)
	}
	r.list = kept
}

// find is a review that is kept, nil where there is none. It is to be
// released.
func (r *reviews) find(key string) *month {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.list {
		if m.key == key {
			m.mu.Lock()
			m.users++
			m.mu.Unlock()
			return m
		}
	}
	return nil
}

// sampleKey is the address of the sample month.
const sampleKey = "sample"

// monthForm is the page on which a month is chosen.
type monthForm struct {
	Tables  []tableHelp
	Sample  string // month, "" where there is none
	Month   string
	Refused *monthRefusal
}

// tableHelp says what a table is for.
type tableHelp struct {
	File, Title string
	Columns     []string
}

type monthRefusal struct {
	Text, Remedy string
	Findings     []finding

	status int // 0 for 422
}

func (c *Console) monthStart(r *http.Request, p *page) (int, error) {
	return c.monthPage(p, nil, "")
}

func (c *Console) monthPage(p *page, refused *monthRefusal, chosen string) (int, error) {
	p.Name, p.Nav, p.Title = "month.html", "month", p.pick("月度审查", "A month's review")
	view := &monthForm{Month: chosen, Refused: refused}
	if c.hasSample(p.viewer.book) {
		view.Sample = c.sample.Month
	}
	if reviewed := p.viewer.book.Review; reviewed != nil {
		for _, s := range reviewed.Sections {
			i := slices.IndexFunc(view.Tables, func(t tableHelp) bool { return t.File == s.Table+".csv" })
			if i < 0 {
				view.Tables, i = append(view.Tables, tableHelp{File: s.Table + ".csv", Title: s.Title.In(p.Lang)}), len(view.Tables)
			}
			for _, f := range s.Question.Facts {
				columnsOf(f.Fact, f.Name, &view.Tables[i].Columns)
			}
		}
	}
	p.Data = view
	if refused != nil {
		return cmp.Or(refused.status, http.StatusUnprocessableEntity), nil
	}
	return http.StatusOK, nil
}

// hasSample reports whether the sample month is for the rulebook.
func (c *Console) hasSample(b *policy.Rulebook) bool {
	return c.sample.Tables != nil && c.sample.Rulebook == b.ID
}

// columnsOf are the columns that a table may have for a fact.
func columnsOf(f *policy.Fact, path string, into *[]string) {
	if f.TypeName == "record" {
		for _, x := range f.Fields {
			columnsOf(x, path+"."+x.Name, into)
		}
		return
	}
	if f.TypeName == "list" && f.Elem.TypeName == "record" {
		return // a table of its own
	}
	if !has(*into, path) {
		*into = append(*into, path)
	}
}

// MaxUpload bounds the tables of a month together.
const MaxUpload = 64 << 20

func (c *Console) monthUpload(r *http.Request, p *page) (int, error) {
	release, err := c.service.Uploading()
	if err != nil {
		return 0, err
	}
	defer release()
	door.Spooled(r.Context())
	if err := bounded(r, MaxUpload+maxForm); err != nil {
		return 0, err
	}
	files, values, err := tables.Read(r.Body, r.Header.Get("Content-Type"), c.service.Room, MaxUpload)
	var refused *tables.Error
	if errors.As(err, &refused) {
		x := &monthRefusal{Text: refused.Message.In(p.Lang), Remedy: refused.Remedy.In(p.Lang)}
		if refused.Code == "too_large" {
			x.status = http.StatusRequestEntityTooLarge
		}
		return c.monthPage(p, x, values["month"])
	}
	if err != nil {
		return 0, err
	}
	defer func() { _ = files.Close() }() // a temporary file
	chosen := strings.TrimSpace(values["month"])
	if len(files.Names()) == 0 {
		return c.monthPage(p, &monthRefusal{Text: p.pick("没有选文件", "no file was chosen"), Remedy: p.pick("选一个或几个 CSV 表", "choose one or more CSV tables")}, chosen)
	}
	if chosen != "" {
		if _, _, err := source.Month(chosen); err != nil {
			return c.monthPage(p, &monthRefusal{Text: p.pick("月份写成 2025-06", "a month is written 2025-06")}, chosen)
		}
	}
	m, refusal, err := c.makeMonth(r.Context(), p, files, review.Options{Month: chosen})
	if err != nil {
		return 0, err
	}
	if refusal != nil {
		return c.monthPage(p, refusal, chosen)
	}
	m.files, m.key = files.Names(), rand.Text()
	c.reviews.keep(m)
	m.release()
	p.location = "/month/" + m.key
	return http.StatusSeeOther, nil
}

// bounded bounds a body. One that says itself that it is larger is not waited
// for.
func bounded(r *http.Request, most int64) error {
	if r.ContentLength > most {
		return &http.MaxBytesError{Limit: most}
	}
	r.Body = http.MaxBytesReader(nil, r.Body, most)
	return nil
}

// formBounded bounds a body that must be a form: of anything else, package http
// would read nothing and say nothing.
func formBounded(r *http.Request, most int64) error {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if r.ContentLength != 0 && (err != nil || media != "application/x-www-form-urlencoded") {
		return errNoForm
	}
	return bounded(r, most)
}

// makeMonth reviews tables.
func (c *Console) makeMonth(ctx context.Context, p *page, files fs.FS, o review.Options) (m *month, refusal *monthRefusal, err error) {
	kept, err := c.service.Room.New()
	if err != nil {
		return nil, nil, err
	}
	m = &month{book: p.viewer.book, sections: map[string]*monthSection{}, kept: kept}
	defer func() {
		if err != nil || refusal != nil {
			_ = kept.Close() // a temporary file
		}
	}()
	w := &monthWriter{month: m, out: bufio.NewWriterSize(kept, 64<<10)}
	o.Brief, o.Emit = true, w.emit
	o.Progress = func(int, int) { p.extend() }
	p.extend()
	report, err := c.service.Review(ctx, files, o)
	found, failed := asFindings(err)
	switch {
	case failed:
		return nil, &monthRefusal{Text: p.pick("review.yaml 有误", "review.yaml is wrong"), Findings: findingsOf(found, nil, p.Lang)}, nil
	case errors.Is(err, review.ErrNoReview):
		return nil, &monthRefusal{
			Text:   p.pick("规则文件没有说审查什么", "the rules file does not say what to review"),
			Remedy: p.pick("在规则文件里写上 review 一节", "add a section review to the rules file"),
		}, nil
	case errors.Is(err, review.ErrTooLarge):
		return nil, &monthRefusal{
			Text:   p.pick("这些表太大，不能一起审查", "the tables are too large to be reviewed together"),
			Remedy: p.pick("按月、按部门或按表分批上传", "upload them by month, by unit or table by table"),
			status: http.StatusRequestEntityTooLarge,
		}, nil
	case err != nil:
		return nil, nil, err
	}
	if err := w.out.Flush(); err != nil {
		return nil, nil, err
	}
	if n := len(report.Findings); n > keptFindings {
		report.Findings, report.MoreFindings = slices.Clone(report.Findings[:keptFindings]), report.MoreFindings+n-keptFindings
	}
	for _, s := range m.sections {
		s.overdue.trim()
		s.soon.trim()
	}
	m.report = report
	return m, nil, nil
}

// monthWriter puts the records of a review into its file as they are judged.
type monthWriter struct {
	month *month
	out   *bufio.Writer
	at    int64
}

func (w *monthWriter) emit(section string, r *review.Record, a *policy.Answer) error {
	s := w.month.sections[section]
	if s == nil {
		s = &monthSection{from: w.at, classes: map[string]string{}}
		w.month.sections[section] = s
	}
	k := keptRecord{Record: *r}
	drawn := gaugeRecord{id: strings.Clone(r.ID), label: r.Answer.Label, open: r.Answer.Provisional}
	var clock *watchedRecord
	for _, x := range a.Details() {
		switch of := x.Of.(type) {
		case kpi.Gauge:
			drawn.gauges = append(drawn.gauges, drawnGauge{x.Rule, of})
			k.NotMet = k.NotMet || of.Verdict == kpi.NotMet
		case sla.Timeline:
			clock = &watchedRecord{id: drawn.id, rule: x.Rule, clock: of, liable: cloned(r.Answer.Liable)}
		}
	}
	if len(drawn.gauges) > 0 && len(s.gauges) < shownGauges {
		s.gauges = append(s.gauges, drawn)
	}
	if clock != nil {
		s.watch(clock)
	}
	if _, known := s.classes[r.Answer.Verdict]; !known {
		s.classes[r.Answer.Verdict] = answerClass(&r.Answer)
	}
	for _, x := range r.With {
		if !slices.Contains(s.withs, x.Title) {
			s.withs = append(s.withs, x.Title)
		}
	}
	if r.Listed {
		if s.listed%shownRecords == 0 {
			s.pages = append(s.pages, w.at)
		}
		s.listed++
	}
	data, err := json.Marshal(k)
	if err != nil {
		return err
	}
	if _, err := w.out.Write(binary.BigEndian.AppendUint32(nil, uint32(len(data)))); err != nil {
		return err
	}
	n, err := w.out.Write(data)
	w.at += 4 + int64(n)
	s.to = w.at
	return err
}

// cloned are the liable without the rows of the table that they stand in.
func cloned(list []review.Liable) []review.Liable {
	list = slices.Clone(list)
	for i := range list {
		list[i].Person = strings.Clone(list[i].Person)
	}
	return list
}

// watch notes a matter that is overdue or runs.
func (s *monthSection) watch(x *watchedRecord) {
	c := x.clock
	switch {
	case c.Due.End.IsZero():
	case c.Status == sla.Overdue:
		s.overdue.add(*x)
	case c.Status == sla.Running && c.Due.End.Sub(c.AsOf) <= soonDays*24*time.Hour:
		s.soon.add(*x)
	case c.Status == sla.Running:
		s.later++
	}
}

// monthOf finds a review that was made; the sample month is made when it is
// first looked at, and again when the rules have changed. It is to be
// released.
func (c *Console) monthOf(ctx context.Context, p *page, key string) (*month, *monthRefusal, error) {
	m := c.reviews.find(key)
	if key != sampleKey || !c.hasSample(p.viewer.book) || m != nil && m.book.SHA256 == p.SHA256 {
		return m, nil, nil
	}
	if m != nil {
		m.release()
	}
	m, refusal, err := c.makeMonth(ctx, p, c.sample.Tables, review.Options{Month: c.sample.Month})
	if m == nil {
		return nil, refusal, err
	}
	m.key, m.sample = sampleKey, true
	c.reviews.keep(m)
	return m, nil, nil
}

// notKept says that a review is gone, and what to do.
func notKept() (text, remedy policy.Text) {
	return policy.Text{ZH: "这次审查已不在", EN: "this review is no longer kept"},
		policy.Text{ZH: "请重新上传；只保留最近几次审查，服务器停止后一并删去", EN: "upload the tables again: only the last few reviews are kept, and none when the server ends"}
}

func (c *Console) monthReview(r *http.Request, p *page) (int, error) {
	m, refusal, err := c.monthOf(r.Context(), p, r.PathValue("review"))
	if err != nil {
		return 0, err
	}
	if refusal != nil {
		return c.monthPage(p, refusal, "")
	}
	if m == nil {
		text, remedy := notKept()
		return c.monthPage(p, &monthRefusal{Text: text.In(p.Lang), Remedy: remedy.In(p.Lang)}, "")
	}
	defer m.release()
	p.Name, p.Nav, p.Wide = "review.html", "month", true
	p.viewer.book = m.book // by the rules that made it
	query := r.URL.Query()
	number, _ := strconv.Atoi(query.Get("page")) // whatever else: the first
	view, err := newReview(p.viewer, m, query.Get("section"), max(number, 1))
	if err != nil {
		return 0, err
	}
	p.Title, p.Data = view.Title, view
	return http.StatusOK, nil
}

// reviewView is a review as a page.
type reviewView struct {
	Key, Title, Book, Month, AsOf string
	SHA256                        string
	Editions                      string
	Sample                        bool
	Tiles                         []tile
	Gauges                        []gaugeTable
	Overdue, Soon                 []watched
	OverdueCount, SoonCount       int
	Later                         int  // running, and due later
	Only                          bool // one section, of which this is a page
	Back                          string
	SoonDays                      int
	Sections                      []sectionView
	NotReviewed                   []string
	Open                          []openGroup
	Findings                      []review.Finding
	MoreFindings                  int
	Files                         []string
	All                           string // address of everything as a table
}

type tile struct {
	Label string
	N     int
	Class string
	Href  string
}

// gaugeTable is a section's records against their thresholds.
type gaugeTable struct {
	Title   string
	Bounds  []string
	Columns []string
	Rows    []gaugeRow
	More    bool
}

type gaugeRow struct {
	Record, Verdict, Class string
	Open                   bool
	Cells                  []*gauge // nil where there is none
}

// watched is a matter whose clock runs.
type watched struct {
	Record, Section, Rule, Start, Due, Left string
	Liable                                  []string
}

type sectionView struct {
	Name, Title, Note, Anchor string
	Records                   int
	Verdicts                  []verdictCount
	Provisional               int
	Columns                   []review.Column
	Sums                      bool
	Rows                      []recordView
	More                      int
	CSV                       string
	Compare                   []review.Cross
	Page, Pages               int
	Previous, Next            string // addresses, "" where there is none
}

type verdictCount struct {
	Label string
	N     int
	Class string
}

type recordView struct {
	ID, Verdict, Class string
	Provisional        bool
	Cells              []string
	Breaches           []string
	Liable             []string
	Missing            []string
	Decisions          []string
	Error              string
	With               []withView
}

type withView struct{ Title, Shown, Class, Absent string }

// openGroup is something that kept records from being decided.
type openGroup struct {
	Section, What, Label string
	Records              []string
	More                 int
}

// soonDays is how many days ahead the page looks.
const soonDays = 7

// newReview is a review as a page: all of it, or a page of one section.
func newReview(v *viewer, m *month, only string, number int) (*reviewView, error) {
	r := m.report
	to := "/month/" + url.PathEscape(m.key)
	x := &reviewView{
		Key: m.key, Title: r.Title.In(v.lang), Book: r.Rulebook.Title.In(v.lang), Month: r.Month, SHA256: r.Rulebook.SHA256, SoonDays: soonDays,
		Editions: strings.Join(r.Rulebook.Editions, v.pick("、", ", ")), Sample: m.sample, Files: m.files, All: to + "/all.csv", Back: to,
	}
	if t, err := time.Parse(time.RFC3339Nano, r.AsOf); err == nil {
		x.AsOf = wording.Moment(t.In(m.book.Zone))
	}
	x.Tiles = v.tiles(r.Totals)
	for i := range r.Sections {
		s := &r.Sections[i]
		if x.Only = s.Name == only; x.Only {
			view, err := v.section(m, s, number)
			x.Sections = append(x.Sections, view)
			return x, err
		}
	}
	x.Findings, x.MoreFindings = r.Findings, r.MoreFindings
	for i := range r.Sections {
		s := &r.Sections[i]
		if s.Missing != "" && m.sections[s.Name] == nil {
			x.NotReviewed = append(x.NotReviewed, s.Title.In(v.lang)+v.pick("（", " (")+s.Missing+v.pick("）", ")"))
			continue
		}
		view, err := v.section(m, s, 1)
		if err != nil {
			return nil, err
		}
		x.Sections = append(x.Sections, view)
		if g := v.gaugeTable(m, s); g != nil {
			x.Gauges = append(x.Gauges, *g)
		}
		v.watch(m, s, x)
		x.Open = append(x.Open, v.open(s)...)
	}
	byDue := func(a, b watched) int { return strings.Compare(a.Due+a.Record, b.Due+b.Record) }
	slices.SortFunc(x.Overdue, byDue)
	slices.SortFunc(x.Soon, byDue)
	return x, nil
}

func (v *viewer) tiles(t review.Totals) []tile {
	all := []tile{
		{v.pick("审查的记录", "records reviewed"), t.Records, "", "#sections"},
		{v.pick("有违反的记录", "records with a breach"), t.Breached, "bad", "#sections"},
		{v.pick("须由人决定", "for a person to decide"), t.Decisions, "open", "#open"},
		{v.pick("缺事实", "a fact is missing"), t.Undecided, "open", "#open"},
	}
	if t.Failed > 0 {
		all = append(all, tile{v.pick("无法计算", "not computable"), t.Failed, "bad", "#open"})
	}
	if t.Unreadable > 0 {
		all = append(all, tile{v.pick("读不了的行", "rows unreadable"), t.Unreadable, "bad", "#findings"})
	}
	if t.Outside > 0 {
		all = append(all, tile{v.pick("属于其他月份", "of other months"), t.Outside, "", ""})
	}
	return all
}

// section is a page of a section's records, from 1.
func (v *viewer) section(m *month, s *review.Section, number int) (sectionView, error) {
	to := "/month/" + url.PathEscape(m.key)
	x := sectionView{
		Name: s.Name, Title: s.Title.In(v.lang), Note: s.Note.In(v.lang), Anchor: "s-" + s.Name, Records: s.Totals.Records, Provisional: s.Provisional,
		Columns: s.Columns, Compare: s.Compare, CSV: to + "/" + url.PathEscape(s.Name) + ".csv",
	}
	kept := m.sections[s.Name]
	for _, t := range s.Verdicts {
		class := ""
		if kept != nil {
			class = kept.classes[t.Verdict]
		}
		x.Verdicts = append(x.Verdicts, verdictCount{t.Label.In(v.lang), t.Records, class})
	}
	for _, c := range s.Columns {
		x.Sums = x.Sums || c.Sum != nil
	}
	if kept == nil {
		return x, nil
	}
	x.More = s.Totals.Records - kept.listed
	if x.Pages = len(kept.pages); x.Pages == 0 {
		return x, nil
	}
	x.Page = min(number, x.Pages)
	address := func(page int) string {
		return to + "?" + url.Values{"section": {s.Name}, "page": {itoa(page)}}.Encode()
	}
	if x.Page > 1 {
		x.Previous = address(x.Page - 1)
	}
	if x.Page < x.Pages {
		x.Next = address(x.Page + 1)
	}
	return x, m.each(kept.pages[x.Page-1], kept.to, func(_ int64, r *keptRecord) (bool, error) {
		if r.Record.Listed {
			x.Rows = append(x.Rows, v.record(r))
		}
		return len(x.Rows) < shownRecords, nil
	})
}

func answerClass(a *review.Answer) string {
	switch {
	case a.Error != nil || len(a.Breaches) > 0:
		return "bad"
	case len(a.Missing) > 0 || len(a.Decisions) > 0 || a.Verdict == policy.Undetermined:
		return "open"
	}
	return ""
}

func (v *viewer) record(k *keptRecord) recordView {
	r := &k.Record
	x := recordView{ID: r.ID, Verdict: r.Answer.Label.In(v.lang), Class: answerClass(&r.Answer), Provisional: r.Answer.Provisional}
	if k.NotMet {
		x.Class = "bad"
	}
	for _, c := range r.Cells {
		x.Cells = append(x.Cells, c.In(v.lang))
	}
	x.Breaches, x.Liable, x.Missing, x.Decisions = v.factsOf(&r.Answer)
	if r.Answer.Error != nil {
		x.Error = r.Answer.Error.In(v.lang)
	}
	for _, w := range r.With {
		x.With = append(x.With, v.with(&w))
	}
	return x
}

// with shows the answer to the other question, and what stands in its way.
func (v *viewer) with(w *review.With) withView {
	x := withView{Title: w.Title.In(v.lang), Shown: w.Shown.In(v.lang), Class: answerClass(&w.Answer), Absent: w.Absent}
	if label := w.Answer.Label.In(v.lang); x.Shown != label {
		if x.Shown == "" {
			x.Shown = label
		} else {
			x.Shown = label + v.pick("：", ": ") + x.Shown
			x.Class = cmp.Or(x.Class, "open")
		}
	}
	return x
}

// factsOf are the parts of an answer, each in words.
func (v *viewer) factsOf(a *review.Answer) (breaches, liable, missing, decisions []string) {
	for _, b := range a.Breaches {
		breaches = append(breaches, b.Label.In(v.lang)+v.pick("（", " (")+b.Where.In(v.lang)+v.pick("）", ")"))
	}
	for _, f := range a.Missing {
		missing = append(missing, f.Label.In(v.lang))
	}
	for _, d := range a.Decisions {
		decisions = append(decisions, d.In(v.lang))
	}
	return breaches, v.liable(a.Liable), missing, decisions
}

func (v *viewer) liable(list []review.Liable) (all []string) {
	for _, l := range list {
		all = append(all, strings.TrimSpace(l.Label.In(v.lang)+" "+l.Person))
	}
	return all
}

func (v *viewer) gaugeTable(m *month, s *review.Section) *gaugeTable {
	t := &gaugeTable{Title: s.Title.In(v.lang)}
	kept := m.sections[s.Name]
	if kept == nil {
		return nil
	}
	t.More = len(kept.gauges) == shownGauges
	var rules []string // labels, in the order of the columns
	for _, d := range kept.gauges {
		row := gaugeRow{Record: d.id, Verdict: d.label.In(v.lang), Class: "met", Open: d.open, Cells: make([]*gauge, len(rules))}
		for _, g := range d.gauges {
			x := newGauge(v, g.rule, g.gauge)
			at := slices.Index(rules, x.Title)
			if at < 0 {
				at = len(rules)
				rules, t.Bounds, row.Cells = append(rules, x.Title), append(t.Bounds, x.Bound), append(row.Cells, nil)
			} else if t.Bounds[at] != x.Bound {
				t.Bounds[at] = "" // not the same for all records: each cell says its own
			}
			row.Cells[at] = &x
			if g.gauge.Verdict == kpi.NotMet {
				row.Class = "not_met"
			}
		}
		t.Rows = append(t.Rows, row)
	}
	if len(t.Rows) == 0 {
		return nil
	}
	for i := range t.Rows {
		for len(t.Rows[i].Cells) < len(rules) {
			t.Rows[i].Cells = append(t.Rows[i].Cells, nil)
		}
	}
	t.Columns = rules
	return t
}

// watch lists the matters of a section that are overdue or run.
func (v *viewer) watch(m *month, s *review.Section, x *reviewView) {
	kept := m.sections[s.Name]
	if kept == nil {
		return
	}
	list := func(l watchList) (all []watched) {
		for _, r := range l.list {
			w := watched{
				Record: r.id, Section: s.Title.In(v.lang), Rule: r.rule.Label.In(v.lang), Start: wording.Moment(r.clock.Start.In(m.book.Zone)), Due: v.due(r.clock.Due),
				Left: v.span(r.clock.Due.End.Sub(r.clock.AsOf)), Liable: v.liable(r.liable),
			}
			all = append(all, w)
		}
		return all
	}
	x.Overdue, x.OverdueCount = append(x.Overdue, list(kept.overdue)...), x.OverdueCount+kept.overdue.n
	x.Soon, x.SoonCount = append(x.Soon, list(kept.soon)...), x.SoonCount+kept.soon.n
	x.Later += kept.later
}

// span is a stretch of time in days, or in hours where it is short.
func (v *viewer) span(d time.Duration) string {
	past := d < 0
	if past {
		d = -d
	}
	const twoDays = 48 * time.Hour
	n, zh, en := int(d/time.Hour), "小时", " h"
	if d >= twoDays {
		n, zh, en = int(d/(24*time.Hour)), "天", " days"
	}
	text := itoa(n) + v.pick(zh, en)
	if past {
		return v.pick("已超 "+text, text+" over")
	}
	return v.pick("还有 "+text, text+" left")
}

// open are the reasons why records of a section could not be decided.
func (v *viewer) open(s *review.Section) []openGroup {
	var all []openGroup
	section := s.Title.In(v.lang)
	add := func(what string, groups []review.Group) {
		for _, g := range groups {
			n := min(len(g.Records), shownNames)
			all = append(all, openGroup{section, what, g.Label.In(v.lang), g.Records[:n], g.More + len(g.Records) - n})
		}
	}
	add(v.pick("无法计算", "not computable"), s.Errors)
	add(v.pick("缺事实", "missing fact"), s.MissingFacts)
	add(v.pick("须由人决定", "to be decided"), s.Decisions)
	return all
}
