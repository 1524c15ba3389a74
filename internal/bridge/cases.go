package bridge

import (
	"context"

	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/factset"
	"github.com/servicerules/rulebook/internal/formats"
	"github.com/servicerules/rulebook/policy"
)

// Tested is what became of the cases of a file.
type Tested struct {
	Passed   int                 `json:"passed"`
	Failed   int                 `json:"failed"` // 1 where the file cannot be used
	Cases    []casefile.Document `json:"cases"`
	Findings []formats.Finding   `json:"findings"` // about the file
}

// Cases runs a file of cases, a [Tested]. Its name is used in findings only.
func (b *Bridge) Cases(book int, name string, text []byte) Reply {
	return reply(func() (any, error) {
		x, err := b.book(book)
		if err != nil {
			return nil, err
		}
		out := Tested{Cases: []casefile.Document{}, Findings: []formats.Finding{}}
		f, found := casefile.Parse(name, text)
		if f == nil {
			out.Failed, out.Findings = 1, formats.FindingsOf(found)
			return out, nil
		}
		changed, err := casefile.Book(x, f)
		if err != nil {
			out.Failed, out.Findings = max(1, len(f.Cases)), formats.FindingsOf(f.ChangesRefused(err))
			return out, nil
		}
		for _, c := range f.Cases {
			r := casefile.Run(context.Background(), changed, c)
			out.Cases = append(out.Cases, r.Document())
			out.Findings = append(out.Findings, formats.FindingsOf(r.Findings)...)
			if r.Passed() {
				out.Passed++
			} else {
				out.Failed++
			}
		}
		return out, nil
	})
}

// Example is a case as something to ask.
type Example struct {
	Name     string            `json:"name"`
	Question string            `json:"question"`
	Facts    map[string]any    `json:"facts"`
	AsOf     string            `json:"as_of,omitempty"`
	Readings map[string]string `json:"readings"`
}

// Examples are the cases of a file, [Example]s, for filling in forms.
func (b *Bridge) Examples(book int, name string, text []byte) Reply {
	return reply(func() (any, error) {
		x, err := b.book(book)
		if err != nil {
			return nil, err
		}
		f, found := casefile.Parse(name, text)
		if f == nil {
			return nil, found
		}
		all := []Example{}
		for _, c := range f.Cases {
			all = append(all, ExampleOf(x.Rulebook(), c))
		}
		return all, nil
	})
}

// ExampleOf is a case as something to ask.
func ExampleOf(b *policy.Rulebook, c *casefile.Case) Example {
	e := Example{Name: c.Name, Question: c.Question, Facts: map[string]any{}, Readings: map[string]string{}}
	if q, ok := b.Question(c.Question); ok && c.Facts != nil {
		e.Facts = factset.FromNode(q, c.Facts)
	}
	for _, s := range c.Readings {
		e.Readings[s.Key] = s.Option
	}
	if !c.AsOf.IsZero() {
		e.AsOf = c.AsOf.Format(momentLayout)
	}
	return e
}
