package main

import (
	"strconv"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/sla/workday"
)

// The five questions as a careful programmer writes them by hand, filling the
// same answer: verdict, figures, the step that decided, articles and missing
// facts. Articles that never vary are shared, as they would be.

const undetermined = "undetermined"

// Told is what every answer has.
type Told struct {
	Verdict  string
	Step     string // the rule that decided
	Articles []string
	Missing  []string
}

// RequestAnswer answers time_limit.request.
type RequestAnswer struct {
	Told
	Start, DueAt time.Time
	DueDate      date.Date
	Priority     string
	room         [5]string
}

var calendar = workday.China()

func handRequest(r *Request, now time.Time) *RequestAnswer {
	a := &RequestAnswer{Priority: "normal"}
	a.Articles = a.room[:0]
	var limit time.Duration
	var days int
	article := "time_limit/6"
	switch r.Kind {
	case "fault":
		article = "time_limit/5"
		a.Start = r.Received
		switch r.Severity {
		case "ordinary":
			a.Step, limit = "time_limit.fault_ordinary", 24*time.Hour
		case "major":
			a.Step, limit = "time_limit.fault_major", 72*time.Hour
		default:
			a.Missing = []string{"request.severity"}
		}
	case "install":
		a.Start = applicationStart(r)
		switch r.Area {
		case "urban":
			a.Step, days = "time_limit.install_urban", 5
		case "rural":
			a.Step, days = "time_limit.install_rural", 10
		default:
			a.Missing = []string{"request.area_type"}
		}
	case "restore":
		a.Start = applicationStart(r)
		a.Step, days = "time_limit.restore_service", 5
	case "complaint_reply":
		a.Start = r.Received
		a.Step, days = "time_limit.complaint_reply", 3
		a.Articles = append(a.Articles, "contracting/4") // set aside by a reading
	default:
		a.Verdict = "no_limit"
	}
	late := false
	switch {
	case len(a.Missing) > 0:
		a.Verdict, a.Start = undetermined, time.Time{}
	case a.Step == "":
	case a.Start.IsZero():
		a.Verdict = "not_started"
	default:
		end := a.Start.Add(limit)
		if days > 0 {
			due, err := calendar.Add(date.NewAt(a.Start.In(zone)), days)
			if err != nil {
				a.Verdict = undetermined
				return a
			}
			y, m, d := due.Date()
			end = time.Date(y, m, d+1, 0, 0, 0, -1, zone)
			a.DueDate = due
		} else {
			a.DueAt = end
		}
		a.Verdict, late = stand(r.Done, end, now)
	}
	if a.Step != "" {
		a.Articles = append(a.Articles, "time_limit/2")
	}
	a.Articles = append(a.Articles, article)
	if r.Major || r.Important {
		a.Priority = "expedite"
		a.Articles = append(a.Articles, "time_limit/8")
	}
	if late {
		a.Articles = append(a.Articles, "time_limit/9")
	}
	return a
}

func stand(done *time.Time, end, now time.Time) (verdict string, late bool) {
	switch {
	case done != nil && !done.After(end):
		return "on_time", false
	case done != nil:
		return "late", true
	case now.After(end):
		return "overdue", true
	}
	return "running", false
}

// applicationStart is when papers and network were there; zero for not yet.
func applicationStart(r *Request) time.Time {
	switch {
	case !r.Eligible || r.Papers.IsZero() || !r.NetworkReady && r.NetworkReadyAt.IsZero():
		return time.Time{}
	case r.NetworkReadyAt.After(r.Papers):
		return r.NetworkReadyAt
	}
	return r.Papers
}

// FineAnswer answers accountability.fine.
type FineAnswer struct {
	Told
	Accountable                    bool
	Reason, Level                  string
	Nth, Base, Steps, Final, Total int
	Capped, Floored, Exempt        bool
	room                           [7]string
}

var fineScale = []int{0, 20, 50, 80, 100, 200}

