package forms

import (
	"errors"
	"slices"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/penalty"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla"
)

// What the keys of an accrual say, by their words.
var (
	accrualUnits = map[string]sla.Accrual{
		"day": {Per: sla.CalendarDay}, "working_day": {Per: sla.WorkingDay}, "hour": {Per: sla.Hour}, "started_hour": {Per: sla.Hour, Started: true},
		"minute": {Per: sla.Minute}, "second": {Per: sla.Second},
	}
	edgeDays = map[string]sla.EdgeDay{"counted": sla.EdgeCounted, "not_counted": sla.EdgeNotCounted, "whole_hours": sla.EdgeHours}
)

func accrualForm() *form.Form {
	return &form.Form{Form: policy.Form{
		Name: "accrual", Section: "accruals",
		Doc: text("按时间累计：每天、每工作日、每小时若干，直到结束或提问时刻；可除外若干期间、封顶",
			"so much for each day, working day or hour, until it ends or, while it goes on, until the moment of asking; less excepted periods, up to a cap"),
		Fields: []policy.Field{
			{Name: "when", Kind: policy.Expression, Wants: policy.KindYesNo, Doc: text("适用条件；不写则总适用。不适用的，份数、数额为零", "when the rule applies; always if not given. Where it does not, nothing has accrued: 0 units")},
			{Name: "per", Kind: policy.Option, Required: true, Words: []string{"day", "working_day", "hour", "started_hour", "minute", "second"}, Doc: text("每什么计一份：day 日历日；working_day 工作日；hour、minute、second 满一小时、一分、一秒；started_hour 不足一小时按一小时", "what is counted: day, calendar days; working_day; hour, minute, second, those that have gone by; started_hour, those that have begun")},
			{Name: "each", Kind: policy.Expression, Wants: policy.KindList, Doc: text("列表：各项分别累计，再相加；from、until、rate、rate_on 里的 .栏 指该项", "a list: what accrues for each of its items, added up; .field in from, until, rate and rate_on is the item's")},
			{Name: "from", Kind: policy.Expression, Required: true, Element: true, Doc: text("自何时起（日期或时刻）；无，则未起计，也就没有份数、数额；没有 until 而在提问时刻之后，则尚未起计，份数为零", "since when (a date or moment); none: it has not begun, and units and amount are none; after the moment of asking, with no until: it has not begun yet, and nothing counts")},
			{Name: "until", Kind: policy.Expression, Required: true, Element: true, Doc: text("到何时止（日期或时刻）；无则仍在继续，计到提问时刻；早于 from，则份数为零。在提问时刻之后的，也计到那时；要计到提问时刻为止，写 earliest(止, as_of)，日期写 earliest(止, date_of(as_of))", "until when (a date or moment); none: it goes on, and is counted until the moment of asking; before from: nothing counts. One after the moment of asking is counted to all the same; to count no further than asked, write earliest(end, as_of), of dates earliest(end, date_of(as_of))")},
			{Name: "first", Kind: policy.Option, Words: []string{"counted", "not_counted", "whole_hours"}, Doc: text("起始当天：counted 计一整天；not_counted 不计；whole_hours 按余下的整小时计二十四分之几", "the day on which it begins: counted as a whole; not_counted; whole_hours, as many twenty-fourths as whole hours of it are left")},
			{Name: "last", Kind: policy.Option, Words: []string{"not_counted", "counted", "whole_hours"}, Doc: text("结束当天，写法同 first；仍在继续的，提问当天即是", "the day on which it ends, likewise; while it goes on, that is the day of asking")},
			{Name: "rate", Kind: policy.Expression, ByDay: true, Unrounded: true, Element: true, Doc: text("每份多少（金额或整数）；不写则只计份数；可用 by: date 写各时期的数额，或写有 by: date 的具名的值。未取整的金额，如 0.05% of debt、debt * rate / 365，要写 rounded", "how much a unit (an amount of money, or a whole number); not given, units are only counted; with by: date, what it is at which time, here or in a named value. Beside an amount that is not rounded, such as 0.05% of debt or debt * rate / 365, rounded is written")},
			{Name: "rate_on", Kind: policy.Expression, Wants: policy.KindDate, Element: true, Doc: text("全部按哪一天的数额；不写则每份按它自己那天的", "the day whose rate all units have; not given, each has that of its own day")},
			{Name: "except", Kind: policy.Expression, Wants: policy.KindList, Looks: []string{"from", "to"}, Doc: text("除外的期间：有 from、to 两栏的记录列表。日期含首尾；时刻不含 to，以天计时所及的各天都不计；重叠只除一次。没有 to 即尚未结束", "periods that are left out: a list of records with from and to. Of dates both are included; of moments, to is not, and where days are counted all days that they touch are left out; what overlaps is left out once. Without to it is not over")},
			{Name: "only", Kind: policy.Expression, Wants: policy.KindList, Looks: []string{"from", "to"}, Doc: text("只在这些期间内累计，写法同 except；不写则一直累计", "it accrues in these periods alone, written as in except; not given, always")},
			{Name: "excepted_part", Kind: policy.Option, Words: []string{"alone", "whole_period"}, Doc: text("only 里的期间与 except 有重叠时：alone 只除去重叠部分；whole_period 整段除去", "where a period of only overlaps with one of except: alone, that part is left out; whole_period, all of it")},
			{Name: "at_most", Kind: policy.Expression, Wants: policy.KindCount, Doc: text("最多计几份，从先计的算起；有 each 的，每一项各自", "at most so many units, the first ones; with each, of each item")},
			{Name: "amount_at_most", Kind: policy.Expression, Doc: text("数额最多多少；有 each 的，每一项各自", "at most so much; with each, for each item")},
			{Name: "rounded", Kind: policy.Option, Words: form.Roundings(), Doc: text("总数如何取整到最小单位，只取整一次；有 each 的，每一项各自；只在 rate 未取整或 whole_hours 时有零头", "how the total is rounded to the smallest unit, once; with each, that of each item; only a rate that is not rounded and whole_hours leave a fraction")},
			{Name: "calendar", Kind: policy.Calendar, Doc: text("工作日依哪部日历，一天依它的时区；不写即 rulebook 的", "the calendar of working days, whose zone says when a day begins; by default that of the rulebook")},
		},
		Outputs: []policy.Output{
			{Name: "units", Label: text("份数", "units"), Type: "count", Doc: text("计了几份整的", "how many whole units")},
			{Name: "hours", Label: text("另计小时数", "hours besides"), Type: "count", Doc: text("另计几个二十四分之一天", "how many twenty-fourths of a day beside them")},
			{Name: "rate", Label: text("每份数额", "rate"), Type: "as the rate", Doc: text("每份多少；各份不同或未取整则为无", "how much a unit; none where they differ, or where it is not rounded")},
			{Name: "amount", Type: "as the rate", Doc: text("合计数额", "what it comes to")},
			{Name: "running", Label: text("是否仍在继续", "still running"), Type: "yes/no", Doc: text("已起计且仍在继续；提问时尚未起计的为否", "whether it has begun and goes on; no where it begins only after the moment of asking")},
		},
	}, Build: buildAccrual}
}

