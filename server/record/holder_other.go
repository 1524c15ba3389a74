//go:build !unix

package record

// Holder is not known here.
func Holder(string) (process string, held bool) { return "", false }
