package batch

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDetect(t *testing.T) {
	zip := func(text string) string { return string(appendMember(nil, []byte(text))) }
	for _, c := range []struct {
		name, text string
		f          Format
		zipped     bool
	}{
		{"a.csv", "{", CSV, false},
		{"a.CSV.gz", "record\n", CSV, false},
		{"a.csv.gz", zip("record\n"), CSV, true},
		{"a.jsonl", "", JSONL, false},
		{"a.ndjson.gz", zip(""), JSONL, true},
		{"-", "{}", JSONL, false},
		{"-", "\ufeff \n {}", JSONL, false},
		{"-", "", CSV, false},
		{"tickets", "record,a\n", CSV, false},
		{"-", zip("{\"a\": 1}\n" + strings.Repeat("x", 10_000)), JSONL, true},
		{"-", zip("record,a\n"), CSV, true},
		{"-", "record,a\n" + strings.Repeat("x", 10_000), CSV, false},
		{"-", strings.Repeat(" ", 10_000), CSV, false},
		{"-", "\x1f\x8b broken", CSV, true},
	} {
		for _, slow := range []bool{false, true} {
			var r io.Reader = strings.NewReader(c.text)
			if slow {
				r = iotest.OneByteReader(r)
			}
			b := bufio.NewReader(r)
			f, zipped, err := Detect(c.name, b)
			require.NoError(t, err)
			assert.Equal(t, c.f, f, "%q", c.text)
			assert.Equal(t, c.zipped, zipped, "%q", c.text)
			all, err := io.ReadAll(b)
			require.NoError(t, err)
			assert.True(t, bytes.Equal(all, []byte(c.text)), "nothing is used up")
		}
	}
	_, _, err := Detect("a.csv", bufio.NewReader(iotest.ErrReader(io.ErrClosedPipe)))
	require.ErrorIs(t, err, io.ErrClosedPipe)
}
