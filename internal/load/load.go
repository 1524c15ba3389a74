package load

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla"
	"github.com/servicerules/rulebook/sla/workday"
)

// Parse reads and checks a rules file, or the text of several that source.Join
// makes. It returns the rulebook and the warnings, or no rulebook and every
// finding: a rulebook is loaded whole or not at all. The name is used in
// findings only.
func Parse(name string, data []byte) (*checked.Book, diagnostic.List) {
	book, found, _ := ParseContext(context.Background(), name, data) // which does not end
	return book, found
}

// ParseContext is Parse, broken off where the context ends: then there are
// neither a rulebook nor findings, and the error is that of the context.
func ParseContext(ctx context.Context, name string, data []byte) (*checked.Book, diagnostic.List, error) {
	sum := sha256.Sum256(data)
	l := &loader{
		broken: map[string]bool{}, unsound: map[*source.Node]bool{}, suspect: map[*source.Node]bool{}, unknown: map[*source.Node]bool{},
		refused: map[*source.Node]bool{}, likeValues: map[*source.Node]string{}, takenFrom: map[diagnostic.Span][]*source.Node{}, notThere: map[diagnostic.Span]*source.Node{}, likes: map[*source.Node]*source.Node{},
		meant: map[*source.Node][]string{}, lost: map[string]bool{}, decides: map[string]bool{}, questionNodes: map[*checked.Question]*source.Node{},
		book: &checked.Book{
			Rulebook:  &policy.Rulebook{SHA256: hex.EncodeToString(sum[:]), FileName: name, Languages: usualLanguages, Wordings: map[string]policy.Text{}, Calendars: map[string]*workday.Calendar{}},
			WordTypes: map[*policy.WordList]*value.Words{}, Relabels: map[*policy.WordList]bool{},
			ArticlesByID: map[string]*policy.Article{}, FactsByName: map[string]*checked.Fact{}, ReadingsByKey: map[string]*checked.Reading{},
			QuestionsByID: map[string]*checked.Question{}, WordsByName: map[string]*policy.WordList{}, RulesByName: map[string]*checked.Rule{},
			CalendarOf: map[*workday.Calendar]policy.Text{}, AsExpression: map[*source.Node]policy.FieldKind{},
		},
	}
	data = slices.Clone(data)
	root := l.compose(name, data)
	if root == nil {
		return nil, l.findings(), nil
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	l.root, l.book.Root = root, root
	l.book.SetSource(data)
	l.book.SetFiles(l.files.parts)
	l.book.SetBase(l.files.extends, l.files.deviations)
	l.writeOut(root)
	for _, section := range []string{"regulations", "questions"} {
		nestChoices(root.Get(section))
	}
	l.file(root)
	l.checkEditions(ctx)
	if err := ctx.Err(); err != nil { // what was found is not all there is
		return nil, nil, err
	}
	if !l.found.Failed() { // else a mistake may be why
		l.articlesNamed()
		l.verdictWords()
		l.unlabelled()
	}
	found := l.findings()
	if found.Failed() {
		return nil, found, nil
	}
	l.describeValues()
	layOut(l.book)
	l.book.UsualCalendar = l.book.LatestCalendar()
	return l.book, found, nil
}

type loader struct {
	root  *source.Node
	book  *checked.Book
	found diagnostic.List
	files *files                   // that the book is made of
	lines map[string][]string      // of each file, once they are wanted
	rules map[string][]writtenRule // of each file, in its order, once they are wanted
	// broken are the names of what was refused: that something else mentions
	// one of them is no finding of its own.
	broken map[string]bool
	// unsound are the rules and questions that cannot be resolved; suspect
	// those of which only the expressions can be checked.
	unsound, suspect map[*source.Node]bool
	unknown          map[*source.Node]bool // keys that were reported as unknown
	// refused are choices that are like what they cannot be like; likeValues those
	// that are like a named value, with its name.
	refused    map[*source.Node]bool
	likeValues map[*source.Node]string
	// takenFrom are the texts of other rules in which a name is put in place of
	// another one, by where that is written; notThere the rules that do not have a
	// name that is to be replaced in them; likes what names the rule that one is like.
	takenFrom     map[diagnostic.Span][]*source.Node
	notThere      map[diagnostic.Span]*source.Node
	likes         map[*source.Node]*source.Node
	questionNodes map[*checked.Question]*source.Node
	decides       map[string]bool                      // articles with rules
	currencyTold  bool                                 // that the currency of the rulebook is wrong
	lost          map[string]bool                      // sections that could not be read
	units         map[string]bool                      // the names of units, once all rules are read
	types         map[*checked.Value][]*value.Type     // that trials gave values
	verdicts      map[*checked.Question][]*value.Words // likewise, of verdicts
	// withVerdicts check what names words of verdicts, once these are known.
	withVerdicts []func()
	// quoted are the words of articles that rules quote.
	quoted []quotation
	// articles are ids that stand before the articles themselves.
	articles []*source.Node
	// meant are the keys that an unknown key of a map was probably meant as.
	meant map[*source.Node][]string

	orders      []orderWritten    // `not_before` of facts, to be looked up
	anyCalendar *workday.Calendar // in the place of those with mistakes
}

func (l *loader) fail(code string, n *source.Node, message, remedy policy.Text, related ...diagnostic.Related) {
	l.failAt(code, n.Span, message, remedy, related...)
}

func (l *loader) failAt(code string, span diagnostic.Span, message, remedy policy.Text, related ...diagnostic.Related) {
	if !l.full() {
		l.found = append(l.found, diagnostic.Diagnostic{
			Code: code, Severity: diagnostic.Error, Span: span, Message: message, Remedy: remedy, Related: related,
		})
	}
}

// onlyKeys reports keys of a map that are not in the list. What stands under
// one is not read, and its names count as broken.
func (l *loader) onlyKeys(n *source.Node, keys ...string) {
	l.checkMarks(n, keys)
	for i, e := range n.Entries {
		if slices.Contains(keys, e.Key.Text) {
			continue
		}
		if l.full() {
			return
		}
		l.unknown[e.Key] = true
		if l.cutNumber(n, i) || l.otherLanguage(e.Key, keys) {
			continue
		}
		near, remedy := diagnostic.Nearest(e.Key.Text, keys), diagnostic.OneOf(e.Key.Text, keys)
		if key := keysInChinese[e.Key.Text]; slices.Contains(keys, key) {
			near, remedy = key, diagnostic.OneOfNear(key, keys)
		}
		if lang := languageMeant(e.Key.Text); slices.Contains(keys, lang) {
			near, remedy = lang, diagnostic.Textf("写 %s", "write %s", lang)
		}
		if near != "" && n.Get(near) != nil {
			remedy = diagnostic.Textf("%s 已经写了：删去其中一个", "%s is given already: remove one of the two", near)
		}
		if e.Value.Kind == source.Empty && near == "" { // a comma within {…} has cut a text in two
			remedy = diagnostic.Textf("如果它是前面文字的一部分：给整段文字加引号，或用全角逗号", "if it belongs to the text before it: quote the whole text")
		}
		l.fail("unknown_key", e.Key, diagnostic.Textf("这里没有名为 %q 的键", "there is no key %q here", e.Key.Text), remedy)
		l.refuse(e.Value)
		if near != "" {
			l.meant[n] = append(l.meant[n], near)
		}
	}
}

// keysInChinese are words that people write for the keys of rules.
var keysInChinese = map[string]string{
	"期限": "within", "时限": "within", "限期": "within", "起算": "from", "开始": "from", "结束": "to", "截止": "due", "条件": "when", "日历": "calendar",
	"标题": "title", "条文": "text", "正文": "text", "性质": "nature", "备注": "note", "说明": "note", "条款": "article", "事实": "facts", "规则": "rules", "结论": "verdict",
	"类型": "type", "单位": "unit", "选项": "options", "金额": "amount", "生效": "in_force",
}

// languageMeant is the key of a wording that other names of its language are
// meant for, or "".
func languageMeant(key string) string {
	switch strings.ToLower(strings.ReplaceAll(key, "_", "-")) {
	case "cn", "ch", "chs", "chn", "zh-cn", "zh-hans", "chinese", "中文", "汉语", "简体中文":
		return "zh"
	case "eng", "en-us", "en-gb", "english", "英文", "英语":
		return "en"
	}
	return ""
}

// cutNumber reports a number that a comma within {…} has cut in two, 2,000.
func (l *loader) cutNumber(n *source.Node, at int) bool {
	before, rest, cut := checked.CutNumber(n, at)
	if !cut {
		return false
	}
	message, remedy := checked.CutInTwo(before, rest)
	l.failAt("unknown_key", checked.CutSpan(before, rest), message, remedy)
	return true
}

// refuse notes the names below a node that is not read.
func (l *loader) refuse(n *source.Node) {
	for _, e := range n.Entries {
		l.broken[e.Key.Text] = true
		l.refuse(e.Value)
	}
}

// isMap reports whether n is a map, and says so where it is not.
func (l *loader) isMap(n *source.Node, what policy.Text) bool {
	return l.isMapAs(n, what, diagnostic.Textf("写成 {键: 值} 或逐行缩进的“键: 值”", "write {key: value} or indented key: value lines"))
}

func (l *loader) isMapAs(n *source.Node, what, remedy policy.Text) bool {
	if n.Kind == source.Map {
		return true
	}
	l.failAt("map_expected", l.spanOfValue(n),
		policy.Text{ZH: spaced(what.ZH) + "应为若干“键: 值”", EN: what.EN + " must be a map of key: value"}, remedy)
	return false
}

// spaced sets a key in Latin letters off from the Chinese that follows it.
func spaced(zh string) string {
	if last, _ := utf8.DecodeLastRuneInString(zh); last < utf8.RuneSelf {
		return zh + " "
	}
	return zh
}

func (l *loader) isScalar(n *source.Node, what policy.Text) bool {
	if n.Kind == source.Scalar && n.Text != "" {
		return true
	}
	l.failAt("value_expected", l.spanOfValue(n), policy.Text{ZH: spaced(what.ZH) + "应为一个值", EN: what.EN + " must be a single value"},
		diagnostic.Textf("在冒号后写一个值", "write one value behind the colon"))
	return false
}

func (l *loader) required(n *source.Node, key string) *source.Node {
	child := n.Get(key)
	if child == nil {
		l.missing(n, key, diagnostic.Textf("补上 %s: …", "add %s: …", key))
	}
	return child
}

// missing reports a key that a map lacks, unless a key was reported that was
// probably meant as it.
func (l *loader) missing(n *source.Node, key string, remedy policy.Text) {
	if !slices.Contains(l.meant[n], key) {
		l.failAt("missing_key", l.spanOf(n), diagnostic.Textf("缺少 %q", "%q is missing", key), remedy)
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

// date is what a node says, 0 where there is none.
func (l *loader) date(n *source.Node) date.Date {
	d, _ := l.day(n)
	return d
}

// day is date, and whether it is one: the first of January of the year 1 is 0.
func (l *loader) day(n *source.Node) (date.Date, bool) {
	if n == nil || !l.isScalar(n, policy.Text{ZH: "日期", EN: "a date"}) {
		return 0, false
	}
	d, err := source.Date(n.Text)
	if err != nil {
		l.scalarError(n, err)
		return 0, false
	}
	return d, true
}

func (l *loader) flag(n *source.Node) bool {
	if n == nil || !l.isScalar(n, policy.Text{ZH: "true 或 false", EN: "true or false"}) {
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
	if !pattern.MatchString(n.Text) || len(n.Text) > checked.MaxIdentifier {
		l.badName(n)
		return false
	}
	if checked.IsReserved(n.Text) {
		l.fail("reserved_name", n, diagnostic.Textf("%q 是保留词，不能作名称", "%q is reserved and cannot be a name", n.Text),
			diagnostic.Textf("换一个名称", "choose another name"))
		l.broken[n.Text] = true
		return false
	}
	return true
}

func (l *loader) badName(n *source.Node) {
	l.broken[n.Text] = true
	l.broken[spelt(n.Text)] = true // as it is probably used
	remedy := diagnostic.Textf("用小写英文字母、数字和下划线，以字母开头，不超过 %d 个字符", "use lower-case letters, digits and underscores, a letter first, at most %d of them", checked.MaxIdentifier)
	if name := plainName(n.Text); name != "" {
		remedy = diagnostic.Textf("用小写英文字母、数字和下划线，如 %s，用到它的地方也要一致", "use lower-case letters, digits and underscores, as in %s, the same wherever it is used", name)
	}
	l.broken[withoutInvisible(n.Text)] = true // it looks like that
	if r := invisible(n.Text); r != "" {
		remedy = diagnostic.Textf("删去看不见的字符 %s", "remove the invisible character %s", r)
	}
	l.fail("bad_name", n, checked.BadName(n.Text), remedy)
}

// spelt is a text as a name is probably spelt.
func spelt(text string) string {
	return strings.NewReplacer("-", "_", " ", "_").Replace(strings.ToLower(text))
}

// plainName is that where it is a name, else "".
func plainName(text string) string {
	if name := spelt(text); checked.SnakeCase.MatchString(name) && len(name) <= checked.MaxIdentifier && !checked.IsReserved(name) {
		return name
	}
	return ""
}

func (l *loader) file(root *source.Node) {
	l.onlyKeys(root, "rulebook", source.Include, source.Extends, "calendars", "words", "facts", "readings", "must", "questions", "promises", "regulations", "review")
	if n := l.required(root, "rulebook"); n != nil {
		l.header(n)
	}
	l.section(root, "calendars", false, l.calendars)
	l.section(root, "words", false, l.wordLists)
	l.section(root, "facts", true, l.factSection)
	l.usualCurrency()
	l.section(root, "must", false, l.musts)
	l.section(root, "readings", false, l.readingSection)
	l.section(root, "regulations", true, l.regulations)
	l.section(root, "questions", true, l.questionSection)
	l.section(root, "promises", false, l.promises)
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
	if l.isMap(n, policy.Text{ZH: key, EN: key}) {
		read(n)
	} else {
		l.lost[key] = true
	}
}

func (l *loader) header(n *source.Node) {
	if !l.isMap(n, policy.Text{ZH: "rulebook", EN: "rulebook"}) {
		return
	}
	l.onlyKeys(n, "id", "title", "languages", "zone", "currency", "in_force", "calendar", "note")
	l.languages(n.Get("languages"))
	l.note(n)
	b := l.book
	b.Zone = time.UTC
	if id := l.required(n, "id"); id != nil && l.isScalar(id, policy.Text{ZH: "id", EN: "id"}) && l.name(id, checked.SnakeCase) {
		b.ID = id.Text
	}
	if t := l.required(n, "title"); t != nil {
		b.Title = l.text(t)
	}
	if zone := l.zone(l.required(n, "zone")); zone != nil {
		b.Zone = zone
		l.withoutSummerTime(n.Get("zone"))
	}
	b.Clocks = sla.ClocksOf(b.Zone)
	if c := n.Get("currency"); c != nil && l.isScalar(c, policy.Text{ZH: "货币", EN: "the currency"}) {
		b.Currency = c.Text
	}
	b.CalendarNode = n.Get("calendar")
	if f := l.required(n, "in_force"); f != nil {
		b.From, b.To = l.period(f)
		if f.Kind == source.Map && f.Get("from") == nil {
			l.missing(f, "from", diagnostic.Textf("补上 from: 日期", "add from: a date"))
		}
	}
}

// zone reads a time zone; nil where none is named.
func (l *loader) zone(z *source.Node) *time.Location {
	if z == nil || !l.isScalar(z, policy.Text{ZH: "时区", EN: "the zone"}) {
		return nil
	}
	zone, err := time.LoadLocation(z.Text)
	if err == nil && z.Text != "Local" {
		return zone
	}
	remedy := diagnostic.Textf("写 IANA 时区数据库里的名称，即“洲/城市”", "write the name of a zone of the IANA database, Continent/City")
	near := zonesMeant[strings.ToLower(z.Text)]
	if near == "" {
		near = diagnostic.Nearest(z.Text, usualZones)
	}
	for _, usual := range usualZones { // a city alone
		if _, city, _ := strings.Cut(usual, "/"); city != "" && strings.EqualFold(strings.ReplaceAll(z.Text, " ", "_"), city) {
			near = usual
		}
	}
	if near != "" {
		remedy = diagnostic.Textf("是否指 %s？要写 IANA 时区数据库里的名称", "did you mean %s? It must be a name of the IANA database", near)
	}
	l.fail("unknown_zone", z, diagnostic.Textf("没有名为 %q 的时区", "there is no time zone %q", z.Text), remedy)
	return nil
}

// abbreviated are abbreviations that are zones of the database, too, in which clocks
// never change, though they do where people mean by them.
var abbreviated = map[string]string{"EST": "America/New_York", "MST": "America/Denver"}

func (l *loader) withoutSummerTime(z *source.Node) {
	if city := abbreviated[z.Text]; city != "" {
		l.warn("zone_without_summer_time", z, diagnostic.Textf("%s 的钟从不调，没有夏令时", "in %s clocks never change: it has no summer time", z.Text),
			diagnostic.Textf("有夏令时的写 %s；确实没有的，写城市，如 America/Panama、America/Phoenix", "write %s where there is summer time; where there is none, a city such as America/Panama or America/Phoenix", city))
	}
}

// usualCurrency reports, of a rulebook in which no fact is an amount of money, that
// its currency is none: else its facts say so.
func (l *loader) usualCurrency() {
	c := l.root.Get("rulebook").Get("currency")
	if c == nil || c.Kind != source.Scalar || c.Text == "" || l.currencyTold {
		return
	}
	if _, ok := value.CurrencyNamed(c.Text); ok {
		return
	}
	remedy := diagnostic.Textf("写通用的货币代码，三个大写字母，如 CNY、EUR", "write its standard code of three capital letters, such as GBP or EUR")
	if meant := currenciesMeant[strings.ToLower(c.Text)]; meant != "" {
		remedy = diagnostic.Textf("写 %s", "write %s", meant)
	}
	l.warn("unknown_currency", c, diagnostic.Textf("没有代码为 %q 的货币", "there is no currency with the code %q", c.Text), remedy)
}

// zonesMeant are names that people have for the clocks of some zones.
var zonesMeant = map[string]string{
	"asia/beijing": "Asia/Shanghai", "beijing": "Asia/Shanghai", "china": "Asia/Shanghai", "北京": "Asia/Shanghai", "北京时间": "Asia/Shanghai", "中国": "Asia/Shanghai", "上海": "Asia/Shanghai",
	"utc+8": "Asia/Shanghai", "gmt+8": "Asia/Shanghai", "+08:00": "Asia/Shanghai",
}

// usualZones are those that may be meant where there is no zone of a name; the
// database of all of them cannot be listed.
var usualZones = []string{
	"Asia/Shanghai", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Singapore", "Asia/Tokyo", "Asia/Kolkata", "Europe/London", "Europe/Paris",
	"Europe/Berlin", "Europe/Madrid", "America/New_York", "America/Chicago", "America/Los_Angeles", "America/Sao_Paulo", "Australia/Sydney", "UTC",
}

// period reads {from: date, to: date}.
func (l *loader) period(n *source.Node) (from, to date.Date) {
	remedy := diagnostic.Textf("写成 {from: 日期}", "write {from: …} with a date")
	if _, err := source.Date(n.Text); err == nil {
		remedy = diagnostic.Textf("写成 {from: %s}", "write {from: %s}", n.Text)
	}
	if !l.isMapAs(n, policy.Text{ZH: "in_force", EN: "in_force"}, remedy) {
		return 0, 0
	}
	l.onlyKeys(n, "from", "to")
	from, to = l.date(n.Get("from")), l.date(n.Get("to"))
	if from != 0 && to != 0 && to < from {
		l.fail("period_reversed", n.Get("to"), diagnostic.Textf("结束日 %v 早于开始日 %v", "the end %v is before the start %v", to, from),
			diagnostic.Textf("交换两个日期，或改正其中一个", "swap the dates or correct one of them"))
		return from, 0
	}
	return from, to
}

func (l *loader) wordLists(n *source.Node) {
	for _, e := range n.Entries {
		if !l.name(e.Key, checked.SnakeCase) || !l.isMap(e.Value, policy.Text{ZH: "词表", EN: "a word list"}) {
			l.broken[e.Key.Text] = true
			continue
		}
		w := l.wordList(e.Key.Text, e.Value)
		l.book.WordsByName[w.Name] = w
		l.book.Words = append(l.book.Words, w)
	}
}

func (l *loader) wordList(name string, n *source.Node) *policy.WordList {
	w := &policy.WordList{Name: name, Labels: map[string]policy.Text{}}
	for _, e := range n.Entries {
		if !checked.WordPattern.MatchString(e.Key.Text) || len(e.Key.Text) > checked.MaxIdentifier {
			l.badName(e.Key)
			continue
		}
		w.Words = append(w.Words, e.Key.Text)
		w.Labels[e.Key.Text] = l.text(e.Value)
	}
	if len(w.Words) == 0 {
		l.failAt("empty_list", l.spanOf(n), diagnostic.Textf("词表 %q 是空的", "the word list %q is empty", name), diagnostic.Textf("至少写一个词", "write at least one word"))
	}
	labels := map[string][]string{}
	for word, label := range w.Labels {
		for _, lang := range label.Languages() {
			labels[word] = append(labels[word], label.In(lang))
		}
	}
	l.book.WordTypes[w] = &value.Words{Name: name, Each: w.Words, Labels: labels}
	return w
}

// wordsOf reads `words:`, either the name of a shared list or a list of its own.
func (l *loader) wordsOf(n *source.Node, name string) *policy.WordList {
	if n.Kind == source.Map {
		return l.wordList(name, n)
	}
	if !l.isScalar(n, policy.Text{ZH: "词表名", EN: "the name of a word list"}) {
		return nil
	}
	w := l.book.WordsByName[n.Text]
	if w == nil && !l.broken[n.Text] && !l.lost["words"] {
		l.fail("unknown_word_list", n, diagnostic.Textf("没有名为 %q 的词表", "there is no word list %q", n.Text),
			diagnostic.OneOf(n.Text, slices.Sorted(maps.Keys(l.book.WordsByName))))
	}
	return w
}

func (l *loader) readingSection(n *source.Node) {
	for _, e := range n.Entries {
		if l.name(e.Key, checked.DottedName) && l.isMap(e.Value, policy.Text{ZH: "读法", EN: "a reading"}) {
			l.reading(e.Key, e.Value)
		} else {
			l.broken[e.Key.Text] = true
		}
	}
}

func (l *loader) reading(key, n *source.Node) {
	l.onlyKeys(n, "article", "asks", "options", "several", "chosen", "why", "decided")
	r := &checked.Reading{Reading: &policy.Reading{Key: key.Text}, Span: key.Span, Chosen: n.Get("chosen")}
	if a := l.required(n, "article"); a != nil && l.isScalar(a, policy.Text{ZH: "条款", EN: "the article"}) {
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
	if o := l.required(n, "options"); o != nil && l.isMap(o, policy.Text{ZH: "选项", EN: "the options"}) {
		l.readingOptions(r, o)
	}
	if l.required(n, "chosen") != nil && len(r.Options) > 0 {
		l.chosen(r)
	}
	if d := n.Get("decided"); d != nil && l.isMapAs(d, policy.Text{ZH: "decided", EN: "decided"}, diagnostic.Textf("写成 {by: 部门, on: 日期}", "write {by: …, on: …}: who decided it, and the date")) {
		l.onlyKeys(d, "by", "on")
		if by := l.required(d, "by"); by != nil && l.isScalar(by, policy.Text{ZH: "决定部门", EN: "who decided it"}) {
			r.DecidedBy = by.Text
		}
		if on := l.required(d, "on"); on != nil {
			if _, is := l.day(on); is {
				r.DecidedOn = on.Text
			}
		}
	}
	if len(r.Options) == 0 || r.Chosen == nil || l.unsound[r.Chosen] {
		l.broken[r.Key] = true
		return
	}
	l.book.ReadingsByKey[r.Key] = r
	l.book.Readings, l.book.Rulebook.Readings = append(l.book.Readings, r), append(l.book.Rulebook.Readings, r.Reading)
}

// maxOptions bounds the options of a reading: each is tried at load.
const maxOptions = 50

func (l *loader) readingOptions(r *checked.Reading, n *source.Node) {
	for i, e := range n.Entries {
		if i == maxOptions {
			l.fail("too_many_options", e.Key, diagnostic.Textf("读法 %s 的选项超过 %d 个", "reading %s has more than %d options", r.Key, maxOptions),
				diagnostic.Textf("分成几个读法", "make several readings of it"))
			r.Options = nil
			return
		}
		option := policy.ReadingOption{Name: e.Key.Text}
		switch {
		case option.Name == "otherwise" || option.Name == "by":
			l.fail("reserved_name", e.Key, diagnostic.Textf("%q 是保留词，不能作名称", "%q is reserved and cannot be a name", option.Name),
				diagnostic.Textf("换一个名称", "choose another name"))
			continue
		case !checked.WordPattern.MatchString(option.Name) || len(option.Name) > checked.MaxIdentifier:
			l.badName(e.Key)
			continue
		}
		if len(l.book.Languages) == 1 && e.Value.Kind == source.Scalar {
			option.Label = l.onlyWording(e.Value)
		} else if l.isMap(e.Value, policy.Text{ZH: "选项", EN: "an option"}) {
			l.onlyKeys(e.Value, l.withLabel("parameter")...)
			option.Label = l.label(e.Value)
			if p := e.Value.Get("parameter"); p != nil {
				option.Parameter = p.Text
				if !slices.Contains(checked.ParameterKinds(), p.Text) {
					l.failAt("unknown_parameter_kind", l.spanOf(p), diagnostic.Textf("没有 %q 这种参数", "there is no parameter kind %q", p.Text), diagnostic.OneOf(p.Text, checked.ParameterKinds()))
				}
			}
		}
		r.Options = append(r.Options, option)
	}
	if len(n.Entries) == 0 {
		l.failAt("empty_list", l.spanOf(n), diagnostic.Textf("读法 %q 没有选项", "the reading %q has no options", r.Key), diagnostic.Textf("至少写一个选项", "write at least one option"))
	}
}

// chosen checks what is chosen of a reading, on each date.
func (l *loader) chosen(r *checked.Reading) {
	if checked.IsBy(r.Chosen) && r.Chosen.Get("by").Text == "date" && !l.checkDates(r.Chosen) {
		l.unsound[r.Chosen] = true
		return
	}
	for _, c := range checked.DatedValues(r.Chosen) {
		if _, err := checked.ChoiceIn(r.Reading, c.Value); err != nil {
			l.unsound[r.Chosen] = true
			l.badChoice(c.Value, r, err)
		}
	}
}

func (l *loader) badChoice(n *source.Node, r *checked.Reading, err error) {
	remedy := r.Allowed(n.Text)
	var ce *policy.ChoiceError
	if !errors.As(err, &ce) {
		return // parsing a choice has no other errors
	}
	if !ce.Remedy.IsZero() {
		remedy = ce.Remedy
	}
	at := l.spanOfValue(n)
	if n.Kind == source.Seq && ce.Item < len(n.Items) {
		at = n.Items[ce.Item].Span
	}
	l.failAt("unknown_option", at, policy.Text{
		ZH: fmt.Sprintf("读法 %s 不能这样选：%s", r.Key, ce.Message.ZH), EN: fmt.Sprintf("reading %s cannot be chosen so: %s", r.Key, ce.Message.EN),
	}, remedy)
}

// items are the scalars of a list, or one scalar alone.
func (l *loader) items(n *source.Node) []*source.Node {
	switch n.Kind {
	case source.Seq:
		var all []*source.Node
		for _, item := range n.Items {
			if l.isScalar(item, policy.Text{ZH: "列表项", EN: "an item of a list"}) {
				all = append(all, item)
			}
		}
		return all
	case source.Scalar:
		return []*source.Node{n}
	default:
		l.failAt("list_expected", l.spanOfValue(n), diagnostic.Textf("这里应为列表", "a list is expected here"), diagnostic.Textf("写成 [甲, 乙]", "write [a, b]"))
		return nil
	}
}
