package server

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
)

// ailment is something that doctor looked at: in order, or what is wrong with it
// and what to do.
type ailment struct {
	Code   string          `json:"code"`
	Grade  string          `json:"grade"`
	Text   diagnostic.Text `json:"text"`
	Remedy diagnostic.Text `json:"remedy,omitzero"`
}

// Grades of what was found.
const (
	gradeFine    = "fine"
	gradeWarning = "warning" // the server works, but not for ever, or not for everybody
	gradeBad     = "bad"     // it does not start, or does not do its work
)

var gradeTexts = map[string]diagnostic.Text{
	gradeFine: {ZH: "正常", EN: "fine"}, gradeWarning: {ZH: "注意", EN: "note"}, gradeBad: {ZH: "有误", EN: "wrong"},
}

// examining is the command that tells what is wrong with an installation. It
// takes the flags of the server, and changes nothing.
func examining(o Options) *command {
	c := &config{}
	f := flags("doctor", "doctor tells what is wrong with this installation: rules, record, keys, clock, disk, port, tables that are kept.\n"+
		"Give it the flags of the server. It changes nothing, and the server may be running; with --json it prints what it found as JSON.\nExit code 1 means that something is wrong.", o.Stderr)
	c.define(f)
	lang := f.String("lang", "", "zh or en; by default that of the environment")
	return &command{name: "doctor", flags: f, instead: "name files by flags, as in: doctor --db rulebook.db --rules rules.yaml", run: func(ctx context.Context, _ []string) error {
		if *lang != "" && *lang != "zh" && *lang != "en" {
			return &usageError{"--lang is zh or en"}
		}
		all := c.examine(ctx)
		language := *lang
		if language == "" {
			language = systemLanguage()
		}
		var err error
		if c.jsonLog {
			e := json.NewEncoder(o.Stdout)
			e.SetIndent("", "  ")
			err = e.Encode(map[string]any{"found": all})
		} else {
			err = printAilments(o.Stdout, language, all)
		}
		if err == nil && slices.ContainsFunc(all, func(a ailment) bool { return a.Grade == gradeBad }) {
			err = &exitError{exitRefused}
		}
		return err
	}}
}

// systemLanguage is the language of the environment, zh or en.
func systemLanguage() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			if strings.HasPrefix(v, "zh") {
				return "zh"
			}
			return "en"
		}
	}
	return "en"
}

// printAilments prints what was found, the worst first.
func printAilments(w io.Writer, lang string, all []ailment) error {
	rank := map[string]int{gradeBad: 0, gradeWarning: 1, gradeFine: 2}
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b ailment) int { return rank[a.Grade] - rank[b.Grade] })
	count := map[string]int{}
	for _, a := range sorted {
		count[a.Grade]++
		line := gradeTexts[a.Grade].In(lang) + diagnostic.Text{ZH: "：", EN: ": "}.In(lang) + a.Text.In(lang)
		if remedy := a.Remedy.In(lang); remedy != "" {
			line += "\n  → " + remedy
		}
		if _, err := fmt.Fprintf(w, "%s [%s]\n", line, a.Code); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w, diagnostic.Textf("有误 %d 项，注意 %d 项，正常 %d 项", "%d wrong, %d to note, %d fine", count[gradeBad], count[gradeWarning], count[gradeFine]).In(lang))
	return err
}

// examination gathers what is found.
type examination struct {
	*config
	all        []ailment
	file       string   // of the rules, where they can be used; "" of built-in ones
	builtIn    bool     // the built-in rules would be used
	text       []byte   // of it
	signatures [][]byte // of it in steps about changes
}

func (x *examination) found(grade, code string, text diagnostic.Text, remedy diagnostic.Text) {
	x.all = append(x.all, ailment{code, grade, text, remedy})
}

func (x *examination) fine(code, zh, en string, args ...any) {
	x.found(gradeFine, code, diagnostic.Textf(zh, en, args...), diagnostic.Text{})
}

func (x *examination) note(code string, text diagnostic.Text, zh, en string) {
	x.found(gradeWarning, code, text, diagnostic.Text{ZH: zh, EN: en})
}

func (x *examination) bad(code string, text diagnostic.Text, zh, en string) {
	x.found(gradeBad, code, text, diagnostic.Text{ZH: zh, EN: en})
}
