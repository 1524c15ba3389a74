package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/casefile"
	gates "github.com/servicerules/rulebook/internal/ci"
	"github.com/servicerules/rulebook/internal/source"
)

// ciPlaces are the places that the command line names, each "" where it does not.
type ciPlaces struct {
	config string // what is asked for
	rules  string // the rules file of today
	named  string // the rules file of the earlier version
}

// revision is a revision of the git repository that a directory is in. Paths are
// from the working directory.
type revision struct{ name, directory string }

// ciBase reads rules and cases as of a revision. Where they were, that revision
// says itself: a change that moves them is compared with what was there before it.
func (a *app) ciBase(c gates.Config, name string, was ciPlaces) (*gates.Version, error) {
	if strings.Trim(name, "0") == "" { // a pipeline has zeros for what was before a new branch
		return &gates.Version{Name: name, None: diagnostic.Textf("新分支，没有原版可比", "a new branch: there is no earlier version")}, nil
	}
	r := revision{name, filepath.Dir(a.rules)}
	if err := r.there(); err != nil {
		return nil, err
	}
	old, found := r.config(was, a.rules)
	if found.Failed() {
		m := found[0].Message
		return gates.Incomparable(name, diagnostic.Text{ZH: "那一版的配置有错误，没法相比：" + m.ZH, EN: "the configuration of that version has mistakes, and nothing can be compared with it: " + m.EN},
			diagnostic.Textf("与更早的、没有错误的一版相比：--base 版本", "compare with an earlier version that is sound: --base REVISION")), nil
	}
	path := r.rulesFile(was, old, a.rules)
	files, wrong, err := r.cases(r.caseFiles(c, old, path))
	if err != nil {
		return nil, err
	}
	if len(wrong) > 0 {
		m := wrong[0].Message
		return gates.Incomparable(name, diagnostic.Textf("那一版的用例 %[1]s 有错误，没法相比：%[2]s", "the cases of that version have mistakes at %[1]s, and nothing can be compared with them: %[3]s", wrong[0].Span, m.ZH, m.EN),
			diagnostic.Textf("与更早的、没有错误的一版相比：--base 版本", "compare with an earlier version that is sound: --base REVISION")), nil
	}
	if path == "" {
		return r.noRules(was, files, a.rules), nil
	}
	data, err := r.read(path)
	if err != nil {
		return nil, cannotRead(name+":"+path, err)
	}
	data, _ = source.Gather(data, func(below string) ([]byte, error) { return r.read(filepath.Join(filepath.Dir(path), below)) })
	book, err := rulebook.Parse(path, data)
	if err != nil {
		return gates.Incomparable(name, diagnostic.Textf("那一版的规则文件 %s 有错误，没法相比：%v", "the rules file %s of that version has mistakes, and nothing can be compared with it: %v", path, err),
			diagnostic.Textf("与更早的、没有错误的一版相比：--base 版本", "compare with an earlier version that is sound: --base REVISION")), nil
	}
	v := &gates.Version{Name: name, Book: book, Files: files, Asked: &old}
	for _, x := range old.Records {
		if _, err := os.Stat(x.Path); err == nil { // else they are no longer kept
			v.Records = append(v.Records, x)
		}
	}
	return v, nil
}

// config is what was asked for then: in the file that is named, else beside the
// rules as they are named, else where a command looks that names none.
func (r revision) config(was ciPlaces, today string) (gates.Config, diagnostic.List) {
	var places []string
	if was.config != "" {
		places = append(places, was.config)
	}
	for _, rules := range []string{was.named, was.rules} {
		if rules != "" {
			places = append(places, filepath.Join(filepath.Dir(rules), gates.ConfigName))
		}
	}
	switch {
	case was.config != "" && len(places) == 1:
		places = append(places, gates.ConfigName, filepath.Join(filepath.Dir(today), gates.ConfigName))
	case len(places) == 0:
		places = append(places, gates.ConfigName)
	}
	for _, path := range places {
		if data, err := r.read(path); err == nil {
			c, found := gates.ReadConfig(path, data)
			return fromDirectory(c, filepath.Dir(path)), found
		}
	}
	return gates.Defaults(), nil
}

// rulesFile is where the rules were; "" where there is none in any of the places.
func (r revision) rulesFile(was ciPlaces, old gates.Config, today string) string {
	places := []string{was.named}
	if was.named == "" {
		places = []string{was.rules, old.Rules}
		if was.rules == "" && old.Rules == "" {
			places = []string{rulesInDirectory, today}
		}
	}
	for _, path := range places {
		if path == "" {
			continue
		}
		if _, err := r.read(path); err == nil {
			return path
		}
	}
	return ""
}

// noRules is an earlier version without the rules file: nothing to compare with
// where it had neither this rulebook nor one that is gone today, nor any cases.
func (r revision) noRules(was ciPlaces, files []*casefile.File, today string) *gates.Version {
	moved := r.moved(today)
	if was.named == "" && len(moved) == 0 && len(files) == 0 {
		return &gates.Version{Name: r.name, None: diagnostic.Textf("那一版还没有规则和用例，没有可比的", "the earlier version has neither rules nor cases: nothing to compare with")}
	}
	asked := today
	if was.named != "" {
		asked = was.named
	}
	remedy := diagnostic.Textf("写明规则文件那时在哪里：--base-rules 文件", "name it as it was then: --base-rules FILE")
	if len(moved) > 0 {
		remedy = diagnostic.Textf("写明规则文件那时在哪里：--base-rules %[1]s", "name it as it was then: --base-rules %[1]s", moved[0])
	}
	return gates.Incomparable(r.name, diagnostic.Textf("那一版没有规则文件 %s，没有可比的", "the earlier version has no rules file %s: nothing to compare with", asked), remedy)
}

