//go:build race

package proptest_test

const raced = true
