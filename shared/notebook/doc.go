// Package notebook keeps notebooks as files in Cloud Storage, and gives the
// source of one: what of it may leave the workspace that it was written in.
//
// Uses cloud.google.com/go/storage, the official client: only functions that
// keep, copy or remove notebooks link it.
package notebook
