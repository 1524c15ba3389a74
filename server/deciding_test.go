package server

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// proposed puts a fine on record and is its number.
func (b *tab) proposed(before int) string {
	b.Helper()
	id := value[string](b, fmt.Sprintf(`(async () => {
		const r = await fetch("/v1/questions/accountability.fine/ask?record=1", {method: "POST", headers: {"Content-Type": "application/json"},
			body: JSON.stringify({person: "S3", complaint: {level: "hall", cause: "service", substantiated: true, received_at: "2025-06-09T10:00:00+08:00"}, prior_in_window: {hall: %d, branch: 0, county_or_above: 0}, aggravating: [], mitigating: []})});
		return (await (await fetch("/v1/decisions?limit=1")).json()).decisions[0].id;
	})()`, before))
	require.NotEmpty(b, id)
	return id
}

// fill opens the form of a step and fills it in: id, text, …
func (b *tab) fill(kind string, pairs ...string) {
	b.Helper()
	b.js(`for (const d of document.querySelectorAll("details.step")) d.open = !!d.querySelector('[name=_kind][value=` + kind + `]')`)
	for i := 0; i+1 < len(pairs); i += 2 {
		b.set(pairs[i], pairs[i+1])
	}
	b.follow(`form.step:has([name=_kind][value=` + kind + `]) button.primary`)
}

// deciding goes from a proposal to a decision, an objection and a correction, and
// finds all of it again.
func deciding(c *census) {
	c.visit("/decisions")
	id := c.proposed(0)
	c.visit("/decisions/" + id)
	c.shown("a proposal")
	todo := value[int](c.tab, `document.querySelectorAll(".todo li").length`)
	assert.Positive(c, todo)
	c.fill("noted", "f-hearing-outcome", "heard", "f-hearing-notified_at", "2025-06-10T10:00", "f-hearing-at", "2025-06-12T10:00", "f-decider-id", "L1", "f-decider-role", "superior",
		"f-origin", "complaint", "f-decided_at", "2025-06-13T10:00", "noted-by", "Zhao", "noted-reason", "it was late")
	assert.Contains(c, c.text(".steps"), "it was late")
	assert.Contains(c, c.text(".clearance h3"), "allowed", "nothing is left to do")
	assert.Zero(c, value[int](c.tab, `document.querySelectorAll(".todo li").length`))
	c.fill("decision", "decision-outcome", "as_proposed")
	assert.Contains(c, c.text("#step-refused"), "who decided")
	c.forget("status of 422")
	c.fill("decision", "decision-outcome", "other_amount", "decision-amount", "10 yuan", "decision-by", "Li", "decision-reason", "the first time")
	assert.Contains(c, c.text(".steps"), "10 yuan")
	c.fill("decision", "decision-outcome", "as_proposed", "decision-by", "Wang", "decision-reason", "a slip", "decision-corrects", "2")
	assert.Contains(c, c.text(".steps .gone"), "10 yuan")
	c.fill("objection", "objection-by", "S3", "objection-reason", "it was not I")
	c.shown("a decision with steps")
	c.fill("correction", "correction-instead", "1-000000000000", "correction-reason", "x")
	assert.Contains(c, c.text("#step-refused"), "there is no record")
	c.forget("status of 422")
	c.fill("correction", "correction-by", "Zhao", "correction-instead", "", "correction-reason", "the wrong person")
	assert.Contains(c, c.text(".chip"), "corrected")
	c.proves("form.step", "form.step button", "form.step input", "form.step select", "form.step textarea", "button.sr")

	c.follow(`a[href$="/paper"]`)
	assert.Contains(c, c.text(".paper"), "How to object")
	c.shown("the paper")
	c.visit("/matters/" + id)
	assert.Contains(c, c.text(".line-of"), "it was not I")
	c.shown("a matter")
	for field, texts := range map[string][2]string{"says": {"s3", "nobody"}, "stage": {"corrected", "open"}, "article": {"accountability/6.1", "disclosure/1"}, "amount": {"20", "30"}, "decider": {"wang", "nobody"}} {
		for i, text := range texts {
			c.visit("/decisions?question=accountability.fine")
			c.js(`document.querySelector(".further").open = true`)
			c.set(field, text)
			c.follow(".search button.primary")
			assert.Equal(c, 1-i, value[int](c.tab, `document.querySelectorAll("table.decisions tbody tr").length`), field+" "+text)
		}
	}
	c.visit("/decisions?question=accountability.fine")
	c.js(`document.querySelector(".further").open = true`)
	c.set("by-f-complaint-level", "hall")
	c.follow(".search button.primary")
	assert.Contains(c, value[string](c.tab, `location.search`), "fact.complaint.level=hall")
	c.shown("decisions by a fact")
	table := value[string](c.tab, `fetch(document.getElementById("export").href).then(r => r.text())`)
	assert.True(c, strings.Contains(table, "Wang"), table)
	c.proves("#export")
}

// TestDecidingLooksRight looks at the pages from a proposal to a decision, as
// people do.
func TestDecidingLooksRight(t *testing.T) {
	t.Parallel()
	window := browser(t)
	for _, l := range looks() {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			b := open(t, window, started(t), l)
			b.visit("/decisions")
			id := b.proposed(0)
			b.visit("/decisions/" + id)
			b.seen("proposal")
			b.fill("noted", "f-hearing-outcome", "no_show", "f-decider-role", "superior", "noted-reason", "–")
			b.fill("decision", "decision-outcome", "other_amount", "decision-amount", "10 "+l.t("元", "yuan"), "decision-by", l.t("李", "Li"), "decision-reason", l.t("初次", "the first time"))
			b.forget("status of 422")
			b.seen("decision-refused")
			b.js(`document.getElementById("decision-despite").checked = true`)
			b.follow(`form.step:has([value=decision]) button.primary`)
			b.fill("objection", "objection-by", "S3", "objection-reason", l.t("不是我", "it was not I"))
			b.js(`scrollTo(0, 0)`) // from where what stands under the head of the page is not half hidden
			b.seen("decided")
			b.visit("/decisions/" + id + "/paper")
			b.seen("paper-for-the-person")
			b.media("print")
			b.shoot("paper-printed")
			b.media("")
			b.visit("/matters/" + id)
			b.seen("matter")
			b.visit("/decisions?question=accountability.fine&decider=" + l.t("李", "Li"))
			b.seen("decisions-searched")
		})
	}
}
