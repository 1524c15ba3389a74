package condition

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/value"
)

// The place of each problem is marked in the source: «here».
func TestProblems(t *testing.T) {
	yesNo := Want{Kind: value.YesNo}
	type problem struct {
		marked, code, remedy string
		want                 Want
	}
	cases := []problem{
		{"«»", CodeEmpty, "true if it always holds", yesNo},
		{"«  »", CodeEmpty, "", yesNo},
		{"«// nothing»", CodeEmpty, "", yesNo},
		{"«" + strings.Repeat("床", 1400) + "»", CodeTooLong, "split", yesNo},
		{strings.Repeat("(", 64) + "«(»" + "a" + strings.Repeat(")", 65), CodeTooDeep, "split", yesNo},
		{strings.Repeat("!", 64) + "«!»a", CodeTooDeep, "split", yesNo},
		{strings.Repeat("[", 60) + "- - - -«-»1" + strings.Repeat("]", 60), CodeTooDeep, "", Want{}},
		{"a and «\x00»b", CodeControl, "remove", yesNo},
		{"a and «\u202e»b", CodeControl, "remove", yesNo},
		{"\"床\" == «\xff»b", CodeControl, "UTF-8", yesNo},
		{`colour == «"\U80000080"»`, CodeControl, "write the text itself", yesNo},

		{"床位 == «(»7", CodeSyntax, "close it", yesNo},
		{"i > 20«万»", CodeSyntax, "write 200000", yesNo},
		{"fee > 20«万» GBP", CodeSyntax, "write 200000", yesNo},
		{"fee > «1,500» GBP", CodeNumber, "without separators: 1500", yesNo},
		{"a ? «1,500» : 2", CodeNumber, "without separators: 1500", Want{}},
		{"a ? 20 «000 GBP» : fee", CodeSyntax, "write 20000", Want{}},
		{"a ? 20 «万元» : 2", CodeSyntax, "write 200000", Want{}},
		{"«不» a", CodeSyntax, "write not", yesNo},
		{"i == 1 and «非» a", CodeSyntax, "write not", yesNo},
		{"a ? 20 «b» : 2", CodeSyntax, "condition ? value : otherwise", Want{}},
		{"i > 1.5«万»", CodeSyntax, "write 15000", yesNo},
		{"fee > 二十 «GBP»", CodeSyntax, "write 20", yesNo},
		{"i > «二十万»", CodeUnknownFact, "digits: 200000", yesNo},
		{"fee > «二十元»", CodeUnknownFact, "digits: 20元", yesNo},
		{"i > «five»", CodeUnknownFact, "digits: 5", yesNo},
		{"i > «一般»", CodeUnknownFact, "declare", yesNo},

		{"床位 == 7«)»", CodeSyntax, "", yesNo},
		{"(a «]»", CodeSyntax, "", yesNo},
		{"床位 «==»", CodeSyntax, "rest", yesNo},
		{"a «b»", CodeSyntax, "it has an underscore: a_b", yesNo},
		{"a not «b»", CodeSyntax, "write and not b", yesNo},
		{"i > «2 hours»", CodeSyntax, "write hours(2)", yesNo},
		{"i > «2小时» and a", CodeSyntax, "write hours(2)", yesNo},
		{"i > «90 minutes»", CodeSyntax, "write minutes(90)", yesNo},
		{"(i > «5  working days») and a", CodeSyntax, "working_days_after(date, 5)", yesNo},
		{"i > «2 opening hours»", CodeSyntax, "compare open_time(from, to) with hours(2)", yesNo},
		{"a and «2 weeks»", CodeSyntax, "days_after(date, 14)", yesNo},
		{"i == «1 year»", CodeSyntax, "months_after(date, 12)", yesNo},
		{"i == 1 «days_of»", CodeSyntax, "check", yesNo},
		{"a «,» b", CodeSyntax, "", yesNo},
		{"床位 «\uff1d»7", CodeSyntax, "ASCII", yesNo},
		{"床位 == 7«\uff0c»", CodeSyntax, "ASCII", yesNo},
		{"colour == «\u201c»red\u201d", CodeSyntax, "ASCII", yesNo},
		{`name == «"H1`, CodeSyntax, "close", yesNo},

		{"«let» x = 1; x", CodeUnsupported, "rule of its own", yesNo},
		{"a«;» b", CodeUnsupported, "and", yesNo},
		{"i in 1«..»3", CodeUnsupported, "x >= low and x <= high", yesNo},
		{"numbers «|» len()", CodeUnsupported, "function(list", Want{}},
		{"visit«?.»kind", CodeUnsupported, "plain dot", Want{}},
		{"i «??» 3", CodeUnsupported, "x == null", Want{}},
		{"i «%» 3", CodeUnsupported, "remainder", Want{}},
		{"i «**» 3", CodeUnsupported, "a * a", Want{}},
		{"i «^» 3", CodeUnsupported, "a * a", Want{}},
		{"«if» a { 1 } else { 2 }", CodeUnsupported, "condition ? a : b", Want{}},
		{`name «matches» "H.*"`, CodeUnsupported, "starts_with", yesNo},
		{`name «contains» "H"`, CodeUnsupported, "in list", yesNo},
		{`name «startsWith» "H"`, CodeUnsupported, "starts_with", yesNo},
		{`name not «endsWith» "H"`, CodeUnsupported, "==", yesNo},
		{"«::»len(numbers)", CodeUnsupported, "remove", Want{}},
		{"i «=» 3", CodeUnsupported, "==", yesNo},
		{"a «&» b", CodeUnsupported, "and", yesNo},
		{"a «?:» b", CodeUnsupported, "write it out", yesNo},
		{"床位 < i «<» 9", CodeUnsupported, "a < b and b < c", yesNo},
		{`«{"x": 1}» == null`, CodeUnsupported, "[…]", yesNo},
		{"numbers«[0]» == 1", CodeUnsupported, "any, all", yesNo},
		{`visit«["kind"]» == "large"`, CodeUnsupported, ".kind", yesNo},
		{"numbers«[1:2]»", CodeUnsupported, "any, all", Want{}},
		{"name.«size»()", CodeUnsupported, "function(x)", Want{}},
		{"i == «nil»", CodeUnsupported, "null", yesNo},
		{"«+»i > 1", CodeUnsupported, "remove", yesNo},
		{"any(numbers, «#index» > 1)", CodeUnsupported, ".field", yesNo},
		{`name == «b"H1"»`, CodeUnsupported, "write", yesNo},

		{"床位 > «0.5»", CodeFloat, "ratio", yesNo},
		{"i > «1e3»", CodeFloat, "ratio", yesNo},
		{"i > «.5»", CodeFloat, "ratio", yesNo},
		{"i > «1_000»", CodeNumber, "digits", yesNo},
		{"i > «007»", CodeNumber, "digits", yesNo},
		{"i > «0x1E»", CodeNumber, "digits", yesNo},
		{"i > «9223372036854775808»", CodeNumber, "too large", yesNo},
		{"month == «month_at(2024, 13)»", CodeOverflow, "smaller", yesNo},

		{"«colr» == \"red\"", CodeUnknownFact, "colour", yesNo},
		{"床位 > 1 and «床味» > 2", CodeUnknownFact, "床位", yesNo},
		{"«xyzzyplugh» == 1", CodeUnknownFact, "declare", yesNo},
		{"visit.«kin» == \"large\"", CodeUnknownFact, "kind", yesNo},
		{"visit.room.«xyzzyplugh» == 1", CodeUnknownFact, "the fields are beds", yesNo},
		{"any(stays, .«nigths» > 1)", CodeUnknownFact, "nights", yesNo},
		{"any(stays, «nights» > 1)", CodeUnknownFact, ".nights", yesNo},
		{"«lenn»(numbers) > 1", CodeUnknownFunction, "len", yesNo},
		{"«max»(i, j) > 1", CodeUnknownFunction, "greatest", yesNo},
		{"«now»() > start", CodeUnknownFunction, "as_of", yesNo},
		{"«reduce»(numbers, #acc + #)", CodeUnknownFunction, "sum", Want{}},
		{"«groupBy»(stays, .paid)", CodeUnknownFunction, "functions are", Want{}},
		{`colour == «"rde"»`, CodeUnknownWord, "red", yesNo},
		{`"床" == colour or colour == "red"`, CodeUnknownWord, "the words are red, green, blue", yesNo},
		{`colour in ["red", «"gren"»]`, CodeUnknownWord, "green", yesNo},
		{`size == «tone»`, CodeUnknownWord, "the words are small, large", yesNo},
		{`a ? "small" : «"lagre"»`, CodeUnknownWord, "large", Want{Kind: value.Word, Words: sizes}},
		{`(a ? colour : «"pink"») == shade`, CodeUnknownWord, "", yesNo},
		{`«"pink"» in colours`, CodeUnknownWord, "", yesNo},
		{`len(without(["red", «"pink"»], colours)) > 0`, CodeUnknownWord, "", yesNo},

		{"«date_of()» == day", CodeArguments, "give it 1", yesNo},
		{"«days_between(day)» == 1", CodeArguments, "give it 2", yesNo},
		{"«len(numbers, numbers)» == 1", CodeArguments, "give it 1", yesNo},
		{"«latest()» == day", CodeArguments, "", yesNo},
		{"«count(numbers)» == 1", CodeArguments, "len(list)", yesNo},
		{"starts_with(name, «other»)", CodeArguments, "written out", yesNo},

		{"床位 + (i > 2)", CodeType, "", Want{}},
		{"«床位 == \"7\"»", CodeType, "quotes", yesNo},
		{"«start == day»", CodeType, "date_of(start)", yesNo},
		{"«day < start»", CodeType, "date_of(start)", yesNo},
		{"«day < month»", CodeType, "month_of(day)", yesNo},
		{"«month == 2024»", CodeType, "year_of(month)", yesNo},
		{"«numbers > 2»", CodeType, "len(numbers)", yesNo},
		{"«length > 2»", CodeType, "hours(2)", yesNo},
		{"«colour == size»", CodeType, "same list", yesNo},
		{"«a == i»", CodeType, "same type", yesNo},
		{"«colour < shade»", CodeType, "==", yesNo},
		{"«name > other»", CodeType, "in", yesNo},
		{"«a < b»", CodeType, "", yesNo},
		{"«i < null»", CodeType, "null", yesNo},
		{"«outcome == null»", CodeType, "parts", yesNo},
		{"«visit == visit»", CodeType, "fields", yesNo},
		{"«numbers == [1]»", CodeType, "without", yesNo},
		{"«name == colour»", CodeType, "same type", yesNo},
		{"«i» and a", CodeType, "i == …", yesNo},
		{"a or «numbers»", CodeType, "len(numbers) > 0", yesNo},
		{"not «colour»", CodeType, "", yesNo},
		{"«outcome» and a", CodeType, "name one of its parts: outcome.late", yesNo},
		{"«i» ? a : b", CodeType, "", yesNo},
		{"«a ? 1 : day»", CodeType, "same type", Want{}},
		{"a ? «b + 1» : 2", CodeType, "", Want{}},
		{"-«a» == 1", CodeType, "", yesNo},
		{"«day + 1» > next", CodeType, "days_after", yesNo},
		{"day > «2025-1-1»", CodeUnsupported, "2025-01-01", yesNo},
		{"day > «2025-02-30»", CodeNumber, "2026-01-31", yesNo},
		{"day > «0000-01-01»", CodeNumber, "0001 to 9999", yesNo},
		{"start > «2025-01-01T09:00»", CodeNumber, "with its offset", yesNo},
		{"start > «2025-01-01T09:00:00»", CodeNumber, "with its offset", yesNo},
		{"start > «2025-01-01T25:00:00Z»", CodeNumber, "with its offset", yesNo},
		{"start > «1600-01-01T09:00:00Z»", CodeNumber, "1679 to 2261", yesNo},
		{"start > «2025-01-01T09:00:00Zx»", CodeNumber, "with its offset", yesNo},
		{"«start > 2025-01-01»", CodeType, "date_of(start)", yesNo},
		{"«day > 2025-01-01T09:00:00Z»", CodeType, "date_of(2025-01-01T09:00:00Z)", yesNo},
		{"«price»", CodeResult, "", Want{Kind: value.Count}},
		{"«fee»", CodeResult, "GBP", Want{Kind: value.Money, In: usd}},
		{"«9 EUR»", CodeResult, "GBP", Want{Kind: value.Money, In: gbp}},
		{"«i»", CodeResult, "20 GBP", Want{Kind: value.Money}},
		{"«fee > 499 / 50»", CodeType, "20 GBP", yesNo},
		{"«months»(1) > length", CodeUnknownFunction, "months_after(date, n)", yesNo},
		{"«hours_between»(start, end) > 3", CodeUnknownFunction, "whole_hours_between(from, to)", yesNo},
		{"«abs»(i) > 3", CodeUnknownFunction, "greatest(a, -a)", yesNo},
		{"«round»(rate) > 3", CodeUnknownFunction, "rounded(a)", yesNo},
		{"«Weekday»(day) == 6", CodeUnknownFunction, "weekday_of(date)", yesNo},
		{"weekday_of(day) == «\"saterday\"»", CodeUnknownWord, "saturday", yesNo},
		{"weekday_of(«month») == \"monday\"", CodeType, "end_of_month(month)", yesNo},
		{"exchanged(«i», rate, \"USD\") > fee", CodeType, "20 GBP", yesNo},
		{"exchanged(fee, rate, «\"GPB\"») > fee", CodeArguments, "code of a currency", yesNo},
		{"exchanged(fee, rate, «name») > fee", CodeArguments, "code of a currency", yesNo},
		{"exchanged(fee, «fee», \"USD\") > fee", CodeType, "ratio", yesNo},
		{"«fee > 9»", CodeType, ": 9 GBP", yesNo},
		{"fee > «9.98»", CodeFloat, "ratio", yesNo},
		{"fee > «9.985 GBP»", CodeNumber, "2 decimal places", yesNo},
		{"fee > «1.5 JPY»", CodeNumber, "0 decimal places", yesNo},
		{"fee > «92233720368547758.08 GBP»", CodeNumber, "92233720368547758.07 GBP at most", yesNo},
		{"fee > «£9.98»", CodeUnsupported, "write 9.98 GBP", yesNo},
		{"fee > «£ 9»", CodeUnsupported, "write 9 GBP", yesNo},
		{"fee > «€9.98» and a", CodeUnsupported, "write 9.98 EUR", yesNo},
		{"fee > «$5»", CodeUnsupported, "write 5 USD", yesNo},
		{"fee > «¥5»", CodeUnsupported, "write 5 CNY", yesNo},
		{"«fee > 9 USD»", CodeType, "exchanged(amount, rate", yesNo},
		{"«fee + 9 USD» > fee", CodeType, "exchanged(amount, rate", yesNo},
		{"«fee + 9» > fee", CodeType, ": 9 GBP", yesNo},
		{"«fee * fee» > fee", CodeType, "counts", yesNo},
		{"«9 / fee» > 1", CodeType, ": 9 GBP", yesNo},
		{"«fee * 20%»", CodeResult, "rounded(fee * 20%)", Want{}},
		{"«20% of fee»", CodeResult, "rounded_half_even(20% of fee)", Want{Kind: value.Money}},
		{"«fee / 3»", CodeResult, "rounded_down(fee / 3)", Want{Kind: value.Money}},
		{"«length / 3»", CodeResult, "rounded_to(length / 3, minutes(1))", Want{Kind: value.Duration}},
		{"«map(fees, # / 3)»", CodeResult, "map(list, rounded(", Want{}},
		{"«start + length / 3» > end", CodeType, "rounded_to(length / 3, minutes(1))", yesNo},
		{"«rounded(length / 3)» > length", CodeArguments, "rounded_to(length / 3, minutes(1))", yesNo},
		{"rounded_to(fee, «0 GBP») > fee", CodeArguments, "1 GBP", yesNo},
		{"rounded_to(fee, «1 USD») > fee", CodeType, "", yesNo},
		{"rounded_to(fee, «10») > fee", CodeType, ": 10 GBP", yesNo},
		{"rounded_to(«day», 10) > 3", CodeType, "ratio", yesNo},
		{"«rounded_to(fee)» > fee", CodeArguments, "give it 2", yesNo},
		{"i «%» 3", CodeUnsupported, "remainder", Want{}},
		{"3«%» 3", CodeUnsupported, "remainder", Want{}},
		{"3«%»i", CodeUnsupported, "remainder", Want{}},
		{"rate < «1234567890123456%»", CodeNumber, "15 digits", yesNo},
		{"fee «/ 20%» of fee > 1", CodeSyntax, "use brackets", yesNo},
		{"rate > 20«%» (3)", CodeUnsupported, "remainder", yesNo},
		{"2025-01-01«(»1) == 1", CodeSyntax, "operator", yesNo},
		{`«day > "2025-01-01"»`, CodeType, "{by: date, …}", yesNo},
		{`«start > "2025-01-01"»`, CodeType, "{by: date, …}", yesNo},
		{`a «AND» b`, CodeSyntax, "write and", yesNo},
		{`a «Or» b`, CodeSyntax, "write or", yesNo},
		{`«NOT» a`, CodeSyntax, "write not", yesNo},
		{`a and «Not» b`, CodeSyntax, "write not", yesNo},
		{`i «NOT» in [1]`, CodeSyntax, "write not", yesNo},
		{`«NOT»(a)`, CodeUnknownFunction, "write not (condition)", yesNo},
		{`«AND»(a, b)`, CodeUnknownFunction, "write a and b", yesNo},
		{`i «IN» [1]`, CodeSyntax, "write in", yesNo},
		{`i «is» null`, CodeSyntax, "write ==", yesNo},
		{`i «IS NOT» null`, CodeSyntax, "write !=", yesNo},
		{`i «<>» 3`, CodeSyntax, "write !=", yesNo},
		{`i == «NULL»`, CodeUnknownFact, "write null", yesNo},
		{`i == «None»`, CodeUnknownFact, "write null", yesNo},
		{`a == «TRUE»`, CodeUnknownFact, "write true", yesNo},
		{`a == «是»`, CodeUnknownFact, "write true", yesNo},
		{`a == «否»`, CodeUnknownFact, "write false", yesNo},
		{`i in [1«、»2]`, CodeSyntax, "write an ASCII comma", yesNo},
		{`i in [1«；»2]`, CodeSyntax, "write an ASCII comma", yesNo},
		{`i in [1«;» 2]`, CodeUnsupported, "write a comma", yesNo},
		{`name == "(" «、» a`, CodeSyntax, "join conditions", yesNo},
		{`a «；» b`, CodeSyntax, "join conditions", yesNo},
		{`a «且» b`, CodeSyntax, "write and", yesNo},
		{`i «大于» 3`, CodeSyntax, "write >", yesNo},
		{`如果 «a» and b`, CodeSyntax, "remove 如果", yesNo},
		{"«start - 1» > end", CodeType, "start - hours(1)", yesNo},
		{"«start - day» > length", CodeType, "date_of(start)", yesNo},
		{"«day - start» > length", CodeType, "date_of(start)", yesNo},
		{"«length / day» > length", CodeType, "counts", yesNo},
		{"«rate + 8» > 5%", CodeType, "write 8% if per cent are meant, 800% if the number is", yesNo},
		{"«1 - rate» > 5%", CodeType, "write 100%", yesNo},
		{"«i - rate» > 5%", CodeType, "total - rounded(total * ratio)", yesNo},
		{`«name + "x"» == name`, CodeType, "counts, money and durations", yesNo},
		{"i in «3»", CodeType, "list", yesNo},
		{"«numbers» in [1]", CodeType, "", yesNo},
		{"«colour in numbers»", CodeType, "", yesNo},
		{"len(«i») == 1", CodeType, "list", yesNo},
		{"any(«i», # > 1)", CodeType, "list", yesNo},
		{"all(stays, «.nights»)", CodeType, ".nights == …", yesNo},
		{"len(map(stays, «#»)) == 1", CodeType, "", yesNo},
		{"len(map(stays, «.bed»)) == 1", CodeType, "", yesNo},
		{"len([1, «\"x\"»]) == 1", CodeType, "one type", yesNo},
		{"len([«null»]) == 1", CodeType, "", yesNo},
		{"date_of(«day») == day", CodeType, "start_of_day(day)", yesNo},
		{"days_between(day, «start») == 1", CodeType, "date_of(start)", yesNo},
		{"year_of(«null») == 1", CodeType, "", yesNo},
		{"latest(start, «day») == start", CodeType, "start_of_day(day)", yesNo},
		{"latest(«i») == start", CodeType, "", yesNo},
		{"latest(«numbers») == start", CodeType, "", yesNo},
		{"greatest(i, «length») == 1", CodeType, "", yesNo},
		{"sum(«colours») == 1", CodeType, "", yesNo},
		{"sum(«i») == 1", CodeType, "", yesNo},
		{"len(distinct(«stays»)) == 1", CodeType, "", yesNo},
		{"len(distinct(«i»)) == 1", CodeType, "", yesNo},
		{"len(distinct(«[numbers]»)) == 1", CodeType, "", yesNo},
		{"len(without(numbers, «colours»)) == 1", CodeType, "", yesNo},
		{"starts_with(«colour», \"r\")", CodeType, "name", yesNo},
		{"len(months_where(«day», colours, \"red\")) == 1", CodeType, "year_of(day)", yesNo},
		{"len(months_where(2024, «i», \"red\")) == 1", CodeType, "", yesNo},
		{"len(months_where(2024, colours, «i»)) == 1", CodeType, "", yesNo},
		{"i.«x» == 1", CodeType, "records", yesNo},
		{"limit.«x» == 1", CodeType, "records", yesNo},
		{"day.«year» == 1", CodeType, "write year_of(day)", yesNo},
		{"start.«date» == day", CodeType, "write date_of(start)", yesNo},
		{"day.«time» == length", CodeType, "only records", yesNo},
		{`len(map(numbers, {"x"«:» #})) == 1`, CodeSyntax, "records are not written in expressions", yesNo},
		{"(a ? visit : visit).«kind» == size", CodeType, "records", yesNo},
		{"«a == bundle»", CodeType, "", yesNo},

		{"«i»", CodeResult, "i == …", yesNo},
		{"«start»", CodeResult, "date_of(start)", Want{Kind: value.Date}},
		{"«i / j»", CodeResult, "", Want{Kind: value.Count}},
		{"«day»", CodeResult, "", Want{Kind: value.Ratio}},
		{"«size»", CodeResult, "", Want{Kind: value.Word, Words: colours}},
		{`«"x"»`, CodeResult, "", Want{Kind: value.Count}},
		{"«numbers»", CodeResult, "", Want{Kind: value.List, Elem: &Want{Kind: value.Date}}},
		{"«visit»", CodeResult, "", Want{}},
		{"«outcome»", CodeResult, "", yesNo},
		{"«i»", CodeResult, "", Want{Kind: value.List}},
		{"«i»", CodeResult, "hours(i)", Want{Kind: value.Duration}},
		{"«start»", CodeResult, "time_of_day(start)", Want{Kind: value.Duration}},
		{"«month»", CodeResult, "end_of_month(month)", Want{Kind: value.Date}},

		{"any(stays, «any(.tags, # == \"red\")»)", CodeNestedLoop, "rule of its own", yesNo},
		{"any(stays, len(«filter(numbers, # > 1)») > 1)", CodeNestedLoop, "", yesNo},
		{"«#» == 1", CodeNoElement, "any(list", yesNo},
		{"«.»paid", CodeNoElement, "any(list", yesNo},
		{"any(numbers, sum([1]) + sum([1]) + sum([1]) + sum([1]) + «sum([1])» > #)", CodeTooCostly, "rule of its own", yesNo},
	}
	const large = "9223372036854775807"
	if math.MaxInt == math.MaxInt64 {
		cases = append(cases, problem{"i > «" + large + " + 1»", CodeOverflow, "smaller", yesNo})
	} else {
		cases = append(cases, problem{"i > «" + large + "»", CodeNumber, "64 bits", yesNo})
	}
	for _, c := range cases {
		t.Run(c.marked[:min(len(c.marked), 60)], func(t *testing.T) {
			before, rest, ok := strings.Cut(c.marked, "«")
			inside, after, _ := strings.Cut(rest, "»")
			src := before + inside + after
			p, problems := Compile(src, testEnv(), c.want)
			require.Nil(t, p)
			require.Len(t, problems, 1, "%v", problems)
			x := problems[0]
			assert.Equal(t, c.code, x.Code, x.Message.EN)
			from := utf8.RuneCountInString(before)
			if ok {
				assert.Equal(t, []int{from, from + utf8.RuneCountInString(inside)}, []int{x.From, x.To}, x.Message.EN)
			}
			assert.NotEmpty(t, x.Message.ZH)
			assert.NotEmpty(t, x.Message.EN)
			assert.NotEmpty(t, x.Remedy.ZH)
			assert.Contains(t, x.Message.EN+x.Remedy.EN, c.remedy)
		})
	}
}

