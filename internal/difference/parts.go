package difference

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/plainwords"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// readings compares what is chosen, and who decided it.
func (c *comparison) readings() {
	for _, was := range c.old.Readings {
		is := c.new.ReadingsByKey[was.Key]
		x := Change{Kind: Reading, Article: was.Article, Reading: was.Key, What: was.Asks, Span: was.Span}
		if is == nil {
			x.Old = optionsOf(was.Reading, was.Chosen)
			c.add(x)
			continue
		}
		x.Span = is.Span
		c.dated(x, was.Chosen, is.Chosen, func(n *source.Node, old bool) policy.Text {
			if old {
				return optionsOf(was.Reading, n)
			}
			return optionsOf(is.Reading, n)
		})
		if !slices.Equal(was.OptionNames(), is.OptionNames()) {
			x.Kind, x.Old, x.New = Condition, same(strings.Join(was.OptionNames(), ", ")), same(strings.Join(is.OptionNames(), ", "))
			x.What = diagnostic.Textf("读法 %s 的选项", "options of reading %s", was.Key)
			c.add(x)
		}
		if was.DecidedBy != is.DecidedBy || was.DecidedOn != is.DecidedOn {
			x.Kind, x.What = Wording, diagnostic.Textf("读法 %s 由谁决定", "who decided reading %s", was.Key)
			x.Old, x.New = same(strings.TrimSpace(was.DecidedBy+" "+was.DecidedOn)), same(strings.TrimSpace(is.DecidedBy+" "+is.DecidedOn))
			c.add(x)
		}
	}
	for _, is := range c.new.Readings {
		if c.old.ReadingsByKey[is.Key] == nil {
			c.add(Change{Kind: Reading, Article: is.Article, Reading: is.Key, What: is.Asks, New: optionsOf(is.Reading, is.Chosen), Span: is.Span})
		}
	}
	c.wording(c.oldRoot.Get("readings"), c.newRoot.Get("readings"), policy.Text{ZH: "读法", EN: "readings"})
}

// optionsOf are the labels of what is chosen.
func optionsOf(r *policy.Reading, n *source.Node) policy.Text {
	var zh, en []string
	for _, word := range append([]*source.Node{n}, n.Items...) {
		if word.Kind != source.Scalar {
			continue
		}
		name, parameter, _ := strings.Cut(word.Text, ":")
		label := same(name)
		if o := r.Option(name); o != nil {
			label = o.Label
		}
		if parameter != "" {
			label.ZH, label.EN = label.ZH+"（"+parameter+"）", label.EN+" ("+parameter+")"
		}
		zh, en = append(zh, label.ZH), append(en, label.EN)
	}
	if len(zh) == 0 {
		return same(textOf(n))
	}
	return policy.Text{ZH: strings.Join(zh, "、"), EN: strings.Join(en, ", ")}
}

// at is a value from a day on; 0 is from the beginning.
type at struct {
	from  date.Date
	value *source.Node
}

func valuesByDate(n *source.Node) []at {
	if !checked.IsBy(n) || n.Get("by").Text != "date" {
		return []at{{0, n}}
	}
	var all []at
	for _, e := range n.Entries {
		if day, err := source.Date(e.Key.Text); err == nil {
			all = append(all, at{day, e.Value})
		}
	}
	slices.SortFunc(all, func(a, b at) int { return cmp.Compare(a.from, b.from) })
	if len(all) > 0 {
		all[0].from = 0 // nothing is in force before
	}
	return all
}

func on(values []at, day date.Date) *source.Node {
	n := values[0].value
	for _, v := range values {
		if v.from <= day {
			n = v.value
		}
	}
	return n
}

// dated adds a change for each day from which on two values differ in another way.
func (c *comparison) dated(x Change, was, is *source.Node, tell func(n *source.Node, old bool) policy.Text) {
	olds, news := valuesByDate(was), valuesByDate(is)
	days := []date.Date{0}
	for _, v := range append(slices.Clone(olds), news...) {
		days = append(days, v.from)
	}
	slices.Sort(days)
	last := ""
	for _, day := range slices.Compact(days) {
		a, b := on(olds, day), on(news, day)
		key := canonical(a) + " → " + canonical(b)
		if canonical(a) == canonical(b) {
			last = ""
			continue
		}
		if key == last {
			continue // goes on as before
		}
		last = key
		x.From, x.Old, x.New = day, tell(a, true), tell(b, false)
		c.add(x)
	}
}

