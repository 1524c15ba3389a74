package load

import (
	"errors"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/intake"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// factTypes are the types that a fact may be declared with.
var factTypes = map[string]value.Kind{
	"yes_no": value.YesNo, "count": value.Count, "number": value.Count, "year": value.Count, "moment": value.Moment, "date": value.Date,
	"month": value.Month, "word": value.Word, "name": value.Name, "text": value.Name, "article": value.Article,
	"list": value.List, "record": value.Record, "money": value.Money,
}

var factTypeNames = []string{"yes_no", "count", "number", "money", "year", "moment", "date", "month", "word", "name", "text", "article", "list", "record"}

// otherTypes are names that people, and other languages, have for types.
var otherTypes = map[string]string{
	"bool": "yes_no", "boolean": "yes_no", "flag": "yes_no", "yesno": "yes_no", "是否": "yes_no", "布尔": "yes_no",
	"int": "count", "integer": "count", "个数": "count", "次数": "count", "件数": "count", "人数": "count", "整数": "number", "数": "number", "数字": "number",
	"datetime": "moment", "timestamp": "moment", "time": "moment", "instant": "moment", "时刻": "moment", "时间": "moment", "日期时间": "moment",
	"day": "date", "日期": "date", "日": "date", "月": "month", "月份": "month", "年": "year", "年份": "year",
	"amount": "money", "currency": "money", "金额": "money", "钱": "money",
	"enum": "word", "choice": "word", "code": "word", "词": "word", "选项": "word", "枚举": "word",
	"string": "text", "str": "text", "文字": "text", "文本": "text", "字符串": "text", "id": "name", "编号": "name", "名称": "name", "姓名": "name", "条款": "article",
	"array": "list", "列表": "list", "object": "record", "map": "record", "struct": "record", "记录": "record",
}

// typeMeant is the type that a text is probably meant as; "" for none.
func typeMeant(text string) string {
	if known := otherTypes[strings.ToLower(text)]; known != "" {
		return known
	}
	return diagnostic.Nearest(text, factTypeNames)
}

func (l *loader) factSection(n *source.Node) {
	for _, e := range n.Entries {
		if !l.name(e.Key, checked.SnakeCase) || !l.isMap(e.Value, policy.Text{ZH: "事实", EN: "a fact"}) {
			l.broken[e.Key.Text] = true
			continue
		}
		f := l.fact(e.Key, e.Value, "")
		if f == nil {
			l.broken[e.Key.Text] = true
			continue
		}
		l.place(f)
		l.book.FactsByName[f.Name] = f
		l.book.Facts, l.book.Rulebook.Facts = append(l.book.Facts, f), append(l.book.Rulebook.Facts, f.Fact)
	}
	l.resolveOrders()
	l.book.AsOfSlot = l.book.FactSlots
	l.book.FactSlots++
}

// place gives a fact and, for a record, its fields their slots.
func (l *loader) place(f *checked.Fact) {
	f.Slot = l.book.FactSlots
	l.book.FactSlots++
	for _, field := range f.Fields {
		l.place(field)
	}
}

func (l *loader) fact(key, n *source.Node, path string) *checked.Fact {
	f := &checked.Fact{Fact: &policy.Fact{Name: key.Text, Path: path + key.Text}, Slot: -1, Span: key.Span}
	l.onlyKeys(n, l.withLabel(factKeys...)...) // a key that is meant as a label is told so
	f.Label = l.label(n)
	if !l.factType(f, n) {
		return nil
	}
	return f
}

// kindWithKey are the keys that only one kind of fact has.
var kindWithKey = map[string]value.Kind{"words": value.Word, "of": value.List, "fields": value.Record, "ordered": value.List, "currency": value.Money, "personal": value.Name}

var factKeys = []string{"note", "unit", "type", "currency", "words", "of", "fields", "event", "ordered", "personal", "not_before", "if_absent", "if_null"}

func (l *loader) factType(f *checked.Fact, n *source.Node) bool {
	t := l.required(n, "type")
	if t == nil || !l.isScalar(t, policy.Text{ZH: "类型", EN: "the type"}) {
		return false
	}
	kind, ok := factTypes[t.Text]
	if !ok {
		l.fail("unknown_type", t, diagnostic.Textf("没有类型 %q", "there is no type %q", t.Text), diagnostic.OneOfNear(typeMeant(t.Text), factTypeNames))
		return false
	}
	f.TypeName = t.Text
	f.Typ = &value.Type{Kind: kind}
	if note := n.Get("note"); note != nil {
		f.Note = l.text(note)
	}
	if unit := n.Get("unit"); unit != nil {
		f.Unit = l.text(unit)
	}
	for _, e := range n.Entries {
		if k, own := kindWithKey[e.Key.Text]; own && k != kind {
			key := e.Key.Text
			l.fail("key_of_other_type", e.Key, diagnostic.Textf("类型 %s 没有 %q", "type %s has no %q", t.Text, key), diagnostic.Textf("删去它，或改类型", "remove it or change the type"))
			l.breakRoot(f) // its type may be what is wrong
			break
		}
	}
	switch kind {
	case value.Name: // what is not said to be of something else may be of a person
		p := n.Get("personal")
		f.Personal = p == nil || l.flag(p)
	case value.Money:
		if !l.currency(f, n) {
			return false
		}
	case value.Word:
		w := l.required(n, "words")
		if w == nil {
			return false
		}
		if f.Words = l.wordsOf(w, f.Path); f.Words == nil {
			return false
		}
		f.Typ.Words = l.book.WordsType(f.Words)
	case value.List:
		of := l.required(n, "of")
		if of == nil || !l.isMap(of, policy.Text{ZH: "列表项的声明", EN: "of"}) {
			return false
		}
		f.Elem = &checked.Fact{Fact: &policy.Fact{Name: f.Name, Path: f.Path + "[]", Label: f.Label}, Slot: -1, Span: of.Span}
		f.Fact.Elem = f.Elem.Fact
		l.onlyKeys(of, factKeys...)
		if !l.factType(f.Elem, of) {
			return false
		}
		if f.Elem.Typ.Kind == value.List {
			l.fail("nested_list", of.Get("type"), diagnostic.Textf("列表不能套列表", "a list of lists cannot be declared"), diagnostic.Textf("用记录的列表", "use a list of records"))
			return false
		}
		f.Typ.Elem = f.Elem.Typ
		f.Ordered = n.Get("ordered") != nil && l.flag(n.Get("ordered"))
	case value.Record:
		fields := l.required(n, "fields")
		if fields == nil || !l.isMap(fields, policy.Text{ZH: "fields", EN: "fields"}) {
			return false
		}
		f.Vars = map[string]*checked.Fact{}
		for _, e := range fields.Entries {
			if !l.name(e.Key, checked.SnakeCase) || !l.isMap(e.Value, policy.Text{ZH: "字段", EN: "a field"}) {
				l.breakRoot(f)
				continue
			}
			field := l.fact(e.Key, e.Value, f.Path+".")
			if field == nil {
				l.breakRoot(f)
				l.broken["."+e.Key.Text] = true // as it is used of elements
				continue
			}
			f.Fields, f.Fact.Fields = append(f.Fields, field), append(f.Fact.Fields, field.Fact)
			f.Vars[field.Name] = field
			f.Typ.Fields = append(f.Typ.Fields, value.Field{Name: field.Name, Type: field.Typ, MayBeNone: field.Absent == policy.IsNone || field.Null == policy.IsNone})
		}
		if len(fields.Entries) == 0 {
			l.failAt("empty_list", l.spanOf(fields), diagnostic.Textf("记录 %q 没有字段", "the record %q has no fields", f.Name), diagnostic.Textf("至少写一个字段", "write at least one field"))
			return false
		}
	}
	l.absence(f, n)
	return true
}

// breakRoot notes that a record, and with it the fact that it is in, lacks a
// field that was refused.
func (l *loader) breakRoot(f *checked.Fact) {
	root, _, _ := strings.Cut(f.Path, ".")
	l.broken[strings.TrimSuffix(root, "[]")] = true
}

func (l *loader) absence(f *checked.Fact, n *source.Node) {
	if f.Typ.Kind == value.Moment || f.Typ.Kind == value.Date {
		f.Absent = policy.IsNone
	}
	if e := n.Get("event"); e != nil {
		f.Event = l.flag(e)
		if f.Event && checked.PrecisionOf(f) == checked.NoTime {
			l.failAt("key_of_other_type", e.Key().Span, diagnostic.Textf("类型 %s 没有 %q", "type %s has no %q", f.TypeName, "event"), diagnostic.Textf("删去它", "remove it"))
		}
	}
	l.notBefore(f, n.Get("not_before"))
	f.SaysAbsent = n.Get("if_absent") != nil || n.Get("if_null") != nil
	if a := n.Get("if_absent"); a != nil && a.Kind == source.Empty && a.Text != "" { // null, ~
		l.fail("value_expected", a, diagnostic.Textf("缺省含义不能写 %s", "the meaning of absence cannot be %s", a.Text),
			diagnostic.Textf("没填就是没有，写 none；没填就是不知道，写 unknown", "write none where what is absent is not there, unknown where it is not known"))
	} else if a != nil && l.isScalar(a, policy.Text{ZH: "缺省含义", EN: "the meaning of absence"}) {
		switch {
		case a.Text == "none":
			f.Absent = policy.IsNone
		case a.Text == "unknown":
			f.Absent = policy.IsUnknown
		case a.Text == "empty" && f.Typ.Kind == value.List:
			f.Absent, f.Default, f.Fact.Default = policy.IsDefault, value.ListOf(nil), "[]"
		default:
			var v value.Value
			var err error = errNoDefault
			if f.Typ.Kind != value.List && f.Typ.Kind != value.Record {
				v, err = intake.ParseScalar(f, a.Text, a.Style != source.Plain, nil)
			}
			if f.Typ.Kind == value.Article {
				l.articles = append(l.articles, a) // they are read later
			}
			if err != nil {
				l.breakRoot(f) // its type may be what is wrong
				l.fail("bad_default", a, diagnostic.Textf("%q 不能作 %s 的缺省值", "%q cannot be the default of a %s", a.Text, f.TypeName),
					defaultRemedy(f, a, err))
				return
			}
			f.Absent, f.Default, f.Fact.Default = policy.IsDefault, v, f.Written(v)
		}
	}
	f.Null = f.Absent
	if x := n.Get("if_null"); x != nil && l.isScalar(x, policy.Text{ZH: "null 的含义", EN: "the meaning of null"}) {
		words := []string{"none", "unknown"}
		if !slices.Contains(words, x.Text) {
			l.fail("unknown_word", x, diagnostic.Textf("这里不能写 %q", "%q cannot stand here", x.Text), diagnostic.OneOf(x.Text, words))
		}
		f.Null = policy.IsUnknown
		if x.Text == "none" {
			f.Null = policy.IsNone
		}
	}
}

var errNoDefault = errors.New("lists and records have no other default")

func defaultRemedy(f *checked.Fact, written *source.Node, err error) policy.Text {
	if f.Words != nil {
		return diagnostic.OneOf("", append([]string{"none", "unknown"}, f.Words.Words...))
	}
	var fe *policy.FactError
	if errors.As(err, &fe) {
		return fe.Remedy
	}
	switch f.Typ.Kind {
	case value.YesNo:
		var meant *source.ScalarError
		if _, err := source.Boolean(written.Text); errors.As(err, &meant) && written.Style == source.Plain {
			return meant.Remedy
		}
	case value.List:
		return diagnostic.Textf("写 empty、none 或 unknown", "write empty, none or unknown")
	case value.Record:
		return diagnostic.Textf("写 none 或 unknown", "write none or unknown")
	}
	return diagnostic.Textf("写 none、unknown 或该类型的一个值", "write none, unknown or a value of that type")
}
