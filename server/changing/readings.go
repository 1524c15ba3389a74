package changing

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/edit"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/record"
)

// Reading is what somebody decides about a reading of the rules in force.
type Reading struct {
	Key    string
	Option string // with its parameter behind a colon, or a list in brackets
	By     string // who decided it, as the rules say it
	Why    string
}

// Decide makes a change that chooses an option of a reading and notes who decided
// that, and proposes it: nothing else of the rules is altered. Where it cannot be
// proposed, it stays a draft, whose page says why. Errors are those of Take, and a
// *RefusedError where the reading cannot be decided so.
func (c *Changes) Decide(ctx context.Context, r Reading, by people.Who, retry *record.BodyRetry) (*Change, error) {
	r.By, r.Option = strings.Join(strings.Fields(r.By), " "), strings.TrimSpace(r.Option)
	const longestBy = 100
	switch {
	case r.By == "":
		return nil, refuse(CodeNeeded, "by", "没有写由谁决定", "who decides it is not said", "写部门或姓名", "name a department or a person")
	case len([]rune(r.By)) > longestBy:
		return nil, tooLong("by", "“由谁决定”", "who decides it", longestBy, "字", "characters")
	case strings.TrimSpace(r.Why) == "":
		return nil, refuse(CodeNeeded, "why", "没有写为什么", "why is not said", "写上理由", "say why")
	case r.Option == "":
		return nil, refuse(CodeNeeded, "option", "没有选", "nothing was chosen", "选一项", "choose an option")
	}
	rules := c.rules.Current()
	book := rules.Book.Rulebook()
	reading, known := book.Reading(r.Key)
	if !known {
		return nil, refuse("unknown_reading", "reading", "没有这个读法", "there is no such reading", "看读法登记", "look at the register of readings")
	}
	now := date.NewAt(c.store.Now().In(book.Zone))
	files := source.Split(rules.Text)
	at := slices.IndexFunc(files, func(f source.File) bool {
		return source.Nodes("", f.Text).Get("readings").Get(r.Key) != nil && !ofBase(book, source.NameOf(book.Name(), f.Path))
	})
	if at < 0 {
		return nil, refuse("unknown_reading", "reading", "这个读法在上级规则书里", "the reading stands in the book that this one extends", "在编辑页里写成偏离", "write a deviation, in the editor")
	}
	changed, err := decided(files[at], r, now, book.From, book.Languages)
	var one diagnostic.Diagnostic
	switch {
	case errors.As(err, &one):
		return nil, &RefusedError{Code: one.Code, Member: "option", Message: one.Message, Remedy: one.Remedy}
	case err != nil:
		return nil, err
	}
	files[at].Text = changed
	text := changed
	if len(files) > 1 {
		text = source.Join(files)
	}
	change, again, err := c.Take(ctx, 0, Do{Kind: record.ChangeDrafted, By: by, Title: titleOf(reading.Asks), Why: r.Why, Base: rules.SHA256, Text: text, Retry: retry})
	if err != nil || again {
		return change, err
	}
	proposed, _, err := c.Take(ctx, change.Number, Do{Kind: record.ChangeProposed, By: by, SHA256: change.Text, Seen: change.Seen()})
	var refused *RefusedError
	if errors.As(err, &refused) {
		return change, nil
	}
	return proposed, err
}

// ofBase reports whether a file is of the book that this one extends.
func ofBase(b *policy.Rulebook, name string) bool {
	return slices.ContainsFunc(b.Files(), func(f policy.FileText) bool { return f.Name == name && f.Base })
}

// titleOf is what a change is called that decides a reading: Chinese first, since a
// title has one language.
func titleOf(asks diagnostic.Text) string {
	text := "读法：" + asks.ZH
	if asks.ZH == "" {
		text = "Reading: " + asks.EN
	}
	if r := []rune(text); len(r) > longestTitle {
		text = string(r[:longestTitle])
	}
	return text
}

// decided is a file of the rules with a reading decided in it.
func decided(f source.File, r Reading, on, from date.Date, languages []string) ([]byte, error) {
	file, err := edit.Open(f.Path, f.Text)
	if err != nil {
		return nil, err
	}
	file.InForceFrom(from)
	file.InLanguages(languages)
	if file, err = file.Decide(r.Key, r.Option, r.By, on, 0); err != nil {
		return nil, err
	}
	return file.Data, nil
}
