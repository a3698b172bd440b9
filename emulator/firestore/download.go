package firestore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"researchhub.example/hub/emulator/toolcache"
)

// Release is a published jar, pinned by its checksum.
type Release struct {
	// URL is where Google publishes it.
	URL string
	// SHA256 is its checksum in hex: the one that firebase-tools pins.
	SHA256 string
}

// File is its name in a folder of downloads.
func (r Release) File() string { return filepath.Base(r.URL) }

const published = "https://storage.googleapis.com/firebase-preview-drop/emulator/"

// ReleaseFor is the jar to download for a Java of that major version: the last
// one built for Java 11 and later, or the present one, which wants Java 21.
func ReleaseFor(javaMajor int) Release {
	if javaMajor < 21 {
		return Release{
			URL:    published + "cloud-firestore-emulator-v1.19.8.jar",
			SHA256: "9d43599ed6151199e8d604dc87fac51218e49e5f3a48519b1ae560bbe5e3382d",
		}
	}
	return Release{
		URL:    published + "cloud-firestore-emulator-v1.22.0.jar",
		SHA256: "9b6498b7f62714d67f48f59b3818883cd682dbcd46b9f59511de81c97bb5166c",
	}
}

// maxJarBytes bounds a download, in bytes.
const maxJarBytes = 512 << 20

// downloadLimit bounds a download in time.
const downloadLimit = 10 * time.Minute

// Download brings a release into a folder, once: it is written beside its place,
// its checksum compared, and only then moved there. It gives the jar's path.
func Download(ctx context.Context, r Release, dir string, progress func(string)) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, downloadLimit)
	defer cancel()
	path := filepath.Join(dir, r.File())
	if isFile(path) {
		return path, nil
	}
	unlock, err := toolcache.Lock(dir, r.File())
	if err != nil {
		return "", fmt.Errorf("firestore emulator: %w", err)
	}
	defer unlock()
	if isFile(path) { // somebody else was faster
		return path, nil
	}
	progress(fmt.Sprintf("downloading %s (once, kept in %s)", r.URL, dir))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.URL, nil)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", fmt.Errorf("firestore emulator: download failed: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("firestore emulator: download of %s failed: status %s", r.URL, resp.Status)
	}
	return path, store(path, r.SHA256, resp.Body)
}

// store writes body to path when its checksum is the expected one.
func store(path, want string, body io.Reader) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), "download-*")
	if err != nil {
		return fmt.Errorf("firestore emulator: %w", err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(tmp, sum), io.LimitReader(body, maxJarBytes+1))
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err != nil {
		return fmt.Errorf("firestore emulator: download failed: %w", err)
	}
	if n > maxJarBytes {
		return fmt.Errorf("firestore emulator: the download is larger than %d bytes", int64(maxJarBytes))
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != want {
		return fmt.Errorf("firestore emulator: the download's sha256 is %s, want %s: it was thrown away", got, want)
	}
	return os.Rename(tmp.Name(), path)
}

// Obtain finds the jar, or downloads it once. Its error says what to do.
func Obtain(ctx context.Context, f Finder, javaMajor int, progress func(string)) (string, error) {
	jar, err := f.Find(javaMajor)
	if err == nil {
		return jar, nil
	}
	if !errors.Is(err, ErrNoJar) {
		return "", err
	}
	if f.Cache != "" {
		jar, downloadErr := Download(ctx, ReleaseFor(javaMajor), f.Cache, progress)
		if downloadErr == nil {
			return jar, nil
		}
		err = fmt.Errorf("%w, and %s", err, downloadErr.Error())
	}
	return "", fmt.Errorf("%w\n%s", err, HowToGet())
}
