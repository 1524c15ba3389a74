package service

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"slices"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/review"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/internal/span"
	"github.com/servicerules/rulebook/server/internal/tables"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/record"
)

// A month is put on record as its review reads it: each record of each section as
// a decision, as of now, and its tables beside them. A record is known again by
// month, source, section and id, so that the same month is on record once however
// often it is sent, and what differs takes the place of what was there.

// MonthOnRecord is a month that is to be put on record.
type MonthOnRecord struct {
	Month, Source string
	Reason        string // why it takes the place of what is there; "" for none
	By            people.Who
	Caller        string
	Corrects      bool   // who records it may correct what is on record
	Seen          string // the digest of the plan that somebody agreed to; "" for none: nothing is put on record
	Progress      func() // called now and then; may be nil
}

// What becomes of a record of a month.
const (
	MonthNew       = "new"
	MonthCarriedOn = "carried_on" // the earlier one has the same facts, and fewer of them
	MonthCorrected = "corrected"  // the earlier one says otherwise, and is corrected by this one
	MonthSame      = "same"       // it is on record
	MonthRefused   = "refused"    // it cannot be put on record
)

// MonthPlan is what putting a month on record comes to.
type MonthPlan struct {
	Month, Source string
	Sections      []*PlannedSection // those that have tables
	Tables        string            // MonthNew, MonthSame, or MonthCorrected where others are kept
	Earlier       int64             // the import that is kept of the month and source; 0 for none
	Totals        map[string]int    // records by what becomes of them
	Digest        string            // of all of it
}

// Nothing reports whether all that can be on record is.
func (p *MonthPlan) Nothing() bool {
	return p.Tables == MonthSame && p.made() == 0
}

// NeedsReason reports whether something takes the place of what is there.
func (p *MonthPlan) NeedsReason() bool {
	return p.Totals[MonthCorrected] > 0 || p.Tables == MonthCorrected
}

func (p *MonthPlan) made() int {
	return p.Totals[MonthNew] + p.Totals[MonthCarriedOn] + p.Totals[MonthCorrected]
}

// PlannedSection is a section of the plan.
type PlannedSection struct {
	Name       string
	Title      policy.Text
	Tables     []string // files
	Totals     map[string]int
	Unreadable int          // rows, which the review names
	Rows       []PlannedRow // the first of those that are neither new nor the same
}

// PlannedRow is a record that is more than new.
type PlannedRow struct {
	ID      string
	Becomes string
	Earlier string          // id of the decision on record; "" for none
	Why     diagnostic.Text // it is refused; empty where it is not
}

// plannedRows is how many rows a section of a plan names, of each kind.
const plannedRows = 50

// Errors of putting a month on record.
var (
	// ErrPlanChanged says that what was agreed to is not what would be done now.
	ErrPlanChanged = errors.New("what would be put on record is not what was agreed to")
	// ErrMayNotCorrect says that what is on record is corrected by others.
	ErrMayNotCorrect = errors.New("who records may not correct what is on record")
)

