// Package record keeps decisions so that they can be found, handed on and
// checked years later.
//
// # What is kept
//
// A record is one line of JSON: what was asked, under which rules, and the
// whole answer.
//
//	{"seq":2,"salt":"…","recorded_at":"2025-07-01T01:02:03.000004Z",
//	 "recorded_by":{"name":"…","how":"token","person":"…"},"question":"…",
//	 "as_of":"…","as_of_assumed":true,"readings":{"k":"v"},"facts":{…},
//	 "facts_assumed":["…"],"rulebook":"<sha256>","calendar":"<sha256>",
//	 "engine":"…","answer":{…},
//	 "retry":{"key":"<sha256>","request":"<sha256>"},"previous":"<sha256>"}
//
// recorded_by is who put it on record, as the server knew him: the name of the
// token or of the account, how he showed who he is, and the id of the account of
// the person behind it where it is known. It is left out where nobody is asked
// who he is. as_of stands here where it was given beside the facts, and where nobody gave
// it: then it is the clock of the server, and as_of_assumed says so. Records
// of earlier programs have neither where nobody gave a moment. facts_assumed
// names what nobody gave and a value is assumed for: facts with a declared
// value, which facts has, and those that are taken for none. Records of earlier
// programs do not say it. as_of_assumed and retry are left out where they do
// not apply. salt is 16 random bytes in hex, by which the hash of a record tells
// nobody what it said once that is erased; records of earlier programs have none.
// The hash of a record is
// the SHA-256 of exactly these bytes. previous is the hash of the record
// before, 64 zeros in the first: whoever changes a record would have to change
// all that follow. The text of every rulebook that has decided something is
// kept under its own hash.
//
// # What is erased
//
// What a record says of people can be erased: see Store.Erase. Its bytes and those
// of the steps about it are overwritten, their hashes stay, and a step says that
// it was done and what the hashes rest on, so that the chain can be verified
// still.
//
// What the chain cannot show is that records were cut off at its end; keep the
// hash of the latest record (Head) elsewhere from time to time.
//
// # When a decision is on record
//
// Append returns once the record is on the disk: SQLite in WAL mode with
// synchronous=FULL, or PostgreSQL with synchronous_commit. One goroutine writes; the records that arrive while it
// waits for the disk share the next transaction, and so the next sync. Where
// that fails, Append fails, for all who shared it. Of several servers over one
// PostgreSQL, one transaction is under way at a time, so that the chain is one.
package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/servicerules/rulebook/server/people"
)

// Hash is a SHA-256.
type Hash [sha256.Size]byte

// String is the hash in hex.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// ParseHash reads a hash in hex.
func ParseHash(text string) (Hash, error) {
	var h Hash
	if len(text) != hex.EncodedLen(len(h)) {
		return h, fmt.Errorf("a SHA-256 has %d hex digits, not %d", hex.EncodedLen(len(h)), len(text))
	}
	_, err := hex.Decode(h[:], []byte(text))
	return h, err
}

// Setting is a reading that was asked for, with its option.
type Setting struct{ Key, Option string }

// Draft is a decision that is to be recorded.
type Draft struct {
	By       people.Who // who puts it on record; zero where nobody is asked who he is
	Question string
	Verdict  string    // of the answer, "" where it is an error
	AsOf     time.Time // as the caller gave it beside the facts; zero for not given
	Assumed  bool      // AsOf was given by nobody: it is the recorder's clock
	Readings []Setting // that the caller chose, sorted by key
	Facts    []byte    // canonical JSON
	// FactsAssumed are the paths of the facts that nobody gave and that are
	// assumed; nil where that is not known.
	FactsAssumed []string
	Answer       []byte // the whole canonical JSON
	Rulebook     Rulebook
	Calendar     Hash   // of the rulebook's default calendar
	Engine       string // version of the engine
	Retry        *Retry // nil where the caller gave no key
}

// Rulebook is the text of a rules file under its hash.
type Rulebook struct {
	SHA256 Hash
	Text   []byte
}

// Retry makes a repeated request find the first record.
type Retry struct {
	Key     Hash // of the caller and the key that he chose
	Request Hash // of what he asked, to tell a retry from a key used twice
}

// Entry is a decision on record.
type Entry struct {
	Seq        int64 // its place in the chain, from 1
	Hash       Hash  // of Body
	Body       []byte
	RecordedAt time.Time
	Question   string
	Verdict    string // "" where the answer is an error
}

// ID names the record: its place and the beginning of its hash, as in
// "17-3f0a91c2b4d5". A record that takes the same place after a backup has
// been restored has another name.
func (e *Entry) ID() string {
	return strconv.FormatInt(e.Seq, 10) + "-" + hex.EncodeToString(e.Hash[:idBytes])
}

const idBytes = 6

// parseID is the place of a record and the beginning of its hash.
func parseID(id string) (seq int64, prefix []byte, ok bool) {
	place, rest, found := strings.Cut(id, "-")
	seq, err := strconv.ParseInt(place, 10, 64)
	if !found || err != nil || seq < 1 || place[0] == '0' || place[0] == '+' || len(rest) != hex.EncodedLen(idBytes) || strings.ToLower(rest) != rest {
		return 0, nil, false
	}
	prefix, err = hex.DecodeString(rest)
	return seq, prefix, err == nil
}

// PlaceOf is the place that an id names; 0 of what is none.
func PlaceOf(id string) int64 {
	seq, _, ok := parseID(id)
	if !ok {
		return 0
	}
	return seq
}

