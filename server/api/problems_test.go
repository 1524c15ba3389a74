package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/servicerules/rulebook/server/problem"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
)

// What cannot be helped by the caller is said with when to try again, and
// nothing of what the disk or the program said.
func TestTroubleInside(t *testing.T) {
	const secret = "13800138000"
	for code, err := range map[string]error{
		"not_on_record": fmt.Errorf("recording: %w", &record.NotDurableError{Err: errors.New("disk full " + secret)}),
		"stopping":      record.ErrClosed,
		"busy":          service.ErrBusy,
		"cut_short":     context.Canceled,
		"internal":      errors.New(secret),
	} {
		w := httptest.NewRecorder()
		problem.Write(w, httptest.NewRequest(http.MethodPost, "/", nil), (&api{}).problemOf(err))
		assert.Contains(t, w.Body.String(), `"code":"`+code+`"`)
		assert.NotContains(t, w.Body.String(), secret)
		if code == "internal" {
			assert.Equal(t, http.StatusInternalServerError, w.Code)
			continue
		}
		assert.Equal(t, http.StatusServiceUnavailable, w.Code, code)
		assert.Equal(t, "1", w.Header().Get("Retry-After"), code)
	}
}
