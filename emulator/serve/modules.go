//go:build modules

package serve

// The mains that this package generates, and the ones that the cloud's buildpack
// generates, import the framework's server. Nothing here links it: this file, which
// no build takes, keeps it and what it needs in go.mod and go.sum.
import _ "github.com/GoogleCloudPlatform/functions-framework-go/funcframework"
