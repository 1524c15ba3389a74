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

	"github.com/servicerules/rulebook/internal/intake"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/tally"
	"github.com/servicerules/rulebook/policy"
)

// The set of ids says what a map says.
func TestIDSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, m := newIDSet(nil), map[string]int64{}
		for line := int64(1); line <= int64(rapid.IntRange(1, 3000).Draw(t, "rows")); line++ {
			id := fmt.Sprint(rapid.IntRange(0, 2000).Draw(t, "id"))
			require.Equal(t, m[id], s.claim(s.slot([]byte(id), line)))
			if m[id] == 0 {
				m[id] = line
			}
		}
	})
	s := newIDSet(nil)
	const records = 200_000
	for i := range records {
		require.Zero(t, s.claim(s.slot(fmt.Appendf(nil, "T-%d", i), int64(i+1))))
	}
	assert.LessOrEqual(t, s.bytes, int64(33*records), "bytes a record, as is written in the documents")
	assert.Equal(t, int64(1<<lineBits-1), newIDSet(nil).lineOf(t), "the longest line")
}

// lineOf notes an id on the last line that there may be.
func (s *idSet) lineOf(t *testing.T) int64 {
	require.Zero(t, s.claim(s.slot([]byte("x"), lineMask)))
	return s.claim(s.slot([]byte("x"), 1))
}

// The id of a line is the one that its answer has.
func TestIDsAreThoseOfTheRows(t *testing.T) {
	d, err := NewDecider(clinicBook(t), Plan{Question: "care.all", In: JSONL, Out: JSONL}, nil)
	require.NoError(t, err)
	facts := []*policy.Fact{{Name: "record", TypeName: "name"}}
	for _, f := range d.question.Facts {
		renamed := *f.Fact
		renamed.Name = f.Name
		facts = append(facts, &renamed)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := anyObject(t, facts)
		reader, err := d.engine.Reader(d.question.ID)
		require.NoError(t, err)
		out, err := d.object(nil, reader, d.NewTally(), row{line: 1}, []byte(text))
		require.NoError(t, err)
		var x struct{ Record string }
		require.NoError(t, json.Unmarshal(out, &x))
		if x.Record == "" && strings.Contains(string(out), `"error"`) {
			return // a line that is wrong need not name itself
		}
		require.Equal(t, x.Record, string(recordOf([]byte(text))), text)
	})
}

func FuzzRecordOf(f *testing.F) {
	for _, text := range []string{`{"record": "A", "a": {"record": "B"}}`, `{"a": "record", "record" : 7}`, `{"record":null}`, `{"\u0072ecord": "x"}`, `{"a": ["{", "record"], "record": "C"}`, `{"record`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		root, err := intake.ParseFacts([]byte(text))
		if err != nil {
			return
		}
		want := ""
		if n := root.Get("record"); n != nil && n.Kind == source.Scalar && (n.Style != source.Plain || n.Text != "null") {
			want = n.Text
		}
		require.Equal(t, want, string(recordOf([]byte(text))))
	})
}

