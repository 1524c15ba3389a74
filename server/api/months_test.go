package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/api"
	"github.com/servicerules/rulebook/server/live"
)

// Tables of a month are kept by program as by the page: once, corrected for a
// reason only, given back as they were sent.
func TestMonthsByProgram(t *testing.T) {
	s := serve(t, live.Options{})
	files := map[string]string{"requests.csv": sample(t)["requests.csv"]}
	keep := func(query string, files map[string]string) reply {
		t.Helper()
		media, body := form(t, files, nil)
		return s.send(http.MethodPost, "/v1/months"+query, media, body, "Accept-Language", "en")
	}
	assert.Equal(t, "no_source", keep("?month=2025-06", files).problem(t).Code)
	assert.Equal(t, "other_month", keep("?month=2024-06&source=East", files).problem(t).Code)
	assert.Equal(t, "bad_parameter", keep("?month=June&source=East", files).problem(t).Code)
	first := keep("?month=2025-06&source=East", files)
	require.Equal(t, http.StatusCreated, first.status, first.body)
	var kept api.KeptMonth
	decode(t, first.body, &kept)
	assert.Positive(t, kept.Totals.Records)
	again := keep("?month=2025-06&source=EAST", files)
	assert.Equal(t, http.StatusOK, again.status, again.body)
	changed := map[string]string{"requests.csv": files["requests.csv"] + "\n"}
	assert.Equal(t, "kept_already", keep("?month=2025-06&source=East", changed).problem(t).Code)
	second := keep("?month=2025-06&source=East&reason=a+slip", changed)
	require.Equal(t, http.StatusCreated, second.status, second.body)

	var all api.KeptMonths
	decode(t, s.get("/v1/months").body, &all)
	require.Len(t, all.Months, 2)
	assert.True(t, all.Months[0].Last)
	assert.EqualValues(t, 1, all.Months[0].Replaces)
	var one api.KeptMonth
	decode(t, s.get(first.header.Get("Location")).body, &one)
	require.Len(t, one.Files, 1)
	assert.Equal(t, files["requests.csv"], s.get(first.header.Get("Location")+"/files/requests.csv").body)
	assert.Equal(t, "unknown_file", s.get("/v1/months/1/files/x.csv").problem(t).Code)
	for _, number := range []string{"9", "x", "-1"} {
		assert.Equal(t, "unknown_month", s.get("/v1/months/"+number).problem(t).Code)
	}
	// What was erased is not kept: sending it again does not find it, and a reason has it
	// kept anew.
	assert.Equal(t, "bad_record", s.send(http.MethodPost, "/v1/months/2/erasure", "application/json", `{"reason":"x","seen":1}`).problem(t).Code, "months have no steps")
	require.Equal(t, http.StatusOK, s.send(http.MethodPost, "/v1/months/2/erasure", "application/json", `{"reason":"x"}`).status)
	refused := keep("?month=2025-06&source=East", changed).problem(t)
	assert.Equal(t, "kept_already", refused.Code)
	assert.Contains(t, refused.Title, "erased since")
	assert.NotContains(t, refused.Remedy, "looked at")
	third := keep("?month=2025-06&source=East&reason=too+early", changed)
	require.Equal(t, http.StatusCreated, third.status, third.body)
	var gone api.KeptMonth
	decode(t, s.get("/v1/months/2").body, &gone)
	assert.NotNil(t, gone.Erased)
	assert.Empty(t, gone.Files)
	assert.Empty(t, gone.Reason)
}
