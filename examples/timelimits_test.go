package examples

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The vectors of law's arithmetic of time come out of the rulebook as they do
// of package sla.
func TestTimeLimitVectors(t *testing.T) {
	book := bookOf(t, "time-limits")
	file, err := os.Open("../sla/testdata/time-limits.csv")
	require.NoError(t, err)
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 1+110)
	for _, cells := range rows[1:] {
		row := map[string]string{}
		for i, name := range rows[0] {
			row[name] = cells[i]
		}
		t.Run(row["id"], func(t *testing.T) {
			answer, err := book.Ask(t.Context(), "limit.due", vectorFacts(row))
			require.NoError(t, err)
			require.NoError(t, answer.Error)
			assert.Empty(t, answer.MissingFacts)
			day, isDay := answer.Date("due_date")
			at, isMoment := answer.Moment("due_at")
			assert.False(t, isDay && isMoment)
			got := "none"
			switch {
			case isDay:
				got = day.String()
			case isMoment:
				expected, err := time.Parse(time.RFC3339, row["expected"])
				require.NoError(t, err)
				got = at.In(expected.Location()).Format(time.RFC3339)
			}
			assert.Equal(t, row["expected"], got, row["why"])
			assert.Equal(t, got == "none", answer.Verdict == "waits")
		})
	}
}

func vectorFacts(row map[string]string) string {
	facts := map[string]any{"n": json.Number(row["n"]), "convention": strings.Split(row["convention"], "+"), "pauses": json.RawMessage("[]")}
	for _, name := range []string{"system", "unit", "direction", "calendar"} {
		facts[name] = row[name]
	}
	facts["start_on"] = row["start"]
	if strings.Contains(row["start"], "T") {
		facts["start_on"], facts["start_at"] = nil, row["start"]
	}
	if row["pauses"] != "" {
		facts["pauses"] = json.RawMessage(row["pauses"])
	}
	text, _ := json.Marshal(facts)
	return string(text)
}
