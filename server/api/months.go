package api

import (
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/servicerules/rulebook/internal/review"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/problem"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
)

// Tables of a month are kept by month and source. See record.Import.

type (
	// KeptMonths lists the tables that are kept.
	KeptMonths struct {
		Months []KeptMonth `json:"months"`
	}
	// KeptMonth is the tables of a month from a source.
	KeptMonth struct {
		Number   int64         `json:"number"`
		Month    string        `json:"month" jsonschema:"YYYY-MM"`
		Source   string        `json:"source"`
		At       time.Time     `json:"at"`
		Caller   string        `json:"caller,omitempty" jsonschema:"the name of the token"`
		Reason   string        `json:"reason,omitempty" jsonschema:"why they take the place of others"`
		Replaces int64         `json:"replaces,omitempty" jsonschema:"number of those"`
		Last     bool          `json:"last" jsonschema:"no later ones take their place"`
		Totals   review.Totals `json:"totals" jsonschema:"what a review made of them at the time"`
		Erased   *time.Time    `json:"erased,omitempty" jsonschema:"when their files were erased"`
		Eraser   string        `json:"erased_by,omitempty" jsonschema:"the name of the token or of the account, or retention"`
		Why      string        `json:"erased_for,omitempty" jsonschema:"why they were erased"`
		Files    []KeptFile    `json:"files,omitempty"`
	}
	// KeptFile is a table as it was sent.
	KeptFile struct {
		Name   string `json:"name"`
		Size   int64  `json:"size" jsonschema:"bytes"`
		SHA256 string `json:"sha256"`
	}
)

func keptOf(i *record.Import) KeptMonth {
	k := KeptMonth{Number: i.ID, Month: i.Month, Source: i.Source, At: i.At, Caller: i.Caller, Reason: i.Reason, Replaces: i.Replaces, Last: i.Last}
	_ = json.Unmarshal(i.Summary, &k.Totals) // of another program, there are none
	if !i.Erased.IsZero() {
		k.Erased, k.Eraser, k.Why = &i.Erased, i.Eraser, i.Why
	}
	for _, f := range i.Files {
		k.Files = append(k.Files, KeptFile{f.Name, f.Size, f.SHA256.String()})
	}
	return k
}

// keepMonth reviews tables and keeps them.
func (a *api) keepMonth(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	i := record.Import{Source: query.Get("source"), Reason: query.Get("reason"), Caller: door.NameOf(r.Context())}
	if err := service.CheckKeep(&i); err != nil {
		return err
	}
	var asked review.Options
	if query.Has("month") {
		if err := when(&asked, "month", query.Get("month")); err != nil {
			return err
		}
	}
	release, err := a.receive(w, r)
	if err != nil {
		return err
	}
	defer release()
	files, options, err := a.tablesOf(r)
	if err != nil {
		return err
	}
	defer func() { _ = files.Close() }() // a temporary file
	if asked.Month != "" {
		options.Month = asked.Month
	}
	wait := patienceFor(w, r)
	defer wait.restore()
	options.Brief, options.Progress = true, func(int, int) { wait.write() }
	options.Emit = func(string, *review.Record, *policy.Answer) error { return nil } // only the totals are wanted
	wait.write()
	report, err := a.Review(r.Context(), files, options)
	if err != nil {
		return err
	}
	kept, again, err := a.Keep(r.Context(), report, i, files)
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/v1/months/"+strconv.FormatInt(kept.ID, 10))
	status := http.StatusCreated
	if again {
		status = http.StatusOK
	}
	return sendFresh(w, status, keptOf(kept))
}

func (a *api) keptMonths(w http.ResponseWriter, r *http.Request) error {
	all, err := a.Store.Imports(r.Context())
	if err != nil {
		return err
	}
	out := KeptMonths{Months: []KeptMonth{}}
	for _, i := range all {
		out.Months = append(out.Months, keptOf(&i))
	}
	return sendFresh(w, http.StatusOK, out)
}

func (a *api) keptMonth(w http.ResponseWriter, r *http.Request) error {
	i, err := a.keptBy(r)
	if err != nil {
		return err
	}
	return sendFresh(w, http.StatusOK, keptOf(i))
}

func (a *api) keptBy(r *http.Request) (*record.Import, error) {
	unknown := problem.New(http.StatusNotFound, "unknown_month", problem.Text{ZH: "没有留存过这些表", EN: "there are no such tables"}, problem.Text{ZH: "在 /v1/months 查找", EN: "look for them at /v1/months"})
	n, err := strconv.ParseInt(r.PathValue("number"), 10, 64)
	if err != nil {
		return nil, unknown
	}
	i, err := a.Store.Import(r.Context(), n)
	if errors.Is(err, record.ErrNotFound) {
		return nil, unknown
	}
	return i, err
}

func (a *api) keptFile(w http.ResponseWriter, r *http.Request) error {
	i, err := a.keptBy(r)
	if err != nil {
		return err
	}
	if err := door.Looked(r.Context(), "", "/v1/months/{number}/files/{name}"); err != nil {
		return err
	}
	if !i.Erased.IsZero() {
		return gone()
	}
	at := slices.IndexFunc(i.Files, func(f record.ImportedFile) bool { return f.Name == r.PathValue("name") })
	if at < 0 {
		return problem.New(http.StatusNotFound, "unknown_file", problem.Text{ZH: "没有这个文件", EN: "there is no such file"}, problem.Text{ZH: "全部文件见 /v1/months/编号", EN: "/v1/months/NUMBER lists the files"})
	}
	h := w.Header()
	h.Set("Content-Type", octets)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": i.Files[at].Name}))
	h.Set("Content-Length", strconv.FormatInt(i.Files[at].Size, 10))
	h.Set("Cache-Control", "no-store")
	wait := patienceFor(w, r)
	defer wait.restore()
	if err := a.Store.WriteImported(r.Context(), i.ID, i.Files[at], patient{w, wait}); err != nil {
		panic(http.ErrAbortHandler) // a file that is not what was kept must not look like one
	}
	return nil
}
