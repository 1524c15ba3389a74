package console

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/servicerules/rulebook/examples/server/tables"
	"github.com/servicerules/rulebook/internal/review"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/kpi"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla"
)

// month is a review that was made, with what its pictures need.
type month struct {
	key     string
	sample  bool
	book    *policy.Rulebook
	report  *review.Report
	details map[string]*recordDetails // by section and record
	files   []string
}

// recordDetails are what is drawn of the answer about a record.
type recordDetails struct {
	gauges []drawnGauge
	clock  *sla.Timeline // the one that runs last
	rule   *policy.Rule
}

type drawnGauge struct {
	rule  *policy.Rule
	gauge kpi.Gauge
}

// reviews are the reviews made last, so that a page can be looked at again,
// printed and saved as tables. Nothing of them is stored; the addresses cannot
// be guessed.
type reviews struct {
	mu   sync.Mutex
	list []*month // the latest first
}

// keptReviews is how many reviews are kept at most, keptRecords how many
// records of all but the latest: a record takes about a kilobyte.
const (
	keptReviews = 8
	keptRecords = 100_000
)

func newReviews() *reviews { return &reviews{} }

func (r *reviews) keep(m *month) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = slices.Insert(slices.DeleteFunc(r.list, func(x *month) bool { return x.key == m.key }), 0, m)
	records := 0
	for i, x := range r.list {
		records += x.report.Totals.Records
		if i > 0 && (i == keptReviews || records > keptRecords) {
			r.list = slices.Delete(r.list, i, len(r.list))
			return
		}
	}
}