type accrualUnit struct {
	part        *form.Part
	rule        sla.Accrual
	per         string
	counter     sla.Counter
	calendar    policy.Text
	rounding    penalty.Rounding
	when        *condition.Program
	each        form.List // nil: one matter
	from, until *condition.Program
	rateOn      *condition.Program
	except      *condition.Program
	only        *condition.Program
	atMost      *condition.Program
	amountMost  *condition.Program
	spans       [2]int // the fields from and to of the excepted periods
	onlySpans   [2]int // likewise
	wholePeriod bool   // one of only that an exception overlaps with is left out
	periods     []date.Date
	rates       []*condition.Program // of each period
	typ         *value.Type          // of the rate and the amount

	unitsAt, hoursAt, rateAt, amountAt, runningAt int
}

func buildAccrual(b *form.Builder) form.Evaluator {
	p := b.Parts[0]
	each := b.Each(p.Expr("each"))
	u := &accrualUnit{
		part: p, per: p.Option("per"), when: p.Expr("when"), each: each, from: p.Expr("from"), until: p.Expr("until"), rateOn: p.Expr("rate_on"),
		except: p.Expr("except"), only: p.Expr("only"), atMost: p.Expr("at_most"), amountMost: p.Expr("amount_at_most"), rounding: penalty.Rounding(p.Option("rounded")),
		wholePeriod: p.Option("excepted_part") == "whole_period",
	}
	u.rule = accrualUnits[u.per]
	u.rule.First, u.rule.Last = edgeDays[p.Option("first")], edgeDays[p.Option("last")]
	counting := sla.Counting{Zone: b.Zone()}
	clocks := b.Clocks()
	if u.rule.Per == sla.WorkingDay || p.Has("calendar") {
		counting.Calendar = p.CalendarOf("calendar")
		wantCalendar(counting, p, "per")
		counting.Zone, clocks = b.ZoneOf(counting.Calendar)
		u.calendar = p.CalendarLabel(counting.Calendar)
	}
	u.counter = counting.Counter(clocks)
	u.checkEnds(p)
	u.spans, u.onlySpans = fieldsOfPeriods(p, "except", u.except), fieldsOfPeriods(p, "only", u.only)
	u.dateRates(b)
	u.checkAmounts(p)
	u.unitsAt, u.hoursAt = b.Output("units", typeCount), b.Output("hours", typeCount)
	u.rateAt, u.amountAt, u.runningAt = b.Output("rate", u.typ), b.Output("amount", u.typ), b.Output("running", typeYesNo)
	return u
}

