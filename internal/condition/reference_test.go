package condition

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/golden"
	"github.com/servicerules/rulebook/internal/value"
)

// office is the calendar of the examples.
type office struct{ weekdays }

func (office) OpenTime(from, to int64, zone *time.Location) (int64, error) {
	open := time.Duration(0)
	for at := time.Unix(0, from).In(zone).Truncate(time.Minute); at.UnixNano() < to; at = at.Add(time.Minute) {
		if w := at.Weekday(); w != time.Saturday && w != time.Sunday && at.Hour() >= 9 && at.Hour() < 17 && at.UnixNano() >= from {
			open += time.Minute
		}
	}
	return int64(open), nil
}

func exampleFrame() *value.Frame {
	return &value.Frame{Slots: make([]value.Value, 1), Zone: shanghai, Calendar: office{}, ElemSlot: -1, ElemAt: -1}
}

// exampleEnv has a named value, of 9.76 GBP and since 2025 of 9.98.
func exampleEnv() *Env {
	in, _ := value.CurrencyNamed("GBP")
	return &Env{
		HasCalendar: true, HasHours: true, Vars: map[string]*Var{"fee": {Type: moneyType(in), Slot: 0}},
		ValuesOn: func(name string) ([]DatedValue, bool) {
			return []DatedValue{{Always, value.MoneyOf(976, in)}, {int64(date.New(2025, 1, 1)), value.MoneyOf(998, in)}}, name == "fee"
		},
	}
}

func run(t *testing.T, src string) string {
	p, problems := Compile(src, exampleEnv(), Want{})
	require.Empty(t, problems, src)
	f := exampleFrame()
	v := p.Eval(f)
	require.NoError(t, f.Err, src)
	return v.Text(shanghai)
}

// Every example comes to what the table says, none of an argument to what it
// says of none, and every function has all that the page tells.
func TestFunctionTable(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Functions() {
		assert.False(t, seen[f.Name], f.Name)
		seen[f.Name] = true
		assert.NotEmpty(t, f.Means.ZH, f.Name)
		assert.NotEmpty(t, f.Means.EN, f.Name)
		assert.True(t, strings.HasPrefix(f.Signature, f.Name+"("), f.Signature)
		assert.Contains(t, f.Example, f.Name+"(")
		assert.Equal(t, f.Result, run(t, f.Example), f.Example)
		for _, told := range []diagnostic.Text{f.Told, f.ToldAll} {
			assert.Equal(t, strings.Count(told.ZH, "%"), strings.Count(told.EN, "%"), f.Name)
			assert.Equal(t, told.ZH == "", told.EN == "", f.Name)
		}
		if f.Told != (diagnostic.Text{}) {
			assert.Equal(t, f.Takes, strings.Count(f.Told.EN, "%"), f.Name)
		}
		if f.applies == nil {
			continue
		}
		// Functions of whole numbers are none where an argument is.
		for _, a := range f.applies {
			args := make([]string, len(a.takes))
			for i, k := range a.takes {
				args[i] = map[value.Kind]string{value.Count: "i", value.Moment: "start", value.Date: "day", value.Month: "month"}[k]
			}
			src := f.Name + "(" + strings.Join(args, ", ") + ") == null"
			frame := testFrame()
			change(frame, testEnv(), value.None, args[0])
			assert.True(t, mustCompile(t, src, Want{}).Eval(frame).True(), src)
			change(frame, testEnv(), value.Unknown, args[0])
			assert.True(t, mustCompile(t, src, Want{}).Eval(frame).IsUnknown(), src)
			assert.NotEmpty(t, frame.Needs, src)
		}
	}
	call := regexp.MustCompile(`(\w+)\(`)
	for name, remedy := range renamed {
		assert.False(t, seen[name], "%s is a function", name)
		for _, text := range []string{remedy.ZH, remedy.EN} {
			for _, m := range call.FindAllStringSubmatch(text, -1) {
				assert.True(t, seen[m[1]], "%s: there is no function %s", name, m[1])
			}
		}
	}
}

