package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/calendars"
)

// What is exported and imported again is the same calendar: the same days are
// worked, and the file is the same to the byte.
func TestCalendarThereAndBack(t *testing.T) {
	rules, err := os.ReadFile("../../internal/load/testdata/library.yaml")
	require.NoError(t, err)
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	with := func(text string) string {
		return strings.Replace(string(rules), "\ncalendars:\n", "\ncalendars:\n"+text, 1)
	}
	run := func(args ...string) string {
		code, out, errs := call(t, "", append([]string{"calendar"}, append(args, "-q")...)...)
		require.Equal(t, exitFine, code, "%v: %s", args, errs)
		return out
	}
	names := []string{"opening_days"}
	for _, c := range calendars.All() {
		names = append(names, c.Name)
	}
	for _, name := range names {
		from, to := 2020, 2026
		switch name {
		case "eu_institutions_brussels":
			from, to = 2023, 2023
		case "europe_target":
			from, to = 2002, 2030
		case "england_and_wales", "united_states_federal":
			from, to = 2000, 2050
		}
		t.Run(name, func(t *testing.T) {
			fragment, _ := calendars.Fragment(name)
			before := write("before.yaml", with(fragment))
			span := []string{fmt.Sprint("--from=", from), fmt.Sprint("--to=", to)}
			ics := run(append([]string{"export", name, "--rules", before}, span...)...)
			listing := run("import", write("days.ics", ics))
			copied := "  " + name + "_copy:\n    zh: 抄本\n    en: copy\n    weekend: [saturday, sunday]\n"
			for line := range strings.Lines(listing) {
				copied += "    " + line
			}
			after := write("after.yaml", with(copied))
			again := run(append([]string{"export", name + "_copy", "--rules", after}, span...)...)
			assert.Equal(t, strings.ReplaceAll(ics, name, name+"_copy"), again)
			days := []string{"days", fmt.Sprint(from, "-01-01"), fmt.Sprint(to, "-12-31"), "--calendar"}
			assert.Equal(t, run(append(days, name, "--rules", before)...), run(append(days, name+"_copy", "--rules", after)...))
		})
	}
}
