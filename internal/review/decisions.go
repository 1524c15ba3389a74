package review

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
)

// DecisionsName is the file that WriteDecisions writes.
const DecisionsName = "decisions.jsonl"

// WriteDecisions writes every complete answer of the report to
// decisions.jsonl in a directory, one a line, in the order of the report. The
// file is there whole or not at all.
func (r *Report) WriteDecisions(dir string) error {
	d, err := NewDecisions(dir)
	if err != nil {
		return err
	}
	defer d.Discard()
	for _, s := range r.Sections {
		for i := range s.Records {
			if err := d.Add(s.Name, &s.Records[i]); err != nil {
				return err
			}
		}
	}
	return d.Finish()
}

// Decisions is a file decisions.jsonl as it is written: it is there once it is
// finished. Options.Decided may be its Add.
type Decisions struct {
	dir  string
	f    *os.File
	b    *bufio.Writer
	done bool
}

// NewDecisions begins the file of a directory, which must be there.
func NewDecisions(dir string) (*Decisions, error) {
	f, err := os.CreateTemp(dir, "."+DecisionsName+".*")
	if err != nil {
		return nil, err
	}
	return &Decisions{dir: dir, f: f, b: bufio.NewWriter(f)}, nil
}

// Add adds the complete answers about a record.
func (d *Decisions) Add(section string, r *Record) error {
	writeDecision(d.b, section, r.ID, r.Answer)
	for _, with := range r.With {
		writeDecision(d.b, section, r.ID, with.Answer)
	}
	_, err := d.b.Write(nil) // the first error so far
	return err
}

// Finish puts the file in its place.
func (d *Decisions) Finish() error {
	if err := d.b.Flush(); err != nil {
		return err
	}
	const readable = 0o644
	if err := d.f.Chmod(readable); err != nil {
		return err
	}
	if err := d.f.Sync(); err != nil {
		return err
	}
	if err := d.f.Close(); err != nil {
		return err
	}
	if err := os.Rename(d.f.Name(), filepath.Join(d.dir, DecisionsName)); err != nil {
		return err
	}
	d.done = true
	return nil
}

// Discard leaves nothing of a file that was not finished.
func (d *Decisions) Discard() {
	if !d.done {
		d.f.Close()
		os.Remove(d.f.Name())
	}
}

// writeDecision writes one line; a bufio.Writer keeps its first error.
func writeDecision(b *bufio.Writer, section, record string, a Answer) {
	b.WriteString(`{"section":`)
	b.Write(quote(section))
	b.WriteString(`,"record":`)
	b.Write(quote(record))
	b.WriteString(`,"question":`)
	b.Write(quote(a.Question))
	b.WriteString(`,"answer":`)
	b.Write(a.Complete)
	b.WriteString("}\n")
}

func quote(s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string can be encoded
	return bytes.TrimRight(b.Bytes(), "\n")
}
