package server

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/server/api"
	"github.com/servicerules/rulebook/server/changing"
	"github.com/servicerules/rulebook/server/internal/files"
	"github.com/servicerules/rulebook/server/problem"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/signing"
)

// tokenVariable is the environment variable that holds the token of who changes
// the rules from the command line: it stands in no list of processes.
const tokenVariable = "RULEBOOK_TOKEN"

// changesCommand is the command that takes a change of the rules its way, by the
// interface of a server that runs.
type changesCommand struct {
	flags                         *flag.FlagSet
	out                           io.Writer
	server, lang, title, why, sum string
	base, reason, from, signature string
	open                          bool
	client                        *http.Client
}

const changesUsage = `changes takes changes of the rules their way, by a server that runs:
  changes list                       what there is
  changes show NUMBER                one change: who did what, and what it says otherwise
  changes text NUMBER                its text: what is signed
  changes propose FILE               a changed rules file, to be approved (--title, --why; --base of the rules that
                                     the file was made of, where those are no longer in force)
  changes approve NUMBER             by another person (--sha256 of what show told; --signature)
  changes refuse NUMBER              (--reason)
  changes publish NUMBER             now, or at a moment with --from (--sha256 of what show told; --signature)
  changes withdraw NUMBER            (--reason)
  changes shadow NUMBER              runs its text beside the rules in force (--sha256 of what show told); show tells what differs
  changes unshadow NUMBER            no longer
  changes history                    the rules that were in force
The token is taken from the environment variable ` + tokenVariable + `.`

func changingRules(stdout, stderr io.Writer) *command {
	c := &changesCommand{flags: flags("changes", changesUsage, stderr), out: stdout, client: &http.Client{Timeout: 2 * time.Minute}}
	f := c.flags
	f.StringVar(&c.server, "server", "http://127.0.0.1:8080", "address of the server")
	f.StringVar(&c.lang, "lang", systemLanguage(), "zh or en")
	f.StringVar(&c.title, "title", "", "what is changed")
	f.StringVar(&c.why, "why", "", "why it is changed")
	f.StringVar(&c.sum, "sha256", "", "SHA-256 of the text that was looked at, or its first 12 digits")
	f.StringVar(&c.base, "base", "", "SHA-256 of the rules that a proposed file was made of, or its first 12 digits, as history tells it; by default those in force")
	f.StringVar(&c.reason, "reason", "", "why it is refused or withdrawn")
	f.StringVar(&c.from, "from", "", "moment at which it is put in force, as 2027-01-01T00:00:00+08:00")
	f.StringVar(&c.signature, "signature", "", "file with a signature of its text, as ssh-keygen -Y sign -n rulebook writes it, where the server takes signed rules only")
	f.BoolVar(&c.open, "open", false, "only what may still come into force")
	const most = 2
	return &command{name: "changes", flags: f, most: most, instead: "write what to do, and the number of the change or a file", run: c.run}
}

func (c *changesCommand) run(ctx context.Context, words []string) error {
	if c.lang != "zh" && c.lang != "en" {
		return &usageError{"--lang is zh or en"}
	}
	if u, err := url.Parse(c.server); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return &usageError{"--server is an address, as http://127.0.0.1:8080"}
	}
	what, which := "list", ""
	if len(words) > 0 {
		what = words[0]
	}
	if len(words) > 1 {
		which = words[1]
	}
	takes := map[string]bool{"list": false, "history": false, "show": true, "text": true, "propose": true, "approve": true, "refuse": true, "publish": true, "withdraw": true, "shadow": true, "unshadow": true}
	wants, known := takes[what]
	switch {
	case !known:
		return &usageError{fmt.Sprintf("changes does not know %q; write list, show, text, propose, approve, refuse, publish, withdraw, shadow, unshadow or history", what)}
	case wants && which == "":
		return &usageError{"changes " + what + " wants the number of a change, or propose a file; changes --help tells more"}
	case !wants && which != "":
		return &usageError{fmt.Sprintf("changes %s takes nothing behind it, and not %q", what, which)}
	}
	if c.signature != "" && what != "approve" && what != "publish" {
		return &usageError{"--signature goes with approve and publish, and not with " + what}
	}
	switch what {
	case "list":
		return c.list(ctx)
	case "history":
		return c.history(ctx)
	case "show":
		return c.show(ctx, which)
	case "text":
		return c.text(ctx, which)
	case "propose":
		return c.propose(ctx, which)
	}
	return c.step(ctx, what, which)
}

func (c *changesCommand) t(zh, en string) string { return diagnostic.Text{ZH: zh, EN: en}.In(c.lang) }

