package editor

import (
	"context"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/load"
	"github.com/servicerules/rulebook/internal/source"
)

// Project is a rulebook as it stands in the editor, with the files that belong
// to it. It is immutable and safe for concurrent use; what takes long is worked
// out once it is asked for.
type Project struct {
	files  []*file
	text   []byte   // of all of them
	wanted []string // paths that were looked for beside the main file
	before *names   // of the rulebook as it was when all files could be read

	load   sync.Mutex
	loaded bool
	book   *checked.Book // nil where it is refused
	errors diagnostic.List

	look   sync.Mutex
	looked bool // for what has no effect
	unused diagnostic.List

	index   sync.Once
	names   *names
	indexed atomic.Pointer[names] // once they are known of all files

	found  sync.Once
	places []Occurrence
}

// file is one of the files.
type file struct {
	path string // from the folder of the main file, "" for the main one
	text *Text

	parse sync.Once
	root  *source.Node // nil where it cannot be read
}

// node is the file as nodes; nil where it cannot be read.
func (f *file) node() *source.Node {
	f.parse.Do(func() { f.root = source.Nodes(f.path, []byte(f.text.s)) })
	return f.root
}

// Open takes a main file and, by open, those that it names. before is what the
// rulebook was until now, nil for nothing: its names serve where a file cannot
// be read, as it often cannot while something is being typed.
func Open(main string, open func(path string) ([]byte, error), before *Project) *Project {
	p := &Project{text: []byte(main)}
	if namesFiles(main) {
		p.text, p.wanted = source.Gather(p.text, open)
	}
	for _, f := range source.Split(p.text) {
		p.files = append(p.files, p.sameOr(before, f))
	}
	if before != nil {
		if p.before = before.indexed.Load(); p.before == nil {
			p.before = before.before
		}
	}
	return p
}

// namesFiles reports whether a main file may name others, at the top of it: to
// read a file takes a while. A file that begins with a brace may do so anywhere.
func namesFiles(main string) bool {
	return TopKey(main, source.Include, source.Extends) || startsInBraces.MatchString(main)
}

var startsInBraces = regexp.MustCompile(`\A\x{FEFF}?(?:[ \t]*(?:#.*)?\r?\n|---.*\n)*[ {]`)

// TopKey reports whether a text has a line that begins with one of some keys, as
// those at the top of a file do. It need not be in order otherwise.
func TopKey(text string, keys ...string) bool {
	for line := range strings.Lines(strings.TrimPrefix(text, byteOrderMark)) {
		if line[0] == '"' || line[0] == '\'' {
			line = line[1:]
		}
		for _, key := range keys {
			behind, ok := strings.CutPrefix(line, key)
			if ok && strings.HasPrefix(strings.TrimLeft(strings.TrimLeft(behind, `"'`), " \t"), ":") {
				return true
			}
		}
	}
	return false
}

// Prepare works out what typing should not wait for: the names of a rulebook.
func (p *Project) Prepare() { p.known() }

// sameOr is a file, the one that was read before where it has not changed.
func (p *Project) sameOr(before *Project, f source.File) *file {
	if before != nil {
		if old := before.file(f.Path); old != nil && old.text.s == string(f.Text) {
			return old
		}
	}
	return &file{path: f.Path, text: NewText(string(f.Text))}
}

// parsed reports whether every file can be read.
func (p *Project) parsed() bool {
	return !slices.ContainsFunc(p.files, func(f *file) bool { return f.node() == nil })
}

// Paths are the files beside the main one that the rulebook names, there or not.
func (p *Project) Paths() []string { return slices.Clone(p.wanted) }

// Files are the paths of the files that there are, that of the main one first.
func (p *Project) Files() []string {
	paths := make([]string, len(p.files))
	for i, f := range p.files {
		paths[i] = f.path
	}
	return paths
}

// Text is a file by its path from the folder of the main file, "" for that; nil
// where there is no such file.
func (p *Project) Text(path string) *Text {
	if f := p.file(path); f != nil {
		return f.text
	}
	return nil
}

func (p *Project) file(path string) *file {
	for _, f := range p.files {
		if f.path == path {
			return f
		}
	}
	return nil
}

// All is the text of all files together, which loads as they do.
func (p *Project) All() []byte { return slices.Clone(p.text) }

// check loads the rulebook. The error is that of the context where it ends
// before; then nothing is known yet.
func (p *Project) check(ctx context.Context) error {
	p.load.Lock()
	defer p.load.Unlock()
	if p.loaded {
		return nil
	}
	book, found, err := load.ParseContext(ctx, "", p.text)
	if err == nil {
		p.book, p.errors, p.loaded = book, found, true
	}
	return err
}

// Book is the rulebook; nil where it is refused.
func (p *Project) Book() *checked.Book {
	_ = p.check(context.Background()) // which does not end
	return p.book
}

// Finding is a finding with its file and its place there.
type Finding struct {
	diagnostic.Diagnostic
	Path    string
	Range   Range
	Related []Related
}

// Related is another place that helps to understand a finding.
type Related struct {
	Path    string
	Range   Range
	Message diagnostic.Text
}

// Findings are those of loading: all errors and some warnings.
func (p *Project) Findings() []Finding {
	found, _ := p.FindingsContext(context.Background()) // which does not end
	return found
}

// FindingsContext is Findings, broken off where the context ends.
func (p *Project) FindingsContext(ctx context.Context) ([]Finding, error) {
	if err := p.check(ctx); err != nil {
		return nil, err
	}
	return p.placed(p.errors), nil
}

// Unused are the warnings about what has no effect, of a rulebook that loads;
// to find them takes about half as long again as loading.
func (p *Project) Unused() []Finding {
	found, _ := p.UnusedContext(context.Background()) // which does not end
	return found
}

// UnusedContext is Unused, broken off where the context ends.
func (p *Project) UnusedContext(ctx context.Context) ([]Finding, error) {
	if err := p.check(ctx); err != nil {
		return nil, err
	}
	p.look.Lock()
	defer p.look.Unlock()
	if !p.looked && p.book != nil {
		found, err := load.UnusedContext(ctx, p.book)
		if err != nil {
			return nil, err
		}
		p.unused = found
	}
	p.looked = true
	return p.placed(p.unused), nil
}

// placed are findings with their places.
func (p *Project) placed(list diagnostic.List) []Finding {
	all := make([]Finding, 0, len(list))
	for _, d := range list {
		f := Finding{Diagnostic: d}
		f.Path, f.Range = p.placeOf(d.Span)
		for _, r := range d.Related {
			path, at := p.placeOf(r.Span)
			f.Related = append(f.Related, Related{path, at, r.Message})
		}
		all = append(all, f)
	}
	return all
}

// placeOf is the file and the stretch of a place; a place in no file is the
// beginning of the main one.
func (p *Project) placeOf(s diagnostic.Span) (string, Range) {
	name := strings.TrimPrefix(path.Clean(s.File), "./")
	if f := p.file(name); f != nil && s.File != "" {
		return f.path, f.text.RangeOf(s)
	}
	return "", p.files[0].text.RangeOf(s)
}
