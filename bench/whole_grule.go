package main

import (
	"fmt"

	"github.com/hyperjumptech/grule-rule-engine/ast"
	"github.com/hyperjumptech/grule-rule-engine/builder"
	"github.com/hyperjumptech/grule-rule-engine/engine"
	"github.com/hyperjumptech/grule-rule-engine/pkg"
	"github.com/rickb777/date/v2"
)

// grule fills a struct. A rule fires as long as its condition holds, so each says
// that what it fills is still open. What it has no words for – a choice between
// two values, the n-th of a list – are methods of the facts.

const gruleWholeRules = `
rule Severity "" salience 99 { when R.Kind == "fault" && R.Severity == "" && R.Missing == "" then R.Missing = "request.severity"; }
rule Area "" salience 98 { when R.Kind == "install" && R.Area == "" && R.Missing == "" then R.Missing = "request.area_type"; }
rule Ordinary "" salience 90 { when R.Step == "" && R.Kind == "fault" && R.Severity == "ordinary" then R.Step = "time_limit.fault_ordinary"; R.Hours = 24; }
rule Major "" salience 90 { when R.Step == "" && R.Kind == "fault" && R.Severity == "major" then R.Step = "time_limit.fault_major"; R.Hours = 72; }
rule Urban "" salience 90 { when R.Step == "" && R.Kind == "install" && R.Area == "urban" then R.Step = "time_limit.install_urban"; R.Days = 5; }
rule Rural "" salience 90 { when R.Step == "" && R.Kind == "install" && R.Area == "rural" then R.Step = "time_limit.install_rural"; R.Days = 10; }
rule Restore "" salience 90 { when R.Step == "" && R.Kind == "restore" then R.Step = "time_limit.restore_service"; R.Days = 5; }
rule Reply "" salience 90 { when R.Step == "" && R.Kind == "complaint_reply" then R.Step = "time_limit.complaint_reply"; R.Days = 3; }
rule Begin "" salience 80 { when R.Begun == 0 && R.Step != "" && R.Start() != 0 then R.Begun = R.Start(); }
rule DueAt "" salience 70 { when R.DueAt == 0 && R.Begun != 0 && R.Hours != 0 then R.DueAt = R.Begun + R.Hours * 3600000000000; R.Until = R.DueAt; }
rule DueDate "" salience 70 { when R.DueDate == 0 && R.Begun != 0 && R.Days != 0 then R.DueDate = R.Day(); R.Until = R.LastOf(); }
rule Important "" salience 65 { when R.Priority == "normal" && (R.Major || R.Important) then R.Priority = "expedite"; }
rule Open "" salience 60 { when R.Verdict == "" && R.Missing != "" then R.Verdict = "undetermined"; }
rule NoLimit "" salience 55 { when R.Verdict == "" && R.Step == "" then R.Verdict = "no_limit"; }
rule Idle "" salience 50 { when R.Verdict == "" && R.Begun == 0 then R.Verdict = "not_started"; }
rule OnTime "" salience 45 { when R.Verdict == "" && R.Done != 0 && R.Done <= R.Until then R.Verdict = "on_time"; }
rule Late "" salience 40 { when R.Verdict == "" && R.Done != 0 then R.Verdict = "late"; }
rule Overdue "" salience 35 { when R.Verdict == "" && R.Now > R.Until then R.Verdict = "overdue"; }
rule Running "" salience 30 { when R.Verdict == "" then R.Verdict = "running"; }
rule Cite "" salience 1 { when R.Cited() == false then R.Cite(); Complete(); }
|
rule Cause "" salience 99 { when C.Outside == false && (C.Cause != "service" || C.Level == "frontline" || C.Substantiated == 0) then C.Outside = true; C.Step = "accountability.not_accountable_reason"; C.Verdict = "not_accountable"; }
rule Unknown "" salience 98 { when C.Substantiated < 0 && C.Missing == "" then C.Missing = "complaint.substantiated"; }
rule NotSubstantiated "" salience 95 { when C.Outside && C.Reason == "" && C.Substantiated == 0 then C.Reason = "not_substantiated"; }
rule NotService "" salience 94 { when C.Outside && C.Reason == "" && C.Substantiated > 0 && C.Cause != "service" then C.Reason = "not_service_cause"; }
rule Below "" salience 93 { when C.Outside && C.Reason == "" && C.Substantiated > 0 then C.Reason = "below_hall_level"; }
rule Accountable "" salience 90 { when C.Accountable == false && C.Outside == false && C.Substantiated > 0 then C.Accountable = true; C.Step = "accountability.complaint_fine"; }
rule NoPrior "" salience 85 { when C.Accountable && C.Prior() < 0 && C.Missing == "" then C.Missing = "prior_in_window." + C.Level; }
rule Nth "" salience 80 { when C.Accountable && C.Prior() >= 0 && C.Nth == 0 then C.Nth = C.Prior() + 1; C.At = C.Rung(); C.Base = C.Amount(C.At); }
rule HallMore "" salience 75 { when C.Total == 0 && C.Nth > 3 && C.Level == "hall" then C.Total = 60 + (C.Nth - 3) * 50; }
rule Hall "" salience 74 { when C.Total == 0 && C.Nth > 0 && C.Level == "hall" then C.Total = C.Nth * 20; }
rule BranchOnce "" salience 73 { when C.Total == 0 && C.Nth == 1 && C.Level == "branch" then C.Total = 50; }
rule Branch "" salience 72 { when C.Total == 0 && C.Nth > 1 && C.Level == "branch" then C.Total = 130 + (C.Nth - 2) * 100; }
rule County "" salience 71 { when C.Total == 0 && C.Nth > 0 then C.Total = C.Nth * 200; }
rule Capped "" salience 65 { when C.Capped == false && C.Nth > 0 && C.Exempt() == false && C.At + C.Up() - C.Down() > 5 then C.Capped = true; C.Final = 200; }
rule Floored "" salience 65 { when C.Floored == false && C.Nth > 0 && C.Exempt() == false && C.At + C.Up() - C.Down() < 0 then C.Floored = true; }
rule Weighed "" salience 60 { when C.Final == 0 && C.Nth > 0 && C.Exempt() == false && C.Floored == false && C.At + C.Up() - C.Down() > 0 then C.Final = C.Amount(C.At + C.Up() - C.Down()); }
rule Open "" salience 50 { when C.Verdict == "" && C.Missing != "" then C.Verdict = "undetermined"; }
rule NoFine "" salience 45 { when C.Verdict == "" && C.Final == 0 then C.Verdict = "no_fine"; }
rule Fine "" salience 40 { when C.Verdict == "" then C.Verdict = "fine"; }
rule Cite "" salience 1 { when C.Cited() == false then C.Cite(); Complete(); }
|
rule CallsNone "" salience 90 { when A.CallsResult == "" && A.Calls >= 0 && A.Households == 0 then A.CallsResult = "not_applicable"; }
rule CallsMet "" salience 89 { when A.CallsResult == "" && A.Calls >= 0 && A.Households >= 0 && A.Calls * 1000 < A.Households then A.CallsResult = "met"; }
rule CallsNot "" salience 88 { when A.CallsResult == "" && A.Calls >= 0 && A.Households >= 0 then A.CallsResult = "not_met"; }
rule RepliesNone "" salience 87 { when A.RepliesResult == "" && A.Replied >= 0 && A.Received >= 0 && A.Received == A.NotYetDue then A.RepliesResult = "not_applicable"; }
rule RepliesMet "" salience 86 { when A.RepliesResult == "" && A.Replied >= 0 && A.Received >= 0 && A.Replied == A.Received - A.NotYetDue then A.RepliesResult = "met"; }
rule RepliesNot "" salience 85 { when A.RepliesResult == "" && A.Replied >= 0 && A.Received >= 0 then A.RepliesResult = "not_met"; }
rule AnswersNone "" salience 84 { when A.AnswersResult == "" && A.Satisfied >= 0 && A.Answers == 0 then A.AnswersResult = "not_applicable"; }
rule AnswersMet "" salience 83 { when A.AnswersResult == "" && A.Satisfied >= 0 && A.Answers >= 0 && A.Satisfied * 100 > A.Answers * 99 then A.AnswersResult = "met"; }
rule AnswersNot "" salience 82 { when A.AnswersResult == "" && A.Satisfied >= 0 && A.Answers >= 0 then A.AnswersResult = "not_met"; }
rule Provisional "" salience 80 { when A.Provisional == false && A.RepliesResult != "" && A.NotYetDue > 0 then A.Provisional = true; }
rule NotMet "" salience 70 { when A.Verdict == "" && (A.CallsResult == "not_met" || A.RepliesResult == "not_met" || A.AnswersResult == "not_met") then A.Verdict = "not_met"; }
rule Open "" salience 65 { when A.Verdict == "" && (A.CallsResult == "" || A.RepliesResult == "" || A.AnswersResult == "") then A.Verdict = "undetermined"; }
rule Met "" salience 60 { when A.Verdict == "" && (A.CallsResult == "met" || A.RepliesResult == "met" || A.AnswersResult == "met") then A.Verdict = "met"; }
rule Nothing "" salience 55 { when A.Verdict == "" then A.Verdict = "not_applicable"; }
rule Cite "" salience 1 { when A.Cited() == false then A.Cite(); Complete(); }
|
rule Area "" salience 99 { when L.NoArea == false && L.Area == "" then L.NoArea = true; }
rule Staff "" salience 98 { when L.NoStaff == false && L.Area != "" && L.Staff < 0 then L.NoStaff = true; }
rule Households "" salience 97 { when L.NoHouseholds == false && L.Area != "" && L.Households < 0 && L.Staff != 0 then L.NoHouseholds = true; }
rule Open "" salience 90 { when L.Verdict == "" && (L.NoArea || L.NoStaff || L.NoHouseholds) then L.Verdict = "undetermined"; Complete(); }
rule Nobody "" salience 80 { when L.Verdict == "" && L.Staff == 0 then L.Verdict = "unassigned"; }
rule Above "" salience 70 { when L.Verdict == "" && (L.Area == "urban" && L.Households > 6000 * L.Staff || L.Area == "rural" && L.Households > 1000 * L.Staff) then L.Verdict = "above"; L.Num = L.Households; }
rule Below "" salience 60 { when L.Verdict == "" && (L.Area == "urban" && L.Households < 4000 * L.Staff || L.Area == "rural" && L.Households < 600 * L.Staff) then L.Verdict = "below"; L.Num = L.Households; }
rule Within "" salience 50 { when L.Verdict == "" then L.Verdict = "within"; L.Num = L.Households; }
rule Urban "" salience 40 { when L.Step == "" && L.Area == "urban" then L.Step = "contracting.load_urban"; L.Den = L.Staff; L.Cite("contracting/2"); Complete(); }
rule Rural "" salience 40 { when L.Step == "" && L.Area == "rural" then L.Step = "contracting.load_rural"; L.Den = L.Staff; L.Cite("contracting/2"); Complete(); }
|
rule Hidden "" salience 90 { when G.Hidden == false && G.Publicised == false then G.Hidden = true; }
rule Office "" salience 80 { when G.NoOffice == false && G.Known && G.Office() == false then G.NoOffice = true; }
rule Centre "" salience 70 { when G.NoCentre == false && G.Known && G.Centre() == false then G.NoCentre = true; }
rule Open "" salience 60 { when G.Known == false && G.Missing == "" then G.Missing = "reported_to"; }
rule Breach "" salience 50 { when G.Verdict == "" && (G.Hidden || G.NoOffice || G.NoCentre) then G.Verdict = "breach"; Complete(); }
rule Unknown "" salience 40 { when G.Verdict == "" && G.Missing != "" then G.Verdict = "undetermined"; Complete(); }
rule Good "" salience 30 { when G.Verdict == "" then G.Verdict = "no_breach"; Complete(); }
`

