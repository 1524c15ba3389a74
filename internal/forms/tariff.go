package forms

import (
	"errors"

	"github.com/servicerules/rulebook/internal/form"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/penalty"
	"github.com/servicerules/rulebook/policy"
)

func tariffForm() *form.Form {
	return &form.Form{Form: policy.Form{
		Name: "tariff", Section: "tariffs",
		Doc: text("分段计价（超额累进）：一个量各段各按自己的单价计，再相加。整个量都按所在一段计的，写 tables",
			"a graduated tariff: each bracket of a measured value has its own rate, and what they come to is added up. Where the whole value has the rate of its bracket, write tables"),
		Fields: []policy.Field{
			whenField,
			{Name: "of", Kind: policy.Expression, Required: true, Doc: text("所计的量：0 或以上的数，或金额", "what is measured: a number of 0 or more, or an amount of money")},
			{Name: "brackets", Kind: policy.Structs, Required: true, Doc: text("各段，从低到高；最后一段不写 up_to", "the brackets, from low to high; the last has no up_to"), Fields: []policy.Field{
				{Name: "up_to", Kind: policy.Expression, Doc: text("到多少为止，含，如 100、36000 CNY", "up to how much, included, such as 100, 36000 CNY")},
				{Name: "rate", Kind: policy.Expression, Required: true, Unrounded: true, Doc: text("该段每个单位多少，如 0.50 GBP、3%、2；未取整的金额，如 54.69% of 1 GBP，要写 rounded", "how much a unit within it, such as 0.50 GBP, 3%, 2; beside an amount that is not rounded, such as 54.69% of 1 GBP, rounded is written")},
			}},
			{Name: "rounded", Kind: policy.Option, Words: form.Roundings(), Doc: text("总数如何取整到最小单位；各段不单独取整", "how the total is rounded to the smallest unit; the brackets themselves are not rounded")},
		},
		Outputs: []policy.Output{
			{Name: "amount", Label: text("合计", "amount"), Type: "money or count", Doc: text("合计", "what it comes to")},
			{Name: "bracket", Label: text("第几段", "bracket"), Type: "count", Doc: text("到了第几段；量为 0 的为 0", "the number of the last bracket that is reached; 0 where the value is 0")},
		},
	}, Build: buildTariff}
}

type tariffUnit struct {
	part      *form.Part
	when, of  *condition.Program
	brackets  []penalty.Bracket // their ends; the rates rest on facts
	in        value.Currency    // of the ends; 0 where they are numbers
	rates     []*condition.Program
	rounding  penalty.Rounding
	typ       *value.Type // of what it comes to
	amountAt  int
	bracketAt int
}

func buildTariff(b *form.Builder) form.Evaluator {
	p := b.Parts[0]
	u := &tariffUnit{part: p, when: p.Expr("when"), of: p.Expr("of"), rounding: penalty.Rounding(p.Option("rounded"))}
	measured := tariffType(p, "of", u.of)
	rows := p.Structs("brackets")
	if len(rows) == 0 {
		p.Fail("brackets", "missing_key", text("\"brackets\" 没有列出各段", "\"brackets\" lists none"), text("写 brackets: [{up_to: …, rate: …}, {rate: …}]", "write brackets: [{up_to: …, rate: …}, {rate: …}]"))
	}
	found := len(*b.Found)
	for _, x := range rows {
		var bracket penalty.Bracket
		if x.Has("up_to") {
			if v, typ, ok := x.Fixed("up_to"); ok {
				bracket.UpTo = exactOf(v)
				if measured != nil {
					u.ends(x, measured, typ)
				}
			}
		}
		rate := x.Expr("rate")
		if typ := tariffType(x, "rate", rate); typ != nil && measured != nil {
			if typ.Kind == value.Part && !p.Has("rounded") {
				x.Fail("rate", condition.CodeResult, text("这是未取整的金额，没有说明怎样取整", "this is a sum of money that is not rounded: it does not say how it is rounded"),
					text("在 brackets 旁边写 rounded: half_up、half_even、up 或 down，合计只取整一次", "write rounded: half_up, half_even, up or down beside brackets, by which the total is rounded once"))
			}
			kind := rated(rate)
			u.prices(x, measured, &value.Type{Kind: kind.kind, In: kind.in})
		}
		u.brackets, u.rates = append(u.brackets, bracket), append(u.rates, rate)
	}
	var wrong *penalty.BracketError
	if read := len(*b.Found) == found; read && errors.As(penalty.CheckBrackets(u.brackets), &wrong) && wrong.Bracket < len(rows) {
		rows[wrong.Bracket].Fail("up_to", "brackets_not_rising", diagnostic.Textf("第 %d 段的 up_to 不对：各段须一段高于一段，只有最后一段不写", "up_to of bracket %d is wrong: each ends above the one before, and only the last has none", wrong.Bracket+1),
			text("从低到高写，最后一段不写 up_to；以上不计的，最后一段的 rate 写零", "write them from low to high, the last without up_to; where nothing is due above, the rate of the last is zero"))
	}
	if u.typ == nil {
		u.typ = typeCount
	}
	from := condition.Source{When: u.when, Is: u.of}
	u.amountAt, u.bracketAt = b.Output("amount", u.typ, from), b.Output("bracket", typeCount, from)
	return u
}

