package batch

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/kpi"
)

// partName and checkpointName are the files beside the output.
func partName(out string) string       { return out + ".part" }
func checkpointName(out string) string { return out + ".checkpoint" }

// checkpoint is how far a run has come. Everything that it tells of has
// reached the disk before it does.
type checkpoint struct {
	Version int       `json:"version"`
	Run     identity  `json:"run"`
	Input   Position  `json:"input"`
	Output  int64     `json:"output"` // bytes
	Tally   kpi.Tally `json:"tally"`
	Another bool      `json:"another_table,omitempty"` // the header of another table was read: what follows is none of this one
	Done    bool      `json:"done"`                    // the output is complete
}

const checkpointVersion = 1

// identity is what the output depends on, besides the bytes of the input.
type identity struct {
	Question string   `json:"question"`
	Rulebook string   `json:"rulebook"` // SHA-256
	Readings []string `json:"readings"`
	AsOf     string   `json:"as_of"`
	Select   []string `json:"select"`
	Fields   []string `json:"fields"`
	In       string   `json:"input_format"`
	Out      string   `json:"output_format"`
	Lang     string   `json:"language"` // where it matters
	Mapping  string   `json:"mapping"`
	Columns  []mapped `json:"mapped,omitempty"` // the same, to tell what is not what it was
	Local    bool     `json:"local_times"`
	Days     string   `json:"dates,omitempty"`
	Repeats  bool     `json:"repeats"`
	Blocks   int      `json:"block_size"`
	Program  string   `json:"program"`
}

// mapped is what a mapping says of one fact, or of the ids.
type mapped struct {
	Fact     string            `json:"fact"`
	Column   string            `json:"column,omitempty"`   // "" for the same in every row
	Constant string            `json:"constant,omitempty"` // in every row
	Words    map[string]string `json:"words,omitempty"`
	Local    bool              `json:"local_times,omitempty"`
	Days     string            `json:"dates,omitempty"`
}

func mappedBy(m *table.Mapping) []mapped {
	if m == nil {
		return nil
	}
	var all []mapped
	if m.Record != "" {
		all = append(all, mapped{Fact: table.Record, Column: m.Record})
	}
	for _, c := range m.Columns {
		x := mapped{Fact: c.Path, Column: c.Header, Words: c.Words, Local: c.Local, Days: string(c.Days)}
		if c.At < 0 {
			x.Column, x.Constant = "", c.Constant
		}
		all = append(all, x)
	}
	return all
}

// text says where the fact is from.
func (m mapped) text() Text {
	if m.Column == "" {
		return textf("每行都是 %q", "%q in every row", m.Constant)
	}
	return textf("列 %q", "the column %q", m.Column)
}

// remapped says in words what a mapping says otherwise than it did.
func remapped(was, is []mapped) []Text {
	var all []Text
	before, now := map[string]mapped{}, map[string]mapped{}
	for _, m := range was {
		before[m.Fact] = m
	}
	for _, m := range is {
		now[m.Fact] = m
	}
	facts := slices.Sorted(maps.Keys(before))
	for _, fact := range slices.Sorted(maps.Keys(now)) {
		if _, ok := before[fact]; !ok {
			facts = append(facts, fact)
		}
	}
	for _, fact := range facts {
		a, had := before[fact]
		b, has := now[fact]
		was, is := a.text(), b.text()
		switch {
		case !had:
			all = append(all, textf("%[1]s：上次没有写，现在是%[2]s", "%[1]s: it was not there, and is %[3]s", fact, is.ZH, is.EN))
			continue
		case !has:
			all = append(all, textf("%[1]s：上次是%[2]s，现在没有写", "%[1]s: it was %[3]s, and is not there", fact, was.ZH, was.EN))
			continue
		case was != is:
			all = append(all, textf("%[1]s：上次是%[2]s，现在是%[4]s", "%[1]s: it was %[3]s, and is %[5]s", fact, was.ZH, was.EN, is.ZH, is.EN))
		}
		words := slices.Sorted(maps.Keys(a.Words))
		for _, w := range slices.Sorted(maps.Keys(b.Words)) {
			if _, ok := a.Words[w]; !ok {
				words = append(words, w)
			}
		}
		for _, w := range words {
			from, known := a.Words[w]
			to, knows := b.Words[w]
			switch {
			case !known:
				all = append(all, textf("%s：上次没有写 %q 是什么，现在是 %s", "%s: what %q means was not there, and is %s", fact, w, to))
			case !knows:
				all = append(all, textf("%s：%q 上次是 %s，现在没有写", "%s: %q meant %s, and is not there", fact, w, from))
			case from != to:
				all = append(all, textf("%s：%q 上次是 %s，现在是 %s", "%s: %q meant %s, and means %s", fact, w, from, to))
			}
		}
		if a.Local != b.Local {
			all = append(all, textf("%s：local_times 与上次不同", "%s: local_times is another than it was", fact))
		}
		if a.Days != b.Days {
			all = append(all, textf("%s：dates 与上次不同", "%s: dates is another than it was", fact))
		}
	}
	return all
}

