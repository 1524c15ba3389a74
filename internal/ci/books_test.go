package ci_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/ci"
	"github.com/servicerules/rulebook/internal/testsize"
)

// planted is a bad change of a book, and the gate that stops it.
type planted struct{ what, old, new, gate string }

// Bad changes of the example books: a limit moved, a comparison turned, an exception
// dropped, a row taken out, a reading flipped.
var plantedIn = map[string][]planted{
	"ofcom": {
		{"limit", "within: 30 days, from: resolved_at", "within: 31 days, from: resolved_at", ci.Base},
		{"comparison", `visit_pay.value > 0 GBP ?`, `visit_pay.value >= 0 GBP ?`, ci.Base},
		{"exception", "\n            except: fault.customer_days", "", ci.Base},
		{"reading", "chosen: not_missed", "chosen: missed", ci.Base},
		{"another reading", "chosen: compensated", "chosen: excluded", ci.Base},
	},
	"support-contract": {
		{"comparison", ".share >= wanted", ".share > wanted", ci.Base},
		{"row", "\n              - {where: {share: from 90% below wanted}, gives: {credit: rounded_down(5% of .fee)}}", "", ci.Check},
		{"reading", "chosen: kept", "chosen: missed", ci.Base},
		{"exception", "\n          waiting: {part_of: resolution, each: ticket.pauses, from: .from, to: .to}", "", ci.Check},
	},
	"service-desk": {
		{"comparison", "date_of(as_of) > report_day.value, met", "date_of(as_of) >= report_day.value, met", ci.Base},
		{"row", "{from: 1, amount: 0}, {from: 3, amount: 20}]", "{from: 1, amount: 0}]", ci.Base},
		{"reading", "chosen: not_applicable", "chosen: met", ci.Base},
	},
	"gdpr": {
		{"limit", "from: incident.aware_at, within: 72 hours", "from: incident.aware_at, within: 73 hours", ci.Base},
		{"comparison", "len(request.extension.grounds) > 0", "len(request.extension.grounds) >= 0", ci.Analysis},
		{"reading", "chosen: next_hour", "chosen: the_moment", ci.Base},
	},
	"cloud-sla": {
		{"comparison", "over: total.value <= smallest", "over: total.value < smallest", ci.Base},
		{"another comparison", "blocks_if: date_of(claim.received_at) <= end_of_month(claim.month)", "blocks_if: date_of(claim.received_at) < end_of_month(claim.month)", ci.Base},
		{"reading", "chosen: over", "chosen: at_least", ci.Base},
		{"row", "\n            {where: {uptime: from third_level below second_level}, gives: {percent: 25}},", "", ci.Check},
	},
	"time-limits": {
		{"exception", "\n          stopped: {part_of: limit, each: pauses, from: .from, to: .to}", "\n          stopped: {part_of: limit, when: pauses == null, each: pauses, from: .from, to: .to}", ci.Base},
	},
}

// Each planted change is stopped, by the gate that is named, and so is a case that
// is deleted. RULEBOOK_TESTS=all does so for all books, else it is two of them.
func TestBadChangesOfBooksAreStopped(t *testing.T) {
	for name, all := range plantedIn {
		if testsize.Pick(true, true, false) && name != "ofcom" && name != "support-contract" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			dir := "../../examples/rulebooks/"
			data, err := os.ReadFile(dir + name + ".yaml")
			require.NoError(t, err)
			before := &ci.Version{Name: "before", Book: bookOf(t, data), Files: filesIn(t, dir+name+"-cases", false)}
			for _, x := range all {
				t.Run(x.what, func(t *testing.T) {
					require.Equal(t, 1, strings.Count(string(data), x.old), "the place must be there once")
					changed, err := rulebook.Parse("rules.yaml", []byte(strings.Replace(string(data), x.old, x.new, 1)))
					if err != nil {
						assert.Equal(t, ci.Check, x.gate, "%v", err)
						return
					}
					assert.Contains(t, failed(t, x.gate == ci.Analysis, ci.Subject{Book: changed, Files: before.Files, Base: before}), x.gate)
				})
			}
			t.Run("case", func(t *testing.T) {
				fewer := filesIn(t, dir+name+"-cases", true)
				assert.Contains(t, failed(t, false, ci.Subject{Book: before.Book, Files: fewer, Base: before}), ci.Base)
			})
			t.Run("nothing", func(t *testing.T) {
				assert.Empty(t, failed(t, true, ci.Subject{Book: before.Book, Files: before.Files, Base: before}))
			})
		})
	}
}

// failed are the gates that stop something.
func failed(t *testing.T, analyse bool, s ci.Subject) (gates []string) {
	t.Helper()
	c := ci.Defaults()
	c.Analyse = analyse
	if !analyse {
		c.Promises = ci.PromisesOff
	}
	r, err := ci.Run(t.Context(), s, c)
	require.NoError(t, err)
	for _, g := range r.Gates {
		if g.State == ci.Failed {
			gates = append(gates, g.Name)
		}
	}
	return gates
}

func bookOf(t *testing.T, data []byte) *rulebook.Book {
	t.Helper()
	b, err := rulebook.Parse("rules.yaml", data)
	require.NoError(t, err)
	return b
}

// filesIn are the cases of a directory; without the last of the first file
// where there should be fewer.
func filesIn(t *testing.T, dir string, fewer bool) (all []*casefile.File) {
	t.Helper()
	paths, err := filepath.Glob(dir + "/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for i, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		f, found := casefile.Parse(filepath.Base(path), data)
		require.NotNil(t, f, "%v", found)
		if fewer && i == 0 {
			f.Cases = f.Cases[:len(f.Cases)-1]
		}
		all = append(all, f)
	}
	return all
}
