package mutate

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/reach"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// Mutants are all small changes to a rules file, in the order of the file.
// What people read, such as labels, texts and notes, is left alone.
func Mutants(book *checked.Book) []*Mutant {
	base := map[string]bool{} // files of the book that this one extends
	for _, f := range book.Files() {
		base[f.Name] = f.Base
	}
	text := book.Source()
	parts := source.Split(text)
	e := &enumerator{book: book, reach: reach.Of(book, book.Root), takenBy: takenBy(book)}
	for i, at := range source.Offsets(text, parts) {
		name := source.NameOf(book.Name(), parts[i].Path)
		root, _ := source.Parse(name, parts[i].Text)
		if root == nil || base[name] {
			continue // it was loaded from this text
		}
		before := len(e.all)
		e.data, e.file = parts[i].Text, name
		e.header(root)
		e.readings(root.Get("readings"))
		e.rules(root.Get("regulations"))
		e.asked(root.Get("questions"))
		for _, m := range e.all[before:] {
			for j := range m.edits { // places in the one text of all files
				m.edits[j].from += at
				m.edits[j].to += at
			}
		}
	}
	slices.SortStableFunc(e.all, func(a, b *Mutant) int { return a.edits[0].from - b.edits[0].from })
	return e.all
}

// enumerator lists the changes, one part of the file after the other.
type enumerator struct {
	book  *checked.Book
	data  []byte // of the file that is looked at
	file  string // its name in places
	reach *reach.Reach
	// takenBy are the rules that take over what stands in another one.
	takenBy map[*checked.Rule][]*checked.Rule

	// of what is looked at
	article, rule string
	node          *source.Node // in which the change must stand; nil for any
	questions     []string

	all []*Mutant
}

func (e *enumerator) add(kind Kind, n *source.Node, old, changed, within string, edits ...edit) *Mutant {
	if len(e.questions) == 0 {
		return nil // no answer can tell
	}
	if e.node != nil && !n.Within(e.node) {
		return nil // it is changed where it is written
	}
	m := &Mutant{
		Kind: kind, Article: e.article, Rule: e.rule, Path: n.Path(), Span: n.Span,
		Old: old, New: changed, Within: within, questions: e.questions, edits: edits,
	}
	e.all = append(e.all, m)
	return m
}

// tokens adds the changes of the pieces of a text.
func (e *enumerator) tokens(n *source.Node, found []token) {
	for _, t := range found {
		from, to, ok := n.Bytes(t.from, t.to)
		if !ok {
			continue
		}
		for _, changed := range t.new {
			within := n.Text
			if within == t.old {
				within = ""
			}
			if m := e.add(t.kind, n, t.old, changed, within, edit{from, to, changed}); m != nil {
				m.Span = n.SpanAt(t.from, t.to)
			}
		}
	}
}

// replace adds another text for a whole scalar.
func (e *enumerator) replace(kind Kind, n *source.Node, changed string) {
	if from, to, ok := n.Bytes(0, runes(n.Text)); ok {
		e.add(kind, n, n.Text, changed, "", edit{from, to, changed})
	}
}

// header is what stands before the rules: the period in force, calendars,
// defaults of facts, and what facts must be.
func (e *enumerator) header(root *source.Node) {
	e.questions = e.reach.All
	for _, at := range []*source.Node{root.Get("rulebook").Get("in_force"), root.Get("calendars")} {
		e.days(at)
	}
	if facts := root.Get("facts"); facts != nil {
		for _, f := range facts.Entries {
			e.questions = e.reach.QuestionsOfFact(f.Key.Text)
			e.defaults(f.Value)
		}
	}
	if musts := root.Get("must"); musts != nil {
		e.questions = e.reach.All
		for i, m := range musts.Entries {
			e.expression(m.Value.Get("that"))
			e.dropEntry(Rule, musts, i)
		}
	}
}

// days adds the changes of dates and times of day below n.
func (e *enumerator) days(n *source.Node) {
	e.scalars(n, func(x *source.Node) { e.tokens(x, daysOf(x.Text)) })
}

