// Package golden compares what a test makes with a file that is kept in the
// tree. Where they differ, it prints the lines that do, and the command that
// writes the file anew: the test, run with -update.
package golden

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the files that results are compared with")

// Update reports whether the test runs with -update.
func Update() bool { return *update }

// File wants the file to hold just what the test made. With -update it writes
// the file instead.
func File(t testing.TB, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Errorf("%v\nto write it: %s", err, command(t.Name()))
		return
	}
	if string(want) != string(got) {
		t.Errorf("%s is not what this test makes (- in the file, + made):\n%sif what is made is right: %s", path, Diff(string(want), string(got)), command(t.Name()))
	}
}

// command is what writes the files of a test anew, said from the top of the
// checkout.
func command(test string) string {
	test, _, _ = strings.Cut(test, "/")
	dir, err := os.Getwd()
	if err != nil {
		dir = "."
	}
	where := "."
	for top := dir; ; top = filepath.Dir(top) {
		if _, err := os.Stat(filepath.Join(top, "go.work")); err == nil {
			if rel, err := filepath.Rel(top, dir); err == nil {
				where = "./" + filepath.ToSlash(rel)
			}
			break
		}
		if top == filepath.Dir(top) {
			break
		}
	}
	return fmt.Sprintf("go test %s -run '^%s$' -update", where, test)
}

const (
	shown    = 40        // lines of a difference, at most
	compared = 4_000_000 // pairs of lines, at most: beyond, they are told as they stand
)

// Diff is the lines that differ, with their numbers: those of want alone
// behind -, those of got alone behind +. It is empty where the texts are equal.
func Diff(want, got string) string {
	a, b := slices.Collect(strings.Lines(want)), slices.Collect(strings.Lines(got))
	skipped := 0
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
		skipped++
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	var out []string
	tell := func(sign string, at int, line string) {
		text, ended := strings.CutSuffix(line, "\n")
		if !ended {
			text += " (and no line end)"
		}
		out = append(out, fmt.Sprintf("%s%5d  %s", sign, skipped+at+1, text))
	}
	same := common(a, b)
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			i, j = i+1, j+1
		case i < len(a) && (j == len(b) || same == nil || same(i+1, j) >= same(i, j+1)):
			tell("-", i, a[i])
			i++
		default:
			tell("+", j, b[j])
			j++
		}
	}
	if more := len(out) - shown; more > 0 {
		out = append(out[:shown], fmt.Sprintf("… and %d lines more", more))
	}
	if len(out) == 0 {
		return ""
	}
	return strings.Join(out, "\n") + "\n"
}

// common tells how many lines a from i on and b from j on have in common, in
// the same order; nil where that would take long to find out.
func common(a, b []string) func(i, j int) int32 {
	width := len(b) + 1
	if (len(a)+1)*width > compared {
		return nil
	}
	table := make([]int32, (len(a)+1)*width)
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				table[i*width+j] = table[(i+1)*width+j+1] + 1
			} else {
				table[i*width+j] = max(table[(i+1)*width+j], table[i*width+j+1])
			}
		}
	}
	return func(i, j int) int32 { return table[i*width+j] }
}
