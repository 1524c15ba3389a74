package server

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/servicerules/rulebook/server/door"
)

// credentials are what is read anew while the server runs. Each is nil for none.
type credentials struct {
	tokens      *door.Tokens
	certificate *certificate
}

// watch looks at their files again and again until the context ends.
func (c credentials) watch(ctx context.Context, every time.Duration, log *slog.Logger) {
	var each sync.WaitGroup
	if c.tokens != nil {
		each.Go(func() { c.tokens.Watch(ctx, every, log) })
	}
	if c.certificate != nil {
		each.Go(func() { c.certificate.watch(ctx, every, log) })
	}
	each.Wait()
}

// reload looks at their files now.
func (c credentials) reload(log *slog.Logger) {
	if c.tokens != nil {
		c.tokens.Reload(log)
	}
	if c.certificate != nil {
		c.certificate.look(true, log)
	}
}
