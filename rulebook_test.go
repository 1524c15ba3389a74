package rulebook_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

func BenchmarkLoad(b *testing.B) {
	data, err := os.ReadFile("rules.yaml")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := rulebook.Parse("rules.yaml", data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAsk(b *testing.B) {
	book, err := rulebook.Default()
	if err != nil {
		b.Fatal(err)
	}
	facts, err := book.Check("time_limit.request", []byte(`{"request":{"kind":"install","area_type":"urban",
		"papers_complete_at":"2025-06-09T10:00:00+08:00","completed_at":"2025-06-16T10:00:00+08:00"}}`))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := book.Ask(b.Context(), "time_limit.request", facts); err != nil {
			b.Fatal(err)
		}
	}
}

// An argument of a reading that its rules cannot use is refused before
// anything is asked, and says why.
func TestReadingWithAnImpossibleArgument(t *testing.T) {
	book := mustDefault()
	for option, want := range map[string]string{
		"factors.fine_effect multiply:0":         "the factor 0 is less than 1",
		"factors.fine_effect multiply":           "option multiply needs an argument",
		"factors.fine_effect scale_step:2":       "option scale_step takes no argument",
		"period.end_of_day business_close:00:00": "a day cannot be over at 00:00",
		"period.end_of_day business_close:25:00": "cannot be the argument of option business_close",
		"extension.max working_days:0":           "0 is less than 1",
		"extension.max times:0":                  "0 is less than 1",
		"extension.max times:1000001":            "cannot be the argument of option times",
		"extension.approver hall_manager,clerk":  `there is no option "clerk"`,
		"extension.approvers hall_manager":       `there is no reading "extension.approvers"`,
		"ladder.hall_boundary ge4":               `there is no option "ge4"`,
	} {
		key, option, _ := strings.Cut(option, " ")
		with, err := book.With(rulebook.Reading(key, option))
		var refused *policy.ReadingError
		require.ErrorAs(t, err, &refused, option)
		assert.Nil(t, with)
		assert.Equal(t, key+" "+option, refused.Key+" "+refused.Option)
		assert.Contains(t, err.Error(), want)
		assert.NotEmpty(t, refused.Message.ZH)
		assert.NotEmpty(t, refused.Remedy.ZH)
		_, err = book.Ask(t.Context(), "accountability.fine", []byte("{}"), rulebook.Reading(key, option))
		assert.ErrorAs(t, err, &refused)
	}
}
