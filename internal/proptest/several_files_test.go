package proptest_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
)

// A rulebook means the same in one file and in several: answers are the same bytes but
// for the hash, which is that of what was loaded. So does one that extends it and says
// nothing, and one that says otherwise what it may, as if that stood in its place.
func TestBooksOfSeveralFiles(t *testing.T) {
	valid, split, changed := 0, 0, 0
	for seed := range uint64(rounds(25, 400)) {
		rng := rand.New(rand.NewPCG(seed, 13))
		text := newRandomBook(rng).text()
		files, text := inFiles(rng, text)
		whole, err := rulebook.Parse("random.yaml", []byte(text))
		if err != nil {
			continue
		}
		valid++
		split += len(files) - 1
		several, err := rulebook.LoadFS(files, "rules.yaml")
		require.NoError(t, err, "seed %d", seed)
		sameAnswers(t, rng, whole, several, "in several files", seed)

		base := files
		base["province.yaml"] = base["rules.yaml"]
		base["rules.yaml"] = &fstest.MapFile{Data: []byte("rulebook: {id: book, title: {zh: 支, en: branch}}\nextends: province.yaml\n")}
		branch, err := rulebook.LoadFS(base, "rules.yaml")
		require.NoError(t, err, "seed %d", seed)
		sameAnswers(t, rng, whole, branch, "extended", seed)

		const first, many = "chosen: first}", "chosen: many:3}"
		chosen := strings.Replace(text, "chosen: many:2}", first, 1)
		if changedBook, err := rulebook.Parse("random.yaml", []byte(strings.Replace(chosen, first, many, 1))); err == nil {
			changed++
			base = fstest.MapFS{"rules.yaml": &fstest.MapFile{Data: []byte(strings.Replace(chosen, first, "chosen: first, may_change: [chosen]}", 1))}}
			base["province.yaml"] = base["rules.yaml"]
			base["rules.yaml"] = &fstest.MapFile{Data: []byte("rulebook: {id: book, title: {zh: 支, en: branch}}\nextends: province.yaml\nreadings: {kind: {chosen: many:3}}\n")}
			branch, err = rulebook.LoadFS(base, "rules.yaml")
			require.NoError(t, err, "seed %d", seed)
			sameAnswers(t, rng, changedBook, branch, "extended and changed", seed)
		}
	}
	t.Logf("%d books in %d further files, %d changed", valid, split, changed)
	require.Greater(t, valid, rounds(25, 400)*9/10)
	require.Greater(t, split, valid)
	require.Greater(t, changed, valid/2)
}

// inFiles puts the definitions of a book into files at random: its main file, or one of
// those that it includes. Text is the book in one file, with what each section defines
// in the order of these.
func inFiles(rng *rand.Rand, book string) (files fstest.MapFS, text string) {
	names := []string{"rules.yaml", "a.yaml", "parts/b.yaml", "parts/c.yaml"}
	head, all := "", ""
	own := make([]string, len(names)) // of each file
	for _, section := range sectionsOf(book) {
		if strings.HasPrefix(section, "rulebook:") {
			head = section
			continue
		}
		title, rest, _ := strings.Cut(section, "\n")
		parts := make([]string, len(names))
		in := 0
		for _, line := range strings.SplitAfter(rest, "\n") {
			if strings.HasPrefix(line, "  ") && line[2] != ' ' { // a definition begins
				in = rng.IntN(len(names))
			}
			parts[in] += line
		}
		all += title + "\n" + strings.Join(parts, "")
		for i, part := range parts {
			if part != "" {
				own[i] += title + "\n" + part
			}
		}
	}
	files = fstest.MapFS{}
	var included []string
	for i, name := range names[1:] {
		if own[i+1] != "" {
			files[name] = &fstest.MapFile{Data: []byte(own[i+1])}
			included = append(included, name)
		}
	}
	files[names[0]] = &fstest.MapFile{Data: []byte(head + own[0] + "include: [" + strings.Join(included, ", ") + "]\n")}
	return files, head + all
}

// sectionsOf are the sections of a file, each from its key on.
func sectionsOf(text string) []string {
	var all []string
	for _, line := range strings.SplitAfter(text, "\n") {
		if len(all) == 0 || line != "" && line[0] != ' ' {
			all = append(all, line)
			continue
		}
		all[len(all)-1] += line
	}
	return all
}

// sameAnswers asks two books about random facts, each question several times.
func sameAnswers(t *testing.T, rng *rand.Rand, one, other *rulebook.Book, how string, seed uint64) {
	t.Helper()
	for _, q := range one.Rulebook().Questions {
		for range 6 {
			facts, err := json.Marshal(newRandomFacts(rng, one.Rulebook(), []int{0, 20, 60}[rng.IntN(3)]).Of(q))
			require.NoError(t, err)
			say := func(b *rulebook.Book) string {
				a, err := b.Ask(t.Context(), q.ID, facts)
				if err != nil {
					return err.Error()
				}
				text, err := json.Marshal(a)
				require.NoError(t, err)
				return strings.ReplaceAll(string(text), b.Rulebook().SHA256, "HASH")
			}
			require.Equal(t, say(one), say(other), "seed %d, %s: %s of %s", seed, how, q.ID, facts)
		}
	}
}
