package console

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
)

// june is a table as the rules have it, with rows in place of some.
func june(rows ...string) string {
	return "record,customer,kind,reported_at,repaired_at\n" + strings.Join(rows, "\n") + "\n"
}

const (
	wang = "W-1,王芳,urgent,2025-06-03T09:00:00+08:00,2025-06-04T08:30:00+08:00"
	li   = "W-2,李强,ordinary,2025-06-13T10:00:00+08:00,"
	lied = "W-2,李强,ordinary,2025-06-13T10:00:00+08:00,2025-06-16T10:00:00+08:00"
	zhao = "W-3,赵敏,ordinary,2025-06-16T10:00:00+08:00,2025-06-16T11:00:00+08:00"
	late = "W-3,赵敏,ordinary,2025-06-16T10:00:00+08:00,2025-06-30T11:00:00+08:00"
	bad  = "W-4,钱,ordinary,2025-06-13T10:00:00+08:00,2025-06-12T10:00:00+08:00" // done before it began
)

// reviewed is the address of a review of a table.
func (p *visitor) reviewed(month, text string) string {
	p.Helper()
	r := p.upload(month, "repairs.csv", text)
	require.Equal(p, http.StatusSeeOther, r.StatusCode, p.text(r))
	return r.Header.Get("Location")
}

// plan is what would be put on record of a review, and what agrees to it.
func (p *visitor) plan(at, source string) (text string, agrees url.Values) {
	p.Helper()
	text = p.get(at + "/record?" + url.Values{"source": {source}}.Encode())
	sound(p.T, at, text)
	assert.Equal(p, strings.Contains(text, `form="putting"`), strings.Contains(text, `id="putting"`), "the switches send a form that is there")
	agrees = url.Values{"_do": {"record"}, "source": {source}}
	if m := regexp.MustCompile(`name="agreed" value="([0-9a-f]{64})"`).FindStringSubmatch(text); m != nil {
		agrees.Set("agreed", m[1])
	}
	return text, agrees
}

// counts are the tiles of a plan: new, carried on, corrected, the same, refused,
// unreadable.
func counts(text string) string {
	var all []string
	for _, m := range regexp.MustCompile(`<span class="n">(\d+)</span>`).FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	return strings.Join(all, " ")
}

// puts puts a month on record.
func (p *visitor) puts(at, source, reason string) {
	p.Helper()
	_, agrees := p.plan(at, source)
	agrees.Set("reason", reason)
	r := p.send(at+"/record", agrees)
	require.Equal(p, http.StatusSeeOther, r.StatusCode, p.text(r))
	text := p.get(r.Header.Get("Location"))
	sound(p.T, at, text)
	assert.Regexp(p, "All of it is on record|All that can be is on record", text)
}

// A reviewed month is put on record from its page: first what would be done, then
// all of it, once however often; what differs takes the place of what was there.
func TestMonthOnRecord(t *testing.T) {
	p := newOffice(t)
	at := p.reviewed("2025-06", june(wang, li, zhao, bad))
	assert.Contains(t, p.get(at), `href="`+at+`/record"`)
	sound(t, at, p.get(at+"/record"))
	text, agrees := p.plan(at, " north  office ")
	assert.Equal(t, "3 0 0 0 1 0", counts(text))
	assert.Zero(t, p.store.Head().Seq, "a look puts nothing on record")
	p.puts(at, "north office", "")
	assert.Equal(t, int64(3), p.store.Head().Seq)
	assert.Equal(t, http.StatusSeeOther, p.send(at+"/record", url.Values{"_do": {"look"}, "source": {"x"}}).StatusCode)

	// the state tells of it, and leads to the record
	start := p.get("/")
	assert.Contains(t, start, `href="/state/overdue"`)
	assert.Equal(t, 1, p.listed("overdue"))
	assert.Contains(t, p.get("/month"), "north office")

	// what was agreed to once is nothing to agree to again
	r := p.send(at+"/record", agrees)
	assert.Equal(t, http.StatusUnprocessableEntity, r.StatusCode)
	assert.Contains(t, p.text(r), "something has changed meanwhile")
	text, _ = p.plan(at, "Ｎorth OFFICE")
	assert.Equal(t, "0 0 0 3 1 0", counts(text), "the same source, in other letters")
	assert.Contains(t, text, "All that can be is on record")

	// sent again in another order of columns, with a completion, a correction and a
	// new one
	again := p.reviewed("2025-06", june(wang, lied, late, "W-5,孙,urgent,2025-06-20T10:00:00+08:00,2025-06-20T11:00:00+08:00"))
	text, agrees = p.plan(again, "north office")
	assert.Equal(t, "1 1 1 1 0 0", counts(text))
	assert.Contains(t, text, "they take the place of others")
	r = p.send(again+"/record", agrees)
	assert.Equal(t, http.StatusUnprocessableEntity, r.StatusCode)
	assert.Contains(t, p.text(r), "say why")
	assert.Equal(t, int64(3), p.store.Head().Seq)
	p.puts(again, "north office", "补登记")
	assert.Equal(t, int64(6), p.store.Head().Seq)
	assert.Zero(t, p.listed("overdue"), "it is done, and the same matter")
	steps, err := p.store.StepsAfter(t.Context(), 0, 10)
	require.NoError(t, err)
	require.Len(t, steps, 1)
	assert.Equal(t, record.StepCorrection, steps[0].Kind)
	assert.Equal(t, "补登记", steps[0].Reason)
	corrected := p.get("/decisions/" + steps[0].Record)
	assert.Contains(t, corrected, steps[0].Place, "leads to what has its place")
	report, err := p.console.service.Verify(t.Context(), record.Stretch{})
	require.NoError(t, err)
	assert.Empty(t, report.Damage)

	// back to what it was: a third one
	p.puts(at, "north office", "原来的对")
	assert.Equal(t, int64(8), p.store.Head().Seq, "W-2 and W-3")
	// another source and another month are others
	text, _ = p.plan(at, "south office")
	assert.Equal(t, "3 0 0 0 1 0", counts(text))

	// from the page of the kept month nothing is left to do
	text = p.get("/month/kept-3/record")
	sound(t, "kept", text)
	assert.Contains(t, text, "All that can be is on record")
	assert.Equal(t, http.StatusNotFound, p.do(httptest.NewRequest(http.MethodGet, "/month/sample/record", nil)).StatusCode)
	assert.Equal(t, http.StatusUnprocessableEntity, p.do(httptest.NewRequest(http.MethodGet, "/month/NOTHING/record", nil)).StatusCode)
}

