package condition

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/expr-lang/expr/parser/lexer"
	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
)

// What people write as itself and expr's lexer would take apart: an amount of
// money (9.98 GBP), a percentage (20%), a day (2026-01-01) and a moment
// (2026-01-01T09:00:00+08:00). They are found before the lexer runs, which then
// sees an identifier of the same length in each place; so all other places stay
// what they are.

// literal is one of them, from one character to another.
type literal struct {
	from, to int
	value    value.Value
	text     string // in normal form
	percent  bool
	bad      bool // it has a problem already
}

// literal is the constant that a literal stands for.
func (c *checker) literal(l *literal, from, to int) *node {
	if l.bad {
		return c.bad(from, to)
	}
	t := simpleTypes[l.value.K]
	if l.value.K == value.Money {
		t = moneyType(l.value.In)
	}
	return c.constant(t, l.value, from, to)
}

// filler stands for every character of a literal in what the lexer sees.
const filler = '_'

// findLiterals finds all literals and gives the source with fillers for them.
func (s *scan) findLiterals() string {
	if !strings.ContainsAny(s.whole, "0123456789$¥€£￥") {
		return s.whole
	}
	var masked []rune
	for i := 0; i < len(s.src); {
		if skip := s.quoted(i); skip > i {
			i = skip
			continue
		}
		l := s.literalAt(i)
		if l == nil {
			i = s.wordEnd(i)
			continue
		}
		if masked == nil {
			masked = append(masked, s.src...)
			s.literals = map[int]*literal{}
		}
		for k := l.from; k < l.to; k++ {
			masked[k] = filler
		}
		s.literals[l.from] = l
		i = l.to
		if of := s.of(i); l.percent && of > 0 { // "20% of fare" is a product
			masked[of], masked[of+1] = '*', ' '
			i = of + 2
		}
	}
	if masked == nil {
		return s.whole
	}
	return string(masked)
}

// quoted is where a quotation or comment that begins at i ends; i where none
// does. What is not closed goes on to the end.
func (s *scan) quoted(i int) int {
	switch r := s.src[i]; {
	case r == '"' || r == '\'' || r == '`':
		for k := i + 1; k < len(s.src); k++ {
			switch {
			case s.src[k] == '\\' && r != '`':
				k++
			case s.src[k] == r:
				return k + 1
			}
		}
		return len(s.src)
	case r == '/' && s.is(i+1, '/'):
		for k := i; k < len(s.src); k++ {
			if s.src[k] == '\n' {
				return k
			}
		}
		return len(s.src)
	case r == '/' && s.is(i+1, '*'):
		for k := i + 2; k+1 < len(s.src); k++ {
			if s.src[k] == '*' && s.src[k+1] == '/' {
				return k + 2
			}
		}
		return len(s.src)
	}
	return i
}

func (s *scan) is(i int, r rune) bool { return i < len(s.src) && s.src[i] == r }

func inWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// wordEnd is behind the word or number that begins at i, or behind i.
func (s *scan) wordEnd(i int) int {
	if s.src[i] == '.' { // a field's name is no literal
		i++
	}
	k := i
	for k < len(s.src) && (inWord(s.src[k]) || s.src[k] == '$') {
		k++
	}
	return max(k, i+1)
}

// digitsFrom is behind the digits that begin at i.
func (s *scan) digitsFrom(i int) int {
	for i < len(s.src) && isDigit(s.src[i]) {
		i++
	}
	return i
}

func (s *scan) spacesFrom(i int) int {
	for i < len(s.src) && unicode.IsSpace(s.src[i]) {
		i++
	}
	return i
}

// literalAt is the literal that begins at i, or nil.
func (s *scan) literalAt(i int) *literal {
	if sign := s.src[i]; !isDigit(sign) {
		return s.signed(i)
	}
	if l := s.dayAt(i); l != nil {
		return l
	}
	if l := s.groupedAt(i); l != nil {
		return l
	}
	end := s.digitsFrom(i)
	if s.is(end, '.') && s.digitsFrom(end+1) > end+1 {
		end = s.digitsFrom(end + 1)
	}
	if s.is(end, '%') {
		return s.percentAt(i, end)
	}
	if l := s.percentWordAt(i, end); l != nil {
		return l
	}
	if l := s.lengthAt(i, end); l != nil {
		return l
	}
	return s.moneyAt(i, end)
}

