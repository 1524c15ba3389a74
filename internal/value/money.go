package value

import (
	"errors"
	"math/big"
	"strconv"
	"strings"
)

// Currency is a currency: the three letters of its code and how many decimal
// places its amounts have. The zero Currency is none, or one that is not known.
type Currency uint32

// noMinorUnit, milli and finer are the codes of ISO 4217 whose amounts have
// none, three and four decimal places; all others have two.
const (
	noMinorUnit = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
	milli       = "BHD IQD JOD KWD LYD OMR TND"
	finer       = "CLF UYW"
	centi       = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG"
)

// CurrencyNamed is the currency with a code of ISO 4217, such as GBP, JPY or
// KWD; false where there is none.
func CurrencyNamed(code string) (Currency, bool) {
	for digits, codes := range [...]string{noMinorUnit, "", centi, milli, finer} {
		for i := 0; i+letters <= len(codes); i += letters + 1 {
			if codes[i:i+letters] == code {
				return NewCurrency(code, digits)
			}
		}
	}
	return 0, false
}

// CurrencyMeant is the code of the currency that people may mean by a word or a sign:
// 美元, dollars and US$ are USD. It is "" where none is known.
func CurrencyMeant(word string) string { return currenciesMeant[strings.ToLower(word)] }

var currenciesMeant = map[string]string{
	"rmb": "CNY", "人民币": "CNY", "元": "CNY", "块": "CNY", "¥": "CNY", "￥": "CNY", "yuan": "CNY", "cny": "CNY",
	"€": "EUR", "euro": "EUR", "euros": "EUR", "eur": "EUR", "欧元": "EUR", "£": "GBP", "pound": "GBP", "pounds": "GBP", "gbp": "GBP", "英镑": "GBP",
	"$": "USD", "dollar": "USD", "dollars": "USD", "usd": "USD", "us$": "USD", "美元": "USD", "美金": "USD",
	"日元": "JPY", "yen": "JPY", "jpy": "JPY", "港元": "HKD", "港币": "HKD", "hkd": "HKD", "韩元": "KRW", "新元": "SGD", "瑞士法郎": "CHF",
}

const (
	letters      = 3
	letterBits   = 5
	digitBits    = 4
	mostDecimals = 9
)

// NewCurrency is a currency by its code, three capital letters, and the number
// of decimal places of its amounts, 0 to 9; false where it can be none.
func NewCurrency(code string, decimals int) (Currency, bool) {
	if len(code) != letters || decimals < 0 || decimals > mostDecimals {
		return 0, false
	}
	var c Currency
	for i := range letters {
		if code[i] < 'A' || code[i] > 'Z' {
			return 0, false
		}
		c = c<<letterBits | Currency(code[i]-'A'+1)
	}
	return c<<digitBits | Currency(decimals), true
}

// Code is the code of the currency: GBP. It is empty for none.
func (c Currency) Code() string {
	if c == 0 {
		return ""
	}
	var b [letters]byte
	for i := range b {
		b[i] = 'A' - 1 + byte(c>>(digitBits+letterBits*(letters-1-i))&(1<<letterBits-1))
	}
	return string(b[:])
}

// Decimals is how many decimal places amounts of the currency have.
func (c Currency) Decimals() int { return int(c & (1<<digitBits - 1)) }

// MoneyOf is a known amount of money in minor units: pence, fen, yen.
func MoneyOf(minor int64, in Currency) Value {
	return Value{N: minor, Tag: Tag{Money, Known}, In: in}
}

// PartOf is the known exact amount of n/d minor units of a currency or, without
// one, nanoseconds; d must be positive.
func PartOf(n, d int64, in Currency) Value {
	return Value{N: n, D: d, Tag: Tag{Part, Known}, In: in}
}

// SameUnit reports whether two amounts can be added and compared: both are
// money of one currency, or neither is money. Nothing, as the sum of no amounts,
// is of any currency.
func (v Value) SameUnit(w Value) bool { return v.In == w.In || v.In == 0 || w.In == 0 }

