package record

import (
	"context"
	"errors"
	"syscall"

	"github.com/ncruces/go-sqlite3"

	"github.com/servicerules/rulebook/server/internal/postgres"
)

// Causes of failed writes.
const (
	CauseFull     = "disk_full"
	CauseLocked   = "locked"    // another program writes to the file, or holds the database for too long
	CauseReadOnly = "read_only" // the file or its directory, or a database that stands by
	CauseDamaged  = "damaged"   // the file is no sound database
	CauseGone     = "cannot_open"
	CauseDisk     = "disk_error"
	CauseReach    = "unreachable" // no connection to the database
	CauseOther    = "other"
)

// Causes are all of them.
var Causes = []string{CauseFull, CauseLocked, CauseReadOnly, CauseDamaged, CauseGone, CauseDisk, CauseReach, CauseOther}

func causeOf(err error) string {
	for _, x := range []struct {
		is    error
		cause string
	}{
		{sqlite3.FULL, CauseFull}, {syscall.ENOSPC, CauseFull}, {syscall.EDQUOT, CauseFull}, {sqlite3.BUSY, CauseLocked}, {sqlite3.LOCKED, CauseLocked},
		{sqlite3.READONLY, CauseReadOnly}, {syscall.EROFS, CauseReadOnly}, {sqlite3.PERM, CauseReadOnly}, {sqlite3.CORRUPT, CauseDamaged},
		{sqlite3.NOTADB, CauseDamaged}, {sqlite3.CANTOPEN, CauseGone}, {sqlite3.IOERR, CauseDisk},
	} {
		if errors.Is(err, x.is) {
			return x.cause
		}
	}
	return map[postgres.Kind]string{
		postgres.Unreachable: CauseReach, postgres.Refused: CauseGone, postgres.Full: CauseFull, postgres.Locked: CauseLocked, postgres.ReadOnly: CauseReadOnly,
		postgres.Damaged: CauseDamaged, postgres.Disk: CauseDisk, postgres.Other: CauseOther,
	}[postgres.KindOf(err)]
}

// Unreachable reports whether an error says that the database of a store cannot be
// reached now: whoever asked may ask again.
func Unreachable(err error) bool {
	return err != nil && !errors.Is(err, context.Canceled) && postgres.KindOf(err) == postgres.Unreachable
}
