package console

import (
	"context"
	"encoding/csv"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/record"
)

// sound checks what holds of every page: nothing inline, nothing from
// elsewhere, nothing left over of a template, one heading.
func sound(t *testing.T, path, text string) {
	t.Helper()
	for _, forbidden := range []string{`<script>`, `<style`, ` style="`, `javascript:`, `ZgotmplZ`, `<no value>`, `%!`, `http://www`, `https://`} {
		assert.NotContains(t, text, forbidden, path)
	}
	assert.NotRegexp(t, `<[^>]* on[a-z]+=`, text, path)
	assert.Equal(t, 1, strings.Count(text, "<h1"), path)
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		assert.False(t, seen[m[1]], "%s: the id %s stands twice", path, m[1])
		seen[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`<label for="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		assert.True(t, seen[m[1]], "%s: the label of %s has no field", path, m[1])
	}
}

// Every page there is, of two rulebooks, in both languages.
func TestEveryPage(t *testing.T) {
	for name, rules := range map[string]string{"embedded": "", "service desk": serviceDesk} {
		p := newPages(t, rules)
		b := p.rules.Current().Book.Rulebook()
		for _, lang := range []string{"zh", "en"} {
			p.lang = lang
			paths := []string{"/", "/state/overdue", "/ask", "/ask?q=x", "/month", "/rules", "/rules/readings", "/rules/draft", "/rules/draft?from=current", "/rules/changes", "/rules/changes/new", "/rules/history", "/decisions"}
			if name == "embedded" {
				paths = append(paths, "/month/sample")
			}
			for _, q := range b.Questions {
				path := "/ask/" + url.PathEscape(q.ID)
				paths = append(paths, path)
				if len(p.console.cases.of(p.rules.Current().Book, q)) > 0 {
					paths = append(paths, path+"?example=1")
				}
				sound(t, path, p.post(path, url.Values{})) // nothing filled in is no mistake
			}
			for _, path := range paths {
				text := p.get(path)
				sound(t, path, text)
				assert.Contains(t, text, map[string]string{"zh": `<html lang="zh-CN"`, "en": `<html lang="en"`}[lang], path)
			}
		}
	}
}

func TestUnknownPages(t *testing.T) {
	p := newPages(t, "")
	for path, says := range map[string]string{
		"/nothing": "no such page", "/ask/time_limit.requests": "did you mean time_limit.request", "/decisions/1-000000000000": "no such record",
		"/static/nothing.js": "no such page", "/month/unknown/areas.csv": "no longer kept", "/month/sample/nothing.csv": "no such page",
	} {
		r := p.do(httptest.NewRequest(http.MethodGet, path, nil))
		assert.Equal(t, http.StatusNotFound, r.StatusCode, path)
		assert.Contains(t, strings.ToLower(p.text(r)), says, path)
	}
	r := p.do(httptest.NewRequest(http.MethodGet, "/month/unknown", nil))
	assert.Equal(t, http.StatusUnprocessableEntity, r.StatusCode)
	assert.Contains(t, p.text(r), "no longer kept")
}

// No name of the rulebooks stands in the package: all of it is declared.
func TestNoDomain(t *testing.T) {
	var names []string
	collect := func(b *policy.Rulebook) {
		for _, r := range b.Regulations {
			names = append(names, r.ID, r.Title.ZH)
		}
		for _, q := range b.Questions {
			names = append(names, q.ID)
		}
		for _, r := range b.Rules() {
			if strings.Contains(r.Name, "_") {
				names = append(names, r.Name)
			}
		}
		for _, f := range b.Facts {
			if strings.Contains(f.Name, "_") && f.Name != "as_of" {
				names = append(names, f.Name)
			}
		}
	}
	collect(gulin(t).Rulebook())
	collect(deskBook(t).Rulebook())
	require.Greater(t, len(names), 200)
	err := fs.WalkDir(os.DirFS("."), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") {
			return err
		}
		data, err := os.ReadFile(path)
		for _, name := range names {
			assert.NotRegexp(t, `\b`+regexp.QuoteMeta(name)+`\b`, string(data), path)
		}
		return err
	})
	require.NoError(t, err)
}

func TestLanguageAndTheme(t *testing.T) {
	p := newPages(t, "")
	cookiesOf := func(path string) (string, []string) {
		r := p.do(httptest.NewRequest(http.MethodGet, path, nil))
		assert.Equal(t, http.StatusSeeOther, r.StatusCode, path)
		return r.Header.Get("Location"), r.Header.Values("Set-Cookie")
	}
	to, set := cookiesOf("/decisions?question=x&lang=zh")
	assert.Equal(t, "/decisions?question=x", to)
	require.Len(t, set, 1)
	assert.True(t, strings.HasPrefix(set[0], "lang=zh; Path=/;"), set[0])
	to, set = cookiesOf("/ask?theme=dark")
	assert.Equal(t, "/ask", to)
	assert.Contains(t, set[0], "theme=dark")
	to, _ = cookiesOf("//elsewhere.example/ask?lang=en")
	assert.Equal(t, "/", to, "nobody is sent elsewhere")

	assert.NotContains(t, p.get("/ask?lang=xx&theme=pink"), "pink")
	p.cookies = map[string]string{"lang": "zh", "theme": "dark"}
	text := p.get("/ask")
	assert.Contains(t, text, `<html lang="zh-CN" data-theme="dark">`)
	p.cookies = map[string]string{"lang": `"><b>`, "theme": `"><b>`}
	assert.Contains(t, p.get("/ask"), `<html lang="en">`)

	// the switch of a form keeps what is filled in
	text = p.post("/ask/time_limit.request", url.Values{"request.direct": {"S77"}, "lang": {"zh"}, "theme": {"light"}})
	assert.Contains(t, text, `<html lang="zh-CN" data-theme="light">`)
	assert.Contains(t, text, `value="S77"`)
}

func TestAskWithoutScript(t *testing.T) {
	p := newPages(t, "")
	const path = "/ask/time_limit.request"
	values := url.Values{
		"request.kind": {"install"}, "request.area_type": {"urban"}, "request.papers_complete_at": {"2025-06-09T10:00"},
		"request.completed_at": {"2025-06-17T09:00"}, "request.direct": {"S2"}, "_as_of": {"2025-06-20T09:00"},
	}
	text := p.post(path, values)
	for _, says := range []string{"<h2>late", "2025-06-16", "overdue", "5 working days", "person in charge <strong>S2</strong>", "curl -s", "counted as the first"} {
		assert.Contains(t, text, says)
	}
	values.Set("_reading.period.start_day", "include")
	text = p.post(path, values)
	assert.Contains(t, text, "Under other readings")
	assert.Contains(t, text, "2025-06-13")

	values.Set("_add", "request.customer_failures")
	text = p.post(path, values)
	assert.Contains(t, text, `name="request.customer_failures#" value="1"`)
	assert.Contains(t, text, `name="request.customer_failures[0].type"`)
	values.Del("_add")
	values.Set("request.customer_failures#", "1")
	values.Set("_remove", "request.customer_failures[0]")
	assert.Contains(t, p.post(path, values), `name="request.customer_failures#" value="0"`)
}

func TestRefusedFacts(t *testing.T) {
	p := newPages(t, "")
	const path = "/ask/time_limit.request"
	for field, says := range map[string][2]string{
		"request.kind":            {"instal", "not one of the words"},
		"request.extension.times": {"-1", "not between"},
		"_as_of":                  {"soon", "a date and a time"},
	} {
		values := url.Values{"_as_of": {"2025-06-20T09:00"}}
		values.Set(field, says[0])
		r := p.send(path, values)
		text := p.text(r)
		assert.Equal(t, http.StatusUnprocessableEntity, r.StatusCode, field)
		assert.Contains(t, text, `role="alert"`, field)
		assert.Contains(t, text, `href="#`+idOf(field)+`"`, field)
		assert.NotContains(t, text, "<h2>late", field)
	}
	all := p.text(p.send(path, url.Values{"_as_of": {"soon"}, "request.kind": {"instal"}, "request.area_type": {"urbn"}, "request.extension.times": {"-1"}}))
	for _, field := range []string{"_as_of", "request.kind", "request.area_type", "request.extension.times"} {
		assert.Contains(t, all, `href="#`+idOf(field)+`"`, field)
	}
	// One wrong entry is told of once, in the words of a form: there are no quotation marks to take away in it, and no offsets.
	for field, entries := range map[string][]string{
		"request.extension.times": {"one", "1.5", "99999999999999999999", "３"},
		"request.received_at":     {"2025-06-31T10:00", "yesterday", "2025-06-09"},
	} {
		for _, entry := range entries {
			text := p.text(p.send(path, url.Values{"_as_of": {"2025-06-20T09:00"}, "request.extension.reason": {"material"}, field: {entry}}))
			_, list, ok := strings.Cut(text, `role="alert"`)
			require.True(t, ok, "%s %q", field, entry)
			list, _, _ = strings.Cut(list, "</section>")
			assert.Equal(t, 1, strings.Count(list, `href="#`+idOf(field)+`"`), "%s %q: %s", field, entry, list)
			assert.NotContains(t, list, "quotes")
			assert.NotContains(t, list, "offset")
		}
	}
	text := p.post(path, url.Values{"_as_of": {"2025-06-20T09:00"}, "request.received_at": {"2025-06-21T10:00"}})
	assert.Contains(t, text, "nothing can be decided", "what has happened cannot lie ahead")
	assert.Contains(t, text, `<a href="#f-request-received_at">`)
	r := p.send(path, url.Values{"x": {strings.Repeat("x", maxForm)}})
	assert.Equal(t, http.StatusRequestEntityTooLarge, r.StatusCode)
}

func TestDecisionOnRecord(t *testing.T) {
	p := newPages(t, "")
	const path = "/ask/accountability.fine"
	values := url.Values{
		"person": {"S2"}, "complaint.level": {"hall"}, "complaint.substantiated": {"true"}, "complaint.cause": {"service"},
		"complaint.received_at": {"2025-06-18T09:00"}, "prior_in_window.hall": {"3"}, "prior_in_window.branch": {"0"}, "prior_in_window.county_or_above": {"0"},
		"_as_of": {"2025-06-20T09:00"}, "_once": {"once"}, "_record": {"1"}, "_reading.ladder.hall_boundary": {"ge3"},
	}
	r := p.send(path, values)
	require.Equal(t, http.StatusSeeOther, r.StatusCode, p.text(r))
	to, _, _ := strings.Cut(r.Header.Get("Location"), "?")
	again, _, _ := strings.Cut(p.send(path, values).Header.Get("Location"), "?")
	assert.Equal(t, to, again, "sent twice, recorded once")
	assert.Equal(t, int64(1), p.store.Head().Seq)

	text := p.get(to)
	sound(t, to, text)
	for _, says := range []string{"Verified", "fine proposed", "S2", "2025-06-18 09:00", "Accountability", "chosen by whoever asked", p.store.Head().Hash.String()} {
		assert.Contains(t, text, says)
	}
	values.Set("prior_in_window.hall", "4")
	require.Equal(t, http.StatusSeeOther, p.send(path, values).StatusCode, "the same page, other facts")
	assert.Equal(t, int64(2), p.store.Head().Seq)

	id := strings.TrimPrefix(to, "/decisions/")
	assert.Contains(t, p.get("/decisions?question=accountability.fine&verdict=fine"), id)
	assert.NotContains(t, p.get("/decisions?question=time_limit.request"), id)
	assert.NotContains(t, p.get("/decisions?to=2020-01-01"), id)
	r = p.do(httptest.NewRequest(http.MethodGet, "/decisions?id="+id, nil))
	assert.Equal(t, to, r.Header.Get("Location"))
	assert.Contains(t, p.get("/decisions?id=nothing"), "there is no record")
	assert.Contains(t, p.post("/decisions/verify", url.Values{}), "Everything is as it was recorded")
	assert.Equal(t, http.StatusUnprocessableEntity, p.send("/decisions/verify", url.Values{"from": {"x"}}).StatusCode)
	assert.Equal(t, http.StatusUnprocessableEntity, p.send("/decisions/verify", url.Values{"from": {"2"}, "to": {"1"}}).StatusCode)
	for _, part := range []url.Values{{"from": {"1000"}}, {"to": {"1000"}}, {"from": {"1000"}, "to": {"2000"}}} { // nothing was looked at, or not all
		text := p.post("/decisions/verify", part)
		assert.NotContains(t, text, "Everything is as it was recorded", "%v", part)
		assert.Contains(t, text, "there is no record at this place", "%v", part)
	}
}

// A decision is shown by the rules that made it, whatever holds today.
func TestDecisionOfFormerRules(t *testing.T) {
	path, text := copied(t)
	p := newPages(t, path)
	values := url.Values{
		"request.kind": {"install"}, "request.area_type": {"urban"}, "request.papers_complete_at": {"2025-06-09T10:00"}, "_as_of": {"2025-06-20T09:00"}, "_record": {"1"},
	}
	r := p.send("/ask/time_limit.request", values)
	require.Equal(t, http.StatusSeeOther, r.StatusCode)
	to, _, _ := strings.Cut(r.Header.Get("Location"), "?")
	before := p.get(to)
	assert.Contains(t, before, "2025-06-16")

	changed := strings.Replace(text, "within: 5 working days", "within: 4 working days", 1)
	require.NotEqual(t, text, changed)
	require.NoError(t, os.WriteFile(path, []byte(changed), 0o644))
	require.True(t, p.rules.Reload(context.Background()).OK)
	assert.Contains(t, p.post("/ask/time_limit.request", url.Values{
		"request.kind": {"install"}, "request.area_type": {"urban"}, "request.papers_complete_at": {"2025-06-09T10:00"}, "_as_of": {"2025-06-20T09:00"},
	}), "2025-06-13")
	after := p.get(to)
	assert.Contains(t, after, "2025-06-16")
	assert.Contains(t, after, "Verified")
}

func TestDamageIsNamed(t *testing.T) {
	v := &viewer{asks: gulin(t), book: gulin(t).Rulebook(), lang: "en"}
	codes := []string{record.DamageMissing, record.DamageUnreadable, record.DamageHash, record.DamageForm, record.DamageChain, record.DamageColumn,
		record.DamageRulebook, record.DamageCalendar, record.DamageAnswer, record.DamageFile, record.DamageHead}
	for _, code := range codes {
		all := v.damages([]record.Damage{{Seq: 7, Code: code, Detail: "x"}})
		assert.NotEqual(t, code, all[0].Text)
		assert.Equal(t, "7", all[0].Record)
	}
}

func TestBannerOfABrokenFile(t *testing.T) {
	path, text := copied(t)
	p := newPages(t, path)
	assert.NotContains(t, p.get("/ask"), "data-broken")
	require.NoError(t, os.WriteFile(path, []byte(strings.Replace(text, `request.kind == "fault"`, `request.kind == "falt"`, 1)), 0o644))
	require.False(t, p.rules.Reload(context.Background()).OK)
	for lang, says := range map[string]string{"en": "is not a word of the list", "zh": "falt"} {
		p.lang = lang
		for _, at := range []string{"/ask", "/banner"} {
			banner := p.get(at)
			assert.Contains(t, banner, "data-broken", at)
			assert.Contains(t, banner, says, at)
			assert.Regexp(t, `>rules\.yaml:\d+:\d+<`, banner, "%s: the place, and not where the file is on the machine", at)
		}
	}
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	require.True(t, p.rules.Reload(context.Background()).OK)
	assert.NotContains(t, p.get("/banner"), "data-broken")
}

func TestDraft(t *testing.T) {
	p := newPages(t, "")
	_, text := copied(t)
	good := p.post("/rules/draft", url.Values{"draft": {strings.ReplaceAll(text, "\n", "\r\n")}})
	assert.Contains(t, good, "It can be used")
	bad := p.post("/rules/draft", url.Values{"draft": {strings.Replace(text, "within: 5 working days", "within: 五 working days", 1)}})
	sound(t, "/rules/draft", bad)
	assert.Contains(t, bad, "It cannot be used")
	assert.Contains(t, bad, "<mark>五")
	assert.Contains(t, bad, "^^^")
	assert.Equal(t, http.StatusOK, p.send("/rules/draft", url.Values{"draft": {"a: [&x *x, \x00"}}).StatusCode)
}

// A draft is tried on the cases before the page says that it can be used.
func TestDraftIsTriedOnTheCases(t *testing.T) {
	_, text := copied(t)
	strict := strings.Replace(text, "within: 5 working days", "within: 4 working days", 1)
	require.NotEqual(t, text, strict)

	// examples that come with the server
	p := newPages(t, "")
	good := p.post("/rules/draft", url.Values{"draft": {text}})
	assert.Contains(t, good, "It can be used")
	assert.Regexp(t, `examples that come with it were tried: \d{3}, failed: 0`, good)
	bad := p.post("/rules/draft", url.Values{"draft": {strict}})
	sound(t, "/rules/draft", bad)
	assert.NotContains(t, bad, "It can be used")
	assert.Contains(t, section(t, bad, `id="failed-cases"`, "</section>"), "due_date")
	p.lang = "zh" // what is wrong with a case is told in the language of the page
	chinese := section(t, p.post("/rules/draft", url.Values{"draft": {strict}}), `id="failed-cases"`, "</section>")
	assert.Contains(t, chinese, "due_date：应为")
	assert.NotContains(t, chinese, "expected")
	p.lang = "en"
	other := p.post("/rules/draft", url.Values{"draft": {string(deskBook(t).Rulebook().Source())}})
	assert.NotContains(t, other, "It can be used", "another rulebook fails all of them")

	// cases that rules must pass
	cases := t.TempDir()
	const one = "cases:\n  - name: seven days\n    question: time_limit.request\n    as_of: \"2025-06-20T09:00:00+08:00\"\n    facts: {request: {kind: install, area_type: urban, papers_complete_at: \"2025-06-09T10:00:00+08:00\"}}\n    expect: {verdict: overdue, due_date: 2025-06-16, breaches: [time_limit/6#overdue]}\n"
	require.NoError(t, os.WriteFile(filepath.Join(cases, "one.yaml"), []byte(one), 0o644))
	l, err := live.Open(t.Context(), live.Options{Cases: cases, Settle: time.Millisecond})
	require.NoError(t, err)
	p = newPagesOf(t, l)
	assert.Contains(t, p.post("/rules/draft", url.Values{"draft": {text}}), "Example cases tried: 1, failed: 0")
	bad = p.post("/rules/draft", url.Values{"draft": {strict}})
	assert.Contains(t, bad, "It cannot be used: it fails example cases")
	assert.Contains(t, bad, ">one.yaml:2<", "the file, and not where it is on the machine")
	assert.NotContains(t, bad, cases)
	// the remedy, followed
	assert.Contains(t, bad, "<code>{by: date, 2025-01-01: 5 working days, 2027-01-01: 4 working days}</code>, the first day being that from which the rulebook is in force")
	dated := strings.Replace(text, "within: 5 working days", "within: {by: date, 2011-05-20: 5 working days, 2027-01-01: 4 working days}", 1)
	assert.Contains(t, p.post("/rules/draft", url.Values{"draft": {dated}}), "It can be used")
	require.NoError(t, os.WriteFile(filepath.Join(cases, "one.yaml"), []byte("cases: [\n"), 0o644))
	assert.NotContains(t, p.post("/rules/draft", url.Values{"draft": {text}}), "It can be used")

	// none at all
	l, err = live.Open(t.Context(), live.Options{Settle: time.Millisecond})
	require.NoError(t, err)
	p = newPagesOf(t, l)
	p.console.cases.dir = nil
	assert.Contains(t, p.post("/rules/draft", url.Values{"draft": {strict}}), "has no example cases")
}

func TestCaret(t *testing.T) {
	p := newPages(t, "")
	text := "rulebook: {zh: 五, wen: 1}\n"
	trial, err := p.console.service.Try(context.Background(), []byte(text), nil)
	require.NoError(t, err)
	for _, f := range findingsOf(trial.Findings, []byte(text), "zh") {
		if f.Marked == "wen" {
			assert.Equal(t, "rulebook: {zh: 五, ", f.Before)
			assert.Equal(t, strings.Repeat(" ", 19)+"^^^", f.Caret, "an ideograph is two columns wide")
			return
		}
	}
	t.Fatal("the key wen is not reported")
}

func TestMonth(t *testing.T) {
	p := newPages(t, "")
	var files []string
	err := fs.WalkDir(os.DirFS(sampleMonth), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(name, ".csv") {
			data, readErr := fs.ReadFile(os.DirFS(sampleMonth), name)
			require.NoError(t, readErr)
			files = append(files, name, string(data))
		}
		return err
	})
	require.NoError(t, err)
	r := p.upload("2025-06", files...)
	require.Equal(t, http.StatusSeeOther, r.StatusCode, p.text(r))
	to := r.Header.Get("Location")
	text := p.get(to)
	sound(t, to, text)
	for _, says := range []string{"4/4003", "0.0999%", "below 0.1%", "Overdue and open", "R058", "no hearing", "Total", "640"} {
		assert.Contains(t, text, says)
	}
	// the sample month says the same of the same records
	assert.Equal(t, tilesOf(text), tilesOf(p.get("/month/sample")))

	for _, name := range []string{"all", "requests", "fines"} {
		r := p.do(httptest.NewRequest(http.MethodGet, to+"/"+name+".csv", nil))
		require.Equal(t, http.StatusOK, r.StatusCode)
		assert.Equal(t, "text/csv; charset=utf-8", r.Header.Get("Content-Type"))
		data := p.text(r)
		require.True(t, strings.HasPrefix(data, "\ufeff"), name)
		table, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(data, "\ufeff"))).ReadAll()
		require.NoError(t, err)
		if name == "requests" {
			assert.Len(t, table, 62, "every record, also those that the page only counts")
		}
		if name == "fines" { // what stands in the way, that nothing does, and that nobody knows are told apart
			cells := map[string]string{}
			for _, row := range table {
				cells[row[0]] = row[len(row)-1]
			}
			assert.Equal(t, "may it be decided now", cells["record"])
			for id, says := range map[string]string{
				"K2": "^allowed$", "K4": "^blocked: no hearing$", "K10": `^undetermined \(missing: .*hearing`, "K11": `\(no row in hearings\.csv\)$`, "K1": "^$", "K5": "^$",
			} {
				assert.Regexp(t, says, cells[id], id)
			}
		}
	}
}

func tilesOf(text string) string {
	from := strings.Index(text, `<ul class="tiles">`)
	return text[from : from+strings.Index(text[from:], "</ul>")]
}

// A quarter has its months side by side.
func TestQuarterOfRecords(t *testing.T) {
	p := newPages(t, "")
	const rows = "record,area.id,area.type,month,households_month_start,households_month_end,complaint_calls_recorded_by_branch,complaint_calls_unfounded\n"
	r := p.upload("2025年第二季度", "areas.csv", rows+"A4,A1,urban,2025-04,5000,5000,9,0\nA5,A1,urban,2025-05,5000,5000,1,0\nA7,A1,urban,2025-07,5000,5000,1,0\n")
	require.Equal(t, http.StatusSeeOther, r.StatusCode)
	text := p.get(r.Header.Get("Location"))
	sound(t, "a quarter", text)
	assert.Contains(t, text, "quarter 2 of 2025")
	assert.Contains(t, text, "judged month by month")
	assert.Regexp(t, `(?s)<th scope="row" class="tab">2025-04</th><td class="tab">1</td>.*<th scope="row" class="tab">2025-05</th>.*<th scope="row" class="tab">in all</th><td class="tab">2</td>`, text)
	assert.NotContains(t, text, `class="tab">2025-07</th>`)
}

func TestMonthRefused(t *testing.T) {
	p := newPages(t, "")
	for says, r := range map[string]*http.Response{
		"no file was chosen": p.upload("2025-06"), "is no table": p.upload("", "areas.pdf", "x"), "write 2025-06 (a month), 2025-Q3 (a quarter)": p.upload("June", "areas.csv", "record\n"),
		"review.yaml is wrong": p.upload("", "review.yaml", "months: 2025-06\n"),
	} {
		assert.Equal(t, http.StatusUnprocessableEntity, r.StatusCode, says)
		text := p.text(r)
		sound(t, says, text)
		assert.Contains(t, text, says)
	}
	desk := newPages(t, serviceDesk)
	assert.NotContains(t, desk.get("/month"), "/month/sample", "the sample is of another rulebook")
}

// A mapped table is read by its mapping alone, also under the name of a
// section's table, and what stands in two files is counted in neither.
func TestMonthHasOneIdentityARecord(t *testing.T) {
	p := newPages(t, "")
	const facts = "section: requests, record: no, facts: {request.kind: what, request.area_type: where, request.papers_complete_at: when}"
	const foreign = "no,what,where,when\nK1,install,urban,2025-06-09T10:00:00+08:00\n"
	table := func(files ...string) string {
		r := p.upload("2025-06", files...)
		require.Equal(t, http.StatusSeeOther, r.StatusCode, p.text(r))
		return p.text(p.do(httptest.NewRequest(http.MethodGet, r.Header.Get("Location")+"/requests.csv", nil)))
	}
	assert.Equal(t, 1, strings.Count(table("requests.csv", foreign, "review.yaml", "tables: {requests.csv: {"+facts+"}}"), "K1"))
	assert.Equal(t, 0, strings.Count(table("a.csv", foreign, "b.csv", foreign, "review.yaml", "tables: {a.csv: {"+facts+"}, b.csv: {"+facts+"}}"), "K1"))
}

// What a spreadsheet would take for a formula is not one.
func TestNoFormulas(t *testing.T) {
	p := newPages(t, "")
	r := p.upload("2025-06", "conduct.csv", "record,staff,channel\n=HYPERLINK(1),@y,visit\n+C1,@x,visit\n")
	require.Equal(t, http.StatusSeeOther, r.StatusCode, p.text(r))
	data := p.text(p.do(httptest.NewRequest(http.MethodGet, r.Header.Get("Location")+"/conduct.csv", nil)))
	assert.Contains(t, data, "\n'+C1,")
	assert.NotContains(t, data, "HYPERLINK", "the text of a formula is no id")
	assert.Contains(t, data, ",'@x,")
}

func TestReviewsAreForgotten(t *testing.T) {
	p := newPages(t, "")
	var first string
	for i := range shelvedMost + 1 {
		r := p.upload("2025-06", "conduct.csv", "record,staff\nC"+itoa(i)+",S1\n")
		require.Equal(t, http.StatusSeeOther, r.StatusCode)
		if i == 0 {
			first = r.Header.Get("Location")
			p.get(first)
		}
	}
	assert.Equal(t, http.StatusUnprocessableEntity, p.do(httptest.NewRequest(http.MethodGet, first, nil)).StatusCode)
}

func TestDated(t *testing.T) {
	assert.Equal(t, `due <span class="tab">2025-06-16</span> &lt;b&gt;, <span class="tab">2025-06-09 10:00</span>`, string(dated("due 2025-06-16 <b>, 2025-06-09 10:00")))
}

func TestStaticFiles(t *testing.T) {
	p := newPages(t, "")
	for _, m := range regexp.MustCompile(`(?:href|src)="(/static/[^"]*)"`).FindAllStringSubmatch(p.get("/ask/time_limit.request"), -1) {
		r := p.do(httptest.NewRequest(http.MethodGet, m[1], nil))
		assert.Equal(t, http.StatusOK, r.StatusCode, m[1])
		assert.Contains(t, r.Header.Get("Cache-Control"), "immutable", m[1])
	}
	r := p.do(httptest.NewRequest(http.MethodGet, "/static/console.css", nil))
	assert.Equal(t, "no-cache", r.Header.Get("Cache-Control"))
}

