package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/servicerules/rulebook/examples/server/door"
	"github.com/servicerules/rulebook/examples/server/record"
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

// parse reads the arguments: flags, and at most so many words, in any order.
func parse(f *flag.FlagSet, args []string, most int) (words []string, err error) {
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
		if words = append(words, rest[:n]...); len(words) > most {
			return nil, &usageError{fmt.Sprintf("%q is too much", words[most])}
		}
		args = rest[n:]
	}
}

// verify checks a file of decisions without a server.
func verify(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	f := flags("verify", "verify walks the chain of decisions on record and derives every one again with the rules of its time.\n"+
		"The server may be running meanwhile. Exit code 1 means damage, or that there is no record.", stderr)
	db := f.String("db", "rulebook.db", "file of decisions on record")
	first := f.Int64("first", 0, "place of the first record to look at, from 1")
	last := f.Int64("last", 0, "place of the last one")
	head := f.String("head", "", "hash that the last one must have, as noted elsewhere")
	asJSON := f.Bool("json", false, "print the report as JSON")
	if _, err := parse(f, args, 0); err != nil {
		return err
	}
	part := record.Stretch{From: *first, To: *last}
	if *first < 0 || *last < 0 || *last > 0 && *last < *first {
		return &usageError{"--first and --last are places from 1, in order"}
	}
	if *head != "" {
		if part.Head, err = record.ParseHash(*head); err != nil {
			return &usageError{"--head: " + err.Error()}
		}
	}
	s, err := record.Open(ctx, *db, record.Options{ReadOnly: true})
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
	if *asJSON {
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
	if !r.OK() {
		result = fmt.Sprintf("%d findings", len(r.Damage))
	}
	rate := float64(r.Records) / max(r.Took.Seconds(), 1e-9)
	_, err := fmt.Fprintf(w, "%d records, %d to %d: %s (%.1f s, %.0f records a second)\nhead %v\n",
		r.Records, r.From, r.To, result, r.Took.Seconds(), rate, r.Head)
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
		Head    string          `json:"head"`
		Damage  []record.Damage `json:"damage"`
		Took    float64         `json:"took_seconds"`
	}{r.OK(), r.From, r.To, r.Records, r.Head.String(), append([]record.Damage{}, r.Damage...), r.Took.Seconds()})
}

// token makes a credential.
func token(args []string, stdout, stderr io.Writer) error {
	f := flags("token", "token NAME SCOPES makes a credential: a secret for the caller, and the line for the token file, which holds its hash only.\n"+
		"SCOPES are read (decisions on record), ask (ask, record, check drafts, review months) and operate (reload rules, metrics), joined by commas.", stderr)
	const most = 2
	words, err := parse(f, args, most)
	if err != nil {
		return err
	}
	if len(words) < most {
		return &usageError{"write token NAME SCOPES, as in: token billing ask"}
	}
	secret, line, err := door.NewToken(words[0], words[1])
	if err != nil {
		return &usageError{err.Error()}
	}
	fmt.Fprintf(stderr, "The secret, which is shown this once: %s\nThe line for the token file:\n", secret)
	_, err = fmt.Fprintln(stdout, line)
	return err
}

// backup copies a file of decisions, also while a server writes to it.
func backup(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	f := flags("backup", "backup FILE writes a copy of the decisions on record to FILE, which must not be there yet.\n"+
		"The server may be running meanwhile.", stderr)
	db := f.String("db", "rulebook.db", "file of decisions on record")
	words, err := parse(f, args, 1)
	if err != nil {
		return err
	}
	if len(words) < 1 {
		return &usageError{"write backup and the name of the copy, as in: backup 2025-07-01.db"}
	}
	to := words[0]
	s, err := record.Open(ctx, *db, record.Options{ReadOnly: true})
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
	_, err = fmt.Fprintf(stdout, "%s: %d records, head %v\n", to, copied.Head().Seq, copied.Head().Hash)
	return errors.Join(err, copied.Close())
}
