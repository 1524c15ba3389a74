package table

import (
	"regexp"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/internal/source"
)

var (
	wholeNumber = regexp.MustCompile(`^-?\d{1,18}$`)
	amount      = regexp.MustCompile(`^-?\d{1,15}(\.\d{1,3})?( ?[A-Z]{3})?$`)
)

// Likely reports whether a cell may be a value of the column's fact, as far as
// its type says so: any text may be a name. The column has been bound.
func (c *Column) Likely(text string) bool {
	if text = strings.TrimSpace(text); text == "" || text == "null" {
		return true
	}
	kind := "moment"
	if c.Fact != nil {
		kind = c.Fact.TypeName
	}
	if kind == "list" {
		if IsTable(c.Fact) {
			return false
		}
		if text == "[]" {
			return true
		}
		elem := *c
		elem.Fact = c.Fact.Elem
		for _, item := range strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '；' }) {
			if !elem.Likely(item) {
				return false
			}
		}
		return true
	}
	switch kind {
	case "moment":
		if hasZone(text) {
			_, err := source.Moment(text)
			return err == nil
		}
		_, ok, p := c.wallClock(text)
		return ok || p != nil
	case "date":
		day, p := c.day(text)
		return p != nil || isISO(day, "2006-01-02")
	case "month":
		return isISO(c.month(text), "2006-01")
	case "word":
		return slices.Contains(c.words, c.code(text))
	case "yes_no":
		word := strings.ToLower(c.code(text))
		return word == "true" || word == "false"
	case "count", "number", "year":
		return wholeNumber.MatchString(text)
	case "money":
		return amount.MatchString(text)
	case "record":
		return false
	}
	return true
}

// Zoneless reports whether a cell of a moment names no zone.
func (c *Column) Zoneless(text string) bool {
	return text != "" && text != "null" && !hasZone(text) && (c.Fact == nil || c.Fact.TypeName == "moment")
}

// Settles is which order a cell's date must have been written in, and whether it
// may be either; "" and false where the cell is no such date.
func (c *Column) Settles(text string) (order DayOrder, either bool) {
	if c.Fact != nil && c.Fact.TypeName != "moment" && c.Fact.TypeName != "date" {
		return "", false
	}
	if _, _, p := readWall(text, ""); p != nil {
		return "", true
	}
	m := yearLast.FindStringSubmatch(text)
	switch {
	case m == nil || number(m[1]) == number(m[3]):
		return "", false
	case number(m[1]) > 12:
		return DayFirst, false
	case number(m[3]) > 12:
		return MonthFirst, false
	}
	return "", false
}

// How near a heading is to what a fact is called.
const (
	AlikePart  = 1 + iota // one is a part of the other
	AlikeField            // it is called like the field alone, without what that is in
	AlikeName             // its name, or a label of it
)

// Alike reports how near a heading is to what a fact is called; 0 for not at all.
func Alike(heading, path string, labels ...string) int {
	h := folded(strings.NewReplacer("_", "", "-", "", ".", "").Replace(heading))
	if h == "" {
		return 0
	}
	field := path[strings.LastIndexByte(path, '.')+1:]
	names := append([]string{path, field}, labels...)
	best := 0
	for i, name := range names {
		n := folded(strings.NewReplacer("_", "", "-", "", ".", "").Replace(name))
		switch {
		case n == "":
		case n == h && i != 1:
			return AlikeName
		case n == h:
			best = AlikeField
		case part(n, h) || part(h, n):
			best = max(best, AlikePart)
		}
	}
	return best
}

// part reports whether a name is a part of another that is not too small to say
// anything.
func part(small, large string) bool {
	n := len([]rune(small))
	least := 4
	if len(small) > n { // ideographs say more
		least = 2
	}
	return n >= least && 3*n >= len([]rune(large)) && strings.Contains(large, small)
}
