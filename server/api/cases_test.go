package api_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/api"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/record"
)

// asked is a case as a request, and what the library says to it.
type asked struct {
	name, question, query, facts string

	options []rulebook.Option
	asOf    bool // the case says when it is asked

	answer string // "" where the facts are refused
	code   string // of the refusal
}

// cases are the example cases and the journeys, but for those that change the
// rules: a server has one rulebook.
func cases(t *testing.T, book *rulebook.Book) (all []asked) {
	t.Helper()
	for _, dir := range []string{"../../examples/cases", "../../examples/scenarios"} {
		err := fs.WalkDir(os.DirFS(dir), ".", func(name string, _ fs.DirEntry, err error) error {
			if err != nil || path.Ext(name) != ".yaml" {
				return err
			}
			data, err := os.ReadFile(path.Join(dir, name))
			require.NoError(t, err)
			f, found := casefile.Parse(name, data)
			require.NotNil(t, f, "%v", found)
			if len(f.Changes) > 0 {
				return nil
			}
			for _, c := range f.Cases {
				all = append(all, askedOf(t, book, name, c))
			}
			return nil
		})
		require.NoError(t, err)
	}
	return all
}

func askedOf(t *testing.T, book *rulebook.Book, file string, c *casefile.Case) asked {
	t.Helper()
	x := asked{name: file + " " + c.Name, question: c.Question, facts: toJSON(c.Facts)}
	query := url.Values{}
	var options []rulebook.Option
	for _, s := range c.Readings {
		query.Add("reading", s.Key+"="+s.Option)
		options = append(options, rulebook.Reading(s.Key, s.Option))
	}
	if !c.AsOf.IsZero() {
		query.Set("as_of", c.AsOf.Format(time.RFC3339Nano))
		options = append(options, rulebook.AsOf(c.AsOf))
	}
	x.options, x.asOf = options, !c.AsOf.IsZero() || c.Facts.Get("as_of") != nil
	query.Set("explain", "1")
	x.query = "?" + query.Encode()
	answer, err := book.Ask(t.Context(), c.Question, c.Facts, options...)
	var fact *policy.FactError
	switch {
	case errors.As(err, &fact):
		x.code = fact.Code
	default:
		require.NoError(t, err, x.name)
		x.answer = string(answer.AppendJSON(nil, true))
	}
	return x
}

// recorded is what is put on record of a case: the answer at the moment that
// it gives, else at the server's clock; "" where that decides nothing.
func (x asked) recorded(t *testing.T, book *rulebook.Book, asOf *time.Time) string {
	t.Helper()
	options := slices.Clone(x.options)
	if asOf != nil {
		options = append(options, rulebook.AsOf(*asOf))
	}
	answer, err := book.Ask(t.Context(), x.question, []byte(x.facts), options...)
	require.NoError(t, err, x.name)
	if answer.Error != nil {
		return ""
	}
	return string(answer.AppendJSON(nil, true))
}

// afterAll is a clock by which all cases are of the past.
func afterAll() time.Time { return time.Date(2099, 12, 31, 0, 0, 0, 0, time.UTC) }

