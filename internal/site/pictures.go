package site

import (
	"fmt"
	"html/template"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/plainwords"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// Pictures are drawn of what stands in a rule as the readings of the book have it.
// What a picture shows, the sentence beside it says as well; so a rule whose
// numbers are computed has none.

// pictures draws a rule, where there is something to see.
func (s *speaker) pictures(r *checked.Rule) []template.HTML {
	item, _ := s.b.ResolveRule(r.Node, checked.Selection{On: s.b.Boundaries[len(s.b.Boundaries)-1]})
	switch r.Form.Name {
	case "deadline":
		return s.limit(r, item)
	case "ladder":
		return s.ladder(r, item)
	case "tariff":
		return s.tariff(r, item)
	case "indicator":
		return s.indicator(item)
	case "range":
		return s.span(item)
	}
	return nil
}

// width is how wide pictures are, in the units of an SVG, which are about pixels.
const width = 400

// drawing is a picture in the making.
type drawing struct{ strings.Builder }

func (d *drawing) rect(class string, x, y, w, h int) {
	fmt.Fprintf(d, `<rect class="%s" x="%d" y="%d" width="%d" height="%d" rx="3"/>`, class, x, y, w, h)
}

func (d *drawing) line(class string, x1, y1, x2, y2 int) {
	fmt.Fprintf(d, `<line class="%s" x1="%d" y1="%d" x2="%d" y2="%d"/>`, class, x1, y1, x2, y2)
}

// text writes a text; anchor is start, middle or end.
func (d *drawing) text(class, anchor string, x, y int, text string) {
	fmt.Fprintf(d, `<text class="%s" text-anchor="%s" x="%d" y="%d">%s</text>`, class, anchor, x, y, template.HTMLEscapeString(text))
}

// done is the picture with what it shows in words, for those who do not see it.
func (d *drawing) done(height int, shows string) template.HTML {
	return d.wide(width, height, shows)
}

// wide is done of a picture that is wider than others.
func (d *drawing) wide(width, height int, shows string) template.HTML {
	return template.HTML(fmt.Sprintf(`<svg viewBox="0 0 %d %d" role="img" aria-label="%s">%s</svg>`, width, height, template.HTMLEscapeString(shows), d.String())) //nolint:gosec // every text was escaped
}

// caption is what stands below a picture.
func caption(text string) template.HTML {
	return template.HTML(`<figcaption>` + template.HTMLEscapeString(text) + `</figcaption>`) //nolint:gosec // escaped
}

// scalarAt is the text under a key; "" where there is none.
func scalarAt(i *checked.Item, key string) string {
	if x := i.Get(key); x != nil && x.Kind == source.Scalar {
		return x.Text
	}
	return ""
}

// limit draws a limit: its days as boxes, or its hours as a bar.
func (s *speaker) limit(r *checked.Rule, item *checked.Item) []template.HTML {
	q, err := source.ParseQuantity(scalarAt(item, "within"))
	clock := s.b.RulesByName[r.PartOf]
	if n := r.Node.Get("within"); checked.IsBy(n) && s.b.ReadingsByKey[n.Get("by").Text] == nil {
		return nil // several limits, by a date or by words
	}
	if err != nil || q.N < 1 || clock == nil {
		return nil
	}
	of, _ := s.b.ResolveRule(clock.Node, checked.Selection{On: s.b.Boundaries[len(s.b.Boundaries)-1]})
	if direction := scalarAt(of, "direction"); direction != "" && direction != "after" {
		return nil
	}
	length := pick(s.lang, plainwords.Spaced(plainwords.Quantity(q.String()).ZH), q.String())
	switch q.Unit {
	case source.WorkingDays, source.CalendarDays:
		first := scalarAt(of, "first_day")
		if first != "" && first != "counted" && first != "not_counted" {
			return nil
		}
		ends := scalarAt(of, "last_day_ends")
		if ends == "" {
			ends = "24:00"
		}
		return []template.HTML{s.days(int(q.N), first == "counted", ends, length, q.Unit == source.WorkingDays)}
	case source.Hours:
		return []template.HTML{s.hours(int(q.N), length)}
	}
	return nil
}

// days draws days as boxes, those in the middle of many left out.
func (s *speaker) days(n int, counted bool, ends, length string, working bool) template.HTML {
	const most, left = 8, 4
	var labels []string
	if !counted {
		labels = append(labels, "0")
	}
	for i := 1; i <= n; i++ {
		if n > most && i == left+1 {
			labels = append(labels, "…")
			i = n - 2
			continue
		}
		labels = append(labels, strconv.Itoa(i))
	}
	d := &drawing{}
	const top, box, gap = 26, 34, 4
	w := min(48, (width-20)/len(labels)-gap)
	for i, label := range labels {
		x := i * (w + gap)
		class, text := "soft", "q"
		switch {
		case label == "0":
			class, label = "back", s.pick("当日", "start")
		case i == len(labels)-1:
			class, text = "fill", "on"
		case label != "…":
			text = ""
		}
		if label != "…" {
			d.rect(class, x, top, w, box)
		}
		d.text(text, "middle", x+w/2, top+box/2+5, label)
	}
	end := len(labels)*(w+gap) - gap
	d.line("rule-line", end, top-6, end, top+box+4)
	d.text("", "end", end, top-10, ends)
	d.text("q", "start", 0, top-10, s.pick("起算", "starts"))
	shows := s.pick("从起算到末日 "+ends+"，共 "+length, length+" from the start to "+ends+" of the last day")
	picture := d.done(top+box+8, shows)
	if working { // whether the first day counts the sentence says, and the picture
		picture += caption(s.pick("只数工作日，中间的休息日跳过。", "Only working days are counted; days off in between are passed over."))
	}
	return picture
}

// hours draws hours as a bar with a mark for every day, or quarter of the limit.
func (s *speaker) hours(n int, length string) template.HTML {
	d := &drawing{}
	const top, bar, right = 26, 14, width - 20
	d.rect("soft", 0, top, right, bar)
	step := 24
	if n <= step || n%step != 0 || n/step > 14 {
		step = 0
	}
	if step > 0 {
		for h := step; h < n; h += step {
			x := right * h / n
			d.line("rule-line", x, top, x, top+bar)
			d.text("q", "middle", x, top+bar+16, "+"+strconv.Itoa(h))
		}
	}
	d.rect("fill", right-3, top-6, 3, bar+12)
	d.text("q", "start", 0, top-10, s.pick("起算", "starts"))
	d.text("", "end", right, top-10, s.pick("起算后 "+length, length+" after"))
	return d.done(top+bar+22, s.pick("从起算的那一刻起 "+length, length+" from the moment of the start"))
}

var decimalIn = regexp.MustCompile(`-?\d+(?:\.\d+)?`)

// scaled are heights for texts that begin with numbers, the greatest being high;
// nil where one is no number.
func scaled(texts []string, high int64) []int {
	numbers := make([]*big.Rat, len(texts))
	greatest := new(big.Rat)
	for i, text := range texts {
		n, ok := new(big.Rat).SetString(decimalIn.FindString(text))
		if !ok || n.Sign() < 0 {
			return nil
		}
		numbers[i] = n
		if n.Cmp(greatest) > 0 {
			greatest = n
		}
	}
	if greatest.Sign() == 0 {
		return nil
	}
	heights := make([]int, len(texts))
	for i, n := range numbers {
		h := new(big.Rat).Mul(new(big.Rat).Quo(n, greatest), new(big.Rat).SetInt64(high))
		heights[i] = int(new(big.Int).Quo(h.Num(), h.Denom()).Int64())
	}
	return heights
}

// ladder draws the amounts of each level by occurrence, all to one scale.
func (s *speaker) ladder(r *checked.Rule, item *checked.Item) []template.HTML {
	tiers := item.Get("tiers")
	if tiers == nil {
		return nil
	}
	var amounts, below []string
	var ends []int // of levels, in amounts
	var levels []string
	for _, tier := range tiers.Entries {
		rows := tier.Value.Get("rows")
		if rows == nil {
			return nil
		}
		var starts []int
		for _, row := range rows.Items {
			n, err := strconv.Atoi(scalarAt(row, "from"))
			if err != nil || n < 1 || n > 12 {
				return nil
			}
			starts = append(starts, n)
		}
		if len(starts) == 0 {
			return nil
		}
		row := 0
		last := starts[len(starts)-1]
		for n := 1; n <= last; n++ {
			for row+1 < len(starts) && starts[row+1] <= n {
				row++
			}
			amounts = append(amounts, scalarAt(rows.Items[row], "amount"))
			label := strconv.Itoa(n)
			if n == last {
				label = s.pick(label+"起", label+"+")
			}
			below = append(below, label)
		}
		ends = append(ends, len(amounts))
		levels = append(levels, s.levelLabel(r, tier.Key.Text))
	}
	const high, top, gap = 90, 20, 3
	heights := scaled(amounts, high)
	if heights == nil || len(amounts) > 16 {
		return nil
	}
	d := &drawing{}
	between := 16
	w := (width - between*(len(ends)-1)) / len(amounts)
	w = min(w, 44)
	x, from := 0, 0
	var spoken []string
	for i, end := range ends {
		start := x
		for k := from; k < end; k++ {
			h := max(heights[k], 2)
			d.rect("soft", x, top+high-h, w-gap, h)
			if h >= 2 {
				d.rect("fill", x, top+high-h, w-gap, 2)
			}
			d.text("", "middle", x+(w-gap)/2, top+high-h-6, amounts[k])
			d.text("q", "middle", x+(w-gap)/2, top+high+15, below[k])
			x += w
		}
		d.line("rule-line", start, top+high, x-gap, top+high)
		const letters, each = 24, 7 // of a label, and how wide one of them is
		label := short(levels[i], letters)
		d.text("q", "start", start, top+high+34, label)
		spoken = append(spoken, levels[i]+" "+strings.Join(amounts[from:end], s.pick("、", ", ")))
		x = max(x, start+each*lettersOf(label)) + between
		from = end
	}
	return []template.HTML{d.wide(max(width, x-between), top+high+42, strings.Join(spoken, s.pick("；", "; "))) + caption(s.pick("每次的金额，按层级和第几次。", "The amount of each occurrence, by level."))}
}

// levelLabel is a level as the fact or rule that gives it calls it.
func (s *speaker) levelLabel(_ *checked.Rule, word string) string {
	for _, w := range s.b.Words {
		if label, ok := w.Labels[word]; ok {
			return s.text(label)
		}
	}
	return word
}

// short is a text of so many letters at most; one of Chinese is as wide as two.
func short(text string, letters int) string {
	for i := range text {
		if lettersOf(text[:i]) > max(letters, 6) {
			return text[:i] + "…"
		}
	}
	return text
}

// lettersOf is how many letters wide a text is.
func lettersOf(text string) int {
	n := 0
	for _, r := range text {
		n++
		if r >= 0x2e80 {
			n++
		}
	}
	return n
}

// tariff draws the rate of each bracket, brackets being equally wide.
func (s *speaker) tariff(_ *checked.Rule, item *checked.Item) []template.HTML {
	list := item.Get("brackets")
	if list == nil || len(list.Items) > 8 {
		return nil
	}
	var rates, ends []string
	for _, b := range list.Items {
		rates, ends = append(rates, scalarAt(b, "rate")), append(ends, scalarAt(b, "up_to"))
	}
	const high, top = 80, 20
	heights := scaled(rates, high)
	if heights == nil {
		return nil
	}
	d := &drawing{}
	w := (width - 20) / len(rates)
	for i, rate := range rates {
		x, h := i*w, max(heights[i], 2)
		d.rect("soft", x, top+high-h, w-2, h)
		d.rect("fill", x, top+high-h, w-2, 2)
		d.text("", "middle", x+w/2, top+high-h-6, short(rate, w/7))
		if ends[i] != "" {
			d.text("q", "middle", x+w-1, top+high+15, short(ends[i], w/7))
		}
	}
	d.line("rule-line", 0, top+high, len(rates)*w-2, top+high)
	return []template.HTML{d.done(top+high+22, strings.Join(rates, s.pick("、", ", "))) + caption(s.pick("各段的单价；段宽不按比例。", "The rate of each bracket; their widths are not to scale."))}
}

// indicator draws on which side of its bound an indicator is met.
func (s *speaker) indicator(item *checked.Item) []template.HTML {
	met := s.pick("达标", "met")
	if label, ok := s.b.Wordings["met"]; ok {
		met = s.text(label)
	}
	for _, x := range []struct {
		key         string
		from, to    int // of a hundred
		bound       int
		sign, words string
	}{
		{"below", 0, 50, 50, "<", s.pick("低于", "below")}, {"at_most", 0, 50, 50, "≤", s.pick("不超过", "at most")},
		{"above", 50, 100, 50, ">", s.pick("高于", "above")}, {"at_least", 50, 100, 50, "≥", s.pick("不低于", "at least")}, {"exactly", 97, 100, 97, "=", s.pick("恰为", "exactly")},
	} {
		bound := scalarAt(item, x.key)
		if bound == "" || decimalIn.FindString(bound) == "" {
			continue
		}
		d := &drawing{}
		const top, bar, right = 24, 12, width - 20
		d.rect("back", 0, top, right, bar)
		d.rect("fill", right*x.from/100, top, right*(x.to-x.from)/100, bar)
		at := right * x.bound / 100
		d.line("rule-line", at, top-5, at, top+bar+5)
		anchor := "middle"
		if x.key == "exactly" {
			anchor, at = "end", right
		}
		d.text("", anchor, at, top-9, x.sign+" "+bound)
		middle, side := right*(x.from+x.to)/200, "middle"
		if x.key == "exactly" {
			middle, side = right, "end"
		}
		d.text("q", side, middle, top+bar+16, met)
		return []template.HTML{d.done(top+bar+22, met+s.pick("：", ": ")+x.words+" "+bound)}
	}
	return nil
}

// span draws the bounds of a range.
func (s *speaker) span(item *checked.Item) []template.HTML {
	from, to := scalarAt(item, "from"), scalarAt(item, "to")
	if decimalIn.FindString(from) != from || decimalIn.FindString(to) != to || from == "" || to == "" {
		return nil
	}
	d := &drawing{}
	const top, bar, right = 24, 12, width - 20
	d.rect("back", 0, top, right, bar)
	d.rect("fill", right/4, top, right/2, bar)
	d.text("", "middle", right/4, top-9, from)
	d.text("", "middle", right*3/4, top-9, to)
	for _, side := range []struct {
		x     int
		label policy.Text
	}{{right / 8, policy.Text{ZH: "过低", EN: "too low"}}, {right / 2, policy.Text{ZH: "在范围内", EN: "within"}}, {right * 7 / 8, policy.Text{ZH: "过高", EN: "too high"}}} {
		d.text("q", "middle", side.x, top+bar+16, pick(s.lang, side.label.ZH, side.label.EN))
	}
	return []template.HTML{d.done(top+bar+22, s.pick("在 "+from+" 至 "+to+" 之间", "from "+from+" to "+to))}
}
