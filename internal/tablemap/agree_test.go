package tablemap_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/internal/tablemap"
)

// The tables of the sample month are read as they are, those of lists, too, and
// those that have no more than ids, or a column for a record as a whole.
func TestOwnTables(t *testing.T) {
	b := load(t, "../../rules.yaml")
	files, err := filepath.Glob("../../examples/data/2025-06/*.csv")
	require.NoError(t, err)
	require.Greater(t, len(files), 20)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var rows [][]string
		for line := range strings.Lines(string(text)) {
			rows = append(rows, strings.Split(strings.TrimRight(line, "\r\n"), ","))
		}
		name := strings.TrimSuffix(filepath.Base(file), ".csv")
		p := tablemap.Propose(b, tablemap.Table{File: filepath.Base(file), Name: name, Header: rows[0]})
		assert.True(t, p.Own, file)
		assert.Equal(t, name, p.Table)
	}
}

// A column of ids may be a fact, too.
func TestIDsThatAreAFact(t *testing.T) {
	b := load(t, "../../rules.yaml")
	p := tablemap.Propose(b, tablemap.Table{File: "t.csv", Header: []string{"person", "hearing.outcome", "decider.id"}, Rows: [][]string{{"S1", "heard", "M1"}, {"S2", "heard", "M2"}}})
	assert.Equal(t, "decider.id", p.Record)
	assert.False(t, p.RecordIsSure)
	assert.Contains(t, english(p), "decider.id: decider.id")
}

// A column that is called as ids are and says nothing, as lines of JSON have it, is
// not the one.
func TestEmptyIDs(t *testing.T) {
	b := load(t, "../../rules.yaml")
	p := tablemap.Propose(b, tablemap.Table{File: "t.jsonl", Header: []string{"record", "事项类型", "编号"}, Rows: [][]string{{"", "故障维修", "A1"}, {"", "故障维修", "A2"}}})
	assert.Equal(t, "编号", p.Record)
	p = tablemap.Propose(b, tablemap.Table{File: "t.csv", Header: []string{"record", "事项类型"}})
	assert.Equal(t, "record", p.Record, "of an empty table")
}

// What somebody says is what is written, without a doubt, and it loads.
func TestAgreed(t *testing.T) {
	b := load(t, "../../examples/rulebooks/service-desk.yaml")
	given := tablemap.Table{
		File: "导出.csv", Header: []string{"单号", "类型", "优先级", "登记", "登记", "备注"},
		Rows: [][]string{{"T1", "事件", "甲", "03/04/2025 10:00", "x", "y"}, {"T2", "事件", "乙", "04/05/2025 10:00", "x", ""}},
	}
	choice := tablemap.Choice{
		Table: "tickets", Record: "单号", Local: true, Days: table.MonthFirst,
		Facts: map[string]string{"优先级": "ticket.priority", "登记": "ticket.opened_at", "类型": "no.such_fact", "nowhere": "ticket.kind"},
		Words: map[string]map[string]string{"ticket.priority": {"甲": "p1", "乙": "p9", "丙": "p2"}},
	}
	p := tablemap.Agreed(b, given, choice)
	text, doubts := written("zh", "Asia/Shanghai", p)
	assert.Zero(t, doubts)
	assert.NotContains(t, text, "？")
	for _, want := range []string{"# 表的读法\n", "    record: 单号\n", "      ticket.priority: 优先级 # ", "      ticket.opened_at: 登记 # ", "        甲: p1\n", "    dates: month_first\n", "local_times: true", "ticket.priority 里读不懂的：乙", "没有用的列 备注", "没有用的列 类型"} {
		assert.Contains(t, text, want)
	}
	m, found := table.ReadMapping("review.yaml", []byte(text), "导出.csv", b.Questions[0])
	require.Empty(t, found)
	assert.Equal(t, "单号", m.Record)
	assert.Len(t, m.Columns, 2)

	var read []string
	for _, x := range p.Readings(b, given, "登记", 3) {
		assert.Nil(t, x.Problem)
		read = append(read, x.Read)
	}
	assert.Equal(t, []string{"2025-03-04T10:00:00+08:00", "2025-04-05T10:00:00+08:00"}, read)
	words := p.Readings(b, given, "优先级", 3)
	assert.Equal(t, "p1", words[0].Read)
	require.NotNil(t, words[1].Problem)
	assert.Empty(t, p.Readings(b, given, "备注", 3)[0].Read)

	choice.Table = "" // left out
	text, _ = written("en", "UTC", tablemap.Agreed(b, given, choice))
	assert.Contains(t, text, "导出.csv: left out")
	assert.NotContains(t, text, "tables:")
	choice.Table = "nowhere"
	assert.Empty(t, tablemap.Agreed(b, given, choice).Table)
}
