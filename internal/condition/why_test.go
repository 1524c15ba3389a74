package condition

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/servicerules/rulebook/internal/value"
)

// show writes a reason as "source: left op right (difference) holds @element".
func show(r Reason) string {
	side := func(s Side) string {
		text := s.Value.Text(shanghai)
		if s.Slot >= 0 {
			text = fmt.Sprintf("%s#%d=%s", s.Source, s.Slot, text)
		}
		return text
	}
	out := side(r.Left)
	if r.Op != "" {
		out += " " + r.Op + " " + side(r.Right)
	}
	if r.Difference.IsKnown() {
		out += " (" + r.Difference.Text(nil) + ")"
	}
	out += " " + r.Holds.Text(nil)
	if r.Index >= 0 {
		out += fmt.Sprintf(" @%d[%d]", r.List, r.Index)
	}
	return out
}

func TestWhy(t *testing.T) {
	colour, size, i, j, a := slotColour, slotSize, slotI, slotJ, slotA
	cases := []struct {
		lost, none, src string
		want            []string
	}{
		{"", "", `colour == "red"`, []string{fmt.Sprintf(`colour#%d=red == red true`, colour)}},
		{"", "", `colour == "red" and i < j`, []string{fmt.Sprintf(`colour#%d=red == red true`, colour), fmt.Sprintf(`i#%d=3 < j#%d=4 (-1) true`, i, j)}},
		{"", "", `colour == "red" and i > j and b`, []string{fmt.Sprintf(`i#%d=3 > j#%d=4 (-1) false`, i, j)}},
		{"", "", `colour == "blue" or i < j`, []string{fmt.Sprintf(`i#%d=3 < j#%d=4 (-1) true`, i, j)}},
		{"", "", `colour == "blue" or size == "large"`, []string{fmt.Sprintf(`colour#%d=red == blue false`, colour), fmt.Sprintf(`size#%d=small == large false`, size)}},
		{"i", "", `a and i == 1 and j == 4`, []string{fmt.Sprintf(`i#%d=? == 1 ?`, i)}},
		{"i", "", `i == 1 and b`, []string{fmt.Sprintf(`b#%d=false false`, slotB)}},
		{"", "a", `a and c`, []string{fmt.Sprintf(`a#%d=null null`, a)}},
		{"", "", `not (colour in ["blue"])`, []string{fmt.Sprintf(`colour#%d=red not in [blue] true`, colour)}},
		{"", "", `colour not in ["red"]`, []string{fmt.Sprintf(`colour#%d=red not in [red] false`, colour)}},
		{"colour", "", `colour not in ["red"]`, []string{fmt.Sprintf(`colour#%d=? not in [red] ?`, colour)}},
		{"", "", `day == null`, []string{fmt.Sprintf(`day#%d=2024-02-29 == null false`, slotDay)}},
		{"", "", `next > day`, []string{fmt.Sprintf(`next#%d=2024-03-04 > day#%d=2024-02-29 (4) true`, slotNext, slotDay)}},
		{"", "", `end - start <= hours(25)`, []string{`24h0m0s <= 25h0m0s (-1h0m0s) true`}},
		{"", "", `end > start`, []string{fmt.Sprintf(`end#%d=2024-02-29T23:30:00+08:00 > start#%d=2024-02-28T23:30:00+08:00 (24h0m0s) true`, slotEnd, slotStart)}},
		{"", "", `a ? i : j`, []string{fmt.Sprintf(`a#%d=true true`, a)}},
		{"", "", `i > j ? "red" : colour == "red" ? "green" : "blue"`, []string{fmt.Sprintf(`i#%d=3 > j#%d=4 (-1) false`, i, j), fmt.Sprintf(`colour#%d=red == red true`, colour)}},
		{"a", "", `(a ? i : j) + 1`, []string{fmt.Sprintf(`a#%d=? ?`, a)}},
		{"", "", `any(stays, .nights == 2 and not .paid)`, []string{fmt.Sprintf(`2 == 2 (0) true @%d[1]`, slotStays), fmt.Sprintf(`false false @%d[1]`, slotStays)}},
		{"", "", `any(filter(stays, .nights > 1), .paid)`, []string{fmt.Sprintf(`true true @%d[2]`, slotStays)}},
		{"", "", `all(numbers, # < 3)`, []string{fmt.Sprintf(`3 < 3 (0) false @%d[2]`, slotNumbers)}},
		{"", "", `all(numbers, # < 4)`, []string{fmt.Sprintf(`numbers#%d=[1, 2, 3] all 3 true`, slotNumbers)}},
		{"", "", `none(numbers, # > i)`, []string{fmt.Sprintf(`numbers#%d=[1, 2, 3] none 0 true`, slotNumbers)}},
		{"", "", `one(numbers, # > 1)`, []string{fmt.Sprintf(`numbers#%d=[1, 2, 3] one 2 false`, slotNumbers)}},
		{"numbers", "", `any(numbers, # > i)`, []string{fmt.Sprintf(`numbers#%d=? any ? ?`, slotNumbers)}},
		{"i", "", `any(numbers, # > i)`, []string{fmt.Sprintf(`numbers#%d=[1, 2, 3] any ? ?`, slotNumbers)}},
		{"", "", `latest(day, next)`, []string{fmt.Sprintf(`next#%d=2024-03-04 latest ? 2024-03-04`, slotNext)}},
		{"", "", `latest(dates)`, []string{`2024-03-04 latest ? 2024-03-04`}},
		{"", "", `latest(a ? day : next, days_after(day, -1)) > day`, []string{fmt.Sprintf(`2024-02-29 > day#%d=2024-02-29 (0) false`, slotDay)}},
		{"", "", `greatest(a ? i : j, 1)`, []string{fmt.Sprintf(`i#%d=3 greatest ? 3`, slotI), fmt.Sprintf(`a#%d=true true`, a)}},
		{"", "", `starts_with(name, "H")`, []string{`true true`}},
		{"", "", `1 / 2 < rate`, []string{fmt.Sprintf(`1/2 < rate#%d=4/4003 false`, slotRate)}},
		{"", "", `map(numbers, # + 1)`, nil},
		{"", "", `true`, nil}, {"", "", `i`, nil}, {"", "", `"red"`, nil},
	}
	for _, c := range cases {
		t.Run(c.src, func(t *testing.T) {
			p := mustCompile(t, c.src, Want{})
			f := testFrame()
			if c.lost != "" {
				change(f, testEnv(), value.Unknown, c.lost)
			}
			if c.none != "" {
				change(f, testEnv(), value.None, c.none)
			}
			f.Needs = append(make([]value.Need, 0, 8), n0(5))
			var got []string
			for _, r := range p.Why(f) {
				got = append(got, show(r))
				assert.True(t, 0 <= r.From && r.From < r.To && r.To <= len([]rune(c.src)))
			}
			assert.Equal(t, c.want, got)
			assert.Equal(t, needs(n0(5)), f.Needs)
			assert.Equal(t, value.Need{}, f.Needs[:2][1])
		})
	}
	t.Run("an element of a field of an element", func(t *testing.T) {
		env := testEnv()
		env.Element = tStay
		p, _ := Compile(`any(.tags, # == "red")`, env, Want{})
		f := testFrame()
		f.Elem, f.ElemSlot, f.ElemAt = stay("S1", 1, value.Bool(true)), slotStays, 4
		assert.Equal(t, []string{`red == red true @-1[0]`}, []string{show(p.Why(f)[0])})
	})
}