// call sends a request and reads the answer; a refusal is told, and ends the
// command.
func (c *changesCommand) call(ctx context.Context, method, path, media string, body []byte, into any) error {
	r, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.server, "/")+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Accept-Language", c.lang)
	if media != "" {
		r.Header.Set("Content-Type", media)
		r.Header.Set("Idempotency-Key", rand.Text())
	}
	if token := os.Getenv(tokenVariable); token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := c.client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	const most = 64 << 20
	data, err := io.ReadAll(io.LimitReader(resp.Body, most))
	if err != nil {
		return err
	}
	if resp.StatusCode >= http.StatusBadRequest {
		var d problem.Document
		if json.Unmarshal(data, &d) != nil || d.Title == "" {
			return fmt.Errorf("%s answered %s", c.server, resp.Status)
		}
		return &refusedByServer{d}
	}
	if text, ok := into.(*[]byte); ok {
		*text = data
		return nil
	}
	return json.Unmarshal(data, into)
}

// refusedByServer is what a server refused.
type refusedByServer struct{ problem.Document }

func (e *refusedByServer) Error() string { return e.Title + " [" + e.Code + "]" }

// told says what a server refused, with all places; other errors are left as they
// are.
func (c *changesCommand) told(err error) error {
	var e *refusedByServer
	if !errors.As(err, &e) {
		return err
	}
	fmt.Fprintf(c.out, "%s [%s]\n", e.Title, e.Code)
	if e.Remedy != "" {
		fmt.Fprintf(c.out, "  → %s\n", e.Remedy)
	}
	for _, x := range e.Errors {
		at := ""
		if x.Line > 0 {
			at = fmt.Sprintf("%d:%d ", x.Line, x.Column)
		}
		fmt.Fprintf(c.out, "  %s%s [%s]\n", at, x.Title, x.Code)
		if x.Remedy != "" {
			fmt.Fprintf(c.out, "    → %s\n", x.Remedy)
		}
	}
	return &exitError{exitRefused}
}

func (c *changesCommand) list(ctx context.Context) error {
	path := "/v1/changes"
	if c.open {
		path += "?open=1"
	}
	var all api.Changes
	if err := c.call(ctx, http.MethodGet, path, "", nil, &all); err != nil {
		return c.told(err)
	}
	if len(all.Changes) == 0 {
		fmt.Fprintln(c.out, c.t("没有改动", "there is no change"))
	}
	for _, x := range all.Changes {
		c.line(&x)
	}
	return nil
}

// line is a change on one line.
func (c *changesCommand) line(x *api.Change) {
	fmt.Fprintf(c.out, "%d  %s  %s  %s", x.Number, changing.State(x.State).Text().In(c.lang), printable(x.Title), x.Text[:12])
	if x.From != nil {
		fmt.Fprintf(c.out, "  %s%s", c.t("定于 ", "from "), x.From.Format(time.RFC3339))
	}
	if x.Shadow != nil && x.Shadow.To == nil {
		fmt.Fprint(c.out, "  "+c.t("影子运行中", "in shadow"))
	}
	if !x.Based && changing.State(x.State).Open() {
		fmt.Fprint(c.out, "  "+c.t("（现行规则已变）", "(other rules are in force)"))
	}
	fmt.Fprintln(c.out)
	if x.Failure != nil {
		fmt.Fprintf(c.out, "   %s%s\n", c.t("没有发布成：", "could not be published: "), printable(x.Failure.In(c.lang)))
	}
}

// printable is a text that somebody wrote, without what would steer a terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, text)
}

func (c *changesCommand) history(ctx context.Context) error {
	var h api.History
	if err := c.call(ctx, http.MethodGet, "/v1/rules/history", "", nil, &h); err != nil {
		return c.told(err)
	}
	for i, v := range h.Versions {
		by := c.t("规则文件", "the rules file")
		switch {
		case v.Change != 0:
			by = fmt.Sprintf(c.t("改动 %d", "change %d"), v.Change)
		case i == len(h.Versions)-1:
			by = c.t("第一份改动之前", "before the first change")
		}
		now := ""
		if v.Active {
			now = "  " + c.t("现行", "in force")
		}
		fmt.Fprintf(c.out, "%s  %s  %s%s\n", v.From.Format(time.RFC3339), v.SHA256, by, now)
	}
	return nil
}

func (c *changesCommand) change(ctx context.Context, number string) (x api.Change, err error) {
	err = c.call(ctx, http.MethodGet, "/v1/changes/"+url.PathEscape(number), "", nil, &x)
	return x, err
}

