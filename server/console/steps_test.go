package console

import (
	"database/sql"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/service"
)

const fineFacts = `{"person":"S3","complaint":{"level":"hall","cause":"service","substantiated":true},"prior_in_window":{"hall":0,"branch":0,"county_or_above":0},"aggravating":[],"mitigating":[]}`

// put puts facts on record and is the id of the record.
func (p *visitor) put(question, facts string) string {
	p.Helper()
	done, err := p.console.service.Record(p.Context(), service.Asking{Question: question, Facts: []byte(facts)}, service.Once{})
	require.NoError(p, err)
	return done.Entry.ID()
}

// take sends the form of a step: name, value, …
func (p *visitor) take(id string, pairs ...string) (int, string) {
	p.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, "/decisions/"+id+"/steps", strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := p.do(r)
	return w.StatusCode, p.text(w)
}

// From proposal to decision: what must come first is told and noted, a named
// person decides for a reason, an objection and a correction follow; nothing is
// lost, and all of it is found again.
func TestFromProposalToDecision(t *testing.T) {
	p := newPages(t, "")
	id := p.put("accountability.fine", fineFacts)
	at := "/decisions/" + id
	for lang, todo := range map[string]string{"zh": "还不知道：", "en": "Not known yet: "} {
		p.lang = lang
		text := p.get(at)
		sound(t, at, text)
		assert.Contains(t, text, todo)
	}
	p.lang = "en"
	assert.Equal(t, 1, p.listed(listWaiting))

	status, text := p.take(id, kindInput, "decision", outcomeInput, "as_proposed", byInput, "Li", reasonInput, "as the rules say")
	assert.Equal(t, http.StatusUnprocessableEntity, status)
	assert.Contains(t, text, "something should come before a decision")
	sound(t, at, text)
	status, text = p.take(id, kindInput, "noted", aboutInput, "accountability.may_decide", "hearing.outcome", "heard", "hearing.notified_at", "2025-06-x")
	assert.Equal(t, http.StatusUnprocessableEntity, status)
	assert.Contains(t, text, `id="step-refused"`)
	status, text = p.take(id, kindInput, "noted", aboutInput, "accountability.may_decide", "hearing.outcome", "heard", "hearing.at", "2098-06-10T10:00")
	assert.Equal(t, http.StatusUnprocessableEntity, status, "what has not happened is not put on record")
	assert.Contains(t, text, "is later than")
	status, text = p.take(id, kindInput, "noted", aboutInput, "accountability.may_decide", "hearing.outcome", "heard",
		"hearing.notified_at", "2025-06-10T10:00", "hearing.at", "2025-06-12T10:00", "decider.id", "L1", "decider.role", "superior", "origin", "complaint", reasonInput, "said <that> it was late")
	require.Equal(t, http.StatusSeeOther, status, text)
	text = p.get(at)
	assert.Contains(t, text, "said &lt;that&gt; it was late")
	assert.Contains(t, text, "2025-06-12 10:00")

	for _, wrong := range [][]string{
		{outcomeInput, "as_proposed", byInput, "Li"},
		{outcomeInput, "as_proposed", reasonInput, "x"},
		{outcomeInput, "", byInput, "Li", reasonInput, "x"},
		{outcomeInput, "other_amount", byInput, "Li", reasonInput, "x"},
		{outcomeInput, "other_amount", byInput, "Li", reasonInput, "x", amountInput, "many"},
		{outcomeInput, "as_proposed", byInput, strings.Repeat("L", 61), reasonInput, "x"},
		{outcomeInput, "as_proposed", byInput, "Li", reasonInput, "x", correctsInput, "1"},
		{outcomeInput, "as_proposed", byInput, strings.Repeat("L", 61), reasonInput, strings.Repeat("L", 61)},
		{outcomeInput, "as_proposed", byInput, "Li", reasonInput, "x", seenInput, "0"},
	} {
		status, text := p.take(id, append([]string{kindInput, "decision", despiteInput, "1"}, wrong...)...)
		assert.Equal(t, http.StatusUnprocessableEntity, status, wrong)
		sound(t, at, text)
	}
	status, _ = p.take(id, kindInput, "decision", despiteInput, "1", outcomeInput, "other_amount", amountInput, "10 yuan", byInput, "Li", reasonInput, "first time")
	require.Equal(t, http.StatusSeeOther, status)
	assert.Zero(t, p.listed(listWaiting), "a person has decided")
	status, text = p.take(id, kindInput, "decision", despiteInput, "1", outcomeInput, "as_proposed", byInput, "Wang", reasonInput, "I, too")
	require.Equal(t, http.StatusUnprocessableEntity, status)
	assert.Contains(t, text, "step 2 was taken already")
	assert.Contains(t, text, `name="_seen" value="2"`)
	status, _ = p.take(id, kindInput, "decision", despiteInput, "1", outcomeInput, "as_proposed", byInput, "Wang", reasonInput, "a slip", correctsInput, "2")
	require.Equal(t, http.StatusSeeOther, status)
	status, _ = p.take(id, kindInput, "objection", byInput, "S3", reasonInput, "it was not I")
	require.Equal(t, http.StatusSeeOther, status)
	text = p.get(at)
	sound(t, at, text)
	assert.Contains(t, text, "corrected since")
	assert.Contains(t, text, "20 yuan")
	for lang, says := range map[string][]string{"en": {"Notice of a decision", "Wang", "a slip", "How to object", "20 yuan"}, "zh": {"决定通知", "如何提出异议", "推定"}} {
		p.lang = lang
		text := p.get(at + "/paper")
		sound(t, at+"/paper", text)
		for _, x := range says {
			assert.Contains(t, text, x, lang)
		}
		assert.NotContains(t, text, "first time", "what was corrected does not count")
	}
	p.lang = "en"

	// all of it is found
	other := p.put("time_limit.request", `{"request":{"kind":"install","area_type":"urban","papers_complete_at":"2025-06-09T10:00:00+08:00","direct":"王小明"}}`)
	for query, want := range map[string]int{
		"says=s3": 1, "says=王小明": 1, "says=小明": 1, "says=install": 1, "says=nobody": 0, "stage=objected": 1, "stage=open": 1, "stage=decided": 1, "stage=corrected": 0,
		"decider=wang": 1, "decider=li": 1, "decider=x": 0, "amount=20": 1, "amount=20.0": 1, "amount=2": 0, "amount=%s": 2, "article=accountability%2F6.1": 1, "article=disclosure%2F1": 0,
		"question=accountability.fine&fact.complaint.level=hall": 1, "question=accountability.fine&fact.complaint.level=branch": 0,
		"question=time_limit.request&fact.request.direct=" + url.QueryEscape("小明"): 1, "question=accountability.fine&fact.aggravating%5B%5D=x": 0, "": 2,
	} {
		text := p.get("/decisions?" + query)
		sound(t, query, text)
		assert.Equal(t, want, strings.Count(text, `<th scope="row" class="mono">`), query)
	}
	table := p.get("/decisions.csv?question=accountability.fine")
	assert.True(t, strings.HasPrefix(table, "\ufeffnumber,recorded,"))
	assert.Contains(t, table, "Wang")
	assert.Contains(t, table, "20 yuan")
	assert.NotContains(t, table, other)

	// a table is of what was asked for, or of nothing
	for query, says := range map[string]string{
		"from=soon": "day is written", "amount=many": "written as digits", "stage=lost": "no such status", "question=accountability.fin": "no such question", "verdict=fined": "no such question or verdict",
		"after=9-000000000000": "no such record", "from=2025-06-10&to=2025-06-09": "wrong way round", "verdct=fine": "nothing to search by", "stage=open&stage=decided": "given twice",
		"question=accountability.fine&fact.nobody=x": "no such fact", "fact.person=x": "say the question, too",
	} {
		r := p.do(httptest.NewRequest(http.MethodGet, "/decisions.csv?"+query, nil))
		assert.Equal(t, http.StatusBadRequest, r.StatusCode, query)
		assert.Contains(t, strings.ToLower(p.text(r)), strings.ToLower(says), query)
	}

	// a record that was wrong is watched no longer
	assert.Equal(t, 1, p.listed(listOverdue))
	status, _ = p.take(other, kindInput, "correction", insteadInput, other, reasonInput, "x")
	assert.Equal(t, http.StatusUnprocessableEntity, status)
	right := p.put("time_limit.request", `{"request":{"kind":"install","area_type":"urban","papers_complete_at":"2025-06-09T10:00:00+08:00","direct":"王大明","completed_at":"2025-06-10T10:00:00+08:00"}}`)
	status, _ = p.take(other, kindInput, "correction", insteadInput, right, reasonInput, "another name")
	require.Equal(t, http.StatusSeeOther, status)
	assert.Zero(t, p.listed(listOverdue))
	assert.Contains(t, p.get("/decisions/"+other), right)
	assert.Contains(t, p.get("/decisions/"+other+"/paper"), "not to be handed out")

	// and again, where it was not wrong after all
	text = p.get("/decisions/" + other)
	assert.Contains(t, text, `<option value="5">step 5 · correction`)
	status, text = p.take(other, kindInput, "withdrawal", reasonInput, "the name was right")
	assert.Equal(t, http.StatusUnprocessableEntity, status)
	sound(t, at, text)
	status, _ = p.take(other, kindInput, "withdrawal", correctsInput, "5", reasonInput, "the name was right")
	require.Equal(t, http.StatusSeeOther, status)
	text = p.get("/decisions/" + other)
	sound(t, at, text)
	assert.Contains(t, text, "withdrawn since")
	assert.NotContains(t, p.get("/decisions/"+other+"/paper"), "not to be handed out")
	assert.Equal(t, 1, p.listed(listOverdue))
	assert.Zero(t, strings.Count(p.get("/decisions?stage=corrected"), `<th scope="row" class="mono">`))
}

