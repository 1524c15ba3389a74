package load

import (
	"bytes"
	"path"
	"path/filepath"
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// sections hold definitions by name. Where several files have one of them, it
// is what they define together.
var sections = []string{"calendars", "words", "facts", "must", "readings", "regulations", "questions", "promises"}

// ofMainFile are the keys that no included file may have.
var ofMainFile = []string{"rulebook", source.Include, source.Extends}

// files puts the files of a rulebook together.
type files struct {
	*loader
	name  string                  // of the main file, as findings name it
	texts map[string][]byte       // of files that came with the main one, by path
	at    map[string]*source.Node // where each was named first
	roots map[string]*source.Node // by the name of the file in findings
	parts []policy.FileText       // that belong to the book, in order

	mayChange  bool                            // the key stands somewhere
	base       bool                            // files are read that belong to the book that is extended
	marks      map[*source.Node][]*source.Node // definitions with what may be changed of them
	changed    map[*source.Node]*source.Node   // definitions that a branch changes, and what it writes
	deviations []policy.Deviation              // of the branch that is loaded from its base
	extends    string                          // the base's main file, as findings name it
}

// compose reads a text of one or several files. The root is nil where it
// cannot be put together; the loader's findings say why.
func (l *loader) compose(name string, data []byte) *source.Node {
	parts := source.Split(data)
	f := &files{loader: l, name: name, texts: map[string][]byte{}, at: map[string]*source.Node{}, roots: map[string]*source.Node{},
		mayChange: bytes.Contains(data, []byte(mayChange)), marks: map[*source.Node][]*source.Node{}, changed: map[*source.Node]*source.Node{}}
	l.files = f
	if len(parts) == 1 && !source.Joined(data) {
		root := f.parse(name, data)
		if root == nil {
			return nil
		}
		for _, key := range []string{source.Include, source.Extends} {
			if n := root.Get(key); n != nil {
				l.fail("files_not_at_hand", n.Key(), diagnostic.Textf("这里只有一个文件，没有它并入的文件", "this text came alone, without the files that it names"),
					diagnostic.Textf("在文件所在的文件夹里装载它", "load it from the folder in which the files are"))
				return nil
			}
		}
		return f.marked(root, shapeOfBook())
	}
	if !f.bounded(parts, len(data)) {
		return nil
	}
	for _, p := range parts[1:] {
		f.texts[p.Path] = p.Text
	}
	root := f.parse(name, parts[0].Text)
	if root == nil {
		return nil
	}
	root = f.book(root, ".")
	for _, p := range parts[1:] {
		if f.at[p.Path] == nil && !l.found.Failed() {
			l.failAt("file_not_named", l.spanOf(root), diagnostic.Textf("文件 %s 没有一处并入", "no file names %s", p.Path),
				diagnostic.Textf("写在 include 里，或不要带上它", "name it under include, or leave it out"))
		}
	}
	if l.found.Failed() {
		return nil
	}
	return root
}

// bounded reports whether several files together are as small as one may be.
func (f *files) bounded(parts []source.File, size int) bool {
	at := diagnostic.Span{File: f.name, Start: diagnostic.Position{Line: 1, Column: 1}, End: diagnostic.Position{Line: 1, Column: 1}}
	marks := 0
	for _, p := range parts {
		marks += source.Marks(p.Text)
	}
	remedy := diagnostic.Textf("删去与规则无关的内容", "remove what is not rules")
	switch {
	case len(parts) > source.MaxFiles:
		f.failAt("too_many_files", at, diagnostic.Textf("文件超过 %d 个", "more than %d files", source.MaxFiles), diagnostic.Textf("合并一些文件", "put some of them together"))
	case size > source.MaxBytes:
		f.failAt(source.CodeFileTooLarge, at, diagnostic.Textf("各文件合计超过 %d 字节", "the files have more than %d bytes together", source.MaxBytes), remedy)
	case marks > source.MaxMarks:
		f.failAt(source.CodeTooManyNodes, at, diagnostic.Textf("各文件的键、条目和标点合计超过 %d 个", "more than %d keys, items and punctuation marks in the files together", source.MaxMarks), remedy)
	default:
		return true
	}
	return false
}

// parse reads one file; nil where it cannot be read.
func (f *files) parse(name string, text []byte) *source.Node {
	root, found := source.Parse(name, text)
	f.found = append(f.found, found...)
	f.parts = append(f.parts, policy.FileText{Name: name, Text: text, Base: f.base})
	if root != nil {
		f.roots[name] = root
	}
	return root
}

// book is a main file with all that it names.
func (f *files) book(root *source.Node, folder string) *source.Node {
	all := []*source.Node{root}
	if n := root.Get(source.Include); n != nil {
		for _, item := range f.items(n) {
			file := f.named(item, folder)
			if file == nil {
				continue
			}
			for _, e := range file.Entries {
				if slices.Contains(ofMainFile, e.Key.Text) {
					f.fail("not_in_included", e.Key, diagnostic.Textf("并入的文件里不能写 %s", "an included file has no %s", e.Key.Text),
						diagnostic.Textf("写在主文件 %s 里", "write it in the main file, %s", filepath.Base(f.name)))
				}
			}
			all = append(all, file)
		}
	}
	own := f.marked(f.unite(all), shapeOfBook())
	if n := root.Get(source.Extends); n != nil && f.isScalar(n, policy.Text{ZH: source.Extends, EN: source.Extends}) {
		return f.branch(own, n, folder)
	}
	return own
}

// branch is a book on top of the one that it extends.
func (f *files) branch(own, name *source.Node, folder string) *source.Node {
	top := !f.base
	f.base = true
	root := f.named(name, folder)
	if root == nil {
		return own
	}
	base := f.book(root, path.Dir(path.Join(folder, name.Text)))
	if header := own.Get("rulebook"); header.Get("id") == nil && !f.full() {
		f.failAt("missing_key", f.spanOf(own), diagnostic.Textf("缺少 %q", "%q is missing", "rulebook.id"), diagnostic.Textf("补上 rulebook: {id: …}：这部规则书自己的编号", "add rulebook: {id: …}, the id of this book"))
	}
	f.deviations = nil // those of the base are the base's own
	x := &extended{files: f, base: filepath.Base(root.Span.File), languages: languagesOf(base)}
	all := x.over(base, own, shapeOfBook(), policy.Deviation{})
	if top {
		f.extends = root.Span.File
	}
	return all
}

// named is the file that a node names, nil where there is none.
func (f *files) named(n *source.Node, folder string) *source.Node {
	below := path.Join(folder, n.Text)
	if !source.IsPathBelow(n.Text) || !source.IsPathBelow(below) {
		f.fail("bad_path", n, diagnostic.Textf("%q 不是本文件夹里 .yaml 文件的路径", "%q is not the path of a .yaml file in this folder", n.Text),
			diagnostic.Textf("写主文件所在文件夹里的路径，各级用 / 隔开，以 .yaml 结尾，不写 ..", "write a path from the folder of the main file, parted by /, with .yaml at its end and without .."))
		return nil
	}
	if filepath.Clean(n.Span.File) == filepath.Clean(source.NameOf(f.name, below)) {
		f.fail("names_itself", n, diagnostic.Textf("文件 %s 写的是它自己", "the file %s names itself", below), diagnostic.Textf("写另一个文件，或删去这一项", "name another file, or remove this"))
		return nil
	}
	if first := f.at[below]; first != nil {
		f.fail("file_twice", n, diagnostic.Textf("文件 %s 并入了两次", "the file %s is named twice", below), diagnostic.Textf("只留一处", "keep one"),
			diagnostic.Related{Span: first.Span, Message: diagnostic.Textf("首次在这里", "first named here")})
		return nil
	}
	f.at[below] = n
	text, ok := f.texts[below]
	if !ok {
		f.fail("file_missing", n, diagnostic.Textf("没有文件 %s，或无法读取", "there is no file %s, or it cannot be read", below),
			diagnostic.Textf("改正路径，或补上这个文件；不要了就删去这一项", "correct the path, or add the file; remove this item where it is not wanted"))
		return nil
	}
	return f.parse(source.NameOf(f.name, below), text)
}

// unite is one tree of several files: of sections that several have, what they
// define together.
func (f *files) unite(all []*source.Node) *source.Node {
	if len(all) == 1 {
		return all[0]
	}
	var entries []source.Entry
	at := map[string]int{}
	for _, root := range all {
		for _, e := range root.Entries {
			i, known := at[e.Key.Text]
			switch {
			case slices.Contains(ofMainFile, e.Key.Text) && root != all[0]: // it is reported
			case !known:
				at[e.Key.Text] = len(entries)
				entries = append(entries, e)
			case slices.Contains(sections, e.Key.Text) && entries[i].Value.Kind == source.Map && e.Value.Kind == source.Map:
				entries[i].Value = f.together(entries[i].Value, e.Value)
			case slices.Contains(sections, e.Key.Text):
				wrong := e.Value
				if e.Value.Kind == source.Map {
					wrong = entries[i].Value
				}
				f.isMap(wrong, policy.Text{ZH: e.Key.Text, EN: e.Key.Text})
			default:
				f.definedTwice(e.Key, entries[i].Key)
			}
		}
	}
	return source.Merged(all[0], entries)
}

// together are the definitions of a section in two files.
func (f *files) together(a, b *source.Node) *source.Node {
	entries := slices.Clone(a.Entries)
	first := make(map[string]*source.Node, len(entries))
	for _, e := range entries {
		first[e.Key.Text] = e.Key
	}
	for _, e := range b.Entries {
		if other := first[e.Key.Text]; other != nil {
			f.definedTwice(e.Key, other)
			continue
		}
		entries = append(entries, e)
	}
	if len(entries) > source.MaxKeys {
		f.fail(source.CodeTooManyKeys, b.Key(), diagnostic.Textf("各文件的 %s 合计有 %d 个键，上限为 %d", "%s has %d keys in all files together, the limit is %d", b.Key().Text, len(entries), source.MaxKeys),
			diagnostic.Textf("删去与规则无关的内容", "remove what is not rules"))
		entries = entries[:source.MaxKeys]
	}
	return source.Merged(a, entries)
}

func (f *files) definedTwice(key, first *source.Node) {
	if f.full() {
		return
	}
	f.fail("defined_twice", key, diagnostic.Textf("%s 在两个文件里都有", "%s stands in two files", key.Text),
		diagnostic.Textf("只留一处，或改名", "keep one of them, or rename one"),
		diagnostic.Related{Span: first.Span, Message: diagnostic.Textf("首次在这里", "first given here")})
}
