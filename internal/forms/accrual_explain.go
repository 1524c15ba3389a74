package forms

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/penalty"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla"
)

// Explain tells from when until when it accrued, how many units that is, and
// what they come to; or why it does not apply, for its outputs are 0 then.
func (u *accrualUnit) Explain(r *form.Run, s *form.Story) {
	if r.DidNotApply(u.part) {
		s.Tellf(u.part, "不适用%[1]s；%[2]s", "does not apply%[1]s; %[2]s", s.Because(u.when), u.unitWords(0).In(s.Lang))
	}
	if !r.DidApply(u.part) {
		return
	}
	if u.each.Program != nil {
		u.tellEach(r, s)
		return
	}
	a, ok := u.compute(r)
	switch {
	case !ok:
		return
	case a.from.IsNone():
		s.Tell(u.part, text("尚未起计", "has not begun"))
		return
	}
	s.Tellf(u.part, "%s：%s%s", "%s: %s%s", u.course(s, &a), u.number(s, &a), u.worth(r, s, &a))
}

// course tells from when until when.
func (u *accrualUnit) course(s *form.Story, a *accrued) string {
	from, until := s.ShowBoth(a.from, a.until)
	told := diagnostic.Textf("自 %s 至 %s", "from %s until %s", from, until)
	switch {
	case a.waits:
		u.claimOrder(s, a.until, a.from)
		return diagnostic.Textf("自 %s 起计，%s 尚未开始", "from %s on, not begun yet at %s", from, until).In(s.Lang)
	case a.early:
		u.claimOrder(s, a.until, a.from)
		return diagnostic.Textf("%[2]s 已止，早于起计的 %[1]s", "over at %[2]s, before it would have begun, %[1]s", from, until).In(s.Lang)
	case a.running:
		told = diagnostic.Textf("自 %s 起，至 %s 仍在继续", "from %s, still going on at %s", from, until)
	}
	if !u.rule.Per.IsTime() {
		if u.rule.First == sla.EdgeNotCounted {
			told.ZH, told.EN = told.ZH+"，首日不计", told.EN+", the first day not counted"
		}
		if u.rule.Last == sla.EdgeNotCounted {
			told.ZH, told.EN = told.ZH+"，末日不计", told.EN+", the last day not counted"
		}
	}
	if u.only != nil {
		told.ZH, told.EN = told.ZH+"，只计列出的期间", told.EN+", in the listed periods alone"
	}
	if a.excepted {
		told.ZH, told.EN = told.ZH+"，不含除外期间", told.EN+", without excepted periods"
	}
	return told.In(s.Lang)
}

// claimOrder states that one end lies before another, where they compare.
func (u *accrualUnit) claimOrder(s *form.Story, before, after value.Value) {
	if before.K == after.K {
		s.Claim(before, policy.Less, after)
	}
}

// number tells how many units count.
func (u *accrualUnit) number(s *form.Story, a *accrued) string {
	told := u.unitWords(a.units)
	if a.hours > 0 {
		part := strconv.FormatInt(a.hours, 10) + "/24"
		told = text(told.ZH+"又 "+part+" 天", told.EN+" and "+part+" of a day")
		if a.units == 0 {
			told = text(part+" 天", part+" of a day")
		}
	}
	if u.rule.Per == sla.WorkingDay {
		told = countedBy(u.calendar, told)
	}
	if a.counted.Full {
		s.State(a.units, policy.AtMost, a.cap.N)
		told = diagnostic.Wording("%s%s", "%s%s", told, text("，最多计 "+strconv.FormatInt(a.cap.N, 10), ", the most that count"))
	}
	return told.In(s.Lang)
}

// unitWords are a number of units in words.
func (u *accrualUnit) unitWords(n int64) policy.Text {
	number := strconv.FormatInt(n, 10)
	words := map[string]policy.Text{
		"day": text(number+" 天", "day"), "working_day": text(number+" 个工作日", "working day"),
		"hour": text(number+" 小时", "hour"), "minute": text(number+" 分钟", "minute"), "second": text(number+" 秒", "second"), "started_hour": text(number+" 小时（不足一小时按一小时）", "hour, begun ones counted as whole"),
	}[u.per]
	if n != 1 {
		switch u.per {
		case "started_hour":
			words.EN = "hours, begun ones counted as whole"
		default:
			words.EN += "s"
		}
	}
	words.EN = number + " " + words.EN
	return words
}

