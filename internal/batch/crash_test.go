package batch

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/testsize"
)

// machine is a file system on which the power fails. What was written and not
// synced may be there afterwards, in part, or be something else; names that
// were changed and not synced are changed up to one of the changes.
type machine struct {
	names   map[string]*inode
	history []map[string]*inode // since the last sync of the directory, that included
	left    int                 // calls until the power fails
	down    bool
}

type inode struct{ data, synced []byte }

var errPower = errors.New("the power failed")

func newMachine() *machine {
	return &machine{names: map[string]*inode{}, history: []map[string]*inode{{}}, left: -1}
}

func (m *machine) call() error {
	if m.left == 0 {
		m.down = true
	}
	if m.down {
		return errPower
	}
	m.left--
	return nil
}

// restart is what is there when the power comes back.
func (m *machine) restart(t *rapid.T) {
	m.names = maps.Clone(m.history[rapid.IntRange(0, len(m.history)-1).Draw(t, "names")])
	m.history = []map[string]*inode{maps.Clone(m.names)}
	for _, f := range m.names {
		switch rapid.IntRange(0, 2).Draw(t, "content") {
		case 0:
			f.data = bytes.Clone(f.synced)
		case 1: // in part
			if len(f.data) > len(f.synced) {
				f.data = f.data[:rapid.IntRange(len(f.synced), len(f.data)).Draw(t, "length")]
			}
		case 2: // blocks without content
			for i := len(f.synced); i < len(f.data); i++ {
				f.data[i] = 0
			}
		}
		f.synced = bytes.Clone(f.data)
	}
	m.down, m.left = false, -1
}

func (m *machine) changed() { m.history = append(m.history, maps.Clone(m.names)) }

func (m *machine) Open(name string) (file, error) {
	if err := m.call(); err != nil {
		return nil, err
	}
	if m.names[name] == nil {
		m.names[name] = &inode{}
		m.changed()
	}
	return &handle{m, m.names[name]}, nil
}

type handle struct {
	m *machine
	f *inode
}

// Write may be cut short by the power.
func (h *handle) Write(p []byte) (int, error) {
	if err := h.m.call(); err != nil {
		h.f.data = append(h.f.data, p[:len(p)/2]...)
		return len(p) / 2, err
	}
	h.f.data = append(h.f.data, p...)
	return len(p), nil
}

func (h *handle) Truncate(size int64) error {
	if err := h.m.call(); err != nil {
		return err
	}
	if size > int64(len(h.f.data)) {
		return errors.New("a gap")
	}
	h.f.data = h.f.data[:size:size]
	h.f.synced = h.f.synced[:min(size, int64(len(h.f.synced)))]
	return nil
}

func (h *handle) Size() (int64, error) { return int64(len(h.f.data)), h.m.call() }
func (h *handle) Close() error         { return nil }

func (h *handle) Sync() error {
	err := h.m.call()
	if err == nil {
		h.f.synced = bytes.Clone(h.f.data)
	}
	return err
}

func (m *machine) ReadFile(name string) ([]byte, error) {
	if err := m.call(); err != nil {
		return nil, err
	}
	if m.names[name] == nil {
		return nil, fs.ErrNotExist
	}
	return bytes.Clone(m.names[name].data), nil
}

func (m *machine) Stat(name string) (int64, bool, error) {
	if err := m.call(); err != nil || m.names[name] == nil {
		return 0, false, err
	}
	return int64(len(m.names[name].data)), true, nil
}

func (m *machine) Rename(from, to string) error {
	if err := m.call(); err != nil {
		return err
	}
	m.names[to] = m.names[from]
	delete(m.names, from)
	m.changed()
	return nil
}

func (m *machine) Remove(name string) error {
	if err := m.call(); err != nil {
		return err
	}
	delete(m.names, name)
	m.changed()
	return nil
}

func (m *machine) SyncDir(string) error {
	err := m.call()
	if err == nil {
		m.history = []map[string]*inode{maps.Clone(m.names)}
	}
	return err
}

