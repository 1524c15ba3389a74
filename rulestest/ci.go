package rulestest

import (
	"io/fs"
	"testing"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/ci"
)

// Limits are what [CI] asks for beside that nothing is wrong. Percentages are
// whole, from 0 to 100.
type Limits struct {
	Coverage int  // so much of the rules the cases must come to
	Mutation int  // so many careless changes that change answers they must notice; 0 leaves it out, as it takes minutes
	Proven   bool // each promise must be proven, not only none refuted
	Warnings bool // warnings about the rules are let pass
}

// CI puts a rulebook and its cases, the files at or below dir, through what
// `rulebook ci` looks at, each as a subtest: the rules are checked, all facts
// analysed, promises proven, cases run, their coverage and, where it is asked for,
// what careless changes they notice is measured. Earlier versions are not looked
// at: that is for `rulebook ci --base`.
func CI(t *testing.T, book *rulebook.Book, fsys fs.FS, dir string, limits Limits) {
	t.Helper()
	c := ci.Defaults()
	c.Strict, c.Coverage = !limits.Warnings, limits.Coverage
	if limits.Mutation > 0 {
		c.Mutation = limits.Mutation
	}
	if limits.Proven {
		c.Promises = ci.PromisesProven
	}
	s := ci.Subject{Book: book}
	err := eachFile(fsys, dir, func(_ string, f *casefile.File, found diagnostic.List) {
		if s.Wrong = append(s.Wrong, found...); f != nil {
			s.Files = append(s.Files, f)
		}
	})
	if err != nil {
		t.Errorf("reading the cases: %v", err)
		return
	}
	report, err := ci.Run(t.Context(), s, c)
	if err != nil {
		t.Errorf("%v", err)
		return
	}
	for _, g := range report.Gates {
		if g.Name == ci.Base {
			continue
		}
		t.Run(g.Name, func(t *testing.T) {
			if g.State == ci.Skipped {
				t.Skip(g.Said.EN)
			}
			for _, d := range g.Findings {
				if g.State == ci.Failed && (d.Severity == diagnostic.Error || g.Name == ci.Check) {
					t.Errorf("%v", d)
				} else {
					t.Logf("%v", d)
				}
			}
			if g.State == ci.Failed && !t.Failed() { // by what is told elsewhere
				t.Error(g.Said.EN)
			}
			t.Log(g.Said.EN)
		})
	}
}
