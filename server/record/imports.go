package record

import (
	"compress/flate"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"golang.org/x/text/width"
)

// Import is the tables of a month from one source, as they were sent. None is
// changed or deleted: what is sent again for the same month and source takes the
// place of what was there before, which stays to be looked at. Their files alone may
// be erased: see Store.EraseImport.
type Import struct {
	ID            int64
	Month, Source string
	At            time.Time
	Caller        string    // the name of the token, "" where none is asked for
	Reason        string    // why it takes the place of another one; "" once it was erased
	Replaces      int64     // the one before of the same month and source; 0 for the first
	Seen          *int64    // the one that Replaces has to be, as whoever keeps it saw it; nil where that does not matter. It is not kept
	Last          bool      // none takes its place
	Erased        time.Time // when its files were erased; zero where they are there
	Eraser, Why   string    // whose token or account did that, and why
	Summary       []byte    // what a review made of it, for whoever keeps it
	Files         []ImportedFile
}

// ImportedFile is a table of an import.
type ImportedFile struct {
	Name   string
	Size   int64
	SHA256 Hash
}

// ReplacedError says that something was kept for a month and source meanwhile,
// or that a reason is wanted for taking its place.
type ReplacedError struct {
	Import int64
	Erased bool // since
}

// Error names it.
func (e *ReplacedError) Error() string {
	return fmt.Sprintf("there are tables of this month and source already, import %d: give a reason to take their place", e.Import)
}

// importsSchema is what the second version of the file has beside the first.
const importsSchema = `
CREATE TABLE imports (
	id       INTEGER PRIMARY KEY,
	month    TEXT NOT NULL,
	source   TEXT NOT NULL,
	at       INTEGER NOT NULL, -- microseconds since 1970
	caller   TEXT NOT NULL,
	reason   TEXT NOT NULL,
	replaces INTEGER UNIQUE, -- so that no two take the place of one
	summary  BLOB NOT NULL
) STRICT;
CREATE INDEX imports_by_month ON imports (month, source);
CREATE TABLE import_files (
	import INTEGER NOT NULL,
	name   TEXT NOT NULL,
	size   INTEGER NOT NULL,
	sha256 BLOB NOT NULL,
	PRIMARY KEY (import, name)
) STRICT;
CREATE TABLE import_parts ( -- of the files, compressed
	import INTEGER NOT NULL,
	name   TEXT NOT NULL,
	part   INTEGER NOT NULL,
	data   BLOB NOT NULL,
	PRIMARY KEY (import, name, part)
) STRICT;
`

// partBytes is how much of a compressed file stands in a row.
const partBytes = 256 << 10

// Keep keeps the files of a directory as the tables of a month from a source. It
// returns once they are on disk. What is there already of the same month and
// source is replaced for a reason only: otherwise the error is a *ReplacedError.
// The given import has its month, source, caller, reason and summary.
func (s *Store) Keep(ctx context.Context, i Import, files fs.FS, names []string) (kept *Import, err error) {
	parts, err := compressed(files, names) // before the transaction: decisions wait for that
	if err != nil {
		return nil, err
	}
	err = s.write(ctx, func(tx *sql.Tx) error { return s.keep(ctx, tx, &i, parts) })
	if err != nil {
		return nil, err
	}
	return &i, nil
}

