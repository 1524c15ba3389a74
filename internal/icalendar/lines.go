package icalendar

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
)

// A property is one content line: its name in capitals, its parameters, its
// value as it is written.
type property struct {
	line   int
	name   string
	params map[string]string
	value  string
}

func fail(line int, zh, en, remedyZH, remedyEN string) *Error {
	return &Error{Line: line, Message: diagnostic.Text{ZH: zh, EN: en}, Remedy: diagnostic.Text{ZH: remedyZH, EN: remedyEN}}
}

// failf is fail about a text of the file.
func failf(line int, word, zh, en, remedyZH, remedyEN string) *Error {
	e := fail(line, "", "", remedyZH, remedyEN)
	word = diagnostic.Text{EN: word}.Clip().EN
	e.Message = diagnostic.Textf(zh, en, word)
	return e
}

// properties unfolds and reads the lines of a file.
func properties(data []byte) ([]property, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	var all []property
	var logical strings.Builder // the content line so far
	begun := 0                  // its first line
	end := func() error {
		if begun == 0 {
			return nil
		}
		text := logical.String()
		logical.Reset()
		if !utf8.ValidString(text) { // only now: a fold may part a character
			return fail(begun, "不是 UTF-8", "not UTF-8", "另存为 UTF-8", "save the file as UTF-8")
		}
		p, err := parse(text, begun)
		if err != nil {
			return err
		}
		all = append(all, p)
		return nil
	}
	number := 0
	for line := range bytes.Lines(data) {
		number++
		line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
		switch {
		case len(line) == 0: // not allowed by the RFC and common at the end
			continue
		case line[0] == ' ' || line[0] == '\t':
			if begun == 0 {
				return nil, notICS(number)
			}
			logical.Write(line[1:])
			continue
		}
		if err := end(); err != nil {
			return nil, err
		}
		begun = number
		logical.Write(line)
	}
	return all, end()
}

func notICS(line int) *Error {
	return fail(line, "不是 iCalendar 文件", "this is no iCalendar file", "给出以 BEGIN:VCALENDAR 开头的 .ics 文件", "give an .ics file, which begins with BEGIN:VCALENDAR")
}

// parse reads NAME;PARAMETER=VALUE:value.
func parse(text string, line int) (property, error) {
	p := property{line: line, params: map[string]string{}}
	at := strings.IndexAny(text, ";:")
	if at <= 0 {
		if line == 1 {
			return p, notICS(line)
		}
		return p, failf(line, text, "%q 不是“名称:值”", "%q is not NAME:value", "检查这一行；续行以空格开头", "check the line; one that continues another begins with a space")
	}
	p.name = strings.ToUpper(text[:at])
	for rest := text[at:]; ; {
		if rest[0] == ':' {
			p.value = rest[1:]
			return p, nil
		}
		name, after, ok := strings.Cut(rest[1:], "=")
		value := ""
		if ok && strings.HasPrefix(after, `"`) {
			value, after, ok = strings.Cut(after[1:], `"`)
		} else if ok {
			n := strings.IndexAny(after, ";:")
			if ok = n >= 0; ok {
				value, after = after[:n], after[n:]
			}
		}
		for ok && strings.HasPrefix(after, ",") { // further values of the parameter
			n := strings.IndexAny(after, ";:")
			if ok = n >= 0; ok {
				after = after[n:]
			}
		}
		if !ok || after == "" || after[0] != ';' && after[0] != ':' {
			return p, failf(line, text, "%q 的参数写错了", "%q has a parameter that is written wrong", "写成 名称;参数=值:值", "write NAME;PARAMETER=VALUE:value")
		}
		p.params[strings.ToUpper(name)] = value
		rest = after
	}
}

// text is a value with its escapes undone, on one line.
func (p property) text() string {
	var b strings.Builder
	for i := 0; i < len(p.value); i++ {
		c := p.value[i]
		if c == '\\' && i+1 < len(p.value) {
			i++
			if c = p.value[i]; c == 'n' || c == 'N' {
				c = ' '
			}
		}
		b.WriteByte(c)
	}
	return tidy(b.String())
}

// tidy is a name on one line, without control characters and double spaces.
func tidy(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' || r == '\ufeff' {
			return ' '
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

// escape is a text as a value.
func escape(text string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`).Replace(text)
}
