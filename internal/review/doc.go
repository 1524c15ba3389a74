// Package review asks a rulebook about a directory of records and makes a
// report of the answers. What is reviewed stands under "review:" in the rules
// file: sections, each with a question and the table whose records it is asked
// about. Every number of the report comes from answers.
//
// # Tables
//
// A table is a CSV file, <table>.csv, in UTF-8 (a byte order mark is
// accepted) and separated by commas:
//
//	record,request.kind,request.received_at,observed,# remark
//	R001,fault,2025-06-01T19:20:00+08:00,,met at the door
//
// The first column, record, is the id of the record; it is unique in the table,
// over all files that the table is made of, and no fact. A record that stands
// twice is not asked about: nobody can say which row is right. The other headers are facts of the section's question, with
// dots for the fields of records. A header that starts with # is a remark. A
// table may serve several sections; each takes the facts of its question.
//
//   - An empty cell says nothing: the fact is absent. null is null.
//   - Words and names of a list stand in one cell, separated by ; or ；. An
//     empty list is [].
//   - true and false may be written as spreadsheets do, TRUE and FALSE.
//   - The header of a record, as in "hearing", may only hold null: there is
//     none, where the facts tell that from not knowing.
//
// Lists of records are tables of their own, named after the fact:
// requests.request.customer_failures.csv. Their record column refers to the
// record that the row belongs to, the other columns are the fields. Such a
// table says everything: a record without rows has an empty list. Without the
// table the fact is absent; null in a column of the fact's name makes it null.
//
// A table with a wrong header is not read at all, since a column that is left
// out would change what the facts say. Of a row that cannot be read, the
// record is not asked about; everything wrong with it is reported, and the
// review goes on. Files are at most 256 MiB, cells 64 KiB.
//
// # Period and moment of asking
//
// The period is that of Options, else review.yaml, else the directory's name if
// that is one, such as 2025-06 or 2025-Q3: a month, a quarter, half a year, a
// year, or from one day to another. A record belongs to it by what its own fact
// says, in the rulebook's zone: a day that lies in it, or a month that lies in it
// whole. Records outside it are counted and left out; one that nothing places in
// time stays. Where a section says until when its records last, a record belongs
// to every period that it reaches into. Of a period of several months each month
// is told for itself, and what the rules measure per month is judged per month
// alone: nothing is added up over months but records, verdicts and amounts.
// The moment of asking is that of Options, else review.yaml, else the first
// moment after the period in the rulebook's zone; else it is missing, and the
// answers that depend on it say so.
//
// # review.yaml
//
// The directory may hold a review.yaml, which also says how to read tables
// that somebody else has made:
//
//	as_of: 2025-07-01T00:00:00+08:00
//	month: 2025-06                         # or period: 2025-Q3
//	tables:
//	  incidents.csv:
//	    section: incidents
//	    record: number                     # the column that names the record
//	    facts: {ticket.opened_at: opened_at, ticket.priority: priority}
//	    words: {ticket.priority: {"1": p1, "2": p2}}
//	    constants: {ticket.kind: incident}
//	    local_times: true                  # moments without a zone are in the rulebook's
//	    compare:                           # with what the table says itself
//	      column: made_sla
//	      met_when: "true"
//	      verdicts: {met: [on_time], not_met: [late, overdue]}
//	counts:                                # a table counted by month, as records of a section
//	  - table: complaints.csv
//	    moment: received_at
//	    section: areas
//	    fact: complaint_calls_recorded_by_branch
//	    month: month
//	    local_times: true
//	    constants: {area.id: all}
//
// A table that is mapped is read by its mapping alone, whatever its name. Its
// rows are records of the section's table, beside those of the table's own file
// and of other files that are mapped to it: lists of records and questions
// about the same record find them there. What no single section asks about is
// mapped with "table: statements" in the place of a section. Columns that no
// fact names are left alone.
//
// Counts that agree in section, month and constants make one record a month,
// of all their tables. Months in which no counted table has a row are not asked
// about. A counted file of a table's name is that table, too, where it has a
// column record.
package review
