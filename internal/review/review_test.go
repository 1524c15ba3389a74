package review

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/golden"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/policy"
)

func TestReport(t *testing.T) {
	r, err := Dir(context.Background(), lending(t), "testdata/2025-06", Options{})
	require.NoError(t, err)
	assert.False(t, r.Failed())
	golden.File(t, "testdata/2025-06.zh.txt", []byte(r.text(t, "zh")))
	golden.File(t, "testdata/2025-06.en.txt", []byte(r.text(t, "en")))
}

func TestForeignTables(t *testing.T) {
	r, err := Dir(context.Background(), lending(t), "testdata/foreign", Options{})
	require.NoError(t, err)
	golden.File(t, "testdata/foreign.zh.txt", []byte(r.text(t, "zh")))
	golden.File(t, "testdata/foreign.en.txt", []byte(r.text(t, "en")))

	loans := r.section(t, "loans")
	assert.Equal(t, map[string]string{"F1": "on_time", "F2": "late", "F3": "late", "F4": "overdue", "F5": "overdue", "F6": "on_time"}, loans.verdicts())
	require.Len(t, loans.Compare, 1)
	c := loans.Compare[0]
	assert.Equal(t, 3, c.Agree, "F1, F3 and F5")
	assert.Equal(t, 2, c.Differ)
	assert.Equal(t, []string{"F2", "F6"}, c.Examples)
	assert.Equal(t, 1, c.Apart, "F4 has no flag")

	require.Len(t, r.Findings, 1)
	f := r.Findings[0]
	assert.Equal(t, "films.csv", f.File)
	assert.Equal(t, 8, f.Line)
	assert.Equal(t, "type", f.Column)
	assert.Equal(t, "3", f.Value)
	assert.True(t, r.Failed())
}

func TestCounts(t *testing.T) {
	dir := os.DirFS("testdata/foreign")
	book := lending(t)
	r, err := Run(context.Background(), book, dir, Options{})
	require.NoError(t, err)
	desks := r.section(t, "desks")
	require.Len(t, desks.Records, 1, "June alone")
	x := desks.Records[0]
	assert.Equal(t, "2025-06", x.ID)
	assert.Equal(t, "letters.csv", x.File)
	assert.Equal(t, "undetermined", x.Answer.Verdict, "nobody counted the visitors")
	assert.Equal(t, []Fact{{Path: "visitors", Label: Text{ZH: "读者数", EN: "visitors"}}}, x.Answer.Missing)

	rules := bytes.Replace(book.Rulebook().Source(), []byte("base: visitors"), []byte("base: 100 * complaints + 1"), 1)
	counting, err := rulebook.Parse("rules.yaml", rules)
	require.NoError(t, err)
	for month, ratio := range map[string]string{"2025-05": "1/101", "2025-06": "2/201", "2025-07": "1/101"} {
		r, err := Run(context.Background(), counting, dir, Options{Month: month})
		require.NoError(t, err)
		records := r.section(t, "desks").Records
		require.Len(t, records, 1)
		assert.Equal(t, ratio, records[0].Cells[1].EN, month)
	}
	r, err = Run(context.Background(), counting, dir, Options{Month: "2025-01"})
	require.NoError(t, err)
	assert.Empty(t, r.section(t, "desks").Records, "a month without rows is not asked about")
}

func TestMonth(t *testing.T) {
	const head = "record,reader,loan.kind,loan.lent_at,loan.returned_at,member\n"
	dir := files("loans.csv", head+strings.Join([]string{
		"first,R,book,2025-06-01T00:00:00+08:00,,false",
		"last,R,book,2025-06-30T23:59:59+08:00,,false",
		"utc,R,book,2025-05-31T16:00:00Z,,false", // June in the rulebook's zone
		"before,R,book,2025-05-31T23:59:59+08:00,2025-05-31T23:59:59+08:00,false",
		"reaching,R,book,2025-05-20T10:00:00+08:00,2025-06-01T00:00:00+08:00,false",
		"open,R,book,2025-03-01T10:00:00+08:00,,false",
		"nowhere,R,book,,,false",
		"after,R,book,2025-07-01T00:00:00+08:00,,false",
	}, "\n")+"\n")
	s := june(t, dir).section(t, "loans")
	assert.Equal(t, map[string]string{
		"first": "overdue", "last": "running", "utc": "overdue", "reaching": "overdue", "open": "overdue", "nowhere": "not_started",
	}, withoutLate(s.verdicts()))
	assert.Equal(t, 2, s.Totals.Outside)

	all, err := Run(context.Background(), lending(t), dir, Options{AsOf: time.Date(2025, 8, 1, 0, 0, 0, 0, time.UTC)})
	require.NoError(t, err)
	assert.Len(t, all.section(t, "loans").Records, 8, "without a month, nothing is left out")
	assert.Zero(t, all.section(t, "loans").Totals.Outside)
}

