package metrics

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/live"
)

// The dashboard of docs/grafana.json, as far as schema version 39 of Grafana's
// dashboards (Grafana 10.2 and later read it) has what stands there.
type (
	dashboard struct {
		UID           string   `json:"uid"`
		Title         string   `json:"title"`
		Tags          []string `json:"tags"`
		SchemaVersion int      `json:"schemaVersion"`
		Version       int      `json:"version"`
		Editable      bool     `json:"editable"`
		GraphTooltip  int      `json:"graphTooltip"`
		Refresh       string   `json:"refresh"`
		Timezone      string   `json:"timezone"`
		Time          struct {
			From string `json:"from"`
			To   string `json:"to"`
		} `json:"time"`
		Annotations struct {
			List []struct{} `json:"list"`
		} `json:"annotations"`
		Links      []struct{} `json:"links"`
		Templating struct {
			List []variable `json:"list"`
		} `json:"templating"`
		Panels []panel `json:"panels"`
	}
	source struct {
		Type string `json:"type"`
		UID  string `json:"uid"`
	}
	variable struct {
		Name       string          `json:"name"`
		Label      string          `json:"label"`
		Type       string          `json:"type"`
		Query      json.RawMessage `json:"query"`
		Datasource *source         `json:"datasource"`
		Definition string          `json:"definition"`
		Refresh    int             `json:"refresh"`
		Hide       int             `json:"hide"`
		Sort       int             `json:"sort"`
		Multi      bool            `json:"multi"`
		IncludeAll bool            `json:"includeAll"`
		AllValue   string          `json:"allValue"`
		Current    json.RawMessage `json:"current"`
	}
	panel struct {
		ID          int    `json:"id"`
		Type        string `json:"type"`
		Title       string `json:"title"`
		Description string `json:"description"`
		Datasource  source `json:"datasource"`
		GridPos     struct {
			X, Y, W, H int
		} `json:"gridPos"`
		Targets []struct {
			Datasource   source `json:"datasource"`
			RefID        string `json:"refId"`
			Expr         string `json:"expr"`
			LegendFormat string `json:"legendFormat"`
			Range        bool   `json:"range"`
			Instant      bool   `json:"instant"`
		} `json:"targets"`
		FieldConfig struct {
			Defaults struct {
				Unit       string   `json:"unit"`
				Min        *float64 `json:"min"`
				Thresholds *struct {
					Mode  string `json:"mode"`
					Steps []struct {
						Color string   `json:"color"`
						Value *float64 `json:"value"`
					} `json:"steps"`
				} `json:"thresholds"`
			} `json:"defaults"`
			Overrides []struct{} `json:"overrides"`
		} `json:"fieldConfig"`
		Options json.RawMessage `json:"options"`
	}
)

var (
	promWord    = regexp.MustCompile(`[a-zA-Z_:][a-zA-Z0-9_:]*`)
	promQuoted  = regexp.MustCompile(`"[^"]*"`)
	promRange   = regexp.MustCompile(`\[(\$__rate_interval|[0-9]+[smhd])\]`)
	promGrammar = map[string]bool{
		"sum": true, "max": true, "count": true, "by": true, "rate": true, "increase": true, "histogram_quantile": true, "topk": true, "or": true, "vector": true,
		"le": true, "instance": true, "label_values": true,
	}
)

