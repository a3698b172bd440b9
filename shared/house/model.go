package house

// Model is the repository as the rules see it. Paths of our own packages and
// files are relative to the root, with slashes: "functions/auth".
type Model struct {
	// Module is the module's path.
	Module string
	// Packages are ours, by path.
	Packages map[string]Package
	// Foreign gives, for each package outside the module and the standard
	// library, the import paths that it imports itself.
	Foreign map[string][]string
	// Standard holds the import paths of the standard library that are linked.
	Standard map[string]bool
	// Files are all Go files, whatever their build tags.
	Files []File
	// Root lists the names in the repository's root.
	Root []string
	// Infra are the entries of the map in infra/functions.tf, by name.
	Infra map[string]Deployment
	// Environment holds the names that infra/functions.tf sets for functions.
	Environment map[string]bool
	// Indexes are those of infra/firestore.indexes.json.
	Indexes []Index
}

// Package is one of ours. Imports are whole import paths.
type Package struct {
	Path        string
	Name        string
	Imports     []string
	TestImports []string
}

// File is one Go file.
type File struct {
	Path      string
	Lines     int
	Test      bool
	Generated bool
	// Imports are whole import paths.
	Imports []string
	// Uses are the names that it takes from imported packages, such as
	// "time.Now", by import path: "net/http.Get".
	Uses []Use
	// Methods are the names of the methods that it calls, of whatever values.
	Methods []string
	// Registers is the function that an fn.Register call in it makes known.
	Registers *Deployment
	// Requires are the environment variables that its configuration cannot do
	// without.
	Requires []string
	// Sites are the Firestore queries in it.
	Sites []Site
}

// Use is one use of an imported name.
type Use struct {
	Name string
	Line int
}

// Deployment is how a function is called, as its code or as infra says it.
type Deployment struct {
	Name     string
	Trigger  Trigger
	Topic    string
	Schedule string
	// Grants holds, for an entry of infra, the text of its lists and switches:
	// "roles", "topics", "data".
	Grants map[string]string
}
