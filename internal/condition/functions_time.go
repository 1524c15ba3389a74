package condition

import (
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/internal/walltime"
)

// lengthFunctions make lengths of time.
var lengthFunctions = []Function{
	{Name: "hours", Signature: "hours(n)", Example: "hours(36)", Result: "36h0m0s",
		Means:   diagnostic.Text{ZH: "n 小时的时长", EN: "a duration of n hours"},
		applies: lengthOf(time.Hour)},
	{Name: "minutes", Signature: "minutes(n)", Example: "minutes(90)", Result: "1h30m0s",
		Means:   diagnostic.Text{ZH: "n 分钟的时长", EN: "a duration of n minutes"},
		applies: lengthOf(time.Minute)},
	{Name: "seconds", Signature: "seconds(n)", Example: "seconds(90)", Result: "1m30s",
		Means:   diagnostic.Text{ZH: "n 秒的时长", EN: "a duration of n seconds"},
		applies: lengthOf(time.Second)},
}

// partFunctions give parts of moments, dates and months.
var partFunctions = []Function{
	{Name: "date_of", Signature: "date_of(moment[, calendar])", Example: "date_of(2026-01-01T23:30:00Z)", Result: "2026-01-02",
		Means: diagnostic.Text{ZH: "某时刻的日期，按规则文件的时区，或所列日历的时区", EN: "the day of a moment, in the zone of the book or of a calendar"},
		Takes: 1, Told: diagnostic.Text{ZH: "%s 的日期", EN: "the date of %s"},
		applies: []apply{{takes: []value.Kind{value.Moment}, gives: value.Date, impure: true, one: dateOf}}},
	{Name: "month_of", Signature: "month_of(moment or date[, calendar])", Example: "month_of(2026-01-31)", Result: "2026-01",
		Means: diagnostic.Text{ZH: "所在的月份", EN: "the month it is in"},
		Takes: 1, Told: diagnostic.Text{ZH: "%s 的月份", EN: "the month of %s"},
		applies: ofMonth(value.Month, func(month int64) int64 { return month })},
	{Name: "quarter_of", Signature: "quarter_of(moment, date or month[, calendar])", Example: "quarter_of(2026-05-01)", Result: "2",
		Means: diagnostic.Text{ZH: "所在的季度，1 至 4", EN: "the quarter it is in, 1 to 4"},
		Takes: 1, Told: diagnostic.Text{ZH: "%s 的季度", EN: "the quarter of %s"},
		applies: ofMonth(value.Count, func(month int64) int64 { return month%12/3 + 1 })},
	{Name: "year_of", Signature: "year_of(moment, date or month[, calendar])", Example: "year_of(2026-01-31)", Result: "2026",
		Means: diagnostic.Text{ZH: "所在的年份", EN: "the year it is in"},
		Takes: 1, Told: diagnostic.Text{ZH: "%s 的年份", EN: "the year of %s"},
		applies: ofMonth(value.Count, func(month int64) int64 { return month / 12 })},
	{Name: "weekday_of", Signature: "weekday_of(moment or date)", Example: "weekday_of(2026-01-31)", Result: "saturday",
		Means: diagnostic.Text{ZH: "星期几，是词：monday、tuesday、wednesday、thursday、friday、saturday、sunday", EN: "the day of the week, a word: monday, tuesday, wednesday, thursday, friday, saturday, sunday"},
		Takes: 1, Told: diagnostic.Text{ZH: "%s 的星期", EN: "the day of the week of %s"}},
	{Name: "time_of_day", Signature: "time_of_day(moment[, calendar])", Example: "time_of_day(2026-01-01T09:30:00+08:00)", Result: "9h30m0s",
		Means: diagnostic.Text{ZH: "钟面时间，即零时以来的时长", EN: "what the clock shows, as the time since midnight"},
		Takes: 1, Told: diagnostic.Text{ZH: "%s 的钟面时间", EN: "the time of day of %s"},
		applies: []apply{{takes: []value.Kind{value.Moment}, gives: value.Duration, impure: true, one: timeOfDay}}},
	{Name: "start_of_hour", Signature: "start_of_hour(moment[, calendar])", Example: "start_of_hour(2026-01-01T09:45:00+08:00)", Result: "2026-01-01T09:00:00+08:00",
		Means: diagnostic.Text{ZH: "所在钟点的开始", EN: "the start of the hour that the clock shows"},
		Takes: 1, Told: diagnostic.Text{ZH: "%s 的整点", EN: "the start of the hour of %s"},
		applies: []apply{{takes: []value.Kind{value.Moment}, gives: value.Moment, impure: true, one: startOfHour}}},
	{Name: "start_of_day", Signature: "start_of_day(date[, calendar])", Example: "start_of_day(2026-01-31)", Result: "2026-01-31T00:00:00+08:00",
		Means: diagnostic.Text{ZH: "一天的第一个时刻；年份 1700 至 2199", EN: "the first moment of a day, of the years 1700 to 2199"},
		Takes: 1, Told: diagnostic.Text{ZH: "%s 零时", EN: "the start of %s"},
		applies: []apply{{takes: []value.Kind{value.Date}, gives: value.Moment, impure: true, one: startOfDay}}},
	{Name: "month_at", Signature: "month_at(year, month)", Example: "month_at(2026, 2)", Result: "2026-02",
		Means: diagnostic.Text{ZH: "某年某月", EN: "a month by its year and number"},
		applies: []apply{{takes: []value.Kind{value.Count, value.Count}, gives: value.Month, two: func(_ *value.Frame, y, m int64) (int64, error) {
			if y < 1 || y > 9999 || m < 1 || m > 12 {
				return 0, ErrOutOfRange
			}
			return y*12 + m - 1, nil
		}}}},
}

