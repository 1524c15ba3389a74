package door

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/people"
)

// A token file that changes is taken while it is in use: what is new is good,
// what is gone ends at once, what stayed keeps its caller; a wrong file changes
// nothing and is told of once.
func TestTokenFileIsReadAnew(t *testing.T) {
	first, firstLine, err := NewToken("first", "ask", "5", "person=li.wei")
	require.NoError(t, err)
	second, secondLine, err := NewToken("second", "auditor")
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "tokens")
	write := func(lines ...string) {
		require.NoError(t, os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	}
	write(firstLine)
	tokens, err := ReadTokens(file, 7)
	require.NoError(t, err)
	var log strings.Builder
	logger := slog.New(slog.NewTextHandler(&log, nil))
	looks := func(n int) {
		for range n {
			tokens.look(logger)
		}
	}
	was := tokens.find(first)
	require.NotNil(t, was)
	assert.Equal(t, "li.wei", was.Person())
	assert.Equal(t, people.ByToken, was.How())
	assert.Nil(t, tokens.find(second))

	write(firstLine, secondLine)
	looks(1)
	assert.Nil(t, tokens.find(second), "it may still be being written")
	looks(1)
	require.NotNil(t, tokens.find(second))
	assert.True(t, tokens.find(second).May(people.SeeAccess))
	assert.Same(t, was, tokens.find(first), "the rest of its allowance stays")

	write(secondLine, "first ask nonsense")
	looks(4)
	assert.Same(t, was, tokens.find(first))
	require.NoError(t, was.Wait(t.Context()))
	require.ErrorContains(t, tokens.Broken(), "SHA-256")
	assert.Equal(t, 1, strings.Count(log.String(), "level=ERROR"))
	require.NoError(t, os.Remove(file))
	looks(2)
	require.ErrorIs(t, tokens.Broken(), os.ErrNotExist)
	assert.Equal(t, 2, strings.Count(log.String(), "level=ERROR"))

	write(secondLine, "second ask nonsense")
	tokens.Reload(logger)
	require.ErrorContains(t, tokens.Broken(), "SHA-256", "also where it was looked at at once")
	looks(2)
	assert.Equal(t, 3, strings.Count(log.String(), "level=ERROR"), "told once")
	tokens.Reload(logger)
	assert.Equal(t, 4, strings.Count(log.String(), "level=ERROR"), "and to whoever has it looked at again")

	write(secondLine)
	looks(2)
	assert.Nil(t, tokens.find(first))
	require.NoError(t, tokens.Broken())
	require.ErrorIs(t, was.Wait(t.Context()), ErrEnded, "what is under way ends, too")
	write(firstLine)
	tokens.Reload(logger)
	require.NoError(t, tokens.Broken())
	assert.NotNil(t, tokens.find(first))
	assert.Nil(t, tokens.find(second))
}

// The last day of a token is a whole day in UTC.
func TestTokensEnd(t *testing.T) {
	for until, good := range map[string]bool{
		time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly): false, time.Now().UTC().Add(time.Minute).Format(time.DateOnly): true,
	} {
		secret, line, err := NewToken("a", "ask", "until="+until)
		require.NoError(t, err)
		file := filepath.Join(t.TempDir(), "tokens")
		require.NoError(t, os.WriteFile(file, []byte(line), 0o600))
		tokens, err := ReadTokens(file, 0)
		require.NoError(t, err)
		assert.Equal(t, good, tokens.find(secret) != nil, until)
	}
	day := time.Date(2027, 4, 1, 0, 0, 0, 0, time.UTC)
	k, err := parseToken([]string{"a", "ask", strings.Repeat("0", 64), "until=2027-03-31"}, 0)
	require.NoError(t, err)
	assert.False(t, k.caller.line.over(day.Add(-time.Nanosecond)))
	assert.True(t, k.caller.line.over(day))
}

// Where nobody is asked who he is, nobody is known: there are no two people.
func TestPersonBehindACaller(t *testing.T) {
	seen := &Caller{}
	h := New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { seen = CallerOf(r.Context()) }), Options{Hosts: []string{"example.com"}})
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	assert.Empty(t, seen.Person())
	assert.Equal(t, people.ByNothing, seen.How())
	assert.True(t, seen.May(people.ManagePeople))
	assert.False(t, people.Different(seen.Person(), seen.Person()))
	assert.False(t, people.Different("", "li"))
	assert.False(t, people.Different("li", "Li"))
	assert.True(t, people.Different("li", "wang"))
	var nobody *Caller
	assert.Empty(t, nobody.Person())
	assert.False(t, nobody.May(people.Known))
	assert.True(t, nobody.May(people.Anybody))
}
