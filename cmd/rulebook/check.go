package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/formats"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/policy"
)

func (a *app) checkCommand() *cobra.Command {
	var strict bool
	cmd := &cobra.Command{
		Use:   a.t("check [文件]", "check [FILE]"),
		Short: a.t("核对规则文件，指出每一处错误", "check a rules file and point at every mistake"),
		Long: a.t(
			`核对规则文件。每一处错误都给出行、列、原文和该怎么写；没有错误时给出概要：
条款是否都对应上了，哪些读法还没有由本单位决定，日历到哪一年。
没有起作用的内容会提醒：没有问题用到的规则、读法、事实、词表、日历，跳过的条号，末尾缺少的
review。有意如此的，在该行或上一行注释里写明：# accepted: 代码 – 原因。提醒不影响退出码，
--strict 则算作错误。代码是什么意思：rulebook explain 代码。`,
			`Check a rules file. Every mistake is shown with its line, its column, the text and what to
write instead. A file without mistakes is summed up: whether every article is accounted for,
which readings this organisation has not decided yet, which years the calendars know.
What has no effect is warned of: rules, readings, facts, word lists and calendars that nothing
uses, articles that the numbering skips, a review that is missing at the end. Where it is meant,
say so on the line or in a comment right above it: # accepted: CODE – why. Warnings do not
change the exit code; with --strict they count as errors. What a code means: rulebook explain CODE.`),
		Example: "rulebook check\nrulebook check rules.yaml --lang zh\nrulebook check rules.yaml --strict --format sarif",
		Args:    arguments(0, 1, diagnostic.Text{}),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.oneFile(cmd, args); err != nil {
				return err
			}
			return a.check(a.rules, strict)
		},
		ValidArgsFunction: yamlFiles,
	}
	a.formatFlag(cmd, formats.Names...)
	a.strictFlag(cmd, &strict)
	return cmd
}

// strictFlag adds --strict to a command.
func (a *app) strictFlag(cmd *cobra.Command, strict *bool) {
	cmd.Flags().BoolVar(strict, "strict", false, a.t("提醒也算错误：退出码为 1", "warnings count as errors: the exit code is 1"))
}

func (a *app) check(path string, strict bool) error {
	name, data, err := a.find(path)
	if err != nil {
		return err
	}
	if name == "" {
		book, err := rulebook.Default()
		if err != nil {
			return err
		}
		name, data = rulebook.DefaultName, book.Rulebook().Source()
	}
	var book *policy.Rulebook
	var found diagnostic.List
	switch read, err := rulebook.Parse(name, data); {
	case err == nil:
		book, found = read.Rulebook(), append(read.Warnings(), read.Unused()...)
		if err := a.wantLanguages(book); err != nil {
			return err
		}
		found.Sort()
		a.say(book)
	case !errors.As(err, &found):
		return err
	}
	switch {
	case !a.forPrograms():
		if err := a.checkedText(name, data, book, found); err != nil {
			return err
		}
	case a.json():
		if err := writeJSON(a.out, checkedJSON(name, book, found)); err != nil {
			return err
		}
	default:
		r := formats.Report{Command: "check", Version: ownVersion(), File: name, Strict: strict, Findings: found}
		if err := formats.Write(a.out, a.format, r, a.style.Lang); err != nil {
			return err
		}
	}
	if book == nil || strict && len(found) > 0 {
		return &exitError{exitFindings}
	}
	return nil
}

// checkedText says what was found in a file, and what it amounts to where it is
// sound.
func (a *app) checkedText(name string, data []byte, book *policy.Rulebook, found diagnostic.List) error {
	if err := report.Findings(a.out, a.style, found, sourcesOf(name, data)); err != nil {
		return err
	}
	if len(found) > 0 {
		a.println("")
	}
	subject := name
	if name == rulebook.DefaultName {
		subject = a.t("内置规则书", "built-in rulebook")
	}
	a.println(subject + a.style.Colon() + report.Count(a.style, found))
	if book != nil {
		a.println("")
		a.summary(book)
	}
	return nil
}

// checked is what check says, in JSON.
type checked struct {
	File     string            `json:"file"`
	Sound    bool              `json:"sound"` // whether the file can be used
	Errors   int               `json:"errors"`
	Warnings int               `json:"warnings"`
	Findings []formats.Finding `json:"findings"`
	Rulebook *summed           `json:"rulebook"` // null where there are errors
}

// summed is what a sound rules file amounts to, in JSON.
type summed struct {
	ID        string          `json:"id"`
	Title     diagnostic.Text `json:"title"`
	SHA256    string          `json:"sha256"`
	From      string          `json:"from"`
	To        *string         `json:"to"` // null where there is no end
	Articles  countJSON       `json:"articles"`
	Rules     int             `json:"rules"`
	Questions int             `json:"questions"`
	Readings  int             `json:"readings"`
	Undecided []string        `json:"undecided_readings"`
	Calendars []calendarJSON  `json:"calendars"` // the default first
}

type calendarJSON struct {
	Name  string `json:"name"`
	First int    `json:"first_year"`
	Last  int    `json:"last_year"`
}

