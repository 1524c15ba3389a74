package editor

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/reference"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// Completion is something that may be written at a place.
type Completion struct {
	Label  string
	Kind   Kind // of a symbol; else "key", "unit", "keyword", "output" or "value"
	Detail string
	Doc    string // Markdown
	Insert string // in place of Range
	Range  Range
}

// Complete lists what may be written at a place, in the order in which it is
// most useful, with help in a language.
func (p *Project) Complete(path string, offset int, lang string, on date.Date) []Completion {
	f := p.file(path)
	if f == nil {
		return nil
	}
	text := f.text.s
	offset = f.text.aligned(offset)
	if inComment(text[strings.LastIndexByte(text[:offset], '\n')+1 : offset]) {
		return nil
	}
	c := completer{names: p.known(), project: p, lang: lang, on: on, offset: offset, surroundings: contextAt(text, offset)}
	c.expected = expectedAt(c.path)
	c.complete()
	return c.all
}

// inComment reports whether a line up to a place has gone over into a comment.
func inComment(line string) bool {
	found := false
	eachMark(line, func(i int, b byte) {
		found = found || b == '#' && (i == 0 || line[i-1] == ' ')
	})
	return found
}

type completer struct {
	*names
	surroundings
	expected
	project *Project
	lang    string
	on      date.Date
	offset  int
	all     []Completion
}

func (c *completer) complete() {
	if c.isKey {
		c.asKey()
		return
	}
	if c.field != nil && c.field.Kind == policy.Option {
		for _, w := range c.field.Words {
			c.plain(w, "value", c.field.Doc)
		}
		if !c.field.Computed {
			return
		}
	}
	switch c.what {
	case anExpression:
		if c.units(); c.all == nil {
			c.inExpression()
		}
	case aChooser:
		c.choosers()
	case anArticle:
		c.symbols(Article)
	case aRule:
		if n := len(c.path); n > 2 && c.field != nil && c.field.Name == "like" { // another one of its kind
			for _, s := range c.of(Rule) {
				if s.Section == c.path[n-3] && s.Name != c.path[n-2] {
					c.symbol(s, s.ID, true)
				}
			}
			return
		}
		c.symbols(Rule, Group)
	case aCalendar:
		c.symbols(Calendar)
		c.plain("china", "value", diagnostic.Text{ZH: "随库提供的国务院放假安排", EN: "the State Council's notices, which come with the library"})
	case aFact:
		for _, s := range c.fieldsOf[""] {
			c.symbol(s, s.Name, true)
		}
	case aType:
		for _, t := range reference.FactTypes() {
			c.plain(t, "value", diagnostic.Text{ZH: "事实的类型", EN: "a type of facts"})
		}
	case aWordList:
		c.symbols(WordList)
	case aNature:
		for _, n := range checked.Natures() {
			c.plain(n, "value", diagnostic.Text{ZH: "条款的性质", EN: "what an article is"})
		}
	case aChoice:
		if len(c.path) > 1 { // else it is the key of nothing
			c.options(c.path[1])
		}
	case aQuestion:
		c.symbols(Question)
	case aParameter:
		for _, k := range checked.ParameterKinds() {
			c.plain(k, "value", diagnostic.Text{ZH: "选项带的数的种类", EN: "a kind of parameter"})
		}
	case aFlag:
		c.plain("true", "value", diagnostic.Text{ZH: "是", EN: "yes"})
		c.plain("false", "value", diagnostic.Text{ZH: "否", EN: "no"})
	case anAbsence:
		c.plain("none", "value", diagnostic.Text{ZH: "没有", EN: "it is known not to exist"})
		c.plain("unknown", "value", diagnostic.Text{ZH: "不知道", EN: "it is not known"})
		c.plain("empty", "value", diagnostic.Text{ZH: "空列表", EN: "an empty list"})
	case aWord:
		c.wordsHere()
	case aZone:
		for _, z := range []string{"Asia/Shanghai", "Europe/London", "Europe/Berlin", "America/New_York", "UTC"} {
			c.plain(z, "value", diagnostic.Text{ZH: "时区", EN: "a time zone"})
		}
	}
}

