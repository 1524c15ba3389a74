package main

import (
	"time"

	"github.com/rickb777/date/v2"
)

// The peers know no missing facts and no time zones. They are given the facts
// flattened beforehand, which is not timed: moments as nanoseconds and 0 for
// none, -1 for a number that is not known, "" for a word. They answer with the
// verdict alone.

// FlatRequest is a Request.
type FlatRequest struct {
	Kind           string `expr:"kind"`
	Severity       string `expr:"severity"`
	Area           string `expr:"area"`
	Received       int64  `expr:"received"`
	Papers         int64  `expr:"papers"`
	NetworkReady   bool   `expr:"network_ready"`
	NetworkReadyAt int64  `expr:"network_ready_at"`
	Eligible       bool   `expr:"eligible"`
	Done           int64  `expr:"done"`
	Now            int64  `expr:"now"`
	Verdict        string
}

// Due is the last nanosecond of the n-th working day after a moment.
func (FlatRequest) Due(start int64, n int) int64 { return due(start, n) }

func due(start int64, n int) int64 { return endOfDue(time.Unix(0, start), n).UnixNano() }

// FlatComplaint is a Complaint.
type FlatComplaint struct {
	Level         string   `expr:"level"`
	Cause         string   `expr:"cause"`
	Substantiated int64    `expr:"substantiated"`
	PriorHall     int64    `expr:"prior_hall"`
	PriorBranch   int64    `expr:"prior_branch"`
	PriorCounty   int64    `expr:"prior_county"`
	Aggravating   []string `expr:"aggravating"`
	Degrees       []string `expr:"degrees"` // of the mitigating circumstances
	Verdict       string
}

// Up and Down count circumstances, Exempt looks for one that exempts.
func (c *FlatComplaint) Up() int64    { return int64(len(c.Aggravating)) }
func (c *FlatComplaint) Down() int64  { return int64(len(c.Degrees)) }
func (c *FlatComplaint) Exempt() bool { return has(c.Degrees, "exempt") }

// FlatArea is an Area.
type FlatArea struct {
	Households int64 `expr:"households"`
	Calls      int64 `expr:"calls"`
	Received   int64 `expr:"received"`
	Replied    int64 `expr:"replied"`
	NotYetDue  int64 `expr:"not_yet_due"`
	Answers    int64 `expr:"answers"`
	Satisfied  int64 `expr:"satisfied"`
	Verdict    string
}

// FlatLoad is a Load.
type FlatLoad struct {
	Area       string `expr:"area"`
	Households int64  `expr:"households"`
	Staff      int64  `expr:"staff"`
	Verdict    string
}

// FlatChange is a Change.
type FlatChange struct {
	Publicised bool     `expr:"publicised"`
	Known      bool     `expr:"known"` // that it is known where it was reported
	ReportedTo []string `expr:"reported_to"`
	Verdict    string
}

// Office and Centre look for the two offices.
func (c *FlatChange) Office() bool { return has(c.ReportedTo, "general_office") }
func (c *FlatChange) Centre() bool { return has(c.ReportedTo, "monitoring_centre") }

func has(list []string, word string) bool {
	for _, x := range list {
		if x == word {
			return true
		}
	}
	return false
}

// flat is all of them.
type flat struct {
	requests   []FlatRequest
	complaints []FlatComplaint
	areas      []FlatArea
	loads      []FlatLoad
	changes    []FlatChange
}

func flatten(s *sets) *flat {
	f := &flat{}
	for i := range s.requests {
		r, c, a, l, g := &s.requests[i], &s.complaints[i], &s.areas[i], &s.loads[i], &s.changes[i]
		done := time.Time{}
		if r.Done != nil {
			done = *r.Done
		}
		f.requests = append(f.requests, FlatRequest{
			Kind: r.Kind, Severity: r.Severity, Area: r.Area, Received: nanoseconds(r.Received), Papers: nanoseconds(r.Papers),
			NetworkReady: r.NetworkReady, NetworkReadyAt: nanoseconds(r.NetworkReadyAt), Eligible: r.Eligible, Done: nanoseconds(done), Now: asOf.UnixNano(),
		})
		substantiated := int64(-1)
		if c.Substantiated != nil {
			substantiated = 0
			if *c.Substantiated {
				substantiated = 1
			}
		}
		degrees := []string{}
		for _, m := range c.Mitigating {
			degrees = append(degrees, m.Degree)
		}
		f.complaints = append(f.complaints, FlatComplaint{
			Level: c.Level, Cause: c.Cause, Substantiated: substantiated, PriorHall: number(c.PriorHall), PriorBranch: number(c.PriorBranch),
			PriorCounty: number(c.PriorCounty), Aggravating: append([]string{}, c.Aggravating...), Degrees: degrees,
		})
		f.areas = append(f.areas, FlatArea{
			Households: number(a.Households), Calls: number(a.Calls), Received: number(a.Received), Replied: number(a.Replied),
			NotYetDue: int64(a.NotYetDue), Answers: number(a.Answers), Satisfied: number(a.Satisfied),
		})
		f.loads = append(f.loads, FlatLoad{Area: l.Area, Households: number(l.Households), Staff: number(l.Staff)})
		f.changes = append(f.changes, FlatChange{Publicised: g.Publicised != date.Zero, Known: g.ReportedTo != nil, ReportedTo: append([]string{}, g.ReportedTo...)})
	}
	return f
}

func nanoseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func number(n *int) int64 {
	if n == nil {
		return -1
	}
	return int64(*n)
}
