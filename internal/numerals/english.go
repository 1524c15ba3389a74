package numerals

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	letterRun = regexp.MustCompile(`^\p{Latin}+`)
	word      = regexp.MustCompile(`^[A-Za-z]+`)

	ones        = strings.Fields("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
	ordinals    = strings.Fields("- first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth")
	tens        = strings.Fields("- - twenty thirty forty fifty sixty seventy eighty ninety")
	tenOrdinals = strings.Fields("- - twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth")
	others      = map[string]int64{"once": 1, "twice": 2, "thrice": 3}
	scales      = map[string]int{"hundred": 2, "thousand": 3, "million": 6, "billion": 9}

	// lasting is what a number is joined to by a hyphen and is a number still.
	lasting = regexp.MustCompile(`^-(?:second|minute|hour|day|week|month|quarter|year|working|business|calendar)s?\b`)
	behind  = regexp.MustCompile(`^-([A-Za-z]+)`)
)

const dozen = 12

// inEnglish reads a number in words: five, twenty-one, a hundred and five, third.
func inEnglish(text string, at int) (Numeral, bool) {
	if !beginsWord(text, at) {
		return Numeral{}, false
	}
	const between = "between "
	r := &reader{text: text, at: at, between: strings.EqualFold(text[max(0, at-len(between)):at], between)}
	n, ok := r.number()
	return Numeral{To: r.at, Digits: strconv.FormatInt(n, 10)}, ok
}

func beginsWord(text string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	return word.MatchString(text[at:]) && before != '-' && !unicode.Is(unicode.Latin, before)
}

// isPart reports whether a word goes on behind a hyphen as something that is no
// number, as in one-way.
func isPart(behindIt string) bool {
	m := behind.FindStringSubmatch(behindIt)
	if m == nil || lasting.MatchString(behindIt) {
		return false
	}
	next := strings.ToLower(m[1])
	_, scale := scales[next]
	return !scale && next != "and" && next != "dozen" && next != "hundredth" &&
		!slices.ContainsFunc([][]string{ones, ordinals, tens, tenOrdinals}, func(list []string) bool { return slices.Contains(list, next) })
}

// reader reads words of numbers, one after the other.
type reader struct {
	text    string
	at      int  // behind what was read
	some    bool // something was
	ended   bool // by an ordinal
	between bool // "and" parts two numbers
}

// peek is the next word in lower case, if nothing but a blank or a hyphen is in
// front of it, and where it ends.
func (r *reader) peek() (string, int) {
	at := r.at
	if r.some {
		if at == len(r.text) || !strings.ContainsRune(" -\n", rune(r.text[at])) {
			return "", at
		}
		at++
		if lasting.MatchString(r.text[r.at:]) {
			return "", at
		}
	}
	found := word.FindString(r.text[at:])
	if to := at + len(found); !isPart(r.text[to:]) {
		return strings.ToLower(found), to
	}
	return "", at
}

func (r *reader) take(to int) { r.at, r.some = to, true }

// number reads a number below a billion billions.
func (r *reader) number() (int64, bool) {
	total, last := int64(0), int64(1_000_000_000_000)
	read := false
	for !r.ended && last > 1 {
		before := *r
		n, and, ok := r.hundreds(read)
		if !ok {
			*r = before
			break
		}
		unit := int64(1)
		if w, to := r.peek(); !r.ended && (w == "thousand" || w == "million" || w == "billion") {
			r.take(to)
			for range scales[w] {
				unit *= 10
			}
		}
		if unit >= last || and && unit > 1 {
			*r = before
			break
		}
		total, last, read = total+n*unit, unit, true
	}
	return total, read
}

// hundreds reads a number below a thousand, or of hundreds as in twelve hundred. Of
// what is behind thousands it may be the rest: then "and" may stand in front.
func (r *reader) hundreds(rest bool) (n int64, and, ok bool) {
	if rest {
		and = r.and()
	}
	w, to := r.peek()
	switch {
	case (w == "a" || w == "an") && !rest:
		begun := *r
		r.take(to)
		next, end := r.peek()
		switch next {
		case "hundred", "thousand", "million", "billion":
			n = 1
		case "dozen":
			r.take(end)
			return dozen, false, true
		default:
			*r = begun
			return 0, false, false
		}
	case w == "hundred" && !rest, w == "hundredth" && !rest:
		n = 1
	default:
		if n, ok = r.tens(); !ok || r.ended {
			return n, and, ok
		}
	}
	switch w, to = r.peek(); w {
	case "dozen":
		r.take(to)
		return n * dozen, and, true
	case "hundredth":
		r.take(to)
		r.ended = true
		return n * 100, and, true
	case "hundred":
		r.take(to)
	default:
		return n, and, true
	}
	n *= 100
	before := *r
	r.and()
	more, some := r.tens()
	if w, _ := r.peek(); !some || w == "hundred" { // it begins another number
		*r = before
		return n, and, true
	}
	return n + more, and, true
}

// and goes behind "and", where that joins numbers.
func (r *reader) and() bool {
	w, to := r.peek()
	if w != "and" || r.between {
		return false
	}
	r.take(to)
	return true
}

// tens reads a number below a hundred.
func (r *reader) tens() (int64, bool) {
	w, to := r.peek()
	if n, ok := others[w]; ok && !r.some {
		r.take(to)
		r.ended = true
		return n, true
	}
	for i, list := range [][]string{ones, ordinals, tenOrdinals} {
		n := slices.Index(list, w)
		if n < 0 {
			continue
		}
		r.take(to)
		r.ended = i > 0
		if i == 2 {
			n *= 10
		}
		return int64(n), true
	}
	n := slices.Index(tens, w)
	if n < 2 {
		return 0, false
	}
	r.take(to)
	total := int64(n) * 10
	w, to = r.peek()
	for i, list := range [][]string{ones, ordinals} {
		if k := slices.Index(list, w); k > 0 && k < 10 {
			r.take(to)
			r.ended = i > 0
			return total + int64(k), true
		}
	}
	return total, true
}
