package forms

import (
	"math"
	"slices"
	"time"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/form"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla"
)

func clockForm() *form.Form {
	return &form.Form{Form: policy.Form{
		Name: "clock", Section: "clocks",
		Doc: text("计时：一件事从起算到办结的全过程。期限（deadlines）、视同（deemings）、延期（extensions）以 part_of 并入；同时至多适用一个期限",
			"the clock of one matter from start to done. Deadlines, deemings and extensions are part_of it; at most one deadline applies at a time"),
		Fields: append([]policy.Field{
			{Name: "done", Kind: policy.Expression, Wants: policy.KindMoment, Required: true, Element: true, Doc: text("办结时刻", "the moment it was done")},
			{Name: "calendar", Kind: policy.Calendar, Computed: true, Element: true, Doc: text("所用日历；不写则用规则书的日历", "the calendar; by default the rulebook's own")},
			{Name: "first_day", Kind: policy.Option, Words: []string{"not_counted", "counted"}, Computed: true, Element: true, Doc: text("起算当日是否计入；起算时当日已截止（last_day_ends）的，从下一天数起", "whether the day of the start is counted; where that day is over by then (last_day_ends), the next one is the first")},
			{Name: "last_day_ends", Kind: policy.TimeOfDay, Doc: text("到期日几点截止；不写为 24:00", "when the last day ends; 24:00 by default")},
			{Name: "after_closing", Kind: policy.Option, Words: []string{"same_day", "next_working_day"}, Doc: text("下班后起算算当日还是下一工作日", "whether a start after closing counts as that day or the next working day")},
			{Name: "closes", Kind: policy.TimeOfDay, Doc: text("几点下班，与 after_closing: next_working_day 同用", "closing time, with after_closing: next_working_day")},
			{Name: "hours_run", Kind: policy.Option, Words: []string{"continuous", "opening_hours"}, Doc: text("小时数连续计，还是只在日历的营业时段内计", "whether hours run on, or only in the calendar's opening hours")},
			{Name: "missing_year", Kind: policy.Option, Words: []string{"error", "provisional"}, Doc: text("日历缺该年时：报错，或暂按周一至周五计并标明", "where the calendar lacks the year: an error, or plain weekdays, marked provisional")},
			{Name: "breach", Kind: policy.Code, Said: true, Doc: text("超期的违反代码，记在所适用期限的条款下", "the code of the breach when it runs over, filed under the deadline's article")},
			{Name: "liable", Kind: policy.Expressions, Element: true, Said: true, Doc: text("责任人：{角色: 表达式}", "who answers: {role: expression}")},
			{Name: "returned", Kind: policy.Expression, Wants: policy.KindMoment, Element: true, Doc: text("视同办结后客户又来的时刻", "when the customer came back after it was deemed done")},
			{Name: "on_return", Kind: policy.Option, Words: []string{"new_clock", "resume"}, Doc: text("客户又来时：重新起算，或续走余下期限", "on return: a new clock, or the rest of the old one")},
			{Name: "each", Kind: policy.Expression, Wants: policy.KindList, Doc: text("逐件计时的列表", "a list whose elements are each timed")},
			{Name: "id", Kind: policy.Expression, Element: true, Doc: text("每件的编号，与 each 同用", "the id of an element, with each")},
			{Name: "only", Kind: policy.Expression, Wants: policy.KindYesNo, Element: true, Doc: text("哪些计入，可用 due(到期时刻)", "which of them count; due is the moment it is due")},
			{Name: "deemed_counts", Kind: policy.Option, Words: []string{"in_time", "excluded", "late"}, Doc: text("视同办结的算按时、不计，还是算超时（与 each 同用）", "what one deemed done counts as, with each")},
		}, periodFields...),
		Outputs: []policy.Output{
			{Name: "start", Label: text("起算时间", "start"), Type: "moment", Doc: text("起算时刻", "when the clock started")},
			{Name: "due_date", Label: text("到期日", "due date"), Type: "date", Doc: text("到期日（工作日期限）", "the last day, of limits in days")},
			{Name: "due_at", Label: text("到期时刻", "due at"), Type: "moment", Doc: text("到期时刻（小时期限）", "the due moment, of limits in hours")},
			{Name: "due", Label: text("按时的最后一刻", "last moment in time"), Type: "moment", Doc: text("仍属按时的最后一刻", "the last instant in time")},
			{Name: "status", Label: text("状态", "status"), Type: "not_started, running, overdue, on_time, late, deemed_on_time", Doc: text("状态；有 pauses 的还有 paused，有 at_risk 提醒的还有 at_risk", "the status; paused as well where there are pauses, at_risk where an alert says so")},
			{Name: "begins", Label: text("开始计数的时间", "counting begins"), Type: "moment", Doc: text("从何时开始数，如下一整点（同 nominal）", "when counting begins, such as the next full hour, of the same clocks as nominal")},
			{Name: "nominal", Label: text("届满日（顺延前）", "last day before the end moved"), Type: "date", Doc: text("顺延之前的届满日（用到 direction 至 alerts 各键，或以周、月、年计的计时）", "the day on which it ended before the end moved, of clocks with the keys from direction to alerts, or in weeks, months or years")},
			{Name: "paused_days", Label: text("中止天数", "days paused"), Type: "count", Doc: text("停了几天（同上；以天计的期限）", "for how many days it stood still, likewise, of limits in days")},
			{Name: "paused_time", Label: text("中止时间", "time paused"), Type: "duration", Doc: text("停了多久（同上；以小时计的期限）", "for how long it stood still, likewise, of limits in hours")},
			{Name: "extended", Label: text("延期是否有效", "extension valid"), Type: "yes/no", Doc: text("延期是否有效；无延期为无", "whether the extension is valid; none without one")},
			{Name: "extension_defects", Label: text("延期的缺陷", "extension defects"), Type: "list of words", Doc: text("延期的缺陷", "what is wrong with the extension")},
			{Name: "restarted", Label: text("是否重新起算", "restarted"), Type: "yes/no", Doc: text("是否重新起算", "whether it runs again")},
			{Name: "restart_start", Label: text("重新起算时间", "start of the restart"), Type: "moment", Doc: text("重新起算时刻", "when it runs again")},
			{Name: "restart_due_date", Label: text("重新起算后的到期日", "due date after the restart"), Type: "date", Doc: text("重新起算后的到期日", "its last day then")},
			{Name: "restart_due_at", Label: text("重新起算后的到期时刻", "due at after the restart"), Type: "moment", Doc: text("重新起算后的到期时刻", "its due moment then")},
			{Name: "restart_due", Label: text("重新起算后按时的最后一刻", "last moment in time after the restart"), Type: "moment", Doc: text("重新起算后仍属按时的最后一刻", "the last instant in time then")},
			{Name: "restart_status", Label: text("重新起算后的状态", "status after the restart"), Type: "status", Doc: text("重新起算后的状态", "its status then")},
			{Name: "in_time", Label: text("按时的", "in time"), Type: "list of names", Doc: text("按时的编号（与 each 同用）", "the ids in time, with each")},
			{Name: "late", Label: text("超时的", "late"), Type: "list of names", Doc: text("超时的编号", "the ids late or overdue")},
			{Name: "not_yet_due", Label: text("未到期的", "not yet due"), Type: "list of names", Doc: text("未到期的编号", "the ids not yet due")},
		},
	}, Build: buildClock}
}

