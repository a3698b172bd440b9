package rest

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"researchhub.example/hub/emulator/bigquery/apierr"
)

const (
	// maxUpload bounds one upload, in bytes (BigQuery: 5 TB; a laptop has less).
	maxUpload = 20 << 30
	// maxOpenUploads bounds the resumable uploads that are under way.
	maxOpenUploads = 1000
)

// uploads are the resumable uploads under way. Their data is spooled to disk.
type uploads struct {
	dir  string
	mu   sync.Mutex
	open map[string]*upload
}

type upload struct {
	mu   sync.Mutex
	body []byte
	file *os.File
	// size is how much has come, total how much there is to come; -1: not known.
	size, total int64
}

// spooled is uploaded data on disk, removed when closed.
type spooled struct {
	*os.File
	size int64
}

// Size implements jobs.Media.
func (s *spooled) Size() int64 { return s.size }

// Close removes the data.
func (s *spooled) Close() error {
	err := s.File.Close()
	return errors.Join(err, os.Remove(s.Name()))
}

func newUploads(dir string) (*uploads, error) {
	if err := os.RemoveAll(dir); err != nil {
		return nil, fmt.Errorf("clear the folder of uploads: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of uploads: %w", err)
	}
	return &uploads{dir: dir, open: map[string]*upload{}}, nil
}

func (u *uploads) create() (*os.File, error) {
	f, err := os.CreateTemp(u.dir, "upload-*")
	if err != nil {
		return nil, fmt.Errorf("keep uploaded data: %w", err)
	}
	return f, nil
}

// uploadStart takes a multipart upload whole, or begins a resumable one.
func (h *Handler) uploadStart(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("upload_id") != "" {
		h.uploadPut(w, r) // the Go client posts the pieces
		return
	}
	var out any
	var err error
	switch t := r.URL.Query().Get("uploadType"); t {
	case "multipart":
		out, err = h.multipart(w, r)
	case "resumable":
		err = h.resumableStart(w, r)
		if err == nil {
			return
		}
	default:
		err = apierr.Invalid("Invalid uploadType %q", t)
	}
	if err != nil {
		h.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, out)
}

func (h *Handler) multipart(w http.ResponseWriter, r *http.Request) (any, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(kind, "multipart/") {
		return nil, apierr.Invalid("A multipart upload has a Content-Type of multipart/related")
	}
	mr := multipart.NewReader(http.MaxBytesReader(w, r.Body, maxUpload), params["boundary"])
	first, err := mr.NextPart()
	if err != nil {
		return nil, apierr.Invalid("The upload's first part is missing: %v", err)
	}
	body, err := io.ReadAll(io.LimitReader(first, maxBody))
	if err != nil {
		return nil, apierr.Invalid("The upload's first part cannot be read: %v", err)
	}
	part, err := mr.NextPart()
	if err != nil {
		return nil, apierr.Invalid("The upload's data is missing: %v", err)
	}
	f, err := h.uploads.create()
	if err != nil {
		return nil, err
	}
	media := &spooled{File: f}
	if media.size, err = io.Copy(f, part); err != nil {
		media.Close()
		return nil, spoolError(err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		media.Close()
		return nil, spoolError(err)
	}
	return h.startJob(r, body, media)
}

func spoolError(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return apierr.RequestTooLarge("Uploads of more than %d bytes are not supported by the local BigQuery", int64(maxUpload))
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return apierr.Invalid("The upload ended early")
	}
	return fmt.Errorf("keep uploaded data: %w", err)
}

func (h *Handler) resumableStart(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	b, err := body(r)
	if err != nil {
		return err
	}
	id := make([]byte, 16)
	if _, err := rand.Read(id); err != nil {
		return fmt.Errorf("number an upload: %w", err)
	}
	f, err := h.uploads.create()
	if err != nil {
		return err
	}
	key := hex.EncodeToString(id)
	h.uploads.mu.Lock()
	defer h.uploads.mu.Unlock()
	if len(h.uploads.open) >= maxOpenUploads {
		f.Close()
		os.Remove(f.Name())
		return apierr.ResourcesExceed("Too many uploads are under way")
	}
	h.uploads.open[key] = &upload{body: b, file: f, total: -1}
	w.Header().Set("Location", fmt.Sprintf("http://%s%s?uploadType=resumable&upload_id=%s", r.Host, uploadPath(r), key))
	w.Header().Set("X-GUploader-UploadID", key)
	w.WriteHeader(http.StatusOK)
	return nil
}

