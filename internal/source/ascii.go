package source

import (
	"strings"
	"unicode"

	"github.com/servicerules/rulebook/diagnostic"
)

// lookAlikes are letters of other alphabets that look like those of English.
var lookAlikes = map[rune]rune{
	'а': 'a', 'в': 'b', 'с': 'c', 'ԁ': 'd', 'е': 'e', 'һ': 'h', 'і': 'i', 'ј': 'j', 'к': 'k', 'ӏ': 'l', 'м': 'm', 'н': 'h', 'о': 'o', 'р': 'p', 'ѕ': 's', 'т': 't', 'у': 'y', 'х': 'x',
	'А': 'A', 'В': 'B', 'С': 'C', 'Е': 'E', 'Н': 'H', 'І': 'I', 'Ј': 'J', 'К': 'K', 'М': 'M', 'О': 'O', 'Р': 'P', 'Ѕ': 'S', 'Т': 'T', 'У': 'Y', 'Х': 'X',
	'α': 'a', 'ε': 'e', 'ι': 'i', 'κ': 'k', 'ν': 'v', 'ο': 'o', 'ρ': 'p', 'τ': 't', 'υ': 'u', 'χ': 'x', 'Α': 'A', 'Β': 'B', 'Ε': 'E', 'Ο': 'O', 'Ρ': 'P', 'Τ': 'T',
}

// marks are those of Chinese and of printed text, for ASCII ones.
var marks = map[rune]string{
	'【': "[", '】': "]", '〔': "[", '〕': "]", '“': `"`, '”': `"`, '„': `"`, '‘': "'", '’': "'", '、': ", ", '。': ".",
	'—': "-", '–': "-", '‐': "-", '‑': "-", '−': "-", '～': "-", '·': ".",
}

// InASCII writes a text with the ASCII characters that look like, or stand for,
// those in it, and says what they are; nothing where there are none.
func InASCII(text string) (plain string, what diagnostic.Text) {
	wide, dash, invisible, foreign := false, false, false, rune(0)
	var b strings.Builder
	for _, r := range text {
		mark, known := marks[r]
		switch letter := lookAlikes[r]; {
		case r >= 0xFF01 && r <= 0xFF5E:
			b.WriteRune(r - 0xFF01 + '!')
			wide = true
		case known:
			b.WriteString(mark)
			if mark == "-" && r != '～' {
				dash = true
			} else {
				wide = true
			}
		case unicode.Is(unicode.Cf, r):
			invisible = true
		case IsWideSpace(r):
			b.WriteByte(' ')
			wide = true
		case letter != 0:
			b.WriteRune(letter)
			foreign = r
		default:
			b.WriteRune(r)
		}
	}
	switch {
	case foreign != 0:
		what = diagnostic.Textf("%q 是别的文字的字母，看上去一样而已", "%q is a letter of another alphabet that only looks the same", string(foreign))
	case invisible:
		what = diagnostic.Textf("里面有看不见的字符", "there is an invisible character in it")
	case wide:
		what = diagnostic.Textf("全角字符改成半角", "write full-width characters in ASCII")
	case dash:
		what = diagnostic.Textf("这种横线改成半角的 -", "write the hyphen of the keyboard for this dash")
	default:
		return text, diagnostic.Text{}
	}
	return strings.TrimSpace(b.String()), what
}
