package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/formats"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// rulesInDirectory is the rules file that is used where none is named.
const rulesInDirectory = "rules.yaml"

// find says which rules file to use: its name and text, with the files that it
// names. The text is nil for the built-in one.
func (a *app) find(path string) (string, []byte, error) {
	named := path != ""
	if !named {
		path = rulesInDirectory
	}
	data, _, err := source.ReadRules(path)
	switch {
	case err == nil:
		return path, data, nil
	case !named && errors.Is(err, os.ErrNotExist):
		return "", nil, nil
	}
	return "", nil, cannotRead(path, err)
}

// load loads the rules file and says which it is.
func (a *app) load() (*rulebook.Book, error) {
	name, data, err := a.find(a.rules)
	if err != nil {
		return nil, err
	}
	book, err := parse(name, data)
	if err != nil {
		return nil, a.refused(err, sourcesOf(name, data))
	}
	b := book.Rulebook()
	if err := a.wantLanguages(b); err != nil {
		return nil, err
	}
	a.used = &rulesJSON{b.Name(), b.ID, b.SHA256}
	a.say(b)
	return book, nil
}

// sourcesOf are the texts of a rulebook's files by their names in findings.
func sourcesOf(name string, data []byte) report.Sources {
	sources := report.Sources{}
	for _, f := range source.Split(data) {
		sources[source.NameOf(name, f.Path)] = f.Text
	}
	return sources
}

func parse(name string, data []byte) (*rulebook.Book, error) {
	if name == "" {
		return rulebook.Default()
	}
	return rulebook.Parse(name, data)
}

// say tells which rulebook is used.
func (a *app) say(b *policy.Rulebook) {
	if a.quiet {
		return
	}
	name := b.Name()
	if name == rulebook.DefaultName {
		name = a.t("内置", "built in")
	}
	fmt.Fprintln(a.err, a.errStyle.Dim(a.errStyle.Pickf("规则：%s（%s，sha256 %s…）", "rules: %s (%s, sha256 %s…)", name, b.ID, b.SHA256[:12])))
}

// refused prints the findings of a file that was not loaded.
func (a *app) refused(err error, sources report.Sources) error {
	var found diagnostic.List
	if !errors.As(err, &found) {
		return err
	}
	if err := a.writeFailure(failure{Findings: formats.FindingsOf(found)}); err != nil {
		return err
	}
	a.flush()
	if err := report.Findings(a.err, a.errStyle, found, sources); err != nil {
		return err
	}
	fmt.Fprintf(a.err, "\n%s\n", report.Count(a.errStyle, found))
	return &exitError{exitFindings}
}

// settings are the options of --reading.
func settings(cmd string, readings []string) ([]rulebook.Option, error) {
	options := make([]rulebook.Option, 0, len(readings))
	for _, r := range readings {
		key, option, found := strings.Cut(r, "=")
		if !found {
			return nil, &usageError{
				command: cmd,
				message: diagnostic.Textf("--reading %q 里没有等号", "--reading %q has no equals sign", r),
				remedy:  diagnostic.Textf("写成 %s=选项", "write %s=OPTION", r),
			}
		}
		options = append(options, rulebook.Reading(key, option))
	}
	return options, nil
}

// withReadings is the book under the options of --reading.
func withReadings(cmd string, book *rulebook.Book, readings []string) (*rulebook.Book, error) {
	options, err := settings(cmd, readings)
	if err != nil {
		return nil, err
	}
	with, err := book.With(options...)
	return with, wrongReading(cmd, book, err)
}

// wrongReading turns the error of an unknown reading into one of usage.
func wrongReading(cmd string, book *rulebook.Book, err error) error {
	var reading *policy.ReadingError
	if !errors.As(err, &reading) {
		return err
	}
	e := &usageError{command: cmd, message: reading.Message, remedy: reading.Remedy}
	first, _, _ := strings.Cut(reading.Key, ", ") // of several that do not go together
	if _, known := book.Rulebook().Reading(first); known {
		e.message.ZH = "读法 " + reading.Key + "：" + e.message.ZH
		e.message.EN = "reading " + reading.Key + ": " + e.message.EN
		return e
	}
	e.remedy = diagnostic.Text{ZH: "全部读法：rulebook readings", EN: "rulebook readings lists them all"}
	if near := readingsAsk(book.Rulebook()).Nearest(reading.Key); near != "" {
		e.remedy = diagnostic.Textf("是否指 %s？全部读法：rulebook readings", "did you mean %s? rulebook readings lists them all", near)
	}
	return e
}