func deadlineForm() *form.Form {
	return &form.Form{Form: policy.Form{
		Name: "deadline", Section: "deadlines", PartOf: []string{"clock"},
		Doc: text("期限：多久、从何时起", "a limit: how long, and from when"),
		Fields: []policy.Field{
			{Name: "when", Kind: policy.Expression, Wants: policy.KindYesNo, Element: true, Doc: text("适用条件；计时有 each 的，可逐件不同，如 .priority == \"p1\"", "when it applies; where the clock has each, to each element by itself, as in .priority == \"p1\"")}, form.ExceptField,
			{Name: "within", Kind: policy.Quantity, Computed: true, Element: true, Doc: text("多久，如 5 working days、5个工作日、24 hours、24小时、1 month、3个月、8 opening hours、半年；与 due 择一", "how long: 5 working days, 24 hours, 8 opening hours, 2 weeks, 1 month; either this or due")},
			{Name: "due", Kind: policy.Expression, Wants: policy.KindMoment, Element: true, Doc: text("何时到期：时刻，或最后一天，如 contract.promised_at；无则未起算。中止不影响它，last_day 可使它顺延", "when it is due: a moment, or the last day, such as contract.promised_at; not started while there is none. Pauses do not move it; last_day may")},
			{Name: "from", Kind: policy.Expression, Wants: policy.KindMoment, Element: true, Doc: text("起算时刻，或起算日；无则未起算。写 due 的可以不写", "the start, a moment or a date; not started while there is none. May be left out beside due")},
			{Name: "calendar", Kind: policy.Calendar, Computed: true, Element: true, Doc: text("此期限另用的日历", "a calendar of its own")},
			{Name: "other_limit", Kind: policy.Quantity, Computed: true, Element: true, Doc: text("另一个可能的期限", "another limit that may count")},
			{Name: "takes", Kind: policy.Option, Words: []string{"own", "sooner", "later"}, Doc: text("取本期限、较早者还是较晚者", "which counts: its own, the sooner or the later")},
		},
	}}
}

