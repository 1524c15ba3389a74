package intake

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

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

// Reader is the one place where facts are checked against what a question
// declares and put into their slots:
//
//	JSON, nodes of a file, cells, values of Go  →  Tree  →  Reader  →  slots and refusals
//
// Feeders write a [Tree] and know nothing of facts. What a fact may be, what
// null and silence mean for it, what is refused, where and in which words, is
// said here. A mistake ends nothing: all others are found as well, and told in
// the order of the text. It serves one goroutine, for one set of facts after
// another.
type Reader struct {
	Tree
	Wrong Refusals

	book     *checked.Book
	question *checked.Question
	slots    []value.Value
	of       string // path of the fact that the tree is the value of, "" for that of all facts
	nulled   []*checked.Fact
}

// NewReader is a reader of facts of a question.
func NewReader(book *checked.Book, q *checked.Question) *Reader {
	return &Reader{book: book, question: q}
}

// Question is the question whose facts are read.
func (r *Reader) Question() *checked.Question { return r.question }

// Into begins a set of facts, of which nothing is given yet, in the slots. What
// was found wrong with it before stays.
func (r *Reader) Into(slots []value.Value) {
	r.slots, r.nulled = slots, r.nulled[:0]
	copy(slots, r.question.Layout.Blank)
}

// Finish is what is wrong with the set of facts: a *FactError, or FactErrors.
// The reader is ready for the next.
func (r *Reader) Finish() error {
	err := r.Wrong.Err()
	r.Wrong = Refusals{}
	return err
}

// Refuse tells what a feeder finds wrong with a fact.
func (r *Reader) Refuse(path, code string, message, remedy policy.Text) {
	r.Wrong.add(policy.NewFactError(code, path, message, remedy))
}

// refuse refuses a token, or its key.
func (r *Reader) refuse(at int, key bool, code string, message, remedy policy.Text) {
	e := policy.NewFactError(code, r.path(r.of, at), message, remedy)
	e.Span = r.span(at, key)
	r.Wrong.add(e)
}

// HasAsOf reports whether the facts say their own moment of asking.
func (r *Reader) HasAsOf() bool { return r.slots[r.question.Layout.AsOf].IsKnown() }

// Facts reads the tree as the facts of the question.
func (r *Reader) Facts() {
	r.of = ""
	if r.tokens[0].kind != source.Map {
		r.refuse(0, false, "wrong_type", diagnostic.Textf("事实应为 {名称: 值}", "facts must be a map of name: value"), diagnostic.Textf("写成 {…}", "write {…}"))
		return
	}
	for i := range r.in(0) {
		if f := r.question.Placed(r.tokens[i].key); f != nil {
			r.put(f, i)
			continue
		}
		if r.refuseCut(0, i) || r.isRestOfList(0, i, r.question.Placed) {
			continue
		}
		r.refuse(i, true, "unknown_fact", diagnostic.Textf("问题 %s 不收取这个事实", "question %s takes no such fact", r.question.ID),
			diagnostic.OneOf(r.tokens[i].key, r.question.FactNames()))
	}
}

// Set is the tree as checked facts.
func (r *Reader) Set() (*FactSet, error) {
	f := &FactSet{Book: r.book, Asked: r.question, Slots: make([]value.Value, r.question.Layout.Slots)}
	r.Into(f.Slots)
	r.Facts()
	if err := r.Finish(); err != nil {
		return nil, err
	}
	return f, nil
}

// put reads a token as a fact that has slots.
func (r *Reader) put(f *checked.Fact, at int) {
	switch x := r.tokens[at]; {
	case x.kind == source.Empty:
		f.PutAbsent(r.slots, f.Null)
	case f.Typ.Kind != value.Record:
		r.slots[f.Slot] = r.value(f, at)
	case r.isRecord(f, at):
		f.PutGiven(r.slots)
		for i := range r.in(at) {
			if field := r.field(f, at, i); field != nil {
				r.put(field, i)
			}
		}
	}
}