// rules compares the rules, article by article.
func (c *comparison) rules() {
	olds, news := map[string]*checked.Rule{}, map[string]*checked.Rule{}
	for _, r := range c.old.AllRules {
		olds[r.ID] = r
	}
	for _, r := range c.new.AllRules {
		news[r.ID] = r
	}
	for _, is := range c.new.AllRules {
		was := olds[is.ID]
		x := Change{Kind: Rule, Article: is.Article.ID, Rule: is.ID, What: is.Label, Span: is.Rule.Span}
		switch {
		case was == nil:
			x.New = policy.Text{ZH: "一条规则", EN: "a rule"}
			c.add(x)
			continue
		case was.Form.Name != is.Form.Name:
			x.Old, x.New = was.Form.Doc.Clip(), is.Form.Doc.Clip()
			c.add(x)
			continue
		case was.Article.ID != is.Article.ID:
			x.Old, x.New = c.old.LabelOfArticle(was.Article.ID), c.new.LabelOfArticle(is.Article.ID)
			c.add(x)
		}
		c.fields(x, was.Node, is.Node, is.Form.Fields)
		c.wording(was.Node, is.Node, was.Label)
	}
	for _, was := range c.old.AllRules {
		if news[was.ID] == nil {
			c.add(Change{Kind: Rule, Article: was.Article.ID, Rule: was.ID, What: was.Label, Old: policy.Text{ZH: "有", EN: "there was one"}, Span: was.Rule.Span})
		}
	}
	articles := map[string]*policy.Article{}
	for _, r := range c.old.Regulations {
		for _, a := range r.Articles {
			articles[a.ID] = a
		}
	}
	for _, r := range c.new.Regulations {
		for _, a := range r.Articles {
			was := articles[a.ID]
			delete(articles, a.ID)
			label := c.new.LabelOfArticle(a.ID)
			switch {
			case was == nil:
				c.add(Change{Kind: Rule, Article: a.ID, What: label, New: a.Title, Span: a.Span})
			default:
				for _, t := range []struct {
					what     policy.Text
					old, new policy.Text
				}{
					{policy.Text{ZH: "标题", EN: "title"}, was.Title, a.Title},
					{policy.Text{ZH: "条文", EN: "text"}, was.Text, a.Text},
					{policy.Text{ZH: "说明", EN: "note"}, was.Note, a.Note},
				} {
					if t.old != t.new {
						c.add(Change{Kind: Wording, Article: a.ID, What: policy.Text{ZH: label.ZH + t.what.ZH, EN: label.EN + ", " + t.what.EN}, Old: t.old, New: t.new, Span: a.Span})
					}
				}
			}
		}
	}
	for _, r := range c.old.Regulations {
		for _, a := range r.Articles {
			if articles[a.ID] != nil {
				c.add(Change{Kind: Rule, Article: a.ID, What: c.old.LabelOfArticle(a.ID), Old: a.Title, Span: a.Span})
			}
		}
	}
}

// fields compares the keys of a rule, or of a part of one.
func (c *comparison) fields(x Change, was, is *source.Node, fields []policy.Field) {
	fields = append(slices.Clone(fields), policy.CommonFields()...)
	for _, key := range union(was.Keys(), is.Keys()) {
		a, b := was.Get(key), is.Get(key)
		if canonical(a) == canonical(b) || a != nil && checked.IsProse(source.Entry{Key: keyOf(was, key), Value: a}) || b != nil && checked.IsProse(source.Entry{Key: keyOf(is, key), Value: b}) {
			continue
		}
		f := policy.Field{Name: key, Kind: policy.Expression, Doc: same(key)}
		if i := slices.IndexFunc(fields, func(f policy.Field) bool { return f.Name == key }); i >= 0 {
			f = fields[i]
		}
		y := x
		y.What = policy.Text{ZH: x.What.ZH + " · " + brief(f.Doc).ZH, EN: x.What.EN + " · " + brief(f.Doc).EN}
		c.values(y, a, b, f)
	}
}

func keyOf(n *source.Node, key string) *source.Node {
	for _, e := range n.Entries {
		if e.Key.Text == key {
			return e.Key
		}
	}
	return nil
}

func union(a, b []string) []string {
	all := slices.Clone(a)
	for _, x := range b {
		if !slices.Contains(all, x) {
			all = append(all, x)
		}
	}
	return all
}

