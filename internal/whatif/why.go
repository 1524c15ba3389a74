package whatif

import (
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/policy"
)

// Reason is a step of an explanation with what it rests on.
type Reason struct {
	policy.Step
	Margins []Margin  // of its comparisons: how far each is from coming out otherwise
	Under   []*Reason // that it rests on; each stands once in the whole, where it is first rested on
	Again   []string  // rules that it rests on, too, and that stand elsewhere in the whole
}

// has reports whether the rule stands there or below.
func (r *Reason) has(id string) bool {
	return r.Rule == id || slices.ContainsFunc(r.Under, func(u *Reason) bool { return u.has(id) })
}

// Why is how an answer came about, as trees: what nothing else rests on comes
// first, in the order of the explanation. The steps of one rule, of the items of
// a list, stand beside each other.
func Why(a *rulebook.Answer, lang string) []*Reason {
	steps := a.Steps(lang)
	of := map[string][]int{} // the steps of each rule
	last := map[string]int{}
	for i, s := range steps {
		if s.Rule != "" {
			of[s.Rule] = append(of[s.Rule], i)
			last[s.Rule] = i
		}
	}
	used := make([]bool, len(steps))
	for _, s := range steps {
		for _, id := range s.Uses {
			for _, k := range of[id] {
				used[k] = used[k] || id != s.Rule
			}
		}
	}
	placed := make([]bool, len(steps))
	var place func(i int) *Reason
	place = func(i int) *Reason {
		placed[i] = true
		r := &Reason{Step: steps[i], Margins: marginsOf(steps[i].Claims)}
		uses := slices.DeleteFunc(slices.Clone(steps[i].Uses), func(id string) bool { return len(of[id]) == 0 || id == steps[i].Rule })
		slices.SortStableFunc(uses, func(x, y string) int { return last[y] - last[x] }) // the last first: what it rests on is told under it
		for _, id := range uses {
			if placed[last[id]] {
				r.Again = append(r.Again, id)
				continue
			}
			for n := len(of[id]) - 1; n >= 0; n-- {
				if k := of[id][n]; !placed[k] {
					r.Under = append(r.Under, place(k))
				}
			}
		}
		slices.Reverse(r.Under)
		r.Again = slices.DeleteFunc(r.Again, func(id string) bool { return slices.ContainsFunc(r.Under, func(u *Reason) bool { return u.has(id) }) })
		return r
	}
	var roots []*Reason
	for i := range steps {
		if !used[i] && !placed[i] {
			roots = append(roots, place(i))
		}
	}
	for i := range steps { // that rest on each other
		if !placed[i] {
			roots = append(roots, place(i))
		}
	}
	return roots
}

// Margin is how far a comparison is from coming out otherwise.
type Margin struct {
	policy.Claim
	By Distance // of its sides, never below zero; zero is right at the boundary
}

// Distance is how far two values are apart.
type Distance struct {
	Kind   DistanceKind
	Time   time.Duration // of moments, and of lengths of time
	Days   int           // of dates
	Number *big.Rat      // of numbers and of shares
}

// DistanceKind is what a distance is measured in.
type DistanceKind uint8

// The kinds of distances.
const (
	Numbers DistanceKind = iota
	Shares               // of ratios: 1/100 is a percentage point
	Times
	Days
)

// IsZero reports whether the two are the same.
func (d Distance) IsZero() bool {
	return d.Time == 0 && d.Days == 0 && (d.Number == nil || d.Number.Sign() == 0)
}

// marginsOf are those of the claims that decide by size. Where two values are
// equal, that matters of shares and times, which are held against a bound.
func marginsOf(claims []policy.Claim) (all []Margin) {
	for _, c := range claims {
		bySize := c.Relation != policy.Equals && c.Relation != policy.Differs
		if !c.Decides || !bySize && (c.Relation == policy.Differs || !strings.ContainsAny(c.Left.Value, "/:")) {
			continue
		}
		if d, ok := Between(c.Left.Value, c.Right.Value); ok && !slices.ContainsFunc(all, func(m Margin) bool { return m.Left.Value == c.Left.Value && m.Right.Value == c.Right.Value }) {
			all = append(all, Margin{c, d})
		}
	}
	return all
}

// Between is the distance of two values as the JSON of answers writes them;
// false where they have none.
func Between(a, b string) (Distance, bool) {
	if x, err := time.Parse(time.RFC3339Nano, a); err == nil {
		y, err := time.Parse(time.RFC3339Nano, b)
		return Distance{Kind: Times, Time: x.Sub(y).Abs().Round(time.Microsecond)}, err == nil // a day ends a nanosecond before the next
	}
	if x, err := time.Parse(time.DateOnly, a); err == nil {
		y, err := time.Parse(time.DateOnly, b)
		const day = 24 * time.Hour
		return Distance{Kind: Days, Days: int(x.Sub(y).Abs() / day)}, err == nil
	}
	x, okX := new(big.Rat).SetString(a)
	y, okY := new(big.Rat).SetString(b)
	if !okX || !okY {
		return Distance{}, false
	}
	d := Distance{Kind: Numbers, Number: x.Sub(x, y)}
	d.Number.Abs(d.Number)
	if strings.Contains(a, "/") || strings.Contains(b, "/") {
		d.Kind = Shares
	}
	return d, true
}

// shareDigits is how many digits after the point a distance of shares has that
// has no end.
const shareDigits = 4

// Text is the distance in words: 3 小时 5 秒, 0.02 percentage points.
func (d Distance) Text() diagnostic.Text {
	switch d.Kind {
	case Times:
		return diagnostic.Text{ZH: timeWords(d.Time, "天", "小时", "分", "秒", " "), EN: timeWords(d.Time, "d", "h", "min", "s", " ")}
	case Days:
		if d.Days == 1 {
			return diagnostic.Text{ZH: "1 天", EN: "1 day"}
		}
		return diagnostic.Textf("%d 天", "%d days", d.Days)
	case Shares:
		text := decimal(new(big.Rat).Mul(d.Number, big.NewRat(100, 1)))
		if text == "1" {
			return diagnostic.Text{ZH: "1 个百分点", EN: "1 percentage point"}
		}
		return diagnostic.Textf("%s 个百分点", "%s percentage points", text)
	}
	text := decimal(d.Number)
	return diagnostic.Text{ZH: text, EN: text}
}

// decimal is a number as people write it: exact where it ends, else rounded.
func decimal(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	if digits, exact := r.FloatPrec(); exact && digits <= 2*shareDigits {
		return r.FloatString(digits)
	}
	return "≈ " + r.FloatString(shareDigits)
}

// timeWords is a length of time in the parts that it has: 1 d 3 h 5 s.
func timeWords(d time.Duration, day, hour, minute, second, space string) string {
	const hoursOfDay = 24
	var parts []string
	add := func(n int64, unit string) {
		if n > 0 {
			parts = append(parts, big.NewInt(n).String()+space+unit)
		}
	}
	hours := int64(d / time.Hour)
	add(hours/hoursOfDay, day)
	add(hours%hoursOfDay, hour)
	add(int64(d%time.Hour/time.Minute), minute)
	if rest := d % time.Minute; rest > 0 {
		parts = append(parts, strings.TrimRight(strings.TrimRight(big.NewRat(int64(rest), int64(time.Second)).FloatString(9), "0"), ".")+space+second)
	}
	if len(parts) == 0 {
		return "0" + space + second
	}
	return strings.Join(parts, " ")
}
