package console

import (
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/servicerules/rulebook/policy"
)

// chart is what went on record about one question, month by month. Lengths are
// in the units of an SVG.
type chart struct {
	Title, Spoken string
	Width, Height int
	Bars          []chartBar
	This, Mean    string // of this month; of a month before it, since the first that has anything
	Base, LabelY  float64
	Href          string
}

// chartBar is a month: so many, of which a part is told apart.
type chartBar struct {
	X, Y, W, H   float64
	PartY, PartH float64
	Middle, TopY float64 // of its number
	Label        string  // of the month, "" where there is no room
	Spoken, Href string
	Now          bool // the latest
	N, Part      int
}

// chartsMost is how many questions are drawn: those with the most records.
const chartsMost = 6

const monthLayout = "2006-01"

// charts are the questions with the most records in the last months, this month
// beside the twelve before it.
func (c *Console) charts(ctx context.Context, v *viewer, now time.Time) ([]chart, string, error) {
	local := now.In(v.book.Zone)
	year, month, _ := local.Date()
	starts := make([]time.Time, monthsCharted+1)
	for i := range starts {
		starts[i] = time.Date(year, month+time.Month(i-monthsCharted+1), 1, 0, 0, 0, 0, v.book.Zone)
	}
	type counts struct{ all, open [monthsCharted]int }
	of := map[string]*counts{}
	totals := map[string]int{}
	for i := range monthsCharted {
		tallies, err := c.service.Store.Tallies(ctx, starts[i], starts[i+1])
		if err != nil {
			return nil, "", err
		}
		for _, t := range tallies {
			n := of[t.Question]
			if n == nil {
				n = &counts{}
				of[t.Question] = n
			}
			n.all[i] += t.Records
			totals[t.Question] += t.Records
			if t.Verdict == policy.Undetermined || t.Verdict == "" {
				n.open[i] += t.Records
			}
		}
	}
	var names []string
	for _, q := range v.book.Questions {
		if of[q.ID] != nil {
			names = append(names, q.ID)
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return totals[b] - totals[a] })
	var all []chart
	for _, name := range names[:min(len(names), chartsMost)] {
		q, _ := v.book.Question(name)
		all = append(all, v.chart(q, starts, of[name].all[:], of[name].open[:]))
	}
	return all, starts[0].Format(monthLayout) + " – " + local.Format(monthLayout), nil
}

func (v *viewer) chart(q *policy.Question, starts []time.Time, all, open []int) chart {
	c := v.drawn(sentence(q.Title.In(v.lang)), starts, all, open, v.pick("，其中未定 ", ", undetermined "), func(i int) string { return monthAddress(q.ID, starts[i], starts[i+1]) })
	c.Href = "/decisions?" + url.Values{"question": {q.ID}}.Encode()
	return c
}

// drawn is a chart of numbers by month, of which a part is told apart.
func (v *viewer) drawn(title string, starts []time.Time, all, part []int, partly string, href func(int) string) chart {
	const width, height, top, foot = 338, 96, 16.0, 18.0
	c := chart{Title: title, Width: width, Height: height, Base: height - foot, LabelY: height - 4}
	most, before, months := slices.Max(all), 0, 0 // months since the first that has anything, before the latest
	w := float64(width) / float64(len(all))
	for i, n := range all {
		last := i == len(all)-1
		if before += n; last {
			before -= n
		} else if before > 0 {
			months++
		}
		x := chartBar{X: round(float64(i)*w + 2), W: round(w - 4), Middle: round(float64(i)*w + w/2), N: n, Part: part[i], Now: last, Href: href(i)}
		scale := (c.Base - top) / float64(max(most, 1))
		x.H, x.PartH = round(float64(n)*scale), round(float64(part[i])*scale)
		x.Y, x.PartY = round(c.Base-x.H), round(c.Base-x.PartH)
		x.TopY = round(x.Y - 3)
		if m := starts[i].Month(); i == 0 || last || i > 1 && (m == time.January || m == time.July) {
			x.Label = starts[i].Format("01")
			if i == 0 || m == time.January {
				x.Label = starts[i].Format("06-01")
			}
		}
		x.Spoken = starts[i].Format(monthLayout) + v.pick("：", ": ") + itoa(n)
		if part[i] > 0 {
			x.Spoken += partly + itoa(part[i])
		}
		c.Bars = append(c.Bars, x)
	}
	c.This = itoa(all[len(all)-1])
	if c.Mean = v.pick("尚无", "nothing yet"); months > 0 {
		tenths := (before*10 + months/2) / months
		c.Mean = itoa(tenths/10) + "." + itoa(tenths%10)
	}
	c.Spoken = c.Title + v.pick("：最近一月 ", ": the latest month ") + c.This + v.pick("，此前平均每月 ", ", before a month on average ") + c.Mean
	return c
}
