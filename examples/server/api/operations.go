package api

import (
	"net/http"

	"github.com/servicerules/rulebook/examples/server/door"
)

const jsonMedia = "application/json"

// operations is all that the interface can do.
func (a *api) operations() []operation {
	question := []parameter{
		{name: "as_of", doc: "the moment of asking, RFC 3339; the facts may say it instead", schema: ""},
		{name: "reading", doc: "another option of a reading, KEY=OPTION", repeated: true, schema: ""},
		{name: "explain", doc: "1: with the explanation in Chinese and English; recorded answers always have it", schema: ""},
		{name: "record", doc: "1: put the decision on record before it is answered", schema: ""},
	}
	return []operation{
		{
			method: "POST", path: "/v1/questions/{id}/ask", id: "ask", scope: door.Ask, summary: "Ask a question about one set of facts.",
			query: question, headers: []parameter{{name: "Idempotency-Key", doc: "makes a repeated request return the first record", schema: ""}},
			body:   []body{{media: jsonMedia, limit: MaxFacts, doc: "the facts, as /v1/questions/{id} describes them"}},
			handle: a.ask,
		},
	}
}

var _ = http.MethodGet
