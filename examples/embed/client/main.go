// Command client asks a rulebook server over HTTP by the client of package
// server/client, and has the decision put on record. Start a server, then run it
// from the root of the checkout: go run ./examples/embed/client
package main

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/servicerules/rulebook/server/client"
)

func main() {
	server := flag.String("server", "http://127.0.0.1:8080", "address of the server")
	flag.Parse()
	c, err := client.New(*server, os.Getenv("RULEBOOK_TOKEN")) // the token is needed where the server has a token file
	if err == nil {
		err = run(context.Background(), c, os.Stdout)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, c *client.ClientWithResponses, w io.Writer) error {
	facts := map[string]any{"request": map[string]any{
		"kind": "install", "area_type": "urban", "direct": "S2",
		"papers_complete_at": "2025-06-09T10:00:00+08:00", "completed_at": "2025-06-17T09:00:00+08:00",
	}}
	answer, id, err := put(ctx, c, "time_limit.request", facts)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s: %s, due %v, on record as %s\n", answer.Question, *answer.Verdict, answer.Values["due_date"], id)
	return err
}

// put asks a question and returns once the decision is on record. The key lets it
// try again without recording twice, whatever got lost on the way.
func put(ctx context.Context, c *client.ClientWithResponses, question string, facts map[string]any) (*client.Answer, string, error) {
	params := &client.AskParams{Record: client.Of(client.AskParamsRecordN1), IdempotencyKey: client.Of(rand.Text())}
	for wait := 100 * time.Millisecond; ; wait *= 2 {
		got, err := c.AskWithResponse(ctx, question, params, facts)
		switch {
		case err == nil && got.JSON201 != nil:
			return got.JSON201, got.HTTPResponse.Header.Get("Decision-Id"), nil
		case err == nil && got.JSON200 != nil: // of an earlier try
			return got.JSON200, got.HTTPResponse.Header.Get("Decision-Id"), nil
		case err == nil && got.ApplicationproblemJSONDefault != nil:
			err = got.ApplicationproblemJSONDefault // what went wrong, and what to do about it
		case err == nil:
			err = fmt.Errorf("this is no answer of a rulebook server: %s", got.Status())
		}
		if wait > 2*time.Second || got != nil && got.StatusCode() < http.StatusInternalServerError {
			return nil, "", err
		}
		select {
		case <-ctx.Done():
			return nil, "", ctx.Err()
		case <-time.After(wait):
		}
	}
}
