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
)

// Limits of what a client may send.
const (
	maxMessage = 16 << 20 // bytes of a message
	maxHeader  = 8 << 10  // bytes of its head
)

// connection reads and writes messages: each has a head that says how long it
// is, and a body of JSON.
type connection struct {
	in *bufio.Reader

	writing sync.Mutex
	out     io.Writer
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

// write sends a message.
func (c *connection) write(message any) error {
	body, err := json.Marshal(message)
	if err != nil {
		return err
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	_, err = c.out.Write(append([]byte("Content-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"), body...))
	return err
}
