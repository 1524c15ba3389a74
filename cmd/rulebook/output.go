package main

import (
	"bufio"
	"bytes"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook/diagnostic"
)

// formatsByName are the formats of files by the ends of their names.
var formatsByName = map[string]string{".html": "html", ".htm": "html", ".xlsx": "xlsx", ".json": "json", ".txt": "text"}

// outputFlag adds --output to a command with --format, so that its result goes to
// a file whose name says the format: some shells change what is redirected, and a
// file that is written whole or not at all is never half a result. reads names
// what the command reads, which is not written over.
func (a *app) outputFlag(cmd *cobra.Command, reads func(args []string) []string) {
	var out string
	cmd.Flags().StringVarP(&out, "output", "o", "", a.t("写到这个`文件`，格式看扩展名", "the `FILE` to write, in the format of its name"))
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if out == "" || out == "-" {
			return run(cmd, args)
		}
		if err := a.formatOf(cmd, out); err != nil {
			return err
		}
		if err := a.spares(commandName(cmd), []string{out}, reads(args)...); err != nil {
			return err
		}
		var result bytes.Buffer
		shown, style := a.out, a.style
		a.out = bufio.NewWriter(&result)
		a.style.Color, a.style.Width = false, 0 // a file is no terminal
		err := run(cmd, args)
		_ = a.out.Flush() // a buffer takes all
		a.out, a.style = shown, style
		var found *exitError
		if err != nil && !(errors.As(err, &found) && found.code == exitFindings && result.Len() > 0) {
			return err
		}
		if wrong := writeFile(out, result.Bytes()); wrong != nil {
			return cannotWrite(out, wrong)
		}
		a.println(a.t("已写入 ", "written: ") + out)
		return err
	}
}

// formatOf takes the format from the name of the file, where --format does not
// say it.
func (a *app) formatOf(cmd *cobra.Command, out string) error {
	if cmd.Flags().Changed("format") {
		return nil
	}
	flag, _ := cmd.Flags().Lookup("format").Value.(*choice)
	end := strings.ToLower(filepath.Ext(out))
	if format := formatsByName[end]; flag != nil && slices.Contains(flag.allowed, format) {
		return flag.Set(format)
	}
	var ends []string
	for end, format := range formatsByName {
		if flag != nil && slices.Contains(flag.allowed, format) && end != ".htm" {
			ends = append(ends, end)
		}
	}
	slices.Sort(ends)
	return &usageError{
		command: commandName(cmd), message: diagnostic.Textf("看不出 %s 是什么格式", "the name %s does not say a format", out),
		remedy: diagnostic.Textf("文件名以 %[1]s 结尾，或写 --format", "end it with %[1]s, or write --format", strings.Join(ends, ", ")),
	}
}
