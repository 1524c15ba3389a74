package service

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/review"
	"github.com/servicerules/rulebook/server/internal/tables"
	"github.com/servicerules/rulebook/server/record"
)

// Bounds of what is said about tables that are kept, in characters.
const (
	LongestSource = 60
	LongestWhy    = 400
)

// KeepRefusedError says why tables are not kept.
type KeepRefusedError struct {
	Code            string // stable
	Message, Remedy diagnostic.Text
}

// Error is the refusal in English.
func (e *KeepRefusedError) Error() string { return e.Message.EN }

func refuseKeep(code string, message, remedy diagnostic.Text) error {
	return &KeepRefusedError{code, message, remedy}
}

// CheckKeep tidies the source of tables and the reason for which they take the
// place of others. The error is a *KeepRefusedError.
func CheckKeep(i *record.Import) error {
	i.Source, i.Reason = strings.Join(strings.Fields(i.Source), " "), strings.TrimSpace(i.Reason)
	if utf8.RuneCountInString(i.Source) > LongestSource || utf8.RuneCountInString(i.Reason) > LongestWhy || !utf8.ValidString(i.Source+i.Reason) {
		return refuseKeep("too_long", diagnostic.Textf("来源或原因太长，或不是 UTF-8 文字", "the source or the reason is too long, or no UTF-8 text"),
			diagnostic.Textf("来源最多 %d 字，原因最多 %d 字", "at most %d characters of a source, %d of a reason", LongestSource, LongestWhy))
	}
	return nil
}

// Keep keeps tables of which a review was made as those of its month from a source.
// Tables that are kept already, the same files of the same month and source, are
// kept once: again is then true. Errors: a *KeepRefusedError, and those of
// record.Store.Keep.
func (s *Service) Keep(ctx context.Context, r *review.Report, i record.Import, files *tables.FS) (kept *record.Import, again bool, err error) {
	if err := CheckKeep(&i); err != nil {
		return nil, false, err
	}
	if i.Source == "" {
		return nil, false, refuseKeep("no_source", diagnostic.Textf("没有写来源", "the source is not named"), diagnostic.Textf("写上部门或营业厅", "name the department or the hall"))
	}
	if r.Month == "" {
		return nil, false, refuseKeep("no_month", diagnostic.Textf("没有留存：不知道是哪个月的", "not kept: the month is not known"), diagnostic.Textf("选月份", "choose the month"))
	}
	if err := ofTheMonth(r); err != nil {
		return nil, false, err
	}
	i.Month = r.Month
	if i.Summary, err = json.Marshal(r.Totals); err != nil {
		return nil, false, err
	}
	kept, err = s.Store.Keep(ctx, i, files, files.Names())
	var there *record.ReplacedError
	if errors.As(err, &there) {
		same, err := s.sameFiles(ctx, there.Import, files)
		switch {
		case err != nil:
			return nil, false, err
		case same != nil:
			return same, true, nil
		}
		return nil, false, there
	}
	return kept, false, err
}

// KeptAlready says that tables take the place of others, or of some that were erased,
// for a reason only, and what to do.
func KeptAlready(e *record.ReplacedError) (message, remedy diagnostic.Text) {
	if e.Erased {
		return diagnostic.Textf("这个月、这个来源的表留存过（第 %d 号），已被抹去", "tables of this month and source were kept, as number %d, and erased since", e.Import),
			diagnostic.Text{ZH: "仍要留存的，写明原因", EN: "to keep some again, say why"}
	}
	return diagnostic.Textf("这个月、这个来源的表已经留存过（第 %d 号）", "tables of this month and source are kept already, as number %d", e.Import),
		diagnostic.Text{ZH: "要更正的，写明原因；原来的表仍可查看", EN: "to correct them, say why; the earlier ones can still be looked at"}
}

// ofTheMonth refuses tables of which all that say their month say another one:
// under the wrong month they would be compared with the wrong ones.
func ofTheMonth(r *review.Report) error {
	for _, s := range r.Sections {
		if s.Totals.Outside == 0 || s.Totals.Records > 0 {
			continue
		}
		n := strconv.Itoa(s.Totals.Outside)
		return refuseKeep("other_month", diagnostic.Text{
			ZH: "没有留存：“" + s.Title.ZH + "”没有 " + r.Month + " 的记录，" + n + " 条都是别的月份的",
			EN: "not kept: “" + s.Title.EN + "” has no record of " + r.Month + ", and " + n + " of other months",
		}, diagnostic.Textf("选对月份，或换成那个月的表", "choose the month that they are of, or the tables of that month"))
	}
	if r.Totals.Records == 0 {
		return refuseKeep("other_month", diagnostic.Textf("没有留存：表里没有 %s 的记录", "not kept: the tables have no record of %s", r.Month),
			diagnostic.Textf("选对月份，看表里有没有记录", "choose the month that they are of, and see that they have records"))
	}
	return nil
}

// sameFiles is an import if it has the very files still; nil otherwise.
func (s *Service) sameFiles(ctx context.Context, id int64, files *tables.FS) (*record.Import, error) {
	i, err := s.Store.Import(ctx, id)
	if err != nil {
		return nil, err
	}
	if !i.Erased.IsZero() {
		return nil, nil // they are not there any more
	}
	names := files.Names()
	if len(names) != len(i.Files) {
		return nil, nil
	}
	for _, f := range i.Files {
		if !slices.Contains(names, f.Name) {
			return nil, nil
		}
		sum, err := record.SumOf(files, f.Name)
		if err != nil || sum != f.SHA256 {
			return nil, err
		}
	}
	return i, nil
}