func deemingForm() *form.Form {
	return &form.Form{Form: policy.Form{
		Name: "deeming", Section: "deemings", PartOf: []string{"clock"},
		Doc: text("视同：条件成立即视同按期办结", "deems the matter done in time while its condition holds"),
		Fields: []policy.Field{
			{Name: "when", Kind: policy.Expression, Wants: policy.KindYesNo, Element: true, Doc: text("对哪些事适用", "to which matters it applies")},
			{Name: "holds", Kind: policy.Expression, Wants: policy.KindYesNo, Required: true, Element: true, Doc: text("成立条件；due 为到期时刻", "its condition; due is the moment it is due")},
			{Name: "at", Kind: policy.Expression, Wants: policy.KindMoment, Element: true, Doc: text("视同办结的时刻", "the moment it is deemed done")},
		},
	}}
}

func extensionForm() *form.Form {
	return &form.Form{Form: policy.Form{
		Name: "extension", Section: "extensions", PartOf: []string{"clock"},
		Doc: text("延期：合乎条件的延期改变到期日；缺陷逐一列出", "an extension: a valid one moves the due date; every defect is listed"),
		Fields: []policy.Field{
			{Name: "when", Kind: policy.Expression, Wants: policy.KindYesNo, Required: true, Doc: text("何时算申请了延期", "when an extension was asked for")},
			{Name: "reason", Kind: policy.Expression, Doc: text("理由；不写则不须理由", "the reason; without it none is needed")},
			{Name: "requested_at", Kind: policy.Expression, Wants: policy.KindMoment, Doc: text("上报时刻；不写则何时上报都可", "when it was asked for; without it, it may be asked for at any time")},
			{Name: "approved_at", Kind: policy.Expression, Wants: policy.KindMoment, Doc: text("批准时刻；不写则何时批准都可", "when it was approved; without it, at any time")},
			{Name: "approved", Kind: policy.Expression, Wants: policy.KindYesNo, Doc: text("是否批准；不写则不须批准", "whether it was approved; without it no approval is needed")},
			{Name: "approver", Kind: policy.Expression, Wants: policy.KindWord, Doc: text("批准人的角色；与 approvers 同用", "the role of who approved; with approvers")},
			{Name: "approvers", Kind: policy.Codes, Doc: text("有权批准的角色；不写则谁批准都可", "the roles that may approve; without it, anybody")},
			{Name: "new_due_date", Kind: policy.Expression, Wants: policy.KindDate, Doc: text("批准的新到期日；与 new_due_at 不同时给出，同时给出的不判断", "the new last day; what has both this and new_due_at is refused")},
			{Name: "new_due_at", Kind: policy.Expression, Wants: policy.KindMoment, Doc: text("批准的新到期时刻", "the new due moment")},
			{Name: "times", Kind: policy.Expression, Wants: policy.KindCount, Doc: text("第几次延期", "which extension it is")},
			{Name: "requested_by", Kind: policy.Option, Words: []string{"due", "any_time"}, Doc: text("须何时之前上报", "by when it must be asked for")},
			{Name: "approved_by", Kind: policy.Option, Words: []string{"due", "any_time"}, Doc: text("须何时之前批准", "by when it must be approved")},
			{Name: "at_most", Kind: policy.Quantity, Doc: text("最多延多久（工作日）", "how long at most, in working days")},
			{Name: "at_most_times", Kind: policy.Number, Doc: text("最多延几次", "how often at most")},
			{Name: "breach", Kind: policy.Code, Said: true, Doc: text("经办人自身过错的违反代码", "the code of the breach when a defect is the staff's own")},
			{Name: "own_fault", Kind: policy.Codes, Doc: text("哪些缺陷属经办人自身过错", "which defects are the staff's own")},
		},
	}}
}

