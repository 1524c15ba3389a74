package tablemap_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/internal/tablemap"
	"github.com/servicerules/rulebook/policy"
)

func load(t *testing.T, path string) *policy.Rulebook {
	t.Helper()
	book, err := rulebook.Load(path)
	require.NoError(t, err)
	return book.Rulebook()
}

// Every heading of every empty table is read as the fact that it is for, and
// every word that drops down as a word.
func TestTemplatesAreRead(t *testing.T) {
	books, err := filepath.Glob("../../examples/rulebooks/*.yaml")
	require.NoError(t, err)
	headings := 0
	for _, path := range append(books, "../../rules.yaml") {
		b := load(t, path)
		if b.Review == nil {
			continue
		}
		for _, lang := range b.Languages {
			for _, e := range tablemap.Templates(b, lang) {
				var facts []policy.QuestionFact
				for _, c := range e.Columns[1:] {
					head, _, _ := strings.Cut(c.Path, ".")
					facts = append(facts, factsOf(b, e.Name, head)...)
				}
				seen := map[string]bool{}
				for _, c := range e.Columns {
					headings++
					assert.False(t, seen[c.Heading], "%s %s %s", path, e.Name, c.Heading)
					seen[c.Heading] = true
				}
				header := make([]string, len(e.Columns))
				for i, c := range e.Columns {
					header[i] = c.Heading
				}
				names, problems := table.Named(header, b.Languages, facts...)
				assert.Empty(t, problems)
				for i, c := range e.Columns {
					assert.Equal(t, c.Path, names[i], "%s %s %s", path, e.Name, c.Heading)
					column := []table.Column{{Fact: c.Fact, Path: c.Path}}
					table.Bind(column, b.Languages, table.About{}, table.How{})
					for _, word := range c.Words {
						assert.True(t, column[0].Likely(word), "%s %s %s", path, c.Path, word)
					}
				}
			}
		}
	}
	assert.Greater(t, headings, 300)
}

// factsOf is the fact of a name that the questions about a table take, or the
// field of the list that the table is of.
func factsOf(b *policy.Rulebook, name, head string) []policy.QuestionFact {
	tableName, list, isList := strings.Cut(name, ".")
	for _, s := range b.Review.Sections {
		questions := []*policy.Question{}
		if s.Table == tableName {
			questions = append(questions, s.Question)
		}
		for _, w := range s.With {
			if w.Table == tableName {
				questions = append(questions, w.Question)
			}
		}
		for _, q := range questions {
			if isList {
				if f, ok := q.FactAt(list); ok && table.IsTable(f) {
					return table.FieldsOf(f.Elem)
				}
				continue
			}
			for _, f := range q.Facts {
				if f.Name == head {
					return []policy.QuestionFact{f}
				}
			}
		}
	}
	return nil
}

func TestProposals(t *testing.T) {
	b := load(t, "../../examples/rulebooks/service-desk.yaml")
	p := tablemap.Propose(b, tablemap.Table{
		File: "导出.csv", Header: []string{"单号", "工单类型", "优先级", "登记时间", "解决时间（系统）", "备注"},
		Rows: [][]string{
			{"T1", "事件", "1", "03/04/2025 10:00", "", "x"},
			{"T2", "事件", "2", "13/04/2025 10:00", "14/04/2025 09:00", ""},
		},
	})
	text := string(tablemap.Write([]tablemap.Proposal{p}, "zh", "Asia/Shanghai"))
	for _, want := range []string{
		"  导出.csv:\n    section: tickets\n    record: 单号 # ？", "      ticket.priority: 优先级 # 优先级\n", "      ticket.opened_at: 登记时间 # 登记时间\n",
		"      ticket.resolved_at: 解决时间（系统） # ? 列名只是相近：解决时间\n", "        1: p1 # ？", "    local_times: true # ？", "    dates: day_first # ？03/04/2025 10:00", "没有用的列 备注",
	} {
		assert.Contains(t, text, want)
	}
	// It loads as it stands.
	m, found := table.ReadMapping("review.yaml", []byte(text), "导出.csv", b.Questions[0])
	require.Empty(t, found)
	assert.Equal(t, "单号", m.Record)
	assert.Equal(t, table.DayFirst, m.How.Days)

	unclear := tablemap.Propose(b, tablemap.Table{File: "a.csv", Header: []string{"id", "opened_at"}, Rows: [][]string{{"1", "03/04/2025 10:00"}}})
	assert.Contains(t, string(tablemap.Write([]tablemap.Proposal{unclear}, "en", "UTC")), "# dates: day_first # ? does 03/04/2025 10:00 begin with the day, or the month (month_first)")
	nothing := tablemap.Propose(b, tablemap.Table{File: "b.csv", Header: []string{"x", "y"}})
	assert.Contains(t, string(tablemap.Write([]tablemap.Proposal{nothing}, "en", "UTC")), "b.csv: no column looks like a fact")
}