// checkEnds reports ends that are neither dates nor moments, and days in part
// where the hours of the end are not known.
func (u *accrualUnit) checkEnds(p *form.Part) {
	for _, x := range []struct {
		field, day string
		program    *condition.Program
		edge       sla.EdgeDay
	}{{"from", "first", u.from, u.rule.First}, {"until", "last", u.until, u.rule.Last}} {
		if x.program == nil || x.program.Type() == nil {
			continue
		}
		switch k := x.program.Type().Kind; {
		case k != value.Date && k != value.Moment:
			p.Fail(x.field, "type_mismatch", text("这里应为日期或时刻", "a date or a moment is expected here"), text("写一个日期或时刻", "write a date or a moment"))
		case k == value.Date && x.edge == sla.EdgeHours:
			p.Fail(x.day, "hours_of_a_date", text("日期没有钟点，无法按整小时计", "a date has no hours that could be counted"), text("写 counted 或 not_counted，或让 "+x.field+" 取时刻", "write counted or not_counted, or let "+x.field+" be a moment"))
		}
	}
	if u.rule.Per.IsTime() {
		for field, edge := range map[string]sla.EdgeDay{"first": u.rule.First, "last": u.rule.Last} {
			if edge == sla.EdgeHours {
				p.Fail(field, "hours_of_hours", text("按小时计的，没有不满一天的部分", "where hours are counted there are no days in part"), text("删去它", "remove it"))
			}
		}
	}
}

// fieldsOfPeriods finds the ends of the periods that a field lists.
func fieldsOfPeriods(p *form.Part, field string, periods *condition.Program) (fields [2]int) {
	if periods == nil || periods.Type() == nil {
		return fields
	}
	e := periods.Type().Elem
	for i, name := range []string{"from", "to"} {
		at, typ := -1, (*value.Type)(nil)
		if e != nil && e.Kind == value.Record {
			at, typ = e.Field(name)
		}
		if typ == nil || typ.Kind != value.Date && typ.Kind != value.Moment {
			p.Fail(field, "periods_expected", text("这里应为有 from 和 to 两栏（日期或时刻）的记录列表", "a list of records with from and to, dates or moments, is expected here"),
				text("给记录写上这两栏，或改用别的列表", "give its records these two fields, or write another list"))
			return fields
		}
		fields[i] = at
	}
	return fields
}