// dayFields say how days are counted. Limits in hours do not rest on them, but
// for the calendar where only its opening hours count.
var dayFields = []string{"calendar", "first_day", "last_day_ends", "after_closing", "closes", "missing_year"}

// clockUnit is a clock with its parts.
type clockUnit struct {
	part        *form.Part
	done        *condition.Program
	returned    *condition.Program
	resumes     bool
	breach      string
	liable      []form.NamedExpr
	deadlines   []deadlineRule
	whens       []*condition.Program
	parts       []*form.Part
	cases       *form.Alternatives
	deemings    []deemingRule
	extension   *extensionRule
	items       *itemRule
	dueLocal    int
	out         clockOutputs
	slots       []slotKind // every output
	marks       struct{ days, hours, calendar, again, deemed form.Mark }
	canBeDeemed bool        // there are deemings, in force or not
	period      *periodRule // nil for a clock that is timed by its limits alone
}

type slotKind struct {
	slot int
	kind value.Kind
}

type clockOutputs struct {
	start, dueDate, dueAt, due, status, extended, defects                            int
	restarted, restartStart, restartDueDate, restartDueAt, restartDue, restartStatus int
	inTime, late, notYetDue                                                          int
}

type deadlineRule struct {
	limit    sla.Limit
	other    sla.Limit // which may count instead
	hasOther bool
	takes    string
	words    policy.Text // the limit, or both, as explanations name them
	counter  sla.Counter
	wrong    error // why it cannot be counted
	period   *periodLimit
	from     *condition.Program
	broken   form.Mark
}

type deemingRule struct {
	part      *form.Part
	both      *form.Both
	holds, at *condition.Program
}

type extensionRule struct {
	part                                                                               *form.Part
	rule                                                                               sla.ExtensionRule
	when, reason, requested, approvedAt, approved, approver, newDate, newMoment, times *condition.Program
	breach                                                                             string
	ownFault                                                                           []string
	defective                                                                          form.Mark
}

// itemRule is what a clock over a list needs.
type itemRule struct {
	each     form.List
	id, only *condition.Program
	deemed   sla.Status // what one that is deemed done counts as
	chosen   bool       // each has a deadline of its own
}

var deemedCounts = map[string]sla.Status{"in_time": sla.OnTime, "excluded": nothing, "late": sla.Late}

var statusWords = []string{
	string(sla.NotStarted), string(sla.Running), string(sla.Overdue), string(sla.OnTime), string(sla.Late), string(sla.DeemedOnTime),
}

var defectWords = []string{
	string(sla.NoReason), string(sla.RequestedAfterDue), string(sla.ApprovedAfterDue), string(sla.ApproverNotAuthorised),
	string(sla.NotApproved), string(sla.TooLong), string(sla.TooOften),
}