func handFine(c *Complaint) *FineAnswer {
	a := &FineAnswer{}
	a.Articles = append(a.room[:0], "accountability/6", "accountability/6.1")
	if len(c.Aggravating)+len(c.Mitigating) > 0 {
		a.weigh(c)
	}
	switch {
	case c.Cause != "service" || c.Level == "frontline" || c.Substantiated != nil && !*c.Substantiated:
		a.Verdict, a.Step = "not_accountable", "accountability.not_accountable_reason"
		switch {
		case c.Substantiated == nil:
			a.Missing = []string{"complaint.substantiated"}
		case !*c.Substantiated:
			a.Reason = "not_substantiated"
		case c.Cause != "service":
			a.Reason = "not_service_cause"
		default:
			a.Reason = "below_hall_level"
		}
		return a
	case c.Substantiated == nil:
		a.Verdict, a.Missing = undetermined, []string{"complaint.substantiated"}
		return a
	}
	a.Accountable, a.Level, a.Step = true, c.Level, "accountability.complaint_fine"
	prior := c.PriorCounty
	switch c.Level {
	case "hall":
		prior = c.PriorHall
	case "branch":
		prior = c.PriorBranch
	}
	if prior == nil {
		a.Verdict, a.Missing = undetermined, []string{"prior_in_window." + c.Level}
		return a
	}
	a.Nth = *prior + 1
	a.Base, a.Total = rung(c.Level, a.Nth)
	if !a.Exempt {
		at := 0
		for fineScale[at] != a.Base {
			at++
		}
		to := at + a.Steps
		a.Capped, a.Floored = to > len(fineScale)-1, to < 0
		a.Final = fineScale[max(min(to, len(fineScale)-1), 0)]
	}
	a.Verdict = "fine"
	if a.Final == 0 {
		a.Verdict = "no_fine"
	}
	return a
}

// weigh counts steps up and down, and cites.
func (a *FineAnswer) weigh(c *Complaint) {
	up, down := 0, 0
	a.Articles = append(a.Articles, "accountability/7")
	for _, x := range c.Aggravating {
		up++
		a.Articles = append(a.Articles, map[string]string{
			"retaliation": "accountability/7.1", "repeat_within_year": "accountability/7.2", "obstruct_investigation": "accountability/7.3",
		}[x])
	}
	for _, x := range c.Mitigating {
		down++
		a.Exempt = a.Exempt || x.Degree == "exempt"
		a.Articles = append(a.Articles, "accountability/8", "accountability/8.2")
	}
	a.Steps = up - down
}

// rung is what the nth occurrence costs, and all up to it.
func rung(level string, nth int) (base, total int) {
	switch level {
	case "hall":
		if nth > 3 {
			return 50, 60 + (nth-3)*50
		}
		return 20, nth * 20
	case "branch":
		switch nth {
		case 1:
			return 50, 50
		case 2:
			return 80, 130
		}
		return 100, 130 + (nth-2)*100
	}
	return 200, nth * 200
}

// AreaAnswer answers contracting.kpi.
type AreaAnswer struct {
	Told
	Complaints, Replies, Satisfaction Rate
	Provisional                       bool
	missing                           [8]string
}

// Rate is one of the three.
type Rate struct {
	Result   string
	Num, Den int
	Percent  string
}

var contracting4 = []string{"contracting/4"}