// GruleRequest is a FlatRequest with what rules fill.
type GruleRequest struct {
	FlatRequest
	Major, Important                          bool
	Missing, Step, Priority                   string
	Hours, Days, Begun, DueAt, DueDate, Until int64
	articles                                  []string
}

// Day is when it is due, LastOf that day's end.
func (r *GruleRequest) Day() int64    { return day(r.Begun, int(r.Days)) }
func (r *GruleRequest) LastOf() int64 { return lastOf(r.DueDate) }

// Cited reports whether the articles are there, Cite puts them together.
func (r *GruleRequest) Cited() bool { return r.articles != nil }

// Cite puts the articles together.
func (r *GruleRequest) Cite() {
	if r.Kind == "complaint_reply" {
		r.articles = append(r.articles, "contracting/4")
	}
	if r.Step != "" {
		r.articles = append(r.articles, "time_limit/2")
	}
	if r.Kind == "fault" {
		r.articles = append(r.articles, "time_limit/5")
	} else {
		r.articles = append(r.articles, "time_limit/6")
	}
	if r.Priority == "expedite" {
		r.articles = append(r.articles, "time_limit/8")
	}
	if r.Verdict == "late" || r.Verdict == "overdue" {
		r.articles = append(r.articles, "time_limit/9")
	}
}

