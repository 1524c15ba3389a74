package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"strconv"
	"time"
)

// caller asks one question after the other on a connection of its own, and
// notes how long each took. It speaks as little HTTP as it can: it runs on the
// processors that it measures.
func caller(ctx context.Context, addr string, number int, recorded bool) ([]time.Duration, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	in := bufio.NewReaderSize(conn, 32<<10)
	query, want := "", "HTTP/1.1 200 "
	if recorded {
		query, want = "?record=1", "HTTP/1.1 201 "
	}
	var took []time.Duration
	var request []byte
	for i := 0; i == 0 || ctx.Err() == nil; i++ { // once at least, on a machine that has other things to do
		facts := fmt.Sprintf(`{"request":{"kind":"install","area_type":"urban","papers_complete_at":"2025-06-%02dT10:00:00+08:00","completed_at":"2025-06-17T09:00:00+08:00","direct":"S%d"}}`, i%16+1, number)
		request = fmt.Appendf(request[:0], "POST /v1/questions/time_limit.request/ask%s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", query, len(facts), facts)
		started := time.Now()
		if _, err := conn.Write(request); err != nil {
			return nil, err
		}
		if err := answer(in, want); err != nil {
			return nil, err
		}
		took = append(took, time.Since(started))
	}
	return took, nil
}

// answer reads an answer, which must have the status that is wanted.
func answer(in *bufio.Reader, want string) error {
	length := 0
	for first := true; ; first = false {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if first && !bytes.HasPrefix(line, []byte(want)) {
			return fmt.Errorf("the server answered %q", bytes.TrimSpace(line))
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			_, err = in.Discard(length)
			return err
		}
		if name, value, ok := bytes.Cut(line, []byte(": ")); ok && bytes.EqualFold(name, []byte("Content-Length")) {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return err
			}
		}
	}
}
