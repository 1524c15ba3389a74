package batch

import (
	"bytes"
	"encoding/csv"
	"errors"
	"hash/maphash"
	"math/bits"
	"slices"

	"github.com/servicerules/rulebook/internal/intake"

	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/table"
)

// idSet remembers the ids of records and the lines that they stand on, in 16
// bytes each: 88 bits of a hash under a key of this run and 40 bits of a line.
// That two of a billion different ids are taken for one has a chance of one in
// a billion. As no table is more than three quarters full, a record takes
// between 22 and 32 bytes.
type idSet struct {
	seeds [2]maphash.Seed
	parts [256]idPart
	bytes int64
	grown func(bytes int64) // told how large it has become, now and then
	told  int64
}

// idPart is the ids whose hashes begin alike: they grow one at a time, so that
// growing needs little room.
type idPart struct {
	slots []idSlot
	used  int
}

type idSlot struct{ high, low uint64 } // low is 24 bits of the hash and the line; 0 is empty

const (
	lineBits = 40
	lineMask = 1<<lineBits - 1
	slotSize = 16
)

func newIDSet(grown func(int64)) *idSet {
	return &idSet{seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}, grown: grown}
}

// slot is what is kept of an id on a line.
func (s *idSet) slot(id []byte, line int64) idSlot {
	return idSlot{maphash.Bytes(s.seeds[0], id), maphash.Bytes(s.seeds[1], id)<<lineBits | uint64(line)&lineMask}
}

func (x idSlot) line() int64 { return int64(x.low & lineMask) }

// claim notes an id. Where it was noted before it gives the line.
func (s *idSet) claim(x idSlot) (before int64) {
	p := &s.parts[x.high>>56]
	if 4*(p.used+1) > 3*len(p.slots) {
		s.grow(p)
	}
	at := p.find(x)
	if found := p.slots[at]; found.low != 0 {
		return found.line()
	}
	p.slots[at] = x
	p.used++
	return 0
}

// find is the place of an id: where it stands, or where it may be put.
func (p *idPart) find(x idSlot) int {
	first, _ := bits.Mul64(x.high<<8, uint64(len(p.slots)))
	at := int(first)
	for {
		s := p.slots[at]
		if s.low == 0 || s.high == x.high && s.low>>lineBits == x.low>>lineBits {
			return at
		}
		if at++; at == len(p.slots) {
			at = 0
		}
	}
}

func (s *idSet) grow(p *idPart) {
	const least = 16
	old := p.slots
	p.slots = make([]idSlot, max(least, len(old)+len(old)/2))
	for _, x := range old {
		if x.low != 0 {
			p.slots[p.find(x)] = x
		}
	}
	s.bytes += int64(slotSize * (len(p.slots) - len(old)))
	const step = 1 << 20
	if s.grown != nil && s.bytes-s.told >= step {
		s.told = s.bytes
		s.grown(s.bytes)
	}
}

// repeat is a row whose id was used before.
type repeat struct{ line, before int64 }

// note notes the ids of a block and finds those that were used before. Blocks
// are noted in the order of the file, whoever decides them.
func (s *idSet) note(rows []idSlot) []repeat {
	var all []repeat
	for _, x := range rows {
		if before := s.claim(x); before != 0 {
			all = append(all, repeat{x.line(), before})
		}
	}
	return all
}

// repeated says that the record of a row stood in the file before.
func (d *Decider) repeated(repeats []repeat, x row) *table.Problem {
	i, found := slices.BinarySearchFunc(repeats, x.line, func(r repeat, line int64) int {
		switch {
		case r.line < line:
			return -1
		case r.line > line:
			return 1
		}
		return 0
	})
	if !found {
		return nil
	}
	before, _ := d.origin(repeats[i].before)
	p := table.Duplicate(x.id, textf("第 %d 行", "line %d", before))
	p.Remedy = textf("每条记录用不同的编号，或删去多余的一行；编号本来就会重复的，加 --repeats",
		"give each record its own id, or remove the row that is too many; where ids repeat by nature, add --repeats")
	return p
}

// idsOf appends the ids of the rows of a block, without blanks around them.
func (s *idSet) idsOf(dst []idSlot, d *Decider, b Block) []idSlot {
	switch {
	case !d.named || b.Refused != nil:
		return dst
	case d.plan.In == CSV && (d.recordAt > 0 || bytes.IndexByte(b.Text, '"') >= 0):
		return s.idsOfCells(dst, d, b)
	}
	line := b.Line
	for text := b.Text; len(text) > 0; line++ {
		row := text
		if n := bytes.IndexByte(text, '\n'); n >= 0 {
			row, text = text[:n], text[n+1:]
		} else {
			text = nil
		}
		if d.plan.In == CSV {
			if n := bytes.IndexByte(row, ','); n >= 0 {
				row = row[:n]
			}
		} else {
			row = recordOf(row)
		}
		dst = s.append(dst, line, row)
	}
	return dst
}

func (s *idSet) append(dst []idSlot, line int64, id []byte) []idSlot {
	id = bytes.TrimSpace(id)
	if len(id) == 0 || len(id) > table.MaxID && table.CheckID(string(id)) != nil || bytes.ContainsAny(id, "\r\n") {
		return dst
	}
	return append(dst, s.slot(id, line))
}

// idsOfCells reads all cells of the rows.
func (s *idSet) idsOfCells(dst []idSlot, d *Decider, b Block) []idSlot {
	r := newRowReader(b.Text)
	for {
		cells, line, err := r.next()
		var syntax *csv.ParseError
		switch {
		case errors.As(err, &syntax):
		case err != nil: // the end of the text
			return dst
		case d.recordAt < len(cells):
			dst = s.append(dst, b.Line+int64(line)-1, []byte(cells[d.recordAt]))
		}
	}
}

// recordOf is the id in a line of JSON, nothing where there is none or the line
// is no object.
func recordOf(text []byte) []byte {
	if bytes.IndexByte(text, '\\') < 0 {
		if !bytes.Contains(text, []byte(`"`+table.Record+`"`)) {
			return nil
		}
		if id, ok := scanRecord(text); ok {
			return id
		}
	}
	root, err := intake.ParseFacts(text)
	if err != nil {
		return nil
	}
	n := root.Get(table.Record)
	if n == nil || n.Kind != source.Scalar || n.Style == source.Plain && n.Text == "null" {
		return nil
	}
	return []byte(n.Text)
}

// scanRecord finds the id in a line of JSON without escapes. Where it is not
// ok, the line is for the parser.
func scanRecord(text []byte) (id []byte, ok bool) {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			n := bytes.IndexByte(text[i+1:], '"')
			if n < 0 {
				return nil, false
			}
			inside := text[i+1 : i+1+n]
			i += n + 1
			if depth != 1 || string(inside) != table.Record {
				continue
			}
			rest := bytes.TrimLeft(text[i+1:], " \t\r")
			if len(rest) == 0 || rest[0] != ':' {
				continue // a value of that text
			}
			rest = bytes.TrimLeft(rest[1:], " \t\r")
			if len(rest) == 0 || rest[0] != '"' {
				return nil, false
			}
			n = bytes.IndexByte(rest[1:], '"')
			if n < 0 {
				return nil, false
			}
			return rest[1 : 1+n], true
		}
	}
	return nil, true
}
