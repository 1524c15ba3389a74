// Package bridge gives the library to programs that can only pass texts: what
// goes in and what comes out is JSON, rulebooks are numbers. The WebAssembly
// engine is this package with names for JavaScript.
//
// An answer passes as the library writes it, byte for byte. Whatever goes wrong
// is a [Problem] in Chinese and English; nothing panics.
package bridge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/formats"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// Reply is what came of a call: the JSON of its result, or that of a [Problem].
type Reply struct {
	OK   bool
	Text string
}

// Bridge holds the rulebooks that were loaded. It is for one goroutine.
type Bridge struct {
	books map[int]*rulebook.Book
	last  int
}

// New is a bridge that holds nothing.
func New() *Bridge { return &Bridge{books: map[int]*rulebook.Book{}} }

// Loaded is a rulebook that was loaded, or why it was not.
type Loaded struct {
	Book     int               `json:"book"` // its number in further calls; 0 where there are errors
	Sound    bool              `json:"sound"`
	Errors   int               `json:"errors"`
	Warnings int               `json:"warnings"`
	Findings []formats.Finding `json:"findings"`
	Rulebook *Summary          `json:"rulebook"` // null where there are errors
}

// Summary is which rulebook it is.
type Summary struct {
	ID        string          `json:"id"`
	Title     diagnostic.Text `json:"title"`
	Languages []string        `json:"languages"`
	Zone      string          `json:"zone"` // of its clocks
	SHA256    string          `json:"sha256"`
	From      string          `json:"from"`
	To        *string         `json:"to"` // null where there is no end
}

// Load loads a rulebook: the texts of its files by their names, and which of
// them is the main one. Without a name it is the rulebook that comes with the
// library. The result is a [Loaded], also of files that are not sound; the book
// stays until [Bridge.Free].
func (b *Bridge) Load(files map[string][]byte, main string) Reply {
	return reply(func() (any, error) {
		loaded, book, err := load(files, main)
		if book != nil {
			b.last++
			loaded.Book = b.last
			b.books[b.last] = book
		}
		return loaded, err
	})
}

// Check is Load of files that nothing is to be asked of, with what they declare
// and nothing uses among the findings.
func (b *Bridge) Check(files map[string][]byte, main string) Reply {
	return reply(func() (any, error) {
		loaded, book, err := load(files, main)
		if book != nil {
			found := append(book.Warnings(), book.Unused()...)
			found.Sort()
			loaded.note(found)
		}
		return loaded, err
	})
}

// Free forgets a book. Its number is not given again.
func (b *Bridge) Free(book int) Reply {
	delete(b.books, book)
	return Reply{OK: true, Text: "null"}
}

func load(files map[string][]byte, main string) (*Loaded, *rulebook.Book, error) {
	book, err := parse(files, main)
	loaded := &Loaded{Findings: []formats.Finding{}}
	if found, ok := err.(diagnostic.List); ok {
		loaded.note(found)
		return loaded, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	r := book.Rulebook()
	loaded.Sound = true
	loaded.note(book.Warnings())
	loaded.Rulebook = &Summary{
		ID: r.ID, Title: r.Title, Languages: r.Title.Languages(), Zone: r.Zone.String(), SHA256: r.SHA256, From: r.From.String(),
	}
	if r.To != 0 {
		to := r.To.String()
		loaded.Rulebook.To = &to
	}
	return loaded, book, nil
}

func parse(files map[string][]byte, main string) (*rulebook.Book, error) {
	if main == "" && len(files) == 0 {
		return rulebook.Default()
	}
	read := func(name string) ([]byte, error) {
		data, ok := files[name]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return source.Read(bytes.NewReader(data)) // as much as is looked at, as of files on a disk
	}
	data, err := read(main)
	if err != nil {
		return nil, &Problem{
			Code:    "no_main_file",
			Message: diagnostic.Textf("给的文件里没有 %q", "there is no %q among the files", main),
			Remedy:  diagnostic.Text{ZH: "写其中一个文件的名称", EN: "name one of the files that are given"},
		}
	}
	text, _ := source.Gather(data, func(below string) ([]byte, error) { return read(path.Join(path.Dir(main), below)) })
	return rulebook.Parse(main, text)
}

// note takes findings in place of those that there were.
func (l *Loaded) note(found diagnostic.List) {
	l.Findings, l.Errors, l.Warnings = formats.FindingsOf(found), 0, 0
	for _, d := range found {
		if d.Severity == diagnostic.Warning {
			l.Warnings++
		} else {
			l.Errors++
		}
	}
}

// book is a book by its number.
func (b *Bridge) book(n int) (*rulebook.Book, error) {
	if book, ok := b.books[n]; ok {
		return book, nil
	}
	return nil, &Problem{
		Code:    "no_such_book",
		Message: diagnostic.Textf("没有第 %d 号规则书", "there is no rulebook number %d", n),
		Remedy:  diagnostic.Text{ZH: "先装入；释放以后不能再问", EN: "load it first; one that was freed cannot be asked any more"},
	}
}

// question is a question of a book.
func (b *Bridge) question(n int, id string) (*rulebook.Book, *policy.Question, error) {
	book, err := b.book(n)
	if err != nil {
		return nil, nil, err
	}
	q, ok := book.Rulebook().Question(id)
	if !ok {
		_, err := book.Check(id, nil) // which says it as the library does
		return nil, nil, err
	}
	return book, q, nil
}

// reply makes a reply of a result, which is JSON already where it is bytes.
func reply(call func() (any, error)) (out Reply) {
	defer func() {
		if broken := recover(); broken != nil {
			out = Broken(broken)
		}
	}()
	result, err := call()
	if err != nil {
		return refused(err)
	}
	if text, ok := result.([]byte); ok {
		return Reply{OK: true, Text: string(text)}
	}
	text, err := marshal(result)
	if err != nil {
		return refused(fmt.Errorf("writing JSON: %w", err))
	}
	return Reply{OK: true, Text: text}
}

// Broken is the reply to a call that panicked with the value.
func Broken(value any) Reply {
	if problem, ok := value.(*Problem); ok {
		return refused(problem)
	}
	return refused(&Problem{
		Code:    "internal",
		Message: diagnostic.Textf("内部错误：%v", "internal error: %v", value),
		Remedy:  diagnostic.Text{ZH: "请把规则书和事实告知本软件的维护者", EN: "please show the rulebook and the facts to the maintainers of this software"},
	})
}

// WrongCall is that an argument, counted from 0, is not of the type that it
// should be of.
func WrongCall(argument int, want, got string) *Problem {
	return &Problem{
		Code:    "wrong_call",
		Message: diagnostic.Textf("第 %d 个参数应为 %s，而不是 %s", "argument %d must be %s, not %s", argument+1, want, got),
		Remedy:  diagnostic.Text{ZH: "按 index.d.ts 所写调用", EN: "call it as index.d.ts says"},
	}
}

func refused(err error) Reply {
	text, err := marshal(problemOf(err))
	if err != nil {
		text = `{"code":"internal"}`
	}
	return Reply{Text: text}
}

// marshal writes JSON with < and > as they are.
func marshal(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), err
}
