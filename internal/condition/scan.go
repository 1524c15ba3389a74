package condition

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/parser/lexer"

	"github.com/servicerules/rulebook/diagnostic"
)

const (
	maxBytes = 4096
	maxDepth = 64
)

// The parser understands `#` and `.field` only inside of a predicate, and
// gives up at them elsewhere. So every source is parsed as one; whether there
// is an element is for the checker to say.
const before, after = "all(_, {", "\n})"

// scan is a source with its tokens and the problems found in it.
type scan struct {
	src      []rune
	whole    string        // the same, and
	at       []int         // where each character begins in it; nil where all have one byte
	tokens   []lexer.Token // without the end
	match    []int         // of a bracket token: its partner, else -1
	starts   map[int]int   // offset to token
	ends     map[int]int
	literals map[int]*literal // by where they begin
	problems []Problem
}

func newScan(src string) *scan {
	s := &scan{src: []rune(src), whole: src}
	if len(s.src) == len(src) {
		return s
	}
	s.at = make([]int, 0, len(s.src)+1)
	for i := range src {
		s.at = append(s.at, i)
	}
	s.at = append(s.at, len(src))
	return s
}

func (s *scan) fail(code string, from, to int, message, remedy diagnostic.Text) {
	from = max(0, min(from, len(s.src)))
	to = max(from, min(to, len(s.src)))
	s.problems = append(s.problems, Problem{code, from, to, message, remedy})
}

// found are the problems in the order of the source, each once.
func (s *scan) found() []Problem {
	slices.SortStableFunc(s.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Code, b.Code))
	})
	return slices.CompactFunc(s.problems, func(a, b Problem) bool {
		return a.Code == b.Code && a.From == b.From && a.To == b.To
	})
}

// parse guards, tokenises and parses. A nil node means that problems were
// found that leave nothing to check.
func (s *scan) parse(src string) ast.Node {
	if !s.guard(src) {
		return nil
	}
	src = s.findLiterals()
	if !s.tokenise(src) || !s.dates() || !s.brackets() || !s.resolveLiterals() {
		return nil
	}
	s.refuse()
	tree, err := safely(func() (ast.Node, error) {
		t, err := parser.Parse(before + src + after)
		if err != nil {
			return nil, err
		}
		// Always so, for brackets are balanced.
		return t.Node.(*ast.BuiltinNode).Arguments[1].(*ast.PredicateNode).Node, nil
	})
	if err == nil {
		return tree
	}
	// What was refused already is the likely cause.
	if len(s.problems) == 0 {
		s.syntax(err)
	}
	return nil
}

// safely is the last resort against a parser that panics.
func safely[T any](f func() (T, error)) (t T, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("parser: %v", r)
		}
	}()
	return f()
}

// guard refuses what must not reach the lexer.
func (s *scan) guard(src string) bool {
	switch {
	case len(src) > maxBytes:
		s.fail(CodeTooLong, 0, len(s.src),
			diagnostic.Textf("表达式有 %d 字节，超过 %d 字节", "the expression has %d bytes, more than %d", len(src), maxBytes),
			diagnostic.Textf("拆成几条规则", "split it into several rules"))
		return false
	case !utf8.ValidString(src):
		at := 0
		for i, r := range src {
			if r == utf8.RuneError && !strings.HasPrefix(src[i:], "\uFFFD") {
				break
			}
			at++
		}
		s.fail(CodeControl, at, at+1,
			diagnostic.Textf("不是有效的 UTF-8 文本", "this is not valid UTF-8 text"),
			diagnostic.Textf("文件存为 UTF-8", "save the file as UTF-8"))
		return false
	}
	for i, r := range s.src {
		if unicode.IsControl(r) && !strings.ContainsRune("\n\r\t", r) || unicode.Is(unicode.Cf, r) {
			s.fail(CodeControl, i, i+1,
				diagnostic.Textf("表达式里有看不见的控制字符 %U", "the expression holds the invisible control character %U", r),
				diagnostic.Textf("删去该字符", "remove the character"))
		}
	}
	return len(s.problems) == 0
}

