package policy

import (
	"strings"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/sla"
	"github.com/servicerules/rulebook/sla/workday"
)

// Rulebook is one checked rules file. It is immutable and safe for
// concurrent use.
type Rulebook struct {
	ID       string
	Title    Text
	Currency string
	Zone     *time.Location // moments are judged in this zone
	From, To date.Date      // in force, both included; To is zero for no end
	SHA256   string         // of the file, hex

	Regulations []*Regulation
	Facts       []*Fact
	Readings    []*Reading
	Questions   []*Question
	Words       []*WordList
	Review      *Review // nil where the file has none

	name       string
	data       []byte
	forms      []*Form
	articles   map[string]*Article
	facts      map[string]*Fact
	readings   map[string]*Reading
	questions  map[string]*Question
	words      map[string]*WordList
	calendars  map[string]*workday.Calendar
	calendarOf map[*workday.Calendar]Text // how people call them
	calendar   *source.Node               // rulebook.calendar, may be a choice
	unsound    bool                       // there is one, with mistakes
	clocks     sla.Clocks
	rules      []*Rule
	rulesBy    map[string]*Rule
	factSlots  int
	asOfSlot   int
	boundaries []date.Date // the first day of each edition
	surely     [2]int64    // moments between these are in force, in every zone
	labels     map[string]Text
}

// Regulation is one of the regulations of a rulebook.
type Regulation struct {
	ID       string
	Title    Text
	Articles []*Article // and their numbered items, in the order of the text
}

// Article is an article, or a numbered item of one.
type Article struct {
	ID             string // "regulation/6" or "regulation/6.1"
	Number         string // "6" or "6.1"
	Nature         string
	Title          Text
	Text           Text // a paraphrase
	Note           Text
	DecidesNothing Text // why there is no rule under it
	Rules          []*Rule
	Span           diagnostic.Span
}

// IsItem reports whether a is a numbered item of an article.
func (a *Article) IsItem() bool { return strings.Contains(a.Number, ".") }

// Parent is the id of the article that an item belongs to, else "".
func (a *Article) Parent() string { return parentArticle(a.ID) }

func parentArticle(id string) string {
	if i := strings.LastIndexByte(id, '.'); i > strings.IndexByte(id, '/') && i > 0 {
		return id[:i]
	}
	return ""
}

// WordList is a closed list of labelled words.
type WordList struct {
	Name   string
	Words  []string
	Labels map[string]Text
	typ    *value.Words
}

// Absence is what a fact that is not given, or given as null, means.
type Absence uint8

// What an absent fact means.
const (
	IsUnknown Absence = iota
	IsNone            // it is known not to exist or not to have happened
	IsDefault         // the declared value
)

// Fact is a declared input, or a field of one.
type Fact struct {
	Name     string
	Path     string // from the root: "request.kind"
	Label    Text
	Note     Text
	Unit     Text
	TypeName string // as written: "moment", "word", …
	Words    *WordList
	Ordered  bool // of a list: its order means something
	Event    bool // something that happened: never after as_of
	Absent   Absence
	Null     Absence
	Default  value.Value
	Fields   []*Fact // of a record
	Elem     *Fact   // of a list

	typ  *value.Type
	slot int // -1 inside a list element

	notBefore []*Fact // events that come first
	vars      map[string]*Fact
	span      diagnostic.Span
}

// Reading is a named interpretation of the text with closed options.
type Reading struct {
	Key       string
	Article   string
	Asks      Text
	Why       Text
	Options   []ReadingOption
	Several   bool // a set of the options is chosen, not one
	DecidedBy string
	DecidedOn string

	chosen *source.Node
	span   diagnostic.Span
	usedBy []*Rule
}

// ReadingOption is one of the closed options of a reading.
type ReadingOption struct {
	Name      string
	Label     Text
	Parameter string // kind of its argument, "" for none
}

// UsedBy lists the rules in which the reading chooses something.
func (r *Reading) UsedBy() []*Rule { return r.usedBy }

func (r *Reading) option(name string) *ReadingOption {
	for i := range r.Options {
		if r.Options[i].Name == name {
			return &r.Options[i]
		}
	}
	return nil
}

func (r *Reading) optionNames() []string {
	names := make([]string, len(r.Options))
	for i, o := range r.Options {
		names[i] = o.Name
	}
	return names
}

