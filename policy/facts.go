package policy

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
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
)

// FactError says why facts were refused. Code is stable; Fact is the path of
// the fact, such as "request.kind" or "complaints[2].level".
type FactError struct {
	Code    string
	Fact    string
	Message Text
	Remedy  Text
	Span    diagnostic.Span // in the text that the facts came in, if any
}

// Error is the refusal in English.
func (e *FactError) Error() string {
	return e.In("en")
}

// In is the refusal in the given language, on one line.
func (e *FactError) In(lang string) string {
	if e == nil {
		return "<nil>"
	}
	text := e.Message.In(lang)
	if e.Fact != "" {
		text = e.Fact + Text{ZH: "：", EN: ": "}.In(lang) + text
	}
	if at := e.Span.String(); at != "" {
		text = at + ": " + text
	}
	text += " [" + e.Code + "]"
	if r := e.Remedy.In(lang); r != "" {
		text += " → " + r
	}
	return text
}

func factError(code, fact string, message, remedy Text) *FactError {
	if len(fact) > maxFactPath {
		fact = strings.ToValidUTF8(fact[:maxFactPath], "") + "…"
	}
	return &FactError{Code: code, Fact: fact, Message: message.Clip(), Remedy: remedy.Clip()}
}

// maxFactPath is how many bytes of a path are told: an unknown fact may have
// any name.
const maxFactPath = 300

// factSet is a checked set of facts for one question of one rulebook. It is
// opaque: how facts are kept is nobody else's business.
type factSet struct {
	book     *CheckedBook
	question *checkedQuestion
	slots    []value.Value
}

// Question is the question that the facts were checked for.
func (f *factSet) Question() *Question { return f.question.Question }

// parseFacts checks the facts against what the question declares. The error is
// a *FactError, or FactErrors.
func (b *CheckedBook) parseFacts(q *checkedQuestion, n *source.Node, wrong *refusals) (*factSet, error) {
	f := &factSet{book: b, question: q, slots: make([]value.Value, q.layout.slots)}
	if n.Kind != source.Map && n.Kind != source.Empty {
		wrong.add(at(n, factError("wrong_type", "", diagnostic.Textf("事实应为 {名称: 值}", "facts must be a map of name: value"), diagnostic.Textf("写成 {…}", "write {…}"))))
		return nil, wrong.err()
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
			f.slots[q.layout.asOf] = value.MomentOf(t)
			continue
		}
		if q.fact(e.Key.Text) == nil {
			wrong.add(at(e.Key, factError("unknown_fact", e.Key.Text,
				diagnostic.Textf("问题 %s 不收取这个事实", "question %s takes no such fact", q.ID), diagnostic.OneOf(e.Key.Text, q.factNames()))))
		}
	}
	for i, x := range q.Facts {
		b.setFact(f.slots, q.layout.placed[i], taken[x.Name], x.Name, wrong)
	}
	if err := wrong.err(); err != nil {
		return nil, err
	}
	return f, nil
}

func (q *checkedQuestion) fact(name string) *checkedFact {
	for _, f := range q.Facts {
		if f.Name == name {
			return f.Fact
		}
	}
	return nil
}

func at(n *source.Node, err *FactError) *FactError {
	err.Span = n.Span
	return err
}

func isNull(n *source.Node) bool {
	return n == nil || n.Kind == source.Empty || n.Kind == source.Scalar && n.Style == source.Plain && (n.Text == "null" || n.Text == "~" || n.Text == "")
}

// setFact fills the slots of a fact and, for a record, of its fields.
func (b *CheckedBook) setFact(slots []value.Value, f *checkedFact, n *source.Node, path string, wrong *refusals) {
	if f.typ.Kind != value.Record {
		slots[f.slot] = b.readFact(f, n, path, wrong)
		return
	}
	if isNull(n) {
		b.spreadAbsence(slots, f, f.absence(n))
		return
	}
	if !f.checkKeys(n, path, wrong) {
		return
	}
	slots[f.slot] = value.In(value.Record, value.Known)
	for _, x := range f.Fields {
		child := n.Get(x.Name)
		if child == nil { // its path would be put together for nothing
			b.spreadAbsence(slots, x, x.Absent)
			continue
		}
		b.setFact(slots, x, child, path+"."+x.Name, wrong)
	}
}

