package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/report"
)

// casesOf reads the cases at a path: a file or a directory. Where none is named,
// they are looked for beside the rules file: NAME-cases beside NAME.yaml, else
// cases or examples/cases in its directory. Files that are not sound are told,
// and end the command, and so does that there are none.
func (a *app) casesOf(command, path string) ([]*casefile.File, error) {
	files, err := a.casesIfAny(path)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(files, func(f *casefile.File) bool { return len(f.Cases) > 0 }) {
		return files, nil
	}
	if path == "" {
		path = a.casesBeside()
	}
	if path == "" {
		return nil, &usageError{
			command: command,
			message: diagnostic.Textf("没有写用例在哪里", "it is not said where the cases are"),
			remedy:  diagnostic.Textf("写 --cases 目录", "write --cases DIRECTORY"),
		}
	}
	return nil, &usageError{
		command: command,
		message: diagnostic.Textf("%s 里没有用例", "there are no cases in %s", path),
		remedy:  diagnostic.Text{ZH: "用例是 .yaml 文件，最外层有 cases 或 scenario", EN: "cases are .yaml files with cases: or scenario: at the top"},
	}
}

// casesIfAny is casesOf where there need be none.
func (a *app) casesIfAny(path string) ([]*casefile.File, error) {
	if path == "" {
		path = a.casesBeside()
	}
	if path == "" {
		return nil, nil
	}
	names, err := a.caseFiles(path)
	if err != nil {
		return nil, err
	}
	var files []*casefile.File
	for _, name := range names {
		data, err := a.readFile(name)
		if err != nil {
			return nil, err
		}
		f, found := casefile.Parse(name, data)
		if f == nil {
			return nil, a.refused(found, report.Sources{name: data})
		}
		files = append(files, f)
	}
	return files, nil
}

func (a *app) casesBeside() string {
	rules := a.rules
	if rules == "" {
		rules = rulesInDirectory
	}
	for _, path := range caseDirectories(rules) {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			return path
		}
	}
	return ""
}

// caseDirectories are the directories in which cases may lie beside a rules file,
// the first that there is.
func caseDirectories(rules string) []string {
	dir := filepath.Dir(rules)
	name := strings.TrimSuffix(filepath.Base(rules), filepath.Ext(rules))
	return []string{filepath.Join(dir, name+"-cases"), filepath.Join(dir, "cases"), filepath.Join(dir, "examples", "cases")}
}