// brief is what a form says of a field, to its first stop.
func brief(t policy.Text) policy.Text {
	cut := func(s, stops string) string {
		if i := strings.IndexAny(s, stops); i > 0 {
			return strings.TrimSpace(s[:i])
		}
		return s
	}
	return policy.Text{ZH: cut(t.ZH, "：，；。（、"), EN: cut(t.EN, ":,;.(")}
}

// values compares what two rules have under a key; nil is nothing.
func (c *comparison) values(x Change, was, is *source.Node, f policy.Field) {
	switch {
	case was == nil || is == nil:
	case canonical(was) == canonical(is):
		return
	case checked.IsBy(was) && checked.IsBy(is) && was.Get("by").Text == is.Get("by").Text && was.Get("by").Text != "date" && was.Get("by").Kind == source.Scalar:
		by := was.Get("by").Text
		for _, option := range union(was.Keys(), is.Keys()) {
			if option != "by" && canonical(was.Get(option)) != canonical(is.Get(option)) {
				y := x
				label := c.option(by, option)
				y.What = policy.Text{ZH: x.What.ZH + "（" + label.ZH + "）", EN: x.What.EN + " (" + label.EN + ")"}
				c.values(y, was.Get(option), is.Get(option), f)
			}
		}
		return
	case f.Kind == policy.Structs && was.Kind == source.Seq && is.Kind == source.Seq && len(was.Items) == len(is.Items):
		for i := range was.Items {
			if canonical(was.Items[i]) != canonical(is.Items[i]) {
				y := x
				y.What = policy.Text{ZH: fmt.Sprintf("%s第 %d 项", x.What.ZH, i+1), EN: fmt.Sprintf("%s, item %d", x.What.EN, i+1)}
				c.fields(y, was.Items[i], is.Items[i], f.Fields)
			}
		}
		return
	case f.Kind == policy.StructMap && was.Kind == source.Map && is.Kind == source.Map:
		for _, key := range union(was.Keys(), is.Keys()) {
			a, b := was.Get(key), is.Get(key)
			if canonical(a) == canonical(b) {
				continue
			}
			y := x
			label, ok := c.new.Wording(key)
			if !ok {
				label = same(key)
			}
			y.What = policy.Text{ZH: x.What.ZH + "：" + label.ZH, EN: x.What.EN + ": " + label.EN}
			if a != nil && b != nil && a.Kind == source.Map && b.Kind == source.Map {
				c.fields(y, a, b, f.Fields)
			} else {
				y.Kind = Condition
				y.Old, y.New = tellAny(a), tellAny(b)
				c.add(y)
			}
		}
		return
	case f.Kind == policy.Expressions && was.Kind == source.Map && is.Kind == source.Map && !checked.IsBy(was) && !checked.IsBy(is):
		for _, key := range union(was.Keys(), is.Keys()) {
			if canonical(was.Get(key)) != canonical(is.Get(key)) {
				y := x
				y.What = policy.Text{ZH: x.What.ZH + "：" + key, EN: x.What.EN + ": " + key}
				c.values(y, was.Get(key), is.Get(key), policy.Field{Kind: policy.Expression})
			}
		}
		return
	}
	x.Kind = kindOf(f, was, is)
	if is != nil {
		x.Span = is.Span
	}
	if was == nil || is == nil {
		x.Old, x.New = tellAny(was), tellAny(is)
		if is != nil && checked.IsBy(is) {
			x.New = same(textOf(is))
		}
		c.add(x)
		return
	}
	c.dated(x, was, is, func(n *source.Node, _ bool) policy.Text { return tellAny(n) })
}

func tellAny(n *source.Node) policy.Text {
	if n == nil {
		return policy.Text{}
	}
	return plainwords.Quantity(textOf(n))
}

// option is how people call an option of a reading, or a word that chooses.
func (c *comparison) option(by, option string) policy.Text {
	if r := c.new.ReadingsByKey[by]; r != nil {
		if o := r.Option(option); o != nil {
			return policy.Text{ZH: r.Asks.ZH + "：" + o.Label.ZH, EN: r.Asks.EN + ": " + o.Label.EN}
		}
	}
	if t, ok := c.new.Wording(option); ok {
		return t
	}
	return same(option)
}

// nameWithDigits is a name; the digits in one, as in fee2, are no number.
var nameWithDigits = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*`)

// decimals are the places of a number behind its point.
var decimals = regexp.MustCompile(`([0-9])\.[0-9]+`)

// isNumber reports whether a text is a number, an amount or a share, or computes
// with them alone, rather than with names and conditions.
func isNumber(text string) bool {
	rest := decimals.ReplaceAllString(nameWithDigits.ReplaceAllString(text, ""), "$1")
	return strings.ContainsAny(rest, "0123456789") && !strings.ContainsAny(rest, `=<>."(`)
}

