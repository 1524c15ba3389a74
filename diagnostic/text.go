package diagnostic

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Text is one piece of wording, in Chinese and English. That of a rulebook in
// other languages has those as well: see [TextIn]. Texts compare with ==.
type Text struct {
	// ZH and EN are what is shown to whoever asks for Chinese or English. Of a
	// wording that has none in that language it is the wording in the first of
	// its languages.
	ZH string `json:"zh"`
	EN string `json:"en"`

	// own is empty where the wording is in Chinese and English, else it lists
	// the languages it is in and the wording in each, parted by zero bytes.
	own string
}

// usual are the languages of a wording that says nothing of its languages.
var usual = []string{"zh", "en"}

// TextIn is a wording in each of the languages, in their order: tags such as
// "en", "de" or "zh". In no languages it is the zero Text.
func TextIn(languages []string, in func(lang string) string) Text {
	switch {
	case len(languages) == 0:
		return Text{}
	case len(languages) == len(usual) && slices.Contains(languages, "zh") && slices.Contains(languages, "en"):
		return Text{ZH: in("zh"), EN: in("en")}
	}
	var t Text
	parts := make([]string, 0, 2*len(languages))
	for _, lang := range languages {
		parts = append(parts, plain(lang), plain(in(lang)))
	}
	t.own = strings.Join(parts, separator)
	t.ZH, t.EN = plain(in(languages[max(0, nearest(languages, "zh"))])), plain(in(languages[max(0, nearest(languages, "en"))]))
	return t
}

const separator = "\x00"

func plain(text string) string { return strings.ReplaceAll(text, separator, "") }

// nearest is the place of the language that is asked for, or of another kind of
// it ("de" for "de-AT"); -1 for none.
func nearest(languages []string, asked string) int {
	if i := slices.IndexFunc(languages, func(lang string) bool { return strings.EqualFold(lang, asked) }); i >= 0 {
		return i
	}
	return slices.IndexFunc(languages, func(lang string) bool { return strings.EqualFold(primary(lang), primary(asked)) })
}

// primary is the language alone of a tag such as "zh-Hant-TW".
func primary(tag string) string {
	lang, _, _ := strings.Cut(strings.ReplaceAll(tag, "_", "-"), "-")
	return lang
}

// Told is a wording that the engine puts together for a rulebook in these
// languages. The engine has sentences in Chinese and English, whatever the
// languages, so whoever asks for one of those gets it.
func Told(languages []string, put func(lang string) string) Text {
	t := TextIn(languages, put)
	if t.own != "" {
		t.ZH, t.EN = put("zh"), put("en")
	}
	return t
}

// Compose is a wording that is put together from parts, in the languages of the
// first part that is in others than Chinese and English.
func Compose(put func(lang string) string, parts ...Text) Text {
	for _, t := range parts {
		if t.own != "" {
			return Told(t.Languages(), put)
		}
	}
	return Told(usual, put)
}

// Wording is a wording around parts that are wordings themselves, each of which
// stands in the formats as a %s.
func Wording(zh, en string, parts ...Text) Text {
	format := Text{ZH: zh, EN: en}
	return Compose(func(lang string) string {
		args := make([]any, len(parts))
		for i, part := range parts {
			args[i] = part.In(lang)
		}
		return fmt.Sprintf(format.In(lang), args...)
	}, parts...)
}

// Counted is a number with what it counts, in English: 1 row, 2 rows.
func Counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// InLanguages is a wording of the engine's as one of a rulebook in these
// languages: English stands for those that it is not in.
func (t Text) InLanguages(languages []string) Text {
	if len(languages) == 0 || t.IsZero() {
		return t
	}
	return Told(languages, t.In)
}

// Languages are the languages that the wording is in.
func (t Text) Languages() []string {
	if t.own == "" {
		return slices.Clone(usual)
	}
	languages, _ := t.each()
	return languages
}

// each are the languages of a wording that says them, and the wording in each.
func (t Text) each() (languages, wordings []string) {
	for i, part := range strings.Split(t.own, separator) {
		if i%2 == 0 {
			languages = append(languages, part)
		} else {
			wordings = append(wordings, part)
		}
	}
	return languages, wordings
}

// In returns the wording in a language, a tag such as "zh" or "de-AT". Of what
// is in Chinese and English it is English for any tag but Chinese. A wording in
// other languages is given in the first of them where it is not in the one that
// is asked for.
func (t Text) In(lang string) string {
	if t.own == "" {
		if strings.HasPrefix(lang, "zh") {
			return t.ZH
		}
		return t.EN
	}
	languages, wordings := t.each()
	switch i := nearest(languages, lang); {
	case i >= 0:
		return wordings[i]
	case strings.HasPrefix(lang, "zh"):
		return t.ZH
	case strings.HasPrefix(lang, "en"):
		return t.EN
	}
	return wordings[0]
}

// IsZero reports whether no language has any wording.
func (t Text) IsZero() bool { return t.ZH == "" && t.EN == "" && t.own == "" }

// maxWording is how many characters a message may have.
const maxWording = 600

// Clip is the text at a length that a message can bear: a file may hold a
// name of a million characters.
func (t Text) Clip() Text {
	return Compose(func(lang string) string { return clip(t.In(lang)) }, t)
}

func clip(s string) string {
	if len(s) <= maxWording || utf8.RuneCountInString(s) <= maxWording {
		return s
	}
	n := 0
	for at := range s {
		if n == maxWording {
			return s[:at] + "…"
		}
		n++
	}
	return s
}

// Textf formats both wordings with the same arguments.
func Textf(zh, en string, args ...any) Text {
	return Text{ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)}
}

// MarshalJSON writes the wording in each of its languages: {"zh": …, "en": …}.
func (t Text) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false) // whoever writes the whole decides that
	for i, lang := range t.Languages() {
		b.WriteByte("{,"[min(i, 1)])
		for _, part := range []string{lang, t.In(lang)} {
			if err := encoder.Encode(part); err != nil {
				return nil, err
			}
			b.Truncate(b.Len() - len("\n"))
			b.WriteByte(':')
		}
		b.Truncate(b.Len() - len(":"))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (t *Text) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return errors.New(`a wording is an object such as {"en": "…"}`)
	}
	var languages []string
	wording := map[string]string{}
	for decoder.More() {
		lang, err := decoder.Token()
		if err != nil {
			return err
		}
		key, _ := lang.(string)
		var text string
		if err := decoder.Decode(&text); err != nil {
			return err
		}
		if _, twice := wording[key]; !twice {
			languages = append(languages, key)
		}
		wording[key] = text
	}
	*t = TextIn(languages, func(lang string) string { return wording[lang] })
	return nil
}
