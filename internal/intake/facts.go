package intake

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// FactSet is a checked set of facts for one question of one rulebook. It is
// opaque: how facts are kept is nobody else's business.
type FactSet struct {
	Book  *checked.Book
	Asked *checked.Question
	Slots []value.Value
}

// Question is the question that the facts were checked for.
func (f *FactSet) Question() *policy.Question { return f.Asked.Question }

// parseFacts checks the facts against what the question declares. The error is
// a *FactError, or FactErrors.
func CheckFacts(b *checked.Book, q *checked.Question, n *source.Node, wrong *Refusals) (*FactSet, error) {
	f := &FactSet{Book: b, Asked: q, Slots: make([]value.Value, q.Layout.Slots)}
	if n.Kind != source.Map && n.Kind != source.Empty {
		wrong.add(at(n, policy.NewFactError("wrong_type", "", diagnostic.Textf("事实应为 {名称: 值}", "facts must be a map of name: value"), diagnostic.Textf("写成 {…}", "write {…}"))))
		return nil, wrong.Err()
	}
	taken := map[string]*source.Node{}
	for _, e := range n.Entries {
		taken[e.Key.Text] = e.Value
		if e.Key.Text == "as_of" {
			if isNull(e.Value) {
				continue
			}
			t, err := source.Moment(e.Value.Text)
			if err != nil || e.Value.Kind != source.Scalar {
				wrong.add(at(e.Value, scalarFactError("as_of", err)))
				continue
			}
			f.Slots[q.Layout.AsOf] = value.MomentOf(t)
			continue
		}
		if q.Fact(e.Key.Text) == nil {
			wrong.add(at(e.Key, policy.NewFactError("unknown_fact", e.Key.Text,
				diagnostic.Textf("问题 %s 不收取这个事实", "question %s takes no such fact", q.ID), diagnostic.OneOf(e.Key.Text, q.FactNames()))))
		}
	}
	for i, x := range q.Facts {
		setFact(b, f.Slots, q.Layout.Placed[i], taken[x.Name], x.Name, wrong)
	}
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	return f, nil
}

func at(n *source.Node, err *policy.FactError) *policy.FactError {
	err.Span = n.Span
	return err
}

func isNull(n *source.Node) bool {
	return n == nil || n.Kind == source.Empty || n.Kind == source.Scalar && n.Style == source.Plain && (n.Text == "null" || n.Text == "~" || n.Text == "")
}

// setFact fills the slots of a fact and, for a record, of its fields.
func setFact(b *checked.Book, slots []value.Value, f *checked.Fact, n *source.Node, path string, wrong *Refusals) {
	if f.Typ.Kind != value.Record {
		slots[f.Slot] = readFact(b, f, n, path, wrong)
		return
	}
	if isNull(n) {
		spreadAbsence(b, slots, f, absence(f, n))
		return
	}
	if !checkKeys(f, n, path, wrong) {
		return
	}
	slots[f.Slot] = value.In(value.Record, value.Known)
	for _, x := range f.Fields {
		child := n.Get(x.Name)
		if child == nil { // its path would be put together for nothing
			spreadAbsence(b, slots, x, x.Absent)
			continue
		}
		setFact(b, slots, x, child, path+"."+x.Name, wrong)
	}
}

// absence is what a missing or null node means.
func absence(f *checked.Fact, n *source.Node) policy.Absence {
	if n == nil {
		return f.Absent
	}
	return f.Null
}

func spreadAbsence(b *checked.Book, slots []value.Value, f *checked.Fact, a policy.Absence) {
	slots[f.Slot] = f.AbsentValue(a)
	for _, x := range f.Fields {
		inner := a
		if a == policy.IsUnknown && x.Absent == policy.IsDefault {
			inner = policy.IsDefault
		}
		spreadAbsence(b, slots, x, inner)
	}
}

// checkKeys reports whether a record is one; keys that are no fields are
// refused.
func checkKeys(f *checked.Fact, n *source.Node, path string, wrong *Refusals) bool {
	if n.Kind != source.Map {
		wrong.add(at(n, policy.NewFactError("wrong_type", path, diagnostic.Textf("应为记录 {字段: 值}", "a record {field: value} is expected"), diagnostic.Textf("写成 {…}", "write {…}"))))
		return false
	}
	for i, e := range n.Entries {
		if f.Vars[e.Key.Text] == nil {
			if before, rest, cut := checked.CutNumber(n, i); cut {
				message, remedy := checked.CutInTwo(before, rest)
				wrong.add(at(before, policy.NewFactError("not_an_integer", path+"."+n.Entries[i-1].Key.Text, message, remedy)))
				continue
			}
			wrong.add(at(e.Key, policy.NewFactError("unknown_fact", path+"."+e.Key.Text, diagnostic.Textf("没有这个字段", "there is no such field"),
				diagnostic.OneOf(e.Key.Text, slices.Sorted(maps.Keys(f.Vars))))))
		}
	}
	return true
}

