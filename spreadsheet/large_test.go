package spreadsheet_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/review"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/internal/testsize"
	"github.com/servicerules/rulebook/spreadsheet"
)

// A table of 200 MB, half of it remarks, is reviewed whole in bounded memory. It is
// made where the test runs; RULEBOOK_TESTS=all is needed for it, and a minute or two.
func TestTableOf200MB(t *testing.T) {
	testsize.OnlyInAll(t)
	const size, most = 200 << 20, 900 << 20
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "loans.csv"))
	require.NoError(t, err)
	w := bufio.NewWriterSize(f, 1<<20)
	written, err := w.WriteString("编号,读者,类别,借出时间,归还时间,会员,定价,#备注\n")
	require.NoError(t, err)
	rows := 0
	for ; written < size; rows++ {
		n, err := fmt.Fprintf(w, "L%07d,读者%d,影片,2025/6/%d %d:%02d,2025/6/%d %d:%02d,否,%d,读者来电说明情况，已答复并登记，柜台%d，书架%07d；备注内容写得比较长，占去表的一大半，并且写了前因后果、处理经过和回访的情况\n",
			rows, rows%977, rows%28+1, rows%24, rows%60, rows%28+2, rows%24, rows%60, rows%90, rows%7, rows)
		require.NoError(t, err)
		written += n
	}
	require.NoError(t, w.Flush())
	require.NoError(t, f.Close())
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	done := make(chan struct{})
	peak := uint64(0)
	var watching sync.WaitGroup
	watching.Go(func() {
		var now runtime.MemStats
		for {
			select {
			case <-done:
				return
			case <-time.After(100 * time.Millisecond):
				runtime.ReadMemStats(&now)
				peak = max(peak, now.HeapAlloc)
			}
		}
	})
	r, err := review.Dir(context.Background(), lending(), dir, review.Options{Month: "2025-06", How: table.How{Local: true}, Tables: spreadsheet.Sources, Brief: true, Kept: 1000, Named: 1000})
	close(done)
	watching.Wait()
	require.NoError(t, err)
	assert.Empty(t, r.Findings)
	assert.Equal(t, rows, r.Totals.Records)
	assert.Less(t, peak, uint64(most))
	t.Logf("%d rows, %d MB: at most %d MB of heap", rows, written>>20, peak>>20)
}
