package record_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/testsize"
	"github.com/servicerules/rulebook/server/internal/postgrestest"
	"github.com/servicerules/rulebook/server/record"
)

func verify(t *testing.T, path string, part record.Stretch) *record.Report {
	t.Helper()
	s, err := record.Open(t.Context(), path, record.Options{ReadOnly: true})
	require.NoError(t, err)
	defer func() { assert.NoError(t, s.Close()) }()
	r, err := s.Verify(t.Context(), part)
	require.NoError(t, err)
	return r
}

// filled is the file of a closed store with n decisions.
func filled(t *testing.T, n int) (path string, all []*record.Entry) {
	t.Helper()
	path = place(t, "test.db")
	s := open(t, path, record.Options{})
	all = fill(t, s, n)
	require.NoError(t, s.Close())
	return path, all
}

func TestVerifySound(t *testing.T) {
	path, all := filled(t, 300) // more than a chunk
	var last int64
	r := verify(t, path, record.Stretch{Progress: func(done, total int64) {
		assert.Greater(t, done, last)
		assert.EqualValues(t, 300, total)
		last = done
	}})
	assert.True(t, r.OK())
	assert.EqualValues(t, 300, last)
	assert.Equal(t, all[299].Hash, r.Head)
	r = verify(t, path, record.Stretch{From: 17, To: 40, Head: &all[39].Hash})
	assert.True(t, r.OK(), "%v", r.Damage)
	assert.EqualValues(t, 24, r.Records)

	empty := place(t, "empty.db")
	require.NoError(t, open(t, empty, record.Options{}).Close())
	r = verify(t, empty, record.Stretch{})
	assert.True(t, r.OK())
	assert.Zero(t, r.Records)
}

// A part is as it was recorded only if it is there, and ends in the head that
// was noted down: whatever is asked of a file of n records, for every first and
// last place near its ends, and every head that may have been noted.
func TestVerifyWhatIsNotThere(t *testing.T) {
	for _, n := range []int64{0, 1, 5} {
		path, all := filled(t, int(n))
		heads := []*record.Hash{nil, {}, {1}}
		for _, e := range all {
			heads = append(heads, &e.Hash)
		}
		s := open(t, path, record.Options{ReadOnly: true})
		for from := range n + 4 {
			for to := range n + 4 {
				for _, head := range heads {
					part := record.Stretch{From: from, To: to, Head: head}
					r, err := s.Verify(t.Context(), part)
					if to > 0 && to < from {
						require.Error(t, err, "%+v", part)
						continue
					}
					require.NoError(t, err, "%+v", part)
					last := n
					if to > 0 {
						last = to
					}
					there := last <= n && (from <= n || from == 1)
					right := head == nil || there && (last == 0 && *head == record.Hash{} || last > 0 && *head == all[last-1].Hash)
					assert.Equal(t, there && right, r.OK(), "%d records, %d to %d, head %v: %v", n, from, to, head, r.Damage)
					if there {
						assert.Equal(t, max(0, last-max(from, 1)+1), r.Records)
					} else {
						require.NotEmpty(t, r.Damage)
						assert.Equal(t, record.DamageMissing, r.Damage[0].Code)
					}
				}
			}
		}
		require.NoError(t, s.Close())
	}
}

