package form

import (
	"github.com/servicerules/rulebook/internal/source"
)

// Enough is how many findings are collected before reading on is a waste;
// source.MaxFindings of them are reported.
const Enough = 2 * source.MaxFindings
