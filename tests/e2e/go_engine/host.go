package main

import (
	"fmt"
	"net"
	"os"
	"sync"

	"google.golang.org/grpc"
)

// host runs the engine's server, which may stop and start again on the same address.
type host struct {
	out     *output
	served  *engine
	options []grpc.ServerOption

	lock    sync.Mutex
	address string
	server  *grpc.Server
}

// start serves, and tells where.
func (running *host) start() error {
	running.lock.Lock()
	defer running.lock.Unlock()
	listener, err := net.Listen("tcp", running.address)
	if err != nil {
		return err
	}
	running.address = listener.Addr().String()
	running.server = grpc.NewServer(running.options...)
	running.server.RegisterService(&engineService, running.served)
	go running.serve(running.server, watchedListener{listener, running.reportGoaway})
	running.out.write(event{Event: "listening", Address: running.address})
	return nil
}

func (running *host) serve(server *grpc.Server, listener net.Listener) {
	if err := server.Serve(listener); err != nil {
		fmt.Fprintln(os.Stderr, "the server has failed:", err)
		os.Exit(1)
	}
}

func (running *host) reportGoaway(sent goaway) {
	running.out.write(event{Event: "goaway", Goaway: &sent})
}

// stop closes every connection at once.
func (running *host) stop() { running.current().Stop() }

// stopGracefully says GOAWAY twice and waits for the calls that run.
func (running *host) stopGracefully() { running.current().GracefulStop() }

func (running *host) current() *grpc.Server {
	running.lock.Lock()
	defer running.lock.Unlock()
	return running.server
}
