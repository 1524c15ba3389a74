package checked

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/internal/numerals"
	"github.com/servicerules/rulebook/policy"
)

var (
	SnakeCase     = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	DottedName    = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*(\.[a-z][a-z0-9]*(_[a-z0-9]+)*)*$`)
	ArticleNumber = regexp.MustCompile(`^[1-9][0-9]{0,3}(\.[1-9][0-9]{0,3})?$`)
	WordPattern   = regexp.MustCompile(`^[a-z0-9][a-z0-9_.]*$`)
)

// MaxIdentifier is the length of the longest name, so that messages stay readable.
const MaxIdentifier = 64

// reserved are names that expressions give a meaning to.
var reserved = []string{"and", "or", "not", "in", "null", "true", "false", "as_of", "parameter", "none", "due", "otherwise", "by", "is"}

// IsReserved reports whether expressions give the name a meaning of its own.
func IsReserved(name string) bool { return slices.Contains(reserved, name) }

// Natures are what an article may be.
func Natures() []string {
	return []string{
		"purpose", "principle", "scope", "definition", "authority", "duty", "procedure", "threshold",
		"deadline", "presumption", "permission", "sanction", "factor", "right",
	}
}

// NatureLabel is what people call a nature; the nature itself where there is none.
func NatureLabel(nature string) policy.Text {
	if t, ok := natureLabels[nature]; ok {
		return t
	}
	return policy.Text{ZH: nature, EN: nature}
}

// NatureMeant is the nature that somebody means who writes another word for it,
// "" where that is none.
func NatureMeant(word string) string {
	for _, nature := range Natures() {
		if label := natureLabels[nature]; word == label.ZH || strings.EqualFold(word, label.EN) {
			return nature
		}
	}
	return naturesCalled[strings.ToLower(word)]
}

// natureLabels are the labels of what an article is.
var natureLabels = map[string]policy.Text{
	"purpose":     {ZH: "目的", EN: "purpose"},
	"principle":   {ZH: "原则", EN: "principle"},
	"scope":       {ZH: "适用范围", EN: "scope"},
	"definition":  {ZH: "定义", EN: "definition"},
	"authority":   {ZH: "职权", EN: "authority"},
	"duty":        {ZH: "义务", EN: "duty"},
	"procedure":   {ZH: "程序", EN: "procedure"},
	"threshold":   {ZH: "指标", EN: "threshold"},
	"deadline":    {ZH: "时限", EN: "deadline"},
	"presumption": {ZH: "视同", EN: "presumption"},
	"permission":  {ZH: "许可", EN: "permission"},
	"sanction":    {ZH: "处理", EN: "sanction"},
	"factor":      {ZH: "情节", EN: "factor"},
	"right":       {ZH: "权利", EN: "right"},
}

// naturesCalled are other words for them.
var naturesCalled = map[string]string{
	"处罚": "sanction", "罚则": "sanction", "罚款": "sanction", "惩罚": "sanction", "责任": "sanction", "赔偿": "sanction", "penalty": "sanction", "fine": "sanction", "punishment": "sanction", "liability": "sanction", "compensation": "sanction",
	"宗旨": "purpose", "总则": "purpose", "aim": "purpose", "goal": "purpose", "objective": "purpose",
	"范围": "scope", "适用": "scope", "application": "scope", "applicability": "scope",
	"术语": "definition", "名词": "definition", "terms": "definition",
	"权限": "authority", "职责": "authority", "power": "authority", "competence": "authority",
	"要求": "duty", "禁止": "duty", "obligation": "duty", "requirement": "duty", "prohibition": "duty",
	"流程": "procedure", "步骤": "procedure", "process": "procedure",
	"标准": "threshold", "考核": "threshold", "kpi": "threshold", "target": "threshold", "indicator": "threshold", "limit": "threshold",
	"期限": "deadline", "限期": "deadline", "time_limit": "deadline", "time limit": "deadline", "term": "deadline",
	"推定": "presumption", "视为": "presumption", "deeming": "presumption",
	"允许": "permission", "可以": "permission", "exception": "permission",
	"从轻": "factor", "从重": "factor", "减轻": "factor", "加重": "factor", "circumstance": "factor",
	"权益": "right", "申诉": "right", "rights": "right",
}

// ArticleWritten is the id of an article that is called as people call it,
// 限时办结制第6条, 责任追究制第六条第一项: regulation and number with a stroke
// between them, what follows behind a blank. Any other text is as it was.
func ArticleWritten(text string) string {
	m := articleCalled.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	number := figures(m[2])
	if m[3] != "" {
		number += "." + figures(m[3])
	}
	return strings.TrimSpace(strings.TrimSpace(m[1]) + "/" + number + " " + m[4])
}

// articleCalled is a text that begins with an article, and perhaps its item.
var articleCalled = regexp.MustCompile(`^([^/第]+)第 ?([0-9]+(?:\.[0-9]+)*|[〇零一二三四五六七八九十百]+) ?条 *(?:第 ?([0-9]+|[〇零一二三四五六七八九十百]+) ?项 *)?(.*)$`)

// figures is a number in figures.
func figures(number string) string {
	if n, ok := numerals.Chinese(number); ok {
		return strconv.FormatInt(n, 10)
	}
	return number
}

// ParameterKinds are what the parameter of an option may be.
func ParameterKinds() []string {
	return []string{"clock_time", "hours", "working_days", "count", "percent"}
}

// References lists the root names that an expression mentions: identifiers
// outside quotes and not behind a dot.
func References(expression string) []string {
	var names []string
	var quote rune
	var word strings.Builder
	afterDot, dot := false, false
	flush := func() {
		if word.Len() > 0 {
			if !afterDot && !slices.Contains(names, word.String()) {
				names = append(names, word.String())
			}
			word.Reset()
		}
	}
	escaped := false
	for _, r := range expression {
		switch {
		case quote != 0:
			switch {
			case escaped:
				escaped = false
			case r == '\\':
				escaped = true
			case r == quote:
				quote = 0
			}
			continue
		case r == '"' || r == '\'' || r == '`':
			flush()
			quote = r
			dot = false
		case r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 127:
			if word.Len() == 0 {
				afterDot = dot
			}
			word.WriteRune(r)
			dot = false
		default:
			flush()
			dot = r == '.' || dot && (r == ' ' || r == '\t' || r == '\n')
		}
	}
	flush()
	return names
}
