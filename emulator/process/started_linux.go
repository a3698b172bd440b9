package process

import (
	"fmt"
	"os"
	"strings"
)

// startedAt tells when a process began, as /proc says it: the 22nd field of
// stat, in clock ticks since boot, with the boot's own id before it.
func startedAt(pid int) (string, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", err
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", err
	}
	// The command's name may hold spaces and parentheses: count after the last one.
	text := string(stat)
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	const startField = 22 - 3
	if len(fields) <= startField {
		return "", fmt.Errorf("process %d: unexpected form of /proc stat", pid)
	}
	return strings.TrimSpace(string(boot)) + " " + fields[startField], nil
}
