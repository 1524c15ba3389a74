package main

import (
	"encoding/json"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/types"
)

// OPA gives an answer as one object.

const opaWholeModule = `package whole

request := {"verdict": request_verdict, "step": step, "articles": request_articles, "missing": request_missing,
	"start": start, "due_at": due_at, "due_date": due_date, "priority": priority}

request_missing := ["request.severity"] if { input.kind == "fault"; input.severity == "" }
else := ["request.area_type"] if { input.kind == "install"; input.area == "" }
else := []

default step := ""
step := "time_limit.fault_ordinary" if { input.kind == "fault"; input.severity == "ordinary" }
else := "time_limit.fault_major" if { input.kind == "fault"; input.severity == "major" }
else := "time_limit.install_urban" if { input.kind == "install"; input.area == "urban" }
else := "time_limit.install_rural" if { input.kind == "install"; input.area == "rural" }
else := "time_limit.restore_service" if input.kind == "restore"
else := "time_limit.complaint_reply" if input.kind == "complaint_reply"

start := 0 if step == ""
else := input.received if input.kind in {"fault", "complaint_reply"}
else := max([input.papers, input.network_ready_at]) if ready
else := 0

ready if { input.eligible; input.papers != 0; input.network_ready }
ready if { input.eligible; input.papers != 0; input.network_ready_at != 0 }

due_at := 0 if start == 0
else := start + 86400000000000 if { input.kind == "fault"; input.severity == "ordinary" }
else := start + 259200000000000 if input.kind == "fault"
else := 0

due_date := 0 if start == 0
else := 0 if input.kind == "fault"
else := day(start, 3) if input.kind == "complaint_reply"
else := day(start, 10) if { input.kind == "install"; input.area == "rural" }
else := day(start, 5)

end := due_at if due_date == 0
else := last_of(due_date)

request_verdict := "undetermined" if count(request_missing) > 0
else := "no_limit" if step == ""
else := "not_started" if start == 0
else := "on_time" if { input.done != 0; input.done <= end }
else := "late" if input.done != 0
else := "overdue" if input.now > end
else := "running"

default priority := "normal"
priority := "expedite" if input.major
else := "expedite" if input.important

request_articles := [x | some pair in [
	["contracting/4", input.kind == "complaint_reply"], ["time_limit/2", step != ""],
	["time_limit/5", input.kind == "fault"], ["time_limit/6", input.kind != "fault"],
	["time_limit/8", priority == "expedite"], ["time_limit/9", request_verdict in {"late", "overdue"}],
]; pair[1]; x := pair[0]]

complaint := {"verdict": fine_verdict, "step": fine_step, "articles": fine_articles, "missing": fine_missing, "accountable": accountable, "reason": reason,
	"nth": nth, "base": scale[place], "total": total, "exempt": exempt, "steps": steps, "capped": capped, "floored": floored, "final": final}

scale := [0, 20, 50, 80, 100, 200]

default outside := false
outside if input.cause != "service"
outside if input.level == "frontline"
outside if input.substantiated == 0

reason := "" if not outside
else := "" if input.substantiated < 0
else := "not_substantiated" if input.substantiated == 0
else := "not_service_cause" if input.cause != "service"
else := "below_hall_level"

default accountable := false
accountable if { not outside; input.substantiated > 0 }

prior := input.prior_hall if input.level == "hall"
else := input.prior_branch if input.level == "branch"
else := input.prior_county

fine_missing := ["complaint.substantiated"] if input.substantiated < 0
else := [concat(".", ["prior_in_window", input.level])] if { accountable; prior < 0 }
else := []

default nth := 0
nth := prior + 1 if { accountable; prior >= 0 }

place := 0 if nth == 0
else := 2 if { input.level == "hall"; nth > 3 }
else := 1 if input.level == "hall"
else := 4 if { input.level == "branch"; nth > 2 }
else := nth + 1 if input.level == "branch"
else := 5

total := 0 if nth == 0
else := 60 + (nth - 3) * 50 if { input.level == "hall"; nth > 3 }
else := nth * 20 if input.level == "hall"
else := 50 if { input.level == "branch"; nth == 1 }
else := 130 + (nth - 2) * 100 if input.level == "branch"
else := nth * 200

default exempt := false
exempt if "exempt" in input.degrees

steps := count(input.aggravating) - count(input.degrees)

default capped := false
capped if { nth > 0; not exempt; place + steps > 5 }

default floored := false
floored if { nth > 0; not exempt; place + steps < 0 }

final := 0 if nth == 0
else := 0 if exempt
else := 0 if floored
else := scale[5] if capped
else := scale[place + steps]

fine_verdict := "not_accountable" if outside
else := "undetermined" if count(fine_missing) > 0
else := "no_fine" if final == 0
else := "fine"

fine_step := "accountability.not_accountable_reason" if outside
else := "accountability.complaint_fine" if accountable
else := ""

fine_articles := array.concat(array.concat(["accountability/6", "accountability/6.1"], circumstance), array.concat(aggravating, mitigating))

circumstance := ["accountability/7"] if count(input.aggravating) + count(input.degrees) > 0
else := []

aggravating := [{"retaliation": "accountability/7.1", "repeat_within_year": "accountability/7.2", "obstruct_investigation": "accountability/7.3"}[x] | some x in input.aggravating]

mitigating := [x | some _ in input.degrees; some x in ["accountability/8", "accountability/8.2"]]

area := {"verdict": area_verdict, "articles": area_articles, "missing": area_missing, "calls": calls, "replies": replies, "answers": answers, "provisional": provisional}

calls := "" if input.calls < 0
else := "" if input.households < 0
else := "not_applicable" if input.households == 0
else := "met" if input.calls * 1000 < input.households
else := "not_met"

replies := "" if input.replied < 0
else := "" if input.received < 0
else := "not_applicable" if input.received == input.not_yet_due
else := "met" if input.replied == input.received - input.not_yet_due
else := "not_met"

answers := "" if input.satisfied < 0
else := "" if input.answers < 0
else := "not_applicable" if input.answers == 0
else := "met" if input.satisfied * 100 > input.answers * 99
else := "not_met"

rates := {calls, replies, answers}

area_verdict := "not_met" if "not_met" in rates
else := "undetermined" if "" in rates
else := "met" if "met" in rates
else := "not_applicable"

area_articles := [] if rates == {""}
else := ["contracting/4"]

area_missing := [name | some pair in [
	["households_month_end", input.households], ["complaint_calls_recorded_by_branch", input.calls], ["tickets.received", input.received],
	["tickets.replied_within_72h", input.replied], ["satisfaction.valid_responses", input.answers], ["satisfaction.satisfied", input.satisfied],
]; pair[1] < 0; name := pair[0]]

default provisional := false
provisional if { replies != ""; input.not_yet_due > 0 }

load := {"verdict": load_verdict, "step": load_step, "articles": load_articles, "missing": load_missing, "num": num, "den": den}

load_missing := ["area.type"] if input.area == ""
else := [name | some pair in [["staff", input.staff < 0], ["households", no_households]]; pair[1]; name := pair[0]]

default no_households := false
no_households if { input.households < 0; input.staff != 0 }

bounds := {"urban": [4000, 6000], "rural": [600, 1000]}

load_verdict := "undetermined" if count(load_missing) > 0
else := "unassigned" if input.staff == 0
else := "above" if input.households > bounds[input.area][1] * input.staff
else := "below" if input.households < bounds[input.area][0] * input.staff
else := "within"

load_step := "" if count(load_missing) > 0
else := concat("", ["contracting.load_", input.area])

load_articles := [] if count(load_missing) > 0
else := ["contracting/2"]

default num := 0
num := input.households if { count(load_missing) == 0; input.staff != 0 }

default den := 0
den := input.staff if count(load_missing) == 0

change := {"verdict": change_verdict, "breaches": breaches, "missing": change_missing}

breaches := array.concat(hidden, array.concat(untold("general_office"), untold("monitoring_centre")))

hidden := [] if input.publicised
else := ["contracting/6#change_not_publicised"]

untold(office) := [] if not input.known
else := [] if office in input.reported_to
else := [concat(":", ["contracting/6#change_not_reported", office])]

change_missing := [] if input.known
else := ["reported_to"]

change_verdict := "breach" if count(breaches) > 0
else := "undetermined" if count(change_missing) > 0
else := "no_breach"
`

