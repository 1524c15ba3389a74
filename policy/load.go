package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy/diagnostic"
	"github.com/servicerules/rulebook/sla/workday"
)

// Parse reads and checks a rules file. It returns the rulebook and the
// warnings, or no rulebook and every finding: a file is loaded whole or not
// at all. The forms say which kinds of rule the file may use. The name is
// used in findings only.
func Parse(name string, data []byte, forms []*Form) (*Rulebook, diagnostic.List) {
	root, found := source.Parse(name, data)
	if root == nil {
		return nil, found
	}
	sum := sha256.Sum256(data)
	l := &loader{
		root: root, found: found, broken: map[string]bool{}, unsound: map[*source.Node]bool{}, suspect: map[*source.Node]bool{},
		meant: map[*source.Node][]string{}, lost: map[string]bool{}, decides: map[string]bool{}, questionNodes: map[*Question]*source.Node{},
		book: &Rulebook{
			SHA256: hex.EncodeToString(sum[:]), name: name, data: slices.Clone(data), forms: forms,
			articles: map[string]*Article{}, facts: map[string]*Fact{}, readings: map[string]*Reading{},
			questions: map[string]*Question{}, words: map[string]*WordList{}, rulesBy: map[string]*Rule{},
			calendars: map[string]*workday.Calendar{},
		},
	}
	l.file(root)
	l.checkEditions()
	if !l.found.Failed() { // else a mistake may be why
		l.unlabelled()
	}
	found = l.findings()
	if found.Failed() {
		return nil, found
	}
	l.book.layOut()
	return l.book, found
}

type loader struct {
	root  *source.Node
	book  *Rulebook
	found diagnostic.List
	lines []string // of the file, once they are wanted
	// broken are the names of what was refused: that something else mentions
	// one of them is no finding of its own.
	broken map[string]bool
	// unsound are the rules and questions that cannot be resolved; suspect
	// those of which only the expressions can be checked.
	unsound, suspect map[*source.Node]bool
	questionNodes    map[*Question]*source.Node
	decides          map[string]bool // articles with rules
	lost             map[string]bool // sections that could not be read
	units            map[string]bool // the names of units, once all rules are read
	// articles are ids that stand before the articles themselves.
	articles []*source.Node
	// meant are the keys that an unknown key of a map was probably meant as.
	meant map[*source.Node][]string

	anyCalendar *workday.Calendar // in the place of those with mistakes
}

func (l *loader) fail(code string, n *source.Node, message, remedy Text, related ...diagnostic.Related) {
	l.failAt(code, n.Span, message, remedy, related...)
}

func (l *loader) failAt(code string, span diagnostic.Span, message, remedy Text, related ...diagnostic.Related) {
	if !l.full() {
		l.found = append(l.found, diagnostic.Diagnostic{
			Code: code, Severity: diagnostic.Error, Span: span, Message: message, Remedy: remedy, Related: related,
		})
	}
}

func textf(zh, en string, args ...any) Text { return diagnostic.Textf(zh, en, args...) }

// maxListed is how many words a remedy lists.
const maxListed = 20

// oneOf is the remedy that names what may stand here, the nearest first.
func oneOf(word string, candidates []string) Text {
	allowed := strings.Join(candidates[:min(len(candidates), maxListed)], ", ")
	if len(candidates) > maxListed {
		allowed += ", …"
	}
	if near := diagnostic.Nearest(word, candidates); near != "" {
		return textf("是否指 %[1]s?可写:%[2]s", "did you mean %[1]s? Allowed: %[2]s", near, allowed)
	}
	return textf("可写:%s", "allowed: %s", allowed)
}

// onlyKeys reports keys of a map that are not in the list. What stands under
// one is not read, and its names count as broken.
func (l *loader) onlyKeys(n *source.Node, keys ...string) {
	for _, e := range n.Entries {
		if slices.Contains(keys, e.Key.Text) {
			continue
		}
		if l.full() {
			return
		}
		remedy := oneOf(e.Key.Text, keys)
		if e.Value.Kind == source.Empty && diagnostic.Nearest(e.Key.Text, keys) == "" { // a comma within {…} has cut a text in two
			remedy = textf("如果它是前面文字的一部分:给整段文字加引号,或用全角逗号", "if it belongs to the text before it: quote the whole text")
		}
		l.fail("unknown_key", e.Key, textf("这里没有名为 %q 的键", "there is no key %q here", e.Key.Text), remedy)
		l.refuse(e.Value)
		if near := diagnostic.Nearest(e.Key.Text, keys); near != "" {
			l.meant[n] = append(l.meant[n], near)
		}
	}
}

