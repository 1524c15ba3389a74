package plainwords

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind is what a part of a phrase names.
type Kind string

// What a part of a phrase may name. Plain words name nothing.
const (
	Plain   Kind = ""
	Fact    Kind = "fact"    // ID is its path from the root, as in request.kind
	Rule    Kind = "rule"    // ID is its name
	Reading Kind = "reading" // ID is its key
	Article Kind = "article" // ID is its id
	Word    Kind = "word"    // a word of a list; it has no ID
	Number  Kind = "number"  // a number, amount, length or date; it has no ID
	Code    Kind = "code"    // what people type, character by character; it has no ID
)

// Span is a part of a phrase that names one thing, or plain words.
type Span struct {
	Text string
	Kind Kind
	ID   string
}

// Phrase is a piece of a sentence, with what it names.
type Phrase []Span

// String is the phrase without what its parts name.
func (p Phrase) String() string {
	var b strings.Builder
	for _, s := range p {
		b.WriteString(s.Text)
	}
	return b.String()
}

// Block is a statement with others that belong to it.
type Block struct {
	Phrase Phrase
	Parts  []Block
}

// String is the block as lines, parts indented by two spaces.
func (b Block) String() string {
	var lines []string
	b.lines("", &lines)
	return strings.Join(lines, "\n")
}

func (b Block) lines(indent string, lines *[]string) {
	*lines = append(*lines, indent+b.Phrase.String())
	for _, x := range b.Parts {
		x.lines(indent+"  ", lines)
	}
}

// IsZero reports whether nothing is said.
func (b Block) IsZero() bool { return len(b.Phrase) == 0 && len(b.Parts) == 0 }

func plain(text string) Phrase {
	if text == "" {
		return nil
	}
	return Phrase{{Text: text}}
}

func number(text string) Phrase { return Phrase{{Text: text, Kind: Number}} }

// put puts phrases into a format, at its %s or %[2]s; a %% is a sign.
func put(format string, args ...Phrase) Phrase {
	var out Phrase
	next := 0
	for format != "" {
		i := strings.IndexByte(format, '%')
		if i < 0 || i+1 == len(format) {
			return append(out, plain(behind(out, format))...)
		}
		out = append(out, plain(behind(out, format[:i]))...)
		format = format[i+1:]
		switch {
		case format[0] == '%':
			out, format = append(out, Span{Text: "%"}), format[1:]
			continue
		case format[0] == '[':
			if end := strings.IndexByte(format, ']'); end > 0 {
				if n, err := strconv.Atoi(format[1:end]); err == nil {
					next, format = n-1, format[end+1:]
				}
			}
		}
		format = strings.TrimPrefix(format, "s")
		if next >= 0 && next < len(args) {
			out = append(out, args[next]...)
		}
		next++
	}
	return out
}

// behind is a text behind a phrase: of a name that ends in 的, such as 按时的, nothing
// is said with a second one.
func behind(before Phrase, text string) string {
	if n := len(before); n > 0 && strings.HasSuffix(before[n-1].Text, "的") {
		return strings.TrimPrefix(text, "的")
	}
	return text
}

// join joins phrases with a text between them.
func join(parts []Phrase, between string) Phrase {
	var out Phrase
	for i, p := range parts {
		if i > 0 {
			out = append(out, plain(between)...)
		}
		out = append(out, p...)
	}
	return out
}

// spaced is a phrase of Chinese with a space where Chinese meets letters or
// digits, and nowhere else.
func spaced(p Phrase) Phrase {
	out := make(Phrase, 0, len(p))
	last := rune(0)
	for _, s := range p {
		var b strings.Builder
		runes := []rune(s.Text)
		for i, r := range runes {
			if r == ' ' && s.Kind == Plain {
				next := rune(0)
				if i+1 < len(runes) {
					next = runes[i+1]
				}
				if isWide(last) || isWide(next) || last == ' ' { // put back below where it belongs
					continue
				}
			}
			if (r == '的' || r == '起') && last == r && s.Kind == Plain {
				continue // what is called “…的” or “从…起” is so already
			}
			if isWide(last) && isInk(r) || isInk(last) && isWide(r) && unicode.Is(unicode.Han, r) {
				if unicode.Is(unicode.Han, last) || unicode.Is(unicode.Han, r) {
					if b.Len() == 0 && s.Kind != Plain {
						out = append(out, Span{Text: " "})
					} else {
						b.WriteByte(' ')
					}
				}
			}
			b.WriteRune(r)
			last = r
		}
		if b.Len() > 0 {
			s.Text = b.String()
			out = append(out, s)
		}
	}
	return out
}

// Spaced is a text of Chinese with a space where Chinese meets letters or digits,
// and nowhere else.
func Spaced(text string) string { return spaced(plain(text)).String() }

// nested is a phrase in which quotation marks within others are single ones.
func nested(p Phrase) Phrase {
	depth := 0
	out := slices.Clone(p)
	for i, s := range out {
		var b strings.Builder
		for _, r := range s.Text {
			switch r {
			case '“':
				depth++
				if depth%2 == 0 {
					r = '‘'
				}
			case '”':
				if depth%2 == 0 && depth > 0 {
					r = '’'
				}
				depth--
			}
			b.WriteRune(r)
		}
		out[i].Text = b.String()
	}
	return out
}

// isWide reports whether a character is Chinese or a sign of Chinese.
func isWide(r rune) bool {
	return unicode.Is(unicode.Han, r) || r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xffef || r == '“' || r == '”'
}

// isInk reports whether a space belongs between a character and Chinese.
func isInk(r rune) bool {
	return r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)) || strings.ContainsRune("%£$€¥+−×÷", r)
}

// sentence is a phrase as a sentence of a language: with a capital where it
// begins in plain words, and the spaces of the language.
func sentence(p Phrase, lang string) Phrase {
	if lang == "zh" {
		return spaced(p)
	}
	if len(p) > 0 && p[0].Kind == Plain {
		p = append(Phrase{}, p...)
		first, size := utf8.DecodeRuneInString(p[0].Text)
		p[0].Text = string(unicode.ToUpper(first)) + p[0].Text[size:]
	}
	return p
}
