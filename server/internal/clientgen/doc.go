// Package clientgen has the tests that hold package client to the interface: they
// write it, too. They stand apart from it, so that they can be run where it does
// not compile.
package clientgen
