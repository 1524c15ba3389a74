package door

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/servicerules/rulebook/server/people"
)

// Tokens are the credentials of a token file, kept as their hashes. The file may
// change while they are in use: see Reload.
type Tokens struct {
	path  string
	usual float64
	list  atomic.Pointer[[]token]

	reloading sync.Mutex
	text      []byte                // in use
	seen      []byte                // at the look before
	broken    atomic.Pointer[error] // why the text that stands in the file now is not in use
}

type token struct {
	text   string // as it is written, to know it again
	hash   [sha256.Size]byte
	caller *Caller
}

var tokenName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// ReadTokens reads a file of credentials, one a line:
//
//	billing ask 2bd806c9…  500     # name, scopes, SHA-256 of the token, rate
//	desk clerk 77ab01d2… until=2027-03-31 person=li.wei
//
// Scopes are joined by commas: read, ask and operate, or names of roles. The
// rate, in questions a second, may be left out; usual applies then, and 0 is no
// limit. until= is the last day, in UTC, on which the token is good. person= is
// the id of the account of the person who uses it.
func ReadTokens(path string, usual float64) (*Tokens, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	t := &Tokens{path: path, usual: usual, text: data, seen: data}
	list, err := t.parse(data, nil)
	if err != nil {
		return nil, err
	}
	t.list.Store(&list)
	return t, nil
}

// parse reads the text of a token file. A line that stands among the former
// ones keeps its caller, and so the rest of its allowance.
func (t *Tokens) parse(data []byte, former []token) ([]token, error) {
	var list []token
	n := 0
	for row := range bytes.Lines(data) {
		n++
		text, _, _ := strings.Cut(string(row), "#")
		fields := strings.Fields(text)
		if len(fields) == 0 {
			continue
		}
		k, err := parseToken(fields, t.usual)
		if err == nil && slices.ContainsFunc(list, func(o token) bool { return o.caller.Name == k.caller.Name }) {
			err = fmt.Errorf("the name %q stands twice", k.caller.Name)
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", t.path, n, err)
		}
		if at := slices.IndexFunc(former, func(o token) bool { return o.text == k.text }); at >= 0 {
			k = former[at]
		}
		list = append(list, k)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s names no credential; make one with the command token", t.path)
	}
	return list, nil
}

// longestLine is that of a token file.
const longestLine = 4 << 10

func parseToken(fields []string, usual float64) (token, error) {
	const fewest = 3
	k := token{text: strings.Join(fields, " ")}
	if len(k.text) > longestLine {
		return k, fmt.Errorf("a line has at most %d characters, and not %d", longestLine, len(k.text))
	}
	if len(fields) < fewest {
		return k, fmt.Errorf("a line has the words NAME SCOPES SHA-256 [RATE] [until=DAY] [person=ID], and not %d", len(fields))
	}
	c := &Caller{Name: fields[0], how: people.ByToken, line: &line{}}
	k.caller = c
	if !tokenName.MatchString(c.Name) {
		return k, fmt.Errorf("the name %q is not made of letters, digits and . _ -", c.Name)
	}
	scopes, err := ParseScopes(fields[1])
	if err != nil {
		return k, err
	}
	c.may = people.ScopesMay(scopes)
	if n, err := hex.Decode(k.hash[:], []byte(fields[2])); err != nil || n != len(k.hash) || len(fields[2]) != hex.EncodedLen(len(k.hash)) {
		return k, fmt.Errorf("the third word is no SHA-256 in hex; the command token prints the line to write")
	}
	limit, said := usual, map[string]bool{}
	for _, word := range fields[fewest:] {
		key, value, named := strings.Cut(word, "=")
		if !named {
			key, value = "rate", word
		}
		if said[key] {
			return k, fmt.Errorf("%s stands twice in a line", key)
		}
		said[key] = true
		switch key {
		case "rate":
			if limit, err = strconv.ParseFloat(value, 64); err != nil || !(limit >= 0 && limit <= 1e6) {
				return k, fmt.Errorf("the rate %q is not a number of questions a second", value)
			}
		case "until":
			day, err := time.Parse(time.DateOnly, value)
			if err != nil {
				return k, fmt.Errorf("until=%s is no day; write until=2027-03-31", value)
			}
			c.line.until = day.AddDate(0, 0, 1)
		case "person":
			if !people.IDFine(value) {
				return k, fmt.Errorf("person=%s is no id of an account: %s", value, people.IDRule)
			}
			c.person = value
		default:
			return k, fmt.Errorf("%q is not known here; behind the SHA-256 may stand a rate, until=DAY and person=ID", word)
		}
	}
	if limit > 0 {
		c.line.limit = rate.NewLimiter(rate.Limit(limit), max(1, int(limit)))
	}
	return k, nil
}

