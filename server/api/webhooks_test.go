package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/api"
	"github.com/servicerules/rulebook/server/live"
)

// Webhooks are made, listed, resumed and taken away; the secret is shown once, and
// all that is wrong with one is told at once.
func TestWebhooks(t *testing.T) {
	s := serve(t, live.Options{})
	s.ask("time_limit.request", "?record=1", install)
	add := func(body string) reply {
		t.Helper()
		return s.send(http.MethodPost, "/v1/webhooks", "application/json", body, "Accept-Language", "en")
	}
	made := add(`{"name":"billing","url":"https://billing.example/events","types":["overdue"]}`)
	require.Equal(t, http.StatusCreated, made.status, made.body)
	var one api.NewWebhook
	decode(t, made.body, &one)
	assert.True(t, strings.HasPrefix(one.Secret, "whsec_"))
	assert.Equal(t, "working", one.Webhook.State)
	assert.Equal(t, s.events("?after=now").Next, one.Webhook.Cursor)
	var all api.Webhooks
	got := s.get("/v1/webhooks")
	decode(t, got.body, &all)
	assert.Equal(t, []api.Webhook{one.Webhook}, all.Webhooks)
	assert.NotContains(t, got.body, "whsec_")
	require.Equal(t, http.StatusCreated, add(`{"name":"all","url":"https://x.example","after":"beginning"}`).status)
	assert.Equal(t, "webhook_there", add(`{"name":"all","url":"https://x.example"}`).problem(t).Code)
	wrong := add(`{"name":"a b","url":"http://10.0.0.1/","types":["late"],"after":"x"}`).problem(t)
	var members []string
	for _, e := range wrong.Errors {
		members = append(members, e.Fact)
	}
	assert.Equal(t, []string{"name", "url", "types", "after"}, members)
	assert.Equal(t, "bad_record", add(`{"nam":"a"}`).problem(t).Code)
	assert.Equal(t, http.StatusOK, s.send(http.MethodPost, "/v1/webhooks/all/resume", "", "").status)
	rotate := func(body string) reply {
		return s.send(http.MethodPost, "/v1/webhooks/billing/rotation", "application/json", body, "Accept-Language", "en")
	}
	for _, body := range []string{`{"hours":-1}`, `{"hours":721}`, `{"ends":"both"}`} {
		assert.Equal(t, "bad_rotation", rotate(body).problem(t).Code)
	}
	var other api.NewWebhook
	decode(t, rotate(`{}`).body, &other)
	assert.NotEqual(t, one.Secret, other.Secret)
	require.NotNil(t, other.Webhook.OldUntil)
	assert.Equal(t, "two_secrets", rotate(`{}`).problem(t).Code, "a receiver knows the first still")
	var again api.NewWebhook
	decode(t, rotate(`{"ends":"newer"}`).body, &again)
	assert.NotEqual(t, other.Secret, again.Secret)
	var last api.NewWebhook
	decode(t, rotate(`{"hours":0}`).body, &last)
	assert.NotEqual(t, again.Secret, last.Secret)
	assert.Nil(t, last.Webhook.OldUntil)
	assert.NotContains(t, s.get("/v1/webhooks/billing").body, "whsec_")
	assert.Equal(t, "unknown_webhook", s.send(http.MethodPost, "/v1/webhooks/none/rotation", "application/json", `{}`).problem(t).Code)
	assert.Equal(t, http.StatusNoContent, s.send(http.MethodDelete, "/v1/webhooks/all", "", "").status)
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		assert.Equal(t, "unknown_webhook", s.send(method, "/v1/webhooks/all", "", "").problem(t).Code)
	}
	assert.Equal(t, "unknown_webhook", s.send(http.MethodPost, "/v1/webhooks/all/resume", "", "").problem(t).Code)
}
