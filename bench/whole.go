package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rickb777/date/v2"
)

// The peers filling the same answer as the code written by hand: not the verdict
// alone, but due dates and amounts, the step that decided, articles, breaches and
// missing facts. An expression engine gives one value, so each of these is a
// program of its own; host code carries what one gave to the next, and puts the
// answer together. OPA and grule give all of it at once.

// field is a part of an answer, as a source that expr and CEL both read: what
// they call differently is replaced.
type field struct{ name, source string }

var wholeRequest = []field{
	{"missing", `kind == "fault" && severity == "" ? ["request.severity"] : kind == "install" && area == "" ? ["request.area_type"] : []`},
	{"step", `kind == "fault" ? (severity == "ordinary" ? "time_limit.fault_ordinary" : severity == "major" ? "time_limit.fault_major" : "") :
		kind == "install" ? (area == "urban" ? "time_limit.install_urban" : area == "rural" ? "time_limit.install_rural" : "") :
		kind == "restore" ? "time_limit.restore_service" : kind == "complaint_reply" ? "time_limit.complaint_reply" : ""`},
	{"start", `step == "" ? 0 : kind == "fault" || kind == "complaint_reply" ? received :
		!eligible || papers == 0 || !network_ready && network_ready_at == 0 ? 0 : papers > network_ready_at ? papers : network_ready_at`},
	{"due_at", `start == 0 || kind != "fault" ? 0 : start + (severity == "ordinary" ? 24 : 72) * 3600000000000`},
	{"due_date", `start == 0 || kind == "fault" ? 0 : day(start, kind == "complaint_reply" ? 3 : kind == "install" && area == "rural" ? 10 : 5)`},
	{"end", `due_date != 0 ? lastOf(due_date) : due_at`},
	{"verdict", `size(missing) > 0 ? "undetermined" : step == "" ? "no_limit" : start == 0 ? "not_started" :
		done != 0 ? (done <= end ? "on_time" : "late") : now > end ? "overdue" : "running"`},
	{"priority", `major || important ? "expedite" : "normal"`},
	{"articles", `concat(concat(kind == "complaint_reply" ? ["contracting/4"] : [], step == "" ? [] : ["time_limit/2"]),
		concat([kind == "fault" ? "time_limit/5" : "time_limit/6"],
			concat(priority == "expedite" ? ["time_limit/8"] : [], verdict == "late" || verdict == "overdue" ? ["time_limit/9"] : [])))`},
}

var wholeComplaint = []field{
	{"outside", `cause != "service" || level == "frontline" || substantiated == 0`},
	{"reason", `!outside || substantiated < 0 ? "" : substantiated == 0 ? "not_substantiated" : cause != "service" ? "not_service_cause" : "below_hall_level"`},
	{"accountable", `!outside && substantiated > 0`},
	{"prior", `level == "hall" ? prior_hall : level == "branch" ? prior_branch : prior_county`},
	{"missing", `substantiated < 0 ? ["complaint.substantiated"] : accountable && prior < 0 ? ["prior_in_window." + level] : []`},
	{"nth", `accountable && prior >= 0 ? prior + 1 : 0`},
	{"place", `level == "hall" ? (nth > 3 ? 2 : 1) : level == "branch" ? (nth > 2 ? 4 : nth + 1) : 5`},
	{"base", `nth == 0 ? 0 : [0, 20, 50, 80, 100, 200][place]`},
	{"total", `nth == 0 ? 0 : level == "hall" ? (nth > 3 ? 60 + (nth - 3) * 50 : nth * 20) :
		level == "branch" ? (nth == 1 ? 50 : 130 + (nth - 2) * 100) : nth * 200`},
	{"exempt", `"exempt" in degrees`},
	{"steps", `size(aggravating) - size(degrees)`},
	{"capped", `nth > 0 && !exempt && place + steps > 5`},
	{"floored", `nth > 0 && !exempt && place + steps < 0`},
	{"final", `nth == 0 || exempt || floored ? 0 : [0, 20, 50, 80, 100, 200][capped ? 5 : place + steps]`},
	{"verdict", `outside ? "not_accountable" : size(missing) > 0 ? "undetermined" : final == 0 ? "no_fine" : "fine"`},
	{"step", `outside ? "accountability.not_accountable_reason" : accountable ? "accountability.complaint_fine" : ""`},
	{"articles", `concat(concat(["accountability/6", "accountability/6.1"], size(aggravating) + size(degrees) > 0 ? ["accountability/7"] : []), circumstances)`},
}

