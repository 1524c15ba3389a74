package console

import (
	"net/url"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/intake"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// An address may hold the facts of a question, so that it can be passed on and
// opened again when the server has forgotten the form. No page makes such an
// address by itself: facts may be about people, and addresses stay behind in
// histories and logs. The person is told so where the page offers it.
const (
	factsQuery   = "facts" // JSON, as the interface takes it
	asOfQuery    = "as_of"
	readingQuery = "reading" // KEY=OPTION, once for each
	maxLink      = 4 << 10   // bytes: what mail and chat programs leave whole, and half of what the server takes
)

// link is the address, without the server, that holds what was asked.
func (x asking) link() string {
	query := url.Values{factsQuery: {string(x.facts)}}
	if !x.asOf.IsZero() {
		query.Set(asOfQuery, x.asOf.Format(time.RFC3339Nano))
	}
	for _, s := range x.settings {
		query.Add(readingQuery, s.Key+"="+s.Option)
	}
	return "/ask/" + url.PathEscape(x.question.ID) + "?" + query.Encode()
}

// formOfLink is the form that such an address fills in; false where it holds
// no facts. What the question does not take is kept under its name, so that the
// page says so.
func formOfLink(book *rulebook.Book, q *policy.Question, query url.Values) (url.Values, bool, error) {
	if !query.Has(factsQuery) {
		return nil, false, nil
	}
	data := []byte(query.Get(factsQuery))
	facts, err := intake.ParseFacts(data)
	if err != nil {
		return nil, true, errBadForm
	}
	b := book.Rulebook()
	values := fill(b, q, facts)
	_, err = book.Check(q.ID, data)
	for _, fact := range policy.RefusedFacts(err) {
		if at := fieldOf(fact.Fact); !takes(q, at) && !strings.HasPrefix(at, "_") {
			values.Set(at, "?")
		}
	}
	if text := query.Get(asOfQuery); text != "" {
		values.Set(asOfInput, text)
		if t, err := source.Moment(text); err == nil {
			values.Set(asOfInput, momentField(t.In(b.Zone)))
		}
	}
	for _, setting := range query[readingQuery] {
		key, option, _ := strings.Cut(setting, "=")
		values.Set(readingInput+key, option)
	}
	return values, true, nil
}