// Wherever the power fails, and however often, a run that is resumed until it
// ends has written what an undisturbed one writes.
func TestPowerFails(t *testing.T) {
	testsize.NotAtTheDesk(t) // every run is cut off many times
	book := defaultBook(t)
	in := tickets(t, CSV, 24)
	for _, gz := range []bool{false, true} {
		plan := Plan{Question: question, In: CSV, Out: CSV, Fields: []string{"verdict", "due_date"}}
		want, whole := do(t, in, Options{Plan: plan, OutGzip: gz, size: 1 << 10})
		rapid.Check(t, func(t *rapid.T) {
			m := newMachine()
			o := Options{
				Plan: plan, OutGzip: gz, OutPath: "out", Summary: "summary", Resume: true,
				every: 1, size: 1 << 10, files: m,
			}
			for range 200 {
				m.left = rapid.IntRange(0, 60).Draw(t, "calls")
				o.Input = bytes.NewReader(in)
				r, err := Run(t.Context(), book, o)
				if err == nil {
					require.True(t, whole.Tally.Equal(r.Tally))
					require.Equal(t, want, string(m.names["out"].data))
					require.Equal(t, want, string(m.names["out"].synced))
					require.Contains(t, string(m.names["summary"].synced), `"tally"`)
					require.Len(t, m.names, 2, "nothing else is left")
					return
				}
				require.ErrorIs(t, err, errPower)
				m.restart(t)
			}
			t.Fatal("no progress")
		})
	}
}

// A run is not gone on with if anything that matters is not what it was.
func TestResumeWhatHasChanged(t *testing.T) {
	book := defaultBook(t)
	in := tickets(t, JSONL, 100)
	dir := t.TempDir()
	path := filepath.Join(dir, "out")
	plan := Plan{Question: question, In: JSONL, Out: CSV, Lang: "en"}
	first := Options{Plan: plan, OutPath: path, Program: "v1", size: 1 << 10, every: 1}
	stopHalfway := func() {
		o := first
		o.Input = io.MultiReader(bytes.NewReader(in[:len(in)/2]), &broken{})
		_, err := Run(t.Context(), book, o)
		require.ErrorIs(t, err, errBroken)
	}
	stopHalfway()
	state, err := os.ReadFile(path + ".checkpoint")
	require.NoError(t, err)

	other, err := book.With(rulebook.Reading("ladder.hall_boundary", "ge3"))
	require.NoError(t, err)
	rules, err := rulebook.Load("../../examples/rulebooks/service-desk.yaml")
	require.NoError(t, err)
	changed := bytes.Replace(in, []byte("T1"), []byte("T9"), 1)
	require.NotEqual(t, changed, in)
	for _, c := range []struct {
		what   string
		book   *rulebook.Book
		in     []byte
		change func(*Options)
	}{
		{"input", book, changed, func(*Options) {}},
		{"input", book, in[:len(in)/3], func(*Options) {}},
		{"question", book, in, func(o *Options) { o.Question = "accountability.fine" }},
		{"rulebook", rules, in, func(*Options) {}},
		{"readings", other, in, func(o *Options) { o.Readings = []string{"ladder.hall_boundary=ge3"} }},
		{"as_of", book, in, func(o *Options) { o.AsOf = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC) }},
		{"select", book, in, func(o *Options) { o.Select = []string{"late"} }},
		{"fields", book, in, func(o *Options) { o.Fields = []string{"verdict"} }},
		{"input_format", book, in, func(o *Options) { o.In = CSV }},
		{"output_format", book, in, func(o *Options) { o.OutGzip = true }},
		{"language", book, in, func(o *Options) { o.Lang = "zh" }},
		{"program", book, in, func(o *Options) { o.Program = "v2" }},
	} {
		o := first
		o.Input, o.Resume = bytes.NewReader(c.in), true
		c.change(&o)
		_, err := Run(t.Context(), c.book, o)
		var wrong *ChangedError
		require.ErrorAs(t, err, &wrong, c.what)
		assert.Equal(t, c.what, wrong.What)
	}
	now, err := os.ReadFile(path + ".checkpoint")
	require.NoError(t, err)
	assert.Equal(t, string(state), string(now), "nothing was touched")

	again := first
	again.Resume = true
	damage := func(change func()) {
		t.Helper()
		change()
		again.Input = bytes.NewReader(in)
		_, err := Run(t.Context(), book, again)
		var damaged *DamagedError
		require.ErrorAs(t, err, &damaged)
	}
	part, err := os.ReadFile(path + ".part")
	require.NoError(t, err)
	damage(func() { require.NoError(t, os.Truncate(path+".part", 10)) })
	require.NoError(t, os.WriteFile(path+".part", append(part, "garbage"...), 0o600))
	damage(func() { require.NoError(t, os.WriteFile(path+".checkpoint", []byte("{"), 0o600)) })
	damage(func() {
		require.NoError(t, os.WriteFile(path+".checkpoint", []byte(strings.Replace(string(state), `"version": 1`, `"version": 2`, 1)), 0o600))
	})

	require.NoError(t, os.WriteFile(path+".checkpoint", state, 0o600))
	again.Input = bytes.NewReader(in)
	_, err = Run(t.Context(), book, again)
	require.NoError(t, err)
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	want, _ := do(t, in, Options{Plan: plan})
	assert.Equal(t, want, string(got))
}

