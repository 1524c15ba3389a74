package console

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/changing"
	"github.com/servicerules/rulebook/server/internal/signingtest"
	"github.com/servicerules/rulebook/server/record"
)

// Where rules need a signature, the page of a change asks for one, and says who signed.
func TestPagesOfSignedChanges(t *testing.T) {
	office := signingtest.New(t, "head.office")
	p, _ := ownRules(t)
	text := append(bytes.Clone(p.console.service.Rules.Current().Text), "\n# another\n"...)
	changes := p.console.service.Changes
	c, _, err := changes.Take(t.Context(), 0, changing.Do{Kind: record.ChangeDrafted, Title: "t", Why: "w", Text: text})
	require.NoError(t, err)
	for _, kind := range []string{record.ChangeProposed, record.ChangeApproved} {
		c, _, err = changes.Take(t.Context(), c.Number, changing.Do{Kind: kind, SHA256: c.Text})
		require.NoError(t, err)
	}
	at := "/rules/changes/" + strconv.FormatInt(c.Number, 10)
	assert.NotContains(t, p.get(at), `name="signature"`)
	changes.AskSigners(office.Signers())
	for _, lang := range []string{"zh", "en"} {
		p.lang = lang
		page := p.get(at)
		assert.Contains(t, page, `id="published-signature"`)
		assert.Contains(t, page, `href="/v1/changes/1/text"`)
		sound(t, at, page)
		status, page := p.posted(at+"/steps", url.Values{kindInput: {record.ChangePublished}, sumInput: {c.Text}, signatureInput: {"x"}})
		assert.Equal(t, http.StatusUnprocessableEntity, status)
		assert.Contains(t, page, "ssh-keygen -Y sign -n rulebook")
		sound(t, at, page)
		for size, want := range map[int]int{200 << 10: http.StatusUnprocessableEntity, 2 << 20: http.StatusRequestEntityTooLarge} {
			status, page = p.posted(at+"/steps", url.Values{kindInput: {record.ChangePublished}, sumInput: {c.Text}, signatureInput: {strings.Repeat("x", size)}})
			assert.Equal(t, want, status)
			assert.Contains(t, page, map[string]string{"zh": "ssh-keygen 写出的 .sig 文件的内容", "en": "what ssh-keygen wrote to the file .sig"}[lang])
		}
	}
	// Where it is given for a later moment, it need not be given again.
	status, page := p.posted(at+"/steps", url.Values{kindInput: {record.ChangeScheduled}, sumInput: {c.Text}, fromInput: {"2999-01-01T00:00"}, signatureInput: {office.Sign(text)}})
	require.Equal(t, http.StatusSeeOther, status, page)
	page = p.get(at)
	assert.Contains(t, page, "<strong>head.office</strong>")
	sound(t, at, page)
}
