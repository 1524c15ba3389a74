package sla

import (
	"slices"
	"strings"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/walltime"
)

// A Decision on an extension.
type Decision string

// The decisions; Undecided is an extension on which there is none.
const (
	Undecided Decision = ""
	Approved  Decision = "approved"
	Rejected  Decision = "rejected"
)

// An Extension is what is on record about a prolongation. Zero times have not
// happened.
type Extension struct {
	Reason       string
	RequestedAt  time.Time
	ApprovedAt   time.Time // when it was approved, or rejected
	ApproverRole string
	Decision     Decision
	NewDate      date.Date // the new last day; zero if none
	NewAt        time.Time // or the new last instant; zero if none
	Count        int       // which extension of this deadline it is; 0 and 1 are the first
}

// A Defect is a reason why an extension does not hold.
type Defect string

// The defects, in the order in which they are listed.
const (
	NoReason              Defect = "no_reason"               // the reason is empty
	RequestedAfterDue     Defect = "requested_after_due"     // requested after the end, or never
	ApprovedAfterDue      Defect = "approved_after_due"      // an approval is on record, after the end
	ApproverNotAuthorised Defect = "approver_not_authorised" // approved by a role that may not
	NotApproved           Defect = "not_approved"            // rejected, undecided, or approved no one knows when
	TooLong               Defect = "too_long"                // by more working days than allowed
	TooOften              Defect = "too_often"               // more extensions than allowed
)

// By says by when a step of an extension has to be taken.
type By uint8

const (
	ByDue   By = iota // by the end of the deadline that is to be extended
	AnyTime           // at any time, or without a record of when
)

// An ExtensionRule says which extensions hold. The zero rule wants a reason, a
// request in time, and an approval in time by anybody.
type ExtensionRule struct {
	Approvers      []string // the roles that may approve; empty is any
	RequestedBy    By
	ApprovedBy     By
	MaxWorkingDays int // working days from the old last day to the new; 0 is no limit
	MaxTimes       int // extensions of one deadline; 0 is no limit
}

// An ExtensionResult says whether an extension holds.
type ExtensionResult struct {
	Valid   bool     // there are no defects
	Defects []Defect // in the order of the constants
	Due     Due      // what holds now: the later of old and new if valid, else the old
	// Provisional reports that the length was measured over a year without a
	// listing of holidays.
	Provisional bool
}

// Judge examines an extension of due. All defects are listed. An extension
// never shortens, and one without a new date changes nothing. The counting
// says when a new last day ends, and its calendar measures the length;
// it is needed only for these.
//
// Errors: [ErrTwoNewDues]; [ErrNoZone] or [*CountingError] where there is a
// new due; [*RangeError] for one outside FirstDate to LastDate;
// [ErrNoCalendar], [*workday.YearMissingError] and [*workday.RangeError] where
// MaxWorkingDays is to be checked.
func (r ExtensionRule) Judge(ext Extension, due Due, counting Counting) (ExtensionResult, error) {
	extended, err := ext.due(counting)
	if err != nil {
		return ExtensionResult{}, err
	}
	result := ExtensionResult{Due: due}
	found := func(is bool, defect Defect) {
		if is {
			result.Defects = append(result.Defects, defect)
		}
	}
	found(strings.TrimSpace(ext.Reason) == "", NoReason)
	found(r.RequestedBy == ByDue && (ext.RequestedAt.IsZero() || !due.InTime(ext.RequestedAt)), RequestedAfterDue)
	found(r.ApprovedBy == ByDue && ext.Decision != Rejected &&
		!ext.ApprovedAt.IsZero() && !due.InTime(ext.ApprovedAt), ApprovedAfterDue)
	found(ext.Decision == Approved && len(r.Approvers) > 0 && !slices.Contains(r.Approvers, ext.ApproverRole), ApproverNotAuthorised)
	found(ext.Decision != Approved || r.ApprovedBy == ByDue && ext.ApprovedAt.IsZero(), NotApproved)
	if r.MaxWorkingDays > 0 && extended.End.After(due.End) {
		c := counting.counter(walltime.Zone{})
		length, err := c.calendar.Between(due.Date, extended.Date)
		if err != nil {
			return ExtensionResult{}, err
		}
		result.Provisional = c.provisionally(due.Date+1, extended.Date)
		found(length > r.MaxWorkingDays, TooLong)
	}
	found(r.MaxTimes > 0 && ext.Count > r.MaxTimes, TooOften)
	if result.Valid = len(result.Defects) == 0; result.Valid {
		result.Due = Later(due, extended)
	}
	return result, nil
}

// due is the new due, zero if the extension has none.
func (e Extension) due(c Counting) (Due, error) {
	switch {
	case e.NewDate == date.Zero && e.NewAt.IsZero():
		return Due{}, nil
	case e.NewDate != date.Zero && !e.NewAt.IsZero():
		return Due{}, ErrTwoNewDues
	}
	if err := c.Check(); err != nil {
		return Due{}, err
	}
	k := c.counter(walltime.Of(c.Zone))
	if e.NewDate != date.Zero {
		if err := inRange(e.NewDate); err != nil {
			return Due{}, err
		}
		return k.Due(k.LastDay(e.NewDate)), nil
	}
	at, err := k.moment(e.NewAt)
	if err != nil {
		return Due{}, err
	}
	t, err := k.endAt(at, false)
	if err != nil {
		return Due{}, err
	}
	return k.Due(t), nil
}
