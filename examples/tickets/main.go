// Command tickets makes up a file of any length for rulebook batch: the same
// arguments give the same bytes. With -out PATTERN -files N it makes up N
// files, whose rows together are those of the one.
//
//	go run ./examples/tickets -n 100000 > tickets.csv
//	go run ./examples/tickets -n 200000 -format jsonl -files 8 -out tickets-%d.jsonl
package main

import (
	"bufio"
	"encoding/csv"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/sample"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("tickets: ")
	question := flag.String("question", "time_limit.request", "the `question` whose facts are made up")
	facts := flag.String("facts", "", "the `paths` of the facts, separated by commas; all by default")
	rules := flag.String("rules", "", "the rules `file`; the built-in one by default")
	rows := flag.Int64("n", 1000, "how many rows")
	format := flag.String("format", "csv", "csv or jsonl")
	seed := flag.Uint64("seed", 1, "another seed makes up other rows")
	files := flag.Int64("files", 1, "how many files")
	out := flag.String("out", "", "name of the file, with %d where there are several; standard output by default")
	flag.Parse()
	if err := run(*question, *facts, *rules, *rows, *format, *seed, *files, *out); err != nil {
		log.Fatal(err)
	}
}

func run(question, facts, rules string, rows int64, format string, seed uint64, files int64, out string) error {
	book, err := rulebook.Default()
	if rules != "" {
		book, err = rulebook.Load(rules)
	}
	if err != nil {
		return err
	}
	q, ok := book.Rulebook().Question(question)
	switch {
	case !ok:
		return fmt.Errorf("there is no question %q", question)
	case files < 1 || rows < 0:
		return fmt.Errorf("%d rows in %d files cannot be made up", rows, files)
	}
	var paths []string
	if facts != "" {
		paths = strings.Split(facts, ",")
		for _, p := range paths {
			if _, ok := q.FactAt(p); !ok {
				return fmt.Errorf("the question %s takes no fact %q", question, p)
			}
		}
	}
	sampled := sample.New(book.Rulebook(), q, seed, paths...)
	for i := range files {
		first, last := rows*i/files, rows*(i+1)/files
		if out == "" {
			if err := write(os.Stdout, sampled, format, first, last); err != nil {
				return err
			}
			continue
		}
		name := out
		if files > 1 {
			name = fmt.Sprintf(out, i)
		}
		f, err := os.Create(name)
		if err != nil {
			return err
		}
		if err := write(f, sampled, format, first, last); err != nil {
			f.Close()
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	return nil
}

// write writes rows first to last-1.
func write(w io.Writer, rows *sample.Rows, format string, first, last int64) error {
	b := bufio.NewWriterSize(w, 1<<20)
	switch format {
	case "jsonl":
		for n := first; n < last; n++ {
			if _, err := b.Write(append(rows.Object(n), '\n')); err != nil {
				return err
			}
		}
	case "csv":
		c := csv.NewWriter(b)
		if err := c.Write(rows.Header()); err != nil {
			return err
		}
		for n := first; n < last; n++ {
			if err := c.Write(rows.Row(n)); err != nil {
				return err
			}
		}
		if c.Flush(); c.Error() != nil {
			return c.Error()
		}
	default:
		return fmt.Errorf("the format %q is not csv or jsonl", format)
	}
	return b.Flush()
}
