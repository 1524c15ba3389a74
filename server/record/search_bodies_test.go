package record_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/servicerules/rulebook/server/record"
)

// A page of large bodies is short, and says that there is more.
func TestSearchOfLargeBodies(t *testing.T) {
	ctx := context.Background()
	s := open(t, place(t, "rulebook.db"), Options{})
	const records = 7
	for n := range records {
		d := mustFee(t, n)
		var err error
		d.Facts, err = json.Marshal(map[string]string{"reader": strings.Repeat("x", 1<<20)})
		require.NoError(t, err)
		_, _, err = s.Append(ctx, d)
		require.NoError(t, err)
	}
	var seqs []int64
	q := Query{Bodies: true}
	for {
		p, err := s.Search(ctx, q)
		require.NoError(t, err)
		for _, e := range p.Entries {
			seqs = append(seqs, e.Seq)
		}
		if q.After = p.Next; q.After == "" {
			break
		}
	}
	assert.Equal(t, []int64{7, 6, 5, 4, 3, 2, 1}, seqs)
}