// A record that stands twice is answered once, and its other rows say where
// the first is: the same on any number of cores, in blocks of any size, in
// either format, with quotes and without, and resumed anywhere.
func TestRecordsThatRepeat(t *testing.T) {
	book := defaultBook(t)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	rapid.Check(t, func(t *rapid.T) {
		runtime.GOMAXPROCS(rapid.IntRange(1, 4).Draw(t, "cores"))
		in := rapid.SampledFrom([]Format{CSV, JSONL}).Draw(t, "in")
		quoted := rapid.Bool().Draw(t, "quoted")
		var b bytes.Buffer
		line := int64(0)
		add := func(id, kind string) {
			line++
			switch {
			case in == JSONL:
				fmt.Fprintf(&b, `{"request": {"kind": %q}, "record": %q}`+"\n", kind, id)
			case quoted:
				fmt.Fprintf(&b, `"%s","%s"`+"\n", id, kind)
			default:
				fmt.Fprintf(&b, "%s,%s\n", id, kind)
			}
		}
		first := map[string]int64{}
		var want []string
		if in == CSV {
			add("record", "request.kind")
		}
		answered, refused := 0, 0
		for range rapid.IntRange(1, 200).Draw(t, "rows") {
			id := rapid.SampledFrom([]string{"", "A", "B", "B ", "号1", "C-1", "D", "E", "F", "G"}).Draw(t, "id")
			add(id, "fault")
			key := strings.TrimSpace(id)
			if before := first[key]; before != 0 && key != "" {
				want = append(want, fmt.Sprintf("%d: duplicate_record in line %d", line, before))
				refused++
				continue
			}
			first[key] = line
			want = append(want, fmt.Sprintf("%d: answered", line))
			answered++
		}
		run := func(o Options) (string, *Result) {
			var out bytes.Buffer
			o.Plan = Plan{Question: "time_limit.request", In: in, Out: JSONL, Fields: []string{"verdict"}, Repeats: o.Repeats}
			o.Input, o.Output, o.size = bytes.NewReader(b.Bytes()), &out, rapid.IntRange(20, 2000).Draw(t, "block")
			r, err := Run(t.Context(), book, o)
			require.NoError(t, err)
			return out.String(), r
		}
		out, r := run(Options{})
		var got []string
		for text := range strings.Lines(out) {
			var x struct {
				Line  int64
				Error *struct {
					Code    string
					Message Text
				}
			}
			require.NoError(t, json.Unmarshal([]byte(text), &x))
			if x.Error == nil {
				got = append(got, fmt.Sprintf("%d: answered", x.Line))
				continue
			}
			_, place, _ := strings.Cut(x.Error.Message.EN, " in ")
			place, _, _ = strings.Cut(place, " already")
			got = append(got, fmt.Sprintf("%d: %s in %s", x.Line, x.Error.Code, place))
		}
		require.Equal(t, want, got)
		v := tally.View{Tally: r.Tally}
		require.EqualValues(t, answered, v.N(tally.Records, ""))
		require.EqualValues(t, refused, v.N(tally.Refused, ""))
		_, r = run(Options{Plan: Plan{Repeats: true}})
		v = tally.View{Tally: r.Tally}
		require.EqualValues(t, answered+refused, v.N(tally.Records, ""))
	})
}

// What was answered before an interruption is remembered after it.
func TestRecordsThatRepeatAfterAnInterruption(t *testing.T) {
	book := defaultBook(t)
	var b strings.Builder
	b.WriteString("record,request.kind\n")
	for i := range 2000 {
		fmt.Fprintf(&b, "T%d,fault\n", i%1500)
	}
	plan := Plan{Question: "time_limit.request", In: CSV, Out: JSONL, Fields: []string{"verdict"}}
	var whole bytes.Buffer
	_, err := Run(t.Context(), book, Options{Plan: plan, Input: strings.NewReader(b.String()), Output: &whole, size: 1000})
	require.NoError(t, err)
	require.Equal(t, 500, strings.Count(whole.String(), "duplicate_record"))
	out := filepath.Join(t.TempDir(), "out.jsonl")
	o := Options{Plan: plan, OutPath: out, Resume: true, size: 1000, every: 1}
	for cut := 3000; cut < b.Len(); cut += 5000 {
		o.Input = io.MultiReader(strings.NewReader(b.String()[:cut]), iotest.ErrReader(errors.New("gone")))
		_, err := Run(t.Context(), book, o)
		var stopped *StoppedError
		require.ErrorAs(t, err, &stopped)
		require.True(t, stopped.Resumable)
	}
	o.Input = strings.NewReader(b.String())
	_, err = Run(t.Context(), book, o)
	require.NoError(t, err)
	got, err := os.ReadFile(out)
	require.NoError(t, err)
	require.Equal(t, whole.String(), string(got))
}
