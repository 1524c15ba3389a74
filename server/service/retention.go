package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/internal/files"
	"github.com/servicerules/rulebook/server/record"
)

// Retention says how long what records and kept tables say of people stays. It
// counts from the latest step about a record, from the record itself where there is
// none, and from the keeping of a table.
type Retention struct {
	Records []KeptFor `yaml:"records"` // of each question the first that names it; one without questions is for all others
	Tables  *KeptFor  `yaml:"tables"`  // nil: they stay
}

// KeptFor is for how long something stays.
type KeptFor struct {
	Questions []string `yaml:"questions"`
	Keep      string   `yaml:"keep"` // as rules write a length: 5 years, 24 months, 90 days, 5年

	length source.Quantity
}

const retentionForm = "records: [{questions: [ID], keep: 5 years}, {keep: 90 days}] and tables: {keep: 24 months}, or one of them"

// ReadRetention reads a file about retention. Errors name the file, the place and
// what to write.
func ReadRetention(path string) (*Retention, error) {
	const most = 1 << 16 // bytes
	r := &Retention{}
	if err := files.YAML(path, most, r, retentionForm); err != nil {
		return nil, err
	}
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

func (r *Retention) check() (err error) {
	if len(r.Records) == 0 && r.Tables == nil {
		return fmt.Errorf("it says nothing; write %s", retentionForm)
	}
	var named []string
	for i := range r.Records {
		k := &r.Records[i]
		if k.Questions != nil && len(k.Questions) == 0 {
			return fmt.Errorf("records: entry %d: questions: it names none; name some, or take the key out for all others", i+1)
		}
		if len(k.Questions) == 0 && i < len(r.Records)-1 {
			return fmt.Errorf("records: entry %d names no questions and is for all others; put it last", i+1)
		}
		for _, q := range k.Questions {
			if slices.Contains(named, q) {
				return fmt.Errorf("records: entry %d names %s, which another entry names already; name it once", i+1, q)
			}
			named = append(named, q)
		}
		if err := k.parse(); err != nil {
			return fmt.Errorf("records: entry %d: keep: %w", i+1, err)
		}
	}
	if r.Tables == nil {
		return nil
	}
	if r.Tables.Questions != nil {
		return fmt.Errorf("tables: questions: tables are of no question; leave it out")
	}
	if err := r.Tables.parse(); err != nil {
		return fmt.Errorf("tables: keep: %w", err)
	}
	return nil
}

func (k *KeptFor) parse() (err error) {
	const remedy = "write a number of days, weeks, months or years, such as 5 years"
	if k.Keep == "" {
		return fmt.Errorf("it is not said how long; %s", remedy)
	}
	k.length, err = source.ParseQuantity(strings.TrimSpace(k.Keep))
	var wrong *source.ScalarError
	if errors.As(err, &wrong) && wrong.Code == source.CodeOutOfRange {
		return fmt.Errorf("%s; %s", wrong.Message.EN, wrong.Remedy.EN)
	} else if err != nil {
		return fmt.Errorf("%w; %s", err, remedy)
	}
	switch k.length.Unit {
	case source.CalendarDays, source.Weeks, source.Months, source.Quarters, source.Years:
		if k.length.N == 0 {
			return fmt.Errorf("%q is no time at all, and all would be erased at once; write 1 day or more", k.Keep)
		}
		return nil
	}
	return fmt.Errorf("%q is no length of days, weeks, months or years; %s", k.Keep, remedy)
}

// since is the moment before which what was last touched is over.
func (k *KeptFor) since(now time.Time) time.Time {
	n := int(k.length.N)
	switch k.length.Unit {
	case source.CalendarDays:
		return now.AddDate(0, 0, -n)
	case source.Weeks:
		const days = 7
		return now.AddDate(0, 0, -days*n)
	case source.Years:
		return monthsBefore(now, n*12)
	case source.Quarters:
		return monthsBefore(now, n*3)
	}
	return monthsBefore(now, n)
}

// monthsBefore is the same day so many months before, or the last of its month: that
// of 31 March, a month before, is the end of February, so that nothing goes early.
func monthsBefore(t time.Time, n int) time.Time {
	y, m, d := t.Date()
	first := time.Date(y, m-time.Month(n), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(d, last)-1)
}

// UnknownError says that a file about retention names questions that there are not.
type UnknownError struct{ Unknown, Known []string }

// Error names them and those that there are.
func (e *UnknownError) Error() string {
	return fmt.Sprintf("neither the rules nor any record has the question %s; write one of %s", strings.Join(e.Unknown, ", "), strings.Join(e.Known, ", "))
}

// Unknown is an *UnknownError where questions are named that neither some rules have
// nor any record.
func (r *Retention) Unknown(ctx context.Context, store *record.Store, book *policy.Rulebook) error {
	var all []string
	for _, k := range r.Records {
		for _, q := range k.Questions {
			if slices.Contains(book.QuestionIDs(), q) {
				continue
			}
			known, err := store.Known(ctx, q, "")
			if err != nil {
				return err
			}
			if !known {
				all = append(all, q)
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	return &UnknownError{all, book.QuestionIDs()}
}

// Retain erases what is over, and then once a day, until the context ends.
func (s *Service) Retain(ctx context.Context, r *Retention, log *slog.Logger) {
	const day, again = 24 * time.Hour, 10 * time.Minute
	for {
		wait := day
		records, tables, err := s.RetainOnce(ctx, r)
		if ctx.Err() != nil {
			return
		}
		if records+tables > 0 {
			log.Info("erased what was kept for long enough", "records", records, "tables", tables)
		}
		if err != nil {
			log.Error("what is over could not be erased", "err", err)
			wait = again
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// RetainOnce erases what is over now, and reports how much. What fails is tried
// again by the next.
func (s *Service) RetainOnce(ctx context.Context, r *Retention) (records, tables int, err error) {
	if err := s.Store.EmptyLog(ctx); err != nil { // where the time before could not
		return 0, 0, err
	}
	now := s.Store.Now().In(s.Rules.Current().Book.Rulebook().Zone)
	var named []string
	for _, k := range r.Records {
		questions, others := k.Questions, len(k.Questions) == 0
		if others {
			questions = named
		}
		n, err := s.retain(ctx, &k, questions, others, now)
		records += n
		if err != nil {
			return records, 0, err
		}
		named = append(named, k.Questions...)
	}
	if r.Tables == nil {
		return records, 0, nil
	}
	all, err := s.Store.Imports(ctx)
	if err != nil {
		return records, 0, err
	}
	since := r.Tables.since(now)
	for _, i := range all {
		if !i.Erased.IsZero() || !i.At.Before(since) {
			continue
		}
		if err := s.Store.EraseImport(ctx, i.ID, retainer, r.Tables.why()); err != nil {
			return records, tables, err
		}
		tables++
	}
	return records, tables, nil
}

func (s *Service) retain(ctx context.Context, k *KeptFor, questions []string, others bool, now time.Time) (n int, err error) {
	since := k.since(now)
	for after := int64(0); ; {
		found, last, err := s.Store.Erasable(ctx, questions, others, since, after)
		if err != nil || last == 0 {
			return n, err
		}
		ids := make([]string, len(found))
		for i, e := range found {
			ids[i] = e.ID()
		}
		if len(ids) > 0 {
			erased, err := s.Store.EraseOver(ctx, ids, since, record.StepBody{Caller: retainer, Reason: k.why()})
			if err != nil {
				return n, err
			}
			n += len(erased)
		}
		after = last
	}
}

// retainer is who erases what is over: the server itself.
const retainer = "retention"

func (k *KeptFor) why() string { return "保存期满 / kept for long enough: " + k.length.String() }
