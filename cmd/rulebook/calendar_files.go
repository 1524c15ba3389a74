package main

import (
	"errors"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook/calendars"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/icalendar"
	"github.com/servicerules/rulebook/sla/workday"
)

// calendarImport is `calendar import`.
func (a *app) calendarImport() *cobra.Command {
	return &cobra.Command{
		Use:   a.t("import 文件.ics", "import FILE.ics"),
		Short: a.t("把 .ics 文件里的放假日印成规则文件的写法", "print the days off of an .ics file as lines of a rules file"),
		Long: a.t(`读 iCalendar 文件（RFC 5545；- 为标准输入），印出 years 和 yearly，贴到规则文件里自己的日历下。
只认整天的事件：类别为 WORKDAY 的是调休上班日，其余是休息日；已取消的不算。每年重复一次的成为 yearly。
不能照原样取用的会指出行号，不会悄悄略过。`,
			`Read an iCalendar file (RFC 5545; - is standard input) and print years: and yearly:, to be put under a
calendar of your own in the rules file. Only events of whole days are taken: those of the category
WORKDAY are days of the weekend that are worked, all others are days off; what is cancelled is not
taken. What comes back once a year becomes yearly. What cannot be taken as it is is refused with its
line, never left out in silence.`),
		Example: "rulebook calendar import holidays.ics",
		Args: arguments(1, 1, diagnostic.Text{
			ZH: "要写一个 .ics 文件，如 calendar import holidays.ics", EN: "an .ics file is needed, as in calendar import holidays.ics",
		}),
		RunE: func(cmd *cobra.Command, args []string) error {
			data, err := a.readFile(args[0])
			if err != nil {
				return err
			}
			file, err := icalendar.Read(data)
			var bad *icalendar.Error
			if errors.As(err, &bad) {
				return &refusal{bad.Text(), bad.Remedy, "calendar_file"}
			}
			if len(file.Days) == 0 && len(file.Yearly) > 0 {
				a.println(a.t("# 文件只有每年重复的日子。日历须知道哪些年是齐全的：在 yearly 下写 from: 年份",
					"# The file has only days that come back. A calendar must know which years are complete: write from: YEAR under yearly."))
			}
			a.printf("%s", file.Listing())
			return nil
		},
	}
}

// calendarExport is `calendar export`.
func (a *app) calendarExport(named *string) *cobra.Command {
	var from, to int
	cmd := &cobra.Command{
		Use:   a.t("export [日历]", "export [NAME]"),
		Short: a.t("把日历的放假日写成 .ics 文件", "write the days off of a calendar as an .ics file"),
		Long: a.t(`把规则书的日历（缺省用规则书自己的）写成 iCalendar 文件（RFC 5545），印到标准输出：列出的休息日、停业日和
调休上班日，每段一个整天事件。平常的周末和营业时段不写。`,
			`Write a calendar of the rulebook, by default the one that it uses itself, as an iCalendar file
(RFC 5545) to standard output: listed days off, closures and make-up working days, an event of whole
days for each run of them. Ordinary weekends and opening hours are not in it.`),
		Example: "rulebook calendar export --from 2025 --to 2026 > holidays.ics",
		Args: arguments(0, 1, diagnostic.Text{
			ZH: "只写一个日历的名称", EN: "name one calendar",
		}),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := *named
			if len(args) > 0 {
				name = args[0]
			}
			if to == 0 {
				to = from
			}
			for _, year := range []int{from, to} {
				if year < workday.FirstDate.Year() || year > workday.LastDate.Year() || from > to {
					return &usageError{
						command: commandName(cmd),
						message: diagnostic.Textf("--from %d --to %d 不是 2000 至 2100 的年份", "--from %d --to %d are not years from 2000 to 2100", from, to),
						remedy:  diagnostic.Text{ZH: "写起止两个年份，如 --from 2025 --to 2026", EN: "write the first and the last year, as in --from 2025 --to 2026"},
					}
				}
			}
			name, c, err := a.calendarNamed(cmd, name)
			if err != nil {
				return err
			}
			file := &icalendar.File{Name: name}
			first, last := date.New(from, time.January, 1), date.New(to, time.December, 31)
			if file.Days, err = daysOf(c, first, last); err != nil {
				return calendarError(err)
			}
			a.printf("%s", file.Write(a.style.Lang, name+"."+a.used.ID+".rulebook"))
			return nil
		},
	}
	cmd.Flags().IntVar(&from, "from", 0, a.t("第一年", "the first year"))
	cmd.Flags().IntVar(&to, "to", 0, a.t("最后一年，缺省同第一年", "the last year, by default the first"))
	cmd.ValidArgsFunction = a.fromBook(calendarNames)
	return cmd
}

// daysOf are the days of a calendar that differ from plain weeks.
func daysOf(c *workday.Calendar, first, last date.Date) (all []icalendar.Day, err error) {
	for d := first; d <= last; d++ {
		kind, err := c.Kind(d)
		if err != nil {
			return nil, err
		}
		switch kind {
		case workday.Holiday, workday.Closure, workday.MakeUp:
			all = append(all, icalendar.Day{On: d, Worked: kind == workday.MakeUp, Names: oneName(c.Names(d))})
		}
	}
	return all, nil
}

// oneName puts the names of holidays that meet into one for each language.
func oneName(names []workday.DayName) workday.Name {
	one := workday.Name{}
	for _, n := range names {
		for lang, name := range n.Name {
			if n.For != 0 && lang == "zh" {
				name += "（补休）"
			} else if n.For != 0 {
				name += " (substitute day)"
			}
			if one[lang] != "" {
				name = one[lang] + " / " + name
			}
			one[lang] = name
		}
	}
	if len(one) == 0 {
		return nil
	}
	return one
}

// calendarWorld is `calendar world`.
func (a *app) calendarWorld() *cobra.Command {
	return &cobra.Command{
		Use:   a.t("world [名称]", "world [NAME]"),
		Short: a.t("印出随附的各国放假日历", "print the calendars of countries that come along"),
		Long: a.t(`不写名称，列出随附的日历；写名称，印出它和它的基础日历，连同出处，贴到规则文件的 calendars 下。
中国大陆的放假安排不用贴：写 base: china 或 calendar: china 即可。`,
			`Without a name, list the calendars that come along; with one, print it and those that it is built on,
with their sources, to be put under calendars: of the rules file. The holidays of mainland China need
not be put there: write base: china or calendar: china.`),
		Example: "rulebook calendar world england_and_wales",
		Args: arguments(0, 1, diagnostic.Text{
			ZH: "只写一个日历的名称", EN: "name one calendar",
		}),
		RunE: func(cmd *cobra.Command, args []string) error {
			var names []string
			for _, c := range calendars.All() {
				names = append(names, c.Name)
			}
			if len(args) == 0 {
				a.println(names...)
				return nil
			}
			text, ok := calendars.Fragment(args[0])
			if !ok {
				return &usageError{
					command: commandName(cmd),
					message: diagnostic.Textf("没有随附的日历 %q", "no calendar %q comes along", args[0]),
					remedy:  oneOf(args[0], names),
				}
			}
			a.printf("%s", text)
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) (names []string, _ cobra.ShellCompDirective) {
			if len(args) == 0 {
				for _, c := range calendars.All() {
					names = append(names, c.Name)
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}
