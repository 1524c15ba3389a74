package numerals

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestHas(t *testing.T) {
	for text, numbers := range map[string][]int{
		"五个工作日":                          {5},
		"十日、十五日和二十日":                     {10, 15, 20},
		"两百元，一百零五元，三千元":                  {200, 105, 3000},
		"自第三次起每次100元":                    {3, 100},
		"within five working days":       {5},
		"Twenty-one days, or 1,500 euro": {21, 1500},
		"from the third time on, twice":  {3, 2},
		"低于0.1%":                         {},
	} {
		for n := range 4000 {
			has := false
			for _, x := range numbers {
				has = has || x == n
			}
			assert.Equal(t, has, Has(text, strconv.Itoa(n)), "%s: %d", text, n)
		}
	}
	assert.True(t, Has("低于0.1%", "0.1"))
	assert.False(t, Has("低于0.1%", "1"))
}

// Each numeral is told where it stands.
func TestIn(t *testing.T) {
	const text = "第三次起，within twenty-one days or 1,500.50 euro；一百零五元"
	var told []string
	for _, n := range In(text) {
		assert.Equal(t, n.Text, text[n.From:n.To])
		told = append(told, n.Text+" "+n.Digits)
	}
	assert.Equal(t, []string{"三 3", "twenty-one 21", "1,500.50 1500.50", "一百零五 105"}, told)
	assert.Empty(t, In("tentative, one-way, oneness, twentyish, 三五, 五卅"))
	assert.True(t, Has("廿五日", "25") && Has("卅日内", "30") && Has("一百廿", "120"))
}
