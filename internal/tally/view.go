package tally

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/kpi"
	"github.com/servicerules/rulebook/policy"
)

// View reads a total.
type View struct{ kpi.Tally }

// Count is one counter of a kind.
type Count struct {
	Of string
	N  int64
}

// N is a counter: 0 where nothing was counted.
func (v View) N(kind Kind, of string) int64 {
	name := string(kind)
	if of != "" {
		name += "/" + of
	}
	n, _ := v.Counter(name)
	return n
}

// Of lists the counters of a kind, the largest first.
func (v View) Of(kind Kind) []Count {
	var all []Count
	for _, name := range v.Counters() {
		if of, ok := strings.CutPrefix(name, string(kind)+"/"); ok {
			n, _ := v.Counter(name)
			all = append(all, Count{of, n})
		}
	}
	slices.SortStableFunc(all, func(a, b Count) int { return cmp.Compare(b.N, a.N) })
	return all
}

// Sum is the sum of a value over the records that it is known of; of money of one
// currency, in minor units. Where facts choose the currency, see [View.Amounts].
func (v View) Sum(value string) int64 { return v.N(Plus, value) - v.N(Minus, value) }

// Amounts are the sums of a value by currency, where facts choose it, in the order
// of the currencies' codes; none where no amount is known.
func (v View) Amounts(value string) []policy.Money {
	amounts := []policy.Money{}
	for _, x := range v.summed() {
		if x.name == value && x.in != "" {
			amounts = append(amounts, policy.Money{Minor: v.Sum(x.name + "/" + x.in), Currency: x.in})
		}
	}
	return amounts
}

// Sums are the values that were added up, in the order of their names.
func (v View) Sums() []string {
	var names []string
	for _, x := range v.summed() {
		names = append(names, x.name)
	}
	return slices.Compact(names)
}

// summed are the sums that were made, by name and currency, each once.
func (v View) summed() []sum {
	var all []sum
	for _, kind := range []Kind{Plus, Minus, Unknown} {
		for _, c := range v.Of(kind) {
			name, in, _ := strings.Cut(c.Of, "/")
			all = append(all, sum{name, in})
		}
	}
	slices.SortFunc(all, func(a, b sum) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.in, b.in)) })
	return slices.Compact(all)
}

// Rate is an indicator over all records: an exact fraction.
type Rate struct {
	Rule    string
	Count   int64
	Base    *big.Rat
	Pending int64
}

// Share is the exact ratio, nil for an empty base.
func (r Rate) Share() *big.Rat {
	if r.Base.Sign() == 0 {
		return nil
	}
	return new(big.Rat).Quo(new(big.Rat).SetInt64(r.Count), r.Base)
}

// Rates are the indicators, in the order of their names.
func (v View) Rates() ([]Rate, error) {
	var all []Rate
	for _, name := range v.Indicators() {
		p, err := parsePiece(name)
		if err != nil {
			return nil, err
		}
		c, _ := v.Counts(name)
		i := slices.IndexFunc(all, func(r Rate) bool { return r.Rule == p.rule })
		if i < 0 {
			i = len(all)
			all = append(all, Rate{Rule: p.rule, Base: new(big.Rat)})
		}
		all[i].Count += c.Count
		all[i].Pending += c.Pending
		all[i].Base.Add(all[i].Base, big.NewRat(c.Base, p.parts))
	}
	return all, nil
}

// partsMark stands between an indicator and the parts that its base is
// counted in.
const partsMark = " in parts of 1/"

func (p piece) name() string {
	if p.parts == 1 {
		return p.rule
	}
	return p.rule + partsMark + strconv.FormatInt(p.parts, 10)
}

func parsePiece(name string) (piece, error) {
	rule, parts, found := strings.Cut(name, partsMark)
	if !found {
		return piece{name, 1}, nil
	}
	n, err := strconv.ParseInt(parts, 10, 64)
	if err != nil || n < 2 {
		return piece{}, fmt.Errorf("tally: %q is no indicator", name)
	}
	return piece{rule, n}, nil
}
