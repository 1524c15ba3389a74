package console

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// repairs is a rulebook of another trade, and office what such an office exports.
const repairs = `rulebook: {languages: [zh, en], id: repairs, title: {zh: 报修, en: Repairs}, zone: Asia/Shanghai, in_force: {from: 2025-01-01}, calendar: china}
words: {breach: {repaired_late: {zh: 修复超时, en: repaired late}}}
facts:
  customer: {zh: 报修人, en: customer, type: name}
  kind: {zh: 报修类别, en: kind, type: word, words: {urgent: {zh: 紧急, en: urgent}, ordinary: {zh: 普通, en: ordinary}}}
  reported_at: {zh: 报修时间, en: reported, type: moment, event: true, if_absent: unknown}
  repaired_at: {zh: 修复时间, en: repaired, type: moment, event: true, not_before: reported_at}
questions:
  repair.deadline:
    zh: 是否按时修复
    en: repaired in time?
    facts: [customer, kind, reported_at, repaired_at]
    governed_by: reported_at
    rules: [repair_clock]
    verdict: {is: repair_clock.status}
    values: {due: {zh: 到期, en: due, is: repair_clock.due}}
regulations:
  repairs:
    zh: 报修规定
    en: repairs
    articles:
      "1":
        nature: deadline
        title: {zh: 修复期限, en: deadlines}
        text: {zh: 紧急的24小时内修复，其他的5个工作日内。, en: "Urgent repairs within 24 hours, others within 5 working days."}
        clocks: {repair_clock: {done: repaired_at, breach: repaired_late}}
        deadlines: {repair_limit: {part_of: repair_clock, from: reported_at, within: {by: kind, urgent: 24 hours, ordinary: 5 working days}}}
review:
  zh: 当月报修
  en: repairs of a month
  sections:
    repairs: {zh: 报修, en: repairs, question: repair.deadline, table: repairs, month: reported_at, until: repaired_at, list: [late, overdue]}
`

const office = "流水,姓名,报修类别,受理时刻,修复时间（系统）,备注\n" +
	"W-1,王芳,紧急,03/06/2025 9:00,04/06/2025 8:30,\n" +
	"W-2,李强,一般,13/06/2025 10:00,,等配件\n" +
	"W-3,赵敏,普通,16/06/2025 10:00,16/06/2025 11:00,\n"

func newOffice(t *testing.T) *visitor {
	t.Helper()
	file := filepath.Join(t.TempDir(), "rules.yaml")
	require.NoError(t, os.WriteFile(file, []byte(repairs), 0o600))
	return newPages(t, file)
}

// waiting is the address of what was sent, and its page.
func (p *visitor) waiting(month string, files ...string) (address, text string) {
	p.Helper()
	r := p.upload(month, files...)
	require.Equal(p, http.StatusSeeOther, r.StatusCode, p.text(r))
	address = r.Header.Get("Location")
	require.Regexp(p, `^/month/[A-Z0-9]+/tables$`, address)
	text = p.get(address)
	sound(p.T, address, text)
	return address, text
}

// fields are those of the form of how tables are read, as they stand on a page.
func fieldsOn(t *testing.T, page string) url.Values {
	t.Helper()
	_, form, ok := strings.Cut(page, `id="mapping"`)
	require.True(t, ok)
	form, _, _ = strings.Cut(form, "</form>")
	values := url.Values{}
	for _, m := range regexp.MustCompile(`<input ([^>]*)>`).FindAllStringSubmatch(form, -1) {
		if strings.Contains(m[1], `type="checkbox"`) && !strings.Contains(m[1], " checked") {
			continue
		}
		values.Set(attribute(m[1], "name"), attribute(m[1], "value"))
	}
	for _, m := range regexp.MustCompile(`(?s)<select ([^>]*)>(.*?)</select>`).FindAllStringSubmatch(form, -1) {
		on := regexp.MustCompile(`<option value="([^"]*)" selected>`).FindStringSubmatch(m[2])
		require.NotNil(t, on, "nothing is chosen: %s", m[0])
		values.Set(attribute(m[1], "name"), html.UnescapeString(on[1]))
	}
	return values
}

func attribute(of, name string) string {
	m := regexp.MustCompile(`(?:^| )` + name + `="([^"]*)"`).FindStringSubmatch(of)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}

// looks sends the form of how tables are read, and is the page that it leads to.
func (p *visitor) looks(at string, values url.Values) string {
	p.Helper()
	values.Set("_do", "look")
	r := p.send(at, values)
	require.Equal(p, http.StatusSeeOther, r.StatusCode)
	require.Equal(p, at, r.Header.Get("Location"))
	text := p.get(at)
	assert.Equal(p, text, p.get(at), "loaded again")
	return text
}

