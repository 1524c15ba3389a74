package form

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// A Cell is what a key of a table must be for a row of it.
type Cell struct {
	Any       bool     // whatever it is, and where there is none
	None      bool     // there must be none
	Words     []string // one of these; yes and no of a key that is yes or no
	Low, High *Bound   // a number, length, amount or date from and to which
	// Holds is the condition as a program, nil for Any.
	Holds *condition.Program
}

// A Bound is one end of a range.
type Bound struct {
	Value value.Value
	Open  bool // it is not in the range itself
}

// CellKey is a key of a table: its name, what it is, and how that is written.
type CellKey struct {
	NamedExpr
	written *checked.Item
}

// Chosen reports whether a reading, a fact or the date chose what the key is.
func (k *CellKey) Chosen() bool { return k.written.Origin != nil }

// is the condition that the key has a relation to something.
func (k *CellKey) is(relation string) string { return "(" + k.written.Expression() + ") " + relation }

// CellKeys are the keys in the field.
func (p *Part) CellKeys(field string) []CellKey {
	exprs := p.Exprs(field)
	keys := make([]CellKey, len(exprs))
	env := p.Builder.Plan.Names()
	env.Element = p.Builder.element
	for i, x := range exprs {
		keys[i] = CellKey{x, knowingTypes(p.Item.Get(field).Get(x.Name), env)}
	}
	return keys
}

// otherwise is what stands in place of cells that are for all other cases.
const otherwise = "otherwise"

// Otherwise reports whether the field, in place of cells, says that all is meant
// which no other row is for.
func (p *Part) Otherwise(field string) bool {
	i := p.Item.Get(field)
	return i != nil && i.Kind == source.Scalar && i.Text == otherwise
}

// CellsChosen reports whether a reading, a fact or the date chose one of the cells in
// the field.
func (p *Part) CellsChosen(field string) bool {
	i := p.Item.Get(field)
	return i != nil && (i.Origin != nil || slices.ContainsFunc(i.Entries, func(e checked.Entry) bool { return e.Value.Origin != nil }))
}

// Cells are those in the field, one for each key; what is not written is Any.
func (p *Part) Cells(field string, keys []CellKey) []Cell {
	cells := make([]Cell, len(keys))
	at := p.Item.Get(field)
	if at != nil && (at.Kind == source.Seq || at.Kind == source.Scalar && at.Text != otherwise && at.Text != "any") {
		remedy := diagnostic.Textf("写成 {键: 词或范围}；其余情况的一行写 otherwise", "write {key: word or range}, or otherwise in the row for all other cases")
		if otherAny[strings.ToLower(at.Text)] {
			remedy = diagnostic.Textf("写 otherwise", "write otherwise")
		}
		p.misread(field, "map_expected", diagnostic.Textf("这里应为若干“键: 词或范围”", "a map of key: word or range is expected here"), remedy)
	}
	if len(keys) == 0 && p.Builder.misread[p.Rule] {
		return cells // which keys there are could not be read
	}
	for _, e := range entriesOf(at) {
		k := slices.IndexFunc(keys, func(k CellKey) bool { return k.Name == e.Key.Text })
		if k < 0 {
			names := make([]string, len(keys))
			for i := range keys {
				names[i] = keys[i].Name
			}
			p.misreadAt(e.Key.Span, "unknown_key", diagnostic.Textf("表没有名为 %q 的键", "the table has no key %q", e.Key.Text), diagnostic.OneOf(e.Key.Text, names))
			continue
		}
		cells[k] = p.cell(e.Value, &keys[k])
	}
	for k := range cells {
		if c := &cells[k]; c.Holds == nil && !c.Any && !c.written() {
			c.Any = true
		}
	}
	return cells
}

func (c *Cell) written() bool {
	return c.None || c.Words != nil || c.Low != nil || c.High != nil
}

func entriesOf(i *checked.Item) []checked.Entry {
	if i == nil {
		return nil
	}
	return i.Entries
}

