package lsp

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
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
	c := &connection{in: bufio.NewReaderSize(in, maxHeader), out: out, wake: make(chan struct{}, 1), ended: make(chan struct{}), done: make(chan struct{})}
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

// InputError says what about the input is no message of the protocol.
type InputError struct{ Message diagnostic.Text }

func (e *InputError) Error() string { return e.Message.EN }

func badInput(zh, en string) error { return &InputError{diagnostic.Text{ZH: zh, EN: en}} }

// endedWithin is what an input is that ends within a message.
func endedWithin() error {
	return badInput("输入在一条消息中间断了", "the input ended within a message")
}

// read is the next message as it stands. io.EOF is the end of all messages; an
// input that is none is an *InputError, told as soon as it is seen.
func (c *connection) read() ([]byte, error) {
	length, head := -1, 0
	for {
		line, err := c.in.ReadSlice('\n')
		head += len(line)
		switch {
		case errors.Is(err, bufio.ErrBufferFull), head > maxHeader:
			return nil, badInput("一条消息的头太长", "the head of a message is too long")
		case errors.Is(err, io.EOF) && head > 0:
			return nil, endedWithin()
		case err != nil:
			return nil, err
		}
		text := strings.TrimRight(string(line), "\r\n")
		if text == "" {
			break
		}
		name, value, ok := strings.Cut(text, ":")
		if !ok {
			return nil, badInput("消息的头应为“名称: 值”，现为 "+strconv.Quote(text), "the head of a message has lines of name: value, and not "+strconv.Quote(text))
		}
		if strings.EqualFold(strings.TrimSpace(name), "Content-Length") {
			value = strings.TrimSpace(value)
			if length, err = strconv.Atoi(value); err != nil || length < 0 {
				return nil, badInput("Content-Length 应为字节数，现为 "+strconv.Quote(value), "Content-Length is a number of bytes, and not "+strconv.Quote(value))
			}
		}
	}
	if length < 0 || length > maxMessage {
		return nil, &InputError{diagnostic.Textf("消息的头要有 Content-Length，从 0 到 %d", "the head of a message needs a Content-Length from 0 to %d", maxMessage)}
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(c.in, body); err != nil {
		return nil, endedWithin()
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