// scalars visits the texts below n, keys of maps too, other than those that
// people read.
func (e *enumerator) scalars(n *source.Node, visit func(*source.Node)) {
	switch {
	case n == nil:
	case n.Kind == source.Scalar:
		visit(n)
	default:
		for _, x := range n.Entries {
			if !checked.IsProse(x) {
				visit(x.Key)
				e.scalars(x.Value, visit)
			}
		}
		for _, x := range n.Items {
			e.scalars(x, visit)
		}
	}
}

// defaults adds the changes of what an absent fact means, where that is a number.
func (e *enumerator) defaults(fact *source.Node) {
	if n := fact.Get("if_absent"); n != nil && n.Kind == source.Scalar {
		switch n.Text {
		case "true":
			e.replace(Option, n, "false")
		case "false":
			e.replace(Option, n, "true")
		default:
			e.tokens(n, numbersOf(n.Text))
		}
	}
	if fields := fact.Get("fields"); fields != nil {
		for _, f := range fields.Entries {
			e.defaults(f.Value)
		}
	}
	if of := fact.Get("of"); of != nil {
		e.defaults(of)
	}
}

// numbersOf are the numbers and dates of a text, without its operators.
func numbersOf(text string) []token {
	return slices.DeleteFunc(tokensOf(text), func(t token) bool { return t.kind != Number && t.kind != Date })
}

// readings chooses every other option of every reading.
func (e *enumerator) readings(n *source.Node) {
	if n == nil {
		return
	}
	for _, x := range n.Entries {
		r := e.book.ReadingsByKey[x.Key.Text]
		if r == nil {
			continue
		}
		e.article, e.rule, e.questions = r.Article, "", e.reach.QuestionsOfReading(r.Key)
		for _, v := range checked.DatedValues(x.Value.Get("chosen")) {
			switch v.Value.Kind {
			case source.Scalar:
				e.options(r, v.Value)
			case source.Seq:
				for i := range v.Value.Items {
					e.dropItem(Reading, v.Value, i)
				}
			}
		}
	}
	e.article = ""
}

// options chooses another option in the place of the one that n is.
func (e *enumerator) options(r *checked.Reading, n *source.Node) {
	chosen, parameter, _ := strings.Cut(n.Text, ":")
	if parameter != "" {
		e.tokens(n, numbersOf(n.Text))
	}
	for _, o := range r.Options {
		if o.Name == chosen {
			continue
		}
		option := o.Name
		if o.Parameter != "" {
			option += ":" + exampleOf(o.Parameter)
		}
		if n.Style == source.Plain {
			option = strconv.Quote(option) // a word such as "true" would be no text
		}
		from, to := n.Start, n.End
		if n.Style != source.Plain {
			from, to, _ = n.Bytes(0, runes(n.Text))
		}
		e.add(Reading, n, n.Text, strings.Trim(option, `"`), "", edit{from, to, option})
	}
}

// exampleOf is a parameter of a kind that a reading may take.
func exampleOf(kind string) string {
	if kind == "clock_time" {
		return "17:00"
	}
	return "2"
}

// rules goes through the rules of all articles.
func (e *enumerator) rules(n *source.Node) {
	for _, r := range e.book.AllRules {
		if r.KeyNode.Span.File != e.file {
			continue
		}
		e.article, e.rule = r.Article.ID, r.ID
		e.node, e.questions = r.Node, e.questionsOf(r)
		for _, x := range r.Node.Entries {
			if !x.Key.Within(r.Node) {
				continue
			}
			if x.Key.Text == "in_force" {
				e.days(x.Value)
			}
			if x.Key.Text == "except" {
				e.dropExcept(r, x)
			}
			if i := slices.IndexFunc(r.Form.Fields, func(f policy.Field) bool { return f.Name == x.Key.Text }); i >= 0 {
				e.field(x.Value, r.Form.Fields[i])
			}
		}
		if i := slices.Index(r.Node.Keys(), "when"); i >= 0 && r.Node.Entries[i].Key.Within(r.Node) {
			e.dropEntry(Logic, r.Node, i)
		}
	}
	e.node = nil
	e.wholeRules(n)
	e.article, e.rule = "", ""
}

// dropExcept takes the exceptions of a rule away.
func (e *enumerator) dropExcept(r *checked.Rule, x source.Entry) {
	if x.Value.Kind == source.Seq && len(x.Value.Items) > 1 {
		return // taken out one by one
	}
	e.dropEntry(Logic, r.Node, slices.Index(r.Node.Keys(), "except"))
}