// dateRates finds the rate of each edition: a unit may have that of its own day.
func (u *accrualUnit) dateRates(b *form.Builder) {
	p := b.Parts[0]
	u.typ = &value.Type{}
	add := func(day date.Date, rate *condition.Program) {
		if n := len(u.rates); n == 0 || u.rates[n-1] != rate {
			u.periods, u.rates = append(u.periods, day), append(u.rates, rate)
		}
	}
	if !p.Has("rate") {
		u.typ = typeCount
		return
	}
	own := p.Expr("rate")
	if len(b.Editions()) < 2 {
		add(0, own)
	} else {
		for _, day := range b.Editions() {
			then := p.On(day)
			add(day, then.Expr("rate"))
			p.AlsoReads(then.ReadingsIn("rate")...)
		}
	}
	usual := u.usualRate()
	for i, rate := range u.rates {
		if rate == nil || rate.Type() == nil {
			continue
		}
		then := p
		if len(u.rates) > 1 {
			then = p.On(u.periods[i])
		}
		typ := rate.Type()
		if typ.Kind == value.Invalid {
			continue // where it is computed, it is said what is wrong
		}
		if typ.Kind == value.Part {
			if !p.Has("rounded") {
				p.Fail("rate", condition.CodeResult, text("这是未取整的金额，没有说明怎样取整", "this is a sum of money that is not rounded: it does not say how it is rounded"),
					text("旁边写 rounded: half_up、half_even、up 或 down，合计只取整一次；每份各自取整的，这里写 rounded(…)", "write rounded: half_up, half_even, up or down beside it, by which the total is rounded once; where each unit is rounded by itself, write rounded(…) here"))
				return
			}
			typ = &value.Type{Kind: value.Money, In: typ.In}
		}
		if typ.Kind != value.Money && typ.Kind != value.Count {
			p.Fail("rate", "type_mismatch", text("这里应为金额或整数", "an amount of money or a whole number is expected here"), text("写一个带货币代码的金额，或一个整数", "write an amount with the code of its currency, or a whole number"))
			return
		}
		if !mayBeLike(usual, typ) {
			here, others := condition.TypeText(typ), condition.TypeText(usual)
			then.Fail("rate", "type_mismatch", policy.Text{
				ZH: "各时期的数额类型不一：这里是" + here.ZH + "，别处是" + others.ZH, EN: "the rates differ in type: a " + here.EN + " here, a " + others.EN + " elsewhere",
			}, text("都写成同一种货币的金额", "write amounts of one currency"))
			return
		}
		if u.typ.Kind == value.Invalid || typ.In == 0 {
			u.typ = typ
		}
	}
}

// usualRate is the type that most rates have, of as many the first: what is of
// another is the odd one.
func (u *accrualUnit) usualRate() *value.Type {
	usual, most := &value.Type{}, 0
	for _, rate := range u.rates {
		same := 0
		for _, other := range u.rates {
			if rate != nil && other != nil && rate.Type() != nil && other.Type() != nil && rated(other) == rated(rate) {
				same++
			}
		}
		if same > most {
			kind := rated(rate)
			usual, most = &value.Type{Kind: kind.kind, In: kind.in}, same
		}
	}
	return usual
}

type rateKind struct {
	kind value.Kind
	in   value.Currency
}

// rated is what a rate comes to: an amount that is not rounded yet is money.
func rated(rate *condition.Program) rateKind {
	typ := rate.Type()
	if typ.Kind == value.Part {
		return rateKind{value.Money, typ.In}
	}
	return rateKind{typ.Kind, typ.In}
}

// checkAmounts reports a greatest amount that is of another kind than the rate.
func (u *accrualUnit) checkAmounts(p *form.Part) {
	if u.amountMost == nil || u.amountMost.Type() == nil || u.typ.Kind == value.Invalid {
		return
	}
	if !mayBeLike(u.amountMost.Type(), u.typ) {
		p.Fail("amount_at_most", "type_mismatch", text("这里应与 rate 是同一种数额", "what is expected here is of the same kind as the rate"), text("写同一种货币的金额", "write an amount of the same currency"))
	}
}

// accrued is what one evaluation found.
type accrued struct {
	from, until value.Value
	running     bool
	waits       bool // it begins only after the moment of asking
	early       bool // it ended before it would have begun
	counted     sla.Accrued
	units       int64
	hours       int64
	rates       []value.Value // of each of counted.In, known
	periods     []int         // of each of these, the period that the rate is of
	rate        value.Value
	exact       penalty.Exact // minor units
	priced      value.Value
	most        value.Value // the greatest amount, where one is given
	amount      value.Value
	excepted    bool // some exception is given
	cap         value.Value
}

// HasSeveralResults says that units or brackets are known where what they come to is not.
func (u *accrualUnit) HasSeveralResults() {}

