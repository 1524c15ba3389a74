package editor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/testsize"
)

func nothingDiffers(*Project, *Project) diagnostic.Text { return diagnostic.Text{} }

// Of every mistake that there is an example of: what is mended leaves fewer
// findings, and nothing that would be mended then; where nothing is, no byte is
// different. RULEBOOK_TESTS=all tries all of them.
func TestFixAllMistakes(t *testing.T) {
	type change struct{ Replace, With string }
	sound := library(t)
	files, err := filepath.Glob("../load/testdata/mistakes/*.yaml")
	require.NoError(t, err)
	mended := 0
	for _, file := range files {
		if len(filepath.Base(file))%testsize.Pick(20, 5, 1) > 0 { // some, whichever others there are
			continue
		}
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		var all []struct {
			Replace, With string
			And           []change
			Files         []any
		}
		require.NoError(t, yaml.Unmarshal(data, &all))
		for _, m := range all {
			if len(m.Files) > 0 {
				continue
			}
			wrong := strings.NewReplacer("«", "", "»", "").Replace(m.With)
			text := strings.Replace(sound, m.Replace, wrong, 1)
			for _, c := range m.And {
				c.With = strings.NewReplacer("«", "", "»", "").Replace(c.With)
				text = strings.Replace(text, c.Replace, c.With, 1)
			}
			p := Open(text, func(string) ([]byte, error) { return nil, os.ErrNotExist }, nil)
			after, done, left := p.FixAll(t.Context(), nothingDiffers)
			assert.Equal(t, len(after.all()), len(left), "%s: %s", file, m.With)
			if len(done) == 0 {
				assert.Equal(t, text, after.files[0].text.s)
				continue
			}
			mended++
			again, more, _ := after.FixAll(t.Context(), nothingDiffers)
			assert.Empty(t, more, "%s: %s", file, m.With)
			assert.Equal(t, after.files[0].text.s, again.files[0].text.s)
			assert.Less(t, len(after.all()), max(len(p.all()), 2), "%s: %s", file, m.With)
		}
	}
	t.Log(mended, "mended")
	assert.Greater(t, mended, testsize.Pick(0, 5, 5))
}

// What is only written otherwise, and what is not.
func TestSaysTheSame(t *testing.T) {
	for _, c := range []struct {
		old, now string
		same     bool
	}{
		{"＞", ">", true}, {"AND", "and", true}, {"≥", ">=", true}, {"、", ",", true}, {"2020/1/1", "2020-01-01", true}, {"01", "1", true}, {"5.00", "5", true},
		{"1,000", "1000", true}, {"1_000", "1000", true}, {"Month", "month", true}, {"是", "true", true}, {"yes", "true", true}, {"其他", "otherwise", true}, {"all", "otherwise", true}, {"late", "otherwise", false}, {"　   ", "    ", true},
		{"0", "1", false}, {"5-3", "3-5", false}, {"5", "5 working days", false}, {"maybe", "true", false}, {"-5, ", "", false}, {"1.5", "15", false},
		{"0.5 hours", "30 minutes", false}, {"noise; food", "noise", false}, {"09:00-12:00、14:00-18:00", "09:00-12:00", false}, {"no", "none", false}, {"<", ">", false}, {"zh: 目的", `"zh: 目的"`, false}, {`"`, "'", false}, {"“book”", `"book"`, true}, {`"01"`, "1", true}, {"", "x", false}, {"1,5", "15", false},
	} {
		assert.Equal(t, c.same, saysTheSame(c.old, c.now), "%q %q", c.old, c.now)
	}
	for _, c := range []struct {
		a, b  string
		alike bool
	}{{"amonut", "amount", true}, {"books", "book", true}, {"hold", "holds", true}, {"cn", "zh", false}, {"day", "date", false}, {"loan.start", "clock.start", false}, {"fine", "fined", true}} {
		assert.Equal(t, c.alike, speltAlike(c.a, c.b), "%q %q", c.a, c.b)
	}
}

// A change that would make a case come out differently is left.
func TestFixThatDiffersIsLeft(t *testing.T) {
	p := Open(strings.Replace(library(t), "breach: overdue\n", "breach: overduee\n", 1), nil, nil)
	require.NotNil(t, p.Book())
	_, done, left := p.FixAll(t.Context(), nothingDiffers)
	assert.Len(t, done, 1, "%v", p.all())
	assert.Empty(t, left)
	case7 := diagnostic.Text{ZH: "用例七不同", EN: "case 7 differs"}
	after, done, left := p.FixAll(t.Context(), func(before, after *Project) diagnostic.Text {
		assert.NotEqual(t, before.All(), after.All())
		return case7
	})
	assert.Empty(t, done)
	require.Len(t, left, 1)
	assert.Equal(t, case7, left[0].Why)
	assert.Equal(t, p.All(), after.All())
}
