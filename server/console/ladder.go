package console

import (
	"slices"
	"strconv"

	"github.com/servicerules/rulebook/penalty"
	"github.com/servicerules/rulebook/policy"
)

// ladder is a ladder as a picture: its tiers with the row that was taken, and
// the scale as a staircase with the way from the base to the proposal.
type ladder struct {
	Title  string
	Tiers  []tier
	Scale  *staircase
	Spoken string
}

type tier struct {
	Label string
	Taken bool
	Rows  []tierRow
}

type tierRow struct {
	Range  string // "1–3", "4 and more"
	Amount int64
	Taken  bool
	Nth    int // of the row that was taken
}

// staircase is the scale; lengths are in the units of an SVG.
type staircase struct {
	Width, Height int
	Stairs        []stair
	Base, Final   *stair
	Way, Tip      string // path of the arrow, "" where base and proposal are one
	Note          string
}

type stair struct {
	X, Y, W, H, Middle float64
	Amount             int64
	Class              string
}

// newLadder draws a climb.
func newLadder(v *viewer, rule *policy.Rule, c penalty.Climb) *ladder {
	l := &ladder{Title: rule.Label.In(v.lang)}
	levels := v.levelsOf(c.Ladder)
	for _, t := range c.Ladder.Tiers {
		x := tier{Label: v.words().Word(t.Level, levels), Taken: t.Level == c.Step.Level}
		for i, row := range t.Rows {
			r := tierRow{Amount: row.Amount, Range: v.fromOn(row.From)}
			if i+1 < len(t.Rows) {
				r.Range = v.between(row.From, t.Rows[i+1].From-1)
			} else if row.From == 1 {
				r.Range = v.pick("每次", "each")
			}
			if r.Taken = x.Taken && i == c.Step.Row; r.Taken {
				r.Nth = c.Step.Nth
			}
			x.Rows = append(x.Rows, r)
		}
		l.Tiers = append(l.Tiers, x)
	}
	l.Scale = newStaircase(v, c)
	l.Spoken = v.pick("基准 ", "base ") + strconv.FormatInt(c.Step.Base, 10)
	if c.Decided {
		l.Spoken += v.pick("，拟定 ", ", proposed ") + strconv.FormatInt(c.Final, 10)
	}
	return l
}

// levelsOf is the list of words that the levels of a ladder are from: the
// first that has them all.
func (v *viewer) levelsOf(l penalty.Ladder) *policy.WordList {
	for _, list := range v.book.Words {
		if !slices.ContainsFunc(l.Tiers, func(t penalty.Tier) bool { return !has(list.Words, t.Level) }) {
			return list
		}
	}
	return nil
}

func (v *viewer) fromOn(n int) string {
	s := strconv.Itoa(n)
	return v.pick("第 "+s+" 次起", "no. "+s+" and on")
}

func (v *viewer) between(a, b int) string {
	s := strconv.Itoa(a)
	if a != b {
		s += "–" + strconv.Itoa(b)
	}
	return v.pick("第 "+s+" 次", "no. "+s)
}

// newStaircase draws the scale: each amount a stair, one higher than the
// other. Heights are ranks, not amounts: what counts is a step, not its size.
func newStaircase(v *viewer, c penalty.Climb) *staircase {
	amounts := c.Ladder.Scale
	if len(amounts) == 0 || len(amounts) > 24 {
		return nil
	}
	const width, top, rise, foot = 640, 56.0, 16.0, 26.0
	s := &staircase{Width: width, Height: int(top + rise*float64(len(amounts)) + foot)}
	w := float64(width) / float64(len(amounts))
	base := float64(s.Height) - foot
	for i, amount := range amounts {
		h := rise * float64(i+1)
		x := stair{X: round(float64(i) * w), Y: round(base - h), W: round(w - 3), H: round(h), Amount: amount, Middle: round(float64(i)*w + w/2 - 1.5)}
		if amount == c.Step.Base {
			x.Class = "base"
		}
		if c.Decided && amount == c.Final {
			x.Class = "final"
		}
		s.Stairs = append(s.Stairs, x)
	}
	for i := range s.Stairs {
		if s.Stairs[i].Amount == c.Step.Base {
			s.Base = &s.Stairs[i]
		}
		if c.Decided && s.Stairs[i].Amount == c.Final {
			s.Final = &s.Stairs[i]
		}
	}
	if s.Base != nil && s.Final != nil && s.Base != s.Final {
		y := min(s.Base.Y, s.Final.Y) - 38
		x, end := s.Final.Middle, s.Final.Y-26
		s.Way = "M" + coordinate(s.Base.Middle) + " " + coordinate(s.Base.Y-26) + "V" + coordinate(y) + "H" + coordinate(x) + "V" + coordinate(end)
		s.Tip = "M" + coordinate(x-4) + " " + coordinate(end-5) + "L" + coordinate(x) + " " + coordinate(end) + "L" + coordinate(x+4) + " " + coordinate(end-5)
	}
	switch {
	case !c.Decided:
		s.Note = v.pick("金额待定", "the amount is open")
	case c.Exempt:
		s.Note = v.pick("免予处理", "exempt")
	case c.Steps > 0:
		s.Note = v.pick("净升 "+strconv.Itoa(c.Steps)+" 档", steps(c.Steps)+" up")
	case c.Steps < 0:
		s.Note = v.pick("净降 "+strconv.Itoa(-c.Steps)+" 档", steps(-c.Steps)+" down")
	default:
		s.Note = v.pick("不升不降", "no step up or down")
	}
	if c.Decided && s.Final == nil { // multiplied, or shared: not on the scale
		s.Note += v.pick("，拟定 ", ", proposed ") + strconv.FormatInt(c.Final, 10)
	}
	return s
}

func steps(n int) string {
	if n == 1 {
		return "1 step"
	}
	return strconv.Itoa(n) + " steps"
}

// Label is where the amounts stand, Above where a stair is named.
func (s *staircase) Label() int             { return s.Height - 8 }
func (s *staircase) Above(x *stair) float64 { return round(x.Y - 8) }

func coordinate(x float64) string { return strconv.FormatFloat(round(x), 'f', -1, 64) }
