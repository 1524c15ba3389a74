package record

import (
	"context"
	"errors"
	"os"

	"github.com/ncruces/go-sqlite3/driver"
)

// CurrentVersion is that of the files that this program makes.
const CurrentVersion = schemaVersion

// Version is that of a file of decisions, which is neither changed nor created.
// The error of a file that is none says so.
func Version(ctx context.Context, path string) (version int, err error) {
	if _, err := os.Stat(path); err != nil {
		return 0, err
	}
	f := &sqliteFile{path: path}
	db, err := driver.Open(f.source(true), f.tune)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var id int
	if err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		return 0, err
	}
	if id != applicationID {
		return 0, errors.New("it is an SQLite database, but none of decisions on record")
	}
	err = db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version)
	return version, err
}