// isRecord reports whether a token is a record, and refuses any other. Of a word
// that one of its fields takes it says how that is written.
func (r *Reader) isRecord(f *checked.Fact, at int) bool {
	x := r.tokens[at]
	if x.kind == source.Map {
		return true
	}
	remedy := diagnostic.Textf("写成 {…}", "write {…}")
	if record := asItem(f, x); record != "" {
		remedy = diagnostic.Textf("写成 %[1]s", "write %[1]s", record)
	}
	r.refuse(at, false, "wrong_type", diagnostic.Textf("应为记录 {字段: 值}", "a record {field: value} is expected"), remedy)
	return false
}

// asItem is how a word that stands alone is written as a value of a fact: as it is,
// or as the field of a record that takes it; "" where it is no such word.
func asItem(f *checked.Fact, x token) string {
	isWord := func(f *checked.Fact) bool {
		return x.kind == source.Scalar && f.Words != nil && slices.Contains(f.Words.Words, x.text)
	}
	if isWord(f) {
		return x.text
	}
	for _, field := range slices.Sorted(maps.Keys(f.Vars)) {
		if isWord(f.Vars[field]) {
			return "{" + field + ": " + x.text + "}"
		}
	}
	return ""
}

// asItems are the items of the list that a token was meant as: the words in its text
// and, in {kinds: a, b} of a file, the keys behind it that a comma has made of the
// others. There are none where one of the words is none that an item takes.
func (r *Reader) asItems(f *checked.Fact, at int) []string {
	x := r.tokens[at]
	if item := asItem(f, x); item != "" {
		return append([]string{item}, r.restOfList(f, at)...)
	}
	var all []string
	if x.kind == source.Scalar {
		for _, word := range strings.FieldsFunc(x.text, func(c rune) bool { return strings.ContainsRune(",，、;； \n", c) }) {
			item := asItem(f, token{kind: source.Scalar, text: word})
			if item == "" {
				return nil
			}
			all = append(all, item)
		}
	}
	return all
}

// restOfList are the items of a list without brackets that stand as keys without
// values behind the key of the list.
func (r *Reader) restOfList(f *checked.Fact, at int) []string {
	if r.nodes == nil || r.nodes[at].Value.Parent() == nil {
		return nil
	}
	entries := r.nodes[at].Value.Parent().Entries
	i := slices.IndexFunc(entries, func(e source.Entry) bool { return e.Key == r.nodes[at].Key })
	var all []string
	for i >= 0 && i+1 < len(entries) && isBare(entries[i+1]) {
		i++
		item := asItem(f, token{kind: source.Scalar, text: entries[i].Key.Text})
		if item == "" {
			break
		}
		all = append(all, item)
	}
	return all
}

// isBare reports whether an entry is a key alone, as in {kind: a, b}.
func isBare(e source.Entry) bool {
	return e.Value.Kind == source.Empty && e.Value.Text == "" && e.Key.Style == source.Plain
}

// isRestOfList reports whether a key is told as an item of a list before it.
func (r *Reader) isRestOfList(record, at int, factOf func(key string) *checked.Fact) bool {
	if r.nodes == nil {
		return false
	}
	entries := r.nodes[record].Value.Entries
	i := slices.IndexFunc(entries, func(e source.Entry) bool { return e.Key == r.nodes[at].Key })
	last := i
	for i > 0 && isBare(entries[i]) {
		i--
	}
	if i < 0 || i == last || entries[i].Value.Kind != source.Scalar {
		return false
	}
	f := factOf(entries[i].Key.Text)
	return f != nil && f.Typ.Kind == value.List && asItem(f.Elem, token{kind: source.Scalar, text: entries[last].Key.Text}) != ""
}

// field is the field of a record that a token in it is of; what is none is
// refused.
func (r *Reader) field(f *checked.Fact, record, at int) *checked.Fact {
	key := r.tokens[at].key
	if x := f.Vars[key]; x != nil {
		return x
	}
	if r.refuseCut(record, at) || r.isRestOfList(record, at, func(key string) *checked.Fact { return f.Vars[key] }) {
		return nil
	}
	r.refuse(at, true, "unknown_fact", diagnostic.Textf("没有这个字段", "there is no such field"), diagnostic.OneOf(key, slices.Sorted(maps.Keys(f.Vars))))
	return nil
}

