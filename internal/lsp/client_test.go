package lsp_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/textproto"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/lsp"
)

// client speaks with a server over pipes, as an editor does. It shares no code
// with the server.
type client struct {
	t       testing.TB
	out     io.WriteCloser
	in      *bufio.Reader
	ended   chan error
	last    int
	unread  []reply // notifications that came before the answer to a request
	version map[string]int
}

type reply struct {
	ID     *int            `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

type place struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

type stretch struct {
	Start place `json:"start"`
	End   place `json:"end"`
}

type finding struct {
	Range    stretch `json:"range"`
	Severity int     `json:"severity"`
	Code     string  `json:"code"`
	Message  string  `json:"message"`
}

type published struct {
	URI         string    `json:"uri"`
	Version     int       `json:"version"`
	Diagnostics []finding `json:"diagnostics"`
}

type edit struct {
	Range   stretch `json:"range"`
	NewText string  `json:"newText"`
}

// files are those of the test, by their paths.
type files map[string]string

func (f files) ReadFile(path string) ([]byte, error) {
	if text, ok := f[filepath.ToSlash(path)]; ok {
		return []byte(text), nil
	}
	return nil, fs.ErrNotExist
}

func (f files) YAML(folder string) []string {
	var names []string
	for path := range f {
		if filepath.Dir(path) == filepath.ToSlash(folder) {
			names = append(names, filepath.Base(path))
		}
	}
	return names
}

func (f files) Cases(rules string) []string {
	var paths []string
	for path := range f {
		if strings.HasPrefix(path, filepath.ToSlash(filepath.Dir(rules))+"/cases/") {
			paths = append(paths, path)
		}
	}
	return paths
}

// today is when the tests take place.
var today = date.New(2026, time.March, 1)

// start begins a session.
func start(t testing.TB, locale string, files files) *client {
	t.Helper()
	toServer, fromClient := io.Pipe()
	toClient, fromServer := io.Pipe()
	c := &client{t: t, out: fromClient, in: bufio.NewReader(toClient), ended: make(chan error, 1), version: map[string]int{}}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		err := lsp.Serve(ctx, toServer, fromServer, lsp.Config{Version: "test", Lang: "en", Today: func() date.Date { return today }, Files: files})
		_ = toServer.Close()
		_ = fromServer.Close()
		c.ended <- err
	}()
	t.Cleanup(func() {
		cancel()
		_ = fromClient.Close()
		_ = toClient.Close()
	})
	c.ask("initialize", map[string]any{"locale": locale, "rootUri": "file:///work", "capabilities": map[string]any{}}, nil)
	c.tell("initialized", map[string]any{})
	return c
}

// send writes a message as it is.
func (c *client) send(body string) {
	_, err := fmt.Fprintf(c.out, "Content-Length: %d\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n%s", len(body), body)
	require.NoError(c.t, err)
}

func (c *client) tell(method string, params any) {
	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "method": method, "params": params})
	require.NoError(c.t, err)
	c.send(string(body))
}

// body is that of the next message.
func (c *client) body() ([]byte, error) {
	head, err := textproto.NewReader(c.in).ReadMIMEHeader()
	if err != nil {
		return nil, err
	}
	length, err := strconv.Atoi(head.Get("Content-Length"))
	if err != nil {
		return nil, err
	}
	body := make([]byte, length)
	_, err = io.ReadFull(c.in, body)
	return body, err
}

// receive reads the next message.
func (c *client) receive() reply {
	c.t.Helper()
	body, err := c.body()
	require.NoError(c.t, err)
	var r reply
	require.NoError(c.t, json.Unmarshal(body, &r), string(body))
	return r
}

// request sends a request and returns what is answered.
func (c *client) request(method string, params any) reply {
	c.t.Helper()
	c.last++
	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": c.last, "method": method, "params": params})
	require.NoError(c.t, err)
	c.send(string(body))
	for {
		r := c.receive()
		if r.ID != nil && *r.ID == c.last && r.Method == "" {
			return r
		}
		c.unread = append(c.unread, r)
	}
}

// ask wants a request to succeed, and reads its result.
func (c *client) ask(method string, params, result any) {
	c.t.Helper()
	r := c.request(method, params)
	require.Nil(c.t, r.Error, "%s: %+v", method, r.Error)
	if result != nil {
		require.NoError(c.t, json.Unmarshal(r.Result, result), string(r.Result))
	}
}

// notification is the next one of a method.
func (c *client) notification(method string) reply {
	c.t.Helper()
	for i, r := range c.unread {
		if r.Method == method {
			c.unread = append(c.unread[:i], c.unread[i+1:]...)
			return r
		}
	}
	for {
		if r := c.receive(); r.Method == method {
			return r
		}
	}
}

// findings waits for those of a file as it is now.
func (c *client) findings(path string) []finding {
	c.t.Helper()
	for {
		var p published
		require.NoError(c.t, json.Unmarshal(c.notification("textDocument/publishDiagnostics").Params, &p))
		if p.URI == uri(path) && p.Version == c.version[path] {
			return p.Diagnostics
		}
	}
}

// errorsAmong are the findings that are no warnings. Those about what has no
// effect come a little later.
func errorsAmong(found []finding) []finding {
	return slices.DeleteFunc(slices.Clone(found), func(f finding) bool { return f.Severity != 1 })
}

func uri(path string) string { return "file://" + path }

func (c *client) open(path, text string) {
	c.version[path]++
	c.tell("textDocument/didOpen", map[string]any{"textDocument": map[string]any{"uri": uri(path), "languageId": "rulebook", "version": c.version[path], "text": text}})
}

// write gives a file another text.
func (c *client) write(path, text string) {
	c.version[path]++
	c.tell("textDocument/didChange", map[string]any{"textDocument": map[string]any{"uri": uri(path), "version": c.version[path]}, "contentChanges": []any{map[string]any{"text": text}}})
}

// typeIn changes a stretch of a file.
func (c *client) typeIn(path string, at stretch, text string) {
	c.version[path]++
	c.tell("textDocument/didChange", map[string]any{"textDocument": map[string]any{"uri": uri(path), "version": c.version[path]}, "contentChanges": []any{map[string]any{"range": at, "text": text}}})
}

// placeOf is where a byte of a text is, counted anew: lines, which end with \n,
// \r\n or \r, and units of UTF-16.
func placeOf(text string, offset int) place {
	var p place
	for i, r := range text[:offset] {
		p = p.behind(r, text[i+1:])
	}
	return p
}

// offsetOf is the byte at a place.
func offsetOf(text string, p place) int {
	var at place
	for i, r := range text {
		if at.Line > p.Line || at.Line == p.Line && at.Character >= p.Character {
			return i
		}
		at = at.behind(r, text[i+1:])
	}
	return len(text)
}

// behind is the place behind a character, which others may follow.
func (p place) behind(r rune, rest string) place {
	switch {
	case r == '\n', r == '\r' && !strings.HasPrefix(rest, "\n"):
		return place{p.Line + 1, 0}
	case r > 0xffff:
		return place{p.Line, p.Character + 2}
	}
	return place{p.Line, p.Character + 1}
}

func under(text string, s stretch) string { return text[offsetOf(text, s.Start):offsetOf(text, s.End)] }

// applied is a text with edits made.
func applied(text string, edits []edit) string {
	for len(edits) > 0 {
		last := 0
		for i, e := range edits {
			if offsetOf(text, e.Range.Start) >= offsetOf(text, edits[last].Range.Start) {
				last = i
			}
		}
		e := edits[last]
		text = text[:offsetOf(text, e.Range.Start)] + e.NewText + text[offsetOf(text, e.Range.End):]
		edits = append(append([]edit{}, edits[:last]...), edits[last+1:]...)
	}
	return text
}

// at is a place in a file: offset bytes behind the nth occurrence of a text.
func at(path, text, mark string, offset int) map[string]any {
	return map[string]any{"textDocument": map[string]any{"uri": uri(path)}, "position": placeOf(text, strings.Index(text, mark)+offset)}
}

func rulesFile(t testing.TB) string {
	t.Helper()
	data, err := os.ReadFile("../../rules.yaml")
	require.NoError(t, err)
	return string(data)
}
