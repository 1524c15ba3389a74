package batch

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/sample"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/internal/tally"
)

const question = "time_limit.request"

func defaultBook(t testing.TB) *rulebook.Book {
	t.Helper()
	book, err := rulebook.Default()
	require.NoError(t, err)
	return book
}

// tickets makes up rows of the question, with some that cannot be read.
func tickets(t testing.TB, f Format, n int64) []byte {
	t.Helper()
	book := defaultBook(t)
	q, ok := book.Rulebook().Question(question)
	require.True(t, ok)
	rows := sample.New(book.Rulebook(), q, 7)
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if f == CSV {
		require.NoError(t, w.Write(rows.Header()))
	}
	for i := range n {
		bad := i%50 == 17
		switch {
		case f == CSV:
			cells := rows.Row(i)
			if bad {
				cells[1] = "x \"y\"\nz"
			}
			require.NoError(t, w.Write(cells))
			w.Flush()
		case bad:
			fmt.Fprintf(&b, `{"record": "bad %d", "request": {"kind": "x"}}`+"\n", i)
		default:
			b.Write(append(rows.Object(i), '\n'))
		}
	}
	return b.Bytes()
}

// do runs over a text, with small blocks, and returns what was written.
func do(t testing.TB, in []byte, o Options) (string, *Result) {
	t.Helper()
	var out bytes.Buffer
	o.Input, o.Output, o.size = bytes.NewReader(in), &out, cmp.Or(o.size, 4<<10)
	o.Question = question
	r, err := Run(context.Background(), defaultBook(t), o)
	require.NoError(t, err)
	return out.String(), r
}

// Each row is answered as the library answers it, in the order of the rows.
func TestRunAnswersAsTheLibrary(t *testing.T) {
	book := defaultBook(t)
	for _, asOf := range []time.Time{{}, time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)} {
		in := tickets(t, JSONL, 300)
		got, r := do(t, in, Options{Plan: Plan{In: JSONL, Out: JSONL, AsOf: asOf}})
		lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
		require.Len(t, lines, 300)
		at := 0
		for s := bufio.NewScanner(bytes.NewReader(in)); s.Scan(); at++ {
			var facts map[string]any
			require.NoError(t, json.Unmarshal(s.Bytes(), &facts))
			id := facts["record"]
			delete(facts, "record")
			var options []rulebook.Option
			if !asOf.IsZero() {
				options = append(options, rulebook.AsOf(asOf))
			}
			a, err := book.Ask(context.Background(), question, facts, options...)
			if err != nil {
				var x struct {
					Line  int
					Error struct{ Code, Fact string }
				}
				require.NoError(t, json.Unmarshal([]byte(lines[at]), &x))
				assert.Equal(t, "unknown_word request.kind", x.Error.Code+" "+x.Error.Fact)
				assert.Equal(t, at+1, x.Line)
				continue
			}
			assert.Equal(t, fmt.Sprintf(`{"line":%d,"record":%q,"answer":%s}`, at+1, id, a.AppendJSON(nil, true)), lines[at])
		}
		v := tally.View{Tally: r.Tally}
		assert.Equal(t, int64(294), v.N(tally.Records, ""))
		assert.Equal(t, int64(6), v.N(tally.Refused, ""))
		assert.False(t, r.Complete())
	}
}

// A table and the same facts in JSON get the same answers.
func TestFormatsOfInput(t *testing.T) {
	answers := func(f Format) (all []string) {
		out, _ := do(t, tickets(t, f, 200), Options{Plan: Plan{In: f, Out: JSONL}})
		for line := range strings.SplitSeq(out, "\n") {
			_, answer, _ := strings.Cut(line, `"answer":`)
			all = append(all, answer)
		}
		return all
	}
	assert.Equal(t, answers(JSONL), answers(CSV))
}

