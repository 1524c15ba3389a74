package policy

import "slices"

// FileText is one of the files that a rulebook was loaded from.
type FileText struct {
	Name string // as findings and places name it
	Text []byte // not to be written to
}

// Files are the files that the rulebook was loaded from, the main one first.
// [Rulebook.Source] is the one text of all.
func (b *Rulebook) Files() []FileText { return slices.Clone(b.files) }

// SetFiles notes the files. It is for the loader.
func (b *Rulebook) SetFiles(files []FileText) { b.files = files }

// textOf is the text of the file of that name.
func (b *Rulebook) textOf(name string) []byte {
	for _, f := range b.files {
		if f.Name == name {
			return f.Text
		}
	}
	return nil
}
