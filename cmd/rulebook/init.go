package main

import (
	"embed"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook/diagnostic"
)

// starters are the books to begin with: starters/KIND/LANGUAGE holds the files
// of one, and workflow.yaml is the same for all.
//
//go:embed starters
var starters embed.FS

// starterKinds are what a new book can be like.
var starterKinds = []string{"deadlines", "compensation", "indicators", "checklist"}

func (a *app) initCommand() *cobra.Command {
	like := &choice{value: starterKinds[0], allowed: starterKinds}
	cmd := &cobra.Command{
		Use:   a.t("init 目录", "init DIR"),
		Short: a.t("写一部小规则书，供修改：规则、用例、一个月的记录", "write a small book to begin with: rules, cases, a month of records"),
		Long: a.t(
			`在目录里写一部三十来行、马上能用的小规则书：rules.yaml，用例 cases，一个月的样例记录 records，
以及每次改动都核对规则、跑用例的 GitHub Actions 配置。
--like 选哪一类：deadlines 期限，compensation 赔偿，indicators 指标，checklist 清单。
--lang 定注释、用例和样例数据用什么语言：zh 写中文，其他写英文。
已有的文件一概不覆盖：有一个重名，就什么也不写。`,
			`Write a book of some thirty lines that works at once: rules.yaml, its cases, a sample month of
records, and a workflow of GitHub Actions that checks the rules and runs the cases on every change.
--like says which: deadlines, compensation, indicators or a checklist. --lang is the language of
comments, cases and sample: Chinese for zh, and English for any other. Nothing is overwritten:
where one of the files is there already, none is written.`),
		Example: "rulebook init my-rules\nrulebook init my-rules --like compensation --lang zh",
		Args:    arguments(1, 1, diagnostic.Text{ZH: "要写目录", EN: "a directory is needed"}),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.init(args[0], like.value)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
	}
	cmd.Flags().Var(like, "like", a.t("像哪一类", "what it is to be like"))
	complete(cmd, "like", fixed(starterKinds...))
	return cmd
}

// starterFiles are the files of a new book by their paths in its directory.
func starterFiles(like, lang string) (map[string][]byte, error) {
	if lang != "zh" { // the starters are in Chinese and English
		lang = "en"
	}
	files := map[string][]byte{}
	from := path.Join("starters", like, lang)
	err := fs.WalkDir(starters, from, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files[strings.TrimPrefix(name, from+"/")], err = starters.ReadFile(name)
		return err
	})
	if err != nil {
		return nil, err
	}
	files[".github/workflows/rules.yaml"], err = starters.ReadFile("starters/workflow.yaml")
	return files, err
}

// init writes a new book, or nothing.
func (a *app) init(dir, like string) error {
	files, err := starterFiles(like, a.style.Lang)
	if err != nil {
		return err
	}
	var names []string
	for name := range files {
		names = append(names, name)
		at := filepath.Join(dir, filepath.FromSlash(name))
		switch _, err := os.Lstat(at); {
		case err == nil:
			return &refusal{
				diagnostic.Textf("%s 已经有了，什么也没有写", "%s is there already, and nothing was written", at),
				diagnostic.Textf("换一个目录，或先把它移走", "name another directory, or move it away"),
				"file_exists",
			}
		case !errors.Is(err, fs.ErrNotExist):
			return cannotRead(at, err)
		}
	}
	slices.Sort(names)
	if at, err := writeNew(dir, names, files); err != nil {
		return &troubleError{message: diagnostic.Textf("无法写入 %s，什么也没有留下", "%s cannot be written, and nothing was left behind", at), err: err}
	}
	for _, name := range names {
		a.println(filepath.Join(dir, filepath.FromSlash(name)))
	}
	if lang := a.style.Lang; lang != "zh" && lang != "en" {
		a.println("", "These are in English: there are none in "+lang+" yet. A book in "+lang+" has languages: ["+lang+"] and its labels as {"+lang+": …}.")
	}
	if filepath.Clean(dir) != "." {
		a.println("", a.t("接下来，在 "+dir+" 里：", "Next, in "+dir+":"))
	} else {
		a.println("", a.t("接下来：", "Next:"))
	}
	for _, next := range []string{"rulebook check", "rulebook test cases", "rulebook review records/2025-06"} {
		a.println("  " + next)
	}
	return nil
}

// writeNew writes files that are not there yet. Where one cannot be written, it
// takes back what it has made and says which.
func writeNew(dir string, names []string, files map[string][]byte) (failed string, err error) {
	var made []string
	defer func() {
		if err != nil {
			for _, at := range slices.Backward(made) {
				_ = os.Remove(at) // what somebody else put into a directory by now keeps it there
			}
		}
	}()
	for _, name := range names {
		at := filepath.Join(dir, filepath.FromSlash(name))
		dirs, err := makeDirs(filepath.Dir(at))
		made = append(made, dirs...)
		if err != nil {
			return at, err
		}
		const readable = 0o644
		f, err := os.OpenFile(at, os.O_WRONLY|os.O_CREATE|os.O_EXCL, readable)
		if err != nil {
			return at, err
		}
		made = append(made, at)
		_, err = f.Write(files[name])
		if err := errors.Join(err, f.Close()); err != nil {
			return at, err
		}
	}
	return "", nil
}

// makeDirs makes a directory and those above it, and says which were made.
func makeDirs(dir string) (made []string, err error) {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil, nil
	}
	if above := filepath.Dir(dir); above != dir {
		if made, err = makeDirs(above); err != nil {
			return made, err
		}
	}
	const searchable = 0o755
	if err := os.Mkdir(dir, searchable); err != nil {
		return made, err
	}
	return append(made, dir), nil
}
