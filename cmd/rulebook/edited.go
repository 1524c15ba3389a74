package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/edit"
	"github.com/servicerules/rulebook/internal/editor"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/internal/source"
)

// changed is a file and what becomes of it.
type changed struct {
	name          string
	before, after []byte
}

// editedJSON is a file and the lines that are different, in JSON.
type editedJSON struct {
	File  string     `json:"file"`
	Lines []lineJSON `json:"lines"`
}

// lineJSON is a line that was taken out or put in.
type lineJSON struct {
	Line  int    `json:"line"` // in the file before for one that was taken out, else after
	Added bool   `json:"added"`
	Text  string `json:"text"`
}

func editedOf(changes []changed) []editedJSON {
	files := make([]editedJSON, 0, len(changes))
	for _, c := range changes {
		f := editedJSON{c.name, []lineJSON{}}
		for _, l := range edit.Lines(c.before, c.after) {
			f.Lines = append(f.Lines, lineJSON{l.Number, l.Added, l.Text})
		}
		files = append(files, f)
	}
	return files
}

// printChanges tells the lines that are different, file by file.
func (a *app) printChanges(changes []changed) {
	for _, c := range changes {
		a.printf("%s\n", a.style.Bold(c.name))
		for _, l := range edit.Lines(c.before, c.after) {
			sign, paint := "-", a.style.Red
			if l.Added {
				sign, paint = "+", a.style.Green
			}
			a.printf("%5d %s\n", l.Number, paint(sign+report.Clean(l.Text)))
		}
	}
}

// printWritten tells which files were written.
func (a *app) printWritten(changes []changed, dryRun bool) {
	a.println("")
	if dryRun {
		a.println(a.t("没有写入（--dry-run）", "not written (--dry-run)"))
		return
	}
	for _, c := range changes {
		a.println(a.t("已写入 ", "written: ") + c.name)
	}
}

// rulesToChange is the rules file with the files that it names; it is an error
// if there is none but the built-in one.
func (a *app) rulesToChange(cmd *cobra.Command) (name string, data []byte, err error) {
	name, data, err = a.find(a.rules)
	if err == nil && name == "" {
		err = &usageError{
			command: commandName(cmd), message: diagnostic.Text{ZH: "这里没有 rules.yaml，内置规则书不能改", EN: "there is no rules.yaml here, and the built-in rulebook cannot be changed"},
			remedy: diagnostic.Text{ZH: "用 --rules 写明规则文件", EN: "name the rules file by --rules"},
		}
	}
	return name, data, err
}

// casesToRun are the files of cases to be run before and after a change: those
// that are named, else those beside the rules file.
func (a *app) casesToRun(f *editFlags) ([]string, error) {
	paths := f.cases
	if beside := a.casesBeside(); len(paths) == 0 && beside != "" {
		paths = []string{beside}
	}
	var names []string
	for _, path := range paths {
		files, err := a.caseFiles(path)
		if err != nil {
			return nil, err
		}
		names = append(names, files...)
	}
	return names, nil
}

// openProject is a rulebook of which all files are given, as an editor has it.
func openProject(data []byte) *editor.Project {
	return editor.Open(string(data), func(string) ([]byte, error) { return nil, fs.ErrNotExist }, nil)
}

// booksBeside are a rulebook and the others of its folder that consist of
// several files: they may have some in common with it.
func (a *app) booksBeside(rules string, p *editor.Project) ([]editor.Book, error) {
	books := []editor.Book{{Main: filepath.Base(rules), Project: p}}
	entries, err := os.ReadDir(filepath.Dir(rules))
	if err != nil {
		return nil, cannotRead(filepath.Dir(rules), err)
	}
	for _, e := range entries {
		name := filepath.Join(filepath.Dir(rules), e.Name())
		if e.Name() == books[0].Main || !e.Type().IsRegular() || !isYAML(name) || !a.isRulebook(name) {
			continue
		}
		if data, _, err := source.ReadRules(name); err == nil && source.Joined(data) {
			books = append(books, editor.Book{Main: e.Name(), Project: openProject(data)})
		}
	}
	return books, nil
}

// filesWith are the files of a folder with edits made.
func (a *app) filesWith(folder string, edits []editor.Edit) ([]changed, error) {
	var files []changed
	for len(edits) > 0 {
		path := edits[0].Path
		isIn := func(e editor.Edit) bool { return e.Path == path }
		own := slices.DeleteFunc(slices.Clone(edits), func(e editor.Edit) bool { return !isIn(e) })
		edits = slices.DeleteFunc(slices.Clone(edits), isIn)
		name := filepath.Join(folder, filepath.FromSlash(path))
		data, err := a.readFile(name)
		if err != nil {
			return nil, err
		}
		files = append(files, changed{name, data, []byte(editor.NewText(string(data)).Edited(own).String())})
	}
	return files, nil
}

// asItEnded is a text of a rulebook of several files, in which each ends with a
// line break, with the end that the file had.
func asItEnded(before, after []byte) []byte {
	if bytes.HasSuffix(before, []byte{'\n'}) {
		return after
	}
	return bytes.TrimSuffix(after, []byte{'\n'})
}

// writeFiles puts texts in the place of files. Each is replaced wholly or not at
// all, and none before all have been written beside theirs.
func writeFiles(changes []changed) error {
	var ready []replacement
	defer func() {
		for _, r := range ready {
			_ = os.Remove(r.from) // nothing is left beside the files; those in place are no more there
		}
	}()
	for _, c := range changes {
		r, err := prepared(c.name, c.after)
		if err != nil {
			return &troubleError{message: diagnostic.Textf("无法写入 %s，文件没有变", "%s cannot be written and is as it was", c.name), err: err}
		}
		ready = append(ready, r)
	}
	for i, r := range ready {
		if err := os.Rename(r.from, r.to); err != nil {
			return &troubleError{message: diagnostic.Textf("无法写入 %s，它和其后的文件没有变", "%s cannot be written; it and the files behind it are as they were", changes[i].name), err: err}
		}
	}
	return nil
}

// replacement is a new text of a file, written beside it.
type replacement struct{ from, to string }

// prepared writes the new text of a file beside it, with the file's mode. Where
// the file is a link, it is what that leads to. It need not be there yet.
func prepared(name string, data []byte) (replacement, error) {
	const readable = 0o644
	to, mode := name, fs.FileMode(readable)
	info, err := os.Stat(name)
	switch {
	case err == nil:
		mode = info.Mode().Perm()
		if to, err = filepath.EvalSymlinks(name); err != nil {
			return replacement{}, err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return replacement{}, err
	}
	f, err := os.CreateTemp(filepath.Dir(to), ".rulebook-*")
	if err != nil {
		return replacement{}, err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return replacement{f.Name(), to}, err
}

// inFile is the error of an edit with its place in the files of a rulebook.
func inFile(err error, rules string) error {
	var d diagnostic.Diagnostic
	if errors.As(err, &d) && d.Span.Start.Line > 0 {
		d.Span.File = source.NameOf(rules, d.Span.File)
		return d
	}
	return err
}
