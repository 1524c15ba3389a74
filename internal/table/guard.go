package table

import "io"

// MaxRow bounds the bytes of one row of text: a quote that is never closed would
// make one of the whole file.
const MaxRow = 1 << 20

// RowGuard is a reader that ends where a row takes more than [MaxRow] of it. Next
// is called before each row; what the reader behind it has ahead counts to the row
// that it is read for.
type RowGuard struct {
	in   io.Reader
	left int
	hit  bool
}

// NewRowGuard guards the rows of a text.
func NewRowGuard(in io.Reader) *RowGuard { return &RowGuard{in: in, left: MaxRow} }

// Next begins a row.
func (g *RowGuard) Next() { g.left = MaxRow }

// Hit reports whether a row was too long. What has been read of it is no row.
func (g *RowGuard) Hit() bool { return g.hit }

// Read reads what is left for the row.
func (g *RowGuard) Read(p []byte) (int, error) {
	if g.left <= 0 {
		g.hit = true
		return 0, io.EOF
	}
	n, err := g.in.Read(p[:min(len(p), g.left)])
	g.left -= n
	return n, err
}

// RowTooLong says that a row is longer than [MaxRow].
func RowTooLong() *Problem {
	return &Problem{
		Code: "row_too_long", Message: textf("一行超过 %d 字节，可能缺右引号", "a row is longer than %d bytes: a closing quote may be missing", MaxRow),
		Remedy: textf("检查这一行的引号", "check the quotes of the line"),
	}
}