func (u *accrualUnit) Evaluate(r *form.Run) {
	u.set(r, value.Unknown)
	applies := r.When(u.part, u.when)
	switch {
	case applies.IsUnknown():
		return
	case isNo(applies):
		u.set(r, value.None)
		r.Set(u.unitsAt, value.Int(0))
		r.Set(u.hoursAt, value.Int(0))
		if len(u.rates) > 0 {
			r.Set(u.amountAt, u.typ.AmountOf(0, 0))
		}
		r.Set(u.runningAt, value.Bool(false))
		return
	}
	if u.each.Program != nil {
		u.evaluateEach(r)
		return
	}
	a, ok := u.compute(r)
	if r.Err != nil {
		return
	}
	if !ok {
		r.Undetermined(u.part)
		return
	}
	if a.from.IsNone() {
		u.set(r, value.None)
		r.Set(u.runningAt, value.Bool(false))
		return
	}
	r.Set(u.unitsAt, value.Int(a.units))
	r.Set(u.hoursAt, value.Int(a.hours))
	r.Set(u.rateAt, a.rate)
	r.Set(u.amountAt, a.amount)
	r.Set(u.runningAt, value.Bool(a.running))
	u.passes(r, &a)
}

// passes reports where what accrues may change with time alone: when it begins;
// then of days when the next one begins, or the next hour of it where hours
// count.
func (u *accrualUnit) passes(r *form.Run, a *accrued) {
	now := r.AsOf()
	switch {
	case a.waits && a.from.K == value.Moment:
		r.ProvisionalUntil(a.from.N)
		return
	case a.waits:
		r.ProvisionalUntil(u.counter.LastDay(a.from.Date()-1).End + 1)
		return
	case !a.running || a.counted.Full:
		return
	}
	if u.rule.Per.IsTime() || u.rule.First == sla.EdgeHours || !now.IsKnown() { // at any moment
		r.Provisional()
		return
	}
	y, m, d := now.Time(u.counter.Zone).Date()
	today := date.New(y, m, d)
	moments := []int64{u.counter.LastDay(today).End + 1}
	if u.rule.Last == sla.EdgeHours {
		begun := u.counter.LastDay(today-1).End + 1
		gone := (now.N - begun) / int64(time.Hour)
		moments = append(moments, begun+(gone+1)*int64(time.Hour))
	}
	r.ProvisionalUntil(moments...)
}

// set gives every output the same state.
func (u *accrualUnit) set(r *form.Run, s value.State) {
	r.Set(u.unitsAt, value.In(value.Count, s))
	r.Set(u.hoursAt, value.In(value.Count, s))
	r.Set(u.rateAt, value.In(u.typ.Kind, s))
	r.Set(u.amountAt, value.In(u.typ.Kind, s))
	r.Set(u.runningAt, value.In(value.YesNo, s))
}

// compute finds what accrues; false where that is not known.
func (u *accrualUnit) compute(r *form.Run) (a accrued, ok bool) {
	a.from, a.until = r.Eval(u.from), r.Eval(u.until)
	if a.from.IsNone() {
		return a, true
	}
	if a.until.IsNone() {
		a.running, a.until = true, r.AsOf()
		if a.until.IsUnknown() {
			r.NeedAsOf()
		}
	}
	if !a.from.IsKnown() || !a.until.IsKnown() {
		return a, false
	}
	if u.after(a.from, a.until) {
		a.waits, a.early, a.running = a.running, !a.running, false
	}
	rule := u.rule
	if u.atMost != nil {
		switch a.cap = r.Eval(u.atMost); {
		case a.cap.IsUnknown():
			return a, false
		case a.cap.IsKnown() && a.cap.N < 0:
			r.Refuse(u.part, diagnostic.Textf("最多 %d 份，低于零", "at most %d units is below zero", a.cap.N))
			return a, false
		case a.cap.IsKnown():
			rule.Most, rule.HasMost = min(a.cap.N, mostUnits), true
		}
	}
	counted, err := u.counter.Accrue(&rule, edgeOf(a.from, r.Zone()), edgeOf(a.until, r.Zone()), nil, u.periods)
	if err != nil {
		failCounting(r, u.part, err)
		return a, false
	}
	if len(counted.In) > 0 && (u.except != nil || u.only != nil) { // else nothing is left to be excepted
		var known bool
		if counted, known = u.within(r, &a, rule); !known {
			return a, false
		}
	}
	a.counted = counted
	for _, in := range counted.In {
		a.units, a.hours = a.units+in.Units, a.hours+in.Hours
	}
	return a, u.price(r, &a)
}