// withoutLate calls both kinds of lateness the same.
func withoutLate(verdicts map[string]string) map[string]string {
	for id, v := range verdicts {
		if v == "late" {
			verdicts[id] = "overdue"
		}
	}
	return verdicts
}

func TestMonthAndMomentOfAsking(t *testing.T) {
	table := "record,month,complaints,visitors\nD,2025-06,1,200\n"
	moment := time.Date(2025, 6, 15, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		config      string
		options     Options
		month, asOf string
	}{
		"nothing said":              {"", Options{Dir: "june"}, "", ""},
		"name of the directory":     {"", Options{Dir: "2025-06"}, "2025-06", "2025-07-01T00:00:00+08:00"},
		"review.yaml wins":          {"month: 2025-12\n", Options{Dir: "2025-06"}, "2025-12", "2026-01-01T00:00:00+08:00"},
		"the options win":           {"month: 2025-12\nas_of: 2026-02-01T00:00:00Z\n", Options{Dir: "2025-06", Month: "2025-05", AsOf: moment}, "2025-05", "2025-06-15T08:00:00+08:00"},
		"as_of of review.yaml":      {"as_of: 2025-06-30T12:00:00+08:00\n", Options{Dir: "2025-06"}, "2025-06", "2025-06-30T12:00:00+08:00"},
		"a month that is not one":   {"", Options{Dir: "2025-13"}, "", ""},
		"as_of without any month":   {"as_of: 2025-06-30T12:00:00+08:00\n", Options{}, "", "2025-06-30T12:00:00+08:00"},
		"month given, no moment":    {"", Options{Month: "2025-02"}, "2025-02", "2025-03-01T00:00:00+08:00"},
		"directory of a quarter":    {"", Options{Dir: "2025年第二季度"}, "", "2025-07-01T00:00:00+08:00"},
		"directory of a year":       {"", Options{Dir: "2025"}, "", ""},
		"period of review.yaml":     {"period: 2025-H1\n", Options{Dir: "2025-06"}, "", "2025-07-01T00:00:00+08:00"},
		"moment given, not a month": {"", Options{AsOf: moment}, "", "2025-06-15T08:00:00+08:00"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := files("desks.csv", table)
			if c.config != "" {
				dir["review.yaml"] = &fstest.MapFile{Data: []byte(c.config)}
			}
			r, err := Run(context.Background(), lending(t), dir, c.options)
			require.NoError(t, err)
			assert.Equal(t, c.month, r.Month)
			assert.Equal(t, c.asOf, r.AsOf)
		})
	}
	_, err := Run(context.Background(), lending(t), files("desks.csv", table), Options{Month: "June"})
	assert.ErrorContains(t, err, "month")
}

func TestMomentOfAskingIsMissing(t *testing.T) {
	dir := files("loans.csv", "record,reader,price,loan.kind,loan.lent_at,member,as_of\n"+
		"L1,R,8,film,2025-06-01T10:00:00+08:00,false,\n"+
		"L2,R,8,film,2025-06-01T10:00:00+08:00,false,2025-06-03T10:00:00+08:00\n"+
		"L3,R,8,film,2025-06-01T10:00:00+08:00,false,2025-06-03T10:00:01+08:00\n")
	r, err := Run(context.Background(), lending(t), dir, Options{})
	require.NoError(t, err)
	s := r.section(t, "loans")
	assert.Equal(t, map[string]string{"L1": "undetermined", "L2": "running", "L3": "overdue"}, s.verdicts(), "a row may say itself when it is asked")
	require.NotEmpty(t, s.MissingFacts)
	assert.Equal(t, "as_of", s.MissingFacts[0].Code)
	assert.Equal(t, []string{"L1"}, s.MissingFacts[0].Records)
}

