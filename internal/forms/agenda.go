package forms

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/form"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla"
)

func agendaForm() *form.Form {
	return &form.Form{Form: policy.Form{
		Name: "agenda", Section: "agendas",
		Doc: text("待办：几个计时中下一个到期的是哪个、何时，哪些已逾期。已办结的、未起算而无到期时间的不算",
			"which of several clocks is due next, and when; and which are overdue. Those that are done do not count, nor those that have no due"),
		Fields: []policy.Field{
			whenField,
			{Name: "of", Kind: policy.RuleNames, Required: true, Doc: text("哪些计时（clocks），如 [answer, repair]", "which clocks, such as [answer, repair]")},
		},
		Outputs: []policy.Output{
			{Name: "due", Label: text("下一个到期时刻", "due next"), Type: "moment", Doc: text("下一个到期时刻；没有即都已办结、逾期或到期时间不定", "the next due; none where all are done, overdue or without a due")},
			{Name: "clocks", Label: text("下一个到期的计时", "clocks due next"), Type: "list of words", Doc: text("那时到期的计时，可有几个", "the clocks that are due then, which may be several")},
			{Name: "overdue", Label: text("已逾期的计时", "clocks overdue"), Type: "list of words", Doc: text("已逾期未办的计时", "the clocks that are overdue and not done")},
		},
	}, Build: buildAgenda}
}

// agendaUnit looks at what clocks came to.
type agendaUnit struct {
	part                   *form.Part
	when                   *condition.Program
	clocks                 []agendaClock
	words                  *value.Words
	due, clocksAt, overdue int
}

type agendaClock struct {
	name                      string
	label                     policy.Text
	status, due               *condition.Program
	restartStatus, restartDue *condition.Program
}

func buildAgenda(b *form.Builder) form.Evaluator {
	p := b.Parts[0]
	u := &agendaUnit{part: p, when: p.Expr("when"), words: &value.Words{Name: b.Name}}
	names := p.Codes("of")
	if len(names) == 0 {
		p.Fail("of", "missing_key", text("\"of\" 没有列出计时", "\"of\" lists no clock"), text("写 of: [计时的名称, …]", "write of: [names of clocks]"))
	}
	for i, name := range names {
		rule := b.Plan.Book.RulesByName[name]
		switch {
		case rule == nil:
			p.FailItem("of", i, "unknown_rule", diagnostic.Textf("没有名为 %q 的计时", "there is no clock %q", name), diagnostic.OneOf(name, clocksOf(b.Plan.Book)))
			continue
		case rule.Form.Name != "clock" || rule.Node.Get("each") != nil:
			p.FailItem("of", i, "not_a_clock", diagnostic.Textf("%s 不是一件事的计时", "%s is not the clock of one matter", name),
				diagnostic.OneOf(name, clocksOf(b.Plan.Book)))
			continue
		}
		output := func(name string) *condition.Program { return p.CompileOf("of", i, name) }
		u.clocks = append(u.clocks, agendaClock{name, rule.Label, output(name + ".status"), output(name + ".due"), output(name + ".restart_status"), output(name + ".restart_due")})
		u.words.Each = append(u.words.Each, name)
	}
	list := checked.ListOf(form.WordType(u.words))
	u.due, u.clocksAt, u.overdue = b.Output("due", &value.Type{Kind: value.Moment}), b.Output("clocks", list), b.Output("overdue", list)
	return u
}

// clocksOf are the names of the clocks that time one matter.
func clocksOf(book *checked.Book) []string {
	var names []string
	for _, r := range book.AllRules {
		if r.Form.Name == "clock" && r.Node.Get("each") == nil {
			names = append(names, r.Name)
		}
	}
	slices.Sort(names)
	return names
}

// upcoming is how a clock counts: one that is not done, or may not be.
type upcoming struct {
	name      string
	sure      bool        // it is not done
	due       int64       // where it is known
	at        value.Value // the same, as its clock shows it
	dueKnown  bool
	isOverdue value.State // known that it is, none that it is not, or unknown
}