// after reports whether one end lies after another; where one of them is a day,
// days are compared.
func (u *accrualUnit) after(x, y value.Value) bool {
	if x.K == y.K {
		return x.N > y.N
	}
	return checked.DayOfValue(x, u.counter.Zone) > checked.DayOfValue(y, u.counter.Zone)
}

// mostUnits is more than any accrual can count.
const mostUnits = 1 << 40

// edgeOf is a date or moment as an end.
func edgeOf(v value.Value, zone *time.Location) sla.Edge {
	if v.K == value.Date {
		return sla.Edge{Day: v.Date(), IsDay: true}
	}
	return sla.Edge{At: v.Time(zone)}
}

// within counts with the periods that are left out, and those in which alone it
// accrues; false where one is not known.
func (u *accrualUnit) within(r *form.Run, a *accrued, rule sla.Accrual) (counted sla.Accrued, known bool) {
	var except []sla.Excepted
	if u.only != nil {
		if rule.Only, known = spansOf(r, u.only, u.onlySpans); !known {
			return counted, false
		}
		if rule.OnlyIn = true; len(rule.Only) == 0 {
			return counted, true
		}
	}
	if u.except != nil {
		if except, known = spansOf(r, u.except, u.spans); !known {
			return counted, false
		}
		a.excepted = len(except) > 0
	}
	if u.wholePeriod {
		rule.Only = slices.DeleteFunc(rule.Only, func(x sla.Excepted) bool {
			return slices.ContainsFunc(except, func(y sla.Excepted) bool { return u.overlap(x, y) })
		})
	}
	counted, err := u.counter.Accrue(&rule, edgeOf(a.from, r.Zone()), edgeOf(a.until, r.Zone()), except, u.periods)
	var wrong *sla.PauseError
	switch {
	case errors.As(err, &wrong):
		r.Refuse(u.part, text("列出的期间在开始之前就结束了", "a listed period ends before it begins"))
	case err != nil:
		failCounting(r, u.part, err)
	}
	return counted, err == nil
}

// overlap reports whether two periods have a time in common.
func (u *accrualUnit) overlap(x, y sla.Excepted) bool {
	bounds := func(e sla.Excepted) (from, to time.Time) {
		from, to = u.begins(e.From, 0), u.begins(e.To, 1)
		if e.Open {
			to = time.Unix(1<<40, 0)
		}
		return from, to
	}
	a, z := bounds(x)
	b, w := bounds(y)
	return a.Before(w) && b.Before(z)
}

// begins is the moment of an end of a period; of a day, that at which the day so
// many days later begins.
func (u *accrualUnit) begins(e sla.Edge, later int) time.Time {
	if !e.IsDay {
		return e.At
	}
	return time.Date(e.Day.Year(), e.Day.Month(), e.Day.Day()+later, 0, 0, 0, 0, u.counter.Zone)
}

// spansOf are the periods that an expression lists; false where one is not known.
func spansOf(r *form.Run, periods *condition.Program, fields [2]int) ([]sla.Excepted, bool) {
	list := r.Eval(periods)
	if list.IsUnknown() {
		return nil, false
	}
	var spans []sla.Excepted
	known := true
	r.Each(form.ListOf(periods), list.L(), func(_ int, item value.Value) {
		if known = known && item.IsKnown(); !known {
			return
		}
		from, to := item.L()[fields[0]], item.L()[fields[1]]
		for k, v := range []value.Value{from, to} {
			if v.IsUnknown() || k == 0 && !v.IsKnown() {
				r.NeedField(fields[k])
				known = false
				return
			}
		}
		e := sla.Excepted{From: edgeOf(from, r.Zone()), Open: to.IsNone()}
		if !e.Open {
			e.To = edgeOf(to, r.Zone())
		}
		spans = append(spans, e)
	})
	return spans, known
}

