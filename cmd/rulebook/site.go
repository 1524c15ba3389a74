package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/site"
)

// siteFiles is the file in the directory of a site that lists its files, so that
// making it anew takes away what it no longer has, and nothing else.
const siteFiles = "rulebook-site.txt"

func (a *app) siteCommand() *cobra.Command {
	var dir, cases string
	cmd := &cobra.Command{
		Use:   "site",
		Short: a.t("写成网站：条文与规则对照、读法、表和图、用例，可查找、可打印", "make a web site of the rules: texts beside rules in plain words, readings, pictures, cases"),
		Long: a.t(
			`把规则书写成一套网页，放在 --out 的目录里：每条的条文旁边是它的规则（用平常的话写，不是 YAML），
还有读法、表和图、用例、相互引用、台账、按日期的变化，能查找、能打印。规则书有几种语言就有几套。
网页不用联网，双击 index.html 就能看，也可放到任何网站上。同样的规则和用例，每次写出的字节都一样。
目录不是空的、又不是上次写的网站，就不写。用例取自 --cases，缺省为规则文件旁边的。`,
			`Write a book as web pages into the directory of --out: the text of each article beside its rules
in plain words (no YAML), readings, tables and pictures, cases, cross-references, the ledger, what
changes on which day; to be searched and printed; in each of the book's languages. They need no
network: open index.html, or put them on any server. The same rules and cases give the same bytes.
A directory that holds something else is left alone. Cases are those of --cases, by default those
beside the rules file.`),
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
			made, err := site.Build(cmd.Context(), book, site.Options{Cases: files})
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
			a.println(a.style.Pickf("%s：%d 页", "%s: %d pages", filepath.Join(dir, "index.html"), pages))
			return nil
		},
	}
	cmd.Flags().StringVar(&dir, "out", "", a.t("网站放在哪个目录", "the directory to write into"))
	cmd.Flags().StringVar(&cases, "cases", "", a.t("用例文件或目录", "case file or directory"))
	return cmd
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

func cannotWrite(path string, err error) error {
	return &troubleError{diagnostic.Textf("无法写入 %s", "%s cannot be written", path), err}
}