// asKey completes the keys of a map, or the items of a list.
func (c *completer) asKey() {
	if n := len(c.path); n > 0 && c.path[n-1] == "[]" && c.keys == nil {
		c.isKey = false
		c.complete()
		return
	}
	if c.by != "" {
		if c.get(Reading, c.by) != nil {
			c.branches(c.of(Option), c.by+":")
		} else if f := c.fact(c.by); f != nil && f.Type == "yes_no" {
			c.key(checked.Yes, diagnostic.Text{ZH: "是", EN: "where it is so"})
			c.key(checked.No, diagnostic.Text{ZH: "否", EN: "where it is not"})
		} else if f != nil {
			c.branches(c.wordsOf[f.List], "")
		}
		c.key("otherwise", diagnostic.Text{ZH: "其余情况", EN: "in all other cases"})
		return
	}
	if c.keys == nil && c.field != nil && c.field.Kind == policy.Cells {
		for _, f := range c.of(Fact) {
			if !strings.Contains(f.ID, "[]") {
				c.key(f.ID, f.Label)
			}
		}
		return
	}
	if c.keys == nil && c.field != nil && c.field.Kind == policy.Renames {
		c.replaceable()
		return
	}
	for _, k := range c.keys {
		c.key(k.Name, k.Doc)
	}
	if c.keys == nil && c.field != nil {
		c.key("by", diagnostic.Text{ZH: "按读法、日期或事实选值", EN: "chosen by a reading, the date or a fact"})
	}
}

// replaceable completes the names in place of which a rule may have others: those
// that stand in the rule that it is like or, where that is not known, all.
func (c *completer) replaceable() {
	rule := c.get(Rule, c.path[len(c.path)-2])
	var stand map[string]bool
	if rule != nil {
		if of := c.get(Rule, scalar(rule.Node.Get("like"))); of != nil && of.Node.Get("like") == nil {
			stand = checked.Mentions(of.Node)
		}
	}
	for _, s := range c.of(Fact, Rule, Group) {
		root, _, _ := strings.Cut(s.ID, ".")
		if !strings.Contains(s.ID, "[]") && (stand == nil || stand[root]) {
			c.keyOf(s.ID, s)
		}
	}
}

// branches are the keys of a choice.
func (c *completer) branches(symbols []*Symbol, before string) {
	for _, s := range symbols {
		if strings.HasPrefix(s.ID, before) {
			c.keyOf(s.Name, s)
		}
	}
}

// keyOf is a symbol as a key, by the name that is written for it.
func (c *completer) keyOf(name string, s *Symbol) {
	start := c.offset - len(c.text)
	c.put(Completion{Label: name, Kind: s.Kind, Detail: s.Label.In(c.lang), Doc: c.project.Card(s, c.lang, c.on), Insert: name + ": ", Range: Range{start, c.offset}})
}

func (c *completer) key(name string, doc diagnostic.Text) {
	start := c.offset - len(strings.TrimLeft(c.text, " "))
	c.put(Completion{Label: name, Kind: "key", Detail: firstSentence(doc.In(c.lang)), Doc: doc.In(c.lang), Insert: name + ": ", Range: Range{start, c.offset}})
}

// firstSentence is the beginning of a text, for one line.
func firstSentence(text string) string {
	if i := strings.IndexAny(text, "；;。:：,，"); i > 0 {
		return text[:i]
	}
	return text
}

func (c *completer) put(x Completion) {
	if len(c.all) < mostCompletions && !slices.ContainsFunc(c.all, func(y Completion) bool { return y.Label == x.Label && y.Insert == x.Insert }) {
		c.all = append(c.all, x)
	}
}

// mostCompletions is how many are listed.
const mostCompletions = 1500

// plain is a word that is no symbol.
func (c *completer) plain(word string, kind Kind, doc diagnostic.Text) {
	c.put(Completion{Label: word, Kind: kind, Detail: firstSentence(doc.In(c.lang)), Doc: doc.In(c.lang), Insert: word, Range: c.typed(true)})
}

