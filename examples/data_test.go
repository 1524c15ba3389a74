package examples

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/review"
)

// reviewed reviews a directory, every row of which must be readable.
func reviewed(t *testing.T, book *rulebook.Book, dir string, o review.Options) *review.Report {
	t.Helper()
	r, err := review.Dir(t.Context(), book, dir, o)
	require.NoError(t, err)
	assert.Empty(t, r.Findings)
	assert.Zero(t, r.Totals.Unreadable)
	assert.Zero(t, r.Totals.Failed)
	return r
}

func sectionOf(t *testing.T, r *review.Report, name string) *review.Section {
	t.Helper()
	for i := range r.Sections {
		if r.Sections[i].Name == name {
			return &r.Sections[i]
		}
	}
	require.Failf(t, "no section", "%s", name)
	return nil
}

func verdicts(s *review.Section) map[string]int {
	all := map[string]int{}
	for _, v := range s.Verdicts {
		all[v.Verdict] = v.Records
	}
	return all
}

func recordOf(t *testing.T, s *review.Section, id string) *review.Record {
	t.Helper()
	for i := range s.Records {
		if s.Records[i].ID == id {
			return &s.Records[i]
		}
	}
	require.Failf(t, "no record", "%s in %s", id, s.Name)
	return nil
}

// cell is what a record shows in a column, in English.
func cell(t *testing.T, s *review.Section, id, column string) string {
	t.Helper()
	record := recordOf(t, s, id)
	for i, c := range s.Columns {
		if c.Name == column {
			return record.Cells[i].EN
		}
	}
	require.Failf(t, "no column", "%s in %s", column, s.Name)
	return ""
}

func TestMonthOfFiveAreas(t *testing.T) {
	r := reviewed(t, gulin(t), "data/2025-06", review.Options{})
	assert.Equal(t, "2025-06", r.Month)
	for _, s := range r.Sections {
		assert.Empty(t, s.Missing, "section %s has no table", s.Name)
	}

	areas := sectionOf(t, r, "areas")
	for _, want := range []struct{ area, verdict, complaint, reply, satisfaction string }{
		{"A1", "met", "4/5000 met", "120/120 met", "199/200 met"},
		{"A2", "not_met", "9/9000 not met", "200/200 met", "300/300 met"},
		{"A3", "met", "4/4003 met", "79/79 met", "150/150 met"},
		{"A4", "not_met", "1/950 not met", "12/12 met", "40/40 met"},
		{"A5", "met", "1/1800 met", "not applicable", "not applicable"},
	} {
		id := want.area + "-2025-06"
		answer := recordOf(t, areas, id).Answer
		assert.Equal(t, want.verdict, answer.Verdict, id)
		assert.Equal(t, want.area == "A3", answer.Provisional, "%s provisional", id)
		assert.Equal(t, want.complaint, cell(t, areas, id, "complaint"), id)
		assert.Equal(t, want.reply, cell(t, areas, id, "reply"), id)
		assert.Equal(t, want.satisfaction, cell(t, areas, id, "satisfaction"), id)
	}
	assert.Equal(t, map[string]int{"within": 5}, verdicts(sectionOf(t, r, "loads")))

	requests := sectionOf(t, r, "requests")
	assert.Equal(t, map[string]int{
		"on_time": 28, "late": 13, "overdue": 3, "running": 6, "not_started": 4, "deemed_on_time": 4, "no_limit": 1, "undetermined": 2,
	}, verdicts(requests))
	for id, verdict := range map[string]string{
		"R003": "on_time", "R004": "late", // 24 hours and a second more
		"R020": "on_time",                        // exactly 72 hours
		"R015": "deemed_on_time", "R016": "late", // the customer's doing, and ours
		"R026": "on_time", "R027": "late", // the fifth and the sixth working day
		"R044": "on_time", "R045": "late", // the tenth and the eleventh
		"R034": "on_time", "R035": "late", // extensions, valid and not
		"R039": "deemed_on_time", "R060": "no_limit",
	} {
		assert.Equal(t, verdict, recordOf(t, requests, id).Answer.Verdict, id)
	}

	fines := sectionOf(t, r, "fines")
	for _, c := range fines.Columns {
		if c.Name == "final" {
			require.NotNil(t, c.Sum)
			assert.Equal(t, int64(640), *c.Sum)
			assert.Equal(t, 1, c.Unknown, "K12 has not been looked into")
		}
	}
	history := sectionOf(t, r, "histories")
	for person, total := range map[string]string{"S5": "240", "S7": "160", "S8": "110", "S9": "130"} {
		assert.Equal(t, total, cell(t, history, person, "total"), person)
	}
	assert.Equal(t, map[string]int{"allowed": 3, "blocked": 5, "undetermined": 1}, verdicts(sectionOf(t, r, "hearings")))
}

