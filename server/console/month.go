package console

import (
	"bufio"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/review"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/kpi"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/internal/tables"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/sla"
)

// monthForm is the page on which a month is chosen.
type monthForm struct {
	Tables  []tableHelp
	Sample  string // month, "" where there is none
	Asked   monthAsked
	Refused *monthRefusal
	Kept    []keptMonth
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
	return c.monthPage(r, p, nil, monthAsked{})
}

func (c *Console) monthPage(r *http.Request, p *page, refused *monthRefusal, asked monthAsked) (int, error) {
	p.Name, p.Nav, p.Title = "month.html", "month", p.pick("月度审查", "A month's review")
	view := &monthForm{Asked: asked, Refused: refused}
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
	if p.Data = view; mayRead(r) {
		kept, err := c.keptMonths(r.Context(), p)
		if err != nil {
			return 0, err
		}
		view.Kept = kept
	}
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
		return c.monthPage(r, p, x, monthAsked{Month: values["month"]})
	}
	if err != nil {
		return 0, err
	}
	asked := monthAsked{strings.TrimSpace(values["month"]), values["source"], values["reason"]}
	u := newUpload(rand.Text(), files, asked)
	waiting := false
	defer func() {
		if !waiting {
			u.drop()
		}
	}()
	if len(files.Names()) == 0 {
		return c.monthPage(r, p, &monthRefusal{Text: p.pick("没有选文件", "no file was chosen"), Remedy: p.pick("选一个或几个 CSV 表", "choose one or more CSV tables")}, asked)
	}
	options, refusal := optionsOf(p, asked)
	if refusal != nil {
		return c.monthPage(r, p, refusal, asked)
	}
	if keepAs, _, unkept := sourceOf(p, asked); unkept != nil {
		return c.monthPage(r, p, unkept, asked)
	} else if keepAs != "" && !p.May(people.Record) {
		return 0, door.NotAllowed(people.Record)
	}
	if waiting, err = waits(p.viewer.book, files); err != nil {
		return 0, err
	}
	if waiting {
		c.uploads.keep(u)
		u.release()
		p.location = u.address()
		return http.StatusSeeOther, nil
	}
	m, refusal, err := c.makeMonth(r.Context(), p, files, options)
	if err != nil {
		return 0, err
	}
	if refusal != nil {
		return c.monthPage(r, p, refusal, asked)
	}
	m.files, m.key = files.Names(), rand.Text()
	if refusal, err = c.keepIfAsked(r, p, m, files, asked); err != nil || refusal != nil {
		m.drop()
		if err != nil {
			return 0, err
		}
		return c.monthPage(r, p, refusal, asked)
	}
	if _, kept := keptNumber(m.key); !kept {
		m.holds(u, files)
	}
	c.reviews.keep(m)
	m.release()
	p.location = monthAddressOf(r, m)
	return http.StatusSeeOther, nil
}

// optionsOf are those of a review that a form asks for.
func optionsOf(p *page, asked monthAsked) (review.Options, *monthRefusal) {
	var options review.Options
	if asked.Month == "" {
		return options, nil
	}
	var err error
	var wrong *source.ScalarError
	if options.Period, err = review.ParsePeriod(asked.Month); errors.As(err, &wrong) {
		return options, &monthRefusal{Text: wrong.Message.In(p.Lang), Remedy: wrong.Remedy.In(p.Lang)}
	}
	return options, nil
}

// keepIfAsked keeps the tables of a review where a source was given for them.
func (c *Console) keepIfAsked(r *http.Request, p *page, m *month, files *tables.FS, asked monthAsked) (*monthRefusal, error) {
	keepAs, reason, refused := sourceOf(p, asked)
	switch {
	case refused != nil || keepAs == "":
		return refused, nil
	case !p.May(people.Record):
		return nil, door.NotAllowed(people.Record)
	}
	return c.keepMonth(r, p, m, files, keepAs, reason)
}

// monthAddressOf is where a review is looked at, or else the list of those that are
// kept.
func monthAddressOf(r *http.Request, m *month) string {
	if !mayLook(r, m.key) {
		return "/month#kept"
	}
	return "/month/" + m.key
}

