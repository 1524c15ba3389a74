package provider

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"unicode"
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

// follow follows the provider to another address where nobody on the way can change
// what is said there either; what is sent to it goes to no other address.
func follow(r *http.Request, before []*http.Request) error {
	const most = 5
	switch {
	case before[0].Method != http.MethodGet:
		return http.ErrUseLastResponse
	case len(before) > most:
		return errors.New("the identity provider sends from one address to the next without end")
	}
	return checkSafe(r.URL)
}

// brief is an error as it may be shown and logged: some hold whole pages that stood
// in the place of an answer.
func brief(err error) string {
	const longest = 500 // characters
	text := []rune(strings.ToValidUTF8(err.Error(), "\uFFFD"))
	if len(text) > longest {
		text = append(text[:longest], '…')
	}
	return strings.Map(func(c rune) rune {
		if unicode.IsGraphic(c) {
			return c
		}
		return ' '
	}, string(text))
}