func (c *changesCommand) show(ctx context.Context, number string) error {
	x, err := c.change(ctx, number)
	if err != nil {
		return c.told(err)
	}
	c.line(&x)
	fmt.Fprintf(c.out, "sha256 %s\n%s %s\n", x.Text, c.t("所依据的", "of"), x.Base)
	if x.Why != "" {
		fmt.Fprintf(c.out, "%s%s\n", c.t("为什么：", "why: "), printable(x.Why))
	}
	if x.Signer != "" {
		fmt.Fprintf(c.out, "%s%s\n", c.t("签名：", "signed by "), printable(x.Signer))
	}
	for _, s := range x.Steps {
		fmt.Fprintf(c.out, "  %s  %s  %s  %s\n", s.Step.At.Format(time.RFC3339), changing.KindText(s.Step.Kind).In(c.lang), cmp.Or(s.Step.Person, s.Step.Caller, "-"), printable(s.Step.Reason))
	}
	study, err := c.studied(ctx, number, func(s *api.Study) bool { return s.Stage == string(changing.StageDone) })
	if err != nil {
		return c.told(err)
	}
	c.study(study)
	if x.Shadow == nil || study.Impact == nil { // who may not see records is not told of them
		return nil
	}
	return c.told(c.beside(ctx, number))
}

// text prints the text of a change, of all files of the rules.
func (c *changesCommand) text(ctx context.Context, number string) error {
	var text []byte
	if err := c.call(ctx, http.MethodGet, "/v1/changes/"+url.PathEscape(number)+"/text", "", nil, &text); err != nil {
		return c.told(err)
	}
	_, err := c.out.Write(text)
	return err
}

// beside tells what a change in shadow makes of what was put on record meanwhile.
func (c *changesCommand) beside(ctx context.Context, number string) error {
	for {
		var b api.Beside
		if err := c.call(ctx, http.MethodGet, "/v1/changes/"+url.PathEscape(number)+"/shadow", "", nil, &b); err != nil {
			return err
		}
		if b.Behind > 0 {
			continue
		}
		fmt.Fprintf(c.out, "\n%s", fmt.Sprintf(c.t("影子运行自 %s", "in shadow from %s"), b.Shadow.From.Format(time.RFC3339)))
		if b.Shadow.To != nil {
			fmt.Fprintf(c.out, "%s", fmt.Sprintf(c.t(" 至 %s", " to %s"), b.Shadow.To.Format(time.RFC3339)))
		}
		fmt.Fprintf(c.out, "\n  %s\n", fmt.Sprintf(c.t("对照了 %d 份在案的决定，其中不同的 %d 份", "%d decisions on record were compared, %d are answered otherwise"), b.Compared, b.Differing))
		for _, q := range b.Questions {
			fmt.Fprintf(c.out, "  %s  %d / %d\n", q.Question, q.Differing, q.Compared)
		}
		for _, d := range b.Differences {
			fmt.Fprintf(c.out, "  %s  %s  %s  [%s]\n", d.Record, d.Question, printable(d.Told), strings.Join(d.Parts, ", "))
		}
		return nil
	}
}