// countingFunctions count from day to day and from moment to moment.
var countingFunctions = []Function{
	{Name: "days_after", Signature: "days_after(date, n)", Example: "days_after(2026-02-27, 2)", Result: "2026-03-01",
		Means: diagnostic.Text{ZH: "之后 n 天的日期；n 为负则往前", EN: "the day n days later, earlier where n is below 0"},
		Takes: 2, Counts: 1, Told: diagnostic.Text{ZH: "%[1]s 之后 %[2]s 天", EN: "%[2]s days after %[1]s"},
		applies: []apply{{takes: []value.Kind{value.Date, value.Count}, gives: value.Date, two: func(_ *value.Frame, a, n int64) (int64, error) {
			d, ok := value.Add(a, n)
			if !ok || d < firstDay || d > lastDay {
				return 0, ErrOutOfRange
			}
			return d, nil
		}}}},
	{Name: "months_after", Signature: "months_after(date, n)", Example: "months_after(2026-01-31, 1)", Result: "2026-02-28",
		Means: diagnostic.Text{ZH: "之后 n 个月的同一日；该月没有这一日的，取月末", EN: "the same day n months later, or the last of that month where it has no such day"},
		Takes: 2, Counts: 1, Told: diagnostic.Text{ZH: "%[1]s 之后 %[2]s 个月", EN: "%[2]s months after %[1]s"},
		applies: []apply{{takes: []value.Kind{value.Date, value.Count}, gives: value.Date, two: monthsAfter}}},
	{Name: "years_after", Signature: "years_after(date, n)", Example: "years_after(2024-02-29, 1)", Result: "2025-02-28",
		Means: diagnostic.Text{ZH: "之后 n 年的同一日；2 月 29 日取 28 日", EN: "the same day n years later; 28 February for the 29th"},
		Takes: 2, Counts: 1, Told: diagnostic.Text{ZH: "%[1]s 之后 %[2]s 年", EN: "%[2]s years after %[1]s"},
		applies: []apply{{takes: []value.Kind{value.Date, value.Count}, gives: value.Date, two: func(f *value.Frame, a, n int64) (int64, error) {
			if n > 9999 || n < -9999 {
				return 0, ErrOutOfRange
			}
			return monthsAfter(f, a, 12*n)
		}}}},
	{Name: "working_days_after", Signature: "working_days_after(date, n[, calendar])", Example: "working_days_after(2026-01-02, 1)", Result: "2026-01-05",
		Means: diagnostic.Text{ZH: "之后第 n 个工作日", EN: "the nth working day after a day"},
		Takes: 2, Counts: 1, Told: diagnostic.Text{ZH: "%[1]s 之后 %[2]s 个工作日", EN: "%[2]s working days after %[1]s"},
		applies: []apply{{takes: []value.Kind{value.Date, value.Count}, gives: value.Date, impure: true, calendar: true, two: workingDaysAfter}}},
	{Name: "days_between", Signature: "days_between(from, to)", Example: "days_between(2026-02-27, 2026-03-01)", Result: "2",
		Means: diagnostic.Text{ZH: "两个日期相隔的天数，即 止 - 起", EN: "the days from one day to another: to - from"},
		Takes: 2, Told: diagnostic.Text{ZH: "%s 至 %s 的天数", EN: "days from %s to %s"},
		applies: []apply{{takes: []value.Kind{value.Date, value.Date}, gives: value.Count, two: func(_ *value.Frame, a, b int64) (int64, error) {
			return checked(value.Sub(b, a))
		}}}},
	{Name: "working_days_between", Signature: "working_days_between(from, to[, calendar])", Example: "working_days_between(2026-01-02, 2026-01-06)", Result: "2",
		Means: diagnostic.Text{ZH: "起日之后至止日（含）的工作日数", EN: "the working days after one day and up to another, that one included"},
		Takes: 2, Told: diagnostic.Text{ZH: "%s 至 %s 的工作日数", EN: "working days from %s to %s"},
		applies: []apply{{takes: []value.Kind{value.Date, value.Date}, gives: value.Count, impure: true, calendar: true, two: workingDaysBetween}}},
	{Name: "open_time", Signature: "open_time(from, to[, calendar])", Example: "open_time(2026-01-02T16:00:00+08:00, 2026-01-05T10:00:00+08:00)", Result: "2h0m0s",
		Means: diagnostic.Text{ZH: "两个时刻之间的开放时间", EN: "the opening hours between two moments"},
		Takes: 2, Told: diagnostic.Text{ZH: "%s 至 %s 的开放时间", EN: "opening hours from %s to %s"},
		applies: []apply{{takes: []value.Kind{value.Moment, value.Moment}, gives: value.Duration, impure: true, calendar: true, hours: true, two: openTime}}},
	{Name: "whole_hours_between", Signature: "whole_hours_between(from, to)", Example: "whole_hours_between(2026-01-01T09:00:00Z, 2026-01-01T11:59:00Z)", Result: "2",
		Means: diagnostic.Text{ZH: "两个时刻之间满了的小时数", EN: "the hours between two moments that are complete"},
		Takes: 2, Told: diagnostic.Text{ZH: "%s 至 %s 满的小时数", EN: "whole hours from %s to %s"},
		applies: between(value.Moment, false, wholeHours)},
	{Name: "started_hours_between", Signature: "started_hours_between(from, to)", Example: "started_hours_between(2026-01-01T09:00:00Z, 2026-01-01T11:01:00Z)", Result: "3",
		Means: diagnostic.Text{ZH: "两个时刻之间开始了的小时数，不满一小时按一小时", EN: "the hours between two moments that have begun"},
		Takes: 2, Told: diagnostic.Text{ZH: "%s 至 %s 已开始的小时数", EN: "hours begun from %s to %s"},
		applies: between(value.Moment, true, wholeHours)},
	{Name: "whole_days_between", Signature: "whole_days_between(from, to[, calendar])", Example: "whole_days_between(2026-01-01T09:00:00Z, 2026-01-03T08:00:00Z)", Result: "1",
		Means: diagnostic.Text{ZH: "两个时刻之间满了的天数：钟面又到同一时间为一天；两个日期用 days_between", EN: "the days between two moments that are complete: each until the clock shows the same again; of dates write days_between"},
		Takes: 2, Told: diagnostic.Text{ZH: "%s 至 %s 满的天数", EN: "whole days from %s to %s"},
		applies: between(value.Moment, false, wholeDays)},
	{Name: "started_days_between", Signature: "started_days_between(from, to[, calendar])", Example: "started_days_between(2026-01-01T09:00:00Z, 2026-01-03T08:00:00Z)", Result: "2",
		Means: diagnostic.Text{ZH: "两个时刻之间开始了的天数，不满一天按一天", EN: "the days between two moments that have begun"},
		Takes: 2, Told: diagnostic.Text{ZH: "%s 至 %s 已开始的天数", EN: "days begun from %s to %s"},
		applies: between(value.Moment, true, wholeDays)},
	{Name: "whole_months_between", Signature: "whole_months_between(from, to)", Example: "whole_months_between(2026-01-31, 2026-03-30)", Result: "1",
		Means: diagnostic.Text{ZH: "两个日期之间满了的月数：months_after(起, n) 不晚于止日的最大 n", EN: "the months between two days that are complete: the greatest n with months_after(from, n) no later than to"},
		Takes: 2, Told: diagnostic.Text{ZH: "%s 至 %s 满的月数", EN: "whole months from %s to %s"},
		applies: between(value.Date, false, wholeMonths(1))},
	{Name: "started_months_between", Signature: "started_months_between(from, to)", Example: "started_months_between(2026-01-31, 2026-03-30)", Result: "2",
		Means: diagnostic.Text{ZH: "两个日期之间开始了的月数，不满一月按一月", EN: "the months between two days that have begun"},
		Takes: 2, Told: diagnostic.Text{ZH: "%s 至 %s 已开始的月数", EN: "months begun from %s to %s"},
		applies: between(value.Date, true, wholeMonths(1))},
	{Name: "whole_years_between", Signature: "whole_years_between(from, to)", Example: "whole_years_between(2008-02-29, 2026-02-28)", Result: "18",
		Means: diagnostic.Text{ZH: "两个日期之间满了的年数，如周岁", EN: "the years between two days that are complete, such as an age"},
		Takes: 2, Told: diagnostic.Text{ZH: "%s 至 %s 满的年数", EN: "whole years from %s to %s"},
		applies: between(value.Date, false, wholeMonths(12))},
	{Name: "started_years_between", Signature: "started_years_between(from, to)", Example: "started_years_between(2008-02-29, 2026-03-01)", Result: "19",
		Means: diagnostic.Text{ZH: "两个日期之间开始了的年数，不满一年按一年", EN: "the years between two days that have begun"},
		Takes: 2, Told: diagnostic.Text{ZH: "%s 至 %s 已开始的年数", EN: "years begun from %s to %s"},
		applies: between(value.Date, true, wholeMonths(12))},
}

