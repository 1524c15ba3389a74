package ruletable_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/edit"
	"github.com/servicerules/rulebook/internal/ruletable"
	"github.com/servicerules/rulebook/internal/source"
)

func books(t *testing.T) map[string][]ruletable.Row {
	t.Helper()
	paths, err := filepath.Glob("../../examples/rulebooks/*.yaml")
	require.NoError(t, err)
	all := map[string][]ruletable.Row{}
	for _, path := range append(paths, "../../rules.yaml") {
		book, err := rulebook.Load(path)
		require.NoError(t, err)
		b := book.Rulebook()
		all[path] = ruletable.Rows(b, source.Split(b.Source()), b.Languages[0])
	}
	return all
}

// given is rows as they come back.
func given(rows []ruletable.Row, lang string) ruletable.Given {
	g := ruletable.Given{File: "n.csv", Head: ruletable.Head(lang), Line: 1}
	for i, r := range rows {
		g.Rows = append(g.Rows, ruletable.GivenRow{Line: i + 2, Cells: r.Cells(lang)})
	}
	return g
}

// Every value stands where its place says, and setting it changes its line alone.
func TestEveryPlace(t *testing.T) {
	for path, rows := range books(t) {
		book, err := rulebook.Load(path)
		require.NoError(t, err)
		data := book.Rulebook().Source()
		if source.Joined(data) {
			continue
		}
		file, err := edit.Open(path, data)
		require.NoError(t, err)
		assert.NotEmpty(t, rows, path)
		for i, r := range rows {
			if r.Fixed || r.Group == "readings" {
				continue
			}
			p, err := file.Find(r.Place)
			if !assert.NoError(t, err, r.Place) || !assert.NotNil(t, p.Node, r.Place) {
				continue
			}
			assert.Equal(t, r.Value, p.Node.Text, r.Place)
			if i%40 != 0 { // each takes some milliseconds
				continue
			}
			changed, err := file.Set(p, "17", 0)
			require.NoError(t, err, r.Place)
			assert.LessOrEqual(t, len(edit.Lines(data, changed.Data)), 2, r.Place)
		}
	}
}

// What comes back as it went out changes nothing, also through a spreadsheet that
// keeps formulas away, and some kinds alone.
func TestRoundTrip(t *testing.T) {
	for path, rows := range books(t) {
		for _, lang := range []string{"zh", "en"} {
			changes, found := ruletable.Compare(rows, lang, []ruletable.Given{given(rows, lang)})
			assert.Empty(t, changes, path)
			assert.Empty(t, found, path)
		}
		var limits []ruletable.Row
		for _, r := range rows {
			if r.Group == "limits" {
				limits = append(limits, r)
			}
		}
		if len(limits) == 0 { // a table without rows is refused
			continue
		}
		changes, found := ruletable.Compare(rows, "en", []ruletable.Given{given(limits, "en")})
		assert.Empty(t, changes, path)
		assert.Empty(t, found, path)
	}
}