// groupedAt refuses a number with commas between its thousands, such as 1,000.5.
// In a list or between arguments a comma parts numbers, but for one in front of
// three figures that begin with 0, which are no number.
func (s *scan) groupedAt(i int) *literal {
	head := s.digitsFrom(i)
	if s.src[i] == '0' || head-i > 3 || i > 0 && (inWord(s.src[i-1]) || s.src[i-1] == '.') {
		return nil
	}
	end, sure := head, !s.inBrackets(i)
	for s.is(end, ',') && s.digitsFrom(end+1) == end+4 {
		sure = sure || s.src[end+1] == '0'
		end += 4
	}
	if end == head || !sure {
		return nil
	}
	if s.is(end, '.') && s.digitsFrom(end+1) > end+1 {
		end = s.digitsFrom(end + 1)
	}
	written := string(s.src[i:end])
	s.fail(CodeNumber, i, end, diagnostic.Textf("数字 %s 中间有逗号", "there are commas within the number %s", written),
		diagnostic.Textf("数字不加分隔符：写 %s", "write a number without separators: %s", strings.ReplaceAll(written, ",", "")))
	return &literal{from: i, to: end, bad: true}
}

// percentWordAt refuses 25 percent and 25 % of, which are written 25%.
func (s *scan) percentWordAt(i, end int) *literal {
	from := s.spacesFrom(end)
	if from == end || from == len(s.src) {
		return nil
	}
	to := s.wordEnd(from)
	switch strings.ToLower(string(s.src[from:to])) {
	case "%":
		if s.of(to) == 0 { // else it may be the remainder of other languages
			return nil
		}
	case "percent", "pct":
	case "per":
		next := s.spacesFrom(to)
		if next == len(s.src) || string(s.src[next:s.wordEnd(next)]) != "cent" {
			return nil
		}
		to = s.wordEnd(next)
	default:
		return nil
	}
	s.fail(CodeSyntax, i, to, diagnostic.Textf("百分比不这样写", "a percentage is not written like this"), diagnostic.Textf("写 %[1]s%%", "write %[1]s%%", string(s.src[i:end])))
	return &literal{from: i, to: to, bad: true}
}

// lengthAt refuses a length of time as it stands in within, such as 2 hours: in
// an expression it is hours(2).
func (s *scan) lengthAt(i, end int) *literal {
	from := s.spacesFrom(end)
	if from == len(s.src) || !unicode.IsLetter(s.src[from]) {
		return nil
	}
	to := s.wordEnd(from)
	q, err := source.ParseQuantity(string(s.src[i:end]) + " " + string(s.src[from:to]))
	if next := s.spacesFrom(to); err != nil && next > to && next < len(s.src) { // "working days"
		to = s.wordEnd(next)
		q, err = source.ParseQuantity(string(s.src[i:end]) + " " + string(s.src[from:to]))
	}
	if err != nil {
		return nil
	}
	s.fail(CodeSyntax, i, to,
		diagnostic.Textf("表达式里不这样写时长 %s", "the length %s is not written like this in an expression", string(s.src[i:to])), inExpression(q))
	return &literal{from: i, to: to, bad: true}
}

// inExpression says how an expression tells a length of time.
func inExpression(q source.Quantity) diagnostic.Text {
	switch q.Unit {
	case source.Hours, source.Minutes, source.Seconds:
		return diagnostic.Textf("写 %s(%d)", "write %s(%d)", q.Unit, q.N)
	case source.CalendarDays, source.Weeks:
		days := q.N
		if q.Unit == source.Weeks {
			days *= 7
		}
		return diagnostic.Textf("只要天数的写 %[1]d，日期加天数写 days_after(日期, %[1]d)，相隔的天数写 days_between(起, 止)，两个时刻之差比较时写 hours(%[2]d)",
			"write %[1]d for a number of days, days_after(date, %[1]d) for a day, days_between(from, to) for the days between two, hours(%[2]d) for a difference of moments", days, 24*days)
	case source.WorkingDays:
		return diagnostic.Textf("日期加工作日写 working_days_after(日期, %d)，相隔的工作日写 working_days_between(起, 止)", "write working_days_after(date, %d) for a day, working_days_between(from, to) for a number of them", q.N)
	case source.OpeningHours, source.OpeningMinutes:
		unit := map[source.Unit]string{source.OpeningHours: "hours", source.OpeningMinutes: "minutes"}[q.Unit]
		return diagnostic.Textf("与 open_time(起, 止) 比较，写 %s(%d)", "compare open_time(from, to) with %s(%d)", unit, q.N)
	}
	months := q.N
	switch q.Unit {
	case source.Quarters:
		months *= 3
	case source.Years:
		months *= 12
	}
	return diagnostic.Textf("日期加月数写 months_after(日期, %d)", "write months_after(date, %d)", months)
}

