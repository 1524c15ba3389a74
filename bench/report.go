package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"
)

type results struct {
	all                      []*contender
	measures                 [][5]measure
	wholes                   []*contender // who fills whole answers, ours first
	wholeTimes               [][5]float64
	workdays, cal            float64
	flat                     [][3]float64
	constructs               []construct
	batch                    float64
	facts, peerFacts, rounds int
	date                     time.Time
	machine                  string
}

// The places of the contenders.
const (
	byHand = iota
	us
	bareIfs
	exprStructs
	exprMaps
	celGo
	opa
	grule
)

// ratio is the geometric mean, over the questions, of one contender's time to
// another's.
func (r *results) ratio(a, b int, of func(measure) float64) float64 {
	sum := 0.0
	for q := range questions {
		sum += math.Log(of(r.measures[a][q]) / of(r.measures[b][q]))
	}
	return math.Exp(sum / float64(len(questions)))
}

// compareWhole compares and times whole answers.
func (r *results) compareWhole(o *ours, s *sets, rounds int, slice time.Duration) (err error) {
	if r.wholes, err = wholes(o, s); err != nil {
		return err
	}
	if err := agreedWhole(s, r.wholes); err != nil {
		return err
	}
	r.wholeTimes = wholeTimes(r.wholes, len(s.requests), rounds, slice)
	return nil
}

// wholeRatio is the geometric mean, over the questions, of one contender's time
// for a whole answer to ours.
func (r *results) wholeRatio(c int) float64 {
	sum := 0.0
	for q := range questions {
		sum += math.Log(r.wholeTimes[c][q] / r.wholeTimes[0][q])
	}
	return math.Exp(sum / float64(len(questions)))
}

// wholeSummary says how much longer the others take for the same answer.
func (r *results) wholeSummary() string {
	var all []string
	for c := range r.wholes {
		if c > 0 {
			all = append(all, fmt.Sprintf("%s %.1f×", r.wholes[c].name, r.wholeRatio(c)))
		}
	}
	return strings.Join(all, ", ") + " our time"
}

