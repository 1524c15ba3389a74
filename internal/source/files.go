package source

import (
	"bytes"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// Limits of a rulebook of several files.
const (
	MaxFiles    = 100 // files of a rulebook, the main one included
	maxPathName = 200 // characters of a path
)

// File is one of the files of a rulebook.
type File struct {
	Path string // from the folder of the main file, with slashes; "" for the main file
	Text []byte
}

// A rulebook of several files is kept, hashed and sent as one text: the main
// file, and each other one behind a line that says its path. The lines are
// marks of YAML documents, which a rules file has none of but its first, so
// that no file can be taken for two.
const (
	filesHead = "--- # rulebook of several files\n"
	fileMark  = "--- # file: "
)

// Join is the one text of several files, of which the first is the main one.
// Each ends with a line break in it.
func Join(files []File) []byte {
	var all bytes.Buffer
	all.WriteString(filesHead)
	for i, f := range files {
		if i > 0 {
			all.WriteString(fileMark + f.Path + "\n")
		}
		all.Write(unmarked(f.Text))
		if !bytes.HasSuffix(f.Text, []byte{'\n'}) {
			all.WriteByte('\n')
		}
	}
	return all.Bytes()
}

// Joined reports whether a text is one of several files.
func Joined(text []byte) bool { return bytes.HasPrefix(text, []byte(filesHead)) }

// Split takes a text of several files apart; any other text is one file. It
// looks at nothing but the marks: the paths are as they stand there.
func Split(text []byte) []File {
	if !Joined(text) {
		return []File{{Text: text}}
	}
	rest := text[len(filesHead):]
	files := []File{{}}
	start := 0
	for at := 0; at < len(rest); {
		line, next := rest[at:], len(rest)
		if n := bytes.IndexByte(line, '\n'); n >= 0 {
			line, next = line[:n], at+n+1
		}
		if name, marked := bytes.CutPrefix(line, []byte(fileMark)); marked {
			files[len(files)-1].Text = rest[start:at:at]
			files = append(files, File{Path: string(name)})
			start = next
		}
		at = next
	}
	files[len(files)-1].Text = rest[start:]
	return files
}

// Offsets are where the files that Split gives begin in the text.
func Offsets(text []byte, files []File) []int {
	at := make([]int, len(files))
	if Joined(text) {
		at[0] = len(filesHead)
	}
	for i := 1; i < len(files); i++ {
		at[i] = at[i-1] + len(files[i-1].Text) + len(fileMark) + len(files[i].Path) + 1
	}
	return at
}

// unmarked is a text without lines that Split would take for marks: a second
// blank keeps them marks of documents, which loading refuses in their place.
func unmarked(text []byte) []byte {
	if bytes.HasPrefix(text, []byte(fileMark)) {
		text = append([]byte("---  # file: "), text[len(fileMark):]...)
	}
	return bytes.ReplaceAll(text, []byte("\n"+fileMark), []byte("\n---  # file: "))
}

var pathName = regexp.MustCompile(`^[^\x00-\x1f\x7f\\:*?"<>|]+\.ya?ml$`)

// IsPathBelow reports whether a text is the path of a rules file at or below a
// folder, with slashes, as it must be written on every system.
func IsPathBelow(text string) bool {
	return fs.ValidPath(text) && pathName.MatchString(text) && len([]rune(text)) <= maxPathName
}

// NameOf is how findings name a file: beside the main file, whose name for them
// is given.
func NameOf(main, below string) string {
	if below == "" {
		return main
	}
	name := filepath.Join(filepath.Dir(main), filepath.FromSlash(below))
	if name == main {
		return "." + string(filepath.Separator) + name
	}
	return name
}

// Keys of a main file that name other files.
const (
	Include = "include" // files whose sections belong to the book
	Extends = "extends" // the book that this one builds on
)

// Named are the nodes that name further files under a key, in their order: the
// items of a list, or a value alone.
func Named(root *Node, key string) []*Node {
	switch n := root.Get(key); {
	case n == nil:
		return nil
	case n.Kind == Seq:
		return n.Items
	default:
		return []*Node{n}
	}
}

// Gather reads the files that a main file names, and makes one text of all. A
// main file that names none, that cannot be read, or that is such a text
// already stays as it is. A file that cannot be opened is left out: loading
// says so where it is named. Paths are all those that were looked for.
func Gather(main []byte, open func(path string) ([]byte, error)) (text []byte, paths []string) {
	if Joined(main) {
		return main, nil
	}
	root := Nodes("", main)
	if len(Named(root, Include))+len(Named(root, Extends)) == 0 {
		return main, nil
	}
	files := []File{{Text: main}}
	seen := map[string]bool{}
	left := MaxBytes + 1 - len(main)
	read := func(name, folder string) *Node {
		if name = path.Join(folder, name); !IsPathBelow(name) || seen[name] || len(files) > MaxFiles || left < 0 {
			return nil
		}
		seen[name] = true
		paths = append(paths, name)
		data, err := open(name)
		if err != nil {
			return nil
		}
		left -= len(data)
		files = append(files, File{Path: name, Text: data})
		return Nodes("", data)
	}
	var named func(root *Node, folder string)
	named = func(root *Node, folder string) {
		for _, n := range Named(root, Include) {
			if IsPathBelow(n.Text) {
				read(n.Text, folder)
			}
		}
		for _, n := range Named(root, Extends) {
			if !IsPathBelow(n.Text) {
				continue
			}
			if base := read(n.Text, folder); base != nil {
				named(base, path.Dir(path.Join(folder, n.Text)))
			}
		}
	}
	named(root, ".")
	return Join(files), paths
}

// Merged is a map with the place of one and other entries, which stay where
// they stand in their own files.
func Merged(like *Node, entries []Entry) *Node {
	n := *like
	n.Entries = entries
	return &n
}

// Marks is how many structural characters a text may have.
func Marks(text []byte) int {
	f := &file{text: string(text)}
	marks := 0
	for i := range len(f.text) {
		if f.mayMark(i) {
			marks++
		}
	}
	return marks
}

// Same reports whether two nodes say the same, wherever they stand.
func Same(a, b *Node) bool { return same(a, b, nil) }

// Written is what stands in the file for a node, on one line.
func (n *Node) Written() string {
	if n.Kind == Map || n.Kind == Seq {
		if !n.isFlow() {
			return n.Flow()
		}
	}
	return strings.Join(strings.Fields(n.file.text[n.Start:n.End]), " ")
}

// Flow is a node on one line, without comments, as it can stand between braces.
func (n *Node) Flow() string {
	var parts []string
	as := n.file.text[n.Start:n.End]
	switch n.Kind {
	case Map:
		for _, e := range n.Entries {
			parts = append(parts, e.Key.Flow()+": "+e.Value.Flow())
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case Seq:
		for _, item := range n.Items {
			parts = append(parts, item.Flow())
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case Empty:
		return as
	}
	if n.Style != Plain && !strings.Contains(as, "\n") {
		return as
	}
	return Written(n.Text, true)
}
