package plainwords

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// thing is what a part of an expression stands for: how it is called and, as
// far as that can be seen without building the rules, what it may be.
type thing struct {
	phrase Phrase
	typ    string           // as facts write it: moment, date, yes_no, word, count, list, record; "" where it is not seen
	words  *policy.WordList // of words, or a list of them
	items  *element         // of a list: what each of it is
}

// element is what an element of a list is: as facts declare it, or a record that
// a rule puts together.
type element struct {
	fact *checked.Fact
	rule *checked.Rule // with each
	of   *element      // what the rule goes through
}

// name is what a dotted name stands for.
func (t *teller) name(path string) thing {
	head, rest, _ := strings.Cut(path, ".")
	switch path {
	case "as_of":
		return thing{phrase: plain(t.pick("判断时间", "the moment of asking")), typ: "moment"}
	case "due":
		if t.b.FactsByName["due"] == nil {
			return thing{phrase: plain(t.pick("到期时刻", "the moment it is due")), typ: "moment"}
		}
	case "null":
		return thing{phrase: plain(t.pick("无", "none"))}
	case "true":
		return thing{phrase: plain(t.pick("是", "yes")), typ: "yes_no"}
	case "false":
		return thing{phrase: plain(t.pick("否", "no")), typ: "yes_no"}
	case "parameter":
		if t.parameter != "" {
			return thing{phrase: number(t.parameter)}
		}
		if open, ok := opens[t.open]; ok {
			return thing{phrase: plain(open.In(t.numbers()))}
		}
		return thing{phrase: plain(t.pick("所定的数", "the number chosen"))}
	case "group":
		return thing{phrase: plain(t.pick("该组各项", "those of the group")), typ: "list", items: t.group}
	}
	if head == checked.Answer && rest != "" && t.question != nil {
		return t.answer(rest)
	}
	if f := t.fact(head); f != nil {
		return t.factAt(f, rest)
	}
	if r := t.b.RulesByName[head]; r != nil {
		return t.output(r, rest)
	}
	if group := t.groupNamed(head); group != nil {
		return t.outputOfGroup(group, rest)
	}
	return thing{phrase: plain(readable(path))}
}

// fact is the fact of a name, as a question calls it or as it is declared.
func (t *teller) fact(name string) *checked.Fact {
	if t.question != nil {
		if f := t.question.Fact(name); f != nil {
			return f
		}
	}
	return t.b.FactsByName[name]
}

// factAt is a fact, or the field of one, named with its record where its label
// alone could be another's.
func (t *teller) factAt(f *checked.Fact, path string) thing {
	var of *checked.Fact // the record that has the field
	for path != "" {
		var head string
		head, path, _ = strings.Cut(path, ".")
		i := slices.IndexFunc(f.Fields, func(x *checked.Fact) bool { return x.Name == head })
		if i < 0 {
			return thing{phrase: plain(readable(head))}
		}
		of, f = f, f.Fields[i]
	}
	label := f.Label.In(t.lang)
	switch mistaken := t.elementHas(label); {
	case of != nil && (mistaken || t.ambiguous(label)):
		label = t.pick(of.Label.In(t.lang)+"·"+label, of.Label.In(t.lang)+": "+label)
	case mistaken:
		label = t.pick("事实“"+label+"”", "the fact “"+label+"”")
	}
	out := described(f)
	out.phrase = Phrase{{Text: label, Kind: Fact, ID: checked.PlainPath(f.Path)}}
	return out
}

// described is what a fact may be.
func described(f *checked.Fact) thing {
	out := thing{typ: f.TypeName, words: f.Words}
	if f.Elem != nil {
		out.typ, out.items = "list", &element{fact: f.Elem}
		if out.words == nil {
			out.words = f.Elem.Words
		}
	}
	return out
}

// ambiguous reports whether several facts have a label.
func (t *teller) ambiguous(label string) bool { return t.labels[label] > 1 }