func TestCSVOutput(t *testing.T) {
	in := "record,request.kind,request.area_type,request.papers_complete_at,request.completed_at,#note\n" +
		"A1,install,urban,2025-06-09T10:00:00+08:00,2025-06-17T09:00:00+08:00,late\n" +
		"A2,install,,2025-06-09T10:00:00+08:00,,\n" +
		"A3,instal,urban,,,\n" +
		"\n" +
		"\"A4\",install,urban,2031-06-09T10:00:00+08:00,,\n"
	const fields = "verdict,due_date,breaches,missing_facts"
	out, r := do(t, []byte(in), Options{Plan: Plan{In: CSV, Out: CSV, Lang: "en", Fields: strings.Split(fields, ",")}})
	lines := strings.Split(out, "\n")
	require.Len(t, lines, 6)
	assert.Equal(t, "\ufeffline,record,"+fields+",error,fact,message", lines[0])
	assert.Equal(t, `2,A1,late,2025-06-16,"overdue (Time limits, article 6)",,,,`, lines[1])
	assert.Equal(t, "3,A2,undetermined,,,kind of area,,,", lines[2])
	assert.True(t, strings.HasPrefix(lines[3], `4,A3,,,,,none of the words,kind of request (request.kind),"""instal"" is not one of the words → did you mean install (installation)?`), lines[3])
	assert.True(t, strings.HasPrefix(lines[4], "6,A4,,,,,the calendar lacks the year,,the calendar has no year 2031"), lines[4])
	assert.False(t, r.Complete())

	whole, _ := do(t, []byte(in), Options{Plan: Plan{In: CSV, Out: CSV, Lang: "zh"}})
	rows, err := csv.NewReader(strings.NewReader(whole)).ReadAll()
	require.NoError(t, err)
	assert.Equal(t, []string{"\ufeffline", "record", "verdict", "clock_start", "due_date"}, rows[0][:5])
	assert.Equal(t, []string{"2", "A1", "超期办结", "2025-06-09 10:00", "2025-06-16"}, rows[1][:5])
	assert.Contains(t, rows[3][len(rows[3])-1], "不在词表中")
}

// A table that somebody else has made gets the answers of the same facts in
// ours: other names, words and clocks, and the ids anywhere.
func TestMappedTable(t *testing.T) {
	own := "record,request.kind,request.area_type,request.papers_complete_at,as_of\n" +
		"A1,install,urban,2025-06-09T10:00:00+08:00,2025-06-17T00:00:00+08:00\n" +
		"A2,install,rural,2025-06-09T10:00:00+08:00,\n" +
		"A2,install,rural,2025-06-09T10:00:00+08:00,\n" +
		",install,urban,,\n"
	foreign := "齐件,备注,事项,单号,asked\n" +
		"2025-06-09 10:00,城区,装机,A1,2025-06-17T00:00\n" +
		"2025-06-09T10:00:00+08:00,农村,装机,A2,\n" +
		"2025-06-09T02:00:00Z,农村,装机,A2,\n" +
		",城区,装机,,\n"
	mapping := &table.Mapping{Record: "单号", Columns: []table.Column{
		{Header: "事项", Path: "request.kind", Words: map[string]string{"装机": "install"}},
		{Header: "备注", Path: "request.area_type", Words: map[string]string{"城区": "urban", "农村": "rural"}},
		{Header: "齐件", Path: "request.papers_complete_at"},
		{Header: "asked", Path: table.AsOf},
	}}
	q, _ := defaultBook(t).Rulebook().Question(question)
	for i := range mapping.Columns {
		mapping.Columns[i].Fact, _ = q.FactAt(mapping.Columns[i].Path)
	}
	for _, f := range []Format{JSONL, CSV} {
		want, _ := do(t, []byte(own), Options{Plan: Plan{In: CSV, Out: f}})
		got, _ := do(t, []byte(foreign), Options{Plan: Plan{In: CSV, Out: f, Mapping: mapping, LocalTimes: true}})
		assert.Equal(t, want, got)
		assert.Equal(t, 1, strings.Count(got, map[Format]string{JSONL: "duplicate_record", CSV: "an id that stands twice"}[f]))
	}
	out, _ := do(t, []byte("单号,事项,备注,齐件,asked\nA1,拆机,城区,,\n"), Options{Plan: Plan{In: CSV, Out: JSONL, Mapping: mapping}})
	assert.Contains(t, out, `"code":"unknown_word","fact":"request.kind","value":"拆机","message":{"zh":"列 \"事项\"：`)
	_, err := Run(t.Context(), defaultBook(t), Options{Plan: Plan{Question: question, In: CSV, Mapping: mapping}, Input: strings.NewReader("单号,事项\n")})
	var wrong *HeaderError
	require.ErrorAs(t, err, &wrong)
	assert.Equal(t, "unknown_column", wrong.Problems[0].Code)
}

