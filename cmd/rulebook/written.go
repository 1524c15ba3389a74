package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
)

// spares makes sure that a command writes over none of the files that it reads:
// those of the rules that are used, others that are named, and what lies in
// directories that are named. Nor does it write a file that has the name of one
// of rules or cases: what is written is neither.
func (a *app) spares(command string, written []string, read ...string) error {
	read = append(a.ruleFiles(a.rules), read...)
	for _, out := range written {
		there, err := os.Stat(out)
		for _, name := range read {
			if err == nil && there.Mode().IsRegular() && a.isOrHolds(name, there) {
				return &usageError{command: command, message: diagnostic.Textf("%s 既要读又要写", "%s is both input and output", out),
					remedy: diagnostic.Text{ZH: "给结果另起一个文件名", EN: "give the output another name"}}
			}
		}
		if isYAML(out) {
			return &usageError{command: command, message: diagnostic.Textf("%s 是规则、用例那样的文件名", "%s is the name of a file of rules or cases", out),
				remedy: diagnostic.Text{ZH: "另起一个文件名", EN: "give the output another name"}}
		}
	}
	return nil
}

// ruleFiles are the names of the files of the rules at a path; none of the
// built-in ones.
func (a *app) ruleFiles(path string) []string {
	name, data, err := a.find(path)
	if err != nil || name == "" {
		return nil
	}
	var names []string
	for _, f := range source.Split(data) {
		names = append(names, source.NameOf(name, f.Path))
	}
	return names
}

// isOrHolds reports whether a name is that of a file, or of the directory that
// it lies in. "-" is standard input.
func (a *app) isOrHolds(name string, file fs.FileInfo) bool {
	info, err := os.Stat(name)
	if f, ok := a.stdin.(*os.File); ok && name == "-" {
		info, err = f.Stat()
	}
	if err != nil || !info.IsDir() {
		return err == nil && os.SameFile(info, file)
	}
	entries, err := os.ReadDir(name)
	return err == nil && slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		in, err := os.Stat(filepath.Join(name, e.Name()))
		return err == nil && os.SameFile(in, file)
	})
}

// writeFile writes a file: whole or not at all, but for what is there and is no
// regular file, such as /dev/stdout or a named pipe, which is written to as it is.
func writeFile(name string, data []byte) error {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err == nil {
			_, err = f.Write(data)
			err = errors.Join(err, f.Close())
		}
		return err
	}
	r, err := prepared(name, data)
	if err == nil {
		if err = os.Rename(r.from, r.to); err != nil {
			_ = os.Remove(r.from) // what is told is why it could not be put in place
		}
	}
	return err
}