// refuse notes the names below a node that is not read.
func (l *loader) refuse(n *source.Node) {
	for _, e := range n.Entries {
		l.broken[e.Key.Text] = true
		l.refuse(e.Value)
	}
}

// isMap reports whether n is a map, and says so where it is not.
func (l *loader) isMap(n *source.Node, what Text) bool {
	return l.isMapAs(n, what, textf("写成 {键: 值} 或逐行缩进的“键: 值”", "write {key: value} or indented key: value lines"))
}

func (l *loader) isMapAs(n *source.Node, what, remedy Text) bool {
	if n.Kind == source.Map {
		return true
	}
	if last, _ := utf8.DecodeLastRuneInString(what.ZH); last < utf8.RuneSelf {
		what.ZH += " "
	}
	l.failAt("map_expected", l.spanOfValue(n),
		Text{ZH: what.ZH + "应为若干“键: 值”", EN: what.EN + " must be a map of key: value"}, remedy)
	return false
}

func (l *loader) isScalar(n *source.Node, what Text) bool {
	if n.Kind == source.Scalar && n.Text != "" {
		return true
	}
	l.failAt("value_expected", l.spanOfValue(n), Text{ZH: what.ZH + "应为一个值", EN: what.EN + " must be a single value"},
		textf("在冒号后写一个值", "write one value behind the colon"))
	return false
}

func (l *loader) required(n *source.Node, key string) *source.Node {
	child := n.Get(key)
	if child == nil {
		l.missing(n, key, textf("补上 %s: …", "add %s: …", key))
	}
	return child
}

// missing reports a key that a map lacks, unless a key was reported that was
// probably meant as it.
func (l *loader) missing(n *source.Node, key string, remedy Text) {
	if !slices.Contains(l.meant[n], key) {
		l.failAt("missing_key", l.spanOf(n), textf("缺少 %q", "%q is missing", key), remedy)
	}
}

// spanOf is where a finding about a whole map or list, or about an empty
// value, is shown: at the key that it stands under.
func (l *loader) spanOf(n *source.Node) diagnostic.Span {
	switch {
	case n.Kind == source.Scalar:
		return n.Span
	case n == l.root:
		return diagnostic.Span{File: n.Span.File, Start: n.Span.Start, End: n.Span.Start}
	}
	if key := n.Key(); key != nil {
		return key.Span
	}
	if len(n.Entries) > 0 && n.Span.Start.Line != n.Span.End.Line {
		return n.Entries[0].Key.Span
	}
	return n.Span
}

// spanOfValue is where a finding about the kind of a value is shown: the value,
// or its key where it is empty or goes over several lines.
func (l *loader) spanOfValue(n *source.Node) diagnostic.Span {
	if n.Kind != source.Empty && n.Span.Start.Line == n.Span.End.Line {
		return n.Span
	}
	return l.spanOf(n)
}

// text reads {zh: …, en: …}; both are needed.
func (l *loader) text(n *source.Node) Text {
	if n == nil {
		return Text{}
	}
	remedy := textf("写成 {zh: …, en: …}", "write {zh: …, en: …}")
	if n.Kind == source.Scalar && utf8.RuneCountInString(n.Text) <= maxIdentifier {
		remedy = textf("写成 {zh: %s, en: …}", "write {zh: %s, en: …}", n.Text)
	}
	if !l.isMapAs(n, Text{ZH: "文字", EN: "wording"}, remedy) {
		return Text{}
	}
	l.onlyKeys(n, "zh", "en")
	return l.label(n)
}

// label reads the zh and en keys of a map that may hold other keys too.
func (l *loader) label(n *source.Node) Text {
	var t Text
	for _, lang := range []struct {
		key string
		to  *string
	}{{"zh", &t.ZH}, {"en", &t.EN}} {
		child := n.Get(lang.key)
		if child == nil {
			if !slices.Contains(l.meant[n], lang.key) {
				l.failAt("missing_label", l.spanOf(n), textf("缺少 %s 文字", "the %s wording is missing", lang.key),
					textf("补上 %s: …,中英文都要有", "add %s: …; both languages are needed", lang.key))
			}
			continue
		}
		if l.isScalar(child, Text{ZH: "文字", EN: "wording"}) {
			*lang.to = child.Text
		}
	}
	return t
}

// note checks the remark that a map may carry.
func (l *loader) note(n *source.Node) {
	if x := n.Get("note"); x != nil {
		l.text(x)
	}
}

func (l *loader) scalarError(n *source.Node, err error) {
	var se *source.ScalarError // source has no other errors
	if errors.As(err, &se) {
		l.failAt(se.Code, n.SpanAt(se.From, se.To), se.Message, se.Remedy)
	}
}