// elementHas reports whether the element that an expression looks at has a field
// with a label: beside it, the same label needs to say whose it is.
func (t *teller) elementHas(label string) bool {
	return t.elem != nil && t.elem.fact != nil && slices.ContainsFunc(t.elem.fact.Fields, func(f *checked.Fact) bool { return f.Label.In(t.lang) == label })
}

// countLabels counts the labels of facts and of fields of records.
func (t *teller) countLabels(facts []*checked.Fact) {
	for _, f := range facts {
		t.labels[f.Label.In(t.lang)]++
		t.countLabels(f.Fields)
	}
}

// elementField is what a field of the element is that an expression looks at.
func (t *teller) elementField(path string) thing {
	if path == "" {
		out := thing{phrase: plain(t.pick("该项", "it"))}
		if t.elem != nil && t.elem.fact != nil {
			out.typ, out.words = t.elem.fact.TypeName, t.elem.fact.Words
		}
		return out
	}
	return t.fieldOf(t.elem, path)
}

func (t *teller) fieldOf(e *element, path string) thing {
	head, rest, _ := strings.Cut(path, ".")
	switch {
	case e == nil:
	case e.fact != nil:
		if i := slices.IndexFunc(e.fact.Fields, func(x *checked.Fact) bool { return x.Name == head }); i >= 0 {
			f := e.fact.Fields[i]
			if rest != "" {
				return t.inside(nil).factAt(f, rest)
			}
			out := described(f)
			out.phrase = t.particle(Phrase{{Text: f.Label.In(t.lang), Kind: Fact, ID: checked.PlainPath(f.Path)}})
			return out
		}
	case e.rule != nil:
		return t.column(e.rule, e.of, head)
	}
	return thing{phrase: plain(readable(head))}
}

// particle puts a name in quotation marks that is a word of grammar alone: “from”.
func (t *teller) particle(p Phrase) Phrase {
	if t.lang != "zh" && slices.Contains([]string{"from", "to", "at", "until", "since", "on", "by", "for"}, p.String()) {
		return put("“%s”", p)
	}
	return p
}

// column is a field of the records that a rule puts together: by its label, else
// as the field of the list that it shows.
func (t *teller) column(r *checked.Rule, of *element, name string) thing {
	var out thing
	for _, key := range []string{"fields", "group_by"} {
		n := r.Node.Get(key).Get(name)
		if n == nil || n.Kind != source.Scalar {
			continue
		}
		if tree, ok := condition.TreeOf(n.Text); ok {
			inner := t.inside(of)
			out = inner.look(tree)
			if tree.Op != condition.TreeElement {
				out.phrase = nil
			}
		}
	}
	if label := labelAt(r.Node.Get("columns").Get(name)); !label.IsZero() {
		out.phrase = plain(label.In(t.lang))
	}
	if out.phrase == nil {
		out.phrase = plain(readable(name))
	}
	return out
}

// labelAt is the wording that stands at a node with zh and en; zero where none does.
func labelAt(n *source.Node) policy.Text {
	if n == nil || n.Kind != source.Map {
		return policy.Text{}
	}
	zh, en := n.Get("zh"), n.Get("en")
	var label policy.Text
	if en != nil {
		label.EN, label.ZH = en.Text, en.Text
	}
	if zh != nil {
		label.ZH = zh.Text
		if en == nil {
			label.EN = zh.Text
		}
	}
	return label
}

