package ci

import (
	"github.com/servicerules/rulebook/diagnostic"
)

// State is what became of a gate.
type State string

// States of a gate.
const (
	Passed  State = "passed"
	Failed  State = "failed"
	Skipped State = "skipped" // nobody asked for it, or an earlier one makes it pointless
)

// The gates, in their order.
const (
	Begin    = "begin" // of a report of what kept all others from being tried
	Check    = "check"
	Analysis = "analyse"
	Promises = "promises"
	Cases    = "cases"
	Coverage = "coverage"
	Mutation = "mutation"
	Base     = "base"
)

// Gate is one thing that was looked at.
type Gate struct {
	Name  string
	State State
	Said  diagnostic.Text // what came of it, in a few words
	// Findings are why it failed, each with its place; and what else there is to
	// know, as warnings.
	Findings diagnostic.List
	Notes    []diagnostic.Text // what a reader may want to know, such as changes that are in order
}

// Label is what a gate looks at.
func (g *Gate) Label() diagnostic.Text {
	switch g.Name {
	case Begin:
		return diagnostic.Text{ZH: "能否开始", EN: "able to begin"}
	case Check:
		return diagnostic.Text{ZH: "核对规则", EN: "rules checked"}
	case Analysis:
		return diagnostic.Text{ZH: "分析全部事实", EN: "all facts analysed"}
	case Promises:
		return diagnostic.Text{ZH: "承诺", EN: "promises"}
	case Cases:
		return diagnostic.Text{ZH: "用例", EN: "cases"}
	case Coverage:
		return diagnostic.Text{ZH: "用例的覆盖", EN: "coverage by cases"}
	case Mutation:
		return diagnostic.Text{ZH: "误改能否发觉", EN: "careless changes noticed"}
	}
	return diagnostic.Text{ZH: "与原版相比", EN: "against the earlier version"}
}

// Report is what became of all gates.
type Report struct{ Gates []*Gate }

// Passed reports whether none failed.
func (r *Report) Passed() bool {
	for _, g := range r.Gates {
		if g.State == Failed {
			return false
		}
	}
	return true
}

// Codes of findings of gates; those of checking and of the analysis have their
// own.
const (
	CodeCaseFailed   = "case_failed"
	CodeNoCases      = "no_cases"
	CodeCoverageLow  = "coverage_low"
	CodeMutationLow  = "mutation_low"
	CodeUnproven     = "promise_unproven"
	CodeCaseFlipped  = "case_flipped"
	CodeFewerCases   = "cases_fewer"
	CodeAnswerTurned = "answer_changed"
	CodeAskedLess    = "asked_less"    // of rules and cases, than the earlier version did
	CodeIncomparable = "base_unusable" // there is nothing to compare with, and should be
)

func (g *Gate) fail(d diagnostic.Diagnostic) {
	d.Severity = diagnostic.Error
	g.State, g.Findings = Failed, append(g.Findings, d)
}

func (g *Gate) note(zh, en string, args ...any) {
	g.Notes = append(g.Notes, diagnostic.Textf(zh, en, args...))
}
