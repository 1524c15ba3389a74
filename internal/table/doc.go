// Package table reads the rows of tables as facts: which columns a question
// takes, how the text of a cell is a value, and what may be wrong with either.
// It is what reviews of a directory and runs over long files have in common.
package table
