package server

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pem2 is a certificate of a number for localhost, and its key.
func pem2(t *testing.T, number int64) (cert, key []byte) {
	t.Helper()
	now := time.Now()
	return pemOf(t, number, now.Add(-time.Hour), now.Add(time.Hour))
}

// pemOf is one that holds from a time until another.
func pemOf(t *testing.T, number int64, from, until time.Time) (cert, key []byte) {
	t.Helper()
	pair, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	of := &x509.Certificate{SerialNumber: big.NewInt(number), Subject: pkix.Name{CommonName: "localhost"}, NotBefore: from, NotAfter: until, DNSNames: []string{"localhost"}}
	der, err := x509.CreateCertificate(rand.Reader, of, of, pair.Public(), pair)
	require.NoError(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(pair)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
}

// Certificates are exchanged without a restart; what is none, or half of one,
// changes nothing.
func TestCertificateIsReadAnew(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	put := func(path string, data []byte) { require.NoError(t, os.WriteFile(path, data, 0o600)) }
	oneCert, oneKey := pem2(t, 1)
	put(cert, oneCert)
	put(key, oneKey)
	s := start(t, "--tls-cert", cert, "--tls-key", key, "--watch", "10ms")
	address := strings.TrimSuffix(strings.TrimPrefix(s.url, "https://"), "/")
	shown := func() int64 {
		c, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
		require.NoError(t, err)
		defer func() { require.NoError(t, c.Close()) }()
		assert.Equal(t, "h2", c.ConnectionState().NegotiatedProtocol)
		return c.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	}
	require.Equal(t, int64(1), shown())
	twoCert, twoKey := pem2(t, 2)
	put(cert, twoCert) // the key is that of another one
	logged := func(text string) {
		t.Helper()
		require.Eventually(t, func() bool { return strings.Contains(s.stderr.String(), text) }, time.Minute, time.Millisecond)
	}
	logged("the certificate is not taken; the one before stays in use")
	assert.Equal(t, int64(1), shown())
	put(key, twoKey)
	require.Eventually(t, func() bool { return shown() == 2 }, time.Minute, 10*time.Millisecond)
	logged("the certificate was read anew")
	assert.NotContains(t, s.stderr.String(), "PRIVATE")
	s.stop()

	// At SIGHUP at once, also where the files are looked at seldom.
	s = start(t, "--tls-cert", cert, "--tls-key", key, "--watch", "1h")
	address = strings.TrimSuffix(strings.TrimPrefix(s.url, "https://"), "/")
	threeCert, threeKey := pem2(t, 3)
	put(cert, threeCert)
	put(key, threeKey)
	s.reload <- syscall.SIGHUP
	require.Eventually(t, func() bool { return shown() == 3 }, time.Minute, 10*time.Millisecond)
}

// A file that is being written, is gone or is broken is told once, and what was in
// use stays.
func TestCertificateLooks(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	oneCert, oneKey := pem2(t, 1)
	require.NoError(t, os.WriteFile(cert, oneCert, 0o600))
	require.NoError(t, os.WriteFile(key, oneKey, 0o600))
	c, err := readCertificate(cert, key)
	require.NoError(t, err)
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	number := func() int64 { return c.pair.Load().Leaf.SerialNumber.Int64() }
	look := func(atOnce bool) string {
		out.Reset()
		c.look(atOnce, log)
		return out.String()
	}
	assert.Empty(t, look(false))
	require.NoError(t, os.WriteFile(cert, oneCert[:100], 0o600))
	assert.Empty(t, look(false), "it may be being written")
	assert.Contains(t, look(false), "is not taken")
	assert.Empty(t, look(false), "told once")
	assert.Equal(t, int64(1), number())
	require.NoError(t, os.Remove(cert))
	assert.Contains(t, look(false), "no such file")
	twoCert, twoKey := pem2(t, 2)
	require.NoError(t, os.WriteFile(cert, twoCert, 0o600))
	require.NoError(t, os.WriteFile(key, twoKey, 0o600))
	assert.Empty(t, look(false))
	assert.Contains(t, look(false), "was read anew")
	assert.Equal(t, int64(2), number())
	require.NoError(t, os.WriteFile(cert, oneCert, 0o600))
	require.NoError(t, os.WriteFile(key, oneKey, 0o600))
	assert.Contains(t, look(true), "was read anew")
	assert.Equal(t, int64(1), number())
	_, err = readCertificate(key, key)
	assert.Error(t, err)
	_, err = readCertificate(cert, filepath.Join(dir, "none"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// One whose time is over, or has not come, takes the place of none that holds; any
// takes the place of one that does not hold itself.
func TestCertificateOfAnotherTime(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	put := func(number int64, from, until time.Duration) {
		certText, keyText := pemOf(t, number, now.Add(from), now.Add(until))
		require.NoError(t, os.WriteFile(cert, certText, 0o600))
		require.NoError(t, os.WriteFile(key, keyText, 0o600))
	}
	put(1, -2*time.Hour, -time.Hour)
	c, err := readCertificate(cert, key)
	require.NoError(t, err, "a server starts with it")
	for _, x := range []struct {
		number      int64
		from, until time.Duration
		want        int64
	}{{2, -3 * time.Hour, -time.Hour, 2}, {3, -time.Hour, time.Hour, 3}, {4, -2 * time.Hour, -time.Minute, 3}, {5, time.Minute, time.Hour, 3}, {6, -time.Minute, time.Minute, 6}} {
		put(x.number, x.from, x.until)
		var out bytes.Buffer
		c.look(true, slog.New(slog.NewTextHandler(&out, nil)))
		assert.Equal(t, x.want, c.pair.Load().Leaf.SerialNumber.Int64(), x.number)
		if x.want != x.number {
			assert.Contains(t, out.String(), "and not now")
		}
	}
}
