package table_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/policy"
)

func TestLocalMoments(t *testing.T) {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	require.NoError(t, err)
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	for _, c := range []struct {
		text string
		zone *time.Location
		want string
	}{
		{"2016-02-29T01:16", shanghai, "2016-02-29T01:16:00+08:00"},
		{"2016-02-29 01:16:30", shanghai, "2016-02-29T01:16:30+08:00"},
		{"2016-02-29T01:16:30.25", shanghai, "2016-02-29T01:16:30.25+08:00"},
		{"2016-02-29T01:16:00Z", shanghai, "2016-02-29T01:16:00Z"},
		{"yesterday", shanghai, ""},
		{"2025-03-30T01:59", berlin, "2025-03-30T01:59:00+01:00"},
		{"2025-03-30T02:30", berlin, ""}, // the clocks jump from 2 to 3
		{"2025-03-30T03:00", berlin, "2025-03-30T03:00:00+02:00"},
		{"2025-10-26T02:30", berlin, ""}, // the hour comes twice
		{"2025-10-26T03:00", berlin, "2025-10-26T03:00:00+01:00"},
	} {
		n, problem := table.Column{Local: true, Fact: &policy.Fact{TypeName: "moment"}}.Node(c.text, c.zone)
		got := ""
		if n != nil {
			got = n.Text
		}
		assert.Equal(t, c.want, got, c.text)
		assert.Equal(t, c.want == "", problem != nil, c.text)
	}
}

// A time that clocks show twice or never is refused, whatever the shift, and
// both moments are named; written so, each is read.
func TestLocalMomentsWhereClocksChange(t *testing.T) {
	for _, c := range []struct{ zone, text, first, second string }{
		{"Europe/London", "2025-10-26T01:30", "2025-10-26T01:30:00+01:00", "2025-10-26T01:30:00Z"},
		{"Europe/London", "2025-03-30 01:30", "2025-03-30T01:30:00+01:00", "2025-03-30T01:30:00Z"},
		{"Australia/Lord_Howe", "2025-04-06 01:45", "2025-04-06T01:45:00+11:00", "2025-04-06T01:45:00+10:30"},
		{"Australia/Lord_Howe", "2025/10/05 02:15", "2025-10-05T02:15:00+11:00", "2025-10-05T02:15:00+10:30"},
		{"Antarctica/Troll", "2025-10-26 01:00", "2025-10-26T01:00:00+02:00", "2025-10-26T01:00:00Z"},
		{"Antarctica/Troll", "2025-03-30 02:59", "2025-03-30T02:59:00+02:00", "2025-03-30T02:59:00Z"},
		{"Pacific/Apia", "2011年12月30日 12:00", "2011-12-30T12:00:00+14:00", "2011-12-30T12:00:00-10:00"},
	} {
		zone, err := time.LoadLocation(c.zone)
		require.NoError(t, err)
		column := table.Column{Local: true, Fact: &policy.Fact{TypeName: "moment"}}
		_, problem := column.Node(c.text, zone)
		require.NotNil(t, problem, c.text)
		assert.Equal(t, "clock_changed", problem.Code)
		for _, lang := range []string{"zh", "en"} {
			assert.Contains(t, problem.Remedy.In(lang), c.first)
			assert.Contains(t, problem.Remedy.In(lang), c.second)
		}
		for _, text := range []string{c.first, c.second} {
			n, problem := column.Node(text, zone)
			require.Nil(t, problem)
			assert.Equal(t, text, n.Text)
			_, err := source.Moment(n.Text)
			assert.NoError(t, err)
		}
	}
}

func TestPut(t *testing.T) {
	value := func() *source.Node { return &source.Node{Kind: source.Scalar, Text: "v"} }
	root := table.NewMap()
	require.Nil(t, table.Put(root, "a.b.c", value()))
	require.Nil(t, table.Put(root, "a.d", value()))
	assert.Equal(t, "v", root.Get("a").Get("b").Get("c").Text)
	assert.Equal(t, []string{"b", "d"}, root.Get("a").Keys())
	for _, path := range []string{"a", "a.b", "a.b.c", "a.b.c.d"} {
		p := table.Put(root, path, value())
		require.NotNil(t, p, path)
		assert.Equal(t, "contradiction", p.Code)
		assert.Equal(t, path, p.Column)
	}
}

func TestParent(t *testing.T) {
	var steps []string
	for path := "a.b[2].c"; path != ""; path = table.Parent(path) {
		steps = append(steps, path)
	}
	assert.Equal(t, []string{"a.b[2].c", "a.b[2]", "a.b", "a"}, steps)
}

// A dash alone is no value, and no name that several people have; a list is
// parted by semicolons, and what is proposed instead is read.
func TestCellsThatAreMistyped(t *testing.T) {
	list := func(of string) *policy.Fact {
		return &policy.Fact{TypeName: "list", Elem: &policy.Fact{TypeName: of}}
	}
	for _, x := range []struct {
		fact       *policy.Fact
		text, code string
		remedy     string
	}{
		{&policy.Fact{TypeName: "name"}, "-", "not_a_value", "leave the cell empty where it is not known, write null where there is none"},
		{&policy.Fact{TypeName: "moment"}, "—", "not_a_value", ""},
		{&policy.Fact{TypeName: "count"}, "--", "not_a_value", ""},
		{list("word"), "-", "not_a_value", ""},
		{nil, "-", "not_a_value", ""},
		{&policy.Fact{TypeName: "text"}, "-", "", ""},
		{&policy.Fact{TypeName: "name"}, "A-1", "", ""},
		{&policy.Fact{TypeName: "number"}, "-1", "", ""},
		{list("name"), "张三、李四", "other_separator", "write 张三;李四"},
		{list("name"), "张三，李四;王五", "other_separator", "write 张三;李四;王五"},
		{list("name"), "Smith, John", "", ""},
		{list("word"), "noise, food", "other_separator", "write noise;food"},
		{list("word"), "noise|food", "other_separator", "write noise;food"},
		{list("word"), "noise；food", "", ""},
		{list("text"), "甲、乙", "", ""},
	} {
		c := table.Column{Path: "x", Header: "x", Fact: x.fact}
		n, p := c.Node(x.text, time.UTC)
		if x.code == "" {
			require.Nil(t, p, x.text)
			require.NotNil(t, n, x.text)
			continue
		}
		require.NotNil(t, p, x.text)
		assert.Equal(t, x.code, p.Code)
		assert.Contains(t, p.Remedy.EN, x.remedy)
		if instead, ok := strings.CutPrefix(p.Remedy.EN, "write "); ok && x.code == "other_separator" {
			assert.Contains(t, p.Remedy.ZH, instead)
			_, p := c.Node(instead, time.UTC)
			assert.Nil(t, p, instead)
		}
	}
}
