package changing

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/internal/edit"
)

// CarriedOver is the text of a change made anew of the rules in force, where other
// rules came into force since it was begun: what it alters of its base, line by
// line, is altered of them. Where both alter the same lines, or lines beside each
// other, both stand in the text between marks, and conflicts says how often.
func (c *Changes) CarriedOver(ctx context.Context, x *Change) (text []byte, conflicts int, err error) {
	base, err := c.Text(ctx, x.Base)
	if err != nil {
		return nil, 0, err
	}
	own, err := c.Text(ctx, x.Text)
	if err != nil {
		return nil, 0, err
	}
	text, conflicts = merged(base, own, c.rules.Current().Text)
	return text, conflicts, nil
}

// hunk is a stretch of lines of a base, from and to before which, that a text has
// others for.
type hunk struct {
	from, to int
	lines    []string
}

// Marks around what cannot be carried over: no rules file loads with them.
const (
	markOwn    = "<<<<<<< 这份改动 · this change"
	markMiddle = "======="
	markOther  = ">>>>>>> 现行规则 · the rules in force"
)

// merged is a base with what two texts alter of it.
func merged(base, own, other []byte) (text []byte, conflicts int) {
	lines := linesOf(base)
	a, b := hunksOf(lines, own), hunksOf(lines, other)
	var out []string
	at := 0
	for len(a) > 0 || len(b) > 0 {
		var mine, theirs []hunk
		from, to := len(lines)+1, -1
		// All hunks of either that touch each other are one stretch.
		take := func(list *[]hunk, into *[]hunk) bool {
			if len(*list) == 0 || to >= 0 && (*list)[0].from > to {
				return false
			}
			h := (*list)[0]
			*list, *into = (*list)[1:], append(*into, h)
			from, to = min(from, h.from), max(to, h.to)
			return true
		}
		if len(b) == 0 || len(a) > 0 && a[0].from <= b[0].from {
			take(&a, &mine)
		} else {
			take(&b, &theirs)
		}
		for take(&a, &mine) || take(&b, &theirs) {
		}
		out = append(out, lines[at:from]...)
		at = to
		ours, others := applied(lines, from, to, mine), applied(lines, from, to, theirs)
		switch {
		case len(theirs) == 0 || slices.Equal(ours, others):
			out = append(out, ours...)
		case len(mine) == 0:
			out = append(out, others...)
		default:
			conflicts++
			out = append(append(append(append(append(out, markOwn), ours...), markMiddle), others...), markOther)
		}
	}
	out = append(out, lines[at:]...)
	end := "\n"
	if bytes.Contains(other, []byte("\r\n")) {
		end = "\r\n"
	}
	return []byte(strings.Join(out, end) + end), conflicts
}

// applied are the lines of a stretch with hunks in it.
func applied(lines []string, from, to int, hunks []hunk) (out []string) {
	for _, h := range hunks {
		out = append(out, lines[from:h.from]...)
		out = append(out, h.lines...)
		from = h.to
	}
	return append(out, lines[from:to]...)
}

func linesOf(text []byte) []string {
	return strings.Split(strings.TrimSuffix(string(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))), "\n"), "\n")
}

// hunksOf are what a text has otherwise than the lines of a base, in their order.
func hunksOf(lines []string, text []byte) (all []hunk) {
	after := linesOf(text)
	removed, added := make([]bool, len(lines)), make([]bool, len(after))
	for _, l := range edit.Lines([]byte(strings.Join(lines, "\n")), []byte(strings.Join(after, "\n"))) {
		if l.Added {
			added[l.Number-1] = true
		} else {
			removed[l.Number-1] = true
		}
	}
	i, j := 0, 0
	for i < len(lines) || j < len(after) {
		if i < len(lines) && j < len(after) && !removed[i] && !added[j] {
			i, j = i+1, j+1
			continue
		}
		h := hunk{from: i}
		for i < len(lines) && removed[i] {
			i++
		}
		for j < len(after) && added[j] {
			h.lines = append(h.lines, after[j])
			j++
		}
		h.to = i
		all = append(all, h)
	}
	return all
}