// A rulebook that says nothing of a hearing has one noted in the pages' words; a
// record of what is undetermined takes no decision.
func TestHearingsOfAnyRulebook(t *testing.T) {
	p := newPages(t, supportContract)
	id := p.put("ticket.resolution", `{"ticket":{"id":"T1","priority":"p1","country":"de","opened_at":"2025-06-10T09:00:00+02:00"}}`)
	status, _ := p.take(id, kindInput, "hearing", outcomeInput, "held")
	assert.Equal(t, http.StatusSeeOther, status)
	status, _ = p.take(id, kindInput, "hearing", outcomeInput, "danced")
	assert.Equal(t, http.StatusUnprocessableEntity, status)
	status, _ = p.take(id, kindInput, "nothing")
	assert.Equal(t, http.StatusUnprocessableEntity, status)
	assert.Contains(t, p.get("/decisions/"+id), "held")
	p = newPages(t, "")
	id = p.put("accountability.fine", `{"person":"S3"}`)
	status, text := p.take(id, kindInput, "decision", outcomeInput, "as_proposed", byInput, "Li", reasonInput, "x")
	assert.Equal(t, http.StatusUnprocessableEntity, status)
	assert.Contains(t, text, "this record is undetermined")
}

// The page of a matter has all of it, in order, with its clocks.
func TestMatter(t *testing.T) {
	p := newPages(t, supportContract)
	facts := `{"ticket":{"id":"T1","priority":"p1","country":"de","opened_at":"2025-06-10T09:00:00+02:00"`
	first := p.put("ticket.resolution", facts+`}}`)
	last := p.put("ticket.resolution", facts+`,"resolved_at":"2025-06-10T18:00:00+02:00"}}`)
	p.put("ticket.resolution", strings.Replace(facts, "T1", "T10", 1)+`}}`)
	for _, lang := range []string{"zh", "en"} {
		p.lang = lang
		for _, id := range []string{first, last} {
			text := p.get("/matters/" + id)
			sound(t, id, text)
			assert.Less(t, strings.Index(text, `/decisions/`+first), strings.LastIndex(text, `/decisions/`+last))
			assert.Equal(t, 1, strings.Count(text, `class="clock-line"`), "of what was carried on there is none")
			assert.NotContains(t, text, "T10")
		}
	}
	assert.Contains(t, p.get("/matters/"+first), "carried on by a later record")
	assert.Contains(t, p.get("/state/overdue"), `href="/matters/`)
	assert.Equal(t, http.StatusNotFound, p.do(httptest.NewRequest(http.MethodGet, "/matters/9-000000000000", nil)).StatusCode)
}