func (l *loader) date(n *source.Node) date.Date {
	if n == nil || !l.isScalar(n, Text{ZH: "日期", EN: "a date"}) {
		return 0
	}
	d, err := source.Date(n.Text)
	if err != nil {
		l.scalarError(n, err)
		return 0
	}
	return d
}

func (l *loader) flag(n *source.Node) bool {
	if n == nil || !l.isScalar(n, Text{ZH: "true 或 false", EN: "true or false"}) {
		return false
	}
	v, err := source.Boolean(n.Text)
	if err != nil {
		l.scalarError(n, err)
	}
	return v
}

// name checks that a key may serve as a name in rules.yaml.
func (l *loader) name(n *source.Node, pattern interface{ MatchString(string) bool }) bool {
	if !pattern.MatchString(n.Text) || len(n.Text) > maxIdentifier {
		l.badName(n)
		return false
	}
	if isReserved(n.Text) {
		l.fail("reserved_name", n, textf("%q 是保留词,不能作名称", "%q is reserved and cannot be a name", n.Text),
			textf("换一个名称", "choose another name"))
		l.broken[n.Text] = true
		return false
	}
	return true
}

func (l *loader) badName(n *source.Node) {
	l.broken[n.Text] = true
	l.broken[strings.NewReplacer("-", "_", " ", "_").Replace(strings.ToLower(n.Text))] = true // as it is probably used
	l.fail("bad_name", n, badName(n.Text),
		textf("用小写英文字母、数字和下划线,如 due_date,不超过 %d 个字符", "use lower-case letters, digits and underscores, as in due_date, at most %d of them", maxIdentifier))
}

func badName(text string) Text {
	if len(text) > maxIdentifier {
		return textf("名称超过 %d 个字符", "the name is longer than %d characters", maxIdentifier)
	}
	return textf("%q 不能作名称", "%q cannot be a name", text)
}

func (l *loader) file(root *source.Node) {
	l.onlyKeys(root, "rulebook", "calendars", "words", "facts", "readings", "questions", "regulations", "review")
	if n := l.required(root, "rulebook"); n != nil {
		l.header(n)
	}
	l.section(root, "calendars", false, l.calendars)
	l.section(root, "words", false, l.wordLists)
	l.section(root, "facts", true, l.factSection)
	l.section(root, "readings", false, l.readingSection)
	l.section(root, "regulations", true, l.regulations)
	l.section(root, "questions", true, l.questionSection)
	l.section(root, "review", false, l.review)
	l.crossReferences()
}

func (l *loader) section(root *source.Node, key string, needed bool, read func(*source.Node)) {
	n := root.Get(key)
	if n == nil {
		if needed {
			l.required(root, key)
		}
		l.lost[key] = needed || slices.Contains(l.meant[root], key)
		return
	}
	if l.isMap(n, Text{ZH: key, EN: key}) {
		read(n)
	} else {
		l.lost[key] = true
	}
}

func (l *loader) header(n *source.Node) {
	if !l.isMap(n, Text{ZH: "rulebook", EN: "rulebook"}) {
		return
	}
	l.onlyKeys(n, "id", "title", "zone", "currency", "in_force", "calendar", "note")
	l.note(n)
	b := l.book
	b.Zone = time.UTC
	if id := l.required(n, "id"); id != nil && l.isScalar(id, Text{ZH: "id", EN: "id"}) && l.name(id, snakeCase) {
		b.ID = id.Text
	}
	if t := l.required(n, "title"); t != nil {
		b.Title = l.text(t)
	}
	if z := l.required(n, "zone"); z != nil && l.isScalar(z, Text{ZH: "时区", EN: "the zone"}) {
		zone, err := time.LoadLocation(z.Text)
		if err != nil || z.Text == "Local" {
			l.fail("unknown_zone", z, textf("没有名为 %q 的时区", "there is no time zone %q", z.Text),
				textf("写 IANA 时区名,如 Asia/Shanghai", "write an IANA name such as Asia/Shanghai"))
		} else {
			b.Zone = zone
		}
	}
	if c := n.Get("currency"); c != nil && l.isScalar(c, Text{ZH: "货币", EN: "the currency"}) {
		b.Currency = c.Text
	}
	b.calendar = n.Get("calendar")
	if f := l.required(n, "in_force"); f != nil {
		b.From, b.To = l.period(f)
		if f.Kind == source.Map && f.Get("from") == nil {
			l.missing(f, "from", textf("补上 from: 日期", "add from: a date"))
		}
	}
}