// readFact reads a value that lives in one slot or inside a list. What is
// refused is no value.
func readFact(b *checked.Book, f *checked.Fact, n *source.Node, path string, wrong *Refusals) value.Value {
	if isNull(n) {
		return absent(f, absence(f, n))
	}
	refuse := func(n *source.Node, e *policy.FactError) value.Value {
		wrong.add(at(n, e))
		return value.Value{}
	}
	switch f.Typ.Kind {
	case value.List:
		if n.Kind != source.Seq {
			return refuse(n, policy.NewFactError("wrong_type", path, diagnostic.Textf("应为列表", "a list is expected"), diagnostic.Textf("写成 […]", "write […]")))
		}
		if len(n.Items) > policy.MaxItems {
			return refuse(n, policy.NewFactError("too_many_items", path, diagnostic.Textf("超过 %d 项", "more than %d items", policy.MaxItems), diagnostic.Textf("分批提问", "ask in smaller pieces")))
		}
		list := make([]value.Value, 0, len(n.Items))
		for i, item := range n.Items {
			where := fmt.Sprintf("%s[%d]", path, i)
			if isNull(item) {
				refuse(item, policy.NewFactError("null_item", where, diagnostic.Textf("列表里不能有空项", "a list cannot hold an empty item"), diagnostic.Textf("删去空项", "remove it")))
				continue
			}
			list = append(list, readFact(b, f.Elem, item, where, wrong))
		}
		return canonical(f, list)
	case value.Record:
		if !checkKeys(f, n, path, wrong) {
			return value.Value{}
		}
		fields := make([]value.Value, len(f.Fields))
		for i, x := range f.Fields {
			fields[i] = readFact(b, x, n.Get(x.Name), path+"."+x.Name, wrong)
		}
		return value.RecordOf(fields)
	}
	if n.Kind != source.Scalar {
		return refuse(n, policy.NewFactError("wrong_type", path, diagnostic.Textf("应为一个值", "a single value is expected"), diagnostic.Textf("写一个值", "write one value")))
	}
	v, err := ParseScalar(f, n.Text, n.Style != source.Plain, b)
	if err == nil {
		return v
	}
	fe, ok := err.(*policy.FactError)
	if !ok {
		fe = scalarFactError(path, err)
	}
	fe.Fact = path
	return refuse(n, fe)
}

// canonical puts a list whose order means nothing into one order, so that the
// same facts give the same bytes. The places that the elements had are kept in
// N of each, for messages.
func canonical(f *checked.Fact, list []value.Value) value.Value {
	type keyed struct {
		key   string
		value value.Value
	}
	keys := make([]keyed, len(list))
	for i, v := range list {
		if v.K == value.Record {
			v.N = int64(i)
		}
		keys[i] = keyed{v.Text(time.UTC), v}
	}
	if !f.Ordered {
		slices.SortStableFunc(keys, func(a, b keyed) int {
			return cmp.Or(strings.Compare(a.key, b.key), compareValues(a.value, b.value))
		})
	}
	for i, k := range keys {
		list[i] = k.value
	}
	return value.ListOf(list)
}

// compareValues tells apart what reads the same: names may hold commas.
func compareValues(v, w value.Value) int {
	if v.K == value.List || v.K == value.Record {
		return cmp.Or(cmp.Compare(v.State, w.State), slices.CompareFunc(v.L(), w.L(), compareValues))
	}
	return cmp.Or(cmp.Compare(v.State, w.State), cmp.Compare(v.N, w.N), strings.Compare(v.S(), w.S()))
}

func absentRecord(f *checked.Fact, a policy.Absence) value.Value {
	v := f.AbsentValue(a)
	fields := make([]value.Value, len(f.Fields))
	for i, x := range f.Fields {
		inner := a
		if a == policy.IsUnknown && x.Absent == policy.IsDefault {
			inner = policy.IsDefault
		}
		fields[i] = x.AbsentValue(inner)
	}
	return value.ListIn(v.K, v.State, fields)
}

