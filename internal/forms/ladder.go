package forms

import (
	"math"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/internal/form"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/penalty"
	"github.com/servicerules/rulebook/policy"
)

func ladderForm() *form.Form {
	return &form.Form{Form: policy.Form{
		Name: "ladder", Section: "ladders",
		Doc: text("阶梯：按层级与第几次定金额，再按情节沿档位升降", "a ladder: the amount by level and occurrence, then moved along a scale by circumstances"),
		Fields: []policy.Field{
			{Name: "when", Kind: policy.Expression, Wants: policy.KindYesNo, Doc: text("何时计罚", "when anything is to be paid")},
			{Name: "level", Kind: policy.Expression, Wants: policy.KindWord, Required: true, Doc: text("适用层级", "the level that applies")},
			{Name: "tiers", Kind: policy.StructMap, Required: true, Doc: text("各层级：{代码: {…}}", "the tiers by level"), Fields: []policy.Field{
				{Name: "rank", Kind: policy.Number, Required: true, Doc: text("层级高低，大者高", "how high the level is; higher numbers are higher")},
				{Name: "earlier", Kind: policy.Expression, Wants: policy.KindCount, Required: true, Doc: text("本期此前次数", "how many came before in the window")},
				{Name: "rows", Kind: policy.Structs, Required: true, Doc: text("各档：从第几次起、每次多少", "the rows: from which occurrence, how much each"), Fields: []policy.Field{
					{Name: "from", Kind: policy.Number, Required: true, Doc: text("从第几次起", "from which occurrence")},
					{Name: "amount", Kind: policy.Number, Required: true, Doc: text("每次金额，整数", "the amount of each, a whole number")},
				}},
				{Name: "repricing", Kind: policy.Option, Words: []string{string(penalty.Marginal), string(penalty.Retroactive)}, Doc: text("进入高档后此前各次是否补收：marginal 不补，retroactive 补", "whether earlier ones are priced again")},
			}},
			{Name: "scale", Kind: policy.Numbers, Required: true, Doc: text("升降所沿的档位，从低到高", "the amounts that steps move along, ascending")},
			{Name: "counting", Kind: policy.Option, Words: []string{string(penalty.Separate), string(penalty.Cumulative)}, Doc: text("各层级分别计次还是合计", "whether levels are counted apart or together")},
			{Name: "steps", Kind: policy.Expression, Wants: policy.KindCount, Doc: text("净升降档数", "the net steps")},
			{Name: "exempt", Kind: policy.Expression, Wants: policy.KindYesNo, Doc: text("是否免予", "whether exempt")},
			{Name: "undecided", Kind: policy.Expression, Wants: policy.KindYesNo, Doc: text("情节是否须由人决定", "whether a person must weigh the circumstances")},
			{Name: "effect", Kind: policy.Option, Words: []string{string(penalty.ScaleStep), string(penalty.Multiply), string(penalty.Manual)}, Doc: text("一档意味着什么", "what a step does")},
			{Name: "effect_by", Kind: policy.Number, Doc: text("multiply 的倍数", "the factor of multiply")},
			{Name: "share_among", Kind: policy.Expression, Wants: policy.KindCount, Doc: text("由几人分担，至少 1 人。各人份额之和恰为总额，最多相差一个单位，排在前面的多担", "among how many it is split, 1 or more. The shares add up to the amount and differ by one unit at most; those who come first bear the unit more")},
			{Name: "share_place", Kind: policy.Expression, Wants: policy.KindCount, Doc: text("本人在分担者中排第几，从 1 起，不超过分担人数；只在除不尽时才须知道，不写则除不尽时由人决定谁多担", "the person's place among those who share, from 1 to how many they are; it need be known only where the amount does not divide evenly, and where it is not given a person decides who bears more")},
			{Name: "share_if", Kind: policy.Expression, Wants: policy.KindYesNo, Doc: text("本人是否承担", "whether this person pays at all")},
		},
		Outputs: []policy.Output{
			{Name: "nth", Label: text("第几次", "occurrence"), Type: "count", Doc: text("第几次", "which occurrence it is")},
			{Name: "base", Label: text("基准金额", "base amount"), Type: "count", Doc: text("基准金额", "the amount before circumstances")},
			{Name: "final", Label: text("拟定金额", "proposed amount"), Type: "count", Doc: text("拟定金额；须由人决定时为无", "the proposed amount; none where a person must decide")},
			{Name: "capped", Label: text("是否到顶", "capped"), Type: "yes/no", Doc: text("是否到顶", "whether the top of the scale stopped it")},
			{Name: "floored", Label: text("是否到底", "floored"), Type: "yes/no", Doc: text("是否到底", "whether the bottom of the scale stopped it")},
			{Name: "needs_decision", Label: text("是否须由人决定", "needs a decision"), Type: "yes/no", Doc: text("是否须由人决定", "whether a person must decide")},
			{Name: "total_for_window", Label: text("本期合计", "total for the window"), Type: "count", Doc: text("本期本层级合计", "what all of this level in the window cost")},
			{Name: "additional_for_earlier", Label: text("此前各次补收", "additional for earlier ones"), Type: "count", Doc: text("此前各次补收", "what earlier ones must still pay")},
		},
	}, Build: buildLadder}
}

