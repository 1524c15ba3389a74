package review

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A report as tables has a cell for each heading and every record, and as a page
// shows what records hold as text.
func TestReportAsTables(t *testing.T) {
	r := june(t, files("loans.csv", "record,reader,loan.kind,loan.lent_at,member,loan.damages\n<b>1,R,film,2025-06-10T09:00:00+08:00,true,torn;stained\nbad,R,flim,,,\n"))
	for _, lang := range []string{"zh", "en"} {
		grids := r.Grids(lang)
		var names []string
		for _, g := range grids {
			names = append(names, g.Name)
			assert.Len(t, g.Numbers, len(g.Head), g.Name)
			for _, row := range g.Rows {
				assert.Len(t, row, len(g.Head), g.Name)
			}
		}
		assert.Equal(t, []string{"totals", "loans", "findings"}, names)
		assert.Len(t, grids[1].Rows, 1)
		var b bytes.Buffer
		require.NoError(t, r.HTML(&b, lang))
		assert.Contains(t, b.String(), "&lt;b&gt;1")
		assert.NotContains(t, b.String(), "<b>1")
		assert.NotContains(t, b.String(), "http")
		assert.Equal(t, 3, strings.Count(b.String(), "<table>"))
	}
}
