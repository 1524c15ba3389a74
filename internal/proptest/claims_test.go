package proptest_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/run"
	"github.com/servicerules/rulebook/policy"
)

// What the steps of explanations state is so: the numbers, times and words that
// they name stand in the relation that they name, and what was computed comes
// to what they say. It is computed here anew, from the text of the values.

// truth checks claims in the zone of a rulebook.
type truth struct {
	zone   *time.Location
	claims int
	by     map[string]int // operators and functions that were seen
}

// step checks what a step states.
func (x *truth) step(t require.TestingT, s policy.Step) {
	for _, c := range s.Claims {
		x.claims++
		left, right := x.value(t, c.Left, s), x.value(t, c.Right, s)
		require.True(t, holds(left, c.Relation, right), "%s: %s %s %s, of %+v", s.Text, c.Left.Value, c.Relation, c.Right.Value, c)
	}
}

var (
	rationalText = regexp.MustCompile(`^-?[0-9]+(/[0-9]+)?$`)
	dayText      = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)
	monthText    = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}$`)
	momentText   = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T`)
	moneyText    = regexp.MustCompile(`^(-?[0-9]+(?:\.[0-9]+)?(?:/[0-9]+)?) ([A-Z]{3})$`)
	durationText = regexp.MustCompile(`^-?([0-9]+h)?([0-9]+m)?[0-9.]+(s|ms|µs|ns)$`)
)

type month struct {
	y int
	m time.Month
}

// money is an amount of a currency.
type money struct {
	n  *big.Rat
	in string
}

// read is a value by its text: a number, a day, a month, a moment, a length of
// time, or a word.
func (x *truth) read(text string) any {
	switch {
	case rationalText.MatchString(text):
		r, _ := new(big.Rat).SetString(text)
		return r
	case moneyText.MatchString(text):
		parts := moneyText.FindStringSubmatch(text)
		n, _ := new(big.Rat).SetString(parts[1])
		return money{n, parts[2]}
	case dayText.MatchString(text):
		d, _ := date.ParseISO(text)
		return d
	case monthText.MatchString(text):
		t, _ := time.Parse("2006-01", text)
		return month{t.Year(), t.Month()}
	case momentText.MatchString(text):
		t, _ := time.Parse(time.RFC3339Nano, text)
		return t
	case durationText.MatchString(text):
		d, _ := time.ParseDuration(text)
		return d
	}
	return text
}

// holds reports whether two values stand in a relation.
func holds(a any, r policy.Relation, b any) bool {
	order := 0
	switch x := a.(type) {
	case *big.Rat:
		y, ok := b.(*big.Rat)
		if !ok {
			return false
		}
		order = x.Cmp(y)
	case money:
		y, ok := b.(money)
		if !ok || x.in != y.in {
			return false
		}
		order = x.n.Cmp(y.n)
	case date.Date:
		order = int(x - b.(date.Date))
	case month:
		y := b.(month)
		order = (x.y-y.y)*12 + int(x.m-y.m)
	case time.Time:
		order = x.Compare(b.(time.Time))
	case time.Duration:
		order = int(max(-1, min(1, x-b.(time.Duration))))
	default:
		switch r {
		case policy.Equals:
			return a == b
		case policy.Differs:
			return a != b
		}
		return false
	}
	switch r {
	case policy.Equals:
		return order == 0
	case policy.Differs:
		return order != 0
	case policy.Less:
		return order < 0
	case policy.AtMost:
		return order <= 0
	case policy.More:
		return order > 0
	case policy.AtLeast:
		return order >= 0
	}
	return false
}

// value is what a term says it is, and wants it to be what it was computed from
// comes to.
func (x *truth) value(t require.TestingT, term policy.Term, s policy.Step) any {
	says := x.read(term.Value)
	if term.Op == "" {
		return says
	}
	x.by[term.Op]++
	var of []any
	for _, y := range term.Of {
		of = append(of, x.value(t, y, s))
	}
	if anew, ok := x.compute(term.Op, of); ok {
		require.True(t, holds(anew, policy.Equals, says), "%s: %s of %v is said to be %s", s.Text, term.Op, of, term.Value)
	}
	return says
}