// period reads {from: date, to: date}.
func (l *loader) period(n *source.Node) (from, to date.Date) {
	if !l.isMapAs(n, Text{ZH: "in_force", EN: "in_force"}, textf("写成 {from: 2026-01-01}", "write {from: 2026-01-01}")) {
		return 0, 0
	}
	l.onlyKeys(n, "from", "to")
	from, to = l.date(n.Get("from")), l.date(n.Get("to"))
	if from != 0 && to != 0 && to < from {
		l.fail("period_reversed", n.Get("to"), textf("结束日 %v 早于开始日 %v", "the end %v is before the start %v", to, from),
			textf("交换两个日期,或改正其中一个", "swap the dates or correct one of them"))
		return from, 0
	}
	return from, to
}

func (l *loader) wordLists(n *source.Node) {
	for _, e := range n.Entries {
		if !l.name(e.Key, snakeCase) || !l.isMap(e.Value, Text{ZH: "词表", EN: "a word list"}) {
			l.broken[e.Key.Text] = true
			continue
		}
		w := l.wordList(e.Key.Text, e.Value)
		l.book.words[w.Name] = w
		l.book.Words = append(l.book.Words, w)
	}
}

func (l *loader) wordList(name string, n *source.Node) *WordList {
	w := &WordList{Name: name, Labels: map[string]Text{}}
	for _, e := range n.Entries {
		if !wordPattern.MatchString(e.Key.Text) || len(e.Key.Text) > maxIdentifier {
			l.badName(e.Key)
			continue
		}
		w.Words = append(w.Words, e.Key.Text)
		w.Labels[e.Key.Text] = l.text(e.Value)
	}
	if len(w.Words) == 0 {
		l.failAt("empty_list", l.spanOf(n), textf("词表 %q 是空的", "the word list %q is empty", name), textf("至少写一个词", "write at least one word"))
	}
	w.typ = &value.Words{Name: name, Each: w.Words}
	return w
}

// wordsOf reads `words:`, either the name of a shared list or a list of its own.
func (l *loader) wordsOf(n *source.Node, name string) *WordList {
	if n.Kind == source.Map {
		return l.wordList(name, n)
	}
	if !l.isScalar(n, Text{ZH: "词表名", EN: "the name of a word list"}) {
		return nil
	}
	w := l.book.words[n.Text]
	if w == nil && !l.broken[n.Text] && !l.lost["words"] {
		l.fail("unknown_word_list", n, textf("没有名为 %q 的词表", "there is no word list %q", n.Text),
			oneOf(n.Text, slices.Sorted(maps.Keys(l.book.words))))
	}
	return w
}

func (l *loader) readingSection(n *source.Node) {
	for _, e := range n.Entries {
		if l.name(e.Key, dottedName) && l.isMap(e.Value, Text{ZH: "读法", EN: "a reading"}) {
			l.reading(e.Key, e.Value)
		} else {
			l.broken[e.Key.Text] = true
		}
	}
}

var parameterKinds = []string{"clock_time", "hours", "working_days", "count", "percent"}

func (l *loader) reading(key, n *source.Node) {
	l.onlyKeys(n, "article", "asks", "options", "several", "chosen", "why", "decided")
	r := &Reading{Key: key.Text, span: key.Span, chosen: n.Get("chosen")}
	if a := l.required(n, "article"); a != nil && l.isScalar(a, Text{ZH: "条款", EN: "the article"}) {
		r.Article = a.Text
		l.articles = append(l.articles, a)
	}
	if a := l.required(n, "asks"); a != nil {
		r.Asks = l.text(a)
	}
	if w := n.Get("why"); w != nil {
		r.Why = l.text(w)
	}
	r.Several = n.Get("several") != nil && l.flag(n.Get("several"))
	if o := l.required(n, "options"); o != nil && l.isMap(o, Text{ZH: "选项", EN: "the options"}) {
		l.readingOptions(r, o)
	}
	if l.required(n, "chosen") != nil && len(r.Options) > 0 {
		l.chosen(r)
	}
	if d := n.Get("decided"); d != nil && l.isMapAs(d, Text{ZH: "decided", EN: "decided"}, textf("写成 {by: 部门, on: 2026-01-01}", "write {by: who, on: 2026-01-01}")) {
		l.onlyKeys(d, "by", "on")
		if by := l.required(d, "by"); by != nil && l.isScalar(by, Text{ZH: "决定部门", EN: "who decided it"}) {
			r.DecidedBy = by.Text
		}
		if on := l.required(d, "on"); on != nil && l.date(on) != 0 {
			r.DecidedOn = on.Text
		}
	}
	if len(r.Options) == 0 || r.chosen == nil || l.unsound[r.chosen] {
		l.broken[r.Key] = true
		return
	}
	l.book.readings[r.Key] = r
	l.book.Readings = append(l.book.Readings, r)
}

