package policy

import (
	"slices"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
)

// choiceIn reads what is chosen of a reading.
func choiceIn(r *Reading, n *source.Node) (Choice, error) {
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
		return Choice{}, &ChoiceError{
			Message: diagnostic.Textf("只能选一个", "one option is chosen, not a list"), Remedy: r.Allowed(""), Item: len(n.Items),
		}
	}
	return Choice{}, &ChoiceError{Message: diagnostic.Textf("这里应为选项的名称", "the name of an option is expected"), Remedy: r.Allowed("")}
}

func sampleParameter(kind string) string {
	switch kind {
	case "clock_time":
		return "18:00"
	case "percent":
		return "50"
	default:
		return "2"
	}
}

// parameterValue is what `parameter` stands for in an expression.
func parameterValue(kind, text string) (value.Value, error) {
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

// selection is what an edition is resolved for: a day, and the readings that
// the caller chose differently.
type selection struct {
	on        date.Date
	overrides map[string]Choice
	looked    map[string]bool // where not nil, choiceOf notes the readings that it was asked for
	words     []chosenWord    // of facts that values are chosen by
}

// choiceOf is the option of a reading under the selection.
func (b *CheckedBook) choiceOf(r *checkedReading, s selection) Choice {
	if s.looked != nil {
		s.looked[r.Key] = true
	}
	if c, ok := s.overrides[r.Key]; ok {
		return c
	}
	dated := datedValues(r.chosen)
	n := dated[0].value
	for _, d := range dated[1:] {
		if from, err := source.Date(d.key.Text); err == nil && from <= s.on {
			n = d.value
		}
	}
	c, _ := choiceIn(r.Reading, n)
	return c
}

// item is a node of a rule after every choice has been made.
type item struct {
	node      *source.Node // where it stands
	kind      source.Kind
	text      string
	entries   []entry
	items     []*item
	parameter *parameter
	origin    *source.Node // the outermost choice that it was taken from, nil for none
	around    *parameter   // of the choices around that
}

type entry struct {
	key   *source.Node
	value *item
}

type parameter struct{ kind, text string }

func (i *item) get(key string) *item {
	if i == nil {
		return nil
	}
	for _, e := range i.entries {
		if e.key.Text == key {
			return e.value
		}
	}
	return nil
}

// expression is the item as an expression, in which `parameter` is a name: what
// it stands for elsewhere, such as "25%" or "3 hours", is none.
func (i *item) expression() string {
	if i.parameter != nil && i.kind == source.Scalar && i.text != i.node.Text {
		return i.node.Text
	}
	return i.text
}

// span is where the item is written, without the lines below its first.
func (i *item) span() diagnostic.Span {
	span := i.node.Span
	if i.node.Kind != source.Scalar && span.Start.Line != span.End.Line && len(i.node.Entries) > 0 {
		return i.node.Entries[0].Key.Span
	}
	return span
}

// none reports whether nothing is written, or the word that says so.
func (i *item) none() bool {
	return i == nil || i.kind == source.Scalar && i.text == "none" && i.node.Style == source.Plain || i.kind == source.Empty
}

// resolve makes every choice below n. It notes the readings that it used and
// whether a date chose anything.
func (b *CheckedBook) resolve(n *source.Node, s selection, p *parameter, used *[]string) *item {
	if isBy(n) {
		out := b.resolveBy(n, s, p, used)
		out.origin, out.around = n, p
		return out
	}
	out := &item{node: n, kind: n.Kind, text: n.Text, parameter: p}
	switch n.Kind {
	case source.Map:
		out.entries = make([]entry, 0, len(n.Entries))
		for _, e := range n.Entries {
			out.entries = append(out.entries, entry{e.Key, b.resolve(e.Value, s, p, used)})
		}
	case source.Seq:
		out.items = make([]*item, 0, len(n.Items))
		for _, x := range n.Items {
			out.items = append(out.items, b.resolve(x, s, p, used))
		}
	case source.Scalar:
		if p != nil && n.Text == "parameter" && n.Style == source.Plain {
			out.text = parameterText(p.kind, p.text)
		}
	}
	return out
}

// resolveRule resolves a rule field by field, and says which readings each
// field uses.
func (b *CheckedBook) resolveRule(n *source.Node, s selection) (*item, map[string][]string) {
	out := &item{node: n, kind: n.Kind, entries: make([]entry, 0, len(n.Entries))}
	byField := map[string][]string{}
	for _, e := range n.Entries {
		var used []string
		out.entries = append(out.entries, entry{e.Key, b.resolve(e.Value, s, nil, &used)})
		if used != nil {
			byField[e.Key.Text] = used
		}
	}
	return out, byField
}

func (b *CheckedBook) resolveBy(n *source.Node, s selection, p *parameter, used *[]string) *item {
	by := n.Get("by")
	if by.Text == "date" {
		pick := n.Entries[0].Value
		first := true
		for _, e := range n.Entries {
			if e.Key.Text == "by" {
				continue
			}
			from, err := source.Date(e.Key.Text)
			if first || err == nil && from <= s.on {
				pick = e.Value
			}
			first = false
		}
		return b.resolve(pick, s, p, used)
	}
	r := b.readings[by.Text]
	if r == nil {
		return b.resolve(branchOfWord(n, s.wordOf(by.Text)), s, p, used)
	}
	if !slices.Contains(*used, r.Key) {
		*used = append(*used, r.Key)
	}
	c := b.choiceOf(r, s)
	if r.Several {
		out := &item{node: n, kind: source.Seq}
		for _, w := range c.Set {
			out.items = append(out.items, &item{node: by, kind: source.Scalar, text: w})
		}
		return out
	}
	pick := n.Get(c.Option)
	if pick == nil {
		pick = n.Get("otherwise")
	}
	if o := r.Option(c.Option); o != nil && o.Parameter != "" && c.Parameter != "" {
		p = &parameter{o.Parameter, c.Parameter}
	}
	return b.resolve(pick, s, p, used)
}

// dates lists the days on which a choice below n changes.
func (b *CheckedBook) dates(n *source.Node, seen func(date.Date)) {
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
		} else if r := b.readings[by.Text]; r != nil {
			b.dates(r.chosen, seen)
		}
	}
	for _, e := range n.Entries {
		b.dates(e.Value, seen)
	}
	for _, x := range n.Items {
		b.dates(x, seen)
	}
}
