package provider

import (
	"errors"
	"io"
	"net/http"
)

// mostAnswer is how much of an answer of the provider is read, in bytes.
const mostAnswer = 1 << 20

// bounded reads no more of an answer than it may hold.
type bounded struct{ http.RoundTripper }

// RoundTrip asks, and bounds the answer.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Body = &body{resp.Body, mostAnswer}
	}
	return resp, err
}

type body struct {
	io.ReadCloser
	left int
}

var errTooLarge = errors.New("the answer of the identity provider is too large")

// Read reads on, or fails behind as much as may be.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= n; b.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}