// maxOptions bounds the options of a reading: each is tried at load.
const maxOptions = 50

func (l *loader) readingOptions(r *Reading, n *source.Node) {
	for i, e := range n.Entries {
		if i == maxOptions {
			l.fail("too_many_options", e.Key, textf("读法 %s 的选项超过 %d 个", "reading %s has more than %d options", r.Key, maxOptions),
				textf("分成几个读法", "make several readings of it"))
			r.Options = nil
			return
		}
		option := ReadingOption{Name: e.Key.Text}
		switch {
		case option.Name == "otherwise" || option.Name == "by":
			l.fail("reserved_name", e.Key, textf("%q 是保留词,不能作名称", "%q is reserved and cannot be a name", option.Name),
				textf("换一个名称", "choose another name"))
			continue
		case !wordPattern.MatchString(option.Name) || len(option.Name) > maxIdentifier:
			l.badName(e.Key)
			continue
		}
		if l.isMap(e.Value, Text{ZH: "选项", EN: "an option"}) {
			l.onlyKeys(e.Value, "zh", "en", "parameter")
			option.Label = l.label(e.Value)
			if p := e.Value.Get("parameter"); p != nil {
				option.Parameter = p.Text
				if !slices.Contains(parameterKinds, p.Text) {
					l.failAt("unknown_parameter_kind", l.spanOf(p), textf("没有 %q 这种参数", "there is no parameter kind %q", p.Text), oneOf(p.Text, parameterKinds))
				}
			}
		}
		r.Options = append(r.Options, option)
	}
	if len(n.Entries) == 0 {
		l.failAt("empty_list", l.spanOf(n), textf("读法 %q 没有选项", "the reading %q has no options", r.Key), textf("至少写一个选项", "write at least one option"))
	}
}

// chosen checks what is chosen of a reading, on each date.
func (l *loader) chosen(r *Reading) {
	if isBy(r.chosen) && r.chosen.Get("by").Text == "date" && !l.checkDates(r.chosen) {
		l.unsound[r.chosen] = true
		return
	}
	for _, c := range datedValues(r.chosen) {
		if _, err := r.parseChoiceNode(c.value); err != nil {
			l.unsound[r.chosen] = true
			l.choiceError(c.value, r, err)
		}
	}
}

func (l *loader) choiceError(n *source.Node, r *Reading, err error) {
	remedy := oneOf(n.Text, r.optionNames())
	var ce *choiceError
	if !errors.As(err, &ce) {
		return // parsing a choice has no other errors
	}
	if !ce.remedy.IsZero() {
		remedy = ce.remedy
	}
	at := l.spanOfValue(n)
	if n.Kind == source.Seq && ce.item < len(n.Items) {
		at = n.Items[ce.item].Span
	}
	l.failAt("unknown_option", at, Text{
		ZH: fmt.Sprintf("读法 %s 不能这样选:%s", r.Key, ce.message.ZH), EN: fmt.Sprintf("reading %s cannot be chosen so: %s", r.Key, ce.message.EN),
	}, remedy)
}

// datedValue is one value of `{by: date, 2011-05-20: …}`, or the only one.
type datedValue struct {
	key   *source.Node // the date, nil for an undated value
	value *source.Node
}

func datedValues(n *source.Node) []datedValue {
	if isBy(n) && n.Get("by").Text == "date" {
		var all []datedValue
		for _, e := range n.Entries {
			if e.Key.Text != "by" {
				all = append(all, datedValue{e.Key, e.Value})
			}
		}
		return all
	}
	return []datedValue{{nil, n}}
}

func isBy(n *source.Node) bool { return n != nil && n.Kind == source.Map && n.Get("by") != nil }

// maxCalendars bounds the calendars of a rulebook: each is a table of a century.
const maxCalendars = 50

func (l *loader) calendars(n *source.Node) {
	pending := map[string]*source.Node{}
	for i, e := range n.Entries {
		if i == maxCalendars {
			l.fail("too_many_calendars", e.Key, textf("日历超过 %d 个", "more than %d calendars", maxCalendars),
				textf("删去不用的日历", "remove those that are not used"))
		}
		if i >= maxCalendars {
			l.broken[e.Key.Text] = true
			continue
		}
		if l.name(e.Key, snakeCase) && l.isMap(e.Value, Text{ZH: "日历", EN: "a calendar"}) {
			pending[e.Key.Text] = e.Value
		} else {
			l.broken[e.Key.Text] = true
		}
	}
	for _, e := range n.Entries {
		if v := pending[e.Key.Text]; v != nil {
			l.oneCalendar(e.Key.Text, v, pending, nil)
		}
	}
}

