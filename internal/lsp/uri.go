package lsp

import (
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
)

// driveLetter begins the path of a file address on Windows.
var driveLetter = regexp.MustCompile(`^/[A-Za-z]:`)

// pathOf is the path of a file address; of anything else, such as a text that
// was never saved, the address itself.
func pathOf(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "file" {
		return uri
	}
	path := u.Path
	if u.Host != "" && u.Host != "localhost" {
		path = "//" + u.Host + path
	}
	if driveLetter.MatchString(path) {
		path = strings.ToUpper(path[1:2]) + path[2:] // one file, however the drive is written
	}
	return filepath.Clean(filepath.FromSlash(path))
}

// uriOf is the address of a path.
func uriOf(path string) string {
	if strings.Contains(path, "://") || strings.HasPrefix(path, "untitled:") {
		return path
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}