// A month without a name, a source without one, and a review of another language.
func TestMonthNotOnRecord(t *testing.T) {
	p := newOffice(t)
	at := p.reviewed("", june(wang))
	assert.NotContains(t, p.get(at), "/record\"")
	r := p.do(httptest.NewRequest(http.MethodGet, at+"/record?source=x", nil))
	assert.Equal(t, http.StatusUnprocessableEntity, r.StatusCode)
	assert.Contains(t, p.text(r), "the month is not known")
	at = p.reviewed("2025-06", june(wang))
	for _, source := range []string{"", " ", strings.Repeat("x", 61)} {
		r := p.do(httptest.NewRequest(http.MethodGet, at+"/record?"+url.Values{"source": {source}}.Encode(), nil))
		assert.Equal(t, http.StatusUnprocessableEntity, r.StatusCode, "%q", source)
		sound(t, source, p.text(r))
	}
	for _, forged := range []url.Values{{"_do": {"record"}, "source": {"x"}, "agreed": {"y"}}, {"_do": {"record"}, "source": {""}, "agreed": {"y"}}} {
		assert.Equal(t, http.StatusUnprocessableEntity, p.send(at+"/record", forged).StatusCode, "%v", forged)
	}
	assert.Equal(t, http.StatusOK, p.send(at+"/record", url.Values{"_do": {"record"}, "source": {"x"}}).StatusCode, "nothing was agreed to: it is shown")
	assert.Zero(t, p.store.Head().Seq)
	r = p.do(httptest.NewRequest(http.MethodGet, p.reviewed("2025-07", june(wang))+"/record?source=x", nil))
	assert.Equal(t, http.StatusUnprocessableEntity, r.StatusCode)
	assert.Contains(t, p.text(r), "no record of 2025-07")

	// a switch of the language loses nothing
	r = p.send(at+"/record", url.Values{"source": {"甲"}, "reason": {"乙"}, "lang": {"zh"}, "agreed": {"y"}, "_do": {"record"}})
	assert.Equal(t, http.StatusSeeOther, r.StatusCode)
	assert.Contains(t, r.Header.Get("Location"), "reason="+url.QueryEscape("乙"))
}

// Two people put the same month on record at once: it is there once, whole, and
// whoever was second is told.
func TestMonthOnRecordTogether(t *testing.T) {
	p := newOffice(t)
	var together sync.WaitGroup
	var addresses []string
	var agreed []url.Values
	for i := range 4 {
		rows := []string{wang, li, zhao}
		if i%2 == 1 {
			rows = []string{wang, lied, late}
		}
		at := p.reviewed("2025-06", june(rows...))
		_, agrees := p.plan(at, "north")
		agrees.Set("reason", "x")
		addresses, agreed = append(addresses, at), append(agreed, agrees)
	}
	for i, at := range addresses {
		together.Go(func() {
			r := p.send(at+"/record", agreed[i])
			assert.Contains(t, []int{http.StatusSeeOther, http.StatusUnprocessableEntity}, r.StatusCode)
		})
	}
	together.Wait()
	assert.Equal(t, int64(3), p.store.Head().Seq)
	all, err := p.store.Imports(t.Context())
	require.NoError(t, err)
	assert.Len(t, all, 1)
}