func buildClock(b *form.Builder) form.Evaluator {
	p := b.Owner
	if p == nil {
		return nil
	}
	moment := &value.Type{Kind: value.Moment}
	c := &clockUnit{part: p, breach: p.Code("breach"), resumes: p.Option("on_return") == "resume"}
	if each := p.Expr("each"); each != nil {
		c.items = &itemRule{each: b.Each(each), id: p.Expr("id"), deemed: deemedCounts[p.Option("deemed_counts")]}
		if c.items.id == nil {
			p.Fail("id", "missing_key", text("缺少 \"id\"", "\"id\" is missing"), text("补上 id: .字段", "add id: .field"))
		}
	}
	c.done = p.Expr("done")
	if c.isPeriod(b, p) {
		c.buildPeriod(b, p)
	}
	counting := c.counting(b, p)
	c.marks.days, c.marks.hours, c.marks.calendar = p.Deferred(dayFields...), p.Deferred("hours_run"), p.Deferred("calendar", "missing_year")
	c.marks.again, c.marks.deemed = p.Deferred("on_return", "returned"), p.Deferred("deemed_counts")
	for _, x := range b.Parts {
		switch x.Rule.Form.Name {
		case "deadline":
			if c.period != nil {
				c.addPeriod(b, x, counting)
			} else {
				c.addDeadline(b, x, counting)
			}
		case "extension":
			if c.extension != nil {
				x.Fail("part_of", "cannot_be_part", text("一个计时只能有一条延期规则", "a clock has one extension rule at most"), text("合并为一条", "make them one"))
			}
			c.extension = c.newExtension(x)
		}
	}
	if e := c.extension; e != nil && e.rule.MaxWorkingDays > 0 {
		for _, d := range c.deadlines {
			if d.period == nil && d.counter.Calendar == nil {
				wantCalendar(d.counter.Counting, e.part, "at_most")
				break
			}
		}
	}
	c.dueLocal = b.Local("due", moment) // what is above decides it, and cannot use it
	for _, x := range b.Parts {
		if x.Rule.Form.Name == "deeming" {
			c.deemings = append(c.deemings, deemingRule{x, b.Both(x.Expr("when"), x.Expr("holds")), x.Expr("holds"), x.Expr("at")})
		}
	}
	if c.items != nil {
		c.items.only = p.Expr("only")
	}
	c.returned, c.liable = p.Expr("returned"), p.Exprs("liable")
	if len(c.deadlines) == 0 {
		p.Fail("done", "clock_without_deadline", text("计时之下没有期限", "no deadline is part of this clock"), text("写一条 deadlines，part_of 指向它", "write a deadline that is part_of it"))
	}
	c.cases = b.Alternatives(c.parts, c.whens)
	if c.items != nil {
		c.items.chosen = slices.ContainsFunc(c.whens, func(p *condition.Program) bool { return p != nil && p.LooksAtElement() })
	}
	o := &c.out
	c.canBeDeemed = b.EverHas("deeming")
	status := form.EngineWords("status", c.statusWords()...)
	day, yes := &value.Type{Kind: value.Date}, &value.Type{Kind: value.YesNo}
	names := checked.ListOf(&value.Type{Kind: value.Name})
	from := c.sources()
	o.start, o.dueDate, o.dueAt, o.due = b.Output("start", moment, from...), b.Output("due_date", day, from...), b.Output("due_at", moment, from...), b.Output("due", moment, from...)
	o.status, o.extended = b.Output("status", status), b.Output("extended", yes)
	o.defects = b.Output("extension_defects", checked.ListOf(form.EngineWords("extension_defect", defectWords...)))
	o.restarted, o.restartStart = b.Output("restarted", yes), b.Output("restart_start", moment)
	o.restartDueDate, o.restartDueAt = b.Output("restart_due_date", day), b.Output("restart_due_at", moment)
	o.restartDue, o.restartStatus = b.Output("restart_due", moment), b.Output("restart_status", status)
	o.inTime, o.late, o.notYetDue = b.Output("in_time", names), b.Output("late", names), b.Output("not_yet_due", names)
	c.slots = []slotKind{
		{o.start, value.Moment}, {o.dueDate, value.Date}, {o.dueAt, value.Moment}, {o.due, value.Moment}, {o.status, value.Word},
		{o.extended, value.YesNo}, {o.defects, value.List}, {o.restarted, value.YesNo}, {o.restartStart, value.Moment},
		{o.restartDueDate, value.Date}, {o.restartDueAt, value.Moment}, {o.restartDue, value.Moment}, {o.restartStatus, value.Word},
		{o.inTime, value.List}, {o.late, value.List}, {o.notYetDue, value.List},
	}
	if c.period != nil {
		c.declarePeriod(b, p)
	}
	return c
}

