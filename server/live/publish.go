package live

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/servicerules/rulebook/internal/source"
)

// Errors of Publish.
var (
	// ErrOtherBase says that other rules are in force, or stand in the rules file,
	// than those that a text is a change of.
	ErrOtherBase = errors.New("the rules in force are not those that the change is based on")
	// ErrNowhere says that there is no file that rules could be written to.
	ErrNowhere = errors.New("the server was started without a file that rules could be published to")
	// ErrSeveralFiles says that a text changes several files of the rules: they
	// could not be exchanged in one step.
	ErrSeveralFiles = errors.New("the change alters several files of the rules, which cannot be exchanged in one step; make a change of each")
	// ErrFileThere says that a file that a text adds is there already.
	ErrFileThere = errors.New("it is there already, and is no part of the rules in force: name the new file otherwise")
)

var errNotWhole = errors.New("the text lacks files that it names, or has others")

// WholeOf is a text of rules with the files that it names: those that stand in it,
// and else those of another text of the same rules. What it does not name is left
// out.
func WholeOf(text, of []byte) []byte {
	own, others := beside(text), beside(of)
	whole, _ := source.Gather(source.Split(text)[0].Text, func(name string) ([]byte, error) {
		if found, err := own(name); err == nil {
			return found, nil
		}
		return others(name)
	})
	return whole
}

// Publish puts a text in the place of the rules in force, which base is the
// SHA-256 of: it is checked and tried on the cases, written to the rules file in
// one step – after a crash, too, the file is the old one or the new one –, and in
// force when Publish returns. Without a rules file, the file is that of
// Options.Published, which is the rules file from then on.
//
// Where the text does not pass, the status says why and nothing was written; nor
// is it the status of the rules then, for theirs are as good as before. Errors are
// ErrOtherBase, those of Publishable, those of Options.Signed, and those of reading and
// writing.
func (r *Rules) Publish(ctx context.Context, base string, text []byte) (Status, error) {
	r.loading.Lock()
	defer r.loading.Unlock()
	if r.Current().SHA256 != base {
		return Status{}, ErrOtherBase
	}
	if file := r.Watched(); file != "" {
		stands, _, err := r.read(file)
		if err != nil {
			return Status{}, err
		}
		if hashOf(stands) != base {
			return Status{}, ErrOtherBase // somebody wrote to the file, and nobody has looked at it yet
		}
	}
	to, writes, err := r.writes(text)
	if err != nil {
		return Status{}, err
	}
	signature, err := r.signed(ctx, to, text)
	if err != nil {
		return Status{}, err
	}
	s := Status{At: r.options.Now(), Source: to, Text: text}
	loaded := Parse(to, text, &s)
	if loaded != nil && r.options.Cases != "" {
		s.Failed, _, s.Err = r.ownCases(ctx, loaded.Book)
	}
	if s.OK = loaded != nil && s.Err == nil && len(s.Failed) == 0; !s.OK {
		return s, nil
	}
	if err := ctx.Err(); err != nil {
		return Status{}, err
	}
	loaded.signature = signature
	if err := keepSignature(to, signature); err != nil {
		return Status{}, err
	}
	for _, w := range writes {
		if err := replace(w.path, w.text); err != nil {
			return Status{}, err
		}
		if err := syncDirectory(filepath.Dir(w.path)); err != nil {
			return Status{}, err
		}
	}
	if r.Watched() == "" {
		r.file.Store(&to)
	}
	r.watch(to)
	return r.finish(ctx, s, loaded), nil
}

// Publishable is the error for which a text could not be published in the place of
// the rules in force, as far as that does not depend on what it says: ErrNowhere,
// ErrSeveralFiles, ErrFileThere, that it is not whole, or one of looking at the files.
func (r *Rules) Publishable(text []byte) error {
	_, _, err := r.writes(text)
	return err
}

// writes are the files to be written for a text, and the main one of them.
func (r *Rules) writes(text []byte) (to string, all []write, err error) {
	before := r.Current().Text
	if to = r.Watched(); to == "" {
		to, before = r.options.Published, nil
	}
	if to == "" {
		return "", nil, ErrNowhere
	}
	if !bytes.Equal(WholeOf(text, nil), text) {
		return "", nil, errNotWhole // it would be read otherwise than it was approved
	}
	all, err = writesOf(to, before, text)
	return to, all, err
}

type write struct {
	path string
	text []byte
}

// writesOf are the files to be written so that the text of old, nil where there
// is none, becomes the new one: those that are not there yet first, which nobody
// names until the last one, the only one that is exchanged, is written.
func writesOf(main string, old, text []byte) (writes []write, err error) {
	before := source.Split(old)
	var exchanged []write
	for i, f := range source.Split(text) {
		path := source.NameOf(main, f.Path)
		if i == 0 {
			if path, err = behindLinks(main); err != nil {
				return nil, err
			}
		} else if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
			return nil, fmt.Errorf("%s is no regular file", f.Path)
		}
		switch at := slices.IndexFunc(before, func(x source.File) bool { return x.Path == f.Path }); {
		case old != nil && at >= 0 && bytes.Equal(before[at].Text, f.Text):
		case at >= 0:
			exchanged = append(exchanged, write{path, f.Text})
		default:
			if there, err := os.ReadFile(path); err == nil && !bytes.Equal(there, f.Text) {
				return nil, fmt.Errorf("%s: %w", f.Path, ErrFileThere)
			}
			writes = append(writes, write{path, f.Text})
		}
	}
	if len(exchanged) > 1 {
		return nil, ErrSeveralFiles
	}
	return append(writes, exchanged...), nil
}

// behindLinks is the file that a path leads to: it is exchanged where it is, and
// not a link to it.
func behindLinks(path string) (string, error) {
	real, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		return path, nil
	}
	return real, err
}

// syncDirectory makes the names of new files durable.
func syncDirectory(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