func noReview(p *page) *monthRefusal {
	return &monthRefusal{
		Text:   p.pick("规则文件没有说审查什么", "the rules file does not say what to review"),
		Remedy: p.pick("在规则文件里写上 review 一节", "add a section review to the rules file"),
	}
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
	m = &month{book: p.viewer.book, sections: map[string]*monthSection{}, kept: kept, lease: lease{close: kept.Close}}
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
		return nil, noReview(p), nil
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
	case c.Status != sla.Running && c.Status != sla.AtRisk:
	case c.Due.End.Sub(c.AsOf) <= soonDays*24*time.Hour:
		s.soon.add(*x)
	default:
		s.later++
	}
}

// monthOf finds a review that was made; the sample month is made when it is
// first looked at, and again when the rules have changed. It is to be
// released.
func (c *Console) monthOf(ctx context.Context, p *page, key string) (*month, *monthRefusal, error) {
	m := c.reviews.find(key)
	if strings.HasPrefix(key, keptKey) {
		return c.keptMonthOf(ctx, p, key, m)
	}
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

// keptMonthOf is the review of tables that are kept, made anew where it was not
// looked at lately or the rules have changed.
func (c *Console) keptMonthOf(ctx context.Context, p *page, key string, m *month) (*month, *monthRefusal, error) {
	gone, err := c.erasedMonth(ctx, key)
	if m != nil && !gone && err == nil && m.book.SHA256 == p.SHA256 {
		return m, nil, nil
	}
	if m != nil {
		m.release()
	}
	if gone {
		c.reviews.forget(key) // whoever erased it, on whichever server
	}
	if err != nil {
		return nil, nil, err
	}
	kept, files, err := c.keptTables(ctx, key)
	switch {
	case errors.Is(err, record.ErrNotFound):
		return nil, nil, nil
	case errors.Is(err, record.ErrErased):
		return nil, &monthRefusal{Text: p.pick("这些表已被抹去", "these tables were erased"), Remedy: p.pick("何时、为何，见“留存的月份”", "when and why stands among the months that are kept")}, nil
	case err != nil:
		return nil, nil, err
	}
	defer func() { _ = files.Close() }() // a temporary file
	m, refusal, err := c.makeMonth(ctx, p, files, review.Options{Month: kept.Month})
	if m == nil {
		return nil, refusal, err
	}
	m.key, m.files = key, files.Names()
	c.reviews.keep(m)
	return m, nil, nil
}

// erasedMonth reports whether kept tables were erased.
func (c *Console) erasedMonth(ctx context.Context, key string) (bool, error) {
	id, ok := keptNumber(key)
	if !ok {
		return false, nil
	}
	i, err := c.service.Store.Import(ctx, id)
	if errors.Is(err, record.ErrNotFound) {
		return false, nil
	}
	return err == nil && !i.Erased.IsZero(), err
}

// notKept says that a review is gone, and what to do.
func notKept() (text, remedy policy.Text) {
	return policy.Text{ZH: "这次审查已不在", EN: "this review is no longer kept"},
		policy.Text{ZH: "请重新上传；只保留最近几次审查，服务器停止后一并删去", EN: "upload the tables again: only the last few reviews are kept, and none when the server ends"}
}

func (c *Console) monthReview(r *http.Request, p *page) (int, error) {
	if !mayLook(r, r.PathValue("review")) {
		return c.notFound(r, p)
	}
	m, refusal, err := c.monthOf(r.Context(), p, r.PathValue("review"))
	if err != nil {
		return 0, err
	}
	if refusal != nil {
		return c.monthPage(r, p, refusal, monthAsked{})
	}
	if m == nil {
		text, remedy := notKept()
		return c.monthPage(r, p, &monthRefusal{Text: text.In(p.Lang), Remedy: remedy.In(p.Lang)}, monthAsked{})
	}
	defer m.release()
	p.Name, p.Nav, p.Wide = "review.html", "month", true
	p.viewer.book = m.book // by the rules that made it
	query := r.URL.Query()
	number, _ := strconv.Atoi(query.Get("page")) // whatever else: the first
	view, err := newReview(p.viewer, m, query.Get("section"), max(number, 1), strings.TrimSpace(query.Get("says")))
	if err != nil {
		return 0, err
	}
	p.Title, p.Data = view.Title, view
	view.Record = recordable(p, m)
	if _, kept := keptNumber(r.PathValue("review")); kept && door.May(r.Context(), people.Erase) {
		view.Erase = "/month/" + r.PathValue("review") + "/erasure"
	}
	p.viewer.named = strings.HasPrefix(r.PathValue("review"), keptKey)
	return http.StatusOK, nil
}
