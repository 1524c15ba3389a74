package tables_test

import (
	"bytes"
	"errors"
	"mime/multipart"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/examples/server/tables"
)

// form is a form with the given files (name, content, …) and a value.
func form(t *testing.T, files ...string) *multipart.Reader {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	require.NoError(t, w.WriteField("month", "2025-06"))
	for i := 0; i+1 < len(files); i += 2 {
		p, err := w.CreateFormFile("tables", files[i])
		require.NoError(t, err)
		_, err = p.Write([]byte(files[i+1]))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return multipart.NewReader(&b, w.Boundary())
}

func TestRead(t *testing.T) {
	fsys, values, err := tables.Read(form(t, "areas.csv", "record\n", `C:\months\requests.csv`, "record,x\n", "review.yaml", "month: 2025-06\n"), 1000)
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"month": "2025-06"}, values)
	assert.Equal(t, "record,x\n", string(fsys["requests.csv"]))
	require.NoError(t, fstest.TestFS(fsys, "areas.csv", "requests.csv", "review.yaml"))
}

func TestReadRefuses(t *testing.T) {
	for code, files := range map[string][]string{
		"too_large":      {"areas.csv", strings.Repeat("x", 1001)},
		"unknown_file":   {"areas.xlsx", "x"},
		"duplicate_file": {"areas.csv", "x", "other/areas.csv", "x"},
		"bad_file_name":  {"..", "x"},
	} {
		_, _, err := tables.Read(form(t, files...), 1000)
		var refused *tables.Error
		require.True(t, errors.As(err, &refused), "%s: %v", code, err)
		assert.Equal(t, code, refused.Code)
		assert.NotEmpty(t, refused.Message.ZH)
		assert.NotEmpty(t, refused.Remedy.EN)
	}
}