// boundFunctions give the first and last days of months, quarters and years, and
// how many days there are between them.
var boundFunctions = []Function{
	{Name: "start_of_month", Signature: "start_of_month(date or month)", Example: "start_of_month(2026-02-14)", Result: "2026-02-01",
		Means: diagnostic.Text{ZH: "当月第一天", EN: "the first day of the month"},
		Takes: 1, Told: diagnostic.Text{ZH: "%s 当月的第一天", EN: "the first day of the month of %s"},
		applies: ofPeriod(1, value.Date, firstOf)},
	{Name: "end_of_month", Signature: "end_of_month(date or month)", Example: "end_of_month(2026-02-14)", Result: "2026-02-28",
		Means: diagnostic.Text{ZH: "当月最后一天", EN: "the last day of the month"},
		Takes: 1, Told: diagnostic.Text{ZH: "%s 的最后一天", EN: "the last day of %s"},
		applies: ofPeriod(1, value.Date, lastOf)},
	{Name: "start_of_quarter", Signature: "start_of_quarter(date or month)", Example: "start_of_quarter(2026-02-14)", Result: "2026-01-01",
		Means: diagnostic.Text{ZH: "当季第一天", EN: "the first day of the quarter"},
		Takes: 1, Told: diagnostic.Text{ZH: "%s 当季的第一天", EN: "the first day of the quarter of %s"},
		applies: ofPeriod(3, value.Date, firstOf)},
	{Name: "end_of_quarter", Signature: "end_of_quarter(date or month)", Example: "end_of_quarter(2026-02-14)", Result: "2026-03-31",
		Means: diagnostic.Text{ZH: "当季最后一天", EN: "the last day of the quarter"},
		Takes: 1, Told: diagnostic.Text{ZH: "%s 当季的最后一天", EN: "the last day of the quarter of %s"},
		applies: ofPeriod(3, value.Date, lastOf)},
	{Name: "start_of_year", Signature: "start_of_year(date, month or year)", Example: "start_of_year(2026-02-14)", Result: "2026-01-01",
		Means: diagnostic.Text{ZH: "当年第一天", EN: "the first day of the year"},
		Takes: 1, Told: diagnostic.Text{ZH: "%s 当年的第一天", EN: "the first day of the year of %s"},
		applies: ofPeriod(12, value.Date, firstOf)},
	{Name: "end_of_year", Signature: "end_of_year(date, month or year)", Example: "end_of_year(2026)", Result: "2026-12-31",
		Means: diagnostic.Text{ZH: "当年最后一天", EN: "the last day of the year"},
		Takes: 1, Told: diagnostic.Text{ZH: "%s 当年的最后一天", EN: "the last day of the year of %s"},
		applies: ofPeriod(12, value.Date, lastOf)},
	{Name: "days_in_month", Signature: "days_in_month(date or month)", Example: "days_in_month(month_at(2024, 2))", Result: "29",
		Means: diagnostic.Text{ZH: "当月的天数", EN: "how many days the month has"},
		Takes: 1, Told: diagnostic.Text{ZH: "%s 当月的天数", EN: "the days of the month of %s"},
		applies: ofPeriod(1, value.Count, daysOf)},
	{Name: "days_in_quarter", Signature: "days_in_quarter(date or month)", Example: "days_in_quarter(2026-02-14)", Result: "90",
		Means: diagnostic.Text{ZH: "当季的天数", EN: "how many days the quarter has"},
		Takes: 1, Told: diagnostic.Text{ZH: "%s 当季的天数", EN: "the days of the quarter of %s"},
		applies: ofPeriod(3, value.Count, daysOf)},
	{Name: "days_in_year", Signature: "days_in_year(date, month or year)", Example: "days_in_year(2024)", Result: "366",
		Means: diagnostic.Text{ZH: "当年的天数", EN: "how many days the year has"},
		Takes: 1, Told: diagnostic.Text{ZH: "%s 当年的天数", EN: "the days of the year of %s"},
		applies: ofPeriod(12, value.Count, daysOf)},
}