// aggravatingArticle is evaluated for each circumstance.
const aggravatingArticle = `circumstance == "retaliation" ? "accountability/7.1" : circumstance == "repeat_within_year" ? "accountability/7.2" : "accountability/7.3"`

var wholeArea = []field{
	{"calls_result", `calls < 0 || households < 0 ? "" : households == 0 ? "not_applicable" : calls * 1000 < households ? "met" : "not_met"`},
	{"replies_result", `replied < 0 || received < 0 ? "" : received == not_yet_due ? "not_applicable" : replied == received - not_yet_due ? "met" : "not_met"`},
	{"answers_result", `satisfied < 0 || answers < 0 ? "" : answers == 0 ? "not_applicable" : satisfied * 100 > answers * 99 ? "met" : "not_met"`},
	{"provisional", `replies_result != "" && not_yet_due > 0`},
	{"missing", `concat(concat(concat(households < 0 ? ["households_month_end"] : [], calls < 0 ? ["complaint_calls_recorded_by_branch"] : []),
		concat(received < 0 ? ["tickets.received"] : [], replied < 0 ? ["tickets.replied_within_72h"] : [])),
		concat(answers < 0 ? ["satisfaction.valid_responses"] : [], satisfied < 0 ? ["satisfaction.satisfied"] : []))`},
	{"verdict", `calls_result == "not_met" || replies_result == "not_met" || answers_result == "not_met" ? "not_met" :
		calls_result == "" || replies_result == "" || answers_result == "" ? "undetermined" :
		calls_result == "met" || replies_result == "met" || answers_result == "met" ? "met" : "not_applicable"`},
	{"articles", `calls_result == "" && replies_result == "" && answers_result == "" ? [] : ["contracting/4"]`},
}

var wholeLoad = []field{
	{"missing", `area == "" ? ["area.type"] : concat(staff < 0 ? ["staff"] : [], households < 0 && staff != 0 ? ["households"] : [])`},
	{"verdict", `size(missing) > 0 ? "undetermined" : staff == 0 ? "unassigned" :
		households > (area == "urban" ? 6000 : 1000) * staff ? "above" : households < (area == "urban" ? 4000 : 600) * staff ? "below" : "within"`},
	{"step", `size(missing) > 0 ? "" : area == "urban" ? "contracting.load_urban" : "contracting.load_rural"`},
	{"num", `size(missing) > 0 || staff == 0 ? 0 : households`},
	{"den", `size(missing) > 0 ? 0 : staff`},
	{"articles", `size(missing) > 0 ? [] : ["contracting/2"]`},
}

var wholeChange = []field{
	{"breaches", `concat(publicised ? [] : ["contracting/6#change_not_publicised"],
		concat(!known || "general_office" in reported_to ? [] : ["contracting/6#change_not_reported:general_office"],
			!known || "monitoring_centre" in reported_to ? [] : ["contracting/6#change_not_reported:monitoring_centre"]))`},
	{"missing", `known ? [] : ["reported_to"]`},
	{"verdict", `size(breaches) > 0 ? "breach" : size(missing) > 0 ? "undetermined" : "no_breach"`},
}

var wholeFields = [5][]field{wholeRequest, wholeComplaint, wholeArea, wholeLoad, wholeChange}

// values are what the programs of a question gave, in their order; a reader of
// an engine says how they come out of it. What is of another kind than was asked
// for is the zero value: the answer is then found not to be the hand-written one.
type values interface {
	text(i int) string
	number(i int) int64
	yes(i int) bool
	texts(i int) []string
}

// assemble puts the answer together.
func assemble(q int, v values, x *sets, i int) any {
	switch q {
	case 0:
		return &RequestAnswer{Told: Told{v.text(6), v.text(1), v.texts(8), v.texts(0)}, Start: moment(v.number(2)), DueAt: moment(v.number(3)), DueDate: date.Date(v.number(4)), Priority: v.text(7)}
	case 1:
		a := &FineAnswer{Told: Told{v.text(14), v.text(15), v.texts(16), v.texts(4)}, Accountable: v.yes(2), Reason: v.text(1), Nth: int(v.number(5)),
			Base: int(v.number(7)), Total: int(v.number(8)), Exempt: v.yes(9), Steps: int(v.number(10)), Capped: v.yes(11), Floored: v.yes(12), Final: int(v.number(13))}
		if a.Accountable {
			a.Level = x.complaints[i].Level
		}
		return a
	case 2:
		m := &x.areas[i]
		a := &AreaAnswer{Told: Told{v.text(5), "contracting.overall", v.texts(6), v.texts(4)}, Provisional: v.yes(3)}
		a.Complaints, a.Replies, a.Satisfaction = rated(v.text(0), m.Calls, m.Households, 0), rated(v.text(1), m.Replied, m.Received, m.NotYetDue), rated(v.text(2), m.Satisfied, m.Answers, 0)
		return a
	case 3:
		return &LoadAnswer{Told: Told{v.text(1), v.text(2), v.texts(5), v.texts(0)}, Num: int(v.number(3)), Den: int(v.number(4))}
	}
	return &ChangeAnswer{Told: Told{v.text(2), "contracting.change_reported", contracting6, v.texts(1)}, Breaches: v.texts(0)}
}