// A table for people has no codes of words, in either language, and no cell
// that is taken for a formula, whatever stands in the input.
func TestCSVIsForPeople(t *testing.T) {
	for _, book := range []*rulebook.Book{defaultBook(t), clinicBook(t)} {
		for _, q := range book.Rulebook().Questions {
			rows := sample.New(book.Rulebook(), q, 3)
			var in bytes.Buffer
			w := csv.NewWriter(&in)
			require.NoError(t, w.Write(rows.Header()))
			for i := range int64(60) {
				cells := rows.Row(i)
				cells[0] = []string{"=1+1", "+1", "@SUM(1)", "-x", "甲"}[i%5] + fmt.Sprint(i)
				require.NoError(t, w.Write(cells))
			}
			w.Flush()
			for _, lang := range []string{"zh", "en"} {
				var out bytes.Buffer
				_, err := Run(t.Context(), book, Options{Plan: Plan{Question: q.ID, In: CSV, Out: CSV, Lang: lang}, Input: bytes.NewReader(in.Bytes()), Output: &out})
				require.NoError(t, err)
				text, marked := strings.CutPrefix(out.String(), table.Mark)
				require.True(t, marked)
				all, err := csv.NewReader(strings.NewReader(text)).ReadAll()
				require.NoError(t, err)
				for _, row := range all[1:] {
					for _, cell := range row {
						require.Equal(t, table.Neutral(cell), cell)
					}
					for _, word := range q.Verdict.Words.Words {
						if label := q.Verdict.Words.Labels[word].In(lang); label != word {
							require.NotEqual(t, word, row[2], q.ID)
						}
					}
				}
			}
		}
	}
}

func TestSelect(t *testing.T) {
	in := tickets(t, JSONL, 300)
	whole, all := do(t, in, Options{Plan: Plan{In: JSONL, Out: JSONL}})
	for words, keep := range map[string]func(verdict string, breaches int, failed bool) bool{
		"late,overdue": func(v string, _ int, _ bool) bool { return v == "late" || v == "overdue" },
		"breaches":     func(_ string, n int, _ bool) bool { return n > 0 },
		"error":        func(_ string, _ int, failed bool) bool { return failed },
		"undetermined": func(v string, _ int, _ bool) bool { return v == "undetermined" },
	} {
		var want []string
		for line := range strings.Lines(whole) {
			var x struct {
				Error  any
				Answer struct {
					Verdict  string
					Breaches []any
					Error    any
				}
			}
			require.NoError(t, json.Unmarshal([]byte(line), &x))
			if x.Error != nil || keep(x.Answer.Verdict, len(x.Answer.Breaches), x.Answer.Error != nil) {
				want = append(want, line)
			}
		}
		got, r := do(t, in, Options{Plan: Plan{In: JSONL, Out: JSONL, Select: strings.Split(words, ",")}})
		assert.Equal(t, strings.Join(want, ""), got, words)
		assert.True(t, all.Tally.Equal(r.Tally), "what is left out is counted all the same")
	}
	_, err := Run(context.Background(), defaultBook(t), Options{Plan: Plan{Question: question, In: JSONL, Select: []string{"lat"}}, Input: strings.NewReader("")})
	var wrong *SelectError
	require.ErrorAs(t, err, &wrong)
	assert.Contains(t, wrong.Remedy.EN, "late?")
}

// The same file gives the same bytes on any number of cores, and its tally
// does not depend on where blocks end.
func TestCoresDoNotMatter(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
	for _, f := range []Format{CSV, JSONL} {
		in := tickets(t, f, 500)
		for _, gz := range []bool{false, true} {
			var want string
			for _, cores := range []int{1, 2, 5} {
				runtime.GOMAXPROCS(cores)
				got, r := do(t, in, Options{Plan: Plan{In: f, Out: f}, OutGzip: gz})
				if cores == 1 {
					want = got
				}
				require.True(t, want == got, "%s %v %d", f, gz, cores)
				if cores == 5 && gz {
					plain, whole := do(t, in, Options{Plan: Plan{In: f, Out: f}})
					zipped, err := gzip.NewReader(strings.NewReader(got))
					require.NoError(t, err)
					text, err := io.ReadAll(zipped)
					require.NoError(t, err)
					assert.True(t, plain == string(text))
					assert.True(t, whole.Tally.Equal(r.Tally))
				}
			}
		}
	}
}