// The dates that functions may give: years 1 to 9999.
var (
	firstDay = int64(date.New(1, time.January, 1))
	lastDay  = int64(date.New(9999, time.December, 31))
)

func lengthOf(unit time.Duration) []apply {
	return []apply{{takes: []value.Kind{value.Count}, gives: value.Duration, one: func(_ *value.Frame, n int64) (int64, error) {
		return checked(value.Mul(n, int64(unit)))
	}}}
}

// checked makes the overflow of exact arithmetic an error; the place of it is
// added by whoever knows it.
func checked(n int64, ok bool) (int64, error) {
	if !ok {
		return 0, &OverflowError{}
	}
	return n, nil
}

func zone(f *value.Frame) *time.Location {
	if f.Zone == nil {
		return time.UTC
	}
	return f.Zone
}

func at(f *value.Frame, nanoseconds int64) time.Time { return time.Unix(0, nanoseconds).In(zone(f)) }

func monthOf(y int, m time.Month, _ int) int64 { return int64(y)*12 + int64(m) - 1 }

func dateOf(f *value.Frame, a int64) (int64, error) { return int64(date.NewAt(at(f, a))), nil }

// timeOfDay is what the clock on the wall shows, as time since midnight.
func timeOfDay(f *value.Frame, a int64) (int64, error) {
	t := at(f, a)
	return int64(time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute +
		time.Duration(t.Second())*time.Second + time.Duration(t.Nanosecond())), nil
}

