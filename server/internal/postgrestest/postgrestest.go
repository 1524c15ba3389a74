//go:build unix

// Package postgrestest runs tests of stores over a real PostgreSQL, too.
package postgrestest

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver of the databases
	"github.com/stretchr/testify/require"
)

// Environment variables.
const (
	// requiredVariable says that no test may be left out for want of PostgreSQL.
	requiredVariable = "RULEBOOK_POSTGRES"
	// overVariable says what the stores of tests are kept in: "files", or the
	// address of a PostgreSQL.
	overVariable = "RULEBOOK_TEST_STORES"
)

const overFiles = "files"

// Main runs the tests of a package twice: with stores in files, and with stores in
// PostgreSQL, where the machine has it. The second time is a process of its own, with
// the same arguments. It returns what the program ends with.
func Main(m interface{ Run() int }) int {
	if os.Getenv(overVariable) != "" { // the second time, or a child of a test
		return m.Run()
	}
	if err := os.Setenv(overVariable, overFiles); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if code := m.Run(); code != 0 || !testsOnly() {
		return code
	}
	s, err := start()
	if errors.Is(err, errNone) && os.Getenv(requiredVariable) == "" {
		fmt.Println("not run over PostgreSQL: this machine has none (Debian: apt-get install postgresql)")
		return 0
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "PostgreSQL:", err)
		return 1
	}
	defer s.end()
	fmt.Println("over PostgreSQL:")
	again := exec.Command(os.Args[0], os.Args[1:]...)
	again.Env = append(os.Environ(), overVariable+"="+s.URL("postgres"))
	again.Stdout, again.Stderr = os.Stdout, os.Stderr
	if err := again.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "over PostgreSQL:", err)
		return 1
	}
	return 0
}

// testsOnly reports whether tests are run, and nothing that would be done twice.
func testsOnly() bool {
	return !slices.ContainsFunc(os.Args[1:], func(arg string) bool {
		name, value, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		return value != "" && slices.Contains([]string{"test.bench", "test.fuzz", "test.list", "test.coverprofile"}, name)
	})
}

// Over reports whether the stores of the tests are kept in PostgreSQL.
func Over() bool {
	over := os.Getenv(overVariable)
	return over != "" && over != overFiles
}

// FilesOnly leaves out a test of what there is of files alone.
func FilesOnly(t *testing.T) {
	t.Helper()
	if Over() {
		t.Skip("of files alone")
	}
}

// Place is the name of a store that is called path: path itself, or a database of
// its own, which is made where there is none.
func Place(t *testing.T, path string) string {
	t.Helper()
	if !Over() {
		return path
	}
	sum := sha256.Sum256([]byte(path))
	u, err := url.Parse(os.Getenv(overVariable))
	require.NoError(t, err)
	createDatabase(t, u.String(), "t"+hex.EncodeToString(sum[:8]))
	u.Path = "/t" + hex.EncodeToString(sum[:8])
	return u.String()
}

func createDatabase(t *testing.T, server, name string) {
	t.Helper()
	db, err := sql.Open("pgx", server)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	var there bool
	require.NoError(t, db.QueryRow("SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", name).Scan(&there))
	if !there {
		_, err = db.Exec("CREATE DATABASE " + name + " TEMPLATE template0")
		require.NoError(t, err)
	}
}

// Copy makes the store of a name, which is not used at the moment, once more under
// another one, that Place has given.
func Copy(t *testing.T, from, to string) {
	t.Helper()
	if !Over() {
		data, err := os.ReadFile(from)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(to, data, 0o600))
		return
	}
	db, err := sql.Open("pgx", os.Getenv(overVariable))
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	name := func(place string) string {
		u, err := url.Parse(place)
		require.NoError(t, err)
		return strings.TrimPrefix(u.Path, "/")
	}
	for _, statement := range []string{"DROP DATABASE " + name(to), "CREATE DATABASE " + name(to) + " TEMPLATE " + name(from)} {
		_, err := db.Exec(statement)
		require.NoError(t, err)
	}
}

// Raw is a connection to a store that Place has named, past the store itself, in
// the given schema.
func Raw(t *testing.T, name, schema string) *sql.DB {
	t.Helper()
	driver, source := "sqlite3", "file:"+name
	if strings.HasPrefix(name, "postgres://") {
		u, err := url.Parse(name)
		require.NoError(t, err)
		q := u.Query()
		q.Set("search_path", schema)
		u.RawQuery = q.Encode()
		driver, source = "pgx", u.String()
	}
	db, err := sql.Open(driver, source)
	require.NoError(t, err)
	return db
}

