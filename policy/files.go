package policy

import (
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
)

// FileText is one of the files that a rulebook was loaded from.
type FileText struct {
	Name string // as findings and places name it
	Text []byte // not to be written to
	Base bool   // it belongs to the book that this one extends
}

// Deviation is what a book says otherwise than the one that it extends, or adds
// to it.
type Deviation struct {
	Path    string // as in readings."desk.calendar".chosen
	Article string // "" where it is of none
	Label   Text   // of what is changed or added; zero where that has none
	Added   bool   // the base has nothing of that name
	// Base and Branch are the two values as they are written, on one line; ""
	// where the base leaves the key out, and for what is added.
	Base, Branch string
	BaseAt, At   diagnostic.Span
}

// Extends is the main file of the book that this one extends, "" where it
// extends none.
func (b *Rulebook) Extends() string { return b.extends }

// Deviations are what the book says otherwise than the one that it extends, and
// what it adds, in the order of its files. Behind these is what it says otherwise
// in rules that are like a rule which it changes: their paths are their own, and
// At is where the change is written.
func (b *Rulebook) Deviations() []Deviation { return slices.Clone(b.deviations) }

// SetBase notes what the book extends. It is for the loader.
func (b *Rulebook) SetBase(name string, deviations []Deviation) {
	b.extends, b.deviations = name, deviations
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
