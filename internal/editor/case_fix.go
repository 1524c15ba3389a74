package editor

import (
	"context"
	"slices"

	"github.com/servicerules/rulebook"
)

// FixesInCases are the changes that the remedy of a finding in a file of cases
// comes to, as Fixes has them for rules. Each has been tried: the finding is gone,
// and there are fewer, unless the file can only be read now.
func FixesInCases(ctx context.Context, book *rulebook.Book, t *Text, f Finding) []Fix {
	before, err := WrongCases(ctx, book, t)
	if err != nil {
		return nil
	}
	c := &fixer{project: &Project{}, file: &file{text: t}, finding: f}
	c.syntax()
	c.written()
	c.ascii()
	c.removal()
	for _, text := range likeliest(listed(f.Remedy.EN), c.stood(f.Range)) {
		c.write(f.Range, text, false)
	}
	var good []Fix
	for i, fix := range c.all {
		if len(good) == mostFixes || i == mostTried {
			break
		}
		after, err := WrongCases(ctx, book, t.Edited(fix.Edits))
		if err != nil {
			return nil
		}
		if count(after, f) < count(before, f) && (fix.partly || len(after) < len(before)) {
			fix.Best = fix.Best && !slices.ContainsFunc(good, func(f Fix) bool { return f.Best })
			good = append(good, fix)
		}
	}
	return good
}
