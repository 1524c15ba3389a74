package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
)

// Choice is the option taken of a reading: one option, with its argument
// where the option has one, or a set of options.
type Choice struct {
	Option    string
	Parameter string   // "18:00" of "business_close:18:00"
	Set       []string // of a reading that chooses several
}

// String is the choice as rules.yaml and answers write it.
func (c Choice) String() string {
	switch {
	case c.Set != nil:
		return strings.Join(c.Set, ",")
	case c.Parameter != "":
		return c.Option + ":" + c.Parameter
	}
	return c.Option
}

func (c Choice) same(other Choice) bool {
	return c.Option == other.Option && c.Parameter == other.Parameter && slices.Equal(c.Set, other.Set)
}

// choiceError says why a text chooses nothing of a reading.
type choiceError struct {
	message, remedy Text
	item            int // which of several, else 0
}

// Error is the message in English.
func (e *choiceError) Error() string { return e.message.EN }

func (r *Reading) noOption(text string, item int) error {
	remedy := r.allowed(text)
	if name, argument, wide := strings.Cut(text, "："); wide {
		meant := name + ":" + argument
		if _, err := r.ParseChoice(meant); err == nil && !r.Several {
			remedy = textf("冒号改用半角：%s", "write an ASCII colon: %s", meant)
		}
	}
	return &choiceError{message: textf("没有选项 %q", "there is no option %q", text), remedy: remedy, item: item}
}

// ParseChoice reads an option as it is written for this reading: "gt3",
// "business_close:18:00" or, where several may be chosen, "a,b".
func (r *Reading) ParseChoice(text string) (Choice, error) {
	if r.Several {
		return r.parseSet(strings.Split(text, ","))
	}
	name, parameter, has := strings.Cut(text, ":")
	o := r.option(name)
	switch {
	case o == nil:
		return Choice{}, r.noOption(text, 0)
	case has && o.Parameter == "":
		return Choice{}, &choiceError{
			message: textf("选项 %s 不带参数", "option %s takes no argument", name), remedy: textf("只写 %s", "write %s alone", name),
		}
	case !has && o.Parameter != "":
		return Choice{}, &choiceError{
			message: textf("选项 %s 须带参数", "option %s needs an argument", name),
			remedy:  o.argumentForm(),
		}
	case has:
		if _, err := parameterValue(o.Parameter, parameter); err != nil {
			return Choice{}, &choiceError{
				message: textf("%[2]q 不能作选项 %[1]s 的参数", "%[2]q cannot be the argument of option %[1]s", name, parameter),
				remedy:  o.argumentForm(),
			}
		}
	}
	return Choice{Option: name, Parameter: parameter}, nil
}

func (r *Reading) parseSet(words []string) (Choice, error) {
	set := make([]string, 0, len(words))
	for _, o := range r.Options {
		if slices.Contains(words, o.Name) {
			set = append(set, o.Name)
		}
	}
	for i, w := range words {
		if r.option(w) == nil {
			return Choice{}, &choiceError{
				message: textf("没有选项 %q", "there is no option %q", w), item: i,
				remedy: oneOf(w, slices.DeleteFunc(r.optionNames(), func(o string) bool { return slices.Contains(words, o) })),
			}
		}
		if slices.Contains(words[:i], w) {
			return Choice{}, &choiceError{
				message: textf("%q 选了两次", "%q is named twice", w), remedy: textf("删去一个", "remove one"), item: i,
			}
		}
	}
	return Choice{Set: set}, nil
}

func (r *Reading) parseChoiceNode(n *source.Node) (Choice, error) {
	switch {
	case n.Kind == source.Scalar:
		return r.ParseChoice(n.Text)
	case n.Kind == source.Seq && r.Several:
		words := make([]string, 0, len(n.Items))
		for _, item := range n.Items {
			words = append(words, item.Text)
		}
		return r.parseSet(words)
	case n.Kind == source.Seq:
		return Choice{}, &choiceError{
			message: textf("只能选一个", "one option is chosen, not a list"), remedy: r.allowed(""), item: len(n.Items),
		}
	}
	return Choice{}, &choiceError{message: textf("这里应为选项的名称", "the name of an option is expected"), remedy: r.allowed("")}
}

// allowed is the remedy that names the options as they are chosen, that which
// is probably meant first.
func (r *Reading) allowed(text string) Text {
	name, _, _ := strings.Cut(text, ":")
	near := diagnostic.Nearest(name, r.optionNames())
	written := make([]string, len(r.Options))
	for i := range r.Options {
		written[i] = r.Options[i].written()
	}
	if o := r.option(near); o != nil {
		near = o.written()
	}
	return oneOfNear(near, written)
}

// written is the option as it is chosen, with a blank for its argument.
func (o *ReadingOption) written() string {
	switch o.Parameter {
	case "":
		return o.Name
	case "clock_time":
		return o.Name + ":HH:MM"
	default:
		return o.Name + ":N"
	}
}

// argumentForm says what the argument of an option looks like.
func (o *ReadingOption) argumentForm() Text {
	if o.Parameter == "clock_time" {
		return textf("写成 %s，从 00:00 到 24:00", "write it as %s, from 00:00 to 24:00", o.written())
	}
	return textf("写成 %s，N 为零到一百万的整数", "write it as %s, N being a whole number from 0 to a million", o.written())
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
	if err == nil && (n < 0 || n > 1_000_000) {
		err = fmt.Errorf("%d is out of range", n)
	}
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
}

// choiceOf is the option of a reading under the selection.
func (b *Rulebook) choiceOf(r *Reading, s selection) Choice {
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
	c, _ := r.parseChoiceNode(n)
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
func (b *Rulebook) resolve(n *source.Node, s selection, p *parameter, used *[]string) *item {
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
func (b *Rulebook) resolveRule(n *source.Node, s selection) (*item, map[string][]string) {
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

func (b *Rulebook) resolveBy(n *source.Node, s selection, p *parameter, used *[]string) *item {
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
	if o := r.option(c.Option); o != nil && o.Parameter != "" && c.Parameter != "" {
		p = &parameter{o.Parameter, c.Parameter}
	}
	return b.resolve(pick, s, p, used)
}

// dates lists the days on which a choice below n changes.
func (b *Rulebook) dates(n *source.Node, seen func(date.Date)) {
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