// absence is what a missing or null node means.
func (f *checkedFact) absence(n *source.Node) Absence {
	if n == nil {
		return f.Absent
	}
	return f.Null
}

func (b *CheckedBook) spreadAbsence(slots []value.Value, f *checkedFact, a Absence) {
	slots[f.slot] = f.absentValue(a)
	for _, x := range f.Fields {
		inner := a
		if a == IsUnknown && x.Absent == IsDefault {
			inner = IsDefault
		}
		b.spreadAbsence(slots, x, inner)
	}
}

func (f *checkedFact) absentValue(a Absence) value.Value {
	switch a {
	case IsNone:
		return value.NoneOf(f.typ.Kind)
	case IsDefault:
		if f.Default.IsKnown() {
			return f.Default
		}
	}
	return value.UnknownOf(f.typ.Kind)
}

// checkKeys reports whether a record is one; keys that are no fields are
// refused.
func (f *checkedFact) checkKeys(n *source.Node, path string, wrong *refusals) bool {
	if n.Kind != source.Map {
		wrong.add(at(n, factError("wrong_type", path, diagnostic.Textf("应为记录 {字段: 值}", "a record {field: value} is expected"), diagnostic.Textf("写成 {…}", "write {…}"))))
		return false
	}
	for i, e := range n.Entries {
		if f.vars[e.Key.Text] == nil {
			if before, rest, cut := cutNumber(n, i); cut {
				message, remedy := cutInTwo(before, rest)
				wrong.add(at(before, factError("not_an_integer", path+"."+n.Entries[i-1].Key.Text, message, remedy)))
				continue
			}
			wrong.add(at(e.Key, factError("unknown_fact", path+"."+e.Key.Text, diagnostic.Textf("没有这个字段", "there is no such field"),
				diagnostic.OneOf(e.Key.Text, slices.Sorted(maps.Keys(f.vars))))))
		}
	}
	return true
}

// readFact reads a value that lives in one slot or inside a list. What is
// refused is no value.
func (b *CheckedBook) readFact(f *checkedFact, n *source.Node, path string, wrong *refusals) value.Value {
	if isNull(n) {
		return f.absent(f.absence(n))
	}
	refuse := func(n *source.Node, e *FactError) value.Value {
		wrong.add(at(n, e))
		return value.Value{}
	}
	switch f.typ.Kind {
	case value.List:
		if n.Kind != source.Seq {
			return refuse(n, factError("wrong_type", path, diagnostic.Textf("应为列表", "a list is expected"), diagnostic.Textf("写成 […]", "write […]")))
		}
		if len(n.Items) > maxItems {
			return refuse(n, factError("too_many_items", path, diagnostic.Textf("超过 %d 项", "more than %d items", maxItems), diagnostic.Textf("分批提问", "ask in smaller pieces")))
		}
		list := make([]value.Value, 0, len(n.Items))
		for i, item := range n.Items {
			where := fmt.Sprintf("%s[%d]", path, i)
			if isNull(item) {
				refuse(item, factError("null_item", where, diagnostic.Textf("列表里不能有空项", "a list cannot hold an empty item"), diagnostic.Textf("删去空项", "remove it")))
				continue
			}
			list = append(list, b.readFact(f.Elem, item, where, wrong))
		}
		return f.canonical(list)
	case value.Record:
		if !f.checkKeys(n, path, wrong) {
			return value.Value{}
		}
		fields := make([]value.Value, len(f.Fields))
		for i, x := range f.Fields {
			fields[i] = b.readFact(x, n.Get(x.Name), path+"."+x.Name, wrong)
		}
		return value.RecordOf(fields)
	}
	if n.Kind != source.Scalar {
		return refuse(n, factError("wrong_type", path, diagnostic.Textf("应为一个值", "a single value is expected"), diagnostic.Textf("写一个值", "write one value")))
	}
	v, err := f.parseScalar(n.Text, n.Style != source.Plain, b)
	if err == nil {
		return v
	}
	fe, ok := err.(*FactError)
	if !ok {
		fe = scalarFactError(path, err)
	}
	fe.Fact = path
	return refuse(n, fe)
}

