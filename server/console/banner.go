package console

import (
	"bytes"
	"errors"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/signing"
)

// banner says on every page that the rules file on disk is not the one that
// answers, or not what another server has published, and why.
type banner struct {
	SHA256  string // of the rules in force
	Broken  bool
	Behind  int64 // the change that another server has published; 0 where the file is what is wrong
	File    string
	Since   string // when the file was tried
	Place   string // of the first finding, "" where it has none
	Finding string
	Remedy  string
	More    int
}

func (c *Console) newBanner(lang string) *banner {
	rules, status := c.service.Rules.Current(), c.service.Rules.Status()
	zone := rules.Book.Rulebook().Zone
	b := &banner{SHA256: rules.SHA256, Broken: !status.OK, File: filepath.Base(status.Source)}
	if status.OK {
		if x := c.service.Changes.Behind(); x != nil {
			b.Broken, b.Behind, b.Since = true, x.Change, wording.Moment(x.Since.In(zone))
			b.File = diagnostic.Textf("第 %d 号改动", "change %d", x.Change).In(lang)
			b.Finding, b.Remedy = x.Message.In(lang), x.Remedy.In(lang)
		}
		return b
	}
	b.Since = wording.Moment(status.At.In(zone))
	var unsigned *signing.UnsignedError
	switch first, more := firstError(status.Findings); {
	case first != nil:
		span := first.Span
		if span.File = live.FileOf(status.Source, span.File); span.File == "" {
			span.File = b.File // where it is on the machine is nobody's business
		}
		b.Place, b.Finding, b.Remedy, b.More = span.String(), first.Message.In(lang), first.Remedy.In(lang), more
	case len(status.Failed) > 0:
		failed := status.Failed[0]
		failed.File = filepath.Base(failed.File)
		b.Finding, b.More = failed.Told(lang), len(status.Failed)-1
	case errors.As(status.Err, &unsigned):
		b.Finding, b.Remedy = unsigned.Message.In(lang), unsigned.Remedy.In(lang)
	case status.Err != nil:
		b.Finding = policy.Text{ZH: "文件无法读取", EN: "the file cannot be read"}.In(lang)
	}
	return b
}

// firstError is the first finding that refuses a file, and how many more
// there are.
func firstError(l diagnostic.List) (first *diagnostic.Diagnostic, more int) {
	for i := range l {
		if l[i].Severity != diagnostic.Error {
			continue
		}
		if first == nil {
			first = &l[i]
			continue
		}
		more++
	}
	return first, more
}

// bannerPart is the banner alone, for a page that is open.
func (c *Console) bannerPart(w http.ResponseWriter, r *http.Request) {
	lang := c.langOf(r)
	var b bytes.Buffer
	if err := c.templates[ofEngine(lang)]["message.html"].ExecuteTemplate(&b, "banner", c.newBanner(lang)); err != nil {
		c.log.Error("banner not rendered", "err", kindOf(err))
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte(strings.TrimSpace(b.String())))
}