func TestGzipInput(t *testing.T) {
	in := tickets(t, CSV, 100)
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, err := w.Write(in)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	want, _ := do(t, in, Options{Plan: Plan{In: CSV, Out: JSONL}})
	got, _ := do(t, zipped.Bytes(), Options{Plan: Plan{In: CSV, Out: JSONL}, InGzip: true})
	assert.True(t, want == got)

	_, err = Run(context.Background(), defaultBook(t), Options{
		Plan:  Plan{Question: question, In: CSV, Out: JSONL},
		Input: bytes.NewReader(zipped.Bytes()[:zipped.Len()/2]), InGzip: true, Output: io.Discard, size: 1 << 10,
	})
	var unreadable *InputError
	require.ErrorAs(t, err, &unreadable)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	var stopped *StoppedError
	require.ErrorAs(t, err, &stopped)
	assert.False(t, stopped.Resumable)
	assert.Positive(t, stopped.Rows)
}

func TestWrongHeader(t *testing.T) {
	for header, code := range map[string]string{
		"record,request.knd\n":                  "unknown_column",
		"record,request.kind,request.kind\n":    "duplicate_column",
		"sep=;\nrecord;request.kind\n":          "wrong_separator",
		"\xff\xfer\x00e\x00":                    "not_utf8",
		"r\x00e\x00c\x00":                       "not_utf8",
		"PK\x03\x04\x00\x00":                    "not_csv",
		"record;request.kind\n":                 "wrong_separator",
		"":                                      "empty_table",
		"\xff,request.kind\n":                   "not_utf8",
		"\"record\n":                            "csv_syntax",
		"request.kind,record\n":                 "unknown_column",
		"record,request.kind\rA1,fault\r":       "wrong_line_ends",
		"record,#" + strings.Repeat("x", 2<<20): "row_too_long",
	} {
		_, err := Run(context.Background(), defaultBook(t), Options{Plan: Plan{Question: question, In: CSV}, Input: strings.NewReader(header), Output: io.Discard})
		var wrong *HeaderError
		require.ErrorAs(t, err, &wrong, header)
		assert.Equal(t, code, wrong.Problems[0].Code, header)
	}
}

// Everything that is wrong with a row is told.
func TestEveryProblemOfARow(t *testing.T) {
	for in, input := range map[Format]string{
		CSV:   "record,request.kind,request.area_type,explained,request.received_at\nA1,instal,urbn,maybe,2025-06-09 25:00\nA2,install,urban,true,\n",
		JSONL: `{"record": "A1", "request": {"kind": "instal", "area_type": "urbn", "received_at": "2025-06-09 25:00"}, "explained": "maybe"}` + "\n" + `{"record": "A2"}` + "\n",
	} {
		out, _ := do(t, []byte(input), Options{Plan: Plan{In: in, Out: JSONL}})
		line, _, _ := strings.Cut(out, "\n")
		var got struct {
			Record string
			Error  struct{ Code, Fact string }
			Errors []struct{ Code, Fact string }
		}
		require.NoError(t, json.Unmarshal([]byte(line), &got), line)
		var facts []string
		for _, e := range got.Errors {
			facts = append(facts, e.Fact)
		}
		assert.ElementsMatch(t, []string{"request.kind", "request.area_type", "explained", "request.received_at"}, facts, line)
		assert.Equal(t, "A1", got.Record)
		assert.Equal(t, got.Error, got.Errors[0])
		table, _ := do(t, []byte(input), Options{Plan: Plan{In: in, Out: CSV}})
		rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
		require.NoError(t, err)
		last := rows[1][len(rows[1])-2]
		named := map[string]string{
			"request.kind": "kind of request (request.kind)", "request.area_type": "kind of area (request.area_type)",
			"request.received_at": "received (request.received_at)", "explained": "explained to the customer (explained)",
		}
		for i, f := range facts {
			facts[i] = named[f]
		}
		assert.ElementsMatch(t, facts, strings.Split(last, "; "), "%q", rows[1])
	}
}