func TestOrderDoesNotMatter(t *testing.T) {
	names, err := filepath.Glob("testdata/2025-06/*.csv")
	require.NoError(t, err)
	require.Len(t, names, 4)
	plain := fstest.MapFS{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		plain[filepath.Base(name)] = &fstest.MapFile{Data: data}
	}
	want := june(t, plain)
	random := rand.New(rand.NewPCG(1, 2))
	for range 5 {
		shuffled := fstest.MapFS{}
		for name, f := range plain {
			head, rows, _ := strings.Cut(string(f.Data), "\n")
			lines := strings.Split(strings.TrimSuffix(rows, "\n"), "\n")
			random.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
			shuffled[name] = &fstest.MapFile{Data: []byte(head + "\n" + strings.Join(lines, "\n") + "\n")}
		}
		assert.Equal(t, want, june(t, shuffled))
	}
}

func TestZoneOfTheMachineDoesNotMatter(t *testing.T) {
	before := time.Local
	t.Cleanup(func() { time.Local = before })
	want := ""
	for _, zone := range []*time.Location{time.UTC, time.FixedZone("", -11*3600), time.FixedZone("", 14*3600)} {
		time.Local = zone
		r, err := Dir(context.Background(), lending(t), "testdata/2025-06", Options{})
		require.NoError(t, err)
		if want == "" {
			want = r.text(t, "zh")
		}
		assert.Equal(t, want, r.text(t, "zh"))
	}
}

func TestDecisions(t *testing.T) {
	r, err := Dir(context.Background(), lending(t), "testdata/2025-06", Options{})
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, r.WriteDecisions(dir))
	first, err := os.ReadFile(filepath.Join(dir, DecisionsName))
	require.NoError(t, err)
	require.NoError(t, r.WriteDecisions(dir))
	again, err := os.ReadFile(filepath.Join(dir, DecisionsName))
	require.NoError(t, err)
	assert.Equal(t, first, again)

	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 1, "nothing else is left behind")

	var ids []string
	for line := range bytes.Lines(first) {
		var d struct {
			Section, Record, Question string
			Answer                    struct {
				Question    string
				Explanation struct{ ZH, EN []string }
			}
		}
		require.NoError(t, json.Unmarshal(line, &d))
		assert.Equal(t, d.Question, d.Answer.Question)
		assert.NotEmpty(t, d.Answer.Explanation.ZH)
		ids = append(ids, d.Section+" "+d.Record+" "+d.Question)
	}
	assert.Equal(t, []string{
		"desks D1-2025-06 desk.month", "desks D2-2025-06 desk.month", "desks D10-2025-06 desk.month",
		"loans L1 loans.return", "loans L2 loans.return", "loans L2 loans.may_charge", "loans L3 loans.return", "loans L3 loans.may_charge",
		"loans L4 loans.return", "loans L5 loans.return", "loans L6 loans.return", "loans L8 loans.return", "loans L8 loans.may_charge",
		"loans L9 loans.return", "loans L10 loans.return",
	}, ids)

	assert.Error(t, r.WriteDecisions(filepath.Join(dir, "not there")))
}

func TestJSON(t *testing.T) {
	r, err := Dir(context.Background(), lending(t), "testdata/2025-06", Options{})
	require.NoError(t, err)
	data, err := json.Marshal(r)
	require.NoError(t, err)
	var back Report
	require.NoError(t, json.Unmarshal(data, &back))
	again, err := json.Marshal(&back)
	require.NoError(t, err)
	assert.JSONEq(t, string(data), string(again))
	var plain any
	require.NoError(t, json.Unmarshal(data, &plain))
	assertNoNull(t, plain, "")
}

// assertNoNull checks that empty lists are lists; complete answers have nulls
// of their own.
func assertNoNull(t *testing.T, v any, path string) {
	switch v := v.(type) {
	case nil:
		t.Errorf("%s is null", path)
	case []any:
		for _, x := range v {
			assertNoNull(t, x, path+"[]")
		}
	case map[string]any:
		for key, x := range v {
			if key != "complete" {
				assertNoNull(t, x, path+"."+key)
			}
		}
	}
}