// worth tells what the units come to.
func (u *accrualUnit) worth(r *form.Run, s *form.Story, a *accrued) string {
	colon := text("；", "; ").In(s.Lang)
	switch {
	case a.priced.IsNone() && len(u.rates) == 0:
		return ""
	case a.priced.IsNone():
		return colon + u.noRate(s)
	case !a.priced.IsKnown():
		return colon + text("每份多少不明", "how much a unit is not known").In(s.Lang)
	case len(a.rates) == 0:
		return colon + s.Show(a.priced)
	}
	all := u.stretches(r, a)
	told := u.days(s, all) + colon + s.Computed(u.sum(a, all))
	if a.amount.IsUnknown() { // though it is known what the units come to
		told += diagnostic.Textf("，最多多少不明", ", how much at most is not known").In(s.Lang)
	}
	if a.most.IsKnown() && a.amount.IsKnown() && a.priced.N > a.most.N {
		s.Claim(a.priced, policy.More, a.most)
		told += diagnostic.Textf("，最多 %s", ", but %s at most", s.Show(a.most)).In(s.Lang)
	}
	return told
}

// noRate tells that there is no rate, and why.
func (u *accrualUnit) noRate(s *form.Story) string {
	why := ""
	if told := s.WhyNothing(u.rates...); told != "" {
		why = s.Pick("：", ": ") + told
	}
	return s.Pick("没有每份多少", "there is no rate") + why
}

// stretch is a time through which the rate is one, and what counts in it.
type stretch struct {
	from         date.Date // of the period that it begins with
	units, hours int64
	rate         value.Value
	told         condition.Side // the rate; one that is not rounded by what it was computed from
}

// stretches are those in which something counts. Where a new edition begins the
// rate need not change.
func (u *accrualUnit) stretches(r *form.Run, a *accrued) []stretch {
	var all []stretch
	for i, in := range a.counted.In {
		x := stretch{u.periods[in.Period], in.Units, in.Hours, a.rates[i], condition.Side{Slot: -1, Value: a.rates[i]}}
		if x.rate.K == value.Part {
			x.told = u.rates[a.periods[i]].Side(&r.Frame)
		}
		if n := len(all); n > 0 && reflect.DeepEqual(all[n-1].told, x.told) {
			all[n-1].units, all[n-1].hours = all[n-1].units+x.units, all[n-1].hours+x.hours
			continue
		}
		all = append(all, x)
	}
	return all
}

// days tells how many days or other units are before and from the day on which the
// rate changes; "" where it does not.
func (u *accrualUnit) days(s *form.Story, all []stretch) string {
	var told []string
	for i, x := range all {
		if x.hours > 0 {
			return "" // of these the products tell parts
		}
		if i > 0 {
			told = append(told, diagnostic.Textf("%[2]s 起 %[1]d", "%[1]d from %[2]s", x.units, x.from).In(s.Lang))
		} else if len(all) > 1 {
			told = append(told, diagnostic.Textf("%[2]s 前 %[1]d", "%[1]d before %[2]s", x.units, all[1].from).In(s.Lang))
		}
	}
	if told == nil {
		return ""
	}
	return s.Pick("（", " (") + strings.Join(told, s.Pick("，", ", ")) + s.Pick("）", ")")
}

// sum is how the amount was computed.
func (u *accrualUnit) sum(a *accrued, all []stretch) condition.Side {
	given := func(v value.Value) condition.Side { return condition.Side{Slot: -1, Value: v} }
	var products []condition.Side
	for _, x := range all {
		for _, n := range []value.Value{value.Int(x.units), value.RatioOf(x.hours, 24)} {
			if n.N == 0 {
				continue
			}
			product := condition.Side{Slot: -1, Op: "*", Of: []condition.Side{given(n), x.told}}
			if total, ok := value.FractionOf(n).Times(value.FractionOf(x.rate)); ok {
				product.Value = u.exactly(penalty.Exact(total), a.priced.In)
			}
			products = append(products, product)
		}
	}
	sum := products[0]
	if len(products) > 1 {
		sum = condition.Side{Slot: -1, Op: "+", Value: u.exactly(a.exact, a.priced.In), Of: products}
	}
	if a.exact.D > 1 || a.hours > 0 {
		return condition.Side{Slot: -1, Op: form.RoundingFunction(string(u.rounding)), Value: a.priced, Of: []condition.Side{sum}}
	}
	sum.Value = a.priced
	return sum
}

// exactly is a number of minor units, which need not be whole.
func (u *accrualUnit) exactly(x penalty.Exact, in value.Currency) value.Value {
	if u.typ.Kind == value.Money {
		return value.PartOf(x.N, x.D, in)
	}
	return value.RatioOf(x.N, x.D)
}