// A file that was cut off is gone on with once it is whole.
func TestResumeMadeWhole(t *testing.T) {
	in := tickets(t, CSV, 300)
	zipped := appendMember(nil, in)
	path := filepath.Join(t.TempDir(), "out")
	plan := Plan{Question: question, In: CSV, Out: JSONL, Fields: []string{"verdict"}}
	answer := func(text []byte) (*Result, error) {
		return Run(t.Context(), defaultBook(t), Options{
			Plan: plan, Input: bytes.NewReader(text), InSize: int64(len(text)), InGzip: true, OutPath: path, Resume: true, size: 1 << 10,
		})
	}
	_, err := answer(zipped[:len(zipped)/2])
	var stopped *StoppedError
	require.ErrorAs(t, err, &stopped)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Positive(t, stopped.Rows)
	r, err := answer(zipped)
	require.NoError(t, err)
	assert.Equal(t, stopped.Rows, r.Resumed)
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	want, whole := do(t, in, Options{Plan: plan})
	assert.Equal(t, want, string(got))
	assert.True(t, whole.Tally.Equal(r.Tally))
}

// What cannot be finished is finished later.
func TestSummaryThatCannotBeWritten(t *testing.T) {
	in := tickets(t, JSONL, 30)
	dir := t.TempDir()
	o := Options{Plan: Plan{Question: question, In: JSONL, Out: JSONL}, OutPath: filepath.Join(dir, "out"), Summary: filepath.Join(dir, "absent", "sum")}
	o.Input = bytes.NewReader(in)
	_, err := Run(t.Context(), defaultBook(t), o)
	var stopped *StoppedError
	require.ErrorAs(t, err, &stopped)
	assert.True(t, stopped.Resumable)
	assert.Equal(t, int64(30), stopped.Rows)
	require.ErrorIs(t, err, fs.ErrNotExist)
	o.Input, o.Summary, o.Resume = bytes.NewReader(in), filepath.Join(dir, "sum"), true
	r, err := Run(t.Context(), defaultBook(t), o)
	require.NoError(t, err)
	assert.True(t, r.Already)
	sum, err := os.ReadFile(o.Summary)
	require.NoError(t, err)
	assert.Contains(t, string(sum), `"records": 29`)
	got, err := os.ReadFile(o.OutPath)
	require.NoError(t, err)
	want, _ := do(t, in, Options{Plan: o.Plan})
	assert.Equal(t, want, string(got))
}

var errBroken = errors.New("broken")

type broken struct{}

func (*broken) Read([]byte) (int, error) { return 0, errBroken }
