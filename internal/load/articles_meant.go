package load

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/numerals"
	"github.com/servicerules/rulebook/policy"
)

// articleMeant says how to write the number of an article.
func articleMeant(text string) policy.Text {
	if m := articleDigits.FindStringSubmatch(text); m != nil {
		number := strings.TrimLeft(m[1], "0")
		if n, ok := numerals.Chinese(m[2]); ok && n > 0 {
			number = strconv.FormatInt(n, 10)
		}
		if number != "" {
			return diagnostic.Textf("用引号和半角数字：写 \"%s\"", "write \"%s\", in quotes and ASCII digits", number)
		}
	}
	return diagnostic.Textf("写引号里的条号，条下的项用点隔开，如 \"N\" 或 \"N.M\"", "write its number in quotes, that of an item behind a point: \"N\" or \"N.M\"")
}

// articleDigits finds a number in what texts write around one. What else
// stands there may make it another article (4a, 第四条之一, 附件4), which the bare
// number would be wrong for.
var articleDigits = regexp.MustCompile(`^(?i:第|§|articles?|art|rule|section|sec|clause|para|no|[\s.,:：、()（）])*(?:([0-9]+)|([一二三四五六七八九十百零]+))(?:条|[\s.,:：、()（）])*$`)
