package people

import (
	"errors"

	"github.com/servicerules/rulebook/diagnostic"
)

// Errors of a Store.
var (
	// ErrNone says that there is no such account.
	ErrNone = errors.New("there is no such account")
	// ErrNoSession says that nobody is signed in by the secret, or not any more.
	ErrNoSession = errors.New("nobody is signed in")
)

// RefusedError says why something is not done about accounts, and what to do
// instead.
type RefusedError struct {
	Code            string // stable
	Message, Remedy diagnostic.Text
}

// Error is the refusal in English, with the remedy.
func (e *RefusedError) Error() string { return e.Message.EN + "; " + e.Remedy.EN }

func refuse(code, zh, en, remedyZH, remedyEN string) error {
	return &RefusedError{code, diagnostic.Text{ZH: zh, EN: en}, diagnostic.Text{ZH: remedyZH, EN: remedyEN}}
}
