// Package client is a client of the server's interface in Go. All of client.gen.go
// is generated from openapi.json beside it, which is the server's /openapi.json, by
// oapi-codegen:
//
//	RULEBOOK_TESTS=all go test ./internal/clientgen -update
//
// A program begins with [New]. Methods whose names end in WithResponse give the
// answer by its type, or the problem. What is answered line by line – ask-many,
// import, export – is for the methods without that, and for [Lines].
package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// New is a client of the server at an address such as "http://127.0.0.1:8080". The
// token is needed where the server has credentials; "" for none.
func New(server, token string, options ...ClientOption) (*ClientWithResponses, error) {
	if token != "" {
		options = append([]ClientOption{WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
			r.Header.Set("Authorization", "Bearer "+token)
			return nil
		})}, options...)
	}
	return NewClientWithResponses(server, options...)
}

// Error is what went wrong, and what to do about it.
func (p *Problem) Error() string {
	text := p.Title + " [" + p.Code + "]"
	if p.Remedy != nil {
		text += ": " + *p.Remedy
	}
	return text
}

// Of is a pointer to a value, as members that may be left out are.
func Of[T any](v T) *T { return &v }

// longestLine bounds a line of an answer, in bytes.
const longestLine = 16 << 20

// Lines reads an answer of JSON Lines: each is told of every line, until it gives an
// error, which is returned. Where the answer is a problem, that is the error. The
// body is closed.
func Lines[T any](r *http.Response, each func(T) error) (err error) {
	defer func() { err = errors.Join(err, r.Body.Close()) }()
	if r.StatusCode >= http.StatusBadRequest {
		p := &Problem{}
		if err := json.NewDecoder(io.LimitReader(r.Body, longestLine)).Decode(p); err != nil {
			return fmt.Errorf("%s: %w", r.Status, err)
		}
		return p
	}
	lines := bufio.NewScanner(r.Body)
	lines.Buffer(nil, longestLine)
	for lines.Scan() {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var one T
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			return err
		}
		if err := each(one); err != nil {
			return err
		}
	}
	return lines.Err()
}
