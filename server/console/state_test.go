package console

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
	"github.com/servicerules/rulebook/sla"
)

const supportContract = "../../examples/rulebooks/support-contract.yaml"

func (p *visitor) record(question, facts string) {
	p.Helper()
	_, err := p.console.service.Record(p.Context(), service.Asking{Question: question, Facts: []byte(facts)}, service.Once{})
	require.NoError(p, err)
}

// listed is how many matters a list has.
func (p *visitor) listed(list string) int {
	p.Helper()
	return strings.Count(p.get("/state/"+list), `class="mono" href="/decisions/`)
}

// What is at risk by a warning of its own stands in the lists in time and not
// only once it is overdue.
func TestStateShowsWhatIsAtRisk(t *testing.T) {
	p := newPages(t, supportContract)
	opened := p.store.Now().Add(-3*time.Hour - 10*time.Minute)
	p.record("ticket.resolution", fmt.Sprintf(`{"ticket":{"id":"T1","priority":"p1","country":"de","opened_at":%q}}`, opened.Format(time.RFC3339)))
	assert.Equal(t, 1, p.listed(listRisk))
	assert.Equal(t, 1, p.listed(listSoon))
	assert.Zero(t, p.listed(listOverdue))
	text := p.get("/")
	sound(t, "/", text)
	assert.Contains(t, text, "<strong>T1</strong>")
}

// A matter that warns long before it is due is at risk whatever time is left.
func TestInListAtRisk(t *testing.T) {
	due := sla.Due{End: noon.AddDate(0, 0, 30)}
	for _, x := range []struct {
		status     sla.Status
		after      time.Duration
		risk, soon bool
	}{
		{sla.AtRisk, 0, true, false},
		{sla.Running, 0, false, false},
		{sla.Running, 23 * 24 * time.Hour, false, true},
		{sla.Running, 23*24*time.Hour - 1, false, false},
		{sla.AtRisk, 23 * 24 * time.Hour, true, true},
		{sla.Running, 29 * 24 * time.Hour, true, true},
		{sla.Running, 29*24*time.Hour - 1, false, true},
		{sla.Overdue, 31 * 24 * time.Hour, false, false},
	} {
		m := &service.Matter{Clock: &sla.Timeline{Status: x.status, Due: due}}
		now := noon.Add(x.after)
		assert.Equal(t, x.risk, in(listRisk, m, now), "%v", x)
		assert.Equal(t, x.soon, in(listSoon, m, now), "%v", x)
		assert.Equal(t, x.risk && !x.soon, riskBeyond(&service.Standing{Matters: []service.Matter{*m}}, now), "%v", x)
	}
}

// Where no list has anything in it, the page does not say that all is settled
// while matters are under way.
func TestStateWithNothingToUrge(t *testing.T) {
	for lang, want := range map[string]string{
		"en": `<a href="/state/under-way"><span class="n">2</span>`, "zh": "没有要催的：",
	} {
		p := newPages(t, supportContract)
		p.lang = lang
		opened := p.store.Now().Add(-3 * time.Hour).Format(time.RFC3339)
		p.record("ticket.resolution", fmt.Sprintf(`{"ticket":{"id":"T1","priority":"p1","country":"de","opened_at":%q,"pauses":[{"from":%[1]q}]}}`, opened))
		p.record("ticket.resolution", `{"ticket":{"id":"T2","priority":"p1","country":"de","opened_at":null}}`)
		text := p.get("/")
		sound(t, "/", text)
		assert.Contains(t, text, want)
		assert.Equal(t, 2, p.listed(listUnderWay))
		assert.NotContains(t, text, "settled")
		assert.NotContains(t, text, "了结")
	}
}

