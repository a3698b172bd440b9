// Package authorization holds no code, only tests: they knock at every route of
// every function, as every kind of person with every kind of session, and compare
// the answers with a table of expectations that is written out by hand from the
// policy, not from the rules that the routes state.
//
// The functions are built from their environment with real clients: a real
// Firestore emulator, the real verifier of sessions. Only Firebase's account
// look-up is a few lines of HTTP (see identityToolkit), so that thousands of
// requests take seconds.
//
//	go test ./emulator/authorization
//	go test ./emulator/authorization -run TestEveryDoor -full   # the whole product, minutes
package authorization