func TestTooCostly(t *testing.T) {
	env := testEnv()
	env.Element = tStay
	for src, at := range map[string]string{
		`len(joined(numbers, numbers, numbers, numbers)) + len(joined(numbers, numbers, numbers)) + sum(numbers) > 1`:                ``,
		`len(joined(numbers, numbers, numbers, numbers)) + len(joined(numbers, numbers, numbers)) + len(both(numbers, numbers)) > 1`: `both(numbers, numbers)`,
		`any(numbers, # > sum(numbers))`:                                                               `sum(numbers)`,
		`any(.tags, # in colours and # in visit.tags and # in ["red"])`:                                ``,
		`any(.tags, # in colours and # in colours or # in visit.tags)`:                                 `# in visit.tags`,
		`any(.tags, # in colours) and any(.tags, # in colours or "red" in visit.tags or # in colours)`: `"red" in visit.tags`,
	} {
		p, problems := Compile(src, env, Want{})
		if at == "" {
			assert.NotNil(t, p, src)
			continue
		}
		require.Len(t, problems, 1, src)
		assert.Equal(t, CodeTooCostly, problems[0].Code)
		assert.Equal(t, at, string([]rune(src)[problems[0].From:problems[0].To]))
	}
	_, problems := Compile(`any(numbers, len(joined(numbers, numbers, numbers, numbers, numbers)) > #)`, testEnv(), Want{})
	require.Len(t, problems, 1)
}

