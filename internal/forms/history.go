package forms

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/form"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/penalty"
	"github.com/servicerules/rulebook/policy"
)

func historyForm() *form.Form {
	el := func(name string, wants policy.Kind, required bool, doc policy.Text) policy.Field {
		return policy.Field{Name: name, Kind: policy.Expression, Wants: wants, Element: true, Required: required, Doc: doc}
	}
	return &form.Form{Form: policy.Form{
		Name: "history", Section: "histories",
		Doc: text("历次计罚：把一个人的全部记录按阶梯逐次定价，与录入次序无关", "prices every record of one person by a ladder; the order of the list does not matter"),
		Fields: []policy.Field{
			{Name: "ladder", Kind: policy.RuleName, Required: true, Doc: text("所用阶梯", "the ladder")},
			{Name: "each", Kind: policy.Expression, Wants: policy.KindList, Required: true, Doc: text("记录列表", "the records")},
			el("id", "", true, text("编号", "the id of a record")),
			el("matter", "", false, text("事项", "the matter it is about")),
			el("incident", "", false, text("事件", "the incident it arose from")),
			el("at", policy.KindMoment, true, text("计入哪个时间", "the moment that places it")),
			el("level", policy.KindWord, true, text("层级", "its level")),
			el("counts", policy.KindYesNo, true, text("是否计入", "whether it counts")),
			el("credited", policy.KindCount, false, text("已罚金额，抵扣", "what was fined already, credited")),
			{Name: "window", Kind: policy.Option, Words: []string{string(penalty.CalendarYear), string(penalty.Rolling12Months), string(penalty.CalendarMonth), unlimited}, Doc: text("计次期间；rolling_12_months 数到一年前的对应日，含当日", "over what period occurrences are counted; rolling_12_months goes back to the corresponding day of the year before, that day included")},
			{Name: "unit", Kind: policy.Option, Words: []string{string(penalty.ByMatter), string(penalty.ByRecord), string(penalty.ByIncident)}, Doc: text("一次指什么", "what one occurrence is")},
			{Name: "escalated", Kind: policy.Option, Words: []string{string(penalty.HighestLevel), string(penalty.EachLevel)}, Doc: text("同一事项逐级上升时", "a matter that climbs the levels")},
		},
		Outputs: []policy.Output{
			{Name: "fines", Label: text("各次金额", "amount of each"), Type: "list of records", Doc: text("每条记录的金额", "what each record costs")},
			{Name: "total", Label: text("合计", "total"), Type: "count", Doc: text("合计", "the total")},
		},
	}, Build: buildHistory}
}

// unlimited is NoWindow in a rules file, where `none` would mean "not given".
const unlimited = "unlimited"

type historyUnit struct {
	part                                            *form.Part
	rules                                           []datedRule // one for each edition, the first to begin with
	each                                            form.List
	id, matter, incident, at, level, counts, credit *condition.Program
	finesAt, totalAt                                int
}

// datedRule is how histories are priced from a day on. Every record is priced
// as on the day it was received, whatever has changed since.
type datedRule struct {
	from date.Date
	rule penalty.HistoryRule
}

// historyRule is how a rule prices histories by a ladder.
func historyRule(b *form.Builder, p *form.Part, ladder penalty.Ladder) penalty.HistoryRule {
	rule := penalty.HistoryRule{
		Ladder: ladder, Zone: b.Zone(), Window: penalty.Window(p.Option("window")),
		Unit: penalty.Unit(p.Option("unit")), Escalated: penalty.Escalated(p.Option("escalated")),
	}
	if rule.Window == unlimited {
		rule.Window = penalty.NoWindow
	}
	return rule
}

func buildHistory(b *form.Builder) form.Evaluator {
	p := b.Parts[0]
	u := &historyUnit{part: p, each: b.Each(p.Expr("each"))}
	u.id, u.matter, u.incident, u.at = p.Expr("id"), p.Expr("matter"), p.Expr("incident"), p.Expr("at")
	u.level, u.counts, u.credit = p.Expr("level"), p.Expr("counts"), p.Expr("credited")
	if name := p.RuleName("ladder"); name != "" {
		if l, ok := b.Unit(name).(*ladderUnit); ok {
			u.priceBy(b, l)
		} else if b.ChosenByFacts(name) {
			p.Fail("ladder", "not_a_ladder", text("由事实选值的阶梯不能用来计历次的罚款", "a ladder of which facts choose values cannot price a history"), text("改由读法或日期选，或按各情形写几条阶梯", "choose by a reading or a date, or write a ladder for each case"))
		} else {
			p.Fail("ladder", "not_a_ladder", text("这条规则不是阶梯", "that rule is not a ladder"), text("写 ladders 里的名称", "name a rule of ladders"))
		}
	}
	record := &value.Type{Kind: value.Record, Fields: []value.Field{{Name: "id", Type: typeName}, {Name: "fine", Type: typeCount}}}
	u.finesAt, u.totalAt = b.Output("fines", checked.ListOf(record)), b.Output("total", typeCount)
	return u
}

// pricing are the fields of a ladder that a history prices by; what is done
// about circumstances it leaves alone.
var pricing = []string{"tiers", "scale", "counting"}

