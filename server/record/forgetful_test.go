package record_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
)

// disk is a file layer for SQLite that forgets, when the power goes, what was
// not synced: of the writes since the last sync of a file any may be lost, or
// arrive in part. It keeps what it needs to undo them.
type disk struct {
	vfs.VFS

	mu     sync.Mutex
	files  map[string]*image
	dead   bool // the power is gone
	full   bool // there is no room
	fuse   int  // how many writes and syncs are still done
	burnt  func()
	random *rand.Rand
}

// image is what is known of a file beside what stands in it.
type image struct {
	named    bool // the name is on the disk: the file was synced, or was there before
	unsynced []change
}

// change is a write, or a truncation where data is nil.
type change struct {
	at           int64
	data, before []byte
	size         int64 // of the file before
}

// powerOff is what SQLite is told from then on.
var powerOff = sqlite3.IOERR

// newDisk registers a disk under the name of the test.
func newDisk(t *testing.T, seed uint64) (d *disk, name string) {
	t.Helper()
	d = &disk{VFS: vfs.Find(""), files: map[string]*image{}, random: rand.New(rand.NewPCG(seed, 0))}
	name = strings.NewReplacer("/", "_", "#", "_").Replace(t.Name())
	vfs.Register(name, d)
	t.Cleanup(func() { vfs.Unregister(name) })
	return d, name
}

func (d *disk) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	return d.open(name, flags, func() (vfs.File, vfs.OpenFlag, error) { return vfsutil.WrapOpen(d.VFS, name, flags) })
}

func (d *disk) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	return d.open(name.String(), flags, func() (vfs.File, vfs.OpenFlag, error) { return vfsutil.WrapOpenFilename(d.VFS, name, flags) })
}

func (d *disk) open(name string, flags vfs.OpenFlag, inner func() (vfs.File, vfs.OpenFlag, error)) (vfs.File, vfs.OpenFlag, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dead {
		return nil, flags, powerOff
	}
	_, err := os.Stat(name)
	f, flags, err2 := inner()
	if err2 != nil {
		return nil, flags, err2
	}
	if name == "" {
		return f, flags, nil
	}
	i := d.files[name]
	if i == nil {
		i = &image{named: err == nil}
		d.files[name] = i
	}
	return &diskFile{File: f, disk: d, image: i}, flags, nil
}

func (d *disk) Delete(name string, syncDir bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dead {
		return powerOff
	}
	delete(d.files, name)
	return d.VFS.Delete(name, syncDir)
}

// crash takes the power away: nothing is written or synced any more.
func (d *disk) crash() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dead = true
}

// lightFuse lets the power go at some write or sync to come: sometimes within
// the next transaction, sometimes only after the WAL has been moved into the
// file.
func (d *disk) lightFuse(burnt func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	const longest = 12 // 4096 writes and syncs
	d.fuse, d.burnt = 1+d.random.IntN(1<<d.random.IntN(longest+1)), burnt
}

// burn is called for every write and sync; the lock is held.
func (d *disk) burn() {
	if d.fuse == 0 {
		return
	}
	if d.fuse--; d.fuse == 0 {
		d.dead = true
		d.burnt()
	}
}

// restart makes of the files what the disk has of them, and works again. All
// files must have been closed.
func (d *disk) restart(t *testing.T) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	for name, i := range d.files {
		_ = os.Remove(filepath.Clean(name) + "-shm") // memory, not disk
		if !i.named {
			if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
			continue
		}
		if err := d.forget(name, i.unsynced); err != nil {
			t.Fatal(err)
		}
	}
	d.files, d.dead, d.fuse = map[string]*image{}, false, 0
}

func (d *disk) forget(name string, unsynced []change) error {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	for i := len(unsynced) - 1; i >= 0; i-- {
		c := unsynced[i]
		if _, err := f.WriteAt(c.before, c.at); err != nil {
			return err
		}
		if err := f.Truncate(c.size); err != nil {
			return err
		}
	}
	for _, c := range unsynced {
		const sector = 512
		switch keep := d.random.IntN(4); {
		case keep == 0 && c.data != nil: // it has arrived
			_, err = f.WriteAt(c.data, c.at)
		case keep == 1 && len(c.data) > sector: // in part
			_, err = f.WriteAt(c.data[:sector*d.random.IntN(len(c.data)/sector)], c.at)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

type diskFile struct {
	vfs.File
	disk  *disk
	image *image
}

func (f *diskFile) SharedMemory() vfs.SharedMemory { return vfsutil.WrapSharedMemory(f.File) }
func (f *diskFile) Unwrap() vfs.File               { return f.File }

func (f *diskFile) ReadAt(p []byte, off int64) (int, error) {
	f.disk.mu.Lock()
	dead := f.disk.dead
	f.disk.mu.Unlock()
	if dead {
		return 0, powerOff
	}
	return f.File.ReadAt(p, off)
}

func (f *diskFile) WriteAt(p []byte, off int64) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	f.disk.burn()
	size, err := f.File.Size()
	switch {
	case f.disk.dead:
		return 0, powerOff
	case f.disk.full && err == nil && off+int64(len(p)) > size:
		return 0, sqlite3.FULL
	case err != nil:
		return 0, err
	}
	c := change{at: off, data: append([]byte{}, p...), size: size}
	if off < size {
		c.before = make([]byte, min(int64(len(p)), size-off))
		if n, err := f.File.ReadAt(c.before, off); n < len(c.before) && !errors.Is(err, io.EOF) {
			return 0, err
		}
	}
	f.image.unsynced = append(f.image.unsynced, c)
	return f.File.WriteAt(p, off)
}

func (f *diskFile) Truncate(to int64) error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if f.disk.dead {
		return powerOff
	}
	size, err := f.File.Size()
	if err != nil {
		return err
	}
	c := change{at: to, size: size}
	if to < size {
		c.before = make([]byte, size-to)
		if _, err := f.File.ReadAt(c.before, to); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	}
	f.image.unsynced = append(f.image.unsynced, c)
	return f.File.Truncate(to)
}

func (f *diskFile) Sync(vfs.SyncFlag) error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	f.disk.burn()
	if f.disk.dead {
		return powerOff
	}
	f.image.unsynced, f.image.named = nil, true
	return nil // the real disk need not be waited for
}

func (f *diskFile) Size() (int64, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if f.disk.dead {
		return 0, powerOff
	}
	return f.File.Size()
}
