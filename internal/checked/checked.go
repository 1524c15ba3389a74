package checked

import (
	"maps"
	"slices"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla"
	"github.com/servicerules/rulebook/sla/workday"
)

// Book is a rulebook with what loading it found out: the nodes that
// its rules stand in, the slots of its facts, and everything by its name. It is
// immutable and safe for concurrent use.
type Book struct {
	*policy.Rulebook
	Root *source.Node // of all files together

	Facts     []*Fact
	Readings  []*Reading
	Questions []*Question
	Musts     []*Must    // conditions that facts cannot break
	Promises  []*Promise // what must hold of answers

	ArticlesByID  map[string]*policy.Article
	FactsByName   map[string]*Fact
	ReadingsByKey map[string]*Reading
	QuestionsByID map[string]*Question
	WordsByName   map[string]*policy.WordList
	WordTypes     map[*policy.WordList]*value.Words // of every list, those of one fact or value too
	Relabels      map[*policy.WordList]bool         // lists that say what words of the engine's own are called
	CalendarOf    map[*workday.Calendar]policy.Text // how people call them
	Zones         map[*workday.Calendar]CalendarZone
	CalendarNode  *source.Node // rulebook.calendar, may be a choice
	// AsExpression are the choices by words that become expressions, with the
	// kind of the field that they stand in; see chooseByWords.
	AsExpression map[*source.Node]policy.FieldKind
	Unsound      bool // there is one, with mistakes
	Clocks       sla.Clocks
	AllRules     []*Rule
	RulesByName  map[string]*Rule
	FactSlots    int
	AsOfSlot     int
	Boundaries   []date.Date // the first day of each edition
	Surely       [2]int64    // moments between these are in force, in every zone
	Announced    []date.Date // the days on which calendars came to be known as they are; see KnownBefore
	Until        date.Date   // of a book as it was known before, the day on which more became known; else 0
}

// CalendarZone is the time zone that a calendar says it is of.
type CalendarZone struct {
	Zone   *time.Location
	Clocks sla.Clocks
}

// ZoneOf is the zone that days and hours of a calendar are of: its own, or the
// rulebook's.
func (b *Book) ZoneOf(c *workday.Calendar) CalendarZone {
	if z, ok := b.Zones[c]; ok && c != nil {
		return z
	}
	return CalendarZone{b.Zone, b.Clocks}
}

// Fact is a fact with its type and its place.
type Fact struct {
	*policy.Fact
	Default value.Value
	Fields  []*Fact // of a record
	Elem    *Fact   // of a list

	Typ       *value.Type
	Slot      int     // -1 inside a list element
	NotBefore []*Fact // events that come first
	Vars      map[string]*Fact
	Span      diagnostic.Span
	// SaysAbsent says that what absence or null means is written at it.
	SaysAbsent bool

	given, null SlotSpan // of the slots of a record that exists, or is null
}

// Reading is a reading with the node of what is chosen.
type Reading struct {
	*policy.Reading
	Chosen *source.Node
	Span   diagnostic.Span
}

// Rule is a rule with the node that it stands in, and that of its name.
type Rule struct {
	*policy.Rule
	Node    *source.Node
	KeyNode *source.Node
	Values  []string     // named values that stand in its fields
	Like    *source.Node // what names the rule that it is like; nil where it is like none
}

// InForce reports whether the rule is in force on a day.
func (r *Rule) InForce(on date.Date) bool {
	return (r.From == 0 || on >= r.From) && (r.To == 0 || on <= r.To)
}

// Unit is the name under which the rule is evaluated.
func (r *Rule) Unit() string {
	if r.PartOf != "" {
		return r.PartOf
	}
	return r.Name
}

// Question is a question with the slots of its facts, and the nodes of
// what it asks.
type Question struct {
	*policy.Question
	Facts   []Taken
	Verdict *Value
	Values  []*Value

	Index      int // in the rulebook
	Layout     Layout
	IfNone     string   // the verdict where its expression gives none
	Given      []string // the words of the verdict that kinds of rule give, as a clock gives on_time
	GovernedBy *source.Node
	Scope      []string
	Span       diagnostic.Span
	Musts      []MustHold
}

// Taken is a fact that a question takes, under the name it has there.
type Taken struct {
	Name string
	Fact *Fact
}

// Value is a value of answers with its nodes.
type Value struct {
	*policy.QuestionValue
	Fields []*Value

	IsNode      *source.Node
	WhenNode    *source.Node
	ColumnsNode *source.Node
	KeyNode     *source.Node

	// SaidAs is the type of the value, as a list where it is Keyed, where an edition
	// knows the currency of an amount and the type does not say it, as it is another
	// one under another reading or on another day; else nil.
	SaidAs *policy.ValueType
}

// CalendarLabel is how people call a calendar.
func (b *Book) CalendarLabel(c *workday.Calendar) policy.Text {
	if c == workday.China() {
		return policy.Text{ZH: "中国大陆放假安排", EN: "public holidays of mainland China"}
	}
	return b.CalendarOf[c]
}

// LatestCalendar is the calendar of the latest edition, under the rulebook's own
// readings.
func (b *Book) LatestCalendar() string {
	if b.CalendarNode == nil {
		return ""
	}
	var used []string
	return b.Resolve(b.CalendarNode, Selection{On: b.Boundaries[len(b.Boundaries)-1]}, nil, &used).Text
}

// WordsType is the type of words of the list; nil where there is none.
func (b *Book) WordsType(w *policy.WordList) *value.Words { return b.WordTypes[w] }

// CalendarChoices are the names that a calendar may be chosen by.
func (b *Book) CalendarChoices() []string {
	names := slices.Sorted(maps.Keys(b.Calendars))
	if _, own := b.Calendars[policy.BuiltInCalendar]; !own {
		names = append(names, policy.BuiltInCalendar)
	}
	return names
}