// TestDashboardShowsWhatThereIs holds the dashboard for Grafana to the metrics of the
// server: every expression names one that there is, with labels that it has, and every
// metric of the server's own is shown.
func TestDashboardShowsWhatThereIs(t *testing.T) {
	m := New()
	m.Queue(func() int { return 0 })
	m.Webhooks(func() (int, error) { return 0, nil })
	m.Asked("q", "v", time.Second)
	m.Recorded("q", "v")
	m.Served("GET /", 200, time.Second)
	m.Tried(true)
	m.Wrote(1, time.Second, nil)
	m.Wrote(1, time.Second, errors.New("x"))
	m.Loaded(live.Status{OK: true, SHA256: "x"})
	found, err := m.registry.Gather()
	require.NoError(t, err)
	names, labels, own := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, f := range found {
		name := f.GetName()
		names[name] = true
		if f.GetType().String() == "HISTOGRAM" {
			delete(names, name)
			names[name+"_bucket"], names[name+"_count"], names[name+"_sum"] = true, true, true
		}
		if strings.HasPrefix(name, "rulebook_") {
			own[name] = true
		}
		for _, each := range f.GetMetric() {
			for _, l := range each.GetLabel() {
				labels[l.GetName()] = true
			}
		}
	}

	data, err := os.ReadFile("../../../docs/grafana.json")
	require.NoError(t, err)
	var d dashboard
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&d))
	assert.Equal(t, 39, d.SchemaVersion)
	assert.Regexp(t, `^[a-zA-Z0-9_-]{1,40}$`, d.UID)

	shown := map[string]bool{}
	expression := func(where, expr string) {
		expr = promQuoted.ReplaceAllString(expr, `""`)
		depth := 0
		for _, r := range expr {
			switch r {
			case '(', '{':
				depth++
			case ')', '}':
				depth--
			}
			assert.GreaterOrEqual(t, depth, 0, "%s: %s", where, expr)
		}
		assert.Zero(t, depth, "%s: %s", where, expr)
		for _, word := range promWord.FindAllString(promRange.ReplaceAllString(expr, ""), -1) {
			if names[word] {
				shown[word] = true
				continue
			}
			assert.True(t, promGrammar[word] || labels[word], "%s: the server has no metric and no label %s: %s", where, word, expr)
		}
	}
	from := func(where string, s source) { assert.Equal(t, source{"prometheus", "${datasource}"}, s, where) }
	variables := map[string]bool{}
	for _, v := range d.Templating.List {
		variables[v.Name] = true
		if v.Datasource != nil {
			from(v.Name, *v.Datasource)
			expression(v.Name, v.Definition)
			var query struct{ Query, RefID string }
			require.NoError(t, json.Unmarshal(v.Query, &query))
			assert.Equal(t, v.Definition, query.Query)
		}
	}
	assert.Equal(t, map[string]bool{"datasource": true, "instance": true}, variables)
	ids := map[int]bool{}
	taken := map[[2]int]string{}
	for _, p := range d.Panels {
		assert.False(t, ids[p.ID], "two panels have the id %d", p.ID)
		ids[p.ID] = true
		assert.Contains(t, []string{"stat", "timeseries"}, p.Type)
		assert.NotEmpty(t, p.Title)
		from(p.Title, p.Datasource)
		g := p.GridPos
		assert.True(t, g.X >= 0 && g.Y >= 0 && g.W > 0 && g.H > 0 && g.X+g.W <= 24, "%s: %+v", p.Title, g)
		for x := g.X; x < g.X+g.W; x++ {
			for y := g.Y; y < g.Y+g.H; y++ {
				assert.Empty(t, taken[[2]int{x, y}], "%s lies over another panel", p.Title)
				taken[[2]int{x, y}] = p.Title
			}
		}
		require.NotEmpty(t, p.Targets, p.Title)
		refs := map[string]bool{}
		for _, target := range p.Targets {
			from(p.Title, target.Datasource)
			assert.False(t, refs[target.RefID] || target.RefID == "", "%s: %s", p.Title, target.RefID)
			refs[target.RefID] = true
			assert.NotEqual(t, target.Range, target.Instant, p.Title)
			expression(p.Title, target.Expr)
			for _, label := range regexp.MustCompile(`{{(\w+)}}`).FindAllStringSubmatch(target.LegendFormat, -1) {
				assert.True(t, labels[label[1]] || label[1] == "instance", "%s: no metric has the label %s", p.Title, label[1])
			}
		}
	}
	for name := range own {
		assert.True(t, shown[name] || shown[name+"_bucket"] || shown[name+"_count"], "no panel shows %s", name)
	}
}