// GruleComplaint is a FlatComplaint with what rules fill.
type GruleComplaint struct {
	FlatComplaint
	Outside, Accountable, Capped, Floored bool
	Missing, Step, Reason                 string
	Nth, At, Base, Total, Final           int64
	articles                              []string
}

// Amount is what a place on the scale costs.
func (c *GruleComplaint) Amount(at int64) int64 { return int64(fineScale[at]) }

// Cited reports whether the articles are there.
func (c *GruleComplaint) Cited() bool { return c.articles != nil }

// Cite puts the articles together.
func (c *GruleComplaint) Cite() {
	c.articles = append(c.articles, "accountability/6", "accountability/6.1")
	if len(c.Aggravating)+len(c.Degrees) > 0 {
		c.articles = append(c.articles, "accountability/7")
	}
	for _, x := range c.Aggravating {
		c.articles = append(c.articles, map[string]string{
			"retaliation": "accountability/7.1", "repeat_within_year": "accountability/7.2", "obstruct_investigation": "accountability/7.3",
		}[x])
	}
	for range c.Degrees {
		c.articles = append(c.articles, "accountability/8", "accountability/8.2")
	}
}

// GruleArea is a FlatArea with what rules fill.
type GruleArea struct {
	FlatArea
	CallsResult, RepliesResult, AnswersResult string
	Provisional                               bool
	cited                                     bool
	articles, missing                         []string
}

