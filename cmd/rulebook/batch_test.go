package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/batch"
	"github.com/servicerules/rulebook/internal/report"
)

const ticketRow = `{"request": {"kind": "install", "area_type": "urban", "papers_complete_at": "2025-06-09T10:00:00+08:00", "completed_at": "2025-06-16T09:00:00+08:00"}}` + "\n"

// What is interrupted says how to go on, and going on writes what a run that
// nobody interrupted writes.
func TestBatchInterrupted(t *testing.T) {
	dir := t.TempDir()
	out, whole := filepath.Join(dir, "an out.jsonl"), filepath.Join(dir, "whole.jsonl")
	rows := strings.Repeat(ticketRow, 5000)
	in := filepath.Join(dir, "in.jsonl")
	require.NoError(t, os.WriteFile(in, []byte(rows), 0o600))
	code, _, errs := call(t, "", "batch", "time_limit.request", in, "-o", whole, "--fields=verdict")
	require.Equal(t, exitFine, code, errs)

	for _, lang := range []string{"en", "zh"} {
		ctx, cancel := context.WithCancel(t.Context())
		stdin, feed := io.Pipe()
		go func() {
			_, _ = feed.Write([]byte(rows)[:len(rows)/2])
			cancel()
		}()
		var stderr bytes.Buffer
		args := []string{"batch", "time_limit.request", "-", "-o", out, "--fields=verdict", "--lang", lang}
		code := run(ctx, args, stdin, io.Discard, &stderr, func(string) string { return "" })
		feed.Close()
		assert.Equal(t, exitTrouble, code)
		assert.Contains(t, stderr.String(), map[string]string{"en": "interrupted after ", "zh": "已中断，已做完 "}[lang])
		assert.Contains(t, stderr.String(), map[string]string{"en": "go on with: ", "zh": "接着做："}[lang]+"rulebook batch time_limit.request - -o '"+out+"' --fields=verdict --lang "+lang+" --resume")
		_, err := os.Stat(out)
		require.ErrorIs(t, err, os.ErrNotExist, "what is not complete has another name")

		code, _, errs := call(t, rows, append(args, "--resume")...)
		require.Equal(t, exitFine, code, errs)
		got, err := os.ReadFile(out)
		require.NoError(t, err)
		want, err := os.ReadFile(whole)
		require.NoError(t, err)
		assert.True(t, bytes.Equal(want, got))
		require.NoError(t, os.Remove(out))
	}
}

// A run whose input or options have changed says what, in either language.
func TestBatchChanged(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out.jsonl")
	ctx, cancel := context.WithCancel(t.Context())
	stdin, feed := io.Pipe()
	go func() {
		_, _ = feed.Write([]byte(strings.Repeat(ticketRow, 5000)))
		cancel()
	}()
	code := run(ctx, []string{"batch", "time_limit.request", "-", "-o", out}, stdin, io.Discard, io.Discard, func(string) string { return "" })
	feed.Close()
	require.Equal(t, exitTrouble, code)
	for _, c := range []struct{ flag, en, zh string }{
		{"--fields=verdict", `--fields was not given then and is "verdict" now`, `上次没有写 --fields，这次写了 "verdict"`},
		{"--as-of=2025-01-01T00:00:00Z", `--as-of was not given then and is "2025-01-01T00:00:00Z" now`, `上次没有写 --as-of`},
	} {
		code, _, errs := call(t, ticketRow, "batch", "time_limit.request", "-", "-o", out, "--resume", c.flag)
		assert.Equal(t, exitUsage, code)
		assert.Contains(t, errs, c.en)
		_, _, errs = call(t, ticketRow, "batch", "time_limit.request", "-", "-o", out, "--resume", c.flag, "--lang=zh")
		assert.Contains(t, errs, c.zh)
	}
	code, _, errs := call(t, strings.Repeat("{}\n", 1_000_000), "batch", "time_limit.request", "-", "-o", out, "--resume")
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, errs, "rows that had been read changed since")
}

// A compressed file that was cut off says so, and is gone on with once it is
// whole.
func TestBatchCutOff(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.jsonl.gz"), filepath.Join(dir, "out.jsonl")
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	for i := range 5000 {
		_, err := fmt.Fprintf(w, `{"record": "%x"}`+"\n", sha256.Sum256([]byte{byte(i), byte(i >> 8)}))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, os.WriteFile(in, zipped.Bytes()[:zipped.Len()/2], 0o600))
	args := []string{"batch", "time_limit.request", in, "-o", out, "--fields=verdict", "--resume"}
	code, _, errs := call(t, "", args...)
	assert.Equal(t, exitTrouble, code)
	assert.Contains(t, errs, "cannot be read to its end: the compressed text has no end after ")
	assert.Contains(t, errs, "once the file is whole, go on with: ")
	_, _, errs = call(t, "", append(args, "--lang=zh")...)
	assert.Contains(t, errs, "压缩的内容不完整")
	assert.Contains(t, errs, "补全文件后接着做：")
	require.NoError(t, os.WriteFile(in, zipped.Bytes(), 0o600))
	code, _, errs = call(t, "", args...)
	assert.Equal(t, exitFindings, code)
	assert.Regexp(t, `5,000 rows: 5,000 answered, 0 not readable; [1-9][0-9,]* of them by earlier runs`, errs)
}

