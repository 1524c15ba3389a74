package checked

import (
	"regexp"
	"slices"
	"strings"
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
