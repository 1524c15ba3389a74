package numerals

import (
	"math/big"
	"regexp"
	"strings"
)

var (
	digitRun = regexp.MustCompile(`^[\d０-９]+`)
	// Thousands are parted by commas or spaces, also those that do not break.
	figures = regexp.MustCompile(`^(?:[\d０-９]{1,3}(?:[ \x{A0}\x{2009}\x{202F}][\d０-９]{3})+\b|[\d０-９]+(?:,[\d０-９]{3})*)(?:\.[\d０-９]+)?`)
	digit   = regexp.MustCompile(`^[\d０-９]`)
	factors = regexp.MustCompile(`^ ?[十百千万萬亿億]{1,2}`)
	scale   = regexp.MustCompile(`^[ -](hundred|thousand|million|billion)\b`)
	// notTimes is what a unit belongs to that is no factor: 5千克, 5百分点.
	notTimes = regexp.MustCompile(`^(?:千[克米瓦帕赫伏字兆卡]|百分)`)
)

// inDigits reads a number in digits, with what multiplies it: 1.5万, 2亿3000万.
func inDigits(text string, at int) (Numeral, bool) {
	number, to := plainFigures(text, at)
	if to == at {
		return Numeral{}, false
	}
	if m := scale.FindStringSubmatch(text[to:]); m != nil {
		return Numeral{To: to + len(m[0]), Digits: shifted(number, scales[m[1]])}, true
	}
	total, last, end := new(big.Rat), -1, to
	for {
		factor, power := factorAt(text, to)
		if last >= 0 && factor == 0 && len(number) == 1 && number != "0" {
			power = last - 1 // 1万5 is 15000
		}
		term, ok := new(big.Rat).SetString(shifted(number, power))
		if !ok || last >= 0 && term.Cmp(tenTo(last)) >= 0 {
			break // it is another number
		}
		if last < 0 && factor == 0 {
			return Numeral{To: to, Digits: number}, true
		}
		total.Add(total, term)
		end = to + factor
		if factor == 0 || !digit.MatchString(text[end:]) {
			break
		}
		last = power
		number, to = plainFigures(text, end)
	}
	const decimals = 40
	return Numeral{To: end, Digits: plain(total.FloatString(decimals))}, true
}

// plainFigures are the figures at a place, in plain digits, and where they end.
func plainFigures(text string, at int) (string, int) {
	found := figures.FindString(text[at:])
	plain := strings.Map(func(r rune) rune {
		switch {
		case r >= '０':
			return r - '０' + '0'
		case r == '.' || r >= '0' && r <= '9':
			return r
		}
		return -1
	}, found)
	return plain, at + len(found)
}

// factorAt is how long the factor at a place is, and its power of ten.
func factorAt(text string, at int) (length, power int) {
	found := factors.FindString(text[at:])
	for _, r := range found {
		if notTimes.MatchString(strings.TrimLeft(text[at+length:], " ")) {
			if power == 0 {
				return 0, 0
			}
			break
		}
		length += len(string(r))
		power += powers[r]
	}
	return length, power
}

func tenTo(power int) *big.Rat {
	return new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(power)), nil))
}
