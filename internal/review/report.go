package review

import (
	"encoding/json"
	"strconv"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/policy"
)

// Text is wording in both languages.
type Text = diagnostic.Text

// Report is the result of a review: plain data, in one order for the same
// records in any order.
type Report struct {
	Title    Text          `json:"title"`
	Rulebook Rulebook      `json:"rulebook"`
	Month    string        `json:"month,omitempty"`  // "" where the period is none
	Period   *ReportPeriod `json:"period,omitempty"` // nil for all records, whatever their time
	AsOf     string        `json:"as_of,omitempty"`  // "" where nobody said
	Sections []Section     `json:"sections"`
	// ReadAs says how tables were read that are not CSV in UTF-8.
	ReadAs []ReadAs `json:"read_as,omitempty"`
	// Findings say what could not be read; MoreFindings counts those beyond
	// the first of them.
	Findings     []Finding `json:"findings"`
	MoreFindings int       `json:"more_findings,omitempty"`
	Totals       Totals    `json:"totals"`
}

// ReportPeriod is the stretch of days that a report is about.
type ReportPeriod struct {
	Name  string `json:"name"` // 2025-06, 2025-Q3, 2025-H1, 2025 or 2025-04-01..2025-06-15
	Label Text   `json:"label"`
	From  string `json:"from"` // its first day
	To    string `json:"to"`   // its last
}

// Rulebook says by which rules a report was made.
type Rulebook struct {
	ID       string   `json:"id"`
	Title    Text     `json:"title"`
	SHA256   string   `json:"sha256"`
	Editions []string `json:"editions"` // first days of those that answered
}

// ReadAs says how a table was read: "GB18030, semicolons".
type ReadAs struct {
	File string `json:"file"`
	As   Text   `json:"as"`
}

// Totals are the sums over all sections.
type Totals struct {
	Records    int `json:"records"`  // asked about
	Breached   int `json:"breached"` // records with a breach
	Breaches   int `json:"breaches"`
	Decisions  int `json:"decisions"`  // records with something for a person to decide
	Undecided  int `json:"undecided"`  // records of which a fact is missing
	Failed     int `json:"failed"`     // records that nothing could be computed for
	Outside    int `json:"outside"`    // records of another time, left out
	Unreadable int `json:"unreadable"` // rows that could not be read
}

// Section is the review of one kind of records.
type Section struct {
	Name         string     `json:"name"`
	Title        Text       `json:"title"`
	Note         Text       `json:"note,omitzero"`
	Question     string     `json:"question"`
	Tables       []string   `json:"tables"`            // files that it was made from
	Missing      string     `json:"missing,omitempty"` // the file that is not there, where there is none
	Totals       Totals     `json:"totals"`
	Verdicts     []Tally    `json:"verdicts"`
	Provisional  int        `json:"provisional"`        // answers that may change with time alone
	Partly       int        `json:"partly,omitempty"`   // of the records outside, those about a month of which only a part lies in the period
	Months       []MonthSum `json:"months,omitempty"`   // of a period of several months, each for itself
	ByMonth      bool       `json:"by_month,omitempty"` // its records are about a month each: what is measured per month is judged per month
	Columns      []Column   `json:"columns"`
	Records      []Record   `json:"records"`
	Left         *Left      `json:"left_out,omitempty"` // records beyond Options.Kept, nil for none
	Decisions    []Group    `json:"decisions"`          // for a person to decide
	MissingFacts []Group    `json:"missing_facts"`
	Errors       []Group    `json:"errors"`
	Compare      []Cross    `json:"compare,omitempty"`
}

// MonthSum is what the records of one month come to. Each record is counted in the
// month that its own fact says, and in that one alone.
type MonthSum struct {
	Month    string   `json:"month"` // "" of records that do not say it
	Totals   Totals   `json:"totals"`
	Verdicts []Tally  `json:"verdicts"`
	Columns  []Column `json:"columns"` // with their sums
}

// Left counts the records of a section that were reviewed and are not kept.
type Left struct {
	Listed   int `json:"listed"`   // that would have been listed in full
	Lacking  int `json:"lacking"`  // that only lack facts
	Unlisted int `json:"unlisted"` // that are only counted
}

// all are all of them; none where nothing was left out.
func (l *Left) all() Left {
	if l == nil {
		return Left{}
	}
	return *l
}

// Tally counts the records with one verdict.
type Tally struct {
	Verdict string `json:"verdict"`
	Label   Text   `json:"label"`
	Records int    `json:"records"`
}