// A table that somebody else has made is shown with how it is read, and read so
// once he agrees: what was proposed, and what he says otherwise.
func TestTablesOfAnOffice(t *testing.T) {
	p := newOffice(t)
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(office)
	require.NoError(t, err)
	at, page := p.waiting("2025-06", "六月报修.csv", gb)
	for _, want := range []string{"六月报修.csv", "GB18030", "王芳", "only alike", "may be two days", "13/06/2025 10:00"} {
		assert.Contains(t, page, want)
	}
	values := fieldsOn(t, page)
	assert.Equal(t, "repairs", values.Get("t0"))
	assert.Equal(t, "0", values.Get("t0.id"), "流水 is all different")
	assert.Equal(t, "kind", values.Get("t0.c2"))
	assert.Equal(t, "repaired_at", values.Get("t0.c4"))
	assert.Equal(t, "day_first", values.Get("t0.days"), "another date of the column settles it")
	assert.Equal(t, "yes", values.Get("t0.local"))

	// what was not found is said by the person
	values.Set("t0.c1", "customer")
	values.Set("t0.c3", "reported_at")
	page = p.looks(at, values)
	assert.Contains(t, page, "2025-06-03 09:00")
	assert.Contains(t, page, `<span class="n">1</span><span>rows that cannot be read`, "一般 is no word")
	values = fieldsOn(t, page)
	require.True(t, values.Has("t0.word.kind=一般"))
	values.Set("t0.word.kind=一般", "ordinary")
	page = p.looks(at, values)
	assert.Contains(t, page, `<span class="n">3</span><span>records`)
	assert.Contains(t, page, `<span class="n">0</span><span>rows that cannot be read`)
	assert.Contains(t, page, "        一般: ordinary\n")

	values = fieldsOn(t, page)
	values.Set("_do", "review")
	r := p.send(at, values)
	require.Equal(t, http.StatusSeeOther, r.StatusCode, p.text(r))
	review := p.get(r.Header.Get("Location"))
	assert.Contains(t, review, "W-2")
	assert.Contains(t, review, "<span class=\"n\">3</span>")

	// it waits no longer
	gone := p.do(httptest.NewRequest(http.MethodGet, at, nil))
	assert.Equal(t, http.StatusUnprocessableEntity, gone.StatusCode)
	assert.Contains(t, p.text(gone), "send them again")
}

// What was agreed to is kept with the tables, and the month is found by it again.
func TestMappedTablesAreKept(t *testing.T) {
	p := newOffice(t)
	at, page := p.waiting("2025-06", "六月.csv", strings.ReplaceAll(office, "一般", "普通"))
	values := fieldsOn(t, page)
	values.Set("t0.c3", "reported_at")
	for field, value := range map[string]string{"_do": "review", "source": "客服部", "month": "2025-13"} {
		values.Set(field, value)
	}
	r := p.send(at, values)
	assert.Equal(t, http.StatusUnprocessableEntity, r.StatusCode, "there is no such month")
	page = p.text(r)
	sound(t, at, page)
	values = fieldsOn(t, page)
	assert.Equal(t, "客服部", values.Get("source"), "what was filled in is there still")
	values.Set("_do", "review")
	values.Set("month", "2025-06")
	r = p.send(at, values)
	require.Equal(t, "/month/kept-1", r.Header.Get("Location"), p.text(r))
	assert.Contains(t, p.get("/month/kept-1"), "W-2")
	kept, err := p.store.Import(t.Context(), 1)
	require.NoError(t, err)
	var names []string
	for _, f := range kept.Files {
		names = append(names, f.Name)
	}
	assert.ElementsMatch(t, []string{"review.yaml", "六月.csv"}, names)

	// again, for a reason only
	at, page = p.waiting("2025-06", "六月.csv", strings.ReplaceAll(office, "一般", "紧急"))
	values = fieldsOn(t, page)
	for field, value := range map[string]string{"_do": "review", "source": "客服部", "t0.c3": "reported_at"} {
		values.Set(field, value)
	}
	r = p.send(at, values)
	assert.Equal(t, http.StatusUnprocessableEntity, r.StatusCode)
	page = p.text(r)
	assert.Contains(t, page, "say why")
	values = fieldsOn(t, page)
	values.Set("_do", "review")
	values.Set("reason", "一行写错")
	assert.Equal(t, "/month/kept-2", p.send(at, values).Header.Get("Location"))
}