func (s *scan) tokenise(src string) bool {
	s.starts, s.ends = map[int]int{}, map[int]int{}
	l := lexer.New()
	l.Reset(file.NewSource(src))
	for {
		t, err := safely(l.Next)
		if errors.Is(err, io.EOF) || err == nil && t.Kind == lexer.EOF {
			break
		}
		if err != nil {
			s.syntax(err)
			return false
		}
		s.starts[t.From], s.ends[t.To] = len(s.tokens), len(s.tokens)
		s.tokens = append(s.tokens, t)
	}
	if len(s.tokens) == 0 {
		s.fail(CodeEmpty, 0, len(s.src),
			diagnostic.Textf("表达式是空的", "the expression is empty"),
			diagnostic.Textf("写出条件，恒成立就写 true", "write a condition; true if it always holds"))
		return false
	}
	return true
}

// dates reports days that are written in another way than 2026-01-31, which
// would be subtractions.
func (s *scan) dates() bool {
	found := false
	for i := 0; i+4 < len(s.tokens); i++ {
		t := s.tokens[i : i+5]
		is := t[1].Is(lexer.Operator, "-") && t[3].Is(lexer.Operator, "-") && len(t[0].Value) == 4
		for k := range t {
			is = is && (k%2 == 1 || t[k].Kind == lexer.Number) && (k == 0 || t[k-1].To == t[k].From)
		}
		if is {
			month, day := t[2].Value, t[4].Value
			s.fail(CodeUnsupported, t[0].From, t[4].To, diagnostic.Textf("日期 %s 的写法不对", "the day %s is not written plainly", string(s.src[t[0].From:t[4].To])),
				diagnostic.Textf("月和日各写两位：%s-%02s-%02s", "write two digits each for month and day: %s-%02s-%02s", t[0].Value, month, day))
			found = true
		}
	}
	return !found
}

// brackets matches brackets and bounds the depth of what the parser recurses
// into: open brackets, and runs of prefix operators.
func (s *scan) brackets() bool {
	s.match = make([]int, len(s.tokens))
	var open []int
	run := 0
	for i, t := range s.tokens {
		s.match[i] = -1
		run++
		switch {
		case t.Is(lexer.Operator, "!", "not", "-", "+"):
		case t.Is(lexer.Bracket, "(", "[", "{"):
			open = append(open, i)
			run = 0
		default:
			run = 0
			if !t.Is(lexer.Bracket) {
				break
			}
			if n := len(open); n > 0 && s.tokens[open[n-1]].Value+t.Value != "()" &&
				s.tokens[open[n-1]].Value+t.Value != "[]" && s.tokens[open[n-1]].Value+t.Value != "{}" || n == 0 {
				s.fail(CodeSyntax, t.From, t.To,
					diagnostic.Textf("括号 %s 没有对应的开括号", "the bracket %s closes nothing", t.Value),
					diagnostic.Textf("删去它，或补上开括号", "remove it, or open a bracket for it"))
				return false
			}
			last := open[len(open)-1]
			s.match[i], s.match[last] = last, i
			open = open[:len(open)-1]
		}
		if len(open)+run > maxDepth {
			s.fail(CodeTooDeep, t.From, t.To,
				diagnostic.Textf("括号或前缀运算嵌套超过 %d 层", "brackets or prefix operators nest more than %d levels", maxDepth),
				diagnostic.Textf("拆成几条规则", "split it into several rules"))
			return false
		}
	}
	if len(open) > 0 {
		t := s.tokens[open[len(open)-1]]
		s.fail(CodeSyntax, t.From, t.To,
			diagnostic.Textf("括号 %s 没有合上", "the bracket %s is never closed", t.Value),
			diagnostic.Textf("补上右括号", "close it"))
		return false
	}
	return true
}

// allowed are the operators of our language; "{" is for predicates.
var allowed = []string{
	"and", "or", "not", "&&", "||", "!", "==", "!=", "<", "<=", ">", ">=", "in",
	"+", "-", "*", "/", "?", ":", ".", "#", ",",
}