type ladderUnit struct {
	part                                                *form.Part
	ladder                                              penalty.Ladder
	effect                                              penalty.Effect
	when, level, steps, exempt, undecided, among, share *condition.Program
	earlier                                             []*condition.Program
	place                                               *condition.Program
	effectRead, manual, rest                            form.Mark
	out                                                 struct{ nth, base, final, capped, floored, needs, total, additional int }
}

func buildLadder(b *form.Builder) form.Evaluator {
	p := b.Parts[0]
	u := &ladderUnit{
		part: p, when: p.Expr("when"), level: p.Expr("level"), steps: p.Expr("steps"), exempt: p.Expr("exempt"),
		undecided: p.Expr("undecided"), among: p.Expr("share_among"), share: p.Expr("share_if"), place: p.Expr("share_place"),
		effect: penalty.Effect{Kind: penalty.EffectKind(p.Option("effect")), By: p.Int("effect_by", 1)},
	}
	tiers := p.StructMap("tiers")
	ladder, rows := ladderOf(p, tiers)
	u.ladder = ladder
	var levels []string
	for _, t := range tiers {
		u.earlier = append(u.earlier, t.Expr("earlier"))
		levels = append(levels, t.Name)
	}
	p.CheckWords("tiers", levels, form.WordsOf(u.level))
	for _, x := range u.ladder.Problems() {
		failLadder(p, tiers, rows, x)
	}
	if err := u.effect.Validate(); err != nil {
		p.Fail("effect_by", "bad_factor", diagnostic.Textf("倍数 %d 小于 1", "the factor %d is less than 1", u.effect.By), text("写 2 或更大的整数", "write 2 or more"))
	}
	u.effectRead = p.Deferred("effect", "effect_by")
	u.manual = p.Decision("amount", text("情节如何影响金额", "what the circumstances do to the amount"))
	u.rest = p.Decision("share", text("分摊除不尽，谁多担", "the amount does not divide evenly: who bears more"))
	o := &u.out
	applies := condition.Source{When: u.when}
	o.nth, o.base, o.final = b.Output("nth", typeCount, applies), b.Output("base", typeCount, applies), b.Output("final", typeCount, applies)
	o.capped, o.floored, o.needs = b.Output("capped", typeYesNo), b.Output("floored", typeYesNo), b.Output("needs_decision", typeYesNo)
	o.total, o.additional = b.Output("total_for_window", typeCount, applies), b.Output("additional_for_earlier", typeCount, applies)
	return u
}

// ladderOf is the ladder that a rule describes, and the rows of its tiers as
// they are written.
func ladderOf(p *form.Part, tiers []form.NamedPart) (penalty.Ladder, [][]*form.Part) {
	l := penalty.Ladder{Scale: p.Numbers("scale"), Levels: penalty.Levels(p.Option("counting"))}
	var rows [][]*form.Part
	for _, t := range tiers {
		tier := penalty.Tier{Level: t.Name, Rank: whole(t.Int("rank", 0)), Repricing: penalty.Repricing(t.Option("repricing"))}
		rows = append(rows, t.Structs("rows"))
		for _, row := range rows[len(rows)-1] {
			tier.Rows = append(tier.Rows, penalty.Row{From: whole(row.Int("from", 0)), Amount: row.Int("amount", 0)})
		}
		l.Tiers = append(l.Tiers, tier)
	}
	return l, rows
}

// failLadder points a problem of the ladder at the row or amount it is about.
func failLadder(p *form.Part, tiers []form.NamedPart, rows [][]*form.Part, x *penalty.LadderError) {
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
	if x.Problem == penalty.AmountBelow0 || x.Problem == penalty.AmountFalls || x.Problem == penalty.NotOnScale {
		field = "amount"
	}
	of[x.Row].Fail(field, code, words.message, words.remedy)
}

