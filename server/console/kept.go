package console

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/review"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/internal/tables"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
)

// The tables of a month may be kept, by month and source. They are reviewed again
// whenever somebody looks at them, by the rules in force then; of each review at
// the time of keeping the totals stand beside them, to compare months by.

// keptKey begins the address of a month that is kept, before its number.
const keptKey = "kept-"

// keptMonth is an import as the pages list it.
type keptMonth struct {
	Month, Source, Href, At, Caller, Reason string
	Totals                                  review.Totals
	Last                                    bool
	Erased, Eraser, Why                     string // when its tables were erased, "" where they are there
}

// sourceOf is what the form says of keeping: no source, no keeping.
func sourceOf(p *page, asked monthAsked) (source, reason string, refused *monthRefusal) {
	i := record.Import{Source: asked.Source, Reason: asked.Reason}
	var wrong *service.KeepRefusedError
	if errors.As(service.CheckKeep(&i), &wrong) {
		return "", "", &monthRefusal{Text: wrong.Message.In(p.Lang), Remedy: wrong.Remedy.In(p.Lang)}
	}
	return i.Source, i.Reason, nil
}

// keepMonth keeps the tables of a review that was made of them.
func (c *Console) keepMonth(r *http.Request, p *page, m *month, files *tables.FS, source, reason string) (*monthRefusal, error) {
	i := record.Import{Source: source, Reason: reason, Caller: door.NameOf(r.Context())}
	kept, again, err := c.service.Keep(r.Context(), m.report, i, files)
	var there *record.ReplacedError
	var refused *service.KeepRefusedError
	switch {
	case err == nil && again:
		there = &record.ReplacedError{Import: kept.ID}
		fallthrough
	case errors.As(err, &there):
		message, remedy := service.KeptAlready(there)
		return &monthRefusal{Text: message.In(p.Lang), Remedy: remedy.In(p.Lang)}, nil
	case errors.As(err, &refused):
		return &monthRefusal{Text: refused.Message.In(p.Lang), Remedy: refused.Remedy.In(p.Lang)}, nil
	case err != nil:
		return nil, err
	}
	m.key = keptKey + strconv.FormatInt(kept.ID, 10)
	return nil, nil
}

// keptNumber is the number of the import that an address is of; false of others.
func keptNumber(key string) (int64, bool) {
	number, ok := strings.CutPrefix(key, keptKey)
	id, err := strconv.ParseInt(number, 10, 64)
	return id, ok && err == nil
}

// keptTables are the tables of a kept month, as they were sent.
func (c *Console) keptTables(ctx context.Context, key string) (*record.Import, *tables.FS, error) {
	id, ok := keptNumber(key)
	if !ok {
		return nil, nil, record.ErrNotFound
	}
	i, err := c.service.Store.Import(ctx, id)
	if err == nil && !i.Erased.IsZero() {
		err = record.ErrErased
	}
	if err != nil {
		return nil, nil, err
	}
	files, err := tables.New(c.service.Room)
	if err != nil {
		return nil, nil, err
	}
	for _, f := range i.Files {
		if err := files.Put(f.Name, func(w io.Writer) error { return c.service.Store.WriteImported(ctx, id, f, w) }); err != nil {
			return nil, nil, errors.Join(err, files.Close())
		}
	}
	return i, files, nil
}

// keptMonths are all that is kept, the latest month first.
func (c *Console) keptMonths(ctx context.Context, p *page) ([]keptMonth, error) {
	imports, err := c.service.Store.Imports(ctx)
	if err != nil {
		return nil, err
	}
	var all []keptMonth
	for _, i := range imports {
		k := keptMonth{
			Month: i.Month, Source: plainly(i.Source), Href: "/month/" + keptKey + strconv.FormatInt(i.ID, 10),
			At: wording.Moment(i.At.In(p.viewer.book.Zone).Truncate(time.Minute)), Caller: i.Caller, Reason: plainly(i.Reason), Last: i.Last,
		}
		if !i.Erased.IsZero() {
			k.Erased, k.Eraser, k.Why = wording.Moment(i.Erased.In(p.viewer.book.Zone).Truncate(time.Minute)), plainly(i.Eraser), plainly(i.Why)
		}
		if p.viewer.masked || k.Erased != "" { // its records name people, or are not there
			k.Href = ""
		}
		if json.Unmarshal(i.Summary, &k.Totals) != nil {
			continue // nothing that these pages kept
		}
		all = append(all, k)
	}
	return all, nil
}

// latestKept are the totals of the latest month that is kept, of all sources,
// and where it is looked at.
func latestKept(all []keptMonth) (month string, totals review.Totals, sources int, href string) {
	for _, k := range all {
		if !k.Last || month != "" && k.Month != month {
			continue
		}
		month, sources = k.Month, sources+1
		totals.Records, totals.Breached = totals.Records+k.Totals.Records, totals.Breached+k.Totals.Breached
		totals.Decisions, totals.Undecided = totals.Decisions+k.Totals.Decisions, totals.Undecided+k.Totals.Undecided
		href = cmp.Or(href, k.Href)
	}
	if sources > 1 {
		href = "/month#kept"
	}
	return month, totals, sources, href
}

// mayLook reports whether the caller may see a review: kept months hold what is
// on record.
func mayLook(r *http.Request, key string) bool {
	return !strings.HasPrefix(key, keptKey) || mayRead(r) && door.May(r.Context(), people.SeePersonal)
}

// keptChart is how many records of the kept months have a breach, up to the
// latest one, beside how many there are.
func (v *viewer) keptChart(all []keptMonth) *chart {
	month, _, _, _ := latestKept(all)
	last, err := time.ParseInLocation(monthLayout, month, v.book.Zone)
	if err != nil {
		return nil
	}
	year, number, _ := last.Date()
	starts := make([]time.Time, monthsCharted+1)
	records, breached := make([]int, monthsCharted), make([]int, monthsCharted)
	for i := range starts {
		starts[i] = time.Date(year, number+time.Month(i-monthsCharted+1), 1, 0, 0, 0, 0, v.book.Zone)
	}
	hrefs := make([]string, monthsCharted)
	for i := range monthsCharted {
		name := starts[i].Format(monthLayout)
		for _, k := range all {
			if k.Last && k.Month == name {
				records[i], breached[i] = records[i]+k.Totals.Records, breached[i]+k.Totals.Breached
				hrefs[i] = cmp.Or(hrefs[i], k.Href)
			}
		}
	}
	if slices.Max(records) == 0 {
		return nil
	}
	c := v.drawn(v.pick("留存的月份：审查的记录", "Months that are kept: records reviewed"), starts, records, breached, v.pick("，其中有违反 ", ", with a breach "), func(i int) string { return hrefs[i] })
	c.Href = "/month#kept"
	return &c
}

// monthAddress is the list of a question's records of a month.
func monthAddress(question string, from, to time.Time) string {
	return "/decisions?" + url.Values{"question": {question}, "from": {from.Format(time.DateOnly)}, "to": {to.AddDate(0, 0, -1).Format(time.DateOnly)}}.Encode()
}
