package fn

import (
	"context"
	"strings"
	"testing"

	"github.com/sethvargo/go-envconfig"
)

type roomConfig struct {
	Common
	Days int `env:"ROOM_DAYS, default=14"`
}

func TestReadConfig(t *testing.T) {
	env := envconfig.MapLookuper(map[string]string{"GOOGLE_CLOUD_PROJECT": "demo-p"})
	cfg, err := readConfig[roomConfig](context.Background(), env)
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Project != "demo-p" || cfg.Days != 14 || cfg.MaxBodyBytes != 1<<20 {
		t.Errorf("got %+v", cfg)
	}
}

func TestConfigErrorsNameTheVariable(t *testing.T) {
	for _, c := range []struct {
		name string
		env  map[string]string
	}{
		{"GOOGLE_CLOUD_PROJECT", map[string]string{}},
		{"GOOGLE_CLOUD_PROJECT", map[string]string{"GOOGLE_CLOUD_PROJECT": ""}},
		{"Days", map[string]string{"GOOGLE_CLOUD_PROJECT": "demo-p", "ROOM_DAYS": "soon"}},
	} {
		_, err := readConfig[roomConfig](context.Background(), envconfig.MapLookuper(c.env))
		if err == nil || !strings.Contains(err.Error(), c.name) {
			t.Errorf("%v: error %v does not name %s", c.env, err, c.name)
		}
	}
}

func TestRefuseEmulatorsInCloud(t *testing.T) {
	in := func(env map[string]string) error {
		return RefuseEmulatorsInCloud(func(k string) string { return env[k] })
	}
	if err := in(map[string]string{"FIREBASE_AUTH_EMULATOR_HOST": "x"}); err != nil {
		t.Errorf("refused outside the cloud: %v", err)
	}
	if err := in(map[string]string{"K_SERVICE": "auth"}); err != nil {
		t.Errorf("refused without an emulator: %v", err)
	}
	for _, name := range emulatorVariables {
		if err := in(map[string]string{"K_SERVICE": "auth", name: "x"}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s in the cloud: %v", name, err)
		}
	}
}