func (r *runner) describe() identity {
	i := identity{
		Question: r.Question, Rulebook: r.book.Rulebook().SHA256, Readings: slices.Sorted(slices.Values(r.Readings)),
		Select: r.Select, Fields: r.Fields, In: string(r.In), Out: string(r.Out), Blocks: r.size, Program: r.Program,
		Mapping: r.Mapping.String(), Columns: mappedBy(r.Mapping), Local: r.LocalTimes, Days: string(r.Days), Repeats: r.Repeats,
	}
	if !r.AsOf.IsZero() {
		i.AsOf = r.AsOf.UTC().Format(time.RFC3339Nano)
	}
	if r.OutGzip {
		i.Out += ".gz"
	}
	if r.Out == CSV {
		i.Lang = r.Lang
	}
	return i
}

// ChangedError says that a run cannot be gone on with because something is
// not what it was.
type ChangedError struct {
	What     string // "input", "question", "rulebook", "readings", …: the key in the checkpoint
	Was, Now string // where there is something to show
	Mapped   []Text // of a mapping: each thing that it says otherwise
}

// Error names it.
func (e *ChangedError) Error() string {
	return fmt.Sprintf("the run cannot be resumed: the %s has changed", strings.ReplaceAll(e.What, "_", " "))
}

// UnfinishedError says that an earlier run to the same file has not finished.
type UnfinishedError struct{ Checkpoint, Part string }

// Error says what to do.
func (e *UnfinishedError) Error() string {
	return fmt.Sprintf("an unfinished run is there: resume it, or remove %s and %s", e.Checkpoint, e.Part)
}

// DamagedError says that a file of an earlier run is not what it left.
type DamagedError struct{ File string }

// Error names the file.
func (e *DamagedError) Error() string {
	return e.File + " is damaged: the run cannot be resumed"
}

// begin looks for an earlier run. It is nil where there is none.
func (r *runner) begin() (*checkpoint, error) {
	if r.OutPath == "" {
		return nil, nil
	}
	_, found, err := r.files.Stat(checkpointName(r.OutPath))
	switch {
	case err != nil:
		return nil, err
	case !found:
		return nil, nil
	case !r.Resume:
		return nil, &UnfinishedError{checkpointName(r.OutPath), partName(r.OutPath)}
	}
	c, _, err := readCheckpoint(r.files, r.OutPath)
	if err != nil {
		return nil, err
	}
	now := r.describe()
	if err := c.Run.differs(now); err != nil {
		return nil, err
	}
	return c, nil
}

// differs names the first thing that is not what it was.
func (i identity) differs(now identity) error {
	was, is := i.fields(), now.fields()
	for n := range was {
		if was[n] != is[n] {
			e := &ChangedError{What: was[n][0], Was: was[n][1], Now: is[n][1]}
			if e.What == "mapping" {
				e.Was, e.Now = yes(e.Was != ""), yes(e.Now != "")
				if e.Was == e.Now {
					e.Was, e.Now, e.Mapped = "", "", remapped(i.Columns, now.Columns)
				}
			}
			return e
		}
	}
	return nil
}