// A month's matters that are at risk run, and are due soon or later.
func TestMonthWatchesWhatIsAtRisk(t *testing.T) {
	for status, want := range map[sla.Status][3]int{
		sla.Running: {0, 1, 1}, sla.AtRisk: {0, 1, 1}, sla.Overdue: {2, 0, 0}, sla.Paused: {}, sla.OnTime: {}, sla.NotStarted: {},
	} {
		s := &monthSection{}
		for _, days := range []int{soonDays, soonDays + 1} {
			s.watch(&watchedRecord{clock: sla.Timeline{Status: status, AsOf: noon, Due: sla.Due{End: noon.AddDate(0, 0, days)}}})
		}
		assert.Equal(t, want, [3]int{s.overdue.n, s.soon.n, s.later}, status)
	}
}

// Webhooks that take nothing are told of on the first page.
func TestStuckWebhooks(t *testing.T) {
	p := newPages(t, "")
	store := p.console.service.Store
	for _, name := range []string{"late", "sound", "stopped"} {
		h := &record.Webhook{Name: name, URL: "https://x.example", Secret: []byte("0123456789abcdef01234567")}
		require.NoError(t, store.AddWebhook(p.Context(), h))
		if name != "sound" {
			h.Tries, h.Failing, h.Problem = 3, store.Now(), "status_500"
		}
		if name == "stopped" {
			h.Stopped = store.Now()
		}
		require.NoError(t, store.SaveWebhook(p.Context(), h))
	}
	for lang, says := range map[string][]string{"zh": {"回调 late", "回调 stopped 已停"}, "en": {"The webhook late", "webhook stopped is stopped"}} {
		p.lang = lang
		text := p.get("/")
		sound(t, "/", text)
		for _, x := range says {
			assert.Contains(t, text, x)
		}
		assert.NotContains(t, text, "sound")
	}
}

// A list that is long goes on at further pages, each matter on one of them, and says
// where it is not all.
func TestPagesOfAList(t *testing.T) {
	p := newPages(t, supportContract)
	const many, dropped, behind = 1203, 7, 5
	all := &service.Standing{Dropped: dropped, Behind: behind}
	for i := range many {
		all.Matters = append(all.Matters, service.Matter{ID: fmt.Sprintf("%d-abc", i), Question: "ticket.resolution", Clock: &sla.Timeline{Status: sla.Overdue, Due: sla.Due{End: noon}}, Rule: &policy.Rule{}})
	}
	seen, pages := map[string]bool{}, 0
	link := regexp.MustCompile(`class="mono" href="(/decisions/[^"]+)"`)
	following := regexp.MustCompile(`href="([^"]+)" rel="next"`)
	show := func(at string) string {
		r := httptest.NewRequest(http.MethodGet, at, nil)
		page := p.console.newPage(r)
		page.Name, page.Nav, page.Title = "state_list.html", "state", "Overdue"
		page.Data = page.viewer.pageOfList(listOverdue, all, r.URL.Query(), noon)
		w := httptest.NewRecorder()
		p.console.render(w, page, http.StatusOK)
		return w.Body.String()
	}
	for at := "/state/overdue"; at != ""; pages++ {
		text := show(at)
		sound(t, "/state/overdue", text)
		assert.Contains(t, text, `id="dropped"`)
		assert.Contains(t, text, `<span class="tab">7</span>`)
		assert.Contains(t, text, `<span class="tab">5</span>`)
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			assert.False(t, seen[m[1]], m[1])
			seen[m[1]] = true
		}
		at = ""
		if m := following.FindStringSubmatch(text); m != nil {
			at = html.UnescapeString(m[1])
		}
	}
	assert.Len(t, seen, many)
	assert.Equal(t, 3, pages)
	assert.Contains(t, show("/state/overdue?from=999999"), `1001–1203`)
	assert.Contains(t, show("/state/overdue?from=500"), `href="/state/overdue" rel="prev"`)
	all.Matters, all.Dropped, all.Behind = all.Matters[:500], 0, 0
	text := show("/state/overdue?from=-1")
	assert.NotContains(t, text, `id="part"`)
	assert.NotContains(t, text, `id="dropped"`)
}
