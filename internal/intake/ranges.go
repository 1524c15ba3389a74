package intake

import (
	"strconv"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// This file says what is within the range of a fact, however it is given. Text
// of moments, dates and months is held to the same years where it is read, by
// package source.

// wholeNumbers are the numbers that a fact may be, from the lowest to below the
// last.
func wholeNumbers(f *checked.Fact) (lowest, beyond int64) {
	switch f.TypeName {
	case "number":
		return 1 - policy.MaxCount, policy.MaxCount
	case "year":
		return source.FirstDateYear, source.LastDateYear + 1
	}
	return 0, policy.MaxCount
}

// numberOutOfRange refuses a number that a fact cannot be.
func numberOutOfRange(f *checked.Fact, n string) *policy.FactError {
	lowest, beyond := wholeNumbers(f)
	message := diagnostic.Textf("%s 不在 %d 至 %d 之间", "%s is not between %d and %d", n, lowest, beyond-1)
	remedy := diagnostic.Textf("写非负整数", "write a non-negative whole number")
	switch f.TypeName {
	case "number":
		remedy = diagnostic.Textf("写较小的整数", "write a smaller whole number")
	case "year":
		message = diagnostic.Textf("%s 不在 %d 至 %d 年之间", "%s is not a year from %d to %d", n, lowest, beyond-1)
		remedy = diagnostic.Textf("写四位年份", "write a year")
	}
	return outOfRange(message, remedy)
}

func outOfRange(message, remedy policy.Text) *policy.FactError {
	return policy.NewFactError("out_of_range", "", message, remedy)
}

func checkNumber(f *checked.Fact, n int64) *policy.FactError {
	if lowest, beyond := wholeNumbers(f); n < lowest || n >= beyond {
		return numberOutOfRange(f, strconv.FormatInt(n, 10))
	}
	return nil
}

// Moments between these are of the years that one may be of in every zone.
// The first day of all is left out: it is the zero date, which stands for none.
var (
	surelyFrom = time.Date(2000, 1, 3, 0, 0, 0, 0, time.UTC).Unix()
	surelyTo   = time.Date(2100, 12, 29, 0, 0, 0, 0, time.UTC).Unix()
	firstDay   = date.New(source.FirstDateYear, time.January, 2)
	lastDay    = date.New(source.LastDateYear, time.December, 31)
)

// InYears reports whether a moment is of the years that one may be of, on its
// own clock.
func InYears(t time.Time) bool {
	if sec := t.Unix(); sec >= surelyFrom && sec <= surelyTo {
		return true
	}
	y := t.Year()
	return y >= source.FirstYear && y <= source.LastYear
}

func checkMoment(t time.Time) *policy.FactError {
	if InYears(t) {
		return nil
	}
	return outOfRange(diagnostic.Textf("%s 不在 %d 年至 %d 年之间", "%s is not within the years %d to %d", t.Format(time.RFC3339), source.FirstYear, source.LastYear),
		diagnostic.Textf("检查年份；表示“没有”或“未结束”的，用零值", "check the year; use the zero time where it stands for none or not ended"))
}

func checkDate(d date.Date) *policy.FactError {
	if d >= firstDay && d <= lastDay {
		return nil
	}
	return outOfRange(diagnostic.Textf("%s 不在 %d 年至 %d 年之间", "%s is not within the years %d to %d", d, source.FirstDateYear, source.LastDateYear),
		diagnostic.Textf("检查年份；没有时用零值", "check the year; use the zero date where there is none"))
}

func checkMonth(m policy.Month) *policy.FactError {
	if m.Year >= source.FirstDateYear && m.Year <= source.LastDateYear && m.Month >= 1 && m.Month <= 12 {
		return nil
	}
	return outOfRange(diagnostic.Textf("%s 不是 %d 年至 %d 年之间的月份", "%s is not a month of the years %d to %d", m, source.FirstDateYear, source.LastDateYear),
		diagnostic.Textf("检查年份与月份", "check the year and the month"))
}

// checkLength checks how many items a list has.
func checkLength(n int) *policy.FactError {
	if n <= policy.MaxItems {
		return nil
	}
	return policy.NewFactError("too_many_items", "", diagnostic.Textf("超过 %d 项", "more than %d items", policy.MaxItems), diagnostic.Textf("分批提问", "ask in smaller pieces"))
}

// emptyItem refuses an item of a list that says nothing.
func emptyItem() *policy.FactError {
	return policy.NewFactError("null_item", "", diagnostic.Textf("列表里不能有空项", "a list cannot hold an empty item"), diagnostic.Textf("删去空项", "remove it"))
}
