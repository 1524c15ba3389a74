package whatif

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/factset"
	"github.com/servicerules/rulebook/internal/probe"
	"github.com/servicerules/rulebook/internal/run"
	"github.com/servicerules/rulebook/policy"
)

// landmarks are values where a verdict may turn: those that stand in the rules,
// in the facts and in the answer.
type landmarks struct {
	zone    *time.Location
	numbers []int64
	moments []time.Time // a day is its first moment
	names   []string
}

func landmarksOf(book *rulebook.Book, q *policy.Question, facts factset.Tree, a *rulebook.Answer) landmarks {
	zone := run.Of(book).Book().Zone
	l := landmarks{zone: zone, numbers: probe.NumbersIn(book)}
	l.moments, _ = probe.TimesIn(zone, book)
	for _, p := range factset.Places(q, facts) {
		if n, ok := numberOf(p.Value); ok {
			l.numbers = append(l.numbers, n)
		}
		text := textOf(p.Value)
		if t, ok := l.moment(text); ok {
			l.moments = append(l.moments, t)
		} else if (p.Fact.TypeName == "name" || p.Fact.TypeName == "article") && text != "" && !slices.Contains(l.names, text) {
			l.names = append(l.names, text)
		}
	}
	if a.Error == nil {
		for v := range a.Values() {
			if t, ok := l.moment(strings.Trim(string(v.AppendJSON(nil)), `"`)); ok {
				l.moments = append(l.moments, t)
			}
		}
		for _, s := range a.Steps("en") {
			for _, c := range s.Claims {
				for _, term := range []policy.Term{c.Left, c.Right} {
					if t, ok := l.moment(term.Value); ok {
						l.moments = append(l.moments, t)
					}
				}
			}
		}
	}
	return l
}

// moment reads a moment, or the beginning of a day or month.
func (l *landmarks) moment(text string) (time.Time, bool) {
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return t.In(l.zone), true
	}
	for _, layout := range []string{time.DateOnly, yearMonth} {
		if t, err := time.ParseInLocation(layout, text, l.zone); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

const yearMonth = "2006-01"

// secondsOfDay and the like are the units of lines of time.
const (
	secondsOfDay = 24 * 60 * 60
	daysOfYear   = 366
	monthsOfYear = 12
	yearsAway    = 10 // how far from a date is looked
)

// line is where the value of a place may lie; false where it has no order. Of a
// moment that is not given, it begins at the latest that the facts name.
func (l *landmarks) line(p factset.Place) (line, bool) {
	switch p.Fact.TypeName {
	case "count", "number", "year":
		at, _ := numberOf(p.Value)
		least := int64(0)
		if p.Fact.TypeName == "number" {
			least = -farthestNumber
		}
		return whole(at, least, l.numbers, func(n int64) any { return json.Number(strconv.FormatInt(n, 10)) }), true
	case "money":
		return l.amounts(p)
	case "moment", "date", "month":
		at, given := l.moment(textOf(p.Value))
		if own, err := time.Parse(time.RFC3339Nano, textOf(p.Value)); err == nil { // in the offset that it is written in
			at = own
		}
		if !given {
			if len(l.moments) == 0 {
				return line{}, false
			}
			at = slices.MaxFunc(l.moments, func(a, b time.Time) int { return a.Compare(b) })
		}
		return l.times(p.Fact.TypeName, at), true
	}
	return line{}, false
}

// amounts is the line of amounts of money in the smallest unit of its currency.
func (l *landmarks) amounts(p factset.Place) (line, bool) {
	at, err := policy.ReadMoney(textOf(p.Value), p.Fact.Currency)
	if err != nil {
		at = policy.Money{Currency: p.Fact.Currency}
	}
	if at.Currency == "" {
		return line{}, false
	}
	var near []int64
	for _, n := range l.numbers {
		if of, err := policy.ReadMoney(strconv.FormatInt(n, 10), at.Currency); err == nil {
			near = append(near, of.Minor)
		}
	}
	named := strings.Contains(textOf(p.Value), " ")
	return whole(at.Minor, 0, near, func(n int64) any {
		text := policy.Money{Minor: n, Currency: at.Currency}.String()
		if amount, _, _ := strings.Cut(text, " "); !named && p.Fact.Currency != "" {
			return amount
		}
		return text
	}), true
}

// times is the line of moments in seconds, of dates in days, of months in
// months.
func (l *landmarks) times(kind string, at time.Time) line {
	var out line
	unit := func(of func(t time.Time) int64) {
		for _, t := range l.moments {
			out.near = append(out.near, of(t))
		}
	}
	days := func(t time.Time) int64 {
		y, m, d := t.Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / secondsOfDay
	}
	months := func(t time.Time) int64 { return int64(t.Year())*monthsOfYear + int64(t.Month()) }
	switch kind {
	case "moment":
		out.most, out.scale = yearsAway*daysOfYear*secondsOfDay, daysOfYear*secondsOfDay
		out.at = func(d int64) (any, bool) {
			return at.Add(time.Duration(d) * time.Second).Format(time.RFC3339Nano), true
		}
		unit(func(t time.Time) int64 { return int64(t.Sub(at) / time.Second) })
	case "date":
		out.most, out.scale = yearsAway*daysOfYear, daysOfYear
		out.at = func(d int64) (any, bool) { return at.AddDate(0, 0, int(d)).Format(time.DateOnly), true }
		unit(func(t time.Time) int64 { return days(t) - days(at) })
	default:
		out.most, out.scale = yearsAway*monthsOfYear, monthsOfYear
		out.at = func(d int64) (any, bool) {
			return time.Date(at.Year(), at.Month()+time.Month(d), 1, 0, 0, 0, 0, time.UTC).Format(yearMonth), true
		}
		unit(func(t time.Time) int64 { return months(t) - months(at) })
	}
	return out
}

// some is a value that a fact may have, to begin with: of words the first, of
// moments the latest that the facts name; of a record one of each field. False
// where nothing can be made up.
func (l *landmarks) some(f *policy.Fact) (any, bool) {
	if f.Words != nil {
		return f.Words.Words[0], true
	}
	switch f.TypeName {
	case "yes_no":
		return false, true
	case "list":
		return []any{}, true
	case "name", "text":
		return "A1", true
	case "record":
		record := factset.Tree{}
		for _, x := range f.Fields {
			if v, ok := l.some(x); ok {
				record[x.Name] = v
			}
		}
		return record, true
	}
	line, ok := l.line(factset.Place{Path: factset.Path{f.Name}, Fact: f})
	if !ok {
		return nil, false
	}
	return line.at(0)
}
