// Package examples holds what the example programs share: the example cases
// and a month of invented records.
package examples

import (
	"embed"
	"io/fs"
)

// SampleMonth is the month of the records of Sample, SampleRulebook the id of
// the rulebook that they are made for.
const (
	SampleMonth    = "2025-06"
	SampleRulebook = "gulin"
)

//go:embed cases data/2025-06
var files embed.FS

// Cases are the example cases, as files of YAML.
func Cases() fs.FS { return sub("cases") }

// Sample are the tables of a month, as files of CSV.
func Sample() fs.FS { return sub("data/" + SampleMonth) }

func sub(dir string) fs.FS {
	inside, err := fs.Sub(files, dir)
	if err != nil {
		return files // the name is one of the above: it is valid
	}
	return inside
}
