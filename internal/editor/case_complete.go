package editor

import (
	"regexp"
	"strings"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// CompleteInCases lists what may be written at a place of a file of cases of the
// rulebook, as Complete does for its own files: the facts that the case's
// question takes, their fields and words, readings and their options, and what
// its answers have.
func (p *Project) CompleteInCases(t *Text, offset int, lang string, on date.Date) []Completion {
	offset = t.aligned(offset)
	line := t.s[strings.LastIndexByte(t.s[:offset], '\n')+1 : offset]
	if inComment(line) {
		return nil
	}
	c := &caseCompleter{
		completer: completer{names: p.known(), project: p, lang: lang, on: on, offset: offset, surroundings: contextAt(t.s, offset)},
		walk:      &caseWalker{walker: &walker{names: p.known()}},
		around:    caseAt(t.s, offset), line: line,
	}
	if m := questionOf.FindStringSubmatch(c.around); m != nil {
		c.walk.question = p.known().get(Question, m[1])
	}
	c.complete()
	return c.all
}

// questionOf finds the question of a case, on a line of its own or in braces.
var questionOf = regexp.MustCompile(`(?m)(?:^[ \t]*(?:-[ \t]+)*|[{,][ \t]*)["']?question["']?[ \t]*:[ \t]*["']?([a-z][a-z0-9_.]*)`)

type caseCompleter struct {
	completer
	walk   *caseWalker // which knows the question of the case
	around string      // the text of the case
	line   string      // up to the place
}

func (c *caseCompleter) complete() {
	c.ofRulebook()
	if c.isKey {
		for _, k := range caseKeys(c.path) {
			c.key(k.Name, k.Doc)
		}
	}
}

// ofRulebook completes what the rulebook has names for.
func (c *caseCompleter) ofRulebook() {
	if len(c.path) < 3 || c.path[0] != "cases" && c.path[0] != "steps" {
		return
	}
	switch path := c.path[3:]; c.path[2] {
	case "question":
		c.symbols(Question)
	case "facts":
		c.facts(path)
	case "readings":
		c.readings(path)
	case "expect":
		c.expected(path)
	case "table":
		c.table(path)
	}
}

// facts are those that the question takes, or what may stand below one of them.
func (c *caseCompleter) facts(path []string) {
	var of *Symbol
	named := false
	for _, part := range path {
		switch {
		case part == "[]":
		case named:
			of = c.walk.fieldOf(of, part)
		default:
			below := c.walk.factAt(part)
			of, named = below[len(below)-1], true
		}
	}
	switch {
	case !named:
		c.factsTaken(c.keyOf)
	case of == nil:
	case len(c.fieldsOf[of.ID]) > 0:
		for _, f := range c.fieldsOf[of.ID] {
			if c.isKey {
				c.keyOf(f.Name, f)
			}
		}
	default:
		c.given(of)
	}
}

// column is a symbol as a column of a table, or as another item of a list.
func (c *caseCompleter) column(name string, s *Symbol) {
	c.put(Completion{
		Label: name, Kind: s.Kind, Detail: s.Label.In(c.lang), Doc: c.project.Card(s, c.lang, c.on), Insert: name, Range: Range{c.offset - len(c.text), c.offset},
	})
}

// factsTaken are the facts of the question, by their names there; behind a dot,
// the fields of one. Without a question they are all facts.
func (c *caseCompleter) factsTaken(put func(name string, s *Symbol)) {
	if i := strings.LastIndexByte(c.text, '.'); i >= 0 {
		path := c.walk.factAt(c.text[:i])
		if of := path[len(path)-1]; of != nil {
			for _, f := range c.fieldsOf[of.ID] {
				put(c.text[:i+1]+f.Name, f)
			}
		}
		return
	}
	if c.walk.question == nil {
		for _, s := range c.fieldsOf[""] {
			put(s.Name, s)
		}
		return
	}
	for _, x := range items(c.walk.question.Node.Get("facts")) {
		if s := c.get(Fact, x.Text); s != nil {
			put(s.Name, s)
		}
		for _, e := range x.Entries { // under another name
			if s := c.get(Fact, e.Value.Text); s != nil {
				put(e.Key.Text, s)
			}
		}
	}
}

// given is what a fact may be said to be.
func (c *caseCompleter) given(s *Symbol) {
	for _, w := range c.wordsOf[s.List] {
		c.symbol(w, w.Name, false)
	}
	switch {
	case s.List != "":
	case strings.HasSuffix(s.Type, "yes_no"):
		c.yesOrNo()
	case strings.HasSuffix(s.Type, "article"):
		c.symbols(Article)
	}
}

func (c *caseCompleter) yesOrNo() {
	c.plain("true", "value", diagnostic.Text{ZH: "是", EN: "yes"})
	c.plain("false", "value", diagnostic.Text{ZH: "否", EN: "no"})
}

func (c *caseCompleter) readings(path []string) {
	if len(path) > 0 {
		c.options(path[0])
		return
	}
	for _, s := range c.of(Reading) {
		c.keyOf(s.ID, s)
	}
}

// expected is what an answer to the question may have.
func (c *caseCompleter) expected(path []string) {
	if len(path) == 0 { // beside what all answers have
		c.ownValues(c.keyOf)
		return
	}
	c.answer(path[0], path[1:])
}

// ownValues are the values of the answers to the question, besides what all
// answers have.
func (c *caseCompleter) ownValues(put func(name string, s *Symbol)) {
	if q := c.walk.question; q != nil {
		for _, v := range c.of(Value) {
			if name, ok := strings.CutPrefix(v.ID, q.ID+":"); ok {
				put(name, v)
			}
		}
	}
}

// answer is what an answer may have under a name.
func (c *caseCompleter) answer(name string, path []string) {
	q := c.walk.question
	switch name {
	case "verdict":
		if q != nil {
			c.answered(q.Node.Get("verdict"), q.ID)
		}
		c.plain(policy.Undetermined, "value", diagnostic.Text{ZH: "未定：缺事实，或要由人决定", EN: "a fact is missing, or a person must decide"})
		c.plain(policy.NotInScope, "value", diagnostic.Text{ZH: "不适用：不归这些规则管", EN: "the rules do not apply to these facts"})
	case "breaches":
		c.breaches()
	case "cites", "cites_only":
		c.symbols(Article)
	case "rules", "rules_only":
		for _, s := range c.of(Rule, Group) {
			regulation, _, _ := strings.Cut(s.Article, "/")
			c.column(regulation+"."+s.ID, s)
		}
	case "missing_facts":
		c.factsTaken(c.column)
	case "needs_decision", "provisional":
		c.yesOrNo()
	case "liable", "decisions":
		c.wordsHere()
	case "readings":
		c.readings(path)
	default:
		if q != nil {
			c.answered(q.Node.Get("values").Get(name), "")
		}
	}
}

// breaches are those that rules report.
func (c *caseCompleter) breaches() {
	for _, s := range c.of(Rule) {
		if code := scalar(s.Node.Get("breach")); code != "" && code != "none" && s.Article != "" {
			c.column(s.Article+"#"+code, s)
		}
	}
}

// answered is what a value of an answer may be.
func (c *caseCompleter) answered(value *source.Node, list string) {
	f, list := c.walk.saidBy(value, list)
	if f != nil {
		c.given(f)
		return
	}
	for _, w := range c.wordsOf[list] {
		c.symbol(w, w.Name, false)
	}
}

// table is a table of cases: the names of its columns, and its cells.
func (c *caseCompleter) table(path []string) {
	if len(path) == 0 {
		return
	}
	switch path[0] {
	case "facts":
		c.factsTaken(c.column)
	case "readings":
		for _, s := range c.of(Reading) {
			c.column(s.ID, s)
		}
	case "expect":
		c.ownValues(c.column)
		for _, k := range keysOfExpect {
			c.plain(k.Name, "key", k.Doc)
		}
	case "rows":
		c.cell()
	}
}

// columnsOf finds the names of columns of one kind in the text of a table.
var columnsOf = map[string]*regexp.Regexp{
	"facts": columnsForm("facts"), "readings": columnsForm("readings"), "expect": columnsForm("expect"),
}

func columnsForm(kind string) *regexp.Regexp { return regexp.MustCompile(kind + `:[ \t]*\[([^\]]*)\]`) }

// cell is what may stand in the cell of a table that is being written.
func (c *caseCompleter) cell() {
	_, table, _ := strings.Cut(c.around, "table:")
	at := cellAt(c.line)
	for _, kind := range []string{"facts", "readings", "expect"} {
		m := columnsOf[kind].FindStringSubmatch(table)
		if m == nil {
			continue
		}
		names := strings.Split(m[1], ",")
		if at >= len(names) {
			at -= len(names)
			continue
		}
		switch name := unquoted(strings.TrimSpace(names[at])); kind {
		case "facts":
			if path := c.walk.factAt(name); path[len(path)-1] != nil {
				c.given(path[len(path)-1])
			}
		case "readings":
			c.options(name)
		default:
			c.answer(name, nil)
		}
		return
	}
}

// cellAt is which cell of a row a line ends in, from 0.
func cellAt(line string) int {
	n, depth, commas := 0, 0, map[int]int{}
	eachMark(line, func(_ int, b byte) {
		switch b {
		case '[', '{':
			depth++
			commas[depth] = 0
		case ']', '}':
			depth--
		case ',':
			commas[depth]++
		}
		n = commas[depth]
	})
	return n
}
