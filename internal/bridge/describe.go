package bridge

import (
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/gen"
	"github.com/servicerules/rulebook/policy"
)

// QuestionName is a question, for choosing one.
type QuestionName struct {
	ID    string          `json:"id"`
	Title diagnostic.Text `json:"title"`
}

// QuestionInfo is a question with what a form for it needs to know.
type QuestionInfo struct {
	ID       string          `json:"id"`
	Title    diagnostic.Text `json:"title"`
	Facts    []FactInfo      `json:"facts"`    // in the order of the rulebook
	Verdicts []WordInfo      `json:"verdicts"` // of its own, beside undetermined and not_in_scope
	Values   []ValueInfo     `json:"values"`
}

// FactInfo is a fact, or a field of one, as a form shows it.
type FactInfo struct {
	Name     string          `json:"name"`
	Label    diagnostic.Text `json:"label"`
	Note     diagnostic.Text `json:"note"` // "" in all languages where there is none
	Unit     diagnostic.Text `json:"unit"` // likewise
	Type     string          `json:"type"` // moment, date, month, year, yes_no, count, number, money, name, text, word, article, record, list
	Currency string          `json:"currency,omitempty"`
	Words    []WordInfo      `json:"words,omitempty"`   // of a word: those to choose from
	Fields   []FactInfo      `json:"fields,omitempty"`  // of a record
	Element  *FactInfo       `json:"element,omitempty"` // of a list
	Ordered  bool            `json:"ordered"`           // of a list: its order means something
	Event    bool            `json:"event"`             // something that happened: never after the moment of asking
	Absent   string          `json:"absent"`            // what it means to leave it out: unknown, none, or default
	Null     string          `json:"null"`              // what null means, likewise
	Default  string          `json:"default,omitempty"` // as JSON writes it
}

// WordInfo is a word of a closed list.
type WordInfo struct {
	Word  string          `json:"word"`
	Label diagnostic.Text `json:"label"`
}

// ValueInfo is a value that answers have.
type ValueInfo struct {
	Name  string          `json:"name"`
	Label diagnostic.Text `json:"label"`
	Unit  diagnostic.Text `json:"unit"`
	Words []WordInfo      `json:"words,omitempty"` // of a word: those that it may be
}

// ReadingInfo is a reading with its options.
type ReadingInfo struct {
	Key     string          `json:"key"`
	Article string          `json:"article"`
	Asks    diagnostic.Text `json:"asks"`
	Why     diagnostic.Text `json:"why"`
	Several bool            `json:"several"` // a set of options is chosen, separated by commas
	Options []OptionInfo    `json:"options"`
}

// OptionInfo is an option of a reading.
type OptionInfo struct {
	Option    string          `json:"option"` // as it is chosen, with an example of its argument
	Label     diagnostic.Text `json:"label"`
	Parameter string          `json:"parameter,omitempty"` // the kind of its argument
}

// ArticleInfo is an article, for facts that name one.
type ArticleInfo struct {
	ID    string          `json:"id"`
	Label diagnostic.Text `json:"label"`
}

// Questions are the questions of a book, [QuestionName]s.
func (b *Bridge) Questions(book int) Reply {
	return reply(func() (any, error) {
		x, err := b.book(book)
		if err != nil {
			return nil, err
		}
		all := []QuestionName{}
		for _, q := range x.Rulebook().Questions {
			all = append(all, QuestionName{q.ID, q.Title})
		}
		return all, nil
	})
}

// Question is a [QuestionInfo].
func (b *Bridge) Question(book int, id string) Reply {
	return reply(func() (any, error) {
		_, q, err := b.question(book, id)
		if err != nil {
			return nil, err
		}
		return DescribeQuestion(q), nil
	})
}

// DescribeQuestion is what a form for a question needs to know.
func DescribeQuestion(q *policy.Question) QuestionInfo {
	out := QuestionInfo{ID: q.ID, Title: q.Title, Facts: []FactInfo{}, Verdicts: []WordInfo{}, Values: []ValueInfo{}}
	for _, f := range q.Facts {
		x := factInfo(f.Fact)
		x.Name = f.Name
		out.Facts = append(out.Facts, x)
	}
	for _, w := range q.Verdict.Type.Words {
		out.Verdicts = append(out.Verdicts, WordInfo(w))
	}
	for _, v := range q.Values {
		out.Values = append(out.Values, ValueInfo{v.Name, v.Label, v.Unit, wordsOf(v.Words)})
	}
	return out
}

func factInfo(f *policy.Fact) FactInfo {
	x := FactInfo{
		Name: f.Name, Label: f.Label, Note: f.Note, Unit: f.Unit, Type: f.TypeName, Currency: f.Currency,
		Ordered: f.Ordered, Event: f.Event, Absent: absence(f.Absent), Null: absence(f.Null), Default: f.Default,
	}
	x.Words = wordsOf(f.Words)
	for _, field := range f.Fields {
		x.Fields = append(x.Fields, factInfo(field))
	}
	if f.Elem != nil {
		element := factInfo(f.Elem)
		x.Element = &element
	}
	return x
}

func wordsOf(list *policy.WordList) []WordInfo {
	if list == nil {
		return nil
	}
	var all []WordInfo
	for _, w := range list.Words {
		all = append(all, WordInfo{w, list.Labels[w]})
	}
	return all
}

func absence(a policy.Absence) string {
	switch a {
	case policy.IsNone:
		return "none"
	case policy.IsDefault:
		return "default"
	}
	return "unknown"
}

// Schema is the JSON Schemas of a question's facts and answers, under "facts"
// and "answer".
func (b *Bridge) Schema(book int, id string) Reply {
	return reply(func() (any, error) {
		_, q, err := b.question(book, id)
		if err != nil {
			return nil, err
		}
		return map[string]any{"facts": gen.FactsSchema(q), "answer": gen.AnswerSchema(q)}, nil
	})
}

// Readings are the readings of a book, [ReadingInfo]s.
func (b *Bridge) Readings(book int) Reply {
	return reply(func() (any, error) {
		x, err := b.book(book)
		if err != nil {
			return nil, err
		}
		all := []ReadingInfo{}
		for _, r := range x.Rulebook().Readings {
			one := ReadingInfo{Key: r.Key, Article: r.Article, Asks: r.Asks, Why: r.Why, Several: r.Several, Options: []OptionInfo{}}
			for _, o := range r.Options {
				one.Options = append(one.Options, OptionInfo{o.Sample().String(), o.Label, o.Parameter})
			}
			all = append(all, one)
		}
		return all, nil
	})
}

// Articles are the articles of a book, [ArticleInfo]s.
func (b *Bridge) Articles(book int) Reply {
	return reply(func() (any, error) {
		x, err := b.book(book)
		if err != nil {
			return nil, err
		}
		all := []ArticleInfo{}
		for _, r := range x.Rulebook().Regulations {
			for _, a := range r.Articles {
				all = append(all, ArticleInfo{a.ID, x.Rulebook().LabelOfArticle(a.ID)})
			}
		}
		return all, nil
	})
}