// Server is a PostgreSQL server of a test.
type Server struct {
	Password string // of its user, by TCP
	Port     int
	dir, bin string
	user     *someone
	cmd      *exec.Cmd
	ended    chan struct{}
}

var errNone = errors.New("there is no PostgreSQL on this machine")

// Start starts a server for a test; it ends with it. Where the machine has none, the
// test is left out, unless it must not be.
func Start(t *testing.T) *Server {
	t.Helper()
	s, err := start()
	if errors.Is(err, errNone) && os.Getenv(requiredVariable) == "" {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(s.end)
	return s
}

// binaries is the directory of the programs of the latest PostgreSQL of a machine:
// of Debian, or wherever postgres is found.
func binaries() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
		return n
	}
	slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
	if len(found) > 0 {
		return filepath.Dir(found[0]), nil
	}
	path, err := exec.LookPath("postgres")
	if err != nil {
		return "", errNone
	}
	return filepath.Dir(path), nil
}

func start() (s *Server, err error) {
	s = &Server{Password: rand.Text()}
	if s.bin, err = binaries(); err != nil {
		return nil, err
	}
	if s.user, err = otherThanRoot(); err != nil {
		return nil, err
	}
	if s.dir, err = os.MkdirTemp("", "rulebook-pg"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(s.dir))
		}
	}()
	secret := filepath.Join(s.dir, "password")
	if err := errors.Join(os.WriteFile(secret, []byte(s.Password), 0o600), s.user.own(s.dir), s.user.own(secret)); err != nil {
		return nil, err
	}
	initdb := s.command("initdb", "-D", s.data(), "-U", "postgres", "--pwfile", secret, "--auth-local=trust", "--auth-host=scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "-N")
	if said, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, said)
	}
	if s.Port, err = freePort(); err != nil {
		return nil, err
	}
	return s, s.Run()
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// command is one of PostgreSQL's programs, as a user that is not root.
func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TZ=UTC")
	s.user.as(cmd)
	return cmd
}

// Run starts the server, again where it has ended.
func (s *Server) Run() error {
	s.cmd = s.command("postgres", "-D", s.data(), "-k", s.dir, "-p", strconv.Itoa(s.Port), "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200", "-c", "shared_buffers=32MB")
	said := &bytes.Buffer{}
	s.cmd.Stdout, s.cmd.Stderr = said, said
	if err := s.cmd.Start(); err != nil {
		return err
	}
	s.ended = make(chan struct{})
	go func() {
		_ = s.cmd.Wait()
		close(s.ended)
	}()
	db, err := sql.Open("pgx", s.URL("postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	const patience = time.Minute
	for until := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		err := db.PingContext(context.Background())
		if err == nil {
			return nil
		}
		select {
		case <-s.ended:
			return fmt.Errorf("it ended: %s", said)
		default:
		}
		if time.Now().After(until) {
			_ = s.cmd.Process.Kill()
			<-s.ended
			return fmt.Errorf("it does not answer: %w: %s", err, said)
		}
	}
}

// Crash ends the server at once, as a crash does: what it has not written is lost.
func (s *Server) Crash() {
	_ = s.cmd.Process.Signal(immediately)
	<-s.ended
}

func (s *Server) end() {
	s.Crash()
	_ = os.RemoveAll(s.dir)
}

// URL is the name of a database, by the server's socket and without a password.
func (s *Server) URL(database string) string {
	return (&url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/" + database, RawQuery: url.Values{"host": {s.dir}, "port": {strconv.Itoa(s.Port)}}.Encode()}).String()
}

// URLWithPassword is the name of a database by TCP, with the password in it.
func (s *Server) URLWithPassword(database string) string {
	return (&url.URL{Scheme: "postgres", User: url.UserPassword("postgres", s.Password), Host: "127.0.0.1:" + strconv.Itoa(s.Port), Path: "/" + database}).String()
}

// Database makes an empty database, and is its name.
func (s *Server) Database(t *testing.T, name string) string {
	t.Helper()
	createDatabase(t, s.URL("postgres"), name)
	return s.URL(name)
}
