package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/internal/postgres"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
	"github.com/servicerules/rulebook/server/signing"
)

// flags is a set of flags whose usage begins with what the command does.
func flags(name, does string, stderr io.Writer) *flag.FlagSet {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.SetOutput(stderr)
	f.Usage = func() {
		fmt.Fprintf(stderr, "%s\n\nFlags:\n", does)
		f.PrintDefaults()
	}
	return f
}

// command is one of the things that the program does.
type command struct {
	name    string
	flags   *flag.FlagSet
	most    int    // words that it takes
	instead string // what to write where there is one too many
	run     func(ctx context.Context, words []string) error
}

func commands(o Options) []*command {
	return []*command{serving(o), verifying(o.Stdout, o.Stderr), copying(o.Stdout, o.Stderr), restoring(o.Stdout, o.Stderr), tokens(o.Stdout, o.Stderr), peopling(o.Stdout, o.Stderr), examining(o), changingRules(o.Stdout, o.Stderr), texting(o.Stdout, o.Stderr), versions(o.Stdout, o.Stderr)}
}

// chosen finds the command that arguments name, wherever its name stands among
// them, and the arguments without it. Where they name none, it is the first.
func chosen(all []*command, args []string) (c *command, rest []string, err error) {
	lookup := func(name string) *flag.Flag {
		for _, c := range all {
			if f := c.flags.Lookup(name); f != nil {
				return f
			}
		}
		return nil
	}
	at, other := -1, "" // where the name stands; a word before it, or in its place
	for i := 0; i < len(args); i++ {
		name, isFlag := strings.CutPrefix(args[i], "-")
		if !isFlag || name == "" {
			named := slices.IndexFunc(all, func(c *command) bool { return c.name == args[i] })
			switch {
			case c == nil && named >= 0:
				c, at = all[named], i
			case c == nil:
				other = cmp.Or(other, args[i])
			}
			continue
		}
		name = strings.TrimPrefix(name, "-")
		if name == "" { // "--": what is behind it is no command
			break
		}
		if name == "version" {
			return all[len(all)-1], nil, nil // whatever else was to be done
		}
		name, _, complete := strings.Cut(name, "=")
		f := lookup(name)
		if f == nil && name != "h" && name != "help" {
			break // who parses the flags says so
		}
		if f != nil && !complete && !isBool(f) {
			i++ // its value
		}
	}
	switch {
	case c != nil:
		return c, slices.Delete(slices.Clone(args), at, at+1), nil
	case other != "":
		return nil, nil, noCommand(all, other)
	}
	return all[0], args, nil
}

func isBool(f *flag.Flag) bool {
	b, ok := f.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}

func noCommand(all []*command, word string) error {
	var names []string
	for _, c := range all {
		names = append(names, c.name)
	}
	last := len(names) - 1
	remedy := "write " + strings.Join(names[:last], ", ") + " or " + names[last]
	switch near := diagnostic.Nearest(word, names); {
	case near != "":
		remedy = fmt.Sprintf("did you mean %s? Else %s", near, remedy)
	case strings.ContainsAny(word, "./"):
		remedy = all[0].instead
	}
	return &usageError{fmt.Sprintf("there is no command %q; %s", word, remedy)}
}

// execute reads the arguments and does what the command is for.
func (c *command) execute(ctx context.Context, args []string) error {
	words, err := parse(c.flags, args)
	if err != nil {
		return err
	}
	if len(words) > c.most {
		return &usageError{fmt.Sprintf("%q is too much; %s", words[c.most], c.instead)}
	}
	return c.run(ctx, words)
}

// parse reads the arguments: flags and words, in any order.
func parse(f *flag.FlagSet, args []string) (words []string, err error) {
	for {
		if err := f.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, err
			}
			return nil, &exitError{exitUsage} // package flag has said it
		}
		rest := f.Args()
		if len(rest) == 0 {
			return words, nil
		}
		// Behind "--" there are words only.
		n := 1
		if at := len(args) - len(rest); at > 0 && args[at-1] == "--" {
			n = len(rest)
		}
		words = append(words, rest[:n]...)
		args = rest[n:]
	}
}

