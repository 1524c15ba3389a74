// Package rulebook decides by service regulations that are written as a file.
//
// A rulebook is one YAML file that people can read: regulations article by
// article, the facts they need, the readings where the text is ambiguous, and
// the questions that can be asked. Loading it gives a Book; asking a Book a
// question gives an Answer that carries its reasons: the articles, the numbers
// used, the readings chosen, what was missing and what a person must decide.
//
//	book, err := rulebook.Load("rules.yaml")
//	answer, err := book.Ask(ctx, "time_limit.request", facts)
//	due, ok := answer.Date("due_date")
//
// Everything is pure: the same rules, readings, facts and moment of asking
// give the same answer, byte for byte, on every machine and in every time
// zone. The library reads no clock, starts no goroutine and keeps nothing of what it
// is asked: a Book remembers rules that it has compiled, and which articles and
// readings belong to a way in which a decision can end, both within bounds.
package rulebook

import (
	"context"
	_ "embed"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"time"

	"github.com/servicerules/rulebook/internal/load"
	"github.com/servicerules/rulebook/internal/run"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

//go:embed rules.yaml
var defaultRules []byte

// DefaultName is the name under which findings in the embedded rulebook are
// reported.
const DefaultName = "rules.yaml (embedded)"

// Book is a loaded rulebook under one set of readings. It is immutable and
// safe for concurrent use.
type Book struct {
	engine   *run.Engine
	asOf     time.Time
	warnings diagnostic.List
}

// Answer is the uniform result of a question.
type Answer = policy.Answer

// Value is a value of an answer as data.
type Value = policy.Value

// Text is wording in Chinese and English.
type Text = policy.Text

// Load reads and checks a rules file, with the files beside it that it names
// under include or extends. The error is an *os.PathError when the file cannot
// be read, else a diagnostic.List of every finding, with file, line and column.
func Load(path string) (*Book, error) {
	text, _, err := source.ReadRules(path)
	if err != nil {
		return nil, err
	}
	return Parse(path, text)
}

// LoadFS is [Load] from a file system, such as one that is embedded in the
// program.
func LoadFS(files fs.FS, name string) (*Book, error) {
	text, _, err := source.ReadRulesFS(files, name)
	if err != nil {
		return nil, err
	}
	return Parse(name, text)
}

// Parse checks the text of a rules file that needs no other file, or of a whole
// rulebook as its Source gives it. The name is used in findings only. The error
// is a diagnostic.List of every finding.
func Parse(name string, data []byte) (*Book, error) {
	b, found := load.Parse(name, data)
	if b == nil {
		return nil, found
	}
	return &Book{engine: run.NewEngine(b), warnings: found}, nil
}

var loadDefault = sync.OnceValues(func() (*Book, error) { return Parse(DefaultName, defaultRules) })

// Default is the rulebook that comes with the library: the customer-service
// regulations of a county cable-TV branch. It is loaded once, and everybody gets the
// same Book.
func Default() (*Book, error) { return loadDefault() }

// Rulebook is what the book was loaded from: its regulations, facts, readings
// and questions.
func (b *Book) Rulebook() *policy.Rulebook { return b.decider().Rulebook() }

// Engine is what answers the book's questions, with its readings and without
// its moment of asking. It is for the packages of this module: its type is no
// part of the API.
func (b *Book) Engine() any { return b.decider() }

func (b *Book) decider() *run.Engine {
	if b == nil {
		return nil // which refuses whatever it is asked
	}
	return b.engine
}

// Warnings are the findings that did not keep the rules file from being used.
func (b *Book) Warnings() diagnostic.List {
	if b == nil {
		return nil
	}
	return slices.Clone(b.warnings)
}

// Unused are warnings about what the rules file declares and nothing uses.
func (b *Book) Unused() diagnostic.List {
	if b == nil {
		return nil
	}
	return load.Unused(b.engine.Book())
}

// Option changes how a Book answers. The zero Option changes nothing.
type Option struct {
	isReading       bool
	reading, choice string
	asOf            time.Time
}

// Reading chooses another option of a reading: Reading("ladder.levels",
// "cumulative"). The error of an unknown one is a *policy.ReadingError.
func Reading(key, option string) Option { return Option{isReading: true, reading: key, choice: option} }

// AsOf says when the question is asked. Without it, the facts may say so in
// "as_of"; where a rule depends on it and nobody said, it is a missing fact.
// The zero time says nothing: what was said before stays. A moment outside of
// the years 1700 to 2199 is refused when a question is asked, by a
// *policy.FactError about "as_of".
func AsOf(t time.Time) Option { return Option{asOf: t} }

// With is the book under other options: a what-if. The book itself stays as
// it is; editions that both share are compiled once each. The error is a
// *policy.ReadingError: there is no such reading, it has no such option, or an
// option with an argument fits no edition of the rules. A moment of asking that is
// out of range is refused by Ask.
func (b *Book) With(options ...Option) (*Book, error) {
	engine, asOf, err := b.under(options)
	if err != nil {
		return nil, err
	}
	return &Book{engine: engine, asOf: asOf, warnings: b.warnings}, nil
}

// under is the engine and the moment of asking that the options make.
func (b *Book) under(options []Option) (*run.Engine, time.Time, error) {
	if b.decider() == nil {
		_, err := b.decider().Check("", nil)
		return nil, time.Time{}, err
	}
	engine, asOf := b.engine, b.asOf
	for _, o := range options {
		if !o.isReading {
			if !o.asOf.IsZero() {
				asOf = o.asOf
			}
			continue
		}
		with, err := engine.WithReading(o.reading, o.choice)
		if err != nil {
			return nil, asOf, err
		}
		engine = with
	}
	return engine, asOf, nil
}

// Ask answers a question from facts: JSON as bytes, a string or an io.Reader, a
// map, a struct or anything else that marshals to a JSON object, nil for none,
// or facts that Check has checked; text that is not UTF-8 is refused. Errors are a
// *policy.UnknownQuestionError, a *policy.FactError that names the fact
// (policy.FactErrors where there are several, of which errors.As finds the
// first), a *policy.ReadingError, or the context's, which is looked at before work
// begins: a decision takes microseconds, but for the first of its question, which
// compiles it in milliseconds, and for facts that are read from an io.Reader. Where
// the facts are in order but nothing can be decided, the answer says why in its Error.
func (b *Book) Ask(ctx context.Context, question string, facts any, options ...Option) (*Answer, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("asking %s: %w", question, err)
	}
	engine, asOf, err := b.under(options)
	if err != nil {
		return nil, err
	}
	checked, err := engine.Check(question, facts)
	if err != nil {
		return nil, err
	}
	return engine.Ask(checked, asOf)
}

// Check checks facts for a question, also by the conditions under must, without
// asking it. Facts and errors are those of [Book.Ask]; what was checked may be asked
// about under other options, too.
func (b *Book) Check(question string, facts any) (*policy.Facts, error) {
	return b.decider().Check(question, facts)
}

// Choice is [Book.Chosen] in its parts.
func (b *Book) Choice(key string, on time.Time) (policy.Choice, bool) {
	return b.decider().ChosenAt(key, on)
}

// Chosen is the option of a reading under which the book answers on a day;
// the latest edition's for the zero time.
func (b *Book) Chosen(key string, on time.Time) (string, bool) {
	c, ok := b.decider().ChosenAt(key, on)
	return c.String(), ok
}
