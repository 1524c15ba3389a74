package load_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/load"
)

// endsLater is a context that has ended, and says so from the nth time on that
// it is asked.
type endsLater struct {
	context.Context
	asked *int
}

func (c endsLater) Err() error {
	if *c.asked--; *c.asked < 0 {
		return context.Canceled
	}
	return nil
}

// Loading that is broken off, wherever that is, gives an error and nothing else:
// never a part of the findings.
func TestBrokenOff(t *testing.T) {
	sound := library(t)
	wrong := strings.Replace(sound, "at_most: 20 working days", "at_most: 20 workdays", 1)
	ended, end := context.WithCancel(context.Background())
	end()
	for _, text := range []string{sound, wrong, sound + "\n  x: \"\n"} {
		book, found := load.Parse("", []byte(text))
		same := func(ctx context.Context) (done bool) {
			again, foundAgain, err := load.ParseContext(ctx, "", []byte(text))
			if err != nil {
				assert.ErrorIs(t, err, context.Canceled)
				assert.Nil(t, again)
				assert.Empty(t, foundAgain)
				return false
			}
			assert.Equal(t, found, foundAgain)
			assert.Equal(t, book == nil, again == nil)
			return true
		}
		for n := range 2 { // when the file has been read, and when it has been checked
			asked := n
			same(endsLater{ended, &asked})
		}
		for range 40 {
			ctx, end := context.WithCancel(context.Background())
			time.AfterFunc(time.Duration(rand.IntN(12000))*time.Microsecond, end)
			same(ctx)
			end()
		}
		assert.True(t, same(context.Background()))
	}
}

// So does looking for what has no effect.
func TestUnusedBrokenOff(t *testing.T) {
	book, _ := load.Parse("", []byte(strings.Replace(library(t), "\nwords:\n", "\nwords:\n  idle: {still: {zh: 闲, en: still}}\n", 1)))
	require.NotNil(t, book)
	all := load.Unused(book)
	require.NotEmpty(t, all)
	for n := 0; ; n++ {
		asked := n
		found, err := load.UnusedContext(endsLater{context.Background(), &asked}, book)
		if err == nil {
			assert.Equal(t, all, found)
			assert.Greater(t, n, 10)
			return
		}
		assert.ErrorIs(t, err, context.Canceled)
		assert.Empty(t, found)
	}
}