// output is what a rule gives under a name.
func (t *teller) output(r *checked.Rule, name string) thing {
	name, field, _ := strings.Cut(name, ".")
	label := Phrase{{Text: r.Label.In(t.lang), Kind: Rule, ID: r.Name}}
	if r.Form.Name == "value" {
		out := t.lookAt(r.Node.Get("is"))
		out.phrase = label
		return out
	}
	if name == "" {
		return thing{phrase: label}
	}
	out := t.typeOf(r, name)
	out.phrase = label
	i := slices.IndexFunc(r.Form.Outputs, func(o policy.Output) bool { return o.Name == name })
	switch {
	case i < 0 && r.Node.Get("alerts").Get(name) != nil:
		out = thing{phrase: t.f("%s的%s", "%[2]s (%[1]s)", label, t.alert(name, r.Node.Get("alerts").Get(name))), typ: "moment"}
	case i >= 0 && !r.Form.Outputs[i].Label.IsZero():
		out.phrase = t.of(label, plain(r.Form.Outputs[i].Label.In(t.lang)))
	case i < 0 && r.Form.Name == "table":
		if n := t.resultsOf(r); n > 1 {
			out.phrase = t.of(label, t.column(r, nil, name).phrase)
		}
	case i < 0:
		out.phrase = t.of(label, plain(t.code(name)))
	}
	if field != "" && out.items == nil {
		return t.fieldOf(&element{rule: r, of: t.eachOf(r)}, field)
	}
	return out
}

// of says that something is of something else.
func (t *teller) of(whole, part Phrase) Phrase {
	if t.lang == "zh" {
		return put("%s的%s", whole, part)
	}
	return put("%[2]s of %[1]s", whole, part)
}

// resultsOf is how many results a table gives.
func (t *teller) resultsOf(r *checked.Rule) int {
	if rows := r.Node.Get("rows"); rows != nil && len(rows.Items) > 0 {
		if gives := rows.Items[0].Get("gives"); gives != nil {
			return len(gives.Entries)
		}
	}
	return 0
}

// typeOf is what an output of a rule may be.
func (t *teller) typeOf(r *checked.Rule, name string) thing {
	i := slices.IndexFunc(r.Form.Outputs, func(o policy.Output) bool { return o.Name == name })
	typ := ""
	if i >= 0 {
		typ = r.Form.Outputs[i].Type
	}
	switch typ {
	case "yes/no":
		return thing{typ: "yes_no"}
	case "moment", "date", "count":
		return thing{typ: typ}
	case "status":
		return t.typeOf(r, "status")
	case "as computed", "list of records":
		if each := r.Node.Get("each"); each != nil && (r.Form.Name == "figure" || r.Form.Name == "table") {
			return thing{typ: "list", items: &element{rule: r, of: t.eachOf(r)}}
		}
		out := t.lookAt(r.Node.Get("is"))
		if is := r.Node.Get("is"); checked.IsBy(is) {
			if reading := t.b.ReadingsByKey[is.Get("by").Text]; reading != nil && reading.Several {
				out = thing{typ: "list", words: optionsOf(reading.Reading)}
			}
		}
		if w := r.Node.Get("words"); w != nil && w.Kind == source.Scalar {
			out.words = t.b.WordsByName[w.Text]
		}
		return out
	}
	if i >= 0 {
		return thing{typ: typ, words: t.ownWords(strings.Split(typ, ", "))}
	}
	return thing{typ: typ}
}

// ownWords are words of a form's own: as the book calls them, else as the engine
// does; nil where they are no words.
func (t *teller) ownWords(words []string) *policy.WordList {
	if len(words) < 2 {
		return nil
	}
	list := &policy.WordList{Words: words, Labels: map[string]policy.Text{}}
	for _, w := range words {
		if label, ok := t.b.LabelIn(&value.Words{Each: words}, w); ok {
			list.Labels[w] = label
		} else if label, ok := checked.EngineLabel(w); ok {
			list.Labels[w] = label
		}
	}
	return list
}

// eachOf is what a rule goes through, one by one; nil where it does not.
func (t *teller) eachOf(r *checked.Rule) *element {
	outer := t.ownersEach(r)
	for _, key := range []string{"each", "among"} {
		if n := r.Node.Get(key); n != nil {
			return t.inside(outer).lookAt(n).items
		}
	}
	return outer
}

// ownersEach is what the rule goes through that a rule is part of, whose elements
// the rule's own list may be a field of.
func (t *teller) ownersEach(r *checked.Rule) *element {
	if owner := t.b.RulesByName[r.PartOf]; owner != nil && owner != r {
		return t.eachOf(owner)
	}
	return nil
}