// studied is what is found out of a change, once there is enough.
func (c *changesCommand) studied(ctx context.Context, number string, enough func(*api.Study) bool) (*api.Study, error) {
	for {
		study := &api.Study{}
		if err := c.call(ctx, http.MethodGet, "/v1/changes/"+url.PathEscape(number)+"/study", "", nil, study); err != nil || enough(study) {
			return study, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// study tells what is found out of a change.
func (c *changesCommand) study(s *api.Study) {
	result := c.t("检查、用例都通过", "check and cases find no fault with it")
	if !s.OK {
		result = c.t("检查或用例不通过", "check or cases find fault with it")
	}
	fmt.Fprintf(c.out, "\n%s\n", result)
	for _, f := range s.Findings {
		fmt.Fprintf(c.out, "  %d:%d %s\n", f.Line, f.Column, f.Message)
	}
	for _, f := range s.FailedCases {
		fmt.Fprintf(c.out, "  %s:%d %s: %s\n", f.File, f.Line, f.Name, strings.Join(f.Mismatches, "; "))
	}
	groups := s.Differences
	if s.Impact != nil {
		groups = append(groups, s.Impact.Groups...)
	}
	c.groups(groups)
	for _, f := range s.Analysed {
		fmt.Fprintf(c.out, "  %d:%d %s\n", f.Line, f.Column, f.Message)
	}
}

func (c *changesCommand) groups(all []api.StudyGroup) {
	for _, g := range all {
		fmt.Fprintf(c.out, "\n%s\n", g.Heading)
		for _, line := range g.Lines {
			fmt.Fprintf(c.out, "  %s\n", line)
		}
	}
}

// propose proposes a file, and says what it says otherwise than its base: without
// --base, a file that was made of older rules would undo what came between.
func (c *changesCommand) propose(ctx context.Context, file string) error {
	if c.title == "" || c.why == "" {
		return &usageError{"say --title, what is changed, and --why"}
	}
	text, _, err := source.ReadRules(file)
	if err != nil {
		return err
	}
	base, err := c.baseOf(ctx)
	if err != nil {
		return c.told(err)
	}
	query := url.Values{"title": {c.title}, "why": {c.why}}
	if base != "" {
		query.Set("base", base)
	}
	const longest = 7 << 10 // of an address the server takes 8 KiB
	if len(query.Encode()) > longest {
		return &usageError{"--title and --why are too long to be sent so: say it shorter, or draft the change at its page"}
	}
	var x api.Change
	if err := c.call(ctx, http.MethodPost, "/v1/changes?"+query.Encode(), "application/yaml", text, &x); err != nil {
		return c.told(err)
	}
	fmt.Fprintf(c.out, c.t("改动 %d 已存为草稿\n", "change %d is kept as a draft\n"), x.Number)
	number := fmt.Sprint(x.Number)
	if err := c.take(ctx, number, &x, api.ChangeToTake{Kind: record.ChangeProposed, SHA256: x.Text, Seen: x.Latest}); err != nil {
		return c.told(err)
	}
	c.line(&x)
	study, err := c.studied(ctx, number, func(s *api.Study) bool {
		return s.Stage == string(changing.StageDone) || len(s.Differences) > 0
	})
	if err != nil {
		return c.told(err)
	}
	if len(study.Differences) > 0 {
		fmt.Fprintf(c.out, "\n%s\n", c.t("与所依据的规则有这些不同；有不该改的，就撤回（changes withdraw）：", "what it says otherwise than the rules that it was made of; withdraw it (changes withdraw) if some of that is not meant:"))
	}
	c.groups(study.Differences)
	return nil
}

// baseOf is the SHA-256 of the rules that a proposed file was made of; "" for those
// in force.
func (c *changesCommand) baseOf(ctx context.Context) (string, error) {
	if c.base == "" {
		return "", nil
	}
	var h api.History
	if err := c.call(ctx, http.MethodGet, "/v1/rules/history", "", nil, &h); err != nil {
		return "", err
	}
	for _, v := range h.Versions {
		if len(c.base) >= fewestDigits && strings.HasPrefix(v.SHA256, strings.ToLower(c.base)) {
			return v.SHA256, nil
		}
	}
	return "", &usageError{fmt.Sprintf("--base %s: no rules that were in force begin so with %d digits or more; changes history lists them", c.base, fewestDigits)}
}

func (c *changesCommand) take(ctx context.Context, number string, x *api.Change, step api.ChangeToTake) error {
	data, err := json.Marshal(step)
	if err != nil {
		return err
	}
	return c.call(ctx, http.MethodPost, "/v1/changes/"+url.PathEscape(number)+"/steps", "application/json", data, x)
}

// fewestDigits of a SHA-256 are enough to say which text was looked at.
const fewestDigits = 12

// step approves, refuses, publishes or withdraws a change, and puts it in shadow.
func (c *changesCommand) step(ctx context.Context, what, number string) error {
	x, err := c.change(ctx, number)
	if err != nil {
		return c.told(err)
	}
	step := api.ChangeToTake{Kind: map[string]string{"approve": record.ChangeApproved, "refuse": record.ChangeRefused, "publish": record.ChangePublished, "withdraw": record.ChangeWithdrawn, "shadow": record.ChangeShadowed, "unshadow": record.ChangeUnshadowed}[what], Seen: x.Latest, Reason: c.reason}
	if what == "publish" && c.from != "" {
		step.Kind, step.From = record.ChangeScheduled, c.from
	}
	if what == "approve" || what == "publish" || what == "shadow" {
		if len(c.sum) < fewestDigits {
			return &usageError{fmt.Sprintf("say by --sha256 which text you looked at: changes show %s tells it", number)}
		}
		step.SHA256 = c.sum
		if strings.HasPrefix(x.Text, strings.ToLower(c.sum)) {
			step.SHA256 = x.Text
		}
	}
	if c.signature != "" {
		data, err := files.ReadBounded(c.signature, signing.MostSignatures)
		if err != nil {
			return &usageError{"--signature: " + err.Error()}
		}
		step.Signature = string(data)
	}
	if err := c.take(ctx, number, &x, step); err != nil {
		return c.told(err)
	}
	c.line(&x)
	return nil
}