func TestVerifyNamesDamage(t *testing.T) {
	sound, all := filled(t, 20)
	const seventh = 7
	body := string(all[seventh-1].Body)
	// rewritten is what somebody would write who knows how hashes are made.
	rewritten := func(from, to string) string {
		require.Contains(t, body, from)
		return fmt.Sprintf("UPDATE decisions SET body = CAST('%s' AS BLOB), hash = x'%s' WHERE seq = %d",
			strings.Replace(body, from, to, 1), record.HexSHA256(strings.Replace(body, from, to, 1)), seventh)
	}
	for name, x := range map[string]struct {
		harm []string
		part record.Stretch
		want []string // "place code"
	}{
		"a body": {harm: []string{"UPDATE decisions SET body = CAST(replace(CAST(body AS TEXT), '\"before\":6', '\"before\":1') AS BLOB) WHERE seq = 7"},
			want: []string{"7 hash_differs", "7 answer_differs"}},
		"a hash":     {harm: []string{"UPDATE decisions SET hash = zeroblob(32) WHERE seq = 7"}, want: []string{"7 hash_differs"}},
		"a question": {harm: []string{"UPDATE decisions SET question = 'other' WHERE seq = 7"}, want: []string{"7 search_differs"}},
		"a verdict":  {harm: []string{"UPDATE decisions SET verdict = 'free' WHERE seq = 7"}, want: []string{"7 search_differs"}},
		"a time":     {harm: []string{"UPDATE decisions SET recorded = recorded + 1 WHERE seq = 7"}, want: []string{"7 search_differs"}},
		"a key":      {harm: []string{"UPDATE decisions SET retry = zeroblob(32) WHERE seq = 7"}, want: []string{"7 search_differs"}},
		"a key away": {harm: []string{"UPDATE decisions SET retry = NULL WHERE seq = 7"}, want: []string{"7 search_differs"}},
		"a record rewritten with its hash": {
			harm: []string{rewritten(`"before":6`, `"before":1`)},
			want: []string{"7 answer_differs", "8 chain_broken"},
		},
		"an answer rewritten with its hash": {harm: []string{rewritten(`"amount":10`, `"amount":20`)}, want: []string{"7 answer_differs", "8 chain_broken"}},
		"a reader renamed with the hash":    {harm: []string{rewritten(`"reader":"R6"`, `"reader":"R7"`)}, want: []string{"8 chain_broken"}},
		"another form":                      {harm: []string{rewritten(`"facts":{`, `"facts":{ `)}, want: []string{"7 form_differs", "8 chain_broken"}},
		"no JSON":                           {harm: []string{"UPDATE decisions SET body = x'00' WHERE seq = 7"}, want: []string{"7 hash_differs", "7 form_differs"}},
		"a blank, as if it had been erased": {harm: []string{"UPDATE decisions SET body = x'20' WHERE seq = 7"}, want: []string{"7 hash_differs"}},
		"a record removed":                  {harm: []string{"DELETE FROM decisions WHERE seq = 7"}, want: []string{"7 record_missing"}},
		"two records exchanged": {
			harm: []string{"UPDATE decisions SET seq = 100 WHERE seq = 7", "UPDATE decisions SET seq = 7 WHERE seq = 8", "UPDATE decisions SET seq = 8 WHERE seq = 100"},
			want: []string{"7 search_differs", "7 chain_broken", "8 search_differs", "8 chain_broken", "9 chain_broken"},
		},
		"the end cut off":       {harm: []string{"DELETE FROM decisions WHERE seq > 15"}, part: record.Stretch{Head: &all[19].Hash}, want: []string{"15 head_differs"}},
		"the end cut off, told": {harm: []string{"DELETE FROM decisions WHERE seq > 15"}, part: record.Stretch{To: 20}, want: []string{"20 record_missing"}},
		"the rulebook changed":  {harm: []string{"UPDATE rulebooks SET text = CAST(text || x'0A' AS BLOB)"}, want: all20("rulebook_differs")},
		"the rulebook removed":  {harm: []string{"DELETE FROM rulebooks"}, want: all20("rulebook_differs")},
	} {
		t.Run(name, func(t *testing.T) {
			path := place(t, "test.db")
			postgrestest.Copy(t, sound, path)
			spoiled(t, path, x.harm...)
			r := verify(t, path, x.part)
			var got []string
			for _, d := range r.Damage {
				got = append(got, fmt.Sprint(d.Seq, " ", d.Code))
				assert.NotContains(t, d.Detail, "R6", "no fact is in the report")
				if d.Code != record.DamageMissing && d.Code != record.DamageHead {
					assert.True(t, strings.HasPrefix(d.ID, fmt.Sprint(d.Seq, "-")), "%+v", d)
				}
			}
			assert.Equal(t, x.want, got, "%v", r.Damage)
		})
	}
}