// A mapping that somebody agreed to is part of it.
func TestMappedMonthOnRecord(t *testing.T) {
	p := newOffice(t)
	at, page := p.waiting("2025-06", "六月报修.csv", strings.ReplaceAll(office, "一般", "普通"))
	values := fieldsOn(t, page)
	values.Set("t0.c3", "reported_at")
	values.Set("t0.c1", "customer")
	values.Set("_do", "review")
	r := p.send(at, values)
	require.Equal(t, http.StatusSeeOther, r.StatusCode, p.text(r))
	p.puts(r.Header.Get("Location"), "客服部", "")
	assert.Equal(t, int64(3), p.store.Head().Seq)
	kept, err := p.store.Import(t.Context(), 1)
	require.NoError(t, err)
	assert.Len(t, kept.Files, 2, "the table and review.yaml")
	text, _ := p.plan("/month/kept-1", "")
	assert.Contains(t, text, "All of it is on record")

	left := p.console.service.Room.Left()
	for range shelvedMost + 1 {
		p.reviewed("2025-06", june(wang))
	}
	assert.Less(t, left-p.console.service.Room.Left(), int64(1<<20), "the tables of reviews that are gone take no room")
	for _, m := range p.console.reviews.list {
		assert.Zero(t, m.users, m.key)
	}
}

// What was corrected by somebody, or erased, is not overruled by a table.
func TestMonthDoesNotOverruleAPerson(t *testing.T) {
	p := newOffice(t)
	p.puts(p.reviewed("2025-06", june(wang, zhao)), "north", "")
	var ids []string
	for seq := int64(1); seq <= 2; seq++ {
		all, err := p.store.Stretch(t.Context(), seq, 1)
		require.NoError(t, err)
		ids = append(ids, all[0].ID())
	}
	status, _ := p.take(ids[1], "_kind", "correction", "_reason", "wrong ticket")
	require.Equal(t, http.StatusSeeOther, status)
	text, _ := p.plan(p.reviewed("2025-06", june(wang, late)), "north")
	assert.Equal(t, "0 0 0 1 1 0", counts(text))
	assert.Contains(t, text, "was corrected by somebody")
}

// What is on record is corrected by who may, and by nobody else.
func TestMonthIsCorrectedByWhoMay(t *testing.T) {
	p := newOffice(t)
	p.puts(p.reviewed("2025-06", june(wang, zhao)), "north", "")
	at := p.reviewed("2025-06", june(wang, late))
	m := p.console.reviews.find(strings.TrimPrefix(at, "/month/"))
	require.NotNil(t, m)
	defer m.release()
	asked := service.MonthOnRecord{Month: "2025-06", Source: "north", Reason: "x"}
	plan, err := p.console.service.RecordMonth(t.Context(), asked, m.tables)
	require.NoError(t, err)
	asked.Seen = plan.Digest
	_, err = p.console.service.RecordMonth(t.Context(), asked, m.tables)
	require.ErrorIs(t, err, service.ErrMayNotCorrect)
	assert.Equal(t, int64(2), p.store.Head().Seq)
	asked.Corrects = true
	_, err = p.console.service.RecordMonth(t.Context(), asked, m.tables)
	require.NoError(t, err)
	assert.Equal(t, int64(3), p.store.Head().Seq)

	// what was added to is nobody's correction
	asked = service.MonthOnRecord{Month: "2025-06", Source: "south", Reason: "x"}
	for i, rows := range [][]string{{li}, {lied}} {
		m := p.console.reviews.find(strings.TrimPrefix(p.reviewed("2025-06", june(rows...)), "/month/"))
		asked.Seen = ""
		plan, err := p.console.service.RecordMonth(t.Context(), asked, m.tables)
		require.NoError(t, err)
		asked.Seen = plan.Digest
		_, err = p.console.service.RecordMonth(t.Context(), asked, m.tables)
		require.NoError(t, err, i)
		m.release()
	}
	assert.Equal(t, int64(5), p.store.Head().Seq)
}

// Other rules in force since it was looked at: it is to be looked at again.
func TestMonthIsAgreedToByTheRulesInForce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rules.yaml")
	require.NoError(t, os.WriteFile(file, []byte(repairs), 0o600))
	p := newPages(t, file)
	at := p.reviewed("2025-06", june(wang, li))
	_, agrees := p.plan(at, "north")
	require.NoError(t, os.WriteFile(file, []byte(strings.Replace(repairs, "5 working days}", "4 working days}", 1)), 0o600))
	require.True(t, p.rules.Reload(t.Context()).OK)
	r := p.send(at+"/record", agrees)
	assert.Equal(t, http.StatusUnprocessableEntity, r.StatusCode)
	assert.Contains(t, p.text(r), "something has changed meanwhile")
	assert.Zero(t, p.store.Head().Seq)
}
