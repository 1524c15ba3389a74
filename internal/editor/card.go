package editor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/source"
)

// Hover is what there is to say of a place.
type Hover struct {
	Range Range
	Text  string // Markdown
}

// HoverAt tells what stands at a place, in a language, as it is in force on a
// day; false for nothing.
func (p *Project) HoverAt(path string, offset int, lang string, on date.Date) (Hover, bool) {
	if s, at := p.SymbolAt(path, offset); s != nil {
		return Hover{at, p.Card(s, lang, on)}, true
	}
	f := p.file(path)
	if f == nil {
		return Hover{}, false
	}
	name, at := nameAt(f.text.s, offset)
	if function, ok := functionNamed(name); ok && strings.HasPrefix(strings.TrimLeft(f.text.s[at.End:], " "), "(") {
		return Hover{at, functionCard(function, lang)}, true
	}
	c := contextAt(f.text.s, at.End)
	if k, ok := keyDoc(c.path, name); ok && c.isKey {
		return Hover{at, "`" + name + "`\n\n" + k.In(lang)}, true
	}
	return Hover{}, false
}

// kindLabel is what a kind of symbols is called.
func kindLabel(k Kind) diagnostic.Text {
	return map[Kind]diagnostic.Text{
		Fact: {ZH: "事实", EN: "fact"}, WordList: {ZH: "词表", EN: "list of words"}, Word: {ZH: "词", EN: "word"},
		Reading: {ZH: "读法", EN: "reading"}, Option: {ZH: "读法的选项", EN: "option of a reading"},
		Regulation: {ZH: "制度", EN: "regulation"}, Article: {ZH: "条款", EN: "article"},
		Rule: {ZH: "规则", EN: "rule"}, Group: {ZH: "规则组", EN: "group of rules"}, Question: {ZH: "问题", EN: "question"},
		Calendar: {ZH: "日历", EN: "calendar"}, Function: {ZH: "函数", EN: "function"},
		Value: {ZH: "答复中的值", EN: "value of an answer"},
	}[k]
}

// Card is what there is to know of a symbol, as Markdown.
func (p *Project) Card(s *Symbol, lang string, on date.Date) string {
	c := card{lang: lang}
	id := strings.ReplaceAll(s.ID, "[]", "")
	if _, name, ok := strings.Cut(id, ":"); ok {
		id = name
	}
	if label := s.Label.In(lang); label != "" {
		c.line("**%s** `%s`", escaped(label), id)
	} else {
		c.line("`%s`", id)
	}
	c.kind(p, s)
	if note := s.Note.In(lang); note != "" {
		c.line("%s", escaped(note))
	}
	n := p.known()
	switch s.Kind {
	case Fact:
		c.words(n.wordsOf[s.List])
		if unit := textOf(s.Node.Get("unit")).In(lang); unit != "" {
			c.line("%s", c.t("单位：", "unit: ")+escaped(unit))
		}
	case WordList:
		c.words(n.wordsOf[s.ID])
	case Reading:
		c.reading(p, s, on)
	case Article:
		c.rules(n, s.ID)
	case Rule, Group:
		c.inForce(p, s, on)
	case Value:
		if is := scalar(s.Node.Get("is")); is != "" {
			c.line("```yaml\nis: %s\n```", strings.ReplaceAll(is, "```", "'''"))
		}
		c.words(n.wordsOf[scalar(s.Node.Get("words"))])
	}
	return strings.TrimSpace(c.b.String())
}

// card is written line by line, each a paragraph.
type card struct {
	b    strings.Builder
	lang string
}

func (c *card) line(format string, args ...any) { fmt.Fprintf(&c.b, format+"\n\n", args...) }

func (c *card) t(zh, en string) string { return diagnostic.Text{ZH: zh, EN: en}.In(c.lang) }

// kind says what a symbol is, and of which article.
func (c *card) kind(p *Project, s *Symbol) {
	text := kindLabel(s.Kind).In(c.lang)
	if s.Kind == Fact {
		text += c.t("，类型 ", " of type ") + "`" + strings.ReplaceAll(s.Type, " ", "` `") + "`"
		if s.List != "" && !strings.Contains(s.List, ".") {
			text += c.t("，词表 ", ", words ") + "`" + s.List + "`"
		}
	}
	if s.Kind == Word {
		text += c.t("，属于 ", " of ") + "`" + s.List + "`"
	}
	if f := formOf(s.Section); f != nil {
		text += " · " + "`" + s.Section + "`" + c.t("：", ": ") + f.Doc.In(c.lang)
	}
	c.line("%s", text)
	if a := p.known().get(Article, s.Article); a != nil {
		c.line("%s", "§ `"+a.ID+"` "+escaped(a.Label.In(c.lang)))
		if s.Kind != Group && a.Note.In(c.lang) != "" && s.Kind != Reading {
			c.line("> %s", escaped(a.Note.In(c.lang)))
		}
	}
}

// mostListed is how many words or rules a card lists.
const mostListed = 12

func (c *card) words(words []*Symbol) {
	var list []string
	for i, w := range words {
		if i == mostListed {
			list = append(list, "…")
			break
		}
		list = append(list, "`"+w.Name+"` "+escaped(w.Label.In(c.lang)))
	}
	if list != nil {
		c.line("%s", strings.Join(list, c.t("、", ", ")))
	}
}

