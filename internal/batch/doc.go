// Package batch asks one question about every row of a long file and writes
// the answers in the order of the rows.
//
// The file is cut into blocks of whole rows (see [Cutter]); workers decode,
// decide and encode a block each (see [Decider]), and one writer puts the
// results back into order. Nothing is kept but the blocks in flight and, of rows
// that have ids, 16 bytes each in tables that are half to three quarters full;
// without ids, or where they may repeat, memory does not depend on the length of
// the file. Where blocks end depends
// on the bytes of the file alone: the same file gives the same bytes on any
// number of cores.
//
// # Rows
//
// A CSV file has the columns of the tables of a review: its headers are facts,
// with dots for the fields of records; those that start with # are remarks;
// as_of is the moment of asking, and a first column called record is the id
// of the row, which is handed on. Lists of records do not fit into cells. A
// file of JSON Lines has an object of facts on each line, which may have an
// as_of and, where the question takes no such fact, a record.
//
// A record stands once: where its id was used on a line before, the row becomes
// one that says so, and is not counted. Which row is the first does not depend
// on the number of cores, and is known again after an interruption, as the ids
// of what was answered are read again.
//
// A row that cannot be read becomes a row that says so, with its line; the
// others are answered all the same.
//
// # Files
//
// The output grows under the name OUT.part. Beside it stands OUT.checkpoint: how
// far the run has come, and of what. It is replaced, whole, after what it
// tells of has reached the disk:
//
//  1. write answers to OUT.part
//  2. sync OUT.part
//  3. write the checkpoint to a new file, sync it, rename it, sync the directory
//
// and again from 1. At the end the checkpoint says that all is done, then the
// summary is written, OUT.part is renamed to OUT, and the checkpoint removed.
// Wherever a run stops – killed, out of space, without power – what the last
// checkpoint tells of is there, and what follows it is cut off and made again.
package batch
