package sla

import (
	"testing"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/sla/workday"
)

func TestExtension(t *testing.T) {
	due, err := Deadline{Limit{WorkingDays: 5}, china()}.Due(at("2025-06-09 10:00"))
	require.NoError(t, err)
	require.Equal(t, "2025-06-16", due.String())

	strict := ExtensionRule{Approvers: []string{"head", "deputy"}, MaxWorkingDays: 5, MaxTimes: 2}
	for _, tc := range []struct {
		name   string
		rule   ExtensionRule
		change func(*Extension)
		want   []Defect
		due    string // of a valid one
	}{
		{"valid", strict, func(*Extension) {}, nil, "2025-06-20"},
		{"the other approver", strict, func(e *Extension) { e.ApproverRole = "deputy" }, nil, "2025-06-20"},
		{"anybody approves", ExtensionRule{}, func(e *Extension) { e.ApproverRole = "" }, nil, "2025-06-20"},
		{"no reason", strict, func(e *Extension) { e.Reason = " \t\n" }, []Defect{NoReason}, ""},
		{"requested at the end", strict, func(e *Extension) { e.RequestedAt = due.End }, nil, "2025-06-20"},
		{"requested after it", strict, func(e *Extension) { e.RequestedAt = due.End.Add(1) }, []Defect{RequestedAfterDue}, ""},
		{"never requested", strict, func(e *Extension) { e.RequestedAt = time.Time{} }, []Defect{RequestedAfterDue}, ""},
		{"requested whenever", ExtensionRule{RequestedBy: AnyTime}, func(e *Extension) { e.RequestedAt = due.End.Add(1) }, nil, "2025-06-20"},
		{"approved at the end", strict, func(e *Extension) { e.ApprovedAt = due.End }, nil, "2025-06-20"},
		{"approved after it", strict, func(e *Extension) { e.ApprovedAt = due.End.Add(1) }, []Defect{ApprovedAfterDue}, ""},
		{"approved whenever", ExtensionRule{ApprovedBy: AnyTime}, func(e *Extension) { e.ApprovedAt = due.End.Add(1) }, nil, "2025-06-20"},
		{"approved, no record of when", strict, func(e *Extension) { e.ApprovedAt = time.Time{} }, []Defect{NotApproved}, ""},
		{"approved whenever, no record of when", ExtensionRule{ApprovedBy: AnyTime}, func(e *Extension) { e.ApprovedAt = time.Time{} }, nil, "2025-06-20"},
		{"wrong approver", strict, func(e *Extension) { e.ApproverRole = "clerk" }, []Defect{ApproverNotAuthorised}, ""},
		{"rejected", strict, func(e *Extension) { e.Decision, e.ApproverRole = Rejected, "clerk" }, []Defect{NotApproved}, ""},
		{"rejected after the end", strict, func(e *Extension) { e.Decision, e.ApprovedAt = Rejected, due.End.Add(1) }, []Defect{NotApproved}, ""},
		{"undecided", strict, func(e *Extension) { e.Decision, e.ApprovedAt = Undecided, time.Time{} }, []Defect{NotApproved}, ""},
		{"long enough", strict, func(e *Extension) { e.NewDate = on("2025-06-23") }, nil, "2025-06-23"},
		{"too long", strict, func(e *Extension) { e.NewDate = on("2025-06-24") }, []Defect{TooLong}, ""},
		{"to a moment", strict, func(e *Extension) { e.NewDate, e.NewAt = 0, at("2025-06-23 12:00") }, nil, "2025-06-23T12:00:00+08:00"},
		{"to a moment too far", strict, func(e *Extension) { e.NewDate, e.NewAt = 0, at("2025-06-24 00:00") }, []Defect{TooLong}, ""},
		{"never too long", ExtensionRule{}, func(e *Extension) { e.NewDate = on("2026-06-24") }, nil, "2026-06-24"},
		{"not first", strict, func(e *Extension) { e.Count = 2 }, nil, "2025-06-20"},
		{"too often", strict, func(e *Extension) { e.Count = 3 }, []Defect{TooOften}, ""},
		{"never too often", ExtensionRule{}, func(e *Extension) { e.Count = 99 }, nil, "2025-06-20"},
		{"never shorter", strict, func(e *Extension) { e.NewDate = on("2025-06-12") }, nil, "2025-06-16"},
		{"to the same day", strict, func(e *Extension) { e.NewDate = on("2025-06-16") }, nil, "2025-06-16"},
		{"no new date", strict, func(e *Extension) { e.NewDate = 0 }, nil, "2025-06-16"},
		{"everything", strict, func(e *Extension) {
			*e = Extension{ApprovedAt: at("2025-06-18"), Decision: Approved, NewDate: on("2025-07-18"), Count: 9}
		}, []Defect{NoReason, RequestedAfterDue, ApprovedAfterDue, ApproverNotAuthorised, TooLong, TooOften}, ""},
		{"nothing", strict, func(e *Extension) { *e = Extension{} }, []Defect{NoReason, RequestedAfterDue, NotApproved}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ext := Extension{
				Reason: "waiting for a spare part", RequestedAt: at("2025-06-13 09:00"), ApprovedAt: at("2025-06-13 15:00"),
				ApproverRole: "head", Decision: Approved, NewDate: on("2025-06-20"), Count: 1,
			}
			tc.change(&ext)
			got, err := tc.rule.Judge(ext, due, china())
			require.NoError(t, err)
			assert.Equal(t, tc.want, got.Defects)
			assert.Equal(t, len(tc.want) == 0, got.Valid)
			assert.False(t, got.Provisional)
			if got.Valid {
				assert.Equal(t, tc.due, got.Due.String())
			} else {
				assert.Equal(t, due, got.Due)
			}
		})
	}
}

