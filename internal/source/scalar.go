package source

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/numerals"
)

// Codes of a ScalarError.
const (
	CodeNotAnInteger = "not_an_integer"
	CodeNotABoolean  = "not_a_boolean"
	CodeNotADate     = "not_a_date"
	CodeNotAMonth    = "not_a_month"
	CodeNotATime     = "not_a_clock_time"
	CodeNotAMoment   = "not_a_moment"
	CodeNotAPercent  = "not_a_percent"
	CodeNotAQuantity = "not_a_quantity"
	CodeUnitMissing  = "unit_missing"
	CodeUnknownUnit  = "unknown_unit"
	CodeOutOfRange   = "out_of_range"
)

// ScalarError says why a text is not the scalar that it should be. From and
// To are the characters of the text that are wrong, for Node.SpanAt.
type ScalarError struct {
	Code     string
	Message  diagnostic.Text
	Remedy   diagnostic.Text
	From, To int
	// Local is the moment that was probably meant, as the clock of some zone shows
	// it; zero where the text is another thing.
	Local time.Time
}

// In words the remedy for the zone that the moment is probably of: what is then to
// be written.
func (e *ScalarError) In(zone *time.Location) diagnostic.Text {
	if e.Local.IsZero() || zone == nil {
		return e.Remedy
	}
	l := e.Local
	meant := time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), l.Second(), 0, zone).Format(time.RFC3339)
	return diagnostic.Textf("写上 T、秒和时区；按规则书的时区写 %s", "write it with T, seconds and its offset; in the zone of the rulebook that is %s", meant)
}

// Error is the message in English.
func (e *ScalarError) Error() string { return e.Message.EN }

// refusal is a ScalarError about the whole text.
func refusal(code, text, zh, en, remedyZH, remedyEN string) *ScalarError {
	word := shown(text)
	return &ScalarError{
		Code:    code,
		Message: diagnostic.Text{ZH: word + zh, EN: word + en},
		Remedy:  diagnostic.Text{ZH: remedyZH, EN: remedyEN},
		To:      utf8.RuneCountInString(text),
	}
}

// isInteger reports whether a text is written as a whole number.
func isInteger(text string) bool {
	digits := strings.TrimPrefix(text, "-")
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return false
		}
	}
	return digits != "" && (digits[0] != '0' || text == "0")
}

// Integer reads a whole number as `20` or `-3`: no leading zero, sign +,
// separator, fraction or exponent.
func Integer(text string) (int64, error) {
	if !isInteger(text) {
		e := refusal(CodeNotAnInteger, text, "不是整数", " is not a whole number", "", "")
		e.Remedy = integerMeant(text)
		return 0, e
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, refusal(CodeOutOfRange, text, "超出整数范围", " is too large a number",
			"写一个 19 位以内的数", "write a number of fewer than 19 digits")
	}
	return n, nil
}

var (
	plainDigits   = regexp.MustCompile(`^(?:\+|(-))?0*([0-9]+)$`)
	groupedDigits = regexp.MustCompile(`^-?[1-9][0-9]{0,2}(?:[,，_' ][0-9]{3})+$`)
	numberOfUnits = regexp.MustCompile(`^(-?(?:0|[1-9][0-9]*))(?: ?(\p{Han}{1,3})| ?(?:[A-Z]{3}|yuan))$`)
	spokenNumber  = regexp.MustCompile(`^第?([零一二两三四五六七八九十百千万亿]+)[次元户人件条]?$`)
	hundredths    = regexp.MustCompile(`^(-?(?:0|[1-9][0-9]*))\.([0-9]{2})$`)
)

// integerMeant says what to write instead of something that is no whole
// number. It names a number only where no other can be meant: of money in
// whole units and in hundredths it names both.
func integerMeant(text string) diagnostic.Text {
	text = narrow(text)
	if m := plainDigits.FindStringSubmatch(text); m != nil {
		if m[2] == "0" {
			return writeNumber("0")
		}
		return writeNumber(m[1] + m[2])
	}
	if groupedDigits.MatchString(text) {
		return writeNumber(strings.NewReplacer(",", "", "，", "", "_", "", "'", "", " ", "").Replace(text))
	}
	if m := hundredths.FindStringSubmatch(text); m != nil {
		inHundredths, _ := strings.CutPrefix(strings.TrimPrefix(m[1], "-")+m[2], "0")
		if m[2] == "00" {
			return diagnostic.Textf("只写整数，不带小数：按整数计的写 %[1]s，按百分之一（如分）计的写 %[2]s", "write a whole number: %[1]s where it is counted in whole units, %[2]s where in hundredths such as cents", m[1], signed(m[1], inHundredths))
		}
		return diagnostic.Textf("只写整数，不带小数；只有按百分之一（如分）计的才写 %s", "write a whole number; %s only where it is counted in hundredths such as cents", signed(m[1], inHundredths))
	}
	// A length of time is no number with a unit too many, and 3万 is another number.
	if m := numberOfUnits.FindStringSubmatch(text); m != nil && !strings.ContainsAny(m[2], "零〇一二两三四五六七八九十百千万亿半多几余个天日时分秒周月季年角") {
		return diagnostic.Textf("只写数，不写单位：%s", "write the number without a unit: %s", m[1])
	}
	if m := numberRange.FindStringSubmatch(text); m != nil {
		return diagnostic.Textf("这里只写一个数，不写范围：%[1]s 或 %[2]s", "write one number here, not a range: %[1]s or %[2]s", m[1], m[2])
	}
	if m := spokenNumber.FindStringSubmatch(text); m != nil {
		if n, ok := numerals.Chinese(m[1]); ok {
			return writeNumber(strconv.FormatInt(n, 10))
		}
	}
	return diagnostic.Text{
		ZH: "只用数字 0–9 写整数；不要前导零、分隔符、小数、指数和单位",
		EN: "write a whole number in the digits 0-9, without leading zero, separator, fraction, exponent or unit",
	}
}

// numberRange are two numbers with a sign or word for a range between them.
var numberRange = regexp.MustCompile(`^(\d+)\s*(?:~|-|–|—|\.\.|至|到|to)\s*(\d+)$`)

func writeNumber(n string) diagnostic.Text {
	return diagnostic.Textf("只用数字写：%s，不要前导零、分隔符和正号", "write %s, in digits without leading zero, separator or sign +", n)
}

// signed gives a number the sign of another.
func signed(of, number string) string {
	if strings.HasPrefix(of, "-") {
		return "-" + number
	}
	return number
}

// narrow writes the full-width digits, letters and marks of Chinese text as
// ASCII.
func narrow(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0xFF01 && r <= 0xFF5E:
			return r - 0xFF01 + '!'
		case r == 0x3000:
			return ' '
		}
		return r
	}, text)
}

// Boolean reads `true` or `false`, nothing else.
func Boolean(text string) (bool, error) {
	switch text {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	meant := ""
	switch strings.ToLower(text) {
	case "yes", "on", "y", "true", "1", "是":
		meant = "true"
	case "no", "off", "n", "false", "0", "否":
		meant = "false"
	}
	remedyZH, remedyEN := "写 true 或 false", "write true or false"
	if meant != "" {
		remedyZH, remedyEN = "写 "+meant, "write "+meant
	}
	return false, refusal(CodeNotABoolean, text, "不是 true 或 false", " is neither true nor false", remedyZH, remedyEN)
}
