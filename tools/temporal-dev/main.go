// Runs one Temporal server, all four services in one process over SQLite, for development, tests and the demo. Everything
// listens on the loopback interface. One line of JSON on standard output says that it is ready:
//
//	{"address":"127.0.0.1:7233","namespace":"default"}
//
// It ends on SIGINT and SIGTERM, and with --stdin also when its standard input closes, so that it never outlives whoever
// started it.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const readyWithin = 60 * time.Second

type options struct {
	port      int
	database  string
	namespace string
	stdin     bool
}

func parseOptions() options {
	var given options
	flag.IntVar(&given.port, "port", 0, "port of the gRPC frontend; 0 takes a free one")
	flag.StringVar(&given.database, "db", "temporal.db", "SQLite file; made if it is not there")
	flag.StringVar(&given.namespace, "namespace", "default", "namespace; made if it is not there")
	flag.BoolVar(&given.stdin, "stdin", false, "end when standard input closes")
	flag.Parse()
	return given
}

func run(given options) error {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	if given.stdin {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			cancel()
		}()
	}
	ports, err := choosePorts(given.port)
	if err != nil {
		return err
	}
	if err := prepareDatabase(given.database, given.namespace); err != nil {
		return err
	}
	server, err := newServer(given.database, ports)
	if err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return fmt.Errorf("start: %w", err)
	}
	defer func() { _ = server.Stop() }()
	address := loopback(ports.frontend)
	if err := waitUntilServing(ctx, address, given.namespace, readyWithin); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("not ready within %s: %w", readyWithin, err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(map[string]string{"address": address, "namespace": given.namespace}); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

func main() {
	if err := run(parseOptions()); err != nil {
		fmt.Fprintln(os.Stderr, "temporal-dev:", err)
		os.Exit(1)
	}
}
