package load

import (
	"regexp"
	"slices"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
)

// What is chosen by date.

// checkDates checks the dates of {by: date, …}: they ascend, and the first
// value holds from the first day of the rulebook on.
func (l *loader) checkDates(n *source.Node) bool {
	sound := true
	var last, early *source.Node // the one before, and that which holds when the rulebook begins
	var lastDate date.Date
	b := l.book
	misread := false // a day that may be the first
	for at, e := range n.Entries {
		if e.Key.Text == "by" {
			continue
		}
		if l.cutNumber(n, at) || l.dayWithoutColon(e) {
			sound, misread = false, true
			continue
		}
		d, is := l.day(e.Key)
		if !is {
			sound, misread = false, true
			continue
		}
		switch {
		case last == nil:
			if b.From != 0 && d > b.From {
				sound = false
				if misread || l.holdsFrom(n, b.From) {
					break // the dates are but out of order, as is said at the next
				}
				l.fail("dates_gap", e.Key, diagnostic.Textf("规则书从 %v 起生效，到 %v 之前没有值", "the rulebook is in force from %v on, and before %v there is no value", b.From, d),
					diagnostic.Textf("补上 %v: …", "add %v: …", b.From))
			}
		case d <= lastDate:
			sound = false
			l.fail("dates_not_ascending", e.Key, diagnostic.Textf("日期 %v 没有排在 %v 之后", "the date %v does not follow %v", d, lastDate),
				diagnostic.Textf("按日期先后排列", "put the dates in ascending order"))
		case d <= b.From:
			l.neverApplies(last)
		}
		if b.To != 0 && d > b.To {
			l.neverApplies(e.Key)
		}
		if d < b.From {
			early = e.Key
		} else if d == b.From {
			early = nil
		}
		last, lastDate = e.Key, max(lastDate, d)
	}
	if early != nil && sound {
		l.warn("date_before_in_force", early, diagnostic.Textf("规则书从 %[1]v 起才生效，%[2]s 起的值在那之前用不到：更早的事不予判定", "the rulebook is in force from %[1]v on: before that, the value from %[2]s on is not used, and earlier matters are not judged", b.From, early.Text),
			diagnostic.Textf("这里改成规则书起效之日，或把 rulebook.in_force 改早", "write the day from which the rulebook is in force here, or have rulebook.in_force begin earlier"))
	}
	if len(n.Entries) < 2 {
		sound = false
		l.fail("missing_option", n.Get("by"), diagnostic.Textf("by: date 之下没有日期", "by: date has no dates"), diagnostic.Textf("补上“日期: 值”", "add date: value"))
	}
	return sound
}

// holdsFrom reports whether any of the dates is no later than the day.
func (l *loader) holdsFrom(n *source.Node, day date.Date) bool {
	return slices.ContainsFunc(n.Entries, func(e source.Entry) bool {
		d, err := source.Date(e.Key.Text)
		return err == nil && d <= day
	})
}

func (l *loader) neverApplies(date *source.Node) {
	l.warn("date_never_applies", date, diagnostic.Textf("规则书生效期间用不到 %s 的值", "the value of %s never applies while the rulebook is in force", date.Text),
		diagnostic.Textf("删去它，或改正日期", "remove it, or correct the date"))
}

var dayAndMore = regexp.MustCompile(`^([0-9]{4}-[0-9]{2}-[0-9]{2})[ =，,;]+([^ ].*)$`)

// dayWithoutColon reports a day whose value stands behind it without a colon.
func (l *loader) dayWithoutColon(e source.Entry) bool {
	m := dayAndMore.FindStringSubmatch(e.Key.Text)
	if m == nil || e.Value.Kind != source.Empty {
		return false
	}
	l.fail(source.CodeNotADate, e.Key, diagnostic.Textf("%s 之后少了冒号", "there is no colon behind %s", m[1]), diagnostic.Textf("写 %s: %s", "write %s: %s", m[1], m[2]))
	return true
}
