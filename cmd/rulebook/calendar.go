package main

import (
	"errors"
	"strconv"

	"github.com/rickb777/date/v2"
	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/sla/workday"
)

func (a *app) calendarCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "calendar",
		Short: a.t("推算工作日，取用和发布日历", "count working days, take over and publish calendars"),
		Long: a.t("按规则书的日历推算工作日；缺省用规则书自己的日历。另可取用各国的日历和 .ics 文件。",
			"Count working days by a calendar of the rulebook, by default the one that it uses itself; take over\ncalendars of countries and .ics files."),
		Args: a.noCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	name := cmd.PersistentFlags().String("calendar", "", a.t("规则书里的日历", "a calendar of the rulebook"))
	complete(cmd, "calendar", a.fromBook(calendarNames))
	cmd.PersistentFlags().StringVar(&a.knownOn, "known-on", "", a.t("照那一天已公布的安排", "by what was announced up to that day"))
	add := &cobra.Command{
		Use:   a.t("add 日期 天数", "add DATE N"),
		Short: a.t("某日之后第 N 个工作日是哪天", "the N-th working day after a date"),
		Long: a.t("印出某日之后第 N 个工作日；当天不算。天数为负则往前数，写在 -- 之后。",
			"Print the N-th working day after a date, which is not counted itself. A negative N counts\nbackwards; it stands behind --."),
		Example: "rulebook calendar add 2025-01-20 10\nrulebook calendar add 2025-01-20 -- -3",
		Args: arguments(2, 2, diagnostic.Text{
			ZH: "要写日期和天数，如 calendar add 2025-01-20 10", EN: "a date and a number of days are needed, as in calendar add 2025-01-20 10",
		}),
		RunE: func(cmd *cobra.Command, args []string) error {
			from, err := dateArgument(cmd, args[0])
			if err != nil {
				return err
			}
			n, err := strconv.Atoi(args[1])
			if err != nil {
				return &usageError{command: commandName(cmd), message: diagnostic.Textf("%q 不是整数天数", "%q is not a whole number of days", args[1])}
			}
			c, err := a.calendar(cmd, *name)
			if err != nil {
				return err
			}
			due, err := c.Add(from, n)
			if err != nil {
				return calendarError(err)
			}
			a.println(due.String())
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	days := &cobra.Command{
		Use:   a.t("days 起 止", "days FROM TO"),
		Short: a.t("逐日列出是否工作日", "list the days, worked or off"),
		Long: a.t("逐日一行：“YYYY-MM-DD W”为工作日，“YYYY-MM-DD O”为休息日；起止两日都列。",
			"One line a day: \"YYYY-MM-DD W\" is a working day, \"YYYY-MM-DD O\" a day off. Both ends are listed."),
		Example: "rulebook calendar days 2025-01-20 2025-02-10",
		Args: arguments(2, 2, diagnostic.Text{
			ZH: "要写起止两个日期，如 calendar days 2025-01-01 2025-12-31", EN: "two dates are needed, as in calendar days 2025-01-01 2025-12-31",
		}),
		RunE: func(cmd *cobra.Command, args []string) error {
			from, err := dateArgument(cmd, args[0])
			if err != nil {
				return err
			}
			to, err := dateArgument(cmd, args[1])
			if err != nil {
				return err
			}
			if to < from {
				return &usageError{command: commandName(cmd), message: diagnostic.Textf("止日 %v 早于起日 %v", "the last day %v is before the first %v", to, from)}
			}
			c, err := a.calendar(cmd, *name)
			if err != nil {
				return err
			}
			for d := from; d <= to; d++ {
				worked, err := c.IsWorkday(d)
				if err != nil {
					return calendarError(err)
				}
				mark := "O"
				if worked {
					mark = "W"
				}
				a.println(d.String() + " " + mark)
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.AddCommand(add, days, a.calendarWorld(), a.calendarImport(), a.calendarExport(name))
	return cmd
}

func dateArgument(cmd *cobra.Command, text string) (date.Date, error) {
	d, err := source.Date(text)
	if err != nil {
		return 0, scalarArgument(cmd, text, err)
	}
	return d, nil
}

// scalarArgument is the refusal of a date, month or moment on the command line.
func scalarArgument(cmd *cobra.Command, text string, err error) error {
	e := &usageError{command: commandName(cmd), message: diagnostic.Textf("%q：%v", "%q: %v", text, err)}
	var scalar *source.ScalarError
	if errors.As(err, &scalar) {
		e.message, e.remedy = scalar.Message, scalar.Remedy // they quote the text
	}
	return e
}

// calendar is the calendar of that name, the rulebook's own for "".
func (a *app) calendar(cmd *cobra.Command, name string) (*workday.Calendar, error) {
	_, c, err := a.calendarNamed(cmd, name)
	return c, err
}

// calendarNamed is calendar with the name of what it is.
func (a *app) calendarNamed(cmd *cobra.Command, name string) (string, *workday.Calendar, error) {
	var known date.Date
	if a.knownOn != "" {
		var err error
		if known, err = dateArgument(cmd, a.knownOn); err != nil {
			return "", nil, err
		}
	}
	book, err := a.load()
	if err != nil {
		return "", nil, err
	}
	b := book.Rulebook()
	as := func(c *workday.Calendar) *workday.Calendar {
		if a.knownOn == "" {
			return c
		}
		return c.KnownOn(known)
	}
	usual, c := b.DefaultCalendar()
	switch {
	case name == "" && c == nil:
		return "", nil, &usageError{
			command: commandName(cmd),
			message: diagnostic.Textf("规则书没有写按哪个日历", "the rulebook names no calendar"),
			remedy:  diagnostic.Textf("加 --calendar china，或在 rulebook 下写 calendar", "add --calendar china, or write calendar: under rulebook"),
		}
	case name == "" || name == usual:
		return usual, as(c), nil
	}
	c, ok := b.Calendar(name)
	if !ok {
		return "", nil, &usageError{
			command: commandName(cmd),
			message: diagnostic.Textf("没有日历 %q", "there is no calendar %q", name),
			remedy:  oneOf(name, b.CalendarNames()),
		}
	}
	return name, as(c), nil
}

func calendarError(err error) error {
	var year *workday.YearMissingError
	var outside *workday.RangeError
	switch {
	case errors.As(err, &year):
		return &refusal{
			diagnostic.Textf("日历缺 %d 年：该年安排尚未公布或未录入", "the calendar has no year %d: its notice is not published or not entered", year.Year),
			diagnostic.Textf("在规则文件的 calendars 下补上 years: {%d: …}", "add years: {%d: …} under calendars in the rules file", year.Year),
			"calendar_year_missing",
		}
	case errors.As(err, &outside):
		return &refusal{
			diagnostic.Textf("超出日历的范围 %v 至 %v", "this leaves the range of calendars, %v to %v", workday.FirstDate, workday.LastDate),
			diagnostic.Text{},
			"outside_calendar",
		}
	}
	return err
}
