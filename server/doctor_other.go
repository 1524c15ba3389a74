//go:build !unix

package server

import (
	"io/fs"
	"strings"
)

func freeBytes(string) (free uint64, known bool) { return 0, false }
func openToAll(fs.FileInfo) bool                 { return false }
func readableByOthers(fs.FileInfo) bool          { return false }
func writableByOthers(fs.FileInfo) bool          { return false }
func addressInUse(err error) bool                { return strings.Contains(err.Error(), "Only one usage") }
