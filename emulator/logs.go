package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// maxLogLine bounds one line of a function's log, in bytes; the rest is dropped.
const maxLogLine = 256 << 10

// captureLogs puts the name of the function before each line that the functions
// in this process log: they write JSON lines to os.Stderr, as in the cloud. What
// the Go runtime itself says of a crash still goes to the real one.
func captureLogs(out io.Writer) error {
	r, w, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("logs: %w", err)
	}
	os.Stderr = w
	go func() {
		in := bufio.NewReaderSize(r, maxLogLine)
		for {
			line, cut, err := in.ReadLine()
			if err != nil {
				return
			}
			_, _ = fmt.Fprintf(out, "%-10s| %s\n", nameOf(line), line)
			for cut && err == nil {
				_, cut, err = in.ReadLine()
			}
		}
	}()
	return nil
}

// nameOf is the function that a line says it is of.
func nameOf(line []byte) string {
	var entry struct {
		Function string `json:"function"`
	}
	if json.Unmarshal(line, &entry) != nil || entry.Function == "" {
		return "functions"
	}
	return entry.Function
}
