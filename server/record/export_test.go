package record

import (
	"crypto/sha256"
	"encoding/hex"
)

// WithoutSync is o for a store that does not wait for the disk.
func WithoutSync(o Options) Options {
	o.withoutSync = true
	return o
}

// HexSHA256 is the hash of a text.
func HexSHA256(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
