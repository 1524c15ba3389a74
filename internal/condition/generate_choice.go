package condition

import (
	"github.com/servicerules/rulebook/internal/value"
)

// Closures that pick one of several values: a ternary, latest and earliest.

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
