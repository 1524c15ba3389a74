package checked

import (
	"slices"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// ChoiceIn reads what is chosen of a reading.
func ChoiceIn(r *policy.Reading, n *source.Node) (policy.Choice, error) {
	switch {
	case n.Kind == source.Scalar:
		return r.ParseChoice(n.Text)
	case n.Kind == source.Seq && r.Several:
		words := make([]string, 0, len(n.Items))
		for _, item := range n.Items {
			words = append(words, item.Text)
		}
		return r.ParseSet(words)
	case n.Kind == source.Seq:
		return policy.Choice{}, &policy.ChoiceError{
			Message: diagnostic.Textf("只能选一个", "one option is chosen, not a list"), Remedy: r.Allowed(""), Item: len(n.Items),
		}
	}
	return policy.Choice{}, &policy.ChoiceError{Message: diagnostic.Textf("这里应为选项的名称", "the name of an option is expected"), Remedy: r.Allowed("")}
}

// ParameterValue is what `parameter` stands for in an expression.
func ParameterValue(kind, text string) (value.Value, error) {
	if kind == "clock_time" {
		d, err := source.ClockTime(text)
		return value.DurationOf(d), err
	}
	n, err := source.Integer(text)
	if kind == "percent" {
		return value.RatioOf(n, percent), err
	}
	return value.Int(n), err
}

const percent = 100

// parameterText is what the scalar `parameter` stands for.
func parameterText(kind, text string) string {
	switch kind {
	case "hours":
		return text + " hours"
	case "working_days":
		return text + " working days"
	case "percent":
		return text + "%"
	default:
		return text
	}
}

// Selection is what an edition is resolved for: a day, and the readings that
// the caller chose differently.
type Selection struct {
	On        date.Date
	Overrides map[string]policy.Choice
	Looked    map[string]bool // where not nil, ChoiceOf notes the readings that it was asked for
	Words     []ChosenWord    // of facts that values are chosen by
}

// ChoiceOf is the option of a reading under the selection.
func (b *Book) ChoiceOf(r *Reading, s Selection) policy.Choice {
	if s.Looked != nil {
		s.Looked[r.Key] = true
	}
	if c, ok := s.Overrides[r.Key]; ok {
		return c
	}
	dated := DatedValues(r.Chosen)
	n := dated[0].Value
	for _, d := range dated[1:] {
		if from, err := source.Date(d.key.Text); err == nil && from <= s.On {
			n = d.Value
		}
	}
	c, _ := ChoiceIn(r.Reading, n)
	return c
}

// Item is a node of a rule after every choice has been made.
type Item struct {
	Node      *source.Node // where it stands
	Kind      source.Kind
	Text      string
	Entries   []Entry
	Items     []*Item
	Parameter *parameter
	Origin    *source.Node // the outermost choice that it was taken from, nil for none
	Around    *parameter   // of the choices around that

	Asked    []WordsAsked // the choices by words that it is an expression of
	IfNone   string       // the same, and null where there is none of the words
	Branches []Branch     // what it is made of, nil where it is as it is written
	choice   *choiceOfItems
	// SecondParameter names a reading, where values below a choice by words mean
	// the arguments of two: one expression has one argument. Nil else.
	SecondParameter *source.Node
}

// Entry is a key of a map with what stands under it after every choice.
type Entry struct {
	Key   *source.Node
	Value *Item
}

// parameter is the argument of the option of a reading.
type parameter struct {
	Kind, Text string
	by         *source.Node // where the reading is named that has it
}

// With is an expression that is made of what is written at the item, and in
// which `parameter` is what it is in another.
func (i *Item) With(text string, of *Item) *Item {
	return &Item{Node: i.Node, Kind: source.Scalar, Text: text, Parameter: of.Parameter, SecondParameter: of.SecondParameter}
}

// Between is an expression in which what is written at the item stands between two
// other texts.
func (i *Item) Between(before, behind string) *Item {
	text := i.Expression()
	out := i.With(before+text+behind, i)
	out.Branches = []Branch{{Item: i, Text: text, at: len(before)}}
	return out
}

// Get is what stands under a key of a map; nil where nothing does.
func (i *Item) Get(key string) *Item {
	if i == nil {
		return nil
	}
	for _, e := range i.Entries {
		if e.Key.Text == key {
			return e.Value
		}
	}
	return nil
}

// Expression is the item as an expression, in which `parameter` is a name: what
// it stands for elsewhere, such as "25%" or "3 hours", is none.
func (i *Item) Expression() string {
	if i.Parameter != nil && i.Kind == source.Scalar && i.Node.Text == "parameter" && i.Text == parameterText(i.Parameter.Kind, i.Parameter.Text) {
		return i.Node.Text
	}
	return i.Text
}

// Span is where the item is written, without the lines below its first.
func (i *Item) Span() diagnostic.Span {
	span := i.Node.Span
	if i.Node.Kind != source.Scalar && span.Start.Line != span.End.Line && len(i.Node.Entries) > 0 {
		return i.Node.Entries[0].Key.Span
	}
	return span
}

// None reports whether nothing is written, or the word that says so.
func (i *Item) None() bool {
	return i == nil || i.Kind == source.Scalar && i.Text == "none" && i.Node.Style == source.Plain || i.Kind == source.Empty
}

// Resolve makes every choice below n. It notes the readings that it used and
// whether a date chose anything.
func (b *Book) Resolve(n *source.Node, s Selection, p *parameter, used *[]string) *Item {
	if IsBy(n) {
		out := b.resolveBy(n, s, p, used)
		out.Origin, out.Around = n, p
		return out
	}
	out := &Item{Node: n, Kind: n.Kind, Text: n.Text, Parameter: p}
	switch n.Kind {
	case source.Map:
		out.Entries = make([]Entry, 0, len(n.Entries))
		for _, e := range n.Entries {
			out.Entries = append(out.Entries, Entry{e.Key, b.Resolve(e.Value, s, p, used)})
		}
	case source.Seq:
		out.Items = make([]*Item, 0, len(n.Items))
		for _, x := range n.Items {
			out.Items = append(out.Items, b.Resolve(x, s, p, used))
		}
	case source.Scalar:
		if p != nil && n.Text == "parameter" && n.Style == source.Plain {
			out.Text = parameterText(p.Kind, p.Text)
		}
	}
	return out
}

// ResolveRule resolves a rule field by field, and says which readings each
// field uses.
func (b *Book) ResolveRule(n *source.Node, s Selection) (*Item, map[string][]string) {
	out := &Item{Node: n, Kind: n.Kind, Entries: make([]Entry, 0, len(n.Entries))}
	byField := map[string][]string{}
	for _, e := range n.Entries {
		var used []string
		out.Entries = append(out.Entries, Entry{e.Key, b.Resolve(e.Value, s, nil, &used)})
		if used != nil {
			byField[e.Key.Text] = used
		}
	}
	return out, byField
}

func (b *Book) resolveBy(n *source.Node, s Selection, p *parameter, used *[]string) *Item {
	by := n.Get("by")
	if by.Text == "date" {
		pick := n.Entries[0].Value
		first := true
		for _, e := range n.Entries {
			if e.Key.Text == "by" {
				continue
			}
			from, err := source.Date(e.Key.Text)
			if first || err == nil && from <= s.On {
				pick = e.Value
			}
			first = false
		}
		return b.Resolve(pick, s, p, used)
	}
	if kind, ok := b.AsExpression[n]; ok {
		return b.chooseByWords(n, kind, s, p, used)
	}
	r := b.ReadingsByKey[by.Text]
	if r == nil {
		return b.Resolve(branchOfWord(n, s.wordOf(by.Text)), s, p, used)
	}
	if !slices.Contains(*used, r.Key) {
		*used = append(*used, r.Key)
	}
	c := b.ChoiceOf(r, s)
	if r.Several {
		out := &Item{Node: n, Kind: source.Seq}
		for _, w := range c.Set {
			out.Items = append(out.Items, &Item{Node: by, Kind: source.Scalar, Text: w})
		}
		return out
	}
	pick := n.Get(c.Option)
	if pick == nil {
		pick = n.Get("otherwise")
	}
	if o := r.Option(c.Option); o != nil && o.Parameter != "" && c.Parameter != "" {
		p = &parameter{o.Parameter, c.Parameter, by}
	}
	return b.Resolve(pick, s, p, used)
}

// Dates lists the days on which a choice below n changes.
func (b *Book) Dates(n *source.Node, seen func(date.Date)) {
	if n == nil {
		return
	}
	if by := n.Get("by"); n.Kind == source.Map && by != nil {
		if by.Text == "date" {
			for i, e := range n.Entries {
				if d, err := source.Date(e.Key.Text); err == nil && i > 0 {
					seen(d)
				}
			}
		} else if r := b.ReadingsByKey[by.Text]; r != nil {
			b.Dates(r.Chosen, seen)
		}
	}
	for _, e := range n.Entries {
		b.Dates(e.Value, seen)
	}
	for _, x := range n.Items {
		b.Dates(x, seen)
	}
}
