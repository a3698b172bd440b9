package cloud

import (
	"bytes"
	"fmt"
	"io"
	"sync"
)

// console is where all parts' lines go, one line at a time.
type console struct {
	mu  sync.Mutex
	out io.Writer
}

// lines prefixes each line with the part's name; a line in parts is kept until
// it is whole.
type lines struct {
	console *console
	prefix  string

	mu   sync.Mutex
	rest []byte
}

// maxLine bounds a line; what is longer is cut into several.
const maxLine = 16 << 10

func (c *console) part(name string) *lines {
	return &lines{console: c, prefix: fmt.Sprintf("%-10s| ", name)}
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
		l.console.line(l.prefix, bytes.TrimRight(l.rest[:i], "\r"))
		l.rest = append(l.rest[:0], bytes.TrimPrefix(l.rest[i:], []byte("\n"))...)
	}
}

func (l *lines) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(l, format+"\n", args...)
}

func (c *console) line(prefix string, line []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = fmt.Fprintf(c.out, "%s%s\n", prefix, line)
}

// text prints a block as it is.
func (c *console) text(s string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = io.WriteString(c.out, s)
}