// isSet reports whether a flag was written.
func isSet(f *flag.FlagSet, name string) (set bool) {
	f.Visit(func(x *flag.Flag) { set = set || x.Name == name })
	return set
}

func versions(stdout, stderr io.Writer) *command {
	f := flags("version", "version prints the version of the engine.", stderr)
	return &command{name: "version", flags: f, instead: "version takes nothing", run: func(context.Context, []string) error {
		_, err := fmt.Fprintf(stdout, programName+" %s %s %s/%s\n", service.Engine(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		return err
	}}
}

// texting is the command that prints rules as they are signed.
func texting(stdout, stderr io.Writer) *command {
	f := flags("text", "text prints the rules of --rules as one text, of whatever files they are: what ssh-keygen -Y sign -n "+signing.Namespace+" signs.\nOf rules that are one file it is the file.", stderr)
	rules := f.String("rules", "rules.yaml", "rules file")
	return &command{name: "text", flags: f, instead: "name the file by --rules", run: func(context.Context, []string) error {
		text, err := live.Text(*rules)
		if err == nil {
			_, err = stdout.Write(text)
		}
		return err
	}}
}

// check is what verify looks at.
type check struct {
	db, head    string
	first, last int64
	asJSON      bool
}

// verifying checks a file of decisions without a server.
func verifying(stdout, stderr io.Writer) *command {
	f := flags("verify", "verify [FILE] walks the chain of decisions on record and derives every one again with the rules of its time.\n"+
		"The server may be running meanwhile. Exit code 1 means damage, or that there is no record.", stderr)
	c := &check{}
	f.StringVar(&c.db, "db", "rulebook.db", "file of decisions on record, or postgres://USER@HOST/DATABASE; it may be written without --db as well")
	f.Int64Var(&c.first, "first", 0, "place of the first record to look at, from 1")
	f.Int64Var(&c.last, "last", 0, "place of the last one")
	f.StringVar(&c.head, "head", "", "hash that the last one must have, as noted elsewhere")
	f.BoolVar(&c.asJSON, "json", false, "print the report as JSON")
	return &command{name: "verify", flags: f, most: 1, instead: "one file is verified at a time", run: func(ctx context.Context, words []string) error {
		if len(words) > 0 {
			if isSet(f, "db") {
				return &usageError{fmt.Sprintf("%s and --db %s: one file is verified at a time", postgres.Told(words[0]), postgres.Told(c.db))}
			}
			c.db = words[0]
		}
		return c.verify(ctx, stdout, stderr)
	}}
}

func (c *check) verify(ctx context.Context, stdout, stderr io.Writer) (err error) {
	part := record.Stretch{From: c.first, To: c.last}
	if c.first < 0 || c.last < 0 || c.last > 0 && c.last < c.first {
		return &usageError{"--first and --last are places from 1, in order"}
	}
	if c.head != "" {
		head, err := record.ParseHash(c.head)
		if err != nil {
			return &usageError{"--head: " + err.Error()}
		}
		part.Head = &head
	}
	s, err := record.Open(ctx, c.db, record.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	part.Progress = progress(stderr)
	r, err := s.Verify(ctx, part)
	if err != nil {
		return err
	}
	if r.Records == 0 && r.OK() { // a copy that has lost all looks like this
		r.Damage = append(r.Damage, record.Damage{Code: "no_records", Detail: "the file holds no record, so that nothing was verified; a plain copy of a file in use lacks what stands in its -wal: " +
			"copy it with the command backup, or both files while no server runs"})
	}
	if c.asJSON {
		err = printJSON(stdout, r)
	} else {
		err = printReport(stdout, r)
	}
	if err == nil && !r.OK() {
		err = &exitError{exitRefused}
	}
	return err
}

// progress tells how far a long verification is.
func progress(w io.Writer) func(done, total int64) {
	const every = 2 * time.Second
	told := time.Now()
	return func(done, total int64) {
		if time.Since(told) >= every {
			told = time.Now()
			fmt.Fprintf(w, "%d of %d\n", done, total)
		}
	}
}

func printReport(w io.Writer, r *record.Report) error {
	for _, d := range r.Damage {
		subject := "the file"
		switch {
		case d.ID != "":
			subject = "record " + d.ID
		case d.Seq > 0:
			subject = fmt.Sprintf("record %d", d.Seq)
		}
		if _, err := fmt.Fprintf(w, "%s: %s [%s]\n", subject, d.Detail, d.Code); err != nil {
			return err
		}
	}
	result := "all as recorded"
	if r.Erased > 0 {
		result += fmt.Sprintf(", %d of them erased", r.Erased)
	}
	if !r.OK() {
		result = fmt.Sprintf("findings: %d", len(r.Damage))
	}
	rate := float64(r.Records) / max(r.Took.Seconds(), 1e-9)
	_, err := fmt.Fprintf(w, "%s, %d to %d: %s (%.1f s, %.0f records a second)\nhead %v\n",
		diagnostic.Counted(int(r.Records), "record", "records"), r.From, r.To, result, r.Took.Seconds(), rate, r.Head)
	if err == nil && r.Steps > 0 {
		_, err = fmt.Fprintf(w, "%s, head %v\n", diagnostic.Counted(int(r.Steps), "step", "steps"), r.StepHead)
	}
	if err == nil && r.Changes > 0 {
		_, err = fmt.Fprintf(w, "%s about changes of the rules, head %v\n", diagnostic.Counted(int(r.Changes), "step", "steps"), r.ChangeHead)
	}
	return err
}

func printJSON(w io.Writer, r *record.Report) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		OK      bool            `json:"ok"`
		First   int64           `json:"first"`
		Last    int64           `json:"last"`
		Records int64           `json:"records"`
		Erased  int64           `json:"erased,omitempty"`
		Head    string          `json:"head"`
		Damage  []record.Damage `json:"damage"`
		Took    float64         `json:"took_seconds"`
		Steps   int64           `json:"steps,omitempty"`
		Changes int64           `json:"changes,omitempty"`
	}{r.OK(), r.From, r.To, r.Records, r.Erased, r.Head.String(), append([]record.Damage{}, r.Damage...), r.Took.Seconds(), r.Steps, r.Changes})
}