func TestExtensionEndsWithTheDay(t *testing.T) {
	c := with(func(c *Counting) { c.DayEnds = 18 * time.Hour })
	rule := ExtensionRule{RequestedBy: AnyTime, ApprovedBy: AnyTime}
	ext := Extension{Reason: "storm", Decision: Approved, NewDate: on("2025-06-20")}
	got, err := rule.Judge(ext, Due{End: at("2025-06-16")}, c)
	require.NoError(t, err)
	assert.Equal(t, Due{Date: on("2025-06-20"), IsDate: true, End: at("2025-06-20 18:00")}, got.Due)
}

func TestExtensionErrors(t *testing.T) {
	due := Due{Date: on("2026-12-30"), IsDate: true, End: at("2026-12-30 23:59:59.999999999")}
	limited := ExtensionRule{MaxWorkingDays: 1}

	_, err := limited.Judge(Extension{NewDate: 1, NewAt: at("2025-06-20")}, due, china())
	assert.ErrorIs(t, err, ErrTwoNewDues)
	_, err = limited.Judge(Extension{NewAt: at("2025-06-20")}, due, Counting{})
	assert.ErrorIs(t, err, ErrNoZone)
	_, err = limited.Judge(Extension{NewDate: on("2026-12-31")}, due, Counting{Zone: zone})
	assert.ErrorIs(t, err, ErrNoCalendar)
	var outside *RangeError
	for _, e := range []Extension{{NewDate: 1}, {NewDate: date.Max()}, {NewAt: at("1699-01-01")}, {NewAt: at("2200-01-01")}} {
		_, err = limited.Judge(e, due, china())
		assert.ErrorAs(t, err, &outside)
	}
	var beyond *workday.RangeError
	_, err = limited.Judge(Extension{NewAt: at("2101-01-01")}, due, china())
	assert.ErrorAs(t, err, &beyond, "the length cannot be measured by the calendar")
	var missing *workday.YearMissingError
	_, err = limited.Judge(Extension{NewDate: on("2027-01-05")}, due, china())
	require.ErrorAs(t, err, &missing)
	assert.Equal(t, 2027, missing.Year)

	got, err := limited.Judge(Extension{NewDate: on("2027-01-01")}, due, with(func(c *Counting) { c.Provisional = true }))
	require.NoError(t, err)
	assert.True(t, got.Provisional)
	assert.Contains(t, got.Defects, TooLong)
	_, err = ExtensionRule{}.Judge(Extension{}, due, Counting{})
	assert.NoError(t, err, "nothing to count")
}

func TestExtensionNeverShortens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		moment := func(label string) time.Time {
			return at("2025-06-16").Add(time.Duration(rapid.IntRange(-300, 300).Draw(t, label)) * time.Hour)
		}
		due := Due{Date: on("2025-06-16"), End: moment("end")}
		due.Date = date.NewAt(due.End)
		ext := Extension{
			Reason: rapid.SampledFrom([]string{"", "storm"}).Draw(t, "reason"), RequestedAt: moment("requested"), ApprovedAt: moment("approved"),
			Decision: rapid.SampledFrom([]Decision{Undecided, Approved, Rejected}).Draw(t, "decision"), NewAt: moment("new"),
			Count: rapid.IntRange(0, 3).Draw(t, "count"),
		}
		rule := ExtensionRule{
			RequestedBy: By(rapid.IntRange(0, 1).Draw(t, "requested by")), ApprovedBy: By(rapid.IntRange(0, 1).Draw(t, "approved by")),
			MaxWorkingDays: rapid.IntRange(0, 9).Draw(t, "days"), MaxTimes: rapid.IntRange(0, 2).Draw(t, "times"),
		}
		got, err := rule.Judge(ext, due, china())
		require.NoError(t, err)
		require.Equal(t, len(got.Defects) == 0, got.Valid)
		require.False(t, got.Due.End.Before(due.End))
		if !got.Valid {
			require.Equal(t, due, got.Due)
		}
	})
}
