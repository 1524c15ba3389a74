package console

import (
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"sync"
	"time"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// cases are the example cases that a form may be filled with.
type cases struct {
	dir fs.FS // nil for none
	all []*casefile.Case

	mu    sync.Mutex
	book  string // the rulebook that the cases below are in order for
	right map[string][]*example
}

// example is a case that suits the rulebook.
type example struct {
	id   string // its place among those of its question
	name string
	of   *casefile.Case
	asOf time.Time
}

type exampleLink struct{ ID, Name string }

// newCases reads the cases. All of them must be readable; cases of files that
// change the rules are left out, since no form can be asked under such rules.
func newCases(dir fs.FS) (*cases, error) {
	x := &cases{dir: dir}
	if dir == nil {
		return x, nil
	}
	err := fs.WalkDir(dir, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".yaml" {
			return err
		}
		data, err := fs.ReadFile(dir, name)
		if err != nil {
			return err
		}
		f, found := casefile.Parse(name, data)
		if f == nil {
			return found
		}
		if len(f.Changes) == 0 {
			x.all = append(x.all, f.Cases...)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("the example cases: %w", err)
	}
	return x, nil
}

// maxExamples is how many cases of a question are offered.
const maxExamples = 40

// of are the cases of a question whose facts the rulebook takes.
func (x *cases) of(book *rulebook.Book, q *policy.Question) []*example {
	b := book.Rulebook()
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.book != b.SHA256 {
		x.book, x.right = b.SHA256, map[string][]*example{}
	}
	list, ok := x.right[q.ID]
	if ok {
		return list
	}
	for _, c := range x.all {
		if c.Question != q.ID || len(c.Readings) > 0 || len(list) >= maxExamples || c.Facts == nil {
			continue
		}
		if _, err := book.Check(q.ID, c.Facts); err != nil {
			continue
		}
		e := &example{id: itoa(len(list) + 1), name: c.Name, of: c, asOf: momentOfAsking(c)}
		list = append(list, e)
	}
	x.right[q.ID] = list
	return list
}

func (x *cases) links(b *rulebook.Book, q *policy.Question, lang string) []exampleLink {
	var all []exampleLink
	for _, e := range x.of(b, q) {
		name, _ := casefile.TextIn(e.name, lang)
		all = append(all, exampleLink{e.id, name})
	}
	return all
}

func (x *cases) find(b *rulebook.Book, q *policy.Question, id string) (*example, bool) {
	if id == "" {
		return nil, false
	}
	for _, e := range x.of(b, q) {
		if e.id == id {
			return e, true
		}
	}
	return nil, false
}

// values are the case's facts as a filled-in form.
func (e *example) values(b *policy.Rulebook, q *policy.Question) url.Values {
	values := fill(b, q, e.of.Facts)
	if !e.asOf.IsZero() {
		values.Set(asOfInput, momentField(e.asOf.In(b.Zone)))
	}
	return values
}

// momentOfAsking is when a case asks; the zero time where it does not say.
func momentOfAsking(c *casefile.Case) time.Time {
	if n := c.Facts.Get("as_of"); n != nil {
		if t, err := source.Moment(n.Text); err == nil {
			return t
		}
	}
	return c.AsOf
}