// A name that JSON may write in several ways has all of its records, however many
// others there are.
func TestMatterOfAnOldRecord(t *testing.T) {
	p := newPages(t, supportContract)
	facts := func(id string) string {
		return `{"ticket":{"id":"` + id + `","priority":"p1","country":"de","opened_at":"2025-06-10T09:00:00+02:00"}}`
	}
	first := p.put("ticket.resolution", facts("A & B"))
	for n := range shownMatter {
		p.put("ticket.resolution", facts("T"+itoa(n)))
	}
	last := p.put("ticket.resolution", facts(`A \u0026 B`))
	text := p.get("/matters/" + last)
	assert.Contains(t, text, `href="/decisions/`+first)
	assert.NotContains(t, text, "There are too many")
	p.put("ticket.resolution", facts(`C\\ \"D\" <E>`))
	for _, says := range []string{"a & b", `c\ "d`, "<e>"} {
		assert.Contains(t, p.get("/decisions?says="+url.QueryEscape(says)), `<th scope="row" class="mono">`, says)
		assert.Contains(t, p.get("/state/overdue?says="+url.QueryEscape(says)), `href="/matters/`, says)
	}
}

// A step that was changed in the file is told of, and keeps nobody from the rest.
func TestDamagedStep(t *testing.T) {
	for change, taken := range map[string]string{"'Li'": "'Lo'", "'{'": "'['"} {
		p := newPages(t, "")
		id := p.put("accountability.fine", fineFacts)
		status, _ := p.take(id, kindInput, "decision", despiteInput, "1", outcomeInput, "as_proposed", byInput, "Li", reasonInput, "x")
		require.Equal(t, http.StatusSeeOther, status)
		db, err := sql.Open("sqlite3", p.console.service.Store.Path())
		require.NoError(t, err)
		_, err = db.Exec("UPDATE steps SET body = CAST(replace(CAST(body AS TEXT), " + change + ", " + taken + ") AS BLOB)")
		require.NoError(t, err)
		require.NoError(t, db.Close())
		for _, at := range []string{"/decisions/" + id, "/decisions/" + id + "/paper"} {
			text := p.get(at)
			sound(t, at, text)
			assert.Contains(t, text, "ot verified", at)
		}
		assert.Contains(t, p.get("/decisions/"+id), "a step is not as it was taken")
		assert.Contains(t, p.get("/decisions.csv"), id)
		assert.Contains(t, p.get("/matters/"+id), id)
		assert.Zero(t, p.listed(listWaiting))
	}
}
