package main

import (
	"cmp"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
)

// ownVersion is the command's version alone.
func ownVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return versionOf(info)
	}
	return "(devel)"
}

// version is the command's version on one line.
func version() string {
	return "rulebook " + ownVersion() + " " + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
}

// versionOf is the version of the module or, where it has none, the revision
// that it was built from, as far as that is known.
func versionOf(info *debug.BuildInfo) string {
	v := cmp.Or(info.Main.Version, "(devel)")
	if v != "(devel)" {
		return v
	}
	revision, dirty := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			const short = 12
			revision = s.Value[:min(short, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+dirty"
		}
	}
	if revision == "" {
		return v
	}
	return "devel-" + revision + dirty
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
