package review

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
)

// DecisionsName is the file that WriteDecisions writes.
const DecisionsName = "decisions.jsonl"

// WriteDecisions writes every complete answer of the report to
// decisions.jsonl in a directory, one a line, in the order of the report. The
// file is there whole or not at all.
func (r *Report) WriteDecisions(dir string) (err error) {
	f, err := os.CreateTemp(dir, "."+DecisionsName+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err = r.decisions(f); err != nil {
		return err
	}
	const readable = 0o644
	if err = f.Chmod(readable); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), filepath.Join(dir, DecisionsName))
}

func (r *Report) decisions(w io.Writer) error {
	b := bufio.NewWriter(w)
	for _, s := range r.Sections {
		for _, x := range s.Records {
			writeDecision(b, s.Name, x.ID, x.Answer)
			for _, with := range x.With {
				writeDecision(b, s.Name, x.ID, with.Answer)
			}
		}
	}
	return b.Flush()
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