// currencySigns are written in front of an amount by people; the code that each
// most likely stands for is told.
var currencySigns = map[rune]string{'£': "GBP", '€': "EUR", '$': "USD", '¥': "CNY", '￥': "CNY"}

// signed refuses £9.98, which is written 9.98 GBP.
func (s *scan) signed(i int) *literal {
	code, is := currencySigns[s.src[i]]
	from := s.spacesFrom(i + 1)
	end := s.digitsFrom(from)
	if !is || end == from {
		return nil
	}
	if s.is(end, '.') {
		end = s.digitsFrom(end + 1)
	}
	amount := string(s.src[from:end])
	for end < len(s.src) && inWord(s.src[end]) {
		end++
	}
	s.fail(CodeUnsupported, i, end,
		diagnostic.Textf("金额不带符号 %c", "an amount is not written with the sign %c", s.src[i]),
		diagnostic.Textf("写 %s %s", "write %s %s", amount, code))
	return &literal{from: i, to: end, bad: true}
}

// moneyAt is an amount from i to end with the code of its currency behind it.
func (s *scan) moneyAt(i, end int) *literal {
	from := s.spacesFrom(end)
	to := from
	for to < len(s.src) && (inWord(s.src[to]) || s.src[to] == '$') {
		to++
	}
	code := string(s.src[from:to])
	if code == "元" {
		code = "CNY"
	}
	in, ok := value.CurrencyNamed(code)
	amount := string(s.src[i:end])
	if !ok {
		meant := value.CurrencyMeant(code)
		if meant == "" {
			return nil
		}
		s.fail(CodeSyntax, i, to, diagnostic.Textf("%q 不是货币的代码", "%q is not the code of a currency", code), diagnostic.Textf("写 %[1]s %[2]s", "write %[1]s %[2]s", amount, meant))
		return &literal{from: i, to: to, bad: true}
	}
	l := &literal{from: i, to: to}
	minor, err := value.ParseAmount(amount, in)
	if err == nil {
		l.value = value.MoneyOf(minor, in)
		l.text = l.value.Text(nil)
		return l
	}
	l.bad = true
	remedy := diagnostic.Textf("%[1]s 的金额最多 %[2]d 位小数；更细的单价写成百分比，如 54.69%% of 1 %[1]s", "an amount of %[1]s has %[2]d decimal places at most; write a finer rate as a percentage, such as 54.69%% of 1 %[1]s", code, in.Decimals())
	if errors.Is(err, value.ErrAmountRange) {
		remedy = diagnostic.Textf("改用较小的金额，不超过 %s", "use a smaller amount, %s at most", value.MoneyOf(math.MaxInt64, in).Text(nil))
	}
	s.fail(CodeNumber, i, to,
		diagnostic.Textf("金额 %s %s 小数位过多或太大", "the amount %s %s has too many decimal places or is too large", amount, code), remedy)
	return l
}

// percentAt is a percentage from i to its sign. Where something to divide by
// follows, the sign is the remainder of other languages, which is refused later.
func (s *scan) percentAt(i, end int) *literal {
	if next := s.spacesFrom(end + 1); next < len(s.src) && !s.follows(next) {
		return nil
	}
	number := string(s.src[i:end])
	l := &literal{from: i, to: end + 1, percent: true, text: number + "%"}
	whole, decimals, _ := strings.Cut(number, ".")
	const most = 15 // digits, so that the hundred times it fits, too
	n, err := strconv.ParseInt(whole+decimals, 10, 64)
	if err != nil || len(whole)+len(decimals) > most {
		l.bad = true
		s.fail(CodeNumber, i, end+1,
			diagnostic.Textf("百分比 %s%% 位数太多", "the percentage %s%% has too many digits", number),
			diagnostic.Textf("最多 %d 位数字", "write %d digits at most", most))
		return l
	}
	d := int64(100)
	for range decimals {
		d *= 10
	}
	l.value = value.RatioOf(n, d)
	return l
}

// follows reports whether what begins at i can follow a percentage, as no number
// that one divides by can.
func (s *scan) follows(i int) bool {
	if inWord(s.src[i]) {
		switch string(s.src[i:s.wordEnd(i)]) {
		case "of":
			return true
		case "and", "or", "in", "not": // the lexer must see that a word begins
			return !s.is(i-1, '%')
		}
		return false
	}
	return !strings.ContainsRune("([{.\"'`#!$", s.src[i])
}

