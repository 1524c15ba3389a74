package service

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/record"
)

// Erase has nothing left of what a record and the steps about it say of people: see
// record.Store.Erase. The reason is on record, and should name nobody. seen is the
// latest step that whoever erases knew of, 0 for none; nil where it does not matter.
// Errors: a *StepRefusedError, and those of record.Store.Erase.
func (s *Service) Erase(ctx context.Context, id, reason string, seen *int64, who people.Who) (*record.Step, error) {
	reason, err := whyErased(reason)
	if err != nil {
		return nil, err
	}
	steps, err := s.Store.Erase(ctx, []string{id}, record.StepBody{By: who.Title, Caller: who.Name, How: who.How, Person: who.Person, Reason: reason, Seen: seen})
	var refused *record.StepError
	if errors.As(err, &refused) {
		return nil, refusedStep(refused)
	}
	if err != nil {
		return nil, err
	}
	return steps[0], nil
}

// EraseImport has nothing left of the files of tables that are kept. Errors: a
// *StepRefusedError, and those of record.Store.EraseImport.
func (s *Service) EraseImport(ctx context.Context, number int64, reason string, who people.Who) error {
	reason, err := whyErased(reason)
	if err != nil {
		return err
	}
	return s.Store.EraseImport(ctx, number, who.Name, reason)
}

func whyErased(reason string) (string, error) {
	reason = strings.TrimSpace(reason)
	switch {
	case reason == "":
		return "", refuseStep("missing", "reason", "抹去须写明原因", "an erasure says why", "填原因，不要写出当事人", "fill in the reason, naming nobody")
	case !utf8.ValidString(reason) || utf8.RuneCountInString(reason) > longestReason:
		return "", refuseStep("too_long", "reason", "太长，或不是 UTF-8 文字", "something is too long, or no UTF-8 text",
			"理由最多 "+strconv.Itoa(longestReason)+" 字", "a reason has at most "+strconv.Itoa(longestReason)+" characters")
	}
	return reason, nil
}

// LogBusy reports whether something was erased from the file, and may stand in its
// log still.
func LogBusy(err error) bool {
	var busy *record.LogBusyError
	return errors.As(err, &busy)
}