// tariffType is the type of a number or amount; nil, with a finding, of anything
// else.
func tariffType(p *form.Part, field string, program *condition.Program) *value.Type {
	if program == nil || program.Type() == nil {
		return nil
	}
	switch typ := program.Type(); typ.Kind {
	case value.Count, value.Ratio, value.Money:
		return typ
	case value.Part: // of what is measured, an expression that gives one is refused by itself
		return typ
	case value.Invalid:
		return nil // where it is computed, it is said what is wrong
	}
	p.Fail(field, "type_mismatch", text("这里应为数或金额", "a number or an amount of money is expected here"), text("写一个数、比例，或带货币代码的金额", "write a number, a ratio, or an amount with the code of its currency"))
	return nil
}

// ends finds of which currency the ends of the brackets are: that of what is
// measured or, where a fact chooses that, the one of the first end.
func (u *tariffUnit) ends(x *form.Part, measured, end *value.Type) {
	like := measured
	if u.in != 0 {
		like = &value.Type{Kind: value.Money, In: u.in}
	}
	if (like.Kind == value.Money) == (end.Kind == value.Money) && (like.In == end.In || like.In == 0) {
		u.in = end.In
		return
	}
	remedy := text("写一个数，不带货币", "write a number, of no currency")
	switch {
	case like.In != 0:
		remedy = diagnostic.Textf("写 %[1]s 的金额，如 100 %[1]s", "write an amount in %[1]s, such as 100 %[1]s", like.In.Code())
	case like.Kind == value.Money:
		remedy = text("写明货币，如 100 EUR；货币由事实而定的，上限也由它选", "write the currency too, such as 100 EUR; where a fact chooses it, let the same fact choose this end")
	}
	x.Fail("up_to", "type_mismatch", diagnostic.Wording("这里应与所计的量（%s）同类，而这是%s", "what stands here is of the kind of what is measured, a %s, and this is a %s", condition.TypeText(like), condition.TypeText(end)), remedy)
}

// prices finds what the tariff comes to: money where the value or the rates are,
// never both.
func (u *tariffUnit) prices(x *form.Part, measured, rate *value.Type) {
	typ := typeCount
	switch {
	case measured.Kind == value.Money && rate.Kind == value.Money:
		x.Fail("rate", "type_mismatch", text("金额不能乘金额", "an amount cannot be multiplied by an amount"), text("所计的量是金额的，rate 写比例，如 3%", "of an amount, the rate is a share, such as 3%"))
		return
	case measured.Kind == value.Money:
		typ = measured
	case rate.Kind == value.Money:
		typ = rate
	}
	if u.typ == nil {
		u.typ = typ
	} else if mayBeLike(u.typ, typ) {
		if typ.In == 0 {
			u.typ = typ
		}
	} else {
		x.Fail("rate", "type_mismatch", diagnostic.Wording("各段的单价类型不一：%s与%s", "the rates differ in type: a %s and a %s", condition.TypeText(u.typ), condition.TypeText(typ)), text("都写成同一种货币的金额，或都写成数", "write amounts of one currency, or numbers, in all of them"))
	}
}

func exactOf(v value.Value) penalty.Exact {
	f := value.FractionOf(v)
	return penalty.Exact{N: f.N, D: f.D}
}

func (u *tariffUnit) set(r *form.Run, s value.State) {
	r.Set(u.amountAt, value.In(u.typ.Kind, s))
	r.Set(u.bracketAt, value.In(value.Count, s))
}

// HasSeveralResults says that units or brackets are known where what they come to is not.
func (u *tariffUnit) HasSeveralResults() {}

func (u *tariffUnit) Evaluate(r *form.Run) {
	u.set(r, value.None)
	switch applies := r.When(u.part, u.when); {
	case applies.IsUnknown():
		u.set(r, value.Unknown)
		return
	case isNo(applies):
		return
	}
	of := r.Eval(u.of)
	switch {
	case of.IsNone():
		return
	case of.IsUnknown():
		u.set(r, value.Unknown)
		r.Undetermined(u.part)
		return
	case of.N < 0:
		r.Refuse(u.part, text("所计的量小于 0", "what is measured is below 0"))
		return
	}
	slices, sum, in, known, err := u.priced(r, of)
	if err == nil && !known {
		u.set(r, value.Unknown)
		r.Set(u.bracketAt, value.Int(int64(len(slices))))
		return
	}
	var amount int64
	if err == nil {
		amount, err = sum.Rounded(u.rounding)
	}
	if err != nil {
		u.fail(r, err)
		return
	}
	r.Set(u.amountAt, u.typ.AmountOf(amount, in))
	r.Set(u.bracketAt, value.Int(int64(len(slices))))
}

