package main

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy/diagnostic"
)

// version is the command's version on one line.
func version() string {
	v := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		v = info.Main.Version
	}
	return "rulebook " + v + " " + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "version",
		Short:             a.t("显示版本和内置规则书", "show the version and the built-in rulebook"),
		Args:              arguments(0, 0, diagnostic.Text{}),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			book, err := rulebook.Default()
			if err != nil {
				return err
			}
			b := book.Rulebook()
			a.println(version(), a.style.Pickf("内置规则书 %s，%v 起生效，sha256 %s", "built-in rulebook %s, in force from %v, sha256 %s", b.ID, b.From, b.SHA256))
			return nil
		},
	}
}
