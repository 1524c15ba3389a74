package lsp_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/lsp"
)

// zeros is an input without an end.
type zeros struct{ read *int }

func (z zeros) Read(p []byte) (int, error) {
	clear(p)
	*z.read += len(p)
	return len(p), nil
}

// An input that is none of the protocol ends the session at once, with what is
// wrong with it in both languages; one without an end is not read to it.
func TestInputOfSomethingElse(t *testing.T) {
	for in, want := range map[string]string{
		"hello\n":                          `"hello"`,
		"rulebook: {id: x}\n\n":            "Content-Length",
		"Content-Length: -5\r\n\r\n{}":     `"-5"`,
		"Content-Length: 99999999\r\n\r\n": "16777216",
		"Content-Length: 50\r\n\r\n{}":     "within",
		"Content-Length: 5":                "within",
		strings.Repeat("x", 100_000):       "too long",
		strings.Repeat("x: y\n", 10_000):   "too long",
	} {
		err := lsp.Serve(t.Context(), strings.NewReader(in), io.Discard, lsp.Config{})
		var input *lsp.InputError
		require.ErrorAs(t, err, &input, in[:min(20, len(in))])
		assert.Contains(t, input.Message.EN, want)
		assert.Regexp(t, `\p{Han}`, input.Message.ZH)
	}
	read := 0
	assert.Error(t, lsp.Serve(t.Context(), zeros{&read}, io.Discard, lsp.Config{}))
	assert.Less(t, read, 100_000)
	assert.ErrorIs(t, lsp.Serve(t.Context(), strings.NewReader(""), io.Discard, lsp.Config{}), io.EOF)
	exit := "Content-Length: 33\r\n\r\n" + `{"jsonrpc":"2.0","method":"exit"}`
	assert.ErrorIs(t, lsp.Serve(t.Context(), strings.NewReader(exit), io.Discard, lsp.Config{}), lsp.ErrNoShutdown)
}

// The session ends with its context, though the client says nothing.
func TestSessionEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	silent, _ := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- lsp.Serve(ctx, silent, io.Discard, lsp.Config{}) }()
	cancel()
	select {
	case err := <-ended:
		assert.True(t, errors.Is(err, context.Canceled))
	case <-time.After(20 * time.Second):
		t.Fatal("it waits for the client")
	}
}
