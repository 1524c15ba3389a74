package live

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/casefile"
)

// FailedCase is an example case that a rulebook does not pass.
type FailedCase struct {
	File       string
	Line       int
	Name       string
	Mismatches []string // what was expected and what came out
}

// String is the case with what is wrong, on one line.
func (f FailedCase) String() string {
	return fmt.Sprintf("%s:%d: case %q: %s", f.File, f.Line, f.Name, strings.Join(f.Mismatches, "; "))
}

// runCases asks every case at or below a directory.
func runCases(ctx context.Context, book *rulebook.Book, dir string) ([]FailedCase, error) {
	var failed []FailedCase
	files := 0
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".yaml" && path.Ext(name) != ".yml" {
			return err
		}
		files++
		found, err := runFile(ctx, book, filepath.Join(dir, filepath.FromSlash(name)))
		failed = append(failed, found...)
		return err
	})
	if err == nil && files == 0 {
		err = fmt.Errorf("there is no case file at or below %s", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("the example cases: %w", err)
	}
	return failed, nil
}

func runFile(ctx context.Context, book *rulebook.Book, file string) ([]FailedCase, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	f, found := casefile.Parse(file, data)
	if f == nil {
		return nil, found
	}
	changed, err := casefile.Book(book, f)
	if err != nil {
		return nil, err
	}
	var failed []FailedCase
	for _, c := range f.Cases {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		result := casefile.Run(ctx, changed, c)
		if result.Passed() {
			continue
		}
		x := FailedCase{File: file, Line: c.Span.Start.Line, Name: c.Name}
		for _, m := range result.Mismatches {
			x.Mismatches = append(x.Mismatches, m.String())
		}
		failed = append(failed, x)
	}
	return failed, nil
}