// priceBy takes the ladder as it is in every edition.
func (u *historyUnit) priceBy(b *form.Builder, l *ladderUnit) {
	u.part.RestsOn(l.part, pricing...)
	rule := historyRule(b, u.part, l.ladder)
	var twice *penalty.LadderError
	if rule.Ladder.Validate() == nil && errors.As(rule.Validate(), &twice) { // a faulty ladder has its own findings
		code, what := "ladder_"+string(penalty.RankTwice), text("两个层级的 rank 相同，分不出哪个高", "two tiers have the same rank, so neither is the higher")
		remedy := text("给每个层级不同的 rank，或写 escalated: each_level", "give each tier its own rank, or write escalated: each_level")
		if tiers := l.part.StructMap("tiers"); twice.Tier >= 0 && twice.Tier < len(tiers) {
			tiers[twice.Tier].Fail("rank", code, what, remedy)
		} else {
			u.part.Fail("ladder", code, what, remedy)
		}
	}
	if len(b.Editions()) < 2 {
		u.rules = []datedRule{{rule: rule}}
		return
	}
	for _, day := range b.Editions() {
		ladder, own := l.part.On(day), u.part.On(day)
		prices, _ := ladderOf(ladder, ladder.StructMap("tiers"))
		u.rules = append(u.rules, datedRule{day, historyRule(b, own, prices)})
		u.part.AlsoReads(ladder.ReadingsIn(pricing...)...) // a record of any day may be priced so
		u.part.AlsoReads(own.ReadingsIn("window", "unit", "escalated")...)
	}
}

// fines prices the events, each by the rule of the day it was received.
func (u *historyUnit) fines(events []penalty.Event, zone *time.Location) ([]penalty.Fine, int64, error) {
	var all []penalty.Fine
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
		sum, ok := value.Add(total, f.Due)
		if !ok {
			return nil, 0, penalty.ErrOverflow
		}
		total = sum
	}
	return all, total, nil
}

// maxOpen is for how many records it may be open whether they count before
// nothing at all is said; each doubles the work.
const maxOpen = 8

func (u *historyUnit) Evaluate(r *form.Run) {
	r.Set(u.finesAt, value.UnknownOf(value.List))
	r.Set(u.totalAt, value.UnknownOf(value.Count))
	list := r.Eval(u.each.Program)
	if list.IsUnknown() {
		r.Undetermined(u.part)
		return
	}
	since := r.Lacking()
	events, open, ok := u.events(r, list)
	if !ok || len(open) > maxOpen {
		r.Undetermined(u.part)
		return
	}
	r.Applied(u.part)
	if len(events) == 0 {
		r.Set(u.finesAt, value.ListOf(nil))
		r.Set(u.totalAt, value.Int(0))
		return
	}
	fines, total, err := u.completions(events, open, r.Zone())
	var wrong *penalty.EventError
	switch {
	case errors.As(err, &wrong) && wrong.Problem == penalty.DuplicateID:
		r.Refuse(u.part, diagnostic.Textf("编号 %s 出现两次", "the id %s occurs twice", wrong.ID))
		return
	case err != nil:
		r.Fail(err)
		return
	}
	switch {
	case slices.ContainsFunc(fines, func(f value.Value) bool { return f.L()[1].IsUnknown() }):
		r.Undetermined(u.part)
	default:
		r.Ignore(since) // whether the open ones count changes nothing
	}
	r.Set(u.finesAt, value.ListOf(fines))
	r.Set(u.totalAt, total)
}

// events reads the records; open are those of which it is not known whether
// they count. ok is false where something else that matters is not known.
func (u *historyUnit) events(r *form.Run, list value.Value) (events []penalty.Event, open []int, ok bool) {
	ok = true
	r.Each(u.each, list.L(), func(i int, _ value.Value) {
		counts := r.Eval(u.counts)
		id := r.Eval(u.id)
		x := penalty.Event{ID: id.S(), Counts: !counts.False() && !counts.IsNone()}
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
			if u.incident != nil && slices.ContainsFunc(u.rules, func(d datedRule) bool { return d.rule.Unit == penalty.ByIncident }) {
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
	})
	return events, open, ok
}

// completions prices the history for every way in which the open records may
// turn out, and keeps what is the same in all of them.
func (u *historyUnit) completions(events []penalty.Event, open []int, zone *time.Location) ([]value.Value, value.Value, error) {
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

func (u *historyUnit) Explain(r *form.Run, s *form.Story) {
	if list := r.Slots[u.finesAt]; r.DidApply(u.part) && list.IsKnown() {
		fines := make([]string, 0, len(list.L()))
		var due []int64
		for _, f := range list.L() {
			due = append(due, f.L()[1].N)
			fines = append(fines, f.L()[0].S()+" "+s.Show(f.L()[1]))
		}
		all := strings.Join(fines, text("、", ", ").In(s.Lang))
		if len(fines) == 0 {
			all = text("没有记录", "no records").In(s.Lang)
		}
		if total := r.Slots[u.totalAt]; total.IsKnown() && len(due) > 0 && !slices.ContainsFunc(list.L(), func(f value.Value) bool { return !f.L()[1].IsKnown() }) {
			s.Number(total.N, "sum", due...)
		}
		s.Tellf(u.part, "%s；合计 %s", "%s; total %s", all, s.Show(r.Slots[u.totalAt]))
	}
}