// RecordMonth plans to put the tables of a month on record, and does so where the
// plan is the one that was agreed to: all of it or nothing. The plan is returned
// with the errors of doing it, too: ErrPlanChanged, ErrMayNotCorrect, a
// *KeepRefusedError. Others are those of Keep, Review and record.Store.AppendMonth,
// and a *TooManyRowsError.
func (s *Service) RecordMonth(ctx context.Context, o MonthOnRecord, files *tables.FS) (*MonthPlan, error) {
	i := record.Import{Month: o.Month, Source: o.Source, Reason: o.Reason, Caller: o.Caller}
	if err := CheckKeep(&i); err != nil {
		return nil, err
	}
	if i.Source == "" {
		return nil, refuseKeep("no_source", diagnostic.Textf("没有写来源", "the source is not named"), diagnostic.Textf("写上部门或营业厅", "name the department or the hall"))
	}
	if o.Month == "" {
		return nil, refuseKeep("no_month", diagnostic.Textf("没有记录：不知道是哪个月的", "not on record: the month is not known"), diagnostic.Textf("选月份", "choose the month"))
	}
	o.Source, o.Reason = i.Source, i.Reason
	rows, err := s.newKept()
	if err != nil {
		return nil, err
	}
	defer rows.close()
	m := &monthPlanning{Service: s, ctx: span.Whole(ctx), asked: o, rows: rows, digest: sha256.New(), sections: map[string]*PlannedSection{}, plan: &MonthPlan{Month: o.Month, Source: o.Source, Totals: map[string]int{}}}
	report, err := s.Review(ctx, files, review.Options{
		Month: o.Month, Brief: true, Given: m.row,
		Emit: func(string, *review.Record, *policy.Answer) error { return nil },
		Progress: func(int, int) {
			if o.Progress != nil {
				o.Progress()
			}
		},
	})
	if err != nil {
		return nil, err
	}
	if err := ofTheMonth(report); err != nil {
		return nil, err
	}
	if err := m.finish(report, files); err != nil {
		return nil, err
	}
	switch plan := m.plan; {
	case o.Seen == "":
		return plan, nil
	case o.Seen != plan.Digest:
		return plan, ErrPlanChanged
	case plan.Nothing():
		return plan, nil
	case plan.Totals[MonthCorrected] > 0 && !o.Corrects:
		return plan, ErrMayNotCorrect
	case plan.NeedsReason() && o.Reason == "":
		return plan, refuseKeep("no_reason", diagnostic.Textf("没有写更正的原因", "why it is corrected is not said"), diagnostic.Textf("写明为何更正；原来的记录和表仍可查看", "say why; the earlier records and tables can still be looked at"))
	}
	if i.Summary, err = json.Marshal(report.Totals); err != nil {
		return nil, err
	}
	return m.plan, m.write(ctx, i, files)
}

// monthPlanning plans a month.
type monthPlanning struct {
	*Service
	ctx      context.Context
	asked    MonthOnRecord
	rows     *keptRows // that are to be made
	digest   hash.Hash
	plan     *MonthPlan
	sections map[string]*PlannedSection
}

// row plans a record of a section.
func (m *monthPlanning) row(section string, r *review.Record, facts []byte) error {
	question := r.Answer.Question
	request, err := monthRequest(question, facts)
	if err != nil {
		return err
	}
	key := strings.Join([]string{"\x00month", m.asked.Month, record.Folded(m.asked.Source), section, r.ID}, "\x00")
	earlier, next, fits, err := m.latest(key, request)
	row := PlannedRow{ID: strings.Clone(r.ID)}
	if earlier != nil {
		row.Earlier = earlier.ID()
	}
	switch {
	case err != nil:
		return err
	case earlier != nil && earlier.Erased():
		row.Becomes, row.Why = MonthRefused, diagnostic.Textf("在案的这条已被抹去，不再记录", "what was on record of it was erased, and it is not put there again")
	case fits:
		row.Becomes = MonthSame
	default:
		if err := m.draft(&row, earlier, Asking{Question: question, Facts: facts, By: m.asked.By}, Once{Key: next, Request: request}); err != nil {
			return err
		}
	}
	x := m.section(section)
	x.Totals[row.Becomes]++
	m.plan.Totals[row.Becomes]++
	if row.Becomes != MonthNew && row.Becomes != MonthSame && x.Totals[row.Becomes] <= plannedRows {
		x.Rows = append(x.Rows, row)
	}
	m.note(section, row.ID, row.Becomes, row.Earlier, string(request))
	return nil
}

func (m *monthPlanning) section(name string) *PlannedSection {
	x := m.sections[name]
	if x == nil {
		x = &PlannedSection{Name: name, Totals: map[string]int{}}
		m.sections[name] = x
	}
	return x
}

// note adds something to the digest.
func (m *monthPlanning) note(parts ...string) {
	for _, part := range parts {
		_, _ = m.digest.Write([]byte(strconv.Itoa(len(part)) + ":" + part)) // it does not fail
	}
}

