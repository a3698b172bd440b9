// Package storage runs Cloud Storage in this process, its buckets kept in a
// folder.
//
// Uses github.com/fsouza/fake-gcs-server: a Cloud Storage server that the
// official clients accept, written in Go.
package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strconv"

	"github.com/fsouza/fake-gcs-server/fakestorage"

	"researchhub.example/hub/emulator/process"
)

// Options says how to run it.
type Options struct {
	// Dir keeps the buckets and objects.
	Dir string
	// Port is the port to listen on at 127.0.0.1, 0 for a free one.
	Port int
	// Buckets are made unless they are there.
	Buckets []string
}

// Server is Cloud Storage, running in this process.
type Server struct {
	server *fakestorage.Server
	host   string
}

// Start runs it. Objects are durable as soon as they are written.
func Start(o Options) (*Server, error) {
	if err := os.MkdirAll(o.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("storage: %w", err)
	}
	port := o.Port
	if port == 0 {
		var err error
		if port, err = process.FreePort(); err != nil {
			return nil, err
		}
	}
	host := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	server, err := fakestorage.NewServerWithOptions(fakestorage.Options{
		StorageRoot: o.Dir, Scheme: "http", Host: "127.0.0.1", Port: uint16(port),
		// Reads go to the public host: left at its default, they leave for googleapis.com.
		PublicHost: host, ExternalURL: "http://" + host,
	})
	if err != nil {
		return nil, fmt.Errorf("storage: %w", err)
	}
	s := &Server{server: server, host: host}
	for _, bucket := range o.Buckets {
		// The folder is the bucket; made only when absent, so that the objects stay.
		if _, err := os.Stat(o.Dir + "/" + bucket); errors.Is(err, fs.ErrNotExist) {
			server.CreateBucketWithOpts(fakestorage.CreateBucketOpts{Name: bucket})
		} else if err != nil {
			server.Stop()
			return nil, fmt.Errorf("storage: bucket %s: %w", bucket, err)
		}
	}
	return s, nil
}

// Host is the address as STORAGE_EMULATOR_HOST wants it.
func (s *Server) Host() string { return s.host }

// Close ends it.
func (s *Server) Close() error {
	s.server.Stop()
	return nil
}
