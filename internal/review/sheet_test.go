package review

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/table"
)

const (
	loansHead = "record,reader,loan.kind,loan.lent_at,member,loan.damages\n"
	goodLoan  = "good,R,film,2025-06-10T09:00:00+08:00,false,\n"
)

func TestBadTables(t *testing.T) {
	for name, c := range map[string]struct {
		files      []string
		want       []string // file:line column "value" code
		reviewed   int      // records of loans
		unreadable int
	}{
		"unknown word": {
			[]string{"loans.csv", loansHead + goodLoan + "bad,R,flim,2025-06-10T09:00:00+08:00,false,\n"},
			[]string{`loans.csv:3 loan.kind "flim" unknown_word`}, 1, 1,
		},
		"all cells of a row": {
			[]string{"loans.csv", loansHead + "bad,R,flim,10 June,nein,torn;bent\n" + goodLoan},
			[]string{
				`loans.csv:2 loan.kind "flim" unknown_word`, `loans.csv:2 loan.lent_at "10 June" not_a_moment`,
				`loans.csv:2 loan.damages "torn;bent" unknown_word`, `loans.csv:2 member "nein" not_a_boolean`,
			}, 1, 1,
		},
		"moment without a zone": {
			[]string{"loans.csv", loansHead + goodLoan + "bad,R,film,2025-06-10T09:00:00,false,\n"},
			[]string{`loans.csv:3 loan.lent_at "2025-06-10T09:00:00" not_a_moment`}, 1, 1,
		},
		"unknown column": {
			[]string{"loans.csv", "record,reader,loan.knd\ngood,R,film\nalso,R,film\n"},
			[]string{`loans.csv:1 loan.knd "" unknown_column`}, 0, 2,
		},
		"column twice": {
			[]string{"loans.csv", "record,reader,reader\ngood,R,R\n"},
			[]string{`loans.csv:1 reader "" duplicate_column`}, 0, 1,
		},
		"column without name": {
			[]string{"loans.csv", "record,reader,\ngood,R,x\n"},
			[]string{`loans.csv:2 C "x" column_without_name`}, 0, 1,
		},
		"record is not first": {
			[]string{"loans.csv", "reader,record\nR,good\n"},
			[]string{`loans.csv:1 reader "" record_column_missing`}, 0, 1,
		},
		"semicolons": {
			[]string{"loans.csv", "record;reader\ngood;R\n"},
			[]string{`loans.csv:1  "record;reader" wrong_separator`}, 0, 1,
		},
		"empty file": {
			[]string{"loans.csv", ""},
			[]string{`loans.csv:1  "" empty_table`}, 0, 0,
		},
		"record twice": {
			[]string{"loans.csv", loansHead + goodLoan + "bad,R,film,,false,\nbad,S,book,,false,\n"},
			[]string{`loans.csv:4 record "bad" duplicate_record`}, 1, 2,
		},
		"record without id": {
			[]string{"loans.csv", loansHead + goodLoan + ",R,film,,false,\n,,,,,\n\n"},
			[]string{`loans.csv:3 record "" record_without_id`}, 1, 1,
		},
		"long id": {
			[]string{"loans.csv", loansHead + goodLoan + strings.Repeat("长", 201) + ",R,film,,false,\n" + strings.Repeat("长", 200) + ",R,film,,false,\n"},
			[]string{`loans.csv:3 record "` + strings.Repeat("长", 60) + `…" bad_id`}, 2, 1,
		},
		"too few cells and too many": {
			[]string{"loans.csv", loansHead + "few,R,film\n" + goodLoan + "many,R,film,,false,,,\n"},
			[]string{`loans.csv:2  "" wrong_number_of_cells`, `loans.csv:4  "" wrong_number_of_cells`}, 1, 2,
		},
		"bare quote": {
			[]string{"loans.csv", loansHead + "bad,R\"S,film,,false,\n" + goodLoan},
			[]string{`loans.csv:2  "" csv_syntax`}, 1, 1,
		},
		"quote without an end": {
			[]string{"loans.csv", loansHead + goodLoan + "bad,\"R,film,,false,\n"},
			[]string{`loans.csv:3  "" csv_syntax`}, 1, 1,
		},
		"control character": {
			[]string{"loans.csv", loansHead + goodLoan + "bad,R\x1b[2J,film,,false,\n"},
			[]string{`loans.csv:3 reader "\"R\\x1b[2J\"" control_character`}, 1, 1,
		},
		"not UTF-8": {
			[]string{"loans.csv", loansHead + goodLoan + "bad,\xd5\xc5\xc8\xfd,film,,false,\n"},
			[]string{`loans.csv:3  "" not_utf8`}, 0, 0,
		},
		"large cell": {
			[]string{"loans.csv", loansHead + goodLoan + "bad," + strings.Repeat("x", table.MaxCell+1) + ",film,,false,\n"},
			[]string{`loans.csv:3 reader "` + strings.Repeat("x", 60) + `…" cell_too_large`}, 1, 1,
		},
		"a record's own column": {
			[]string{"loans.csv", "record,loan,loan.kind\nbad,yes,\nboth,null,film\ngood,null,\n"},
			[]string{`loans.csv:2 loan "yes" wrong_type`, `loans.csv:3 loan.kind "film" contradiction`}, 1, 2,
		},
		"list in one cell and in a table": {
			[]string{
				"loans.csv", "record,loan.kind,loan.reminders\nlisted,film,a;b\nboth,film,[]\nempty,film,[]\n",
				"loans.loan.reminders.csv", "record,at\nboth,2025-06-01T10:00:00+08:00\n",
			},
			[]string{`loans.csv:2 loan.reminders "a;b" wrong_type`, `loans.csv:3 loan.reminders "[]" contradiction`}, 1, 2,
		},
		"element that cannot be read": {
			[]string{
				"loans.csv", loansHead + goodLoan + "bad,R,film,,false,\n",
				"loans.loan.reminders.csv", "record,at,channel,answered\ngood,2025-06-01T10:00:00+08:00,phone,TRUE\nbad,tomorrow,pigeon,true\nbad,,letter,true\n",
			},
			[]string{`loans.loan.reminders.csv:3 at "tomorrow" not_a_moment`, `loans.loan.reminders.csv:3 channel "pigeon" unknown_word`}, 1, 1,
		},
		"element of no record": {
			[]string{
				"loans.csv", loansHead + goodLoan,
				"loans.loan.reminders.csv", "record,at\ngod,2025-06-01T10:00:00+08:00\n",
			},
			[]string{`loans.loan.reminders.csv:2 record "god" unknown_record`}, 1, 1,
		},
		"element with too few cells": {
			[]string{
				"loans.csv", loansHead + goodLoan + "bad,R,film,,false,\n",
				"loans.loan.reminders.csv", "record,at,channel\nbad,2025-06-01T10:00:00+08:00\n",
			},
			[]string{`loans.loan.reminders.csv:2  "" wrong_number_of_cells`}, 1, 2,
		},
		"unknown column of elements": {
			[]string{"loans.csv", loansHead + goodLoan, "loans.loan.reminders.csv", "record,chanel\ngood,phone\n"},
			[]string{`loans.loan.reminders.csv:1 chanel "" unknown_column`}, 0, 2,
		},
		"unknown list": {
			[]string{"loans.csv", loansHead + goodLoan, "loans.loan.reminder.csv", "record,at\ngood,\n"},
			[]string{`loans.loan.reminder.csv:0  "" unknown_table`}, 0, 2,
		},
		"unknown table": {
			[]string{"loans.csv", loansHead + goodLoan, "loan.csv", "record\n"},
			[]string{`loan.csv:0  "" unknown_table`}, 1, 0,
		},
		"row about no record": {
			[]string{"loans.csv", loansHead + goodLoan, "statements.csv", "record,decider\ngod,L\n"},
			[]string{`statements.csv:2 record "god" unknown_record`}, 1, 1,
		},
		"another table says something else": {
			[]string{"loans.csv", loansHead + goodLoan, "statements.csv", "record,reader,decider\ngood,S,L\n"},
			[]string{`statements.csv:2 reader "S" contradiction`}, 1, 1,
		},
		"another table cannot be read": {
			[]string{"loans.csv", loansHead + goodLoan, "statements.csv", "record,statement.asked_at,decider\ngood,noon,L\n"},
			[]string{`statements.csv:2 statement.asked_at "noon" not_a_moment`}, 1, 1,
		},
		"nothing wrong": {
			[]string{
				"loans.csv", "\ufeffrecord , reader,# desk,loan.kind,loan.lent_at,member,loan.damages\r\n" +
					"good,\"R, the \"\"reader\"\"\",,film,2025-06-10T09:00:00+08:00,FALSE,torn ；stained\r\n",
				".hidden.csv", "x", "~$loans.csv", "x", "notes.txt", "x",
			},
			nil, 1, 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := june(t, files(c.files...))
			var got []string
			for _, f := range r.Findings {
				got = append(got, fmt.Sprintf("%s:%d %s %q %s", f.File, f.Line, f.Column, f.Value, f.Code))
				for _, text := range []string{f.Message.ZH, f.Message.EN, f.Remedy.ZH, f.Remedy.EN} {
					assert.NotEmpty(t, text)
				}
			}
			assert.ElementsMatch(t, c.want, got)
			assert.Equal(t, c.unreadable, r.Totals.Unreadable)
			assert.Equal(t, len(c.want) > 0, r.Failed())
			s := r.section(t, "loans")
			assert.Len(t, s.Records, c.reviewed)
			for _, lang := range []string{"zh", "en"} {
				assert.NotContains(t, r.text(t, lang), "\x1b")
			}
		})
	}
}

