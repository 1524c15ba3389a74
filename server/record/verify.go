package record

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla/workday"
)

// Stretch is a part of the chain.
type Stretch struct {
	From, To int64 // places, both included; 0 for the first and the latest
	// Head is the hash that the record at To, or the latest, must have; nil
	// where nobody noted it down. It shows that records were cut off. Of a file
	// without a record it is the hash of zeroes.
	Head *Hash
	// Progress is called now and then, in order; it may be nil.
	Progress func(done, total int64)
}

// Damage is something that is not as it was recorded.
type Damage struct {
	Seq    int64  `json:"seq,omitempty"` // place of the record, 0 where it is about the file as a whole
	ID     string `json:"id,omitempty"`  // of the record, as far as it can be read
	Code   string `json:"code"`          // stable
	Detail string `json:"detail"`
}

// Codes of Damage.
const (
	DamageMissing    = "record_missing"    // there is no record at this place
	DamageUnreadable = "record_unreadable" // the file cannot be read here
	DamageHash       = "hash_differs"      // the record is not what its hash says
	DamageForm       = "form_differs"      // the record is not written as records are
	DamageChain      = "chain_broken"      // the record before is not the one that it followed
	DamageColumn     = "search_differs"    // what is searched by is not what the record says
	DamageRulebook   = "rulebook_differs"  // the text of its rulebook is missing or another
	DamageCalendar   = "calendar_differs"  // the calendar is another today
	DamageAnswer     = "answer_differs"    // the facts lead to another answer
	DamageFile       = "file_damaged"      // the database finds fault with itself
	DamageHead       = "head_differs"      // the latest record is not the one that was noted
	DamageErasure    = "erasure_undone"    // what was erased is there again
)

// Report is the result of a verification.
type Report struct {
	From, To int64 // places that were looked at; To is 0 for an empty store
	Records  int64 // that were looked at
	Erased   int64 // of them, of which only the hash is left
	Head     Hash  // of the record at To
	Steps    int64 // that were looked at: all of them, where the part goes to the latest record
	StepHead Hash  // of the latest step
	Changes  int64 // steps about changes of the rules that were looked at, likewise
	// ChangeHead is the hash of the latest step about a change of the rules.
	ChangeHead Hash
	Damage     []Damage
	More       int // damage that is not listed: the first of it is
	Took       time.Duration
}

// mostDamage is how much of it a report lists.
const mostDamage = 10_000

// OK reports whether everything is as it was recorded.
func (r *Report) OK() bool { return len(r.Damage) == 0 }

// Verify walks a part of the chain and derives every answer in it again, with
// the rulebook of its time. All that is not as it was recorded is in the
// report, also an end of the part that is not there; the error says only that
// the verification could not be carried out.
func (s *Store) Verify(ctx context.Context, part Stretch) (*Report, error) {
	if part.To > 0 && part.To < part.From {
		return nil, fmt.Errorf("the last place, %d, is before the first, %d", part.To, part.From)
	}
	started := time.Now()
	head, err := readHead(ctx, s.db)
	if err != nil {
		head = s.Head() // the end of the table cannot be read: go by what was known
	}
	v := &verifier{store: s, report: &Report{From: max(part.From, 1), To: part.To}, books: map[Hash]*known{}}
	if v.report.To == 0 || v.report.To > head.Seq {
		v.report.To = head.Seq
	}
	if v.report.From == 1 && part.To == 0 {
		if err := v.structures(ctx); err != nil {
			return nil, err
		}
	}
	// An end that is not there must not pass as nothing to find. From 1 on is all there is, also of a file without a record.
	if missing := max(part.From, part.To); missing > head.Seq && (missing > 1 || part.To > 0) {
		v.damage(Damage{Seq: missing, Code: DamageMissing, Detail: fmt.Sprintf("the latest record is %d", head.Seq)})
	}
	if v.erased, err = s.erasures(ctx, ""); err != nil {
		return nil, err
	}
	if err := v.walk(ctx, part.Progress); err != nil {
		return nil, err
	}
	if part.To == 0 {
		if err := errors.Join(v.steps(ctx), v.changes(ctx)); err != nil {
			return nil, err
		}
	}
	if part.Head != nil && *part.Head != v.report.Head {
		v.damage(Damage{Seq: v.report.To, Code: DamageHead, Detail: fmt.Sprintf("the record at the end has the hash %v, not %v", v.report.Head, *part.Head)})
	}
	v.report.Took = time.Since(started)
	return v.report, ctx.Err()
}