// refuse reports every token that is not part of our language.
func (s *scan) refuse() {
	has := func(word string) bool {
		return slices.ContainsFunc(s.tokens, func(t lexer.Token) bool { return t.Is(lexer.Operator, word) })
	}
	for i, t := range s.tokens {
		switch t.Kind {
		case lexer.Number:
			s.refuseNumber(i)
		case lexer.Bytes:
			s.unsupported(t.From, t.To, `b"…"`, diagnostic.Textf(`写 "文字"`, `write "text"`))
		case lexer.Operator:
			switch {
			case t.Value == "?" && i+1 < len(s.tokens) && s.tokens[i+1].Is(lexer.Operator, ":"):
				s.unsupported(t.From, s.tokens[i+1].To, "?:", diagnostic.Textf("写全：条件 ? 甲 : 乙", "write it out: condition ? a : b"))
			case t.Value == "else" && has("if"), (t.Value == "=" || t.Value == ";") && has("let"):
				// Said already, at the word in front.
			case t.Value == "=" && i+1 < len(s.tokens) && s.tokens[i+1].Is(lexer.Operator, ">", "<") && s.tokens[i+1].From == t.To:
				to := s.tokens[i+1]
				s.unsupported(t.From, to.To, "="+to.Value, diagnostic.Textf("写 %s=", "write %s=", to.Value))
			case !slices.Contains(allowed, t.Value):
				remedy, ok := instead[t.Value]
				switch {
				case t.Value == ";" && s.inBrackets(t.From):
					remedy = diagnostic.Textf("写逗号 ,", "write a comma ,")
				case !ok:
					remedy = diagnostic.Textf("可用的运算符：%s", "the operators are: %s", strings.Join(allowed, " "))
				}
				s.unsupported(t.From, t.To, t.Value, remedy)
			}
		}
	}
}

// instead says what to write for the parts of expr that are switched off.
var instead = map[string]diagnostic.Text{
	"let":        {ZH: "在用到的地方写出来，或另立一条规则", EN: "write it out where it is used, or make it a rule of its own"},
	";":          {ZH: "只写一个表达式，用 and 连接", EN: "write one expression; join conditions with and"},
	"..":         {ZH: "写 x >= 下限 and x <= 上限", EN: "write x >= low and x <= high"},
	"|":          {ZH: "写 函数(列表, …)", EN: "write function(list, …)"},
	"?.":         {ZH: "写 . 即可：没有的记录，其字段也是没有", EN: "write a plain dot: a field of a none record is none"},
	"??":         {ZH: "写 x == null ? y : x", EN: "write x == null ? y : x"},
	"%":          {ZH: "没有取余；百分之二十写 20%，百分之 n 写 (n / 100)", EN: "there is no remainder; twenty per cent is 20%, n per cent (n / 100)"},
	"**":         {ZH: "写 a * a", EN: "write a * a"},
	"^":          {ZH: "写 a * a", EN: "write a * a"},
	"if":         {ZH: "写 条件 ? 甲 : 乙", EN: "write condition ? a : b"},
	"else":       {ZH: "写 条件 ? 甲 : 乙", EN: "write condition ? a : b"},
	"matches":    {ZH: `写 == 或 starts_with(名称, "前缀")`, EN: `write == or starts_with(name, "prefix")`},
	"contains":   {ZH: `写 "x" in 列表`, EN: `write "x" in list`},
	"startsWith": {ZH: `写 starts_with(名称, "前缀")`, EN: `write starts_with(name, "prefix")`},
	"endsWith":   {ZH: "写 == 与完整的文字比较", EN: "compare the whole text with =="},
	"::":         {ZH: "删去 ::", EN: "remove the ::"},
	"=":          {ZH: "比较用 ==", EN: "compare with =="},
	"&":          {ZH: "写 and", EN: "write and"},
}

func (s *scan) unsupported(from, to int, what string, remedy diagnostic.Text) {
	s.fail(CodeUnsupported, from, to,
		diagnostic.Textf("不支持 %s", "%s is not part of the language", what), remedy)
}

// givenTo is the function of which the token i is the whole argument, if any.
func (s *scan) givenTo(i int) string {
	if i < 2 || i+1 >= len(s.tokens) || !s.tokens[i-1].Is(lexer.Bracket, "(") || !s.tokens[i+1].Is(lexer.Bracket, ")") ||
		s.tokens[i-2].Kind != lexer.Identifier {
		return ""
	}
	return s.tokens[i-2].Value
}

