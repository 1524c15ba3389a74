package forms

import (
	"fmt"
	"strings"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/form"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/penalty"
	"github.com/servicerules/rulebook/policy"
)

func jointForm() *form.Form {
	return &form.Form{Form: policy.Form{
		Name: "joint", Section: "joints",
		Doc: text("连带：主要责任人之外另有人一并负责；同一人只记一次", "joint liability: somebody answers beside the principal; nobody twice"),
		Fields: []policy.Field{
			{Name: "when", Kind: policy.Expression, Wants: policy.KindYesNo, Doc: text("何时连带", "when there is joint liability")},
			{Name: "principal", Kind: policy.Expression, Required: true, Doc: text("主要责任人", "the principal")},
			{Name: "principal_role", Kind: policy.Code, Required: true, Said: true, Doc: text("其角色", "the role of the principal")},
			{Name: "fine", Kind: policy.Expression, Wants: policy.KindCount, Required: true, Doc: text("其金额", "what the principal pays")},
			{Name: "head", Kind: policy.Expression, Required: true, Doc: text("连带责任人", "who answers beside")},
			{Name: "head_role", Kind: policy.Code, Required: true, Said: true, Doc: text("其角色", "the role of who answers beside")},
			{Name: "share", Kind: policy.Option, Words: []string{string(penalty.RecordOnly), string(penalty.Percent), string(penalty.Fixed), string(penalty.Same)}, Doc: text("承担多少", "what the one beside pays")},
			{Name: "share_by", Kind: policy.Number, Doc: text("百分数或固定金额", "the per cent or the amount")},
			{Name: "share_rounding", Kind: policy.Option, Words: []string{string(penalty.RoundDown), string(penalty.RoundHalfUp), string(penalty.RoundUp)}, Doc: text("按百分比算出的零头：down 舍去，half_up 四舍五入，up 进一", "what becomes of a part of a unit of a percentage: down drops it, half_up makes a half or more a unit, up makes it one")},
		},
		Outputs: []policy.Output{
			{Name: "records", Label: text("责任记录", "records"), Type: "list of records", Doc: text("责任记录", "the records")},
			{Name: "needs_decision", Label: text("是否须由人定金额", "needs a decision"), Type: "yes/no", Doc: text("是否须由人定金额", "whether a person must set an amount")},
		},
	}, Build: buildJoint}
}

type jointUnit struct {
	role                        *value.Type
	part                        *form.Part
	when, principal, fine, head *condition.Program
	principalRole, headRole     string
	share                       penalty.Share
	recordsAt, needsAt          int
	manual                      form.Mark
}

func buildJoint(b *form.Builder) form.Evaluator {
	p := b.Parts[0]
	u := &jointUnit{
		part: p, when: p.Expr("when"), principal: p.Expr("principal"), fine: p.Expr("fine"), head: p.Expr("head"),
		principalRole: p.Code("principal_role"), headRole: p.Code("head_role"),
		share: penalty.Share{Kind: penalty.ShareKind(p.Option("share")), By: p.Int("share_by", 0), Rounding: penalty.Rounding(p.Option("share_rounding"))},
	}
	if err := u.share.Validate(); err != nil {
		p.Fail("share_by", "bad_share", diagnostic.Textf("份额 %d 为负", "the share %d is below zero", u.share.By), text("写非负整数", "write a non-negative whole number"))
	}
	u.manual = p.Decision("joint_amount", text("连带责任人承担多少", "how much the one who answers beside pays"))
	u.role = form.WordType(&value.Words{Each: []string{u.principalRole, u.headRole}})
	record := &value.Type{Kind: value.Record, Fields: []value.Field{
		{Name: "person", Type: typeName}, {Name: "role", Type: u.role}, {Name: "fine", Type: typeCount}, {Name: "needs_decision", Type: typeYesNo},
	}}
	u.recordsAt, u.needsAt = b.Output("records", checked.ListOf(record)), b.Output("needs_decision", typeYesNo)
	return u
}

