package changing

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/servicerules/rulebook/server/record"
)

// States, kinds of steps and reasons of failures are said in both languages, a
// Chinese sentence without English.
func TestEverythingHasWords(t *testing.T) {
	for _, s := range []State{Draft, Proposed, Refused, Approved, Scheduled, Publishing, Published, Superseded, Withdrawn} {
		assert.Regexp(t, `^\p{Han}+$`, s.Text().ZH, s)
		assert.NotEmpty(t, s.Text().EN, s)
	}
	for _, kind := range append([]string{record.ChangePublishing, record.ChangeFailed}, record.ChangeKinds...) {
		assert.Regexp(t, `^\p{Han}+$`, KindText(kind).ZH, kind)
		assert.NotEmpty(t, KindText(kind).EN, kind)
	}
	for _, code := range []string{FailedBase, FailedUnfit, FailedWriting, FailedInterrupted, FailedApprover} {
		assert.Regexp(t, `^[\p{Han}，；（）]+$`, Failure(code).ZH, code)
		assert.NotEmpty(t, Failure(code).EN, code)
	}
	assert.Equal(t, "规则文件写不进去：open: no space left on device", Failure(FailedWriting+": open: no space left on device").ZH, "what the system said stays as it was")
}
