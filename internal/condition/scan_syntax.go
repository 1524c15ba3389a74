package condition

import (
	"errors"
	"slices"
	"strings"
	"unicode"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser/lexer"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/numerals"
	"github.com/servicerules/rulebook/internal/value"
)

// syntax reports an error of the lexer or the parser at its place.
func (s *scan) syntax(err error) {
	var e *file.Error
	from, to := 0, len(s.src)
	if errors.As(err, &e) {
		from, to = e.From, e.To
		if s.match != nil { // from the parser
			from, to = from-len(before), to-len(before)
		}
	}
	remedy := diagnostic.Textf("检查此处的写法", "check what is written here")
	if from >= len(s.src) && s.match == nil { // inside of quotes or a comment
		from = 0
		if n := len(s.tokens); n > 0 {
			from = s.tokens[n-1].To
		}
		for from < len(s.src)-1 && unicode.IsSpace(s.src[from]) {
			from++
		}
		s.fail(CodeSyntax, from, len(s.src),
			diagnostic.Textf("引号或注释没有合上", "the quotation or comment is never closed"),
			diagnostic.Textf("补上后一个引号", "close it"))
		return
	}
	if from >= len(s.src) && len(s.tokens) > 0 {
		last := s.tokens[len(s.tokens)-1]
		s.fail(CodeSyntax, last.From, last.To,
			diagnostic.Textf("表达式到 %s 没有写完", "the expression is not complete after %s", last.Value), s.restOf(len(s.tokens)))
		return
	}
	from = max(0, min(from, len(s.src)-1))
	to = max(from+1, min(to, len(s.src)))
	if i := slices.IndexFunc(s.tokens, func(t lexer.Token) bool { return t.From == from }); i >= 0 {
		if first, last, instead := s.otherLanguage(i); instead != "" {
			from, to = s.tokens[first].From, s.tokens[last].To
			s.fail(CodeSyntax, from, to, diagnostic.Textf("此处不应有 %q", "%q is not expected here", string(s.src[from:to])),
				diagnostic.Textf("写 %s", "write %s", instead))
			return
		}
	}
	what := string(s.src[from:to])
	number := s.numberMeant(from)
	if near := currencyMeant(what); near != "" && s.behindNumber(from) {
		remedy = diagnostic.Textf("是否指 %s？", "did you mean %s?", near)
	}
	switch {
	case number != "":
		remedy = diagnostic.Textf("写 %s：数字只用 0 到 9，不加分隔符，小数点写 .", "write %s: of numbers write digits alone, without separators, and a point before decimals", number)
	case strings.Contains("，；、", what):
		remedy = s.separator(from)
	case strings.ContainsFunc(what, isWide):
		remedy = diagnostic.Textf("用半角标点", "use the ASCII punctuation mark")
	case what == ":" && slices.ContainsFunc(s.tokens, func(t lexer.Token) bool { return t.From < from && t.Is(lexer.Bracket, "{") }):
		remedy = diagnostic.Textf("表达式里不写记录：另写一条 figures 规则，each: 列表，fields: {栏: 表达式}，这里用它的 value", "records are not written in expressions: write a rule under figures with each: list and fields: {field: expression}, and use its value here")
	}
	if op, ok := signs[what]; ok {
		remedy = diagnostic.Textf("写 %s", "write %s", op)
	}
	for i, t := range s.tokens {
		if t.From != from {
			continue
		}
		if s.open(i) && number == "" {
			remedy = s.restOf(i)
		}
		if between := s.nothingBetween(i); !between.IsZero() {
			remedy = between
		}
		if op, ok := chinese[t.Value]; ok {
			remedy = diagnostic.Textf("写 %s", "write %s", op)
		} else if i > 0 && chinese[s.tokens[i-1].Value] != "" { // taken for a name
			from, to = s.tokens[i-1].From, s.tokens[i-1].To
			what = s.tokens[i-1].Value
			remedy = diagnostic.Textf("写 %s", "write %s", chinese[what])
		} else if i > 0 && (s.tokens[i-1].Value == "如果" || s.tokens[i-1].Value == "当") {
			remedy = diagnostic.Textf("删去前面的 %s", "remove %s in front of it", s.tokens[i-1].Value)
		}
	}
	s.fail(CodeSyntax, from, to,
		diagnostic.Textf("此处不应有 %s", "%s is not expected here", what), remedy)
}