// canonical puts a list whose order means nothing into one order, so that the
// same facts give the same bytes. The places that the elements had are kept in
// N of each, for messages.
func (f *checkedFact) canonical(list []value.Value) value.Value {
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

func (f *checkedFact) absentRecord(a Absence) value.Value {
	v := f.absentValue(a)
	fields := make([]value.Value, len(f.Fields))
	for i, x := range f.Fields {
		inner := a
		if a == IsUnknown && x.Absent == IsDefault {
			inner = IsDefault
		}
		fields[i] = x.absentValue(inner)
	}
	return value.ListIn(v.K, v.State, fields)
}

func scalarFactError(path string, err error) *FactError {
	if se, ok := err.(*source.ScalarError); ok {
		return factError(se.Code, path, se.Message, se.Remedy)
	}
	return factError("bad_value", path, diagnostic.Textf("%v", "%v", err), Text{})
}

const (
	maxCount = 1_000_000_000_000_000 // exclusive: sums and products with thresholds stay far from overflow
	maxName  = 200                   // characters
)

// parseScalar reads a scalar strictly by the declared type. Without a rulebook
// an article may be any.
func (f *checkedFact) parseScalar(text string, quoted bool, b *CheckedBook) (value.Value, error) {
	switch f.typ.Kind {
	case value.YesNo:
		if quoted {
			remedy := diagnostic.Textf("写 true 或 false", "write true or false")
			var meant *source.ScalarError
			if _, err := source.Boolean(text); errors.As(err, &meant) {
				remedy = meant.Remedy // of yes, 是 and the like
			}
			return value.Value{}, factError("wrong_type", f.Path, diagnostic.Textf("应为 true 或 false，不加引号", "true or false without quotes is expected"), remedy)
		}
		v, err := source.Boolean(text)
		return value.Bool(v), err
	case value.Count:
		if quoted {
			return value.Value{}, factError("wrong_type", f.Path, diagnostic.Textf("应为整数，不加引号", "a whole number without quotes is expected"), diagnostic.Textf("去掉引号，只写整数", "write a whole number without quotes"))
		}
		v, err := source.Integer(text)
		if err == nil && (v < 0 && f.TypeName != "number" || v >= maxCount || v <= -maxCount) {
			lowest, remedy := int64(0), diagnostic.Textf("写非负整数", "write a non-negative whole number")
			if f.TypeName == "number" {
				lowest, remedy = 1-maxCount, diagnostic.Textf("写较小的整数", "write a smaller whole number")
			}
			err = factError("out_of_range", f.Path, diagnostic.Textf("%d 不在 %d 至 %d 之间", "%d is not between %d and %d", v, lowest, int64(maxCount-1)), remedy)
		}
		if err == nil && f.TypeName == "year" && (v < source.FirstDateYear || v > source.LastDateYear) {
			err = factError("out_of_range", f.Path, diagnostic.Textf("%d 不在 1 至 9999 年之间", "%d is not a year from 1 to 9999", v), diagnostic.Textf("写四位年份", "write a year"))
		}
		return value.Int(v), err
	case value.Money:
		m, err := ReadMoney(text, f.typ.In.Code())
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
		return value.Value{}, factError("unknown_word", f.Path, diagnostic.Textf("%q 不在词表中", "%q is not one of the words", text), f.Words.OneOf(text))
	case value.Article:
		if b == nil {
			return value.ArticleOf(text), nil
		}
		a := b.articles[text]
		if a == nil {
			return value.Value{}, factError("unknown_article", f.Path, diagnostic.Textf("没有条款 %q", "there is no article %q", text),
				diagnostic.OneOf(text, nearby(text, slices.Sorted(maps.Keys(b.articles)))))
		}
		return value.ArticleOf(a.ID), nil
	default:
		text = strings.TrimSpace(text)
		switch {
		case text == "" && f.TypeName == "text":
			return value.NoneOf(value.Name), nil
		case text == "":
			return value.Value{}, factError("empty_name", f.Path, diagnostic.Textf("名称是空的", "the name is empty"), diagnostic.Textf("写编号，或写 null", "write an id, or null"))
		case utf8.RuneCountInString(text) > maxName && f.TypeName == "name":
			return value.Value{}, factError("name_too_long", f.Path, diagnostic.Textf("名称超过 %d 个字符", "the name is longer than %d characters", maxName), diagnostic.Textf("用编号", "use an id"))
		}
		return value.NameOf(text), nil
	}
}
