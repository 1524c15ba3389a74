package api

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/problem"
	"github.com/servicerules/rulebook/server/record"
)

func (a *api) decision(w http.ResponseWriter, r *http.Request) error {
	e, err := a.Store.Get(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := door.Looked(r.Context(), e.ID(), "/v1/decisions/{id}"); err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return writeJSON(w, http.StatusOK, append(e.AppendJSON(nil), '\n'))
}

func (a *api) decisions(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	q := record.Query{Question: query.Get("question"), Verdict: query.Get("verdict"), After: query.Get("after")}
	err := a.checkFilter(r.Context(), query)
	if err != nil {
		return err
	}
	if q.From, err = bound(query, "from"); err != nil {
		return err
	}
	if q.To, err = bound(query, "to"); err != nil {
		return err
	}
	if !q.From.IsZero() && !q.To.IsZero() && q.To.Before(q.From) {
		return backwards("to", "from")
	}
	if query.Has("limit") {
		const most = 1000
		if q.Limit, err = strconv.Atoi(query.Get("limit")); err != nil || q.Limit < 1 || q.Limit > most {
			return badParameter("limit", problem.Textf("应为 1 至 %d 的整数", "a whole number from 1 to %d is expected", most), problem.Text{ZH: "写 limit=50", EN: "write limit=50"})
		}
	}
	page, err := a.Store.Search(r.Context(), q)
	if err != nil {
		if errors.Is(err, record.ErrNotFound) {
			return badParameter("after", problem.Text{ZH: "没有这份判定记录", EN: "there is no such decision on record"}, problem.Text{ZH: "用上一页的 next", EN: "use next of the page before"})
		}
		return err
	}
	out := Decisions{Decisions: []DecisionTitle{}, Next: page.Next}
	for _, e := range page.Entries {
		out.Decisions = append(out.Decisions, DecisionTitle{e.ID(), e.Hash.String(), e.RecordedAt, e.Question, e.Verdict})
	}
	return sendFresh(w, http.StatusOK, out)
}

// checkFilter refuses a question or a verdict that neither the rules have nor
// any record: an empty list would look like an answer.
func (a *api) checkFilter(ctx context.Context, query url.Values) error {
	book := a.Rules.Current().Book.Rulebook()
	if id := query.Get("question"); query.Has("question") {
		known := slices.Contains(book.QuestionIDs(), id)
		if !known && id != "" {
			var err error
			if known, err = a.Store.Known(ctx, id, ""); err != nil { // by rules of the past
				return err
			}
		}
		if !known {
			return badParameter("question", problem.Text{ZH: "没有这个问题", EN: "there is no such question"}, a.nearestQuestion(id))
		}
	}
	if word := query.Get("verdict"); query.Has("verdict") {
		words := []string{policy.Undetermined, policy.NotInScope}
		for _, q := range book.Questions {
			if id := query.Get("question"); id == "" || id == q.ID {
				words = append(words, q.Verdict.Words.Words...)
			}
		}
		slices.Sort(words)
		words = slices.Compact(words)
		known := slices.Contains(words, word)
		if !known && word != "" {
			var err error
			if known, err = a.Store.Known(ctx, "", word); err != nil {
				return err
			}
		}
		if !known {
			return badParameter("verdict", problem.Text{ZH: "没有这个结论", EN: "there is no such verdict"}, nearest(word, words))
		}
	}
	return nil
}

// backwards refuses two ends between which nothing can be: an empty list would
// look like an answer.
func backwards(last, first string) error {
	return badParameter(last, problem.Textf("%s 先于 %s", "%s is before %s", last, first), problem.Text{ZH: "由先到后", EN: "give them in order"})
}

func bound(query url.Values, name string) (time.Time, error) {
	if !query.Has(name) {
		return time.Time{}, nil
	}
	return moment(name, query.Get(name))
}

func (a *api) export(w http.ResponseWriter, r *http.Request) error {
	first, err := place(r.URL.Query(), "first")
	if err != nil {
		return err
	}
	last, err := place(r.URL.Query(), "last")
	if err != nil {
		return err
	}
	if last > 0 && last < first {
		return backwards("last", "first")
	}
	if err := door.Looked(r.Context(), "", "/v1/decisions/export"); err != nil {
		return err
	}
	w.Header().Set("Content-Type", jsonLines)
	w.Header().Set("Content-Disposition", `attachment; filename="decisions.jsonl"`)
	w.Header().Set("Cache-Control", "no-store")
	wait := patienceFor(w, r)
	defer wait.restore()
	wait.forever()
	if err := a.Store.Export(r.Context(), patient{w, wait}, first, last); err != nil {
		panic(http.ErrAbortHandler) // half an export must not look like a whole one
	}
	return nil
}

func place(query url.Values, name string) (int64, error) {
	if !query.Has(name) {
		return 0, nil
	}
	n, err := strconv.ParseInt(query.Get(name), 10, 64)
	if err != nil || n < 1 {
		return 0, badParameter(name, problem.Text{ZH: "应为记录的序号，从 1 起", EN: "the place of a record, from 1, is expected"}, problem.Textf("写 %s=1", "write %s=1", name))
	}
	return n, nil
}

// verify derives decisions again. That may take long, longer than a server or
// a proxy waits for a silent answer: as JSON, a blank line comes before the
// answer from time to time; as JSON Lines, a line says how far it is.
func (a *api) verify(w http.ResponseWriter, r *http.Request) error {
	part, err := stretchOf(r.URL.Query())
	if err != nil {
		return err
	}
	lines := strings.HasPrefix(r.Header.Get("Accept"), jsonLines)
	wait := patienceFor(w, r)
	defer wait.restore()
	wait.forever()
	var done, total atomic.Int64
	part.Progress = func(n, all int64) {
		done.Store(n)
		total.Store(all)
	}
	ctx, cancel := context.WithCancel(r.Context())
	var working sync.WaitGroup
	defer working.Wait()
	defer cancel()
	ended := make(chan error, 1)
	var report *record.Report
	working.Go(func() {
		var err error
		report, err = a.Verify(ctx, part)
		ended <- err
	})
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Add("Vary", "Accept")
	beat := time.NewTicker(a.options.Heartbeat)
	defer beat.Stop()
	for begun := false; ; {
		select {
		case err := <-ended:
			switch {
			case err != nil && begun:
				panic(http.ErrAbortHandler) // what has begun must not look like a result
			case err != nil:
				return err
			}
			return sendVerified(w, verifiedOf(report), lines, begun)
		case <-beat.C:
			if !begun {
				begun = true
				w.Header().Set("Content-Type", mediaOf(lines))
				w.WriteHeader(http.StatusOK)
			}
			line := []byte("\n")
			if lines {
				if line, err = marshal(Progress{done.Load(), total.Load()}); err != nil {
					return err
				}
			}
			wait.write()
			if _, err := w.Write(line); err != nil {
				return nil // nobody is there any more
			}
			_ = wait.control.Flush()
		}
	}
}

func mediaOf(lines bool) string {
	if lines {
		return jsonLines
	}
	return jsonMedia
}

func sendVerified(w http.ResponseWriter, v Verified, lines, begun bool) error {
	data, err := marshal(v)
	switch {
	case err != nil:
		return err
	case begun:
		_, _ = w.Write(data) // nobody is there to be told
		return nil
	case lines:
		w.Header().Set("Content-Type", jsonLines)
		_, _ = w.Write(data)
		return nil
	}
	return writeJSON(w, http.StatusOK, data)
}

func verifiedOf(report *record.Report) Verified {
	out := Verified{
		OK: report.OK(), First: report.From, Last: report.To, Records: report.Records, Erased: report.Erased, Head: report.Head.String(),
		Damage: []Damage{}, More: report.More, Took: report.Took.Seconds(),
	}
	for _, d := range report.Damage {
		out.Damage = append(out.Damage, Damage(d))
	}
	return out
}

func stretchOf(query url.Values) (part record.Stretch, err error) {
	if part.From, err = place(query, "first"); err != nil {
		return part, err
	}
	if part.To, err = place(query, "last"); err != nil {
		return part, err
	}
	if part.To > 0 && part.To < part.From {
		return part, backwards("last", "first")
	}
	if query.Has("head") {
		head, err := record.ParseHash(query.Get("head"))
		if err != nil {
			return part, badParameter("head", problem.Text{ZH: "应为 64 位十六进制", EN: "a hash of 64 hex digits is expected"}, problem.Text{ZH: "写记录的 hash", EN: "write the hash of a record"})
		}
		part.Head = &head
	}
	return part, nil
}
