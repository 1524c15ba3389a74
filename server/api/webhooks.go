package api

import (
	"errors"
	"net/http"
	"time"

	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/problem"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/webhook"
)

type (
	// WebhookToAdd is an address that events are to be sent to.
	WebhookToAdd struct {
		Name  string   `json:"name" jsonschema:"letters, digits and . _ -"`
		URL   string   `json:"url" jsonschema:"https, and on the Internet, unless the server allows others"`
		Types []string `json:"types,omitempty" jsonschema:"of the events that it wants; all without it"`
		After string   `json:"after,omitempty" jsonschema:"cursor behind which it begins; beginning for all that has happened; without it, what comes from now on"`
	}
	// Webhook is an address that events are sent to, and how far that has come.
	Webhook struct {
		Name      string     `json:"name"`
		URL       string     `json:"url"`
		Types     []string   `json:"types" jsonschema:"of the events that it wants; none for all"`
		FromFile  bool       `json:"from_file" jsonschema:"it is declared in the server's file of webhooks"`
		OldUntil  *time.Time `json:"old_secret_until,omitempty" jsonschema:"until when the secret before signs, too"`
		State     string     `json:"state" jsonschema:"working, failing (it is tried again) or stopped (resume has it tried again)"`
		Cursor    string     `json:"cursor" jsonschema:"behind what was taken"`
		Delivered *time.Time `json:"delivered,omitempty" jsonschema:"when the latest event was taken"`
		Tries     int        `json:"tries,omitempty" jsonschema:"in vain, of the next event"`
		Failing   *time.Time `json:"failing_since,omitempty"`
		Next      *time.Time `json:"next_try,omitempty"`
		Problem   string     `json:"problem,omitempty" jsonschema:"why the latest try failed: status_N, timeout, refused, unknown_host, private_address, connection"`
		Stopped   *time.Time `json:"stopped_since,omitempty"`
	}
	// WebhookRotation is how a webhook gets another secret.
	WebhookRotation struct {
		Hours *int   `json:"hours,omitempty" jsonschema:"0 to 720, for which it signs, too; 24 without it; 0 where strangers know it: all before end"`
		Ends  string `json:"ends,omitempty" jsonschema:"where two sign already, which of them ends: newer, which nobody has learned, or older, where every receiver has learned the newer one"`
	}
	// NewWebhook is a webhook with its secret, which is shown this once.
	NewWebhook struct {
		Webhook Webhook `json:"webhook"`
		Secret  string  `json:"secret" jsonschema:"to check signatures with, as Standard Webhooks has it"`
	}
	// Webhooks lists them.
	Webhooks struct {
		Webhooks []Webhook `json:"webhooks"`
	}
)

// States of a webhook.
const (
	hookWorking = "working"
	hookFailing = "failing"
	hookStopped = "stopped"
)

const fromBeginning = "beginning"

func webhookOf(h *record.Webhook) Webhook {
	x := Webhook{Name: h.Name, URL: h.URL, Types: append([]string{}, h.Types...), FromFile: h.FromFile, State: hookWorking, Cursor: h.Cursor.String(), Tries: h.Tries, Problem: h.Problem}
	for _, t := range []struct {
		at   time.Time
		into **time.Time
	}{{h.OldUntil, &x.OldUntil}, {h.Delivered, &x.Delivered}, {h.Failing, &x.Failing}, {h.Stopped, &x.Stopped}} {
		if !t.at.IsZero() {
			*t.into = &t.at
		}
	}
	switch {
	case !h.Stopped.IsZero():
		x.State = hookStopped
	case !h.Failing.IsZero():
		x.State, x.Next = hookFailing, &h.Next
	}
	return x
}

func (a *api) webhooks(w http.ResponseWriter, r *http.Request) error {
	all, err := a.Store.Webhooks(r.Context())
	if err != nil {
		return err
	}
	out := Webhooks{Webhooks: []Webhook{}}
	for _, h := range all {
		out.Webhooks = append(out.Webhooks, webhookOf(h))
	}
	return sendFresh(w, http.StatusOK, out)
}