// compute is a result; false where something is not a known value, or it takes
// more than the values.
func (x *truth) compute(op string, of []any) (any, bool) {
	for _, v := range of {
		if s, ok := v.(string); ok && (s == "null" || s == "?") {
			return nil, false
		}
	}
	if anew, is := computeMoney(op, of); is {
		return anew, anew != nil
	}
	number := func(i int) *big.Rat { return of[i].(*big.Rat) }
	whole := func(i int) int { return int(number(i).Num().Int64()) }
	switch op {
	case "+", "-", "sum":
		return sum(op, of)
	case "*":
		product := big.NewRat(1, 1)
		for i := range of {
			if d, ok := of[i].(time.Duration); ok {
				return d * time.Duration(whole(1-i)), true
			}
			product.Mul(product, number(i))
		}
		return product, true
	case "/":
		if number(1).Sign() == 0 {
			return nil, false
		}
		return new(big.Rat).Quo(number(0), number(1)), true
	case "negate":
		if d, ok := of[0].(time.Duration); ok {
			return -d, true
		}
		return new(big.Rat).Neg(number(0)), true
	case "rounded", "rounded_down", "rounded_up":
		of0 := number(0)
		if len(of) == 2 {
			if number(1).Sign() == 0 {
				return nil, false
			}
			of0 = new(big.Rat).Quo(number(0), number(1))
		}
		return round(op, of0), true
	case "latest", "greatest", "earliest", "least":
		best := of[0]
		for _, v := range of {
			if better := holds(v, policy.More, best); better == (op == "latest" || op == "greatest") && !holds(v, policy.Equals, best) {
				best = v
			}
		}
		return best, true
	case "hours":
		return time.Duration(whole(0)) * time.Hour, true
	case "minutes":
		return time.Duration(whole(0)) * time.Minute, true
	case "date_of":
		y, m, d := of[0].(time.Time).In(x.zone).Date()
		return date.New(y, m, d), true
	case "month_of":
		switch v := of[0].(type) {
		case time.Time:
			return month{v.In(x.zone).Year(), v.In(x.zone).Month()}, true
		case date.Date:
			return month{v.Year(), v.Month()}, true
		}
	case "days_between":
		return big.NewRat(int64(of[1].(date.Date)-of[0].(date.Date)), 1), true
	case "days_after":
		return of[0].(date.Date) + date.Date(whole(1)), true
	case "start_of_day":
		y, m, d := of[0].(date.Date).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, x.zone), true
	case "end_of_month":
		v := of[0].(month)
		return date.New(v.y, v.m+1, 0), true
	}
	return nil, false
}

// computeMoney is a result of amounts of money, nil where it takes more than
// these; false where none takes part.
func computeMoney(op string, of []any) (any, bool) {
	in := ""
	for _, v := range of {
		if m, ok := v.(money); ok {
			in = m.in
		}
	}
	if in == "" {
		return nil, false
	}
	number := func(v any) *big.Rat {
		if m, ok := v.(money); ok {
			return m.n
		}
		n, _ := v.(*big.Rat)
		return n
	}
	n := number(of[0])
	for _, v := range of[1:] {
		switch op {
		case "+":
			n = new(big.Rat).Add(n, number(v))
		case "-":
			n = new(big.Rat).Sub(n, number(v))
		case "*":
			n = new(big.Rat).Mul(n, number(v))
		default:
			return nil, true
		}
	}
	switch op {
	case "+", "-", "*":
		return money{n, in}, true
	case "rounded", "rounded_down", "rounded_up":
		minor := new(big.Rat).Mul(n, big.NewRat(100, 1)) // of the currencies of these tests
		return money{minor.Quo(round(op, minor), big.NewRat(100, 1)), in}, true
	}
	return nil, true
}

func sum(op string, of []any) (any, bool) {
	total := of[0]
	for _, v := range of[1:] {
		switch a := total.(type) {
		case *big.Rat:
			if op == "-" {
				total = new(big.Rat).Sub(a, v.(*big.Rat))
			} else {
				total = new(big.Rat).Add(a, v.(*big.Rat))
			}
		case time.Duration:
			switch b := v.(type) {
			case time.Time:
				total = b.Add(a)
			case time.Duration:
				if op == "-" {
					b = -b
				}
				total = a + b
			}
		case time.Time:
			switch b := v.(type) {
			case time.Time:
				total = a.Sub(b)
			case time.Duration:
				if op == "-" {
					b = -b
				}
				total = a.Add(b)
			}
		case date.Date:
			total = big.NewRat(int64(a-v.(date.Date)), 1)
		default:
			return nil, false
		}
	}
	return total, true
}

