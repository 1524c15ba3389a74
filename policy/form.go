package policy

import (
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
)

// Text is one piece of wording in Chinese and English.
type Text = diagnostic.Text

// FieldKind says what may be written in a field of a rule.
type FieldKind uint8

// What a field of a rule may hold.
const (
	Expression  FieldKind = iota // a condition or computed value
	Expressions                  // a map of name: expression
	Option                       // one of the form's own words
	Quantity                     // "5 working days", "24 hours"
	Number                       // a whole number
	Numbers                      // a list of whole numbers
	Percentage                   // "0.1%"
	TimeOfDay                    // "18:00"
	Flag                         // true or false
	Code                         // a word that the answer will carry
	Codes                        // a list of such words
	ListName                     // the name of a list of words
	Wording                      // {zh: …, en: …}
	Calendar                     // the name of a declared calendar
	Articles                     // a list of article ids
	Quotations                   // a text, or a list of them, that stand in the text of the article
	RuleName                     // the name of another rule
	RuleNames                    // a list of them
	Structs                      // a list of maps with the given fields
	StructMap                    // a map of code: map with the given fields
	Cells                        // a map of key of a table: what it must be
	Renames                      // a map of name: the name that stands in its place
)

// Field declares one key that a rule of a form may have. Any value may be
// written as a choice (`by:`) instead.
type Field struct {
	Name     string
	Kind     FieldKind
	Required bool
	Words    []string // for Option: the closed list, the first being the default
	Wants    Kind     // for Expression: the type wanted, "" for any
	Element  bool     // for Expression: evaluated for each element of the rule's `each` list
	Fields   []Field  // for Structs and StructMap
	// Computed is set where an expression may give the word of an Option, the
	// name of a Calendar, or the number and unit of a Quantity.
	Computed  bool
	Looks     []string // for Expression: the fields of the records of its list that the form looks at by itself
	ByDay     bool     // for Expression: the form looks at it on other days as well, and so at a named value that stands there
	Unrounded bool     // for Expression: an amount of money need not be rounded there
	Said      bool     // for Code, Codes and Expressions: the words, or names, reach people and want a label
	Doc       Text
}

// Output documents a value that a rule of a form offers to other rules and
// to questions, as `rule_name.output`.
type Output struct {
	Name  string
	Type  string
	Label Text // of a value that shows it and has none of its own; zero where that is called as the rule is
	Doc   Text
}

// Form is a kind of rule: what may be written in it, and what comes out.
type Form struct {
	Name    string // "duty"
	Section string // the key under an article that holds such rules: "duties"
	Doc     Text
	Fields  []Field
	Outputs []Output
	// Owner says that rules of other forms may be part of a rule of this
	// form; PartOf names the forms whose rules this one may be part of.
	// A form that names itself in PartOf may be grouped: rules with the same
	// `part_of` are then one unit under that name.
	PartOf []string
}

// commonFields may stand in a rule of any form.
var commonFields = []Field{
	{Name: "zh", Kind: Wording, Doc: Text{ZH: "中文名称；中英文都不写，即用本条的标题", EN: "Chinese label; with neither, it is called as its article is titled"}},
	{Name: "en", Kind: Wording, Doc: Text{ZH: "英文名称，同上", EN: "English label, likewise"}},
	{Name: "note", Kind: Wording, Doc: Text{ZH: "说明，不参与判定", EN: "a remark; decides nothing"}},
	{Name: "part_of", Kind: RuleName, Doc: Text{ZH: "并入同名的一组规则", EN: "joins the rules of that name into one unit"}},
	{Name: "like", Kind: RuleName, Doc: Text{
		ZH: "照哪条规则（同一种）写：自己没写的各键（in_force 也在内）都与它相同，文字、note、also_cites、rests_on 除外",
		EN: "the rule, of the same kind, that it is like: it has from it every key that it does not have itself, in_force too, but for wording, note, also_cites and rests_on",
	}},
	{Name: "in_place_of", Kind: Renames, Doc: Text{
		ZH: "与 like 同用：取来的内容里哪些名称换成什么，如 {tickets_p1: tickets_p2} 即 tickets_p1 处写 tickets_p2",
		EN: "with like: the names that stand here in place of others in what is taken over, {tickets_p1: tickets_p2} being tickets_p2 in place of tickets_p1",
	}},
	{Name: "also_cites", Kind: Articles, Doc: Text{ZH: "同时引用的条款", EN: "further articles to cite"}},
	{Name: "rests_on", Kind: Quotations, Doc: Text{ZH: "依据条文里的哪些话，照 text 原样抄", EN: "the words of the article's text that it rests on, as they stand there"}},
	{Name: "in_force", Kind: Wording, Doc: Text{
		ZH: "生效日期：{from: 日期, to: 日期}，两端均含", EN: "dates in force: {from: date, to: date}, both included",
	}},
}

func (f *Form) Keys() []string {
	var keys []string
	for _, x := range f.Fields {
		keys = append(keys, x.Name)
	}
	for _, x := range commonFields {
		keys = append(keys, x.Name)
	}
	return keys
}

func (f *Form) MayBePartOf(owner string) bool {
	for _, p := range f.PartOf {
		if p == owner {
			return true
		}
	}
	return false
}

// CommonFields are the keys that a rule of any form may have.
func CommonFields() []Field { return slices.Clone(commonFields) }
