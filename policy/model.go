package policy

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/sla/workday"
)

// Rulebook is one checked rules file. It is immutable and safe for
// concurrent use.
type Rulebook struct {
	ID    string
	Title Text
	// Languages are those that its wording is in, as tags such as "zh", "en" or
	// "de", the first being that of whoever asks for none of them.
	Languages []string
	Currency  string
	Zone      *time.Location // moments are judged in this zone
	From, To  date.Date      // in force, both included; To is zero for no end
	SHA256    string         // of Source, hex

	Regulations []*Regulation
	Facts       []*Fact
	Readings    []*Reading
	Questions   []*Question
	Words       []*WordList
	Review      *Review // nil where the file has none

	FileName  string                       // it was loaded under
	Calendars map[string]*workday.Calendar // those that are declared
	Wordings  map[string]Text              // of words and codes

	// UsualCalendar is the name of the calendar that counts working days where
	// nothing else is said, under the rulebook's own readings and in its latest
	// edition; "" where it names none.
	UsualCalendar string

	data  []byte
	files []FileText

	extends    string
	deviations []Deviation
}

// Regulation is one of the regulations of a rulebook.
type Regulation struct {
	ID       string
	Title    Text
	Source   Source     // of its text; the zero Source where the file names none
	Articles []*Article // and their numbered items, in the order of the text
}

// Article is an article, or a numbered item of one.
type Article struct {
	ID             string // "regulation/6" or "regulation/6.1"
	Number         string // "6" or "6.1"
	Nature         string
	Title          Text
	Text           Text   // a paraphrase
	Source         Source // of the official text; by default that of its regulation
	Note           Text
	DecidesNothing Text // why there is no rule under it
	Rules          []*Rule
	Span           diagnostic.Span
}

// IsItem reports whether a is a numbered item of an article.
func (a *Article) IsItem() bool { return strings.Contains(a.Number, ".") }

// Parent is the id of the article that an item belongs to, else "".
func (a *Article) Parent() string { return ParentOf(a.ID) }

func ParentOf(id string) string {
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
	Currency string // of money: its code, GBP
	Words    *WordList
	Ordered  bool // of a list: its order means something
	Event    bool // something that happened: never after as_of
	Personal bool // a name or a text that may name a person; so are all unless the book says otherwise
	Absent   Absence
	Null     Absence
	Default  string  // as the JSON of facts writes it; "" unless there is one
	Fields   []*Fact // of a record
	Elem     *Fact   // of a list
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
	UsedBy    []*Rule // in which it chooses something
}

// ReadingOption is one of the closed options of a reading.
type ReadingOption struct {
	Name      string
	Label     Text
	Parameter string // kind of its argument, "" for none
}

// Option is its option of that name, or nil.
func (r *Reading) Option(name string) *ReadingOption {
	for i := range r.Options {
		if r.Options[i].Name == name {
			return &r.Options[i]
		}
	}
	return nil
}

// OptionNames are the names of its options, in order.
func (r *Reading) OptionNames() []string {
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
	RestsOn  []string        // words of the text of its article, of one that it cites too, or of the article that an item is of
	From, To date.Date       // in force; zero for the rulebook's own dates
	Span     diagnostic.Span // of its name in the rules file
	Changed  diagnostic.Span // where a branch changes it, zero where none does
}

// Question is something that can be asked.
type Question struct {
	ID      string
	Title   Text
	Facts   []QuestionFact
	Rules   []string // units whose findings belong to the answer
	Verdict *QuestionValue
	Values  []*QuestionValue

	Span diagnostic.Span // of its id in the rules file
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
}

// Name is the file name the rulebook was loaded under.
func (b *Rulebook) Name() string { return b.FileName }

// Source is the text of the rules file. Of a rulebook of several files it is one
// text that holds them all, and that loads as they do.
func (b *Rulebook) Source() []byte { return append([]byte(nil), b.data...) }

// SetSource notes the text of the rules file. It is for the loader.
func (b *Rulebook) SetSource(data []byte) { b.data = data }

// Article finds an article or item by id.
func (b *Rulebook) Article(id string) (*Article, bool) {
	for _, r := range b.Regulations {
		for _, a := range r.Articles {
			if a.ID == id {
				return a, true
			}
		}
	}
	return nil, false
}

// Reading finds a reading by key.
func (b *Rulebook) Reading(key string) (*Reading, bool) {
	return find(b.Readings, func(r *Reading) bool { return r.Key == key })
}

// Question finds a question by id.
func (b *Rulebook) Question(id string) (*Question, bool) {
	return find(b.Questions, func(q *Question) bool { return q.ID == id })
}

// Rule finds a rule by its short name.
func (b *Rulebook) Rule(name string) (*Rule, bool) {
	for _, r := range b.Regulations {
		for _, a := range r.Articles {
			if rule, ok := find(a.Rules, func(r *Rule) bool { return r.Name == name }); ok {
				return rule, true
			}
		}
	}
	return nil, false
}

func find[T any](all []*T, is func(*T) bool) (*T, bool) {
	if i := slices.IndexFunc(all, is); i >= 0 {
		return all[i], true
	}
	return nil, false
}

// Rules lists every rule in the order of the text.
func (b *Rulebook) Rules() []*Rule {
	var all []*Rule
	for _, r := range b.Regulations {
		for _, a := range r.Articles {
			all = append(all, a.Rules...)
		}
	}
	return all
}

// Calendar is the calendar that is declared under the name. "china" is
// [workday.China] unless the rulebook declares one of that name.
func (b *Rulebook) Calendar(name string) (*workday.Calendar, bool) {
	c, ok := b.Calendars[name]
	if !ok && name == BuiltInCalendar {
		return workday.China(), true
	}
	return c, ok
}

// CalendarNames lists the declared calendars, sorted.
func (b *Rulebook) CalendarNames() []string { return slices.Sorted(maps.Keys(b.Calendars)) }

// DefaultCalendar is the usual calendar, and its name. It is nil, without a
// name, where the rulebook names none: then nothing is counted in working days
// or opening hours.
func (b *Rulebook) DefaultCalendar() (string, *workday.Calendar) {
	if c, ok := b.Calendar(b.UsualCalendar); ok {
		return b.UsualCalendar, c
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

// BuiltInCalendar is the name of the base calendar that comes with the library.
const BuiltInCalendar = "china"
