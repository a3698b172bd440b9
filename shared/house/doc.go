// Package house is the picture of how the hub is laid out, and the test that
// holds it: rooms (functions/*) that never import each other, a hall and pure
// packages (shared/*) that bring no cloud client along, and for each room the
// clients that it may link.
//
// Check is a function over a Model, so that its own tests can plant every fault
// that it looks for. Load makes the model of the repository as it is now: the
// packages from `go list -deps -json`, run afresh, the rest from the files. It
// reads every file that the verdict rests on with package os, so that `go test`
// sees a change and never answers from its cache.
package house