func uploadPath(r *http.Request) string {
	return "/upload/bigquery/v2/projects/" + r.PathValue("project") + "/jobs"
}

// uploadPut takes a piece of a resumable upload. The last one starts the job.
func (h *Handler) uploadPut(w http.ResponseWriter, r *http.Request) {
	key := r.URL.Query().Get("upload_id")
	h.uploads.mu.Lock()
	u, ok := h.uploads.open[key]
	h.uploads.mu.Unlock()
	if !ok {
		h.fail(w, r, apierr.NotFound("Not found: upload %q", filepath.Base(key)))
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	total, err := u.take(w, r)
	if err != nil {
		h.fail(w, r, err)
		return
	}
	if total < 0 || u.size < total {
		if u.size > 0 {
			w.Header().Set("Range", "bytes=0-"+strconv.FormatInt(u.size-1, 10))
		}
		// Google's clients take an incomplete upload for 308, or for 200 with
		// this header when they asked for that.
		w.Header().Set("X-HTTP-Status-Code-Override", "308")
		if r.Header.Get("X-GUploader-No-308") == "yes" {
			w.WriteHeader(http.StatusOK)
		} else {
			w.WriteHeader(http.StatusPermanentRedirect)
		}
		return
	}
	h.uploads.mu.Lock()
	delete(h.uploads.open, key)
	h.uploads.mu.Unlock()
	if _, err := u.file.Seek(0, io.SeekStart); err != nil {
		h.fail(w, r, spoolError(err))
		return
	}
	out, err := h.startJob(r, u.body, &spooled{u.file, u.size})
	if err != nil {
		h.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, out)
}

// contentRange is the header of a piece: its bytes, or * for none, and the whole
// size, or * while that is not known.
var contentRange = regexp.MustCompile(`^bytes (?:\*|([0-9]{1,18})-([0-9]{1,18}))/(?:\*|([0-9]{1,18}))$`)

// take writes a piece at the place that its Content-Range names, and tells the
// whole size, or -1 while that is not known. Of a piece that breaks off, what came
// is kept: the client asks how much that is, and goes on from there.
func (u *upload) take(w http.ResponseWriter, r *http.Request) (total int64, err error) {
	cr := r.Header.Get("Content-Range")
	if cr == "" {
		n, err := u.write(w, r, u.size, maxUpload)
		if err == nil && r.ContentLength >= 0 && n < r.ContentLength {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return 0, spoolError(err)
		}
		return u.size, nil
	}
	m := contentRange.FindStringSubmatch(cr)
	if m == nil {
		return 0, apierr.Invalid("Invalid Content-Range %q", clip(cr))
	}
	if total = u.total; m[3] != "" {
		said, _ := strconv.ParseInt(m[3], 10, 64)
		if total >= 0 && said != total || said < u.size {
			return 0, apierr.Invalid("Invalid Content-Range %q: the upload has %d bytes of %d", clip(cr), u.size, total)
		}
		total = said
	}
	if m[1] == "" {
		u.total = total
		return total, nil
	}
	first, _ := strconv.ParseInt(m[1], 10, 64)
	last, _ := strconv.ParseInt(m[2], 10, 64)
	switch {
	case last < first || total >= 0 && last >= total:
		return 0, apierr.Invalid("Invalid Content-Range %q", clip(cr))
	case first > u.size:
		return 0, apierr.Invalid("The upload has %d bytes; a piece at %d leaves a gap", u.size, first)
	case last >= maxUpload || total > maxUpload:
		return 0, apierr.RequestTooLarge("Uploads of more than %d bytes are not supported by the local BigQuery", int64(maxUpload))
	case r.ContentLength >= 0 && r.ContentLength != last-first+1:
		return 0, apierr.Invalid("Content-Range %q does not agree with a body of %d bytes", clip(cr), r.ContentLength)
	}
	u.total = total
	n, err := u.write(w, r, first, last-first+1)
	if err != nil {
		return 0, spoolError(err)
	}
	if n < last-first+1 {
		return 0, apierr.Invalid("The piece ended early: %d bytes of %d", n, last-first+1)
	}
	return total, nil
}

// write puts a request's body at a place of the file.
func (u *upload) write(w http.ResponseWriter, r *http.Request, at, most int64) (int64, error) {
	if _, err := u.file.Seek(at, io.SeekStart); err != nil {
		return 0, err
	}
	n, err := io.Copy(u.file, http.MaxBytesReader(w, r.Body, most))
	u.size = max(u.size, at+n)
	return n, err
}