// cell reads what a key must be.
func (p *Part) cell(i *checked.Item, key *CellKey) Cell {
	if key.Expr == nil || key.Expr.Type() == nil || key.Expr.Type().Kind == value.Invalid {
		return Cell{Any: true} // there is a finding
	}
	words := i.Kind == source.Seq || key.Expr.Type().Kind == value.Word || key.Expr.Type().Kind == value.YesNo
	switch {
	case i.Kind == source.Scalar && i.Text == "any":
		return Cell{Any: true}
	case i.Kind == source.Scalar && i.Text == "none":
		return Cell{None: true, Holds: p.cellHolds(i, key, "== null")}
	case words:
		return p.wordCell(i, key)
	case i.Kind != source.Scalar:
		p.misreadAt(i.Span(), "value_expected", diagnostic.Textf("这里应为一个范围", "a range is expected here"), howRanges)
		return Cell{Any: true}
	}
	return p.rangeCell(i, key)
}

func (p *Part) wordCell(i *checked.Item, key *CellKey) Cell {
	c := Cell{}
	if i.Kind == source.Scalar {
		c.Words = []string{i.Text}
	}
	for _, x := range i.Items {
		c.Words = append(c.Words, x.Text)
	}
	if key.Expr.Type().Kind == value.YesNo {
		yes, no := slices.Contains(c.Words, "yes") || slices.Contains(c.Words, "true"), slices.Contains(c.Words, "no") || slices.Contains(c.Words, "false")
		if len(c.Words) != 1 || yes == no {
			p.misreadAt(i.Span(), "unknown_word", diagnostic.Textf("这里不能写 %q", "%q cannot stand here", strings.Join(c.Words, ", ")), diagnostic.OneOf("", []string{"yes", "no", "any"}))
			return Cell{Any: true}
		}
		c.Words = []string{map[bool]string{true: "yes", false: "no"}[yes]}
		c.Holds = p.cellHolds(i, key, "== "+strconv.FormatBool(yes))
		return c
	}
	if list := key.Expr.Type().Words; list != nil && slices.Contains(c.Words, otherwise) && list.Index(otherwise) < 0 {
		p.misreadAt(i.Span(), "unknown_word", diagnostic.Textf("一个键不能写 otherwise", "a key cannot be otherwise"),
			diagnostic.Textf("整行用于其余情况的，写 where: otherwise；否则写出词，如 [词, 词]", "write where: otherwise of a row for all other cases, else name the words, as in [word, word]"))
		return Cell{Any: true}
	}
	if len(c.Words) == 1 {
		c.Holds = p.cellHolds(i, key, "== "+strconv.Quote(c.Words[0]))
	} else {
		c.Holds = p.cellHolds(i, key, "in "+quotedList(c.Words))
	}
	return c
}