// wholeRules takes out each rule. Where it is asked for by its own name, the
// questions that do so are without it, too: else the file could not be loaded.
func (e *enumerator) wholeRules(n *source.Node) {
	if n == nil {
		return
	}
	for _, regulation := range n.Entries {
		articles := regulation.Value.Get("articles")
		if articles == nil {
			continue
		}
		for _, article := range articles.Entries {
			for at, section := range article.Value.Entries {
				for i, x := range section.Value.Entries {
					r := e.book.RulesByName[x.Key.Text]
					if r == nil || r.KeyNode.Span.File != e.file || r.Node.Start != x.Value.Start {
						continue
					}
					e.article, e.rule, e.questions = r.Article.ID, r.ID, e.reach.Questions(r.Unit())
					if len(section.Value.Entries) == 1 {
						e.dropEntry(Rule, article.Value, at)
					} else {
						e.dropEntry(Rule, section.Value, i)
					}
				}
			}
		}
	}
}

func (e *enumerator) dropEntry(kind Kind, m *source.Node, i int) {
	if d, ok := dropEntry(e.data, m, i); ok {
		x := m.Entries[i]
		e.add(kind, x.Key, short(x.Key.Text+": "+textOf(e.data, x.Value)), "", "", d)
	}
}

func (e *enumerator) dropItem(kind Kind, list *source.Node, i int) {
	if d, ok := dropItem(e.data, list, i); ok {
		e.add(kind, list.Items[i], short(textOf(e.data, list.Items[i])), "", "", d)
	}
}

// textOf is what is written for a node; "…" for a map or list of several lines.
func textOf(data []byte, n *source.Node) string {
	if n.Kind == source.Scalar {
		return n.Text
	}
	text := string(data[n.Start:n.End])
	if strings.Contains(text, "\n") {
		return "…"
	}
	return text
}

// short is a text on one line, cut where it is long.
func short(text string) string {
	const longest = 100
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > longest {
		return string(r[:longest-1]) + "…"
	}
	return text
}

// field adds the changes of a value of a rule, by what its form lets it hold.
func (e *enumerator) field(n *source.Node, f policy.Field) {
	switch {
	case n.Kind == source.Empty:
		return
	case checked.IsBy(n):
		dated := n.Get("by").Text == "date"
		for _, x := range n.Entries {
			if x.Key.Text == "by" {
				continue
			}
			if dated {
				e.tokens(x.Key, daysOf(x.Key.Text))
			}
			e.field(x.Value, f)
		}
		return
	}
	switch f.Kind {
	case policy.Expression:
		e.expression(n)
	case policy.Expressions:
		for _, x := range n.Entries {
			e.field(x.Value, policy.Field{Kind: policy.Expression})
		}
	case policy.Quantity, policy.Number, policy.Percentage, policy.TimeOfDay:
		e.expression(n)
	case policy.Numbers:
		e.scalars(n, func(x *source.Node) { e.tokens(x, numbersOf(x.Text)) })
	case policy.Flag:
		switch n.Text {
		case "true":
			e.replace(Option, n, "false")
		case "false":
			e.replace(Option, n, "true")
		}
	case policy.Option:
		if n.Kind == source.Scalar && slices.Contains(f.Words, n.Text) {
			for _, w := range f.Words {
				if w != n.Text {
					e.replace(Option, n, w)
				}
			}
		}
	case policy.Codes:
		for i := range n.Items {
			e.dropItem(Part, n, i)
		}
	case policy.Structs:
		for i, item := range n.Items {
			e.dropItem(Part, n, i)
			e.fields(item, f.Fields)
		}
	case policy.StructMap:
		for i, x := range n.Entries {
			e.dropEntry(Part, n, i)
			e.fields(x.Value, f.Fields)
			e.rank(n, i)
		}
	case policy.Cells:
		e.scalars(n, func(x *source.Node) { e.tokens(x, numbersOf(x.Text)) })
	}
}

