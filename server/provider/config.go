package provider

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/servicerules/rulebook/server/internal/files"
	"github.com/servicerules/rulebook/server/people"
)

// Config is what a file says of an identity provider.
type Config struct {
	Issuer     string `yaml:"issuer"`             // address of the provider, to the letter as its tokens have it
	ClientID   string `yaml:"client_id"`          // what the provider calls this server
	SecretFile string `yaml:"client_secret_file"` // file of the secret beside it, from the directory of this file on; "" for a server that has none
	Address    string `yaml:"address"`            // of this server, as browsers have it: https://rules.example.org
	Called     struct {
		ZH string `yaml:"zh"`
		EN string `yaml:"en"`
	} `yaml:"called"` // what people call the provider
	Scopes       []string            `yaml:"scopes"`        // asked for beside openid; profile where it is left out
	GroupsClaim  string              `yaml:"groups_claim"`  // claim with the groups of a person; groups where it is left out
	Roles        map[string][]string `yaml:"roles"`         // of each group; nil where roles are given at this server
	Create       bool                `yaml:"create"`        // an account is made for whoever has a role and none
	AccountClaim string              `yaml:"account_claim"` // claim that names its account; preferred_username where it is left out
	NameClaim    string              `yaml:"name_claim"`    // claim with the name of a person; name where it is left out

	secret string
}

// mostFile bounds a file of a provider and that of its secret, in bytes.
const mostFile = 1 << 16

// ReadFile reads what a file says of an identity provider, and the secret that it
// names. Errors name the file and what is wrong, and nothing that is secret.
func ReadFile(path string) (*Config, error) {
	c := &Config{Scopes: []string{"profile"}, GroupsClaim: "groups", AccountClaim: "preferred_username", NameClaim: "name"}
	if err := files.YAML(path, mostFile, c, "issuer, client_id, client_secret_file and address, and what else docs/operations.md names"); err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if c.SecretFile == "" {
		return c, nil
	}
	if !filepath.IsAbs(c.SecretFile) {
		c.SecretFile = filepath.Join(filepath.Dir(path), c.SecretFile)
	}
	secret, err := files.ReadBounded(c.SecretFile, mostFile)
	if err != nil {
		return nil, fmt.Errorf("%s: client_secret_file: %w", path, err)
	}
	if c.secret = strings.TrimSpace(string(secret)); c.secret == "" {
		return nil, fmt.Errorf("%s: client_secret_file: %s is empty", path, c.SecretFile)
	}
	return c, nil
}

func (c *Config) check() error {
	c.Address = strings.TrimSuffix(c.Address, "/")
	if err := checkURL(c.Issuer); err != nil {
		return fmt.Errorf("issuer: %w", err)
	}
	if c.ClientID == "" {
		return errors.New("client_id: write what the provider calls this server")
	}
	if err := checkURL(c.Address); err != nil {
		return fmt.Errorf("address: %w", err)
	}
	if at, err := url.Parse(c.Address); err != nil || at.Path != "" {
		return fmt.Errorf("address: %q is more than scheme, name and port of this server; write https://rules.example.org", c.Address)
	}
	for group, roles := range c.Roles {
		for _, name := range roles {
			if _, ok := people.RoleOf(name); !ok {
				return fmt.Errorf("roles: %s: there is no role %q; write some of %s", group, name, strings.Join(people.RoleNames(), ", "))
			}
		}
	}
	if c.Create && len(c.Roles) == 0 {
		return errors.New("create: an account that is made needs roles; say under roles which groups have which")
	}
	return nil
}

// checkURL takes addresses that nobody on the way can change: of TLS, or of this
// machine.
func checkURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("%q is no address; write https://NAME", text)
	}
	return checkSafe(u)
}

func checkSafe(u *url.URL) error {
	ip := net.ParseIP(u.Hostname())
	if here := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback(); u.Scheme != "https" && (u.Scheme != "http" || !here) {
		return fmt.Errorf("%q is not safe on its way; write https://", u.Redacted())
	}
	return nil
}
