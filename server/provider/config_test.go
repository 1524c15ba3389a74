package provider

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const whole = `issuer: https://id.example.org/realms/branch
client_id: rulebook
client_secret_file: secret
address: https://rules.example.org/
called: {zh: 单位统一认证, en: the office's sign-in}
roles:
  clerks: [viewer, clerk]
create: true
`

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	write("secret", "hush hush\n")
	c, err := ReadFile(write("oidc.yaml", whole))
	require.NoError(t, err)
	assert.Equal(t, "hush hush", c.secret)
	assert.Equal(t, "https://rules.example.org", c.Address)
	assert.Equal(t, []string{"profile"}, c.Scopes)
	assert.Equal(t, "groups preferred_username name", c.GroupsClaim+" "+c.AccountClaim+" "+c.NameClaim)
	for name, x := range map[string]struct{ text, says string }{
		"nothing":        {"", "is empty; write issuer"},
		"unknown key":    {whole + "client_secret: hush\n", "client_secret"},
		"plain issuer":   {"issuer: http://id.example.org\n", "issuer: \"http://id.example.org\" is not safe"},
		"no client":      {"issuer: https://id.example.org\n", "client_id"},
		"no address":     {"issuer: https://id.example.org\nclient_id: a\n", "address"},
		"address path":   {"issuer: https://id.example.org\nclient_id: a\naddress: https://a.example/x\n", "is more than"},
		"address plain":  {"issuer: https://id.example.org\nclient_id: a\naddress: http://a.example\n", "not safe"},
		"unknown role":   {"issuer: https://id.example.org\nclient_id: a\naddress: https://a.example\nroles: {clerks: [boss]}\n", `there is no role "boss"`},
		"create no role": {"issuer: https://id.example.org\nclient_id: a\naddress: https://a.example\ncreate: true\n", "needs roles"},
		"no secret":      {"issuer: https://id.example.org\nclient_id: a\naddress: https://a.example\nclient_secret_file: none\n", "client_secret_file"},
	} {
		_, err := ReadFile(write("wrong.yaml", x.text))
		assert.ErrorContains(t, err, x.says, name)
		assert.NotContains(t, err.Error(), "hush", name)
	}
	write("secret", " \n")
	_, err = ReadFile(write("oidc.yaml", whole))
	assert.ErrorContains(t, err, "is empty")
	for _, address := range []string{"http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:1", "https://a.example"} {
		assert.NoError(t, checkURL(address), address)
	}
	for _, address := range []string{"", "x", "https://", "ftp://a.example", "https://u:p@a.example", "https://a.example/?q", "http://localhost.evil.example", "javascript:x"} {
		assert.Error(t, checkURL(address), address)
	}
}