func round(op string, r *big.Rat) *big.Rat {
	floor, _ := new(big.Int).DivMod(r.Num(), r.Denom(), new(big.Int))
	lower := new(big.Rat).SetInt(floor)
	upper := lower
	if lower.Cmp(r) != 0 {
		upper = new(big.Rat).Add(lower, big.NewRat(1, 1))
	}
	switch op {
	case "rounded_down":
		return lower
	case "rounded_up":
		return upper
	}
	down, up := new(big.Rat).Sub(r, lower), new(big.Rat).Sub(upper, r)
	if c := down.Cmp(up); c < 0 || c == 0 && r.Sign() < 0 {
		return lower
	}
	return upper
}

// answer checks an answer in both languages, which state the same.
func (x *truth) answer(t require.TestingT, a *policy.Answer) {
	zh, en := a.Steps("zh"), a.Steps("en")
	require.Len(t, zh, len(en))
	for i := range en {
		x.step(t, en[i])
		require.Equal(t, en[i].Claims, zh[i].Claims, "%s / %s", zh[i].Text, en[i].Text)
		for _, s := range []string{en[i].Text, zh[i].Text} {
			require.NotContains(t, s, "%!", "a format of a step")
			require.NotRegexp(t, `(: |：|, |，)$`, s)
			require.NotRegexp(t, `\b1 (hours|minutes|days|working days|calendar days)\b`, s)
		}
	}
}

func newTruth(b *policy.Rulebook) *truth { return &truth{zone: b.Zone, by: map[string]int{}} }

// TestClaimsOfCases checks every step of the answers to all example cases.
func TestClaimsOfCases(t *testing.T) {
	for path, cases := range map[string]string{"rules.yaml": "examples/cases", "examples/rulebooks/service-desk.yaml": "examples/rulebooks/service-desk-cases"} {
		book := fileBook(t, path)
		x, answers := newTruth(book.Rulebook()), 0
		require.NoError(t, filepath.WalkDir(inTree(cases), func(name string, e os.DirEntry, err error) error {
			if err != nil || e.IsDir() || filepath.Ext(name) != ".yaml" {
				return err
			}
			data, err := os.ReadFile(name)
			require.NoError(t, err)
			file, found := casefile.Parse(name, data)
			require.False(t, found.Failed(), name)
			if len(file.Changes) > 0 {
				return nil // about other rules
			}
			for _, c := range file.Cases {
				if a := casefile.Run(t.Context(), book, c).Answer; a != nil {
					x.answer(t, a)
					answers++
				}
			}
			return nil
		}))
		t.Logf("%s: %d answers state %d things", path, answers, x.claims)
		require.Greater(t, x.claims, answers)
	}
}

// TestRandomClaims checks them of random answers: RANDOM_ANSWERS of them, from
// random rulebooks with rules of every form and from those of the library.
func TestRandomClaims(t *testing.T) {
	answers, first := fromEnvironment("RANDOM_ANSWERS", rounds(500, 3000)), fromEnvironment("RANDOM_SEED", 1)
	by, claims := map[string]int{}, 0
	ours := []*rulebook.Book{fileBook(t, "rules.yaml"), fileBook(t, "examples/rulebooks/service-desk.yaml")}
	const each = 40
	for seed, asked := uint64(first), 0; asked < answers; seed++ {
		rng := rand.New(rand.NewPCG(seed, 11))
		book := ours[seed%2]
		if seed%4 > 1 {
			var err error
			if book, err = rulebook.Parse("random.yaml", []byte(newRandomBook(rng).text())); err != nil {
				continue
			}
		}
		engine := run.NewEngine(run.Of(book).Book())
		x := newTruth(book.Rulebook())
		for range each {
			q := book.Rulebook().Questions[rng.IntN(len(book.Rulebook().Questions))]
			r := newRandomFacts(rng, book.Rulebook(), []int{0, 0, 5, 15}[rng.IntN(4)])
			asOf := time.Date(2025, 1, 18+rng.IntN(60), 9, 0, 0, 0, time.UTC)
			x.answer(t, askJSON(t, engine, q.ID, r.Of(q), asOf))
			asked++
		}
		claims += x.claims
		for op, n := range x.by {
			by[op] += n
		}
	}
	t.Logf("%d answers state %d things, with %s", answers, claims, fmt.Sprint(by))
	require.Greater(t, claims, answers)
}