func (a *api) webhook(w http.ResponseWriter, r *http.Request) error {
	h, err := a.webhookBy(r)
	if err != nil {
		return err
	}
	return sendFresh(w, http.StatusOK, webhookOf(h))
}

func (a *api) webhookBy(r *http.Request) (*record.Webhook, error) {
	all, err := a.Store.Webhooks(r.Context())
	if err != nil {
		return nil, err
	}
	for _, h := range all {
		if h.Name == r.PathValue("name") {
			return h, nil
		}
	}
	return nil, unknownWebhook()
}

func unknownWebhook() *problem.Problem {
	return problem.New(http.StatusNotFound, "unknown_webhook", problem.Text{ZH: "没有这个回调", EN: "there is no such webhook"}, problem.Text{ZH: "全部见 /v1/webhooks", EN: "/v1/webhooks lists them all"})
}

func (a *api) addWebhook(w http.ResponseWriter, r *http.Request) error {
	data, err := read(w, r, MaxFacts)
	if err != nil {
		return err
	}
	var want WebhookToAdd
	if err := strictly(data, &want); err != nil {
		return err
	}
	h := &record.Webhook{Name: want.Name, URL: want.URL, Types: want.Types, Secret: webhook.NewSecret(), Caller: door.NameOf(r.Context())}
	var wrong []*problem.Problem
	refuse := func(member string, err error, zh, remedyZH, remedyEN string) {
		if err != nil {
			p := problem.New(http.StatusUnprocessableEntity, "bad_webhook", problem.Text{ZH: zh, EN: err.Error()}, problem.Text{ZH: remedyZH, EN: remedyEN})
			p.Fact = member
			wrong = append(wrong, p)
		}
	}
	refuse("name", webhook.CheckName(h.Name), "名称应由字母、数字和 . _ - 组成，最多 64 个", "写如 billing", "write it like billing")
	refuse("url", webhook.CheckURL(h.URL, a.options.PrivateWebhooks), "不能发往这个地址：应为 https，不带用户名，且不是内部网络", "写成 https://主机/路径；确要发往内部网络，启动时加 --webhooks-private", "write https://HOST/PATH; to send to a private network, start the server with --webhooks-private")
	refuse("types", webhook.CheckTypes(h.Types), "没有这种事件", "去掉它；全部事件见 /v1/events 的说明", "leave it out; see /v1/events for what there is")
	switch want.After {
	case fromBeginning:
	case "":
		h.Cursor, err = a.Store.CursorNow(r.Context())
	default:
		if h.Cursor, err = record.ParseCursor(want.After); err == nil {
			err = a.Store.CheckCursor(r.Context(), h.Cursor)
		}
		if errors.Is(err, record.ErrNoCursor) || errors.Is(err, record.ErrCursorGone) {
			refuse("after", err, "这不是本记录的游标", "用 /v1/events 的 next；省去则从现在起", "send next of /v1/events; without it, it begins now")
			err = nil
		}
	}
	if err != nil {
		return err
	}
	if len(wrong) > 0 {
		return together(wrong)
	}
	switch err := a.Store.AddWebhook(r.Context(), h); {
	case errors.Is(err, record.ErrWebhookThere):
		return problem.New(http.StatusConflict, "webhook_there", problem.Text{ZH: "已有这个名称的回调", EN: "there is a webhook of that name"}, problem.Text{ZH: "换一个名称，或先删去它", EN: "choose another name, or take that one away first"})
	case errors.Is(err, record.ErrTooManyWebhooks):
		return problem.New(http.StatusConflict, "too_many_webhooks", problem.Textf("最多 %d 个回调", "there are at most %d webhooks", record.MostWebhooks), problem.Text{ZH: "先删去一个", EN: "take one away first"})
	case err != nil:
		return err
	}
	w.Header().Set("Location", "/v1/webhooks/"+h.Name)
	return sendFresh(w, http.StatusCreated, NewWebhook{webhookOf(h), webhook.SecretText(h.Secret)})
}

