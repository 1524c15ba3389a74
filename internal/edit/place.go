package edit

import (
	"slices"
	"strings"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
)

// Place is a value of a rules file.
type Place struct {
	Node *source.Node // nil where there is no such key yet
	Path string       // from the top

	parent *source.Node
	key    string
	since  date.Date // from which the rule that it is of applies; 0 where it does not say
	isRule bool      // a rule itself, which is no value
}

// Find finds the value that a person names:
//
//	time_limit/6 install_urban.within   a rule of an article, and its field; the
//	                                    regulation and the rule may be named by label
//	限时办结制第6条 城区装机.within     the article as answers and people call it
//	time_limit.install_urban.within     the rule by its id
//	time_limit/6 title.zh               something of an article itself
//	readings."month.from".chosen        any path from the top
func (f *File) Find(name string) (*Place, error) {
	p, err := f.find(name)
	if err == nil && p.isRule {
		return nil, fail(CodeNotOneValue, p.Node, diagnostic.Textf("%s 是一条规则，不是一个值", "%s is a rule and not one value", strings.TrimSpace(name)),
			diagnostic.Textf("在后面写 .字段：%s", "add .field: %s", strings.Join(p.Node.Keys(), ", ")))
	}
	return p, err
}

// Key finds the key of what a person names as Find does, or of a rule.
func (f *File) Key(name string) (*source.Node, error) {
	p, err := f.find(name)
	switch {
	case err != nil:
		return nil, err
	case p.Node == nil:
		return nil, fail(CodeUnknownPlace, p.parent, diagnostic.Textf("规则文件里没有 %s", "the rules file has nothing at %s", name), diagnostic.OneOf(p.key, p.parent.Keys()))
	case p.Node.Key() == nil:
		return nil, fail(CodeNotOneValue, p.Node, diagnostic.Textf("%s 没有名称", "%s has no name", name), diagnostic.Textf("写到一个键为止", "name a key"))
	}
	return p.Node.Key(), nil
}

func (f *File) find(name string) (*Place, error) {
	name = checked.ArticleWritten(strings.TrimSpace(name))
	if regulation, rest, ok := strings.Cut(name, "/"); ok {
		number, rest, ok := strings.Cut(rest, " ")
		if ok && (!strings.Contains(regulation, " ") || f.regulation(regulation) != nil) {
			return f.inArticle(regulation, number, strings.TrimSpace(rest))
		}
	}
	regulation, rest, _ := strings.Cut(name, ".")
	if r := f.root.Get("regulations").Get(regulation); r != nil {
		rule, field, _ := strings.Cut(rest, ".")
		for _, a := range r.Get("articles").Entries {
			if n := f.ruleIn(a.Value, rule); n != nil {
				return f.ofRule(n, field)
			}
		}
		if n := r.At(rest); n != nil {
			return f.at(f.root, "regulations."+name)
		}
		return nil, fail(CodeUnknownPlace, r, diagnostic.Textf("制度 %s 里没有规则 %q", "the regulation %s has no rule %q", regulation, rule), oneOf(rule, rulesOf(r), inItself))
	}
	return f.at(f.root, name)
}

// inArticle is a value of an article or of one of its rules.
func (f *File) inArticle(regulation, number, name string) (*Place, error) {
	r := f.regulation(regulation)
	if r == nil {
		all := f.root.Get("regulations")
		return nil, fail(CodeUnknownPlace, all, diagnostic.Textf("没有制度 %q", "there is no regulation %q", regulation), oneOf(regulation, all.Pairs(), inItself))
	}
	a := r.Get("articles").Get(number)
	if a == nil {
		return nil, fail(CodeUnknownPlace, r, diagnostic.Textf("%s 没有条款 %q", "%s has no article %q", regulation, number), diagnostic.OneOf(number, r.Get("articles").Keys()))
	}
	rule, field, _ := strings.Cut(name, ".")
	if n := f.ruleIn(a, rule); n != nil {
		return f.ofRule(n, field)
	}
	if a.Get(rule) != nil {
		return f.at(a, name)
	}
	return nil, fail(CodeUnknownPlace, a, diagnostic.Textf("%s/%s 里没有规则 %q", "%s/%s has no rule %q", regulation, number, rule), oneOf(rule, rulesIn(a), inItself))
}

