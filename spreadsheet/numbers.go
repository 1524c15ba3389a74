package spreadsheet

import (
	"math/big"
	"regexp"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/table"
)

var numberForm = regexp.MustCompile(`^(-?)(\d{1,40})(?:\.(\d{0,40}))?(?:[eE]([+-]?\d{1,3}))?$`)

// precise is how many digits of a number a spreadsheet keeps.
const precise = 15

// numberText is a number as a person writes it, to the fifteen digits that
// spreadsheets show: what is kept of 20.2 is 20.199999999999999. Of a whole
// number with more digits the last ones are lost, and it is none.
func numberText(kept string) (text string, ok bool) {
	m := numberForm.FindStringSubmatch(kept)
	if m == nil {
		return "", false
	}
	value, ok := new(big.Rat).SetString(kept)
	if !ok {
		return "", false
	}
	if value.IsInt() {
		digits := new(big.Int).Abs(value.Num()).String()
		return value.Num().String(), len(digits) <= precise
	}
	places := precise
	for whole := new(big.Int).Quo(new(big.Int).Abs(value.Num()), value.Denom()); whole.Sign() > 0; whole.Quo(whole, big.NewInt(10)) {
		places--
	}
	if places == precise { // below one: zeros behind the point are no digits
		for small, ten := new(big.Rat).Abs(value), big.NewRat(10, 1); small.Cmp(big.NewRat(1, 10)) < 0 && places < 40; small.Mul(small, ten) {
			places++
		}
	}
	text = value.FloatString(max(places, 0))
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	if text == "-0" {
		text = "0"
	}
	return text, true
}

// lostDigits says that a number has more digits than a spreadsheet keeps.
func lostDigits(kept string) *table.Problem {
	return &table.Problem{
		Code: "digits_lost", Value: table.Excerpt(kept), Message: textf("数字超过 %d 位，表格软件已丢了末几位", "the number has more than %d digits, of which a spreadsheet has lost the last", precise),
		Remedy: textf("把这一列设为文本格式，重新填写", "make the column one of text and fill it in again"),
	}
}

// moments are what the format of a cell shows of a number.
type moments struct {
	day, clock bool
	digits     int // so many are shown of a whole number, with zeros before it; 0 for as many as it has
}

func (m moments) any() bool { return m.day || m.clock }

// built are the formats that a workbook has without saying so.
func built(id int) moments {
	switch {
	case id >= 14 && id <= 17, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58:
		return moments{day: true}
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id == 45, id == 47, id == 55, id == 56:
		return moments{clock: true}
	case id == 22:
		return moments{day: true, clock: true}
	}
	return moments{}
}

var (
	quotedPart  = regexp.MustCompile(`"[^"]*"|\\.|_.|\*.`)
	bracketed   = regexp.MustCompile(`\[[^\]]*\]`)
	elapsed     = regexp.MustCompile(`(?i)\[(?:h+|m+|s+)\]`)
	halves      = regexp.MustCompile(`(?i)am/pm|a/p|上午/下午`)
	placeholder = regexp.MustCompile(`[0#?]`)
)

// custom finds what a format code shows: "yyyy/m/d h:mm". Time that has passed,
// as [h]:mm shows it, is a number.
func custom(code string) moments {
	code, _, _ = strings.Cut(quotedPart.ReplaceAllString(code, ""), ";")
	if elapsed.MatchString(code) || strings.EqualFold(strings.TrimSpace(code), "general") {
		return moments{}
	}
	if digits := strings.TrimSpace(code); len(digits) > 1 && strings.Trim(digits, "0") == "" {
		return moments{digits: len(digits)}
	}
	code = strings.ToLower(halves.ReplaceAllString(bracketed.ReplaceAllString(code, ""), "h"))
	clock := strings.ContainsAny(code, "hs")
	day := strings.ContainsAny(code, "yd") || strings.Contains(code, "m") && !clock
	if placeholder.MatchString(strings.ReplaceAll(code, "s.0", "")) && !clock {
		return moments{}
	}
	return moments{day: day, clock: clock}
}

// padded is a whole number with the zeros that the format of its cell shows before
// it, as ids of so many digits are kept.
func padded(number string, digits int) string {
	if digits == 0 || strings.ContainsAny(number, "-.") || len(number) >= digits {
		return number
	}
	return strings.Repeat("0", digits-len(number)) + number
}

// dayText is a number as the day or the time of day that its cell shows; the
// time is told where the format or the number has one.
func dayText(kept string, shows moments, from1904 bool) (string, bool) {
	if m := numberForm.FindStringSubmatch(kept); m == nil || len(m[4]) > 3 {
		return "", false
	}
	if value, ok := new(big.Rat).SetString(kept); ok && !shows.day && value.Sign() >= 0 && value.Cmp(big.NewRat(1, 1)) < 0 {
		ms := value.Mul(value, big.NewRat(24*60*60*1000, 1))
		ms.Add(ms, big.NewRat(1, 2))
		n := new(big.Int).Quo(ms.Num(), ms.Denom()).Int64()
		return time.Unix(0, n*int64(time.Millisecond)).UTC().Format("15:04:05"), true
	}
	at, ok := table.SerialDay(kept, from1904)
	switch {
	case !ok:
		return "", false
	case !shows.clock && at.Equal(at.Truncate(24*time.Hour)):
		return at.Format(time.DateOnly), true
	case at.Nanosecond() != 0:
		return at.Format("2006-01-02T15:04:05.000"), true
	}
	return at.Format("2006-01-02T15:04:05"), true
}
