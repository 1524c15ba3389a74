package batch

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/servicerules/rulebook/internal/table"
)

// Format is how rows are written in a file.
type Format string

// The values of Format.
const (
	CSV   Format = "csv"
	JSONL Format = "jsonl"
)

// Block is some whole rows of a file.
type Block struct {
	Line    int64  // of the first row, from 1
	Text    []byte // valid until the next call of Next
	Refused *table.Problem
	Another bool     // it stands below the header of another table
	At      Position // behind the block
}

// Position is a place in a file and what stands before it.
type Position struct {
	Blocks int64  `json:"blocks"`
	Lines  int64  `json:"lines"`
	Bytes  int64  `json:"bytes"` // uncompressed
	SHA256 string `json:"sha256"`
}

const (
	blockSize = 64 << 10 // a block ends with the last row that ends before
	maxRow    = 1 << 20  // what is longer by a block is refused
)

// Cutter cuts a file into blocks of whole rows.
type Cutter struct {
	r      io.Reader
	format Format
	size   int

	buf   []byte // buf[:from] has been handed out
	from  int
	ended bool // no more to read
	at    Position
	sum   hash.Hash
}

// NewCutter cuts what r reads.
func NewCutter(r io.Reader, f Format) *Cutter {
	return &Cutter{r: r, format: f, size: blockSize, sum: sha256.New()}
}

// Header reads the first row of a CSV file that says something, with what
// stands before it. It is empty where the file is.
func (c *Cutter) Header() ([]byte, error) {
	if err := c.fill(table.Enough); err != nil {
		return nil, err
	}
	if p := table.CheckBeginning(c.buf[c.from:]); p != nil {
		if c.format != CSV {
			p.Remedy = textf("以 UTF-8 编码", "encode it as UTF-8")
		}
		return nil, &HeaderError{1, []*table.Problem{p}}
	}
	for bytes.HasPrefix(c.buf[c.from:], []byte(table.Mark)) {
		c.take(len(table.Mark))
		if err := c.fill(len(table.Mark)); err != nil {
			return nil, err
		}
	}
	if c.format != CSV {
		return nil, nil
	}
	var all []byte
	for {
		one, err := c.headerRow()
		all = append(all, one...)
		if err != nil || len(one) == 0 {
			return all, err
		}
		cells, err := csv.NewReader(bytes.NewReader(one)).Read()
		blank := errors.Is(err, io.EOF) // not even a comma
		if err == nil {
			blank, _ = table.BeforeHeader(cells)
		}
		if !blank || len(all) > maxRow {
			return all, nil
		}
	}
}

// headerRow takes one row.
func (c *Cutter) headerRow() ([]byte, error) {
	for want := c.size; ; want += c.size {
		if err := c.fill(want); err != nil {
			return nil, err
		}
		rest := c.buf[c.from:]
		switch first, _, open := rowEnds(rest, true); {
		case first > 0:
			return c.take(first), nil
		case c.ended && !open:
			return c.take(len(rest)), nil
		case c.ended || len(rest) > maxRow:
			return nil, &HeaderError{int(c.at.Lines) + 1, []*table.Problem{noRow(open)}}
		}
	}
}

// HeaderError says what is wrong with the header of a CSV file, or with how a
// file begins.
type HeaderError struct {
	Line     int
	Problems []*table.Problem
}

// Error is the first of it, in English.
func (e *HeaderError) Error() string {
	return fmt.Sprintf("line %d: %s [%s]", e.Line, e.Problems[0].Message.EN, e.Problems[0].Code)
}

// Next is the next block; io.EOF behind the last.
func (c *Cutter) Next() (Block, error) {
	for want := c.size; ; want += c.size {
		if err := c.fill(want); err != nil {
			return Block{}, err
		}
		rest := c.buf[c.from:]
		if len(rest) == 0 {
			return Block{}, io.EOF
		}
		line := c.at.Lines + 1
		_, last, open := c.ends(rest)
		switch {
		case last > 0:
			return Block{Line: line, Text: c.take(last), At: c.position()}, nil
		case c.ended && !open && len(rest) <= maxRow:
			return Block{Line: line, Text: c.take(len(rest)), At: c.position()}, nil
		case c.ended || len(rest) > maxRow:
			return c.refuse(line, open)
		}
	}
}

