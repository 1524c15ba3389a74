package policy

import (
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/sla"
	"github.com/servicerules/rulebook/sla/workday"
)

// CheckedBook is a rulebook with what loading it found out: the nodes that
// its rules stand in, the slots of its facts, and everything by its name. It is
// immutable and safe for concurrent use.
type CheckedBook struct {
	*Rulebook

	Facts     []*checkedFact
	Readings  []*checkedReading
	Questions []*checkedQuestion

	articles   map[string]*Article
	facts      map[string]*checkedFact
	readings   map[string]*checkedReading
	questions  map[string]*checkedQuestion
	words      map[string]*WordList
	wordTypes  map[*WordList]*value.Words // of every list, those of one fact or value too
	calendarOf map[*workday.Calendar]Text // how people call them
	zones      map[*workday.Calendar]calendarZone
	calendar   *source.Node // rulebook.calendar, may be a choice
	unsound    bool         // there is one, with mistakes
	clocks     sla.Clocks
	rules      []*checkedRule
	rulesBy    map[string]*checkedRule
	factSlots  int
	asOfSlot   int
	boundaries []date.Date // the first day of each edition
	surely     [2]int64    // moments between these are in force, in every zone
}

// calendarZone is the time zone that a calendar says it is of.
type calendarZone struct {
	zone   *time.Location
	clocks sla.Clocks
}

// zoneOf is the zone that days and hours of a calendar are of: its own, or the
// rulebook's.
func (b *CheckedBook) zoneOf(c *workday.Calendar) calendarZone {
	if z, ok := b.zones[c]; ok && c != nil {
		return z
	}
	return calendarZone{b.Zone, b.clocks}
}

// checkedFact is a fact with its type and its place.
type checkedFact struct {
	*Fact
	Default value.Value
	Fields  []*checkedFact // of a record
	Elem    *checkedFact   // of a list

	typ       *value.Type
	slot      int            // -1 inside a list element
	notBefore []*checkedFact // events that come first
	vars      map[string]*checkedFact
	span      diagnostic.Span
}

// checkedReading is a reading with the node of what is chosen.
type checkedReading struct {
	*Reading
	chosen *source.Node
	span   diagnostic.Span
}

// checkedRule is a rule with the node that it stands in, and that of its name.
type checkedRule struct {
	*Rule
	node   *source.Node
	key    *source.Node
	values []string // named values that stand in its fields
}

func (r *checkedRule) inForce(on date.Date) bool {
	return (r.From == 0 || on >= r.From) && (r.To == 0 || on <= r.To)
}

// unit is the name under which the rule is evaluated.
func (r *checkedRule) unit() string {
	if r.PartOf != "" {
		return r.PartOf
	}
	return r.Name
}

// checkedQuestion is a question with where it keeps its facts, and the nodes of
// what it asks.
type checkedQuestion struct {
	*Question
	Facts   []checkedTaken
	Verdict *checkedValue
	Values  []*checkedValue

	index      int // in the rulebook
	layout     layout
	ifNone     string // the verdict where its expression gives none
	governedBy *source.Node
	scope      []string
	span       diagnostic.Span
}

// checkedTaken is a fact that a question takes, under the name it has there.
type checkedTaken struct {
	Name string
	Fact *checkedFact
}

// checkedValue is a value of answers with its nodes.
type checkedValue struct {
	*QuestionValue
	Fields []*checkedValue

	is      *source.Node
	when    *source.Node
	columns *source.Node
	key     *source.Node
}

// calendarLabel is how people call a calendar.
func (b *CheckedBook) calendarLabel(c *workday.Calendar) Text {
	if c == workday.China() {
		return Text{ZH: "中国大陆放假安排", EN: "public holidays of mainland China"}
	}
	return b.calendarOf[c]
}

// usualCalendar is the calendar of the latest edition, under the rulebook's own
// readings.
func (b *CheckedBook) usualCalendar() string {
	if b.calendar == nil {
		return ""
	}
	var used []string
	return b.resolve(b.calendar, selection{on: b.boundaries[len(b.boundaries)-1]}, nil, &used).text
}

// wordsType is the type of words of the list; nil where there is none.
func (b *CheckedBook) wordsType(w *WordList) *value.Words { return b.wordTypes[w] }
