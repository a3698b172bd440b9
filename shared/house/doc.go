// Package house is the picture of how the hub is laid out, and the test that
// holds it: rooms (functions/*) that never import each other, a hall and pure
// packages (shared/*) that bring no cloud client along, and for each room the
// clients that it may link.
//
// Check and CheckIndexes are functions over a Model, so that their own tests can
// plant every fault that they look for. Load makes the model of the repository
// as it is now: the packages from `go list -deps -json`, the rest from the files.
// It reads every file and folder that the verdict rests on with package os,
// which is how `go test` learns of them: an answer from its cache is one from
// before nothing changed.
package house