var weekdays = map[string]time.Weekday{
	"sunday": time.Sunday, "monday": time.Monday, "tuesday": time.Tuesday, "wednesday": time.Wednesday,
	"thursday": time.Thursday, "friday": time.Friday, "saturday": time.Saturday,
}

// china is the base calendar that comes with the library.
const china = "china"

// oneCalendar reads a calendar after those that it is built on; above are
// those that are being read because they are built on it.
func (l *loader) oneCalendar(name string, n *source.Node, pending map[string]*source.Node, above []string) *workday.Calendar {
	if c := l.book.calendars[name]; c != nil {
		return c
	}
	l.onlyKeys(n, "zh", "en", "note", "base", "weekend", "any_year", "holidays", "makeup", "closures",
		"hours", "weekday_hours", "day_hours", "years")
	l.label(n)
	l.note(n)
	before := len(l.found)
	config, places := l.calendarConfig(n)
	if b := n.Get("base"); b != nil && l.isScalar(b, Text{ZH: "基础日历", EN: "the base calendar"}) {
		above = append(above, name)
		switch {
		case b.Text == china:
			config.Base = workday.China()
		case slices.Contains(above, b.Text):
			l.fail("cycle", b, textf("日历互相以对方为基础:%s", "these calendars are built on one another: %s", strings.Join(append(above, b.Text), " → ")),
				textf("让其中一个以 %s 为基础", "build one of them on %s", china))
		case pending[b.Text] != nil:
			config.Base = l.oneCalendar(b.Text, pending[b.Text], pending, above)
		case !l.broken[b.Text]:
			l.fail("unknown_calendar", b, textf("没有名为 %q 的日历", "there is no calendar %q", b.Text),
				oneOf(b.Text, append(slices.Sorted(maps.Keys(pending)), china)))
		}
	}
	l.book.calendars[name] = l.standIn()
	if len(l.found) > before {
		return l.book.calendars[name]
	}
	calendar, err := workday.New(config)
	if err != nil {
		l.calendarErrors(n, err, places)
		return l.book.calendars[name]
	}
	l.book.calendars[name] = calendar
	l.checkMakeUp(n, calendar)
	return calendar
}

// standIn is the calendar in the place of one that has mistakes: nothing that
// is counted by it can fail.
func (l *loader) standIn() *workday.Calendar {
	if l.anyCalendar == nil {
		l.anyCalendar, _ = workday.New(workday.Config{AnyYear: true, Hours: []workday.Span{{From: 0, To: 24 * time.Hour}}})
	}
	return l.anyCalendar
}

// checkMakeUp reports days that are listed as worked instead of a day of the
// weekend, and are none.
func (l *loader) checkMakeUp(n *source.Node, c *workday.Calendar) {
	years := n.Get("years")
	if years == nil {
		return
	}
	for _, e := range years.Entries {
		number, err := source.Integer(e.Key.Text)
		work := e.Value.Get("work")
		if err != nil || work == nil {
			continue
		}
		for _, item := range l.items(work) {
			from, _, _ := strings.Cut(item.Text, "..")
			d, err := dayOf(from, int(number))
			if kind, unknown := c.Kind(d); err == nil && unknown == nil && kind == workday.Working {
				l.warn("calendar_work_on_weekday", item, textf("%v 不是周末,本来就上班", "%v is not of the weekend: it is worked anyway", d),
					textf("检查日期,或删去", "check the day, or remove it"))
			}
		}
	}
}

// calendarPlaces are where the parts of a calendar are written.
type calendarPlaces struct {
	days     map[date.Date]*source.Node
	weekdays map[time.Weekday]*source.Node
	hours    map[workday.Span]*source.Node
}