// typed is the name that is being typed, with its dots or only behind the last.
func (c *completer) typed(dotted bool) Range {
	name := c.typedName(dotted)
	return Range{c.offset - len(name), c.offset}
}

func (c *completer) typedName(dotted bool) string {
	i := strings.LastIndexFunc(c.text, func(r rune) bool {
		return !isNameRune(r) && (!dotted || r != '.' && r != '/')
	})
	if i < 0 {
		return c.text
	}
	_, size := utf8.DecodeRuneInString(c.text[i:])
	return c.text[i+size:]
}

func (c *completer) symbols(kinds ...Kind) {
	for _, s := range c.of(kinds...) {
		c.symbol(s, s.ID, true)
	}
}

// symbol is one by the name that is written for it.
func (c *completer) symbol(s *Symbol, name string, dotted bool) {
	c.put(Completion{Label: name, Kind: s.Kind, Detail: s.Label.In(c.lang), Doc: c.project.Card(s, c.lang, c.on), Insert: name, Range: c.typed(dotted)})
}

func (c *completer) options(reading string) {
	for _, s := range c.of(Option) {
		if strings.HasPrefix(s.ID, reading+":") {
			c.symbol(s, s.Name, true)
		}
	}
}

// choosers are what may stand behind by.
func (c *completer) choosers() {
	c.plain("date", "keyword", diagnostic.Text{ZH: "按日期：哪天起用哪个值", EN: "by date: which value from which day on"})
	c.symbols(Reading)
	for _, f := range c.of(Fact) {
		if !strings.Contains(f.ID, "[]") && (f.List != "" && strings.HasPrefix(f.Type, "word") || f.Type == "yes_no") {
			c.symbol(f, f.ID, true)
		}
	}
}

// units complete a number that is a length of time.
func (c *completer) units() {
	number := strings.TrimLeft(c.text, "0123456789")
	if number == c.text || strings.ContainsAny(number, ".+-*/<>=()\"") {
		return
	}
	if c.field != nil && c.field.Kind != policy.Quantity {
		return
	}
	begun, words := strings.TrimLeft(number, " "), source.WordsForUnits()
	for _, w := range words {
		chinese := strings.ContainsFunc(w, func(r rune) bool { return unicode.Is(unicode.Han, r) })
		if chinese != (c.lang == "zh") && begun == "" || slices.Contains(words, "个"+w) || slices.Contains(words, w+"s") {
			continue // the longer way to say it will do
		}
		if !strings.HasPrefix(w, begun) {
			continue
		}
		insert := w
		if !chinese && begun == number {
			insert = " " + w
		}
		unit := diagnostic.Text{ZH: "单位", EN: "unit"}
		c.put(Completion{Label: w, Kind: "unit", Detail: unit.In(c.lang), Insert: insert, Range: Range{c.offset - len(begun), c.offset}})
	}
}

// inExpression completes what is being written in an expression.
func (c *completer) inExpression() {
	text := c.text
	if open, start := openQuote(text); open {
		c.quoted(text, start)
		return
	}
	before := c.typedName(true)
	if lead, ok := strings.CutSuffix(text, before); ok && strings.HasSuffix(lead, ".") || strings.HasPrefix(before, ".") {
		c.members(text)
		return
	}
	if i := strings.LastIndexByte(before, '.'); i >= 0 {
		c.below(before[:i])
		return
	}
	for _, s := range c.fieldsOf[""] {
		c.symbol(s, s.Name, false)
	}
	for _, s := range c.of(Rule, Group) {
		c.symbol(s, s.Name, false)
	}
	if c.field == nil || c.field.Kind == policy.Expression || c.field.Kind == policy.Expressions {
		for _, f := range condition.Functions() {
			c.put(Completion{Label: f.Name, Kind: Function, Detail: f.Signature, Doc: functionCard(f, c.lang), Insert: f.Name + "(", Range: c.typed(false)})
		}
	}
	for _, k := range keywords {
		c.plain(k.word, "keyword", k.doc)
	}
}

