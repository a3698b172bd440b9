package fn

import (
	"context"
	"fmt"
	"regexp"

	"github.com/sethvargo/go-envconfig"
)

// Common is the configuration that every function has; embed it in the room's
// own Config.
type Common struct {
	// Project is the Google Cloud project. Local projects begin with "demo-".
	Project string `env:"GOOGLE_CLOUD_PROJECT, required"`
	// MaxBodyBytes bounds a request's body, in bytes.
	MaxBodyBytes int64 `env:"HUB_MAX_BODY_BYTES, default=1048576"`
}

// ReadConfig reads a Config from the environment by its `env` tags. The error
// names the variable and says what to do.
func ReadConfig[T any](ctx context.Context) (T, error) {
	return readConfig[T](ctx, envconfig.OsLookuper())
}

// filled hides variables that are set to nothing: an empty required variable is
// a missing one, and an empty optional one takes its default.
type filled struct{ envconfig.Lookuper }

func (f filled) Lookup(key string) (string, bool) {
	v, ok := f.Lookuper.Lookup(key)
	return v, ok && v != ""
}

var missing = regexp.MustCompile(`missing required value: (\w+)`)

func readConfig[T any](ctx context.Context, env envconfig.Lookuper) (T, error) {
	var cfg T
	err := envconfig.ProcessWith(ctx, &envconfig.Config{Target: &cfg, Lookuper: filled{env}})
	if err == nil {
		return cfg, nil
	}
	if m := missing.FindStringSubmatch(err.Error()); m != nil {
		return cfg, fmt.Errorf("the environment variable %s is not set; set it before the function starts", m[1])
	}
	return cfg, fmt.Errorf("configuration: %w", err)
}