// monthsAfter keeps the day of the month, or takes the last where the month
// is too short.
func monthsAfter(_ *value.Frame, a, n int64) (int64, error) {
	if a < firstDay || a > lastDay || n > 12*9999 || n < -12*9999 {
		return 0, ErrOutOfRange
	}
	y, m, d := date.Date(a).Date()
	month := monthOf(y, m, d) + n
	if month < 12 || month >= 12*10000 {
		return 0, ErrOutOfRange
	}
	y, m = int(month/12), time.Month(month%12)+1
	return int64(date.New(y, m, min(d, date.New(y, m+1, 0).Day()))), nil
}

func workingDaysAfter(f *value.Frame, a, n int64) (int64, error) {
	if f.Calendar == nil {
		return 0, ErrNoCalendar
	}
	if n != int64(int32(n)) {
		return 0, ErrOutOfRange
	}
	return f.Calendar.AddWorkingDays(a, int(n))
}

func startOfDay(f *value.Frame, a int64) (int64, error) {
	if a < firstDay || a > lastDay {
		return 0, ErrOutOfRange
	}
	if y := date.Date(a).Year(); y < 1700 || y >= 2200 {
		return 0, ErrOutOfRange
	}
	clocks := walltime.Of(zone(f))
	return clocks.DayStart(date.Date(a)), nil
}