func TestBadRowOfAnotherTable(t *testing.T) {
	r := june(t, files("loans.csv", loansHead+goodLoan, "statements.csv", "record,statement.asked_at,decider\ngood,noon,L\n"))
	x := r.section(t, "loans").Records[0]
	assert.Equal(t, "overdue", x.Answer.Verdict, "what can be decided is decided")
	require.Len(t, x.With, 1)
	require.NotNil(t, x.With[0].Answer.Error)
	assert.Contains(t, x.With[0].Answer.Error.EN, "statements.csv")
	assert.Contains(t, r.text(t, "en"), "may it be charged: the record's row in statements.csv could not be read")
}

func TestCells(t *testing.T) {
	r := june(t, files("loans.csv", "record,reader,loan.kind,loan.lent_at,member,loan.damages,price\n"+
		"none,null,film,2025-06-29T09:00:00+08:00,false,[],30\n"+
		"two,~,film,2025-06-29T09:00:00+08:00,false,torn; stained,30\n"))
	s := r.section(t, "loans")
	require.Empty(t, r.Findings)
	cells := map[string][]string{}
	for _, x := range s.Records {
		for _, c := range x.Cells {
			cells[x.ID] = append(cells[x.ID], c.EN)
		}
	}
	assert.Equal(t, []string{"film", "2025-07-01 09:00", "", "", "", "0"}, cells["none"])
	assert.Equal(t, []string{"film", "2025-07-01 09:00", "", "torn, stained", "", "60"}, cells["two"])
}

