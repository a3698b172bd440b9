package process

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// entry is what the registry keeps about a child. Started tells a process from
// a later one that got the same number.
type entry struct {
	Name    string `json:"name"`
	PID     int    `json:"pid"`
	Started string `json:"started"`
}

func record(dir, name string, pid int) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	started, err := startedAt(pid)
	if err != nil {
		return "", err
	}
	b, err := json.Marshal(entry{Name: name, PID: pid, Started: started})
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, strconv.Itoa(pid)+".json")
	return path, os.WriteFile(path, b, 0o644)
}

// Sweep ends the processes that a killed parent left in the registry folder and
// gives their names. A number that now belongs to another process is left alone.
func Sweep(dir string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	var ended []string
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			return ended, fmt.Errorf("left-over processes: %w", err)
		}
		var e entry
		if json.Unmarshal(b, &e) == nil && e.PID > 1 {
			if now, err := startedAt(e.PID); err == nil && now != "" && now == e.Started {
				_ = killGroup(e.PID, syscall.SIGKILL)
				ended = append(ended, fmt.Sprintf("%s (process %d)", e.Name, e.PID))
			}
		}
		if err := os.Remove(file); err != nil {
			return ended, fmt.Errorf("left-over processes: %w", err)
		}
	}
	return ended, nil
}