// sources are those of when the clock begins and is due; of one of many items, none,
// as these are lists.
func (c *clockUnit) sources() []condition.Source {
	if c.items != nil {
		return nil
	}
	var all []condition.Source
	for i, d := range c.deadlines {
		begins := d.from
		if d.period != nil && d.period.due != nil {
			begins = d.period.due
		}
		all = append(all, condition.Source{When: c.whens[i], Is: begins})
		if d.period != nil && d.period.own.Number() != nil {
			all = append(all, condition.Source{When: c.whens[i], Is: d.period.own.Number()})
		}
	}
	return all
}

func (c *clockUnit) counting(b *form.Builder, p *form.Part) sla.Counting {
	k := sla.Counting{
		Zone: b.Zone(), WorkingHours: p.Option("hours_run") == "opening_hours", Provisional: p.Option("missing_year") == "provisional",
	}
	if c.period == nil {
		k.Calendar, k.CountFirstDay = p.CalendarOf("calendar"), p.Option("first_day") == "counted"
		k.Zone, _ = b.ZoneOf(k.Calendar)
	}
	if end, ok := p.TimeOfDay("last_day_ends"); ok {
		k.DayEnds = end
		afterMidnight(p, "last_day_ends", end)
	}
	if p.Option("after_closing") == "next_working_day" {
		closes, ok := p.TimeOfDay("closes")
		if ok {
			afterMidnight(p, "closes", closes)
		} else {
			p.Fail("closes", "missing_key", text("缺少 \"closes\"", "\"closes\" is missing"), text("补上 closes: 每天几点关门", "add closes: the time of day at which it closes"))
		}
		k.AfterClosing, k.Closes = sla.AfterClosingNextWorkday, closes
	}
	if c.period == nil {
		wantHours(k, p, "hours_run")
	}
	return k
}

// wantCalendar reports that there is no calendar to count by.
func wantCalendar(k sla.Counting, p *form.Part, field string) {
	if k.Calendar == nil {
		p.Fail(field, "calendar_missing", text("这里数工作日或营业时间，规则书却没有写按哪个日历", "working days or opening hours are counted here, and the rulebook names no calendar"),
			text("在 rulebook 下写 calendar：中国大陆写 calendar: china，别处在 calendars 里声明一个", "write calendar: under rulebook, calendar: china for mainland China; else declare one under calendars"))
	}
}

// wantHours reports a calendar that lacks the hours that are to be counted.
func wantHours(k sla.Counting, p *form.Part, field string) {
	switch {
	case !k.WorkingHours:
	case k.Calendar == nil:
		wantCalendar(k, p, field)
	case !k.Calendar.HasHours():
		p.Fail(field, "calendar_without_hours", text("所用日历没有营业时段（hours）", "the calendar has no opening hours"), text("在 calendars 里补上 hours", "add hours to it under calendars"))
	}
}

// afterMidnight reports a day that would be over before it begins.
func afterMidnight(p *form.Part, field string, clock time.Duration) {
	if clock == 0 {
		p.Fail(field, source.CodeOutOfRange, text("一天不能在 00:00 结束", "a day cannot be over at 00:00"),
			text("半夜写 24:00", "midnight is 24:00"))
	}
}

func (c *clockUnit) addDeadline(b *form.Builder, x *form.Part, counting sla.Counting) {
	if x.Has("calendar") {
		counting.Calendar = x.CalendarOf("calendar")
	}
	zone, clocks := b.ZoneOf(counting.Calendar)
	counting.Zone = zone
	d := deadlineRule{from: x.Expr("from"), takes: x.Option("takes"), broken: c.part.BreachOf(x.Rule.Article, c.breach, "")}
	q, ok := x.Quantity("within")
	if ok {
		moreThanNone(x, "within", q.N)
	}
	wantLimit(x)
	d.limit, d.counter = limitOf(q), counting.Counter(clocks)
	if q, ok := x.Quantity("other_limit"); ok && d.takes != "own" {
		moreThanNone(x, "other_limit", q.N)
		d.other, d.hasOther = limitOf(q), true
	}
	inDays := d.limit.CalendarDays != 0 || d.other.CalendarDays != 0
	if d.limit.WorkingDays != 0 || inDays && counting.AfterClosing == sla.AfterClosingNextWorkday {
		wantCalendar(counting, x, "within")
	}
	if d.other.WorkingDays != 0 {
		wantCalendar(counting, x, "other_limit")
	}
	d.words, d.wrong = d.inWords(x.CalendarLabel(counting.Calendar)), d.check()
	if x.Has("calendar") && (d.limit.Duration != 0 || d.other.Duration != 0) {
		wantHours(counting, x, "calendar")
	}
	c.parts = append(c.parts, x)
	c.whens = append(c.whens, x.WhenOrOfElement())
	c.deadlines = append(c.deadlines, d)
}

