package api

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/internal/span"
	"github.com/servicerules/rulebook/server/problem"
)

const (
	jsonLines = "application/jsonl"
	ndjson    = "application/x-ndjson" // the other name in use

	inFlight   = 64      // lines that are worked on at once, where they are short
	placeBytes = 8 << 10 // a longer line counts as several
)

// askMany answers a stream of questions, line by line and in order. It reads no
// faster than the answers are taken, so a caller must read while he sends.
func (a *api) askMany(w http.ResponseWriter, r *http.Request) error {
	q, err := askingOf(r)
	if err != nil {
		return err
	}
	// What is wrong with the question or the readings is said once.
	rules := a.Rules.Current()
	var unknown *policy.UnknownQuestionError
	if _, err := rules.Book.Check(q.Question, []byte("{}")); errors.As(err, &unknown) {
		return err
	}
	if _, err := rules.With(q.Readings); err != nil {
		return err
	}
	release, err := a.Streaming()
	if err != nil {
		return err
	}
	defer release()
	door.Unpaced(r.Context())
	_ = http.NewResponseController(w).EnableFullDuplex() // HTTP/2 is so by nature
	w.Header().Set("Content-Type", jsonLines)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Add("Vary", "Accept-Language")
	w.WriteHeader(http.StatusOK)

	// The server cancels a request's context at any error of reading, also when
	// reading is ended on purpose; lines that were read are answered all the
	// same.
	ctx, cancel := context.WithCancel(span.Whole(context.WithoutCancel(r.Context())))
	defer cancel()
	s := &stream{api: a, asking: q, request: r, patience: patienceFor(w, r), lang: problem.Language(r), answers: make(chan pending, inFlight), places: make(chan struct{}, inFlight)}
	defer s.patience.restore()
	defer context.AfterFunc(r.Context(), s.patience.unblock)() // where the caller is gone
	var reading, stopping sync.WaitGroup
	reading.Go(func() { s.read(ctx) })
	if a.options.Stopping != nil {
		stopping.Go(func() {
			select {
			case <-ctx.Done():
			case <-a.options.Stopping:
				s.stopped.Store(true)
				s.patience.unblock()
			}
		})
	}
	err = s.write(w)
	if err != nil {
		cancel()
		s.patience.unblock()
	}
	for range s.answers { // what nobody takes any more
	}
	reading.Wait()
	cancel()
	stopping.Wait()
	if failure := s.failure.Load(); failure != nil {
		panic(*failure) // as if it had happened here
	}
	if err != nil {
		panic(http.ErrAbortHandler) // the caller is gone, or must not take this for the end
	}
	return nil
}

// pending is a line that is worked on.
type pending struct {
	ready  chan []byte
	places int
}

// stream is one call of ask-many.
type stream struct {
	*api
	asking   *asking
	request  *http.Request
	patience patience
	lang     string
	answers  chan pending  // in the order of the lines
	places   chan struct{} // of lines that are not answered yet
	stopped  atomic.Bool   // the server is about to end
	failure  atomic.Pointer[any]
}

// write sends the answers as they become ready. A nil answer ends the stream
// as one that was cut off.
func (s *stream) write(w io.Writer) error {
	out := bufio.NewWriterSize(w, 32<<10)
	for next := range s.answers {
		line := <-next.ready
		s.give(next.places)
		if line == nil {
			return errors.New("cut off")
		}
		s.patience.write()
		if _, err := out.Write(line); err != nil {
			return err
		}
		if len(s.answers) > 0 {
			continue
		}
		if err := out.Flush(); err != nil {
			return err
		}
		if err := s.patience.control.Flush(); err != nil {
			return err
		}
	}
	return out.Flush()
}