// tokens makes credentials.
func tokens(stdout, stderr io.Writer) *command {
	f := flags("token", "token NAME SCOPES makes a credential: a secret for the caller, and the line for the token file, which holds its hash only.\n"+
		"SCOPES are read (decisions on record), ask (ask, record, check drafts, review months), operate (reload rules, metrics) and roles ("+strings.Join(people.RoleNames(), ", ")+"), joined by commas.", stderr)
	until := f.String("until", "", "last day, in UTC, on which the token is good, as 2027-03-31")
	person := f.String("person", "", "id of the account of the person who uses it")
	const most = 2
	return &command{name: "token", flags: f, most: most, instead: "join scopes by commas without blanks, as in: token billing read,ask", run: func(_ context.Context, words []string) error {
		if len(words) < most {
			return &usageError{"write token NAME SCOPES, as in: token billing ask"}
		}
		var further []string
		if *until != "" {
			further = append(further, "until="+*until)
		}
		if *person != "" {
			further = append(further, "person="+*person)
		}
		return token(words, further, stdout, stderr)
	}}
}

func token(words, further []string, stdout, stderr io.Writer) error {
	secret, line, err := door.NewToken(words[0], words[1], further...)
	if err != nil {
		return &usageError{err.Error()}
	}
	fmt.Fprintf(stderr, "The secret, which is shown this once: %s\nThe line for the token file:\n", secret)
	_, err = fmt.Fprintln(stdout, line)
	return err
}