// isAmount is whether a value is computed with its unit.
func (v Value) isAmount() bool { return v.K == Money || v.K == Part }

// Errors of ParseAmount.
var (
	ErrAmount      = errors.New("an amount is written with digits and a point, such as 9.98")
	ErrDecimals    = errors.New("the amount has more decimal places than its currency")
	ErrAmountRange = errors.New("the amount is too large")
)

// ParseAmount reads an amount as people write it, such as 9.98, 10 or -0.5, and
// gives it in minor units of a currency. It fails with ErrAmount, ErrDecimals
// or ErrAmountRange.
func ParseAmount(text string, in Currency) (minor int64, err error) {
	digits, negative := strings.CutPrefix(text, "-")
	whole, decimals, point := strings.Cut(digits, ".")
	switch {
	case !plainDigits(whole), point && !plainDigits(decimals):
		return 0, ErrAmount
	case len(decimals) > in.Decimals():
		return 0, ErrDecimals
	}
	all := whole + decimals + strings.Repeat("0", in.Decimals()-len(decimals))
	if negative {
		all = "-" + all
	}
	minor, err = strconv.ParseInt(all, 10, 64)
	if err != nil {
		return 0, ErrAmountRange
	}
	return minor, nil
}

// plainDigits reports whether a text is made of digits alone, one at least.
func plainDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return text != ""
}

// AppendAmount appends the amount of Money without its currency, with all its
// decimal places: 9.90.
func (v Value) AppendAmount(dst []byte) []byte {
	digits := v.In.Decimals()
	n := magnitude(v.N)
	if v.N < 0 {
		dst = append(dst, '-')
	}
	if digits == 0 {
		return strconv.AppendUint(dst, n, 10)
	}
	unit := uint64(1)
	for range digits {
		unit *= 10
	}
	dst = append(strconv.AppendUint(dst, n/unit, 10), '.')
	for n %= unit; unit > 1; n %= unit {
		unit /= 10
		dst = append(dst, '0'+byte(n/unit))
	}
	return dst
}

// partText writes a Part exactly: as a decimal where it has a short one, else as
// a fraction, of the currency or of a second.
func (v Value) partText() string {
	if v.In == 0 {
		return v.partAmount(0) + "s"
	}
	return v.partAmount(0) + " " + v.In.Code()
}

// partAmount is a Part without its unit, with so many decimal places at least.
func (v Value) partAmount(least int) string {
	const nano, mostPlaces = 9, 12
	places := nano
	if v.In != 0 {
		places = v.In.Decimals()
	}
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places)), nil)
	exact := new(big.Rat).SetFrac64(v.N, v.denominator())
	exact.Quo(exact, new(big.Rat).SetInt(scale))
	for n := least; n < mostPlaces; n++ {
		text := exact.FloatString(n)
		if again, ok := new(big.Rat).SetString(text); ok && again.Cmp(exact) == 0 {
			return text
		}
	}
	return exact.String()
}

// ShowMoney is an amount of money as people write it: ¥9.98, 9.98元, £9.98; of a
// Part with the decimal places that it has, ¥0.5469, or as a fraction, ¥10/3.
func (v Value) ShowMoney(lang string) string {
	code := v.In.Code()
	amount := string(MoneyOf(v.N, v.In).AppendAmount(nil))
	if v.K == Part {
		amount = v.partAmount(v.In.Decimals())
	}
	if code == "" { // the sum of no amounts
		return amount
	}
	if code == "CNY" && lang == "zh" {
		return amount + "元"
	}
	sign, ok := map[string]string{"CNY": "¥", "GBP": "£", "EUR": "€", "USD": "$"}[code]
	if !ok {
		return amount + " " + code
	}
	if digits, below := strings.CutPrefix(amount, "-"); below {
		return "-" + sign + digits
	}
	return sign + amount
}