// Evaluate finds the next due. What may come before it, for all that is known,
// leaves it open.
func (u *agendaUnit) Evaluate(r *form.Run) {
	r.Set(u.due, value.NoneOf(value.Moment))
	r.Set(u.clocksAt, value.NoneOf(value.List))
	r.Set(u.overdue, value.NoneOf(value.List))
	switch applies := r.When(u.part, u.when); {
	case applies.IsUnknown():
		u.leaveOpen(r, u.due, u.clocksAt, u.overdue)
		return
	case !applies.True():
		return
	}
	from := len(r.Needs)
	var overdue, clocks []string
	var maybe []upcoming
	next, found, overdueOpen := int64(0), false, false
	var at value.Value // next, as the clock shows it that is due then
	for i := range u.clocks {
		x, counts := u.clocks[i].stands(r)
		switch x.isOverdue {
		case value.Known:
			overdue = append(overdue, x.name)
		case value.Unknown:
			overdueOpen = true
		}
		switch {
		case !counts:
		case !x.sure || !x.dueKnown:
			maybe = append(maybe, x)
		case !found || x.due < next:
			next, at, found, clocks = x.due, x.at, true, []string{x.name}
		case x.due == next:
			clocks = append(clocks, x.name)
		}
	}
	dueOpen := slices.ContainsFunc(maybe, func(x upcoming) bool { return !x.dueKnown || !found || x.due < next })
	clocksOpen := dueOpen || slices.ContainsFunc(maybe, func(x upcoming) bool { return x.due == next })
	if found {
		r.Set(u.due, at)
	}
	r.Set(u.clocksAt, wordList(clocks))
	r.Set(u.overdue, wordList(overdue))
	if !clocksOpen && !overdueOpen {
		r.Needs = r.Needs[:from] // what is not known makes no difference
		return
	}
	if dueOpen {
		u.leaveOpen(r, u.due)
	}
	if clocksOpen {
		u.leaveOpen(r, u.clocksAt)
	}
	if overdueOpen {
		u.leaveOpen(r, u.overdue)
	}
}

func (u *agendaUnit) leaveOpen(r *form.Run, slots ...int) {
	for _, slot := range slots {
		kind := value.List
		if slot == u.due {
			kind = value.Moment
		}
		r.Set(slot, value.UnknownOf(kind))
	}
	r.Undetermined(u.part)
}

// stands is how a clock stands, of its second run where it runs again. It does
// not count towards what is due next where it is done, overdue or has no due.
func (c *agendaClock) stands(r *form.Run) (x upcoming, counts bool) {
	status, due := r.Eval(c.status), r.Eval(c.due)
	if status.IsKnown() && status.S() == string(sla.DeemedOnTime) {
		if again := r.Eval(c.restartStatus); !again.IsNone() {
			status, due = again, r.Eval(c.restartDue)
		}
	}
	x = upcoming{name: c.name, sure: true, due: due.N, at: due, dueKnown: due.IsKnown(), isOverdue: value.None}
	if status.IsKnown() {
		switch sla.Status(status.S()) {
		case sla.Overdue:
			x.isOverdue = value.Known
			return x, false
		case sla.NotStarted, sla.Running, sla.Paused, sla.AtRisk:
			return x, !due.IsNone()
		}
		return x, false
	}
	if status.IsNone() || due.IsNone() {
		return x, false
	}
	x.sure = false
	now := r.AsOf()
	passed := now.IsKnown() && x.dueKnown && x.due < now.N
	if passed || !now.IsKnown() || !x.dueKnown {
		x.isOverdue = value.Unknown
	}
	return x, !passed
}

// Explain tells what is due next, and what is overdue.
func (u *agendaUnit) Explain(r *form.Run, s *form.Story) {
	if !r.DidApply(u.part) {
		return
	}
	var parts []string
	due, clocks := r.Slots[u.due], r.Slots[u.clocksAt]
	switch {
	case due.IsKnown() && clocks.IsKnown():
		for i := range u.clocks {
			if x, counts := u.clocks[i].stands(r); counts && x.sure && x.dueKnown && x.due != due.N {
				s.Compare(due, momentOf(x.due))
			}
		}
		parts = append(parts, s.Pick("下一个到期 ", "due next ")+s.Show(due)+s.Pick("：", ": ")+u.named(s, clocks))
	case due.IsNone():
		parts = append(parts, s.Pick("没有待到期的", "nothing is to come"))
	}
	if overdue := r.Slots[u.overdue]; overdue.IsKnown() && len(overdue.L()) > 0 {
		parts = append(parts, s.Pick("已逾期：", "overdue: ")+u.named(s, overdue))
	}
	if len(parts) > 0 {
		all := strings.Join(parts, s.Pick("；", "; "))
		s.Tell(u.part, text(all, all))
	}
}

// named are clocks by their labels.
func (u *agendaUnit) named(s *form.Story, list value.Value) string {
	var names []string
	for _, v := range list.L() {
		for i := range u.clocks {
			if c := &u.clocks[i]; c.name == v.S() {
				names = append(names, c.label.In(s.Lang))
			}
		}
	}
	return strings.Join(names, s.Pick("、", ", "))
}