// calendarConfig reads all of a calendar but its base.
func (l *loader) calendarConfig(n *source.Node) (workday.Config, calendarPlaces) {
	var c workday.Config
	at := calendarPlaces{map[date.Date]*source.Node{}, map[time.Weekday]*source.Node{}, map[workday.Span]*source.Node{}}
	if w := n.Get("weekend"); w != nil {
		c.Weekend = []time.Weekday{}
		for _, item := range l.items(w) {
			day, _ := l.weekday(item)
			c.Weekend, at.weekdays[day] = append(c.Weekend, day), item
		}
	}
	c.AnyYear = n.Get("any_year") != nil && l.flag(n.Get("any_year"))
	c.IgnoreHolidays = l.ignored(n.Get("holidays"))
	c.IgnoreMakeup = l.ignored(n.Get("makeup"))
	if x := n.Get("closures"); x != nil {
		c.Closures = l.days(x, 0, at.days)
	}
	if x := n.Get("hours"); x != nil {
		c.Hours = l.hours(x, at.hours)
	}
	if x := n.Get("weekday_hours"); x != nil && l.isMap(x, Text{ZH: "weekday_hours", EN: "weekday_hours"}) {
		c.WeekdayHours = map[time.Weekday][]workday.Span{}
		for _, e := range x.Entries {
			if day, ok := l.weekday(e.Key); ok {
				c.WeekdayHours[day] = l.hours(e.Value, at.hours)
			}
		}
	}
	if x := n.Get("day_hours"); x != nil && l.isMap(x, Text{ZH: "day_hours", EN: "day_hours"}) {
		c.DayHours = map[date.Date][]workday.Span{}
		for _, e := range x.Entries {
			if d := l.date(e.Key); d != 0 {
				c.DayHours[d] = l.hours(e.Value, at.hours)
			}
		}
	}
	if y := n.Get("years"); y != nil && l.isMap(y, Text{ZH: "年份", EN: "the years"}) {
		c.Years = map[int]workday.Year{}
		for _, e := range y.Entries {
			number, err := source.Integer(e.Key.Text)
			if err != nil || number < source.FirstYear || number > source.LastYear {
				l.fail("bad_year", e.Key, textf("%q 不是 2000 至 2100 的年份", "%q is not a year from 2000 to 2100", e.Key.Text),
					textf("写四位年份,如 2027", "write four digits, as in 2027"))
				continue
			}
			if l.isMap(e.Value, Text{ZH: "年份", EN: "a year"}) {
				l.onlyKeys(e.Value, "rest", "work", "note")
				l.note(e.Value)
				c.Years[int(number)] = workday.Year{
					Rest: l.days(e.Value.Get("rest"), int(number), at.days), Work: l.days(e.Value.Get("work"), int(number), at.days),
				}
			}
		}
	}
	return c, at
}

// weekday reads the name of a weekday.
func (l *loader) weekday(n *source.Node) (time.Weekday, bool) {
	day, ok := weekdays[n.Text]
	if !ok {
		l.fail("unknown_weekday", n, textf("没有名为 %q 的星期", "there is no weekday %q", n.Text),
			oneOf(n.Text, slices.Sorted(maps.Keys(weekdays))))
	}
	return day, ok
}

// hours reads the opening hours of a day; none of them is a day that is closed.
func (l *loader) hours(n *source.Node, places map[workday.Span]*source.Node) []workday.Span {
	spans := []workday.Span{}
	for _, item := range l.items(n) {
		from, to, ok := strings.Cut(item.Text, "-")
		start, err1 := source.ClockTime(strings.TrimSpace(from))
		end, err2 := source.ClockTime(strings.TrimSpace(to))
		if !ok || err1 != nil || err2 != nil {
			l.fail("bad_hours", item, textf("%q 不是营业时段", "%q is not a span of opening hours", item.Text),
				textf("写成 09:00-12:00", "write 09:00-12:00"))
			continue
		}
		span := workday.Span{From: start, To: end}
		spans, places[span] = append(spans, span), item
	}
	return spans
}

// calendarProblems words the problems of a calendar that reading it alone
// does not show.
var calendarProblems = map[workday.Problem]struct{ message, remedy Text }{
	workday.ForeignDate: {
		Text{ZH: "这一天不属于这一年,也不属于前后一年", EN: "the day is neither of this year nor of one beside it"},
		Text{ZH: "移到它所属的年份下", EN: "move it under its own year"},
	},
	workday.RestTwice: {
		Text{ZH: "这一天已列为休息日", EN: "the day is listed as a day off already"}, Text{ZH: "删去一个", EN: "remove one"},
	},
	workday.WorkTwice: {
		Text{ZH: "这一天已列为调休上班日", EN: "the day is listed as a make-up day already"}, Text{ZH: "删去一个", EN: "remove one"},
	},
	workday.RestAndWork: {
		Text{ZH: "这一天既列为休息又列为上班", EN: "the day is listed both as a day off and as a make-up day"},
		Text{ZH: "只留一处", EN: "keep one of the two"},
	},
	workday.WeekdayTwice: {
		Text{ZH: "这个星期列了两次", EN: "the weekday is listed twice"}, Text{ZH: "删去一个", EN: "remove one"},
	},
	workday.WeekendTooLong: {
		Text{ZH: "七天都是周末,没有工作日", EN: "all seven days are weekend: there is no working day"},
		Text{ZH: "至少留一天上班", EN: "leave at least one day to work"},
	},
	workday.SpanEmpty: {
		Text{ZH: "营业时段的结束不晚于开始", EN: "the opening hours end no later than they begin"},
		Text{ZH: "写成 09:00-12:00,过夜的分成两段", EN: "write 09:00-12:00; make two of those past midnight"},
	},
	workday.SpansOverlapping: {
		Text{ZH: "营业时段互相重叠", EN: "the opening hours overlap"}, Text{ZH: "把两段分开或合并", EN: "part the two or make them one"},
	},
}