func all20(code string) []string {
	var all []string
	for i := range 20 {
		all = append(all, fmt.Sprint(i+1, " ", code))
	}
	return all
}

// A byte changed anywhere in the file is found, or it is none of what is
// stored: then everything can be read as it was written. Damage in the
// records is named with the record.
func TestVerifyFindsAnyByte(t *testing.T) {
	postgrestest.FilesOnly(t)
	samples := testsize.Pick(20, 120, 1000)
	sound, all := filled(t, 60)
	spoiled(t, sound, "VACUUM") // no copies of old pages are left in the file
	data, err := os.ReadFile(sound)
	require.NoError(t, err)
	before := dump(t, sound)
	path := place(t, "test.db")
	random := rand.New(rand.NewPCG(1, 2))
	changed, found, harmless := 0, 0, 0
	// try changes a byte and tells what is said about it; what is not found
	// must be nothing that is stored.
	try := func(at int) []string {
		flip := byte(1 << random.IntN(8))
		data[at] ^= flip
		require.NoError(t, os.WriteFile(path, data, 0o600))
		data[at] ^= flip
		changed++
		problems := problemsOf(t, path)
		if len(problems) > 0 {
			found++
			return problems
		}
		harmless++
		assert.Equal(t, before, dump(t, path), "byte %d is not found, and what is stored has changed", at)
		return nil
	}
	for range samples / 2 {
		try(random.IntN(len(data)))
		// And one within a record. SQLite may have left a copy behind when it
		// moved records from page to page; one of the places is the record.
		of := all[random.IntN(len(all))]
		offset := random.IntN(len(of.Body))
		named := false
		for start := 0; ; start++ {
			next := bytes.Index(data[start:], of.Body)
			if next < 0 {
				break
			}
			start += next
			named = named || slices.ContainsFunc(try(start+offset), func(p string) bool { return strings.HasPrefix(p, fmt.Sprint(of.Seq, " ")) })
		}
		assert.True(t, named, "byte %d of record %s is not found and named", offset, of.ID())
	}
	t.Logf("%d bytes changed: %d found, %d outside of all that is stored", changed, found, harmless)
}

// problemsOf are the findings about a file, also where it cannot be opened.
func problemsOf(t *testing.T, path string) []string {
	t.Helper()
	s, err := record.Open(t.Context(), path, record.Options{ReadOnly: true})
	if err != nil {
		return []string{"0 " + err.Error()}
	}
	defer func() { _ = s.Close() }()
	r, err := s.Verify(t.Context(), record.Stretch{})
	if err != nil {
		return []string{"0 " + err.Error()}
	}
	var all []string
	for _, d := range r.Damage {
		all = append(all, fmt.Sprint(d.Seq, " ", d.Code, " ", d.Detail))
	}
	return all
}

// dump is everything that a file stores, read row by row and by each index.
func dump(t *testing.T, path string) string {
	t.Helper()
	s, err := record.Open(context.Background(), path, record.Options{ReadOnly: true})
	require.NoError(t, err)
	defer func() { _ = s.Close() }()
	var b bytes.Buffer
	require.NoError(t, s.Export(t.Context(), &b, 0, 0))
	for q := (record.Query{Limit: 1000, Question: "lending.fee"}); ; {
		p, err := s.Search(t.Context(), q)
		require.NoError(t, err)
		for _, e := range p.Entries {
			fmt.Fprintln(&b, e.ID(), e.Question, e.Verdict, e.RecordedAt)
		}
		if q.After = p.Next; q.After == "" {
			return b.String()
		}
	}
}