// refuseNumber refuses the number i if it is not whole or not plain.
func (s *scan) refuseNumber(i int) {
	t, givenTo := s.tokens[i], s.givenTo(i)
	if strings.ContainsAny(t.Value, ".eE") && !strings.HasPrefix(strings.ToLower(t.Value), "0x") {
		from, to := t.From, t.To
		if givenTo == "hours" {
			from, to = s.tokens[i-2].From, s.tokens[i+1].To
		}
		s.fail(CodeFloat, from, to,
			diagnostic.Textf("不能用小数 %s", "the decimal %s cannot be used", t.Value),
			decimalOf(t.Value, givenTo))
		return
	}
	n, err := strconv.ParseInt(t.Value, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != t.Value || n > math.MaxInt {
		s.fail(CodeNumber, t.From, t.To,
			diagnostic.Textf("数字 %s 写法不对或太大", "the number %s is too large or not written plainly", t.Value),
			plainly(t.Value))
	}
}

// decimalOf says how to write a decimal exactly. Lengths of time are of whole
// hours or minutes: a ratio would be refused there, and rounding it would be
// another length.
func decimalOf(decimal, givenTo string) diagnostic.Text {
	whole, fraction, _ := strings.Cut(strings.ReplaceAll(decimal, "_", ""), ".")
	fraction = strings.TrimRight(fraction, "0")
	n, err := strconv.ParseInt(whole+fraction, 10, 64)
	switch {
	case fraction != "" && (givenTo == "hours" || givenTo == "minutes"):
		if m, exact := minutesOf(n, len(fraction)); givenTo == "hours" && err == nil && exact {
			return diagnostic.Textf("写 minutes(%d)", "write minutes(%d)", m)
		}
		return diagnostic.Textf("时长只能是整数个小时或分钟：写 minutes(…)，里面是整数", "a length of time is of whole hours or minutes: write minutes(…) of a whole number")
	case err != nil || len(fraction) > 15:
		return diagnostic.Textf("写成整数之比 (甲 / 乙)", "write it as a ratio of whole numbers, (a / b)")
	case fraction == "":
		return diagnostic.Textf("写 %d", "write %d", n)
	}
	d := int64(1)
	for range fraction {
		d *= 10
	}
	a, b := n, d
	for b != 0 {
		a, b = b, a%b
	}
	return diagnostic.Textf("写成整数之比 (%d / %d)", "write it as a ratio of whole numbers, (%d / %d)", n/a, d/a)
}

// minutesOf is n hours, n being shifted by so many decimal places, in minutes.
func minutesOf(n int64, places int) (int64, bool) {
	if n > 1<<53 {
		return 0, false
	}
	n *= 60
	for range places {
		if n%10 != 0 {
			return 0, false
		}
		n /= 10
	}
	return n, true
}

// plainly says how to write a whole number.
func plainly(number string) diagnostic.Text {
	digits := strings.TrimLeft(strings.ReplaceAll(number, "_", ""), "0")
	n, err := strconv.ParseInt(digits, 10, 64)
	switch {
	case err == nil && n > math.MaxInt: // expr's parser takes an int
		return diagnostic.Textf("这个程序是 32 位的，表达式里的数不能超过 %d：请用 64 位的程序", "this program is of 32 bits, and numbers in expressions go up to %d: use one of 64 bits", math.MaxInt)
	case err == nil:
		return diagnostic.Textf("只写数字：%d", "write it in digits alone: %d", n)
	}
	return diagnostic.Textf("只写数字，不带前导零、下划线或进制，不超过 18 位", "write digits only, 18 of them at most: no leading zero, underscore or base")
}

// outer widens a span by the parentheses around it.
func (s *scan) outer(from, to int) (int, int) {
	for {
		i, ok := s.starts[from]
		j, ok2 := s.ends[to]
		if !ok || !ok2 || i == 0 || !s.tokens[i-1].Is(lexer.Bracket, "(") || s.match[i-1] != j+1 {
			return from, to
		}
		if i > 1 && s.tokens[i-2].Kind == lexer.Identifier {
			return from, to
		}
		from, to = s.tokens[i-1].From, s.tokens[j+1].To
	}
}

// place is where a node's own token stands.
func place(n ast.Node) (from, to int) {
	l := n.Location()
	return l.From - len(before), l.To - len(before)
}

// tokenOf is the token a node was made at, and its index.
func (s *scan) tokenOf(n ast.Node) (lexer.Token, int) {
	from, _ := place(n)
	if i, ok := s.starts[from]; ok {
		return s.tokens[i], i
	}
	return lexer.Token{}, -1
}

// callEnd is the end of the call or index whose opening bracket is token i.
func (s *scan) callEnd(i int) int {
	if i >= 0 && i < len(s.tokens) && s.match[i] > i {
		return s.tokens[s.match[i]].To
	}
	return len(s.src)
}

// text is the source between two offsets, without a copy: every node has one.
func (s *scan) text(from, to int) string {
	to = max(0, min(to, len(s.src)))
	from = max(0, min(from, to))
	if s.at == nil {
		return s.whole[from:to]
	}
	return s.whole[s.at[from]:s.at[to]]
}
