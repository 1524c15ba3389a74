package console

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"io"
	"slices"

	"github.com/servicerules/rulebook/internal/review"
	"github.com/servicerules/rulebook/kpi"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/internal/spool"
	"github.com/servicerules/rulebook/server/internal/tables"
	"github.com/servicerules/rulebook/sla"
)

// month is a review that was made, with what its pictures need. Its records
// are in a temporary file: there may be many.
type month struct {
	key      string
	sample   bool
	book     *policy.Rulebook
	report   *review.Report // without records
	sections map[string]*monthSection
	files    []string

	kept   *spool.File
	tables *tables.FS // that it was made of, as long as it is kept; nil of the sample and of a kept month
	from   *upload    // whose they are; nil where there are none
	lease
}

func (m *month) named() string { return m.key }

// size is what it takes of the disk.
func (m *month) size() int64 {
	if m.from == nil {
		return m.kept.Size()
	}
	return m.kept.Size() + m.from.size()
}

// holds has the tables of an upload kept as long as the review.
func (m *month) holds(u *upload, files *tables.FS) {
	u.take()
	m.tables, m.from = files, u
	closed := m.close
	m.close = func() error {
		u.release()
		return closed()
	}
}

// monthSection is what is known of the records of a section without reading
// them.
type monthSection struct {
	from, to int64             // where they stand in the file
	listed   int               // records that are shown in full
	pages    []int64           // where each page of those begins
	classes  map[string]string // look of a verdict
	withs    []review.Text     // titles of the further questions
	gauges   []gaugeRecord     // of the first records that have any
	overdue  watchList
	soon     watchList
	later    int // running, and due later
}

// gaugeRecord is what is drawn of a record's indicators.
type gaugeRecord struct {
	id     string
	label  review.Text
	open   bool
	gauges []drawnGauge
}

type drawnGauge struct {
	rule  *policy.Rule
	gauge kpi.Gauge
}

// watchedRecord is a matter whose clock runs.
type watchedRecord struct {
	id     string
	rule   *policy.Rule
	clock  sla.Timeline
	liable []review.Liable
}

// watchList holds those that are due first.
type watchList struct {
	list []watchedRecord
	n    int // all of them
}

func (w *watchList) add(x watchedRecord) {
	w.n++
	if w.list = append(w.list, x); len(w.list) > 2*shownWatched {
		w.trim()
	}
}

func (w *watchList) trim() {
	slices.SortFunc(w.list, func(a, b watchedRecord) int {
		return cmp.Or(a.clock.Due.End.Compare(b.clock.Due.End), cmp.Compare(a.id, b.id))
	})
	clear(w.list[min(len(w.list), shownWatched):])
	w.list = w.list[:min(len(w.list), shownWatched)]
}

// keptRecord is a record in the temporary file.
type keptRecord struct {
	Record review.Record
	NotMet bool // an indicator of it
}

// How much a page shows; the rest is on further pages, or in the tables that
// can be saved.
const (
	shownRecords = 100 // of a section
	shownGauges  = 200
	shownWatched = 200
	keptFindings = 200
	shownNames   = 20 // of the records of a group
)

// each reads the records from one place on, until do is false.
func (m *month) each(from, to int64, do func(at int64, r *keptRecord) (more bool, err error)) error {
	const longest = 16 << 20
	in := bufio.NewReaderSize(io.NewSectionReader(m.kept, from, to-from), 64<<10)
	for at := from; at < to; {
		var size [4]byte
		if _, err := io.ReadFull(in, size[:]); err != nil {
			return err
		}
		n := binary.BigEndian.Uint32(size[:])
		if n > longest {
			return io.ErrUnexpectedEOF
		}
		data := make([]byte, n)
		if _, err := io.ReadFull(in, data); err != nil {
			return err
		}
		var r keptRecord
		if err := json.Unmarshal(data, &r); err != nil {
			return err
		}
		if more, err := do(at, &r); err != nil || !more {
			return err
		}
		at += int64(len(size)) + int64(n)
	}
	return nil
}

// sampleKey is the address of the sample month.
const sampleKey = "sample"
