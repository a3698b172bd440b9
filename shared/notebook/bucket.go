package notebook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"cloud.google.com/go/storage"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/iterator"

	"researchhub.example/hub/shared/fault"
)

// Bucket keeps files in Cloud Storage.
type Bucket struct {
	handle   *storage.BucketHandle
	maxBytes int64
}

// callTimeout bounds one upload or download: the client retries until then.
const callTimeout = 20 * time.Second

// OpenBucket makes the client of one bucket; maxBytes bounds a file that is read. It honours STORAGE_EMULATOR_HOST; reads go
// through the JSON interface as writes do, so that one address serves both.
func OpenBucket(ctx context.Context, name string, maxBytes int64) (*Bucket, error) {
	c, err := storage.NewClient(ctx, storage.WithJSONReads())
	if err != nil {
		return nil, fmt.Errorf("cloud storage: %w", err)
	}
	return &Bucket{c.Bucket(name), maxBytes}, nil
}

// Create writes an object on the condition that there is none of that name.
func (b *Bucket) Create(ctx context.Context, object string, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	w := b.handle.Object(object).If(storage.Conditions{DoesNotExist: true}).NewWriter(ctx)
	w.ContentType = "application/x-ipynb+json"
	w.ChunkSize = 0 // one request: notebooks are small
	if _, err := w.Write(body); err != nil {
		return storageFault("notebook.store", errors.Join(err, w.Close()))
	}
	return storageFault("notebook.store", w.Close())
}

// Read gives an object of at most maxBytes.
func (b *Bucket) Read(ctx context.Context, object string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	r, err := b.handle.Object(object).NewReader(ctx)
	if err != nil {
		return nil, storageFault("notebook.read", err)
	}
	body, err := io.ReadAll(io.LimitReader(r, b.maxBytes+1))
	if err := errors.Join(err, r.Close()); err != nil {
		return nil, storageFault("notebook.read", err)
	}
	if int64(len(body)) > b.maxBytes {
		return nil, fault.New(fault.TooLarge, "The notebook is larger than %d bytes, which is more than the hub sends.", b.maxBytes)
	}
	return body, nil
}

// Delete removes the objects whose names begin so, at most so many, and says how
// many it removed. What is gone already is no error.
func (b *Bucket) Delete(ctx context.Context, prefix string, most int) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	it := b.handle.Objects(ctx, &storage.Query{Prefix: prefix})
	for removed := 0; ; removed++ {
		if removed == most {
			return removed, nil
		}
		object, err := it.Next()
		if errors.Is(err, iterator.Done) {
			return removed, nil
		}
		if err == nil {
			err = b.handle.Object(object.Name).Delete(ctx)
		}
		if err != nil && !errors.Is(err, storage.ErrObjectNotExist) {
			return removed, storageFault("notebook.delete", err)
		}
	}
}

// storageFault is the one place that turns the client's errors into faults.
func storageFault(op string, err error) error {
	var ge *googleapi.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, storage.ErrObjectNotExist):
		return fault.Wrap(op, fault.Because(fault.NotFound, err, "The notebook's file is not there any more."))
	case errors.As(err, &ge) && ge.Code == http.StatusPreconditionFailed:
		return fault.Wrap(op, fault.Because(fault.Conflict, err, "There is a notebook of that name already."))
	case errors.As(err, &ge) && ge.Code < http.StatusInternalServerError && ge.Code != http.StatusTooManyRequests:
		return fault.Wrap(op, err) // a missing bucket, a missing permission: ours to repair
	default:
		return fault.Wrap(op, fault.Because(fault.Unavailable, err, "The store of notebooks does not answer right now. Try again."))
	}
}
