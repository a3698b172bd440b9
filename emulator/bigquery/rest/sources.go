package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"researchhub.example/hub/emulator/bigquery/apierr"
	"researchhub.example/hub/emulator/bigquery/jobs"
)

// maxObjects bounds the objects that one URI with a * stands for.
const maxObjects = 10_000

// storageClient asks the local Cloud Storage; a redirect to elsewhere is not
// followed.
var storageClient = &http.Client{Timeout: time.Hour, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// openSource fetches the objects of a gs:// URI from the local Cloud Storage into
// files of their own. Nothing but Cloud Storage is read from, in particular no
// file of this machine.
func (h *Handler) openSource(ctx context.Context, uri string) (out []jobs.Media, err error) {
	rest, ok := strings.CutPrefix(uri, "gs://")
	bucket, object, whole := strings.Cut(rest, "/")
	if !ok || !whole || bucket == "" || object == "" {
		return nil, apierr.Invalid("Source URI must be a Google Cloud Storage location: %s", clip(uri)).At("sourceUris")
	}
	if strings.Count(object, "*") > 1 || strings.Contains(bucket, "*") {
		return nil, apierr.Invalid("A source URI may hold one * in the object's name: %s", clip(uri)).At("sourceUris")
	}
	if h.storage == "" {
		return nil, apierr.NotImplemented("loading from gs:// is not supported by the local BigQuery unless STORAGE_EMULATOR_HOST names a local Cloud Storage; the data may also be uploaded with the job")
	}
	names := []string{object}
	if prefix, suffix, ok := strings.Cut(object, "*"); ok {
		if names, err = h.listObjects(ctx, bucket, prefix, suffix); err != nil {
			return nil, err
		}
		if len(names) == 0 {
			return nil, apierr.NotFound("Not found: Uris %s", clip(uri))
		}
	}
	defer func() {
		if err != nil {
			for _, m := range out {
				m.Close()
			}
			out = nil
		}
	}()
	for _, name := range names {
		m, err := h.fetchObject(ctx, bucket, name)
		if err != nil {
			return out, err
		}
		out = append(out, m)
	}
	return out, nil
}

func (h *Handler) storageURL(bucket, rest string) string {
	host := h.storage
	if !strings.Contains(host, "://") {
		host = "http://" + host
	}
	return strings.TrimRight(host, "/") + "/storage/v1/b/" + url.PathEscape(bucket) + "/o" + rest
}

func (h *Handler) getStorage(ctx context.Context, at, what string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return nil, apierr.Invalid("The object %s cannot be asked for: %v", clip(what), err)
	}
	res, err := storageClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask the local Cloud Storage: %w", err)
	}
	switch {
	case res.StatusCode == http.StatusOK:
		return res, nil
	case res.StatusCode == http.StatusNotFound:
		err = apierr.NotFound("Not found: URI %s", clip(what))
	default:
		err = apierr.Invalid("The local Cloud Storage answered %s for %s", res.Status, clip(what))
	}
	res.Body.Close()
	return nil, err
}

func (h *Handler) listObjects(ctx context.Context, bucket, prefix, suffix string) ([]string, error) {
	var out []string
	token := ""
	for {
		q := url.Values{"prefix": {prefix}, "maxResults": {"1000"}}
		if token != "" {
			q.Set("pageToken", token)
		}
		res, err := h.getStorage(ctx, h.storageURL(bucket, "?"+q.Encode()), "gs://"+bucket+"/"+prefix+"*"+suffix)
		if err != nil {
			return nil, err
		}
		var page struct {
			Items []struct {
				Name string `json:"name"`
			} `json:"items"`
			NextPageToken string `json:"nextPageToken"`
		}
		err = json.NewDecoder(io.LimitReader(res.Body, maxBody)).Decode(&page)
		res.Body.Close()
		if err != nil {
			return nil, fmt.Errorf("read the local Cloud Storage's list: %w", err)
		}
		for _, it := range page.Items {
			if strings.HasPrefix(it.Name, prefix) && strings.HasSuffix(it.Name, suffix) && len(it.Name) >= len(prefix)+len(suffix) {
				out = append(out, it.Name)
			}
		}
		if len(out) > maxObjects {
			return nil, apierr.Invalid("More than %d objects match", maxObjects)
		}
		if token = page.NextPageToken; token == "" {
			return out, nil
		}
	}
}

func (h *Handler) fetchObject(ctx context.Context, bucket, name string) (jobs.Media, error) {
	res, err := h.getStorage(ctx, h.storageURL(bucket, "/"+url.PathEscape(name)+"?alt=media"), "gs://"+bucket+"/"+name)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	f, err := h.uploads.create()
	if err != nil {
		return nil, err
	}
	m := &spooled{File: f}
	if m.size, err = io.Copy(f, io.LimitReader(res.Body, maxUpload+1)); err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err == nil && m.size > maxUpload {
		err = apierr.RequestTooLarge("Objects of more than %d bytes are not supported by the local BigQuery", int64(maxUpload))
	}
	if err != nil {
		m.Close()
		return nil, fmt.Errorf("fetch gs://%s/%s: %w", bucket, name, err)
	}
	return m, nil
}