func TestProgressAndCancelling(t *testing.T) {
	var b strings.Builder
	b.WriteString("record,month,complaints,visitors\n")
	for i := range 200 {
		b.WriteString("D" + strings.Repeat("x", i) + ",2025-06,1,200\n")
	}
	dir := files("desks.csv", b.String())
	var last [2]int
	calls := 0
	_, err := Run(context.Background(), lending(t), dir, Options{Month: "2025-06", Progress: func(done, total int) {
		assert.Greater(t, done, last[0])
		last = [2]int{done, total}
		calls++
	}})
	require.NoError(t, err)
	assert.Equal(t, [2]int{200, 200}, last)
	assert.Greater(t, calls, 1)

	ctx, cancel := context.WithCancel(context.Background())
	_, err = Run(ctx, lending(t), dir, Options{Progress: func(int, int) { cancel() }})
	assert.ErrorIs(t, err, context.Canceled)
}

// What is emitted record by record is what a report holds; the rest of the
// report is the same.
func TestEmit(t *testing.T) {
	dir := os.DirFS("testdata/2025-06")
	whole, err := Run(context.Background(), lending(t), dir, Options{Month: "2025-06"})
	require.NoError(t, err)
	emitted := map[string][]Record{}
	r, err := Run(context.Background(), lending(t), dir, Options{
		Month: "2025-06", Emit: func(section string, r *Record, a *policy.Answer) error {
			assert.Equal(t, a.Verdict, r.Answer.Verdict)
			emitted[section] = append(emitted[section], *r)
			return nil
		},
	})
	require.NoError(t, err)
	for i := range r.Sections {
		s := &r.Sections[i]
		require.Empty(t, s.Records)
		s.Records = append(s.Records, emitted[s.Name]...)
	}
	require.NotEmpty(t, emitted)
	assert.Equal(t, whole, r)

	failure := errors.New("no room")
	_, err = Run(context.Background(), lending(t), dir, Options{Emit: func(string, *Record, *policy.Answer) error { return failure }})
	require.ErrorIs(t, err, failure)
	r, err = Run(context.Background(), lending(t), dir, Options{Month: "2025-06", Brief: true, Named: 1})
	require.NoError(t, err)
	for i := range r.Sections {
		for _, x := range r.Sections[i].Records {
			assert.Empty(t, x.Answer.Complete)
		}
		for k, g := range r.Sections[i].MissingFacts {
			assert.Len(t, g.Records, 1)
			assert.Equal(t, len(whole.Sections[i].MissingFacts[k].Records), 1+g.More)
		}
	}
}

// Whatever the shape of a table, a review takes no more memory than it was
// given, and says so.
func TestMost(t *testing.T) {
	const most = 4 << 20
	for name, text := range map[string]string{
		"rows":            "record\n" + strings.Repeat("a\n", 1_000_000),
		"cells":           "record" + strings.Repeat(",", 200) + "\n" + strings.Repeat("a"+strings.Repeat(",", 200)+"\n", 5_000),
		"too many cells":  "record,x\n" + strings.Repeat("a"+strings.Repeat(",", 1000)+"\n", 5_000),
		"long cells":      "record,x\n" + strings.Repeat("a,"+strings.Repeat("y", 10_000)+"\n", 1_000),
		"lines of quotes": "record,x\n" + strings.Repeat("a,\"\"\"\"\n", 100_000),
		"unclosed quote":  "record,x\n1,\"" + strings.Repeat("y\n", 10<<20),
	} {
		dir := files("desks.csv", text)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		peak := uint64(0)
		done := make(chan struct{})
		var watching sync.WaitGroup
		watching.Go(func() {
			for {
				select {
				case <-done:
					return
				case <-time.After(time.Millisecond):
					runtime.ReadMemStats(&after)
					peak = max(peak, after.HeapAlloc)
				}
			}
		})
		old := debug.SetGCPercent(20)
		r, err := Run(context.Background(), lending(t), dir, Options{Most: most})
		debug.SetGCPercent(old)
		close(done)
		watching.Wait()
		if name == "unclosed quote" {
			require.NoError(t, err)
			assert.Equal(t, "row_too_long", r.Findings[0].Code)
		} else {
			require.ErrorIs(t, err, ErrTooLarge, name)
		}
		assert.Less(t, int64(peak)-int64(before.HeapAlloc), int64(6*most), name)
	}
	r, err := Run(context.Background(), lending(t), os.DirFS("testdata/2025-06"), Options{Month: "2025-06", Most: most})
	require.NoError(t, err)
	assert.NotEmpty(t, r.Sections)
}

