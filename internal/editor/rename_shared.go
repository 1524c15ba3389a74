package editor

import (
	"path"
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
)

// Book is a rulebook of a folder.
type Book struct {
	Main    string // the name of its main file in the folder
	Project *Project
}

// file is the path from the folder of one of the book's files.
func (b Book) file(path string) string {
	if path == "" {
		return b.Main
	}
	return path
}

// below is the path that the book has for a file of the folder.
func (b Book) below(path string) string {
	if path == b.Main {
		return ""
	}
	return path
}

// Text is the text of a file of the folder; nil of one that is not the book's.
func (b Book) Text(path string) *Text { return b.Project.Text(b.below(path)) }

// Own are those of the edits of files of the folder that are of the book's, with
// paths as the book has them.
func (b Book) Own(edits []Edit) []Edit {
	var all []Edit
	for _, e := range edits {
		if e.Path = b.below(e.Path); b.Project.file(e.Path) != nil {
			all = append(all, e)
		}
	}
	return all
}

// shares reports whether the book has a file of which there is an edit.
func (b Book) shares(edits []Edit) bool { return len(b.Own(edits)) > 0 }

// RenameShared renames a symbol of the first of the rulebooks of a folder in all
// of them that have a file in common with it in which the name stands: one that
// builds on another, two that include the same file. The paths of edits are from
// the folder. Each of these rulebooks is renamed in, and loaded, as by Rename.
func RenameShared(books []Book, s *Symbol, name string) ([]Edit, error) {
	own, err := books[0].Project.Rename(s, name)
	if err != nil {
		return nil, err
	}
	var edits []Edit
	add := func(b Book, more []Edit) {
		for _, e := range more {
			if e.Path = b.file(e.Path); !slices.Contains(edits, e) {
				edits = append(edits, e)
			}
		}
	}
	add(books[0], own)
	concerned := books[:1:1]
	for again := true; again; {
		again = false
		for _, b := range books[1:] {
			if slices.ContainsFunc(concerned, func(c Book) bool { return c.Main == b.Main }) || !b.shares(edits) {
				continue
			}
			concerned, again = append(concerned, b), true
			x := b.Project.known().get(s.Kind, s.ID)
			if x == nil {
				continue // shares a file, and not the name
			}
			more, err := b.Project.Rename(x, name)
			if err != nil {
				return nil, inBook(err, b)
			}
			add(b, more)
		}
	}
	if len(concerned) == 1 {
		return edits, nil
	}
	for _, b := range concerned {
		if found := b.Project.addedBy(b.Project.With(b.Own(edits))); b.Project.Book() != nil && len(found) > 0 {
			return nil, inBook(refusedRename(found[0].Message, diagnostic.Textf("换一个名称", "choose another name")), b)
		}
	}
	return edits, nil
}

// inBook is why a rulebook that shares a file keeps a name from being changed.
func inBook(err error, b Book) error {
	e, ok := err.(*RenameError)
	if !ok {
		return err
	}
	file := path.Base(b.Main)
	return refusedRename(diagnostic.Wording(file+" 也用到这个文件：%s", file+" has a part in this file: %s", e.Message), e.Remedy)
}
