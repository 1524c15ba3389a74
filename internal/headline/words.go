package headline

import (
	"strconv"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/kpi"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla"
)

func pick(lang, zh, en string) string { return policy.Text{ZH: zh, EN: en}.In(lang) }

// Due is when something is due: the day, or the moment in a zone.
func Due(d sla.Due, zone *time.Location) string {
	if d.IsDate {
		return d.Date.String()
	}
	return wording.Moment(d.End.In(zone))
}

// Left is how much time is left, in whole minutes, hours or days, or by how much it
// is over, where it is negative.
func Left(d time.Duration, lang string) string {
	past := d < 0
	if past {
		d = -d
	}
	const twoDays = 48 * time.Hour
	n, zh, en := int(d/time.Hour), "小时", " h"
	if d < time.Hour {
		n, zh, en = int(d/time.Minute), "分钟", " min"
	}
	if d >= twoDays {
		n, zh, en = int(d/(24*time.Hour)), "天", " days"
	}
	text := strconv.Itoa(n) + pick(lang, zh, en)
	if past {
		return pick(lang, "已超 "+text, text+" over")
	}
	return pick(lang, "还有 "+text, text+" left")
}

var bounds = map[kpi.BoundKind]policy.Text{
	kpi.Below: {ZH: "须低于 ", EN: "below "}, kpi.AtMost: {ZH: "不得超过 ", EN: "at most "}, kpi.Above: {ZH: "须高于 ", EN: "above "},
	kpi.AtLeast: {ZH: "不得低于 ", EN: "at least "}, kpi.Exactly: {ZH: "须恰为 ", EN: "exactly "},
}

// Bound is what an indicator has to be: "below 0.1%".
func Bound(b kpi.Bound, lang string) string {
	const exact = 6 // places
	return bounds[b.Kind].In(lang) + trimmed(b.Limit.Percent(exact))
}

// Percent is a percentage with as many places as it takes to be seen on its side
// of the limit: 4 of 4003 are not 0.1 %.
func Percent(r, limit kpi.Ratio) string {
	const fewest, most = 3, 9
	for digits := fewest; digits < most; digits++ {
		if text := r.Percent(digits); r.Compare(limit) == 0 || text != limit.Percent(digits) {
			return trimmed(text)
		}
	}
	return trimmed(r.Percent(most))
}

// trimmed is a percentage without zeros that say nothing.
func trimmed(percent string) string {
	text := strings.TrimSuffix(percent, "%")
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text + "%"
}
