// Package webhook sends events to addresses that were named for it: signed, in
// order, each until it is taken, over restarts. What is sent is told apart from
// what others send by its signature (standardwebhooks.com); where it goes to is
// bounded, so that nobody has the server call what only it can reach.
package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"
)

const secretPrefix = "whsec_"

// Bounds of a secret, in bytes.
const (
	secretBytes  = 32
	shortestKey  = 24
	longestKey   = 64
	secretLength = 128 // characters
)

// NewSecret makes a secret to sign with.
func NewSecret() []byte {
	b := make([]byte, secretBytes)
	_, _ = rand.Read(b) // it does not fail
	return b
}

// SecretText is a secret as receivers write it into their configuration.
func SecretText(secret []byte) string {
	return secretPrefix + base64.StdEncoding.EncodeToString(secret)
}

// ErrSecret says that a text is no secret.
var ErrSecret = errors.New("a secret is whsec_ and 24 to 64 bytes in base64")

// ParseSecret reads a secret. The error is ErrSecret.
func ParseSecret(text string) ([]byte, error) {
	rest, found := strings.CutPrefix(text, secretPrefix)
	b, err := base64.StdEncoding.DecodeString(rest)
	if !found || err != nil || len(text) > secretLength || len(b) < shortestKey || len(b) > longestKey {
		return nil, ErrSecret
	}
	return b, nil
}

// Signatures are those of what is sent by each of some secrets, as
// webhook-signature has them: with a blank between. A receiver takes it where one of
// them is right.
func Signatures(secrets [][]byte, id string, at time.Time, body []byte) string {
	var all []string
	for _, secret := range secrets {
		all = append(all, Sign(secret, id, at, body))
	}
	return strings.Join(all, " ")
}

// Sign is the signature of what is sent by one secret.
func Sign(secret []byte, id string, at time.Time, body []byte) string {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + "."))
	h.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(h.Sum(nil))
}