func (s *Store) keep(ctx context.Context, tx *sql.Tx, i *Import, parts []compressedFile) (err error) {
	i.At, i.Last, i.Files = s.Now(), true, nil
	if i.Source, err = knownSource(ctx, tx, i.Source); err != nil {
		return err
	}
	if err := tx.QueryRowContext(ctx, "SELECT coalesce(max(id), 0) FROM imports WHERE month = $1 AND source = $2", i.Month, i.Source).Scan(&i.Replaces); err != nil {
		return err
	}
	if i.Replaces != 0 && i.Reason == "" || i.Seen != nil && *i.Seen != i.Replaces {
		var erased int64
		err := tx.QueryRowContext(ctx, "SELECT erased FROM imports WHERE id = $1", i.Replaces).Scan(&erased)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		return &ReplacedError{i.Replaces, erased != 0}
	}
	replaces := sql.NullInt64{Int64: i.Replaces, Valid: i.Replaces != 0}
	if i.Summary == nil {
		i.Summary = []byte{}
	}
	err = tx.QueryRowContext(ctx, "INSERT INTO imports (id, month, source, at, caller, reason, replaces, summary) VALUES ((SELECT coalesce(max(id), 0) + 1 FROM imports), $1, $2, $3, $4, $5, $6, $7) RETURNING id",
		i.Month, i.Source, i.At.UnixMicro(), i.Caller, i.Reason, replaces, i.Summary).Scan(&i.ID)
	if err != nil {
		return s.notDurable(err)
	}
	for _, f := range parts {
		if _, err := tx.ExecContext(ctx, "INSERT INTO import_files (import, name, size, sha256) VALUES ($1, $2, $3, $4)", i.ID, f.Name, f.Size, f.SHA256[:]); err != nil {
			return s.notDurable(err)
		}
		for n, data := range f.parts {
			if _, err := tx.ExecContext(ctx, "INSERT INTO import_parts (import, name, part, data) VALUES ($1, $2, $3, $4)", i.ID, f.Name, n, data); err != nil {
				return s.notDurable(err)
			}
		}
		i.Files = append(i.Files, f.ImportedFile)
	}
	return nil
}

// knownSource is a source as it was first written: "East", where "EAST" or, in
// letters of full width, "Ｅａｓｔ" is kept now.
func knownSource(ctx context.Context, tx *sql.Tx, source string) (known string, err error) {
	rows, err := tx.QueryContext(ctx, "SELECT source FROM imports GROUP BY source ORDER BY min(id)")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := rows.Scan(&known); err != nil {
			return "", err
		}
		if Folded(known) == Folded(source) {
			return known, nil
		}
	}
	return source, rows.Err()
}

// Folded is a name by which it is found whatever its case, its width and the
// blanks around and in it.
func Folded(name string) string {
	return strings.Join(strings.Fields(strings.ToLower(width.Fold.String(name))), " ")
}

type compressedFile struct {
	ImportedFile
	parts [][]byte
}

// compressed are files as they are kept.
func compressed(files fs.FS, names []string) (all []compressedFile, err error) {
	for _, name := range names {
		f, err := files.Open(name)
		if err != nil {
			return nil, err
		}
		x := compressedFile{ImportedFile: ImportedFile{Name: name}}
		sum, out := sha256.New(), &pieces{}
		zip := gzip.NewWriter(out)
		x.Size, err = io.Copy(io.MultiWriter(sum, zip), f)
		if err = errors.Join(err, zip.Close(), f.Close()); err != nil {
			return nil, err
		}
		copy(x.SHA256[:], sum.Sum(nil))
		x.parts = out.all
		all = append(all, x)
	}
	return all, nil
}

// pieces takes what is written in pieces of partBytes.
type pieces struct{ all [][]byte }

func (p *pieces) Write(data []byte) (int, error) {
	for rest := data; len(rest) > 0; {
		last := len(p.all) - 1
		if last < 0 || len(p.all[last]) == partBytes {
			p.all = append(p.all, nil)
			last++
		}
		n := min(len(rest), partBytes-len(p.all[last]))
		p.all[last] = append(p.all[last], rest[:n]...)
		rest = rest[n:]
	}
	return len(data), nil
}

// Imports are all that is kept, the latest month first and of each source the
// latest first, with their summaries and without their files.
func (s *Store) Imports(ctx context.Context) ([]Import, error) {
	return s.imports(ctx, "", "ORDER BY month DESC, source, id DESC")
}

// Import is one of them, with its files where they were not erased; the error of an
// unknown one is ErrNotFound.
func (s *Store) Import(ctx context.Context, id int64) (*Import, error) {
	all, err := s.imports(ctx, "WHERE i.id = $1", "", id)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, ErrNotFound
	}
	i := &all[0]
	if !i.Erased.IsZero() {
		return i, nil // nothing is left of them
	}
	rows, err := s.db.QueryContext(ctx, "SELECT name, size, sha256 FROM import_files WHERE import = $1 ORDER BY name", id)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var f ImportedFile
		var sum []byte
		if err := rows.Scan(&f.Name, &f.Size, &sum); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		copy(f.SHA256[:], sum)
		i.Files = append(i.Files, f)
	}
	return i, errors.Join(rows.Err(), rows.Close())
}