// rated is a rate whose result an engine gave, with its percentage written out.
func rated(result string, num, den *int, less int) Rate {
	if result == "" || result == "not_applicable" {
		return Rate{Result: result}
	}
	return rate(*num, *den-less, result == "met")
}

func moment(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns)
}

// day is the n-th working day after a moment, counted from 1970; lastOf its last
// nanosecond.
func day(start int64, n int) int64 {
	due, err := calendar.Add(date.NewAt(time.Unix(0, start).In(zone)), n)
	if err != nil {
		return 0
	}
	return int64(due)
}

func lastOf(day int64) int64 {
	y, m, d := date.Date(day).Date()
	return time.Date(y, m, d+1, 0, 0, 0, -1, zone).UnixNano()
}

// handWhole are the answers of the hand-written code.
func handWhole(q int, s *sets, i int) any {
	switch q {
	case 0:
		return handRequest(&s.requests[i], asOf)
	case 1:
		return handFine(&s.complaints[i])
	case 2:
		return handArea(&s.areas[i])
	case 3:
		return handLoad(&s.loads[i])
	}
	return handChange(&s.changes[i])
}

// agreedWhole compares the answers of peers with those of the hand-written code,
// which were compared with ours, field by field.
func agreedWhole(s *sets, all []*contender) error {
	for _, c := range all {
		for q := range questions {
			for i := range s.requests {
				steps := c.name != "rulebook" // of which the step is one of several rules
				if got, want := spelled(c.whole[q](i), steps), spelled(handWhole(q, s, i), steps); got != want {
					return fmt.Errorf("%s, %s, fact set %d:\n%s\nby hand:\n%s", c.name, questions[q], i, got, want)
				}
			}
		}
	}
	return nil
}

// spelled is an answer as text, whichever engine it came from.
func spelled(a any, steps bool) string {
	told := func(t Told) string {
		if !steps {
			t.Step = ""
		}
		slices.Sort(t.Missing) // the order is left open
		return fmt.Sprintf("%s by %s, articles %q, missing %q", t.Verdict, t.Step, t.Articles, t.Missing)
	}
	instant := func(t time.Time) int64 {
		if t.IsZero() {
			return 0
		}
		return t.UnixNano()
	}
	switch a := a.(type) {
	case *RequestAnswer:
		return strings.Join([]string{told(a.Told), fmt.Sprint(instant(a.Start), instant(a.DueAt), a.DueDate, a.Priority)}, "; ")
	case *FineAnswer:
		return strings.Join([]string{told(a.Told), fmt.Sprint(a.Accountable, a.Reason, a.Level, a.Nth, a.Base, a.Steps, a.Final, a.Total, a.Capped, a.Floored, a.Exempt)}, "; ")
	case *AreaAnswer:
		return strings.Join([]string{told(a.Told), fmt.Sprint(a.Complaints, a.Replies, a.Satisfaction, a.Provisional)}, "; ")
	case *LoadAnswer:
		return strings.Join([]string{told(a.Told), fmt.Sprint(a.Num, a.Den)}, "; ")
	case *ChangeAnswer:
		return strings.Join([]string{told(a.Told), fmt.Sprintf("%q", a.Breaches)}, "; ")
	}
	return fmt.Sprint(a)
}

// wholes are everyone who fills whole answers.
func wholes(o *ours, s *sets) ([]*contender, error) {
	f := flatten(s)
	all := []*contender{o.contender(s)}
	all[0].whole = wholeOurs(o, s)
	for _, peer := range []func(*sets, *flat) (*contender, error){exprWhole, celWhole, opaWhole, gruleWhole} {
		c, err := peer(s, f)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}
