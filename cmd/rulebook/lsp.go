package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/lsp"
	"github.com/servicerules/rulebook/internal/source"
)

func (a *app) lspCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "lsp",
		Short: a.t("语言服务：供编辑器边写边核对规则文件", "language server: for editors, to check rules while they are written"),
		Long: a.t(
			`供编辑器（VS Code、Neovim、Helix 等）启动，在标准输入和输出上讲语言服务协议（LSP）：
边写边报错并给出改法，补全事实、词、读法、函数，悬停看说明，跳到定义，改名，排版，按条款列提纲，
在用例上方一键试跑；规则文件和用例文件都可以。人不直接运行它。怎样设置编辑器：docs/editor.md。`,
			`Editors such as VS Code, Neovim and Helix start this and speak the Language Server Protocol with
it on standard input and output: findings with fixes while typing, completion of facts, words,
readings and functions, help on hovering, definitions, renaming, formatting, an outline by article,
and cases that are run from the line above them; in files of rules and of cases. People do not run
it. How to set up an editor: docs/editor.md.`),
		Example: "rulebook lsp",
		Args:    arguments(0, 0, diagnostic.Text{}),
		RunE: func(cmd *cobra.Command, _ []string) error {
			config := lsp.Config{
				Version: ownVersion(), Lang: a.style.Lang, Rules: a.rules, Files: disk{a},
				Today: func() date.Date { return date.NewAt(time.Now()) },
			}
			err := lsp.Serve(cmd.Context(), a.stdin, flushing{a.out}, config)
			var input *lsp.InputError
			switch {
			case err == nil, errors.Is(err, io.EOF):
				return nil
			case errors.As(err, &input):
				return &refusal{
					diagnostic.Wording("输入不是语言服务协议：%s", "the input is not the language server protocol: %s", input.Message),
					diagnostic.Textf("让编辑器启动它（docs/editor.md）；要核对文件，用 rulebook check", "have an editor start this (docs/editor.md); to check a file, use rulebook check"), "bad_input",
				}
			case errors.Is(err, lsp.ErrNoShutdown):
				return &exitError{1} // as the protocol has it
			}
			return &troubleError{message: diagnostic.Text{ZH: "与编辑器的通信中断", EN: "the editor can no longer be spoken with"}, err: err}
		},
	}
}

// flushing sends on at once what is written to it.
type flushing struct{ to *bufio.Writer }

func (w flushing) Write(p []byte) (int, error) {
	n, err := w.to.Write(p)
	if err == nil {
		err = w.to.Flush()
	}
	return n, err
}

// disk are the files of this machine.
type disk struct{ *app }

func (disk) ReadFile(path string) ([]byte, error) { return source.ReadFile(path) }

// mostNames is how many files of a folder are looked at.
const mostNames = 500

func (disk) YAML(folder string) []string {
	f, err := os.Open(folder)
	if err != nil {
		return nil
	}
	defer f.Close()                    //nolint:errcheck // nothing was written
	entries, _ := f.ReadDir(mostNames) // as far as it can be read: nobody is told of files that an editor cannot offer
	var names []string
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); !e.IsDir() && (ext == ".yaml" || ext == ".yml") {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names
}

func (d disk) Cases(rules string) []string {
	for _, folder := range caseDirectories(rules) {
		if info, err := os.Stat(folder); err == nil && info.IsDir() {
			names, _ := d.caseFiles(folder) // none where it cannot be read
			return names[:min(len(names), mostNames)]
		}
	}
	return nil
}