func workingDaysBetween(f *value.Frame, a, b int64) (int64, error) {
	if f.Calendar == nil {
		return 0, ErrNoCalendar
	}
	n, err := f.Calendar.WorkingDaysBetween(a, b)
	return int64(n), err
}

// openTime is the time between two moments at which the calendar is open; below
// 0 where the second is the earlier one.
func openTime(f *value.Frame, a, b int64) (int64, error) {
	hours, ok := f.Calendar.(value.OpenHours)
	if !ok {
		return 0, ErrNoCalendar
	}
	if b < a {
		n, err := hours.OpenTime(b, a, zone(f))
		return -n, err
	}
	return hours.OpenTime(a, b, zone(f))
}

func monthOfDay(a int64) int64 { return monthOf(date.Date(a).Date()) }

// startOfHour takes off what the clock on the wall shows beyond the hour.
func startOfHour(f *value.Frame, a int64) (int64, error) {
	t := at(f, a)
	return checked(value.Sub(a, int64(time.Duration(t.Minute())*time.Minute+time.Duration(t.Second())*time.Second+time.Duration(t.Nanosecond()))))
}

// ofMonth is a function of the month that a moment or a date is in; one that
// does not give that month takes one as well.
func ofMonth(gives value.Kind, of func(month int64) int64) []apply {
	all := []apply{
		{takes: []value.Kind{value.Moment}, gives: gives, impure: true, one: func(f *value.Frame, a int64) (int64, error) { return of(monthOf(at(f, a).Date())), nil }},
		{takes: []value.Kind{value.Date}, gives: gives, one: func(_ *value.Frame, a int64) (int64, error) { return of(monthOfDay(a)), nil }},
	}
	if gives != value.Month {
		all = append(all, apply{takes: []value.Kind{value.Month}, gives: gives, one: func(_ *value.Frame, a int64) (int64, error) { return of(a), nil }})
	}
	return all
}

// ofPeriod is a function of the period of so many months that a day or month is
// in, from the first day of it to the first of the next; of a year by its number
// also.
func ofPeriod(months int64, gives value.Kind, do func(first, next int64) int64) []apply {
	of := func(month int64) (int64, error) {
		month -= month % months
		if month < 12 || month > 12*10000-months {
			return 0, ErrOutOfRange
		}
		return do(firstDayOf(month), firstDayOf(month+months)), nil
	}
	all := []apply{
		{takes: []value.Kind{value.Month}, gives: gives, one: func(_ *value.Frame, a int64) (int64, error) { return of(a) }},
		{takes: []value.Kind{value.Date}, gives: gives, one: func(_ *value.Frame, a int64) (int64, error) {
			if a < firstDay || a > lastDay {
				return 0, ErrOutOfRange
			}
			return of(monthOfDay(a))
		}},
	}
	if months == 12 {
		all = append(all, apply{takes: []value.Kind{value.Count}, gives: gives, one: func(_ *value.Frame, a int64) (int64, error) {
			if a < 1 || a > 9999 {
				return 0, ErrOutOfRange
			}
			return of(12 * a)
		}})
	}
	return all
}

func firstDayOf(month int64) int64 {
	return int64(date.New(int(month/12), time.Month(month%12)+1, 1))
}

