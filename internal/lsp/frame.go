package lsp

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Limits of what a client may send.
const (
	maxMessage = 16 << 20 // bytes of a message
	maxHeader  = 8 << 10  // bytes of its head
)

// connection reads and writes messages: each has a head that says how long it
// is, and a body of JSON. What is written waits its turn, so that nobody stands
// still until the client reads: it may be writing itself.
type connection struct {
	in  *bufio.Reader
	out io.Writer

	mu      sync.Mutex
	waiting [][]byte
	err     error         // of writing, after which nothing more is written
	wake    chan struct{} // there is something waiting
	ended   chan struct{} // nothing more will
	done    chan struct{} // all is written
}

func connect(in io.Reader, out io.Writer) *connection {
	c := &connection{in: bufio.NewReader(in), out: out, wake: make(chan struct{}, 1), ended: make(chan struct{}), done: make(chan struct{})}
	go c.writeLoop()
	return c
}

// writeLoop writes what waits, until nothing more will.
func (c *connection) writeLoop() {
	defer close(c.done)
	for ended := false; ; {
		c.mu.Lock()
		next := c.waiting
		c.waiting = nil
		failed := c.err != nil
		c.mu.Unlock()
		for _, m := range next {
			if failed {
				break
			}
			if _, err := c.out.Write(m); err != nil {
				c.mu.Lock()
				c.err, failed = err, true
				c.mu.Unlock()
			}
		}
		if len(next) > 0 {
			continue
		}
		if ended {
			return
		}
		select {
		case <-c.wake:
		case <-c.ended:
			ended = true
		}
	}
}

// lastWords is how long a client has to read what is left at the end.
const lastWords = 2 * time.Second

// close ends the writing. What a client does not read is lost.
func (c *connection) close() {
	close(c.ended)
	select {
	case <-c.done:
	case <-time.After(lastWords):
	}
}

// read is the next message as it stands. io.EOF is the end of all messages.
func (c *connection) read() ([]byte, error) {
	length, head := -1, 0
	for {
		line, err := c.in.ReadString('\n')
		if head += len(line); head > maxHeader {
			return nil, errors.New("the head of a message is too long")
		}
		if err != nil {
			if head > 0 && errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			break
		}
		if name, value, ok := strings.Cut(line, ":"); ok && strings.EqualFold(strings.TrimSpace(name), "Content-Length") {
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil || length < 0 {
				return nil, fmt.Errorf("Content-Length is %q", value)
			}
		}
	}
	if length < 0 || length > maxMessage {
		return nil, fmt.Errorf("a message needs a Content-Length from 0 to %d", maxMessage)
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(c.in, body); err != nil {
		return nil, io.ErrUnexpectedEOF
	}
	return body, nil
}

// write sends a message, in its turn. The error is that of an earlier one.
func (c *connection) write(message any) error {
	body, err := json.Marshal(message)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = append(c.waiting, append([]byte("Content-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"), body...))
	select {
	case c.wake <- struct{}{}:
	default:
	}
	return c.err
}