// What has to be decided first is told, and nothing is tried before.
func TestWhatIsToDecideFirst(t *testing.T) {
	p := newOffice(t)
	at, page := p.waiting("", "a.csv", "报修类别,报修时间,修复时间\n紧急,2025-06-03 09:00,\n紧急,2025-06-03 09:00,\n", "b.csv", "x,y\n1,2\n")
	assert.Contains(t, page, "no column of the ids is chosen")
	assert.NotContains(t, page, `id="trial"`)
	values := fieldsOn(t, page)
	assert.Equal(t, "", values.Get("t1"), "nothing of it looks like a fact")

	values.Set("t0.id", "1")
	values.Set("t0.c2", "reported_at")
	page = p.looks(at, values)
	assert.Contains(t, page, "are the same fact")
	values.Set("t0", "")
	page = p.looks(at, values)
	assert.Contains(t, page, "none of the tables is to be read yet")
	values = fieldsOn(t, page)
	values.Set("t1", "repairs")
	page = p.looks(at, values)
	assert.Contains(t, page, `name="t1.c0"`, "another table is proposed anew")
	for _, wrong := range []url.Values{{"t0": {"nowhere"}, "t1": {"repairs"}, "t1.id": {"99"}}, {"t0.id": {"-1"}, "t0": {"repairs"}}, {"t0": {"repairs"}, "t0.c0": {"no.such"}, "t0.word.kind": {"x"}}} {
		p.looks(at, wrong)
		wrong.Set("_do", "review")
		assert.Equal(t, http.StatusUnprocessableEntity, p.send(at, wrong).StatusCode, "%v", wrong)
	}
}

// Tables of the rules' own need nobody's word, and neither do those with a
// review.yaml; a table that is read wrongly is told by the review as before.
func TestOwnTablesDoNotWait(t *testing.T) {
	p := newPages(t, "")
	areas, err := os.ReadFile(filepath.Join(sampleMonth, "areas.csv"))
	require.NoError(t, err)
	r := p.upload("2025-06", "areas.csv", string(areas))
	assert.Regexp(t, `^/month/[A-Z0-9]+$`, r.Header.Get("Location"))

	p = newOffice(t)
	r = p.upload("", "六月.csv", office, "review.yaml", "tables: {六月.csv: {section: repairs, record: 流水, local_times: true, dates: day_first, facts: {kind: 报修类别, reported_at: 受理时刻, repaired_at: 修复时间（系统）}}}")
	assert.Regexp(t, `^/month/[A-Z0-9]+$`, r.Header.Get("Location"), p.text(r))
	r = p.upload("", "repairs.csv", "")
	assert.Regexp(t, `^/month/[A-Z0-9]+$`, r.Header.Get("Location"), "an empty one")
}

// Only the last few wait; several people at the same one see the same.
func TestWaitingTables(t *testing.T) {
	p := newOffice(t)
	first, page := p.waiting("2025-06", "0.csv", office)
	left := p.console.service.Room.Left()
	values := fieldsOn(t, page)
	var together sync.WaitGroup
	for i := range 8 {
		together.Go(func() {
			mine := url.Values{}
			for k, v := range values {
				mine[k] = v
			}
			if mine.Set("_do", "look"); i%2 == 0 {
				mine.Set("t0.c3", "reported_at")
			}
			if i == 7 {
				mine.Set("_do", "review")
			}
			r := p.send(first, mine)
			assert.Contains(t, []int{http.StatusOK, http.StatusSeeOther, http.StatusUnprocessableEntity}, r.StatusCode)
		})
	}
	together.Wait()
	second, _ := p.waiting("2025-06", "1.csv", office)
	for i := range shelvedMost {
		p.waiting("2025-06", strconv.Itoa(i+2)+".csv", office)
	}
	assert.Equal(t, http.StatusUnprocessableEntity, p.do(httptest.NewRequest(http.MethodGet, second, nil)).StatusCode)
	assert.Len(t, p.console.uploads.list, shelvedMost)
	assert.Less(t, left-p.console.service.Room.Left(), int64(1<<20), "what is gone takes no room")
	for _, u := range p.console.uploads.list {
		assert.Zero(t, u.users, u.key)
	}
}

// What stands in a table is shown as it stands there, and a word is chosen for it,
// whatever marks it has.
func TestMarksInTables(t *testing.T) {
	p := newOffice(t)
	const odd = "急<b>\"&=.\n1"
	text := "单号,报修类别,报修时间,\"<script>\"\nA1,\"" + strings.ReplaceAll(odd, `"`, `""`) + "\",2025-06-03 09:00,\"' onclick=x\"\n"
	at, page := p.waiting("2025-06", "a&b.csv", text)
	values := fieldsOn(t, page)
	require.True(t, values.Has("t0.word.kind="+odd), "%v", values)
	values.Set("t0.word.kind="+odd, "urgent")
	page = p.looks(at, values)
	sound(t, at, page)
	assert.Contains(t, page, `<span class="n">1</span><span>records`)
}