func (s *Store) imports(ctx context.Context, where, order string, args ...any) (all []Import, err error) {
	if has, err := s.has(ctx, "imports"); err != nil || !has {
		return nil, err
	}
	erased := "i.erased, i.eraser, i.why"
	if has, err := s.database.hasColumn(ctx, s.db, "imports", "erased"); err != nil {
		return nil, err
	} else if !has {
		erased = "0, '', ''"
	}
	rows, err := s.db.QueryContext(ctx, "SELECT i.id, i.month, i.source, i.at, i.caller, i.reason, coalesce(i.replaces, 0), i.summary, NOT EXISTS (SELECT 1 FROM imports AS later WHERE later.replaces = i.id), "+erased+" FROM imports AS i "+where+" "+order, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var i Import
		var at, gone int64
		if err := rows.Scan(&i.ID, &i.Month, &i.Source, &at, &i.Caller, &i.Reason, &i.Replaces, &i.Summary, &i.Last, &gone, &i.Eraser, &i.Why); err != nil {
			return nil, err
		}
		i.At, i.Erased = time.UnixMicro(at).UTC(), fromMicro(gone)
		if !i.Erased.IsZero() {
			i.Reason = ""
		}
		all = append(all, i)
	}
	return all, rows.Err()
}

// has reports whether the database has a table: one of an earlier program that is
// only read lacks some.
func (s *Store) has(ctx context.Context, table string) (bool, error) {
	return s.database.has(ctx, s.db, table)
}

// ChangedError says that a file of an import is not what was kept.
type ChangedError struct {
	Import int64
	Name   string
}

// Error names the file.
func (e *ChangedError) Error() string {
	return fmt.Sprintf("the file %s of import %d is not as it was kept", e.Name, e.Import)
}

// WriteImported writes a file of an import as it was sent. Errors: ErrErased, a
// *ChangedError where it is not what was kept, and those of the writer.
func (s *Store) WriteImported(ctx context.Context, id int64, f ImportedFile, w io.Writer) error {
	if i, err := s.Import(ctx, id); err != nil {
		return err
	} else if !i.Erased.IsZero() {
		return ErrErased
	}
	zip, err := gzip.NewReader(&partReader{store: s, ctx: ctx, id: id, name: f.Name})
	if errors.Is(err, gzip.ErrHeader) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &ChangedError{id, f.Name}
	}
	if err != nil {
		return err
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(w, sum), io.LimitReader(zip, f.Size+1))
	var corrupt flate.CorruptInputError
	if errors.Is(err, gzip.ErrChecksum) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrHeader) || errors.As(err, &corrupt) {
		return &ChangedError{id, f.Name}
	}
	if err != nil {
		return err
	}
	if n != f.Size || Hash(sum.Sum(nil)) != f.SHA256 {
		return &ChangedError{id, f.Name}
	}
	return nil
}

// partReader reads the compressed parts of a file one after the other.
type partReader struct {
	store *Store
	ctx   context.Context
	id    int64
	name  string
	next  int
	data  []byte
}

func (r *partReader) Read(p []byte) (int, error) {
	for len(r.data) == 0 {
		err := r.store.db.QueryRowContext(r.ctx, "SELECT data FROM import_parts WHERE import = $1 AND name = $2 AND part = $3", r.id, r.name, r.next).Scan(&r.data)
		if errors.Is(err, sql.ErrNoRows) {
			return 0, io.EOF
		}
		if err != nil {
			return 0, err
		}
		r.next++
	}
	n := copy(p, r.data)
	r.data = r.data[n:]
	return n, nil
}

// SumOf is the SHA-256 of a file, by which an import knows it.
func SumOf(files fs.FS, name string) (sum Hash, err error) {
	f, err := files.Open(name)
	if err != nil {
		return sum, err
	}
	h := sha256.New()
	_, err = io.Copy(h, f)
	copy(sum[:], h.Sum(nil))
	return sum, errors.Join(err, f.Close())
}
