// Package rulestest runs the example cases of a rulebook inside go test, the
// same files that `rulebook test` runs:
//
//	func TestRules(t *testing.T) {
//		book, err := rulebook.Load("rules.yaml")
//		if err != nil {
//			t.Fatal(err)
//		}
//		rulestest.Run(t, book, os.DirFS("."), "cases")
//	}
package rulestest

import (
	"io/fs"
	"path"
	"strings"
	"testing"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/casefile"
)

// Run runs every case in the .yaml and .yml files at or below dir as a
// subtest, named after its file and itself. A file that cannot be read, or
// that holds no case, fails the test, and so does a directory without files.
// Files that change the rulebook (`changes:`) are run against the changed one.
func Run(t *testing.T, book *rulebook.Book, fsys fs.FS, dir string) {
	t.Helper()
	files := 0
	err := eachFile(fsys, dir, func(name string, f *casefile.File, found diagnostic.List) {
		files++
		switch {
		case f == nil:
			t.Errorf("%v", found)
		case len(f.Cases) == 0:
			t.Errorf("%s: no case in the file", name)
		default:
			short := strings.TrimPrefix(strings.TrimSuffix(name, path.Ext(name)), dir+"/")
			t.Run(short, func(t *testing.T) { runFile(t, book, f) })
		}
	})
	if err != nil {
		t.Errorf("reading the cases: %v", err)
	} else if files == 0 {
		t.Errorf("no case file at %s", dir)
	}
}

// eachFile reads the .yaml and .yml files at or below dir, and gives each with what
// is wrong with it; a file that has no shape is nil.
func eachFile(fsys fs.FS, dir string, do func(name string, f *casefile.File, found diagnostic.List)) error {
	return fs.WalkDir(fsys, dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".yaml" && path.Ext(name) != ".yml" {
			return err
		}
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		f, found := casefile.Parse(name, data)
		do(name, f, found)
		return nil
	})
}

func runFile(t *testing.T, book *rulebook.Book, f *casefile.File) {
	t.Helper()
	book, err := casefile.Book(book, f)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range f.Cases {
		t.Run(c.Name, func(t *testing.T) {
			result := casefile.Run(t.Context(), book, c)
			for _, m := range result.Mismatches {
				t.Errorf("%v: %v", c.Span, m)
			}
			if !result.Passed() && result.Answer != nil {
				t.Logf("%s", result.Answer.Explain("en"))
			}
		})
	}
}
