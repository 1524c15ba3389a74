package penalty

import (
	"math"

	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

func ladderForm() *policy.Form {
	return &policy.Form{
		Name: "ladder", Section: "ladders",
		Doc: text("阶梯：按层级与第几次定金额，再按情节沿档位升降", "a ladder: the amount by level and occurrence, then moved along a scale by circumstances"),
		Fields: []policy.Field{
			{Name: "when", Kind: policy.Expression, Wants: value.YesNo, Doc: text("何时计罚", "when anything is to be paid")},
			{Name: "level", Kind: policy.Expression, Wants: value.Word, Required: true, Doc: text("适用层级", "the level that applies")},
			{Name: "tiers", Kind: policy.StructMap, Required: true, Doc: text("各层级：{代码: {…}}", "the tiers by level"), Fields: []policy.Field{
				{Name: "rank", Kind: policy.Number, Required: true, Doc: text("层级高低，大者高", "how high the level is; higher numbers are higher")},
				{Name: "earlier", Kind: policy.Expression, Wants: value.Count, Required: true, Doc: text("本期此前次数", "how many came before in the window")},
				{Name: "rows", Kind: policy.Structs, Required: true, Doc: text("各档：从第几次起、每次多少", "the rows: from which occurrence, how much each"), Fields: []policy.Field{
					{Name: "from", Kind: policy.Number, Required: true, Doc: text("从第几次起", "from which occurrence")},
					{Name: "amount", Kind: policy.Number, Required: true, Doc: text("每次金额，整数", "the amount of each, a whole number")},
				}},
				{Name: "repricing", Kind: policy.Option, Words: repric, Doc: text("进入高档后此前各次是否补收：marginal 不补，retroactive 补", "whether earlier ones are priced again")},
			}},
			{Name: "scale", Kind: policy.Numbers, Required: true, Doc: text("升降所沿的档位，从低到高", "the amounts that steps move along, ascending")},
			{Name: "counting", Kind: policy.Option, Words: []string{string(Separate), string(Cumulative)}, Doc: text("各层级分别计次还是合计", "whether levels are counted apart or together")},
			{Name: "steps", Kind: policy.Expression, Wants: value.Count, Doc: text("净升降档数", "the net steps")},
			{Name: "exempt", Kind: policy.Expression, Wants: value.YesNo, Doc: text("是否免予", "whether exempt")},
			{Name: "undecided", Kind: policy.Expression, Wants: value.YesNo, Doc: text("情节是否须由人决定", "whether a person must weigh the circumstances")},
			{Name: "effect", Kind: policy.Option, Words: []string{string(ScaleStep), string(Multiply), string(Manual)}, Doc: text("一档意味着什么", "what a step does")},
			{Name: "effect_by", Kind: policy.Number, Doc: text("multiply 的倍数", "the factor of multiply")},
			{Name: "share_among", Kind: policy.Expression, Wants: value.Count, Doc: text("由几人分担", "among how many it is split")},
			{Name: "share_if", Kind: policy.Expression, Wants: value.YesNo, Doc: text("本人是否承担", "whether this person pays at all")},
		},
		Outputs: []policy.Output{
			{Name: "nth", Type: "count", Doc: text("第几次", "which occurrence it is")},
			{Name: "base", Type: "count", Doc: text("基准金额", "the amount before circumstances")},
			{Name: "final", Type: "count", Doc: text("拟定金额；须由人决定时为无", "the proposed amount; none where a person must decide")},
			{Name: "capped", Type: "yes/no", Doc: text("是否到顶", "whether the top of the scale stopped it")},
			{Name: "floored", Type: "yes/no", Doc: text("是否到底", "whether the bottom of the scale stopped it")},
			{Name: "needs_decision", Type: "yes/no", Doc: text("是否须由人决定", "whether a person must decide")},
			{Name: "total_for_window", Type: "count", Doc: text("本期本层级合计", "what all of this level in the window cost")},
			{Name: "additional_for_earlier", Type: "count", Doc: text("此前各次补收", "what earlier ones must still pay")},
		},
		Build: buildLadder,
	}
}

type ladderUnit struct {
	part                                                *policy.Part
	ladder                                              Ladder
	effect                                              Effect
	when, level, steps, exempt, undecided, among, share *condition.Program
	earlier                                             []*condition.Program
	effectRead, manual                                  policy.Mark
	out                                                 struct{ nth, base, final, capped, floored, needs, total, additional int }
}

func buildLadder(b *policy.Builder) policy.Evaluator {
	p := b.Parts[0]
	u := &ladderUnit{
		part: p, when: p.Expr("when"), level: p.Expr("level"), steps: p.Expr("steps"), exempt: p.Expr("exempt"),
		undecided: p.Expr("undecided"), among: p.Expr("share_among"), share: p.Expr("share_if"),
		effect: Effect{Kind: EffectKind(p.Option("effect")), By: p.Int("effect_by", 1)},
	}
	tiers := p.StructMap("tiers")
	ladder, rows := ladderOf(p, tiers)
	u.ladder = ladder
	var levels []string
	for _, t := range tiers {
		u.earlier = append(u.earlier, t.Expr("earlier"))
		levels = append(levels, t.Name)
	}
	p.CheckWords("tiers", levels, policy.WordsOf(u.level))
	for _, x := range u.ladder.Problems() {
		failLadder(p, tiers, rows, x)
	}
	if err := u.effect.Validate(); err != nil {
		p.Fail("effect_by", "bad_factor", policy.Textf("倍数 %d 小于 1", "the factor %d is less than 1", u.effect.By), text("写 2 或更大的整数", "write 2 or more"))
	}
	u.effectRead = p.Deferred("effect", "effect_by")
	u.manual = p.Decision("amount", text("情节如何影响金额", "what the circumstances do to the amount"))
	o := &u.out
	o.nth, o.base, o.final = b.Output("nth", count), b.Output("base", count), b.Output("final", count)
	o.capped, o.floored, o.needs = b.Output("capped", yesNo), b.Output("floored", yesNo), b.Output("needs_decision", yesNo)
	o.total, o.additional = b.Output("total_for_window", count), b.Output("additional_for_earlier", count)
	return u
}

// ladderOf is the ladder that a rule describes, and the rows of its tiers as
// they are written.
func ladderOf(p *policy.Part, tiers []policy.NamedPart) (Ladder, [][]*policy.Part) {
	l := Ladder{Scale: p.Numbers("scale"), Levels: Levels(p.Option("counting"))}
	var rows [][]*policy.Part
	for _, t := range tiers {
		tier := Tier{Level: t.Name, Rank: int(t.Int("rank", 0)), Repricing: Repricing(t.Option("repricing"))}
		rows = append(rows, t.Structs("rows"))
		for _, row := range rows[len(rows)-1] {
			tier.Rows = append(tier.Rows, Row{From: int(row.Int("from", 0)), Amount: row.Int("amount", 0)})
		}
		l.Tiers = append(l.Tiers, tier)
	}
	return l, rows
}

// failLadder points a problem of the ladder at the row or amount it is about.
func failLadder(p *policy.Part, tiers []policy.NamedPart, rows [][]*policy.Part, x *LadderError) {
	words, code := problemWords[x.Problem], "ladder_"+string(x.Problem)
	switch {
	case x.Scale >= 0:
		p.FailItem("scale", x.Scale, code, words.message, words.remedy)
		return
	case x.Tier < 0 || x.Tier >= len(tiers):
		p.Fail("tiers", code, words.message, words.remedy)
		return
	}
	t, of := tiers[x.Tier], rows[x.Tier]
	if x.Row < 0 || x.Row >= len(of) {
		t.Fail("rows", code, words.message, words.remedy)
		return
	}
	field := "from"
	if x.Problem == AmountBelow0 || x.Problem == AmountFalls || x.Problem == NotOnScale {
		field = "amount"
	}
	of[x.Row].Fail(field, code, words.message, words.remedy)
}

func (u *ladderUnit) set(r *policy.Run, s value.State) {
	o := &u.out
	for _, slot := range []int{o.nth, o.base, o.final, o.total, o.additional} {
		r.Set(slot, value.In(value.Count, s))
	}
	for _, slot := range []int{o.capped, o.floored, o.needs} {
		r.Set(slot, value.In(value.YesNo, s))
	}
}

func (u *ladderUnit) Evaluate(r *policy.Run) {
	o := &u.out
	applies := r.When(u.part, u.when)
	if !applies.True() {
		if applies.IsUnknown() {
			u.set(r, value.Unknown)
			return
		}
		u.set(r, value.None)
		r.Set(o.needs, value.Bool(false))
		return
	}
	u.set(r, value.Unknown)
	step, ok := u.price(r)
	if !ok {
		r.Undetermined(u.part)
		return
	}
	r.Set(o.nth, value.Int(int64(step.Nth)))
	r.Set(o.base, value.Int(step.Base))
	if step.WindowKnown {
		r.Set(o.total, value.Int(step.TotalForWindow))
		r.Set(o.additional, value.Int(step.AdditionalForEarlier))
	} else {
		r.Set(o.total, value.NoneOf(value.Count))
		r.Set(o.additional, value.NoneOf(value.Count))
	}
	steps, exempt, undecided := optional(r, u.steps, value.Int(0)), optional(r, u.exempt, value.Bool(false)), optional(r, u.undecided, value.Bool(false))
	share, among := optional(r, u.share, value.Bool(true)), optional(r, u.among, value.Int(1))
	if steps.IsUnknown() || exempt.IsUnknown() || undecided.IsUnknown() || share.IsUnknown() || among.IsUnknown() {
		r.Undetermined(u.part)
		return
	}
	if steps.N != 0 {
		r.Mark(u.effectRead)
	}
	out := u.ladder.Move(step.Base, int(steps.N), exempt.True(), u.effect)
	if undecided.True() {
		out = Outcome{}
	}
	r.Set(o.capped, value.Bool(out.Capped))
	r.Set(o.floored, value.Bool(out.Floored))
	r.Set(o.needs, value.Bool(!out.Decided))
	if !out.Decided {
		r.Set(o.final, value.NoneOf(value.Count))
		r.Mark(u.manual)
		return
	}
	final := out.Final
	if !share.True() {
		final = 0
	}
	if among.IsKnown() && among.N > 1 {
		final /= among.N
	}
	r.Set(o.final, value.Int(final))
}

func optional(r *policy.Run, p *condition.Program, otherwise value.Value) value.Value {
	if p == nil {
		return otherwise
	}
	return r.Eval(p)
}

// price finds the level, counts what came before and prices the occurrence.
func (u *ladderUnit) price(r *policy.Run) (Step, bool) {
	level := r.Eval(u.level)
	if !level.IsKnown() {
		return Step{}, false
	}
	own, others, found := 0, 0, false
	for i := range u.ladder.Tiers {
		is := u.ladder.Tiers[i].Level == level.S()
		if !is && u.ladder.Levels == Separate {
			continue
		}
		n := r.Eval(u.earlier[i])
		if !n.IsKnown() {
			return Step{}, false
		}
		switch {
		case n.N < 0:
			r.Fail(&NegativeError{What: "prior", Value: n.N})
			return Step{}, false
		case is:
			own, found = int(n.N), true
		case others > math.MaxInt-int(n.N):
			r.Fail(ErrOverflow)
			return Step{}, false
		default:
			others += int(n.N)
		}
	}
	if !found {
		r.Fail(&UnknownLevelError{Level: level.S()})
		return Step{}, false
	}
	step, err := u.ladder.price(level.S(), own, others)
	if err != nil {
		r.Fail(err)
		return Step{}, false
	}
	return step, true
}

func (u *ladderUnit) Explain(r *policy.Run, s *policy.Story) {
	o := &u.out
	if !r.DidApply(u.part) || !r.Slots[o.base].IsKnown() {
		return
	}
	level, nth, base := s.ShowAs(r.Eval(u.level), u.level.Type()), r.Slots[o.nth].N, r.Slots[o.base].N
	s.Tell(u.part, policy.Textf("%[1]s第 %[2]d 次，基准 %[3]d", "%[1]s, occurrence %[2]d: base %[3]d", level, nth, base))
	if f := r.Slots[o.final]; f.IsKnown() && u.steps != nil {
		s.Tell(u.part, policy.Textf("净 %[1]d 档，拟定 %[2]d", "net steps %[1]d: %[2]d proposed", r.Eval(u.steps).N, f.N))
	}
}
