package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/browser"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/site"
)

// siteFiles is the file in the directory of a site that lists its files, so that
// making it anew takes away what it no longer has, and nothing else.
const siteFiles = "rulebook-site.txt"

func (a *app) siteCommand() *cobra.Command {
	var dir, cases, engine string
	cmd := &cobra.Command{
		Use:   "site",
		Short: a.t("写成网站：条文与规则对照、读法、表和图、用例，可查找、可打印", "make a web site of the rules: texts beside rules in plain words, readings, pictures, cases"),
		Long: a.t(
			`把规则书写成一套网页，放在 --out 的目录里：每条的条文旁边是它的规则（用平常的话写，不是 YAML），
还有读法、表和图、用例、相互引用、台账、按日期的变化，能查找、能打印。规则书有几种语言就有几套。
网页不用联网，双击 index.html 就能看，也可放到任何网站上。同样的规则和用例，每次写出的字节都一样。
目录不是空的、又不是上次写的网站，就不写。用例取自 --cases，缺省为规则文件旁边的。
在问题的网页上可以填事实提问，也可以改规则试试：引擎（WebAssembly）就在网页里，不向任何地方发送。
引擎由本机的 Go 编成；没有 Go 时用 --engine 指明发布包里的 engine.js。`,
			`Write a book as web pages into the directory of --out: the text of each article beside its rules
in plain words (no YAML), readings, tables and pictures, cases, cross-references, the ledger, what
changes on which day; to be searched and printed; in each of the book's languages. They need no
network: open index.html, or put them on any server. The same rules and cases give the same bytes.
A directory that holds something else is left alone. Cases are those of --cases, by default those
beside the rules file. On the page of a question facts are filled in and asked, and the rules changed
and tried: the engine, WebAssembly, is in the pages, and nothing is sent anywhere. It is built by the
Go of this machine; without Go, name the engine.js of a release by --engine.`),
		Example:           "rulebook site --out site\nrulebook site --out site --cases examples/cases",
		Args:              arguments(0, 0, diagnostic.Text{}),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if dir == "" {
				return &usageError{command: commandName(cmd), message: diagnostic.Textf("没有写网站放在哪里", "it is not said where the site goes"), remedy: diagnostic.Textf("写 --out 目录", "write --out DIRECTORY")}
			}
			book, err := a.load()
			if err != nil {
				return err
			}
			var files []*casefile.File
			if cases != "" || a.casesBeside() != "" {
				if files, err = a.casesOf(commandName(cmd), cases); err != nil {
					return err
				}
			}
			script, err := a.engine(cmd, engine)
			if err != nil {
				return err
			}
			made, err := site.Build(cmd.Context(), book, site.Options{Cases: files, Engine: script})
			if err != nil {
				return err
			}
			if err := writeSite(dir, made); err != nil {
				return err
			}
			pages := 0
			for _, f := range made {
				if strings.HasSuffix(f.Path, ".html") {
					pages++
				}
			}
			a.println(filepath.Join(dir, "index.html") + a.style.Colon() + a.style.Plural(pages, "%d 页", "%d page", "%d pages"))
			return nil
		},
	}
	cmd.Flags().StringVar(&dir, "out", "", a.t("网站放在哪个目录", "the directory to write into"))
	cmd.Flags().StringVar(&cases, "cases", "", a.t("用例文件或目录", "case file or directory"))
	cmd.Flags().StringVar(&engine, "engine", "", a.t("提问用的 engine.js；none 为不要，缺省现编", "the engine.js to ask with; \"none\" for none, by default it is built"))
	return cmd
}

// noEngine is what --engine says where pages shall not ask.
const noEngine = "none"

// engine is the script with which pages ask: the named file, that beside the
// command, or one that the go command builds. Where none can be had it is nil,
// and that is told.
func (a *app) engine(cmd *cobra.Command, path string) ([]byte, error) {
	switch path {
	case noEngine:
		return nil, nil
	case "":
	default:
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, cannotRead(path, err)
		}
		if !browser.IsScript(data) {
			return nil, &refusal{
				diagnostic.Textf("%s 不是引擎", "%s is not the engine", path),
				diagnostic.Textf("用发布包里的 %[1]s；不写 --engine 则现编", "take the %[1]s of a release, or leave out --engine to have it built", browser.ScriptName),
				"not_an_engine",
			}
		}
		return data, nil
	}
	if command, err := os.Executable(); err == nil {
		if data, err := os.ReadFile(filepath.Join(filepath.Dir(command), browser.ScriptName)); err == nil && browser.IsScript(data) {
			return data, nil
		}
	}
	script, err := browser.Script(cmd.Context())
	switch {
	case err == nil:
		return script, nil
	case cmd.Context().Err() != nil:
		return nil, cmd.Context().Err()
	}
	fmt.Fprintln(a.err, a.errStyle.Pickf("没有引擎，网页上不能提问（%v）。用 --engine 指明发布包里的 %s", "there is no engine, so the pages cannot be asked (%v); name the %s of a release by --engine", firstLine(err), browser.ScriptName))
	return nil, nil
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// writeSite writes the files of a site into a directory that is empty, is not
// there yet, or holds a site; of that, what is no longer part of it goes.
func writeSite(dir string, files []site.File) error {
	before, err := siteBefore(dir)
	if err != nil {
		return err
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = f.Path
	}
	for _, name := range before {
		if !slices.Contains(names, name) && filepath.IsLocal(filepath.FromSlash(name)) {
			if err := os.Remove(filepath.Join(dir, filepath.FromSlash(name))); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return cannotWrite(name, err)
			}
		}
	}
	files = append(slices.Clone(files), site.File{Path: siteFiles, Data: []byte(strings.Join(names, "\n") + "\n")})
	for _, f := range files {
		at := filepath.Join(dir, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return cannotWrite(at, err)
		}
		if err := os.WriteFile(at, f.Data, 0o644); err != nil {
			return cannotWrite(at, err)
		}
	}
	return nil
}

// siteBefore are the files of the site that a directory holds.
func siteBefore(dir string) ([]string, error) {
	data, err := os.ReadFile(filepath.Join(dir, siteFiles))
	if err == nil {
		return strings.Split(strings.TrimSpace(string(data)), "\n"), nil
	}
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0:
		return nil, nil
	case err != nil:
		return nil, cannotRead(dir, err)
	}
	return nil, &refusal{
		diagnostic.Textf("%s 里有别的文件，什么也没有写", "%s holds other files, and nothing was written", dir),
		diagnostic.Textf("换一个空的目录", "name an empty directory"),
		"directory_not_empty",
	}
}