// wholeTable has a row for each question.
func (r *results) wholeTable() string {
	var b strings.Builder
	b.WriteString("| the same answer, ns |")
	for _, c := range r.wholes {
		fmt.Fprintf(&b, " %s |", c.name)
	}
	b.WriteString("\n|---|" + strings.Repeat("---:|", len(r.wholes)) + "\n")
	for q, name := range questions {
		fmt.Fprintf(&b, "| %s |", name)
		for c := range r.wholes {
			fmt.Fprintf(&b, " %.0f |", r.wholeTimes[c][q])
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func decision(m measure) float64  { return m.ns }
func explained(m measure) float64 { return m.explained }

func (r *results) summary() string {
	allocs := 0.0
	for _, m := range r.measures[us] {
		allocs = max(allocs, m.allocs)
	}
	batch := "–"
	if r.batch > 0 {
		batch = fmt.Sprintf("%.0f", r.batch)
	}
	return fmt.Sprintf("ratio to hand-written: %.1f (decision) %.1f (explained); verdict alone: cel-go %.1f×, expr %.1f×, opa %.0f×, grule %.0f×, cal %.0f× slower; the same answer: %s; batch %s decisions/s/core; bind %.1f allocs",
		r.ratio(us, byHand, decision), r.ratio(us, byHand, explained), r.ratio(celGo, us, decision), r.ratio(exprStructs, us, decision),
		r.ratio(opa, us, decision), r.ratio(grule, us, decision), r.cal/r.workdays, r.wholeSummary(), batch, allocs)
}

func (r *results) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-24s %-13s %10s %8s %8s %8s %12s %8s\n", "question", "", "ns", "allocs", "bytes", "ratio", "explained ns", "ratio")
	for q, name := range questions {
		for c, x := range r.all {
			m, base := r.measures[c][q], r.measures[byHand][q]
			fmt.Fprintf(&b, "%-24s %-13s %10.0f %8.1f %8.0f %8.2f", name, x.name, m.ns, m.allocs, m.bytes, m.ns/base.ns)
			if m.explained > 0 {
				fmt.Fprintf(&b, " %12.0f %8.2f", m.explained, m.explained/base.explained)
			}
			b.WriteByte('\n')
			name = ""
		}
	}
	fmt.Fprintf(&b, "%-24s %-13s %10.1f\n%-24s %-13s %10.1f %35.2f\n", "working days, 1 to 250", "rulebook", r.workdays, "", "rickar/cal", r.cal, r.cal/r.workdays)
	b.WriteString(r.wholeTable())
	for _, c := range r.constructs {
		fmt.Fprintf(&b, "%-38s %10.0f %8.1f %8.0f\n", c.name, c.measure.ns, c.measure.allocs, c.measure.bytes)
	}
	return b.String()
}

// write puts the results into performance.md, between its marks, and draws the
// chart beside it.
func (r *results) write(dir string) error {
	path := filepath.Join(dir, "performance.md")
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	const from, to = "<!-- results: written by bench/run -->\n", "<!-- end of results -->"
	head, rest, ok := strings.Cut(string(old), from)
	_, tail, ok2 := strings.Cut(rest, to)
	if !ok || !ok2 {
		return fmt.Errorf("%s has no place for results", path)
	}
	if err := os.WriteFile(filepath.Join(dir, "performance.svg"), []byte(r.chart()), 0o644); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(head+from+"\n"+r.markdown()+"\n"+to+tail), 0o644)
}

func (r *results) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s on %s. %d generated fact sets a question, %d of them timed; medians of %d interleaved rounds on one core, in processor time with the garbage collector's. The ratios count, not the nanoseconds.\n\n",
		r.date.Format(time.DateOnly), r.machine, r.facts, r.peerFacts, r.rounds)
	b.WriteString("![Time of a decision relative to hand-written code](performance.svg)\n\n")
	b.WriteString("| question | | ns | allocations | bytes | ratio | with reasons, ns | ratio |\n|---|---|---:|---:|---:|---:|---:|---:|\n")
	for q, name := range questions {
		for c, x := range r.all {
			m, base := r.measures[c][q], r.measures[byHand][q]
			fmt.Fprintf(&b, "| %s | %s | %.0f | %.1f | %.0f | %.2f |", name, x.name, m.ns, m.allocs, m.bytes, m.ns/base.ns)
			if m.explained > 0 {
				fmt.Fprintf(&b, " %.0f | %.2f |\n", m.explained, m.explained/base.explained)
			} else {
				b.WriteString(" | |\n")
			}
			name = ""
		}
	}
	b.WriteString("\n" + r.wholeTable() + "\n" + r.wholeSummary() + ", in the geometric mean.\n")
	b.WriteString("\n| a decision with | ns | allocations | bytes |\n|---|---:|---:|---:|\n")
	for _, c := range r.constructs {
		fmt.Fprintf(&b, "| %s | %.0f | %.1f | %.0f |\n", c.name, c.measure.ns, c.measure.allocs, c.measure.bytes)
	}
	b.WriteString("\n| working days added | forward, ns | back, ns | between, ns |\n|---:|---:|---:|---:|\n")
	for i, n := range []int{1, 5, 250, 5000} {
		if i < len(r.flat) {
			fmt.Fprintf(&b, "| %d | %.1f | %.1f | %.1f |\n", n, r.flat[i][0], r.flat[i][1], r.flat[i][2])
		}
	}
	fmt.Fprintf(&b, "\nrickar/cal takes %.0f ns for 1 to 250 working days of plain weeks, ours %.1f ns.\n\n```text\n%s\n```\n", r.cal, r.workdays, r.summary())
	return b.String()
}

// chart draws the ratios on a logarithmic scale.
func (r *results) chart() string {
	const width, left, bar, gap = 760, 150, 18, 8
	height := 60 + len(r.all)*(bar+gap)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="13" role="img" aria-label="Time of a decision relative to hand-written code">`+"\n", width, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="white"/>`+"\n", width, height)
	fmt.Fprintf(&b, `<text x="%d" y="20">Time of a decision, hand-written = 1 (logarithmic; geometric mean of five questions)</text>`+"\n", 10)
	scale := func(x float64) float64 { return float64(left) + (math.Log10(x)+1)/5*(width-left-80) }
	for _, x := range []float64{0.1, 1, 10, 100, 1000} {
		fmt.Fprintf(&b, `<line x1="%.0f" y1="32" x2="%.0f" y2="%d" stroke="#ddd"/><text x="%.0f" y="%d" fill="#666" text-anchor="middle">%g</text>`+"\n",
			scale(x), scale(x), height-22, scale(x), height-6, x)
	}
	for c, x := range r.all {
		y := 36 + c*(bar+gap)
		ratio := r.ratio(c, byHand, decision)
		length := max(scale(ratio)-left, 1)
		fill := "#999"
		if c == us {
			fill = "#1f6feb"
		}
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text><rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/><text x="%.1f" y="%d">%.2g</text>`+"\n",
			left-8, y+14, x.name, left, y, length, bar, fill, left+length+6, y+14, ratio)
	}
	b.WriteString("</svg>\n")
	return b.String()
}