// A check reports everything at once, in the order of the source.
func TestAllProblems(t *testing.T) {
	src := `colr == "red" and 床位 > 0.5 and size == "lagre" and any(stays, nights % 2 == 1) and max(i, jj) > -a`
	_, problems := Compile(src, testEnv(), Want{Kind: value.YesNo})
	var codes []string
	for i, p := range problems {
		codes = append(codes, p.Code)
		if i > 0 {
			assert.GreaterOrEqual(t, p.From, problems[i-1].From)
		}
	}
	assert.Equal(t, []string{
		CodeUnknownFact, CodeFloat, CodeUnknownWord, CodeUnknownFact, CodeUnsupported, CodeUnknownFunction, CodeUnknownFact, CodeType,
	}, codes)
}

func TestNoCalendar(t *testing.T) {
	env := testEnv()
	env.HasCalendar = false
	for _, src := range []string{"working_days_after(day, 1)", "working_days_between(day, next)"} {
		_, problems := Compile(src, env, Want{})
		require.Len(t, problems, 1)
		assert.Equal(t, CodeNoCalendar, problems[0].Code)
		assert.Equal(t, []int{0, len(src)}, []int{problems[0].From, problems[0].To})
	}
}

// Types a declaration leaves open do no harm.
func TestOpenDeclarations(t *testing.T) {
	env := &Env{Vars: map[string]*Var{
		"l":     {Type: &value.Type{Kind: value.List}, Slot: 0},
		"deep":  {Type: listOf(&value.Type{Kind: value.List}), Slot: 0},
		"w":     {Type: &value.Type{Kind: value.Word}, Slot: 1},
		"lost":  nil,
		"empty": {Slot: 2},
		"late":  {Type: yesNoType, Slot: 2, Fields: map[string]*Var{"by": {Type: countType, Slot: 3}, "x": nil}},
	}}
	f := &value.Frame{Slots: []value.Value{ints(1), value.WordOf("x"), value.Bool(true), value.Int(4)}, ElemSlot: -1}
	for src, want := range map[string]string{
		`any(l, # == 1)`: "true", `any(l, # == 1 or #)`: "", `w == "x"`: "true", `w in ["x"]`: "true", `len(l)`: "1", `1 in l`: "true",
		`any(l, (true ? # : #) == 1)`: "true", `any(l, (w == "x" ? # : #) == 1)`: "true", `len(joined(deep))`: "0", `lost`: "", `empty`: "", `late and late.by == 4`: "true", `late.x`: "", `count(l, # in [1, 2])`: "1", `any(l, # == "1")`: "false", `latest(l)`: "null",
	} {
		p, problems := Compile(src, env, Want{})
		if want == "" {
			assert.NotEmpty(t, problems, src)
			continue
		}
		require.Empty(t, problems, src)
		if src != `latest(l)` {
			assert.Equal(t, want, p.Eval(f).Text(nil), src)
		}
	}
}

