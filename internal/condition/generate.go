package condition

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/value"
)

// tri is a yes/no with its state. The order matters: no and yes are last.
type tri uint8

const (
	unknown tri = iota
	none
	no
	yes
)

// triOf is no or yes for a bit 0 or 1.
func triOf(bit uint8) tri { return no + tri(bit) }

func triBool(b bool) tri {
	if b {
		return yes
	}
	return no
}

func (t tri) value() value.Value {
	switch t {
	case yes:
		return value.Bool(true)
	case no:
		return value.Bool(false)
	case none:
		return value.NoneOf(value.YesNo)
	}
	return value.UnknownOf(value.YesNo)
}

func triFrom(v *value.Value) tri {
	switch v.State {
	case value.Known:
		return triBool(v.N != 0)
	case value.None:
		return none
	}
	return unknown
}

// mark is what to go back to where something unknown turns out not to matter.
type mark struct {
	needs  int
	failed bool // then Frame.Err stays as it is
}

func marked(f *value.Frame) mark { return mark{len(f.Needs), f.Err != nil} }

func (m mark) restore(f *value.Frame) {
	f.Needs = f.Needs[:m.needs]
	if f.Err != nil && !m.failed {
		f.Err = nil
	}
}

func need(f *value.Frame, slot, index, field int) {
	n := value.Need{Slot: slot, Index: index, Field: field}
	if k := len(f.Needs); k > 0 && f.Needs[k-1] == n {
		return
	}
	f.Needs = append(f.Needs, n)
}

// Never written to.
var (
	noneValue    = value.In(value.Invalid, value.None)
	unknownValue = value.Value{}
)

// generate folds constants and makes the closures of a checked node and all
// below it.
func (c *checker) generate(n *node) *node {
	n.source = c.text(n.from, n.to)
	for i, k := range n.kids {
		n.kids[i] = c.generate(k)
	}
	if r := n.fold(); r != n {
		return r
	}
	n.closures(c)
	if n.op == opConst || n.op == opFact || n.op == opElem {
		return n
	}
	if n.impure() || slices.ContainsFunc(n.kids, func(k *node) bool { return k.op != opConst }) {
		return n
	}
	f := &value.Frame{}
	v := n.val(f)
	if len(f.Needs) > 0 { // it divides by nothing, and whoever asks is told so
		return n
	}
	if f.Err != nil {
		var overflow *OverflowError
		message := diagnostic.Textf("常数超出范围", "the constant is out of range")
		if errors.As(f.Err, &overflow) {
			message = diagnostic.Textf("常数计算溢出", "the constant calculation overflows")
		}
		c.fail(CodeOverflow, n.from, n.to, message, diagnostic.Textf("改用较小的数", "use smaller numbers"))
		return n
	}
	r := c.constant(n.typ, v, n.from, n.to)
	r.source = n.source
	r.closures(c)
	return r
}

// impure reports whether a node itself looks at the zone or the calendar.
func (n *node) impure() bool {
	switch n.op {
	case opApply:
		return n.apply.impure
	case opWeekday:
		return n.kids[0].typ.Kind == value.Moment
	}
	return false
}

// fold leaves out what constants decide: kids of and, or and ?: have been
// generated already.
func (n *node) fold() *node {
	switch n.op {
	case opTernary:
		if k := n.kids[0]; k.op == opConst && !k.constant.IsUnknown() {
			pick := n.kids[2]
			if k.constant.True() {
				pick = n.kids[1]
			}
			if pick.typ.Kind == n.typ.Kind {
				return pick
			}
		}
	case opAnd, opOr:
		kids := n.kids[:0:0]
		for _, k := range n.kids {
			if k.op != opConst || k.constant.IsUnknown() {
				kids = append(kids, k)
			} else if k.constant.True() == (n.op == opOr) {
				return k.settle(n.op == opOr)
			}
		}
		if len(kids) == 0 {
			return n.kids[0].settle(n.op == opAnd)
		}
		n.kids = kids
	}
	return n
}