type verifier struct {
	store  *Store
	report *Report

	mu     sync.Mutex
	books  map[Hash]*known
	erased erasures
}

// known is a rulebook of the store, loaded once.
type known struct {
	once     sync.Once
	book     *rulebook.Book
	calendar string
	problem  string

	mu       sync.Mutex
	variants map[string]*rulebook.Book
}

func (v *verifier) damage(all ...Damage) {
	n := min(len(all), mostDamage-len(v.report.Damage))
	v.report.Damage = append(v.report.Damage, all[:n]...)
	v.report.More += len(all) - n
}

// structures lets the database look at its own structures.
func (v *verifier) structures(ctx context.Context) error {
	lines, err := v.store.database.unsound(ctx, v.store.db)
	for _, line := range lines {
		v.damage(Damage{Code: DamageFile, Detail: line})
	}
	if err != nil {
		v.damage(Damage{Code: DamageFile, Detail: err.Error()})
	}
	return ctx.Err()
}

// Records that are looked at together, and about how many bytes of them.
const (
	verifyChunk = 256
	chunkBytes  = 4 << 20
)

// walk looks at every place of the chain.
func (v *verifier) walk(ctx context.Context, progress func(done, total int64)) error {
	previous, known := Hash{}, v.report.From == 1
	if !known {
		if e, err := v.one(ctx, v.report.From-1); err == nil {
			previous, known = e.Hash, true
		}
	}
	for from := v.report.From; from <= v.report.To; {
		places := v.read(ctx, from, min(from+verifyChunk-1, v.report.To))
		to := from + int64(len(places)) - 1
		if err := ctx.Err(); err != nil {
			return err
		}
		v.deriveAll(ctx, places)
		for i := range places {
			previous, known = v.link(&places[i], previous, known)
		}
		if progress != nil {
			progress(to-v.report.From+1, v.report.To-v.report.From+1)
		}
		from = to + 1
	}
	v.report.Head = previous
	return nil
}

// place is what was found at a place of the chain.
type place struct {
	seq   int64
	entry *Entry
	retry []byte
	body  *Body
	// remains are what the step says that erased the record; nil where none did, or
	// where it is not what that says.
	remains *Remains
	damage  []Damage
}

func (p *place) add(code, format string, args ...any) {
	d := Damage{Seq: p.seq, Code: code, Detail: fmt.Sprintf(format, args...)}
	if p.entry != nil {
		d.ID = p.entry.ID()
	}
	p.damage = append(p.damage, d)
}

// read gets what stands at the places, or at the first of them where that is
// much already; where the file cannot be read in one go, place by place.
func (v *verifier) read(ctx context.Context, from, to int64) []place {
	places := make([]place, to-from+1)
	for i := range places {
		places[i].seq = from + int64(i)
	}
	rows, err := v.store.db.QueryContext(ctx, "SELECT retry, "+columns+" FROM decisions WHERE seq >= $1 AND seq <= $2 ORDER BY seq", from, to)
	if err == nil {
		for held := 0; rows.Next(); {
			var retry []byte
			e, scanErr := scanEntry(behind{rows, &retry})
			if scanErr != nil || e.Seq < from || e.Seq > to {
				err = errors.Join(scanErr, errors.New("a record is out of place"))
				break
			}
			places[e.Seq-from].entry, places[e.Seq-from].retry = e, retry
			if held += len(e.Body); held > chunkBytes {
				places = places[:e.Seq-from+1]
				break
			}
		}
		err = errors.Join(err, rows.Err(), rows.Close())
	}
	for i := range places {
		p := &places[i]
		if err != nil {
			p.entry, p.retry = nil, nil
			var one error
			if p.entry, p.retry, one = v.oneWithRetry(ctx, p.seq); one != nil && !errors.Is(one, ErrNotFound) {
				p.add(DamageUnreadable, "%v", one)
				continue
			}
		}
		if p.entry == nil {
			p.add(DamageMissing, "there is no record at this place")
		}
	}
	return places
}

// behind scans columns of its own before those of an entry.
type behind struct {
	rows interface{ Scan(...any) error }
	own  *[]byte
}

func (b behind) Scan(dest ...any) error { return b.rows.Scan(append([]any{b.own}, dest...)...) }

