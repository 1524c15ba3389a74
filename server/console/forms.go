package console

import (
	"container/list"
	"crypto/rand"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"time"

	"github.com/servicerules/rulebook/server/door"
)

// forms are filled-in forms as they were last sent, so that going back,
// coming back from an article or reloading the page finds them as they were.
// They are kept in memory only. An address names a form by a key that cannot
// be guessed, so that nothing of what was filled in stands in addresses, in
// the history of a browser or in the log of a proxy; and the key is of use
// only to the caller who filled it in.
type forms struct {
	mu    sync.Mutex
	order *list.List // of *keptForm, the one last used first
	named map[string]*list.Element
	size  int
	most  int // bytes of all together
}

type keptForm struct {
	name     string
	values   string // as a form sends them
	answered string // the values that were answered last
	at       time.Time
}

const (
	keptFormBytes  = 16 << 20 // of all forms together
	keptDraftBytes = 8 << 20  // of all drafts together
	keptFormTime   = 12 * time.Hour
	keptFormCosts  = 512 // bytes beside the values, about
)

func newForms(most int) *forms {
	return &forms{order: list.New(), named: map[string]*list.Element{}, most: most}
}

func (k *keptForm) size() int {
	return len(k.name) + len(k.values) + len(k.answered) + keptFormCosts
}

// keep keeps what a form says now.
func (f *forms) keep(name string, values url.Values, now time.Time) {
	f.change(name, now, func(k *keptForm) { k.values = values.Encode() })
}

// answered notes that what a form says now was answered.
func (f *forms) answered(name string, now time.Time) {
	f.change(name, now, func(k *keptForm) { k.answered = k.values })
}

// copy keeps under another name what is kept under one.
func (f *forms) copy(from, to string, now time.Time) {
	f.mu.Lock()
	e := f.named[from]
	f.mu.Unlock()
	if e != nil {
		old := *e.Value.(*keptForm)
		f.change(to, now, func(k *keptForm) { k.values, k.answered = old.values, old.answered })
	}
}

func (f *forms) change(name string, now time.Time, change func(*keptForm)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	k := &keptForm{name: name}
	if e := f.named[name]; e != nil {
		*k = *e.Value.(*keptForm) // never changed in place: others may be reading it
		f.drop(e)
	}
	k.at = now
	change(k)
	f.named[name] = f.order.PushFront(k)
	f.size += k.size()
	for f.order.Len() > 0 && (f.size > f.most || now.Sub(f.order.Back().Value.(*keptForm).at) > keptFormTime) {
		f.drop(f.order.Back())
	}
}

func (f *forms) drop(e *list.Element) {
	k := f.order.Remove(e).(*keptForm)
	delete(f.named, k.name)
	f.size -= k.size()
}

// find is what a form said last, and what of it was answered last; nil where
// it is no longer kept.
func (f *forms) find(name string, now time.Time) (values, answered url.Values) {
	f.mu.Lock()
	e := f.named[name]
	f.mu.Unlock()
	if e == nil {
		return nil, nil
	}
	k := e.Value.(*keptForm)
	if now.Sub(k.at) > keptFormTime {
		return nil, nil
	}
	values, err := url.ParseQuery(k.values)
	if err != nil {
		return nil, nil // it was encoded here
	}
	if k.answered == "" {
		return values, nil
	}
	if answered, err = url.ParseQuery(k.answered); err != nil {
		return values, nil
	}
	return values, answered
}

var formKey = regexp.MustCompile(`^[A-Z2-7]{26}$`)

// keyOf is a form's key as the browser sent it, or a new one.
func keyOf(sent string) string {
	if formKey.MatchString(sent) {
		return sent
	}
	return rand.Text()
}

// formName is what a form is kept under: nobody else's key leads to it.
func formName(r *http.Request, question, key string) string {
	return door.NameOf(r.Context()) + "\x00" + question + "\x00" + key
}