// nothingBetween says what is missing in front of the i-th token, where two names
// or values stand side by side, or two with "not" between them.
func (s *scan) nothingBetween(i int) diagnostic.Text {
	isValue := func(t lexer.Token) bool {
		return t.Kind == lexer.Identifier || t.Kind == lexer.String || t.Kind == lexer.Number || t.Is(lexer.Bracket, ")", "]")
	}
	t := s.tokens[i]
	if t.Kind != lexer.Identifier || strings.ContainsFunc(t.Value, isWide) {
		return diagnostic.Text{}
	}
	switch {
	case i > 1 && s.tokens[i-1].Is(lexer.Operator, "not") && isValue(s.tokens[i-2]):
		return diagnostic.Textf("not 前面少了 and 或 or：写 and not %s", "\"and\" or \"or\" is missing before not: write and not %s", t.Value)
	case i > 0 && s.tokens[i-1].Kind == lexer.Identifier && s.tokens[i-1].To < t.From && !strings.ContainsFunc(s.tokens[i-1].Value, func(r rune) bool { return r > unicode.MaxASCII }) && !slices.Contains(wordOperators, s.tokens[i-1].Value):
		return diagnostic.Textf("%[1]s 与 %[2]s 之间少了 and、or 或比较；是一个名称的，用下划线：%[1]s_%[2]s", "and, or or a comparison is missing between %[1]s and %[2]s; if it is one name, it has an underscore: %[1]s_%[2]s", s.tokens[i-1].Value, t.Value)
	}
	return diagnostic.Text{}
}

// otherLanguage is what to write instead of an operator of another language,
// such as AND, is not, <>, which the parser stumbles over at the token i, and
// from which token to which it stands; "" where there is none.
func (s *scan) otherLanguage(i int) (first, last int, instead string) {
	word := func(i int) string {
		if i < 0 || i >= len(s.tokens) {
			return ""
		}
		return strings.ToLower(s.tokens[i].Value)
	}
	capital := func(i int) bool { return word(i) != s.tokens[i].Value }
	switch {
	case word(i) == "is" && word(i+1) == "not":
		return i, i + 1, "!="
	case word(i) == "is", word(i) == "equals" && i > 0:
		return i, i, "=="
	case word(i-1) == "<" && word(i) == ">" && s.tokens[i-1].To == s.tokens[i].From:
		return i - 1, i, "!="
	case slices.Contains(wordOperators, word(i)) && capital(i):
		return i, i, word(i)
	case word(i-1) == "not" && i > 1 && s.tokens[i].Kind == lexer.String && s.tokens[i-2].Kind == lexer.Identifier:
		return i - 1, i - 1, "!="
	case word(i) == "where" && i > 0 && s.isPath(i):
		list, holds := string(s.src[s.tokens[0].From:s.tokens[i-1].To]), strings.TrimSpace(string(s.src[s.tokens[i].To:]))
		return i, i, "filter(" + list + ", " + holds + ")"
	case word(i) == "of" && i > 0 && s.tokens[i-1].Kind == lexer.Number:
		return i - 1, i, word(i-1) + "% of"
	case word(i-1) == "not" && capital(i-1): // taken for a name
		return i - 1, i - 1, "not"
	}
	return 0, 0, ""
}

// isPath reports whether the tokens in front of the i-th are but a name, with names
// of fields behind it.
func (s *scan) isPath(i int) bool {
	return !slices.ContainsFunc(s.tokens[:i], func(t lexer.Token) bool { return t.Kind != lexer.Identifier && !t.Is(lexer.Operator, ".") })
}

// wordOperators are the operators of expressions that are words.
var wordOperators = []string{"and", "or", "not", "in"}

// separator says what to write for a mark that parts what it stands between.
func (s *scan) separator(at int) diagnostic.Text {
	if s.inBrackets(at) {
		return diagnostic.Textf("写半角逗号 ,", "write an ASCII comma ,")
	}
	return diagnostic.Textf("条件之间用 and 或 or 连接；列表写在 [ ] 里，用半角逗号", "join conditions with and or or; a list stands in [ ], with ASCII commas")
}

// inBrackets reports whether a place is within [ ] or ( ), where a comma may be.
func (s *scan) inBrackets(at int) bool {
	open, quote := 0, rune(0)
	for _, r := range s.src[:at] {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'':
			quote = r
		case r == '[' || r == '(':
			open++
		case r == ']' || r == ')':
			open--
		}
	}
	return open > 0
}

