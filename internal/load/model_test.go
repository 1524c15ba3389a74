package load_test

import (
	"testing"

	"github.com/servicerules/rulebook/internal/load"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla/workday"
)

// What a program finds in a rulebook, by name and in the order of the text.
func TestRulebookIsBrowsed(t *testing.T) {
	b := clinic(t).Rulebook()
	assert.Equal(t, "clinic.yaml", b.Name())
	assert.Equal(t, clinicText(t), string(b.Source()))
	assert.Equal(t, []string{"every_day", "weeks"}, b.CalendarNames())
	assert.Equal(t, []string{"care.all", "care.count"}, b.QuestionIDs())

	for id, item := range map[string]bool{"care/1": false, "care/2": false, "care/2.1": true} {
		a, ok := b.Article(id)
		require.True(t, ok)
		assert.Equal(t, item, a.IsItem(), id)
	}
	q, ok := b.Question("care.count")
	require.True(t, ok)
	assert.Equal(t, "many", q.Facts[0].Name)
	assert.Equal(t, "amount", q.Facts[0].Fact.Name)
	r, ok := b.Reading("wait")
	require.True(t, ok)
	var used []string
	for _, x := range r.UsedBy {
		used = append(used, x.ID)
	}
	assert.Equal(t, []string{"care.waited", "care.load"}, used)
	shown, ok := b.Reading("shown")
	require.True(t, ok)
	assert.Empty(t, shown.UsedBy)
	for _, name := range []string{"", "care/3", "nothing"} {
		for kind, found := range map[string]bool{
			"article": known(b.Article(name)), "question": known(b.Question(name)), "reading": known(b.Reading(name)),
			"rule": known(b.Rule(name)), "calendar": known(b.Calendar(name)), "wording": known(b.Wording(name)),
		} {
			assert.False(t, found, "%s %q", kind, name)
		}
	}
	for word, label := range map[string]policy.Text{
		"fever": {ZH: "发热", EN: "fever"}, "high": {ZH: "急", EN: "high"}, "alone": {ZH: "单独", EN: "alone"}, // high stands in two lists: the first wins
	} {
		got, ok := b.Wording(word)
		assert.True(t, ok)
		assert.Equal(t, label, got)
	}

	// What is chosen last is the usual calendar.
	name, usual := b.DefaultCalendar()
	every, ok := b.Calendar("every_day")
	require.True(t, ok)
	assert.Equal(t, "every_day", name)
	assert.Same(t, every, usual)
	plain, found := load.Parse("clinic.yaml", []byte(with(t, clinicText(t), "  calendar: {by: days, weeks: weeks, all: every_day}\n", "  calendar: china\n")))
	require.Empty(t, found)
	name, usual = plain.DefaultCalendar()
	assert.Equal(t, "china", name)
	assert.Same(t, workday.China(), usual)
}

func known[T any](_ T, ok bool) bool { return ok }

// A rule is shown as it stands in the file, without its indentation.
func TestRuleExcerpts(t *testing.T) {
	text := with(t, clinicText(t), "          asks: {zh: 是否转诊, en: whether to refer, when: 'visit.urgency == \"high\" and visit.insured == false'}\n",
		"          asks:\r\n            zh: 是否转诊\r\n            en: whether to refer\n\n            # a remark\n            when: >-\n              visit.urgency == \"high\"\n                and visit.insured == false\n\n\n")
	b, found := load.Parse("clinic.yaml", []byte(text))
	require.NotNil(t, b, "%v", found)
	for name, want := range map[string]string{
		"stayed": "stayed: {zh: 停留, en: stay, is: visit.left_at - visit.came_at > minutes(90)}",
		"asks":   "asks:\n  zh: 是否转诊\n  en: whether to refer\n\n  # a remark\n  when: >-\n    visit.urgency == \"high\"\n      and visit.insured == false",
	} {
		r, ok := b.Rule(name)
		require.True(t, ok)
		assert.Equal(t, want, b.Excerpt(r))
		assert.Equal(t, 11, r.Span.Start.Column)
	}
	last, found := load.Parse("clinic.yaml", []byte(clinicText(t)[:len(clinicText(t))-1]))
	require.Empty(t, found)
	r, _ := last.Rule("seen")
	assert.Contains(t, last.Excerpt(r), "seen: {zh: 须看诊")
}