// Text that is cut anywhere by the reading is text.
func TestTextInPieces(t *testing.T) {
	for before := (64 << 10) - 5; before < (64<<10)+5; before++ {
		dir := files("x.csv", strings.Repeat("x", before)+"汉字\n𐍈", "bad.csv", strings.Repeat("\n", before)+"\xe6\xb1\n")
		require.NoError(t, checkText(dir, "x.csv"))
		var bad *utf8Error
		require.ErrorAs(t, checkText(dir, "bad.csv"), &bad)
		assert.Equal(t, before+1, bad.line)
	}
}

func TestWithoutReview(t *testing.T) {
	rules, _, found := strings.Cut(string(lending(t).Rulebook().Source()), "\nreview:")
	require.True(t, found)
	book, err := rulebook.Parse("rules.yaml", []byte(rules+"\n"))
	require.NoError(t, err)
	_, err = Run(context.Background(), book, files(), Options{})
	assert.ErrorIs(t, err, ErrNoReview)
}

func TestNothingToReview(t *testing.T) {
	r := june(t, files("readme.txt", "hello"))
	require.Len(t, r.Findings, 1)
	assert.Equal(t, "no_tables", r.Findings[0].Code)
	assert.Contains(t, r.Findings[0].Remedy.EN, "desks.csv")
	assert.True(t, r.Failed())
}

func TestPageIsNarrow(t *testing.T) {
	r, err := Dir(context.Background(), lending(t), "testdata/2025-06", Options{})
	require.NoError(t, err)
	for _, lang := range []string{"zh", "en"} {
		for line := range strings.SplitSeq(r.text(t, lang), "\n") {
			assert.LessOrEqual(t, report.Width(line), pageWidth, line)
		}
	}
}

func TestBadConfig(t *testing.T) {
	for name, c := range map[string]struct{ config, code string }{
		"unknown key":           {"mnth: 2025-06", "unknown_key"},
		"month":                 {"month: June", "not_a_month"},
		"moment":                {"as_of: 2025-06-01", "not_a_moment"},
		"no section":            {"tables: {a.csv: {record: id}}", "missing_key"},
		"unknown section":       {"tables: {a.csv: {section: lones, record: id}}", "unknown_section"},
		"no record column":      {"tables: {a.csv: {section: loans}}", "missing_key"},
		"unknown fact":          {"tables: {a.csv: {section: loans, record: id, facts: {loan.knd: k}}}", "unknown_fact"},
		"unknown constant":      {"tables: {a.csv: {section: loans, record: id, constants: {loan.knd: book}}}", "unknown_fact"},
		"fact twice":            {"tables: {a.csv: {section: loans, record: id, facts: {reader: r}, constants: {reader: X}}}", "fact_twice"},
		"words of no fact":      {"tables: {a.csv: {section: loans, record: id, words: {loan.kind: {a: book}}}}", "words_without_fact"},
		"unknown word":          {"tables: {a.csv: {section: loans, record: id, facts: {loan.kind: k}, words: {loan.kind: {a: bok}}}}", "unknown_word"},
		"a path for a file":     {"tables: {../a.csv: {section: loans, record: id}}", "bad_file_name"},
		"unknown verdict":       {"tables: {a.csv: {section: loans, record: id, compare: {column: c, met_when: x, verdicts: {met: [soon]}}}}", "unknown_word"},
		"verdict twice":         {"tables: {a.csv: {section: loans, record: id, compare: {column: c, met_when: x, verdicts: {met: [late], not_met: [late]}}}}", "word_twice"},
		"compare without words": {"tables: {a.csv: {section: loans, record: id, compare: {column: c, met_when: x}}}", "missing_key"},
		"count of no count":     {"counts: [{table: a.csv, moment: m, section: loans, fact: reader, month: reader}]", "wrong_type"},
		"count twice":           {"counts: [{table: a.csv, moment: m, section: desks, fact: complaints, month: month}, {table: a.csv, moment: m, section: desks, fact: complaints, month: month}]", "count_twice"},
		"section and table":     {"tables: {a.csv: {section: loans, table: loans, record: id}}", "section_and_table"},
		"unknown table":         {"tables: {a.csv: {table: lons, record: id}}", "unknown_table"},
		"compare without":       {"tables: {a.csv: {table: loans, record: id, compare: {column: c, met_when: x, verdicts: {met: [late]}}}}", "compare_without_section"},
		"counts of no file":     {"counts: [{moment: m, section: desks, fact: complaints, month: month}]", "missing_key"},
		"flag":                  {"tables: {a.csv: {section: loans, record: id, local_times: yes}}", "not_a_boolean"},
		"not a map":             {"tables: [a.csv]", "wrong_type"},
		"syntax":                {"tables: {a.csv", "yaml_syntax"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Run(context.Background(), lending(t), files("review.yaml", c.config+"\n", "a.csv", "id\n"), Options{})
			var found diagnostic.List
			require.ErrorAs(t, err, &found)
			codes := make([]string, len(found))
			for i, d := range found {
				codes[i] = d.Code
				assert.Equal(t, "review.yaml", d.Span.File)
				assert.NotEmpty(t, d.Message.ZH)
				assert.NotEmpty(t, d.Remedy.EN)
			}
			assert.Contains(t, codes, c.code)
		})
	}
}

