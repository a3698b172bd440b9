// Package cloudsdk knows where Google's Cloud SDK puts itself: its emulators'
// jars lie below its root.
//
// Standard library only.
package cloudsdk

import (
	"os"
	"os/exec"
	"path/filepath"
)

// Places is the outside world that Roots looks at; make the real one with Here.
type Places struct {
	// Getenv reads an environment variable.
	Getenv func(string) string
	// LookPath finds a program in PATH.
	LookPath func(string) (string, error)
	// Usual are the folders that installers use.
	Usual []string
}

// Here looks at this machine.
func Here() Places {
	home, _ := os.UserHomeDir()
	return Places{Getenv: os.Getenv, LookPath: exec.LookPath, Usual: []string{
		"/usr/lib/google-cloud-sdk", "/usr/share/google-cloud-sdk", "/opt/google-cloud-sdk",
		"/snap/google-cloud-cli/current", "/usr/local/share/google-cloud-sdk",
		"/opt/homebrew/share/google-cloud-sdk", "/usr/local/Caskroom/google-cloud-sdk/latest/google-cloud-sdk",
		filepath.Join(home, "google-cloud-sdk"),
	}}
}

// Roots lists the folders where a Cloud SDK may be, the most explicit first:
// CLOUDSDK_ROOT, the one that gcloud in PATH belongs to, the usual ones.
func (p Places) Roots() []string {
	var roots []string
	if root := p.Getenv("CLOUDSDK_ROOT"); root != "" {
		roots = append(roots, root)
	}
	if gcloud, err := p.LookPath("gcloud"); err == nil {
		// PATH often holds a link; the SDK is two folders above the real one.
		if real, err := filepath.EvalSymlinks(gcloud); err == nil {
			roots = append(roots, filepath.Dir(filepath.Dir(real)))
		}
	}
	return append(roots, p.Usual...)
}