// What took 2^60 steps where both sides of a chain were checked twice.
func TestHostile(t *testing.T) {
	for _, src := range []string{
		strings.Repeat("1 < (", 60) + "1" + strings.Repeat(") < 2", 60),
		strings.Repeat("(", 60) + "a" + strings.Repeat(" ?: b)", 60),
		strings.Repeat("(", 4096), strings.Repeat("!", 4096), strings.Repeat("[", 500000), strings.Repeat("- ", 2000),
		strings.Repeat("len(", 1000), strings.Repeat("not ", 1000), strings.Repeat("{", 70), "true}) or all(_, {true", "a}", "\"", "`", "/*", "'\\u{110000}'", "#", "# #", ". .", "a.", "a.b.c.d", "any(", "any(numbers", "any(numbers,", "any()", "any(numbers, {})", "x(,)", "()", "[]()", "a[", "1..", "0x", "all(numbers, {let x = 1; x})", "any(numbers, any)", "sum()", "sum(numbers, #, 1)", "count(numbers, # > 1, 2)", "map(numbers)",
	} {
		p, problems := Compile(src, testEnv(), Want{Kind: value.YesNo})
		assert.Nil(t, p, src[:min(len(src), 40)])
		assert.NotEmpty(t, problems)
		inside(t, src, problems)
	}
	for _, src := range []string{strings.Repeat("a and ", 600) + "a", strings.Repeat("a ? b : ", 400) + "a", "i" + strings.Repeat("+i", 1000) + " > 0"} {
		p := mustCompile(t, src, Want{Kind: value.YesNo})
		assert.True(t, p.Eval(testFrame()).IsKnown())
		assert.NotEmpty(t, p.Why(testFrame()))
		assert.Equal(t, p.Format(), mustCompile(t, p.Format(), Want{}).Format())
	}
}

func inside(t *testing.T, src string, problems []Problem) {
	t.Helper()
	n := len([]rune(src))
	for _, p := range problems {
		if p.From < 0 || p.To < p.From || p.To > n {
			t.Fatalf("%q: problem outside of the source: %+v", src, p)
		}
		if p.Code == "" || p.Message.ZH == "" || p.Message.EN == "" || p.Remedy.ZH == "" || p.Remedy.EN == "" {
			t.Fatalf("%q: incomplete problem %+v", src, p)
		}
	}
}