func (v *verifier) one(ctx context.Context, seq int64) (*Entry, error) {
	e, _, err := v.oneWithRetry(ctx, seq)
	return e, err
}

func (v *verifier) oneWithRetry(ctx context.Context, seq int64) (*Entry, []byte, error) {
	var retry []byte
	e, err := scanEntry(behind{v.store.db.QueryRowContext(ctx, "SELECT retry, "+columns+" FROM decisions WHERE seq = $1", seq), &retry})
	if err == nil && e.Seq != seq {
		err = errors.New("a record is out of place")
	}
	return e, retry, err
}

// deriveAll looks at the records by themselves, on all processors.
func (v *verifier) deriveAll(ctx context.Context, places []place) {
	var wg sync.WaitGroup
	next := make(chan *place)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for p := range next {
				v.derive(ctx, p)
			}
		})
	}
	for i := range places {
		if places[i].entry != nil && ctx.Err() == nil {
			next <- &places[i]
		}
	}
	close(next)
	wg.Wait()
}

// derive checks one record, but for its link to the one before.
func (v *verifier) derive(ctx context.Context, p *place) {
	e := p.entry
	if v.gone(ctx, p) {
		return
	}
	if sum := sha256.Sum256(e.Body); sum != e.Hash {
		p.add(DamageHash, "the record has the hash %v, on record is %v", Hash(sum), e.Hash)
	}
	b, err := decode(e.Body)
	if err != nil {
		p.add(DamageForm, "%v", err)
		return
	}
	p.body = b
	d, err := b.draft()
	if err != nil {
		p.add(DamageForm, "%v", err)
		return
	}
	previous, err := ParseHash(b.Previous)
	if err != nil || !bytes.Equal(encode(d, b.Seq, b.Salt, b.RecordedAt, previous), e.Body) {
		p.add(DamageForm, "the record is not written as records are")
	}
	if b.Seq != e.Seq || b.Question != e.Question || b.RecordedAt.UnixMicro() != e.RecordedAt.UnixMicro() || !sameRetry(d.Retry, p.retry) {
		p.add(DamageColumn, "its place, question, time or key is not what the record says")
	}
	v.answer(ctx, p, d)
}

func sameRetry(r *Retry, column []byte) bool {
	if r == nil {
		return column == nil
	}
	return bytes.Equal(r.Key[:], column)
}

// answer derives the answer again.
func (v *verifier) answer(ctx context.Context, p *place, d *Draft) {
	k := v.book(ctx, d.Rulebook.SHA256)
	if k.problem != "" {
		p.add(DamageRulebook, "%s", k.problem)
		return
	}
	if k.calendar != d.Calendar.String() {
		p.add(DamageCalendar, "the rulebook's calendar was %v and is %s today; engine %s", d.Calendar, k.calendar, d.Engine)
	}
	if d.Assumed && d.AsOf.After(p.body.RecordedAt) {
		p.add(DamageForm, "the moment that was assumed is later than the recording")
	}
	book, err := k.with(d.Readings)
	if err != nil {
		p.add(DamageAnswer, "%v", err)
		return
	}
	var options []rulebook.Option
	if !d.AsOf.IsZero() {
		options = append(options, rulebook.AsOf(d.AsOf))
	}
	facts, err := book.Check(d.Question, []byte(d.Facts))
	if err != nil {
		p.add(DamageAnswer, "the facts are refused: %v", discreet(err))
		return
	}
	if !bytes.Equal(facts.AppendJSON(nil), d.Facts) {
		p.add(DamageForm, "the facts are not written as records write them")
	}
	answer, err := book.Ask(ctx, d.Question, facts, options...)
	if err != nil {
		p.add(DamageAnswer, "the facts are refused: %v", discreet(err))
		return
	}
	if !bytes.Equal(answer.AppendJSON(nil, true), d.Answer) {
		p.add(DamageAnswer, "the facts lead to another answer than the one on record, which engine %s gave", d.Engine)
	}
	if answer.Verdict != p.entry.Verdict {
		p.add(DamageColumn, "the verdict is not what the record says")
	}
}