func TestNaturalOrder(t *testing.T) {
	for _, pair := range [][2]string{{"A2", "A10"}, {"A", "A1"}, {"A9", "B1"}, {"1", "2"}, {"9", "10"}, {"A1-2", "A1-10"}, {"a01", "a1"}, {"", "x"}} {
		assert.Negative(t, natural(pair[0], pair[1]), "%v", pair)
		assert.Positive(t, natural(pair[1], pair[0]), "%v", pair)
	}
	assert.Zero(t, natural("A07", "A07"))
}

// A letter of June that was answered in July: the report says at which moment
// it was asked, where that is from, and what to do; whoever does it has it
// judged.
func TestEventsAfterTheMomentOfAskingSayWhichMoment(t *testing.T) {
	rows := "record,request.kind,request.severity,request.received_at,request.completed_at\nR1,fault,ordinary,2025-06-30T20:00:00+08:00,2025-07-01T08:00:00+08:00\n"
	book, err := rulebook.Default()
	require.NoError(t, err)
	answer := func(config string, o Options) Answer {
		files := fstest.MapFS{"requests.csv": {Data: []byte(rows)}}
		if config != "" {
			files[ConfigName] = &fstest.MapFile{Data: []byte(config)}
		}
		r, err := Run(context.Background(), book, files, o)
		require.NoError(t, err)
		return r.section(t, "requests").Records[0].Answer
	}
	june := Options{Month: "2025-06"}
	for _, x := range []struct {
		config string
		o      Options
		wants  []string
	}{
		{"", june, []string{"2025-07-01T00:00:00+08:00", "2025-06", "--as-of"}},
		{"as_of: 2025-06-30T21:00:00+08:00\n", june, []string{"2025-06-30T21:00:00+08:00", "review.yaml", "--as-of"}},
		{"", Options{AsOf: time.Date(2025, 6, 30, 14, 0, 0, 0, time.UTC)}, []string{"2025-06-30T22:00:00+08:00", "--as-of"}},
	} {
		a := answer(x.config, x.o)
		require.NotNil(t, a.Error)
		for _, want := range x.wants {
			assert.Contains(t, a.Error.EN, want)
			assert.Contains(t, a.Error.ZH, want)
		}
		x.o.AsOf = time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC) // the moment of the event: no earlier
		a = answer(x.config, x.o)
		assert.Nil(t, a.Error)
		assert.Equal(t, "on_time", a.Verdict)
	}
}

// What could not be computed says why and what to do about it, in the record's
// own lines, in both languages.
func TestWhatCannotBeComputedSaysWhatToDo(t *testing.T) {
	book, err := rulebook.Default()
	require.NoError(t, err)
	dir := files("requests.csv", "record,request.kind,request.severity,request.received_at,request.completed_at\n"+
		"R1,fault,ordinary,2025-06-09T20:00:00+08:00,2025-06-08T08:00:00+08:00\n")
	r, err := Run(context.Background(), book, dir, Options{Month: "2025-06"})
	require.NoError(t, err)
	a := r.section(t, "requests").Records[0].Answer
	require.NotNil(t, a.Error)
	assert.Contains(t, a.Error.EN, "→ check both")
	assert.Contains(t, a.Error.ZH, "→ 请核对")
	for lang, remedy := range map[string]string{"en": "→ check both", "zh": "→ 请核对"} {
		assert.Contains(t, strings.Join(strings.Fields(r.text(t, lang)), " "), remedy)
	}
}
