package door

import (
	"context"

	"github.com/servicerules/rulebook/server/people"
)

// Looked notes that whoever sent a request is shown personal data unmasked:
// about is the id of a record, or "" for a list, and details say what of it. It
// stands in the log and, where there are accounts, in their events; where it
// cannot be noted, nothing is to be shown. Of whoever is not asked who he is,
// nothing is noted.
func Looked(ctx context.Context, about, details string) error {
	v := visitOf(ctx)
	if !v.caller.May(people.SeePersonal) || !v.caller.Who().Known() {
		return nil
	}
	if v.noting == nil {
		return nil
	}
	return v.noting(v.caller.Who(), about, details)
}

// noting is how looks at personal data are noted for a request.
func (o Options) noting(ctx context.Context, id string) func(people.Who, string, string) error {
	return func(who people.Who, about, details string) error {
		o.Logger.Info("personal data", "request", id, "caller", who.Name, "person", who.Person, "record", about, "of", details)
		if o.People == nil {
			return nil
		}
		return o.People.Note(ctx, who, people.EventLooked, about, details)
	}
}