// kindOf is what a change of a field is about.
func kindOf(f policy.Field, was, is *source.Node) Kind {
	switch f.Kind {
	case policy.Quantity:
		return Limit
	case policy.Number, policy.Numbers, policy.Percentage, policy.TimeOfDay:
		return Amount
	}
	for _, n := range []*source.Node{was, is} {
		if n == nil {
			return Condition
		}
		for _, v := range valuesByDate(n) {
			if v.value.Kind != source.Scalar || !isNumber(v.value.Text) {
				return Condition
			}
		}
	}
	return Amount
}

// rest compares what stands beside readings and rules.
func (c *comparison) rest() {
	for _, part := range []struct {
		key   string
		kind  Kind
		label policy.Text
	}{
		{"questions", Question, policy.Text{ZH: "问题", EN: "question"}}, {"facts", Fact, policy.Text{ZH: "事实", EN: "fact"}},
		{"words", Fact, policy.Text{ZH: "词表", EN: "word list"}}, {"calendars", Other, policy.Text{ZH: "日历", EN: "calendar"}},
		{"must", Other, policy.Text{ZH: "事实须满足的条件", EN: "what facts must be"}}, {"promises", Other, policy.Text{ZH: "承诺", EN: "promise"}}, {"rulebook", Other, policy.Text{ZH: "规则书", EN: "rulebook"}},
		{"review", Other, policy.Text{ZH: "月度审查", EN: "review"}},
	} {
		was, is := c.oldRoot.Get(part.key), c.newRoot.Get(part.key)
		c.anything(Change{Kind: part.kind, What: part.label}, was, is)
		c.wording(was, is, part.label)
	}
}

// anything compares two nodes by their keys.
func (c *comparison) anything(x Change, was, is *source.Node) {
	if canonical(was) == canonical(is) {
		return
	}
	if was != nil && is != nil && was.Kind == source.Map && is.Kind == source.Map && !checked.IsBy(was) && !checked.IsBy(is) {
		for _, key := range union(was.Keys(), is.Keys()) {
			a, b := was.Get(key), is.Get(key)
			if (a == nil || !checked.IsProse(source.Entry{Key: keyOf(was, key), Value: a})) && (b == nil || !checked.IsProse(source.Entry{Key: keyOf(is, key), Value: b})) {
				y := x
				y.What = policy.Text{ZH: x.What.ZH + " " + key, EN: x.What.EN + " " + key}
				c.anything(y, a, b)
			}
		}
		return
	}
	x.Old, x.New = tellAny(was), tellAny(is)
	switch {
	case was == nil:
		x.Span = is.Span
		x.New = cutText(x.New)
	case is == nil:
		x.Span = was.Span
		x.Old = cutText(x.Old)
	default:
		x.Span = is.Span
		c.dated(x, was, is, func(n *source.Node, _ bool) policy.Text { return cutText(tellAny(n)) })
		return
	}
	c.add(x)
}

// cutText is a text that is not too long to be read.
func cutText(t policy.Text) policy.Text {
	cut := func(s string) string {
		const most = 160
		if r := []rune(s); len(r) > most {
			return string(r[:most-1]) + "…"
		}
		return s
	}
	return policy.Text{ZH: cut(t.ZH), EN: cut(t.EN)}
}

// wording compares what people read below two nodes. What one of them lacks is
// told with what it is about.
func (c *comparison) wording(was, is *source.Node, what policy.Text) {
	old, changed := map[string]string{}, map[string]string{}
	wordingOf(was, "", old)
	wordingOf(is, "", changed)
	paths := make([]string, 0, len(changed))
	for path := range changed {
		if text, both := old[path]; both && text != changed[path] {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	for _, path := range paths {
		at := strings.TrimPrefix(strings.NewReplacer(".zh", " zh", ".en", " en").Replace(path), " ")
		at = strings.TrimPrefix(at, ".")
		x := Change{Kind: Wording, What: policy.Text{ZH: what.ZH + "（" + at + "）", EN: what.EN + " (" + at + ")"}, Old: same(old[path]), New: same(changed[path])}
		if is != nil {
			x.Span = is.Span
		}
		c.add(x)
	}
}
