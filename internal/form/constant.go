package form

import (
	"strconv"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/source"
)

// Constant compiles the value in the field, which rests on no fact. It is nil
// where it has findings, and where it is something that only fields can hold,
// such as a length in working days or a time of day.
func (p *Part) Constant(field string) *condition.Program {
	i, ok := p.scalar(field)
	if !ok {
		return nil
	}
	written := *i
	if q, err := source.ParseQuantity(i.Text); err == nil {
		d, ok := q.Duration()
		if !ok {
			return nil
		}
		written.Text, written.Parameter = "seconds("+strconv.FormatInt(int64(d.Seconds()), 10)+")", nil
	} else if _, err := source.ClockTime(i.Text); err == nil {
		return nil
	}
	program := p.compile(&written, field, condition.Want{}, false)
	if program == nil {
		return nil
	}
	for _, slot := range program.Reads() {
		if u := p.Builder.Plan.Owner[slot]; u == nil || !u.Bare {
			p.Fail(field, "value_not_constant", diagnostic.Textf("具名的值不能用到事实或其他规则", "a named value cannot use facts or other rules"),
				diagnostic.Textf("随事实算的写成 figures", "write what is computed from facts as a rule of figures"))
			return nil
		}
	}
	return program
}
