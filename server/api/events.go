package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/servicerules/rulebook/server/problem"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
)

type (
	// Event is something that happened.
	Event = service.Event
	// Events are what happened behind a cursor.
	Events struct {
		Events []Event `json:"events" jsonschema:"in their order"`
		Next   string  `json:"next" jsonschema:"cursor for after=, also where nothing happened"`
	}
)

const (
	eventStream = "text/event-stream"

	usualEvents = 100
	mostEvents  = 1000
	longestWait = 50 * time.Second // less than the server allows an answer
	streamTime  = 15 * time.Minute // then whoever follows asks again, by the credentials of then
	skimTime    = 2 * time.Second  // that one request looks for events of some types only
	nowCursor   = "now"            // behind all that has happened
)

// following is what somebody wants to know of events.
type following struct {
	after record.Cursor
	types []string // nil for all
	limit int
	wait  time.Duration
}

func (a *api) followingOf(r *http.Request) (*following, error) {
	query := r.URL.Query()
	f := &following{limit: usualEvents, types: query["type"]}
	for _, t := range f.types {
		if !slices.Contains(record.EventTypes, t) {
			return nil, badParameter("type", problem.Text{ZH: "没有这种事件", EN: "there is no such event"}, nearest(t, record.EventTypes))
		}
	}
	var err error
	if f.limit, err = number(query, "limit", usualEvents, mostEvents); err != nil {
		return nil, err
	}
	seconds, err := number(query, "wait", 0, int(longestWait/time.Second))
	if err != nil {
		return nil, err
	}
	f.wait = time.Duration(seconds) * time.Second
	name, after := "after", query.Get("after")
	if last := r.Header.Get("Last-Event-ID"); last != "" { // of a stream that was cut off
		name, after = "Last-Event-ID", last
	}
	switch after {
	case "":
		return f, nil
	case nowCursor:
		f.after, err = a.Store.CursorNow(r.Context())
		return f, err
	}
	if f.after, err = record.ParseCursor(after); err != nil {
		return nil, badParameter(name, problem.Text{ZH: "这不是游标", EN: "this is no cursor"}, problem.Text{ZH: "用上次得到的 next；从现在起写 after=now，从头起不写", EN: "send next of the answer before; after=now begins now, and without it all is told from the beginning"})
	}
	err = a.Store.CheckCursor(r.Context(), f.after)
	if errors.Is(err, record.ErrCursorGone) {
		p := problem.New(http.StatusGone, "cursor_gone", problem.Text{ZH: "游标所指的在本记录里没有：记录文件可能是恢复的备份", EN: "what the cursor has read is not on record: the file may be a backup that was restored"},
			problem.Text{ZH: "不带 after 从头读，按 id 去掉已有的；或写 after=now", EN: "read from the beginning, without after, and drop what you have by its id; or write after=now"})
		p.Parameter = name
		return nil, p
	}
	return f, err
}

// number is a parameter from 0, or from 1 where it has a usual value, on.
func number(query url.Values, name string, usual, most int) (int, error) {
	if !query.Has(name) {
		return usual, nil
	}
	n, err := strconv.Atoi(query.Get(name))
	if least := min(usual, 1); err != nil || n < least || n > most {
		return 0, badParameter(name, problem.Textf("应为 %d 至 %d 的整数", "a whole number from %d to %d is expected", least, most), problem.Textf("写 %[1]s=%[2]d", "write %[1]s=%[2]d", name, max(usual, 1)))
	}
	return n, nil
}

// next are events behind the cursor, which moves on. There may be none of the
// types that are wanted although others are passed over.
func (a *api) next(ctx context.Context, f *following) ([]record.Event, error) {
	began := time.Now()
	for {
		all, err := a.Store.Events(ctx, f.after, f.limit)
		if err != nil || len(all) == 0 {
			return nil, err
		}
		f.after = all[len(all)-1].After
		if f.types != nil {
			all = slices.DeleteFunc(all, func(e record.Event) bool { return !slices.Contains(f.types, e.Type) })
		}
		if len(all) > 0 || time.Since(began) > skimTime {
			return all, nil
		}
	}
}

// events tells what happened: at once, after a wait, or as a stream that goes on.
func (a *api) events(w http.ResponseWriter, r *http.Request) error {
	f, err := a.followingOf(r)
	if err != nil {
		return err
	}
	stream := strings.HasPrefix(r.Header.Get("Accept"), eventStream)
	if stream || f.wait > 0 {
		release, err := a.Reading()
		if err != nil {
			return err
		}
		defer release()
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept")
	wait := patienceFor(w, r)
	defer wait.restore()
	wait.forever()
	if stream {
		return a.streamEvents(w, r, f, wait)
	}
	timeout := time.NewTimer(f.wait)
	defer timeout.Stop()
	for {
		changed := a.Store.Changed()
		all, err := a.next(r.Context(), f)
		if err != nil {
			return err
		}
		if len(all) > 0 || f.wait == 0 {
			return sendEvents(w, wait, all, f.after)
		}
		select {
		case <-changed:
		case <-timeout.C:
			f.wait = 0
		case <-a.options.Stopping:
			f.wait = 0
		case <-r.Context().Done():
			return r.Context().Err()
		}
	}
}

func sendEvents(w http.ResponseWriter, wait patience, all []record.Event, after record.Cursor) error {
	out := Events{Events: []Event{}, Next: after.String()}
	for i := range all {
		out.Events = append(out.Events, service.EventOf(&all[i]))
	}
	data, err := marshal(out)
	if err != nil {
		return err
	}
	wait.write()
	return writeJSON(w, http.StatusOK, data)
}

// streamEvents sends events as they happen, as the living standard of HTML has
// it: the id of each is the cursor behind it, which comes back as Last-Event-ID.
func (a *api) streamEvents(w http.ResponseWriter, r *http.Request, f *following, wait patience) error {
	w.Header().Set("Content-Type", eventStream)
	send := func(text string) error {
		wait.write()
		if _, err := w.Write([]byte(text)); err != nil {
			return err
		}
		return wait.control.Flush()
	}
	if err := send("retry: 2000\n\n"); err != nil {
		return nil // nobody is there any more
	}
	ends := time.NewTimer(streamTime)
	defer ends.Stop()
	beat := time.NewTicker(a.options.Heartbeat)
	defer beat.Stop()
	before := f.after
	for {
		changed := a.Store.Changed()
		all, err := a.next(r.Context(), f)
		if err != nil {
			panic(http.ErrAbortHandler) // it goes on with the next request
		}
		var text strings.Builder
		for i := range all {
			data, err := json.Marshal(service.EventOf(&all[i]))
			if err != nil {
				return err
			}
			fmt.Fprintf(&text, "id: %s\nevent: %s\ndata: %s\n\n", all[i].After, all[i].Type, data)
		}
		if len(all) == 0 && f.after != before { // what was passed over need not be looked at again
			fmt.Fprintf(&text, "id: %s\n\n", f.after)
		}
		if text.Len() > 0 {
			if err := send(text.String()); err != nil {
				return nil
			}
		}
		if moved := f.after != before; moved {
			before = f.after
			continue // there may be more
		}
		select {
		case <-changed:
		case <-beat.C:
			if err := send(": \n\n"); err != nil {
				return nil
			}
		case <-ends.C:
			return nil
		case <-a.options.Stopping:
			return nil
		case <-r.Context().Done():
			return nil
		}
	}
}