var keywords = []struct {
	word string
	doc  diagnostic.Text
}{
	{"and", diagnostic.Text{ZH: "并且", EN: "both"}}, {"or", diagnostic.Text{ZH: "或者", EN: "one or both"}}, {"not", diagnostic.Text{ZH: "并非", EN: "the opposite"}},
	{"in", diagnostic.Text{ZH: "在列表中", EN: "is among"}}, {"null", diagnostic.Text{ZH: "没有", EN: "known not to exist"}},
	{"true", diagnostic.Text{ZH: "是", EN: "yes"}}, {"false", diagnostic.Text{ZH: "否", EN: "no"}},
	{"as_of", diagnostic.Text{ZH: "提问的时刻", EN: "the moment of asking"}}, {"parameter", diagnostic.Text{ZH: "读法选项带的数", EN: "the parameter of an option"}},
}

// openQuote reports whether a text ends within quotation marks, and where these
// begin.
func openQuote(text string) (open bool, start int) {
	var quote byte
	for i := 0; i < len(text); i++ {
		switch b := text[i]; {
		case quote == 0 && (b == '"' || b == '\''):
			quote, start = b, i
		case quote != 0 && b == quote:
			quote = 0
		}
	}
	return quote != 0, start
}

// quoted completes a word in quotation marks.
func (c *completer) quoted(text string, start int) {
	tokens := tokensOf(text[:start])
	w := &walker{names: c.names}
	list := w.listBeside(append(tokens, token{quoted: true}), len(tokens))
	at := Range{c.offset - len(text) + start + 1, c.offset}
	words := c.wordsOf[list]
	if list == "" || len(words) == 0 {
		words = c.of(Word)
	}
	for _, s := range words {
		c.put(Completion{Label: s.Name, Kind: Word, Detail: s.Label.In(c.lang), Doc: c.project.Card(s, c.lang, c.on), Insert: s.Name, Range: at})
	}
}

// members completes the fields of a list's elements, behind a lone dot.
func (c *completer) members(text string) {
	tokens := tokensOf(text)
	f := &listFinder{names: c.names, seen: map[string]bool{}}
	f.in(tokens)
	found := false
	for _, list := range f.all {
		for _, s := range c.elementsOf(list.fact) {
			c.symbol(s, s.Name, false)
			found = true
		}
	}
	if found {
		return
	}
	for _, s := range c.of(Fact) {
		if strings.Contains(s.ID, "[].") {
			c.symbol(s, s.Name, false)
		}
	}
}

// elementsOf are the fields of a list's elements.
func (n *names) elementsOf(list string) []*Symbol {
	var all []*Symbol
	for _, s := range n.fieldsOf[list] {
		if strings.HasPrefix(s.ID, list+"[].") {
			all = append(all, s)
		}
	}
	return all
}

// below completes what follows the dot of a name: the fields of a fact, or what
// a rule gives.
func (c *completer) below(name string) {
	if c.fact(name) != nil {
		for _, s := range c.fieldsOf[name] {
			if !strings.Contains(s.ID[len(name):], "[]") {
				c.symbol(s, s.Name, false)
			}
		}
		return
	}
	if s := c.unit(name); s != nil {
		c.outputs(s)
		return
	}
	for _, s := range c.of(Reading) { // a dot in a name
		if strings.HasPrefix(s.ID, name+".") {
			c.symbol(s, s.ID, true)
		}
	}
}

// outputs are what a rule gives, or the rules of a group.
func (c *completer) outputs(of *Symbol) {
	rules := []*Symbol{of}
	if of.Kind == Group {
		rules = c.rulesOf(of)
	}
	for _, r := range rules {
		f := formOf(r.Section)
		if f == nil {
			continue
		}
		for _, o := range f.Outputs {
			detail := o.Label.In(c.lang)
			if detail == "" {
				detail = o.Type
			}
			c.put(Completion{Label: o.Name, Kind: "output", Detail: detail, Doc: o.Doc.In(c.lang) + "\n\n`" + o.Type + "`", Insert: o.Name, Range: c.typed(false)})
		}
	}
}

// wordsHere are the words that a code may be.
func (c *completer) wordsHere() {
	for _, s := range c.of(Word) {
		c.symbol(s, s.Name, false)
	}
}