func (u *tariffUnit) fail(r *form.Run, err error) {
	if errors.Is(err, penalty.ErrOverflow) {
		err = &condition.OverflowError{}
	}
	r.Fail(err)
}

// priced are the slices and their sum, at the rates of the brackets that are
// reached, and its currency; known is false where one of the rates is not.
func (u *tariffUnit) priced(r *form.Run, of value.Value) (slices []penalty.Slice, sum penalty.Exact, in value.Currency, known bool, err error) {
	in = u.in
	if !sameCurrency(r, u.part, &in, of) {
		return nil, penalty.Exact{}, in, false, nil
	}
	brackets := append([]penalty.Bracket(nil), u.brackets...)
	for i := range brackets {
		brackets[i].Rate = penalty.Exact{N: 0, D: 1}
	}
	reached, _, err := penalty.Graduated(exactOf(of), brackets)
	if err != nil {
		return nil, penalty.Exact{}, in, false, err
	}
	known = true
	for _, s := range reached {
		switch rate := r.Eval(u.rates[s.Bracket]); {
		case rate.IsNone():
			r.Need(u.rates[s.Bracket])
			known = false
		case rate.IsUnknown():
			known = false
		case rate.N < 0:
			r.Refuse(u.part, diagnostic.Textf("第 %d 段的单价小于 0", "the rate of bracket %d is below 0", s.Bracket+1))
			return reached, penalty.Exact{}, in, false, nil
		case !sameCurrency(r, u.part, &in, rate):
			return reached, penalty.Exact{}, in, false, nil
		default:
			brackets[s.Bracket].Rate = exactOf(rate)
		}
	}
	if !known {
		return reached, penalty.Exact{}, in, false, nil
	}
	slices, sum, err = penalty.Graduated(exactOf(of), brackets)
	return slices, sum, in, true, err
}

// Explain tells what each bracket comes to: 100 × £0.50 + 50 × £0.60 = £80.00.
func (u *tariffUnit) Explain(r *form.Run, s *form.Story) {
	amount := r.Slots[u.amountAt]
	if !r.DidApply(u.part) || amount.IsNone() {
		return
	}
	if amount.IsUnknown() {
		s.Tellf(u.part, "到第 %[1]d 段，每单位多少不明", "reaches bracket %[1]d; how much a unit is not known", r.Slots[u.bracketAt].N)
		return
	}
	of := r.Eval(u.of)
	slices, sum, in, known, err := u.priced(r, of)
	if !known || err != nil {
		return
	}
	if len(slices) == 0 {
		s.Tell(u.part, text(s.Show(amount), s.Show(amount)))
		return
	}
	var products []condition.Side
	for _, x := range slices {
		part := condition.Side{Slot: -1, Value: likeMeasure(of, x.Part)}
		products = append(products, condition.Side{Slot: -1, Op: "*", Value: u.exactly(x.Amount, in), Of: []condition.Side{part, u.rates[x.Bracket].Side(&r.Frame)}})
	}
	total := products[0]
	if len(products) > 1 {
		total = condition.Side{Slot: -1, Op: "+", Value: u.exactly(sum, in), Of: products}
	}
	if sum.D == 1 {
		total.Value = amount
	} else {
		total = condition.Side{Slot: -1, Op: form.RoundingFunction(string(u.rounding)), Value: amount, Of: []condition.Side{total}}
	}
	told := s.Computed(total)
	s.Tell(u.part, text(told, told))
}

// likeMeasure is a part of what was measured.
func likeMeasure(of value.Value, part penalty.Exact) value.Value {
	switch {
	case of.K == value.Money && part.D == 1:
		return value.MoneyOf(part.N, of.In)
	case of.K == value.Money:
		return value.PartOf(part.N, part.D, of.In)
	case part.D == 1:
		return value.Int(part.N)
	}
	return value.RatioOf(part.N, part.D)
}

func (u *tariffUnit) exactly(x penalty.Exact, in value.Currency) value.Value {
	switch {
	case u.typ.Kind == value.Money && x.D == 1:
		return value.MoneyOf(x.N, in)
	case u.typ.Kind == value.Money:
		return value.PartOf(x.N, x.D, in)
	case x.D == 1:
		return value.Int(x.N)
	}
	return value.RatioOf(x.N, x.D)
}
