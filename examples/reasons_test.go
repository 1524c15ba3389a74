package examples

import (
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

// reasonsHold computes anew what the steps of an answer state of numbers, amounts
// and times. What it cannot read, such as words, it leaves.
func reasonsHold(t *testing.T, a *rulebook.Answer) {
	t.Helper()
	for _, step := range a.Steps("en") {
		for _, c := range step.Claims {
			left, right := termOf(t, c.Left, step.Text), termOf(t, c.Right, step.Text)
			if left == nil || right == nil {
				continue
			}
			order := left.Cmp(right)
			require.True(t, map[policy.Relation]bool{
				policy.Equals: order == 0, policy.Differs: order != 0, policy.Less: order < 0, policy.AtMost: order <= 0, policy.More: order > 0, policy.AtLeast: order >= 0,
			}[c.Relation], "%s: %s %s %s", step.Text, c.Left.Value, c.Relation, c.Right.Value)
		}
	}
}

// termOf is what a term says, which must be what it was computed from comes to:
// a number, units of money, days or nanoseconds; nil where it is none of these.
func termOf(t *testing.T, x policy.Term, told string) *big.Rat {
	t.Helper()
	says := numberIn(x.Value)
	var of []*big.Rat
	for _, y := range x.Of {
		of = append(of, termOf(t, y, told))
	}
	for _, v := range append(of, says) {
		if v == nil {
			return says
		}
	}
	anew := new(big.Rat)
	switch {
	case x.Op == "+" || x.Op == "sum":
		for _, v := range of {
			anew.Add(anew, v)
		}
	case x.Op == "-" && len(of) == 2:
		anew.Sub(of[0], of[1])
	case x.Op == "*" && len(of) == 2:
		anew.Mul(of[0], of[1])
	case x.Op == "/" && len(of) == 2 && of[1].Sign() != 0:
		anew.Quo(of[0], of[1])
	case (x.Op == "least" || x.Op == "greatest" || x.Op == "latest" || x.Op == "earliest") && len(of) > 0:
		anew.Set(of[0])
		for _, v := range of {
			if greater := v.Cmp(anew) > 0; greater == (x.Op == "greatest" || x.Op == "latest") {
				anew.Set(v)
			}
		}
	default:
		return says
	}
	if strings.Contains(x.Value, "-") && len(x.Value) >= len("2025-06-01") && (x.Op == "+" || x.Op == "-") {
		return says // of days and lengths together
	}
	require.Zero(t, anew.Cmp(says), "%s: %s of %v is said to be %s", told, x.Op, x.Of, x.Value)
	return says
}

// numberIn reads a number, an amount, a day, a moment or a length of time.
func numberIn(text string) *big.Rat {
	if n, ok := new(big.Rat).SetString(text); ok {
		return n
	}
	if n, currency, ok := strings.Cut(text, " "); ok && len(currency) == 3 {
		if r, ok := new(big.Rat).SetString(n); ok {
			return r
		}
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return new(big.Rat).SetInt64(day.Unix() / (24 * 60 * 60))
	}
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return new(big.Rat).SetInt64(at.UnixNano())
	}
	if d, err := time.ParseDuration(text); err == nil {
		return new(big.Rat).SetInt64(int64(d))
	}
	return nil
}
