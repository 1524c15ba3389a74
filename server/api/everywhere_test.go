package api_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/proptest"
	rowsof "github.com/servicerules/rulebook/internal/sample"
	"github.com/servicerules/rulebook/internal/testsize"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/live"
)

// The interface has the library's answers, byte for byte, over all questions of
// three rulebooks: asked one by one, many at once as JSON Lines, and put on record
// from tables. RULEBOOK_TESTS=all asks about more facts.
func TestTheLibrarysAnswersEverywhere(t *testing.T) {
	rows := testsize.Pick(1, 4, 60)
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	const asOf = "?explain=1&as_of=2026-03-01T00:00:00Z"
	for _, file := range []string{"", "../../examples/rulebooks/service-desk.yaml", "../../examples/rulebooks/ofcom.yaml"} {
		s := serve(t, live.Options{File: file})
		book := s.rules.Current().Book
		seq := int64(1)
		for i, q := range book.Rulebook().Questions {
			made := proptest.Facts{Rand: rand.New(rand.NewPCG(3, uint64(i))), Book: book.Rulebook(), Lack: 30}
			var lines strings.Builder
			var want []string
			for range rows {
				data, err := json.Marshal(made.Of(q))
				require.NoError(t, err)
				answer, ok := library(t, book, q, data, at)
				got := s.ask(q.ID, asOf, string(data))
				if require.Equal(t, ok, got.status == http.StatusOK, "%s: %s %s", q.ID, data, got.body); ok {
					require.Equal(t, answer, got.body, "%s: %s", q.ID, data)
				}
				lines.Write(append(data, '\n'))
				want = append(want, answer)
			}
			many := s.send(http.MethodPost, "/v1/questions/"+q.ID+"/ask-many"+asOf, "application/jsonl", lines.String())
			require.Equal(t, http.StatusOK, many.status, many.body)
			for n, line := range strings.Split(strings.TrimSuffix(many.body, "\n"), "\n") {
				if want[n] != "" {
					require.Equal(t, want[n], line, q.ID)
				}
			}
			seq = s.importedAsTheLibrarySays(q, rows, seq, at)
		}
	}
}

// library is what the library answers; false where it refuses the facts.
func library(t *testing.T, book *rulebook.Book, q *policy.Question, facts []byte, at time.Time) (string, bool) {
	t.Helper()
	a, err := book.Ask(t.Context(), q.ID, facts, rulebook.AsOf(at))
	if err != nil {
		require.NotEmpty(t, policy.RefusedFacts(err), "%v", err)
		return "", false
	}
	return string(a.AppendJSON(nil, true)), true
}

// importedAsTheLibrarySays puts rows on record as CSV, as a workbook and as JSON
// Lines; the next record is the one at seq.
func (s *server) importedAsTheLibrarySays(q *policy.Question, rows int, seq int64, at time.Time) int64 {
	book := s.rules.Current().Book
	made := rowsof.New(book.Rulebook(), q, 11)
	cells := [][]string{made.Header()}
	var lines strings.Builder
	var want []string
	for n := range rows {
		row := made.Row(int64(n))
		if strings.Join(row[1:], "") == "" {
			continue // a row that says nothing but its id is refused in tables
		}
		cells = append(cells, row)
		object := made.Object(int64(n))
		lines.Write(append(object, '\n'))
		facts := strings.Replace(string(object), fmt.Sprintf(`"record":"T%d"`, n), "", 1)
		facts = strings.NewReplacer("{,", "{", ",}", "}", ",,", ",").Replace(facts)
		answer, ok := library(s.t, book, q, []byte(facts), at)
		if ok && !strings.Contains(answer, `"error":{`) { // where nothing could be decided, nothing is put on record
			want = append(want, answer)
		}
	}
	for media, body := range map[string]string{
		"text/csv": csvOf(cells, ","), "application/jsonl": lines.String(),
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": workbook(s.t, cells),
	} {
		if len(cells[0]) > 26 && !strings.Contains(media, "csv") && !strings.Contains(media, "jsonl") {
			continue // the workbook of this test has columns of one letter
		}
		got := s.send(http.MethodPost, "/v1/questions/"+q.ID+"/import?mode=lines&as_of=2026-03-01T00:00:00Z", media, body)
		require.Equal(s.t, http.StatusOK, got.status, "%s: %s", q.ID, got.body)
		entries, err := s.store.Stretch(s.t.Context(), seq, rows+1)
		require.NoError(s.t, err)
		require.Len(s.t, entries, len(want), "%s %s: %s", q.ID, media, got.body)
		for n, e := range entries {
			b, err := e.Decode()
			require.NoError(s.t, err)
			require.Equal(s.t, want[n], string(b.Answer), "%s %s", q.ID, media)
		}
		seq += int64(len(entries))
	}
	return seq
}