func (u *ladderUnit) Evaluate(r *form.Run) {
	applies := r.When(u.part, u.when)
	switch {
	case applies.IsUnknown():
		u.setPrice(r, value.Unknown, penalty.Step{})
		u.setOutcome(r, value.Unknown, penalty.Outcome{})
		return
	case !applies.True():
		u.setPrice(r, value.None, penalty.Step{})
		u.setOutcome(r, value.None, penalty.Outcome{})
		r.Set(u.out.needs, value.Bool(false))
		return
	}
	step, ok := u.price(r)
	if !ok {
		r.Undetermined(u.part)
		u.setPrice(r, value.Unknown, penalty.Step{})
		u.setOutcome(r, value.Unknown, penalty.Outcome{})
		return
	}
	u.setPrice(r, value.Known, step)
	outcome, ok := u.move(r, step.Base)
	if !ok {
		r.Undetermined(u.part)
		u.setOutcome(r, value.Unknown, penalty.Outcome{})
		return
	}
	if !outcome.Decided {
		r.Mark(u.manual)
		u.setOutcome(r, value.Known, outcome)
		return
	}
	switch share, state := u.sharing(r, outcome.Final); state {
	case value.Unknown: // all but the place is decided, and is told
		u.setOutcome(r, value.Unknown, penalty.Outcome{})
	case value.None:
		r.Mark(u.rest)
		outcome.Decided = false
		u.setOutcome(r, value.Known, outcome)
	default:
		outcome.Final = share.paid
		u.setOutcome(r, value.Known, outcome)
	}
}

func (u *ladderUnit) setPrice(r *form.Run, s value.State, x penalty.Step) {
	o := &u.out
	r.Set(o.nth, value.NumberIn(value.Count, s, int64(x.Nth)))
	r.Set(o.base, value.NumberIn(value.Count, s, x.Base))
	if s == value.Known && !x.WindowKnown {
		s = value.None
	}
	r.Set(o.total, value.NumberIn(value.Count, s, x.TotalForWindow))
	r.Set(o.additional, value.NumberIn(value.Count, s, x.AdditionalForEarlier))
}

func (u *ladderUnit) setOutcome(r *form.Run, s value.State, x penalty.Outcome) {
	o := &u.out
	r.Set(o.capped, yes(s, x.Capped))
	r.Set(o.floored, yes(s, x.Floored))
	r.Set(o.needs, yes(s, s == value.Known && !x.Decided))
	if s == value.Known && !x.Decided {
		s = value.None
	}
	r.Set(o.final, value.NumberIn(value.Count, s, x.Final))
}

// yes is a yes/no where its state is known, else nothing.
func yes(s value.State, b bool) value.Value {
	if s != value.Known {
		return value.In(value.YesNo, s)
	}
	return value.Bool(b)
}

// move applies the circumstances to what an occurrence costs. ok is false where
// one of them is not known, or to which part the person bears it.
func (u *ladderUnit) move(r *form.Run, base int64) (x penalty.Outcome, ok bool) {
	steps, known := number(r, u.steps, 0)
	exempt, decided := holds(r, u.exempt, false)
	known = known && decided
	undecided, decided := holds(r, u.undecided, false)
	known = known && decided
	_, decided = holds(r, u.share, true)
	_, counted := number(r, u.among, 1)
	if !known || !decided || !counted {
		return penalty.Outcome{}, false
	}
	if steps != 0 {
		r.Mark(u.effectRead)
	}
	if undecided {
		return penalty.Outcome{}, true
	}
	return u.ladder.Move(base, whole(steps), exempt, u.effect), true
}

// shared is how an amount is borne: among people of whom each pays as much,
// but the first so many, who pay one unit more.
type shared struct {
	among, each, over int64
	place             int64 // of the person; 0 where it does not matter
	paid              int64 // by the person
}