// Cited reports whether the articles are there.
func (a *GruleArea) Cited() bool { return a.cited }

// Cite lists articles and what is missing.
func (a *GruleArea) Cite() {
	a.cited = true
	if a.CallsResult != "" || a.RepliesResult != "" || a.AnswersResult != "" {
		a.articles = contracting4
	}
	a.missing = named(noted{a.Households < 0, "households_month_end"}, noted{a.Calls < 0, "complaint_calls_recorded_by_branch"}, noted{a.Received < 0, "tickets.received"},
		noted{a.Replied < 0, "tickets.replied_within_72h"}, noted{a.Answers < 0, "satisfaction.valid_responses"}, noted{a.Satisfied < 0, "satisfaction.satisfied"})
}

// GruleLoad is a FlatLoad with what rules fill.
type GruleLoad struct {
	FlatLoad
	Step                          string
	Num, Den                      int64
	NoArea, NoStaff, NoHouseholds bool
	articles                      []string
}

// Cite cites an article.
func (l *GruleLoad) Cite(article string) { l.articles = append(l.articles, article) }

// GruleChange is a FlatChange with what rules fill.
type GruleChange struct {
	FlatChange
	Missing                    string
	Hidden, NoOffice, NoCentre bool
}

// noted is something that a rule found.
type noted struct {
	found bool
	name  string
}