// settle makes a constant, which may be none, the yes or no it counts as.
func (n *node) settle(b bool) *node {
	n.constant = value.Bool(b)
	n.genConst()
	return n
}

// closures makes the closures of one node.
func (n *node) closures(c *checker) {
	switch n.op {
	case opConst:
		n.genConst()
	case opFact:
		ref := n.factRef()
		if n.noted != nil {
			ref = n.noted.noting(ref)
		}
		n.genRef(ref)
	case opElem:
		n.genRef(n.elemRef())
	case opAnd:
		n.tri = junction(n.kids, no)
	case opOr:
		n.tri = junction(n.kids, yes)
	case opNot:
		k := n.kids[0].tri
		n.tri = func(f *value.Frame) tri {
			switch k(f) {
			case yes:
				return no
			case unknown:
				return unknown
			}
			return yes
		}
	case opCompare:
		n.genCompare()
	case opIsNull:
		n.genIsNull()
	case opIn:
		n.genIn()
	case opArith:
		n.divides(n.name == "/")
		n.genArith(c)
	case opNegate:
		n.genNegate(c)
	case opTernary:
		n.genTernary()
	case opApply:
		n.divides(n.apply.divides)
		n.genApply(c)
	case opRound:
		n.genRound(c)
	case opRoundTo:
		n.divides(true)
		n.genRoundTo(c)
	case opExchange:
		n.genExchange(c)
	case opWeekday:
		n.genWeekday()
	case opPick:
		n.genPick()
	case opPrefix:
		prefix, x := n.kids[1].constant.S(), n.kids[0].text
		n.tri = func(f *value.Frame) tri {
			s, state := x(f)
			if state != value.Known {
				return tri(state)
			}
			return triBool(strings.HasPrefix(s, prefix))
		}
	default:
		n.genList(c)
	}
	n.box()
	if n.typ.Kind == value.Invalid {
		n.open()
	}
}

// open makes closures of all kinds for what may be of any type: null, and the
// elements of [].
func (n *node) open() {
	x := n.val
	n.tri = func(f *value.Frame) tri { v := x(f); return triFrom(&v) }
	n.num = func(f *value.Frame) (int64, value.State) { v := x(f); return v.N, v.State }
	n.text = func(f *value.Frame) (string, value.State) { v := x(f); return v.S(), v.State }
	n.seq = func(f *value.Frame) seq { v := x(f); return computed(v.L(), v.State) }
}

// box makes val from the closure of the node's own kind.
func (n *node) box() {
	if n.val != nil {
		return
	}
	kind := n.typ.Kind
	switch {
	case n.tri != nil:
		x := n.tri
		n.val = func(f *value.Frame) value.Value { return x(f).value() }
	case n.num != nil:
		x := n.num
		n.val = func(f *value.Frame) value.Value {
			i, s := x(f)
			return value.NumberIn(kind, s, i)
		}
	case n.text != nil:
		x := n.text
		n.val = func(f *value.Frame) value.Value {
			t, s := x(f)
			return value.TextIn(kind, s, t)
		}
	default:
		x := n.seq
		n.val = func(f *value.Frame) value.Value {
			l := x(f)
			return value.ListIn(kind, l.state, l.items)
		}
	}
}

func (n *node) genConst() {
	v := n.constant
	n.val = func(*value.Frame) value.Value { return v }
	t := triFrom(&v)
	n.tri = func(*value.Frame) tri { return t }
	n.num = func(*value.Frame) (int64, value.State) { return v.N, v.State }
	n.text = func(*value.Frame) (string, value.State) { return v.S(), v.State }
	n.seq = func(*value.Frame) seq { return computed(v.L(), v.State) }
}

