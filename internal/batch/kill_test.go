package batch

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/testsize"
)

// kills is how often TestKilled kills a run of each kind.
var kills = flag.Int("kills", 4, "how often to kill each run that is to be resumed")

// victim, in the environment, makes this program a run to be killed.
const victim = "RULEBOOK_BATCH_VICTIM"

func TestMain(m *testing.M) {
	if text := os.Getenv(victim); text != "" {
		if err := runVictim([]byte(text)); err != nil {
			os.Stderr.WriteString(err.Error())
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

type victimRun struct {
	Plan    Plan
	In, Out string
	Gzip    bool
}

func runVictim(text []byte) error {
	var v victimRun
	if err := json.Unmarshal(text, &v); err != nil {
		return err
	}
	book, err := rulebook.Default()
	if err != nil {
		return err
	}
	in, err := os.Open(v.In)
	if err != nil {
		return err
	}
	defer in.Close()
	_, err = Run(context.Background(), book, Options{
		Plan: v.Plan, Input: in, InGzip: v.Gzip, OutPath: v.Out, OutGzip: v.Gzip, Resume: true,
		every: time.Millisecond, size: 8 << 10,
	})
	return err
}

// A run that is killed, again and again, and resumed each time writes the same
// bytes as one that nobody disturbs.
func TestKilled(t *testing.T) {
	testsize.NotAtTheDesk(t) // a process is started for each kill
	for _, v := range []victimRun{
		{Plan: Plan{Question: question, In: JSONL, Out: JSONL}},
		{Plan: Plan{Question: question, In: CSV, Out: CSV, Lang: "zh"}, Gzip: true},
	} {
		t.Run(string(v.Plan.In), func(t *testing.T) {
			text := tickets(t, v.Plan.In, 2000)
			if v.Gzip {
				var zipped bytes.Buffer
				w := gzip.NewWriter(&zipped)
				_, err := w.Write(text)
				require.NoError(t, err)
				require.NoError(t, w.Close())
				text = zipped.Bytes()
			}
			want := filepath.Join(t.TempDir(), "out")
			v.In, v.Out = filepath.Join(t.TempDir(), "in"), filepath.Join(t.TempDir(), "out")
			require.NoError(t, os.WriteFile(v.In, text, 0o600))
			undisturbed := v
			undisturbed.Out = want
			order, err := json.Marshal(undisturbed)
			require.NoError(t, err)
			require.NoError(t, runVictim(order))
			whole, err := os.ReadFile(want)
			require.NoError(t, err)

			killed := 0
			for k := range *kills {
				// Each kill comes a little later in the file than the one before.
				at := int64(k+1) * int64(len(whole)) / int64(*kills+2)
				if runUntil(t, v, at) {
					killed++
				}
			}
			assert.Equal(t, *kills, killed, "the run was over before it could be killed")
			assert.False(t, runUntil(t, v, -1))
			got, err := os.ReadFile(v.Out)
			require.NoError(t, err)
			assert.True(t, bytes.Equal(whole, got), "after %d kills", killed)
			left, err := filepath.Glob(v.Out + ".*")
			require.NoError(t, err)
			assert.Empty(t, left)
		})
	}
}

// runUntil runs in a process of its own and kills it once the output has the
// given size; it reports whether it did. A negative size lets it run.
func runUntil(t *testing.T, v victimRun, size int64) bool {
	t.Helper()
	order, err := json.Marshal(v)
	require.NoError(t, err)
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), victim+"="+string(order))
	var errs strings.Builder
	c.Stderr, c.Stdout = &errs, io.Discard
	require.NoError(t, c.Start())
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	for {
		select {
		case err := <-ended:
			require.NoError(t, err, errs.String())
			return false
		case <-time.After(time.Millisecond):
		}
		info, err := os.Stat(v.Out + ".part")
		if err == nil && size >= 0 && info.Size() > size {
			require.NoError(t, c.Process.Kill())
			<-ended
			return true
		}
	}
}