func scalarFactError(path string, err error) *policy.FactError {
	if se, ok := err.(*source.ScalarError); ok {
		return policy.NewFactError(se.Code, path, se.Message, se.Remedy)
	}
	return policy.NewFactError("bad_value", path, diagnostic.Textf("%v", "%v", err), policy.Text{})
}

// ParseScalar reads a scalar strictly by the declared type. Without a rulebook
// an article may be any.
func ParseScalar(f *checked.Fact, text string, quoted bool, b *checked.Book) (value.Value, error) {
	switch f.Typ.Kind {
	case value.YesNo:
		if quoted {
			remedy := diagnostic.Textf("写 true 或 false", "write true or false")
			var meant *source.ScalarError
			if _, err := source.Boolean(text); errors.As(err, &meant) {
				remedy = meant.Remedy // of yes, 是 and the like
			}
			return value.Value{}, policy.NewFactError("wrong_type", f.Path, diagnostic.Textf("应为 true 或 false，不加引号", "true or false without quotes is expected"), remedy)
		}
		v, err := source.Boolean(text)
		return value.Bool(v), err
	case value.Count:
		if quoted {
			return value.Value{}, policy.NewFactError("wrong_type", f.Path, diagnostic.Textf("应为整数，不加引号", "a whole number without quotes is expected"), diagnostic.Textf("去掉引号，只写整数", "write a whole number without quotes"))
		}
		v, err := source.Integer(text)
		if err == nil && (v < 0 && f.TypeName != "number" || v >= policy.MaxCount || v <= -policy.MaxCount) {
			lowest, remedy := int64(0), diagnostic.Textf("写非负整数", "write a non-negative whole number")
			if f.TypeName == "number" {
				lowest, remedy = 1-policy.MaxCount, diagnostic.Textf("写较小的整数", "write a smaller whole number")
			}
			err = policy.NewFactError("out_of_range", f.Path, diagnostic.Textf("%d 不在 %d 至 %d 之间", "%d is not between %d and %d", v, lowest, int64(policy.MaxCount-1)), remedy)
		}
		if err == nil && f.TypeName == "year" && (v < source.FirstDateYear || v > source.LastDateYear) {
			err = policy.NewFactError("out_of_range", f.Path, diagnostic.Textf("%d 不在 1 至 9999 年之间", "%d is not a year from 1 to 9999", v), diagnostic.Textf("写四位年份", "write a year"))
		}
		return value.Int(v), err
	case value.Money:
		m, err := policy.ReadMoney(text, f.Typ.In.Code())
		if err != nil {
			return value.Value{}, err
		}
		in, _ := value.CurrencyNamed(m.Currency)
		return value.MoneyOf(m.Minor, in), nil
	case value.Moment:
		t, err := source.Moment(text)
		if err != nil {
			return value.Value{}, err
		}
		return value.MomentOf(t), nil
	case value.Date:
		d, err := source.Date(text)
		return value.DateOf(d), err
	case value.Month:
		y, m, err := source.Month(text)
		return value.MonthOf(y, m), err
	case value.Word:
		for _, w := range f.Words.Words {
			if w == text {
				return value.WordOf(w), nil
			}
		}
		return value.Value{}, policy.NewFactError("unknown_word", f.Path, diagnostic.Textf("%q 不在词表中", "%q is not one of the words", text), f.Words.OneOf(text))
	case value.Article:
		if b == nil {
			return value.ArticleOf(text), nil
		}
		a := b.ArticlesByID[text]
		if a == nil {
			return value.Value{}, policy.NewFactError("unknown_article", f.Path, diagnostic.Textf("没有条款 %q", "there is no article %q", text),
				diagnostic.OneOf(text, checked.Nearby(text, slices.Sorted(maps.Keys(b.ArticlesByID)))))
		}
		return value.ArticleOf(a.ID), nil
	default:
		text = strings.TrimSpace(text)
		switch {
		case text == "" && f.TypeName == "text":
			return value.NoneOf(value.Name), nil
		case text == "":
			return value.Value{}, policy.NewFactError("empty_name", f.Path, diagnostic.Textf("名称是空的", "the name is empty"), diagnostic.Textf("写编号，或写 null", "write an id, or null"))
		case utf8.RuneCountInString(text) > policy.MaxName && f.TypeName == "name":
			return value.Value{}, policy.NewFactError("name_too_long", f.Path, diagnostic.Textf("名称超过 %d 个字符", "the name is longer than %d characters", policy.MaxName), diagnostic.Textf("用编号", "use an id"))
		}
		return value.NameOf(text), nil
	}
}
