package plainwords

import (
	"slices"
	"strings"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// Told is a rule in plain words.
type Told struct {
	Says    []Block  // what it says
	Lines   []Line   // what is still to be said of it, each under a label
	Tables  []Table  // what it has in rows
	Choices []Choice // where the text is open: what readings choose in it
}

// Line is something that is said under a label.
type Line struct {
	Field string // the key in the rules file
	Label string
	Block Block
}

// Table is rows under a head.
type Table struct {
	Caption string
	Head    []string
	Rows    [][]Phrase
}

// Choice is what a reading chooses in a rule.
type Choice struct {
	Reading *policy.Reading
	Field   string // what is chosen, by its label; "" where it is all
	Options []Option
}

// Option is what stands for an option of a reading.
type Option struct {
	Label  string
	Chosen bool
	Block  Block
}

// Speaker tells what stands in a book, in one language. It may be used by one
// goroutine at a time.
type Speaker struct {
	b      *checked.Book
	lang   string
	on     date.Date // the day of the last edition, for readings that a date chooses
	labels map[string]int
}

// New makes a speaker of a language; for a language that the engine has no
// sentences in, these are in English.
func New(b *checked.Book, lang string) *Speaker {
	s := &Speaker{b: b, lang: lang, on: b.Boundaries[len(b.Boundaries)-1], labels: map[string]int{}}
	t := &teller{Speaker: s}
	t.countLabels(b.Facts)
	return s
}

// teller tells one rule, or one expression.
type teller struct {
	*Speaker
	rule      *checked.Rule
	question  *checked.Question
	elem      *element // that . and # mean
	group     *element // of what the groups are that a rule makes
	words     *policy.WordList
	parameter string // what `parameter` stands for, with its unit
	bare      string // the same without its unit
	open      string // of an option that is not chosen, what its parameter will be
	typed     bool   // quoted texts are what people type
	yesNo     bool   // what is told is a yes or no, said as a statement
	none      string // what is said where nothing stands
	depth     int
	out       *Told
	field     string // that is told, by its label
	used      map[string]bool
}

// Rule is a rule in plain words.
func (s *Speaker) Rule(r *checked.Rule) Told {
	t := s.of(r)
	if tell := sentences[r.Form.Name]; tell != nil {
		tell(t)
	}
	t.rest()
	for i := range t.out.Says {
		t.out.Says[i] = t.finished(t.out.Says[i], true)
	}
	for i := range t.out.Lines {
		t.out.Lines[i].Block = t.finished(t.out.Lines[i].Block, false)
	}
	for i := range t.out.Choices {
		for k := range t.out.Choices[i].Options {
			o := &t.out.Choices[i].Options[k]
			o.Block = t.finished(o.Block, false)
		}
	}
	for _, x := range t.out.Tables {
		for _, row := range x.Rows {
			for i := range row {
				row[i] = t.finish(row[i], false)
			}
		}
	}
	return *t.out
}

func (s *Speaker) of(r *checked.Rule) *teller {
	t := &teller{Speaker: s, rule: r, out: &Told{}, used: map[string]bool{}}
	t.elem = t.eachOf(r)
	t.group = t.elem
	if w := r.Node.Get("words"); w != nil && w.Kind == source.Scalar {
		t.words = s.b.WordsByName[w.Text]
	}
	return t
}

// Condition is a condition of a question, or of the book, in plain words.
func (s *Speaker) Condition(n *source.Node, q *checked.Question) Block {
	t := &teller{Speaker: s, question: q, out: &Told{}}
	return t.finished(t.node(n, (*teller).sayCondition), false)
}

// Value is how something is found that a question asks for, or that a promise is
// about, in plain words.
func (s *Speaker) Value(n *source.Node, q *checked.Question, words *policy.WordList) Block {
	t := &teller{Speaker: s, question: q, words: words, out: &Told{}}
	return t.finished(t.node(n, (*teller).sayValue), false)
}

// Dated is what stands at a node of a rule, for a field of it, in plain words.
func (s *Speaker) Dated(r *checked.Rule, field *policy.Field, n *source.Node) Block {
	t := s.of(r)
	t.none = t.nothing(field.Name)
	return t.finished(t.orNone(t.node(n, t.sayer(field))), false)
}

// FieldLabel is what a field of a rule is called.
func FieldLabel(name string) (policy.Text, bool) {
	label, ok := fieldLabels[name]
	return label, ok
}

func (t *teller) finished(b Block, capital bool) Block {
	b.Phrase = t.finish(b.Phrase, capital)
	for i := range b.Parts {
		b.Parts[i] = t.finished(b.Parts[i], false)
	}
	return b
}

func (t *teller) finish(p Phrase, capital bool) Phrase {
	p = nested(p)
	if t.lang == "zh" {
		return spaced(p)
	}
	if capital {
		return sentence(p, t.lang)
	}
	return p
}

// says adds a sentence, with its full stop.
func (t *teller) says(zh, en string, args ...Phrase) {
	t.out.Says = append(t.out.Says, Block{Phrase: t.f(zh, en, args...)})
}

// line adds a line under the label of a field.
func (t *teller) line(field string, b Block) {
	label := t.label(field)
	if len(b.Parts) == 0 && strings.EqualFold(b.Phrase.String(), label) { // calendar: calendar, a fact that is called as the field is
		b.Phrase = t.f("按事实“%s”", "as the fact “%s” says", b.Phrase)
	}
	if !b.IsZero() {
		t.out.Lines = append(t.out.Lines, Line{Field: field, Label: label, Block: b})
	}
}

func (t *teller) label(field string) string {
	for _, key := range []string{t.rule.Form.Name + "." + field, field} {
		if label, ok := fieldLabels[key]; ok {
			return label.In(t.lang)
		}
	}
	return readable(field)
}

// rest tells what no sentence has told, field by field.
func (t *teller) rest() {
	for i := range t.rule.Form.Fields {
		f := &t.rule.Form.Fields[i]
		if n := t.rule.Node.Get(f.Name); n != nil && !t.used[f.Name] && f.Kind != policy.Wording {
			t.line(f.Name, t.take(f.Name))
		}
	}
}

// has reports whether a field is written.
func (t *teller) has(field string) bool {
	n := t.rule.Node.Get(field)
	return n != nil && n.Kind != source.Empty && !(n.Kind == source.Scalar && n.Text == "none" && n.Style == source.Plain)
}

// take is what stands in a field, and notes that it has been told; zero where
// nothing does.
func (t *teller) take(field string) Block {
	t.used[field] = true
	if !t.has(field) {
		return Block{}
	}
	i := slices.IndexFunc(t.rule.Form.Fields, func(f policy.Field) bool { return f.Name == field })
	if i < 0 {
		return Block{}
	}
	inner := *t
	inner.field = t.label(field)
	inner.none = t.nothing(field)
	if field == "each" {
		inner.elem = t.ownersEach(t.rule)
	}
	return inner.node(t.rule.Node.Get(field), t.sayer(&t.rule.Form.Fields[i]))
}

// nothing is what is said where none is chosen in a field: a condition of when a
// rule applies that is not there is always met.
func (t *teller) nothing(field string) string {
	if field == "when" || field == "only" {
		return t.pick("总是", "always")
	}
	return t.pick("不设", "nothing")
}

// orNone is a block, or that nothing stands there.
func (t *teller) orNone(b Block) Block {
	if b.IsZero() && t.none != "" {
		return Block{Phrase: plain(t.none)}
	}
	return b
}

// phrase is take on one line.
func (t *teller) phrase(field string) Phrase { return t.flat(t.take(field)) }

// flat is a block on one line.
func (t *teller) flat(b Block) Phrase {
	if len(b.Parts) == 0 {
		return b.Phrase
	}
	parts := make([]Phrase, len(b.Parts))
	for i, x := range b.Parts {
		parts[i] = t.flat(x)
	}
	return t.f("%s%s", "%s %s", b.Phrase, join(parts, t.pick("；", "; ")))
}

// node tells what stands at a node; what chooses it is told here, and what is
// chosen by say.
func (t *teller) node(n *source.Node, say func(*teller, *source.Node) Block) Block {
	if n == nil {
		return Block{}
	}
	if !checked.IsBy(n) {
		return say(t, n)
	}
	by := n.Get("by")
	switch r := t.b.ReadingsByKey[by.Text]; {
	case by.Kind == source.Scalar && by.Text == "date":
		return t.byDate(n, say)
	case by.Kind == source.Scalar && r != nil:
		return t.byReading(n, r, say)
	}
	var names []string
	for _, x := range append([]*source.Node{by}, by.Items...) {
		if x.Kind == source.Scalar && x.Text != "" {
			names = append(names, x.Text)
		}
	}
	return t.byWords(n, names, say)
}

// byDate tells the values with the days from which they hold.
func (t *teller) byDate(n *source.Node, say func(*teller, *source.Node) Block) Block {
	type dated struct {
		from  string
		value Block
	}
	var all []dated
	for _, e := range n.Entries {
		if e.Key.Text != "by" {
			all = append(all, dated{e.Key.Text, t.orNone(t.node(e.Value, say))})
		}
	}
	const few = 3
	short := len(all) <= few
	for _, x := range all {
		short = short && len(x.value.Parts) == 0
	}
	var parts []Phrase
	out := Block{Phrase: plain(t.pick("按日期：", "by date:"))}
	for i, x := range all {
		from := t.f("自%s起", "from %s on", number(x.from))
		switch {
		case !short:
			x.value.Phrase = t.f("%s：%s", "%s: %s", from, x.value.Phrase)
			out.Parts = append(out.Parts, x.value)
		case i == 0:
			parts = append(parts, x.value.Phrase)
		default:
			parts = append(parts, t.f("%s为%s", "%s %s", from, x.value.Phrase))
		}
	}
	if short {
		return Block{Phrase: join(parts, t.pick("；", "; "))}
	}
	return out
}

// byReading tells what the chosen option gives, and notes all options.
func (t *teller) byReading(n *source.Node, r *checked.Reading, say func(*teller, *source.Node) Block) Block {
	mark := Span{Text: t.pick("［读法］", "[reading]"), Kind: Reading, ID: r.Key}
	c := t.b.ChoiceOf(r, checked.Selection{On: t.on})
	if r.Several {
		var parts []Phrase
		for _, w := range c.Set {
			parts = append(parts, t.wordIn(optionsOf(r.Reading), w))
		}
		return Block{Phrase: append(join(parts, t.pick("、", ", ")), mark)}
	}
	choice := Choice{Reading: r.Reading, Field: t.field}
	var chosen Block
	for _, o := range r.Options {
		inner := *t
		inner.parameter, inner.bare, inner.open = "", "", o.Parameter
		label := o.Label.In(t.lang)
		if o.Name == c.Option && c.Parameter != "" {
			inner.parameter, inner.bare = t.parameterOf(o.Parameter, c.Parameter), c.Parameter
			label += t.pick("（"+inner.parameter+"）", " ("+inner.parameter+")")
		}
		pick := n.Get(o.Name)
		if pick == nil {
			pick = n.Get("otherwise")
		}
		if o.Name != c.Option { // what stands under it is not chosen, and its readings are not told
			inner.out = &Told{}
		}
		b := inner.node(pick, say)
		if o.Name == c.Option {
			chosen = b
		}
		choice.Options = append(choice.Options, Option{Label: label, Chosen: o.Name == c.Option, Block: t.orNone(b)})
	}
	if t.out != nil && !slices.ContainsFunc(t.out.Choices, func(x Choice) bool { return x.Reading == choice.Reading && x.Field == choice.Field }) {
		t.out.Choices = append(t.out.Choices, choice)
	}
	if !chosen.IsZero() {
		chosen.Phrase = marked(chosen.Phrase, mark)
	}
	return chosen
}

// marked is a phrase with a mark behind it, before the colon where it ends in one.
func marked(p Phrase, mark Span) Phrase {
	out := slices.Clone(p)
	if last := len(out) - 1; last >= 0 && out[last].Kind == Plain {
		for _, colon := range []string{"：", ":"} {
			if text, ok := strings.CutSuffix(out[last].Text, colon); ok {
				out[last].Text = text
				return append(out, mark, Span{Text: colon})
			}
		}
	}
	return append(out, mark)
}

// unitless is the teller where the unit of a parameter is said beside it.
func (t *teller) unitless() *teller {
	inner := *t
	inner.parameter, inner.open = t.bare, ""
	return &inner
}

// opens are what the parameters of options are, where none is chosen.
var opens = map[string]policy.Text{
	"hours": {ZH: "所定的小时数", EN: "the hours chosen"}, "working_days": {ZH: "所定的工作日数", EN: "the working days chosen"},
	"percent": {ZH: "所定的百分数", EN: "the percentage chosen"}, "clock_time": {ZH: "所定的钟点", EN: "the time of day chosen"},
}

// parameterOf is the parameter of an option as people say it.
func (t *teller) parameterOf(kind, text string) string {
	switch kind {
	case "hours":
		return Quantity(text + " hours").In(t.lang)
	case "working_days":
		return Quantity(text + " working days").In(t.lang)
	case "percent":
		return text + "%"
	}
	return text
}

// byWords tells what is chosen by words of facts, the first of them first.
func (t *teller) byWords(n *source.Node, names []string, say func(*teller, *source.Node) Block) Block {
	if len(names) == 0 {
		return say(t, n)
	}
	var x thing
	if path, of := strings.CutPrefix(names[0], "."); of {
		x = t.elementField(path)
	} else {
		x = t.name(names[0])
	}
	out := Block{Phrase: t.f("按%s：", "by %s:", x.phrase)}
	for _, e := range n.Entries {
		if e.Key.Text == "by" {
			continue
		}
		word := t.wordIn(x.words, e.Key.Text)
		switch {
		case e.Key.Text == "otherwise":
			word = plain(t.pick("其余", "otherwise"))
		case x.typ == "yes_no" && e.Key.Text == checked.Yes:
			word = plain(t.pick("是", "yes"))
		case x.typ == "yes_no" && e.Key.Text == checked.No:
			word = plain(t.pick("否", "no"))
		}
		var b Block
		if v := e.Value; len(names) > 1 && v.Kind == source.Map && !checked.IsBy(v) && v.Get("n") == nil {
			b = t.byWords(v, names[1:], say)
		} else {
			b = t.orNone(t.node(e.Value, say))
		}
		b.Phrase = t.f("%s：%s", "%s: %s", word, b.Phrase)
		out.Parts = append(out.Parts, b)
	}
	return out
}

// sayer tells what stands in a field.
func (t *teller) sayer(f *policy.Field) func(*teller, *source.Node) Block {
	switch f.Kind {
	case policy.Expression:
		if f.Wants == policy.KindYesNo {
			return (*teller).sayCondition
		}
		return (*teller).sayValue
	case policy.Expressions:
		return (*teller).sayNamed
	case policy.Option:
		return func(t *teller, n *source.Node) Block { return t.sayOption(f, n) }
	case policy.Quantity:
		return (*teller).sayQuantity
	case policy.Flag:
		return func(t *teller, n *source.Node) Block {
			return Block{Phrase: plain(map[bool]string{true: t.pick("是", "yes"), false: t.pick("否", "no")}[n.Text == "true"])}
		}
	case policy.Code, policy.Codes, policy.Articles, policy.RuleName, policy.RuleNames:
		return (*teller).sayWords
	case policy.Calendar:
		return (*teller).sayCalendar
	}
	return (*teller).sayNumber
}

func (t *teller) sayCondition(n *source.Node) Block {
	if n.Kind != source.Scalar {
		return t.sayNumber(n)
	}
	if n.Text == "none" && n.Style == source.Plain {
		return Block{}
	}
	return t.demands(n.Text)
}

func (t *teller) sayValue(n *source.Node) Block {
	if n.Kind != source.Scalar {
		return t.sayNumber(n)
	}
	if n.Text == "none" && n.Style == source.Plain {
		return Block{}
	}
	if q, err := source.ParseQuantity(n.Text); err == nil {
		return Block{Phrase: number(Quantity(q.String()).In(t.lang))}
	}
	return t.computed(n.Text)
}

// sayNamed tells expressions under names.
func (t *teller) sayNamed(n *source.Node) Block {
	var out Block
	for _, e := range n.Entries {
		b := t.node(e.Value, (*teller).sayValue)
		b.Phrase = t.f("%s：%s", "%s: %s", t.wordIn(nil, e.Key.Text), b.Phrase)
		out.Parts = append(out.Parts, b)
	}
	if len(out.Parts) == 1 {
		return out.Parts[0]
	}
	return out
}

// sayOption tells one of a form's own words, or the expression that gives one.
func (t *teller) sayOption(f *policy.Field, n *source.Node) Block {
	if n.Kind == source.Scalar && slices.Contains(f.Words, n.Text) {
		return Block{Phrase: plain(t.option(f.Name, n.Text))}
	}
	if n.Kind != source.Scalar {
		return t.sayNumber(n)
	}
	inner := *t
	inner.words = &policy.WordList{Words: f.Words, Labels: map[string]policy.Text{}}
	for _, w := range f.Words {
		inner.words.Labels[w] = policy.Text{ZH: inner.in("zh").option(f.Name, w), EN: inner.in("en").option(f.Name, w)}
	}
	return inner.computed(n.Text)
}

// in is the teller in another language.
func (t *teller) in(lang string) *teller {
	s := *t.Speaker
	s.lang = lang
	out := *t
	out.Speaker = &s
	return &out
}

func (t *teller) option(field, word string) string {
	form := ""
	if t.rule != nil {
		form = t.rule.Form.Name
	}
	for _, key := range []string{form + "." + field + "=" + word, field + "=" + word, word} {
		if label, ok := optionWords[key]; ok {
			return label.In(t.lang)
		}
	}
	return t.code(word)
}

// sayQuantity tells a length of time: as it is written, by the name of a value
// that is one, or as a computed number and its unit.
func (t *teller) sayQuantity(n *source.Node) Block {
	if n.Kind == source.Map {
		of, unit := n.Get("n"), n.Get("unit")
		if of == nil || unit == nil {
			return t.sayNumber(n)
		}
		count := t.flat(t.unitless().node(of, (*teller).sayValue))
		name := unit.Text
		if _, ok := unitWords[strings.TrimSuffix(name, "s")]; unit.Kind == source.Scalar && ok {
			word := unitWords[strings.TrimSuffix(name, "s")].In(t.lang)
			if strings.HasSuffix(count.String(), word) { // as in “how many months”
				return Block{Phrase: count}
			}
			return Block{Phrase: t.f("%s%s", "%s %s", count, plain(word))}
		}
		in := t.flat(t.node(unit, (*teller).sayValue))
		if strings.HasSuffix(count.String(), in.String()) { // as in “how many units”, of the fact “units”
			return Block{Phrase: count}
		}
		return Block{Phrase: t.f("%s个%s", "%s × %s", count, in)}
	}
	if n.Kind == source.Scalar && n.Text == "parameter" && t.parameter != "" {
		return Block{Phrase: number(t.parameter)}
	}
	if q, err := source.ParseQuantity(n.Text); err == nil {
		return Block{Phrase: number(Quantity(q.String()).In(t.lang))}
	}
	if n.Kind == source.Scalar && n.Text == "none" {
		return Block{}
	}
	return t.sayNumber(n)
}

// sayNumber tells a number, or a list or map of what has no words of its own.
func (t *teller) sayNumber(n *source.Node) Block {
	switch n.Kind {
	case source.Scalar:
		switch r := t.b.RulesByName[n.Text]; {
		case n.Text == "parameter":
			return Block{Phrase: t.name("parameter").phrase}
		case n.Text == "none" && n.Style == source.Plain:
			return Block{}
		case r != nil && r.Form.Name == "value":
			return Block{Phrase: t.named(r)}
		}
		return Block{Phrase: number(strings.Join(strings.Fields(n.Text), " "))}
	case source.Seq:
		var parts []Phrase
		for _, item := range n.Items {
			parts = append(parts, t.flat(t.node(item, (*teller).sayNumber)))
		}
		return Block{Phrase: join(parts, t.pick("、", ", "))}
	case source.Map:
		var out Block
		for _, e := range n.Entries {
			b := t.node(e.Value, (*teller).sayNumber)
			b.Phrase = t.f("%s：%s", "%s: %s", plain(t.code(e.Key.Text)), b.Phrase)
			out.Parts = append(out.Parts, b)
		}
		return out
	}
	return Block{}
}

// named is a named value with what it is.
func (t *teller) named(r *checked.Rule) Phrase {
	inner := *t
	inner.out = nil
	value := inner.node(r.Node.Get("is"), (*teller).sayValue)
	if len(value.Parts) > 0 { // too long to be said beside it
		return Phrase{{Text: r.Label.In(t.lang), Kind: Rule, ID: r.Name}}
	}
	return t.f("%s（%s）", "%s (%s)", Phrase{{Text: r.Label.In(t.lang), Kind: Rule, ID: r.Name}}, value.Phrase)
}

func (t *teller) sayWords(n *source.Node) Block {
	var parts []Phrase
	for _, x := range append([]*source.Node{n}, n.Items...) {
		if x.Kind != source.Scalar || x.Text == "" || x.Text == "none" && x.Style == source.Plain && n == x {
			continue
		}
		if r := t.b.RulesByName[x.Text]; r != nil {
			parts = append(parts, Phrase{{Text: r.Label.In(t.lang), Kind: Rule, ID: r.Name}})
			continue
		}
		parts = append(parts, t.wordIn(nil, x.Text))
	}
	return Block{Phrase: join(parts, t.pick("、", ", "))}
}

func (t *teller) sayCalendar(n *source.Node) Block {
	if n.Kind != source.Scalar || n.Text == "none" && n.Style == source.Plain {
		return Block{}
	}
	if c, ok := t.b.Calendar(n.Text); ok {
		if label := t.b.CalendarLabel(c); !label.IsZero() {
			return Block{Phrase: plain(label.In(t.lang))}
		}
	}
	return t.computed(n.Text)
}