func firstOf(first, _ int64) int64 { return first }
func lastOf(_, next int64) int64   { return next - 1 }
func daysOf(first, next int64) int64 {
	return next - first
}

// between counts units of time from one to another of a kind: those that are
// complete, or all that have begun. Whole counts what is complete where the first
// is no later, and says whether nothing is left over.
func between(k value.Kind, begun bool, whole func(f *value.Frame, a, b int64) (n int64, exact bool, err error)) []apply {
	return []apply{{takes: []value.Kind{k, k}, gives: value.Count, impure: k == value.Moment, two: func(f *value.Frame, a, b int64) (int64, error) {
		sign := int64(1)
		if b < a {
			a, b, sign = b, a, -1
		}
		n, exact, err := whole(f, a, b)
		if begun && !exact {
			n++
		}
		return sign * n, err
	}}}
}

func wholeHours(_ *value.Frame, a, b int64) (n int64, exact bool, err error) {
	between, ok := value.Sub(b, a)
	if !ok {
		return 0, false, &OverflowError{}
	}
	return between / int64(time.Hour), between%int64(time.Hour) == 0, nil
}

// wholeDays counts the days until the clock on the wall shows the same again.
func wholeDays(f *value.Frame, a, b int64) (n int64, exact bool, err error) {
	clocks := walltime.Of(zone(f))
	day, clock := clocks.Local(a)
	last, then := clocks.Local(b)
	n = int64(last - day)
	if then < clock {
		n--
	}
	// Where clocks were put back, a later moment may show an earlier time.
	if n < 0 || n == 0 && then == clock {
		return 0, a == b, nil
	}
	return n, then == clock, nil
}

// wholeMonths counts periods of so many months as monthsAfter does.
func wholeMonths(of int64) func(f *value.Frame, a, b int64) (n int64, exact bool, err error) {
	return func(f *value.Frame, a, b int64) (n int64, exact bool, err error) {
		if a < firstDay || b > lastDay {
			return 0, false, ErrOutOfRange
		}
		n = (monthOfDay(b) - monthOfDay(a)) / of
		end, err := monthsAfter(f, a, n*of)
		if err == nil && end > b {
			n--
			end, err = monthsAfter(f, a, n*of)
		}
		return n, end == b, err
	}
}

var weekdayWords = &value.Words{Name: "weekday", Each: []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}}

var weekdayLabels = []diagnostic.Text{
	{ZH: "星期一", EN: "Monday"}, {ZH: "星期二", EN: "Tuesday"}, {ZH: "星期三", EN: "Wednesday"}, {ZH: "星期四", EN: "Thursday"},
	{ZH: "星期五", EN: "Friday"}, {ZH: "星期六", EN: "Saturday"}, {ZH: "星期日", EN: "Sunday"},
}

// WeekdayLabel is how people call a day of the week by its word, as weekday_of
// gives it; false for any other word.
func WeekdayLabel(word string) (diagnostic.Text, bool) {
	if i := weekdayWords.Index(word); i >= 0 {
		return weekdayLabels[i], true
	}
	return diagnostic.Text{}, false
}

// weekdayCall checks weekday_of.
func (c *checker) weekdayCall(kids []*node, from, to int) *node {
	if !c.arguments("weekday_of", kids, 1, 1, from, to) {
		return c.bad(from, to)
	}
	if k := kids[0].typ.Kind; k != value.Date && k != value.Moment {
		c.mismatch(kids[0], dateType)
		return c.bad(from, to)
	}
	r := c.node(opWeekday, &value.Type{Kind: value.Word, Words: weekdayWords}, from, to, kids...)
	r.name = "weekday_of"
	return r
}

func (n *node) genWeekday() {
	x, moment := n.kids[0].num, n.kids[0].typ.Kind == value.Moment
	n.text = func(f *value.Frame) (string, value.State) {
		day, s := x(f)
		if s != value.Known {
			return "", s
		}
		if moment {
			day, _ = dateOf(f, day)
		}
		const week = 7
		return weekdayWords.Each[(date.Date(day).Weekday()+week-1)%week], value.Known
	}
}
