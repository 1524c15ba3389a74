package spreadsheet_test

import (
	"encoding/json"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/internal/review"
	"github.com/servicerules/rulebook/internal/table"
)

var (
	paths    = []any{"record", "reader", "loan.kind", "loan.lent_at", "loan.returned_at", "member", "price", "loan.damages"}
	chinese  = []any{"编号", "读者", "类别", "借出时间", "归还时间", "会员", "定价", "损坏"}
	english  = []any{"Record", "reader", "kind of item", "lent", "returned", "Member", "price of the item", "damages"}
	inWords  = map[string][]any{"book": {"图书", "book"}, "film": {"影片", "film"}}
	shanghai = time.FixedZone("", 8*60*60)
)

// loan is one row, the same whatever the format.
type loan struct {
	id, reader, kind string
	lent             time.Time
	returned         any
	member, price    any
	damages          any // by code, label in Chinese, label in English
}

func loans(t *rapid.T) []loan {
	moment := func(name string) time.Time {
		return time.Date(2025, 6, rapid.IntRange(1, 30).Draw(t, name+" day"), rapid.IntRange(0, 23).Draw(t, name+" hour"), rapid.IntRange(0, 59).Draw(t, name+" minute"), 0, 0, time.UTC)
	}
	var all []loan
	for i := range rapid.IntRange(1, 6).Draw(t, "rows") {
		x := loan{
			id: string(rune('A'+i)) + rapid.SampledFrom([]string{"1", "-02", " 7"}).Draw(t, "id"), reader: rapid.SampledFrom([]string{"张三", "李四；乙", "O'Neil, \"Jo\"", "1001x", "+86"}).Draw(t, "reader"),
			kind: rapid.SampledFrom([]string{"book", "film"}).Draw(t, "kind"), lent: moment("lent"),
		}
		if rapid.Bool().Draw(t, "returned") {
			x.returned = x.lent.Add(time.Duration(rapid.IntRange(0, 20_000).Draw(t, "minutes")) * time.Minute)
		}
		if rapid.Bool().Draw(t, "member known") {
			x.member = rapid.Bool().Draw(t, "member")
		}
		if rapid.Bool().Draw(t, "price known") {
			x.price = rapid.IntRange(0, 9999).Draw(t, "price")
		}
		x.damages = rapid.SampledFrom([]any{nil, 0, 1, 2}).Draw(t, "damages")
		all = append(all, x)
	}
	return all
}

func damages(x loan, by int) any {
	if x.damages == nil {
		return nil
	}
	lists := [][]string{{"[]", "[]", "[]"}, {"torn", "撕破", "torn"}, {"torn;stained", "撕破；污损", "torn; stained"}}
	return lists[x.damages.(int)][by]
}

// rows are the loans under a header, with their words in a language.
func rows(header []any, all []loan, by int) [][]any {
	out := [][]any{header}
	for _, x := range all {
		kind := any(x.kind)
		if by > 0 {
			kind = inWords[x.kind][by-1]
		}
		out = append(out, []any{x.id, x.reader, kind, x.lent, x.returned, x.member, x.price, damages(x, by)})
	}
	return out
}

// answers is a report without what names the files.
func answers(t require.TestingT, r *review.Report) string {
	require.Empty(t, r.Findings)
	r.ReadAs = nil
	for i := range r.Sections {
		s := &r.Sections[i]
		for k := range s.Tables {
			s.Tables[k] = ""
		}
		for k := range s.Records {
			s.Records[k].File = ""
		}
	}
	text, err := json.Marshal(r)
	require.NoError(t, err)
	return string(text)
}

// The same records give the same bytes in every format, encoding and language
// of headings.
func TestEveryFormatHasOneMeaning(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := loans(t)
		exact := rows(paths, all, 0)
		for i, x := range all { // with their zone
			exact[i+1][3] = x.lent.Format("2006-01-02T15:04:05") + "+08:00"
			if at, ok := x.returned.(time.Time); ok {
				exact[i+1][4] = at.Format("2006-01-02T15:04:05") + "+08:00"
			}
		}
		local := table.How{Local: true}
		want := answers(t, reviewed(t, table.How{}, dir("loans.csv", separated(',', exact))))
		lists := rows(paths, all, 0)
		for i, x := range all {
			if x.damages != nil {
				lists[i+1][7] = [][]string{{}, {"torn"}, {"torn", "stained"}}[x.damages.(int)]
			}
		}
		zoned := func(at time.Time) string {
			return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), 0, 0, shanghai).Format(time.RFC3339)
		}
		for name, files := range map[string]fstest.MapFS{
			"GB18030, semicolons":   dir("loans.csv", gb18030(t, separated(';', rows(chinese, all, 1)))),
			"GB18030, commas":       dir("loans.csv", gb18030(t, "借阅表\n"+separated(',', rows(chinese, all, 1)))),
			"UTF-16, tabs":          dir("loans.csv", utf16(t, separated('\t', rows(english, all, 2)))),
			"UTF-8, mark, sep=":     dir("loans.csv", table.Mark+"sep=;\r\n"+separated(';', rows(english, all, 2))),
			"tabs":                  dir("loans.tsv", separated('\t', rows(chinese, all, 1))),
			"gzip":                  dir("loans.csv.gz", gzipped(t, separated(',', exact))),
			"labels, commas, UTF-8": dir("loans.csv", separated(',', rows(chinese, all, 1))),
			"xlsx":                  dir("loans.xlsx", workbook(t, rows(chinese, all, 1))),
			"xlsx, codes":           dir("六月.xlsx", workbook(t, rows(paths, all, 0), renamed("loans"))),
			"ods":                   dir("loans.ods", openDocument(t, rows(english, all, 2))),
			"JSON Lines":            dir("loans.jsonl", jsonLines(t, lists, zoned)),
			"JSON Lines, gzip":      dir("loans.jsonl.gz", gzipped(t, jsonLines(t, lists, zoned))),
		} {
			how := local
			if name[0] == 'x' || name == "ods" || name[0] == 'J' {
				how = table.How{} // cells are in the rulebook's zone by their nature; JSON has zones
			}
			require.Equal(t, want, answers(t, reviewed(t, how, files)), name)
		}
	})
}