// The total of a column of money has its currency, and where facts choose the
// currency there is one for each.
func TestTotalsByCurrency(t *testing.T) {
	rules := filepath.Join(t.TempDir(), "rules.yaml")
	require.NoError(t, os.WriteFile(rules, []byte(`
rulebook: {languages: [en], id: parcels, title: Parcels, zone: UTC, currency: EUR, in_force: {from: 2020-01-01}}
facts:
  cur: {en: currency, type: word, words: {eur: euro, jpy: yen}}
  n: {en: number, type: count}
questions:
  bill:
    en: what is due
    facts: [cur, n]
    rules: [price]
    verdict: {is: '"due"', words: {due: due}}
    values: {fee: {en: fee, is: price.value * n}, fixed: {en: fixed, is: n * 1.25 EUR}}
regulations:
  r:
    en: R
    articles:
      "1":
        nature: sanction
        title: One
        text: Text.
        figures: {price: {en: price, is: {by: cur, eur: 2.50 EUR, jpy: 300 JPY}}}
review:
  en: Month
  sections:
    bills:
      en: Bills
      question: bill
      table: bills
      columns: {fee: {en: fee, show: fee, sum: true}, fixed: {en: fixed, show: fixed, sum: true}}
`), 0o600))
	p := newPages(t, rules)
	r := p.upload("2025-06", "bills.csv", "record,cur,n\n1,eur,1\n2,jpy,2\n3,eur,3\n4,eur,\n")
	require.Equal(t, http.StatusSeeOther, r.StatusCode, p.text(r))
	text := p.get(r.Header.Get("Location"))
	sound(t, "a month", text)
	assert.Regexp(t, `<tfoot><tr><th scope="row">Total</th><td></td><td><strong>€10\.00, 600 JPY</strong> <span class="quiet">open: 1</span></td><td><strong>€7\.50</strong>`, text)
}
