// Package signingtest is somebody who signs rules, for tests.
package signingtest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"os"
	"path/filepath"
	"testing"

	"github.com/hiddeco/sshsig"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"github.com/servicerules/rulebook/server/signing"
)

// Signer is a name, and a key to sign with.
type Signer struct {
	t   testing.TB
	key ssh.Signer
	// Line is his in a file of signers.
	Line string
}

// New is somebody with a new key.
func New(t testing.TB, name string) *Signer {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	key, err := ssh.NewSignerFromKey(private)
	require.NoError(t, err)
	return &Signer{t, key, name + " " + string(ssh.MarshalAuthorizedKey(key.PublicKey()))}
}

// File is a file of signers that names him alone.
func (s *Signer) File() string {
	s.t.Helper()
	file := filepath.Join(s.t.TempDir(), "signers")
	require.NoError(s.t, os.WriteFile(file, []byte(s.Line), 0o600))
	return file
}

// Signers are those of his file.
func (s *Signer) Signers() *signing.Signers {
	s.t.Helper()
	all, err := signing.ReadFile(s.File())
	require.NoError(s.t, err)
	return all
}

// Fingerprint is that of his key.
func (s *Signer) Fingerprint() string { return ssh.FingerprintSHA256(s.key.PublicKey()) }

// Signs is his signature of a text, for a namespace.
func (s *Signer) Signs(text []byte, namespace string) string {
	s.t.Helper()
	sig, err := sshsig.Sign(bytes.NewReader(text), s.key, sshsig.HashSHA512, namespace)
	require.NoError(s.t, err)
	return string(sshsig.Armor(sig))
}

// Sign is his signature of rules.
func (s *Signer) Sign(text []byte) string { s.t.Helper(); return s.Signs(text, signing.Namespace) }
