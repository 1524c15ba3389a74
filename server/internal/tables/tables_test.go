package tables_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/server/internal/spool"
	"github.com/servicerules/rulebook/server/internal/tables"
)

// form is a form with the given files (name, content, …) and a value.
func form(t *testing.T, files ...string) (body, media string) {
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
	return b.String(), w.FormDataContentType()
}

func TestRead(t *testing.T) {
	room := spool.NewRoom(t.TempDir(), 1<<20)
	body, media := form(t, "areas.csv", "record\n", `C:\months\requests.csv`, "record,x\n", "review.yaml", "month: 2025-06\n")
	fsys, values, err := tables.Read(strings.NewReader(body), media, room, 1000)
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"month": "2025-06"}, values)
	assert.Equal(t, []string{"areas.csv", "requests.csv", "review.yaml"}, fsys.Names())
	data, err := fs.ReadFile(fsys, "requests.csv")
	require.NoError(t, err)
	assert.Equal(t, "record,x\n", string(data))
	require.NoError(t, fstest.TestFS(fsys, "areas.csv", "requests.csv", "review.yaml"))
	require.NoError(t, fsys.Add("made.csv", func() table.Rows { return &rows{{"record"}, {"R1"}} }))
	made, err := fsys.Open("made.csv")
	require.NoError(t, err)
	got, ok := made.(table.Rows)
	require.True(t, ok)
	for _, want := range []string{"record", "R1"} {
		row, err := got.Row()
		require.NoError(t, err)
		assert.Equal(t, []string{want}, row)
	}
	_, err = got.Row()
	require.ErrorIs(t, err, io.EOF)
	_, err = io.ReadAll(made)
	require.ErrorIs(t, err, errors.ErrUnsupported)
	require.NoError(t, made.Close())
	require.NoError(t, fsys.Close())
	assert.EqualValues(t, 1<<20, room.Left())
}

type rows [][]string

func (r *rows) Row() ([]string, error) {
	if len(*r) == 0 {
		return nil, io.EOF
	}
	first := (*r)[0]
	*r = (*r)[1:]
	return first, nil
}

func TestReadRefuses(t *testing.T) {
	room := spool.NewRoom(t.TempDir(), 1<<20)
	for code, files := range map[string][]string{
		"too_large":      {"areas.csv", strings.Repeat("x", 1001)},
		"unknown_file":   {"areas.pdf", "x"},
		"duplicate_file": {"areas.csv", "x", "other/areas.csv", "x"},
		"bad_file_name":  {"..", "x"},
	} {
		body, media := form(t, files...)
		_, _, err := tables.Read(strings.NewReader(body), media, room, 1000)
		var refused *tables.Error
		require.True(t, errors.As(err, &refused), "%s: %v", code, err)
		assert.Equal(t, code, refused.Code)
		assert.NotEmpty(t, refused.Message.ZH)
		assert.NotEmpty(t, refused.Remedy.EN)
	}
	_, _, err := tables.Read(strings.NewReader(""), "text/csv", room, 1000)
	require.ErrorIs(t, err, http.ErrNotMultipart)
	body, media := form(t, "areas.csv", "record\n")
	_, _, err = tables.Read(strings.NewReader(body[:len(body)/2]), media, room, 1000)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.EqualValues(t, 1<<20, room.Left(), "what is refused is given back")
}

// What stands between the files of a form is bounded as well as they are.
func TestReadBoundsWhatIsBetween(t *testing.T) {
	const limit = 1 << 30
	room := spool.NewRoom(t.TempDir(), limit)
	const head = "--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"a.csv\"\r\n"
	for name, body := range map[string]string{
		"before the first":  strings.Repeat("x\r\n", 1<<20),
		"a line before it":  strings.Repeat("x", 200<<10) + "\r\n" + head + "\r\nrecord\r\n--x--",
		"a long header":     head + "X: " + strings.Repeat("x", 1<<20) + "\r\n\r\nrecord\r\n--x--",
		"many headers":      head + strings.Repeat("X: y\r\n", 1<<18) + "\r\nrecord\r\n--x--",
		"a long field":      "--x\r\nContent-Disposition: form-data; name=\"month\"\r\n\r\n" + strings.Repeat("2", 1<<20) + "\r\n--x--",
		"many fields":       manyFields(1000),
		"a long name field": "--x\r\nContent-Disposition: form-data; name=\"" + strings.Repeat("m", 1<<20) + "\"\r\n\r\n1\r\n--x--",
	} {
		_, _, err := tables.Read(strings.NewReader(body), "multipart/form-data; boundary=x", room, limit)
		var refused *tables.Error
		require.True(t, errors.As(err, &refused), "%s: %v", name, err)
		assert.Equal(t, "too_large", refused.Code, name)
		assert.Contains(t, refused.Message.EN, "beside its files", name)
	}
}

// A form that came whole and is none is told apart from one that did not come.
func TestReadBadForms(t *testing.T) {
	room := spool.NewRoom(t.TempDir(), 1<<20)
	for name, head := range map[string]string{
		"a zero byte in a name": "Content-Disposition: form-data; name=\"a\"; filename=\"a\x00.csv\"",
		"no colon":              "Content-Disposition form-data",
		"no name":               ": form-data",
	} {
		body := "--x\r\n" + head + "\r\n\r\nrecord\r\n--x--"
		for _, r := range []io.Reader{strings.NewReader(body), iotest.DataErrReader(strings.NewReader(body)), iotest.OneByteReader(strings.NewReader(body))} {
			_, _, err := tables.Read(r, "multipart/form-data; boundary=x", room, 1000)
			var refused *tables.Error
			require.True(t, errors.As(err, &refused), "%s: %v", name, err)
			assert.Equal(t, "bad_form", refused.Code, name)
		}
		for _, end := range []io.Reader{gone{}, strings.NewReader("")} {
			_, _, err := tables.Read(io.MultiReader(strings.NewReader(body[:len("--x\r\n")+8]), end), "multipart/form-data; boundary=x", room, 1000)
			var refused *tables.Error
			require.Error(t, err)
			assert.False(t, errors.As(err, &refused), "%s: %v", name, err)
		}
	}
	assert.EqualValues(t, 1<<20, room.Left())
}

// gone is a body whose connection broke.
type gone struct{}

func (gone) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }

func manyFields(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "--x\r\nContent-Disposition: form-data; name=\"f%d\"\r\n\r\n1\r\n", i)
	}
	return b.String() + "--x--"
}
