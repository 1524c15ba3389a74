package console

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/internal/walltime"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/policy"
)

// Names of inputs. A fact's input has the fact's path as its name, as in
// "request.kind" or "complaints[2].level".
const (
	rowsSuffix = "#"    // how many rows a list of records has
	nullValue  = "null" // known to be none
	emptyList  = "[]"   // a list known to be empty
)

// kind is how a field is filled in; it names the template that draws it.
type kind string

const (
	asGroup  kind = "group"    // a record: a fieldset
	asRows   kind = "rows"     // a list of records, or of words in order: a fieldset a row
	asChoice kind = "choose"   // a word or an article: a select
	asYesNo  kind = "yesno"    // three radio buttons
	asTicks  kind = "ticks"    // a list of words: check boxes
	asLines  kind = "lines"    // a list of names: one a line
	asMoment kind = "moment"   // date and time in the rulebook's zone
	asDate   kind = "date"     //
	asMonth  kind = "month"    //
	asNumber kind = "number"   //
	asMoney  kind = "money"    // digits and a point
	asName   kind = "name"     // an id
	asText   kind = "longtext" // a sentence
)

// field is a fact as a field of a form.
type field struct {
	Kind    kind
	Name    string // of the input
	ID      string // of the element
	Label   string
	Note    string
	Unit    string
	Empty   string // what an empty field means
	Default string // of yes and no: the value that counts where none is given
	Value   string
	Offset  bool // of a moment: written as text, with its offset
	// Null is what null means, where that is something else than leaving the
	// field empty; NullOn reports that it is chosen.
	Null    string
	NullOn  bool
	None    string // of a list: the wording of "empty, and that is known"
	NoneOn  bool
	Options []option
	Fields  []*field // of a group
	Rows    []*field // of rows: a group each
	Folded  bool     // of a group that may well be left out
	Error   string
}

// option is one of the words to choose from.
type option struct {
	Value, Label string
	Group        string // what it stands under, "" for nothing
	On           bool
}

// form makes fields of the facts that a question takes.
type form struct {
	book   *policy.Rulebook
	lang   string
	values url.Values
	errors map[string]string // by the path of the fact
}

// fields are the question's facts.
func (f *form) fields(q *policy.Question) []*field {
	all := make([]*field, 0, len(q.Facts))
	for _, x := range q.Facts {
		all = append(all, f.field(x.Fact, x.Name))
	}
	return all
}

func (f *form) pick(zh, en string) string { return policy.Text{ZH: zh, EN: en}.In(f.lang) }

func (f *form) field(fact *policy.Fact, path string) *field {
	x := &field{
		Name: path, ID: idOf(path), Label: fact.Label.In(f.lang), Note: fact.Note.In(f.lang), Unit: fact.Unit.In(f.lang),
		Empty: wording.Words{Book: f.book, Lang: f.lang}.Absence(fact, fact.Absent), Value: f.values.Get(path), Error: f.errors[path],
	}
	if fact.Null != fact.Absent {
		x.Null, x.NullOn = f.pick("已查明：没有", "known: none"), x.Value == nullValue
	}
	switch fact.TypeName {
	case "record":
		x.Kind = asGroup
		for _, inner := range fact.Fields {
			x.Fields = append(x.Fields, f.field(inner, path+"."+inner.Name))
		}
		x.Folded = fact.Absent == policy.IsNone && !f.filled(path) && !x.NullOn
	case "list":
		f.list(x, fact, path)
	case "word":
		x.Kind, x.Options = asChoice, f.words(fact, x.Value)
	case "article":
		x.Kind, x.Options = asChoice, f.articles(x.Value)
	case "yes_no":
		x.Kind = asYesNo
		if fact.Absent == policy.IsDefault {
			x.Default, x.Empty = x.Empty, f.pick("不填", "not given")
		}
		x.Options = []option{
			{Value: "true", Label: f.pick("是", "yes"), On: x.Value == "true"},
			{Value: "false", Label: f.pick("否", "no"), On: x.Value == "false"},
		}
	case "moment":
		x.Kind, x.Offset = asMoment, needsOffset(x.Value, f.book.Zone)
	case "date":
		x.Kind = asDate
	case "month":
		x.Kind = asMonth
	case "text":
		x.Kind = asText
	case "money":
		x.Kind = asMoney
		if x.Unit == "" {
			x.Unit = fact.Currency
		}
	case "name":
		x.Kind = asName
	default: // count, yuan, number, year: whole numbers
		x.Kind = asNumber
	}
	return x
}