func handArea(x *Area) *AreaAnswer {
	a := &AreaAnswer{Told: Told{Step: "contracting.overall", Articles: contracting4}}
	a.Missing = a.missing[:0]
	lacks := func(n *int, name string) bool {
		if n == nil {
			a.Missing = append(a.Missing, name)
		}
		return n == nil
	}
	households, calls := lacks(x.Households, "households_month_end"), lacks(x.Calls, "complaint_calls_recorded_by_branch")
	if !households && !calls {
		a.Complaints = rate(*x.Calls, *x.Households, *x.Calls*1000 < *x.Households)
	}
	received, replied := lacks(x.Received, "tickets.received"), lacks(x.Replied, "tickets.replied_within_72h")
	if !received && !replied {
		n := *x.Received - x.NotYetDue
		a.Replies, a.Provisional = rate(*x.Replied, n, *x.Replied == n), x.NotYetDue > 0
	}
	answers, satisfied := lacks(x.Answers, "satisfaction.valid_responses"), lacks(x.Satisfied, "satisfaction.satisfied")
	if !answers && !satisfied {
		a.Satisfaction = rate(*x.Satisfied, *x.Answers, *x.Satisfied*100 > *x.Answers*99)
	}
	c, r, s := a.Complaints.Result, a.Replies.Result, a.Satisfaction.Result
	switch {
	case c == "not_met" || r == "not_met" || s == "not_met":
		a.Verdict = "not_met"
	case c == "" && r == "" && s == "":
		a.Verdict, a.Articles = undetermined, nil // nothing was applied
	case c == "" || r == "" || s == "":
		a.Verdict = undetermined
	case c == "met" || r == "met" || s == "met":
		a.Verdict = "met"
	default:
		a.Verdict = "not_applicable"
	}
	return a
}

func rate(num, den int, met bool) Rate {
	if den == 0 {
		return Rate{Result: "not_applicable"}
	}
	r := Rate{Result: "not_met", Num: num, Den: den}
	if met {
		r.Result = "met"
	}
	thousandths := (2*num*100_000 + den) / (2 * den)
	var room [24]byte
	b := strconv.AppendInt(room[:0], int64(thousandths/1000), 10)
	f := thousandths % 1000
	b = append(b, '.', byte('0'+f/100), byte('0'+f/10%10), byte('0'+f%10), '%')
	r.Percent = string(b)
	return r
}

// LoadAnswer answers contracting.load.
type LoadAnswer struct {
	Told
	Num, Den int
	missing  [3]string
}

var contracting2 = []string{"contracting/2"}

func handLoad(x *Load) *LoadAnswer {
	a := &LoadAnswer{}
	a.Missing = a.missing[:0]
	var from, to int
	switch x.Area {
	case "urban":
		a.Step, from, to = "contracting.load_urban", 4000, 6000
	case "rural":
		a.Step, from, to = "contracting.load_rural", 600, 1000
	default:
		a.Verdict, a.Missing = undetermined, append(a.Missing, "area.type")
		return a
	}
	if x.Staff == nil {
		a.Missing = append(a.Missing, "staff")
	}
	if x.Households == nil && (x.Staff == nil || *x.Staff != 0) {
		a.Missing = append(a.Missing, "households")
	}
	if len(a.Missing) > 0 {
		a.Verdict, a.Step = undetermined, ""
		return a
	}
	a.Articles = contracting2
	if *x.Staff == 0 {
		a.Verdict = "unassigned"
		return a
	}
	a.Num, a.Den = *x.Households, *x.Staff
	switch {
	case a.Num > to*a.Den:
		a.Verdict = "above"
	case a.Num < from*a.Den:
		a.Verdict = "below"
	default:
		a.Verdict = "within"
	}
	return a
}

// ChangeAnswer answers contracting.area_change.
type ChangeAnswer struct {
	Told
	Breaches []string
	room     [3]string
}

var contracting6 = []string{"contracting/6"}

func handChange(x *Change) *ChangeAnswer {
	a := &ChangeAnswer{Told: Told{Verdict: "no_breach", Step: "contracting.change_reported", Articles: contracting6}}
	a.Breaches = a.room[:0]
	if x.Publicised == 0 {
		a.Breaches = append(a.Breaches, "contracting/6#change_not_publicised")
	}
	if x.ReportedTo == nil {
		a.Missing = []string{"reported_to"}
	} else {
		office, centre := false, false
		for _, to := range x.ReportedTo {
			office = office || to == "general_office"
			centre = centre || to == "monitoring_centre"
		}
		if !office {
			a.Breaches = append(a.Breaches, "contracting/6#change_not_reported:general_office")
		}
		if !centre {
			a.Breaches = append(a.Breaches, "contracting/6#change_not_reported:monitoring_centre")
		}
	}
	switch {
	case len(a.Breaches) > 0:
		a.Verdict = "breach"
	case len(a.Missing) > 0:
		a.Verdict = undetermined
	}
	return a
}
