package gen

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/servicerules/rulebook/policy"
)

// names gives types names that none of them has yet.
type names struct {
	taken map[string]bool
	words map[string]string // the types of words, by their words and labels
	types map[string]string // the types of records, by their name in the rulebook
}

func newNames() *names {
	return &names{taken: map[string]bool{}, words: map[string]string{}, types: map[string]string{}}
}

// free is the name, or the name with a number where it is taken.
func (n *names) free(name string) string {
	free := name
	for i := 2; n.taken[free]; i++ {
		free = name + strconv.Itoa(i)
	}
	n.taken[free] = true
	return free
}

// wordType is the type of words, and whether it was not known before. Alike
// lists are one type.
func (n *names) wordType(s *shape) (name string, added bool) {
	var key strings.Builder
	for _, w := range s.words {
		key.WriteString(w.Word + "\x00" + both(w.Label) + "\x00")
	}
	if name, ok := n.words[key.String()]; ok {
		return name, false
	}
	name = s.list
	if name == "" {
		name = s.name
	}
	name = n.free(camel(name))
	n.words[key.String()] = name
	return name, true
}

// recordType is the type of a record, and whether it was not known before. A
// fact that several questions take is one type.
func (n *names) recordType(s *shape) (name string, added bool) {
	if name, ok := n.types[s.name]; ok {
		return name, false
	}
	name = n.free(camel(s.name))
	n.types[s.name] = name
	return name, true
}

// camel is a name of a rulebook as an exported name of Go.
func camel(name string) string {
	var b strings.Builder
	for part := range strings.FieldsFuncSeq(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		switch part {
		case "id", "url":
			b.WriteString(strings.ToUpper(part))
		default:
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	if b.Len() == 0 || unicode.IsDigit(rune(b.String()[0])) {
		return "X" + b.String()
	}
	return b.String()
}

// hasWords reports whether a closed list of words is known.
func (s *shape) hasWords() bool { return s.kind == policy.KindWord && len(s.words) > 0 }
