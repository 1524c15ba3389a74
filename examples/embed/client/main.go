// Command client asks a rulebook server over HTTP, as a program in any
// language would, and has the decision put on record. Start a server, then run
// it from the root of the checkout: go run ./examples/embed/client
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/servicerules/rulebook/server/api"
	"github.com/servicerules/rulebook/server/problem"
)

func main() {
	server := flag.String("server", "http://127.0.0.1:8080", "address of the server")
	flag.Parse()
	c := &client{server: *server, token: os.Getenv("RULEBOOK_TOKEN")}
	if err := c.run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// client is a caller of a server; the token is needed where the server has a
// token file.
type client struct{ server, token string }

func (c *client) run(ctx context.Context, w io.Writer) error {
	facts := map[string]any{"request": map[string]any{
		"kind": "install", "area_type": "urban", "direct": "S2",
		"papers_complete_at": "2025-06-09T10:00:00+08:00", "completed_at": "2025-06-17T09:00:00+08:00",
	}}
	answer, id, err := c.record(ctx, "time_limit.request", facts)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s: %s, due %v, on record as %s\n", answer.Question, answer.Verdict, answer.Values["due_date"], id)
	return err
}

// record asks a question and returns once the decision is on record. The key
// lets it try again without recording twice, whatever got lost on the way.
func (c *client) record(ctx context.Context, question string, facts any) (answer *api.Answer, id string, err error) {
	body, err := json.Marshal(facts)
	if err != nil {
		return nil, "", err
	}
	key := rand.Text()
	for wait := 100 * time.Millisecond; ; wait *= 2 {
		answer, id, again, err := c.try(ctx, question, key, body)
		if err == nil || !again || wait > 2*time.Second {
			return answer, id, err
		}
		select {
		case <-ctx.Done():
			return nil, "", ctx.Err()
		case <-time.After(wait):
		}
	}
}

func (c *client) try(ctx context.Context, question, key string, body []byte) (answer *api.Answer, id string, again bool, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.server+"/v1/questions/"+question+"/ask?record=1", bytes.NewReader(body))
	if err != nil {
		return nil, "", false, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", key)
	r.Header.Set("Authorization", "Bearer "+c.token)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, "", true, err
	}
	defer func() { _ = resp.Body.Close() }()
	d := json.NewDecoder(resp.Body)
	if resp.StatusCode >= http.StatusBadRequest {
		var p problem.Document // what went wrong, and what to do about it
		err = d.Decode(&p)
		return nil, "", resp.StatusCode >= http.StatusInternalServerError, fmt.Errorf("%s: %s → %s (%v)", p.Code, p.Title, p.Remedy, err)
	}
	answer = &api.Answer{}
	err = d.Decode(answer)
	return answer, resp.Header.Get("Decision-Id"), err != nil, err
}