// genRef makes the closures of something that is stored.
func (n *node) genRef(ref func(*value.Frame) *value.Value) {
	switch k := n.typ.Kind; {
	case k == value.YesNo:
		n.tri = func(f *value.Frame) tri { return triFrom(ref(f)) }
	case isNumber(k):
		n.num = func(f *value.Frame) (int64, value.State) { v := ref(f); return v.N, v.State }
	case isText(k):
		n.text = func(f *value.Frame) (string, value.State) { v := ref(f); return v.S(), v.State }
	case k == value.List:
		slot, field, fact := n.slot, n.inside(), n.op == opFact
		n.seq = func(f *value.Frame) seq {
			v := ref(f)
			s := seq{items: v.L(), state: v.State, slot: slot, index: -1, field: -1}
			if !fact {
				s.slot, s.index, s.field = f.ElemSlot, f.ElemAt, field
			}
			return s
		}
	}
	kind := n.typ.Kind
	n.val = func(f *value.Frame) value.Value {
		v := ref(f)
		if v.State == value.Known {
			return *v
		}
		return value.In(kind, v.State)
	}
}

// factRef finds the value of a fact, or what its records make of it, and
// notes what is missing.
func (n *node) factRef() func(*value.Frame) *value.Value {
	slot, gates := n.slot, n.gates
	return func(f *value.Frame) *value.Value {
		missing := -1
		for _, g := range gates {
			switch f.Slots[g].State {
			case value.None:
				return &noneValue
			case value.Unknown:
				if missing < 0 {
					missing = g
				}
			}
		}
		v := &f.Slots[slot]
		switch {
		case v.State == value.Unknown:
			need(f, slot, -1, -1)
		case missing >= 0:
			// A default, say, of a field whose record is not known itself.
			need(f, missing, -1, -1)
			return &unknownValue
		}
		return v
	}
}

// elemRef finds the element, or a field of it.
func (n *node) elemRef() func(*value.Frame) *value.Value {
	path, field, whole := n.path, n.inside(), n.field
	return func(f *value.Frame) *value.Value {
		v := &f.Elem
		for i, k := range path {
			if v.State != value.Known {
				if i == 0 { // nothing is known of the element as a whole
					return elemMissing(f, v, whole)
				}
				break
			}
			if k >= len(v.L()) {
				v = &unknownValue
				break
			}
			v = &v.L()[k]
		}
		return elemMissing(f, v, field)
	}
}

func elemMissing(f *value.Frame, v *value.Value, field int) *value.Value {
	if v.State == value.Unknown && f.ElemSlot >= 0 {
		need(f, f.ElemSlot, f.ElemAt, field)
	}
	return v
}

// junction is and (decisive no) or or (decisive yes).
func junction(kids []*node, decisive tri) func(*value.Frame) tri {
	ks := make([]func(*value.Frame) tri, len(kids))
	for i, k := range kids {
		ks[i] = k.tri
	}
	other := no + yes - decisive
	// rest goes on from the first unknown, at kid i.
	rest := func(f *value.Frame, m mark, i int) tri {
		for _, k := range ks[i+1:] {
			if t := k(f); t != unknown && decides(t, decisive) {
				m.restore(f)
				return decisive
			}
		}
		return unknown
	}
	if len(ks) == 2 {
		a, b := ks[0], ks[1]
		return func(f *value.Frame) tri {
			m := marked(f)
			switch t := a(f); {
			case t == unknown:
				return rest(f, m, 0)
			case decides(t, decisive):
				return decisive
			}
			switch t := b(f); {
			case t == unknown:
				return unknown
			case decides(t, decisive):
				return decisive
			}
			return other
		}
	}
	return func(f *value.Frame) tri {
		m := marked(f)
		for i, k := range ks {
			switch t := k(f); {
			case t == unknown:
				return rest(f, m, i)
			case decides(t, decisive):
				return decisive
			}
		}
		return other
	}
}

// decides is whether a known t decides: none counts as no.
func decides(t, decisive tri) bool {
	if decisive == yes {
		return t == yes
	}
	return t != yes
}

// The bits of a mask say whether a comparison holds for less, equal, greater.
var masks = map[string]uint8{"<": 1, "<=": 3, "==": 2, ">=": 6, ">": 4, "!=": 5}