// calendarErrors reports what New found, at the day, weekday or hours that it
// is about.
func (l *loader) calendarErrors(n *source.Node, err error, at calendarPlaces) {
	all := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	}
	for _, err := range all {
		var e *workday.ConfigError // New has no other errors
		if !errors.As(err, &e) {
			continue
		}
		place := n
		switch {
		case e.Problem == workday.WeekdayTwice:
			place = at.weekdays[e.Weekday]
		case e.Problem == workday.WeekendTooLong:
			place = n.Get("weekend")
		case e.Problem == workday.SpanEmpty || e.Problem == workday.SpansOverlapping:
			place = at.hours[e.Span]
		case at.days[e.Date] != nil:
			place = at.days[e.Date]
		}
		words := calendarProblems[e.Problem]
		l.failAt("calendar_"+string(e.Problem), l.spanOf(place), words.message, words.remedy)
	}
}

func (l *loader) ignored(n *source.Node) bool {
	if n == nil || !l.isScalar(n, Text{ZH: "kept 或 ignored", EN: "kept or ignored"}) {
		return false
	}
	words := []string{"kept", "ignored"}
	if !slices.Contains(words, n.Text) {
		l.fail("unknown_word", n, textf("这里不能写 %q", "%q cannot stand here", n.Text), oneOf(n.Text, words))
	}
	return n.Text == "ignored"
}

// days reads dates and ranges `A..B`; MM-DD is a day of the year, if there is
// one.
func (l *loader) days(n *source.Node, year int, places map[date.Date]*source.Node) []date.Date {
	if n == nil {
		return nil
	}
	var all []date.Date
	seen := map[date.Date]bool{}
	for _, item := range l.items(n) {
		from, to, isRange := strings.Cut(item.Text, "..")
		if !isRange {
			to = from
		}
		first, err1 := dayOf(from, year)
		last, err2 := dayOf(to, year)
		if year == 0 && !isRange && err1 != nil {
			l.scalarError(item, err1)
			continue
		}
		if err1 != nil || err2 != nil || last < first || last-first > 366 {
			remedy := textf("写 10-01、2027-10-01 或 10-01..10-07", "write 10-01, 2027-10-01 or 10-01..10-07")
			if year == 0 {
				remedy = textf("写 2027-10-01 或 2027-10-01..2027-10-07", "write 2027-10-01 or 2027-10-01..2027-10-07")
			}
			l.fail("bad_date", item, textf("%q 不是日期或日期区间", "%q is not a date or a range of dates", item.Text), remedy)
			continue
		}
		for d := first; d <= last; d++ {
			before := len(all)
			if all = l.addDay(all, d, item, seen); len(all) == before {
				break // one finding for a range
			}
			places[d] = item
		}
	}
	return all
}

// addDay adds a day to a list that may not have it yet.
func (l *loader) addDay(all []date.Date, d date.Date, item *source.Node, seen map[date.Date]bool) []date.Date {
	if seen[d] {
		l.fail("duplicate_item", item, textf("%v 列了两次", "%v is listed twice", d), textf("删去一个", "remove one"))
		return all
	}
	seen[d] = true
	return append(all, d)
}

func dayOf(text string, year int) (date.Date, error) {
	if year != 0 && len(text) == len("01-02") {
		return source.Date(strconv.Itoa(year) + "-" + text)
	}
	return source.Date(text)
}

// items are the scalars of a list, or one scalar alone.
func (l *loader) items(n *source.Node) []*source.Node {
	switch n.Kind {
	case source.Seq:
		var all []*source.Node
		for _, item := range n.Items {
			if l.isScalar(item, Text{ZH: "列表项", EN: "an item of a list"}) {
				all = append(all, item)
			}
		}
		return all
	case source.Scalar:
		return []*source.Node{n}
	default:
		l.failAt("list_expected", l.spanOfValue(n), textf("这里应为列表", "a list is expected here"), textf("写成 [甲, 乙]", "write [a, b]"))
		return nil
	}
}
