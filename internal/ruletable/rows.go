// Package ruletable shows what of a rulebook is numbers and choices as rows of a
// table – limits, ladders, tables, indicators, checklists, named values, readings
// – and takes back what a person changed of them.
package ruletable

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// Row is one value of a rules file.
type Row struct {
	Group   string // one of Groups
	Article string // by its id, as time_limit/6
	Rule    string // its label, or what a reading asks
	Item    string // which value of the rule: its keys
	Value   string // as it stands there
	Note    string // what may stand there, in words
	Place   string // as [edit.File.Find] takes it; the key of a reading
	Choices []string
	Fixed   bool // is shown, and not to be changed
}

// Groups are the kinds of values, in the order in which they are shown.
var Groups = []string{"limits", "ladders", "tables", "indicators", "checklists", "values", "others", "readings"}

// GroupLabel is what a group is called.
func GroupLabel(group string) diagnostic.Text {
	return map[string]diagnostic.Text{
		"limits": {ZH: "期限", EN: "limits"}, "ladders": {ZH: "阶梯", EN: "ladders"}, "tables": {ZH: "表", EN: "tables"}, "indicators": {ZH: "指标", EN: "indicators"},
		"checklists": {ZH: "清单", EN: "checklists"}, "values": {ZH: "数值", EN: "values"}, "others": {ZH: "其他数字", EN: "other numbers"}, "readings": {ZH: "读法", EN: "readings"},
	}[group]
}

// groupOf is the group of the rules of a section.
func groupOf(section string) string {
	switch section {
	case "deadlines", "clocks", "pauses", "extensions", "deemings", "alerts":
		return "limits"
	case "ladders", "tables", "indicators", "checklists", "values":
		return section
	}
	return "others"
}

// Rows are the values of a rulebook of these files, the main one first; those of
// the groups, or of all where none is named.
func Rows(b *policy.Rulebook, files []source.File, lang string, groups ...string) []Row {
	w := &walker{book: b, lang: lang, seen: map[string]bool{}}
	for _, f := range files {
		root, _ := source.Parse(f.Path, f.Text)
		if root == nil {
			continue // it has been loaded
		}
		w.file(root)
	}
	all := w.rows
	if len(groups) > 0 {
		all = slices.DeleteFunc(all, func(r Row) bool { return !slices.Contains(groups, r.Group) })
	}
	slices.SortStableFunc(all, func(a, b Row) int { return cmp.Compare(slices.Index(Groups, a.Group), slices.Index(Groups, b.Group)) })
	return all
}

type walker struct {
	book *policy.Rulebook
	lang string
	rows []Row
	seen map[string]bool // places, of which the first file has the one that holds
}

func (w *walker) add(r Row) {
	if !w.seen[r.Group+r.Place] {
		w.seen[r.Group+r.Place] = true
		w.rows = append(w.rows, r)
	}
}

func (w *walker) file(root *source.Node) {
	if readings := root.Get("readings"); readings != nil {
		for _, e := range readings.Entries {
			w.reading(e.Key.Text, e.Value.Get("chosen"))
		}
	}
	regulations := root.Get("regulations")
	if regulations == nil {
		return
	}
	for _, r := range regulations.Entries {
		articles := r.Value.Get("articles")
		if articles == nil {
			continue
		}
		for _, a := range articles.Entries {
			for _, section := range a.Value.Entries {
				if isWording(section.Key.Text) || section.Value.Kind != source.Map {
					continue
				}
				for _, rule := range section.Value.Entries {
					if rule.Value.Kind == source.Map {
						w.rule(r.Key.Text+"/"+a.Key.Text, groupOf(section.Key.Text), rule)
					}
				}
			}
		}
	}
}

// reading adds a reading; what is chosen is changed where it is one option.
func (w *walker) reading(key string, chosen *source.Node) {
	r, ok := w.book.Reading(key)
	if !ok {
		return
	}
	row := Row{Group: "readings", Article: r.Article, Rule: r.Asks.In(w.lang), Item: "chosen", Place: key, Fixed: true}
	if chosen != nil {
		row.Value = strings.TrimSpace(chosen.Flow())
		if chosen.Kind == source.Scalar {
			row.Value = chosen.Text
		}
	}
	var notes []string
	for _, o := range r.Options {
		notes = append(notes, o.Name+" = "+o.Label.In(w.lang))
		if o.Parameter == "" {
			row.Choices = append(row.Choices, o.Name)
		}
	}
	row.Note = strings.Join(notes, "\n")
	if row.Fixed = r.Several || !slices.Contains(row.Choices, row.Value); row.Fixed { // a set, one with an argument, or one by date
		row.Choices = nil
	}
	w.add(row)
}

