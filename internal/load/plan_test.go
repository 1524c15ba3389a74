package load_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/servicerules/rulebook/internal/run"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

// choicesOf are the options of a reading as a caller writes them, those with an
// argument with two.
func choicesOf(r *policy.Reading) []string {
	var all []string
	for _, o := range r.Options {
		switch o.Parameter {
		case "":
			all = append(all, o.Name)
		case "clock_time":
			all = append(all, o.Name+":17:00", o.Name+":18:00")
		default:
			all = append(all, o.Name+":2", o.Name+":30")
		}
	}
	return all
}

// A book that has been asked under many readings answers as one that is asked
// for the first time, whatever was compiled for others before.
func TestSharedEditions(t *testing.T) {
	lived, err := rulebook.Default()
	require.NoError(t, err)
	all := everyExample(t)
	readings := lived.Rulebook().Readings
	random := rand.New(rand.NewPCG(11, 2026))
	differs := 0
	for range 400 {
		x := all[random.IntN(len(all))]
		var options []rulebook.Option
		var told []string
		for range 1 + random.IntN(3) {
			r := readings[random.IntN(len(readings))]
			if plain, err := x.of(lived); err == nil && len(plain.Readings) > 0 && random.IntN(4) > 0 { // mostly one that matters
				used := plain.Readings[random.IntN(len(plain.Readings))]
				r = readings[slices.IndexFunc(readings, func(r *policy.Reading) bool { return r.Key == used.Key })]
			}
			choices := choicesOf(r)
			option := choices[random.IntN(len(choices))]
			told = append(told, r.Key+"="+option)
			options = append(options, rulebook.Reading(r.Key, option))
		}
		options = append(options, rulebook.AsOf(x.asOf))
		got, err := lived.Ask(context.Background(), x.question, x.facts, options...)
		fresh, freshErr := run.NewEngine(run.Of(lived).Book()), error(nil)
		for _, o := range told {
			key, option, _ := strings.Cut(o, "=")
			if fresh, freshErr = fresh.WithReading(key, option); freshErr != nil {
				break
			}
		}
		if freshErr == nil {
			var checked *policy.Facts
			if checked, freshErr = fresh.Check(x.question, x.facts); freshErr == nil {
				var want *policy.Answer
				if want, freshErr = fresh.Ask(checked, x.asOf); freshErr == nil {
					require.NoError(t, err, told)
					require.Equal(t, string(want.AppendJSON(nil, true)), string(got.AppendJSON(nil, true)), "%s under %v", x.question, told)
					if plain, err := x.of(lived); err == nil && plain.Verdict != got.Verdict {
						differs++
					}
				}
			}
		}
		if freshErr != nil {
			require.EqualError(t, err, freshErr.Error(), told)
		}
	}
	assert.Greater(t, differs, 20, "the readings made a difference")
}

// Arguments without end are answered each by its own, also those that were
// asked for so long ago that they are forgotten.
func TestArgumentsWithoutEnd(t *testing.T) {
	book, err := rulebook.Default()
	require.NoError(t, err)
	const facts = `{"person": "S1", "department_head": "M1", "penalised": true, "staff_fine": 1000}`
	for i := range 150 {
		percent := 1 + i*37%99
		a, err := book.Ask(context.Background(), "accountability.joint", []byte(facts), rulebook.Reading("joint.department_head", fmt.Sprintf("percent:%d", percent)))
		require.NoError(t, err)
		assert.Contains(t, string(a.AppendJSON(nil, false)), fmt.Sprintf(`"fine":%d,`, 10*percent))
	}
}

// BenchmarkReadingPerCall is what a reading for one question alone costs.
func BenchmarkReadingPerCall(b *testing.B) {
	book, err := rulebook.Default()
	require.NoError(b, err)
	facts, err := book.Check("accountability.fine", []byte(`{"person": "S1"}`))
	require.NoError(b, err)
	for _, x := range []struct{ name, key, option string }{
		{"rests on it", "ladder.hall_boundary", "ge3"}, {"does not", "time_limit.rural", "address"},
	} {
		b.Run(x.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := book.Ask(context.Background(), "accountability.fine", facts, rulebook.Reading(x.key, x.option)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
