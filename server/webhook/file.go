package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/server/internal/files"
	"github.com/servicerules/rulebook/server/record"
)

// named is what a webhook may be called.
var named = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// Errors of what a webhook is said to be.
var (
	ErrName = errors.New("a name is made of letters, digits and . _ -, at most 64 of them")
	ErrType = errors.New("there is no such event; there are " + strings.Join(record.EventTypes, ", "))
)

// CheckName refuses a name that a webhook cannot have. The error is ErrName.
func CheckName(text string) error {
	if !named.MatchString(text) {
		return ErrName
	}
	return nil
}

// CheckTypes refuses types of events that there are not. The error is ErrType.
func CheckTypes(types []string) error {
	for _, t := range types {
		if !slices.Contains(record.EventTypes, t) {
			return ErrType
		}
	}
	return nil
}

// mostFile bounds a file of webhooks, in bytes.
const mostFile = 1 << 20

// ReadFile reads webhooks that are declared in a file:
//
//	webhooks:
//	  - name: billing
//	    url: https://billing.example/events
//	    secret: whsec_…
//	    old_secret: whsec_…                   # signs, too, while receivers learn the new one
//	    types: [decision.recorded, overdue]   # all, where it is left out
//
// Errors name the file and the webhook, and nothing that is secret.
func ReadFile(path string, private bool) ([]*record.Webhook, error) {
	var file struct {
		Webhooks []struct {
			Name   string   `yaml:"name"`
			URL    string   `yaml:"url"`
			Secret string   `yaml:"secret"`
			Old    string   `yaml:"old_secret"`
			Types  []string `yaml:"types"`
		} `yaml:"webhooks"`
	}
	if err := files.YAML(path, mostFile, &file, "webhooks: [{name: NAME, url: https://HOST/PATH, secret: whsec_…}], each also with old_secret and types"); errors.As(err, new(*files.EmptyError)) {
		return nil, nil // it declares none
	} else if err != nil {
		return nil, err
	}
	var all []*record.Webhook
	for i, x := range file.Webhooks {
		secret, err := ParseSecret(x.Secret)
		var old []byte
		if err == nil && x.Old != "" {
			if old, err = ParseSecret(x.Old); err != nil {
				err = fmt.Errorf("old_secret: %w", err)
			} else if bytes.Equal(old, secret) {
				err = errors.New("old_secret is the secret itself: write a new secret, or take old_secret out")
			}
		}
		for _, err := range []error{CheckName(x.Name), CheckURL(x.URL, private), CheckTypes(x.Types), err} {
			if err != nil {
				return nil, fmt.Errorf("%s: webhook %d: %w", path, i+1, err)
			}
		}
		if slices.ContainsFunc(all, func(h *record.Webhook) bool { return h.Name == x.Name }) {
			return nil, fmt.Errorf("%s: webhook %d: the name %s stands twice", path, i+1, x.Name)
		}
		all = append(all, &record.Webhook{Name: x.Name, URL: x.URL, Secret: secret, OldSecret: old, Types: x.Types, FromFile: true})
	}
	return all, nil
}

// Declare makes the webhooks of a store that come from a file those that it
// declares now: a new one begins now, one that is declared no longer ends, and how
// far the others have come stays.
func Declare(ctx context.Context, store *record.Store, declared []*record.Webhook) error {
	there, err := store.Webhooks(ctx)
	if err != nil {
		return err
	}
	for _, h := range there {
		if h.FromFile && !slices.ContainsFunc(declared, func(x *record.Webhook) bool { return x.Name == h.Name }) {
			if err := store.RemoveWebhook(ctx, h.Name); err != nil {
				return err
			}
		}
	}
	for _, x := range declared {
		i := slices.IndexFunc(there, func(h *record.Webhook) bool { return h.Name == x.Name })
		switch {
		case i < 0:
			if x.Cursor, err = store.CursorNow(ctx); err != nil {
				return err
			}
			if err = store.AddWebhook(ctx, x); store.Shared() && errors.Is(err, record.ErrWebhookThere) {
				err = nil // another server has started with the same file just now
			}
		case !there[i].FromFile:
			err = fmt.Errorf("the webhook %s was made by API; take it away there, or choose another name", x.Name)
		case there[i].URL != x.URL || !slices.Equal(there[i].Types, x.Types) || !bytes.Equal(there[i].Secret, x.Secret) || !bytes.Equal(there[i].OldSecret, x.OldSecret):
			err = store.ChangeWebhook(ctx, x)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