func (i identity) fields() [][2]string {
	return [][2]string{
		{"question", i.Question},
		{"rulebook", i.Rulebook},
		{"readings", strings.Join(i.Readings, " ")},
		{"as_of", i.AsOf},
		{"select", strings.Join(i.Select, ",")},
		{"fields", strings.Join(i.Fields, ",")},
		{"input_format", i.In},
		{"output_format", i.Out},
		{"language", i.Lang},
		{"mapping", i.Mapping},
		{"local_times", yes(i.Local)},
		{"dates", i.Days},
		{"repeats", yes(i.Repeats)},
		{"block_size", fmt.Sprint(i.Blocks)},
		{"program", i.Program},
	}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

func readCheckpoint(files fileSystem, out string) (*checkpoint, bool, error) {
	name := checkpointName(out)
	data, err := files.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	c := &checkpoint{}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(c); err != nil || c.Version != checkpointVersion {
		return nil, false, &DamagedError{name}
	}
	return c, true, nil
}

// save makes what has been written durable, then says so.
func (r *runner) save(done bool) error {
	if done {
		if err := r.closeMembers(); err != nil {
			return err
		}
		r.state.Output = r.out.at
	}
	if err := r.out.file.Sync(); err != nil {
		return err
	}
	r.state.Version, r.state.Run, r.state.Done = checkpointVersion, r.describe(), done
	data, err := json.MarshalIndent(r.state, "", " ")
	if err != nil {
		return err
	}
	r.saved = time.Now()
	return replace(r.files, checkpointName(r.OutPath), append(data, '\n'))
}

// complete gives a finished output its name. Where it does not come to its end
// it may be called again.
func (r *runner) complete() error {
	if err := r.finish(); err != nil {
		return &StoppedError{Rows: r.rows(), Resumable: true, Err: err}
	}
	return nil
}

func (r *runner) finish() error {
	if err := r.summarise(); err != nil {
		return err
	}
	part, found, err := r.files.Stat(partName(r.OutPath))
	switch {
	case err != nil:
		return err
	case found && part != r.state.Output:
		return &DamagedError{partName(r.OutPath)}
	case found:
		if err := r.files.Rename(partName(r.OutPath), r.OutPath); err != nil {
			return err
		}
	default:
		size, found, err := r.files.Stat(r.OutPath)
		if err != nil {
			return err
		}
		if !found || size != r.state.Output {
			return &DamagedError{r.OutPath}
		}
	}
	return errors.Join(r.files.SyncDir(r.OutPath), r.files.Remove(checkpointName(r.OutPath)), r.files.SyncDir(r.OutPath))
}

// Summary is the file that a run leaves about all rows. Summaries of parts
// are merged by merging their tallies.
type Summary struct {
	Question string    `json:"question"`
	Rulebook string    `json:"rulebook"` // SHA-256
	Readings []string  `json:"readings"` // that were chosen for the run
	AsOf     string    `json:"as_of"`
	Tally    kpi.Tally `json:"tally"`
}

func (r *runner) summarise() error {
	if r.Summary == "" && r.SummaryOutput == nil {
		return nil
	}
	i := r.describe()
	if i.Readings == nil {
		i.Readings = []string{}
	}
	data, err := json.MarshalIndent(Summary{i.Question, i.Rulebook, i.Readings, i.AsOf, r.state.Tally}, "", " ")
	if err != nil {
		return err
	}
	data = append(data, '\n')
	if r.Summary == "" {
		_, err := r.SummaryOutput.Write(data)
		return err
	}
	return replace(r.files, r.Summary, data)
}

// replace writes a file whole or not at all.
func replace(files fileSystem, name string, data []byte) error {
	next := name + ".new"
	f, err := files.Open(next)
	if err != nil {
		return err
	}
	err = f.Truncate(0)
	if err == nil {
		_, err = f.Write(data)
	}
	if err == nil {
		err = f.Sync()
	}
	if err := cmp.Or(err, f.Close()); err != nil {
		return err
	}
	if err := files.Rename(next, name); err != nil {
		return err
	}
	return files.SyncDir(name)
}