// read takes line after line, as long as there is room for its answer.
func (s *stream) read(ctx context.Context) {
	defer close(s.answers)
	in := bufio.NewReaderSize(s.request.Body, MaxFacts)
	caller := door.CallerOf(ctx)
	for number := 1; ; number++ {
		s.patience.read()
		if s.stopped.Load() {
			s.patience.unblock()
		}
		line, err := in.ReadSlice('\n')
		long := errors.Is(err, bufio.ErrBufferFull)
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = in.ReadSlice('\n')
		}
		end := err != nil
		cut := end && !errors.Is(err, io.EOF)
		var answer func() []byte
		switch {
		case cut && s.stopped.Load():
			answer = func() []byte {
				return s.problem(number, later("stopping", "服务正在停止", "the server is stopping"))
			}
		case cut:
			answer = func() []byte { return s.problem(number, unreadable()) }
		case long:
			answer = func() []byte { return s.problem(number, tooManyFacts()) }
		case !blank(line):
			facts := append([]byte(nil), line...)
			answer = func() []byte { return s.answer(ctx, number, facts) }
		}
		if answer != nil {
			if err := caller.Wait(ctx); errors.Is(err, door.ErrEnded) {
				answer, end = func() []byte { return s.problem(number, endedCredential()) }, true
			} else if err != nil {
				return
			}
			places, ok := s.hold(ctx, min(len(line), MaxFacts))
			if !ok {
				return
			}
			s.work(answer, places)
		}
		if end || ctx.Err() != nil {
			return
		}
	}
}

// hold waits until a line may be held beside those that are not answered yet:
// it takes a place, or several where it is long.
func (s *stream) hold(ctx context.Context, n int) (places int, ok bool) {
	places = 1 + (n-1)/placeBytes
	for range places {
		select {
		case s.places <- struct{}{}:
		case <-ctx.Done():
			return 0, false
		}
	}
	return places, true
}

func (s *stream) give(places int) {
	for range places {
		<-s.places
	}
}

// work has an answer found while the next line is read.
func (s *stream) work(answer func() []byte, places int) {
	ready := make(chan []byte, 1)
	s.answers <- pending{ready, places}
	go func() {
		defer func() {
			if failure := recover(); failure != nil {
				s.failure.Store(&failure)
				ready <- nil
			}
		}()
		ready <- answer()
	}()
}

func blank(line []byte) bool {
	for _, c := range line {
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return false
		}
	}
	return true
}

// answer answers one line.
func (s *stream) answer(ctx context.Context, number int, facts []byte) []byte {
	q := *s.asking
	q.Facts = facts
	if !q.record {
		asked, err := s.Ask(ctx, q.Asking)
		if err != nil {
			return s.problem(number, s.problemOf(err))
		}
		return append(asked.Answer.AppendJSON(nil, q.explain), '\n')
	}
	if q.key != "" {
		q.key += "\x00" + strconv.Itoa(number)
	}
	done, err := s.Record(ctx, q.Asking, q.once(s.request, facts))
	if err != nil {
		return s.problem(number, s.problemOf(err))
	}
	line := append([]byte(`{"decision":"`), done.Entry.ID()...)
	line = append(append(line, `","hash":"`...), done.Entry.Hash.String()...)
	line = append(append(line, `","answer":`...), done.Answer...)
	return append(line, "}\n"...)
}

// problem is the line for one that could not be answered.
func (s *stream) problem(number int, p *problem.Problem) []byte {
	document := p.In(s.lang, door.RequestID(s.request.Context()))
	document.Line = 0 // within the line there is only one
	data, err := json.Marshal(ErrorLine{Line: number, Problem: document})
	if err != nil {
		return nil // a Document can always be written
	}
	return append(data, '\n')
}

// endedCredential says why a stream is not read on.
func endedCredential() *problem.Problem {
	return problem.New(http.StatusUnauthorized, "credential_ended", problem.Text{ZH: "所用的令牌已失效，其余各行没有处理", EN: "the credential is valid no longer; the other lines were not worked on"},
		problem.Text{ZH: "用有效的令牌发送这一行及以后各行", EN: "send this line and those behind it with a valid one"})
}
