package pubsub

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/pstest"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"researchhub.example/hub/emulator/process"
)

// InProcess is Pub/Sub in this process.
type InProcess struct {
	server *pstest.Server
	host   string
}

// StartInProcess starts it at 127.0.0.1:port, 0 for a free one.
func StartInProcess(port int) (p *InProcess, err error) {
	// pstest panics when it cannot listen.
	defer func() {
		if r := recover(); r != nil {
			p, err = nil, fmt.Errorf("pubsub: cannot listen on 127.0.0.1:%d: %v", port, r)
		}
	}()
	s := pstest.NewServerWithAddress("127.0.0.1:" + strconv.Itoa(port))
	return &InProcess{server: s, host: s.Addr}, nil
}

// Host is the address as PUBSUB_EMULATOR_HOST wants it.
func (p *InProcess) Host() string { return p.host }

// Close ends it; messages not yet delivered are lost.
func (p *InProcess) Close() error { return p.server.Close() }

// FindJar gives Google's emulator below a Cloud SDK root, "" when it is not there.
func FindJar(roots []string) string {
	for _, root := range roots {
		found, err := filepath.Glob(filepath.Join(root, "platform", "pubsub-emulator", "lib", "cloud-pubsub-emulator-*-all.jar"))
		if err == nil && len(found) > 0 {
			return found[len(found)-1]
		}
	}
	return ""
}

// HowToGetJar is the command that brings Google's emulator, for messages.
const HowToGetJar = "get it with: gcloud components install pubsub-emulator, or start with -pubsub=inprocess"

// JarOptions says how to run Google's emulator.
type JarOptions struct {
	// Java is the program, Jar the emulator.
	Java, Jar string
	// Port is the port to listen on at 127.0.0.1, 0 for a free one.
	Port int
	// DataDir is where it keeps its files.
	DataDir string
	// Log receives what the emulator prints, nil to drop it.
	Log io.Writer
	// Registry is passed on to process.Options.
	Registry string
}

// Jar is Google's emulator, running.
type Jar struct {
	*process.Process
	host string
}

// Host is the address as PUBSUB_EMULATOR_HOST wants it.
func (j *Jar) Host() string { return j.host }

// startLimit bounds a cold start of the JVM on a slow machine.
const startLimit = 90 * time.Second

// StartJar runs Google's emulator and waits until it answers.
func StartJar(ctx context.Context, o JarOptions) (*Jar, error) {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	if o.Port == 0 {
		port, err := process.FreePort()
		if err != nil {
			return nil, err
		}
		o.Port = port
	}
	p, err := process.Start(process.Options{
		Name: "pubsub", Path: o.Java, Log: o.Log, Registry: o.Registry,
		Args: []string{
			"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar", o.Jar,
			"--host=127.0.0.1", "--port=" + strconv.Itoa(o.Port), "--data-dir=" + o.DataDir,
		},
	})
	if err != nil {
		return nil, err
	}
	j := &Jar{Process: p, host: "127.0.0.1:" + strconv.Itoa(o.Port)}
	if err := p.Ready(ctx, "http://"+j.host+"/"); err != nil {
		p.Kill()
		return nil, err
	}
	return j, nil
}

// NewClient gives a client of an emulator.
func NewClient(ctx context.Context, host, project string) (*pubsub.Client, error) {
	conn, err := grpc.NewClient(host, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, fmt.Errorf("pubsub: %w", err)
	}
	client, err := pubsub.NewClient(ctx, project, option.WithGRPCConn(conn))
	if err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("pubsub: %w", err)
	}
	return client, nil
}
