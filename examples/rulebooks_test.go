package examples

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/rulestest"
)

// bookOf loads a rulebook of another trade.
func bookOf(t *testing.T, name string) *rulebook.Book {
	t.Helper()
	book, err := rulebook.Load("rulebooks/" + name + ".yaml")
	require.NoError(t, err)
	return book
}

// A rulebook of another trade is a file: it loads and decides its cases with no
// line of Go of its own.
func TestOtherTrades(t *testing.T) {
	for _, name := range []string{"cloud-sla", "gdpr", "ofcom", "service-desk", "support-contract", "time-limits"} {
		t.Run(name, func(t *testing.T) { rulestest.Run(t, bookOf(t, name), os.DirFS("rulebooks"), name+"-cases") })
	}
}