// named are the names of what was found.
func named(all ...noted) []string {
	var names []string
	for _, x := range all {
		if x.found {
			names = append(names, x.name)
		}
	}
	return names
}

func gruleWhole(s *sets, f *flat) (*contender, error) {
	c := &contender{name: "grule"}
	library := ast.NewKnowledgeLibrary()
	rules := builder.NewRuleBuilder(library)
	machine := engine.NewGruleEngine()
	for q, text := range splitRules(gruleWholeRules) {
		name := fmt.Sprint("whole", q)
		if err := rules.BuildRuleFromResource(name, "1", pkg.NewBytesResource([]byte(text))); err != nil {
			return nil, fmt.Errorf("grule: question %d: %w", q, err)
		}
		base, err := library.NewKnowledgeBaseInstance(name, "1")
		if err != nil {
			return nil, err
		}
		c.whole[q] = func(i int) any {
			data := ast.NewDataContext()
			key, facts, answer := gruleFacts(q, s, f, i)
			if err := data.Add(key, facts); err != nil {
				return err
			}
			if err := machine.Execute(data, base); err != nil {
				return err
			}
			return answer()
		}
	}
	return c, nil
}

// gruleFacts are the facts of a question under their name, and what the answer is
// once the rules have run.
func gruleFacts(q int, s *sets, f *flat, i int) (key string, facts any, answer func() any) {
	one := func(missing string) []string {
		if missing == "" {
			return nil
		}
		return []string{missing}
	}
	switch q {
	case 0:
		r := &GruleRequest{FlatRequest: f.requests[i], Major: s.requests[i].Major, Important: s.requests[i].Important, Priority: "normal"}
		return "R", r, func() any {
			return &RequestAnswer{Told: Told{r.Verdict, r.Step, r.articles, one(r.Missing)}, Start: moment(r.Begun), DueAt: moment(r.DueAt), DueDate: date.Date(r.DueDate), Priority: r.Priority}
		}
	case 1:
		c := &GruleComplaint{FlatComplaint: f.complaints[i]}
		return "C", c, func() any {
			a := &FineAnswer{Told: Told{c.Verdict, c.Step, c.articles, one(c.Missing)}, Accountable: c.Accountable, Reason: c.Reason, Nth: int(c.Nth), Base: int(c.Base),
				Steps: int(c.Up() - c.Down()), Final: int(c.Final), Total: int(c.Total), Capped: c.Capped, Floored: c.Floored, Exempt: c.Exempt()}
			if c.Accountable {
				a.Level = c.Level
			}
			return a
		}
	case 2:
		a, m := &GruleArea{FlatArea: f.areas[i]}, &s.areas[i]
		return "A", a, func() any {
			return &AreaAnswer{Told: Told{a.Verdict, "contracting.overall", a.articles, a.missing}, Provisional: a.Provisional,
				Complaints: rated(a.CallsResult, m.Calls, m.Households, 0), Replies: rated(a.RepliesResult, m.Replied, m.Received, m.NotYetDue), Satisfaction: rated(a.AnswersResult, m.Satisfied, m.Answers, 0)}
		}
	case 3:
		l := &GruleLoad{FlatLoad: f.loads[i]}
		return "L", l, func() any {
			return &LoadAnswer{Told: Told{l.Verdict, l.Step, l.articles, named(noted{l.NoArea, "area.type"}, noted{l.NoStaff, "staff"}, noted{l.NoHouseholds, "households"})}, Num: int(l.Num), Den: int(l.Den)}
		}
	}
	g := &GruleChange{FlatChange: f.changes[i]}
	return "G", g, func() any {
		return &ChangeAnswer{Told: Told{g.Verdict, "contracting.change_reported", contracting6, one(g.Missing)}, Breaches: named(noted{g.Hidden, "contracting/6#change_not_publicised"},
			noted{g.NoOffice, "contracting/6#change_not_reported:general_office"}, noted{g.NoCentre, "contracting/6#change_not_reported:monitoring_centre"})}
	}
}