// What people write as itself, with what it is.
var written = []struct {
	examples []string
	means    diagnostic.Text
}{
	{[]string{"12", "-3"}, diagnostic.Text{ZH: "整数", EN: "a whole number"}},
	{[]string{"20%", "99.95%"}, diagnostic.Text{ZH: "百分比，是比率", EN: "a percentage, which is a ratio"}},
	{[]string{"9.98 GBP", "120 JPY", "20元"}, diagnostic.Text{ZH: "金额，写货币代码；小数位不多于该货币的", EN: "money, with the code of its currency and no more decimal places than that has"}},
	{[]string{"2026-01-31"}, diagnostic.Text{ZH: "日期", EN: "a date"}},
	{[]string{"2026-01-31T09:00:00+08:00", "2026-01-31T01:00Z"}, diagnostic.Text{ZH: "时刻，带时差", EN: "a moment, with its offset"}},
	{[]string{`"urban"`, `["a", "b"]`}, diagnostic.Text{ZH: "词、名称；列表", EN: "a word or name; a list"}},
	{[]string{"true", "false", "null"}, diagnostic.Text{ZH: "是、否、没有", EN: "yes, no, none"}},
}

// What operators do, each with an example that is run.
var operators = []struct {
	signs, example, result string
	means                  diagnostic.Text
}{
	{"and, or, not", "true and not false", "true", diagnostic.Text{ZH: "与、或、非；已知的足以定结果的，不知道的不碍事", EN: "logic; what is not known does not matter where what is known decides"}},
	{"==, !=", `"a" != "b"`, "true", diagnostic.Text{ZH: "相等、不等；没有只等于没有", EN: "equal or not; none equals only none"}},
	{"<, <=, >, >=", "9.98 GBP < 10 GBP", "true", diagnostic.Text{ZH: "大小、先后；一边没有则为否", EN: "order, of size or time; no where a side is none"}},
	{"in, not in", `"a" in ["a", "b"]`, "true", diagnostic.Text{ZH: "是否在列表里", EN: "whether it is in a list"}},
	{"+, -", "9.98 GBP + 0.02 GBP", "10.00 GBP", diagnostic.Text{ZH: "整数、比率、时长、同一货币的金额；时刻加减时长；两个时刻或日期之差", EN: "of whole numbers, of ratios, of durations, of money of one currency; a moment and a duration; the difference of two moments or dates"}},
	{"*", "9.98 GBP * 3", "29.94 GBP", diagnostic.Text{ZH: "整数、比率相乘；金额、时长乘数", EN: "of whole numbers and ratios; of money or a duration by a number"}},
	{"/", "hours(6) / hours(24)", "1/4", diagnostic.Text{ZH: "商是比率；金额、时长除以数，结果未取整；除以零则不知道", EN: "a quotient is a ratio, of money or a duration by a number not rounded yet; by nothing it is unknown"}},
	{"% of", "rounded(20% of 9.98 GBP)", "2.00 GBP", diagnostic.Text{ZH: "某数的百分之几；金额要说明怎样取整", EN: "a percentage of something; money says how it is rounded"}},
	{"? :", "2 > 1 ? 10 : 20", "10", diagnostic.Text{ZH: "条件 ? 甲 : 乙", EN: "condition ? a : b"}},
}

// How to guard what may be none, in expressions over x, y and a list of what has
// a time; and each without its guard.
var guards = []struct{ guarded, bare string }{
	{"x != null and x < y", "x < y"},
	{"x == null or x < y", "x < y"},
	{"not (x == null) and x < y", "x < y"},
	{"x == null ? 0 : x + 1", "x + 1"},
	{"all(list, .at == null or .at < end)", "all(list, .at < end)"},
	{"all(filter(list, .at != null), .at < end)", "all(list, .at < end)"},
	{"len(list) > 0 and latest(map(filter(list, .at != null), .at)) != null", "latest(map(list, .at)) != null"},
}

func guardEnv() *Env {
	item := &value.Type{Kind: value.Record, Fields: []value.Field{{Name: "at", Type: momentType, MayBeNone: true}}}
	return &Env{Vars: map[string]*Var{
		"x": {Type: countType, Slot: 0, MayBeNone: true}, "y": {Type: countType, Slot: 1},
		"list": {Type: listOf(item), Slot: 2}, "end": {Type: momentType, Slot: 3},
	}}
}

