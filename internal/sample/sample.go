// Package sample makes up rows of facts for any question of any rulebook, for
// tests and measurements. The same seed and number give the same row, on
// every machine, whichever rows were made before.
package sample

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/policy"
)

// Rows makes up the rows of one table.
type Rows struct {
	seed    uint64
	zone    *time.Location
	columns []column
}

type column struct {
	path string
	fact *policy.Fact
}

// New makes up facts of a question: those under the given paths, or all. Lists
// of records are left out.
func New(b *policy.Rulebook, q *policy.Question, seed uint64, paths ...string) *Rows {
	r := &Rows{seed: seed, zone: b.Zone}
	var each func(f *policy.Fact, path string)
	each = func(f *policy.Fact, path string) {
		if f.TypeName != "record" {
			if !table.IsTable(f) && (len(paths) == 0 || slices.Contains(paths, path)) {
				r.columns = append(r.columns, column{path, f})
			}
			return
		}
		for _, x := range f.Fields {
			each(x, path+"."+x.Name)
		}
	}
	for _, f := range q.Facts {
		each(f.Fact, f.Name)
	}
	return r
}

// Header is the header of the table: record, then the paths of the facts.
func (r *Rows) Header() []string {
	header := []string{table.Record}
	for _, c := range r.columns {
		header = append(header, c.path)
	}
	return header
}

// Row makes up row n: its id and a cell for each fact. One cell in eight says
// nothing. Of moments and dates, each lies up to a few days after the one
// before it.
func (r *Rows) Row(n int64) []string {
	random := rand.New(rand.NewPCG(r.seed, uint64(n)))
	const years, days = 2, 4
	minutes := func(days int64) time.Duration { return time.Duration(random.Int64N(days*24*60)) * time.Minute }
	at := time.Date(2024, 1, 1, 0, 0, 0, 0, r.zone).Add(minutes(years * 365))
	later := func() time.Time {
		at = at.Add(minutes(days))
		return at
	}
	cells := make([]string, 1, len(r.columns)+1)
	cells[0] = "T" + strconv.FormatInt(n, 10)
	for _, c := range r.columns {
		text := value(random, c.fact, later)
		if random.IntN(8) == 0 {
			text = ""
		}
		cells = append(cells, text)
	}
	return cells
}

func value(random *rand.Rand, f *policy.Fact, later func() time.Time) string {
	switch f.TypeName {
	case "list":
		n := random.IntN(3)
		if n == 0 {
			return "[]"
		}
		items := make([]string, n)
		for i := range items {
			items[i] = value(random, f.Elem, later)
		}
		return strings.Join(items, ";")
	case "moment":
		return later().Format(time.RFC3339)
	case "date":
		return later().Format(time.DateOnly)
	case "month":
		return later().Format("2006-01")
	case "year":
		return strconv.Itoa(later().Year())
	case "yes_no":
		return strconv.FormatBool(random.IntN(2) == 0)
	case "count", "number", "money":
		return strconv.Itoa(random.IntN(20))
	}
	if f.Words != nil {
		return f.Words.Words[random.IntN(len(f.Words.Words))]
	}
	return "P" + strconv.Itoa(random.IntN(1000))
}

// Object is row n as a line of JSON, with the id under "record".
func (r *Rows) Object(n int64) []byte {
	cells := r.Row(n)
	root := map[string]any{table.Record: cells[0]}
	for i, c := range r.columns {
		if cells[i+1] == "" {
			continue
		}
		at, rest := root, c.path
		for {
			name, below, nested := strings.Cut(rest, ".")
			if !nested {
				at[name] = plain(c.fact, cells[i+1])
				break
			}
			if at[name] == nil {
				at[name] = map[string]any{}
			}
			at, rest = at[name].(map[string]any), below
		}
	}
	line, _ := json.Marshal(root) // maps of text, numbers and lists of them
	return line
}

// plain is the value that the text of a cell stands for.
func plain(f *policy.Fact, text string) any {
	switch f.TypeName {
	case "list":
		items := []any{}
		if text != "[]" {
			for item := range strings.SplitSeq(text, ";") {
				items = append(items, plain(f.Elem, item))
			}
		}
		return items
	case "yes_no":
		return text == "true"
	case "count", "number", "year":
		return json.Number(text)
	}
	return text
}
