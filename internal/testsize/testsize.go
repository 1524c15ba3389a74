// Package testsize says how much tests are to do. The variable RULEBOOK_TESTS does:
// where it is not set, what somebody waits for at his desk; ci, what a change waits
// for before it lands, which is tens of minutes; all, everything, which is hours.
package testsize

import (
	"os"
	"testing"
)

const variable = "RULEBOOK_TESTS"

// Pick is what is meant for the size of this run: how often something random is
// tried, say. It panics where RULEBOOK_TESTS is set to something else.
func Pick[T any](desk, ci, all T) T {
	switch size := os.Getenv(variable); size {
	case "":
		return desk
	case "ci":
		return ci
	case "all":
		return all
	default:
		panic(variable + " is " + size + ": set it to ci or to all, or do not set it")
	}
}

// NotAtTheDesk leaves a test out where RULEBOOK_TESTS is not set.
func NotAtTheDesk(t testing.TB) {
	t.Helper()
	if Pick(true, false, false) {
		t.Skip("left out: " + variable + "=ci has it run")
	}
}

// OnlyInAll leaves a test out but where RULEBOOK_TESTS=all.
func OnlyInAll(t testing.TB) {
	t.Helper()
	if Pick(true, true, false) {
		t.Skip("left out: " + variable + "=all has it run")
	}
}