// Every case gets, through ask, the bytes that the library gives; recorded,
// it gets them too, and all the records can be derived again.
func TestAskAsTheLibraryDoes(t *testing.T) {
	s := serveBy(t, live.Options{}, record.Options{Now: afterAll})
	all := cases(t, s.rules.Current().Book)
	require.Greater(t, len(all), 113+100)
	recorded, refused := 0, 0
	book := s.rules.Current().Book
	for _, x := range all {
		got := s.ask(x.question, x.query, x.facts)
		if x.answer == "" {
			assert.Equal(t, x.code, got.problem(t).Code, x.name)
			continue
		}
		assert.Equal(t, http.StatusOK, got.status, "%s: %s", x.name, got.body)
		require.Equal(t, x.answer, got.body, x.name)
		var a api.Answer
		decode(t, got.body, &a)

		got = s.ask(x.question, x.query+"&record=1", x.facts)
		if got.status == http.StatusUnprocessableEntity {
			require.Contains(t, []string{"in_future", "not_decided"}, got.problem(t).Code, x.name)
			require.Empty(t, x.recorded(t, book, nil), x.name)
			refused++
			continue
		}
		require.Equal(t, http.StatusCreated, got.status, got.body)
		answer := got.body
		recorded++
		var d api.OnRecord
		one := s.get(got.header.Get("Location"))
		decode(t, one.body, &d)
		assert.Equal(t, got.header.Get("Decision-Id"), d.ID)
		assert.Equal(t, got.header.Get("Decision-Hash"), d.Hash)
		assert.Equal(t, !x.asOf, d.Record.Assumed, x.name)
		if x.asOf {
			require.Equal(t, x.answer, answer, x.name)
		} else {
			require.Equal(t, x.recorded(t, book, d.Record.AsOf), answer, x.name)
		}
		assert.Contains(t, one.body, `,"answer":`+answer)
	}
	assert.Positive(t, refused, "cases of events after the moment of asking")
	var v api.Verified
	decode(t, s.send(http.MethodPost, "/v1/decisions/verify", "", "").body, &v)
	assert.True(t, v.OK, "%v", v.Damage)
	assert.EqualValues(t, recorded, v.Records)
	for _, part := range []string{fmt.Sprintf("first=%d", recorded+1), fmt.Sprintf("last=%d", recorded+1), "head=" + strings.Repeat("0", 64)} {
		var v api.Verified
		decode(t, s.send(http.MethodPost, "/v1/decisions/verify?"+part, "", "").body, &v)
		assert.False(t, v.OK, part)
		assert.NotEmpty(t, v.Damage, part)
	}
}

// The journeys that change the rules, each on a server with the changed rules.
func TestAskByChangedRules(t *testing.T) {
	book, err := rulebook.Default()
	require.NoError(t, err)
	files, err := filepath.Glob("../../examples/scenarios/*.yaml")
	require.NoError(t, err)
	changed := 0
	for _, name := range files {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		f, found := casefile.Parse(name, data)
		require.NotNil(t, f, "%v", found)
		if len(f.Changes) == 0 {
			continue
		}
		changed++
		rules, err := f.Apply(name, book.Rulebook().Source())
		require.NoError(t, err)
		file := filepath.Join(t.TempDir(), "rules.yaml")
		require.NoError(t, os.WriteFile(file, rules, 0o600))
		s := serve(t, live.Options{File: file, Settle: time.Millisecond})
		for _, c := range f.Cases {
			x := askedOf(t, s.rules.Current().Book, name, c)
			require.NotEmpty(t, x.answer, x.name)
			require.Equal(t, x.answer, s.ask(x.question, x.query, x.facts).body, x.name)
			require.Equal(t, x.answer+"\n", s.send(http.MethodPost, "/v1/questions/"+x.question+"/ask-many"+x.query, "application/jsonl", x.facts).body, x.name)
		}
	}
	assert.Greater(t, changed, 3)
}

// The same through ask-many, with all cases of a question and its parameters
// in one request.
func TestAskManyAsTheLibraryDoes(t *testing.T) {
	s := serveBy(t, live.Options{}, record.Options{Now: afterAll})
	type key struct{ question, query string }
	groups := map[key][]asked{}
	for _, x := range cases(t, s.rules.Current().Book) {
		k := key{x.question, x.query}
		groups[k] = append(groups[k], x)
	}
	for k, all := range groups {
		var in strings.Builder
		for _, x := range all {
			in.WriteString(x.facts + "\n")
		}
		for _, recorded := range []bool{false, true} {
			query := k.query
			if recorded {
				query += "&record=1"
			}
			got := s.send(http.MethodPost, "/v1/questions/"+k.question+"/ask-many"+query, "application/jsonl", in.String())
			require.Equal(t, http.StatusOK, got.status, got.body)
			lines := strings.Split(strings.TrimSuffix(got.body, "\n"), "\n")
			require.Len(t, lines, len(all))
			for i, x := range all {
				switch {
				case x.answer == "":
					var e api.ErrorLine
					decode(t, lines[i], &e)
					assert.Equal(t, i+1, e.Line)
					assert.Equal(t, x.code, e.Problem.Code)
				case recorded && (strings.Contains(lines[i], `"in_future"`) || strings.Contains(lines[i], `"not_decided"`)):
				case recorded:
					var r struct {
						Decision, Hash string
						Answer         api.Answer
					}
					decode(t, lines[i], &r)
					if x.asOf {
						assert.True(t, strings.HasSuffix(lines[i], `"answer":`+x.answer+"}"), x.name)
					}
				default:
					assert.Equal(t, x.answer, lines[i], x.name)
				}
			}
		}
	}
}