func (f *form) list(x *field, fact *policy.Fact, path string) {
	if fact.Absent != policy.IsDefault {
		x.None, x.NoneOn = f.pick("一项也没有", "none at all"), x.Value == emptyList
	}
	elem := fact.Elem
	switch {
	case elem.TypeName == "word" && !fact.Ordered:
		x.Kind = asTicks
		for _, word := range elem.Words.Words {
			x.Options = append(x.Options, option{Value: word, Label: elem.Words.Labels[word].In(f.lang), On: has(f.values[path], word)})
		}
	case elem.TypeName != "record" && elem.TypeName != "word":
		x.Kind = asLines
		if x.NoneOn || x.NullOn {
			x.Value = ""
		}
	default:
		x.Kind = asRows
		for i := range f.rowCount(path) {
			row := f.field(elem, path+"["+strconv.Itoa(i)+"]")
			if row.Kind == asGroup {
				row.Folded = false
			}
			x.Rows = append(x.Rows, row)
		}
	}
}

// maxRows bounds the rows of a list in the form; longer lists are for the
// interface.
const maxRows = 200

// rowCount is how many rows a list has in the form.
func (f *form) rowCount(path string) int {
	n, err := strconv.Atoi(f.values.Get(path + rowsSuffix))
	if err != nil || n < 0 {
		return 0
	}
	return min(n, maxRows)
}

// filled reports whether anything below a path is filled in.
func (f *form) filled(path string) bool {
	for key, values := range f.values {
		if !strings.HasPrefix(key, path+".") && !strings.HasPrefix(key, path+"[") {
			continue
		}
		for _, v := range values {
			if v != "" && !(strings.HasSuffix(key, rowsSuffix) && v == "0") {
				return true
			}
		}
	}
	return false
}

func (f *form) words(fact *policy.Fact, value string) []option {
	all := make([]option, 0, len(fact.Words.Words))
	for _, word := range fact.Words.Words {
		all = append(all, option{Value: word, Label: fact.Words.Labels[word].In(f.lang), On: word == value})
	}
	return all
}

func (f *form) articles(value string) []option {
	var all []option
	for _, r := range f.book.Regulations {
		for _, a := range r.Articles {
			all = append(all, option{
				Value: a.ID, Label: a.Number + " " + a.Title.In(f.lang), Group: r.Title.In(f.lang), On: a.ID == value,
			})
		}
	}
	return all
}

// idOf is an element id for a path.
func idOf(path string) string {
	return "f-" + strings.NewReplacer(".", "-", "[", "-", "]", "").Replace(path)
}

func has(list []string, x string) bool {
	for _, e := range list {
		if e == x {
			return true
		}
	}
	return false
}

// momentLayouts are how browsers send a date-time field.
var momentLayouts = []string{"2006-01-02T15:04:05.999", "2006-01-02T15:04:05", "2006-01-02T15:04"}

// momentIn reads a date-time field by the clocks of the zone, or a moment that
// is written with its offset. Nothing is guessed: a time that the clocks showed
// twice, or never, is a problem whose words name the moments to choose from.
func momentIn(text string, zone *time.Location) (t time.Time, problem policy.Text) {
	if t, err := source.Moment(text); err == nil {
		return t, policy.Text{}
	}
	wall, ok := wallIn(text)
	if !ok {
		return time.Time{}, policy.Text{ZH: "应为日期和时间，如 2025-06-09 10:00", EN: "a date and a time are expected, such as 2025-06-09 10:00"}
	}
	if t, once := walltime.Read(wall, zone); once {
		return t, policy.Text{}
	}
	message, remedy := table.ClockChanged(wall, zone)
	return time.Time{}, policy.Text{ZH: message.ZH + "；" + remedy.ZH, EN: message.EN + "; " + remedy.EN}
}

func wallIn(text string) (time.Time, bool) {
	for _, layout := range momentLayouts {
		if wall, err := time.Parse(layout, text); err == nil {
			return wall, true
		}
	}
	return time.Time{}, false
}

// needsOffset reports whether a moment is to be written as text, with its
// offset: a date-time field of a browser has no room for one.
func needsOffset(text string, zone *time.Location) bool {
	if _, err := source.Moment(text); err == nil {
		return true
	}
	wall, ok := wallIn(text)
	if !ok {
		return false
	}
	_, once := walltime.Read(wall, zone)
	return !once
}

// momentField writes a moment as a date-time field wants it, with its offset
// where the clocks showed that time twice, or the field could not hold it.
func momentField(t time.Time) string {
	if _, once := walltime.Read(t, t.Location()); !once || t.Nanosecond()%int(time.Millisecond) != 0 {
		return walltime.Text(t, t)
	}
	switch {
	case t.Nanosecond() >= int(time.Millisecond):
		return t.Format("2006-01-02T15:04:05.000")
	case t.Second() != 0:
		return t.Format("2006-01-02T15:04:05")
	}
	return t.Format("2006-01-02T15:04")
}
