package editor

import (
	"context"
	"maps"
	"slices"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/casefile"
)

// RenameInAllCases are the edits by which files of cases of the rulebook speak of
// a symbol by its new name, by file; after is the rulebook that has it. All cases
// that can be run are run with the old name and with the new one; how many is
// told. The error is a *RenameError where one comes out differently or a file can
// no longer be read, or that of the context.
func (p *Project) RenameInAllCases(ctx context.Context, s *Symbol, name string, after *Project, files map[string]*Text) (edits map[string][]Edit, ran int, err error) {
	edits = map[string][]Edit{}
	if len(files) == 0 {
		return edits, 0, nil
	}
	before, err := rulebook.Parse("", p.All())
	if err != nil {
		return nil, 0, err
	}
	now, err := rulebook.Parse("", after.All())
	if err != nil {
		return nil, 0, err
	}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		text := files[path]
		own := p.RenameInCases(s, name, after, text)
		if len(own) > 0 {
			edits[path] = own
		}
		was, err := casefile.ReadyOf(path, before, []byte(text.s))
		if err != nil || was == nil {
			continue // what cannot be run before need not run after
		}
		is, err := casefile.ReadyOf(path, now, []byte(text.Edited(own).s))
		if err != nil {
			return nil, 0, err
		}
		if len(is) != len(was) {
			return nil, 0, refusedRename(diagnostic.Textf("改名后 %s 读不了", "with the new name %s cannot be read", path), diagnostic.Textf("换一个名称", "choose another name"))
		}
		for i := range was {
			if err := ctx.Err(); err != nil {
				return nil, 0, err
			}
			ran++
			if x, y := was[i].Run(ctx), is[i].Run(ctx); x.Passed() != y.Passed() {
				return nil, 0, caseDiffers(y)
			}
		}
	}
	return edits, ran, ctx.Err()
}

// caseDiffers is why a rename is refused with which a case comes out differently.
func caseDiffers(r *casefile.Result) *RenameError {
	return &RenameError{
		diagnostic.Textf("改名后用例 %s 的结果不同（%v），没有改", "with the new name the case %s comes out differently (%v), and nothing was changed", r.Case.Name, r.Case.Span),
		diagnostic.Textf("用例里若还写着原来的名称，先改用例；不然换一个名称", "where the case still has the old name, change it there first; else choose another name"),
		r,
	}
}