// monthRequest is what is asked about a record, the same in whatever order the
// columns of its table are.
func monthRequest(question string, facts []byte) ([]byte, error) {
	var all any
	d := json.NewDecoder(bytes.NewReader(facts))
	d.UseNumber()
	if err := d.Decode(&all); err != nil {
		return nil, err
	}
	sorted, err := json.Marshal(all)
	return append([]byte(question+"\x00"), sorted...), err
}

// latest is what is on record of a key, nil for nothing, the key of what would
// come next, and whether the record has the facts of a request.
func (m *monthPlanning) latest(key string, request []byte) (e *record.Entry, next string, fits bool, err error) {
	for n := 0; ; n++ {
		next = key + "\x00" + strconv.Itoa(n)
		retry := Once{Key: next, Request: request}.retry()
		found, err := m.Store.Keyed(m.ctx, retry.Key)
		switch {
		case errors.Is(err, record.ErrNotFound):
			return e, next, fits, nil
		case err != nil:
			return nil, "", false, err
		}
		if e, fits = found, false; e.Erased() {
			continue
		}
		body, err := e.Decode()
		if err != nil {
			return nil, "", false, err
		}
		fits = body.Retry != nil && body.Retry.Request == retry.Request.String()
	}
}

// draft decides a record that is not on record so.
func (m *monthPlanning) draft(row *PlannedRow, earlier *record.Entry, a Asking, once Once) error {
	if earlier != nil {
		steps, err := m.Store.Steps(m.ctx, earlier)
		if err != nil {
			return err
		}
		if by := correctionThatHolds(steps); by != nil {
			row.Becomes, row.Why = MonthRefused, diagnostic.Textf("在案的这条已由人更正（第 %d 步）；要再改，在那里更正", "what is on record of it was corrected by somebody, as step %d: correct it there", by.Seq)
			return nil
		}
	}
	d, _, err := m.prepare(m.ctx, a, once)
	if why, refused := monthRefusal(err); refused {
		row.Becomes, row.Why = MonthRefused, why
		return nil
	}
	if err != nil {
		return err
	}
	row.Becomes = MonthNew
	if earlier != nil {
		row.Becomes = MonthCorrected
		if m.carriesOn(earlier, d) {
			row.Becomes = MonthCarriedOn
		}
	}
	m.note(d.Rulebook.SHA256.String(), d.Verdict)
	if m.plan.made() == wholeMost {
		return &TooManyRowsError{wholeMost}
	}
	m.rows.books[d.Rulebook.SHA256] = d.Rulebook.Text
	kept := *d
	kept.Rulebook.Text = nil
	x := &keptRow{ID: row.ID, Draft: &kept, Known: d.FactsAssumed != nil}
	if row.Becomes == MonthCorrected {
		x.Corrects = row.Earlier
	}
	return m.rows.put(x)
}

// monthRefusal says why a record cannot be put on record, where it is for a reason
// of its own.
func monthRefusal(err error) (diagnostic.Text, bool) {
	var future *FutureError
	var undecided *NotDecidedError
	switch {
	case errors.As(err, &future):
		return future.Message(), true
	case errors.As(err, &undecided):
		return undecided.Answer.Failure().Message, true
	}
	if wrong := policy.RefusedFacts(err); len(wrong) > 0 {
		return wrong[0].Message, true
	}
	return diagnostic.Text{}, false
}

// correctionThatHolds is the correction of a record among the steps about it; nil
// for none.
func correctionThatHolds(steps []*record.Step) *record.Step {
	at := slices.IndexFunc(steps, func(x *record.Step) bool {
		return x.Kind == record.StepCorrection && !slices.ContainsFunc(steps, func(later *record.Step) bool { return later.Corrects == x.Seq })
	})
	if at < 0 {
		return nil
	}
	return steps[at]
}