func (u *jointUnit) Evaluate(r *form.Run) {
	applies := r.When(u.part, u.when)
	r.Set(u.recordsAt, value.ListOf(nil))
	r.Set(u.needsAt, value.Bool(false))
	if applies.False() || applies.IsNone() {
		r.Applied(u.part) // that nobody answers beside is an answer, too
		return
	}
	principal, head := r.Eval(u.principal), r.Eval(u.head)
	since := r.Lacking()
	fine := r.Eval(u.fine)
	if u.share.Kind == penalty.RecordOnly || u.share.Kind == penalty.Fixed {
		r.Ignore(since) // what the principal pays does not matter here
	} else if !fine.IsKnown() {
		applies = value.UnknownOf(value.YesNo)
	}
	if applies.IsUnknown() || principal.IsUnknown() || head.IsUnknown() {
		r.Undetermined(u.part)
		r.Set(u.recordsAt, value.UnknownOf(value.List))
		r.Set(u.needsAt, value.UnknownOf(value.YesNo))
		return
	}
	records, err := penalty.Joint(penalty.Party{Person: principal.S(), Role: u.principalRole}, penalty.Party{Person: head.S(), Role: u.headRole}, fine.N, u.share)
	if err != nil {
		r.Fail(err)
		return
	}
	list := make([]value.Value, 0, len(records))
	for _, x := range records {
		amount := value.Int(x.Fine)
		if x.Role == u.principalRole {
			amount = fine
		}
		list = append(list, value.RecordOf([]value.Value{value.NameOf(x.Person), value.WordOf(x.Role), amount, value.Bool(x.NeedsDecision)}))
		if x.NeedsDecision {
			r.Set(u.needsAt, value.Bool(true))
			r.Mark(u.manual)
		}
	}
	r.Set(u.recordsAt, value.ListOf(list))
}

func (u *jointUnit) Explain(r *form.Run, s *form.Story) {
	if list := r.Slots[u.recordsAt]; r.DidApply(u.part) && len(list.L()) > 0 {
		var all string
		for i, x := range list.L() {
			if i > 0 {
				all += policy.Text{ZH: "；", EN: "; "}.In(s.Lang)
			}
			all += x.L()[0].S() + " " + s.ShowAs(x.L()[1], u.role)
			if x.L()[3].True() {
				all += policy.Text{ZH: "（金额待定）", EN: " (amount to be decided)"}.In(s.Lang)
			} else if x.L()[2].IsKnown() {
				all += " " + s.Show(x.L()[2])
				if x.L()[1].S() == u.headRole {
					all += u.howMuch(r, s)
				}
			}
		}
		s.Tell(u.part, text(all, all))
	}
}

// roundingTexts say what became of a part of a unit.
var roundingTexts = map[penalty.Rounding]policy.Text{
	penalty.RoundDown: text("零头舍去", "rounded down"), penalty.RoundHalfUp: text("四舍五入", "rounded half up"), penalty.RoundUp: text("零头进一", "rounded up"),
}

// howMuch tells how the amount of the one who answers beside came about.
func (u *jointUnit) howMuch(r *form.Run, s *form.Story) string {
	fine := r.Eval(u.fine)
	switch {
	case u.share.Kind == penalty.Same && fine.IsKnown():
		return text("（与主要责任人相同）", " (as much as the principal)").In(s.Lang)
	case u.share.Kind != penalty.Percent || !fine.IsKnown():
		return ""
	}
	whole, hundredths, err := penalty.PercentOf(fine.N, u.share.By, penalty.RoundDown)
	switch {
	case err != nil:
		return ""
	case hundredths == 0:
		return diagnostic.Textf("（%[1]d 的 %[2]d%%）", " (%[2]d%% of %[1]d)", fine.N, u.share.By).In(s.Lang)
	}
	exact := strings.TrimRight(fmt.Sprintf("%d.%02d", whole, hundredths), "0")
	how := roundingTexts[u.share.Rounding]
	return diagnostic.Textf("（%[1]d 的 %[2]d%% 为 %[3]s，%[4]s）", " (%[2]d%% of %[1]d is %[3]s, %[5]s)", fine.N, u.share.By, exact, how.ZH, how.EN).In(s.Lang)
}