// price finds the rates and what it comes to; false where that cannot be told.
func (u *accrualUnit) price(r *form.Run, a *accrued) bool {
	if len(u.rates) == 0 { // units are only counted
		a.rate, a.amount, a.priced = value.NoneOf(value.Count), value.NoneOf(value.Count), value.NoneOf(value.Count)
		return true
	}
	one := -1 // the period whose rate all units have
	if u.rateOn != nil {
		day := r.Eval(u.rateOn)
		if !day.IsKnown() {
			a.rate, a.amount = value.In(u.typ.Kind, day.State), value.In(u.typ.Kind, day.State)
			a.priced = a.amount
			return a.zero(u)
		}
		one = u.periodOf(day.Date())
	}
	parts := make([]penalty.Accrual, 0, len(a.counted.In))
	var in value.Currency
	a.rate = value.NoneOf(u.typ.Kind)
	for i, counted := range a.counted.In {
		period := counted.Period
		if one >= 0 {
			period = one
		}
		rate := r.Eval(u.rates[period])
		if !rate.IsKnown() {
			a.rate, a.amount = value.In(u.typ.Kind, rate.State), value.In(u.typ.Kind, rate.State)
			a.priced = a.amount
			return true
		}
		if rate.N < 0 {
			r.Refuse(u.part, diagnostic.Textf("每份 %[1]s，低于零", "%[2]s a unit is below zero", r.Text(rate, "zh"), r.Text(rate, "en")))
			return false
		}
		if !sameCurrency(r, u.part, &in, rate) {
			return false
		}
		if whole := u.whole(rate); i == 0 {
			a.rate = whole
		} else if !a.rate.Equal(whole) {
			a.rate = value.NoneOf(u.typ.Kind)
		}
		a.rates, a.periods = append(a.rates, rate), append(a.periods, period)
		parts = append(parts, penalty.Accrual{Rate: exactOf(rate), Units: counted.Units, Parts: counted.Hours})
	}
	if len(parts) == 0 {
		a.rate = u.whole(u.rateOfNothing(r, a, one))
	}
	exact, err := penalty.SumAccruals(parts)
	var amount int64
	if err == nil {
		amount, err = exact.Rounded(u.rounding)
	}
	if err != nil {
		r.Fail(err)
		return false
	}
	a.exact, a.priced = exact, u.typ.AmountOf(amount, in)
	a.amount = a.priced
	return u.limit(r, a)
}

// whole is a rate as an output shows it: none where it is not rounded.
func (u *accrualUnit) whole(rate value.Value) value.Value {
	switch {
	case rate.K != value.Part:
		return rate
	case rate.IsKnown() && rate.D == 1:
		return value.MoneyOf(rate.N, rate.In)
	case rate.IsKnown():
		return value.NoneOf(u.typ.Kind)
	}
	return value.In(u.typ.Kind, rate.State)
}

// rateOfNothing is the rate where nothing has accrued: that of the day it is of,
// or of the day on which it begins.
func (u *accrualUnit) rateOfNothing(r *form.Run, a *accrued, one int) value.Value {
	if one < 0 {
		day := a.from
		if day.K == value.Moment {
			y, m, d := day.Time(u.counter.Zone).Date()
			day = value.DateOf(date.New(y, m, d))
		}
		one = u.periodOf(day.Date())
	}
	return r.Ignoring(u.rates[one]) // nothing is nothing at any rate
}

// zero makes the amount known where nothing accrues, at whatever rate.
func (a *accrued) zero(u *accrualUnit) bool {
	if len(a.counted.In) == 0 {
		a.priced = u.typ.AmountOf(0, 0)
		a.amount = a.priced
	}
	return true
}

// periodOf is the period of rates that a day lies in.
func (u *accrualUnit) periodOf(day date.Date) int {
	i, found := slices.BinarySearch(u.periods, day)
	if !found {
		i--
	}
	return max(i, 0)
}

// limit lets the amount be at most so much.
func (u *accrualUnit) limit(r *form.Run, a *accrued) bool {
	if u.amountMost == nil || a.amount.N == 0 {
		return true
	}
	switch a.most = r.Eval(u.amountMost); {
	case a.most.IsUnknown():
		a.amount = value.UnknownOf(u.typ.Kind)
	case a.most.IsNone():
	case a.most.N < 0:
		r.Refuse(u.part, text("最多的数额低于零", "the greatest amount is below zero"))
		return false
	case !a.amount.SameUnit(a.most):
		refuseCurrencies(r, u.part, a.amount.In, a.most.In)
		return false
	case a.amount.N > a.most.N:
		a.amount = a.most
	}
	return true
}
