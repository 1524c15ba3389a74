// Package plainwords tells what stands in a rulebook in words that a policy
// editor reads, in Chinese and English: expressions by the labels of what they
// name, lengths and amounts as people say them, a rule of each form as a
// sentence, with what is still to be said of it in lines below.
//
// A rule is told as the readings of the book have it. Where a reading chooses
// a value, the other options are told beside it; where a date does, all values
// are told with their days, for nothing here knows what day it is.
package plainwords
