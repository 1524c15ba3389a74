package penalty

import (
	"errors"
	"math"
	"slices"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// Forms are the kinds of rule that this package gives to a rulebook: ladders
// and histories, factors and their weighing, measures and joint liability.
func Forms() []*policy.Form {
	return []*policy.Form{ladderForm(), historyForm(), weighingForm(), factorForm(), measureForm(), jointForm()}
}

func text(zh, en string) policy.Text { return policy.Text{ZH: zh, EN: en} }

var (
	yesNo  = &value.Type{Kind: value.YesNo}
	count  = &value.Type{Kind: value.Count}
	aName  = &value.Type{Kind: value.Name}
	repric = []string{string(Marginal), string(Retroactive)}
)

// ---- ladder

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

// failMeasure points a problem of the bands at the rank or options it is about.
func failMeasure(p *policy.Part, bands []policy.NamedPart, x *MeasureError) {
	words := problemWords[x.Problem]
	const code = "measure_bands"
	switch {
	case x.Band < 0 || x.Band >= len(bands):
		p.Fail("bands", code, words.message, words.remedy)
	case x.Problem == NoOptions:
		bands[x.Band].Fail("options", code, words.message, words.remedy)
	case x.Option < 0:
		bands[x.Band].Fail("rank", code, words.message, words.remedy)
	default:
		if options := bands[x.Band].StructMap("options"); x.Option < len(options) {
			options[x.Option].Fail("rank", code, words.message, words.remedy)
		}
	}
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

// ---- history

func historyForm() *policy.Form {
	el := func(name string, wants value.Kind, required bool, doc policy.Text) policy.Field {
		return policy.Field{Name: name, Kind: policy.Expression, Wants: wants, Element: true, Required: required, Doc: doc}
	}
	return &policy.Form{
		Name: "history", Section: "histories",
		Doc: text("历次计罚：把一个人的全部记录按阶梯逐次定价，与录入次序无关", "prices every record of one person by a ladder; the order of the list does not matter"),
		Fields: []policy.Field{
			{Name: "ladder", Kind: policy.RuleName, Required: true, Doc: text("所用阶梯", "the ladder")},
			{Name: "each", Kind: policy.Expression, Wants: value.List, Required: true, Doc: text("记录列表", "the records")},
			el("id", value.Invalid, true, text("编号", "the id of a record")),
			el("matter", value.Invalid, false, text("事项", "the matter it is about")),
			el("incident", value.Invalid, false, text("事件", "the incident it arose from")),
			el("at", value.Moment, true, text("计入哪个时间", "the moment that places it")),
			el("level", value.Word, true, text("层级", "its level")),
			el("counts", value.YesNo, true, text("是否计入", "whether it counts")),
			el("credited", value.Count, false, text("已罚金额，抵扣", "what was fined already, credited")),
			{Name: "window", Kind: policy.Option, Words: []string{string(CalendarYear), string(Rolling12Months), string(CalendarMonth), unlimited}, Doc: text("计次期间", "over what period occurrences are counted")},
			{Name: "unit", Kind: policy.Option, Words: []string{string(ByMatter), string(ByRecord), string(ByIncident)}, Doc: text("一次指什么", "what one occurrence is")},
			{Name: "escalated", Kind: policy.Option, Words: []string{string(HighestLevel), string(EachLevel)}, Doc: text("同一事项逐级上升时", "a matter that climbs the levels")},
		},
		Outputs: []policy.Output{
			{Name: "fines", Type: "list of records", Doc: text("每条记录的金额", "what each record costs")},
			{Name: "total", Type: "count", Doc: text("合计", "the total")},
		},
		Build: buildHistory,
	}
}

// unlimited is NoWindow in a rules file, where `none` would mean "not given".
const unlimited = "unlimited"

type historyUnit struct {
	part                                                  *policy.Part
	rules                                                 []datedRule // one for each edition, the first to begin with
	each, id, matter, incident, at, level, counts, credit *condition.Program
	slot                                                  int
	finesAt, totalAt                                      int
}

// datedRule is how histories are priced from a day on. Every record is priced
// as on the day it was received, whatever has changed since.
type datedRule struct {
	from date.Date
	rule HistoryRule
}

// historyRule is how a rule prices histories by a ladder.
func historyRule(b *policy.Builder, p *policy.Part, ladder Ladder) HistoryRule {
	rule := HistoryRule{
		Ladder: ladder, Zone: b.Zone(), Window: Window(p.Option("window")),
		Unit: Unit(p.Option("unit")), Escalated: Escalated(p.Option("escalated")),
	}
	if rule.Window == unlimited {
		rule.Window = NoWindow
	}
	return rule
}

func buildHistory(b *policy.Builder) policy.Evaluator {
	p := b.Parts[0]
	u := &historyUnit{part: p, each: p.Expr("each"), slot: -1}
	b.Each(u.each)
	if u.each != nil {
		if s := u.each.Slots(); len(s) == 1 {
			u.slot = s[0]
		}
	}
	u.id, u.matter, u.incident, u.at = p.Expr("id"), p.Expr("matter"), p.Expr("incident"), p.Expr("at")
	u.level, u.counts, u.credit = p.Expr("level"), p.Expr("counts"), p.Expr("credited")
	if name := p.RuleName("ladder"); name != "" {
		if l, ok := b.Unit(name).(*ladderUnit); ok {
			u.priceBy(b, l)
		} else {
			p.Fail("ladder", "not_a_ladder", text("这条规则不是阶梯", "that rule is not a ladder"), text("写 ladders 里的名称", "name a rule of ladders"))
		}
	}
	record := &value.Type{Kind: value.Record, Fields: []value.Field{{Name: "id", Type: aName}, {Name: "fine", Type: count}}}
	u.finesAt, u.totalAt = b.Output("fines", policy.ListOf(record)), b.Output("total", count)
	return u
}

// priceBy takes the ladder as it is in every edition.
func (u *historyUnit) priceBy(b *policy.Builder, l *ladderUnit) {
	rule := historyRule(b, u.part, l.ladder)
	if rule.Ladder.Validate() == nil && rule.Validate() != nil { // a faulty ladder has its own findings
		u.part.Fail("ladder", "ladder_"+string(RankTwice), text("两个层级的 rank 相同，分不出哪个高", "two tiers have the same rank, so neither is the higher"),
			text("给每个层级不同的 rank，或写 escalated: each_level", "give each tier its own rank, or write escalated: each_level"))
	}
	if len(b.Editions()) < 2 {
		u.rules = []datedRule{{rule: rule}}
		return
	}
	for _, day := range b.Editions() {
		ladder := l.part.On(day)
		prices, _ := ladderOf(ladder, ladder.StructMap("tiers"))
		u.rules = append(u.rules, datedRule{day, historyRule(b, u.part.On(day), prices)})
	}
}

// fines prices the events, each by the rule of the day it was received.
func (u *historyUnit) fines(events []Event, zone *time.Location) ([]Fine, int64, error) {
	var all []Fine
	for i, d := range u.rules {
		fines, total, err := d.rule.Fines(events)
		if err != nil || len(u.rules) == 1 {
			return fines, total, err
		}
		if i == 0 {
			all = fines
			continue
		}
		later := map[string]bool{}
		for _, e := range events {
			y, m, day := e.At.In(zone).Date()
			later[e.ID] = date.New(y, m, day) >= d.from
		}
		for k := range all { // in the same order: by time, then by id
			if later[all[k].ID] {
				all[k] = fines[k]
			}
		}
	}
	var total int64
	for _, f := range all {
		sum, err := add(total, f.Due)
		if err != nil {
			return nil, 0, err
		}
		total = sum
	}
	return all, total, nil
}

// maxOpen is for how many records it may be open whether they count before
// nothing at all is said; each doubles the work.
const maxOpen = 8

func (u *historyUnit) Evaluate(r *policy.Run) {
	r.Set(u.finesAt, value.UnknownOf(value.List))
	r.Set(u.totalAt, value.UnknownOf(value.Count))
	list := r.Eval(u.each)
	if list.IsUnknown() {
		r.Undetermined(u.part)
		return
	}
	mark := len(r.Needs)
	events, open, ok := u.events(r, list)
	if !ok || len(open) > maxOpen {
		r.Undetermined(u.part)
		return
	}
	r.Applied(u.part)
	fines, total, err := u.completions(events, open, r.Zone())
	var wrong *EventError
	switch {
	case errors.As(err, &wrong) && wrong.Problem == DuplicateID:
		r.Refuse(u.part, policy.Textf("编号 %s 出现两次", "the id %s occurs twice", wrong.ID))
		return
	case err != nil:
		r.Fail(err)
		return
	}
	switch {
	case slices.ContainsFunc(fines, func(f value.Value) bool { return f.L()[1].IsUnknown() }):
		r.Undetermined(u.part)
	default:
		r.Needs = r.Needs[:mark] // whether the open ones count changes nothing
	}
	r.Set(u.finesAt, value.ListOf(fines))
	r.Set(u.totalAt, total)
}

// events reads the records; open are those of which it is not known whether
// they count. ok is false where something else that matters is not known.
func (u *historyUnit) events(r *policy.Run, list value.Value) (events []Event, open []int, ok bool) {
	ok = true
	for i, e := range list.L() {
		r.Elem, r.ElemSlot, r.ElemAt = e, u.slot, i
		counts := r.Eval(u.counts)
		id := r.Eval(u.id)
		x := Event{ID: id.S(), Counts: !counts.False() && !counts.IsNone()}
		if !id.IsKnown() {
			ok = false
		}
		if counts.IsUnknown() {
			open = append(open, i)
		}
		if at := r.Eval(u.at); at.IsKnown() {
			x.At = at.Time(r.Zone())
		} else if x.Counts {
			ok = false
		}
		if x.Counts {
			level := r.Eval(u.level)
			x.Level = level.S()
			ok = ok && level.IsKnown()
			if u.matter != nil {
				matter := r.Eval(u.matter)
				x.Matter = matter.S()
				ok = ok && !matter.IsUnknown()
			}
			if u.incident != nil && slices.ContainsFunc(u.rules, func(d datedRule) bool { return d.rule.Unit == ByIncident }) {
				incident := r.Eval(u.incident)
				x.Incident = incident.S()
				ok = ok && !incident.IsUnknown()
			}
			if u.credit != nil {
				credit := r.Eval(u.credit)
				x.AlreadyFined = credit.N
				ok = ok && !credit.IsUnknown()
			}
		}
		events = append(events, x)
	}
	r.ElemSlot, r.ElemAt = -1, -1
	return events, open, ok
}

// completions prices the history for every way in which the open records may
// turn out, and keeps what is the same in all of them.
func (u *historyUnit) completions(events []Event, open []int, zone *time.Location) ([]value.Value, value.Value, error) {
	due := map[string]value.Value{}
	var order []string
	total := value.Value{}
	for way := 0; way < 1<<len(open); way++ {
		trial := slices.Clone(events)
		for bit, i := range open {
			trial[i].Counts = way&(1<<bit) != 0
		}
		fines, sum, err := u.fines(trial, zone)
		if err != nil {
			return nil, total, err
		}
		if way == 0 {
			total = value.Int(sum)
		} else if total.N != sum {
			total = value.UnknownOf(value.Count)
		}
		for _, f := range fines {
			was, seen := due[f.ID]
			switch {
			case !seen:
				order = append(order, f.ID)
				due[f.ID] = value.Int(f.Due)
			case was.IsKnown() && was.N != f.Due:
				due[f.ID] = value.UnknownOf(value.Count)
			}
		}
	}
	list := make([]value.Value, 0, len(order))
	for _, id := range order {
		list = append(list, value.RecordOf([]value.Value{value.NameOf(id), due[id]}))
	}
	return list, total, nil
}

func (u *historyUnit) Explain(r *policy.Run, s *policy.Story) {
	if list := r.Slots[u.finesAt]; r.DidApply(u.part) && list.IsKnown() {
		var zh, en string
		for i, f := range list.L() {
			if i > 0 {
				zh, en = zh+"、", en+", "
			}
			zh, en = zh+f.L()[0].S()+" "+s.Show(f.L()[1]), en+f.L()[0].S()+" "+s.Show(f.L()[1])
		}
		sum := s.Show(r.Slots[u.totalAt])
		if zh == "" {
			zh, en = "没有记录", "no records"
		}
		s.Tell(u.part, text(zh+"；合计 "+sum, en+"; total "+sum))
	}
}

// ---- factors and their weighing

func factorForm() *policy.Form {
	return &policy.Form{
		Name: "factor", Section: "factors", PartOf: []string{"weighing"},
		Doc: text("情节：有人主张（claimed）且成立（holds）才算；主张而不成立的列为不成立", "a circumstance: it counts if claimed and if it holds; one claimed that does not hold is rejected"),
		Fields: []policy.Field{
			{Name: "direction", Kind: policy.Option, Required: true, Words: []string{string(Aggravating), string(Mitigating)}, Doc: text("从重还是从轻", "up or down")},
			{Name: "claimed", Kind: policy.Expression, Wants: value.YesNo, Required: true, Doc: text("是否主张", "whether anybody relies on it")},
			{Name: "holds", Kind: policy.Expression, Wants: value.YesNo, Doc: text("成立条件；不写则主张即成立", "its condition; holds if claimed when not given")},
			{Name: "exempts", Kind: policy.Expression, Wants: value.YesNo, Doc: text("是否免予", "whether it exempts")},
			{Name: "weight", Kind: policy.Number, Doc: text("相当于几档，默认 1", "how many steps, 1 by default")},
		},
	}
}

func weighingForm() *policy.Form {
	return &policy.Form{
		Name: "weighing", Section: "weighings",
		Doc: text("情节合计：把 part_of 它的各情节合成净档数", "weighs the factors that are part_of it into net steps"),
		Fields: []policy.Field{
			{Name: "combine", Kind: policy.Option, Words: []string{string(NetSum), string(Strongest), string(ManualOnConflict)}, Doc: text("如何合计", "how they combine")},
		},
		Outputs: []policy.Output{
			{Name: "steps", Type: "count", Doc: text("净档数，负为从轻", "net steps, negative for lighter")},
			{Name: "exempt", Type: "yes/no", Doc: text("是否免予", "whether exempt")},
			{Name: "undecided", Type: "yes/no", Doc: text("是否须由人决定", "whether a person must decide")},
			{Name: "accepted", Type: "list of words", Doc: text("成立的情节", "the factors that hold")},
			{Name: "rejected", Type: "list of words", Doc: text("不成立的情节", "the factors rejected")},
		},
		Build: buildWeighing,
	}
}

type weighingUnit struct {
	part                   *policy.Part
	factors                []factorRule
	combine                Combine
	stepsAt, exemptAt      int
	undecidedAt            int
	acceptedAt, rejectedAt int
}

type factorRule struct {
	part                    *policy.Part
	claimed, holds, exempts *condition.Program
	factor                  Factor
}

func buildWeighing(b *policy.Builder) policy.Evaluator {
	if b.Owner == nil {
		return nil
	}
	u := &weighingUnit{part: b.Owner, combine: Combine(b.Owner.Option("combine"))}
	words := &value.Words{Name: b.Name}
	for _, p := range b.Parts {
		if p == b.Owner {
			continue
		}
		u.factors = append(u.factors, factorRule{
			part: p, claimed: p.Expr("claimed"), holds: p.Expr("holds"), exempts: p.Expr("exempts"),
			factor: Factor{Code: p.Rule.Name, Direction: Direction(p.Option("direction")), Weight: int(p.Int("weight", 1))},
		})
		words.Each = append(words.Each, p.Rule.Name)
	}
	list := policy.ListOf(policy.WordType(words))
	u.stepsAt, u.exemptAt, u.undecidedAt = b.Output("steps", count), b.Output("exempt", yesNo), b.Output("undecided", yesNo)
	u.acceptedAt, u.rejectedAt = b.Output("accepted", list), b.Output("rejected", list)
	return u
}

func (u *weighingUnit) Evaluate(r *policy.Run) {
	known, any := true, false
	var factors []Factor
	for _, f := range u.factors {
		x := f.factor
		claimed := r.Eval(f.claimed)
		if claimed.IsUnknown() {
			known = false
			r.Undetermined(f.part)
			continue
		}
		if !claimed.True() {
			r.NotApplied(f.part)
			continue
		}
		any = true
		holds, exempts := optional(r, f.holds, value.Bool(true)), value.Bool(false)
		if holds.True() {
			exempts = optional(r, f.exempts, exempts)
		}
		if holds.IsUnknown() || exempts.IsUnknown() {
			known = false
			r.Undetermined(f.part)
			continue
		}
		r.Applied(f.part)
		x.Claimed, x.Holds, x.Exempts = true, holds.True(), exempts.True()
		factors = append(factors, x)
	}
	switch {
	case !known:
		r.Undetermined(u.part)
		for slot, kind := range map[int]value.Kind{
			u.stepsAt: value.Count, u.exemptAt: value.YesNo, u.undecidedAt: value.YesNo, u.acceptedAt: value.List, u.rejectedAt: value.List,
		} {
			r.Set(slot, value.UnknownOf(kind))
		}
		return
	case any:
		r.Applied(u.part)
	default:
		r.NotApplied(u.part)
	}
	var w Weighing
	if any {
		w = Weigh(factors, u.combine)
	}
	r.Set(u.stepsAt, value.Int(int64(w.Steps)))
	r.Set(u.exemptAt, value.Bool(w.Exempt))
	r.Set(u.undecidedAt, value.Bool(w.NeedsDecision))
	r.Set(u.acceptedAt, words(w.Accepted))
	r.Set(u.rejectedAt, words(w.Rejected))
}

func words(list []string) value.Value {
	all := make([]value.Value, len(list))
	for i, w := range list {
		all[i] = value.WordOf(w)
	}
	return value.ListOf(all)
}

func (u *weighingUnit) Explain(r *policy.Run, s *policy.Story) {
	for _, f := range u.factors {
		if !r.DidApply(f.part) {
			continue
		}
		verdict := text("成立，从轻", "holds, lighter")
		switch {
		case slices.ContainsFunc(r.Slots[u.rejectedAt].L(), func(v value.Value) bool { return v.S() == f.factor.Code }):
			verdict = text("不成立", "does not hold")
		case f.factor.Direction == Aggravating:
			verdict = text("成立，从重", "holds, heavier")
		}
		s.Tell(f.part, verdict)
	}
	if r.DidApply(u.part) {
		s.Tell(u.part, policy.Textf("净 %d 档", "net steps: %d", r.Slots[u.stepsAt].N))
	}
}

// ---- measures

func measureForm() *policy.Form {
	return &policy.Form{
		Name: "measure", Section: "measures",
		Doc: text("处理措施：按认定的情节给出可选措施", "measures other than money, by the band that a person found"),
		Fields: []policy.Field{
			{Name: "band", Kind: policy.Expression, Wants: value.Word, Required: true, Doc: text("认定的情节", "the band found")},
			{Name: "bands", Kind: policy.StructMap, Required: true, Doc: text("各情节：{代码: {…}}", "the bands by code"), Fields: []policy.Field{
				{Name: "rank", Kind: policy.Number, Required: true, Doc: text("轻重，大者重", "how severe; higher is more severe")},
				{Name: "mode", Kind: policy.Option, Required: true, Words: []string{string(AnyOf), string(AllOf), string(OneOf)}, Doc: text("任选、全部还是其一", "any, all or one of the options")},
				{Name: "options", Kind: policy.StructMap, Required: true, Doc: text("措施：{代码: {rank: 轻重}}", "the options with their rank"), Fields: []policy.Field{
					{Name: "rank", Kind: policy.Number, Required: true, Doc: text("轻重，大者重", "how severe; higher is more severe")},
				}},
			}},
			{Name: "steps", Kind: policy.Expression, Wants: value.Count, Doc: text("净升降档数", "the net steps")},
			{Name: "exempt", Kind: policy.Expression, Wants: value.YesNo, Doc: text("是否免予", "whether exempt")},
			{Name: "effect", Kind: policy.Option, Words: []string{string(WithinBand), string(BandStep), string(ManualBands)}, Doc: text("情节对措施的作用", "what steps do to the measure")},
		},
		Outputs: []policy.Output{
			{Name: "mode", Type: "any_of, all_of, one_of, none", Doc: text("如何选", "how many of the options apply")},
			{Name: "options", Type: "list of words", Doc: text("可选措施，由轻到重", "the options, lightest first")},
			{Name: "advised", Type: "word", Doc: text("建议的一种", "the one advised")},
			{Name: "band", Type: "word", Doc: text("适用的情节", "the band that applies")},
			{Name: "band_changed", Type: "yes/no", Doc: text("是否换了档", "whether it is not the band found")},
		},
		Build: buildMeasure,
	}
}

var modeType = policy.EngineWords("mode", string(AnyOf), string(AllOf), string(OneOf), string(NoMeasure))

type measureUnit struct {
	option                                              *value.Type // of the options
	part                                                *policy.Part
	rule                                                MeasureRule
	band, steps, exempt                                 *condition.Program
	modeAt, optionsAt, advisedAt, bandAt, bandChangedAt int
	manual                                              policy.Mark
}

func buildMeasure(b *policy.Builder) policy.Evaluator {
	p := b.Parts[0]
	u := &measureUnit{part: p, band: p.Expr("band"), steps: p.Expr("steps"), exempt: p.Expr("exempt"), rule: MeasureRule{Effect: MeasureEffect(p.Option("effect"))}}
	bands, options := &value.Words{Name: b.Name + ".band"}, &value.Words{Name: b.Name + ".option"}
	parts := p.StructMap("bands")
	for _, x := range parts {
		band := Band{Code: x.Name, Rank: int(x.Int("rank", 0)), Mode: Mode(x.Option("mode"))}
		for _, o := range x.StructMap("options") {
			band.Options = append(band.Options, Option{Code: o.Name, Rank: int(o.Int("rank", 0))})
			if options.Index(o.Name) < 0 {
				options.Each = append(options.Each, o.Name)
			}
		}
		u.rule.Bands = append(u.rule.Bands, band)
		bands.Each = append(bands.Each, x.Name)
	}
	p.CheckWords("bands", bands.Each, policy.WordsOf(u.band))
	for _, x := range u.rule.Problems() {
		failMeasure(p, parts, x)
	}
	u.manual = p.Decision("measure", text("情节如何影响措施", "what the circumstances do to the measure"))
	u.option = policy.WordType(options)
	u.modeAt = b.Output("mode", modeType)
	u.optionsAt, u.advisedAt = b.Output("options", policy.ListOf(u.option)), b.Output("advised", u.option)
	u.bandAt, u.bandChangedAt = b.Output("band", policy.WordType(bands)), b.Output("band_changed", yesNo)
	return u
}

func (u *measureUnit) Evaluate(r *policy.Run) {
	band, steps, exempt := r.Eval(u.band), optional(r, u.steps, value.Int(0)), optional(r, u.exempt, value.Bool(false))
	slots := map[int]value.Kind{u.modeAt: value.Word, u.optionsAt: value.List, u.advisedAt: value.Word, u.bandAt: value.Word, u.bandChangedAt: value.YesNo}
	state := value.None
	if band.IsUnknown() || steps.IsUnknown() || exempt.IsUnknown() {
		state = value.Unknown
		r.Undetermined(u.part)
	} else {
		r.Applied(u.part)
	}
	for slot, kind := range slots {
		r.Set(slot, value.In(kind, state))
	}
	if state == value.Unknown || band.IsNone() && !exempt.True() {
		return
	}
	m := u.rule.Choose(band.S(), int(steps.N), exempt.True())
	r.Set(u.modeAt, value.WordOf(string(m.Mode)))
	r.Set(u.optionsAt, words(m.Options))
	if m.Advised != "" {
		r.Set(u.advisedAt, value.WordOf(m.Advised))
	}
	if m.Band != "" {
		r.Set(u.bandAt, value.WordOf(m.Band))
	}
	r.Set(u.bandChangedAt, value.Bool(m.BandChanged))
	if m.NeedsDecision {
		r.Mark(u.manual)
	}
}

func (u *measureUnit) Explain(r *policy.Run, s *policy.Story) {
	mode := r.Slots[u.modeAt]
	if !r.DidApply(u.part) || !mode.IsKnown() {
		return
	}
	how, options := s.ShowAs(mode, modeType), s.ShowAs(r.Slots[u.optionsAt], policy.ListOf(u.option))
	s.Tell(u.part, text(how+"："+options, how+": "+options))
	if a := r.Slots[u.advisedAt]; a.IsKnown() {
		advised := s.ShowAs(a, u.option)
		s.Tell(u.part, text("建议 "+advised, "advised: "+advised))
	}
}

// ---- joint liability

func jointForm() *policy.Form {
	return &policy.Form{
		Name: "joint", Section: "joints",
		Doc: text("连带：主要责任人之外另有人一并负责；同一人只记一次", "joint liability: somebody answers beside the principal; nobody twice"),
		Fields: []policy.Field{
			{Name: "when", Kind: policy.Expression, Wants: value.YesNo, Doc: text("何时连带", "when there is joint liability")},
			{Name: "principal", Kind: policy.Expression, Required: true, Doc: text("主要责任人", "the principal")},
			{Name: "principal_role", Kind: policy.Code, Required: true, Said: true, Doc: text("其角色", "the role of the principal")},
			{Name: "fine", Kind: policy.Expression, Wants: value.Count, Required: true, Doc: text("其金额", "what the principal pays")},
			{Name: "head", Kind: policy.Expression, Required: true, Doc: text("连带责任人", "who answers beside")},
			{Name: "head_role", Kind: policy.Code, Required: true, Said: true, Doc: text("其角色", "the role of who answers beside")},
			{Name: "share", Kind: policy.Option, Words: []string{string(RecordOnly), string(Percent), string(Fixed), string(Same)}, Doc: text("承担多少", "what the one beside pays")},
			{Name: "share_by", Kind: policy.Number, Doc: text("百分数或固定金额", "the per cent or the amount")},
		},
		Outputs: []policy.Output{
			{Name: "records", Type: "list of records", Doc: text("责任记录", "the records")},
			{Name: "needs_decision", Type: "yes/no", Doc: text("是否须由人定金额", "whether a person must set an amount")},
		},
		Build: buildJoint,
	}
}

type jointUnit struct {
	role                        *value.Type
	part                        *policy.Part
	when, principal, fine, head *condition.Program
	principalRole, headRole     string
	share                       Share
	recordsAt, needsAt          int
	manual                      policy.Mark
}

func buildJoint(b *policy.Builder) policy.Evaluator {
	p := b.Parts[0]
	u := &jointUnit{
		part: p, when: p.Expr("when"), principal: p.Expr("principal"), fine: p.Expr("fine"), head: p.Expr("head"),
		principalRole: p.Code("principal_role"), headRole: p.Code("head_role"),
		share: Share{Kind: ShareKind(p.Option("share")), By: p.Int("share_by", 0)},
	}
	if err := u.share.Validate(); err != nil {
		p.Fail("share_by", "bad_share", policy.Textf("份额 %d 为负", "the share %d is below zero", u.share.By), text("写非负整数", "write a non-negative whole number"))
	}
	u.manual = p.Decision("joint_amount", text("连带责任人承担多少", "how much the one who answers beside pays"))
	u.role = policy.WordType(&value.Words{Each: []string{u.principalRole, u.headRole}})
	record := &value.Type{Kind: value.Record, Fields: []value.Field{
		{Name: "person", Type: aName}, {Name: "role", Type: u.role}, {Name: "fine", Type: count}, {Name: "needs_decision", Type: yesNo},
	}}
	u.recordsAt, u.needsAt = b.Output("records", policy.ListOf(record)), b.Output("needs_decision", yesNo)
	return u
}

func (u *jointUnit) Evaluate(r *policy.Run) {
	applies := r.When(u.part, u.when)
	r.Set(u.recordsAt, value.ListOf(nil))
	r.Set(u.needsAt, value.Bool(false))
	if applies.False() || applies.IsNone() {
		r.Applied(u.part) // that nobody answers beside is an answer, too
		return
	}
	principal, head := r.Eval(u.principal), r.Eval(u.head)
	mark := len(r.Needs)
	fine := r.Eval(u.fine)
	if u.share.Kind == RecordOnly || u.share.Kind == Fixed {
		r.Needs = r.Needs[:mark] // what the principal pays does not matter here
	} else if !fine.IsKnown() {
		applies = value.UnknownOf(value.YesNo)
	}
	if applies.IsUnknown() || principal.IsUnknown() || head.IsUnknown() {
		r.Undetermined(u.part)
		r.Set(u.recordsAt, value.UnknownOf(value.List))
		r.Set(u.needsAt, value.UnknownOf(value.YesNo))
		return
	}
	records, err := Joint(Party{Person: principal.S(), Role: u.principalRole}, Party{Person: head.S(), Role: u.headRole}, fine.N, u.share)
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

func (u *jointUnit) Explain(r *policy.Run, s *policy.Story) {
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
			}
		}
		s.Tell(u.part, text(all, all))
	}
}
