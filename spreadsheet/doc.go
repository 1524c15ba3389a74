// Package spreadsheet reads tables in whatever format an office has them, and
// writes workbooks. It is a module of its own, so that what it needs does not
// reach programs that embed the library; it serves the commands of this
// repository and may change with any version.
//
// What is read:
//
//   - text with columns: commas, semicolons, tabs, or as a line "sep=;" says; in
//     UTF-8, UTF-16 or GB18030, which are recognised, and in others that are named
//   - workbooks: xlsx and ods. Of each sheet that says something, row after row,
//     never all at once; dates and numbers as they are kept, whatever they look
//     like; of formulas the results that were saved
//   - JSON Lines: an object of facts on each line
//   - each of them compressed with gzip, but workbooks, which are compressed anyway
//
// Nothing is guessed: what may be read in two ways is refused, and the refusal
// says how to settle it. Workbooks are read by this package itself and not by
// the library that writes them: that one's streaming reader tells neither a
// date from a number nor a formula that was never computed from an empty cell,
// and takes a sheet that is cut off for one that ends.
package spreadsheet