// Column is a column of a section's table. Sum is the sum of the values that
// are known, of a column that is added up; of money it is Money instead, and
// Amounts where facts choose the currency, which may be none.
type Column struct {
	Name    string         `json:"name"`
	Label   Text           `json:"label"`
	Sum     *int64         `json:"sum,omitempty"`
	Money   *policy.Money  `json:"money,omitempty"`   // with its currency: 61.68 GBP
	Amounts []policy.Money `json:"amounts,omitzero"`  // one for each currency, by their codes
	Unknown int            `json:"unknown,omitempty"` // records that are not in the sum
}

// Added reports whether the column is added up.
func (c *Column) Added() bool { return c.Sum != nil || c.Money != nil || c.Amounts != nil }

// Total is what the column adds up to as people write it in a language: 7, £61.68,
// €12.00, ¥3,000. It is "" of a column that is not added up.
func (c *Column) Total(lang string) string {
	switch {
	case c.Money != nil:
		return c.Money.Show(lang)
	case c.Amounts != nil:
		return wording.Amounts(c.Amounts, lang)
	case c.Sum != nil:
		return strconv.FormatInt(*c.Sum, 10)
	}
	return ""
}

// Record is one record and what was answered about it.
type Record struct {
	ID     string `json:"id"`
	File   string `json:"file"`
	Listed bool   `json:"listed"` // shown in full, else only counted
	Cells  []Text `json:"cells"`  // one for each column
	Answer Answer `json:"answer"`
	With   []With `json:"with,omitempty"`
}

// With is the answer to another question about the same record.
type With struct {
	Name   string `json:"name"`
	Title  Text   `json:"title"`
	Shown  Text   `json:"shown"`            // the value that it is asked for, "" where there is none
	Absent string `json:"absent,omitempty"` // the file that has no row for the record
	Answer Answer `json:"answer"`
}

// Answer is what a report shows of an answer, and the complete answer.
type Answer struct {
	Question    string          `json:"question"`
	Verdict     string          `json:"verdict"` // "" with an Error
	Label       Text            `json:"label"`
	Breaches    []Breach        `json:"breaches"`
	Liable      []Liable        `json:"liable"`
	Missing     []Fact          `json:"missing_facts"`
	Decisions   []Text          `json:"decisions"`
	Provisional bool            `json:"provisional"`
	Error       *Text           `json:"error,omitempty"`
	Complete    json.RawMessage `json:"complete"`
}

// Breach is a duty that was broken.
type Breach struct {
	Article string `json:"article"`
	Where   Text   `json:"where"` // the article as people call it
	Code    string `json:"code"`
	Label   Text   `json:"label"`
}

// Liable is who answers for the breaches.
type Liable struct {
	Role   string `json:"role"`
	Label  Text   `json:"label"`
	Person string `json:"person,omitempty"`
}

// Fact is a fact that was missing.
type Fact struct {
	Path  string `json:"path"` // of an element of a list: "items[].name"
	Label Text   `json:"label"`
}

// Group is something that holds of several records.
type Group struct {
	Code    string   `json:"code"`
	Label   Text     `json:"label"`
	Records []string `json:"records"`
	More    int      `json:"more,omitempty"` // records that are not named
}

// Cross compares our verdicts with what a table says itself.
type Cross struct {
	File     string     `json:"file"`
	Column   string     `json:"column"`
	Rows     []CrossRow `json:"rows"`
	Agree    int        `json:"agree"`
	Differ   int        `json:"differ"`
	Apart    int        `json:"apart"`    // records that one of the two does not judge
	Examples []string   `json:"examples"` // the first records on which they differ
}

// CrossRow is one of our verdicts against the table's.
type CrossRow struct {
	Verdict string `json:"verdict"`
	Label   Text   `json:"label"`
	Class   string `json:"class"` // "met", "not_met" or "" for not compared
	Met     int    `json:"met"`
	NotMet  int    `json:"not_met"`
	Silent  int    `json:"silent"` // the table's cell is empty
}

// Finding says what could not be read, where, and what to write instead.
type Finding struct {
	Code    string `json:"code"` // stable
	File    string `json:"file"`
	Line    int    `json:"line,omitempty"`
	Column  string `json:"column,omitempty"` // its header
	Cell    string `json:"cell,omitempty"`   // as a workbook calls it: B5
	Record  string `json:"record,omitempty"`
	Value   string `json:"value,omitempty"`
	Message Text   `json:"message"`
	Remedy  Text   `json:"remedy"`
}

// Failed reports whether something could not be read or nothing was there to
// be reviewed.
func (r *Report) Failed() bool { return len(r.Findings) > 0 }