// refuseCut refuses a number that commas have cut into parts, of which a key of a
// record is one, at the first of these parts. It is false of any other key.
func (r *Reader) refuseCut(record, at int) bool {
	cut, is := r.cutNumber(record, at)
	if !is {
		return false
	}
	if _, again := r.cutNumber(record, at-1); !again {
		message, remedy := cut.Told()
		e := policy.NewFactError(source.CodeNotAnInteger, r.path(r.of, at-1), message, remedy)
		e.Span = cut.Span()
		r.Wrong.add(e)
	}
	return true
}

// value reads a token as a value that lives in one slot or inside a list. What
// is refused is no value.
func (r *Reader) value(f *checked.Fact, at int) value.Value {
	x := r.tokens[at]
	switch {
	case x.kind == source.Empty:
		return f.Absence(f.Null)
	case f.Typ.Kind == value.List:
		return r.list(f, at)
	case f.Typ.Kind == value.Record:
		return r.record(f, at)
	case x.kind != source.Scalar && f.Slot != r.question.Layout.AsOf:
		r.refuse(at, false, "wrong_type", diagnostic.Textf("应为一个值", "a single value is expected"), diagnostic.Textf("写一个值", "write one value"))
		return value.Value{}
	}
	v, err := ParseScalar(f, x.text, x.quoted, r.book)
	if err == nil {
		return v
	}
	e, ok := err.(*policy.FactError)
	if !ok {
		e = scalarFactError("", err)
	}
	r.refuse(at, false, e.Code, e.Message, e.Remedy)
	return value.Value{}
}

func (r *Reader) list(f *checked.Fact, at int) value.Value {
	x := r.tokens[at]
	if x.kind != source.Seq {
		remedy := diagnostic.Textf("写成 […]", "write […]")
		if items := r.asItems(f.Elem, at); len(items) > 0 {
			remedy = diagnostic.Textf("写成 [%[1]s]", "write [%[1]s]", strings.Join(items, ", "))
		}
		r.refuse(at, false, "wrong_type", diagnostic.Textf("应为列表", "a list is expected"), remedy)
		return value.Value{}
	}
	n := 0
	for range r.in(at) {
		n++
	}
	if e := checkLength(n); e != nil {
		r.refuse(at, false, e.Code, e.Message, e.Remedy)
		return value.Value{}
	}
	list := make([]value.Value, 0, n)
	for i := range r.in(at) {
		if r.tokens[i].kind == source.Empty {
			e := emptyItem()
			r.refuse(i, false, e.Code, e.Message, e.Remedy)
			continue
		}
		list = append(list, r.value(f.Elem, i))
	}
	return canonical(f, list)
}

// record reads a record in a list.
func (r *Reader) record(f *checked.Fact, at int) value.Value {
	if !r.isRecord(f, at) {
		return value.Value{}
	}
	fields := make([]value.Value, len(f.Fields))
	for i, x := range f.Fields {
		fields[i] = x.Absence(x.Absent)
	}
	for i := range r.in(at) {
		if x := r.field(f, at, i); x != nil {
			fields[slices.Index(f.Fields, x)] = r.value(x, i)
		}
	}
	return value.RecordOf(fields)
}

// Target is where the cells of a column go: a fact, and the records that it is
// in, the outermost first.
type Target struct {
	path    string
	fact    *checked.Fact
	records []*checked.Fact
}

// TargetAt is the fact of a question under a path: "request.kind", or "as_of".
func TargetAt(q *checked.Question, path string) Target {
	f, records := q.Locate(path)
	return Target{path, f, records}
}

// Put reads the tree as the value of one fact. It makes the records exist that
// the fact is in. It is false where another column has said that there are
// none, or says something of the fields of a record that is null here.
func (r *Reader) Put(to *Target) bool {
	for _, record := range to.records {
		if slices.Contains(r.nulled, record) {
			return false
		}
		if !r.slots[record.Slot].IsKnown() {
			record.PutGiven(r.slots)
		}
	}
	if to.fact.Typ.Kind == value.Record {
		if r.slots[to.fact.Slot].IsKnown() {
			return false
		}
		r.nulled = append(r.nulled, to.fact)
	}
	r.of = to.path
	r.put(to.fact, 0)
	return true
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
