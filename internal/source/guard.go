package source

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
)

// Limits of a rules file. They are far above what people write and far below
// what hurts.
const (
	MaxBytes    = 1 << 20 // bytes in a file
	MaxDepth    = 32      // maps and lists within each other
	MaxKeys     = 2_000   // keys of one map
	MaxItems    = 20_000  // items of one list
	MaxMarks    = 100_000 // structural characters in a file, which bounds its nodes
	MaxFindings = 100     // findings reported for one file, before too_many_findings
)

// Codes of the findings of Parse.
const (
	CodeFileTooLarge     = "file_too_large"
	CodeNotUTF8          = "not_utf8"
	CodeByteOrderMark    = "byte_order_mark"
	CodeControlCharacter = "control_character"
	CodeTabIndent        = "tab_indent"
	CodeTooDeep          = "too_deep"
	CodeTooManyKeys      = "too_many_keys"
	CodeTooManyItems     = "too_many_items"
	CodeTooManyNodes     = "too_many_nodes"
	CodeDuplicateKey     = "duplicate_key"
	CodeAnchor           = "anchor"
	CodeAlias            = "alias"
	CodeMergeKey         = "merge_key"
	CodeTag              = "tag"
	CodeSecondDocument   = "second_document"
	CodeNullItem         = "null_item"
	CodeKeyNotPlain      = "key_not_plain"
	CodeEmptyFile        = "empty_file"
	CodeYAMLSyntax       = "yaml_syntax"
	CodeNotAMap          = "not_a_map"
	CodeTooManyFindings  = "too_many_findings"
)

// findings collects up to MaxFindings errors and then says that there are
// more.
type findings struct {
	list diagnostic.List
	full bool
	mend []Replacement // that a syntax error would be mended by
	// quick says that the cause of a syntax error is not looked for.
	quick bool
}

func (f *findings) add(code string, span diagnostic.Span, message, remedy diagnostic.Text, related ...diagnostic.Related) {
	if f.full {
		return
	}
	if len(f.list) == MaxFindings {
		f.full = true
		f.list = append(f.list, tooManyFindings(span))
		return
	}
	f.list = append(f.list, diagnostic.Diagnostic{
		Code: code, Severity: diagnostic.Error, Span: span, Message: message, Remedy: remedy, Related: related,
	})
}

func tooManyFindings(at diagnostic.Span) diagnostic.Diagnostic {
	return diagnostic.Diagnostic{
		Code: CodeTooManyFindings, Severity: diagnostic.Error, Span: at,
		Message: diagnostic.Textf("问题超过 %d 处，其余未列出", "more than %d findings; the rest are not listed", MaxFindings),
		Remedy:  diagnostic.Text{ZH: "先改正已列出的问题，再检查一次", EN: "correct the ones listed and check again"},
	}
}

// Limit is the list in file order, at most MaxFindings of it and then one
// that says that there are more. No message is longer than people read.
func Limit(found diagnostic.List) diagnostic.List {
	found.Sort()
	for i := range found {
		found[i].Message, found[i].Remedy = found[i].Message.Clip(), found[i].Remedy.Clip()
	}
	if len(found) > MaxFindings {
		found = append(found[:MaxFindings:MaxFindings], tooManyFindings(found[MaxFindings].Span))
	}
	return found
}

// result is the list in file order; the closing too_many_findings stays last.
// No message is longer than people read.
func (f *findings) result() diagnostic.List {
	for i := range f.list {
		f.list[i].Message, f.list[i].Remedy = f.list[i].Message.Clip(), f.list[i].Remedy.Clip()
	}
	if f.full {
		f.list[:MaxFindings].Sort()
	} else {
		f.list.Sort()
	}
	return f.list
}

// otherEncodings are the marks of encodings that are not UTF-8. The longer
// of two that begin alike stands first.
var otherEncodings = [...]struct{ mark, name string }{
	{"\xff\xfe\x00\x00", "UTF-32"},
	{"\x00\x00\xfe\xff", "UTF-32"},
	{"\xff\xfe", "UTF-16"},
	{"\xfe\xff", "UTF-16"},
}

const utf8Mark = "\ufeff"