func page(t *testing.T) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	cell := func(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
	line("# Expressions · 表达式\n")
	line("Generated from the table of functions by `go test ./internal/condition -run ExpressionsPage -update`; every example is run. · 由函数表生成，例子都经过运行。\n")
	line("All arithmetic is exact: no result is rounded unless a function says how. What is not known stays unknown and is named, and so does a number of which a part is not known, also where any value of that part would come to the same; what does not exist is none (`null`). · 计算都是精确的，不写取整就不取整；不知道的仍不知道，并说出缺什么；一部分不知道的数也不知道，哪怕那一部分无论多少结果都一样；没有的是 `null`。\n")
	line("## What is written as itself · 直接写的值\n")
	line("| written · 写法 | is · 是 | 含义 |\n|---|---|---|")
	for _, w := range written {
		for _, x := range w.examples {
			run(t, x)
		}
		line("| `%s` | %s | %s |", cell(strings.Join(w.examples, "`, `")), w.means.EN, w.means.ZH)
	}
	line("\n`as_of` is the moment of asking, in every expression; what rests on it is provisional where time could change it. · `as_of` 是提问时刻，任何表达式里都可用；时间过去会使答复改变的，答复即为暂定。")
	line("\n## Operators · 运算符\n")
	line("| operator · 运算符 | means | 含义 | example · 例 |\n|---|---|---|---|")
	for _, o := range operators {
		require.Equal(t, o.result, run(t, o.example), o.example)
		line("| `%s` | %s | %s | `%s` → `%s` |", o.signs, o.means.EN, o.means.ZH, cell(o.example), o.result)
	}
	line("\n## None · 没有\n")
	line("A comparison by order with something that is none is no, whichever way it is written, and `latest` leaves it out. What may be none is therefore guarded: · 与没有的东西比大小先后，结果总是否；`latest` 把它略去。所以可能没有的，先写明：\n")
	line("| write · 写 | instead of · 不写 |\n|---|---|")
	for _, g := range guards {
		p, problems := Compile(g.guarded, guardEnv(), Want{})
		require.Empty(t, problems, g.guarded)
		require.Empty(t, p.AbsencesAmong(nil), g.guarded)
		p, problems = Compile(g.bare, guardEnv(), Want{})
		require.Empty(t, problems, g.bare)
		require.NotEmpty(t, p.AbsencesAmong(nil), g.bare)
		line("| `%s` | `%s` |", g.guarded, g.bare)
	}
	for _, g := range []struct {
		title string
		of    []Function
	}{
		{"Lengths of time · 时长", lengthFunctions}, {"Parts of dates and moments · 日期和时刻的部分", partFunctions},
		{"Counting time · 数时间", countingFunctions}, {"Months, quarters, years · 月、季、年", boundFunctions},
		{"Rounding and exchange · 取整与换算", numberFunctions}, {"Choosing · 取其一", choiceFunctions},
		{"Values of another day · 另一天的值", datedFunctions}, {"Periods · 期间", periodFunctions}, {"Lists · 列表", listFunctions}, {"Texts · 文字", textFunctions},
	} {
		line("\n## %s\n", g.title)
		for _, f := range g.of {
			line("### `%s`\n", f.Signature)
			line("%s.\n%s。\n", f.Means.EN, f.Means.ZH)
			if f.None.EN != "" {
				line("None: %s.\n没有：%s。\n", f.None.EN, f.None.ZH)
			}
			line("```text\n%s → %s\n```\n", f.Example, f.Result)
		}
	}
	line("A function without a line on none gives none where an argument is none. With `[, calendar]` a function takes the name of a calendar, in quotes, or a fact that is a word for one, whose zone and days then count. The calendar of these examples works from Monday to Friday, open from 09:00 to 17:00, eight hours ahead of UTC; the named value `fee` is 9.76 GBP, and 9.98 GBP from 2025 on. · 没有另外说明的函数，参数没有则结果也没有。写 `[, calendar]` 的，可加日历的名称（带引号），或作为日历名称的词事实，按其时区和日子算。例中的日历为周一至周五工作，09:00 至 17:00 开放，东八区；具名的值 `fee` 为 9.76 GBP，2025 年起 9.98 GBP。\n")
	line("## Written elsewhere · 别处的写法\n")
	line("| instead of · 不写 | write | 改写 |\n|---|---|---|")
	for _, name := range slices.Sorted(maps.Keys(renamed)) {
		line("| `%s` | %s | %s |", name, cell(renamed[name].EN), cell(renamed[name].ZH))
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func TestExpressionsPage(t *testing.T) {
	golden.File(t, "../../docs/expressions.md", []byte(page(t)))
}