func TestBatchProgress(t *testing.T) {
	for _, c := range []struct {
		lang  string
		x     batch.Progress
		since time.Duration
		want  string
	}{
		{"en", batch.Progress{Rows: 1_234_567, New: 1_200_000, Read: 25, Size: 100}, 12 * time.Second, "1,234,567 rows  100,000/s  25%  36s left"},
		{"zh", batch.Progress{Rows: 1_234_567, New: 1_200_000, Read: 25, Size: 100}, 12 * time.Second, "1,234,567 行  每秒 100,000 行  25%  还需 36s"},
		{"en", batch.Progress{Rows: 999, New: 999, Read: 25}, time.Second, "999 rows  999/s"},
		{"en", batch.Progress{Read: 25, Size: 100, Skipping: true}, time.Second, "checking the rows of the run before  25%"},
		{"en", batch.Progress{}, 0, "0 rows  0/s"},
	} {
		p := &batchProgress{app: &app{errStyle: report.Style{Lang: c.lang}}}
		assert.Equal(t, c.want, p.line(c.x, c.since, 0))
	}
	p := &batchProgress{app: &app{errStyle: report.Style{Lang: "en"}}}
	assert.Equal(t, "5,000 rows  100/s  60%  40s left", p.line(batch.Progress{Rows: 5000, New: 1000, Read: 60, Size: 100}, 10*time.Second, 50),
		"what was done before says nothing about the speed")
}

// What keeps a run from going on is told in words: what was, what is, and what
// to do; never in a form that only the program knows.
func TestResumeSaysWhatChanged(t *testing.T) {
	rules, err := os.ReadFile("../../rules.yaml")
	require.NoError(t, err)
	t.Chdir(t.TempDir())
	write := func(name, text string) { require.NoError(t, os.WriteFile(name, []byte(text), 0o600)) }
	write("other.yaml", string(rules)+"\n# another file\n")
	const mapping = `tables:
  tickets.csv:
    section: requests
    record: No
    facts: {request.kind: Matter, request.severity: Grade, request.received_at: In, request.completed_at: Out}
    words: {request.kind: {repair: fault}}
`
	write("map.yaml", mapping)
	var rows strings.Builder
	rows.WriteString("No,Matter,Grade,In,Out,Done\n")
	for i := range 3000 {
		fmt.Fprintf(&rows, "%d,repair,ordinary,2025-06-09 09:00,2025-06-09 10:00,2025-06-09 11:00\n", i)
	}
	write("tickets.csv", rows.String())
	first := []string{"batch", "time_limit.request", "tickets.csv", "-o", "out.jsonl", "--mapping", "map.yaml", "--local-times", "--fields", "verdict", "--lang", "en"}
	interrupt := func() {
		t.Helper()
		stdin, feed := io.Pipe()
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			_, _ = feed.Write([]byte(rows.String())[:rows.Len()/2])
			cancel()
		}()
		args := slices.Clone(first)
		args[2] = "-"
		write("map.yaml", strings.Replace(mapping, "tickets.csv", `"-"`, 1))
		code := run(ctx, args, stdin, io.Discard, io.Discard, func(string) string { return "" })
		feed.Close()
		require.Equal(t, exitTrouble, code)
	}
	interrupt()
	for _, x := range []struct {
		mapping        func(string) string
		args           func([]string) []string
		en, zh, remedy string
	}{
		{func(m string) string {
			return strings.Replace(m, "request.completed_at: Out", "request.completed_at: Done", 1)
		}, nil,
			`the file of --mapping changed since: request.completed_at: it was the column "Out", and is the column "Done"`,
			`request.completed_at：上次是列 "Out"，现在是列 "Done"`, "put the file of --mapping back as it was, or remove out.jsonl.checkpoint and out.jsonl.part"},
		{func(m string) string { return strings.Replace(m, "repair: fault", "repair: install", 1) }, nil,
			`request.kind: "repair" meant fault, and means install`, `request.kind："repair" 上次是 fault，现在是 install`, "put the file"},
		{func(m string) string { return strings.Replace(m, ", request.completed_at: Out", "", 1) }, nil,
			`request.completed_at: it was the column "Out", and is not there`, `上次是列 "Out"，现在没有写`, "put the file"},
		{func(m string) string {
			return strings.Replace(m, "Out}", "Out}\n    constants: {request.area_type: urban}", 1)
		}, nil,
			`request.area_type: it was not there, and is "urban" in every row`, `上次没有写，现在是每行都是 "urban"`, "put the file"},
		{nil, func(a []string) []string { return append(a, "--as-of", "2025-07-01T00:00:00+08:00") },
			"--as-of was not given then and is \"2025-06-30T16:00:00Z\" now", "上次没有写 --as-of，这次写了", "give the flags of that run"},
		{nil, func(a []string) []string { return append(a, "--repeats") },
			"--repeats was not given then and is now", "上次没有写 --repeats，这次写了", "give the flags of that run"},
		{nil, func(a []string) []string { return append(a, "--rules", "other.yaml") },
			`the rules file changed since (it was "sha256 `, "规则文件与上次不同（上次", "put the rules file back as it was"},
	} {
		m := strings.Replace(mapping, "tickets.csv", `"-"`, 1)
		if x.mapping != nil {
			m = x.mapping(m)
		}
		write("map.yaml", m)
		args := append(slices.Clone(first), "--resume")
		args[2] = "-"
		if x.args != nil {
			args = x.args(args)
		}
		code, _, stderr := call(t, rows.String(), args...)
		assert.Equal(t, exitUsage, code, stderr)
		plain := strings.Join(strings.Fields(stderr), " ")
		assert.Contains(t, plain, x.en)
		assert.Contains(t, plain, x.remedy)
		assert.NotContains(t, plain, "record=")
		for i := range args {
			if args[i] == "en" {
				args[i] = "zh"
			}
		}
		_, _, stderr = call(t, rows.String(), args...)
		assert.Contains(t, strings.ReplaceAll(stderr, "\n", ""), x.zh)
	}
}
