package plainwords

import (
	"regexp"
	"strings"

	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// units are the units of lengths as they are written, and in Chinese.
var units = []struct {
	written *regexp.Regexp
	zh      string
}{
	{regexp.MustCompile(`(\d+) working days?`), "${1}个工作日"},
	{regexp.MustCompile(`(\d+) opening hours?`), "${1}个营业小时"},
	{regexp.MustCompile(`(\d+) opening minutes?`), "${1}个营业分钟"},
	{regexp.MustCompile(`(\d+) hours?`), "${1}小时"},
	{regexp.MustCompile(`(\d+) minutes?`), "${1}分钟"},
	{regexp.MustCompile(`(\d+) seconds?`), "${1}秒"},
	{regexp.MustCompile(`(\d+) (?:calendar )?days?`), "${1}天"},
	{regexp.MustCompile(`(\d+) weeks?`), "${1}周"},
	{regexp.MustCompile(`(\d+) months?`), "${1}个月"},
	{regexp.MustCompile(`(\d+) quarters?`), "${1}个季度"},
	{regexp.MustCompile(`(\d+) years?`), "${1}年"},
}

// Quantity is a text with the lengths of time in it as people write them. In a
// longer text they are those that are written in English; one alone is told in
// either language, in whichever it is written.
func Quantity(text string) policy.Text {
	t := policy.Text{ZH: text, EN: text}
	for _, u := range units {
		t.ZH = u.written.ReplaceAllString(t.ZH, u.zh)
	}
	if q, err := source.ParseQuantity(text); err == nil {
		t.ZH, t.EN = strings.ReplaceAll(t.ZH, " ", ""), q.String()
	}
	return t
}
