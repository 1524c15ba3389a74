package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/servicerules/rulebook/server/internal/postgres"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/provider"
)

// openPeople opens the accounts of a server; nil where nobody signs in. Accounts
// that were made once are not left aside without a word: everybody would be let
// in.
func (c *config) openPeople(ctx context.Context) (*people.Store, error) {
	if !c.accounts {
		there, err := people.Exists(c.db)
		if err != nil {
			return nil, err
		}
		if there {
			return nil, &usageError{fmt.Sprintf("there are accounts in %s: start with --accounts, or %s for a server without any", postgres.Told(people.FileOf(c.db)), c.withoutAccounts())}
		}
		return nil, nil
	}
	return people.Open(ctx, people.FileOf(c.db), people.Options{})
}

// withoutAccounts is how accounts that there are can be left aside.
func (c *config) withoutAccounts() string {
	if postgres.Named(c.db) {
		return "rename the schema rulebook_people"
	}
	return "move the file away"
}

// openProvider is the identity provider at which people sign in; nil for none.
func (c *config) openProvider(log *slog.Logger) (*provider.Provider, error) {
	if c.oidc == "" {
		return nil, nil
	}
	of, err := provider.ReadFile(c.oidc)
	if err != nil {
		return nil, &usageError{err.Error()}
	}
	return provider.New(of, provider.Options{Logger: log}), nil
}

// offerFirst prints the link by which the first account is made, as long as
// nobody can manage accounts.
func (c *config) offerFirst(ctx context.Context, s *people.Store, a net.Addr, w io.Writer) error {
	if s == nil {
		return nil
	}
	unmanaged, err := s.Unmanaged(ctx)
	if err != nil || !unmanaged {
		return err
	}
	secret, until, err := s.FirstLink(ctx, people.Who{Name: programName})
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "Nobody can manage accounts yet. Whoever opens this link makes the account that does; it is good once, until %s:\n%s\n",
		until.UTC().Format(time.RFC3339), c.link(a, secret))
	return nil
}

// link is the address of a one-time link. a is where the server listens; nil
// where that is not known.
func (c *config) link(a net.Addr, secret string) string {
	scheme, address := "http", c.addr
	if c.tlsCert != "" || c.behindProxy {
		scheme = "https"
	}
	if a != nil {
		address = a.String()
	}
	host, port, err := net.SplitHostPort(address)
	if err == nil && len(c.hosts) > 0 {
		host = c.hosts[0]
		address = net.JoinHostPort(host, port)
	}
	if c.behindProxy && len(c.hosts) > 0 || scheme == "https" && port == "443" || scheme == "http" && port == "80" {
		address = host
	}
	return scheme + "://" + address + "/link/" + secret
}

const peopleUsage = `people manages the accounts beside a record; the server may be running.

  people                        lists them
  people add ID --name NAME --role ROLE[,ROLE…]
                                makes one, and prints a one-time link by which the person chooses a password
  people change ID [--name NAME] [--role ROLE[,ROLE…]]
                                another name, other roles
  people lock ID                ends its sessions and keeps it from signing in
  people unlock ID
  people detach ID              takes its identity at the provider from it, and ends its sessions
  people link ID                another one-time link, for who has forgotten the password
  people first                  the link by which the first account is made

Give the --addr, --host, --tls-cert and --behind-proxy of the server, so that links are right.`

// peopling manages accounts from the command line.
func peopling(stdout, stderr io.Writer) *command {
	c := &config{}
	f := flags("people", peopleUsage, stderr)
	f.StringVar(&c.db, "db", "rulebook.db", "file of decisions on record, or database, beside which the accounts are")
	c.defineAddress(f)
	name := f.String("name", "", "what the person is called")
	roles := f.String("role", "", "roles, joined by commas: "+strings.Join(people.RoleNames(), ", "))
	const most = 2
	return &command{name: "people", flags: f, most: most, instead: "write it as in: people add li.wei --name 李伟 --role clerk", run: func(ctx context.Context, words []string) (err error) {
		does := ""
		if len(words) > 0 {
			does = words[0]
		}
		takes, known := map[string]int{"": 0, "first": 1, "add": 2, "change": 2, "lock": 2, "unlock": 2, "detach": 2, "link": 2}[does]
		if !known || len(words) != takes {
			return &usageError{"write people, people first, or people add, change, lock, unlock, detach or link with the id of an account"}
		}
		if does == "change" && *name == "" && *roles == "" {
			return &usageError{"say what to change: --name, --role or both"}
		}
		there, err := people.Exists(c.db)
		if err != nil {
			return err
		}
		if !there && does != "add" && does != "first" {
			return fmt.Errorf("there are no accounts beside %s; make the first with people first", postgres.Told(c.db))
		}
		s, err := people.Open(ctx, people.FileOf(c.db), people.Options{})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.Close()) }()
		id := ""
		if len(words) > 1 {
			id = words[1]
		}
		var chosen []string
		if *roles != "" {
			chosen = strings.Split(*roles, ",")
		}
		return c.people(ctx, s, does, id, *name, chosen, stdout)
	}}
}

func (c *config) people(ctx context.Context, s *people.Store, does, id, name string, roles []string, stdout io.Writer) error {
	by := people.Who{Name: "command line"}
	link := func(secret string, until time.Time, err error) error {
		if err != nil {
			return err
		}
		of := "for " + id
		if id == "" {
			of = "to make the first account"
		}
		_, err = fmt.Fprintf(stdout, "%s\nThe link is %s, good once, until %s.\n", c.link(nil, secret), of, until.UTC().Format(time.RFC3339))
		return err
	}
	switch does {
	case "first":
		return link(s.FirstLink(ctx, by))
	case "add":
		if err := s.Add(ctx, by, id, name, roles); err != nil {
			return err
		}
		return link(s.NewLink(ctx, by, id))
	case "link":
		return link(s.NewLink(ctx, by, id))
	case "change":
		a, err := s.Get(ctx, id)
		if err != nil {
			return err
		}
		if name == "" {
			name = a.Name
		}
		if roles == nil {
			roles = a.Roles
		}
		return s.Change(ctx, by, id, name, roles)
	case "detach":
		if err := s.Detach(ctx, by, id); err != nil {
			return err
		}
		_, err := fmt.Fprintf(stdout, "%s has no identity at the provider any more; people link %s makes a one-time link by which its person chooses a password, or signs in there again.\n", id, id)
		return err
	case "lock", "unlock":
		return s.Lock(ctx, by, id, does == "lock")
	}
	all, err := s.List(ctx)
	if err != nil {
		return err
	}
	for _, a := range all {
		state := ""
		switch {
		case a.Locked:
			state = "\tlocked"
		case a.Joined:
			state = "\tsigns in at the provider"
		case !a.Chosen:
			state = "\tno password chosen yet"
		}
		if _, err := fmt.Fprintf(stdout, "%s\t%s\t%s%s\n", a.ID, a.Name, strings.Join(a.Roles, ","), state); err != nil {
			return err
		}
	}
	return nil
}