func (r *reviews) find(key string) *month {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.list {
		if m.key == key {
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
		return http.StatusUnprocessableEntity, nil
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
	r.Body = http.MaxBytesReader(nil, r.Body, MaxUpload+maxForm)
	form, err := r.MultipartReader()
	if err != nil {
		return 0, err
	}
	files, values, err := tables.Read(form, MaxUpload)
	var refused *tables.Error
	if errors.As(err, &refused) {
		return c.monthPage(p, &monthRefusal{Text: refused.Message.In(p.Lang), Remedy: refused.Remedy.In(p.Lang)}, values["month"])
	}
	if err != nil {
		return 0, err
	}
	chosen := strings.TrimSpace(values["month"])
	if len(files) == 0 {
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
	for name := range files {
		m.files = append(m.files, name)
	}
	slices.Sort(m.files)
	m.key = rand.Text()
	c.reviews.keep(m)
	p.location = "/month/" + m.key
	return http.StatusSeeOther, nil
}

// makeMonth reviews tables.
func (c *Console) makeMonth(ctx context.Context, p *page, files fs.FS, o review.Options) (*month, *monthRefusal, error) {
	m := &month{book: p.viewer.book, details: map[string]*recordDetails{}}
	o.Answered = func(section, record string, a *policy.Answer) {
		d := &recordDetails{}
		for _, x := range a.Details() {
			switch of := x.Of.(type) {
			case kpi.Gauge:
				d.gauges = append(d.gauges, drawnGauge{x.Rule, of})
			case sla.Timeline:
				d.clock, d.rule = &of, x.Rule
			}
		}
		if len(d.gauges) > 0 || d.clock != nil {
			m.details[section+"\x00"+record] = d
		}
	}
	report, err := c.service.Review(ctx, files, o)
	switch found, failed := asFindings(err); {
	case failed:
		return nil, &monthRefusal{Text: p.pick("review.yaml 有误", "review.yaml is wrong"), Findings: findingsOf(found, nil, p.Lang)}, nil
	case errors.Is(err, review.ErrNoReview):
		return nil, &monthRefusal{
			Text:   p.pick("规则文件没有说审查什么", "the rules file does not say what to review"),
			Remedy: p.pick("在规则文件里写上 review 一节", "add a section review to the rules file"),
		}, nil
	case err != nil:
		return nil, nil, err
	}
	m.report = report
	for i := range report.Sections {
		for k := range report.Sections[i].Records {
			r := &report.Sections[i].Records[k]
			r.Answer.Complete = nil // large, and shown nowhere here
			for w := range r.With {
				r.With[w].Answer.Complete = nil
			}
		}
	}
	return m, nil, nil
}

// monthOf finds a review that was made; the sample month is made when it is
// first looked at, and again when the rules have changed.
func (c *Console) monthOf(ctx context.Context, p *page, key string) (*month, *monthRefusal, error) {
	m := c.reviews.find(key)
	if key != sampleKey || !c.hasSample(p.viewer.book) || m != nil && m.book.SHA256 == p.SHA256 {
		return m, nil, nil
	}
	m, refusal, err := c.makeMonth(ctx, p, c.sample.Tables, review.Options{Month: c.sample.Month})
	if m == nil {
		return nil, refusal, err
	}
	m.key, m.sample = sampleKey, true
	c.reviews.keep(m)
	return m, nil, nil
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
		return c.monthPage(p, &monthRefusal{
			Text:   p.pick("这次审查已不在内存中", "this review is no longer kept"),
			Remedy: p.pick("请重新上传；审查结果不落盘，只保留最近几次", "upload the tables again: reviews are not stored, only the last few are kept"),
		}, "")
	}
	p.Name, p.Nav, p.Wide = "review.html", "month", true
	p.viewer.book = m.book // by the rules that made it
	view := newReview(p.viewer, m)
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
	Later                         int // running, and due later
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
}

// soonDays is how many days ahead the page looks.
const soonDays = 7

func newReview(v *viewer, m *month) *reviewView {
	r := m.report
	x := &reviewView{
		Key: m.key, Title: r.Title.In(v.lang), Book: r.Rulebook.Title.In(v.lang), Month: r.Month, SHA256: r.Rulebook.SHA256, SoonDays: soonDays,
		Editions: strings.Join(r.Rulebook.Editions, v.pick("、", ", ")), Sample: m.sample, Findings: r.Findings, MoreFindings: r.MoreFindings, Files: m.files,
		All: "/month/" + url.PathEscape(m.key) + "/all.csv",
	}
	if t, err := time.Parse(time.RFC3339Nano, r.AsOf); err == nil {
		x.AsOf = wording.Moment(t.In(m.book.Zone))
	}
	x.Tiles = v.tiles(r.Totals)
	for i := range r.Sections {
		s := &r.Sections[i]
		if s.Missing != "" && len(s.Records) == 0 {
			x.NotReviewed = append(x.NotReviewed, s.Title.In(v.lang)+v.pick("（", " (")+s.Missing+v.pick("）", ")"))
			continue
		}
		x.Sections = append(x.Sections, v.section(m, s))
		if g := v.gaugeTable(m, s); g != nil {
			x.Gauges = append(x.Gauges, *g)
		}
		v.watch(m, s, x)
		x.Open = append(x.Open, v.open(s)...)
	}
	byDue := func(a, b watched) int { return strings.Compare(a.Due+a.Record, b.Due+b.Record) }
	slices.SortFunc(x.Overdue, byDue)
	slices.SortFunc(x.Soon, byDue)
	return x
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

func (v *viewer) section(m *month, s *review.Section) sectionView {
	x := sectionView{
		Name: s.Name, Title: s.Title.In(v.lang), Note: s.Note.In(v.lang), Anchor: "s-" + s.Name, Records: len(s.Records), Provisional: s.Provisional,
		Columns: s.Columns, Compare: s.Compare, CSV: "/month/" + url.PathEscape(m.key) + "/" + url.PathEscape(s.Name) + ".csv",
	}
	for _, t := range s.Verdicts {
		x.Verdicts = append(x.Verdicts, verdictCount{t.Label.In(v.lang), t.Records, v.classOf(s, t.Verdict)})
	}
	for _, c := range s.Columns {
		x.Sums = x.Sums || c.Sum != nil
	}
	for i := range s.Records {
		r := &s.Records[i]
		if !r.Listed {
			x.More++
			continue
		}
		x.Rows = append(x.Rows, v.record(m, s, r))
	}
	return x
}

// classOf is the look of a verdict: that of the records that have it.
func (v *viewer) classOf(s *review.Section, verdict string) string {
	for i := range s.Records {
		if s.Records[i].Answer.Verdict == verdict {
			return answerClass(&s.Records[i].Answer)
		}
	}
	return ""
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

func (v *viewer) record(m *month, s *review.Section, r *review.Record) recordView {
	x := recordView{ID: r.ID, Verdict: r.Answer.Label.In(v.lang), Class: answerClass(&r.Answer), Provisional: r.Answer.Provisional}
	if d := m.details[s.Name+"\x00"+r.ID]; d != nil && slices.ContainsFunc(d.gauges, func(g drawnGauge) bool { return g.gauge.Verdict == kpi.NotMet }) {
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
		// What is shown of the other question is what stands in the way.
		y := withView{Title: w.Title.In(v.lang), Shown: w.Shown.In(v.lang), Class: answerClass(&w.Answer), Absent: w.Absent}
		if label := w.Answer.Label.In(v.lang); y.Shown != label {
			if y.Shown == "" {
				y.Shown = label
			} else {
				y.Shown = label + v.pick("：", ": ") + y.Shown
				y.Class = cmp.Or(y.Class, "open")
			}
		}
		x.With = append(x.With, y)
	}
	return x
}

// factsOf are the parts of an answer, each in words.
func (v *viewer) factsOf(a *review.Answer) (breaches, liable, missing, decisions []string) {
	for _, b := range a.Breaches {
		breaches = append(breaches, b.Label.In(v.lang)+v.pick("（", " (")+b.Where.In(v.lang)+v.pick("）", ")"))
	}
	for _, l := range a.Liable {
		liable = append(liable, strings.TrimSpace(l.Label.In(v.lang)+" "+l.Person))
	}
	for _, f := range a.Missing {
		missing = append(missing, f.Label.In(v.lang))
	}
	for _, d := range a.Decisions {
		decisions = append(decisions, d.In(v.lang))
	}
	return breaches, liable, missing, decisions
}

func (v *viewer) gaugeTable(m *month, s *review.Section) *gaugeTable {
	t := &gaugeTable{Title: s.Title.In(v.lang)}
	var rules []string // labels, in the order of the columns
	for i := range s.Records {
		r := &s.Records[i]
		d := m.details[s.Name+"\x00"+r.ID]
		if d == nil || len(d.gauges) == 0 {
			continue
		}
		row := gaugeRow{Record: r.ID, Verdict: r.Answer.Label.In(v.lang), Class: "met", Open: r.Answer.Provisional, Cells: make([]*gauge, len(rules))}
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
	for i := range s.Records {
		r := &s.Records[i]
		d := m.details[s.Name+"\x00"+r.ID]
		if d == nil || d.clock == nil || d.clock.Due.End.IsZero() || d.clock.Status != sla.Overdue && d.clock.Status != sla.Running {
			continue
		}
		w := watched{
			Record: r.ID, Section: s.Title.In(v.lang), Rule: d.rule.Label.In(v.lang), Start: wording.Moment(d.clock.Start.In(m.book.Zone)), Due: v.due(d.clock.Due),
		}
		_, w.Liable, _, _ = v.factsOf(&r.Answer)
		left := d.clock.Due.End.Sub(d.clock.AsOf)
		w.Left = v.span(left)
		switch {
		case d.clock.Status == sla.Overdue:
			x.Overdue = append(x.Overdue, w)
		case left <= soonDays*24*time.Hour:
			x.Soon = append(x.Soon, w)
		default:
			x.Later++
		}
	}
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
	for _, g := range s.Errors {
		all = append(all, openGroup{section, v.pick("无法计算", "not computable"), g.Label.In(v.lang), g.Records})
	}
	for _, g := range s.MissingFacts {
		all = append(all, openGroup{section, v.pick("缺事实", "missing fact"), g.Label.In(v.lang), g.Records})
	}
	for _, g := range s.Decisions {
		all = append(all, openGroup{section, v.pick("须由人决定", "to be decided"), g.Label.In(v.lang), g.Records})
	}
	return all
}