// opaNames are the fields of OPA's objects in the order in which answers are put
// together; those that have none are "".
var opaNames = [5][]string{
	{"missing", "step", "start", "due_at", "due_date", "", "verdict", "priority", "articles"},
	{"", "reason", "accountable", "", "missing", "nth", "", "base", "total", "exempt", "steps", "capped", "floored", "final", "verdict", "step", "articles"},
	{"calls", "replies", "answers", "provisional", "missing", "verdict", "articles"},
	{"missing", "verdict", "step", "num", "den", "articles"},
	{"breaches", "missing", "verdict"},
}

func opaWhole(s *sets, f *flat) (*contender, error) {
	c := &contender{name: "opa"}
	last := rego.Function1(&rego.Function{Name: "last_of", Decl: types.NewFunction(types.Args(types.N), types.N)},
		func(_ rego.BuiltinContext, day *ast.Term) (*ast.Term, error) {
			n, _ := day.Value.(ast.Number).Int64() // the module writes whole numbers
			return ast.NewTerm(ast.MustInterfaceToValue(lastOf(n))), nil
		})
	asks, err := opaAsks("whole", opaWholeModule, wholeFacts(s, f), opaDays("day", day), last)
	if err != nil {
		return nil, err
	}
	for q, ask := range asks {
		given := opaValues{names: opaNames[q]}
		c.whole[q] = func(i int) any {
			out, err := ask(i)
			if err != nil {
				return err
			}
			given.object, _ = out.(map[string]any)
			return assemble(q, given, s, i)
		}
	}
	return c, nil
}

// opaValues are the fields of an object that OPA gave.
type opaValues struct {
	names  []string
	object map[string]any
}

func (v opaValues) text(i int) string { s, _ := v.object[v.names[i]].(string); return s }
func (v opaValues) yes(i int) bool    { yes, _ := v.object[v.names[i]].(bool); return yes }

func (v opaValues) number(i int) int64 {
	n, _ := v.object[v.names[i]].(json.Number)
	whole, _ := n.Int64()
	return whole
}

func (v opaValues) texts(i int) []string {
	list, _ := v.object[v.names[i]].([]any)
	var texts []string
	for _, x := range list {
		text, _ := x.(string)
		texts = append(texts, text)
	}
	return texts
}