// Rule is one rule as written under an article.
type Rule struct {
	Name     string
	ID       string // "regulation.name"
	Article  *Article
	Form     *Form
	Label    Text
	PartOf   string
	AlsoCite []string
	From, To date.Date // in force; zero for the rulebook's own dates

	node *source.Node
	key  *source.Node
}

func (r *Rule) inForce(on date.Date) bool {
	return (r.From == 0 || on >= r.From) && (r.To == 0 || on <= r.To)
}

// unit is the name under which the rule is evaluated.
func (r *Rule) unit() string {
	if r.PartOf != "" {
		return r.PartOf
	}
	return r.Name
}

// Question is something that can be asked.
type Question struct {
	ID      string
	Title   Text
	Facts   []QuestionFact
	Rules   []string // units whose findings belong to the answer
	Verdict *QuestionValue
	Values  []*QuestionValue

	index      int // in the rulebook
	layout     layout
	ifNone     string // the verdict where its expression gives none
	governedBy *source.Node
	scope      []string
	span       diagnostic.Span
}

// QuestionFact is a fact that a question takes, under the name it has there.
type QuestionFact struct {
	Name string
	Fact *Fact
}

// QuestionValue describes a value of the answers to a question, or their
// verdict.
type QuestionValue struct {
	Name   string
	Label  Text
	Unit   Text             // of a number: as declared, or that of the fact which it is; zero where neither says one
	Type   *ValueType       // what it may be under any reading and on any day
	Words  *WordList        // for words: the closed list they come from
	Keyed  bool             // a list of two-field records is written as a map
	Fields []*QuestionValue // of a record that the question puts together: those that a dotted path reaches

	// Columns are the labels of the fields of the records that it gives.
	Columns map[string]Text

	is      *source.Node
	when    *source.Node
	columns *source.Node
	key     *source.Node
}

// Name is the file name the rulebook was loaded under.
func (b *Rulebook) Name() string { return b.name }

// Source is the text of the rules file.
func (b *Rulebook) Source() []byte { return append([]byte(nil), b.data...) }

// Article finds an article or item by id.
func (b *Rulebook) Article(id string) (*Article, bool) {
	a, ok := b.articles[id]
	return a, ok
}

// Reading finds a reading by key.
func (b *Rulebook) Reading(key string) (*Reading, bool) {
	r, ok := b.readings[key]
	return r, ok
}

// Question finds a question by id.
func (b *Rulebook) Question(id string) (*Question, bool) {
	q, ok := b.questions[id]
	return q, ok
}

// Rule finds a rule by its short name.
func (b *Rulebook) Rule(name string) (*Rule, bool) {
	r, ok := b.rulesBy[name]
	return r, ok
}

// Rules lists every rule in the order of the text.
func (b *Rulebook) Rules() []*Rule { return b.rules }

// Calendar is the calendar that is declared under the name. "china" is
// [workday.China] unless the rulebook declares one of that name.
func (b *Rulebook) Calendar(name string) (*workday.Calendar, bool) {
	c, ok := b.calendars[name]
	if !ok && name == china {
		return workday.China(), true
	}
	return c, ok
}

// calendarLabel is how people call a calendar.
func (b *Rulebook) calendarLabel(c *workday.Calendar) Text {
	if c == workday.China() {
		return Text{ZH: "中国大陆放假安排", EN: "public holidays of mainland China"}
	}
	return b.calendarOf[c]
}

// CalendarNames lists the declared calendars, sorted.
func (b *Rulebook) CalendarNames() []string { return sortedKeys(b.calendars) }

// DefaultCalendar is the calendar that counts working days where nothing else
// is said, under the rulebook's own readings and in its latest edition. It is
// nil, without a name, where the rulebook names none: then nothing is counted
// in working days or opening hours.
func (b *Rulebook) DefaultCalendar() (string, *workday.Calendar) {
	if b.calendar != nil {
		var used []string
		i := b.resolve(b.calendar, selection{on: b.boundaries[len(b.boundaries)-1]}, nil, &used)
		if c, ok := b.Calendar(i.text); ok {
			return i.text, c
		}
	}
	return "", nil
}

// QuestionIDs lists the questions in the order of the file.
func (b *Rulebook) QuestionIDs() []string {
	ids := make([]string, len(b.Questions))
	for i, q := range b.Questions {
		ids[i] = q.ID
	}
	return ids
}

// Forms lists the forms that the rulebook was loaded with.
func (b *Rulebook) Forms() []*Form { return b.forms }

// Type is the fact's type as value.Type; it is internal to this module.
func (f *Fact) Type() *value.Type { return f.typ }