func TestListsOfRecords(t *testing.T) {
	head := "record,reader,loan.kind,loan.lent_at,member,price\n"
	row := "a,R,film,2025-06-29T09:00:00+08:00,true,30\nb,R,film,2025-06-29T09:00:00+08:00,true,30\n"
	breaches := func(dir fstest.MapFS) map[string]int {
		all := map[string]int{}
		for _, x := range june(t, dir).section(t, "loans").Records {
			all[x.ID] = len(x.Answer.Breaches) - len(x.Answer.Missing)
		}
		return all
	}
	assert.Equal(t, map[string]int{"a": -1, "b": -1}, breaches(files("loans.csv", head+row)), "without the table, nobody knows")
	assert.Equal(t, map[string]int{"a": 0, "b": 1}, breaches(files("loans.csv", head+row,
		"loans.loan.reminders.csv", "record,at\na,2025-06-30T09:00:00+08:00\n")), "the table says everything")
}

func TestLimits(t *testing.T) {
	r := june(t, blanks{fstest.MapFS{"loans.csv": {}}})
	require.Len(t, r.Findings, 1)
	assert.Equal(t, "file_too_large", r.Findings[0].Code)

	r = june(t, files("loans.csv", "record"+strings.Repeat(",#", table.MaxColumns)+"\n"))
	require.Len(t, r.Findings, 1)
	assert.Equal(t, "too_many_columns", r.Findings[0].Code)
}

