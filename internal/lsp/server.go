package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
)

// Config is what a server is told from outside.
type Config struct {
	Version string
	Lang    string // zh or en, where the client does not say
	Rules   string // the rules file that cases are run against, "" for the nearest
	Today   func() date.Date
	Files   Files
}

// Files reads files beside those that are open.
type Files interface {
	// ReadFile is the content of a file.
	ReadFile(path string) ([]byte, error)
	// YAML are the names of the YAML files in a folder, at most some hundreds.
	YAML(folder string) []string
	// Cases are the paths of the files of cases that lie beside a rules file, at
	// most some hundreds.
	Cases(rules string) []string
}

// server is one client's session.
type server struct {
	Config
	conn  *connection
	roots []string // folders that the client has opened
	state state
	// refreshLenses says that the client can be told to ask for lenses anew.
	refreshLenses bool

	ctx     context.Context // ends with the session
	working sync.WaitGroup  // what takes a while
	fixing  sync.Mutex      // fixes are tried one after the other
	running sync.Mutex      // so are cases run

	// What follows is shared with what works beside the messages.
	mu        sync.Mutex
	asked     int                  // requests of ours
	documents map[string]*document // by path
	books     map[string]*book     // by the path of the main file
	own       *book                // the built-in rulebook, once it is asked for
	published map[string]string    // what the client was told last of each path
	wake      chan struct{}        // something has changed
}

// state is how far the session is.
type state uint8

const (
	fresh state = iota
	ready
	shutDown
)

// errExit ends a session.
var errExit = errors.New("exit")

// ErrNoShutdown is what a session comes to that the client ended without asking
// for a shutdown before.
var ErrNoShutdown = errors.New("the client left without asking for a shutdown")