// sharing is what a person pays of an amount whose other circumstances are all
// known. The state is Unknown where his place is missing, and None where
// nothing says what it is.
func (u *ladderUnit) sharing(r *form.Run, amount int64) (shared, value.State) {
	if bears, _ := holds(r, u.share, true); !bears {
		return shared{}, value.Known
	}
	x := shared{among: 1, each: amount, paid: amount}
	if u.among == nil {
		return x, value.Known
	}
	among, state := r.Num(u.among)
	switch {
	case state != value.Known:
		return x, value.Known
	case among < 1:
		r.Refuse(u.part, diagnostic.Textf("分担人数为 %d，至少 1 人", "it is split among %d, and must be among 1 or more", among))
		return x, value.Unknown
	}
	x.among = among
	var err error
	if x.each, x.over, err = penalty.Split(amount, among); err != nil {
		r.Fail(err)
		return x, value.Unknown
	}
	x.paid = x.each
	place, state := int64(0), value.None
	if u.place != nil {
		since := r.Lacking()
		if place, state = r.Num(u.place); x.over == 0 {
			r.Ignore(since) // all pay the same, whatever their places
		}
	}
	if state == value.Known {
		if x.paid, err = penalty.ShareOf(amount, among, place); err != nil {
			r.Refuse(u.part, diagnostic.Textf("在 %[2]d 名分担者中没有第 %[1]d 位", "there is no place %[1]d among the %[2]d who share", place, among))
			return x, value.Unknown
		}
	}
	if x.over == 0 {
		return x, value.Known
	}
	x.place = place
	return x, state
}

// number is what a program counts; 0 for none, and otherwise where there is no
// program.
func number(r *form.Run, p *condition.Program, otherwise int64) (n int64, known bool) {
	if p == nil {
		return otherwise, true
	}
	n, s := p.Num(&r.Frame)
	return n, s != value.Unknown
}

// holds is whether a program does; otherwise where there is none.
func holds(r *form.Run, p *condition.Program, otherwise bool) (yes, decided bool) {
	if p == nil {
		return otherwise, true
	}
	return p.Holds(&r.Frame)
}

// price finds the level, counts what came before and prices the occurrence.
func (u *ladderUnit) price(r *form.Run) (penalty.Step, bool) {
	level, state := r.Word(u.level)
	if state != value.Known {
		return penalty.Step{}, false
	}
	own, others, at := 0, 0, -1
	for i := range u.ladder.Tiers {
		is := u.ladder.Tiers[i].Level == level
		if !is && u.ladder.Levels == penalty.Separate {
			continue
		}
		n, state := r.Num(u.earlier[i])
		if state != value.Known {
			return penalty.Step{}, false
		}
		switch {
		case n < 0:
			r.Fail(&penalty.NegativeError{What: "prior", Value: n})
			return penalty.Step{}, false
		case n > math.MaxInt: // on a machine of 32 bits
			r.Fail(penalty.ErrOverflow)
			return penalty.Step{}, false
		case is:
			own, at = int(n), i
		case others > math.MaxInt-int(n):
			r.Fail(penalty.ErrOverflow)
			return penalty.Step{}, false
		default:
			others += int(n)
		}
	}
	if at < 0 {
		r.Fail(&penalty.UnknownLevelError{Level: level})
		return penalty.Step{}, false
	}
	step, err := u.ladder.PriceTier(at, own, others)
	if err != nil {
		r.Fail(err)
		return penalty.Step{}, false
	}
	return step, true
}

func (u *ladderUnit) Explain(r *form.Run, s *form.Story) {
	o := &u.out
	if !r.DidApply(u.part) || !r.Slots[o.base].IsKnown() {
		return
	}
	level := s.ShowAs(r.Eval(u.level), u.level.Type())
	step, ok := u.price(r)
	if !ok {
		return
	}
	s.Number(int64(step.Nth), "+", int64(step.Nth)-1, 1)
	s.Tellf(u.part, "%s第 %d 次（此前 %d 次），基准 %d", "%s, occurrence %[2]d (%[3]d before it): base %[4]d", level, step.Nth, step.Nth-1, step.Base)
	moved, ok := u.move(r, step.Base)
	if !ok || !moved.Decided {
		return
	}
	if u.steps != nil || u.exempt != nil {
		u.tellMove(r, s, step.Base, moved)
	}
	u.tellShare(r, s, moved.Final)
}

