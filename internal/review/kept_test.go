package review

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A report that keeps some records says the same of all of them as one that keeps
// all, and counts the others; complete answers that are given out are the same.
func TestKept(t *testing.T) {
	var b strings.Builder
	b.WriteString("record,reader,loan.kind,loan.lent_at,loan.returned_at,member\n")
	for i := range 60 {
		switch i % 3 {
		case 0: // late
			fmt.Fprintf(&b, "L%d,R,film,2025-06-02T09:00:00+08:00,2025-06-29T09:00:00+08:00,false\n", i)
		case 1: // in time
			fmt.Fprintf(&b, "T%d,R,film,2025-06-02T09:00:00+08:00,2025-06-03T09:00:00+08:00,false\n", i)
		default: // lacks facts
			fmt.Fprintf(&b, "X%d,R,,2025-06-02T09:00:00+08:00,,\n", i)
		}
	}
	dir := files("loans.csv", b.String())
	run := func(o Options) *Report {
		o.Month = "2025-06"
		r, err := Run(context.Background(), lending(t), dir, o)
		require.NoError(t, err)
		return r
	}
	all := run(Options{})
	s := all.section(t, "loans")
	require.Nil(t, s.Left)
	for _, kept := range []int{1, 7, 20, 1000} {
		some := run(Options{Kept: kept, Named: 3})
		x := some.section(t, "loans")
		assert.Equal(t, s.Totals, x.Totals)
		assert.Equal(t, s.Verdicts, x.Verdicts)
		left := x.Left.all()
		assert.Equal(t, len(s.Records), len(x.Records)+left.Listed+left.Lacking+left.Unlisted, kept)
		assert.LessOrEqual(t, len(x.Records), 2*kept)
		assert.Equal(t, kept < 40, left.Listed > 0, kept)
		for _, lang := range []string{"zh", "en"} {
			for _, line := range []string{"20 only lack facts", "20 条只是缺少事实"} {
				assert.Equal(t, strings.Contains(all.text(t, lang), line), strings.Contains(some.text(t, lang), line), kept)
			}
			assert.Equal(t, left.Listed > 0, strings.Contains(some.text(t, lang), "--list"), kept)
			var page bytes.Buffer
			require.NoError(t, some.HTML(&page, lang))
			assert.Equal(t, left != Left{}, strings.Contains(page.String(), "--list"), kept)
		}
	}

	whole, streamed := t.TempDir(), t.TempDir()
	require.NoError(t, all.WriteDecisions(whole))
	d, err := NewDecisions(streamed)
	require.NoError(t, err)
	r := run(Options{Kept: 2, Decided: d.Add})
	require.NoError(t, d.Finish())
	d.Discard()
	read := func(dir string) string {
		data, err := os.ReadFile(filepath.Join(dir, DecisionsName))
		require.NoError(t, err)
		return string(data)
	}
	assert.Equal(t, read(whole), read(streamed))
	assert.GreaterOrEqual(t, strings.Count(read(streamed), "\n"), 60)
	for _, x := range r.section(t, "loans").Records {
		assert.Equal(t, json.RawMessage(nil), x.Answer.Complete)
	}
	d, err = NewDecisions(streamed)
	require.NoError(t, err)
	d.Discard()
	entries, err := os.ReadDir(streamed)
	require.NoError(t, err)
	assert.Len(t, entries, 1, "nothing is left of what was not finished")
}

// Where no record is listed, those that are counted are no more beside others.
func TestNoneListed(t *testing.T) {
	const header = "record,reader,loan.kind,loan.lent_at,loan.returned_at,member,price\n"
	const inTime = "R,film,2025-06-02T09:00:00+08:00,2025-06-03T09:00:00+08:00,false,30\n"
	for rows, want := range map[string][2]string{
		"T1," + inTime:                  {"  1 条只计数，未列出\n", "  1 is counted and not listed\n"},
		"T1," + inTime + "T2," + inTime: {"  2 条只计数，未列出\n", "  2 are counted and not listed\n"},
	} {
		r, err := Run(context.Background(), lending(t), files("loans.csv", header+rows), Options{Month: "2025-06"})
		require.NoError(t, err)
		assert.Contains(t, r.text(t, "zh"), want[0])
		assert.Contains(t, r.text(t, "en"), want[1])
	}
}
