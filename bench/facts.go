package main

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook"
)

// The facts of the five questions, as an existing system would have them.

// Request is what time_limit.request is asked about.
type Request struct {
	Kind           string     `rulebook:"request.kind"`
	Severity       string     `rulebook:"request.severity"`  // "": not known
	Area           string     `rulebook:"request.area_type"` // "": not known
	Received       time.Time  `rulebook:"request.received_at"`
	Papers         time.Time  `rulebook:"request.papers_complete_at"` // zero: not yet
	NetworkReady   bool       `rulebook:"request.network_ready"`
	NetworkReadyAt time.Time  `rulebook:"request.network_ready_at"`
	Eligible       bool       `rulebook:"request.eligible"`
	Done           *time.Time `rulebook:"request.completed_at"`
	Major          bool       `rulebook:"request.major"`
	Important      bool       `rulebook:"request.important_customer"`
	Direct         string     `rulebook:"request.direct"`
	Head           string     `rulebook:"request.department_head"`
	AsRequested    bool       `rulebook:"as_requested"`
}

// Complaint is what accountability.fine is asked about.
type Complaint struct {
	Person        string       `rulebook:"person"`
	Level         string       `rulebook:"complaint.level"`
	Form          string       `rulebook:"complaint.form"`
	Substantiated *bool        `rulebook:"complaint.substantiated"`
	Cause         string       `rulebook:"complaint.cause"`
	Received      time.Time    `rulebook:"complaint.received_at"`
	PriorHall     *int         `rulebook:"prior_in_window.hall"`
	PriorBranch   *int         `rulebook:"prior_in_window.branch"`
	PriorCounty   *int         `rulebook:"prior_in_window.county_or_above"`
	Aggravating   []string     `rulebook:"aggravating"`
	Mitigating    []Mitigation `rulebook:"mitigating"`
}

// Mitigation is one mitigating circumstance.
type Mitigation struct {
	Code   string `rulebook:"code"`
	Degree string `rulebook:"degree"`
}

// Area is what contracting.kpi is asked about.
type Area struct {
	ID         string         `rulebook:"area.id"`
	Month      rulebook.Month `rulebook:"month"`
	Households *int           `rulebook:"households_month_end"`
	Calls      *int           `rulebook:"complaint_calls_recorded_by_branch"`
	Received   *int           `rulebook:"tickets.received"`
	Replied    *int           `rulebook:"tickets.replied_within_72h"`
	NotYetDue  int            `rulebook:"tickets.not_yet_due"`
	Answers    *int           `rulebook:"satisfaction.valid_responses"`
	Satisfied  *int           `rulebook:"satisfaction.satisfied"`
}

// Load is what contracting.load is asked about.
type Load struct {
	Area       string `rulebook:"area.type"`
	Households *int   `rulebook:"households"`
	Staff      *int   `rulebook:"staff"`
}

// Change is what contracting.area_change is asked about.
type Change struct {
	Changed    date.Date `rulebook:"changed_at"`
	Publicised date.Date `rulebook:"publicised_at"` // zero: not yet
	ReportedTo []string  `rulebook:"reported_to"`   // nil: not known
}

// asOf is when everything is asked.
var asOf = time.Date(2025, 7, 1, 9, 0, 0, 0, time.UTC)

var zone = mustZone()

func mustZone() *time.Location {
	z, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		return time.FixedZone("CST", 8*3600)
	}
	return z
}

// sets are the generated facts.
type sets struct {
	requests   []Request
	complaints []Complaint
	areas      []Area
	loads      []Load
	changes    []Change
}

// first are the first n fact sets of each question, on their own.
func (s *sets) first(n int) sets {
	return sets{
		slices.Clone(s.requests[:n]), slices.Clone(s.complaints[:n]), slices.Clone(s.areas[:n]), slices.Clone(s.loads[:n]), slices.Clone(s.changes[:n]),
	}
}

// generate makes n fact sets a question. Of a hundred facts that may be
// missing, three are.
func generate(n int) sets {
	g := generator{rand.New(rand.NewPCG(2011, 5))}
	var s sets
	for range n {
		s.requests = append(s.requests, g.request())
		s.complaints = append(s.complaints, g.complaint())
		s.areas = append(s.areas, g.area())
		s.loads = append(s.loads, Load{g.known(g.one("urban", "rural")), g.count(500, 15000), g.count(0, 6)})
		s.changes = append(s.changes, g.change())
	}
	return s
}