func TestBadRows(t *testing.T) {
	for _, c := range []struct {
		f    Format
		in   string
		want string // line code fact, a row each; "" for an answer
	}{
		{CSV, "request.kind\nfault\nflt\n", ";3 unknown_word request.kind"},
		{CSV, "sep=,\r\n\n,,\nrequest.kind,,\r\nfault,,\r\n,,\r\nfault,,x\r\n\"fault\",,\r\nflt,,", ";7 column_without_name C;;9 unknown_word request.kind"},
		{CSV, "\ufeff\ufeffSEP=,\nrequest.kind\nfault\n", ""},
		{CSV, "request.kind\nfa\"ult\nfault,\n\nfault\n", "2 csv_syntax ;3 wrong_number_of_cells ;"},
		{CSV, "request.kind,observed\nfault,[\xff]\nfault,\n", "2 not_utf8 ;"},
		{CSV, "request.kind\n\"fa\nult\"\nfault\x01\n", "2 unknown_word request.kind;4 control_character request.kind"},
		{CSV, "record,request.kind\n" + strings.Repeat("x", 201) + ",fault\n", "2 bad_id record"},
		{JSONL, "{\"request\": {\"kind\": \"fault\"}}\n{\"request\": {\"kind\": 1}}\n\n[]\n{\n", ";2 unknown_word request.kind;4 wrong_type ;5 json_syntax "},
		{JSONL, `{"record": {"a": 1}}` + "\n" + `{"record": 12}` + "\n" + `{"record": null}` + "\n{\"a\xff\": 1}\n", "1 bad_id record;;;4 not_utf8 "},
		{JSONL, `{"as_of": "2025-06-01T00:00:00Z"}` + "\n" + `{"as_of": null}` + "\n" + `{"as_of": "x"}`, ";;3 not_a_moment as_of"},
	} {
		out, _ := do(t, []byte(c.in), Options{Plan: Plan{In: c.f, Out: JSONL, Fields: []string{"verdict"}, AsOf: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)}})
		var got []string
		for line := range strings.Lines(out) {
			var x struct {
				Line  int
				Error *struct{ Code, Fact string }
			}
			require.NoError(t, json.Unmarshal([]byte(line), &x), line)
			if x.Error == nil {
				got = append(got, "")
				continue
			}
			got = append(got, fmt.Sprintf("%d %s %s", x.Line, x.Error.Code, x.Error.Fact))
		}
		assert.Equal(t, c.want, strings.Join(got, ";"), c.in)
	}
}

// A reader that gives nothing does not keep a run that is to end.
func TestInterruptedWhileWaiting(t *testing.T) {
	in, feed := io.Pipe()
	t.Cleanup(func() { feed.Close() })
	ctx, cancel := context.WithCancel(t.Context())
	path := filepath.Join(t.TempDir(), "out.jsonl")
	text := tickets(t, JSONL, 100)
	go func() {
		_, _ = feed.Write(text)
		cancel()
	}()
	_, err := Run(ctx, defaultBook(t), Options{Plan: Plan{Question: question, In: JSONL, Out: JSONL}, Input: in, OutPath: path, size: 1 << 10})
	var stopped *StoppedError
	require.ErrorAs(t, err, &stopped)
	require.ErrorIs(t, err, context.Canceled)
	assert.True(t, stopped.Resumable)

	o := Options{Plan: Plan{Question: question, In: JSONL, Out: JSONL}, OutPath: path, size: 1 << 10}
	o.Input = bytes.NewReader(text)
	_, err = Run(t.Context(), defaultBook(t), o)
	var unfinished *UnfinishedError
	require.ErrorAs(t, err, &unfinished, "an unfinished run is not thrown away unasked")
	o.Resume = true
	r, err := Run(t.Context(), defaultBook(t), o)
	require.NoError(t, err)
	assert.Equal(t, stopped.Rows, r.Resumed)
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	want, whole := do(t, text, Options{Plan: Plan{In: JSONL, Out: JSONL}})
	assert.True(t, want == string(got))
	assert.True(t, whole.Tally.Equal(r.Tally))
	left, err := filepath.Glob(path + ".*")
	require.NoError(t, err)
	assert.Empty(t, left)
}