// reading lists the options, the chosen one marked.
func (c *card) reading(p *Project, s *Symbol, on date.Date) {
	chosen := scalar(s.Node.Get("chosen"))
	if b := p.Book(); b != nil && b.ReadingsByKey[s.ID] != nil {
		chosen = b.ChoiceOf(b.ReadingsByKey[s.ID], checked.Selection{On: on}).String()
	}
	option, _, _ := strings.Cut(chosen, ":")
	for _, e := range s.Node.Get("options").Pairs() {
		mark := "- "
		if e.Key.Text == option {
			mark = "- **✓** "
		}
		fmt.Fprintf(&c.b, "%s`%s` %s\n", mark, e.Key.Text, escaped(textOf(e.Value).In(c.lang)))
	}
	c.b.WriteString("\n")
	c.line("%s`%s`", c.t("现行所选：", "in force: "), chosen)
}

func (c *card) rules(n *names, article string) {
	listed := 0
	for _, s := range n.of(Rule) {
		if s.Article != article {
			continue
		}
		if listed++; listed > mostListed {
			c.b.WriteString("- …\n")
			return
		}
		fmt.Fprintf(&c.b, "- `%s` %s\n", s.Name, escaped(s.Label.In(c.lang)))
	}
}

// inForce shows what stands in a rule, every choice made as it is on a day.
func (c *card) inForce(p *Project, s *Symbol, on date.Date) {
	var lines []string
	b := p.Book()
	if b != nil && b.RulesByName[s.ID] != nil {
		for _, e := range b.RulesByName[s.ID].Node.Entries {
			if text := inForceAt(b, e.Value, on); text != "" && !checked.IsProse(e) {
				lines = append(lines, e.Key.Text+": "+text)
			}
		}
	} else if s.Node != nil && s.Kind == Rule {
		for _, e := range s.Node.Entries {
			if !checked.IsProse(e) && e.Value.Kind == source.Scalar {
				lines = append(lines, e.Key.Text+": "+e.Value.Text)
			}
		}
	}
	if s.Kind == Group {
		for _, r := range p.known().rulesOf(s) {
			lines = append(lines, r.Name+": "+r.Label.In(c.lang))
		}
	}
	if len(lines) > 0 {
		c.line("```yaml\n%s\n```", strings.ReplaceAll(strings.Join(lines, "\n"), "```", "'''"))
	}
	if b != nil && on != 0 && s.Kind == Rule {
		c.line("%s", fmt.Sprintf(c.t("以上按 %v 的版本", "as in force on %v"), on))
	}
}

// inForceAt is what stands at a node on a day, on one line. What a word chooses is
// shown with the words: which of them it is, only facts say.
func inForceAt(b *checked.Book, n *source.Node, on date.Date) string {
	if !choosesByWord(b, n) {
		var used []string
		return shown(b.Resolve(n, checked.Selection{On: on}, nil, &used))
	}
	var all []string
	for _, e := range n.Entries {
		all = append(all, e.Key.Text+": "+inForceAt(b, e.Value, on))
	}
	for _, x := range n.Items {
		all = append(all, inForceAt(b, x, on))
	}
	if n.Kind == source.Seq {
		return "[" + strings.Join(all, ", ") + "]"
	}
	return "{" + strings.Join(all, ", ") + "}"
}

// choosesByWord reports whether a value at a node, or below it, is chosen by a fact.
func choosesByWord(b *checked.Book, n *source.Node) bool {
	if by := n.Get("by"); checked.IsBy(n) && by.Text != "date" && b.ReadingsByKey[by.Text] == nil {
		return true
	}
	return slices.ContainsFunc(n.Entries, func(e source.Entry) bool { return choosesByWord(b, e.Value) }) ||
		slices.ContainsFunc(n.Items, func(x *source.Node) bool { return choosesByWord(b, x) })
}

// shown is a resolved value on one line.
func shown(i *checked.Item) string {
	switch {
	case i == nil || i.Node == nil:
		return ""
	case i.Kind == source.Scalar:
		return strings.Join(strings.Fields(i.Text), " ")
	case i.Kind == source.Seq:
		var all []string
		for _, x := range i.Items {
			all = append(all, shown(x))
		}
		return "[" + strings.Join(all, ", ") + "]"
	case i.Kind == source.Map:
		var all []string
		for _, e := range i.Entries {
			all = append(all, e.Key.Text+": "+shown(e.Value))
		}
		return "{" + strings.Join(all, ", ") + "}"
	}
	return ""
}

func functionCard(f condition.Function, lang string) string {
	c := card{lang: lang}
	c.line("`%s`", f.Signature)
	c.line("%s", f.Means.In(lang))
	if none := f.None.In(lang); none != "" {
		c.line("%s", none)
	}
	if f.Example != "" {
		c.line("```\n%s → %s\n```", f.Example, f.Result)
	}
	return strings.TrimSpace(c.b.String())
}

// escaped is a text in which nothing is Markdown, on one line.
func escaped(text string) string {
	return strings.NewReplacer("\n", " ", "\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "<", "&lt;", "[", "\\[", "#", "\\#").Replace(text)
}