// tellMove tells what the circumstances did to the amount.
func (u *ladderUnit) tellMove(r *form.Run, s *form.Story, base int64, x penalty.Outcome) {
	if exempt, _ := holds(r, u.exempt, false); exempt {
		s.Tell(u.part, text("免予，拟定 0", "exempt: 0 proposed"))
		return
	}
	steps, _ := number(r, u.steps, 0)
	way := ""
	switch {
	case steps == 0:
		s.State(x.Final, policy.Equals, base)
	case u.effect.Kind == penalty.Multiply:
		way = u.multiplied(s, base, steps, x)
	case steps > 0:
		s.State(x.Final, policy.AtLeast, base)
		way = diagnostic.Textf("自 %d 升", "up from %d", base).In(s.Lang)
	default:
		s.State(x.Final, policy.AtMost, base)
		way = diagnostic.Textf("自 %d 降", "down from %d", base).In(s.Lang)
	}
	switch {
	case x.Capped:
		way += text("，到最高档为止", ", to the top of the scale and no further").In(s.Lang)
	case x.Floored:
		way += text("，到最低档为止", ", to the bottom of the scale and no further").In(s.Lang)
	}
	if way != "" {
		way = text("，", ": ").In(s.Lang) + strings.TrimPrefix(strings.TrimPrefix(way, "，"), ", ")
	}
	s.Tellf(u.part, "净 %d 档%s，拟定 %d", "net steps %d%s: %d proposed", steps, way, x.Final)
}

// multiplied tells how steps multiplied or divided an amount.
func (u *ladderUnit) multiplied(s *form.Story, base, steps int64, x penalty.Outcome) string {
	if x.Capped {
		s.State(x.Final, policy.AtLeast, base)
		return diagnostic.Textf("自 %d 乘", "multiplied from %d", base).In(s.Lang)
	}
	amount, way := base, ""
	const most = 4 // that are told one by one
	for i := int64(0); i < min(max(steps, -steps), most); i++ {
		if i > 0 {
			way += text("；", "; ").In(s.Lang)
		}
		if steps > 0 {
			amount *= u.effect.By
			way += s.Number(amount, "*", amount/u.effect.By, u.effect.By)
			continue
		}
		from := amount
		amount /= u.effect.By
		if from%u.effect.By == 0 {
			way += s.Number(amount, "/", from, u.effect.By)
		} else {
			way += s.Number(amount, "rounded_down", from, u.effect.By)
		}
	}
	if max(steps, -steps) > most {
		way += text("；如此继续", "; and so on").In(s.Lang)
	}
	return way
}

// tellShare tells what of an amount the person bears, where that is not all.
func (u *ladderUnit) tellShare(r *form.Run, s *form.Story, amount int64) {
	if bears, _ := holds(r, u.share, true); !bears {
		s.Tellf(u.part, "本人不承担：%s；拟定 0", "this person bears nothing: %s; 0 proposed", s.Why(u.share))
		return
	}
	x, state := u.sharing(r, amount)
	if x.among < 2 {
		return
	}
	shares := x.list(s)
	s.Number(amount, "+", x.whole()...)
	switch {
	case x.over == 0:
		s.Tellf(u.part, "%d 由 %d 人分担，每人 %d", "%d among %d: %d each", amount, x.among, x.each)
	case state == value.Known:
		s.Tellf(u.part, "%[1]d 由 %[2]d 人分担：%[3]s，合计 %[1]d；前 %[4]d 位多担 1，本人为第 %[5]d 位，担 %[6]d",
			"%[1]d among %[2]d: %[3]s, together %[1]d; the first %[4]d bear 1 more; this person is number %[5]d and bears %[6]d", amount, x.among, shares, x.over, x.place, x.paid)
	default:
		s.Tellf(u.part, "%[1]d 由 %[2]d 人分担：%[3]s，合计 %[1]d；本人排第几不明，担 %[4]d 或 %[5]d",
			"%[1]d among %[2]d: %[3]s, together %[1]d; this person's place is not known: %[4]d or %[5]d", amount, x.among, shares, x.each+1, x.each)
	}
}

// whole are the shares as products that add up to the amount.
func (x *shared) whole() []int64 {
	return []int64{x.over * (x.each + 1), (x.among - x.over) * x.each}
}

// list are the shares, each by itself where they are few.
func (x *shared) list(s *form.Story) string {
	const few = 5
	if x.among > few {
		return diagnostic.Textf("%[1]d 人各 %[2]d，%[3]d 人各 %[4]d", "%[1]d of %[2]d and %[3]d of %[4]d", x.over, x.each+1, x.among-x.over, x.each).In(s.Lang)
	}
	shares := make([]string, x.among)
	for i := range shares {
		n := x.each
		if int64(i) < x.over {
			n++
		}
		shares[i] = strconv.FormatInt(n, 10)
	}
	last := len(shares) - 1
	return strings.Join(shares[:last], text("、", ", ").In(s.Lang)) + text("和", " and ").In(s.Lang) + shares[last]
}