// of is where the word `of` stands that follows i, or 0.
func (s *scan) of(i int) int {
	from := s.spacesFrom(i)
	if from < len(s.src) && inWord(s.src[from]) && string(s.src[from:s.wordEnd(from)]) == "of" {
		return from
	}
	return 0
}

// fits reports whether a text that begins at i has the form, in which 0 stands
// for a digit.
func (s *scan) fits(i int, form string) bool {
	for k, r := range form {
		if i+k >= len(s.src) || r == '0' && !isDigit(s.src[i+k]) || r != '0' && s.src[i+k] != r {
			return false
		}
	}
	return true
}

// dayAt is a day or moment that begins at i, or nil.
func (s *scan) dayAt(i int) *literal {
	const day = "0000-00-00"
	if !s.fits(i, day) {
		return nil
	}
	end := i + len(day)
	if s.is(end, 'T') || s.is(end, 't') {
		return s.momentAt(i, end)
	}
	if end < len(s.src) && inWord(s.src[end]) {
		return nil
	}
	text := string(s.src[i:end])
	l := &literal{from: i, to: end, text: text}
	d, err := date.ParseISO(text)
	if err != nil || d.Year() < 1 || d.String() != text {
		l.bad = true
		s.fail(CodeNumber, i, end,
			diagnostic.Textf("没有 %s 这一天", "there is no day %s", text),
			diagnostic.Textf("日期写成 2026-01-31，年份 0001 至 9999", "write a day as in 2026-01-31, of the years 0001 to 9999"))
		return l
	}
	l.value = value.DateOf(d)
	return l
}

// momentAt is a moment whose day goes from i to day.
func (s *scan) momentAt(i, day int) *literal {
	end := day + 1
	for end < len(s.src) && (isDigit(s.src[end]) || s.is(end, '.') || s.fits(end, ":0")) {
		end++
	}
	if s.fits(end, "+00:00") || s.fits(end, "-00:00") {
		end += len("+00:00")
	}
	for end < len(s.src) && inWord(s.src[end]) { // Z, or what does not belong
		end++
	}
	text := string(s.src[i:end])
	l := &literal{from: i, to: end, text: text}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil { // seconds may be left out
		at, err = time.Parse("2006-01-02T15:04Z07:00", text)
	}
	if y := at.Year(); err == nil && y > 1678 && y < 2262 {
		l.value = value.MomentOf(at)
		return l
	}
	l.bad = true
	s.fail(CodeNumber, i, end,
		diagnostic.Textf("%s 不是时刻", "%s is no moment", text),
		diagnostic.Textf("写成 2026-01-31T09:00:00+08:00，带与世界时的时差，年份 1679 至 2261", "write it as in 2026-01-31T09:00:00+08:00, with its offset from UTC, of the years 1679 to 2261"))
	return l
}

// resolveLiterals gives the tokens of literals their texts, and refuses literals that
// are called or asked for a field; then it is false.
func (s *scan) resolveLiterals() bool {
	before := len(s.problems)
	for i := range s.tokens {
		t := &s.tokens[i]
		l := s.literals[t.From]
		if l == nil {
			continue
		}
		t.Value = s.text(t.From, t.To)
		if i+1 < len(s.tokens) && s.tokens[i+1].Is(lexer.Bracket, "(") {
			next := s.tokens[i+1]
			s.fail(CodeSyntax, next.From, next.To,
				diagnostic.Textf("此处不应有 %s", "%s is not expected here", next.Value),
				diagnostic.Textf("两者之间写运算符", "write an operator between the two"))
		}
		if i > 0 && s.tokens[i-1].Is(lexer.Operator, ".", "#") {
			s.fail(CodeSyntax, t.From, t.To,
				diagnostic.Textf("此处不应有 %s", "%s is not expected here", t.Value),
				diagnostic.Textf("检查此处的写法", "check what is written here"))
		}
		if l.percent && i > 0 && s.tokens[i-1].Is(lexer.Operator, "/") && s.of(t.To) > 0 {
			s.fail(CodeSyntax, s.tokens[i-1].From, t.To,
				diagnostic.Textf("不清楚除以的是什么", "it is not clear what is divided by"),
				diagnostic.Textf("加括号：/ (%s of …)", "use brackets: / (%s of …)", t.Value))
		}
	}
	return len(s.problems) == before
}