// genCompare compares two values of one kind, or a count and a ratio.
func (n *node) genCompare() {
	a, b := n.kids[0], n.kids[1]
	mask, equality := masks[n.name], n.name == "==" || n.name == "!="
	kind := a.typ.Kind
	if kind == value.Invalid {
		kind = b.typ.Kind
	}
	// absent is the result where not both sides are known.
	absent := func(f *value.Frame, m mark, s, t value.State) tri {
		switch {
		case !equality && (s == value.None || t == value.None):
			m.restore(f)
			return no
		case s == value.Unknown || t == value.Unknown:
			return unknown
		case s == t:
			return triOf(mask >> 1 & 1)
		}
		return triOf(^mask >> 1 & 1)
	}
	switch {
	case kind == value.YesNo:
		x, y := a.tri, b.tri
		n.tri = func(f *value.Frame) tri {
			m := marked(f)
			s := x(f)
			t := y(f)
			if s < no || t < no {
				return absent(f, m, stateOf(s), stateOf(t))
			}
			return triOf(mask >> (1 + b2u(s != t)) & 1)
		}
	case isText(kind):
		n.genCompareText(mask, absent)
	case isAmount(a.typ) || isAmount(b.typ):
		n.compareAmounts(mask, absent)
	case kind == value.Ratio || b.typ.Kind == value.Ratio:
		x, y := a.val, b.val
		n.tri = func(f *value.Frame) tri {
			m := marked(f)
			v, w := x(f), y(f)
			if v.State != value.Known || w.State != value.Known {
				return absent(f, m, v.State, w.State)
			}
			return triOf(mask >> (value.CompareRatio(v, w) + 1) & 1)
		}
	default:
		x, y := a.num, b.num
		n.tri = func(f *value.Frame) tri {
			m := marked(f)
			i, s := x(f)
			j, t := y(f)
			if s != value.Known || t != value.Known {
				return absent(f, m, s, t)
			}
			return triOf(mask >> (cmp.Compare(i, j) + 1) & 1)
		}
	}
}

func (n *node) genCompareText(mask uint8, absent func(*value.Frame, mark, value.State, value.State) tri) {
	a, b := n.kids[0], n.kids[1]
	x, y := a.text, b.text
	n.tri = func(f *value.Frame) tri {
		m := marked(f)
		i, s := x(f)
		j, t := y(f)
		if s != value.Known || t != value.Known {
			return absent(f, m, s, t)
		}
		return triOf(mask >> (1 + b2u(i != j)) & 1)
	}
}