// wantLimit reports a deadline that says neither how long it is from when, nor
// when it is due, or both.
func wantLimit(x *form.Part) {
	due := x.Has("due")
	switch {
	case due && (x.Has("within") || x.Has("other_limit")):
		x.Fail("due", "deadline_unclear", text("within 与 due 只写一个", "a deadline has either within or due"),
			text("要数出来的写 within 与 from，已定下的写 due；两者取先到的，due 里写 earliest(…)", "write within and from for what is counted, due for what is laid down; for the sooner of two, write due: earliest(…)"))
	case !due && !x.Has("within"):
		x.Fail("within", "missing_key", text("缺少 \"within\"", "\"within\" is missing"), text("补上 within: 期限多长，或 due: 何时到期", "add within: how long it is, or due: when it is due"))
	case !due && !x.Has("from"):
		x.Fail("from", "missing_key", text("缺少 \"from\"", "\"from\" is missing"), text("补上 from: 起算时刻或起算日", "add from: the moment or the day of its start"))
	}
}

func limitOf(q source.Quantity) sla.Limit {
	if d, ok := q.Duration(); ok {
		return sla.Limit{Duration: d}
	}
	if q.Unit == source.CalendarDays {
		return sla.Limit{CalendarDays: int(min(q.N, math.MaxInt))}
	}
	return sla.Limit{WorkingDays: int(min(q.N, math.MaxInt))}
}

// moreThanNone reports a limit that nothing could keep.
func moreThanNone(x *form.Part, field string, n int64) {
	if n < 1 {
		x.Fail(field, source.CodeOutOfRange, diagnostic.Textf("%d 小于 1", "%d is less than 1", n), text("写 1 或更大的数", "write 1 or more"))
	}
}

func (c *clockUnit) newExtension(x *form.Part) *extensionRule {
	e := &extensionRule{
		part: x, when: x.Expr("when"), reason: x.Expr("reason"), requested: x.Expr("requested_at"), approvedAt: x.Expr("approved_at"),
		approved: x.Expr("approved"), approver: x.Expr("approver"), newDate: x.Expr("new_due_date"), newMoment: x.Expr("new_due_at"),
		times: x.Expr("times"), breach: x.Code("breach"), ownFault: x.Codes("own_fault"),
	}
	e.defective = x.Breach(e.breach, "")
	e.rule.Approvers = x.Codes("approvers")
	x.CheckWords("approvers", e.rule.Approvers, form.WordsOf(e.approver))
	x.CheckWords("own_fault", e.ownFault, &value.Words{Each: defectWords})
	if len(e.rule.Approvers) > 0 && !x.Has("approver") {
		x.Fail("approvers", "missing_key", text("缺少 \"approver\"", "\"approver\" is missing"), text("补上 approver: 批准人的角色", "add approver: the role of who approved"))
	}
	if x.Option("requested_by") == "any_time" || !x.Has("requested_at") {
		e.rule.RequestedBy = sla.AnyTime
	}
	if x.Option("approved_by") == "any_time" || !x.Has("approved_at") {
		e.rule.ApprovedBy = sla.AnyTime
	}
	if n, ok := x.WorkingDays("at_most"); ok {
		e.rule.MaxWorkingDays = int(min(n, math.MaxInt))
		moreThanNone(x, "at_most", n)
	}
	if x.Has("at_most_times") {
		n := x.Int("at_most_times", 1)
		e.rule.MaxTimes = int(min(n, math.MaxInt))
		moreThanNone(x, "at_most_times", n)
	}
	return e
}