// Asked again on 4 July, the ticket of A3 has been answered and nothing of its
// month is provisional any more.
func TestMonthOfFiveAreasAskedAgain(t *testing.T) {
	data, err := os.ReadFile("data/2025-06/areas.csv")
	require.NoError(t, err)
	answered := strings.Replace(string(data), ",80,79,1,", ",80,80,0,", 1)
	require.NotEqual(t, string(data), answered)
	r, err := review.Run(t.Context(), gulin(t), fstest.MapFS{"areas.csv": {Data: []byte(answered)}}, review.Options{
		Month: "2025-06", AsOf: time.Date(2025, time.July, 4, 0, 0, 0, 0, time.FixedZone("", 8*60*60)),
	})
	require.NoError(t, err)
	areas := sectionOf(t, r, "areas")
	assert.Equal(t, "80/80 met", cell(t, areas, "A3-2025-06", "reply"))
	assert.Equal(t, "met", recordOf(t, areas, "A3-2025-06").Answer.Verdict)
	assert.Zero(t, areas.Provisional)
}

// With the households at the start of the month as the base, the rate of A2
// falls below 0.1% and that of A3 no longer does.
func TestMonthOfFiveAreasUnderAnotherReading(t *testing.T) {
	book, err := gulin(t).With(rulebook.Reading("kpi.denominator", "month_start"))
	require.NoError(t, err)
	areas := sectionOf(t, reviewed(t, book, "data/2025-06", review.Options{}), "areas")
	for area, verdict := range map[string]string{
		"A1": "met", "A2": "met", "A3": "not_met", "A4": "not_met", "A5": "met",
	} {
		assert.Equal(t, verdict, recordOf(t, areas, area+"-2025-06").Answer.Verdict, area)
	}
}

func TestIncidents(t *testing.T) {
	r := reviewed(t, bookOf(t, "service-desk"), "data/incidents", review.Options{})
	tickets := sectionOf(t, r, "tickets")
	assert.Equal(t, map[string]int{"on_time": 400, "late": 461, "overdue": 29}, verdicts(tickets))
	require.Len(t, tickets.Compare, 1)
	got := map[string][2]int{}
	for _, row := range tickets.Compare[0].Rows {
		got[row.Verdict] = [2]int{row.Met, row.NotMet}
	}
	// As the README says; counted independently of this library as well.
	assert.Equal(t, map[string][2]int{"on_time": {387, 13}, "late": {79, 382}, "overdue": {29, 0}}, got)
	assert.Equal(t, 769, tickets.Compare[0].Agree)
	assert.Equal(t, 121, tickets.Compare[0].Differ)

	// Six minutes past the limit: 24 opening hours from before opening on
	// Monday end on Wednesday at noon.
	assert.Equal(t, "2016-03-02 12:00", cell(t, tickets, "INC0000060", "due"))
	assert.Equal(t, "late", recordOf(t, tickets, "INC0000060").Answer.Verdict)
}

func TestIncidentsUnderOtherReadings(t *testing.T) {
	for reading, want := range map[[2]string]map[string]int{
		{"clock.hours", "all_running"}:       {"on_time": 233, "late": 628, "overdue": 29},
		{"clock.hours", "all_opening_hours"}: {"on_time": 403, "late": 458, "overdue": 29},
		{"reopened.clock", "new_clock"}:      {"on_time": 400, "late": 451, "overdue": 29, "undetermined": 10},
	} {
		book, err := bookOf(t, "service-desk").With(rulebook.Reading(reading[0], reading[1]))
		require.NoError(t, err)
		assert.Equal(t, want, verdicts(sectionOf(t, reviewed(t, book, "data/incidents", review.Options{}), "tickets")), reading)
	}
}

func TestComplaints(t *testing.T) {
	r := reviewed(t, gulin(t), "data/complaints", review.Options{})
	requests := sectionOf(t, r, "requests")
	assert.Equal(t, map[string]int{"undetermined": 2224}, verdicts(requests), "no verdict without a moment of asking")
	due := map[string]string{} // by the day received
	for i := range requests.Records {
		id := requests.Records[i].ID
		received := cell(t, requests, id, "received")[:len(time.DateOnly)]
		day := cell(t, requests, id, "due")
		assert.Equal(t, day, max(due[received], day), "one day received, two due dates")
		due[received] = day
	}
	for received, day := range map[string]string{
		"2015-01-04": "2015-01-07", // a Sunday at work
		"2015-04-28": "2015-05-04", // May Day
		"2015-06-19": "2015-06-25", // Dragon Boat Festival
		"2015-09-04": "2015-09-08", // the day off of that year alone
		"2015-10-04": "2015-10-10", // National Day, and a Saturday at work
		"2015-12-06": "2015-12-09",
	} {
		assert.Equal(t, day, due[received], received)
	}

	areas := sectionOf(t, r, "areas")
	assert.Equal(t, map[string]int{"undetermined": 12}, verdicts(areas))
	for _, record := range areas.Records {
		var needs []string
		for _, f := range record.Answer.Missing {
			needs = append(needs, f.Path)
		}
		assert.Contains(t, needs, "households_month_end", record.ID)
		assert.NotContains(t, needs, "complaint_calls_recorded_by_branch", record.ID)
	}
}

// What the README warns of: asked with a moment, all of them look unanswered.
func TestComplaintsWithAMomentOfAsking(t *testing.T) {
	asOf := time.Date(2016, time.January, 1, 0, 0, 0, 0, time.FixedZone("", 8*60*60))
	r := reviewed(t, gulin(t), "data/complaints", review.Options{AsOf: asOf})
	assert.Equal(t, map[string]int{"overdue": 2224}, verdicts(sectionOf(t, r, "requests")))
}