// fields adds the changes of the values of a map of a rule.
func (e *enumerator) fields(n *source.Node, fields []policy.Field) {
	for _, x := range n.Entries {
		for _, f := range fields {
			if f.Name == x.Key.Text && f.Name != rank {
				e.field(x.Value, f)
			}
		}
	}
	if i := slices.Index(n.Keys(), "when"); i >= 0 {
		e.dropEntry(Logic, n, i)
	}
}

// expression adds the changes of an expression, or of a value by itself; of
// one that is chosen, those of each.
func (e *enumerator) expression(n *source.Node) {
	switch {
	case n == nil:
	case n.Kind == source.Scalar:
		e.tokens(n, tokensOf(n.Text))
		e.listed(n)
		switch n.Text {
		case "true":
			e.replace(Logic, n, "false")
		case "false":
			e.replace(Logic, n, "true")
		}
	case checked.IsBy(n):
		e.field(n, policy.Field{Kind: policy.Expression})
	}
}

// listed takes out the words of lists that are written in an expression.
func (e *enumerator) listed(n *source.Node) {
	for _, w := range listedWords(n.Text) {
		if from, to, ok := n.Bytes(w.from, w.to); ok {
			e.add(Part, n, w.old, "", n.Text, edit{from: from, to: to})
		}
	}
}

// asked goes through the questions: which rules they ask, and what they report.
func (e *enumerator) asked(n *source.Node) {
	if n == nil {
		return
	}
	for _, q := range n.Entries {
		e.questions = []string{q.Key.Text}
		e.rulesAsked(q.Value)
		e.expression(q.Value.Get("governed_by"))
		if v := q.Value.Get("verdict"); v != nil {
			e.reported(v)
		}
		if v := q.Value.Get("values"); v != nil {
			for _, x := range v.Entries {
				e.reported(x.Value)
			}
		}
	}
}

// rulesAsked takes each rule, and each scope, off a question.
func (e *enumerator) rulesAsked(q *source.Node) {
	if list := q.Get("rules"); list != nil {
		for i, item := range list.Items {
			e.rule = item.Text
			if r := e.book.RulesByName[item.Text]; r != nil {
				e.article, e.rule = r.Article.ID, r.ID
			}
			e.dropItem(Rule, list, i)
		}
	}
	e.article, e.rule = "", ""
	switch list := q.Get("scope"); {
	case list == nil:
	case len(list.Items) > 1:
		for i := range list.Items {
			e.dropItem(Rule, list, i)
		}
	default:
		e.dropEntry(Rule, q, slices.Index(q.Keys(), "scope"))
	}
}

// reported changes what a value of an answer is.
func (e *enumerator) reported(n *source.Node) {
	e.expression(n.Get("is"))
	e.expression(n.Get("when"))
	if i := slices.Index(n.Keys(), "when"); i >= 0 {
		e.dropEntry(Logic, n, i)
	}
	if fields := n.Get("fields"); fields != nil {
		for _, x := range fields.Entries {
			e.reported(x.Value)
		}
	}
}

// rank is the key that says where something stands among its like: a level, a
// band, a measure.
const rank = "rank"

// rank adds the changes of the rank of the i-th entry of a map. A rank says
// where the entry stands among the others and nothing else. One that leaves
// their order as it is means the same, and is no change.
func (e *enumerator) rank(n *source.Node, i int) {
	own := n.Entries[i].Value.Get(rank)
	switch {
	case own == nil:
		return
	case own.Kind != source.Scalar:
		e.field(own, policy.Field{Kind: policy.Number})
		return
	}
	var found []token
	for _, t := range numbersOf(own.Text) {
		t.new = slices.DeleteFunc(t.new, func(changed string) bool { return sameOrder(n, i, changed) })
		found = append(found, t)
	}
	e.tokens(own, found)
}

// sameOrder reports whether the i-th entry of a map stands among the others
// where it stood, with another rank.
func sameOrder(n *source.Node, i int, changed string) bool {
	before, err := strconv.Atoi(n.Entries[i].Value.Get(rank).Text)
	after, err2 := strconv.Atoi(changed)
	if err != nil || err2 != nil {
		return false
	}
	for j, x := range n.Entries {
		other := x.Value.Get(rank)
		if j == i || other == nil {
			continue
		}
		r, err := strconv.Atoi(other.Text)
		if err != nil || cmp.Compare(before, r) != cmp.Compare(after, r) {
			return false
		}
	}
	return true
}