// copying copies a file of decisions, also while a server writes to it.
func copying(stdout, stderr io.Writer) *command {
	f := flags("backup", "backup FILE writes a copy of the decisions on record to FILE, which must not be there yet, and of accounts to FILE.people.\n"+
		"Whatever they are kept in, the copy is a file that a server can use, and restore puts into PostgreSQL. The server may be running meanwhile.", stderr)
	db := f.String("db", "rulebook.db", "file of decisions on record, or postgres://USER@HOST/DATABASE")
	return &command{name: "backup", flags: f, most: 1, instead: "write the file to copy with --db, as in: backup copy.db --db rulebook.db", run: func(ctx context.Context, words []string) error {
		if len(words) < 1 {
			return &usageError{"write backup and the name of the copy, as in: backup 2025-07-01.db"}
		}
		return backup(ctx, *db, words[0], stdout)
	}}
}

func backup(ctx context.Context, db, to string, stdout io.Writer) (err error) {
	s, err := record.Open(ctx, db, record.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Backup(ctx, to); err != nil {
		return err
	}
	copied, err := record.Open(ctx, to, record.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s: %s, head %v\n", to, diagnostic.Counted(int(copied.Head().Seq), "record", "records"), copied.Head().Hash)
	return errors.Join(err, copied.Close(), backupPeople(ctx, db, to, stdout))
}

// restoring puts a file of decisions into PostgreSQL.
func restoring(stdout, stderr io.Writer) *command {
	f := flags("restore", "restore FILE --db postgres://USER@HOST/DATABASE copies a file of decisions, as backup writes it or as a server has used it, into a database that has none yet,\n"+
		"and the accounts of FILE.people, where there is that. All of the decisions are there then, or none. To restore into a file, put the copy in its place.", stderr)
	db := f.String("db", "", "database of PostgreSQL, as postgres://USER@HOST/DATABASE")
	return &command{name: "restore", flags: f, most: 1, instead: "name one file, and the database with --db", run: func(ctx context.Context, words []string) error {
		if len(words) < 1 || *db == "" {
			return &usageError{"write restore, the name of the copy and the database, as in: restore 2025-07-01.db --db postgres://rulebook@localhost/rulebook"}
		}
		return restore(ctx, words[0], *db, stdout)
	}}
}

func restore(ctx context.Context, file, db string, stdout io.Writer) (err error) {
	withPeople, err := people.Exists(file)
	if err != nil {
		return err
	}
	if err := record.Restore(ctx, file, db); err != nil {
		return fmt.Errorf("restoring into %s: %w", postgres.Told(db), err)
	}
	s, err := record.Open(ctx, db, record.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s: %s, head %v\n", s.Name(), diagnostic.Counted(int(s.Head().Seq), "record", "records"), s.Head().Hash)
	if err = errors.Join(err, s.Close()); err != nil || !withPeople {
		return err
	}
	if err := people.Restore(ctx, people.FileOf(file), people.FileOf(db)); err != nil {
		return fmt.Errorf("the decisions are restored, and the accounts are not: %w", err)
	}
	_, err = fmt.Fprintf(stdout, "%s: its accounts, too\n", people.FileOf(file))
	return err
}

// backupPeople copies the accounts beside a record, where there are any, to a
// file beside its copy.
func backupPeople(ctx context.Context, db, to string, stdout io.Writer) (err error) {
	if there, err := people.Exists(db); err != nil || !there {
		return err
	}
	s, err := people.Open(ctx, people.FileOf(db), people.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Backup(ctx, people.FileOf(to)); err != nil {
		return err
	}
	all, err := s.List(ctx)
	if err == nil {
		_, err = fmt.Fprintf(stdout, "%s: %s\n", people.FileOf(to), diagnostic.Counted(len(all), "account", "accounts"))
	}
	return err
}