func (a *api) removeWebhook(w http.ResponseWriter, r *http.Request) error {
	h, err := a.webhookBy(r)
	if err != nil {
		return err
	}
	if h.FromFile {
		return declaredInFile(problem.Text{ZH: "从文件里删去，重新启动", EN: "take it out of the file and start the server anew"})
	}
	if err := a.Store.RemoveWebhook(r.Context(), h.Name); errors.Is(err, record.ErrNotFound) {
		return unknownWebhook()
	} else if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// declaredInFile refuses to change a webhook that the server's file declares.
func declaredInFile(remedy problem.Text) *problem.Problem {
	return problem.New(http.StatusConflict, "declared_in_file", problem.Text{ZH: "这个回调写在服务器的文件里", EN: "the webhook is declared in the server's file"}, remedy)
}

// rotateWebhook gives a webhook another secret.
func (a *api) rotateWebhook(w http.ResponseWriter, r *http.Request) error {
	const usual, most = 24, 720
	data, err := read(w, r, MaxFacts)
	if err != nil {
		return err
	}
	var want WebhookRotation
	if err := strictly(data, &want); err != nil {
		return err
	}
	hours := usual
	if want.Hours != nil {
		hours = *want.Hours
	}
	if hours < 0 || hours > most {
		p := problem.New(http.StatusUnprocessableEntity, "bad_rotation", problem.Text{ZH: "旧密钥同时有效的小时数应为 0 到 720", EN: "the secret before signs for 0 to 720 hours more"}, problem.Text{ZH: "写如 24；已经泄露的写 0", EN: "write 24; 0 where strangers know it"})
		p.Fact = "hours"
		return p
	}
	ends := record.Ends(want.Ends)
	if ends != record.EndsNone && ends != record.EndsNewer && ends != record.EndsOlder {
		p := problem.New(http.StatusUnprocessableEntity, "bad_rotation", problem.Textf("没有这样的密钥：“%s”", "there is no such secret: %q", want.Ends), problem.Text{ZH: "写 newer 或 older", EN: "write newer or older"})
		p.Fact = "ends"
		return p
	}
	h, err := a.webhookBy(r)
	if err != nil {
		return err
	}
	if h.FromFile {
		return declaredInFile(problem.Text{ZH: "在文件里把现在的 secret 移到 old_secret，写上新的 secret，重新启动", EN: "in the file, move its secret to old_secret, write a new secret, and start the server anew"})
	}
	secret := webhook.NewSecret()
	switch err := a.Store.RotateWebhook(r.Context(), h.Name, secret, a.Store.Now().Add(time.Duration(hours)*time.Hour), ends); {
	case errors.Is(err, record.ErrNotFound):
		return unknownWebhook()
	case errors.Is(err, record.ErrTwoSecrets):
		p := problem.New(http.StatusConflict, "two_secrets", problem.Text{ZH: "现在已有新旧两个密钥在签名", EN: "two secrets sign already"},
			problem.Text{ZH: "上一次的新密钥没有收到，写 \"ends\":\"newer\"；接收方都已换上新密钥，写 \"ends\":\"older\"；都已泄露，写 \"hours\":0", EN: `send "ends":"newer" where the newer secret was lost on its way, "ends":"older" where every receiver has it, "hours":0 where strangers know them`})
		p.Fact = "ends"
		return p
	case err != nil:
		return err
	}
	if h, err = a.webhookBy(r); err != nil {
		return err
	}
	return sendFresh(w, http.StatusOK, NewWebhook{webhookOf(h), webhook.SecretText(secret)})
}

func (a *api) resumeWebhook(w http.ResponseWriter, r *http.Request) error {
	if err := a.Store.ResumeWebhook(r.Context(), r.PathValue("name")); errors.Is(err, record.ErrNotFound) {
		return unknownWebhook()
	} else if err != nil {
		return err
	}
	return a.webhook(w, r)
}