type failing struct{ after int }

var errFull = errors.New("no space left")

func (f *failing) Write(p []byte) (int, error) {
	if f.after -= len(p); f.after < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestOutputThatCannotBeWritten(t *testing.T) {
	_, err := Run(t.Context(), defaultBook(t), Options{
		Plan: Plan{Question: question, In: JSONL, Out: JSONL}, Input: bytes.NewReader(tickets(t, JSONL, 200)), Output: &failing{after: 100_000}, size: 1 << 10,
	})
	require.ErrorIs(t, err, errFull)
	var stopped *StoppedError
	require.ErrorAs(t, err, &stopped)
	assert.Positive(t, stopped.Rows)
}

// A row that could not be judged says what to do about it, in a table, too.
func TestFailedRowsSayWhatToDo(t *testing.T) {
	in := "record,request.kind,request.area_type,request.papers_complete_at\nA1,install,urban,2025-07-09T10:00:00+08:00\n"
	for lang, want := range map[string]string{"en": "is later than the moment of asking, 2025-07-01 08:00 → leave out what has not happened yet", "zh": "晚于判断时间 2025-07-01 08:00 → 尚未发生的不要写"} {
		out, _ := do(t, []byte(in), Options{Plan: Plan{In: CSV, Out: CSV, Lang: lang, AsOf: time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC)}})
		assert.Contains(t, out, want)
		assert.Contains(t, out, "--as-of")
	}
}

// A table for people has no code or path where there is a label for it: every
// part of an answer, of every kind of row, in both languages.
func TestCSVHasNoBareCodes(t *testing.T) {
	bare := regexp.MustCompile(`[a-z]+(_[a-z]+)+|[a-z_]+[./#=][a-z_0-9.]+`)
	rows := map[string]string{
		"time_limit.request": `{"record":"1","request":{"kind":"install","area_type":"urban","papers_complete_at":"2025-06-09T10:00:00+08:00","completed_at":"2025-06-17T09:00:00+08:00"}}
{"record":"2","request":{"kind":"install"}}
{"record":"3","request":{"kind":"instal"}}
{"record":"4","request":{"kind":"install","area_type":"urban","papers_complete_at":"2025-06-09T10:00:00+08:00","completed_at":"2025-06-07T09:00:00+08:00"}}
{"record":"4","request":{"kind":"other"}}
`,
		"disclosure.hall_audit": `{"record":"1","hall":"H1","present":["price_policy"],"outlets":[{"name":"north","address":true,"phone":false}]}
`,
		"accountability.trigger":  "{\"record\":\"1\"}\n{\"record\":\"2\",\"observed\":[\"perfunctory\"]}\n",
		"accountability.history":  `{"record":"1","person":"S1","complaints":[{"id":"K1","received_at":"2025-06-02T09:00:00+08:00","level":"hall","form":"complaint","substantiated":true,"cause":"service"}]}` + "\n",
		"first_inquiry.materials": `{"record":"1","required":["id_card"],"provided":[],"notices":[]}` + "\n",
	}
	for question, in := range rows {
		q, ok := defaultBook(t).Rulebook().Question(question)
		require.True(t, ok)
		for _, fields := range [][]string{nil, {"question", "needs_decision", "cites", "readings", "rules", "explanation"}} {
			for _, lang := range []string{"zh", "en"} {
				out, _ := do(t, []byte(in), Options{Plan: Plan{Question: q.ID, In: JSONL, Out: CSV, Lang: lang, Fields: fields}})
				cells, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(out, "\ufeff"))).ReadAll()
				require.NoError(t, err)
				for _, row := range cells[1:] {
					for i, cell := range row {
						if cells[0][i] == "message" {
							continue // sentences, which say what to write
						}
						named := regexp.MustCompile(`（[^（）]*）| \([^()]*\)`).ReplaceAllString(cell, "")
						assert.False(t, bare.MatchString(named), "%s %s %s: %s", question, lang, cells[0][i], cell)
					}
				}
			}
		}
	}
}
