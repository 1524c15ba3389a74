// Package proptest holds the tests that go through the whole library: properties
// over random rulebooks, facts and structs, hostile input, and fuzz targets.
package proptest