// blanks is a directory whose files are blanks without end.
type blanks struct{ fstest.MapFS }

func (b blanks) Open(name string) (fs.File, error) {
	f, err := b.MapFS.Open(name)
	if err == nil && name != "." {
		f = endless{f}
	}
	return f, err
}

type endless struct{ fs.File }

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestManyFindings(t *testing.T) {
	var b strings.Builder
	b.WriteString("record,month,complaints\n")
	for i := range maxFindings + 5 {
		fmt.Fprintf(&b, "D%d,2025-06,many\n", i)
	}
	r := june(t, files("desks.csv", b.String()))
	assert.Len(t, r.Findings, maxFindings)
	assert.Equal(t, 5, r.MoreFindings)
	assert.Equal(t, maxFindings+5, r.Totals.Unreadable)
	assert.Contains(t, r.text(t, "en"), fmt.Sprintf("and %d more", maxFindings+5-maxShown))
}

func TestManyRecordsThatOnlyLackFacts(t *testing.T) {
	table := func(n int) string {
		var b strings.Builder
		b.WriteString("record,month,complaints\n")
		for i := range n {
			fmt.Fprintf(&b, "D%d,2025-06,1\n", i)
		}
		return b.String()
	}
	few := june(t, files("desks.csv", table(maxLacking))).text(t, "en")
	assert.Equal(t, maxLacking, strings.Count(few, "    missing: visitors\n"))
	many := june(t, files("desks.csv", table(maxLacking+1))).text(t, "en")
	assert.NotContains(t, many, "    missing: visitors\n")
	assert.Contains(t, many, "21 only lack facts")
}

func FuzzTables(f *testing.F) {
	book := lending(f)
	f.Add(loansHead+goodLoan, "record,at,channel\ngood,2025-06-01T10:00:00+08:00,phone\n")
	f.Add("\ufeffrecord,reader\r\n\"a\"\"b\",x;y\r\n", "record\n")
	f.Add("record,loan,loan.damages,loan.reminders\nr,null,[];,[]\n", "record,answered\nr,~\n")
	f.Add("record;reader\n\"", "\xff")
	f.Fuzz(func(t *testing.T, loans, reminders string) {
		dir := files("loans.csv", loans, "loans.loan.reminders.csv", reminders)
		r, err := Run(t.Context(), book, dir, Options{Month: "2025-06"})
		require.NoError(t, err)
		s := r.section(t, "loans")
		assert.Equal(t, len(s.Records), s.Totals.Records)
		if len(r.Findings) == 0 {
			assert.Zero(t, r.Totals.Unreadable)
		}
		for _, lang := range []string{"zh", "en"} {
			text := r.text(t, lang)
			assert.False(t, strings.ContainsFunc(text, func(c rune) bool { return c < ' ' && c != '\n' }))
		}
	})
}
