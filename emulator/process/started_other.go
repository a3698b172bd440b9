//go:build !linux

package process

import (
	"os/exec"
	"strconv"
	"strings"
)

// startedAt tells when a process began and what it runs, as ps says it.
func startedAt(pid int) (string, error) {
	out, err := exec.Command("ps", "-o", "lstart=,comm=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(out)), nil
}