// optionsOf are the options of a reading as words.
func optionsOf(r *policy.Reading) *policy.WordList {
	list := &policy.WordList{Labels: map[string]policy.Text{}}
	for _, o := range r.Options {
		list.Words = append(list.Words, o.Name)
		list.Labels[o.Name] = o.Label
	}
	return list
}

// groupNamed are the rules of a group that has a name of its own.
func (t *teller) groupNamed(name string) []*checked.Rule {
	var all []*checked.Rule
	for _, r := range t.b.AllRules {
		if r.PartOf == name {
			all = append(all, r)
		}
	}
	return all
}

// outputOfGroup is what a group of rules gives, called by the rules in it.
func (t *teller) outputOfGroup(group []*checked.Rule, name string) thing {
	const most = 3
	var parts []Phrase
	for _, r := range group[:min(len(group), most)] {
		parts = append(parts, Phrase{{Text: r.Label.In(t.lang), Kind: Rule, ID: r.Name}})
	}
	all := join(parts, t.pick("、", ", "))
	if len(group) > most {
		all = t.f("%s等", "%s and others", all)
	}
	out := t.typeOf(group[0], name)
	out.phrase = t.f("（%s）", "(%s)", all)
	if group[0].Form.Name == "scope" && name == "holds" && len(group) > 1 {
		out.phrase = t.f("%s之一", "any of %s", all)
	} else if i := slices.IndexFunc(group[0].Form.Outputs, func(o policy.Output) bool { return o.Name == name }); i >= 0 && !group[0].Form.Outputs[i].Label.IsZero() {
		out.phrase = t.of(out.phrase, plain(group[0].Form.Outputs[i].Label.In(t.lang)))
	}
	return out
}

// answer is a value of the answers to a question.
func (t *teller) answer(name string) thing {
	if name == "verdict" {
		out := thing{phrase: plain(t.pick("结论", "the verdict")), typ: "word"}
		if t.question.Question.Verdict != nil {
			out.words = t.question.Question.Verdict.Words
		}
		return out
	}
	if v, ok := t.question.ValueAt(name); ok {
		return thing{phrase: plain(v.Label.In(t.lang)), words: v.Words}
	}
	return thing{phrase: plain(readable(name))}
}

// wordIn is a word as people call it, by the list that it is compared with.
func (t *teller) wordIn(w *policy.WordList, word string) Phrase {
	if w != nil {
		if label, ok := w.Labels[word]; ok {
			return Phrase{{Text: label.In(t.lang), Kind: Word}}
		}
	}
	if _, ok := t.b.ArticlesByID[word]; ok {
		return Phrase{{Text: t.b.LabelOfArticle(word).In(t.lang), Kind: Article, ID: word}}
	}
	return Phrase{{Text: t.code(word), Kind: Word}}
}

// code is a word or code as people call it: by its label, else readable.
func (t *teller) code(word string) string {
	if l, ok := t.b.Wordings[word]; ok {
		return l.In(t.lang)
	}
	if l, ok := checked.EngineLabel(word); ok {
		return l.In(t.lang)
	}
	if l, ok := condition.WeekdayLabel(word); ok {
		return l.In(t.lang)
	}
	for _, r := range t.b.Regulations {
		if r.ID == word {
			return r.Title.In(t.lang)
		}
	}
	if r := t.b.RulesByName[word]; r != nil {
		return r.Label.In(t.lang)
	}
	return readable(word)
}

// readable is a name without a label: its words.
func readable(name string) string {
	if checked.DottedName.MatchString(name) {
		return strings.ReplaceAll(name[strings.LastIndexByte(name, '.')+1:], "_", " ")
	}
	return name
}

// pick is the wording in the language: English, where it is neither.
func (t *teller) pick(zh, en string) string {
	if t.lang == "zh" {
		return zh
	}
	return en
}

// f puts phrases into the format of the language.
func (t *teller) f(zh, en string, args ...Phrase) Phrase { return put(t.pick(zh, en), args...) }
