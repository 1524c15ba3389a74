//go:build !race

package rulebook_test

const raced = false
