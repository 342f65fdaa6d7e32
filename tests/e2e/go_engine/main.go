// An engine of grpc-go, for tests of agents: it serves EngineService, dials back the agents that
// register, and calls them as it is told. Commands come as lines of JSON on standard input; answers
// and events leave as lines of JSON on standard output. It ends when its input does.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"
)

func main() {
	address := flag.String("listen", "127.0.0.1:0", "where to serve, host:port")
	encoding := flag.String("encoding", "json", "of calls to agents: json, or proto in an engine without JSON")
	descriptors := flag.String("descriptors", "", "a file with the contract's FileDescriptorProto")
	age := flag.Duration("max-connection-age", 0, "after which an agent's connection is ended, 0 is never")
	idle := flag.Duration("max-connection-idle", 0, "after which an idle connection is ended, 0 is never")
	flag.Parse()
	exitOn(registerProtobuf(*descriptors))
	// A content-subtype that no agent knows.
	registerJSON("yaml")
	if *encoding == "json" {
		registerJSON("json")
	}
	out := newOutput()
	running := &host{
		out:     out,
		address: *address,
		served:  newEngine(out, *encoding),
		options: []grpc.ServerOption{grpc.KeepaliveParams(keepalive.ServerParameters{
			MaxConnectionAge:  *age,
			MaxConnectionIdle: *idle,
		})},
	}
	exitOn(running.start())
	commands := &commander{host: running, running: map[int64]context.CancelFunc{}}
	exitOn(commands.run(os.Stdin))
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
