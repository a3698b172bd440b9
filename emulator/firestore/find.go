package firestore

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"

	"researchhub.example/hub/emulator/cloudsdk"
	"researchhub.example/hub/emulator/toolcache"
)

// JarVariable names a jar of one's own choice.
const JarVariable = "FIRESTORE_EMULATOR_BINARY_PATH"

// ErrNoJar is the reason when no emulator jar is on this machine.
var ErrNoJar = errors.New("no Firestore emulator is on this machine")

// Finder looks for Google's emulator jar. Its fields are the outside world, so
// that tests give their own; make the real one with NewFinder.
type Finder struct {
	// Getenv reads an environment variable.
	Getenv func(string) string
	// SDK lists where a Cloud SDK may be, the most explicit first.
	SDK []string
	// Home is the user's home folder.
	Home string
	// Cache is the hub's own folder of downloads, "" for none.
	Cache string
}

// NewFinder looks at this machine.
func NewFinder() Finder {
	home, _ := os.UserHomeDir()
	return Finder{Getenv: os.Getenv, SDK: cloudsdk.Here().Roots(), Home: home, Cache: toolcache.Dir()}
}

// Find gives the path of the jar: the one that FIRESTORE_EMULATOR_BINARY_PATH
// names, else the Cloud SDK's component, else firebase-tools' cache, else the
// hub's own earlier download. Cached jars that want a Java newer than javaMajor
// are passed over. The error is ErrNoJar, or says what is wrong with the one
// that was named.
func (f Finder) Find(javaMajor int) (string, error) {
	if path := f.Getenv(JarVariable); path != "" {
		if !isFile(path) {
			return "", fmt.Errorf("%s names %s, which is not a file: correct it or unset it", JarVariable, path)
		}
		return path, nil
	}
	for _, root := range f.SDK {
		if jar := newest(filepath.Join(root, "platform", "cloud-firestore-emulator", "*.jar")); jar != "" {
			return jar, nil
		}
	}
	for _, dir := range f.caches() {
		if jar := newestFor(dir, javaMajor); jar != "" {
			return jar, nil
		}
	}
	return "", ErrNoJar
}

// caches lists the folders of downloads: firebase-tools' and the hub's.
func (f Finder) caches() []string {
	var dirs []string
	if dir := f.Getenv("FIREBASE_EMULATORS_PATH"); dir != "" {
		dirs = append(dirs, dir)
	}
	if f.Home != "" {
		dirs = append(dirs, filepath.Join(f.Home, ".cache", "firebase", "emulators"))
	}
	if f.Cache != "" {
		dirs = append(dirs, f.Cache)
	}
	return dirs
}

// newest gives the last match by name, "" for none.
func newest(pattern string) string {
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		return ""
	}
	return found[len(found)-1]
}

var jarVersion = regexp.MustCompile(`^cloud-firestore-emulator-v1\.(\d+)\.(\d+)\.jar$`)

// newestFor gives the highest version in a folder of downloads that this Java
// runs, "" for none.
func newestFor(dir string, javaMajor int) string {
	files, err := os.ReadDir(dir)
	if err != nil {
		return ""
	}
	best, bestMinor, bestPatch := "", -1, -1
	for _, file := range files {
		m := jarVersion.FindStringSubmatch(file.Name())
		if m == nil || !isFile(filepath.Join(dir, file.Name())) {
			continue
		}
		minor, _ := strconv.Atoi(m[1])
		patch, _ := strconv.Atoi(m[2])
		if minor >= firstMinorForJava21 && javaMajor < 21 {
			continue
		}
		if minor > bestMinor || minor == bestMinor && patch > bestPatch {
			best, bestMinor, bestPatch = filepath.Join(dir, file.Name()), minor, patch
		}
	}
	return best
}

// firstMinorForJava21 is the first 1.x release of the jar built for Java 21.
const firstMinorForJava21 = 20

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Size() > 0
}

// HowToGet lists the commands that bring the emulator, for messages.
func HowToGet() string {
	lines := []string{
		"get it with one of:",
		"  gcloud components install cloud-firestore-emulator",
	}
	if runtime.GOOS == "linux" {
		lines = append(lines, "  sudo apt-get install google-cloud-cli-firestore-emulator   (with Google's apt source)")
	}
	return strings.Join(append(lines,
		"  npx firebase-tools setup:emulators:firestore               (a recent one needs Java 21)",
		"or set "+JarVariable+" to a jar you have, or FIRESTORE_EMULATOR_HOST to an emulator that runs"), "\n")
}
