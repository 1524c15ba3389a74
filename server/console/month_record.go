package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/internal/review"
	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/internal/tables"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/service"
)

// monthRecordView is what putting a reviewed month on record comes to, as a page.
type monthRecordView struct {
	Back, Title, Month string
	Source, Reason     string
	Fixed              bool // the tables are kept from a source, which is theirs
	Refused            *monthRefusal
	Plan               *service.MonthPlan // nil before a source is named
	Kept               string             // address of the tables that are kept, "" for none or where they cannot be looked at
	May                bool               // correct what is on record, where that is to be done
	New, Carried, Corrected, Same, Refusals,
	Unreadable int
	Sections []monthRecordSection
}

type monthRecordSection struct {
	Title, Tables                                       string
	New, Carried, Corrected, Same, Refusals, Unreadable int
	Rows                                                []monthRecordRow
	More                                                int
}

// monthRecordRow is a record that is more than new.
type monthRecordRow struct{ ID, Becomes, Class, Href, Why string }

// agreedInput is the field of the plan that somebody agrees to.
const agreedInput = "agreed"

// monthRecord shows what of a reviewed month would be put on record, and does it
// once somebody agrees to what he has seen.
func (c *Console) monthRecord(r *http.Request, p *page) (int, error) {
	key := r.PathValue("review")
	if !mayLook(r, key) || key == sampleKey {
		return c.notFound(r, p)
	}
	m, refusal, err := c.monthOf(r.Context(), p, key)
	if err != nil {
		return 0, err
	}
	if m == nil && refusal == nil {
		text, remedy := notKept()
		refusal = &monthRefusal{Text: text.In(p.Lang), Remedy: remedy.In(p.Lang)}
	}
	if refusal != nil {
		return c.monthPage(r, p, refusal, monthAsked{})
	}
	defer m.release()
	values := r.URL.Query()
	if r.Method == http.MethodPost {
		if values, err = formOf(r); err != nil {
			return 0, err
		}
	}
	at := "/month/" + url.PathEscape(key)
	x := &monthRecordView{Back: at, Title: m.report.Title.In(p.Lang), Month: m.report.Month, Source: values.Get("source"), Reason: strings.TrimSpace(values.Get("reason"))}
	p.Name, p.Nav, p.Title, p.Data = "month_record.html", "month", p.pick("把这个月记录在案", "Put this month on record"), x
	if x.Month == "" {
		x.Refused = &monthRefusal{Text: p.pick("没有记录：不知道是哪个月的", "not on record: the month is not known"), Remedy: p.pick("上传时写明月份，一次一个月", "name the month when the tables are sent, one at a time")}
		return http.StatusUnprocessableEntity, nil
	}
	files, done, err := c.tablesOf(r.Context(), m, x)
	if err != nil {
		return 0, err
	}
	defer done()
	if r.Method == http.MethodPost {
		if p.cookies = c.choices(values.Get(langInput), values.Get(themeInput)); values.Get("_do") != "record" || len(p.cookies) > 0 {
			p.location = at + "/record?" + url.Values{"source": {x.Source}, "reason": {x.Reason}}.Encode()
			return http.StatusSeeOther, nil
		}
	} else if !values.Has("source") && !x.Fixed {
		return http.StatusOK, nil
	}
	asked := service.MonthOnRecord{
		Month: x.Month, Source: x.Source, Reason: x.Reason, By: door.WhoOf(r.Context()), Caller: door.NameOf(r.Context()),
		Corrects: p.May(people.Decide), Progress: p.extend,
	}
	if r.Method == http.MethodPost {
		asked.Seen = values.Get(agreedInput)
	}
	if err := c.putOnRecord(r.Context(), p, x, asked, files); err != nil {
		return 0, err
	}
	if x.Plan != nil && !x.Plan.Nothing() && x.May {
		p.Form = "putting" // which is on the page: a switch of the language sends it along
	}
	switch {
	case x.Refused != nil:
		return http.StatusUnprocessableEntity, nil
	case r.Method == http.MethodPost && asked.Seen != "":
		p.location = at + "/record?" + url.Values{"source": {x.Source}}.Encode()
		return http.StatusSeeOther, nil
	}
	return http.StatusOK, nil
}