func b2u(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

func stateOf(t tri) value.State {
	if t >= no {
		return value.Known
	}
	return value.State(t)
}

func (n *node) genIsNull() {
	x, holds := n.kids[0].val, n.name == "=="
	if k := n.kids[0]; k.num != nil && k.op != opConst {
		y := k.num
		n.tri = func(f *value.Frame) tri {
			_, s := y(f)
			if s == value.Unknown {
				return unknown
			}
			return triBool((s == value.None) == holds)
		}
		return
	}
	n.tri = func(f *value.Frame) tri {
		v := x(f)
		if v.State == value.Unknown {
			return unknown
		}
		return triBool((v.State == value.None) == holds)
	}
}

// overflow says where exact arithmetic left its range.
func (n *node) overflow(c *checker) *OverflowError {
	return &OverflowError{Source: c.text(n.from, n.to)}
}

// lift makes a partial function of two numbers one of two states: none where
// either is none, unknown where either is unknown or the function fails.
func lift(x, y func(*value.Frame) (int64, value.State), do func(*value.Frame, int64, int64) (int64, error)) func(*value.Frame) (int64, value.State) {
	return func(f *value.Frame) (int64, value.State) {
		m := marked(f)
		a, s := x(f)
		b, t := y(f)
		if s != value.Known || t != value.Known {
			return lacking(f, m, s, t)
		}
		n, err := do(f, a, b)
		if err != nil {
			f.Fail(err)
			return 0, value.Unknown
		}
		return n, value.Known
	}
}

// lacking is the result of a function of two numbers that are not both known.
func lacking(f *value.Frame, m mark, s, t value.State) (int64, value.State) {
	if s == value.None || t == value.None {
		m.restore(f)
		return 0, value.None
	}
	return 0, value.Unknown
}

func (n *node) genArith(c *checker) {
	a, b := n.kids[0], n.kids[1]
	if n.takesAmounts() {
		n.genAmounts(c)
		return
	}
	overflow := n.overflow(c)
	if n.typ.Kind == value.Ratio {
		x, y, divide, division := a.val, b.val, n.name == "/", n.division
		n.val = func(f *value.Frame) value.Value {
			m := marked(f)
			v, w := x(f), y(f)
			switch {
			case v.State == value.None || w.State == value.None:
				m.restore(f)
				return value.NoneOf(value.Ratio)
			case divide && w.State == value.Known && w.N == 0:
				m.restore(f)
				division.byNothing(f)
				return value.UnknownOf(value.Ratio)
			case v.State == value.Unknown || w.State == value.Unknown:
				return value.UnknownOf(value.Ratio)
			}
			r, ok := product(v, w, divide)
			if !ok {
				f.Fail(overflow)
				return value.UnknownOf(value.Ratio)
			}
			return r
		}
		return
	}
	x, y, op := a.num, b.num, n.name[0]
	n.num = func(f *value.Frame) (int64, value.State) {
		m := marked(f)
		i, s := x(f)
		j, t := y(f)
		if s != value.Known || t != value.Known {
			return lacking(f, m, s, t)
		}
		var r int64
		var ok bool
		switch op {
		case '+':
			r, ok = value.Add(i, j)
		case '-':
			r, ok = value.Sub(i, j)
		default:
			r, ok = value.Mul(i, j)
		}
		if !ok {
			f.Fail(overflow)
			return 0, value.Unknown
		}
		return r, value.Known
	}
}

// product is v*w in lowest terms, a count where it is whole; or v/w for w other
// than 0, as an exact unreduced fraction.
func product(v, w value.Value, divide bool) (value.Value, bool) {
	a, b := fraction(v)
	p, q := fraction(w)
	if divide {
		if p%q == 0 { // a whole ratio divides as the count that it is
			p, q = p/q, 1
		}
		p, q = q, p
	}
	num, ok := value.Mul(a, p)
	den, ok2 := value.Mul(b, q)
	if den < 0 && ok && ok2 {
		num, ok = value.Sub(0, num)
		den, ok2 = value.Sub(0, den)
	}
	if !ok || !ok2 || den <= 0 {
		return value.Value{}, false
	}
	if divide {
		return value.RatioOf(num, den), true
	}
	g := commonDivisor(num, den)
	if den == g {
		return value.Int(num / g), true
	}
	return value.RatioOf(num/g, den/g), true
}

// commonDivisor is the greatest of two numbers, the second above 0.
func commonDivisor(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return max(a, -a)
}

func fraction(v value.Value) (num, den int64) {
	if v.K == value.Ratio && v.D > 0 {
		return v.N, v.D
	}
	return v.N, 1
}

// genRound makes a whole number of a ratio.
func (n *node) genRound(c *checker) {
	x, round, overflow := n.kids[0].val, n.apply.two, n.overflow(c)
	if n.typ.Kind == value.Money {
		n.val = func(f *value.Frame) value.Value {
			v := x(f)
			if v.State != value.Known {
				return value.In(value.Money, v.State)
			}
			of := value.FractionOf(v)
			r, err := round(f, of.N, of.D)
			if err != nil {
				f.Fail(overflow)
				return value.UnknownOf(value.Money)
			}
			return value.MoneyOf(r, v.In)
		}
		return
	}
	n.num = func(f *value.Frame) (int64, value.State) {
		v := x(f)
		if v.State != value.Known {
			return 0, v.State
		}
		a, b := fraction(v)
		r, err := round(f, a, b)
		if err != nil {
			f.Fail(overflow)
			return 0, value.Unknown
		}
		return r, value.Known
	}
}

func (n *node) genNegate(c *checker) {
	k, overflow := n.kids[0], n.overflow(c)
	if kind := n.typ.Kind; isFraction(kind) {
		x := k.val
		n.val = func(f *value.Frame) value.Value {
			v := x(f)
			if v.State != value.Known {
				return value.In(kind, v.State)
			}
			if v.K == value.Count { // a whole ratio
				v.K, v.D = value.Ratio, 1
			}
			r, ok := negateFraction(v)
			if !ok {
				f.Fail(overflow)
				return value.UnknownOf(kind)
			}
			return r
		}
		return
	}
	x := k.num
	n.num = func(f *value.Frame) (int64, value.State) {
		v, s := x(f)
		if s != value.Known {
			return 0, s
		}
		r, ok := value.Sub(0, v)
		if !ok {
			f.Fail(overflow)
			return 0, value.Unknown
		}
		return r, value.Known
	}
}

// same is whether two values are both decided and equal; a count equals the
// ratio of the same size.
func same(v, w value.Value) bool {
	if v.State != w.State || v.State == value.Unknown {
		return false
	}
	if v.State == value.Known && (isExact(v.K) && isExact(w.K) || v.K == value.Part || w.K == value.Part) {
		return value.CompareRatio(v, w) == 0
	}
	return v.Equal(w) && !partial(v)
}

// partial is whether a value has something unknown in it.
func partial(v value.Value) bool { return v.Partial() }

func (n *node) genTernary() {
	cond, a, b := n.kids[0].tri, n.kids[1], n.kids[2]
	// either is the common value of both branches, where they agree.
	either := func(f *value.Frame, m mark) value.Value {
		asked := marked(f)
		v, w := a.val(f), b.val(f)
		if same(v, w) {
			m.restore(f)
			return v
		}
		asked.restore(f)
		return value.Value{}
	}
	switch k := n.typ.Kind; {
	case k == value.YesNo:
		x, y := a.tri, b.tri
		n.tri = func(f *value.Frame) tri {
			m := marked(f)
			switch cond(f) {
			case unknown:
				v := either(f, m)
				return triFrom(&v)
			case yes:
				return x(f)
			}
			return y(f)
		}
	case isNumber(k):
		x, y := a.num, b.num
		n.num = func(f *value.Frame) (int64, value.State) {
			m := marked(f)
			switch cond(f) {
			case unknown:
				v := either(f, m)
				return v.N, v.State
			case yes:
				return x(f)
			}
			return y(f)
		}
	case isText(k):
		x, y := a.text, b.text
		n.text = func(f *value.Frame) (string, value.State) {
			m := marked(f)
			switch cond(f) {
			case unknown:
				v := either(f, m)
				return v.S(), v.State
			case yes:
				return x(f)
			}
			return y(f)
		}
	case k == value.List:
		x, y := a.seq, b.seq
		n.seq = func(f *value.Frame) seq {
			m := marked(f)
			switch cond(f) {
			case unknown:
				v := either(f, m)
				return computed(v.L(), v.State)
			case yes:
				return x(f)
			}
			return y(f)
		}
	default: // ratios, records, null
		x, y := a.val, b.val
		n.val = func(f *value.Frame) value.Value {
			m := marked(f)
			v := value.Value{}
			switch cond(f) {
			case unknown:
				v = either(f, m)
			case yes:
				v = x(f)
			default:
				v = y(f)
			}
			if v.State != value.Known {
				v = value.In(k, v.State)
			}
			return v
		}
	}
}

func (n *node) genApply(c *checker) {
	overflow, a := n.overflow(c), n.apply
	if n.calendars != nil {
		a = n.onCalendar()
		defer n.askCalendar()
	}
	fail := func(f *value.Frame, err error) {
		var o *OverflowError
		if errors.As(err, &o) && o.Source == "" {
			err = overflow
		}
		f.Fail(err)
	}
	if a.one == nil {
		n.num = lift(n.kids[0].num, n.kids[1].num, func(f *value.Frame, i, j int64) (int64, error) {
			r, err := a.two(f, i, j)
			if err != nil {
				fail(f, err)
			}
			return r, err
		})
		if a.divides {
			divided, of, by, division := n.num, n.kids[0].num, n.kids[1].num, n.division
			n.num = func(f *value.Frame) (int64, value.State) {
				m := marked(f)
				_, s := of(f)
				j, t := by(f)
				m.restore(f)
				if s != value.None && t == value.Known && j == 0 {
					division.byNothing(f)
					return 0, value.Unknown
				}
				return divided(f)
			}
		}
		return
	}
	x := n.kids[0].num
	n.num = func(f *value.Frame) (int64, value.State) {
		i, s := x(f)
		if s != value.Known {
			return 0, s
		}
		r, err := a.one(f, i)
		if err != nil {
			fail(f, err)
			return 0, value.Unknown
		}
		return r, value.Known
	}
}

// genPick makes latest, earliest, greatest and least.
func (n *node) genPick() {
	if isFraction(n.typ.Kind) {
		n.genPickFraction()
		return
	}
	most := n.name == "latest" || n.name == "greatest"
	better := func(a, b int64) bool { return a != b && (a > b) == most }
	if k := n.kids[0]; len(n.kids) == 1 && k.typ.Kind == value.List {
		x := k.seq
		n.num = func(f *value.Frame) (best int64, state value.State) {
			l := x(f)
			if l.state == value.Unknown {
				return 0, value.Unknown
			}
			state = value.None
			lacking := false
			for i := range l.items {
				v := &l.items[i]
				switch {
				case v.State == value.Unknown:
					l.need(f, i)
					lacking = true
				case v.State == value.Known && (state == value.None || better(v.N, best)):
					best, state = v.N, value.Known
				}
			}
			if lacking {
				return 0, value.Unknown
			}
			return best, state
		}
		return
	}
	xs := make([]func(*value.Frame) (int64, value.State), len(n.kids))
	for i, k := range n.kids {
		xs[i] = k.num
	}
	n.num = func(f *value.Frame) (best int64, state value.State) {
		state = value.None
		lacking := false
		for _, x := range xs {
			v, s := x(f)
			switch {
			case s == value.Unknown:
				lacking = true
			case s == value.Known && (state == value.None || better(v, best)):
				best, state = v, value.Known
			}
		}
		if lacking {
			return 0, value.Unknown
		}
		return best, state
	}
}

// divides notes that the node divides its first kid by its second, if so.
func (n *node) divides(is bool) {
	if !is {
		return
	}
	n.division = &Division{Source: n.source, By: n.kids[1].written()}
}

// written is the node as a side that was not evaluated. Only numbers have a
// Value, and only sums, differences, products and quotients their parts.
func (n *node) written() Side {
	s := Side{Source: n.source, Slot: -1}
	switch n.op {
	case opFact:
		s.Slot = n.slot
	case opConst:
		s.Value = n.val(&value.Frame{})
	case opArith:
		s.Op = n.name
		for _, k := range n.kids {
			s.Of = append(s.Of, k.written())
		}
	}
	return s
}

// divisions appends those of the node and all below it.
func (n *node) divisions(all []*Division) []*Division {
	if n.division != nil {
		all = append(all, n.division)
	}
	for _, k := range n.kids {
		all = k.divisions(all)
	}
	return all
}

// collect gathers the slots of all facts below a node.
func (n *node) collect(slots *[]int) {
	if n.op == opFact {
		*slots = append(append(*slots, n.slot), n.gates...)
	}
	for _, k := range n.kids {
		k.collect(slots)
	}
}