// signs are those of printed text for operators.
var signs = map[string]string{"≥": ">=", "≤": "<=", "≠": "!=", "×": "*", "÷": "/", "−": "-", "≧": ">=", "≦": "<="}

// open reports whether a `?` in front of a token still lacks its `:`.
func (s *scan) open(i int) bool {
	lacks := 0
	for _, t := range s.tokens[:i] {
		switch {
		case t.Is(lexer.Operator, "?"):
			lacks++
		case t.Is(lexer.Operator, ":"):
			lacks--
		}
	}
	return lacks > 0
}

// restOf says what is to follow in front of a token.
func (s *scan) restOf(i int) diagnostic.Text {
	if s.open(i) {
		return diagnostic.Textf("条件 ? 后面还要“: 否则的值”，写成 条件 ? 值 : 否则的值", "behind the ? there must be a : and another value: condition ? value : otherwise")
	}
	return diagnostic.Textf("补上后面的部分", "write the rest of it")
}

// chinese are the words of Chinese for what is written in English.
var chinese = map[string]string{
	"且": "and", "并且": "and", "而且": "and", "和": "and", "与": "and", "或": "or", "或者": "or", "非": "not", "不": "not",
	"等于": "==", "是": "==", "为": "==", "不等于": "!=", "不是": "!=", "大于": ">", "超过": ">", "小于": "<", "少于": "<",
	"不超过": "<=", "不少于": ">=", "至少": ">=", "属于": "in",
}

// isWide is whether r is one of the punctuation marks of Chinese text.
func isWide(r rune) bool {
	return r >= 0xFF01 && r <= 0xFF5E || r >= 0x3001 && r <= 0x303F || r >= 0x2018 && r <= 0x201D
}

// usualCurrencies are those that may be meant where there is none of a code.
var usualCurrencies = []string{"CNY", "USD", "EUR", "GBP", "JPY", "HKD", "TWD", "SGD", "KRW", "CHF"}

// currencyMeant is the currency that a word behind a number may be meant as, or "".
func currencyMeant(word string) string {
	if code := value.CurrencyMeant(word); code != "" {
		return code
	}
	if len(word) != len("CNY") {
		return ""
	}
	for _, code := range usualCurrencies {
		if diagnostic.Distance(word, code) <= 1 {
			return code
		}
	}
	return ""
}

// behindNumber reports whether a number stands right before a place.
func (s *scan) behindNumber(at int) bool {
	before := strings.TrimRight(string(s.src[:at]), " ")
	return before != "" && before[len(before)-1] >= '0' && before[len(before)-1] <= '9'
}

// numberMeant is the number that was meant, in digits, where a place is in the midst
// of one, 1,500 or 20万, or behind one in words, 二十元; "" elsewhere.
func (s *scan) numberMeant(at int) string {
	if s.src[at] == ',' {
		return s.withinNumber(at)
	}
	from := at
	for from > 0 && !unicode.IsSpace(s.src[from-1]) && (isDigit(s.src[from-1]) || s.src[from-1] == '.' || s.src[from-1] > unicode.MaxLatin1) {
		from--
	}
	if from == at { // behind a blank
		for from > 0 && unicode.IsSpace(s.src[from-1]) {
			from--
		}
		for from > 0 && (isDigit(s.src[from-1]) || s.src[from-1] == '.' || s.src[from-1] > unicode.MaxLatin1) {
			from--
		}
	}
	found := numerals.In(string(s.src[from:]))
	if len(found) == 0 || found[0].From > 0 || found[0].Digits == found[0].Text {
		return ""
	}
	if to := from + len([]rune(found[0].Text)); to > at || strings.TrimSpace(string(s.src[to:at])) == "" {
		return found[0].Digits
	}
	return ""
}

// withinNumber is the number that was meant where a comma stands between digits,
// "" elsewhere: three digits behind it are thousands, others are decimals.
func (s *scan) withinNumber(at int) string {
	from, to := at, s.digitsFrom(at+1)
	for from > 0 && isDigit(s.src[from-1]) {
		from--
	}
	if from == at || to == at+1 || s.inBrackets(at) {
		return ""
	}
	head, tail := string(s.src[from:at]), string(s.src[at+1:to])
	if len(tail) == len("000") {
		return head + tail
	}
	return head + "." + tail
}
