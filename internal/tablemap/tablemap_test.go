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
	text, doubts := written("zh", "Asia/Shanghai", p)
	assert.Equal(t, strings.Count(text, "？")-2, doubts) // the head says so, and one doubt asks
	for _, want := range []string{
		"  导出.csv:\n    section: tickets # ？也可能是 responses、conduct（写 table: 名称）\n    record: 单号 # ？", "      ticket.priority: 优先级 # 优先级\n", "      ticket.opened_at: 登记时间 # 登记时间\n",
		"      ticket.resolved_at: 解决时间（系统） # ？列名只是相近：解决时间\n", "        1: p1 # ？", "    local_times: true # ？", "    dates: day_first # ？03/04/2025 10:00", "没有用的列 备注",
	} {
		assert.Contains(t, text, want)
	}
	// It loads as it stands.
	m, found := table.ReadMapping("review.yaml", []byte(text), "导出.csv", b.Questions[0])
	require.Empty(t, found)
	assert.Equal(t, "单号", m.Record)
	assert.Equal(t, table.DayFirst, m.How.Days)

	unclear := tablemap.Propose(b, tablemap.Table{File: "a.csv", Header: []string{"id", "opened_at"}, Rows: [][]string{{"1", "03/04/2025 10:00"}}})
	assert.Contains(t, english(unclear), "# dates: day_first # ? does 03/04/2025 10:00 begin with the day, or the month (month_first)")
	nothing := tablemap.Propose(b, tablemap.Table{File: "b.csv", Header: []string{"x", "y"}})
	assert.Contains(t, english(nothing), "b.csv: no column looks like a fact")
}

func written(lang, zone string, p ...tablemap.Proposal) (string, int) {
	text, doubts := tablemap.Write(p, lang, zone)
	return string(text), doubts
}

func english(p tablemap.Proposal) string {
	text, _ := written("en", "UTC", p)
	return text
}

// Headings that are only alike say nothing of what a table is; and what is an id
// is no fact.
func TestOnlyAlike(t *testing.T) {
	b := load(t, "../../rules.yaml")
	p := tablemap.Propose(b, tablemap.Table{
		File: "台账.csv", Header: []string{"设备编号", "安装办结时间情况", "受理时间说明"}, Rows: [][]string{{"K1", "2025/6/9 9:00", "2025/6/9 8:00"}, {"K2", "2025/6/9 9:00", "2025/6/9 8:00"}},
	})
	text, _ := written("zh", "Asia/Shanghai", p)
	for line := range strings.Lines(text) {
		assert.True(t, strings.HasPrefix(line, "#"), line)
	}
	assert.Contains(t, text, "台账.csv：没有一列叫作事实的名称或标签")
	// Without the marks of comments it is what it would be.
	require.Contains(t, text, "#   台账.csv:\n")
	_, rest, _ := strings.Cut(text, "tables: 下面\n")
	opened := "tables:\n" + strings.ReplaceAll("\n"+rest, "\n# ", "\n")
	m, found := table.ReadMapping("review.yaml", []byte(opened), "台账.csv", b.Questions[0])
	require.NotNil(t, m, "%s\n%s", found, opened)
	assert.Equal(t, "设备编号", m.Record)

	for header, record := range map[string]string{
		"序号,工单编号,事项类型,受理时间":   "工单编号",
		"序号,事项类型,受理时间":        "序号",
		"事项类型,受理时间,编号,客户编号":   "编号",
		"事项类型,受理时间,Ticket ID": "Ticket ID",
		"事项类型,受理时间,ticket_no": "ticket_no",
		"事项类型,受理时间,grid":      "grid", // by what stands in it
	} {
		cells := strings.Split(header, ",")
		row := func(n string) []string {
			var all []string
			for _, h := range cells {
				v := n + h
				switch h {
				case "事项类型":
					v = "故障"
				case "受理时间":
					v = "2025/6/9 10:00"
				}
				all = append(all, v)
			}
			return all
		}
		p := tablemap.Propose(b, tablemap.Table{File: "a.csv", Header: cells, Rows: [][]string{row("1"), row("2")}})
		assert.Equal(t, record, p.Record, header)
		assert.Equal(t, "requests", p.Table, header)
		for _, c := range p.Columns {
			assert.NotContains(t, c.Header, "编号", header)
		}
	}
}