// ParseScopes reads scopes joined by commas.
func ParseScopes(text string) ([]string, error) {
	var all []string
	for word := range strings.SplitSeq(text, ",") {
		if !people.ScopeKnown(word) {
			return nil, fmt.Errorf("there is no scope %q; write read, ask or operate, or a role – %s –, joined by commas", word, strings.Join(people.RoleNames(), ", "))
		}
		if !slices.Contains(all, word) {
			all = append(all, word)
		}
	}
	return all, nil
}

// NewToken makes a token, and the line that lets it in. further is what may
// stand behind the hash: a rate, until=DAY, person=ID.
func NewToken(name, scopes string, further ...string) (secret, line string, err error) {
	secret = "rb_" + rand.Text()
	sum := sha256.Sum256([]byte(secret))
	fields := append([]string{name, scopes, hex.EncodeToString(sum[:])}, further...)
	if _, err := parseToken(fields, 0); err != nil {
		return "", "", err
	}
	return secret, strings.Join(fields, " "), nil
}

// find compares with every token, so that the time tells nothing. One whose time
// is over is none.
func (t *Tokens) find(secret string) *Caller {
	sum := sha256.Sum256([]byte(secret))
	var found *Caller
	for _, k := range *t.list.Load() {
		if subtle.ConstantTimeCompare(sum[:], k.hash[:]) == 1 {
			found = k.caller
		}
	}
	if found != nil && found.line.over(time.Now()) {
		return nil
	}
	return found
}

// Reload looks at the file. One that has changed takes the place of what was in
// use: tokens that it does not have any more end at once, also for requests that
// are under way. A file that cannot be read, or is not a token file, changes
// nothing and is logged, each time; Broken has it.
func (t *Tokens) Reload(log *slog.Logger) {
	t.reloading.Lock()
	defer t.reloading.Unlock()
	data, err := os.ReadFile(t.path)
	if err == nil {
		t.seen = data
		err = t.take(data)
	}
	if err != nil {
		notTaken(log, err)
	}
	t.broken.Store(&err)
}

func notTaken(log *slog.Logger, err error) {
	log.Error("the token file is not taken; the tokens before stay in use", "err", err)
}

// take puts what a file says in the place of what was in use.
func (t *Tokens) take(data []byte) error {
	if bytes.Equal(data, t.text) {
		return nil
	}
	former := *t.list.Load()
	list, err := t.parse(data, former)
	if err != nil {
		return err
	}
	t.list.Store(&list)
	t.text = data
	for _, k := range former {
		if !slices.ContainsFunc(list, func(o token) bool { return o.caller == k.caller }) {
			k.caller.line.ended.Store(true)
		}
	}
	return nil
}

// Watch looks at the file again and again until the context ends. A changed one
// is taken once two looks agree, so that none that is being written is. What
// goes wrong is logged once for each text.
func (t *Tokens) Watch(ctx context.Context, every time.Duration, log *slog.Logger) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			t.look(log)
		}
	}
}

func (t *Tokens) look(log *slog.Logger) {
	t.reloading.Lock()
	defer t.reloading.Unlock()
	data, err := os.ReadFile(t.path)
	if err == nil {
		settled := bytes.Equal(data, t.seen)
		changed := !bytes.Equal(data, t.text)
		t.seen = data
		switch {
		case !changed:
			t.broken.Store(nil)
			return
		case !settled:
			return
		}
		if err = t.take(data); err == nil {
			log.Info("the token file was read anew", "tokens", len(*t.list.Load()))
			t.broken.Store(nil)
			return
		}
	}
	if before := t.Broken(); before == nil || before.Error() != err.Error() {
		notTaken(log, err)
	}
	t.broken.Store(&err)
}

// Broken is why the token file, as it stood at the latest look, is not in use; nil
// where it is. It waits for no look that is under way.
func (t *Tokens) Broken() error {
	if err := t.broken.Load(); err != nil {
		return *err
	}
	return nil
}
