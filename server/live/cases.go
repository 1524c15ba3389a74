package live

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// FailedCase is an example case that a rulebook does not pass.
type FailedCase struct {
	File       string
	Line       int
	Name       string
	Mismatches []policy.Text // what was expected and what came out
}

// String is the case with what is wrong, on one line, in English.
func (f FailedCase) String() string { return f.Told("en") }

// Told is the case with what is wrong, on one line, in "zh" or "en".
func (f FailedCase) Told(lang string) string {
	form := policy.Text{ZH: "%s:%d：用例“%s”：%s", EN: "%s:%d: case %q: %s"}
	return fmt.Sprintf(form.In(lang), f.File, f.Line, f.Name, strings.Join(f.Lines(lang), policy.Text{ZH: "；", EN: "; "}.In(lang)))
}

// Lines are the mismatches in "zh" or "en".
func (f FailedCase) Lines(lang string) []string {
	lines := make([]string, len(f.Mismatches))
	for i, m := range f.Mismatches {
		lines[i] = m.In(lang)
	}
	return lines
}

// runCases asks every case at or below a directory, and says how many there
// are. Files are named as they are in the directory.
func runCases(ctx context.Context, book *rulebook.Book, dir fs.FS) (failed []FailedCase, tried int, err error) {
	files := 0
	err = fs.WalkDir(dir, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".yaml" && path.Ext(name) != ".yml" {
			return err
		}
		files++
		found, n, err := runFile(ctx, book, dir, name)
		failed, tried = append(failed, found...), tried+n
		return err
	})
	if err == nil && files == 0 {
		err = errNoCases
	}
	if err != nil {
		return nil, 0, fmt.Errorf("the example cases: %w", err)
	}
	return failed, tried, nil
}

var errNoCases = errors.New("there is no case file at or below the directory")

func runFile(ctx context.Context, book *rulebook.Book, dir fs.FS, name string) (failed []FailedCase, tried int, err error) {
	data, err := fs.ReadFile(dir, name)
	if err != nil {
		return nil, 0, err
	}
	f, found := casefile.Parse(name, data)
	if f == nil {
		return nil, 0, found
	}
	changed, err := casefile.Book(book, f)
	if err != nil {
		return nil, 0, err
	}
	for _, c := range f.Cases {
		if err := ctx.Err(); err != nil {
			return nil, 0, err
		}
		result := casefile.Run(ctx, changed, c)
		if result.Passed() {
			continue
		}
		x := FailedCase{File: name, Line: c.Span.Start.Line, Name: c.Name}
		for _, m := range result.Mismatches {
			x.Mismatches = append(x.Mismatches, m.Told())
		}
		failed = append(failed, x)
	}
	return failed, len(f.Cases), nil
}

// ownCases are the cases that rules must pass before they are used.
func (r *Rules) ownCases(ctx context.Context, book *rulebook.Book) (failed []FailedCase, tried int, err error) {
	switch info, err := os.Stat(r.options.Cases); { // the file system of a directory does not name it
	case err != nil:
		return nil, 0, fmt.Errorf("the example cases: %w", err)
	case !info.IsDir():
		return nil, 0, fmt.Errorf("the example cases: %s: not a directory", r.options.Cases)
	}
	failed, tried, err = runCases(ctx, book, os.DirFS(r.options.Cases))
	if errors.Is(err, errNoCases) {
		err = fmt.Errorf("there is no case file at or below %s", r.options.Cases)
	}
	for i := range failed {
		failed[i].File = filepath.Join(r.options.Cases, filepath.FromSlash(failed[i].File))
	}
	return failed, tried, err
}

// Trial is what comes of trying a text without using it.
type Trial struct {
	Findings diagnostic.List
	Tried    int          // example cases that it was tried on
	Failed   []FailedCase // those of them that it does not pass
	// Required says that the cases are those of Options.Cases: Reload refuses
	// what does not pass them.
	Required bool
	Err      error // why the cases could not be tried
}

// OK reports whether the text could be used.
func (t *Trial) OK() bool { return !t.Findings.Failed() && len(t.Failed) == 0 && t.Err == nil }

// Try checks a text and tries it on the example cases as Reload does. Where
// there are none that rules must pass, it is tried on those of examples, which
// may be nil, as far as the current rules pass them. Nothing is kept.
func (r *Rules) Try(ctx context.Context, text []byte, examples fs.FS) *Trial {
	text, _ = source.Gather(text, beside(r.Current().Text))
	book, found := check("", text)
	t := &Trial{Findings: found, Required: r.options.Cases != ""}
	switch {
	case book == nil:
	case t.Required:
		t.Failed, t.Tried, t.Err = r.ownCases(ctx, book)
		for i := range t.Failed { // where they are on the machine is nobody's business
			if name, err := filepath.Rel(r.options.Cases, t.Failed[i].File); err == nil {
				t.Failed[i].File = filepath.ToSlash(name)
			}
		}
	case examples != nil:
		t.examples(ctx, r.Current().Book, book, examples)
	}
	return t
}

// beside opens the files of a text, for a draft of its main file alone.
func beside(text []byte) func(name string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		for _, f := range source.Split(text) {
			if f.Path == name {
				return f.Text, nil
			}
		}
		return nil, fs.ErrNotExist
	}
}

// FileOf is how a file of a finding is called beside the main file of the rules:
// "" for that itself, so that nobody learns where it is on the machine.
func FileOf(main, file string) string {
	if file == main {
		return ""
	}
	name, err := filepath.Rel(filepath.Dir(main), file)
	if err != nil {
		return filepath.Base(file)
	}
	return filepath.ToSlash(name)
}

// examples tries what the rules in force pass.
func (t *Trial) examples(ctx context.Context, now, draft *rulebook.Book, dir fs.FS) {
	failing, all, err := runCases(ctx, now, dir)
	if err != nil {
		return // they are of another rulebook, or there are none
	}
	failed, _, err := runCases(ctx, draft, dir)
	if err != nil {
		t.Err = err
		return
	}
	known := map[string]bool{}
	at := func(f FailedCase) string { return fmt.Sprintf("%s:%d", f.File, f.Line) }
	for _, f := range failing {
		known[at(f)] = true
	}
	t.Tried = all - len(failing)
	for _, f := range failed {
		if !known[at(f)] {
			t.Failed = append(t.Failed, f)
		}
	}
}
