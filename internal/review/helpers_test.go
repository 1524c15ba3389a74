package review

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/report"
)

func lending(t testing.TB) *rulebook.Book {
	t.Helper()
	data, err := os.ReadFile("testdata/rules.yaml")
	require.NoError(t, err)
	book, err := rulebook.Parse("rules.yaml", data)
	require.NoError(t, err)
	return book
}

// files is a directory of the given files: name, content, name, content, …
func files(content ...string) fstest.MapFS {
	dir := fstest.MapFS{}
	for i := 0; i+1 < len(content); i += 2 {
		dir[content[i]] = &fstest.MapFile{Data: []byte(content[i+1])}
	}
	return dir
}

// june reviews a directory for June 2025.
func june(t testing.TB, dir fs.FS) *Report {
	t.Helper()
	r, err := Run(context.Background(), lending(t), dir, Options{Month: "2025-06"})
	require.NoError(t, err)
	return r
}

func (r *Report) section(t testing.TB, name string) *Section {
	t.Helper()
	for i := range r.Sections {
		if r.Sections[i].Name == name {
			return &r.Sections[i]
		}
	}
	t.Fatalf("the report has no section %s", name)
	return nil
}

// verdicts are the verdicts of a section by record.
func (s *Section) verdicts() map[string]string {
	all := map[string]string{}
	for _, x := range s.Records {
		all[x.ID] = x.Answer.Verdict
	}
	return all
}

func (r *Report) text(t testing.TB, lang string) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, r.Render(&b, report.Style{Lang: lang}))
	return b.String()
}
