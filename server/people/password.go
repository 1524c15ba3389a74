package people

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// What a password must be. Length is what counts; which characters does not.
const (
	shortestPassword = 10 // characters
	longestPassword  = 200
)

// cost is what finding one password by its hash takes: the second of the
// settings that OWASP recommends for Argon2id.
type cost struct{ memory, time, threads uint32 } // memory in KiB

var usualCost = cost{memory: 19 << 10, time: 2, threads: 1}

const (
	saltBytes = 16
	keyBytes  = 32
)

// hashesAtOnce bounds the memory that passwords take, and the processors.
const hashesAtOnce = 2

// ErrBusy says that too many sign in at once.
var ErrBusy = errors.New("too many sign in at once")

// hasher finds hashes, a few at a time.
type hasher struct {
	places  chan struct{}
	cost    cost
	observe func(cost) // is told of every hash that is computed; nil for nobody
}

func newHasher() *hasher { return &hasher{places: make(chan struct{}, hashesAtOnce), cost: usualCost} }

// key is the Argon2id of a password. Who cannot wait for a place gets ErrBusy.
func (h *hasher) key(ctx context.Context, password string, salt []byte, c cost) ([]byte, error) {
	select {
	case h.places <- struct{}{}:
	case <-ctx.Done():
		return nil, ErrBusy
	}
	defer func() { <-h.places }()
	if h.observe != nil {
		h.observe(c)
	}
	return argon2.IDKey([]byte(norm.NFKC.String(password)), salt, c.time, c.memory, uint8(c.threads), keyBytes), nil
}

// hash is how a password is kept, in the PHC form that other programs know.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // it does not fail
	key, err := h.key(ctx, password, salt, h.cost)
	if err != nil {
		return "", err
	}
	return h.kept(salt, key), nil
}

// kept is a hash as it is kept.
func (h *hasher) kept(salt, key []byte) string {
	plain := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.cost.memory, h.cost.time, h.cost.threads, plain(salt), plain(key))
}

// nobody is what the password of an account is compared with that there is not:
// it takes the same time, and no password fits.
func (h *hasher) nobody() string { return h.kept(make([]byte, saltBytes), make([]byte, keyBytes)) }

// fits reports whether a password is the one that is kept.
func (h *hasher) fits(ctx context.Context, kept, password string) (bool, error) {
	parts := strings.Split(kept, "$")
	const words = 6
	if len(parts) != words || parts[1] != "argon2id" {
		return false, errors.New("a password is kept in a form that is not known")
	}
	var version int
	var c cost
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return false, errors.New("a password is kept by a version of Argon2 that is not known")
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.time, &c.threads); err != nil || c.memory > 1<<20 || c.time < 1 || c.time > 100 || c.threads < 1 || c.threads > 255 {
		return false, errors.New("a password is kept at a cost that is not known")
	}
	salt, errSalt := base64.RawStdEncoding.DecodeString(parts[4])
	key, errKey := base64.RawStdEncoding.DecodeString(parts[5])
	if err := errors.Join(errSalt, errKey); err != nil {
		return false, err
	}
	found, err := h.key(ctx, password, salt, c)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(found, key) == 1, nil
}

// checkPassword refuses a password that could be guessed at once.
func checkPassword(id, password string) error {
	n := utf8.RuneCountInString(password)
	simple := strings.ToLower(norm.NFKC.String(password))
	switch {
	case !utf8.ValidString(password) || n > longestPassword:
		return refuse("bad_password", fmt.Sprintf("密码最多 %d 个字符，且是 UTF-8 文字", longestPassword), fmt.Sprintf("a password has at most %d characters, and is UTF-8 text", longestPassword), "换一个", "choose another one")
	case n < shortestPassword:
		return refuse("short_password", fmt.Sprintf("密码至少 %d 个字符", shortestPassword), fmt.Sprintf("a password has at least %d characters", shortestPassword), "写一句好记的话", "write a sentence that you remember")
	case id != "" && strings.Contains(simple, id), distinct(simple) < 5, strings.Contains("01234567890123456789", simple), strings.Contains("abcdefghijklmnopqrstuvwxyz", simple):
		return refuse("weak_password", "密码太容易猜到", "the password is too easily guessed", "不要用账户名、重复或连续的字符；写一句好记的话", "use neither the name of the account nor repeated or consecutive characters; write a sentence that you remember")
	}
	return nil
}

func distinct(text string) int {
	seen := map[rune]bool{}
	for _, c := range text {
		seen[c] = true
	}
	return len(seen)
}
