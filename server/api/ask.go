package api

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/problem"
	"github.com/servicerules/rulebook/server/service"
)

// asking are the parameters of a question.
type asking struct {
	service.Asking
	explain, record bool
	key             string
}

func askingOf(r *http.Request) (*asking, error) {
	query := r.URL.Query()
	asked, err := askedOf(r)
	if err != nil {
		return nil, err
	}
	a := &asking{Asking: asked}
	if a.explain, err = flag(query, "explain"); err != nil {
		return nil, err
	}
	if a.record, err = flag(query, "record"); err != nil {
		return nil, err
	}
	if a.record && !door.May(r.Context(), people.Record) {
		return nil, door.NotAllowed(people.Record)
	}
	if a.key, err = keyOf(r); err != nil {
		return nil, err
	}
	if a.key != "" && !a.record {
		return nil, badParameter("Idempotency-Key", problem.Text{ZH: "只有记录判定时才用这个键", EN: "the key is of use only with record=1"}, problem.Text{ZH: "加上 record=1，或删去键", EN: "add record=1 or leave the key out"})
	}
	a.By = door.WhoOf(r.Context())
	return a, nil
}

// askedOf is what is asked about any facts: the question, as of when, and by which
// readings.
func askedOf(r *http.Request) (a service.Asking, err error) {
	query := r.URL.Query()
	a.Question = r.PathValue("id")
	if query.Has("as_of") {
		if a.AsOf, err = moment("as_of", query.Get("as_of")); err != nil {
			return a, err
		}
	}
	for _, text := range query["reading"] {
		key, option, found := strings.Cut(text, "=")
		if !found {
			return a, badParameter("reading", problem.Text{ZH: "读法里没有等号", EN: "the reading has no equals sign"}, problem.Text{ZH: "写成 reading=键=选项", EN: "write reading=KEY=OPTION"})
		}
		a.Readings = append(a.Readings, live.Setting{Key: key, Option: option})
	}
	return a, nil
}

// keyOf is the key by which a request may be repeated, "" for none.
func keyOf(r *http.Request) (string, error) {
	const longest = 255
	switch all := r.Header.Values("Idempotency-Key"); {
	case len(all) == 0:
		return "", nil
	case len(all) > 1 || all[0] == "" || len(all[0]) > longest:
		return "", badParameter("Idempotency-Key", problem.Text{ZH: "键应为 1 至 255 个字符，只给一个", EN: "one key of 1 to 255 characters is expected"}, problem.Text{ZH: "用随机编号", EN: "use a random id"})
	default:
		return all[0], nil
	}
}

func flag(query url.Values, name string) (bool, error) {
	switch {
	case !query.Has(name), query.Get(name) == "0":
		return false, nil
	case query.Get(name) == "1":
		return true, nil
	}
	return false, badParameter(name, problem.Text{ZH: "应为 0 或 1", EN: "0 or 1 is expected"}, problem.Textf("写 %s=1", "write %s=1", name))
}

// moment reads RFC 3339. A plus that was not encoded arrives as a space; no
// moment has a space, so that it can mean nothing else.
func moment(name, text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, strings.Replace(text, " ", "+", 1))
	if err != nil || t.Year() < source.FirstYear || t.Year() > source.LastYear {
		return time.Time{}, badParameter(name, problem.Text{ZH: "应为 1700 至 2199 年间带时区的时刻", EN: "a moment with its offset, of the years 1700 to 2199, is expected"},
			problem.Text{ZH: "写成 2025-06-09T09:00:00%2B08:00", EN: "write it as in 2025-06-09T09:00:00%2B08:00"})
	}
	return t, nil
}

// once is how a request can be repeated.
func (a *asking) once(r *http.Request, facts []byte) service.Once {
	o := service.Once{Caller: door.NameOf(r.Context()), Key: a.key}
	if a.key != "" {
		query := r.URL.Query()
		query.Del("explain")
		o.Request = append([]byte(a.Question+"\x00"+query.Encode()+"\x00"), facts...)
	}
	return o
}

func (a *api) ask(w http.ResponseWriter, r *http.Request) error {
	q, err := askingOf(r)
	if err != nil {
		return err
	}
	if q.Facts, err = read(w, r, MaxFacts); isTooLarge(err) {
		return tooManyFacts()
	} else if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	if !q.record {
		asked, err := a.Ask(r.Context(), q.Asking)
		if err != nil {
			return err
		}
		return writeJSON(w, http.StatusOK, asked.Answer.AppendJSON(nil, q.explain))
	}
	done, err := a.Record(r.Context(), q.Asking, q.once(r, q.Facts))
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Location", "/v1/decisions/"+done.Entry.ID())
	h.Set("Decision-Id", done.Entry.ID())
	h.Set("Decision-Hash", done.Entry.Hash.String())
	if !done.First {
		h.Set("Idempotent-Replayed", "true")
		return writeJSON(w, http.StatusOK, done.Answer)
	}
	return writeJSON(w, http.StatusCreated, done.Answer)
}