// ends finds where rows end in text that begins with one.
func (c *Cutter) ends(text []byte) (first, last int, open bool) {
	if c.format == CSV && bytes.IndexByte(text, '"') >= 0 {
		return rowEnds(text, false)
	}
	return bytes.IndexByte(text, '\n') + 1, bytes.LastIndexByte(text, '\n') + 1, false
}

// refuse gives up a row that does not end, or only after too long. Where a
// quote was not closed, the rows on the lines below may be in order: only the
// line itself is given up.
func (c *Cutter) refuse(line int64, open bool) (Block, error) {
	if err := c.skipLine(); err != nil {
		return Block{}, err
	}
	return Block{Line: line, Refused: noRow(open), At: c.position()}, nil
}

// noRow says why a row has no end, or too late a one.
func noRow(open bool) *table.Problem {
	if open {
		return table.BadQuote()
	}
	return &table.Problem{
		Code: "row_too_long", Message: textf("这一行超过 %d 字节", "the row is longer than %d bytes", maxRow),
		Remedy: textf("检查换行；一行写一条", "check the line breaks: each row is one line"),
	}
}

// skipLine passes over the rest of a line, however long.
func (c *Cutter) skipLine() error {
	for {
		rest := c.buf[c.from:]
		if n := bytes.IndexByte(rest, '\n') + 1; n > 0 {
			c.take(n)
			return nil
		}
		c.take(len(rest))
		if c.ended {
			return nil
		}
		if err := c.fill(c.size); err != nil {
			return err
		}
	}
}

// fill reads until there are n bytes, or all.
func (c *Cutter) fill(n int) error {
	if c.ended || len(c.buf)-c.from >= n {
		return nil
	}
	if c.from > 0 {
		c.buf = c.buf[:copy(c.buf, c.buf[c.from:])]
		c.from = 0
	}
	if cap(c.buf) < n {
		c.buf = append(make([]byte, 0, n+c.size), c.buf...)
	}
	for len(c.buf) < n {
		got, err := c.r.Read(c.buf[len(c.buf):n])
		c.buf = c.buf[:len(c.buf)+got]
		if errors.Is(err, io.EOF) {
			c.ended = true
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// take hands out the next n bytes.
func (c *Cutter) take(n int) []byte {
	text := c.buf[c.from : c.from+n]
	c.from += n
	c.at.Bytes += int64(n)
	c.at.Lines += int64(bytes.Count(text, []byte{'\n'}))
	c.sum.Write(text)
	return text
}

func (c *Cutter) position() Position {
	c.at.Blocks++
	at := c.at
	at.SHA256 = fmt.Sprintf("%x", c.sum.Sum(nil))
	return at
}

// rowEnds finds the first and the last end of a row of CSV in text that begins
// with one, as encoding/csv sees them: a quote counts at the beginning of a
// cell only, and after a wrong one the rest of the line belongs to the row.
// Open reports that the text ends inside quotes. Where only the first end is
// wanted, the rest is not looked at.
func rowEnds(text []byte, firstOnly bool) (first, last int, open bool) {
	const (
		cellStart = iota
		plain     // in a cell without quotes, or behind a wrong quote
		quoted
		closed // behind a quote that closes, or is the first of two
	)
	state, wrong := cellStart, false
	for i, b := range text {
		switch {
		case state == quoted:
			if b == '"' {
				state = closed
			}
			continue
		case state == closed && b == '"':
			state = quoted
			continue
		case state == closed && b == '\r' && i+1 < len(text) && text[i+1] == '\n':
			continue
		}
		switch {
		case b == '\n':
			last = i + 1
			if first == 0 {
				first = last
			}
			if firstOnly {
				return first, last, false
			}
			state, wrong = cellStart, false
		case state == closed && b != ',':
			state, wrong = plain, true
		case wrong:
		case b == ',':
			state = cellStart
		case b == '"' && state == cellStart:
			state = quoted
		case b == '"':
			wrong = true
		default:
			state = plain
		}
	}
	return first, last, state == quoted
}