// moved are the rules files of the revision that may be today's in another place:
// those of the same id, and those that are gone.
func (r revision) moved(today string) []string {
	id, known := "", false
	if data, _, err := source.ReadRules(today); err == nil {
		id, known = idOf(data)
	}
	names, err := r.git("grep", "-l", "-z", "-I", "-F", "-e", "rulebook", r.name, "--", ":/")
	if err != nil {
		return nil // there is none
	}
	var same, gone []string
	for _, name := range strings.Split(strings.Trim(string(names), "\x00"), "\x00") {
		path := filepath.Join(r.directory, strings.TrimPrefix(name, r.name+":"))
		data, err := r.read(path)
		was, is := idOf(data)
		if err != nil || !isYAML(path) || !is {
			continue
		}
		if _, err := os.Stat(path); err != nil {
			gone = append(gone, path)
		} else if known && was == id {
			same = append(same, path)
		}
	}
	return append(gone, same...)
}

// idOf is the id of a rulebook, "" of one without or of what cannot be read; false
// of another file.
func idOf(data []byte) (string, bool) {
	root, wrong := source.Parse("", data)
	b := root.Get("rulebook")
	switch {
	case wrong.Failed():
		return "", true
	case b == nil:
		return "", false
	case b.Get("id") == nil:
		return "", true
	}
	return b.Get("id").Text, true
}

// caseFiles are the files in which cases were: where the configuration of that
// time says or, where it does not, beside its rules and where they are today.
func (r revision) caseFiles(c, old gates.Config, rules string) []string {
	places := old.Cases
	if len(places) == 0 {
		beside := caseDirectories(rules)
		if rules == "" {
			beside = caseDirectories(rulesInDirectory)
		}
		for _, directory := range beside {
			if len(r.list(directory)) > 0 {
				places = append(places, directory)
				break
			}
		}
		places = append(places, c.Cases...)
	}
	var all []string
	for _, path := range places {
		all = append(all, r.list(path)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// cases are those of files that hold any, and the mistakes in the first that has
// some: what it holds cannot be told, and so nothing that it held may be left out.
func (r revision) cases(paths []string) ([]*casefile.File, diagnostic.List, error) {
	var all []*casefile.File
	for _, path := range paths {
		data, err := r.read(path)
		if err != nil {
			return nil, nil, cannotRead(r.name+":"+path, err)
		}
		root, wrong := source.Parse(path, data)
		if root != nil && root.Get("cases") == nil && root.Get("scenario") == nil && root.Get("steps") == nil {
			continue // of another kind
		}
		if root != nil {
			var f *casefile.File
			if f, wrong = casefile.Parse(path, data); f != nil {
				all = append(all, f)
				continue
			}
		}
		return nil, wrong, nil
	}
	return all, nil, nil
}

// there says what to do where there is no such revision, or no git.
func (r revision) there() error {
	if _, err := r.git("rev-parse", "--git-dir"); err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return &usageError{command: "ci", message: diagnostic.Textf("--base 要用 git，这里没有装", "--base takes git, which is not installed"), remedy: diagnostic.Textf("装上 git，或不写 --base", "install git, or leave --base out")}
		}
		return &usageError{command: "ci", message: diagnostic.Textf("规则文件所在的目录 %s 不在 git 仓库里", "there is no git repository at %s, the directory of the rules file", r.directory),
			remedy: diagnostic.Textf("用 --rules 指到仓库里的规则文件，或不写 --base", "name a rules file in a repository by --rules, or leave --base out")}
	}
	if _, err := r.git("rev-parse", "--verify", "--quiet", "--end-of-options", r.name+"^{commit}"); err != nil {
		return &usageError{command: "ci", message: diagnostic.Textf("git 里没有版本 %q", "git has no revision %q", r.name),
			remedy: diagnostic.Textf("写一个提交、分支或标签，如 origin/main；在流水线里要取全历史（fetch-depth: 0）", "write a commit, a branch or a tag, such as origin/main; in a pipeline, fetch the whole history (fetch-depth: 0)")}
	}
	return nil
}

// from is a path from the directory, as git wants it.
func (r revision) from(path string) (string, error) {
	directory, err := filepath.Abs(r.directory)
	if err != nil {
		return "", err
	}
	if path, err = filepath.Abs(path); err != nil {
		return "", err
	}
	path, err = filepath.Rel(directory, path)
	return "./" + filepath.ToSlash(path), err
}

// read is a file as of the revision.
func (r revision) read(path string) ([]byte, error) {
	below, err := r.from(path)
	if err != nil {
		return nil, err
	}
	return r.git("cat-file", "blob", "--end-of-options", r.name+":"+below)
}

// list are the YAML files at or below a path as of the revision.
func (r revision) list(path string) []string {
	below, err := r.from(path)
	if err != nil {
		return nil
	}
	names, err := r.git("ls-tree", "-r", "-z", "--name-only", "--end-of-options", r.name, "--", below)
	if err != nil {
		return nil
	}
	var all []string
	for _, name := range strings.Split(strings.Trim(string(names), "\x00"), "\x00") {
		if isYAML(name) {
			all = append(all, filepath.Join(r.directory, filepath.FromSlash(name)))
		}
	}
	return all
}

// git runs a command of git that only reads, in the directory.
func (r revision) git(args ...string) ([]byte, error) {
	var complaint bytes.Buffer
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Stderr = r.directory, &complaint
	data, err := cmd.Output()
	if err != nil && complaint.Len() > 0 {
		return nil, errors.New(strings.TrimSpace(complaint.String()))
	}
	return data, err
}