// read checks the bytes of a file before anything interprets them. A file
// with findings must not be parsed.
func read(name string, data []byte, out *findings) *file {
	f := &file{name: name}
	saveAs := diagnostic.Text{ZH: "用 UTF-8 编码另存该文件", EN: "save the file again as UTF-8"}
	top := diagnostic.Span{
		File:  name,
		Start: diagnostic.Position{Line: 1, Column: 1},
		End:   diagnostic.Position{Line: 1, Column: 1},
	}
	if len(data) > MaxBytes {
		out.add(CodeFileTooLarge, top,
			diagnostic.Textf("文件超过 %d 字节", "the file has more than %d bytes", MaxBytes),
			diagnostic.Text{ZH: "删去与规则无关的内容，或拆成几个文件", EN: "remove what is not rules, or split the file"})
		return f
	}
	f.text = string(data)
	if len(data) > 1 && (data[0] == 0) != (data[1] == 0) { // the first character takes one byte of two
		out.add(CodeByteOrderMark, top, diagnostic.Textf("文件是 %s 编码", "the file is encoded as %s", "UTF-16"), saveAs)
		return f
	}
	for _, other := range otherEncodings {
		if strings.HasPrefix(f.text, other.mark) {
			out.add(CodeByteOrderMark, top,
				diagnostic.Textf("文件是 %s 编码", "the file is encoded as %s", other.name), saveAs)
			return f
		}
	}
	if strings.HasPrefix(f.text, utf8Mark) {
		f.base = len(utf8Mark)
	}
	bad := firstInvalid(f.text)
	f.index(bad)
	if bad < len(f.text) {
		at := f.span(bad, bad)
		at.End.Column++
		out.add(CodeNotUTF8, at,
			diagnostic.Textf("字节 0x%02X 不是 UTF-8 文字", "byte 0x%02X is not UTF-8 text", f.text[bad]), saveAs)
		return f
	}
	f.checkCharacters(out)
	f.checkMarks(out)
	return f
}

// firstInvalid is the offset of the first byte that is not UTF-8, or the
// length of the text.
func firstInvalid(text string) int {
	if utf8.ValidString(text) {
		return len(text)
	}
	for i, r := range text {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
				return i
			}
		}
	}
	return len(text)
}

// checkCharacters refuses what a reader of the file cannot see: control
// characters, line breaks that only some programs take for one, and
// characters that turn the direction of writing. A tab may stand within a
// line, not in its margin.
func (f *file) checkCharacters(out *findings) {
	margin, next := true, rune(0)
	for i, r := range f.text[f.base:] {
		at := f.base + i
		switch {
		case r == '\n':
			margin = true
			continue
		case r == '\t' && margin:
			// One finding a line: the whole margin is to be rewritten.
			end := at + len(f.text[at:]) - len(strings.TrimLeft(f.text[at:], " \t"))
			out.add(CodeTabIndent, f.span(at, end),
				diagnostic.Text{ZH: "行首的缩进里有制表符", EN: "a tab in the indentation"},
				diagnostic.Text{ZH: "用空格缩进", EN: "indent with spaces"})
			margin = false
		case r == ' ' || r == '\t':
			continue
		case isHidden(r):
			if next, _ = utf8.DecodeRuneInString(f.text[at+utf8.RuneLen(r):]); r == '\r' && next == '\n' {
				continue
			}
			out.add(CodeControlCharacter, f.span(at, at+utf8.RuneLen(r)),
				diagnostic.Textf("不可见的控制字符 %s", "an invisible control character, %s", fmt.Sprintf("U+%04X", r)),
				diagnostic.Text{
					ZH: "删去该字符；换行请用普通换行符，确需保留时在双引号里写成转义",
					EN: "delete it; use an ordinary line break, or an escape within double quotes where it is meant",
				})
			margin = false
		default:
			margin = false
		}
		if out.full {
			return
		}
	}
}

// isHidden reports whether a character is refused in a rules file. A carriage
// return is one, save before a line feed.
func isHidden(r rune) bool {
	switch {
	case r < 0x20:
		return r != '\t' && r != '\n'
	case r >= 0x7f && r <= 0x9f,
		r == '\u2028', r == '\u2029', // line and paragraph separator
		r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', // direction
		r == '\ufeff', r == '\ufffe', r == '\uffff':
		return true
	}
	return false
}

// checkMarks bounds the nodes a file can have, whatever its structure: each
// key, item and bracket needs a structural character, and each of those makes
// at most two nodes. Characters within text are counted too, which is why the
// limit is generous; the count needs no understanding of YAML that an
// attacker could mislead.
func (f *file) checkMarks(out *findings) {
	marks := 0
	for i := f.base; i < len(f.text); i++ {
		if !f.mayMark(i) {
			continue
		}
		if marks++; marks > MaxMarks {
			out.add(CodeTooManyNodes, f.span(i, i+1),
				diagnostic.Textf("文件的键、条目和标点超过 %d 个", "more than %d keys, items and punctuation marks in the file", MaxMarks),
				diagnostic.Text{ZH: "删去与规则无关的数据，或拆成几个文件", EN: "remove data that is not rules, or split the file"})
			return
		}
	}
}

// mayMark reports whether the byte at i may be a structural character.
func (f *file) mayMark(i int) bool {
	switch f.text[i] {
	case '[', '{', ',', '?':
		return true
	case '-':
		return i+1 == len(f.text) || f.text[i+1] <= ' '
	case ':':
		// Within a word, as in 18:00, it cannot part a key from a value.
		return i == 0 || i+1 == len(f.text) || !inWord(f.text[i-1]) || !inWord(f.text[i+1])
	}
	return false
}

func inWord(b byte) bool {
	return b >= 0x80 || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}