func quotedList(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = strconv.Quote(w)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

var howRanges = diagnostic.Textf("写 甲以上不满乙、不满乙、超过甲、不超过乙（甲、乙为定值），或单个值、any、none", "write from A below B, below B, above A, up to B, where A and B are fixed values; or one value, any, none")

func (p *Part) rangeCell(i *checked.Item, key *CellKey) Cell {
	low, high, lowOpen, highOpen := checked.RangeOf(i.Text)
	if remedy := otherRange(i.Text, key.Expr.Type().Kind); remedy != (diagnostic.Text{}) {
		p.misreadAt(i.Span(), "value_expected", diagnostic.Textf("%q 不是范围", "%q is no range", i.Text), remedy)
		return Cell{Any: true}
	}
	c := Cell{}
	var condition []string
	bound := func(text string, open bool, relation string) *Bound {
		if text == "" {
			return nil
		}
		text = p.boundText(text)
		if open {
			relation = relation[:1]
		}
		condition = append(condition, key.is(relation+" ("+text+")"))
		v, ok := p.boundValue(i, text)
		if !ok {
			return nil
		}
		return &Bound{v, open}
	}
	before := len(*p.Builder.Found)
	c.Low, c.High = bound(low, lowOpen, ">="), bound(high, highOpen, "<=")
	if len(*p.Builder.Found) > before {
		p.Builder.misreadRule(p.Rule)
		return Cell{Any: true}
	}
	c.Holds = p.compileOfKey(i, strings.Join(condition, " and "), key)
	if c.Low != nil && c.High != nil && c.Low.after(c.High) {
		p.misreadAt(i.Span(), "range_reversed", diagnostic.Textf("没有值在 %s 之内：下限不小于上限", "no value is %s: its lower end is not below its upper one", i.Text), reversed(i.Text, low, high))
	}
	return c
}

// reversed says what to write for a range whose ends are the wrong way round:
// where both are written out, they are exchanged.
func reversed(text, low, high string) diagnostic.Text {
	if low == high {
		return howRanges
	}
	if startsWithDigit.MatchString(low) && startsWithDigit.MatchString(high) {
		return diagnostic.Textf("写 %[1]s", "write %[1]s", strings.NewReplacer(low, high, high, low).Replace(text))
	}
	return diagnostic.Textf("核对 %s 和 %s 是多少", "check what %s and %s are", low, high)
}

var startsWithDigit = regexp.MustCompile(`^[0-9]`)

// rangeWords are words for the ends of ranges that people write otherwise.
var rangeWords = strings.NewReplacer("at least", "from", "no less than", "from", "not less than", "from", "more than", "above", "greater than", "above", "over", "above",
	"at most", "up to", "no more than", "up to", "not more than", "up to", "less than", "below", "under", "below",
	">=", "from ", "≥", "from ", "<=", "up to ", "≤", "up to ", ">", "above ", "<", "below ",
	"至少", "from ", "不少于", "from ", "不低于", "from ", "大于", "超过", "多于", "超过", "高于", "超过", "至多", "不超过", "最多", "不超过", "不高于", "不超过",
	"小于", "不满", "少于", "不满", "低于", "不满", "不足", "不满", "未满", "不满")

// fixedEnd is a name or a number at an end of a range.
const fixedEnd = `[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*|[0-9]+(?:\.[0-9]+)?%?`

// Ranges as people write them: 15-30, between 2 hours and 4 hours, low to high,
// 30 or more.
var (
	betweenForm = regexp.MustCompile(`^(?:from |between )?([0-9][^-–—~～到至]*?) *(?:-|–|—|~|～| to | and |到|至) *([0-9][^-–—~～到至]*)$`)
	namedEnds   = regexp.MustCompile(`^(?:from |between )?(` + fixedEnd + `) *(?:\.{2,3}|…| to |到|至|[~～–—]) *(` + fixedEnd + `)$`)
	withoutFrom = regexp.MustCompile(`^([0-9][^ ]*(?: [A-Za-z]+)?) (up to|below) (.+)$`)
	chainForm   = regexp.MustCompile(`^([^<>=]+?) *(<=?|≤) *[\pL_.]+ *(<=?|≤) *([^<>=]+)$`)
	orMoreForm  = regexp.MustCompile(`^([0-9].*?)(?: or (?:more|longer|later|above|over)| and (?:more|above|over)|\+|及以上)$`)
	orLessForm  = regexp.MustCompile(`^([0-9].*?)(?: or (?:less|fewer|shorter|earlier|below)| and (?:less|below)|以内|之内|及以下)$`)
)

// otherAny are words for all that no other row has.
var otherAny = map[string]bool{"else": true, "other": true, "others": true, "otherwise": true, "rest": true, "default": true, "*": true, "-": true, "_": true, "其他": true, "其它": true, "其余": true, "否则": true, "不限": true, "任意": true, "all": true}

// otherRange says how to write a range that is written otherwise than ranges are.
func otherRange(text string, kind value.Kind) diagnostic.Text {
	m := betweenForm.FindStringSubmatch(text)
	if m == nil {
		m = namedEnds.FindStringSubmatch(text)
	}
	if m != nil && m[1] != "up" && !strings.HasSuffix(m[1], " up") {
		return diagnostic.Textf("写 from %[1]s up to %[2]s（含 %[2]s）或 from %[1]s below %[2]s（不含）", "write from %[1]s up to %[2]s, with %[2]s in it, or from %[1]s below %[2]s, without", m[1], m[2])
	}
	if m := withoutFrom.FindStringSubmatch(text); m != nil {
		return diagnostic.Textf("写 from %s %s %s", "write from %s %s %s", m[1], m[2], m[3])
	}
	if m := chainForm.FindStringSubmatch(text); m != nil {
		low, high := "from", "up to"
		if m[2] == "<" {
			low = "above"
		}
		if m[3] == "<" {
			high = "below"
		}
		return diagnostic.Textf("写 %s %s %s %s", "write %s %s %s %s", low, m[1], high, m[4])
	}
	if otherAny[strings.ToLower(text)] {
		return diagnostic.Textf("不论是什么都算的，写 any，或不写这个键；各键其余的情况都归一行的，写 where: otherwise", "where whatever it is counts, write any, or leave the key out; a row for all that no other is for has where: otherwise")
	}
	if m := orMoreForm.FindStringSubmatch(text); m != nil {
		return diagnostic.Textf("写 from %s", "write from %s", m[1])
	}
	if m := orLessForm.FindStringSubmatch(text); m != nil {
		return diagnostic.Textf("写 up to %s", "write up to %s", m[1])
	}
	low, high, isRange := ends(text)
	if !isRange { // else its words stand in the names of values, such as over_limit
		told := strings.Join(strings.Fields(rangeWords.Replace(text)), " ")
		if _, _, meant := ends(told); meant && !strings.Contains(told, " and ") && !strings.Contains(told, " or ") {
			return diagnostic.Textf("写 %s", "write %s", told)
		}
	}
	if kind != value.Duration {
		return diagnostic.Text{}
	}
	for _, end := range []string{low, high} {
		if q, err := source.ParseQuantity(end); err == nil && (q.Unit == source.CalendarDays || q.Unit == source.Weeks) {
			hours := 24 * q.N
			if q.Unit == source.Weeks {
				hours *= 7
			}
			return diagnostic.Textf("两个时刻之差按小时写：%d hours；要数天数，键写 days_between(起, 止)，这里写天数", "a difference of moments is written in hours: %d hours; to count days, write days_between(from, to) as the key, and a number here", hours)
		}
	}
	return diagnostic.Text{}
}

// ends are those of a range; it is false of one value alone.
func ends(text string) (low, high string, isRange bool) {
	low, high, lowOpen, highOpen := checked.RangeOf(text)
	return low, high, low != high || lowOpen || highOpen
}

// after reports whether no value lies between two bounds.
func (b *Bound) after(high *Bound) bool {
	n := CompareBounds(b.Value, high.Value)
	return n > 0 || n == 0 && (b.Open || high.Open)
}

// CompareBounds orders two values of the type of a key.
func CompareBounds(a, b value.Value) int {
	if a.K == value.Ratio || b.K == value.Ratio || a.K == value.Part || b.K == value.Part {
		return value.CompareRatio(a, b)
	}
	switch {
	case a.N < b.N:
		return -1
	case a.N > b.N:
		return 1
	}
	return 0
}

// boundText is an end of a range as an expression: lengths of time are written
// as lengths, and a named value is what it is.
func (p *Part) boundText(text string) string {
	if r := p.Builder.Plan.Book.NamedValue(text); r != nil {
		var used []string
		text = p.Builder.Plan.Book.Resolve(r.Node.Get("is"), p.Builder.Plan.Sel, nil, &used).Text
		p.AlsoReads(used...)
	}
	if q, err := source.ParseQuantity(text); err == nil {
		if d, ok := q.Duration(); ok {
			return "seconds(" + strconv.FormatInt(int64(d.Seconds()), 10) + ")"
		}
	}
	return text
}

// boundValue is the value of an end, which rests on no fact.
func (p *Part) boundValue(i *checked.Item, text string) (value.Value, bool) {
	program := p.compileText(i, text)
	if program == nil {
		return value.Value{}, false
	}
	if len(program.Reads()) > 0 {
		p.misreadAt(i.Span(), "bound_not_constant", diagnostic.Textf("%q 不是一个定值", "%q is no fixed value", text), howRanges)
		return value.Value{}, false
	}
	v := program.Eval(&value.Frame{Zone: p.Builder.Plan.Book.Zone, ElemSlot: -1, ElemAt: -1})
	return v, v.IsKnown()
}

// Fixed is the value in the field, which rests on no fact; false where it has
// findings, or there is none.
func (p *Part) Fixed(field string) (value.Value, *value.Type, bool) {
	i, ok := p.scalar(field)
	if !ok {
		return value.Value{}, nil, false
	}
	program := p.compileText(i, p.boundText(i.Expression()))
	if program == nil || program.Type() == nil {
		return value.Value{}, nil, false
	}
	if len(program.Reads()) > 0 {
		p.Fail(field, "bound_not_constant", diagnostic.Textf("%q 不是一个定值", "%q is no fixed value", i.Text), diagnostic.Textf("写一个数、金额，或具名的值", "write a number, an amount or a named value"))
		return value.Value{}, nil, false
	}
	v := program.Eval(&value.Frame{Zone: p.Builder.Plan.Book.Zone, ElemSlot: -1, ElemAt: -1})
	return v, program.Type(), v.IsKnown()
}

// cellHolds compiles what must be so of a key.
func (p *Part) cellHolds(i *checked.Item, key *CellKey, relation string) *condition.Program {
	return p.compileOfKey(i, key.is(relation), key)
}

// compileText compiles an expression that is made of what stands at an item.
func (p *Part) compileText(i *checked.Item, text string) *condition.Program {
	return p.compileWith(i, text, &checked.Item{})
}

// compileWith is compileText, where `parameter` is what it is in another item.
func (p *Part) compileWith(i *checked.Item, text string, of *checked.Item) *condition.Program {
	return p.compile(i.With(text, of), "", condition.Want{}, false)
}

// compileOfKey is compileWith of a key, which may look at an element.
func (p *Part) compileOfKey(i *checked.Item, text string, key *CellKey) *condition.Program {
	return p.compile(i.With(text, key.written), "", condition.Want{}, p.Builder.element != nil)
}

// CompileOf compiles an expression about the i-th item of the list in the field.
func (p *Part) CompileOf(field string, i int, text string) *condition.Program {
	item := p.Item.Get(field)
	if i < len(item.Items) {
		item = item.Items[i]
	}
	return p.compileText(item, text)
}

func (b *Builder) misreadRule(r *checked.Rule) {
	if b.misread == nil {
		b.misread = map[*checked.Rule]bool{}
	}
	b.misread[r] = true
}

// Under is the part with a mark of its own, filed under another article: a row
// of a table, say, that cites where it stands in the text.
func (p *Part) Under(a *policy.Article) *Part {
	rule, described := *p.Rule, *p.Rule.Rule
	described.Article = a
	rule.Rule = &described
	own := *p
	own.Rule, own.Mark = &rule, p.Builder.Plan.NewMark()
	own.ReadingsByField, own.later, own.Readings, own.Lent, own.Borrowed = nil, nil, nil, nil, nil
	u := p.Builder.Building
	u.Parts = append(u.Parts, &own)
	return &own
}

// Zone is the rulebook's time zone.
func (p *Part) Zone() *time.Location { return p.Builder.Plan.Book.Zone }