// tablesOf are the tables that a review was made of; they are to be given back. Of a
// kept month the source is that of its tables.
func (c *Console) tablesOf(ctx context.Context, m *month, x *monthRecordView) (files *tables.FS, done func(), err error) {
	if m.tables != nil {
		return m.tables, func() {}, nil
	}
	kept, files, err := c.keptTables(ctx, m.key)
	if err != nil {
		return nil, nil, err
	}
	x.Source, x.Fixed = kept.Source, true
	return files, func() { _ = files.Close() }, nil // a temporary file
}

// putOnRecord plans it, or does it where somebody has agreed to the plan, and shows
// what comes of it.
func (c *Console) putOnRecord(ctx context.Context, p *page, x *monthRecordView, asked service.MonthOnRecord, files *tables.FS) error {
	p.extend()
	plan, err := c.service.RecordMonth(ctx, asked, files)
	var refused *service.KeepRefusedError
	var many *service.TooManyRowsError
	found, wrong := asFindings(err)
	switch {
	case errors.Is(err, service.ErrMayNotCorrect):
		return door.NotAllowed(people.Decide)
	case errors.Is(err, service.ErrPlanChanged):
		asked.Seen = ""
		if plan, err = c.service.RecordMonth(ctx, asked, files); err != nil {
			return err
		}
		x.Refused = &monthRefusal{Text: p.pick("没有记录：这期间有了变化，下面是现在的情形", "nothing was put on record: something has changed meanwhile, and below is how it is now"), Remedy: p.pick("核对了再记录", "look at it, and put it on record then")}
	case errors.As(err, &refused):
		x.Refused = &monthRefusal{Text: refused.Message.In(p.Lang), Remedy: refused.Remedy.In(p.Lang)}
	case errors.As(err, &many):
		n := strconv.Itoa(many.Most)
		x.Refused = &monthRefusal{Text: p.pick("没有记录：一次最多 "+n+" 条", "nothing was put on record: at most "+n+" at once"), Remedy: p.pick("按部门分开上传", "send the tables of each department for themselves")}
	case wrong:
		x.Refused = &monthRefusal{Text: p.pick("review.yaml 有误", "review.yaml is wrong"), Findings: findingsOf(found, nil, p.Lang)}
	case errors.Is(err, review.ErrNoReview):
		x.Refused = noReview(p)
	case err != nil:
		return err
	}
	if plan != nil {
		x.show(p, plan)
	}
	return nil
}

// show shows a plan.
func (x *monthRecordView) show(p *page, plan *service.MonthPlan) {
	x.Plan, x.Source = plan, plan.Source
	x.May = plan.Totals[service.MonthCorrected] == 0 || p.May(people.Decide)
	x.New, x.Carried, x.Corrected, x.Same, x.Refusals = counted(plan.Totals)
	if plan.Earlier != 0 && p.May(people.SeePersonal) && p.May(people.SeeRecords) {
		x.Kept = "/month/" + keptKey + strconv.FormatInt(plan.Earlier, 10)
	}
	words := map[string][2]string{
		service.MonthCarriedOn: {p.pick("续前", "carries on"), ""},
		service.MonthCorrected: {p.pick("更正", "corrects"), "open"},
		service.MonthRefused:   {p.pick("不能记录", "refused"), "bad"},
	}
	for _, s := range plan.Sections {
		y := monthRecordSection{Title: s.Title.In(p.Lang), Tables: strings.Join(s.Tables, p.pick("、", ", ")), Unreadable: s.Unreadable}
		y.New, y.Carried, y.Corrected, y.Same, y.Refusals = counted(s.Totals)
		x.Unreadable += y.Unreadable
		for _, row := range s.Rows {
			z := monthRecordRow{ID: row.ID, Becomes: words[row.Becomes][0], Class: words[row.Becomes][1], Why: row.Why.In(p.Lang)}
			if row.Earlier != "" && p.May(people.SeeRecords) {
				z.Href = "/decisions/" + url.PathEscape(row.Earlier)
			}
			y.Rows = append(y.Rows, z)
		}
		y.More = y.Carried + y.Corrected + y.Refusals - len(y.Rows)
		x.Sections = append(x.Sections, y)
	}
}

func counted(totals map[string]int) (fresh, carried, corrected, same, refused int) {
	return totals[service.MonthNew], totals[service.MonthCarriedOn], totals[service.MonthCorrected], totals[service.MonthSame], totals[service.MonthRefused]
}

// recordable is where a review is put on record from; "" where it cannot be, or not
// by whoever looks.
func recordable(p *page, m *month) string {
	if m.sample || m.report.Month == "" || !p.May(people.Record) {
		return ""
	}
	return "/month/" + url.PathEscape(m.key) + "/record"
}