func TestWhatWasChanged(t *testing.T) {
	rows := books(t)["../../rules.yaml"]
	const value, rule, place = 4, 2, 6
	at := func(group string) int {
		for i, r := range rows {
			if r.Group == group && !r.Fixed {
				return i
			}
		}
		t.Fatal(group)
		return 0
	}
	limit, reading := at("limits"), at("readings")
	for name, c := range map[string]struct {
		change func(g *ruletable.Given)
		codes  []string
		to     []string
	}{
		"a value and a choice": {change: func(g *ruletable.Given) {
			g.Rows[limit].Cells[value], g.Rows[reading].Cells[value] = " 7 working days", rows[reading].Choices[1]
		}, to: []string{"7 working days", rows[reading].Choices[1]}},
		"labels and places, all at once": {change: func(g *ruletable.Given) {
			g.Rows[limit].Cells[rule], g.Rows[reading].Cells[place] = "x", "readings: nothing"
		}, codes: []string{"not_to_be_changed", "unknown_place", "row_missing"}},
		"no option":            {change: func(g *ruletable.Given) { g.Rows[reading].Cells[value] = "maybe" }, codes: []string{"unknown_option"}},
		"nothing":              {change: func(g *ruletable.Given) { g.Rows[limit].Cells[value] = " " }, codes: []string{"no_value"}},
		"a row less":           {change: func(g *ruletable.Given) { g.Rows = append(g.Rows[:limit:limit], g.Rows[limit+1:]...) }, codes: []string{"row_missing"}},
		"a row twice":          {change: func(g *ruletable.Given) { g.Rows = append(g.Rows, g.Rows[limit]) }, codes: []string{"row_twice"}},
		"another header":       {change: func(g *ruletable.Given) { g.Head = []string{"a"} }, codes: []string{"header_changed"}},
		"another language":     {change: func(g *ruletable.Given) { g.Head = ruletable.Head("en") }, codes: []string{"other_language"}},
		"nothing but a header": {change: func(g *ruletable.Given) { g.Rows = nil }, codes: []string{"no_rows"}},
		"blank rows alone": {change: func(g *ruletable.Given) {
			g.Rows = []ruletable.GivenRow{{Line: 2, Cells: []string{"", " ", "　"}}}
		}, codes: []string{"no_rows"}},
		"an empty table": {change: func(g *ruletable.Given) { g.Head, g.Rows, g.Line = nil, nil, 0 }, codes: []string{"no_rows"}},
		"the table of another book, which is said once": {change: func(g *ruletable.Given) {
			for i := range g.Rows {
				g.Rows[i].Cells[place] = "limits: other/" + g.Rows[i].Cells[place]
			}
		}, codes: []string{"other_rulebook"}},
		"a line break": {change: func(g *ruletable.Given) { g.Rows[limit].Cells[value] = "7 working\r\ndays" }, codes: []string{"several_lines"}},
		"blanks at the ends": {change: func(g *ruletable.Given) {
			g.Head = append(g.Head, "", " ")
			g.Head[1] += " "
			for i := range g.Rows {
				g.Rows[i].Cells[place] += "　"
			}
			g.Rows[reading].Cells[value] = " " + rows[reading].Choices[1] + "\u00a0\n"
		}, to: []string{rows[reading].Choices[1]}},
		"short rows": {change: func(g *ruletable.Given) { g.Rows[limit].Cells = g.Rows[limit].Cells[:3] }, codes: []string{"unknown_place", "row_missing"}},
	} {
		g := given(rows, "zh")
		c.change(&g)
		changes, found := ruletable.Compare(rows, "zh", []ruletable.Given{g})
		var codes, to []string
		for _, f := range found {
			codes = append(codes, f.Code)
			assert.NotEmpty(t, f.Remedy.ZH+f.Remedy.EN)
		}
		for _, x := range changes {
			to = append(to, x.To)
		}
		assert.Equal(t, c.codes, codes, name)
		assert.Equal(t, c.to, to, name)
	}
}

func TestMarkdown(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, ruletable.Markdown(&b, books(t)["../../rules.yaml"], "zh"))
	assert.Contains(t, b.String(), "| time_limit/6 | 城区装机 | within | 5 working days |  |\n")
	for line := range strings.Lines(b.String()) {
		if strings.HasPrefix(line, "|") {
			assert.Equal(t, 6, strings.Count(line, "|")-strings.Count(line, "\\|"), line)
		}
	}
}

// A rule that is like another one says of which it has what is not listed.
func TestRulesThatAreLikeOthers(t *testing.T) {
	found := false
	for _, r := range books(t)["../../examples/rulebooks/service-desk.yaml"] {
		if r.Item == "like" && r.Value == "rate_p1" {
			found = true
			assert.True(t, r.Fixed)
			assert.Equal(t, "没有列出的，与 rate_p1 相同", r.Note)
		}
	}
	assert.True(t, found)
}
