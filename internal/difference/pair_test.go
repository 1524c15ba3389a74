package difference_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/difference"
)

// What a changed book refuses to be asked at all – a question or a reading that it has
// no more – is told in the language of who reads.
func TestRefusalsInWords(t *testing.T) {
	t.Parallel()
	old, without := edited(t, gulin, "      separate: {zh: 另用农村日历", "      rural: {zh: 另用农村日历", "same: none, separate: rural", "same: none, rural: rural")
	other, err := rulebook.Parse("kiosk.yaml", []byte(lendingBook))
	require.NoError(t, err)
	asking := difference.Asking{
		ID: "a", Question: "time_limit.request", AsOf: time.Date(2025, 6, 10, 0, 0, 0, 0, time.UTC),
		Facts:    `{"request":{"kind":"install","area_type":"urban","papers_complete_at":"2025-06-09T10:00:00+08:00"}}`,
		Readings: [][2]string{{"calendar.rural", "separate"}},
	}
	unchosen := asking
	unchosen.Readings = nil
	for _, x := range []struct {
		difference.Asking
		changed *rulebook.Book
		zh, en  string
	}{
		{asking, without, "不能判断（没有这个读法或选项：calendar.rural=separate）", "cannot be answered (no such reading or option: calendar.rural=separate)"},
		{unchosen, other, "不能判断（没有这个问题：time_limit.request）", "cannot be answered (no such question: time_limit.request)"},
	} {
		differences, asked := difference.PairOf(old, x.changed).Ask(t.Context(), x.Asking)
		require.True(t, asked)
		for lang, want := range map[string]string{"zh": x.zh, "en": x.en} {
			said := difference.DifferencesOf(old.Rulebook(), x.changed.Rulebook(), asking.Question, differences, lang)
			assert.True(t, strings.HasSuffix(said, " → "+want), said)
		}
	}
}
