package record_test

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/testsize"
	"github.com/servicerules/rulebook/server/record"
)

// examples are the decisions of the example cases.
func examples(t *testing.T) (all []*record.Draft) {
	t.Helper()
	book, err := rulebook.Default()
	require.NoError(t, err)
	err = fs.WalkDir(os.DirFS("../../examples/cases"), ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".yaml" {
			return err
		}
		data, err := os.ReadFile(path.Join("../../examples/cases", name))
		require.NoError(t, err)
		f, found := casefile.Parse(name, data)
		require.NotNil(t, f, "%v", found)
		for _, c := range f.Cases {
			if len(c.Readings) > 0 || !c.AsOf.IsZero() {
				continue
			}
			facts, err := book.Check(c.Question, c.Facts)
			if err != nil {
				continue // a case of refused facts
			}
			d, err := decide(book, c.Question, string(facts.AppendJSON(nil)))
			require.NoError(t, err)
			all = append(all, d)
		}
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, len(all), 100)
	return all
}

const zoneFile = "RULEBOOK_TEST_ZONE_FILE"

// TestVerifyZoneChild verifies the file of TestVerifyInAllZones in a time zone
// of its own.
func TestVerifyZoneChild(t *testing.T) {
	file := os.Getenv(zoneFile)
	if file == "" {
		t.Skip("this is a part of TestVerifyInAllZones")
	}
	r := verify(t, file, record.Stretch{})
	require.Empty(t, r.Damage)
	fmt.Printf("TZ=%s: %d records in %.1f s, %.0f a second\n", os.Getenv("TZ"), r.Records, r.Took.Seconds(), float64(r.Records)/r.Took.Seconds())
}

// Decisions verify byte for byte wherever that is done.
func TestVerifyInAllZones(t *testing.T) {
	records := testsize.Pick(200, 2000, 100_000)
	file := place(t, "test.db")
	s := open(t, file, record.Options{})
	drafts := examples(t)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for i := int(next.Add(1)); i <= records; i = int(next.Add(1)) {
				if _, _, err := s.Append(t.Context(), drafts[i%len(drafts)]); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	require.NoError(t, s.Close())
	for _, zone := range []string{"UTC", "Asia/Shanghai", "America/St_Johns"} {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestVerifyZoneChild$", "-test.v")
		cmd.Env = append(os.Environ(), zoneFile+"="+file, "TZ="+zone)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		assert.Contains(t, string(out), fmt.Sprintf("TZ=%s: %d records", zone, records))
		t.Logf("%s", out)
	}
}
