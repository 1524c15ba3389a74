package provider

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/servicerules/rulebook/server/people"
)

// read is the person of a token, with the roles that its groups have.
func (p *Provider) read(t *oidc.IDToken) (people.Vouched, error) {
	v := people.Vouched{Identity: people.Identity{Issuer: t.Issuer, Subject: t.Subject}}
	var claims map[string]json.RawMessage
	if err := t.Claims(&claims); err != nil {
		return v, err
	}
	if p.Roles != nil {
		v.Roles = p.rolesOf(groups(claims, p.GroupsClaim))
	}
	if p.Create {
		name, _, _ := strings.Cut(strings.ToLower(text(claims, p.AccountClaim)), "@")
		if v.Account = name; !people.IDFine(name) {
			v.Account = "" // who manages accounts makes one by hand
		}
		if v.Name = text(claims, p.NameClaim); strings.TrimSpace(v.Name) == "" {
			v.Name = v.Account
		}
		const longest = 60 // as people have it
		if utf8.RuneCountInString(v.Name) > longest {
			v.Name = string([]rune(v.Name)[:longest])
		}
	}
	return v, nil
}

// rolesOf are the roles that groups have; not nil, also where they have none.
func (p *Provider) rolesOf(groups []string) []string {
	roles := []string{}
	for _, name := range people.RoleNames() {
		if slices.ContainsFunc(groups, func(g string) bool { return slices.Contains(p.Roles[g], name) }) {
			roles = append(roles, name)
		}
	}
	return roles
}

// groups are the texts of a claim, which is a list of them or one. With dots in its
// name it stands inside of others, where none is called so.
func groups(claims map[string]json.RawMessage, name string) (all []string) {
	value := find(claims, name)
	if json.Unmarshal(value, &all) == nil {
		return all
	}
	var one string
	if json.Unmarshal(value, &one) == nil {
		return []string{one}
	}
	return nil
}

func text(claims map[string]json.RawMessage, name string) (value string) {
	if err := json.Unmarshal(find(claims, name), &value); err != nil {
		return "" // another kind of value says nothing here
	}
	return value
}

func find(claims map[string]json.RawMessage, name string) json.RawMessage {
	if value, ok := claims[name]; ok {
		return value
	}
	outer, inner, nested := strings.Cut(name, ".")
	if !nested {
		return nil
	}
	var within map[string]json.RawMessage
	if json.Unmarshal(claims[outer], &within) != nil {
		return nil
	}
	return find(within, inner)
}