// Body is a record taken apart.
type Body struct {
	Seq          int64             `json:"seq"`
	Salt         string            `json:"salt,omitempty"` // "" in records of earlier programs
	RecordedAt   time.Time         `json:"recorded_at"`
	RecordedBy   *people.Who       `json:"recorded_by,omitempty"`
	Question     string            `json:"question"`
	AsOf         *time.Time        `json:"as_of,omitempty"`
	Assumed      bool              `json:"as_of_assumed,omitempty"`
	Readings     map[string]string `json:"readings"`
	Facts        json.RawMessage   `json:"facts"`
	FactsAssumed []string          `json:"facts_assumed"` // nil in records that do not say it
	Rulebook     string            `json:"rulebook"`
	Calendar     string            `json:"calendar"`
	Engine       string            `json:"engine"`
	Answer       json.RawMessage   `json:"answer"`
	Retry        *BodyRetry        `json:"retry,omitempty"`
	Previous     string            `json:"previous"`
}

// BodyRetry is the Retry of a record.
type BodyRetry struct {
	Key     string `json:"key"`
	Request string `json:"request"`
}

// Decode takes the record apart. The error is ErrErased where there is nothing
// left of it.
func (e *Entry) Decode() (*Body, error) {
	if e.Erased() {
		return nil, ErrErased
	}
	return decode(e.Body)
}

func decode(body []byte) (*Body, error) {
	var b Body
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&b); err != nil {
		return nil, err
	}
	if d.InputOffset() != int64(len(body)) {
		return nil, errors.New("something follows the record")
	}
	return &b, nil
}

// recordedFormat has microseconds, always: records sort as text.
const recordedFormat = "2006-01-02T15:04:05.000000Z"

// encode writes the record that has the given place.
func encode(d *Draft, seq int64, salt string, at time.Time, previous Hash) []byte {
	const others = 700 // bytes of all but facts and answer, about
	b := make([]byte, 0, len(d.Facts)+len(d.Answer)+others)
	b = append(b, `{"seq":`...)
	b = strconv.AppendInt(b, seq, 10)
	if salt != "" {
		b = append(b, `,"salt":`...)
		b = appendString(b, salt)
	}
	b = append(b, `,"recorded_at":"`...)
	b = at.UTC().AppendFormat(b, recordedFormat)
	b = append(b, '"')
	if d.By.Known() {
		b = append(b, `,"recorded_by":{"name":`...)
		b = appendString(b, d.By.Name)
		b = append(b, `,"how":`...)
		b = appendString(b, d.By.How)
		if d.By.Person != "" {
			b = append(b, `,"person":`...)
			b = appendString(b, d.By.Person)
		}
		b = append(b, '}')
	}
	b = append(b, `,"question":`...)
	b = appendString(b, d.Question)
	if !d.AsOf.IsZero() {
		b = append(b, `,"as_of":"`...)
		b = d.AsOf.UTC().AppendFormat(b, time.RFC3339Nano)
		b = append(b, '"')
	}
	if d.Assumed {
		b = append(b, `,"as_of_assumed":true`...)
	}
	b = append(b, `,"readings":{`...)
	for i, r := range d.Readings {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, r.Key)
		b = append(b, ':')
		b = appendString(b, r.Option)
	}
	b = append(b, `},"facts":`...)
	b = append(b, d.Facts...)
	if d.FactsAssumed != nil {
		b = append(b, `,"facts_assumed":[`...)
		for i, path := range d.FactsAssumed {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendString(b, path)
		}
		b = append(b, ']')
	}
	b = append(b, `,"rulebook":"`...)
	b = hex.AppendEncode(b, d.Rulebook.SHA256[:])
	b = append(b, `","calendar":"`...)
	b = hex.AppendEncode(b, d.Calendar[:])
	b = append(b, `","engine":`...)
	b = appendString(b, d.Engine)
	b = append(b, `,"answer":`...)
	b = append(b, d.Answer...)
	if d.Retry != nil {
		b = append(b, `,"retry":{"key":"`...)
		b = hex.AppendEncode(b, d.Retry.Key[:])
		b = append(b, `","request":"`...)
		b = hex.AppendEncode(b, d.Retry.Request[:])
		b = append(b, `"}`...)
	}
	b = append(b, `,"previous":"`...)
	b = hex.AppendEncode(b, previous[:])
	return append(b, `"}`...)
}

func appendString(b []byte, s string) []byte {
	text, err := json.Marshal(s)
	if err != nil {
		return append(b, `""`...) // json.Marshal does not fail on strings
	}
	return append(b, text...)
}

// draft is the record as it was before it had a place.
func (b *Body) draft() (*Draft, error) {
	d := &Draft{Question: b.Question, Facts: b.Facts, Answer: b.Answer, Engine: b.Engine, Assumed: b.Assumed, FactsAssumed: b.FactsAssumed}
	if b.AsOf != nil {
		d.AsOf = *b.AsOf
	}
	if b.RecordedBy != nil {
		d.By = *b.RecordedBy
	}
	for k, v := range b.Readings {
		d.Readings = append(d.Readings, Setting{k, v})
	}
	slices.SortFunc(d.Readings, func(x, y Setting) int { return strings.Compare(x.Key, y.Key) })
	var errs [4]error
	d.Rulebook.SHA256, errs[0] = ParseHash(b.Rulebook)
	d.Calendar, errs[1] = ParseHash(b.Calendar)
	if b.Retry != nil {
		d.Retry = &Retry{}
		d.Retry.Key, errs[2] = ParseHash(b.Retry.Key)
		d.Retry.Request, errs[3] = ParseHash(b.Retry.Request)
	}
	return d, errors.Join(errs[:]...)
}