// carriesOn reports whether the matter of an earlier record is carried on by
// another one, as Standing finds it.
func (m *monthPlanning) carriesOn(earlier *record.Entry, d *record.Draft) bool {
	before := matterOf(earlier)
	q, ok := m.Rules.Current().Book.Rulebook().Question(d.Question)
	if before == nil || !ok {
		return false
	}
	after := &Matter{Given: map[string]string{}}
	var facts map[string]any
	if json.Unmarshal(d.Facts, &facts) != nil {
		return false
	}
	leavesOf(facts, "", d.FactsAssumed, after.Given)
	return before.within(after) && before.known(q)
}

// finish completes the plan by what the review says.
func (m *monthPlanning) finish(report *review.Report, files *tables.FS) error {
	for i := range report.Sections {
		r := &report.Sections[i]
		if len(r.Tables) == 0 {
			continue
		}
		x := m.section(r.Name)
		x.Title, x.Tables, x.Unreadable = r.Title, r.Tables, r.Totals.Unreadable
		m.plan.Sections = append(m.plan.Sections, x)
		m.note(r.Name, strconv.Itoa(r.Totals.Unreadable))
	}
	earlier, err := m.lastOf(m.ctx, m.plan.Month, m.plan.Source)
	if err != nil {
		return err
	}
	if m.plan.Tables = MonthNew; earlier != nil {
		m.plan.Tables, m.plan.Earlier, m.plan.Source = MonthCorrected, earlier.ID, earlier.Source
		same, err := m.sameFiles(m.ctx, earlier.ID, files)
		if err != nil {
			return err
		}
		if same != nil {
			m.plan.Tables = MonthSame
		}
	}
	m.note(m.plan.Month, record.Folded(m.plan.Source), m.plan.Tables, strconv.FormatInt(m.plan.Earlier, 10))
	m.plan.Digest = hex.EncodeToString(m.digest.Sum(nil))
	return nil
}

// lastOf is the import that is kept of a month and source; nil for none.
func (s *Service) lastOf(ctx context.Context, month, source string) (*record.Import, error) {
	all, err := s.Store.Imports(ctx)
	if err != nil {
		return nil, err
	}
	for _, i := range all {
		if i.Last && i.Month == month && record.Folded(i.Source) == record.Folded(source) {
			return &i, nil
		}
	}
	return nil, nil
}

// write puts what is planned on record.
func (m *monthPlanning) write(ctx context.Context, i record.Import, files *tables.FS) error {
	var now keptRow
	var corrections []record.StepBody
	made := map[[2]string]int{} // by question and verdict
	all := record.Month{
		Drafts: func(yield func(*record.Draft, error) bool) {
			for x, err := range m.rows.rows() {
				if err == nil {
					now = *x
				}
				if !yield(now.Draft, err) {
					return
				}
			}
		},
		Each: func(e *record.Entry, first bool) error {
			if !first {
				return ErrPlanChanged // somebody else was faster
			}
			made[[2]string{e.Question, e.Verdict}]++
			if now.Corrects == "" {
				return nil
			}
			b := record.StepBody{Kind: record.StepCorrection, Record: now.Corrects, Place: e.ID(), Reason: m.asked.Reason}
			corrections = append(corrections, b)
			return TakenBy(&corrections[len(corrections)-1], m.asked.By)
		},
		Corrections: func() []record.StepBody { return corrections },
	}
	if m.plan.Tables != MonthSame {
		i.Seen = &m.plan.Earlier
		all.Import, all.Files, all.Names = &i, files, files.Names()
	}
	_, err := m.Store.AppendMonth(ctx, all)
	var step *record.StepError
	var there *record.ReplacedError
	if errors.Is(err, record.ErrKeyReused) || errors.As(err, &step) || errors.As(err, &there) {
		return ErrPlanChanged // since it was planned
	}
	if err != nil {
		return err
	}
	for x, n := range made {
		for range n {
			m.observer.Recorded(x[0], x[1])
		}
	}
	return nil
}
