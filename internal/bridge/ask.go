package bridge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/factset"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/whatif"
	"github.com/servicerules/rulebook/policy"
)

// Asking is a question with its facts: the same of all calls that ask.
type Asking struct {
	Book     int
	Question string
	Facts    string // JSON
	Options  string // JSON: {"as_of": "2025-06-09T09:00:00+08:00", "readings": {"KEY": "OPTION"}, "seconds": 20}; "" for none
}

// options are what may stand in Asking.Options.
type options struct {
	AsOf     string            `json:"as_of"`
	Readings map[string]string `json:"readings"`
	Seconds  int               `json:"seconds"` // after which a search ends with what was found; 0 for the limit that each has
}

// asked is an Asking made out.
type asked struct {
	book     *rulebook.Book // under the readings
	question *policy.Question
	facts    string
	options  []rulebook.Option // the moment of asking
	ctx      context.Context   // of a search
}

func (b *Bridge) asked(a Asking) (*asked, error) {
	book, q, err := b.question(a.Book, a.Question)
	if err != nil {
		return nil, err
	}
	out := &asked{book: book, question: q, facts: a.Facts}
	o, err := readOptions(a.Options)
	if err != nil {
		return nil, err
	}
	out.ctx = until(o.Seconds)
	if o.AsOf != "" {
		t, err := source.Moment(o.AsOf)
		if err != nil {
			return nil, wrongMoment(err)
		}
		out.options = append(out.options, rulebook.AsOf(t))
	}
	for _, key := range slices.Sorted(maps.Keys(o.Readings)) {
		if out.book, err = out.book.With(rulebook.Reading(key, o.Readings[key])); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func readOptions(text string) (options, error) {
	var o options
	if text == "" {
		return o, nil
	}
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.DisallowUnknownFields()
	err := d.Decode(&o)
	if err == nil && d.Decode(&struct{}{}) != io.EOF {
		err = errors.New("more than one value")
	}
	if err != nil {
		return o, &Problem{
			Code:    "wrong_options",
			Message: diagnostic.Textf("选项读不懂：%v", "the options cannot be read: %v", err),
			Remedy: diagnostic.Text{
				ZH: `写成 {"as_of": "2025-06-09T09:00:00+08:00", "readings": {"读法": "选项"}}，都可不写`,
				EN: `write {"as_of": "2025-06-09T09:00:00+08:00", "readings": {"READING": "OPTION"}}; each may be left out`,
			},
		}
	}
	return o, nil
}

// timed is a context that ends at a moment by its own look at the clock: where
// nothing interrupts a call, as in WebAssembly, a timer would not go off.
type timed struct {
	context.Context
	end time.Time
}

// searching is how long a search may take where nobody says.
const searching = 20

func until(seconds int) context.Context {
	if seconds <= 0 {
		seconds = searching
	}
	return timed{context.Background(), time.Now().Add(time.Duration(seconds) * time.Second)}
}

// Err is that the time is up.
func (t timed) Err() error {
	if time.Now().After(t.end) {
		return context.DeadlineExceeded
	}
	return nil
}

// Deadline is when it is.
func (t timed) Deadline() (time.Time, bool) { return t.end, true }

// wrongMoment is the refusal of a moment of asking.
func wrongMoment(err error) error {
	var wrong *source.ScalarError
	if !errors.As(err, &wrong) {
		return err
	}
	return policy.NewFactError(wrong.Code, "as_of", wrong.Message, wrong.Remedy)
}

func (a *asked) ask() (*rulebook.Answer, error) {
	return a.book.Ask(context.Background(), a.question.ID, a.facts, a.options...)
}

// Ask is the answer's JSON as the library writes it, byte for byte.
func (b *Bridge) Ask(a Asking) Reply {
	return b.asking(a, func(x *asked, answer *rulebook.Answer) (any, error) {
		return answer.AppendJSON(nil, true), nil
	})
}

// asking asks, and tells what is made of the answer.
func (b *Bridge) asking(a Asking, tell func(*asked, *rulebook.Answer) (any, error)) Reply {
	return reply(func() (any, error) {
		x, err := b.asked(a)
		if err != nil {
			return nil, err
		}
		answer, err := x.ask()
		if err != nil {
			return nil, err
		}
		return tell(x, answer)
	})
}

// AllReadings is whether an answer holds under all readings, or on which it
// turns, as [whatif.Readings.Document] has it.
func (b *Bridge) AllReadings(a Asking) Reply {
	return b.asking(a, func(x *asked, _ *rulebook.Answer) (any, error) {
		found, err := x.allReadings()
		if err != nil {
			return nil, err
		}
		return found.Document(), nil
	})
}

func (a *asked) allReadings() (*whatif.Readings, error) {
	return whatif.UnderAllReadings(a.ctx, a.book, a.question.ID, a.facts, a.options...)
}

// Why is an answer with its reasons as a tree, as [whatif.WhyDocument] has it.
// Where nothing could be decided there are no reasons.
func (b *Bridge) Why(a Asking, lang string) Reply {
	return b.asking(a, func(_ *asked, answer *rulebook.Answer) (any, error) {
		return whatif.WhyDocument(answer, whatif.Why(answer, lang)), nil
	})
}

// Flips are the nearest changes to facts and readings that give another
// verdict.
func (b *Bridge) Flips(a Asking) Reply {
	return b.asking(a, func(x *asked, answer *rulebook.Answer) (any, error) {
		if answer.Error != nil {
			return nil, undecided(answer)
		}
		tree, _ := factset.FromJSON([]byte(a.Facts))
		found, err := whatif.NearestFlips(x.ctx, x.book, x.question, tree, whatif.Target{}, x.options...)
		if err != nil {
			return nil, err
		}
		readings, err := x.allReadings()
		if err != nil {
			return nil, err
		}
		return found.Document(readings.Flips(whatif.Target{})), nil
	})
}

// Next is which missing fact to ask for next.
func (b *Bridge) Next(a Asking) Reply {
	return b.asking(a, func(x *asked, answer *rulebook.Answer) (any, error) {
		if answer.Error != nil {
			return nil, undecided(answer)
		}
		tree, _ := factset.FromJSON([]byte(a.Facts))
		found, err := whatif.NextFacts(x.ctx, x.book, x.question, tree, x.options...)
		if err != nil {
			return nil, err
		}
		return found.Document(), nil
	})
}

// undecided says that there is nothing to look into, and why.
func undecided(a *rulebook.Answer) *Problem {
	why := a.Failure()
	return &Problem{Code: why.Code, Message: why.Message, Remedy: why.Remedy}
}