// Serve speaks with a client until it says goodbye, the input ends or the
// context does. The error is nil where the client took its leave properly, io.EOF
// where the input ended between messages, an *InputError where it is none of the
// protocol. Where the context ends, a read that is waiting for input is left
// waiting, since it cannot be broken off.
func Serve(ctx context.Context, in io.Reader, out io.Writer, config Config) error {
	ctx, cancel := context.WithCancel(ctx)
	s := &server{
		Config: config, ctx: ctx, conn: connect(in, out),
		documents: map[string]*document{}, books: map[string]*book{}, published: map[string]string{}, wake: make(chan struct{}, 1),
	}
	defer s.conn.close()
	var checker sync.WaitGroup
	checker.Go(func() { s.checkLoop(ctx) })
	defer checker.Wait()
	defer s.working.Wait()
	defer cancel()
	type input struct {
		body []byte
		err  error
	}
	inputs := make(chan input)
	go func() {
		for {
			body, err := s.conn.read()
			select {
			case inputs <- input{body, err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	for {
		var next input
		select {
		case <-ctx.Done():
			return ctx.Err()
		case next = <-inputs:
		}
		err := next.err
		if err == nil {
			err = s.message(next.body)
		}
		switch {
		case errors.Is(err, errExit) && s.state == shutDown:
			return nil
		case errors.Is(err, errExit):
			return ErrNoShutdown
		case err != nil:
			return err
		}
	}
}

// message handles a message. Only what ends the session is an error.
func (s *server) message(body []byte) error {
	var m message
	if err := json.Unmarshal(body, &m); err != nil {
		return s.conn.write(message{JSONRPC: "2.0", Error: &responseError{parseError, err.Error()}})
	}
	if m.Method == "exit" {
		return errExit
	}
	if m.Method == "" {
		if m.ID != nil && m.Params != nil {
			return s.conn.write(message{JSONRPC: "2.0", ID: m.ID, Error: &responseError{invalidRequest, "a method is needed"}})
		}
		return nil // an answer to a request of ours, of which none needs one
	}
	result, err := s.handled(&m)
	if m.ID == nil {
		if err != nil && !strings.HasPrefix(m.Method, "$/") {
			s.log(m.Method + ": " + err.Error())
		}
		return nil
	}
	if work, ok := result.(later); ok && err == nil {
		s.working.Go(func() {
			result, err := guarded(func() (any, error) { return work(s.ctx) })
			_ = s.answer(m.ID, result, err) // that the client is gone, reading tells
		})
		return nil
	}
	return s.answer(m.ID, result, err)
}

// later is a result that takes a while.
type later func(ctx context.Context) (any, error)

// answer answers a request.
func (s *server) answer(id *json.RawMessage, result any, err error) error {
	if err != nil {
		refused := &responseError{requestFailed, err.Error()}
		errors.As(err, &refused)
		return s.conn.write(message{JSONRPC: "2.0", ID: id, Error: refused})
	}
	return s.conn.write(response{"2.0", id, result})
}

// guarded has something done of which a mistake of ours is an error like any
// other: an editor may not lose its server over it.
func guarded(do func() (any, error)) (result any, err error) {
	defer func() {
		if caught := recover(); caught != nil {
			err = &responseError{internalError, fmt.Sprintf("%v\n%s", caught, debug.Stack())}
		}
	}()
	return do()
}

// handled is the result of a message.
func (s *server) handled(m *message) (any, error) {
	handle := handlerOf(m.Method)
	switch {
	case handle == nil:
		return nil, &responseError{methodNotFound, "there is no method " + m.Method}
	case s.state == fresh && m.Method != "initialize":
		return nil, &responseError{notInitialized, "the first request is initialize"}
	case s.state == shutDown:
		return nil, &responseError{invalidRequest, "the session is shut down"}
	}
	return guarded(func() (any, error) { return handle(s, m.Params) })
}

// handler handles the messages of one method.
type handler func(*server, json.RawMessage) (any, error)

// with reads the parameters that a handler takes.
func with[P any](handle func(*server, P) (any, error)) handler {
	return func(s *server, raw json.RawMessage) (any, error) {
		var params P
		if len(raw) > 0 {
			if err := json.Unmarshal(raw, &params); err != nil {
				return nil, &responseError{invalidParams, err.Error()}
			}
		}
		return handle(s, params)
	}
}

// handlerOf is what handles the messages of a method; nil for none.
func handlerOf(method string) handler {
	switch method {
	case "initialize":
		return with((*server).initialize)
	case "initialized", "$/cancelRequest", "$/setTrace", "textDocument/didSave":
		return with(nothing)
	case "shutdown":
		return with((*server).shutdown)
	case "textDocument/didOpen":
		return locked((*server).didOpen)
	case "textDocument/didChange":
		return locked((*server).didChange)
	case "textDocument/didClose":
		return locked((*server).didClose)
	case "workspace/didChangeWatchedFiles":
		return locked((*server).filesChanged)
	case "workspace/executeCommand":
		return locked((*server).executeCommand)
	case "textDocument/completion":
		return locked((*server).completion)
	case "textDocument/hover":
		return locked((*server).hover)
	case "textDocument/definition":
		return locked((*server).definition)
	case "textDocument/references":
		return locked((*server).references)
	case "textDocument/documentHighlight":
		return locked((*server).highlights)
	case "textDocument/prepareRename":
		return locked((*server).prepareRename)
	case "textDocument/rename":
		return locked((*server).rename)
	case "textDocument/documentSymbol":
		return locked((*server).outline)
	case "textDocument/formatting":
		return locked((*server).formatting)
	case "textDocument/codeAction":
		return locked((*server).codeAction)
	case "textDocument/codeLens":
		return locked((*server).codeLens)
	}
	return nil
}

func nothing(*server, struct{}) (any, error) { return nil, nil }

// object is a JSON object.
type object = map[string]any

func (s *server) initialize(p initializeParams) (any, error) {
	if s.state != fresh {
		return nil, &responseError{invalidRequest, "the session is open already"}
	}
	s.state = ready
	s.refreshLenses = p.Capabilities.Workspace.CodeLens.RefreshSupport
	for _, locale := range []string{p.InitializationOptions.Locale, p.Locale} {
		if locale != "" {
			s.Lang = "en"
			if strings.HasPrefix(strings.ToLower(locale), "zh") {
				s.Lang = "zh"
			}
			break
		}
	}
	if p.InitializationOptions.Rules != "" {
		s.Rules = p.InitializationOptions.Rules
	}
	for _, folder := range p.WorkspaceFolders {
		s.roots = append(s.roots, pathOf(folder.URI))
	}
	if len(s.roots) == 0 && p.RootURI != "" {
		s.roots = []string{pathOf(p.RootURI)}
	}
	return object{
		"serverInfo": object{"name": "rulebook", "version": s.Version},
		"capabilities": object{
			"positionEncoding":   "utf-16",
			"textDocumentSync":   object{"openClose": true, "change": 2, "save": true},
			"completionProvider": object{"triggerCharacters": []string{".", "\"", "'", " ", ":", "[", "{"}},
			"hoverProvider":      true, "definitionProvider": true, "referencesProvider": true, "documentHighlightProvider": true,
			"renameProvider": object{"prepareProvider": true}, "documentSymbolProvider": true,
			"documentFormattingProvider": true,
			"codeActionProvider":         object{"codeActionKinds": []string{"quickfix"}},
			"codeLensProvider":           object{}, "executeCommandProvider": object{"commands": []string{runCommand}},
		},
	}, nil
}

func (s *server) shutdown(struct{}) (any, error) {
	s.state = shutDown
	return nil, nil
}

// t is a text in the language of the client.
func (s *server) t(text diagnostic.Text) string { return text.In(s.Lang) }

// log tells the client what only whoever looks for a mistake wants to know.
func (s *server) log(text string) { s.notify("window/logMessage", object{"type": 2, "message": text}) }

// notify sends what needs no answer. That the client is gone, reading tells.
func (s *server) notify(method string, params any) {
	_ = s.conn.write(struct {
		JSONRPC string `json:"jsonrpc"`
		Method  string `json:"method"`
		Params  any    `json:"params"`
	}{"2.0", method, params})
}
