package batch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// codesByLine are what became of the rows: "" of those that were answered.
func codesByLine(t require.TestingT, out string) map[int64]string {
	all := map[int64]string{}
	for text := range strings.Lines(out) {
		var x struct {
			Line  int64
			Error struct{ Code string }
		}
		require.NoError(t, json.Unmarshal([]byte(text), &x))
		all[x.Line] = x.Error.Code
	}
	return all
}

// Where the header of another table stands in a file, it is refused, and so is every
// row below it, in whichever block they are; the header of the table itself, once
// more, is refused alone.
func TestAnotherTableBelow(t *testing.T) {
	book := defaultBook(t)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	rapid.Check(t, func(t *rapid.T) {
		runtime.GOMAXPROCS(rapid.IntRange(1, 4).Draw(t, "cores"))
		const own = "record,request.kind\n"
		text, want := own, map[int64]string{}
		another := false
		for line := int64(2); line < int64(rapid.IntRange(3, 80).Draw(t, "lines")); line++ {
			row, code := fmt.Sprintf("T%d,fault\n", line), ""
			switch rapid.IntRange(0, 30).Draw(t, "row") {
			case 0:
				row, code = own, "header_again"
			case 1:
				row, code, another = rapid.SampledFrom([]string{"record,month\n", "编号,x\n"}).Draw(t, "header"), "another_table", true
			}
			if another {
				code = "another_table"
			}
			text, want[line] = text+row, code
		}
		var out bytes.Buffer
		_, err := Run(t.Context(), book, Options{
			Plan:  Plan{Question: question, In: CSV, Out: JSONL, Fields: []string{"verdict"}, Repeats: true},
			Input: strings.NewReader(text), Output: &out, size: rapid.IntRange(20, 400).Draw(t, "block"),
		})
		require.NoError(t, err)
		require.Equal(t, want, codesByLine(t, out.String()))
	})
}

// That another table has begun is remembered after an interruption, and where
// records must not repeat.
func TestAnotherTableAfterAnInterruption(t *testing.T) {
	var b strings.Builder
	b.WriteString("record,request.kind\n")
	for i := range 600 {
		if i == 200 || i == 400 {
			b.WriteString("record,month\n")
		}
		fmt.Fprintf(&b, "T%d,fault\n", i)
	}
	o := Options{Plan: Plan{Question: question, In: CSV, Out: JSONL, Fields: []string{"verdict"}}, OutPath: filepath.Join(t.TempDir(), "out.jsonl"), Resume: true, size: 1000, every: 1}
	for cut := 1000; cut < b.Len(); cut += 1500 {
		o.Input = io.MultiReader(strings.NewReader(b.String()[:cut]), iotest.ErrReader(errors.New("gone")))
		_, err := Run(t.Context(), defaultBook(t), o)
		var stopped *StoppedError
		require.ErrorAs(t, err, &stopped)
	}
	o.Input = strings.NewReader(b.String())
	_, err := Run(t.Context(), defaultBook(t), o)
	require.NoError(t, err)
	got, err := os.ReadFile(o.OutPath)
	require.NoError(t, err)
	codes := codesByLine(t, string(got))
	require.Len(t, codes, 602)
	for line, code := range codes {
		if line < 202 {
			require.Empty(t, code, line)
		} else {
			require.Equal(t, "another_table", code, line)
		}
	}
}