type generator struct{ *rand.Rand }

func (g generator) one(words ...string) string { return words[g.IntN(len(words))] }
func (g generator) chance(percent int) bool    { return g.IntN(100) < percent }
func (g generator) missing() bool              { return g.chance(3) }

func (g generator) known(word string) string {
	if g.missing() {
		return ""
	}
	return word
}

func (g generator) count(from, to int) *int {
	n := from + g.IntN(to-from)
	if g.missing() {
		return nil
	}
	return &n
}

func (g generator) moment(from time.Time, hours int) time.Time {
	return from.Add(time.Duration(g.IntN(hours*60)) * time.Minute)
}

func (g generator) request() Request {
	received := g.moment(time.Date(2025, 1, 2, 0, 0, 0, 0, zone), 24*120)
	r := Request{
		Kind:     g.one("fault", "fault", "install", "install", "restore", "complaint_reply", "other"),
		Severity: g.known(g.one("ordinary", "ordinary", "major")), Area: g.known(g.one("urban", "rural")),
		Received: received, NetworkReady: g.chance(95), Eligible: g.chance(97), Major: g.chance(5), Important: g.chance(5),
		Direct: "S" + g.one("1", "2", "3"), Head: "M" + g.one("1", "2"), AsRequested: true,
	}
	if g.chance(92) {
		r.Papers = g.moment(received, 72)
	}
	if g.chance(20) {
		r.NetworkReadyAt = g.moment(received, 72)
	}
	if g.chance(90) {
		done := g.moment(latest(received, r.Papers, r.NetworkReadyAt), 24*17)
		if r.Kind == "fault" {
			done = g.moment(received, 60)
		}
		r.Done = &done
	}
	return r
}

// latest is the last of some moments: nothing is done before it has begun.
func latest(moments ...time.Time) time.Time {
	return slices.MaxFunc(moments, time.Time.Compare)
}

func (g generator) complaint() Complaint {
	c := Complaint{
		Person: "S1", Level: g.one("frontline", "hall", "hall", "hall", "branch", "branch", "county_or_above"), Form: g.one("complaint", "petition"),
		Cause: g.one("service", "service", "service", "service", "third_party"), Received: g.moment(time.Date(2025, 1, 2, 0, 0, 0, 0, zone), 24*120),
		PriorHall: g.count(0, 6), PriorBranch: g.count(0, 4), PriorCounty: g.count(0, 2),
	}
	if !g.missing() {
		yes := g.chance(90)
		c.Substantiated = &yes
	}
	if g.chance(10) {
		c.Aggravating = []string{g.one("retaliation", "repeat_within_year", "obstruct_investigation")}
	}
	if g.chance(10) {
		c.Mitigating = []Mitigation{{"prevented_harm", g.one("lighter", "lighter", "exempt")}}
	}
	return c
}

func (g generator) area() Area {
	a := Area{
		ID: "A1", Month: rulebook.Month{Year: 2025, Month: time.Month(1 + g.IntN(6))}, Households: g.count(500, 9000), Calls: g.count(0, 6),
		Received: g.count(50, 200), Answers: g.count(100, 300),
	}
	part := func(of *int, lacking int) *int {
		if of == nil || g.missing() {
			return nil
		}
		n := max(*of-g.IntN(lacking), 0)
		return &n
	}
	if g.chance(20) {
		a.NotYetDue = g.IntN(10)
	}
	a.Replied, a.Satisfied = part(a.Received, 2), part(a.Answers, 5)
	if a.Replied != nil {
		*a.Replied = max(*a.Replied-a.NotYetDue, 0)
	}
	return a
}

func (g generator) change() Change {
	c := Change{Changed: date.New(2025, time.Month(1+g.IntN(5)), 1+g.IntN(28))}
	if g.chance(80) {
		c.Publicised = c.Changed + date.Date(g.IntN(20))
	}
	switch g.IntN(10) {
	case 0:
		c.ReportedTo = []string{}
	case 1:
		c.ReportedTo = []string{"general_office"}
	case 2:
		c.ReportedTo = []string{"monitoring_centre"}
	default:
		c.ReportedTo = []string{"general_office", "monitoring_centre"}
	}
	if g.missing() {
		c.ReportedTo = nil
	}
	return c
}
