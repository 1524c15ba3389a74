package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/policy"
)

func (a *app) deviationsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "deviations",
		Short: a.t("列出本规则书与上级规则书不同之处", "list where a book differs from the one that it extends"),
		Long: a.t(
			`规则书以 extends 建立在另一部（如省里的）之上时，逐处列出它改了什么、加了什么：位置、
条款、名称、上级的值和自己的值。能改的，只有上级用 may_change 标明的。`,
			`Of a book that extends another one, such as a branch's that of its province, list what it says
otherwise and what it adds: the place, the article, the name, and the value of either book. Only what
the other book marks with may_change can be changed.`),
		Example:           "rulebook deviations\nrulebook deviations --rules branch.yaml --format json",
		Args:              arguments(0, 0, diagnostic.Text{}),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			book, err := a.load()
			if err != nil {
				return err
			}
			if a.json() {
				return writeJSON(a.out, deviationsOf(book.Rulebook(), a.used))
			}
			a.deviations(book.Rulebook())
			return nil
		},
	}
	a.formatFlag(cmd)
	return cmd
}

// deviations prints what a book says otherwise than the one that it extends.
func (a *app) deviations(b *policy.Rulebook) {
	s := a.style
	if b.Extends() == "" {
		a.println(a.t("这部规则书不以别的规则书为基础", "this book extends no other one"))
		return
	}
	var changed, added []policy.Deviation
	for _, d := range b.Deviations() {
		if d.Added {
			added = append(added, d)
		} else {
			changed = append(changed, d)
		}
	}
	a.println(s.Pickf("%s 以 %s 为基础：改 %d 处，加 %d 处", "%s extends %s: %d changed, %d added", s.Text(b.Title), report.Clean(b.Extends()), len(changed), len(added)))
	for _, d := range changed {
		a.println("", a.called(b, d))
		none := s.Dim(a.t("没有写", "not written"))
		base, branch := report.Clean(d.Base), report.Clean(d.Branch)
		if base == "" {
			base = none
		}
		a.table(report.Table{Indent: 2, Rows: [][]string{
			{a.t("上级", "base"), base, s.Dim(report.Clean(d.BaseAt.String()))},
			{a.t("本书", "branch"), branch, s.Dim(report.Clean(d.At.String()))},
		}})
	}
	if len(added) > 0 {
		a.heading(a.t("增加", "Added"))
	}
	for _, d := range added {
		a.println("  " + a.called(b, d) + "  " + s.Dim(report.Clean(d.At.String())))
	}
}

// called is where a deviation is and what it is about, on one line.
func (a *app) called(b *policy.Rulebook, d policy.Deviation) string {
	parts := []string{a.style.Bold(report.Clean(d.Path))}
	if !d.Label.IsZero() {
		parts = append(parts, report.Clean(a.style.Text(d.Label)))
	}
	if d.Article != "" {
		parts = append(parts, a.style.Text(wording.Article(b, d.Article)))
	}
	return strings.Join(parts, "  ")
}

type deviationsJSON struct {
	Rules   *rulesJSON      `json:"rules"`
	Extends *string         `json:"extends"` // null where it extends no other book
	Changed []deviationJSON `json:"changed"`
	Added   []deviationJSON `json:"added"`
}

type deviationJSON struct {
	Path    string           `json:"path"`
	Article string           `json:"article,omitempty"`
	Label   *diagnostic.Text `json:"label,omitempty"`
	Base    *string          `json:"base,omitempty"` // absent where the base leaves the key out
	Branch  *string          `json:"branch,omitempty"`
	BaseAt  *diagnostic.Span `json:"base_at,omitempty"`
	At      diagnostic.Span  `json:"at"`
}

func deviationsOf(b *policy.Rulebook, rules *rulesJSON) deviationsJSON {
	out := deviationsJSON{Rules: rules, Changed: []deviationJSON{}, Added: []deviationJSON{}}
	if base := b.Extends(); base != "" {
		out.Extends = &base
	}
	for _, d := range b.Deviations() {
		x := deviationJSON{Path: d.Path, Article: d.Article, At: d.At}
		if !d.Label.IsZero() {
			x.Label = &d.Label
		}
		if d.Added {
			out.Added = append(out.Added, x)
			continue
		}
		if x.Branch, x.BaseAt = &d.Branch, &d.BaseAt; d.Base != "" {
			x.Base = &d.Base
		}
		out.Changed = append(out.Changed, x)
	}
	return out
}
