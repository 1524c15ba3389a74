package batch

import (
	"bytes"
	"compress/gzip"
	"io"
)

// output is what grows: a file under its name while it is not complete, or a
// stream.
type output struct {
	w    io.Writer
	file file  // nil for a stream
	at   int64 // bytes written
}

func (o *output) write(data []byte) error {
	n, err := o.w.Write(data)
	o.at += int64(n)
	return err
}

func (o *output) close() {
	if o.file != nil {
		_ = o.file.Close() // what counts has been synced
	}
}

// encode is what is written of a piece of the output: of a compressed one, a
// member of its own, so that the file may be cut off behind each.
func (r *runner) encode(dst, plain []byte) []byte {
	if !r.OutGzip {
		return append(dst, plain...)
	}
	if len(plain) == 0 {
		return dst
	}
	return appendMember(dst, plain)
}

func appendMember(dst, plain []byte) []byte {
	b := bytes.NewBuffer(dst)
	// Neither the level nor the buffer can be refused.
	w, _ := gzip.NewWriterLevel(b, gzip.BestSpeed)
	_, _ = w.Write(plain)
	_ = w.Close()
	return b.Bytes()
}

// create makes the output, or opens what there is of it.
func (r *runner) create(from *checkpoint) (*output, error) {
	if r.OutPath == "" {
		return &output{w: r.Output}, nil
	}
	var at int64
	if from != nil {
		at = from.Output
	}
	f, err := r.files.Open(partName(r.OutPath))
	if err != nil {
		return nil, err
	}
	size, err := f.Size()
	if err == nil && size < at {
		err = &DamagedError{partName(r.OutPath)}
	}
	if err == nil {
		err = f.Truncate(at)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return &output{w: f, file: f, at: at}, nil
}

// finishStream ends an output that is no file of ours. A compressed one has a
// member even if there is nothing in it.
func (r *runner) finishStream() error {
	if err := r.closeMembers(); err != nil {
		return r.stop(err)
	}
	return r.summarise()
}

func (r *runner) closeMembers() error {
	if r.OutGzip && r.out.at == 0 {
		return r.out.write(appendMember(nil, nil))
	}
	return nil
}