// rule adds the values of a rule.
func (w *walker) rule(article, group string, e source.Entry) {
	label := e.Key.Text
	if n := e.Value.Get(w.lang); n != nil && n.Kind == source.Scalar {
		label = n.Text
	}
	r := Row{Group: group, Article: article, Rule: label}
	base := e.Value.Path()
	w.leaves(e.Value, r, func(n *source.Node) string {
		return article + " " + quotedKey(e.Key.Text) + "." + strings.TrimPrefix(strings.TrimPrefix(n.Path(), base), ".")
	}, strings.HasPrefix(group, "tables"))
	if like := e.Value.Get("like"); like != nil && like.Kind == source.Scalar {
		rest := r
		rest.Item, rest.Value, rest.Fixed = "like", like.Text, true
		rest.Note = diagnostic.Textf("没有列出的，与 %s 相同", "what is not listed is as in %s", like.Text).In(w.lang)
		rest.Place = article + " " + quotedKey(e.Key.Text) + ".like"
		w.add(rest)
	}
	if items := e.Value.Get("items"); group == "checklists" && items != nil {
		for _, x := range items.Entries {
			own := r
			own.Item, own.Fixed = "items."+x.Key.Text, true
			own.Place = article + " " + quotedKey(e.Key.Text) + ".items." + quotedKey(x.Key.Text)
			w.add(own)
		}
	}
}

func quotedKey(key string) string {
	if strings.ContainsAny(key, ".[]\"\\ ") {
		return strconv.Quote(key)
	}
	return key
}

var (
	quantity = regexp.MustCompile(`^-?\d`)
	isoDate  = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}`)
)

// isWording reports whether a key holds words for people, or says where a value
// is from, and no value itself.
func isWording(key string) bool {
	switch key {
	case "zh", "en", "title", "text", "note", "rests_on", "cites", "nature", "by", "id", "words", "part_of", "liable", "breach":
		return true
	}
	return false
}

// leaves adds the values in a node: numbers and lengths and, in the rows of a
// table, whatever stands there.
func (w *walker) leaves(n *source.Node, r Row, place func(*source.Node) string, isTable bool) {
	switch n.Kind {
	case source.Map:
		for _, e := range n.Entries {
			if !isWording(e.Key.Text) && !slices.Contains(w.book.Languages, e.Key.Text) {
				w.leaves(e.Value, r, place, isTable)
			}
		}
	case source.Seq:
		for _, item := range n.Items {
			w.leaves(item, r, place, isTable)
		}
	case source.Scalar:
		p := place(n)
		inRows := isTable && strings.Contains(p, ".rows[")
		if !inRows && (!quantity.MatchString(n.Text) || isoDate.MatchString(n.Text)) || strings.Contains(n.Text, "\n") {
			return
		}
		_, item, _ := strings.Cut(p, " ")
		_, item, _ = strings.Cut(item, ".")
		r.Item, r.Value, r.Place = item, n.Text, p
		if inRows {
			r.Note = w.columnOf(n)
		}
		w.add(r)
	}
}

// columnOf is the label of the key or result of a table that a value of one of its
// rows is of, where the table gives it one.
func (w *walker) columnOf(n *source.Node) string {
	for ; n.Parent() != nil; n = n.Parent() {
		of := n.Parent().Key()
		if of == nil || n.Key() == nil || of.Text != "where" && of.Text != "gives" {
			continue
		}
		for rule := n.Parent().Parent(); rule != nil; rule = rule.Parent() {
			if columns := rule.Get("columns"); columns != nil {
				label := columns.Get(n.Key().Text)
				if label != nil && label.Kind == source.Map {
					label = label.Get(w.lang)
				}
				if label != nil && label.Kind == source.Scalar {
					return label.Text
				}
				return ""
			}
		}
	}
	return ""
}