func checkedJSON(name string, b *policy.Rulebook, found diagnostic.List) checked {
	c := checked{File: name, Sound: b != nil, Findings: formats.FindingsOf(found)}
	for _, d := range found {
		if d.Severity == diagnostic.Warning {
			c.Warnings++
		} else {
			c.Errors++
		}
	}
	if b == nil {
		return c
	}
	t := newLedger(b).count()
	c.Rulebook = &summed{
		ID: b.ID, Title: b.Title, SHA256: b.SHA256, From: b.From.String(), Articles: countJSON{t.articles, t.articlesMapped, t.items, t.itemsMapped},
		Rules: len(b.Rules()), Questions: len(b.Questions), Readings: len(b.Readings), Undecided: []string{},
	}
	if b.To != 0 {
		to := b.To.String()
		c.Rulebook.To = &to
	}
	for _, r := range undecidedReadings(b) {
		c.Rulebook.Undecided = append(c.Rulebook.Undecided, r.Key)
	}
	usual, calendar := b.DefaultCalendar()
	first, last := calendar.Range()
	c.Rulebook.Calendars = append(c.Rulebook.Calendars, calendarJSON{usual, first, last})
	for _, name := range b.CalendarNames() {
		if calendar, _ := b.Calendar(name); name != usual {
			first, last := calendar.Range()
			c.Rulebook.Calendars = append(c.Rulebook.Calendars, calendarJSON{name, first, last})
		}
	}
	return c
}

// summary is what a sound rules file amounts to.
func (a *app) summary(b *policy.Rulebook) {
	s := a.style
	own := newLedger(b).count()
	force := s.Pickf("%v 起", "from %v", b.From)
	if b.To != 0 {
		force = s.Pickf("%v 至 %v", "from %v to %v", b.From, b.To)
	}
	undecided := undecidedReadings(b)
	t := report.Table{Indent: 2, Rows: [][]string{
		{a.t("规则书", "rulebook"), s.Text(b.Title)},
		{a.t("生效", "in force"), force},
		{a.t("条款", "articles"), own.mapped(s)},
		{a.t("规则", "rules"), fmt.Sprint(len(b.Rules()))},
		{a.t("问题", "questions"), fmt.Sprint(len(b.Questions))},
		{a.t("读法", "readings"), a.decided(b, len(undecided))},
		{a.t("日历", "calendars"), a.calendars(b)},
	}}
	a.table(t)
	if len(undecided) == 0 {
		return
	}
	a.heading(s.Pickf("未由本单位决定的读法（%d 个，按缺省理解）：", "Readings not decided by this organisation (%d, defaults apply):", len(undecided)))
	keys := make([]string, len(undecided))
	for i, r := range undecided {
		keys[i] = r.Key
	}
	a.columns(keys)
	a.println("", s.Dim(a.t("逐个查看：rulebook readings --undecided", "look at them one by one: rulebook readings --undecided")))
}

func undecidedReadings(b *policy.Rulebook) []*policy.Reading {
	var list []*policy.Reading
	for _, r := range b.Readings {
		if r.DecidedBy == "" {
			list = append(list, r)
		}
	}
	return list
}

// decided says how many readings were decided, by whom, and how many not.
func (a *app) decided(b *policy.Rulebook, undecided int) string {
	s := a.style
	var names []string
	by := map[string]int{}
	for _, r := range b.Readings {
		if r.DecidedBy == "" {
			continue
		}
		if by[r.DecidedBy] == 0 {
			names = append(names, r.DecidedBy)
		}
		by[r.DecidedBy]++
	}
	text := fmt.Sprint(len(b.Readings))
	for i, name := range names {
		lead := s.Comma()
		if i == 0 {
			lead = s.Colon()
		}
		text += lead + s.Pickf("%[2]s决定 %[1]d 个", "%d decided by %s", by[name], name)
	}
	switch {
	case undecided == len(b.Readings) && undecided > 0:
		text += s.Pick("，", ", ") + s.Yellow(s.Pick("均未由本单位决定", "none of them decided by this organisation"))
	case undecided > 0:
		lead := s.Comma()
		if len(names) == 0 {
			lead = s.Colon()
		}
		text += lead + s.Yellow(s.Pickf("未由本单位决定 %d 个", "%d not decided by this organisation", undecided))
	}
	return text
}

// calendars lists the calendars, one a line, the default first.
func (a *app) calendars(b *policy.Rulebook) string {
	usual, c := b.DefaultCalendar()
	var lines []string
	if c != nil {
		first, last := c.Range()
		lines = append(lines, a.style.Pickf("%s %d–%d（缺省）", "%s %d–%d (default)", usual, first, last))
	}
	for _, name := range b.CalendarNames() {
		if c, _ := b.Calendar(name); name != usual {
			first, last := c.Range()
			lines = append(lines, fmt.Sprintf("%s %d–%d", name, first, last))
		}
	}
	if len(lines) == 0 {
		return a.t("无", "none")
	}
	return strings.Join(lines, "\n")
}

// columns prints short words side by side.
func (a *app) columns(words []string) {
	widest := 0
	for _, w := range words {
		widest = max(widest, report.Width(w))
	}
	room := a.style.Width
	if room == 0 {
		room = 100
	}
	across := max(1, (room-2)/(widest+2))
	down := (len(words) + across - 1) / across
	t := report.Table{Indent: 2}
	for i := range down {
		var row []string
		for j := i; j < len(words); j += down {
			row = append(row, words[j])
		}
		t.Rows = append(t.Rows, row)
	}
	a.table(t)
}