// ofRule is a field of a rule, or the rule itself.
func (f *File) ofRule(rule *source.Node, field string) (*Place, error) {
	if field == "" {
		return &Place{Node: rule, Path: rule.Path(), isRule: true}, nil
	}
	p, err := f.at(rule, field)
	if err != nil {
		return nil, err
	}
	if n := rule.Get("from"); n != nil && n.Kind == source.Scalar && field != "from" {
		if day, err := date.ParseISO(n.Text); err == nil {
			p.since = day
		}
	}
	return p, nil
}

// at is the value at a path below a node. Its last key need not be there.
func (f *File) at(below *source.Node, path string) (*Place, error) {
	if n := below.At(path); n != nil {
		return &Place{Node: n, Path: n.Path(), parent: n, key: path}, nil
	}
	parent, key := below, path
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		parent, key = below.At(path[:i]), path[i+1:]
	}
	if parent == nil || parent.Kind != source.Map || key == "" || parent == f.root || strings.ContainsAny(key, "[]\" ") {
		at, steps := below, strings.FieldsFunc(path, func(r rune) bool { return r == '.' })
		for len(steps) > 0 && at.Get(steps[0]) != nil {
			at, steps = at.Get(steps[0]), steps[1:]
		}
		word := path
		if len(steps) > 0 {
			word = steps[0]
		}
		remedy := diagnostic.OneOf(word, at.Keys())
		if at == f.root {
			remedy = f.elsewhere(word, remedy)
		}
		return nil, fail(CodeUnknownPlace, at, diagnostic.Textf("规则文件里没有 %s", "the rules file has nothing at %s", path), remedy)
	}
	return &Place{Path: path, parent: parent, key: key}, nil
}

// ruleIn is the rule of that name in an article: an entry of one of its
// sections, of which each rule is a map. A rule may be named by its label, too,
// where no other of the article has it.
func (f *File) ruleIn(article *source.Node, name string) *source.Node {
	var called []*source.Node // by that label
	for _, section := range article.Entries {
		if n := section.Value.Get(name); n != nil && n.Kind == source.Map {
			return n
		}
		for _, e := range section.Value.Entries {
			if f.isCalled(e.Value, name) {
				called = append(called, e.Value)
			}
		}
	}
	if len(called) == 1 {
		return called[0]
	}
	return nil
}

// regulation is the regulation of that name. It may be named by its label, too,
// where no other has it.
func (f *File) regulation(name string) *source.Node {
	all := f.root.Get("regulations")
	if n := all.Get(name); n != nil {
		return n
	}
	var called []*source.Node
	for _, key := range all.Keys() {
		if r := all.Get(key); f.isCalled(r, name) {
			called = append(called, r)
		}
	}
	if len(called) == 1 {
		return called[0]
	}
	return nil
}

// isCalled reports whether a name is the label of a node in one of the languages.
func (f *File) isCalled(n *source.Node, name string) bool {
	return slices.ContainsFunc(f.labelLanguages(), func(lang string) bool {
		label := n.Get(lang)
		return label != nil && label.Text == name
	})
}

// labelLanguages are those in which the rulebook has labels: as the file says
// or, where it is not the main one, as is known of it; else Chinese and English.
func (f *File) labelLanguages() []string {
	var own []string
	if n := f.root.Get("rulebook").Get("languages"); n != nil {
		for _, tag := range n.Items {
			own = append(own, tag.Text)
		}
	}
	switch {
	case len(own) > 0:
		return own
	case len(f.languages) > 0:
		return f.languages
	}
	return []string{"zh", "en"}
}

// rulesIn are the rules of an article.
func rulesIn(article *source.Node) (rules []source.Entry) {
	for _, section := range article.Entries {
		for _, rule := range section.Value.Entries {
			if rule.Value.Kind == source.Map {
				rules = append(rules, rule)
			}
		}
	}
	return rules
}

// rulesOf are the rules of a regulation.
func rulesOf(regulation *source.Node) (rules []source.Entry) {
	if articles := regulation.Get("articles"); articles != nil {
		for _, a := range articles.Entries {
			rules = append(rules, rulesIn(a.Value)...)
		}
	}
	return rules
}
