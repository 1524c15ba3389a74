package spreadsheet

import (
	"bufio"
	"bytes"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/servicerules/rulebook/internal/table"
)

// sample is how much of a file is looked at to find its separator.
const sample = 64 << 10

// encodingByMark is the encoding that a text begins with the mark of, or the
// zero bytes of; "" where it does not.
func encodingByMark(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte(table.Mark)):
		return "utf-8"
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return "utf-16"
	case len(head) > 3 && (head[0] == 0) != (head[1] == 0) && (head[2] == 0) != (head[3] == 0):
		return "utf-16"
	}
	return ""
}

// validUTF8 reports whether text is UTF-8; where it is not all, its last
// character may be cut off.
func validUTF8(text []byte, all bool) bool {
	if utf8.Valid(text) {
		return true
	}
	if all {
		return false
	}
	for cut := 1; cut < utf8.UTFMax && cut < len(text); cut++ {
		if utf8.RuneStart(text[len(text)-cut]) {
			return !utf8.FullRune(text[len(text)-cut:]) && utf8.Valid(text[:len(text)-cut])
		}
	}
	return false
}

// zeros counts the zero bytes at even places and at odd ones.
func zeros(text []byte) (even, odd int) {
	for i, b := range text {
		switch {
		case b == 0 && i%2 == 0:
			even++
		case b == 0:
			odd++
		}
	}
	return even, odd
}

// allUTF8 reads a text to its end, or to the first that is no UTF-8.
func allUTF8(r io.Reader) (bool, error) {
	in := bufio.NewReaderSize(r, sample)
	for {
		c, n, err := in.ReadRune()
		switch {
		case err == io.EOF:
			return true, nil
		case err != nil:
			return false, err
		case c == utf8.RuneError && n == 1:
			return false, nil
		}
	}
}

// recognise finds the encoding of a text, which open gives again from its
// beginning. UTF-8 is what decodes as such; GB18030 what decodes as that and
// reads like Chinese. Anything else is asked about.
func recognise(open func() (io.ReadCloser, error)) (string, error) {
	in, err := open()
	if err != nil {
		return "", err
	}
	defer in.Close()
	head := make([]byte, 4)
	n, err := io.ReadFull(in, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return "", err
	}
	if by := encodingByMark(head[:n]); by != "" {
		return by, nil
	}
	isUTF8, err := allUTF8(io.MultiReader(bytes.NewReader(head[:n]), in))
	if isUTF8 || err != nil {
		return "utf-8", err
	}
	again, err := open()
	if err != nil {
		return "", err
	}
	defer again.Close()
	begin := make([]byte, sample)
	n, err = io.ReadFull(again, begin)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return "", err
	}
	if even, odd := zeros(begin[:n]); even+odd > 0 && (even == 0 || odd == 0) {
		return "utf-16", nil // as no other text has: letters and line ends of ASCII, two bytes each
	}
	if again, err = open(); err != nil {
		return "", err
	}
	defer again.Close()
	looks, err := looksLikeGB18030(again)
	if looks || err != nil {
		return "gb18030", err
	}
	return "", whole("unknown_encoding", textf("认不出文本的编码：既不是 UTF-8，也不像 GB18030", "the encoding of the text is not known: it is no UTF-8, and does not look like GB18030"),
		textf("写明 encoding（review.yaml）或 --encoding：gb18030, utf-16, big5, windows-1252；或另存为“CSV UTF-8”", "name it, by encoding: in review.yaml or --encoding: gb18030, utf-16, big5, windows-1252; or save the table as \"CSV UTF-8\""))
}

// looksLikeGB18030 reports whether a text decodes as GB18030 and its characters
// are those that Chinese is written with: nine of ten in GB 2312, of whose
// ideographs four of five are among the 3755 common ones. Letters with accents
// of other encodings decode as rare ones.
func looksLikeGB18030(r io.Reader) (bool, error) {
	in := bufio.NewReaderSize(r, sample)
	var double, usual, ideographs, common int
	for {
		lead, err := in.ReadByte()
		if err == io.EOF {
			break
		}
		if err != nil {
			return false, err
		}
		if lead < utf8.RuneSelf {
			continue
		}
		trail, err := in.ReadByte()
		switch {
		case err == io.EOF:
			return false, nil
		case err != nil:
			return false, err
		case lead == 0x80 || lead == 0xff || trail == 0x7f || trail == 0xff || trail < 0x30 || trail > 0x39 && trail < 0x40:
			return false, nil
		}
		double++
		if trail <= 0x39 { // the first two of four bytes
			rest := make([]byte, 2)
			if _, err := io.ReadFull(in, rest); err != nil || rest[0] < 0x81 || rest[0] > 0xfe || rest[1] < 0x30 || rest[1] > 0x39 {
				return false, nil
			}
			continue
		}
		if trail < 0xa1 {
			continue
		}
		switch {
		case lead >= 0xa1 && lead <= 0xa9:
			usual++
		case lead >= 0xb0 && lead <= 0xf7:
			usual, ideographs = usual+1, ideographs+1
			if lead <= 0xd7 {
				common++
			}
		}
	}
	return ideographs >= 2 && 10*usual >= 9*double && 5*common >= 4*ideographs, nil
}

// decoders are the encodings that are decoded; UTF-8 needs none.
var decoders = map[string]encoding.Encoding{
	"utf-16":       unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
	"gb18030":      simplifiedchinese.GB18030,
	"big5":         traditionalchinese.Big5,
	"windows-1252": charmap.Windows1252,
}

// called is what people call an encoding.
var called = map[string]string{"utf-8": "UTF-8", "utf-16": "UTF-16", "gb18030": "GB18030", "big5": "Big5", "windows-1252": "Windows-1252"}

// decoded is a text in UTF-8, without a mark. What cannot be decoded becomes
// U+FFFD, which callers refuse.
func decoded(r io.Reader, encoding string) (io.Reader, error) {
	if e, ok := decoders[encoding]; ok {
		if encoding == "utf-16" {
			b := bufio.NewReaderSize(r, sample)
			head, _ := b.Peek(sample) // what is there
			marked := len(head) > 1 && head[0] >= 0xfe && head[1] >= 0xfe
			if even, odd := zeros(head); !marked && even > 0 && odd == 0 {
				e = unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
			}
			r = b
		}
		r = transform.NewReader(r, e.NewDecoder())
	}
	b := bufio.NewReaderSize(r, sample)
	for {
		head, err := b.Peek(len(table.Mark))
		if string(head) != table.Mark {
			if err == io.EOF {
				err = nil
			}
			return b, err
		}
		_, _ = b.Discard(len(table.Mark)) // was there
	}
}
