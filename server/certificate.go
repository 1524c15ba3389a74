package server

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// certificate is the certificate of the server by TLS with its key, which are read
// anew when their files change: who renews them exchanges files and starts nothing
// anew. Connections that are open go on with the one that they began with.
type certificate struct {
	cert, key string // files
	pair      atomic.Pointer[tls.Certificate]

	mu   sync.Mutex
	text [2][]byte // of the files, in use
	seen [2][]byte // at the look before
	err  error     // why what stands in the files now is not in use
}

// readCertificate reads a certificate chain and its key, PEM both.
func readCertificate(cert, key string) (*certificate, error) {
	c := &certificate{cert: cert, key: key}
	text, err := c.read()
	if err != nil {
		return nil, err
	}
	return c, c.take(text)
}

func (c *certificate) read() (text [2][]byte, err error) {
	for i, file := range []string{c.cert, c.key} {
		if text[i], err = os.ReadFile(file); err != nil {
			return text, err
		}
	}
	return text, nil
}

// take puts a certificate in use, if it is one. One whose time is not now takes the
// place of none that holds.
func (c *certificate) take(text [2][]byte) error {
	pair, err := tls.X509KeyPair(text[0], text[1])
	if err != nil {
		return err
	}
	if now, before := time.Now(), c.pair.Load(); before != nil && holds(before, now) && !holds(&pair, now) {
		return fmt.Errorf("%s holds from %s until %s, and not now", c.cert, pair.Leaf.NotBefore.Format(time.RFC3339), pair.Leaf.NotAfter.Format(time.RFC3339))
	}
	c.pair.Store(&pair)
	c.text, c.seen = text, text
	return nil
}

func holds(pair *tls.Certificate, now time.Time) bool {
	return !now.Before(pair.Leaf.NotBefore) && !now.After(pair.Leaf.NotAfter)
}

// config is how the server speaks TLS.
func (c *certificate) config() *tls.Config {
	return &tls.Config{
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.pair.Load(), nil },
		MinVersion:     tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
	}
}

// look looks at the files. Changed ones are taken once two looks agree, so that
// none is that is being written, or at once where somebody says so; what is no
// certificate with its key changes nothing, and is logged once.
func (c *certificate) look(atOnce bool, log *slog.Logger) {
	c.mu.Lock()
	defer c.mu.Unlock()
	text, err := c.read()
	if err == nil {
		settled := atOnce || same(text, c.seen)
		c.seen = text
		switch {
		case same(text, c.text):
			c.err = nil
			return
		case !settled:
			return
		}
		if err = c.take(text); err == nil {
			c.err = nil
			log.Info("the certificate was read anew", "until", c.pair.Load().Leaf.NotAfter)
			return
		}
	}
	if c.err == nil || c.err.Error() != err.Error() {
		log.Error("the certificate is not taken; the one before stays in use", "err", err)
	}
	c.err = err
}

func same(a, b [2][]byte) bool { return bytes.Equal(a[0], b[0]) && bytes.Equal(a[1], b[1]) }

// watch looks at the files again and again until the context ends.
func (c *certificate) watch(ctx context.Context, every time.Duration, log *slog.Logger) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			c.look(false, log)
		}
	}
}
