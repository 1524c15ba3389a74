// Package examples holds what the example programs share: the example cases
// and a month of invented records.
package examples

import "embed"

// SampleMonth is the month of the records under data/2025-06.
const SampleMonth = "2025-06"

// Files are the example cases, under "cases", and the records of a month,
// under "data/" and its name.
//
//go:embed cases data/2025-06
var Files embed.FS
