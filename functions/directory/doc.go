// Package directory is the public function of the Research Projects Directory
// and of the policies that projects are held to. Nobody needs to sign in.
//
// Routes, all under /directory/v1 and all public:
//
//	GET /projects             every workspace's public face, newest first
//	GET /projects/{project}   one
//	GET /policies             the policies in force, by version
//
// Environment: fn.Common and HUB_DIRECTORY_MAX_AGE.
//
// Invariants:
//   - It reads the projects' records (package project) and nothing else: they have
//     no field for anything private.
//   - An answer carries an ETag of its own bytes and may be kept by anybody for
//     HUB_DIRECTORY_MAX_AGE.
package directory
