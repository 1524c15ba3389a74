// Package forms holds the kinds of rule that a rules file may use: what may be
// written in a rule of each, and how it is evaluated and explained. What they
// count, they count by the packages sla, penalty and kpi.
package forms

import (
	"math"
	"slices"
	"sync"

	"github.com/servicerules/rulebook/internal/form"

	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// All are the forms, in the order of the reference. They are made once and not
// to be written to.
func All() []*form.Form { return slices.Clone(all()) }

// Named is the form with that name, or nil.
func Named(name string) *form.Form {
	for _, f := range all() {
		if f.Name == name {
			return f
		}
	}
	return nil
}

var all = sync.OnceValue(func() []*form.Form {
	return []*form.Form{
		scopeForm(), valueForm(), tableForm(), figureForm(), decisionForm(), dutyForm(), checklistForm(), assignmentForm(), guardForm(), rangeForm(),
		clockForm(), deadlineForm(), deemingForm(), extensionForm(), pauseForm(), agendaForm(),
		indicatorForm(), accrualForm(), tariffForm(),
		ladderForm(), historyForm(), weighingForm(), factorForm(), measureForm(), jointForm(),
	}
})

func text(zh, en string) policy.Text { return policy.Text{ZH: zh, EN: en} }

// whole is n as an int, which on a machine of 32 bits goes less far.
func whole(n int64) int { return int(max(math.MinInt, min(n, math.MaxInt))) }

// Types of outputs that forms share.
var (
	typeYesNo   = &value.Type{Kind: value.YesNo}
	typeCount   = &value.Type{Kind: value.Count}
	typeName    = &value.Type{Kind: value.Name}
	typeArticle = &value.Type{Kind: value.Article}
)

func wordList(words []string) value.Value {
	list := make([]value.Value, len(words))
	for i, w := range words {
		list[i] = value.WordOf(w)
	}
	return value.ListOf(list)
}

// both is Kleene's and.
func both(a, b value.Value) value.Value {
	switch {
	case isNo(a) || isNo(b):
		return value.Bool(false)
	case a.True() && b.True():
		return value.Bool(true)
	}
	return value.UnknownOf(value.YesNo)
}

// isNo reports a known no; what is known not to exist counts as no.
func isNo(v value.Value) bool { return v.False() || v.IsNone() }

func not(v value.Value) value.Value {
	switch {
	case v.True():
		return value.Bool(false)
	case isNo(v):
		return value.Bool(true)
	}
	return v
}

var whenField = policy.Field{Name: "when", Kind: policy.Expression, Wants: policy.KindYesNo, Doc: policy.Text{
	ZH: "适用条件；不写则总适用", EN: "when the rule applies; always if not given",
}}
