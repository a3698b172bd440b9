package cloud

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// console is where all parts' lines go, one line at a time: to the terminal, and
// each part's to a file of its own.
type console struct {
	mu  sync.Mutex
	out io.Writer
	// logs is the folder of those files, "" for none.
	logs  string
	files map[string]*logFile
}

// logFile is one part's lines of this run.
type logFile struct {
	file io.WriteCloser
	left int64
}

// maxLog bounds a part's file, in bytes; what comes later is on the terminal only.
const maxLog = 64 << 20

// log writes a line to a part's file. It is called with the lock held; a file
// that cannot be written must not stop anything.
func (c *console) log(name string, line []byte) {
	if c.logs == "" {
		return
	}
	f, known := c.files[name]
	if !known {
		if c.files == nil {
			c.files = map[string]*logFile{}
		}
		f = &logFile{left: maxLog}
		if file, err := os.Create(filepath.Join(c.logs, strings.ReplaceAll(name, " ", "-")+".log")); err == nil {
			f.file = file
		}
		c.files[name] = f
	}
	if f.file == nil || f.left < int64(len(line)) {
		return
	}
	f.left -= int64(len(line)) + 1
	_, _ = fmt.Fprintf(f.file, "%s\n", line)
}

// close lets go of the files.
func (c *console) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.files {
		if f.file != nil {
			_ = f.file.Close()
		}
	}
	c.logs = ""
}

// lines prefixes each line with the part's name; a line in parts is kept until
// it is whole.
type lines struct {
	console *console
	name    string

	mu   sync.Mutex
	rest []byte
}

// maxLine bounds a line; what is longer is cut into several.
const maxLine = 16 << 10

func (c *console) part(name string) *lines {
	return &lines{console: c, name: name}
}

// Write takes any piece of the part's output. It never fails: a part must not
// stop because a terminal went away.
func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, b...)
	for {
		i := bytes.IndexByte(l.rest, '\n')
		if i < 0 && len(l.rest) > maxLine {
			i = maxLine
		}
		if i < 0 {
			return len(b), nil
		}
		l.console.line(l.name, bytes.TrimRight(l.rest[:i], "\r"))
		l.rest = append(l.rest[:0], bytes.TrimPrefix(l.rest[i:], []byte("\n"))...)
	}
}

func (l *lines) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(l, format+"\n", args...)
}

func (c *console) line(name string, line []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = fmt.Fprintf(c.out, "%-10s| %s\n", name, line)
	c.log(name, line)
}

// text prints a block as it is.
func (c *console) text(s string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = io.WriteString(c.out, s)
}