// link checks that a record follows the one before, and is what the next one
// has to follow.
func (v *verifier) link(p *place, previous Hash, known bool) (Hash, bool) {
	if p.entry != nil {
		v.report.Records++
	}
	before := ""
	switch {
	case p.remains != nil:
		before = p.remains.Previous
		v.report.Erased++
	case p.body != nil:
		before = p.body.Previous
	}
	if before != "" && known && before != previous.String() {
		p.add(DamageChain, "it followed a record with the hash %s, before it stands %v", before, previous)
	}
	v.damage(p.damage...)
	if p.entry == nil {
		return Hash{}, false
	}
	if sum := Hash(sha256.Sum256(p.entry.Body)); p.remains == nil && sum != p.entry.Hash {
		return Hash{}, false // named already; what the next one followed is not known
	}
	return p.entry.Hash, true
}

// book is a rulebook of the store, checked against its hash.
func (v *verifier) book(ctx context.Context, sum Hash) *known {
	v.mu.Lock()
	k := v.books[sum]
	if k == nil {
		k = &known{variants: map[string]*rulebook.Book{}}
		v.books[sum] = k
	}
	v.mu.Unlock()
	k.once.Do(func() {
		text, err := v.store.Rulebook(ctx, sum)
		switch {
		case errors.Is(err, ErrNotFound):
			k.problem = "the text of its rulebook is not in the file"
		case err != nil:
			k.problem = "the text of its rulebook cannot be read: " + err.Error()
		case Hash(sha256.Sum256(text)) != sum:
			k.problem = "the text of its rulebook is not what its hash says"
		default:
			if k.book, err = v.store.parsed.book(sum, text); err != nil {
				k.problem = "the text of its rulebook is refused today: " + err.Error()
				return
			}
			k.calendar = Calendar(k.book).Hash()
		}
	})
	return k
}

// Book is a rulebook that has decided something, loaded; those used last are at
// hand. Errors: ErrNotFound, and those of loading it.
func (s *Store) Book(ctx context.Context, sum Hash) (*rulebook.Book, error) {
	if book := s.parsed.find(sum); book != nil {
		return book, nil
	}
	text, err := s.Rulebook(ctx, sum)
	if err != nil {
		return nil, err
	}
	if Hash(sha256.Sum256(text)) != sum {
		return nil, fmt.Errorf("the text of the rulebook %v is not what its hash says", sum)
	}
	return s.parsed.book(sum, text)
}

// parsed are the rulebooks that were last used to derive decisions: loading
// one takes some hundred times as long as deriving a decision with it.
type parsed struct {
	mu    sync.Mutex
	books []parsedBook // the one last used first
}

type parsedBook struct {
	sum  Hash
	book *rulebook.Book
}

// keptParsed bounds them, for each takes megabytes.
const keptParsed = 2

// book is the rulebook that a text says, whose hash has been checked.
func (p *parsed) book(sum Hash, text []byte) (*rulebook.Book, error) {
	if book := p.find(sum); book != nil {
		return book, nil
	}
	book, err := rulebook.Parse("rules.yaml of record", text)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.books = append([]parsedBook{{sum, book}}, p.books[:min(len(p.books), keptParsed-1)]...)
	return book, nil
}

func (p *parsed) find(sum Hash) *rulebook.Book {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.books, func(b parsedBook) bool { return b.sum == sum })
	if i < 0 {
		return nil
	}
	b := p.books[i]
	p.books = slices.Insert(slices.Delete(p.books, i, i+1), 0, b)
	return b.book
}

// Calendar is the calendar that a decision is stamped with: that which counts
// where nothing else is said, or that of mainland China for a book that names
// none, as all such decisions have been stamped.
func Calendar(b *rulebook.Book) *workday.Calendar {
	if _, c := b.Rulebook().DefaultCalendar(); c != nil {
		return c
	}
	return workday.China()
}

// with is the book under the readings of a record.
func (k *known) with(settings []Setting) (*rulebook.Book, error) {
	if len(settings) == 0 {
		return k.book, nil
	}
	options := make([]rulebook.Option, len(settings))
	key := ""
	for i, s := range settings {
		options[i] = rulebook.Reading(s.Key, s.Option)
		key += s.Key + "=" + s.Option + "\n"
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if book := k.variants[key]; book != nil {
		return book, nil
	}
	book, err := k.book.With(options...)
	if err != nil {
		return nil, err
	}
	const many = 64 // of which the file has no more than were asked for
	if len(k.variants) < many {
		k.variants[key] = book
	}
	return book, nil
}

// discreet leaves out what was given as facts.
func discreet(err error) error {
	var fact *policy.FactError
	if errors.As(err, &fact) {
		return fact.Discreet()
	}
	return err
}
