package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Kind is what is wrong with a database, as far as it says so.
type Kind int

// Kinds of errors.
const (
	Other       Kind = iota
	Unreachable      // no connection, or one that was lost
	Refused          // it answers, and lets the program not in: user, password, database, rights
	Full             // its disk
	Locked           // others are at it for too long
	ReadOnly         // it takes nothing, as one that stands by
	Damaged
	Disk
)

// KindOf is the kind of an error.
func KindOf(err error) Kind {
	var said *pgconn.PgError
	if errors.As(err, &said) {
		return kindOfCode(said.Code)
	}
	var connect *pgconn.ConnectError
	var network net.Error
	switch {
	case errors.As(err, &connect), errors.As(err, &network), errors.Is(err, driver.ErrBadConn), errors.Is(err, sql.ErrConnDone), errors.Is(err, io.EOF),
		errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), errors.Is(err, context.DeadlineExceeded):
		return Unreachable
	case err != nil && strings.Contains(err.Error(), "conn closed"): // of pgx, which has no name for it
		return Unreachable
	}
	return Other
}

// kindOfCode is what an SQLSTATE means here; see appendix A of PostgreSQL's manual.
func kindOfCode(code string) Kind {
	switch code {
	case "53100":
		return Full
	case "55P03", "40P01", "57014": // waited too long, for each other, or for a statement
		return Locked
	case "25006":
		return ReadOnly
	case "42501", "28000", "28P01", "3D000", "3F000":
		return Refused
	case "58030":
		return Disk
	case "53300", "57P01", "57P02", "57P03", "57P05", "25P03": // too many connections; it ends, has crashed, starts, has hung up
		return Unreachable
	}
	switch code[:min(len(code), 2)] {
	case "08":
		return Unreachable
	case "XX":
		if code != "XX000" {
			return Damaged
		}
	}
	return Other
}
